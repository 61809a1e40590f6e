package main

import (
	"context"

	"github.com/fundledger/fundledger/projections"
)

// matchCmd prints what an enterprise may still have, or what enterprises may have under a clause.
type matchCmd struct {
	Enterprise string `arg:"" optional:"" help:"The enterprise's code; left out: all enterprises. / 企业代码；不写则全部企业"`
	Clause     string `help:"Only this clause. / 只看此条款" placeholder:"CLAUSE"`
	Year       string `help:"The support year; left out: the present one. / 支持年度；不写则当年" placeholder:"YEAR"`
	Answer     string `help:"Only this answer: yes, no, unknown or department_judges. / 只看此回答" placeholder:"ANSWER" enum:",yes,no,unknown,department_judges" default:""`
	First
	Moment
	Shape
}

// Run prints the matches.
func (c *matchCmd) Run(ctx context.Context, s *Settings) error {
	part, err := c.span(s)
	if err != nil {
		return err
	}
	where := []projections.Condition{{Name: projections.ByEnterprise.Name, Value: c.Enterprise}, {Name: projections.ByClause.Name, Value: c.Clause},
		{Name: projections.ByYear.Name, Value: c.Year}, {Name: projections.ByAnswer.Name, Value: c.Answer}}
	shape := c.Shape
	if len(shape.Columns) == 0 {
		if c.Enterprise == "" {
			shape.Columns = []string{"enterprise", "enterprise_name"}
		}
		shape.Columns = append(shape.Columns, "clause", "clause_name", "answer", "subject_kind", "subject", "headroom", "owes", "free", "days_left", "message")
	}
	return s.printList(ctx, projections.Matches.List, where, c.Moment, shape, part)
}
