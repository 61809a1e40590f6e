package domain

import "testing"

func init() {
	mayGive[Clerk] = append(mayGive[Clerk], "amend_application")
	mayGive[Approver] = append(mayGive[Approver], "amend_application", "move_application", "void_application", "supplement_approval")
}

// changed asks for something else on an application, by the clerk; decided does so after its decision.
func changed(id ApplicationID, parts ...Instalment) *AmendApplication {
	return &AmendApplication{Application: id, Requested: parts, Reason: "申请人更正"}
}

func decided(c *AmendApplication, d DepartmentID) *AmendApplication {
	c.Document = "文〔2025〕11号"
	return by(c, person(Approver, d))
}

func more(id ApplicationID, parts ...Instalment) *SupplementApproval {
	return &SupplementApproval{Application: id, Instalments: parts, Reason: "项目扩容"}
}

func moveTo(id ApplicationID, firm EnterpriseID) *MoveApplication {
	return &MoveApplication{Application: id, Enterprise: firm, Document: "文〔2025〕12号"}
}

func void(id ApplicationID) *VoidApplication {
	return &VoidApplication{Application: id, Reason: "重复录入", Document: "文〔2025〕13号"}
}

func again(c *SubmitApplication, replaces ApplicationID) *SubmitApplication {
	c.Replaces = replaces
	return c
}

// sums asserts the fund's totals of what is applied for and approved, in yuan and fen.
func (st *story) sums(requested, approved string) *story {
	st.t.Helper()
	if r, a := Fen(st.state.sums[sumRequested]).String(), Fen(st.state.sums[sumApproved]).String(); r != requested || a != approved {
		st.t.Fatalf("the fund has %s requested and %s approved, not %s and %s", r, a, requested, approved)
	}
	return st
}

func TestExample39aASupplementStaysWithinWhatIsAppliedFor(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "1000.00"))).and(approve("A", in(2025, "800.00"))).and(review("A"))
	st.when(more("A", in(2025, "400.00"))).refused(CodeRequestedExceeded, "R2", "short_by", "200.00", "use", "800.00", "limit", "1000.00").
		when(changed("A", in(2025, "1300.00"))).refused(CodeRoleNotAllowed, "R9", "allowed", "approver").
		when(by(changed("A", in(2025, "1300.00")), person(Approver, "science"))).refused(CodeDocumentRequired, "R6").
		when(decided(changed("A", in(2025, "1300.00")), "science")).then("application_amended").
		when(more("A", in(2025, "400.00"))).refused(CodeReviewsRequired, "R9"). // they were of another request
		and(review("A")).
		when(more("A", in(2025, "400.00"))).then("approval_supplemented").
		line("4", "P", 2025, "committed", "1200.00", "use", "1200.00").sums("1300.00", "1200.00").
		when(pay("M", "A", 2025, "1200.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(pay("M", "A", 2025, "1200.00")).then("payout_made")
}

func TestExample39bAVoidedApplicationIsSubmittedAgain(t *testing.T) {
	st := given(t, submit("A", aiFirm, "4", "P", in(2025, "1000.00"))).sums("1000.00", "0.00").
		when(void("A")).then("application_voided").sums("0.00", "0.00")
	st.when(submit("A", aiFirm, "4", "P", in(2025, "1000.00"))).refused(CodeApplicationVoided, "R2", "application", "A").
		when(again(submit("A", aiFirm, "4", "P", in(2025, "1000.00")), "A")).then("application_submitted").sums("1000.00", "0.00")
	a, _ := st.state.Application("A")
	if a.Replaces != "A" || a.State != Submitted || a.SubmittedOn != st.day {
		t.Errorf("%+v", a)
	}
	st.when(again(submit("A", aiFirm, "4", "P", in(2025, "1000.00")), "A")).refused(CodeApplicationExists, "R2")
	// It goes all the way, and once.
	st.and(accept("A"), review("A"), approve("A", in(2025, "1000.00"))).line("4", "P", 2025, "use", "1000.00").sums("1000.00", "1000.00")
}

func TestAVoidedApplicationIsReplacedOnce(t *testing.T) {
	st := given(t, submit("A", aiFirm, "4", "P", in(2025, "5.00")), submit("O", aiFirm, "4", "P", in(2025, "5.00")))
	st.when(again(submit("B", aiFirm, "4", "P", in(2025, "5.00")), "A")).refused(CodeApplicationState, "R2", "state", "submitted").
		when(again(submit("B", aiFirm, "4", "P", in(2025, "5.00")), "none")).refused(CodeApplicationUnknown, "R2").
		on("2025-04-01").and(void("A")).
		when(void("A")).refused(CodeApplicationState, "R2", "state", "voided").
		when(onDay(again(submit("B", aiFirm, "4", "P", in(2025, "5.00")), "A"), "2025-03-31")).refused(CodeDateOrder, "R14").
		and(again(submit("B", financeFirm, "4", "P", in(2025, "7.00")), "A")).sums("12.00", "0.00").
		when(again(submit("C", aiFirm, "4", "P", in(2025, "5.00")), "A")).refused(CodeApplicationReplaced, "R2", "value", "B").
		when(again(submit("A", aiFirm, "4", "P", in(2025, "5.00")), "A")).refused(CodeApplicationReplaced, "R2", "value", "B")
	a, _ := st.state.Application("A")
	if b, _ := st.state.Application("B"); a.ReplacedBy != "B" || b.Replaces != "A" {
		t.Errorf("%+v %+v", a, b)
	}
	for _, c := range []Command{accept("A"), &WithdrawApplication{Application: "A"}, review("A"), approve("A", in(2025, "1.00")), &SuspendApplication{Application: "A"},
		transfer("A", "7"), moveTo("A", financeFirm), more("A", in(2025, "1.00")), reduce("A", 2025, "1.00"), pay("M", "A", 2025, "1.00")} {
		st.when(c).refused(CodeApplicationState, "R2", "state", "voided")
	}
}

func TestWhatIsHeldIsNotVoided(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "5.00"), in(2026, "5.00"))).
		when(void("A")).refused(CodeMoneyCommitted, "R2", "use", "10.00").
		and(reduce("A", 2025, "5.00")).
		when(void("A")).refused(CodeMoneyCommitted, "R2", "use", "5.00").
		on("2025-05-01").and(release("A", 2026, "5.00")).
		when(onDay(void("A"), "2025-04-30")).refused(CodeDateOrder, "R14", "earliest", "2025-05-01").
		when(by(void("A"), person(Approver, "science"))).refused(CodeDepartmentNotAllowed, "R9").
		when(void("A")).then("application_voided").sums("0.00", "0.00").line("7", "P", 2025, "use", "0.00", "headroom", "1000000.00")
	st.when(void("A")).refused(CodeApplicationState, "R2")

	// What is paid is committed too, whatever came back of it by an order.
	given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "5.00"))).and(pay("M", "A", 2025, "5.00"), order("C", "M", "5.00", CauseError), receive("R", "C", "5.00")).
		when(void("A")).refused(CodeMoneyCommitted, "R2", "use", "5.00")

	// What was booked is in the way until it is reversed, or returned.
	given(t, submit("A", aiFirm, "7", "P", in(2025, "5.00"))).on("2025-05-01").and(bookOn("B", "A", 2025, "5.00")).
		when(void("A")).refused(CodeMoneyBooked, "R2", "use", "5.00").
		on("2025-06-01").and(&ReverseBooking{Payout: "B", Reason: "误记", Document: "d"}).
		when(onDay(void("A"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		when(void("A")).then("application_voided")
	// What went out after all is a fact on it, and stands in nobody's way: it fills what the id is granted when it comes again.
	st = given(t).approved(submit("A", aiFirm, "7", "P", in(2025, "5.00"))).and(pay("M", "A", 2025, "5.00"), sendBack("M", "5.00"), release("A", 2025, "5.00"), void("A")).
		when(undoReturn("M", "5.00")).then("return_reversed").line("7", "P", 2025, "use", "5.00", "outside", "5.00", "committed", "0.00")
	st.and(again(submit("A", aiFirm, "7", "P", in(2025, "6.00")), "A"), accept("A"), review("A"), approve("A", in(2025, "6.00"))).
		line("7", "P", 2025, "use", "6.00", "outside", "0.00", "committed", "6.00").
		when(by(pay("N", "A", 2025, "1.01"), person(Treasurer, "finance"))).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01")
}

func TestWithdrawnAndRejectedApplicationsAreVoided(t *testing.T) {
	st := given(t, submit("A", aiFirm, "4", "P", in(2025, "5.00")), &WithdrawApplication{Application: "A"}).sums("5.00", "0.00").and(void("A")).sums("0.00", "0.00")
	st.and(submit("B", aiFirm, "4", "P", in(2025, "5.00")), &RejectApplication{Application: "B"}, void("B")).sums("0.00", "0.00")
}

// Whoever filled a duty on a voided application has filled it on the one that comes again under its id: voiding wipes nothing.
func TestR9VoidingDoesNotWipeDuties(t *testing.T) {
	both := Actor{ID: "both", Role: Approver, Department: "science"}
	st := given(t, submit("A", aiFirm, "4", "P", in(2025, "5.00")), accept("A"), by(review("A"), both), void("A"), again(submit("A", aiFirm, "4", "P", in(2025, "5.00")), "A"), accept("A"), review("A"))
	st.when(by(approve("A", in(2025, "5.00")), both)).refused(CodeFourEyes, "R9", "did", "review")
}

func TestAnAmendmentIsNeverBelowWhatIsApproved(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "10.00"), in(2026, "10.00"))).and(approve("A", in(2025, "8.00"), in(2026, "6.00")))
	st.when(decided(changed("A", in(2025, "13.99")), "science")).refused(CodeRequestBelowApproved, "R2", "limit", "14.00", "short_by", "0.01").
		when(decided(changed("A", in(2025, "0.00")), "science")).refused(CodeAmountZero, "R1").
		when(decided(changed("A", in(2025, "10.00"), in(2026, "10.00")), "science")).refused(CodeRequestUnchanged, "R12").
		when(decided(changed("A"), "science")).refused(CodeRequestUnchanged, "R12").
		when(decided(changed("A", in(2025, "14.00")), "reform")).refused(CodeDepartmentNotAllowed, "R9").
		when(decided(changed("A", in(2027, "14.00")), "science")).refused(CodeYearOutsideTerm, "R8").
		when(decided(changed("A", in(2025, "14.00")), "science")).found(CodeYearNotAppliedFor)
	// Reduced later than the amendment: on its day more was approved.
	st = given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "10.00"))).on("2025-06-01").and(reduce("A", 2025, "5.00"))
	st.when(onDay(decided(changed("A", in(2025, "5.00")), "science"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		when(decided(changed("A", in(2025, "5.00")), "science")).then("application_amended").sums("5.00", "5.00")
}

func TestAnAmendmentBeforeTheDecisionIsTheClerks(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "10.00")))
	st.when(by(changed("A", in(2025, "20.00")), person(Approver, "science"))).refused(CodeRoleNotAllowed, "R9", "allowed", "clerk").
		when(&AmendApplication{Application: "A", Title: "新名", Reason: ""}).refused(CodeFieldMissing, "R11", "field", "reason").
		and(&AmendApplication{Application: "A", Title: "新名", Reason: "错字"}).
		when(approve("A", in(2025, "10.00"))).then("application_approved") // a title is none of the reviewers' business
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "10.00"))).and(changed("A", in(2025, "20.00"), in(2026, "1.00"))).sums("21.00", "0.00").
		when(approve("A", in(2025, "20.00"))).refused(CodeReviewsRequired, "R9").
		and(by(review("A"), Actor{ID: "other", Role: Reviewer, Department: "science"})).
		when(approve("A", in(2025, "20.00"))).then("application_approved")
	for _, c := range []Command{&WithdrawApplication{Application: "W"}, &RejectApplication{Application: "W"}} {
		given(t, submit("W", aiFirm, "4", "P", in(2025, "1.00")), c).when(changed("W", in(2025, "2.00"))).refused(CodeApplicationState, "R2")
	}
}

func TestAnotherProjectIsAnotherAccount(t *testing.T) {
	project := func(p string) *AmendApplication {
		return &AmendApplication{Application: "A", Project: p, Reason: "报错项目"}
	}
	st := given(t).ready(submit("A", aiFirm, "4", "智慧工厂一期", in(2025, "10.00"))).
		when(project("智慧工厂1期")).refused(CodeLooksLike, "R16").
		and(project("Q")).sums("10.00", "0.00").
		when(approve("A", in(2025, "10.00"))).refused(CodeReviewsRequired, "R9").
		and(by(review("A"), Actor{ID: "other", Role: Reviewer, Department: "science"}), approve("A", in(2025, "10.00"))).
		line("4", "Q", 2025, "use", "10.00").line("4", "智慧工厂一期", 2025, "use", "0.00")
	st.when(decided(project("R"), "science")).refused(CodeMoneyCommitted, "R2", "use", "10.00").
		and(release("A", 2025, "10.00")).
		when(decided(project("R"), "science")).then("application_amended")
	given(t, submit("A", aiFirm, "4", "P", in(2025, "10.00")), bookOn("B", "A", 2025, "1.00")).
		when(project("Q")).refused(CodeMoneyBooked, "R2", "use", "1.00").
		when(project("P")).then("application_amended") // it is that already: nothing moves
	given(t, submit("A", aiFirm, "3", "W", in(2025, "10.00"))).when(project("Q")).refused(CodeSubjectNotAllowed, "R2")
	// Where the clause limits enterprises, a project is a name beside.
	given(t).approved(submit("A", aiFirm, "1.1a", "P", in(2025, "10.00"))).
		when(decided(project("Q"), "commerce")).then("application_amended").line("1.1a", string(aiFirm), 2025, "use", "10.00")
}

func TestASupplementIsAnApprovalLikeAnyOther(t *testing.T) {
	full := func() *story {
		return given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "4000000.00"), in(2026, "2000000.00"))).and(approve("A", in(2025, "3000000.00")))
	}
	st := full().when(more("A", in(2026, "1.00"))).refused(CodeReviewsRequired, "R9").and(review("A"))
	st.when(more("A", in(2025, "2000000.01"))).refused(CodeCapExceeded, "R2", "short_by", "0.01", "use", "3000000.00").
		when(more("A")).refused(CodeFieldMissing, "R11", "field", "instalments").
		when(by(more("A", in(2025, "1.00")), person(Approver, "science"))).refused(CodeDepartmentNotAllowed, "R9").
		when(by(more("A", in(2025, "1.00")), Actor{ID: "reviewer-reform", Role: Approver, Department: "reform"})).refused(CodeFourEyes, "R9", "did", "review").
		when(onDay(more("A", in(2025, "1.00")), "2025-02-28")).refused(CodeDateOrder, "R14").
		when(more("A", in(2025, "500000.00"), in(2026, "1500000.00"))).found().
		line("6", "P", 2025, "use", "5000000.00", "headroom", "0.00")
	if a, _ := st.state.Application("A"); len(a.Instalments) != 2 || a.Instalments[0].Amount != money("3500000.00") || a.MoreReviews != 0 {
		t.Errorf("%+v", a)
	}
	st.when(by(more("A", in(2025, "1.00")), person(Approver, "reform"))).refused(CodeReviewsRequired, "R9")

	full().and(review("A"), &SuspendApplication{Application: "A"}).when(more("A", in(2025, "1.00"))).refused(CodeApplicationSuspended, "R3")
	full().and(review("A"), &RestrictCredit{Enterprise: aiFirm, Reason: "r"}).when(more("A", in(2025, "1.00"))).refused(CodeCreditRestricted, "R10")
	full().and(review("A")).on("2027-01-05").when(more("A", in(2025, "1.00"))).refused(CodePolicyExpired, "R8")
	full().and(review("A"), reduce("A", 2025, "1000000.00")).
		when(more("A", in(2025, "3000000.01"))).refused(CodeCapExceeded, "R2", "short_by", "0.01").
		when(more("A", in(2025, "2000000.00"), in(2026, "1000000.00"))).then("approval_supplemented").
		when(release("A", 2025, "4000000.01")).refused(CodeReductionExceeded, "R12", "short_by", "0.01")
	given(t, submit("A", aiFirm, "6", "P", in(2025, "1.00")), &WithdrawApplication{Application: "A"}).
		when(more("A", in(2025, "1.00"))).refused(CodeApplicationState, "R2", "state", "withdrawn")
	// Nothing is left to add, so nobody reviews it.
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).when(review("A")).refused(CodeApplicationState, "R2")
	// One-off or each year of a term: what is added breaks no term.
	given(t).ready(submit("A", aiFirm, "1.2b", "P", in(2024, "1.00"), in(2026, "1.00"))).and(approve("A", in(2024, "1.00")), review("A")).
		when(more("A", in(2026, "1.00"))).refused(CodeScheduleNotAllowed, "R2")
	// A year above what was applied for in it, with the first approval's.
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "5.00"), in(2026, "5.00"))).and(approve("A", in(2025, "4.00")), review("A")).
		when(more("A", in(2025, "2.00"))).found(CodeYearRequestExceeded)
}

func TestASupplementIsGovernedByTheVersionOfItsDay(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).and(approve("A", in(2025, "3000000.00")), review("A"),
		amend("6", "4000000.00", "2025-04-01", false)).
		when(onDay(more("A", in(2025, "1000000.01")), "2025-03-01")).then("approval_supplemented").
		on("2025-05-01")
	st := given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).and(approve("A", in(2025, "3000000.00")), review("A"),
		amend("6", "4000000.00", "2025-04-01", false)).on("2025-05-01").
		when(more("A", in(2025, "1000000.01"))).refused(CodeCapExceeded, "R2", "cap", "4000000.00", "short_by", "0.01").
		and(more("A", in(2025, "500000.00")))
	// R5a: what is held is the lower cap as long as the supplement is held; a reduction takes the latest decision's first.
	if held := st.state.heldCap(Account{"6", Subject{SubjectProject, "P"}}, 2025, st.day); held != Stated(money("4000000.00")) {
		t.Errorf("held with the supplement: %v", held)
	}
	st.and(reduce("A", 2025, "500000.00"))
	if held := st.state.heldCap(Account{"6", Subject{SubjectProject, "P"}}, 2025, st.day); held != Stated(money("5000000.00")) {
		t.Errorf("held without it: %v", held)
	}
}

// What was booked beyond the first approval fills what is added to it: it is not committed or paid a second time.
func TestR2WhatIsBookedBeyondAnApprovalFillsASupplement(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).and(approve("A", in(2025, "600000.00"))).
		and(bookOn("B", "A", 2025, "900000.00"), review("A")).line("7", "P", 2025, "use", "900000.00", "outside", "300000.00").
		when(by(more("A", in(2025, "400000.01")), person(Approver, "market"))).refused(CodeRequestedExceeded, "R2", "short_by", "0.01").
		and(more("A", in(2025, "400000.00"))).line("7", "P", 2025, "use", "1000000.00", "outside", "0.00", "committed", "1000000.00").
		when(pay("M", "A", 2025, "100000.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01")
}

func TestTheUnpaidMovesAndThePaidStays(t *testing.T) {
	old, now := string(aiFirm), string(financeFirm)
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "800.00"), in(2026, "100.00"))).and(pay("M", "A", 2025, "300.00"))
	st.when(moveTo("A", aiFirm)).refused(CodeSameApplicant, "R2", "enterprise", old).
		when(moveTo("A", code(9))).refused(CodeEnterpriseUnknown, "R10").
		when(by(moveTo("A", financeFirm), person(Approver, "talent"))).refused(CodeDepartmentNotAllowed, "R9").
		when(&MoveApplication{Application: "A", Enterprise: financeFirm}).refused(CodeDocumentRequired, "R6").
		when(moveTo("A", financeFirm)).then("application_moved").
		line("1.1a", old, 2025, "use", "300.00", "committed", "300.00").line("1.1a", old, 2026, "use", "0.00").
		line("1.1a", now, 2025, "use", "500.00", "committed", "500.00").line("1.1a", now, 2026, "use", "100.00").sums("900.00", "900.00")
	st.when(pay("N", "A", 2025, "500.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(reduce("A", 2025, "500.01")).refused(CodeReductionExceeded, "R12", "short_by", "0.01").
		and(pay("N", "A", 2025, "400.00"))
	if p, _ := st.state.Payout("N"); p.Charge.Enterprise != financeFirm {
		t.Errorf("paid to %v", p.Charge)
	}
	// What comes back of what stayed is held by nobody any more: neither paid again nor in anybody's way.
	st.and(sendBack("M", "100.00")).line("1.1a", old, 2025, "use", "200.00", "committed", "200.00").line("1.1a", now, 2025, "use", "500.00").
		when(pay("O", "A", 2025, "100.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		and(undoReturn("M", "40.00")).line("1.1a", old, 2025, "use", "240.00", "outside", "0.00").sums("900.00", "840.00").
		and(undoReturn("M", "60.00")).line("1.1a", old, 2025, "use", "300.00", "outside", "0.00").sums("900.00", "900.00").
		and(pay("O", "A", 2025, "100.00")).line("1.1a", now, 2025, "use", "500.00").
		and(order("C", "M", "300.00", CauseError), receive("R", "C", "300.00")).line("1.1a", old, 2025, "use", "0.00").line("1.1a", now, 2025, "use", "500.00")
	// And back again, with what is left.
	st.when(moveTo("A", aiFirm)).then("application_moved").line("1.1a", now, 2025, "use", "500.00").line("1.1a", now, 2026, "use", "0.00").line("1.1a", old, 2026, "use", "100.00").
		when(pay("Q", "A", 2026, "100.00")).then("payout_made")
}

func TestAMoveIsHeldAgainstTheAccountThatItGoesTo(t *testing.T) {
	given(t).approved(submit("F", financeFirm, "1.1a", "", in(2025, "60000000.00"))).
		approved(submit("A", aiFirm, "1.1a", "", in(2025, "50000000.00"))).
		when(moveTo("A", financeFirm)).refused(CodeCapExceeded, "R2", "short_by", "10000000.00", "subject", string(financeFirm), "use", "60000000.00").
		and(pay("M", "A", 2025, "10000000.00")).
		when(moveTo("A", financeFirm)).then("application_moved").line("1.1a", string(financeFirm), 2025, "headroom", "0.00")
	// Nothing moves back in time: on the day before, the account it left was as full as it was.
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "100000000.00"))).ready(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).
		on("2025-06-01").and(moveTo("A", financeFirm)).
		when(onDay(approve("B", in(2025, "1.00")), "2025-05-31")).refused(CodeCapExceeded, "R2", "short_by", "1.00").
		when(onDay(pay("M", "A", 2025, "1.00"), "2025-05-31")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01").
		when(onDay(moveTo("A", aiFirm), "2025-05-31")).refused(CodeDateOrder, "R14")
	st.when(approve("B", in(2025, "1.00"))).then("application_approved")
	// A project's account is the project's, whoever applies: a move uses nothing more, under the version it was approved under.
	st = given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "20000000.00"))).and(amend("4", "10000000.00", "2025-03-01", false)).
		when(moveTo("A", financeFirm)).then("application_moved").line("4", "P", 2025, "use", "20000000.00")
	if held := st.state.heldCap(Account{"4", Subject{SubjectProject, "P"}}, 2025, st.day); held != Stated(Yuan(20_000_000)) {
		t.Errorf("held: %v", held)
	}
}

// What moves within one account stays in the order of its decisions: a cut takes the latest one's first, and what is held is the higher cap again.
func TestWhatMovesKeepsTheOrderOfItsDecisions(t *testing.T) {
	moved := given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "20000000.00"))).and(approve("A", in(2025, "1000000.00")), amend("4", "10000000.00", "2025-03-01", false)).
		and(review("A"), more("A", in(2025, "500000.00")), moveTo("A", financeFirm))
	held := func(st *story) Ceiling {
		return st.state.heldCap(Account{"4", Subject{SubjectProject, "P"}}, 2025, st.day)
	}
	if got := held(moved); got != Stated(Yuan(10_000_000)) {
		t.Errorf("with the supplement, held to %v", got)
	}
	if got := held(moved.and(reduce("A", 2025, "500000.00"))); got != Stated(Yuan(20_000_000)) {
		t.Errorf("without the supplement, held to %v", got)
	}
}

func TestWhomAnApplicationMovesToIsAskedWhenItIsDecidedOrPaid(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "1.1a", "", in(2025, "5.00"))).when(moveTo("A", netFirm)).found().
		when(approve("A", in(2025, "5.00"))).refused(CodeReviewsRequired, "R9").
		and(review("A")).
		when(approve("A", in(2025, "5.00"))).refused(CodeIndustryNotServed, "R10")
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "5.00"))).and(&RestrictCredit{Enterprise: financeFirm, Reason: "r"}).
		when(moveTo("A", financeFirm)).found(CodeCreditRestricted).
		when(pay("M", "A", 2025, "5.00")).refused(CodeCreditRestricted, "R10").
		and(&RestoreCredit{Enterprise: financeFirm, Reason: "r"}).
		when(moveTo("A", netFirm)).found(CodeIndustryNotServed)
	st.when(pay("M", "A", 2025, "5.00")).refused(CodeIndustryNotServed, "R10").
		and(&AdmitBeneficiary{Enterprise: netFirm, Document: "d"}).
		when(pay("M", "A", 2025, "5.00")).then("payout_made")
}

func TestWhoDecidesToMoveDecides(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "5.00")))
	st.when(by(moveTo("A", financeFirm), Actor{ID: "reviewer-commerce", Role: Approver, Department: "commerce"})).refused(CodeFourEyes, "R9", "did", "review").
		and(by(moveTo("A", financeFirm), Actor{ID: "mover", Role: Approver, Department: "commerce"})).
		when(by(pay("M", "A", 2025, "5.00"), Actor{ID: "mover", Role: Treasurer, Department: "finance"})).refused(CodeFourEyes, "R9", "did", "approve").
		and(&SuspendApplication{Application: "A"}).
		when(moveTo("A", aiFirm)).refused(CodeApplicationSuspended, "R3")
}

// Money that was booked before stays with whom it was booked for.
func TestMoneyBookedBeforeAMoveFillsNothingElsewhere(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "1.1a", "", in(2025, "5.00"))).and(bookOn("B", "A", 2025, "2.00"), moveTo("A", financeFirm), review("A"), approve("A", in(2025, "5.00"))).
		line("1.1a", string(aiFirm), 2025, "use", "2.00", "outside", "2.00").line("1.1a", string(financeFirm), 2025, "use", "5.00", "outside", "0.00")
}

// A booking that never was takes with it what stayed for it.
func TestABookingReversedAfterAMoveIsHeldByNobody(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "5.00"))).and(bookOn("B", "A", 2025, "7.00"), moveTo("A", financeFirm)).
		line("1.1a", string(aiFirm), 2025, "use", "7.00", "outside", "2.00", "committed", "5.00").
		and(undoBooking("B")).
		line("1.1a", string(aiFirm), 2025, "use", "0.00", "committed", "0.00").sums("5.00", "0.00")
	st.and(by(void("A"), person(Approver, "commerce"))).sums("0.00", "0.00")
}

func TestTwoSupplementsOfTheLastYuanAreOne(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "7", "P", in(2025, "1000000.00"))).ready(submit("B", aiFirm, "7", "P", in(2025, "1000000.00"))).
		and(approve("A", in(2025, "400000.00")), approve("B", in(2025, "400000.00")), review("A"), review("B"))
	st.and(more("A", in(2025, "200000.00"))).
		when(more("B", in(2025, "200000.00"))).refused(CodeCapExceeded, "R2", "short_by", "200000.00").
		when(more("B", in(2025, "0.01"))).refused(CodeCapExceeded, "R2", "short_by", "0.01")
}
