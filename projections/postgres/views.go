package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Readers is the role that analysts are members of: it may read the views of schema analyst, and nothing else.
const Readers = "fundledger_readers"

// viewsSQL makes the views from the same statements that answer questions about the present, so that they cannot differ.
var viewsSQL = func() string {
	files := map[string]string{"caps": statement("caps"), "filter": "", "limit": "", "lines": "lines", "seq": "(SELECT seq FROM checkpoint)",
		"day": "(now() AT TIME ZONE 'Asia/Shanghai')::date", "on": "NULL::date"}
	maps.Copy(files, accountsInOrder)
	files["totals"], files["accounts"] = compose(statement("totals"), files).sql, compose(statement("accounts"), files).sql
	return compose(statement("views"), files).sql
}()

// installViews makes the analysts' views of the tables in the connection's schema, with comments on every view and
// column. Sessions that do it at once wait for each other.
func installViews(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext('fundledger analyst views'))"); err != nil {
		return fmt.Errorf("waiting for the analysts' views: %w", err)
	}
	if _, err := tx.Exec(ctx, viewsSQL); err != nil {
		return fmt.Errorf("making the analysts' views: %w", err)
	}
	var comments strings.Builder
	for _, view := range slices.Sorted(maps.Keys(viewMeanings)) {
		fmt.Fprintf(&comments, "COMMENT ON VIEW analyst.%s IS %s;\n", view, comment(viewMeanings[view]))
	}
	columns, err := viewColumns(ctx, tx)
	if err != nil {
		return err
	}
	for _, c := range columns {
		fmt.Fprintf(&comments, "COMMENT ON COLUMN analyst.%s.%s IS %s;\n", c.View, pgx.Identifier{c.Column}.Sanitize(), comment(words.Column(c.Column).Meaning))
	}
	if _, err := tx.Exec(ctx, comments.String()); err != nil {
		return fmt.Errorf("commenting the analysts' views: %w", err)
	}
	return nil
}

// viewColumn is a column that analysts see.
type viewColumn struct{ View, Column string }

func viewColumns(ctx context.Context, tx pgx.Tx) ([]viewColumn, error) {
	rows, err := tx.Query(ctx, "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'analyst' ORDER BY table_name, ordinal_position")
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' columns: %w", err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[viewColumn])
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' columns: %w", err)
	}
	for _, c := range columns {
		if _, known := viewMeanings[c.View]; !known || !words.HasColumn(c.Column) {
			return nil, fmt.Errorf("the analysts' column %s.%s has no meaning in the dictionary", c.View, c.Column)
		}
	}
	return columns, nil
}

// comment is a text as SQL quotes it, Chinese before English.
func comment(text domain.Text) string {
	return "'" + strings.ReplaceAll(text.ZH+" / "+text.EN, "'", "''") + "'"
}
