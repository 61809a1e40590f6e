package domain

// SupplementApproval grants more on an application that is approved: an approval like any other, reviewed anew, which adds to the first (R2).
// The two together are never more than what is applied for.
type SupplementApproval struct {
	Head
	Application ApplicationID `json:"application"`
	Instalments []Instalment  `json:"instalments"` // what is added, by year
	Reason      string        `json:"reason"`
	Fact        FactID        `json:"fact,omitzero"` // that the amount was reckoned by, of the enterprise or else of the project
	Period      string        `json:"period,omitzero"`
	Rate        Rate          `json:"rate,omitzero"`
	Computed    Money         `json:"computed,omitzero"` // what that comes to, as its giver reckoned
}

// ApprovalSupplemented says what is granted beside what was approved before.
type ApprovalSupplemented struct{ Granted }

// Name is "supplement_approval".
func (SupplementApproval) Name() string { return "supplement_approval" }

// Name is "approval_supplemented".
func (ApprovalSupplemented) Name() string { return "approval_supplemented" }

func (c *SupplementApproval) about(s *State) Concern {
	return s.onApplication(c.Application, yearsOf(c.Instalments)...)
}

func (c *SupplementApproval) forms() []Command {
	return without(*c, !c.Computed.IsZero(), func(o *SupplementApproval) { o.Computed = NoMoney })
}

func (c *SupplementApproval) decide(s *State, today Date) ([]Event, *Refusal) {
	a, _, r := s.step(c.Name(), c.Head, c.Application, "", Approved)
	if r != nil {
		return nil, r
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, latest(a.since, a.cutOn)); r != nil {
		return nil, r
	}
	g, r := s.grant(c, Granted{Application: c.Application, Charge: a.charge, Instalments: c.Instalments, Reason: c.Reason}, a, a.more,
		rateAsked{c.Fact, c.Period, c.Rate, c.Computed}, today)
	if r != nil {
		return nil, r
	}
	return []Event{&ApprovalSupplemented{g}}, nil
}

func (c *SupplementApproval) rooms(s *State, today Date) ([]Room, *Refusal) {
	return s.roomsToGrant(c.Application, c.Instalments, c.Actor, or(c.Date, today), today)
}

func (e *ApprovalSupplemented) command(h Head) Command {
	c := &SupplementApproval{Head: h, Application: e.Application, Instalments: e.Instalments, Reason: e.Reason}
	c.Fact, c.Period, c.Rate, c.Computed = e.ByRate.asked()
	return c
}

func (e *ApprovalSupplemented) describe() Text {
	return e.ByRate.describe(both("追加批准 %s：%s", "approved %s more: %s", schedule(e.Instalments), e.Reason))
}

func (e *ApprovalSupplemented) apply(s *State, by Deed) {
	s.reschedule(e.Application, func(a *application) {
		a.lastStep, a.since, a.more = by.Date, by.Date, nil
		a.rate(e.Granted)
		a.fill(DutyApprove, by.Actor)
		a.parts = a.made()
		list := a.with(e.Instalments)
		for _, i := range e.Instalments {
			a.parts = append(a.parts, part{charge: e.Charge, year: i.SupportYear, version: e.ClauseVersion, on: by.Date, amount: i.Amount})
		}
		grown := make([]instalment, len(list))
		for i, x := range list {
			was, _ := a.instalment(x.SupportYear)
			grown[i] = instalment{year: x.SupportYear, amount: x.Amount, paid: was.paid, plans: was.plans}
		}
		a.schedule = grown
	})
	s.takeGranted(&e.Granted)
}
