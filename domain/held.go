package domain

import (
	"cmp"
	"slices"
)

// heldPart is what is committed by decisions that one version of the clause governed.
type heldPart struct {
	version int
	amount  Money
}

// hold changes what is committed under a version. The list is never changed in place.
func hold(parts []heldPart, version int, by Money) []heldPart {
	parts = slices.Clone(parts)
	i := slices.IndexFunc(parts, func(p heldPart) bool { return p.version == version })
	if i < 0 {
		return append(parts, heldPart{version, by})
	}
	parts[i].amount = parts[i].amount.Add(by)
	if parts[i].amount.IsZero() {
		return slices.Delete(parts, i, i+1)
	}
	return parts
}

// commit changes what is committed on an account in a support year, by a decision that a version of the clause governed.
func (s *State) commit(a Account, year SupportYear, version int, by Money) {
	s.charge(a, year, func(u *usage) {
		u.committed = u.committed.Add(by)
		u.held = hold(u.held, version, by)
	})
}

// later reports whether a version comes after another: by its effective day, then in the order of recording.
func (v ClauseVersion) later(than ClauseVersion) bool {
	if v.EffectiveOn != than.EffectiveOn {
		return v.EffectiveOn.After(than.EffectiveOn)
	}
	return v.Version > than.Version
}

// lastRetroactive is the retroactive version that stands on a day for what an earlier version governs: the last one that has taken
// effect. Those before it are superseded.
func lastRetroactive(versions []ClauseVersion, after ClauseVersion, day Date) (last ClauseVersion, ok bool) {
	for _, v := range versions {
		if !v.Retroactive || v.EffectiveOn.After(day) || !v.later(after) || ok && !v.later(last) {
			continue
		}
		last, ok = v, true
	}
	return last, ok
}

// heldCap is what an account must hold on a day while approvals stand on it (R5a): the lowest cap of the versions that govern an
// approval of it with something still committed. Unstated: nothing is to be held.
func (s *State) heldCap(a Account, year SupportYear, day Date) Ceiling {
	held := Unstated
	for _, part := range s.scope(a, year).held {
		if c := s.governing(a.Clause, part, day).Cap; c.Stated && (!held.Stated || c.Amount.Less(held.Amount)) {
			held = c
		}
	}
	return held
}

// paysUnder is the cap that payouts of approvals wait for (R3): that of the latest version which governs one of them. A cap that was
// raised since an earlier approval is no reason to wait. Where a reversed recovery has put the account over what it must hold, they
// wait for that (R5a).
func (s *State) paysUnder(a Account, year SupportYear, day Date) Ceiling {
	u := s.scope(a, year)
	if u.reversed {
		return s.heldCap(a, year, day)
	}
	var latest ClauseVersion
	for i, part := range u.held {
		if v := s.governing(a.Clause, part, day); i == 0 || v.later(latest) {
			latest = v
		}
	}
	return latest.Cap
}

// standsUnder is the cap that what is approved on an account stands under on a day: where a reversed recovery has put it over what it must
// hold, that, as long as approvals hold it (R5a).
func (s *State) standsUnder(a Account, year SupportYear, day Date) Ceiling {
	standing := StandingCap(s.clauses.get(a.Clause).versions, day)
	if !s.scope(a, year).reversed {
		return standing
	}
	if held := s.heldCap(a, year, day); held.Stated && (!standing.Stated || held.Amount.Less(standing.Amount)) {
		return held
	}
	return standing
}

// governing is the version that governs on a day what was decided under another: a retroactive one governs what came before it.
func (s *State) governing(c ClauseID, part heldPart, day Date) ClauseVersion {
	versions := s.clauses.get(c).versions
	decided := versions[min(max(part.version, 1), len(versions))-1]
	if retroactive, ok := lastRetroactive(versions, decided, day); ok {
		return retroactive
	}
	return decided
}

// seenAlone is how an account stands for a decision of a day, without what it carries: exceptions of a later day, and what a recovery, a cut, a return or the reversal
// of a booking of a later day frees, are not there yet (R6); else a date could be chosen on which the account is over its cap. What was
// revoked or reversed since then is gone.
func (s *State) seenAlone(a Account, year SupportYear, day Date) usage {
	u, of := s.scope(a, year), s.accounts.get(a)
	total := s.scopeYear(a.Clause, year) == 0
	for _, id := range of.exceptions {
		if x := s.exceptions.get(id); x.grantedOn.After(day) && x.year == s.scopeYear(a.Clause, year) {
			u.exceptions = u.exceptions.Sub(x.left)
		}
	}
	in := func(y SupportYear) bool { return total || y == year }
	if moved, any := s.loosened.find(a); any {
		u.committed = u.committed.Add(freedAfter(moved.cuts, in, day))
		u.outside = u.outside.Add(freedAfter(moved.returns, in, day))
	}
	if !of.lastReceived.After(day) {
		return u
	}
	for id := of.lastRecovery; id != ""; {
		r := s.recoveries.get(id)
		if !r.reversed && r.cause == CauseError && r.received.After(day) && in(r.year) {
			u.freed, u.freedOut = u.freed.Sub(r.amount.Sub(r.beyond)), u.freedOut.Sub(r.outside)
		}
		id = r.previous
	}
	return u
}

// move adds to what moved on a day. The list is in the order of days, and never changed in place.
func move(list []dayMove, on Date, year SupportYear, by Money) []dayMove {
	i, found := slices.BinarySearchFunc(list, dayMove{on: on, year: year}, func(m, of dayMove) int {
		return cmp.Or(m.on.order()-of.on.order(), int(m.year)-int(of.year))
	})
	list = slices.Clone(list)
	if !found {
		return slices.Insert(list, i, dayMove{on, year, by})
	}
	list[i].by = list[i].by.Add(by)
	return list
}

// freedAfter is by how much more was used than now on a day or on any later one, as far as the moves tell.
func freedAfter(list []dayMove, in func(SupportYear) bool, day Date) (most Money) {
	var since Money
	for i, m := range slices.Backward(list) {
		if !m.on.After(day) {
			break
		}
		if in(m.year) {
			since = since.Sub(m.by)
		}
		if i == 0 || list[i-1].on != m.on {
			most = Greater(most, since)
		}
	}
	return most
}

// booked is the part of the use that is booked outside any approval and is not freed. What came back of approved payouts frees none of it.
func (u usage) booked() Money { return u.outside.Sub(u.freedOut).OrNone() }
