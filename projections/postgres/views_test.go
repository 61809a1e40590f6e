package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// Analysts read what the queries answer, in both languages, and nothing else.
func TestAnalystsSeeTheSameTotalsAndOnlyTheViews(t *testing.T) {
	url, records := migrated(t), projtest.History(3, 600)
	project(t, url, records)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())

	q := ask(t, url, time.Now())
	totals := everyTotal(t, q, projections.TotalsQuery{})
	var n int
	var use, limit string
	if err := conn.QueryRow(t.Context(), "SELECT count(*), sum(use)::text, coalesce(sum(annual_limit), 0)::text FROM analyst.v_totals").Scan(&n, &use, &limit); err != nil {
		t.Fatal(err)
	}
	wantUse, wantLimit := totals[0].Use.Sub(totals[0].Use), totals[0].Use.Sub(totals[0].Use)
	for _, row := range totals {
		wantUse, wantLimit = wantUse.Add(row.Use), wantLimit.Add(row.AnnualLimit.Amount)
	}
	if n != len(totals) || use != wantUse.String() || limit != wantLimit.String() && !wantLimit.IsZero() {
		t.Errorf("v_totals: %d rows, use %s, limit %s; the query: %d, %s, %s", n, use, limit, len(totals), wantUse, wantLimit)
	}

	rows, err := conn.Query(t.Context(), `SELECT c.table_name || '.' || c.column_name, coalesce(col_description((c.table_schema || '.' || c.table_name)::regclass, c.ordinal_position), '')
		FROM information_schema.columns c WHERE c.table_schema = 'analyst' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	comments, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Name, Comment string }])
	if err != nil || len(comments) < 150 {
		t.Fatalf("%d columns are listed: %v", len(comments), err)
	}
	for _, c := range comments {
		if !strings.Contains(c.Comment, " / ") {
			t.Errorf("%s is commented %q, not in both languages", c.Name, c.Comment)
		}
	}

	if _, err := conn.Exec(t.Context(), "SET ROLE "+postgres.Readers); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM analyst.v_journal").Scan(&n); err != nil || n == 0 {
		t.Errorf("a reader sees %d journal rows: %v", n, err)
	}
	for _, forbidden := range []string{"SELECT * FROM fundledger.journal", "DELETE FROM analyst.v_payouts", "CREATE TABLE analyst.mine (x int)", "DROP VIEW analyst.v_totals"} {
		if _, err := conn.Exec(t.Context(), forbidden); err == nil {
			t.Errorf("a reader may %s", forbidden)
		}
	}
}
