package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

// effect is a statement with everything that it needs, to be run in any transaction.
type effect interface {
	run(ctx context.Context, tx pgx.Tx) error
}

// prepared is a batch with the statements that do not depend on what is in the tables. They are made while the batch before is
// being written.
type prepared struct {
	*projections.Batch
	tree    growth
	parts   []part
	moves   moves
	parents []string // the traces that its events were decided in
}

// part is what is written of one kind of thing.
type part struct {
	what    string
	effects []effect
}

func prepare(b *projections.Batch, tree growth) (*prepared, error) {
	applications, err := applicationEffects(b)
	if err != nil {
		return nil, err
	}
	payouts, err := payoutEffects(b)
	if err != nil {
		return nil, err
	}
	recoveries, err := recoveryEffects(b)
	if err != nil {
		return nil, err
	}
	return &prepared{Batch: b, tree: tree, moves: movesOf(b), parts: []part{
		{"tree", tree.effects()},
		{"enterprises", enterpriseEffects(b)},
		{"budgets", budgetEffects(b)},
		{"applications", applications},
		{"instalments", instalmentEffects(b)},
		{"payouts", payouts},
		{"clawbacks", clawbackEffects(b)},
		{"recoveries", recoveries},
		{"exceptions", exceptionEffects(b)},
		{"plans", planEffects(b)},
		{"facts", factEffects(b)},
		{"repayments", repaymentEffects(b)},
		{"findings", findingEffects(b)},
	}}, nil
}

func (p part) run(ctx context.Context, tx pgx.Tx) error {
	for _, e := range p.effects {
		if err := e.run(ctx, tx); err != nil {
			return fmt.Errorf("writing the %s: %w", p.what, err)
		}
	}
	return nil
}

// change is a statement that changes n rows.
type change struct {
	sql   string
	n     int
	args  []any
	makes bool // it makes the rows that are not there
}

// changing is a statement that must change n rows, each of which is there: an event that changes what the tables do not hold
// cannot be projected.
func changing(sql string, n int, args ...any) *change { return &change{sql: sql, n: n, args: args} }

func (c *change) run(ctx context.Context, tx pgx.Tx) error {
	if c.n == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, c.sql, c.args...)
	if err != nil {
		return err
	}
	if !c.makes && tag.RowsAffected() != int64(c.n) {
		return fmt.Errorf("%d rows were to be changed, and %d are there: %w", c.n, tag.RowsAffected(), ErrInconsistent)
	}
	return nil
}
