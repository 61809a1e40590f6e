package domain

import (
	"slices"
	"testing"
)

func dueBy(on, amount string) Repayment { return Repayment{day(on), money(amount)} }

func scheduled(id ClawbackID, parts ...Repayment) *ScheduleRecovery {
	return &ScheduleRecovery{Clawback: id, Instalments: parts}
}

// owing is a fund in which 10.00 were paid on 2025-03-01 and ordered back on 2025-04-01.
func owing(t testing.TB, change func(*Policy), orders ...Command) *story {
	p := changning()
	if change != nil {
		change(&p)
	}
	if orders == nil {
		orders = []Command{order("C", "M", "10.00", CauseError)}
	}
	return governed(t, p).approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).and(pay("M", "A", 2025, "50.00")).on("2025-04-01").and(orders...)
}

// unpaid asserts what is left to pay of a clawback on a day.
func (st *story) unpaid(id ClawbackID, on string, parts ...Repayment) *story {
	st.t.Helper()
	if got := st.state.clawbacks.get(id).unpaidOn(day(on)); !slices.Equal(got, parts) {
		st.t.Fatalf("left to pay of %s on %s: %v, not %v", id, on, got, parts)
	}
	return st
}

func TestR4AScheduleAddsUpToWhatIsOutstandingAndItsDaysAreInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		parts   []Repayment
		code    string
		figures []string
	}{
		"short by 0.01":               {[]Repayment{dueBy("2025-05-01", "4.00"), dueBy("2025-06-01", "5.99")}, CodeScheduleDiffers, []string{"limit", "10.00", "asked", "9.99", "short_by", "0.01"}},
		"beyond by 0.01":              {[]Repayment{dueBy("2025-05-01", "4.00"), dueBy("2025-06-01", "6.01")}, CodeScheduleDiffers, []string{"asked", "10.01", "over_by", "0.01"}},
		"a day before the order":      {[]Repayment{dueBy("2025-03-31", "10.00")}, CodeDateOrder, []string{"field", "due_on", "date", "2025-03-31", "earliest", "2025-04-01"}},
		"days out of order":           {[]Repayment{dueBy("2025-06-01", "4.00"), dueBy("2025-05-01", "6.00")}, CodeDateOrder, []string{"date", "2025-05-01", "earliest", "2025-06-02"}},
		"a day twice":                 {[]Repayment{dueBy("2025-06-01", "4.00"), dueBy("2025-06-01", "6.00")}, CodeDateOrder, []string{"earliest", "2025-06-02"}},
		"no day":                      {[]Repayment{{Amount: money("10.00")}}, CodeFieldMissing, []string{"field", "due_on"}},
		"a part of nothing":           {[]Repayment{dueBy("2025-05-01", "10.00"), dueBy("2025-06-01", "0.00")}, CodeAmountZero, nil},
		"no part":                     {nil, CodeFieldMissing, []string{"field", "instalments"}},
		"more parts than ten years":   {slices.Repeat([]Repayment{dueBy("2025-05-01", "0.01")}, 121), CodeFieldInvalid, []string{"limit", "120"}},
		"the day of the order itself": {[]Repayment{dueBy("2025-04-01", "10.00")}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := owing(t, nil).when(scheduled("C", c.parts...))
			if c.code == "" {
				o.then("recovery_scheduled")
				return
			}
			o.refused(c.code, refusalTexts[c.code].rule, c.figures...)
		})
	}
	owing(t, nil).when(scheduled("D", dueBy("2025-05-01", "10.00"))).refused(CodeClawbackUnknown, "R4").
		on("2025-05-10").when(scheduled("C", dueBy("2025-05-09", "10.00"))).refused(CodeDateOrder, "R14", "field", "due_on", "date", "2025-05-09", "earliest", "2025-05-10").
		when(onDay(scheduled("C", dueBy("2025-05-09", "10.00")), "2025-05-09")).then("recovery_scheduled"). // agreed then, and recorded late
		and(waive("C", "10.00")).when(scheduled("C", dueBy("2025-06-01", "10.00"))).refused(CodeScheduleDiffers, "R4", "limit", "0.00", "over_by", "10.00")
}

// What comes in settles what is due first; what is reversed is due again; a later schedule replaces the earlier from its day on, and none is
// dated before the one that it replaces.
func TestR4ALaterScheduleReplacesTheEarlierForWhatIsOutstanding(t *testing.T) {
	st := owing(t, nil).unpaid("C", "2025-03-31", dueBy("2025-04-01", "0.00").never()).unpaid("C", "2025-04-01", Repayment{Amount: money("10.00")}).
		on("2025-04-02").and(scheduled("C", dueBy("2025-05-01", "4.00"), dueBy("2025-06-01", "6.00"))).
		unpaid("C", "2025-04-01", Repayment{Amount: money("10.00")}).
		on("2025-05-10").and(receive("R", "C", "5.00")).
		unpaid("C", "2025-05-09", dueBy("2025-05-01", "4.00"), dueBy("2025-06-01", "6.00")).
		unpaid("C", "2025-05-10", dueBy("2025-05-01", "0.00"), dueBy("2025-06-01", "5.00"))
	st.when(scheduled("C", dueBy("2025-07-01", "10.00"))).refused(CodeScheduleDiffers, "R4", "limit", "5.00", "over_by", "5.00").
		and(scheduled("C", dueBy("2025-07-01", "2.00"), dueBy("2025-08-01", "3.00"))).
		unpaid("C", "2025-05-10", dueBy("2025-07-01", "2.00"), dueBy("2025-08-01", "3.00")).
		on("2025-05-09").when(scheduled("C", dueBy("2025-07-01", "5.00"))).refused(CodeDateOrder, "R14", "earliest", "2025-05-10").
		on("2025-07-02").and(reverse("R")).
		unpaid("C", "2025-07-01", dueBy("2025-07-01", "2.00"), dueBy("2025-08-01", "3.00")).
		unpaid("C", "2025-07-02", dueBy("2025-07-01", "7.00"), dueBy("2025-08-01", "3.00"))
}

func (r Repayment) never() Repayment { return Repayment{Amount: r.Amount} }

func TestR4AnOrderIsDueOnTheDayItNamesOrAfterThePolicysDays(t *testing.T) {
	thirty := func(p *Policy) { p.ClawbackDueDays = 30 }
	named := order("C", "M", "10.00", CauseError)
	named.DueOn = day("2025-04-02")
	early := order("D", "M", "1.00", CauseError)
	early.DueOn = day("2025-03-31")
	owing(t, thirty).unpaid("C", "2025-04-01", dueBy("2025-05-01", "10.00"))
	owing(t, thirty, named).unpaid("C", "2025-04-01", dueBy("2025-04-02", "10.00")).
		when(early).refused(CodeDateOrder, "R14", "field", "due_on", "date", "2025-03-31", "earliest", "2025-04-01")
	owing(t, nil).unpaid("C", "2025-12-01", Repayment{Amount: money("10.00")})
	for days, faulty := range map[int]bool{-1: true, 0: false, 1: false, 3660: false, 3661: true} {
		p := changning()
		p.ClawbackDueDays = days
		if got := p.Validate() != nil; got != faulty {
			t.Errorf("a policy with clawbacks due after %d days: faulty %v", days, got)
		}
	}
}
