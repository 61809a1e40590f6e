package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

var (
	enterprisesSQL    = presentOnly("list_enterprises")
	applicationsSQL   = presentOnly("list_applications")
	payoutsSQL        = presentAndPast("list_payouts")
	clawbacksSQL      = presentAndPast("list_clawbacks")
	recoveriesSQL     = presentAndPast("list_recoveries")
	exceptionsSQL     = presentAndPast("list_exceptions")
	appropriationsSQL = presentAndPast("list_appropriations")
	journalSQL        = variants{present: compose(statement("list_journal"), nil), past: compose(statement("list_journal"), nil)}
)

// presentOnly is a list of what is kept as it is now.
func presentOnly(name string) variants { return variants{present: compose(statement(name), nil)} }

// presentAndPast is a list that the journal can answer for any moment.
func presentAndPast(name string) variants {
	return variants{present: compose(statement(name), nil), past: compose(statement(name+"_at"), nil)}
}

// list asks for a page of details.
func list[T any](ctx context.Context, q *Queries, sql variants, ask projections.ListQuery, keys []any, scan pgx.RowToFunc[T], key func(T) string) (projections.Page[T], error) {
	var p projections.Page[T]
	if sql.past.sql == "" && (!ask.AsOf.IsZero() || !ask.On.IsZero()) {
		return p, projections.ErrPresentOnly
	}
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		filterList(values, ask)
		if err := after(values, ask.Cursor, keys...); err != nil {
			return err
		}
		statement := sql.of(m)
		found, err := tx.Query(ctx, statement.sql, statement.args(values)...)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, scan)
		p = page(rows, ask.Limit, m.seq, key)
		return err
	})
	return p, err
}

// filterList adds the parameters that a list is filtered by.
func filterList(values map[string]any, ask projections.ListQuery) {
	filter(values, "enterprise", string(ask.Enterprise))
	filter(values, "application", string(ask.Application))
	filter(values, "clause", string(ask.Clause))
	filter(values, "year", int64(ask.Year))
	filter(values, "state", ask.State)
	filter(values, "payout", string(ask.Payout))
	filter(values, "clawback", string(ask.Clawback))
	filter(values, "recovery", string(ask.Recovery))
	filter(values, "exception", string(ask.Exception))
	filter(values, "subject_kind", string(ask.SubjectKind))
	filter(values, "subject", ask.Subject)
	filter(values, "reference", ask.Reference)
	filter(values, "event", int64(ask.Event))
	filter(values, "budget_year", int64(ask.BudgetYear))
	filter(values, "budget_clause", string(ask.BudgetClause))
	filter(values, "budget_department", string(ask.BudgetDepartment))
	if ask.SupportYear != nil {
		values["support_year"] = int64(*ask.SupportYear)
	}
	kinds := ask.Kinds
	if ask.Kind != "" {
		kinds = []string{ask.Kind}
	}
	if len(kinds) > 0 {
		values["kinds"] = kinds
	}
	search(values, strings.TrimSpace(ask.Search))
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
		return r, row.Scan(clawbackFields(&r)...)
	}, func(r projections.ClawbackRow) string { return cursor(r.OrderedOn.String(), r.Clawback) })
	return p, wrapped("clawbacks", err)
}

// Recoveries lists recoveries by id; State "reversed" are those taken back, "standing" the others.
func (q *Queries) Recoveries(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.RecoveryRow], error) {
	p, err := list(ctx, q, recoveriesSQL, ask, []any{""}, func(row pgx.CollectableRow) (r projections.RecoveryRow, err error) {
		return r, row.Scan(&r.Recovery, &r.Clawback, &r.Payout, &r.Application, &r.Enterprise, &r.EnterpriseName, &r.Clause, &r.SubjectKind, &r.Subject, &r.SupportYear,
			&r.Cause, (*date)(&r.ReceivedOn), &r.Booked, (*money)(&r.Amount), (*money)(&r.Interest), &r.Reversed, (*date)(&r.ReversedOn), &r.ReversedReason, &r.Seq)
	}, func(r projections.RecoveryRow) string { return cursor(r.Recovery) })
	return p, wrapped("recoveries", err)
}

// Exceptions lists exceptions by id; State "open" leaves out those that are wholly revoked.
func (q *Queries) Exceptions(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.ExceptionRow], error) {
	p, err := list(ctx, q, exceptionsSQL, ask, []any{""}, func(row pgx.CollectableRow) (r projections.ExceptionRow, err error) {
		return r, row.Scan(exceptionFields(&r)...)
	}, func(r projections.ExceptionRow) string { return cursor(r.Exception) })
	return p, wrapped("exceptions", err)
}

// Appropriations lists what each clause and department may pay in a budget year and what was paid of it, also where no appropriation is set.
func (q *Queries) Appropriations(ctx context.Context, ask projections.ListQuery) (projections.Page[projections.AppropriationRow], error) {
	p, err := list(ctx, q, appropriationsSQL, ask, []any{int64(0), "", ""}, scanAppropriation, func(r projections.AppropriationRow) string { return cursor(r.BudgetYear, r.ScopeKind, r.Scope) })
	return p, wrapped("appropriations", err)
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

func clawbackFields(r *projections.ClawbackRow) []any {
	return []any{&r.Clawback, &r.Payout, &r.Application, &r.Enterprise, &r.EnterpriseName, &r.Clause, &r.SupportYear, &r.Cause, (*date)(&r.OrderedOn),
		&r.AgeDays, (*money)(&r.Ordered), (*money)(&r.Waived), (*money)(&r.Recovered), (*money)(&r.Interest), (*money)(&r.Outstanding), &r.Reason, &r.Seq}
}

func exceptionFields(r *projections.ExceptionRow) []any {
	return []any{&r.Exception, &r.Clause, &r.SubjectKind, &r.Subject, &r.SupportYear, (*money)(&r.Amount), (*money)(&r.Revoked), (*money)(&r.InForce),
		&r.Document, (*date)(&r.GrantedOn), &r.GrantedBy, &r.Seq}
}

func scanAppropriation(row pgx.CollectableRow) (r projections.AppropriationRow, err error) {
	return r, row.Scan(&r.BudgetYear, &r.ScopeKind, &r.Scope, (*ceiling)(&r.Appropriation), (*money)(&r.Paid), (*ceiling)(&r.Remaining), &r.Document, (*date)(&r.SetOn), &r.Seq)
}

func wrapped(what string, err error) error {
	if err != nil {
		return fmt.Errorf("asking for %s: %w", what, err)
	}
	return nil
}
