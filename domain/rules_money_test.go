package domain

import (
	"reflect"
	"strings"
	"testing"
)

func TestR3PayoutsNameAnInstalmentAndAreNew(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "9.00"))).
		when(pay("P", "A", 2026, "1.00")).refused(CodeInstalmentUnknown, "R3", "year", "2026").
		when(pay("P", "B", 2025, "1.00")).refused(CodeApplicationUnknown, "R2").
		and(pay("P", "A", 2025, "1.00")).
		when(pay("P", "A", 2025, "1.00")).refused(CodePayoutExists, "R3", "payout", "P")
}

func TestR3AppropriationsLimitABudgetYear(t *testing.T) {
	for name, set := range map[string]*SetAppropriation{
		"of the clause charged":                          appropriate(2025, "1.1a", "", "10.00"),
		"of the clause applied for":                      appropriate(2025, "1.3a", "", "10.00"),
		"of the department that approved":                appropriate(2025, "", "investment", "10.00"),
		"of the fund":                                    appropriate(2025, "", "", "10.00"),
		"of the department under the clause charged":     appropriate(2025, "1.1a", "investment", "10.00"),
		"of the department under the clause applied for": appropriate(2025, "1.3a", "investment", "10.00"),
		"the narrowest of several decides":               appropriate(2025, "1.1a", "", "10.00"),
	} {
		t.Run(name, func(t *testing.T) {
			st := given(t, set).approved(referring(submit("A", otherFirm, "1.3a", "", in(2025, "100.00")), "1.1a"))
			if strings.HasPrefix(name, "the narrowest") {
				st.and(appropriate(2025, "", "investment", "99.00"))
			}
			st.and(pay("P1", "A", 2025, "8.00")).
				when(pay("P2", "A", 2025, "2.01")).
				refused(CodeAppropriationExceed, "R3", "cap", "10.00", "use", "8.00", "asked", "2.01", "short_by", "0.01", "budget_year", "2025").
				and(sendBack("P1", "5.00")). // the budget has it back
				when(pay("P2", "A", 2025, "7.00")).then("payout_made").
				when(appropriate(2025, set.Clause, set.Department, "9.99")).refused(CodeAppropriationBelow, "R3", "use", "10.00", "short_by", "0.01").
				on("2026-01-05").when(pay("P3", "A", 2025, "50.00")).then("payout_made"). // another budget year, the same support year
				when(sendBack("P2", "7.00")).then("payout_returned").                     // in 2026: the year of the payment gets it back
				and(order("C", "P1", "3.00", CauseError), receive("R", "C", "3.00"))
			st.today = day("2026-01-05")
			st.on("2025-12-31").when(pay("P4", "A", 2025, "7.00")).then("payout_made").
				when(pay("P5", "A", 2025, "0.01")).refused(CodeAppropriationExceed, "R3")
		})
	}
}

func TestR3AnAppropriationIsOfTheFundAClauseADepartmentOrBoth(t *testing.T) {
	noDocument := appropriate(2025, "6", "", "1.00")
	noDocument.Document = ""
	o := given(t).
		when(appropriate(2025, "9", "", "1.00")).refused(CodeClauseUnknown, "R7").
		when(appropriate(2025, "9", "reform", "1.00")).refused(CodeClauseUnknown, "R7").
		when(appropriate(2025, "", "moon", "1.00")).refused(CodeFieldInvalid, "R11", "field", "department").
		when(appropriate(2025, "6", "moon", "1.00")).refused(CodeFieldInvalid, "R11", "field", "department").
		when(appropriate(0, "6", "", "1.00")).refused(CodeFieldInvalid, "R11", "field", "budget_year").
		when(appropriate(-5, "6", "", "1.00")).refused(CodeFieldInvalid, "R11").
		when(appropriate(65536+2025, "6", "", "1.00")).refused(CodeFieldInvalid, "R11").
		when(noDocument).refused(CodeDocumentRequired, "R6").
		and(appropriate(2025, "6", "", "1.00")).when(appropriate(2025, "6", "", "2.00"))
	if e := o.decision.Events[0].(*AppropriationSet); e.Previous != Stated(Yuan(1)) {
		t.Errorf("it replaces %v", e.Previous)
	}
	for scope, c := range map[string]*SetAppropriation{"2025-fund": appropriate(2025, "", "", "1.00"), "2025-6/reform": appropriate(2025, "6", "reform", "1.00")} {
		if kind, id := given(t).when(c).decision.Events[0].Entity(); kind != "appropriation" || id != scope {
			t.Errorf("an appropriation is called %s %s, not %s", kind, id, scope)
		}
	}
}

func ofKind(c *SetAppropriation, kind AppropriationKind) *SetAppropriation {
	c.Kind = kind
	return c
}

// What is adjusted stands in the place of what was set first; which of them a command sets is said, or follows from what is there.
func TestR3AnAdjustedAppropriationStandsInThePlaceOfTheInitialOne(t *testing.T) {
	st := given(t, appropriate(2025, "6", "", "10.00")).
		when(ofKind(appropriate(2025, "6", "", "12.00"), InitialBudget)).then("appropriation_set"). // a slip in the first is put right
		and(appropriate(2025, "6", "", "8.00")).                                                    // adjusts
		when(ofKind(appropriate(2025, "6", "", "9.00"), InitialBudget)).refused(CodeAppropriationAdjusted, "R3", "cap", "8.00", "scope", "6").
		when(ofKind(appropriate(2025, "6", "", "9.00"), CarriedBudget)).refused(CodeFieldInvalid, "R11", "field", "kind", "allowed", "initial, adjusted").
		when(ofKind(appropriate(2025, "6", "", "9.00"), "更多")).refused(CodeFieldInvalid, "R11", "field", "kind").
		and(ofKind(appropriate(2025, "6", "", "7.00"), AdjustedBudget))
	is := st.state.appropriations.get(BudgetKey{Year: 2025, Clause: "6"})
	if is.initial != Stated(Yuan(12)) || is.adjusted != Stated(Yuan(7)) || is.total() != Yuan(7) {
		t.Errorf("initial %v, adjusted %v, total %s", is.initial, is.adjusted, is.total())
	}
	first := given(t, ofKind(appropriate(2025, "7", "", "5.00"), AdjustedBudget)).state.appropriations.get(BudgetKey{Year: 2025, Clause: "7"})
	if first.initial.Stated || first.total() != Yuan(5) {
		t.Errorf("adjusted from nothing: %+v", first)
	}
}

// The sum of what was set first is bounded apart: adjusting each to nought makes no room for more of it (R1).
func TestR1TheSumOfInitialAppropriationsIsBounded(t *testing.T) {
	st := given(t)
	for year := 2020; year < 2030; year++ {
		st.and(appropriate(year, "6", "", "999999999999.99")).and(appropriate(year, "6", "", "0.00"))
	}
	st.and(appropriate(2030, "6", "", "0.09")).
		when(appropriate(2031, "6", "", "0.01")).refused(CodeAmountTooLarge, "R1", "field", "appropriation", "short_by", "0.01")
}

// What a booked payout breaks is found, and recorded all the same.
func TestR3BookedPayoutsCarryTheirFindings(t *testing.T) {
	base := func(t *testing.T) *story {
		return given(t).on("2025-03-02").approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).on("2025-06-01")
	}
	dated := func(c *BookPayout, on string) *BookPayout { c.PaidOn = day(on); return c }
	for name, c := range map[string]struct {
		given func(*story)
		book  *BookPayout
		codes []string
	}{
		"within its instalment":      {nil, bookOn("B", "A", 2025, "100.00"), nil},
		"beyond its instalment":      {nil, bookOn("B", "A", 2025, "100.01"), []string{CodeInstalmentExceeded}},
		"for a year not approved":    {nil, bookOn("B", "A", 2026, "1.00"), []string{CodeInstalmentUnknown}},
		"before the approval":        {nil, dated(bookOn("B", "A", 2025, "1.00"), "2025-03-01"), []string{CodeDateOrder}},
		"before the policy":          {nil, dated(book("B", aiFirm, "6", "Q", 2025, "1.00"), "2020-01-01"), []string{CodeDateBeforePolicy}},
		"outside the term":           {nil, book("B", aiFirm, "6", "Q", 2019, "1.00"), []string{CodeYearOutsideTerm}},
		"of an industry not served":  {nil, book("B", otherFirm, "1.1a", "", 2025, "1.00"), []string{CodeIndustryNotServed}},
		"to restricted credit":       {func(st *story) { st.and(&RestrictCredit{Enterprise: aiFirm, Reason: "r"}) }, bookOn("B", "A", 2025, "1.00"), []string{CodeCreditRestricted}},
		"while suspended":            {func(st *story) { st.and(&SuspendApplication{Application: "A"}) }, bookOn("B", "A", 2025, "1.00"), []string{CodeApplicationSuspended}},
		"by who approved":            {nil, by(bookOn("B", "A", 2025, "1.00"), Actor{ID: person(Approver, "reform").ID, Role: Treasurer, Department: "finance"}), []string{CodeFourEyes}},
		"on an undecided request":    {func(st *story) { st.and(submit("S", aiFirm, "6", "Q", in(2025, "9.00"))) }, bookOn("B", "S", 2025, "1.00"), []string{CodeApplicationState}},
		"beyond the cap":             {nil, book("B", aiFirm, "6", "Q", 2025, "5000000.01"), []string{CodeCapExceeded}},
		"where a cap was lowered":    {func(st *story) { st.and(amend("6", "99.00", "2025-06-01", true)) }, bookOn("B", "A", 2025, "1.00"), []string{CodeAccountOverCap}},
		"beyond the appropriation":   {func(st *story) { st.and(appropriate(2025, "6", "", "1.00")) }, bookOn("B", "A", 2025, "1.01"), []string{CodeAppropriationExceed}},
		"everything wrong at once":   {func(st *story) { st.and(&RestrictCredit{Enterprise: otherFirm, Reason: "r"}) }, book("B", otherFirm, "2.4.3", "Q", 2019, "3000000.01"), []string{CodeYearOutsideTerm, CodeIndustryNotServed, CodeCreditRestricted, CodeCapExceeded}},
		"before the restriction":     {func(st *story) { st.and(&RestrictCredit{Enterprise: aiFirm, Reason: "r"}) }, dated(book("B", aiFirm, "6", "Q", 2025, "1.00"), "2025-02-28"), nil},
		"under a clause without cap": {nil, book("B", netFirm, "1.1b", "", 2025, "999999999999.99"), nil},
		"to a talent":                {nil, book("B", aiFirm, "3", "W", 2025, "5000000.00"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			st := base(t)
			if c.given != nil {
				c.given(st)
			}
			st.when(c.book).found(c.codes...)
		})
	}
}

func TestR3BookingIsRefusedOnlyForWhatCannotBeRecorded(t *testing.T) {
	both := bookOn("B", "A", 2025, "1.00")
	both.Enterprise = aiFirm
	future := book("B", aiFirm, "6", "P", 2025, "1.00")
	future.PaidOn = day("2025-03-02")
	st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "9.00"))).and(bookOn("B0", "A", 2025, "1.00"))
	for _, c := range []struct {
		book       *BookPayout
		code, rule string
	}{
		{both, CodeFieldInvalid, "R11"}, {future, CodeDateInFuture, "R14"}, {bookOn("B", "nobody", 2025, "1.00"), CodeApplicationUnknown, "R2"},
		{book("B", code(99), "6", "P", 2025, "1.00"), CodeEnterpriseUnknown, "R10"}, {book("B", aiFirm, "9", "P", 2025, "1.00"), CodeClauseUnknown, "R7"},
		{book("B", aiFirm, "1.3a", "P", 2025, "1.00"), CodeClauseByReference, "R7"}, {book("B", aiFirm, "1.3b", "P", 2025, "1.00"), CodeClauseNotAppliedFor, "R6"},
		{book("B", aiFirm, "6", "", 2025, "1.00"), CodeSubjectRequired, "R2"}, {book("B", aiFirm, "6", "P", 0, "1.00"), CodeFieldInvalid, "R11"},
		{bookOn("B0", "A", 2025, "1.00"), CodePayoutExists, "R3"},
	} {
		st.when(c.book).refused(c.code, c.rule)
	}
	old := book("B", aiFirm, "6", "P", 2020, "1.00")
	old.Date = day("2020-05-01")
	st.when(old).found(CodeDateBeforePolicy, CodeYearOutsideTerm)
}

func TestR5BookedOutsideUsesTheCapAndReturnsGiveItBack(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).
		and(pay("P", "A", 2025, "70.00"), bookOn("B", "A", 2025, "50.00")).
		line("6", "P", 2025, "committed", "100.00", "outside", "20.00", "use", "120.00").
		when(pay("P2", "A", 2025, "0.01")).refused(CodeInstalmentExceeded, "R3").
		and(sendBack("B", "15.00")).line("6", "P", 2025, "outside", "5.00").
		and(sendBack("B", "10.00")).line("6", "P", 2025, "outside", "0.00", "use", "100.00").
		when(pay("P2", "A", 2025, "5.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(pay("P2", "A", 2025, "5.00")).then("payout_made").
		when(sendBack("B", "25.01")).refused(CodeReturnExceeded, "R3", "limit", "25.00", "short_by", "0.01").
		when(sendBack("nobody", "1.00")).refused(CodePayoutUnknown, "R3")
}

func TestR3AnAccountOverByBookingsAloneGoesOnPaying(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).and(book("B", aiFirm, "6", "P", 2025, "1.00")).
		line("6", "P", 2025, "over", "1.00").
		when(pay("P", "A", 2025, "5000000.00")).then("payout_made")
}

func TestR4ClawbacksReachWhatIsLeftOfThePayout(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).
		and(pay("P", "A", 2025, "100.00"), sendBack("P", "10.00")).
		when(order("C", "P", "90.01", CauseError)).refused(CodeClawbackExceeded, "R4", "limit", "90.00", "short_by", "0.01", "year", "2025").
		when(order("C", "P", "1.00", "whim")).refused(CodeFieldInvalid, "R11", "field", "cause").
		when(order("C", "none", "1.00", CauseError)).refused(CodePayoutUnknown, "R3").
		and(order("C", "P", "60.00", CauseError)).
		when(order("C", "P", "1.00", CauseError)).refused(CodeClawbackExists, "R4").
		when(order("D", "P", "30.01", CauseBreach)).refused(CodeClawbackExceeded, "R4", "limit", "30.00").
		when(sendBack("P", "30.01")).refused(CodeReturnExceeded, "R3", "limit", "30.00").
		when(receive("R", "C", "60.01")).refused(CodeRecoveryExceeded, "R4", "limit", "60.00", "short_by", "0.01").
		when(receive("R", "nothing", "1.00")).refused(CodeClawbackUnknown, "R4").
		and(waive("C", "20.00")).
		when(receive("R", "C", "40.01")).refused(CodeRecoveryExceeded, "R4", "limit", "40.00").
		and(receive("R", "C", "15.00")).
		when(receive("R", "C", "1.00")).refused(CodeRecoveryExists, "R4").
		when(waive("C", "25.01")).refused(CodeWaiverExceeded, "R4", "limit", "25.00", "short_by", "0.01").
		when(order("D", "P", "50.01", CauseBreach)).refused(CodeClawbackExceeded, "R4", "limit", "50.00"). // what was waived is free again
		when(order("D", "P", "50.00", CauseBreach)).then("clawback_ordered")
}

func TestR4ARecoveryReopensHeadroomNotTheInstalment(t *testing.T) {
	late := receive("R", "C", "40.00")
	late.Interest = money("3.21")
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).
		and(pay("P", "A", 2025, "5000000.00"), order("C", "P", "40.00", CauseError), late).
		line("6", "P", 2025, "headroom", "40.00", "use", "4999960.00"). // interest counts nowhere
		when(pay("P2", "A", 2025, "40.00")).refused(CodeInstalmentExceeded, "R3", "short_by", "40.00").
		ready(submit("B", aiFirm, "6", "P", in(2026, "40.01"))).
		when(approve("B", in(2026, "40.01"))).refused(CodeCapExceeded, "R2", "short_by", "0.01").
		when(approve("B", in(2026, "40.00"))).then("application_approved")
}

func TestR5AReversalIsAFactAndPayoutsWaitWhereTheHeadroomIsUsedAgain(t *testing.T) {
	noReason := reverse("R")
	noReason.Reason = ""
	st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).
		and(pay("P", "A", 2025, "5000000.00"), order("C", "P", "40.00", CauseError), receive("R", "C", "40.00")).
		approved(submit("B", aiFirm, "6", "P", in(2026, "30.00"))).
		when(noReason).refused(CodeFieldMissing, "R11", "field", "reason").
		when(reverse("none")).refused(CodeRecoveryUnknown, "R4").
		when(reverse("R")).found(CodeAccountOverCap).
		line("6", "P", 2025, "use", "5000030.00").
		when(reverse("R")).refused(CodeRecoveryReversed, "R12").
		when(pay("P2", "B", 2026, "0.01")).refused(CodeAccountOverCap, "R3", "over_by", "30.00", "cap", "5000000.00").
		and(release("B", 2026, "29.99")).
		when(pay("P2", "B", 2026, "0.01")).refused(CodeAccountOverCap, "R3", "over_by", "0.01")
	st.and(receive("R2", "C", "40.00")).when(pay("P2", "B", 2026, "0.01")).then("payout_made")
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).
		and(pay("P", "A", 2025, "5000000.00"), order("C", "P", "40.00", CauseBreach), receive("R", "C", "40.00")).
		when(reverse("R")).then("recovery_reversed")
}

func TestR4BookedRecoveries(t *testing.T) {
	onPayout := func(id RecoveryID, amount string, cause Cause) *BookRecovery {
		return &BookRecovery{Recovery: id, Payout: "P", Amount: money(amount), Cause: cause}
	}
	onAccount := func(y SupportYear, amount string) *BookRecovery {
		return &BookRecovery{Recovery: "R9", Enterprise: aiFirm, Clause: "6", Project: "P", SupportYear: y, Amount: money(amount), Cause: CauseError}
	}
	early, both, otherYear := onPayout("R1", "1.00", CauseError), onPayout("R1", "1.00", CauseError), onPayout("R1", "1.00", CauseError)
	early.ReceivedOn, both.Enterprise, otherYear.SupportYear = day("2025-02-01"), aiFirm, 2026
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "100.00"))).and(pay("P", "A", 2025, "100.00")).
		when(both).refused(CodeFieldInvalid, "R11", "field", "payout").
		when(otherYear).refused(CodeFieldInvalid, "R11", "field", "payout").
		when(onAccount(0, "1.00")).refused(CodeFieldInvalid, "R11", "field", "support_year").
		when(early).found(CodeDateOrder).
		when(onPayout("R2", "50.00", CauseBreach)).found().
		line("6", "P", 2025, "recovered", "1.00", "use", "99.00").
		when(order("C", "P", "49.01", CauseError)).refused(CodeClawbackExceeded, "R4", "limit", "49.00").
		when(onPayout("R3", "49.01", CauseError)).found(CodeRecoveryExceeded).
		line("6", "P", 2025, "use", "50.00", "recovered", "50.00", "beyond", "0.01"). // 100.00 went out and 100.01 came back
		when(onAccount(2025, "1.00")).found(CodeRecoveryExceeded).                    // nothing is booked outside
		when(onAccount(2025, "1.00")).refused(CodeRecoveryExists, "R4").
		line("6", "P", 2025, "use", "50.00", "beyond", "1.01").
		and(reverse("R9"), reverse("R3")).line("6", "P", 2025, "use", "99.00", "beyond", "0.00").
		when(order("C", "P", "49.00", CauseError)).then("clawback_ordered")
	given(t).when(onAccount(2019, "1.00")).found(CodeYearOutsideTerm, CodeRecoveryExceeded).line("6", "P", 2019, "use", "0.00", "beyond", "1.00")
}

func TestR12AnApprovalIsCutByNoMoreThanItsUnpaidRest(t *testing.T) {
	for _, cut := range []func(ApplicationID, SupportYear, string) Command{
		func(a ApplicationID, y SupportYear, m string) Command { return reduce(a, y, m) },
		func(a ApplicationID, y SupportYear, m string) Command { return release(a, y, m) },
	} {
		given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "10.00"), in(2026, "5.00"))).and(pay("P", "A", 2025, "4.00")).
			when(cut("A", 2025, "6.01")).refused(CodeReductionExceeded, "R12", "limit", "6.00", "short_by", "0.01").
			when(cut("A", 2024, "1.00")).refused(CodeInstalmentUnknown, "R3").
			and(cut("A", 2025, "6.00")).line("6", "P", 2025, "use", "9.00").
			when(pay("P2", "A", 2025, "0.01")).refused(CodeInstalmentExceeded, "R3").
			and(sendBack("P", "4.00"), cut("A", 2025, "4.00"), cut("A", 2026, "5.00")).
			line("6", "P", 2025, "use", "0.00")
	}
}

func TestAuditorsDisposeOfFindings(t *testing.T) {
	dispose := func(d Disposition, comment string) *DisposeFinding {
		return &DisposeFinding{Finding: "F1", Disposition: d, Comment: comment}
	}
	given(t).when(dispose("whatever", "x")).refused(CodeFieldInvalid, "R11", "field", "disposition").
		when(dispose(FindingExplained, "")).refused(CodeFieldMissing, "R11", "field", "comment").
		when(dispose(FindingExplained, "已核实")).then("finding_disposed")
}

func TestALineOfAPaymentFileIsRecordedOnceAndCanBeVoided(t *testing.T) {
	record := func(line int, amount string) *RecordTreasuryPayment {
		return &RecordTreasuryPayment{Statement: "2025-03", Line: line, Voucher: "V-1", PaidOn: day("2025-03-01"), Amount: money(amount), Payee: "甲公司"}
	}
	void := func(line int) *VoidTreasuryPayment {
		return &VoidTreasuryPayment{Statement: "2025-03", Line: line, Reason: "录错"}
	}
	late := record(2, "1.00")
	late.PaidOn = day("2099-01-01")
	given(t).when(record(0, "1.00")).refused(CodeFieldInvalid, "R11", "field", "line").
		when(record(1, "0.00")).refused(CodeAmountZero, "R1").
		when(late).refused(CodeDateInFuture, "R14", "field", "paid_on").
		when(void(1)).refused(CodePaymentUnknown, "R12", "line", "1").
		when(record(1, "5.00")).then("treasury_payment_recorded").
		when(record(1, "6.00")).refused(CodePaymentExists, "R11", "voucher", "V-1", "amount", "5.00").
		when(void(1)).then("treasury_payment_voided").
		when(void(1)).refused(CodePaymentUnknown, "R12").
		when(record(1, "6.00")).then("treasury_payment_recorded")
}

func TestACheckpointKeyIsSignedByBothAndNew(t *testing.T) {
	key := func(n string) string { return "fundledger.example+0123abc" + n + "+" + strings.Repeat("Ab", 22) + "=" }
	rotate := func(from, to string) *RotateCheckpointKey {
		return &RotateCheckpointKey{Old: from, New: to, Position: 7, OldSignature: "b2xk", NewSignature: "bmV3", Reason: "到期更换"}
	}
	given(t).when(rotate(key("1"), "no key")).refused(CodeFieldInvalid, "R11", "field", "new").
		when(rotate(key("1"), key("1"))).refused(CodeKeyUsedBefore, "R12").
		when(rotate("", key("1"))).refused(CodeFieldMissing, "R11", "field", "old").
		when(rotate(key("1"), key("2"))).then("checkpoint_key_rotated").
		when(rotate(key("2"), key("1"))).refused(CodeKeyUsedBefore, "R12").
		when(rotate(key("2"), key("3"))).then("checkpoint_key_rotated")
	unsigned := rotate(key("1"), key("2"))
	unsigned.OldSignature = ""
	forged := rotate(key("1"), key("2"))
	forged.NewSignature = "no signature"
	st := given(t).when(unsigned).refused(CodeFieldMissing, "R11", "field", "old_signature").
		when(forged).refused(CodeFieldInvalid, "R11", "field", "new_signature")
	if changes := st.state.KeyChanges(); len(changes) != 0 {
		t.Errorf("a new ledger says %v", changes)
	}
	st.and(rotate(key("1"), key("2")), rotate(key("2"), key("3")))
	if changes := st.state.KeyChanges(); len(changes) != 2 || changes[1].New != key("3") || changes[1].Position != 7 {
		t.Errorf("the changes are %v", changes)
	}
}

// R15: a personal identity number is refused in every text of every command, and shown in no figure.
func TestR15PersonalNumbersEnterNowhere(t *testing.T) {
	const number = "11010519491231002X"
	st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "9.00"))).
		and(submit("S", aiFirm, "6", "P", in(2025, "9.00"))).ready(submit("V", aiFirm, "6", "P", in(2025, "9.00"))).
		and(pay("M", "A", 2025, "5.00"), order("C", "M", "3.00", CauseError), receive("R", "C", "1.00"), except("X", "1.2a", "P", 2025, "1.00"))
	attached := submit("N", aiFirm, "6", "P", in(2025, "1.00"))
	attached.Attachments = []Attachment{{Name: "a.pdf", SHA256: strings.Repeat("0", 64)}}
	whole := []Command{
		attached, submit("N", aiFirm, "3", "W", in(2025, "1.00")), &RegisterEnterprise{Enterprise: code(9), Title: "x"}, &RenameEnterprise{Enterprise: aiFirm, Title: "x"},
		&RestrictCredit{Enterprise: aiFirm, Reason: "x"}, &AdmitBeneficiary{Enterprise: aiFirm, Document: "d"}, &AcceptApplication{Application: "S", Reason: "x"},
		&ReturnApplication{Application: "S", Reason: "x"}, &WithdrawApplication{Application: "S", Reason: "x"}, &SuspendApplication{Application: "A", Reason: "x"},
		&RecordReview{Application: "V", Opinion: Support, Comment: "x"}, approve("V", in(2025, "1.00")), &RejectApplication{Application: "V", Reason: "x"},
		reduce("A", 2025, "1.00"), release("A", 2025, "1.00"), except("Y", "1.2a", "P", 2025, "1.00"), revoke("X", "1.00"), pay("M2", "A", 2025, "1.00"),
		&BookPayout{Payout: "B", Enterprise: aiFirm, Clause: "6", Project: "P", SupportYear: 2025, Amount: Yuan(1), Voucher: "x"},
		&BookRecovery{Recovery: "B", Enterprise: aiFirm, Clause: "3", Award: "W", SupportYear: 2025, Amount: Yuan(1), Cause: CauseError},
		sendBack("M", "1.00"), order("D", "M", "1.00", CauseError), waive("C", "1.00"), receive("R2", "C", "1.00"), reverse("R"),
		appropriate(2025, "6", "", "9.00"), amend("6", "1.00", "2025-03-01", false), &DisposeFinding{Finding: "F", Disposition: FindingFalse, Comment: "x"},
		&RecordTreasuryPayment{Statement: "S", Line: 1, Voucher: "x", PaidOn: day("2025-03-01"), Amount: Yuan(1), Payee: "x"},
		&RotateCheckpointKey{Old: "o+01234567+" + strings.Repeat("A", 44), New: "n+01234568+" + strings.Repeat("A", 44), OldSignature: "b2xk", NewSignature: "bmV3", Reason: "x"},
	}
	for _, c := range whole {
		if _, r := st.decide(c); r != nil {
			t.Fatalf("%s is not good to begin with: %v", c.Name(), r)
		}
		for path, text := range texts(reflect.ValueOf(c).Elem(), c.Name()) {
			if text.String() == "" {
				continue
			}
			for _, hidden := range []string{number, "号" + number + "。", "１１０１０５１９４９１２３１００２Ｘ", "\x01 " + number} {
				before := text.String()
				text.SetString(hidden)
				_, r := st.decide(c)
				text.SetString(before)
				if r == nil {
					t.Errorf("%s takes %q", path, hidden)
					continue
				}
				for _, value := range r.Figures {
					if personalID(value) {
						t.Errorf("%s: the refusal %s shows the number", path, r.Code)
					}
				}
			}
		}
	}
	for _, spoil := range []func(*Policy){func(p *Policy) { p.Title.ZH += number }, func(p *Policy) { p.Departments[0].Name.EN = number },
		func(p *Policy) { p.Clauses[3].Source = number }, func(p *Policy) { p.Industries[1].ID = number; p.Industries[1].Name.ZH = number }} {
		p := changning()
		spoil(&p)
		fund(t).when(&PublishPolicy{Policy: p}).refused(CodePolicyInvalid, "R7")
	}
}

// texts are the settable texts of a command, by path.
func texts(v reflect.Value, path string) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	for i := range v.NumField() {
		at := path + "." + v.Type().Field(i).Name
		switch f := v.Field(i); {
		case f.Kind() == reflect.String:
			found[at] = f
		case f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[Money]() && f.Type() != reflect.TypeFor[Date]():
			for inner, text := range texts(f, at) {
				found[inner] = text
			}
		case f.Kind() == reflect.Slice && f.Len() > 0 && f.Index(0).Kind() == reflect.Struct:
			for inner, text := range texts(f.Index(0), at) {
				found[inner] = text
			}
		}
	}
	return found
}

func TestTextsAreBoundedAndVisible(t *testing.T) {
	for text, ok := range map[string]bool{strings.Repeat("x", 4000): true, "两行\n\t文字": true, strings.Repeat("x", 4001): false, "a\x00": false, "a\u202eb": false, "\xff": false, "a\r": false} {
		c := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
		c.Title = text
		if o := given(t).when(c); ok {
			o.then("application_submitted")
		} else {
			o.refused(CodeFieldInvalid, "R11", "field", "title")
		}
	}
	many := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
	many.Attachments = make([]Attachment, 101)
	bad := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
	bad.Attachments = []Attachment{{"a", strings.Repeat("G", 64)}}
	given(t).when(many).refused(CodeFieldInvalid, "R11", "field", "attachments").when(bad).refused(CodeFieldInvalid, "R11", "field", "attachments.sha256")
}
