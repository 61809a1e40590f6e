package intake

import (
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// kind is what the cells of a field hold.
type kind uint8

const (
	prose       kind = iota // a text, as it stands
	ident                   // an identifier, or one of a few words
	money                   // an amount: a JSON string
	ceiling                 // an amount, or null
	day                     // a date
	year                    // a JSON number of four digits
	month                   // a year and a month: "2027-02", which a spreadsheet makes the month's first day
	count                   // a JSON number from 1 on
	flag                    // true or false
	instalments             // "2025:1000000.00; 2026:500000.00"
	attachments             // "name=sha256; …"
	names                   // "one; another"
	scores                  // "indicator:85.5; …"
	end                     // a year or a date, as the command has it
	period                  // "2025", "2025-03" or a date
	known                   // the value of a fact: a number as it is, or a word
)

// field is a column of a table of commands: its name in commands, what its cells hold, and its Chinese names besides the one
// that the dictionary has.
type field struct {
	name string
	kind kind
	zh   []string
}

// fields is the glossary of columns. Every field of every command that a row can give is here; a test holds it to that.
var fields = []field{
	{"command", ident, []string{"指令"}},
	{"id", ident, []string{"编号", "指令编号"}},
	{"date", day, []string{"日期", "业务日期"}},
	{"actor.id", ident, []string{"经办人"}},
	{"actor.role", ident, []string{"角色"}},
	{"actor.department", ident, []string{"部门", "经办部门"}},
	{"application", ident, []string{"申请", "申请编号"}},
	{"enterprise", ident, []string{"企业", "统一社会信用代码"}},
	{"name", prose, []string{"名称", "企业名称"}},
	{"industry", ident, []string{"产业", "行业"}},
	{"clause", ident, []string{"条款"}},
	{"refers_to", ident, []string{"参照条款"}},
	{"project", ident, []string{"项目"}},
	{"award", ident, []string{"奖项", "人才或团队"}},
	{"title", prose, []string{"标题", "申请事项"}},
	{"requested", instalments, []string{"申请金额"}},
	{"replaces", ident, []string{"替代申请"}},
	{"attachments", attachments, []string{"附件"}},
	{"distinct_from", names, []string{"并非"}},
	{"clauses", names, []string{"适用条款"}},
	{"until", day, []string{"有效期至"}},
	{"opinion", ident, []string{"意见", "审核意见"}},
	{"comment", prose, []string{"说明", "意见说明"}},
	{"instalments", instalments, []string{"批准金额", "分期"}},
	{"payout", ident, []string{"支付", "支付编号"}},
	{"clawback", ident, []string{"追回", "追回编号"}},
	{"recovery", ident, []string{"收回", "收回编号"}},
	{"exception", ident, []string{"例外", "例外编号"}},
	{"subject", ident, []string{"对象", "额度对象"}},
	{"support_year", year, []string{"支持年度"}},
	{"budget_year", year, []string{"预算年度"}},
	{"year", year, []string{"封账年度"}},
	{"from", end, []string{"结转自年度", "关联起始日", "被并企业"}}, // of a link the day, of a merger the enterprise that ends
	{"to", end, []string{"结转至年度", "关联截止日"}},
	{"differences", count, []string{"差异项数"}},
	{"difference_amount", money, []string{"差异金额"}},
	{"department", ident, []string{"预算部门"}},
	{"kind", ident, []string{"预算类别", "关联类别"}},
	{"month", month, []string{"月份", "计划月份"}},
	{"amount", money, []string{"金额"}},
	{"interest", money, []string{"利息"}},
	{"cap", ceiling, []string{"额度", "新额度"}},
	{"paid_on", day, []string{"支付日期"}},
	{"due_on", day, []string{"到期日"}},
	{"received_on", day, []string{"到账日期"}},
	{"effective_on", day, []string{"生效日期"}},
	{"retroactive", flag, []string{"追溯", "是否追溯"}},
	{"policy", ident, []string{"政策"}},
	{"term_to", day, []string{"政策期满日"}},
	{"departments", names, []string{"责任部门"}},
	{"industries", names, []string{"适用产业"}},
	{"debtors", ident, []string{"欠退企业"}},
	{"close", flag, []string{"停止受理"}},
	{"voucher", ident, []string{"凭证", "凭证号"}},
	{"cause", ident, []string{"原因", "追回原因"}},
	{"reason", prose, []string{"理由", "事由"}},
	{"document", prose, []string{"文号", "依据文号"}},
	{"finding", ident, []string{"发现", "审计发现"}},
	{"disposition", ident, []string{"处置"}},
	{"statement", ident, []string{"对账单", "支付文件"}},
	{"line", count, []string{"行次", "文件行次"}},
	{"payee", prose, []string{"收款人"}},
	{"holder", prose, []string{"户名"}},
	{"account", ident, []string{"账号"}},
	{"bank", prose, []string{"开户行"}},
	{"district", ident, []string{"行政区划"}},
	{"fact", ident, []string{"事实编号"}},
	{"period", period, []string{"所属期间"}},
	{"value", known, []string{"事实的值"}},
	{"evaluation", ident, []string{"评价"}},
	{"indicator", ident, []string{"指标编号"}},
	{"at", count, []string{"所据位置"}},
	{"conclusion", prose, []string{"结论"}},
	{"scores", scores, []string{"得分"}},
	{"rectification", ident, []string{"整改"}},
	{"state", ident, []string{"整改状态"}},
	{"matter", prose, []string{"整改事项"}},
	{"sha256", ident, []string{"文件哈希"}},
	{"offer", ident, []string{"提议编号"}},
	{"expires_on", day, []string{"提议有效期至"}},
	{"link", ident, []string{"关联", "关联编号"}},
	{"a", ident, []string{"企业甲", "项目甲"}},
	{"b", ident, []string{"企业乙", "项目乙"}},
	{"rate", known, []string{"比例", "核定比例"}},
	{"computed", money, []string{"核定数", "按比例核定数"}},
	{"share", ident, []string{"持股比例"}},
	{"place", prose, []string{"项目地点"}},
	{"into", ident, []string{"并入企业", "存续企业"}},
	{"on", day, []string{"合并日"}},
	{"mistaken", flag, []string{"误登"}},
	{"old", ident, []string{"原公钥"}},
	{"new", ident, []string{"新公钥"}},
}

// byName finds a field by its name in commands, by the heading that our own tables have for people, or by both as templates write them: "金额 amount".
func byName(heading string) (field, bool) {
	find := func(word string) int {
		return slices.IndexFunc(fields, func(f field) bool {
			return f.name == strings.ToLower(word) || f.title() == word || slices.Contains(f.zh, word) ||
				!slices.Contains(own, f.name) && words.HasColumn(f.name) && strings.EqualFold(words.Column(f.name).Title.EN, word)
		})
	}
	heading = strings.TrimSpace(heading)
	if i := find(heading); i >= 0 {
		return fields[i], true
	}
	if zh, en, two := strings.Cut(heading, " "); two {
		if i := find(zh); i >= 0 && i == find(strings.TrimSpace(en)) {
			return fields[i], true
		}
	}
	return field{}, false
}

// heading is how a template names the field, in both languages.
func (f field) heading() string { return f.title() + " " + f.name }

// own are fields that are called otherwise than the column of their name, which is of something else: see [field.title].
var own = []string{"department", "comment", "kind"}

// title is what the field is called in Chinese: as the dictionary calls the column of that name. What a command's own fields
// are called otherwise stands first among the field's names: "department" and "kind" are the budget's here, for the actor has one too
// and a posting is of a kind, and a comment is not of a finding only.
func (f field) title() string {
	if slices.Contains(own, f.name) || !words.HasColumn(f.name) {
		return f.zh[0]
	}
	return words.Column(f.name).Title.ZH
}

// chinese are the Chinese words that cells may hold besides those that the dictionary has for a field's codes.
var chinese = map[string]map[string]string{
	"command": {
		"修订条款": "amend_clause", "登记企业": "register_enterprise", "企业更名": "rename_enterprise", "限制信用": "restrict_credit",
		"恢复信用": "restore_credit", "准入对象": "admit_beneficiary", "提交申请": "submit_application", "受理申请": "accept_application",
		"退回申请": "return_application", "撤回申请": "withdraw_application", "暂停申请": "suspend_application", "恢复申请": "resume_application",
		"记录审核": "record_review", "批准申请": "approve_application", "不予批准": "reject_application", "调减批准": "reduce_approval",
		"释放批准": "release_approval", "批准例外": "grant_exception", "撤销例外": "revoke_exception", "支付": "make_payout", "补记支付": "book_payout",
		"补记收回": "book_recovery", "支付退回": "return_payout", "责令追回": "order_clawback", "减免追回": "waive_clawback", "核销追回": "write_off", "抵扣追回": "offset_recovery", "收到追回款": "receive_recovery",
		"冲销收回": "reverse_recovery", "设定预算": "set_appropriation", "处置发现": "dispose_finding",
		"记录国库支付": "record_treasury_payment", "作废国库支付": "void_treasury_payment", "更换检查点公钥": "rotate_checkpoint_key",
	},
	"actor.role": {
		"经办": "clerk", "审核": "reviewer", "审批": "approver", "财政": "treasurer", "政府": "authority", "分析": "analyst", "管理": "admin",
	},
	"opinion":     {"支持": "support", "反对": "oppose"},
	"retroactive": {"是": "true", "否": "false"},
	"close":       {"是": "true", "否": "false"},
	"mistaken":    {"是": "true", "否": "false"},
	"kind":        {"年初": "initial", "调整": "adjusted"},
	"cap":         {"未列明": "null", "未规定": "null"},
	"disposition": {"认可": "accepted"},
}

func english(name, value string) string {
	if word, ok := chinese[name][value]; ok {
		return word
	}
	codes := words.Codes(strings.TrimPrefix(name, "actor."))
	if name == "kind" { // of a budget or a link: the column of that name is of postings
		codes = slices.Concat(domain.BudgetCodes, domain.LinkCodes)
	}
	for _, code := range codes {
		if code.Text.ZH == value {
			return code.Name
		}
	}
	return value
}
