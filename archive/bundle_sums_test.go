package archive

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

func (k *shown) packSigned(t testing.TB, s Scope) []byte {
	t.Helper()
	signer, err := k.key.Signer()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	p := Packing{Evidence: audit.Evidence{Fund: "changning-2024", Log: k.log, Checkpoints: k.checkpoints, Trust: prooftest.Trust(t, k.key.Verifier), Hashes: k.tree}, Scope: s, Signer: signer, Now: packedAt}
	if _, err := WriteBundle(t.Context(), &b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnExtractAddsUpToThePublishedTotals(t *testing.T) {
	k := small(t, 1500)
	tr := prooftest.Trust(t, k.key.Verifier)
	whole, err := checked(t, k.packSigned(t, Scope{}), tr)
	if err != nil || !whole.Sound || !whole.SumsSigned || whole.Sums.Columns.of(projections.Paid) != whole.Totals.Sums["paid"] {
		t.Fatal(err, whole.Checks)
	}
	firm := busiest(t, k.log)
	for name, s := range map[string]Scope{"enterprise": {Enterprise: firm}, "clause": {Clause: "4"}, "year": {Year: 2025}, "enterprise and clause": {Enterprise: firm, Clause: "4"},
		"enterprise and year": {Enterprise: firm, Year: 2025}, "clause and year": {Clause: "4", Year: 2025}, "all three": {Enterprise: firm, Clause: "4", Year: 2025},
		"nobody": {Enterprise: "914403001922038216"}} {
		r, err := checked(t, k.packSigned(t, s), tr)
		if err != nil || !r.Sound || r.Extract == nil || !r.SumsSigned {
			t.Errorf("%s: %v %+v", name, err, r.Checks)
			continue
		}
		together, ok := r.Extract.Sums.plus(r.Extract.Others)
		if !ok || together != whole.Sums.Columns || (name == "nobody") != (len(r.Extract.Leaves) == 0) {
			t.Errorf("%s: %d lines, together %+v", name, len(r.Extract.Leaves), together)
		}
		if err := Grew(whole, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r.Sums.Columns.Applications++
		if err := Grew(whole, r); !errors.Is(err, ErrSums) {
			t.Errorf("%s: an extract that states other totals agrees with the whole: %v", name, err)
		}
	}
}

// busiest is the enterprise with most applications under clause 4.
func busiest(t *testing.T, l eventstore.Records) domain.EnterpriseID {
	count := map[domain.EnterpriseID]int{}
	var best domain.EnterpriseID
	for _, r := range l {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := e.Event.(*domain.ApplicationSubmitted); ok && s.Charge.Clause == "4" {
			if count[s.Charge.Enterprise]++; count[s.Charge.Enterprise] > count[best] {
				best = s.Charge.Enterprise
			}
		}
	}
	return best
}

// Who makes an extract could leave out an event whose proof would hold: the sums say that it is missing.
func TestAnEventLeftOutOfAnExtractIsMissed(t *testing.T) {
	k := small(t, 1500)
	tr := prooftest.Trust(t, k.key.Verifier)
	s := Scope{Enterprise: busiest(t, k.log)}
	chosen, err := pick(t.Context(), k.log, 0, s, func(wire.Entry) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	for i, r := range chosen {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		postings, err := projections.Fold(e)
		if err != nil {
			t.Fatal(err)
		}
		if len(postings) == 0 {
			continue // it moves no figure
		}
		text := k.packWithout(t, s, chosen, i)
		got, err := checked(t, text, tr)
		if err != nil || got.Sound {
			t.Fatalf("event %d was left out and not missed: %v", r.Seq, err)
		}
		f := slices.IndexFunc(got.Checks, func(c audit.Check) bool { return c.Result == audit.Failed })
		if got.Checks[f].Name != "sums" || !strings.Contains(got.Checks[f].Detail.EN, "left out") && !strings.Contains(got.Checks[f].Detail.EN, "sum tree") {
			t.Fatalf("event %d: %+v", r.Seq, got.Checks[f])
		}
		missed++
	}
	if missed < 5 {
		t.Errorf("only %d events were tried", missed)
	}
}

// packWithout makes a bundle that is sound in everything, but that its maker left an event out.
func (k *shown) packWithout(t *testing.T, s Scope, chosen eventstore.Records, i int) []byte {
	t.Helper()
	var out bytes.Buffer
	b := newPacker(&out, Packing{Evidence: audit.Evidence{Fund: "changning-2024", Log: k.log, Checkpoints: k.checkpoints, Trust: prooftest.Trust(t, k.key.Verifier), Hashes: k.tree}, Scope: s, Now: packedAt})
	if err := b.openNotes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.gather(t.Context()); err != nil {
		t.Fatal(err)
	}
	rest := slices.Delete(slices.Clone(chosen), i, i+1)
	b.manifest.Events = uint64(len(rest))
	b.source = eachOf(rest)
	if err := b.writeFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestForgedSumsAreFound(t *testing.T) {
	k := small(t, 300)
	tr := prooftest.Trust(t, k.key.Verifier)
	for name, c := range map[string]struct {
		scope     Scope
		file      string
		old, with string
	}{
		"a total, whole":      {Scope{}, fileSums, ".00\n", ".01\n"},
		"a total, extract":    {Scope{Clause: "4"}, fileSums, ".00\n", ".01\n"},
		"the position":        {Scope{Clause: "4"}, fileSums, "\n300\n", "\n299\n"},
		"the proof's scope":   {Scope{Clause: "4"}, fileSumProof, `"clause":"4"}`, `"clause":"6"}`},
		"the proof's place":   {Scope{Clause: "4"}, fileSumProof, `"first":`, `"first":1`},
		"an amount of a line": {Scope{Clause: "4"}, fileSumProof, `"fen":[`, `"fen":[1`},
		"an unknown member":   {Scope{Clause: "4"}, fileSumProof, `"first":`, `"furst":`},
	} {
		t.Run(name, func(t *testing.T) {
			text := repack(t, k.pack(t, c.scope), func(file, content string) string {
				if file == c.file {
					if !strings.Contains(content, c.old) {
						t.Fatalf("%s has no %q: %.300s", file, c.old, content)
					}
					return strings.Replace(content, c.old, c.with, 1)
				}
				return content
			})
			r, err := checked(t, text, tr)
			if err != nil {
				t.Fatal(err)
			}
			if i := slices.IndexFunc(r.Checks, func(x audit.Check) bool { return x.Result == audit.Failed }); r.Sound || i < 0 || r.Checks[i].Name != "sums" {
				t.Errorf("%+v", r.Checks)
			}
		})
	}
}

func eachOf(l eventstore.Records) eachRecord {
	return func(_ context.Context, fn func([]eventstore.Record) error) error { return fn(l) }
}
