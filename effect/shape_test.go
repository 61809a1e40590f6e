package effect_test

import (
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/policies"
)

// loaded is a fund to which so many commands happened, and an enterprise of its.
func loaded(t testing.TB, commands int) (*domain.State, domain.EnterpriseID) {
	t.Helper()
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	for i := range policy.Clauses {
		if policy.Clauses[i].HasAccounts() {
			policy.Clauses[i].Conditions = []domain.Condition{comparison("revenue", "year-1", domain.AtLeast, "20000000.00")}
		}
	}
	s := domain.NewState()
	give(t, s, &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	for c := range demo.Load(policy, commands, 1) {
		give(t, s, c)
	}
	return s, s.EnterprisesBehind("")[0]
}

// What one enterprise may have is told at the same cost however many there are: it allocates as much in a fund of ten times the commands.
func TestAMatchLooksAtNobodyElse(t *testing.T) {
	cost := func(commands int) float64 {
		s, one := loaded(t, commands)
		return testing.AllocsPerRun(5, func() { effect.Of(s, one, effect.Asked{Year: 2025, Day: domain.DateOf(2025, 6, 1)}) })
	}
	if few, many := cost(1_500), cost(15_000); many > few+few/10 {
		t.Errorf("it allocates %.0f times among 1,500 commands, and %.0f among 15,000", few, many)
	}
}

// BenchmarkMatch tells what one enterprise may have, under all clauses, and the first hundred under one clause, in funds of ten times the size.
func BenchmarkMatch(b *testing.B) {
	for _, commands := range []int{10_000, 100_000} {
		s, one := loaded(b, commands)
		asked := effect.Asked{Year: 2025, Day: domain.DateOf(2025, 6, 1)}
		b.Run(fmt.Sprintf("one of %d commands", commands), func(b *testing.B) {
			for range b.N {
				effect.Of(s, one, asked)
			}
		})
		under := asked
		under.Clause = "4"
		b.Run(fmt.Sprintf("a page of a clause of %d commands", commands), func(b *testing.B) {
			for range b.N {
				for _, e := range s.EnterprisesBehind("")[:min(20, len(s.EnterprisesBehind("")))] {
					effect.Of(s, e, under)
				}
			}
		})
	}
}
