package domain

// ReduceApproval corrects an approval downwards, never below what is paid of it (R12).
type ReduceApproval struct {
	Head
	Application ApplicationID `json:"application"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"` // by which the instalment is reduced
	Reason      string        `json:"reason,omitzero"`
}

// ReleaseApproval gives up the unpaid rest of an instalment, or a part of it, and frees its headroom.
type ReleaseApproval struct {
	Head
	Application ApplicationID `json:"application"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Reason      string        `json:"reason,omitzero"`
}

// Cut is an instalment made smaller.
type Cut struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Reason      string        `json:"reason,omitzero"`
	Planned     []Planned     `json:"planned,omitempty"` // of the amount, what was planned for these months
}

// Entity is the application.
func (e Cut) Entity() (string, string) { return "application", string(e.Application) }

func (e Cut) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

type (
	// ApprovalReduced says that an approval was corrected downwards.
	ApprovalReduced struct{ Cut }
	// ApprovalReleased says that an unpaid rest was given up.
	ApprovalReleased struct{ Cut }
)

// Name is "reduce_approval".
func (ReduceApproval) Name() string { return "reduce_approval" }

// Name is "release_approval".
func (ReleaseApproval) Name() string { return "release_approval" }

// Name is "approval_reduced".
func (ApprovalReduced) Name() string { return "approval_reduced" }

// Name is "approval_released".
func (ApprovalReleased) Name() string { return "approval_released" }

func (c *ReduceApproval) about(s *State) Concern {
	return s.onApplication(c.Application, c.SupportYear)
}

func (c *ReduceApproval) decide(s *State, _ Date) ([]Event, *Refusal) {
	cut, r := s.cut(c.Name(), c.Head, Cut{Application: c.Application, SupportYear: c.SupportYear, Amount: c.Amount, Reason: c.Reason})
	if r != nil {
		return nil, r
	}
	return []Event{&ApprovalReduced{cut}}, nil
}

func (c *ReleaseApproval) about(s *State) Concern {
	return s.onApplication(c.Application, c.SupportYear)
}

func (c *ReleaseApproval) decide(s *State, _ Date) ([]Event, *Refusal) {
	cut, r := s.cut(c.Name(), c.Head, Cut{Application: c.Application, SupportYear: c.SupportYear, Amount: c.Amount, Reason: c.Reason})
	if r != nil {
		return nil, r
	}
	return []Event{&ApprovalReleased{cut}}, nil
}

// cut checks that an instalment can be made smaller, and completes what the event says.
func (s *State) cut(command string, h Head, c Cut) (Cut, *Refusal) {
	a, r := s.checkApplication(command, c.Application, Approved)
	if r != nil {
		return c, r
	}
	if r := s.checkResponsible(command, a, h, false); r != nil {
		return c, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return c, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return c, r
	}
	if r := checkOrder("date", h.Date, a.since); r != nil {
		return c, r
	}
	part, ok := a.instalment(c.SupportYear)
	if !ok {
		return c, refuse(CodeInstalmentUnknown, "application", c.Application, "year", int(c.SupportYear))
	}
	if unpaid := part.amount.Sub(part.paid).Sub(s.paidLater(c.Application, c.SupportYear, h.Date)).OrNone(); c.Amount.More(unpaid) {
		return c, refuse(CodeReductionExceeded, "application", c.Application, "clause", a.charge.Applied(), "subject", a.charge.Subject.ID,
			"year", c.SupportYear, "limit", unpaid, "asked", c.Amount, "short_by", c.Amount.Sub(unpaid))
	}
	c.Charge, c.Planned = a.charge, part.gives(c.Amount)
	return c, nil
}

func (c Cut) cut(s *State, on Date) {
	s.cutParts(c.Application, c.Charge, c.SupportYear, c.Amount, on, false, c.Planned)
}

func (e *ApprovalReduced) command(h Head) Command {
	return &ReduceApproval{Head: h, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount, Reason: e.Reason}
}

func (e *ApprovalReduced) describe() Text {
	return both("%s 年度核减 %s：%s", "approval for %s reduced by %s: %s", e.SupportYear, e.Amount, e.Reason)
}

func (e *ApprovalReduced) apply(s *State, by Deed) { e.cut(s, by.Date) }
func (e *ApprovalReleased) command(h Head) Command {
	return &ReleaseApproval{Head: h, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount, Reason: e.Reason}
}

func (e *ApprovalReleased) describe() Text {
	return both("%s 年度释放 %s：%s", "approval for %s released by %s: %s", e.SupportYear, e.Amount, e.Reason)
}

func (e *ApprovalReleased) apply(s *State, by Deed) { e.cut(s, by.Date) }
