package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	enterprisesSQL  = compose(statement("list_enterprises"), nil)
	applicationsSQL = compose(statement("list_applications"), nil)
	payoutsSQL      = compose(statement("list_payouts"), nil)
	clawbacksSQL    = compose(statement("list_clawbacks"), nil)
	journalSQL      = compose(statement("list_journal"), nil)
)

// list asks for a page of details.
func list[T any](ctx context.Context, q *Queries, sql query, ask projections.ListQuery, keys []any, scan pgx.RowToFunc[T], key func(T) string) (projections.Page[T], error) {
	var p projections.Page[T]
	err := q.read(ctx, projections.AsOf{}, domain.Date{}, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		filter(values, "enterprise", string(ask.Enterprise))
		filter(values, "application", string(ask.Application))
		filter(values, "clause", string(ask.Clause))
		filter(values, "year", int64(ask.Year))
		filter(values, "state", ask.State)
		filter(values, "kind", ask.Kind)
		search(values, strings.TrimSpace(ask.Search))
		if err := after(values, ask.Cursor, keys...); err != nil {
			return err
		}
		found, err := tx.Query(ctx, sql.sql, sql.args(values)...)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, scan)
		p = page(rows, ask.Limit, m.seq, key)
		return err
	})
	return p, err
}

// search adds the parameters that find an enterprise: pairs of characters, one character, or initials and the code's beginning.
func search(values map[string]any, text string) {
	plain := strings.IndexFunc(text, func(r rune) bool { return r > 0x7f }) < 0
	switch pairs := pairsOf(text); {
	case text == "":
	case plain:
		values["initials"] = "%" + likeEscaper.Replace(strings.ToLower(text)) + "%"
		values["code"] = likeEscaper.Replace(strings.ToUpper(text)) + "%"
	case utf8.RuneCountInString(text) < 2 || len(pairs) == 0:
		values["part"] = "%" + likeEscaper.Replace(text) + "%"
	default:
		for i, pair := range pairs {
			pairs[i] = "'" + strings.ReplaceAll(pair, "'", "''") + "'"
		}
		values["pairs"] = strings.Join(pairs, " & ")
	}
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Enterprises lists enterprises by name.
func (q *Queries) Enterprises(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.EnterpriseRow], error) {
	p, err := list(ctx, q, enterprisesSQL, ask, []any{"", ""}, func(row pgx.CollectableRow) (r projections.EnterpriseRow, err error) {
		return r, row.Scan(&r.Enterprise, &r.Name, &r.Industry, &r.CreditRestricted, &r.Admitted, &r.Applications, (*money)(&r.Approved), (*money)(&r.Paid), (*money)(&r.NetPaid))
	}, func(r projections.EnterpriseRow) string { return cursor(r.Name, r.Enterprise) })
	return p, wrapped("enterprises", err)
}

// Applications lists applications by id.
func (q *Queries) Applications(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.ApplicationRow], error) {
	p, err := list(ctx, q, applicationsSQL, ask, []any{""}, func(row pgx.CollectableRow) (r projections.ApplicationRow, err error) {
		return r, row.Scan(&r.Application, &r.Enterprise, &r.EnterpriseName, &r.Clause, &r.ViaClause, &r.Subject, &r.Title, &r.State, &r.Suspended,
			(*date)(&r.SubmittedOn), (*date)(&r.ApprovedOn), &r.Department, (*money)(&r.Requested), (*money)(&r.Approved), (*money)(&r.Paid), (*money)(&r.Returned))
	}, func(r projections.ApplicationRow) string { return cursor(r.Application) })
	return p, wrapped("applications", err)
}

// Payouts lists payouts by id.
func (q *Queries) Payouts(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.PayoutRow], error) {
	p, err := list(ctx, q, payoutsSQL, ask, []any{""}, func(row pgx.CollectableRow) (r projections.PayoutRow, err error) {
		return r, row.Scan(&r.Payout, &r.Application, &r.Enterprise, &r.EnterpriseName, &r.Clause, &r.Subject, &r.SupportYear, &r.BudgetYear, (*date)(&r.PaidOn),
			&r.Voucher, &r.Booked, (*money)(&r.Amount), (*money)(&r.Returned), (*money)(&r.ClawbackOrdered), (*money)(&r.ClawbackWaived), (*money)(&r.Recovered), &r.Seq)
	}, func(r projections.PayoutRow) string { return cursor(r.Payout) })
	return p, wrapped("payouts", err)
}

// Clawbacks lists clawbacks from the oldest order on; State "open" leaves out those with nothing outstanding.
func (q *Queries) Clawbacks(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.ClawbackRow], error) {
	p, err := list(ctx, q, clawbacksSQL, ask, []any{"", ""}, func(row pgx.CollectableRow) (r projections.ClawbackRow, err error) {
		return r, row.Scan(&r.Clawback, &r.Payout, &r.Application, &r.Enterprise, &r.EnterpriseName, &r.Clause, &r.SupportYear, &r.Cause, (*date)(&r.OrderedOn),
			&r.AgeDays, (*money)(&r.Ordered), (*money)(&r.Waived), (*money)(&r.Recovered), (*money)(&r.Interest), (*money)(&r.Outstanding), &r.Reason, &r.Seq)
	}, func(r projections.ClawbackRow) string { return cursor(r.OrderedOn.String(), r.Clawback) })
	return p, wrapped("clawbacks", err)
}

// Journal lists postings in the order of the log.
func (q *Queries) Journal(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.JournalRow], error) {
	p, err := list(ctx, q, journalSQL, ask, []any{int64(0), int64(0)}, func(row pgx.CollectableRow) (r projections.JournalRow, err error) {
		var ns int64
		err = row.Scan(&r.Seq, &r.N, &ns, (*date)(&r.BusinessDate), &r.Enterprise, &r.Clause, &r.ViaClause, &r.SubjectKind, &r.Subject, &r.SupportYear, &r.Kind,
			(*money)(&r.Amount), &r.Application, &r.Reference, &r.EventType, &r.Actor)
		r.RecordedAt = time.Unix(0, ns).UTC()
		return r, err
	}, func(r projections.JournalRow) string { return cursor(r.Seq, r.N) })
	return p, wrapped("the journal", err)
}

func wrapped(what string, err error) error {
	if err != nil {
		return fmt.Errorf("asking for %s: %w", what, err)
	}
	return nil
}
