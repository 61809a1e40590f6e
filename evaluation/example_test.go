package evaluation_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/evaluation"
	"github.com/fundledger/fundledger/policies"
)

// fund is a fund whose clause 1.1a has one indicator, and something to do it with.
type fund struct {
	t     testing.TB
	state *domain.State
	given int
}

// indicator measures clause 1.1a by the fact turnover.
func indicator(better domain.Direction) domain.Indicator {
	return domain.Indicator{ID: "growth", Clause: "1.1a", Name: domain.Text{ZH: "营业收入增长", EN: "Growth of turnover"}, Fact: "turnover", Better: better,
		Baseline: domain.PreviousYear, Weight: 100, Group: domain.GroupBenefit}
}

func newFund(t testing.TB, indicators ...domain.Indicator) *fund {
	t.Helper()
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	policy.Facts = append(policy.Facts, domain.Fact{ID: "turnover", Name: domain.Text{ZH: "营业收入", EN: "Turnover"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}})
	policy.Indicators = indicators
	f := &fund{t: t, state: domain.NewState()}
	f.give(&domain.PublishPolicy{Head: domain.Head{Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	return f
}

func (f *fund) give(c domain.Command) {
	f.t.Helper()
	h := domain.HeadOf(c)
	f.given++
	h.ID = domain.CommandID(fmt.Sprint("c", f.given))
	day, _ := domain.ParseDate("2026-03-01")
	if h.Date.IsZero() {
		h.Date = day
	}
	d, r := domain.Decide(f.state, c, day)
	if r != nil {
		f.t.Fatalf("%s: %v %v", c.Name(), r, r.Figures)
	}
	d.Take(f.state, "")
}

// code is the n-th enterprise.
func code(n int) domain.EnterpriseID {
	first := fmt.Sprintf("91310105MA1%06d", n)
	check, _ := domain.CreditCodeCheck(first)
	return domain.EnterpriseID(first + string(check))
}

func by(role domain.Role, d domain.DepartmentID) domain.Head {
	return domain.Head{Actor: domain.Actor{ID: domain.PersonID(role) + "-" + domain.PersonID(d), Role: role, Department: d}}
}

// enterprise registers the n-th, with its turnover of years in CNY 10,000; "": not known.
func (f *fund) enterprise(n int, industry domain.IndustryID, turnover map[string]string) domain.EnterpriseID {
	f.t.Helper()
	id := code(n)
	f.give(&domain.RegisterEnterprise{Head: by(domain.Clerk, "commerce"), Enterprise: id, Title: fmt.Sprintf("企业 %d", n), Industry: industry})
	for year, value := range turnover {
		f.give(&domain.RecordFact{Head: by(domain.Clerk, "finance"), Enterprise: id, Fact: "turnover", Period: year, Value: decimal.RequireFromString(value).Shift(4).StringFixed(2)})
	}
	return id
}

func (f *fund) paid(id domain.EnterpriseID, clause domain.ClauseID, year domain.SupportYear, amount string) {
	f.t.Helper()
	m, err := domain.ParseMoney(amount)
	if err != nil {
		f.t.Fatal(err)
	}
	f.give(&domain.BookPayout{Head: by(domain.Treasurer, "finance"), Payout: domain.PayoutID(fmt.Sprint("P-", f.given)), Enterprise: id, Clause: clause, SupportYear: year, Amount: m})
}

func (f *fund) measured(year domain.SupportYear) *evaluation.Measured {
	f.t.Helper()
	list := evaluation.Gather(f.state, "", evaluation.Of{Clause: "1.1a", Year: year})
	if len(list) != 1 {
		f.t.Fatalf("%d indicators", len(list))
	}
	return list[0]
}

// said is a number that is there.
func said(d decimal.Decimal, is bool) string {
	if !is {
		return "–"
	}
	return d.StringFixed(4)
}

// example49 is the worked example's fund: three supported with 1,000,000.00 each, five others, in CNY 10,000.
func example49(t testing.TB, better domain.Direction) *fund {
	f := newFund(t, indicator(better))
	for i, levels := range [][2]string{{"1000", "1400"}, {"2000", "2300"}, {"500", "800"}, {"1000", "1100"}, {"2000", "2100"}, {"500", "550"}, {"1500", "1575"}, {"800", "800"}} {
		id := f.enterprise(i+1, "ai", map[string]string{"2024": levels[0], "2025": levels[1]})
		if i < 3 {
			f.paid(id, "1.1a", 2025, "1000000.00")
		}
	}
	return f
}

func TestExample49TheMoneyIsHeldAgainstTheFundsOwnControls(t *testing.T) {
	m := example49(t, domain.BetterMore).measured(2025)
	c := m.Compare([32]byte{})
	treated, _ := c.Supported.Mean()
	control, _ := c.Control.Mean()
	grown, _ := c.Supported.Growth()
	usual, _ := c.Control.Growth()
	for what, pair := range map[string][2]string{
		"n":                        {fmt.Sprint(c.Supported.N, " ", c.Control.N), "3 5"},
		"mean change":              {treated.StringFixed(4), "3333333.3333"},
		"of the controls":          {control.StringFixed(4), "650000.0000"},
		"difference":               {said(c.Difference()), "2683333.3333"},
		"growth":                   {grown.StringFixed(4), "0.3833"},
		"growth of the controls":   {usual.StringFixed(4), "0.0600"},
		"difference of growth":     {said(c.GrowthDifference()), "0.3233"},
		"p":                        {c.Test.P().String(), "1/56"},
		"assignments":              {fmt.Sprint(c.Test.Assignments, c.Test.Drawn), "56 false"},
		"net paid":                 {c.Net.String(), "3000000.00"},
		"beyond control":           {said(c.Beyond()), "8050000.0000"},
		"effect a yuan":            {said(c.PerYuan()), "2.6833"},
		"yuan for one of effect":   {said(c.UnitCost()), "0.3727"},
		"no earlier trend is told": {said(c.Earlier()), "–"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, not %s", what, pair[0], pair[1])
		}
	}
	if a, is := m.Attained(); !is || a.Is.String() != "45000000" || a.Target.String() != "35000000" || a.Set || a.Score.String() != "100" {
		t.Errorf("attained %+v", a)
	}
	if worse := example49(t, domain.BetterLess).measured(2025).Compare([32]byte{}); worse.Test.P().String() != "1/1" {
		t.Errorf("where less were better, p is %s", worse.Test.P())
	}
}
