package sampling

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Table is the sample as a worksheet: what was found of each payout is to be filled in.
func (s Sample) Table() words.Sheet {
	t := words.Sheet{Name: "sample", Title: domain.Text{ZH: "货币单位抽样", EN: "Monetary-unit sample"}, Columns: []words.Heading{words.Head("payout", "text", "支付编号", "payout"),
		words.Head("seq", "integer", "事件", "event"), words.Head("enterprise", "text", "企业", "enterprise"), words.Head("clause", "text", "条款", "clause"),
		words.Head("amount", "money", "账面金额", "amount"), words.Head("hits", "integer", "命中次数", "hits"), words.Head("cumulative", "money", "累计金额", "cumulative"),
		words.Head("audited_amount", "money", "审定金额", "audited amount"), words.Head("remark", "text", "备注", "remark")}}
	for _, d := range s.Items {
		t.Rows = append(t.Rows, words.Row(d.ID, d.Seq, d.Enterprise, d.Clause, d.Amount, d.Hits, d.Upto, "", ""))
	}
	return t
}

// Table is the worksheet of a stratified sample: the payouts drawn, with their strata, and a column for what each should have been.
func (s Stratified) Table() words.Sheet {
	t := words.Sheet{Name: "sample", Title: domain.Text{ZH: "分层抽样", EN: "Stratified sample"}, Columns: []words.Heading{words.Head("stratum", "text", "层", "stratum"),
		words.Head("payout", "text", "支付编号", "payout"), words.Head("seq", "integer", "事件", "event"), words.Head("enterprise", "text", "企业", "enterprise"), words.Head("clause", "text", "条款", "clause"),
		words.Head("support_year", "text", "支持年度", "support year"), words.Head("department", "text", "部门", "department"), words.Head("amount", "money", "账面金额", "amount"),
		words.Head("audited_amount", "money", "审定金额", "audited amount"), words.Head("remark", "text", "备注", "remark")}}
	for _, stratum := range s.Strata {
		for _, i := range stratum.Drawn {
			t.Rows = append(t.Rows, words.Row(stratum.Name, i.ID, i.Seq, i.Enterprise, i.Clause, i.SupportYear, i.Department, i.Amount, "", ""))
		}
	}
	return t
}
