package domain

import (
	"regexp"
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of budgets: what they are set to, what is planned to be paid of them, and what approvals leave free.

var months = regexp.MustCompile(`^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$`)

func isMonth(m Month) bool { return months.MatchString(string(m)) }

// limit is what may be paid of a budget, and whether it is set at all.
func (j *judge) limit(k BudgetKey) (decimal.Decimal, bool) {
	key := budget(k.Year, string(k.Clause), string(k.Department))
	limit, set := j.budgets[key]
	carried, brought := j.carried[key]
	return limit.Add(carried), set || brought
}

// committed is what a budget has still to pay of what is approved: what is due in its year and, for the present year, in those that are over.
func (j *judge) committed(k BudgetKey, today Date) (sum decimal.Decimal) {
	for _, part := range j.dues() {
		if part.year != k.Year && (k.Year != today.Year() || part.year > k.Year) {
			continue
		}
		there := part
		there.year = k.Year
		if slices.Contains(there.keys(), k) {
			sum = sum.Add(part.amount)
		}
	}
	return sum
}

// asksOfBudgets holds what more is to be paid, by year, against what the budgets have free: appropriated, less paid and not returned, less what is
// committed. What is due in a year that is over is asked of the present one.
func (j *judge) asksOfBudgets(c Charge, d DepartmentID, due map[int]decimal.Decimal, today Date, no, note func(bool, string)) {
	asked := map[int]decimal.Decimal{}
	for year, more := range due {
		asked[max(year, today.Year())] = asked[max(year, today.Year())].Add(more)
	}
	for year, more := range asked {
		for _, key := range budgetsOf(year, c, d) {
			limit, set := j.limit(key)
			free := limit.Sub(j.spent(year, key.Clause, key.Department)).Sub(j.committed(key, today))
			j.controls(j.under(c.Applied()), set && more.IsPositive() && more.GreaterThan(free), CodeBudgetExceeded, no, note)
		}
	}
}

// controls is what a policy says that becomes of what is beyond a budget.
func (j *judge) controls(p Policy, beyond bool, code string, no, note func(bool, string)) {
	no(beyond && p.BudgetControl == "refuse", code)
	note(beyond && p.BudgetControl == "warn", code)
}

func (j *judge) plan(c *PlanPayment, today Date, no, note func(bool, string)) {
	no(!isMonth(c.Month), CodeFieldInvalid)
	if !c.Amount.IsZero() {
		amount(c.Amount, no)
	}
	a := j.apps[c.Application]
	no(a == nil, CodeApplicationUnknown)
	no(isMonth(c.Month) && string(c.Month) < c.Date.String()[:7], CodePlanPast)
	if a == nil {
		return
	}
	no(a.state != Approved, CodeApplicationState)
	if a.state != Approved {
		return
	}
	no(c.Date.Before(a.since), CodeDateOrder)
	no(a.suspended, CodeApplicationSuspended)
	unpaid, granted := j.granted(c.Application, c.SupportYear)
	no(!granted, CodeInstalmentUnknown)
	if !granted || !isMonth(c.Month) {
		return
	}
	key := tallyKey{clause: string(c.Application), year: c.SupportYear}
	before := j.plans[key][c.Month]
	no(before.Equal(dec(c.Amount)), CodePlanEmpty)
	elsewhere := unpaid.Sub(j.unplanned(key)).Sub(before)
	no(elsewhere.Add(dec(c.Amount)).GreaterThan(unpaid), CodePlanExceeded)
	more := dec(c.Amount).Sub(before)
	due := map[int]decimal.Decimal{int(c.SupportYear): more.Neg()}
	due[yearOf(c.Month)] = due[yearOf(c.Month)].Add(more)
	j.asksOfBudgets(a.charge, a.department, due, today, no, note)
}

func (j *judge) appropriation(c *SetAppropriation, today Date, no, note func(bool, string)) {
	if !c.Amount.IsZero() {
		amount(c.Amount, no)
	}
	_, known := j.known(c.Clause)
	no(c.Clause != "" && !known, CodeClauseUnknown)
	no(c.Department != "" && !j.hasDepartment(c.Department), CodeFieldInvalid)
	no(c.BudgetYear < 1900 || c.BudgetYear > 2999, CodeFieldInvalid)
	no(c.Kind != "" && c.Kind != "initial" && c.Kind != "adjusted", CodeFieldInvalid)
	no(c.Document == "", CodeDocumentRequired)
	key := budget(c.BudgetYear, string(c.Clause), string(c.Department))
	no(c.Kind == "initial" && j.adjusted[key], CodeAppropriationAdjusted)
	then, spent := dec(c.Amount).Add(j.carried[key]), j.spent(c.BudgetYear, c.Clause, c.Department)
	no(spent.GreaterThan(then), CodeAppropriationBelow)
	policy := j.policies[len(j.policies)-1]
	if known {
		policy = j.under(c.Clause)
	}
	was, set := j.budgets[key]
	lowered := !set || dec(c.Amount).LessThan(was)
	committed := j.committed(BudgetKey{c.BudgetYear, c.Clause, c.Department}, today)
	j.controls(policy, lowered && spent.Add(committed).GreaterThan(then), CodeAppropriationCommitted, no, note)
}

func (j *judge) hasDepartment(id DepartmentID) bool {
	return slices.ContainsFunc(j.policies, func(p Policy) bool {
		return slices.ContainsFunc(p.Departments, func(d Department) bool { return d.ID == id })
	})
}
