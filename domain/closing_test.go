package domain

import (
	"testing"
)

func closeYear(y int) *CloseBudgetYear {
	return &CloseBudgetYear{Year: y, Document: "长财〔2026〕1号"}
}

func reopenYear(y int) *ReopenBudgetYear {
	return &ReopenBudgetYear{Year: y, Document: "长府〔2026〕2号", Reason: "漏记"}
}

func budgeted(y int, clause ClauseID, amount string) *SetAppropriation {
	return &SetAppropriation{BudgetYear: y, Clause: clause, Amount: money(amount), Document: "d"}
}

func carry(from, to int, clause ClauseID, amount string) *CarryOver {
	return &CarryOver{From: from, To: to, Clause: clause, Amount: money(amount), Document: "d"}
}

func line(n int, voucher, paidOn, amount string) *RecordTreasuryPayment {
	return &RecordTreasuryPayment{Statement: "S", Line: n, Voucher: voucher, PaidOn: day(paidOn), Amount: money(amount), Payee: "p"}
}

func paidOn(id PayoutID, a ApplicationID, y SupportYear, amount, on string) *MakePayout {
	p := pay(id, a, y, amount)
	p.PaidOn = day(on)
	return p
}

// closed is a fund whose year 2025 is closed on 2026-01-05: 12,000,000 of 4 budgeted, 5,000,000 paid on 2025-06-01.
func closed(t *testing.T) *story {
	t.Helper()
	return given(t, budgeted(2025, "4", "12000000.00"), budgeted(2026, "4", "1000000.00")).
		approved(submit("A", aiFirm, "4", "P", in(2025, "8000000.00"))).
		on("2025-06-01").and(pay("P1", "A", 2025, "5000000.00")).
		on("2026-01-05").and(closeYear(2025)).
		on("2026-01-06")
}

func TestExample44AClosedYearTakesNoBudgetAndNoPayout(t *testing.T) {
	closed(t).
		when(budgeted(2025, "4", "13000000.00")).refused(CodeBudgetYearClosed, "R14", "budget_year", "2025", "closed_on", "2026-01-05", "document", "长财〔2026〕1号", "department", "government").
		when(at("2025-12-31", pay("P2", "A", 2025, "1.00"))).refused(CodeBudgetYearClosed, "R14", "budget_year", "2025").
		when(budgeted(2026, "4", "2000000.00")).then("appropriation_set").
		when(pay("P2", "A", 2025, "1.00")).then("payout_made")
}

// at gives a command a date of its own.
func at(date string, c Command) Command {
	HeadOf(c).Date = day(date)
	return c
}

func TestWhatIsDecidedInAClosedYearIsRefusedAndWhatHappenedIsFound(t *testing.T) {
	const last, first = "2025-12-31", "2026-01-01"
	book := func(id PayoutID, on string) *BookPayout {
		return &BookPayout{Payout: id, Application: "A", SupportYear: 2025, Amount: money("1.00"), PaidOn: day(on)}
	}
	st := closed(t).and(book("B0", first), order("C", "P1", "1000.00", CauseError))
	for _, c := range []Command{paidOn("P9", "A", 2025, "1.00", last), sendBack("P1", "1.00"), &ReduceApproval{Application: "A", SupportYear: 2025, Amount: money("1.00")},
		release("A", 2025, "1.00"), order("C9", "P1", "1.00", CauseError), &WaiveClawback{Clawback: "C", Amount: money("1.00"), Document: "d"},
		&ReverseReturn{Payout: "P1", Amount: money("1.00"), Reason: "r"}, &ReverseBooking{Payout: "B0", Reason: "r", Document: "d"},
		&VoidTreasuryPayment{Statement: "S", Line: 1, Reason: "r"}} {
		st.when(at(last, c)).refused(CodeBudgetYearClosed, "R14", "closed_on", "2026-01-05")
	}
	st.when(carry(2024, 2025, "4", "1.00")).refused(CodeBudgetYearClosed, "R14", "budget_year", "2025")
	// The same by the day after: nothing is dated in the closed year.
	st.when(sendBack("P1", "1.00")).found(CodeBudgetYearClosed) // of an old payout: its budget has the money back
	st.when(&ReverseReturn{Payout: "P1", Amount: money("1.00"), Reason: "r"}).found(CodeBudgetYearClosed)
	st.when(pay("P2", "A", 2025, "1.00")).then("payout_made")
	st.when(sendBack("P2", "1.00")).found()
	// Facts.
	st.when(book("B1", last)).found(CodeBudgetYearClosed).when(book("B2", first)).found()
	st.when(&ReverseBooking{Payout: "B1", Reason: "r", Document: "d"}).found(CodeBudgetYearClosed)
	st.when(&BookRecovery{Recovery: "R1", Payout: "P1", Amount: money("1.00"), Cause: CauseError, ReceivedOn: day(last)}).found(CodeBudgetYearClosed)
	st.when(at(last, reverse("R1"))).found(CodeBudgetYearClosed)
	st.when(&BookRecovery{Recovery: "R2", Payout: "P1", Amount: money("1.00"), Cause: CauseError}).found()
	st.when(reverse("R2")).found()
	st.when(line(1, "V", last, "3.00")).then("treasury_payment_recorded").
		when(&VoidTreasuryPayment{Statement: "S", Line: 1, Reason: "r"}).then("treasury_payment_voided")
	// What a decision of the closed year's last day says without moving money stands.
	st.when(at(last, accept("A9"))).refused(CodeApplicationUnknown, "R2")
}

func TestARecoveryThatCameInBeforeTheYearWasClosedIsRecordedAfterIt(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "8000000.00"))).and(pay("P1", "A", 2025, "5.00"), order("C", "P1", "5.00", CauseError)).
		on("2026-01-05").and(closeYear(2025))
	got := receive("R", "C", "5.00")
	got.ReceivedOn = day("2025-12-31")
	st.when(got).found(CodeBudgetYearClosed)
}

// Spaces of any kind are no document and no reason: a cap is not raised on a blank.
func TestABlankIsNoDocumentAndNoReason(t *testing.T) {
	for _, blank := range []string{" ", "\u3000", "\u00a0 \u3000"} {
		raised := except("X", "1.1a", string(aiFirm), 2025, "1.00")
		raised.Document = blank
		given(t).when(raised).refused(CodeDocumentRequired, "R6").
			when(&AdmitBeneficiary{Enterprise: otherFirm, Document: blank}).refused(CodeDocumentRequired, "R6").
			when(&RestrictCredit{Enterprise: aiFirm, Reason: blank}).refused(CodeFieldMissing, "R11", "field", "reason").
			when(&RenameEnterprise{Enterprise: aiFirm, Title: blank}).refused(CodeFieldMissing, "R11", "field", "name")
	}
}

func TestAYearIsClosedOnceItIsOverAndInOrder(t *testing.T) {
	st := given(t, budgeted(2025, "4", "1.00"), budgeted(2026, "4", "1.00")).
		on("2025-12-30").when(closeYear(2025)).refused(CodeBudgetYearNotOver, "R14", "earliest", "2025-12-31", "date", "2025-12-30").
		on("2027-01-10").when(closeYear(1800)).refused(CodeFieldInvalid, "R11", "field", "year").
		when(&CloseBudgetYear{Year: 2025}).refused(CodeDocumentRequired, "R6")
	st.today = day("2027-01-10")
	st.on("2025-12-31").and(closeYear(2025)).
		on("2026-01-02").when(closeYear(2025)).refused(CodeBudgetYearClosed, "R14", "closed_on", "2025-12-31").
		when(reopenYear(2026)).refused(CodeBudgetYearOpen, "R14", "budget_year", "2026").
		on("2027-01-10").and(closeYear(2026)).
		when(reopenYear(2025)).refused(CodeLaterYearClosed, "R14", "latest", "2026").
		on("2027-01-09").when(reopenYear(2026)).refused(CodeDateOrder, "R14").
		on("2027-01-10").and(reopenYear(2026), reopenYear(2025)).
		on("2027-01-09").when(closeYear(2025)).refused(CodeDateOrder, "R14")
	st.on("2027-01-10").and(closeYear(2026)).
		when(budgeted(2025, "4", "2.00")).refused(CodeBudgetYearClosed, "R14", "budget_year", "2025", "closed_on", "2027-01-10"). // books are closed up to a year
		when(closeYear(2025)).refused(CodeBudgetYearClosed, "R14").
		when(reopenYear(2025)).refused(CodeLaterYearClosed, "R14", "latest", "2026").
		when(carry(2025, 2026, "4", "1.00")).refused(CodeBudgetYearClosed, "R14", "budget_year", "2026").
		when(carry(2025, 2027, "4", "1.00")).then("appropriation_carried").
		and(reopenYear(2026))
	if list := st.on("2027-01-10").and(closeYear(2025)).state.Closings(); len(list) != 1 || list[0].Year != 2025 || list[0].On != day("2027-01-10") {
		t.Errorf("closed are %v", list)
	}
}

func TestOnlyTheTreasuryClosesAndOnlyTheAuthorityReopens(t *testing.T) {
	st := closed(t)
	treasurer, authority := person(Treasurer, "finance"), person(Authority, "government")
	by := func(who Actor, c Command) Command { HeadOf(c).Actor = who; return c }
	st.when(by(treasurer, reopenYear(2025))).refused(CodeRoleNotAllowed, "R9")
	st.when(by(person(Treasurer, "commerce"), carry(2025, 2026, "4", "1.00"))).refused(CodeDepartmentNotAllowed, "R9")
	st.and(by(authority, reopenYear(2025))).when(by(authority, closeYear(2025))).refused(CodeRoleNotAllowed, "R9")
}

func TestDifferencesFromTheTreasurysFilesAreAcknowledgedToTheCent(t *testing.T) {
	v := func(p *MakePayout, voucher string) *MakePayout { p.Voucher = voucher; return p }
	st := given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "8000000.00"))).
		on("2025-06-01").and(v(pay("P1", "A", 2025, "100.00"), "V1"), v(pay("P2", "A", 2025, "50.00"), " V1 "), pay("P3", "A", 2025, "7.00")).
		on("2026-01-05")
	if lines, differ, by := st.state.Differences(2025); lines+differ != 0 || !by.IsZero() {
		t.Errorf("without a file there are %d differences of %s on %d lines", differ, by, lines)
	}
	st.and(line(1, "V1", "2025-06-01", "150.00"), line(2, "V2", "2025-12-31", "0.01"), line(3, "V3", "2026-01-02", "9.00"), line(4, "V4", "2025-07-01", "1.00"),
		&VoidTreasuryPayment{Statement: "S", Line: 4, Reason: "r"})
	say := func(n int, amount string) *CloseBudgetYear {
		c := closeYear(2025)
		c.Differences, c.DifferenceAmount = n, money(amount)
		return c
	}
	st.when(closeYear(2025)).refused(CodeDifferencesUnsaid, "R14", "use", "2", "limit", "7.01", "value", "0", "asked", "0.00").
		when(say(2, "7.00")).refused(CodeDifferencesUnsaid, "R14").
		when(say(1, "7.01")).refused(CodeDifferencesUnsaid, "R14").
		when(say(-2, "7.01")).refused(CodeDifferencesUnsaid, "R14").
		when(say(2, "7.01")).then("budget_year_closed")
}

func TestWhatIsLeftIsCarriedOverOnceAndNeverMore(t *testing.T) {
	st := closed(t)
	st.when(carry(2026, 2027, "4", "1.00")).refused(CodeBudgetYearOpen, "R14", "budget_year", "2026").
		when(carry(2025, 2025, "4", "1.00")).refused(CodeBudgetYearClosed, "R14").
		when(carry(2026, 2026, "4", "1.00")).refused(CodeFieldInvalid, "R11", "field", "to").
		when(carry(2025, 2026, "6", "0.01")).refused(CodeCarryExceeded, "R14", "limit", "0.00", "short_by", "0.01").
		when(carry(2025, 2026, "4", "0.00")).refused(CodeAmountZero, "R1").
		when(carry(2025, 2026, "4", "7000000.01")).refused(CodeCarryExceeded, "R14", "cap", "12000000.00", "use", "5000000.00", "limit", "7000000.00", "short_by", "0.01").
		when(carry(2025, 2026, "4", "6000000.00")).then("appropriation_carried").
		when(carry(2025, 2027, "4", "1000000.01")).refused(CodeCarryExceeded, "R14", "cap", "6000000.00", "limit", "1000000.00", "short_by", "0.01").
		when(carry(2025, 2027, "4", "1000000.00")).then("appropriation_carried").
		when(carry(2025, 2026, "4", "0.01")).refused(CodeCarryExceeded, "R14", "limit", "0.00")
	// What was carried adds to what is set, and stays when that is set anew.
	st.when(pay("P2", "A", 2025, "3000000.01")).refused(CodeInstalmentExceeded, "R3").
		and(budgeted(2026, "4", "0.00"), pay("P2", "A", 2025, "3000000.00")).
		approved(submit("A2", aiFirm, "4", "P2", in(2026, "9000000.00"))).
		when(pay("P3", "A2", 2026, "3000000.01")).refused(CodeAppropriationExceed, "R3", "cap", "6000000.00", "use", "3000000.00", "short_by", "0.01").
		and(pay("P3", "A2", 2026, "3000000.00"))
	// The bank returns money of the closed year: it can be carried too.
	st.and(sendBack("P1", "500.00")).when(carry(2025, 2026, "4", "500.01")).refused(CodeCarryExceeded, "R14", "limit", "500.00").
		when(carry(2025, 2026, "4", "500.00")).then("appropriation_carried")
}

func TestAReopenedYearMayUseWhatWasNotCarriedOver(t *testing.T) {
	closed(t).and(carry(2025, 2026, "4", "6000000.00"), reopenYear(2025)).
		when(carry(2025, 2026, "4", "0.01")).refused(CodeBudgetYearOpen, "R14").
		when(budgeted(2025, "4", "10999999.99")).refused(CodeAppropriationBelow, "R3", "use", "5000000.00", "asked", "4999999.99", "short_by", "0.01").
		when(at("2025-12-31", pay("P2", "A", 2025, "1000000.01"))).refused(CodeAppropriationExceed, "R3", "cap", "6000000.00", "use", "5000000.00", "short_by", "0.01").
		when(at("2025-12-31", pay("P2", "A", 2025, "1000000.00"))).then("payout_made").
		when(closeYear(2025)).then("budget_year_closed").
		when(at("2025-12-31", pay("P3", "A", 2025, "0.01"))).refused(CodeBudgetYearClosed, "R14").
		when(carry(2025, 2026, "4", "0.01")).refused(CodeCarryExceeded, "R14", "limit", "0.00")
}

func TestWhatIsBookedBehindACloseAndBeyondWhatIsLeftIsFoundTwice(t *testing.T) {
	closed(t).and(carry(2025, 2026, "4", "7000000.00")).
		when(&BookPayout{Payout: "B", Application: "A", SupportYear: 2025, Amount: money("0.01"), PaidOn: day("2025-12-31")}).
		found(CodeAppropriationExceed, CodeBudgetYearClosed).
		when(carry(2025, 2026, "4", "0.01")).refused(CodeCarryExceeded, "R14", "limit", "0.00")
}

func TestTheLargestAmountIsCarriedOver(t *testing.T) {
	given(t, budgeted(2025, "4", "999999999999.99")).on("2026-01-05").and(closeYear(2025)).
		when(carry(2025, 2026, "4", "999999999999.99")).then("appropriation_carried").
		when(carry(2025, 2026, "4", "0.01")).refused(CodeCarryExceeded, "R14", "short_by", "0.01")
}
