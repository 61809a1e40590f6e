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

// logins slows down who guesses: after some failures in a row for a name or from an address, each more waits twice as
// long, up to a quarter of an hour.
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

const (
	freeFailures = 5
	longestWait  = 15 * time.Minute
	maxTried     = 100_000
)

func newLogins(now func() time.Time) *logins {
	return &logins{now: now, tried: map[string]failures{}}
}

// wait is how long none of the keys may try.
func (l *logins) wait(keys ...string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, key := range keys {
		longest = max(longest, l.tried[key].until.Sub(l.now()))
	}
	return longest
}

// failed counts a failure of each key.
func (l *logins) failed(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.tried) > maxTried {
		for key, f := range l.tried {
			if now.Sub(f.last) > longestWait {
				delete(l.tried, key)
			}
		}
	}
	for _, key := range keys {
		f := l.tried[key]
		if now.Sub(f.last) > 2*longestWait {
			f = failures{}
		}
		f.count, f.last = f.count+1, now
		if over := f.count - freeFailures; over >= 0 {
			f.until = now.Add(min(time.Second<<min(over, 20), longestWait))
		}
		l.tried[key] = f
	}
}

// succeeded forgets the failures of a name. Those of an address stay: a guesser may have one password that is right.
func (l *logins) succeeded(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tried, key)
}
