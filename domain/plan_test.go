package domain

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func plan(a ApplicationID, y SupportYear, month Month, amount string) *PlanPayment {
	return &PlanPayment{Application: a, SupportYear: y, Month: month, Amount: money(amount)}
}

// under is a fund whose policy controls budgets so.
func under(t testing.TB, control BudgetControl, more ...Command) *story {
	p := changning()
	p.BudgetControl = control
	st := fund(t).and(&PublishPolicy{Policy: p})
	for i, industry := range []IndustryID{"ai", "commerce-finance", "smart-internet", "other-services"} {
		st.and(&RegisterEnterprise{Enterprise: code(i + 1), Title: "企业", Industry: industry})
	}
	return st.and(more...)
}

// planned checks what a budget has: committed and not paid, by key.
func (st *story) planned(key BudgetKey, amount string) *story {
	st.t.Helper()
	if got := st.state.planned.get(key); got != money(amount) {
		st.t.Fatalf("planned of %v is %s, not %s", key, got, amount)
	}
	return st
}

// Example 43: under refuse, a budget of 100,000,000 for 1.1a takes one approval of 100,000,000 and no second.
func TestExample43ABudgetThatIsCommittedRefusesTheNextApproval(t *testing.T) {
	hundred := "100000000.00"
	for control, then := range map[BudgetControl]func(*story){
		BudgetRefuse: func(st *story) {
			st.when(approve("B", in(2025, hundred))).refused(CodeBudgetExceeded, "R3", "scope", "1.1a", "budget_year", "2025", "cap", hundred, "use", "0.00",
				"committed", hundred, "asked", hundred, "short_by", hundred)
		},
		BudgetWarn: func(st *story) { st.when(approve("B", in(2025, hundred))).found(CodeBudgetExceeded) },
		"":         func(st *story) { st.when(approve("B", in(2025, hundred))).found() },
		"none":     func(st *story) { st.when(approve("B", in(2025, hundred))).found() },
	} {
		st := under(t, control, appropriate(2025, "1.1a", "", hundred)).
			approved(submit("A", aiFirm, "1.1a", "", in(2025, hundred))).ready(submit("B", financeFirm, "1.1a", "", in(2025, hundred)))
		then(st)
	}
}

// Each of the scopes that an approval concerns is held, those of the years that the instalments are planned for and no other.
func TestR3AnApprovalIsHeldToWhatEachBudgetHasFree(t *testing.T) {
	for scope, set := range map[string]*SetAppropriation{
		"fund": appropriate(2026, "", "", "10.00"), "1.1a": appropriate(2026, "1.1a", "", "10.00"), "1.3a": appropriate(2026, "1.3a", "", "10.00"),
		"investment": appropriate(2026, "", "investment", "10.00"), "1.1a/investment": appropriate(2026, "1.1a", "investment", "10.00"),
		"1.3a/investment": appropriate(2026, "1.3a", "investment", "10.00"),
	} {
		ask := func(id ApplicationID) *SubmitApplication {
			return referring(submit(id, otherFirm, "1.3a", "", in(2025, "100.00"), in(2026, "10.01")), "1.1a")
		}
		under(t, BudgetRefuse, set).ready(ask("A")).
			when(approve("A", in(2025, "100.00"), in(2026, "10.01"))).
			refused(CodeBudgetExceeded, "R3", "scope", scope, "budget_year", "2026", "cap", "10.00", "asked", "10.01", "short_by", "0.01").
			when(approve("A", in(2025, "100.00"), in(2026, "10.00"))).then("application_approved")
	}
}

// A budget of nought refuses the smallest amount; one that is not set refuses none; what is paid and comes back from the bank is due again in its support
// year, and what is clawed back makes nothing free.
func TestR3WhatABudgetHasFree(t *testing.T) {
	key := BudgetKey{Year: 2025, Clause: "6"}
	under(t, BudgetRefuse, appropriate(2025, "6", "", "0.00")).ready(submit("A", aiFirm, "6", "P", in(2025, "0.01"))).
		when(approve("A", in(2025, "0.01"))).refused(CodeBudgetExceeded, "R3", "cap", "0.00", "short_by", "0.01")
	st := under(t, BudgetRefuse, appropriate(2025, "6", "", "10.00")).approved(submit("A", aiFirm, "6", "P", in(2025, "6.00"))).planned(key, "6.00").
		and(pay("M", "A", 2025, "5.00")).planned(key, "1.00").
		ready(submit("B", financeFirm, "6", "Q", in(2025, "9.00"))).
		when(approve("B", in(2025, "4.01"))).refused(CodeBudgetExceeded, "R3", "use", "5.00", "committed", "1.00", "short_by", "0.01").
		and(order("C", "M", "2.00", CauseError), receive("R", "C", "2.00")).
		when(approve("B", in(2025, "4.01"))).refused(CodeBudgetExceeded, "R3", "use", "5.00").
		and(sendBack("M", "3.00")).planned(key, "4.00").
		when(approve("B", in(2025, "4.01"))).refused(CodeBudgetExceeded, "R3", "use", "2.00", "committed", "4.00").
		and(&ReleaseApproval{Application: "A", SupportYear: 2025, Amount: money("0.01")}).planned(key, "3.99").
		and(approve("B", in(2025, "4.01"))).planned(key, "8.00")
	// What is committed holds the appropriation up, under refuse; without control it is what is paid alone.
	st.when(appropriate(2025, "6", "", "9.99")).refused(CodeAppropriationCommitted, "R3", "use", "2.00", "committed", "8.00", "asked", "9.99", "short_by", "0.01").
		when(appropriate(2025, "6", "", "10.00")).then("appropriation_set")
	under(t, BudgetWarn, appropriate(2025, "6", "", "10.00")).approved(submit("A", aiFirm, "6", "P", in(2025, "6.00"))).
		when(appropriate(2025, "6", "", "5.00")).found(CodeAppropriationCommitted)
	under(t, "", appropriate(2025, "6", "", "10.00")).approved(submit("A", aiFirm, "6", "P", in(2025, "6.00"))).
		when(appropriate(2025, "6", "", "5.00")).found()
	// A first budget below what is committed, and one that is raised but still too small: the second makes things better.
	under(t, BudgetRefuse).approved(submit("A", aiFirm, "6", "P", in(2025, "6.00"))).
		when(appropriate(2025, "6", "", "5.00")).refused(CodeAppropriationCommitted, "R3", "short_by", "1.00")
}

// The largest amounts add up exactly, and what they come to is refused with figures and not by an overflow.
func TestR3TheLargestBudgetsAreHeldExactly(t *testing.T) {
	most := "999999999999.99"
	under(t, BudgetRefuse, appropriate(2025, "1.1b", "", most)).
		approved(submit("A", netFirm, "1.1b", "", in(2025, most))).
		ready(submit("B", netFirm, "1.1b", "", in(2025, most))).
		when(approve("B", in(2025, most))).refused(CodeBudgetExceeded, "R3", "short_by", most).
		when(approve("B", in(2025, "0.01"))).refused(CodeBudgetExceeded, "R3", "short_by", "0.01")
}

// A booking outside any application counts against all of the clause's departments; an approval against the one that gave it.
func TestR3BookedMoneyTakesWhatDepartmentsHaveFree(t *testing.T) {
	under(t, BudgetRefuse, appropriate(2025, "1.1a", "science", "10.00"), book("B", aiFirm, "1.1a", "", 2025, "4.00")).
		ready(submit("A", aiFirm, "1.1a", "", in(2025, "50.00"))).
		when(by(approve("A", in(2025, "6.01")), person(Approver, "science"))).refused(CodeBudgetExceeded, "R3", "scope", "1.1a/science", "use", "4.00", "short_by", "0.01").
		when(by(approve("A", in(2025, "6.01")), person(Approver, "commerce"))).then("application_approved")
}

// A backdated approval is held to what is free now: a day cannot be chosen on which the budget was not used yet.
func TestR3ABackdatedApprovalIsHeldToWhatIsFreeNow(t *testing.T) {
	st := under(t, BudgetRefuse, appropriate(2025, "6", "", "10.00")).ready(submit("B", financeFirm, "6", "Q", in(2025, "9.00")))
	st.on("2025-05-05").approved(submit("A", aiFirm, "6", "P", in(2025, "9.00")))
	st.today = day("2025-05-05")
	st.on("2025-03-01").when(approve("B", in(2025, "9.00"))).refused(CodeBudgetExceeded, "R3", "short_by", "8.00")
}

func TestR3APlanMovesWhatIsDue(t *testing.T) {
	this, next := BudgetKey{Year: 2025}, BudgetKey{Year: 2026, Clause: "6", Department: "reform"}
	st := under(t, "").approved(submit("A", aiFirm, "6", "P", in(2025, "10.00"))).planned(this, "10.00").
		and(plan("A", 2025, "2026-03", "4.00")).planned(this, "6.00").planned(next, "4.00").
		and(plan("A", 2025, "2026-03", "3.00")).planned(this, "7.00").planned(next, "3.00"). // replaces
		and(plan("A", 2025, "2025-09", "5.00")).planned(this, "7.00").planned(next, "3.00").
		when(plan("A", 2025, "2026-01", "2.01")).refused(CodePlanExceeded, "R3", "limit", "10.00", "use", "8.00", "asked", "2.01", "short_by", "0.01").
		when(plan("A", 2025, "2026-03", "3.00")).refused(CodePlanEmpty, "R3", "use", "3.00").
		when(plan("A", 2025, "2026-04", "0.00")).refused(CodePlanEmpty, "R3", "use", "0.00").
		when(plan("A", 2025, "2025-02", "1.00")).refused(CodePlanPast, "R3", "month", "2025-02", "date", "2025-03-01").
		when(plan("A", 2026, "2026-04", "1.00")).refused(CodeInstalmentUnknown, "R3", "year", "2026").
		when(plan("B", 2025, "2026-04", "1.00")).refused(CodeApplicationUnknown, "R2").
		when(plan("A", 2025, "2026-13", "1.00")).refused(CodeFieldInvalid, "R11", "field", "month").
		when(plan("A", 2025, "2026-3", "1.00")).refused(CodeFieldInvalid, "R11", "field", "month").
		when(plan("A", 2025, "二〇二六年三月", "1.00")).refused(CodeFieldInvalid, "R11", "field", "month").
		when(plan("A", 2025, "3000-01", "1.00")).refused(CodeFieldInvalid, "R11", "field", "month").
		and(plan("A", 2025, "2026-03", "0.00")).planned(next, "0.00").planned(this, "10.00") // takes it back
	given(t).ready(submit("S", aiFirm, "6", "P", in(2025, "10.00"))).and(approve("S", in(2025, "4.00"))).on("2025-04-01").and(review("S"), more("S", in(2025, "6.00"))).
		when(onDay(plan("S", 2025, "2026-03", "9.00"), "2025-03-31")).refused(CodeDateOrder, "R14", "earliest", "2025-04-01"). // not before what it plans is approved
		when(plan("S", 2025, "2026-03", "9.00")).then("payment_planned")
	st.and(&SuspendApplication{Application: "A", Reason: "查"}).when(plan("A", 2025, "2026-03", "1.00")).refused(CodeApplicationSuspended, "R3")
	under(t, "").and(submit("A", aiFirm, "6", "P", in(2025, "10.00"))).when(plan("A", 2025, "2026-03", "1.00")).refused(CodeApplicationState, "R2").
		and(&WithdrawApplication{Application: "A"}).when(plan("A", 2025, "2026-03", "1.00")).refused(CodeApplicationState, "R2")
}

// A plan moves money between budget years, and so is held to what they have free.
func TestR3APlanIsHeldToTheBudgetOfItsMonth(t *testing.T) {
	under(t, BudgetRefuse, appropriate(2025, "6", "", "10.00"), appropriate(2026, "6", "", "3.00")).approved(submit("A", aiFirm, "6", "P", in(2025, "10.00"))).
		when(plan("A", 2025, "2026-03", "3.01")).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		when(plan("A", 2025, "2025-12", "10.00")).then("payment_planned"). // the year stays
		and(plan("A", 2025, "2025-12", "0.00")).
		and(plan("A", 2025, "2026-03", "3.00")).
		approved(submit("B", financeFirm, "6", "Q", in(2025, "3.00"))).
		when(plan("A", 2025, "2026-03", "2.99")).refused(CodeBudgetExceeded, "R3", "budget_year", "2025", "asked", "0.01", "short_by", "0.01")
	under(t, BudgetWarn, appropriate(2026, "6", "", "3.00")).approved(submit("A", aiFirm, "6", "P", in(2025, "10.00"))).
		when(plan("A", 2025, "2026-03", "3.01")).found(CodeBudgetExceeded)
}

// A payment uses up what was planned up to its month from the earliest, then what is not planned, then what was planned for later; a cut
// takes what is not planned, then what was planned last.
func TestR3APlanShrinksInAnOrder(t *testing.T) {
	plans := func(st *story, want ...Planned) *story {
		t.Helper()
		part, _ := st.state.applications.get("A").instalment(2025)
		if !slices.Equal(part.plans, want) {
			t.Fatalf("planned are %v, not %v", part.plans, want)
		}
		return st
	}
	of := func(m Month, amount string) Planned { return Planned{m, money(amount)} }
	st := under(t, "").approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).
		and(plan("A", 2025, "2025-03", "10.00"), plan("A", 2025, "2025-09", "20.00"), plan("A", 2025, "2026-03", "30.00")) // 40 are not planned
	st.and(pay("M1", "A", 2025, "5.00"))
	plans(st, of("2025-03", "5.00"), of("2025-09", "20.00"), of("2026-03", "30.00"))
	st.on("2025-09-30").and(pay("M2", "A", 2025, "30.00")) // 5 and 20, and 5 not planned
	plans(st, of("2026-03", "30.00")).planned(BudgetKey{Year: 2025}, "35.00")
	st.and(reduce("A", 2025, "36.00")) // 35 that are not planned, and 1
	plans(st, of("2026-03", "29.00")).planned(BudgetKey{Year: 2025}, "0.00").planned(BudgetKey{Year: 2026}, "29.00")
	st.and(plan("A", 2025, "2026-03", "20.00"), plan("A", 2025, "2026-06", "9.00")).and(reduce("A", 2025, "10.00")) // the latest first
	plans(st, of("2026-03", "19.00")).and(sendBack("M2", "7.00"))                                                   // what came back is due in the support year again
	plans(st, of("2026-03", "19.00")).planned(BudgetKey{Year: 2025}, "7.00")
	st.and(pay("M3", "A", 2025, "8.00"))
	plans(st, of("2026-03", "18.00")).planned(BudgetKey{Year: 2025}, "0.00")
}

// What budgets are to pay is what all approvals come to, counted anew from the events by the rules of their order alone.
func TestWhatBudgetsAreToPayEqualsTheRecount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		for range rapid.IntRange(30, 120).Draw(rt, "commands") {
			w.step(w.command())
			w.plannedEqualsTheRecount()
		}
		w.foldsToTheSame()
		w.totalsEqualTheRecount()
	})
}

func (w *world) plannedEqualsTheRecount() {
	counted := map[BudgetKey]decimal.Decimal{}
	n := recountPlans(w.history)
	dues := n.dues()
	if len(n.wrong) > 0 {
		w.rt.Fatal(n.wrong[0])
	}
	for _, part := range dues {
		for _, key := range part.keys() {
			counted[key] = counted[key].Add(part.amount)
		}
	}
	for key, amount := range plain(w.state.planned) {
		if !dec(amount).Equal(counted[key]) {
			w.rt.Fatalf("%v is to pay %s in the state, %s in the recount", key, amount, counted[key])
		}
		delete(counted, key)
	}
	for key, amount := range counted {
		if !amount.IsZero() {
			w.rt.Fatalf("%v is to pay %s in the recount, nothing in the state", key, amount)
		}
	}
}

// What a year that is over has not paid is to be paid in the present one, and counts against its budget; so does what is approved late for such a year.
func TestR3WhatIsLateCountsAgainstThePresentYear(t *testing.T) {
	st := under(t, BudgetRefuse, appropriate(2025, "1.1a", "", "100.00"), appropriate(2026, "1.1a", "", "100.00")).
		approved(submit("A", aiFirm, "1.1a", "", in(2025, "40.00"))).
		ready(submit("B", financeFirm, "1.1a", "", in(2025, "100.00"), in(2026, "100.00"))).
		on("2026-02-01")
	st.when(approve("B", in(2026, "60.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "committed", "40.00", "asked", "60.01", "short_by", "0.01").
		when(approve("B", in(2025, "60.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		when(approve("B", in(2025, "30.00"), in(2026, "30.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		when(approve("B", in(2025, "30.00"), in(2026, "30.00"))).then("application_approved")
}

// What is added to an approval counts against the budgets of the department that approved first, whoever adds it.
func TestR3ASupplementIsHeldToTheBudgetsOfTheFirstApproval(t *testing.T) {
	under(t, BudgetRefuse, appropriate(2025, "", "science", "10.00")).
		ready(submit("A", aiFirm, "1.1a", "", in(2025, "20.00"))).
		and(by(approve("A", in(2025, "6.00")), person(Approver, "science")), review("A")).
		when(by(more("A", in(2025, "4.01")), person(Approver, "commerce"))).refused(CodeBudgetExceeded, "R3", "scope", "science", "short_by", "0.01").
		when(by(more("A", in(2025, "4.00")), person(Approver, "commerce"))).then("approval_supplemented")
}
