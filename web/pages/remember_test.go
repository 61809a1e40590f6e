package pages

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a question whose answer is how often it was asked, and takes a while.
type counted struct {
	mu    sync.Mutex
	asked int
	takes time.Duration
	err   error
}

func (c *counted) ask(ctx context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return c.asked, c.err
}

func TestAnAnswerIsRememberedForItsPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m remembered[int]
		defer m.close()
		wanted := func(body int, waited time.Duration, seq uint64, c *counted) {
			t.Helper()
			began := time.Now()
			got, err := m.get(t.Context(), "how much", seq, c.ask)
			if took := time.Since(began); got != body || err != nil || took != waited {
				t.Errorf("%d after %v (%v), want %d after %v", got, took, err, body, waited)
			}
		}
		quick := &counted{takes: time.Millisecond}
		wanted(1, quick.takes, 1, quick)
		wanted(1, 0, 1, quick)
		wanted(2, quick.takes, 2, quick) // what is quickly made is never out of date
		slow := &counted{takes: time.Second}
		wanted(1, time.Second, 3, slow)
		wanted(1, 0, 4, slow) // the newer one is being made
		wanted(1, 0, 4, slow)
		synctest.Wait()
		time.Sleep(2 * time.Second)
		wanted(2, 0, 4, slow)
		time.Sleep(20 * time.Second)
		wanted(3, time.Second, 5, slow) // too old to be given
		if quick.asked != 2 || slow.asked != 3 {
			t.Errorf("asked %d and %d times", quick.asked, slow.asked)
		}
	})
}

func TestWhoAsksTheSameAtOnceWaitsForOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m remembered[int]
		slow := &counted{takes: time.Second}
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if got, err := m.get(t.Context(), "how much", 1, slow.ask); got != 1 || err != nil {
					t.Errorf("%d, %v", got, err)
				}
			})
		}
		all.Go(func() {
			if _, err := m.get(gone, "how much", 1, slow.ask); !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait()
		leave()
		all.Wait()
		failing := &counted{err: errors.New("no database")}
		for range 2 {
			if _, err := m.get(t.Context(), "another", 1, failing.ask); !errors.Is(err, failing.err) {
				t.Errorf("%v", err)
			}
		}
		if slow.asked != 1 || failing.asked != 2 {
			t.Errorf("asked %d and %d times", slow.asked, failing.asked)
		}
		m.close()
		if _, err := m.get(t.Context(), "late", 1, slow.ask); !errors.Is(err, errClosed) {
			t.Errorf("closed pages answer: %v", err)
		}
	})
}

func TestWhoMustSeeWhatTheyDidWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := remembered[int]{kept: 2}
		defer m.close()
		slow := &counted{takes: time.Second}
		exactly := func(want int, question string, seq uint64) {
			t.Helper()
			if got, err := m.exactly(t.Context(), question, seq, slow.ask); got != want || err != nil {
				t.Errorf("%d, %v, want %d", got, err, want)
			}
		}
		exactly(1, "a", 3)
		exactly(1, "a", 3)
		if got, _ := m.get(t.Context(), "a", 4, slow.ask); got != 1 { // the newer one is being made
			t.Errorf("%d is given, want the former", got)
		}
		exactly(3, "a", 5) // that one is of 4: another is made behind it
		exactly(3, "a", 4)
		exactly(4, "b", 1)
		time.Sleep(time.Second)
		exactly(5, "c", 1) // the oldest is forgotten
		exactly(4, "b", 1)
		if len(m.answers) != 2 || m.answers["a"] != nil {
			t.Errorf("%d are kept: %v", len(m.answers), m.answers)
		}
	})
}
