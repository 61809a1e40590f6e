package domain

import (
	"github.com/shopspring/decimal"
)

// What the judge says of payouts, made or booked, and of what undoes one.

func (j *judge) payment(c *MakePayout, today Date, byHand bool, no, note func(bool, string)) {
	on := or(c.PaidOn, c.Date)
	no(j.paid[c.Payout] != nil, CodePayoutExists)
	amount(c.Amount, no)
	no(on.After(today), CodeDateInFuture)
	no(on.Before(c.Date), CodeDateOrder)
	a := j.apps[c.Application]
	no(a == nil, CodeApplicationUnknown)
	if a == nil {
		return
	}
	no(a.state != Approved, CodeApplicationState)
	if a.state != Approved {
		return
	}
	no(c.Date.Before(a.since), CodeDateOrder)
	no(a.moved && !j.serves(a.charge.Enterprise, a.charge.Applied(), c.Date), CodeIndustryNotServed)
	no(a.other(DutyPay, c.Actor), CodeFourEyes)
	no(j.gone(a.charge.Enterprise, c.Date) || j.gone(a.charge.Enterprise, on), CodeEnterpriseMerged)
	no(j.bad(a.charge.Enterprise, c.Date, on), CodeCreditRestricted)
	no(a.suspended, CodeApplicationSuspended)
	room, granted := j.granted(c.Application, c.SupportYear)
	no(!granted, CodeInstalmentUnknown)
	no(granted && dec(c.Amount).GreaterThan(room.Sub(j.outLater(c.Application, c.SupportYear, c.Date))), CodeInstalmentExceeded)
	no(j.waits(a.charge.Account(), c.SupportYear, c.Date, today), CodeAccountOverCap)
	no(j.beyondBudget(on.Year(), a.charge, []DepartmentID{a.department}, dec(c.Amount)), CodeAppropriationExceed)
	if byHand {
		no(j.debtorsOn(a.charge.Applied(), c.Date) == DebtorRefuse && j.owes(a.charge.Enterprise, c.Date), CodeOwesMoney)
		return
	}
	if j.debtorsOn(a.charge.Applied(), c.Date) == DebtorOffset {
		_, principal, rest := j.keeps(a.charge.Enterprise, dec(c.Amount), on)
		note(rest.IsPositive() && j.owed(a.charge.Enterprise, on).GreaterThan(principal), CodeOwesMoney)
		return
	}
	j.debtor(a.charge.Applied(), c.Date, j.owes(a.charge.Enterprise, c.Date, on), no, note)
}

// onAccount is what a fact outside any application is charged to.
func (j *judge) onAccount(firm EnterpriseID, clause ClauseID, project, award string, no func(bool, string)) (Charge, bool) {
	c, known := j.known(clause)
	no(clause == "", CodeFieldMissing)
	no(clause != "" && !known, CodeClauseUnknown)
	no(j.firms[firm] == nil, CodeEnterpriseUnknown)
	if !known {
		return Charge{}, false
	}
	no(len(c.RefersTo) > 0, CodeClauseByReference)
	no(c.NotAppliedFor, CodeClauseNotAppliedFor)
	if len(c.RefersTo) > 0 || c.NotAppliedFor || j.firms[firm] == nil {
		return Charge{}, false
	}
	s := Subject{c.Cap.Subject, string(firm)}
	switch s.Kind {
	case SubjectProject:
		no(project == "", CodeSubjectRequired)
		s.ID = project
	case SubjectAward:
		no(award == "", CodeSubjectRequired)
		no(project != "", CodeSubjectNotAllowed)
		s.ID = award
	}
	return Charge{Enterprise: firm, Clause: clause, Subject: s}, s.ID != ""
}

func factYear(y SupportYear, no func(bool, string)) { no(y < 1900 || y > 2999, CodeFieldInvalid) }

// booking is R3's other half: a fact is not refused; what it breaks is noted.
func (j *judge) booking(c *BookPayout, today Date, no, note func(bool, string)) {
	on := or(c.PaidOn, c.Date)
	no(j.paid[c.Payout] != nil, CodePayoutExists)
	amount(c.Amount, no)
	factYear(c.SupportYear, no)
	no(on.After(today), CodeDateInFuture)
	var charge Charge
	a := j.apps[c.Application]
	if c.Application != "" {
		no(a == nil, CodeApplicationUnknown)
		if a == nil {
			return
		}
		charge = a.charge
	} else {
		var ok bool
		if charge, ok = j.onAccount(c.Enterprise, c.Clause, c.Project, c.Award, no); !ok {
			return
		}
	}
	note(on.Before(j.termOn(charge.Applied(), on).From), CodeDateBeforePolicy)
	note(j.outsideTerm(charge.Applied(), c.SupportYear, on), CodeYearOutsideTerm)
	note(!j.serves(charge.Enterprise, charge.Applied(), on), CodeIndustryNotServed)
	note(j.gone(charge.Enterprise, on), CodeEnterpriseMerged)
	note(j.badThen(charge.Enterprise, on), CodeCreditRestricted)
	note(j.owes(charge.Enterprise, on), CodeOwesMoney)
	outside := dec(c.Amount)
	if a != nil {
		note(a.state != Approved, CodeApplicationState)
		if a.state == Approved {
			note(on.Before(a.decided), CodeDateOrder)
			room, granted := j.granted(c.Application, c.SupportYear)
			note(!granted, CodeInstalmentUnknown)
			note(granted && outside.GreaterThan(room), CodeInstalmentExceeded)
			outside = decimal.Max(decimal.Zero, outside.Sub(room))
		}
		note(a.other(DutyPay, c.Actor), CodeFourEyes)
		note(a.suspended, CodeApplicationSuspended)
	}
	account := charge.Account()
	note(outside.IsPositive() && j.overCap(account, c.SupportYear, outside, j.governs(charge.Clause, on, today), on), CodeCapExceeded)
	note(outside.IsPositive() && j.passesACarrier(account, c.SupportYear, outside, on, today), CodeCapExceeded)
	j.asksOfGroup(account, c.SupportYear, outside, on, today, note, note)
	note(j.waits(account, c.SupportYear, on, today), CodeAccountOverCap)
	note(j.beyondBudget(on.Year(), charge, j.bearers(a, charge, on), dec(c.Amount)), CodeAppropriationExceed)
}

// undo is what every command that takes something from one payout is judged by.
func (j *judge) undo(id PayoutID, m Money, on Date, no func(bool, string), limit func(*judgedPayout) (decimal.Decimal, Date), code string) {
	amount(m, no)
	p := j.paid[id]
	no(p == nil, CodePayoutUnknown)
	if p == nil {
		return
	}
	no(p.reversed, CodePayoutReversed)
	most, earliest := limit(p)
	no(on.Before(earliest), CodeDateOrder)
	no(dec(m).GreaterThan(most), code)
}

// returnUndone notes what money that did go out breaks.
func (j *judge) returnUndone(c *ReverseReturn, today Date, note func(bool, string)) {
	p := j.paid[c.Payout]
	if p == nil {
		return
	}
	outside, again := dec(c.Amount), decimal.Zero
	if t := j.payouts[c.Payout]; t != nil { // what a return took from where it stayed is put back there
		again = decimal.Max(decimal.Zero, decimal.Min(outside, t.released))
		outside = outside.Sub(again)
	}
	if a := j.apps[p.app]; a != nil && a.charge == p.charge && a.state == Approved {
		room, granted := j.granted(p.app, p.year)
		note(outside.IsPositive() && !granted, CodeInstalmentUnknown)
		note(granted && outside.GreaterThan(room), CodeInstalmentExceeded)
		outside = decimal.Max(decimal.Zero, outside.Sub(decimal.Max(decimal.Zero, room)))
	}
	outside = outside.Add(again)
	note(outside.IsPositive() && j.overCap(p.charge.Account(), p.year, outside, j.governs(p.charge.Clause, p.on, today), c.Date), CodeCapExceeded)
	note(outside.IsPositive() && j.passesACarrier(p.charge.Account(), p.year, outside, c.Date, today), CodeCapExceeded)
	note(j.beyondBudget(p.on.Year(), p.charge, p.departments, dec(c.Amount)), CodeAppropriationExceed)
}

func (j *judge) bookingUndone(c *ReverseBooking, no func(bool, string)) {
	p := j.paid[c.Payout]
	no(p == nil, CodePayoutUnknown)
	if p == nil {
		return
	}
	no(p.reversed, CodePayoutReversed)
	no(!p.booked, CodePayoutNotBooked)
	no(c.Date.Before(latest(p.on, p.returnedOn, p.und)), CodeDateOrder)
	stands := p.back
	for _, o := range j.orders {
		if o.payout == c.Payout {
			stands = stands.Add(o.ordered.Sub(o.waived))
		}
	}
	no(stands.IsPositive(), CodeClawbackStands)
}
