package domain

import "testing"

func init() { mayGive[Clerk] = append(mayGive[Clerk], "transfer_application") }

func transfer(id ApplicationID, to ClauseID) *TransferApplication {
	return &TransferApplication{Application: id, Clause: to, Document: "文〔2026〕7号"}
}

func TestAnUndecidedApplicationMovesToAnotherClause(t *testing.T) {
	for name, st := range map[string]*story{
		"submitted": given(t, submit("A", aiFirm, "4", "P", in(2025, "2.00"), in(2026, "3.00"))),
		"accepted":  given(t, submit("A", aiFirm, "4", "P", in(2025, "2.00"), in(2026, "3.00")), accept("A")),
		"returned":  given(t, submit("A", aiFirm, "4", "P", in(2025, "2.00"), in(2026, "3.00")), &ReturnApplication{Application: "A"}),
	} {
		t.Run(name, func(t *testing.T) {
			o := st.when(transfer("A", "7"))
			o.then("application_transferred")
			e := o.decision.Events[0].(*ApplicationTransferred)
			if e.PreviousCharge.Clause != "4" || e.Charge != (Charge{Enterprise: aiFirm, Clause: "7", Subject: Subject{SubjectProject, "P"}}) || len(e.Requested) != 2 {
				t.Errorf("%+v", e)
			}
			a, _ := st.state.Application("A")
			if a.Charge != e.Charge || string(a.State) != name || a.Reviews != 0 {
				t.Errorf("after it: %+v", a)
			}
			st.when(transfer("A", "4")).then("application_transferred") // and back again
		})
	}
}

func TestATransferIsCheckedAsASubmissionIs(t *testing.T) {
	st := given(t, submit("A", aiFirm, "4", "P", in(2025, "2.00")), submit("E", aiFirm, "1.1a", "", in(2025, "1.00")))
	st.when(transfer("A", "no-such")).refused(CodeClauseUnknown, "R7")
	st.when(transfer("A", "1.3a")).refused(CodeClauseByReference, "R7")
	st.when(transfer("A", "4")).refused(CodeReferenceInvalid, "R7")
	st.when(transfer("A", "2.4.3")).refused(CodeIndustryNotServed, "R10")
	st.when(transfer("E", "4")).refused(CodeSubjectRequired, "R2")
	st.when(transfer("none", "7")).refused(CodeApplicationUnknown, "R2")
	undocumented := transfer("A", "7")
	undocumented.Document = ""
	st.when(undocumented).refused(CodeDocumentRequired, "R6")
	st.when(by(transfer("A", "7"), Actor{ID: "c", Role: Clerk, Department: "talent"})).refused(CodeDepartmentNotAllowed, "R9")
}

func TestWhatIsDecidedOrPaidIsNotTransferred(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "2.00"))).when(transfer("A", "7")).refused(CodeApplicationState, "R2")
	given(t, submit("A", aiFirm, "4", "P", in(2025, "2.00"))).and(bookOn("B", "A", 2025, "1.00")).
		when(transfer("A", "7")).refused(CodeMoneyBooked, "R2", "use", "1.00").
		and(&ReverseBooking{Payout: "B", Reason: "误记", Document: "d"}).
		when(transfer("A", "7")).then("application_transferred")
}

// The reviews were of the departments of the clause before: an approval under the new one waits for its own.
func TestReviewsDoNotMoveWithATransfer(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "4", "P", in(2025, "2.00"))).and(transfer("A", "7")).
		when(approve("A", in(2025, "2.00"))).refused(CodeReviewsRequired, "R9").
		and(by(review("A"), Actor{ID: "another", Role: Reviewer, Department: "market"})).
		when(approve("A", in(2025, "2.00"))).then("application_approved").line("7", "P", 2025, "use", "2.00").line("4", "P", 2025, "use", "0.00")
}
