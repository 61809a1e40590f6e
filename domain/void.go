package domain

// VoidApplication takes an application out as if it had never been made: it takes its request and its count back (R12). Nothing is committed on it,
// and nothing paid or booked, or it has come back. What happened stays on the log; its id may be submitted again, as a new application that
// names it. An approver of a department responsible for it gives the command, on a document.
type VoidApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason"`
	Document    string        `json:"document"`
}

// ApplicationVoided says which application counts no more, and what it asked for.
type ApplicationVoided struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	Requested   []Instalment  `json:"requested"`
	Reason      string        `json:"reason"`
	Document    string        `json:"document"`
}

// Name is "void_application".
func (VoidApplication) Name() string { return "void_application" }

// Name is "application_voided".
func (ApplicationVoided) Name() string { return "application_voided" }

// Entity is the application.
func (e ApplicationVoided) Entity() (string, string) { return "application", string(e.Application) }

func (c *VoidApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *VoidApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, _, r := s.step(c.Name(), c.Head, c.Application, "", Submitted, Accepted, Returned, Approved, Rejected, Withdrawn)
	if r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return s.checkResponsible(c.Name(), a, c.Head, false) },
		func() *Refusal { return checkNeeded("reason", c.Reason) },
		func() *Refusal { return checkDocument(c.Document) },
		func() *Refusal { return s.checkNothingHeld(c.Application, a) },
		func() *Refusal { return checkOrder("date", c.Date, s.settledOn(a)) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	return []Event{&ApplicationVoided{Application: c.Application, Charge: a.charge, Requested: a.filed, Reason: c.Reason, Document: c.Document}}, nil
}

func (e *ApplicationVoided) refiled() Refiling {
	return Refiling{Application: e.Application, From: e.Charge, To: e.Charge, Before: e.Requested}
}

func (e *ApplicationVoided) counts(m *moved) { e.refiled().counts(m) }

func (e *ApplicationVoided) concerns() Concern {
	return onCharge(e.Application, e.Charge, yearsOf(e.Requested)...)
}

func (e *ApplicationVoided) command(h Head) Command {
	return &VoidApplication{Head: h, Application: e.Application, Reason: e.Reason, Document: e.Document}
}

func (e *ApplicationVoided) describe() Text {
	return both("作废申请，文号 %s：%s", "application voided, document %s: %s", e.Document, e.Reason)
}

// apply keeps who did what on it, and what was paid on it and came back: its id may come again.
func (e *ApplicationVoided) apply(s *State, by Deed) {
	s.become(e.Application, Voided, by.Date, func(a *application) {
		a.requested, a.filed, a.schedule, a.parts, a.reviews, a.more, a.suspended = NoMoney, nil, nil, nil, nil, nil, false
	})
}

// checkReplaced judges an application in the place of a voided one: that one is voided, and nothing has come in its place yet. The id of a
// voided application is submitted again only so, naming itself.
func (s *State) checkReplaced(c *SubmitApplication) *Refusal {
	if a := s.applications.get(c.Application); a.state == Voided && c.Replaces != c.Application {
		return refuse(CodeApplicationVoided, "application", c.Application)
	}
	if c.Replaces == "" {
		return nil
	}
	old, r := s.checkApplication(c.Name(), c.Replaces, Voided)
	if r != nil {
		return r
	}
	if old.replacedBy != "" && old.replacedBy != c.Application {
		return refuse(CodeApplicationReplaced, "application", c.Replaces, "value", old.replacedBy)
	}
	return checkOrder("date", c.Date, old.lastStep)
}
