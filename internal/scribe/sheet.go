package scribe

import (
	"testing"

	"github.com/fundledger/fundledger/words"
)

// CheckSheet tells of a table that is empty, lacks a title or a heading in one of the languages, or a row's cells.
func CheckSheet(t testing.TB, table words.Sheet) {
	t.Helper()
	if len(table.Rows) == 0 || table.Title.ZH == "" || table.Title.EN == "" {
		t.Errorf("%s has %d rows and the titles %+v", table.Name, len(table.Rows), table.Title)
	}
	for _, c := range table.Columns {
		if c.Title.ZH == "" || c.Title.EN == "" {
			t.Errorf("%s: column %+v", table.Name, c)
		}
	}
	for _, cells := range table.Rows {
		if len(cells) != len(table.Columns) {
			t.Fatalf("%s: %d cells in %d columns", table.Name, len(cells), len(table.Columns))
		}
	}
}
