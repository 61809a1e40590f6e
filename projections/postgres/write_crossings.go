package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	writeCrossingsSQL   = written("write_crossings", false)
	anyAppropriationSQL = statement("any_appropriation")
)

// moves are what a batch does to accounts and budgets, event by event: a row is one move.
type moves struct {
	accounts, budgets moveRows
	sets              bool // an appropriation is set, or carried over
}

// moveRows are columns of moves.
type moveRows struct {
	seqs                   []int64
	kinds, scopes, clauses []string
	years                  []int16
	used, room             []int64
	set                    []*int64 // the appropriation that the event sets
}

// movesOf collects the moves of a batch. An event that moves neither use nor room is not among them, though it may post much else.
func movesOf(b *projections.Batch) (m moves) {
	for _, p := range b.Postings {
		use, room := p.Moves()
		if use.IsZero() && room.IsZero() {
			continue
		}
		a := &m.accounts
		a.seqs, a.kinds, a.scopes = append(a.seqs, int64(p.Seq)), append(a.kinds, string(p.Line.Subject.Kind)), append(a.scopes, p.Line.Subject.ID)
		a.clauses, a.years = append(a.clauses, string(p.Line.Clause)), append(a.years, int16(p.Line.Year))
		a.used, a.room = append(a.used, use.Fen()), append(a.room, room.Fen())
	}
	for _, p := range b.BudgetMoves {
		g := &m.budgets
		g.seqs, g.kinds, g.scopes = append(g.seqs, int64(p.Seq)), append(g.kinds, string(p.Kind())), append(g.scopes, p.BudgetKey.Scope())
		g.clauses, g.years, g.used, g.room = append(g.clauses, string(p.Clause)), append(g.years, int16(p.Year)), append(g.used, p.Paid.Fen()), append(g.room, p.Carried.Fen())
		m.sets = m.sets || !p.Carried.IsZero()
		var set *int64
		if p.Set != nil {
			fen := p.Set.Fen()
			set, m.sets = &fen, true
		}
		g.set = append(g.set, set)
	}
	return m
}

// writeCrossings writes what the batch carries across a level. from is the latest moment of recording before the batch: the day of an
// event is that of the latest moment up to it, as answers as of the event have it.
func writeCrossings(ctx context.Context, tx pgx.Tx, b *prepared, from int64) error {
	days, texts := daysOf(b.Batch, from)
	dayOf := func(seqs []int64) []string {
		list := make([]string, len(seqs))
		for i, seq := range seqs {
			list[i] = texts[uint64(seq)-b.First]
		}
		return list
	}
	var amended []int64
	var clauses []string
	for _, a := range b.Amendments {
		if !a.EffectiveOn.After(days[a.Seq-b.First]) { // one that takes effect later tells with what next moves an account
			amended, clauses = append(amended, int64(a.Seq)), append(clauses, string(a.Clause))
		}
	}
	var joined []int64
	for _, j := range b.Joined {
		joined = append(joined, int64(j.Seq))
	}
	a, g := b.moves.accounts, b.moves.budgets
	if len(g.seqs) > 0 && !b.moves.sets {
		var set bool
		if err := tx.QueryRow(ctx, anyAppropriationSQL).Scan(&set); err != nil {
			return err
		}
		if !set { // nothing that is paid crosses anything
			g = moveRows{}
		}
	}
	if len(a.seqs)+len(g.seqs)+len(amended)+len(joined) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, writeCrossingsSQL, a.seqs, dayOf(a.seqs), a.kinds, a.scopes, a.clauses, a.years, a.used, a.room,
		amended, dayOf(amended), clauses, g.seqs, dayOf(g.seqs), g.kinds, g.scopes, g.clauses, g.years, g.used, g.room, g.set,
		joined, dayOf(joined), int64(b.First))
	return err
}

// daysOf are the days of recording of a batch's events, and how they are written.
func daysOf(b *projections.Batch, moment int64) (days []domain.Date, texts []string) {
	days, texts = make([]domain.Date, len(b.Events)), make([]string, len(b.Events))
	for i := range b.Events {
		moment = max(moment, b.Events[i].Recorded.UnixNano())
		days[i] = domain.DateIn(time.Unix(0, moment), domain.Shanghai)
		if i > 0 && days[i] == days[i-1] {
			texts[i] = texts[i-1]
		} else {
			texts[i] = days[i].String()
		}
	}
	return days, texts
}
