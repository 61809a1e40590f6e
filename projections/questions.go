package projections

import (
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// The filters that lists have.
var (
	ByEnterprise       = by[domain.EnterpriseID]("enterprise", Identifier, "企业", "the enterprise").kept("enterprises", "enterprise")
	ByApplication      = by[domain.ApplicationID]("application", Identifier, "申请编号", "the application").kept("applications", "application")
	ByClause           = by[domain.ClauseID]("clause", Identifier, "条款", "the clause").named(clauses)
	ByYear             = by[domain.SupportYear]("year", Year, "支持年度", "the support year").on("support_year").named(years).kept("accounts", "year")
	ByAnswer           = by[string]("answer", Word, "可否", "the answer").of("yes", "no", "unknown", "department_judges")
	BySubject          = by[string]("subject", Identifier, "计额对象：企业、项目或奖项", "the cap subject: an enterprise, a project or an award").kept("accounts", "subject").kept("enterprises", "enterprise").kept("exceptions", "subject")
	BySubjectKind      = by[domain.SubjectKind]("subject_kind", Word, "计额对象的类别", "the kind of cap subject").of("enterprise", "project", "award")
	ByPayout           = by[domain.PayoutID]("payout", Identifier, "支付编号", "the payout").kept("payouts", "payout")
	ByClawback         = by[domain.ClawbackID]("clawback", Identifier, "追回编号", "the clawback").kept("clawbacks", "clawback")
	ByRecovery         = by[domain.RecoveryID]("recovery", Identifier, "收回编号", "the recovery").kept("recoveries", "recovery")
	ByException        = by[domain.ExceptionID]("exception", Identifier, "例外编号", "the exception").kept("exceptions", "exception")
	BySearch           = by[string]("q", Word, "名称中的字、拼音首字母或代码开头", "characters of the name, its pinyin initials, or the code's beginning").asked().short("search")
	ByProject          = by[string]("project", Identifier, "项目", "the project").asked().kept("applications", "project")
	ByState            = by[domain.ApplicationState]("state", Word, "申请的状态", "the application's state").of("submitted", "accepted", "returned", "approved", "rejected", "withdrawn", "voided")
	ByOutstanding      = by[string]("state", Word, "open（未了）：尚未收回的", "open: those with something outstanding").asked().of(Open)
	ByBucket           = by[Bucket]("bucket", Word, "逾期分段", "how long it is overdue").of(names([]Bucket{Undated, NotDue, To30, To90, To180, To365, Beyond365})...)
	ByInForce          = by[string]("state", Word, "open（有效）：尚未全部撤销的", "open: those not wholly revoked").asked().of(Open)
	ByReversal         = by[string]("state", Word, "reversed（已冲销）或 standing（未冲销）", "reversed: those taken back; standing: the others").asked().of(Reversed, Standing)
	BySupportYear      = by[domain.SupportYear]("support_year", AnyYear, "支持年度；0 为不分年度的总额", "exactly this support year; 0: what belongs to the total and to no year").asked().named(years).kept("accounts", "year").kept("journal", "support_year")
	ByKind             = by[[]string]("kind", Several, "记账类别，可用逗号并列", "the kind of posting, or several with commas between: "+strings.Join(kindNames[:], ", ")).of(kindNames[:]...)
	ByReference        = by[string]("reference", Identifier, "关联的支付、追回、收回或例外编号", "the payout, clawback, recovery or exception that is posted").kept("payouts", "payout").kept("clawbacks", "clawback").kept("recoveries", "recovery").kept("exceptions", "exception")
	ByEvent            = by[uint64]("event", Position, "事件序号", "the position of the event that posted").on("seq")
	ByBudgetYear       = by[domain.SupportYear]("budget_year", Year, "预算年度（款项支出或退回）", "the budget year: what was paid and returned in it").asked().named(years).kept("appropriations", "budget_year")
	ByBudgetClause     = by[domain.ClauseID]("budget_clause", Identifier, "条款预算：计额条款或申请条款", "a clause's budget: charged to it, or applied for under it").asked().short("clause").named(clauses)
	ByBudgetDepartment = by[domain.DepartmentID]("budget_department", Identifier, "部门预算：由该部门批准", "a department's budget: approved by it").asked().short("department").named(departments)
	ByScopeKind        = by[domain.BudgetScope]("scope_kind", Word, "预算口径", "what the budget is for").of("fund", "clause", "department", "clause_department")
	ByMonth            = by[string]("month", Word, "月份，如 2027-03", "the month, such as 2027-03").kept("plan", "month")
	ByPlanYear         = by[domain.SupportYear]("budget_year", Year, "预算年度", "the budget year").kept("plan", "budget_year")
	ByFact             = by[domain.FactID]("fact", Identifier, "事实", "the fact").named(facts)
	ByFactProject      = by[string]("project", Identifier, "项目", "the project").kept("facts", "project")
	ByPeriod           = by[string]("period", Identifier, "期间：年、年-月或日期", "the period: a year, a month or a day").kept("facts", "period")
	ByOffer            = by[domain.OfferID]("offer", Identifier, "支持提议编号", "the offer").kept("offers", "offer")
	ByOfferClause      = by[domain.ClauseID]("clause", Identifier, "条款", "the clause").named(clauses)
	ByOfferState       = by[domain.OfferState]("offer_state", Word, "提议的状态", "what became of the offer").of("waiting", "confirmed", "declined", "lapsed").short("state")
	From               = by[uint64]("from", Position, "从该位置起", "from this position on").asked()
	ByEventType        = by[string]("event_type", Identifier, "事件类型", "the type of event")
	ByCode             = by[string]("code", Identifier, "拒绝代码", "the refusal's code").among(slices.Collect(maps.Keys(domain.RefusalCodes())))
)

// The states of clawbacks and exceptions, and of recoveries.
const (
	Open     = "open"
	Reversed = "reversed"
	Standing = "standing"
)

// Totals are enterprises' yearly lines, by enterprise, clause and support year.
var Totals = list[TotalsRow](List{Name: "totals", Source: "totals", Past: true, Key: []string{"enterprise", "clause", "support_year"},
	Title:   domain.Text{ZH: "企业年度汇总", EN: "Yearly totals by enterprise and clause"},
	Meaning: domain.Text{ZH: "企业×条款×支持年度的汇总与上限", EN: "Each enterprise's totals by clause and support year, against the cap"},
}, ByYear, ByClause, ByEnterprise)

// Accounts are account lines, by clause, subject and support year.
var Accounts = list[AccountRow](List{Name: "accounts", Source: "accounts", Past: true, Key: []string{"clause", "subject_kind", "subject", "support_year"},
	Title:   domain.Text{ZH: "账户明细", EN: "Account lines"},
	Meaning: domain.Text{ZH: "账户明细：条款×对象×支持年度", EN: "Account lines: clause, cap subject and support year"},
}, ByYear, ByClause, BySubject, ByEnterprise.asked())

// Enterprises are by name.
var Enterprises = list[EnterpriseRow](List{Name: "enterprises", Source: "enterprises", Key: []string{"name", "enterprise"},
	Title: domain.Text{ZH: "企业", EN: "Enterprises"}, Meaning: domain.Text{ZH: "企业", EN: "Enterprises"},
}, BySearch, ByEnterprise)

// Applications are by their id; one is under the clause that is charged, and under that which it was applied for by.
var Applications = list[ApplicationRow](List{Name: "applications", Source: "applications", Key: []string{"application"}, Day: "submitted_on",
	Title: domain.Text{ZH: "申请", EN: "Applications"}, Meaning: domain.Text{ZH: "申请及其状态", EN: "Applications and where they stand"},
}, ByEnterprise, ByApplication, ByClause.asked(), ByState, ByProject)

// Instalments are what each application has of each support year.
var Instalments = list[InstalmentRow](List{Name: "instalments", Source: "instalments", Key: []string{"application", "support_year"},
	Title: domain.Text{ZH: "申请的分年度金额", EN: "Instalments"}, Meaning: domain.Text{ZH: "申请的分年度金额", EN: "Applications' amounts by support year"},
}, ByApplication, ByYear)

// Payouts are by their id.
var Payouts = list[PayoutRow](List{Name: "payouts", Source: "payouts", Past: true, Key: []string{"payout"}, Day: "paid_on",
	Title: domain.Text{ZH: "支付", EN: "Payouts"}, Meaning: domain.Text{ZH: "支付", EN: "Payouts"},
}, ByEnterprise, ByApplication, ByClause, ByYear, BySubjectKind, BySubject, ByPayout, ByActor)

// Clawbacks are from the oldest order on.
var Clawbacks = list[ClawbackRow](List{Name: "clawbacks", Source: "clawbacks", Past: true, Key: []string{"ordered_on", "clawback"}, Day: "ordered_on",
	Title: domain.Text{ZH: "追回", EN: "Clawbacks"}, Meaning: domain.Text{ZH: "追回", EN: "Clawbacks"},
}, ByEnterprise, ByApplication, ByClause, ByYear, BySubjectKind, BySubject, ByPayout, ByClawback, ByOutstanding)

// Ageing are the parts of clawbacks of which something is outstanding, each with the day it is due: the most overdue first.
var Ageing = list[AgeingRow](List{Name: "ageing", Source: "ageing", Past: true, Latest: true, Key: []string{"days_overdue", "clawback", "part"},
	Title:   domain.Text{ZH: "欠款账龄", EN: "Debts by age"},
	Meaning: domain.Text{ZH: "未收回的追回款，按到期日与逾期天数", EN: "What is outstanding of clawbacks, by the day it is due and how long it is overdue"},
}, ByEnterprise, ByApplication, ByClause, ByYear, ByPayout, ByClawback, ByBucket)

// Recoveries are by their id.
var Recoveries = list[RecoveryRow](List{Name: "recoveries", Source: "recoveries", Past: true, Key: []string{"recovery"}, Day: "received_on",
	Title: domain.Text{ZH: "收回", EN: "Recoveries"}, Meaning: domain.Text{ZH: "收回款项", EN: "Recoveries"},
}, ByEnterprise, ByApplication, ByClause, ByYear, BySubjectKind, BySubject, ByPayout, ByClawback, ByRecovery, ByReversal)

// Exceptions are by their id.
var Exceptions = list[ExceptionRow](List{Name: "exceptions", Source: "exceptions", Past: true, Key: []string{"exception"}, Day: "granted_on",
	Title: domain.Text{ZH: "例外", EN: "Exceptions"}, Meaning: domain.Text{ZH: "更大力度支持（例外）", EN: "Exceptions: stronger support"},
}, ByEnterprise.asked(), ByClause, ByYear, BySubjectKind, BySubject, ByException, ByInForce)

// Appropriations are what the fund, each clause, each department and each under a clause may pay in a budget year, what was paid of it and what is
// committed, also where none is set: by budget year, clauses before departments.
var Appropriations = list[AppropriationRow](List{Name: "appropriations", Source: "appropriations", Past: true, Key: []string{"budget_year", "scope_kind", "scope", "clause"},
	Unlike: true, Alike: []string{"budget_clause", "budget_department", "scope_kind"},
	Title: domain.Text{ZH: "预算", EN: "Appropriations"}, Meaning: domain.Text{ZH: "预算、支付与已批未付", EN: "Appropriations, what is paid of them and what is committed"},
}, ByBudgetYear, ByScopeKind, ByBudgetClause, ByBudgetDepartment)

// Plan are the payments that are planned, by month.
var Plan = list[PlanRow](List{Name: "plan", Source: "plan", Past: true, Key: []string{"month", "application", "support_year"},
	Title: domain.Text{ZH: "支付计划", EN: "Payment plan"}, Meaning: domain.Text{ZH: "计划按月支付的已批未付款", EN: "What is approved and not paid, as it is planned by month"},
}, ByMonth, ByEnterprise, ByApplication, ByClause, ByYear, ByPlanYear)

// Facts are what is known of enterprises and projects, by fact and period.
var Facts = list[FactRow](List{Name: "facts", Source: "facts", Past: true, Key: []string{"enterprise", "project", "fact", "period"}, Day: "recorded_on",
	Title: domain.Text{ZH: "事实", EN: "Facts"}, Meaning: domain.Text{ZH: "各部门记录的企业与项目事实，按期间", EN: "What departments recorded of enterprises and projects, by period"},
}, ByEnterprise, ByFactProject, ByFact, ByPeriod)

// Offers are what departments offered, by the offer's id, and what became of it.
var Offers = list[OfferRow](List{Name: "offers", Source: "offers", Past: true, Key: []string{"offer"}, Day: "offered_on",
	Title: domain.Text{ZH: "支持提议", EN: "Offers"}, Meaning: domain.Text{ZH: "各部门向企业提供的支持（免申即享）及其答复", EN: "What departments offered enterprises, and what became of it"},
}, ByEnterprise, ByOffer, ByOfferClause, ByOfferState)

// Forecast is the cash of twelve months, the present one first.
var Forecast = list[ForecastRow](List{Name: "forecast", Source: "forecast", Past: true, Key: []string{"month"},
	Title: domain.Text{ZH: "资金预测", EN: "Cash forecast"}, Meaning: domain.Text{ZH: "自本月起十二个月的应付与已付", EN: "What is to be paid, and is paid, in twelve months from the present one"},
})

// Journal are the postings, in the order of the log.
var Journal = list[JournalRow](List{Name: "journal", Source: "journal", Past: true, Key: []string{"seq", "n"},
	Unlike: true, Alike: []string{"kind"},
	Title: domain.Text{ZH: "分录", EN: "Journal"}, Meaning: domain.Text{ZH: "分录：每个总数都是这里金额之和", EN: "The journal: every total is a sum of amounts here"},
}, ByEnterprise, ByApplication, ByClause, BySubjectKind, BySubject, ByYear, BySupportYear, ByKind, ByReference, ByEvent, ByBudgetYear, ByBudgetClause, ByBudgetDepartment, ByActor,
	ByPolicy.asked(), ByDepartment, ByIndustry, BySize, ByStreet, InBudgetYear, InQuarter, InMonth)

// ApplicationHistory are the events of an application, in the order of the log.
var ApplicationHistory = list[HistoryRow](List{Name: "application_history", Address: "/v1/applications/{id}/history", Source: "events", Past: true, Key: []string{"seq"},
	Title: domain.Text{ZH: "申请的经过", EN: "What happened to an application"},
}, ByApplication)

// EnterpriseHistory are the events of an enterprise and its applications, in the order of the log.
var EnterpriseHistory = list[HistoryRow](List{Name: "enterprise_history", Address: "/v1/enterprises/{id}/history", Source: "enterprise_events", Past: true, Key: []string{"seq"},
	Title: domain.Text{ZH: "企业的经过", EN: "What happened to an enterprise"},
}, ByEnterprise.asked())

// ProjectHistory are the events of a project's applications, in the order of the log.
var ProjectHistory = list[HistoryRow](List{Name: "project_history", Address: "/v1/projects/{id}/history", Source: "project_events", Past: true, Key: []string{"seq"},
	Title: domain.Text{ZH: "项目的经过", EN: "What happened to a project"},
}, ByProject)

// ExceptionHistory is what an exception's amount is made of: its grant, and each revocation.
var ExceptionHistory = list[HistoryRow](List{Name: "exception_history", Address: "/v1/exceptions/{id}/history", Source: "exception_events", Past: true, Key: []string{"seq"},
	Title: domain.Text{ZH: "例外的经过", EN: "What happened to an exception"},
}, ByException.asked())

// PolicyHistory is what made the policy what it is: that it was published, and each amendment. The first is version 1.
var PolicyHistory = list[HistoryRow](List{Name: "versions", Source: "policy_events", Past: true, Key: []string{"seq"},
	Title: domain.Text{ZH: "政策的版本", EN: "Versions of the policy"},
}, ByClause)

// Events are the log itself; analysts see them as they are projected.
var Events = list[LoggedRow](List{Name: "events", Kept: OnLog, Source: "events", Key: []string{"seq"},
	Title: domain.Text{ZH: "事件", EN: "Events"}, Meaning: domain.Text{ZH: "日志事件原文", EN: "The events as they lie on the log"},
}, From, ByEventType, ByActor)

// Refusals are commands that were refused, on a stream of their own.
var Refusals = list[RefusedRow](List{Name: "refusals", Kept: OnLog, Key: []string{"seq"}, Title: domain.Text{ZH: "被拒指令", EN: "Refused commands"}}, From, ByEnterprise, ByApplication, ByCode, ByActor)

// Clauses are the versions of the policy's clauses.
var Clauses = list[ClauseRow](List{Name: "clauses", Kept: InPolicy, Source: "clauses", Key: []string{"clause", "version"},
	Title: domain.Text{ZH: "条款及其版本", EN: "Clauses and their versions"}, Meaning: domain.Text{ZH: "条款及其各版本的上限", EN: "Clauses and the caps of their versions"},
}, ByClause)
