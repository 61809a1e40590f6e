package projections

import "github.com/fundledger/fundledger/domain"

// Step is what has to be done next about an application or a clawback.
type Step string

// The steps, in the order in which an application takes them. Who may take one, and whether the rules let it pass today, is the domain's to say.
const (
	ToAccept   Step = "to_accept"
	ToComplete Step = "to_complete" // returned for completion: the applicant's turn
	ToDecide   Step = "to_decide"   // to be reviewed, approved or rejected
	ToPay      Step = "to_pay"
	ToPayRest  Step = "to_pay_rest"  // paid in part
	ToPayAgain Step = "to_pay_again" // the bank returned what was paid last
	ToRecover  Step = "to_recover"   // of a clawback something is outstanding, and nothing is overdue
	ToDemand   Step = "to_demand"    // of a clawback something is overdue
	ToResume   Step = "to_resume"    // suspended
)

// Steps are all steps, in their order.
var Steps = []Step{ToAccept, ToComplete, ToDecide, ToPay, ToPayRest, ToPayAgain, ToRecover, ToDemand, ToResume}

// QueueRow is something that waits to be done.
type QueueRow struct {
	Step           Step                `json:"step"`
	Reference      string              `json:"reference"` // the application, or the clawback
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Clause         domain.ClauseID     `json:"clause"`
	ViaClause      domain.ClauseID     `json:"via_clause"`
	Title          string              `json:"title"`        // of the application; why the clawback was ordered
	Amount         domain.Money        `json:"amount"`       // asked for, due and not paid, outstanding, or overdue
	Since          domain.Date         `json:"since"`        // the last step; of money to be paid, the approval, or the payment that came back; of what is overdue, the day it was due
	WaitingDays    int64               `json:"waiting_days"` // since then
}

// ByStep narrows to what waits for a step, ByResponsible to what is under a clause that a department is responsible for.
var (
	ByStep        = by[Step]("step", Word, "下一步骤", "the step that comes next").of(names(Steps)...)
	ByResponsible = by[domain.DepartmentID]("department", Identifier, "责任部门", "a department responsible for the clause").asked().named(departments)
)

// Queue is what waits to be done: the oldest first.
var Queue = list[QueueRow](List{Name: "queue", Source: "queue", Key: []string{"since", "step", "reference"}, Unlike: true, Alike: []string{"step"},
	Title:   domain.Text{ZH: "待办事项", EN: "Work to be done"},
	Meaning: domain.Text{ZH: "待办事项：等待受理、评审、审批、支付或收回的事项", EN: "What waits to be accepted, decided, paid or recovered"},
}, ByStep, ByClause.asked(), ByEnterprise, ByResponsible)

func names[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
