package domain

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// What the judge says of applications, their approvals and the exceptions beneath them.

// chargeFor is R2 and R10 of what is applied for.
func (j *judge) chargeFor(firm EnterpriseID, clause, refers ClauseID, project, award string, on Date, no func(bool, string)) (Charge, bool) {
	c, known := j.known(clause)
	no(clause == "", CodeFieldMissing)
	no(clause != "" && !known, CodeClauseUnknown)
	no(j.firms[firm] == nil, CodeEnterpriseUnknown)
	if !known || j.firms[firm] == nil {
		return Charge{}, false
	}
	no(c.NotAppliedFor, CodeClauseNotAppliedFor)
	charged, via := c, ClauseID("")
	if len(c.RefersTo) > 0 {
		no(refers == "", CodeClauseByReference)
		no(refers != "" && !slices.Contains(c.RefersTo, refers), CodeReferenceInvalid)
		if !slices.Contains(c.RefersTo, refers) {
			return Charge{}, false
		}
		charged, via = j.clause(refers), clause
	} else {
		no(refers != "", CodeReferenceInvalid)
	}
	if c.NotAppliedFor {
		return Charge{}, false
	}
	no(j.gone(firm, on), CodeEnterpriseMerged)
	no(!j.serves(firm, clause, on), CodeIndustryNotServed)
	s := Subject{charged.Cap.Subject, string(firm)}
	switch s.Kind {
	case SubjectEnterprise:
		no(award != "", CodeSubjectNotAllowed)
	case SubjectProject:
		no(project == "", CodeSubjectRequired)
		no(award != "", CodeSubjectNotAllowed)
		s.ID = project
	case SubjectAward:
		no(award == "", CodeSubjectRequired)
		no(project != "", CodeSubjectNotAllowed)
		s.ID = award
	}
	return Charge{Enterprise: firm, Clause: charged.ID, Via: via, Subject: s}, true
}

func (j *judge) submit(c *SubmitApplication, no func(bool, string)) {
	before := j.apps[c.Application]
	j.replaces(c, before, no)
	if before != nil && before.state == Voided {
		before = nil
	}
	no(before != nil && before.state != Returned, CodeApplicationExists)
	no(before != nil && before.charge.Enterprise != c.Enterprise, CodeApplicationExists)
	j.within(c.Clause, c.Date, no)
	charge, ok := j.chargeFor(c.Enterprise, c.Clause, c.RefersTo, c.Project, c.Award, c.Date, no)
	no(ok && (before == nil || before.charge.Applied() != c.Clause) && j.closed(charge, c.Date), CodeClauseClosed)
	j.list(c.Requested, c.Clause, c.Date, no)
	if before != nil {
		no(c.Date.Before(before.last), CodeDateOrder)
		no(ok && charge != before.charge && j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
	}
}

// onTheWay is what every step of an application is judged by: its state, and the order of dates.
func (j *judge) onTheWay(id ApplicationID, on Date, no func(bool, string), states ...ApplicationState) *judgedApp {
	a := j.apps[id]
	no(a == nil, CodeApplicationUnknown)
	if a == nil {
		return nil
	}
	no(!slices.Contains(states, a.state), CodeApplicationState)
	no(on.Before(a.last), CodeDateOrder)
	return a
}

func (j *judge) open(id ApplicationID, on Date) []ApplicationState {
	if a := j.apps[id]; a != nil && j.workflowOn(a.charge.Applied(), on).Acceptance {
		return []ApplicationState{Accepted}
	}
	return []ApplicationState{Submitted, Accepted}
}

func (j *judge) responsible(a *judgedApp, h Head) bool {
	return slices.Contains(j.departmentsOn(a.charge.Applied(), h.Date), h.Actor.Department)
}

func (j *judge) approval(c *ApproveApplication, today Date, no, note func(bool, string)) {
	a := j.onTheWay(c.Application, c.Date, no, j.open(c.Application, c.Date)...)
	j.grants(c.Head, c.Application, c.Instalments, a, today, no, note, func(a *judgedApp) []judgedOpinion { return a.opinions })
	j.byRate(c.Application, a, c.Instalments, c.Fact, c.Period, c.Rate, c.Computed, no, note)
}

// byRate judges what an amount is said to be a share of, to the fen, and finds what is granted beyond that: with what stands of what was
// granted by it before under the clause.
func (j *judge) byRate(id ApplicationID, a *judgedApp, list []Instalment, fact FactID, period string, rate Rate, computed Money, no, note func(bool, string)) {
	if a == nil || fact == "" && period == "" && rate == "" && computed.IsZero() {
		return
	}
	no(fact == "" || period == "" || rate == "", CodeFieldMissing)
	no(fact != "turnover" && fact != "", CodeFactUnknown)
	no(rate == "0", CodeFieldInvalid)
	value, known := j.turnover[string(a.charge.Enterprise)+" "+period]
	no(!known && period != "", CodeFactNotKnown)
	share, err := decimal.NewFromString(string(rate))
	if !known || err != nil {
		return
	}
	comes := decimal.Max(decimal.Zero, decimal.RequireFromString(value).Mul(share).Div(decimal.New(100, 0))).Round(2)
	no(!computed.IsZero() && !dec(computed).Equal(comes), CodeRateDiffers)
	asked := decimal.Zero
	for other, b := range j.apps { // the same fact serves an enterprise once under a clause
		if b.charge.Enterprise == a.charge.Enterprise && b.charge.Clause == a.charge.Clause {
			asked = asked.Add(decimal.Min(b.byRate[string(a.charge.Enterprise)+" "+period], j.stands(other)))
		}
	}
	for _, i := range list {
		asked = asked.Add(dec(i.Amount))
	}
	note(asked.GreaterThan(comes), CodeRateExceeded)
}

// grants judges an approval, and what adds to one: the two together are held against what is applied for.
func (j *judge) grants(h Head, id ApplicationID, list []Instalment, a *judgedApp, today Date, no, note func(bool, string), opinions func(*judgedApp) []judgedOpinion) {
	if a == nil {
		return
	}
	j.list(list, a.charge.Applied(), h.Date, no)
	j.within(a.charge.Applied(), h.Date, no)
	no(!j.responsible(a, h), CodeDepartmentNotAllowed)
	j.decides(a, a.charge.Account(), h.Actor, no)
	no(a.suspended, CodeApplicationSuspended)
	workflow := j.workflowOn(a.charge.Applied(), h.Date)
	no(reviews(opinions(a), workflow) < workflow.Reviews, CodeReviewsRequired)
	no(j.gone(a.charge.Enterprise, h.Date), CodeEnterpriseMerged)
	no(!j.serves(a.charge.Enterprise, a.charge.Applied(), h.Date), CodeIndustryNotServed)
	no(j.bad(a.charge.Enterprise, h.Date), CodeCreditRestricted)
	asked, years := j.stands(id), slices.Clone(a.granted)
	for _, i := range list {
		asked, years = asked.Add(dec(i.Amount)), append(years, i.SupportYear)
		k := slices.IndexFunc(a.filed, func(f Instalment) bool { return f.SupportYear == i.SupportYear })
		note(k < 0, CodeYearNotAppliedFor)
		note(k >= 0 && dec(a.filed[max(k, 0)].Amount).LessThan(dec(i.Amount).Add(j.instalment(id, i.SupportYear)[0])), CodeYearRequestExceeded)
	}
	no(asked.GreaterThan(j.asked(a)), CodeRequestedExceeded)
	if strings.HasSuffix(string(a.charge.Clause), "1.2b") && len(list) > 0 {
		slices.Sort(years)
		years = slices.Compact(years)
		no(int(years[len(years)-1])-int(years[0]) != len(years)-1, CodeScheduleNotAllowed)
	}
	left := j.lessBooked(id, list, a)
	j.capOfApproval(h, left, a, today, no)
	for _, i := range left { // clauses that cap enterprises cap years
		j.asksOfGroup(a.charge.Account(), i.year, i.amount, h.Date, today, no, note)
	}
	department := h.Actor.Department
	if a.state == Approved {
		department = a.department
	}
	due := map[int]decimal.Decimal{}
	for _, i := range left {
		due[int(i.year)] = due[int(i.year)].Add(i.amount)
	}
	j.asksOfBudgets(a.charge, department, due, today, no, note)
	j.debtor(a.charge.Applied(), h.Date, j.owes(a.charge.Enterprise, h.Date), no, note)
}

// decides is R9 of whoever decides on an application that is charged to an account.
func (j *judge) decides(a *judgedApp, on Account, by Actor, no func(bool, string)) {
	no(a.other(DutyApprove, by), CodeFourEyes)
	for _, x := range j.raised {
		raises := slices.ContainsFunc(append([]Account{on}, j.carriers(on)...), func(a Account) bool { // or a cap that it is held against besides
			return x.account.Clause == a.Clause && slices.Contains(j.one(a.Subject), x.account.Subject)
		})
		no(raises && x.left.IsPositive() && x.by.share(handsOf(by)), CodeFourEyes)
	}
}

// asked is what is applied for, stands what is approved of it.
func (j *judge) asked(a *judgedApp) (sum decimal.Decimal) {
	for _, i := range a.filed {
		sum = sum.Add(dec(i.Amount))
	}
	return sum
}

func (j *judge) stands(id ApplicationID) (sum decimal.Decimal) {
	for key, part := range j.instalments {
		if key.clause == string(id) {
			sum = sum.Add(part[0])
		}
	}
	return sum
}

// judgedPart is what an instalment asks for.
type judgedPart struct {
	year   SupportYear
	amount decimal.Decimal
}

// lessBooked is what instalments ask for: what was booked on the application before, and is out, fills them first.
func (j *judge) lessBooked(id ApplicationID, list []Instalment, a *judgedApp) (parts []judgedPart) {
	for _, i := range list {
		left, line := dec(i.Amount), j.outsideLeft(j.line(a.charge.Clause, a.charge.Subject, i.SupportYear), a.charge.Enterprise)
		for _, p := range j.tally.paid {
			if p.application == id && p.year == i.SupportYear && p.charge == a.charge {
				fills := decimal.Max(decimal.Zero, decimal.Min(left, j.outsideOf(p), line))
				left, line = left.Sub(fills), line.Sub(fills)
			}
		}
		parts = append(parts, judgedPart{i.SupportYear, left})
	}
	return parts
}

// capOfApproval is R2's cap.
func (j *judge) capOfApproval(h Head, list []judgedPart, a *judgedApp, today Date, no func(bool, string)) {
	account, v := a.charge.Account(), j.governs(a.charge.Clause, h.Date, today)
	total := decimal.Zero
	for _, i := range list {
		total = total.Add(i.amount)
		if j.yearly(a.charge.Clause) {
			no(j.overCap(account, i.year, i.amount, v, h.Date), CodeCapExceeded)
			no(j.passesACarrier(account, i.year, i.amount, h.Date, today), CodeCapExceeded)
		}
	}
	if !j.yearly(a.charge.Clause) {
		no(j.overCap(account, 0, total, v, h.Date), CodeCapExceeded)
		no(j.passesACarrier(account, 0, total, h.Date, today), CodeCapExceeded)
	}
}

// granted is the room that an instalment of an approval has left.
func (j *judge) granted(id ApplicationID, y SupportYear) (decimal.Decimal, bool) {
	if a := j.apps[id]; a == nil || !slices.Contains(a.granted, y) {
		return decimal.Zero, false
	}
	part := j.instalment(id, y)
	return part[0].Sub(part[1]), true
}

func (j *judge) grant(c *GrantException, today Date, no func(bool, string)) {
	no(j.raised[c.Exception] != nil, CodeExceptionExists)
	amount(c.Amount, no)
	no(c.Document == "", CodeDocumentRequired)
	clause, known := j.known(c.Clause)
	no(c.Clause == "", CodeFieldMissing)
	no(c.Clause != "" && !known, CodeClauseUnknown)
	if !known {
		return
	}
	no(len(clause.RefersTo) > 0, CodeClauseByReference)
	no(clause.NotAppliedFor, CodeClauseNotAppliedFor)
	if len(clause.RefersTo) > 0 || clause.NotAppliedFor {
		return
	}
	no(!clause.StrongerSupport, CodeExceptionNotAllowed)
	no(!j.governs(c.Clause, c.Date, today).Cap.Stated, CodeNoCapStated)
	no(clause.Cap.Subject == SubjectEnterprise && j.firms[EnterpriseID(c.Subject)] == nil, CodeEnterpriseUnknown)
	no(clause.Cap.Subject == SubjectEnterprise && j.gone(EnterpriseID(c.Subject), c.Date), CodeEnterpriseMerged)
	no((clause.Cap.Period == PerYear) != (c.SupportYear != 0), CodeExceptionScope)
	no(c.SupportYear != 0 && j.outsideTerm(c.Clause, c.SupportYear, c.Date), CodeYearOutsideTerm)
	no(c.Date.Before(j.termOn(c.Clause, c.Date).From), CodePolicyNotInForce)
}

// revocation is R5a and R6: never below use less the held cap, as of its day, nor before the grant.
func (j *judge) revocation(c *RevokeException, today Date, no func(bool, string)) {
	amount(c.Amount, no)
	no(c.Document == "", CodeDocumentRequired)
	x := j.raised[c.Exception]
	no(x == nil, CodeExceptionUnknown)
	if x == nil {
		return
	}
	no(c.Date.Before(x.on), CodeDateOrder)
	no(dec(c.Amount).GreaterThan(x.left), CodeExceptionInUse)
	least, any := decimal.Zero, false
	for _, s := range j.one(x.account.Subject) {
		if held, must := j.held(Account{x.account.Clause, s}, x.year, today); must && (!any || held.LessThan(least)) {
			least, any = held, true
		}
	}
	if any {
		use, exceptions, _, _ := j.usage(x.account, x.year, c.Date)
		no(exceptions.Sub(dec(c.Amount)).LessThan(use.Sub(least)), CodeExceptionInUse)
	}
}

func (j *judge) smaller(id ApplicationID, y SupportYear, m Money, h Head, no func(bool, string)) {
	amount(m, no)
	a := j.apps[id]
	no(a == nil, CodeApplicationUnknown)
	if a == nil {
		return
	}
	no(a.state != Approved, CodeApplicationState)
	no(!j.responsible(a, h), CodeDepartmentNotAllowed)
	if a.state != Approved {
		return
	}
	no(h.Date.Before(a.since), CodeDateOrder)
	room, granted := j.granted(id, y)
	no(!granted, CodeInstalmentUnknown)
	no(granted && dec(m).GreaterThan(room.Sub(j.outLater(id, y, h.Date))), CodeReductionExceeded)
}
