package domain

import "time"

// ClosingStep is one of the things that are looked at before a budget year is closed.
type ClosingStep string

// What is looked at, in the order in which it is settled.
const (
	StepYearOver   ClosingStep = "year_over"         // the year's last day has come
	StepTreasury   ClosingStep = "treasury_files"    // vouchers on which the treasury's files and the payouts differ
	StepReturns    ClosingStep = "bank_returns"      // what the bank sent back and nobody paid again
	StepUnpaid     ClosingStep = "due_and_unpaid"    // approved, planned for the year or an earlier one, and not paid
	StepRecoveries ClosingStep = "clawbacks_open"    // ordered in the year or before, and neither received nor waived
	StepBudgets    ClosingStep = "budgets_overdrawn" // budgets of which more is paid than was appropriated
	StepEarlier    ClosingStep = "earlier_open"      // earlier years that the closing closes too
	StepClose      ClosingStep = "close"             // the closing itself
)

// ClosingCheck is how one of these things stands.
type ClosingCheck struct {
	Step   ClosingStep `json:"step"`
	Done   bool        `json:"done"`
	Open   int         `json:"open"`           // how many are not settled
	Of     int         `json:"of,omitzero"`    // how many there are, of what is counted whole
	Amount Money       `json:"amount"`         // that the open ones come to
	Day    Date        `json:"day,omitzero"`   // the day that is waited for, or on which it was done
	Stops  bool        `json:"stops,omitzero"` // the year cannot be closed before
}

// ClosingChecks are how a budget year stands before it is closed, or, once it is, whatever is open of it all the same. Only what stops has to be
// settled: what is unpaid is paid later, of a later year's budget, and differences may be acknowledged.
func (s *State) ClosingChecks(year int, today Date) []ClosingCheck {
	last := DateOf(year, time.December, 31)
	lines, differ, by := s.differences(year)
	closing, closed := s.closing(year)
	return []ClosingCheck{
		{Step: StepYearOver, Done: !today.Before(last), Open: count(today.Before(last)), Day: last, Stops: today.Before(last)},
		{Step: StepTreasury, Done: lines > 0 && differ == 0, Open: max(differ, count(lines == 0)), Of: lines, Amount: by},
		s.returnsOpen(last),
		s.unpaidUpTo(year),
		s.clawbacksOpen(last),
		s.overdrawn(year),
		s.earlierOpen(year),
		{Step: StepClose, Done: closed, Open: count(!closed), Day: closing.On},
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// settled is a check that is done once nothing of it is open.
func settled(step ClosingStep, open int, amount Money) ClosingCheck {
	return ClosingCheck{Step: step, Done: open == 0, Open: open, Amount: amount}
}

// returnsOpen are the instalments whose latest payment came back from the bank, up to a day, and which are not paid in full.
func (s *State) returnsOpen(upto Date) ClosingCheck {
	open, amount := 0, NoMoney
	for _, a := range s.applications.rows {
		for _, part := range a.schedule {
			var last payout
			for _, id := range a.payouts {
				if p := s.payouts.get(id); p.year == part.year && !p.reversed {
					last = p
				}
			}
			if part.unpaid().Positive() && last.returned.Positive() && !upto.Before(last.paidOn) {
				open, amount = open+1, amount.Add(Lesser(last.returned, part.unpaid()))
			}
		}
	}
	return settled(StepReturns, open, amount)
}

// unpaidUpTo are the applications of which something planned for a year or an earlier one is not paid.
func (s *State) unpaidUpTo(year int) ClosingCheck {
	open, amount := 0, NoMoney
	for _, a := range s.applications.rows {
		sum := NoMoney
		for _, d := range a.dues() {
			if d.year <= year {
				sum = sum.Add(d.amount)
			}
		}
		if sum.Positive() {
			open, amount = open+1, amount.Add(sum)
		}
	}
	return settled(StepUnpaid, open, amount)
}

// clawbacksOpen are those ordered up to a day of which something is outstanding.
func (s *State) clawbacksOpen(upto Date) ClosingCheck {
	open, amount := 0, NoMoney
	for _, c := range s.clawbacks.rows {
		if left := c.outstanding(); left.Positive() && !upto.Before(c.orderedOn) {
			open, amount = open+1, amount.Add(left)
		}
	}
	return settled(StepRecoveries, open, amount)
}

// overdrawn are a year's budgets of which more is paid than was appropriated: money that was booked asks no budget.
func (s *State) overdrawn(year int) ClosingCheck {
	open, of, amount := 0, 0, NoMoney
	for key, a := range s.appropriations.rows {
		if key.Year != year {
			continue
		}
		of++
		if over := s.spent.get(key).Sub(a.total()); over.Positive() {
			open, amount = open+1, amount.Add(over)
		}
	}
	c := settled(StepBudgets, open, amount)
	c.Of = of
	return c
}

// earlierOpen are the years before that money was paid in, or budgeted for, and that are not closed.
func (s *State) earlierOpen(year int) ClosingCheck {
	years := map[int]bool{}
	note := func(key BudgetKey) {
		if _, closed := s.closing(key.Year); key.Year < year && !closed {
			years[key.Year] = true
		}
	}
	for key := range s.spent.rows {
		note(key)
	}
	for key := range s.appropriations.rows {
		note(key)
	}
	return settled(StepEarlier, len(years), NoMoney)
}

// Note says what a check's numbers do not; empty where they say it all.
func (c ClosingCheck) Note() Text {
	switch {
	case c.Step == StepTreasury && c.Of == 0:
		return both("该年度没有国库支付文件", "no line of the treasury's files is of the year")
	case c.Step == StepTreasury:
		return both("国库支付文件 %d 行；差异须在封账时逐项确认", "%d lines of the treasury's files; the closing acknowledges the differences", c.Of)
	case c.Step == StepUnpaid:
		return both("封账后支付的，计入支付当年的预算", "what is paid later counts against the budget of that year")
	case c.Step == StepEarlier && c.Open > 0:
		return both("与本年度一并封账", "closed with this one")
	}
	return Text{}
}
