package domain

import (
	"slices"
	"testing"
)

// mayGive is the design's table of who gives which command, written down again.
var mayGive = map[Role][]string{
	Clerk:     {"submit_application", "accept_application", "return_application", "withdraw_application", "register_enterprise", "rename_enterprise", "correct_enterprise", "record_payee_account", "record_fact", "correct_fact", "confirm_offer", "decline_offer", "set_target", "record_evaluation", "record_rectification"},
	Reviewer:  {"offer_support", "record_fact", "correct_fact", "record_review", "suspend_application", "resume_application"},
	Approver:  {"offer_support", "record_fact", "correct_fact", "set_target", "record_evaluation", "record_rectification", "record_review", "approve_application", "reject_application", "suspend_application", "resume_application", "reduce_approval", "release_approval"},
	Treasurer: {"record_evaluation", "record_rectification", "make_payout", "book_payout", "book_recovery", "return_payout", "reverse_return", "reverse_booking", "order_clawback", "schedule_recovery", "offset_recovery", "receive_recovery", "reverse_recovery", "set_appropriation", "plan_payment", "close_budget_year", "carry_over", "restrict_credit", "restore_credit", "record_treasury_payment", "void_treasury_payment"},
	Authority: {"grant_exception", "revoke_exception", "admit_beneficiary", "revoke_admission", "waive_clawback", "write_off", "reopen_budget_year"},
	Admin:     {"publish_policy", "amend_policy", "amend_clause", "register_enterprise", "correct_enterprise", "rotate_checkpoint_key"},
	Auditor:   {"dispose_finding"},
	Analyst:   {},
}

func TestEveryRoleGivesItsCommandsAndNoOther(t *testing.T) {
	st := given(t)
	for _, v := range Verbs {
		for _, role := range append(slices.Clone(Roles), "", "root") {
			c := v.New()
			allowed := slices.Contains(mayGive[role], c.Name())
			d := map[Role]DepartmentID{Treasurer: "finance", Authority: "government"}[role]
			by(c, Actor{ID: "someone", Role: role, Department: d})
			if role == "" { // the fixture would complete it
				c = by(c, Actor{ID: "someone"})
				r := st.state.mayGive(c.Name(), c.Given().Actor)
				if r == nil || r.Code != CodeRoleNotAllowed {
					t.Errorf("%s without a role: %v", c.Name(), r)
				}
				continue
			}
			_, r := st.decide(c)
			if r == nil {
				t.Fatalf("an empty %s happened", c.Name())
			}
			if refused := r.Code == CodeRoleNotAllowed; refused == allowed {
				t.Errorf("%s by %s: allowed %v, but %v", c.Name(), role, allowed, r)
			}
		}
	}
}

func TestTreasuryAndAuthorityActForTheirDepartmentAlone(t *testing.T) {
	st := given(t)
	for role, home := range map[Role]DepartmentID{Treasurer: "finance", Authority: "government"} {
		for _, name := range mayGive[role] {
			for _, d := range []DepartmentID{"commerce", "finance", "government", "talent", "", "nowhere"} {
				r := st.state.mayGive(name, Actor{ID: "p", Role: role, Department: d})
				if (r == nil) != (d == home) {
					t.Errorf("%s by a %s of %q: %v", name, role, d, r)
				}
				if r != nil {
					readable(t, r)
				}
			}
		}
	}
}

func TestResponsibleDepartmentsDecide(t *testing.T) {
	cases := map[string]struct {
		application *SubmitApplication
		review      []DepartmentID
		approve     []DepartmentID
	}{
		"clause 4 is science's":                       {submit("A", aiFirm, "4", "P", in(2025, "1.00")), []DepartmentID{"science"}, []DepartmentID{"science"}},
		"under 3 any department reviews":              {submit("A", aiFirm, "3", "W", in(2025, "1.00")), departments(), []DepartmentID{"talent"}},
		"1.3a is decided by its own department":       {referring(submit("A", otherFirm, "1.3a", "", in(2025, "1.00")), "1.1a"), []DepartmentID{"investment"}, []DepartmentID{"investment"}},
		"finance reviews under 5, where it also pays": {submit("A", aiFirm, "5", "P", in(2025, "1.00")), []DepartmentID{"commerce", "reform", "finance"}, []DepartmentID{"commerce", "reform", "finance"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, d := range append([]DepartmentID{""}, departments()...) {
				st := given(t, c.application, accept("A"))
				judged(st.when(by(review("A"), Actor{ID: "r", Role: Reviewer, Department: d})), slices.Contains(c.review, d), "application_reviewed")
				st = given(t).ready(c.application)
				for _, command := range []Command{approve("A", in(2025, "1.00")), &RejectApplication{Application: "A"}} {
					_, r := st.decide(by(command, Actor{ID: "a", Role: Approver, Department: d}))
					if (r == nil) != slices.Contains(c.approve, d) || r != nil && r.Code != CodeDepartmentNotAllowed {
						t.Errorf("%s for %q: %v", command.Name(), d, r)
					}
				}
				st = given(t).approved(c.application)
				for _, command := range []Command{reduce("A", 2025, "0.01"), release("A", 2025, "0.01"), &SuspendApplication{Application: "A"}} {
					_, r := st.decide(by(command, Actor{ID: "a", Role: Approver, Department: d}))
					if (r == nil) != slices.Contains(c.approve, d) || r != nil && r.Code != CodeDepartmentNotAllowed {
						t.Errorf("%s for %q: %v", command.Name(), d, r)
					}
				}
			}
		})
	}
}

func departments() []DepartmentID {
	var ids []DepartmentID
	for _, d := range changning().Departments {
		ids = append(ids, d.ID)
	}
	return ids
}

func judged(o outcome, allowed bool, event string) {
	o.t.Helper()
	if allowed {
		o.then(event)
	} else {
		o.refused(CodeDepartmentNotAllowed, "R9", "command", o.command.Name())
	}
}

// Four eyes: of the four duties on one application, no person fills two.
func TestNoPersonFillsTwoDutiesOfOneApplication(t *testing.T) {
	duties := []Duty{DutyAccept, DutyReview, DutyApprove, DutyPay}
	for i, first := range duties {
		for _, second := range duties[i+1:] {
			t.Run(string(first)+" and "+string(second), func(t *testing.T) {
				one := func(role Role, d DepartmentID, duty Duty) Actor {
					if duty == first || duty == second {
						return Actor{ID: "same", Role: role, Department: d}
					}
					return person(role, d)
				}
				// under clause 5 finance both reviews and pays, so that one person can hold every role
				steps := []Command{
					by(accept("A"), one(Clerk, "finance", DutyAccept)),
					by(review("A"), one(Reviewer, "finance", DutyReview)),
					by(approve("A", in(2025, "1.00")), one(Approver, "finance", DutyApprove)),
					by(pay("P", "A", 2025, "1.00"), one(Treasurer, "finance", DutyPay)),
				}
				st := given(t, submit("A", aiFirm, "5", "P", in(2025, "1.00")))
				for k, c := range steps {
					if duties[k] != second {
						st.and(c)
						continue
					}
					st.when(c).refused(CodeFourEyes, "R9", "person", "same", "did", string(first), "does", string(second))
					break
				}
			})
		}
	}
}

func TestFourEyesOutlastsAReturn(t *testing.T) {
	given(t, submit("A", aiFirm, "6", "P", in(2025, "1.00")), accept("A"), by(review("A"), Actor{ID: "r", Role: Reviewer, Department: "reform"}),
		&ReturnApplication{Application: "A"}, submit("A", aiFirm, "6", "P", in(2025, "1.00")), accept("A")).
		and(by(review("A"), Actor{ID: "r2", Role: Reviewer, Department: "reform"})).
		when(by(approve("A", in(2025, "1.00")), Actor{ID: "r", Role: Approver, Department: "reform"})).
		refused(CodeFourEyes, "R9", "did", "review", "does", "approve")
}

func TestTheSamePersonFillsTheSameDutyAgainAndOtherApplications(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "2.00"))).
		and(pay("P1", "A", 2025, "1.00")).when(pay("P2", "A", 2025, "1.00")).then("payout_made")
	given(t).ready(submit("A", aiFirm, "5", "P", in(2025, "1.00"))).ready(submit("B", aiFirm, "5", "Q", in(2025, "1.00"))).
		and(by(approve("A", in(2025, "1.00")), Actor{ID: "same", Role: Approver, Department: "finance"})).
		and(by(approve("B", in(2025, "1.00")), Actor{ID: "other", Role: Approver, Department: "finance"})).
		when(by(pay("P", "B", 2025, "1.00"), Actor{ID: "same", Role: Treasurer, Department: "finance"})).then("payout_made")
}

func TestBookingFillsTheDutyOfPaying(t *testing.T) {
	given(t).ready(submit("A", aiFirm, "5", "P", in(2025, "9.00"))).
		and(by(bookOn("B", "A", 2025, "1.00"), Actor{ID: "same", Role: Treasurer, Department: "finance"})).
		when(by(approve("A", in(2025, "9.00")), Actor{ID: "same", Role: Approver, Department: "finance"})).refused(CodeFourEyes, "R9", "did", "pay", "does", "approve")
}

func TestRejectingFillsTheDutyOfApproving(t *testing.T) {
	st := given(t, submit("A", aiFirm, "5", "P", in(2025, "1.00")), accept("A")).and(by(review("A"), Actor{ID: "r", Role: Reviewer, Department: "commerce"}))
	st.when(by(&RejectApplication{Application: "A"}, Actor{ID: "r", Role: Approver, Department: "commerce"})).refused(CodeFourEyes, "R9")
}

func TestWhoGrantsAnExceptionMayNotApproveOnIt(t *testing.T) {
	st := given(t, by(except("X", "1.2a", "P", 2025, "10.00"), Actor{ID: "same", Role: Authority, Department: "government"})).
		ready(submit("A", aiFirm, "1.2a", "P", in(2025, "5.00"))).
		ready(submit("B", aiFirm, "1.2a", "Q", in(2025, "5.00")))
	st.when(by(approve("A", in(2025, "5.00")), Actor{ID: "same", Role: Approver, Department: "commerce"})).
		refused(CodeFourEyes, "R9", "did", "grant_exception", "exception", "X")
	st.when(by(approve("B", in(2025, "5.00")), Actor{ID: "same", Role: Approver, Department: "commerce"})).then("application_approved")
	st.and(revoke("X", "10.00")).when(by(approve("A", in(2025, "5.00")), Actor{ID: "same", Role: Approver, Department: "commerce"})).then("application_approved")
}

func TestWhoOrdersAClawbackMayNotWaiveIt(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "5.00"))).
		and(pay("P1", "A", 2025, "5.00"), by(order("C", "P1", "5.00", CauseError), Actor{ID: "same", Role: Treasurer, Department: "finance"})).
		when(by(waive("C", "1.00"), Actor{ID: "same", Role: Authority, Department: "government"})).refused(CodeFourEyes, "R9", "did", "order_clawback").
		when(waive("C", "1.00")).then("clawback_waived")
}
