package office

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// PackColumn is a column of a pack's tables. A name means the same in every table.
type PackColumn struct {
	Name    string      `json:"column"`
	Type    string      `json:"type"` // "text", "money", "integer", "date", "time" or "bool"
	Unit    string      `json:"unit,omitzero"`
	Summed  bool        `json:"summed"` // its sum is among the control totals
	Heading domain.Text `json:"heading"`
	Meaning domain.Text `json:"meaning"`

	kind tabular.Kind
}

const yuanUnit = "CNY, 2 decimals" // replaced by the policy's currency

func textColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	return PackColumn{Name: name, Type: "text", kind: tabular.Text, Heading: domain.Text{ZH: zh, EN: en}, Meaning: domain.Text{ZH: meaningZH, EN: meaningEN}}
}

func ofKind(kind tabular.Kind, typ string, c PackColumn) PackColumn {
	c.kind, c.Type = kind, typ
	return c
}

func moneyColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	c := ofKind(tabular.Money, "money", textColumn(name, zh, en, meaningZH, meaningEN))
	c.Unit, c.Summed = yuanUnit, true
	return c
}

// limitColumn is an amount that is not to be added up.
func limitColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	c := moneyColumn(name, zh, en, meaningZH, meaningEN)
	c.Summed = false
	return c
}

func dateColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	return ofKind(tabular.Date, "date", textColumn(name, zh, en, meaningZH, meaningEN))
}

func integerColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	return ofKind(tabular.Integer, "integer", textColumn(name, zh, en, meaningZH, meaningEN))
}

func boolColumn(name, zh, en, meaningZH, meaningEN string) PackColumn {
	return ofKind(tabular.Bool, "bool", textColumn(name, zh, en, meaningZH, meaningEN))
}

// packColumns are the columns of all tables of a pack.
var packColumns = []PackColumn{
	integerColumn("seq", "事件序号", "event", "事件在日志中的序号;任何一行都可据此回到原始事件", "the event's place on the log: every row leads back to its event by it"),
	integerColumn("n", "分录序号", "posting", "该事件的第几条分录,自 0 起", "the posting's place among its event's, from 0"),
	ofKind(tabular.Time, "time", textColumn("recorded_at", "入账时间", "recorded at", "日志保存该事件的时间,UTC", "when the log stored the event, UTC")),
	dateColumn("business_date", "业务日期", "business date", "业务发生日期,上海日历", "the day the business is dated, in Shanghai's calendar"),
	textColumn("event_type", "事件类型", "event type", "CloudEvents 类型", "the CloudEvents type"),
	textColumn("log_subject", "日志主题", "log subject", "事件在日志上的主题", "the subject that the event lies under"),
	textColumn("command_id", "指令编号", "command", "引起该事件的指令编号", "the id of the command that led to the event"),
	textColumn("actor", "经办人", "actor", "经办人用户名,不是身份证号", "the user who acted; never an identity number"),
	textColumn("role", "角色", "role", "经办人当时的角色", "the role that the actor acted in"),
	textColumn("department", "部门", "department", "政策文件所列部门编号", "a department of the policy, by its id"),
	textColumn("imported_by", "导入人", "imported by", "由文件导入的,导入人;否则为空", "who imported it from a file; else empty"),
	integerColumn("clause_version", "条款版本", "clause version", "作出决定时有效的条款版本", "the version of the clause that governed the decision"),
	textColumn("leaf_hash", "叶子哈希", "leaf hash", "RFC 6962 叶子哈希,base64,可据检查点验证", "the event's RFC 6962 leaf hash in base64, to be proved against a checkpoint"),
	textColumn("data", "原文", "data", "事件原文,JSON", "the event's data as they lie on the log, JSON"),
	textColumn("enterprise", "企业", "enterprise", "受益企业标识,一般为统一社会信用代码", "the beneficiary's identifier, as a rule its unified social credit code"),
	textColumn("name", "名称", "name", "当前名称", "its present name"),
	textColumn("industry", "行业", "industry", "政策文件所列行业编号", "an industry of the policy, by its id"),
	dateColumn("registered_on", "登记日期", "registered on", "在本账登记的日期", "the day it was registered in this ledger"),
	boolColumn("credit_restricted", "信用受限", "credit restricted", "当前信用是否受限", "whether its credit is restricted now"),
	boolColumn("admitted", "特批对象", "admitted", "是否经政府批准的范围外对象", "whether the authority admitted it from outside the scope"),
	textColumn("clause", "条款", "clause", "其账户被计入的条款", "the clause whose account is charged"),
	textColumn("via_clause", "申请条款", "applied for under", "参照执行的,申请所依条款;否则为空", "the by-reference clause it was applied for under; else empty"),
	textColumn("clause_name", "条款名称", "clause name", "条款名称(中文)", "the clause's name in Chinese"),
	textColumn("source", "出处", "source", "条款在政策原文中的位置", "where the clause stands in the policy's text"),
	textColumn("departments", "责任部门", "responsible departments", "条款的责任部门,分号分隔", "the clause's responsible departments, separated by semicolons"),
	textColumn("subject_kind", "限额对象类型", "subject kind", "enterprise 企业,project 项目,award 奖励对象", "whom the clause limits: enterprise, project or award"),
	textColumn("subject", "限额对象", "subject", "限额对象标识", "the cap subject's identifier"),
	textColumn("period", "限额期间", "period", "year 按年,total 累计", "whether the cap counts by year or in total"),
	integerColumn("support_year", "扶持年度", "support year", "资金所属扶持年度;空为累计", "the year the support is for; empty: of the total"),
	integerColumn("budget_year", "预算年度", "budget year", "资金离开国库的年度", "the calendar year in which the money left the treasury"),
	textColumn("kind", "分录类型", "kind", "requested 申请,approved 批准,outside 批准外,paid 支付,returned 退回,clawback_ordered 追回,clawback_waived 免除,recovered_error 收回(差错),recovered_breach 收回(违约),interest 滞纳金,exception 例外",
		"what the amount is: requested, approved, outside (any approval), paid, returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach, interest or exception"),
	moneyColumn("amount", "金额", "amount", "金额;分录金额有正负", "the amount; a posting's is signed"),
	integerColumn("count", "计数", "count", "申请件数的增减", "applications: by how many the posting changes their number"),
	textColumn("application", "申请编号", "application", "申请编号", "the application's id"),
	textColumn("reference", "关联编号", "reference", "所涉支付、追回、收回或例外的编号", "the payout, clawback, recovery or exception that it names"),
	textColumn("title", "事项", "title", "申请事项", "what is applied for"),
	textColumn("state", "状态", "state", "当前状态", "the present state"),
	boolColumn("suspended", "暂停", "suspended", "当前是否暂停", "whether it is suspended now"),
	dateColumn("submitted_on", "提交日期", "submitted on", "首次提交日期", "the day of the first submission"),
	dateColumn("approved_on", "批准日期", "approved on", "批准日期", "the day of approval"),
	moneyColumn("requested", "申请金额", "requested", "申请金额", "asked for"),
	moneyColumn("approved", "批准金额", "approved", "批准减核减、释放", "approved, less what was reduced and released"),
	moneyColumn("outside", "批准外金额", "outside approvals", "补记且不在任何批准内的金额,减退回", "booked outside any approval, less what the bank returned of it"),
	moneyColumn("paid", "支付金额", "paid", "已支付", "paid"),
	moneyColumn("returned", "退回金额", "returned", "银行退回", "sent back by the bank"),
	moneyColumn("clawback_ordered", "追回金额", "clawback ordered", "决定追回", "ordered to be paid back"),
	moneyColumn("clawback_waived", "免除金额", "clawback waived", "免除追回", "of it waived"),
	moneyColumn("recovered", "收回金额", "recovered", "已收回,不含滞纳金", "recovered, without interest"),
	moneyColumn("recovered_error", "收回(差错)", "recovered (error)", "因差错收回,腾出额度", "recovered for an error: frees headroom"),
	moneyColumn("recovered_breach", "收回(违约)", "recovered (breach)", "因违约收回,不腾出额度", "recovered for a breach: frees no headroom"),
	moneyColumn("interest", "滞纳金", "interest", "滞纳金,不计入任何总额", "late interest: counted in no total"),
	moneyColumn("exception_amount", "例外金额", "exceptions", "更大力度支持的额度,授予减撤销", "stronger support: granted less revoked"),
	moneyColumn("net_paid", "净支付", "net paid", "支付减退回减收回", "paid less returned less recovered, both causes"),
	moneyColumn("use", "额度使用", "use", "批准加批准外减收回(差错)", "approved and outside, less recovered for errors"),
	limitColumn("cap", "限额", "cap", "账户的限额(同一对象的各企业共用);空为未规定", "the account's cap, shared by all enterprises charged to the same subject; empty: none is stated"),
	limitColumn("headroom", "余额", "headroom", "账户的限额加例外减全部使用(累计限额含各年度),不低于零;空为未规定限额", "the account's cap and exceptions less all its use (of a cap in total, of all years), never below nought; empty: no cap is stated"),
	integerColumn("applications", "申请件数", "applications", "申请件数", "the number of applications"),
	textColumn("payout", "支付编号", "payout", "支付编号", "the payout's id"),
	dateColumn("paid_on", "付款日期", "paid on", "付款日期", "the day the money left"),
	textColumn("voucher", "凭证号", "voucher", "支付凭证号", "the payment voucher's number"),
	boolColumn("booked", "补记", "booked", "是否补记(事后登记的事实)", "whether it is a fact recorded afterwards, not a payment authorised here"),
	textColumn("rule_findings", "违反规则", "rules broken", "补记事实所违反的规则代码,分号分隔", "the codes of the rules that a booked fact breaks, separated by semicolons"),
	textColumn("clawback", "追回编号", "clawback", "追回编号", "the clawback's id"),
	textColumn("cause", "原因", "cause", "error 差错,breach 违约", "error or breach"),
	dateColumn("ordered_on", "决定日期", "ordered on", "决定追回的日期", "the day it was ordered"),
	textColumn("ordered_by", "决定人", "ordered by", "决定追回的人", "who ordered it"),
	moneyColumn("outstanding", "未收回金额", "outstanding", "追回减免除减收回", "ordered less waived less recovered"),
	textColumn("reason", "理由", "reason", "经办人所述理由", "the reason as it was given"),
	textColumn("recovery", "收回编号", "recovery", "收回编号", "the recovery's id"),
	dateColumn("received_on", "收款日期", "received on", "收款日期", "the day the money came back"),
	boolColumn("reversed", "已冲销", "reversed", "是否已冲销", "whether it was reversed"),
	dateColumn("reversed_on", "冲销日期", "reversed on", "冲销日期", "the day it was reversed"),
	textColumn("exception", "例外编号", "exception", "例外编号", "the exception's id"),
	moneyColumn("revoked", "撤销金额", "revoked", "撤销金额", "revoked of it"),
	textColumn("document", "文号", "document", "依据文件的文号", "the number of the document it rests on"),
	dateColumn("granted_on", "授予日期", "granted on", "授予日期", "the day it was granted"),
	textColumn("granted_by", "授予人", "granted by", "授予人", "who granted it"),
	textColumn("scope_kind", "预算口径", "scope", "clause 按条款,department 按部门;两种口径不得相加", "clause or department: rows of the two are not to be added up together"),
	textColumn("scope", "预算对象", "of", "条款或部门编号", "the clause or department"),
	limitColumn("appropriation", "预算额", "appropriation", "预算额;空为未设定", "the budget; empty: none is set"),
	limitColumn("budget_paid", "预算内支付", "paid of the budget", "该预算年度的支付减退回", "paid in the budget year, less what was returned"),
	dateColumn("set_on", "设定日期", "set on", "设定预算的日期", "the day the budget was set"),
	dateColumn("effective_on", "生效日期", "effective on", "该版本生效日期", "the day the version takes effect"),
	boolColumn("retroactive", "溯及既往", "retroactive", "是否也约束已批准的事项", "whether it governs what is approved already"),
	boolColumn("stronger_support", "可加大支持", "stronger support", "是否允许例外", "whether exceptions are allowed"),
	textColumn("finding", "发现编号", "finding", "审计发现编号,同一发现在各报告中相同", "the finding's id, the same in every report"),
	textColumn("code", "代码", "code", "发现的代码", "the finding's code"),
	textColumn("severity", "程度", "severity", "error 错误,warning 警示,notice 提示", "error, warning or notice"),
	textColumn("about", "所涉对象", "about", "发现所涉对象", "what the finding is about"),
	textColumn("title_zh", "标题", "title (Chinese)", "标题(中文)", "its title in Chinese"),
	textColumn("title_en", "英文标题", "title (English)", "标题(英文)", "its title in English"),
	textColumn("explanation_zh", "说明", "explanation (Chinese)", "说明(中文)", "what is meant, in Chinese"),
	textColumn("explanation_en", "英文说明", "explanation (English)", "说明(英文)", "what is meant, in English"),
	textColumn("events", "所涉事件", "events", "所涉事件序号,分号分隔,至多 100 个", "the sequences of its events, separated by semicolons, at most 100"),
	textColumn("disposition", "处置", "disposition", "accepted 属实,explained 已说明,false_alarm 误报", "what an auditor made of it"),
	textColumn("comment", "处置说明", "comment", "处置说明", "the auditor's comment"),
	textColumn("statement", "付款文件", "payment file", "国库付款文件", "the treasury's payment file"),
	integerColumn("line", "行", "line", "文件中的行", "the line of the file"),
	textColumn("payee", "收款人", "payee", "文件所写收款人", "the payee as the file names it"),
}
