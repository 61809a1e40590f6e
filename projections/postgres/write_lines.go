package postgres

import (
	"context"

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
	if len(unknown) > 0 && int64(len(w.ids)) < next.lines { // else all lines are remembered, and these are new
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

func copyEvents(ctx context.Context, tx pgx.Tx, b *prepared, next *Checkpoint) error {
	moment, leaves := next.MomentNs, b.tree.leaves
	for i := range b.Events {
		next.MomentNs = max(next.MomentNs, b.Events[i].Recorded.UnixNano())
	}
	return stream(copyEventsSQL, b.Events, func(out *rows, e *projections.EventRow) {
		moment = max(moment, e.Recorded.UnixNano())
		addEvent(out, e, moment)
		out.bytes(leaves[0][:])
		leaves = leaves[1:]
		out.optional(e.Envelope.ActorFor)
	}).run(ctx, tx)
}

func addEvent(out *rows, e *projections.EventRow, moment int64) {
	envelope := &e.Envelope
	out.int64(int64(e.Seq))
	out.int64(e.Recorded.UnixNano())
	out.int64(moment)
	out.text(e.Subject)
	out.text(e.Event.Name())
	out.int16(envelope.Version)
	out.text(envelope.Command)
	out.text(envelope.CommandID)
	out.int32(envelope.Index)
	if envelope.CorrelationID == envelope.CommandID {
		out.null()
	} else {
		out.optional(envelope.CorrelationID)
	}
	out.text(envelope.Actor)
	out.text(envelope.Role)
	out.optional(envelope.Department)
	out.optional(envelope.ImportedBy)
	out.date(e.Date)
	if envelope.ClauseVersion == 0 {
		out.null()
	} else {
		out.int32(envelope.ClauseVersion)
	}
	kind, id := e.Event.Entity()
	out.text(kind)
	out.text(id)
	out.optional(string(e.Application))
	out.optional(string(e.Enterprise))
	out.optional(string(e.Clause))
	out.bytes(e.Data)
}

func copyJournal(ctx context.Context, tx pgx.Tx, b *projections.Batch, lines resolved) error {
	return stream(copyJournalSQL, b.Postings, func(out *rows, p *projections.Posting) {
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
	}).run(ctx, tx)
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
	if err := fresh.run(ctx, tx); err != nil {
		return err
	}
	args := []any{ids, seqs, counts}
	for _, sum := range sums {
		args = append(args, sum)
	}
	return changing(addToLinesSQL, len(ids), args...).run(ctx, tx)
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
