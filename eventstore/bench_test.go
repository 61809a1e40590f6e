package eventstore

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// benchLog opens an empty log on one node, over the connection benchmarks are about.
func benchLog(b *testing.B) *Log {
	b.Helper()
	s := must[*Server](b)(StartServer(ServerConfig{Dir: b.TempDir()}))
	b.Cleanup(s.Shutdown)
	nc := must[*nats.Conn](b)(s.Connect())
	b.Cleanup(nc.Close)
	return must[*Log](b)(Open(context.Background(), nc, Config{Stream: "BENCH", Subjects: []string{"fund.>"}}))
}

func perEvent(b *testing.B, events int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// benchCluster opens an empty log on three nodes.
func benchCluster(b *testing.B) *Log {
	b.Helper()
	c := must[*Cluster](b)(StartCluster(b.TempDir(), 3, nil))
	b.Cleanup(c.Shutdown)
	nc := must[*nats.Conn](b)(c.Connect())
	b.Cleanup(nc.Close)
	return must[*Log](b)(Open(context.Background(), nc, Config{Stream: "BENCH", Subjects: []string{"fund.>"}, Replicas: 3}))
}

// BenchmarkAppend compares n one-event commands appended as one batch with the same n appended one after another, each waiting
// for the one before: BatchFromOneNode and BatchFromThreeNodes say where they meet.
func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, benchLog) }

// BenchmarkAppendThreeNodes is BenchmarkAppend on a cluster in this process.
func BenchmarkAppendThreeNodes(b *testing.B) { benchmarkAppend(b, benchCluster) }

func benchmarkAppend(b *testing.B, open func(*testing.B) *Log) {
	ctx := context.Background()
	b.Run("plain", func(b *testing.B) {
		l, last := open(b), uint64(0)
		draft := command("c", 1)
		b.ResetTimer()
		for range b.N {
			last = must[uint64](b)(l.Append(ctx, last, draft))
		}
		perEvent(b, b.N)
	})
	for _, n := range []int{2, 4, 8, 16, 64, 1000} {
		drafts := commands("c", n)
		b.Run(fmt.Sprint("batch-", n), func(b *testing.B) {
			l, last := open(b), uint64(0)
			l.cfg.BatchFrom = 2
			b.ResetTimer()
			for range b.N {
				last = must[uint64](b)(l.Append(ctx, last, drafts))
			}
			perEvent(b, n*b.N)
		})
		if n > 16 {
			continue
		}
		b.Run(fmt.Sprint("one-by-one-", n), func(b *testing.B) {
			l, last := open(b), uint64(0)
			l.cfg.BatchFrom = n + 1
			b.ResetTimer()
			for range b.N {
				last = must[uint64](b)(l.Append(ctx, last, drafts))
			}
			perEvent(b, n*b.N)
		})
	}
}

// filled opens a log of n events.
func filled(b *testing.B, n int) *Log {
	b.Helper()
	l, last := benchLog(b), uint64(0)
	for i := range n / 1000 {
		last = must[uint64](b)(l.Append(context.Background(), last, commands(fmt.Sprint("c", i), 1000)))
	}
	return l
}

const benchEvents = 100_000

// BenchmarkRead reads a log whole, and short stretches of it; the floor is the client library's own ordered consumer.
func BenchmarkRead(b *testing.B) {
	l := filled(b, benchEvents)
	ctx := context.Background()
	b.Run("whole", func(b *testing.B) {
		for range b.N {
			n := 0
			check(b, l.Read(ctx, 1, 0, func(batch []Record) error { n += len(batch); return nil }))
			if n != benchEvents {
				b.Fatalf("read %d events", n)
			}
		}
		perEvent(b, benchEvents*b.N)
	})
	b.Run("floor", func(b *testing.B) {
		for range b.N {
			c := must[jetstream.Consumer](b)(l.js.OrderedConsumer(ctx, l.cfg.Stream, jetstream.OrderedConsumerConfig{}))
			messages := must[jetstream.MessagesContext](b)(c.Messages(jetstream.PullMaxMessages(5000)))
			for range benchEvents {
				must[jetstream.Msg](b)(messages.Next())
			}
			messages.Stop()
			check(b, l.js.DeleteConsumer(ctx, l.cfg.Stream, c.CachedInfo().Name))
		}
		perEvent(b, benchEvents*b.N)
	})
	for _, n := range []uint64{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("short-", n), func(b *testing.B) {
			for range b.N {
				check(b, l.Read(ctx, 5001, 5000+n, func([]Record) error { return nil }))
			}
			perEvent(b, int(n)*b.N)
		})
	}
}

// BenchmarkFollow hands over a log whole, cut between commands.
func BenchmarkFollow(b *testing.B) {
	l := filled(b, benchEvents)
	stop := errors.New("enough")
	b.ResetTimer()
	for range b.N {
		n := 0
		err := l.Follow(context.Background(), 1, func(batch []Record) error {
			if n += len(batch); n >= benchEvents {
				return stop
			}
			return nil
		})
		if err != stop {
			b.Fatal(err)
		}
	}
	perEvent(b, benchEvents*b.N)
}

func BenchmarkEnvelope(b *testing.B) {
	e := command("c", 1)[0].Envelope
	r := Record{Seq: 1, Header: e.Header()}
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			e.Header()
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			must[Envelope](b)(ParseEnvelope(r))
		}
	})
}
