package evaluation

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

var full = decimal.NewFromInt(100)

// Attained is what an indicator came to, what it was to come to, and the score of that.
type Attained struct {
	Is     decimal.Decimal
	Target decimal.Decimal
	Set    bool // the target was; else it is the level before
	Score  decimal.Decimal
}

// Attained reckons the score; false where there is nothing to reckon it from.
func (m *Measured) Attained() (a Attained, is bool) {
	if !m.Measurable() {
		return a, false
	}
	target, err := decimal.NewFromString(m.Target)
	a.Set = m.Target != "" && err == nil
	before, n := decimal.Zero, 0
	for _, c := range m.Cases {
		if !c.Net.Positive() || !c.After.Known || !a.Set && !c.Before.Known {
			continue
		}
		n++
		a.Is, before = a.Is.Add(c.After.Value), before.Add(c.Before.Value)
	}
	if n == 0 {
		return a, false
	}
	if m.Fact.Unit == domain.UnitPercent {
		a.Is, _ = mean(a.Is, n)
		before, _ = mean(before, n)
	}
	if a.Target = before; a.Set {
		a.Target = target
	}
	a.Score = scored(a.Is, a.Target, m.Indicator.Better == domain.BetterLess)
	return a, true
}

// scored is what was attained by what was to be, in percent: at most 100, at least 0.
func scored(is, target decimal.Decimal, less bool) decimal.Decimal {
	met := is.Cmp(target) >= 0
	part, whole := is, target
	if less {
		met, part, whole = is.Cmp(target) <= 0, target, is
	}
	switch {
	case met:
		return full
	case !whole.IsPositive() || !part.IsPositive():
		return decimal.Zero
	}
	return decimal.Min(full, part.Mul(full).DivRound(whole, 2))
}

// Card is the score card of a clause and a year.
type Card struct {
	Score   decimal.Decimal // of 100, by the weights that are covered
	Covered int             // weight of the indicators that have a score
	Weight  int             // of all: 100, or the policy's file is not as it should be
}

// CardOf weighs scores, by the places of their indicators; one without a score is nil.
func CardOf(indicators []domain.Indicator, scores []*decimal.Decimal) (c Card, is bool) {
	total := decimal.Zero
	for i, one := range indicators {
		c.Weight += one.Weight
		if scores[i] != nil {
			c.Covered += one.Weight
			total = total.Add(scores[i].Mul(decimal.NewFromInt(int64(one.Weight))))
		}
	}
	if c.Covered == 0 {
		return c, false
	}
	c.Score = total.DivRound(decimal.NewFromInt(int64(c.Covered)), 2)
	return c, true
}

// topmost is how many of the largest a concentration tells of.
const topmost = 10

// Concentration is how support is spread among enterprises.
type Concentration struct {
	Enterprises int
	Net         domain.Money
	Top         domain.Money    // of the ten that have most
	Share       decimal.Decimal // of the ten, of one
	HHI         decimal.Decimal // Herfindahl and Hirschman: the sum of squared shares in percent, up to 10,000
}

// Concentrated reckons how sums are spread: those above nought. (Hirschman, American Economic Review 54, 1964, 761: the sum of squared shares.)
func Concentrated(sums []domain.Money) (c Concentration) {
	list := slices.DeleteFunc(slices.Clone(sums), func(m domain.Money) bool { return !m.Positive() })
	slices.SortFunc(list, func(a, b domain.Money) int { return b.Cmp(a) })
	squares := decimal.Zero
	for i, m := range list {
		c.Net = c.Net.Add(m)
		squares = squares.Add(m.Decimal().Mul(m.Decimal()))
		if i < topmost {
			c.Top = c.Top.Add(m)
		}
	}
	if c.Enterprises = len(list); c.Enterprises > 0 {
		net := c.Net.Decimal()
		c.Share = c.Top.Decimal().DivRound(net, places)
		c.HHI = squares.Mul(decimal.NewFromInt(10_000)).DivRound(net.Mul(net), 2)
	}
	return c
}
