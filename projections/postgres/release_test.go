package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// An instance that runs on while a later release brings the tables up to date writes nothing more there, and none is started; the same
// holds of sessions that name no version, as those of releases before this rule do.
func TestAnEarlierReleaseDoesNotWriteTheTablesOfALaterOne(t *testing.T) {
	url := migrated(t)
	log := &growing{records: projtest.History(7, 200), grown: make(chan struct{}, 1)}
	begin := int64(100)
	for log.records[begin].Header.Get("ce-commandindex") != "0" {
		begin++
	}
	log.length.Store(begin)
	earlier := start(t, url, log)
	await(t, earlier, uint64(begin))
	rows := func() (seq, events int64) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if err := conn.QueryRow(t.Context(), "SELECT (SELECT seq FROM fundledger.checkpoint), (SELECT count(*) FROM fundledger.events)").Scan(&seq, &events); err != nil {
			t.Fatal(err)
		}
		return seq, events
	}
	execute(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)") // the later release

	log.length.Store(int64(len(log.records)))
	log.grown <- struct{}{}
	select {
	case <-earlier.Done():
		if err := earlier.Err(); err == nil || !strings.Contains(err.Error(), "9999") {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("it goes on")
	}
	if seq, events := rows(); seq != begin || events != begin {
		t.Errorf("the tables are at %d and hold %d events; they were at %d", seq, events, begin)
	}

	if err := postgres.Migrate(t.Context(), url, nil); !errors.Is(err, postgres.ErrOtherVersion) {
		t.Errorf("it brings the tables of a later release up to date: %v", err)
	}
	if _, err := postgres.Start(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog}); err == nil || !strings.Contains(err.Error(), "9999") {
		t.Errorf("another one starts: %v", err)
	}
	if _, err := postgres.Rebuild(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog}); !errors.Is(err, postgres.ErrOtherVersion) {
		t.Error("a rebuild puts earlier tables in the place of later ones:", err)
	}
	unnamed := func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "UPDATE fundledger.checkpoint SET seq = seq")
		return err
	}
	if err := unnamed(t.Context()); err == nil || !strings.Contains(err.Error(), "unnamed") {
		t.Errorf("a session that names no version writes: %v", err)
	}
	if seq, events := rows(); seq != begin || events != begin {
		t.Errorf("the tables are at %d and hold %d events; they were at %d", seq, events, begin)
	}

	// The way back, as docs/operate.md has it.
	execute(t, url, "DROP SCHEMA fundledger, analyst, fundledger_guard CASCADE")
	if err := postgres.Migrate(t.Context(), url, nil); err != nil {
		t.Fatal(err)
	}
	await(t, start(t, url, log), uint64(len(log.records)))
}
