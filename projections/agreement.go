package projections

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Refold is the tables as the log makes them, folded once more beside the kept ones, to be compared with them. It is one
// goroutine's at a time; Close throws it away.
type Refold interface {
	// Take folds the next event. Events beyond the position of what is compared are left out.
	Take(ctx context.Context, e wire.Entry, r eventstore.Record) error
	// Differences compares every column of every table, and lists every table that was compared. The log is taken in before. A
	// [*RefoldError] says that the log cannot be folded.
	Differences(ctx context.Context) ([]Difference, error)
	// Forge changes a copy of the kept tables in every way that a forger might, and says what the same comparison found.
	Forge(ctx context.Context) ([]Forgery, error)
	Close()
}

// RefoldError says that a log cannot be folded into tables: it was changed, or it misses events.
type RefoldError struct {
	Seq uint64 // the first event that could not be folded
	Err error
}

// Error says where and why.
func (e *RefoldError) Error() string {
	return fmt.Sprintf("the log cannot be folded at event %d: %v", e.Seq, e.Err)
}

// Unwrap is why.
func (e *RefoldError) Unwrap() error { return e.Err }

// Difference is how a kept table differs from what the log says. All counts are exact; the cells listed are bounded.
type Difference struct {
	Table   string `json:"table"`
	Rows    int64  `json:"rows"`    // kept
	Changed int64  `json:"changed"` // rows that the log gives too, with another content
	Added   int64  `json:"added"`   // rows kept that the log does not give
	Missing int64  `json:"missing"` // rows that the log gives and the table lacks
	Shape   int64  `json:"shape"`   // columns that are not what the migrations make, or a definition that is not
	Cells   []Cell `json:"cells"`   // the first of them
}

// Wrong is how many rows and columns differ.
func (d Difference) Wrong() int64 { return d.Changed + d.Added + d.Missing + d.Shape }

// Differs reports whether any does.
func (d Difference) Differs() bool { return d.Wrong() > 0 }

// Cell is one cell that differs. A row that is there on one side only is one Cell without a column.
type Cell struct {
	Key    string  `json:"key"`    // of the row; "" where it is the table itself
	Column string  `json:"column"` // "": the whole row
	Kept   *string `json:"kept"`   // as PostgreSQL writes it; nil: NULL, or no such row
	Said   *string `json:"said"`   // by the log
}

// String is the cell as a line of text: a key, a column, what is kept and what the log says.
func (c Cell) String() string {
	name := strings.TrimSpace(c.Key + " " + c.Column)
	return fmt.Sprintf("%s: %s ≠ %s", name, CellText(c.Kept), CellText(c.Said))
}

// CellText is a cell's text, "–" for none.
func CellText(s *string) string {
	if s == nil {
		return "–"
	}
	return *s
}

// Forgery is what was tried on a copy of a table, and what the comparison did not find of it.
type Forgery struct {
	Table  string   `json:"table"`
	Tried  []string `json:"tried"`  // such as "amount" for a cell of that column, "row deleted"
	Missed []string `json:"missed"` // of those tried
	First  *Cell    `json:"first"`  // that was found
}
