package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	paidSQL       = compose(statement("paid"))
	paidNamesSQL  = compose(statement("paid_names"))
	paidStatedSQL = compose(statement("paid_stated"))
)

// Paid lists the payouts up to an event, in the order of the log: [projections.ErrNotYet] where that is not projected, [projections.ErrTooMany] where
// they are more than the most.
func (q *Queries) Paid(ctx context.Context, upto uint64, most int) (paid []projections.PaidRow, err error) {
	err = q.read(ctx, projections.AsOf{Seq: upto}, domain.Date{}, func(tx pgx.Tx, m moment) error {
		paid, err = manyOf[projections.PaidRow](ctx, tx, paidSQL, map[string]any{"at_seq": int64(m.seq)}, most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the payouts: %w", err)
	}
	return paid, nil
}

// Payments lists what was paid and what the treasury's payment files say of it, of one position: [projections.ErrTooMany] where payouts or lines are
// more than the most.
func (q *Queries) Payments(ctx context.Context, most int) (p projections.Payments, err error) {
	err = q.read(ctx, projections.AsOf{}, domain.Date{}, func(tx pgx.Tx, m moment) error {
		values := map[string]any{"at_seq": int64(m.seq), "recorded": domain.TreasuryPaymentRecorded{}.Name(), "voided": domain.TreasuryPaymentVoided{}.Name()}
		if p.Paid, err = manyOf[projections.PaidRow](ctx, tx, paidSQL, values, most); err != nil {
			return err
		}
		if p.Stated, err = manyOf[projections.StatedRow](ctx, tx, paidStatedSQL, values, 2*most); err != nil { // a line may be voided and recorded again
			return err
		}
		names, err := tx.Query(ctx, paidNamesSQL.sql)
		if err != nil {
			return err
		}
		p.Names, err = byName[projections.NamedRow](names)
		return err
	})
	if err != nil {
		return projections.Payments{}, fmt.Errorf("listing what was paid: %w", err)
	}
	return p, nil
}

// manyOf are the rows of a statement, which are no more than the most.
func manyOf[T any](ctx context.Context, tx pgx.Tx, q query, values map[string]any, most int) ([]T, error) {
	values["limit_rows"] = int64(most) + 1
	found, err := tx.Query(ctx, q.sql, q.args(values)...)
	if err != nil {
		return nil, err
	}
	rows, err := byName[T](found)
	if err == nil && len(rows) > most {
		err = projections.ErrTooMany
	}
	return rows, err
}
