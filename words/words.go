package words

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// codeWords are what codes are called: states, roles, commands, duties and the like.
var codeWords = map[string]domain.Text{
	"submitted": {ZH: "已提交", EN: "submitted"}, "accepted": {ZH: "已受理", EN: "accepted"}, "returned": {ZH: "已退回", EN: "returned"},
	"approved": {ZH: "已批准", EN: "approved"}, "rejected": {ZH: "不予支持", EN: "rejected"}, "withdrawn": {ZH: "已撤回", EN: "withdrawn"},
	"over": {ZH: "超出上限", EN: "over the cap"}, "over_by_exception": {ZH: "超上限(有例外)", EN: "beyond the cap, by exception"},
	"full": {ZH: "已用完", EN: "full"}, "near": {ZH: "将用完", EN: "nearly full"}, "ok": {ZH: "正常", EN: "within"},
	"error": {ZH: "差错", EN: "error"}, "breach": {ZH: "违约", EN: "breach"}, "open": {ZH: "未收回", EN: "open"},
	"support": {ZH: "同意", EN: "support"}, "oppose": {ZH: "不同意", EN: "oppose"}, "abstain": {ZH: "弃权", EN: "abstain"},
	"enterprise": {ZH: "企业", EN: "enterprise"}, "project": {ZH: "项目", EN: "project"}, "award": {ZH: "奖项", EN: "award"},
	"year": {ZH: "每年", EN: "a year"}, "total": {ZH: "总计", EN: "in total"}, "one-off-or-term": {ZH: "一次性或连续各年", EN: "once, or each year of a term"},
	"requested": {ZH: "申请额", EN: "requested"}, "outside": {ZH: "批准外", EN: "outside approvals"}, "paid": {ZH: "支付", EN: "paid"},
	"clawback_ordered": {ZH: "下达追回", EN: "clawback ordered"}, "clawback_waived": {ZH: "免除追回", EN: "clawback waived"},
	"recovered_error": {ZH: "收回(差错)", EN: "recovered (error)"}, "recovered_breach": {ZH: "收回(违约)", EN: "recovered (breach)"},
	"interest": {ZH: "利息", EN: "interest"}, "exception": {ZH: "例外", EN: "exception"},
	"clerk": {ZH: "受理员", EN: "clerk"}, "reviewer": {ZH: "评审员", EN: "reviewer"}, "approver": {ZH: "审批人", EN: "approver"},
	"treasurer": {ZH: "财政经办", EN: "treasurer"}, "authority": {ZH: "区政府", EN: "authority"}, "auditor": {ZH: "审计", EN: "auditor"},
	"analyst": {ZH: "分析员", EN: "analyst"}, "admin": {ZH: "管理员", EN: "admin"},
	"accept_application": {ZH: "受理", EN: "Accept"}, "return_application": {ZH: "退回补正", EN: "Return for completion"},
	"withdraw_application": {ZH: "撤回", EN: "Withdraw"}, "suspend_application": {ZH: "暂停", EN: "Suspend"}, "resume_application": {ZH: "恢复", EN: "Resume"},
	"record_review": {ZH: "评审", EN: "Review"}, "approve_application": {ZH: "批准", EN: "Approve"}, "reject_application": {ZH: "不予支持", EN: "Reject"},
	"reduce_approval": {ZH: "核减", EN: "Reduce the approval"}, "release_approval": {ZH: "释放未付额度", EN: "Release what is unpaid"},
	"make_payout": {ZH: "支付", EN: "Pay"}, "return_payout": {ZH: "记银行退回", EN: "Record a return by the bank"}, "order_clawback": {ZH: "下达追回", EN: "Order a clawback"},
	"waive_clawback": {ZH: "免除追回", EN: "Waive"}, "receive_recovery": {ZH: "记收回款", EN: "Record money that came back"},
	"accept": {ZH: "受理", EN: "accept"}, "review": {ZH: "评审", EN: "review"}, "approve": {ZH: "审批", EN: "approve"}, "pay": {ZH: "支付", EN: "pay"},
	"register_enterprise": {ZH: "登记企业", EN: "Register"}, "rename_enterprise": {ZH: "更名", EN: "Rename"}, "restrict_credit": {ZH: "限制信用", EN: "Restrict the credit"},
	"restore_credit": {ZH: "恢复信用", EN: "Restore the credit"}, "admit_beneficiary": {ZH: "批准纳入", EN: "Admit"}, "submit_application": {ZH: "提交申请", EN: "Submit"},
	"grant_exception": {ZH: "授予例外", EN: "Grant the exception"}, "revoke_exception": {ZH: "撤销例外", EN: "Revoke the exception"},
	"set_appropriation": {ZH: "设定预算", EN: "Set the appropriation"}, "amend_clause": {ZH: "修订条款", EN: "Amend the clause"}, "book_payout": {ZH: "补记支付", EN: "Book a payout"},
	"book_recovery": {ZH: "补记收回", EN: "Book a recovery"}, "reverse_recovery": {ZH: "冲销", EN: "Reverse"}, "dispose_finding": {ZH: "处置", EN: "Record the disposition"},
	"publish_policy": {ZH: "发布政策", EN: "Publish a policy"}, "record_treasury_payment": {ZH: "记录国库支付", EN: "Record a treasury payment"},
	"void_treasury_payment": {ZH: "作废国库支付记录", EN: "Void a treasury payment"}, "rotate_checkpoint_key": {ZH: "更换检查点公钥", EN: "Rotate the checkpoint key"},
	"passed": {ZH: "通过", EN: "passed"}, "failed": {ZH: "未通过", EN: "failed"}, "skipped": {ZH: "未核查", EN: "not checked"}, "warning": {ZH: "警示", EN: "warning"},
	"notice": {ZH: "提示", EN: "notice"}, "explained": {ZH: "已说明", EN: "explained"}, "false_alarm": {ZH: "误报", EN: "false alarm"}, "use": {ZH: "已用额度", EN: "use"}, "net_paid": {ZH: "净支付", EN: "net paid"},
	"application_approved": {ZH: "批准", EN: "approval"}, "payout_made": {ZH: "支付", EN: "payout"}, "payout_booked": {ZH: "补记支付", EN: "booked payout"},
	"standing": {ZH: "有效", EN: "standing"}, "reversed": {ZH: "已冲销", EN: "reversed"}, "clause": {ZH: "条款", EN: "clause"}, "department": {ZH: "部门", EN: "department"},
	"true": {ZH: "是", EN: "yes"}, "false": {ZH: "否", EN: "no"},
}

// Word is what a code is called in "zh" or "en". A code that has no word is shown as it is.
func Word(code, lang string) string {
	if text, ok := codeWords[code]; ok {
		return text.In(lang)
	}
	return code
}

// caseFields are what the fields of a case's standing are called, by the names that a replay has for them, in the order they are shown.
var caseFields = []struct {
	name  string
	title domain.Text
}{
	{"enterprise_name", domain.Text{ZH: "企业名称", EN: "Enterprise"}}, {"credit_restricted", domain.Text{ZH: "信用受限", EN: "Credit restricted"}},
	{"admitted", domain.Text{ZH: "经批准纳入", EN: "Admitted"}}, {"state", domain.Text{ZH: "状态", EN: "State"}}, {"suspended", domain.Text{ZH: "暂停", EN: "Suspended"}},
	{"submitted_on", domain.Text{ZH: "提交日期", EN: "Submitted on"}}, {"approved_on", domain.Text{ZH: "批准日期", EN: "Approved on"}},
	{"department", domain.Text{ZH: "批准部门", EN: "Department"}}, {"reviews", domain.Text{ZH: "评审数", EN: "Reviews"}}, {"requested", domain.Text{ZH: "申请额", EN: "Requested"}},
	{"approved", domain.Text{ZH: "批准额", EN: "Approved"}}, {"paid", domain.Text{ZH: "已支付", EN: "Paid"}}, {"duty", domain.Text{ZH: "经办", EN: "Done by"}},
}

// CaseField is what a field of a case is called in "zh" or "en", such as "state", "approved.2025" or "duty.pay"; a field that is not known keeps its name.
func CaseField(name, lang string) string {
	field, of, _ := strings.Cut(name, ".")
	i := caseField(field)
	switch {
	case i < 0:
		return name
	case field == "duty":
		return caseFields[i].title.In(lang) + ": " + Word(of, lang)
	}
	return strings.TrimSpace(caseFields[i].title.In(lang) + " " + of)
}

func caseField(name string) int {
	return slices.IndexFunc(caseFields, func(f struct {
		name  string
		title domain.Text
	}) bool {
		return f.name == name
	})
}

// CompareCaseFields orders fields of a case by their names as they are shown.
func CompareCaseFields(a, b string) int {
	x, _, _ := strings.Cut(a, ".")
	y, _, _ := strings.Cut(b, ".")
	return cmp.Or(cmp.Compare(caseField(x), caseField(y)), cmp.Compare(a, b))
}

// CaseValue is the value of a field of a case as people read it: amounts with commas between thousands, codes by their words.
func CaseValue(name, value, lang string) string {
	switch field, _, _ := strings.Cut(name, "."); field {
	case "requested", "approved", "paid":
		return tabular.Grouped(value)
	case "duty", "enterprise_name":
		return value // what people are called is no code
	}
	return Word(value, lang)
}
