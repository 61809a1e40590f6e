package main

import (
	"context"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
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
		return writeRemote(ctx, s, "/v1/"+c.What, listings[c.What].remote, meta, filters, c.Shape)
	}
	return s.ask(ctx, func(q *postgres.Queries) error {
		return s.write(listings[c.What].local(ctx, q, ask, meta), c.Format, c.Out)
	})
}

// listing is a list as a table, from the database beside the ledger or from the service that --server names.
type listing struct {
	local  func(context.Context, *postgres.Queries, projections.ListQuery, []tabular.Meta) tabular.Table
	remote remoteTable
}

var listings = map[string]listing{
	"enterprises":    listingOf("enterprises", domain.Text{ZH: "企业", EN: "Enterprises"}, (*postgres.Queries).Enterprises),
	"applications":   listingOf("applications", domain.Text{ZH: "申请", EN: "Applications"}, (*postgres.Queries).Applications),
	"payouts":        listingOf("payouts", domain.Text{ZH: "支付", EN: "Payouts"}, (*postgres.Queries).Payouts),
	"clawbacks":      listingOf("clawbacks", domain.Text{ZH: "追回", EN: "Clawbacks"}, (*postgres.Queries).Clawbacks),
	"recoveries":     listingOf("recoveries", domain.Text{ZH: "收回", EN: "Recoveries"}, (*postgres.Queries).Recoveries),
	"exceptions":     listingOf("exceptions", domain.Text{ZH: "例外", EN: "Exceptions"}, (*postgres.Queries).Exceptions),
	"appropriations": listingOf("appropriations", domain.Text{ZH: "预算", EN: "Appropriations"}, (*postgres.Queries).Appropriations),
	"journal":        listingOf("journal", domain.Text{ZH: "分录", EN: "Journal"}, (*postgres.Queries).Journal),
}

func listingOf[T any](name string, title domain.Text, page func(*postgres.Queries, context.Context, projections.ListQuery) (projections.Page[T], error)) listing {
	local := func(ctx context.Context, q *postgres.Queries, ask projections.ListQuery, meta []tabular.Meta) tabular.Table {
		rows := words.Pages(func(cursor string) (projections.Page[T], error) {
			ask.Cursor = cursor
			return page(q, ctx, ask)
		})
		return words.Table(name, title, rows, meta...)
	}
	return listing{local: local, remote: remoteTableOf[T](name, title)}
}
