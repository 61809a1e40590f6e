package eventstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
)

// ErrEnvelope says that an event's context attributes are not those of this log.
var ErrEnvelope = errors.New("not a valid event envelope")

// Record is one event as it lies on the log.
type Record struct {
	Seq     uint64    // position in the stream, from 1, without gaps
	Time    time.Time // when the stream stored it, UTC, to the nanosecond
	Subject string
	Header  nats.Header // exactly as stored: ce- attributes and Nats- control headers
	Data    []byte      // exactly as stored
}

// Envelope is the CloudEvents 1.0 context of an event.
type Envelope struct {
	ID          string    // ce-id: EventID(CommandID, Index), unique per event
	Source      string    // ce-source: a URI reference, e.g. "/funds/changning-2024"
	Type        string    // ce-type, e.g. "fundledger.payout_made"
	Version     int       // ce-dataversion: schema version of the data, from 1
	Time        time.Time // ce-time: the moment of the decision
	Subject     string    // ce-subject, e.g. "application/A-1"
	CommandID   string    // ce-commandid
	CommandHash string    // ce-commandhash: SHA-256 of the canonical command, 64 lower-case hexadecimal digits
	Command     string    // ce-command: the command's name
	// Index and Count are the event's place among the events of its command (ce-commandindex, from 0;
	// ce-commandcount). A follower never cuts between two events of one command.
	Index, Count  int
	CorrelationID string // ce-correlationid, optional
	CausationID   string // ce-causationid, optional
	Actor         string // ce-actor, optional
	ActorFor      string // ce-actorfor, optional: in whose place the actor acted, as their deputy
	Role          string // ce-role, optional
	Department    string // ce-department, optional
	ImportedBy    string // ce-importedby, optional
	BusinessDate  string // ce-businessdate, optional: a plain date, "2025-03-01"
	AsWritten     string // ce-aswritten, optional: identifiers of the command that were written otherwise than the log knows them
	TraceParent   string // ce-traceparent, optional: the trace that it was decided in, as W3C Trace Context writes it
	ClauseVersion int    // ce-clauseversion; 0: none
	Edition       int    // ce-edition, of the rules that it was decided by; 0: none is written, and it is the first
}

// Draft is an event that is not on the log yet.
type Draft struct {
	Subject  string
	Envelope Envelope
	Data     []byte

	plain bool // no event: it has no envelope
}

// header is what its message has.
func (d Draft) header() nats.Header {
	if d.plain {
		return nats.Header{}
	}
	return d.Envelope.Header()
}

// Bounds of an envelope, in bytes of the decoded value. They keep an event's headers below 64 KiB, the longest
// that JetStream stores, even when every byte needs three to be written.
const (
	MaxCommandIDBytes = 240
	MaxAttributeBytes = 256
	MaxAsWrittenBytes = 3000
	MaxCommandEvents  = 1_000_000
)

// HeaderTrace is where an event says which trace it was decided in.
const HeaderTrace = "ce-traceparent"

const (
	specVersion = "1.0"
	contentType = "application/json"

	headerIndex = "ce-commandindex"
	headerCount = "ce-commandcount"

	traceParentBytes = 55
)

// EventID is the id of a command's event: the command's id, '#', and the event's place from 0.
func EventID(commandID string, index int) string {
	return commandID + "#" + strconv.Itoa(index)
}

// attribute is one text attribute of an envelope: where it lies and what it may hold.
type attribute struct {
	header   string
	field    func(*Envelope) *string
	max      int
	required bool
}

var attributes = []attribute{
	{"ce-id", func(e *Envelope) *string { return &e.ID }, MaxAttributeBytes, true},
	{"ce-source", func(e *Envelope) *string { return &e.Source }, MaxAttributeBytes, true},
	{"ce-type", func(e *Envelope) *string { return &e.Type }, MaxAttributeBytes, true},
	{"ce-subject", func(e *Envelope) *string { return &e.Subject }, MaxAttributeBytes, true},
	{"ce-commandid", func(e *Envelope) *string { return &e.CommandID }, MaxCommandIDBytes, true},
	{"ce-commandhash", func(e *Envelope) *string { return &e.CommandHash }, 64, true},
	{"ce-command", func(e *Envelope) *string { return &e.Command }, MaxAttributeBytes, true},
	{"ce-correlationid", func(e *Envelope) *string { return &e.CorrelationID }, MaxAttributeBytes, false},
	{"ce-causationid", func(e *Envelope) *string { return &e.CausationID }, MaxAttributeBytes, false},
	{"ce-actor", func(e *Envelope) *string { return &e.Actor }, MaxAttributeBytes, false},
	{"ce-actorfor", func(e *Envelope) *string { return &e.ActorFor }, MaxAttributeBytes, false},
	{"ce-role", func(e *Envelope) *string { return &e.Role }, MaxAttributeBytes, false},
	{"ce-department", func(e *Envelope) *string { return &e.Department }, MaxAttributeBytes, false},
	{"ce-importedby", func(e *Envelope) *string { return &e.ImportedBy }, MaxAttributeBytes, false},
	{"ce-businessdate", func(e *Envelope) *string { return &e.BusinessDate }, 10, false},
	{"ce-aswritten", func(e *Envelope) *string { return &e.AsWritten }, MaxAsWrittenBytes, false},
	{HeaderTrace, func(e *Envelope) *string { return &e.TraceParent }, traceParentBytes, false},
}

var textAttributes = func() map[string]attribute {
	m := make(map[string]attribute, len(attributes))
	for _, a := range attributes {
		m[a.header] = a
	}
	return m
}()

// Header writes the envelope as NATS headers. It does not judge the envelope: Validate does, and Append calls it.
func (e Envelope) Header() nats.Header {
	h := make(nats.Header, len(attributes)+8)
	h["ce-specversion"] = []string{specVersion}
	h["ce-datacontenttype"] = []string{contentType}
	h["ce-dataversion"] = []string{strconv.Itoa(e.Version)}
	h["ce-time"] = []string{e.Time.UTC().Format(time.RFC3339Nano)}
	h[headerIndex] = []string{strconv.Itoa(e.Index)}
	h[headerCount] = []string{strconv.Itoa(e.Count)}
	if e.ClauseVersion != 0 {
		h["ce-clauseversion"] = []string{strconv.Itoa(e.ClauseVersion)}
	}
	if e.Edition != 0 {
		h["ce-edition"] = []string{strconv.Itoa(e.Edition)}
	}
	for _, a := range attributes {
		if value := *a.field(&e); value != "" {
			h[a.header] = []string{encodeValue(value)}
		}
	}
	return h
}

// Validate reports the first thing that CloudEvents 1.0 or this log does not allow, as an ErrEnvelope.
func (e Envelope) Validate() error {
	for _, a := range attributes {
		if err := checkText(*a.field(&e), a); err != nil {
			return fmt.Errorf("%w: %s %w", ErrEnvelope, a.header, err)
		}
	}
	switch {
	case !isHash(e.CommandHash):
		return fmt.Errorf("%w: ce-commandhash is not 64 lower-case hexadecimal digits", ErrEnvelope)
	case e.Version < 1:
		return fmt.Errorf("%w: ce-dataversion is %d, it counts from 1", ErrEnvelope, e.Version)
	case e.Time.IsZero() || e.Time.UTC().Year() < 1 || e.Time.UTC().Year() > 9999:
		return fmt.Errorf("%w: ce-time is missing or outside the years 1 to 9999", ErrEnvelope)
	case e.Count < 1 || e.Count > MaxCommandEvents:
		return fmt.Errorf("%w: ce-commandcount is %d, it lies between 1 and %d", ErrEnvelope, e.Count, MaxCommandEvents)
	case e.Index < 0 || e.Index >= e.Count:
		return fmt.Errorf("%w: ce-commandindex is %d of %d events", ErrEnvelope, e.Index, e.Count)
	case e.ClauseVersion < 0:
		return fmt.Errorf("%w: ce-clauseversion is negative", ErrEnvelope)
	case e.Edition < 0 || e.Edition == 1:
		return fmt.Errorf("%w: ce-edition is %d; the first edition is written as no header", ErrEnvelope, e.Edition)
	}
	if e.BusinessDate != "" {
		if _, err := time.Parse(time.DateOnly, e.BusinessDate); err != nil {
			return fmt.Errorf("%w: ce-businessdate %q is not a date like 2025-03-01", ErrEnvelope, e.BusinessDate)
		}
	}
	if e.TraceParent != "" && !isTraceParent(e.TraceParent) {
		return fmt.Errorf("%w: ce-traceparent %q is not as W3C Trace Context writes it", ErrEnvelope, e.TraceParent)
	}
	if !isURIReference(e.Source) {
		return fmt.Errorf("%w: ce-source %q is not a URI reference", ErrEnvelope, e.Source)
	}
	return nil
}

// checkText holds a string to the CloudEvents type String: valid UTF-8 without control characters, surrogates or
// noncharacters.
func checkText(s string, a attribute) error {
	if s == "" {
		if a.required {
			return errors.New("is missing")
		}
		return nil
	}
	if len(s) > a.max {
		return fmt.Errorf("is %d bytes long, at most %d are allowed", len(s), a.max)
	}
	if !utf8.ValidString(s) {
		return errors.New("is not UTF-8")
	}
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r <= 0x9f {
			return fmt.Errorf("holds the control character %U", r)
		}
		if r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe {
			return fmt.Errorf("holds the noncharacter %U", r)
		}
	}
	return nil
}

func isHash(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// isTraceParent holds a text to version 00 of the header: 00, trace, span, flags.
func isTraceParent(s string) bool {
	if len(s) != traceParentBytes || s[:3] != "00-" || s[35] != '-' || s[52] != '-' {
		return false
	}
	trace, span, flags := s[3:35], s[36:52], s[53:]
	return strings.Trim(trace+span+flags, "0123456789abcdef") == "" && strings.Trim(trace, "0") != "" && strings.Trim(span, "0") != ""
}

// isURIReference holds a source to what RFC 3986 allows in a reference, beyond which non-ASCII must be escaped.
func isURIReference(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return false
		}
		if c == '%' && (i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0) {
			return false
		}
	}
	return true
}

// encodeValue writes a header's value as the CloudEvents bindings ask: space, double quote, percent and whatever
// is not printable ASCII become %XX of their UTF-8 bytes. No value can then end its line.
func encodeValue(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = isPlain(s[i])
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) * 3)
	for i := 0; i < len(s); i++ {
		if isPlain(s[i]) {
			b.WriteByte(s[i])
		} else {
			writePercent(&b, s[i])
		}
	}
	return b.String()
}

func isPlain(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '%' }

func decodeValue(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	return unescapePercent(s)
}

// ParseEnvelope reads and checks the context of a stored event. A header that is neither an attribute of this log
// nor one of the server's (Nats-) is an error: it would be part of the event, and nobody would know its meaning.
func ParseEnvelope(r Record) (Envelope, error) {
	var e Envelope
	seen := 0
	for name, values := range r.Header {
		if strings.HasPrefix(name, "Nats-") {
			continue
		}
		if len(values) != 1 {
			return Envelope{}, fmt.Errorf("reading event %d: %w: header %q has %d values", r.Seq, ErrEnvelope, name, len(values))
		}
		mandatory, err := e.setHeader(name, values[0])
		if err != nil {
			return Envelope{}, fmt.Errorf("reading event %d: %w: header %q: %w", r.Seq, ErrEnvelope, name, err)
		}
		if mandatory {
			seen++
		}
	}
	if seen != mandatoryHeaders {
		return Envelope{}, fmt.Errorf("reading event %d: %w: one of ce-specversion, ce-datacontenttype, ce-dataversion, ce-time, %s, %s is missing",
			r.Seq, ErrEnvelope, headerIndex, headerCount)
	}
	if err := e.Validate(); err != nil {
		return Envelope{}, fmt.Errorf("reading event %d: %w", r.Seq, err)
	}
	return e, nil
}

// Attributes are the CloudEvents attributes of a stored event, by their names without the binding's prefix, as text.
func (r Record) Attributes() (map[string]string, error) {
	attributes := map[string]string{}
	for header, values := range r.Header {
		name, ok := strings.CutPrefix(header, "ce-")
		if !ok {
			continue
		}
		var err error
		if attributes[name], err = decodeValue(strings.Join(values, ",")); err != nil {
			return nil, fmt.Errorf("reading event %d: %w: header %q: %w", r.Seq, ErrEnvelope, header, err)
		}
	}
	return attributes, nil
}

// mandatoryHeaders is how many headers setHeader calls mandatory.
const mandatoryHeaders = 6

// setHeader takes one header into the envelope, and tells whether it is one that cannot be missed by its value.
func (e *Envelope) setHeader(name, value string) (mandatory bool, err error) {
	if a, ok := textAttributes[name]; ok {
		if len(value) > 3*a.max {
			return false, fmt.Errorf("%d bytes long", len(value))
		}
		if value == "" {
			return false, errors.New("empty")
		}
		*a.field(e), err = decodeValue(value)
		return false, err
	}
	switch name {
	case "ce-specversion":
		return true, mustBe(value, specVersion)
	case "ce-datacontenttype":
		return true, mustBe(value, contentType)
	case "ce-dataversion":
		e.Version, err = parseCount(value)
		return true, err
	case headerIndex:
		e.Index, err = parseCount(value)
		return true, err
	case headerCount:
		e.Count, err = parseCount(value)
		return true, err
	case "ce-time":
		if e.Time, err = time.Parse(time.RFC3339Nano, value); err == nil {
			e.Time = e.Time.UTC()
		}
		return true, err
	case "ce-clauseversion":
		if e.ClauseVersion, err = parseCount(value); err == nil && e.ClauseVersion == 0 {
			err = errors.New("zero, where none is written as no header")
		}
		return false, err
	case "ce-edition":
		if e.Edition, err = parseCount(value); err == nil && e.Edition < 2 {
			err = errors.New("the first edition is written as no header")
		}
		return false, err
	}
	return false, errors.New("unknown")
}

func mustBe(value, want string) error {
	if value != want {
		return fmt.Errorf("is %q, not %q", value, want)
	}
	return nil
}

// parseCount reads a number that is not negative and spelled in the one shortest way.
func parseCount(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%q is not a whole number from 0", s)
	}
	return int(n), nil
}

// place reads an event's place among its command's events, and nothing else. A message without one, which somebody published past this
// package, stands for itself: whoever reads the log gets it, and finds that it is no event.
func place(r Record) (index, count int) {
	index, err := parseCount(r.Header.Get(headerIndex))
	if err == nil {
		count, err = parseCount(r.Header.Get(headerCount))
	}
	if err != nil || index >= count {
		return 0, 1
	}
	return index, count
}
