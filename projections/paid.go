package projections

import "github.com/fundledger/fundledger/domain"

// PaidRow is a payout as the event has it that made or booked it: nothing of it changes.
type PaidRow struct {
	Payout      domain.PayoutID     `json:"payout"`
	Seq         uint64              `json:"seq"`
	Enterprise  domain.EnterpriseID `json:"enterprise"`
	Clause      domain.ClauseID     `json:"clause"` // that it was applied for by
	SupportYear domain.SupportYear  `json:"support_year"`
	Department  domain.DepartmentID `json:"department"`
	PaidOn      domain.Date         `json:"paid_on"`
	Voucher     string              `json:"voucher"`
	Amount      domain.Money        `json:"amount"`
	PaidOut     domain.Money        `json:"paid_out"` // of it
}

// NamedRow is a name that an enterprise had at some time.
type NamedRow struct {
	Enterprise domain.EnterpriseID `json:"enterprise"`
	Name       string              `json:"name"`
}

// StatedRow is an event about a line of the treasury's payment files, as it lies on the log.
type StatedRow struct {
	Seq     uint64 `json:"seq"`
	Type    string `json:"type"`
	Version int    `json:"version"`
	Data    string `json:"data"`
}

// Payments is what the tables hold of money paid, of one position; each list in the order of the log.
type Payments struct {
	Paid   []PaidRow
	Names  []NamedRow
	Stated []StatedRow
}
