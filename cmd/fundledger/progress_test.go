package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/tabular"
)

// What is thrown away needs no bar: a bar that nothing draws is waited for, for ever.
func TestProgressIntoNothingEnds(t *testing.T) {
	nothing, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	s := &Settings{stderr: nothing}
	for _, last := range []int64{0, 50, 100} {
		p := s.progress("something")
		p.began = time.Now().Add(-time.Hour)
		for done := range last + 1 {
			p.at(done, 100)
		}
		ended := make(chan struct{})
		go func() { defer close(ended); p.done() }()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("it is waited for")
		}
	}
}

// Whatever reads the log at length, and whatever cannot say how far it is, is seen while it lasts.
func TestLongWorkIsSeen(t *testing.T) {
	dir := t.TempDir()
	var told bytes.Buffer
	s := &Settings{Data: dir, Lang: "en", stdout: io.Discard, stderr: &told, pace: pace{quiet: 4, every: time.Nanosecond}, logger: slog.New(slog.DiscardHandler)}
	in, err := s.open(t.Context(), purpose{fund: "elsewhere-2025", create: true, logOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	l, err := ledger.Open(t.Context(), in.nc, in.ledgerConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	policy, err := policies.Named("elsewhere-2025")
	if err != nil {
		t.Fatal(err)
	}
	publish, err := publication(policy, "officer", "")
	if err != nil {
		t.Fatal(err)
	}
	if r := l.Do(t.Context(), ledger.Order{Command: publish}); r.Err != nil || r.Refusal != nil {
		t.Fatalf("%+v", r)
	}
	told.Reset()
	if err := (readLog{l.Log(), s}).Read(t.Context(), 1, 0, func([]eventstore.Record) error { return nil }); err != nil || told.String() != "reading the log: 1 / 1\n" {
		t.Errorf("%v: %q", err, &told)
	}
	told.Reset()
	table := tabular.Table{Name: "rows", Columns: []tabular.Column{{Name: "a"}}, Rows: func(yield func(tabular.Row, error) bool) {
		for range 2500 {
			if !yield(tabular.Row{"x"}, nil) {
				return
			}
		}
	}}
	if err := s.write(table, Shape{Format: "csv", Out: filepath.Join(dir, "out.csv")}); err != nil || told.String() != "writing: 1000\nwriting: 2000\n" {
		t.Errorf("%v: %q", err, &told)
	}
	told.Reset()
	seen := make(chan struct{})
	s.stderr = firstWrite{&told, sync.OnceFunc(func() { close(seen) })}
	done := s.waiting("something")
	select {
	case <-seen:
	case <-time.After(patience):
		t.Fatal("nothing is seen of what waits")
	}
	done()
	done() // twice is once
	if !strings.HasPrefix(told.String(), "something: 0s\n") {
		t.Errorf("what waits says %q", &told)
	}
}

// firstWrite says when something was written.
type firstWrite struct {
	io.Writer
	written func()
}

func (w firstWrite) Write(p []byte) (int, error) {
	defer w.written()
	return w.Writer.Write(p)
}
