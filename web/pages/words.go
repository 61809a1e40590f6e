package pages

import "github.com/fundledger/fundledger/domain"

// words are what codes are called on pages. A code that is not here is shown as it is.
var words = map[string]domain.Text{
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
	"standing": {ZH: "有效", EN: "standing"}, "reversed": {ZH: "已冲销", EN: "reversed"}, "clause": {ZH: "条款", EN: "clause"}, "department": {ZH: "部门", EN: "department"},
	"true": {ZH: "是", EN: "yes"}, "false": {ZH: "否", EN: "no"},
}
