package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

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

// InstalmentRow is an application's amounts of a support year.
type InstalmentRow struct {
	Application domain.ApplicationID `json:"application"`
	SupportYear domain.SupportYear   `json:"support_year"`
	Requested   domain.Money         `json:"requested"`
	Approved    domain.Money         `json:"approved"` // less what was reduced and released
	Paid        domain.Money         `json:"paid"`     // within the approval, less what the bank returned of it
	Unpaid      domain.Money         `json:"unpaid"`
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
	ReversedOn      domain.Date          `json:"reversed_on"` // of a booking that was a mistake
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
	RecordedAt   time.Time            `json:"recorded_at" sql:"recorded_ns"` // UTC
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
	ActorFor     domain.PersonID      `json:"actor_for"`
}
