package ledger

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// commandKey stands for a command's id: half of its SHA-256, which keeps a million ids in some 60 MB.
type commandKey [16]byte

func keyOf(id domain.CommandID) commandKey {
	digest := sha256.Sum256([]byte(id))
	return commandKey(digest[:16])
}

// seen is a command that is on the log, or in a group on its way there.
type seen struct {
	hash  [16]byte // half of the hash of its canonical form
	first uint64
	count uint32
}

// pending is a command that waits for its outcome.
type pending struct {
	order  Order
	text   []byte // the command in its canonical form: it is written once, to be hashed, and kept where it is refused
	hash   string
	key    commandKey
	sent   bool                 // it was in an append: what is found on the log under its id may be its own
	before *domain.Refusal      // what an import was answered to the same command before; nil: nothing
	told   func(string, Result) // nil: nobody
	span   trace.Span           // nil: whoever asks makes no trace
	result Result

	tooLong *domain.Refusal // it is not judged, for it is longer than any honest command; nil: it is not
	done    chan struct{}
}

func (p *pending) settle(r Result) {
	if p.told != nil {
		p.told(p.order.Command.Name(), r)
	}
	if p.span != nil {
		p.traced(r)
	}
	p.result = r
	close(p.done)
}

func settleAll(list []*pending, r Result) {
	for _, p := range list {
		p.settle(r)
	}
}

// decided is a command with what was decided, on the state before it.
type decided struct {
	pending *pending
	at      time.Time
	on      uint64             // the position it was decided on: of the command before it
	drafts  []eventstore.Draft // what it adds to the log
	result  Result             // final once the group has landed
	about   domain.Concern     // what a refused command is about
}

// group is the commands that go to the log together.
type group struct {
	members []decided
	events  int
	bytes   int
	base    uint64 // the position behind which its events go
	behind  tail   // the event there
	links   uint64 // as long as the connection is of this number, it lies there
	fresh   []commandKey
	keep    domain.Mark // how far the state's record of changes reaches with this group
}

// tail is the last event of a group that landed.
func (g *group) tail() tail {
	for _, m := range slices.Backward(g.members) {
		if n := len(m.drafts); n > 0 {
			return tail{draft: &m.drafts[n-1]}
		}
	}
	return tail{}
}

// landing is the end of an append.
type landing struct {
	last uint64
	err  error
	took time.Duration
}

// decider owns the state.
type decider struct {
	ledger   *Ledger
	state    *domain.State
	position uint64 // of the durable log that the state has taken in
	tail     tail   // the event there
	links    uint64 // of the connection by which it was found there
	seen     map[commandKey]seen
	broken   *wire.Unreadable // nothing is decided behind it; nil: the log is read to its end
	stale    bool             // the state must be read up to the log's end before it decides
	most     int              // events of the next group

	queue    []*pending
	next     group // decided, waits for the append in flight
	inFlight *group
	landed   chan landing
}

func (d *decider) run() {
	defer close(d.ledger.closed)
	defer d.ledger.refusals.close() // their answers are not given yet
	closing := d.ledger.closing
	for {
		for d.advance() {
		}
		if closing == nil && d.inFlight == nil && len(d.queue) == 0 && len(d.ledger.orders) == 0 {
			return
		}
		orders := d.ledger.orders
		if len(d.queue) >= maxGroup {
			orders = nil // let callers wait rather than pile up here
		}
		select {
		case list := <-orders:
			d.queue = append(d.queue, list...)
			d.drain()
		case l := <-d.landed:
			d.land(l)
		case v := <-d.ledger.views:
			v.answer(d.state, d.position)
		case <-closing:
			closing = nil
		}
	}
}

// drain takes what else has come in, so that one append carries it.
func (d *decider) drain() {
	for len(d.queue) < maxGroup {
		select {
		case list := <-d.ledger.orders:
			d.queue = append(d.queue, list...)
		default:
			return
		}
	}
}

// advance decides what is queued and sends the next group when no append is in flight. It reports whether there is more
// that it can do at once.
func (d *decider) advance() bool {
	if err := d.ledger.Err(); err != nil {
		d.refuseHalted(err)
		return false
	}
	if d.ledger.links() != d.links {
		d.stale = true // the servers were away: the log is held against what was taken in before anything is put behind that
	}
	if d.stale {
		if d.inFlight != nil {
			return false
		}
		if len(d.next.members) > 0 { // decided on what is to be read again
			d.undo(&group{})
			d.requeue(nil)
		}
		if len(d.queue) == 0 {
			return false
		}
		if err := d.catchUpNow(); err != nil {
			d.letGo(fmt.Errorf("reading the log before deciding: %w", err))
			return false
		}
	}
	d.decideQueue()
	if d.inFlight != nil || len(d.next.members) == 0 {
		return false
	}
	g := d.next
	d.next = group{}
	if g.events == 0 {
		d.answerWithoutAppend(g)
		return len(d.queue) > 0
	}
	for _, m := range g.members {
		m.pending.sent = len(m.drafts) > 0
	}
	g.behind, g.links = d.tail, d.links
	d.inFlight = &g
	go d.append(g)
	return len(d.queue) > 0 // the next group is decided meanwhile
}

func (d *decider) catchUpNow() error {
	ctx, cancel := d.ledger.presence.waiting(d.ledger.ctx, d.ledger.cfg.patience)
	defer cancel()
	return d.catchUp(ctx)
}

// decideQueue decides queued commands into the next group, as many as it holds.
func (d *decider) decideQueue() {
	if len(d.queue) == 0 || d.full() {
		return
	}
	d.state.Mark()
	at := d.ledger.cfg.Now()
	d.next.base = d.position
	if d.inFlight != nil {
		d.next.base += uint64(d.inFlight.events)
	}
	taken := 0
	for _, p := range d.queue {
		if d.full() {
			break
		}
		m := decided{pending: p, at: at, on: d.next.base + uint64(d.next.events)}
		d.decide(&m)
		d.next.members = append(d.next.members, m)
		taken++
	}
	d.queue = append(d.queue[:0], d.queue[taken:]...)
	d.next.keep = d.state.Mark()
}

// full tells whether the next group takes no more.
func (d *decider) full() bool {
	g := &d.next
	return g.events >= d.most || g.bytes >= maxGroupBytes || len(g.members) >= 2*maxGroup
}

// decide judges one command and applies its events to the state.
func (d *decider) decide(m *decided) {
	p := m.pending
	s, known := d.seen[p.key]
	switch {
	case known:
		m.result = s.again(p)
		m.result.Before = m.result.Refusal != nil && p.before != nil
	case d.formerly(p.order.Formerly, m):
	case p.before != nil:
		m.result = Result{Refusal: p.before, Before: true}
	case p.tooLong != nil:
		m.result = Result{Refusal: p.tooLong}
	default:
		m.result = d.judge(m)
	}
	if m.result.Refusal != nil && !m.result.Before {
		m.about = domain.About(p.order.Command, d.state)
	}
}

// formerly answers a command that is on the log under the id which an earlier release made of the same row.
func (d *decider) formerly(id domain.CommandID, m *decided) bool {
	if id == "" {
		return false
	}
	s, known := d.seen[keyOf(id)]
	if known {
		m.result = Result{Outcome: Outcome{CommandID: id, FirstSeq: s.first, LastSeq: s.first + uint64(s.count) - 1, Repeated: true}}
	}
	return known
}

// judge decides a command that is not known yet. One that cannot be written is the fault of nobody else in its group.
func (d *decider) judge(m *decided) Result {
	p, command := m.pending, m.pending.order.Command
	head, cfg := command.Given(), &d.ledger.cfg
	if publish, ok := command.(*domain.PublishPolicy); ok && publish.Policy.Fund != cfg.Fund {
		return Result{Refusal: domain.NewRefusal(domain.CodePolicyInvalid, "path", "fund",
			"reason", domain.ReasonOtherFund, "fund", cfg.Fund, "value", publish.Policy.Fund)}
	}
	if p.order.If != nil {
		if err := p.order.If(d.state, m.on); err != nil {
			if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
				return Result{Refusal: refusal}
			}
			return Result{Err: err}
		}
	}
	decision, refusal := domain.Decide(d.state, command, domain.DateIn(m.at, cfg.Place))
	if refusal != nil {
		return Result{Refusal: refusal}
	}
	drafts, err := wire.Drafts(cfg.Fund, command, p.hash, decision, p.order.Origin, m.at)
	if err == nil {
		refusal, err = d.check(drafts)
	}
	if refusal != nil {
		return Result{Refusal: refusal}
	}
	if err != nil {
		return Result{Err: fmt.Errorf("the command cannot be written and was not booked: %w", err)}
	}
	decision.Take(d.state, p.order.Origin.ImportedBy)
	m.drafts = drafts
	d.next.events += len(drafts)
	d.next.fresh = append(d.next.fresh, p.key)
	d.seen[p.key] = seen{hash: half(p.hash), first: m.on + 1, count: uint32(len(drafts))}
	return Result{Outcome: Outcome{CommandID: head.ID, FirstSeq: m.on + 1, LastSeq: m.on + uint64(len(drafts))}}
}

// check refuses what the log would not take.
func (d *decider) check(drafts []eventstore.Draft) (*domain.Refusal, error) {
	for _, draft := range drafts {
		if err := draft.Envelope.Validate(); err != nil {
			return nil, err
		}
		size := len(draft.Data) + headerBytes
		if most := d.ledger.cfg.maxMessage; most > 0 && size > most {
			return domain.NewRefusal(domain.CodeCommandTooLarge, "value", size, "limit", most), nil
		}
		d.next.bytes += size
	}
	return nil, nil
}

// again is the outcome of a command whose id is on the log: the first outcome, or a conflict.
func (s seen) again(p *pending) Result {
	id := p.order.Command.Given().ID
	if s.hash != half(p.hash) {
		return Result{Refusal: domain.NewRefusal(domain.CodeCommandConflict, "id", id, "seq", s.first)}
	}
	return Result{Outcome: Outcome{CommandID: id, FirstSeq: s.first, LastSeq: s.first + uint64(s.count) - 1, Repeated: !p.sent}}
}

// append sends a group to the log. It runs beside the decider and touches nothing of it.
func (d *decider) append(g group) {
	began := time.Now()
	ctx, cancel := d.ledger.presence.waiting(d.ledger.ctx, d.ledger.cfg.patience)
	defer cancel()
	drafts := make([]eventstore.Draft, 0, g.events)
	for _, m := range g.members {
		drafts = append(drafts, m.drafts...)
	}
	last, err := d.ledger.journal.Append(ctx, g.base, drafts)
	if err == nil && d.ledger.links() != g.links { // the guard knows positions, not what lies there
		if _, _, err = held(ctx, d.ledger.log, g.base, g.behind); err != nil {
			last, err = g.base, fmt.Errorf("holding the log against what was taken in: %w: %w", eventstore.ErrUnknown, err)
		}
	}
	d.landed <- landing{last: last, err: err, took: time.Since(began)}
}

// land ends an append: its group is answered, or rolled back and decided again.
func (d *decider) land(l landing) {
	g := d.inFlight
	d.inFlight = nil
	if l.err == nil {
		d.most = min(2*d.most, maxGroup)
		d.position, d.tail = l.last, g.tail()
		d.state.Keep(g.keep)
		if len(d.next.members) > 0 {
			d.next.keep -= g.keep
		}
		if d.ledger.cfg.Grouped != nil {
			d.ledger.cfg.Grouped(g.events, l.took)
		}
		d.ledger.refusals.answer(g.members)
		return
	}
	if d.ledger.cfg.Failed != nil {
		d.ledger.cfg.Failed(l.err)
	}
	if !unsure(l.err) {
		g.landedUpTo(l.last)
	}
	d.undo(g)
	if errors.Is(l.err, eventstore.ErrOutOfTurn) {
		d.most = max(1, min(d.most, g.events)/4)
		d.requeue(g)
		return
	}
	d.ledger.cfg.Logger.Error("an append failed", "events", g.events, "behind", g.base, "error", l.err)
	d.answerFailed(g, l.err)
	d.requeue(nil) // those decided on top of it are decided again
}

// unsure tells whether an append that failed so may still land.
func unsure(err error) bool {
	return errors.Is(err, eventstore.ErrUnknown) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// landedUpTo forgets that commands were sent which surely did not land: what is on the log under their ids is not theirs.
func (g *group) landedUpTo(last uint64) {
	for _, m := range g.members {
		m.pending.sent = m.pending.sent && m.result.Outcome.LastSeq <= last
	}
}

// answerFailed answers a group whose append failed by what lies on the log: a part of it may have landed.
func (d *decider) answerFailed(g *group, failed error) {
	known := d.catchUpNow() == nil
	for _, m := range g.members {
		s, landed := d.seen[m.pending.key]
		switch {
		case known && landed:
			m.pending.settle(s.again(m.pending))
		case !known || unsure(failed):
			m.pending.settle(Result{Err: fmt.Errorf("%w: %w", ErrUnknown, failed)})
		default:
			m.pending.settle(Result{Err: fmt.Errorf("the command was not booked: %w", failed)})
		}
	}
}

// undo takes the state and the ids back to what is durable.
func (d *decider) undo(g *group) {
	d.state.Rollback()
	for _, key := range append(g.fresh, d.next.fresh...) {
		delete(d.seen, key)
	}
	d.stale = true
}

// requeue puts a group and the one decided on top of it back in front of the queue, in their order.
func (d *decider) requeue(g *group) {
	var again []*pending
	if g != nil {
		for _, m := range g.members {
			again = append(again, m.pending)
		}
	}
	for _, m := range d.next.members {
		again = append(again, m.pending)
	}
	d.next = group{}
	d.queue = append(again, d.queue...)
}

// answerWithoutAppend answers a group of refusals and repetitions, when the log still ends where they were decided.
// Else another instance has written, and they are decided again.
func (d *decider) answerWithoutAppend(g group) {
	d.state.Keep(g.keep) // nothing changed, and what is read from the log from here on is not to be undone
	ctx, cancel := d.ledger.presence.waiting(d.ledger.ctx, d.ledger.cfg.patience)
	defer cancel()
	last, err := d.ledger.journal.Last(ctx)
	switch {
	case err != nil:
		for _, m := range g.members {
			why := ErrUnavailable
			if m.pending.sent { // it is on the log perhaps
				why = ErrUnknown
			}
			m.pending.settle(Result{Err: fmt.Errorf("%w: checking the log's end before answering: %w", why, err)})
		}
	case last != d.position || d.ledger.links() != d.links:
		d.stale = true
		d.requeue(&g)
	default:
		d.ledger.refusals.answer(g.members)
	}
}

// catchUp takes in the log from the state's position to its end. The event at the position is read again, and has to be the one that was
// taken in, and what the tables hold has to be there: else it is [ErrContradicted].
func (d *decider) catchUp(ctx context.Context) error {
	if d.broken != nil {
		return d.broken
	}
	links := d.ledger.links()
	end, err := d.ledger.journal.Last(ctx)
	if err != nil {
		return err
	}
	if end < d.position {
		return fmt.Errorf("%w: %w: it ends at %d and %d was already taken in", ErrContradicted, eventstore.ErrShort, end, d.position)
	}
	if err := d.ledger.heldShown(ctx, d.position); err != nil {
		return err
	}
	if end > 0 {
		err := d.ledger.journal.Read(ctx, max(d.position, 1), end, d.take(end))
		if errors.Is(err, eventstore.ErrGap) {
			return fmt.Errorf("%w: %w", ErrContradicted, err)
		}
		if err != nil {
			d.stop(err)
			return err
		}
	}
	d.stale, d.links = false, links
	return nil
}

// stop decides nothing any more where a message on the log is no event: what would be decided behind it could not be told from what
// was published past the rules. The state stays as it was before it, and answers.
func (d *decider) stop(err error) {
	unreadable, ok := errors.AsType[*wire.Unreadable](err)
	if !ok || d.broken != nil {
		return
	}
	d.broken = unreadable
	d.ledger.broken.Store(unreadable)
	d.ledger.cfg.Logger.Error("ALARM: nothing is booked any more", "seq", unreadable.Seq, "error", unreadable)
}

// take applies records of the log to the state.
func (d *decider) take(end uint64) func([]eventstore.Record) error {
	return func(records []eventstore.Record) error {
		for _, r := range records {
			if r.Seq <= d.position {
				if !d.tail.is(r) {
					return fmt.Errorf("%w: %w: event %d", ErrContradicted, errOther, r.Seq)
				}
				continue
			}
			entry, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if err := d.apply(entry); err != nil {
				return err
			}
			if entry.Envelope.Index == 0 {
				d.seen[keyOf(domain.CommandID(entry.Envelope.CommandID))] = seen{hash: half(entry.Envelope.CommandHash), first: r.Seq,
					count: uint32(entry.Envelope.Count)}
			}
			d.position, d.tail = r.Seq, tail{record: &r}
		}
		if d.ledger.cfg.Progress != nil {
			d.ledger.cfg.Progress(d.position, end)
		}
		return nil
	}
}

// apply lets an event of the log happen. One that the rules did not make, published past them, may be beyond what the state
// can hold: that is said, with its position, and the program does not fall.
func (d *decider) apply(e wire.Entry) (err error) {
	defer wire.Guard(e.Seq, &err)
	domain.Apply(d.state, e.Event, e.Deed())
	return nil
}

// half is the first half of a hash written in hex.
func half(hash string) (h [16]byte) {
	for i := range h {
		if 2*i+1 < len(hash) {
			h[i] = nibble(hash[2*i])<<4 | nibble(hash[2*i+1])
		}
	}
	return h
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0
}
