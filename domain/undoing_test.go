package domain

import "testing"

// What undoes a mistake leaves nothing of it, is not dated before it, and meets what happened in between.

func undoReturn(p PayoutID, amount string) *ReverseReturn {
	return &ReverseReturn{Payout: p, Amount: money(amount), Reason: "误记"}
}

func undoBooking(p PayoutID) *ReverseBooking {
	return &ReverseBooking{Payout: p, Reason: "误记", Document: "长财〔2025〕9号"}
}

func backOnLine(id RecoveryID, firm EnterpriseID, clause ClauseID, project, amount string) *BookRecovery {
	return &BookRecovery{Recovery: id, Enterprise: firm, Clause: clause, Project: project, SupportYear: 2025, Amount: money(amount), Cause: CauseError}
}

// As of a day between the two dates the payout would have been returned by less than nothing.
func TestR14AReturnIsNotUndoneBeforeItWasRecorded(t *testing.T) {
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00")).
		on("2025-06-01").and(sendBack("B", "60.00")).
		when(onDay(undoReturn("B", "60.00"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		when(onDay(undoBooking("B"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		on("2025-07-01").and(onDay(undoReturn("B", "60.00"), "2025-06-01")).
		when(onDay(sendBack("B", "100.00"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		and(onDay(sendBack("B", "100.00"), "2025-06-01"))
}

// Two returns may be recorded in any order.
func TestR3ReturnsAreFactsInAnyOrder(t *testing.T) {
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00")).on("2025-06-01").and(sendBack("B", "10.00")).
		when(onDay(sendBack("B", "10.00"), "2025-04-01")).then("payout_returned")
}

func TestR12AReturnUndoneHasMovedNothing(t *testing.T) {
	st := given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00"), backOnLine("R1", aiFirm, "7", "P", "30.00"), backOnLine("R2", aiFirm, "7", "P", "50.00")).
		line("7", "P", 2025, "use", "20.00", "recovered", "80.00", "beyond", "0.00").
		and(sendBack("B", "100.00")).line("7", "P", 2025, "use", "0.00", "recovered", "0.00", "beyond", "80.00").
		and(undoReturn("B", "90.00")).line("7", "P", 2025, "use", "10.00", "recovered", "80.00", "beyond", "0.00").
		and(undoReturn("B", "10.00")).line("7", "P", 2025, "use", "20.00", "recovered", "80.00", "beyond", "0.00")
	st.and(reverse("R1"), reverse("R2")).line("7", "P", 2025, "use", "100.00", "recovered", "0.00", "beyond", "0.00")
	// What never counted does not begin to count, and what bounced meanwhile does not come back.
	given(t).and(backOnLine("R0", aiFirm, "7", "P", "40.00"), book("B", aiFirm, "7", "P", 2025, "100.00"), backOnLine("R1", aiFirm, "7", "P", "30.00"),
		sendBack("B", "100.00"), reverse("R1"), undoReturn("B", "100.00")).
		line("7", "P", 2025, "use", "100.00", "recovered", "0.00", "beyond", "40.00")
}

// A recovery gave way to a return, took the place of one that bounced, and gave way to a second return: the returns undone, it counts for what it is,
// and not for more. It would have freed 80.00 of 50.00, and with them headroom that nobody has.
func TestR5WhatGaveWayTwiceCountsOnceWhenTheReturnsAreUndone(t *testing.T) {
	given(t).and(book("B", aiFirm, "7", "P", 2025, "100.00"), backOnLine("R1", aiFirm, "7", "P", "30.00"), backOnLine("R2", aiFirm, "7", "P", "50.00"),
		sendBack("B", "60.00")).line("7", "P", 2025, "recovered", "40.00", "beyond", "40.00").
		and(reverse("R1")).line("7", "P", 2025, "recovered", "40.00", "beyond", "10.00").
		and(sendBack("B", "30.00")).line("7", "P", 2025, "recovered", "10.00", "beyond", "40.00").
		and(undoReturn("B", "90.00")).line("7", "P", 2025, "use", "50.00", "recovered", "50.00", "beyond", "0.00")
}

// The application went on to another account; the money stayed on the one it was booked on.
func TestR12MoneyStaysWhereItWasBookedWhenItsApplicationMoved(t *testing.T) {
	moved := func(t *testing.T) *story {
		return given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "5.00"))).
			and(bookOn("B", "A", 2025, "5.00"), sendBack("B", "5.00"), &ReturnApplication{Application: "A"}).
			ready(submit("A", aiFirm, "7", "Q", in(2025, "5.00")))
	}
	moved(t).and(approve("A", in(2025, "5.00"))).
		when(undoReturn("B", "5.00")).then("return_reversed").
		line("4", "P", 2025, "use", "5.00", "outside", "5.00").
		line("7", "Q", 2025, "use", "5.00", "committed", "5.00").
		when(pay("P1", "A", 2025, "5.00")).then("payout_made")
	moved(t).and(undoReturn("B", "5.00"), bookOn("B2", "A", 2025, "5.00"), approve("A", in(2025, "5.00"))).
		line("4", "P", 2025, "use", "5.00", "outside", "5.00").
		line("7", "Q", 2025, "use", "5.00", "outside", "0.00")
}

// Money that came back of approved payouts frees headroom; it does not turn a booking into a reason to wait.
func TestR3BookingsMakeNobodyWaitWhereApprovedMoneyCameBack(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(pay("P1", "A", 2025, "400000.00"), order("C", "P1", "400000.00", CauseError), receive("R", "C", "400000.00")).
		approved(submit("B", aiFirm, "7", "P", in(2025, "400000.00"))).
		and(book("X", aiFirm, "7", "P", 2025, "300000.00")).
		line("7", "P", 2025, "use", "1300000.00").
		when(pay("P2", "A", 2025, "600000.00")).then("payout_made").
		when(pay("P3", "B", 2025, "400000.00")).then("payout_made").
		and(amend("7", "900000.00", "2025-03-01", true)).
		and(sendBack("P3", "0.01")).
		when(pay("P4", "B", 2025, "0.01")).refused(CodeAccountOverCap, "R3", "cap", "900000.00")
}

// An approval was released in June; one that is dated in May does not see it. As of May the project would have had 1,300,000.00 of its 1,000,000.00.
func TestR6ADecisionDatedBeforeACutDoesNotSeeWhatItFrees(t *testing.T) {
	for _, cut := range []Command{release("A", 2025, "600000.00"), reduce("A", 2025, "600000.00")} {
		st := given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).ready(submit("B", aiFirm, "7", "P", in(2025, "300000.00")))
		st.on("2025-06-01").and(cut)
		st.when(onDay(approve("B", in(2025, "300000.00")), "2025-05-31")).refused(CodeCapExceeded, "R2", "use", "1000000.00", "short_by", "300000.00")
		st.when(onDay(approve("B", in(2025, "300000.00")), "2025-06-01")).then("application_approved")
	}
}

// Nor does it see what the bank returned later, or what was found later never to have been paid. A return that was undone has moved nothing.
func TestR6ADecisionDatedBeforeAReturnDoesNotSeeWhatItFrees(t *testing.T) {
	booked := func() *story {
		return given(t).and(book("X", aiFirm, "7", "P", 2025, "900000.00")).ready(submit("B", aiFirm, "7", "P", in(2025, "300000.00"))).on("2025-06-01")
	}
	for _, gone := range []Command{sendBack("X", "900000.00"), undoBooking("X")} {
		booked().and(gone).
			when(onDay(approve("B", in(2025, "300000.00")), "2025-05-31")).refused(CodeCapExceeded, "R2", "use", "900000.00", "short_by", "200000.00").
			when(approve("B", in(2025, "300000.00"))).then("application_approved")
	}
	booked().and(sendBack("X", "200000.00"), undoReturn("X", "200000.00")).
		when(onDay(approve("B", in(2025, "100000.01")), "2025-05-31")).refused(CodeCapExceeded, "R2", "use", "900000.00", "short_by", "0.01").
		when(onDay(approve("B", in(2025, "100000.00")), "2025-05-31")).then("application_approved")
}

// A payout dated before the cut that an amendment asks for waits, as it would have then.
func TestR7APayoutDatedBeforeTheReductionWaits(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).
		on("2025-06-01").and(amend("7", "900000.00", "2025-05-01", true), reduce("A", 2025, "100000.00")).
		when(onDay(pay("P1", "A", 2025, "1.00"), "2025-05-31")).refused(CodeAccountOverCap, "R3", "over_by", "100000.00").
		when(pay("P1", "A", 2025, "1.00")).then("payout_made")
}

// 20,000,000.00 came back in June; a revocation that is dated in May does not see it, for in May the approval relied on the exception.
func TestR6ARevocationDatedBeforeARecoveryDoesNotSeeWhatItFrees(t *testing.T) {
	st := given(t).and(except("X", "1.2a", "P", 2025, "20000000.00")).approved(submit("A", aiFirm, "1.2a", "P", in(2025, "120000000.00"))).
		and(pay("P1", "A", 2025, "120000000.00"), order("C", "P1", "20000000.00", CauseError)).
		on("2025-06-01").and(receive("R", "C", "20000000.00"))
	st.when(onDay(revoke("X", "0.01"), "2025-05-31")).refused(CodeExceptionInUse, "R6", "limit", "0.00")
	st.when(onDay(revoke("X", "20000000.00"), "2025-06-01")).then("exception_revoked")
	// What was granted later does not cover it either.
	given(t).and(except("X", "1.2a", "P", 2025, "20000000.00")).approved(submit("A", aiFirm, "1.2a", "P", in(2025, "120000000.00"))).
		on("2025-06-01").and(except("Y", "1.2a", "P", 2025, "20000000.00")).
		when(onDay(revoke("X", "0.01"), "2025-05-31")).refused(CodeExceptionInUse, "R6", "limit", "0.00").
		when(revoke("X", "20000000.00")).then("exception_revoked")
}

// The bank returned a payout in June. A payout or a reduction that is dated in May does not see it: in May the whole instalment was out.
func TestR3ADecisionDatedBeforeAReturnFindsTheInstalmentPaid(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).and(pay("P1", "A", 2025, "900000.00")).
		on("2025-06-01").and(sendBack("P1", "900000.00"))
	st.when(onDay(pay("P2", "A", 2025, "100000.01"), "2025-05-31")).refused(CodeInstalmentExceeded, "R3", "use", "900000.00", "short_by", "0.01")
	st.when(onDay(release("A", 2025, "100000.01"), "2025-05-31")).refused(CodeReductionExceeded, "R12", "limit", "100000.00")
	st.when(onDay(pay("P2", "A", 2025, "100000.00"), "2025-05-31")).then("payout_made")
	st.when(pay("P3", "A", 2025, "900000.00")).then("payout_made")
	// A return that was undone leaves as much room on every day as there was.
	st = given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).and(pay("P1", "A", 2025, "900000.00")).
		on("2025-06-01").and(sendBack("P1", "900000.00"), undoReturn("P1", "900000.00"))
	st.when(onDay(pay("P2", "A", 2025, "100000.00"), "2025-05-31")).then("payout_made")
}

// onDay gives a command another date than the story's.
func onDay(c Command, on string) Command {
	HeadOf(c).Date = day(on)
	return c
}
