//go:build unix

package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	first, second := connect(t, pgtest.NewDatabase(t)), connect(t, pgtest.NewDatabase(t))
	if _, err := first.Exec(t.Context(), "CREATE TABLE only_here (n int)"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, first, tables); n != 1 {
		t.Errorf("the first database has %d tables, want 1", n)
	}
	if n := count(t, second, tables); n != 0 {
		t.Errorf("the second database has %d tables, want none", n)
	}
}

func TestDatabasesAreDroppedWithTheirTest(t *testing.T) {
	const databases = "SELECT count(*) FROM pg_database WHERE datname LIKE 'test\\_%'"
	conn := connect(t, pgtest.Server(t))
	before := count(t, conn, databases)
	t.Run("a test that leaves a connection open", func(t *testing.T) {
		url := pgtest.NewDatabase(t)
		left, err := pgx.Connect(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, left, databases); n != before+1 {
			t.Errorf("%d databases, want %d", n, before+1)
		}
	})
	if n := count(t, conn, databases); n != before {
		t.Errorf("%d databases are left, want %d", n, before)
	}
}

func TestATemplateIsFilledOnceAndCopiedToParallelTests(t *testing.T) {
	filled := 0
	fill := func(ctx context.Context, url string) error {
		filled++
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "CREATE TABLE filled AS SELECT generate_series(1, 10) AS n")
		return err
	}
	t.Run("copies", func(t *testing.T) {
		for range 4 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				conn := connect(t, pgtest.NewMigrated(t, "ten rows", fill))
				if n := count(t, conn, "SELECT count(*) FROM filled"); n != 10 {
					t.Errorf("%d rows, want 10", n)
				}
				if _, err := conn.Exec(t.Context(), "DELETE FROM filled"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if filled != 1 {
		t.Errorf("filled %d times, want once", filled)
	}
}
