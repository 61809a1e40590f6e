package domain

import (
	"slices"
)

// What the judge says of all else.
// steps judges what moves an application, an enterprise, a clause or a budget.
func (j *judge) steps(c Command, h Head, today Date, no, note func(bool, string)) {
	switch c := c.(type) {
	case *LinkEnterprises:
		j.linking(c, no)
	case *RegisterProject:
		j.registering(c, no)
	case *SameProject:
		j.sameProjects(c, no)
	case *MergeEnterprises:
		j.merging(c, no)
	case *VoidMerger:
		j.voiding(c, no)
	case *EndLink:
		j.ending(c, no)
	case *AcceptApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted); a != nil {
			no(a.other(DutyAccept, h.Actor), CodeFourEyes)
		}
	case *ReturnApplication:
		j.onTheWay(c.Application, h.Date, no, Submitted, Accepted)
	case *WithdrawApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned); a != nil {
			no(j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
		}
	case *RejectApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted); a != nil {
			no(!j.responsible(a, h), CodeDepartmentNotAllowed)
			no(a.other(DutyApprove, h.Actor), CodeFourEyes)
		}
	case *SuspendApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned, Approved); a != nil {
			no(!j.responsible(a, h), CodeDepartmentNotAllowed)
			no(a.suspended, CodeApplicationSuspended)
		}
	case *ResumeApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned, Approved); a != nil {
			no(!j.responsible(a, h), CodeDepartmentNotAllowed)
			no(!a.suspended, CodeNotSuspended)
		}
	case *RecordReview:
		no(c.Opinion != Support && c.Opinion != Oppose && c.Opinion != Abstain, CodeFieldInvalid)
		open := j.open(c.Application, h.Date)
		if a := j.apps[c.Application]; a != nil && a.state == Approved && j.asked(a).GreaterThan(j.stands(c.Application)) {
			open = append(open, Approved)
		}
		if a := j.onTheWay(c.Application, h.Date, no, open...); a != nil {
			any := j.clause(a.charge.Applied()).AnyReviews && h.Actor.Department != ""
			no(!any && !j.responsible(a, h), CodeDepartmentNotAllowed)
			no(a.other(DutyReview, h.Actor), CodeFourEyes)
		}
	case *TransferApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned); a != nil {
			j.transfer(c, a, no)
		}
	default:
		j.life(c, h, today, no, note)
	}
}

// servedNoMore reports whether something that stands, decided or booked for a day or later, would not be served as an enterprise is then.
func (j *judge) servedNoMore(id EnterpriseID, then *judgedFirm, from Date) bool {
	now := j.firms[id]
	lost := func(c Charge, on Date) bool {
		if c.Enterprise != id || on.Before(from) || !j.serves(id, c.Applied(), on) {
			return false
		}
		j.firms[id] = then
		defer func() { j.firms[id] = now }()
		return !j.serves(id, c.Applied(), on)
	}
	for _, a := range j.apps {
		for _, h := range a.holds {
			if h.amount.IsPositive() && lost(h.charge, h.on) {
				return true
			}
		}
	}
	for _, p := range j.paid {
		a := j.apps[p.app]
		if p.booked && !p.reversed && p.amount.GreaterThan(p.returned) && (a == nil || a.state != Approved) && lost(p.charge, p.on) {
			return true
		}
	}
	return false
}

func (j *judge) facts(c Command, h Head, today Date, no, note func(bool, string)) {
	switch c := c.(type) {
	case *CorrectEnterprise:
		f := j.firms[c.Enterprise]
		no(f == nil, CodeEnterpriseUnknown)
		if f != nil {
			last := f.industries[len(f.industries)-1]
			no(last.is == c.Industry, CodeCorrectionEmpty)
			no(h.Date.Before(last.day), CodeDateOrder)
			then := *f
			then.industries = append(slices.Clone(f.industries), fromDay{h.Date, c.Industry})
			note(j.servedNoMore(c.Enterprise, &then, h.Date), CodeIndustryNotServed)
		}
	case *AdmitBeneficiary:
		f := j.firms[c.Enterprise]
		no(f == nil, CodeEnterpriseUnknown)
		if f != nil { // the generator admits for all clauses, to the term's end
			no(slices.ContainsFunc(f.admitted, func(a admittedFrom) bool { return a.revoked.IsZero() && !h.Date.Before(a.from) }), CodeAlreadyAdmitted)
		}
	case *RevokeAdmission:
		f := j.firms[c.Enterprise]
		no(f == nil, CodeEnterpriseUnknown)
		if f != nil {
			stands := false
			for _, a := range f.admitted {
				stands = stands || a.revoked.IsZero()
				no(a.revoked.IsZero() && h.Date.Before(a.from), CodeDateOrder)
			}
			no(!stands, CodeNotAdmitted)
			then := *f
			then.admitted = slices.Clone(f.admitted)
			for i := range then.admitted {
				if then.admitted[i].revoked.IsZero() {
					then.admitted[i].revoked = h.Date
				}
			}
			note(j.servedNoMore(c.Enterprise, &then, h.Date), CodeIndustryNotServed)
		}
	case *RestrictCredit:
		f := j.firms[c.Enterprise]
		no(f == nil, CodeEnterpriseUnknown)
		if f != nil {
			no(f.badNow(), CodeCreditRestricted)
			no(len(f.bad) > 0 && h.Date.Before(f.bad[len(f.bad)-1][1]), CodeDateOrder)
		}
	case *RestoreCredit:
		f := j.firms[c.Enterprise]
		no(f == nil, CodeEnterpriseUnknown)
		if f != nil {
			no(!f.badNow(), CodeCreditNotRestricted)
			no(f.badNow() && h.Date.Before(f.bad[len(f.bad)-1][0]), CodeDateOrder)
		}
	case *PlanPayment:
		j.plan(c, today, no, note)
	case *SetAppropriation:
		j.appropriation(c, today, no, note)
	case *AmendPolicy:
		j.amendPolicy(c, today, no)
	case *CloseBudgetYear, *ReopenBudgetYear, *CarryOver:
		j.closing(c, h, no)
	case *AmendClause:
		no(c.Date.After(j.termOn(c.Clause, c.Date).To), CodePolicyEnded)
		no(c.EffectiveOn.Before(j.termOn(c.Clause, c.Date).From), CodeDateBeforePolicy)
		if !c.Cap.Amount.IsZero() && c.Cap.Stated {
			amount(c.Cap.Amount, no)
		}
		clause, known := j.known(c.Clause)
		no(c.Clause == "", CodeFieldMissing)
		no(c.Clause != "" && !known, CodeClauseUnknown)
		no(known && len(clause.RefersTo) > 0, CodeClauseByReference)
		no(known && clause.NotAppliedFor, CodeClauseNotAppliedFor)
		no(len(j.versions[c.Clause]) >= 1000, CodeVersionsTooMany)
		if known && len(j.versions[c.Clause]) > 0 {
			now := j.inForce(c.Clause, c.EffectiveOn)
			no(now.Cap == c.Cap.Ceiling && now.Retroactive == c.Retroactive, CodeAmendmentEmpty)
		}
	}
}
