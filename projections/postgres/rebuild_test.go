package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

func TestARebuildOfUntouchedTablesDiffersInNothing(t *testing.T) {
	url, records := migrated(t), projtest.History(5, 900)
	log := projtest.NewLog(records)
	live := start(t, url, log) // goes on while the tables are swapped under it
	await(t, live, uint64(len(records)))
	before := every(t, ask(t, url, time.Now()), projections.Totals, projections.Ask{})
	differences, err := postgres.Rebuild(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog})
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for _, d := range differences {
		rows += d.Rows
		if d.Differs() {
			t.Errorf("%+v", d)
		}
	}
	if len(differences) < 15 || rows < 900 {
		t.Errorf("%d tables with %d rows were compared", len(differences), rows)
	}
	if diff := cmp.Diff(before, every(t, ask(t, url, time.Now()), projections.Totals, projections.Ask{}), exact); diff != "" {
		t.Errorf("totals before and after:\n%s", diff)
	}
}

func TestARebuildFindsATamperedRowAndMendsIt(t *testing.T) {
	url, records := migrated(t), crowded(6, 600)
	log := projtest.NewLog(records)
	project(t, url, records)
	before := every(t, ask(t, url, time.Now()), projections.Totals, projections.Ask{})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, forgery := range []string{
		"UPDATE fundledger.lines SET paid = paid + 1000000 WHERE id = 1",
		"DELETE FROM fundledger.payouts WHERE id = (SELECT min(id) FROM fundledger.payouts)",
		"ALTER TABLE fundledger.journal DISABLE TRIGGER ALL; UPDATE fundledger.journal SET amount = amount + 1 WHERE (seq, n) = (SELECT seq, n FROM fundledger.journal ORDER BY seq, n LIMIT 1)",
		"ALTER TABLE fundledger.crossings DISABLE TRIGGER ALL; DELETE FROM fundledger.crossings WHERE (seq, place) = (SELECT seq, place FROM fundledger.crossings ORDER BY seq, place LIMIT 1)",
		"INSERT INTO fundledger.crossings VALUES (599, 9, 'enterprise', 'E-1', '1', 2025, 'ok', 'over', 1, 0, 2)",
	} {
		if _, err := conn.Exec(t.Context(), forgery); err != nil {
			t.Fatal(err)
		}
	}
	for _, way := range []struct {
		name string
		look func(context.Context, postgres.Config) ([]projections.Difference, error)
	}{{"a dry run", postgres.Compare}, {"a rebuild", postgres.Rebuild}} {
		differences, err := way.look(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string][3]int64{}
		for _, d := range differences {
			if d.Differs() {
				found[d.Table] = [3]int64{d.Changed, d.Added, d.Missing}
			}
			if d.Differs() != (len(d.Cells) > 0) {
				t.Errorf("%s shows %v", d.Table, d.Cells)
			}
		}
		if want := map[string][3]int64{"lines": {1, 0, 0}, "payouts": {0, 0, 1}, "journal": {1, 0, 0}, "crossings": {0, 1, 1}}; cmp.Diff(want, found) != "" {
			t.Errorf("%s found %v, want %v", way.name, found, want)
		}
	}
	if diff := cmp.Diff(before, every(t, ask(t, url, time.Now()), projections.Totals, projections.Ask{}), exact); diff != "" {
		t.Errorf("totals before the forgery and after the rebuild:\n%s", diff)
	}
}

func TestTheJournalCannotBeChanged(t *testing.T) {
	url := migrated(t)
	project(t, url, projtest.History(7, 200))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, change := range []string{"UPDATE fundledger.journal SET amount = 1", "DELETE FROM fundledger.journal", "TRUNCATE fundledger.journal", "UPDATE fundledger.events SET actor = 'x'"} {
		if _, err := conn.Exec(t.Context(), change); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", change, err)
		}
	}
}
