package domain

import "testing"

// rating is a story with an application of 2025, and the turnover of the year before.
func rating(t testing.TB) *story {
	p := informed()
	p.Facts[0].Sensitive = false
	p.Facts = append(p.Facts, Fact{ID: "tax", Name: Text{"税", "Tax"}, Unit: UnitMoney, Per: OfYear, Sources: []DepartmentID{"finance"}, Sensitive: true})
	return governed(t, p, record("finance", aiFirm, "revenue", "2024", "33333333.33"), record("human-resources", aiFirm, "staff", "2024-12", "40"), record("finance", aiFirm, "tax", "2024", "5.00")).
		and(submit("A", aiFirm, "1.1a", "", in(2025, "2000000.00")), accept("A"), review("A"))
}

func rated15(amount, computed string) *ApproveApplication {
	c := approve("A", in(2025, amount))
	c.Fact, c.Period, c.Rate = "revenue", "2024", "1.5"
	if computed != "" {
		c.Computed = money(computed)
	}
	return c
}

// 1.5 % of 33,333,333.33 is 499,999.99995: 500,000.00 to the fen. What is granted beyond it is found, by how much; what it comes to is judged where it is said.
func TestAnApprovalByRateKeepsWhatItComesTo(t *testing.T) {
	st := rating(t)
	d := st.when(rated15("500000.00", "500000.00"))
	d.then("application_approved")
	e := d.decision.Events[0].(*ApplicationApproved)
	if *e.ByRate != (ByRate{Fact: "revenue", Period: "2024", Rate: "1.5", Computed: money("500000.00")}) || len(e.Facts) == 0 || e.Facts[len(e.Facts)-1] != (FactUsed{"revenue", "2024", "33333333.33"}) {
		t.Errorf("it keeps %+v and %v", e.ByRate, e.Facts)
	}
	d = rating(t).when(rated15("500000.01", ""))
	d.found(CodeRateExceeded)
	if f := FindingsOf(d.decision.Events[0])[0].Figures; f["short_by"] != "0.01" || f["limit"] != "500000.00" || f["asked"] != "500000.01" {
		t.Errorf("it is found with %v", f)
	}
	rating(t).when(rated15("500000.00", "500000.01")).refused(CodeRateDiffers, "R10", "limit", "500000.00", "asked", "500000.01", "value", "33333333.33")
}

func TestWhatCannotBeReckonedByIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ApproveApplication)
		code   string
		fields []string
	}{
		"no such fact":                 {func(c *ApproveApplication) { c.Fact = "profit" }, CodeFactUnknown, nil},
		"nothing of the year":          {func(c *ApproveApplication) { c.Period = "2023" }, CodeFactNotKnown, []string{"period", "2023"}},
		"people":                       {func(c *ApproveApplication) { c.Fact, c.Period = "staff", "2024-12" }, CodeFieldInvalid, []string{"field", "fact"}},
		"what most may not read":       {func(c *ApproveApplication) { c.Fact = "tax" }, CodeFieldInvalid, []string{"field", "fact"}},
		"a month":                      {func(c *ApproveApplication) { c.Period = "2024-12" }, CodeFieldInvalid, []string{"field", "period"}},
		"no rate":                      {func(c *ApproveApplication) { c.Rate = "" }, CodeFieldMissing, []string{"field", "rate"}},
		"no period":                    {func(c *ApproveApplication) { c.Period = "" }, CodeFieldMissing, []string{"field", "period"}},
		"what it comes to and no fact": {func(c *ApproveApplication) { c.Fact, c.Period, c.Rate, c.Computed = "", "", "", money("1.00") }, CodeFieldMissing, []string{"field", "fact"}},
		"nought":                       {func(c *ApproveApplication) { c.Rate = "0" }, CodeFieldInvalid, []string{"field", "rate"}},
		"below nought":                 {func(c *ApproveApplication) { c.Rate = "-1" }, CodeFieldInvalid, []string{"field", "rate"}},
		"five decimals":                {func(c *ApproveApplication) { c.Rate = "0.00001" }, CodeFieldInvalid, []string{"field", "rate"}},
		"a sign of per cent":           {func(c *ApproveApplication) { c.Rate = "1.5%" }, CodeFieldInvalid, []string{"field", "rate"}},
		"more than tenfold":            {func(c *ApproveApplication) { c.Rate = "1000.0001" }, CodeFieldInvalid, []string{"field", "rate"}},
	} {
		t.Run(name, func(t *testing.T) {
			command := rated15("1.00", "")
			c.change(command)
			rule := "R11"
			if c.code == CodeFactUnknown || c.code == CodeFactNotKnown {
				rule = "R10"
			}
			rating(t).when(command).refused(c.code, rule, c.fields...)
		})
	}
}

// A supplement by the same fact adds up with what was granted by it, as far as that stands: an approval in two parts does not get round the finding. By another
// fact, or without one, it does not.
func TestASupplementByTheSameFactAddsUp(t *testing.T) {
	more := func(amount, rate string) *SupplementApproval {
		c := &SupplementApproval{Application: "A", Instalments: []Instalment{in(2025, amount)}, Reason: "补足"}
		if rate != "" {
			c.Fact, c.Period, c.Rate = "revenue", "2024", Rate(rate)
		}
		return c
	}
	first := func(then ...Command) *story {
		return rating(t).and(rated15("400000.00", "")).and(then...).and(review("A"))
	}
	first().when(more("100000.00", "1.5")).found()
	d := first().when(more("100000.01", "1.5"))
	d.found(CodeRateExceeded)
	if f := FindingsOf(d.decision.Events[0])[0].Figures; f["short_by"] != "0.01" || f["use"] != "400000.00" {
		t.Errorf("it is found with %v", f)
	}
	first().when(more("600000.00", "3")).found()
	first().when(more("600000.01", "3")).found(CodeRateExceeded)
	first().when(more("1600000.00", "")).found()
	// What was reduced since does not count any more.
	cut := reduce("A", 2025, "300000.00")
	first(cut).when(more("400000.00", "1.5")).found()
	first(cut).when(more("400000.01", "1.5")).found(CodeRateExceeded)
}

// The same fact serves an enterprise once under a clause: a second application is held against it with the first; under another clause, or of another year,
// it begins anew.
func TestAnotherApplicationByTheSameFactAddsUp(t *testing.T) {
	second := func(clause ClauseID, period, amount string, before ...Command) outcome {
		st := rating(t).and(rated15("400000.00", "")).and(before...).and(record("finance", aiFirm, "revenue", "2023", "33333333.33"), submit("B", aiFirm, clause, "", in(2025, "900000.00")), accept("B"), review("B"))
		c := approve("B", in(2025, amount))
		c.Fact, c.Period, c.Rate = "revenue", period, "1.5"
		return st.when(c)
	}
	second("1.1a", "2024", "100000.00").found()
	d := second("1.1a", "2024", "100000.01")
	d.found(CodeRateExceeded)
	if f := FindingsOf(d.decision.Events[0])[0].Figures; f["short_by"] != "0.01" || f["use"] != "400000.00" || f["application"] != "B" {
		t.Errorf("it is found with %v", f)
	}
	second("1.1a", "2023", "500000.00").found()
	second("1.2c", "2024", "500000.00").found()
	second("1.1a", "2024", "400000.00", reduce("A", 2025, "300000.00")).found()
}

// A fact of the project counts where the enterprise has none; corrected afterwards, it changes nothing that was decided.
func TestARateOfAProject(t *testing.T) {
	p := informed()
	p.Facts[0].Sensitive = false
	submitted := submit("A", aiFirm, "1.2a", "P", in(2025, "2000000.00"))
	of := record("finance", "", "revenue", "2024", "1000.00")
	of.Project = "P"
	st := governed(t, p, submitted, accept("A"), review("A"), of)
	d := st.when(rated15("15.00", ""))
	d.found()
	if e := d.decision.Events[0].(*ApplicationApproved); e.ByRate.Of != SubjectProject || e.ByRate.Computed != money("15.00") {
		t.Errorf("%+v", e.ByRate)
	}
}
