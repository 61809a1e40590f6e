package effect_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/policies"
)

// asked is a fund whose clause 1.1a asks, and one enterprise of its.
func asked(t testing.TB, conditions ...domain.Condition) *domain.State {
	t.Helper()
	return askedUnder(t, "1.1a", conditions...)
}

func askedUnder(t testing.TB, clause domain.ClauseID, conditions ...domain.Condition) *domain.State {
	t.Helper()
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	policy.Facts = []domain.Fact{
		{ID: "revenue", Name: domain.Text{ZH: "营业收入", EN: "Revenue"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}},
		{ID: "tax", Name: domain.Text{ZH: "纳税额", EN: "Taxes paid"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}, Sensitive: true},
		{ID: "scale", Name: domain.Text{ZH: "达规纳统", EN: "Statistical scale"}, Unit: domain.UnitFlag, Per: domain.FromDay, Sources: []domain.DepartmentID{"commerce"},
			ConfirmedBy: []domain.DepartmentID{"reform"}},
		{ID: "invested", Name: domain.Text{ZH: "投资额", EN: "Investment"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"science"}},
	}
	for i := range policy.Clauses {
		if policy.Clauses[i].ID == clause {
			policy.Clauses[i].Conditions = conditions
		}
	}
	s := domain.NewState()
	give(t, s, &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	give(t, s, &domain.RegisterEnterprise{Head: by("investment", "register"), Enterprise: one, Title: "甲", Industry: "ai"})
	return s
}

// by is a clerk of a department, today.
func by(d domain.DepartmentID, id domain.CommandID) domain.Head {
	return domain.Head{ID: id, Date: day, Actor: domain.Actor{ID: "li-" + domain.PersonID(d), Role: domain.Clerk, Department: d}}
}

func know(t testing.TB, s *domain.State, d domain.DepartmentID, fact domain.FactID, period, value string) {
	t.Helper()
	give(t, s, &domain.RecordFact{Head: by(d, domain.CommandID("know-"+string(d)+string(fact)+period)), Enterprise: one, Fact: fact, Period: period, Value: value})
}

func match(t testing.TB, s *domain.State, clause domain.ClauseID, sees func(domain.Clause, domain.Fact) effect.Sight) effect.Match {
	t.Helper()
	list := effect.Of(s, one, effect.Asked{Clause: clause, Year: 2026, Day: day, Sees: sees})
	if len(list) != 1 {
		t.Fatalf("%d matches", len(list))
	}
	return list[0]
}

func comparison(fact domain.FactID, period string, is domain.Comparison, value string) domain.Condition {
	return domain.Condition{Fact: fact, Period: period, Is: is, Value: value}
}

// Example 32 of the second part: revenue 19,999,999.99 against at least 20,000,000.00 is no, short by 0.01; without the fact it is unknown, and the
// department is named that supplies it.
func TestExample32AConditionIsShortByOneFen(t *testing.T) {
	s := asked(t, comparison("revenue", "year-1", domain.AtLeast, "20000000.00"))
	m := match(t, s, "1.1a", nil)
	if told := m.Message(s.Policy()); m.Answer != effect.Unknown || m.Code() != effect.CodeFactMissing || !strings.Contains(told.ZH, "区财政局") || !strings.Contains(told.ZH, "2025 年营业收入") ||
		!strings.Contains(told.EN, "Finance Bureau") {
		t.Errorf("without the fact: %s, %q, %q", m.Answer, told.ZH, told.EN)
	}
	know(t, s, "finance", "revenue", "2025", "19999999.99")
	m = match(t, s, "1.1a", nil)
	told := m.Message(s.Policy())
	if m.Answer != effect.No || m.Code() != effect.CodeConditionFails || m.By[0].ShortBy != "0.01" || m.By[0].Value != "19999999.99" || m.Left() != domain.Stated(domain.NoMoney) {
		t.Errorf("example 32: %s, %+v", m.Answer, m.By)
	}
	if want := "2025 年营业收入不低于 20,000,000.00 元，记录为 19,999,999.99 元，相差 0.01 元（区财政局）"; told.ZH != want {
		t.Errorf("it is told %q, not %q", told.ZH, want)
	}
	if want := "Revenue of 2025 at least CNY 20,000,000.00; recorded is CNY 19,999,999.99, short by CNY 0.01 (Finance Bureau)"; told.EN != want {
		t.Errorf("it is told %q, not %q", told.EN, want)
	}
	give(t, s, &domain.CorrectFact{Head: by("finance", "more"), Enterprise: one, Fact: "revenue", Period: "2025", Value: "20000000.00", Reason: "误报"})
	if m = match(t, s, "1.1a", nil); m.Answer != effect.Yes || m.Code() != "" || !m.Left().Amount.Positive() {
		t.Errorf("20,000,000.00: %s", m.Answer)
	}
}

// A clause that states no conditions never answers yes, and one whose rules say no is not asked for its conditions.
func TestConditionsComeBehindTheRules(t *testing.T) {
	if m := match(t, asked(t), "1.1a", nil); m.Answer != effect.DepartmentJudges {
		t.Error(m.Answer)
	}
	s := asked(t, comparison("revenue", "year-1", domain.AtLeast, "0"))
	know(t, s, "finance", "revenue", "2025", "1.00")
	give(t, s, &domain.RestrictCredit{Head: domain.Head{ID: "restrict", Date: day, Actor: domain.Actor{ID: "ou", Role: domain.Treasurer, Department: "finance"}}, Enterprise: one, Reason: "失信"})
	if m := match(t, s, "1.1a", nil); m.Answer != effect.No || m.Code() != domain.CodeCreditRestricted || m.By != nil {
		t.Errorf("%s, %s", m.Answer, m.Code())
	}
}

// A value that waits for a second department is not known yet; a fact of a project is not, while there is none.
func TestWhatDoesNotCountIsUnknown(t *testing.T) {
	s := asked(t, domain.Condition{Not: &domain.Condition{Fact: "scale", Period: "day", Is: domain.Equal, Value: "no"}})
	know(t, s, "commerce", "scale", "2026-03-01", "yes")
	if m := match(t, s, "1.1a", nil); m.Answer != effect.Unknown {
		t.Errorf("not confirmed: %s", m.Answer)
	}
	know(t, s, "reform", "scale", "2026-03-01", "yes")
	if m := match(t, s, "1.1a", nil); m.Answer != effect.Yes || m.By[0].Asked.Is != domain.Unequal || !strings.Contains(m.Message(s.Policy()).ZH, "达规纳统不为否") {
		t.Errorf("confirmed: %s, %q", m.Answer, m.Message(s.Policy()).ZH)
	}
	of := comparison("invested", "year", domain.MoreThan, "0")
	of.Of = domain.SubjectProject
	s = askedUnder(t, "1.2a", of)
	if m := match(t, s, "1.2a", nil); m.Answer != effect.Unknown || m.By[0].Outcome != effect.Waits || m.Subject.ID != "" {
		t.Errorf("of a project that there is none of: %s, %+v", m.Answer, m.By)
	}
}

// The answer is that of three values: it is yes, or no, if and only if it is so whatever is recorded of what is not known; and of the comparisons that it rests on,
// each bears it.
func TestTheAnswerIsTheOneOfThreeValues(t *testing.T) {
	facts := []domain.FactID{"revenue", "invested", "tax"}
	sources := map[domain.FactID]domain.DepartmentID{"revenue": "finance", "invested": "science", "tax": "finance"}
	var draw func(rt *rapid.T, depth int) domain.Condition
	draw = func(rt *rapid.T, depth int) domain.Condition {
		kind := rapid.IntRange(0, 5).Draw(rt, "kind")
		if depth == 0 || kind > 2 {
			return comparison(rapid.SampledFrom(facts).Draw(rt, "fact"), rapid.SampledFrom([]string{"year", "year-1"}).Draw(rt, "period"),
				rapid.SampledFrom([]domain.Comparison{domain.AtLeast, domain.MoreThan, domain.AtMost, domain.LessThan, domain.Equal, domain.Unequal}).Draw(rt, "is"), "1")
		}
		if kind == 0 {
			below := draw(rt, depth-1)
			return domain.Condition{Not: &below}
		}
		var list []domain.Condition
		for range rapid.IntRange(1, 3).Draw(rt, "parts") {
			list = append(list, draw(rt, depth-1))
		}
		if kind == 1 {
			return domain.Condition{All: list}
		}
		return domain.Condition{Any: list}
	}
	type slot struct {
		fact   domain.FactID
		period string
	}
	var holds func(c domain.Condition, known map[slot]string) bool
	holds = func(c domain.Condition, known map[slot]string) bool {
		every := func(list []domain.Condition) bool {
			return !slices.ContainsFunc(list, func(one domain.Condition) bool { return !holds(one, known) })
		}
		switch {
		case c.All != nil:
			return every(c.All)
		case c.Any != nil:
			return slices.ContainsFunc(c.Any, func(one domain.Condition) bool { return holds(one, known) })
		case c.Not != nil:
			return !holds(*c.Not, known)
		}
		value := known[slot{c.Fact, c.PeriodIn(2026, day)}]
		return map[domain.Comparison]bool{domain.AtLeast: value >= "1", domain.MoreThan: value > "1", domain.AtMost: value <= "1", domain.LessThan: value < "1",
			domain.Equal: value == "1", domain.Unequal: value != "1"}[c.Is]
	}
	answers := map[effect.Answer]int{}
	rapid.Check(t, func(rt *rapid.T) {
		c := draw(rt, 3)
		s := asked(t, c)
		known := map[slot]string{}
		var open []slot
		for _, f := range facts {
			for _, period := range []string{"2025", "2026"} {
				value := rapid.SampledFrom([]string{"", "0", "1", "2"}).Draw(rt, "value")
				if at := (slot{f, period}); value == "" {
					open = append(open, at)
				} else {
					know(t, s, sources[f], f, period, value)
					known[at] = value
				}
			}
		}
		m := match(t, s, "1.1a", nil)
		answers[m.Answer]++
		always, never := true, true
		for n := range pow(3, len(open)) {
			for _, at := range open {
				known[at], n = []string{"0", "1", "2"}[n%3], n/3
			}
			always, never = always && holds(c, known), never && !holds(c, known)
		}
		// What is always so by a comparison's own sense (x is 1, or is not) is unknown to three values: they look at each comparison by itself.
		if m.Answer == effect.Yes && !always || m.Answer == effect.No && !never {
			rt.Fatalf("%s answers %s: always %t, never %t", c, m.Answer, always, never)
		}
		if len(open) == 0 && m.Answer == effect.Unknown || len(m.By) == 0 {
			rt.Fatalf("%s answers %s by %v", c, m.Answer, m.By)
		}
		for _, by := range m.By {
			want := map[effect.Answer]effect.Outcome{effect.Yes: effect.Holds, effect.No: effect.Fails, effect.Unknown: effect.Missing}[m.Answer]
			if by.Outcome != want || (by.Outcome == effect.Fails) != (by.ShortBy != "" || by.Asked.Is == domain.Unequal && by.Outcome == effect.Fails) {
				rt.Fatalf("%s answers %s by %+v", c, m.Answer, by)
			}
		}
	})
	if len(answers) != 3 {
		t.Errorf("it answered %v only", answers)
	}
}

func pow(base, n int) int {
	is := 1
	for range n {
		is *= base
	}
	return is
}

// Who may not read a sensitive fact learns by a match what [effect.Sight] says and nothing else: who decides on the clause learns the answer, and no figure;
// anybody else learns nothing, for all that they are told is the same whatever the value is, and whether there is one.
func TestNobodyLearnsAFigureThatTheyMayNotRead(t *testing.T) {
	conditions := []domain.Condition{{Any: []domain.Condition{{Not: &domain.Condition{Fact: "tax", Period: "year-1", Is: domain.LessThan, Value: "1000000.00"}},
		comparison("revenue", "year-1", domain.MoreThan, "50000000.00")}}}
	sees := func(sight effect.Sight) func(domain.Clause, domain.Fact) effect.Sight {
		return func(_ domain.Clause, f domain.Fact) effect.Sight {
			if f.Sensitive {
				return sight
			}
			return effect.SeesValue
		}
	}
	var nothing, answers []effect.Match
	for _, value := range []string{"", "-3.00", "999999.99", "1000000.00", "123456789.12"} {
		s := asked(t, conditions...)
		know(t, s, "finance", "revenue", "2025", "1.00")
		if value != "" {
			know(t, s, "finance", "tax", "2025", value)
		}
		nothing, answers = append(nothing, match(t, s, "1.1a", sees(effect.SeesNothing))), append(answers, match(t, s, "1.1a", sees(effect.SeesAnswer)))
		for _, m := range answers {
			told := m.Message(s.Policy())
			for _, figure := range []string{"999,999.99", "123,456,789.12", "0.01", "1,000,003.00"} {
				if strings.Contains(told.ZH+told.EN, figure) {
					t.Errorf("of %s it is told %q", value, told.ZH)
				}
			}
		}
	}
	for _, m := range nothing {
		if m.Answer != effect.Unknown || m.Code() != effect.CodeFactWithheld || !reflect.DeepEqual(m, nothing[0]) {
			t.Errorf("who may learn nothing is told %+v, and elsewhere %+v", m, nothing[0])
		}
	}
	for i, want := range []effect.Answer{effect.Unknown, effect.No, effect.No, effect.Yes, effect.Yes} {
		if answers[i].Answer != want {
			t.Errorf("who decides is told %s, not %s", answers[i].Answer, want)
		}
	}
	if !reflect.DeepEqual(answers[1], answers[2]) || !reflect.DeepEqual(answers[3], answers[4]) {
		t.Error("who decides on the clause learns more than the answer")
	}
}
