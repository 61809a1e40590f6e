package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/fundledger/fundledger/migrations"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// A database of the first edition, with what reads it, gets its room without losing a row; what others made in their own
// schemas stays. The tables that crossings are derived with are emptied then, and filled from the log again.
func TestAnEarlierDatabaseGetsRoomAndKeepsItsRows(t *testing.T) {
	url := pgtest.NewDatabase(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	do := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	do("CREATE SCHEMA fundledger")
	do("SET search_path = fundledger")
	config := conn.Config().Copy()
	config.RuntimeParams["search_path"] = "fundledger"
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	do("CREATE SCHEMA analyst")
	do("CREATE VIEW analyst.v_instalments AS SELECT application, support_year, requested, approved, paid, approved - paid AS unpaid FROM instalments")
	do("CREATE VIEW public.theirs AS SELECT 1.00::numeric(18,2) AS amount")
	do("INSERT INTO instalments VALUES ('A', 2025, 5.00, 3.00, 1.00)")
	do(`INSERT INTO clawbacks (id, payout, enterprise, clause, subject_kind, subject, support_year, cause, ordered_on, ordered_by, reason, ordered,
		waived, recovered, interest, seq, last_seq) VALUES ('C', 'P', 'E', '4', 'project', 'P', 2025, 'error', '2025-03-01', 'x', '', 5, 1, 2, 0, 1, 1)`)

	do("INSERT INTO checkpoint VALUES (true, 90, 0, 'FUND_projtest', 'projtest', 0, gen_random_uuid(), '')")

	if _, err := provider.UpTo(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	got, err := collect(t, conn, `SELECT (approved - paid)::text FROM instalments UNION ALL SELECT outstanding::text FROM clawbacks
		UNION ALL SELECT amount::text FROM public.theirs`)
	if err != nil || len(got) != 3 || got[0] != "2.00" || got[1] != "2.00" || got[2] != "1.00" {
		t.Errorf("after the migration: %v %v", got, err)
	}
	do("INSERT INTO clause_versions VALUES ('4', 1, 0, '2025-01-01', false, '', 1, '2025-01-01')") // a cap of nought is a cap
	if err := postgres.Migrate(t.Context(), url, nil); err != nil {
		t.Fatal(err)
	}
	records := crowded(1, 600)
	project(t, url, records)
	for _, view := range []string{"analyst.v_instalments", "analyst.v_notices", "public.theirs"} {
		if seen, err := collect(t, conn, "SELECT count(*)::text FROM "+view); err != nil || seen[0] == "0" {
			t.Errorf("%s shows %v: %v", view, seen, err)
		}
	}
}

func TestEveryAmountHasRoomBeyondTheBoundOfSums(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	narrow, err := collect(t, conn, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'fundledger' AND data_type = 'numeric' AND (numeric_precision, numeric_scale) IS DISTINCT FROM (20, 2)`)
	if err != nil || len(narrow) > 0 {
		t.Errorf("%v %v", narrow, err)
	}
}

// A dry run makes tables beside the live ones: what analysts see of those is there all the while.
func TestADryRunLeavesTheAnalystsTheirViews(t *testing.T) {
	url, log := migrated(t), projtest.NewLog(projtest.History(1, 60))
	p := start(t, url, log)
	await(t, p, 60)
	if _, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog}); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if seen, err := collect(t, conn, "SELECT count(*)::text FROM analyst.v_events"); err != nil || seen[0] != "60" {
		t.Errorf("the analysts see %v: %v", seen, err)
	}
}
