package domain

import "slices"

// Cause says why money is clawed back, and so whether its return gives headroom back (R4).
type Cause string

// The causes of a clawback.
const (
	CauseError  Cause = "error"  // overpaid, duplicate, miscalculated: headroom is given back when the money is recovered
	CauseBreach Cause = "breach" // fraud, broken undertaking, moved away: that allowance is spent
)

func (c Cause) check() *Refusal {
	if c != CauseError && c != CauseBreach {
		return refuse(CodeFieldInvalid, "field", "cause", "value", c, "reason", ReasonOneOf, "allowed", codeList(CauseCodes))
	}
	return nil
}

// OrderClawback orders that a payout be paid back, or a part of it. It is charged to the payout's support year.
type OrderClawback struct {
	Head
	Clawback ClawbackID `json:"clawback"`
	Payout   PayoutID   `json:"payout"`
	Amount   Money      `json:"amount"`
	Cause    Cause      `json:"cause"`
	DueOn    Date       `json:"due_on,omitzero"` // left out: after as many days as the policy says; where it says none, on no day
	Reason   string     `json:"reason,omitzero"`
}

// ClawbackOrdered says what is to be paid back, of which payout, and why.
type ClawbackOrdered struct {
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Cause       Cause         `json:"cause"`
	Reason      string        `json:"reason,omitzero"`
	DueOn       Date          `json:"due_on,omitzero"`   // without a schedule it is to be paid back by this day; none: it is never overdue
	DueDays     int           `json:"due_days,omitzero"` // after which the policy has it due, where the command named no day
}

// Name is "order_clawback".
func (OrderClawback) Name() string { return "order_clawback" }

// Name is "clawback_ordered".
func (ClawbackOrdered) Name() string { return "clawback_ordered" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e ClawbackOrdered) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *OrderClawback) about(s *State) Concern { return s.onPayout(c.Payout) }

func (c *OrderClawback) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("clawback", c.Clawback); r != nil {
		return nil, r
	}
	if s.clawbacks.has(c.Clawback) {
		return nil, refuse(CodeClawbackExists, "clawback", c.Clawback)
	}
	p, r := s.checkPayout(c.Payout)
	if r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := c.Cause.check(); r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, p.paidOn); r != nil {
		return nil, r
	}
	if left := p.reclaimable(); c.Amount.More(left) {
		return nil, refuse(CodeClawbackExceeded, "payout", c.Payout, "clause", p.charge.Clause, "subject", p.charge.Subject.ID, "year", p.year,
			"limit", left, "asked", c.Amount, "short_by", c.Amount.Sub(left))
	}
	e := &ClawbackOrdered{Clawback: c.Clawback, Payout: c.Payout, Application: p.application, Charge: p.charge, SupportYear: p.year,
		Amount: c.Amount, Cause: c.Cause, Reason: c.Reason, DueOn: c.DueOn}
	switch days := s.clawbackDays(p.charge.Applied()); {
	case !c.DueOn.IsZero():
		if r := checkOrder("due_on", c.DueOn, c.Date); r != nil {
			return nil, r
		}
	case days > 0:
		e.DueOn, e.DueDays = c.Date.after(days), days
	}
	return []Event{e}, nil
}

func (e *ClawbackOrdered) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *ClawbackOrdered) command(h Head) Command {
	c := &OrderClawback{Head: h, Clawback: e.Clawback, Payout: e.Payout, Amount: e.Amount, Cause: e.Cause, Reason: e.Reason}
	if e.DueDays == 0 {
		c.DueOn = e.DueOn
	}
	return c
}

func (e *ClawbackOrdered) describe() Text {
	return both("下达追回 %s（%s）：%s", "clawback of %s ordered (%s): %s", e.Amount, e.Cause, e.Reason)
}

func (e *ClawbackOrdered) apply(s *State, by Deed) {
	s.clawbacks.put(e.Clawback, clawback{nth: len(s.clawbacks.rows), payout: e.Payout, cause: e.Cause, ordered: e.Amount, dueOn: e.DueOn, orderedOn: by.Date,
		orderedBy: by.Actor.Persons()})
	s.learn(nameClawback, string(e.Clawback))
	s.enterprises.update(e.Charge.Enterprise, func(f *enterprise) { f.clawbacks = append(slices.Clip(f.clawbacks), e.Clawback) })
	s.payouts.update(e.Payout, func(p *payout) { p.ordered = p.ordered.Add(e.Amount) })
}

// WaiveClawback gives up what is outstanding of a clawback, or a part of it. Whoever ordered it may not.
type WaiveClawback struct {
	Head
	Clawback ClawbackID `json:"clawback"`
	Amount   Money      `json:"amount"`
	Document string     `json:"document"`
}

// ClawbackWaived says what of a clawback is given up.
type ClawbackWaived struct {
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Cause       Cause         `json:"cause"`
	Document    string        `json:"document"`
}

// Name is "waive_clawback".
func (WaiveClawback) Name() string { return "waive_clawback" }

// Name is "clawback_waived".
func (ClawbackWaived) Name() string { return "clawback_waived" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e ClawbackWaived) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *WaiveClawback) about(s *State) Concern {
	return s.onPayout(s.clawbacks.get(c.Clawback).payout)
}

func (c *WaiveClawback) decide(s *State, _ Date) ([]Event, *Refusal) {
	order, r := s.checkClawback(c.Clawback)
	if r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if p := c.Actor.Among(order.orderedBy); p != "" {
		return nil, refuse(CodeFourEyes, "person", p, "did", "order_clawback", "does", "waive_clawback")
	}
	if r := checkOrder("date", c.Date, order.orderedOn); r != nil {
		return nil, r
	}
	if left := order.outstanding(); c.Amount.More(left) {
		return nil, refuse(CodeWaiverExceeded, "clawback", c.Clawback, "limit", left, "asked", c.Amount, "short_by", c.Amount.Sub(left))
	}
	p := s.payouts.get(order.payout)
	return []Event{&ClawbackWaived{Clawback: c.Clawback, Payout: order.payout, Application: p.application, Charge: p.charge, SupportYear: p.year,
		Amount: c.Amount, Cause: order.cause, Document: c.Document}}, nil
}

func (s *State) checkClawback(id ClawbackID) (clawback, *Refusal) {
	if r := checkIDs("clawback", id); r != nil {
		return clawback{}, r
	}
	order, ok := s.clawbacks.find(id)
	if !ok {
		return order, refuse(CodeClawbackUnknown, "clawback", id)
	}
	return order, nil
}

func (e *ClawbackWaived) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *ClawbackWaived) command(h Head) Command {
	return &WaiveClawback{Head: h, Clawback: e.Clawback, Amount: e.Amount, Document: e.Document}
}

func (e *ClawbackWaived) describe() Text {
	return both("免除追回 %s，文号 %s", "%s of the clawback waived, document %s", e.Amount, e.Document)
}

func (e *ClawbackWaived) apply(s *State, by Deed) {
	s.clawbacks.update(e.Clawback, func(c *clawback) {
		c.waived = c.waived.Add(e.Amount)
		c.settle(by.Date, e.Amount)
	})
	s.payouts.update(e.Payout, func(p *payout) { p.ordered = p.ordered.Sub(e.Amount) })
}
