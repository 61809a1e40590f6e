package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// every collects all rows of a list, by pages of an odd length.
func every[T any](t testing.TB, q *postgres.Queries, of projections.Question[T], ask projections.Ask) []T {
	t.Helper()
	all := []T{}
	ask.Limit = 7
	for row, err := range of.Every(t.Context(), q, ask) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
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

	enterprises := every(t, q, projections.Enterprises, projections.Ask{})
	applications := every(t, q, projections.Applications, projections.Ask{})
	payouts := every(t, q, projections.Payouts, projections.Ask{})
	clawbacks := every(t, q, projections.Clawbacks, projections.Ask{})
	journal := every(t, q, projections.Journal, projections.Ask{})
	for table, got := range map[string]int{"enterprises": len(enterprises), "applications": len(applications), "payouts": len(payouts), "clawbacks": len(clawbacks), "journal": len(journal)} {
		if want := count(table); got != want || want == 0 {
			t.Errorf("%s: %d rows are listed of %d", table, got, want)
		}
	}

	var paid, posted, listed domain.Money
	for _, r := range every(t, q, projections.Totals, projections.Ask{}) {
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
	for _, r := range every(t, q, projections.Payouts, projections.Where(projections.ByEnterprise.Is(one.Enterprise), projections.ByClause.Is(one.Clause), projections.ByYear.Is(one.SupportYear))) {
		if r.Enterprise != one.Enterprise || r.Clause != one.Clause || r.SupportYear != one.SupportYear {
			t.Errorf("a filtered list holds %+v", r)
		}
	}
	for _, r := range every(t, q, projections.Clawbacks, projections.Where(projections.ByOutstanding.Is("open"))) {
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
	for _, r := range every(t, q, projections.Enterprises, projections.Ask{}) {
		names[r.Enterprise] = r.Name
	}
	for id, name := range names {
		runes := []rune(name)
		if len(runes) < 3 {
			continue
		}
		for _, search := range []string{string(runes[:2]), string(runes[1:3]), string(runes[:1]), string(id)[:min(len(id), 6)], name} {
			found := every(t, q, projections.Enterprises, projections.Where(projections.BySearch.Is(search)))
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
		if _, err := projections.Enterprises.Page(t.Context(), q, projections.Where(projections.BySearch.Is(hostile))); err != nil {
			t.Errorf("searching for %q: %v", hostile, err)
		}
	}
}
