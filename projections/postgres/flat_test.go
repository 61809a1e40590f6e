package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// readsMore are the questions that read more where there is more, and why: each is to be small, or is made once and remembered.
var readsMore = map[string]string{
	"ageing?bucket":             "what is outstanding of clawbacks is aged whole: they are few, and what is settled is not read",
	"ageing?clause":             "the same",
	"enterprises":               "they are sorted by their names as people here look them up, and there are far fewer of them than events",
	"enterprises?q":             "the same",
	"accounts?as_of":            "what every line had at a moment is summed for the lines before the page too",
	"same_facts":                "an analysis: every decision is held against the others",
	"same_facts?as_of":          "the same",
	"queue":                     "what waits is sorted by how long it waits; what is done is not read",
	"queue?step":                "the same",
	"queue?enterprise":          "the same",
	"queue?standing":            "the same",
	"stage_times":               "every stage of every application is counted",
	"stage_times?as_of":         "the same",
	"stage_times?clause":        "the same",
	"stage_times?stage":         "the same",
	"queue?clause":              "the same",
	"findings":                  "events with findings are few",
	"findings?enterprise":       "the same",
	"findings?as_of&enterprise": "the same",
	"appropriations":            "there is one row for each clause and department",
	"ageing":                    "what is outstanding is sorted by how long it is overdue",
	"ageing?as_of":              "the same, of the past",
	"ageing?year":               "the same, of one year",
	"expiring":                  "all that is undecided or unpaid is sorted by its policy's last day; what is done is not read",
	"expiring?as_of":            "the same, summed from the journal",
	"expiring?as_of&enterprise": "the same",
	"expiring?clause":           "the same, of one clause",
	"expiring?pending":          "the same, of one kind",
	"expiring?policy":           "the same",
	"expiring?since":            "the same",
	"expiring?until":            "the same",
	"forecast":                  "all that is committed and not paid is added up",
	"forecast?as_of":            "the same, summed from the journal",
	"plan":                      "all that is committed and not paid is read, and what is paid is not",
	"plan?as_of":                "what was committed and not paid is summed from the journal",
	"appropriations?as_of":      "what was paid up to a moment is summed",
	"journal?year":              "of short tables the lines of the year are gathered first, of long ones a page is found from the beginning on",
	"journal?enterprise":        "all of one enterprise is sorted",
	"enterprise_history":        "all of one enterprise is gathered, and nothing of others",
	"search":                    "of the titles that a text stands in all are read, to show the first ones; what few have is found by an index",
	"search?q":                  "the same",
}

// A page of a list reads as much from tables four times as long, by each of its filters, now and of the past. The planner is kept from reading
// small tables whole, as it would long ones.
func TestWhatAPageReadsDoesNotGrowWithTheLog(t *testing.T) {
	short, long := readBy(t, 700), readBy(t, 2800)
	for name, now := range long {
		if before := short[name]; now > 2*before+60 && readsMore[name] == "" {
			t.Errorf("%s reads %d rows of tables that are four times as long, %d before", name, now, before)
		}
	}
	for name := range readsMore {
		if _, asked := long[name]; !asked {
			t.Errorf("%s is not asked", name)
		}
	}
}

// readBy is how many rows each question reads of tables that hold a history of n events.
func readBy(t *testing.T, n int) map[string]int {
	t.Helper()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	records := projtest.History(11, n)
	p, err := Start(t.Context(), Config{URL: url, Source: projtest.NewLog(records), Log: Log{Stream: projtest.Stream, Fund: string(projtest.Fund)}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	waiting, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := p.WaitFor(waiting, uint64(len(records))); err != nil {
		t.Fatal(err)
	}
	q, err := OpenQueries(t.Context(), url, func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, domain.Shanghai) })
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	config, err := connConfig(url, Schema)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{"ANALYZE", "SET enable_seqscan = off", "SET plan_cache_mode = force_custom_plan"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	read, rows := map[string]int{}, map[*projections.List][]any{}
	for _, l := range projections.Lists() {
		if l.Kept != projections.InTables || l.Of() != nil {
			continue
		}
		page, err := q.Page(t.Context(), l, projections.Ask{Limit: 40, Where: byText(l)})
		if err != nil {
			t.Fatal(err)
		}
		rows[l] = page.Rows
		count := func(name string, ask projections.Ask) {
			ask.Limit = 10
			if got, err := rowsRead(t.Context(), conn, q, l, ask); err != nil {
				t.Errorf("%s: %v", name, err)
			} else {
				read[name] = got
			}
		}
		count(l.Name, projections.Ask{Where: byText(l)})
		for _, f := range l.Filters {
			if value := exampleOf(l, f, page.Rows); value != "" {
				count(l.Name+"?"+f.Name, projections.Ask{Where: []projections.Condition{{Name: f.Name, Value: value}}})
			}
		}
		if l.Past {
			middle := projections.AsOf{Seq: uint64(n / 2)}
			count(l.Name+"?as_of", projections.Ask{AsOf: middle})
			if f := l.Filter(projections.ByEnterprise.Name); f != nil {
				if value := exampleOf(l, f, page.Rows); value != "" {
					count(l.Name+"?as_of&enterprise", projections.Ask{AsOf: middle, Where: []projections.Condition{{Name: f.Name, Value: value}}})
				}
			}
		}
	}
	for _, l := range projections.Lists() { // those of one thing, by the last that others name
		if l.Kept != projections.InTables || l.Of() == nil {
			continue
		}
		for other, some := range rows {
			if value := exampleOf(other, l.Of(), some); value != "" && !t.Failed() {
				got, err := rowsRead(t.Context(), conn, q, l, projections.Ask{Limit: 10, Where: []projections.Condition{{Name: l.Of().Name, Value: value}}})
				if read[l.Name] = max(got, read[l.Name]); err != nil {
					t.Errorf("%s: %v", l.Name, err)
				}
			}
		}
	}
	return read
}

// byText is what a list has to be asked for to answer at all.
func byText(l *projections.List) []projections.Condition {
	if l.Name == projections.Search.Name {
		return []projections.Condition{{Name: projections.ByText.Name, Value: "P-1"}}
	}
	return nil
}

// exampleOf is a value that a filter finds something by, of the last of some rows that has one; "" where none has.
func exampleOf(l *projections.List, f *projections.Filter, rows []any) string {
	switch {
	case l.Name == projections.Search.Name:
		return "P-1"
	case f.Kind == projections.Several && slices.Contains(f.Choices, "returned"):
		return "returned" // which is rare
	case len(f.Choices) > 0:
		return f.Choices[0]
	case f.Name == projections.BySearch.Name:
		return "sh"
	}
	name := f.CheckedColumn()
	if strings.HasPrefix(f.Name, "budget_") && f.Name != projections.ByBudgetYear.Name {
		name = strings.TrimPrefix(f.Name, "budget_")
	}
	columns := projections.Columns(l.Row)
	at := slices.IndexFunc(columns, func(c projections.Column) bool { return c.Name == name })
	if at < 0 {
		return ""
	}
	for _, row := range slices.Backward(rows) {
		if text := fmt.Sprint(reflect.ValueOf(row).FieldByIndex(columns[at].Index).Interface()); text != "" && f.Check(text) == nil && text != "0" {
			return text
		}
	}
	return ""
}

// planned is a node of a plan that was carried out.
type planned struct {
	Relation string    `json:"Relation Name"`
	Rows     float64   `json:"Actual Rows"`
	Loops    float64   `json:"Actual Loops"`
	Filtered float64   `json:"Rows Removed by Filter"`
	Checked  float64   `json:"Rows Removed by Index Recheck"`
	Plans    []planned `json:"Plans"`
}

// read is how many rows of tables a plan looked at.
func (p planned) read() float64 {
	var n float64
	if p.Relation != "" {
		n = (p.Rows + p.Filtered + p.Checked) * p.Loops
	}
	for _, part := range p.Plans {
		n += part.read()
	}
	return n
}

// rowsRead is how many rows the statement of a page reads.
func rowsRead(ctx context.Context, conn *pgx.Conn, q *Queries, l *projections.List, ask projections.Ask) (int, error) {
	values, err := l.Values(ask)
	if err != nil {
		return 0, err
	}
	var text string
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		m, err := q.moment(ctx, tx, ask.AsOf, ask.On)
		if err != nil {
			return err
		}
		where := conditions(l, values)
		search(values, values[projections.BySearch.Name])
		m.fill(values, ask.Limit)
		statement := compose(listed(l, m.past, orderOf(l, ask.Sort), where, "", values))
		return tx.QueryRow(ctx, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+statement.sql, statement.args(values)...).Scan(&text)
	})
	if err != nil {
		return 0, err
	}
	var plans []struct{ Plan planned }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return 0, err
	}
	return int(plans[0].Plan.read()), nil
}
