package domain

import (
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
		func() *Refusal { return s.checkNotMerged(e, day) },
		func() *Refusal { return s.checkCreditOf(e, day) },
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

// GroupLeft is what the group of an enterprise has left of what a clause states for groups, in a year by a decision of a day; unstated where it is of no
// group, or none is stated.
func (s *State) GroupLeft(e EnterpriseID, c ClauseID, year SupportYear, day Date) (left Ceiling) {
	for _, room := range s.groupRooms(Account{c, Subject{SubjectEnterprise, string(e)}}, []Instalment{{SupportYear: year}}, day, day) {
		if is := room.Left(); !left.Stated || is.Amount.Less(left.Amount) {
			left = is
		}
	}
	return left
}

// OwesOn is what an enterprise owes on a day that was due before it.
func (s *State) OwesOn(e EnterpriseID, day Date) (sum Money) {
	for _, one := range s.debts(e, day) {
		sum = sum.Add(one.amount)
	}
	return sum
}

// LastDay is the last day of a clause's policy, as it stands on a day.
func (s *State) LastDay(c ClauseID, day Date) Date { return s.termOn(c, day).To }

// charged is what an enterprise is, or once was, charged by. It only grows, by one at a time: a list that is gone back from is not read any more.
type charged struct {
	applications []ApplicationID
	payouts      []PayoutID
}

// chargeApplication notes that an application is an enterprise's from now on.
func (s *State) chargeApplication(id ApplicationID, e EnterpriseID) {
	if s.applications.get(id).charge.Enterprise != e {
		s.charged.update(e, func(c *charged) { c.applications = append(c.applications, id) })
	}
}

// chargePayout notes that a payout is made to an enterprise.
func (s *State) chargePayout(id PayoutID, e EnterpriseID) {
	if !s.payouts.has(id) {
		s.charged.update(e, func(c *charged) { c.payouts = append(c.payouts, id) })
	}
}

// Held are the accounts that an enterprise is charged on: by its applications, but for those rejected, withdrawn or voided, and by its payouts. In the
// order of clauses and subjects. What others are charged with is not looked at.
func (s *State) Held(e EnterpriseID) []Account {
	of, held := s.charged.get(e), map[Account]bool{}
	for _, id := range of.applications {
		a := s.applications.get(id)
		if a.charge.Enterprise == e && a.state != Rejected && a.state != Withdrawn && a.state != Voided {
			held[a.charge.Account()] = true
		}
	}
	for _, id := range of.payouts {
		held[s.payouts.get(id).charge.Account()] = true
	}
	return slices.SortedFunc(maps.Keys(held), compareAccounts)
}

// EnterprisesBehind are the registered enterprises whose id comes behind one, in order. Their order is made once, not each time that it is asked for.
func (s *State) EnterprisesBehind(id EnterpriseID) []EnterpriseID {
	if s.roster == nil || len(s.roster) != len(s.enterprises.rows) {
		s.roster = slices.Sorted(maps.Keys(s.enterprises.rows))
	}
	i, there := slices.BinarySearch(s.roster, id)
	if there {
		i++
	}
	return s.roster[i:len(s.roster):len(s.roster)]
}
