package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// A PostgreSQL whose postmaster is killed while a verification folds the log again comes up again. Its sessions end themselves then, and
// undo what they made: what is left of it must not be in the way.
func TestADatabaseThatIsKilledDuringAVerificationStartsAgain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "postgres")
	start := func() *pgserver.Server {
		server, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop(context.Background()) })
		return server
	}
	server := start()
	if err := postgres.Migrate(ctx, server.URL(), nil); err != nil {
		t.Fatal(err)
	}
	records := projtest.History(11, 300)
	project(t, server.URL(), records)
	q, err := postgres.OpenQueries(ctx, server.URL(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := q.Snapshot(ctx, testLog)
	if err != nil {
		t.Fatal(err)
	}
	refold, err := snapshot.Refold(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		entry, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		if err := refold.Take(ctx, entry, record); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(ctx, server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "CREATE TABLE committed_meanwhile (n int)"); err != nil { // what the refold made is on disk with it
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = server.Stop(ctx)
	_ = conn.Close(ctx)
	refold.Close()
	snapshot.Close()
	q.Close()
	again, err := pgx.Connect(ctx, start().URL())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(ctx)
	var events int
	if err := again.QueryRow(ctx, "SELECT count(*) FROM "+postgres.Schema+".events").Scan(&events); err != nil || events != len(records) {
		t.Errorf("%d of %d events are there: %v", events, len(records), err)
	}
}
