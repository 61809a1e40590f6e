package domain

import "slices"

// Opinion is what a reviewer thinks of an application.
type Opinion string

// The opinions. An abstention is kept, but does not count as a review.
const (
	Support Opinion = "support"
	Oppose  Opinion = "oppose"
	Abstain Opinion = "abstain"
)

// RecordReview keeps a reviewer's opinion on an application.
type RecordReview struct {
	Head
	Application ApplicationID `json:"application"`
	Opinion     Opinion       `json:"opinion"`
	Comment     string        `json:"comment,omitzero"`
}

// ApplicationReviewed says what a reviewer thinks.
type ApplicationReviewed struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	Opinion     Opinion       `json:"opinion"`
	Comment     string        `json:"comment,omitzero"`
}

// Name is "record_review".
func (RecordReview) Name() string { return "record_review" }

// Name is "application_reviewed".
func (ApplicationReviewed) Name() string { return "application_reviewed" }

// Entity is the application.
func (e ApplicationReviewed) Entity() (string, string) { return "application", string(e.Application) }

func (c *RecordReview) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *RecordReview) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Comment, s.reviewed(c.Application, c.Date)...)
	if r != nil {
		return nil, r
	}
	if c.Opinion != Support && c.Opinion != Oppose && c.Opinion != Abstain {
		return nil, refuse(CodeFieldInvalid, "field", "opinion", "value", c.Opinion, "reason", ReasonOneOf, "allowed", codeList(OpinionCodes))
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, true); r != nil {
		return nil, r
	}
	if r := a.fourEyes(DutyReview, c.Actor); r != nil {
		return nil, r
	}
	return []Event{&ApplicationReviewed{Application: c.Application, Charge: step.Charge, Opinion: c.Opinion, Comment: c.Comment}}, nil
}

func (e *ApplicationReviewed) concerns() Concern { return onCharge(e.Application, e.Charge) }

func (e *ApplicationReviewed) command(h Head) Command {
	return &RecordReview{Head: h, Application: e.Application, Opinion: e.Opinion, Comment: e.Comment}
}

func (e *ApplicationReviewed) describe() Text {
	return both("评审意见 %s：%s", "reviewed (%s): %s", e.Opinion, e.Comment)
}

func (e *ApplicationReviewed) apply(s *State, by Deed) {
	s.applications.update(e.Application, func(a *application) {
		a.lastStep = by.Date
		a.fill(DutyReview, by.Actor)
		if a.state == Approved {
			a.more = hear(a.more, by.Actor, e.Opinion)
		} else {
			a.reviews = hear(a.reviews, by.Actor, e.Opinion)
		}
	})
}

// opinion is a person's latest on an application; a deputy's is theirs and that of whom they stood in for: one, of both.
type opinion struct {
	persons []PersonID
	is      Opinion
}

// hear takes a person's opinion in the place of every earlier one that was theirs, or given in their place, or by them in another's.
func hear(opinions []opinion, by Actor, is Opinion) []opinion {
	opinions = slices.DeleteFunc(slices.Clone(opinions), func(o opinion) bool { return by.Among(o.persons) != "" })
	return append(opinions, opinion{by.Persons(), is})
}

// counted is how many persons' opinions count: those who do not abstain, or those who support where the policy says so.
func counted(opinions []opinion, w Workflow) (n int) {
	for _, o := range opinions {
		if o.is == Support || o.is == Oppose && !w.ReviewsSupport {
			n++
		}
	}
	return n
}

// reviewed are the states in which an application is reviewed: before its decision, and after it while there is something left of the request
// that could be added to what is approved.
func (s *State) reviewed(id ApplicationID, day Date) []ApplicationState {
	states := s.undecided(id, day)
	if a := s.applications.get(id); a.state == Approved && a.requested.More(a.standing()) {
		return append(states, Approved)
	}
	return states
}

// ApproveApplication grants support as a schedule of instalments, which commits it (R2).
type ApproveApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Instalments []Instalment  `json:"instalments"`
	Reason      string        `json:"reason,omitzero"`
	Fact        FactID        `json:"fact,omitzero"` // that the amount was reckoned by, of the enterprise or else of the project
	Period      string        `json:"period,omitzero"`
	Rate        Rate          `json:"rate,omitzero"`
	Computed    Money         `json:"computed,omitzero"` // what that comes to, as its giver reckoned
}

// ApplicationApproved says what is granted, under which version of the clause, and how the cap stood.
type ApplicationApproved struct{ Granted }

// Filled is a payout that was booked on an application before its approval, and the part of it that an instalment takes over.
type Filled struct {
	Payout      PayoutID    `json:"payout"`
	SupportYear SupportYear `json:"support_year"`
	Amount      Money       `json:"amount"`
	PaidOn      Date        `json:"paid_on,omitzero"` // of the payout, or when a return of it was undone last: on the days before it nothing is filled
}

// Basis is how an account stood against its cap when an amount was decided.
type Basis struct {
	SupportYear   SupportYear `json:"support_year,omitzero"` // none: all years together
	Cap           Ceiling     `json:"cap"`
	Exceptions    Balance     `json:"exceptions"`
	Use           Balance     `json:"use"`              // before the decision
	Carried       Balance     `json:"carried,omitzero"` // of the use, what was used under the clause that this one continues
	Joined        Balance     `json:"joined,omitzero"`  // of the use, what those used that the subject counts as one with
	Asked         Balance     `json:"asked"`
	HeadroomAfter *Balance    `json:"headroom_after"` // null where no cap is stated
}

// Name is "approve_application".
func (ApproveApplication) Name() string { return "approve_application" }

// Name is "application_approved".
func (ApplicationApproved) Name() string { return "application_approved" }

func (c *ApproveApplication) about(s *State) Concern {
	return s.onApplication(c.Application, yearsOf(c.Instalments)...)
}

func (c *ApproveApplication) forms() []Command {
	return without(*c, !c.Computed.IsZero(), func(o *ApproveApplication) { o.Computed = NoMoney })
}

func (c *ApproveApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	a, _, r := s.step(c.Name(), c.Head, c.Application, c.Reason, s.undecided(c.Application, c.Date)...)
	if r != nil {
		return nil, r
	}
	g, r := s.grant(c, Granted{Application: c.Application, Charge: a.charge, Instalments: c.Instalments, Reason: c.Reason}, a, a.reviews,
		rateAsked{c.Fact, c.Period, c.Rate, c.Computed}, today)
	if r != nil {
		return nil, r
	}
	return []Event{&ApplicationApproved{g}}, nil
}

// filledBy is what was booked on an application before, did not come back, and fills the instalments of its approval (R2).
func (s *State) filledBy(a application, list []Instalment) []Filled {
	var filled []Filled
	taken := map[SupportYear]Money{}
	for _, part := range list {
		left := part.Amount
		for _, id := range a.payouts {
			p := s.payouts.get(id)
			if p.year != part.SupportYear || p.charge != a.charge { // what was booked before it moved elsewhere stays where it is charged
				continue
			}
			there := Lesser(p.outside.Sub(p.backOutside).OrNone(), s.flows.get(a.charge.flow(p.year)).left().Sub(taken[p.year]).OrNone())
			if amount := Lesser(left, there); amount.Positive() {
				filled = append(filled, Filled{id, p.year, amount, latest(p.paidOn, p.undoneOn)})
				left, taken[p.year] = left.Sub(amount), taken[p.year].Add(amount)
			}
		}
	}
	return filled
}

// lessFilled is what instalments ask for beside what is booked already.
func lessFilled(list []Instalment, filled []Filled) []Instalment {
	list = slices.Clone(list)
	for _, f := range filled {
		for i := range list {
			if list[i].SupportYear == f.SupportYear {
				list[i].Amount = list[i].Amount.Sub(f.Amount)
			}
		}
	}
	return list
}

func (e *ApplicationApproved) command(h Head) Command {
	c := &ApproveApplication{Head: h, Application: e.Application, Instalments: e.Instalments, Reason: e.Reason}
	c.Fact, c.Period, c.Rate, c.Computed = e.ByRate.asked()
	return c
}

func (e *ApplicationApproved) describe() Text {
	return e.ByRate.describe(both("批准 %s", "approved %s", schedule(e.Instalments)))
}

func (e *ApplicationApproved) apply(s *State, by Deed) {
	s.reschedule(e.Application, func(a *application) {
		a.state, a.lastStep = Approved, by.Date
		a.rate(e.Granted)
		a.approvedOn, a.since, a.department, a.version = by.Date, by.Date, by.Actor.Department, e.ClauseVersion
		a.fill(DutyApprove, by.Actor)
		a.schedule = make([]instalment, len(e.Instalments))
		for i, part := range e.Instalments {
			a.schedule[i] = instalment{year: part.SupportYear, amount: part.Amount}
		}
	})
	s.takeGranted(&e.Granted)
}

// outside changes what is booked on a line outside any approval.
func (s *State) outside(c Charge, y SupportYear, by Money) {
	if by.IsZero() {
		return
	}
	s.charge(c.Account(), y, func(u *usage) { u.outside = u.outside.Add(by) })
	s.flows.update(c.flow(y), func(f *flow) { f.outside = f.outside.Add(by) })
}

// outsideOn changes it by what a decision of an earlier day does not see.
func (s *State) outsideOn(on Date, c Charge, y SupportYear, by Money) {
	s.outside(c, y, by)
	if !by.IsZero() {
		s.loosened.update(c.Account(), func(l *loosened) { l.returns = move(l.returns, on, y, by) })
	}
}

// RejectApplication refuses support; it is a decision, so the duty of approving is filled.
type RejectApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Reason      string        `json:"reason,omitzero"`
}

// ApplicationRejected says that support is not granted.
type ApplicationRejected struct{ Step }

// Name is "reject_application".
func (RejectApplication) Name() string { return "reject_application" }

// Name is "application_rejected".
func (ApplicationRejected) Name() string { return "application_rejected" }

func (c *RejectApplication) about(s *State) Concern { return s.onApplication(c.Application) }

func (c *RejectApplication) decide(s *State, _ Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, Submitted, Accepted)
	if r != nil {
		return nil, r
	}
	if r := s.checkResponsible(c.Name(), a, c.Head, false); r != nil {
		return nil, r
	}
	if r := a.fourEyes(DutyApprove, c.Actor); r != nil {
		return nil, r
	}
	return []Event{&ApplicationRejected{step}}, nil
}

func (e *ApplicationRejected) command(h Head) Command {
	return &RejectApplication{Head: h, Application: e.Application, Reason: e.Reason}
}

func (e *ApplicationRejected) describe() Text {
	return reasoned("不予支持", "application rejected", e.Reason)
}

func (e *ApplicationRejected) apply(s *State, by Deed) {
	s.become(e.Application, Rejected, by.Date, func(a *application) { a.fill(DutyApprove, by.Actor) })
}
