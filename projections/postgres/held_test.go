package postgres

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// A writer that is held still in the midst of a batch (its machine is moved, its process stopped) keeps the others away for seconds, not for as long as
// it likes; when it goes on it learns that its session is gone, and that is no reason to halt.
func TestAWriterThatIsHeldStillKeepsTheOthersAwayForSecondsOnly(t *testing.T) {
	t.Parallel()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	log := Log{"FUND_t", "t"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	still, err := openWriter(ctx, url, Schema, log)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := still.conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scanCheckpoint(tx.QueryRow(ctx, lockCheckpoint)); err != nil {
		t.Fatal(err)
	}
	another, err := openWriter(ctx, url, Schema, log)
	if err != nil {
		t.Fatal(err)
	}
	defer another.conn.Close(ctx)
	if _, err := scanCheckpoint(another.conn.QueryRow(ctx, lockCheckpoint)); err != nil {
		t.Fatalf("the other one waits in vain: %v", err)
	}
	if _, err := tx.Exec(ctx, moveCheckpoint, int64(1), int64(1), int64(0), []byte{}); err == nil || !isTransient(err) {
		t.Errorf("it goes on with %v", err)
	}
}

// Whatever transaction of this program holds anything, the database ends it where its process is held still.
func TestNoTransactionStandsIdleForEver(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	most := func(what string, by asker, want time.Duration) {
		t.Helper()
		var found int64
		if err := by.QueryRow(ctx, "SELECT setting::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'").Scan(&found); err != nil || found != want.Milliseconds() {
			t.Errorf("%s: %d ms, %v", what, found, err)
		}
	}
	o, err := openOwner(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.close(ctx)
	most("the owner", o.conn, ownerStill)
	q, err := OpenQueries(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	most("a question", q.pool, questionStill)
	s, err := q.Snapshot(ctx, Log{"FUND_t", "t"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	most("a snapshot", s.tx, snapshotStill)
	r, err := s.Refold(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	most("a refold", r.(*refold).tx, refoldStill)
}

// Whoever holds the guard says so all the while; who could not is broken off, for another may be at the same work.
func TestAGuardThatIsLostBreaksOffWhatItGuarded(t *testing.T) {
	t.Parallel()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	for name, every := range map[string]time.Duration{"awake": 50 * time.Millisecond, "held still": 900 * time.Millisecond} {
		o, err := openOwner(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer o.close(t.Context())
		err = pgx.BeginFunc(t.Context(), o.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 400; LOCK TABLE checkpoint"); err != nil {
				return err
			}
			return awake(t.Context(), tx, every, func(ctx context.Context) error {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(1200 * time.Millisecond):
					return nil
				}
			})
		})
		if lost := errors.Is(err, errLost); lost != (name == "held still") || !lost && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A database that says nothing any more is connected to anew: what is in its place goes on. And tables that hold less than somebody was shown say so.
func TestADatabaseThatSaysNothingIsConnectedToAnew(t *testing.T) {
	t.Parallel()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	records := projtest.History(3, 200)
	half := len(records) / 2
	for records[half].Header.Get("ce-commandindex") != "0" {
		half++
	}
	log := &growing{projtest.NewLog(records[:half]), make(chan struct{}), projtest.NewLog(records)}
	p, err := Start(t.Context(), Config{URL: url, Source: log, Log: Log{projtest.Stream, string(projtest.Fund)}, most: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := p.WaitFor(ctx, uint64(half)); err != nil {
		t.Fatal(err)
	}
	q, err := OpenQueries(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Page(projections.AtLeast(ctx, uint64(half)), projections.Notices.List, projections.Ask{}); err != nil {
		t.Error(err)
	}
	if _, err := q.Page(projections.AtLeast(ctx, uint64(half)+1), projections.Notices.List, projections.Ask{}); !errors.Is(err, projections.ErrUnavailable) {
		t.Errorf("of tables that hold less: %v", err)
	}
	pid := int(p.writer.conn.PgConn().PID())
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal("holding a process of the database still: ", err)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGCONT) }()
	close(log.more)
	if err := p.WaitFor(ctx, uint64(len(records))); err != nil {
		t.Fatalf("it waits for it at %d: %v", p.Position(), err)
	}
}

// growing is a history that goes on when it is told to.
type growing struct {
	*projtest.Log
	more chan struct{}
	all  *projtest.Log
}

func (g *growing) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	first, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-g.more:
		case <-ctx.Done():
		}
		cancel()
	}()
	next := from
	err := g.Log.Follow(first, from, func(records []eventstore.Record) error {
		next = records[len(records)-1].Seq + 1
		return fn(records)
	})
	if ctx.Err() != nil || first.Err() == nil {
		return err
	}
	return g.all.Follow(ctx, next, fn)
}
