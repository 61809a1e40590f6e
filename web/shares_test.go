package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fundledger/fundledger/domain"
)

func as(t *testing.T, id domain.PersonID) context.Context {
	return context.WithValue(t.Context(), knownKey{}, known{viewer: Viewer{ID: id}})
}

// One person asks for very much: the places that they do not have are another's at once, and those who wait have their turns one person after
// the other.
func TestTurnsGoRoundAmongPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(3, 2, 5, time.Minute, "heavy_busy")
		var order []domain.PersonID
		var held []*place
		ask := func(id domain.PersonID, n int) {
			for range n {
				go func() {
					p, err := s.enter(as(t, id))
					if err != nil {
						t.Errorf("%s: %v", id, err)
						return
					}
					order, held = append(order, id), append(held, p)
				}()
				synctest.Wait()
			}
		}
		ask("a", 5)
		if !slices.Equal(order, []domain.PersonID{"a", "a"}) {
			t.Fatalf("%v", order)
		}
		if _, err := s.enter(as(t, "a")); problemOf(t, err).Status != http.StatusTooManyRequests || problemOf(t, err).retry == 0 {
			t.Errorf("the sixth of a: %v", err)
		}
		ask("b", 2)
		ask("c", 1)
		for len(held) > 0 {
			p := held[0]
			held = held[1:]
			p.leave()
			synctest.Wait()
		}
		if !slices.Equal(order, []domain.PersonID{"a", "a", "b", "a", "b", "c", "a", "a"}) {
			t.Errorf("%v", order)
		}
		if len(s.people) != 0 || len(s.queue) != 0 || s.running != 0 {
			t.Errorf("left: %+v", s)
		}
	})
}

// Who waits too long, or goes, leaves nothing behind; who writes to a slow client has no turn meanwhile.
func TestATurnIsWaitedForAndGivenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(1, 1, 5, time.Minute, "heavy_busy")
		ctx, done, err := s.heavy(as(t, "slow"), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.enter(as(t, "other")); problemOf(t, err).Code != "heavy_busy" {
			t.Errorf("it waited for ever: %v", err)
		}
		gone, leave := context.WithCancel(as(t, "other"))
		left := make(chan error)
		go func() { _, err := s.enter(gone); left <- err }()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		taken := make(chan *place)
		go func() {
			p, err := s.enter(as(t, "other"))
			if err != nil {
				t.Error(err)
			}
			taken <- p
		}()
		synctest.Wait()
		if err := waitingFor(ctx, func() error { (<-taken).leave(); return nil }); err != nil {
			t.Error(err)
		}
		if within, again, err := s.heavy(ctx, time.Hour); err != nil || within.Value(placeKey{}) != ctx.Value(placeKey{}) {
			t.Errorf("it takes a second turn: %v", err)
		} else {
			again()
		}
		done()
		if len(s.people) != 0 || len(s.queue) != 0 || s.running != 0 {
			t.Errorf("left: %+v", s)
		}
	})
}

// What was read whole waits for no second turn before its end is sent: another has it meanwhile, for as long as they like.
func TestTheEndOfAnExportWaitsForNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(1, 1, 5, time.Minute, "heavy_busy")
		ctx, done, err := s.heavy(as(t, "one"), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		taken := make(chan *place)
		go func() {
			p, err := s.enter(as(t, "other"))
			if err != nil {
				t.Error(err)
			}
			taken <- p
		}()
		synctest.Wait()
		answer := httptest.NewRecorder()
		out := &held{to: &taker{w: answer, control: http.NewResponseController(answer)}, ctx: ctx}
		if _, err := out.Write([]byte("rows")); err != nil {
			t.Error(err)
		}
		if err := out.finish(); err != nil || answer.Body.String() != "rows" {
			t.Errorf("%v, %q", err, answer.Body)
		}
		other := <-taken
		done()
		other.leave()
		if len(s.people) != 0 || len(s.queue) != 0 || s.running != 0 {
			t.Errorf("left: %+v", s)
		}
	})
}

func problemOf(t *testing.T, err error) *Problem {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("no problem: %v", err)
	}
	return p
}
