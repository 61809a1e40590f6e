package web

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fundledger/fundledger/internal/disk"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

const (
	// lookEvery is how often the service looks at its parts, also when nothing is written and nobody asks.
	lookEvery = time.Second
	// lookPatience is how long one part may take to answer.
	lookPatience = 1500 * time.Millisecond
	// stuckAfter is how long the tables may stand still behind the log.
	stuckAfter = 30 * time.Second
	// blindAfter is how old the last look may be.
	blindAfter = 15 * time.Second
)

// condition is how the parts of the service stand, as the last look found them.
type condition struct {
	at     time.Time
	log    *Problem      // why no commands are taken: the log, or a disk; nil: they are
	tables *Problem      // why no questions are answered of the tables; nil: they are
	behind uint64        // events of the log that are not in the tables
	late   time.Duration // since when the tables lack what they should have: an event, or somebody who answers for them
}

// faults are what is missing.
func (c condition) faults() (list []*Problem) {
	for _, p := range []*Problem{c.log, c.tables} {
		if p != nil {
			list = append(list, p)
		}
	}
	return list
}

// watch looks at the parts of the service again and again.
type watch struct {
	of    *Server
	last  atomic.Pointer[condition]
	first chan struct{} // closed after the first look
	done  chan struct{}

	answered time.Time // when the database answered last
	moved    time.Time // when the tables came on last, or lacked nothing
	position uint64    // where they were then
	lacking  uint64    // the first event that they lack
	since    time.Time // when it was recorded
	end      uint64    // of the log, when it was asked last
}

func (s *Server) startWatch(ctx context.Context) *watch {
	w := &watch{of: s, first: make(chan struct{}), done: make(chan struct{}), answered: time.Now(), moved: time.Now()}
	go w.run(ctx)
	return w
}

func (w *watch) run(ctx context.Context) {
	defer close(w.done)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for first := true; ; first = false {
		c := w.look(ctx)
		w.last.Store(&c)
		if first {
			close(w.first)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// condition is what the last look found; ok is false where nobody has looked for long.
func (w *watch) condition(ctx context.Context) (c condition, ok bool) {
	select {
	case <-w.first:
	case <-ctx.Done():
		return c, false
	}
	c = *w.last.Load()
	return c, time.Since(c.at) < blindAfter
}

func (w *watch) look(ctx context.Context) condition {
	var c condition
	c.log = w.lookAtLog(ctx)
	c.tables = w.lookAtTables(ctx)
	c.behind = max(w.end, w.position) - w.position
	if c.behind > 0 {
		c.late = time.Since(w.lackingSince(ctx))
	}
	if c.tables != nil {
		c.late = max(c.late, time.Since(w.answered))
	} else if stood := time.Since(w.moved); c.behind > 0 && stood > stuckAfter {
		c.tables = problem(http.StatusServiceUnavailable, "tables_stuck", "position", w.position, "behind", c.behind, "seconds", int(stood.Seconds()))
	}
	c.late, c.at = max(c.late, 0), time.Now()
	return c
}

func (w *watch) lookAtLog(ctx context.Context) *Problem {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	last, err := w.of.cfg.Ledger.Log().Last(ctx)
	if err == nil {
		w.end = last
	}
	if away := w.of.cfg.Ledger.Away(); away != nil {
		return ErrorProblem(away)
	}
	if err != nil {
		return problem(http.StatusServiceUnavailable, "store_unavailable").because(err)
	}
	return nil
}

func (w *watch) lookAtTables(ctx context.Context) *Problem {
	shown := w.of.cfg.Projector.Position()
	if shown != w.position || shown >= w.end {
		w.position, w.moved = shown, time.Now()
	}
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	found, leaf, err := w.of.cfg.Queries.End(ctx)
	if errors.Is(err, projections.ErrUnavailable) {
		return problem(http.StatusServiceUnavailable, "tables_unavailable").because(err)
	}
	w.of.cfg.Projector.Hold(shown, found)
	if err == nil { // else the last event is damaged in the tables, which verification tells
		w.of.cfg.Ledger.Hold(found, leaf)
	}
	w.answered = time.Now()
	return nil
}

// lackingSince is when the first event was recorded that the tables lack.
func (w *watch) lackingSince(ctx context.Context) time.Time {
	if w.lacking == w.position+1 {
		return w.since
	}
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	r, err := w.of.cfg.Ledger.Log().Get(ctx, w.position+1)
	if err != nil {
		return w.moved
	}
	w.lacking, w.since = w.position+1, r.Time
	return w.since
}

// metrics show the last look to whoever scrapes.
func (w *watch) metrics() []prometheus.Collector {
	gauge := func(name, help string, value func(c condition) float64, labels prometheus.Labels) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 {
			if c := w.last.Load(); c != nil {
				return value(*c)
			}
			return 0
		})
	}
	up := func(p *Problem) float64 {
		if p != nil {
			return 0
		}
		return 1
	}
	const partHelp = "1: the part answers. log: commands are taken; tables: the database answers, and is not stuck behind the log."
	return []prometheus.Collector{
		gauge("fundledger_part_up", partHelp, func(c condition) float64 { return up(c.log) }, prometheus.Labels{"part": "log"}),
		gauge("fundledger_part_up", partHelp, func(c condition) float64 { return up(c.tables) }, prometheus.Labels{"part": "tables"}),
		gauge("fundledger_projection_lag_events", "Events of the log that are not in the tables.", func(c condition) float64 { return float64(c.behind) }, nil),
		gauge("fundledger_projection_lag_seconds", "Age of the oldest event that is not in the tables, or how long the database has not answered; 0: nothing is lacking.",
			func(c condition) float64 { return c.late.Seconds() }, nil),
	}
}

// awayProblem is an error that says that a part is missing for a while; nil: it says something else.
func awayProblem(err error) *Problem {
	var full *disk.Full
	switch {
	case errors.As(err, &full):
		return problem(http.StatusServiceUnavailable, "disk_full", "disk", full.Path, "free", full.Free>>20, "needed", full.Needed>>20).because(err).after(10)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return problem(http.StatusServiceUnavailable, "disk_full", "disk", "?", "free", 0, "needed", 0).because(err).after(10)
	case errors.Is(err, ledger.ErrUnavailable):
		return problem(http.StatusServiceUnavailable, "store_unavailable").because(err).after(5)
	}
	return nil
}
