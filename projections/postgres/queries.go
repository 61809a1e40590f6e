package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
)

// Queries answers questions from the tables. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	pulse *pgxpool.Pool // one connection of its own: whoever asks much does not make the database look dead
	away  atomic.Pointer[error]
	now   func() time.Time

	tally    *tallying
	holidays policies.Holidays
}

// Pool bounds the connections of [Queries]. What reads much has some of its own, so that it never holds all of them.
type Pool struct {
	Connections int               // at most; 0: as the address says, or the driver
	Statement   time.Duration     // the longest that the server works on one statement; 0: as long as it takes
	Holidays    policies.Holidays // by which working days are counted
	Beside      *Queries          // whose journal in memory it shares; nil: it has its own
}

// OpenQueries connects to a migrated database; nil for now is [time.Now]. Close ends it.
func OpenQueries(ctx context.Context, url string, now func() time.Time) (*Queries, error) {
	return OpenPool(ctx, url, now, Pool{Holidays: policies.Chinese()})
}

// OpenPool is [OpenQueries] with bounds.
func OpenPool(ctx context.Context, url string, now func() time.Time, bounds Pool) (*Queries, error) {
	parsed, err := connConfig(url, Schema)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	parsed.RuntimeParams["plan_cache_mode"] = "force_custom_plan" // filters that are not set must cost nothing
	parsed.RuntimeParams["default_transaction_read_only"] = "on"
	parsed.RuntimeParams["idle_in_transaction_session_timeout"] = idleMost(questionStill)
	if bounds.Statement > 0 {
		parsed.RuntimeParams["statement_timeout"] = strconv.FormatInt(bounds.Statement.Milliseconds(), 10)
	}
	if bounds.Connections > 0 {
		config.MaxConns = int32(min(bounds.Connections, 1000))
	}
	config.ConnConfig = parsed
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	pulse, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	q := &Queries{pool: pool, pulse: pulse, now: now, tally: newTallying(), holidays: bounds.Holidays}
	if bounds.Beside != nil {
		q.tally = bounds.Beside.tally
	}
	return q, nil
}

// Close ends the connections.
func (q *Queries) Close() {
	q.pool.Close()
	q.pulse.Close()
}

// End asks the database where the tables end: the position of the last event, and the hash of its leaf. While it does not answer, questions are
// answered by that at once, with [projections.ErrUnavailable], until it answers again: whoever watches asks again and again.
func (q *Queries) End(ctx context.Context) (seq uint64, leaf tlog.Hash, err error) {
	var kept []byte
	err = q.pulse.QueryRow(ctx, readEnd).Scan(&seq, &kept)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err == nil {
		q.away.Store(nil)
		if seq > 0 {
			leaf, err = hashOf(kept)
		}
		return seq, leaf, err
	}
	if err = fmt.Errorf("%w: %w", projections.ErrUnavailable, err); ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		q.away.Store(&err)
	}
	return 0, leaf, err
}

// present is an error while the database does not answer.
func (q *Queries) present() error {
	if err := q.away.Load(); err != nil {
		return *err
	}
	return nil
}

// unanswered says of an error that it is the database's, which is away or not itself for a moment: not who asked, nor the question.
func unanswered(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, projections.ErrUnavailable) {
		return err
	}
	var connecting *pgconn.ConnectError
	var answer *pgconn.PgError
	ill := errors.As(err, &connecting) || errors.As(err, &answer) && (strings.HasPrefix(answer.Code, "XX") || strings.HasPrefix(answer.Code, "F0"))
	if !ill && !isTransient(err) {
		return err
	}
	return fmt.Errorf("%w: %w", projections.ErrUnavailable, err)
}

// moment is what a question is answered for.
type moment struct {
	past bool        // from the journal, not from the sums
	seq  uint64      // events up to here
	day  domain.Date // whose caps count
	on   domain.Date // postings up to this business date; none: all

	generation string            // of the tables
	holidays   policies.Holidays // by which working days are counted
}

var (
	readEnd       = statement("read_end")
	momentOfSQL   = statement("moment_of")
	lastBeforeSQL = statement("last_before")
)

// read runs a question in one snapshot, for one moment.
func (q *Queries) read(ctx context.Context, asOf projections.AsOf, on domain.Date, ask func(tx pgx.Tx, m moment) error) error {
	if err := q.present(); err != nil {
		return err
	}
	return unanswered(ctx, pgx.BeginTxFunc(ctx, q.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		m, err := q.moment(ctx, tx, asOf, on)
		if err != nil {
			return err
		}
		return ask(tx, m)
	}))
}

// moment finds the position and the day that a question is about. As of a past moment both are that moment's, so the
// answer stays the same for ever.
func (q *Queries) moment(ctx context.Context, tx pgx.Tx, asOf projections.AsOf, on domain.Date) (moment, error) {
	c, err := scanCheckpoint(tx.QueryRow(ctx, readCheckpoint))
	if errors.Is(err, pgx.ErrNoRows) {
		c, err = Checkpoint{}, nil
	}
	if err != nil {
		return moment{}, fmt.Errorf("reading the checkpoint: %w", err)
	}
	if least := projections.LeastOf(ctx); c.Seq < least {
		return moment{}, fmt.Errorf("%w: they have fallen back to event %d, and held %d", projections.ErrUnavailable, c.Seq, least)
	}
	now := q.now()
	m := moment{past: !asOf.IsZero() || !on.IsZero(), seq: c.Seq, day: domain.DateIn(now, domain.Shanghai), on: on, generation: c.generation, holidays: q.holidays}
	if err := asOf.Reached(c.Seq, now); err != nil {
		return m, err
	}
	switch {
	case asOf.Seq != 0:
		var ns int64
		if err := tx.QueryRow(ctx, momentOfSQL, int64(asOf.Seq)).Scan(&ns); err != nil {
			return m, fmt.Errorf("finding event %d: %w", asOf.Seq, err)
		}
		m.seq, m.day = asOf.Seq, domain.DateIn(time.Unix(0, ns), domain.Shanghai)
	case !asOf.Time.IsZero():
		var seq int64
		if err := tx.QueryRow(ctx, lastBeforeSQL, asOf.Time.UnixNano()).Scan(&seq); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return m, fmt.Errorf("finding the last event before %s: %w", asOf.Time, err)
		}
		m.seq, m.day = uint64(seq), domain.DateIn(asOf.Time, domain.Shanghai)
	}
	if !on.IsZero() {
		m.day = on
	}
	return m, nil
}
