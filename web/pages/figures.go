package pages

import "github.com/fundledger/fundledger/domain"

// figures are what the facts of a refusal are called.
var figures = map[string]domain.Text{
	"field": {ZH: "字段", EN: "field"}, "value": {ZH: "值", EN: "value"}, "reason": {ZH: "理由", EN: "reason"}, "clause": {ZH: "条款", EN: "clause"},
	"subject": {ZH: "对象", EN: "subject"}, "subject_kind": {ZH: "对象类别", EN: "kind of subject"}, "year": {ZH: "年度", EN: "year"}, "cap": {ZH: "上限", EN: "cap"},
	"exceptions": {ZH: "例外", EN: "exceptions"}, "use": {ZH: "已用", EN: "used"}, "asked": {ZH: "本次", EN: "asked"}, "short_by": {ZH: "差额", EN: "short by"},
	"limit": {ZH: "限额", EN: "limit"}, "over_by": {ZH: "超出", EN: "over by"}, "date": {ZH: "日期", EN: "date"}, "today": {ZH: "今天", EN: "today"},
	"earliest": {ZH: "最早", EN: "earliest"}, "latest": {ZH: "最晚", EN: "latest"}, "command": {ZH: "指令", EN: "command"}, "role": {ZH: "角色", EN: "role"},
	"department": {ZH: "部门", EN: "department"}, "allowed": {ZH: "可以的", EN: "allowed"}, "person": {ZH: "人员", EN: "person"}, "did": {ZH: "已承担", EN: "did"},
	"does": {ZH: "欲承担", EN: "does"}, "enterprise": {ZH: "企业", EN: "enterprise"}, "application": {ZH: "申请", EN: "application"}, "payout": {ZH: "支付", EN: "payout"},
	"clawback": {ZH: "追回", EN: "clawback"}, "recovery": {ZH: "收回", EN: "recovery"}, "exception": {ZH: "例外编号", EN: "exception"}, "state": {ZH: "状态", EN: "state"},
	"industry": {ZH: "行业", EN: "industry"}, "period": {ZH: "计期", EN: "period"},
	"scope": {ZH: "范围", EN: "scope"}, "budget_year": {ZH: "预算年度", EN: "budget year"}, "id": {ZH: "编号", EN: "id"}, "seq": {ZH: "序号", EN: "sequence"},
	"amount": {ZH: "金额", EN: "amount"}, "voucher": {ZH: "凭证", EN: "voucher"}, "statement": {ZH: "对账单", EN: "statement"}, "line": {ZH: "行次", EN: "line"},
	"fund": {ZH: "资金", EN: "fund"}, "key": {ZH: "公钥", EN: "key"}, "path": {ZH: "位置", EN: "path"},
}

// figure is what a fact is called; one that is not here is shown by its name.
func figure(name, lang string) string {
	if text, ok := figures[name]; ok {
		return text.In(lang)
	}
	return name
}
