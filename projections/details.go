package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// ListQuery asks for a list of details as they are now. Empty fields do not filter; a field that a list has no column for
// is ignored by it.
type ListQuery struct {
	Search      string // enterprises: a part of the name (two characters or more), its pinyin initials, or the code's beginning
	Enterprise  domain.EnterpriseID
	Application domain.ApplicationID
	Clause      domain.ClauseID
	Year        domain.SupportYear
	State       string // applications: their state; clawbacks: "open"
	Kind        string // journal: the kind of posting
	Limit       int
	Cursor      string
}

// EnterpriseRow is an enterprise, with its totals over all clauses and years.
type EnterpriseRow struct {
	Enterprise       domain.EnterpriseID `json:"enterprise"`
	Name             string              `json:"name"`
	Industry         domain.IndustryID   `json:"industry"`
	CreditRestricted bool                `json:"credit_restricted"`
	Admitted         bool                `json:"admitted"`
	Applications     int64               `json:"applications"`
	Approved         domain.Money        `json:"approved"`
	Paid             domain.Money        `json:"paid"`
	NetPaid          domain.Money        `json:"net_paid"`
}

// ApplicationRow is an application and where it stands.
type ApplicationRow struct {
	Application    domain.ApplicationID    `json:"application"`
	Enterprise     domain.EnterpriseID     `json:"enterprise"`
	EnterpriseName string                  `json:"enterprise_name"`
	Clause         domain.ClauseID         `json:"clause"`
	ViaClause      domain.ClauseID         `json:"via_clause"`
	Subject        string                  `json:"subject"`
	Title          string                  `json:"title"`
	State          domain.ApplicationState `json:"state"`
	Suspended      bool                    `json:"suspended"`
	SubmittedOn    domain.Date             `json:"submitted_on"`
	ApprovedOn     domain.Date             `json:"approved_on"`
	Department     domain.DepartmentID     `json:"department"`
	Requested      domain.Money            `json:"requested"`
	Approved       domain.Money            `json:"approved"`
	Paid           domain.Money            `json:"paid"`
	Returned       domain.Money            `json:"returned"`
}

// PayoutRow is a payout and what became of it.
type PayoutRow struct {
	Payout          domain.PayoutID      `json:"payout"`
	Application     domain.ApplicationID `json:"application"`
	Enterprise      domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName  string               `json:"enterprise_name"`
	Clause          domain.ClauseID      `json:"clause"`
	Subject         string               `json:"subject"`
	SupportYear     domain.SupportYear   `json:"support_year"`
	BudgetYear      int64                `json:"budget_year"`
	PaidOn          domain.Date          `json:"paid_on"`
	Voucher         string               `json:"voucher"`
	Booked          bool                 `json:"booked"`
	Amount          domain.Money         `json:"amount"`
	Returned        domain.Money         `json:"returned"`
	ClawbackOrdered domain.Money         `json:"clawback_ordered"`
	ClawbackWaived  domain.Money         `json:"clawback_waived"`
	Recovered       domain.Money         `json:"recovered"`
	Seq             uint64               `json:"seq"`
}

// ClawbackRow is a clawback and how much of it is outstanding.
type ClawbackRow struct {
	Clawback       domain.ClawbackID    `json:"clawback"`
	Payout         domain.PayoutID      `json:"payout"`
	Application    domain.ApplicationID `json:"application"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"`
	SupportYear    domain.SupportYear   `json:"support_year"`
	Cause          domain.Cause         `json:"cause"`
	OrderedOn      domain.Date          `json:"ordered_on"`
	AgeDays        int64                `json:"age_days"` // since it was ordered, while anything is outstanding
	Ordered        domain.Money         `json:"ordered"`
	Waived         domain.Money         `json:"waived"`
	Recovered      domain.Money         `json:"recovered"`
	Interest       domain.Money         `json:"interest"`
	Outstanding    domain.Money         `json:"outstanding"`
	Reason         string               `json:"reason"`
	Seq            uint64               `json:"seq"`
}

// JournalRow is a posting: what every total is a sum of.
type JournalRow struct {
	Seq          uint64               `json:"seq"`
	N            int64                `json:"n"`
	RecordedAt   time.Time            `json:"recorded_at"` // UTC
	BusinessDate domain.Date          `json:"business_date"`
	Enterprise   domain.EnterpriseID  `json:"enterprise"`
	Clause       domain.ClauseID      `json:"clause"`
	ViaClause    domain.ClauseID      `json:"via_clause"`
	SubjectKind  domain.SubjectKind   `json:"subject_kind"`
	Subject      string               `json:"subject"`
	SupportYear  domain.SupportYear   `json:"support_year"` // 0: for the total
	Kind         string               `json:"kind"`
	Amount       domain.Money         `json:"amount"` // signed
	Application  domain.ApplicationID `json:"application"`
	Reference    string               `json:"reference"`
	EventType    string               `json:"event_type"`
	Actor        domain.PersonID      `json:"actor"`
}
