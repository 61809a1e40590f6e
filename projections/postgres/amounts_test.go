package postgres_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// Each amount of each list is in the column of its name: the log is folded beside the tables, and two amounts of a statement that change
// places differ from it. A pair of columns that are the same in every row would not show that, and fails.
func TestEveryAmountIsInTheColumnOfItsName(t *testing.T) {
	records := projtest.History(44, 2400)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	log, state := projections.NewBatch(), domain.NewState()
	for _, r := range records {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		domain.Apply(state, e.Event, e.Deed())
		if err := log.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	type amounts = map[string]domain.Money
	want := map[string]map[string]amounts{"applications": {}, "instalments": {}, "payouts": {}, "clawbacks": {}, "recoveries": {}, "exceptions": {}}
	for _, a := range log.Applications.Order {
		want["applications"][string(a.ID)] = amounts{"Requested": a.Requested, "Approved": a.Approved, "Paid": a.Paid, "Returned": a.Returned}
	}
	for _, i := range log.Instalments.Order {
		want["instalments"][string(i.Application)+i.Year.String()] = amounts{"Requested": i.Requested, "Approved": i.Approved, "Paid": i.Paid, "Unpaid": i.Approved.Sub(i.Paid)}
	}
	for _, p := range log.Payouts.Order {
		want["payouts"][string(p.ID)] = amounts{"Amount": p.Amount, "Returned": p.Returned, "ClawbackOrdered": p.Ordered, "ClawbackWaived": p.Waived, "Recovered": p.Recovered,
			"KeptBack": p.KeptBack, "PaidOut": p.Amount.Sub(p.KeptBack)}
	}
	today := domain.DateIn(records[len(records)-1].Time.Add(time.Hour), domain.Shanghai)
	for _, c := range log.Clawbacks.Order {
		now, _ := state.Clawback(c.ID)
		want["clawbacks"][string(c.ID)] = amounts{"Ordered": c.Ordered, "Waived": c.Waived, "Recovered": c.Recovered, "Interest": c.Interest,
			"WrittenOff": c.WrittenOff, "Outstanding": c.Ordered.Sub(c.Waived).Sub(c.Recovered).Sub(c.WrittenOff), "OverdueAmount": now.Overdue(today)}
	}
	for _, r := range log.Recoveries.Order {
		want["recoveries"][string(r.ID)] = amounts{"Amount": r.Amount, "Interest": r.Interest}
	}
	for _, x := range log.Exceptions.Order {
		want["exceptions"][string(x.ID)] = amounts{"Amount": x.Amount, "Revoked": x.Revoked, "InForce": x.Amount.Sub(x.Revoked)}
	}
	for name, rows := range want {
		for _, at := range []projections.AsOf{{}, {Seq: uint64(len(records))}} {
			l := projections.ListOf(name)
			if !at.IsZero() && !l.Past {
				continue
			}
			listed := map[string]amounts{}
			for row, err := range l.Every(t.Context(), q, projections.Ask{AsOf: at, Limit: projections.MaxLimit}) {
				if err != nil {
					t.Fatal(err)
				}
				v := reflect.ValueOf(row)
				id := v.Field(0).String()
				if name == "instalments" {
					id += v.FieldByName("SupportYear").Interface().(domain.SupportYear).String()
				}
				listed[id] = amounts{}
				for i := range v.NumField() {
					if m, ok := v.Field(i).Interface().(domain.Money); ok {
						listed[id][v.Type().Field(i).Name] = m
					}
				}
			}
			if !reflect.DeepEqual(rows, listed) {
				t.Errorf("%s %+v: the list has not the log's amounts\n%v\n%v", name, at, rows, listed)
			}
		}
		columns := map[string]bool{}
		for _, row := range rows {
			for column := range row {
				columns[column] = true
			}
		}
		for a := range columns {
			for b := range columns {
				differ := a == b || name == "payouts" && a != b && strings.Contains("Amount PaidOut", a) && strings.Contains("Amount PaidOut", b) // nothing is kept back here: example 46 tells them apart
				for _, row := range rows {
					differ = differ || row[a] != row[b]
				}
				if !differ {
					t.Errorf("%s: %s and %s are the same in every row: that they change places would not be seen", name, a, b)
				}
			}
		}
	}
}

func TestTheKeeperSaysWhatIsWrongWithAnAsk(t *testing.T) {
	url := migrated(t)
	q := ask(t, url, time.Now())
	for _, c := range []struct {
		l      *projections.List
		asked  projections.Condition
		answer string
	}{
		{projections.Payouts.List, projections.ByOutstanding.Is("open"), "the list payouts has no filter state; it has: enterprise, application, clause, year, subject_kind, subject, payout"},
		{projections.Totals.List, projections.ByPayout.Is("P-1"), "the list totals has no filter payout; it has: year, clause, enterprise"},
		{projections.Recoveries.List, projections.ByOutstanding.Is("open"), `the filter state cannot be "open": one of reversed, standing`},
		{projections.Journal.List, projections.ByKind.Is([]string{"paid", "gift"}), `the filter kind cannot be "paid,gift": one of requested, `},
		{projections.Payouts.List, projections.ByYear.Is(12), `the filter year cannot be "12": a year in four digits`},
	} {
		_, err := q.Page(t.Context(), c.l, projections.Where(c.asked))
		var filter *projections.FilterError
		if !errors.As(err, &filter) || !strings.HasPrefix(filter.Error(), c.answer) || filter.Message().ZH == "" {
			t.Errorf("%s %+v: %v", c.l.Name, c.asked, err)
		}
	}
}
