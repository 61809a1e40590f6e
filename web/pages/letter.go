package pages

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// paragraph is a part of a letter. Lead stands in bold before the text; a blank one ends in a line to be filled in by hand.
type paragraph struct {
	Lead, Text domain.Text
	Blank      bool
}

// say writes a paragraph: arguments are shown in its language.
func say(zh, en string, args ...any) paragraph {
	in := func(format, lang string) string {
		told := make([]any, len(args))
		for i, arg := range args {
			switch v := arg.(type) {
			case domain.Text:
				told[i] = v.In(lang)
			case domain.Money:
				told[i] = tabular.Grouped(v.String())
			case domain.Date:
				told[i] = written(v, lang)
			default:
				told[i] = v
			}
		}
		return fmt.Sprintf(format, told...)
	}
	return paragraph{Text: domain.Text{ZH: in(zh, "zh"), EN: in(en, "en")}}
}

// under gives a paragraph its lead.
func (p paragraph) under(zh, en string) paragraph {
	p.Lead = domain.Text{ZH: zh, EN: en}
	return p
}

// open ends a paragraph in a line to be filled in.
func (p paragraph) open() paragraph {
	p.Blank = true
	return p
}

// why is a paragraph of a text that somebody gave; where nobody did, a line for it.
func why(zh, en, text string) paragraph {
	if p := say(zh+"%s", en+"%s", text); text != "" {
		return p
	}
	return say(zh, en).open()
}

// department is what the policy calls one.
func (s paper) department(id domain.DepartmentID) domain.Text {
	if name, known := s.policy.Called("department", string(id)); known {
		return name
	}
	return domain.Text{ZH: string(id), EN: string(id)}
}

// capitals are those of an amount, in brackets; none where the policy's currency has none.
func (s paper) capitals(m domain.Money) domain.Text {
	words, err := tabular.Capital(m.Decimal())
	if !s.CNY || err != nil { // an amount of the ledger has capitals: its bounds are narrower
		return domain.Text{}
	}
	return domain.Text{ZH: "（" + words + "）", EN: " (" + words + ")"}
}

// letterBody is a letter of decision.
type letterBody struct {
	decided
	By deed // who decided
}

// Opening is the letter of a decision up to its table of years; of a rejection, which has none, nearly the whole.
func (b *letterBody) Opening() []paragraph {
	by, on := b.department(b.By.Department), b.By.BusinessDate
	list := []paragraph{say("你单位（统一社会信用代码 %[1]s）于 %[2]s提交的“%[3]s”申请（编号 %[4]s）收悉。该申请依据《%[5]s》条款 %[6]s“%[7]s”，申请金额合计 %[8]s 元。"+
		"经审查，%[9]s于 %[10]s作出决定，现通知如下：",
		"On %[2]s you (unified social credit code %[1]s) applied for support: “%[3]s”, application %[4]s, under clause %[6]s “%[7]s” of the “%[5]s”, "+
			"for %[8]s CNY in all. The %[9]s decided on %[10]s:",
		b.Row.Enterprise, b.Now.SubmittedOn, b.Row.Title, b.ID, b.Policy, b.Clause.ID, b.Clause.Name, b.All.Requested, by, on)}
	switch {
	case !b.Granted():
		return append(list, why("理由：", "Reason: ", b.Reason).under("一、不予支持。", "1. The application is not supported. "))
	case b.Less():
		return append(list, b.granted().under("一、予以部分支持。", "1. The application is supported in part. "))
	}
	return append(list, b.granted().under("一、予以支持。", "1. The application is supported. "))
}

func (b *letterBody) granted() paragraph {
	return say("批准金额合计 %s 元%s，分年度如下：", "%s CNY%s are approved in all, by support year:", b.All.Granted, b.capitals(b.All.Granted))
}

// Closing is the rest of it: what the ledger holds payouts to is a condition, everything else is the office's own to write.
func (b *letterBody) Closing() (list []paragraph) {
	remedies := say("（由作出决定的机关填写）", "(To be filled in by the deciding office.) ").open()
	if !b.Granted() {
		return []paragraph{remedies.under("二、救济途径。", "2. Remedies. "), say("特此通知。", "This is to inform you.")}
	}
	if b.Less() {
		list = append(list, say("未予支持的金额为 %s 元。", "%s CNY of what was applied for are not supported.", b.All.Requested.Sub(b.All.Granted)))
	}
	if b.Reason != "" || b.Less() {
		list = append(list, why("决定意见：", "Remarks: ", b.Reason))
	}
	if b.All.Cut.Positive() {
		list = append(list, say("上述决定作出之后已核减或释放 %s 元，现批准金额为 %s 元。", "Since that decision %s CNY were cut or released: %s CNY are approved now.", b.All.Cut, b.All.Left()))
	}
	return append(list, say("款项按上列支持年度分期拨付；拨付时企业信用应为正常，且申请未被暂停办理。其他条件：",
		"The money is paid by the support years above, while the enterprise’s credit is in good standing and the application is not suspended. Other conditions: ").
		open().under("二、拨付条件。", "2. Conditions. "), remedies.under("三、救济途径。", "3. Remedies. "), say("特此通知。", "This is to inform you."))
}

// Opening is a reminder up to its table of what is owed.
func (b *dunningBody) Opening() []paragraph {
	var voucher, title, reason domain.Text
	if b.Payment.Voucher != "" {
		voucher = domain.Text{ZH: "，凭证号 " + b.Payment.Voucher, EN: ", voucher " + b.Payment.Voucher}
	}
	if b.Title != "" {
		title = domain.Text{ZH: "，事项“" + b.Title + "”", EN: ", “" + b.Title + "”"}
	}
	if b.Reason != "" {
		reason = domain.Text{ZH: "（" + b.Reason + "）", EN: " (" + b.Reason + ")"}
	}
	return []paragraph{say("你单位（统一社会信用代码 %[1]s）于 %[2]s获拨财政扶持资金 %[3]s 元（支付编号 %[4]s%[5]s%[6]s）。因%[7]s%[8]s，我单位于 %[9]s下达追回（编号 %[10]s）。"+
		"截至 %[11]s，情况如下：",
		"On %[2]s you (unified social credit code %[1]s) were paid %[3]s CNY of public support (payout %[4]s%[5]s%[6]s). For the cause “%[7]s”%[8]s it was ordered back "+
			"on %[9]s (clawback %[10]s). On %[11]s it stands as follows:",
		b.Enterprise, b.Payment.PaidOn, b.Payment.Amount, b.Payout, voucher, title, b.Cause.Text(), reason, b.OrderedOn, b.Clawback, b.Today)}
}

// Asking is what a reminder asks for, before the account to pay into.
func (b *dunningBody) Asking() []paragraph {
	var list []paragraph
	switch {
	case len(b.Parts) == 1 && b.DueOn.IsZero(): // nobody has said by when
	case b.OverdueAmount.Positive():
		list = append(list, say("其中 %[1]s 元%[2]s已于到期日后尚未缴清，最早一期于 %[3]s到期。", "Of this %[1]s CNY%[2]s are overdue, the earliest part since %[3]s.",
			b.OverdueAmount, b.capitals(b.OverdueAmount), b.DueOn))
	default:
		list = append(list, say("最早一期应于 %[1]s前缴清。", "The earliest part is due by %[1]s.", b.DueOn))
	}
	return append(list, say("请将尚欠的 %s 元%s缴至下列账户，并在附言中注明追回编号：", "Pay the outstanding %s CNY%s into this account, naming the clawback:",
		b.Outstanding, b.capitals(b.Outstanding)))
}

// Closing ends a reminder.
func (b *dunningBody) Closing() []paragraph {
	return []paragraph{say("已缴纳而与本通知交叉的，请与我单位核对；有异议的，请提交书面说明。",
		"If your payment has crossed this letter, let us know; if you object, do so in writing."), say("特此通知。", "This is to inform you.")}
}
