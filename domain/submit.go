package domain

import (
	"fmt"
	"slices"
	"strings"
)

// SubmitApplication asks for support for an enterprise under a clause, year by year. An application that was returned
// for completion is submitted again under its own id.
type SubmitApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Enterprise  EnterpriseID  `json:"enterprise"`
	Clause      ClauseID      `json:"clause"`
	RefersTo    ClauseID      `json:"refers_to,omitzero"` // under a by-reference clause: the clause it refers to
	Project     string        `json:"project,omitzero"`
	Award       string        `json:"award,omitzero"`
	Title       string        `json:"title"`
	Requested   []Instalment  `json:"requested"`
	Attachments []Attachment  `json:"attachments,omitempty"`
	// DistinctFrom names the projects or awards that this one looks like and is not, for the reason given (R16).
	DistinctFrom []string `json:"distinct_from,omitempty"`
	Reason       string   `json:"reason,omitzero"`
	// Replaces is the voided application that this one is in the place of; the id of a voided one is submitted again by naming itself.
	Replaces ApplicationID `json:"replaces,omitzero"`
}

// Attachment is a document that belongs to an application, by its name and its SHA-256 in hex.
type Attachment struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Attach adds a file to what is submitted, and reports whether it did: one that is there already is not added, and another content under a name that is there
// gets a name of its own.
func (c *SubmitApplication) Attach(a Attachment) bool {
	stem, end := a.Name, ""
	if dot := strings.LastIndexByte(a.Name, '.'); dot > 0 {
		stem, end = a.Name[:dot], a.Name[dot:]
	}
	for n := 2; ; n++ {
		at := slices.IndexFunc(c.Attachments, func(b Attachment) bool { return b.Name == a.Name })
		if at < 0 {
			c.Attachments = append(c.Attachments, a)
			return true
		}
		if c.Attachments[at].SHA256 == a.SHA256 {
			return false
		}
		a.Name = fmt.Sprintf("%s (%d)%s", stem, n, end)
	}
}

// ApplicationSubmitted says what is asked for.
type ApplicationSubmitted struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	Project     string        `json:"project,omitzero"`
	Title       string        `json:"title"`
	Requested   []Instalment  `json:"requested"`
	Previously  []Instalment  `json:"previously_requested,omitempty"` // replaced by this submission
	// PreviousCharge is what the replaced submission was charged to, where that was something else.
	PreviousCharge *Charge      `json:"previous_charge,omitempty"`
	Attachments    []Attachment `json:"attachments,omitempty"`
	ClauseVersion  int          `json:"clause_version"`
	DistinctFrom   []string     `json:"distinct_from,omitempty"`
	Reason         string       `json:"reason,omitzero"`
	// Replaces is the voided application that it is in the place of: itself, where the id was submitted again.
	Replaces ApplicationID `json:"replaces,omitzero"`
	// Facts are those that it rests on, as they were known.
	Facts []FactUsed `json:"facts,omitempty"`
}

// Name is "submit_application".
func (SubmitApplication) Name() string { return "submit_application" }

// Name is "application_submitted".
func (ApplicationSubmitted) Name() string { return "application_submitted" }

// Entity is the application.
func (e ApplicationSubmitted) Entity() (string, string) {
	return "application", string(e.Application)
}

func (e ApplicationSubmitted) governedBy() int { return e.ClauseVersion }

func (c *SubmitApplication) about(s *State) Concern {
	if a, known := s.applications.find(c.Application); known {
		return onCharge(c.Application, a.charge, yearsOf(c.Requested)...)
	}
	return Concern{Application: c.Application, Enterprise: c.Enterprise}
}

func (c *SubmitApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkIDs("application", c.Application); r != nil {
		return nil, r
	}
	before, exists := s.applications.find(c.Application)
	if exists && before.state != Returned && before.state != Voided {
		return nil, refuse(CodeApplicationExists, "application", c.Application)
	}
	if r := s.checkReplaced(c); r != nil {
		return nil, r
	}
	if before.state == Voided { // nothing of it counts any more
		before, exists = application{}, false
	}
	if r := s.checkTerm(c.Clause, c.Date); r != nil {
		return nil, r
	}
	charge, r := s.chargeOf(c)
	if r != nil {
		return nil, r
	}
	if before.charge.Applied() != c.Clause { // what was returned for completion may come back
		if r := s.checkOpen(c.Date, charge.Applied(), charge.Clause); r != nil {
			return nil, r
		}
	}
	if exists && before.charge.Enterprise != c.Enterprise {
		return nil, refuse(CodeApplicationExists, "application", c.Application)
	}
	if exists {
		if r := checkOrder("date", c.Date, before.lastStep); r != nil {
			return nil, r
		}
	}
	if r := c.checkContent(s); r != nil {
		return nil, r
	}
	if r := s.checkNewName(charge.Subject, c.Project, c.DistinctFrom, c.Reason); r != nil {
		return nil, r
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, c.Date, today)
	e := &ApplicationSubmitted{Application: c.Application, Charge: charge, Project: c.Project, Title: c.Title,
		Requested: c.Requested, Previously: before.filed, Attachments: c.Attachments, ClauseVersion: version.Version,
		DistinctFrom: c.DistinctFrom, Reason: c.Reason, Replaces: c.Replaces, Facts: s.restedOn(charge.Enterprise, charge.Applied(), c.Date)}
	if exists && before.charge != charge {
		if r := s.checkNothingBooked(c.Application, before); r != nil {
			return nil, r
		}
		e.PreviousCharge = &before.charge
	}
	return []Event{e}, nil
}

// chargeOf is the account that an application is for.
func (s *State) chargeOf(c *SubmitApplication) (Charge, *Refusal) {
	applied, r := s.checkClause(c.Clause)
	if r != nil {
		return Charge{}, r
	}
	charged, via := applied, ClauseID("")
	switch {
	case applied.clause.NotAppliedFor:
		return Charge{}, refuse(CodeClauseNotAppliedFor, "clause", c.Clause)
	case applied.clause.ByReference():
		if c.RefersTo == "" {
			return Charge{}, refuse(CodeClauseByReference, "clause", c.Clause, "allowed", join(applied.clause.RefersTo))
		}
		if !slices.Contains(applied.clause.RefersTo, c.RefersTo) {
			return Charge{}, refuse(CodeReferenceInvalid, "clause", c.Clause, "value", c.RefersTo, "allowed", join(applied.clause.RefersTo))
		}
		charged, via = s.clauses.get(c.RefersTo), c.Clause
	case c.RefersTo != "":
		return Charge{}, refuse(CodeReferenceInvalid, "clause", c.Clause, "value", c.RefersTo)
	}
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return Charge{}, r
	}
	if r := s.checkNotMerged(c.Enterprise, c.Date); r != nil {
		return Charge{}, r
	}
	if r := s.checkIndustry(c.Clause, e, c.Date); r != nil {
		return Charge{}, r
	}
	subject, r := charged.clause.subject(c.Enterprise, c.Project, c.Award)
	return Charge{Enterprise: c.Enterprise, Clause: charged.clause.ID, Via: via, Subject: subject}, r
}

func (c *SubmitApplication) checkContent(s *State) *Refusal {
	if r := checkTexts("title", c.Title); r != nil {
		return r
	}
	if len(c.Attachments) > 100 {
		return refuse(CodeFieldInvalid, "field", "attachments", "value", len(c.Attachments), "reason", ReasonTooMany, "limit", 100)
	}
	for _, a := range c.Attachments {
		if r := checkNeeded("attachments.name", a.Name); r != nil {
			return r
		}
		if !hexDigest(a.SHA256) {
			return refuse(CodeFieldInvalid, "field", "attachments.sha256", "value", a.SHA256, "reason", ReasonDigest)
		}
	}
	return s.checkInstalments("requested", c.Requested, c.Clause, c.Date)
}

func hexDigest(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

func (e *ApplicationSubmitted) refiled() Refiling {
	return refiling(e.Application, e.Charge, e.PreviousCharge, e.Previously, e.Requested)
}

func (e *ApplicationSubmitted) counts(m *moved) { e.refiled().counts(m) }

func (e *ApplicationSubmitted) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.refiled().years()...)
}

func (e *ApplicationSubmitted) command(h Head) Command {
	c := &SubmitApplication{Head: h, Application: e.Application, Enterprise: e.Charge.Enterprise, Clause: e.Charge.Applied(),
		Project: e.Project, Title: e.Title, Requested: e.Requested, Attachments: e.Attachments,
		DistinctFrom: e.DistinctFrom, Reason: e.Reason, Replaces: e.Replaces}
	if e.Charge.Via != "" {
		c.RefersTo = e.Charge.Clause
	}
	_, c.Award = e.Charge.Subject.named()
	return c
}

func (e *ApplicationSubmitted) describe() Text {
	return both("提交申请“%s”：%s", "applied for “%s”: %s", e.Title, schedule(e.Requested))
}

func (e *ApplicationSubmitted) apply(s *State, by Deed) {
	s.chargeApplication(e.Application, e.Charge.Enterprise)
	s.applications.update(e.Application, func(a *application) {
		if a.state == Voided {
			*a = application{duties: a.duties, payouts: a.payouts}
		}
		if a.state == "" {
			a.submitted = by.Date
		}
		if e.Replaces != "" {
			a.replaces = e.Replaces
		}
		a.charge, a.state, a.lastStep = e.Charge, Submitted, by.Date
		a.requested, a.filed, a.reviews = sum(e.Requested), e.Requested, nil
	})
	if e.Replaces != "" && e.Replaces != e.Application {
		s.applications.update(e.Replaces, func(a *application) { a.replacedBy = e.Application })
	}
	s.learn(nameApplication, string(e.Application))
	s.learnSubject(e.Charge.Subject, e.Project)
}
