package ledger

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// The floors are what the log alone does with as many events at once, in the same run: compare the rates of one run only.

// benchOpen is a fresh ledger, with a policy and an enterprise.
func benchOpen(b *testing.B, grouped func(int, time.Duration)) *Ledger {
	b.Helper()
	_, nc := server(b)
	l, err := Open(context.Background(), nc, Config{Fund: fund, Grouped: grouped})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(l.Close)
	mustBook(b, l.Do(context.Background(), publish()))
	mustBook(b, l.Do(context.Background(), register("register", "e")))
	return l
}

func perSecond(b *testing.B, events int) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// floor appends events such as the ledger's, size at once, n of them.
func floor(b *testing.B, size, n int) {
	ctx := context.Background()
	_, nc := server(b)
	log, err := OpenLog(ctx, nc, Config{Fund: fund}, false)
	if err != nil {
		b.Fatal(err)
	}
	drafts := make([]eventstore.Draft, 0, size)
	for i := range size {
		drafts = append(drafts, draftsOf(b, submit(fmt.Sprint("a", i), 10), 1)...)
	}
	b.ResetTimer()
	last := uint64(0)
	for last < uint64(n) {
		if last, err = log.Append(ctx, last, drafts); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, int(last))
}

// draftsOf is what a submission writes.
func draftsOf(t testing.TB, o Order, version int) []eventstore.Draft {
	t.Helper()
	c := o.Command.(*domain.SubmitApplication)
	hash, err := wire.HashCommand(c)
	if err != nil {
		t.Fatal(err)
	}
	event := &domain.ApplicationSubmitted{Application: c.Application, Title: c.Title, Requested: c.Requested, ClauseVersion: version,
		Charge: domain.Charge{Enterprise: c.Enterprise, Clause: c.Clause, Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: string(c.Enterprise)}}}
	drafts, err := wire.Drafts(fund, c, hash, domain.Decision{Events: []domain.Event{event}, ClauseVersion: version}, o.Origin, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return drafts
}

// BenchmarkLone is one client with one command at a time; the floor is one plain synced publish after another.
func BenchmarkLone(b *testing.B) {
	b.Run("floor", func(b *testing.B) { floor(b, 1, b.N) })
	b.Run("ledger", func(b *testing.B) {
		l := benchOpen(b, nil)
		b.ResetTimer()
		for i := range b.N {
			mustBook(b, l.Do(context.Background(), submit(fmt.Sprint("a", i), 10)))
		}
		perSecond(b, b.N)
	})
}

// BenchmarkClients is 64 clients with one command at a time each; the floor is batches of 34, about as many as wait while one
// append is under way. The ledger says how large its groups were.
func BenchmarkClients(b *testing.B) {
	b.Run("floor", func(b *testing.B) { floor(b, 34, b.N) })
	b.Run("ledger", func(b *testing.B) {
		var appends atomic.Int64
		l := benchOpen(b, func(int, time.Duration) { appends.Add(1) })
		var next atomic.Int64
		var clients sync.WaitGroup
		appends.Store(0)
		b.ResetTimer()
		for range 64 {
			clients.Go(func() {
				for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
					if r := l.Do(context.Background(), submit(fmt.Sprint("a", i), 10)); r.Err != nil || r.Refusal != nil {
						b.Error(r)
						return
					}
				}
			})
		}
		clients.Wait()
		perSecond(b, b.N)
		b.ReportMetric(float64(b.N)/float64(appends.Load()), "events/append")
	})
}

// BenchmarkBulk is an import: batches of 1,000 commands, three on their way at once; the floor is batches of 1,000 events.
func BenchmarkBulk(b *testing.B) {
	b.Run("floor", func(b *testing.B) { floor(b, 1000, b.N) })
	b.Run("ledger", func(b *testing.B) {
		l := benchOpen(b, nil)
		b.ResetTimer()
		bulk(b, l, b.N, 3)
		perSecond(b, b.N)
	})
}

// bulk submits n applications in batches of 1,000, some on their way at once.
func bulk(t testing.TB, l *Ledger, n, ahead int) {
	t.Helper()
	ctx := context.Background()
	var way []*Batch
	land := func() {
		for _, r := range way[0].Wait(ctx) {
			mustBook(t, r)
		}
		way = way[1:]
	}
	for first := 0; first < n; first += 1000 {
		orders := make([]Order, 0, 1000)
		for i := first; i < min(first+1000, n); i++ {
			orders = append(orders, submit(fmt.Sprint("a", i), 10))
		}
		if way = append(way, l.Start(ctx, orders)); len(way) >= ahead {
			land()
		}
	}
	for len(way) > 0 {
		land()
	}
}

// BenchmarkOpen replays a log of 200,000 events; the floor is reading them. It says what the open ledger keeps in memory
// for an event.
func BenchmarkOpen(b *testing.B) {
	const events = 200_000
	s, nc := server(b)
	l := open(b, nc)
	mustBook(b, l.Do(context.Background(), publish()))
	mustBook(b, l.Do(context.Background(), register("register", "e")))
	bulk(b, l, events-2, 3)
	l.Close()
	log := l.Log()
	l = nil
	b.Run("floor", func(b *testing.B) {
		for range b.N {
			if err := log.Read(context.Background(), 1, events, func([]eventstore.Record) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, events*b.N)
	})
	b.Run("ledger", func(b *testing.B) {
		nc := connect(b, s)
		for range b.N {
			before := heap()
			l, err := Open(context.Background(), nc, Config{Fund: fund})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(heap()-before)/events, "B/event")
			l.Close()
			b.StartTimer()
		}
		perSecond(b, events*b.N)
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func publish() Order {
	return Order{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: testPolicy()}}
}
