package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

// forgedValues say for each type of column how a value becomes another; %s is the value, which may be NULL.
var forgedValues = map[string]string{
	"text":     "coalesce(%s, '') || '~'",
	"smallint": "coalesce(-%s, 0) - 1",
	"integer":  "coalesce(-%s, 0) - 1",
	"bigint":   "coalesce(-%s, 0) - 1",
	"numeric":  "coalesce(%s, 0) + 0.01",
	"boolean":  "NOT coalesce(%s, false)",
	"date":     "coalesce(%s, '2000-01-01') + 40000",
	"json":     "(coalesce(%s::text, '[]') || ' ')::json",
	"bytea":    `coalesce(%s, '') || '\x00'`,
	"text[]":   "coalesce(%s, '{}') || '{~}'::text[]",
	"tsvector": "coalesce(%s, '') || '~'::tsvector",
	"enum":     "(SELECT other FROM unnest(enum_range(%[1]s)) other WHERE other <> %[1]s LIMIT 1)",
}

// forger changes a copy of the kept tables. Each round of forgeries is undone before the next.
type forger struct {
	agreement
	tables  map[string][]column
	results map[string]*projections.Forgery
}

// attempt is one forgery and how it must show.
type attempt struct {
	table, what string
	shows       []projections.Cell // by key and column; of whole rows also by what side has them
}

// Forge implements [projections.Refold].
func (r *refold) Forge(ctx context.Context) ([]projections.Forgery, error) {
	if err := r.complete(ctx); err != nil {
		return nil, err
	}
	f := &forger{agreement: agreement{tx: r.tx, kept: r.schema + "_copy", said: r.schema, most: 1 << 16}, results: map[string]*projections.Forgery{}}
	if err := f.copy(ctx); err != nil {
		return nil, fmt.Errorf("copying the tables: %w", err)
	}
	rounds := []func(context.Context, string) ([]attempt, error){f.cells, f.deleted, f.added, f.exchanged, f.nulled}
	for place := range 8 { // columns of a key
		rounds = append(rounds, func(ctx context.Context, table string) ([]attempt, error) { return f.key(ctx, table, place) })
	}
	for _, round := range rounds {
		if err := f.round(ctx, round); err != nil {
			return nil, fmt.Errorf("forging the copy: %w", err)
		}
	}
	var list []projections.Forgery
	for _, name := range slices.Sorted(maps.Keys(f.results)) {
		list = append(list, *f.results[name])
	}
	return list, nil
}

// copy makes a copy of the kept tables that lets a forger do as he likes: whoever may write to a table may also take away what guards it.
func (f *forger) copy(ctx context.Context) (err error) {
	if err := makeTables(ctx, f.tx, f.kept); err != nil {
		return err
	}
	if f.tables, err = catalogue(ctx, f.tx, f.kept); err != nil {
		return err
	}
	for name, columns := range f.tables {
		var into, from []string
		for _, c := range columns {
			if c.Generated {
				continue
			}
			column := pgx.Identifier{c.Name}.Sanitize()
			into = append(into, column)
			if c.Foreign {
				column += "::text::" + strings.Fields(c.Type)[0]
			}
			from = append(from, column)
		}
		if name == "checkpoint" { // what tells the copy's tables from others is none of the log's
			into, from = append(into, "generation"), append(from, "generation")
		}
		copied := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", f.of(name), strings.Join(into, ", "), strings.Join(from, ", "), pgx.Identifier{Schema, name}.Sanitize())
		if _, err := f.tx.Exec(ctx, copied); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := f.unguard(ctx, name, columns); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// of is the name of a copied table in SQL.
func (f *forger) of(table string) string { return pgx.Identifier{f.kept, table}.Sanitize() }

// unguard takes away what would refuse a forgery, but for the primary key.
func (f *forger) unguard(ctx context.Context, table string, columns []column) error {
	var changes []string
	for _, c := range columns {
		name := pgx.Identifier{c.Name}.Sanitize()
		if c.Key == 0 {
			changes = append(changes, "ALTER "+name+" DROP NOT NULL")
		}
		if c.Generated {
			changes = append(changes, "ALTER "+name+" DROP EXPRESSION")
		}
	}
	if len(changes) > 0 {
		if _, err := f.tx.Exec(ctx, "ALTER TABLE "+f.of(table)+" "+strings.Join(changes, ", ")); err != nil {
			return err
		}
	}
	return f.unlock(ctx, table)
}

// unlock takes away the triggers and constraints of a table.
func (f *forger) unlock(ctx context.Context, table string) error {
	rows, err := f.tx.Query(ctx, "SELECT conname::text FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('c', 'u')", f.of(table))
	if err != nil {
		return err
	}
	constraints, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	changes := []string{"DISABLE TRIGGER ALL"}
	for _, c := range constraints {
		changes = append(changes, "DROP CONSTRAINT "+pgx.Identifier{c}.Sanitize())
	}
	_, err = f.tx.Exec(ctx, "ALTER TABLE "+f.of(table)+" "+strings.Join(changes, ", "))
	return err
}

// round forges every table in one way, compares, notes what was found and undoes it all.
func (f *forger) round(ctx context.Context, forge func(context.Context, string) ([]attempt, error)) error {
	under, err := f.tx.Begin(ctx)
	if err != nil {
		return err
	}
	var attempts []attempt
	for _, name := range slices.Sorted(maps.Keys(f.tables)) {
		made, err := forge(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		attempts = append(attempts, made...)
	}
	if len(attempts) > 0 {
		differences, err := f.compare(ctx)
		if err != nil {
			return err
		}
		f.judge(attempts, differences)
	}
	return under.Rollback(ctx)
}

// judge notes which attempts show among the differences.
func (f *forger) judge(attempts []attempt, differences []projections.Difference) {
	for _, a := range attempts {
		result := f.results[a.table]
		if result == nil {
			result = &projections.Forgery{Table: a.table, Missed: []string{}}
			f.results[a.table] = result
		}
		result.Tried = append(result.Tried, a.what)
		i := slices.IndexFunc(differences, func(d projections.Difference) bool { return d.Table == a.table })
		for _, want := range a.shows {
			at := -1
			if i >= 0 {
				at = slices.IndexFunc(differences[i].Cells, func(c projections.Cell) bool { return shows(c, want) })
			}
			if at < 0 {
				result.Missed = append(result.Missed, a.what)
				break
			}
			if result.First == nil {
				result.First = &differences[i].Cells[at]
			}
		}
	}
}

// shows reports whether a cell that was found is the one that a forgery changed.
func shows(found, want projections.Cell) bool {
	return found.Key == want.Key && found.Column == want.Column &&
		(want.Column != "" || (found.Kept == nil) == (want.Kept == nil) && (found.Said == nil) == (want.Said == nil))
}

// row is a row of a copied table.
type row struct{ ctid, key string }

// keyText is the key of a row as the comparison names it.
func keyText(columns []column) string {
	var parts []string
	for _, c := range keysOf(columns) {
		parts = append(parts, pgx.Identifier{c.Name}.Sanitize()+"::text")
	}
	return "concat_ws('/', " + strings.Join(parts, ", ") + ")"
}

// at finds the n-th row in the order of the key; ok is false where there are fewer.
func (f *forger) at(ctx context.Context, table string, n int, where string) (found row, ok bool, err error) {
	var order []string
	for _, c := range keysOf(f.tables[table]) {
		order = append(order, pgx.Identifier{c.Name}.Sanitize())
	}
	err = f.tx.QueryRow(ctx, fmt.Sprintf("SELECT ctid::text, %s FROM %s WHERE %s ORDER BY %s OFFSET %d LIMIT 1", keyText(f.tables[table]), f.of(table), where,
		strings.Join(order, ", "), n)).Scan(&found.ctid, &found.key)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, false, nil
	}
	return found, err == nil, err
}

// set changes a column of a row, and returns the row's key after it.
func (f *forger) set(ctx context.Context, table string, r row, c column) (key string, err error) {
	forged, known := forgedValues[c.Base]
	if !known {
		return "", fmt.Errorf("nobody says how a value of the type %s of the column %s is forged", c.Base, c.Name)
	}
	name := pgx.Identifier{c.Name}.Sanitize()
	err = f.tx.QueryRow(ctx, fmt.Sprintf("UPDATE %s SET %s = %s WHERE ctid = '%s'::tid RETURNING %s", f.of(table), name, fmt.Sprintf(forged, name), r.ctid, keyText(f.tables[table]))).Scan(&key)
	return key, err
}

// cells forges one cell of every column that is not of the key, each in a row of its own as long as there are rows.
func (f *forger) cells(ctx context.Context, table string) (attempts []attempt, err error) {
	n := 0
	for _, c := range f.tables[table] {
		if c.Key > 0 {
			continue
		}
		r, ok, err := f.at(ctx, table, n, "true")
		if err == nil && !ok && n > 0 {
			n = 0
			r, ok, err = f.at(ctx, table, n, "true")
		}
		if err != nil || !ok {
			return attempts, err
		}
		if _, err := f.set(ctx, table, r, c); err != nil {
			return nil, err
		}
		attempts = append(attempts, attempt{table, c.Name, []projections.Cell{{Key: r.key, Column: c.Name}}})
		n++
	}
	return attempts, nil
}

// key forges a column of the key: a row is gone, and another is there.
func (f *forger) key(ctx context.Context, table string, place int) ([]attempt, error) {
	keys := slices.DeleteFunc(keysOf(f.tables[table]), func(c column) bool { return c.Key == 0 })
	if place >= len(keys) {
		return nil, nil
	}
	r, ok, err := f.at(ctx, table, 0, "true")
	if err != nil || !ok {
		return nil, err
	}
	forged, err := f.set(ctx, table, r, keys[place])
	return []attempt{{table, keys[place].Name, []projections.Cell{{Key: r.key, Said: pointer("")}, {Key: forged, Kept: pointer("")}}}}, err
}

// deleted takes a row away.
func (f *forger) deleted(ctx context.Context, table string) ([]attempt, error) {
	r, ok, err := f.at(ctx, table, 0, "true")
	if err != nil || !ok {
		return nil, err
	}
	_, err = f.tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE ctid = '%s'::tid", f.of(table), r.ctid))
	return []attempt{{table, "row deleted", []projections.Cell{{Key: r.key, Said: pointer("")}}}}, err
}

// added adds a row of a new key, of which all else is another row's; in an empty table it has nothing else.
func (f *forger) added(ctx context.Context, table string) ([]attempt, error) {
	keys := slices.DeleteFunc(keysOf(f.tables[table]), func(c column) bool { return c.Key == 0 })
	var into, values []string
	for _, c := range f.tables[table] {
		name := pgx.Identifier{c.Name}.Sanitize()
		into = append(into, name)
		if len(keys) > 0 && c.Name == keys[0].Name {
			name = fmt.Sprintf(forgedValues[c.Base], name)
		}
		values = append(values, name)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if table == "checkpoint" {
		into, values = append(into, "generation"), append(values, "generation")
	}
	r, ok, err := f.at(ctx, table, 0, "true")
	if err != nil {
		return nil, err
	}
	source := fmt.Sprintf("SELECT %s FROM %s WHERE ctid = '%s'::tid", strings.Join(values, ", "), f.of(table), r.ctid)
	if !ok {
		into, values = nil, nil
		for _, c := range keys {
			into = append(into, pgx.Identifier{c.Name}.Sanitize())
			values = append(values, fmt.Sprintf(forgedValues[c.Base], "NULL::"+c.Base))
		}
		source = "SELECT " + strings.Join(values, ", ")
	}
	var key string
	err = f.tx.QueryRow(ctx, fmt.Sprintf("INSERT INTO %s (%s) %s RETURNING %s", f.of(table), strings.Join(into, ", "), source, keyText(f.tables[table]))).Scan(&key)
	return []attempt{{table, "row added", []projections.Cell{{Key: key, Kept: pointer("")}}}}, err
}

// exchanged gives each of two rows what the other held.
func (f *forger) exchanged(ctx context.Context, table string) ([]attempt, error) {
	var names []string
	for _, c := range f.tables[table] {
		if c.Key == 0 {
			names = append(names, pgx.Identifier{c.Name}.Sanitize())
		}
	}
	one, ok, err := f.at(ctx, table, 0, "true")
	if err != nil || !ok || len(names) == 0 {
		return nil, err
	}
	list := strings.Join(names, ", ")
	differs := fmt.Sprintf("record_image_ne(ROW(%s), (SELECT ROW(%s) FROM %s WHERE ctid = '%s'::tid))", list, list, f.of(table), one.ctid)
	other, ok, err := f.at(ctx, table, 0, differs)
	if err != nil || !ok {
		return nil, err
	}
	_, err = f.tx.Exec(ctx, fmt.Sprintf(`UPDATE %[1]s t SET (%[2]s) = ROW(%[5]s) FROM %[1]s o
WHERE t.ctid = '%[3]s'::tid AND o.ctid = '%[4]s'::tid OR t.ctid = '%[4]s'::tid AND o.ctid = '%[3]s'::tid`, f.of(table), list, one.ctid, other.ctid, "o."+strings.Join(names, ", o.")))
	if err != nil {
		return nil, err
	}
	var column string
	for _, c := range f.tables[table] {
		if c.Key > 0 {
			continue
		}
		column = c.Name
		var same bool
		name := pgx.Identifier{c.Name}.Sanitize()
		err := f.tx.QueryRow(ctx, fmt.Sprintf("SELECT count(DISTINCT coalesce(%s::text, 'NULL')) = 1 FROM %s WHERE %s IN ($1, $2)", name, f.of(table), keyText(f.tables[table])),
			one.key, other.key).Scan(&same)
		if err != nil {
			return nil, err
		}
		if !same {
			break
		}
	}
	return []attempt{{table, "two rows exchanged", []projections.Cell{{Key: one.key, Column: column}, {Key: other.key, Column: column}}}}, nil
}

// nulled makes a cell NULL.
func (f *forger) nulled(ctx context.Context, table string) ([]attempt, error) {
	for _, c := range f.tables[table] {
		if c.Key > 0 {
			continue
		}
		name := pgx.Identifier{c.Name}.Sanitize()
		r, ok, err := f.at(ctx, table, 0, name+" IS NOT NULL")
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		_, err = f.tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s = NULL WHERE ctid = '%s'::tid", f.of(table), name, r.ctid))
		return []attempt{{table, "cell emptied", []projections.Cell{{Key: r.key, Column: c.Name}}}}, err
	}
	return nil, nil
}
