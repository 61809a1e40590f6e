package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// exact compares amounts and dates as values, and shares by what they are worth.
var exact = cmp.Options{
	cmp.Comparer(func(a, b domain.Money) bool { return a == b }),
	cmp.Comparer(func(a, b domain.Date) bool { return a == b }),
	cmp.Comparer(func(a, b decimal.NullDecimal) bool { return a.Valid == b.Valid && a.Decimal.Equal(b.Decimal) }),
}

func TestTotalsAndAccountsEqualARecount(t *testing.T) {
	for seed := range uint64(6) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			records := projtest.History(seed, 900)
			switch {
			case seed > 3: // applications that live on
				records = projtest.LifeHistory(seed, 900)
			case seed%2 == 1: // bookings and their undoing, recorded out of the order of their days
				records = projtest.LateHistory(seed, 900)
			}
			url := migrated(t)
			project(t, url, records, func(c *postgres.Config) { c.MaxBatch = 1 + int(seed)*97 })
			last := records[len(records)-1]
			now := last.Time.Add(time.Hour)
			q := ask(t, url, now)
			r := recountUpTo(t, records, last.Seq, domain.Date{}, domain.DateIn(now, domain.Shanghai))
			if diff := cmp.Diff(r.totals(), every(t, q, projections.Totals, projections.Ask{}), exact); diff != "" {
				t.Errorf("totals (-recount +asked):\n%s", diff)
			}
			if diff := cmp.Diff(r.accounts(), every(t, q, projections.Accounts, projections.Ask{}), exact); diff != "" {
				t.Errorf("accounts (-recount +asked):\n%s", diff)
			}
		})
	}
}

func TestThePastIsARecountOfItsEvents(t *testing.T) {
	for name, records := range map[string][]eventstore.Record{"in order": projtest.History(42, 900), "out of order": projtest.LateHistory(42, 900), "living on": projtest.LifeHistory(42, 900)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			thePastIsARecount(t, records)
		})
	}
}

func thePastIsARecount(t *testing.T, records []eventstore.Record) {
	url := migrated(t)
	project(t, url, records)
	now := records[len(records)-1].Time.Add(time.Hour)
	q := ask(t, url, now)
	for seq := uint64(1); seq < uint64(len(records)); seq += 61 {
		moment := domain.DateIn(records[seq-1].Time, domain.Shanghai)
		r := recountUpTo(t, records, seq, domain.Date{}, moment)
		if diff := cmp.Diff(r.totals(), every(t, q, projections.Totals, projections.Ask{AsOf: projections.AsOf{Seq: seq}}), exact); diff != "" {
			t.Fatalf("totals as of %d (-recount +asked):\n%s", seq, diff)
		}
		if diff := cmp.Diff(r.accounts(), every(t, q, projections.Accounts, projections.Ask{AsOf: projections.AsOf{Seq: seq}}), exact); diff != "" {
			t.Fatalf("accounts as of %d (-recount +asked):\n%s", seq, diff)
		}
	}
	for _, on := range []domain.Date{domain.DateOf(2025, 4, 20), domain.DateOf(2025, 9, 1), domain.DateOf(2026, 3, 1)} {
		r := recountUpTo(t, records, uint64(len(records)), on, on)
		if diff := cmp.Diff(r.totals(), every(t, q, projections.Totals, projections.Ask{On: on}), exact); diff != "" {
			t.Errorf("totals on %s (-recount +asked):\n%s", on, diff)
		}
		if diff := cmp.Diff(r.accounts(), every(t, q, projections.Accounts, projections.Ask{On: on}), exact); diff != "" {
			t.Errorf("accounts on %s (-recount +asked):\n%s", on, diff)
		}
	}
}
