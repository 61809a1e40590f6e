package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// shelf is projections in memory, folded from a log. Its only table is that of the events.
type shelf struct {
	position uint64
	events   eventstore.Records
	lines    map[projections.Line]*projections.Figures
	state    *domain.State
	forged   []projections.Difference // said to differ besides
}

func shelve(t testing.TB, l eventstore.Records) *shelf {
	s := &shelf{position: uint64(len(l)), events: scribe.Copied(l), lines: map[projections.Line]*projections.Figures{}, state: domain.NewState()}
	for _, r := range l {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		postings, err := projections.Fold(entry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range postings {
			if s.lines[p.Line] == nil {
				s.lines[p.Line] = &projections.Figures{}
			}
			s.lines[p.Line].Add(p)
		}
		domain.Apply(s.state, entry.Event, entry.Deed())
	}
	return s
}

func (s *shelf) Position(context.Context) (uint64, error) { return s.position, nil }

func (s *shelf) Refold(context.Context) (projections.Refold, error) {
	return &reshelved{shelf: s, events: projections.Difference{Table: "events"}}, nil
}

// reshelved compares a shelf's events with those of a log.
type reshelved struct {
	shelf  *shelf
	events projections.Difference
	last   uint64
	closed bool
}

func (r *reshelved) Take(_ context.Context, e wire.Entry, record eventstore.Record) error {
	if e.Seq > r.shelf.position {
		return nil
	}
	if r.last++; r.last > uint64(len(r.shelf.events)) {
		r.events.Missing++
		return nil
	}
	if kept := r.shelf.events[r.last-1]; e.Seq != kept.Seq || !record.Time.Equal(kept.Time) || !bytes.Equal(record.Data, kept.Data) {
		r.events.Changed++
		r.events.Cells = append(r.events.Cells, projections.Cell{Key: number(e.Seq), Column: "data"})
	}
	return nil
}

func (r *reshelved) Differences(context.Context) ([]projections.Difference, error) {
	if r.closed {
		return nil, errors.New("it is closed")
	}
	if r.last < min(r.shelf.position, uint64(len(r.shelf.events))) {
		r.events.Added++
	}
	return append([]projections.Difference{r.events}, r.shelf.forged...), nil
}

func (r *reshelved) Forge(context.Context) ([]projections.Forgery, error) {
	return []projections.Forgery{{Table: "events", Tried: []string{"data", "actor"}, Missed: []string{}, First: &projections.Cell{Key: "1", Column: "data"}}}, nil
}

func (r *reshelved) Close() { r.closed = true }

func (s *shelf) Accounts(_ context.Context, on domain.Date, fn func(projections.AccountRow) error) error {
	for _, line := range s.state.Lines() {
		v, _ := s.state.Account(line.Account, line.SupportYear, on)
		if err := fn(projections.AccountRow{Clause: line.Clause, SubjectKind: line.Subject.Kind, Subject: line.Subject.ID, SupportYear: line.SupportYear,
			Cap: v.Cap, Headroom: v.Headroom()}); err != nil {
			return err
		}
	}
	return nil
}

// kept is a log with all that is kept about it.
type kept struct {
	log         eventstore.Records
	key         proof.Key
	tree        *proof.Tree
	hashes      proof.Hashes // as they are kept
	rows        *shelf
	checkpoints [][]byte
}

// bentTree is a kept tree that somebody changed; what is nought is as it was.
type bentTree struct {
	proof.Hashes
	leaf, node int64 // whose hashes are others
	end        int64 // from where on there are no leaves
}

func (b bentTree) Leaves(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	if b.end > 0 && to > b.end {
		return nil, eventstore.ErrNotFound
	}
	leaves, err := b.Hashes.Leaves(ctx, from, to)
	if b.leaf > 0 && b.leaf >= from && b.leaf < to && err == nil {
		leaves[b.leaf-from][3] ^= 1
	}
	return leaves, err
}

func (b bentTree) Node(ctx context.Context, level int, index int64) (tlog.Hash, error) {
	node, err := b.Hashes.Node(ctx, level, index)
	if b.node > 0 && b.node == index && level == eventstore.NodeLevel {
		node[3] ^= 1
	}
	return node, err
}

func keep(t testing.TB, l eventstore.Records) *kept {
	fund := domain.FundID("changning-2024")
	k := &kept{log: scribe.Copied(l), key: prooftest.Key(t, proof.Origin(fund)), tree: prooftest.TreeOf(t, l), rows: shelve(t, l)}
	k.hashes = k.tree
	for _, size := range []uint64{0, 1, 1000, 2400, uint64(len(l))} {
		k.checkpoints = append(k.checkpoints, prooftest.Issue(t, k.key, k.tree, size))
	}
	return k
}

func (k *kept) evidence(t testing.TB) Evidence {
	return Evidence{Fund: "changning-2024", Log: k.log, Checkpoints: k.checkpoints, Trust: prooftest.Trust(t, k.key.Verifier), Hashes: k.hashes, Rows: k.rows}
}

func (k *kept) verify(t testing.TB) Report {
	t.Helper()
	r, err := Verify(t.Context(), k.evidence(t), Options{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASoundLedgerIsFoundSound(t *testing.T) {
	k := keep(t, scribe.TwoYears().Records)
	r := k.verify(t)
	for _, c := range r.Checks {
		if c.Result != Passed {
			t.Errorf("%s %s: %s", c.Name, c.Result, c.Detail.EN)
		}
	}
	if !r.Sound || r.Counts[Error] != 0 || r.Checkpoint == nil || r.Checkpoint.Size != uint64(len(k.log)) || r.Root != k.tree.Root() {
		t.Errorf("sound %v, %v, %+v", r.Sound, r.Counts, r.Findings[:min(3, len(r.Findings))])
	}
	codes := map[string]int{}
	ids := map[domain.FindingID]bool{}
	for _, f := range r.Findings {
		codes[f.Code]++
		if ids[f.ID] || f.Explanation.ZH == "" || f.Explanation.EN == "" || slices.Contains([]rune(f.Explanation.EN), '–') || f.ID != findingID(f.Code, f.Subject) {
			t.Errorf("finding %s (%s): %q %q", f.ID, f.Subject, f.Explanation.EN, f.Explanation.ZH)
		}
		ids[f.ID] = true
	}
	for _, want := range []string{CodeOverCap, domain.CodeCapExceeded, codeOverdue} {
		if codes[want] == 0 {
			t.Errorf("the sample's %s was not found: %v", want, codes)
		}
	}
	t.Logf("%d payouts, findings %v, benford %+v", r.Sample.Population, codes, r.Benford)
}

func TestANewLedgerIsSound(t *testing.T) {
	k := &kept{key: prooftest.Key(t, proof.Origin("changning-2024")), tree: &proof.Tree{}, rows: shelve(t, nil)}
	k.checkpoints = [][]byte{prooftest.Issue(t, k.key, k.tree, 0)}
	if r := k.verify(t); !r.Sound || r.Events != 0 || r.Checkpoint == nil {
		t.Errorf("%+v", r.Checks)
	}
	k.checkpoints[0] = prooftest.Issue(t, k.key, prooftest.TreeOf(t, scribe.TwoYears().Records[:9]), 9)
	if r := k.verify(t); r.Sound {
		t.Error("a log that lost everything was found sound")
	}
}

func TestWhatCannotBeCheckedIsSaid(t *testing.T) {
	r, err := Verify(t.Context(), Evidence{Fund: "changning-2024", Log: scribe.TwoYears().Records}, Options{})
	if err != nil || !r.Sound {
		t.Fatal(r.Sound, err)
	}
	for _, c := range r.Checks {
		if want := slices.Contains([]string{"checkpoints", "tree", "projections"}, c.Name); want != (c.Result == Skipped) {
			t.Errorf("%s: %s", c.Name, c.Result)
		}
	}
}

// Whatever is changed is found, and named: each case says by which code.
func TestWhateverIsChangedIsFoundAndNamed(t *testing.T) {
	const at = 2345
	rng := rand.New(rand.NewPCG(1, 1))
	cases := map[string]struct {
		change func(k *kept)
		codes  []string
		events []uint64
	}{
		"a byte of the data": {func(k *kept) { k.log[at].Data[rng.IntN(len(k.log[at].Data))] ^= 1 }, []string{codeForked, codeTreeLeaf}, []uint64{at + 1}},
		"a byte of the subject": {func(k *kept) {
			b := []byte(k.log[at].Subject)
			b[rng.IntN(len(b))] ^= 1
			k.log[at].Subject = string(b)
		}, []string{codeForked, codeTreeLeaf}, []uint64{at + 1}},
		"a byte of a header": {func(k *kept) {
			b := []byte(k.log[at].Header["ce-correlationid"][0])
			b[rng.IntN(len(b))] ^= 1
			k.log[at].Header["ce-correlationid"] = []string{string(b)}
		}, []string{codeForked, codeTreeLeaf}, []uint64{at + 1}},
		"a nanosecond": {func(k *kept) { k.log[at].Time = k.log[at].Time.Add(1) }, []string{codeForked, codeTreeLeaf, codeRowCell}, []uint64{at + 1}},
		"a sequence":   {func(k *kept) { k.log[at].Seq += 7 }, []string{codeForked, codeTreeLeaf, CodeSequence}, nil},
		"an event dropped, the rest renumbered": {func(k *kept) {
			k.log = slices.Delete(k.log, at, at+1)
			for i := range k.log {
				k.log[i].Seq = uint64(i + 1)
			}
		}, []string{codeForked, codeRolledBack, codeTreeLeaf}, nil},
		"an event inserted": {func(k *kept) { k.log = slices.Insert(k.log, at, k.log[at-1]) }, []string{codeForked, CodeSequence, CodeCommandTwice}, nil},
		"two events exchanged": {func(k *kept) {
			k.log[at], k.log[at+1] = k.log[at+1], k.log[at]
			k.log[at].Seq, k.log[at+1].Seq = at+1, at+2
		}, []string{codeForked, codeTreeLeaf}, nil},
		"the log cut":                  {func(k *kept) { k.log = k.log[:at] }, []string{codeRolledBack, codeRowAhead, CodeRowTable}, nil},
		"a byte of a checkpoint":       {func(k *kept) { k.checkpoints[2][25] ^= 1 }, []string{codeCheckpointBad}, nil},
		"a checkpoint of another log":  {func(k *kept) { k.checkpoints[2] = prooftest.Issue(t, k.key, prooftest.TreeOf(t, k.log[1:]), 1000) }, []string{codeForked}, nil},
		"a kept leaf":                  {func(k *kept) { k.hashes = bentTree{Hashes: k.tree, leaf: at} }, []string{codeTreeLeaf}, []uint64{at + 1}},
		"a kept node":                  {func(k *kept) { k.hashes = bentTree{Hashes: k.tree, node: 3} }, []string{codeTreeNode}, nil},
		"the kept tree cut":            {func(k *kept) { k.hashes = bentTree{Hashes: k.tree, end: at} }, []string{codeTreeShort}, nil},
		"a projected event's data":     {func(k *kept) { k.rows.events[at].Data[3] ^= 1 }, []string{CodeRowTable, codeRowCell}, nil},
		"a cell":                       {forging(projections.Cell{Key: "P-1", Column: "amount", Kept: new(string), Said: new(string)}), []string{CodeRowTable, codeRowCell}, nil},
		"a row gone":                   {forging(projections.Cell{Key: "P-1", Said: new(string)}), []string{codeRowMissing}, nil},
		"a row too many":               {forging(projections.Cell{Key: "P-1", Kept: new(string)}), []string{codeRowAdded}, nil},
		"a column":                     {forging(projections.Cell{Column: "amount", Kept: new(string), Said: new(string)}), []string{codeRowShape}, nil},
		"an account":                   {func(k *kept) { k.rows.state = shelve(t, k.log[:2000]).state }, []string{codeRowAccount}, nil},
		"projections ahead of the log": {func(k *kept) { k.rows.position++ }, []string{codeRowAhead}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			k := keep(t, scribe.TwoYears().Records[:2600])
			c.change(k)
			r := k.verify(t)
			if r.Sound {
				t.Fatal("it was found sound")
			}
			for _, code := range c.codes {
				if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == code && f.Severity == Error }) {
					t.Errorf("no %s in %v", code, first(r.Findings, 5))
				}
			}
			for _, seq := range c.events {
				if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return slices.Contains(f.Events, seq) }) {
					t.Errorf("event %d is not named in %v", seq, first(r.Findings, 5))
				}
			}
		})
	}
}

// forging says that one cell of the payouts differs.
func forging(c projections.Cell) func(*kept) {
	return func(k *kept) {
		k.rows.forged = []projections.Difference{{Table: "payouts", Changed: 1, Cells: []projections.Cell{c}}}
	}
}

func first(list []Finding, n int) (out []string) {
	for _, f := range list[:min(n, len(list))] {
		out = append(out, fmt.Sprintf("%s %s: %s", f.Severity, f.Code, f.Explanation.EN))
	}
	return out
}

func TestAnAuditorsWordIsJoinedToTheFinding(t *testing.T) {
	s := scribe.New(t)
	for _, r := range scribe.TwoYears().Records[:1200] {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if refused := s.Give(entry.Command()); refused != nil {
			t.Fatal(refused)
		}
	}
	before := judgedFindings(t, s.Records)
	if len(before) == 0 {
		t.Fatal("no finding to dispose of")
	}
	f := before[0]
	if r := s.Give(&domain.DisposeFinding{Head: domain.Head{ID: "d", Date: scribe.Day("2026-11-01"), Actor: domain.Actor{ID: "auditor", Role: domain.Auditor}}, Finding: f.ID,
		Disposition: domain.FindingExplained, Comment: "政府专题会议纪要"}); r != nil {
		t.Fatal(r)
	}
	after := judgedFindings(t, s.Records)
	if after[0].ID != f.ID || after[0].Disposition == nil || after[0].Disposition.By != "auditor" || after[0].Disposition.Disposition != domain.FindingExplained {
		t.Errorf("%+v", after[0])
	}
}

func judgedFindings(t *testing.T, l eventstore.Records) []Finding {
	t.Helper()
	r, err := Verify(t.Context(), Evidence{Log: l}, Options{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

func TestASampleIsTheSameForEverAndDrawsWhatIsLarge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var items []sampling.Item
		total := int64(0)
		for i, fen := range rapid.SliceOfN(rapid.Int64Range(-5, 1_000_000), 1, 50).Draw(rt, "amounts") {
			items = append(items, sampling.Item{ID: fmt.Sprint(i), Amount: domain.Fen(fen)})
			total += max(fen, 0)
		}
		n := rapid.IntRange(1, 20).Draw(rt, "n")
		seed := tlog.RecordHash(rapid.SliceOf(rapid.Byte()).Draw(rt, "seed"))
		s := sampling.Draw(items, n, seed)
		again := sampling.Draw(items, n, seed)
		hits := 0
		for i, d := range s.Items {
			hits += d.Hits
			if again.Items[i] != d {
				rt.Fatal("the same seed gives another sample")
			}
		}
		if s.Total != domain.Fen(total) || hits != int(min(int64(n), total)) {
			rt.Fatalf("%d hits of %d asked, total %s", hits, n, s.Total)
		}
		for _, item := range items {
			large := item.Amount.More(s.Interval.Add(domain.Fen(1)))
			if large && !slices.ContainsFunc(s.Items, func(d sampling.Drawn) bool { return d.ID == item.ID }) {
				rt.Fatalf("%s of %s is beyond the interval %s and was not drawn", item.ID, item.Amount, s.Interval)
			}
		}
	})
	golden := sampling.Draw([]sampling.Item{{ID: "a", Amount: domain.Yuan(100)}, {ID: "b", Amount: domain.Yuan(900)}, {ID: "c", Amount: domain.Yuan(50)}}, 3, tlog.RecordHash([]byte("seed")))
	if got := fmt.Sprint(golden.Start, golden.Interval, golden.Items); got != sampleGolden {
		t.Errorf("the sample of a fixed seed is now %s", got)
	}
}

const sampleGolden = "180.49 350.00 [{{b 0   total  900.00} 3 1000.00}]" // a support year of 0 reads "total"
