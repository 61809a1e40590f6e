package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/eventstore"
)

// limits are the buckets of clients, each filled at its rate. Those that nobody drew from for a while are dropped.
type limits struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

const (
	bucketIdle = 5 * time.Minute
	maxBuckets = 100_000 // beyond, strangers share one bucket
)

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, buckets: map[string]*bucket{}, swept: now()}
}

// allow takes one from a client's bucket, which holds two seconds' worth. A rate below 0 always allows.
func (l *limits) allow(client string, perSecond float64) bool {
	if perSecond < 0 {
		return true
	}
	now := l.now()
	l.mu.Lock()
	if now.Sub(l.swept) > bucketIdle {
		for name, b := range l.buckets {
			if now.Sub(b.used) > bucketIdle {
				delete(l.buckets, name)
			}
		}
		l.swept = now
	}
	if l.buckets[client] == nil && len(l.buckets) >= maxBuckets {
		client = ""
	}
	b := l.buckets[client]
	if b == nil {
		b = &bucket{limiter: rate.NewLimiter(rate.Limit(perSecond), max(int(2*perSecond), 1))}
		l.buckets[client] = b
	}
	b.used = now
	l.mu.Unlock()
	return b.limiter.AllowN(now, 1)
}

// logins slows down who guesses, and locks nobody out: after some failures in a row each more waits twice as long, up to a bound. The failures lie on
// the shelf, where every instance counts them: who goes from one to the next guesses no more often. While the shelf cannot be read or written each
// instance counts for itself. It is safe for concurrent use.
type logins struct {
	now    func() time.Time
	shelf  *eventstore.Shelf
	logger *slog.Logger
	turn   chan struct{} // whose sign-in is being counted: one at a time, so that those sent at once do not race each other

	mu    sync.Mutex
	tried map[string]failures // as this instance knows them
}

type failures struct {
	Count int       `json:"count"`
	Until time.Time `json:"until,omitzero"` // nothing is tried before
	Last  time.Time `json:"last"`

	alone bool // counted while the shelf could not be asked
}

// gate is what a sign-in passes: so many failures are free, then each waits, at most for so long.
type gate struct {
	key     string
	free    int
	longest time.Duration
}

const (
	longestWait = 15 * time.Minute
	forgotten   = 2 * longestWait // after so long without another, failures are no more
	maxTried    = 100_000         // beyond, strangers share one count
	triedOn     = "tried."
)

// gatesOf are what a sign-in passes. Who guesses one name from one place soon waits long. Who guesses one name from many places, or many
// names from one, waits seconds: behind one address sits a whole office, and a name is known to everybody. A device that
// the person signed in from before has a count of its own and passes by what others did.
func gatesOf(name, address string, device bool) []gate {
	if device {
		return []gate{{"device:" + name, 5, longestWait}}
	}
	return []gate{{"pair:" + name + "\x00" + address, 5, longestWait}, {"name:" + name, 50, 30 * time.Second}, {"addr:" + address, 50, 10 * time.Second}}
}

func newLogins(now func() time.Time, shelf *eventstore.Shelf, logger *slog.Logger) *logins {
	return &logins{now: now, shelf: shelf, logger: logger, turn: make(chan struct{}, 1), tried: map[string]failures{}}
}

// again is a gate's failures with one more.
func (g gate) again(f failures, now time.Time) failures {
	if now.Sub(f.Last) > forgotten {
		f = failures{}
	}
	f.Count, f.Last = f.Count+1, now
	if over := f.Count - g.free; over >= 0 {
		f.Until = now.Add(min(time.Second<<min(over, 20), g.longest))
	}
	return f
}

// forgiven is what is left of a gate's failures when the sign-in has succeeded that passes these gates: not less than nothing, for a guesser may have
// one password that is right. ok: something is.
func (g gate) forgiven(f failures, gates []gate) (left failures, ok bool) {
	f.Count -= gates[0].free
	f.Until = time.Time{}
	return f, g != gates[0] && f.Count > 0
}

// begin says how long nothing may be tried at the gates; where that is nothing, one is tried now, and counts as a failure until it has
// succeeded. It counts before the password is checked, which takes long: else all that are sent at once would pass together.
func (l *logins) begin(ctx context.Context, gates []gate) time.Duration {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelfWait) // who hangs up has tried all the same
	defer cancel()
	wait, err := l.beginTogether(ctx, l.bounded(gates))
	if err != nil {
		l.logger.Warn("a sign-in is counted by this instance alone", "error", err)
		return l.beginAlone(gates)
	}
	return wait
}

func (l *logins) beginTogether(ctx context.Context, gates []gate) (time.Duration, error) {
	if err := l.take(ctx); err != nil {
		return 0, err
	}
	defer func() { <-l.turn }()
	for len(gates) > 0 {
		was, at := make([]failures, len(gates)), make([]eventstore.Revision, len(gates))
		longest, now := time.Duration(0), l.now()
		for i, g := range gates {
			var err error
			if was[i], at[i], err = l.read(ctx, g); err != nil {
				return 0, err
			}
			longest = max(longest, was[i].Until.Sub(now))
		}
		if longest > 0 {
			return longest, nil
		}
		counted := 0
		for i, g := range gates {
			err := l.write(ctx, g, g.again(was[i], now), at[i])
			if errors.Is(err, eventstore.ErrOutOfTurn) { // somebody else tries at another instance
				break
			}
			if err != nil {
				return 0, err
			}
			counted++
		}
		gates = gates[counted:]
	}
	return 0, nil
}

// take waits for the turn.
func (l *logins) take(ctx context.Context) error {
	if l.shelf.Away() {
		return accounts.ErrAway
	}
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nameOf is where a gate's failures lie. Neither names nor addresses do.
func (g gate) nameOf() string {
	digest := sha256.Sum256([]byte(g.key))
	return triedOn + hex.EncodeToString(digest[:16])
}

func (l *logins) read(ctx context.Context, g gate) (f failures, at eventstore.Revision, err error) {
	text, at, err := l.shelf.Get(ctx, g.nameOf())
	if err == nil {
		err = json.Unmarshal(text, &f)
	} else if errors.Is(err, eventstore.ErrNotFound) {
		err = nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if own := l.tried[g.key]; own.alone && own.Count > f.Count {
		f = own
	}
	return f, at, err
}

func (l *logins) write(ctx context.Context, g gate, f failures, at eventstore.Revision) error {
	f.alone = false
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := l.shelf.Swap(ctx, g.nameOf(), text, at, forgotten); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried[g.key] = f
	return nil
}

// bounded has strangers share one count where there are too many.
func (l *logins) bounded(gates []gate) []gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.tried) >= maxTried {
		for key, f := range l.tried {
			if now.Sub(f.Last) > longestWait {
				delete(l.tried, key)
			}
		}
	}
	gates = slices.Clone(gates)
	for i, g := range gates {
		if _, known := l.tried[g.key]; !known && len(l.tried) >= maxTried {
			gates[i].key = ""
		}
	}
	return slices.CompactFunc(gates, func(a, b gate) bool { return a.key == b.key })
}

func (l *logins) beginAlone(gates []gate) time.Duration {
	gates = l.bounded(gates)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var longest time.Duration
	for _, g := range gates {
		longest = max(longest, l.tried[g.key].Until.Sub(now))
	}
	if longest > 0 {
		return longest
	}
	for _, g := range gates {
		f := g.again(l.tried[g.key], now)
		f.alone = true
		l.tried[g.key] = f
	}
	return 0
}

// succeeded forgets what one honest person may have mistyped: not more, for a guesser may have one password that is right.
func (l *logins) succeeded(ctx context.Context, gates []gate) {
	l.mu.Lock()
	for _, g := range gates {
		if f, ok := g.forgiven(l.tried[g.key], gates); ok {
			l.tried[g.key] = f
		} else {
			delete(l.tried, g.key)
		}
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelfWait)
	defer cancel()
	if err := l.succeededTogether(ctx, gates); err != nil {
		l.logger.Warn("failed sign-ins before one that succeeded count for a while still", "error", err)
	}
}

func (l *logins) succeededTogether(ctx context.Context, gates []gate) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer func() { <-l.turn }()
	for _, g := range gates {
		err := eventstore.ErrOutOfTurn
		for errors.Is(err, eventstore.ErrOutOfTurn) {
			var f failures
			var at eventstore.Revision
			if f, at, err = l.read(ctx, g); err != nil || f.Count == 0 {
				break
			}
			left, ok := g.forgiven(f, gates)
			if !ok {
				err = l.shelf.Take(ctx, g.nameOf())
				break
			}
			err = l.write(ctx, g, left, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
