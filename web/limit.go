package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
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

// logins slows down who guesses, and locks nobody out: after some failures in a row each more waits twice as long, up to a bound.
// It is safe for concurrent use.
type logins struct {
	now   func() time.Time
	mu    sync.Mutex
	tried map[string]failures
}

type failures struct {
	count int
	until time.Time // nothing is tried before
	last  time.Time
}

// gate is what a sign-in passes: so many failures are free, then each waits, at most for so long.
type gate struct {
	key     string
	free    int
	longest time.Duration
}

const (
	longestWait = 15 * time.Minute
	maxTried    = 100_000 // beyond, strangers share one count
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

func newLogins(now func() time.Time) *logins {
	return &logins{now: now, tried: map[string]failures{}}
}

// begin says how long nothing may be tried at the gates; where that is nothing, one is tried now, and counts as a failure until it has
// succeeded. It counts before the password is checked, which takes long: else all that are sent at once would pass together.
func (l *logins) begin(gates []gate) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var longest time.Duration
	for _, g := range gates {
		longest = max(longest, l.tried[g.key].until.Sub(now))
	}
	if longest > 0 {
		return longest
	}
	l.count(gates, now)
	return 0
}

// count counts a failure at each gate. It needs the lock.
func (l *logins) count(gates []gate, now time.Time) {
	if len(l.tried) >= maxTried {
		for key, f := range l.tried {
			if now.Sub(f.last) > longestWait {
				delete(l.tried, key)
			}
		}
	}
	for _, g := range gates {
		f, known := l.tried[g.key]
		if !known && len(l.tried) >= maxTried {
			g.key = ""
			f = l.tried[g.key]
		}
		if now.Sub(f.last) > 2*longestWait {
			f = failures{}
		}
		f.count, f.last = f.count+1, now
		if over := f.count - g.free; over >= 0 {
			f.until = now.Add(min(time.Second<<min(over, 20), g.longest))
		}
		l.tried[g.key] = f
	}
}

// succeeded forgets what one honest person may have mistyped: not more, for a guesser may have one password that is right.
func (l *logins) succeeded(gates []gate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, g := range gates {
		f := l.tried[g.key]
		if f.count -= gates[0].free; i == 0 || f.count <= 0 {
			delete(l.tried, g.key)
			continue
		}
		f.until = time.Time{}
		l.tried[g.key] = f
	}
}
