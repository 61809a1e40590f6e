package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// everyRow collects all pages of a list, by pages of an odd length.
func everyRow[T any](t testing.TB, ask func(projections.ListQuery) (projections.Page[T], error), query projections.ListQuery) []T {
	t.Helper()
	var all []T
	query.Limit = 7
	for {
		page, err := ask(query)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Rows...)
		if query.Cursor = page.Next; query.Cursor == "" {
			return all
		}
	}
}

func TestListsHoldEveryRowOnceAndTheirSumsAreTheTotals(t *testing.T) {
	url := migrated(t)
	project(t, url, projtest.History(9, 900))
	q := ask(t, url, time.Now())
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	count := func(table string) (n int) {
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM fundledger."+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}

	enterprises := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.EnterpriseRow], error) {
		return q.Enterprises(ctx, l)
	}, projections.ListQuery{})
	applications := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.ApplicationRow], error) {
		return q.Applications(ctx, l)
	}, projections.ListQuery{})
	payouts := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.PayoutRow], error) {
		return q.Payouts(ctx, l)
	}, projections.ListQuery{})
	clawbacks := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.ClawbackRow], error) {
		return q.Clawbacks(ctx, l)
	}, projections.ListQuery{})
	journal := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.JournalRow], error) {
		return q.Journal(ctx, l)
	}, projections.ListQuery{})
	for table, got := range map[string]int{"enterprises": len(enterprises), "applications": len(applications), "payouts": len(payouts), "clawbacks": len(clawbacks), "journal": len(journal)} {
		if want := count(table); got != want || want == 0 {
			t.Errorf("%s: %d rows are listed of %d", table, got, want)
		}
	}

	var paid, posted, listed domain.Money
	for _, r := range everyTotal(t, q, projections.TotalsQuery{}) {
		paid = paid.Add(r.Paid)
	}
	for _, r := range journal {
		if r.Kind == "paid" {
			posted = posted.Add(r.Amount)
		}
	}
	for _, r := range payouts {
		listed = listed.Add(r.Amount)
	}
	if posted != paid || listed != paid {
		t.Errorf("paid: totals %s, journal %s, payouts %s", paid, posted, listed)
	}

	one := payouts[len(payouts)/2]
	for _, r := range everyRow(t, func(l projections.ListQuery) (projections.Page[projections.PayoutRow], error) {
		return q.Payouts(ctx, l)
	},
		projections.ListQuery{Enterprise: one.Enterprise, Clause: one.Clause, Year: one.SupportYear}) {
		if r.Enterprise != one.Enterprise || r.Clause != one.Clause || r.SupportYear != one.SupportYear {
			t.Errorf("a filtered list holds %+v", r)
		}
	}
	for _, r := range everyRow(t, func(l projections.ListQuery) (projections.Page[projections.ClawbackRow], error) {
		return q.Clawbacks(ctx, l)
	}, projections.ListQuery{State: "open"}) {
		if !r.Outstanding.Positive() {
			t.Errorf("an open clawback has nothing outstanding: %+v", r)
		}
	}
}

func TestAnEnterpriseIsFoundByTwoCharactersInitialsOrItsCode(t *testing.T) {
	names := map[domain.EnterpriseID]string{}
	url := migrated(t)
	project(t, url, projtest.History(11, 300))
	q := ask(t, url, time.Now())
	for _, r := range everyRow(t, func(l projections.ListQuery) (projections.Page[projections.EnterpriseRow], error) {
		return q.Enterprises(t.Context(), l)
	}, projections.ListQuery{}) {
		names[r.Enterprise] = r.Name
	}
	for id, name := range names {
		runes := []rune(name)
		if len(runes) < 3 {
			continue
		}
		for _, search := range []string{string(runes[:2]), string(runes[1:3]), string(runes[:1]), string(id)[:min(len(id), 6)], name} {
			found := everyRow(t, func(l projections.ListQuery) (projections.Page[projections.EnterpriseRow], error) {
				return q.Enterprises(t.Context(), l)
			}, projections.ListQuery{Search: search})
			seen := false
			for _, r := range found {
				seen = seen || r.Enterprise == id
			}
			if !seen {
				t.Errorf("%q (%s) is not found by %q", name, id, search)
			}
		}
		break
	}
	for _, hostile := range []string{"%", "_", "'", "a' | b", "&&", "的'的", "\\"} {
		if _, err := q.Enterprises(t.Context(), projections.ListQuery{Search: hostile}); err != nil {
			t.Errorf("searching for %q: %v", hostile, err)
		}
	}
}
