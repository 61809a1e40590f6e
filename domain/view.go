package domain

import (
	"cmp"
	"maps"
	"slices"
)

// What can be read of a state: for previews before a decision, for replays, for explanations. Nothing here changes it.

// Policy is the policy in force, nil before one is published. It must not be changed.
func (s *State) Policy() *Policy { return s.policy }

// Versions are a clause's versions in the order they were recorded; nil for a clause without accounts.
func (s *State) Versions(c ClauseID) []ClauseVersion { return slices.Clone(s.clauses.get(c).versions) }

// LineView is how an account stands in a support year, or as a whole where its cap counts in total.
type LineView struct {
	Clause        ClauseID
	Subject       Subject
	SupportYear   SupportYear // 0: all years together
	Cap           Ceiling     // in force on the day asked for
	Standing      Ceiling     // what earlier approvals stand under (see [StandingCap]); after a reversed recovery, what the account must hold
	ClauseVersion int
	Exceptions    Money
	Committed     Money
	Outside       Money // booked outside any approval
	Freed         Money // came back with cause error, never more than went out
	Beyond        Money // came in beyond what went out
	Use           Money
	Carried       Money // of the use, what the subject used under the clause that this one continues
	Joined        Money // of the use, what those use that the subject counts as one with
}

// Headroom is what can still be approved; unstated where no cap is.
func (v LineView) Headroom() Ceiling {
	if !v.Cap.Stated {
		return Unstated
	}
	return Stated(v.Cap.Amount.Add(v.Exceptions).Sub(v.Use).OrNone())
}

// OverBy is by how much use is beyond what earlier approvals stand under and the exceptions; 0.00 where it is not. What is carried puts nothing
// over, nor does what is joined: it is at most the account's own use.
func (v LineView) OverBy() Money {
	if !v.Standing.Stated {
		return NoMoney
	}
	return Lesser(v.Use.Sub(v.Standing.Amount).Sub(v.Exceptions), v.Use.Sub(v.Carried).Sub(v.Joined)).OrNone()
}

// Account is how an account stands on a day, for decisions on a support year.
func (s *State) Account(a Account, year SupportYear, day Date) (LineView, bool) {
	c, ok := s.clauses.find(a.Clause)
	if !ok || len(c.versions) == 0 {
		return LineView{}, false
	}
	version, u := VersionOn(c.versions, day), s.stands(a, year)
	own, joined := s.scope(a, year).use(), NoMoney
	for _, other := range s.besides(a) {
		joined = joined.Add(s.scope(other, year).use())
	}
	return LineView{Clause: a.Clause, Subject: a.Subject, SupportYear: s.scopeYear(a.Clause, year), Cap: version.Cap,
		Standing: s.standsUnder(a, year, day), ClauseVersion: version.Version, Exceptions: u.exceptions, Committed: u.committed,
		Outside: u.outside, Freed: u.freed, Beyond: u.beyond, Use: u.use(),
		Carried: u.use().Sub(own).Sub(joined), Joined: joined}, true
}

// EnterpriseView is what decisions know of an enterprise.
type EnterpriseView struct {
	Name       string
	Industry   IndustryID
	Restricted bool
	Admitted   bool
}

// Enterprise finds an enterprise.
func (s *State) Enterprise(id EnterpriseID) (EnterpriseView, bool) {
	e, ok := s.enterprises.find(id)
	return EnterpriseView{Name: e.name, Industry: e.industry(), Restricted: e.restricted(),
		Admitted: slices.ContainsFunc(e.admissions, admission.stands)}, ok
}

// Knows reports whether a text is the id of a registered enterprise, in any spelling of it.
func (s *State) Knows(id EnterpriseID) bool {
	return s.enterprises.has(EnterpriseID(s.spelled(nameEnterprise, string(id))))
}

// InstalmentView is an instalment of an approval and what is paid of it.
type InstalmentView struct {
	SupportYear SupportYear
	Amount      Money // approved − reduced − released
	Paid        Money // within the approval, less what the bank returned
}

// ApplicationView is where an application stands.
type ApplicationView struct {
	Charge      Charge
	State       ApplicationState
	Suspended   bool
	Requested   []Instalment
	Instalments []InstalmentView
	Reviews     int           // that count
	MoreReviews int           // that count for what may be added to the approval
	Replaces    ApplicationID // the voided application that this one is in the place of
	ReplacedBy  ApplicationID // of a voided one
	SubmittedOn Date
	ApprovedOn  Date
	Department  DepartmentID        // that approved
	Duties      map[Duty][]PersonID // who filled which duty
}

// Application finds an application.
func (s *State) Application(id ApplicationID) (ApplicationView, bool) {
	a, ok := s.applications.find(id)
	if !ok {
		return ApplicationView{}, false
	}
	v := ApplicationView{Charge: a.charge, State: a.state, Suspended: a.suspended, Requested: slices.Clone(a.filed), Reviews: counted(a.reviews, s.reviewedBy(a)),
		MoreReviews: counted(a.more, s.reviewedBy(a)), Replaces: a.replaces, ReplacedBy: a.replacedBy,
		SubmittedOn: a.submitted, ApprovedOn: a.approvedOn, Department: a.department, Duties: map[Duty][]PersonID{}}
	for _, part := range a.schedule {
		v.Instalments = append(v.Instalments, InstalmentView{part.year, part.amount, part.paid})
	}
	for _, done := range a.duties {
		v.Duties[done.duty] = append(v.Duties[done.duty], done.person)
	}
	return v, true
}

// PayoutView is what became of a payout.
type PayoutView struct {
	Application ApplicationID
	Charge      Charge
	SupportYear SupportYear
	Amount      Money
	Returned    Money
	Ordered     Money // clawbacks ordered − waived
	Reclaimable Money // what can still be returned or clawed back
	KeptBack    Money // of the amount, what is not paid, for it is owed
	Returnable  Money // what the bank can still send back
	SentBack    Money // of what was returned, what the bank sent back
	PaidOn      Date
}

// Payout finds a payout.
func (s *State) Payout(id PayoutID) (PayoutView, bool) {
	p, ok := s.payouts.find(id)
	return PayoutView{Application: p.application, Charge: p.charge, SupportYear: p.year, Amount: p.amount, Returned: p.returned,
		Ordered: p.ordered, Reclaimable: p.reclaimable(), KeptBack: p.kept, Returnable: p.returnable(), SentBack: p.returned.Sub(p.givenOut), PaidOn: p.paidOn}, ok
}

// ClawbackView is what became of a clawback.
type ClawbackView struct {
	Payout      PayoutID
	Cause       Cause
	Ordered     Money
	Waived      Money
	Recovered   Money
	WrittenOff  Money
	Outstanding Money
	OrderedOn   Date
	OrderedBy   PersonID
	Interest    *Interest  // on what is outstanding; nil: the policy has no rates
	Parts       []PartView // of the schedule that stands; without one, what the order says
}

// PartView is a part of what is to be paid back, and what is left of it.
type PartView struct {
	Repayment
	Left Money
}

// Overdue is what is left of parts that were due before a day.
func (v ClawbackView) Overdue(day Date) (sum Money) {
	for _, part := range v.Parts {
		if !part.DueOn.IsZero() && part.DueOn.Before(day) {
			sum = sum.Add(part.Left)
		}
	}
	return sum
}

// DueOn is the first day by which something is to be paid that is not; none: nothing is due on a day.
func (v ClawbackView) DueOn() Date {
	for _, part := range v.Parts {
		if part.Left.Positive() {
			return part.DueOn
		}
	}
	return Date{}
}

// Clawback finds a clawback.
func (s *State) Clawback(id ClawbackID) (ClawbackView, bool) {
	c, ok := s.clawbacks.find(id)
	v := ClawbackView{Payout: c.payout, Cause: c.cause, Ordered: c.ordered, Waived: c.waived, Recovered: c.recovered, WrittenOff: c.writtenOff,
		Outstanding: c.outstanding(), OrderedOn: c.orderedOn}
	if len(c.orderedBy) > 0 {
		v.OrderedBy = c.orderedBy[0]
	}
	if due, has := s.lateInterest(c, v.Outstanding); ok && has {
		v.Interest = &due
	}
	list := c.parts()
	for i, left := range Unpaid(list, v.Outstanding) {
		v.Parts = append(v.Parts, PartView{list[i], left.Amount})
	}
	return v, ok
}

// Recovered is the clawback that a recovery came in on, and the payout that it is of; either may be empty, and both are where there is no such recovery.
func (s *State) Recovered(id RecoveryID) (ClawbackID, PayoutID) {
	r := s.recoveries.get(id)
	return r.clawback, r.payout
}

// Accounts lists the accounts that anything was ever charged to or granted on, in order of clause and subject.
func (s *State) Accounts() []Account {
	return slices.SortedFunc(maps.Keys(s.accounts.rows), compareAccounts)
}

// Lines lists every support year of every account, in order.
func (s *State) Lines() []AccountLine { return s.linesOf(func(Account) bool { return true }) }

// LinesUnder lists those of the accounts under a clause.
func (s *State) LinesUnder(c ClauseID) []AccountLine {
	return s.linesOf(func(a Account) bool { return a.Clause == c })
}

func (s *State) linesOf(which func(Account) bool) (lines []AccountLine) {
	for key := range s.lines.rows {
		if which(key.account) {
			lines = append(lines, AccountLine{key.account, key.year})
		}
	}
	slices.SortFunc(lines, func(a, b AccountLine) int {
		if c := compareAccounts(a.Account, b.Account); c != 0 {
			return c
		}
		return int(a.SupportYear) - int(b.SupportYear)
	})
	return lines
}

// AccountLine is a support year of an account.
type AccountLine struct {
	Account
	SupportYear SupportYear
}

func compareAccounts(a, b Account) int {
	for _, pair := range [][2]string{{string(a.Clause), string(b.Clause)}, {string(a.Subject.Kind), string(b.Subject.Kind)}, {a.Subject.ID, b.Subject.ID}} {
		switch {
		case pair[0] < pair[1]:
			return -1
		case pair[0] > pair[1]:
			return 1
		}
	}
	return 0
}

// Appropriation is what may be paid of a budget, and what was paid of it.
type Appropriation struct {
	Scope     string // as [BudgetKey.String] tells it
	Set, Paid Money
}

// Budget is an appropriation of a budget year.
type Budget struct {
	Year int
	Appropriation
}

// Budgets are the appropriations of all years, in order.
func (s *State) Budgets() (list []Budget) {
	for key, set := range s.appropriations.rows {
		list = append(list, Budget{key.Year, Appropriation{key.String(), set.total(), s.spent.get(key)}})
	}
	slices.SortFunc(list, func(a, b Budget) int { return cmp.Or(a.Year-b.Year, cmp.Compare(a.Scope, b.Scope)) })
	return list
}

// BudgetKeys are all budgets that money was appropriated for, paid of or planned for, in order.
func (s *State) BudgetKeys() (keys []BudgetKey) {
	for key := range s.appropriations.rows {
		keys = append(keys, key)
	}
	for _, sums := range []table[BudgetKey, Money]{s.spent, s.planned} {
		for key := range sums.rows {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b BudgetKey) int {
		return cmp.Or(a.Year-b.Year, cmp.Compare(a.Kind(), b.Kind()), cmp.Compare(a.Scope(), b.Scope()), cmp.Compare(a.Clause, b.Clause))
	})
	return slices.Compact(keys)
}

// BudgetView is a budget as it stands.
type BudgetView struct {
	Initial, Adjusted Ceiling
	Carried           Money // into the year, less what was carried out of it
	Paid              Money // less what the bank returned
	Committed         Money // not paid, and planned for the year
	Late              Money // not paid, and planned for earlier years: of the present year's budget alone
}

// Total is what may be paid of it; unstated where nothing was appropriated or carried.
func (v BudgetView) Total() Ceiling {
	set := appropriation{initial: v.Initial, adjusted: v.Adjusted, carried: v.Carried}
	if !set.set().Stated && v.Carried.IsZero() {
		return Unstated
	}
	return Stated(set.total())
}

// Free is what of it is neither paid nor committed, below nought where more is; unstated where nothing was appropriated or carried.
func (v BudgetView) Free() Ceiling {
	total := v.Total()
	if !total.Stated {
		return Unstated
	}
	return Stated(total.Amount.Sub(v.Paid).Sub(v.Committed).Sub(v.Late))
}

// Budget is a budget as it stands on a day.
func (s *State) Budget(key BudgetKey, today Date) BudgetView {
	a := s.appropriations.get(key)
	return BudgetView{Initial: a.initial, Adjusted: a.adjusted, Carried: a.carried, Paid: s.spent.get(key), Committed: s.planned.get(key), Late: s.lateIn(key, today)}
}

// Appropriations are those, as far as they are set, that a payout counts against.
func (s *State) Appropriations(year int, c Charge, departments ...DepartmentID) (list []Appropriation) {
	for _, key := range BudgetsOf(year, c, departments...) {
		if set, ok := s.appropriations.find(key); ok {
			list = append(list, Appropriation{key.String(), set.total(), s.spent.get(key)})
		}
	}
	return list
}
