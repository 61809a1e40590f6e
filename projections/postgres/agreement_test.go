package postgres_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// forgeable is a history in which every table has rows.
var forgeable = followedAuthor(planned(21, 900))

// followedAuthor is a history that goes on with an amendment of everything that a policy's amendment may say, and a second policy.
func followedAuthor(a *projtest.Author) []eventstore.Record {
	added := projtest.Policy().Clauses[0]
	added.ID = "8"
	amended := &domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "修订", TermTo: domain.DateOf(2027, 6, 30),
		Clause: "1", Departments: []domain.DepartmentID{"science"}, Industries: []domain.IndustryID{"ai"}, Close: true,
		Workflow: &domain.Workflow{Acceptance: true}, AddClause: &added, AddFacts: countedFacts}
	if r := cmp.Or(a.Do(amended), a.Do(staffed(a)), a.Do(taken(a)), a.Follow("second", "n")); r != nil {
		panic(r)
	}
	return a.Records()
}

// countedFacts is a fact that a history's policy is amended by; staffed records it of an enterprise.
var countedFacts = []domain.Fact{{ID: "staff", Name: domain.Text{ZH: "人数", EN: "Staff"}, Unit: domain.UnitCount, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}}}

// known has a history go on with facts that its policy had not.
func known(t testing.TB, a *projtest.Author) {
	t.Helper()
	r := a.Do(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "D", Policy: "third", AddFacts: countedFacts})
	if r := cmp.Or(r, a.Do(staffed(a)), a.Do(taken(a))); r != nil {
		t.Fatal(r)
	}
}

// taken has one of a history's enterprises taken over by another.
func taken(a *projtest.Author) domain.Command {
	firms := a.State().EnterprisesBehind("")
	return &domain.MergeEnterprises{Head: a.Head("li", domain.Clerk, "commerce"), From: firms[1], Into: firms[2], Document: "市监〔2026〕3号"}
}

func staffed(a *projtest.Author) domain.Command {
	return &domain.RecordFact{Head: a.Head("ji", domain.Clerk, "finance"), Enterprise: a.State().EnterprisesBehind("")[0], Fact: "staff", Period: "2025", Value: "31"}
}

// projected is a database that holds a forgeable ledger, of its own.
func projected(t *testing.T) string {
	t.Helper()
	return pgtest.NewMigrated(t, "forgeable", func(ctx context.Context, url string) error {
		if err := postgres.Migrate(ctx, url, nil); err != nil {
			return err
		}
		p, err := postgres.Start(ctx, postgres.Config{URL: url, Source: projtest.NewLog(forgeable), Log: testLog})
		if err != nil {
			return err
		}
		defer p.Stop()
		return p.WaitFor(ctx, uint64(len(forgeable)))
	})
}

// execute runs statements as whoever owns the database.
func execute(t testing.TB, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "SET search_path = fundledger; "+sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func compared(t testing.TB, url string) []projections.Difference {
	t.Helper()
	list, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(forgeable), Log: testLog})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// cellsOf are the cells that differ, each as its table, its key and its column.
func cellsOf(list []projections.Difference) (cells []string) {
	for _, d := range list {
		for _, c := range d.Cells {
			cells = append(cells, strings.Join(strings.Fields(d.Table+" "+c.Key+" "+c.Column), " "))
		}
	}
	return cells
}

// watchedOver is a watch over a database's tables and a log, as a service has it.
func watchedOver(t testing.TB, url string, log proof.Log, last func(context.Context) (uint64, error)) *audit.Watch {
	q := ask(t, url, time.Now())
	w := audit.StartWatch(audit.WatchConfig{Fund: projtest.Fund, Log: log, Last: last, Pause: time.Hour,
		Rows: func(ctx context.Context) (audit.Rows, func(), error) {
			s, err := q.Snapshot(ctx, testLog)
			if err != nil {
				return nil, nil, err
			}
			return s, s.Close, nil
		}})
	t.Cleanup(w.Close)
	return w
}

// ended is the end of a log that is finished.
func ended(n int) func(context.Context) (uint64, error) {
	return func(context.Context) (uint64, error) { return uint64(n), nil }
}

func TestWhateverIsForgedIsFoundByEveryWayOfLooking(t *testing.T) {
	const first = "(SELECT min(id) FROM "
	unguarded := func(table, sql string) string { return "ALTER TABLE " + table + " DISABLE TRIGGER ALL; " + sql }
	for name, c := range map[string]struct{ forgery, shows string }{
		"a payout's amount":           {"UPDATE payouts SET amount = amount + 0.01 WHERE id = " + first + "payouts)", "payouts * amount"},
		"a payout's voucher":          {"UPDATE payouts SET voucher = 'V-9' WHERE id = " + first + "payouts)", "payouts * voucher"},
		"an enterprise's name":        {"UPDATE enterprises SET name = name || '公司' WHERE id = " + first + "enterprises)", "enterprises * name"},
		"an application's state":      {"UPDATE applications SET state = CASE state WHEN 'rejected' THEN 'withdrawn' ELSE 'rejected' END WHERE id = " + first + "applications)", "applications * state"},
		"an exception's document":     {"UPDATE exceptions SET document = '会议纪要' WHERE id = " + first + "exceptions)", "exceptions * document"},
		"an event's actor":            {unguarded("events", "UPDATE events SET actor = 'nobody' WHERE seq = 300"), "events 300 actor"},
		"an event's data":             {unguarded("events", "UPDATE events SET data = (data::text || ' ')::json WHERE seq = 300"), "events 300 data"},
		"a leaf":                      {unguarded("events", "UPDATE events SET leaf = sha256('x') WHERE seq = 300"), "events 300 leaf"},
		"a node of the tree":          {unguarded("tree_nodes", "UPDATE tree_nodes SET hash = sha256('x') WHERE level = 8 AND index = 1"), "tree_nodes 8/1 hash"},
		"a posting's kind":            {unguarded("journal", "UPDATE journal SET kind = 'interest' WHERE (seq, n) = (SELECT seq, n FROM journal WHERE kind = 'paid' ORDER BY 1, 2 LIMIT 1)"), "journal * kind"},
		"a posting taken away":        {unguarded("journal", "DELETE FROM journal WHERE (seq, n) = (SELECT seq, n FROM journal ORDER BY 1, 2 LIMIT 1)"), "journal *"},
		"a line's total":              {"UPDATE lines SET requested = requested + 0.01 WHERE id = 1", "lines 1 requested"},
		"a line that nobody has":      {"INSERT INTO lines SELECT (jsonb_populate_record(l, '{\"id\": 100000, \"enterprise\": \"X\"}')).* FROM lines l WHERE id = 1", "lines 100000"},
		"a cap":                       {"UPDATE clause_caps SET cap = cap + 1 WHERE ctid = (SELECT min(ctid) FROM clause_caps WHERE cap IS NOT NULL)", "clause_caps * cap"},
		"a cell emptied":              {"UPDATE payouts SET department = NULL WHERE id = (SELECT min(id) FROM payouts WHERE department IS NOT NULL)", "payouts * department"},
		"two rows exchanged":          {"UPDATE enterprises e SET name = o.name FROM enterprises o WHERE (e.id, o.id) IN ((" + first + "enterprises), (SELECT max(id) FROM enterprises)), ((SELECT max(id) FROM enterprises), " + first + "enterprises)))", "enterprises * name"},
		"an event taken away":         {unguarded("events", "DELETE FROM events WHERE seq = 300"), "events 300"},
		"the last event taken away":   {unguarded("events", "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)"), "events *"},
		"a row of an event not there": {unguarded("events", "INSERT INTO events SELECT (jsonb_populate_record(e, '{\"seq\": 90000}')).* FROM events e WHERE seq = 300"), "events 90000"},
		"the checkpoint's moment":     {ofThisRelease + "UPDATE checkpoint SET moment_ns = moment_ns + 1", "checkpoint true moment_ns"},
		"the checkpoint's fund":       {ofThisRelease + "UPDATE checkpoint SET fund = 'another'", "checkpoint true fund"},
		"the checkpoint's frontier":   {ofThisRelease + "UPDATE checkpoint SET frontier = frontier || sha256('x')", "checkpoint true frontier"},
		"a row twice":                 {"ALTER TABLE payouts DROP CONSTRAINT a_payout_has_one_row; INSERT INTO payouts SELECT * FROM payouts WHERE id = " + first + "payouts)", "payouts"},
		"a generated column":          {"ALTER TABLE clawbacks ALTER outstanding DROP EXPRESSION; UPDATE clawbacks SET outstanding = 1 WHERE id = " + first + "clawbacks)", "clawbacks * outstanding"},
		"a column too many":           {"ALTER TABLE payouts ADD note text", "payouts note"},
		"a column of another kind":    {"ALTER TABLE checkpoint ALTER stream TYPE varchar(99)", "checkpoint stream"},
		"a key of another kind":       {"ALTER TABLE tree_nodes ALTER level TYPE integer", "tree_nodes level"},
		"a column gone":               {"ALTER TABLE payouts DROP voucher CASCADE", "payouts voucher"},
		"a table gone":                {"DROP TABLE exceptions CASCADE", "exceptions document"},
		"a table too many":            {"CREATE TABLE second_books (id text)", "second_books id"},
		"a view that says more":       {"CREATE OR REPLACE VIEW analyst.v_instalments AS SELECT application, support_year, requested, approved, (paid + 1)::numeric(20,2) AS paid, approved - paid AS unpaid FROM instalments", "analyst.v_instalments definition"},
		"a table in a view's place":   {"DROP VIEW analyst.v_instalments; CREATE TABLE analyst.v_instalments AS SELECT * FROM instalments", "analyst.v_instalments definition"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := projected(t)
			execute(t, url, c.forgery)
			cells := cellsOf(slices.DeleteFunc(compared(t, url), func(d projections.Difference) bool { return !d.Differs() }))
			if !slices.ContainsFunc(cells, func(cell string) bool { return matches(c.shows, cell) }) {
				t.Errorf("the comparison does not show %q, but %q", c.shows, cells)
			}
			log := eventstore.Records(forgeable)
			report, err := watchedOver(t, url, log, ended(len(forgeable))).Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if report.Sound || !slices.Equal(cellsOf(report.Projected), cells) {
				t.Errorf("the service's verification says sound %v, and shows %q", report.Sound, cellsOf(report.Projected))
			}
			for _, f := range report.Findings {
				if f.Severity == audit.Error && (f.Explanation.ZH == "" || f.Explanation.EN == "") {
					t.Errorf("%s is not told in both languages", f.Code)
				}
			}
		})
	}
}

// The columns are those of the tables themselves: one that comes later is forged here too, in the tables that are kept.
func TestACellOfEveryColumnIsFoundByEveryWayOfLooking(t *testing.T) {
	keys, others, err := postgres.Columns(t.Context(), projected(t))
	if err != nil {
		t.Fatal(err)
	}
	rounds := map[string]map[string][]string{}
	add := func(round, table string, columns ...string) {
		if rounds[round] == nil {
			rounds[round] = map[string][]string{}
		}
		rounds[round][table] = columns
	}
	const alone = "checkpoint" // tables that say of themselves that they are of elsewhere answer nothing
	for table, columns := range keys {
		for place, column := range columns {
			if table == alone {
				add(alone+" "+column, table, column)
			} else {
				add(fmt.Sprintf("key %d", place), table, column)
			}
		}
	}
	for table, columns := range others {
		for i, column := range columns {
			if table == alone {
				add(alone+" "+column, table, column)
			} else if i%8 == 0 { // a comparison lists some cells of a table, not all
				add(fmt.Sprintf("columns %d", i), table, columns[i:min(i+8, len(columns))]...)
			}
		}
	}
	for name, columns := range rounds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := projected(t)
			shows, err := postgres.ForgeKept(t.Context(), url, columns)
			if err != nil {
				t.Fatal(err)
			}
			offline, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(forgeable), Log: testLog})
			told := columns[alone] != nil && err != nil
			if err != nil && !told {
				t.Fatal(err)
			}
			report, err := watchedOver(t, url, eventstore.Records(forgeable), ended(len(forgeable))).Verify(t.Context())
			if err == nil && report.Sound || err != nil && columns[alone] == nil {
				t.Fatalf("the service's verification says sound %v, %v", report.Sound, err)
			}
			ways := map[string][]projections.Difference{}
			if !told {
				ways["comparison"] = offline
			}
			if err == nil {
				ways["service"] = report.Projected
			}
			for way, list := range ways {
				for table, cells := range shows {
					i := slices.IndexFunc(list, func(d projections.Difference) bool { return d.Table == table })
					for n, cell := range cells {
						if i < 0 || !postgres.Shows(list[i].Cells, cell) {
							t.Errorf("the %s does not show %s.%s", way, table, columns[table][n])
						}
					}
				}
			}
		})
	}
}

// matches reports whether a cell is the one that a pattern means: "*" is any key.
func matches(pattern, cell string) bool {
	want, got := strings.Fields(pattern), strings.Fields(cell)
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == "*" || w == g })
}

func TestSoundTablesDifferInNothing(t *testing.T) {
	url := projected(t)
	list := compared(t, url)
	for _, d := range list {
		if d.Differs() || len(d.Cells) > 0 {
			t.Errorf("%+v", d)
		}
		if d.Rows == 0 && !strings.HasPrefix(d.Table, "analyst.") {
			t.Errorf("the history leaves %s empty: nothing can be forged there", d.Table)
		}
	}
	empty := migrated(t)
	none, err := postgres.Compare(t.Context(), postgres.Config{URL: empty, Source: projtest.NewLog(nil), Log: testLog})
	if err != nil || len(none) != len(list) || slices.ContainsFunc(none, projections.Difference.Differs) {
		t.Errorf("tables into which nothing was projected yet: %v %v", none, err)
	}
}

// A table or a column that nobody compares fails here: what is left out is named, one by one.
func TestEveryColumnOfEveryTableIsCompared(t *testing.T) {
	left := []string{"checkpoint.generation", "goose_db_version.id", "goose_db_version.is_applied", "goose_db_version.tstamp", "goose_db_version.version_id"}
	url := projected(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'fundledger' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	forgeries := forge(t, url)
	tried := slices.Clone(left)
	for _, f := range forgeries {
		if len(f.Missed) > 0 || f.First == nil {
			t.Errorf("%s: of %q were missed %q", f.Table, f.Tried, f.Missed)
		}
		for _, what := range f.Tried {
			if !strings.Contains(what, " ") {
				tried = append(tried, f.Table+"."+what)
			}
		}
		if !slices.Contains(f.Tried, "row deleted") || !slices.Contains(f.Tried, "row added") || !slices.Contains(f.Tried, "cell emptied") {
			t.Errorf("of %s only %q were tried", f.Table, f.Tried)
		}
	}
	slices.Sort(tried)
	if !slices.Equal(slices.Sorted(slices.Values(schema)), tried) {
		t.Errorf("the schema has\n%q\nand forged and found were\n%q", schema, tried)
	}
	if list := compared(t, url); slices.ContainsFunc(list, projections.Difference.Differs) {
		t.Error("the drill changed what is kept")
	}
}

func forge(t testing.TB, url string) []projections.Forgery {
	t.Helper()
	s, err := ask(t, url, time.Now()).Snapshot(t.Context(), testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Refold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, record := range forgeable {
		e, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Take(t.Context(), e, record); err != nil {
			t.Fatal(err)
		}
	}
	forgeries, err := r.Forge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return forgeries
}

func TestAllIsCountedAndSomeIsListed(t *testing.T) {
	url := projected(t)
	execute(t, url, "UPDATE enterprises SET name = name || '甲', industry = industry || '乙'; DELETE FROM instalments")
	for _, d := range compared(t, url) {
		switch {
		case d.Table == "enterprises" && (d.Changed != d.Rows || d.Rows < 11 || len(d.Cells) != 20), d.Table == "instalments" && (d.Missing < 21 || d.Rows != 0 || len(d.Cells) != 20):
			t.Errorf("%s: %d rows, %d changed, %d missing, %d cells listed", d.Table, d.Rows, d.Changed, d.Missing, len(d.Cells))
		case d.Table != "enterprises" && d.Table != "instalments" && d.Differs():
			t.Errorf("%+v", d)
		}
	}
}

func TestALogThatCannotBeFoldedIsAFindingAndNoFailure(t *testing.T) {
	url := projected(t)
	for name, records := range map[string][]eventstore.Record{
		"an event is missing":        slices.Delete(slices.Clone(forgeable), 500, 501),
		"an event is there twice":    slices.Insert(slices.Clone(forgeable), 500, forgeable[499]),
		"what is changed is not yet": renumbered(slices.Delete(slices.Clone(forgeable), 1, 2)),
	} {
		log := eventstore.Records(records)
		report, err := watchedOver(t, url, log, ended(len(records))).Verify(t.Context())
		if err != nil || report.Sound {
			t.Fatalf("%s: sound %v, %v", name, report.Sound, err)
		}
		if !slices.ContainsFunc(report.Findings, func(f audit.Finding) bool { return f.Code == audit.CodeRowUnfolded || f.Code == audit.CodeRowTable }) {
			t.Errorf("%s: no finding says that the tables are not those of the log", name)
		}
	}
}

func renumbered(records []eventstore.Record) []eventstore.Record {
	for i := range records {
		records[i].Seq = uint64(i + 1)
	}
	return records
}

// ofThisRelease has a session say that it writes for the version that the tables are of, as the service's does.
const ofThisRelease = "SELECT set_config('fundledger.tables', max(version_id)::text, false) FROM goose_db_version; "

func TestTablesOfAnotherVersionAreNotCompared(t *testing.T) {
	url := projected(t)
	execute(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	_, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(forgeable), Log: testLog})
	if !errors.Is(err, postgres.ErrOtherVersion) {
		t.Errorf("%v", err)
	}
}

func TestNothingIsLeftOfAComparison(t *testing.T) {
	url := projected(t)
	compared(t, url)
	forge(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var left int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'fundledger%' AND nspname NOT IN ('fundledger', 'fundledger_guard')").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}

// growing is a log that is appended to while it is followed and read.
type growing struct {
	records []eventstore.Record
	length  atomic.Int64
	grown   chan struct{}
}

func (g *growing) Last(context.Context) (uint64, error) { return uint64(g.length.Load()), nil }

func (g *growing) Require(context.Context, uint64) error { return nil }

func (g *growing) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	if to == 0 {
		to = uint64(g.length.Load())
	}
	return eventstore.Records(g.records[:to]).Read(ctx, from, to, fn)
}

func (g *growing) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	for at := int(from) - 1; ; {
		if end := int(g.length.Load()); at < end {
			if err := fn(g.records[at:end]); err != nil {
				return err
			}
			at = end
			continue
		}
		select {
		case <-g.grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Commands are booked, one after the other, while one verification follows the other: none of them may call it unsound.
func TestALedgerThatMovesIsNeverCalledUnsound(t *testing.T) {
	url := migrated(t)
	log := &growing{records: projtest.History(22, 1200), grown: make(chan struct{}, 1)}
	log.length.Store(300)
	live := start(t, url, log)
	await(t, live, 300)
	booked := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(booked)
		for log.length.Load() < int64(len(log.records)) {
			select {
			case <-stop:
				return
			default:
			}
			next := log.length.Load() + 1
			for next < int64(len(log.records)) && log.records[next].Header.Get("ce-commandindex") != "0" {
				next++
			}
			log.length.Store(next)
			select {
			case log.grown <- struct{}{}:
			default:
			}
			if err := live.WaitFor(t.Context(), uint64(next)); err != nil {
				return
			}
		}
	}()
	w := watchedOver(t, url, log, log.Last)
	moved := map[uint64]bool{}
	for range 5 {
		report, err := w.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		moved[report.Events] = true
		if !report.Sound {
			t.Fatalf("at event %d it is called unsound: %q", report.Events, cellsOf(report.Projected))
		}
		list, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: log, Log: testLog})
		if err != nil || slices.ContainsFunc(list, projections.Difference.Differs) {
			t.Fatalf("the comparison shows %q, %v", cellsOf(list), err)
		}
	}
	close(stop)
	<-booked
	if len(moved) < 2 {
		t.Error("the ledger did not move while it was verified")
	}
}

func TestTwoComparisonsAtOnceDoNotMeet(t *testing.T) {
	url := projected(t)
	errs := make(chan error, 3)
	for range 3 {
		go func() {
			list, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(forgeable), Log: testLog})
			if err == nil && slices.ContainsFunc(list, projections.Difference.Differs) {
				err = fmt.Errorf("it shows %q", cellsOf(list))
			}
			errs <- err
		}()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
