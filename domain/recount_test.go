package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// recount adds up a history by the design's R2 to R6 alone: its own code, decimals in maps, nothing of State. What a booking covers
// of an approval, what an approval takes over of earlier bookings, and what of a recovery is beyond what went out are worked out anew
// here, from the lists of what happened, and held against what the events say.
func recount(history []happened) *tally {
	n := &tally{charged: map[ApplicationID]Charge{}, lines: map[tallyKey]*tallied{}, instalments: map[tallyKey]*[2]decimal.Decimal{}, payouts: map[PayoutID]*tallyPayout{},
		recoveries: map[RecoveryID]*tallyRecovery{}}
	for _, h := range history {
		n.add(h.event)
	}
	return n
}

// tallyKey is an account line, or an application's instalment in clause.
type tallyKey struct {
	clause, kind, subject string
	year                  SupportYear
}

type tallied struct {
	committed, outside, recovered, breach, beyond, exceptions, paid, returned decimal.Decimal
}

func (l *tallied) use() decimal.Decimal { return l.committed.Add(l.outside).Sub(l.recovered) }

type tallyPayout struct {
	id                        PayoutID
	line                      *tallied
	enterprise                EnterpriseID
	application               ApplicationID
	year                      SupportYear
	amount, returned, outside decimal.Decimal
	released                  decimal.Decimal // what returns took from what stayed with whom it was paid to
	charge                    Charge
	gaveWay                   []tallyGiven
}

// tallyGiven is what of a recovery gave way to a return.
type tallyGiven struct {
	to   *tallyRecovery
	less decimal.Decimal
}

// tallyRecovery is money that came back: how much of it counts, and how much of that was booked outside any approval.
type tallyRecovery struct {
	id                      RecoveryID
	line                    *tallied
	enterprise              EnterpriseID
	payout                  PayoutID
	cause                   Cause
	amount, counts, outside decimal.Decimal
}

type tally struct {
	lines       map[tallyKey]*tallied
	instalments map[tallyKey]*[2]decimal.Decimal // amount and paid
	charged     map[ApplicationID]Charge         // what each application is for, as submitted last
	payouts     map[PayoutID]*tallyPayout
	paid        []*tallyPayout // in their order
	recoveries  map[RecoveryID]*tallyRecovery
	back        []*tallyRecovery // that stand, in their order
	wrong       []string         // events that say another split than the recount's
}

func (n *tally) says(what string, said Money, counted decimal.Decimal) {
	if !dec(said).Equal(counted) {
		n.wrong = append(n.wrong, what+" says "+said.String()+", not "+counted.StringFixed(2))
	}
}

func (n *tally) line(c ClauseID, s Subject, y SupportYear) *tallied {
	key := tallyKey{string(c), string(s.Kind), s.ID, y}
	if n.lines[key] == nil {
		n.lines[key] = &tallied{}
	}
	return n.lines[key]
}

func (n *tally) instalment(a ApplicationID, y SupportYear) *[2]decimal.Decimal {
	key := tallyKey{clause: string(a), year: y}
	if n.instalments[key] == nil {
		n.instalments[key] = &[2]decimal.Decimal{}
	}
	return n.instalments[key]
}

// total adds all years of an account.
func (n *tally) total(c ClauseID, s Subject) tallied {
	var sum tallied
	for key, l := range n.lines {
		if key.clause == string(c) && key.kind == string(s.Kind) && key.subject == s.ID {
			sum.committed, sum.outside = sum.committed.Add(l.committed), sum.outside.Add(l.outside)
			sum.recovered, sum.exceptions = sum.recovered.Add(l.recovered), sum.exceptions.Add(l.exceptions)
			sum.breach, sum.beyond = sum.breach.Add(l.breach), sum.beyond.Add(l.beyond)
			sum.paid, sum.returned = sum.paid.Add(l.paid), sum.returned.Add(l.returned)
		}
	}
	return sum
}

// netPaid is R5's net paid of a project's line.
func (n *tally) netPaid(c ClauseID, project string, y SupportYear) decimal.Decimal {
	return n.line(c, Subject{SubjectProject, project}, y).netPaid()
}

func (l *tallied) netPaid() decimal.Decimal {
	return l.paid.Sub(l.returned).Sub(l.recovered).Sub(l.breach)
}

func (n *tally) add(e Event) {
	switch e := e.(type) {
	case *ApplicationSubmitted:
		n.charged[e.Application] = e.Charge
	case *ApplicationTransferred:
		n.charged[e.Application] = e.Charge
	case *ApplicationApproved:
		n.approve(e.Granted)
	case *ApprovalSupplemented:
		n.approve(e.Granted)
	case *ApplicationAmended:
		n.charged[e.Application] = e.Charge
	case *ApplicationMoved:
		n.move(e)
	case *ApplicationVoided:
		for _, p := range n.paid {
			if p.application == e.Application {
				p.released = decimal.Zero
			}
		}
	case *ApprovalReduced:
		n.cut(e.Cut)
	case *ApprovalReleased:
		n.cut(e.Cut)
	case *ExceptionGranted:
		l := n.line(e.Clause, e.Subject, e.SupportYear)
		l.exceptions = l.exceptions.Add(dec(e.Amount))
	case *ExceptionRevoked:
		l := n.line(e.Clause, e.Subject, e.SupportYear)
		l.exceptions = l.exceptions.Sub(dec(e.Amount))
	case *PayoutMade:
		n.pay(e.Payout, e.Application, e.Charge, e.SupportYear, dec(e.Amount), decimal.Zero)
	case *PayoutBooked:
		outside := dec(e.Amount)
		if e.Application != "" {
			part := n.instalment(e.Application, e.SupportYear)
			outside = decimal.Max(decimal.Zero, outside.Sub(decimal.Max(decimal.Zero, part[0].Sub(part[1]))))
		}
		n.says("payout "+string(e.Payout), e.Outside, outside)
		n.pay(e.Payout, e.Application, e.Charge, e.SupportYear, dec(e.Amount), outside)
	case *PayoutReturned:
		n.sendBack(e)
	case *ReturnReversed:
		n.goesOutAgain(e)
	case *BookingReversed:
		n.wasNotPaid(e)
	case *RecoveryReceived:
		n.comesBack(e.Recovery, e.Payout, e.Charge, e.SupportYear, e.Cause, e.Amount, e.Beyond)
	case *RecoveryBooked:
		n.comesBack(e.Recovery, e.Payout, e.Charge, e.SupportYear, e.Cause, e.Amount, e.Beyond)
	case *RecoveryReversed:
		n.bounces(e)
	}
}

func dec(m Money) decimal.Decimal { return m.Decimal() }

// approve commits what is approved, or added to that. What was booked on the application before, and is still out, fills its instalments (R2).
func (n *tally) approve(g Granted) {
	said := map[PayoutID]Money{}
	for _, f := range g.Filled {
		said[f.Payout] = f.Amount
	}
	for _, i := range g.Instalments {
		part, left := n.instalment(g.Application, i.SupportYear), dec(i.Amount)
		part[0] = part[0].Add(dec(i.Amount))
		n.commit(g.Charge, i.SupportYear, dec(i.Amount))
		for _, p := range n.paid {
			if p.application != g.Application || p.year != i.SupportYear || p.charge != g.Charge {
				continue
			}
			fills := decimal.Min(left, n.outsideOf(p), n.outsideLeft(p.line, p.enterprise))
			n.says("the approval of "+string(g.Application)+" over "+string(p.id), said[p.id], fills)
			left, part[1], p.outside, p.line.outside = left.Sub(fills), part[1].Add(fills), p.outside.Sub(fills), p.line.outside.Sub(fills)
		}
	}
}

// move takes what is committed and unpaid to the other enterprise's account; what is paid stays.
func (n *tally) move(e *ApplicationMoved) {
	n.charged[e.Application] = e.Charge
	said := map[SupportYear]Money{}
	for _, i := range e.Unpaid {
		said[i.SupportYear] = i.Amount
	}
	for key, part := range n.instalments {
		if key.clause != string(e.Application) {
			continue
		}
		unpaid := part[0].Sub(part[1])
		n.says("the move of "+string(e.Application), said[key.year], unpaid)
		n.commit(e.PreviousCharge, key.year, unpaid.Neg())
		n.commit(e.Charge, key.year, unpaid)
	}
}

// letGo takes what came back from what stayed with whom it was paid to: nobody holds it any more.
func (n *tally) letGo(p *tallyPayout, within decimal.Decimal, said Money) decimal.Decimal {
	if p.application == "" || n.charged[p.application] == p.charge {
		within = decimal.Zero
	}
	n.says("what the return of "+string(p.id)+" released", said, within)
	if within.IsZero() {
		return within
	}
	part := n.instalment(p.application, p.year)
	part[0] = part[0].Sub(within)
	n.commit(p.charge, p.year, within.Neg())
	p.released = p.released.Add(within)
	return within
}

func (n *tally) commit(c Charge, y SupportYear, amount decimal.Decimal) {
	l := n.line(c.Clause, c.Subject, y)
	l.committed = l.committed.Add(amount)
}

func (n *tally) cut(c Cut) {
	part := n.instalment(c.Application, c.SupportYear)
	part[0] = part[0].Sub(dec(c.Amount))
	n.commit(c.Charge, c.SupportYear, dec(c.Amount).Neg())
}

func (n *tally) pay(id PayoutID, a ApplicationID, c Charge, y SupportYear, amount, outside decimal.Decimal) *tallyPayout {
	l := n.line(c.Clause, c.Subject, y)
	l.paid, l.outside = l.paid.Add(amount), l.outside.Add(outside)
	if a != "" {
		part := n.instalment(a, y)
		part[1] = part[1].Add(amount.Sub(outside))
	}
	p := &tallyPayout{id: id, line: l, charge: c, enterprise: c.Enterprise, application: a, year: y, amount: amount, outside: outside}
	n.payouts[id], n.paid = p, append(n.paid, p)
	return p
}

// outsideOf is what of a payout is outside any approval, and did not come back by its name.
func (n *tally) outsideOf(p *tallyPayout) decimal.Decimal {
	left := p.outside
	for _, r := range n.back {
		if r.payout == p.id {
			left = left.Sub(r.outside)
		}
	}
	return decimal.Max(decimal.Zero, left)
}

// approvedOf is what of a payout an approval covers, and did not come back.
func (n *tally) approvedOf(p *tallyPayout) decimal.Decimal {
	left := p.amount.Sub(p.returned).Sub(p.outside)
	for _, r := range n.back {
		if r.payout == p.id {
			left = left.Sub(r.counts.Sub(r.outside))
		}
	}
	return decimal.Max(decimal.Zero, left)
}

// outsideLeft is what an enterprise's line has outside any approval, and did not come back by any name.
func (n *tally) outsideLeft(l *tallied, of EnterpriseID) decimal.Decimal {
	left := decimal.Zero
	for _, p := range n.paid {
		if p.line == l && p.enterprise == of {
			left = left.Add(p.outside)
		}
	}
	for _, r := range n.back {
		if r.line == l && r.enterprise == of {
			left = left.Sub(r.outside)
		}
	}
	return decimal.Max(decimal.Zero, left)
}

// counted is how much of an amount that came back counts, and what of it was outside any approval (R5).
func (n *tally) counted(r *tallyRecovery, amount decimal.Decimal) (counts, outside decimal.Decimal) {
	left := n.outsideLeft(r.line, r.enterprise)
	if r.payout == "" {
		counts = decimal.Min(amount, left)
		return counts, counts
	}
	p := n.payouts[r.payout]
	outside = decimal.Min(amount, n.outsideOf(p), left)
	return outside.Add(decimal.Min(amount.Sub(outside), n.approvedOf(p))), outside
}

func (n *tally) comesBack(id RecoveryID, p PayoutID, c Charge, y SupportYear, cause Cause, amount, beyond Money) {
	r := &tallyRecovery{id: id, line: n.line(c.Clause, c.Subject, y), enterprise: c.Enterprise, payout: p, cause: cause, amount: dec(amount)}
	r.counts, r.outside = n.counted(r, r.amount)
	n.says("recovery "+string(id), beyond, r.amount.Sub(r.counts))
	n.recoveries[id], n.back = r, append(n.back, r)
	r.post(r.counts, r.amount.Sub(r.counts))
}

// post puts what counts and what is beyond on the line.
func (r *tallyRecovery) post(counts, beyond decimal.Decimal) {
	if r.cause == CauseError {
		r.line.recovered = r.line.recovered.Add(counts)
	} else {
		r.line.breach = r.line.breach.Add(counts)
	}
	r.line.beyond = r.line.beyond.Add(beyond)
}

// bounces takes a recovery back; those that were beyond what went out take its place, the earliest first.
func (n *tally) bounces(e *RecoveryReversed) {
	r := n.recoveries[e.Recovery]
	n.says("the reversal of "+string(r.id), e.Beyond, r.amount.Sub(r.counts))
	r.post(r.counts.Neg(), r.counts.Sub(r.amount))
	n.back = slices.DeleteFunc(n.back, func(o *tallyRecovery) bool { return o == r })
	for _, other := range n.back {
		if other.line != r.line || other.enterprise != r.enterprise || !other.amount.GreaterThan(other.counts) {
			continue
		}
		more, outside := n.counted(other, other.amount.Sub(other.counts))
		other.counts, other.outside = other.counts.Add(more), other.outside.Add(outside)
		other.post(more, more.Neg())
	}
}

// sendBack takes a return first from what is outside any approval and did not come back.
func (n *tally) sendBack(e *PayoutReturned) {
	p, amount := n.payouts[e.Payout], dec(e.Amount)
	outside := decimal.Min(n.outsideOf(p), amount)
	n.says("the return of "+string(e.Payout), e.Outside, outside)
	p.outside, p.returned = p.outside.Sub(outside), p.returned.Add(amount)
	p.line.outside, p.line.returned = p.line.outside.Sub(outside), p.line.returned.Add(amount)
	if p.application != "" {
		part := n.instalment(p.application, p.year)
		part[1] = part[1].Sub(amount.Sub(outside))
	}
	n.letGo(p, amount.Sub(outside), e.Released)
	p.gaveWay = append(p.gaveWay, n.giveWay(p)...)
}

// goesOutAgain takes a return back: the instalment has its money again, as far as it has room.
func (n *tally) goesOutAgain(e *ReturnReversed) {
	p, outside := n.payouts[e.Payout], dec(e.Amount)
	again := decimal.Min(outside, p.released)
	n.says("what the reversal of the return of "+string(e.Payout)+" restored", e.Restored, again)
	if again.IsPositive() {
		part := n.instalment(p.application, p.year)
		part[0], part[1] = part[0].Add(again), part[1].Add(again)
		n.commit(p.charge, p.year, again)
		p.released, outside = p.released.Sub(again), outside.Sub(again)
	}
	if p.application != "" && n.charged[p.application] == p.charge {
		part := n.instalment(p.application, p.year)
		within := decimal.Min(outside, decimal.Max(decimal.Zero, part[0].Sub(part[1])))
		part[1], outside = part[1].Add(within), outside.Sub(within)
	}
	n.says("the reversal of the return of "+string(e.Payout), e.Outside, outside)
	p.returned, p.line.returned = p.returned.Sub(dec(e.Amount)), p.line.returned.Sub(dec(e.Amount))
	p.outside, p.line.outside = p.outside.Add(outside), p.line.outside.Add(outside)
	// What the return had made give way counts again, the latest first, as far as it went out again.
	for i := len(p.gaveWay) - 1; i >= 0; i-- {
		gave := &p.gaveWay[i]
		more := decimal.Min(outside, gave.less, n.outsideLeft(p.line, p.enterprise), gave.to.amount.Sub(gave.to.counts))
		if !slices.Contains(n.back, gave.to) || !more.IsPositive() {
			continue
		}
		gave.less, outside = gave.less.Sub(more), outside.Sub(more)
		gave.to.counts, gave.to.outside = gave.to.counts.Add(more), gave.to.outside.Add(more)
		gave.to.post(more, more.Neg())
	}
}

// wasNotPaid takes a booking away, with what was returned of it.
func (n *tally) wasNotPaid(e *BookingReversed) {
	p := n.payouts[e.Payout]
	n.says("the reversal of "+string(e.Payout), e.Outside, p.outside)
	if p.application != "" {
		part := n.instalment(p.application, p.year)
		part[1] = part[1].Sub(p.amount.Sub(p.returned).Sub(p.outside))
	}
	n.letGo(p, p.amount.Sub(p.returned).Sub(p.outside), e.Released)
	p.line.paid, p.line.returned, p.line.outside = p.line.paid.Sub(p.amount), p.line.returned.Sub(p.returned), p.line.outside.Sub(p.outside)
	p.amount, p.returned, p.outside = decimal.Zero, decimal.Zero, decimal.Zero
	n.giveWay(p)
}

// giveWay lets recoveries that named no payout give way to what is no longer outside on their line, the latest first.
func (n *tally) giveWay(p *tallyPayout) (given []tallyGiven) {
	there, back := decimal.Zero, decimal.Zero
	for _, q := range n.paid {
		if q.line == p.line && q.enterprise == p.enterprise {
			there = there.Add(q.outside)
		}
	}
	for _, r := range n.back {
		if r.line == p.line && r.enterprise == p.enterprise {
			back = back.Add(r.outside)
		}
	}
	for _, r := range slices.Backward(n.back) {
		excess := decimal.Max(decimal.Zero, back.Sub(there))
		if r.line != p.line || r.enterprise != p.enterprise || r.payout != "" || excess.IsZero() {
			continue
		}
		less := decimal.Min(excess, r.counts)
		r.counts, r.outside, back = r.counts.Sub(less), r.outside.Sub(less), back.Sub(less)
		r.post(less.Neg(), less)
		given = append(given, tallyGiven{r, less})
	}
	return given
}
