package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

var (
	copyEventsSQL  = statement("copy_events")
	copyJournalSQL = statement("copy_journal")
	copyLinesSQL   = statement("copy_lines")
	findLinesSQL   = statement("find_lines")
	addToLinesSQL  = statement("add_to_lines")
)

type lineID struct {
	key   projections.Line
	id    int64
	fresh bool
}

// resolved are the ids of a batch's lines, in the batch's order and by key.
type resolved struct {
	all []lineID
	ids map[projections.Line]int64
}

// resolve finds the ids of a batch's lines: those remembered, those in the tables, and new ones for new lines, in the order in
// which the lines first appear.
func (w *writer) resolve(ctx context.Context, tx pgx.Tx, b *projections.Batch, next *Checkpoint) (resolved, error) {
	r := resolved{all: make([]lineID, len(b.Lines.Order)), ids: make(map[projections.Line]int64, len(b.Lines.Order))}
	var unknown []int
	for i, change := range b.Lines.Order {
		id, ok := w.ids[change.Line]
		r.all[i] = lineID{key: change.Line, id: id}
		if !ok {
			unknown = append(unknown, i)
		}
	}
	if len(unknown) > 0 && next.lines > 0 {
		if err := r.find(ctx, tx, unknown); err != nil {
			return r, err
		}
	}
	for i := range r.all {
		line := &r.all[i]
		if line.id == 0 {
			next.lines++
			line.id, line.fresh = next.lines, true
		}
		r.ids[line.key] = line.id
	}
	return r, nil
}

func (r *resolved) find(ctx context.Context, tx pgx.Tx, unknown []int) error {
	var keys struct {
		enterprises, clauses, kinds, subjects []string
		years                                 []int16
	}
	for _, i := range unknown {
		key := r.all[i].key
		keys.enterprises = append(keys.enterprises, string(key.Enterprise))
		keys.clauses = append(keys.clauses, string(key.Clause))
		keys.years = append(keys.years, int16(key.Year))
		keys.kinds = append(keys.kinds, string(key.Subject.Kind))
		keys.subjects = append(keys.subjects, key.Subject.ID)
	}
	found, err := tx.Query(ctx, findLinesSQL, keys.enterprises, keys.clauses, keys.years, keys.kinds, keys.subjects)
	if err != nil {
		return err
	}
	var place, id int64
	_, err = pgx.ForEachRow(found, []any{&place, &id}, func() error {
		r.all[unknown[place-1]].id = id
		return nil
	})
	return err
}

func copyEvents(ctx context.Context, tx pgx.Tx, b *projections.Batch, next *Checkpoint) error {
	out := newRows(copyEventsSQL)
	out.buf = slices.Grow(out.buf, 700*len(b.Events))
	for i := range b.Events {
		e := &b.Events[i]
		recorded := e.Recorded.UnixNano()
		next.MomentNs = max(next.MomentNs, recorded)
		out.next()
		out.int64(int64(e.Seq))
		out.int64(recorded)
		out.int64(next.MomentNs)
		out.text(e.Subject)
		out.text(e.Event.Name())
		out.int16(e.Envelope.Version)
		out.text(e.Envelope.Command)
		out.text(e.Envelope.CommandID)
		out.int32(e.Envelope.Index)
		if e.Envelope.CorrelationID == e.Envelope.CommandID {
			out.null()
		} else {
			out.optional(e.Envelope.CorrelationID)
		}
		out.text(e.Envelope.Actor)
		out.text(e.Envelope.Role)
		out.optional(e.Envelope.Department)
		out.optional(e.Envelope.ImportedBy)
		out.date(e.Date)
		if e.Envelope.ClauseVersion == 0 {
			out.null()
		} else {
			out.int32(e.Envelope.ClauseVersion)
		}
		kind, id := e.Event.Entity()
		out.text(kind)
		out.text(id)
		out.optional(string(e.Application))
		out.optional(string(e.Enterprise))
		out.optional(string(e.Clause))
		out.bytes(e.Data)
	}
	return out.copy(ctx, tx)
}

func copyJournal(ctx context.Context, tx pgx.Tx, b *projections.Batch, lines resolved) error {
	out := newRows(copyJournalSQL)
	out.buf = slices.Grow(out.buf, 160*len(b.Postings))
	for i := range b.Postings {
		p := &b.Postings[i]
		out.next()
		out.int64(int64(p.Seq))
		out.int16(p.N)
		out.int64(lines.ids[p.Line])
		out.text(p.Kind.String())
		out.int16(p.Count)
		out.money(p.Amount)
		out.date(p.Date)
		if p.BudgetYear == 0 {
			out.null()
		} else {
			out.int16(p.BudgetYear)
		}
		out.optional(string(p.Via))
		out.optional(string(p.Application))
		out.optional(p.Ref)
	}
	return out.copy(ctx, tx)
}

// writeLines makes the new lines and adds to the others.
func writeLines(ctx context.Context, tx pgx.Tx, b *projections.Batch, lines resolved) error {
	fresh := newRows(copyLinesSQL)
	var ids, seqs, counts []int64
	sums := make([][]int64, len(projections.Kinds()))
	for i, change := range b.Lines.Order {
		if lines.all[i].fresh {
			addLine(fresh, lines.all[i].id, change)
			continue
		}
		ids, seqs, counts = append(ids, lines.all[i].id), append(seqs, int64(change.LastSeq)), append(counts, change.Figures.Applications)
		for k := range sums {
			sums[k] = append(sums[k], change.Figures.Amounts[k].Fen())
		}
	}
	if err := fresh.copy(ctx, tx); err != nil {
		return err
	}
	args := []any{ids, seqs, counts}
	for _, sum := range sums {
		args = append(args, sum)
	}
	return change(ctx, tx, addToLinesSQL, len(ids), args...)
}

func addLine(out *rows, id int64, c *projections.LineChange) {
	out.next()
	out.int64(id)
	out.text(string(c.Line.Enterprise))
	out.text(string(c.Line.Clause))
	out.text(string(c.Line.Subject.Kind))
	out.text(c.Line.Subject.ID)
	out.int16(int(c.Line.Year))
	out.int64(int64(c.FirstSeq))
	out.int64(int64(c.LastSeq))
	out.int64(c.Figures.Applications)
	for _, amount := range c.Figures.Amounts {
		out.money(amount)
	}
}

// change runs a statement that must change n rows, where there are any: an event that changes what the tables do not hold cannot be
// projected.
func change(ctx context.Context, tx pgx.Tx, sql string, n int, args ...any) error {
	if n == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return err
	}
	if tag.RowsAffected() != int64(n) {
		return fmt.Errorf("%d rows were to be changed, and %d are there: %w", n, tag.RowsAffected(), ErrInconsistent)
	}
	return nil
}
