package domain

import "github.com/shopspring/decimal"

// recount adds up a history by the design's R2 to R6 alone: its own code, decimals in maps, nothing of State. What a
// booking covers of an approval is worked out anew here, not taken from the event.
func recount(history []happened) *tally {
	n := &tally{lines: map[tallyKey]*tallied{}, instalments: map[tallyKey]*[2]decimal.Decimal{}, payouts: map[PayoutID]*tallyPayout{}}
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
	committed, outside, recovered, breach, exceptions, paid, returned decimal.Decimal
}

func (l *tallied) use() decimal.Decimal { return l.committed.Add(l.outside).Sub(l.recovered) }

type tallyPayout struct {
	line        *tallied
	application ApplicationID
	year        SupportYear
	outside     decimal.Decimal
}

type tally struct {
	lines       map[tallyKey]*tallied
	instalments map[tallyKey]*[2]decimal.Decimal // amount and paid
	payouts     map[PayoutID]*tallyPayout
	wrong       []string // events that say another split than the recount's
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
		}
	}
	return sum
}

// netPaid is R5's net paid of a project's line.
func (n *tally) netPaid(c ClauseID, project string, y SupportYear) decimal.Decimal {
	l := n.line(c, Subject{SubjectProject, project}, y)
	return l.paid.Sub(l.returned).Sub(l.recovered).Sub(l.breach)
}

func (n *tally) add(e Event) {
	switch e := e.(type) {
	case *ApplicationApproved:
		for _, part := range e.Instalments {
			n.instalment(e.Application, part.SupportYear)[0] = dec(part.Amount)
			n.commit(e.Charge, part.SupportYear, dec(part.Amount))
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
		if !outside.Equal(dec(e.Outside)) {
			n.wrong = append(n.wrong, "payout "+string(e.Payout)+" says "+e.Outside.String()+" is outside any approval, not "+outside.String())
		}
		n.pay(e.Payout, e.Application, e.Charge, e.SupportYear, dec(e.Amount), outside)
	case *PayoutReturned:
		n.sendBack(e)
	case *RecoveryReceived:
		n.recover(e.Charge, e.SupportYear, e.Cause, dec(e.Amount))
	case *RecoveryBooked:
		n.recover(e.Charge, e.SupportYear, e.Cause, dec(e.Amount))
	case *RecoveryReversed:
		n.recover(e.Charge, e.SupportYear, e.Cause, dec(e.Amount).Neg())
	}
}

func dec(m Money) decimal.Decimal { return m.Decimal() }

func (n *tally) commit(c Charge, y SupportYear, amount decimal.Decimal) {
	l := n.line(c.Clause, c.Subject, y)
	l.committed = l.committed.Add(amount)
}

func (n *tally) cut(c Cut) {
	part := n.instalment(c.Application, c.SupportYear)
	part[0] = part[0].Sub(dec(c.Amount))
	n.commit(c.Charge, c.SupportYear, dec(c.Amount).Neg())
}

func (n *tally) pay(id PayoutID, a ApplicationID, c Charge, y SupportYear, amount, outside decimal.Decimal) {
	l := n.line(c.Clause, c.Subject, y)
	l.paid, l.outside = l.paid.Add(amount), l.outside.Add(outside)
	if a != "" {
		part := n.instalment(a, y)
		part[1] = part[1].Add(amount.Sub(outside))
	}
	n.payouts[id] = &tallyPayout{l, a, y, outside}
}

// sendBack takes a return first from what was outside any approval.
func (n *tally) sendBack(e *PayoutReturned) {
	p, amount := n.payouts[e.Payout], dec(e.Amount)
	outside := decimal.Min(p.outside, amount)
	p.outside = p.outside.Sub(outside)
	p.line.outside, p.line.returned = p.line.outside.Sub(outside), p.line.returned.Add(amount)
	if p.application != "" {
		part := n.instalment(p.application, p.year)
		part[1] = part[1].Sub(amount.Sub(outside))
	}
}

func (n *tally) recover(c Charge, y SupportYear, cause Cause, amount decimal.Decimal) {
	l := n.line(c.Clause, c.Subject, y)
	if cause == CauseError {
		l.recovered = l.recovered.Add(amount)
	} else {
		l.breach = l.breach.Add(amount)
	}
}
