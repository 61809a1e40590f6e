package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/domain"
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
//
// The URL is one of the database's owner: whoever only writes may not put other tables in the place of these.
func Rebuild(ctx context.Context, cfg Config) ([]projections.Difference, error) {
	guard, err := openOwner(ctx, cfg.URL, cfg.Logger)
	if err != nil {
		return nil, err
	}
	defer guard.close(ctx)
	if err := guard.mayMigrate(ctx); err != nil {
		return nil, err
	}
	o, err := openOwner(ctx, cfg.URL, cfg.Logger)
	if err != nil {
		return nil, err
	}
	defer o.close(ctx)
	if err := guard.makeGuard(ctx); err != nil {
		return nil, err
	}
	var differences []projections.Difference
	err = pgx.BeginFunc(ctx, guard.conn, func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, "LOCK TABLE "+guardSchema+".work IN EXCLUSIVE MODE NOWAIT"); isHeld(err) {
			return errors.New("another rebuild, or a migration, is under way on this database: wait for it")
		} else if err != nil {
			return fmt.Errorf("beginning a rebuild: %w", err)
		}
		return awake(ctx, tx, ownerStill/5, func(ctx context.Context) (err error) {
			differences, err = o.rebuild(ctx, cfg)
			return err
		})
	})
	return differences, err
}

func (o *owned) rebuild(ctx context.Context, cfg Config) ([]projections.Difference, error) {
	if err := o.dropSchemas(ctx, beside, former); err != nil {
		return nil, err
	}
	if err := o.migrateSchema(ctx, beside); err != nil {
		return nil, err
	}
	differences, err := o.fillAndSwap(ctx, cfg)
	if errors.Is(context.Cause(ctx), errLost) { // what lies beside may be another rebuild's by now
		return nil, fmt.Errorf("rebuilding the projection: %w", err)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rebuilding the projection: %w", err), o.dropSchemas(context.WithoutCancel(ctx), beside))
	}
	return differences, o.dropSchemas(ctx, beside, former)
}

func (o *owned) dropSchemas(ctx context.Context, schemas ...string) error {
	for _, schema := range schemas {
		err := o.patiently(ctx, migrationAttempts, func() error {
			_, err := o.conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{schema}.Sanitize()+" CASCADE")
			return err
		})
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "42501" {
			err = &foreignSchema{schema, err}
		}
		if err != nil {
			return fmt.Errorf("dropping the schema %s: %w", schema, err)
		}
	}
	return nil
}

// foreignSchema says that a name which a rebuild needs is taken by a schema that is not the owner's.
type foreignSchema struct {
	schema string
	err    error
}

func (e *foreignSchema) Error() string { return e.Message().EN }

func (e *foreignSchema) Unwrap() error { return e.err }

// Message is the error for people.
func (e *foreignSchema) Message() domain.Text {
	return domain.Text{
		ZH: fmt.Sprintf("模式 %s 由其他角色建立，重建须用此名：请以超级用户在该数据库运行 pgserver/roles.sql 将其删除，并查明何人所建（%v）", e.schema, e.err),
		EN: fmt.Sprintf("another role made the schema %s, whose name a rebuild needs: run pgserver/roles.sql there as a superuser, which drops it, and find out who made it (%v)", e.schema, e.err),
	}
}

// fillAndSwap brings the fresh tables up to the live ones' position, most of it while those go on, the rest while they wait.
func (o *owned) fillAndSwap(ctx context.Context, cfg Config) ([]projections.Difference, error) {
	live, err := liveSeq(ctx, o.conn)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, cfg, live); err != nil {
		return nil, err
	}
	var differences []projections.Difference
	err = o.patiently(ctx, migrationAttempts, func() error {
		return pgx.BeginFunc(ctx, o.conn, func(tx pgx.Tx) (err error) {
			// Whoever projects locks a row of the checkpoint first, so nothing is written while this lock is held, and everything
			// can be read. It is on the whole table, for then a projector that waits finds the new table behind its name.
			if _, err := tx.Exec(ctx, "LOCK TABLE checkpoint IN EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("stopping the projectors: %w", err)
			}
			if live, err = liveSeq(ctx, tx); err != nil {
				return err
			}
			if err := awake(ctx, tx, ownerStill/5, func(ctx context.Context) error { return fill(ctx, cfg, live) }); err != nil {
				return err
			}
			if differences, err = (agreement{tx: tx, kept: Schema, said: beside, most: maxCells}).withViews(ctx); err != nil {
				return err
			}
			return o.swap(ctx, tx)
		})
	})
	return differences, err
}

// swap puts the fresh tables in the live ones' place, and the analysts' views on them. Every question reads the checkpoint
// first: those under way end on the old tables, the next begin on the new ones. A verification takes minutes: it is waited for, a moment
// at a time, so that questions are answered in between.
func (o *owned) swap(ctx context.Context, tx pgx.Tx) error {
	err := o.patiently(ctx, 0, func() error {
		return pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "LOCK TABLE checkpoint IN ACCESS EXCLUSIVE MODE")
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("waiting for the questions under way: %w", err)
	}
	for _, rename := range [][2]string{{Schema, former}, {beside, Schema}} {
		if _, err := tx.Exec(ctx, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s", rename[0], rename[1])); err != nil {
			return fmt.Errorf("putting the new tables in place: %w", err)
		}
	}
	return install(ctx, tx)
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
