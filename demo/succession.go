package demo

import (
	"iter"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// Ends is the last day of the sample: the first quarter of the policy that follows.
var Ends = date(2027, time.March, 31)

// Succession is what [Changning] plays, and goes on when the policy ends: the one that follows is published before its term begins, budgets are
// set, what is undecided on the last day moves to the clause that continues its own, instalments of the earlier policy are paid in the new year,
// the first decisions are made under the new one, and the years before are closed. next publishes that policy; its date is the sample's. Nothing happens behind [Ends].
func Succession(policy domain.Policy, next domain.PublishPolicy, until domain.Date) iter.Seq[Step] {
	if until.After(Ends) {
		until = Ends
	}
	return played(policy, &next, until)
}

// followed reports whether a clause is of the policy that follows.
func (w *world) followed(c domain.Clause) bool {
	if w.next == nil {
		return false
	}
	_, is := w.next.Policy.Clause(c.ID)
	return is
}

// policyOf is the policy that a clause is of.
func (w *world) policyOf(c domain.Clause) *domain.Policy {
	if w.followed(c) {
		return &w.next.Policy
	}
	return &w.policy
}

// clause finds a clause of either policy.
func (w *world) clause(id domain.ClauseID) (domain.Clause, bool) {
	if c, is := w.policy.Clause(id); is || w.next == nil {
		return c, is
	}
	return w.next.Policy.Clause(id)
}

// inForce is the policy that is applied under today.
func (w *world) inForce() *domain.Policy {
	if w.next != nil && w.day.After(w.policy.Term.To) {
		return &w.next.Policy
	}
	return &w.policy
}

// continued is the clause that is applied under today where an earlier one was: the same one while its policy is in force, or where nothing continues it.
func (w *world) continued(c domain.Clause) domain.Clause {
	if !w.followed(c) {
		for _, by := range w.inForce().Clauses {
			if by.Continues.Clause == c.ID {
				return by
			}
		}
	}
	return c
}

// planNext puts on the agenda what is known beforehand of the policy that follows.
func (w *world) planNext() {
	if w.next == nil {
		return
	}
	w.on(date(2026, time.December, 7), func() {
		publish := *w.next
		publish.Date = w.day
		w.give(&publish)
	})
	w.on(date(2026, time.December, 14), func() {
		for _, b := range []struct {
			clause     domain.ClauseID
			department domain.DepartmentID
			yuan       int64
		}{{"27-1.1a", "", 700_000_000}, {"27-1.1b", "", 500_000_000}, {"27-1.2a", "", 600_000_000}, {"27-1.2b", "", 400_000_000}, {"27-4", "", 300_000_000},
			{"27-2.5", "", 50_000_000}, {"", "ecology", 80_000_000}, {"", "civil-affairs", 60_000_000}} {
			w.appropriate(2027, b.clause, b.department, b.yuan)
		}
	})
	w.acquaintances()
	w.atTheTurn()
	w.carriedUse()
	w.closedYears()
	w.plannedPayments()
	w.on(date(2027, time.January, 4), func() {
		for i, f := range w.firms[plannedFirms:enterprises] {
			if i%3 == 0 {
				w.in(1, 70, func() { w.applies(f) })
			}
		}
	})
}

// atTheTurn: applied for too early, and too late; the new clause from its first days on.
func (w *world) atTheTurn() {
	w.turnedAway(date(2026, time.December, 21), domain.CodePolicyNotInForce, planned{id: "S-20", firm: 11, clause: "27-2.5", project: "社区康养中心", asked: one(2027, 2_000_000)})
	w.turnedAway(date(2027, time.January, 5), domain.CodePolicyExpired, planned{id: "S-21", firm: 3, clause: "5", project: "总部升级", asked: one(2026, 1_000_000)})
	a := w.decided(date(2027, time.January, 6), planned{id: "S-20", firm: 7, clause: "27-2.5", project: "社区康养中心", asked: one(2027, 2_000_000)})
	w.payOn(date(2027, time.March, 9), a, "S-20-1", 2027, 1_200_000)
}

// carriedUse: a project that has used 20,000,000 under clause 4 has what is left of 25,000,000 under the clause that carries it.
func (w *world) carriedUse() {
	a := w.tooMuch(date(2027, time.January, 11), planned{id: "S-22", firm: 9, clause: "27-4", project: "金融科技实验室", asked: one(2027, 6_000_000)})
	w.on(date(2027, time.February, 17), func() { w.give(w.approval(a, "approve-less", one(2027, 5_000_000))) })
	w.payOn(date(2027, time.March, 10), a, "S-22-1", 2027, 3_000_000)
}

// closedYears: the books of 2025 and 2026 are closed, a part of what clause 4 has left goes on into 2027, and a late budget for 2026 is refused.
func (w *world) closedYears() {
	w.on(date(2027, time.March, 22), func() {
		w.give(&domain.CloseBudgetYear{Head: w.treasurer("closing-2026"), Year: 2026, Document: w.document("长财决")})
		w.refused(domain.CodeBudgetYearClosed, &domain.SetAppropriation{Head: w.treasurer("S-23-late"), BudgetYear: 2026, Clause: "4", Amount: domain.Yuan(950_000_000),
			Document: w.document("长财预")})
	})
	w.on(date(2027, time.March, 25), func() {
		w.give(&domain.CarryOver{Head: w.treasurer("S-24-carry"), From: 2026, To: 2027, Clause: "4", Amount: domain.Yuan(60_000_000), Document: w.document("长财决")})
	})
}

// plannedPayments: what is unpaid of two grants is planned for the months in which it is to be paid.
func (w *world) plannedPayments() {
	w.on(date(2027, time.March, 26), func() {
		for _, one := range []struct {
			application domain.ApplicationID
			month       string
			yuan        int64
		}{{"S-20", "2027-06", 800_000}, {"S-22", "2027-05", 1_200_000}, {"S-22", "2027-09", 800_000}} {
			w.give(&domain.PlanPayment{Head: w.treasurer(string(one.application) + "-plan-" + one.month), Application: one.application, SupportYear: 2027,
				Month: domain.Month(one.month), Amount: domain.Yuan(one.yuan)})
		}
	})
}

// expired is what becomes of an application that the end of its policy found undecided.
func (w *world) expired(a *file) {
	if w.continued(a.clause).ID == a.clause.ID {
		w.reject(a, "政策期满")
		return
	}
	w.in(5, 15, func() { w.transfer(a) })
}

// transfer moves an undecided application to the clause that continues its own, where it is reviewed again and decided for the years of the new
// policy.
func (w *world) transfer(a *file) {
	clause := w.continued(a.clause)
	if !slices.Contains(clause.Departments, a.office) && !clause.AnyReviews {
		a.office = clause.Departments[0]
	}
	by := a.office
	if clause.AnyReviews {
		by = clause.Departments[0]
	}
	refersTo, charged := a.refersTo, clause
	if clause.ByReference() {
		charged = w.continued(a.charged)
		refersTo = charged.ID
	}
	w.give(&domain.TransferApplication{Head: w.head(string(a.id)+"-transfer", domain.Clerk, by), Application: a.id, Clause: clause.ID, RefersTo: refersTo,
		Document: w.document("长府办")})
	a.clause, a.charged, a.refersTo, a.round = clause, charged, refersTo, "-after-transfer"
	var asked domain.Money
	for _, part := range a.asked {
		asked = asked.Add(part.Amount)
	}
	a.asked = []domain.Instalment{{SupportYear: domain.SupportYear(w.day.Year()), Amount: asked}}
	w.in(4, 12, func() { w.review(a) })
}
