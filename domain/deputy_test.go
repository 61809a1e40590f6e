package domain

import (
	"fmt"
	"testing"
)

// acting is a person in their own name, or as somebody's deputy.
func acting(role Role, department DepartmentID, id, of PersonID) Actor {
	return Actor{ID: id, Role: role, Department: department, For: of}
}

// Whoever reviewed, themselves, by a deputy or as one, neither approves nor lets approve, and so for every two duties that are kept apart.
func TestR9ADeputyIsNoSecondPairOfEyes(t *testing.T) {
	reviewed := func(as Actor) *story {
		return given(t, submit("A", aiFirm, "6", "P", in(2025, "5.00")), accept("A"), by(review("A"), as))
	}
	approving := func(id, of PersonID) *ApproveApplication {
		return by(approve("A", in(2025, "5.00")), acting(Approver, "reform", id, of))
	}
	for _, did := range [][2]PersonID{{"a", "b"}, {"a", ""}, {"b", ""}} {
		for _, does := range [][2]PersonID{{"a", ""}, {"b", ""}, {"a", "c"}, {"c", "a"}, {"b", "c"}, {"c", "b"}, {"Ａ", "c"}, {"c", "Ｂ"}, {"a", "b"}, {"b", "a"}, {"c", "d"}} {
			t.Run(fmt.Sprint(did, does), func(t *testing.T) {
				first, second := acting(Reviewer, "reform", did[0], did[1]), acting(Approver, "reform", does[0], does[1])
				o := reviewed(first).when(approving(does[0], does[1]))
				if second.Among(first.Persons()) == "" {
					o.then("application_approved")
					return
				}
				o.refused(CodeFourEyes, "R9", "did", "review")
			})
		}
	}
	reviewed(acting(Reviewer, "reform", "a", "")).when(approving("c", "C")).refused(CodeFieldInvalid, "R11", "field", "for")
	st := reviewed(acting(Reviewer, "reform", "r", "")).and(approving("a", "b"))
	for _, as := range [][2]PersonID{{"a", ""}, {"b", ""}, {"c", "b"}, {"c", "a"}} {
		st.when(by(pay("P", "A", 2025, "1.00"), acting(Treasurer, "finance", as[0], as[1]))).refused(CodeFourEyes, "R9", "did", "approve")
	}
	st.when(by(pay("P", "A", 2025, "1.00"), acting(Treasurer, "finance", "c", "d"))).then("payout_made")
}

// An exception and the approval on it, a clawback and its waiver.
func TestR9NorIsADeputyOfExceptionsAndClawbacks(t *testing.T) {
	st := given(t, by(except("X", "1.2a", "P", 2025, "10.00"), acting(Authority, "government", "a", "b"))).
		ready(submit("A", aiFirm, "1.2a", "P", in(2025, "5.00")))
	st.when(by(approve("A", in(2025, "5.00")), acting(Approver, "commerce", "b", ""))).refused(CodeFourEyes, "R9", "did", "grant_exception", "person", "b")
	st.when(by(approve("A", in(2025, "5.00")), acting(Approver, "commerce", "c", "a"))).refused(CodeFourEyes, "R9", "did", "grant_exception", "person", "a")
	st = given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5.00"))).
		and(pay("P1", "A", 2025, "5.00"), by(order("C", "P1", "5.00", CauseError), acting(Treasurer, "finance", "a", "b")))
	st.when(by(waive("C", "1.00"), acting(Authority, "government", "b", ""))).refused(CodeFourEyes, "R9", "did", "order_clawback")
	st.when(by(waive("C", "1.00"), acting(Authority, "government", "c", "a"))).refused(CodeFourEyes, "R9", "did", "order_clawback")
	st.when(by(waive("C", "1.00"), acting(Authority, "government", "c", "d"))).then("clawback_waived")
}

// Where two reviews are wanted, a person's own and the one that they give in another's place, or that another gives in theirs, are one.
func TestR9TheReviewsOfADeputyCountOnce(t *testing.T) {
	p := changning()
	p.Workflow.Reviews = 2
	for name, second := range map[string]Actor{
		"the deputy's own": acting(Reviewer, "reform", "a", ""), "of whom they stood in for": acting(Reviewer, "reform", "b", ""),
		"of another deputy": acting(Reviewer, "reform", "c", "b"), "in another's place": acting(Reviewer, "reform", "a", "c"), "of another": acting(Reviewer, "reform", "c", "d"),
	} {
		t.Run(name, func(t *testing.T) {
			o := governed(t, p, submit("A", aiFirm, "6", "P", in(2025, "5.00")), accept("A"), by(review("A"), acting(Reviewer, "reform", "a", "b")), by(review("A"), second)).
				when(by(approve("A", in(2025, "5.00")), acting(Approver, "reform", "z", "")))
			if name == "of another" {
				o.then("application_approved")
				return
			}
			o.refused(CodeReviewsRequired, "R9", "use", "1")
		})
	}
}
