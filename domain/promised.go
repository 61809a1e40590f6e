package domain

import (
	"cmp"
	"strings"
)

// Promised is how many working days a policy promises for each stage of an application; 0: none. It judges nothing: what is late is shown, and
// stands.
type Promised struct {
	Acceptance int `json:"acceptance,omitzero"` // from the submission to the acceptance
	Review     int `json:"review,omitzero"`     // from the acceptance to the last review that is asked for
	Approval   int `json:"approval,omitzero"`   // from there to the decision
	Payment    int `json:"payment,omitzero"`    // from the approval, or the first day of a later support year, to the payment
}

// Stage is a part of an application's way that takes time.
type Stage string

// The stages, in their order.
const (
	StageAcceptance Stage = "acceptance"
	StageReview     Stage = "review"
	StageApproval   Stage = "approval"
	StagePayment    Stage = "payment"
)

// Of is what is promised of a stage.
func (p Promised) Of(s Stage) int {
	switch s {
	case StageAcceptance:
		return p.Acceptance
	case StageReview:
		return p.Review
	case StageApproval:
		return p.Approval
	case StagePayment:
		return p.Payment
	}
	return 0
}

// Standing is how something that waits stands against the time that is promised for it.
type Standing string

// The standings: four fifths of the time make it amber, the day behind the last makes it red.
const (
	OnTime Standing = "on_time"
	Amber  Standing = "amber"
	Red    Standing = "red"
)

// Text is what the standing is called.
func (s Standing) Text() Text { return Coded(StandingCodes, s) }

// Text is what the stage is called.
func (s Stage) Text() Text { return Coded(StageCodes, s) }

// or is what is promised, and by others where nothing is.
func (p Promised) or(others Promised) Promised {
	return Promised{cmp.Or(p.Acceptance, others.Acceptance), cmp.Or(p.Review, others.Review), cmp.Or(p.Approval, others.Approval), cmp.Or(p.Payment, others.Payment)}
}

// maxPromised is the longest that may be promised, in working days.
const maxPromised = 1000

func (p Promised) check(path string) error {
	for _, c := range StageCodes {
		if days := p.Of(Stage(c.Name)); days < 0 || days > maxPromised {
			return wrong(path+"."+c.Name, "须为 1 至 %d 的工作日数，不能是 %d", "is a number of working days from 1 to %d, not %d", maxPromised, days)
		}
	}
	return nil
}

// text says what is promised of each stage.
func (p Promised) text() Text {
	var zh, en []string
	for _, c := range StageCodes {
		if days := p.Of(Stage(c.Name)); days > 0 {
			one := both("%s %d 个工作日", "%s %d working days", c.Text, days)
			zh, en = append(zh, one.ZH), append(en, one.EN)
		}
	}
	if zh == nil {
		return Text{ZH: "不作承诺", EN: "none"}
	}
	return Text{ZH: strings.Join(zh, "，"), EN: strings.Join(en, ", ")}
}

// PromisedOn is what is promised under a clause on a day: the clause's own, and of the stages that it leaves out the policy's. An application has
// what was promised on the day that its stage began.
func (s *State) PromisedOn(id ClauseID, day Date) Promised {
	of, known := s.policyOf(id)
	if !known {
		return Promised{}
	}
	return inForce(s.clauses.get(id).promises, day).or(inForce(of.promises, day))
}

// promised judges other promised times: of the policy, or of the clause that is named.
func (c *AmendPolicy) promised(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	if c.Promised == nil {
		return false, nil
	}
	was := inForce(s.policies.get(place).promises, c.EffectiveOn)
	if c.Clause != "" {
		was = inForce(s.clauses.get(c.Clause).promises, c.EffectiveOn)
	}
	e.Promised, e.PreviousPromised = c.Promised, &was
	return *c.Promised != was, invalidPolicy(c.Promised.check("promised"))
}
