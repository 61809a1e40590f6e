package wire

import (
	"fmt"
	"strings"
	"time"
	"unique"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// typePrefix stands before an event's name in its CloudEvents type.
const typePrefix = "fundledger."

// EventType is the CloudEvents type of the events of a name.
func EventType(name string) string { return typePrefix + name }

// upcast turns the data of one schema version into the next one's.
type upcast func(jsontext.Value) (jsontext.Value, error)

// schema is an event's type as it is written now: its version, and the way from each older one.
type schema struct {
	make    func() domain.Event
	version int
	upcasts map[int]upcast // from a version to the next
}

// schemas are the events by name. An event whose data change in a way that old readers misread gets a higher version
// here, an upcast from the one before, and a golden file beside the old ones.
var schemas = func() map[string]schema {
	all := make(map[string]schema, len(domain.Events))
	for _, maker := range domain.Events {
		all[maker().Name()] = schema{make: maker, version: 1}
	}
	return all
}()

// EncodeEvent writes an event's data, with its CloudEvents type and schema version.
func EncodeEvent(e domain.Event) (kind string, version int, data []byte, err error) {
	data, err = json.Marshal(e, json.Deterministic(true)) // figures are a map: one event has one form
	if err != nil {
		return "", 0, nil, fmt.Errorf("writing the event %s: %w", e.Name(), err)
	}
	return typePrefix + e.Name(), schemas[e.Name()].version, data, nil
}

// DecodeEvent reads an event's data of any version that was ever written. A type or version this binary does not know
// is an error: it is older than what wrote the log.
func DecodeEvent(kind string, version int, data []byte) (domain.Event, error) {
	return decode(schemas, kind, version, data)
}

func decode(known map[string]schema, kind string, version int, data []byte) (domain.Event, error) {
	name, ok := strings.CutPrefix(kind, typePrefix)
	s, found := known[name]
	if !ok || !found {
		return nil, fmt.Errorf("the event type %q is unknown here: use a newer fundledger", kind)
	}
	if version < 1 || version > s.version {
		return nil, fmt.Errorf("version %d of the event type %q is unknown here (up to %d are known): use a newer fundledger", version, kind, s.version)
	}
	value := jsontext.Value(data)
	for v := version; v < s.version; v++ {
		var err error
		if value, err = s.upcasts[v](value); err != nil {
			return nil, fmt.Errorf("reading version %d of %s: %w", v, kind, err)
		}
	}
	event := s.make()
	if err := json.Unmarshal(value, event); err != nil {
		return nil, fmt.Errorf("reading an event of type %s: %w", kind, err)
	}
	return event, nil
}

// Entry is an event of the log, read: where it lies, who did it when, and what happened.
type Entry struct {
	Seq      uint64
	Recorded time.Time // when the log stored it, UTC: the recording clock
	Subject  string
	Envelope eventstore.Envelope
	Date     domain.Date // the business date: the business clock
	Event    domain.Event
}

// Decode reads a record of the log, or says by an [Unreadable] why it is no event.
func Decode(r eventstore.Record) (Entry, error) {
	entry, err := decodeRecord(r)
	if err != nil {
		return Entry{}, &Unreadable{Seq: r.Seq, Cause: err}
	}
	return entry, nil
}

func decodeRecord(r eventstore.Record) (Entry, error) {
	envelope, err := eventstore.ParseEnvelope(r)
	if err != nil {
		return Entry{}, err
	}
	event, err := DecodeEvent(envelope.Type, envelope.Version, r.Data)
	if err != nil {
		return Entry{}, err
	}
	if envelope.Edition > domain.Edition {
		return Entry{}, fmt.Errorf("edition %d of the rules is unknown here (up to %d are known): use a newer fundledger", envelope.Edition, domain.Edition)
	}
	date, err := domain.ParseDate(envelope.BusinessDate)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Seq: r.Seq, Recorded: r.Time, Subject: r.Subject, Envelope: envelope, Date: date, Event: event}, nil
}

// Edition is the edition of the rules that the entry was decided by.
func (e Entry) Edition() int { return max(1, e.Envelope.Edition) }

// EncodeWritten writes what identifiers of a command were written as, for the envelope; nothing where nothing differs.
func EncodeWritten(written map[string]string) (string, error) {
	if len(written) == 0 {
		return "", nil
	}
	text, err := json.Marshal(written, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("writing what identifiers were written as: %w", err)
	}
	return string(text), nil
}

// Written is what identifiers of the entry's command were written as, by field, where that is not how the fund spells them. What
// cannot be read is as good as nothing: the command's hash then tells.
func (e Entry) Written() map[string]string {
	if e.Envelope.AsWritten == "" {
		return nil
	}
	var written map[string]string
	if json.Unmarshal([]byte(e.Envelope.AsWritten), &written) != nil {
		return nil
	}
	return written
}

// Deed is who did what led to the entry, and when.
func (e Entry) Deed() domain.Deed {
	return domain.Deed{
		Actor: domain.Actor{ID: domain.PersonID(shared(e.Envelope.Actor)), Role: domain.Role(shared(e.Envelope.Role)), Department: domain.DepartmentID(shared(e.Envelope.Department)),
			For: domain.PersonID(shared(e.Envelope.ActorFor))},
		Date: e.Date, ImportedBy: domain.PersonID(shared(e.Envelope.ImportedBy)),
	}
}

// Command is the command again that the entry answers (see [domain.CommandOf]).
func (e Entry) Command() domain.Command {
	head := domain.Head{ID: domain.CommandID(e.Envelope.CommandID), Date: e.Date, Actor: e.Deed().Actor}
	return domain.AsWritten(domain.CommandOf(e.Event, head), e.Written())
}

// shared is one copy of a text that many events have. A state keeps who did what, and would keep all headers of the event with
// a name that is a part of them.
func shared(text string) string { return unique.Make(text).Value() }

// Origin is where a command came from, besides who gave it.
type Origin struct {
	ImportedBy    domain.PersonID // who imported it, where it came in a file
	CorrelationID string          // left out: the command's id
	CausationID   string
	TraceParent   string // the trace that it is decided in; left out: none
}

// Drafts makes a decision's events ready for the log of a fund, as of the moment of the decision.
func Drafts(fund domain.FundID, c domain.Command, hash string, d domain.Decision, from Origin, at time.Time) ([]eventstore.Draft, error) {
	if d.As != nil {
		c = d.As
	}
	head := c.Given()
	written, err := EncodeWritten(d.Written)
	if err != nil {
		return nil, err
	}
	drafts := make([]eventstore.Draft, len(d.Events))
	for i, e := range d.Events {
		kind, version, data, err := EncodeEvent(e)
		if err != nil {
			return nil, err
		}
		entity, id := e.Entity()
		correlation := from.CorrelationID
		if correlation == "" {
			correlation = string(head.ID)
		}
		drafts[i] = eventstore.Draft{
			Subject: eventstore.Subject(string(fund), entity, id, e.Name()),
			Data:    data,
			Envelope: eventstore.Envelope{
				ID: eventstore.EventID(string(head.ID), i), Source: Source(fund), Type: kind, Version: version, Time: at,
				Subject: entity + "/" + id, CommandID: string(head.ID), CommandHash: hash, Command: c.Name(), Index: i, Count: len(d.Events),
				CorrelationID: correlation, CausationID: from.CausationID, Actor: string(head.Actor.ID), Role: string(head.Actor.Role),
				Department: string(head.Actor.Department), ActorFor: string(head.Actor.For), ImportedBy: string(from.ImportedBy), BusinessDate: head.Date.String(),
				AsWritten: written, TraceParent: from.TraceParent, ClauseVersion: d.ClauseVersion, Edition: domain.Edition,
			},
		}
	}
	return drafts, nil
}
