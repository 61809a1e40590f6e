package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

func changning(t testing.TB) domain.Policy {
	t.Helper()
	p, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// published is a state with the policy in force.
func published(t testing.TB, p domain.Policy) *domain.State {
	t.Helper()
	s := domain.NewState()
	if code := play(s, &domain.PublishPolicy{Head: domain.Head{ID: "p", Date: p.IssuedOn, Actor: domain.Actor{ID: "a", Role: domain.Admin}}, Policy: p}, p.Term.To); code != "" {
		t.Fatalf("the policy is refused: %s", code)
	}
	return s
}

func play(s *domain.State, c domain.Command, today domain.Date) string {
	d, r := domain.Decide(s, c, today)
	if r != nil {
		return r.Code
	}
	for _, e := range d.Events {
		domain.Apply(s, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
	return ""
}

var until = domain.DateOf(2026, 11, 20)

func TestTwoYearsGoAsExpected(t *testing.T) {
	p := changning(t)
	s := published(t, p)
	kinds, refused, clauses, last := map[string]int{}, map[string]int{}, map[domain.ClauseID]int{}, p.Term.From
	ids := map[domain.CommandID]bool{}
	steps := 0
	for step := range Changning(p, until) {
		steps++
		h := step.Command.Given()
		if ids[h.ID] {
			t.Fatalf("the command id %s stands twice", h.ID)
		}
		ids[h.ID] = true
		if h.Date.Before(last) || h.Date.After(until) {
			t.Fatalf("%s is dated %s, after one of %s", h.ID, h.Date, last)
		}
		last = h.Date
		if code := play(s, step.Command, until); code != step.Expect {
			t.Fatalf("%s: refused with %q, expected %q", h.ID, code, step.Expect)
		}
		kinds[step.Command.Name()]++
		if step.Expect != "" {
			refused[step.Expect]++
		}
		if submit, ok := step.Command.(*domain.SubmitApplication); ok && step.Expect == "" {
			clauses[submit.Clause]++
		}
	}
	t.Logf("%d steps; commands %v; refusals %v; applications by clause %v", steps, kinds, refused, clauses)
	for _, c := range p.Clauses {
		if !c.NotAppliedFor && clauses[c.ID] == 0 {
			t.Errorf("nobody applies under clause %s", c.ID)
		}
	}
	for _, maker := range domain.Commands {
		if name := maker().Name(); name != "publish_policy" && kinds[name] == 0 {
			t.Errorf("no %s in two years", name)
		}
	}
	want := []string{"account_over_cap", "application_suspended", "appropriation_exceeded", "cap_exceeded", "credit_restricted", "department_not_allowed",
		"exception_not_allowed", "industry_not_served", "instalment_exceeded", "support_year_outside_term"}
	for _, code := range want {
		if refused[code] == 0 {
			t.Errorf("nothing is refused with %s", code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(refused)) {
		if !slices.Contains(want, code) && !slices.Contains([]string{"four_eyes", "role_not_allowed", "application_unknown", "application_state", "reduction_exceeded"}, code) {
			t.Errorf("something is refused with %s, which no case means to show", code)
		}
	}
}

func TestTheSameDayGivesTheSameCommands(t *testing.T) {
	p := changning(t)
	digest := func() string {
		h := sha256.New()
		for step := range Changning(p, until) {
			text, err := wire.EncodeCommand(step.Command)
			if err != nil {
				t.Fatal(err)
			}
			h.Write(text)
			h.Write([]byte(step.Expect))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	if a, b := digest(), digest(); a != b {
		t.Errorf("two runs differ: %s, %s", a, b)
	}
}

func TestAnEarlierDayGivesTheBeginning(t *testing.T) {
	p := changning(t)
	var early []domain.CommandID
	for step := range Changning(p, domain.DateOf(2025, 2, 1)) {
		early = append(early, step.Command.Given().ID)
	}
	if len(early) == 0 {
		t.Fatal("nothing happens in the first months")
	}
}

func TestLoadIsAllAccepted(t *testing.T) {
	for _, name := range []string{"changning-2024", "elsewhere-2025"} {
		t.Run(name, func(t *testing.T) {
			p, err := policies.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			s, n := published(t, p), 0
			for c := range Load(p, 20_000, 7) {
				n++
				if code := play(s, c, domain.DateOf(2026, 11, 20)); code != "" {
					t.Fatalf("command %d, %s: refused with %s", n, c.Given().ID, code)
				}
			}
			if n != 20_000 {
				t.Errorf("%d commands came, not 20,000", n)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for range Load(changning(b), b.N, 1) {
	}
}
