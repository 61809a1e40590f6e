package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// accountsInOrder is what the file of accounts is completed with where they are listed one after another.
var accountsInOrder = map[string]string{"also": "", "page_order": "ORDER BY l.clause, l.subject_kind, l.subject, l.support_year {limit}",
	"order": "ORDER BY f.clause, f.subject_kind, f.subject, f.support_year"}

var (
	totalsSQL   = compose2("totals", nil)
	accountsSQL = compose2("accounts", accountsInOrder)
	// What is left is judged before any line is left out, and where no cap is stated the greatest use comes first.
	nearestSQL = compose2("accounts", map[string]string{"also": ", count(*) OVER ()", "page_order": "",
		"order": "ORDER BY f.cap + f.exceptions - f.judged NULLS LAST, f.judged DESC, f.clause, f.subject_kind, f.subject, f.support_year {limit}"})
)

// Totals lists enterprises' yearly lines, by enterprise, clause and support year.
func (q *Queries) Totals(ctx context.Context, ask projections.TotalsQuery) (projections.Page[projections.TotalsRow], error) {
	var p projections.Page[projections.TotalsRow]
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		filter(values, "enterprise", string(ask.Enterprise))
		filter(values, "clause", string(ask.Clause))
		filter(values, "year", int64(ask.Year))
		if err := after(values, ask.Cursor, "", "", int64(0)); err != nil {
			return err
		}
		sql := totalsSQL.of(m)
		found, err := tx.Query(ctx, sql.sql, sql.args(values)...)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, scanTotals)
		p = page(rows, ask.Limit, m.seq, func(r projections.TotalsRow) string {
			return cursor(r.Enterprise, r.Clause, r.SupportYear)
		})
		return err
	})
	if err != nil {
		return p, fmt.Errorf("asking for totals: %w", err)
	}
	return p, nil
}

func scanTotals(row pgx.CollectableRow) (projections.TotalsRow, error) {
	var r projections.TotalsRow
	var utilisation share
	err := row.Scan(&r.Enterprise, &r.EnterpriseName, &r.Clause, &r.SupportYear, &r.Applications, (*money)(&r.Requested), (*money)(&r.Approved),
		(*money)(&r.Paid), (*money)(&r.Returned), (*money)(&r.ClawbackOrdered), (*money)(&r.ClawbackWaived), (*money)(&r.RecoveredError),
		(*money)(&r.RecoveredBreach), (*money)(&r.NetPaid), (*ceiling)(&r.AnnualLimit), (*money)(&r.Exceptions), (*money)(&r.Use),
		(*ceiling)(&r.Headroom), &utilisation, &r.Status)
	r.Utilisation = decimal.NullDecimal(utilisation)
	return r, err
}

// Accounts lists account lines, by clause, subject and support year.
func (q *Queries) Accounts(ctx context.Context, ask projections.AccountsQuery) (projections.Page[projections.AccountRow], error) {
	var p projections.Page[projections.AccountRow]
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		filter(values, "enterprise", string(ask.Enterprise))
		filter(values, "clause", string(ask.Clause))
		filter(values, "subject", ask.Subject)
		filter(values, "year", int64(ask.Year))
		if err := after(values, ask.Cursor, "", "", "", int64(0)); err != nil {
			return err
		}
		sql := accountsSQL.of(m)
		found, err := tx.Query(ctx, sql.sql, sql.args(values)...)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, scanAccountOnly)
		p = page(rows, ask.Limit, m.seq, func(r projections.AccountRow) string {
			return cursor(r.Clause, r.SubjectKind, r.Subject, r.SupportYear)
		})
		return err
	})
	if err != nil {
		return p, fmt.Errorf("asking for accounts: %w", err)
	}
	return p, nil
}

// Nearest lists the account lines with the least left of their caps, however many are asked about: it goes through all of them.
func (q *Queries) Nearest(ctx context.Context, ask projections.NearestQuery) (projections.Nearest, error) {
	var n projections.Nearest
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		values["limit_rows"] = projections.Limit(ask.Limit)
		filter(values, "clause", string(ask.Clause))
		filter(values, "year", int64(ask.Year))
		sql := nearestSQL.of(m)
		found, err := tx.Query(ctx, sql.sql, sql.args(values)...)
		if err != nil {
			return err
		}
		n.Seq = m.seq
		n.Rows, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (projections.AccountRow, error) { return scanAccount(row, &n.All) })
		return err
	})
	if err != nil {
		return n, fmt.Errorf("asking for the accounts nearest to their caps: %w", err)
	}
	return n, nil
}

// scanAccount reads a row, and what else it has.
func scanAccount(row pgx.CollectableRow, also ...any) (projections.AccountRow, error) {
	var r projections.AccountRow
	var subject domain.SubjectKind
	err := row.Scan(append([]any{&r.Clause, &subject, &r.Subject, &r.SupportYear, (*ceiling)(&r.Cap), (*money)(&r.Exceptions), (*money)(&r.Committed),
		(*money)(&r.Paid), (*money)(&r.NetPaid), (*money)(&r.Use), (*ceiling)(&r.Headroom), &r.Status}, also...)...)
	r.SubjectKind = subject
	return r, err
}

func scanAccountOnly(row pgx.CollectableRow) (projections.AccountRow, error) { return scanAccount(row) }
