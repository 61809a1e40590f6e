package domain

import "time"

// ExpiresWithin is how many days before its last one a policy's end is told, and for how many days behind it.
const ExpiresWithin = 30

// Expiry is how a policy stands on a day: what waits for a decision that can be given until its last day only, and what is approved under it and
// not paid yet, which goes on being paid.
type Expiry struct {
	Policy     *Policy
	Succeeds   *Policy // nil: it follows none
	Ends       Date    // the last day of its term, as it stands on the day
	Lasts      Date    // the same, with what is recorded by then and takes effect later
	Next       *Policy // in force on the day behind that; nil: none is
	DaysLeft   int     // until it ends; below zero: it has ended
	Undecided  int     // applications
	Unpaid     Money   // of what is approved
	UnpaidFrom int     // applications
}

// Expiries are those of all policies, in their order.
func (s *State) Expiries(day Date) []Expiry {
	list := make([]Expiry, len(s.policies.rows))
	for i := range list {
		of := s.policies.get(i)
		e := Expiry{Policy: of.policy, Ends: inForce(of.ends, day), Lasts: of.lasts(day)}
		if of.succeeds != i {
			e.Succeeds = s.policies.get(of.succeeds).policy
		}
		for j := range list {
			other := s.policies.get(j)
			if behind := e.Lasts.Next(); !other.policy.Term.From.After(behind) && !other.lasts(behind).Before(behind) {
				e.Next = other.policy
			}
		}
		e.DaysLeft = day.until(e.Ends)
		list[i] = e
	}
	for _, a := range s.applications.rows {
		e := &list[s.clauses.get(a.charge.Applied()).policy]
		switch a.state {
		case Submitted, Accepted, Returned:
			e.Undecided++
		case Approved:
			unpaid := NoMoney
			for _, part := range a.schedule {
				unpaid = unpaid.Add(part.amount.Sub(part.paid).OrNone())
			}
			if unpaid.Positive() {
				e.Unpaid, e.UnpaidFrom = e.Unpaid.Add(unpaid), e.UnpaidFrom+1
			}
		}
	}
	return list
}

// DaysLasting is how many days a policy lasts behind a day; below zero: so many ago it ended.
func (e Expiry) DaysLasting(day Date) int { return day.until(e.Lasts) }

// lasts is the last day of a policy's term as seen from a day, with the amendments that take effect until then: up to the day behind an end one may move it.
func (p policyState) lasts(day Date) Date {
	for {
		end, next := inForce(p.ends, day), day
		for _, one := range p.ends {
			if one.from.After(day) && !one.from.After(end.Next()) && (next == day || one.from.Before(next)) {
				next = one.from
			}
		}
		if next == day {
			return end
		}
		day = next
	}
}

// GovernedUntil is the last day on which the fund has a policy in force, from a day on without a gap, or the last before that day on which it had one;
// none where none has begun.
func (s *State) GovernedUntil(day Date) (last Date) {
	for more := true; more; {
		more = false
		for i := range len(s.policies.rows) {
			of, begins := s.policies.get(i), day
			if !last.Before(day) {
				begins = last.Next()
			}
			if end := of.lasts(latest(day, of.policy.Term.From)); !of.policy.Term.From.After(begins) && end.After(last) {
				last, more = end, true
			}
		}
	}
	return last
}

// until is the number of days to another one.
func (d Date) until(other Date) int {
	return int(other.Time(time.UTC).Sub(d.Time(time.UTC)) / (24 * time.Hour))
}
