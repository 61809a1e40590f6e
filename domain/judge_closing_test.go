package domain

import (
	"strings"

	"github.com/shopspring/decimal"
)

// What the judge says of budget years that are closed: it knows the commands by the design's words, not by what they say of themselves.

type judgedYear struct {
	closed bool
	on     Date
}

// inBudgetYear refuses payouts, returns, budgets and corrections that are dated in a closed year, and notes facts that move one.
func (j *judge) inBudgetYear(c Command, no, note func(bool, string)) {
	closed := func(on Date) bool { return j.years[on.Year()].closed }
	of := func(id PayoutID) bool { return j.paid[id] != nil && closed(j.paid[id].on) }
	on := c.Given().Date
	switch c := c.(type) {
	case *MakePayout:
		no(closed(or(c.PaidOn, on)), CodeBudgetYearClosed)
	case *BookPayout:
		note(closed(or(c.PaidOn, on)), CodeBudgetYearClosed)
	case *ReceiveRecovery:
		note(closed(or(c.ReceivedOn, on)), CodeBudgetYearClosed)
	case *BookRecovery:
		note(closed(or(c.ReceivedOn, on)), CodeBudgetYearClosed)
	case *ReverseRecovery:
		note(closed(on), CodeBudgetYearClosed)
	case *ReturnPayout:
		no(closed(on), CodeBudgetYearClosed)
		note(of(c.Payout), CodeBudgetYearClosed)
	case *ReverseReturn:
		no(closed(on), CodeBudgetYearClosed)
		note(of(c.Payout), CodeBudgetYearClosed)
	case *ReverseBooking:
		no(closed(on), CodeBudgetYearClosed)
		note(of(c.Payout), CodeBudgetYearClosed)
	case *ReduceApproval, *ReleaseApproval, *OrderClawback, *WaiveClawback, *VoidTreasuryPayment:
		no(closed(on), CodeBudgetYearClosed)
	case *SetAppropriation:
		no(j.years[c.BudgetYear].closed, CodeBudgetYearClosed)
	}
}

// closing judges the closing of a year, its reopening, and what is carried over from it. No random history holds a treasury's file.
func (j *judge) closing(c Command, h Head, no func(bool, string)) {
	switch c := c.(type) {
	case *CloseBudgetYear:
		no(c.Document == "", CodeDocumentRequired)
		no(j.years[c.Year].closed, CodeBudgetYearClosed)
		lastDay := strings.HasSuffix(h.Date.String(), "-12-31")
		no(h.Date.Year() < c.Year || h.Date.Year() == c.Year && !lastDay, CodeBudgetYearNotOver)
		no(h.Date.Before(j.years[c.Year].on), CodeDateOrder)
		no(c.Differences != 0 || !c.DifferenceAmount.IsZero(), CodeDifferencesUnsaid)
		for year := 1900; year < c.Year; year++ {
			no(!j.years[year].closed && j.hasMoney(year), CodeEarlierYearOpen)
		}
	case *ReopenBudgetYear:
		no(c.Document == "", CodeDocumentRequired)
		no(!j.years[c.Year].closed, CodeBudgetYearOpen)
		no(h.Date.Before(j.years[c.Year].on), CodeDateOrder)
		for year, y := range j.years {
			no(year > c.Year && y.closed, CodeLaterYearClosed)
		}
	case *CarryOver:
		amount(c.Amount, no)
		no(c.Document == "", CodeDocumentRequired)
		no(!j.years[c.From].closed, CodeBudgetYearOpen)
		no(j.years[c.To].closed, CodeBudgetYearClosed)
		no(c.To <= c.From, CodeFieldInvalid)
		no(h.Date.Before(j.years[c.From].on), CodeDateOrder)
		no(dec(c.Amount).GreaterThan(j.leftOf(c.From, c.Clause, c.Department)), CodeCarryExceeded)
	}
}

func (j *judge) leftOf(year int, clause ClauseID, d DepartmentID) decimal.Decimal {
	key := budget(year, string(clause), string(d))
	return decimal.Max(decimal.Zero, j.budgets[key].Add(j.carried[key]).Sub(j.spent(year, clause, d)))
}

// hasMoney reports whether a budget of a year was ever set, or anything of it is paid and was not returned.
func (j *judge) hasMoney(year int) bool {
	for _, set := range []map[string]decimal.Decimal{j.budgets, j.carried} {
		for key := range set {
			if strings.HasPrefix(key, SupportYear(year).String()+"/") {
				return true
			}
		}
	}
	for _, p := range j.paid {
		if p.on.Year() == year && !p.reversed && !p.amount.Equal(p.returned) {
			return true
		}
	}
	return false
}
