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

// judge is what the design's rules ask about, as the list of what happened tells it.
type judge struct {
	*tally
	policy    Policy
	seen      int // of the history
	apps      map[ApplicationID]*judgedApp
	firms     map[EnterpriseID]*judgedFirm
	versions  map[ClauseID][]ClauseVersion
	paid      map[PayoutID]*judgedPayout
	orders    map[ClawbackID]*judgedOrder
	got       map[RecoveryID]*judgedRecovery
	raised    map[ExceptionID]*judgedException
	budgets   map[string]decimal.Decimal
	reversals map[Account]map[SupportYear]bool // lines that a reversed recovery put over
}

type judgedApp struct {
	charge        Charge
	state         ApplicationState
	suspended     bool
	filed         []Instalment
	last, decided Date
	department    DepartmentID
	version       int
	granted       []SupportYear
	did           map[string][]Duty // by person's key
	opinions      map[string]Opinion
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
}

type judgedOrder struct {
	payout              PayoutID
	cause               Cause
	ordered, waived, in decimal.Decimal
	on                  Date
	by                  string
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
}

type judgedException struct {
	account Account
	year    SupportYear
	left    decimal.Decimal
	on      Date
	by      string
}

func judgeOf(*world) *judge {
	return &judge{tally: recount(nil), apps: map[ApplicationID]*judgedApp{}, firms: map[EnterpriseID]*judgedFirm{}, versions: map[ClauseID][]ClauseVersion{},
		paid: map[PayoutID]*judgedPayout{}, orders: map[ClawbackID]*judgedOrder{}, got: map[RecoveryID]*judgedRecovery{},
		raised: map[ExceptionID]*judgedException{}, budgets: map[string]decimal.Decimal{}, reversals: map[Account]map[SupportYear]bool{}}
}

// take takes in what happened since.
func (j *judge) take(history []happened) {
	for ; j.seen < len(history); j.seen++ {
		j.add(history[j.seen].event)
		j.learn(history[j.seen].event, history[j.seen].by)
	}
}

func (a *judgedApp) step(s ApplicationState, on Date) { a.state, a.last = s, on }

func (a *judgedApp) fill(d Duty, p PersonID) {
	a.did[Key(string(p))] = append(a.did[Key(string(p))], d)
}

func (j *judge) learn(e Event, by Deed) {
	switch e := e.(type) {
	case *PolicyPublished:
		j.policy = e.Policy
		for _, c := range e.Policy.Clauses {
			j.versions[c.ID] = []ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: e.Policy.Term.From}}
		}
	case *ClauseAmended:
		j.versions[e.Clause] = append(j.versions[e.Clause], ClauseVersion{Version: e.Version, Cap: e.Cap, EffectiveOn: e.EffectiveOn, Retroactive: e.Retroactive})
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
		j.budgets[budget(e.BudgetYear, string(e.Clause), string(e.Department))] = dec(e.Amount)
	case *ExceptionGranted:
		j.raised[e.Exception] = &judgedException{Account{e.Clause, e.Subject}, e.SupportYear, dec(e.Amount), by.Date, Key(string(by.Actor.ID))}
	case *ExceptionRevoked:
		j.raised[e.Exception].left = j.raised[e.Exception].left.Sub(dec(e.Amount))
	default:
		j.learnStep(e, by)
		j.learnMoney(e, by)
	}
}

func (j *judge) learnStep(e Event, by Deed) {
	switch e := e.(type) {
	case *ApplicationSubmitted:
		a := j.apps[e.Application]
		if a == nil {
			a = &judgedApp{did: map[string][]Duty{}}
			j.apps[e.Application] = a
		}
		a.charge, a.filed, a.opinions = e.Charge, e.Requested, map[string]Opinion{}
		a.step(Submitted, by.Date)
	case *ApplicationTransferred:
		a := j.apps[e.Application]
		a.charge, a.opinions, a.last = e.Charge, map[string]Opinion{}, by.Date
	case *ApplicationAccepted:
		j.apps[e.Application].step(Accepted, by.Date)
		j.apps[e.Application].fill(DutyAccept, by.Actor.ID)
	case *ApplicationReturned:
		j.apps[e.Application].step(Returned, by.Date)
	case *ApplicationWithdrawn:
		j.apps[e.Application].step(Withdrawn, by.Date)
	case *ApplicationRejected:
		j.apps[e.Application].step(Rejected, by.Date)
		j.apps[e.Application].fill(DutyApprove, by.Actor.ID)
	case *ApplicationSuspended:
		j.apps[e.Application].suspended = true
	case *ApplicationResumed:
		j.apps[e.Application].suspended = false
	case *ApplicationReviewed:
		a := j.apps[e.Application]
		a.last = by.Date
		a.fill(DutyReview, by.Actor.ID)
		a.opinions[Key(string(by.Actor.ID))] = e.Opinion
	case *ApplicationApproved:
		a := j.apps[e.Application]
		a.step(Approved, by.Date)
		a.fill(DutyApprove, by.Actor.ID)
		a.decided, a.department, a.version = by.Date, by.Actor.Department, e.ClauseVersion
		for _, i := range e.Instalments {
			a.granted = append(a.granted, i.SupportYear)
		}
	}
}

func (j *judge) learnMoney(e Event, by Deed) {
	switch e := e.(type) {
	case *PayoutMade:
		j.paid[e.Payout] = &judgedPayout{app: e.Application, charge: e.Charge, year: e.SupportYear, amount: dec(e.Amount), on: e.PaidOn,
			departments: []DepartmentID{j.apps[e.Application].department}}
		j.apps[e.Application].fill(DutyPay, by.Actor.ID)
	case *PayoutBooked:
		p := &judgedPayout{app: e.Application, charge: e.Charge, year: e.SupportYear, amount: dec(e.Amount), on: e.PaidOn, booked: true,
			departments: j.bearers(j.apps[e.Application], e.Charge)}
		j.paid[e.Payout] = p
		if a := j.apps[e.Application]; a != nil {
			a.fill(DutyPay, by.Actor.ID)
		}
	case *PayoutReturned:
		p := j.paid[e.Payout]
		p.returned, p.returnedOn = p.returned.Add(dec(e.Amount)), latest(p.returnedOn, by.Date)
	case *ReturnReversed:
		p := j.paid[e.Payout]
		p.returned, p.und = p.returned.Sub(dec(e.Amount)), latest(p.und, by.Date)
	case *BookingReversed:
		j.paid[e.Payout].reversed = true
	case *ClawbackOrdered:
		j.orders[e.Clawback] = &judgedOrder{payout: e.Payout, cause: e.Cause, ordered: dec(e.Amount), on: by.Date, by: Key(string(by.Actor.ID))}
	case *ClawbackWaived:
		j.orders[e.Clawback].waived = j.orders[e.Clawback].waived.Add(dec(e.Amount))
	case *RecoveryReceived:
		j.orders[e.Clawback].in = j.orders[e.Clawback].in.Add(dec(e.Amount))
		j.got[e.Recovery] = &judgedRecovery{e.Clawback, e.Payout, e.Charge, e.SupportYear, e.Cause, e.ReceivedOn, dec(e.Amount), false}
	case *RecoveryBooked:
		j.got[e.Recovery] = &judgedRecovery{"", e.Payout, e.Charge, e.SupportYear, e.Cause, e.ReceivedOn, dec(e.Amount), false}
		if e.Payout != "" {
			j.paid[e.Payout].back = j.paid[e.Payout].back.Add(dec(e.Amount))
		}
	case *RecoveryReversed:
		r := j.got[e.Recovery]
		r.reversed = true
		switch {
		case r.order != "":
			j.orders[r.order].in = j.orders[r.order].in.Sub(r.amount)
		case r.payout != "":
			j.paid[r.payout].back = j.paid[r.payout].back.Sub(r.amount)
		}
		if len(e.Findings) > 0 {
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
func (j *judge) bearers(a *judgedApp, c Charge) []DepartmentID {
	if a != nil && a.department != "" {
		return []DepartmentID{a.department}
	}
	return j.clause(c.Applied()).Departments
}

func (j *judge) clause(id ClauseID) Clause {
	c, _ := j.policy.Clause(id)
	return c
}

func (j *judge) yearly(c ClauseID) bool { return j.clause(c).Cap.Period == PerYear }

// inForce is the version in force on a day.
func (j *judge) inForce(c ClauseID, on Date) ClauseVersion {
	best := j.versions[c][0]
	for _, v := range j.versions[c][1:] {
		if !on.Before(v.EffectiveOn) && !v.EffectiveOn.Before(best.EffectiveOn) {
			best = v
		}
	}
	return best
}

// overruled is what a version became under retroactive amendments that have taken effect by a day: the last of them behind it.
func (j *judge) overruled(c ClauseID, v ClauseVersion, by Date) (ClauseVersion, bool) {
	last, any := v, false
	for _, r := range j.versions[c] {
		behind := r.EffectiveOn.After(last.EffectiveOn) || r.EffectiveOn == last.EffectiveOn && r.Version > last.Version
		if r.Retroactive && !r.EffectiveOn.After(by) && behind {
			last, any = r, true
		}
	}
	return last, any
}

// governs is the version that a decision of a day is judged by when it is recorded today (R7): a retroactive amendment that lowers it
// cannot be got round by an earlier date.
func (j *judge) governs(c ClauseID, on, today Date) ClauseVersion {
	v := j.inForce(c, on)
	if r, any := j.overruled(c, v, today); any && r.Cap.Stated && (!v.Cap.Stated || r.Cap.Amount.Less(v.Cap.Amount)) {
		return r
	}
	return v
}

// usage is what an account uses in the scope of its cap, and its exceptions, for a decision of a day; less what later days bring (R6).
func (j *judge) usage(a Account, y SupportYear, on Date) (use, exceptions, committed, approvedBack decimal.Decimal) {
	for key, l := range j.lines {
		if key.clause != string(a.Clause) || key.kind != string(a.Subject.Kind) || key.subject != a.Subject.ID || j.yearly(a.Clause) && key.year != y {
			continue
		}
		use, committed = use.Add(l.use()), committed.Add(l.committed)
	}
	for _, x := range j.raised {
		if x.account == a && (!j.yearly(a.Clause) || x.year == y) && !x.on.After(on) {
			exceptions = exceptions.Add(x.left)
		}
	}
	for _, r := range j.back {
		if r.cause != CauseError || !j.sameLine(r, a, y) {
			continue
		}
		if j.got[r.id].on.After(on) {
			use = use.Add(r.counts)
		} else {
			approvedBack = approvedBack.Add(r.counts.Sub(r.outside))
		}
	}
	return use, exceptions, committed, approvedBack
}

func (j *judge) sameLine(r *tallyRecovery, a Account, y SupportYear) bool {
	g := j.got[r.id]
	return g.charge.Account() == a && (!j.yearly(a.Clause) || g.year == y)
}

// overCap reports whether so much more would take an account over its cap (R2).
func (j *judge) overCap(a Account, y SupportYear, more decimal.Decimal, v ClauseVersion, on Date) bool {
	use, exceptions, _, _ := j.usage(a, y, on)
	return v.Cap.Stated && use.Add(more).GreaterThan(dec(v.Cap.Amount).Add(exceptions))
}

// standing are the versions that govern approvals on an account with something still committed.
func (j *judge) standing(a Account, y SupportYear, today Date) []ClauseVersion {
	sums := map[int]decimal.Decimal{}
	for id, app := range j.apps {
		if app.state != Approved || app.charge.Account() != a {
			continue
		}
		for key, part := range j.instalments {
			if key.clause == string(id) && (!j.yearly(a.Clause) || key.year == y) {
				sums[app.version] = sums[app.version].Add(part[0])
			}
		}
	}
	var list []ClauseVersion
	for version, sum := range sums {
		if sum.IsPositive() {
			v, _ := j.overruled(a.Clause, j.versions[a.Clause][version-1], today)
			list = append(list, v)
		}
	}
	return list
}

// held is R5a's held cap; nothing is held where no cap is stated, or nothing committed.
func (j *judge) held(a Account, y SupportYear, today Date) (least decimal.Decimal, any bool) {
	for _, v := range j.standing(a, y, today) {
		if v.Cap.Stated && (!any || dec(v.Cap.Amount).LessThan(least)) {
			least, any = dec(v.Cap.Amount), true
		}
	}
	return least, any
}

// waits reports whether payouts on an account wait (R3, R5a, R7): what approvals use is over the cap of the latest version that governs
// one; after a reversed recovery, over what is held.
func (j *judge) waits(a Account, y SupportYear, on, today Date) bool {
	_, exceptions, committed, back := j.usage(a, y, on)
	uses := committed.Sub(back)
	bounced := j.reversals[a][y] || !j.yearly(a.Clause) && len(j.reversals[a]) > 0
	if bounced {
		least, any := j.held(a, y, today)
		return any && uses.GreaterThan(least.Add(exceptions))
	}
	list := j.standing(a, y, today)
	if len(list) == 0 {
		return false
	}
	last := slices.MaxFunc(list, func(a, b ClauseVersion) int {
		if a.EffectiveOn == b.EffectiveOn {
			return a.Version - b.Version
		}
		return a.EffectiveOn.order() - b.EffectiveOn.order()
	})
	return last.Cap.Stated && uses.GreaterThan(dec(last.Cap.Amount).Add(exceptions))
}

func (f *judgedFirm) on(d Date) IndustryID {
	is := f.industries[0].is
	for _, x := range f.industries {
		if !x.day.After(d) {
			is = x.is
		}
	}
	return is
}

// serves is R10's first half: the clause applied for serves the industry of the day, or the enterprise is admitted for it.
func (j *judge) serves(id EnterpriseID, c ClauseID, on Date) bool {
	f, list := j.firms[id], j.clause(c).Industries
	if len(list) == 0 || slices.Contains(list, f.on(on)) {
		return true
	}
	for _, a := range f.admitted {
		if !on.Before(a.from) && (a.until.IsZero() || !on.After(a.until)) && (a.revoked.IsZero() || on.Before(a.revoked)) &&
			(len(a.clauses) == 0 || slices.Contains(a.clauses, c)) {
			return true
		}
	}
	return false
}

// badOn reports whether credit is restricted on a day.
func (f *judgedFirm) badOn(on Date) bool {
	for _, r := range f.bad {
		if !on.Before(r[0]) && (r[1].IsZero() || on.Before(r[1])) {
			return true
		}
	}
	return false
}

// badNow reports whether credit is restricted as far as is known.
func (f *judgedFirm) badNow() bool { return len(f.bad) > 0 && f.bad[len(f.bad)-1][1].IsZero() }

// other reports whether a person filled another duty on an application (R9).
func (a *judgedApp) other(d Duty, p PersonID) bool {
	return slices.ContainsFunc(a.did[Key(string(p))], func(o Duty) bool { return o != d })
}

// money is what of a payout can still be claimed or returned (R4).
func (j *judge) claimable(id PayoutID) decimal.Decimal {
	p := j.paid[id]
	left := p.amount.Sub(p.returned).Sub(p.back)
	for _, o := range j.orders {
		if o.payout == id {
			left = left.Sub(o.ordered.Sub(o.waived))
		}
	}
	return decimal.Max(decimal.Zero, left)
}

// spent is what counts against a budget: paid less returned.
func (j *judge) spent(year int, clause ClauseID, d DepartmentID) (sum decimal.Decimal) {
	for _, p := range j.paid {
		if p.on.Year() != year || p.reversed {
			continue
		}
		if clause != "" && (p.charge.Clause == clause || p.charge.Via == clause) || d != "" && slices.Contains(p.departments, d) {
			sum = sum.Add(p.amount.Sub(p.returned))
		}
	}
	return sum
}

// beyondBudget reports whether so much more would pass a budget that is set.
func (j *judge) beyondBudget(year int, c Charge, departments []DepartmentID, more decimal.Decimal) bool {
	over := func(clause ClauseID, d DepartmentID) bool {
		limit, set := j.budgets[budget(year, string(clause), string(d))]
		return set && j.spent(year, clause, d).Add(more).GreaterThan(limit)
	}
	if over(c.Clause, "") || c.Via != "" && over(c.Via, "") {
		return true
	}
	return slices.ContainsFunc(departments, func(d DepartmentID) bool { return d != "" && over("", d) })
}

// bookedOn is what stands booked on an application that is not decided.
func (j *judge) bookedOn(id ApplicationID) (sum decimal.Decimal) {
	for _, p := range j.paid {
		if p.app == id && p.booked && !p.reversed {
			sum = sum.Add(p.amount.Sub(p.returned))
		}
	}
	return sum
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
			no(o.by == Key(string(h.Actor.ID)), CodeFourEyes)
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
	no(a.other(DutyApprove, c.Actor.ID), CodeFourEyes)
	account := a.charge.Account()
	for _, x := range j.raised {
		no(x.account == account && x.left.IsPositive() && x.by == Key(string(c.Actor.ID)), CodeFourEyes)
	}
	no(a.suspended, CodeApplicationSuspended)
	reviews := 0
	for _, o := range a.opinions {
		if o == Support || o == Oppose {
			reviews++
		}
	}
	no(reviews < j.policy.Workflow.Reviews, CodeReviewsRequired)
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
	no(a.other(DutyPay, c.Actor.ID), CodeFourEyes)
	firm := j.firms[a.charge.Enterprise]
	no(firm.badNow() || firm.badOn(c.Date) || firm.badOn(on), CodeCreditRestricted)
	no(a.suspended, CodeApplicationSuspended)
	room, granted := j.granted(c.Application, c.SupportYear)
	no(!granted, CodeInstalmentUnknown)
	no(granted && dec(c.Amount).GreaterThan(room), CodeInstalmentExceeded)
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
		note(a.other(DutyPay, c.Actor.ID), CodeFourEyes)
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

// revocation is R5a and R6: never below use less the held cap, nor before the grant.
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
		use, exceptions, _, _ := j.usage(x.account, x.year, Date{9999, 12, 31})
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
	no(granted && dec(m).GreaterThan(room), CodeReductionExceeded)
}

// steps judges what moves an application, an enterprise, a clause or a budget.
func (j *judge) steps(c Command, h Head, no, note func(bool, string)) {
	switch c := c.(type) {
	case *AcceptApplication:
		if a := j.onTheWay(c.Application, h.Date, no, Submitted); a != nil {
			no(a.other(DutyAccept, h.Actor.ID), CodeFourEyes)
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
			no(a.other(DutyApprove, h.Actor.ID), CodeFourEyes)
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
			no(a.other(DutyReview, h.Actor.ID), CodeFourEyes)
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
