package domain

import "testing"

// The worked examples of edition 2 about money, by number.

func TestExample16WhatCameBackTwiceFreesOnce(t *testing.T) {
	booked := &BookRecovery{Recovery: "R1", Payout: "P1", Amount: money("1000000.00"), Cause: CauseError}
	st := given(t).approved(submit("A1", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(pay("P1", "A1", 2025, "1000000.00"), order("C1", "P1", "1000000.00", CauseError), booked).
		when(receive("R2", "C1", "1000000.00")).found(CodeRecoveryExceeded).
		line("7", "P", 2025, "use", "0.00", "headroom", "1000000.00", "beyond", "1000000.00", "recovered", "1000000.00").
		ready(submit("A2", aiFirm, "7", "P", in(2025, "2000000.00"))).
		when(approve("A2", in(2025, "2000000.00"))).refused(CodeCapExceeded, "R2", "short_by", "1000000.00", "use", "0.00")
	// The cheque that came first bounces: the other one now counts, and nothing is beyond.
	st.and(reverse("R1")).line("7", "P", 2025, "use", "0.00", "beyond", "0.00", "recovered", "1000000.00").
		and(reverse("R2")).line("7", "P", 2025, "use", "1000000.00", "beyond", "0.00", "recovered", "0.00")
}

func TestExample17WhatNeverWentOutFreesNothing(t *testing.T) {
	back := &BookRecovery{Recovery: "R", Enterprise: aiFirm, Clause: "1.1a", SupportYear: 2025, Amount: money("100000000.00"), Cause: CauseError}
	given(t).when(back).found(CodeRecoveryExceeded).
		line("1.1a", string(aiFirm), 2025, "use", "0.00", "headroom", "100000000.00", "beyond", "100000000.00").
		ready(submit("A", aiFirm, "1.1a", "", in(2025, "200000000.00"))).
		when(approve("A", in(2025, "200000000.00"))).refused(CodeCapExceeded, "R2", "short_by", "100000000.00")
}

func TestExample18AnExceptionThatApprovalsRelyOnIsNotRevoked(t *testing.T) {
	given(t, amend("1.2a", "80000000.00", "2025-03-01", false), except("X", "1.2a", "P", 2025, "20000000.00")).
		approved(submit("A", aiFirm, "1.2a", "P", in(2025, "100000000.00"))).
		when(revoke("X", "0.01")).refused(CodeExceptionInUse, "R6", "limit", "0.00", "short_by", "0.01").
		and(release("A", 2025, "15000000.00")).
		when(revoke("X", "15000000.01")).refused(CodeExceptionInUse, "R6", "limit", "15000000.00", "short_by", "0.01").
		when(revoke("X", "15000000.00")).then("exception_revoked")
}

func TestExample19AReversalIsRecordedAndPayoutsWait(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "4", "P", in(2025, "20000000.00"))).
		and(pay("P1", "A1", 2025, "20000000.00"), order("C", "P1", "10000000.00", CauseError),
			receive("R1", "C", "5000000.00"), receive("R2", "C", "5000000.00"), amend("4", "15000000.00", "2025-04-01", false)).
		on("2025-04-10").approved(submit("A2", aiFirm, "4", "P", in(2025, "5000000.00"))).
		on("2025-05-01").line("4", "P", 2025, "over", "0.00").
		when(reverse("R1")).found(CodeAccountOverCap).
		line("4", "P", 2025, "use", "20000000.00", "headroom", "0.00", "over", "5000000.00").
		when(pay("P2", "A2", 2025, "0.01")).refused(CodeAccountOverCap, "R3", "cap", "15000000.00", "use", "20000000.00", "over_by", "5000000.00").
		and(release("A2", 2025, "4999999.99")).
		when(pay("P2", "A2", 2025, "0.01")).refused(CodeAccountOverCap, "R3", "over_by", "0.01").
		line("4", "P", 2025, "over", "0.01").
		and(release("A2", 2025, "0.01")).line("4", "P", 2025, "over", "0.00")
}

func TestExample20WhatWasBookedBeforeFillsTheApproval(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "6000000.00"))).
		and(bookOn("B", "A", 2025, "6000000.00")).
		line("4", "P", 2025, "use", "6000000.00", "outside", "6000000.00").
		and(approve("A", in(2025, "6000000.00"))).
		line("4", "P", 2025, "use", "6000000.00", "outside", "0.00", "committed", "6000000.00").
		when(pay("P", "A", 2025, "0.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01", "use", "6000000.00").
		and(sendBack("B", "1000000.00")). // the bank returns a part of what was booked: the instalment can be paid again
		when(pay("P", "A", 2025, "1000000.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(pay("P", "A", 2025, "1000000.00")).then("payout_made")
}

func TestExample22NothingOfALaterDayIsSeen(t *testing.T) {
	dated := func(c *ApproveApplication, on string) *ApproveApplication {
		c.Date = day(on)
		return c
	}
	early := revoke("X", "1.00")
	early.Date = day("2025-05-31")
	st := given(t).ready(submit("A", aiFirm, "1.2a", "P", in(2025, "120000000.00"))).
		on("2025-06-01").and(except("X", "1.2a", "P", 2025, "20000000.00"))
	st.when(early).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		when(dated(approve("A", in(2025, "120000000.00")), "2025-05-31")).refused(CodeCapExceeded, "R2", "short_by", "20000000.00", "exceptions", "0.00").
		when(dated(approve("A", in(2025, "120000000.00")), "2025-06-01")).then("application_approved")

	// The same of what a recovery frees.
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(pay("P", "A", 2025, "1000000.00"), order("C", "P", "400000.00", CauseError)).
		ready(submit("B", aiFirm, "7", "P", in(2025, "400000.00"))).
		on("2025-06-01").and(receive("R", "C", "400000.00")).
		when(dated(approve("B", in(2025, "400000.00")), "2025-05-31")).refused(CodeCapExceeded, "R2", "short_by", "400000.00", "use", "1000000.00").
		when(dated(approve("B", in(2025, "400000.00")), "2025-06-01")).then("application_approved")
}

func TestExample27APaymentIsNotBeforeItIsAuthorised(t *testing.T) {
	early := pay("P", "A", 2025, "1.00")
	early.PaidOn = day("2025-12-31")
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1.00"))).on("2026-06-01").
		when(early).refused(CodeDateOrder, "R14", "field", "paid_on", "earliest", "2026-06-01")
}

func TestR3ACapThatWasRaisedSinceIsNoReasonToWait(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(amend("7", "1500000.00", "2025-03-01", false)).
		approved(submit("B", aiFirm, "7", "P", in(2025, "500000.00"))).
		when(pay("P1", "A", 2025, "1000000.00")).then("payout_made").
		when(pay("P2", "B", 2025, "500000.00")).then("payout_made")
}

func TestR3BookingsAloneMakeNobodyWait(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(amend("7", "1500000.00", "2025-03-01", false), amend("7", "1000000.00", "2025-03-01", true)).
		and(book("B", aiFirm, "7", "P", 2025, "1.00")).
		when(pay("P1", "A", 2025, "1000000.00")).then("payout_made")
}

func TestR7TheAmendmentThatStandsGovernsNotTheSupersededOne(t *testing.T) {
	st := given(t, amend("4", "5000000.00", "2025-02-01", true), amend("4", "25000000.00", "2025-03-01", true))
	st.today = day("2025-03-01")
	st.on("2025-01-10").approved(submit("A", aiFirm, "4", "P", in(2025, "20000000.00")))
}

func TestR5MoneyReturnedTwiceFreesOnce(t *testing.T) {
	onLine := &BookRecovery{Recovery: "R", Enterprise: aiFirm, Clause: "7", Project: "P", SupportYear: 2025, Amount: money("100.00"), Cause: CauseError}
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00"), onLine).
		line("7", "P", 2025, "use", "0.00", "recovered", "100.00", "beyond", "0.00").
		and(sendBack("B", "60.00")). // the bank's return is of the same money
		line("7", "P", 2025, "use", "0.00", "outside", "40.00", "recovered", "40.00", "beyond", "60.00").
		and(reverse("R")).line("7", "P", 2025, "use", "40.00", "recovered", "0.00", "beyond", "0.00")
}

func TestR5MoneyOfAnotherEnterpriseOnTheProjectIsNotFreed(t *testing.T) {
	onLine := &BookRecovery{Recovery: "R", Enterprise: netFirm, Clause: "7", Project: "P", SupportYear: 2025, Amount: money("100.00"), Cause: CauseError}
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00")).
		when(onLine).found(CodeRecoveryExceeded).
		line("7", "P", 2025, "use", "100.00", "beyond", "100.00")
}

func TestR2AnApplicationWithBookedMoneyStays(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "5.00"))).and(bookOn("B", "A", 2025, "5.00")).
		when(&WithdrawApplication{Application: "A"}).refused(CodeMoneyBooked, "R2", "use", "5.00").
		and(&ReturnApplication{Application: "A"})
	st.when(submit("A", aiFirm, "7", "Q", in(2025, "5.00"))).refused(CodeMoneyBooked, "R2").
		when(submit("A", aiFirm, "4", "Q", in(2025, "5.00"))).refused(CodeMoneyBooked, "R2").
		when(submit("A", aiFirm, "4", "P", in(2025, "6.00"))).then("application_submitted").
		and(sendBack("B", "5.00")).
		when(&WithdrawApplication{Application: "A"}).then("application_withdrawn")
}

func TestR2AYearThatWasNotAppliedForIsAFinding(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "5.00"), in(2026, "5.00"))).
		when(approve("A", in(2025, "6.00"), in(2026, "4.00"))).found(CodeYearRequestExceeded)
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "5.00"))).
		when(approve("A", in(2026, "5.00"))).found(CodeYearNotAppliedFor)
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "5.00"))).
		when(approve("A", in(2025, "5.00"))).found()
}

func TestR3ABookingOutsideAnyApplicationCountsAgainstTheClausesDepartments(t *testing.T) {
	given(t).and(appropriate(2025, "", "market", "100.00"), book("B", aiFirm, "7", "P", 2025, "60.00")).
		when(appropriate(2025, "", "market", "59.99")).refused(CodeAppropriationBelow, "R3", "use", "60.00").
		when(book("B2", aiFirm, "7", "P", 2025, "40.01")).found(CodeAppropriationExceed).
		and(sendBack("B2", "40.01"), sendBack("B", "60.00")).
		when(appropriate(2025, "", "market", "0.01")).then("appropriation_set")
}

func TestR12AMistakenReturnIsUndone(t *testing.T) {
	undo := func(amount string) *ReverseReturn {
		return &ReverseReturn{Payout: "P", Amount: money(amount), Reason: "误记"}
	}
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "100.00"))).and(pay("P", "A", 2025, "100.00"), sendBack("P", "60.00")).
		when(undo("60.01")).refused(CodeReturnExceeded, "R3", "limit", "60.00", "short_by", "0.01").
		when(undo("10.00")).found().
		when(pay("Q", "A", 2025, "50.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		and(pay("Q", "A", 2025, "50.00")).
		when(undo("50.00")).found(CodeInstalmentExceeded). // the instalment was paid again meanwhile: the money went out all the same
		line("7", "P", 2025, "use", "150.00", "outside", "50.00")
	noReason := undo("1.00")
	noReason.Reason = ""
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "100.00"))).and(pay("P", "A", 2025, "100.00"), sendBack("P", "60.00")).
		when(noReason).refused(CodeFieldMissing, "R11", "field", "reason").
		when(undo("0.00")).refused(CodeAmountZero, "R1")
}

func TestR12AMistakenBookingIsUndone(t *testing.T) {
	undo := func(id PayoutID) *ReverseBooking {
		return &ReverseBooking{Payout: id, Reason: "误记", Document: "长财〔2025〕9号"}
	}
	st := given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "100.00"))).
		and(pay("P", "A", 2025, "40.00"), bookOn("B", "A", 2025, "80.00"), sendBack("B", "5.00")).
		line("7", "P", 2025, "use", "115.00", "outside", "15.00").
		when(undo("P")).refused(CodePayoutNotBooked, "R12").
		and(order("C", "B", "10.00", CauseError)).
		when(undo("B")).refused(CodeClawbackStands, "R12", "use", "10.00").
		and(waive("C", "10.00")).
		when(undo("B")).then("booking_reversed").
		line("7", "P", 2025, "use", "100.00", "outside", "0.00")
	st.when(undo("B")).refused(CodePayoutReversed, "R12").
		when(sendBack("B", "1.00")).refused(CodePayoutReversed, "R12").
		when(bookOn("B", "A", 2025, "1.00")).refused(CodePayoutExists, "R3").
		when(pay("P2", "A", 2025, "60.00")).then("payout_made")
	// What came back on the line without naming a payout gives way.
	onLine := &BookRecovery{Recovery: "R", Enterprise: aiFirm, Clause: "7", Project: "P", SupportYear: 2025, Amount: money("30.00"), Cause: CauseError}
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00"), onLine, undo("B")).
		line("7", "P", 2025, "use", "0.00", "recovered", "0.00", "beyond", "30.00")
}
