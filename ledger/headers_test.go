package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// What goes into an event's headers from outside is bounded, whoever sets it: a command with more is not booked, and those beside it are.
func TestWhatIsTooLongForAHeaderIsNotBookedAndHarmsNobody(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	before := last(t, l)
	for name, origin := range map[string]wire.Origin{
		"a correlation of 300 bytes": {CorrelationID: strings.Repeat("c", 300)}, "a cause of 300 bytes": {CausationID: strings.Repeat("c", 300)},
		"an importer of 300 bytes": {ImportedBy: domain.PersonID(strings.Repeat("i", 300))}, "a correlation of two lines": {CorrelationID: "a\r\nce-actor: root"},
		"a correlation that is no text": {CorrelationID: "\xff\xfe"},
	} {
		bad, good := register("bad-"+name, "bad"), register("good-"+name, "good-"+name)
		bad.Origin = origin
		results := l.DoAll(t.Context(), []Order{bad, good})
		if !errors.Is(results[0].Err, eventstore.ErrEnvelope) {
			t.Errorf("%s: %+v", name, results[0])
		}
		mustBook(t, results[1])
	}
	if after := last(t, l); after != before+5 {
		t.Errorf("the log went from %d to %d", before, after)
	}
}

// The longest headers that an event may have are within what is counted for them, so no append is larger than it was thought.
func TestTheLongestHeadersAreWithinWhatIsCountedForThem(t *testing.T) {
	wide := strings.Repeat("企", eventstore.MaxAttributeBytes/3) // three bytes each, and nine as they are written
	e := eventstore.Envelope{ID: wide, Source: "/funds/" + strings.Repeat("x", eventstore.MaxAttributeBytes-7), Type: wide, Version: 1 << 30, Time: time.Date(2025, 3, 1, 1, 2, 3, 123456789, time.UTC),
		Subject: wide, CommandID: strings.Repeat("企", eventstore.MaxCommandIDBytes/3), CommandHash: strings.Repeat("a", 64), Command: wide, Index: 999_998, Count: 999_999,
		CorrelationID: wide, CausationID: wide, Actor: wide, Role: wide, Department: wide, ImportedBy: wide, BusinessDate: "2025-03-01", AsWritten: strings.Repeat("企", eventstore.MaxAsWrittenBytes/3),
		ClauseVersion: 1 << 30, Edition: 1 << 30}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	size := 0
	for name, values := range e.Header() {
		for _, v := range values {
			size += len(name) + len(v) + 4
		}
	}
	if size > headerBytes {
		t.Errorf("headers may have %d bytes, %d are counted for them", size, headerBytes)
	}
}
