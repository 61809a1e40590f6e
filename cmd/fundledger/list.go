package main

import (
	"context"
	"strconv"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/tabular"
)

type listCmd struct {
	What        string `arg:"" enum:"enterprises,applications,payouts,clawbacks,journal" help:"enterprises, applications, payouts, clawbacks or journal."`
	Search      string `help:"Enterprises: any two characters of the name, pinyin initials, or the code's beginning. / 查找" placeholder:"TEXT"`
	Enterprise  string `help:"Only of this enterprise." placeholder:"ID"`
	Application string `help:"Only of this application." placeholder:"ID"`
	Clause      string `help:"Only of this clause." placeholder:"ID"`
	Year        int    `help:"Only of this support year." placeholder:"YEAR"`
	State       string `help:"Applications: their state. Clawbacks: open." placeholder:"STATE"`
	Kind        string `help:"Journal: the kind of posting." placeholder:"KIND"`
	Shape
}

// Run prints a list of details as they are now.
func (c *listCmd) Run(ctx context.Context, s *Settings) error {
	ask := projections.ListQuery{Search: c.Search, Enterprise: domain.EnterpriseID(c.Enterprise), Application: domain.ApplicationID(c.Application),
		Clause: domain.ClauseID(c.Clause), Year: domain.SupportYear(c.Year), State: c.State, Kind: c.Kind, Limit: projections.MaxLimit}
	meta := Moment{}.meta("search", c.Search, "enterprise", c.Enterprise, "application", c.Application, "clause", c.Clause,
		"support_year", strconv.Itoa(c.Year), "state", c.State, "kind", c.Kind)
	return s.ask(ctx, func(q *postgres.Queries) error {
		return s.write(listTable(ctx, q, c.What, ask, meta), c.Format, c.Out)
	})
}

func listTable(ctx context.Context, q *postgres.Queries, what string, ask projections.ListQuery, meta []tabular.Meta) tabular.Table {
	switch what {
	case "enterprises":
		return listed(ctx, what, domain.Text{ZH: "企业", EN: "Enterprises"}, ask, q.Enterprises, meta)
	case "applications":
		return listed(ctx, what, domain.Text{ZH: "申请", EN: "Applications"}, ask, q.Applications, meta)
	case "payouts":
		return listed(ctx, what, domain.Text{ZH: "支付", EN: "Payouts"}, ask, q.Payouts, meta)
	case "clawbacks":
		return listed(ctx, what, domain.Text{ZH: "追回", EN: "Clawbacks"}, ask, q.Clawbacks, meta)
	}
	return listed(ctx, what, domain.Text{ZH: "分录", EN: "Journal"}, ask, q.Journal, meta)
}

func listed[T any](ctx context.Context, name string, title domain.Text, ask projections.ListQuery,
	page func(context.Context, projections.ListQuery) (projections.Page[T], error), meta []tabular.Meta) tabular.Table {
	rows := answers.Pages(func(cursor string) (projections.Page[T], error) {
		ask.Cursor = cursor
		return page(ctx, ask)
	})
	return answers.Table(name, title, rows, meta...)
}
