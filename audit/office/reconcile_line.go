package office

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// PaymentHeadings are the headings that treasuries give the columns of a payment file: the voucher, the day, the amount and
// the payee.
var PaymentHeadings = [4][]string{{"voucher", "凭证号", "凭证编号", "支付凭证号"}, {"paid_on", "付款日期", "支付日期", "支付时间", "paid on"}, {"amount", "金额", "付款金额", "支付金额"},
	{"payee", "收款人", "收款人名称", "收款人全称", "收款单位"}}

// ParsePayment is a row of a payment file, its cells in the order of [PaymentHeadings]. n is its place among the payments, from 1.
func ParsePayment(statement domain.StatementID, n int, cells []string) (PaymentLine, error) {
	l := PaymentLine{Statement: statement, Line: n, Voucher: cells[0], Payee: cells[3]}
	if n > MaxReconciled {
		return l, words.Wrong(ErrReconcile, "付款多于 %d 笔；请拆分文件", "it has more than %d payments: split it", MaxReconciled)
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
