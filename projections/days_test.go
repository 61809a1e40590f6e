package projections_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// A question may ask for any business date, and commands are recorded in another order than their dates: as of no day is anything less
// than nothing, column by column. (A sum over columns may be: money that is said to have come in before it was paid is a fact, with a
// finding.) What takes something back is posted on no earlier day than what it takes back.
func TestAsOfAnyDayNothingIsNegative(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(12) {
		var all []projections.Posting
		for _, record := range projtest.LateHistory(seed, 900) {
			e, err := wire.Decode(record)
			if err != nil {
				t.Fatal(err)
			}
			postings, err := projections.Fold(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, postings...)
			kinds[e.Event.Name()]++
		}
		slices.SortStableFunc(all, func(a, b projections.Posting) int { return cmp.Compare(a.Date.String(), b.Date.String()) })
		lines := map[projections.Line]*projections.Figures{}
		for i, p := range all {
			if lines[p.Line] == nil {
				lines[p.Line] = &projections.Figures{}
			}
			lines[p.Line].Add(p)
			if i+1 < len(all) && all[i+1].Date == p.Date {
				continue
			}
			for line, f := range lines {
				for _, k := range projections.Kinds() {
					if f.Of(k).Less(domain.NoMoney) {
						t.Fatalf("seed %d: as of %s, %s of %s is %s", seed, p.Date, k, line, f.Of(k))
					}
				}
			}
		}
	}
	for _, name := range []string{"return_reversed", "booking_reversed", "recovery_reversed", "payout_returned", "recovery_booked"} {
		if kinds[name] < 10 {
			t.Errorf("the histories have %d of %s", kinds[name], name)
		}
	}
}
