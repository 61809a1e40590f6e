package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// ReaderLimit says how long an analyst's transaction or statement may last. A limit that is set for a session is lifted by who has the
// session; this one is kept by the service.
type ReaderLimit struct {
	URL     string // of the service
	Longest time.Duration
	Logger  *slog.Logger
	Ended   prometheus.Counter
}

// Standing is what the service's role may do that it should not, and should be able to do.
type Standing struct {
	Deletes bool // it may delete events or journal rows
	Ends    bool // it may end analysts' sessions
}

// StandingOf asks what the role of a URL may do in a migrated database.
func StandingOf(ctx context.Context, url string) (Standing, error) {
	var s Standing
	err := withConn(ctx, url, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT has_table_privilege('events', 'DELETE') OR has_table_privilege('journal', 'DELETE') OR has_table_privilege('events', 'TRUNCATE'),
    has_function_privilege(p.oid, 'EXECUTE') AND pg_has_role(p.proowner, 'pg_signal_backend', 'MEMBER') AND pg_has_role(p.proowner, 'pg_read_all_stats', 'MEMBER')
FROM pg_proc p WHERE p.proname = 'end_overdue_readers' AND p.pronamespace = $1::text::regnamespace`, guardSchema).Scan(&s.Deletes, &s.Ends)
	})
	if err != nil {
		return s, fmt.Errorf("asking what the service may do in its database: %w", err)
	}
	return s, nil
}

// Keep ends the sessions that last too long, until ctx ends.
func (l ReaderLimit) Keep(ctx context.Context) {
	tick := time.NewTicker(min(max(l.Longest/10, 100*time.Millisecond), 15*time.Second))
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := l.end(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			l.Logger.Warn("analysts' sessions are not watched for now", "error", err)
		}
		failing = err != nil
	}
}

// end looks once. A connection of its own does not wait for those that answer questions.
func (l ReaderLimit) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return withConn(ctx, l.URL, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT pid, who, application, origin, since, ended FROM "+guardSchema+".end_overdue_readers($1)", l.Longest)
		if err != nil {
			return err
		}
		var pid int
		var who, application, origin string
		var since time.Time
		var ended bool
		_, err = pgx.ForEachRow(rows, []any{&pid, &who, &application, &origin, &since, &ended}, func() error {
			if ended {
				l.Ended.Inc()
				l.Logger.Warn("an analyst's session lasted too long and was ended", "pid", pid, "role", who, "application", application, "from", origin,
					"since", since, "longest", l.Longest)
			}
			return nil
		})
		return err
	})
}

func withConn(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	config, err := connConfig(url, Schema)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	err = do(conn)
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}
