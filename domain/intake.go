package domain

// What happens to an application between its submission and its decision: acceptance, return for completion,
// withdrawal, suspension, resumption. All five name the application and may give a reason.

// AcceptApplication takes an application in for review.
type AcceptApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// ReturnApplication sends an application back for completion; it can be submitted again.
type ReturnApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// WithdrawApplication takes an application back for the applicant, before it is decided.
type WithdrawApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// SuspendApplication stops an application's approval and payouts until it is resumed (R3).
type SuspendApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// ResumeApplication lets a suspended application go on.
type ResumeApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// Step is what the events between submission and decision say.
type Step struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	Reason      string        `json:"reason,omitzero"`
}

// Entity is the application.
func (e Step) Entity() (string, string) { return "application", string(e.Application) }

func (e Step) concerns() Concern { return onCharge(e.Application, e.Charge) }

type (
	// ApplicationAccepted says that an application is taken in for review.
	ApplicationAccepted struct{ Step }
	// ApplicationReturned says that an application went back for completion.
	ApplicationReturned struct{ Step }
	// ApplicationWithdrawn says that an application is taken back.
	ApplicationWithdrawn struct{ Step }
	// ApplicationSuspended says that an application waits.
	ApplicationSuspended struct{ Step }
	// ApplicationResumed says that an application goes on.
	ApplicationResumed struct{ Step }
)

// Name is "accept_application".
func (AcceptApplication) Name() string { return "accept_application" }

// Name is "return_application".
func (ReturnApplication) Name() string { return "return_application" }

// Name is "withdraw_application".
func (WithdrawApplication) Name() string { return "withdraw_application" }

// Name is "suspend_application".
func (SuspendApplication) Name() string { return "suspend_application" }

// Name is "resume_application".
func (ResumeApplication) Name() string { return "resume_application" }

// Name is "application_accepted".
func (ApplicationAccepted) Name() string { return "application_accepted" }

// Name is "application_returned".
func (ApplicationReturned) Name() string { return "application_returned" }

// Name is "application_withdrawn".
func (ApplicationWithdrawn) Name() string { return "application_withdrawn" }

// Name is "application_suspended".
func (ApplicationSuspended) Name() string { return "application_suspended" }

// Name is "application_resumed".
func (ApplicationResumed) Name() string { return "application_resumed" }

// step checks a command between submission and decision.
func (s *State) step(command string, h Head, id ApplicationID, reason string, states ...ApplicationState) (application, Step, *Refusal) {
	a, r := s.checkApplication(command, id, states...)
	if r != nil {
		return a, Step{}, r
	}
	if r := checkTexts("reason", reason); r != nil {
		return a, Step{}, r
	}
	return a, Step{Application: id, Charge: a.charge, Reason: reason}, checkOrder("date", h.Date, a.lastStep)
}

func (c *AcceptApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *AcceptApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted)
	if r != nil {
		return nil, r
	}
	if r := a.fourEyes(DutyAccept, c.Actor); r != nil {
		return nil, r
	}
	return []Event{&ApplicationAccepted{step}}, nil
}

func (c *ReturnApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *ReturnApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	_, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted, Accepted)
	if r != nil {
		return nil, r
	}
	return []Event{&ApplicationReturned{step}}, nil
}

func (c *WithdrawApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *WithdrawApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted, Accepted, Returned)
	if r != nil {
		return nil, r
	}
	if r := s.checkNothingBooked(c.Application, a); r != nil {
		return nil, r
	}
	return []Event{&ApplicationWithdrawn{step}}, nil
}

// checkNothingBooked refuses to take an application away from money that was booked on it, and that the bank did not return.
func (s *State) checkNothingBooked(id ApplicationID, a application) *Refusal {
	var booked Money
	for _, id := range a.payouts {
		p := s.payouts.get(id)
		booked = booked.Add(p.amount).Sub(p.returned)
	}
	if booked.Positive() {
		return refuse(CodeMoneyBooked, "application", id, "use", booked)
	}
	return nil
}

func (c *SuspendApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *SuspendApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted, Accepted, Returned, Approved)
	if r != nil {
		return nil, r
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, false); r != nil {
		return nil, r
	}
	if a.suspended {
		return nil, refuse(CodeApplicationSuspended, "application", c.Application)
	}
	return []Event{&ApplicationSuspended{step}}, nil
}

func (c *ResumeApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *ResumeApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted, Accepted, Returned, Approved)
	if r != nil {
		return nil, r
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, false); r != nil {
		return nil, r
	}
	if !a.suspended {
		return nil, refuse(CodeNotSuspended, "application", c.Application)
	}
	return []Event{&ApplicationResumed{step}}, nil
}

// become moves an application to another state on its way to a decision.
func (s *State) become(id ApplicationID, to ApplicationState, on Date, more func(*application)) {
	s.applications.update(id, func(a *application) {
		a.state, a.lastStep = to, on
		if more != nil {
			more(a)
		}
	})
}

func (e *ApplicationAccepted) command(h Head) Command {
	return &AcceptApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationAccepted) describe() Text {
	return reasoned("受理申请", "application accepted", e.Reason)
}

func (e *ApplicationAccepted) apply(s *State, by Deed) {
	s.become(e.Application, Accepted, by.Date, func(a *application) { a.fill(DutyAccept, by.Actor) })
}

func (e *ApplicationReturned) command(h Head) Command {
	return &ReturnApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationReturned) describe() Text {
	return reasoned("退回补正", "returned for completion", e.Reason)
}

func (e *ApplicationReturned) apply(s *State, by Deed) {
	s.become(e.Application, Returned, by.Date, nil)
}

func (e *ApplicationWithdrawn) command(h Head) Command {
	return &WithdrawApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationWithdrawn) describe() Text {
	return reasoned("撤回申请", "application withdrawn", e.Reason)
}

func (e *ApplicationWithdrawn) apply(s *State, by Deed) {
	s.become(e.Application, Withdrawn, by.Date, nil)
}

func (e *ApplicationSuspended) command(h Head) Command {
	return &SuspendApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationSuspended) describe() Text {
	return reasoned("暂停办理", "application suspended", e.Reason)
}

func (e *ApplicationSuspended) apply(s *State, _ Deed) {
	s.applications.update(e.Application, func(a *application) { a.suspended = true })
}

func (e *ApplicationResumed) command(h Head) Command {
	return &ResumeApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationResumed) describe() Text {
	return reasoned("恢复办理", "application resumed", e.Reason)
}

func (e *ApplicationResumed) apply(s *State, _ Deed) {
	s.applications.update(e.Application, func(a *application) { a.suspended = false })
}
