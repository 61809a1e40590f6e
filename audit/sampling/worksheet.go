package sampling

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
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
		return words.Wrong(ErrWorksheet, "支付 %s 没有审定金额", "payout %s has no audited amount", payout)
	}
	value, err := domain.ParseMoney(amount)
	if err != nil {
		return words.Wrong(ErrWorksheet, "支付 %s 的审定金额“%s”不是金额", "payout %s has the audited amount %q, which is no amount", payout, amount)
	}
	if _, twice := a[payout]; twice {
		return words.Wrong(ErrWorksheet, "支付 %s 出现两次", "payout %s stands there twice", payout)
	}
	if len(a) >= maxWorksheet {
		return words.Wrong(ErrWorksheet, "底稿多于 %d 行", "a worksheet is of at most %d payouts", maxWorksheet)
	}
	a[payout] = value
	return nil
}
