package domain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Indicators of a clause: what the effect of its money is measured by, and how much each counts. They decide nothing: evaluations are made of them.

// Indicator is one of what a clause's money is measured by.
type Indicator struct {
	ID     IndicatorID `json:"id"` // its own, under the clause
	Clause ClauseID    `json:"clause"`
	Name   Text        `json:"name"`
	// Fact is what is measured, of each year; left out: nothing in the ledger measures it, and whoever evaluates scores it.
	Fact     FactID         `json:"fact,omitzero"`
	Better   Direction      `json:"better"`
	Baseline Baseline       `json:"baseline"` // what a year is compared with
	Weight   int            `json:"weight"`   // of 100 under the clause
	Group    IndicatorGroup `json:"group"`
}

// Direction says whether more or less of something is better.
type Direction string

// The directions.
const (
	BetterMore Direction = "more"
	BetterLess Direction = "less"
)

// Baseline is what a year is compared with.
type Baseline string

// PreviousYear is the year before.
const PreviousYear Baseline = "previous_year"

// IndicatorGroup is what an indicator measures.
type IndicatorGroup string

// The groups of indicators.
const (
	GroupInput        IndicatorGroup = "input"
	GroupProcess      IndicatorGroup = "process"
	GroupOutput       IndicatorGroup = "output"
	GroupBenefit      IndicatorGroup = "benefit"
	GroupSatisfaction IndicatorGroup = "satisfaction"
)

// wholeWeight is what the weights of a clause's indicators add up to.
const wholeWeight = 100

// IndicatorsOf are the indicators of a clause, in their order.
func (p *Policy) IndicatorsOf(c ClauseID) (list []Indicator) {
	for _, one := range p.Indicators {
		if one.Clause == c {
			list = append(list, one)
		}
	}
	return list
}

// Indicator finds an indicator of a clause.
func (p *Policy) Indicator(c ClauseID, id IndicatorID) (Indicator, bool) {
	i := slices.IndexFunc(p.Indicators, func(one Indicator) bool { return one.Clause == c && one.ID == id })
	if i < 0 {
		return Indicator{}, false
	}
	return p.Indicators[i], true
}

// withIndicators is a list of indicators with those of a clause in the place of the ones that it had.
func withIndicators(all []Indicator, c ClauseID, list []Indicator) []Indicator {
	others := slices.DeleteFunc(slices.Clone(all), func(one Indicator) bool { return one.Clause == c })
	return append(others, list...)
}

// indicatorList are indicators with their weights, as a sentence tells them.
func indicatorList(list []Indicator) string {
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = fmt.Sprintf("%s %d", one.ID, one.Weight)
	}
	return strings.Join(parts, ", ")
}

// checkIndicators checks the policy's indicators: what each is, and that those of a clause add up.
func (p *Policy) checkIndicators() error {
	weights, last := map[ClauseID]int{}, map[ClauseID]int{}
	for i, one := range p.Indicators {
		path := fmt.Sprintf("indicators[%d]", i)
		again := slices.ContainsFunc(p.Indicators[:i], func(before Indicator) bool { return before.Clause == one.Clause && before.ID == one.ID })
		if err := checkNamed(path, string(one.ID), one.Name, again); err != nil {
			return err
		}
		if err := p.checkIndicator(path, one); err != nil {
			return err
		}
		weights[one.Clause] += one.Weight
		last[one.Clause] = i
	}
	for i, one := range p.Indicators { // in their order: the first clause whose weights do not add up
		if sum := weights[one.Clause]; sum != wholeWeight && last[one.Clause] == i {
			return wrong(fmt.Sprintf("indicators[%d].weight", i), "条款 %s 各指标权重合计须为 %d，现为 %d", "the weights of clause %s add up to %d, not %d", one.Clause, wholeWeight, sum)
		}
	}
	return nil
}

func (p *Policy) checkIndicator(path string, one Indicator) error {
	of, known := p.Clause(one.Clause)
	f, listed := p.Fact(one.Fact)
	switch {
	case !known:
		return wrong(path+".clause", "%q 不是本政策的条款", "%q is not one of the policy's clauses", Clip(string(one.Clause), 40))
	case !of.HasAccounts():
		return wrong(path+".clause", "条款 %q 没有自身的账户，无从评价", "clause %q has no accounts of its own: there is nothing to evaluate", one.Clause)
	case one.Fact != "" && !listed:
		return wrong(path+".fact", "%q 不在本政策的事实之列", "%q is not one of the policy's facts", Clip(string(one.Fact), 40))
	case one.Fact != "" && (!f.numeric() || f.Per != OfYear):
		return wrong(path+".fact", "%q 须为按年记录的数", "%q has to be a number of each year", one.Fact)
	case !hasCode(DirectionCodes, one.Better):
		return wrong(path+".better", "须为 %s，不能是 %q", "is one of %s, not %q", codeList(DirectionCodes), Clip(string(one.Better), 20))
	case one.Baseline != PreviousYear:
		return wrong(path+".baseline", "须为 %s（上一年），不能是 %q", "is %s, not %q", PreviousYear, Clip(string(one.Baseline), 20))
	case one.Weight < 1 || one.Weight > wholeWeight:
		return wrong(path+".weight", "须为 1 至 %d 的整数，不能是 %d", "is a number from 1 to %d, not %d", wholeWeight, one.Weight)
	case !hasCode(GroupCodes, one.Group):
		return wrong(path+".group", "须为 %s，不能是 %q", "is one of %s, not %q", codeList(GroupCodes), Clip(string(one.Group), 20))
	}
	return nil
}

func hasCode[T ~string](codes []Code, name T) bool {
	return slices.ContainsFunc(codes, func(c Code) bool { return c.Name == string(name) })
}

// Grade is what a score comes to.
type Grade string

// The grades.
const (
	GradeExcellent Grade = "excellent"
	GradeGood      Grade = "good"
	GradeFair      Grade = "fair"
	GradePoor      Grade = "poor"
)

// GradeOf is the grade of a score: 优 from 90, 良 from 80, 中 from 60, else 差.
func GradeOf(score decimal.Decimal) Grade {
	switch {
	case score.Cmp(decimal.NewFromInt(90)) >= 0:
		return GradeExcellent
	case score.Cmp(decimal.NewFromInt(80)) >= 0:
		return GradeGood
	case score.Cmp(decimal.NewFromInt(60)) >= 0:
		return GradeFair
	}
	return GradePoor
}

// Score is what an evaluation gives for an indicator: 0 to 100, with at most two decimals.
type Score struct {
	Indicator IndicatorID `json:"indicator"`
	Score     string      `json:"score"`
}

// Value is the score as a number.
func (s Score) Value() decimal.Decimal {
	d, _ := decimal.NewFromString(s.Score)
	return d
}

// TotalOf is what scores come to by the weights of indicators, to two decimals; false where one of them has no score.
func TotalOf(indicators []Indicator, scores []Score) (total decimal.Decimal, all bool) {
	for _, one := range indicators {
		i := slices.IndexFunc(scores, func(s Score) bool { return s.Indicator == one.ID })
		if i < 0 {
			return decimal.Zero, false
		}
		total = total.Add(scores[i].Value().Mul(decimal.NewFromInt(int64(one.Weight))))
	}
	return total.Shift(-2).Round(2), len(indicators) > 0
}
