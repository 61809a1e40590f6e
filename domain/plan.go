package domain

import (
	"slices"
	"strings"
)

// Month is a month that money is planned for, such as "2027-03".
type Month string

// Year is the month's budget year; 0 where it is none.
func (m Month) Year() int {
	d, err := ParseDate(string(m) + "-01")
	if err != nil {
		return 0
	}
	return d.Year()
}

// MonthOf is the month of a day.
func MonthOf(d Date) Month { return Month(d.String()[:len("2006-01")]) }

// PlanPayment says that a part of an approved instalment is to be paid in a month, of its support year or of a later budget year: the amount replaces what was
// planned for that month, and nought takes it back. What is not planned is due in the support year.
type PlanPayment struct {
	Head
	Application ApplicationID `json:"application"`
	SupportYear SupportYear   `json:"support_year"`
	Month       Month         `json:"month"`
	Amount      Money         `json:"amount"`
}

// PaymentPlanned says what of an instalment is to be paid in a month.
type PaymentPlanned struct {
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Month       Month         `json:"month"`
	Amount      Money         `json:"amount"`
	Previous    Money         `json:"previous,omitzero"` // planned for the month before
	Findings    []Finding     `json:"findings,omitempty"`
}

// Planned is what of a plan an event uses up, or takes back.
type Planned struct {
	Month  Month `json:"month"`
	Amount Money `json:"amount"`
}

// Name is "plan_payment".
func (PlanPayment) Name() string { return "plan_payment" }

// Name is "payment_planned".
func (PaymentPlanned) Name() string { return "payment_planned" }

// Entity is the application.
func (e PaymentPlanned) Entity() (string, string) { return "application", string(e.Application) }

func (c *PlanPayment) about(s *State) Concern { return s.onApplication(c.Application, c.SupportYear) }

func (c *PlanPayment) decide(s *State, today Date) ([]Event, *Refusal) {
	a, r := s.checkApplication(c.Name(), c.Application, Approved)
	if r != nil {
		return nil, r
	}
	if r := c.checkMonth(); r != nil {
		return nil, r
	}
	if r := checkCeiling("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, a.since); r != nil {
		return nil, r
	}
	if r := checkSuspended(c.Application, a); r != nil {
		return nil, r
	}
	part, ok := a.instalment(c.SupportYear)
	if !ok {
		return nil, refuse(CodeInstalmentUnknown, "application", c.Application, "year", int(c.SupportYear))
	}
	before := plannedFor(part.plans, c.Month)
	if before == c.Amount {
		return nil, refuse(CodePlanEmpty, "application", c.Application, "year", c.SupportYear, "month", c.Month, "use", before)
	}
	if room := part.planRoom(a, c.Month, c.Amount); room.ShortBy().Positive() {
		return nil, refuse(CodePlanExceeded, "application", c.Application, "year", c.SupportYear, "month", c.Month, "limit", room.Cap, "use", room.Use,
			"asked", c.Amount, "short_by", room.ShortBy())
	}
	e := &PaymentPlanned{Application: c.Application, Charge: a.charge, SupportYear: c.SupportYear, Month: c.Month, Amount: c.Amount, Previous: before}
	if e.Findings, r = checkFree(s.freeRooms(a.charge, a.department, e.moves(), today)); r != nil {
		return nil, r
	}
	return []Event{e}, nil
}

// checkMonth checks that the month is one, and is not over on the command's day.
func (c *PlanPayment) checkMonth() *Refusal {
	if c.Month.Year() == 0 {
		return refuse(CodeFieldInvalid, "field", "month", "value", Clip(string(c.Month), 20), "reason", ReasonMonth)
	}
	if c.Month < MonthOf(c.Date) {
		return refuse(CodePlanPast, "month", c.Month, "date", c.Date)
	}
	return nil
}

// moves is what the plan adds to the budget years: what is planned for the month was due in the support year.
func (e *PaymentPlanned) moves() []due {
	by := e.Amount.Sub(e.Previous)
	return []due{{e.Month.Year(), by}, {int(e.SupportYear), by.Neg()}}
}

// planRoom is what an instalment has left to plan: what is not paid, less what is planned for other months.
func (i instalment) planRoom(a application, month Month, amount Money) Room {
	return Room{Kind: RoomOfInstalment, Scope: string(a.charge.Applied()), Subject: a.charge.Subject, Year: i.year, Cap: Stated(i.unpaid()),
		Use: i.unpaid().Sub(i.unplanned()).Sub(plannedFor(i.plans, month)), Asked: amount}
}

func (c *PlanPayment) rooms(s *State, today Date) ([]Room, *Refusal) {
	a, ok := s.applications.find(c.Application)
	if !ok {
		return nil, refuse(CodeApplicationUnknown, "application", c.Application)
	}
	var rooms []Room
	for _, part := range a.schedule {
		if c.SupportYear == 0 || part.year == c.SupportYear {
			rooms = append(rooms, part.planRoom(a, c.Month, c.Amount))
		}
	}
	if len(rooms) == 0 {
		return nil, refuse(CodeInstalmentUnknown, "application", c.Application, "year", int(c.SupportYear))
	}
	part, is := a.instalment(c.SupportYear)
	if !is || c.Month.Year() == 0 {
		return rooms, nil
	}
	e := &PaymentPlanned{SupportYear: c.SupportYear, Month: c.Month, Amount: c.Amount, Previous: plannedFor(part.plans, c.Month)}
	return append(rooms, s.freeRooms(a.charge, a.department, e.moves(), today)...), nil
}

func (e *PaymentPlanned) broken() []Finding { return e.Findings }

func (e *PaymentPlanned) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

// counts nothing: a plan says when, not how much.
func (e *PaymentPlanned) counts(*moved) {}

func (e *PaymentPlanned) command(h Head) Command {
	return &PlanPayment{Head: h, Application: e.Application, SupportYear: e.SupportYear, Month: e.Month, Amount: e.Amount}
}

func (e *PaymentPlanned) describe() Text {
	return both("%s 年度的 %s 计划于 %s 支付", "of %s, %s is planned to be paid in %s", e.SupportYear, e.Amount, e.Month)
}

func (e *PaymentPlanned) apply(s *State, _ Deed) {
	s.reschedule(e.Application, func(a *application) {
		a.changeInstalment(e.SupportYear, func(i *instalment) {
			i.plans = replan(i.plans, Planned{e.Month, e.Amount.Sub(e.Previous)})
		})
	})
}

// replan adds amounts to a plan, which is in the order of months and is never changed in place. What comes to nought is gone.
func replan(plans []Planned, by ...Planned) []Planned {
	plans = slices.Clone(plans)
	for _, one := range by {
		i, there := slices.BinarySearchFunc(plans, one.Month, func(p Planned, m Month) int { return strings.Compare(string(p.Month), string(m)) })
		if !there {
			plans = slices.Insert(plans, i, Planned{Month: one.Month})
		}
		plans[i].Amount = plans[i].Amount.Add(one.Amount)
		if plans[i].Amount.IsZero() {
			plans = slices.Delete(plans, i, i+1)
		}
	}
	return plans
}

// plannedFor is what is planned for a month.
func plannedFor(plans []Planned, m Month) Money {
	for _, p := range plans {
		if p.Month == m {
			return p.Amount
		}
	}
	return NoMoney
}

func (i instalment) unpaid() Money { return i.amount.Sub(i.paid) }

// unplanned is what is not paid and planned for no month.
func (i instalment) unplanned() Money {
	left := i.unpaid()
	for _, p := range i.plans {
		left = left.Sub(p.Amount)
	}
	return left
}

// uses is what of the plan a payment uses up: first what was planned up to the month of the payment, from the earliest; then comes
// what is not planned, and last what was planned for later months, from the earliest.
func (i instalment) uses(amount Money, on Date) []Planned {
	late := slices.IndexFunc(i.plans, func(p Planned) bool { return p.Month > MonthOf(on) })
	if late < 0 {
		late = len(i.plans)
	}
	used, left := takeOf(nil, amount, i.plans[:late])
	used, _ = takeOf(used, left.Sub(i.unplanned()).OrNone(), i.plans[late:])
	return used
}

// uses is what of an application's plan a payment of a support year uses up.
func (a application) uses(y SupportYear, amount Money, on Date) []Planned {
	part, _ := a.instalment(y)
	return part.uses(amount, on)
}

// gives is what of the plan a cut takes back: first goes what is not planned, then what was planned last.
func (i instalment) gives(amount Money) []Planned {
	latestFirst := slices.Clone(i.plans)
	slices.Reverse(latestFirst)
	given, _ := takeOf(nil, amount.Sub(i.unplanned()).OrNone(), latestFirst)
	return given
}

// takeOf takes an amount of plans in their order, and says what is left of it.
func takeOf(taken []Planned, amount Money, plans []Planned) ([]Planned, Money) {
	for _, p := range plans {
		if of := Lesser(amount, p.Amount); of.Positive() {
			taken, amount = append(taken, Planned{p.Month, of}), amount.Sub(of)
		}
	}
	return taken, amount
}

// less is what takes planned amounts away.
func less(list []Planned) []Planned {
	list = slices.Clone(list)
	for i := range list {
		list[i].Amount = list[i].Amount.Neg()
	}
	return list
}

// pay adds to what is paid of an instalment, in a schedule that is the application's own.
func (i *instalment) pay(amount Money, used []Planned) {
	i.paid, i.plans = i.paid.Add(amount), replan(i.plans, less(used)...)
}

// due is what is committed, not paid and planned for a budget year.
type due struct {
	year   int
	amount Money
}

// dues are those of a schedule.
func (a application) dues() (list []due) {
	for _, i := range a.schedule {
		list = append(list, due{int(i.year), i.unplanned()})
		for _, p := range i.plans {
			list = append(list, due{p.Month.Year(), p.Amount})
		}
	}
	return list
}

// reschedule changes an application's schedule, and with it what its budgets are to pay.
func (s *State) reschedule(id ApplicationID, change func(*application)) {
	before := s.applications.get(id)
	s.applications.update(id, change)
	after := s.applications.get(id)
	s.plan(before, Money.Neg)
	s.plan(after, func(m Money) Money { return m })
}

func (s *State) plan(a application, sign func(Money) Money) {
	for _, d := range a.dues() {
		if d.amount.IsZero() {
			continue
		}
		for _, key := range BudgetsOf(d.year, a.charge, a.department) {
			s.planned.update(key, func(m *Money) { *m = m.Add(sign(d.amount)) })
		}
	}
}

// lateIn is what budgets of earlier years have committed and not paid: it has to be paid in the year that a day lies in, and counts against the
// budget of that year only.
func (s *State) lateIn(key BudgetKey, today Date) (late Money) {
	if key.Year != today.Year() {
		return NoMoney
	}
	for earlier := (BudgetKey{s.begins().Year(), key.Clause, key.Department}); earlier.Year < key.Year; earlier.Year++ {
		late = late.Add(s.planned.get(earlier))
	}
	return late
}

// freeRooms are those of the appropriations of the budget years that more is to be paid in: what is appropriated, less what is paid and
// what is committed already. What was to be paid in a year that is over is late, and is to be paid in the present one.
func (s *State) freeRooms(c Charge, department DepartmentID, list []due, today Date) (rooms []Room) {
	asked := map[int]Money{}
	var years []int
	for _, d := range list {
		year := max(d.year, today.Year())
		if _, there := asked[year]; !there {
			years = append(years, year)
		}
		asked[year] = asked[year].Add(d.amount)
	}
	for _, year := range years {
		if asked[year].Less(NoMoney) {
			continue
		}
		for _, key := range BudgetsOf(year, c, department) {
			if a, set := s.appropriations.find(key); set {
				rooms = append(rooms, Room{Kind: RoomOfBudget, Scope: key.String(), BudgetYear: year, Cap: Stated(a.total()), Use: s.spent.get(key),
					Committed: s.planned.get(key).Add(s.lateIn(key, today)), Asked: asked[year], Held: s.budgetControl(c.Applied())})
			}
		}
	}
	return rooms
}

// checkFree judges what is asked of budgets, as the policy controls them: it is refused, found or let be.
func checkFree(rooms []Room) (findings []Finding, _ *Refusal) {
	for _, room := range rooms {
		short := room.ShortBy()
		if room.Kind != RoomOfBudget || !short.Positive() {
			continue
		}
		found, r := room.Held.controlled(refuse(CodeBudgetExceeded, "scope", room.Scope, "budget_year", room.BudgetYear, "cap", room.Cap, "use", room.Use,
			"committed", room.Committed, "asked", room.Asked, "short_by", short))
		if r != nil {
			return nil, r
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// budgetControl is that of the policy that a clause belongs to; of the latest one, where a budget is of no clause.
func (s *State) budgetControl(c ClauseID) BudgetControl {
	if of, known := s.policyOf(c); known {
		return of.policy.BudgetControl
	}
	return s.policy.BudgetControl
}

// controlled is what becomes of what is beyond a budget: it is refused, found or let be.
func (b BudgetControl) controlled(r *Refusal) ([]Finding, *Refusal) {
	switch b {
	case BudgetRefuse:
		return nil, r
	case BudgetWarn:
		return []Finding{r.finding()}, nil
	}
	return nil, nil
}

// duesOf are those of instalments that are planned for no month.
func duesOf(list []Instalment) []due {
	dues := make([]due, len(list))
	for i, part := range list {
		dues[i] = due{int(part.SupportYear), part.Amount}
	}
	return dues
}

// BudgetControl says what an approval gets that is beyond what a budget has free.
type BudgetControl string

// The controls.
const (
	BudgetUncontrolled BudgetControl = "none" // or left out: nothing; payouts are held against appropriations, approvals are not
	BudgetWarn         BudgetControl = "warn"
	BudgetRefuse       BudgetControl = "refuse"
)

func (b BudgetControl) check() error {
	switch b {
	case "", BudgetUncontrolled, BudgetWarn, BudgetRefuse:
		return nil
	}
	return wrong("budget_control", "须为 none（不控制）、warn（提示）或 refuse（拒绝），不能是 %q", "is none, warn or refuse, not %q", Clip(string(b), 20))
}
