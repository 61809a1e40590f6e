package domain

// TransferApplication moves an undecided application to another clause: that of a policy which follows, where the one it
// was filed under has ended, or the right one, where it was filed under a wrong one. A clerk of a department responsible
// for it gives the command, on a document.
type TransferApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Clause      ClauseID      `json:"clause"`
	RefersTo    ClauseID      `json:"refers_to,omitzero"` // of a by-reference clause: the clause it refers to
	Document    string        `json:"document"`
}

// ApplicationTransferred says to which account an application moved, from which, and what it asks for there.
type ApplicationTransferred struct {
	Application    ApplicationID `json:"application"`
	Charge         Charge        `json:"charge"`
	PreviousCharge Charge        `json:"previous_charge"`
	Requested      []Instalment  `json:"requested"`
	Document       string        `json:"document"`
	ClauseVersion  int           `json:"clause_version"`
}

// Name is "transfer_application".
func (TransferApplication) Name() string { return "transfer_application" }

// Name is "application_transferred".
func (ApplicationTransferred) Name() string { return "application_transferred" }

// Entity is the application.
func (e ApplicationTransferred) Entity() (string, string) {
	return "application", string(e.Application)
}

func (e ApplicationTransferred) governedBy() int { return e.ClauseVersion }

func (c *TransferApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *TransferApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, "", Submitted, Accepted, Returned)
	if r != nil {
		return nil, r
	}
	if r := s.mayTransfer(c, a); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := s.checkNothingBooked(c.Application, a); r != nil {
		return nil, r
	}
	project, award := a.charge.Subject.named()
	charge, r := s.chargeOf(&SubmitApplication{Head: c.Head, Enterprise: a.charge.Enterprise, Clause: c.Clause, RefersTo: c.RefersTo, Project: project, Award: award})
	if r != nil {
		return nil, r
	}
	if charge == a.charge {
		return nil, refuse(CodeReferenceInvalid, "clause", a.charge.Applied(), "value", c.Clause)
	}
	if r := s.checkOpen(c.Date, charge.Applied(), charge.Clause); r != nil {
		return nil, r
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, c.Date, today)
	return []Event{&ApplicationTransferred{Application: c.Application, Charge: charge, PreviousCharge: step.Charge, Requested: a.filed,
		Document: c.Document, ClauseVersion: version.Version}}, nil
}

// mayTransfer lets the departments responsible for the clause that an application leaves move it; to a clause of another policy those of that
// clause too, for the old ones may be there no more. That policy is in force.
func (s *State) mayTransfer(c *TransferApplication, a application) *Refusal {
	r := s.checkResponsible(c.Name(), a, c.Head, false)
	if to, known := s.clauses.find(c.Clause); known && to.policy != s.clauses.get(a.charge.Applied()).policy {
		if late := s.checkTerm(c.Clause, c.Date); late != nil {
			return late
		}
		if r != nil {
			a.charge.Clause, a.charge.Via = c.Clause, ""
			r = s.checkResponsible(c.Name(), a, c.Head, false)
		}
	}
	return r
}

func (e *ApplicationTransferred) refiled() Refiling {
	return Refiling{Application: e.Application, From: e.PreviousCharge, To: e.Charge, Before: e.Requested, Now: e.Requested}
}

func (e *ApplicationTransferred) counts(m *moved) { e.refiled().counts(m) }

func (e *ApplicationTransferred) concerns() Concern {
	return onCharge(e.Application, e.Charge, yearsOf(e.Requested)...)
}

func (e *ApplicationTransferred) command(h Head) Command {
	c := &TransferApplication{Head: h, Application: e.Application, Clause: e.Charge.Applied(), Document: e.Document}
	if e.Charge.Via != "" {
		c.RefersTo = e.Charge.Clause
	}
	return c
}

func (e *ApplicationTransferred) describe() Text {
	return both("由条款 %s 移至条款 %s，文号 %s", "moved from clause %s to clause %s, document %s",
		e.PreviousCharge.Applied(), e.Charge.Applied(), e.Document)
}

// apply leaves the duties filled, and lets the reviews count no more: they were of another clause.
func (e *ApplicationTransferred) apply(s *State, by Deed) {
	s.applications.update(e.Application, func(a *application) {
		a.charge, a.lastStep, a.reviews = e.Charge, by.Date, nil
	})
}
