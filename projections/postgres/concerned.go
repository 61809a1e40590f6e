package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	concernedSQL      = compose(statement("concerned"))
	concernedLinesSQL = compose(statement("concerned_lines"))
)

// postingsPerEvent is how many postings one event has at most on the lines that are asked for, so that no more are read than
// tell whether too many events are meant.
const postingsPerEvent = 64

// Concerned lists the sequences of the events that bear on something, ascending, as far as they are projected:
// [projections.ErrTooMany] where they are more than the limit, [projections.ErrNotYet] where Upto is not projected.
func (q *Queries) Concerned(ctx context.Context, ask projections.Concern) ([]uint64, error) {
	var seqs []uint64
	err := q.read(ctx, projections.AsOf{Seq: ask.Upto}, domain.Date{}, func(tx pgx.Tx, m moment) error {
		values := map[string]any{"at_seq": int64(m.seq), "limit_rows": ask.Limit + 1, "limit_postings": (ask.Limit + 1) * postingsPerEvent, "lines": ask.Lines != nil,
			"policy_published": domain.PolicyPublished{}.Name(), "policy_amended": domain.PolicyAmended{}.Name(), "clause_amended": domain.ClauseAmended{}.Name(),
			"appropriation_set": domain.AppropriationSet{}.Name()}
		filter(values, "application", string(ask.Application))
		filter(values, "enterprise", string(ask.Enterprise))
		filter(values, "budget_year", ask.Budget)
		if l := ask.Lines; l != nil {
			filter(values, "line_enterprise", string(l.Enterprise))
			filter(values, "line_clause", string(l.Clause))
			filter(values, "line_kind", string(l.SubjectKind))
			filter(values, "line_subject", l.Subject)
			filter(values, "line_year", int(l.Year))
		}
		if l := ask.Lines; l != nil && l.Enterprise == "" && l.Subject == "" && ask.MostLines > 0 {
			values["limit_lines"] = ask.MostLines + 1
			var lines int
			if err := tx.QueryRow(ctx, concernedLinesSQL.sql, concernedLinesSQL.args(values)...).Scan(&lines); err != nil {
				return err
			}
			if lines > ask.MostLines {
				return projections.ErrTooMany
			}
		}
		found, err := tx.Query(ctx, concernedSQL.sql, concernedSQL.args(values)...)
		if err != nil {
			return err
		}
		seqs, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (uint64, error) {
			var seq int64
			err := row.Scan(&seq)
			return uint64(seq), err
		})
		return err
	})
	if err == nil && len(seqs) > ask.Limit {
		err = projections.ErrTooMany
	}
	if err != nil {
		return nil, fmt.Errorf("asking which events bear on it: %w", err)
	}
	return seqs, nil
}
