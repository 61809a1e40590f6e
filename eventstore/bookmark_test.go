package eventstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// testBookmark: several readers by one bookmark get every record, in order, one at a time; it outlives them; what is given back comes again first.
func testBookmark(t *testing.T, s site) {
	l := s.open(t, nil)
	ctx := deadline(t)
	last := must[uint64](t)(l.Append(ctx, 0, commands("c", 40)))
	if _, err := l.Bookmark("webhook-a", 3).Standing(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("of a bookmark that nobody read by: %v", err)
	}
	var mu sync.Mutex
	var got []uint64
	atWork := 0
	reading, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for _, reader := range []*Log{l, s.again(t, l), s.again(t, l)} {
		readers.Go(func() {
			b := reader.Bookmark("webhook-a", 3)
			for reading.Err() == nil {
				h, err := b.Next(reading)
				if err != nil {
					if reading.Err() == nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				if atWork++; atWork > 1 {
					t.Errorf("record %d was handed out beside another", h.Seq)
				}
				mu.Unlock()
				if want := must[Record](t)(l.Get(ctx, h.Seq)); LeafHash(h.Record) != LeafHash(want) {
					t.Errorf("record %d is another as it is handed out", h.Seq)
				}
				mu.Lock()
				atWork--
				if h.Seq == 10 && h.Tries < 3 {
					mu.Unlock()
					check(t, h.Later(20*time.Millisecond))
					continue
				}
				got = append(got, h.Seq)
				mu.Unlock()
				check(t, h.Done(ctx))
			}
		})
	}
	b := l.Bookmark("webhook-a", 3)
	until(t, "everything to be handed out", func() bool {
		standing, err := b.Standing(ctx)
		return err == nil && standing == Standing{Position: last}
	})
	stop()
	readers.Wait()
	var want []uint64
	for seq := uint64(3); seq <= last; seq++ {
		want = append(want, seq)
	}
	if !slices.Equal(got, want) {
		t.Errorf("handed out were %v", got)
	}
	last = must[uint64](t)(l.Append(ctx, last, commands("d", 1)))
	h, err := s.again(t, l).Bookmark("webhook-a", 1).Next(ctx) // where it was made makes no difference later
	if err != nil || h.Seq != last {
		t.Errorf("handed out was %d, %v; the next is %d", h.Seq, err, last)
	}
	if standing := must[Standing](t)(b.Standing(ctx)); standing != (Standing{Position: last - 1, Behind: 1}) {
		t.Errorf("it stands at %+v", standing)
	}
	if names := must[[]string](t)(l.Bookmarks(ctx, "webhook-")); !slices.Equal(names, []string{"webhook-a"}) {
		t.Errorf("there are the bookmarks %q", names)
	}
	check(t, b.Remove(ctx))
	check(t, b.Remove(ctx))
	until(t, "no bookmark", func() bool { return consumers(t, l) == 0 })
}
