package postgres

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections"
)

// Every SQL file is prepared by a real server as it is used: a COPY by its columns, a question as of now and of the past.
func TestEverySQLFileIsPreparedByAServer(t *testing.T) {
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	config, err := connConfig(url, Schema)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	questions := map[string][]string{}
	for _, l := range projections.Lists() {
		switch {
		case l.Kept == projections.InTables:
			questions[l.Source] = append(questions[l.Source], everyWay(t, l)...)
		case l.Source != "": // for the view alone
			questions[l.Source] = append(questions[l.Source], viewSQL(l))
		}
	}
	questions["accounts"] = append(questions["accounts"], compose(nearest(false, "", nil)).sql, compose(nearest(true, "", nil)).sql)
	questions["made_page"] = []string{madePageSQL.sql, madeSomeSQL.sql}
	parts := []string{"applicant", "beside", "bounced", "caps", "lines", "grants", "grouped", "approvers", "dues", "members", "moved", "of_a_project", "scope_of_event", "terms", "unpaid"} // of other statements, or run by Migrate
	columns := regexp.MustCompile(`(?s)^COPY (\w+) \((.*?)\)`)
	files, err := sqlFiles.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file.Name()), ".sql")
		text := statement(name)
		var statements []string
		switch {
		case slices.Contains(parts, name):
			continue
		case questions[name] != nil:
			statements = questions[name]
		case strings.HasPrefix(name, "overview_"):
			v := question(name)
			statements = []string{v.present.sql, v.past.sql}
		case columns.MatchString(text):
			m := columns.FindStringSubmatch(text)
			statements = []string{fmt.Sprintf("SELECT %s FROM %s", m[2], m[1])}
		default:
			statements = []string{compose(written(name, false)).sql}
		}
		for i, sql := range statements {
			if _, err := conn.Prepare(t.Context(), fmt.Sprintf("%s_%d", name, i), sql); err != nil {
				t.Errorf("%s: %v\n%s", name, err, sql)
			}
		}
	}
}

// everyWay is a list's statements: as of now and of the past, narrowed by nothing, and behind a cursor by all its filters together.
func everyWay(t *testing.T, l *projections.List) []string {
	t.Helper()
	var statements []string
	values := map[string]any{}
	for _, f := range l.Filters {
		switch f.Kind {
		case projections.Several:
			values[f.Name] = f.Choices
		case projections.Year, projections.AnyYear, projections.Position:
			values[f.Name] = int64(2025)
		default:
			values[f.Name] = "x"
		}
	}
	if by := orderOf(l, ""); len(by.columns) != len(l.Key) {
		t.Errorf("%s: its key %v is not among its columns", l.Name, l.Key)
	}
	where := conditions(l, values)
	for _, name := range append(l.Sorts(), "") {
		for _, sign := range []string{"", "-"} {
			if name == "" && sign != "" {
				continue
			}
			by := orderOf(l, sign+name)
			after, err := by.behind(by.cursor(reflect.Zero(l.Row)), values)
			if name == "" && err != nil { // a key that is a day is never without one
				first := reflect.New(l.Row).Elem()
				for _, c := range by.columns {
					if c.Type == reflect.TypeFor[domain.Date]() {
						first.FieldByIndex(c.Index).Set(reflect.ValueOf(domain.DateOf(2025, 1, 1)))
					}
				}
				after, err = by.behind(by.cursor(first), values)
			}
			if err != nil {
				t.Errorf("%s by %q: %v", l.Name, by.sort, err)
			}
			for _, past := range []bool{false, true} {
				statements = append(statements, compose(listed(l, past, by, "", "", nil)).sql, compose(listed(l, past, by, where, after, values)).sql)
			}
		}
	}
	return statements
}

// Two amounts that change places are two columns that change their names, and a column that nobody asked for, or that is missing, is told.
func TestRowsAreReadByTheNamesOfTheirColumns(t *testing.T) {
	type row struct {
		Paid        domain.Money
		Returned    domain.Money
		AnnualLimit domain.Ceiling
		PaidOn      domain.Date
		SupportYear domain.SupportYear
		Payout      domain.PayoutID
		Name        domain.Text
	}
	conn, err := pgx.Connect(t.Context(), pgtest.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for sql, fault := range map[string]string{
		"SELECT 1.00 AS paid, 2.00 AS returned, 3.00 AS annual_limit, date '2025-03-01' AS paid_on, 2025::smallint AS support_year, 'P-1' AS payout, '甲' AS name_zh, 'A' AS name_en": "",
		"SELECT 'A' AS name_en, '甲' AS name_zh, 'P-1' AS payout, 2025::smallint AS support_year, date '2025-03-01' AS paid_on, 3.00 AS annual_limit, 2.00 AS returned, 1.00 AS paid": "",
		"SELECT 1.00 AS paid":                   "no column",
		"SELECT 1.00 AS paid, 1.00 AS paid":     "two columns",
		"SELECT 1.00 AS paid, 2.00 AS received": "no field for the column received",
	} {
		found, err := conn.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := byName[row](found)
		if fault != "" {
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%s: %v", sql, err)
			}
			continue
		}
		want := row{Paid: domain.Fen(100), Returned: domain.Fen(200), AnnualLimit: domain.Stated(domain.Fen(300)), PaidOn: domain.DateOf(2025, 3, 1), SupportYear: 2025, Payout: "P-1",
			Name: domain.Text{ZH: "甲", EN: "A"}}
		if err != nil || len(rows) != 1 || rows[0] != want {
			t.Errorf("%s: %+v, %v", sql, rows, err)
		}
	}
}

// What is asked of the present reads the sums that are kept: it adds no posting up. Some lists ask for postings, for no sum is kept of what they tell.
func TestAListOfThePresentReadsNoPostings(t *testing.T) {
	postings := map[string]string{
		"accounts":          "of the few that a bounced recovery has put over, the decisions that hold them are told by their postings",
		"totals":            "the same",
		"journal":           "its rows are the postings",
		"same_facts":        "what was asked for and approved when an application was decided is what its postings came to",
		"moved_since_close": "its rows are the events behind a close, with what their postings moved",
		"closings":          "what was booked after a close is counted from that close on, and there are few of them",
		"exception_history": "its rows are the events that post on one exception, and an index has its line's postings",
		"forecast":          "what was paid in a month is of the day that it was paid on, by which nothing is summed",
	}
	for _, l := range projections.Lists() {
		if now := whole(l, false); postings[l.Name] == "" && (strings.Contains(now, "FROM journal") || strings.Contains(now, "JOIN journal")) {
			t.Errorf("%s reads the journal to tell what is kept:\n%s", l.Name, now)
		} else if postings[l.Name] != "" && !strings.Contains(now, "journal j") {
			t.Errorf("%s is made of postings and reads none:\n%s", l.Name, now)
		}
		if then := whole(l, true); l.Past && l.Kept == projections.InTables && l != projections.Statistics.List && !strings.Contains(then, "{at_seq}") {
			t.Errorf("%s has a past and does not ask for it:\n%s", l.Name, then)
		}
	}
}
