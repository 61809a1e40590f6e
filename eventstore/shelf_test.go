package eventstore

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// testShelf: what is put last lies there, for every process; a guard lets one of two take a name; what has its time goes by itself.
func testShelf(t *testing.T, s site) {
	cfg := s.config()
	cfg.Stream, cfg.Subjects = "KEPT_test", []string{"kept.test.>"}
	s.deleteAfter(t, cfg.Stream)
	ctx := deadline(t)
	nc := s.connect(t)
	first, second := must[*Shelf](t)(OpenShelf(ctx, nc, cfg)), must[*Shelf](t)(OpenShelf(ctx, nc, cfg))
	_, none, err := first.Get(ctx, "session.a")
	if !errors.Is(err, ErrNotFound) || none != 0 {
		t.Fatalf("of an empty shelf: %d, %v", none, err)
	}
	check(t, first.Swap(ctx, "checkpoint.1", []byte("one"), none, 0))
	if err := second.Swap(ctx, "checkpoint.1", []byte("another"), none, 0); !errors.Is(err, ErrOutOfTurn) {
		t.Errorf("a name that is taken was taken again: %v", err)
	}
	text, was, err := second.Get(ctx, "checkpoint.1")
	if err != nil || string(text) != "one" {
		t.Fatalf("%q, %v", text, err)
	}
	check(t, second.Swap(ctx, "checkpoint.1", []byte("two"), was, 0))
	check(t, first.Put(ctx, "checkpoint.2", []byte("x"), 0))
	check(t, first.Put(ctx, "session.a", []byte("long"), time.Hour))
	check(t, first.Put(ctx, "session.b", []byte("short"), time.Second))
	check(t, second.Take(ctx, "session.a"))
	if _, _, err := first.Get(ctx, "session.a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("what was taken away is there: %v", err)
	}
	until(t, "what has its time goes", func() bool {
		_, _, err := first.Get(ctx, "session.b")
		return errors.Is(err, ErrNotFound)
	})
	if names := must[[]string](t)(first.Names(ctx, "checkpoint.")); !slices.Equal(names, []string{"1", "2"}) {
		t.Errorf("the names are %v", names)
	}
	if text, _, err = first.Get(ctx, "checkpoint.1"); err != nil || string(text) != "two" {
		t.Errorf("%q, %v", text, err)
	}
	cfg.shelf = false
	if _, err := Open(ctx, nc, cfg); err == nil {
		t.Error("a shelf is taken for a log")
	}
}
