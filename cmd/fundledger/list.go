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
	What        string `arg:"" enum:"enterprises,applications,payouts,clawbacks,recoveries,exceptions,appropriations,journal" help:"enterprises, applications, payouts, clawbacks, recoveries, exceptions, appropriations or journal."`
	Search      string `help:"Enterprises: any two characters of the name, pinyin initials, or the code's beginning. / 查找" placeholder:"TEXT"`
	Enterprise  string `help:"Only of this enterprise." placeholder:"ID"`
	Application string `help:"Only of this application." placeholder:"ID"`
	Clause      string `help:"Only of this clause." placeholder:"ID"`
	Department  string `help:"Appropriations: only of this department." placeholder:"ID"`
	Subject     string `help:"Only of this cap subject: an enterprise, a project or an award." placeholder:"ID"`
	Payout      string `help:"Only this payout, or what belongs to it." placeholder:"ID"`
	Clawback    string `help:"Only this clawback, or what came in on it." placeholder:"ID"`
	Year        int    `help:"Only of this support year." placeholder:"YEAR"`
	BudgetYear  int    `help:"Appropriations: only of this budget year. Journal: what was paid and returned in it." placeholder:"YEAR"`
	State       string `help:"Applications: their state. Clawbacks, exceptions: open. Recoveries: reversed or standing." placeholder:"STATE"`
	Kind        string `help:"Journal: the kind of posting." placeholder:"KIND"`
	Moment
	Shape
}

// Run prints a list of details. Enterprises, applications and appropriations are known as they are now only.
func (c *listCmd) Run(ctx context.Context, s *Settings) error {
	asOf, on, err := c.Moment.read()
	if err != nil {
		return err
	}
	ask := projections.ListQuery{Search: c.Search, Enterprise: domain.EnterpriseID(c.Enterprise), Application: domain.ApplicationID(c.Application),
		Clause: domain.ClauseID(c.Clause), Subject: c.Subject, Payout: domain.PayoutID(c.Payout), Clawback: domain.ClawbackID(c.Clawback),
		Year: domain.SupportYear(c.Year), BudgetYear: c.BudgetYear, State: c.State, Kind: c.Kind, AsOf: asOf, On: on, Limit: projections.MaxLimit}
	if c.What == "appropriations" {
		ask.BudgetClause, ask.BudgetDepartment = ask.Clause, domain.DepartmentID(c.Department)
	}
	meta := c.Moment.meta("search", c.Search, "enterprise", c.Enterprise, "application", c.Application, "clause", c.Clause, "department", c.Department,
		"subject", c.Subject, "payout", c.Payout, "clawback", c.Clawback, "support_year", strconv.Itoa(c.Year), "budget_year", strconv.Itoa(c.BudgetYear),
		"state", c.State, "kind", c.Kind)
	if s.Server != "" {
		filters := []string{"q", c.Search, "enterprise", c.Enterprise, "application", c.Application, "subject", c.Subject, "payout", c.Payout, "clawback", c.Clawback,
			"year", strconv.Itoa(c.Year), "budget_year", strconv.Itoa(c.BudgetYear), "state", c.State, "kind", c.Kind, "as_of", c.AsOf, "on", c.On}
		if c.What == "appropriations" {
			filters = append(filters, "budget_clause", c.Clause, "budget_department", c.Department)
		} else {
			filters = append(filters, "clause", c.Clause)
		}
		return listRemote(ctx, s, c.What, meta, filters, c.Shape)
	}
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
	case "recoveries":
		return listed(ctx, what, domain.Text{ZH: "收回", EN: "Recoveries"}, ask, q.Recoveries, meta)
	case "exceptions":
		return listed(ctx, what, domain.Text{ZH: "例外", EN: "Exceptions"}, ask, q.Exceptions, meta)
	case "appropriations":
		return listed(ctx, what, domain.Text{ZH: "预算", EN: "Appropriations"}, ask, q.Appropriations, meta)
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
