package ledger

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// Whoever watches is told what became of each command before it is answered, and of each append that failed.
func TestWhoWatchesIsToldWhatBecameOfEachCommand(t *testing.T) {
	l, on := faultyLedger(t)
	var mu sync.Mutex
	var settled []string
	var failed []error
	l.cfg.Failed = func(err error) { failed = append(failed, err) } // the decider's alone
	l.cfg.Settled = func(command string, r Result) {
		mu.Lock()
		defer mu.Unlock()
		what := "accepted"
		switch {
		case r.Err != nil:
			what = "failed"
		case r.Refusal != nil:
			what = r.Refusal.Code
		case r.Outcome.Repeated:
			what = "repeated"
		}
		settled = append(settled, command+" "+what)
	}
	wanted := func(want ...string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(settled, want) {
			t.Errorf("told %q, want %q", settled, want)
		}
		settled = nil
	}
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	wanted("submit_application accepted")
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	wanted("submit_application repeated")
	mustRefuse(t, l.Do(t.Context(), submit("a", 2_000_000)), domain.CodeCommandConflict)
	wanted("submit_application " + domain.CodeCommandConflict)
	full := errors.New("disk full")
	release := on.hold(t)
	release(full)
	if r := l.Do(t.Context(), submit("b", 1_000_000)); r.Err == nil || len(failed) != 1 || !errors.Is(failed[0], full) {
		t.Errorf("%+v, and told of %v", r, failed)
	}
	wanted("submit_application failed")
}
