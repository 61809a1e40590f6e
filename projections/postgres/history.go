package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

var historySQL = compose(statement("history"), nil)

// History lists the events of an application, or of an enterprise, in the order of the log.
func (q *Queries) History(ctx context.Context, ask projections.HistoryQuery) (projections.Page[projections.HistoryRow], error) {
	var p projections.Page[projections.HistoryRow]
	err := q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		values := m.values(ask.Limit)
		filter(values, "application", string(ask.Application))
		filter(values, "enterprise", string(ask.Enterprise))
		if err := after(values, ask.Cursor, int64(0)); err != nil {
			return err
		}
		found, err := tx.Query(ctx, historySQL.sql, historySQL.args(values)...)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, scanHistory)
		p = page(rows, ask.Limit, m.seq, func(r projections.HistoryRow) string { return cursor(r.Seq) })
		return err
	})
	if err != nil {
		return p, fmt.Errorf("asking for the history: %w", err)
	}
	return p, nil
}

func scanHistory(row pgx.CollectableRow) (projections.HistoryRow, error) {
	var r projections.HistoryRow
	var seq, ns int64
	var kind string
	var version int
	err := row.Scan(&seq, &ns, &kind, &version, &r.Command, &r.CommandID, &r.Actor, &r.Role, &r.Department, &r.ImportedBy, (*date)(&r.BusinessDate),
		&r.ClauseVersion, &r.Application, &r.Enterprise, &r.Clause, &r.Data)
	if err != nil {
		return r, err
	}
	r.Seq, r.RecordedAt = uint64(seq), time.Unix(0, ns).UTC()
	if r.Event, err = wire.DecodeEvent(wire.EventType(kind), version, []byte(r.Data)); err != nil {
		return r, fmt.Errorf("reading event %d: %w", seq, err)
	}
	r.EventType = r.Event.Name()
	return r, nil
}
