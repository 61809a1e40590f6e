package domain

// ReceiveRecovery records money that came back on a clawback. Late interest is shown, and counts into no total (R4).
type ReceiveRecovery struct {
	Head
	Recovery   RecoveryID `json:"recovery"`
	Clawback   ClawbackID `json:"clawback"`
	Amount     Money      `json:"amount"`
	Interest   Money      `json:"interest,omitzero"`
	ReceivedOn Date       `json:"received_on,omitzero"` // left out: the command's date
}

// RecoveryReceived says what came back, on which clawback, charged to the payout's support year.
type RecoveryReceived struct {
	Recovery    RecoveryID    `json:"recovery"`
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Beyond      Money         `json:"beyond,omitzero"` // of the amount, what came in beyond what went out: it frees nothing
	Interest    Money         `json:"interest,omitzero"`
	Cause       Cause         `json:"cause"`
	ReceivedOn  Date          `json:"received_on"`
	KeptFrom    PayoutID      `json:"kept_from,omitzero"` // the payout that it was kept back of: no money came in
	Findings    []Finding     `json:"findings,omitempty"`
}

// Name is "receive_recovery".
func (ReceiveRecovery) Name() string { return "receive_recovery" }

// Name is "recovery_received".
func (RecoveryReceived) Name() string { return "recovery_received" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e RecoveryReceived) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *ReceiveRecovery) about(s *State) Concern {
	return s.onPayout(s.clawbacks.get(c.Clawback).payout)
}

func (c *ReceiveRecovery) forms() []Command {
	return without(*c, c.ReceivedOn == c.Date, func(o *ReceiveRecovery) { o.ReceivedOn = Date{} })
}

func (c *ReceiveRecovery) decide(s *State, today Date) ([]Event, *Refusal) {
	order, r := s.checkRecovering(c.Recovery, c.Clawback, c.Amount, c.Interest)
	if r != nil {
		return nil, r
	}
	received := or(c.ReceivedOn, c.Date)
	if r := checkNotFuture("received_on", received, today); r != nil {
		return nil, r
	}
	if r := checkOrder("received_on", received, order.orderedOn); r != nil {
		return nil, r
	}
	if r := order.checkLeft(c.Clawback, c.Amount); r != nil {
		return nil, r
	}
	p := s.payouts.get(order.payout)
	e := &RecoveryReceived{Recovery: c.Recovery, Clawback: c.Clawback, Payout: order.payout, Application: p.application, Charge: p.charge,
		SupportYear: p.year, Amount: c.Amount, Beyond: s.beyondOf(order.payout, p.charge, p.year, c.Amount), Interest: c.Interest,
		Cause: order.cause, ReceivedOn: received}
	if r := exceededBy(e.Beyond, c.Amount, "clawback", c.Clawback, "payout", order.payout); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	if r := s.checkInterest(c.Clawback, order, c.Amount, c.Interest); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	return []Event{e}, nil
}

// checkRecovering judges a recovery of a clawback by itself: its id, what it comes to, its interest.
func (s *State) checkRecovering(id RecoveryID, of ClawbackID, amount, interest Money) (clawback, *Refusal) {
	if r := s.checkNewRecovery(id, amount); r != nil {
		return clawback{}, r
	}
	order, r := s.checkClawback(of)
	if r == nil && !interest.IsZero() {
		r = checkAmount("interest", interest)
	}
	return order, r
}

// checkLeft refuses to recover more of a clawback than is outstanding.
func (c clawback) checkLeft(id ClawbackID, amount Money) *Refusal {
	if left := c.outstanding(); amount.More(left) {
		return refuse(CodeRecoveryExceeded, "clawback", id, "limit", left, "asked", amount, "short_by", amount.Sub(left))
	}
	return nil
}

func (e *RecoveryReceived) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.SupportYear)
}

func (e *RecoveryReceived) command(h Head) Command {
	return &ReceiveRecovery{Head: h, Recovery: e.Recovery, Clawback: e.Clawback, Amount: e.Amount, Interest: e.Interest,
		ReceivedOn: e.ReceivedOn}
}

func (e *RecoveryReceived) describe() Text {
	if e.KeptFrom != "" {
		return both("从支付 %s 抵扣收回 %s，利息 %s（%s）", "kept back of payout %s: recovered %s, interest %s (%s)", e.KeptFrom, e.Amount, e.Interest, e.Cause)
	}
	return both("收回 %s，利息 %s（%s）", "recovered %s, interest %s (%s)", e.Amount, e.Interest, e.Cause)
}

func (e *RecoveryReceived) apply(s *State, _ Deed) {
	s.learn(nameRecovery, string(e.Recovery))
	s.clawbacks.update(e.Clawback, func(c *clawback) {
		c.recovered = c.recovered.Add(e.Amount)
		c.settle(e.ReceivedOn, e.Amount)
	})
	s.comeBack(e.Recovery, recovery{clawback: e.Clawback, payout: e.Payout, charge: e.Charge, year: e.SupportYear, amount: e.Amount, beyond: e.Beyond,
		interest: e.Interest, cause: e.Cause, received: e.ReceivedOn, keptFrom: e.KeptFrom})
}

// ReverseRecovery undoes a recovery that was recorded by mistake, or whose cheque bounced (R12): a fact, recorded whatever the rules
// say. Where its headroom has been granted anew meanwhile the account is over what it must hold, which is a finding, and payouts of
// approvals on it wait (R5a). One that was kept back of a payout never came in: that payout is taken back by it.
type ReverseRecovery struct {
	Head
	Recovery RecoveryID `json:"recovery"`
	Reason   string     `json:"reason"`
}

// RecoveryReversed says which recovery did not happen.
type RecoveryReversed struct {
	Recovery    RecoveryID    `json:"recovery"`
	Clawback    ClawbackID    `json:"clawback,omitzero"`
	Payout      PayoutID      `json:"payout,omitzero"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Interest    Money         `json:"interest,omitzero"`
	Beyond      Money         `json:"beyond,omitzero"` // of the amount, what had come in beyond what went out
	Cause       Cause         `json:"cause"`
	Reason      string        `json:"reason"`
	// NotBefore is the day on which something else shifted it last, where that is after the command's date: on the days before it this
	// one counted otherwise, and is taken back from that day on.
	NotBefore Date `json:"not_before,omitzero"`
	// Shifted are other recoveries that were beyond what went out, and take the place of this one.
	Shifted  []Shift   `json:"shifted,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Name is "reverse_recovery".
func (ReverseRecovery) Name() string { return "reverse_recovery" }

// Name is "recovery_reversed".
func (RecoveryReversed) Name() string { return "recovery_reversed" }

// Entity is the application, or the enterprise where there is none.
func (e RecoveryReversed) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *ReverseRecovery) about(s *State) Concern {
	got, known := s.recoveries.find(c.Recovery)
	if !known {
		return Concern{}
	}
	return onCharge(s.payouts.get(got.payout).application, got.charge, got.year)
}

func (c *ReverseRecovery) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkIDs("recovery", c.Recovery); r != nil {
		return nil, r
	}
	got, ok := s.recoveries.find(c.Recovery)
	switch {
	case !ok:
		return nil, refuse(CodeRecoveryUnknown, "recovery", c.Recovery)
	case got.reversed:
		return nil, refuse(CodeRecoveryReversed, "recovery", c.Recovery)
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, got.received); r != nil {
		return nil, r
	}
	e := &RecoveryReversed{Recovery: c.Recovery, Clawback: got.clawback, Payout: got.payout, Application: s.payouts.get(got.payout).application,
		Charge: got.charge, SupportYear: got.year, Amount: got.amount, Interest: got.interest, Beyond: got.beyond, Cause: got.cause,
		Reason: c.Reason, Shifted: s.movesUp(c.Recovery)}
	if got.movedOn.After(c.Date) {
		e.NotBefore = got.movedOn
	}
	for _, account := range append([]Account{e.Charge.Account()}, s.carriers(e.Charge.Account())...) {
		if r := s.overWithout(e, account, today); r != nil {
			e.Findings = append(e.Findings, r.finding())
		}
	}
	if got.keptFrom != "" {
		return s.giveOut(e, got.keptFrom, c.Head)
	}
	return []Event{e}, nil
}

// overWithout finds an account, the one that a recovery is on or one that carries it, that is over what it must hold once it is reversed.
func (s *State) overWithout(e *RecoveryReversed, account Account, today Date) *Refusal {
	held := s.heldCap(account, e.SupportYear, today)
	if !held.Stated {
		return nil
	}
	u := s.stands(account, e.SupportYear)
	if e.Cause == CauseError {
		u.freed = u.freed.Sub(e.Amount.Sub(e.Beyond))
	}
	for _, one := range e.Shifted {
		if one.Cause == CauseError {
			u.freed = u.freed.Sub(one.Beyond.Money)
		}
	}
	over := u.use().Sub(s.grantedApart(account, held)).Sub(u.exceptions)
	if account != e.Charge.Account() { // what is carried puts nothing over: it is at most the account's own use
		over = Lesser(over, s.scope(account, e.SupportYear).use())
	}
	if !over.Positive() {
		return nil
	}
	return refuse(CodeAccountOverCap, "clause", account.Clause, "subject_kind", account.Subject.Kind, "subject", account.Subject.ID,
		"year", s.scopeYear(account.Clause, e.SupportYear), "cap", held, "exceptions", u.exceptions, "use", u.use(), "over_by", over)
}

func (e *RecoveryReversed) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.SupportYear)
}

func (e *RecoveryReversed) command(h Head) Command {
	return &ReverseRecovery{Head: h, Recovery: e.Recovery, Reason: e.Reason}
}

func (e *RecoveryReversed) describe() Text {
	return both("冲销收回 %s：%s", "recovery of %s reversed: %s", e.Amount, e.Reason)
}

func (e *RecoveryReversed) apply(s *State, by Deed) {
	s.undoRecovery(e.Recovery)
	for _, f := range e.Findings {
		if f.Code != CodeAccountOverCap {
			continue
		}
		over := Account{ClauseID(f.Figures["clause"]), e.Charge.Subject}
		s.charge(over, e.SupportYear, func(u *usage) { u.reversed = true })
	}
	switch {
	case e.Clawback != "":
		s.clawbacks.update(e.Clawback, func(c *clawback) {
			c.recovered = c.recovered.Sub(e.Amount)
			c.settle(by.Date, e.Amount.Neg())
		})
	case e.Payout != "":
		s.payouts.update(e.Payout, func(p *payout) { p.recovered = p.recovered.Sub(e.Amount) })
	}
	s.shift(e.Shifted, by.Date)
}
