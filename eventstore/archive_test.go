package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
)

// archived is a log's archive, and the records that were shown while it was written.
func archived(t *testing.T, l *Log) ([]byte, []Record) {
	t.Helper()
	var text bytes.Buffer
	var records []Record
	last := must[uint64](t)(l.WriteArchive(deadline(t), &text, 0, true, nil, func(r Record) error {
		records = append(records, r)
		return nil
	}))
	if last != uint64(len(records)) {
		t.Fatalf("%d records were shown, and it ends at %d", len(records), last)
	}
	return text.Bytes(), records
}

func testArchive(t *testing.T, s site) {
	l := s.open(t, nil)
	if last := must[uint64](t)(l.WriteArchive(deadline(t), nil, 0, true, nil, nil)); last != 0 {
		t.Errorf("an empty log's archive ends at %d", last)
	}
	drafts := commands("one", 40)
	for i := range 30 {
		drafts = append(drafts, command(fmt.Sprint("long-", i), 7)...)
	}
	drafts[5].Data = bytes.Repeat([]byte("wide "), 100_000)
	last := must[uint64](t)(l.Append(deadline(t), 0, drafts))
	text, shown := archived(t, l)
	before := all(t, l)
	if diff := cmp.Diff(before, shown, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Fatalf("what is archived is not what is on the log:\n%s", diff)
	}
	if err := RestoreArchive(deadline(t), l.nc, l.cfg, 1, last, bytes.NewReader(text)); !errors.Is(err, ErrStreamExists) {
		t.Fatalf("restored over a log: %v", err)
	}
	check(t, RemoveStream(deadline(t), l.nc, l.cfg.Stream))
	if err := RestoreArchive(deadline(t), l.nc, l.cfg, 1, last, bytes.NewReader(text[:len(text)/2])); err == nil {
		t.Error("half an archive was restored")
	}
	check(t, RemoveStream(deadline(t), l.nc, l.cfg.Stream))
	check(t, RemoveStream(deadline(t), l.nc, l.cfg.Stream)) // there is none
	until(t, "the stream is gone", func() bool { return !must[bool](t)(StreamExists(deadline(t), l.nc, l.cfg.Stream)) })
	check(t, RestoreArchive(deadline(t), l.nc, l.cfg, 1, last, bytes.NewReader(text)))

	restored := s.again(t, l) // checks its settings
	if diff := cmp.Diff(before, all(t, restored), cmp.Comparer(bytes.Equal)); diff != "" {
		t.Fatalf("what was restored is not what was archived:\n%s", diff)
	}
	if next := must[uint64](t)(restored.Append(deadline(t), last, command("next", 13))); next != last+13 {
		t.Errorf("the next command ends at %d", next)
	}
	again, _ := archived(t, restored)
	if len(again) <= len(text) {
		t.Error("the archive of the restored log lacks the next command")
	}
}

// Whatever is being written meanwhile, an archive ends where a command ends.
func testArchiveWhileWriting(t *testing.T, s site) {
	l := s.open(t, nil)
	last := must[uint64](t)(l.Append(deadline(t), 0, command("first", 20)))
	ctx, stop := context.WithCancel(deadline(t))
	written := make(chan error, 1)
	go func() {
		var err error
		for i := 0; ctx.Err() == nil && err == nil; i++ {
			last, err = l.Append(context.WithoutCancel(ctx), last, command(fmt.Sprint("more-", i), 20))
		}
		written <- err
	}()
	var lengths []int
	for range 5 {
		_, records := archived(t, l)
		lengths = append(lengths, len(records))
	}
	stop()
	check(t, <-written)
	for _, n := range lengths {
		if n%20 != 0 {
			t.Errorf("an archive of %d events ends inside a command", n)
		}
	}
	if !slices.IsSorted(lengths) || lengths[0] == 0 {
		t.Errorf("archives of %v events", lengths)
	}
}

func TestAnArchiveThatWasChangedIsRefused(t *testing.T) {
	s := must[*Server](t)(StartServer(ServerConfig{Dir: t.TempDir()}))
	t.Cleanup(s.Shutdown)
	nc := must[*nats.Conn](t)(s.Connect())
	t.Cleanup(nc.Close)
	l := must[*Log](t)(Open(deadline(t), nc, Config{Stream: "LOG", Subjects: []string{"fund.test.>"}}))
	must[uint64](t)(l.Append(deadline(t), 0, commands("a", 3)))
	text, _ := archived(t, l)
	read := func(text []byte) error {
		_, err := ReadArchive(bytes.NewReader(text), func(Record) error { return nil })
		return err
	}
	check(t, read(text))
	for n := range text {
		if err := read(text[:n]); !errors.Is(err, ErrArchive) {
			t.Fatalf("cut at %d of %d: %v", n, len(text), err)
		}
	}
	for name, changed := range map[string][]byte{
		"something behind it": append(slices.Clone(text), 0),
		"another beginning":   append([]byte("NATSARC2"), text[8:]...),
		"more messages":       bytes.Replace(text, []byte(`"last_seq":3`), []byte(`"last_seq":4`), 1),
		"a consumer":          bytes.Replace(text, []byte(`"consumer_count":0`), []byte(`"consumer_count":1`), 1),
		"no header":           bytes.Replace(text, []byte("NATS/1.0"), []byte("NATS/9.9"), 1),
		"a lost entry":        slices.Concat(text[:bytes.Index(text, []byte("fund.test"))-9], text[len(text)-5:]),
	} {
		if bytes.Equal(changed, text) {
			t.Errorf("%s: nothing was changed", name)
		}
		if err := read(changed); !errors.Is(err, ErrArchive) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server may name the subject to which a restore is sent before its own node's clients can reach it. A server that has taken a
// piece and is gone has given up.
func TestARestoreWaitsForTheServerToListen(t *testing.T) {
	nc := oneNode(t, ServerConfig{})
	out := &restoring{ctx: deadline(t), nc: nc, to: nats.NewInbox()}
	listens := make(chan *nats.Subscription, 1)
	late := time.AfterFunc(10*firstPause, func() {
		sub, err := nc.Subscribe(out.to, func(m *nats.Msg) { _ = m.Respond(nil) })
		if err != nil {
			t.Error(err)
		}
		listens <- sub
	})
	defer late.Stop()
	if _, err := out.Write([]byte("piece")); err != nil {
		t.Fatalf("it did not wait: %v", err)
	}
	check(t, (<-listens).Unsubscribe())
	check(t, nc.Flush())
	before := nc.Stats().OutMsgs
	if _, err := out.Write([]byte("piece")); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("sent to nobody: %v", err)
	}
	if again := nc.Stats().OutMsgs - before; again != 1 {
		t.Errorf("sent %d times to a server that gave up", again)
	}
}
