package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// refusals keeps refusals on their own stream, and answers commands once theirs is kept. The zero refusals, a
// rehearsal's, keeps none. Refusals that come while others are being written go together, as one batch where they are many.
type refusals struct {
	log        *eventstore.Log // nil: none are kept
	fund       domain.FundID
	maxMessage int
	patience   time.Duration
	logger     *slog.Logger
	now        func() time.Time
	notKept    func()    // told of each refusal that is not kept for its person's limit; may be nil
	presence   *presence // of the log's servers, which keep these too; nil: nobody watches

	mu      sync.Mutex
	queue   []toKeep
	keeping bool // somebody works on the queue
	waiting sync.WaitGroup
	shares  shares
	telling *time.Timer // tells what was not kept; nil: there is nothing to tell
	closing bool        // what cannot be told now is told by nobody
	unsure  bool        // whether a note landed

	// Of who works on the queue:
	last  uint64    // the position of the stream's last record
	link  wire.Link // of all up to it
	known bool      // that they are so
	most  int       // records of the next append
	doubt *doubt    // nil: none
}

// doubt is an append of a note of which it is not known whether it landed. A note is a count: told twice it would be wrong.
type doubt struct {
	after   uint64 // where it was to lie behind
	records []eventstore.Plain
	of      toKeep
}

// toKeep is a record on its way to the stream: the refusal of a command, or a note on those that are not kept.
type toKeep struct {
	member *decided
	note   *wire.Refused
	told   func(error) // what became of a note; may be nil
}

// settle answers whoever waits for it.
func (k toKeep) settle(err error) {
	switch m := k.member; {
	case m == nil && k.told != nil:
		k.told(err)
	case m == nil:
	case err != nil:
		m.pending.settle(Result{Err: fmt.Errorf("%w: the command is refused (%s), but the refusal could not be kept; ask again: %w", ErrUnavailable,
			m.result.Refusal.Code, err)})
	default:
		m.pending.settle(m.result)
	}
}

// RefusedStream is the name of the stream that keeps a fund's refusals.
func RefusedStream(fund domain.FundID) string { return "REFUSED_" + streamToken(fund) }

// RefusedSubjects are the subjects of a fund's refusals.
func RefusedSubjects(fund domain.FundID) []string { return []string{wire.RefusedPrefix(fund) + ">"} }

// OpenRefusals opens the stream of a fund's refusals, as it is: what is damaged in it is for a verification to say, and no reason not to start.
func OpenRefusals(ctx context.Context, nc *nats.Conn, cfg Config, readOnly bool) (*eventstore.Log, error) {
	return eventstore.Open(ctx, nc, eventstore.Config{Stream: RefusedStream(cfg.Fund), Subjects: RefusedSubjects(cfg.Fund),
		Replicas: cfg.Replicas, ReadOnly: readOnly, Plain: true, Logger: cfg.Logger, Ahead: cfg.Ahead})
}

func openRefusals(ctx context.Context, nc *nats.Conn, cfg Config) (*refusals, *eventstore.Log, error) {
	log, err := OpenRefusals(ctx, nc, cfg, false)
	if err != nil {
		return nil, nil, err
	}
	return &refusals{log: log, fund: cfg.Fund, maxMessage: cfg.maxMessage, patience: cfg.patience, logger: cfg.Logger, now: cfg.Now, notKept: cfg.NotKept,
		shares: shares{limits: cfg.Refusals, of: map[domain.PersonID]*share{}}}, log, nil
}

// answer tells the commands of a group their results, each refusal after it is kept. It does not make the decider
// wait. Of somebody who was refused very much, no more is kept for a while: they are told the same, and it is counted.
func (r *refusals) answer(members []decided) {
	var refused []toKeep
	var over []*decided
	r.mu.Lock()
	for i := range members {
		m := &members[i]
		if m.result.Refusal == nil || m.result.Before || r.log == nil {
			continue
		}
		if r.shares.takes(m, r.now()) {
			refused = append(refused, toKeep{member: m})
		} else {
			over = append(over, m)
			if r.notKept != nil {
				r.notKept()
			}
		}
	}
	if len(over) > 0 {
		r.tellLater()
	}
	r.enqueue(refused)
	r.mu.Unlock()
	for i := range members {
		m := &members[i]
		if m.result.Refusal == nil || m.result.Before || r.log == nil {
			m.pending.settle(m.result)
		}
	}
	for _, m := range over {
		m.pending.settle(m.result)
	}
}

// enqueue has records kept. It needs the lock.
func (r *refusals) enqueue(list []toKeep) {
	if len(list) == 0 && !r.unsure {
		return
	}
	r.queue = append(r.queue, list...)
	if !r.keeping {
		r.keeping = true
		r.waiting.Go(r.keepAll)
	}
}

// tellLater has it told what was not kept. It needs the lock.
func (r *refusals) tellLater() {
	if r.telling == nil {
		r.telling = time.AfterFunc(tellAfter, r.tell)
	}
}

// tell notes on the stream what was not kept since it was told last. What cannot be noted, for the log is away, is told later.
func (r *refusals) tell() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.telling = nil
	var notes []toKeep
	for who, c := range r.shares.untold() {
		note := c.note(who)
		notes = append(notes, toKeep{note: &note, told: func(err error) { r.toldOf(who, c, err) }})
	}
	slices.SortFunc(notes, func(a, b toKeep) int { return a.note.At.Compare(b.note.At) })
	r.enqueue(notes)
}

// toldOf says what became of a note.
func (r *refusals) toldOf(who domain.PersonID, c counted, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.logger.Warn("refusals of one person were more than are kept; a note on their stream counts the rest", "refusals", c.refusals, "from", c.from, "until", c.until)
	case r.closing:
		r.logger.Error("refusals were not kept, and no note says so: the ledger ends while the log is away", "refusals", c.refusals, "from", c.from, "until", c.until)
	default:
		r.shares.retell(who, c)
		r.tellLater()
	}
}

// close keeps what waits, and tells what was not kept. Nothing is refused any more.
func (r *refusals) close() {
	r.mu.Lock()
	r.closing = true
	timer := r.telling
	r.mu.Unlock()
	if timer != nil && timer.Stop() {
		r.tell()
	}
	r.waiting.Wait()
}

// keepAll works on the queue until it is empty, and once on a doubt.
func (r *refusals) keepAll() {
	for doubted := false; ; doubted = true {
		r.mu.Lock()
		list := r.queue
		r.queue = nil
		r.keeping = len(list) > 0 || r.unsure && !doubted
		going := r.keeping
		r.mu.Unlock()
		if !going {
			return
		}
		r.keep(list)
	}
}

// doubts puts off what became of a note, unless the ledger ends.
func (r *refusals) doubts(d *doubt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	r.doubt, r.unsure = d, true
	r.tellLater()
	return true
}

// resolve ends a doubt: the same is appended at the same place, where it lies already, lands now, or never will.
func (r *refusals) resolve(ctx context.Context) error {
	d := r.doubt
	if d == nil {
		return nil
	}
	err := r.putAgain(ctx, d)
	r.mu.Lock()
	open := err != nil && !errors.Is(err, eventstore.ErrOutOfTurn)
	if open && !r.closing {
		r.tellLater()
		r.mu.Unlock()
		return err
	}
	r.unsure = false
	r.mu.Unlock()
	r.doubt, r.known = nil, false
	d.of.settle(err)
	if open {
		return err
	}
	return nil
}

// putAgain appends the same at the same place; ErrOutOfTurn: something else lies there, or lay, and it did not land.
func (r *refusals) putAgain(ctx context.Context, d *doubt) error {
	_, err := r.log.Put(ctx, d.after, d.records)
	for errors.Is(err, eventstore.ErrShut) && pause(ctx, shutFor) == nil {
		_, err = r.log.Put(ctx, d.after, d.records)
	}
	if !errors.Is(err, eventstore.ErrOutOfTurn) {
		return err
	}
	there, getErr := r.log.Get(ctx, d.after+1)
	switch {
	case getErr == nil && bytes.Equal(there.Data, d.records[0].Data):
		return nil
	case getErr == nil:
		return err
	case !errors.Is(getErr, eventstore.ErrNotFound):
		return getErr
	}
	first, _, endsErr := r.log.Ends(ctx)
	if endsErr != nil || first <= d.after+1 { // a leader that is not up to date yet
		return errors.Join(getErr, endsErr)
	}
	return err // it was taken away meanwhile
}

// keep writes records behind the stream's end, each with the link of all before it, and answers those that are refusals. Where another
// instance has written meanwhile, they are linked and written again.
func (r *refusals) keep(list []toKeep) {
	ctx, cancel := r.patient()
	defer cancel()
	if err := r.resolve(ctx); err != nil {
		r.lost(list, err)
		return
	}
	for len(list) > 0 {
		if err := r.findEnd(ctx); err != nil {
			r.lost(list, err)
			return
		}
		var records []eventstore.Plain
		var links []wire.Link
		if records, links, list = r.linked(list); len(records) == 0 {
			continue
		}
		some := list[:len(records)]
		end, err := r.log.Put(ctx, r.last, records)
		landed := int(end - r.last)
		if landed > 0 {
			r.last, r.link = end, links[landed-1]
			r.most = min(2*max(r.most, 1), maxGroup)
			for _, one := range some[:landed] {
				one.settle(nil)
			}
			list = list[landed:]
		}
		if err == nil {
			continue
		}
		r.known = false
		switch {
		case errors.Is(err, eventstore.ErrOutOfTurn):
			r.most = max(1, len(records)/4)
		case errors.Is(err, eventstore.ErrShut) && pause(ctx, shutFor) == nil:
		case errors.Is(err, eventstore.ErrUnknown):
			if some[0].note != nil && r.doubts(&doubt{r.last, records, some[0]}) {
				list = list[1:]
			}
			r.lost(list, err)
			return
		default:
			r.lost(list, err)
			return
		}
	}
}

// shutFor is how long it is waited for a stream whose beginning is being taken away.
const shutFor = 50 * time.Millisecond

// patient is a context of what waits for the stream: it ends when its servers are away.
func (r *refusals) patient() (context.Context, context.CancelFunc) {
	if r.presence == nil {
		return context.WithTimeout(context.Background(), r.patience)
	}
	return r.presence.waiting(context.Background(), r.patience)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// linked writes the first of a list, each with the link of all before it, as many as one append takes; a note goes alone. What cannot be written is answered,
// and left out of rest, which begins with those that were written.
func (r *refusals) linked(list []toKeep) (records []eventstore.Plain, links []wire.Link, rest []toKeep) {
	if r.most == 0 {
		r.most = maxGroup
	}
	link, size := r.link, 0
	var taken []toKeep
	for i, one := range list {
		if len(records) >= r.most || size >= maxGroupBytes || len(records) > 0 && (one.note != nil || taken[0].note != nil) {
			return records, links, append(taken, list[i:]...)
		}
		record, err := r.record(one, link)
		if err != nil {
			r.lost([]toKeep{one}, err)
			continue
		}
		link = link.Then(r.last+uint64(len(records))+1, record.Subject, record.Data)
		records, links, taken = append(records, record), append(links, link), append(taken, one)
		size += len(record.Data)
	}
	return records, links, taken
}

// findEnd finds the stream's end, and the link of all that is on it, where they are not known.
func (r *refusals) findEnd(ctx context.Context) error {
	if r.known {
		return nil
	}
	_, last, err := r.log.Ends(ctx)
	if err != nil {
		return err
	}
	link, err := LinkAt(ctx, r.log, last)
	if err != nil {
		return err
	}
	r.last, r.link, r.known = last, link, true
	return nil
}

// LinkAt is the link of all refusals up to a position that is there. A record says the link of those before it; those that earlier releases
// wrote say none, and are read all. Where the record is gone, the chain begins anew behind it, and a verification says so.
func LinkAt(ctx context.Context, log *eventstore.Log, at uint64) (link wire.Link, err error) {
	if at == 0 {
		return link, nil
	}
	last, err := log.Find(ctx, at) // a link that is made without it breaks the chain: a leader that has just changed may be a moment behind
	if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
		return link, err
	}
	if before := linkSaid(last.Data); before != (wire.Link{}) {
		return before.Then(last.Seq, last.Subject, last.Data), nil
	}
	err = log.Scan(ctx, 1, at, nil, func(records []eventstore.Record) error {
		for _, record := range records {
			if before := linkSaid(record.Data); before != (wire.Link{}) {
				link = before
			}
			link = link.Then(record.Seq, record.Subject, record.Data)
		}
		return nil
	})
	return link, err
}

// linkSaid is the link that a record says; the zero Link of one that says none, or cannot be read.
func linkSaid(data []byte) wire.Link {
	r, err := wire.DecodeRefused(data)
	if err != nil {
		return wire.Link{}
	}
	return r.Before
}

func (r *refusals) lost(list []toKeep, err error) {
	if len(list) == 0 {
		return
	}
	first := "a note"
	if list[0].member != nil {
		first = string(list[0].member.pending.order.Command.Given().ID)
	}
	r.logger.Error("refusals could not be kept", "refusals", len(list), "first", first, "error", err)
	for _, one := range list {
		one.settle(err)
	}
}

func (r *refusals) record(one toKeep, before wire.Link) (eventstore.Plain, error) {
	refused := one.note
	if one.member != nil {
		refused = refusedOf(one.member)
	}
	refused.Before = before
	data, err := wire.EncodeRefused(*refused)
	if err != nil {
		return eventstore.Plain{}, err
	}
	if r.maxMessage > 0 && len(data)+headerBytes > r.maxMessage {
		return eventstore.Plain{}, fmt.Errorf("the refusal has %d bytes, the server takes %d", len(data), r.maxMessage)
	}
	return eventstore.Plain{Subject: refused.Subject(r.fund), Data: data}, nil
}

func refusedOf(m *decided) *wire.Refused {
	refusal := *m.result.Refusal
	command, digest, about := kept(m)
	return &wire.Refused{At: m.at.UTC(), Position: m.on, Command: command, Digest: digest, Refusal: refusal, Message: refusal.Message(),
		Application: about.Application, Enterprise: about.Enterprise, Account: about.Account, ImportedBy: m.pending.order.Origin.ImportedBy}
}

// kept is the command as its refusal keeps it: whole, unless it is long, or holds a personal identity number, which is to be written
// nowhere (R15), whatever the command was refused for. Of a long one there are its digest and what identifies it; of one with such a number
// only what was asked on which day.
func kept(m *decided) ([]byte, *wire.Digest, domain.Concern) {
	command := m.pending.order.Command
	head := command.Given()
	if holdsPersonalID(m.pending.text) {
		if head.Date.IsZero() {
			return fmt.Appendf(nil, `{"command":%q}`, command.Name()), nil, domain.Concern{}
		}
		return fmt.Appendf(nil, `{"command":%q,"date":%q}`, command.Name(), head.Date), nil, domain.Concern{}
	}
	if len(m.pending.text) <= wire.MaxKeptCommand {
		return m.pending.text, nil, m.about
	}
	short, err := json.Marshal(identified{Name: command.Name(), ID: clipped(head.ID), Date: head.Date, Actor: domain.Actor{ID: clipped(head.Actor.ID),
		Role: clipped(head.Actor.Role), Department: clipped(head.Actor.Department), For: clipped(head.Actor.For)}}, json.Deterministic(true))
	if err != nil {
		short = fmt.Appendf(nil, `{"command":%q}`, command.Name())
	}
	about := domain.Concern{Application: clipped(m.about.Application), Enterprise: clipped(m.about.Enterprise), Account: m.about.Account}
	return short, &wire.Digest{SHA256: m.pending.hash, Bytes: len(m.pending.text)}, about
}

// identified is what identifies a command.
type identified struct {
	Name  string           `json:"command"`
	ID    domain.CommandID `json:"id,omitzero"`
	Date  domain.Date      `json:"date,omitzero"`
	Actor domain.Actor     `json:"actor,omitzero"`
}

// clipped is an identifier that may be longer than any that is valid.
func clipped[T ~string](id T) T { return T(domain.Clip(string(id), 400)) }

// holdsPersonalID looks through every string of a JSON text. A valid credit code that looks like such a number is none.
func holdsPersonalID(text []byte) bool {
	if !domain.HoldsPersonalID(string(text)) {
		return false
	}
	for d := jsontext.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		if token.Kind() != '"' {
			continue
		}
		if s := token.String(); domain.HoldsPersonalID(s) && !domain.ValidCreditCode(domain.EnterpriseID(s)) {
			return true
		}
	}
}
