package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// Readers is the role that analysts are members of: it may read the views of schema analyst, and nothing else.
const Readers = "fundledger_readers"

// analysts is the schema of the views.
const analysts = "analyst"

// viewSQL is what a view of the analysts shows: the same statement that answers the list about the present, so that they cannot differ.
// Where that would tell analysts what they are not told, it is a statement of its own.
func viewSQL(l *projections.List) string {
	if l.Shown != "" {
		return replaced(written(l.Shown, false), ofNow)
	}
	return replaced(whole(l, false), ofNow)
}

// viewsSQL makes all views.
var viewsSQL = sync.OnceValue(func() string {
	var b strings.Builder
	b.WriteString("CREATE SCHEMA IF NOT EXISTS analyst;\n")
	for _, l := range viewed() {
		fmt.Fprintf(&b, "CREATE VIEW analyst.%s AS\n%s;\n", viewName(l), viewSQL(l))
	}
	return b.String()
})

// ofNow is a parameter of a view: nothing is narrowed, and the moment is now.
func ofNow(name string) string {
	switch name {
	case "at_seq":
		return "(SELECT seq FROM checkpoint)"
	case "at_day":
		return "(now() AT TIME ZONE 'Asia/Shanghai')"
	case "days_off":
		return "'" + daysText(policies.Chinese().Off()) + "'"
	case "days_worked":
		return "'" + daysText(policies.Chinese().Worked()) + "'"
	}
	return "NULL"
}

// viewed are the lists that analysts have a view of.
func viewed() []*projections.List {
	var list []*projections.List
	for _, l := range projections.Lists() {
		if l.Meaning != (domain.Text{}) {
			list = append(list, l)
		}
	}
	return list
}

func viewName(l *projections.List) string { return "v_" + l.Name }

// installViews makes the analysts' views of the tables in the connection's schema, with comments on every view and column.
func installViews(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+analysts); err != nil {
		return fmt.Errorf("making the schema of the analysts' views: %w", err)
	}
	for _, l := range viewed() {
		if err := installView(ctx, tx, "analyst."+viewName(l), viewSQL(l)); err != nil {
			return fmt.Errorf("making the analysts' view %s: %w", viewName(l), err)
		}
	}
	var comments strings.Builder
	for _, l := range viewed() {
		fmt.Fprintf(&comments, "COMMENT ON VIEW analyst.%s IS %s;\n", viewName(l), comment(l.Meaning))
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

// otherColumns is what PostgreSQL says where a view that is there has other columns than the one that is to take its place.
const otherColumns = "42P16"

// installView puts a view in the place of the one that is there. What stands on it stays, unless a column was renamed or taken away.
func installView(ctx context.Context, tx pgx.Tx, name, shows string) error {
	err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
		_, err := inner.Exec(ctx, fmt.Sprintf("CREATE OR REPLACE VIEW %s AS\n%s", name, shows))
		return err
	})
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != otherColumns {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("DROP VIEW %s CASCADE;\nCREATE VIEW %s AS\n%s", name, name, shows))
	return err
}

// viewColumn is a column that analysts see.
type viewColumn struct{ View, Column, Type string }

const viewListSQL = `SELECT table_name::text AS view, column_name::text AS column, data_type::text AS type FROM information_schema.columns
WHERE table_schema = 'analyst' ORDER BY table_name, ordinal_position`

func listColumns(ctx context.Context, on asker) ([]viewColumn, error) {
	rows, err := on.Query(ctx, viewListSQL)
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' columns: %w", err)
	}
	columns, err := byName[viewColumn](rows)
	if err != nil {
		return nil, fmt.Errorf("listing the analysts' columns: %w", err)
	}
	return columns, nil
}

// viewColumns are the columns, each of which has its meaning in the dictionary.
func viewColumns(ctx context.Context, on asker) ([]viewColumn, error) {
	columns, err := listColumns(ctx, on)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		if !words.HasColumn(c.Column) {
			return nil, fmt.Errorf("the analysts' column %s.%s has no meaning in the dictionary", c.View, c.Column)
		}
	}
	return columns, nil
}

// Views are the analysts' views as they are in the database, with what each shows and each column holds, by name.
func (q *Queries) Views(ctx context.Context) ([]projections.View, error) {
	columns, err := viewColumns(ctx, q.pool)
	if err != nil {
		return nil, err
	}
	meanings := map[string]domain.Text{}
	for _, l := range viewed() {
		meanings[viewName(l)] = l.Meaning
	}
	var views []projections.View
	for _, c := range columns {
		if len(views) == 0 || views[len(views)-1].Name != c.View {
			views = append(views, projections.View{Name: c.View, Meaning: meanings[c.View]})
		}
		last := &views[len(views)-1]
		last.Columns = append(last.Columns, projections.ViewColumn{Name: c.Column, Type: c.Type, Meaning: words.Column(c.Column).Meaning})
	}
	return views, nil
}

// comment is a text as SQL quotes it, Chinese before English.
func comment(text domain.Text) string {
	return "'" + strings.ReplaceAll(text.ZH+" / "+text.EN, "'", "''") + "'"
}
