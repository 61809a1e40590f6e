package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// connect is a connection of its own to a test's database.
func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// contents are all rows of all tables, as text in order; of the checkpoint, all but what is another one by intention.
func contents(t testing.TB, url string) map[string][]string {
	t.Helper()
	conn := connect(t, url)
	tables, err := collect(t, conn, "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'fundledger' AND table_name <> 'goose_db_version'")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		row := "t::text"
		if table == "checkpoint" {
			row = "(seq, moment_ns, stream, fund, lines, frontier)::text"
		}
		if all[table], err = collect(t, conn, "SELECT "+row+" FROM fundledger."+table+" t ORDER BY 1"); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func collect(t testing.TB, conn *pgx.Conn, sql string) ([]string, error) {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// expected are the tables of a history that nothing disturbed.
func expected(t testing.TB, records []eventstore.Record) map[string][]string {
	t.Helper()
	url := migrated(t)
	project(t, url, records)
	return contents(t, url)
}

func batches(of int) func(*postgres.Config) {
	return func(c *postgres.Config) { c.MaxBatch = of }
}

func TestTheTablesAreTheSameWhereverBatchesEnd(t *testing.T) {
	a := followed(t, planned(11, 900))
	known(t, a)
	records := a.Records()
	want := expected(t, records)
	for table, rows := range want {
		if len(rows) == 0 {
			t.Errorf("the history says nothing of the table %s: it proves nothing there", table)
		}
	}
	for _, size := range []int{1, 7, 64, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			url := migrated(t)
			p := start(t, url, &projtest.Log{Records: records, Chunk: size}, batches(size))
			await(t, p, uint64(len(records)))
			p.Stop()
			if diff := cmp.Diff(want, contents(t, url)); diff != "" {
				t.Errorf("batches of %d (-in one +so):\n%s", size, diff)
			}
		})
	}
}

func TestKilledConnectionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	records := projtest.History(1, 1500)
	want := expected(t, records)
	url := migrated(t)
	killer := connect(t, url)
	p := start(t, url, &projtest.Log{Records: records, Chunk: 40}, batches(40))
	killed, last := 0, uint64(0)
	for p.Position() < uint64(len(records)) {
		if err := p.Err(); err != nil {
			t.Fatal(err)
		}
		if p.Position() < last+80 { // it gets ahead between two kills
			continue
		}
		var n int
		err := killer.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if killed += n; n > 0 {
			last = p.Position()
		}
	}
	await(t, p, uint64(len(records)))
	p.Stop()
	if killed < 3 {
		t.Errorf("only %d connections were killed: nothing is proven", killed)
	}
	if diff := cmp.Diff(want, contents(t, url)); diff != "" {
		t.Errorf("after %d kills (-undisturbed +so):\n%s", killed, diff)
	}
}

func TestStoppedAtAnyMomentItGoesOnFromThere(t *testing.T) {
	t.Parallel()
	records := projtest.History(2, 1500)
	want := expected(t, records)
	url := migrated(t)
	random := rand.New(rand.NewPCG(3, 5))
	stops, before := 0, uint64(0)
	for at := uint64(0); at < uint64(len(records)); stops++ {
		p, err := postgres.Start(t.Context(), postgres.Config{URL: url, Source: &projtest.Log{Records: records, Chunk: 30}, Log: testLog, MaxBatch: 30})
		if err != nil {
			t.Fatal(err)
		}
		if p.Position() < before {
			t.Fatalf("it begins at %d, and had told of %d", p.Position(), before)
		}
		// Two lives in three get ahead, by events and not by time, which a slow machine would use up before the first of them; the
		// third may end before it has done anything. All end within some batch.
		if random.IntN(3) > 0 {
			await(t, p, min(before+1+random.Uint64N(60), uint64(len(records))))
		}
		time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond)
		p.Stop()
		at, before = p.Position(), p.Position()
	}
	if t.Logf("stopped %d times", stops); stops < 3 {
		t.Errorf("only %d lives: nothing is proven", stops)
	}
	if diff := cmp.Diff(want, contents(t, url)); diff != "" {
		t.Errorf("after %d stops (-undisturbed +so):\n%s", stops, diff)
	}
}

func TestTwoProjectorsWriteEachEventOnce(t *testing.T) {
	t.Parallel()
	records := projtest.History(3, 1500)
	want := expected(t, records)
	url := migrated(t)
	var both sync.WaitGroup
	for i := range 2 {
		p := start(t, url, &projtest.Log{Records: records, Chunk: 20 + i}, batches(20+i))
		both.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			if err := p.WaitFor(ctx, uint64(len(records))); err != nil {
				t.Errorf("projector %d at %d: %v", i, p.Position(), err)
			}
		})
	}
	both.Wait()
	if diff := cmp.Diff(want, contents(t, url)); diff != "" {
		t.Errorf("two at once (-one +two):\n%s", diff)
	}
}

func TestAnEventThatCannotBeReadHaltsAtItsPosition(t *testing.T) {
	t.Parallel()
	records := projtest.History(4, 400)
	const at = 300
	broken := append([]eventstore.Record(nil), records...)
	broken[at-1].Data = []byte(`{"application":`)
	url := migrated(t)
	p := start(t, url, &projtest.Log{Records: broken, Chunk: 50}, batches(50))
	<-p.Done()
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("event_unreadable: message %d ", at)) {
		t.Fatalf("it ended with %v", err)
	}
	if p.Position() != at-1 {
		t.Errorf("it halted at %d, and everything before %d can be read", p.Position(), at)
	}
	if err := p.WaitFor(t.Context(), at); err == nil || !errors.Is(err, p.Err()) {
		t.Errorf("who waits for the event is told %v", err)
	}
	project(t, url, records) // the right log
	if diff := cmp.Diff(expected(t, records), contents(t, url)); diff != "" {
		t.Errorf("after the halt:\n%s", diff)
	}
}

func TestTablesThatWereChangedByHandHaltIt(t *testing.T) {
	t.Parallel()
	records := projtest.History(1, 900)
	url := migrated(t)
	project(t, url, records[:500])
	if _, err := connect(t, url).Exec(t.Context(), "DELETE FROM fundledger.applications"); err != nil {
		t.Fatal(err)
	}
	p := start(t, url, projtest.NewLog(records))
	<-p.Done()
	if !errors.Is(p.Err(), postgres.ErrInconsistent) || p.Position() != 500 {
		t.Errorf("it ended at %d with %v", p.Position(), p.Err())
	}
}

func TestTheWrongLogIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	records := projtest.History(4, 200)
	url := migrated(t)
	project(t, url, records)
	other := postgres.Config{URL: url, Source: projtest.NewLog(records), Log: postgres.Log{Stream: "FUND_other", Fund: "other"}}
	if _, err := postgres.Start(t.Context(), other); !errors.Is(err, postgres.ErrOtherLog) {
		t.Errorf("another fund's log: %v", err)
	}
	short := postgres.Config{URL: url, Source: projtest.NewLog(records[:100]), Log: testLog}
	if _, err := postgres.Start(t.Context(), short); err == nil {
		t.Error("a log that ends before the tables was taken")
	}
	forked := slices.Clone(records)
	forked[len(forked)-1].Time = forked[len(forked)-1].Time.Add(time.Nanosecond)
	grown := append(forked, projtest.History(4, 300)[len(forked):]...)
	for name, log := range map[string][]eventstore.Record{"as long": forked, "longer": grown} {
		other := postgres.Config{URL: url, Source: projtest.NewLog(log), Log: testLog}
		if _, err := postgres.Start(t.Context(), other); !errors.Is(err, postgres.ErrRewritten) {
			t.Errorf("a forked log that is %s: %v", name, err)
		}
	}
}

// The log of the real thing: JetStream in process, followed while it grows.
func TestALogThatGrowsIsFollowed(t *testing.T) {
	t.Parallel()
	author := projtest.NewAuthor(8, 600)
	for len(author.Records()) < 600 {
		author.Act()
	}
	drafts := author.Drafts()
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	nc, err := server.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	log, err := eventstore.Open(t.Context(), nc, eventstore.Config{Stream: projtest.Stream, Subjects: []string{"fund.projtest.>"}})
	if err != nil {
		t.Fatal(err)
	}
	url := migrated(t)
	p := start(t, url, log)
	for last := uint64(0); int(last) < len(drafts); {
		n := min(50, len(drafts)-int(last))
		for n < len(drafts)-int(last) && drafts[int(last)+n].Envelope.Index > 0 {
			n++
		}
		if last, err = log.Append(t.Context(), last, drafts[last:int(last)+n]); err != nil {
			t.Fatal(err)
		}
		await(t, p, last)
	}
	want, got := expected(t, author.Records()), contents(t, url)
	for _, timed := range []string{"checkpoint", "events", "tree_nodes"} { // they hold when the log stored the events, or a hash of it
		if len(want[timed]) != len(got[timed]) {
			t.Errorf("%s: %d rows, want %d", timed, len(got[timed]), len(want[timed]))
		}
		delete(want, timed)
		delete(got, timed)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("from JetStream (-from memory +so):\n%s", diff)
	}
}

func TestMigratingTwiceAndAtOnceIsHarmless(t *testing.T) {
	t.Parallel()
	url := pgtest.NewDatabase(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := postgres.Migrate(t.Context(), url, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
