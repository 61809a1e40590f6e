package domain

import "slices"

// ReverseReturn undoes a return by the bank that was recorded by mistake, or a part of it (R12): the money did go out.
type ReverseReturn struct {
	Head
	Payout PayoutID `json:"payout"`
	Amount Money    `json:"amount"`
	Reason string   `json:"reason"`
}

// ReturnReversed says what the bank did not send back, which part of it no instalment has room for any more, and which rules that
// breaks. It is a fact: where the instalment was paid again meanwhile, the rest is outside any approval.
type ReturnReversed struct {
	Payout      PayoutID       `json:"payout"`
	Application ApplicationID  `json:"application,omitzero"`
	Charge      Charge         `json:"charge"`
	SupportYear SupportYear    `json:"support_year"`
	Amount      Money          `json:"amount"`
	Outside     Money          `json:"outside"`           // of the amount, what is outside any approval
	Restored    Money          `json:"restored,omitzero"` // of the rest, what the return had released: an approval holds it again
	PaidOn      Date           `json:"paid_on"`           // of the payout: its budget year bears the amount again
	Department  DepartmentID   `json:"department,omitzero"`
	Departments []DepartmentID `json:"departments,omitempty"`
	Reason      string         `json:"reason"`
	Planned     []Planned      `json:"planned,omitempty"` // of what is within the approval, what was planned for these months
	// Shifted are recoveries that the return had made give way, and that count again.
	Shifted  []Shift   `json:"shifted,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Name is "reverse_return".
func (ReverseReturn) Name() string { return "reverse_return" }

// Name is "return_reversed".
func (ReturnReversed) Name() string { return "return_reversed" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e ReturnReversed) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *ReverseReturn) about(s *State) Concern { return s.onPayout(c.Payout) }

func (c *ReverseReturn) decide(s *State, today Date) ([]Event, *Refusal) {
	p, r := s.checkPayout(c.Payout)
	if r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, latest(p.paidOn, p.returnedOn)); r != nil {
		return nil, r
	}
	if sent := p.returned.Sub(p.givenOut); c.Amount.More(sent) { // what was kept back the bank has not sent
		return nil, returnExceeded(c.Payout, p, sent, c.Amount)
	}
	restored := s.restorable(p, c.Amount)
	outside := c.Amount.Sub(restored)
	var used []Planned
	if a := s.applications.get(p.application); a.charge == p.charge { // else it moved elsewhere since, and the money did not
		part, _ := a.instalment(p.year)
		within := Lesser(outside, part.amount.Sub(part.paid).OrNone())
		outside, used = outside.Sub(within), part.uses(within, c.Date)
	}
	e := &ReturnReversed{Payout: c.Payout, Application: p.application, Charge: p.charge, SupportYear: p.year, Amount: c.Amount, Outside: outside,
		Restored: restored, PaidOn: p.paidOn, Department: p.department, Departments: p.departments, Reason: c.Reason, Planned: used,
		Shifted: s.putBack(c.Payout, p, outside)}
	e.Findings = s.brokenBy(c, e, p, today)
	return []Event{e}, nil
}

// brokenBy lists the rules that money which did go out breaks, in a fixed order.
func (s *State) brokenBy(c *ReverseReturn, e *ReturnReversed, p payout, today Date) []Finding {
	var findings []Finding
	note := func(r *Refusal) {
		if r != nil {
			findings = append(findings, r.finding())
		}
	}
	if a := s.applications.get(p.application); a.state == Approved && a.charge == p.charge {
		if within := c.Amount.Sub(e.Restored); within.Positive() {
			note(checkInstalment(p.application, a, p.year, within, NoMoney))
		}
	}
	if uses := e.Outside.Add(e.Restored); uses.Positive() {
		version := GoverningVersion(s.clauses.get(e.Charge.Clause).versions, p.paidOn, today)
		note(s.checkCap(e.Charge.Account(), e.SupportYear, uses, version, c.Date))
		for _, room := range s.carriedRooms(e.Charge.Account(), []Instalment{{e.SupportYear, uses}}, c.Date, today) {
			note(room.refusal())
		}
	}
	note(s.checkAppropriation(p.paidOn.Year(), p.charge, c.Amount, append(slices.Clip(p.departments), p.department)...))
	return findings
}

func (e *ReturnReversed) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *ReturnReversed) command(h Head) Command {
	return &ReverseReturn{Head: h, Payout: e.Payout, Amount: e.Amount, Reason: e.Reason}
}

func (e *ReturnReversed) describe() Text {
	return both("冲销银行退回 %s：%s", "a return by the bank of %s reversed: %s", e.Amount, e.Reason)
}

func (e *ReturnReversed) apply(s *State, by Deed) {
	s.payouts.update(e.Payout, func(p *payout) {
		p.returned = p.returned.Sub(e.Amount)
		p.outside = p.outside.Add(e.Outside)
		p.released = p.released.Sub(e.Restored)
		p.undoneOn = latest(p.undoneOn, by.Date)
	})
	s.restore(e.Application, e.Charge, e.SupportYear, e.Restored, by.Date)
	s.payAgainOn(by.Date, e.Application, e.SupportYear, e.Amount.Sub(e.Outside).Sub(e.Restored), e.Planned)
	s.outsideOn(by.Date, e.Charge, e.SupportYear, e.Outside)
	s.notePutBack(e.Payout, e.Shifted)
	s.shift(e.Shifted, by.Date)
	s.spend(e.PaidOn.Year(), e.Charge, e.Amount, append(slices.Clip(e.Departments), e.Department)...)
}

// payAgainOn changes what is paid of an instalment by what a decision of an earlier day does not see.
func (s *State) payAgainOn(on Date, id ApplicationID, y SupportYear, by Money, used []Planned) {
	s.payAgain(id, y, by, used)
	s.reopen(on, id, y, by)
}

// reopen notes what moved what is paid of an instalment; payments are noted only once money was back.
func (s *State) reopen(on Date, id ApplicationID, y SupportYear, by Money) {
	key := instalmentKey{id, y}
	if id != "" && (by.Less(NoMoney) || by.Positive() && s.reopened.has(key)) {
		s.reopened.update(key, func(list *[]dayMove) { *list = move(*list, on, y, by) })
	}
}

// paidLater is by how much more than now was paid of an instalment on a day or on any later one (R3).
func (s *State) paidLater(id ApplicationID, y SupportYear, day Date) Money {
	return freedAfter(s.reopened.get(instalmentKey{id, y}), func(SupportYear) bool { return true }, day)
}

// payAgain changes what is paid of an instalment, and uses up what was planned of it.
func (s *State) payAgain(id ApplicationID, y SupportYear, by Money, used []Planned) {
	if id == "" || by.IsZero() {
		return
	}
	s.reschedule(id, func(a *application) {
		a.changeInstalment(y, func(i *instalment) { i.pay(by, used) })
	})
}

// ReverseBooking undoes a booked payout that was never made, or is of another ledger (R12). It is refused while a clawback or a booked
// recovery stands on it: what came back of it did go out.
type ReverseBooking struct {
	Head
	Payout   PayoutID `json:"payout"`
	Reason   string   `json:"reason"`
	Document string   `json:"document"`
}

// BookingReversed says which booked payout did not happen, and all that had been booked of it.
type BookingReversed struct {
	Payout      PayoutID       `json:"payout"`
	Application ApplicationID  `json:"application,omitzero"`
	Charge      Charge         `json:"charge"`
	SupportYear SupportYear    `json:"support_year"`
	Amount      Money          `json:"amount"`
	Returned    Money          `json:"returned,omitzero"` // of the amount, what was recorded as returned by the bank
	Outside     Money          `json:"outside"`           // of the rest, what was outside any approval
	Released    Money          `json:"released,omitzero"` // of the rest, what no approval holds any more: the application has moved
	PaidOn      Date           `json:"paid_on"`
	Department  DepartmentID   `json:"department,omitzero"`
	Departments []DepartmentID `json:"departments,omitempty"`
	Reason      string         `json:"reason"`
	Document    string         `json:"document"`
	Shifted     []Shift        `json:"shifted,omitempty"` // recoveries that named no payout and counted against it
	Findings    []Finding      `json:"findings,omitempty"`
}

// Name is "reverse_booking".
func (ReverseBooking) Name() string { return "reverse_booking" }

// Name is "booking_reversed".
func (BookingReversed) Name() string { return "booking_reversed" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e BookingReversed) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *ReverseBooking) about(s *State) Concern { return s.onPayout(c.Payout) }

func (c *ReverseBooking) decide(s *State, _ Date) ([]Event, *Refusal) {
	p, r := s.checkPayout(c.Payout)
	switch {
	case r != nil:
		return nil, r
	case !p.booked:
		return nil, refuse(CodePayoutNotBooked, "payout", c.Payout)
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, latest(p.paidOn, p.returnedOn, p.undoneOn)); r != nil {
		return nil, r
	}
	if stands := p.ordered.Add(p.recovered); stands.Positive() {
		return nil, refuse(CodeClawbackStands, "payout", c.Payout, "use", stands)
	}
	return []Event{&BookingReversed{Payout: c.Payout, Application: p.application, Charge: p.charge, SupportYear: p.year, Amount: p.amount,
		Returned: p.returned, Outside: p.outside, Released: s.releasedBy(p, p.amount.Sub(p.returned).Sub(p.outside)), PaidOn: p.paidOn, Department: p.department, Departments: p.departments, Reason: c.Reason,
		Document: c.Document, Shifted: s.givesWay(p.charge.flow(p.year), p.outside)}}, nil
}

func (e *BookingReversed) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *BookingReversed) command(h Head) Command {
	return &ReverseBooking{Head: h, Payout: e.Payout, Reason: e.Reason, Document: e.Document}
}

func (e *BookingReversed) describe() Text {
	return both("冲销误记的支付 %s（%s 年度），文号 %s：%s", "booked payout of %s (for %s) reversed, document %s: %s",
		e.Amount, e.SupportYear, e.Document, e.Reason)
}

func (e *BookingReversed) apply(s *State, by Deed) {
	left := e.Amount.Sub(e.Returned)
	s.payouts.update(e.Payout, func(p *payout) {
		p.amount, p.returned, p.outside, p.reversed = NoMoney, NoMoney, NoMoney, true
		p.undoneOn = latest(p.undoneOn, by.Date)
	})
	s.payAgainOn(by.Date, e.Application, e.SupportYear, e.Outside.Add(e.Released).Sub(left), nil)
	s.cutParts(e.Application, e.Charge, e.SupportYear, e.Released, by.Date, true, nil)
	s.shift(e.Shifted, by.Date)
	s.outsideOn(by.Date, e.Charge, e.SupportYear, e.Outside.Neg())
	s.spend(e.PaidOn.Year(), e.Charge, left.Neg(), append(slices.Clip(e.Departments), e.Department)...)
}
