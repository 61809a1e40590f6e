package domain

import "slices"

// AmendApplication changes what an application asks for, what it is called or which project it is for: before it is decided by a clerk, after that by
// an approver of a department responsible for it, on a document. It never asks for less than is approved; and it stays with its account while
// anything is committed, paid or booked.
type AmendApplication struct {
	Head
	Application  ApplicationID `json:"application"`
	Requested    []Instalment  `json:"requested,omitempty"` // none: as before
	Title        string        `json:"title,omitzero"`      // none: as before
	Project      string        `json:"project,omitzero"`    // none: as before
	Reason       string        `json:"reason"`
	Document     string        `json:"document,omitzero"` // after the decision it is needed
	DistinctFrom []string      `json:"distinct_from,omitempty"`
}

// ApplicationAmended says what was changed of an application, and what it asked for before, where that was changed.
type ApplicationAmended struct {
	Application    ApplicationID `json:"application"`
	Charge         Charge        `json:"charge"`
	PreviousCharge *Charge       `json:"previous_charge,omitempty"`      // where that was something else
	Requested      []Instalment  `json:"requested,omitempty"`            // none: as before
	Previously     []Instalment  `json:"previously_requested,omitempty"` // replaced, or moved to another account
	Title          string        `json:"title,omitzero"`
	Project        string        `json:"project,omitzero"`
	Reason         string        `json:"reason"`
	Document       string        `json:"document,omitzero"`
	DistinctFrom   []string      `json:"distinct_from,omitempty"`
	ClauseVersion  int           `json:"clause_version"`
	Findings       []Finding     `json:"findings,omitempty"`
}

// Name is "amend_application".
func (AmendApplication) Name() string { return "amend_application" }

// Name is "application_amended".
func (ApplicationAmended) Name() string { return "application_amended" }

// Entity is the application.
func (e ApplicationAmended) Entity() (string, string) { return "application", string(e.Application) }

func (e ApplicationAmended) governedBy() int { return e.ClauseVersion }

func (c *AmendApplication) about(s *State) Concern {
	return s.onApplication(c.Application, yearsOf(c.Requested)...)
}

func (c *AmendApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	a, _, r := s.step(c.Name(), c.Head, c.Application, "", Submitted, Accepted, Returned, Approved)
	if r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return s.mayAmend(c, a) },
		func() *Refusal { return checkNeeded("reason", c.Reason) },
		func() *Refusal {
			if c.Title == "" { // it stays
				return nil
			}
			return checkNeeded("title", c.Title)
		},
		func() *Refusal { return checkTexts("document", c.Document) },
		func() *Refusal { return c.checkChange(a) },
		func() *Refusal { return checkOrder("date", c.Date, latest(a.since, a.cutOn)) },
		func() *Refusal { return c.checkRequested(s, a) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	charge, r := c.chargeOn(s, a)
	if r != nil {
		return nil, r
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, c.Date, today)
	e := &ApplicationAmended{Application: c.Application, Charge: charge, Requested: c.Requested, Title: c.Title, Project: c.Project,
		Reason: c.Reason, Document: c.Document, DistinctFrom: c.DistinctFrom, ClauseVersion: version.Version}
	if charge != a.charge {
		e.PreviousCharge = &a.charge
	}
	if charge != a.charge || len(c.Requested) > 0 {
		e.Previously = a.filed
	}
	if a.state == Approved && len(c.Requested) > 0 {
		a.filed = c.Requested
		e.Findings = a.unasked(c.Application, slices.DeleteFunc(a.with(nil), func(i Instalment) bool { return !i.Amount.Positive() }))
	}
	return []Event{e}, nil
}

// mayAmend lets a clerk amend what is not decided, and after that an approver of a responsible department, on a document.
func (s *State) mayAmend(c *AmendApplication, a application) *Refusal {
	want := Clerk
	if a.state == Approved {
		want = Approver
	}
	if c.Actor.Role != want {
		return refuse(CodeRoleNotAllowed, "command", c.Name(), "role", c.Actor.Role, "allowed", want)
	}
	if a.state != Approved {
		return nil
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, false); r != nil {
		return r
	}
	return checkDocument(c.Document)
}

// checkChange refuses what changes nothing.
func (c *AmendApplication) checkChange(a application) *Refusal {
	if c.Title == "" && c.Project == "" && (len(c.Requested) == 0 || slices.Equal(c.Requested, a.filed)) {
		return refuse(CodeRequestUnchanged, "application", c.Application)
	}
	return nil
}

// checkRequested judges what is asked for from now on.
func (c *AmendApplication) checkRequested(s *State, a application) *Refusal {
	if len(c.Requested) == 0 {
		return nil
	}
	if r := s.checkInstalments("requested", c.Requested, a.charge.Applied(), c.Date); r != nil {
		return r
	}
	if short := a.standing().Sub(sum(c.Requested)); short.Positive() {
		return refuse(CodeRequestBelowApproved, "application", c.Application, "clause", a.charge.Applied(), "limit", a.standing(),
			"asked", sum(c.Requested), "short_by", short)
	}
	if sum(c.Requested).More(a.requested) { // what a closed clause takes no more of is applied for no more either
		return s.checkOpen(c.Date, a.charge.Applied(), a.charge.Clause)
	}
	return nil
}

// chargeOn is the account that the application is for from now on: another project moves it, where the clause limits projects.
func (c *AmendApplication) chargeOn(s *State, a application) (Charge, *Refusal) {
	charge := a.charge
	if c.Project == "" {
		return charge, nil
	}
	_, award := a.charge.Subject.named()
	subject, r := s.clauses.get(charge.Clause).clause.subject(charge.Enterprise, c.Project, award)
	if r != nil {
		return charge, r
	}
	charge.Subject = subject
	if r := s.checkNewName(subject, c.Project, c.DistinctFrom, c.Reason); r != nil {
		return charge, r
	}
	if charge == a.charge {
		return charge, nil
	}
	return charge, s.checkNothingHeld(c.Application, a)
}

// checkNothingHeld refuses to take an application away from what is committed, paid or booked on it.
func (s *State) checkNothingHeld(id ApplicationID, a application) *Refusal {
	if held := a.standing(); held.Positive() {
		return refuse(CodeMoneyCommitted, "application", id, "use", held)
	}
	return s.checkNothingBooked(id, a)
}

// asks is what the application asks for from now on.
func (e *ApplicationAmended) asks() []Instalment {
	if len(e.Requested) > 0 {
		return e.Requested
	}
	return e.Previously
}

func (e *ApplicationAmended) refiled() Refiling {
	return refiling(e.Application, e.Charge, e.PreviousCharge, e.Previously, e.asks())
}

func (e *ApplicationAmended) counts(m *moved) { e.refiled().counts(m) }

func (e *ApplicationAmended) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.refiled().years()...)
}

func (e *ApplicationAmended) command(h Head) Command {
	return &AmendApplication{Head: h, Application: e.Application, Requested: e.Requested, Title: e.Title, Project: e.Project, Reason: e.Reason,
		Document: e.Document, DistinctFrom: e.DistinctFrom}
}

func (e *ApplicationAmended) describe() Text {
	t := both("变更申请：%s", "application amended: %s", e.Reason)
	if len(e.Requested) > 0 {
		t = both("变更申请额为 %s：%s", "request amended to %s: %s", schedule(e.Requested), e.Reason)
	}
	if e.Title != "" {
		t.ZH, t.EN = t.ZH+"；事项改为“"+e.Title+"”", t.EN+"; called “"+e.Title+"” now"
	}
	if e.Project != "" {
		t.ZH, t.EN = t.ZH+"；项目改为“"+e.Project+"”", t.EN+"; for the project "+e.Project+" now"
	}
	return t
}

// apply lets the reviews count no more where something else is asked for now, or for another project: they were of what was asked before.
func (e *ApplicationAmended) apply(s *State, by Deed) {
	s.applications.update(e.Application, func(a *application) {
		a.charge, a.lastStep = e.Charge, by.Date
		if len(e.Previously) > 0 {
			a.filed, a.requested, a.reviews, a.more = e.asks(), sum(e.asks()), nil, nil
		}
	})
	if e.Project != "" {
		s.learnSubject(e.Charge.Subject, e.Project)
	}
}
