package domain

import "cmp"

// DebtorControl says what an approval or a payout gets whose enterprise has not paid back in time what was clawed back from it.
type DebtorControl string

// The controls.
const (
	DebtorFinding DebtorControl = "finding" // or left out
	DebtorRefuse  DebtorControl = "refuse"
	DebtorOffset  DebtorControl = "offset" // what is overdue is kept back of a payout; an approval is found
)

// or is the control, or what it is where none is said.
func (d DebtorControl) or() DebtorControl { return cmp.Or(d, DebtorFinding) }

// debtors judges another control of debtors, of the policy.
func (c *AmendPolicy) debtors(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	if c.Debtors == "" {
		return false, nil
	}
	e.Debtors, e.PreviousDebtors = c.Debtors, inForce(s.policies.get(place).debtors, c.EffectiveOn).or()
	return e.Debtors != e.PreviousDebtors, invalidPolicy(c.Debtors.check())
}

// debtorsOn is what the policy of a clause says of debtors on a day.
func (s *State) debtorsOn(c ClauseID, day Date) DebtorControl {
	of, known := s.policyOf(c)
	if !known {
		return DebtorFinding
	}
	return inForce(of.debtors, day).or()
}

func (d DebtorControl) check() error {
	switch d {
	case "", DebtorFinding, DebtorRefuse, DebtorOffset:
		return nil
	}
	return wrong("debtors", "须为 finding（记为发现）、refuse（拒绝）或 offset（抵扣），不能是 %q", "is finding, refuse or offset, not %q", Clip(string(d), 20))
}

// debt is what of a clawback was due before a day, and is outstanding on it.
type debt struct {
	clawback ClawbackID
	since    Date // the first day by which something should have been paid
	amount   Money
}

// debts are those of an enterprise and of those that are one with it, on a day, in the order in which they were ordered.
func (s *State) debts(id EnterpriseID, day Date) (list []debt) {
	parts := s.overdue(id, day)
	for _, c := range s.clawbacksOf(id) {
		one := debt{clawback: c}
		for _, part := range parts {
			if part.clawback != c {
				continue
			}
			if one.amount = one.amount.Add(part.Amount); one.since.IsZero() {
				one.since = part.DueOn
			}
		}
		if one.amount.Positive() {
			list = append(list, one)
		}
	}
	return list
}

// checkDebts refuses an enterprise that owes on one of some days what was due before it. Of several days the first on which it owes counts.
func (s *State) checkDebts(id EnterpriseID, days ...Date) *Refusal {
	for _, day := range days {
		if list := s.debts(id, day); len(list) > 0 {
			var sum Money
			var ids []ClawbackID
			since := list[0].since
			for _, one := range list {
				sum, ids = sum.Add(one.amount), append(ids, one.clawback)
				if one.since.Before(since) {
					since = one.since
				}
			}
			return refuse(CodeOwesMoney, "enterprise", id, "outstanding", sum, "since", since, "clawbacks", join(ids))
		}
	}
	return nil
}

// debtorPaid judges a payout to an enterprise that owes: what is kept back of it, what is found, or why it is refused. Where debtors are offset nothing is
// paid to one but what it owed on the day of payment and does not owe any more: that is found.
func (s *State) debtorPaid(c Charge, amount Money, date, paidOn Date) ([]keeping, []Finding, *Refusal) {
	if s.debtorsOn(c.Applied(), date) != DebtorOffset {
		found, r := s.debtors(c.Applied(), c.Enterprise, date, paidOn)
		return nil, found, r
	}
	kept := s.keepBack(c.Enterprise, amount, paidOn)
	all, principal := total(kept)
	var owed Money
	for _, part := range s.overdue(c.Enterprise, paidOn) {
		owed = owed.Add(part.Amount)
	}
	if all == amount || owed == principal {
		return kept, nil, nil
	}
	return kept, []Finding{s.checkDebts(c.Enterprise, paidOn).finding()}, nil
}

// debtors judges an enterprise that owes money as the policy of a clause says on the day of a decision: it is refused, or found. Of other days what
// it owes then counts too.
func (s *State) debtors(c ClauseID, id EnterpriseID, day Date, others ...Date) ([]Finding, *Refusal) {
	r := s.checkDebts(id, append([]Date{day}, others...)...)
	if r == nil {
		return nil, nil
	}
	if s.debtorsOn(c, day) == DebtorRefuse {
		return nil, r
	}
	return []Finding{r.finding()}, nil
}
