package domain

// DebtorControl says what an approval or a payout gets whose enterprise has not paid back in time what was clawed back from it.
type DebtorControl string

// The controls.
const (
	DebtorFinding DebtorControl = "finding" // or left out
	DebtorRefuse  DebtorControl = "refuse"
)

func (d DebtorControl) check() error {
	switch d {
	case "", DebtorFinding, DebtorRefuse:
		return nil
	}
	return wrong("debtors", "须为 finding（记为发现）或 refuse（拒绝），不能是 %q", "is finding or refuse, not %q", Clip(string(d), 20))
}

// debt is what of a clawback was due before a day, and is outstanding on it.
type debt struct {
	clawback ClawbackID
	since    Date // the first day by which something should have been paid
	amount   Money
}

// debts are those of an enterprise on a day, in the order in which they fell due.
func (s *State) debts(id EnterpriseID, day Date) (list []debt) {
	for _, c := range s.enterprises.get(id).clawbacks {
		one := debt{clawback: c}
		for _, part := range s.clawbacks.get(c).unpaidOn(day) {
			if part.DueOn.IsZero() || !part.DueOn.Before(day) || !part.Amount.Positive() {
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

// debtors judges an enterprise that owes money as the policy of a clause says: it is refused, or found.
func (s *State) debtors(c ClauseID, id EnterpriseID, days ...Date) ([]Finding, *Refusal) {
	r := s.checkDebts(id, days...)
	if r == nil {
		return nil, nil
	}
	if of, _ := s.policyOf(c); of.policy != nil && of.policy.Debtors == DebtorRefuse {
		return nil, r
	}
	return []Finding{r.finding()}, nil
}
