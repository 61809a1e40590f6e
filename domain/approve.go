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
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Comment, s.undecided()...)
	if r != nil {
		return nil, r
	}
	if c.Opinion != Support && c.Opinion != Oppose && c.Opinion != Abstain {
		return nil, refuse(CodeFieldInvalid, "field", "opinion", "value", c.Opinion, "reason", ReasonOneOf, "allowed", codeList(OpinionCodes))
	}
	if r := s.checkResponsible(c.Name(), a, c.Actor, true); r != nil {
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
		a.hear(by.Actor, e.Opinion)
	})
}

// opinion is a person's latest on an application; a deputy's is theirs and that of whom they stood in for: one, of both.
type opinion struct {
	persons []PersonID
	is      Opinion
}

// hear takes a person's opinion in the place of every earlier one that was theirs, or given in their place, or by them in another's.
func (a *application) hear(by Actor, is Opinion) {
	a.reviews = slices.DeleteFunc(slices.Clone(a.reviews), func(o opinion) bool { return by.Among(o.persons) != "" })
	a.reviews = append(a.reviews, opinion{by.Persons(), is})
}

// reviewsCounted is how many persons' reviews count: those who do not abstain, or those who support where the policy says so.
func (a application) reviewsCounted(w Workflow) (n int) {
	for _, o := range a.reviews {
		if o.is == Support || o.is == Oppose && !w.ReviewsSupport {
			n++
		}
	}
	return n
}

// ApproveApplication grants support as a schedule of instalments, which commits it (R2).
type ApproveApplication struct {
	Head
	Application ApplicationID `json:"application"`
	Instalments []Instalment  `json:"instalments"`
	Reason      string        `json:"reason,omitzero"`
}

// ApplicationApproved says what is granted, under which version of the clause, and how the cap stood.
type ApplicationApproved struct {
	Application   ApplicationID `json:"application"`
	Charge        Charge        `json:"charge"`
	Instalments   []Instalment  `json:"instalments"`
	Reason        string        `json:"reason,omitzero"`
	ClauseVersion int           `json:"clause_version"`
	Basis         []Basis       `json:"basis"`            // one for each year, or one where the cap counts in total
	Filled        []Filled      `json:"filled,omitempty"` // booked before on the application: it is not committed or paid a second time
	Findings      []Finding     `json:"findings,omitempty"`
}

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
	Use           Balance     `json:"use"` // before the decision
	Asked         Balance     `json:"asked"`
	HeadroomAfter *Balance    `json:"headroom_after"` // null where no cap is stated
}

// Name is "approve_application".
func (ApproveApplication) Name() string { return "approve_application" }

// Name is "application_approved".
func (ApplicationApproved) Name() string { return "application_approved" }

// Entity is the application.
func (e ApplicationApproved) Entity() (string, string) { return "application", string(e.Application) }

func (e ApplicationApproved) governedBy() int { return e.ClauseVersion }

func (c *ApproveApplication) about(s *State) Concern {
	return s.onApplication(c.Application, yearsOf(c.Instalments)...)
}

func (c *ApproveApplication) decide(s *State, today Date) ([]Event, *Refusal) {
	a, step, r := s.step(c.Name(), c.Head, c.Application, c.Reason, s.undecided()...)
	if r != nil {
		return nil, r
	}
	if r := s.mayApprove(c, a); r != nil {
		return nil, r
	}
	if r := s.checkInstalments("instalments", c.Instalments); r != nil {
		return nil, r
	}
	asked := sum(c.Instalments)
	if asked.More(a.requested) {
		return nil, refuse(CodeRequestedExceeded, "application", c.Application, "clause", a.charge.Applied(),
			"limit", a.requested, "asked", asked, "short_by", asked.Sub(a.requested))
	}
	if s.clauses.get(a.charge.Clause).clause.Schedule == OneOffOrTerm && !unbroken(c.Instalments) {
		return nil, refuse(CodeScheduleNotAllowed, "clause", a.charge.Clause)
	}
	version := GoverningVersion(s.clauses.get(a.charge.Clause).versions, c.Date, today)
	rooms, filled := s.approvalRooms(a, c.Instalments, c.Date, today)
	basis, r := weigh(rooms)
	if r != nil {
		return nil, r
	}
	return []Event{&ApplicationApproved{Application: c.Application, Charge: step.Charge, Instalments: c.Instalments, Reason: c.Reason,
		ClauseVersion: version.Version, Basis: basis, Filled: filled, Findings: a.unasked(c.Application, c.Instalments)}}, nil
}

// filledBy is what was booked on an application before, did not come back, and fills the instalments of its approval (R2).
func (s *State) filledBy(a application, list []Instalment) []Filled {
	var filled []Filled
	taken := map[SupportYear]Money{}
	for _, part := range list {
		left := part.Amount
		for _, id := range a.booked {
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

// unasked finds the years of an approval that were not applied for, or get more than was applied for in them.
func (a application) unasked(id ApplicationID, list []Instalment) []Finding {
	var findings []Finding
	for _, part := range list {
		i := slices.IndexFunc(a.filed, func(f Instalment) bool { return f.SupportYear == part.SupportYear })
		switch {
		case i < 0:
			findings = append(findings, refuse(CodeYearNotAppliedFor, "application", id, "year", part.SupportYear, "asked", part.Amount).finding())
		case part.Amount.More(a.filed[i].Amount):
			findings = append(findings, refuse(CodeYearRequestExceeded, "application", id, "year", part.SupportYear, "limit", a.filed[i].Amount,
				"asked", part.Amount, "short_by", part.Amount.Sub(a.filed[i].Amount)).finding())
		}
	}
	return findings
}

// mayApprove judges everything about an approval but its amounts.
func (s *State) mayApprove(c *ApproveApplication, a application) *Refusal {
	if r := s.checkTerm(c.Date); r != nil {
		return r
	}
	if r := s.checkResponsible(c.Name(), a, c.Actor, false); r != nil {
		return r
	}
	if r := a.fourEyes(DutyApprove, c.Actor); r != nil {
		return r
	}
	for _, id := range s.accounts.get(a.charge.Account()).exceptions {
		if x := s.exceptions.get(id); x.left.Positive() && c.Actor.Among(x.grantors) != "" {
			return refuse(CodeFourEyes, "person", c.Actor.Among(x.grantors), "did", "grant_exception", "does", DutyApprove, "exception", id)
		}
	}
	if a.suspended {
		return refuse(CodeApplicationSuspended, "application", c.Application)
	}
	if need, have := s.policy.Workflow.Reviews, a.reviewsCounted(s.policy.Workflow); have < need {
		return refuse(CodeReviewsRequired, "application", c.Application, "limit", need, "use", have)
	}
	e := s.enterprises.get(a.charge.Enterprise)
	if r := checkIndustry(s.clauses.get(a.charge.Applied()).clause, e, c.Date); r != nil {
		return r
	}
	return checkCredit(a.charge.Enterprise, e, c.Date)
}

// weigh judges what instalments ask of an account and says how it stood on the day.
func weigh(rooms []Room) ([]Basis, *Refusal) {
	basis := make([]Basis, len(rooms))
	for i, room := range rooms {
		if r := room.refusal(); r != nil {
			return nil, r
		}
		basis[i] = Basis{SupportYear: room.Year, Cap: room.Cap, Exceptions: Balance{room.Exceptions}, Use: Balance{room.Use}, Asked: Balance{room.Asked}}
		if room.Cap.Stated {
			basis[i].HeadroomAfter = &Balance{room.Cap.Amount.Add(room.Exceptions).Sub(room.Use).Sub(room.Asked)}
		}
	}
	return basis, nil
}

// unbroken reports whether instalments are one, or one for each year of an unbroken term.
func unbroken(list []Instalment) bool {
	low, high := list[0].SupportYear, list[0].SupportYear
	for _, i := range list {
		low, high = min(low, i.SupportYear), max(high, i.SupportYear)
	}
	return int(high-low)+1 == len(list)
}

func (e *ApplicationApproved) concerns() Concern {
	return onCharge(e.Application, e.Charge, yearsOf(e.Instalments)...)
}

func (e *ApplicationApproved) command(h Head) Command {
	return &ApproveApplication{Head: h, Application: e.Application, Instalments: e.Instalments, Reason: e.Reason}
}

func (e *ApplicationApproved) describe() Text {
	return both("批准 %s", "approved %s", schedule(e.Instalments))
}

func (e *ApplicationApproved) apply(s *State, by Deed) {
	s.become(e.Application, Approved, by.Date, func(a *application) {
		a.approvedOn, a.department, a.version = by.Date, by.Actor.Department, e.ClauseVersion
		a.fill(DutyApprove, by.Actor)
		a.schedule = make([]instalment, len(e.Instalments))
		for i, part := range e.Instalments {
			a.schedule[i] = instalment{year: part.SupportYear, amount: part.Amount}
		}
	})
	for _, part := range e.Instalments {
		s.commit(e.Charge.Account(), part.SupportYear, e.ClauseVersion, part.Amount)
	}
	for _, f := range e.Filled {
		s.payouts.update(f.Payout, func(p *payout) { p.outside = p.outside.Sub(f.Amount) })
		s.outside(e.Charge, f.SupportYear, f.Amount.Neg())
		s.payAgain(e.Application, f.SupportYear, f.Amount)
	}
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
	if r := s.checkResponsible(c.Name(), a, c.Actor, false); r != nil {
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
