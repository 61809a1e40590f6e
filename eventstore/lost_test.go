package eventstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func testLostAnswer(t *testing.T, s site) {
	cfg := s.open(t, nil).cfg
	cfg.AckTimeout = 200 * time.Millisecond
	direct := must[*Log](t)(Open(deadline(t), s.connect(t), cfg))
	w := newWire(t, s.url)
	l := s.through(t, w, cfg)
	expected := uint64(0)
	for _, n := range []int{1, 7, 1, 20} {
		w.lose(fromServer, true)
		var group sync.WaitGroup
		group.Go(func() {
			until(t, "the append on the log", func() bool { return must[uint64](t)(direct.Last(deadline(t))) > expected })
			w.cut()
			w.lose(fromServer, false)
		})
		last, err := l.Append(deadline(t), expected, command(fmt.Sprint("c", expected), n))
		group.Wait()
		if err != nil || last != expected+uint64(n) {
			t.Fatalf("%d events behind %d: last %d, %v", n, expected, last, err)
		}
		expected = last
	}
	if n := uint64(len(all(t, direct))); n != expected {
		t.Errorf("the log holds %d events, not %d", n, expected)
	}
}

func testLostRequest(t *testing.T, s site) {
	cfg := s.open(t, nil).cfg
	cfg.AckTimeout = 200 * time.Millisecond
	w := newWire(t, s.url)
	l := s.through(t, w, cfg)
	expected := uint64(0)
	for _, n := range []int{1, 7} {
		w.lose(fromClient, true)
		timer := time.AfterFunc(300*time.Millisecond, func() {
			w.cut()
			w.lose(fromClient, false)
		})
		last, err := l.Append(deadline(t), expected, command(fmt.Sprint("c", expected), n))
		timer.Stop()
		if err != nil || last != expected+uint64(n) {
			t.Fatalf("%d events behind %d: last %d, %v", n, expected, last, err)
		}
		expected = last
	}
	if n := uint64(len(all(t, l))); n != expected {
		t.Errorf("the log holds %d events, not %d", n, expected)
	}
}

func testLostRace(t *testing.T, s site) {
	cfg := s.open(t, nil).cfg
	cfg.AckTimeout = 200 * time.Millisecond
	direct := must[*Log](t)(Open(deadline(t), s.connect(t), cfg))
	w := newWire(t, s.url)
	l := s.through(t, w, cfg)
	w.lose(fromClient, true)
	mine, others := command("same", 2), command("same", 2)
	others[1].Data = []byte(`{"decided":"otherwise"}`)
	must[uint64](t)(direct.Append(deadline(t), 0, others))
	timer := time.AfterFunc(300*time.Millisecond, func() {
		w.cut()
		w.lose(fromClient, false)
	})
	defer timer.Stop()
	if _, err := l.Append(deadline(t), 0, mine); !errors.Is(err, ErrOutOfTurn) {
		t.Errorf("got %v, want ErrOutOfTurn", err)
	}
	if n := len(all(t, direct)); n != 2 {
		t.Errorf("the log holds %d events, not 2", n)
	}
}

func testUnknown(t *testing.T, s site) {
	cfg := s.open(t, nil).cfg
	cfg.AckTimeout = 50 * time.Millisecond
	w := newWire(t, s.url)
	l := s.through(t, w, cfg)
	direct := must[*Log](t)(Open(deadline(t), s.connect(t), cfg))
	w.lose(fromServer, true)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { // the caller gives up when the append has landed and its answer has long been waited for
		defer cancel()
		until(t, "the append on the log", func() bool { return must[uint64](t)(direct.Last(deadline(t))) == 1 })
		time.Sleep(3 * cfg.AckTimeout)
	})
	_, err := l.Append(ctx, 0, command("a", 1))
	group.Wait()
	if !errors.Is(err, ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want ErrUnknown and the context's end", err)
	}
}
