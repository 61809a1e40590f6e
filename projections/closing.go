package projections

import "github.com/fundledger/fundledger/domain"

// Closed is that a budget year was closed, and whether it was opened again.
type Closed struct {
	BudgetYear       int64           `json:"budget_year"`
	ClosedOn         domain.Date     `json:"closed_on"`
	Document         string          `json:"document"`
	Actor            domain.PersonID `json:"actor"`
	ActorFor         domain.PersonID `json:"actor_for"`
	StatementLines   int64           `json:"statement_lines"` // of the treasury's files
	Differences      int64           `json:"differences"`     // vouchers on which they and the payouts differed
	DifferenceAmount domain.Money    `json:"difference_amount"`
	ReopenedOn       domain.Date     `json:"reopened_on"` // none: it stands
	ReopenedDocument string          `json:"reopened_document"`
	ReopenedReason   string          `json:"reopened_reason"`
}

// ClosingRow is a closing with what became of the year.
type ClosingRow struct {
	Closed
	MovedSince       int64        `json:"moved_since"`        // events behind the close that touch the year
	BookedAfterClose domain.Money `json:"booked_after_close"` // net of what was returned, while it was closed
	Seq              uint64       `json:"seq"`                // of the event that closed it
}

// MovedRow is an event behind a close that touches the year which was closed, and what it moves.
type MovedRow struct {
	BudgetYear         int64               `json:"budget_year"`
	ClosedSeq          uint64              `json:"closed_seq"` // of the event that closed the year
	Seq                uint64              `json:"seq"`
	BusinessDate       domain.Date         `json:"business_date"`
	EventType          string              `json:"event_type"`
	Enterprise         domain.EnterpriseID `json:"enterprise"`
	Clause             domain.ClauseID     `json:"clause"`
	Paid               domain.Money        `json:"paid"`
	Returned           domain.Money        `json:"returned"`
	Recovered          domain.Money        `json:"recovered"`
	AppropriationMoved domain.Money        `json:"appropriation_moved"` // of a budget that was set or carried
	AfterClose         bool                `json:"after_close"`         // the year was closed when it was recorded
	Actor              domain.PersonID     `json:"actor"`
	ActorFor           domain.PersonID     `json:"actor_for"`
}

// Closings are the closings of budget years, each time that one was closed, the earliest first.
var Closings = list[ClosingRow](List{Name: "closings", Source: "closings", Past: true, Key: []string{"budget_year", "seq"},
	Title:   domain.Text{ZH: "封账", EN: "Closings"},
	Meaning: domain.Text{ZH: "预算年度的封账与重开", EN: "Budget years that were closed, and opened again"},
}, ByBudgetYear)

// MovedSinceClose are the events behind each close that touch the year: payments and returns of it, what was recovered in it, and what was carried.
var MovedSinceClose = list[MovedRow](List{Name: "moved_since_close", Source: "moved_since_close", Past: true, Key: []string{"budget_year", "closed_seq", "seq"},
	Title:   domain.Text{ZH: "封账后变动", EN: "Moved since the close"},
	Meaning: domain.Text{ZH: "封账之后触及该年度的事件及其金额", EN: "Events behind a close that touch the year, and what they move"},
}, ByBudgetYear)
