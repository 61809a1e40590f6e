package domain

import (
	"testing"
)

// informed is the fixture's policy with facts of every unit.
func informed() Policy {
	p := changning()
	p.District = "310105"
	p.Facts = []Fact{
		{ID: "revenue", Name: Text{"营业收入", "Revenue"}, Unit: UnitMoney, Per: OfYear, Sources: []DepartmentID{"finance"}, Sensitive: true},
		{ID: "staff", Name: Text{"从业人数", "Staff"}, Unit: UnitCount, Per: OfMonth, Sources: []DepartmentID{"human-resources"}},
		{ID: "rd-share", Name: Text{"研发强度", "R&D intensity"}, Unit: UnitPercent, Per: OfYear, Sources: []DepartmentID{"science", "reform"}},
		{ID: "industry", Name: Text{"认定产业", "Recognised industry"}, Unit: UnitCode, Per: FromDay, Means: MeansIndustry,
			Sources: []DepartmentID{"commerce", "investment"}, ConfirmedBy: []DepartmentID{"investment", "reform"}},
		{ID: "place", Name: Text{"所在地", "Place"}, Unit: UnitCode, Per: FromDay, Means: MeansPlace, Sources: []DepartmentID{"market"}},
		{ID: "size", Name: Text{"规模", "Size"}, Unit: UnitCode, Per: FromDay, Means: MeansSize, Sources: []DepartmentID{"reform"},
			Codes: []FactCode{{"large", Text{"大型", "large"}}, {"small", Text{"小型", "small"}}}},
		{ID: "scale", Name: Text{"达规纳统", "Statistical scale"}, Unit: UnitFlag, Per: FromDay, Means: MeansScale, Sources: []DepartmentID{"reform"}},
	}
	return p
}

func known(t testing.TB, more ...Command) *story { return governed(t, informed(), more...) }

// record is a fact of an enterprise, by a clerk of a department.
func record(d DepartmentID, firm EnterpriseID, fact FactID, period, value string) *RecordFact {
	c := &RecordFact{Enterprise: firm, Fact: fact, Period: period, Value: value}
	c.Actor = person(Clerk, d)
	return c
}

func correctFact(d DepartmentID, firm EnterpriseID, fact FactID, period, value string) *CorrectFact {
	c := &CorrectFact{Enterprise: firm, Fact: fact, Period: period, Value: value, Reason: "误报"}
	c.Actor = person(Clerk, d)
	return c
}

func TestAFactIsExactAndOfItsUnitAndPeriod(t *testing.T) {
	for name, c := range map[string]struct {
		command *RecordFact
		reason  Reason
		figures []string
	}{
		"three decimals of an amount":   {record("finance", aiFirm, "revenue", "2024", "1.005"), ReasonFactMoney, nil},
		"an exponent":                   {record("finance", aiFirm, "revenue", "2024", "2e7"), ReasonFactMoney, nil},
		"commas":                        {record("finance", aiFirm, "revenue", "2024", "20,000,000"), ReasonFactMoney, nil},
		"a leading nought":              {record("finance", aiFirm, "revenue", "2024", "020"), ReasonFactMoney, nil},
		"a point and nothing behind it": {record("finance", aiFirm, "revenue", "2024", "20."), ReasonFactMoney, nil},
		"full-width digits":             {record("finance", aiFirm, "revenue", "2024", "２０"), ReasonFactMoney, nil},
		"thirteen digits":               {record("finance", aiFirm, "revenue", "2024", "1000000000000"), ReasonFactMoney, nil},
		"a sum of words":                {record("finance", aiFirm, "revenue", "2024", "二千万"), ReasonFactMoney, nil},
		"half a person":                 {record("human-resources", aiFirm, "staff", "2025-01", "12.5"), ReasonFactCount, nil},
		"less than nobody":              {record("human-resources", aiFirm, "staff", "2025-01", "-1"), ReasonFactCount, nil},
		"five decimals of a percentage": {record("science", aiFirm, "rd-share", "2024", "0.00001"), ReasonFactPercent, []string{"limit", "4"}},
		"a percent sign":                {record("science", aiFirm, "rd-share", "2024", "12%"), ReasonFactPercent, nil},
		"a flag that is true":           {record("reform", aiFirm, "scale", "2025-01-01", "true"), ReasonOneOf, []string{"allowed", "yes, no"}},
		"a size that is not listed":     {record("reform", aiFirm, "size", "2025-01-01", "huge"), ReasonOneOf, []string{"allowed", "large, small"}},
		"an industry that is none":      {record("commerce", aiFirm, "industry", "2025-01-01", "mining"), ReasonOneOf, nil},
		"a division of five digits":     {record("market", aiFirm, "place", "2025-01-01", "31010"), ReasonDivision, nil},
		"a month for a year":            {record("finance", aiFirm, "revenue", "2024-01", "1.00"), ReasonYear, nil},
		"a month without its nought":    {record("human-resources", aiFirm, "staff", "2025-1", "1"), ReasonMonth, nil},
		"the thirteenth month":          {record("human-resources", aiFirm, "staff", "2024-13", "1"), ReasonMonth, nil},
		"a month for a day":             {record("reform", aiFirm, "scale", "2025-01", "yes"), ReasonDate, nil},
		"the thirtieth of February":     {record("reform", aiFirm, "scale", "2025-02-30", "yes"), ReasonDate, nil},
		"an enterprise and a project":   {&RecordFact{Head: Head{Actor: person(Clerk, "market")}, Enterprise: aiFirm, Project: "P", Fact: "place", Period: "2025-01-01", Value: "310105"}, ReasonEitherSubject, nil},
		"a digest that is none":         {&RecordFact{Head: Head{Actor: person(Clerk, "market")}, Enterprise: aiFirm, Fact: "place", Period: "2025-01-01", Value: "310105", SHA256: "AB"}, ReasonDigest, nil},
		"the industry of a project":     {&RecordFact{Head: Head{Actor: person(Clerk, "commerce")}, Project: "P", Fact: "industry", Period: "2025-01-01", Value: "ai"}, ReasonOfEnterprise, nil},
	} {
		t.Run(name, func(t *testing.T) {
			known(t, submit("A", aiFirm, "4", "P", in(2025, "1.00"))).when(c.command).refused(CodeFieldInvalid, "R11", append(c.figures, "reason", string(c.reason))...)
		})
	}
}

func TestAFactIsRefusedByItsOwnCode(t *testing.T) {
	for name, c := range map[string]struct {
		command    Command
		code, rule string
		figures    []string
	}{
		"unknown":                            {record("finance", aiFirm, "profit", "2024", "1.00"), CodeFactUnknown, "R10", []string{"fact", "profit"}},
		"of a year to come":                  {record("finance", aiFirm, "revenue", "2026", "1.00"), CodeDateInFuture, "R14", []string{"date", "2026-01-01"}},
		"of a month to come":                 {record("human-resources", aiFirm, "staff", "2025-04", "1"), CodeDateInFuture, "R14", nil},
		"from tomorrow on":                   {record("reform", aiFirm, "scale", "2025-03-02", "yes"), CodeDateInFuture, "R14", nil},
		"by a department that is no source":  {record("commerce", aiFirm, "revenue", "2024", "1.00"), CodeDepartmentNotAllowed, "R9", []string{"allowed", "finance"}},
		"by one that only confirms":          {record("reform", aiFirm, "industry", "2025-01-01", "ai"), CodeDepartmentNotAllowed, "R9", []string{"allowed", "commerce, investment"}},
		"by nobody's clerk":                  {record("", aiFirm, "revenue", "2024", "1.00"), CodeDepartmentNotAllowed, "R9", nil},
		"of nobody":                          {record("finance", "", "revenue", "2024", "1.00"), CodeFieldMissing, "R11", []string{"field", "enterprise"}},
		"of an enterprise that is not known": {record("finance", code(77), "revenue", "2024", "1.00"), CodeEnterpriseUnknown, "R10", nil},
		"of a project that is not known": {&RecordFact{Head: Head{Actor: person(Clerk, "market")}, Project: "Q", Fact: "place", Period: "2025-01-01", Value: "310105"},
			CodeProjectUnknown, "R2", []string{"project", "Q"}},
		"without a value":               {record("finance", aiFirm, "revenue", "2024", ""), CodeFieldMissing, "R11", []string{"field", "value"}},
		"a second time":                 {record("finance", aiFirm, "revenue", "2023", "2.00"), CodeFactRecorded, "R12", []string{"value", "", "department", "finance"}},
		"a second time, the same":       {record("finance", aiFirm, "revenue", "2023", "1"), CodeFactRecorded, "R12", nil},
		"corrected, never recorded":     {correctFact("finance", aiFirm, "revenue", "2022", "1.00"), CodeFactNotRecorded, "R12", []string{"period", "2022"}},
		"corrected into the same":       {correctFact("finance", aiFirm, "revenue", "2023", "1"), CodeFactUnchanged, "R12", []string{"value", ""}},
		"corrected by no source":        {correctFact("reform", aiFirm, "revenue", "2023", "2.00"), CodeDepartmentNotAllowed, "R9", nil},
		"corrected by who may not give": {by(correctFact("finance", aiFirm, "revenue", "2023", "2.00"), person(Treasurer, "finance")), CodeRoleNotAllowed, "R9", nil},
	} {
		t.Run(name, func(t *testing.T) {
			known(t, record("finance", aiFirm, "revenue", "2023", "1.00")).when(c.command).refused(c.code, c.rule, c.figures...)
		})
	}
	silent := correctFact("finance", aiFirm, "revenue", "2023", "2.00")
	silent.Reason = ""
	known(t, record("finance", aiFirm, "revenue", "2023", "1.00")).when(silent).refused(CodeFieldMissing, "R11", "field", "reason")
}

// A value is kept in one spelling, and what was written beside it.
func TestAFactHasOneSpelling(t *testing.T) {
	for value, is := range map[string]string{"20000000": "20000000.00", "20000000.5": "20000000.50", "-0.01": "-0.01", "0": "0.00", "999999999999.99": "999999999999.99"} {
		e := known(t).when(record("finance", aiFirm, "revenue", "2024", value)).then("fact_recorded").history
		got := e[len(e)-1].event.(*FactRecorded)
		if got.Value != is || written(got.Written, got.Value) != value {
			t.Errorf("%s is kept as %s, written %s", value, got.Value, got.Written)
		}
		if c := CommandOf(got, Head{}).(*RecordFact); c.Value != value {
			t.Errorf("the command of %s says %s", value, c.Value)
		}
	}
	st := known(t, record("science", aiFirm, "rd-share", "2024", "12.50"))
	if k, _ := st.state.FactOf(FactSubject{Enterprise: aiFirm}, "rd-share", "2024"); k.Value != "12.5" {
		t.Errorf("12.50 %% is kept as %s", k.Value)
	}
	if k, is := st.state.FactOf(FactSubject{Enterprise: aiFirm}, "rd-share", "2025"); is {
		t.Errorf("a year that nobody recorded has %v", k)
	}
}

// R10 asks the fact of the business date: an enterprise registered `ai` and recognised `smart-internet` from 2026-01-01 on is served by 1.1a the day before,
// and not the day after.
func TestR10AsksTheFactsOfTheBusinessDate(t *testing.T) {
	p := informed()
	p.Facts[3].ConfirmedBy = nil
	st := governed(t, p).on("2026-01-05").and(record("commerce", aiFirm, "industry", "2026-01-01", "smart-internet"))
	on := func(id ApplicationID, date string) *SubmitApplication {
		c := submit(id, aiFirm, "1.1a", "", in(2026, "1.00"))
		c.Date = day(date)
		return c
	}
	st.when(on("A", "2026-01-02")).refused(CodeIndustryNotServed, "R10", "industry", "smart-internet").
		when(on("B", "2025-12-31")).then("application_submitted")
	if e := st.history[len(st.history)-1].event.(*ApplicationSubmitted); len(e.Facts) != 0 {
		t.Errorf("an application of before the recognition rests on %v", e.Facts)
	}
	st.when(&CorrectEnterprise{Enterprise: aiFirm, Industry: "commerce-finance", Reason: "更正"}).refused(CodeFactDecides, "R10", "fact", "industry")
	other := submit("C", aiFirm, "1.1b", "", in(2026, "1.00"))
	st.when(other).then("application_submitted")
	e := st.history[len(st.history)-1].event.(*ApplicationSubmitted)
	if len(e.Facts) != 1 || e.Facts[0] != (FactUsed{"industry", "2026-01-01", "smart-internet"}) {
		t.Errorf("the application rests on %v", e.Facts)
	}
	// What was recorded wrongly is corrected, and nothing that was decided changes.
	st.when(correctFact("commerce", aiFirm, "industry", "2026-01-01", "ai")).then("fact_corrected").
		when(on("D", "2026-01-02")).then("application_submitted")
}

// A recognition counts once a second department, and a second person, says the same.
func TestARecognitionIsConfirmedByASecondDepartment(t *testing.T) {
	of := FactSubject{Enterprise: aiFirm}
	first := record("investment", aiFirm, "industry", "2025-02-01", "smart-internet")
	st := known(t, first)
	if _, is := st.state.Meant(MeansIndustry, of, day("2025-03-01")); is {
		t.Error("a recognition by one department counts")
	}
	st.when(submit("A", aiFirm, "1.1a", "", in(2025, "1.00"))).then("application_submitted").
		when(record("investment", aiFirm, "industry", "2025-02-01", "smart-internet")).refused(CodeFactRecorded, "R12").
		when(record("commerce", aiFirm, "industry", "2025-02-01", "smart-internet")).refused(CodeDepartmentNotAllowed, "R9", "allowed", "investment, reform").
		when(record("reform", aiFirm, "industry", "2025-02-01", "ai")).refused(CodeFactDiffers, "R10", "value", "smart-internet", "asked", "ai").
		when(by(record("reform", aiFirm, "industry", "2025-02-01", "smart-internet"), Actor{ID: first.Actor.ID, Role: Approver, Department: "reform"})).
		refused(CodeFourEyes, "R9").
		when(record("reform", aiFirm, "industry", "2025-02-01", "smart-internet")).then("fact_recorded").
		when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10").
		when(record("reform", aiFirm, "industry", "2025-02-01", "smart-internet")).refused(CodeFactRecorded, "R12")
	if v, _ := st.state.Enterprise(aiFirm); v.Industry != "smart-internet" {
		t.Errorf("the industry is %s", v.Industry)
	}
	// A correction has to be confirmed again; until then what two departments recognised stands, for one alone takes nothing away.
	st.when(correctFact("investment", aiFirm, "industry", "2025-02-01", "fashion-consumption")).found().
		when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10").
		when(correctFact("investment", aiFirm, "industry", "2025-02-01", "aviation-transport")).then("fact_corrected").
		when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10")
	if v, _ := st.state.Enterprise(aiFirm); v.Industry != "smart-internet" {
		t.Errorf("one department made it %s", v.Industry)
	}
	st.when(record("reform", aiFirm, "industry", "2025-02-01", "aviation-transport")).then("fact_recorded").
		when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).then("application_submitted")
}

// A recognition of an earlier day says what was approved since that the clause would not serve.
func TestARecognitionFindsWhatWasApprovedSince(t *testing.T) {
	p := informed()
	p.Facts[3].ConfirmedBy = nil
	governed(t, p).approved(submit("A", aiFirm, "1.1a", "", in(2025, "5.00"))).on("2025-04-01").
		when(record("commerce", aiFirm, "industry", "2025-02-01", "smart-internet")).found(CodeIndustryNotServed).
		when(record("commerce", aiFirm, "industry", "2025-03-15", "ai")).found()
}

// Who is outside the district, by the code or by the fact, and is not admitted is found when support is approved.
func TestWhoIsOutsideTheDistrictIsFound(t *testing.T) {
	first := "91310104MA1FW0001"
	check, _ := CreditCodeCheck(first)
	outside := EnterpriseID(first + string(check))
	ready := func(more ...Command) *story {
		st := known(t, &RegisterEnterprise{Enterprise: outside, Title: "区外企业", Industry: "ai"})
		return st.and(more...).ready(submit("A", outside, "4", "P", in(2025, "1.00")))
	}
	ready().when(approve("A", in(2025, "1.00"))).found(CodeOutsideDistrict)
	ready(record("market", outside, "place", "2025-01-01", "310105")).when(approve("A", in(2025, "1.00"))).found()
	ready(record("market", outside, "place", "2025-01-01", "310115")).when(approve("A", in(2025, "1.00"))).found(CodeOutsideDistrict)
	ready(&AdmitBeneficiary{Enterprise: outside, Document: "长府〔2025〕9 号"}).when(approve("A", in(2025, "1.00"))).found()
	st := ready(record("market", outside, "place", "2025-03-01", "310105"))
	st.when(approve("A", in(2025, "1.00"))).found()
	if e := st.history[len(st.history)-1].event.(*ApplicationApproved); len(e.Facts) != 1 || e.Facts[0].Value != "310105" {
		t.Errorf("the approval rests on %v", e.Facts)
	}
}

// A fund that was published without facts begins to keep them; what it keeps stays what it is, also under a policy that follows.
func TestAPolicyIsGivenFacts(t *testing.T) {
	facts := informed().Facts
	add := func(f ...Fact) *AmendPolicy {
		return &AmendPolicy{EffectiveOn: day("2025-03-01"), Document: "长财〔2025〕1 号", AddFacts: f}
	}
	st := given(t).when(record("finance", aiFirm, "revenue", "2024", "1.00")).refused(CodeFactUnknown, "R10").
		when(add(facts[:2]...)).then("policy_amended").
		when(record("finance", aiFirm, "revenue", "2024", "1.00")).then("fact_recorded").
		when(add(facts[0])).refused(CodePolicyInvalid, "R7").
		when(&AmendPolicy{EffectiveOn: day("2025-03-01"), Document: "D", District: "3101"}).refused(CodePolicyInvalid, "R7", "path", "district").
		when(&AmendPolicy{EffectiveOn: day("2025-03-01"), Document: "D", District: "310105"}).then("policy_amended")
	next := follows(changning(), "next", "n", Term{day("2027-01-01"), day("2027-12-31")}, Fresh, "6")
	other := facts[0]
	other.Unit = UnitCount
	next.Facts = []Fact{other}
	st.when(publish(next)).refused(CodeFactOtherwise, "R7", "field", "facts.unit", "value", "count", "limit", "cny")
	open := facts[0] // what lies on the log was given as not for everybody
	open.Sensitive = false
	next.Facts = []Fact{open}
	st.when(publish(next)).refused(CodeFactOtherwise, "R7", "field", "facts.sensitive")
	next.Facts = []Fact{facts[0]}
	next.Facts[0].Name = Text{"营收", "Turnover"}
	st.when(publish(next)).then("policy_published")
	if k, is := st.state.FactOf(FactSubject{Enterprise: aiFirm}, "revenue", "2024"); !is || k.Value != "1.00" {
		t.Errorf("under the policy that follows revenue is %v", k)
	}
	if f, _ := st.state.Policy().Fact("revenue"); f.Name.EN != "Turnover" {
		t.Errorf("the fact is called %v", f.Name)
	}
}

func TestAPolicysFactsAreChecked(t *testing.T) {
	for path, spoil := range map[string]func(*Policy){
		"facts[0].id":              func(p *Policy) { p.Facts[0].ID = "" },
		"facts[1].id":              func(p *Policy) { p.Facts[1].ID = "revenue" },
		"facts[0].name":            func(p *Policy) { p.Facts[0].Name.EN = "" },
		"facts[0].unit":            func(p *Policy) { p.Facts[0].Unit = "usd" },
		"facts[0].per":             func(p *Policy) { p.Facts[0].Per = "week" },
		"facts[0].sources":         func(p *Policy) { p.Facts[0].Sources = nil },
		"facts[0].sources[0]":      func(p *Policy) { p.Facts[0].Sources = []DepartmentID{"tax"} },
		"facts[2].sources[1]":      func(p *Policy) { p.Facts[2].Sources = []DepartmentID{"reform", "reform"} },
		"facts[0].confirmed_by":    func(p *Policy) { p.Facts[0].ConfirmedBy = []DepartmentID{"finance"} },
		"facts[3].confirmed_by[0]": func(p *Policy) { p.Facts[3].ConfirmedBy = []DepartmentID{"tax"} },
		"facts[3].unit":            func(p *Policy) { p.Facts[3].Unit = UnitMoney },
		"facts[3].per":             func(p *Policy) { p.Facts[3].Per = OfYear },
		"facts[4].means":           func(p *Policy) { p.Facts[4].Means = MeansIndustry },
		"facts[5].means":           func(p *Policy) { p.Facts[5].Means = "weight" },
		"facts[5].codes":           func(p *Policy) { p.Facts[5].Codes = nil },
		"facts[5].codes[1].id":     func(p *Policy) { p.Facts[5].Codes[1].ID = "large" },
		"facts[6].unit":            func(p *Policy) { p.Facts[6].Unit = UnitCount },
		"facts[0].codes":           func(p *Policy) { p.Facts[0].Codes = []FactCode{{"a", Text{"甲", "a"}}} },
		"district":                 func(p *Policy) { p.District = "Changning" },
	} {
		p := informed()
		spoil(&p)
		err := p.Validate()
		if fault, is := err.(*PolicyError); !is || fault.Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := func() error { p := informed(); return p.Validate() }(); err != nil {
		t.Error(err)
	}
}

// A history tells facts by what the policy calls them and their values; without the policy, by their ids.
func TestAHistoryTellsFactsByTheirNames(t *testing.T) {
	p := informed()
	for _, c := range []struct {
		event Event
		want  Text
	}{
		{&FactRecorded{Fact: "size", Period: "2025-01-01", Value: "large"}, Text{"记录 规模（2025-01-01）：大型", "Size of 2025-01-01 recorded: large"}},
		{&FactRecorded{Fact: "revenue", Period: "2024", Value: "1000.00", Sensitive: true}, Text{"记录 营业收入（2024），值限定查阅", "Revenue of 2024 recorded; its value is for those who need it"}},
		{&FactCorrected{Fact: "scale", Period: "2025-01-01", Previous: "yes", Value: "no", Reason: "R"}, Text{"达规纳统（2025-01-01）由 是 更正为 否：R", "Statistical scale of 2025-01-01 corrected from yes to no: R"}},
		{&FactRecorded{Fact: "gone", Period: "2024", Value: "x"}, Text{"记录 gone（2024）：x", "gone of 2024 recorded: x"}},
	} {
		if got := DescribeUnder(&p, c.event); got != c.want {
			t.Errorf("%v is told %v", c.event, got)
		}
		if got := DescribeUnder(nil, c.event); got != Describe(c.event) {
			t.Errorf("without a policy %v", got)
		}
	}
}
