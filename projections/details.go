package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// ListQuery asks for a list of details. Empty fields do not filter; a field that a list has no column for is ignored by it.
type ListQuery struct {
	Search      string // enterprises: a part of the name (two characters or more), its pinyin initials, or the code's beginning
	Enterprise  domain.EnterpriseID
	Application domain.ApplicationID
	Clause      domain.ClauseID    // whose account is charged
	Year        domain.SupportYear // of support
	State       string             // applications: their state; clawbacks and exceptions: "open"; recoveries: "reversed" or "standing"
	Payout      domain.PayoutID    // payouts, and what belongs to the payout
	Clawback    domain.ClawbackID  // clawbacks, and what came in on the clawback
	Recovery    domain.RecoveryID
	Exception   domain.ExceptionID
	SubjectKind domain.SubjectKind
	Subject     string

	// Of the journal alone.
	Kinds       []string            // the kinds of postings, any of them
	Kind        string              // one kind of posting
	SupportYear *domain.SupportYear // exactly this support year; 0: what belongs to no year, but to the total
	Reference   string              // the payout, clawback, recovery or exception that the posting names
	Event       uint64              // the event that posted
	// What moved a budget: paid and returned in a budget year, under a clause (as charged, or as applied for) or by a department's approvals.
	// Appropriations have the three as well.
	BudgetYear       int
	BudgetClause     domain.ClauseID
	BudgetDepartment domain.DepartmentID

	// The past, as payouts, clawbacks, recoveries, exceptions and the journal answer it; any other list refuses it with ErrPresentOnly.
	AsOf AsOf        // recording clock
	On   domain.Date // business date: what was dated up to that day

	Limit  int
	Cursor string
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

// RecoveryRow is money that came back, and whether that still stands.
type RecoveryRow struct {
	Recovery       domain.RecoveryID    `json:"recovery"`
	Clawback       domain.ClawbackID    `json:"clawback"`
	Payout         domain.PayoutID      `json:"payout"`
	Application    domain.ApplicationID `json:"application"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"`
	SubjectKind    domain.SubjectKind   `json:"subject_kind"`
	Subject        string               `json:"subject"`
	SupportYear    domain.SupportYear   `json:"support_year"`
	Cause          domain.Cause         `json:"cause"`
	ReceivedOn     domain.Date          `json:"received_on"`
	Booked         bool                 `json:"booked"`
	Amount         domain.Money         `json:"amount"`
	Interest       domain.Money         `json:"interest"`
	Reversed       bool                 `json:"reversed"`
	ReversedOn     domain.Date          `json:"reversed_on"`
	ReversedReason string               `json:"reversed_reason"`
	Seq            uint64               `json:"seq"`
}

// ExceptionRow is what the authority allowed beyond a cap, and how much of it is in force.
type ExceptionRow struct {
	Exception   domain.ExceptionID `json:"exception"`
	Clause      domain.ClauseID    `json:"clause"`
	SubjectKind domain.SubjectKind `json:"subject_kind"`
	Subject     string             `json:"subject"`
	SupportYear domain.SupportYear `json:"support_year"` // 0: for the total
	Amount      domain.Money       `json:"amount"`
	Revoked     domain.Money       `json:"revoked"`
	InForce     domain.Money       `json:"in_force"`
	Document    string             `json:"document"`
	GrantedOn   domain.Date        `json:"granted_on"`
	GrantedBy   domain.PersonID    `json:"granted_by"`
	Seq         uint64             `json:"seq"`
}

// AppropriationRow is a budget year's money for a clause or a department, and what was paid of it. The same payout counts for its clause
// and for its department: rows of the two kinds are not to be added up together.
type AppropriationRow struct {
	BudgetYear    int64          `json:"budget_year"`
	ScopeKind     string         `json:"scope_kind"` // "clause" or "department"
	Scope         string         `json:"scope"`
	Appropriation domain.Ceiling `json:"appropriation"` // null: none is set
	Paid          domain.Money   `json:"paid"`          // less what the bank returned
	Remaining     domain.Ceiling `json:"remaining"`     // below nought where more is paid; null: none is set
	Document      string         `json:"document"`
	SetOn         domain.Date    `json:"set_on"`
	Seq           uint64         `json:"seq"` // of the event that set it; 0: none is set
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
