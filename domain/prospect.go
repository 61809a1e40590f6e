package domain

import (
	"cmp"
	"maps"
	"slices"
)

// WouldBe is why an enterprise could not be granted anything under a clause in a support year, were it to apply on a day: by its credit, the policy's term, the
// clause, its industry and, where the policy refuses debtors, what it owes, in this order (R3, R4, R8, R10). Nil: the rules leave it to the department.
func (s *State) WouldBe(e EnterpriseID, c ClauseID, year SupportYear, day Date) *Refusal {
	x, r := s.checkEnterprise(e)
	if r != nil {
		return r
	}
	of, r := s.checkClause(c)
	switch {
	case r != nil:
		return r
	case of.clause.NotAppliedFor:
		return refuse(CodeClauseNotAppliedFor, "clause", c)
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return checkCredit(e, x, day) },
		func() *Refusal { return s.checkTerm(c, day) },
		func() *Refusal { return s.checkYear(year, c, day) },
		func() *Refusal { return s.checkOpen(day, c) },
		func() *Refusal { return s.checkIndustry(c, x, day) },
		func() *Refusal { _, r := s.debtors(c, e, day); return r },
	} {
		if r := check(); r != nil {
			return r.Under(s.policy)
		}
	}
	return nil
}

// Carried are the clauses whose accounts a clause carries: those of its subjects count against its cap, one policy after another.
func (s *State) Carried(c ClauseID) (list []ClauseID) {
	for {
		before := s.clauses.get(c).clause.Continues
		if before.Use != Carried {
			return list
		}
		c = before.Clause
		list = append(list, c)
	}
}

// RoomOf is what an account has left in a year for a decision of a day, as an approval would be held against it. An account of a subject without an id
// is one that nothing was ever charged to.
func (s *State) RoomOf(a Account, year SupportYear, day Date) Room {
	return s.capRoom(a, year, NoMoney, GoverningVersion(s.clauses.get(a.Clause).versions, day, day), day)
}

// LastDay is the last day of a clause's policy, as it stands on a day.
func (s *State) LastDay(c ClauseID, day Date) Date { return s.termOn(c, day).To }

// Holdings are the accounts that each enterprise is charged on: by its applications, but for those rejected, withdrawn or voided, and by its payouts. In
// the order of clauses and subjects.
func (s *State) Holdings() map[EnterpriseID][]Account {
	held := map[EnterpriseID]map[Account]bool{}
	add := func(c Charge) {
		if held[c.Enterprise] == nil {
			held[c.Enterprise] = map[Account]bool{}
		}
		held[c.Enterprise][c.Account()] = true
	}
	for _, a := range s.applications.rows {
		if a.state != Rejected && a.state != Withdrawn && a.state != Voided {
			add(a.charge)
		}
	}
	for _, p := range s.payouts.rows {
		add(p.charge)
	}
	lists := make(map[EnterpriseID][]Account, len(held))
	for e, accounts := range held {
		lists[e] = slices.SortedFunc(maps.Keys(accounts), compareAccounts)
	}
	return lists
}

// EnterprisesBehind are the registered enterprises whose id comes behind one, in order.
func (s *State) EnterprisesBehind(id EnterpriseID) []EnterpriseID {
	var list []EnterpriseID
	for e := range s.enterprises.rows {
		if e > id {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b EnterpriseID) int { return cmp.Compare(a, b) })
	return list
}
