package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// answers are what was known as of some moments, by position and by time.
func answers(t *testing.T, q *postgres.Queries, moments []projections.AsOf) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, m := range moments {
		name := fmt.Sprint(m.Seq, m.Time)
		all[name+" totals"] = every(t, q, projections.Totals, projections.Ask{AsOf: m})
		all[name+" accounts"] = every(t, q, projections.Accounts, projections.Ask{AsOf: m})
		all[name+" on"] = every(t, q, projections.Totals, projections.Ask{AsOf: m, On: domain.DateOf(2025, 6, 1)})
	}
	return all
}

func TestAnAnswerAsOfAPastMomentNeverChanges(t *testing.T) {
	records := projtest.History(21, 1800)
	const half = 900
	url := migrated(t)
	project(t, url, records[:half])
	moments := []projections.AsOf{{Seq: 1}, {Seq: 2}, {Seq: 400}, {Seq: half}, {Time: records[0].Time.Add(-time.Hour)}, {Time: records[333].Time},
		{Time: records[333].Time.Add(-time.Microsecond)}, {Time: records[half-1].Time}}
	before := answers(t, ask(t, url, records[half-1].Time.Add(time.Minute)), moments)
	project(t, url, records)
	after := answers(t, ask(t, url, records[len(records)-1].Time.Add(400*24*time.Hour)), moments)
	if diff := cmp.Diff(before, after, exact); diff != "" {
		t.Errorf("answers changed when events came later (-before +after):\n%s", diff)
	}
}

func TestTheFutureIsNotAnswered(t *testing.T) {
	records := projtest.History(22, 200)
	url := migrated(t)
	project(t, url, records)
	now := records[len(records)-1].Time.Add(time.Minute)
	q := ask(t, url, now)
	for _, m := range []projections.AsOf{{Seq: uint64(len(records)) + 1}, {Time: now.Add(time.Second)}} {
		if _, err := projections.Totals.Page(t.Context(), q, projections.Ask{AsOf: m}); !errors.Is(err, projections.ErrNotYet) {
			t.Errorf("%+v was answered: %v", m, err)
		}
	}
	if _, err := projections.Totals.Page(t.Context(), q, projections.Ask{Cursor: "bm9uc2Vuc2U"}); !errors.Is(err, projections.ErrCursor) {
		t.Errorf("a cursor of another list: %v", err)
	}
}

// A clock that steps back must not change what was answered for the time before: such an event counts as recorded at the
// latest time that any event before it bears.
func TestAClockThatStepsBackMovesNoAnswer(t *testing.T) {
	records := append([]eventstore.Record(nil), projtest.History(23, 600)...)
	const late = 400
	for i := late; i < late+50; i++ {
		records[i].Time = records[late-20].Time.Add(time.Microsecond)
	}
	url := migrated(t)
	project(t, url, records[:late])
	moment := []projections.AsOf{{Time: records[late-10].Time}}
	before := answers(t, ask(t, url, records[late-1].Time.Add(time.Minute)), moment)
	project(t, url, records)
	after := answers(t, ask(t, url, records[len(records)-1].Time.Add(time.Hour)), moment)
	if diff := cmp.Diff(before, after, exact); diff != "" {
		t.Errorf("answers changed when the clock stepped back:\n%s", diff)
	}
}
