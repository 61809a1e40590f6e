package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// ErrUnavailable says that the log takes nothing just now: its servers do not answer, its store has failed, or the disk is full. This attempt
// booked nothing; one before it, of the same id, may have. Ask again later, with the same id.
var ErrUnavailable = errors.New("the log takes nothing just now; this attempt booked nothing")

// sentryAbsence is how long the log's servers may be silent before commands are no longer let wait for them: longer than most
// elections of a leader.
const sentryAbsence = 5 * time.Second

// presence is whether the log takes anything. What waits for it does so under a context that ends when it is declared away, so
// that nobody waits for what does not come.
type presence struct {
	mu   sync.Mutex
	err  error              // why it is away; nil: it is there
	here context.Context    // of what waits for it
	gone context.CancelFunc // ends it
}

// away is why the log is away; nil: it is there.
func (p *presence) away() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// declare says that it is away, or nil: that it is there again. It reports whether that is news.
func (p *presence) declare(err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := (p.err == nil) != (err == nil)
	p.err = err
	switch {
	case p.here == nil || news && err == nil:
		p.here, p.gone = context.WithCancel(context.Background())
	case news:
		p.gone()
	}
	return news
}

// waiting is a context of what waits for the log, at most for so long.
func (p *presence) waiting(parent context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(parent, most)
	p.mu.Lock()
	here := p.here
	p.mu.Unlock()
	if here == nil { // nobody watches: a rehearsal
		return ctx, cancel
	}
	left := context.AfterFunc(here, cancel)
	return ctx, func() { left(); cancel() }
}

// Away is why commands are not taken: the log's servers do not answer, its store has failed, or there is no room. nil: they are.
func (l *Ledger) Away() error {
	if l.Err() != nil {
		return nil // nothing is decided any more, for another reason
	}
	err := l.presence.away()
	if err == nil && l.watched() && l.cfg.Room != nil {
		err = l.cfg.Room()
	}
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// attend declares the log away or there, by what the last look at it came to; since is when a look last went well.
func (l *Ledger) attend(looked error, since time.Time) {
	var away error
	if l.cfg.Store != nil {
		away = l.cfg.Store()
	}
	if away == nil && looked != nil && time.Since(since) >= sentryAbsence {
		away = looked
	}
	if !l.presence.declare(away) {
		return
	}
	if away == nil {
		l.cfg.Logger.Warn("the log takes commands again", "fund", l.cfg.Fund)
		return
	}
	l.cfg.Logger.Error("the log takes nothing; commands are not accepted", "fund", l.cfg.Fund, "error", away)
	ctx, cancel := context.WithTimeout(l.ctx, sentryRequest)
	defer cancel()
	reason := fmt.Errorf("%w: %w", ErrUnavailable, away)
	_ = l.View(ctx, func(*domain.State, uint64) { l.decider.giveUp(reason) }) // where the decider is busy, what it does ends by itself
}

// giveUp answers what was not sent yet: what is under way is answered when it has ended, and what was decided on top of it goes back
// to the queue then.
func (d *decider) giveUp(err error) {
	if d.inFlight == nil {
		for _, m := range d.next.members {
			d.queue = append(d.queue, m.pending)
		}
		d.undo(&group{})
		d.next = group{}
	}
	d.letGo(err)
}

// letGo answers the queue, where the log cannot be asked. Of a command that was sent before it cannot be told whether it landed.
func (d *decider) letGo(err error) {
	if !errors.Is(err, ErrUnavailable) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for _, p := range d.queue {
		if p.sent {
			p.settle(Result{Err: fmt.Errorf("%w: %w", ErrUnknown, err)})
			continue
		}
		p.settle(Result{Err: err})
	}
	d.queue = d.queue[:0]
}
