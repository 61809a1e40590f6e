package ledger

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

var errMoved = errors.New("it moved")

// unmoved is the condition that the ledger still stands at a position.
func unmoved(at uint64) func(*domain.State, uint64) error {
	return func(_ *domain.State, position uint64) error {
		if position != at {
			return errMoved
		}
		return nil
	}
}

// Many clients saw the same position, on two instances, and each decides on that condition: one wins, whoever is asked and however their appends fall.
func TestOfManyWhoSawTheSameOneDecides(t *testing.T) {
	s, nc := server(t)
	a := opened(t, nc)
	b := open(t, connect(t, s))
	for round := range 12 {
		seen := last(t, a)
		const clients = 8
		var wg sync.WaitGroup
		results := make([]Result, clients)
		for i := range clients {
			wg.Go(func() {
				order := register(fmt.Sprintf("r-%d-%d", round, i), fmt.Sprintf("e-%d-%d", round, i))
				order.If = unmoved(seen)
				results[i] = []*Ledger{a, b}[i%2].Do(t.Context(), order)
			})
		}
		wg.Wait()
		won := 0
		for i, r := range results {
			switch {
			case r.Err == nil && r.Refusal == nil && r.Outcome.FirstSeq == seen+1:
				won++
			case !errors.Is(r.Err, errMoved):
				t.Fatalf("client %d: %+v", i, r)
			}
		}
		if now := last(t, a); won != 1 || now != seen+1 {
			t.Fatalf("round %d: %d won, the log went from %d to %d", round, won, seen, now)
		}
	}
}

func TestAConditionIsJudgedInItsPlaceInTheGroup(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	seen := last(t, l)
	first, second, third := register("g1", "g-1"), register("g2", "g-2"), register("g3", "g-3")
	second.If, third.If = unmoved(seen), unmoved(seen+1)
	results := l.DoAll(t.Context(), []Order{first, second, third})
	mustBook(t, results[0])
	if !errors.Is(results[1].Err, errMoved) {
		t.Errorf("what was seen before the command in front: %+v", results[1])
	}
	mustBook(t, results[2])
}

func TestARepeatedCommandIsAnsweredWithoutItsCondition(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	order := register("again", "x")
	order.If = unmoved(last(t, l))
	once := mustBook(t, l.Do(t.Context(), order))
	if twice := mustBook(t, l.Do(t.Context(), order)); !twice.Repeated || twice.FirstSeq != once.FirstSeq {
		t.Errorf("%+v", twice)
	}
}

// A row of a file that an earlier release booked under another id is not booked again.
func TestWhatWasBookedUnderAFormerIdIsNotBookedAgain(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	once := mustBook(t, l.Do(t.Context(), register("former", "x")))
	order := register("present", "y")
	order.Formerly = "former"
	end := last(t, l)
	if again := mustBook(t, l.Do(t.Context(), order)); !again.Repeated || again.FirstSeq != once.FirstSeq || last(t, l) != end {
		t.Errorf("%+v, and the log moved from %d to %d", again, end, last(t, l))
	}
	order.Formerly = "never"
	if now := mustBook(t, l.Do(t.Context(), order)); now.Repeated {
		t.Errorf("what nobody booked is taken for booked: %+v", now)
	}
}
