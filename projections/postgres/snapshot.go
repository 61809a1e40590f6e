package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
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
		return nil, fmt.Errorf("reading the tree's leaves: %w", err)
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
		return hash, fmt.Errorf("reading the tree's node %d of level %d: %w", index, level, err)
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
	tx       pgx.Tx
	position uint64
}

// Snapshot begins a snapshot.
func (q *Queries) Snapshot(ctx context.Context) (*Snapshot, error) {
	tx, err := q.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("beginning a snapshot: %w", err)
	}
	s := &Snapshot{tx: tx}
	c, err := scanCheckpoint(tx.QueryRow(ctx, readCheckpoint))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		s.Close()
		return nil, fmt.Errorf("reading the checkpoint: %w", err)
	}
	if err == nil {
		s.position = c.Seq
	}
	return s, nil
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

// Events are the rows of the events from one position to another, both included, in order.
func (s *Snapshot) Events(ctx context.Context, from, to uint64) ([]projections.KeptEvent, error) {
	rows, err := s.tx.Query(ctx, "SELECT seq, recorded_ns, subject, data::text FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq", int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e projections.KeptEvent, err error) {
		var seq, ns int64
		err = row.Scan(&seq, &ns, &e.Subject, (*bytesOfText)(&e.Data))
		e.Seq, e.Recorded = uint64(seq), time.Unix(0, ns).UTC()
		return e, err
	})
}

// bytesOfText reads a text as its bytes.
type bytesOfText []byte

// Scan implements [database/sql.Scanner].
func (b *bytesOfText) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%T is no text", value)
	}
	*b = []byte(text)
	return nil
}

const (
	postingsSQL = `SELECT j.seq, j.n, l.enterprise, l.clause, l.subject_kind, l.subject, l.support_year, coalesce(j.via, ''), j.kind::text, j.count, j.amount,
    coalesce(j.application, ''), coalesce(j.ref, ''), j.business_date, coalesce(j.budget_year, 0)
FROM journal j LEFT JOIN lines l ON l.id = j.line WHERE j.seq BETWEEN $1 AND $2 ORDER BY j.seq, j.n`
	sumsSQL = `SELECT enterprise, clause, subject_kind, subject, support_year, applications, requested, approved, outside, paid, returned,
    clawback_ordered, clawback_waived, recovered_error, recovered_breach, interest, exceptions, received_beyond FROM lines`
)

// Journal are the postings of the events from one position to another, both included, by sequence and place. A posting whose line
// is not there has none.
func (s *Snapshot) Journal(ctx context.Context, from, to uint64) ([]projections.Posting, error) {
	rows, err := s.tx.Query(ctx, postingsSQL, int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p projections.Posting, err error) {
		var seq, count int64
		var n, budget int
		var kind string
		var enterprise, clause, subjectKind, subject *string
		var year *int16
		err = row.Scan(&seq, &n, &enterprise, &clause, &subjectKind, &subject, &year, &p.Via, &kind, &count, (*money)(&p.Amount), &p.Application, &p.Ref, (*date)(&p.Date), &budget)
		if err != nil {
			return p, err
		}
		p.Seq, p.N, p.Count, p.BudgetYear = uint64(seq), n, int(count), budget
		if enterprise != nil {
			p.Line = projections.Line{Enterprise: domain.EnterpriseID(*enterprise), Clause: domain.ClauseID(*clause),
				Subject: domain.Subject{Kind: domain.SubjectKind(*subjectKind), ID: *subject}, Year: domain.SupportYear(*year)}
		}
		i := slices.IndexFunc(projections.Kinds(), func(k projections.Kind) bool { return k.String() == kind })
		if i < 0 {
			return p, fmt.Errorf("%q is no kind of posting: %w", kind, ErrInconsistent)
		}
		p.Kind = projections.Kinds()[i]
		return p, nil
	})
}

// Lines hands over every line with its sums.
func (s *Snapshot) Lines(ctx context.Context, fn func(projections.Line, projections.Figures) error) error {
	rows, err := s.tx.Query(ctx, sumsSQL)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var l projections.Line
		var f projections.Figures
		var year int16
		into := []any{&l.Enterprise, &l.Clause, &l.Subject.Kind, &l.Subject.ID, &year, &f.Applications}
		for k := range f.Amounts {
			into = append(into, (*money)(&f.Amounts[k]))
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		l.Year = domain.SupportYear(year)
		if err := fn(l, f); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Accounts hands over every account line as it is answered on a day.
func (s *Snapshot) Accounts(ctx context.Context, on domain.Date, fn func(projections.AccountRow) error) error {
	m := moment{seq: s.position, day: on}
	ask := projections.Ask{Limit: projections.MaxLimit}
	for {
		p, err := pageOf(ctx, s.tx, m, projections.Accounts.List, ask, map[string]any{})
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
