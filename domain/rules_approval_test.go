package domain

import (
	"fmt"
	"strings"
	"testing"
)

func TestR2ApprovalStaysWithinWhatWasAppliedFor(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "3.00"), in(2026, "2.00"))).
		when(approve("A", in(2025, "3.00"), in(2026, "2.01"))).
		refused(CodeRequestedExceeded, "R2", "limit", "5.00", "asked", "5.01", "short_by", "0.01").
		when(approve("A", in(2025, "1.00"), in(2025, "1.00"))).refused(CodeDuplicateYear, "R2", "year", "2025").
		when(approve("A")).refused(CodeFieldMissing, "R11", "field", "instalments").
		when(approve("A", in(2025, "1.00"), in(2026, "1.00"))).then("application_approved").
		when(approve("A", in(2025, "1.00"))).refused(CodeApplicationState, "R2", "state", "approved")
}

func TestR2TheBasisOfAnApprovalIsRecorded(t *testing.T) {
	o := given(t, except("X", "1.2a", "P", 2025, "7.00")).approved(submit("A", aiFirm, "1.2a", "P", in(2025, "10.00"))).
		ready(submit("B", aiFirm, "1.2a", "P", in(2025, "5.00"), in(2026, "6.00"))).when(approve("B", in(2025, "5.00"), in(2026, "6.00")))
	e := o.then("application_approved").history[len(o.history)-1].event.(*ApplicationApproved)
	if b := e.Basis[0]; b.SupportYear != 2025 || b.Use.String() != "10.00" || b.Exceptions.String() != "7.00" || b.HeadroomAfter.String() != "99999992.00" {
		t.Errorf("2025: %+v", b)
	}
	if b := e.Basis[1]; b.SupportYear != 2026 || !b.Use.IsZero() || b.HeadroomAfter.String() != "99999994.00" {
		t.Errorf("2026: %+v", b)
	}
	if o.decision.ClauseVersion != 1 {
		t.Errorf("governed by version %d", o.decision.ClauseVersion)
	}
	o = given(t).ready(submit("A", netFirm, "1.1b", "", in(2025, "10.00"))).when(approve("A", in(2025, "10.00")))
	if b := o.decision.Events[0].(*ApplicationApproved).Basis[0]; b.HeadroomAfter != nil || b.Cap.Stated {
		t.Errorf("without a cap: %+v", b)
	}
}

func TestR2NoCapStatedIsNoLimit(t *testing.T) {
	given(t).approved(submit("A", netFirm, "1.1b", "", in(2025, "999999999999.99"))).
		approved(submit("B", netFirm, "1.1b", "", in(2025, "999999999999.99"))).
		line("1.1b", string(netFirm), 2025, "use", "1999999999999.98", "headroom", "", "cap", "", "over", "0.00")
}

func TestR2CapSubjectsAreNamedAsTheClauseAsks(t *testing.T) {
	award := submit("A", aiFirm, "3", "W", in(2025, "1.00"))
	both := submit("A", aiFirm, "3", "W", in(2025, "1.00"))
	both.Project = "P"
	onProject := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
	onProject.Award = "W"
	onEnterprise := submit("A", aiFirm, "1.1a", "", in(2025, "1.00"))
	onEnterprise.Award = "W"
	for name, c := range map[string]struct {
		command *SubmitApplication
		code    string
	}{
		"an award under the talent clause":           {award, ""},
		"a project of an enterprise-capped clause":   {submit("A", aiFirm, "1.1a", "P", in(2025, "1.00")), ""},
		"no award under the talent clause":           {submit("A", aiFirm, "3", "", in(2025, "1.00")), CodeSubjectRequired},
		"an award and a project":                     {both, CodeSubjectNotAllowed},
		"no project under a project clause":          {submit("A", aiFirm, "6", "", in(2025, "1.00")), CodeSubjectRequired},
		"an award under a project clause":            {onProject, CodeSubjectNotAllowed},
		"an award under an enterprise-capped clause": {onEnterprise, CodeSubjectNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			if o := given(t).when(c.command); c.code == "" {
				o.then("application_submitted")
			} else {
				o.refused(c.code, "R2")
			}
		})
	}
}

func TestR2SchedulesOf12bAreOneOffOrATerm(t *testing.T) {
	p := changning()
	p.Term.To = day("2028-12-31")
	all := []Instalment{in(2025, "9.00"), in(2026, "9.00"), in(2027, "9.00")}
	for name, c := range map[string]struct {
		parts []Instalment
		ok    bool
	}{
		"one-off":                  {[]Instalment{in(2026, "1.00")}, true},
		"two years in a row":       {[]Instalment{in(2026, "1.00"), in(2025, "2.00")}, true},
		"three years in any order": {[]Instalment{in(2026, "1.00"), in(2025, "2.00"), in(2027, "1.00")}, true},
		"a gap in the term":        {[]Instalment{in(2025, "1.00"), in(2027, "1.00")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, application := range []*SubmitApplication{submit("A", aiFirm, "1.2b", "P", all...),
				referring(submit("A", otherFirm, "1.3a", "P", all...), "1.2b")} {
				if o := governed(t, p).ready(application).when(approve("A", c.parts...)); c.ok {
					o.then("application_approved")
				} else {
					o.refused(CodeScheduleNotAllowed, "R2", "clause", "1.2b")
				}
			}
			governed(t, p).ready(submit("A", aiFirm, "6", "P", all...)).when(approve("A", c.parts...)).then("application_approved")
		})
	}
}

func TestR2ReturnAndResubmission(t *testing.T) {
	again := submit("A", aiFirm, "6", "Q", in(2026, "2.00"))
	st := given(t, submit("A", aiFirm, "6", "P", in(2025, "1.00")), accept("A"), review("A"), &ReturnApplication{Application: "A", Reason: "补正"}).
		when(approve("A", in(2025, "1.00"))).refused(CodeApplicationState, "R2", "state", "returned", "allowed", "accepted").
		when(submit("A", financeFirm, "6", "P", in(2025, "1.00"))).refused(CodeApplicationExists, "R2").
		on("2025-02-28").when(again).refused(CodeDateOrder, "R14", "earliest", "2025-03-01").on("2025-03-02")
	o := st.when(submit("A", aiFirm, "6", "Q", in(2026, "2.00")))
	e := o.then("application_submitted").history[len(o.history)-1].event.(*ApplicationSubmitted)
	if len(e.Previously) != 1 || e.Previously[0] != in(2025, "1.00") || e.PreviousCharge == nil || e.PreviousCharge.Subject.ID != "P" {
		t.Errorf("the event says what it replaces: %+v", e)
	}
	st.and(accept("A")).
		when(approve("A", in(2026, "2.00"))).refused(CodeReviewsRequired, "R9", "limit", "1", "use", "0").
		and(review("A")).when(approve("A", in(2026, "2.00"))).then("application_approved").
		line("6", "P", 2025, "use", "0.00").line("6", "Q", 2026, "use", "2.00")
}

func TestR2StepsNeedTheirState(t *testing.T) {
	to := map[ApplicationState][]Command{
		Submitted: {}, Accepted: {accept("A")}, Returned: {&ReturnApplication{Application: "A"}}, Withdrawn: {&WithdrawApplication{Application: "A"}},
		Rejected: {&RejectApplication{Application: "A"}}, Approved: {accept("A"), review("A"), approve("A", in(2025, "9.00"))},
	}
	allowed := map[string]string{
		"accept_application": "submitted", "return_application": "submitted accepted", "withdraw_application": "submitted accepted returned",
		"record_review": "accepted", "reject_application": "submitted accepted", "suspend_application": "submitted accepted returned approved",
		"reduce_approval": "approved", "release_approval": "approved", "make_payout": "approved",
	}
	for state, way := range to {
		st := given(t, submit("A", aiFirm, "6", "P", in(2025, "9.00"))).and(way...)
		for _, c := range []Command{accept("A"), &ReturnApplication{Application: "A"}, &WithdrawApplication{Application: "A"}, by(review("A"), Actor{ID: "n", Role: Reviewer, Department: "reform"}),
			by(&RejectApplication{Application: "A"}, Actor{ID: "m", Role: Approver, Department: "reform"}), &SuspendApplication{Application: "A"}, reduce("A", 2025, "1.00"),
			release("A", 2025, "1.00"), pay("P", "A", 2025, "1.00")} {
			_, r := st.decide(c)
			may := strings.Contains(allowed[c.Name()], string(state))
			if (r == nil) != may || r != nil && (r.Code != CodeApplicationState || r.Figures["state"] != string(state)) {
				t.Errorf("%s of an application that is %s: %v", c.Name(), state, r)
			}
		}
		st.when(accept("nobody")).refused(CodeApplicationUnknown, "R2", "application", "nobody")
	}
}

func TestR3SuspensionStopsApprovalAndPayout(t *testing.T) {
	suspend, resume := &SuspendApplication{Application: "A"}, &ResumeApplication{Application: "A"}
	given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "5.00"))).
		when(resume).refused(CodeNotSuspended, "R3").
		and(suspend).when(&SuspendApplication{Application: "A"}).refused(CodeApplicationSuspended, "R3").
		when(approve("A", in(2025, "5.00"))).refused(CodeApplicationSuspended, "R3", "application", "A").
		and(&ResumeApplication{Application: "A"}).and(approve("A", in(2025, "5.00"))).
		and(&SuspendApplication{Application: "A"}).
		when(pay("P", "A", 2025, "5.00")).refused(CodeApplicationSuspended, "R3").
		and(&ResumeApplication{Application: "A"}).when(pay("P", "A", 2025, "5.00")).then("payout_made")
}

func TestR6ExceptionsNeedADocumentAScopeAndACap(t *testing.T) {
	noDocument := except("X", "1.2a", "P", 2025, "1.00")
	noDocument.Document = ""
	total := changning()
	for i := range total.Clauses {
		if total.Clauses[i].ID == "6" {
			total.Clauses[i].StrongerSupport = true
		}
	}
	for name, c := range map[string]struct {
		command    *GrantException
		code, rule string
	}{
		"without a document":           {noDocument, CodeDocumentRequired, "R6"},
		"without a year":               {except("X", "1.2a", "P", 0, "1.00"), CodeExceptionScope, "R6"},
		"outside the term":             {except("X", "1.2a", "P", 2027, "1.00"), CodeYearOutsideTerm, "R8"},
		"with a year under a total":    {except("X", "6", "P", 2025, "1.00"), CodeExceptionScope, "R6"},
		"where no cap is stated":       {except("X", "1.1b", string(netFirm), 2025, "1.00"), CodeNoCapStated, "R6"},
		"on a by-reference clause":     {except("X", "1.3a", "P", 2025, "1.00"), CodeClauseByReference, "R7"},
		"on a clause not applied for":  {except("X", "1.3b", "P", 2025, "1.00"), CodeClauseNotAppliedFor, "R6"},
		"for an unknown enterprise":    {except("X", "1.1a", "P", 2025, "1.00"), CodeEnterpriseUnknown, "R10"},
		"where the clause allows none": {except("X", "4", "P", 0, "1.00"), CodeExceptionNotAllowed, "R6"},
		"under an unknown clause":      {except("X", "9", "P", 0, "1.00"), CodeClauseUnknown, "R7"},
	} {
		t.Run(name, func(t *testing.T) { governed(t, total).when(c.command).refused(c.code, c.rule) })
	}
	governed(t, total, except("X", "6", "P", 0, "1.00")).
		approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"), in(2026, "1.00"))).
		line("6", "P", 2025, "headroom", "0.00", "exceptions", "1.00", "over", "0.00").
		when(except("X", "6", "P", 0, "1.00")).refused(CodeExceptionExists, "R6")
}

func TestR6OnlyTheUnusedPartIsRevoked(t *testing.T) {
	wrongClause := revoke("X", "1.00")
	wrongClause.Clause = "1.2b"
	st := given(t, except("X", "1.2a", "P", 2025, "20000000.00")).
		approved(submit("A", aiFirm, "1.2a", "P", in(2025, "105000000.00"))).
		when(revoke("X", "15000000.01")).refused(CodeExceptionInUse, "R6", "limit", "15000000.00", "short_by", "0.01").
		when(revoke("Y", "1.00")).refused(CodeExceptionUnknown, "R6").
		when(wrongClause).refused(CodeExceptionUnknown, "R6").
		and(revoke("X", "15000000.00")).
		line("1.2a", "P", 2025, "exceptions", "5000000.00", "headroom", "0.00").
		when(revoke("X", "0.01")).refused(CodeExceptionInUse, "R6", "limit", "0.00")
	st.and(release("A", 2025, "105000000.00")).
		when(revoke("X", "5000000.01")).refused(CodeExceptionInUse, "R6", "limit", "5000000.00").
		when(revoke("X", "5000000.00")).then("exception_revoked")
}

func TestR7PlainAmendmentsGovernFromTheirDay(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "6", "P", in(2025, "4500000.00"))).ready(submit("B", aiFirm, "6", "Q", in(2025, "4500000.00"))).
		approved(submit("C", aiFirm, "6", "R", in(2025, "4500000.00"))).
		and(amend("6", "4000000.00", "2025-06-01", false))
	st.on("2025-05-31").and(approve("A", in(2025, "4500000.00"))).
		on("2025-06-01").when(approve("B", in(2025, "4500000.00"))).
		refused(CodeCapExceeded, "R2", "cap", "4000000.00", "short_by", "500000.00", "clause_version", "2").
		line("6", "R", 2025, "over", "0.00", "headroom", "0.00").
		when(pay("P1", "C", 2025, "4500000.00")).then("payout_made")
	st.today = day("2025-07-01") // recorded later, dated before the amendment: the version of its date
	o := st.on("2025-05-31").when(approve("B", in(2025, "4500000.00")))
	if o.then("application_approved"); o.decision.ClauseVersion != 1 {
		t.Errorf("governed by version %d", o.decision.ClauseVersion)
	}
}

func TestR7RetroactiveAmendmentsWaitForTheirDayAndCannotBeBackdatedRound(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "4500000.00"))).ready(submit("B", aiFirm, "6", "Q", in(2025, "4500000.00"))).
		and(amend("6", "4000000.00", "2025-06-01", true)).
		line("6", "P", 2025, "over", "0.00").
		when(pay("P1", "A", 2025, "1.00")).then("payout_made").
		on("2025-06-01").line("6", "P", 2025, "over", "500000.00").
		when(pay("P2", "A", 2025, "1.00")).refused(CodeAccountOverCap, "R3", "over_by", "500000.00")
	st.today = day("2025-06-01")
	st.on("2025-05-01").when(approve("B", in(2025, "4500000.00"))).refused(CodeCapExceeded, "R2", "cap", "4000000.00").
		when(pay("P2", "A", 2025, "1.00")).refused(CodeAccountOverCap, "R3")
}

func TestR7AnExceptionAlsoLetsPayoutsGoOn(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "1.2a", "P", in(2025, "100000000.00"), in(2026, "50000000.00"))).
		and(amend("1.2a", "90000000.00", "2025-03-01", true)).
		when(pay("P1", "A", 2025, "1.00")).refused(CodeAccountOverCap, "R3", "over_by", "10000000.00", "year", "2025").
		when(pay("P1", "A", 2026, "1.00")).then("payout_made").
		and(except("X", "1.2a", "P", 2025, "10000000.00")).
		when(pay("P2", "A", 2025, "1.00")).then("payout_made")
}

func TestR7AmendmentsSayWhatTheyChange(t *testing.T) {
	none := amend("6", "1.00", "2025-03-01", false)
	none.Cap = NewCap{}
	lifted := amend("6", "1.00", "2025-03-01", false)
	lifted.Cap = NewCap{Given: true}
	noDay, noDocument := amend("6", "1.00", "2025-03-01", false), amend("6", "1.00", "2025-03-01", false)
	noDay.EffectiveOn, noDocument.Document = Date{}, ""
	given(t).when(none).refused(CodeFieldMissing, "R11", "field", "cap").
		when(noDay).refused(CodeFieldMissing, "R11", "field", "effective_on").
		when(noDocument).refused(CodeDocumentRequired, "R6").
		when(amend("6", "5000000.00", "2025-03-01", false)).refused(CodeAmendmentEmpty, "R7", "cap", "5000000.00").
		when(amend("6", "1.00", "2024-11-14", false)).refused(CodeDateBeforePolicy, "R14", "field", "effective_on").
		when(amend("9", "1.00", "2025-03-01", false)).refused(CodeClauseUnknown, "R7").
		when(amend("1.3a", "1.00", "2025-03-01", false)).refused(CodeClauseByReference, "R7").
		when(lifted).then("clause_amended").
		approved(submit("A", aiFirm, "6", "P", in(2025, "6000000.00")))
}

func TestVersionsByDay(t *testing.T) {
	v := func(n int, amount int64, from string, retroactive bool) ClauseVersion {
		return ClauseVersion{Version: n, Cap: Stated(Yuan(amount)), EffectiveOn: day(from), Retroactive: retroactive}
	}
	versions := []ClauseVersion{v(1, 50, "2024-11-15", false), v(2, 40, "2025-06-01", false), v(3, 30, "2025-03-01", true), v(4, 45, "2025-06-01", false)}
	for on, want := range map[string][3]int64{ // in force; standing; governing when recorded at the end of 2025
		"2024-01-01": {1, 50, 3}, "2025-02-28": {1, 50, 3}, "2025-03-01": {3, 30, 3}, "2025-05-31": {3, 30, 3}, "2025-06-01": {4, 45, 4}, "2026-01-01": {4, 45, 4},
	} {
		got := [3]int64{int64(VersionOn(versions, day(on)).Version), StandingCap(versions, day(on)).Amount.Fen() / 100,
			int64(GoverningVersion(versions, day(on), day("2025-12-31")).Version)}
		if got != want {
			t.Errorf("%s: %v, not %v", on, got, want)
		}
	}
}

func TestAnEarlierDayRecordedLaterDoesNotOverrideALaterOne(t *testing.T) {
	later := ClauseVersion{Version: 2, Cap: Stated(Yuan(40)), EffectiveOn: day("2025-06-01")}
	earlier := ClauseVersion{Version: 3, Cap: Stated(Yuan(30)), EffectiveOn: day("2025-03-01")}
	versions := []ClauseVersion{{Version: 1, Cap: Stated(Yuan(50)), EffectiveOn: day("2024-11-15")}, later, earlier}
	if VersionOn(versions, day("2025-05-31")) != earlier || VersionOn(versions, day("2025-06-01")) != later {
		t.Error("in force is what took effect last")
	}
}

func TestR9AnAbstentionIsKeptAndDoesNotCount(t *testing.T) {
	given(t, submit("A", aiFirm, "6", "P", in(2025, "1.00")), accept("A"), &RecordReview{Application: "A", Opinion: Abstain}).
		when(approve("A", in(2025, "1.00"))).refused(CodeReviewsRequired, "R9", "use", "0").
		when(&RecordReview{Application: "A", Opinion: "shrug"}).refused(CodeFieldInvalid, "R11", "field", "opinion").
		and(by(&RecordReview{Application: "A", Opinion: Oppose}, Actor{ID: "r2", Role: Reviewer, Department: "reform"})).
		when(approve("A", in(2025, "1.00"))).then("application_approved")
}

func TestR9WorkflowsWithoutAcceptanceOrReviews(t *testing.T) {
	p := changning()
	p.Workflow = Workflow{}
	governed(t, p, submit("A", aiFirm, "6", "P", in(2025, "1.00"))).when(approve("A", in(2025, "1.00"))).then("application_approved")
	p.Workflow = Workflow{Reviews: 2}
	governed(t, p, submit("A", aiFirm, "6", "P", in(2025, "1.00")), review("A"), review("A")).
		when(approve("A", in(2025, "1.00"))).refused(CodeReviewsRequired, "R9", "limit", "2", "use", "1") // one person reviews once
}

func TestR7ALedgerHasOnePolicyAndItComesFirst(t *testing.T) {
	bad := changning()
	bad.Treasury, bad.Authority = "x", "y"
	fund(t).when(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).refused(CodePolicyMissing, "R7").
		when(&PublishPolicy{Policy: bad}).refused(CodePolicyInvalid, "R7", "path", "treasury").
		and(&PublishPolicy{Policy: changning()}).
		when(&PublishPolicy{Policy: changning()}).refused(CodePolicyPublished, "R7", "fund", "changning-2024")
}

func TestR8ApplicationsAndYearsLieWithinTheTerm(t *testing.T) {
	for _, y := range []SupportYear{0, 2023, 2027, 65535} {
		given(t).when(submit("A", aiFirm, "6", "P", in(y, "1.00"))).
			refused(CodeYearOutsideTerm, "R8", "year", fmt.Sprint(int(y)), "earliest", "2024", "latest", "2026")
	}
	given(t).on("2026-12-31").when(submit("A", aiFirm, "6", "P", in(2026, "1.00"))).then("application_submitted").
		on("2027-01-01").when(submit("B", aiFirm, "6", "P", in(2026, "1.00"))).refused(CodePolicyExpired, "R8", "latest", "2026-12-31")
}

func TestR10IndustriesAndAdmission(t *testing.T) {
	given(t).when(submit("A", otherFirm, "1.1a", "", in(2025, "1.00"))).
		refused(CodeIndustryNotServed, "R10", "clause", "1.1a", "industry", "other-services").
		and(&AdmitBeneficiary{Enterprise: otherFirm, Document: "长府 9 号"}).
		when(submit("A", otherFirm, "1.1a", "", in(2025, "1.00"))).then("application_submitted").
		when(&AdmitBeneficiary{Enterprise: otherFirm, Document: "长府 9 号"}).refused(CodeAlreadyAdmitted, "R9").
		when(submit("B", otherFirm, "6", "P", in(2025, "1.00"))).then("application_submitted").
		when(referring(submit("C", otherFirm, "1.3a", "P", in(2025, "1.00")), "1.2a")).then("application_submitted").
		when(referring(submit("D", aiFirm, "1.3a", "P", in(2025, "1.00")), "1.2a")).
		refused(CodeIndustryNotServed, "R10", "clause", "1.3a", "industry", "ai")
}

func TestR10EnterprisesAreKnownOnce(t *testing.T) {
	opaque := changning()
	opaque.Beneficiary = Opaque
	given(t).when(submit("A", code(99), "6", "P", in(2025, "1.00"))).refused(CodeEnterpriseUnknown, "R10").
		when(&RegisterEnterprise{Enterprise: aiFirm, Title: "x"}).refused(CodeEnterpriseExists, "R10").
		when(&RegisterEnterprise{Enterprise: code(9)}).refused(CodeFieldMissing, "R11", "field", "name").
		when(&RegisterEnterprise{Enterprise: code(9), Title: "x", Industry: "magic"}).refused(CodeIndustryUnknown, "R10").
		when(&RegisterEnterprise{Enterprise: "anything", Title: "x"}).refused(CodeCreditCodeInvalid, "R10").
		when(&RenameEnterprise{Enterprise: aiFirm, Title: "新名"}).then("enterprise_renamed").
		when(&RestoreCredit{Enterprise: aiFirm, Reason: "x"}).refused(CodeCreditNotRestricted, "R10").
		and(&RestrictCredit{Enterprise: aiFirm, Reason: "x"}).
		when(&RestrictCredit{Enterprise: aiFirm, Reason: "x"}).refused(CodeCreditRestricted, "R10").
		ready(submit("A", aiFirm, "6", "P", in(2025, "1.00"))).
		when(approve("A", in(2025, "1.00"))).refused(CodeCreditRestricted, "R10")
	governed(t, opaque).when(&RegisterEnterprise{Enterprise: "anything", Title: "x"}).then("enterprise_registered")
}

func TestR7ByReferenceNamesAClauseItMayReferTo(t *testing.T) {
	given(t).when(submit("A", otherFirm, "1.3a", "", in(2025, "1.00"))).refused(CodeClauseByReference, "R7", "clause", "1.3a").
		when(referring(submit("A", otherFirm, "1.3a", "", in(2025, "1.00")), "6")).refused(CodeReferenceInvalid, "R7", "value", "6").
		when(referring(submit("A", aiFirm, "6", "P", in(2025, "1.00")), "1.1a")).refused(CodeReferenceInvalid, "R7").
		when(submit("A", aiFirm, "1.3b", "P", in(2025, "1.00"))).refused(CodeClauseNotAppliedFor, "R6", "clause", "1.3b").
		when(submit("A", aiFirm, "9", "P", in(2025, "1.00"))).refused(CodeClauseUnknown, "R7")
}

func TestR13AndR15WhatThePolicyDoesNotSayIsNotRefused(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).
		approved(submit("B", aiFirm, "7", "P", in(2025, "1000000.00"))).
		approved(submit("C", aiFirm, "1.2a", "P", in(2025, "100000000.00"))).
		approved(submit("D", financeFirm, "4", "P", in(2025, "1.00")))
}

func TestR14DatesAreInOrderAndNotInTheFuture(t *testing.T) {
	future := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
	future.Date = day("2025-03-02")
	early := submit("A", aiFirm, "6", "P", in(2025, "1.00"))
	early.Date = day("2024-11-14")
	st := given(t).when(future).refused(CodeDateInFuture, "R14", "today", "2025-03-01").
		when(early).refused(CodeDateBeforePolicy, "R14", "earliest", "2024-11-15").
		and(submit("A", aiFirm, "6", "P", in(2025, "9.00")))
	st.today = day("2025-12-31")
	st.on("2025-02-28").when(accept("A")).refused(CodeDateOrder, "R14", "earliest", "2025-03-01").
		on("2025-03-05").and(accept("A")).on("2025-03-04").when(review("A")).refused(CodeDateOrder, "R14").
		on("2025-03-05").and(review("A")).on("2025-03-04").when(approve("A", in(2025, "9.00"))).refused(CodeDateOrder, "R14").
		on("2025-04-01").and(approve("A", in(2025, "9.00"))).
		on("2025-03-31").when(reduce("A", 2025, "1.00")).refused(CodeDateOrder, "R14").
		when(pay("P", "A", 2025, "1.00")).refused(CodeDateOrder, "R14", "earliest", "2025-04-01").
		on("2025-05-01").and(pay("P", "A", 2025, "1.00")).
		on("2025-04-30").when(order("C", "P", "1.00", CauseError)).refused(CodeDateOrder, "R14").
		when(sendBack("P", "1.00")).refused(CodeDateOrder, "R14").
		on("2025-06-01").and(order("C", "P", "1.00", CauseError)).
		on("2025-05-31").when(waive("C", "1.00")).refused(CodeDateOrder, "R14").
		when(receive("R", "C", "1.00")).refused(CodeDateOrder, "R14").
		on("2025-07-01").and(receive("R", "C", "1.00")).
		on("2025-06-30").when(reverse("R")).refused(CodeDateOrder, "R14")
	st.today = day("2025-07-01")
	late := pay("P2", "A", 2025, "1.00")
	late.PaidOn = day("2025-07-02")
	st.on("2025-07-01").when(late).refused(CodeDateInFuture, "R14", "field", "paid_on")
	c := accept("A")
	if _, r := Decide(st.state, by(c, person(Clerk, "reform")), st.today); r == nil || r.Code != CodeFieldMissing {
		t.Errorf("without an id: %v", r)
	}
	c.ID = "x"
	if _, r := Decide(st.state, c, st.today); r == nil || r.Code != CodeFieldMissing || r.Figures["field"] != "date" {
		t.Errorf("without a date: %v", r)
	}
}
