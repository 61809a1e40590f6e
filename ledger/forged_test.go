package ledger

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// Somebody with the log's password publishes an event whose amounts are beyond what can be added up. A ledger that meets it
// does not fall, books nothing more, and names the event; so does one that is opened on it.
func TestAForgedEventBeyondWhatCanBeHeldIsNamedAndStopsNothingElse(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	forged := &domain.ApplicationSubmitted{Application: "forged", Requested: slices.Repeat([]domain.Instalment{
		{SupportYear: 2025, Amount: domain.Fen(99_999_999_999_999)}}, 92_300)}
	order := submit("forged", 10)
	drafts, err := wire.Drafts(fund, order.Command, strings.Repeat("0", 64), domain.Decision{Events: []domain.Event{forged}}, order.Origin, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Log().Append(t.Context(), last(t, l), drafts); err != nil {
		t.Fatal(err)
	}
	result := l.Do(t.Context(), submit("after", 10))
	if result.Err == nil || !strings.Contains(result.Err.Error(), "event_unreadable: message ") {
		t.Errorf("a command after it gave %+v", result)
	}
	again, err := Open(t.Context(), nc, Config{Fund: fund})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	if broken := again.Broken(); broken == nil || broken.Seq != last(t, l) {
		t.Errorf("it is opened on %v", broken)
	}
	var position uint64
	if err := again.View(t.Context(), func(_ *domain.State, at uint64) { position = at }); err != nil || position != last(t, l)-1 {
		t.Errorf("its state is of %d: %v", position, err)
	}
	if r := again.Do(t.Context(), submit("after", 10)); !errors.As(r.Err, new(*wire.Unreadable)) {
		t.Errorf("a command on it gave %+v", r)
	}
}
