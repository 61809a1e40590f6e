package demo

import (
	"maps"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
)

// following publishes the policy that follows.
func following(t testing.TB) domain.PublishPolicy {
	t.Helper()
	p := named(t, "changning-2027")
	return domain.PublishPolicy{Head: domain.Head{ID: "publish-next", Date: p.IssuedOn, Actor: domain.Actor{ID: "demo", Role: domain.Admin}}, Policy: p}
}

func TestTheSampleGoesOnWhereItsPolicyEnds(t *testing.T) {
	p, next := changning(t), following(t)
	for _, until := range []domain.Date{p.Term.From, until, date(2026, 12, 7), date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 20), Ends} {
		t.Run(until.String(), func(t *testing.T) {
			s, last, ids := published(t, p), p.Term.From, map[domain.CommandID]bool{}
			for step := range Succession(p, next, until) {
				h := step.Command.Given()
				if ids[h.ID] {
					t.Errorf("the command id %s stands twice", h.ID)
				}
				ids[h.ID] = true
				if h.Date.Before(last) || h.Date.After(until) {
					t.Errorf("%s is dated %s, after one of %s, until %s", h.ID, h.Date, last, until)
				}
				last = h.Date
				if _, code := play(s, step.Command, until); code != step.Expect {
					t.Errorf("%s of %s: ended with %q, expected %q", h.ID, h.Date, code, step.Expect)
				}
			}
		})
	}
}

// besides is what the sample tells of the enterprises that [Changning] does not.
var besides = map[string]bool{"record_fact": true, "correct_fact": true, "link_enterprises": true, "end_link": true, "offer_support": true, "confirm_offer": true,
	"decline_offer": true, "schedule_recovery": true, "amend_policy": true,
	"set_target": true, "record_evaluation": true, "record_rectification": true}

func TestTheFirstTwoYearsAreThoseOfTheFirstPolicyAlone(t *testing.T) {
	p := changning(t)
	before := slices.Collect(Changning(p, until))
	n := 0
	for step := range Succession(p, following(t), until) {
		if besides[step.Command.Name()] {
			continue
		}
		if a, b := encoded(t, step), encoded(t, before[n]); a != b {
			t.Fatalf("step %d is\n%s\nand of one policy\n%s", n, a, b)
		}
		n++
	}
	if n != len(before) {
		t.Errorf("%d steps, not %d", n, len(before))
	}
	whole := slices.Collect(Succession(p, following(t), Ends))
	n = 0
	for step := range Succession(p, following(t), date(2027, 1, 20)) {
		if a, b := encoded(t, step), encoded(t, whole[n]); a != b {
			t.Fatalf("step %d is\n%s\nand of a later day\n%s", n, a, b)
		}
		n++
	}
	if beyond := slices.Collect(Succession(p, following(t), date(2029, 1, 1))); len(beyond) != len(whole) {
		t.Errorf("%d steps behind the sample's end", len(beyond)-len(whole))
	}
}

func TestTheFirstQuarterShowsASuccession(t *testing.T) {
	p, next := changning(t), following(t)
	s := published(t, p)
	refused, kinds, applied := map[string]int{}, map[string]int{}, map[domain.ClauseID]int{}
	paid, carried := map[string]int{}, 0
	for step := range Succession(p, next, Ends) {
		events, code := play(s, step.Command, Ends)
		if step.Command.Given().Date.Before(date(2026, 12, 1)) {
			continue
		}
		if code != "" {
			refused[code]++
			continue
		}
		for _, e := range events {
			kinds[e.Name()]++
			switch e := e.(type) {
			case *domain.ApplicationSubmitted:
				applied[e.Charge.Applied()]++
			case *domain.ApplicationApproved:
				for _, b := range e.Basis {
					if b.Carried != (domain.Balance{}) {
						carried++
					}
				}
			case *domain.PayoutMade:
				if e.PaidOn.Year() == 2027 {
					paid[e.SupportYear.String()]++
				}
			}
		}
	}
	t.Logf("from December on: %v, refused %v, applied %v, paid %v, carried %d", kinds, refused, applied, paid, carried)
	for _, code := range []string{domain.CodePolicyExpired, domain.CodePolicyNotInForce, domain.CodeCapExceeded, domain.CodeBudgetYearClosed} {
		if refused[code] == 0 {
			t.Errorf("nothing is refused as %s, but %v", code, slices.Sorted(maps.Keys(refused)))
		}
	}
	if kinds["budget_year_closed"] != 1 || kinds["appropriation_carried"] != 1 {
		t.Errorf("closed and carried over: %v", kinds)
	}
	if kinds["payment_planned"] != 3 {
		t.Errorf("planned: %v", kinds)
	}
	if kinds["policy_published"] != 1 || kinds["application_transferred"] < 3 || carried < 3 {
		t.Errorf("%d transferred, %d decided with carried use", kinds["application_transferred"], carried)
	}
	if paid["2026"] < 10 || paid["2027"] < 5 {
		t.Errorf("paid in 2027 for %v", paid)
	}
	if applied["27-2.5"] == 0 || applied["27-1.2b"] == 0 {
		t.Errorf("applied for in the new policy: %v", applied)
	}
	lab := domain.Account{Clause: "27-4", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "金融科技实验室"}}
	if line, _ := s.Account(lab, 2027, Ends); line.Use != line.Cap.Amount || line.Use != domain.Yuan(25_000_000) {
		t.Errorf("the laboratory's use is %s of %s", line.Use, line.Cap.Amount)
	}
}

func TestAskedAgainTheSuccessionBooksNothing(t *testing.T) {
	p, next := changning(t), following(t)
	s, steps := published(t, p), slices.Collect(Succession(p, next, Ends))
	for _, step := range steps {
		play(s, step.Command, Ends)
	}
	for _, step := range steps {
		if step.Expect == "" {
			continue // the ledger knows its id
		}
		if _, code := play(s, step.Command, Ends); code == "" && step.Command.Given().Date.Before(date(2026, 9, 1)) {
			t.Errorf("%s was refused with %s, and is accepted when asked again", step.Command.Given().ID, step.Expect)
		}
	}
}

// What is known of the enterprises: every fact that the policy lists, of most of them and of two years; every kind of link, a group whose use is
// beyond one cap, every end of an offer.
func TestTheSampleKnowsItsEnterprises(t *testing.T) {
	p := changning(t)
	s := published(t, p)
	facts, kinds, links := map[domain.FactID]int{}, map[string]int{}, map[domain.LinkKind]int{}
	for step := range Succession(p, following(t), until) {
		events, _ := play(s, step.Command, until)
		for _, e := range events {
			kinds[e.Name()]++
			switch e := e.(type) {
			case *domain.FactRecorded:
				facts[e.Fact]++
			case *domain.EnterprisesLinked:
				links[e.Kind]++
			}
		}
	}
	t.Logf("%v, %v, %v", facts, kinds, links)
	for _, f := range p.Facts {
		if facts[f.ID] < 100 || facts[f.ID] > 2*enterprises {
			t.Errorf("%d values of %s", facts[f.ID], f.ID)
		}
	}
	if links[domain.Controls] < 3 || links[domain.SameController] == 0 || links[domain.Branch] == 0 || kinds["link_ended"] == 0 {
		t.Errorf("links: %v", links)
	}
	answers := map[effect.Answer]int{}
	for _, e := range s.EnterprisesBehind("") {
		for _, m := range effect.Of(s, e, effect.Asked{Day: until}) {
			if len(m.Conditions) > 0 && m.Why == nil {
				answers[m.Answer]++
			}
		}
	}
	if kinds["policy_amended"] < 8 || answers[effect.Yes] < 20 || answers[effect.No] < 20 || answers[effect.Unknown] < 20 {
		t.Errorf("conditions answer %v", answers)
	}

	if kinds["support_offered"] != 4 || kinds["offer_confirmed"] != 1 || kinds["offer_declined"] != 1 || kinds["recovery_scheduled"] != 3 || kinds["fact_corrected"] != 1 {
		t.Errorf("kinds: %v", kinds)
	}
}
