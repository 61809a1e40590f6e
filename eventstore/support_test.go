package eventstore

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	runChild()
	goleak.VerifyTestMain(m)
}

// command makes the events of one command.
func command(id string, events int) []Draft {
	drafts := make([]Draft, events)
	for i := range drafts {
		drafts[i] = Draft{
			Subject: Subject("test", "application", id, "happened"),
			Data:    fmt.Appendf(nil, `{"command":%q,"index":%d}`, id, i),
			Envelope: Envelope{
				ID: EventID(id, i), Source: "/funds/test", Type: "test.happened", Version: 1,
				Time: time.Date(2025, 3, 1, 2, 3, 4, 5, time.UTC), Subject: "application/" + id,
				CommandID: id, CommandHash: strings.Repeat("0123456789abcdef", 4), Command: "do_it", Index: i, Count: events,
				Actor: "张三", Role: "clerk", Department: "commerce", BusinessDate: "2025-03-01", ClauseVersion: 1,
			},
		}
	}
	return drafts
}

// commands makes n commands of one event each.
func commands(prefix string, n int) []Draft {
	var drafts []Draft
	for i := range n {
		drafts = append(drafts, command(fmt.Sprint(prefix, "-", i), 1)...)
	}
	return drafts
}

// patience is how long anything may take before it counts as stuck: no measure of the machine.
const patience = 2 * time.Minute

// deadline is a context that outlasts anything but a hang.
func deadline(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until polls until ok, and fails where that takes too long.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// all reads a log whole.
func all(t testing.TB, l *Log) []Record {
	t.Helper()
	var records []Record
	check(t, l.Read(deadline(t), 1, 0, func(batch []Record) error {
		records = append(records, batch...)
		return nil
	}))
	for i, r := range records {
		if r.Seq != uint64(i)+1 {
			t.Fatalf("event %d came at place %d", r.Seq, i+1)
		}
	}
	return records
}

func eventID(t testing.TB, r Record) string {
	t.Helper()
	e, err := ParseEnvelope(r)
	check(t, err)
	return e.ID
}

// site is a place to run the suite on.
type site struct {
	replicas int
	username string
	password string
	url      string // of one node
	connect  func(testing.TB) *nats.Conn
	cluster  *Cluster // nil on one node
}

var streams struct {
	sync.Mutex
	n int
}

// config names a stream no other test uses.
func (s site) config() Config {
	streams.Lock()
	defer streams.Unlock()
	streams.n++
	subject := "fund.test.>"
	return Config{Stream: fmt.Sprint("LOG-", streams.n), Subjects: []string{subject}, Replicas: s.replicas}
}

// open opens a fresh log, and deletes its stream at the end: all use the same subjects.
func (s site) open(t testing.TB, change func(*Config)) *Log {
	t.Helper()
	cfg := s.config()
	if change != nil {
		change(&cfg)
	}
	l := must[*Log](t)(Open(deadline(t), s.connect(t), cfg))
	s.deleteAfter(t, cfg.Stream)
	return l
}

func (s site) deleteAfter(t testing.TB, stream string) {
	t.Cleanup(func() {
		nc := s.connect(t)
		defer nc.Close()
		l := &Log{nc: nc, cfg: Config{Stream: stream}}
		var answer struct{}
		if err := l.ask(deadline(t), "STREAM.DELETE."+stream, nil, &answer); err != nil {
			t.Errorf("deleting stream %s: %v", stream, err)
		}
	})
}

// again opens another instance of a log, on a connection of its own.
func (s site) again(t testing.TB, l *Log) *Log {
	t.Helper()
	return must[*Log](t)(Open(deadline(t), s.connect(t), l.cfg))
}

// anchor makes a stream that stays. The server removes the folder of all streams with the last of them, a moment later, which a
// stream made in that moment does not survive.
func anchor(t testing.TB, nc *nats.Conn) {
	t.Helper()
	must[*Log](t)(Open(deadline(t), nc, Config{Stream: "ANCHOR", Subjects: []string{"fund.anchor.>"}}))
}

// consumers is how many consumers the server keeps for a log.
func consumers(t testing.TB, l *Log) int {
	t.Helper()
	info, err := l.streamInfo(deadline(t))
	check(t, err)
	return info.State.Consumers
}

// wire is a proxy between a client and a server that can lose what goes either way.
type wire struct {
	to       string
	listener net.Listener
	wait     sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  []net.Conn
	lost   [2]bool // what the client, the server sends is swallowed
}

const (
	fromClient = 0
	fromServer = 1
)

func newWire(t testing.TB, url string) *wire {
	t.Helper()
	w := &wire{to: strings.TrimPrefix(url, "nats://")}
	w.listener = must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	w.wait.Go(w.accept)
	t.Cleanup(func() {
		w.mu.Lock()
		w.closed = true
		w.mu.Unlock()
		_ = w.listener.Close()
		w.cut()
		w.wait.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		closed := w.closed
		w.mu.Unlock()
		if closed {
			w.cut()
			return
		}
		w.wait.Go(func() { w.pump(client, server, fromClient) })
		w.wait.Go(func() { w.pump(server, client, fromServer) })
	}
}

func (w *wire) pump(from, to net.Conn, direction int) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		lost := w.lost[direction]
		w.mu.Unlock()
		if n > 0 && !lost {
			if _, writeErr := to.Write(buf[:n]); writeErr != nil {
				err = writeErr
			}
		}
		if err != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

func (w *wire) lose(direction int, lost bool) {
	w.mu.Lock()
	w.lost[direction] = lost
	w.mu.Unlock()
}

// cut ends every connection there is; new ones are taken.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// through opens a log over a wire.
func (s site) through(t testing.TB, w *wire, cfg Config) *Log {
	t.Helper()
	nc, err := nats.Connect("nats://"+w.listener.Addr().String(), nats.UserInfo(s.username, s.password), nats.MaxReconnects(-1),
		nats.ReconnectWait(10*time.Millisecond), nats.IgnoreDiscoveredServers(), nats.NoCallbacksAfterClientClose())
	check(t, err)
	t.Cleanup(nc.Close)
	return must[*Log](t)(Open(deadline(t), nc, cfg))
}
