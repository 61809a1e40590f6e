package domain

import "slices"

// What comes back frees headroom, but never more than went out (R5). A recovery that names a payout counts up to what the payout
// still has out; one that names none, up to what is booked on the enterprise's line outside any approval. What comes in beyond that
// is a fact that frees nothing. Money booked outside comes back once, whichever of the two names it.

// flowKey is an enterprise's line: whose money, on which account, for which support year.
type flowKey struct {
	enterprise EnterpriseID
	account    Account
	year       SupportYear
}

// flow is what was booked on an enterprise's line outside any approval, and what of it came back.
type flow struct {
	outside Money // less what the bank returned, and what an approval took over
	back    Money // of any cause
}

// left is what is booked outside and did not come back.
func (f flow) left() Money { return f.outside.Sub(f.back).OrNone() }

func (c Charge) flow(y SupportYear) flowKey { return flowKey{c.Enterprise, c.Account(), y} }

// counts is how much of an amount that came back counts, and how much of that was booked outside any approval. The payout is nil
// where none is named.
func counts(p *payout, f flow, amount Money) (within, outside Money) {
	if p == nil {
		within = Lesser(amount, f.left())
		return within, within
	}
	outside = Lesser(Lesser(amount, p.outside.Sub(p.backOutside).OrNone()), f.left())
	approved := p.amount.Sub(p.returned).Sub(p.outside)
	there := approved.Sub(p.back.Sub(p.backOutside)).OrNone()
	return outside.Add(Lesser(amount.Sub(outside), there)), outside
}

// beyondOf is how much of an amount comes in beyond what went out.
func (s *State) beyondOf(id PayoutID, c Charge, y SupportYear, amount Money) Money {
	var named *payout
	if id != "" {
		p := s.payouts.get(id)
		named = &p
	}
	within, _ := counts(named, s.flows.get(c.flow(y)), amount)
	return amount.Sub(within)
}

// exceededBy is the finding on money that came in beyond what went out; nil where none did.
func exceededBy(beyond, amount Money, figures ...any) *Refusal {
	if !beyond.Positive() {
		return nil
	}
	return refuse(CodeRecoveryExceeded, append(figures, "limit", amount.Sub(beyond), "asked", amount, "short_by", beyond)...)
}

// comeBack keeps a recovery, and frees what it frees.
func (s *State) comeBack(id RecoveryID, r recovery) {
	on := r.charge.Account()
	r.previous = s.accounts.get(on).lastRecovery
	within := r.amount.Sub(r.beyond)
	r.outside = s.giveBack(r, within)
	s.recoveries.put(id, r)
	s.accounts.update(on, func(a *account) {
		a.lastRecovery = id
		if r.received.After(a.lastReceived) {
			a.lastReceived = r.received
		}
	})
	s.free(r, within, r.outside, r.beyond)
}

// giveBack notes with the payout and the line what came back, and says how much of it was booked outside any approval.
func (s *State) giveBack(r recovery, within Money) (outside Money) {
	key := r.charge.flow(r.year)
	if r.payout == "" {
		_, outside = counts(nil, s.flows.get(key), within)
	} else {
		p := s.payouts.get(r.payout)
		_, outside = counts(&p, s.flows.get(key), within)
		s.payouts.update(r.payout, func(p *payout) { p.back, p.backOutside = p.back.Add(within), p.backOutside.Add(outside) })
	}
	s.flowBack(key, outside)
	return outside
}

func (s *State) flowBack(key flowKey, amount Money) {
	if !amount.IsZero() {
		s.flows.update(key, func(f *flow) { f.back = f.back.Add(amount) })
	}
}

// free changes what is freed, what of that was booked outside any approval, and what is beyond on a recovery's line.
func (s *State) free(r recovery, within, outside, beyond Money) {
	s.charge(r.charge.Account(), r.year, func(u *usage) {
		if r.cause == CauseError {
			u.freed, u.freedOut = u.freed.Add(within), u.freedOut.Add(outside)
		}
		u.beyond = u.beyond.Add(beyond)
	})
}

// undoRecovery takes a recovery back.
func (s *State) undoRecovery(id RecoveryID) {
	r := s.recoveries.get(id)
	within := r.amount.Sub(r.beyond)
	if r.payout != "" {
		s.payouts.update(r.payout, func(p *payout) { p.back, p.backOutside = p.back.Sub(within), p.backOutside.Sub(r.outside) })
	}
	s.flowBack(r.charge.flow(r.year), r.outside.Neg())
	s.free(r, within.Neg(), r.outside.Neg(), r.beyond.Neg())
	s.recoveries.update(id, func(r *recovery) { r.reversed = true })
}

// Shift says that a recovery counts for more or for less than before, because what went out, or what else came back, has changed.
type Shift struct {
	Recovery RecoveryID `json:"recovery"`
	Cause    Cause      `json:"cause"`
	Beyond   Balance    `json:"beyond"` // by how much more of it is beyond what went out; below zero: by how much less
	// NotBefore is the day on which the money came in, or was shifted last, or on which the place that it takes was: on the days before
	// it there is nothing to shift.
	NotBefore Date `json:"not_before,omitzero"`
}

// since is the day from which a recovery counts as it does now.
func (r recovery) since() Date { return latest(r.received, r.movedOn) }

// shift applies what shifts of a day say.
func (s *State) shift(list []Shift, on Date) {
	for _, one := range list {
		r := s.recoveries.get(one.Recovery)
		by := one.Beyond.Money
		outside := by.Neg()
		if by.Positive() {
			s.flowBack(r.charge.flow(r.year), outside) // only money that names no payout gives way
		} else {
			outside = s.giveBack(r, by.Neg())
		}
		s.free(r, by.Neg(), outside, by)
		s.recoveries.update(one.Recovery, func(r *recovery) {
			r.beyond, r.outside, r.movedOn = r.beyond.Add(by), r.outside.Add(outside), latest(r.movedOn, one.NotBefore, on)
		})
	}
}

// standing lists the recoveries that stand on an enterprise's line, the latest first.
func (s *State) standing(key flowKey) []RecoveryID {
	var list []RecoveryID
	for id := s.accounts.get(key.account).lastRecovery; id != ""; {
		r := s.recoveries.get(id)
		if !r.reversed && r.charge.flow(r.year) == key {
			list = append(list, id)
		}
		id = r.previous
	}
	return list
}

// givesWay is what happens to recoveries that name no payout when less is booked outside on their line: the latest give way first.
func (s *State) givesWay(key flowKey, less Money) []Shift {
	f := s.flows.get(key)
	excess := f.back.Sub(f.outside.Sub(less))
	if !less.Positive() || !excess.Positive() {
		return nil
	}
	var list []Shift
	for _, id := range s.standing(key) {
		r := s.recoveries.get(id)
		by := Lesser(excess, r.amount.Sub(r.beyond))
		if r.payout != "" || !by.Positive() {
			continue
		}
		list = append(list, Shift{Recovery: id, Cause: r.cause, Beyond: Balance{by}, NotBefore: r.since()})
		excess = excess.Sub(by)
	}
	return list
}

// putBack is what a reversed return puts back of what the returns of its payout had made give way, the latest first: undone, a mistaken
// return has moved nothing.
func (s *State) putBack(id PayoutID, p payout, outside Money) []Shift {
	gave := s.gaveWay.get(id)
	if len(gave) == 0 {
		return nil
	}
	f := s.flows.get(p.charge.flow(p.year))
	f.outside = f.outside.Add(outside)
	there := Lesser(outside, f.left())
	var list []Shift
	back := map[RecoveryID]Money{} // one that gave way twice, and moved up between, counts again once
	for _, one := range slices.Backward(gave) {
		r := s.recoveries.get(one.Recovery)
		by := Lesser(Lesser(there, one.Beyond.Money), r.beyond.Sub(back[one.Recovery]))
		if r.reversed || !by.Positive() {
			continue
		}
		back[one.Recovery] = back[one.Recovery].Add(by)
		list = append(list, Shift{Recovery: one.Recovery, Cause: r.cause, Beyond: Balance{by.Neg()}, NotBefore: r.since()})
		there = there.Sub(by)
	}
	return list
}

// notePutBack takes from what gave way to a payout's returns what a reversal has put back.
func (s *State) notePutBack(id PayoutID, back []Shift) {
	if len(back) == 0 {
		return
	}
	gave := slices.Clone(s.gaveWay.get(id))
	for _, b := range back {
		for i := len(gave) - 1; i >= 0; i-- {
			if gave[i].Recovery == b.Recovery {
				by := Lesser(gave[i].Beyond.Money, b.Beyond.Neg())
				gave[i].Beyond.Money, b.Beyond.Money = gave[i].Beyond.Sub(by), b.Beyond.Add(by)
			}
		}
	}
	s.gaveWay.put(id, slices.DeleteFunc(gave, func(g Shift) bool { return !g.Beyond.Positive() }))
}

// movesUp is what happens to the other recoveries of a line when one of them is reversed: those that were beyond take its place, the
// earliest first, and on no day on which it still counts.
func (s *State) movesUp(gone RecoveryID) []Shift {
	r := s.recoveries.get(gone)
	key := r.charge.flow(r.year)
	if !s.lines.get(lineKey{key.account, key.year}).beyond.Sub(r.beyond).Positive() {
		return nil
	}
	f := s.flows.get(key)
	f.back = f.back.Sub(r.outside)
	payouts := map[PayoutID]*payout{}
	named := func(id PayoutID) *payout {
		if id == "" {
			return nil
		}
		if payouts[id] == nil {
			p := s.payouts.get(id)
			payouts[id] = &p
		}
		return payouts[id]
	}
	if p := named(r.payout); p != nil {
		p.back, p.backOutside = p.back.Sub(r.amount.Sub(r.beyond)), p.backOutside.Sub(r.outside)
	}
	var list []Shift
	for _, id := range slices.Backward(s.standing(key)) {
		q := s.recoveries.get(id)
		if id == gone || !q.beyond.Positive() {
			continue
		}
		p := named(q.payout)
		within, outside := counts(p, f, q.beyond)
		if !within.Positive() {
			continue
		}
		list = append(list, Shift{Recovery: id, Cause: q.cause, Beyond: Balance{within.Neg()}, NotBefore: latest(q.since(), r.movedOn)})
		f.back = f.back.Add(outside)
		if p != nil {
			p.back, p.backOutside = p.back.Add(within), p.backOutside.Add(outside)
		}
	}
	return list
}
