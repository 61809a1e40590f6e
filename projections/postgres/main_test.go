package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var testLog = postgres.Log{Stream: projtest.Stream, Fund: string(projtest.Fund)}

// migrated is a database with empty tables.
func migrated(t testing.TB) string {
	t.Helper()
	return pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return postgres.Migrate(ctx, url, nil) })
}

// start projects a source into a database until the test ends.
func start(t testing.TB, url string, source postgres.Source, change ...func(*postgres.Config)) *postgres.Projector {
	t.Helper()
	cfg := postgres.Config{URL: url, Source: source, Log: testLog}
	for _, c := range change {
		c(&cfg)
	}
	p, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// project puts a whole history into a database.
func project(t testing.TB, url string, records []eventstore.Record, change ...func(*postgres.Config)) {
	t.Helper()
	p := start(t, url, projtest.NewLog(records), change...)
	await(t, p, uint64(len(records)))
	p.Stop()
}

func await(t testing.TB, p *postgres.Projector, seq uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := p.WaitFor(ctx, seq); err != nil {
		t.Fatalf("waiting for event %d at %d: %v", seq, p.Position(), err)
	}
}

func ask(t testing.TB, url string, now time.Time) *postgres.Queries {
	t.Helper()
	q, err := postgres.OpenQueries(t.Context(), url, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}
