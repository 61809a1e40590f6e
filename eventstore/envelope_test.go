package eventstore

import (
	"errors"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"pgregory.net/rapid"
)

// TestHeaderIsAsDocumented is the golden form of an event's headers.
func TestHeaderIsAsDocumented(t *testing.T) {
	e := Envelope{
		ID: "c 1#0", Source: "/funds/changning-2024", Type: "fundledger.payout_made", Version: 2,
		Time: time.Date(2025, 3, 1, 10, 0, 0, 120, time.FixedZone("CST", 8*3600)), Subject: "application/A-1",
		CommandID: "c 1", CommandHash: strings.Repeat("ab", 32), Command: "make_payout", Index: 0, Count: 2,
		CorrelationID: "x", CausationID: "y", Actor: `张三 "100%"`, Role: "treasurer", Department: "finance",
		ImportedBy: "admin", BusinessDate: "2025-03-01", AsWritten: `{"project":"p 1"}`, ClauseVersion: 3, Edition: 2,
	}
	want := nats.Header{
		"ce-specversion": {"1.0"}, "ce-datacontenttype": {"application/json"}, "ce-id": {"c%201#0"},
		"ce-source": {"/funds/changning-2024"}, "ce-type": {"fundledger.payout_made"}, "ce-dataversion": {"2"},
		"ce-time": {"2025-03-01T02:00:00.00000012Z"}, "ce-subject": {"application/A-1"}, "ce-commandid": {"c%201"},
		"ce-commandhash": {strings.Repeat("ab", 32)}, "ce-command": {"make_payout"}, "ce-commandindex": {"0"},
		"ce-commandcount": {"2"}, "ce-correlationid": {"x"}, "ce-causationid": {"y"},
		"ce-actor": {"%E5%BC%A0%E4%B8%89%20%22100%25%22"}, "ce-role": {"treasurer"}, "ce-department": {"finance"},
		"ce-importedby": {"admin"}, "ce-businessdate": {"2025-03-01"}, "ce-clauseversion": {"3"},
		"ce-aswritten": {"{%22project%22:%22p%201%22}"}, "ce-edition": {"2"},
	}
	if diff := cmp.Diff(want, e.Header()); diff != "" {
		t.Error(diff)
	}
	e.Time = e.Time.UTC()
	want["Nats-Batch-Id"] = []string{"x"}
	got := must[Envelope](t)(ParseEnvelope(Record{Seq: 1, Header: want}))
	if diff := cmp.Diff(e, got); diff != "" {
		t.Error(diff)
	}
}

// TestAttributeNames holds the names to CloudEvents 1.0: lower-case letters and digits, and none of the reserved "data".
func TestAttributeNames(t *testing.T) {
	e := command("a", 1)[0].Envelope
	e.CorrelationID, e.CausationID, e.ImportedBy = "a", "b", "c"
	form := regexp.MustCompile(`^ce-[a-z0-9]{1,20}$`)
	for name := range e.Header() {
		if !form.MatchString(name) || name == "ce-data" {
			t.Errorf("%s is no attribute's header", name)
		}
	}
}

func TestEnvelopeRefused(t *testing.T) {
	long := strings.Repeat("a", MaxAttributeBytes+1)
	tests := []struct {
		outcome string
		change  func(*Envelope)
	}{
		{"no id", func(e *Envelope) { e.ID = "" }},
		{"no source", func(e *Envelope) { e.Source = "" }},
		{"a source that is no URI reference", func(e *Envelope) { e.Source = "/funds/长宁" }},
		{"a source with a broken escape", func(e *Envelope) { e.Source = "/funds/%zz" }},
		{"no type", func(e *Envelope) { e.Type = "" }},
		{"no version", func(e *Envelope) { e.Version = 0 }},
		{"the first edition, which is written as none", func(e *Envelope) { e.Edition = 1 }},
		{"an edition before the first", func(e *Envelope) { e.Edition = -1 }},
		{"too much as written", func(e *Envelope) { e.AsWritten = strings.Repeat("a", MaxAsWrittenBytes+1) }},
		{"no time", func(e *Envelope) { e.Time = time.Time{} }},
		{"a year of five digits", func(e *Envelope) { e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"no subject", func(e *Envelope) { e.Subject = "" }},
		{"no command id", func(e *Envelope) { e.CommandID = "" }},
		{"too long a command id", func(e *Envelope) { e.CommandID = strings.Repeat("a", MaxCommandIDBytes+1) }},
		{"too short a hash", func(e *Envelope) { e.CommandHash = "ab" }},
		{"a hash in capitals", func(e *Envelope) { e.CommandHash = strings.Repeat("AB", 32) }},
		{"no command", func(e *Envelope) { e.Command = "" }},
		{"a negative index", func(e *Envelope) { e.Index = -1 }},
		{"an index at the count", func(e *Envelope) { e.Index = 1 }},
		{"a count beyond all bounds", func(e *Envelope) { e.Count = MaxCommandEvents + 1 }},
		{"too long an actor", func(e *Envelope) { e.Actor = long }},
		{"a line break", func(e *Envelope) { e.Actor = "a\nb" }},
		{"a carriage return", func(e *Envelope) { e.Actor = "a\rb" }},
		{"a NUL", func(e *Envelope) { e.Role = "\x00" }},
		{"a C1 control", func(e *Envelope) { e.Role = "\u0085" }},
		{"a noncharacter", func(e *Envelope) { e.Role = "\ufffe" }},
		{"bytes that are not UTF-8", func(e *Envelope) { e.Department = "\xff" }},
		{"a day that is none", func(e *Envelope) { e.BusinessDate = "2025-02-30" }},
		{"a trace that is none", func(e *Envelope) { e.TraceParent = "00-00000000000000000000000000000000-00f067aa0ba902b7-01" }},
		{"a trace of another shape", func(e *Envelope) { e.TraceParent = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" }},
		{"a trace in capitals", func(e *Envelope) { e.TraceParent = "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01" }},
		{"half a trace", func(e *Envelope) { e.TraceParent = "00-4bf92f3577b34da6" }},
		{"a negative clause version", func(e *Envelope) { e.ClauseVersion = -1 }},
	}
	for _, test := range tests {
		e := command("a", 1)[0].Envelope
		test.change(&e)
		if err := e.Validate(); !errors.Is(err, ErrEnvelope) {
			t.Errorf("%s: %v, want ErrEnvelope", test.outcome, err)
		}
		if got, err := ParseEnvelope(Record{Seq: 1, Header: e.Header()}); err == nil {
			t.Errorf("%s: parsed as %+v", test.outcome, got)
		}
	}
}

func TestHeadersRefused(t *testing.T) {
	set := func(name string, values ...string) func(nats.Header) {
		return func(h nats.Header) { h[name] = values }
	}
	tests := []struct {
		outcome string
		change  func(nats.Header)
	}{
		{"another version of CloudEvents", set("ce-specversion", "0.3")},
		{"no version of CloudEvents", func(h nats.Header) { delete(h, "ce-specversion") }},
		{"no content type", func(h nats.Header) { delete(h, "ce-datacontenttype") }},
		{"no time", func(h nats.Header) { delete(h, "ce-time") }},
		{"no count", func(h nats.Header) { delete(h, "ce-commandcount") }},
		{"a time that is none", set("ce-time", "yesterday")},
		{"a number with a sign", set("ce-dataversion", "+1")},
		{"a number with a leading zero", set("ce-commandindex", "00")},
		{"a number beyond all bounds", set("ce-commandcount", "99999999999999999999")},
		{"a clause version of zero", set("ce-clauseversion", "0")},
		{"the first edition by its number", set("ce-edition", "1")},
		{"an edition that is no number", set("ce-edition", "II")},
		{"an attribute twice", set("ce-actor", "a", "b")},
		{"an attribute without value", set("ce-actor", "")},
		{"a header without values", set("ce-actor")},
		{"a broken escape", set("ce-actor", "%2")},
		{"a escape that is not UTF-8", set("ce-actor", "%ff")},
		{"an escaped line break", set("ce-actor", "a%0D%0Ab")},
		{"an unknown attribute", set("ce-extra", "a")},
		{"an attribute in capitals", set("Ce-Actor", "a")},
		{"a header of somebody else's", set("X-Extra", "a")},
	}
	for _, test := range tests {
		h := maps.Clone(command("a", 1)[0].Envelope.Header())
		test.change(h)
		if got, err := ParseEnvelope(Record{Seq: 1, Header: h}); !errors.Is(err, ErrEnvelope) {
			t.Errorf("%s: parsed as %+v, %v", test.outcome, got, err)
		}
	}
}

// envelopes generates valid ones of every kind.
func envelopes() *rapid.Generator[Envelope] {
	text := func(most int) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.Rune(), 1, -1, most).Filter(func(s string) bool {
			return checkText(s, attribute{max: most}) == nil
		})
	}
	return rapid.Custom(func(t *rapid.T) Envelope {
		some, maybe := text(MaxAttributeBytes), rapid.OneOf(rapid.Just(""), text(MaxAttributeBytes))
		count := rapid.IntRange(1, MaxCommandEvents).Draw(t, "count")
		return Envelope{
			ID: some.Draw(t, "id"), Source: rapid.StringMatching(`/[a-z0-9/%2F_.-]{0,20}[a-z]`).Filter(isURIReference).Draw(t, "source"),
			Type: some.Draw(t, "type"), Version: rapid.IntRange(1, 1<<31-1).Draw(t, "version"),
			Time:    time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC(),
			Subject: some.Draw(t, "subject"), CommandID: text(MaxCommandIDBytes).Draw(t, "command id"),
			CommandHash: rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "hash"), Command: some.Draw(t, "command"),
			Index: rapid.IntRange(0, count-1).Draw(t, "index"), Count: count,
			CorrelationID: maybe.Draw(t, "correlation"), CausationID: maybe.Draw(t, "causation"), Actor: maybe.Draw(t, "actor"),
			Role: maybe.Draw(t, "role"), Department: maybe.Draw(t, "department"), ImportedBy: maybe.Draw(t, "imported by"),
			BusinessDate:  rapid.SampledFrom([]string{"", "2025-03-01", "2024-02-29"}).Draw(t, "date"),
			AsWritten:     rapid.OneOf(rapid.Just(""), text(MaxAsWrittenBytes)).Draw(t, "as written"),
			TraceParent:   rapid.SampledFrom([]string{"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}).Draw(t, "trace"),
			ClauseVersion: rapid.IntRange(0, 1<<31-1).Draw(t, "clause version"),
			Edition:       rapid.SampledFrom([]int{0, 2, 3, 1<<31 - 1}).Draw(t, "edition"),
		}
	})
}

func TestEnvelopeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := envelopes().Draw(t, "envelope")
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		h := e.Header()
		for name, values := range h {
			if strings.Trim(values[0], printable) != "" {
				t.Fatalf("%s: %q does not travel", name, values[0])
			}
		}
		got, err := ParseEnvelope(Record{Seq: 1, Header: h})
		if err != nil || got != e {
			t.Fatalf("got %+v, %v; want %+v", got, err, e)
		}
	})
}

// printable is what a header's value may hold.
var printable = func() string {
	var b strings.Builder
	for c := byte(0x21); c < 0x7f; c++ {
		b.WriteByte(c)
	}
	return b.String()
}()

func FuzzHeaderValue(f *testing.F) {
	for _, s := range []string{"", "张三", "a\r\nb", "100%", `"x"`, "%E5", "\xff\x00", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encoded := encodeValue(s)
		if strings.Trim(encoded, printable) != "" {
			t.Fatalf("%q is written %q", s, encoded)
		}
		if decoded, err := decodeValue(encoded); err != nil || decoded != s {
			t.Fatalf("%q came back as %q, %v", s, decoded, err)
		}
		e := command("a", 1)[0].Envelope
		e.Actor = s
		_, err := ParseEnvelope(Record{Seq: 1, Header: e.Header()})
		if valid := e.Validate() == nil; valid != (err == nil) {
			t.Fatalf("%q: valid is %t, parsing says %v", s, valid, err)
		}
		h := e.Header()
		h["ce-actor"] = []string{s}
		if e, err := ParseEnvelope(Record{Seq: 1, Header: h}); err == nil && !utf8.ValidString(e.Actor) {
			t.Fatalf("%q was parsed as %q", s, e.Actor)
		}
	})
}

func TestSubjectForm(t *testing.T) {
	tests := []struct{ fund, entity, id, what, want string }{
		{"changning-2024", "application", "A-1", "payout_made", "fund.changning-2024.application.A-1.payout_made"},
		{"f", "enterprise", "某某公司", "registered", "fund.f.enterprise.某某公司.registered"},
		{"a.b", "*", ">", "%", "fund.a%2Eb.%2A.%3E.%25"},
		{"a b", "\t", "\r\n", "\x7f", "fund.a%20b.%09.%0D%0A.%7F"},
		{"", "\u3000", "\xff", "\u0085", "fund.%.%E3%80%80.%FF.%C2%85"},
	}
	for _, test := range tests {
		got := Subject(test.fund, test.entity, test.id, test.what)
		if got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		fund, entity, id, what, err := ParseSubject(got)
		if err != nil || fund != test.fund || entity != test.entity || id != test.id || what != test.what {
			t.Errorf("%s came back as %q %q %q %q, %v", got, fund, entity, id, what, err)
		}
	}
}

func TestSubjectRefused(t *testing.T) {
	for _, s := range []string{
		"", "fund", "fund.a.b.c", "fund.a.b.c.d.e", "other.a.b.c.d", "fund..b.c.d", "fund.a.b.c.", "fund.*.b.c.d", "fund.a.b.c.>",
		"fund.%2.b.c.d", "fund.%zz.b.c.d", "fund.%41.b.c.d", "fund.%2e.b.c.d", "fund.a b.b.c.d", "fund.\xff.b.c.d", "fund.%%.b.c.d",
	} {
		if _, _, _, _, err := ParseSubject(s); !errors.Is(err, ErrSubject) {
			t.Errorf("%q: %v, want ErrSubject", s, err)
		}
	}
}

func FuzzSubject(f *testing.F) {
	f.Add("changning-2024", "application", "A.1", "payout_made")
	f.Add("", "*", "长宁 ", "%\xff>\x00")
	f.Fuzz(func(t *testing.T, fund, entity, id, what string) {
		s := Subject(fund, entity, id, what)
		if strings.Count(s, ".") != 4 || strings.ContainsAny(s, "*> \t\r\n\x00\x7f") || !utf8.ValidString(s) {
			t.Fatalf("%q is no subject", s)
		}
		a, b, c, d, err := ParseSubject(s)
		if err != nil || a != fund || b != entity || c != id || d != what {
			t.Fatalf("%q came back as %q %q %q %q, %v", s, a, b, c, d, err)
		}
	})
}

func FuzzParseSubject(f *testing.F) {
	f.Add("fund.a.b.c.d")
	f.Add("fund.%.%2E.%E5.长")
	f.Fuzz(func(t *testing.T, s string) {
		fund, entity, id, what, err := ParseSubject(s)
		if err == nil && Subject(fund, entity, id, what) != s {
			t.Fatalf("%q is a second spelling of %q", s, Subject(fund, entity, id, what))
		}
	})
}

func TestCovers(t *testing.T) {
	tests := []struct {
		pattern, subject string
		want             bool
	}{
		{"fund.a.>", "fund.a.b", true},
		{"fund.a.>", "fund.a", false},
		{"fund.*.b", "fund.a.b", true},
		{"fund.*.b", "fund.a.c", false},
		{"fund.a", "fund.a.b", false},
		{">", "fund", true},
	}
	for _, test := range tests {
		if got := covers(test.pattern, test.subject); got != test.want {
			t.Errorf("%s covers %s: %t", test.pattern, test.subject, got)
		}
	}
}

func TestWholeCommands(t *testing.T) {
	var records []Record
	for _, n := range []int{1, 3, 2, 4} {
		for _, d := range command("a", n) {
			records = append(records, Record{Header: d.Envelope.Header()})
		}
	}
	tests := []struct{ available, limit, want int }{
		{0, 5, 0}, {1, 5, 1}, {2, 5, 1}, {4, 5, 4}, {5, 5, 4}, {6, 5, 4}, {6, 6, 6}, {10, 100, 10}, {10, 1, 1}, {9, 100, 6},
	}
	for _, test := range tests {
		if got := wholeCommands(records[:test.available], test.limit); got != test.want {
			t.Errorf("of %d at most %d: %d, want %d", test.available, test.limit, got, test.want)
		}
	}
	if got := wholeCommands(records[6:], 2); got != 4 {
		t.Errorf("a command longer than the limit: %d, want all 4 of it", got)
	}
	if n := wholeCommands([]Record{{}}, 1); n != 1 {
		t.Errorf("a message without a place is %d commands, want one", n)
	}
}
