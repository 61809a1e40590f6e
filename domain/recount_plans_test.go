package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// planTally recounts beside all else what is planned of instalments, by the rules of their order alone: a payment uses up what was planned up to
// its month from the earliest, then what is not planned, then what was planned for later; a cut takes what is not planned, then what was
// planned last.
type planTally struct {
	*tally
	departments map[ApplicationID]DepartmentID
	plans       map[tallyKey]map[Month]decimal.Decimal
}

func recountPlans(history []happened) *planTally {
	n := &planTally{tally: recount(nil), departments: map[ApplicationID]DepartmentID{}, plans: map[tallyKey]map[Month]decimal.Decimal{}}
	for _, h := range history {
		n.takeIn(h)
	}
	return n
}

// planPart is what is committed of an instalment, not paid, and due in a budget year.
type planPart struct {
	charge     Charge
	department DepartmentID
	year       int
	amount     decimal.Decimal
}

// keys are the budgets that it is paid of.
func (p planPart) keys() []BudgetKey { return budgetsOf(p.year, p.charge, p.department) }

// budgetsOf are the budgets that money counts against, spelled out.
func budgetsOf(year int, c Charge, departments ...DepartmentID) (keys []BudgetKey) {
	for _, d := range append([]DepartmentID{""}, departments...) {
		keys = append(keys, BudgetKey{year, "", d}, BudgetKey{year, c.Clause, d})
		if c.Via != "" {
			keys = append(keys, BudgetKey{year, c.Via, d})
		}
	}
	return keys
}

func yearOf(m Month) int {
	year, _ := strconv.Atoi(string(m)[:4])
	return year
}

func (n *planTally) unpaid(i tallyKey) decimal.Decimal {
	part := n.instalment(ApplicationID(i.clause), i.year)
	return part[0].Sub(part[1])
}

// unplanned is what is not paid and planned for no month.
func (n *planTally) unplanned(i tallyKey) decimal.Decimal {
	left := n.unpaid(i)
	for _, amount := range n.plans[i] {
		left = left.Sub(amount)
	}
	return left
}

// use takes an amount of the plans for some months, in an order.
func (n *planTally) use(i tallyKey, amount decimal.Decimal, order func(a, b Month) int, which func(Month) bool) (taken []string, left decimal.Decimal) {
	for _, m := range slices.SortedFunc(maps.Keys(n.plans[i]), order) {
		if of := decimal.Min(amount, n.plans[i][m]); which(m) && of.IsPositive() {
			n.plans[i][m], amount = n.plans[i][m].Sub(of), amount.Sub(of)
			taken = append(taken, string(m)+" "+of.StringFixed(2))
		}
	}
	return taken, amount
}

// usedUp says which instalment an event takes something of, what it says that it uses up of the plans, and on which day; none: it cuts.
func usedUp(h happened) (i tallyKey, said []Planned, on Date) {
	of := func(a ApplicationID, y SupportYear) tallyKey { return tallyKey{clause: string(a), year: y} }
	switch e := h.event.(type) {
	case *PayoutMade:
		return of(e.Application, e.SupportYear), e.Planned, e.PaidOn
	case *PayoutBooked:
		return of(e.Application, e.SupportYear), e.Planned, e.PaidOn
	case *ReturnReversed:
		return of(e.Application, e.SupportYear), e.Planned, h.by.Date
	case *ApprovalReduced:
		return of(e.Application, e.SupportYear), e.Planned, Date{}
	case *ApprovalReleased:
		return of(e.Application, e.SupportYear), e.Planned, Date{}
	}
	return tallyKey{}, nil, Date{}
}

func (n *planTally) takeIn(h happened) {
	switch e := h.event.(type) {
	case *ApplicationApproved:
		n.departments[e.Application] = h.by.Actor.Department
	case *PaymentPlanned:
		i := tallyKey{clause: string(e.Application), year: e.SupportYear}
		if n.plans[i] == nil {
			n.plans[i] = map[Month]decimal.Decimal{}
		}
		n.says("what was planned for "+string(e.Month), e.Previous, n.plans[i][e.Month])
		n.plans[i][e.Month] = dec(e.Amount)
	}
	i, said, on := usedUp(h)
	if i.clause == "" {
		n.add(h.event)
		return
	}
	before, loose := n.unpaid(i), n.unplanned(i)
	n.add(h.event)
	gone := before.Sub(n.unpaid(i))
	var taken []string
	switch {
	case !gone.IsPositive():
	case on.IsZero():
		taken, _ = n.use(i, decimal.Max(decimal.Zero, gone.Sub(loose)), func(a, b Month) int { return cmp.Compare(b, a) }, func(Month) bool { return true })
	default:
		month := Month(on.String()[:7])
		first, left := n.use(i, gone, cmp.Compare[Month], func(m Month) bool { return m <= month })
		rest, _ := n.use(i, decimal.Max(decimal.Zero, left.Sub(loose)), cmp.Compare[Month], func(m Month) bool { return m > month })
		taken = append(first, rest...)
	}
	var told []string
	for _, p := range said {
		told = append(told, string(p.Month)+" "+p.Amount.String())
	}
	if !slices.Equal(taken, told) {
		n.wrong = append(n.wrong, fmt.Sprintf("%s says that it uses up %v of the plan, and it is %v", h.event.Name(), told, taken))
	}
}

// dues are what is committed, not paid, and due in each budget year: in the month's that it is planned for, and else in the support year.
func (n *planTally) dues() (parts []planPart) {
	for key := range n.instalments {
		id := ApplicationID(key.clause)
		for m, amount := range n.plans[key] {
			parts = append(parts, planPart{n.charged[id], n.departments[id], yearOf(m), amount})
		}
		left := n.unplanned(key)
		if left.IsNegative() {
			n.wrong = append(n.wrong, fmt.Sprintf("more is planned of %v than is unpaid", key))
		}
		parts = append(parts, planPart{n.charged[id], n.departments[id], int(key.year), left})
	}
	return parts
}
