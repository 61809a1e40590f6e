package domain

import "testing"

func corrected(firm EnterpriseID, industry IndustryID) *CorrectEnterprise {
	return &CorrectEnterprise{Enterprise: firm, Industry: industry, Reason: "登记有误"}
}

// A corrected industry holds from its day on, and a decision of an earlier day is made as it was.
func TestR10TheIndustryIsThatOfTheBusinessDate(t *testing.T) {
	st := given(t).ready(submit("A", aiFirm, "1.1a", "", in(2025, "1.00"))).
		on("2025-06-01").and(corrected(aiFirm, "smart-internet"))
	st.today = day("2025-07-01")
	st.on("2025-05-31").when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).then("application_submitted").
		on("2025-06-01").when(submit("C", aiFirm, "1.1a", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10", "industry", "smart-internet").
		when(submit("C", aiFirm, "1.1b", "", in(2025, "1.00"))).then("application_submitted").
		on("2025-05-31").when(submit("D", aiFirm, "1.1b", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10", "industry", "ai").
		on("2025-06-02").when(approve("A", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10").
		on("2025-05-30").when(approve("A", in(2025, "1.00"))).then("application_approved")
}

func TestR12ACorrectionChangesSomethingAndDoesNotGoBack(t *testing.T) {
	none := corrected(aiFirm, "ai")
	none.Reason = ""
	given(t).when(none).refused(CodeFieldMissing, "R11", "field", "reason").
		when(corrected(aiFirm, "ai")).refused(CodeCorrectionEmpty, "R12", "industry", "ai").
		when(corrected(aiFirm, "magic")).refused(CodeIndustryUnknown, "R10").
		when(corrected(aiFirm, "")).refused(CodeFieldMissing, "R11", "field", "industry").
		when(corrected(code(99), "ai")).refused(CodeEnterpriseUnknown, "R10").
		on("2025-06-01").and(corrected(aiFirm, "smart-internet")).
		on("2025-05-31").when(corrected(aiFirm, "ai")).refused(CodeDateOrder, "R14", "earliest", "2025-06-01")
}

// An admission is for the clauses named, from its date until its last day or its revocation.
func TestR9AnAdmissionHasClausesAndTime(t *testing.T) {
	st := given(t, &AdmitBeneficiary{Enterprise: otherFirm, Document: "d", Clauses: []ClauseID{"1.1a"}, Until: day("2025-05-31")})
	st.today = day("2025-12-01")
	ask := func(id ApplicationID, clause ClauseID, project string) *SubmitApplication {
		return submit(id, otherFirm, clause, project, in(2025, "1.00"))
	}
	st.on("2025-02-28").when(ask("A", "1.1a", "")).refused(CodeIndustryNotServed, "R10").
		on("2025-03-01").when(ask("A", "1.1a", "")).then("application_submitted").
		when(ask("B", "1.2a", "P")).refused(CodeIndustryNotServed, "R10", "clause", "1.2a").
		on("2025-05-31").when(ask("B", "1.1a", "")).then("application_submitted").
		on("2025-06-01").when(ask("C", "1.1a", "")).refused(CodeIndustryNotServed, "R10")
	st.when(&RevokeAdmission{Enterprise: aiFirm, Document: "d"}).refused(CodeNotAdmitted, "R9").
		on("2025-02-28").when(&RevokeAdmission{Enterprise: otherFirm, Document: "d"}).refused(CodeDateOrder, "R14").
		on("2025-04-01").when(&RevokeAdmission{Enterprise: otherFirm}).refused(CodeDocumentRequired, "R6").
		and(&RevokeAdmission{Enterprise: otherFirm, Document: "d"}).
		when(ask("D", "1.1a", "")).refused(CodeIndustryNotServed, "R10").
		on("2025-03-31").when(ask("D", "1.1a", "")).then("application_submitted").
		on("2025-04-02").when(&RevokeAdmission{Enterprise: otherFirm, Document: "d"}).refused(CodeNotAdmitted, "R9").
		when(&AdmitBeneficiary{Enterprise: otherFirm, Document: "d"}).then("beneficiary_admitted").
		when(&AdmitBeneficiary{Enterprise: otherFirm, Document: "d", Clauses: []ClauseID{"1.1a"}}).refused(CodeAlreadyAdmitted, "R9").
		when(&AdmitBeneficiary{Enterprise: aiFirm, Document: "d", Until: day("2025-04-01")}).refused(CodeDateOrder, "R14", "field", "until").
		when(&AdmitBeneficiary{Enterprise: aiFirm, Document: "d", Clauses: []ClauseID{"9"}}).refused(CodeClauseUnknown, "R7").
		when(&AdmitBeneficiary{Enterprise: aiFirm, Document: "d", Clauses: []ClauseID{"6", "6"}}).refused(CodeFieldInvalid, "R11", "field", "clauses")
}

func TestR14CreditIsRestrictedAndRestoredInOrder(t *testing.T) {
	restrict, restore := &RestrictCredit{Enterprise: aiFirm, Reason: "r"}, &RestoreCredit{Enterprise: aiFirm, Reason: "r"}
	st := given(t, restrict)
	st.today = day("2025-12-01")
	st.on("2025-02-28").when(restore).refused(CodeDateOrder, "R14", "earliest", "2025-03-01")
	st.on("2025-04-01").and(&RestoreCredit{Enterprise: aiFirm, Reason: "r"}).
		on("2025-03-31").when(&RestrictCredit{Enterprise: aiFirm, Reason: "r"}).refused(CodeDateOrder, "R14", "earliest", "2025-04-01")
}

// Where any department may review, only the clause's own suspend and resume.
func TestR9AStrangerDoesNotSuspend(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "3", "W", in(2025, "1.00")))
	for _, role := range []Role{Reviewer, Approver} {
		st.when(by(&SuspendApplication{Application: "A"}, Actor{ID: "zz", Role: role, Department: "government"})).refused(CodeDepartmentNotAllowed, "R9")
	}
	st.when(by(&SuspendApplication{Application: "A"}, Actor{ID: "zz", Role: Reviewer, Department: "talent"})).then("application_suspended").
		when(by(&ResumeApplication{Application: "A"}, Actor{ID: "zz", Role: Reviewer, Department: "science"})).refused(CodeDepartmentNotAllowed, "R9")
}

// Who orders a clawback does not waive it, and who grants an exception does not approve on it, under no spelling.
func TestR9ASpellingMakesNoOtherPerson(t *testing.T) {
	given(t, by(except("X", "1.2a", "P", 2025, "10.00"), Actor{ID: "same", Role: Authority, Department: "government"})).
		ready(submit("A", aiFirm, "1.2a", "P", in(2025, "5.00"))).
		when(by(approve("A", in(2025, "5.00")), Actor{ID: "ＳＡＭＥ", Role: Approver, Department: "commerce"})).refused(CodeFourEyes, "R9", "did", "grant_exception")
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5.00"))).
		and(pay("P1", "A", 2025, "5.00"), by(order("C", "P1", "5.00", CauseError), Actor{ID: "same", Role: Treasurer, Department: "finance"})).
		when(by(waive("C", "1.00"), Actor{ID: "Sa me", Role: Authority, Department: "government"})).refused(CodeFourEyes, "R9", "did", "order_clawback")
}

// What was decided for the day of a correction, or later, stands and is found; what was decided before it is not.
func TestR10ACorrectionSaysWhatItsClauseWouldNotServe(t *testing.T) {
	st := given(t).on("2025-03-10").approved(submit("A", aiFirm, "1.1a", "", in(2025, "6.00"), in(2026, "4.00"))).
		and(book("B", aiFirm, "1.1a", "", 2025, "1.00"), book("B2", aiFirm, "1.1a", "", 2025, "9.00"), sendBack("B2", "9.00")).
		ready(submit("C", aiFirm, "1.1a", "", in(2025, "7.00"))). // not decided: it is refused when it is
		approved(submit("D", aiFirm, "4", "P", in(2025, "8.00"))) // clause 4 serves whatever industry
	st.today = day("2025-06-01")
	o := st.on("2025-03-10").when(corrected(aiFirm, "smart-internet"))
	o.found(CodeIndustryNotServed, CodeIndustryNotServed)
	found := FindingsOf(o.decision.Events[0])
	if len(found) != 2 || found[0].Figures["year"] != "2025" || found[0].Figures["use"] != "7.00" || found[1].Figures["year"] != "2026" ||
		found[1].Figures["use"] != "4.00" || found[0].Figures["industry"] != "smart-internet" || found[0].Figures["clause"] != "1.1a" {
		t.Errorf("found %+v", found)
	}
	// It is told once: what another correction from a later day on leaves as it is, is no news.
	st.on("2025-03-11").when(corrected(aiFirm, "other-services")).found()
}

func TestR10ACorrectionFromTheNextDayOnFindsNothing(t *testing.T) {
	given(t).on("2025-03-10").approved(submit("A", aiFirm, "1.1a", "", in(2025, "6.00"))).
		on("2025-03-11").when(corrected(aiFirm, "smart-internet")).found()
}

func TestR9ARevokedAdmissionSaysWhatItHadServed(t *testing.T) {
	st := given(t, &AdmitBeneficiary{Enterprise: otherFirm, Document: "d"}).
		on("2025-03-10").approved(submit("A", otherFirm, "1.1a", "", in(2025, "6.00")))
	st.on("2025-03-10").when(&RevokeAdmission{Enterprise: otherFirm, Document: "d"}).found(CodeIndustryNotServed)
}
