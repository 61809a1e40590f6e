package domain

import "slices"

// MoveApplication moves an application to another applicant: an approver of a department responsible for it gives the command, on a document. What
// is paid stays with whom it was paid to; what is committed and unpaid moves, and is held against the account that it moves to. Whether the clause
// serves the other enterprise and its credit stands is asked when it is decided, or paid.
type MoveApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Enterprise  EnterpriseID  `json:"enterprise"`
	Document    string        `json:"document"`
}

// ApplicationMoved says to whom an application moved, from whom, what it asks for, and what of it was committed and unpaid.
type ApplicationMoved struct {
	Application    ApplicationID `json:"application"`
	Charge         Charge        `json:"charge"`
	PreviousCharge Charge        `json:"previous_charge"`
	Requested      []Instalment  `json:"requested"`
	Unpaid         []Instalment  `json:"unpaid,omitempty"` // of what is approved
	Document       string        `json:"document"`
	ClauseVersion  int           `json:"clause_version"`
	Basis          []Basis       `json:"basis,omitempty"` // how the account stood that what is unpaid moves to, where that is another
	Merged         bool          `json:"merged,omitzero"` // the applicant was taken over: nothing was decided on the application
	Parted         bool          `json:"parted,omitzero"` // and that never was: it goes back
	Findings       []Finding     `json:"findings,omitempty"`
}

// Name is "move_application".
func (MoveApplication) Name() string { return "move_application" }

// Name is "application_moved".
func (ApplicationMoved) Name() string { return "application_moved" }

// Entity is the application.
func (e ApplicationMoved) Entity() (string, string) { return "application", string(e.Application) }

func (e ApplicationMoved) governedBy() int { return e.ClauseVersion }

func (c *MoveApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *MoveApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	a, _, r := s.step(c.Name(), c.Head, c.Application, "", Submitted, Accepted, Returned, Approved)
	if r != nil {
		return nil, r
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, false); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	charge, r := s.chargeMoved(a, c.Enterprise, c.Date)
	if r != nil {
		return nil, r
	}
	if charge == a.charge {
		return nil, refuse(CodeSameApplicant, "application", c.Application, "enterprise", c.Enterprise)
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, c.Date, today)
	e := &ApplicationMoved{Application: c.Application, Charge: charge, PreviousCharge: a.charge, Requested: a.filed, Document: c.Document,
		ClauseVersion: version.Version}
	if a.state != Approved {
		return []Event{e}, nil
	}
	if r := s.mayMoveApproved(c, a, charge); r != nil {
		return nil, r
	}
	e.Unpaid = a.unpaid()
	if len(e.Unpaid) > 0 && charge.Account() != a.charge.Account() {
		if e.Basis, r = weigh(s.capRooms(charge.Account(), e.Unpaid, c.Date, today)); r != nil {
			return nil, r
		}
	}
	e.Findings = s.servedAfter(c, charge)
	if len(e.Unpaid) > 0 && charge.Account() != a.charge.Account() {
		found, r := checkGroup(s.movedRooms(a.charge.Account(), charge.Account(), e.Unpaid, c.Date, today))
		if r != nil {
			return nil, r
		}
		e.Findings = append(e.Findings, found...)
	}
	return []Event{e}, nil
}

// chargeMoved is the account of an application when it is another enterprise's.
func (s *State) chargeMoved(a application, to EnterpriseID, day Date) (Charge, *Refusal) {
	if _, r := s.checkEnterprise(to); r != nil {
		return Charge{}, r
	}
	if r := s.checkNotMerged(to, day); r != nil {
		return Charge{}, r
	}
	project, award := a.charge.Subject.named()
	subject, r := s.clauses.get(a.charge.Clause).clause.subject(to, project, award)
	charge := a.charge
	charge.Enterprise, charge.Subject = to, subject
	return charge, r
}

// mayMoveApproved judges the move of what is approved: it decides who gets the money.
func (s *State) mayMoveApproved(c *MoveApplication, a application, to Charge) *Refusal {
	if r := checkOrder("date", c.Date, s.settledOn(a)); r != nil {
		return r
	}
	if r := s.mayGrantOn(a, to.Account(), c.Actor); r != nil {
		return r
	}
	return checkSuspended(c.Application, a)
}

// settledOn is the latest day on which anything was decided or paid on an application, or came back.
func (s *State) settledOn(a application) Date {
	day := latest(a.since, a.cutOn)
	for _, id := range a.payouts {
		p := s.payouts.get(id)
		day = latest(day, p.paidOn, p.returnedOn, p.undoneOn)
	}
	return day
}

// unpaid is what is committed and not paid, by year.
func (a application) unpaid() (list []Instalment) {
	for _, i := range a.schedule {
		if left := i.amount.Sub(i.paid); left.Positive() {
			list = append(list, Instalment{i.year, left})
		}
	}
	return list
}

// servedAfter finds what stands in the way of paying the enterprise that an approved application moves to.
func (s *State) servedAfter(c *MoveApplication, to Charge) (findings []Finding) {
	firm := s.enterprises.get(to.Enterprise)
	for _, r := range []*Refusal{s.checkIndustry(to.Applied(), firm, c.Date), s.checkCreditOf(to.Enterprise, c.Date)} {
		if r != nil {
			findings = append(findings, r.finding())
		}
	}
	return findings
}

// checkMovedTo asks of whom an approved application moved to what its approval asked of the applicant (R10).
func (s *State) checkMovedTo(a application, on Date) *Refusal {
	if !a.moved {
		return nil
	}
	return s.checkIndustry(a.charge.Applied(), s.enterprises.get(a.charge.Enterprise), on)
}

// restedOnMoved are the facts that a payout rests on: those that are asked of whom its application moved to.
func (s *State) restedOnMoved(a application, on Date) []FactUsed {
	if !a.moved {
		return nil
	}
	return s.restedOn(a.charge.Enterprise, a.charge.Applied(), on)
}

// rooms are those of the account that what is unpaid moves to, where that is another.
func (c *MoveApplication) rooms(s *State, today Date) ([]Room, *Refusal) {
	a, ok := s.applications.find(c.Application)
	if !ok {
		return nil, refuse(CodeApplicationUnknown, "application", c.Application)
	}
	charge, r := s.chargeMoved(a, c.Enterprise, or(c.Date, today))
	if r != nil || charge.Account() == a.charge.Account() {
		return nil, r
	}
	list, day := a.unpaid(), or(c.Date, today)
	if a.state != Approved {
		list = a.filed
	}
	return append(s.capRooms(charge.Account(), list, day, today), s.movedRooms(a.charge.Account(), charge.Account(), list, day, today)...), nil
}

// movedRooms are those of the group of whom an application moves to; none where it comes from the same group, which uses no more by it.
func (s *State) movedRooms(from, to Account, list []Instalment, day, today Date) []Room {
	if slices.Contains(s.groupOn(EnterpriseID(to.Subject.ID), day), s.now(EnterpriseID(from.Subject.ID))) {
		return nil
	}
	return s.groupRooms(to, list, day, today)
}

func (e *ApplicationMoved) refiled() Refiling {
	return Refiling{Application: e.Application, From: e.PreviousCharge, To: e.Charge, Before: e.Requested, Now: e.Requested}
}

func (e *ApplicationMoved) counts(m *moved) {
	e.refiled().counts(m)
	for _, i := range e.Unpaid {
		m.charge(sumApproved, e.Charge.Clause, i.Amount)
		m.add(sumApproved, -i.Amount.fen)
	}
}

func (e *ApplicationMoved) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.refiled().years()...)
}

func (e *ApplicationMoved) command(h Head) Command {
	return &MoveApplication{Head: h, Application: e.Application, Enterprise: e.Charge.Enterprise, Document: e.Document}
}

func (e *ApplicationMoved) describe() Text {
	t := both("申请由 %s 转给 %s，文号 %s", "moved from %s to %s, document %s", e.PreviousCharge.Enterprise, e.Charge.Enterprise, e.Document)
	switch {
	case e.Parted:
		t = both("企业合并作废，申请由 %s 转回 %s，文号 %s", "moved back from %s to %s, whose merger never was, document %s", e.PreviousCharge.Enterprise, e.Charge.Enterprise, e.Document)
	case e.Merged:
		t = both("企业合并，申请由 %s 转至 %s，文号 %s", "moved from %s to %s, which are one, document %s", e.PreviousCharge.Enterprise, e.Charge.Enterprise, e.Document)
	}
	if len(e.Unpaid) > 0 {
		more := both("；已批准未支付的 %s 随之转移", "; %s that is approved and unpaid moves with it", schedule(e.Unpaid))
		t.ZH, t.EN = t.ZH+more.ZH, t.EN+more.EN
	}
	return t
}

// apply leaves the duties filled, and lets the reviews count no more: they were of another applicant. On the same account nothing is committed
// anew, so the version that governed it goes on. Where the applicant was taken over nothing was decided: all of that goes on.
func (e *ApplicationMoved) apply(s *State, by Deed) {
	from, to := e.PreviousCharge, e.Charge
	s.chargeApplication(e.Application, to.Enterprise)
	s.applications.update(e.Application, func(a *application) {
		if a.state == Approved {
			parts := a.made()
			var moved []part
			for _, i := range e.Unpaid {
				takeFrom(parts, from, i.SupportYear, i.Amount, func(p *part, amount Money) {
					there := part{charge: to, year: p.year, version: e.ClauseVersion, on: by.Date, amount: amount}
					if to.Account() == from.Account() || e.Merged {
						there.version = p.version
					}
					s.commit(from.Account(), p.year, p.version, amount.Neg())
					s.commit(to.Account(), p.year, there.version, amount)
					moved = append(moved, there)
				})
			}
			slices.Reverse(moved) // they were taken from the latest decision on, and stay in the order of the decisions
			a.parts, a.since = append(parts, moved...), by.Date
			if !e.Merged {
				a.moved = true
				a.fill(DutyApprove, by.Actor)
			}
		}
		a.charge, a.lastStep = to, by.Date
		if !e.Merged {
			a.reviews, a.more = nil, nil
		}
	})
	if took := s.enterprises.get(from.Enterprise); e.Merged && !e.Parted && took.mergedInto == to.Enterprise {
		s.enterprises.update(from.Enterprise, func(row *enterprise) { row.took = append(slices.Clip(row.took), e.Application) })
	}
	if to.Account() != from.Account() && (!e.Merged || e.Parted) { // accounts that are one use no less together
		for _, i := range e.Unpaid {
			s.loosened.update(from.Account(), func(l *loosened) { l.cuts = move(l.cuts, by.Date, i.SupportYear, i.Amount.Neg()) })
		}
	}
	s.learnSubject(to.Subject, "")
}
