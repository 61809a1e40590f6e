package archive

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
)

func summed(enterprise, clause string, year int, subject string, approved, paid int64) sumLine {
	l := sumLine{Line: projections.Line{Enterprise: domain.EnterpriseID(enterprise), Clause: domain.ClauseID(clause), Year: domain.SupportYear(year),
		Subject: domain.Subject{Kind: domain.SubjectProject, ID: subject}}}
	l.Figures.Applications = 1
	l.Figures.Amounts[projections.Approved], l.Figures.Amounts[projections.Paid] = domain.Fen(approved), domain.Fen(paid)
	return l
}

var fewLines = []sumLine{summed("E1", "4", 2025, "P1", 1200000000, 1), summed("E1", "4", 2026, "P1", 800000000, 0), summed("E1", "6", 2025, "P2", 3, 2),
	summed("E2", "4", 2025, "P3", 100, 100), summed("企业", "1.2a", 2026, "项目", 5, 4), summed("", "1.2a", 0, "P9", 0, 0), summed("E3", "7", 2025, "P4", 9, 9)}

func sumsOf(t testing.TB, o SumOrder, lines []sumLine) *sumTree {
	t.Helper()
	tree, err := buildSums(o, lines)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestSumTreesAreHashedAsTheyAlwaysWere(t *testing.T) {
	var got strings.Builder
	for n := range len(fewLines) + 1 {
		for _, o := range sumOrders {
			root := sumsOf(t, o, fewLines[:n]).Root()
			fmt.Fprintf(&got, "%d %s %s %d %s %s\n", n, o, root.Hash.String(), root.Columns.Lines, root.Columns.of(projections.Approved), root.Columns.of(projections.Paid))
		}
	}
	statement, err := stateSums(proof.Checkpoint{Origin: "fundledger/f", Size: 41, Root: tlog.Hash{7}}, fewLines)
	if err != nil {
		t.Fatal(err)
	}
	got.Write(statement.text())
	// The golden file was computed by another program, from the description at the head of sumtree.go.
	golden, err := os.ReadFile("testdata/sumtree.golden")
	if err != nil || got.String() != string(golden) {
		t.Errorf("%v, got\n%s", err, got.String())
	}
	if added := projections.Kinds()[sumKinds:]; fmt.Sprint(added) != "[received_beyond written_off]" {
		t.Errorf("%s are no columns of the sum tree: where they count into use or net paid, it needs a new format", added)
	}
}

func TestWhatMakesNoSumTreeIsRefused(t *testing.T) {
	negative := summed("E1", "4", 2025, "P1", -1, 0)
	fewer := summed("E1", "4", 2025, "P1", 1, 0)
	fewer.Figures.Applications = -1
	huge := summed("E1", "4", 2025, "P1", math.MaxInt64, 0)
	other := summed("E2", "4", 2025, "P1", 1, 0)
	for name, lines := range map[string][]sumLine{"negative amount": {negative}, "negative count": {fewer}, "twice": {fewLines[0], fewLines[1], fewLines[0]},
		"beyond int64": {huge, other}} {
		for _, o := range sumOrders {
			if _, err := buildSums(o, lines); !errors.Is(err, ErrSums) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := buildSums("subject", fewLines); !errors.Is(err, ErrSums) {
		t.Error(err)
	}
	if _, err := sumsOf(t, byEnterprise, fewLines).Prove(Scope{Clause: "4"}); !errors.Is(err, ErrSums) {
		t.Errorf("lines that do not stand side by side were proved: %v", err)
	}
}

func someLines(t *rapid.T) []sumLine {
	seen := map[projections.Line]bool{}
	var lines []sumLine
	for range rapid.IntRange(0, 40).Draw(t, "lines") {
		l := summed(rapid.SampledFrom([]string{"", "E1", "E2", "E3"}).Draw(t, "enterprise"), rapid.SampledFrom([]string{"1.1a", "4", "6"}).Draw(t, "clause"),
			rapid.IntRange(2024, 2027).Draw(t, "year"), rapid.SampledFrom([]string{"P1", "P2"}).Draw(t, "subject"), rapid.Int64Range(0, 1e12).Draw(t, "approved"),
			rapid.Int64Range(0, 1e12).Draw(t, "paid"))
		if !seen[l.Line] {
			seen[l.Line] = true
			lines = append(lines, l)
		}
	}
	return lines
}

func someScope(t *rapid.T) Scope {
	return Scope{Enterprise: rapid.SampledFrom([]domain.EnterpriseID{"", "E0", "E1", "E2", "E9"}).Draw(t, "of enterprise"),
		Clause: rapid.SampledFrom([]domain.ClauseID{"", "1.1a", "4", "5", "9"}).Draw(t, "of clause"), Year: rapid.SampledFrom([]domain.SupportYear{0, 2023, 2025, 2026, 2030}).Draw(t, "of year")}
}

func TestASumProofShowsAllLinesOfAScopeAndTheSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, s := someLines(t), someScope(t)
		tree, err := buildSums(sumOrderOf(s), lines)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := tree.Prove(s)
		if err != nil {
			t.Fatal(err)
		}
		proved, err := proof.Check(tree.Root())
		if err != nil {
			t.Fatal(err)
		}
		var want, others domain.Money
		n := 0
		for _, l := range lines {
			if (s.Enterprise == "" || s.Enterprise == l.Line.Enterprise) && (s.Clause == "" || s.Clause == l.Line.Clause) && (s.Year == 0 || s.Year == l.Line.Year) {
				want, n = want.Add(l.Figures.Of(projections.Paid)), n+1
				continue
			}
			others = others.Add(l.Figures.Of(projections.Paid))
		}
		if len(proved.Leaves) != n || proved.Sums.of(projections.Paid) != want || proved.Others.of(projections.Paid) != others ||
			proved.Sums.Lines+proved.Others.Lines != uint64(len(lines)) {
			t.Fatalf("proved %d lines of %s, there are %d of %s", len(proved.Leaves), proved.Sums.of(projections.Paid), n, want)
		}
	})
}

// Whatever is changed in a proof, it holds no more: a line left out, added, changed or moved, a node, the place, the scope.
func TestAChangedSumProofDoesNotHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, s := someLines(t), someScope(t)
		tree, err := buildSums(sumOrderOf(s), lines)
		if err != nil {
			t.Fatal(err)
		}
		p, err := tree.Prove(s)
		if err != nil {
			t.Fatal(err)
		}
		changed := sumProof{Order: p.Order, Scope: p.Scope, First: p.First, Leaves: slices.Clone(p.Leaves), Nodes: slices.Clone(p.Nodes)}
		root := tree.Root()
		at := func(n int) int { return rapid.IntRange(0, max(n-1, 0)).Draw(t, "at") }
		what := rapid.SampledFrom([]string{"omit", "omit and forget", "add", "amount", "key", "count", "swap", "node hash", "node sum", "node gone", "node more", "place", "root"}).Draw(t, "change")
		switch what {
		case "omit", "omit and forget":
			if len(p.Leaves) == 0 {
				return
			}
			i := at(len(p.Leaves))
			changed.Leaves = slices.Delete(changed.Leaves, i, i+1)
			if what == "omit and forget" {
				root.Columns.Lines-- // a verifier would have the root from elsewhere; even a lie about its size helps nobody
			}
		case "add":
			i := at(len(p.Leaves) + 1)
			changed.Leaves = slices.Insert(changed.Leaves, i, SumLeaf{Enterprise: "E1", Clause: "5", Year: 2025, SubjectKind: "project", Subject: "P"})
		case "amount", "key", "count":
			if len(p.Leaves) == 0 {
				return
			}
			l := &changed.Leaves[at(len(p.Leaves))]
			switch what {
			case "amount":
				l.Fen[rapid.IntRange(0, sumKinds-1).Draw(t, "kind")] += uint64(rapid.Int64().Draw(t, "by") | 1)
			case "key":
				l.Subject += "x"
			case "count":
				l.Applications++
			}
		case "swap":
			if len(p.Leaves) < 2 {
				return
			}
			changed.Leaves[0], changed.Leaves[1] = changed.Leaves[1], changed.Leaves[0]
		case "node hash", "node sum", "node gone":
			if len(p.Nodes) == 0 {
				return
			}
			i := at(len(p.Nodes))
			switch what {
			case "node hash":
				changed.Nodes[i].Hash[3] ^= 1
			case "node sum":
				changed.Nodes[i].Columns.Fen[projections.Paid]++
			case "node gone":
				changed.Nodes = slices.Delete(changed.Nodes, i, i+1)
			}
		case "node more":
			changed.Nodes = append(changed.Nodes, sumNode{})
		case "place":
			changed.First += uint64(rapid.Int64().Draw(t, "by") | 1)
		case "root":
			root.Columns.Fen[projections.Approved]++
		}
		if _, err := changed.Check(root); !errors.Is(err, proof.ErrProof) {
			t.Fatalf("%s was not found: %v", what, err)
		}
	})
}

// Two nodes whose lines are hidden cannot be made to hide an overflow.
func TestSumsThatWouldWrapAreNoProof(t *testing.T) {
	p := sumProof{Order: byEnterprise, Scope: Scope{Enterprise: "E1"}, Leaves: []SumLeaf{{Enterprise: "E1", Fen: [sumKinds]uint64{math.MaxUint64}}, {Enterprise: "E2", Fen: [sumKinds]uint64{2}}}}
	if _, err := p.Check(sumNode{Columns: SumColumns{Lines: 2, Fen: [sumKinds]uint64{1}}}); !errors.Is(err, proof.ErrProof) {
		t.Error(err)
	}
}

func TestARootBeyondWhatCanBeHeldIsNoRoot(t *testing.T) {
	l := SumLeaf{Enterprise: "E1", Clause: "4", Year: 2025, Fen: [sumKinds]uint64{math.MaxUint64}}
	p := sumProof{Order: byEnterprise, Leaves: []SumLeaf{l}}
	if _, err := p.Check(l.node(byEnterprise)); !errors.Is(err, proof.ErrProof) {
		t.Error(err)
	}
}

func FuzzSumProof(f *testing.F) {
	tree := sumsOf(f, byClause, fewLines)
	for _, s := range []Scope{{}, {Clause: "4"}, {Clause: "5"}} {
		p, err := tree.Prove(s)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p sumProof
		if json.Unmarshal(text, &p) != nil {
			return
		}
		proved, err := p.Check(tree.Root())
		if err != nil {
			return
		}
		again, err := tree.Prove(p.Scope)
		if err != nil || len(proved.Leaves) > 0 && !slices.Contains(again.Leaves, proved.Leaves[0]) {
			t.Errorf("%s proves %+v: %v", text, proved, err)
		}
	})
}

func TestAStatementOfSumsIsReadInItsOneSpelling(t *testing.T) {
	k, other := prooftest.Key(t, "fundledger/f"), prooftest.Key(t, "fundledger/f")
	s, err := stateSums(proof.Checkpoint{Origin: "fundledger/f", Size: 41, Root: tlog.Hash{7}}, fewLines)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	tr := prooftest.Trust(t, k.Verifier)
	for name, text := range map[string][]byte{"plain": s.text(), "signed": signed} {
		got, isSigned, err := openSums(tr, "fundledger/f", text)
		if err != nil || isSigned != (name == "signed") || string(got.text()) != string(s.text()) || got.Root(byYear) != sumsOf(t, byYear, fewLines).Root() {
			t.Errorf("%s: %v %v", name, isSigned, err)
		}
		if _, _, err := openSums(tr, "fundledger/g", text); err == nil {
			t.Errorf("%s: it was taken for another log's", name)
		}
		for i := range text {
			flipped := slices.Clone(text)
			flipped[i] ^= 1
			if got, _, err := openSums(tr, "fundledger/f", flipped); err == nil && (name == "signed" || string(got.text()) == string(s.text())) {
				t.Errorf("%s: byte %d flipped is believed", name, i)
			}
		}
	}
	if _, _, err := openSums(prooftest.Trust(t, other.Verifier), "fundledger/f", signed); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("another's signature: %v", err)
	}
	if _, err := tr.Open("fundledger/f", signed); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("sums were taken for a checkpoint: %v", err)
	}
}

func BenchmarkSums(b *testing.B) {
	lines := make([]sumLine, 100_000)
	for i := range lines {
		lines[i] = summed(fmt.Sprintf("E%05d", i%5000), fmt.Sprint("C", i%20), 2020+i%5, fmt.Sprint("P", i), int64(i), int64(i/2))
	}
	var tree *sumTree
	b.Run("build/100000", func(b *testing.B) {
		for b.Loop() {
			tree = sumsOf(b, byEnterprise, lines)
		}
	})
	var proof sumProof
	b.Run("prove/one of 5000 enterprises", func(b *testing.B) {
		for b.Loop() {
			var err error
			if proof, err = tree.Prove(Scope{Enterprise: "E01234"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if _, err := proof.Check(tree.Root()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(proof.Leaves)), "lines")
		b.ReportMetric(float64(len(proof.Nodes)), "nodes")
	})
}
