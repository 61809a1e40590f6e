package demo

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

func TestLoadIsAllAccepted(t *testing.T) {
	for _, name := range policyNames {
		t.Run(name, func(t *testing.T) {
			p := named(t, name)
			s, n, used := published(t, p), 0, map[domain.ClauseID]bool{}
			for c := range Load(p, 50_000, 7) {
				n++
				if _, code := play(s, c, until); code != "" {
					t.Fatalf("command %d, %s: refused with %s", n, c.Given().ID, code)
				}
				if submit, ok := c.(*domain.SubmitApplication); ok {
					used[submit.Clause] = true
				}
			}
			if n != 50_000 {
				t.Errorf("%d commands came, not 50,000", n)
			}
			for _, c := range p.Clauses {
				if used[c.ID] == c.NotAppliedFor {
					t.Errorf("clause %s: applied for is %v", c.ID, used[c.ID])
				}
			}
		})
	}
}

var policyNames = []string{"changning-2024", "elsewhere-2025"}

func TestLoadIsAsLongAsAskedAndTheSameForASeed(t *testing.T) {
	p := changning(t)
	load := func(n int, seed uint64) (texts []string) {
		for c := range Load(p, n, seed) {
			text, err := wire.EncodeCommand(c)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
	long := load(999, 3)
	for _, n := range []int{0, 1, 10, 52, 999} {
		if short := load(n, 3); len(short) != n || !slices.Equal(short, long[:n]) {
			t.Errorf("%d commands of a seed are not the first of 999", n)
		}
	}
	if slices.Equal(long, load(999, 4)) {
		t.Error("another seed gives the same commands")
	}
	again := Load(p, 60, 3)
	if a, b := len(slices.Collect(again)), len(slices.Collect(again)); a != 60 || b != 60 {
		t.Errorf("ranged over twice, %d and %d commands come, not 60", a, b)
	}
}

func BenchmarkLoad(b *testing.B) {
	for range Load(changning(b), b.N, 1) {
	}
}
