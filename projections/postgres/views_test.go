package postgres_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/words"
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
	totals := every(t, q, projections.Totals, projections.Ask{})
	seen, err := collect(t, conn, "SELECT (v::text) FROM analyst.v_totals v")
	if err != nil {
		t.Fatal(err)
	}
	asked := make([]string, len(totals))
	for i, r := range totals {
		asked[i] = fmt.Sprintf("(%s,%s,%s,%d,%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", r.Enterprise, r.EnterpriseName, r.Clause, r.SupportYear,
			r.Applications, r.Requested, r.Approved, r.Paid, r.Returned, r.ClawbackOrdered, r.ClawbackWaived, r.RecoveredError, r.RecoveredBreach, r.NetPaid,
			r.AnnualLimit, r.Exceptions, r.Use, r.Headroom, share(r.Utilisation), r.Status, r.OverBy, r.ReceivedBeyond, r.WrittenOff)
	}
	if diff := cmp.Diff(asked, seen); diff != "" {
		t.Errorf("v_totals (-asked +seen):\n%s", diff)
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
	var golden strings.Builder
	for _, c := range comments {
		fmt.Fprintf(&golden, "%s: %s\n", c.Name, c.Comment)
		_, column, _ := strings.Cut(c.Name, ".")
		if meaning := words.Column(column).Meaning; c.Comment != meaning.ZH+" / "+meaning.EN {
			t.Errorf("%s is commented %q, the dictionary has %v", c.Name, c.Comment, meaning)
		}
	}
	checkGolden(t, "testdata/analyst.golden", golden.String())

	if _, err := conn.Exec(t.Context(), "SET ROLE "+postgres.Readers); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM analyst.v_journal").Scan(&n); err != nil || n == 0 {
		t.Errorf("a reader sees %d journal rows: %v", n, err)
	}
	for _, forbidden := range []string{"SELECT * FROM fundledger.journal", "DELETE FROM analyst.v_payouts", "CREATE TABLE analyst.mine (x int)", "DROP VIEW analyst.v_totals"} {
		if _, err := conn.Exec(t.Context(), forbidden); err == nil {
			t.Errorf("a reader may %s", forbidden)
		}
	}
}

func share(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.StringFixed(4)
}

var update = flag.Bool("update", false, "write the golden files")

// checkGolden holds a text against a file: what analysts build on keeps its names and meanings.
func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-file +now), go test -update writes it:\n%s", file, diff)
	}
}
