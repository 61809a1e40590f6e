package domain

import (
	"slices"
	"strings"
)

// Code is one of the few values that a kind of field takes, and what people call it. Programs branch on the name.
type Code struct {
	Name string
	Text Text
}

func coded[T ~string](name T, zh, en string) Code { return Code{string(name), Text{ZH: zh, EN: en}} }

// The codes of the domain's kinds of field, each kind whole and in the order that people read it.
var (
	RoleCodes = []Code{coded(Clerk, "受理员", "clerk"), coded(Reviewer, "评审员", "reviewer"), coded(Approver, "审批人", "approver"),
		coded(Treasurer, "财政经办", "treasurer"), coded(Authority, "区政府", "authority"), coded(Auditor, "审计", "auditor"),
		coded(Analyst, "分析员", "analyst"), coded(Admin, "管理员", "admin")}
	DutyCodes = []Code{coded(DutyAccept, "受理", "accept"), coded(DutyReview, "评审", "review"), coded(DutyApprove, "审批", "approve"),
		coded(DutyPay, "支付", "pay")}
	StateCodes = []Code{coded(Submitted, "已提交", "submitted"), coded(Accepted, "已受理", "accepted"), coded(Returned, "已退回补正", "returned"),
		coded(Approved, "已批准", "approved"), coded(Rejected, "不予支持", "rejected"), coded(Withdrawn, "已撤回", "withdrawn"),
		coded(Voided, "已作废", "voided")}
	OpinionCodes = []Code{coded(Support, "同意", "support"), coded(Oppose, "不同意", "oppose"), coded(Abstain, "弃权", "abstain")}
	CauseCodes   = []Code{coded(CauseError, "差错", "error"), coded(CauseBreach, "违约", "breach")}
	SubjectCodes = []Code{coded(SubjectEnterprise, "企业", "enterprise"), coded(SubjectProject, "项目", "project"),
		coded(SubjectAward, "人才或团队", "award")}
	PeriodCodes      = []Code{coded(PerYear, "每年", "year"), coded(InTotal, "累计", "total")}
	ScheduleCodes    = []Code{coded(OneOffOrTerm, "一次性或连续各年", "once, or each year of a term")}
	DispositionCodes = []Code{coded(FindingAccepted, "属实", "accepted"), coded(FindingExplained, "已说明", "explained"),
		coded(FindingFalse, "误报", "false alarm")}
	BudgetCodes = []Code{coded(InitialBudget, "年初预算", "initial"), coded(AdjustedBudget, "调整预算", "adjusted"), coded(CarriedBudget, "上年结转", "carried over")}
	OfferCodes  = []Code{coded(OfferWaiting, "待确认", "waiting"), coded(OfferTaken, "已确认", "confirmed"), coded(OfferTurned, "已谢绝", "declined"), coded(OfferHasLapsed, "已失效", "lapsed")}
	UnitCodes   = []Code{coded(UnitMoney, "元", "CNY"), coded(UnitCount, "数量", "count"), coded(UnitPercent, "百分比", "percent"), coded(UnitFlag, "是否", "yes or no"),
		coded(UnitCode, "代码", "code")}
	PerCodes     = []Code{coded(OfYear, "按年", "a year"), coded(OfMonth, "按月", "a month"), coded(FromDay, "自某日起", "from a day on")}
	MeaningCodes = []Code{coded(MeansIndustry, "产业", "industry"), coded(MeansPlace, "所在地", "place"), coded(MeansKind, "主体类别", "kind of subject"),
		coded(MeansSize, "规模", "size"), coded(MeansStreet, "街镇", "sub-district"), coded(MeansScale, "达规纳统", "statistical scale")}
	ScopeCodes = []Code{coded(ScopeFund, "全基金", "the fund"), coded(ScopeClause, "条款", "clause"), coded(ScopeDepartment, "部门", "department"),
		coded(ScopeClauseDepartment, "条款与部门", "clause and department")}
	StageCodes = []Code{coded(StageAcceptance, "受理", "acceptance"), coded(StageReview, "评审", "review"), coded(StageApproval, "审批", "approval"),
		coded(StagePayment, "支付", "payment")}
	DirectionCodes = []Code{coded(BetterMore, "越多越好", "more is better"), coded(BetterLess, "越少越好", "less is better")}
	GroupCodes     = []Code{coded(GroupInput, "投入", "input"), coded(GroupProcess, "过程", "process"), coded(GroupOutput, "产出", "output"),
		coded(GroupBenefit, "效益", "benefit"), coded(GroupSatisfaction, "满意度", "satisfaction")}
	EvaluationCodes = []Code{coded(SelfEvaluation, "单位自评", "self-evaluation"), coded(DepartmentEvaluation, "部门评价", "department's evaluation"),
		coded(FinanceEvaluation, "财政评价", "finance evaluation")}
	GradeCodes         = []Code{coded(GradeExcellent, "优", "excellent"), coded(GradeGood, "良", "good"), coded(GradeFair, "中", "fair"), coded(GradePoor, "差", "poor")}
	RectificationCodes = []Code{coded(RectificationOpen, "整改中", "open"), coded(RectificationDone, "已完成", "done")}
	StandingCodes      = []Code{coded(OnTime, "期内", "on time"), coded(Amber, "临期", "due soon"), coded(Red, "超期", "late")}
	LinkCodes          = []Code{coded(Controls, "控股或控制", "control"), coded(SameController, "同一控制人", "one controller"), coded(Branch, "分支机构", "a branch")}
	DebtorCodes        = []Code{coded(DebtorFinding, "记为发现", "found"), coded(DebtorRefuse, "拒绝", "refused"), coded(DebtorOffset, "抵扣", "offset")}
	GroupControlCodes  = []Code{coded(GroupFinding, "记为发现", "found"), coded(GroupRefuse, "拒绝", "refused")}
	ClosingStepCodes   = []Code{coded(StepYearOver, "年度终了", "the year is over"), coded(StepTreasury, "国库支付对账", "treasury's files"),
		coded(StepReturns, "银行退回未重付", "bank returns not paid again"), coded(StepUnpaid, "应付未付", "due and unpaid"),
		coded(StepRecoveries, "追回未收", "clawbacks outstanding"), coded(StepBudgets, "超预算支付", "budgets overdrawn"),
		coded(StepEarlier, "以前年度未封", "earlier years open"), coded(StepClose, "封账", "the closing")}
)

// Coded is what a code is called among those of its kind; one that is not among them is shown as it is.
func Coded[T ~string](codes []Code, name T) Text {
	if i := slices.IndexFunc(codes, func(c Code) bool { return c.Name == string(name) }); i >= 0 {
		return codes[i].Text
	}
	return Text{ZH: string(name), EN: string(name)}
}

// Text is what the kind of link is called.
func (k LinkKind) Text() Text { return Coded(LinkCodes, k) }

// Text is what the role is called.
func (r Role) Text() Text { return Coded(RoleCodes, r) }

// Text is what the duty is called.
func (d Duty) Text() Text { return Coded(DutyCodes, d) }

// Text is what the state is called.
func (s ApplicationState) Text() Text { return Coded(StateCodes, s) }

// Text is what the opinion is called.
func (o Opinion) Text() Text { return Coded(OpinionCodes, o) }

// Text is what the cause is called.
func (c Cause) Text() Text { return Coded(CauseCodes, c) }

// Text is what the kind of cap subject is called.
func (k SubjectKind) Text() Text { return Coded(SubjectCodes, k) }

// Text is what the period is called.
func (p Period) Text() Text { return Coded(PeriodCodes, p) }

// Text is what the schedule is called.
func (s Schedule) Text() Text { return Coded(ScheduleCodes, s) }

// Text is what the disposition is called.
func (d Disposition) Text() Text { return Coded(DispositionCodes, d) }

// Text is what the kind of appropriation is called.
func (k AppropriationKind) Text() Text { return Coded(BudgetCodes, k) }

// Text is what the step is called.
func (s ClosingStep) Text() Text { return Coded(ClosingStepCodes, s) }

// Text is what the unit is called.
func (u FactUnit) Text() Text { return Coded(UnitCodes, u) }

// Text is what values of it are of.
func (p FactPer) Text() Text { return Coded(PerCodes, p) }

// Text is what the matter is called.
func (m FactMeaning) Text() Text { return Coded(MeaningCodes, m) }

// Text is what the scope is called.
func (s BudgetScope) Text() Text { return Coded(ScopeCodes, s) }

// Text is what the direction is called.
func (d Direction) Text() Text { return Coded(DirectionCodes, d) }

// Text is what the group is called.
func (g IndicatorGroup) Text() Text { return Coded(GroupCodes, g) }

// Text is what the kind of evaluation is called.
func (k EvaluationKind) Text() Text { return Coded(EvaluationCodes, k) }

// Text is what the grade is called.
func (g Grade) Text() Text { return Coded(GradeCodes, g) }

// Text is what the state is called.
func (s RectificationState) Text() Text { return Coded(RectificationCodes, s) }

// codeList lists codes as a figure of a refusal does.
func codeList(codes []Code) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
