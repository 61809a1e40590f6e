package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

// nearRow is an account line, and of how many it is one.
type nearRow struct {
	projections.AccountRow
	All int
}

// nearest is the statement of the account lines, in another order.
func nearest(past bool, where string, values map[string]any) string {
	text := strings.NewReplacer("{where}", where, "{limit}", "").Replace(given(sources()[projections.Accounts.Source].of(past), values))
	return "SELECT " + columnsOf(projections.Accounts.List) + ", count(*) OVER () AS all FROM (\n" + text + `) r
ORDER BY r.cap + r.exceptions - r.judged NULLS LAST, r.judged DESC, ` + orderOf(projections.Accounts.List, "").text() + " LIMIT {limit_rows}"
}

// Nearest lists the account lines with the least left of their caps, however many are asked about: it goes through all of them. What is
// left is judged before any line is left out, and where no cap is stated the greatest use comes first. It takes the filters of
// [projections.Accounts].
func (q *Queries) Nearest(ctx context.Context, ask projections.Ask) (projections.Nearest, error) {
	var n projections.Nearest
	accounts := projections.Accounts.List
	values, err := accounts.Values(ask)
	if err != nil {
		return n, err
	}
	err = q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		m.fill(values, ask.Limit)
		values["limit_rows"] = projections.Limit(ask.Limit)
		statement := compose(nearest(m.past, conditions(accounts, values), values))
		found, err := tx.Query(ctx, statement.sql, statement.args(values)...)
		if err != nil {
			return err
		}
		rows, err := byName[nearRow](found)
		n.Seq = m.seq
		for _, row := range rows {
			n.Rows, n.All = append(n.Rows, row.AccountRow), row.All
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("asking for the accounts nearest to their caps: %w", err)
	}
	return n, nil
}
