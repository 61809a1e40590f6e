package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	overviewSumsSQL       = composeOverview("overview_sums", "")
	overviewClausesSQL    = composeOverview("overview_clauses", "")
	overviewAttentionSQL  = composeOverview("overview_attention", "")
	overviewClawbacksSQL  = composeOverview("overview_clawbacks", "list_clawbacks")
	overviewExceptionsSQL = composeOverview("overview_exceptions", "list_exceptions")
	overviewMonthsSQL     = presentAndPast("overview_months")
)

// composeOverview makes a question of the overview, which may be about a list.
func composeOverview(name, list string) variants {
	files := map[string]string{"judged": statement("overview_accounts"), "caps": statement("caps"), "lines": "lines",
		"seq": "{at_seq}::bigint", "day": "{at_day}::date", "on": "{on_day}::date", "list": ""}
	if list != "" {
		files["list"] = statement(list)
	}
	v := variants{present: compose(statement(name), files)}
	files["lines"] = statement("lines_at")
	if list != "" {
		files["list"] = statement(list + "_at")
	}
	v.past = compose(statement(name), files)
	return v
}

// Overview asks how the whole fund stands, of one position. Its questions are aggregates: their answers are bounded by the number of clauses and
// departments and by [projections.AttentionRows].
func (q *Queries) Overview(ctx context.Context, ask projections.OverviewQuery) (projections.Overview, error) {
	var o projections.Overview
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		v := overviewer{tx: tx, m: m, o: &o, values: m.values(projections.MaxLimit)}
		v.begin(ask)
		for _, part := range []func(context.Context) error{v.sums, v.budgets, v.months, v.clauses, v.attention, v.clawbacks, v.exceptions} {
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

// each runs one question and takes its rows.
func (v overviewer) each(ctx context.Context, sql variants, values map[string]any, take func(row pgx.CollectableRow) error) error {
	statement := sql.of(v.m)
	rows, err := v.tx.Query(ctx, statement.sql, statement.args(values)...)
	if err != nil {
		return err
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) { return struct{}{}, take(row) })
	return err
}

func (v overviewer) sums(ctx context.Context) error {
	return v.each(ctx, overviewSumsSQL, v.values, func(row pgx.CollectableRow) error {
		s := &v.o.Sum
		return row.Scan(&s.Applications, (*money)(&s.Requested), (*money)(&s.Approved), (*money)(&s.Outside), (*money)(&s.Paid), (*money)(&s.Returned),
			(*money)(&s.ClawbackOrdered), (*money)(&s.ClawbackWaived), (*money)(&s.RecoveredError), (*money)(&s.RecoveredBreach), (*money)(&s.Interest))
	})
}

// budgets are bounded by the number of clauses and departments.
func (v overviewer) budgets(ctx context.Context) error {
	return v.each(ctx, appropriationsSQL, v.values, func(row pgx.CollectableRow) error {
		r, err := scanAppropriation(row)
		if err != nil {
			return err
		}
		v.o.Budgets = append(v.o.Budgets, r)
		all := &v.o.ByClause
		if r.ScopeKind == "department" {
			all = &v.o.ByDepartment
		}
		if r.Appropriation.Stated {
			*all = domain.Stated(all.Amount.Add(r.Appropriation.Amount))
		}
		return nil
	})
}

func (v overviewer) months(ctx context.Context) error {
	for i := range v.o.Months {
		v.o.Months[i].Month = i + 1
	}
	return v.each(ctx, overviewMonthsSQL, v.values, func(row pgx.CollectableRow) error {
		var r projections.MonthRow
		if err := row.Scan(&r.Month, &r.Payouts, (*money)(&r.Paid), (*money)(&r.Returned)); err != nil {
			return err
		}
		v.o.Months[r.Month-1] = r
		v.o.Paid, v.o.Returned = v.o.Paid.Add(r.Paid), v.o.Returned.Add(r.Returned)
		return nil
	})
}

func (v overviewer) clauses(ctx context.Context) error {
	return v.each(ctx, overviewClausesSQL, v.values, func(row pgx.CollectableRow) error {
		var c projections.ClauseUse
		err := row.Scan(&c.Clause, &c.Name.ZH, &c.Name.EN, &c.Period, &c.Accounts, (*ceiling)(&c.Cap), (*money)(&c.Exceptions), (*money)(&c.Use), (*money)(&c.YearUse),
			(*money)(&c.Paid), (*money)(&c.NetPaid), &c.Near, &c.Full, &c.OverByException, &c.Over)
		v.o.Clauses = append(v.o.Clauses, c)
		return err
	})
}

func (v overviewer) attention(ctx context.Context) error {
	places := map[string]*projections.Attention[projections.AccountUse]{"near": &v.o.Near, "over": &v.o.Over, "over_by_exception": &v.o.OverByException,
		"over_by_amendment": &v.o.OverByAmendment}
	return v.each(ctx, overviewAttentionSQL, v.values, func(row pgx.CollectableRow) error {
		var why string
		var count int64
		var sum domain.Money
		var a projections.AccountUse
		var used share
		err := row.Scan(&why, &count, (*money)(&sum), &a.Clause, &a.SubjectKind, &a.Subject, &a.SubjectName, &a.SupportYear, (*ceiling)(&a.Cap), (*ceiling)(&a.Standing),
			(*money)(&a.Exceptions), (*money)(&a.Use), (*ceiling)(&a.Headroom), (*money)(&a.OverBy), &used, &a.Status)
		if err != nil {
			return err
		}
		a.Utilisation = decimal.NullDecimal(used)
		place := places[why]
		place.Count, place.Sum, place.Rows = count, sum, append(place.Rows, a)
		return nil
	})
}

func (v overviewer) clawbacks(ctx context.Context) error {
	return v.each(ctx, overviewClawbacksSQL, v.whole(), func(row pgx.CollectableRow) error {
		var r projections.ClawbackRow
		a := &v.o.Overdue
		err := row.Scan(append(clawbackFields(&r), &a.Count, (*money)(&a.Sum))...)
		a.Rows = append(a.Rows, r)
		return err
	})
}

func (v overviewer) exceptions(ctx context.Context) error {
	return v.each(ctx, overviewExceptionsSQL, v.whole(), func(row pgx.CollectableRow) error {
		var r projections.ExceptionRow
		a := &v.o.Exceptions
		err := row.Scan(append(exceptionFields(&r), &a.Count, (*money)(&a.Sum))...)
		a.Rows = append(a.Rows, r)
		return err
	})
}

// whole are the parameters of a question about a whole list, of every support year: the list inside has no limit, what comes out of it has.
func (v overviewer) whole() map[string]any {
	return map[string]any{"at_seq": v.values["at_seq"], "at_day": v.values["at_day"], "on_day": v.values["on_day"], "state": "open",
		"overdue_days": v.values["overdue_days"], "most": v.values["most"]}
}
