package domain

import (
	"fmt"
	"testing"
)

// The worked examples of the design, by number.

func TestExample01TotalCapCountsAllYearsTogether(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "4", "P", in(2025, "12000000.00"), in(2026, "8000000.00"))).
		line("4", "P", 2025, "use", "20000000.00", "headroom", "0.00")
	for _, y := range []SupportYear{2025, 2026} {
		id := ApplicationID("B" + y.String())
		st.ready(submit(id, aiFirm, "4", "P", in(y, "0.01"))).
			when(approve(id, in(y, "0.01"))).
			refused(CodeCapExceeded, "R2", "short_by", "0.01", "asked", "0.01", "cap", "20000000.00", "use", "20000000.00", "exceptions", "0.00",
				"clause", "4", "subject", "P", "subject_kind", "project", "year", "total")
	}
}

func TestExample02YearlyCapCountsEachYearByItself(t *testing.T) {
	given(t).
		approved(submit("A1", aiFirm, "1.1a", "", in(2025, "100000000.00"))).
		approved(submit("A2", aiFirm, "1.1a", "", in(2026, "100000000.00"))).
		line("1.1a", string(aiFirm), 2026, "headroom", "0.00")
	given(t).
		approved(submit("A1", aiFirm, "1.1a", "", in(2025, "60000000.00"))).
		ready(submit("A2", aiFirm, "1.1a", "", in(2025, "50000000.00"))).
		when(approve("A2", in(2025, "50000000.00"))).
		refused(CodeCapExceeded, "R2", "short_by", "10000000.00", "year", "2025", "subject", string(aiFirm))
}

func TestExample03PayoutStaysWithinItsInstalment(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "3000000.00"))).
		and(pay("P1", "A1", 2025, "1800000.00")).
		when(pay("P2", "A1", 2025, "1200000.01")).
		refused(CodeInstalmentExceeded, "R3", "limit", "3000000.00", "use", "1800000.00", "asked", "1200000.01", "short_by", "0.01", "year", "2025").
		when(pay("P2", "A1", 2025, "1200000.00")).then("payout_made")
}

func TestExample04RecoveryGivesHeadroomBackForErrorNotForBreach(t *testing.T) {
	for cause, want := range map[Cause][2]string{CauseError: {"2500000.00", "500000.00"}, CauseBreach: {"2000000.00", "0.00"}} {
		st := given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "3000000.00"))).
			on("2026-01-15").and(pay("P1", "A1", 2025, "1800000.00")).
			line("6", "P", 2025, "headroom", "2000000.00").
			on("2027-02-01").and(order("C1", "P1", "500000.00", cause)).
			line("6", "P", 2025, "headroom", "2000000.00").
			on("2027-06-01").and(receive("R1", "C1", "500000.00")).
			line("6", "P", 2025, "headroom", want[0], "recovered", want[1])
		if net := recount(st.history).netPaid("6", "P", 2025); net.StringFixed(2) != "1300000.00" {
			t.Errorf("%s: net paid for 2025 is %s", cause, net)
		}
		if net := recount(st.history).netPaid("6", "P", 2027); !net.IsZero() {
			t.Errorf("%s: the recovery moved 2027 by %s", cause, net)
		}
	}
}

func TestExample04YearlyLineMovesInThePayoutsSupportYear(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "1.2a", "P", in(2025, "3000000.00"))).
		on("2026-01-15").and(pay("P1", "A1", 2025, "1800000.00")).
		on("2027-02-01").and(order("C1", "P1", "500000.00", CauseError), receive("R1", "C1", "500000.00")).
		line("1.2a", "P", 2025, "use", "2500000.00", "headroom", "97500000.00").
		line("1.2a", "P", 2027, "use", "0.00", "headroom", "100000000.00")
}

func TestExample05ReturnedPayoutCanBePaidAgain(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "1200000.00"))).
		and(pay("P1", "A1", 2025, "1200000.00")).
		when(pay("P2", "A1", 2025, "1200000.00")).refused(CodeInstalmentExceeded, "R3", "short_by", "1200000.00").
		when(sendBack("P1", "1200000.00")).then("payout_returned").
		when(pay("P2", "A1", 2025, "1200000.00")).then("payout_made").
		line("6", "P", 2025, "use", "1200000.00")
}

func TestExample06ExceptionsWhereTheClauseAllowsThem(t *testing.T) {
	given(t).when(except("X1", "7", "P", 0, "200000.00")).
		refused(CodeExceptionNotAllowed, "R6", "clause", "7", "subject", "P", "cap", "1000000.00", "asked", "200000.00")
	given(t).and(except("X1", "1.2a", "P", 2025, "20000000.00")).
		line("1.2a", "P", 2025, "cap", "100000000.00", "exceptions", "20000000.00", "headroom", "120000000.00").
		line("1.2a", "P", 2026, "exceptions", "0.00", "headroom", "100000000.00").
		approved(submit("A1", aiFirm, "1.2a", "P", in(2025, "120000000.00"))).
		ready(submit("A2", aiFirm, "1.2a", "P", in(2026, "120000000.00"))).
		when(approve("A2", in(2026, "120000000.00"))).
		refused(CodeCapExceeded, "R2", "short_by", "20000000.00", "exceptions", "0.00", "year", "2026")
}

func TestExample07RetroactiveAmendmentStopsPayoutsUntilReduced(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "4500000.00"))).
		and(pay("P1", "A1", 2025, "2000000.00")).
		on("2025-06-01").and(amend("6", "4000000.00", "2025-06-01", true)).
		line("6", "P", 2025, "over", "500000.00", "headroom", "0.00").
		when(pay("P2", "A1", 2025, "1.00")).
		refused(CodeAccountOverCap, "R3", "over_by", "500000.00", "cap", "4000000.00", "use", "4500000.00").
		and(reduce("A1", 2025, "499999.99")).
		when(pay("P2", "A1", 2025, "1.00")).refused(CodeAccountOverCap, "R3", "over_by", "0.01")
	st.and(reduce("A1", 2025, "0.01")).
		when(pay("P2", "A1", 2025, "2000000.00")).then("payout_made").
		line("6", "P", 2025, "over", "0.00")
}

// Ten clients at once are the ledger's; that the second decision books nothing is the rule behind it.
func TestExample08TheSameCommandAgainBooksNothing(t *testing.T) {
	c := submit("A1", aiFirm, "6", "P", in(2025, "1.00"))
	st := given(t, c)
	for range 9 {
		st.when(c).refused(CodeApplicationExists, "R2", "application", "A1")
	}
}

func TestExample09OfTwoApprovalsForTheLastMillionOneIsBooked(t *testing.T) {
	given(t).approved(submit("A0", aiFirm, "6", "P", in(2025, "4000000.00"))).
		ready(submit("A1", aiFirm, "6", "P", in(2025, "1000000.00"))).
		ready(submit("A2", financeFirm, "6", "P", in(2026, "1000000.00"))).
		and(approve("A1", in(2025, "1000000.00"))).
		when(approve("A2", in(2026, "1000000.00"))).
		refused(CodeCapExceeded, "R2", "short_by", "1000000.00", "headroom", "0.00").
		line("6", "P", 2025, "committed", "5000000.00")
}

func TestExample10ApprovedInTimeIsPaidLater(t *testing.T) {
	given(t).on("2026-12-01").ready(submit("A1", aiFirm, "6", "P", in(2026, "100.00"))).ready(submit("A2", aiFirm, "6", "P", in(2026, "100.00"))).
		on("2026-12-20").and(approve("A1", in(2026, "100.00"))).
		on("2027-02-10").when(pay("P1", "A1", 2026, "100.00")).then("payout_made").
		on("2027-01-05").when(approve("A2", in(2026, "100.00"))).
		refused(CodePolicyExpired, "R8", "date", "2027-01-05", "latest", "2026-12-31")
}

func TestExample11RestrictedCreditStopsPayouts(t *testing.T) {
	given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "100.00"))).
		and(&RestrictCredit{Enterprise: aiFirm, Reason: "失信"}).
		when(pay("P1", "A1", 2025, "100.00")).refused(CodeCreditRestricted, "R10", "enterprise", string(aiFirm)).
		and(&RestoreCredit{Enterprise: aiFirm, Reason: "修复"}).
		when(pay("P1", "A1", 2025, "100.00")).then("payout_made")
}

func TestExample12WithdrawalCommitsNothingAndReleaseFreesTheRest(t *testing.T) {
	given(t, submit("A1", aiFirm, "6", "P", in(2025, "5000000.00"))).
		and(&WithdrawApplication{Application: "A1"}).
		line("6", "P", 2025, "use", "0.00").
		approved(submit("A2", aiFirm, "6", "P", in(2025, "5000000.00"))).
		and(pay("P1", "A2", 2025, "2000000.00")).
		when(release("A2", 2025, "3000000.01")).refused(CodeReductionExceeded, "R12", "limit", "3000000.00", "short_by", "0.01").
		when(release("A2", 2025, "3000000.00")).then("approval_released").
		line("6", "P", 2025, "use", "2000000.00", "headroom", "3000000.00")
}

func TestExample13ByReferenceSharesTheReferredClausesCap(t *testing.T) {
	given(t, &AdmitBeneficiary{Enterprise: aiFirm, Document: "长府 9 号", Clauses: []ClauseID{"1.3a"}}).
		approved(submit("A1", aiFirm, "1.1a", "", in(2025, "60000000.00"))).
		ready(referring(submit("A2", aiFirm, "1.3a", "", in(2025, "50000000.00")), "1.1a")).
		when(approve("A2", in(2025, "50000000.00"))).
		refused(CodeCapExceeded, "R2", "short_by", "10000000.00", "clause", "1.1a", "subject", string(aiFirm), "use", "60000000.00")
}

func TestExample14BookedFactIsRecordedAndFlagged(t *testing.T) {
	given(t).approved(submit("A1", financeFirm, "2.4.3", "P", in(2025, "3000000.00"))).
		when(book("P1", financeFirm, "2.4.3", "P", 2025, "3000000.00")).found(CodeCapExceeded).
		line("2.4.3", "P", 2025, "over", "3000000.00", "headroom", "0.00", "use", "6000000.00").
		ready(submit("A2", financeFirm, "2.4.3", "P", in(2026, "0.01"))).
		when(approve("A2", in(2026, "0.01"))).refused(CodeCapExceeded, "R2", "short_by", "3000000.01")
}

func TestExample15CreditCodes(t *testing.T) {
	for code, valid := range map[EnterpriseID]bool{"914403001922038216": true, "91330100799655058B": true, "91350100M000100Y4Z": false} {
		if ValidCreditCode(code) != valid {
			t.Errorf("%s: valid is %v, not %v", code, !valid, valid)
		}
	}
	given(t).when(&RegisterEnterprise{Enterprise: "91350100M000100Y4Z", Title: "x"}).
		refused(CodeCreditCodeInvalid, "R10", "enterprise", "91350100M000100Y4Z").
		when(&RegisterEnterprise{Enterprise: "914403001922038216", Title: "x"}).then("enterprise_registered")
}

func TestExample25NoSumPassesWhatCanBeKept(t *testing.T) {
	const largest = "999999999999.99"
	st := given(t)
	for i := range 10_001 {
		c := submit(ApplicationID(fmt.Sprintf("A%d", i)), aiFirm, "4", "P", in(2025, largest))
		d, r := st.decide(c)
		if (r == nil) != (i < 10) {
			t.Fatalf("application %d: %v", i, r)
		}
		if r == nil {
			st.apply(c, d)
		} else if r.Code != CodeAmountTooLarge {
			t.Fatalf("application %d was refused by %v", i, r)
		}
	}
	st.when(submit("B", aiFirm, "4", "P", in(2025, largest))).
		refused(CodeAmountTooLarge, "R1", "field", "requested", "value", largest, "use", "9999999999999.90", "limit", "9999999999999.99",
			"short_by", "999999999999.90").
		and(submit("C", aiFirm, "4", "P", in(2025, "0.09"))).
		when(submit("D", aiFirm, "4", "Q", in(2025, "0.01"))).refused(CodeAmountTooLarge, "R1", "short_by", "0.01")
}

func TestExample21AByReferenceClauseServesItsOwnIndustries(t *testing.T) {
	given(t).when(referring(submit("A1", aiFirm, "1.3a", "", in(2025, "900000000.00")), "1.1b")).
		refused(CodeIndustryNotServed, "R10", "clause", "1.3a", "industry", "ai", "allowed", "other-services, advanced-manufacturing").
		approved(referring(submit("A2", otherFirm, "1.3a", "", in(2025, "60000000.00")), "1.1a")).
		ready(referring(submit("A3", otherFirm, "1.3a", "", in(2025, "50000000.00")), "1.1a")).
		when(approve("A3", in(2025, "50000000.00"))).
		refused(CodeCapExceeded, "R2", "short_by", "10000000.00", "clause", "1.1a", "subject", string(otherFirm))
}

func TestExample26OneProjectHasOneAccountHoweverItIsSpelled(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "7", "智慧工厂一期", in(2025, "1000000.00")))
	for i, spelling := range []string{"智慧工厂 一期", "智慧工厂　一期", "智慧工厂\u2003一期"} {
		id := ApplicationID("B" + string(rune('1'+i)))
		o := st.when(submit(id, aiFirm, "7", spelling, in(2025, "0.01")))
		o.then("application_submitted")
		if e := o.decision.Events[0].(*ApplicationSubmitted); e.Charge.Subject.ID != "智慧工厂一期" || o.decision.Written["project"] != spelling {
			t.Errorf("%q is charged to %q, and %v is kept of it", spelling, e.Charge.Subject.ID, o.decision.Written)
		}
		st.and(accept(id)).and(review(id)).
			when(approve(id, in(2025, "0.01"))).refused(CodeCapExceeded, "R2", "subject", "智慧工厂一期", "short_by", "0.01", "use", "1000000.00")
	}
	for _, spelling := range []string{"智慧工厂壹期", "智慧工厂1期", "智慧工厂Ⅰ期", "智慧工厂第一期", "智慧工厂（一期）"} {
		st.when(submit("C", aiFirm, "7", spelling, in(2025, "0.01"))).
			refused(CodeLooksLike, "R16", "name", spelling, "like", "智慧工厂一期")
	}
	st.approved(submit("D", aiFirm, "7", "智慧工厂二期", in(2025, "1000000.00"))).
		line("7", "智慧工厂二期", 2025, "use", "1000000.00").line("7", "智慧工厂一期", 2025, "use", "1000000.00")
	for _, spelling := range []string{"智慧工厂Ⅱ期", "智慧工厂第二期", "智慧工厂２ 期"} {
		st.when(submit("E", aiFirm, "7", spelling, in(2025, "0.01"))).refused(CodeLooksLike, "R16", "like", "智慧工厂二期")
	}
	again := submit("F", aiFirm, "7", "智慧工厂1期", in(2025, "1.00"))
	again.DistinctFrom = []string{"智慧工厂 一期"}
	st.when(again).refused(CodeFieldMissing, "R11", "field", "reason")
	again.Reason = "另一厂区"
	st.when(again).then("application_submitted").line("7", "智慧工厂1期", 2025, "use", "0.00")
}

func TestExample28APersonIsOneHoweverTheNameIsSpelled(t *testing.T) {
	for _, spelling := range []PersonID{"ＬＩ", "LI", "Li", "l i"} {
		given(t, submit("A", aiFirm, "5", "P", in(2025, "1.00")), by(accept("A"), Actor{ID: "li", Role: Clerk, Department: "finance"})).and(review("A")).
			when(by(approve("A", in(2025, "1.00")), Actor{ID: spelling, Role: Approver, Department: "finance"})).
			refused(CodeFourEyes, "R9", "person", string(spelling), "did", "accept", "does", "approve")
	}
}

func TestExample29ADecisionDatedInsideARestrictionIsRefusedWheneverItIsRecorded(t *testing.T) {
	st := given(t).on("2025-02-01").ready(submit("A", aiFirm, "4", "P", in(2025, "9.00"))).
		on("2025-03-01").and(&RestrictCredit{Enterprise: aiFirm, Reason: "失信"}).
		on("2025-03-31").and(&RestoreCredit{Enterprise: aiFirm, Reason: "修复"})
	st.today = day("2025-05-10")
	st.on("2025-03-15").when(approve("A", in(2025, "9.00"))).refused(CodeCreditRestricted, "R10", "from", "2025-03-01", "until", "2025-03-31").
		on("2025-03-30").when(approve("A", in(2025, "9.00"))).refused(CodeCreditRestricted, "R10").
		on("2025-02-28").when(approve("A", in(2025, "9.00"))).then("application_approved").
		on("2025-03-15").when(pay("P1", "A", 2025, "1.00")).refused(CodeCreditRestricted, "R10").
		on("2025-03-31").when(pay("P2", "A", 2025, "1.00")).then("payout_made")
}

func TestExample30WhoWithdrawsSupportNoLongerCounts(t *testing.T) {
	abstain := func() *RecordReview { return &RecordReview{Application: "A", Opinion: Abstain} }
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).and(abstain()).
		when(approve("A", in(2025, "1.00"))).refused(CodeReviewsRequired, "R9", "limit", "1", "use", "0")
	one := changning()
	one.Workflow.ReviewsSupport = true
	against := &RecordReview{Application: "A", Opinion: Oppose}
	governed(t, one).ready(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).and(against).
		when(approve("A", in(2025, "1.00"))).refused(CodeReviewsRequired, "R9", "use", "0").
		and(by(review("A"), Actor{ID: "second", Role: Reviewer, Department: "reform"})).
		when(approve("A", in(2025, "1.00"))).then("application_approved")
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).and(&RecordReview{Application: "A", Opinion: Oppose}).
		when(approve("A", in(2025, "1.00"))).then("application_approved")
}
