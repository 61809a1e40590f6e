package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// What is left to pay of each part is what the live state says, now and as of a position; how long it is overdue follows from its day.
func TestAgeingIsWhatTheLiveStateSaysIsLeftToPay(t *testing.T) {
	records := projtest.YearsHistory(36, 2400)
	pool := migrated(t)
	project(t, pool, records)
	buckets := map[projections.Bucket]int{}
	for _, at := range []int{800, 1200, 1600, 2000, len(records)} {
		state, last := domain.NewState(), records[at-1].Time
		var claws []domain.ClawbackID
		for _, r := range records[:at] {
			e, err := wire.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			domain.Apply(state, e.Event, e.Deed())
			if e, ok := e.Event.(*domain.ClawbackOrdered); ok {
				claws = append(claws, e.Clawback)
			}
		}
		today := domain.DateIn(last, domain.Shanghai)
		want := map[string]string{}
		for _, id := range claws {
			v, _ := state.Clawback(id)
			for i, part := range v.Parts {
				if part.Left.Positive() {
					want[fmt.Sprint(id, " ", i+1)] = fmt.Sprint(part.DueOn, " ", part.Amount, " ", part.Left)
				}
			}
		}
		q := ask(t, pool, last.Add(time.Second))
		ageing := every(t, q, projections.Ageing, projections.Ask{AsOf: projections.AsOf{Seq: uint64(at)}})
		overdue := map[domain.ClawbackID]domain.Money{}
		for _, r := range ageing {
			key := fmt.Sprint(r.Clawback, " ", r.Part)
			if got := fmt.Sprint(r.DueOn, " ", r.Amount, " ", r.Outstanding); got != want[key] {
				t.Fatalf("as of %d, %s is %s; the state says %s", at, key, got, want[key])
			}
			delete(want, key)
			buckets[r.Bucket]++
			if over := domain.DaysBetween(r.DueOn, today); !r.DueOn.IsZero() && over > 0 {
				overdue[r.Clawback] = overdue[r.Clawback].Add(r.Outstanding)
				if r.DaysOverdue != int64(over) {
					t.Errorf("%s, due on %s, is %d days overdue on %s", key, r.DueOn, r.DaysOverdue, today)
				}
			} else if r.DaysOverdue != 0 {
				t.Errorf("%s, due on %s, is %d days overdue on %s", key, r.DueOn, r.DaysOverdue, today)
			}
		}
		if len(want) > 0 {
			t.Fatalf("as of %d, the list lacks %v", at, want)
		}
		for _, r := range every(t, q, projections.Clawbacks, projections.Ask{AsOf: projections.AsOf{Seq: uint64(at)}}) {
			v, _ := state.Clawback(r.Clawback)
			if v.Interest == nil || r.InterestOwed != domain.Stated(v.Interest.Amount) || r.WrittenOff != v.WrittenOff {
				t.Errorf("as of %d, %s of interest is owed on %s and %s written off; the state says %+v", at, r.InterestOwed, r.Clawback, r.WrittenOff, v)
			}
			if r.OverdueAmount != overdue[r.Clawback] {
				t.Errorf("as of %d, %s is overdue with %s, not %s", at, r.Clawback, overdue[r.Clawback], r.OverdueAmount)
			}
		}
	}
	if len(buckets) < 4 {
		t.Errorf("the history has debts in %v only", buckets)
	}
}

// The day itself is not overdue, and each bucket ends with its last day: by the business date asked for.
func TestADebtIsInTheBucketOfItsDaysOverdue(t *testing.T) {
	author := projtest.NewAuthor(7, 400)
	for len(author.Records()) < 400 {
		author.Act()
	}
	pool := migrated(t)
	project(t, pool, author.Records())
	q := ask(t, pool, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	var debt projections.AgeingRow
	for _, r := range every(t, q, projections.Ageing, projections.Ask{}) {
		if !r.DueOn.IsZero() {
			debt = r
		}
	}
	if debt.Clawback == "" {
		t.Fatal("the history has no debt that is due on a day")
	}
	for days, bucket := range map[int]projections.Bucket{0: projections.NotDue, 1: projections.To30, 30: projections.To30, 31: projections.To90, 90: projections.To90,
		91: projections.To180, 180: projections.To180, 181: projections.To365, 365: projections.To365, 366: projections.Beyond365} {
		on := domain.DateIn(debt.DueOn.Time(time.UTC).AddDate(0, 0, days), time.UTC)
		ask := projections.Ask{On: on, Where: []projections.Condition{projections.ByClawback.Is(debt.Clawback), projections.ByBucket.Is(bucket)}}
		found := false
		for _, r := range every(t, q, projections.Ageing, ask) {
			found = found || r.Part == debt.Part && r.DaysOverdue == int64(days)
		}
		if !found {
			t.Errorf("%d days after it was due the debt is not in %s", days, bucket)
		}
	}
}
