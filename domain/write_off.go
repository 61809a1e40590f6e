package domain

// WriteOff gives up for good what is outstanding of a clawback, or a part of it, for it cannot be had any more. The order stands: what is written off
// was owed, did not come back, frees nothing, and is not ordered a second time. A waiver, in contrast, takes the order back. Whoever ordered it may not.
type WriteOff struct {
	Head
	Clawback ClawbackID `json:"clawback"`
	Amount   Money      `json:"amount"`
	Reason   string     `json:"reason"`
	Document string     `json:"document"`
}

// ClawbackWrittenOff says what of a clawback is written off, and why.
type ClawbackWrittenOff struct {
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Cause       Cause         `json:"cause"`
	Reason      string        `json:"reason"`
	Document    string        `json:"document"`
}

// Name is "write_off".
func (WriteOff) Name() string { return "write_off" }

// Name is "clawback_written_off".
func (ClawbackWrittenOff) Name() string { return "clawback_written_off" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e ClawbackWrittenOff) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *WriteOff) about(s *State) Concern { return s.onPayout(s.clawbacks.get(c.Clawback).payout) }

func (c *WriteOff) decide(s *State, _ Date) ([]Event, *Refusal) {
	order, r := s.checkClawback(c.Clawback)
	if r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return checkAmount("amount", c.Amount) },
		func() *Refusal { return checkNeeded("reason", c.Reason) },
		func() *Refusal { return checkDocument(c.Document) },
		func() *Refusal { return checkOrder("date", c.Date, order.orderedOn) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	if p := c.Actor.Among(order.orderedBy); p != "" {
		return nil, refuse(CodeFourEyes, "person", p, "did", "order_clawback", "does", "write_off")
	}
	if left := order.outstanding(); c.Amount.More(left) {
		return nil, refuse(CodeWriteOffExceeded, "clawback", c.Clawback, "limit", left, "asked", c.Amount, "short_by", c.Amount.Sub(left))
	}
	p := s.payouts.get(order.payout)
	return []Event{&ClawbackWrittenOff{Clawback: c.Clawback, Payout: order.payout, Application: p.application, Charge: p.charge, SupportYear: p.year,
		Amount: c.Amount, Cause: order.cause, Reason: c.Reason, Document: c.Document}}, nil
}

func (e *ClawbackWrittenOff) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.SupportYear)
}

func (e *ClawbackWrittenOff) command(h Head) Command {
	return &WriteOff{Head: h, Clawback: e.Clawback, Amount: e.Amount, Reason: e.Reason, Document: e.Document}
}

func (e *ClawbackWrittenOff) describe() Text {
	return both("核销追回款 %s，文号 %s：%s", "%s of the clawback written off, document %s: %s", e.Amount, e.Document, e.Reason)
}

func (e *ClawbackWrittenOff) counts(m *moved) { m.add(sumWrittenOff, e.Amount.fen) }

func (e *ClawbackWrittenOff) apply(s *State, by Deed) {
	s.clawbacks.update(e.Clawback, func(c *clawback) {
		c.writtenOff = c.writtenOff.Add(e.Amount)
		c.settle(by.Date, e.Amount)
	})
}
