package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// Judgement is what came of judging a log.
type Judgement struct {
	Fund     domain.FundID `json:"fund"`
	Events   uint64        `json:"events"`
	Commands uint64        `json:"commands"`
	// HashesUnknown counts commands whose hash cannot be made again, because they may have named something that no event
	// holds (see [CommandOf]).
	HashesUnknown uint64    `json:"hashes_unknown"`
	Findings      []Finding `json:"findings"`       // at most MaxFindings, as the log has them
	FindingCount  uint64    `json:"finding_count"`  // how many there are
	First         time.Time `json:"first_recorded"` // zero: there are no events
	Last          time.Time `json:"last_recorded"`

	State *domain.State `json:"-"` // after the last event
}

// MaxFindings is how many findings of one kind of check are kept; all are counted.
const MaxFindings = 1000

// Event is an event as a judge hands it over: read, hashed, and with what was found about it.
type Event struct {
	Record eventstore.Record
	Entry  wire.Entry
	Leaf   tlog.Hash // its RFC 6962 leaf hash
	Read   bool      // false: Entry holds nothing, for the record could not be read
}

// Judge decides a log again from its first event on. each, if any, gets every event in order, in a goroutine of its own; its
// first error ends the judging. The error says that the log could not be read or ctx ended, never that something is wrong
// with what it says.
func Judge(ctx context.Context, log proof.Log, each func(*Event) error) (Judgement, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j := &judge{state: domain.NewState(), seen: map[domain.CommandID]uint64{}, each: each, other: map[string]*tally{}}
	ordered, judged := make(chan *chunk, chunksAhead), make(chan *chunk, chunksAhead)
	var stages sync.WaitGroup
	stages.Go(func() {
		defer close(judged)
		for c := range ordered {
			<-c.prepared
			j.decide(c)
			go c.finish()
			judged <- c
		}
	})
	stages.Go(func() {
		for c := range judged {
			<-c.finished
			if err := j.collect(c); err != nil {
				cancel(err)
			}
		}
	})
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for len(records) > 0 {
			n := min(len(records), chunkEvents)
			c := newChunk(records[:n:n])
			records = records[n:]
			select {
			case ordered <- c:
				go c.prepare()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return context.Cause(ctx)
	})
	close(ordered)
	stages.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return j.result, fmt.Errorf("judging the log: %w", err)
	}
	j.end()
	return j.result, nil
}

const (
	chunkEvents = 256
	chunksAhead = 8
)

// chunk is a run of events on its way: prepared (read and hashed), decided in order, finished (compared).
type chunk struct {
	events             []Event
	items              []item
	fund               domain.FundID // of the log; known once its first event is decided
	prepared, finished chan struct{}
}

// item is an event being judged.
type item struct {
	command  domain.Command  // that it answers, at index 0
	decision domain.Decision // of the command
	refusal  *domain.Refusal
	place    int  // of the event in its decision
	decided  bool // there is a decision to compare with
	broken   string
	notes    []Finding
	unknown  bool // its command's hash cannot be made again
	// otherwise is by which code the present rules would decide otherwise what an earlier edition decided.
	otherwise string
}

func newChunk(records []eventstore.Record) *chunk {
	c := &chunk{events: make([]Event, len(records)), items: make([]item, len(records)), prepared: make(chan struct{}), finished: make(chan struct{})}
	for i, r := range records {
		c.events[i].Record = r
	}
	return c
}

// hashers are kept from chunk to chunk, for what they have learnt.
var hashers = sync.Pool{New: func() any { return new(proof.LeafHasher) }}

// prepare reads and hashes; it needs no state.
func (c *chunk) prepare() {
	defer close(c.prepared)
	leaves := hashers.Get().(*proof.LeafHasher)
	defer hashers.Put(leaves)
	for i := range c.events {
		e, it := &c.events[i], &c.items[i]
		e.Leaf = leaves.Hash(e.Record)
		entry, command, err := read(e.Record)
		if err != nil {
			var unreadable *wire.Unreadable
			errors.As(err, &unreadable)
			it.note(found(CodeUnreadable, event(e.Record.Seq), []uint64{e.Record.Seq}, "seq", number(e.Record.Seq), "reason", unreadable.Cause.Error()))
			continue
		}
		e.Entry, e.Read, it.command = entry, true, command
	}
}

// read reads a record, with the command that it answers.
func read(r eventstore.Record) (entry wire.Entry, command domain.Command, err error) {
	defer wire.Guard(r.Seq, &err)
	if entry, err = wire.Decode(r); err != nil {
		return entry, nil, err
	}
	return entry, entry.Command(), nil
}

func (it *item) note(f Finding) { it.notes = append(it.notes, f) }

// judge is the part of judging that goes event by event.
type judge struct {
	state  *domain.State
	fund   domain.FundID
	next   uint64
	seen   map[domain.CommandID]uint64
	open   domain.Decision // of the command whose events are passing
	openID domain.CommandID
	each   func(*Event) error
	failed error
	early  []uint64 // decided long before they were recorded, the first few
	earlyN uint64
	latest int               // edition so far
	other  map[string]*tally // of decisions of an earlier edition that the present rules would take otherwise, by code
	result Judgement
}

// decide judges a chunk's commands and applies its events, one after another.
func (j *judge) decide(c *chunk) {
	for i := range c.events {
		e, it := &c.events[i], &c.items[i]
		j.checkSequence(e, it)
		if !e.Read {
			continue
		}
		if p, ok := e.Entry.Event.(*domain.PolicyPublished); ok && j.fund == "" {
			j.fund = p.Policy.Fund
		}
		j.checkEdition(e, it)
		j.again(e, it)
		j.apply(e, it)
	}
	c.fund = j.fund
}

func (j *judge) checkSequence(e *Event, it *item) {
	seq := e.Record.Seq
	if want := j.next + 1; seq != want {
		it.note(found(CodeSequence, event(want), []uint64{seq}, "expected", number(want), "seq", number(seq)))
	}
	j.next = seq
}

// checkEdition notes an event whose edition of the rules is earlier than one before it: editions do not go back.
func (j *judge) checkEdition(e *Event, it *item) {
	seq, edition := e.Record.Seq, e.Entry.Edition()
	if edition < j.latest {
		it.note(found(codeEditionBack, event(seq), []uint64{seq}, "seq", number(seq), "edition", number(uint64(edition)), "latest", number(uint64(j.latest))))
	}
	j.latest = max(j.latest, edition)
}

// again decides the command of an event. Of a command of several events, the first one's decision is held against all.
func (j *judge) again(e *Event, it *item) {
	v := &e.Entry.Envelope
	id := domain.CommandID(strings.Clone(v.CommandID)) // it is kept, and the rest of its headers need not be
	it.place = v.Index
	if v.Index > 0 && id == j.openID {
		it.decision, it.decided = j.open, true
		return
	}
	j.result.Commands++
	if first, twice := j.seen[id]; twice {
		it.note(found(CodeCommandTwice, "command "+v.CommandID, []uint64{first, e.Entry.Seq}, "command", v.CommandID, "first", number(first),
			"seq", number(e.Entry.Seq)))
	} else {
		j.seen[id] = e.Entry.Seq
	}
	func() {
		defer func() {
			if fault := recover(); fault != nil {
				it.broken = fmt.Sprint(fault)
			}
		}()
		it.decision, it.refusal = domain.Decide(j.state, it.command, domain.DateIn(v.Time, domain.Shanghai))
		it.decided = it.refusal == nil
	}()
	j.open, j.openID = it.decision, id
}

// apply lets what lies on the log happen, right or wrong: what follows was decided on it.
func (j *judge) apply(e *Event, it *item) {
	defer func() {
		if fault := recover(); fault != nil {
			it.broken = fmt.Sprint(fault)
		}
	}()
	domain.Apply(j.state, e.Entry.Event, e.Entry.Deed())
}

// finish compares what was decided with what lies on the log.
func (c *chunk) finish() {
	defer close(c.finished)
	source := wire.Source(c.fund)
	for i := range c.events {
		if e, it := &c.events[i], &c.items[i]; e.Read {
			it.compare(&e.Entry, e.Record, c.fund, source)
		}
	}
}

// collect hands a chunk over and keeps its findings.
func (j *judge) collect(c *chunk) error {
	if j.failed != nil {
		return nil
	}
	for i := range c.events {
		e, it := &c.events[i], &c.items[i]
		j.count(e, it)
		if j.each == nil {
			continue
		}
		if j.failed = j.each(e); j.failed != nil {
			return j.failed
		}
	}
	return nil
}

func (j *judge) count(e *Event, it *item) {
	r := &j.result
	if r.Events++; r.Events == 1 {
		r.First = e.Record.Time
	}
	r.Last = e.Record.Time
	if it.unknown {
		r.HashesUnknown++
	}
	if it.otherwise != "" {
		j.tally(it.otherwise).add(e.Record.Seq)
	}
	if e.Read && e.Record.Time.Sub(e.Entry.Envelope.Time) > time.Hour {
		if j.earlyN++; len(j.early) < maxFindingEvents {
			j.early = append(j.early, e.Record.Seq)
		}
	}
	for _, f := range it.notes {
		j.keep(f)
	}
}

// tally is some events of a kind: how many, and the first few.
type tally struct {
	count  uint64
	events []uint64
}

func (t *tally) add(seq uint64) {
	if t.count++; len(t.events) < maxFindingEvents {
		t.events = append(t.events, seq)
	}
}

func (j *judge) tally(code string) *tally {
	if j.other[code] == nil {
		j.other[code] = &tally{}
	}
	return j.other[code]
}

func (j *judge) keep(f Finding) {
	if j.result.FindingCount++; len(j.result.Findings) < MaxFindings {
		j.result.Findings = append(j.result.Findings, f)
	}
}

func (j *judge) end() {
	if j.earlyN > 0 {
		f := found(CodeDecidedBefore, "clock", j.early, "count", number(j.earlyN), "seq", number(j.early[0]))
		f.EventCount = int(j.earlyN)
		j.keep(f)
	}
	for _, code := range slices.Sorted(maps.Keys(j.other)) {
		t := j.other[code]
		f := found(codeEarlierEdition, "edition 1 "+code, t.events, "count", number(t.count), "seq", number(t.events[0]), "code", code)
		f.EventCount = int(t.count)
		j.keep(f)
	}
	j.result.Fund, j.result.State = j.fund, j.state
}
