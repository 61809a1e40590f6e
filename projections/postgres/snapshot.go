package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
)

// asker is a connection, a pool or a transaction.
type asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Hashes are the log's tree as it is kept: the leaves beside the events, and the whole subtrees from 2^8 leaves up. What is not
// there, or is no hash, is [eventstore.ErrNotFound].
type Hashes struct{ from asker }

// Hashes reads the tree as it is at the moment of each question.
func (q *Queries) Hashes() Hashes { return Hashes{q.pool} }

// Leaves gives the hashes of the leaves from one index on up to another, that one excluded: leaf n is the event of sequence n+1.
func (h Hashes) Leaves(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	rows, err := h.from.Query(ctx, "SELECT leaf FROM events WHERE seq > $1 AND seq <= $2 ORDER BY seq", from, to)
	if err != nil {
		return nil, unanswered(ctx, fmt.Errorf("reading the tree's leaves: %w", err))
	}
	leaves, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hash tlog.Hash, err error) {
		var leaf []byte
		if err := row.Scan(&leaf); err != nil {
			return hash, err
		}
		return hashOf(leaf)
	})
	if err == nil && int64(len(leaves)) != to-from {
		err = fmt.Errorf("%d leaves are kept of %d: %w", len(leaves), to-from, eventstore.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the tree's leaves %d to %d: %w", from, to-1, err)
	}
	return leaves, nil
}

// Node gives the hash of a whole subtree of 2^level leaves, the index-th of its kind from 0.
func (h Hashes) Node(ctx context.Context, level int, index int64) (tlog.Hash, error) {
	var node []byte
	err := h.from.QueryRow(ctx, "SELECT hash FROM tree_nodes WHERE level = $1 AND index = $2", level, index).Scan(&node)
	if errors.Is(err, pgx.ErrNoRows) {
		err = eventstore.ErrNotFound
	}
	var hash tlog.Hash
	if err == nil {
		hash, err = hashOf(node)
	}
	if err != nil {
		return hash, unanswered(ctx, fmt.Errorf("reading the tree's node %d of level %d: %w", index, level, err))
	}
	return hash, nil
}

func hashOf(kept []byte) (hash tlog.Hash, err error) {
	if copy(hash[:], kept) != len(hash) || len(kept) != len(hash) {
		return hash, fmt.Errorf("%d bytes are no hash: %w", len(kept), ErrInconsistent)
	}
	return hash, nil
}

// Snapshot is everything that is kept at one position, however long it is read. It is one goroutine's at a time; Close ends it.
type Snapshot struct {
	pool     *pgxpool.Pool
	tx       pgx.Tx
	log      Log
	found    bool // there is a checkpoint
	position uint64
}

// Snapshot begins a snapshot of the tables, which should be of a log.
func (q *Queries) Snapshot(ctx context.Context, log Log) (*Snapshot, error) {
	tables, err := catalogue(ctx, q.pool, Schema)
	if err != nil {
		return nil, unanswered(ctx, fmt.Errorf("beginning a snapshot: %w", err))
	}
	tx, err := q.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, unanswered(ctx, fmt.Errorf("beginning a snapshot: %w", err))
	}
	s := &Snapshot{pool: q.pool, tx: tx, log: log}
	if err := s.hold(ctx, slices.Sorted(maps.Keys(tables))); err != nil {
		s.Close()
		return nil, err
	}
	c, err := scanCheckpoint(tx.QueryRow(ctx, readCheckpoint))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		s.Close()
		return nil, fmt.Errorf("reading the checkpoint: %w", err)
	}
	s.found, s.position = err == nil, c.Seq
	return s, nil
}

// hold keeps every table as it is made until the snapshot ends: one that a migration wrote anew would seem empty to it. The locks
// come first, for they take no snapshot yet.
func (s *Snapshot) hold(ctx context.Context, tables []string) error {
	if _, err := s.tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = "+idleMost(snapshotStill)); err != nil {
		return fmt.Errorf("holding the tables: %w", err)
	}
	if len(tables) == 0 {
		return nil
	}
	for i, name := range tables {
		tables[i] = pgx.Identifier{Schema, name}.Sanitize()
	}
	if _, err := s.tx.Exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS SHARE MODE"); err != nil {
		return fmt.Errorf("holding the tables: %w", err)
	}
	return nil
}

// Close ends the snapshot; without it PostgreSQL keeps what was changed since.
func (s *Snapshot) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.tx.Rollback(ctx) // it has read only: there is nothing to lose
}

// Position is the last event that was projected.
func (s *Snapshot) Position(context.Context) (uint64, error) { return s.position, nil }

// Hashes are the tree as it is in the snapshot.
func (s *Snapshot) Hashes() Hashes { return Hashes{s.tx} }

// Accounts hands over every account line as it is answered on a day.
func (s *Snapshot) Accounts(ctx context.Context, on domain.Date, fn func(projections.AccountRow) error) error {
	m := moment{seq: s.position, day: on}
	ask := projections.Ask{Limit: projections.MaxLimit}
	for {
		p, err := pageOf(ctx, s.tx, m, projections.Accounts.List, orderOf(projections.Accounts.List, ask.Sort), ask, map[string]any{})
		if err != nil {
			return err
		}
		for _, row := range p.Rows {
			if err := fn(row.(projections.AccountRow)); err != nil {
				return err
			}
		}
		if ask.Cursor = p.Next; ask.Cursor == "" {
			return nil
		}
	}
}
