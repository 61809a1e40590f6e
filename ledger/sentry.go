package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// ErrContradicted says that the log is not the one that this ledger has taken in: it was rolled back, replaced, cut or set otherwise.
// Nothing is decided on it. Find out what happened to the log, restore it from a backup, and start again.
var ErrContradicted = errors.New("the log is not the one that was taken in")

// errOther says that another event lies where one was taken in.
var errOther = errors.New("another event lies at a position that was taken in")

// errBusy says that the log answers, but that what was taken in could not be asked for: it says nothing against either.
var errBusy = errors.New("the ledger is busy deciding")

const (
	// sentryPeriod is how often the log is held against what is known of it.
	sentryPeriod = 250 * time.Millisecond
	// sentryPatience is how long a fault has to stand before the ledger halts: a leader that has just changed may be a moment behind.
	sentryPatience = 3 * time.Second
	// sentryRequest is how long one look may take.
	sentryRequest = 2 * time.Second
)

// tail is the last event that was taken in: as it lies on the log, or as it was sent there and acknowledged, until it is read back. Of one that
// others took in, there is its leaf.
type tail struct {
	record *eventstore.Record
	draft  *eventstore.Draft
	leaf   *tlog.Hash
}

// is reports whether a record of the log is the event.
func (t tail) is(r eventstore.Record) bool {
	switch {
	case t.leaf != nil:
		return *t.leaf == eventstore.LeafHash(r)
	case t.record != nil:
		return eventstore.LeafHash(*t.record) == eventstore.LeafHash(r)
	}
	return t.draft != nil && t.draft.Is(r)
}

// shown is an event that the tables hold: whoever projected it had read it from the log.
type shown struct {
	seq  uint64
	leaf tlog.Hash
}

// Hold is told an event that the tables hold, by its position and the hash of its leaf. It was on the log, whether this ledger has taken it in or
// not: a log that ends before it, or holds another there, contradicts what is known of it as if it had been taken in here.
func (l *Ledger) Hold(seq uint64, leaf tlog.Hash) {
	if seq > 0 {
		l.shown.Store(&shown{seq, leaf})
	}
}

// heldShown holds the log against what the tables hold of it, until this ledger, which is at a position, has taken it in itself.
func (l *Ledger) heldShown(ctx context.Context, position uint64) error {
	s := l.shown.Load()
	if s == nil {
		return nil
	}
	_, _, err := held(ctx, l.log, s.seq, tail{leaf: &s.leaf})
	if err == nil && s.seq <= position {
		l.shown.CompareAndSwap(s, nil)
	}
	if errors.Is(err, ErrContradicted) { // whoever may write the tables can cause it too
		err = fmt.Errorf("%w (so the tables hold it: if the log is known to be whole, they were changed, and rebuild makes them again)", err)
	}
	return err
}

// Halted is closed when the ledger has halted: the log contradicts what was taken in. [Ledger.Err] says how.
func (l *Ledger) Halted() <-chan struct{} { return l.halted }

// Err is why the ledger has halted; nil: it decides.
func (l *Ledger) Err() error {
	select {
	case <-l.halted:
		return l.haltErr
	default:
		return nil
	}
}

// Doubt is how the log contradicted what was taken in when it was looked at last; nil: it did not. A doubt that stands becomes [Ledger.Err].
func (l *Ledger) Doubt() error {
	if why := l.doubt.Load(); why != nil {
		return *why
	}
	return l.Err()
}

// Halt ends deciding for good: what waits and what comes is answered with [ErrContradicted]. The state that was taken in can be viewed still.
func (l *Ledger) Halt(err error) {
	l.halting.Do(func() {
		if l.haltErr = err; !errors.Is(err, ErrContradicted) {
			l.haltErr = fmt.Errorf("%w: %w", ErrContradicted, err)
		}
		close(l.halted)
		l.cfg.Logger.Error("ALARM: nothing more is decided", "fund", l.cfg.Fund, "error", err)
	})
}

// watch follows the log and holds it against what is known of it, until the ledger has closed.
func (l *Ledger) watch() {
	tick := time.NewTicker(l.cfg.period)
	defer tick.Stop()
	var fault fault
	well := time.Now() // when a look went well last
	for {
		select {
		case <-l.closed:
			return
		case <-l.halted:
			return
		case <-tick.C:
		}
		err := l.look()
		if err == nil || errors.Is(err, ErrContradicted) || errors.Is(err, errBusy) {
			well = time.Now() // somebody answers
		}
		l.attend(err, well)
		switch news, stands := fault.seen(err, l.cfg.standing); {
		case stands:
			l.Halt(err)
		case news && err == nil:
			l.doubt.Store(nil)
		case news:
			l.doubt.Store(&err)
			l.cfg.Logger.Warn("the log contradicts what was taken in; looking again", "fund", l.cfg.Fund, "error", err)
		}
	}
}

// fault is what looks at a log saw wrong, one after the other.
type fault struct{ since time.Time }

// seen takes in what a look came to. news: a fault is seen first, or is over; stands: it has been seen for so long that it does not pass. Where nobody
// answers, or there is nothing to hold the log against, that says nothing about it.
func (f *fault) seen(err error, standing time.Duration) (news, stands bool) {
	switch {
	case err == nil:
		news, f.since = !f.since.IsZero(), time.Time{}
	case !errors.Is(err, ErrContradicted):
	case f.since.IsZero():
		news, f.since = true, time.Now()
	default:
		stands = time.Since(f.since) >= standing
	}
	return news, stands
}

// Watched is a log that somebody follows who is no ledger.
type Watched struct {
	Log   *eventstore.Log
	Known func() *eventstore.Record // the last event that was taken in; nil: none was
	Doubt func(error)               // is told where a look finds a fault, which may pass, and that it is over: nil
}

// Watch holds a log against what is known of it, as a ledger does its own, until it has contradicted that for as long as no server is behind: then it
// says how ([ErrContradicted]). nil: ctx has ended.
func (w Watched) Watch(ctx context.Context) error {
	tick := time.NewTicker(sentryPeriod)
	defer tick.Stop()
	var fault fault
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := w.Look(ctx)
		news, stands := fault.seen(err, sentryPatience)
		if stands {
			return err
		}
		if news {
			w.Doubt(err)
		}
	}
}

// Look holds the log against what is known of it once.
func (w Watched) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sentryRequest)
	defer cancel()
	position, known := uint64(0), w.Known()
	if known != nil {
		position = known.Seq
	}
	_, _, err := held(ctx, w.Log, position, tail{record: known})
	return err
}

// look holds the log against the last event taken in, and takes in what others have written. From the first sign of a fault on nothing is
// decided before the log was read again.
func (l *Ledger) look() error {
	ctx, cancel := context.WithTimeout(l.ctx, sentryRequest)
	defer cancel()
	var known tail
	var position uint64
	d := &l.decider
	if err := l.View(ctx, func(*domain.State, uint64) { known, position = d.tail, d.position }); err != nil {
		return l.answers(err)
	}
	last, record, err := held(ctx, l.log, position, known)
	if err == nil {
		err = l.heldShown(ctx, position)
	}
	if errors.Is(err, ErrContradicted) {
		return errors.Join(err, l.View(ctx, func(*domain.State, uint64) { d.stale = true }))
	}
	if err != nil {
		return err
	}
	if last <= position && (known.record != nil || record == nil) {
		return nil
	}
	if err := l.View(ctx, func(*domain.State, uint64) {
		if record != nil && d.position == position {
			d.tail = tail{record: record}
		}
		d.follow(last)
	}); err != nil {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return nil
}

// answers asks the log alone, where the decider had no time: it may be deciding large commands, or waiting for a log that is away.
func (l *Ledger) answers(busy error) error {
	ctx, cancel := context.WithTimeout(l.ctx, sentryRequest)
	defer cancel()
	if _, _, err := held(ctx, l.log, 0, tail{}); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errBusy, busy)
}

// held is the log's end and the event at a position, or [ErrContradicted].
func held(ctx context.Context, log *eventstore.Log, position uint64, known tail) (last uint64, record *eventstore.Record, err error) {
	last, err = log.Check(ctx)
	var changed *eventstore.SettingsError
	switch {
	case errors.As(err, &changed) || errors.Is(err, eventstore.ErrNoStream):
		return 0, nil, fmt.Errorf("%w: %w", ErrContradicted, err)
	case err != nil:
		return 0, nil, err
	case last < position:
		return last, nil, fmt.Errorf("%w: %w: it ends at %d and %d was already taken in", ErrContradicted, eventstore.ErrShort, last, position)
	case position == 0:
		return last, nil, nil
	}
	r, err := log.Get(ctx, position)
	switch {
	case errors.Is(err, eventstore.ErrNotFound):
		return last, nil, fmt.Errorf("%w: %w: event %d is gone", ErrContradicted, eventstore.ErrGap, position)
	case err != nil:
		return last, nil, err
	case !known.is(r):
		return last, nil, fmt.Errorf("%w: %w: event %d", ErrContradicted, errOther, position)
	}
	return last, &r, nil
}

// follow takes in what others have written, where nothing of its own is under way: then deciding does so, or losing the race.
func (d *decider) follow(last uint64) {
	if last <= d.position || d.inFlight != nil || len(d.next.members) > 0 || d.ledger.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(d.ledger.ctx, sentryRequest)
	defer cancel()
	if err := d.catchUp(ctx); err != nil {
		d.stale = true
		d.ledger.cfg.Logger.Debug("following the log", "fund", d.ledger.cfg.Fund, "position", d.position, "error", err)
	}
}

// refuseHalted answers all that waits, once nothing is under way any more.
func (d *decider) refuseHalted(err error) {
	if d.inFlight != nil {
		return
	}
	for _, m := range d.next.members {
		m.pending.settle(Result{Err: err})
	}
	d.undo(&group{})
	d.next = group{}
	settleAll(d.queue, Result{Err: err})
	d.queue = d.queue[:0]
}

// Reach waits until the live state has taken in a position, which may be one that another instance has written.
func (l *Ledger) Reach(ctx context.Context, seq uint64) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		there := false
		err := l.View(ctx, func(*domain.State, uint64) {
			l.decider.follow(seq)
			there = l.decider.position >= seq
		})
		if err != nil || there {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.halted:
			return l.Err()
		case <-time.After(wait):
		}
	}
}
