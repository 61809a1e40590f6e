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
	closed := func(on Date) bool { return !j.closedOn(on.Year()).IsZero() }
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
	case *ReduceApproval, *ReleaseApproval, *OrderClawback, *WaiveClawback, *WriteOff, *OffsetRecovery, *VoidTreasuryPayment:
		no(closed(on), CodeBudgetYearClosed)
	case *PlanPayment:
		no(isMonth(c.Month) && !j.closedOn(yearOf(c.Month)).IsZero(), CodeBudgetYearClosed)
	case *SetAppropriation:
		no(!j.closedOn(c.BudgetYear).IsZero(), CodeBudgetYearClosed)
	}
}

// closing judges the closing of a year, its reopening, and what is carried over from it. No random history holds a treasury's file.
func (j *judge) closing(c Command, h Head, no func(bool, string)) {
	switch c := c.(type) {
	case *CloseBudgetYear:
		no(c.Document == "", CodeDocumentRequired)
		no(!j.closedOn(c.Year).IsZero(), CodeBudgetYearClosed)
		lastDay := strings.HasSuffix(h.Date.String(), "-12-31")
		no(h.Date.Year() < c.Year || h.Date.Year() == c.Year && !lastDay, CodeBudgetYearNotOver)
		no(h.Date.Before(j.years[c.Year].on), CodeDateOrder)
		no(c.Differences != 0 || !c.DifferenceAmount.IsZero(), CodeDifferencesUnsaid)
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
		no(j.closedOn(c.From).IsZero(), CodeBudgetYearOpen)
		no(!j.closedOn(c.To).IsZero(), CodeBudgetYearClosed)
		no(c.To <= c.From, CodeFieldInvalid)
		no(h.Date.Before(j.closedOn(c.From)), CodeDateOrder)
		no(dec(c.Amount).GreaterThan(j.leftOf(c.From, c.Clause, c.Department)), CodeCarryExceeded)
	}
}

func (j *judge) leftOf(year int, clause ClauseID, d DepartmentID) decimal.Decimal {
	key := budget(year, string(clause), string(d))
	return decimal.Max(decimal.Zero, j.budgets[key].Add(j.carried[key]).Sub(j.spent(year, clause, d)))
}

// closedOn is the day on which a year, or the first one behind it that is closed, was closed; none: it is open.
func (j *judge) closedOn(year int) Date {
	for ; year < 3000; year++ {
		if j.years[year].closed {
			return j.years[year].on
		}
	}
	return Date{}
}
