package domain

import (
	"cmp"
	"slices"
)

// Subjects that are found to be one, an enterprise that another took over or a project that was registered twice, keep their accounts: what was granted
// and paid on each stays there. From then on a decision on any of them is held against what all of them use, the cap and the exceptions of all.

// joined are the other subjects that count as one with a subject, in order.
func (s *State) joined(of Subject) []Subject { return s.together.get(of) }

// join makes one of two subjects and all that each is one with.
func (s *State) join(a, b Subject) {
	all := append(append([]Subject{a, b}, s.joined(a)...), s.joined(b)...)
	slices.SortFunc(all, func(x, y Subject) int { return cmp.Compare(x.ID, y.ID) })
	all = slices.Compact(all)
	for i, one := range all {
		s.together.put(one, slices.Delete(slices.Clone(all), i, i+1))
	}
}

// part makes some of the subjects that are one stand apart from the others, and one among themselves.
func (s *State) part(some []Subject) {
	rest := slices.DeleteFunc(slices.Clone(s.joined(some[0])), func(one Subject) bool { return slices.Contains(some, one) })
	for _, side := range [][]Subject{some, rest} {
		for _, one := range side {
			others := slices.DeleteFunc(slices.Clone(s.joined(one)), func(other Subject) bool { return !slices.Contains(side, other) })
			s.together.put(one, slices.Clip(others))
		}
	}
}

// besides are the accounts of a clause that count as one with an account.
func (s *State) besides(a Account) []Account {
	others := s.joined(a.Subject)
	if len(others) == 0 {
		return nil
	}
	list := make([]Account, len(others))
	for i, other := range others {
		list[i] = Account{a.Clause, other}
	}
	return list
}

// seenTogether is how an account stands for a decision of a day with those that it is one with, without what they carry: the exceptions of all count.
func (s *State) seenTogether(a Account, year SupportYear, day Date) usage {
	u := s.seenAlone(a, year, day)
	for _, other := range s.besides(a) {
		more := s.seenAlone(other, year, day)
		u = u.with(more)
		u.exceptions = u.exceptions.Add(more.exceptions)
	}
	return u
}

// joinedOn is what the accounts use that an account is one with, for a decision of a day.
func (s *State) joinedOn(a Account, year SupportYear, day Date) (use Money) {
	for _, other := range s.besides(a) {
		use = use.Add(s.seenAlone(other, year, day).use())
	}
	return use
}

// heldTogether is the lowest of what an account and those that it is one with must hold.
func (s *State) heldTogether(a Account, year SupportYear, day Date) Ceiling {
	held := s.heldCap(a, year, day)
	for _, other := range s.besides(a) {
		if c := s.heldCap(other, year, day); c.Stated && (!held.Stated || c.Amount.Less(held.Amount)) {
			held = c
		}
	}
	return held
}

// grantedApart is what accounts that are one could be granted before they were: as often the cap as there are of them. Within it payouts go on, for being
// joined takes nothing away that was granted.
func (s *State) grantedApart(a Account, held Ceiling) Money {
	all := held.Amount
	for range s.joined(a.Subject) {
		all = all.Add(held.Amount)
	}
	return all
}

// heldAgainst are the accounts whose exceptions raise what an account is held against: it, those that carry it, and those that either is one with.
func (s *State) heldAgainst(a Account) (list []Account) {
	for _, on := range append([]Account{a}, s.carriers(a)...) {
		list = append(append(list, on), s.besides(on)...)
	}
	return list
}
