package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// shares gives places among few to many people, fairly: each person has some at most, the others wait in a queue of their own, and who has
// waited longest among the people is next. Who takes more than a person may have under way is told to come back. It is safe for concurrent use.
type shares struct {
	most int           // that run at once
	each int           // of one person
	open int           // of one person, waiting ones included
	wait time.Duration // the longest that one waits for its first turn
	code string        // of the problem that says no

	mu      sync.Mutex
	running int
	people  map[domain.PersonID]*sharer
	queue   []*sharer // who has something waiting, in turn
}

// sharer is a person with something under way.
type sharer struct {
	id      domain.PersonID
	running int
	open    int
	waiting []*place
}

// place is one thing under way.
type place struct {
	of    *shares
	who   *sharer
	held  bool          // it runs
	ready chan struct{} // closed when it may; of the present waiting
}

func newShares(most, each, open int, wait time.Duration, code string) *shares {
	return &shares{most: most, each: min(each, most), open: open, wait: wait, code: code, people: map[domain.PersonID]*sharer{}}
}

// enter takes a place for whoever asks in a context, waiting for a turn. leave gives it back.
func (s *shares) enter(ctx context.Context) (*place, error) {
	id := askedBy(ctx)
	s.mu.Lock()
	who := s.people[id]
	if who == nil {
		who = &sharer{id: id}
		s.people[id] = who
	}
	if who.open >= s.open {
		s.mu.Unlock()
		return nil, problem(http.StatusTooManyRequests, s.code, "most", s.open).after(5)
	}
	who.open++
	s.mu.Unlock()
	p := &place{of: s, who: who}
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if err := p.again(waiting); err != nil {
		p.leave()
		if ctx.Err() == nil {
			err = problem(http.StatusTooManyRequests, s.code, "most", s.open).after(10)
		}
		return nil, err
	}
	return p, nil
}

// askedBy is who asks in a context; nobody where it is no request.
func askedBy(ctx context.Context) domain.PersonID {
	k, _ := ctx.Value(knownKey{}).(known)
	return k.viewer.ID
}

// again waits for a turn of a place that has none.
func (p *place) again(ctx context.Context) error {
	s := p.of
	s.mu.Lock()
	if p.held {
		s.mu.Unlock()
		return nil
	}
	ready := make(chan struct{})
	p.ready = ready
	if p.who.waiting = append(p.who.waiting, p); len(p.who.waiting) == 1 {
		s.queue = append(s.queue, p.who)
	}
	s.turn()
	s.mu.Unlock()
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.held {
		return nil // it came just now
	}
	p.who.waiting = slices.DeleteFunc(p.who.waiting, func(o *place) bool { return o == p })
	if len(p.who.waiting) == 0 {
		s.queue = slices.DeleteFunc(s.queue, func(o *sharer) bool { return o == p.who })
	}
	return ctx.Err()
}

// pause gives the turn to others, while what is under way waits for its client.
func (p *place) pause() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.stop()
}

// stop needs the lock.
func (p *place) stop() {
	if !p.held {
		return
	}
	p.held = false
	p.of.running--
	p.who.running--
	p.of.turn()
}

// leave ends what was under way.
func (p *place) leave() {
	s := p.of
	s.mu.Lock()
	defer s.mu.Unlock()
	p.stop()
	if p.who.open--; p.who.open == 0 {
		delete(s.people, p.who.id)
	}
}

// turn lets go on who may. Whoever got a turn stands behind all others who wait. It needs the lock.
func (s *shares) turn() {
	for i := 0; i < len(s.queue) && s.running < s.most; {
		who := s.queue[i]
		if who.running >= s.each {
			i++
			continue
		}
		p := who.waiting[0]
		who.waiting = who.waiting[1:]
		s.queue = slices.Delete(s.queue, i, i+1)
		if len(who.waiting) > 0 {
			s.queue = append(s.queue, who)
		}
		p.held = true
		who.running++
		s.running++
		close(p.ready)
		i = 0
	}
}

// placeKey finds the place of what is under way in its context.
type placeKey struct{}

// heavy takes a place, unless one is held already, for what reads much, and bounds how long it takes all in all.
func (s *shares) heavy(ctx context.Context, most time.Duration) (within context.Context, done func(), err error) {
	if _, held := ctx.Value(placeKey{}).(*place); held {
		within, cancel := context.WithTimeout(ctx, most)
		return within, cancel, nil
	}
	p, err := s.enter(ctx)
	if err != nil {
		return nil, nil, err
	}
	within, cancel := context.WithTimeout(context.WithValue(ctx, placeKey{}, p), most)
	return within, func() { cancel(); p.leave() }, nil
}

// waitingFor has a client take something, and the turn that is held in a context go to others meanwhile.
func waitingFor(ctx context.Context, take func() error) error {
	if ctx == nil {
		return take()
	}
	p, held := ctx.Value(placeKey{}).(*place)
	if !held {
		return take()
	}
	p.pause()
	if err := take(); err != nil {
		return err
	}
	return p.again(ctx)
}

// giveTurn gives the turn that is held in a context away for good: nothing more is read.
func giveTurn(ctx context.Context) {
	if p, held := ctx.Value(placeKey{}).(*place); held {
		p.pause()
	}
}
