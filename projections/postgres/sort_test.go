package postgres_test

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// written is a row as a text: of an event what it is made of, for two of one step are not the same.
func written(row any) string {
	if step, ok := row.(projections.HistoryRow); ok {
		step.Event = nil
		row = step
	}
	if group, ok := row.(projections.StatisticsRow); ok { // whose counts are behind pointers
		return fmt.Sprint(group.Amount, *group.Applications, *group.Enterprises)
	}
	return fmt.Sprint(row)
}

// By whatever column a list is sorted, up or down, now and as of a past moment: page by page it has each of its rows once, in that order.
func TestAListSortedByAnyColumnHasEveryRowOnceInOrder(t *testing.T) {
	url := migrated(t)
	project(t, url, projtest.History(9, 400))
	q := ask(t, url, time.Now())
	for _, l := range projections.Lists() {
		if l.Kept != projections.InTables || l.Of() != nil || l == projections.Search.List {
			continue
		}
		moments := []projections.Ask{{}}
		if l.Past {
			moments = append(moments, projections.Ask{AsOf: projections.AsOf{Seq: 200}})
		}
		for _, asked := range moments {
			all := map[string]bool{}
			for row, err := range l.Every(t.Context(), q, asked) {
				if err != nil {
					t.Fatal(err)
				}
				all[written(row)] = true
			}
			for _, name := range l.Sorts() {
				for _, sign := range []string{"", "-"} {
					by := asked
					by.Sort, by.Limit = sign+name, max(len(all)/3, 1)
					seen, before := map[string]bool{}, reflect.Value{}
					for row, err := range l.Every(t.Context(), q, by) {
						if err != nil {
							t.Fatalf("%s by %s: %v", l.Name, by.Sort, err)
						}
						if text := written(row); seen[text] || !all[text] {
							t.Fatalf("%s by %s: it has a row twice, or one that is not there: %s", l.Name, by.Sort, text)
						}
						seen[written(row)] = true
						value := valueOf(l, row, name)
						if before.IsValid() && (sign == "" && standing(before, value) > 0 || sign == "-" && standing(before, value) < 0) {
							t.Fatalf("%s by %s: %v stands before %v", l.Name, by.Sort, before, value)
						}
						before = value
					}
					if len(seen) != len(all) {
						t.Errorf("%s by %s: it has %d rows of %d", l.Name, by.Sort, len(seen), len(all))
					}
				}
			}
		}
	}

	var wrong *projections.FilterError
	for _, sort := range []string{"payout; DROP TABLE payouts", "--amount", "nothing", "-"} {
		if _, err := q.Page(t.Context(), projections.Payouts.List, projections.Ask{Sort: sort}); !errors.As(err, &wrong) || wrong.Name != "sort" {
			t.Errorf("sorted by %q: %v", sort, err)
		}
	}
	first, err := q.Page(t.Context(), projections.Payouts.List, projections.Ask{Sort: "amount", Limit: 1})
	if err != nil || first.Next == "" {
		t.Fatal(first, err)
	}
	// What is written into a cursor by hand is a wrong cursor, or a place in the order: never the database's fault.
	for sort, values := range map[string][]string{
		"paid_on": {"0000-01-01", "0001-01-01", "9999-12-31", "-infinity", "infinity", "today", "2025-02-30", "2025-1-1", "", "epoch"},
		"amount":  {"1e5", "0x10", "1_000", " 1", "١", "+1", ".5", "5.", "NaN", "Infinity", "--Infinity", "-0", strings.Repeat("9", 40), strings.Repeat("9", 41), ""},
		"seq":     {"9223372036854775807", "9223372036854775808", "-1", "1.0", "", "0x1", "1_0"},
		"booked":  {"true", "t", "TRUE", "1", ""},
		"voucher": {"", "\x00", "'; DROP TABLE payouts; --", "\xff", strings.Repeat("长", 400)},
	} {
		for _, value := range values {
			text, err := json.Marshal([]string{sort, value, "PO-1"})
			if err != nil {
				continue
			}
			ask := projections.Ask{Sort: sort, Cursor: base64.RawURLEncoding.EncodeToString(text), Limit: 3}
			if _, err := q.Page(t.Context(), projections.Payouts.List, ask); err != nil && !errors.Is(err, projections.ErrCursor) {
				t.Errorf("a cursor with %q by %s: %v", value, sort, err)
			}
		}
	}
	for _, other := range []string{"", "-amount", "paid_on"} { // a cursor is of its order
		if _, err := q.Page(t.Context(), projections.Payouts.List, projections.Ask{Sort: other, Cursor: first.Next}); !errors.Is(err, projections.ErrCursor) {
			t.Errorf("a cursor by amount goes on by %q: %v", other, err)
		}
	}
}

func valueOf(l *projections.List, row any, name string) reflect.Value {
	for _, c := range projections.Columns(l.Row) {
		if c.Name == name {
			return reflect.ValueOf(row).FieldByIndex(c.Index)
		}
	}
	return reflect.Value{}
}

// standing is how two values stand to each other; names in two languages are compared by the database only.
func standing(a, b reflect.Value) int {
	switch x := a.Interface().(type) {
	case domain.Money:
		return x.Decimal().Cmp(b.Interface().(domain.Money).Decimal())
	case domain.Ceiling:
		y := b.Interface().(domain.Ceiling)
		if !x.Stated || !y.Stated {
			return cmp.Compare(truth(!x.Stated), truth(!y.Stated))
		}
		return x.Amount.Decimal().Cmp(y.Amount.Decimal())
	case decimal.NullDecimal:
		y := b.Interface().(decimal.NullDecimal)
		if !x.Valid || !y.Valid {
			return cmp.Compare(truth(x.Valid), truth(y.Valid))
		}
		return x.Decimal.Cmp(y.Decimal)
	case domain.Date:
		return strings.Compare(x.String(), b.Interface().(domain.Date).String())
	case time.Time:
		return x.Compare(b.Interface().(time.Time))
	}
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.Kind() == reflect.Bool:
		return cmp.Compare(truth(a.Bool()), truth(b.Bool()))
	}
	return 0
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
