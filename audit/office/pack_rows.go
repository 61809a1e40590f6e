package office

import (
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// The rows of a pack's tables. Their columns are the fields by their names, in this order; what they are called and mean is the
// dictionary's. A field of any may be nil: nothing is stated.

type packedEnterprise struct {
	Enterprise       domain.EnterpriseID `json:"enterprise"`
	Name             string              `json:"name"`
	Industry         domain.IndustryID   `json:"industry"`
	RegisteredOn     domain.Date         `json:"registered_on"`
	CreditRestricted bool                `json:"credit_restricted"`
	Admitted         bool                `json:"admitted"`
}

type packedClause struct {
	projections.ClauseRow
	Continues    domain.ClauseID     `json:"continues"`
	ContinuedUse domain.ContinuedUse `json:"continued_use"`
}

type packedClosing struct {
	projections.Closed
	Root string `json:"root"`
	Seq  uint64 `json:"seq"`
}

type packedApplication struct {
	Application domain.ApplicationID    `json:"application"`
	Enterprise  domain.EnterpriseID     `json:"enterprise"`
	Clause      domain.ClauseID         `json:"clause"`
	ViaClause   domain.ClauseID         `json:"via_clause"`
	SubjectKind domain.SubjectKind      `json:"subject_kind"`
	Subject     string                  `json:"subject"`
	Title       string                  `json:"title"`
	State       domain.ApplicationState `json:"state"`
	Suspended   bool                    `json:"suspended"`
	SubmittedOn domain.Date             `json:"submitted_on"`
	ApprovedOn  domain.Date             `json:"approved_on"`
	Department  domain.DepartmentID     `json:"department"`
	Requested   domain.Money            `json:"requested"`
	Approved    domain.Money            `json:"approved"`
	Paid        domain.Money            `json:"paid"`
	Returned    domain.Money            `json:"returned"`
	Seq         uint64                  `json:"seq"`
}

type packedApproval struct {
	Seq           uint64               `json:"seq"`
	N             int                  `json:"n"`
	BusinessDate  domain.Date          `json:"business_date"`
	Application   domain.ApplicationID `json:"application"`
	Enterprise    domain.EnterpriseID  `json:"enterprise"`
	Clause        domain.ClauseID      `json:"clause"`
	ViaClause     domain.ClauseID      `json:"via_clause"`
	SubjectKind   domain.SubjectKind   `json:"subject_kind"`
	Subject       string               `json:"subject"`
	SupportYear   any                  `json:"support_year"`
	Amount        domain.Money         `json:"amount"`
	Actor         string               `json:"actor"`
	Department    string               `json:"department"`
	ClauseVersion any                  `json:"clause_version"`
	Reason        string               `json:"reason"`
	ActorFor      string               `json:"actor_for"`
}

type packedPayout struct {
	Payout          domain.PayoutID      `json:"payout"`
	Application     domain.ApplicationID `json:"application"`
	Enterprise      domain.EnterpriseID  `json:"enterprise"`
	Clause          domain.ClauseID      `json:"clause"`
	ViaClause       domain.ClauseID      `json:"via_clause"`
	SubjectKind     domain.SubjectKind   `json:"subject_kind"`
	Subject         string               `json:"subject"`
	SupportYear     any                  `json:"support_year"`
	BudgetYear      int                  `json:"budget_year"`
	PaidOn          domain.Date          `json:"paid_on"`
	Voucher         string               `json:"voucher"`
	Booked          bool                 `json:"booked"`
	Amount          domain.Money         `json:"amount"`
	Outside         domain.Money         `json:"outside"`
	Returned        domain.Money         `json:"returned"`
	ClawbackOrdered domain.Money         `json:"clawback_ordered"`
	ClawbackWaived  domain.Money         `json:"clawback_waived"`
	Recovered       domain.Money         `json:"recovered"`
	Department      domain.DepartmentID  `json:"department"`
	ClauseVersion   any                  `json:"clause_version"`
	Actor           domain.PersonID      `json:"actor"`
	RuleFindings    string               `json:"rule_findings"`
	Seq             uint64               `json:"seq"`
	ActorFor        domain.PersonID      `json:"actor_for"`
	KeptBack        domain.Money         `json:"kept_back"`
	PaidOut         domain.Money         `json:"paid_out"`
}

type packedClawback struct {
	Clawback        domain.ClawbackID    `json:"clawback"`
	Payout          domain.PayoutID      `json:"payout"`
	Application     domain.ApplicationID `json:"application"`
	Enterprise      domain.EnterpriseID  `json:"enterprise"`
	Clause          domain.ClauseID      `json:"clause"`
	SubjectKind     domain.SubjectKind   `json:"subject_kind"`
	Subject         string               `json:"subject"`
	SupportYear     any                  `json:"support_year"`
	Cause           domain.Cause         `json:"cause"`
	OrderedOn       domain.Date          `json:"ordered_on"`
	OrderedBy       domain.PersonID      `json:"ordered_by"`
	ClawbackOrdered domain.Money         `json:"clawback_ordered"`
	ClawbackWaived  domain.Money         `json:"clawback_waived"`
	Recovered       domain.Money         `json:"recovered"`
	Interest        domain.Money         `json:"interest"`
	Outstanding     domain.Money         `json:"outstanding"`
	Reason          string               `json:"reason"`
	Seq             uint64               `json:"seq"`
	WrittenOff      domain.Money         `json:"written_off"`
}

type packedRecovery struct {
	Recovery     domain.RecoveryID    `json:"recovery"`
	Clawback     domain.ClawbackID    `json:"clawback"`
	Payout       domain.PayoutID      `json:"payout"`
	Application  domain.ApplicationID `json:"application"`
	Enterprise   domain.EnterpriseID  `json:"enterprise"`
	Clause       domain.ClauseID      `json:"clause"`
	SubjectKind  domain.SubjectKind   `json:"subject_kind"`
	Subject      string               `json:"subject"`
	SupportYear  any                  `json:"support_year"`
	Cause        domain.Cause         `json:"cause"`
	ReceivedOn   domain.Date          `json:"received_on"`
	Booked       bool                 `json:"booked"`
	Amount       domain.Money         `json:"amount"`
	Interest     domain.Money         `json:"interest"`
	Reversed     bool                 `json:"reversed"`
	ReversedOn   domain.Date          `json:"reversed_on"`
	RuleFindings string               `json:"rule_findings"`
	Seq          uint64               `json:"seq"`
	KeptFrom     domain.PayoutID      `json:"kept_from"`
}

type packedException struct {
	Exception   domain.ExceptionID `json:"exception"`
	Clause      domain.ClauseID    `json:"clause"`
	SubjectKind domain.SubjectKind `json:"subject_kind"`
	Subject     string             `json:"subject"`
	SupportYear any                `json:"support_year"`
	Amount      domain.Money       `json:"amount"`
	Revoked     domain.Money       `json:"revoked"`
	Document    string             `json:"document"`
	GrantedOn   domain.Date        `json:"granted_on"`
	GrantedBy   domain.PersonID    `json:"granted_by"`
	Seq         uint64             `json:"seq"`
}

type packedAppropriation struct {
	BudgetYear      int             `json:"budget_year"`
	ScopeKind       string          `json:"scope_kind"`
	Scope           string          `json:"scope"`
	Appropriation   domain.Ceiling  `json:"appropriation"`
	BudgetPaid      domain.Money    `json:"budget_paid"`
	Document        string          `json:"document"`
	SetOn           domain.Date     `json:"set_on"`
	Seq             any             `json:"seq"`
	Clause          domain.ClauseID `json:"clause"`
	Returned        domain.Money    `json:"returned"`
	Carried         domain.Money    `json:"carried"`
	CommittedUnpaid domain.Money    `json:"committed_unpaid"`
	LateUnpaid      domain.Money    `json:"late_unpaid"`
}

type packedLine struct {
	Enterprise      domain.EnterpriseID `json:"enterprise"`
	Clause          domain.ClauseID     `json:"clause"`
	SubjectKind     domain.SubjectKind  `json:"subject_kind"`
	Subject         string              `json:"subject"`
	SupportYear     any                 `json:"support_year"`
	Applications    int64               `json:"applications"`
	Requested       domain.Money        `json:"requested"`
	Approved        domain.Money        `json:"approved"`
	Outside         domain.Money        `json:"outside"`
	Paid            domain.Money        `json:"paid"`
	Returned        domain.Money        `json:"returned"`
	ClawbackOrdered domain.Money        `json:"clawback_ordered"`
	ClawbackWaived  domain.Money        `json:"clawback_waived"`
	RecoveredError  domain.Money        `json:"recovered_error"`
	RecoveredBreach domain.Money        `json:"recovered_breach"`
	Interest        domain.Money        `json:"interest"`
	ExceptionAmount domain.Money        `json:"exception_amount"`
	ReceivedBeyond  domain.Money        `json:"received_beyond"`
	NetPaid         domain.Money        `json:"net_paid"`
	Use             domain.Money        `json:"use"`
	Cap             any                 `json:"cap"`
	Headroom        any                 `json:"headroom"`
	CarriedUse      domain.Money        `json:"carried_use"`
	WrittenOff      domain.Money        `json:"written_off"`
}

type packedFinding struct {
	Finding       domain.FindingID   `json:"finding"`
	Code          string             `json:"code"`
	Severity      string             `json:"severity"`
	About         string             `json:"about"`
	TitleZH       string             `json:"title_zh"`
	TitleEN       string             `json:"title_en"`
	ExplanationZH string             `json:"explanation_zh"`
	ExplanationEN string             `json:"explanation_en"`
	Events        string             `json:"events"`
	Disposition   domain.Disposition `json:"disposition"`
	Comment       string             `json:"comment"`
	Actor         domain.PersonID    `json:"actor"`
	ActionZH      string             `json:"action_zh"`
	ActionEN      string             `json:"action_en"`
	CaseCount     int                `json:"case_count"`
}

type packedCase struct {
	Finding       domain.FindingID   `json:"finding"`
	Case          domain.FindingID   `json:"case"`
	About         string             `json:"about"`
	ExplanationZH string             `json:"explanation_zh"`
	ExplanationEN string             `json:"explanation_en"`
	Events        string             `json:"events"`
	Disposition   domain.Disposition `json:"disposition"`
	Comment       string             `json:"comment"`
	Actor         domain.PersonID    `json:"actor"`
}

type packedDisposition struct {
	Seq          uint64             `json:"seq"`
	BusinessDate domain.Date        `json:"business_date"`
	Finding      domain.FindingID   `json:"finding"`
	Disposition  domain.Disposition `json:"disposition"`
	Comment      string             `json:"comment"`
	Actor        string             `json:"actor"`
	Department   string             `json:"department"`
	ActorFor     string             `json:"actor_for"`
}

type packedPosting struct {
	Seq          uint64               `json:"seq"`
	N            int                  `json:"n"`
	RecordedAt   time.Time            `json:"recorded_at"`
	BusinessDate domain.Date          `json:"business_date"`
	Kind         projections.Kind     `json:"kind"`
	Count        int                  `json:"count"`
	Amount       domain.Money         `json:"amount"`
	Enterprise   domain.EnterpriseID  `json:"enterprise"`
	Clause       domain.ClauseID      `json:"clause"`
	ViaClause    domain.ClauseID      `json:"via_clause"`
	SubjectKind  domain.SubjectKind   `json:"subject_kind"`
	Subject      string               `json:"subject"`
	SupportYear  any                  `json:"support_year"`
	BudgetYear   any                  `json:"budget_year"`
	Application  domain.ApplicationID `json:"application"`
	Reference    string               `json:"reference"`
	EventType    string               `json:"event_type"`
	Actor        string               `json:"actor"`
	ActorFor     string               `json:"actor_for"`
}
