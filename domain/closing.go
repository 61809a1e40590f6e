package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A budget year that is over is closed (封账): what is dated in it is settled, and nothing that somebody decides moves it any more. What has
// happened all the same is a fact: it is recorded, found, and kept apart as booked after the close.

// CloseBudgetYear closes a budget year, on its last day at the earliest, and with it the years before it that are still open. What the treasury's payment files and the payouts differ by is
// acknowledged: how many vouchers, and how much they come to.
type CloseBudgetYear struct {
	Head
	Year             int    `json:"year"`
	Document         string `json:"document"`
	Differences      int    `json:"differences,omitzero"`       // vouchers on which files and payouts differ
	DifferenceAmount Money  `json:"difference_amount,omitzero"` // that they differ by, in either direction
}

// BudgetYearClosed says that a budget year is closed, and how it stood against the treasury's files.
type BudgetYearClosed struct {
	Year             int    `json:"year"`
	Document         string `json:"document"`
	Lines            int    `json:"lines"` // of the treasury's files, paid in the year; none: there was no file to hold payouts against
	Differences      int    `json:"differences,omitzero"`
	DifferenceAmount Money  `json:"difference_amount,omitzero"`
}

// Name is "close_budget_year".
func (CloseBudgetYear) Name() string { return "close_budget_year" }

// Name is "budget_year_closed".
func (BudgetYearClosed) Name() string { return "budget_year_closed" }

// Entity is the year's appropriations.
func (e BudgetYearClosed) Entity() (string, string) {
	return "appropriation", SupportYear(e.Year).String()
}

// budgetYear is what decisions need to know of a budget year that was ever closed.
type budgetYear struct {
	closed   bool
	on       Date // of the latest closing, or reopening
	document string
}

func (c *CloseBudgetYear) about(*State) Concern { return Concern{} }

func (c *CloseBudgetYear) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkBudgetYear("year", c.Year); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := s.checkYearOpen(c.Year); r != nil {
		return nil, r
	}
	if last := DateOf(c.Year, time.December, 31); c.Date.Before(last) {
		return nil, refuse(CodeBudgetYearNotOver, "budget_year", c.Year, "date", c.Date, "earliest", last)
	}
	if r := checkOrder("date", c.Date, s.budgetYears.get(c.Year).on); r != nil {
		return nil, r
	}
	lines, differences, by := s.differences(c.Year)
	if c.Differences != differences || c.DifferenceAmount != by {
		return nil, refuse(CodeDifferencesUnsaid, "budget_year", c.Year, "use", differences, "limit", by, "value", c.Differences, "asked", c.DifferenceAmount)
	}
	return []Event{&BudgetYearClosed{Year: c.Year, Document: c.Document, Lines: lines, Differences: differences, DifferenceAmount: by}}, nil
}

func checkBudgetYear(field string, year int) *Refusal {
	if checkBookedYear(SupportYear(min(max(year, 0), 9999))) != nil {
		return refuse(CodeFieldInvalid, "field", field, "value", year, "reason", ReasonYear)
	}
	return nil
}

// closing is what closed a budget year: its own closing, or the next later one's, for books are closed up to a year. It is false for one that is open.
func (s *State) closing(year int) (c Closing, is bool) {
	for key, y := range s.budgetYears.rows {
		if y.closed && key >= year && (!is || key < c.Year) {
			c, is = Closing{key, y.on, y.document}, true
		}
	}
	return c, is
}

// checkYearOpen refuses what is dated in a budget year that is closed.
func (s *State) checkYearOpen(year int) *Refusal {
	c, is := s.closing(year)
	if !is {
		return nil
	}
	return refuse(CodeBudgetYearClosed, "budget_year", year, "closed_on", c.On, "document", c.Document, "department", s.policy.Authority)
}

// closedBehind is the latest budget year behind another that is closed.
func (s *State) closedBehind(year int) (last int, is bool) {
	for key, y := range s.budgetYears.rows {
		if y.closed && key > max(year, last) {
			last, is = key, true
		}
	}
	return last, is
}

// differences are what the lines of the treasury's files and the payouts of a budget year, and of those before it that its closing closes too,
// differ by: how many lines there are, on how many
// vouchers the two do not come to the same, whenever either was paid, and how much that is, up to what an amount may be. A payout without
// a voucher is found on no line. Where no line of the year is recorded there is no file to hold the payouts against.
func (s *State) differences(year int) (lines, differ int, by Money) {
	stated, paid := map[string]Money{}, map[string]Money{}
	touched := map[string]bool{}
	closes := func(paid Date) bool {
		_, closed := s.closing(paid.Year())
		return paid.Year() == year || paid.Year() < year && !closed
	}
	for _, p := range s.statements.rows {
		if p.voided {
			continue
		}
		voucher := strings.TrimSpace(p.voucher)
		stated[voucher] = stated[voucher].Add(p.amount)
		if closes(p.paidOn) {
			touched[voucher] = true
			lines++
		}
	}
	if lines == 0 {
		return 0, 0, NoMoney
	}
	for id, p := range s.payouts.rows {
		voucher := strings.TrimSpace(p.voucher)
		if p.reversed || p.cash().IsZero() { // all of it is kept back: the treasury paid nothing
			continue
		}
		if voucher == "" {
			voucher = " " + string(id) // on no line
		}
		paid[voucher] = paid[voucher].Add(p.cash())
		if closes(p.paidOn) {
			touched[voucher] = true
		}
	}
	for voucher := range touched {
		if d := stated[voucher].Sub(paid[voucher]); !d.IsZero() {
			differ, by = differ+1, by.Add(Greater(d, d.Neg()))
		}
	}
	return lines, differ, Lesser(by, Money{maxFen})
}

func (*BudgetYearClosed) concerns() Concern { return Concern{} }

func (e *BudgetYearClosed) command(h Head) Command {
	return &CloseBudgetYear{Head: h, Year: e.Year, Document: e.Document, Differences: e.Differences, DifferenceAmount: e.DifferenceAmount}
}

func (e *BudgetYearClosed) describe() Text {
	return both("%[1]d 预算年度封账，文号 %[4]s；与国库支付文件差异 %[2]d 项，合计 %[3]s",
		"budget year %[1]d closed, document %[4]s; differences from the treasury's files: %[2]d, of %[3]s", e.Year, e.Differences, e.DifferenceAmount, e.Document)
}

func (e *BudgetYearClosed) apply(s *State, by Deed) {
	s.budgetYears.put(e.Year, budgetYear{closed: true, on: by.Date, document: e.Document})
}

// ReopenBudgetYear opens a closed budget year again, the latest one that is closed. What was carried over stays carried over: the year may use
// what is left beside it. It is closed again as it was the first time.
type ReopenBudgetYear struct {
	Head
	Year     int    `json:"year"`
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// BudgetYearReopened says that a budget year is open again.
type BudgetYearReopened struct {
	Year     int    `json:"year"`
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// Name is "reopen_budget_year".
func (ReopenBudgetYear) Name() string { return "reopen_budget_year" }

// Name is "budget_year_reopened".
func (BudgetYearReopened) Name() string { return "budget_year_reopened" }

// Entity is the year's appropriations.
func (e BudgetYearReopened) Entity() (string, string) {
	return "appropriation", SupportYear(e.Year).String()
}

func (c *ReopenBudgetYear) about(*State) Concern { return Concern{} }

func (c *ReopenBudgetYear) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkBudgetYear("year", c.Year); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if behind, is := s.closedBehind(c.Year); is {
		return nil, refuse(CodeLaterYearClosed, "budget_year", c.Year, "latest", SupportYear(behind))
	}
	y := s.budgetYears.get(c.Year)
	if !y.closed {
		return nil, refuse(CodeBudgetYearOpen, "budget_year", c.Year)
	}
	if r := checkOrder("date", c.Date, y.on); r != nil {
		return nil, r
	}
	return []Event{&BudgetYearReopened{Year: c.Year, Document: c.Document, Reason: c.Reason}}, nil
}

func (*BudgetYearReopened) concerns() Concern { return Concern{} }

func (e *BudgetYearReopened) command(h Head) Command {
	return &ReopenBudgetYear{Head: h, Year: e.Year, Document: e.Document, Reason: e.Reason}
}

func (e *BudgetYearReopened) describe() Text {
	return both("%d 预算年度重开，文号 %s：%s", "budget year %d reopened, document %s: %s", e.Year, e.Document, e.Reason)
}

func (e *BudgetYearReopened) apply(s *State, by Deed) {
	s.budgetYears.put(e.Year, budgetYear{on: by.Date})
}

// Closing is a budget year that was closed.
type Closing struct {
	Year     int
	On       Date
	Document string
}

// ClosingOf is the closing that a budget year is closed by; false where it is open.
func (s *State) ClosingOf(year int) (Closing, bool) { return s.closing(year) }

// Closings are the budget years that were closed and not reopened, in order.
func (s *State) Closings() (list []Closing) {
	for year, y := range s.budgetYears.rows {
		if y.closed {
			list = append(list, Closing{year, y.on, y.document})
		}
	}
	slices.SortFunc(list, func(a, b Closing) int { return cmp.Compare(a.Year, b.Year) })
	return list
}

// Differences are what a closing of a budget year has to acknowledge now: how many lines of the treasury's files are of the year, on how many
// vouchers they and the payouts differ, and by how much.
func (s *State) Differences(year int) (lines, differ int, by Money) { return s.differences(year) }
