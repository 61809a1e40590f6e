package archive

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// A bundle states the sums of the whole ledger at its checkpoint (sums.txt), signed where its maker had the log's key. Of the whole ledger
// the verifier makes them again of the events. An extract proves (sumproof.json) which lines its scope has in that statement, and the verifier
// holds those against the lines that the extract's events come to: an event left out, or one line too many, changes a line. What this rests on
// is the statement: that its roots are those of the ledger is known to whoever verified a bundle of the whole at the same checkpoint, and has
// the same statement there ([Grew]); else one believes the log's signature on it.
//
// Lines are those of the account that is charged. What was applied for through another clause stands under the clause it is charged to,
// so that an extract of a by-reference clause proves that nothing is charged to that clause itself, and no more.

// addSums takes an event into the lines of the whole ledger.
func (t *tables) addSums(e wire.Entry) error {
	postings, err := projections.Fold(e)
	if err != nil {
		return err
	}
	for _, p := range postings {
		t.add(p)
	}
	return nil
}

// sumLines are the lines of the tables.
func (t *tables) sumLines() []sumLine {
	lines := make([]sumLine, 0, len(t.lines))
	for _, l := range slices.SortedFunc(maps.Keys(t.lines), projections.Line.Compare) {
		lines = append(lines, sumLine{Line: l, Figures: *t.lines[l]})
	}
	return lines
}

// writeSums writes the statement, and of an extract the proof.
func (b *packer) writeSums(context.Context) error {
	all := b.tables
	if b.all != nil {
		all = b.all
	}
	lines := all.sumLines()
	statement, err := stateSums(b.latest().Checkpoint, lines)
	if err != nil {
		return err
	}
	text := statement.text()
	if b.packing.Signer != nil {
		if text, err = statement.sign(b.packing.Signer); err != nil {
			return err
		}
	}
	if err := b.file(fileSums, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	if b.packing.Scope.whole() {
		return nil
	}
	tree, err := buildSums(sumOrderOf(b.packing.Scope), lines)
	if err != nil {
		return err
	}
	proof, err := tree.Prove(b.packing.Scope)
	if err != nil {
		return err
	}
	return b.file(fileSumProof, func(w io.Writer) error { return json.MarshalWrite(w, proof, json.Deterministic(true)) })
}

// sums holds the stated sums against the events: the whole ledger's lines, or by its proof the lines of an extract's scope.
func (v *bundleCheck) sums(context.Context) error {
	text, err := v.bundle.whole(fileSums)
	if err != nil {
		return err
	}
	m := v.bundle.Manifest
	statement, signed, err := openSums(v.trust, proof.Origin(m.Fund), text)
	if err != nil {
		return err
	}
	if statement.Position != m.Size || statement.Log != m.Root {
		return fmt.Errorf("the sums are stated for event %d of another log or moment: %w", statement.Position, errBundle)
	}
	v.report.Sums, v.report.SumsSigned = statement, signed
	if m.Scope.whole() {
		made, err := stateSums(v.report.Checkpoint.Checkpoint, v.lines)
		if err != nil {
			return err
		}
		if string(made.text()) != string(statement.text()) {
			return fmt.Errorf("the sums that are stated are not those of the events: %w", errBundle)
		}
		return nil
	}
	return v.extractSums(statement)
}

func (v *bundleCheck) extractSums(statement SumStatement) error {
	proof, err := v.bundle.sumProof()
	if err != nil {
		return err
	}
	if proof.Scope != v.bundle.Manifest.Scope {
		return fmt.Errorf("its sums are proved for another scope: %w", errBundle)
	}
	proved, err := proof.Check(statement.Root(proof.Order))
	if err != nil {
		return err
	}
	v.report.Extract = &proved
	want := map[projections.Line]SumLeaf{}
	for _, l := range proved.Leaves {
		want[l.line()] = l
	}
	for _, l := range v.lines {
		have, err := leafOf(l)
		if err != nil {
			return err
		}
		if proof.Order.within(have, proof.Scope) != 0 {
			continue
		}
		if stated, ok := want[l.Line]; !ok || stated != have {
			return fmt.Errorf("the events of %s do not come to what is proved of it: some are left out: %w", l.Line.String(), errBundle)
		}
		delete(want, l.Line)
	}
	for _, l := range proved.Leaves {
		if _, missing := want[l.line()]; missing {
			return fmt.Errorf("the events of %s are left out: %w", l.line().String(), errBundle)
		}
	}
	return nil
}

func (b *Bundle) sumProof() (proof sumProof, err error) {
	f, err := b.files[fileSumProof].Open()
	if err != nil {
		return proof, fmt.Errorf("%w: reading %s: %w", errBundle, fileSumProof, err)
	}
	defer f.Close()
	if err := json.UnmarshalRead(io.LimitReader(f, maxSumProof), &proof, json.RejectUnknownMembers(true)); err != nil {
		return proof, fmt.Errorf("%w: reading %s: %w", errBundle, fileSumProof, err)
	}
	return proof, nil
}

// sumsDetail says what the check of the sums rests on.
func (v *bundleCheck) sumsDetail() domain.Text {
	switch r := v.report; {
	case r.Manifest.Scope.whole():
		return domain.Text{ZH: fmt.Sprintf("由事件重新算得 %d 行", r.Sums.Columns.Lines), EN: fmt.Sprintf("made again of the events: %d lines", r.Sums.Columns.Lines)}
	case r.Extract == nil:
		return domain.Text{}
	case r.SumsSigned:
		return domain.Text{ZH: fmt.Sprintf("摘录 %d 行齐全，与其余各行合计等于账本密钥签名的总额", r.Extract.Sums.Lines),
			EN: fmt.Sprintf("all %d lines of the extract are there; with the others they are the totals that the log's key signed", r.Extract.Sums.Lines)}
	default:
		return domain.Text{ZH: fmt.Sprintf("摘录 %d 行齐全，与其余各行合计等于所列总额；总额未签名，请与同一检查点的全账包核对", r.Extract.Sums.Lines),
			EN: fmt.Sprintf("all %d lines of the extract are there; with the others they are the totals stated, which nobody signed: compare them with a bundle of the whole at this checkpoint",
				r.Extract.Sums.Lines)}
	}
}

// sameSums checks that two verified bundles of one checkpoint state the same sums: then what one of the whole ledger proves of the totals
// holds for the extract. Else it is [ErrSums].
func sameSums(a, b BundleReport) error {
	if string(a.Sums.text()) != string(b.Sums.text()) {
		return fmt.Errorf("comparing sums at event %d: they are stated differently: %w", a.Checkpoint.Size, ErrSums)
	}
	return nil
}
