package domain

import "testing"

// What several rules do to one account together: use that is carried, and all that moves it later, or is decided on the account that it is of.

// late is the fixture's fund with 12,000,000 on P under clause 4, of which 2,000,000 may still be added, and a second policy that carries it,
// with 15,000,000 at most, of which own is approved on 2027-01-05. The old clause goes on until the end of 2027.
func late(t *testing.T, own string) *story {
	st := given(t).approved(submit("A1", aiFirm, "4", "P", in(2025, "18000000.00")))
	st.and(reduce("A1", 2025, "6000000.00"))
	st.on("2026-12-01").and(publish(capped(successor(Carried, "4"), "n4", "15000000.00"))).
		and(by(&AmendPolicy{Policy: "changning-2024", TermTo: day("2027-12-31"), EffectiveOn: day("2026-12-01"), Document: "d"}, person(Admin, "reform")))
	st.on("2027-01-05")
	if own != "" {
		st.approved(submit("B1", aiFirm, "n4", "P", in(2027, own)))
	}
	return st
}

func TestASupplementOnTheOldAccountIsHeldAgainstTheCarryingOne(t *testing.T) {
	late(t, "1000000.00").and(review("A1")).
		when(more("A1", in(2026, "2000000.01"))).refused(CodeCapExceeded, "R2", "clause", "n4", "carried", "12000000.00", "use", "13000000.00", "short_by", "0.01").
		when(more("A1", in(2026, "2000000.00"))).then("approval_supplemented").
		line("n4", "P", 2027, "use", "15000000.00", "headroom", "0.00", "over", "0.00").
		line("4", "P", 2026, "use", "14000000.00")
	late(t, "").and(review("A1")). // nothing of its own: the carrying account is no bound
					when(more("A1", in(2026, "6000000.00"))).then("approval_supplemented").
					line("n4", "P", 2027, "use", "18000000.00", "headroom", "0.00", "over", "0.00").
					ready(submit("B1", aiFirm, "n4", "P", in(2027, "1.00"))).
					when(approve("B1", in(2027, "0.01"))).refused(CodeCapExceeded, "R2", "clause", "n4", "short_by", "3000000.01")
}

func TestAMoveIsHeldAgainstTheAccountThatCarriesWhereItMovesTo(t *testing.T) {
	p := changning()
	p.Term.To = day("2028-12-31")
	st := governed(t, p).approved(submit("A1", aiFirm, "1.1a", "", in(2027, "60000000.00"))).
		approved(submit("A2", financeFirm, "1.1a", "", in(2027, "30000000.00"))).
		on("2026-12-01").and(publish(successorOf(p, "1.1a"))).on("2027-01-05").
		approved(submit("B1", financeFirm, "n1.1a", "", in(2027, "40000000.00")))
	st.when(moveTo("A1", financeFirm)).refused(CodeCapExceeded, "R2", "clause", "n1.1a", "use", "70000000.00", "carried", "30000000.00", "asked", "60000000.00", "short_by", "30000000.00").
		and(reduce("A1", 2027, "30000000.00")).
		when(moveTo("A1", financeFirm)).then("application_moved").
		line("n1.1a", string(financeFirm), 2027, "use", "100000000.00", "headroom", "0.00").
		line("n1.1a", string(aiFirm), 2027, "use", "0.00")
}

// successorOf follows a policy whose term goes on beside it.
func successorOf(p Policy, clauses ...ClauseID) Policy {
	return follows(p, "changning-2027", "n", Term{day("2027-01-01"), day("2028-12-31")}, Carried, clauses...)
}

// What is paid wholly asks nothing of the account that the application moves to, so one that is over its cap is no hindrance.
func TestAMoveOfWhatIsPaidAsksNothing(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "1.1a", "", in(2025, "10.00"))).and(pay("M", "A1", 2025, "10.00")).
		and(book("F", financeFirm, "1.1a", "", 2025, "100000001.00")).
		when(moveTo("A1", financeFirm)).then("application_moved").
		line("1.1a", string(financeFirm), 2025, "committed", "0.00")
	given(t).approved(submit("A1", aiFirm, "1.1a", "", in(2025, "10.00"))).and(pay("M", "A1", 2025, "9.99")).
		and(book("F", financeFirm, "1.1a", "", 2025, "100000000.00")).
		when(moveTo("A1", financeFirm)).refused(CodeCapExceeded, "R2", "asked", "0.01", "short_by", "0.01")
}

// So it is where the cap counts in total, which asks once for all years.
func TestAMoveOfWhatIsPaidAsksNothingInTotal(t *testing.T) {
	p := changning()
	p.Clauses = append(p.Clauses, Clause{ID: "9", Name: Text{"条款", "Clause 9"}, Departments: []DepartmentID{"commerce"}, Cap: Cap{Amount: Stated(Yuan(10)), Subject: SubjectEnterprise, Period: InTotal}})
	governed(t, p).approved(submit("A1", aiFirm, "9", "", in(2025, "10.00"))).and(pay("M", "A1", 2025, "10.00")).
		and(book("F", financeFirm, "9", "", 2025, "11.00")).
		when(moveTo("A1", financeFirm)).then("application_moved")
}

func TestABookingThatAnApprovalTakesOverIsCarriedOnce(t *testing.T) {
	st := late(t, "1000000.00").ready(submit("A2", aiFirm, "4", "P", in(2026, "2000000.00")))
	st.and(bookOn("F", "A2", 2026, "2000000.00")).
		line("n4", "P", 2027, "use", "15000000.00", "outside", "2000000.00").
		when(approve("A2", in(2026, "2000000.00"))).then("application_approved").
		line("n4", "P", 2027, "use", "15000000.00", "outside", "0.00", "committed", "15000000.00")
}

// What is booked on the old account is a fact; that it puts the carrying account over its cap is found.
func TestABookingOnTheOldAccountFindsTheCarryingOne(t *testing.T) {
	late(t, "1000000.00").
		when(book("F", aiFirm, "4", "P", 2026, "2000000.00")).found().
		when(book("G", aiFirm, "4", "P", 2026, "0.01")).found(CodeCapExceeded).
		line("n4", "P", 2027, "use", "15000000.01", "over", "0.01").
		when(pay("M", "B1", 2027, "1.00")).then("payout_made"). // booked facts alone are no reason to wait
		when(&ReverseBooking{Payout: "G", Reason: "r", Document: "d"}).then("booking_reversed").
		line("n4", "P", 2027, "use", "15000000.00", "over", "0.00")
}

func TestATransferToTheCarryingClauseCountsOnceAndThere(t *testing.T) {
	st := late(t, "1000000.00").ready(submit("A2", aiFirm, "4", "P", in(2027, "2000000.01")))
	st.and(by(&TransferApplication{Application: "A2", Clause: "n4", Document: "d"}, person(Clerk, "science"))).and(review("A2")).
		when(approve("A2", in(2027, "2000000.01"))).refused(CodeCapExceeded, "R2", "clause", "n4", "short_by", "0.01").
		when(approve("A2", in(2027, "2000000.00"))).then("application_approved").
		line("4", "P", 2026, "use", "12000000.00").line("n4", "P", 2027, "use", "15000000.00")
}

// A recovery on the old account frees room on the carrying one; reversed, that one is over what it must hold, its payouts wait, and go on once
// there is room again.
func TestR5aARecoveryReversedOnTheOldAccountHoldsTheCarryingOne(t *testing.T) {
	st := late(t, "3000000.00").and(pay("M", "A1", 2025, "12000000.00"), order("C", "M", "1000000.00", CauseError), receive("R", "C", "1000000.00")).
		line("n4", "P", 2027, "use", "14000000.00", "headroom", "1000000.00").
		approved(submit("B2", aiFirm, "n4", "P", in(2027, "1000000.00")))
	st.when(reverse("R")).found(CodeAccountOverCap).
		line("n4", "P", 2027, "use", "16000000.00", "over", "1000000.00").line("4", "P", 2025, "over", "0.00").
		when(pay("M2", "B2", 2027, "1.00")).refused(CodeAccountOverCap, "R3", "clause", "n4", "over_by", "1000000.00").
		and(reduce("B1", 2027, "1000000.00")).
		when(pay("M2", "B2", 2027, "1.00")).then("payout_made")
	// One that has nothing of its own has nothing to hold.
	late(t, "").and(pay("M", "A1", 2025, "12000000.00"), order("C", "M", "1000000.00", CauseError), receive("R", "C", "1000000.00")).
		and(amend("n4", "1.00", "2027-01-05", true)).
		when(reverse("R")).found().
		line("n4", "P", 2027, "use", "12000000.00", "over", "0.00")
}

// A retroactive amendment of the carrying clause lets its payouts wait for what is carried too, and those of the old clause for nothing.
func TestR7ARetroactiveCapOfTheCarryingClauseCountsWhatIsCarried(t *testing.T) {
	late(t, "3000000.00").and(amend("n4", "14000000.00", "2027-01-05", true)).
		line("n4", "P", 2027, "over", "1000000.00").
		when(pay("M", "B1", 2027, "1.00")).refused(CodeAccountOverCap, "R3", "clause", "n4", "use", "15000000.00", "over_by", "1000000.00").
		when(pay("M1", "A1", 2025, "1.00")).then("payout_made")
	// What is carried puts nothing over: both tell the same figure.
	late(t, "3000000.00").and(amend("n4", "10000000.00", "2027-01-05", true)).
		line("n4", "P", 2027, "over", "3000000.00").
		when(pay("M", "B1", 2027, "1.00")).refused(CodeAccountOverCap, "R3", "clause", "n4", "over_by", "3000000.00")
}

// Use is carried through any number of policies: what is decided on the first is held against the last.
func TestUseIsCarriedThroughAChainOfPolicies(t *testing.T) {
	st := late(t, "")
	second := capped(successor(Carried, "4"), "n4", "15000000.00")
	third := follows(second, "changning-2029", "m", Term{day("2029-01-01"), day("2030-12-31")}, Carried, "n4")
	third.Clauses[0].Cap.Amount = Stated(money("13000000.00"))
	st.on("2027-02-01").and(publish(third)).
		and(by(&AmendPolicy{Policy: "changning-2024", TermTo: day("2029-12-31"), EffectiveOn: day("2027-02-01"), Document: "d"}, person(Admin, "reform")),
			by(&AmendPolicy{Policy: "changning-2027", TermTo: day("2029-12-31"), EffectiveOn: day("2027-02-01"), Document: "d"}, person(Admin, "reform")))
	st.on("2029-01-05").line("mn4", "P", 2029, "use", "12000000.00", "headroom", "1000000.00").
		ready(submit("C1", aiFirm, "mn4", "P", in(2029, "1000000.01"))).
		when(approve("C1", in(2029, "1000000.01"))).refused(CodeCapExceeded, "R2", "clause", "mn4", "carried", "12000000.00", "short_by", "0.01").
		when(approve("C1", in(2029, "500000.00"))).then("application_approved").
		and(review("A1")).
		when(more("A1", in(2026, "500000.01"))).refused(CodeCapExceeded, "R2", "clause", "mn4", "use", "12500000.00", "short_by", "0.01").
		ready(submit("B1", aiFirm, "n4", "P", in(2029, "500000.01"))).
		when(approve("B1", in(2029, "500000.01"))).refused(CodeCapExceeded, "R2", "clause", "mn4", "short_by", "0.01").
		when(approve("B1", in(2029, "500000.00"))).then("application_approved").
		line("mn4", "P", 2029, "use", "13000000.00", "headroom", "0.00").line("n4", "P", 2029, "use", "12500000.00").
		when(more("A1", in(2026, "0.01"))).refused(CodeCapExceeded, "R2", "clause", "mn4", "short_by", "0.01")
}

// A decision that is dated back does not see what was cut, returned or recovered on the carried account later (R6).
func TestR6ADecisionDatedBackDoesNotSeeWhatTheOldAccountFreedLater(t *testing.T) {
	st := late(t, "2000000.00").ready(submit("B2", aiFirm, "n4", "P", in(2027, "4000000.00")))
	st.on("2027-03-01").and(reduce("A1", 2025, "3000000.00"))
	st.when(at("2027-02-01", approve("B2", in(2027, "4000000.00")))).refused(CodeCapExceeded, "R2", "carried", "12000000.00", "short_by", "3000000.00").
		when(approve("B2", in(2027, "4000000.00"))).then("application_approved").line("n4", "P", 2027, "use", "15000000.00")
}

// An exception raises the account that it is granted on, and no other.
func TestExceptionsOnEitherAccountRaiseThatOneOnly(t *testing.T) {
	p := changning()
	p.Term.To = day("2028-12-31")
	next := capped(successorOf(p, "1.2a"), "n1.2a", "15000000.00")
	st := governed(t, p).approved(submit("A1", aiFirm, "1.2a", "P", in(2027, "12000000.00"))).
		on("2026-12-01").and(publish(next)).on("2027-01-05").and(by(except("E", "1.2a", "P", 2027, "50000000.00"), Actor{ID: "mayor", Role: Authority, Department: "government"})).
		ready(submit("B1", aiFirm, "n1.2a", "P", in(2027, "4000000.00")))
	st.when(approve("B1", in(2027, "4000000.00"))).refused(CodeCapExceeded, "R2", "clause", "n1.2a", "exceptions", "0.00", "short_by", "1000000.00").
		and(except("N", "n1.2a", "P", 2027, "1000000.00")).
		when(approve("B1", in(2027, "4000000.00"))).then("application_approved").
		ready(submit("A2", aiFirm, "1.2a", "P", in(2027, "1.00"))).
		when(approve("A2", in(2027, "0.01"))).refused(CodeCapExceeded, "R2", "clause", "n1.2a", "short_by", "0.01").
		when(by(approve("A2", in(2027, "0.01")), Actor{ID: person(Authority, "government").ID, Role: Approver, Department: changning().Clauses[2].Departments[0]})).
		refused(CodeFourEyes, "R9", "did", "grant_exception", "exception", "N"). // the old account's approval stands on it as well
		when(revoke("N", "0.01")).refused(CodeExceptionInUse, "R6", "limit", "0.00").
		when(by(revoke("E", "50000000.00"), person(Authority, "government"))).then("exception_revoked")
}

// A subject spelled otherwise is the one that the fund knows, under the new clause too (R16).
func TestR16TheCarriedSubjectIsSpelledAsTheFundKnowsIt(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "4", "项目 Alpha-1", in(2025, "12000000.00"))).approved(submit("T1", aiFirm, "3", "Prize X", in(2025, "4000000.00"))).
		on("2026-12-01").and(publish(successor(Carried, "4", "3"))).on("2027-01-05")
	for id, c := range map[ApplicationID]*SubmitApplication{"B1": submit("B1", aiFirm, "n4", "项目 ａｌｐｈａ-1", in(2027, "9000000.00")),
		"B2": {Application: "B2", Enterprise: aiFirm, Clause: "n3", Award: "prize  x", Title: "t", Requested: []Instalment{in(2027, "2000000.00")}}} {
		understood, _ := st.state.Understand(c)
		st.ready(understood.(*SubmitApplication)).
			when(approve(id, c.Requested...)).refused(CodeCapExceeded, "R2", "short_by", "1000000.00")
	}
}

func TestAPlanIntoAClosedYearIsRefused(t *testing.T) {
	closed(t).
		when(plan("A", 2025, "2025-12", "1.00")).refused(CodeBudgetYearClosed, "R14", "budget_year", "2025").
		when(plan("A", 2025, "2026-03", "1.00")).then("payment_planned")
}

// What is carried over once is not there a second time, whether the year is opened again or not, and never comes to more than was appropriated.
func TestACarriedAmountIsNotThereASecondTime(t *testing.T) {
	st := closed(t).and(carry(2025, 2026, "4", "4000000.00")).and(carry(2025, 2027, "4", "2000000.00"))
	st.when(carry(2025, 2026, "4", "1000000.01")).refused(CodeCarryExceeded, "R14", "limit", "1000000.00", "short_by", "0.01").
		and(reopenYear(2025)).
		when(at("2025-12-31", pay("P2", "A", 2025, "1000000.01"))).refused(CodeAppropriationExceed, "R3", "short_by", "0.01").
		when(budgeted(2025, "4", "10999999.99")).refused(CodeAppropriationBelow, "R3", "use", "5000000.00", "short_by", "0.01").
		and(closeYear(2025)).
		when(carry(2025, 2026, "4", "1000000.01")).refused(CodeCarryExceeded, "R14", "short_by", "0.01").
		when(carry(2025, 2026, "4", "1000000.00")).then("appropriation_carried").
		when(carry(2025, 2026, "4", "0.01")).refused(CodeCarryExceeded, "R14", "limit", "0.00")
}

// Years of one approval are each held to their budget, and a plan moves what is held from one to the other, once.
func TestAPlanASupplementAndACutKeepTheBudgetsExact(t *testing.T) {
	key := func(y int) BudgetKey { return BudgetKey{Year: y, Clause: "1.1a"} }
	st := under(t, BudgetRefuse, appropriate(2025, "1.1a", "", "10.00"), appropriate(2026, "1.1a", "", "10.00")).
		ready(submit("A", aiFirm, "1.1a", "", in(2025, "12.00"), in(2026, "11.00")))
	st.when(approve("A", in(2025, "10.00"), in(2026, "10.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		and(approve("A", in(2025, "10.00"), in(2026, "6.00"))).
		when(plan("A", 2025, "2026-02", "4.01")).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		and(plan("A", 2025, "2026-02", "4.00")).planned(key(2025), "6.00").planned(key(2026), "10.00").
		and(review("A")).
		when(more("A", in(2026, "0.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2026", "short_by", "0.01").
		when(more("A", in(2025, "4.01"))).refused(CodeBudgetExceeded, "R3", "budget_year", "2025", "short_by", "0.01").
		and(more("A", in(2025, "4.00"))).planned(key(2025), "10.00").planned(key(2026), "10.00").
		and(reduce("A", 2025, "11.00")).planned(key(2025), "0.00").planned(key(2026), "9.00").
		and(pay("M", "A", 2025, "3.00")).planned(key(2025), "0.00").planned(key(2026), "6.00").
		when(pay("M2", "A", 2025, "0.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01")
}
