package projections

import (
	"github.com/fundledger/fundledger/domain"
)

// LineChange is what a batch adds to a line.
type LineChange struct {
	Line              Line
	Figures           Figures
	FirstSeq, LastSeq uint64 // of the batch's postings on it
}

// PolicyRow is a published policy.
type PolicyRow struct {
	Seq    uint64
	Date   domain.Date
	Policy domain.Policy
	Hash   string
	Data   []byte // the policy's JSON, as in the event
}

// PolicyAmendment is what a policy says from a day on, besides caps.
type PolicyAmendment struct {
	Seq  uint64
	Date domain.Date
	*domain.PolicyAmended
}

// Amendment is a version of a clause after the first.
type Amendment struct {
	Seq    uint64
	Date   domain.Date
	Clause domain.ClauseID
	domain.ClauseVersion
}

// EnterpriseChange is a new enterprise (Fresh), or what changed of one.
type EnterpriseChange struct {
	ID                   domain.EnterpriseID
	Fresh                bool
	Name                 string // "": as it was
	Industry             domain.IndustryID
	RegisteredOn         domain.Date
	Restricted, Admitted *bool // nil: as it was
	LastSeq              uint64
}

// NameRow is a name of an enterprise from an event on.
type NameRow struct {
	Enterprise domain.EnterpriseID
	Seq        uint64
	Date       domain.Date
	Name       string
}

// ApplicationChange is a new application (Fresh), or what changed of one: amounts are added, the rest replaces.
type ApplicationChange struct {
	ID            domain.ApplicationID
	Fresh         bool
	Renewed       bool                         // a voided one was submitted again: what was decided of it is no more
	Filed         *domain.ApplicationSubmitted // the latest submission, if any
	Title         string                       // "": as it was
	Project       *string                      // "": none; nil: as it was
	Replaces      domain.ApplicationID         // "": as it was
	Charge        *domain.Charge               // that it is charged to from now on; nil: as it was
	State         domain.ApplicationState      // "": as it was
	Suspended     *bool                        // nil: as it was
	SubmittedOn   domain.Date                  // of the first submission; only when Fresh or Renewed
	LastStepOn    domain.Date                  // none: as it was
	ApprovedOn    domain.Date
	Department    domain.DepartmentID // that approved
	ClauseVersion int                 // that governed the latest decision; 0: as it was
	Requested     domain.Money
	Approved      domain.Money
	Paid          domain.Money
	Returned      domain.Money
	FirstSeq      uint64
	LastSeq       uint64
}

// InstalmentKey names an instalment.
type InstalmentKey struct {
	Application domain.ApplicationID
	Year        domain.SupportYear
}

// InstalmentChange is what a batch adds to an instalment.
type InstalmentChange struct {
	InstalmentKey
	Fresh                     bool         // of an application that is new in the batch
	Requested, Approved, Paid domain.Money // paid: within the approval, less what was returned of it
}

// PayoutChange is a new payout (Fresh), or what is added to one.
type PayoutChange struct {
	ID             domain.PayoutID
	Fresh          bool
	Application    domain.ApplicationID
	Charge         domain.Charge
	Year           domain.SupportYear
	Amount         domain.Money
	KeptBack       domain.Money // of the amount, when it was made
	PaidOn         domain.Date
	Voucher        string
	Department     domain.DepartmentID
	Departments    []domain.DepartmentID // whose budgets it counts against where none has approved it; kept in the budgets
	ClauseVersion  int
	Booked         bool
	Findings       []domain.Finding
	Outside        domain.Money
	Returned       domain.Money
	Ordered        domain.Money
	Waived         domain.Money
	Recovered      domain.Money
	ReversedOn     domain.Date
	ReversedReason string
	ReversedSeq    uint64
	Actor          domain.PersonID
	ActorFor       domain.PersonID // not kept: the payout's event has it
	Seq            uint64
	LastSeq        uint64
}

// ClawbackChange is a new clawback (Fresh), or what is added to one.
type ClawbackChange struct {
	ID          domain.ClawbackID
	Fresh       bool
	Payout      domain.PayoutID
	Application domain.ApplicationID
	Charge      domain.Charge
	Year        domain.SupportYear
	Cause       domain.Cause
	Ordered     domain.Money
	Waived      domain.Money
	Recovered   domain.Money
	Interest    domain.Money
	WrittenOff  domain.Money
	OrderedOn   domain.Date
	OrderedBy   domain.PersonID
	Reason      string
	Seq         uint64
	LastSeq     uint64
}

// RecoveryChange is a new recovery (Fresh), or its reversal.
type RecoveryChange struct {
	ID             domain.RecoveryID
	Fresh          bool
	Clawback       domain.ClawbackID
	Payout         domain.PayoutID
	Application    domain.ApplicationID
	Charge         domain.Charge
	Year           domain.SupportYear
	Amount         domain.Money
	Interest       domain.Money
	Beyond         domain.Money // of the amount, what came in beyond what went out
	Cause          domain.Cause
	ReceivedOn     domain.Date
	Booked         bool
	KeptFrom       domain.PayoutID
	Findings       []domain.Finding
	Reversed       bool
	ReversedOn     domain.Date
	ReversedReason string
	Seq            uint64
	LastSeq        uint64
}

// ExceptionChange is a new exception (Fresh), or what was revoked of one.
type ExceptionChange struct {
	ID        domain.ExceptionID
	Fresh     bool
	Clause    domain.ClauseID
	Subject   domain.Subject
	Year      domain.SupportYear
	Amount    domain.Money
	Revoked   domain.Money
	Document  string
	GrantedOn domain.Date
	GrantedBy domain.PersonID
	Seq       uint64
	LastSeq   uint64
}

// BudgetChange is what was paid of a budget and returned (added), what was carried into its year, and the appropriation that was set, if one was.
type BudgetChange struct {
	domain.BudgetKey
	Paid              domain.Money // less what was returned
	Returned          domain.Money
	Carried           domain.Money
	Initial, Adjusted *domain.Money // nil: as they were
	Document          string        // of the latest of them
	On                domain.Date
	Seq               uint64
}

// BudgetMove is what one event does to a budget: money paid or given back, carried, or the appropriation that it sets.
type BudgetMove struct {
	domain.BudgetKey
	Seq     uint64
	Paid    domain.Money
	Carried domain.Money
	Set     *domain.Money
}

// DueKey is an application, where it is charged, and a budget year.
type DueKey struct {
	Application domain.ApplicationID
	Clause, Via domain.ClauseID
	Department  domain.DepartmentID // that approved it in the batch; "": the one that had before
	Year        int
}

// DueChange is what a batch adds to what is committed of an application, not paid, and planned for a budget year.
type DueChange struct {
	DueKey
	Amount domain.Money
}

// PlanMove is what an event adds to what is planned of an instalment for a month.
type PlanMove struct {
	Seq         uint64
	N           int // its place among the event's, from 0
	Application domain.ApplicationID
	Year        domain.SupportYear
	Month       domain.Month
	Date        domain.Date
	Amount      domain.Money
}

// FactChange is a value of a fact that is recorded, confirmed or corrected.
type FactChange struct {
	Seq        uint64
	Enterprise domain.EnterpriseID // "": of a project
	Project    string
	Fact       domain.FactID
	Period     string
	Date       domain.Date
	Value      string
	Previous   string // "": it is not corrected
	Unit       domain.FactUnit
	Means      domain.FactMeaning
	Sensitive  bool
	Pending    bool
	Department domain.DepartmentID // that recorded it, or that recorded it first
	Confirmed  domain.DepartmentID // "": none
	Document   string
	SHA256     string
	Actor      domain.PersonID
}

// RepaymentRow is a part of what a clawback is to be paid back in, as an order or a schedule says.
type RepaymentRow struct {
	Seq      uint64
	N        int // its place, from 0
	Clawback domain.ClawbackID
	Date     domain.Date
	domain.Repayment
}

// FindingChange is the latest word on a finding.
type FindingChange struct {
	ID          domain.FindingID
	Disposition domain.Disposition
	Comment     string
	On          domain.Date
	By          domain.PersonID
	Seq         uint64
}

// JoinedRow says that two subjects count as one from an event on, with all that each is one with.
type JoinedRow struct {
	Kind   domain.SubjectKind
	A, B   string
	Parted []string // these stand apart again from all that they are one with; nil: A and B are joined
	Seq    uint64
	Date   domain.Date
}

// PartyRow is an enterprise that an event happened to besides the one that it stands with.
type PartyRow struct {
	Enterprise domain.EnterpriseID
	Seq        uint64
	Type       string // of the event
}
