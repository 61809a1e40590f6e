package effect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/policies"
)

var day = domain.DateOf(2026, 11, 20)

// sample is the sample's ledger at the end of its two years.
func sample(t testing.TB) *domain.State {
	t.Helper()
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	s := domain.NewState()
	give(t, s, &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	for step := range demo.Changning(policy, day) {
		decided, r := domain.Decide(s, step.Command, day)
		if r != nil {
			continue // as the sample has it
		}
		for _, e := range decided.Events {
			domain.Apply(s, e, domain.Deed{Actor: step.Command.Given().Actor, Date: step.Command.Given().Date})
		}
	}
	return s
}

func give(t testing.TB, s *domain.State, c domain.Command) {
	t.Helper()
	decided, r := domain.Decide(s, c, day)
	if r != nil {
		t.Fatal(r)
	}
	for _, e := range decided.Events {
		domain.Apply(s, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
}

const one = domain.EnterpriseID("91310105MA7W80873U")

// told is each match in a word: the clause, the subject's id where there is one, and what is left or why nothing is.
func told(s *domain.State, matches []effect.Match) (list []string) {
	for _, m := range matches {
		text := string(m.Clause)
		if m.Subject.Kind != domain.SubjectEnterprise && m.Subject.ID != "" {
			text += " " + m.Subject.ID
		}
		switch left := m.Left(); {
		case m.Answer == effect.No:
			text += ": " + m.Why.Code
		case !left.Stated:
			text += ": none stated"
		default:
			text += ": " + left.Amount.String()
		}
		list = append(list, text)
	}
	return list
}

// Example 34 of the second part: nothing is open to an enterprise while its credit is restricted, and the credit is named. Example 31 is of the first
// release's ledger (cmd/fundledger).
func TestExample34NothingIsOpenToARestrictedEnterprise(t *testing.T) {
	s := sample(t)
	got := told(s, effect.Of(s, one, effect.Asked{Year: 2026, Day: day}))
	for _, want := range []string{"1.1a: 100000000.00", "1.1b: industry_not_served", "1.3a: industry_not_served", "2.2.1: industry_not_served", "2.4.3: industry_not_served",
		"2.1.1: 10000000.00", "1.2c: none stated"} {
		if !slices.Contains(got, want) {
			t.Errorf("it is not told %q among\n%s", want, strings.Join(got, "\n"))
		}
	}
	for _, text := range got {
		if clause := text[:3]; (clause == "2.2" || clause == "2.3" || clause == "2.4") && !strings.HasSuffix(text, ": industry_not_served") {
			t.Error(text)
		}
	}
	give(t, s, &domain.RestrictCredit{Head: domain.Head{ID: "restrict", Date: day, Actor: domain.Actor{ID: "ou", Role: domain.Treasurer, Department: "finance"}}, Enterprise: one, Reason: "失信"})
	for _, m := range effect.Of(s, one, effect.Asked{Year: 2026, Day: day}) {
		if m.Answer != effect.No || m.Why == nil || m.Why.Code != domain.CodeCreditRestricted || m.Left() != domain.Stated(domain.NoMoney) {
			t.Errorf("example 34: %s answers %s, %v, with %v left", m.Clause, m.Answer, m.Why, m.Left())
		}
	}
}

// What is told to be left is what the rules hold an approval against: 0.01 more is short by 0.01.
func TestWhatIsLeftIsWhatTheRulesHold(t *testing.T) {
	s := sample(t)
	judged := 0
	for _, e := range s.EnterprisesBehind("") {
		for _, m := range effect.Of(s, e, effect.Asked{Year: 2026, Day: day}) {
			if m.Answer == effect.No || m.Subject.Kind != domain.SubjectProject || m.Subject.ID == "" || !m.Left().Stated {
				continue
			}
			asked := domain.SubmitApplication{Head: domain.Head{ID: "more", Date: day}, Application: "more", Enterprise: e, Clause: m.Clause, Project: m.Subject.ID,
				Requested: []domain.Instalment{{SupportYear: 2026, Amount: m.Left().Amount.Add(domain.Fen(1))}}}
			rooms, r := s.Rooms(&asked, day)
			if r != nil {
				t.Fatal(r)
			}
			want := domain.Fen(1)
			if over := m.Room.Use.Sub(m.Room.Cap.Amount).Sub(m.Room.Exceptions); over.Positive() {
				want = over.Add(want)
			}
			if short := rooms[0].ShortBy(); short != want {
				t.Errorf("%s of %s: 0.01 more than is left is short by %s", m.Clause, m.Subject.ID, short)
			}
			judged++
		}
	}
	if judged < 100 {
		t.Errorf("only %d accounts were judged", judged)
	}
}

// Whatever the clause answers: a day, a year or a clause that the rules do not allow is named, and no figure is told as open.
func TestWhatTheRulesDoNotAllowIsNamed(t *testing.T) {
	s := sample(t)
	for name, c := range map[string]struct {
		of    domain.EnterpriseID
		asked effect.Asked
		code  string
	}{
		"a clause of a policy that is over": {one, effect.Asked{Clause: "4", Year: 2026, Day: domain.DateOf(2027, 1, 1)}, domain.CodePolicyExpired},
		"before it began":                   {one, effect.Asked{Clause: "4", Year: 2024, Day: domain.DateOf(2023, 1, 1)}, domain.CodePolicyNotInForce},
		"a year outside the term":           {one, effect.Asked{Clause: "4", Year: 2031, Day: day}, domain.CodeYearOutsideTerm},
		"an enterprise that nobody knows":   {"91310105MA1FW00001", effect.Asked{Clause: "4", Year: 2026, Day: day}, domain.CodeEnterpriseUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			matches := effect.Of(s, c.of, c.asked)
			if len(matches) != 1 || matches[0].Answer != effect.No || matches[0].Why.Code != c.code || matches[0].Left().Amount.Positive() {
				t.Errorf("%+v", matches)
			}
		})
	}
	if all := effect.Of(s, one, effect.Asked{Day: domain.DateOf(2027, 6, 1)}); len(all) > 0 {
		t.Errorf("of all clauses, when no policy is in force: %v", told(s, all))
	}
}

// Under a clause that carries on an earlier one, a project that has used of that is told with what is left of the new cap: not as a new one.
func TestACarriedProjectIsToldWithWhatIsLeft(t *testing.T) {
	s := sample(t)
	next, err := policies.Named("changning-2027")
	if err != nil {
		t.Fatal(err)
	}
	give(t, s, &domain.PublishPolicy{Head: domain.Head{ID: "publish-next", Date: domain.DateOf(2026, 11, 20), Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: next})
	const clause = domain.ClauseID("27-4")
	on, told := domain.DateOf(2027, 1, 10), 0
	for _, e := range s.EnterprisesBehind("") {
		for _, m := range effect.Of(s, e, effect.Asked{Clause: clause, Day: on}) {
			if m.Subject.ID == "" || m.Room.Use.IsZero() {
				continue
			}
			told++
			if want := m.Room.Cap.Amount.Sub(m.Room.Use); m.Left().Amount != want && want.Positive() {
				t.Errorf("of %s is left %v, not %s", m.Subject.ID, m.Left(), want)
			}
		}
	}
	if told < 10 {
		t.Errorf("only %d projects are told with what they carry", told)
	}
}
