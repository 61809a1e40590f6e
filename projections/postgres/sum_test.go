package postgres_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/words"
)

// What a list is said to come to is what its rows add up to, narrowed or not, now and as of a past moment.
func TestAListComesToWhatItsRowsAddUpTo(t *testing.T) {
	url := migrated(t)
	project(t, url, projtest.History(9, 900))
	q := ask(t, url, time.Now())
	summed := 0
	for _, l := range projections.Lists() {
		if l.Kept != projections.InTables || l.Of() != nil {
			continue
		}
		asks := map[string]projections.Ask{"all": {}}
		if l.Filter("clause") != nil {
			asks["a clause"] = projections.Where(projections.ByClause.Is("1"))
			for row, err := range l.Every(t.Context(), q, projections.Ask{}) {
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range projections.Columns(l.Row) {
					if c.Name == "clause" {
						asks["a clause"] = projections.Ask{Where: []projections.Condition{{Name: "clause", Value: reflect.ValueOf(row).FieldByIndex(c.Index).String()}}}
					}
				}
				break
			}
		}
		for _, like := range l.Alike {
			value := l.Filter(like).Choices
			asks["alike by "+like] = projections.Ask{Where: []projections.Condition{{Name: like, Value: append(slices.Clone(value), "1")[0]}}}
		}
		if l.Past {
			asks["the past"] = projections.Ask{AsOf: projections.AsOf{Seq: 500}}
		}
		for _, name := range slices.Sorted(maps.Keys(asks)) {
			asked := asks[name]
			sum, err := q.Sum(t.Context(), l, asked)
			if err != nil {
				t.Fatalf("%s, %s: %v", l.Name, name, err)
			}
			rows, want := int64(0), map[string]decimal.Decimal{}
			table := words.ListTable(l, l.Every(t.Context(), q, asked))
			for row, err := range table.Rows {
				if err != nil {
					t.Fatal(err)
				}
				rows++
				for i, c := range table.Columns {
					if amount, ok := row[i].(decimal.Decimal); ok {
						want[c.Name] = want[c.Name].Add(amount)
					}
				}
			}
			if !l.AddsUp(asked.Where) && len(sum.Columns) > 0 {
				t.Errorf("%s, %s: %v are added up, and stand for unlike things", l.Name, name, sum.Columns)
			}
			if sum.Rows != rows || sum.More {
				t.Errorf("%s, %s: %d rows are said to be there, and %d are", l.Name, name, sum.Rows, rows)
			}
			for i, column := range sum.Columns {
				if got := sum.Amounts[i]; !got.Equal(want[column]) {
					t.Errorf("%s, %s: %s is said to come to %s, and comes to %s", l.Name, name, column, got, want[column])
				}
				if !want[column].IsZero() {
					summed++
				}
			}
		}
	}
	if summed < 20 {
		t.Errorf("only %d sums are of anything", summed)
	}
}
