package domain

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// judge is what the design's rules ask about, as the list of what happened tells it.
type judge struct {
	*planTally
	policies  []Policy         // in the order in which they were published, with the clauses that were added
	amended   []*PolicyAmended // in the order in which they were recorded
	used      bool             // somebody has decided for themselves
	seen      int              // of the history
	apps      map[ApplicationID]*judgedApp
	firms     map[EnterpriseID]*judgedFirm
	turnover  map[string]string // by enterprise and year
	links     []*judgedLink
	mergers   []*EnterprisesMerged
	mergedBy  map[EnterpriseID]Date
	took      map[EnterpriseID][]ApplicationID // by a merger that stands
	projects  map[string]bool                  // those that anything was said of, and whether they are registered
	pairs     [][2]Subject                     // that count as one
	versions  map[ClauseID][]ClauseVersion
	paid      map[PayoutID]*judgedPayout
	orders    map[ClawbackID]*judgedOrder
	got       map[RecoveryID]*judgedRecovery
	raised    map[ExceptionID]*judgedException
	budgets   map[string]decimal.Decimal
	adjusted  map[string]bool            // of them, those whose initial amount stays
	carried   map[string]decimal.Decimal // into a budget, less what was carried out of it
	years     map[int]judgedYear
	reversals map[Account]map[SupportYear]bool // lines that a reversed recovery put over
	sentBack  []judgedBack
	freed     []judgedFreed // what made use less than before, but for recoveries; below zero: what undid that
}

// judgedBack is what came back of an instalment on a day; below zero: what went out of one of which something had come back.
type judgedBack struct {
	app  ApplicationID
	year SupportYear
	on   Date
	by   decimal.Decimal
}

type judgedFreed struct {
	account Account
	year    SupportYear
	on      Date
	cut     bool // of an approval
	by      decimal.Decimal
}

type judgedApp struct {
	charge        Charge
	state         ApplicationState
	suspended     bool
	filed         []Instalment
	last, decided Date
	filedOn       Date
	department    DepartmentID
	since, cutOn  Date
	granted       []SupportYear
	holds         []*judgedHold // in the order of decisions
	moved         bool
	replacedBy    ApplicationID
	byRate        map[string]decimal.Decimal // granted by the turnover of a year
	did           []judgedDuty
	opinions      []judgedOpinion // of this submission, in their order
	more          []judgedOpinion // of what may be added since the latest approval
}

// judgedHold is what one decision holds on an account.
type judgedHold struct {
	charge       Charge
	year         SupportYear
	version      int
	on           Date
	amount, gone decimal.Decimal
}

// less takes an amount from what is held on an account, the latest decision's first.
func (a *judgedApp) less(c Charge, y SupportYear, amount decimal.Decimal, each func(*judgedHold, decimal.Decimal)) {
	for _, h := range slices.Backward(slices.Clone(a.holds)) {
		if h.charge == c && h.year == y {
			by := decimal.Min(h.amount, amount)
			h.amount, amount = h.amount.Sub(by), amount.Sub(by)
			each(h, by)
		}
	}
}

func leave(*judgedHold, decimal.Decimal) {}

type judgedDuty struct {
	duty Duty
	by   hands
}

type judgedOpinion struct {
	by hands
	is Opinion
}

// hands are the keys of who answers for a deed: who acted, and in whose place (R9).
type hands []string

func handsOf(a Actor) hands {
	if a.For != "" {
		return hands{Key(string(a.ID)), Key(string(a.For))}
	}
	return hands{Key(string(a.ID))}
}

// share reports whether somebody answers for both.
func (h hands) share(other hands) bool {
	return slices.ContainsFunc(h, func(key string) bool { return slices.Contains(other, key) })
}

type judgedFirm struct {
	industries []fromDay
	bad        [][2]Date // restrictions: first day, day of restoring
	admitted   []admittedFrom
}

type fromDay struct {
	day Date
	is  IndustryID
}

type admittedFrom struct {
	from, until, revoked Date
	clauses              []ClauseID
}

type judgedPayout struct {
	app                 ApplicationID
	charge              Charge
	year                SupportYear
	amount, back        decimal.Decimal // back: booked recoveries by its name
	returned            decimal.Decimal
	on, returnedOn, und Date
	booked, reversed    bool
	departments         []DepartmentID
	kept, givenOut      decimal.Decimal // not paid, for it is owed; and of what was returned, what was so no more
}

type judgedOrder struct {
	payout              PayoutID
	cause               Cause
	ordered, waived, in decimal.Decimal
	on                  Date
	by                  hands
	due                 Date
	schedules           []judgedSchedule
	moves               []judgedMove // what was waived or came in; below zero: what was reversed
	nth                 int          // in which it was ordered
	off                 decimal.Decimal
}

type judgedMove struct {
	on Date
	by decimal.Decimal
}

type judgedSchedule struct {
	on   Date
	list []Repayment
}

type judgedRecovery struct {
	order    ClawbackID
	payout   PayoutID
	charge   Charge
	year     SupportYear
	cause    Cause
	on       Date
	amount   decimal.Decimal
	reversed bool
	kept     decimal.Decimal // of a payout, with its interest
	from     PayoutID
}

type judgedException struct {
	account Account
	year    SupportYear
	left    decimal.Decimal
	on      Date
	by      hands
}

func judgeOf(*world) *judge {
	return &judge{planTally: recountPlans(nil), apps: map[ApplicationID]*judgedApp{}, firms: map[EnterpriseID]*judgedFirm{}, versions: map[ClauseID][]ClauseVersion{},
		paid: map[PayoutID]*judgedPayout{}, orders: map[ClawbackID]*judgedOrder{}, got: map[RecoveryID]*judgedRecovery{},
		projects: map[string]bool{}, mergedBy: map[EnterpriseID]Date{}, took: map[EnterpriseID][]ApplicationID{}, raised: map[ExceptionID]*judgedException{}, budgets: map[string]decimal.Decimal{}, adjusted: map[string]bool{}, carried: map[string]decimal.Decimal{}, years: map[int]judgedYear{},
		reversals: map[Account]map[SupportYear]bool{}, turnover: map[string]string{}}
}

// take takes in what happened since.
func (j *judge) take(history []happened) {
	for ; j.seen < len(history); j.seen++ {
		j.takeIn(history[j.seen])
		j.learn(history[j.seen].event, history[j.seen].by)
	}
}

func (a *judgedApp) step(s ApplicationState, on Date) { a.state, a.last = s, on }

func (a *judgedApp) fill(d Duty, by Actor) { a.did = append(a.did, judgedDuty{d, handsOf(by)}) }

func (j *judge) learn(e Event, by Deed) {
	j.hearOfProjects(e)
	switch e := e.(type) {
	case *ApplicationMoved:
		j.used = j.used || !e.Merged
	case *ApplicationAccepted, *ApplicationReviewed, *ApplicationApproved, *ApplicationRejected, *ApprovalReduced, *ApprovalReleased, *ApprovalSupplemented,
		*ApplicationVoided, *ExceptionGranted, *ExceptionRevoked, *PayoutMade, *ClawbackOrdered, *ClawbackWaived, *ClawbackWrittenOff:
		j.used = true
	}
	switch e := e.(type) {
	case *PolicyPublished:
		j.policies = append(j.policies, e.Policy)
		for _, c := range e.Policy.Clauses {
			j.versions[c.ID] = []ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: e.Policy.Term.From}}
		}
	case *PolicyAmended:
		j.learnAmended(e)
	case *ClauseAmended:
		j.versions[e.Clause] = append(j.versions[e.Clause], ClauseVersion{Version: e.Version, Cap: e.Cap, EffectiveOn: e.EffectiveOn, Retroactive: e.Retroactive})
	case *EnterprisesLinked, *LinkEnded:
		j.takeLink(e)
	case *ProjectRegistered:
		j.projects[e.Project] = true
	case *ProjectsJoined:
		j.pairs = append(j.pairs, [2]Subject{{SubjectProject, e.A}, {SubjectProject, e.B}})
	case *MergerVoided:
		j.parting(e)
	case *EnterprisesMerged:
		j.mergedBy[e.From] = by.Date
		j.mergers = append(j.mergers, e)
		j.pairs = append(j.pairs, [2]Subject{{SubjectEnterprise, string(e.From)}, {SubjectEnterprise, string(e.Into)}})
	case *FactRecorded:
		j.turnover[string(e.Enterprise)+" "+e.Period] = e.Value
	case *EnterpriseRegistered:
		j.firms[e.Enterprise] = &judgedFirm{industries: []fromDay{{by.Date, e.Industry}}}
	case *EnterpriseCorrected:
		j.firms[e.Enterprise].industries = append(j.firms[e.Enterprise].industries, fromDay{by.Date, e.Industry})
	case *CreditRestricted:
		j.firms[e.Enterprise].bad = append(j.firms[e.Enterprise].bad, [2]Date{by.Date})
	case *CreditRestored:
		bad := j.firms[e.Enterprise].bad
		bad[len(bad)-1][1] = by.Date
	case *BeneficiaryAdmitted:
		j.firms[e.Enterprise].admitted = append(j.firms[e.Enterprise].admitted, admittedFrom{from: by.Date, until: e.Until, clauses: e.Clauses})
	case *AdmissionRevoked:
		for i := range j.firms[e.Enterprise].admitted {
			if a := &j.firms[e.Enterprise].admitted[i]; a.revoked.IsZero() {
				a.revoked = by.Date
			}
		}
	case *AppropriationSet:
		key := budget(e.BudgetYear, string(e.Clause), string(e.Department))
		_, again := j.budgets[key]
		j.adjusted[key] = j.adjusted[key] || e.Kind == AdjustedBudget || e.Kind == "" && again
		j.budgets[key] = dec(e.Amount)
	case *BudgetYearClosed:
		j.years[e.Year] = judgedYear{true, by.Date}
	case *BudgetYearReopened:
		j.years[e.Year] = judgedYear{false, by.Date}
	case *AppropriationCarried:
		from, to := budget(e.From, string(e.Clause), string(e.Department)), budget(e.To, string(e.Clause), string(e.Department))
		j.carried[from], j.carried[to] = j.carried[from].Sub(dec(e.Amount)), j.carried[to].Add(dec(e.Amount))
	case *ExceptionGranted:
		j.raised[e.Exception] = &judgedException{Account{e.Clause, e.Subject}, e.SupportYear, dec(e.Amount), by.Date, handsOf(by.Actor)}
	case *ExceptionRevoked:
		j.raised[e.Exception].left = j.raised[e.Exception].left.Sub(dec(e.Amount))
	default:
		j.learnStep(e, by)
		j.learnMoney(e, by)
		j.learnFreed(e, by)
		j.learnBack(e, by.Date)
	}
}

func (j *judge) learnFreed(e Event, by Deed) {
	note := func(c Charge, y SupportYear, cut bool, amount decimal.Decimal) {
		j.freed = append(j.freed, judgedFreed{c.Account(), y, by.Date, cut, amount})
	}
	switch e := e.(type) {
	case *ApprovalReduced:
		note(e.Charge, e.SupportYear, true, dec(e.Amount))
	case *ApprovalReleased:
		note(e.Charge, e.SupportYear, true, dec(e.Amount))
	case *ApplicationMoved:
		for _, i := range e.Unpaid {
			if e.Charge.Account() != e.PreviousCharge.Account() && (!e.Merged || e.Parted) {
				note(e.PreviousCharge, i.SupportYear, true, dec(i.Amount))
			}
		}
	case *PayoutReturned:
		note(e.Charge, e.SupportYear, false, dec(e.Outside))
		note(e.Charge, e.SupportYear, true, dec(e.Released))
	case *ReturnReversed:
		note(e.Charge, e.SupportYear, false, dec(e.Outside).Neg())
		note(e.Charge, e.SupportYear, true, dec(e.Restored).Neg())
	case *BookingReversed:
		note(e.Charge, e.SupportYear, false, dec(e.Outside))
		note(e.Charge, e.SupportYear, true, dec(e.Released))
	}
}

func (j *judge) learnBack(e Event, on Date) {
	note := func(app ApplicationID, y SupportYear, day Date, back Money) {
		had := slices.ContainsFunc(j.sentBack, func(b judgedBack) bool { return b.app == app && b.year == y })
		if app != "" && (back.Positive() || had) {
			j.sentBack = append(j.sentBack, judgedBack{app, y, day, dec(back)})
		}
	}
	switch e := e.(type) {
	case *PayoutMade:
		note(e.Application, e.SupportYear, e.PaidOn, e.Amount.Neg())
	case *PayoutBooked:
		note(e.Application, e.SupportYear, e.PaidOn, e.Outside.Sub(e.Amount))
	case *PayoutReturned:
		note(e.Application, e.SupportYear, on, e.Amount.Sub(e.Outside).Sub(e.Released))
	case *ReturnReversed:
		note(e.Application, e.SupportYear, on, e.Outside.Add(e.Restored).Sub(e.Amount))
	case *BookingReversed:
		note(e.Application, e.SupportYear, on, e.Amount.Sub(e.Returned).Sub(e.Outside).Sub(e.Released))
	}
}

// outLater is by how much more than now was out of an instalment on a day or a later one.
func (j *judge) outLater(app ApplicationID, y SupportYear, on Date) decimal.Decimal {
	after := func(day Date) (sum decimal.Decimal) {
		for _, b := range j.sentBack {
			if b.app == app && b.year == y && b.on.After(day) {
				sum = sum.Add(b.by)
			}
		}
		return sum
	}
	most := decimal.Max(decimal.Zero, after(on))
	for _, b := range j.sentBack {
		if b.on.After(on) {
			most = decimal.Max(most, after(b.on))
		}
	}
	return most
}

// freedLater is by how much more than now was used on a day or a later one: what was cut since, and the most of what was returned.
func (j *judge) freedLater(a Account, y SupportYear, on Date) (cut, returned decimal.Decimal) {
	after := func(day Date, cuts bool) (sum decimal.Decimal) {
		for _, f := range j.freed {
			if f.account == a && (!j.yearly(a.Clause) || f.year == y) && f.cut == cuts && f.on.After(day) {
				sum = sum.Add(f.by)
			}
		}
		return sum
	}
	cut, returned = after(on, true), after(on, false)
	for _, f := range j.freed {
		if f.on.After(on) {
			cut, returned = decimal.Max(cut, after(f.on, true)), decimal.Max(returned, after(f.on, false))
		}
	}
	return decimal.Max(cut, decimal.Zero), decimal.Max(returned, decimal.Zero)
}

func (j *judge) learnStep(e Event, by Deed) {
	switch e := e.(type) {
	case *ApplicationSubmitted:
		a := j.apps[e.Application]
		if a == nil {
			a = &judgedApp{}
			j.apps[e.Application] = a
		}
		if a.state == Voided {
			*a = judgedApp{did: a.did}
		}
		if e.Replaces != "" && e.Replaces != e.Application {
			j.apps[e.Replaces].replacedBy = e.Application
		}
		a.charge, a.filed, a.filedOn, a.opinions = e.Charge, e.Requested, by.Date, nil
		a.step(Submitted, by.Date)
	case *ApplicationTransferred:
		a := j.apps[e.Application]
		a.charge, a.opinions, a.last = e.Charge, nil, by.Date
	case *ApplicationAccepted:
		j.apps[e.Application].step(Accepted, by.Date)
		j.apps[e.Application].fill(DutyAccept, by.Actor)
	case *ApplicationReturned:
		j.apps[e.Application].step(Returned, by.Date)
	case *ApplicationWithdrawn:
		j.apps[e.Application].step(Withdrawn, by.Date)
	case *ApplicationRejected:
		j.apps[e.Application].step(Rejected, by.Date)
		j.apps[e.Application].fill(DutyApprove, by.Actor)
	case *ApplicationSuspended:
		j.apps[e.Application].suspended = true
	case *ApplicationResumed:
		j.apps[e.Application].suspended = false
	case *ApplicationReviewed:
		a := j.apps[e.Application]
		a.last = by.Date
		a.fill(DutyReview, by.Actor)
		if a.state == Approved {
			a.more = append(a.more, judgedOpinion{handsOf(by.Actor), e.Opinion})
		} else {
			a.opinions = append(a.opinions, judgedOpinion{handsOf(by.Actor), e.Opinion})
		}
	case *ApplicationApproved:
		a := j.apps[e.Application]
		a.step(Approved, by.Date)
		a.fill(DutyApprove, by.Actor)
		a.decided, a.department = by.Date, by.Actor.Department
		a.grant(&e.Granted, by)
	default:
		j.learnLife(e, by)
	}
}

func (a *judgedApp) grant(g *Granted, by Deed) {
	a.since, a.more = by.Date, nil
	for _, i := range g.Instalments {
		if g.ByRate != nil {
			if a.byRate == nil {
				a.byRate = map[string]decimal.Decimal{}
			}
			fact := string(g.Charge.Enterprise) + " " + g.ByRate.Period
			a.byRate[fact] = a.byRate[fact].Add(dec(i.Amount))
		}
		a.granted = append(a.granted, i.SupportYear)
		a.holds = append(a.holds, &judgedHold{charge: g.Charge, year: i.SupportYear, version: g.ClauseVersion, on: by.Date, amount: dec(i.Amount)})
	}
}

// learnLife learns what changed of an application, and of what is approved on it.
func (j *judge) learnLife(e Event, by Deed) {
	switch e := e.(type) {
	case *ApprovalSupplemented:
		a := j.apps[e.Application]
		a.last = by.Date
		a.fill(DutyApprove, by.Actor)
		a.grant(&e.Granted, by)
	case *ApplicationAmended:
		a := j.apps[e.Application]
		a.last = by.Date
		if len(e.Previously) > 0 {
			a.opinions, a.more = nil, nil
		}
		if len(e.Requested) > 0 {
			a.filed = e.Requested
		}
		a.charge = e.Charge
	case *ApplicationMoved:
		a := j.apps[e.Application]
		if from := e.PreviousCharge.Enterprise; e.Merged && !e.Parted {
			j.took[from] = append(j.took[from], e.Application)
		}
		if a.state == Approved {
			a.since = by.Date
			if !e.Merged { // somebody decided it
				a.moved = true
				a.fill(DutyApprove, by.Actor)
			}
			var moved []*judgedHold
			for _, i := range e.Unpaid {
				a.less(a.charge, i.SupportYear, dec(i.Amount), func(h *judgedHold, by decimal.Decimal) {
					there := *h
					there.charge, there.amount, there.gone, there.on = e.Charge, by, decimal.Zero, a.since
					if e.Charge.Account() != e.PreviousCharge.Account() && !e.Merged {
						there.version = e.ClauseVersion
					}
					moved = append([]*judgedHold{&there}, moved...) // the earliest decision's first, as they stood
				})
			}
			a.holds = append(a.holds, moved...)
		}
		a.charge, a.last = e.Charge, by.Date
		if !e.Merged {
			a.opinions, a.more = nil, nil
		}
	case *ApplicationVoided:
		a := j.apps[e.Application]
		a.step(Voided, by.Date)
		a.filed, a.granted, a.holds, a.suspended = nil, nil, nil, false
	case *ApprovalReduced:
		j.cutHold(&e.Cut, by)
	case *ApprovalReleased:
		j.cutHold(&e.Cut, by)
	}
}

func (j *judge) cutHold(c *Cut, by Deed) {
	j.apps[c.Application].less(c.Charge, c.SupportYear, dec(c.Amount), leave)
	j.apps[c.Application].cutOn = latest(j.apps[c.Application].cutOn, by.Date)
}

// letGo takes what came back from where it stayed.
func (j *judge) letGo(id ApplicationID, c Charge, y SupportYear, released Money, by Deed) {
	if released.Positive() {
		j.apps[id].less(c, y, dec(released), func(h *judgedHold, by decimal.Decimal) { h.gone = h.gone.Add(by) })
		j.apps[id].cutOn = latest(j.apps[id].cutOn, by.Date)
	}
}

func (j *judge) learnMoney(e Event, by Deed) {
	switch e := e.(type) {
	case *PayoutMade:
		j.paid[e.Payout] = &judgedPayout{app: e.Application, charge: e.Charge, year: e.SupportYear, amount: dec(e.Amount), on: e.PaidOn,
			departments: []DepartmentID{j.apps[e.Application].department}, kept: dec(e.KeptBack)}
		j.apps[e.Application].fill(DutyPay, by.Actor)
	case *PayoutBooked:
		p := &judgedPayout{app: e.Application, charge: e.Charge, year: e.SupportYear, amount: dec(e.Amount), on: e.PaidOn, booked: true,
			departments: j.bearers(j.apps[e.Application], e.Charge, e.PaidOn)}
		j.paid[e.Payout] = p
		if a := j.apps[e.Application]; a != nil {
			a.fill(DutyPay, by.Actor)
		}
	case *PayoutReturned:
		p := j.paid[e.Payout]
		p.returned, p.returnedOn = p.returned.Add(dec(e.Amount)), latest(p.returnedOn, by.Date)
		p.kept, p.givenOut = p.kept.Sub(dec(e.KeptBack)), p.givenOut.Add(dec(e.KeptBack))
		j.letGo(e.Application, e.Charge, e.SupportYear, e.Released, by)
	case *ReturnReversed:
		p := j.paid[e.Payout]
		p.returned, p.und = p.returned.Sub(dec(e.Amount)), latest(p.und, by.Date)
		if left := dec(e.Restored); left.IsPositive() {
			for _, h := range j.apps[e.Application].holds {
				if h.charge == e.Charge && h.year == e.SupportYear {
					by := decimal.Min(h.gone, left)
					h.gone, h.amount, left = h.gone.Sub(by), h.amount.Add(by), left.Sub(by)
				}
			}
		}
	case *BookingReversed:
		j.paid[e.Payout].reversed, j.paid[e.Payout].und = true, latest(j.paid[e.Payout].und, by.Date)
		j.letGo(e.Application, e.Charge, e.SupportYear, e.Released, by)
	case *ClawbackOrdered:
		j.orders[e.Clawback] = &judgedOrder{payout: e.Payout, cause: e.Cause, ordered: dec(e.Amount), on: by.Date, by: handsOf(by.Actor), due: e.DueOn, nth: len(j.orders)}
	case *RecoveryScheduled:
		o := j.orders[e.Clawback]
		o.schedules = append(o.schedules, judgedSchedule{by.Date, e.Instalments})
	case *ClawbackWrittenOff:
		j.orders[e.Clawback].off = j.orders[e.Clawback].off.Add(dec(e.Amount))
		j.orders[e.Clawback].move(by.Date, dec(e.Amount))
	case *ClawbackWaived:
		j.orders[e.Clawback].waived = j.orders[e.Clawback].waived.Add(dec(e.Amount))
		j.orders[e.Clawback].move(by.Date, dec(e.Amount))
	case *RecoveryReceived:
		j.orders[e.Clawback].in = j.orders[e.Clawback].in.Add(dec(e.Amount))
		j.orders[e.Clawback].move(e.ReceivedOn, dec(e.Amount))
		j.got[e.Recovery] = &judgedRecovery{order: e.Clawback, payout: e.Payout, charge: e.Charge, year: e.SupportYear, cause: e.Cause, on: e.ReceivedOn, amount: dec(e.Amount),
			kept: dec(e.Amount).Add(dec(e.Interest)), from: e.KeptFrom}
	case *RecoveryBooked:
		j.got[e.Recovery] = &judgedRecovery{payout: e.Payout, charge: e.Charge, year: e.SupportYear, cause: e.Cause, on: e.ReceivedOn, amount: dec(e.Amount)}
		if e.Payout != "" {
			j.paid[e.Payout].back = j.paid[e.Payout].back.Add(dec(e.Amount))
		}
	case *RecoveryReversed:
		r := j.got[e.Recovery]
		r.reversed = true
		switch {
		case r.order != "":
			j.orders[r.order].in = j.orders[r.order].in.Sub(r.amount)
			j.orders[r.order].move(by.Date, r.amount.Neg())
		case r.payout != "":
			j.paid[r.payout].back = j.paid[r.payout].back.Sub(r.amount)
		}
		if Found(e, CodeAccountOverCap) {
			a := e.Charge.Account()
			if j.reversals[a] == nil {
				j.reversals[a] = map[SupportYear]bool{}
			}
			j.reversals[a][e.SupportYear] = true
		}
	}
}

func budget(year int, clause, department string) string {
	return fmt.Sprint(year, "/", clause, "/", department)
}

// bearers are the departments whose budgets a payout counts against: the approving one, else those of the clause.
func (j *judge) bearers(a *judgedApp, c Charge, on Date) []DepartmentID {
	if a != nil && a.department != "" {
		return []DepartmentID{a.department}
	}
	return j.departmentsOn(c.Applied(), on)
}
