package domain

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// The judge decides every command of a random history again, by the design's text alone: from the list of what happened, with the
// recount's sums, by none of the code that Decide uses. It says every rule that a command breaks; Decide names one of them, accepts a
// command that breaks none, and notes with a fact those that the fact breaks.

var decisions = flag.Int("decisions", 20_000, "how many random decisions the judge holds against Decide")

func TestDecisionsAreAsTheDesignSays(t *testing.T) {
	var histories, decided, accepted int
	by := map[string]int{}
	began := time.Now()
	for decided < *decisions {
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(t, rt)
			w.plain = true
			j := judgeOf(w)
			for range rapid.IntRange(100, 400).Draw(rt, "commands") {
				c := w.command()
				w.head(c)
				j.take(w.history)
				today := or(w.today, w.day)
				broken, found := j.judge(c, today)
				d, r := Decide(w.state, c, today)
				switch {
				case r != nil && r.Code == CodeAmountTooLarge && r.Figures["use"] != "":
					// The bound of the fund's sums is the business of another test.
				case r != nil && !slices.Contains(broken, r.Code):
					rt.Fatalf("%s was refused with %v %v, and breaks %v: %+v", c.Name(), r.Code, r.Figures, broken, c)
				case r == nil && len(broken) > 0:
					rt.Fatalf("%s was accepted, and breaks %v: %+v", c.Name(), broken, c)
				case r == nil:
					if said := codesOf(d.Events[0]); !slices.Equal(said, found) {
						rt.Fatalf("%s was recorded with %v, and breaks %v: %+v", c.Name(), said, found, c)
					}
					w.apply(c, d)
					accepted++
				}
				if r != nil {
					by[r.Code]++
				}
				decided++
			}
			j.take(w.history)
			if len(j.wrong) > 0 {
				rt.Fatal(j.wrong[0])
			}
			w.totalsEqualTheRecount()
			histories++
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d histories, %d decisions, %d accepted, no disagreement, %s", histories, decided, accepted, time.Since(began).Round(time.Second))
	var list []string
	for _, code := range slices.Sorted(maps.Keys(by)) {
		list = append(list, fmt.Sprintf("%s %d", code, by[code]))
	}
	t.Log("refused: " + strings.Join(list, ", "))
}

// codesOf are the findings that an event carries, in the order of their names.
func codesOf(e Event) []string {
	var list []Finding
	switch e := e.(type) {
	case *ApplicationApproved:
		list = e.Findings
	case *PayoutBooked:
		list = e.Findings
	case *RecoveryBooked:
		list = e.Findings
	case *RecoveryReceived:
		list = e.Findings
	case *RecoveryReversed:
		list = e.Findings
	case *ReturnReversed:
		list = e.Findings
	case *EnterpriseCorrected:
		list = e.Findings
	case *AdmissionRevoked:
		list = e.Findings
	}
	return codeSet(func(note func(bool, string)) {
		for _, f := range list {
			note(true, f.Code)
		}
	})
}

func codeSet(fill func(note func(bool, string))) []string {
	set := map[string]bool{}
	fill(func(broken bool, code string) {
		if broken {
			set[code] = true
		}
	})
	return slices.Sorted(maps.Keys(set))
}

// judge says which rules a command breaks: those that refuse it, and those that are noted with a fact.
func (j *judge) judge(c Command, today Date) (broken, found []string) {
	found = []string{}
	broken = codeSet(func(no func(bool, string)) {
		found = codeSet(func(note func(bool, string)) { j.judgeAll(c, today, no, note) })
	})
	return broken, found
}

func (j *judge) judgeAll(c Command, today Date, no, note func(bool, string)) {
	h := c.Given()
	v := verbsByName[c.Name()]
	no(h.Date.After(today), CodeDateInFuture)
	_, isBooking := c.(*BookPayout)
	if _, also := c.(*BookRecovery); !isBooking && !also {
		no(h.Date.Before(j.policy.Term.From), CodeDateBeforePolicy)
	}
	no(Key(string(h.Actor.For)) == Key(string(h.Actor.ID)), CodeFieldInvalid)
	no(!slices.Contains(v.Roles, h.Actor.Role), CodeRoleNotAllowed)
	switch v.Office {
	case TreasuryOffice:
		no(h.Actor.Department != "finance", CodeDepartmentNotAllowed)
	case AuthorityOffice:
		no(h.Actor.Department != "government", CodeDepartmentNotAllowed)
	}
	switch c := c.(type) {
	case *SubmitApplication:
		j.submit(c, no)
	case *ApproveApplication:
		j.approval(c, today, no, note)
	case *MakePayout:
		j.payment(c, today, no)
	case *BookPayout:
		j.booking(c, today, no, note)
	case *ReturnPayout:
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) { return j.claimable(c.Payout), latest(p.on, p.und) }, CodeReturnExceeded)
	case *ReverseReturn:
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) { return p.returned, latest(p.on, p.returnedOn) }, CodeReturnExceeded)
		j.returnUndone(c, today, note)
	case *ReverseBooking:
		j.bookingUndone(c, no)
	case *OrderClawback:
		no(j.orders[c.Clawback] != nil, CodeClawbackExists)
		no(c.Cause != CauseError && c.Cause != CauseBreach, CodeFieldInvalid)
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) { return j.claimable(c.Payout), p.on }, CodeClawbackExceeded)
	case *WaiveClawback:
		amount(c.Amount, no)
		o := j.orders[c.Clawback]
		no(o == nil, CodeClawbackUnknown)
		if o != nil {
			no(o.by.share(handsOf(h.Actor)), CodeFourEyes)
			no(h.Date.Before(o.on), CodeDateOrder)
			no(dec(c.Amount).GreaterThan(o.ordered.Sub(o.waived).Sub(o.in)), CodeWaiverExceeded)
		}
	case *ReceiveRecovery:
		j.receive(c, today, no, note)
	case *BookRecovery:
		j.bookRecovery(c, today, no, note)
	case *ReverseRecovery:
		j.bounce(c, today, no, note)
	case *GrantException:
		j.grant(c, today, no)
	case *RevokeException:
		j.revocation(c, today, no)
	case *ReduceApproval:
		j.smaller(c.Application, c.SupportYear, c.Amount, h, no)
	case *ReleaseApproval:
		j.smaller(c.Application, c.SupportYear, c.Amount, h, no)
	default:
		j.steps(c, h, no, note)
	}
}

func amount(m Money, no func(bool, string)) {
	no(m.fen < 0, CodeAmountNegative)
	no(m.fen == 0, CodeAmountZero)
	no(m.fen > 99_999_999_999_999, CodeAmountTooLarge)
}

func (j *judge) list(list []Instalment, no func(bool, string)) {
	years := map[SupportYear]bool{}
	for _, i := range list {
		no(years[i.SupportYear], CodeDuplicateYear)
		years[i.SupportYear] = true
		no(i.SupportYear < 2024 || i.SupportYear > 2026, CodeYearOutsideTerm)
		amount(i.Amount, no)
	}
}

func (j *judge) within(on Date, no func(bool, string)) {
	no(on.Before(j.policy.Term.From), CodePolicyNotInForce)
	no(on.After(j.policy.Term.To), CodePolicyExpired)
}

// chargeFor is R2 and R10 of what is applied for.
func (j *judge) chargeFor(firm EnterpriseID, clause, refers ClauseID, project, award string, on Date, no func(bool, string)) (Charge, bool) {
	c, known := j.policy.Clause(clause)
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
	no(before != nil && before.state != Returned, CodeApplicationExists)
	no(before != nil && before.charge.Enterprise != c.Enterprise, CodeApplicationExists)
	j.within(c.Date, no)
	charge, ok := j.chargeFor(c.Enterprise, c.Clause, c.RefersTo, c.Project, c.Award, c.Date, no)
	j.list(c.Requested, no)
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

func (j *judge) open() []ApplicationState {
	if j.policy.Workflow.Acceptance {
		return []ApplicationState{Accepted}
	}
	return []ApplicationState{Submitted, Accepted}
}

func (j *judge) responsible(a *judgedApp, d DepartmentID) bool {
	return slices.Contains(j.clause(a.charge.Applied()).Departments, d)
}

func (j *judge) approval(c *ApproveApplication, today Date, no, note func(bool, string)) {
	a := j.onTheWay(c.Application, c.Date, no, j.open()...)
	j.list(c.Instalments, no)
	j.within(c.Date, no)
	if a == nil {
		return
	}
	no(!j.responsible(a, c.Actor.Department), CodeDepartmentNotAllowed)
	no(a.other(DutyApprove, c.Actor), CodeFourEyes)
	account := a.charge.Account()
	for _, x := range j.raised {
		no(x.account == account && x.left.IsPositive() && x.by.share(handsOf(c.Actor)), CodeFourEyes)
	}
	no(a.suspended, CodeApplicationSuspended)
	no(a.reviews() < j.policy.Workflow.Reviews, CodeReviewsRequired)
	firm := j.firms[a.charge.Enterprise]
	no(!j.serves(a.charge.Enterprise, a.charge.Applied(), c.Date), CodeIndustryNotServed)
	no(firm.badNow() || firm.badOn(c.Date), CodeCreditRestricted)
	asked, applied := decimal.Zero, decimal.Zero
	for _, i := range a.filed {
		applied = applied.Add(dec(i.Amount))
	}
	for _, i := range c.Instalments {
		asked = asked.Add(dec(i.Amount))
		k := slices.IndexFunc(a.filed, func(f Instalment) bool { return f.SupportYear == i.SupportYear })
		note(k < 0, CodeYearNotAppliedFor)
		note(k >= 0 && a.filed[max(k, 0)].Amount.Less(i.Amount), CodeYearRequestExceeded)
	}
	no(asked.GreaterThan(applied), CodeRequestedExceeded)
	if a.charge.Clause == "1.2b" && len(c.Instalments) > 1 {
		var years []int
		for _, i := range c.Instalments {
			years = append(years, int(i.SupportYear))
		}
		no(slices.Max(years)-slices.Min(years) != len(years)-1, CodeScheduleNotAllowed)
	}
	j.capOfApproval(c, a, today, no)
}

// capOfApproval is R2's cap: what was booked on the application before, and is out, fills the instalments first.
func (j *judge) capOfApproval(c *ApproveApplication, a *judgedApp, today Date, no func(bool, string)) {
	account, v := a.charge.Account(), j.governs(a.charge.Clause, c.Date, today)
	total := decimal.Zero
	for _, i := range c.Instalments {
		left, line := dec(i.Amount), j.outsideLeft(j.line(a.charge.Clause, a.charge.Subject, i.SupportYear), a.charge.Enterprise)
		for _, p := range j.tally.paid {
			if p.application == c.Application && p.year == i.SupportYear && p.charge == a.charge {
				fills := decimal.Max(decimal.Zero, decimal.Min(left, j.outsideOf(p), line))
				left, line = left.Sub(fills), line.Sub(fills)
			}
		}
		total = total.Add(left)
		if j.yearly(a.charge.Clause) {
			no(j.overCap(account, i.SupportYear, left, v, c.Date), CodeCapExceeded)
		}
	}
	if !j.yearly(a.charge.Clause) {
		no(j.overCap(account, 0, total, v, c.Date), CodeCapExceeded)
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

func (j *judge) payment(c *MakePayout, today Date, no func(bool, string)) {
	on := or(c.PaidOn, c.Date)
	no(j.paid[c.Payout] != nil, CodePayoutExists)
	amount(c.Amount, no)
	no(on.After(today), CodeDateInFuture)
	no(on.Before(c.Date), CodeDateOrder)
	a := j.apps[c.Application]
	no(a == nil, CodeApplicationUnknown)
	if a == nil {
		return
	}
	no(a.state != Approved, CodeApplicationState)
	if a.state != Approved {
		return
	}
	no(c.Date.Before(a.decided), CodeDateOrder)
	no(a.other(DutyPay, c.Actor), CodeFourEyes)
	firm := j.firms[a.charge.Enterprise]
	no(firm.badNow() || firm.badOn(c.Date) || firm.badOn(on), CodeCreditRestricted)
	no(a.suspended, CodeApplicationSuspended)
	room, granted := j.granted(c.Application, c.SupportYear)
	no(!granted, CodeInstalmentUnknown)
	no(granted && dec(c.Amount).GreaterThan(room.Sub(j.outLater(c.Application, c.SupportYear, c.Date))), CodeInstalmentExceeded)
	no(j.waits(a.charge.Account(), c.SupportYear, c.Date, today), CodeAccountOverCap)
	no(j.beyondBudget(on.Year(), a.charge, []DepartmentID{a.department}, dec(c.Amount)), CodeAppropriationExceed)
}

// onAccount is what a fact outside any application is charged to.
func (j *judge) onAccount(firm EnterpriseID, clause ClauseID, project, award string, no func(bool, string)) (Charge, bool) {
	c, known := j.policy.Clause(clause)
	no(clause == "", CodeFieldMissing)
	no(clause != "" && !known, CodeClauseUnknown)
	no(j.firms[firm] == nil, CodeEnterpriseUnknown)
	if !known {
		return Charge{}, false
	}
	no(len(c.RefersTo) > 0, CodeClauseByReference)
	no(c.NotAppliedFor, CodeClauseNotAppliedFor)
	if len(c.RefersTo) > 0 || c.NotAppliedFor || j.firms[firm] == nil {
		return Charge{}, false
	}
	s := Subject{c.Cap.Subject, string(firm)}
	switch s.Kind {
	case SubjectProject:
		no(project == "", CodeSubjectRequired)
		s.ID = project
	case SubjectAward:
		no(award == "", CodeSubjectRequired)
		no(project != "", CodeSubjectNotAllowed)
		s.ID = award
	}
	return Charge{Enterprise: firm, Clause: clause, Subject: s}, s.ID != ""
}

func factYear(y SupportYear, no func(bool, string)) { no(y < 1900 || y > 2999, CodeFieldInvalid) }

// booking is R3's other half: a fact is not refused; what it breaks is noted.
func (j *judge) booking(c *BookPayout, today Date, no, note func(bool, string)) {
	on := or(c.PaidOn, c.Date)
	no(j.paid[c.Payout] != nil, CodePayoutExists)
	amount(c.Amount, no)
	factYear(c.SupportYear, no)
	no(on.After(today), CodeDateInFuture)
	var charge Charge
	a := j.apps[c.Application]
	if c.Application != "" {
		no(a == nil, CodeApplicationUnknown)
		if a == nil {
			return
		}
		charge = a.charge
	} else {
		var ok bool
		if charge, ok = j.onAccount(c.Enterprise, c.Clause, c.Project, c.Award, no); !ok {
			return
		}
	}
	firm := j.firms[charge.Enterprise]
	note(on.Before(j.policy.Term.From), CodeDateBeforePolicy)
	note(c.SupportYear < 2024 || c.SupportYear > 2026, CodeYearOutsideTerm)
	note(!j.serves(charge.Enterprise, charge.Applied(), on), CodeIndustryNotServed)
	note(firm.badOn(on), CodeCreditRestricted)
	outside := dec(c.Amount)
	if a != nil {
		note(a.state != Approved, CodeApplicationState)
		if a.state == Approved {
			note(on.Before(a.decided), CodeDateOrder)
			room, granted := j.granted(c.Application, c.SupportYear)
			note(!granted, CodeInstalmentUnknown)
			note(granted && outside.GreaterThan(room), CodeInstalmentExceeded)
			outside = decimal.Max(decimal.Zero, outside.Sub(room))
		}
		note(a.other(DutyPay, c.Actor), CodeFourEyes)
		note(a.suspended, CodeApplicationSuspended)
	}
	account := charge.Account()
	note(outside.IsPositive() && j.overCap(account, c.SupportYear, outside, j.governs(charge.Clause, on, today), on), CodeCapExceeded)
	note(j.waits(account, c.SupportYear, on, today), CodeAccountOverCap)
	note(j.beyondBudget(on.Year(), charge, j.bearers(a, charge), dec(c.Amount)), CodeAppropriationExceed)
}

// undo is what every command that takes something from one payout is judged by.
func (j *judge) undo(id PayoutID, m Money, on Date, no func(bool, string), limit func(*judgedPayout) (decimal.Decimal, Date), code string) {
	amount(m, no)
	p := j.paid[id]
	no(p == nil, CodePayoutUnknown)
	if p == nil {
		return
	}
	no(p.reversed, CodePayoutReversed)
	most, earliest := limit(p)
	no(on.Before(earliest), CodeDateOrder)
	no(dec(m).GreaterThan(most), code)
}

// returnUndone notes what money that did go out breaks.
func (j *judge) returnUndone(c *ReverseReturn, today Date, note func(bool, string)) {
	p := j.paid[c.Payout]
	if p == nil {
		return
	}
	outside := dec(c.Amount)
	if a := j.apps[p.app]; a != nil && a.charge == p.charge && a.state == Approved {
		room, granted := j.granted(p.app, p.year)
		note(!granted, CodeInstalmentUnknown)
		note(granted && outside.GreaterThan(room), CodeInstalmentExceeded)
		outside = decimal.Max(decimal.Zero, outside.Sub(decimal.Max(decimal.Zero, room)))
	}
	note(outside.IsPositive() && j.overCap(p.charge.Account(), p.year, outside, j.governs(p.charge.Clause, p.on, today), c.Date), CodeCapExceeded)
	note(j.beyondBudget(p.on.Year(), p.charge, p.departments, dec(c.Amount)), CodeAppropriationExceed)
}

func (j *judge) bookingUndone(c *ReverseBooking, no func(bool, string)) {
	p := j.paid[c.Payout]
	no(p == nil, CodePayoutUnknown)
	if p == nil {
		return
	}
	no(p.reversed, CodePayoutReversed)
	no(!p.booked, CodePayoutNotBooked)
	no(c.Date.Before(latest(p.on, p.returnedOn, p.und)), CodeDateOrder)
	stands := p.back
	for _, o := range j.orders {
		if o.payout == c.Payout {
			stands = stands.Add(o.ordered.Sub(o.waived))
		}
	}
	no(stands.IsPositive(), CodeClawbackStands)
}

func (j *judge) newRecovery(id RecoveryID, m Money, on, today Date, no func(bool, string)) {
	no(j.got[id] != nil, CodeRecoveryExists)
	amount(m, no)
	no(on.After(today), CodeDateInFuture)
}

func (j *judge) receive(c *ReceiveRecovery, today Date, no, note func(bool, string)) {
	on := or(c.ReceivedOn, c.Date)
	j.newRecovery(c.Recovery, c.Amount, on, today, no)
	no(c.Interest.fen < 0, CodeAmountNegative)
	o := j.orders[c.Clawback]
	no(o == nil, CodeClawbackUnknown)
	if o == nil {
		return
	}
	no(on.Before(o.on), CodeDateOrder)
	no(dec(c.Amount).GreaterThan(o.ordered.Sub(o.waived).Sub(o.in)), CodeRecoveryExceeded)
	p := j.payouts[o.payout]
	counts, _ := j.counted(&tallyRecovery{line: p.line, enterprise: p.enterprise, payout: o.payout}, dec(c.Amount))
	note(counts.LessThan(dec(c.Amount)), CodeRecoveryExceeded)
}

func (j *judge) bookRecovery(c *BookRecovery, today Date, no, note func(bool, string)) {
	on := or(c.ReceivedOn, c.Date)
	j.newRecovery(c.Recovery, c.Amount, on, today, no)
	no(c.Cause != CauseError && c.Cause != CauseBreach, CodeFieldInvalid)
	if c.Payout != "" {
		p := j.paid[c.Payout]
		no(p == nil, CodePayoutUnknown)
		if p == nil {
			return
		}
		no(p.reversed, CodePayoutReversed)
		note(on.Before(p.on), CodeDateOrder)
		note(dec(c.Amount).GreaterThan(j.claimable(c.Payout)), CodeRecoveryExceeded)
		return
	}
	factYear(c.SupportYear, no)
	charge, ok := j.onAccount(c.Enterprise, c.Clause, c.Project, c.Award, no)
	if !ok {
		return
	}
	note(c.SupportYear < 2024 || c.SupportYear > 2026, CodeYearOutsideTerm)
	there := j.outsideLeft(j.line(charge.Clause, charge.Subject, c.SupportYear), charge.Enterprise)
	note(dec(c.Amount).GreaterThan(there), CodeRecoveryExceeded)
}

// bounce is R5a: a fact, with a finding where the account is then over what it must hold.
func (j *judge) bounce(c *ReverseRecovery, today Date, no, note func(bool, string)) {
	r := j.got[c.Recovery]
	no(r == nil, CodeRecoveryUnknown)
	if r == nil {
		return
	}
	no(r.reversed, CodeRecoveryReversed)
	no(c.Date.Before(r.on), CodeDateOrder)
	if r.reversed {
		return
	}
	account := r.charge.Account()
	least, any := j.held(account, r.year, today)
	use, exceptions, _, _ := j.usage(account, r.year, Date{9999, 12, 31})
	t := j.recoveries[c.Recovery]
	if t.cause == CauseError {
		use = use.Add(t.counts)
	}
	for _, more := range j.takesItsPlace(t) {
		if more.of.cause == CauseError {
			use = use.Sub(more.counts)
		}
	}
	note(any && use.GreaterThan(least.Add(exceptions)), CodeAccountOverCap)
}

type morePlace struct {
	of     *tallyRecovery
	counts decimal.Decimal
}

// takesItsPlace is what others of a line count for more once a recovery is gone, worked out on a copy of the list.
func (j *judge) takesItsPlace(gone *tallyRecovery) (list []morePlace) {
	kept := j.back
	defer func() { j.back = kept }()
	j.back = nil
	for _, r := range kept {
		if r != gone {
			other := *r
			j.back = append(j.back, &other)
		}
	}
	for _, r := range j.back {
		if r.line != gone.line || r.enterprise != gone.enterprise || !r.amount.GreaterThan(r.counts) {
			continue
		}
		more, outside := j.counted(r, r.amount.Sub(r.counts))
		r.counts, r.outside = r.counts.Add(more), r.outside.Add(outside)
		list = append(list, morePlace{r, more})
	}
	return list
}

func (j *judge) grant(c *GrantException, today Date, no func(bool, string)) {
	no(j.raised[c.Exception] != nil, CodeExceptionExists)
	amount(c.Amount, no)
	no(c.Document == "", CodeDocumentRequired)
	clause, known := j.policy.Clause(c.Clause)
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
	no((clause.Cap.Period == PerYear) != (c.SupportYear != 0), CodeExceptionScope)
	no(c.SupportYear != 0 && (c.SupportYear < 2024 || c.SupportYear > 2026), CodeYearOutsideTerm)
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
	if least, any := j.held(x.account, x.year, today); any {
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
	no(!j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
	if a.state != Approved {
		return
	}
	no(h.Date.Before(a.decided), CodeDateOrder)
	room, granted := j.granted(id, y)
	no(!granted, CodeInstalmentUnknown)
	no(granted && dec(m).GreaterThan(room.Sub(j.outLater(id, y, h.Date))), CodeReductionExceeded)
}

// steps judges what moves an application, an enterprise, a clause or a budget.
func (j *judge) steps(c Command, h Head, no, note func(bool, string)) {
	switch c := c.(type) {
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
			no(!j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
			no(a.other(DutyApprove, h.Actor), CodeFourEyes)
		}
	case *SuspendApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned, Approved); a != nil {
			no(!j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
			no(a.suspended, CodeApplicationSuspended)
		}
	case *ResumeApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned, Approved); a != nil {
			no(!j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
			no(!a.suspended, CodeNotSuspended)
		}
	case *RecordReview:
		no(c.Opinion != Support && c.Opinion != Oppose && c.Opinion != Abstain, CodeFieldInvalid)
		if a := j.onTheWay(c.Application, h.Date, no, j.open()...); a != nil {
			any := j.clause(a.charge.Applied()).AnyReviews && h.Actor.Department != ""
			no(!any && !j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
			no(a.other(DutyReview, h.Actor), CodeFourEyes)
		}
	case *TransferApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted, Accepted, Returned); a != nil {
			no(!j.responsible(a, h.Actor.Department), CodeDepartmentNotAllowed)
			no(c.Document == "", CodeDocumentRequired)
			no(j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
			project, award := "", ""
			switch a.charge.Subject.Kind {
			case SubjectProject:
				project = a.charge.Subject.ID
			case SubjectAward:
				award = a.charge.Subject.ID
			}
			charge, ok := j.chargeFor(a.charge.Enterprise, c.Clause, "", project, award, h.Date, no)
			no(ok && charge == a.charge, CodeReferenceInvalid)
		}
	default:
		j.facts(c, h, no, note)
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
	for app, a := range j.apps {
		for _, y := range a.granted {
			if part := j.instalment(app, y); part[0].IsPositive() && lost(a.charge, a.decided) {
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

func (j *judge) facts(c Command, h Head, no, note func(bool, string)) {
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
	case *SetAppropriation:
		if !c.Amount.IsZero() {
			amount(c.Amount, no)
		}
		no((c.Clause == "") == (c.Department == ""), CodeAppropriationScope)
		no(c.BudgetYear < 1900 || c.BudgetYear > 2999, CodeFieldInvalid)
		no(c.Department == "x", CodeFieldInvalid)
		no(j.spent(c.BudgetYear, c.Clause, c.Department).GreaterThan(dec(c.Amount)), CodeAppropriationBelow)
	case *AmendClause:
		if !c.Cap.Amount.IsZero() && c.Cap.Stated {
			amount(c.Cap.Amount, no)
		}
		clause, known := j.policy.Clause(c.Clause)
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
