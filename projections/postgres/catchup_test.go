package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// loadRecords are the events of a load, as they would lie on the log.
func loadRecords(t testing.TB, n int) []eventstore.Record {
	t.Helper()
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	policy.Fund = projtest.Fund
	state, records := domain.NewState(), make([]eventstore.Record, 0, n)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	give := func(c domain.Command) {
		d, refusal := domain.Decide(state, c, domain.DateIn(at, time.UTC))
		if refusal != nil {
			t.Fatal(refusal)
		}
		hash, err := wire.HashCommand(c)
		if err != nil {
			t.Fatal(err)
		}
		drafts, err := wire.Drafts(projtest.Fund, c, hash, d, wire.Origin{}, at)
		if err != nil {
			t.Fatal(err)
		}
		for i, draft := range drafts {
			domain.Apply(state, d.Events[i], domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
			records = append(records, eventstore.Record{Seq: uint64(len(records) + 1), Time: at, Subject: draft.Subject, Header: draft.Envelope.Header(), Data: draft.Data})
		}
	}
	give(&domain.PublishPolicy{Head: domain.Head{ID: "p", Date: policy.IssuedOn, Actor: domain.Actor{ID: "a", Role: domain.Admin}}, Policy: policy})
	for c := range demo.Load(policy, n-1, 1) {
		give(c)
	}
	return records
}

// BenchmarkCatchUp projects a backlog into all tables; events/s is to be seen against the floor in the same run, a COPY of
// the same events' bytes into one table without an index but its key.
func BenchmarkCatchUp(b *testing.B) {
	const n = 100_000
	records := loadRecords(b, n)
	b.Run("floor-copy", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			conn, err := pgx.Connect(b.Context(), pgtest.NewDatabase(b))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := conn.Exec(b.Context(), "CREATE TABLE floor (seq bigint PRIMARY KEY, subject text, data json)"); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			_, err = conn.CopyFrom(b.Context(), pgx.Identifier{"floor"}, []string{"seq", "subject", "data"}, pgx.CopyFromSlice(n, func(i int) ([]any, error) {
				return []any{int64(records[i].Seq), records[i].Subject, records[i].Data}, nil
			}))
			if err != nil {
				b.Fatal(err)
			}
			if err := conn.Close(context.WithoutCancel(b.Context())); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("all-tables", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			url := migrated(b)
			b.StartTimer()
			project(b, url, records)
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}
