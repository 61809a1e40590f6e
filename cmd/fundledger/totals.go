package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// Moment is the flags that ask for a past moment.
type Moment struct {
	AsOf string `help:"As the ledger knew it then (the recording clock): a time, a date, or seq:N. / 截至记录时间" placeholder:"TIME|seq:N"`
	On   string `help:"By the business date: what had happened up to that day. / 截至业务日期" placeholder:"YYYY-MM-DD"`
}

func (m Moment) read() (projections.AsOf, domain.Date, error) {
	asOf, err := projections.ParseAsOf(m.AsOf)
	if err != nil {
		return asOf, domain.Date{}, usageError{err}
	}
	on, err := date(m.On)
	return asOf, on, err
}

// meta says what a table was asked for.
func (m Moment) meta(filters ...string) []tabular.Meta {
	var list []tabular.Meta
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" && filters[i+1] != "0" {
			list = append(list, tabular.Meta{Name: filters[i], Value: filters[i+1]})
		}
	}
	if m.AsOf != "" {
		list = append(list, tabular.Meta{Name: "as_of", Value: m.AsOf})
	}
	if m.On != "" {
		list = append(list, tabular.Meta{Name: "on", Value: m.On})
	}
	return list
}

var (
	totalsTitle   = domain.Text{ZH: "企业年度汇总", EN: "Yearly totals by enterprise and clause"}
	accountsTitle = domain.Text{ZH: "账户明细", EN: "Account lines"}
)

type totalsCmd struct {
	Year       int    `help:"Only this support year. / 支持年度" placeholder:"YEAR"`
	Clause     string `help:"Only this clause. / 条款" placeholder:"ID"`
	Enterprise string `help:"Only this enterprise. / 企业" placeholder:"ID"`
	Moment
	Shape
}

// Run prints the totals.
func (c *totalsCmd) Run(ctx context.Context, s *Settings) error {
	asOf, on, err := c.read()
	if err != nil {
		return err
	}
	if s.Server != "" {
		return writeRemote(ctx, s, "/v1/totals", remoteTableOf[projections.TotalsRow]("totals", totalsTitle),
			c.meta("support_year", strconv.Itoa(c.Year), "clause", c.Clause, "enterprise", c.Enterprise),
			[]string{"year", strconv.Itoa(c.Year), "clause", c.Clause, "enterprise", c.Enterprise, "as_of", c.AsOf, "on", c.On}, c.Shape)
	}
	return s.ask(ctx, func(q *postgres.Queries) error {
		query := projections.TotalsQuery{Year: domain.SupportYear(c.Year), Clause: domain.ClauseID(c.Clause),
			Enterprise: domain.EnterpriseID(c.Enterprise), AsOf: asOf, On: on, Limit: projections.MaxLimit}
		table := totalsTable(ctx, q, query, c.meta("support_year", strconv.Itoa(c.Year), "clause", c.Clause, "enterprise", c.Enterprise)...)
		return s.write(table, c.Format, c.Out)
	})
}

// totalsTable is all pages of a question for totals.
func totalsTable(ctx context.Context, q *postgres.Queries, query projections.TotalsQuery, meta ...tabular.Meta) tabular.Table {
	rows := words.Pages(func(cursor string) (projections.Page[projections.TotalsRow], error) {
		query.Cursor = cursor
		return q.Totals(ctx, query)
	})
	return words.Table("totals", totalsTitle, rows, meta...)
}

type accountCmd struct {
	Year       int    `help:"Only this support year." placeholder:"YEAR"`
	Clause     string `help:"Only this clause." placeholder:"ID"`
	Subject    string `help:"Only this cap subject: an enterprise, a project or an award." placeholder:"ID"`
	Enterprise string `help:"Only accounts that this enterprise is charged on." placeholder:"ID"`
	Moment
	Shape
}

// Run prints the account lines.
func (c *accountCmd) Run(ctx context.Context, s *Settings) error {
	asOf, on, err := c.read()
	if err != nil {
		return err
	}
	if s.Server != "" {
		return writeRemote(ctx, s, "/v1/accounts", remoteTableOf[projections.AccountRow]("accounts", accountsTitle),
			c.meta("support_year", strconv.Itoa(c.Year), "clause", c.Clause, "subject", c.Subject, "enterprise", c.Enterprise),
			[]string{"year", strconv.Itoa(c.Year), "clause", c.Clause, "subject", c.Subject, "enterprise", c.Enterprise, "as_of", c.AsOf, "on", c.On}, c.Shape)
	}
	return s.ask(ctx, func(q *postgres.Queries) error {
		query := projections.AccountsQuery{Year: domain.SupportYear(c.Year), Clause: domain.ClauseID(c.Clause), Subject: c.Subject,
			Enterprise: domain.EnterpriseID(c.Enterprise), AsOf: asOf, On: on, Limit: projections.MaxLimit}
		rows := words.Pages(func(cursor string) (projections.Page[projections.AccountRow], error) {
			query.Cursor = cursor
			return q.Accounts(ctx, query)
		})
		table := words.Table("accounts", accountsTitle, rows,
			c.meta("support_year", strconv.Itoa(c.Year), "clause", c.Clause, "subject", c.Subject, "enterprise", c.Enterprise)...)
		return s.write(table, c.Format, c.Out)
	})
}

// ask opens the infrastructure, brings the projections up to the log's end, and asks them.
func (s *Settings) ask(ctx context.Context, question func(*postgres.Queries) error) error {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	if err := in.projectAll(ctx, s); err != nil {
		return err
	}
	return s.askOn(ctx, in, question)
}

// askOn asks the projections of an infrastructure.
func (s *Settings) askOn(ctx context.Context, in *infrastructure, question func(*postgres.Queries) error) error {
	queries, err := postgres.OpenQueries(ctx, in.databaseURL, nil)
	if err != nil {
		return fmt.Errorf("opening the projections: %w", err)
	}
	defer queries.Close()
	return question(queries)
}
