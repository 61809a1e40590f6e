package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

const viewListSQL = `SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
WHERE table_schema = 'analyst' ORDER BY table_name, ordinal_position`

// Views are the analysts' views as they are in the database, with what each shows and each column holds, by name.
func (q *Queries) Views(ctx context.Context) ([]projections.View, error) {
	rows, err := q.pool.Query(ctx, viewListSQL)
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' views: %w", err)
	}
	var views []projections.View
	var view, column, kind string
	_, err = pgx.ForEachRow(rows, []any{&view, &column, &kind}, func() error {
		if len(views) == 0 || views[len(views)-1].Name != view {
			views = append(views, projections.View{Name: view, Meaning: viewMeanings[view]})
		}
		last := &views[len(views)-1]
		last.Columns = append(last.Columns, projections.ViewColumn{Name: column, Type: kind, Meaning: words.Column(column).Meaning})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' views: %w", err)
	}
	return views, nil
}
