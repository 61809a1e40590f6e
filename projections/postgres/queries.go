package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Queries answers questions from the tables. It is safe for concurrent use.
type Queries struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// OpenQueries connects to a migrated database; nil for now is [time.Now]. Close ends it.
func OpenQueries(ctx context.Context, url string, now func() time.Time) (*Queries, error) {
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
	config.ConnConfig = parsed
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	return &Queries{pool: pool, now: now}, nil
}

// Close ends the connections.
func (q *Queries) Close() { q.pool.Close() }

// moment is what a question is answered for.
type moment struct {
	past bool        // from the journal, not from the sums
	seq  uint64      // events up to here
	day  domain.Date // whose caps count
	on   domain.Date // postings up to this business date; none: all
}

var (
	momentOfSQL   = statement("moment_of")
	lastBeforeSQL = statement("last_before")
)

// read runs a question in one snapshot, for one moment.
func (q *Queries) read(ctx context.Context, asOf projections.AsOf, on domain.Date, ask func(tx pgx.Tx, m moment) error) error {
	return pgx.BeginTxFunc(ctx, q.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		m, err := q.moment(ctx, tx, asOf, on)
		if err != nil {
			return err
		}
		return ask(tx, m)
	})
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
	now := q.now()
	m := moment{past: !asOf.IsZero() || !on.IsZero(), seq: c.Seq, day: domain.DateIn(now, domain.Shanghai), on: on}
	switch {
	case asOf.Seq > c.Seq:
		return m, fmt.Errorf("position %d: the tables hold events up to %d: %w", asOf.Seq, c.Seq, projections.ErrNotYet)
	case asOf.Time.After(now):
		return m, fmt.Errorf("%s lies in the future: %w", asOf.Time.Format(time.RFC3339), projections.ErrNotYet)
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
