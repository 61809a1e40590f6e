package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestOneNode(t *testing.T) {
	s := must[*Server](t)(StartServer(ServerConfig{Dir: t.TempDir()}))
	t.Cleanup(s.Shutdown)
	suite(t, site{
		replicas: 1, username: s.Username(), password: s.Password(), url: s.ClientURL(),
		connect: func(t testing.TB) *nats.Conn {
			nc := must[*nats.Conn](t)(s.Connect())
			t.Cleanup(nc.Close)
			return nc
		},
	})
}

func TestThreeNodes(t *testing.T) {
	c := must[*Cluster](t)(StartCluster(t.TempDir(), 3, nil))
	t.Cleanup(c.Shutdown)
	suite(t, site{
		replicas: 3, username: c.Username(), password: c.Password(), url: c.ClientURLs()[0], cluster: c,
		connect: func(t testing.TB) *nats.Conn {
			nc := must[*nats.Conn](t)(c.Connect())
			t.Cleanup(nc.Close)
			return nc
		},
	})
}

// suite is what a log promises, wherever it lies.
func suite(t *testing.T, s site) {
	tests := []struct {
		promise string
		test    func(*testing.T, site)
	}{
		{"what was appended is read back to the byte", testRoundTrip},
		{"an append out of turn writes nothing", testOutOfTurn},
		{"an interrupted append says how far it got", testFewCommands},
		{"payloads up to a megabyte are kept", testPayloads},
		{"what must not get to the log is refused", testRefusedDrafts},
		{"racing writers lose nothing and double nothing", testRacingWriters},
		{"reading keeps up with writing", testReadWhileWriting},
		{"a follower never cuts inside a command", testFollowWholeCommands},
		{"a follower outlasts its consumer and its connection", testFollowOutlasts},
		{"readers leave no consumers behind", testNoConsumersLeft},
		{"a lost answer is found on the log", testLostAnswer},
		{"a lost request is sent again", testLostRequest},
		{"a lost request finds another's event", testLostRace},
		{"an unreachable leader leaves the append unknown", testUnknown},
		{"a position beyond the end is missed", testRequire},
		{"a read-only log writes nothing", testReadOnly},
		{"a shelf holds what was put last", testShelf},
		{"a content is kept under its hash, once and whole", testFiles},
		{"a bookmark hands every record to one of its readers, in order", testBookmark},
		{"what was archived is restored to the byte, sequence and nanosecond", testArchive},
		{"an archive taken while others write ends where a command ends", testArchiveWhileWriting},
	}
	anchor(t, s.connect(t))
	for _, test := range tests {
		t.Run(test.promise, func(t *testing.T) { test.test(t, s) })
	}
}

func testRoundTrip(t *testing.T, s site) {
	l := s.open(t, nil)
	drafts := slices.Concat(command("甲", 1), command("乙.*>%", 3), command("c", 2))
	ctx := deadline(t)
	last := must[uint64](t)(l.Append(ctx, 0, drafts[:1]))
	last = must[uint64](t)(l.Append(ctx, last, drafts[1:]))
	if last != 6 {
		t.Fatalf("the last event lies at %d, not 6", last)
	}
	if end := must[uint64](t)(l.Last(ctx)); end != 6 {
		t.Fatalf("the log ends at %d, not 6", end)
	}
	before := time.Time{}
	for i, r := range all(t, l) {
		one := must[Record](t)(l.Get(ctx, r.Seq))
		if !one.Time.Equal(r.Time) || one.Subject != r.Subject || !bytes.Equal(one.Data, r.Data) || fmt.Sprint(one.Header) != fmt.Sprint(r.Header) {
			t.Errorf("event %d: got %+v by Get, %+v by Read", r.Seq, one, r)
		}
		if r.Subject != drafts[i].Subject || !bytes.Equal(r.Data, drafts[i].Data) || r.Time.Before(before) || r.Time.Location() != time.UTC {
			t.Errorf("event %d is %+v", r.Seq, r)
		}
		before = r.Time
		if e := must[Envelope](t)(ParseEnvelope(r)); e != drafts[i].Envelope {
			t.Errorf("event %d: envelope %+v, want %+v", r.Seq, e, drafts[i].Envelope)
		}
	}
	if _, err := l.Get(ctx, 7); !errors.Is(err, ErrNotFound) {
		t.Errorf("event 7: %v, want ErrNotFound", err)
	}
	if err := l.Read(ctx, 1, 7, func([]Record) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("reading to 7: %v, want ErrNotFound", err)
	}
	var some []uint64
	check(t, l.Read(ctx, 2, 4, func(batch []Record) error {
		for _, r := range batch {
			some = append(some, r.Seq)
		}
		return nil
	}))
	if !slices.Equal(some, []uint64{2, 3, 4}) {
		t.Errorf("reading 2 to 4 gave %v", some)
	}
}

func testOutOfTurn(t *testing.T, s site) {
	l := s.open(t, nil)
	ctx := deadline(t)
	must[uint64](t)(l.Append(ctx, 0, command("a", 3)))
	for _, expected := range []uint64{0, 2, 4} {
		for _, n := range []int{1, 2, 20} {
			if _, err := l.Append(ctx, expected, command("b", n)); !errors.Is(err, ErrOutOfTurn) {
				t.Errorf("%d events behind %d of 3: %v, want ErrOutOfTurn", n, expected, err)
			}
		}
	}
	if n := len(all(t, l)); n != 3 {
		t.Errorf("the log holds %d events, not 3", n)
	}
}

// testFewCommands has an append of a few one-event commands interrupted: it says how far it got.
func testFewCommands(t *testing.T, s site) {
	l := s.open(t, func(c *Config) { c.BatchFrom, c.AckTimeout = 10, 50*time.Millisecond })
	if last := must[uint64](t)(l.Append(deadline(t), 0, commands("a", 9))); last != 9 {
		t.Errorf("the last event lies at %d, not 9", last)
	}
	if last, err := l.Append(deadline(t), 8, commands("b", 5)); !errors.Is(err, ErrOutOfTurn) || last != 8 {
		t.Errorf("out of turn: last %d, %v", last, err)
	}
	drafts := commands("c", 5)
	drafts[3].Data = make([]byte, DefaultMaxPayload+1)
	if last, err := l.Append(deadline(t), 9, drafts); err == nil || last != 12 {
		t.Errorf("the fourth is too large: last %d, %v", last, err)
	}
	drafts[3].Data = nil
	l.cfg.BatchFrom = 2
	drafts[4].Data = make([]byte, DefaultMaxPayload+1)
	if last, err := l.Append(deadline(t), 12, drafts); err == nil || last != 12 {
		t.Errorf("the fifth of a batch is too large: last %d, %v", last, err)
	}
	if n := len(all(t, l)); n != 12 {
		t.Errorf("the log holds %d events, not 12", n)
	}
}

func testPayloads(t *testing.T, s site) {
	l := s.open(t, nil)
	var drafts []Draft
	for i, size := range []int{0, 1, 1000, 64 << 10, 1 << 20} {
		d := command(fmt.Sprint("size-", i), 1)[0]
		d.Data = bytes.Repeat([]byte{byte(i)}, size)
		drafts = append(drafts, d)
	}
	last := uint64(0)
	for _, d := range drafts {
		last = must[uint64](t)(l.Append(deadline(t), last, []Draft{d}))
	}
	must[uint64](t)(l.Append(deadline(t), last, drafts))
	for i, r := range all(t, l) {
		if !bytes.Equal(r.Data, drafts[i%len(drafts)].Data) {
			t.Errorf("event %d has %d other bytes", r.Seq, len(r.Data))
		}
	}
	tooLarge := command("huge", 1)
	tooLarge[0].Data = make([]byte, DefaultMaxPayload+1)
	if _, err := l.Append(deadline(t), 2*last, tooLarge); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("an event beyond the server's payload: %v, want a plain error", err)
	}
}

func testRefusedDrafts(t *testing.T, s site) {
	l := s.open(t, func(c *Config) { c.MaxBatch = 10 })
	tests := []struct {
		outcome string
		drafts  []Draft
		want    error
	}{
		{"nothing to append", nil, nil},
		{"more than a batch takes", command("a", 11), ErrTooLarge},
		{"half a command at the end", command("a", 3)[:2], ErrEnvelope},
		{"half a command at the start", command("a", 3)[1:], ErrEnvelope},
		{"two commands mixed up", slices.Concat(command("a", 2)[:1], command("b", 2)[1:]), ErrEnvelope},
		{"a subject of another stream", edit(func(d *Draft) { d.Subject = Subject("other", "a", "b", "c") }), ErrSubject},
		{"a subject with a wildcard", edit(func(d *Draft) { d.Subject = "fund.test.a.*.c" }), ErrSubject},
		{"a subject of another form", edit(func(d *Draft) { d.Subject = "fund.test.a" }), ErrSubject},
		{"a line break in a header", edit(func(d *Draft) { d.Envelope.Actor = "a\r\nNats-Rollup: all" }), ErrEnvelope},
	}
	for _, test := range tests {
		_, err := l.Append(deadline(t), 0, test.drafts)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.outcome, err, test.want)
		}
	}
	if last := must[uint64](t)(l.Last(deadline(t))); last != 0 {
		t.Errorf("the log ends at %d, not 0", last)
	}
}

func edit(change func(*Draft)) []Draft {
	drafts := command("a", 1)
	change(&drafts[0])
	return drafts
}

// ack is an append that was acknowledged: its events end at last.
type ack struct {
	last uint64
	ids  []string
}

func ids(drafts []Draft) []string {
	out := make([]string, len(drafts))
	for i, d := range drafts {
		out[i] = d.Envelope.ID
	}
	return out
}

// testRacingWriters has six writers race, on a cluster while leaders change and a node goes and comes.
func testRacingWriters(t *testing.T, s site) {
	const writers, appends = 6, 60
	l := s.open(t, nil)
	ctx := deadline(t)
	var mu sync.Mutex
	var acks []ack
	done := 0
	var group sync.WaitGroup
	for w := range writers {
		mine := s.again(t, l)
		group.Go(func() {
			for i := range appends {
				got, err := appendSome(ctx, mine, fmt.Sprintf("w%d-%d", w, i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acks = append(acks, got...)
				done++
				mu.Unlock()
			}
		})
	}
	if s.cluster != nil {
		disturb(t, s.cluster, l.cfg.Stream, func() int {
			mu.Lock()
			defer mu.Unlock()
			return done
		}, writers*appends)
	}
	group.Wait()
	checkAcks(t, all(t, l), acks)
	if done != writers*appends {
		t.Errorf("%d appends acknowledged, not %d", done, writers*appends)
	}
}

// appendSome appends up to 20 events of some commands, whoever comes between, and goes on behind what has landed of them.
func appendSome(ctx context.Context, l *Log, name string) (acks []ack, err error) {
	var drafts []Draft
	for i := range 1 + rand.IntN(4) {
		drafts = append(drafts, command(fmt.Sprintf("%s-%d", name, i), 1+rand.IntN(5))...)
	}
	if rand.IntN(3) == 0 {
		drafts = commands(name, 1+rand.IntN(4))
	}
	for {
		expected, err := l.Last(ctx)
		if err != nil {
			return nil, err
		}
		last, err := l.Append(ctx, expected, drafts)
		if landed := last - expected; landed > 0 {
			acks = append(acks, ack{last, ids(drafts[:landed])})
			drafts = drafts[landed:]
		}
		if err == nil {
			return acks, nil
		}
		if !errors.Is(err, ErrOutOfTurn) {
			return nil, err
		}
	}
}

// disturb changes the leader at each quarter of the way, the second time by stopping its node.
func disturb(t *testing.T, c *Cluster, stream string, done func() int, total int) {
	for quarter := range 3 {
		until(t, "a quarter of the appends", func() bool { return done() >= (quarter+1)*total/4 || t.Failed() })
		until(t, "a leader", func() bool { return c.Leader(stream) >= 0 })
		if quarter != 1 {
			check(t, c.StepDown(deadline(t), stream))
			continue
		}
		leader := c.Leader(stream)
		for leader < 0 {
			leader = c.Leader(stream)
		}
		c.StopNode(leader)
		check(t, c.RestartNode(leader))
	}
}

// checkAcks holds the log to its word: every acknowledged event lies where it was said to, and nothing else does.
func checkAcks(t *testing.T, records []Record, acks []ack) {
	t.Helper()
	unsaid := map[string]bool{}
	for _, r := range records {
		id := eventID(t, r)
		if unsaid[id] {
			t.Errorf("event %s lies on the log twice, again at %d", id, r.Seq)
		}
		unsaid[id] = true
	}
	for _, a := range acks {
		for i, id := range a.ids {
			seq := a.last - uint64(len(a.ids)-1-i)
			if seq < 1 || seq > uint64(len(records)) {
				t.Fatalf("event %s was acknowledged at %d, the log ends at %d", id, seq, len(records))
			}
			if got := eventID(t, records[seq-1]); got != id {
				t.Fatalf("at %d lies %s, acknowledged was %s", seq, got, id)
			}
			delete(unsaid, id)
		}
	}
	if len(unsaid) > 0 {
		t.Errorf("not acknowledged, but on the log: %v", unsaid)
	}
}

func testReadWhileWriting(t *testing.T, s site) {
	l := s.open(t, func(c *Config) { c.FollowBatch = 100 })
	other := s.again(t, l)
	ctx := deadline(t)
	var group sync.WaitGroup
	group.Go(func() {
		last := uint64(0)
		for i := range 30 {
			var err error
			if last, err = other.Append(ctx, last, command(fmt.Sprint("c", i), 100)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for n := 0; n < 3000 && !t.Failed(); {
		records := all(t, l)
		if len(records) < n || len(records)%100 != 0 {
			t.Errorf("read %d events after %d, of commands of 100", len(records), n)
		}
		n = len(records)
	}
	group.Wait()
}

func testFollowWholeCommands(t *testing.T, s site) {
	l := s.open(t, func(c *Config) { c.FollowBatch = 5 })
	other := s.again(t, l)
	ctx := deadline(t)
	const total = 2100
	var group sync.WaitGroup
	group.Go(func() {
		last := uint64(0)
		for last < total {
			var drafts []Draft
			for size := 1; size <= 20; size++ {
				drafts = append(drafts, command(fmt.Sprintf("c%d-%d", last, size), size)...)
			}
			var err error
			if last, err = other.Append(ctx, last, drafts); err != nil {
				t.Error(err)
				return
			}
		}
	})
	next, done := uint64(1), errors.New("enough")
	err := l.Follow(ctx, 1, func(batch []Record) error {
		if batch[0].Seq != next {
			return fmt.Errorf("got event %d, want %d", batch[0].Seq, next)
		}
		first := must[Envelope](t)(ParseEnvelope(batch[0]))
		end := must[Envelope](t)(ParseEnvelope(batch[len(batch)-1]))
		if first.Index != 0 || end.Index != end.Count-1 || len(batch) > 5 && first.CommandID != end.CommandID {
			return fmt.Errorf("events %d to %d run from %s to %s", batch[0].Seq, batch[len(batch)-1].Seq, first.ID, end.ID)
		}
		if next += uint64(len(batch)); next > total {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Error(err)
	}
	group.Wait()
}

func testFollowOutlasts(t *testing.T, s site) {
	cfg := s.open(t, nil).cfg
	writer := must[*Log](t)(Open(deadline(t), s.connect(t), cfg))
	w := newWire(t, s.url)
	l := s.through(t, w, cfg)
	ctx, cancel := context.WithCancel(deadline(t))
	defer cancel()
	seen := make(chan uint64, 1000)
	var group sync.WaitGroup
	group.Go(func() {
		// From beyond the end: the first two events are not asked for.
		err := l.Follow(ctx, 3, func(batch []Record) error {
			for _, r := range batch {
				seen <- r.Seq
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Follow ended with %v", err)
		}
	})
	write := func(expected uint64) {
		must[uint64](t)(writer.Append(ctx, expected, command(fmt.Sprint("c", expected), 2)))
	}
	expect := func(seqs ...uint64) {
		t.Helper()
		for _, want := range seqs {
			select {
			case got := <-seen:
				if got != want {
					t.Errorf("followed to %d, want %d", got, want)
				}
			case <-ctx.Done():
				t.Fatalf("event %d never came", want)
			}
		}
	}
	write(0)
	write(2)
	expect(3, 4)
	w.cut()
	write(4)
	expect(5, 6)
	deleteConsumers(t, writer)
	write(6)
	expect(7, 8)
	w.lose(fromServer, true)
	write(8)
	w.cut()
	w.lose(fromServer, false)
	write(10)
	expect(9, 10, 11, 12)
	if s.cluster != nil {
		until(t, "a leader", func() bool { return s.cluster.Leader(cfg.Stream) >= 0 })
		check(t, s.cluster.StepDown(ctx, cfg.Stream))
		write(12)
		expect(13, 14)
	}
	cancel()
	group.Wait()
	until(t, "no consumers", func() bool { return consumers(t, writer) <= 1 })
}

// deleteConsumers deletes every consumer under whoever uses it.
func deleteConsumers(t *testing.T, l *Log) {
	t.Helper()
	var answer struct {
		Consumers []string `json:"consumers"`
	}
	check(t, l.ask(deadline(t), "CONSUMER.NAMES."+l.cfg.Stream, nil, &answer))
	for _, name := range answer.Consumers {
		l.deleteConsumer(name)
	}
}

func testNoConsumersLeft(t *testing.T, s site) {
	l := s.open(t, func(c *Config) { c.FollowBatch = 500 })
	ctx := deadline(t)
	last := uint64(0)
	for i := range 3 {
		last = must[uint64](t)(l.Append(ctx, last, commands(fmt.Sprint("c", i), 1000)))
	}
	stop := errors.New("enough")
	for range 20 {
		all(t, l)
		check(t, l.Read(ctx, 10, 20, func([]Record) error { return nil }))
		if err := l.Read(ctx, 1, 0, func([]Record) error { return stop }); err != stop {
			t.Errorf("Read ended with %v", err)
		}
		if err := l.Follow(ctx, 1, func([]Record) error { return stop }); err != stop {
			t.Errorf("Follow ended with %v", err)
		}
	}
	until(t, "no consumers", func() bool { return consumers(t, l) == 0 }) // three nodes learn of a deletion one after the other
}

func testRequire(t *testing.T, s site) {
	l := s.open(t, nil)
	must[uint64](t)(l.Append(deadline(t), 0, command("a", 2)))
	check(t, l.Require(deadline(t), 0))
	check(t, l.Require(deadline(t), 2))
	if err := l.Require(deadline(t), 3); !errors.Is(err, ErrShort) {
		t.Errorf("got %v, want ErrShort", err)
	}
}

func testReadOnly(t *testing.T, s site) {
	missing := Config{Stream: "NOWHERE", ReadOnly: true}
	if _, err := Open(deadline(t), s.connect(t), missing); !errors.Is(err, ErrNoStream) {
		t.Errorf("a stream that is not there: %v, want ErrNoStream", err)
	}
	l := s.open(t, nil)
	must[uint64](t)(l.Append(deadline(t), 0, command("a", 2)))
	reader := must[*Log](t)(Open(deadline(t), s.connect(t), Config{Stream: l.cfg.Stream, Replicas: s.replicas, ReadOnly: true}))
	if n := len(all(t, reader)); n != 2 {
		t.Errorf("read %d events, not 2", n)
	}
	if _, err := reader.Append(deadline(t), 2, command("b", 1)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
}
