package sampling

import (
	"errors"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// ErrWorksheet says that a worksheet does not belong to a sample, or that something is missing in it.
var ErrWorksheet = errors.New("the worksheet does not fit the sample")

// Evaluation is what a monetary-unit sample says of all payouts, once each drawn one was audited: the misstatement that was
// found, what it projects to, and what it does not exceed at a confidence of 95 %. An overstatement is above zero: more was
// paid than should have been.
type Evaluation struct {
	Items      int            `json:"items"`
	Misstated  int            `json:"misstated"`
	Interval   domain.Money   `json:"interval"`
	Known      domain.Balance `json:"known"`     // found in the drawn payouts
	Projected  domain.Balance `json:"projected"` // over all payouts
	Precision  domain.Balance `json:"precision"` // basic precision: what a sample without any finding still leaves open
	UpperLimit domain.Balance `json:"upper_limit"`
	Tolerable  domain.Money   `json:"tolerable"` // as it was asked; none: not judged
	Acceptable bool           `json:"acceptable"`
}

// reliability are the factors of the Poisson distribution at a risk of 5 %, for 0, 1, 2 … misstatements (AICPA Audit Guide,
// Audit Sampling, table of monetary-unit sampling).
var reliability = []string{"3.00", "4.75", "6.30", "7.76", "9.16", "10.52", "11.85", "13.15", "14.44", "15.71", "16.97", "18.21", "19.45", "20.67", "21.89", "23.10",
	"24.31", "25.50", "26.70", "27.88", "29.07"}

// evaluate projects what was found in a sample. audited is what each drawn payout should have been, by its id; each must be there.
// A drawn payout of the interval or more stands for itself; of a smaller one the share that is wrong, its tainting, is projected onto
// the interval. Figures are rounded to 0.01 once, halves away from nought.
func evaluate(s Sample, audited map[string]domain.Money, tolerable domain.Money) (Evaluation, error) {
	e := Evaluation{Items: len(s.Items), Interval: s.Interval, Tolerable: tolerable}
	interval := s.Interval.Decimal()
	known, projected, certain := decimal.Zero, decimal.Zero, decimal.Zero
	var taintings []decimal.Decimal // of overstatements
	for _, item := range s.Items {
		should, ok := audited[item.ID]
		if !ok {
			return e, words.Wrong(ErrWorksheet, "抽到的支付 %s 没有审定金额", "payout %s was drawn, and has no audited amount", item.ID)
		}
		wrong := item.Amount.Decimal().Sub(should.Decimal())
		if wrong.IsZero() {
			continue
		}
		e.Misstated++
		known = known.Add(wrong)
		if !item.Amount.Less(s.Interval) {
			projected = projected.Add(wrong)
			if wrong.IsPositive() { // what was paid too little bounds nothing
				certain = certain.Add(wrong)
			}
			continue
		}
		tainting := wrong.DivRound(item.Amount.Decimal(), 12)
		projected = projected.Add(tainting.Mul(interval).Mul(decimal.NewFromInt(int64(item.Hits))))
		if tainting.IsPositive() {
			for range item.Hits {
				taintings = append(taintings, tainting)
			}
		}
	}
	if len(audited) != len(s.Items) {
		return e, words.Wrong(ErrWorksheet, "抽取 %d 笔，底稿上有 %d 笔：底稿不是这次抽样的", "%d payouts were drawn, and %d are on the worksheet: it is not this sample's", len(s.Items), len(audited))
	}
	if len(taintings) >= len(reliability) {
		return e, words.Wrong(ErrWorksheet, "错报 %d 笔，过多而无法据样本推定上限：请扩大抽样或全部审核", "%d misstatements are too many to bound by a sample: audit more, or all", len(taintings))
	}
	slices.SortFunc(taintings, func(a, b decimal.Decimal) int { return b.Cmp(a) })
	factor := func(i int) decimal.Decimal { return decimal.RequireFromString(reliability[i]) }
	precision := factor(0).Mul(interval)
	upper := precision.Add(certain)
	for i, t := range taintings {
		upper = upper.Add(t.Mul(interval).Mul(factor(i + 1).Sub(factor(i))))
	}
	for _, figure := range []struct {
		exact decimal.Decimal
		into  *domain.Balance
	}{{known, &e.Known}, {projected, &e.Projected}, {precision, &e.Precision}, {upper, &e.UpperLimit}} {
		fen := figure.exact.Round(2).Shift(2).BigInt()
		if !fen.IsInt64() {
			return e, words.Wrong(ErrWorksheet, "错报达 %s，超出金额的范围", "the misstatement comes to %s, which is beyond what amounts can be", figure.exact.StringFixed(2))
		}
		*figure.into = domain.Balance{Money: domain.Fen(fen.Int64())}
	}
	e.Acceptable = !tolerable.IsZero() && !upper.GreaterThan(tolerable.Decimal())
	return e, nil
}
