package sampling

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Table is the sample as a worksheet: what was found of each payout is to be filled in.
func (s Sample) Table() words.Sheet {
	t := words.Sheet{Name: "sample", Title: domain.Text{ZH: "货币单位抽样", EN: "Monetary-unit sample"},
		Columns: words.Named("payout", "seq", "enterprise", "clause", "amount", "hits", "cumulative", "audited_amount", "remark")}
	for _, d := range s.Items {
		t.Rows = append(t.Rows, words.Row(d.ID, d.Seq, d.Enterprise, d.Clause, d.Amount, d.Hits, d.Upto, "", ""))
	}
	return t
}

// Table is the worksheet of a stratified sample: the payouts drawn, with their strata, and a column for what each should have been.
func (s Stratified) Table() words.Sheet {
	t := words.Sheet{Name: "sample", Title: domain.Text{ZH: "分层抽样", EN: "Stratified sample"},
		Columns: words.Named("stratum", "payout", "seq", "enterprise", "clause", "support_year", "department", "amount", "audited_amount", "remark")}
	for _, stratum := range s.Strata {
		for _, i := range stratum.Drawn {
			t.Rows = append(t.Rows, words.Row(stratum.Name, i.ID, i.Seq, i.Enterprise, i.Clause, i.SupportYear, i.Department, i.Amount, "", ""))
		}
	}
	return t
}
