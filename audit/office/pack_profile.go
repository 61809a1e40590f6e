package office

import (
	"github.com/fundledger/fundledger/domain"
)

// Two standards say what data an auditor is handed: ISO 21378:2019 (audit data collection) and GB/T 42940-2023 (审计数据接口 of financial budget
// management software). A pack follows neither: it has tables and columns of its own. The profile says where in each standard a reader who knows it
// would look, at the level of tables and of classes of data elements; it gives no numbers of elements, and claims no conformity. "none" means that
// nothing there was found to correspond, or that we are not sure.

// ProfileLine says what of the two standards a table, or a column of it, is near to.
type ProfileLine struct {
	Table    string      `json:"table"`
	Column   string      `json:"column,omitzero"` // none: the table as a whole
	ISO      string      `json:"iso_21378_table"` // its name there, or "none"
	GB       string      `json:"gbt_42940_class"` // the class of data elements there, or "none"
	Relation string      `json:"relation"`        // "near": a part of what is meant there, or something like it; "none"
	Note     domain.Text `json:"note"`
}

const none = "none"

const (
	gbBasic   = "基础信息类"
	gbProject = "项目信息类"
	gbBudget  = "预算信息类"
	gbIncome  = "收入信息类"
	gbSpend   = "支出信息类"
)

func near(table, column, iso, gb, zh, en string) ProfileLine {
	relation := "near"
	if iso == none && gb == none {
		relation = none
	}
	return ProfileLine{Table: table, Column: column, ISO: iso, GB: gb, Relation: relation, Note: domain.Text{ZH: zh, EN: en}}
}

// packProfile is the profile of a pack, one line for each table and for the columns that stand for a table of their own.
var packProfile = []ProfileLine{
	near("enterprises", "", "BAS_Supplier", gbBasic, "受益企业不是供应商，仅因向其付款而相近", "a beneficiary supplies nothing; near only in that it is paid"),
	near("policy_clauses", "", "BAS_Chart_Of_Accounts", none, "条款是计入的对象，不是会计科目", "a clause is what amounts are charged to, not an account of a chart"),
	near("policy_clauses", "departments", "BAS_Business_Segment", gbBasic, "责任部门", "the responsible departments"),
	near("applications", "", none, gbProject, "申请事项；ISO 21378 无对应表", "what is applied for; ISO 21378 has no such table that we know of"),
	near("applications", "subject", "BAS_Project", gbProject, "限额对象为项目时", "where the cap subject is a project"),
	near("approvals", "", none, gbProject, "批准的分期", "approved instalments"),
	near("payouts", "", none, gbSpend, "国库支付；非应付账款", "payments of the treasury; they are no accounts payable"),
	near("payouts", "budget_year", "BAS_Accounting_Period", none, "预算年度即公历年度", "a budget year is the calendar year"),
	near("payouts", "amount", "BAS_Currency", none, "币种见 manifest.json", "the currency stands in manifest.json"),
	near("clawbacks", "", none, none, "追回决定", "orders to pay back"),
	near("recoveries", "", none, gbIncome, "收回的资金，是否为收入由财政部门认定", "money that came back; whether it is revenue the treasury decides"),
	near("exceptions", "", none, none, "更大力度支持", "stronger support"),
	near("appropriations", "", none, gbBudget, "按条款或部门的预算额", "budgets by clause or department"),
	near("closings", "", none, none, "预算年度的封账与重开", "budget years that were closed, and opened again"),
	near("account_lines", "", none, none, "条款、对象、年度的合计", "sums by clause, subject and year"),
	near("findings", "", none, none, "审计发现", "audit findings"),
	near("finding_cases", "", none, none, "审计发现的各例", "the cases that a finding gathers"),
	near("dispositions", "", none, none, "发现的处置", "what auditors made of findings"),
	near("treasury_payments", "", none, gbSpend, "国库付款文件的行", "lines of the treasury's payment files"),
	near("journal", "", none, none, "单边带符号分录，不是借贷分录；总账模块未作对应", "signed postings on one side, no debits and credits: not mapped to the general-ledger module"),
	near("journal", "kind", "BAS_Journal_Entry_Type", none, "分录类型", "the kind of posting"),
	near("events", "", none, none, "原始事件", "the events themselves"),
	near("events", "actor", "BAS_User", none, "经办人用户名", "the name of the user who acted"),
}

// profileNotice stands at the head of the profile, so that nobody takes it for more than it is.
var profileNotice = domain.Text{
	ZH: "本对照仅为参考性概况（profile），不声明符合（conformity）GB/T 42940-2023《财经信息技术 财政预算管理软件审计数据接口》或 ISO 21378:2019；对照仅到数据表与数据元类别一级，不列数据元编号；none 表示没有对应或不能确定。",
	EN: "A profile, not conformity: this pack does not claim to conform to GB/T 42940-2023 or ISO 21378:2019. The mapping goes as far as tables and classes of data elements and gives no element numbers; none means that nothing corresponds, or that we are not sure.",
}
