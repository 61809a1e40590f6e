package postgres

import (
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	overviewSumsSQL       = question("overview_sums")
	overviewMonthsSQL     = question("overview_months")
	overviewAccountsSQL   = question("overview_accounts")
	overviewClawbacksSQL  = question("overview_clawbacks")
	overviewExceptionsSQL = question("overview_exceptions")
)

// Overview asks how the whole fund stands, of one position. Its questions are aggregates: their answers are bounded by the number of clauses and
// departments and by [projections.AttentionRows].
func (q *Queries) Overview(ctx context.Context, ask projections.OverviewQuery) (projections.Overview, error) {
	var o projections.Overview
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		v := overviewer{tx: tx, m: m, o: &o, values: map[string]any{}}
		m.fill(v.values, projections.MaxLimit)
		v.begin(ask)
		for _, part := range []func(context.Context) error{v.sums, v.budgets, v.months, v.accounts, v.clawbacks, v.exceptions} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return projections.Overview{}, fmt.Errorf("asking for the overview: %w", err)
	}
	return o, nil
}

// overviewer asks the questions of an overview in one snapshot.
type overviewer struct {
	tx     pgx.Tx
	m      moment
	values map[string]any
	o      *projections.Overview
}

func (v overviewer) begin(ask projections.OverviewQuery) {
	*v.o = projections.Overview{Seq: v.m.seq, Day: v.m.day, BudgetYear: ask.BudgetYear, SupportYear: ask.SupportYear}
	if v.o.BudgetYear == 0 {
		v.o.BudgetYear = v.m.day.Year()
	}
	overdue := ask.OverdueDays
	if overdue <= 0 {
		overdue = projections.OverdueDays
	}
	filter(v.values, "year", int64(ask.SupportYear))
	v.values["budget_year"], v.values["overdue_days"], v.values["most"] = int64(v.o.BudgetYear), int64(overdue), int64(projections.AttentionRows)
	v.values["state"] = "open" // of clawbacks and exceptions
}

// rowsOf runs one of an overview's questions.
func rowsOf[T any](ctx context.Context, v overviewer, sql variants, values map[string]any) ([]T, error) {
	statement := sql.of(v.m)
	found, err := v.tx.Query(ctx, statement.sql, statement.args(values)...)
	if err != nil {
		return nil, err
	}
	return byName[T](found)
}

func (v overviewer) sums(ctx context.Context) error {
	rows, err := rowsOf[projections.OverviewSum](ctx, v, overviewSumsSQL, v.values)
	if err != nil {
		return err
	}
	v.o.Sum = rows[0]
	if v.o.SupportYear == 0 {
		return nil
	}
	before := maps.Clone(v.values)
	before["year"] = int64(v.o.SupportYear) - 1
	if rows, err = rowsOf[projections.OverviewSum](ctx, v, overviewSumsSQL, before); err == nil {
		v.o.Before = rows[0]
	}
	return err
}

// budgets are bounded by the number of clauses and departments.
func (v overviewer) budgets(ctx context.Context) error {
	values := map[string]any{projections.ByBudgetYear.Name: v.values["budget_year"]}
	p, err := pageOf(ctx, v.tx, v.m, projections.Appropriations.List, orderOf(projections.Appropriations.List, ""), projections.Ask{Limit: projections.MaxLimit}, values)
	for _, row := range p.Rows {
		r := row.(projections.AppropriationRow)
		v.o.Budgets = append(v.o.Budgets, r)
		all := &v.o.ByClause
		switch r.ScopeKind {
		case domain.ScopeDepartment:
			all = &v.o.ByDepartment
		case domain.ScopeClause:
		default:
			continue
		}
		if r.Appropriation.Stated {
			*all = domain.Stated(all.Amount.Add(r.Appropriation.Amount))
		}
	}
	return err
}

func (v overviewer) months(ctx context.Context) error {
	for back, months := range []*[12]projections.MonthRow{&v.o.Months, &v.o.MonthsBefore} {
		values := maps.Clone(v.values)
		values["budget_year"] = int64(v.o.BudgetYear - back)
		for i := range months {
			months[i].Month = i + 1
		}
		rows, err := rowsOf[projections.MonthRow](ctx, v, overviewMonthsSQL, values)
		if err != nil {
			return err
		}
		for _, r := range rows {
			months[r.Month-1] = r
		}
	}
	for _, r := range v.o.Months {
		v.o.Paid, v.o.Returned = v.o.Paid.Add(r.Paid), v.o.Returned.Add(r.Returned)
	}
	return nil
}

// judgedRow is a clause's use, or an account that needs attention: why, and how many there are of it.
type judgedRow struct {
	Why       string // "": it is a clause
	AllOfThem int64  // accounts
	AllOverBy domain.Money
	Place     int64
	projections.AccountUse

	Name                              domain.Text // of a clause, as all that follows
	Period                            domain.Period
	YearUse, Paid, NetPaid            domain.Money
	Near, Full, OverByException, Over int64
}

// accounts are how the accounts stand, by clause, and those that need attention.
func (v overviewer) accounts(ctx context.Context) error {
	places := map[string]*projections.Attention[projections.AccountUse]{"near": &v.o.Near, "over": &v.o.Over, "over_by_exception": &v.o.OverByException,
		"over_by_amendment": &v.o.OverByAmendment}
	v.o.Clauses = []projections.ClauseUse{}
	rows, err := rowsOf[judgedRow](ctx, v, overviewAccountsSQL, v.values)
	for _, r := range rows {
		if r.Why == "" {
			v.o.Clauses = append(v.o.Clauses, projections.ClauseUse{Clause: r.Clause, Name: r.Name, Period: r.Period, Accounts: r.AllOfThem, Cap: r.Cap, Exceptions: r.Exceptions,
				Use: r.Use, YearUse: r.YearUse, Paid: r.Paid, NetPaid: r.NetPaid, Near: r.Near, Full: r.Full, OverByException: r.OverByException, Over: r.Over})
			continue
		}
		place := places[r.Why]
		place.Count, place.Sum, place.Rows = r.AllOfThem, r.AllOverBy, append(place.Rows, r.AccountUse)
	}
	return err
}

func (v overviewer) clawbacks(ctx context.Context) error {
	rows, err := rowsOf[struct {
		projections.ClawbackRow
		Count int64
		Sum   domain.Money
	}](ctx, v, overviewClawbacksSQL, v.whole())
	for _, r := range rows {
		v.o.Overdue.Count, v.o.Overdue.Sum, v.o.Overdue.Rows = r.Count, r.Sum, append(v.o.Overdue.Rows, r.ClawbackRow)
	}
	return err
}

func (v overviewer) exceptions(ctx context.Context) error {
	rows, err := rowsOf[struct {
		projections.ExceptionRow
		Count int64
		Sum   domain.Money
	}](ctx, v, overviewExceptionsSQL, v.whole())
	for _, r := range rows {
		v.o.Exceptions.Count, v.o.Exceptions.Sum, v.o.Exceptions.Rows = r.Count, r.Sum, append(v.o.Exceptions.Rows, r.ExceptionRow)
	}
	return err
}

// whole are the parameters of a question about a whole list, of every support year: the list inside has no limit, what comes out of it has.
func (v overviewer) whole() map[string]any {
	return map[string]any{"at_seq": v.values["at_seq"], "at_day": v.values["at_day"], "on_day": v.values["on_day"], "state": "open",
		"overdue_days": v.values["overdue_days"], "most": v.values["most"]}
}
