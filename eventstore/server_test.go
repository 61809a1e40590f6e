package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestRestartKeepsAll(t *testing.T) {
	dir, cfg := t.TempDir(), Config{Stream: "KEPT", Subjects: []string{"fund.>"}}
	last := uint64(0)
	for range 3 {
		s := must[*Server](t)(StartServer(ServerConfig{Dir: dir}))
		nc := must[*nats.Conn](t)(s.Connect())
		l := must[*Log](t)(Open(deadline(t), nc, cfg))
		if n := uint64(len(all(t, l))); n != last {
			t.Errorf("the log holds %d events, not %d", n, last)
		}
		last = must[uint64](t)(l.Append(deadline(t), last, command(fmt.Sprint("c", last), 3)))
		last = must[uint64](t)(l.Append(deadline(t), last, command(fmt.Sprint("c", last), 1)))
		nc.Close()
		s.Shutdown()
	}
}

// TestServerLogsToSlog has the server's own lines go where its starter says, none of them an error.
func TestServerLogsToSlog(t *testing.T) {
	var lines bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := must[*Server](t)(StartServer(ServerConfig{Dir: t.TempDir(), Logger: logger}))
	s.Shutdown()
	if got := lines.String(); !strings.Contains(got, "nats: ") || strings.Contains(got, "level=ERROR") {
		t.Errorf("it logged %q", got)
	}
}

func TestClusterRestartKeepsAll(t *testing.T) {
	c := must[*Cluster](t)(StartCluster(t.TempDir(), 3, nil))
	defer c.Shutdown()
	cfg := Config{Stream: "KEPT", Subjects: []string{"fund.>"}, Replicas: 3}
	nc := must[*nats.Conn](t)(c.Connect())
	defer nc.Close()
	l := must[*Log](t)(Open(deadline(t), nc, cfg))
	must[uint64](t)(l.Append(deadline(t), 0, command("a", 5)))
	c.Shutdown()
	check(t, c.startAll())
	if last := must[uint64](t)(l.Append(deadline(t), 5, command("b", 2))); last != 7 {
		t.Errorf("the last event lies at %d, not 7", last)
	}
	if n := len(all(t, l)); n != 7 {
		t.Errorf("the log holds %d events, not 7", n)
	}
}

func TestServerKeepsOthersOut(t *testing.T) {
	s := must[*Server](t)(StartServer(ServerConfig{Dir: t.TempDir()}))
	defer s.Shutdown()
	if _, err := nats.Connect(s.ClientURL()); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("without a password: %v, want an authorization error", err)
	}
	if _, err := nats.Connect(s.ClientURL(), nats.UserInfo(s.Username(), "guess")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("with another password: %v, want an authorization error", err)
	}
	nc := must[*nats.Conn](t)(nats.Connect(s.ClientURL(), nats.UserInfo(s.Username(), s.Password())))
	nc.Close()
	host, _, err := net.SplitHostPort(strings.TrimPrefix(s.ClientURL(), "nats://"))
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		t.Errorf("it listens on %s, not on loopback", s.ClientURL())
	}
}

func TestServerConfig(t *testing.T) {
	address := func(s string) *string { return &s }
	tests := []struct {
		outcome string
		cfg     ServerConfig
		url     string // what its URL starts with; "-": it does not start
	}{
		{"a port of its own by default", ServerConfig{}, "nats://127.0.0.1:"},
		{"no listener when told so", ServerConfig{Listen: address("")}, ""},
		{"a given loopback address", ServerConfig{Listen: address("127.0.0.1:0")}, "nats://127.0.0.1:"},
		{"an address others can reach is refused", ServerConfig{Listen: address("0.0.0.0:0")}, "-"},
		{"any address is refused", ServerConfig{Listen: address(":0")}, "-"},
		{"an address without port is refused", ServerConfig{Listen: address("localhost")}, "-"},
	}
	for _, test := range tests {
		test.cfg.Dir = t.TempDir()
		s, err := StartServer(test.cfg)
		if test.url == "-" {
			if err == nil {
				s.Shutdown()
				t.Errorf("%s: it started", test.outcome)
			}
			continue
		}
		check(t, err)
		if url := s.ClientURL(); !strings.HasPrefix(url, test.url) || test.url == "" && url != "" {
			t.Errorf("%s: its URL is %q", test.outcome, url)
		}
		nc := must[*nats.Conn](t)(s.Connect())
		nc.Close()
		s.Shutdown()
	}
	if _, err := StartServer(ServerConfig{}); err == nil {
		t.Error("a server without a folder started")
	}
}

func TestOneServerPerFolder(t *testing.T) {
	dir := t.TempDir()
	s := must[*Server](t)(StartServer(ServerConfig{Dir: dir}))
	if _, err := StartServer(ServerConfig{Dir: dir}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second server: %v, want ErrLocked", err)
	}
	s.Shutdown()
	s = must[*Server](t)(StartServer(ServerConfig{Dir: dir}))
	s.Shutdown()
}

// oneNode is a server and a connection for a test of its own.
func oneNode(t testing.TB, cfg ServerConfig) *nats.Conn {
	t.Helper()
	cfg.Dir = t.TempDir()
	s := must[*Server](t)(StartServer(cfg))
	t.Cleanup(s.Shutdown)
	nc := must[*nats.Conn](t)(s.Connect())
	t.Cleanup(nc.Close)
	return nc
}

func TestFullStoreLeavesTheLogUnmoved(t *testing.T) {
	l := must[*Log](t)(Open(deadline(t), oneNode(t, ServerConfig{MaxStore: 4 << 20}), Config{Stream: "FULL", Subjects: []string{"fund.>"}}))
	for _, n := range []int{1, 3} {
		var err error
		last := must[uint64](t)(l.Last(deadline(t)))
		for range 20 {
			drafts := command(fmt.Sprint("c", last), n)
			drafts[0].Data = make([]byte, 512<<10)
			var next uint64
			if next, err = l.Append(deadline(t), last, drafts); err != nil {
				break
			}
			last = next
		}
		if err == nil || errors.Is(err, ErrUnknown) || errors.Is(err, ErrOutOfTurn) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("appending %d events to a full store: %v, want a plain error", n, err)
		}
		if got := must[uint64](t)(l.Last(deadline(t))); got != last {
			t.Errorf("the log ends at %d, not %d", got, last)
		}
	}
	all(t, l)
}

func TestLargerBatches(t *testing.T) {
	nc := oneNode(t, ServerConfig{MaxBatch: 3000})
	cfg := Config{Stream: "LARGE", Subjects: []string{"fund.>"}, MaxBatch: 3000}
	l := must[*Log](t)(Open(deadline(t), nc, cfg))
	if last := must[uint64](t)(l.Append(deadline(t), 0, commands("c", 3000))); last != 3000 {
		t.Errorf("the last event lies at %d, not 3000", last)
	}
	cfg.MaxBatch = 3001
	l = must[*Log](t)(Open(deadline(t), nc, cfg))
	if _, err := l.Append(deadline(t), 3000, commands("d", 3001)); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("a batch beyond the server's limit: %v, want a plain error", err)
	}
	// Behind a lost answer too: what is too large now was too large then.
	lost := &attempt{log: l, expected: 3000, drafts: commands("d", 3001), unsure: true}
	if _, done, err := lost.judge(deadline(t), &jetstream.APIError{ErrorCode: codeBatchTooLarge}); !done || err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("a batch beyond the server's limit behind a lost answer: %v, %v, want a plain error", done, err)
	}
	if n := len(all(t, l)); n != 3000 {
		t.Errorf("the log holds %d events, not 3000", n)
	}
}

func TestChangedSettingsAreNamed(t *testing.T) {
	js := must[jetstream.JetStream](t)(jetstream.New(oneNode(t, ServerConfig{})))
	anchor(t, js.Conn())
	tests := []struct {
		setting string
		change  func(*jetstream.StreamConfig)
	}{
		{"max_msgs", func(c *jetstream.StreamConfig) { c.MaxMsgs = 10 }},
		{"max_bytes", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 20 }},
		{"max_age", func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour }},
		{"max_msg_size", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 }},
		{"max_msgs_per_subject", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }},
		{"max_consumers", func(c *jetstream.StreamConfig) { c.MaxConsumers = 1 }},
		{"discard", func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld }},
		{"retention", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }},
		{"storage", func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }},
		{"no_ack", func(c *jetstream.StreamConfig) { c.NoAck, c.AllowAtomicPublish = true, false }},
		{"deny_delete", func(c *jetstream.StreamConfig) { c.DenyDelete = false }},
		{"deny_purge", func(c *jetstream.StreamConfig) { c.DenyPurge = false }},
		{"allow_rollup_hdrs", func(c *jetstream.StreamConfig) { c.DenyPurge, c.AllowRollup = false, true }},
		{"allow_msg_ttl", func(c *jetstream.StreamConfig) { c.AllowMsgTTL = true }},
		{"allow_atomic", func(c *jetstream.StreamConfig) { c.AllowAtomicPublish = false }},
		{"allow_direct", func(c *jetstream.StreamConfig) { c.AllowDirect = true }},
		{"duplicate_window", func(c *jetstream.StreamConfig) { c.Duplicates = time.Minute }},
		{"compression", func(c *jetstream.StreamConfig) { c.Compression = jetstream.S2Compression }},
		{"persist_mode", func(c *jetstream.StreamConfig) {
			c.PersistMode, c.AllowAtomicPublish = jetstream.AsyncPersistMode, false
		}},
		{"subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"fund.other.>"} }},
		{"republish", func(c *jetstream.StreamConfig) {
			c.RePublish = &jetstream.RePublish{Source: ">", Destination: "copy.>"}
		}},
		{"subject_transform", func(c *jetstream.StreamConfig) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: "fund.test.>", Destination: "fund.test.x.>"}
		}},
		{"first_seq", func(c *jetstream.StreamConfig) { c.FirstSeq = 5 }},
		{"sealed", nil},
	}
	cfg := Config{Subjects: []string{"fund.test.>"}}.withDefaults()
	for i, test := range tests {
		cfg.Stream = fmt.Sprint("CHANGED-", i)
		changed := streamConfig(cfg)
		if test.change != nil {
			test.change(&changed)
		}
		if _, err := js.CreateStream(deadline(t), changed); err != nil {
			t.Fatalf("creating one with another %s: %v", test.setting, err)
		}
		if test.setting == "sealed" {
			changed.Sealed = true
			must[jetstream.Stream](t)(js.UpdateStream(deadline(t), changed))
		}
		_, err := Open(deadline(t), js.Conn(), cfg)
		var differing *SettingsError
		if !errors.As(err, &differing) || !strings.Contains(err.Error(), test.setting+" is ") {
			t.Errorf("with another %s: %v", test.setting, err)
		}
		check(t, js.DeleteStream(deadline(t), cfg.Stream))
	}
	must[*Log](t)(Open(deadline(t), js.Conn(), cfg))
	must[*Log](t)(Open(deadline(t), js.Conn(), cfg))
}

// TestTrimmedLogIsNoticed trims a log the one way that deny_delete and deny_purge leave open: an update of the stream.
func TestTrimmedLogIsNoticed(t *testing.T) {
	nc := oneNode(t, ServerConfig{})
	js := must[jetstream.JetStream](t)(jetstream.New(nc))
	cfg := Config{Stream: "TRIMMED", Subjects: []string{"fund.test.>"}}.withDefaults()
	l := must[*Log](t)(Open(deadline(t), nc, cfg))
	must[uint64](t)(l.Append(deadline(t), 0, commands("c", 10)))
	trimming := streamConfig(cfg)
	trimming.MaxMsgs, trimming.Discard = 4, jetstream.DiscardOld
	must[jetstream.Stream](t)(js.UpdateStream(deadline(t), trimming))
	must[jetstream.Stream](t)(js.UpdateStream(deadline(t), streamConfig(cfg)))

	_, err := Open(deadline(t), nc, cfg)
	var differing *SettingsError
	if !errors.As(err, &differing) || len(differing.Settings) != 1 || differing.Settings[0] != (Setting{"state.first_seq", "1", "7"}) {
		t.Errorf("opening: %v, want state.first_seq to be named", err)
	}
	nothing := func([]Record) error { return nil }
	for name, err := range map[string]error{
		"reading it whole":          l.Read(deadline(t), 1, 0, nothing),
		"reading one event":         l.Read(deadline(t), 3, 3, nothing),
		"reading across the gap":    l.Read(deadline(t), 5, 8, nothing),
		"following from the start":  l.Follow(deadline(t), 1, nothing),
		"following from in the gap": l.Follow(deadline(t), 6, nothing),
	} {
		if !errors.Is(err, ErrGap) {
			t.Errorf("%s: %v, want ErrGap", name, err)
		}
	}
	check(t, l.Read(deadline(t), 7, 10, nothing))
}
