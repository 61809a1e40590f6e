package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// Describe says in a sentence what happened, in both languages: the amounts and names that matter, nothing that the event
// does not say.
func Describe(e domain.Event) domain.Text {
	switch e := e.(type) {
	case *domain.PolicyPublished:
		return both("发布政策 %s", "policy %s published", e.Policy.Fund)
	case *domain.ClauseAmended:
		return amendment(e)
	case *domain.EnterpriseRegistered:
		return both("登记企业 %s", "enterprise %s registered", e.Title)
	case *domain.EnterpriseRenamed:
		return both("企业由 %s 更名为 %s", "enterprise renamed from %s to %s", e.Previous, e.Title)
	case *domain.CreditRestricted:
		return both("信用受限:%s", "credit restricted: %s", e.Reason)
	case *domain.CreditRestored:
		return both("信用恢复:%s", "credit restored: %s", e.Reason)
	case *domain.BeneficiaryAdmitted:
		return both("批准为支持对象,文号 %s", "admitted as a beneficiary, document %s", e.Document)
	case *domain.ApplicationSubmitted:
		return both("提交申请“%s”:%s", "applied for “%s”: %s", e.Title, instalments(e.Requested))
	case *domain.ApplicationReviewed:
		return both("评审意见 %s:%s", "reviewed (%s): %s", e.Opinion, e.Comment)
	case *domain.ApplicationApproved:
		return both("批准 %s", "approved %s", instalments(e.Instalments))
	case *domain.ApprovalReduced:
		return both("%s 年度核减 %s:%s", "approval for %s reduced by %s: %s", e.SupportYear, amount(e.Amount), e.Reason)
	case *domain.ApprovalReleased:
		return both("%s 年度释放 %s:%s", "approval for %s released by %s: %s", e.SupportYear, amount(e.Amount), e.Reason)
	case *domain.ExceptionGranted:
		return both("授予例外 %s(%s),文号 %s", "exception of %s granted (%s), document %s", amount(e.Amount), e.SupportYear, e.Document)
	case *domain.ExceptionRevoked:
		return both("撤销例外 %s(%s),文号 %s", "exception of %s revoked (%s), document %s", amount(e.Amount), e.SupportYear, e.Document)
	case *domain.AppropriationSet:
		return both("%d 年度预算定为 %s,文号 %s", "appropriation for %d set at %s, document %s", e.BudgetYear, amount(e.Amount), e.Document)
	case *domain.FindingDisposed:
		return both("审计发现 %s 处置为 %s:%s", "finding %s disposed of as %s: %s", e.Finding, e.Disposition, e.Comment)
	case *domain.TreasuryPaymentRecorded:
		return both("国库支付文件 %s 第 %d 行:%s 支付 %s 给 %s,凭证 %s", "treasury payment file %s, line %d: on %s, %s to %s, voucher %s",
			e.Statement, e.Line, e.PaidOn, amount(e.Amount), e.Payee, e.Voucher)
	case *domain.TreasuryPaymentVoided:
		return both("作废国库支付文件 %s 第 %d 行(凭证 %s,%s):%s", "line %[2]d of the treasury payment file %[1]s (voucher %[3]s, %[4]s) voided: %[5]s",
			e.Statement, e.Line, e.Voucher, amount(e.Amount), e.Reason)
	case *domain.CheckpointKeyRotated:
		return both("检查点签名公钥由 %s 更换为 %s:%s", "checkpoints are signed with another key, %[2]s instead of %[1]s: %[3]s", e.Old, e.New, e.Reason)
	}
	if text, ok := describeStep(e); ok {
		return text
	}
	return describeMoney(e)
}

func describeStep(e domain.Event) (domain.Text, bool) {
	switch e := e.(type) {
	case *domain.ApplicationAccepted:
		return reasoned("受理申请", "application accepted", e.Reason), true
	case *domain.ApplicationReturned:
		return reasoned("退回补正", "returned for completion", e.Reason), true
	case *domain.ApplicationWithdrawn:
		return reasoned("撤回申请", "application withdrawn", e.Reason), true
	case *domain.ApplicationSuspended:
		return reasoned("暂停办理", "application suspended", e.Reason), true
	case *domain.ApplicationResumed:
		return reasoned("恢复办理", "application resumed", e.Reason), true
	case *domain.ApplicationRejected:
		return reasoned("不予支持", "application rejected", e.Reason), true
	}
	return domain.Text{}, false
}

func describeMoney(e domain.Event) domain.Text {
	switch e := e.(type) {
	case *domain.PayoutMade:
		return both("支付 %s(%s 年度),凭证 %s", "paid %s (for %s), voucher %s", amount(e.Amount), e.SupportYear, e.Voucher)
	case *domain.PayoutBooked:
		return both("补记支付 %s(%s 年度),违反规则 %d 项", "booked a payout of %s (for %s); rules broken: %d", amount(e.Amount), e.SupportYear, len(e.Findings))
	case *domain.PayoutReturned:
		return both("银行退回 %s:%s", "%s returned by the bank: %s", amount(e.Amount), e.Reason)
	case *domain.ClawbackOrdered:
		return both("下达追回 %s(%s):%s", "clawback of %s ordered (%s): %s", amount(e.Amount), e.Cause, e.Reason)
	case *domain.ClawbackWaived:
		return both("免除追回 %s,文号 %s", "%s of the clawback waived, document %s", amount(e.Amount), e.Document)
	case *domain.RecoveryReceived:
		return both("收回 %s,利息 %s(%s)", "recovered %s, interest %s (%s)", amount(e.Amount), amount(e.Interest), e.Cause)
	case *domain.RecoveryBooked:
		return both("补记收回 %s(%s)", "booked a recovery of %s (%s)", amount(e.Amount), e.Cause)
	case *domain.RecoveryReversed:
		return both("冲销收回 %s:%s", "recovery of %s reversed: %s", amount(e.Amount), e.Reason)
	}
	return domain.Text{ZH: e.Name(), EN: e.Name()}
}

func amendment(e *domain.ClauseAmended) domain.Text {
	from, to := ceiling(e.Previous), ceiling(e.Cap)
	t := both("条款 %s 上限由 %s 改为 %s,自 %s 起", "cap of clause %s amended from %s to %s from %s on", e.Clause, from, to, e.EffectiveOn)
	if e.Retroactive {
		t.ZH, t.EN = t.ZH+"(追溯)", t.EN+" (retroactive)"
	}
	return t
}

// named is a value that has words of its own, such as an opinion or a cause.
type named interface{ Text() domain.Text }

// both is a sentence in both languages, in which values that have words of their own are told by them.
func both(zh, en string, args ...any) domain.Text {
	inChinese, inEnglish := slices.Clone(args), slices.Clone(args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case named:
			inChinese[i], inEnglish[i] = arg.Text().ZH, arg.Text().EN
		case domain.SupportYear:
			if arg == 0 {
				inChinese[i], inEnglish[i] = "合计", "total"
			}
		}
	}
	return domain.Text{ZH: fmt.Sprintf(zh, inChinese...), EN: fmt.Sprintf(en, inEnglish...)}
}

func reasoned(zh, en, reason string) domain.Text {
	if reason == "" {
		return domain.Text{ZH: zh, EN: en}
	}
	return domain.Text{ZH: zh + ":" + reason, EN: en + ": " + reason}
}

func amount(m domain.Money) string { return tabular.Grouped(m.String()) }

func ceiling(c domain.Ceiling) string {
	if !c.Stated {
		return "–"
	}
	return amount(c.Amount)
}

func instalments(list []domain.Instalment) string {
	parts := make([]string, len(list))
	for i, part := range list {
		parts[i] = part.SupportYear.String() + " " + amount(part.Amount)
	}
	return strings.Join(parts, "; ")
}
