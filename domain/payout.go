package domain

import "slices"

// MakePayout authorises money to leave the treasury against one instalment (R3).
type MakePayout struct {
	Head
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	PaidOn      Date          `json:"paid_on,omitzero"` // left out: the command's date
	Voucher     string        `json:"voucher,omitzero"`
}

// PayoutMade says what is paid, for which support year, on which day; the day's year is the budget year.
type PayoutMade struct {
	Payout        PayoutID      `json:"payout"`
	Application   ApplicationID `json:"application"`
	Charge        Charge        `json:"charge"`
	SupportYear   SupportYear   `json:"support_year"`
	Amount        Money         `json:"amount"`
	PaidOn        Date          `json:"paid_on"`
	Voucher       string        `json:"voucher,omitzero"`
	Department    DepartmentID  `json:"department"` // that approved; appropriations of departments count by it
	ClauseVersion int           `json:"clause_version"`
	KeptBack      Money         `json:"kept_back,omitzero"` // of the amount, what is not paid, for the enterprise owes it: a recovery
	Planned       []Planned     `json:"planned,omitempty"`  // of the amount, what was planned for these months
	Facts         []FactUsed    `json:"facts,omitempty"`    // that it rests on, as they were known
	Findings      []Finding     `json:"findings,omitempty"`
}

// Name is "make_payout".
func (MakePayout) Name() string { return "make_payout" }

// Name is "payout_made".
func (PayoutMade) Name() string { return "payout_made" }

// Entity is the application.
func (e PayoutMade) Entity() (string, string) { return "application", string(e.Application) }

func (e PayoutMade) governedBy() int { return e.ClauseVersion }

func (c *MakePayout) about(s *State) Concern { return s.onApplication(c.Application, c.SupportYear) }

func (c *MakePayout) forms() []Command {
	return without(*c, c.PaidOn == c.Date, func(o *MakePayout) { o.PaidOn = Date{} })
}

func (c *MakePayout) decide(s *State, today Date) ([]Event, *Refusal) {
	made, r := c.payable(s, today)
	if r != nil {
		return nil, r
	}
	kept, owes, r := s.debtorPaid(made.Charge, c.Amount, c.Date, made.PaidOn)
	if r != nil {
		return nil, r
	}
	made.Findings = owes
	return s.split(made, Deed{Actor: c.Actor, Date: c.Date}, kept), nil
}

// payable is the payout by all rules but those for debtors.
func (c *MakePayout) payable(s *State, today Date) (*PayoutMade, *Refusal) {
	if r := s.checkNewPayout(c.Payout, c.Amount, c.Voucher); r != nil {
		return nil, r
	}
	a, r := s.checkApplication(c.Name(), c.Application, Approved)
	if r != nil {
		return nil, r
	}
	paidOn := or(c.PaidOn, c.Date)
	if r := checkNotFuture("paid_on", paidOn, today); r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return checkOrder("date", c.Date, a.since) },
		func() *Refusal { return checkOrder("paid_on", paidOn, c.Date) },
		func() *Refusal { return s.checkNotMerged(a.charge.Enterprise, c.Date, paidOn) },
		func() *Refusal { return a.fourEyes(DutyPay, c.Actor) },
		func() *Refusal { return checkPayee(s.enterprises.get(a.charge.Enterprise), paidOn, c.Actor) },
		func() *Refusal {
			return s.checkCreditOf(a.charge.Enterprise, c.Date, paidOn)
		},
		func() *Refusal { return s.checkMovedTo(a, c.Date) },
		func() *Refusal { return checkSuspended(c.Application, a) },
		func() *Refusal {
			return checkInstalment(c.Application, a, c.SupportYear, c.Amount, s.paidLater(c.Application, c.SupportYear, c.Date))
		},
		func() *Refusal { return s.checkNotOver(a.charge.Account(), c.SupportYear, c.Date, today) },
		func() *Refusal { return s.checkAppropriation(paidOn.Year(), a.charge, c.Amount, a.department) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	version := GoverningVersion(s.clauses.get(a.charge.Clause).versions, c.Date, today)
	return &PayoutMade{Payout: c.Payout, Application: c.Application, Charge: a.charge, SupportYear: c.SupportYear, Amount: c.Amount,
		PaidOn: paidOn, Voucher: c.Voucher, Department: a.department, ClauseVersion: version.Version, Planned: a.uses(c.SupportYear, c.Amount, paidOn),
		Facts: s.restedOnMoved(a, c.Date)}, nil
}

func or(d, otherwise Date) Date {
	if d.IsZero() {
		return otherwise
	}
	return d
}

func (s *State) checkNewPayout(id PayoutID, amount Money, voucher string) *Refusal {
	if r := checkIDs("payout", id); r != nil {
		return r
	}
	if s.payouts.has(id) {
		return refuse(CodePayoutExists, "payout", id)
	}
	if r := checkAmount("amount", amount); r != nil {
		return r
	}
	return checkTexts("voucher", voucher)
}

func checkSuspended(id ApplicationID, a application) *Refusal {
	if a.suspended {
		return refuse(CodeApplicationSuspended, "application", id)
	}
	return nil
}

// checkInstalment judges an amount against what an instalment has left; see [instalmentRoom] for more.
func checkInstalment(id ApplicationID, a application, y SupportYear, amount, more Money) *Refusal {
	part, ok := a.instalment(y)
	if !ok {
		return refuse(CodeInstalmentUnknown, "application", id, "year", int(y))
	}
	room := instalmentRoom(a, part, amount, more)
	if over := room.ShortBy(); over.Positive() {
		return refuse(CodeInstalmentExceeded, "application", id, "clause", room.Scope, "subject", room.Subject.ID,
			"year", y, "limit", room.Cap, "use", room.Use, "asked", amount, "short_by", over)
	}
	return nil
}

func (e *PayoutMade) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *PayoutMade) command(h Head) Command {
	return &MakePayout{Head: h, Payout: e.Payout, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount,
		PaidOn: e.PaidOn, Voucher: e.Voucher}
}

func (e *PayoutMade) describe() Text {
	if e.KeptBack.Positive() {
		return both("支付 %s（%s 年度）：抵扣欠款 %s，实付 %s，凭证 %s", "settled %s (for %s): %s kept back for what is owed, %s paid, voucher %s", e.Amount, e.SupportYear,
			e.KeptBack, e.Amount.Sub(e.KeptBack), e.Voucher)
	}
	return both("支付 %s（%s 年度），凭证 %s", "paid %s (for %s), voucher %s", e.Amount, e.SupportYear, e.Voucher)
}

func (e *PayoutMade) apply(s *State, by Deed) {
	s.learn(namePayout, string(e.Payout))
	s.chargePayout(e.Payout, e.Charge.Enterprise)
	s.payouts.put(e.Payout, payout{application: e.Application, charge: e.Charge, year: e.SupportYear, amount: e.Amount, paidOn: e.PaidOn,
		department: e.Department, voucher: e.Voucher, kept: e.KeptBack})
	s.reschedule(e.Application, func(a *application) {
		a.fill(DutyPay, by.Actor)
		a.payouts = append(slices.Clip(a.payouts), e.Payout)
		a.changeInstalment(e.SupportYear, func(i *instalment) { i.pay(e.Amount, e.Planned) })
	})
	s.reopen(e.PaidOn, e.Application, e.SupportYear, e.Amount)
	s.spend(e.PaidOn.Year(), e.Charge, e.Amount, e.Department)
}

// ReturnPayout records that the bank sent a payout back, or a part of it; the instalment can be paid again (R12).
type ReturnPayout struct {
	Head
	Payout PayoutID `json:"payout"`
	Amount Money    `json:"amount"`
	Reason string   `json:"reason,omitzero"`
}

// PayoutReturned says what the bank sent back, and how much of it had been booked outside any approval.
type PayoutReturned struct {
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Outside     Money         `json:"outside"`
	KeptBack    Money         `json:"kept_back,omitzero"` // of the amount, what was never paid: it had been kept back, and is so no more
	Released    Money         `json:"released,omitzero"`  // of the rest, what no approval holds any more: the application has moved
	PaidOn      Date          `json:"paid_on"`            // of the payout: its budget year gets the amount back
	Department  DepartmentID  `json:"department,omitzero"`
	// Departments are those whose appropriations the payout counts against where no department has approved it.
	Departments []DepartmentID `json:"departments,omitempty"`
	Reason      string         `json:"reason,omitzero"`
	// Shifted are recoveries that named no payout and counted against what is returned now: it came back once only.
	Shifted  []Shift   `json:"shifted,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Name is "return_payout".
func (ReturnPayout) Name() string { return "return_payout" }

// Name is "payout_returned".
func (PayoutReturned) Name() string { return "payout_returned" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e PayoutReturned) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func chargedEntity(a ApplicationID, c Charge) (string, string) {
	if a != "" {
		return "application", string(a)
	}
	return "enterprise", string(c.Enterprise)
}

func (c *ReturnPayout) about(s *State) Concern { return s.onPayout(c.Payout) }

func (c *ReturnPayout) decide(s *State, _ Date) ([]Event, *Refusal) {
	p, r := s.checkPayout(c.Payout)
	if r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, latest(p.paidOn, p.undoneOn)); r != nil {
		return nil, r
	}
	if left := p.returnable(); c.Amount.More(left) {
		return nil, returnExceeded(c.Payout, p, left, c.Amount)
	}
	return []Event{s.returned(c.Payout, p, c.Amount, c.Reason)}, nil
}

// returned is what becomes of a payout by an amount of it that is back.
func (s *State) returned(id PayoutID, p payout, amount Money, reason string) *PayoutReturned {
	outside := Lesser(p.outside.Sub(p.backOutside).OrNone(), amount)
	return &PayoutReturned{Payout: id, Application: p.application, Charge: p.charge, SupportYear: p.year, Amount: amount,
		Outside: outside, Released: s.releasedBy(p, amount.Sub(outside)), PaidOn: p.paidOn, Department: p.department, Departments: p.departments, Reason: reason,
		Shifted: s.givesWay(p.charge.flow(p.year), outside)}
}

func returnExceeded(id PayoutID, p payout, left, asked Money) *Refusal {
	return refuse(CodeReturnExceeded, "payout", id, "clause", p.charge.Clause, "subject", p.charge.Subject.ID, "year", p.year,
		"limit", left, "asked", asked, "short_by", asked.Sub(left))
}

func (s *State) checkPayout(id PayoutID) (payout, *Refusal) {
	if r := checkIDs("payout", id); r != nil {
		return payout{}, r
	}
	p, ok := s.payouts.find(id)
	if !ok {
		return p, refuse(CodePayoutUnknown, "payout", id)
	}
	if p.reversed {
		return p, refuse(CodePayoutReversed, "payout", id)
	}
	return p, nil
}

func (e *PayoutReturned) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *PayoutReturned) command(h Head) Command {
	return &ReturnPayout{Head: h, Payout: e.Payout, Amount: e.Amount, Reason: e.Reason}
}

func (e *PayoutReturned) describe() Text {
	if e.KeptBack.Positive() {
		return both("撤销抵扣 %s，分期可再支付：%s", "%s is kept back no more, the instalment can be paid again: %s", e.Amount, e.Reason)
	}
	return both("银行退回 %s：%s", "%s returned by the bank: %s", e.Amount, e.Reason)
}

func (e *PayoutReturned) apply(s *State, by Deed) {
	s.payouts.update(e.Payout, func(p *payout) {
		p.returned = p.returned.Add(e.Amount)
		p.kept, p.givenOut = p.kept.Sub(e.KeptBack), p.givenOut.Add(e.KeptBack)
		p.outside = p.outside.Sub(e.Outside)
		p.released = p.released.Add(e.Released)
		p.returnedOn = latest(p.returnedOn, by.Date)
	})
	s.payAgainOn(by.Date, e.Application, e.SupportYear, e.Outside.Add(e.Released).Sub(e.Amount), nil)
	s.cutParts(e.Application, e.Charge, e.SupportYear, e.Released, by.Date, true, nil)
	s.shift(e.Shifted, by.Date)
	if len(e.Shifted) > 0 {
		s.gaveWay.update(e.Payout, func(gave *[]Shift) { *gave = append(slices.Clip(*gave), e.Shifted...) })
	}
	s.outsideOn(by.Date, e.Charge, e.SupportYear, e.Outside.Neg())
	s.spend(e.PaidOn.Year(), e.Charge, e.Amount.Neg(), append(slices.Clip(e.Departments), e.Department)...)
}
