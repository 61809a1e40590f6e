package main

import (
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// attacks are the cases: each tries to get round a rule, in several ways.
func attacks(t *testing.T) []*attack {
	t.Helper()
	var all []*attack
	begin := func(industry domain.IndustryID) *attack {
		s := &attack{name: fmt.Sprintf("c%02d", len(all)+1), refused: map[string]string{}, accounts: map[string]string{}}
		all = append(all, s)
		return s.on("2025-01-10").say(s.register(industry))
	}
	begin("i1").exceptionsInUse()
	begin("i1").bounced()
	begin("i1").bookedBefore()
	begin("i2").byReference()
	begin("i1").notByReference()
	begin("i1").neverWentOut()
	begin("i1").ofALaterDay()
	begin("i1").insideARestriction()
	begin("i1").beforeItWasAuthorised()
	begin("i1").otherSpellings()
	begin("i1").lookAlikes()
	begin("i1").samePersons()
	begin("i1").fundedTwice()
	begin("i1").strangers()
	begin("i1").yearsNotAskedFor()
	begin("i1").reviewsWithdrawn()
	begin("i1").nought()
	begin("i1").identityNumbers()
	begin("i1").raisedAndBack()
	begin("i1").takenElsewhere()
	begin("i1").superseded()
	begin("i1").returnsUndone()
	begin("i1").totals()
	return all
}

func (s *attack) exceptionsInUse() {
	s.say(s.amend("y", "80.00", "2025-01-10", false), s.raise("X", "y", "P", 2025, "20.00")).granted("A", "y", "P", part(2025, "100.00")).
		no("exception_in_use", s.lower("X", "0.01")).no("exception_in_use", s.lower("X", "20.00"))
	s.say(&domain.ReleaseApproval{Application: s.app("A"), SupportYear: 2025, Amount: yuan("15.00")}).
		no("exception_in_use", s.lower("X", "15.01")).say(s.lower("X", "15.00")).
		comesTo("y", "P", "2025", "use 85.00 headroom 420.00 over 0.00 beyond 0.00")
	// Raised since, the lowest version that an approval stands on is still what is held.
	s.say(s.amend("y", "500.00", "2025-01-10", false)).no("exception_in_use", s.lower("X", "0.01"))
}

func (s *attack) bounced() {
	s.granted("A", "t", "P", part(2025, "20.00")).say(s.pay("P1", "A", "20.00"), s.order("C", "P1", "10.00"), s.receive("R1", "C", "5.00"), s.receive("R2", "C", "5.00"),
		s.amend("t", "15.00", "2025-01-10", false)).
		granted("B", "t", "P", part(2025, "5.00")).say(s.bounce("R1")).found("account_over_cap").
		no("account_over_cap", s.pay("P2", "B", "0.01")).no("recovery_already_reversed", s.bounce("R1"))
	s.say(&domain.ReduceApproval{Application: s.app("B"), SupportYear: 2025, Amount: yuan("4.99")}).no("account_over_cap", s.pay("P3", "B", "0.01")).
		say(s.receive("R3", "C", "5.00"), s.pay("P4", "B", "0.01"))
}

func (s *attack) bookedBefore() {
	s.filed("A", "t", "P", part(2025, "6.00")).say(s.bookOn("B1", "A", "4.00"), s.bookOn("B2", "A", "3.00"), s.approve("A", part(2025, "6.00"))).
		no("instalment_exceeded", s.pay("P1", "A", "0.01")).comesTo("t", "P", "2025", "use 7.00 headroom 13.00 over 0.00 beyond 0.00").
		say(s.sendBack("B1", "1.00")).no("instalment_exceeded", s.pay("P2", "A", "1.01")).say(s.pay("P3", "A", "1.00")).found("application_state")
}

func (s *attack) byReference() {
	s.filed("A", "r", "", part(2025, "60.00")).say(s.approve("A", part(2025, "60.00"))).
		filed("B", "r", "", part(2025, "50.00")).no("cap_exceeded", s.approve("B", part(2025, "50.00"))).
		no("industry_not_served", s.submit("C", "e", "", part(2025, "1.00"))).
		comesTo("e", string(s.firm()), "2025", "use 60.00 headroom 40.00 over 0.00 beyond 0.00")
}

func (s *attack) notByReference() {
	s.no("industry_not_served", s.submit("A", "r", "", part(2025, "900.00")))
	s.say(&domain.CorrectEnterprise{Enterprise: s.firm(), Industry: "i2", Reason: "r"}).on("2025-01-09").no("industry_not_served", s.submit("B", "r", "", part(2025, "1.00"))).
		on("2025-01-10").say(s.submit("C", "r", "", part(2025, "1.00")))
	s.no("date_order", func() domain.Command {
		s.on("2025-01-09")
		return &domain.CorrectEnterprise{Enterprise: s.firm(), Industry: "i1", Reason: "r"}
	}())
}

func (s *attack) neverWentOut() {
	s.say(s.back("R1", "e", "", "100.00", domain.CauseError), s.back("R2", "t", "P", "5.00", domain.CauseBreach)).found("recovery_exceeded").
		filed("A", "e", "", part(2025, "200.00")).no("cap_exceeded", s.approve("A", part(2025, "200.00"))).
		comesTo("e", string(s.firm()), "2025", "use 0.00 headroom 100.00 over 0.00 beyond 100.00").
		comesTo("t", "P", "2025", "use 0.00 headroom 20.00 over 0.00 beyond 5.00")
	// The same money twice: booked on the payout, and received on the order.
	s.granted("B", "y", "Q", part(2025, "10.00")).say(s.pay("P", "B", "10.00"), s.order("C", "P", "10.00"),
		&domain.BookRecovery{Recovery: domain.RecoveryID(s.name + "R3"), Payout: domain.PayoutID(s.name + "P"), Amount: yuan("10.00"), Cause: domain.CauseError},
		s.receive("R4", "C", "10.00")).comesTo("y", "Q", "2025", "use 0.00 headroom 100.00 over 0.00 beyond 10.00")
}

func (s *attack) ofALaterDay() {
	s.filed("A", "y", "P", part(2025, "120.00")).granted("B", "y", "Q", part(2025, "100.00")).say(s.pay("P", "B", "100.00"), s.order("C", "P", "40.00")).
		filed("D", "y", "Q", part(2025, "40.00")).
		on("2025-06-01").say(s.raise("X", "y", "P", 2025, "20.00"), s.receive("R", "C", "40.00")).
		on("2025-05-31").no("cap_exceeded", s.approve("A", part(2025, "120.00"))).no("cap_exceeded", s.approve("D", part(2025, "40.00"))).no("date_order", s.lower("X", "1.00")).
		on("2025-06-01").say(s.approve("A", part(2025, "120.00")), s.approve("D", part(2025, "40.00")))
}

func (s *attack) insideARestriction() {
	credit := func(c domain.Command, day string) *attack { return s.on(day).say(c) }
	s.filed("A", "t", "P", part(2025, "10.00"))
	credit(&domain.RestrictCredit{Enterprise: s.firm(), Reason: "r"}, "2025-03-01")
	s.on("2025-02-28").no("credit_restricted", s.approve("A", part(2025, "10.00"))) // still restricted today
	credit(&domain.RestoreCredit{Enterprise: s.firm(), Reason: "r"}, "2025-04-01")
	s.on("2025-03-01").no("credit_restricted", s.approve("A", part(2025, "10.00"))).on("2025-03-31").no("credit_restricted", s.approve("A", part(2025, "10.00"))).
		on("2025-02-28").say(s.approve("A", part(2025, "10.00"))).
		on("2025-03-31").no("credit_restricted", s.pay("P", "A", "1.00")).on("2025-04-01").say(s.pay("P", "A", "1.00"))
}

func (s *attack) beforeItWasAuthorised() {
	early := s.pay("P1", "A", "5.00")
	early.PaidOn = domain.DateOf(2025, 12, 31)
	s.granted("A", "t", "P", part(2025, "20.00")).on("2026-06-01").no("date_order", early).on("2025-01-09").no("date_order", s.pay("P2", "A", "5.00")).
		on("2026-06-01").say(s.pay("P3", "A", "5.00"))
}

func (s *attack) otherSpellings() {
	s.granted("A", "t", "P1", part(2025, "20.00"))
	for i, name := range []string{"p1", "Ｐ１", "P 1", "P\u30001", "p\u00a01"} {
		n := fmt.Sprint("B", i)
		s.filed(n, "t", name, part(2025, "1.00")).no("cap_exceeded", s.approve(n, part(2025, "1.00")))
	}
	s.say(s.pay("Pay", "A", "1.00")).no("payout_exists", s.pay("ＰＡＹ", "A", "1.00"))
	s.no("application_exists", s.submit("ａ", "t", "other", part(2025, "1.00")))
	s.no("enterprise_exists", &domain.RegisterEnterprise{Enterprise: domain.EnterpriseID("FIRM-" + s.name), Title: "t", Industry: "i1"})
	s.no("field_invalid", s.submit("C", "t", "P\u200b1", part(2025, "1.00")))
	s.comesTo("t", "P1", "2025", "use 20.00 headroom 0.00 over 0.00 beyond 0.00")
}

func (s *attack) lookAlikes() {
	s.granted("A", "t", "云桥中心一期", part(2025, "20.00"))
	for i, name := range []string{"云桥中心壹期", "云桥中心1期", "云桥中心-一期", "云桥中心（一期）"} {
		s.no("looks_like", s.submit(fmt.Sprint("B", i), "t", name, part(2025, "1.00")))
	}
	without := s.submit("C", "t", "云桥中心壹期", part(2025, "1.00"))
	without.DistinctFrom = []string{"云桥中心一期"}
	s.no("field_missing", without)
	apart := s.submit("D", "t", "云桥中心壹期", part(2025, "1.00"))
	apart.DistinctFrom, apart.Reason = []string{"云桥中心一期"}, "另一地块"
	s.say(apart, s.submit("E", "t", "云桥中心二期", part(2025, "1.00"))).no("looks_like", s.raise("X", "t", "云桥中心 １ 期", 0, "1.00")).found("looks_like", "project_phases")
}

func (s *attack) samePersons() {
	li := func(c domain.Command, person domain.PersonID, role domain.Role, d domain.DepartmentID) domain.Command {
		return as(c, person, role, d)
	}
	s.say(s.submit("A", "t", "P", part(2025, "5.00")), li(s.accept("A"), "li", domain.Clerk, "d1"))
	for _, person := range []domain.PersonID{"li", "LI", "ＬＩ", "L i", "l\u3000i"} {
		s.no("four_eyes", li(s.review("A"), person, domain.Reviewer, "d1")).no("four_eyes", li(&domain.RejectApplication{Application: s.app("A"), Reason: "r"}, person, domain.Approver, "d1"))
	}
	for _, person := range []domain.PersonID{"l\u200bi", " li", "li\u00ad"} {
		s.no("field_invalid", li(s.review("A"), person, domain.Reviewer, "d1"))
	}
	s.say(s.review("A"), s.approve("A", part(2025, "5.00"))).no("four_eyes", li(s.pay("P", "A", "1.00"), "ｌＩ", domain.Treasurer, "till")).
		no("four_eyes", li(s.pay("P", "A", "1.00"), "Approver", domain.Treasurer, "till"))
	s.say(li(s.order("C", "P2", "1.00"), "Zhao", domain.Treasurer, "till")).refusedLast("payout_unknown")
	s.say(s.pay("P2", "A", "2.00"), li(s.order("C", "P2", "1.00"), "Zhao", domain.Treasurer, "till")).
		no("four_eyes", li(&domain.WaiveClawback{Clawback: domain.ClawbackID(s.name + "C"), Amount: yuan("1.00"), Document: "d"}, "ZHAO", domain.Authority, "gov"))
	// Who raised the cap of the account does not approve on it.
	s.say(s.raise("X", "y", "Q", 2025, "1.00")).filed("B", "y", "Q", part(2025, "1.00")).
		no("four_eyes", li(s.approve("B", part(2025, "1.00")), "GU", domain.Approver, "d1")).
		say(s.lower("X", "1.00"), li(s.approve("B", part(2025, "1.00")), "GU", domain.Approver, "d1"))
}

// refusedLast says that the last command is refused.
func (s *attack) refusedLast(code string) *attack {
	s.refused[string(s.commands[len(s.commands)-1].Given().ID)] = code
	return s
}

func (s *attack) fundedTwice() {
	s.filed("A", "y", "P", part(2025, "10.00")).say(s.bookOn("B", "A", "10.00")).granted("C", "t", "P", part(2025, "10.00")).found("double_funding")
}

func (s *attack) strangers() {
	s.granted("A", "w", "W", part(2025, "5.00"))
	suspend := &domain.SuspendApplication{Application: s.app("A"), Reason: "r"}
	s.no("department_not_allowed", as(suspend, "zz", domain.Reviewer, "gov"))
	s.say(&domain.SuspendApplication{Application: s.app("A"), Reason: "r"}).no("application_suspended", s.pay("P", "A", "1.00")).
		no("department_not_allowed", as(&domain.ResumeApplication{Application: s.app("A")}, "zz", domain.Reviewer, "d2")).
		say(s.submit("B", "w", "V", part(2025, "1.00")), s.accept("B"), as(s.review("B"), "zz", domain.Reviewer, "d2")). // any department may review
		no("department_not_allowed", as(s.approve("B", part(2025, "1.00")), "yy", domain.Approver, "d2"))
}

func (s *attack) yearsNotAskedFor() {
	s.filed("A", "t", "P", part(2025, "5.00")).say(s.approve("A", part(2024, "5.00"))).found("year_not_applied_for")
	s.filed("B", "t", "Q", part(2024, "2.00"), part(2025, "3.00")).say(s.approve("B", part(2024, "3.00"), part(2025, "2.00"))).found("year_request_exceeded")
	s.filed("C", "t", "R", part(2025, "5.00")).no("requested_exceeded", s.approve("C", part(2024, "2.50"), part(2025, "2.51"))).
		no("support_year_outside_term", s.approve("C", part(2026, "5.00")))
}

func (s *attack) reviewsWithdrawn() {
	opine := func(n string, o domain.Opinion) domain.Command {
		return &domain.RecordReview{Application: s.app(n), Opinion: o, Comment: "c"}
	}
	s.say(s.submit("A", "t", "P", part(2025, "5.00")), s.accept("A"), opine("A", domain.Support), opine("A", domain.Abstain)).no("reviews_required", s.approve("A", part(2025, "5.00"))).
		say(as(opine("A", domain.Abstain), "REVIEWER", domain.Reviewer, "d1")).no("reviews_required", s.approve("A", part(2025, "5.00"))).
		say(opine("A", domain.Oppose), s.approve("A", part(2025, "5.00"))).found("approved_against_reviews")
}

func (s *attack) nought() {
	s.granted("A", "t", "P", part(2025, "5.00"))
	s.say(&domain.SetAppropriation{BudgetYear: 2025, Clause: s.clause("t"), Amount: domain.NoMoney, Document: "d"}).no("appropriation_exceeded", s.pay("P", "A", "0.01")).
		say(s.book("B", "t", "Q", "1.00")).found("appropriation_exceeded").
		no("appropriation_below_paid", &domain.SetAppropriation{BudgetYear: 2025, Clause: s.clause("t"), Amount: yuan("0.99"), Document: "d"})
	s.say(s.amend("y", "0.00", "2025-01-10", true)).filed("C", "y", "P", part(2025, "1.00")).no("cap_exceeded", s.approve("C", part(2025, "1.00"))).
		no("amount_zero", s.submit("D", "y", "P", domain.Instalment{SupportYear: 2025}))
}

// identityNumbers are of nobody: the check character is right, the day of birth long past.
func (s *attack) identityNumbers() {
	for i, number := range []string{"11010519491231002X", "110105 19491231 002X", "110105-19491231-002x", "１１０１０５１９４９１２３１００２Ｘ", "110105\u300019491231\u00a0002X"} {
		s.no("personal_id", s.submit(fmt.Sprint("A", i), "w", number, part(2025, "1.00")))
		titled := s.submit(fmt.Sprint("B", i), "t", "P", part(2025, "1.00"))
		titled.Title = "人才" + number + "的项目"
		s.no("personal_id", titled)
	}
	s.say(s.submit("C", "w", "110105 19491231 0021", part(2025, "1.00"))) // its check character is wrong: it is nobody's
}

func (s *attack) raisedAndBack() {
	s.granted("A", "t", "P", part(2025, "20.00")).say(s.amend("t", "30.00", "2025-02-01", false), s.amend("t", "20.00", "2025-03-01", true)).
		on("2025-03-02").say(s.book("B", "t", "P", "1.00"), s.pay("P", "A", "20.00")).found("cap_exceeded").
		comesTo("t", "P", "2025", "use 21.00 headroom 0.00 over 2.00 beyond 0.00").
		say(s.sendBack("P", "20.00"), s.amend("t", "19.00", "2025-03-02", true)).no("account_over_cap", s.pay("P2", "A", "1.00"))
}

func (s *attack) takenElsewhere() {
	s.filed("A", "t", "P", part(2025, "5.00")).say(s.bookOn("B", "A", "5.00")).
		no("application_has_money", &domain.WithdrawApplication{Application: s.app("A")}).
		no("application_has_money", &domain.TransferApplication{Application: s.app("A"), Clause: s.clause("y"), Document: "d"}).
		say(&domain.ReturnApplication{Application: s.app("A")}).
		no("application_has_money", s.submit("A", "y", "P", part(2025, "5.00"))).no("application_has_money", s.submit("A", "t", "Q", part(2025, "5.00"))).
		say(s.sendBack("B", "5.00"), s.submit("A", "y", "P", part(2025, "5.00")), s.accept("A"), s.review("A"), s.approve("A", part(2025, "5.00")), s.undoReturn("B", "5.00")).
		comesTo("t", "P", "2025", "use 5.00 headroom 15.00 over 0.00 beyond 0.00").
		comesTo("y", "P", "2025", "use 5.00 headroom 95.00 over 0.00 beyond 0.00").say(s.pay("P", "A", "5.00"))
}

func (s *attack) superseded() {
	s.filed("A", "t", "P", part(2025, "20.00")).
		say(s.amend("t", "5.00", "2025-02-01", true), s.amend("t", "25.00", "2025-03-01", true), s.approve("A", part(2025, "20.00")), s.pay("P", "A", "20.00")).
		comesTo("t", "P", "2025", "use 20.00 headroom 0.00 over 10.00 beyond 0.00")
	// And lowered again, with effect on everything: an earlier date does not get round it.
	s.say(s.amend("t", "10.00", "2025-04-01", true)).filed("B", "t", "Q", part(2025, "11.00")).no("cap_exceeded", s.approve("B", part(2025, "11.00")))
}

func (s *attack) returnsUndone() {
	s.say(s.book("B", "y", "P", "100.00"), s.back("R", "y", "P", "30.00", domain.CauseError)).
		on("2025-06-01").say(s.sendBack("B", "100.00")).
		on("2025-05-31").no("date_order", s.undoReturn("B", "100.00")).no("date_order", s.undoBooking("B")).
		on("2025-06-01").no("return_exceeded", s.undoReturn("B", "100.01")).say(s.undoReturn("B", "100.00")).no("return_exceeded", s.undoReturn("B", "0.01")).
		comesTo("y", "P", "2025", "use 70.00 headroom 30.00 over 0.00 beyond 0.00").
		on("2025-05-31").no("date_order", s.sendBack("B", "1.00"))
	s.on("2025-06-01").granted("A", "y", "Q", part(2025, "10.00")).say(s.pay("P", "A", "10.00")).no("payout_not_booked", s.undoBooking("P")).
		say(s.sendBack("P", "10.00"), s.pay("P2", "A", "10.00"), s.undoReturn("P", "10.00")).found("instalment_exceeded").
		comesTo("y", "Q", "2025", "use 20.00 headroom 80.00 over 0.00 beyond 0.00").
		no("role_not_allowed", as(s.undoReturn("P", "1.00"), "cl", domain.Clerk, "d1")).no("department_not_allowed", as(s.undoReturn("P", "1.00"), "tr", domain.Treasurer, "d1"))
}

func (s *attack) totals() {
	s.say(s.raise("X", "t", "P", 0, "30.00")).filed("A", "t", "P", part(2024, "20.00"), part(2025, "30.00")).say(s.approve("A", part(2024, "20.00"), part(2025, "30.00"))).
		comesTo("t", "P", "2024", "use 20.00 headroom 0.00 over 0.00 beyond 0.00").comesTo("t", "P", "2025", "use 30.00 headroom 0.00 over 0.00 beyond 0.00").
		no("exception_in_use", s.lower("X", "0.01")).
		say(s.book("B", "y", "HA", "130.00")).granted("C", "y", "HB", part(2025, "50.00")).
		comesTo("y", "HA", "2025", "use 130.00 headroom 0.00 over 30.00 beyond 0.00").comesTo("y", "HB", "2025", "use 50.00 headroom 50.00 over 0.00 beyond 0.00")
}
