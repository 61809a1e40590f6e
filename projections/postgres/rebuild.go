package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// beside is the schema that a rebuild fills, and former the one it leaves behind, to be dropped.
const (
	beside = Schema + "_new"
	former = Schema + "_old"
)

// Compare folds the whole log again and compares every table with it: all of one position, while projectors go on.
func Compare(ctx context.Context, cfg Config) ([]projections.Difference, error) {
	q, err := OpenQueries(ctx, cfg.URL, nil)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	s, err := q.Snapshot(ctx, cfg.Log)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := s.Refold(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if s.position > 0 {
		if err := cfg.Source.Require(ctx, s.position); err != nil {
			return nil, err
		}
		whole := errors.New("all is taken")
		err = upTo{cfg.Source, s.position}.Follow(ctx, 1, func(records []eventstore.Record) error {
			for _, record := range records {
				e, err := wire.Decode(record)
				if err == nil {
					err = r.Take(ctx, e, record)
				}
				if err != nil {
					return err
				}
			}
			if records[len(records)-1].Seq == s.position {
				return whole
			}
			return nil
		})
		if !errors.Is(err, whole) {
			return nil, fmt.Errorf("reading the log: %w", err)
		}
	}
	return r.Differences(ctx)
}

// Rebuild fills fresh tables from the whole log beside the live ones, compares every column of both, and puts them in
// their place in one transaction; questions are answered all the while, and projectors wait for that transaction alone. It
// returns how the former tables differed.
func Rebuild(ctx context.Context, cfg Config) ([]projections.Difference, error) {
	config, err := connConfig(cfg.URL, Schema)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var alone bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtext('fundledger rebuild'))").Scan(&alone); err != nil {
		return nil, fmt.Errorf("beginning a rebuild: %w", err)
	}
	if !alone {
		return nil, errors.New("another rebuild is under way on this database: wait for it")
	}
	// Closing the connection frees it too, but later: a rebuild right after this one must not find it taken.
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(hashtext('fundledger rebuild'))")
	}()
	if err := dropSchemas(ctx, conn, beside, former); err != nil {
		return nil, err
	}
	if err := migrateSchema(ctx, cfg.URL, beside); err != nil {
		return nil, err
	}
	differences, err := fillAndSwap(ctx, conn, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rebuilding the projection: %w", err), dropSchemas(context.WithoutCancel(ctx), conn, beside))
	}
	return differences, dropSchemas(ctx, conn, beside, former)
}

func dropSchemas(ctx context.Context, conn *pgx.Conn, schemas ...string) error {
	for _, schema := range schemas {
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
			return fmt.Errorf("dropping the schema %s: %w", schema, err)
		}
	}
	return nil
}

// fillAndSwap brings the fresh tables up to the live ones' position, most of it while those go on, the rest while they wait.
func fillAndSwap(ctx context.Context, conn *pgx.Conn, cfg Config) ([]projections.Difference, error) {
	live, err := liveSeq(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, cfg, live); err != nil {
		return nil, err
	}
	var differences []projections.Difference
	err = retryDeadlock(func() error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) (err error) {
			// Whoever projects locks a row of the checkpoint first, so nothing is written while this lock is held, and everything
			// can be read. It is on the whole table, for then a projector that waits finds the new table behind its name.
			if _, err := tx.Exec(ctx, "LOCK TABLE checkpoint IN EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("stopping the projectors: %w", err)
			}
			if live, err = liveSeq(ctx, tx); err != nil {
				return err
			}
			if err := fill(ctx, cfg, live); err != nil {
				return err
			}
			if differences, err = (agreement{tx: tx, kept: Schema, said: beside, most: maxCells}).withViews(ctx); err != nil {
				return err
			}
			return swap(ctx, tx)
		})
	})
	return differences, err
}

// swap puts the fresh tables in the live ones' place, and the analysts' views on them. Every question reads the checkpoint
// first: those under way end on the old tables, the next begin on the new ones.
func swap(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "LOCK TABLE checkpoint IN ACCESS EXCLUSIVE MODE"); err != nil {
		return fmt.Errorf("waiting for the questions under way: %w", err)
	}
	for _, rename := range [][2]string{{Schema, former}, {beside, Schema}} {
		if _, err := tx.Exec(ctx, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s", rename[0], rename[1])); err != nil {
			return fmt.Errorf("putting the new tables in place: %w", err)
		}
	}
	return installViews(ctx, tx)
}

// retryDeadlock does something again that the database gave up in favour of another session: an analyst's long query on the
// views takes the same locks in another order.
func retryDeadlock(do func() error) error {
	for range 9 {
		var gaveUp *pgconn.PgError
		if err := do(); !errors.As(err, &gaveUp) || gaveUp.Code != "40P01" {
			return err
		}
	}
	return do()
}

func liveSeq(ctx context.Context, from interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) (uint64, error) {
	c, err := scanCheckpoint(from.QueryRow(ctx, readCheckpoint))
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the checkpoint: %w", err)
	}
	return c.Seq, nil
}

// fill projects the log into the fresh tables up to a position, and no further.
func fill(ctx context.Context, cfg Config, to uint64) error {
	cfg.schema, cfg.Metrics, cfg.Source = beside, nil, upTo{cfg.Source, to}
	p, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer p.Stop()
	return p.WaitFor(ctx, to)
}

// upTo is a log that seems to end at a position.
type upTo struct {
	Source
	to uint64
}

func (u upTo) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	if from > u.to {
		<-ctx.Done()
		return ctx.Err()
	}
	return u.Source.Follow(ctx, from, func(records []eventstore.Record) error {
		within := 0
		for within < len(records) && records[within].Seq <= u.to {
			within++
		}
		if within == 0 {
			<-ctx.Done()
			return ctx.Err()
		}
		return fn(records[:within])
	})
}
