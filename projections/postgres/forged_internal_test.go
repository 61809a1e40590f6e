package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections"
)

// Columns are the columns that are compared, by their tables: those of the key, and the others.
func Columns(ctx context.Context, url string) (keys, others map[string][]string, err error) {
	keys, others = map[string][]string{}, map[string][]string{}
	err = ofKept(ctx, url, func(f *forger) error {
		for table, columns := range f.tables {
			for _, c := range columns {
				if c.Key > 0 {
					keys[table] = append(keys[table], c.Name)
				} else {
					others[table] = append(others[table], c.Name)
				}
			}
		}
		return nil
	})
	return keys, others, err
}

// ForgeKept changes one cell of each of the columns, by their tables, in the kept tables themselves and for good, in a row of its own as long
// as there are rows. It returns by the tables what a comparison has to show.
func ForgeKept(ctx context.Context, url string, columns map[string][]string) (map[string][]projections.Cell, error) {
	shows := map[string][]projections.Cell{}
	err := ofKept(ctx, url, func(f *forger) error {
		for _, table := range slices.Sorted(maps.Keys(columns)) {
			if err := f.unlock(ctx, table); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for n, name := range columns[table] {
				i := slices.IndexFunc(f.tables[table], func(c column) bool { return c.Name == name })
				cell, err := f.forgeKept(ctx, table, n, f.tables[table][i])
				if err != nil {
					return fmt.Errorf("%s.%s: %w", table, name, err)
				}
				shows[table] = append(shows[table], cell)
			}
		}
		return nil
	})
	return shows, err
}

func (f *forger) forgeKept(ctx context.Context, table string, n int, c column) (projections.Cell, error) {
	r, ok, err := f.at(ctx, table, n, "true")
	if err == nil && !ok {
		r, ok, err = f.at(ctx, table, 0, "true")
	}
	if err != nil || !ok {
		return projections.Cell{}, errors.Join(err, errors.New("there is no row"))
	}
	if c.Generated {
		if _, err := f.tx.Exec(ctx, "ALTER TABLE "+f.of(table)+" ALTER "+pgx.Identifier{c.Name}.Sanitize()+" DROP EXPRESSION"); err != nil {
			return projections.Cell{}, err
		}
	}
	if _, err := f.set(ctx, table, r, c); err != nil {
		return projections.Cell{}, err
	}
	if c.Key > 0 { // its row is gone
		return projections.Cell{Key: r.key, Said: pointer("")}, nil
	}
	return projections.Cell{Key: r.key, Column: c.Name}, nil
}

// Shows reports whether one of the cells that a comparison lists is the one that a forgery changed.
func Shows(cells []projections.Cell, want projections.Cell) bool {
	return slices.ContainsFunc(cells, func(c projections.Cell) bool { return shows(c, want) })
}

// ofKept does something to the kept tables, as whoever owns them.
func ofKept(ctx context.Context, url string, do func(*forger) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		f := &forger{agreement: agreement{tx: tx, kept: Schema}}
		if f.tables, err = catalogue(ctx, tx, Schema); err != nil {
			return err
		}
		return do(f)
	})
}
