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
	ToAnswer   Step = "to_answer"    // an offer, by the enterprise
)

// Steps are all steps, in their order.
var Steps = []Step{ToAnswer, ToAccept, ToComplete, ToDecide, ToPay, ToPayRest, ToPayAgain, ToRecover, ToDemand, ToResume}

// QueueRow is something that waits to be done.
type QueueRow struct {
	Step           Step                `json:"step"`
	Reference      string              `json:"reference"` // the application, or the clawback
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Clause         domain.ClauseID     `json:"clause"`
	ViaClause      domain.ClauseID     `json:"via_clause"`
	Title          string              `json:"title"`          // of the application; why the clawback was ordered
	Amount         domain.Money        `json:"amount"`         // asked for, due and not paid, outstanding, or overdue
	Since          domain.Date         `json:"since"`          // the last step; of money to be paid, the approval, or the payment that came back; of what is overdue, the day it was due
	WaitingDays    int64               `json:"waiting_days"`   // since then
	PromisedUntil  domain.Date         `json:"promised_until"` // the last day of the working days that are promised of its stage; of an offer, its last day
	Standing       domain.Standing     `json:"standing"`       // against it; "": nothing is promised
}

// ByStep narrows to what waits for a step, ByStanding to what is late or soon will be, ByResponsible to what is under a clause that a department is responsible for.
var (
	ByStep        = by[Step]("step", Word, "下一步骤", "the step that comes next").of(names(Steps)...)
	ByStanding    = by[domain.Standing]("standing", Word, "与承诺时限相比", "how it stands against the promised time").of(names([]domain.Standing{domain.OnTime, domain.Amber, domain.Red})...)
	ByResponsible = by[domain.DepartmentID]("department", Identifier, "责任部门", "a department responsible for the clause").asked().named(departments)
)

// Queue is what waits to be done: the oldest first.
var Queue = list[QueueRow](List{Name: "queue", Source: "queue", Key: []string{"since", "step", "reference"}, Unlike: true, Alike: []string{"step"},
	Title:   domain.Text{ZH: "待办事项", EN: "Work to be done"},
	Meaning: domain.Text{ZH: "待办事项：等待答复、受理、评审、审批、支付或收回的事项", EN: "What waits to be answered, accepted, decided, paid or recovered"},
}, ByStep, ByStanding, ByQueued, ByClause.asked(), ByEnterprise, ByResponsible)

// StageTimesRow is how long a stage has taken under a clause, in working days.
type StageTimesRow struct {
	Clause        domain.ClauseID `json:"clause"` // that was applied for
	Stage         domain.Stage    `json:"stage"`
	Cases         int64           `json:"cases"`          // in which the stage is over
	MedianDays    int64           `json:"median_days"`    // half of them took no longer
	LongestDays   int64           `json:"longest_days"`   // one of them took
	PromisedDays  int64           `json:"promised_days"`  // now; 0: none
	PromisedCases int64           `json:"promised_cases"` // of which something was promised when the stage began
	LateCases     int64           `json:"late_cases"`     // of these, that took longer
}

// ByStage narrows to a stage.
var ByStage = by[domain.Stage]("stage", Word, "办理阶段", "the stage").of(names([]domain.Stage{domain.StageAcceptance, domain.StageReview, domain.StageApproval, domain.StagePayment})...)

// StageTimes are how many working days each stage has taken under each clause, against what is promised.
var StageTimes = list[StageTimesRow](List{Name: "stage_times", Source: "stage_times", Past: true, Key: []string{"clause", "stage"},
	Title:   domain.Text{ZH: "办理用时", EN: "Time taken by stage"},
	Meaning: domain.Text{ZH: "各条款各阶段的办理用时（工作日）与承诺时限", EN: "How many working days each stage takes under each clause, against what is promised"},
}, ByClause, ByStage)

// ByQueued narrows to what waits about one application, offer or clawback.
var ByQueued = by[string]("reference", Identifier, "申请、提议或追回编号", "the application, the offer or the clawback").asked().kept("applications", "application").kept("offers", "offer").kept("clawbacks", "clawback")

func names[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
