package audit

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// WatchConfig says what is verified again and again. Fund and Log are needed; what is missing is not checked, and the report says
// so.
type WatchConfig struct {
	Fund  domain.FundID
	Log   proof.Log
	Last  func(ctx context.Context) (uint64, error) // where the log ends
	Store proof.Store                               // whose checkpoints are held against the log; nil: none
	Trust proof.Trust
	Tree  proof.Kept
	Rows  func(ctx context.Context) (rows Rows, done func(), err error) // one snapshot of the projections

	Refusals Refusals // as they are kept; nil: they are not checked

	Options Options
	Now     func() time.Time // the moment of a verification; nil: time.Now
	Share   int              // a verification may take at most one part in so many of the time; 0: 20
	Pause   time.Duration    // at least so long between two; 0: 1 minute
	Idle    time.Duration    // after so long it is verified again though nothing came: tables are changed on a Sunday too; 0: 1 hour
	Logger  *slog.Logger     // nil: silent
	Ended   func(Report, error)
}

func (c WatchConfig) withDefaults() WatchConfig {
	if c.Share == 0 {
		c.Share = 20
	}
	if c.Pause == 0 {
		c.Pause = time.Minute
	}
	if c.Idle == 0 {
		c.Idle = time.Hour
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// rest is how long to wait after a verification that took so long.
func (c WatchConfig) rest(took time.Duration) time.Duration {
	return max(c.Pause, took*time.Duration(c.Share-1))
}

// Badge is what every page shows of the last verification.
type Badge struct {
	Known   bool             `json:"known"`   // something was verified
	Sound   bool             `json:"sound"`   // and held
	Running bool             `json:"running"` // one is on its way
	Upto    uint64           `json:"upto"`    // the last event of the last one
	At      time.Time        `json:"at"`      // when it ended, UTC
	Counts  map[Severity]int `json:"findings"`
	Fault   string           `json:"fault,omitzero"` // why the last attempt came to nothing

	Witnesses int `json:"witnesses"` // outside witnesses that cosigned the latest checkpoint, as of now
}

// Watch verifies a ledger in the background: once at start, again when the log has grown, and now and then when it has not, but only so often that it
// takes a small part of the time. It is safe for concurrent use.
type Watch struct {
	cfg    WatchConfig
	ask    chan struct{}
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu     sync.Mutex
	badge  Badge
	broken *wire.Unreadable // what ends the tree; known to the goroutine that verifies
	report *Report
	err    error
	next   chan struct{} // closed when the verification that runs, or the next one, has ended
	closed bool
}

// StartWatch begins to verify. Close ends it.
func StartWatch(cfg WatchConfig) *Watch {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watch{cfg: cfg.withDefaults(), ask: make(chan struct{}, 1), cancel: cancel, next: make(chan struct{})}
	w.ended.Go(func() { w.run(ctx) })
	return w
}

// Close gives up what runs, and ends.
func (w *Watch) Close() {
	w.cancel()
	w.ended.Wait()
}

// Badge is how the last verification ended.
func (w *Watch) Badge() Badge {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.badge
	b.Counts = maps.Clone(b.Counts)
	return b
}

// Report is the last report; false: there is none yet. It must not be changed.
func (w *Watch) Report() (Report, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.report == nil {
		return Report{}, false
	}
	return *w.report, true
}

// ErrWatchEnded says that the service closes before a verification came to its end.
var ErrWatchEnded = errors.New("the verification was given up: the service is closing")

// Verify verifies now, and waits for the report. Several who ask at once get the same one; one that is on its way is
// waited for, so events that came after it began are not in it: Report.Events says how far it went.
func (w *Watch) Verify(ctx context.Context) (Report, error) {
	end := w.Ask()
	select {
	case <-end:
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return Report{}, w.err
	}
	return *w.report, nil
}

// Ask asks for a verification, and returns at once; the channel is closed when it has ended.
func (w *Watch) Ask() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.badge.Running {
		select {
		case w.ask <- struct{}{}:
		default:
		}
	}
	return w.next
}

// run verifies until ctx ends.
func (w *Watch) run(ctx context.Context) {
	defer w.give(func() { w.err, w.closed = ErrWatchEnded, true })
	for ctx.Err() == nil {
		began := time.Now()
		upto := w.verify(ctx)
		if !w.await(ctx, w.cfg.rest(time.Since(began)), upto) {
			return
		}
	}
}

// await waits until it is time for another verification: somebody asks for one, or the pause is over and the log has grown, or long over.
func (w *Watch) await(ctx context.Context, rest time.Duration, upto uint64) bool {
	began := time.Now()
	timer := time.NewTimer(rest)
	defer timer.Stop()
	for {
		select {
		case <-w.ask:
			return true
		case <-timer.C:
			if end, err := w.cfg.Last(ctx); err != nil || end != upto || time.Since(began) >= w.cfg.Idle {
				return ctx.Err() == nil
			}
			timer.Reset(w.cfg.Pause)
		case <-ctx.Done():
			return false
		}
	}
}

// give ends a verification: those who wait are told.
func (w *Watch) give(set func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	set()
	w.badge.Running = false
	close(w.next)
	if !w.closed {
		w.next = make(chan struct{})
	}
}

// verify verifies once and returns how far.
func (w *Watch) verify(ctx context.Context) uint64 {
	w.mu.Lock()
	w.badge.Running = true
	select {
	case <-w.ask: // whoever asked until now gets this one
	default:
	}
	w.mu.Unlock()
	report, err := w.once(ctx)
	if ctx.Err() != nil {
		return 0
	}
	if err != nil {
		w.cfg.Logger.Error("verifying the ledger", "error", err)
	}
	w.give(func() {
		if w.err = err; err != nil {
			w.badge.Fault = err.Error()
			return
		}
		w.report = &report
		w.badge = Badge{Known: true, Sound: report.Sound, Upto: report.Events, At: time.Now().UTC(), Counts: report.Counts}
	})
	if err == nil && !report.Sound {
		w.cfg.Logger.Error("ALARM: the ledger is not sound", "events", report.Events, "errors", report.Counts[Error])
	}
	if w.cfg.Ended != nil {
		w.cfg.Ended(report, err)
	}
	return report.Events
}

// catchUpWait is how long a verification waits for the tree and the projections to come to the log's end.
const catchUpWait = 10 * time.Minute

// once gathers the evidence, all of one position, and verifies it.
func (w *Watch) once(ctx context.Context) (Report, error) {
	evidence := Evidence{Fund: w.cfg.Fund, Trust: w.cfg.Trust, Hashes: w.cfg.Tree.Hashes, Refusals: w.cfg.Refusals}
	var err error
	if w.cfg.Store != nil {
		if evidence.Checkpoints, err = proof.NotesOf(ctx, w.cfg.Store); err != nil {
			return Report{}, err
		}
	}
	end, err := w.cfg.Last(ctx)
	if err != nil {
		return Report{}, err
	}
	if w.awaitTree(ctx, end); w.broken != nil {
		// Tree and projections end before the message that is no event: the log is verified beyond, and the report names it.
	} else if w.cfg.Tree.Hashes != nil {
		end = min(end, w.cfg.Tree.Size())
	}
	if w.cfg.Rows != nil {
		rows, done, err := w.cfg.Rows(ctx)
		if err != nil {
			return Report{}, err
		}
		defer done()
		evidence.Rows = rows
		if end, err = w.endOfRows(ctx, rows); err != nil {
			return Report{}, err
		}
	}
	evidence.Log = Upto(w.cfg.Log, end)
	options := w.cfg.Options
	if w.cfg.Now != nil {
		options.Now = w.cfg.Now()
	}
	return Verify(ctx, evidence, options)
}

// endOfRows is up to where the log is verified together with a snapshot of the projections: what they hold beyond the
// log's end is found.
func (w *Watch) endOfRows(ctx context.Context, rows Rows) (uint64, error) {
	position, err := rows.Position(ctx)
	if err != nil {
		return 0, err
	}
	last, err := w.cfg.Last(ctx)
	if err != nil {
		return 0, err
	}
	if w.broken != nil {
		return last, nil
	}
	end := min(position, last)
	w.awaitTree(ctx, end)
	return end, nil
}

// awaitTree waits until the tree has come to an event. Where it does not, the verification says that it is short.
func (w *Watch) awaitTree(ctx context.Context, end uint64) {
	if w.cfg.Tree.WaitFor == nil {
		return
	}
	waiting, cancel := context.WithTimeout(ctx, catchUpWait)
	defer cancel()
	// Whatever keeps it, the verification finds that it is not there.
	var unreadable *wire.Unreadable
	if err := w.cfg.Tree.WaitFor(waiting, end); errors.As(err, &unreadable) {
		w.broken = unreadable
	}
}

// Upto is a log up to an event: what was written since is left out, for a snapshot that does not know of it.
func Upto(log proof.Log, end uint64) proof.Log { return upto{log, end} }

type upto struct {
	log proof.Log
	end uint64
}

// Read hands over events, as [Log] promises.
func (u upto) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	if to == 0 {
		to = u.end
	}
	if from > to {
		return nil
	}
	return u.log.Read(ctx, from, to, fn)
}
