package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Errors that a caller branches on.
var (
	// ErrClosed says that the ledger is shutting down: nothing was decided. Ask again when it is back.
	ErrClosed = errors.New("the ledger is shutting down; nothing was decided")
	// ErrUnknown says that it could not be found out whether the command was booked. Ask again with the same id: a command
	// is booked once only.
	ErrUnknown = errors.New("it is not known whether the command was booked; ask again with the same id")
)

// Config says which fund a ledger keeps.
type Config struct {
	Fund     domain.FundID
	Replicas int                                  // of the streams: 1, or 3 on a cluster; 0 means 1
	Now      func() time.Time                     // nil: time.Now
	Ahead    time.Duration                        // of a sample whose clock is ahead of the server's: see [eventstore.Config]
	Place    *time.Location                       // whose calendar says what today is; nil: Asia/Shanghai
	Logger   *slog.Logger                         // nil: silent
	Progress func(position, end uint64)           // told while the log is replayed; may be nil
	Grouped  func(events int, took time.Duration) // told after every append; may be nil
	Refusals RefusalLimits                        // of what is kept of one person's refusals
	NotKept  func()                               // told of each refusal that is not kept for them; may be nil
	Failed   func(error)                          // told after every append that failed or was out of turn; may be nil
	Settled  func(command string, r Result)       // told what became of each command, before it is answered; may be nil

	// Seal seals the number of a bank account before it is decided on or kept anywhere; nil: what comes unsealed is refused.
	Seal func(context.Context, domain.AccountNumber) (domain.AccountNumber, error)

	Room  func() error // why no commands are taken although the log would take them, such as a disk that is nearly full; nil: nothing
	Store func() error // why the log's store takes nothing until it is opened anew; nil: nothing is known of it

	maxMessage int           // bytes that the server takes at most, headers included; 0: as many as you like
	patience   time.Duration // after which an append's outcome is unknown
	period     time.Duration // after which the log is held against what is known of it again
	standing   time.Duration // how long a fault has to stand
}

// Outcome is what became of a command that was accepted, the first time it was asked and every time after.
type Outcome struct {
	CommandID domain.CommandID `json:"id"`
	FirstSeq  uint64           `json:"first_seq"`
	LastSeq   uint64           `json:"last_seq"`
	Repeated  bool             `json:"repeated,omitzero"` // it had been accepted before
}

// Result is what became of a command: an outcome, a refusal, or an error where neither could be found.
type Result struct {
	Outcome Outcome
	Refusal *domain.Refusal
	Before  bool // an import was refused this before: it was not decided again
	Err     error
}

// Order is a command and where it came from. The command must not be changed before its outcome is known.
type Order struct {
	Command domain.Command
	Origin  wire.Origin
	// If, where it is given, is asked right before the command is decided, on the state and the position that it is decided on: an error ends the
	// command with it, and nothing is decided or kept. A command that was booked before is answered by its outcome without asking. It may be asked
	// more than once, has to be quick, and must neither keep nor change the state.
	If func(s *domain.State, position uint64) error
	// Formerly is the id that an earlier release gave the same row of a file; empty where there is none. What is on the log under it is not booked again.
	Formerly domain.CommandID
	// RefusedUpTo, of a command that stands in a file, is what [Ledger.RefusedSoFar] was when its import began: what an import was
	// refused up to there is not asked again, but answered by that refusal (R11). 0: it is decided anew.
	RefusedUpTo uint64
}

const (
	maxGroup      = 1000     // events of one append
	maxGroupBytes = 16 << 20 // after which a group takes no more, far below what an append may hold
	headerBytes   = 24 << 10 // that an event's headers have at most
)

// Ledger decides the commands of one fund. It is safe for concurrent use.
type Ledger struct {
	cfg      Config
	log      *eventstore.Log
	journal  journal
	refusals *refusals
	before   *before

	orders  chan []*pending
	views   chan *view
	closing chan struct{}
	closed  chan struct{}
	once    sync.Once
	ctx     context.Context // of the decider; ends after it has drained
	cancel  context.CancelFunc

	halting  sync.Once
	halted   chan struct{}         // closed when the log contradicts what was taken in
	haltErr  error                 // set before
	doubt    atomic.Pointer[error] // the last look at the log contradicted what was taken in; nil: it did not
	shown    atomic.Pointer[shown] // what the tables hold of the log and was not found there yet; nil: nothing
	watching sync.WaitGroup

	presence presence
	decider  decider
	broken   atomic.Pointer[wire.Unreadable]
}

// Broken is the message on the log that is no event, where there is one: commands are answered by it, and the state is what lies before
// it. Else it is nil.
func (l *Ledger) Broken() *wire.Unreadable { return l.broken.Load() }

// StreamName is the name of a fund's event stream; its refusals are on "REFUSED_" and the rest of it.
func StreamName(fund domain.FundID) string { return "FUND_" + streamToken(fund) }

// SubjectsOf are the subjects of a fund's event stream.
func SubjectsOf(fund domain.FundID) []string {
	subject := eventstore.Subject(string(fund), "x", "x", "x")
	return []string{strings.TrimSuffix(subject, ".x.x.x") + ".>"}
}

// streamToken makes a fund's id a stream's name: plain characters stay, the rest becomes a digest.
func streamToken(fund domain.FundID) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, string(fund))
	if plain == string(fund) && len(plain) <= 100 {
		return plain
	}
	digest := sha256.Sum256([]byte(fund))
	return plain[:min(len(plain), 60)] + "_" + hex.EncodeToString(digest[:6])
}

// OpenLog opens the event stream of a fund.
func OpenLog(ctx context.Context, nc *nats.Conn, cfg Config, readOnly bool) (*eventstore.Log, error) {
	return eventstore.Open(ctx, nc, eventstore.Config{Stream: StreamName(cfg.Fund), Subjects: SubjectsOf(cfg.Fund), Replicas: cfg.Replicas,
		ReadOnly: readOnly, MaxBatch: maxGroup, Logger: cfg.Logger, Ahead: cfg.Ahead})
}

// Open opens a fund's ledger and replays its log. Where a message on it is no event, the ledger answers by what lies before it and decides
// nothing: see [Ledger.Broken]. The connection stays the caller's, to be closed after [Ledger.Close].
func Open(ctx context.Context, nc *nats.Conn, cfg Config) (*Ledger, error) {
	cfg = cfg.withDefaults()
	cfg.maxMessage = int(nc.MaxPayload())
	log, err := OpenLog(ctx, nc, cfg, false)
	if err != nil {
		return nil, err
	}
	kept, refused, err := openRefusals(ctx, nc, cfg)
	if err != nil {
		return nil, err
	}
	return start(ctx, cfg, log, log, kept, refused)
}

// start replays a log and lets the decider run on it.
func start(ctx context.Context, cfg Config, log *eventstore.Log, on journal, kept *refusals, refused *eventstore.Log) (*Ledger, error) {
	l := &Ledger{cfg: cfg, log: log, journal: on, refusals: kept, before: &before{log: refused, fund: cfg.Fund}, orders: make(chan []*pending, 256), views: make(chan *view),
		closing: make(chan struct{}), closed: make(chan struct{}), halted: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.decider = decider{ledger: l, state: domain.NewState(), seen: map[commandKey]seen{}, most: maxGroup, landed: make(chan landing, 1)}
	if err := l.decider.catchUp(ctx); l.decider.broken != nil {
		l.decider.stale = true // no command is decided, and each is told why
	} else if err != nil {
		l.cancel()
		return nil, fmt.Errorf("replaying the log of %s: %w", cfg.Fund, err)
	}
	if l.watched() {
		l.presence.declare(nil)
		kept.presence = &l.presence
	}
	go l.decider.run()
	if l.watched() {
		l.watching.Go(l.watch)
	}
	return l, nil
}

// watched tells whether the ledger decides on the log itself: a rehearsal does not.
func (l *Ledger) watched() bool {
	own, ok := l.journal.(*eventstore.Log)
	return ok && own == l.log
}

// links is the number of the connection to the log's servers.
func (l *Ledger) links() uint64 {
	if !l.watched() {
		return 0
	}
	return l.log.Links()
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Place == nil {
		c.Place = domain.Shanghai
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Refusals = c.Refusals.WithDefaults()
	if c.patience == 0 {
		c.patience = 30 * time.Second
	}
	if c.period == 0 {
		c.period = sentryPeriod
	}
	if c.standing == 0 {
		c.standing = sentryPatience
	}
	return c
}

// Do decides one command and answers when its outcome is durable. When ctx ends first, the command may still be booked:
// asking again with the same id tells.
func (l *Ledger) Do(ctx context.Context, o Order) Result {
	return l.DoAll(ctx, []Order{o})[0]
}

// DoAll decides commands in their order, one by one, and answers when all outcomes are durable. They are not one
// transaction: each stands for itself.
func (l *Ledger) DoAll(ctx context.Context, orders []Order) []Result {
	return l.Start(ctx, orders).Wait(ctx)
}

// Batch is commands on their way.
type Batch struct {
	pending []*pending
	ledger  *Ledger
}

// Start hands commands over without waiting for their outcome; several batches may be on their way at once and are
// decided in the order they were started.
func (l *Ledger) Start(ctx context.Context, orders []Order) *Batch {
	b := &Batch{pending: make([]*pending, len(orders)), ledger: l}
	accepted := make([]*pending, 0, len(orders))
	for i, o := range orders {
		p := &pending{order: o, told: l.cfg.Settled, done: make(chan struct{})}
		b.pending[i] = p
		err := l.seal(ctx, o.Command)
		var text []byte
		if err == nil {
			text, err = wire.EncodeCommand(o.Command)
		}
		if err != nil {
			p.settle(Result{Err: err})
			continue
		}
		p.text, p.hash = text, wire.HashText(text)
		p.key, p.tooLong = keyOf(o.Command.Given().ID), wire.TooLong(o.Command, text)
		p.trace(ctx)
		accepted = append(accepted, p)
	}
	if len(accepted) == 0 {
		return b
	}
	if err := l.Away(); err != nil {
		settleAll(accepted, Result{Err: err})
		return b
	}
	if err := l.before.recall(ctx, accepted); err != nil {
		settleAll(accepted, Result{Err: err})
		return b
	}
	select {
	case l.orders <- accepted:
	case <-l.closing:
		settleAll(accepted, Result{Err: ErrClosed})
	case <-ctx.Done():
		settleAll(accepted, Result{Err: fmt.Errorf("waiting for the ledger: %w", ctx.Err())})
	}
	return b
}

// seal puts a sealed number in the place of one that can be read: neither events nor refusals hold another, nor anything that is made of them.
func (l *Ledger) seal(ctx context.Context, c domain.Command) error {
	record, ok := c.(*domain.RecordPayeeAccount)
	switch {
	case !ok || record.Account == "":
		return nil
	case l.cfg.Seal == nil:
		if record.Account.Tail() == "" {
			record.Account = unreadable
		}
		return nil
	}
	sealed, err := l.cfg.Seal(ctx, record.Account)
	if err != nil { // the key lies where the log does
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	record.Account = sealed
	return nil
}

// unreadable stands for a number that nothing seals; the rules refuse it.
const unreadable domain.AccountNumber = "***"

// Wait waits for the outcomes, in the order of the commands.
func (b *Batch) Wait(ctx context.Context) []Result {
	results := make([]Result, len(b.pending))
	for i, p := range b.pending {
		results[i] = b.waitFor(ctx, p)
	}
	return results
}

// waitFor waits for one outcome. One that is there is given, whatever else has ended.
func (b *Batch) waitFor(ctx context.Context, p *pending) Result {
	ended := ErrClosed
	select {
	case <-p.done:
		return p.result
	case <-ctx.Done():
		ended = fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	case <-b.ledger.closed:
	}
	select {
	case <-p.done:
		return p.result
	default:
		return Result{Err: ended}
	}
}

// view is a question to the state.
type view struct {
	ask  func(*domain.State, uint64)
	done chan struct{}
	hurt any // what ask panicked with
}

// answer asks, and keeps a fault of the asker's from ending whoever decides.
func (v *view) answer(s *domain.State, position uint64) {
	defer close(v.done)
	defer func() { v.hurt = recover() }()
	v.ask(s, position)
}

// View lets ask read the live state and the position it stands at; ask must neither keep nor change it, and be quick:
// nothing is decided meanwhile. The state may be ahead of what is durable. What ask panics with is the caller's.
func (l *Ledger) View(ctx context.Context, ask func(s *domain.State, position uint64)) error {
	v := &view{ask: ask, done: make(chan struct{})}
	select {
	case l.views <- v:
	case <-l.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	<-v.done
	if v.hurt != nil {
		panic(v.hurt)
	}
	return nil
}

// Log is the fund's event stream.
func (l *Ledger) Log() *eventstore.Log { return l.log }

// Refused is the stream of the fund's refusals, which [Refusals] reads.
func (l *Ledger) Refused() *eventstore.Log { return l.before.log }

// Close takes no more commands, finishes those it has, and ends.
func (l *Ledger) Close() {
	l.once.Do(func() { close(l.closing) })
	<-l.closed
	l.cancel()
	l.watching.Wait()
}
