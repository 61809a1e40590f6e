package audit

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

func number(n uint64) string  { return strconv.FormatUint(n, 10) }
func event(seq uint64) string { return "event " + number(seq) }

// clockTolerance is by how much the clocks of the decider and the log may differ.
const clockTolerance = 5 * time.Minute

// compare notes how an event differs from what the rules would have written.
func (it *item) compare(e *wire.Entry, r eventstore.Record, fund domain.FundID, source string) {
	seq, name := number(e.Seq), e.Event.Name()
	if it.broken != "" {
		it.note(found(CodeDoesNotApply, event(e.Seq), []uint64{e.Seq}, "seq", seq, "event", name, "reason", it.broken))
	}
	if e.Envelope.Time.After(e.Recorded.Add(clockTolerance)) {
		it.note(found(CodeDecidedLater, event(e.Seq), []uint64{e.Seq}, "seq", seq, "decided", e.Envelope.Time.Format(time.RFC3339Nano),
			"recorded", e.Recorded.Format(time.RFC3339Nano)))
	}
	it.checkHash(e)
	earlier := e.Edition() < domain.Edition
	switch {
	case it.refusal != nil && earlier:
		it.otherwise = it.refusal.Code
	case it.refusal != nil:
		it.note(found(CodeRefused, event(e.Seq), []uint64{e.Seq}, refusalFigures(e, it.refusal)...))
	case it.decided && earlier:
		it.compareEarlier(e, r)
	case it.decided:
		it.compareData(e, r)
	}
	it.compareEnvelope(e, fund, source)
}

func refusalFigures(e *wire.Entry, r *domain.Refusal) []string {
	text := r.Message()
	list := []string{"seq", number(e.Seq), "event", e.Event.Name(), "code", r.Code, "rule", r.Rule, "message_zh", text.ZH, "message_en", text.EN}
	for name, value := range r.Figures {
		list = append(list, "refusal_"+name, value)
	}
	return list
}

// sameCommand reports whether a hash is that of a command, in any of the forms that say the same.
func sameCommand(c domain.Command, hash string) (bool, error) {
	got, err := wire.HashCommand(c)
	if err != nil || got == hash {
		return got == hash, err
	}
	for _, o := range domain.Forms(c) {
		if got, err = wire.HashCommand(o); err != nil || got == hash {
			return got == hash, err
		}
	}
	return false, nil
}

func (it *item) checkHash(e *wire.Entry) {
	if e.Envelope.Index > 0 {
		return
	}
	same, err := sameCommand(it.command, e.Envelope.CommandHash)
	switch {
	case err == nil && same:
	case domain.Untold(e.Event):
		it.unknown = true
	default:
		it.note(found(CodeCommandHash, event(e.Seq), []uint64{e.Seq}, "seq", number(e.Seq), "event", e.Event.Name()))
	}
}

func (it *item) differs(e *wire.Entry, part, recorded, expected string) {
	it.note(found(CodeDiffers, event(e.Seq)+" "+part, []uint64{e.Seq}, "seq", number(e.Seq), "event", e.Event.Name(), "part", part,
		"recorded", domain.Clip(recorded, 160), "expected", domain.Clip(expected, 160)))
}

// compareData holds what an event says against what its decision gives.
func (it *item) compareData(e *wire.Entry, r eventstore.Record) {
	differs := func(part, recorded, expected string) { it.differs(e, part, recorded, expected) }
	v := &e.Envelope
	events := it.decision.Events
	if v.Count != len(events) {
		differs("count", strconv.Itoa(v.Count), strconv.Itoa(len(events)))
	}
	if v.ClauseVersion != it.decision.ClauseVersion {
		differs("clause version", strconv.Itoa(v.ClauseVersion), strconv.Itoa(it.decision.ClauseVersion))
	}
	if it.place >= len(events) {
		differs("index", strconv.Itoa(v.Index), strconv.Itoa(len(events)-1))
		return
	}
	want := events[it.place]
	kind, version, data, err := wire.EncodeEvent(want)
	if err != nil {
		differs("data", "", err.Error())
		return
	}
	if kind != v.Type {
		differs("type", v.Type, kind)
	}
	recorded := r.Data
	if v.Version < version { // written by an older binary: what it says is compared, not how
		if _, _, recorded, err = wire.EncodeEvent(e.Event); err != nil {
			differs("data", "", err.Error())
			return
		}
	}
	if !bytes.Equal(recorded, data) && !sameJSON(recorded, data) {
		a, b := around(recorded, data)
		differs("data", a, b)
	}
}

// compareEarlier is [item.compareData] for a decision of an earlier edition of the rules, which need not be what the present
// ones give.
func (it *item) compareEarlier(e *wire.Entry, r eventstore.Record) {
	held := item{decision: it.decision, place: it.place}
	held.compareData(e, r)
	if len(held.notes) > 0 {
		it.otherwise = "decided_otherwise"
	}
}

// compareEnvelope holds an event's envelope against what its content and its command give.
func (it *item) compareEnvelope(e *wire.Entry, fund domain.FundID, source string) {
	v := &e.Envelope
	entity, id := e.Event.Entity()
	expect := func(part, recorded, expected string) {
		if recorded != expected {
			it.differs(e, part, recorded, expected)
		}
	}
	expect("subject", e.Subject, eventstore.Subject(string(fund), entity, id, e.Event.Name()))
	expect("ce-source", v.Source, source)
	expect("ce-subject", v.Subject, entity+"/"+id)
	expect("ce-id", v.ID, eventstore.EventID(v.CommandID, v.Index))
	answers := it.command.Name()
	if v.Index > 0 && it.decided { // of a command with several events the first says which it is
		answers = it.decision.As.Name()
	}
	expect("ce-command", v.Command, answers)
	if !it.decided || e.Edition() < domain.Edition {
		return
	}
	written, err := wire.EncodeWritten(it.decision.Written)
	if err != nil {
		written = err.Error()
	}
	expect("ce-aswritten", v.AsWritten, written)
	expect("ce-actorfor", v.ActorFor, string(it.decision.As.Given().Actor.For))
	expect("ce-department", v.Department, string(it.decision.As.Given().Actor.Department))
}

// sameJSON reports whether two texts say the same in JSON: the figures of a finding have no order of their own.
func sameJSON(a, b []byte) bool {
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}

// around is where two texts begin to differ, some bytes of both.
func around(a, b []byte) (string, string) {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-20)
	return string(a[from:min(len(a), i+60)]), string(b[from:min(len(b), i+60)])
}
