package sampling

import (
	"math/big"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// StratifiedEvaluation is what a stratified sample says of all payouts, once each drawn one was audited. The misstatement is
// projected by the difference estimate: in each stratum the mean difference of those drawn, times how many there are (W. G. Cochran,
// Sampling Techniques, 3rd ed., 5.3 and 5.6; AICPA Audit Guide, Audit Sampling, classical variables sampling). An overstatement is
// above zero.
//
// The precision is 1.645 standard errors, with the correction for finite populations, rounded up to 0.01: what the projection is
// short of at most, at a confidence of 95 %, where the estimate is about normal. With few differences it is not, and with none it is nought,
// which says nothing: Enough tells. A monetary-unit sample then bounds the misstatement better.
type StratifiedEvaluation struct {
	Strata     []StratumEvaluation `json:"strata"`
	Items      int                 `json:"items"`
	Misstated  int                 `json:"misstated"`
	Known      domain.Balance      `json:"known"`     // found in the drawn payouts
	Projected  domain.Balance      `json:"projected"` // over all payouts
	Precision  domain.Balance      `json:"precision"`
	UpperLimit domain.Balance      `json:"upper_limit"`
	Enough     bool                `json:"enough"`    // at least EnoughDifferences were found, or everything was drawn
	Tolerable  domain.Money        `json:"tolerable"` // as it was asked; none: not judged
	Acceptable bool                `json:"acceptable"`
}

// StratumEvaluation is what was found in one stratum.
type StratumEvaluation struct {
	Name       string         `json:"name"`
	Population int            `json:"population"`
	Items      int            `json:"items"`
	Misstated  int            `json:"misstated"`
	Known      domain.Balance `json:"known"`
	Projected  domain.Balance `json:"projected"`
}

// EnoughDifferences is how many differences a difference estimate wants before its bound is to be believed (AICPA Audit Guide,
// Audit Sampling, asks for 20 to 50).
const EnoughDifferences = 20

// confidence is the square of 1.645, the 95 % point of the normal distribution.
var confidence = big.NewRat(2706025, 1000000)

// evaluateStratified projects what was found in a sample. audited is what each drawn payout should have been, by its id; each
// must be there, and nothing else: otherwise the error is an [ErrWorksheet].
func evaluateStratified(s Stratified, audited map[string]domain.Money, tolerable domain.Money) (StratifiedEvaluation, error) {
	e := StratifiedEvaluation{Tolerable: tolerable, Enough: true}
	known, projected, variance := new(big.Rat), new(big.Rat), new(big.Rat)
	for _, stratum := range s.Strata {
		differences, err := differencesOf(stratum.Drawn, audited)
		if err != nil {
			return e, err
		}
		part := StratumEvaluation{Name: stratum.Name, Population: stratum.Population, Items: len(stratum.Drawn), Misstated: differences.misstated}
		most := new(big.Rat).Mul(differences.mean(), big.NewRat(int64(stratum.Population), 1))
		sum := new(big.Rat).SetInt(differences.sum)
		if part.Known, err = inYuan(sum); err == nil {
			part.Projected, err = inYuan(most)
		}
		if err != nil {
			return e, err
		}
		e.Strata, e.Items, e.Misstated = append(e.Strata, part), e.Items+part.Items, e.Misstated+part.Misstated
		known.Add(known, sum)
		projected.Add(projected, most)
		if !stratum.whole() {
			e.Enough = false
			variance.Add(variance, differences.variance(stratum.Population))
		}
	}
	if len(audited) != e.Items {
		return e, words.Wrong(ErrWorksheet, "抽取 %d 笔，底稿上有 %d 笔：底稿不是这次抽样的", "%d payouts were drawn, and %d are on the worksheet: it is not this sample's", e.Items, len(audited))
	}
	e.Enough = e.Enough || e.Misstated >= EnoughDifferences
	precision := new(big.Rat).SetInt(rootUp(new(big.Rat).Mul(confidence, variance)))
	for _, figure := range []struct {
		fen  *big.Rat
		into *domain.Balance
	}{{known, &e.Known}, {projected, &e.Projected}, {precision, &e.Precision}, {new(big.Rat).Add(projected, precision), &e.UpperLimit}} {
		var err error
		if *figure.into, err = inYuan(figure.fen); err != nil {
			return e, err
		}
	}
	e.Acceptable = e.Enough && !tolerable.IsZero() && !tolerable.Less(e.UpperLimit.Money)
	return e, nil
}

// differences are those between what was paid and what should have been, of one stratum's drawn payouts, in fen.
type differences struct {
	n, misstated int
	sum, squares *big.Int
}

func differencesOf(drawn []Item, audited map[string]domain.Money) (differences, error) {
	d := differences{n: len(drawn), sum: new(big.Int), squares: new(big.Int)}
	for _, item := range drawn {
		should, ok := audited[item.ID]
		if !ok {
			return d, words.Wrong(ErrWorksheet, "抽到的支付 %s 没有审定金额", "payout %s was drawn, and has no audited amount", item.ID)
		}
		if wrong := item.Amount.Fen() - should.Fen(); wrong != 0 {
			d.misstated++
			x := big.NewInt(wrong)
			d.sum.Add(d.sum, x)
			d.squares.Add(d.squares, x.Mul(x, x))
		}
	}
	return d, nil
}

func (d differences) mean() *big.Rat {
	if d.n == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(d.sum, big.NewInt(int64(d.n)))
}

// variance is that of the projection onto a stratum of N: N (N − n) s² ÷ n, where s² = (Σd² − (Σd)² ÷ n) ÷ (n − 1).
func (d differences) variance(population int) *big.Rat {
	n := int64(d.n)
	v := new(big.Rat).SetFrac(new(big.Int).Mul(d.sum, d.sum), big.NewInt(n))
	v.Sub(new(big.Rat).SetInt(d.squares), v)
	return v.Mul(v, big.NewRat(int64(population)*(int64(population)-n), n*(n-1)))
}

// rootUp is the square root of a number, rounded up.
func rootUp(x *big.Rat) *big.Int {
	whole := new(big.Int).Quo(x.Num(), x.Denom())
	root := new(big.Int).Sqrt(whole)
	if new(big.Rat).SetInt(new(big.Int).Mul(root, root)).Cmp(x) < 0 {
		root.Add(root, big.NewInt(1))
	}
	return root
}

// inYuan is a number of fen as an amount, halves away from nought.
func inYuan(fen *big.Rat) (domain.Balance, error) {
	twice := new(big.Int).Abs(new(big.Int).Mul(fen.Num(), big.NewInt(2)))
	whole := twice.Add(twice, fen.Denom())
	whole.Quo(whole, new(big.Int).Mul(fen.Denom(), big.NewInt(2)))
	if !whole.IsInt64() {
		return domain.Balance{}, words.Wrong(ErrWorksheet, "错报达 %s 分，超出金额的范围", "the misstatement comes to %s fen, which is beyond what amounts can be", fen.FloatString(0))
	}
	amount := domain.Fen(whole.Int64())
	if fen.Sign() < 0 {
		amount = amount.Neg()
	}
	return domain.Balance{Money: amount}, nil
}
