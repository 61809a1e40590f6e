package main

import (
	"context"

	"github.com/fundledger/fundledger/projections"
)

// evaluateCmd prints what the money of clauses did in a year.
type evaluateCmd struct {
	Clause    string `arg:"" optional:"" help:"The clause; left out: all that have indicators. / 条款；不写则设有指标的全部"`
	Year      string `help:"The support year; left out: all that were paid for. / 支持年度；不写则有支付的各年" placeholder:"YEAR"`
	Indicator string `help:"Only this indicator. / 只看此指标" placeholder:"INDICATOR"`
	Cases     bool   `help:"The enterprises, before and after. / 逐家企业前后对比"`
	First
	Moment
	Shape
}

// Run prints the evaluation.
func (c *evaluateCmd) Run(ctx context.Context, s *Settings) error {
	part, err := c.span(s)
	if err != nil {
		return err
	}
	where := []projections.Condition{{Name: projections.ByEvaluatedClause.Name, Value: c.Clause}, {Name: projections.ByEvaluatedYear.Name, Value: c.Year},
		{Name: projections.ByIndicator.Name, Value: c.Indicator}}
	list, shape := projections.Evaluations.List, c.Shape
	if c.Cases {
		list = projections.Evaluated.List
	} else if len(shape.Columns) == 0 {
		shape.Columns = []string{"clause", "support_year", "indicator_name", "weight", "net_paid", "score", "clause_score", "grade", "supported", "controls", "effect_difference",
			"growth_difference", "effect_per_yuan", "p_value", "message"}
	}
	return s.printList(ctx, list, where, c.Moment, shape, part)
}
