package domain

import (
	"slices"
	"strconv"
)

// Where the policy offsets debtors, a payout to an enterprise that owes is split: what was due before its day is kept back, which is a recovery, and
// the rest is paid. Payout and recoveries are one decision. The payout settles its instalment with all of its amount, uses the cap and the budget as
// any other does, and counts as paid; what is kept back of it counts as recovered, as any recovery does. So the two sides add up to the money that
// moved: nothing, of what is kept back.

// keeping is what a payout keeps back on a clawback.
type keeping struct {
	clawback         ClawbackID
	amount, interest Money
	recovery         RecoveryID // that it is called; left out: what the payout is
}

// duePart is a part of a clawback that was due before a day, and is not paid on it.
type duePart struct {
	clawback ClawbackID
	Repayment
}

// overdue are the parts that an enterprise owes on a day: the oldest due first, and of one day in the order in which they were ordered.
func (s *State) overdue(id EnterpriseID, day Date) (list []duePart) {
	for _, c := range s.clawbacksOf(id) {
		for _, part := range s.clawbacks.get(c).unpaidOn(day) {
			if !part.DueOn.IsZero() && part.DueOn.Before(day) && part.Amount.Positive() {
				list = append(list, duePart{c, part})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b duePart) int { return a.DueOn.order() - b.DueOn.order() })
	return list
}

// keepBack is what a payout of a day to an enterprise keeps back: what is overdue, as far as it is outstanding now too, and, where all of it is, the
// late interest on it.
func (s *State) keepBack(id EnterpriseID, amount Money, day Date) []keeping {
	var list []keeping
	left := map[ClawbackID]Money{}
	for _, part := range s.overdue(id, day) {
		i := slices.IndexFunc(list, func(k keeping) bool { return k.clawback == part.clawback })
		if i < 0 {
			left[part.clawback] = s.clawbacks.get(part.clawback).outstanding()
		}
		by := Lesser(Lesser(part.Amount, left[part.clawback]), amount)
		if !by.Positive() {
			continue
		}
		if i < 0 {
			i, list = len(list), append(list, keeping{clawback: part.clawback})
		}
		list[i].amount = list[i].amount.Add(by)
		left[part.clawback], amount = left[part.clawback].Sub(by), amount.Sub(by)
	}
	for i, one := range list {
		if due, has := s.lateInterest(s.clawbacks.get(one.clawback), one.amount); has {
			list[i].interest = Lesser(due.Amount, amount)
			amount = amount.Sub(list[i].interest)
		}
	}
	return list
}

// total is all that is kept back, and what of it is no interest.
func total(list []keeping) (all, principal Money) {
	for _, one := range list {
		all, principal = all.Add(one.amount).Add(one.interest), principal.Add(one.amount)
	}
	return all, principal
}

// split is what a payout that the rules allow leads to: itself, and the recoveries of what is kept back of it.
func (s *State) split(e *PayoutMade, by Deed, list []keeping) []Event {
	e.KeptBack, _ = total(list)
	events := []Event{e}
	if len(list) == 0 {
		return events
	}
	s.Suppose(func() { // what a recovery frees depends on those before it
		e.apply(s, by)
		for _, one := range list {
			order := s.clawbacks.get(one.clawback)
			p := s.payouts.get(order.payout)
			id := one.recovery
			if id == "" {
				id = s.newRecovery(e.Payout)
			}
			r := &RecoveryReceived{Recovery: id, Clawback: one.clawback, Payout: order.payout, Application: p.application, Charge: p.charge,
				SupportYear: p.year, Amount: one.amount, Beyond: s.beyondOf(order.payout, p.charge, p.year, one.amount), Interest: one.interest, Cause: order.cause,
				ReceivedOn: e.PaidOn, KeptFrom: e.Payout}
			if beyond := exceededBy(r.Beyond, one.amount, "clawback", one.clawback, "payout", order.payout); beyond != nil {
				r.Findings = append(r.Findings, beyond.finding())
			}
			r.apply(s, by)
			events = append(events, r)
		}
	})
	return events
}

// newRecovery is what a recovery out of a payout is called: what the payout is, with a number behind it where there is such a recovery.
func (s *State) newRecovery(p PayoutID) RecoveryID {
	for n := 1; ; n++ {
		id, suffix := string(p), ""
		if n > 1 {
			suffix = "-" + strconv.Itoa(n)
		}
		for len(id)+len(suffix) > maxID {
			id = id[:len(id)-len(string(lastRune(id)))]
		}
		if id += suffix; !s.recoveries.has(RecoveryID(s.spelled(nameRecovery, id))) {
			return RecoveryID(id)
		}
	}
}

// giveOut undoes what was kept back of a payout and is a recovery no more: the payout is taken back by it, and its instalment can be paid again.
func (s *State) giveOut(r *RecoveryReversed, from PayoutID, h Head) ([]Event, *Refusal) {
	p, refused := s.checkPayout(from)
	if refused != nil {
		return nil, refused
	}
	amount := r.Amount.Add(r.Interest)
	if refused := checkOrder("date", h.Date, latest(p.paidOn, p.undoneOn)); refused != nil {
		return nil, refused
	}
	if left := p.reclaimable(); amount.More(left) {
		return nil, returnExceeded(from, p, left, amount)
	}
	var back *PayoutReturned
	s.Suppose(func() {
		r.apply(s, Deed{Actor: h.Actor, Date: h.Date})
		back = s.returned(from, s.payouts.get(from), amount, r.Reason)
	})
	back.KeptBack = amount
	return []Event{r, back}, nil
}

// KeptView is what a payout keeps back on a clawback.
type KeptView struct {
	Clawback ClawbackID
	Amount   Money
	Interest Money
}

// Kept is what a payout of a day on an application would keep back of what is owed on the day of payment, where the policy of its clause offsets debtors.
func (s *State) Kept(id ApplicationID, amount Money, day, paidOn Date) (list []KeptView) {
	a, known := s.applications.find(id)
	if !known || s.debtorsOn(a.charge.Applied(), day) != DebtorOffset {
		return nil
	}
	for _, one := range s.keepBack(a.charge.Enterprise, amount, paidOn) {
		list = append(list, KeptView{one.clawback, one.amount, one.interest})
	}
	return list
}
