package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

// notOfTheLog is what of the schema no event says, and why it is not compared. Everything else is, whatever it is called.
var notOfTheLog = map[string]string{
	"goose_db_version":      "the migrations' own book; the version in it is checked instead",
	"checkpoint.generation": "drawn by lot for each set of tables",
}

// maxCells is how many cells of a table are listed.
const maxCells = 20

// agreement compares two schemas in one transaction: the kept tables with those that the log makes.
type agreement struct {
	tx         pgx.Tx
	kept, said string // the schemas
	most       int    // cells listed of a table
}

// column is a column as the database's own catalogue describes it.
type column struct {
	Table, Kind, Name, Type string
	Base                    string // the type alone, "enum" for one of the schema's own
	Foreign                 bool   // its type is of the schema itself, so it is compared as text
	Key                     int    // its place in the primary key, from 1; 0: none
	Generated               bool
}

// catalogueSQL lists every column of everything in a schema that can be read like a table.
const catalogueSQL = `SELECT c.relname::text, c.relkind::text, a.attname::text,
    CASE WHEN tn.nspname = 'pg_catalog' THEN format_type(a.atttypid, a.atttypmod) ELSE t.typname::text END
        || CASE WHEN a.attcollation IN (0, t.typcollation) THEN '' ELSE ' ' || (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(' = ' || pg_get_expr(d.adbin, d.adrelid), ''),
    CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(a.atttypid, NULL) END, tn.nspname <> 'pg_catalog', coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0), a.attgenerated <> ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname COLLATE "C", a.attnum`

// catalogue is every table of a schema by name, with its columns in their order.
func catalogue(ctx context.Context, from asker, schema string) (map[string][]column, error) {
	rows, err := from.Query(ctx, catalogueSQL, schema)
	if err != nil {
		return nil, fmt.Errorf("listing the tables of %s: %w", schema, err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		return nil, fmt.Errorf("listing the tables of %s: %w", schema, err)
	}
	tables := map[string][]column{}
	for _, c := range columns {
		if notOfTheLog[c.Table] == "" && notOfTheLog[c.Table+"."+c.Name] == "" {
			tables[c.Table] = append(tables[c.Table], c)
		}
	}
	return tables, nil
}

// mergeJoins lets PostgreSQL walk both tables side by side in the order of their keys, so that neither is held in memory.
const mergeJoins = `SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = on; SET LOCAL enable_seqscan = on;
SET LOCAL plan_cache_mode = auto`

// compare compares everything. It lists every table of either schema, and every view of the analysts, by name.
func (a agreement) compare(ctx context.Context) ([]projections.Difference, error) {
	if _, err := a.tx.Exec(ctx, mergeJoins); err != nil {
		return nil, fmt.Errorf("preparing to compare: %w", err)
	}
	kept, err := catalogue(ctx, a.tx, a.kept)
	if err != nil {
		return nil, err
	}
	said, err := catalogue(ctx, a.tx, a.said)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(kept))
	for name := range said {
		if kept[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	differences := make([]projections.Difference, 0, len(names))
	for _, name := range names {
		d, err := a.table(ctx, name, kept[name], said[name])
		if err != nil {
			return nil, fmt.Errorf("comparing the table %s: %w", name, err)
		}
		differences = append(differences, d)
	}
	return differences, nil
}

func (a agreement) note(d *projections.Difference, c projections.Cell) {
	if len(d.Cells) < a.most {
		d.Cells = append(d.Cells, c)
	}
}

// table compares one table: how it is made, then what is in it.
func (a agreement) table(ctx context.Context, name string, kept, said []column) (projections.Difference, error) {
	d := projections.Difference{Table: name, Cells: []projections.Cell{}}
	var common []column
	comparable := true
	for _, s := range said {
		i := slices.IndexFunc(kept, func(k column) bool { return k.Name == s.Name })
		if i >= 0 {
			common = append(common, s)
			common[len(common)-1].Foreign = s.Foreign || kept[i].Type != s.Type
		}
		if i >= 0 && kept[i].Type == s.Type && kept[i].Kind == s.Kind {
			continue
		}
		d.Shape++
		c := projections.Cell{Column: s.Name, Said: shape(s)}
		if i >= 0 {
			c.Kept = shape(kept[i])
		}
		a.note(&d, c)
		comparable = comparable && s.Key == 0
	}
	for _, k := range kept {
		if !slices.ContainsFunc(said, func(s column) bool { return s.Name == k.Name }) {
			d.Shape++
			a.note(&d, projections.Cell{Column: k.Name, Kept: shape(k)})
		}
	}
	var expected int64
	for _, side := range []struct {
		schema  string
		columns []column
		count   *int64
	}{{a.kept, kept, &d.Rows}, {a.said, said, &expected}} {
		if side.columns == nil {
			continue
		}
		if err := a.tx.QueryRow(ctx, "SELECT count(*) FROM "+pgx.Identifier{side.schema, name}.Sanitize()).Scan(side.count); err != nil {
			return d, err
		}
	}
	if len(common) == 0 || !comparable {
		d.Added, d.Missing = d.Rows, expected
		return d, nil
	}
	if err := a.rows(ctx, &d, common); err != nil {
		return d, err
	}
	if twice := d.Rows - expected - d.Added + d.Missing; twice > 0 { // a key that is there twice meets its row twice
		d.Added += twice
		a.note(&d, projections.Cell{Kept: pointer(fmt.Sprintf("%d × 2", twice))})
	}
	return d, nil
}

func pointer(s string) *string { return &s }

// shape is how a column is made, as text.
func shape(c column) *string {
	kinds := map[string]string{"r": "", "p": "partitioned ", "v": "view ", "m": "materialized view ", "f": "foreign table "}
	return pointer(kinds[c.Kind] + c.Type)
}

// keysOf are the columns of the primary key in its order; of a table that has none, all columns.
func keysOf(columns []column) []column {
	keys := slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.Key == 0 })
	if len(keys) == 0 {
		return columns
	}
	slices.SortFunc(keys, func(a, b column) int { return a.Key - b.Key })
	return keys
}

// rowsSQL lists the rows that stand in one table only, or differ in any byte of any column: the key, whether each side has the row,
// then each column of both sides as text.
func (a agreement) rowsSQL(table string, columns []column) string {
	var on, fields, left, right []string
	for _, c := range keysOf(columns) {
		name := pgx.Identifier{c.Name}.Sanitize()
		if c.Foreign {
			name += "::text"
		}
		on = append(on, "k."+name+" = s."+name)
		fields = append(fields, "coalesce(k."+name+"::text, s."+name+"::text)")
	}
	fields = []string{"concat_ws('/', " + strings.Join(fields, ", ") + ")", "k.is_there", "s.is_there"}
	for _, c := range columns {
		name := pgx.Identifier{c.Name}.Sanitize()
		fields = append(fields, "k."+name+"::text", "s."+name+"::text")
		if c.Foreign {
			name += "::text"
		}
		left, right = append(left, "k."+name), append(right, "s."+name)
	}
	return fmt.Sprintf(`SELECT %s FROM (SELECT *, true AS is_there FROM %s) k FULL JOIN (SELECT *, true AS is_there FROM %s) s ON %s
WHERE k.is_there IS NULL OR s.is_there IS NULL OR record_image_ne(ROW(%s), ROW(%s))`, strings.Join(fields, ", "), pgx.Identifier{a.kept, table}.Sanitize(),
		pgx.Identifier{a.said, table}.Sanitize(), strings.Join(on, " AND "), strings.Join(left, ", "), strings.Join(right, ", "))
}

// rows compares what is in a table, row by row in the order of the key, cell by cell.
func (a agreement) rows(ctx context.Context, d *projections.Difference, columns []column) error {
	found, err := a.tx.Query(ctx, a.rowsSQL(d.Table, columns))
	if err != nil {
		return err
	}
	defer found.Close()
	var key string
	var kept, said *bool
	cells := make([]*string, 2*len(columns))
	into := []any{&key, &kept, &said}
	for i := range cells {
		into = append(into, &cells[i])
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return err
		}
		switch {
		case kept == nil:
			d.Missing++
			a.note(d, projections.Cell{Key: key, Said: asText(columns, cells[1:])})
		case said == nil:
			d.Added++
			a.note(d, projections.Cell{Key: key, Kept: asText(columns, cells)})
		default:
			a.cells(d, key, columns, cells)
		}
	}
	return found.Err()
}

// cells notes which cells of a row differ. Bytes that are written as the same text are no difference.
func (a agreement) cells(d *projections.Difference, key string, columns []column, cells []*string) {
	differs := false
	for i, c := range columns {
		kept, said := cells[2*i], cells[2*i+1]
		if (kept == nil) == (said == nil) && (kept == nil || *kept == *said) {
			continue
		}
		differs = true
		a.note(d, projections.Cell{Key: key, Column: c.Name, Kept: kept, Said: said})
	}
	if differs {
		d.Changed++
	}
}

// asText is a row of one side as text: of each pair of cells the first.
func asText(columns []column, cells []*string) *string {
	var parts []string
	for i, c := range columns {
		if cell := cells[2*i]; cell != nil {
			parts = append(parts, c.Name+" "+*cell)
		}
	}
	return pointer(strings.Join(parts, ", "))
}

// viewsOf is the schema of the analysts' views that are made of the tables that the log makes.
func (a agreement) viewsOf() string { return a.said + "_views" }

// definitionsSQL are the definitions of the views in a schema. Names in search_path stand without their schema, so the same view of
// two schemas reads the same.
const definitionsSQL = `SELECT c.relname::text, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) ELSE 'relkind ' || c.relkind::text END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`

// withViews compares the tables, and what the analysts' views are made by: of the same tables the same views show the same.
func (a agreement) withViews(ctx context.Context) ([]projections.Difference, error) {
	differences, err := a.compare(ctx)
	if err != nil {
		return nil, err
	}
	name := pgx.Identifier{a.viewsOf()}.Sanitize()
	make := "SET LOCAL search_path = " + pgx.Identifier{a.said}.Sanitize() + ";" +
		strings.NewReplacer("analyst.", name+".", "EXISTS analyst", "EXISTS "+name).Replace(viewsSQL())
	if _, err := a.tx.Exec(ctx, make); err != nil {
		return nil, fmt.Errorf("making the analysts' views: %w", err)
	}
	said, err := a.definitions(ctx, a.said, a.viewsOf())
	if err != nil {
		return nil, err
	}
	kept, err := a.definitions(ctx, a.kept, analysts)
	if err != nil {
		return nil, err
	}
	if _, err := a.tx.Exec(ctx, "DROP SCHEMA "+name+" CASCADE"); err != nil {
		return nil, fmt.Errorf("dropping the analysts' views: %w", err)
	}
	names := maps.Clone(kept)
	maps.Copy(names, said)
	for _, view := range slices.Sorted(maps.Keys(names)) {
		d := projections.Difference{Table: analysts + "." + view, Cells: []projections.Cell{}}
		if kept[view] != said[view] {
			d.Shape = 1
			k, s := around(kept[view], said[view])
			a.note(&d, projections.Cell{Column: "definition", Kept: k, Said: s})
		}
		differences = append(differences, d)
	}
	return differences, nil
}

// definitions are the views of a schema that stand on the tables of another.
func (a agreement) definitions(ctx context.Context, tables, views string) (map[string]string, error) {
	if _, err := a.tx.Exec(ctx, "SET LOCAL search_path = "+pgx.Identifier{tables}.Sanitize()+", "+pgx.Identifier{views}.Sanitize()); err != nil {
		return nil, fmt.Errorf("reading the analysts' views: %w", err)
	}
	rows, err := a.tx.Query(ctx, definitionsSQL, views)
	if err != nil {
		return nil, fmt.Errorf("reading the analysts' views: %w", err)
	}
	found := map[string]string{}
	var name, definition string
	_, err = pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		found[name] = definition
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the analysts' views: %w", err)
	}
	return found, nil
}

// around is where two texts begin to differ, with a little of what stands before; nil for no text.
func around(a, b string) (*string, *string) {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) *string {
		if s == "" {
			return nil
		}
		return pointer(strings.ToValidUTF8(s[min(len(s), max(0, i-20)):min(len(s), i+80)], ""))
	}
	return cut(a), cut(b)
}
