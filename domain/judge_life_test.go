package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of the life of a grant: what is changed, added, moved and voided.

func (j *judge) replaces(c *SubmitApplication, before *judgedApp, no func(bool, string)) {
	no(before != nil && before.state == Voided && c.Replaces != c.Application, CodeApplicationVoided)
	if c.Replaces == "" {
		return
	}
	old := j.apps[c.Replaces]
	no(old == nil, CodeApplicationUnknown)
	if old == nil {
		return
	}
	no(old.state != Voided, CodeApplicationState)
	no(old.replacedBy != "" && old.replacedBy != c.Application, CodeApplicationReplaced)
	no(c.Date.Before(old.last), CodeDateOrder)
}

func (j *judge) supplement(c *SupplementApproval, today Date, no, note func(bool, string)) {
	no(c.Reason == "", CodeFieldMissing)
	no(len(c.Instalments) == 0, CodeFieldMissing)
	a := j.onTheWay(c.Application, c.Date, no, Approved)
	if a != nil {
		no(c.Date.Before(latest(a.since, a.cutOn)), CodeDateOrder)
	}
	j.grants(c.Head, c.Application, c.Instalments, a, today, no, note, func(a *judgedApp) []judgedOpinion { return a.more })
	j.byRate(c.Application, a, c.Instalments, c.Fact, c.Period, c.Rate, c.Computed, no, note)
}

// settled is the latest day on which anything was decided, cut, paid, returned or undone on an application.
func (j *judge) settled(id ApplicationID, a *judgedApp) Date {
	day := latest(a.since, a.cutOn)
	for _, p := range j.paid {
		if p.app == id {
			day = latest(day, p.on, p.returnedOn, p.und)
		}
	}
	return day
}

func (j *judge) move(c *MoveApplication, today Date, no, note func(bool, string)) {
	a := j.onTheWay(c.Application, c.Date, no, Submitted, Accepted, Returned, Approved)
	no(c.Document == "", CodeDocumentRequired)
	no(j.firms[c.Enterprise] == nil, CodeEnterpriseUnknown)
	if a == nil {
		return
	}
	no(!j.responsible(a, c.Head), CodeDepartmentNotAllowed)
	no(a.charge.Enterprise == c.Enterprise, CodeSameApplicant)
	no(j.gone(c.Enterprise, c.Date), CodeEnterpriseMerged)
	if j.firms[c.Enterprise] == nil || a.state != Approved {
		return
	}
	no(c.Date.Before(j.settled(c.Application, a)), CodeDateOrder)
	no(a.suspended, CodeApplicationSuspended)
	to := a.charge.Account()
	if to.Subject.Kind == SubjectEnterprise {
		to.Subject.ID = string(c.Enterprise)
	}
	j.decides(a, to, c.Actor, no)
	note(!j.serves(c.Enterprise, a.charge.Applied(), c.Date), CodeIndustryNotServed)
	note(j.bad(c.Enterprise, c.Date), CodeCreditRestricted)
	if to == a.charge.Account() {
		return
	}
	v := j.governs(to.Clause, c.Date, today)
	for key, part := range j.instalments {
		if key.clause == string(c.Application) { // only clauses that cap enterprises move what is held, and those cap years
			unpaid := part[0].Sub(part[1])
			no(unpaid.IsPositive() && j.overCap(to, key.year, unpaid, v, c.Date), CodeCapExceeded)
			no(unpaid.IsPositive() && j.passesACarrier(to, key.year, unpaid, c.Date, today), CodeCapExceeded)
			if !slices.Contains(j.group(c.Enterprise, c.Date), j.head(a.charge.Enterprise)) {
				j.asksOfGroup(to, key.year, unpaid, c.Date, today, no, note)
			}
		}
	}
}

func (j *judge) life(c Command, h Head, today Date, no, note func(bool, string)) {
	switch c := c.(type) {
	case *AmendApplication:
		j.amendment(c, no, note)
	case *VoidApplication:
		no(c.Reason == "", CodeFieldMissing)
		no(c.Document == "", CodeDocumentRequired)
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned, Approved, Rejected, Withdrawn); a != nil {
			no(!j.responsible(a, h), CodeDepartmentNotAllowed)
			no(j.stands(c.Application).IsPositive(), CodeMoneyCommitted)
			no(j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
			no(h.Date.Before(j.settled(c.Application, a)), CodeDateOrder)
		}
	default:
		j.facts(c, h, today, no, note)
	}
}

func (j *judge) amendment(c *AmendApplication, no, note func(bool, string)) {
	a := j.onTheWay(c.Application, c.Date, no, Submitted, Accepted, Returned, Approved)
	no(c.Reason == "", CodeFieldMissing)
	if a == nil {
		return
	}
	j.list(c.Requested, a.charge.Applied(), c.Date, no)
	no(c.Title == "" && c.Project == "" && (len(c.Requested) == 0 || slices.Equal(c.Requested, a.filed)), CodeRequestUnchanged)
	no(c.Date.Before(latest(a.since, a.cutOn)), CodeDateOrder)
	if a.state == Approved {
		no(c.Actor.Role != Approver, CodeRoleNotAllowed)
		no(!j.responsible(a, c.Head), CodeDepartmentNotAllowed)
		no(c.Document == "", CodeDocumentRequired)
	} else {
		no(c.Actor.Role != Clerk, CodeRoleNotAllowed)
	}
	asked := decimal.Zero
	for _, i := range c.Requested {
		asked = asked.Add(dec(i.Amount))
	}
	no(len(c.Requested) > 0 && asked.LessThan(j.stands(c.Application)), CodeRequestBelowApproved)
	no(asked.GreaterThan(j.asked(a)) && j.closed(a.charge, c.Date), CodeClauseClosed)
	if kind := a.charge.Subject.Kind; c.Project != "" {
		no(kind == SubjectAward, CodeSubjectNotAllowed)
		if kind == SubjectProject && c.Project != a.charge.Subject.ID {
			no(j.stands(c.Application).IsPositive(), CodeMoneyCommitted)
			no(j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
		}
	}
	if a.state != Approved || len(c.Requested) == 0 {
		return
	}
	for key, part := range j.instalments {
		if key.clause != string(c.Application) || !part[0].IsPositive() {
			continue
		}
		k := slices.IndexFunc(c.Requested, func(f Instalment) bool { return f.SupportYear == key.year })
		note(k < 0, CodeYearNotAppliedFor)
		note(k >= 0 && part[0].GreaterThan(dec(c.Requested[max(k, 0)].Amount)), CodeYearRequestExceeded)
	}
}
