package domain

import (
	"errors"
	"strings"
	"testing"
)

// asking is the informed policy with conditions of one clause.
func asking(clause ClauseID, list ...Condition) Policy {
	p := informed()
	for i := range p.Clauses {
		if p.Clauses[i].ID == clause {
			p.Clauses[i].Conditions = list
		}
	}
	return p
}

// revenueOf compares the revenue of a period.
func revenueOf(period string, is Comparison, value string) Condition {
	return Condition{Fact: "revenue", Period: period, Is: is, Value: value}
}

func TestWhatIsWrongInAConditionIsToldByItsPlace(t *testing.T) {
	fine := revenueOf("year-1", AtLeast, "20000000.00")
	deep := fine
	for range 5 {
		deep = Condition{Not: &Condition{All: []Condition{deep}}}
	}
	many := make([]Condition, 51)
	for i := range many {
		many[i] = fine
	}
	for name, c := range map[string]struct {
		list []Condition
		at   string
		says string
	}{
		"an unknown fact":              {[]Condition{{Fact: "profit", Period: "year", Is: AtLeast, Value: "1"}}, "[0].fact", "profit"},
		"none of the four":             {[]Condition{{Period: "year"}}, "[0]", "one of all"},
		"two of the four":              {[]Condition{{Fact: "revenue", Any: []Condition{fine}}}, "[0]", "no two"},
		"a period beside all":          {[]Condition{{All: []Condition{fine}, Period: "year"}}, "[0]", "beside a fact"},
		"an empty all":                 {[]Condition{{All: []Condition{}}}, "[0].all", "needs a condition"},
		"an empty any below":           {[]Condition{fine, {Not: &Condition{Any: []Condition{}}}}, "[1].not.any", "needs a condition"},
		"an exponent":                  {[]Condition{revenueOf("year", AtLeast, "2e7")}, "[0].value", ""},
		"three decimals of an amount":  {[]Condition{{Any: []Condition{fine, revenueOf("year", AtLeast, "0.005")}}}, "[0].any[1].value", ""},
		"five of a percentage":         {[]Condition{{Fact: "rd-share", Period: "year", Is: MoreThan, Value: "0.00001"}}, "[0].value", "4"},
		"a count that is none":         {[]Condition{{Fact: "staff", Period: "year/12", Is: MoreThan, Value: "1.5"}}, "[0].value", ""},
		"no value":                     {[]Condition{revenueOf("year", AtLeast, "")}, "[0].value", "needed"},
		"another comparison":           {[]Condition{revenueOf("year", "=>", "1")}, "[0].is", ">="},
		"what only a negation makes":   {[]Condition{{Fact: "size", Period: "day", Is: NotAmong, Values: []string{"large"}}}, "[0].is", ""},
		"codes by size":                {[]Condition{{Fact: "size", Period: "day", Is: AtLeast, Value: "large"}}, "[0].is", "=="},
		"numbers among some":           {[]Condition{{Fact: "revenue", Period: "year", Is: Among, Values: []string{"1"}}}, "[0].is", "numbers"},
		"in without values":            {[]Condition{{Fact: "size", Period: "day", Is: Among, Value: "large"}}, "[0].values", "values"},
		"values of one":                {[]Condition{{Fact: "size", Period: "day", Is: Equal, Values: []string{"large"}}}, "[0].values", "value"},
		"a code that is not listed":    {[]Condition{{Fact: "size", Period: "day", Is: Among, Values: []string{"large", "huge"}}}, "[0].values[1]", "large, small"},
		"a code twice":                 {[]Condition{{Fact: "size", Period: "day", Is: Among, Values: []string{"large", "large"}}}, "[0].values[1]", "twice"},
		"a flag that is true":          {[]Condition{{Fact: "scale", Period: "day", Is: Equal, Value: "true"}}, "[0].value", "yes, no"},
		"a month of a yearly fact":     {[]Condition{revenueOf("year/12", AtLeast, "1")}, "[0].period", "year-1"},
		"a year of a monthly fact":     {[]Condition{{Fact: "staff", Period: "year", Is: AtLeast, Value: "1"}}, "[0].period", "year-1/12"},
		"the day of a yearly fact":     {[]Condition{revenueOf("day", AtLeast, "1")}, "[0].period", "year"},
		"a year to come":               {[]Condition{revenueOf("year+1", AtLeast, "1")}, "[0].period", ""},
		"the year itself as before it": {[]Condition{revenueOf("year-0", AtLeast, "1")}, "[0].period", ""},
		"too long ago":                 {[]Condition{revenueOf("year-21", AtLeast, "1")}, "[0].period", ""},
		"no period":                    {[]Condition{revenueOf("", AtLeast, "1")}, "[0].period", ""},
		"a day that not each year has": {[]Condition{{Fact: "scale", Period: "year/02-29", Is: Equal, Value: "yes"}}, "[0].period", ""},
		"a month that is none":         {[]Condition{{Fact: "staff", Period: "2025-13", Is: AtLeast, Value: "1"}}, "[0].period", ""},
		"a project under another":      {[]Condition{{Fact: "revenue", Of: SubjectProject, Period: "year", Is: AtLeast, Value: "1"}}, "[0].of", "projects"},
		"of an award":                  {[]Condition{{Fact: "revenue", Of: SubjectAward, Period: "year", Is: AtLeast, Value: "1"}}, "[0].of", "project"},
		"too deep":                     {[]Condition{deep}, "[0].not.all[0].not.all[0].not", "5"},
		"too many":                     {many, "[50]", "50"},
	} {
		t.Run(name, func(t *testing.T) {
			p := asking("1.1a", c.list...)
			var fault *PolicyError
			if err := p.Validate(); !errors.As(err, &fault) {
				t.Fatalf("it is taken: %v", err)
			}
			if fault.Path != "clauses[0].conditions"+c.at || !strings.Contains(fault.Reason.EN, c.says) || fault.Reason.ZH == fault.Reason.EN ||
				strings.Contains(fault.Reason.ZH+fault.Reason.EN, "%!") {
				t.Errorf("it is told at %s: %q, %q", fault.Path, fault.Reason.EN, fault.Reason.ZH)
			}
		})
	}
	p := asking("1.1a", fine, Condition{Any: []Condition{{Fact: "scale", Period: "day", Is: Equal, Value: "yes"}, {Not: &Condition{Fact: "size", Period: "year-1/12-31", Is: Among,
		Values: []string{"large", "small"}}}}}, Condition{Fact: "staff", Period: "2024-12", Is: LessThan, Value: "500"})
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	told := p.TellConditions(p.Clauses[0].Conditions, 0)
	if want := "支持年度上一年营业收入不低于 20,000,000.00 元，且（当日达规纳统为是，或并非（支持年度上一年（12-31）规模属于大型、小型）），且2024-12 从业人数低于 500"; told.ZH != want {
		t.Errorf("it is told\n%s, not\n%s", told.ZH, want)
	}
	if told := p.TellConditions(p.Clauses[0].Conditions[:1], 2026); told.EN != "Revenue of 2025 at least CNY 20,000,000.00" || told.ZH != "2025 年营业收入不低于 20,000,000.00 元" {
		t.Errorf("%q, %q", told.EN, told.ZH)
	}
}

// A comparison says by how much it misses, to the last of its unit's decimals.
func TestAComparisonSaysByHowMuchItMisses(t *testing.T) {
	money, share, staff := Fact{Unit: UnitMoney}, Fact{Unit: UnitPercent}, Fact{Unit: UnitCount}
	for _, c := range []struct {
		f           Fact
		value       string
		is          Comparison
		with, short string
	}{
		{money, "19999999.99", AtLeast, "20000000.00", "0.01"}, {money, "20000000.00", AtLeast, "20000000", ""}, {money, "20000000.00", MoreThan, "20000000", "0.01"},
		{money, "-1.00", AtLeast, "0", "1.00"}, {money, "20000000.01", AtMost, "20000000.00", "0.01"}, {money, "20000000.00", LessThan, "20000000.00", "0.01"},
		{share, "3", MoreThan, "3.0", "0.0001"}, {share, "3.0001", MoreThan, "3", ""}, {staff, "9", MoreThan, "9", "1"}, {staff, "9", Equal, "10", "1"},
		{money, "999999999999.99", AtLeast, "999999999999.99", ""},
	} {
		holds, short := c.f.Compare(c.value, c.is, []string{c.with})
		if holds != (c.short == "") || short != c.short {
			t.Errorf("%s %s %s: %t, short by %q, not %q", c.value, c.is, c.with, holds, short, c.short)
		}
		if against, _ := c.f.Compare(c.value, c.is.Opposite(), []string{c.with}); against == holds {
			t.Errorf("%s %s %s and its opposite: both %t", c.value, c.is, c.with, holds)
		}
	}
	if holds, _ := money.Compare("1.00", Unequal, []string{"1"}); holds {
		t.Error("1.00 is not 1")
	}
}

// An amendment gives an existing clause conditions from a day on, with the facts that they ask, changes them, and takes them away.
func TestAnAmendmentGivesAClauseConditions(t *testing.T) {
	amend := func(c *AmendPolicy) *AmendPolicy {
		c.EffectiveOn, c.Document, c.Actor = day("2025-04-01"), "长财〔2025〕1 号", Actor{ID: "root", Role: Admin}
		return c
	}
	fact := Fact{ID: "profit", Name: Text{"利润", "Profit"}, Unit: UnitMoney, Per: OfYear, Sources: []DepartmentID{"finance"}}
	asks := Condition{Fact: "profit", Period: "year-1", Is: MoreThan, Value: "0"}
	st := governed(t, informed())
	st.when(amend(&AmendPolicy{Clause: "1.1a", Conditions: []Condition{asks}})).refused(CodePolicyInvalid, "R7", "path", "clauses.1.1a.conditions[0].fact")
	st.when(amend(&AmendPolicy{Conditions: []Condition{asks}})).refused(CodeFieldMissing, "R11", "field", "clause")
	st.when(amend(&AmendPolicy{Clause: "1.1a", Conditions: []Condition{}})).refused(CodePolicyAmendmentEmpty, "R7")
	c := amend(&AmendPolicy{Clause: "1.1a", Conditions: []Condition{asks}, AddFacts: []Fact{fact}})
	st.when(c).then("policy_amended")
	st = governed(t, informed(), c)
	if n := len(st.state.ClauseOn("1.1a", day("2025-03-31")).Conditions); n != 0 {
		t.Errorf("the day before it has %d", n)
	}
	if is := st.state.ClauseOn("1.1a", day("2025-04-01")).Conditions; len(is) != 1 || is[0].Fact != "profit" {
		t.Errorf("from that day on it has %v", is)
	}
	st.when(amend(&AmendPolicy{Clause: "1.1a", Conditions: []Condition{asks}})).refused(CodePolicyAmendmentEmpty, "R7")
	st.when(amend(&AmendPolicy{Clause: "1.1a", Conditions: []Condition{}})).then("policy_amended")
	added := Clause{ID: "9", Name: Text{"新", "new"}, Departments: []DepartmentID{"finance"}, Cap: Cap{Subject: SubjectEnterprise, Period: PerYear}, Conditions: []Condition{asks}}
	governed(t, informed()).when(amend(&AmendPolicy{AddClause: &added, AddFacts: []Fact{fact}})).then("policy_amended")
	governed(t, informed()).when(amend(&AmendPolicy{AddClause: &added})).refused(CodePolicyInvalid, "R7")
}
