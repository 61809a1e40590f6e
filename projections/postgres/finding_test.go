package postgres_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// Every finding of every event on the log is listed once, with the event it stands in, as of any position and by each of its filters.
func TestFindingsAreThoseOfTheLogsEvents(t *testing.T) {
	records := projtest.History(43, 2400)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	var want []projections.FindingRow
	for _, record := range records {
		e, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		row := projections.FindingRow{Seq: e.Seq, BusinessDate: e.Date, EventType: e.Event.Name(), Actor: domain.PersonID(e.Envelope.Actor)}
		c := domain.Concerns(e.Event)
		row.Enterprise, row.Application, row.Clause = c.Enterprise, c.Application, c.Account.Clause
		found := domain.FindingsOf(e.Event)
		for i, f := range found {
			row.Place, row.Code, row.Rule, row.Figures = int64(i+1), f.Code, f.Rule, ""
			row.SupportYear = c.Years[0]
			if _, approval := e.Event.(*domain.ApplicationApproved); approval { // of several years: the finding says which
				year, _ := strconv.Atoi(f.Figures["year"]) // none: it is of all years together
				row.SupportYear = domain.SupportYear(year)
			}
			if len(f.Figures) > 0 {
				text, err := json.Marshal(f.Figures, json.Deterministic(true))
				if err != nil {
					t.Fatal(err)
				}
				row.Figures = string(text)
			}
			want = append(want, row)
		}
	}
	if diff := cmp.Diff(want, every(t, q, projections.Findings, projections.Ask{}), exact); diff != "" || len(want) < 5 {
		t.Fatalf("%d findings (-log +listed):\n%s", len(want), diff)
	}
	one := want[len(want)/2]
	for _, c := range []projections.Condition{projections.ByBrokenRule.Is(one.Code), projections.ByEnterprise.Is(one.Enterprise), projections.ByClause.Is(one.Clause),
		projections.ByApplication.Is(one.Application), projections.ByYear.Is(one.SupportYear)} {
		var fit []projections.FindingRow
		for _, r := range want {
			values := map[string]string{"code": r.Code, "enterprise": string(r.Enterprise), "clause": string(r.Clause), "application": string(r.Application), "year": r.SupportYear.String()}
			if c.Value == "" || values[c.Name] == c.Value {
				fit = append(fit, r)
			}
		}
		if diff := cmp.Diff(fit, every(t, q, projections.Findings, projections.Where(c)), exact); diff != "" {
			t.Errorf("%+v (-log +listed):\n%s", c, diff)
		}
	}
	if got := every(t, q, projections.Findings, projections.Ask{AsOf: projections.AsOf{Seq: one.Seq - 1}}); len(got) == 0 || got[len(got)-1].Seq >= one.Seq {
		t.Errorf("before event %d: %d findings", one.Seq, len(got))
	}
}
