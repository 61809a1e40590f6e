package eventstore

import (
	"context"
	"encoding/json"
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
	var held time.Time // until when the record that was handed out last is its reader's
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
				if time.Now().Before(held) {
					t.Errorf("record %d was handed out beside another", h.Seq)
				}
				held = h.Until
				mu.Unlock()
				if want := must[Record](t)(l.Get(ctx, h.Seq)); LeafHash(h.Record) != LeafHash(want) {
					t.Errorf("record %d is another as it is handed out", h.Seq)
				}
				mu.Lock()
				if !time.Now().Before(h.Until) { // on a machine that is this slow it is another's by now
					mu.Unlock()
					continue
				}
				held = time.Time{}
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
	// Who holds it is gone. One of an earlier release is believed for half a minute, until somebody of this one reads by it.
	slow := map[string]any{"name": "webhook-a", "durable_name": "webhook-a", "deliver_policy": "by_start_sequence", "opt_start_seq": 3, "ack_policy": "explicit",
		"ack_wait": 30 * time.Second, "max_deliver": -1, "max_ack_pending": 1, "replay_policy": "instant"}
	check(t, b.ask(ctx, "CREATE", must[[]byte](t)(json.Marshal(map[string]any{"stream_name": l.cfg.Stream, "config": slow})), &struct{}{}))
	if again := must[Handed](t)(s.again(t, l).Bookmark("webhook-a", 3).Next(ctx)); again.Seq != last || again.Tries != h.Tries+1 {
		t.Errorf("handed out again was %d, for the %d. time", again.Seq, again.Tries)
	}
	var now struct {
		Config struct {
			Wait time.Duration `json:"ack_wait"`
		}
	}
	if check(t, b.ask(ctx, "INFO", nil, &now)); now.Config.Wait != HandedFor {
		t.Errorf("who was killed is believed for %v", now.Config.Wait)
	}
	if names := must[[]string](t)(l.Bookmarks(ctx, "webhook-")); !slices.Equal(names, []string{"webhook-a"}) {
		t.Errorf("there are the bookmarks %q", names)
	}
	check(t, b.Remove(ctx))
	check(t, b.Remove(ctx))
	until(t, "no bookmark", func() bool { return consumers(t, l) == 0 })
}
