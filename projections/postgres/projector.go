package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/eventstore"
)

// DefaultMaxBatch is how many events one transaction takes at most, but for a longer command.
const DefaultMaxBatch = 8000

// Source is the log that is projected.
type Source interface {
	// Follow hands every event from a position on to fn, in order, in runs of whole commands, until ctx ends or fn fails.
	Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error
	// Require is an error when the log ends before a position.
	Require(ctx context.Context, position uint64) error
	// Read hands over the events from one position to another.
	Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error
}

// ErrRewritten says that the log holds another event than the tables where these end: it was rewritten behind what is signed, or the tables
// are another log's. Restore the log, or drop the tables if it is known that they are wrong.
var ErrRewritten = errors.New("the log is not the one that is projected")

// Config says what is projected, and where to.
type Config struct {
	URL      string // of a migrated database
	Source   Source
	Log      Log
	MaxBatch int                  // 0: DefaultMaxBatch
	Logger   *slog.Logger         // nil: silent
	Metrics  *Metrics             // nil: none
	Tracer   trace.TracerProvider // nil: no traces are made
	schema   string               // "": Schema
	most     time.Duration        // that writing a batch takes; 0: writeMost
}

// writeMost is how long it is waited for the database to write a batch, a little longer than it lets a statement run: one that says nothing (its machine
// is gone without a word, or held still) is connected to anew, which may find the one in its place.
const writeMost = 6 * time.Minute

// Projector projects a log until it is stopped or halts.
type Projector struct {
	cfg    Config
	writer *writer
	cancel context.CancelFunc
	done   chan struct{}
	fell   chan struct{} // the tables hold less than was shown

	mu       sync.Mutex
	moved    chan struct{} // closed and replaced when the position moves
	position uint64
	err      error
}

// Start begins to project a log from where the database's tables end. Stop it with [Projector.Stop].
//
// A log that ends before the tables do is an error: events were lost, or it is not the log it was.
func Start(ctx context.Context, cfg Config) (*Projector, error) {
	if cfg.MaxBatch <= 0 {
		cfg.MaxBatch = DefaultMaxBatch
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.schema == "" {
		cfg.schema = Schema
	}
	if cfg.most == 0 {
		cfg.most = writeMost
	}
	w, err := openWriter(ctx, cfg.URL, cfg.schema, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("starting the projection of %s: %w", cfg.Log.Stream, err)
	}
	if err := cfg.Source.Require(ctx, w.checkpoint.Seq); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the projection of %s: %w", cfg.Log.Stream, err), w.conn.Close(ctx))
	}
	if err := w.holdLast(ctx, cfg.Source); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the projection of %s: %w", cfg.Log.Stream, err), w.conn.Close(ctx))
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &Projector{cfg: cfg, writer: w, cancel: cancel, done: make(chan struct{}), fell: make(chan struct{}, 1), moved: make(chan struct{}), position: w.checkpoint.Seq}
	router, err := p.router()
	if err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("starting the projection of %s: %w", cfg.Log.Stream, err), w.conn.Close(ctx))
	}
	go p.run(running, router)
	return p, nil
}

func (p *Projector) run(ctx context.Context, router *message.Router) {
	defer close(p.done)
	if err := router.Run(ctx); err != nil && ctx.Err() == nil {
		p.halt(fmt.Errorf("running the projection of %s: %w", p.cfg.Log.Stream, err))
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := p.writer.conn.Close(closing); err != nil {
		p.cfg.Logger.Debug("closing the projector's connection", "error", err)
	}
}

// router is the Watermill router with this projector's only handler.
func (p *Projector) router() (*message.Router, error) {
	logger := watermill.NopLogger{}
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 30 * time.Second}, logger)
	if err != nil {
		return nil, err
	}
	router.AddMiddleware(
		p.haltOnError,
		middleware.CorrelationID,
		middleware.Retry{MaxRetries: 1 << 30, InitialInterval: 20 * time.Millisecond, MaxInterval: 2 * time.Second, Multiplier: 2,
			ShouldRetry: func(r middleware.RetryParams) bool { return p.shouldRetry(r.Err) }}.Middleware,
		middleware.Recoverer,
	)
	from := &subscriber{of: p}
	router.AddConsumerHandler("projection", p.cfg.Log.Stream, from, func(m *message.Message) error { return p.project(m.Context(), from.carried) })
	return router, nil
}

func (p *Projector) shouldRetry(err error) bool {
	if !isTransient(err) {
		return false
	}
	p.cfg.Metrics.retried()
	p.cfg.Logger.Warn("the projection waits for its database", "stream", p.cfg.Log.Stream, "position", p.Position(), "error", err)
	return true
}

// haltOnError ends the projection on what no retry helps against. What has moved is read again from where it is now.
func (p *Projector) haltOnError(next message.HandlerFunc) message.HandlerFunc {
	return func(m *message.Message) ([]*message.Message, error) {
		out, err := next(m)
		if err != nil && !errors.Is(err, errMoved) && m.Context().Err() == nil {
			p.halt(err)
		}
		return out, err
	}
}

// project writes a batch. It may have been written before, when the answer to its commit was lost.
func (p *Projector) project(ctx context.Context, b *prepared) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.cfg.most)
	defer cancel()
	if err := p.writer.ensure(ctx, p.cfg.URL, p.cfg.schema, p.cfg.Log); err != nil {
		return err
	}
	if p.writer.checkpoint.Seq < b.Last {
		if err := p.writer.write(ctx, b); err != nil {
			if errors.Is(err, errMoved) {
				if err := p.writer.reload(ctx); err != nil {
					return err
				}
				p.advance(p.writer.checkpoint.Seq) // another projector was first: what it wrote is in the tables
				return errMoved
			}
			return fmt.Errorf("projecting events %d to %d: %w", b.First, b.Last, err)
		}
	}
	p.advance(p.writer.checkpoint.Seq)
	p.cfg.Metrics.projected(b.Batch, time.Since(began))
	p.trace(ctx, b, began)
	return nil
}

func (p *Projector) advance(to uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.position = to
	close(p.moved)
	p.moved = make(chan struct{})
}

// Hold takes what somebody read of the tables' position, once it had been shown how far they are. Where they hold less, the database has fallen
// back, as by a failover to an older standby: what lacks is projected again, also while nothing new comes.
func (p *Projector) Hold(shown, found uint64) {
	if found >= shown {
		return
	}
	select {
	case p.fell <- struct{}{}:
	default: // it is known
	}
}

// reread takes the tables' position as it is. It has to be called while nothing is being written.
func (p *Projector) reread(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.most)
	defer cancel()
	err := p.writer.ensure(ctx, p.cfg.URL, p.cfg.schema, p.cfg.Log)
	if err == nil {
		err = p.writer.reload(ctx)
	}
	switch {
	case err != nil && !isTransient(err):
		return err
	case err == nil && p.writer.checkpoint.Seq < p.Position():
		p.cfg.Logger.Warn("the tables hold less than was shown: the database has fallen back, and what lacks is projected again", "stream", p.cfg.Log.Stream,
			"position", p.writer.checkpoint.Seq, "shown", p.Position())
		p.advance(p.writer.checkpoint.Seq)
	}
	return errMoved
}

// halt ends the projection for a reason; the first counts.
func (p *Projector) halt(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
		p.cfg.Logger.Error("the projection has halted", "stream", p.cfg.Log.Stream, "position", p.position, "error", err)
		p.cfg.Metrics.halted()
	}
	p.mu.Unlock()
	p.cancel()
}

// Position is the position of the last event in the tables.
func (p *Projector) Position() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.position
}

// Err is why the projection halted; nil while it runs and after it was stopped.
func (p *Projector) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Done is closed when the projection has ended: halted, or stopped.
func (p *Projector) Done() <-chan struct{} { return p.done }

// ErrStopped says that a projection has ended without an error.
var ErrStopped = errors.New("the projection was stopped")

// WaitFor waits until an event is in the tables. It ends early with why the projection halted, or [ErrStopped], or ctx's error.
func (p *Projector) WaitFor(ctx context.Context, seq uint64) error {
	for {
		p.mu.Lock()
		there, moved := p.position >= seq, p.moved
		p.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		case <-p.done:
			if err := p.Err(); err != nil {
				return err
			}
			return ErrStopped
		}
	}
}

// Stop ends the projection and waits for its end. A transaction that is being written is given up, and its events are read again
// by whoever projects next.
func (p *Projector) Stop() {
	p.cancel()
	<-p.done
}
