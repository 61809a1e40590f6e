package postgres_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// What a filter finds along an index is what it would find if every row were looked at: of each value that there is, now and of the past. The
// history has recoveries that shift, bookings that are reversed and exceptions that are revoked.
func TestAFilterFindsWhatItsColumnSays(t *testing.T) {
	url := migrated(t)
	records := projtest.LateHistory(5, 600)
	project(t, url, records)
	q := ask(t, url, time.Now())
	for _, when := range []projections.AsOf{{}, {Seq: uint64(len(records)) * 2 / 3}} {
		all := every(t, q, projections.Journal, projections.Ask{AsOf: when})
		for filter, of := range map[string]func(projections.JournalRow) string{
			projections.ByApplication.Name: func(r projections.JournalRow) string { return string(r.Application) },
			projections.ByReference.Name:   func(r projections.JournalRow) string { return r.Reference },
			projections.ByKind.Name:        func(r projections.JournalRow) string { return fmt.Sprint(r.Kind) },
		} {
			want := map[string][]projections.JournalRow{}
			for _, r := range all {
				if value := of(r); value != "" {
					want[value] = append(want[value], r)
				}
			}
			if len(want) < 5 {
				t.Fatalf("there are %d values of %s", len(want), filter)
			}
			for i, value := range slices.Sorted(maps.Keys(want)) {
				if len(want) > 60 && i%5 != 0 && len(want[value]) < 2 {
					continue // what has one posting is as any other such
				}
				got := every(t, q, projections.Journal, projections.Ask{AsOf: when, Where: []projections.Condition{{Name: filter, Value: value}}})
				if !reflect.DeepEqual(want[value], got) {
					t.Errorf("as of %v %s=%s: %.1000s, want %.1000s", when, filter, value, fmt.Sprint(got), fmt.Sprint(want[value]))
				}
			}
		}
		paid := map[string][]projections.PayoutRow{}
		for _, r := range every(t, q, projections.Payouts, projections.Ask{AsOf: when}) {
			paid[r.Subject] = append(paid[r.Subject], r)
		}
		for subject, want := range paid {
			got := every(t, q, projections.Payouts, projections.Ask{AsOf: when, Where: []projections.Condition{projections.BySubject.Is(subject)}})
			if !reflect.DeepEqual(want, got) {
				t.Errorf("as of %v payouts of %s: %.1000s, want %.1000s", when, subject, fmt.Sprint(got), fmt.Sprint(want))
			}
		}
		rare := projections.ByKind.Is([]string{"returned", "interest"})
		var want []projections.JournalRow
		for _, r := range all {
			if kind := fmt.Sprint(r.Kind); kind == "returned" || kind == "interest" {
				want = append(want, r)
			}
		}
		if got := every(t, q, projections.Journal, projections.Ask{AsOf: when, Where: []projections.Condition{rare}}); !reflect.DeepEqual(want, got) || len(got) == 0 {
			t.Errorf("two kinds: %d rows of %d", len(got), len(want))
		}
	}
}

// The accounts of an enterprise are those that any of its lines is on, with all that others have on them.
func TestAnEnterprisesAccountsAreThoseOfItsLines(t *testing.T) {
	url := migrated(t)
	records := projtest.History(5, 700)
	project(t, url, records)
	q := ask(t, url, time.Now())
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, when := range []projections.AsOf{{}, {Seq: uint64(len(records)) / 2}} {
		all := every(t, q, projections.Accounts, projections.Ask{AsOf: when})
		on := map[string]map[string]bool{} // accounts, by enterprise
		found, err := conn.Query(t.Context(), "SELECT enterprise, clause || ' ' || subject_kind || ' ' || subject FROM fundledger.lines WHERE enterprise <> '' AND ($1::bigint = 0 OR first_seq <= $1)", when.Seq)
		if err != nil {
			t.Fatal(err)
		}
		var enterprise, account string
		if _, err := pgx.ForEachRow(found, []any{&enterprise, &account}, func() error {
			if on[enterprise] == nil {
				on[enterprise] = map[string]bool{}
			}
			on[enterprise][account] = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for enterprise, accounts := range on {
			var want []projections.AccountRow
			for _, r := range all {
				if accounts[fmt.Sprintf("%s %s %s", r.Clause, r.SubjectKind, r.Subject)] {
					want = append(want, r)
				}
			}
			got := every(t, q, projections.Accounts, projections.Ask{AsOf: when, Where: []projections.Condition{{Name: projections.ByEnterprise.Name, Value: enterprise}}})
			if len(want)+len(got) > 0 && !reflect.DeepEqual(want, got) {
				t.Errorf("as of %v %s: %.1000s, want %.1000s", when, enterprise, fmt.Sprint(got), fmt.Sprint(want))
			}
		}
	}
}
