package words

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/evaluation"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

func said(name, zh, en string) domain.Code {
	return domain.Code{Name: name, Text: domain.Text{ZH: zh, EN: en}}
}

// commandCodes are the commands, as their buttons and histories call them; eventCodes the events, by the names of their types.
var commandCodes, eventCodes = func() (commands, events []domain.Code) {
	for _, v := range domain.Verbs {
		commands = append(commands, domain.Code{Name: v.Name, Text: v.Title})
		events = append(events, domain.Code{Name: v.Event().Name(), Text: v.Happened})
	}
	return commands, events
}()

// postingCodes are the kinds of posting.
var postingCodes = []domain.Code{
	said("requested", "申请", "requested"), said("approved", "批准", "approved"), said("outside", "批准外", "outside approvals"),
	said("paid", "支付", "paid"), said("returned", "银行退回", "returned"), said("clawback_ordered", "下达追回", "clawback ordered"),
	said("clawback_waived", "免除追回", "clawback waived"), said("recovered_error", "收回（差错）", "recovered (error)"),
	said("recovered_breach", "收回（违约）", "recovered (breach)"), said("interest", "滞纳利息", "late interest"), said("exception", "例外", "exception"),
	said("received_beyond", "超额到账", "received beyond"), said("written_off", "核销", "written off"),
}

// statusCodes say how use stands against a cap.
var statusCodes = []domain.Code{
	said(string(projections.OK), "正常", "within"), said(string(projections.Near), "将用完", "nearly full"), said(string(projections.Full), "已用完", "full"),
	said(string(projections.OverByException), "超上限（有例外）", "beyond the cap, by exception"), said(string(projections.Over), "超出上限", "over the cap"),
}

// noticeCodes say what an account or an appropriation has reached, or what a policy's end is told by.
var noticeCodes = []domain.Code{
	said(string(projections.CapNear), "额度达九成", "cap 90 % used"), said(string(projections.CapFull), "额度用完", "cap used up"),
	said(string(projections.CapOver), "超出额度", "cap exceeded"), said(string(projections.BudgetNear), "预算达九成", "appropriation 90 % paid"),
	said(string(projections.BudgetFull), "预算用完", "appropriation paid out"), said(string(projections.BudgetOver), "超出预算", "appropriation exceeded"),
	said(string(projections.PolicyExpiring), "政策即将到期", "policy ends soon"), said(string(projections.PolicyEnded), "政策已到期", "policy has ended"),
}

// stepCodes say what has to be done next.
var stepCodes = []domain.Code{
	said(string(projections.ToAccept), "待受理", "to be accepted"), said(string(projections.ToComplete), "待补正", "to be completed"),
	said(string(projections.ToDecide), "待评审审批", "to be decided"), said(string(projections.ToPay), "待支付", "to be paid"),
	said(string(projections.ToPayRest), "部分支付", "paid in part"), said(string(projections.ToPayAgain), "退回待重付", "returned, to be paid again"),
	said(string(projections.ToRecover), "待收回", "to be recovered"), said(string(projections.ToDemand), "待催缴", "overdue, to be demanded"), said(string(projections.ToResume), "暂停办理", "suspended"),
	said(string(projections.ToAnswer), "待企业答复", "offered, to be answered"),
}

// termCodes say where a day lies in a policy's term, and pendingCodes what is not done under one.
var (
	bucketCodes = []domain.Code{said(string(projections.Undated), "未定到期日", "due on no day"), said(string(projections.NotDue), "未到期", "not due"),
		said(string(projections.To30), "逾期 30 天以内", "up to 30 days"), said(string(projections.To90), "逾期 31–90 天", "31 to 90 days"),
		said(string(projections.To180), "逾期 91–180 天", "91 to 180 days"), said(string(projections.To365), "逾期 181–365 天", "181 to 365 days"),
		said(string(projections.Beyond365), "逾期 365 天以上", "beyond 365 days")}
	termCodes    = []domain.Code{said(string(projections.ToCome), "尚未施行", "not yet in force"), said(string(projections.InForce), "施行中", "in force"), said(string(projections.Ended), "已到期", "ended")}
	pendingCodes = []domain.Code{said(string(projections.Undecided), "未决定的申请", "application undecided"), said(string(projections.Unpaid), "已批未付", "approved, not paid")}
)

// objectCodes are the kinds of things that a search finds.
var objectCodes = []domain.Code{
	said(string(projections.AnEnterprise), "企业", "enterprise"), said(string(projections.AnApplication), "申请", "application"),
	said(string(projections.APayout), "支付", "payout"), said(string(projections.AClawback), "追回", "clawback"),
	said(string(projections.ARecovery), "收回", "recovery"), said(string(projections.AnException), "例外", "exception"),
	said(string(projections.AnEvent), "事件", "event"), said(string(projections.APerson), "经办人", "person"),
	said(string(projections.AProject), "项目", "project"), said(string(projections.AVersion), "政策版本", "version of the policy"),
	said(string(projections.ACheckpoint), "检查点", "checkpoint"),
}

// levelCodes say where a number stands in an explanation.
var levelCodes = []domain.Code{said("total", "合计", "total"), said("term", "组成", "term"), said("application", "申请", "application"), said("posting", "分录", "posting")}

// measureCodes are what statistics tell of each group, withheldCodes why they do not.
var (
	measureCodes = append(slices.Clone(postingCodes), said("recovered", "收回", "recovered"), said("net_paid", "净支付", "net paid"), said("use", "已用额度", "use"),
		said(projections.MeasureApplications, "申请件数", "applications"), said(projections.MeasureEnterprises, "企业家数", "enterprises"))
	matterCodes = []domain.Code{said(string(projections.LocalCondition), "本地条件", "local condition"), said(string(projections.SingleOperator), "单一企业", "single operator"), said(string(projections.GrantedExcept), "凭文例外", "exception by document"),
		said(string(projections.Concentrated), "集中程度", "concentration")}
	answerCodes   = []domain.Code{said("yes", "符合", "yes"), said("unknown", "待查", "unknown"), said("department_judges", "由部门判断", "the department judges"), said("no", "不可", "no")}
	withheldCodes = []domain.Code{said(projections.TooFew, "企业少于五家", "fewer than five enterprises"), said(projections.ForAnother, "防止推出他组", "else another could be reckoned")}
)

var (
	severityCodes = []domain.Code{said("error", "错误", "error"), said("warning", "警示", "warning"), said("notice", "提示", "notice")}
	resultCodes   = []domain.Code{said("passed", "通过", "passed"), said("failed", "未通过", "failed"), said("skipped", "未核查", "not checked")}
	otherCodes    = []domain.Code{said("to_review", "待评审", "to be reviewed"), said("to_approve", "待审批", "to be approved"), said("open", "未结清", "open"), said("standing", "有效", "standing"), said("reversed", "已冲销", "reversed"),
		said("account", "账户", "account"), said("use", "已用额度", "use"), said("net_paid", "净支付", "net paid"), said("true", "是", "yes"), said("false", "否", "no"), said(projections.Unknown, "未知", "unknown"),
		said(string(projections.Undated), "未定到期日", "due on no day"), said(string(projections.NotDue), "未到期", "not due yet"),
		said(string(projections.To30), "逾期 1 至 30 日", "1 to 30 days overdue"), said(string(projections.To90), "逾期 31 至 90 日", "31 to 90 days overdue"),
		said(string(projections.To180), "逾期 91 至 180 日", "91 to 180 days overdue"), said(string(projections.To365), "逾期 181 至 365 日", "181 to 365 days overdue"),
		said(string(projections.Beyond365), "逾期 365 日以上", "over 365 days overdue")}
)

// vocabularies are the codes that a column's cells hold, by the column's name.
var vocabularies = map[string][]domain.Code{
	"role": domain.RoleCodes, "state": domain.StateCodes, "cause": domain.CauseCodes, "opinion": domain.OpinionCodes, "subject_kind": domain.SubjectCodes,
	"period": domain.PeriodCodes, "schedule": domain.ScheduleCodes, "disposition": domain.DispositionCodes, "duty": domain.DutyCodes,
	"command": commandCodes, "event_type": eventCodes, "kind": postingCodes, "status": statusCodes, "scope_kind": domain.ScopeCodes, "link_kind": domain.LinkCodes,
	"severity": severityCodes, "result": resultCodes, "notice": noticeCodes, "step": stepCodes, "bucket": bucketCodes, "object": objectCodes, "level": levelCodes,
	"term_state": termCodes, "pending": pendingCodes, "unit": domain.UnitCodes, "offer_state": domain.OfferCodes, "decision": domain.StateCodes, "other_decision": domain.StateCodes, "measure": measureCodes, "answer": answerCodes, "review_matter": matterCodes, "withheld": withheldCodes,
	"debtors": domain.DebtorCodes, "group_cap.control": domain.GroupControlCodes,
	"better": domain.DirectionCodes, "indicator_group": domain.GroupCodes, "evaluation_kind": domain.EvaluationCodes, "grade": domain.GradeCodes,
	"rectification_state": domain.RectificationCodes, "evaluated_as": evaluation.RoleCodes, "left_out_for": evaluation.WhyCodes, "turned_away": domain.StateCodes,
	"standing": domain.StandingCodes, "stage": domain.StageCodes,
}

// spelled are the columns whose meaning lists their codes.
var spelled = []string{"cause", "kind", "link_kind", "subject_kind", "period", "scope_kind", "severity", "disposition", "status", "state", "role", "notice", "step", "bucket", "term_state", "pending", "unit", "offer_state", "answer", "review_matter", "measure", "withheld", "standing", "stage"}

// Cell is what the value of a column is called: codes by their words, other values as they are.
func Cell(column, value string) domain.Text { return domain.Coded(vocabularies[column], value) }

// Choice is what a value that a field of commands is chosen from is called: a kind is a budget's or a link's there, and a posting's in a list.
func Choice(field, value string) domain.Text {
	if field == "kind" {
		if link := Cell("link_kind", value); link.ZH != value {
			return link
		}
		return domain.AppropriationKind(value).Text()
	}
	return Cell(field, value)
}

// Codes are the values that a column of codes holds; nil for another column.
func Codes(column string) []domain.Code { return vocabularies[column] }

// words are all codes by their names. Where kinds of field have a code in common, such as "accepted", this holds what the
// first of these calls it; who knows the column asks [Cell], and who has a typed value asks [domain.Code]'s Text of it.
var allWords = func() map[string]domain.Text {
	all := map[string]domain.Text{}
	for _, codes := range [][]domain.Code{domain.RoleCodes, domain.DutyCodes, domain.StateCodes, domain.OpinionCodes, domain.CauseCodes, domain.SubjectCodes,
		domain.PeriodCodes, domain.ScheduleCodes, domain.DispositionCodes, commandCodes, postingCodes, statusCodes, domain.ScopeCodes, severityCodes, resultCodes,
		noticeCodes, stepCodes, termCodes, pendingCodes, domain.UnitCodes, domain.OfferCodes, domain.StandingCodes, domain.StageCodes, objectCodes, withheldCodes, answerCodes, otherCodes, eventCodes} {
		for _, c := range codes {
			if _, known := all[c.Name]; !known {
				all[c.Name] = c.Text
			}
		}
	}
	return all
}()

// Word is what a code is called in "zh" or "en". A code that has no word is shown as it is.
func Word(code, lang string) string {
	if text, ok := allWords[code]; ok {
		return text.In(lang)
	}
	return code
}

// caseFields are the fields of a case's standing, by the names that a replay has for them, in the order they are shown.
var caseFields = []string{"enterprise_name", "credit_restricted", "admitted", "state", "suspended", "submitted_on", "approved_on", "department", "reviews",
	"requested", "approved", "paid", "duty"}

// Heading is what a column is called in "zh" or "en" where it stands by itself: with a capital, in English.
func Heading(column, lang string) string {
	heading := Column(column).Heading(lang)
	if lang == "en" {
		return strings.ToUpper(heading[:1]) + heading[1:]
	}
	return heading
}

// CaseField is what a field of a case is called in "zh" or "en", such as "state", "approved.2025" or "duty.pay"; a field that is not known keeps its name.
func CaseField(name, lang string) string {
	field, of, _ := strings.Cut(name, ".")
	switch {
	case !slices.Contains(caseFields, field):
		return name
	case field == "duty":
		return Heading(field, lang) + domain.Text{ZH: "：", EN: ": "}.In(lang) + Cell("duty", of).In(lang)
	}
	return strings.TrimSpace(Heading(field, lang) + " " + of)
}

// CompareCaseFields orders fields of a case by their names as they are shown.
func CompareCaseFields(a, b string) int {
	x, _, _ := strings.Cut(a, ".")
	y, _, _ := strings.Cut(b, ".")
	return cmp.Or(cmp.Compare(slices.Index(caseFields, x), slices.Index(caseFields, y)), cmp.Compare(a, b))
}

// CaseValue is the value of a field of a case as people read it: amounts with commas between thousands, codes by their words.
func CaseValue(name, value, lang string, p *domain.Policy) string {
	switch field, _, _ := strings.Cut(name, "."); field {
	case "requested", "approved", "paid":
		return tabular.Grouped(value)
	case "state", "department":
		return Said(field, value, lang, p)
	case "credit_restricted", "admitted", "suspended":
		return Word(value, lang)
	}
	return value // what people are called is no code
}
