package domain

import "slices"

// BookPayout records money that the treasury has already moved, whatever the rules say: a fact is never refused, and
// the event carries the rules that it breaks (R3). It names an application, or an enterprise and the clause (and, as the
// clause asks, the project or award) that it counts for.
type BookPayout struct {
	Head
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Enterprise  EnterpriseID  `json:"enterprise,omitzero"`
	Clause      ClauseID      `json:"clause,omitzero"`
	Project     string        `json:"project,omitzero"`
	Award       string        `json:"award,omitzero"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	PaidOn      Date          `json:"paid_on,omitzero"` // left out: the command's date
	Voucher     string        `json:"voucher,omitzero"`
}

// PayoutBooked says what was paid, which part of it no approval covers, and which rules it breaks.
type PayoutBooked struct {
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Outside     Money         `json:"outside"` // of the amount, what is outside any approval: it uses the cap by itself
	PaidOn      Date          `json:"paid_on"`
	Voucher     string        `json:"voucher,omitzero"`
	Department  DepartmentID  `json:"department,omitzero"`
	// Departments are the clause's, whose appropriations it counts against where no department has approved it.
	Departments   []DepartmentID `json:"departments,omitempty"`
	ClauseVersion int            `json:"clause_version"`
	Planned       []Planned      `json:"planned,omitempty"` // of what is within the approval, what was planned for these months
	Findings      []Finding      `json:"findings,omitempty"`
}

// Name is "book_payout".
func (BookPayout) Name() string { return "book_payout" }

// Name is "payout_booked".
func (PayoutBooked) Name() string { return "payout_booked" }

// Entity is the application, or the enterprise where there is none.
func (e PayoutBooked) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (e PayoutBooked) governedBy() int { return e.ClauseVersion }

func (*BookPayout) isFact() {}

func (c *BookPayout) about(s *State) Concern {
	return s.onBooked(bookedOn{c.Application, c.Enterprise, c.Clause, c.Project, c.Award}, c.SupportYear)
}

func (c *BookPayout) forms() []Command {
	return without(*c, c.PaidOn == c.Date, func(o *BookPayout) { o.PaidOn = Date{} })
}

func (c *BookPayout) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := s.checkNewPayout(c.Payout, c.Amount, c.Voucher); r != nil {
		return nil, r
	}
	a, charge, r := s.booked(bookedOn{c.Application, c.Enterprise, c.Clause, c.Project, c.Award})
	if r != nil {
		return nil, r
	}
	if r := checkBookedYear(c.SupportYear); r != nil {
		return nil, r
	}
	paidOn := or(c.PaidOn, c.Date)
	if r := checkNotFuture("paid_on", paidOn, today); r != nil {
		return nil, r
	}
	outside := a.beyond(c.SupportYear, c.Amount)
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, paidOn, today)
	e := &PayoutBooked{Payout: c.Payout, Application: c.Application, Charge: charge, SupportYear: c.SupportYear, Amount: c.Amount, Outside: outside,
		PaidOn: paidOn, Voucher: c.Voucher, Department: a.department, ClauseVersion: version.Version, Planned: a.uses(c.SupportYear, c.Amount.Sub(outside), paidOn)}
	if a.department == "" {
		e.Departments = s.clauseOn(charge.Applied(), paidOn).Departments
	}
	e.Findings = s.findingsOf(c, e, a, version, today)
	return []Event{e}, nil
}

// findingsOf lists the rules that a booked payout breaks, in a fixed order.
func (s *State) findingsOf(c *BookPayout, e *PayoutBooked, a application, version ClauseVersion, today Date) []Finding {
	var findings []Finding
	note := func(r *Refusal) {
		if r != nil {
			findings = append(findings, r.finding())
		}
	}
	if from := s.termOn(e.Charge.Applied(), e.PaidOn).From; e.PaidOn.Before(from) {
		note(refuse(CodeDateBeforePolicy, "field", "paid_on", "date", e.PaidOn, "earliest", from))
	}
	note(s.checkYear(e.SupportYear, e.Charge.Applied(), e.PaidOn))
	if c.Application == "" {
		note(s.checkLook(e.Charge.Subject, c.Project, nil))
	}
	firm := s.enterprises.get(e.Charge.Enterprise)
	note(s.checkIndustry(e.Charge.Applied(), firm, e.PaidOn))
	note(s.checkNotMerged(e.Charge.Enterprise, e.PaidOn))
	note(s.checkCreditThen(e.Charge.Enterprise, e.PaidOn))
	note(s.checkDebts(e.Charge.Enterprise, e.PaidOn))
	if c.Application != "" {
		_, r := s.checkApplication(c.Name(), c.Application, Approved)
		note(r)
		if r == nil {
			note(checkOrder("paid_on", e.PaidOn, a.approvedOn))
			note(checkInstalment(c.Application, a, e.SupportYear, e.Amount, NoMoney))
		}
		note(a.fourEyes(DutyPay, c.Actor))
		note(checkSuspended(c.Application, a))
	}
	note(checkPayee(firm, e.PaidOn, c.Actor))
	if e.Outside.Positive() {
		note(s.checkCap(e.Charge.Account(), e.SupportYear, e.Outside, version, e.PaidOn))
		for _, room := range s.carriedRooms(e.Charge.Account(), []Instalment{{e.SupportYear, e.Outside}}, e.PaidOn, today) {
			note(room.refusal())
		}
		for _, room := range s.groupRooms(e.Charge.Account(), []Instalment{{e.SupportYear, e.Outside}}, e.PaidOn, today) {
			if room.ShortBy().Positive() {
				note(room.groupRefusal())
			}
		}
	}
	note(s.checkNotOver(e.Charge.Account(), e.SupportYear, e.PaidOn, today))
	note(s.checkAppropriation(e.PaidOn.Year(), e.Charge, e.Amount, append(slices.Clip(e.Departments), a.department)...))
	return findings
}

// bookedOn is what a booked fact says it belongs to.
type bookedOn struct {
	application    ApplicationID
	enterprise     EnterpriseID
	clause         ClauseID
	project, award string
}

// booked finds what a booked fact is charged to: the application's account, or the one it names. A fact that names
// nothing the ledger knows cannot be recorded against anything, and is the one thing refused here.
func (s *State) booked(on bookedOn) (application, Charge, *Refusal) {
	if on.application != "" {
		if on.enterprise != "" || on.clause != "" || on.project != "" || on.award != "" {
			return application{}, Charge{}, refuse(CodeFieldInvalid, "field", "application", "value", on.application,
				"reason", ReasonEitherAccount)
		}
		if r := checkIDs("application", on.application); r != nil {
			return application{}, Charge{}, r
		}
		a, ok := s.applications.find(on.application)
		if !ok {
			return a, Charge{}, refuse(CodeApplicationUnknown, "application", on.application)
		}
		return a, a.charge, nil
	}
	clause, r := s.checkAccountClause(on.clause)
	if r != nil {
		return application{}, Charge{}, r
	}
	if _, r := s.checkEnterprise(on.enterprise); r != nil {
		return application{}, Charge{}, r
	}
	subject, r := clause.clause.subject(on.enterprise, on.project, on.award)
	return application{}, Charge{Enterprise: on.enterprise, Clause: on.clause, Subject: subject}, r
}

func checkBookedYear(y SupportYear) *Refusal {
	if y < 1900 || y > 2999 {
		return refuse(CodeFieldInvalid, "field", "support_year", "value", uint16(y), "reason", ReasonYear)
	}
	return nil
}

func (e *PayoutBooked) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *PayoutBooked) command(h Head) Command {
	c := &BookPayout{Head: h, Payout: e.Payout, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount, PaidOn: e.PaidOn,
		Voucher: e.Voucher}
	if e.Application == "" {
		c.Enterprise, c.Clause = e.Charge.Enterprise, e.Charge.Clause
		c.Project, c.Award = e.Charge.Subject.named()
	}
	return c
}

func (e *PayoutBooked) describe() Text {
	return both("补记支付 %s（%s 年度），违反规则 %d 项", "booked a payout of %s (for %s); rules broken: %d",
		e.Amount, e.SupportYear, len(e.Findings))
}

func (e *PayoutBooked) untold() bool {
	return e.Application == "" && e.Charge.Subject.Kind == SubjectEnterprise
}

func (e *PayoutBooked) apply(s *State, by Deed) {
	s.learn(namePayout, string(e.Payout))
	s.learnSubject(e.Charge.Subject, "")
	s.chargePayout(e.Payout, e.Charge.Enterprise)
	s.payouts.put(e.Payout, payout{booked: true, application: e.Application, charge: e.Charge, year: e.SupportYear, amount: e.Amount, outside: e.Outside,
		paidOn: e.PaidOn, department: e.Department, departments: e.Departments, voucher: e.Voucher})
	if e.Application != "" {
		s.reschedule(e.Application, func(a *application) {
			a.fill(DutyPay, by.Actor)
			a.payouts = append(slices.Clip(a.payouts), e.Payout)
			a.changeInstalment(e.SupportYear, func(i *instalment) { i.pay(e.Amount.Sub(e.Outside), e.Planned) })
		})
		s.reopen(e.PaidOn, e.Application, e.SupportYear, e.Amount.Sub(e.Outside))
	}
	s.outside(e.Charge, e.SupportYear, e.Outside)
	s.spend(e.PaidOn.Year(), e.Charge, e.Amount, append(slices.Clip(e.Departments), e.Department)...)
}

// BookRecovery records money that came back without an order of the ledger: against a payout, or on an account.
type BookRecovery struct {
	Head
	Recovery    RecoveryID   `json:"recovery"`
	Payout      PayoutID     `json:"payout,omitzero"`
	Enterprise  EnterpriseID `json:"enterprise,omitzero"`
	Clause      ClauseID     `json:"clause,omitzero"`
	Project     string       `json:"project,omitzero"`
	Award       string       `json:"award,omitzero"`
	SupportYear SupportYear  `json:"support_year,omitzero"` // of a payout: the payout's
	Amount      Money        `json:"amount"`
	Cause       Cause        `json:"cause"`
	ReceivedOn  Date         `json:"received_on,omitzero"` // left out: the command's date
}

// RecoveryBooked says what came back, on which line, and which rules it breaks.
type RecoveryBooked struct {
	Recovery    RecoveryID    `json:"recovery"`
	Payout      PayoutID      `json:"payout,omitzero"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Beyond      Money         `json:"beyond,omitzero"` // of the amount, what came in beyond what went out: it frees nothing
	Cause       Cause         `json:"cause"`
	ReceivedOn  Date          `json:"received_on"`
	Findings    []Finding     `json:"findings,omitempty"`
}

// Name is "book_recovery".
func (BookRecovery) Name() string { return "book_recovery" }

// Name is "recovery_booked".
func (RecoveryBooked) Name() string { return "recovery_booked" }

// Entity is the application, or the enterprise where there is none.
func (e RecoveryBooked) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (*BookRecovery) isFact() {}

func (c *BookRecovery) about(s *State) Concern {
	if c.Payout != "" {
		return s.onPayout(c.Payout)
	}
	return s.onBooked(bookedOn{"", c.Enterprise, c.Clause, c.Project, c.Award}, c.SupportYear)
}

func (c *BookRecovery) forms() []Command {
	all := without(*c, c.ReceivedOn == c.Date, func(o *BookRecovery) { o.ReceivedOn = Date{} })
	all = append(all, without(*c, c.Payout != "", func(o *BookRecovery) { o.SupportYear = 0 })...)
	return append(all, without(*c, c.ReceivedOn == c.Date && c.Payout != "", func(o *BookRecovery) { o.ReceivedOn, o.SupportYear = Date{}, 0 })...)
}

func (c *BookRecovery) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := s.checkNewRecovery(c.Recovery, c.Amount); r != nil {
		return nil, r
	}
	if r := c.Cause.check(); r != nil {
		return nil, r
	}
	e := &RecoveryBooked{Recovery: c.Recovery, Payout: c.Payout, Amount: c.Amount, Cause: c.Cause, ReceivedOn: or(c.ReceivedOn, c.Date)}
	if r := checkNotFuture("received_on", e.ReceivedOn, today); r != nil {
		return nil, r
	}
	if c.Payout == "" {
		return c.onAccount(s, e)
	}
	p, r := s.checkPayout(c.Payout)
	if r != nil {
		return nil, r
	}
	if c.Enterprise != "" || c.Clause != "" || c.Project != "" || c.Award != "" || c.SupportYear != 0 && c.SupportYear != p.year {
		return nil, refuse(CodeFieldInvalid, "field", "payout", "value", c.Payout,
			"reason", ReasonEitherPayout)
	}
	e.Application, e.Charge, e.SupportYear = p.application, p.charge, p.year
	e.Beyond = s.beyondOf(c.Payout, p.charge, p.year, c.Amount)
	if r := checkOrder("received_on", e.ReceivedOn, p.paidOn); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	if left := p.reclaimable(); c.Amount.More(left) {
		over := refuse(CodeRecoveryExceeded, "payout", c.Payout, "limit", left, "asked", c.Amount, "short_by", c.Amount.Sub(left))
		e.Findings = append(e.Findings, over.finding())
	}
	return []Event{e}, nil
}

func (c *BookRecovery) onAccount(s *State, e *RecoveryBooked) ([]Event, *Refusal) {
	_, charge, r := s.booked(bookedOn{"", c.Enterprise, c.Clause, c.Project, c.Award})
	if r != nil {
		return nil, r
	}
	if r := checkBookedYear(c.SupportYear); r != nil {
		return nil, r
	}
	e.Charge, e.SupportYear = charge, c.SupportYear
	if r := s.checkLook(charge.Subject, c.Project, nil); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	if r := s.checkYear(c.SupportYear, charge.Applied(), e.ReceivedOn); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	e.Beyond = s.beyondOf("", charge, c.SupportYear, c.Amount)
	if r := exceededBy(e.Beyond, c.Amount, "clause", charge.Clause, "subject", charge.Subject.ID, "year", c.SupportYear); r != nil {
		e.Findings = append(e.Findings, r.finding())
	}
	return []Event{e}, nil
}

func (s *State) checkNewRecovery(id RecoveryID, amount Money) *Refusal {
	if r := checkIDs("recovery", id); r != nil {
		return r
	}
	if s.recoveries.has(id) {
		return refuse(CodeRecoveryExists, "recovery", id)
	}
	return checkAmount("amount", amount)
}

func (e *RecoveryBooked) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

func (e *RecoveryBooked) command(h Head) Command {
	c := &BookRecovery{Head: h, Recovery: e.Recovery, Payout: e.Payout, SupportYear: e.SupportYear, Amount: e.Amount, Cause: e.Cause,
		ReceivedOn: e.ReceivedOn}
	if e.Payout == "" {
		c.Enterprise, c.Clause = e.Charge.Enterprise, e.Charge.Clause
		c.Project, c.Award = e.Charge.Subject.named()
	}
	return c
}

func (e *RecoveryBooked) describe() Text {
	return both("补记收回 %s（%s）", "booked a recovery of %s (%s)", e.Amount, e.Cause)
}

func (e *RecoveryBooked) untold() bool {
	return e.Payout == "" && e.Charge.Subject.Kind == SubjectEnterprise
}

func (e *RecoveryBooked) apply(s *State, _ Deed) {
	s.learn(nameRecovery, string(e.Recovery))
	s.learnSubject(e.Charge.Subject, "")
	if e.Payout != "" {
		s.payouts.update(e.Payout, func(p *payout) { p.recovered = p.recovered.Add(e.Amount) })
	}
	s.comeBack(e.Recovery, recovery{payout: e.Payout, charge: e.Charge, year: e.SupportYear, amount: e.Amount, beyond: e.Beyond, cause: e.Cause,
		received: e.ReceivedOn})
}
