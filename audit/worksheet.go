package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// WorksheetHeadings are the headings under which a worksheet that comes back has the payout and its audited amount.
var WorksheetHeadings = [2][]string{{"payout", "支付编号"}, {"audited_amount", "audited amount", "审定金额"}}

// maxWorksheet is how many rows a worksheet may have: what is certain is drawn whole.
const maxWorksheet = 1_000_000

// Audited are the audited amounts of a worksheet, by payout.
type Audited map[string]domain.Money

// Take takes a row of a worksheet in: the payout, and what it should have been.
func (a Audited) Take(payout, amount string) error {
	if amount == "" {
		return wrong(ErrWorksheet, "支付 %s 没有审定金额", "payout %s has no audited amount", payout)
	}
	value, err := domain.ParseMoney(amount)
	if err != nil {
		return wrong(ErrWorksheet, "支付 %s 的审定金额“%s”不是金额", "payout %s has the audited amount %q, which is no amount", payout, amount)
	}
	if _, twice := a[payout]; twice {
		return wrong(ErrWorksheet, "支付 %s 出现两次", "payout %s stands there twice", payout)
	}
	if len(a) >= maxWorksheet {
		return wrong(ErrWorksheet, "底稿多于 %d 行", "a worksheet is of at most %d payouts", maxWorksheet)
	}
	a[payout] = value
	return nil
}

// fault is an error that a person made, in both languages. It is the error that callers branch on.
type fault struct {
	kind   error
	reason domain.Text
}

// wrong is a fault of a kind.
func wrong(kind error, zh, en string, args ...any) error {
	return &fault{kind, domain.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}}
}

// Error is the reason in English.
func (f *fault) Error() string { return f.reason.EN }

// Message is the reason in both languages.
func (f *fault) Message() domain.Text { return f.reason }

// Unwrap is the kind.
func (f *fault) Unwrap() error { return f.kind }

// PaymentHeadings are the headings that treasuries give the columns of a payment file: the voucher, the day, the amount and
// the payee.
var PaymentHeadings = [4][]string{{"voucher", "凭证号", "凭证编号", "支付凭证号"}, {"paid_on", "付款日期", "支付日期", "支付时间"}, {"amount", "金额", "付款金额", "支付金额"},
	{"payee", "收款人", "收款人名称", "收款人全称", "收款单位"}}

// ParsePayment is a row of a payment file, its cells in the order of [PaymentHeadings]. n is its place among the payments, from 1.
func ParsePayment(statement domain.StatementID, n int, cells []string) (PaymentLine, error) {
	l := PaymentLine{Statement: statement, Line: n, Voucher: cells[0], Payee: cells[3]}
	if n > MaxReconciled {
		return l, wrong(ErrReconcile, "付款多于 %d 笔;请拆分文件", "it has more than %d payments: split it", MaxReconciled)
	}
	var err error
	if l.PaidOn, err = domain.ParseDate(cells[1]); err != nil {
		return l, err
	}
	l.Amount, err = domain.ParseMoney(cells[2])
	return l, err
}

// Command records a payment line on a day. Its id is made of what the line says: the same line again is the same command, and a
// line that was voided can be recorded again as it should be.
func (l PaymentLine) Command(on domain.Date) *domain.RecordTreasuryPayment {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %s %s %q", l.Statement, l.Line, l.Voucher, l.PaidOn, l.Amount, l.Payee))
	return &domain.RecordTreasuryPayment{Head: domain.Head{ID: domain.CommandID("treasury-" + hex.EncodeToString(digest[:16])), Date: on}, Statement: l.Statement, Line: l.Line,
		Voucher: l.Voucher, PaidOn: l.PaidOn, Amount: l.Amount, Payee: l.Payee}
}
