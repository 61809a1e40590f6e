package projections

import (
	"time"

	"github.com/shopspring/decimal"

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
	Replaces       domain.ApplicationID    `json:"replaces"` // the voided one that it is in the place of: itself, where it was submitted again
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
	KeptBack        domain.Money         `json:"kept_back"` // of the amount, for what the enterprise owed: it was not paid
	PaidOut         domain.Money         `json:"paid_out"`  // of the amount, the rest
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
	WrittenOff     domain.Money         `json:"written_off"`
	Outstanding    domain.Money         `json:"outstanding"`
	InterestOwed   domain.Ceiling       `json:"interest_owed"`  // on what is outstanding; null: the policy has no rates
	DueOn          domain.Date          `json:"due_on"`         // the first day by which something is to be paid that is not; none: nothing is due on a day
	OverdueAmount  domain.Money         `json:"overdue_amount"` // of what is outstanding, due before the day
	Reason         string               `json:"reason"`
	Seq            uint64               `json:"seq"`
}

// AgeingRow is a part of a clawback of which something is outstanding, and how long it is overdue.
type AgeingRow struct {
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clawback       domain.ClawbackID    `json:"clawback"`
	Part           int64                `json:"part"`   // its place in the schedule, from 1
	DueOn          domain.Date          `json:"due_on"` // none: on no day
	Amount         domain.Money         `json:"amount"` // of the part
	Outstanding    domain.Money         `json:"outstanding"`
	DaysOverdue    int64                `json:"days_overdue"`
	Bucket         Bucket               `json:"bucket"`
	Payout         domain.PayoutID      `json:"payout"`
	Application    domain.ApplicationID `json:"application"`
	Clause         domain.ClauseID      `json:"clause"`
	SupportYear    domain.SupportYear   `json:"support_year"`
	Cause          domain.Cause         `json:"cause"`
	OrderedOn      domain.Date          `json:"ordered_on"`
	Seq            uint64               `json:"seq"` // of the order
}

// Bucket says how long a debt is overdue.
type Bucket string

// The buckets, in the order of time.
const (
	Undated   Bucket = "undated" // due on no day
	NotDue    Bucket = "not_due" // due that day or later
	To30      Bucket = "to_30"
	To90      Bucket = "to_90"
	To180     Bucket = "to_180"
	To365     Bucket = "to_365"
	Beyond365 Bucket = "beyond_365"
)

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
	KeptFrom       domain.PayoutID      `json:"kept_from"` // the payout that it was kept back of; none: money came in
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

// AppropriationRow is a budget year's money for the fund, a clause, a department, or a department under a clause, what was paid of it and what is
// committed. The same payout counts for each of them: rows of different kinds are not to be added up together.
type AppropriationRow struct {
	BudgetYear    int64               `json:"budget_year"`
	ScopeKind     domain.BudgetScope  `json:"scope_kind"`
	Scope         string              `json:"scope"`         // the clause, or the department; "": the fund
	Clause        domain.ClauseID     `json:"clause"`        // the scope itself, or what the department has a share of
	Appropriation domain.Ceiling      `json:"appropriation"` // null: none is set
	Initial       domain.Ceiling      `json:"initial"`       // as set first; null: it was not
	Adjusted      domain.Ceiling      `json:"adjusted"`      // in the place of the initial one; null: it was not
	Carried       domain.Money        `json:"carried"`       // into the year, less what was carried out of it
	Paid          domain.Money        `json:"paid"`          // less what the bank returned
	Returned      domain.Money        `json:"returned"`
	Remaining     domain.Ceiling      `json:"remaining"`        // below nought where more is paid; null: none is set
	Committed     domain.Money        `json:"committed_unpaid"` // not paid, and planned for the year
	Late          domain.Money        `json:"late_unpaid"`      // not paid, and planned for earlier years: of the present year's budget alone
	Free          domain.Ceiling      `json:"free"`             // below nought where more is committed; null: none is set
	ExecutionRate decimal.NullDecimal `json:"execution_rate"`
	Document      string              `json:"document"`
	SetOn         domain.Date         `json:"set_on"`
	Seq           uint64              `json:"seq"` // of the event that set it; 0: none is set
}

// Key is the budget that the row is of.
func (r AppropriationRow) Key() domain.BudgetKey {
	key := domain.BudgetKey{Year: int(r.BudgetYear), Clause: r.Clause}
	if r.ScopeKind == domain.ScopeDepartment || r.ScopeKind == domain.ScopeClauseDepartment {
		key.Department = domain.DepartmentID(r.Scope)
	}
	return key
}

// PlanRow is what of an instalment is planned to be paid in a month.
type PlanRow struct {
	Month          string               `json:"month"`
	Application    domain.ApplicationID `json:"application"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"`
	ViaClause      domain.ClauseID      `json:"via_clause"`
	Department     domain.DepartmentID  `json:"department"`
	SupportYear    domain.SupportYear   `json:"support_year"`
	BudgetYear     int64                `json:"budget_year"`
	Planned        domain.Money         `json:"planned"`
}

// OfferRow is an offer of support, and what became of it.
type OfferRow struct {
	Offer          domain.OfferID       `json:"offer"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"` // that it is offered under
	SubjectKind    domain.SubjectKind   `json:"subject_kind"`
	Subject        string               `json:"subject"`
	Title          string               `json:"title"`
	Amount         domain.Money         `json:"amount"` // of all years
	OfferState     domain.OfferState    `json:"offer_state"`
	OfferedOn      domain.Date          `json:"offered_on"`
	ExpiresOn      domain.Date          `json:"expires_on"`
	AnsweredOn     domain.Date          `json:"answered_on"`
	Application    domain.ApplicationID `json:"application"` // that it became
	Department     domain.DepartmentID  `json:"department"`
	Actor          domain.PersonID      `json:"actor"`
	Seq            uint64               `json:"seq"`
}

// FactValue is the value of a fact, in its unit. Rows are not sorted by it: the order would tell what is withheld.
type FactValue string

// FactRow is a value of a fact as it is known: of an enterprise or a project, for a period.
type FactRow struct {
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Project        string              `json:"project"` // "": of the enterprise
	Fact           domain.FactID       `json:"fact"`
	Period         string              `json:"period"`
	Value          FactValue           `json:"value"` // "": it is withheld from who asks
	Unit           domain.FactUnit     `json:"unit"`
	Unconfirmed    bool                `json:"unconfirmed"` // it waits for a second department, and does not count
	Department     domain.DepartmentID `json:"department"`
	ConfirmedBy    domain.DepartmentID `json:"confirmed_by"`
	PreviousValue  FactValue           `json:"previous_value"` // before it was corrected
	Document       string              `json:"document"`
	SHA256         string              `json:"sha256"`
	RecordedOn     domain.Date         `json:"recorded_on"`
	Actor          domain.PersonID     `json:"actor"`
	Sensitive      bool                `json:"sensitive"`
	Seq            uint64              `json:"seq"`
}

// ForecastRow is what is to be paid in a month, and what is paid in it already.
type ForecastRow struct {
	Month     string       `json:"month"`
	Overdue   domain.Money `json:"overdue"`   // planned for months before, or of support years that are over: in the first month
	Planned   domain.Money `json:"planned"`   // for the month
	Unplanned domain.Money `json:"unplanned"` // of the support year, and planned for no month: spread over what is left of it
	Due       domain.Money `json:"due"`       // all three
	Paid      domain.Money `json:"paid"`      // less what the bank returned
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
