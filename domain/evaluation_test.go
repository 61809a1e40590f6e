package domain

import (
	"reflect"
	"slices"
	"testing"
)

// measured is the fixture's policy with two indicators of clause 4: one by a fact, one that people score.
func measured() Policy {
	p := changning()
	p.Facts = []Fact{{ID: "revenue", Name: Text{"营收", "Revenue"}, Unit: UnitMoney, Per: OfYear, Sources: []DepartmentID{"finance"}},
		{ID: "scale", Name: Text{"达规", "Scale"}, Unit: UnitFlag, Per: FromDay, Sources: []DepartmentID{"finance"}}}
	p.Indicators = []Indicator{
		{ID: "growth", Clause: "4", Name: Text{"营收增长", "Growth"}, Fact: "revenue", Better: BetterMore, Baseline: PreviousYear, Weight: 70, Group: GroupBenefit},
		{ID: "content", Clause: "4", Name: Text{"满意度", "Satisfaction"}, Better: BetterMore, Baseline: PreviousYear, Weight: 30, Group: GroupSatisfaction},
	}
	return p
}

func evaluated(id EvaluationID, kind EvaluationKind, scores ...Score) *RecordEvaluation {
	if scores == nil {
		scores = []Score{{"growth", "90"}, {"content", "85.5"}}
	}
	return &RecordEvaluation{Evaluation: id, Clause: "4", Year: 2025, Kind: kind, Conclusion: "总体较好", Scores: scores}
}

var (
	scienceClerk    = Actor{ID: "zi", Role: Clerk, Department: "science"}
	scienceApprover = Actor{ID: "bu", Role: Approver, Department: "science"}
	treasurer       = Actor{ID: "cai", Role: Treasurer, Department: "finance"}
)

func TestIndicatorsAreWhole(t *testing.T) {
	good := measured()
	if faults := good.Faults(); len(faults) > 0 {
		t.Fatal(faults[0])
	}
	for name, c := range map[string]struct {
		change func(*Policy)
		path   string
	}{
		"weights that come to 99":     {func(p *Policy) { p.Indicators[0].Weight = 69 }, "indicators[1].weight"},
		"a weight of nought":          {func(p *Policy) { p.Indicators[0].Weight = 0 }, "indicators[0].weight"},
		"an unknown fact":             {func(p *Policy) { p.Indicators[0].Fact = "profit" }, "indicators[0].fact"},
		"a fact that is no number":    {func(p *Policy) { p.Indicators[0].Fact = "scale" }, "indicators[0].fact"},
		"an unknown clause":           {func(p *Policy) { p.Indicators[1].Clause = "9" }, "indicators[1].clause"},
		"a clause without accounts":   {func(p *Policy) { p.Indicators[1].Clause = "1.3a" }, "indicators[1].clause"},
		"an id twice":                 {func(p *Policy) { p.Indicators[1].ID = "growth" }, "indicators[1].id"},
		"no direction":                {func(p *Policy) { p.Indicators[0].Better = "" }, "indicators[0].better"},
		"another baseline":            {func(p *Policy) { p.Indicators[0].Baseline = "best_year" }, "indicators[0].baseline"},
		"an unknown group":            {func(p *Policy) { p.Indicators[0].Group = "luck" }, "indicators[0].group"},
		"a name in one language only": {func(p *Policy) { p.Indicators[0].Name.EN = "" }, "indicators[0].name"},
	} {
		p := measured()
		p.Indicators = slices.Clone(p.Indicators)
		c.change(&p)
		if faults := p.Faults(); len(faults) != 1 || faults[0].Path != c.path {
			t.Errorf("%s: %v", name, faults)
		}
	}
	p := measured()
	p.ClausePrefix = "N-"
	if p = p.Prefixed(); p.Indicators[0].Clause != "N-4" || len(p.Faults()) > 0 {
		t.Errorf("with a prefix: %+v, %v", p.Indicators[0], p.Faults())
	}
}

func TestAnAmendmentGivesAClauseIndicators(t *testing.T) {
	p := measured()
	list := p.Indicators
	p.Indicators = nil
	amend := func(list []Indicator) *AmendPolicy {
		return &AmendPolicy{Clause: "4", EffectiveOn: day("2025-04-01"), Document: "长府办〔2025〕9号", Indicators: list}
	}
	st := governed(t, p)
	st.when(by(evaluated("E", SelfEvaluation), scienceClerk)).refused(CodeIndicatorsMissing, "R9", "clause", "4")
	other := slices.Clone(list)
	other[0].Clause = "5"
	st.when(amend(other)).refused(CodePolicyInvalid, "R7", "path", "indicators[0].clause")
	st.when(amend(list[:1])).refused(CodePolicyInvalid, "R7", "path", "indicators[0].weight")
	st.when(amend(list)).then("policy_amended")
	if got := st.state.Policy().IndicatorsOf("4"); !slices.Equal(got, list) {
		t.Errorf("clause 4 has %v", got)
	}
	st.when(amend(list)).refused(CodePolicyAmendmentEmpty, "R7")
	st.and(amend([]Indicator{}))
	if got := st.state.Policy().IndicatorsOf("4"); len(got) > 0 {
		t.Errorf("clause 4 has %v still", got)
	}
	st.when(&AmendPolicy{EffectiveOn: day("2025-04-01"), Document: "d", Indicators: list}).refused(CodeFieldMissing, "R11", "field", "clause")
}

func TestATargetIsSetAndSetAnew(t *testing.T) {
	target := func(id IndicatorID, year SupportYear, value string) *SetTarget {
		return &SetTarget{Clause: "4", Indicator: id, Year: year, Value: value}
	}
	st := governed(t, measured())
	st.when(by(target("growth", 2025, "1"), Actor{ID: "x", Role: Clerk, Department: "market"})).refused(CodeDepartmentNotAllowed, "R9")
	st.when(by(target("growth", 2025, "1"), Actor{ID: "x", Role: Clerk, Department: "finance"})).then("target_set")
	st.when(target("luck", 2025, "1")).refused(CodeIndicatorUnknown, "R9", "indicator", "luck")
	st.when(target("content", 2025, "1")).refused(CodeIndicatorUnmeasured, "R9", "indicator", "content")
	st.when(target("growth", 0, "1")).refused(CodeFieldMissing, "R11", "field", "year")
	st.when(target("growth", 2031, "1")).refused(CodeYearOutsideTerm, "R8")
	st.when(target("growth", 2025, "much")).refused(CodeFieldInvalid, "R11", "field", "value")
	st.and(target("growth", 2025, "100"))
	if got := st.state.Target("4", "growth", 2025); got != "100.00" {
		t.Errorf("the target is %q", got)
	}
	st.and(target("growth", 2025, "200"))
	if e := st.history[len(st.history)-1].event.(*TargetSet); e.Previous != "100.00" || e.Value != "200.00" {
		t.Errorf("set anew: %+v", e)
	}
}

func TestAnEvaluationIsWeighedAndGraded(t *testing.T) {
	st := governed(t, measured())
	st.when(by(evaluated("", SelfEvaluation), scienceClerk)).refused(CodeFieldMissing, "R11", "field", "evaluation")
	st.when(by(evaluated("E", "neighbour"), scienceClerk)).refused(CodeFieldInvalid, "R11", "field", "kind")
	st.when(by(evaluated("E", SelfEvaluation), treasurer)).refused(CodeRoleNotAllowed, "R9")
	st.when(by(evaluated("E", SelfEvaluation), Actor{ID: "x", Role: Clerk, Department: "market"})).refused(CodeDepartmentNotAllowed, "R9")
	st.when(by(evaluated("E", FinanceEvaluation), scienceApprover)).refused(CodeRoleNotAllowed, "R9")
	for name, c := range map[string]struct {
		scores []Score
		code   string
	}{
		"one is missing":        {[]Score{{"growth", "90"}}, CodeScoresIncomplete},
		"one stands twice":      {[]Score{{"growth", "90"}, {"growth", "90"}}, CodeFieldInvalid},
		"one is none":           {[]Score{{"luck", "90"}}, CodeIndicatorUnknown},
		"one is beyond 100":     {[]Score{{"growth", "100.01"}}, CodeFieldInvalid},
		"one is below nought":   {[]Score{{"growth", "-1"}}, CodeFieldInvalid},
		"one is too exact":      {[]Score{{"growth", "1.001"}}, CodeFieldInvalid},
		"one is not a number":   {[]Score{{"growth", "NaN"}}, CodeFieldInvalid},
		"none is given":         {[]Score{}, CodeScoresIncomplete},
		"one has an exponent":   {[]Score{{"growth", "1e1"}}, CodeFieldInvalid},
		"one is an empty score": {[]Score{{"growth", ""}}, CodeFieldInvalid},
	} {
		if _, r := st.decide(by(evaluated("E", SelfEvaluation, c.scores...), scienceClerk)); r == nil || r.Code != c.code {
			t.Errorf("%s: %v", name, r)
		} else {
			readable(t, r)
		}
	}
	pinned := evaluated("E", SelfEvaluation)
	pinned.At = st.state.happened + 1
	st.when(by(pinned, scienceClerk)).refused(CodeFieldInvalid, "R11", "field", "at")
	unconcluded := evaluated("E", SelfEvaluation)
	unconcluded.Conclusion = ""
	st.when(by(unconcluded, scienceClerk)).refused(CodeFieldMissing, "R11", "field", "conclusion")
	future := evaluated("E", SelfEvaluation)
	future.Year = 2026
	st.when(by(future, scienceClerk)).refused(CodeYearOutsideTerm, "R8")

	at := st.state.happened
	st.and(by(evaluated("E", SelfEvaluation), scienceClerk))
	e := st.history[len(st.history)-1].event.(*EvaluationRecorded)
	// 0.7 · 90 + 0.3 · 85.5 = 88.65
	if e.Total != "88.65" || e.Grade != GradeGood || e.At != at || !e.Now || !slices.Equal(e.Weights, []int{70, 30}) || e.Scores[0].Score != "90" {
		t.Errorf("recorded: %+v", e)
	}
	st.when(by(evaluated("e ", SelfEvaluation), scienceClerk)).refused(CodeFieldInvalid, "R11")
	st.when(by(evaluated("e", SelfEvaluation), scienceClerk)).refused(CodeEvaluationExists, "R9", "evaluation", "E")
	for _, c := range []struct {
		score string
		is    Grade
	}{{"90", GradeExcellent}, {"89.99", GradeGood}, {"80", GradeGood}, {"79.99", GradeFair}, {"60", GradeFair}, {"59.99", GradePoor}, {"0", GradePoor}} {
		if got := GradeOf(Score{Score: c.score}.Value()); got != c.is {
			t.Errorf("%s is %s", c.score, got)
		}
	}
}

// Whoever evaluates their own work does not evaluate it for the treasury: neither first nor afterwards, neither themselves nor by a deputy.
func TestWhoEvaluatesThemselvesDoesNotDoSoForTheTreasury(t *testing.T) {
	self := by(evaluated("S", SelfEvaluation), scienceClerk)
	finance := func(id PersonID, of PersonID) Command {
		return by(evaluated("F", FinanceEvaluation), Actor{ID: id, Role: Treasurer, Department: "finance", For: of})
	}
	st := governed(t, measured(), self)
	st.when(finance("zi", "")).refused(CodeFourEyes, "R9", "person", "zi")
	st.when(finance("ｚＩ", "")).refused(CodeFourEyes, "R9")
	st.when(finance("mo", "zi")).refused(CodeFourEyes, "R9", "person", "zi")
	st.when(finance("mo", "")).then("evaluation_recorded")
	st.when(by(evaluated("D", DepartmentEvaluation), scienceApprover)).then("evaluation_recorded")
	st = governed(t, measured(), finance("zi", ""))
	st.when(by(evaluated("S", SelfEvaluation), scienceClerk)).refused(CodeFourEyes, "R9", "person", "zi")
	other := evaluated("S", SelfEvaluation)
	other.Year = 2024
	st.when(by(other, scienceClerk)).then("evaluation_recorded")
}

func TestARectificationIsFollowedUp(t *testing.T) {
	put := func(state RectificationState, of EvaluationID) *RecordRectification {
		c := &RecordRectification{Rectification: "Z", Evaluation: of, State: state, Matter: "补充绩效目标"}
		by(c, scienceClerk)
		return c
	}
	st := governed(t, measured(), by(evaluated("E", SelfEvaluation), scienceClerk), by(evaluated("E2", SelfEvaluation), scienceClerk))
	st.when(put(RectificationOpen, "")).refused(CodeFieldMissing, "R11", "field", "evaluation")
	st.when(put(RectificationOpen, "none")).refused(CodeEvaluationUnknown, "R9", "evaluation", "none")
	st.when(put(RectificationDone, "E")).refused(CodeRectificationUnknown, "R9", "rectification", "Z")
	st.when(put("half", "E")).refused(CodeFieldInvalid, "R11", "field", "state")
	st.when(put("", "E")).refused(CodeFieldMissing, "R11", "field", "state")
	strange := put(RectificationOpen, "E")
	strange.Actor.Department = "market"
	st.when(strange).refused(CodeDepartmentNotAllowed, "R9")
	st.and(put(RectificationOpen, "E"), put(RectificationOpen, ""))
	st.when(put(RectificationOpen, "E2")).refused(CodeRectificationExists, "R9", "evaluation", "E")
	early := put(RectificationDone, "")
	early.Date = day("2025-02-01")
	st.when(early).refused(CodeDateOrder, "R14")
	st.and(put(RectificationDone, ""))
	if e := st.history[len(st.history)-1].event.(*RectificationRecorded); e.Evaluation != "E" || e.Named || e.Clause != "4" || e.Year != 2025 {
		t.Errorf("done: %+v", e)
	}
	st.when(put(RectificationOpen, "E")).refused(CodeRectificationDone, "R9", "rectification", "Z")
}

// What an event says leads back to the command that it answers, to the letter: else its hash could not be made again.
func TestEvaluationsLeadBackToTheirCommands(t *testing.T) {
	st := governed(t, measured())
	for _, c := range []Command{
		&SetTarget{Clause: "4", Indicator: "growth", Year: 2025, Value: "100.5", Document: "D"},
		by(evaluated("E", SelfEvaluation, Score{"content", "85.5"}, Score{"growth", "90"}), scienceClerk),
		by(&RecordRectification{Rectification: "Z", Evaluation: "E", State: RectificationOpen, Matter: "补充", DueOn: day("2025-06-30")}, scienceClerk),
		by(&RecordRectification{Rectification: "Z", State: RectificationDone, Matter: "已补充", Document: "D"}, scienceClerk),
	} {
		st.and(c)
		if again := CommandOf(st.history[len(st.history)-1].event, c.Given()); !reflect.DeepEqual(again, c) {
			t.Errorf("%+v leads back to %+v", c, again)
		}
	}
}
