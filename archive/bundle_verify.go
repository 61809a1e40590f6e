package archive

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
)

// BundleReport is what came of verifying a bundle.
type BundleReport struct {
	Manifest    Manifest           `json:"manifest"`
	Checkpoint  proof.Signed       `json:"checkpoint"`
	Earlier     []proof.Checkpoint `json:"earlier"`                   // from which the log is proved to have grown
	Followed    []proof.Rotation   `json:"followed,omitempty"`        // the changes of key that led from a trusted key to the one that signed
	Unknown     int                `json:"unknown_earlier,omitempty"` // earlier checkpoints that only keys signed which came before the trusted ones
	Sound       bool               `json:"sound"`
	Checks      []audit.Check      `json:"checks"`
	Findings    []audit.Finding    `json:"findings"` // of judging the whole ledger's decisions again
	Totals      ControlTotals      `json:"control_totals"`
	Sums        SumStatement       `json:"sums"` // the whole ledger's totals, as the bundle states them
	SumsSigned  bool               `json:"sums_signed"`
	Attachments int                `json:"attachments,omitzero"`          // contents that it has
	Missing     []string           `json:"attachments_missing,omitempty"` // hashes of those that its events name and it has not
	Extract     *SumsProved        `json:"extract,omitempty"`             // what of them an extract is proved to be
}

// VerifyBundle verifies a bundle with nothing but itself and the keys that are trusted: its checkpoint's signature, every event
// against the checkpoint, policies and tables against the events, earlier checkpoints by their proofs, the stated totals against the events; of the
// whole ledger also every decision, of an extract that it leaves nothing of its scope out. An error says that the bundle could not be read; what is wrong is in the report.
func VerifyBundle(ctx context.Context, b *Bundle, trust proof.Trust) (BundleReport, error) {
	v := &bundleCheck{bundle: b, trust: trust, report: BundleReport{Manifest: b.Manifest, Sound: true}}
	for _, part := range []struct {
		name  string
		title domain.Text
		check func(context.Context) error
	}{
		{"files", domain.Text{ZH: "文件", EN: "files"}, func(context.Context) error { return b.checkFiles() }},
		{"checkpoint", domain.Text{ZH: "检查点", EN: "checkpoint"}, v.checkpoint},
		{"growth", domain.Text{ZH: "历次检查点", EN: "earlier checkpoints"}, v.growth},
		{"events", domain.Text{ZH: "事件", EN: "events"}, v.events},
		{"tables", domain.Text{ZH: "政策与数据表", EN: "policies and tables"}, v.tables},
		{"sums", domain.Text{ZH: "总额与完整性", EN: "totals and completeness"}, v.sums},
		{"attachments", domain.Text{ZH: "附件", EN: "attachments"}, v.attachments},
		{"decisions", domain.Text{ZH: "决定", EN: "decisions"}, v.decisions},
		{"encoding", domain.Text{ZH: "文件写法", EN: "encoding"}, func(context.Context) error { return b.checkEncoding() }},
	} {
		if part.name == "attachments" && b.Manifest.Format != bundleWithFiles {
			continue // its maker left them out, or knew of none
		}
		err := part.check(ctx)
		if ctx.Err() != nil {
			return v.report, fmt.Errorf("verifying the bundle: %w", ctx.Err())
		}
		c := audit.Check{Name: part.name, Title: part.title, Result: audit.Passed}
		if part.name == "decisions" && !b.Manifest.Scope.whole() {
			c.Result = audit.Skipped
			c.Detail = domain.Text{ZH: "摘录不能重新裁决：请核对全部台账", EN: "an extract cannot be decided again: verify the whole ledger"}
		}
		if part.name == "checkpoint" {
			c.Detail = audit.Witnessed(v.report.Checkpoint)
		}
		if part.name == "attachments" {
			c.Detail = v.attachmentsDetail()
		}
		if part.name == "sums" {
			c.Detail = v.sumsDetail()
		}
		if err != nil {
			c.Result, c.Detail = audit.Failed, domain.Text{ZH: err.Error(), EN: err.Error()}
			var other *NotCanonical
			if errors.As(err, &other) {
				c.Detail = other.Text()
			}
			v.report.Sound = false
		}
		v.report.Checks = append(v.report.Checks, c)
	}
	return v.report, nil
}

type bundleCheck struct {
	bundle *Bundle
	trust  proof.Trust
	report BundleReport
	lines  []sumLine // that the events come to
}

// checkpoint opens the bundle's checkpoint. A key that came after the trusted one follows from the bundle's own events, which are held
// against the checkpoint next.
func (v *bundleCheck) checkpoint(ctx context.Context) error {
	m := v.bundle.Manifest
	notes := [][]byte{v.bundle.Checkpoint}
	for _, e := range v.bundle.Earlier {
		notes = append(notes, e.Note)
	}
	trust, err := v.trust.Following(ctx, proof.Origin(m.Fund), v.bundle, notes)
	if err != nil {
		return err
	}
	v.trust = trust
	s, err := v.trust.Open(proof.Origin(m.Fund), v.bundle.Checkpoint)
	if err != nil {
		return err
	}
	if s.Size != m.Size || s.Root != m.Root {
		return fmt.Errorf("the bundle is of %d events, its checkpoint is of %d: %w", m.Size, s.Size, errBundle)
	}
	v.report.Checkpoint, v.report.Followed = s, trust.Followed
	return nil
}

func (v *bundleCheck) growth(context.Context) error {
	for _, e := range v.bundle.Earlier {
		s, err := v.trust.Open(proof.Origin(v.bundle.Manifest.Fund), e.Note)
		if _, older, _ := v.trust.Believe(proof.Origin(v.bundle.Manifest.Fund), [][]byte{e.Note}); older > 0 {
			v.report.Unknown++ // an older key signed it: trust does not flow back
			continue
		}
		if err != nil {
			return err
		}
		if s.Size != e.Growth.From {
			return fmt.Errorf("a proof from %d stands beside the checkpoint of %d: %w", e.Growth.From, s.Size, errBundle)
		}
		if err := e.Growth.Check(s.Root, v.bundle.Manifest.Root); err != nil {
			return err
		}
		v.report.Earlier = append(v.report.Earlier, s.Checkpoint)
	}
	return nil
}

// events holds every event against the checkpoint: the whole log by its root, an extract by a proof for each.
func (v *bundleCheck) events(ctx context.Context) error {
	m := v.bundle.Manifest
	if m.Scope.whole() {
		return v.wholeLog(ctx)
	}
	leaves := map[uint64]tlog.Hash{}
	last := uint64(0)
	err := v.bundle.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if r.Seq <= last || len(leaves) > MaxExtract {
				return fmt.Errorf("event %d comes behind event %d: %w", r.Seq, last, errBundle)
			}
			last = r.Seq
			leaves[r.Seq] = eventstore.LeafHash(r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if uint64(len(leaves)) != m.Events {
		return fmt.Errorf("%d events where %d are promised: %w", len(leaves), m.Events, errBundle)
	}
	err = eachLine(v.bundle, fileProofs, func(l proofLine) error {
		leaf, ok := leaves[l.Seq]
		if !ok {
			return fmt.Errorf("a proof of event %d, which is not there or is proved twice: %w", l.Seq, errBundle)
		}
		delete(leaves, l.Seq)
		return proof.Inclusion{Seq: l.Seq, Size: m.Size, Leaf: leaf, Hashes: l.Proof}.Check(m.Root)
	})
	if err == nil && len(leaves) > 0 {
		err = fmt.Errorf("%d events have no proof: %w", len(leaves), errBundle)
	}
	return err
}

func (v *bundleCheck) wholeLog(ctx context.Context) error {
	var tree eventstore.Frontier
	err := v.bundle.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if want := uint64(tree.Size()) + 1; r.Seq != want {
				return fmt.Errorf("event %d comes where %d was due: %w", r.Seq, want, errBundle)
			}
			tree.Append(eventstore.LeafHash(r))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if m := v.bundle.Manifest; uint64(tree.Size()) != m.Size || m.Events != m.Size || tree.Root() != m.Root {
		return fmt.Errorf("its %d events have the root %s; signed for %d is %s: %w", tree.Size(), tree.Root().String(), m.Size, m.Root.String(), proof.ErrForked)
	}
	return nil
}

// tables makes policies and tables of the events again.
func (v *bundleCheck) tables(ctx context.Context) error {
	t := newTables()
	err := v.bundle.same(fileJournal, func(w io.Writer) error {
		return t.journal(w, func(take func(eventstore.Record) error) error {
			return v.bundle.Read(ctx, 1, 0, func(records []eventstore.Record) error {
				for _, r := range records {
					if err := take(r); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
	if err != nil {
		return err
	}
	if err := v.bundle.same(fileTotals, t.totals); err != nil {
		return err
	}
	if err := v.policies(t.policies); err != nil {
		return err
	}
	v.report.Totals, v.lines = t.control, t.sumLines()
	stated := v.bundle.Contents.Totals
	if stated.JournalRows != t.control.JournalRows || stated.TotalRows != t.control.TotalRows || fmt.Sprint(stated.Sums) != fmt.Sprint(t.control.Sums) {
		return fmt.Errorf("its control totals are not those of its tables: %w", errBundle)
	}
	return nil
}

// policies holds the files of the policies against what the events publish.
func (v *bundleCheck) policies(p *published) error {
	if p.ungoverned != nil {
		return p.ungoverned
	}
	if err := v.bundle.same(filePolicy, p.first); err != nil {
		return err
	}
	if there := v.bundle.files[fileSuccessors] != nil; there != p.succeeded() {
		return fmt.Errorf("its events publish %d policies, its files do not: %w", len(p.policies), errBundle)
	}
	if !p.succeeded() {
		return nil
	}
	return v.bundle.same(fileSuccessors, p.successors)
}

func (v *bundleCheck) decisions(ctx context.Context) error {
	if !v.bundle.Manifest.Scope.whole() {
		return nil
	}
	j, err := audit.Judge(ctx, v.bundle, nil)
	if err != nil {
		return err
	}
	v.report.Findings = j.Findings
	for _, f := range j.Findings {
		if f.Severity == audit.Error {
			return fmt.Errorf("%d decisions are not those of the rules; the first: %s", j.FindingCount, f.Explanation.EN)
		}
	}
	return nil
}

// Grew checks that a later bundle's log continues an earlier one's, both verified: nil, or [proof.ErrForked], or [proof.ErrRolledBack] where the
// later is the shorter, [ErrSums] where both are of one checkpoint and state other totals, or an error that says what is missing where the
// later one holds no proof that reaches back to the earlier one's checkpoint.
func Grew(earlier, later BundleReport) error {
	a, b := earlier.Checkpoint.Checkpoint, later.Checkpoint.Checkpoint
	if !earlier.Sound || !later.Sound || a.Origin != b.Origin {
		return fmt.Errorf("comparing bundles: both must be sound and of one ledger: %w", errBundle)
	}
	if b.Size < a.Size {
		return fmt.Errorf("comparing bundles: %w: %d events, and %d before", proof.ErrRolledBack, b.Size, a.Size)
	}
	for _, c := range append(later.Earlier, b) {
		if c.Size != a.Size {
			continue
		}
		if c.Root != a.Root {
			return fmt.Errorf("comparing bundles: %w: the first %d events are others", proof.ErrForked, a.Size)
		}
		if a.Size == b.Size {
			return sameSums(earlier, later)
		}
		return nil
	}
	return fmt.Errorf("comparing bundles: the later one has no checkpoint of %d events: %w", a.Size, errBundle)
}
