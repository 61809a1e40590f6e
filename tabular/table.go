package tabular

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Kind is what the cells of a column hold.
type Kind int

// The kinds of column; the package comment says what a cell of each may be.
const (
	Text    Kind = iota
	Money        // CNY, two decimals
	Integer      // a count, a year, a position
	Ratio        // four decimals; people see per cent
	Date         // a day
	Time         // a moment
	Bool
)

func (k Kind) String() string {
	names := [...]string{"text", "money", "integer", "ratio", "date", "time", "bool"}
	if k < 0 || int(k) >= len(names) {
		return fmt.Sprintf("kind %d", int(k))
	}
	return names[k]
}

// right says whether people compare the cells digit by digit.
func (k Kind) right() bool { return k == Money || k == Integer || k == Ratio }

// Column is one column of a table.
type Column struct {
	Name    string      // for machines: unique in the table, and stable, for programs rely on it
	Title   domain.Text // the heading for people; Name where empty
	Meaning domain.Text // what its cells say, in a sentence, for whoever builds on the table
	Unit    string      // what is counted in it, as data definitions write it; empty where nothing is
	Kind    Kind
	Nil     domain.Text // what a terminal shows for nil, such as 未规定, none stated; "-" where empty
	Total   bool        // add it up: Money and Integer only
	Whole   bool        // a terminal goes without other columns before it cuts this one
	Spare   int         // how early a terminal that is too narrow goes without it: the highest first, those of 0 last
}

// total is what the column adds up to, as machines read it; false where it is not added up.
func (c Column) total(sum Summary) (string, bool) {
	total, ok := sum.Totals[c.Name]
	switch {
	case !ok:
		return "", false
	case c.Kind == Money:
		return total.StringFixed(2), true
	}
	return total.String(), true
}

// Heading is the column's heading for people, in a language.
func (c Column) Heading(lang string) string { return inLanguage(lang, c.Title, c.Name) }

// Row is one row: a cell for each column, in their order. Its sequence may use the same slice for the next row.
type Row []any

// Meta is something to know about a whole table: the ledger's position, the moment asked for, a filter.
type Meta struct{ Name, Value string }

// Table is a table to write. Rows is read once.
type Table struct {
	Name    string      // for machines
	Title   domain.Text // for people; Name where empty
	Columns []Column
	Rows    iter.Seq2[Row, error]
	Meta    []Meta
}

// Caption is the table's title for people, in a language.
func (t Table) Caption(lang string) string { return inLanguage(lang, t.Title, t.Name) }

// Only is the table with some of its columns, in the order of the names. A name that it does not have, and one that is there twice, is a [ColumnError].
func (t Table) Only(names ...string) (Table, error) {
	places := make([]int, len(names))
	columns := make([]Column, len(names))
	for i, name := range names {
		places[i] = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if places[i] < 0 || slices.Contains(names[:i], name) {
			return t, &ColumnError{Name: name, Twice: places[i] >= 0, Known: t.Columns}
		}
		columns[i] = t.Columns[places[i]]
	}
	rows := t.Rows
	t.Columns = columns
	t.Rows = func(yield func(Row, error) bool) {
		picked := make(Row, len(places))
		for row, err := range rows {
			if err == nil {
				for i, at := range places {
					picked[i] = row[at]
				}
			}
			if !yield(picked, err) {
				return
			}
		}
	}
	return t, nil
}

// ColumnError says that a table has no column of a name, or that it was asked for twice, and which there are.
type ColumnError struct {
	Name  string
	Twice bool
	Known []Column
}

// Error implements error, in English.
func (e *ColumnError) Error() string { return e.Message().EN }

// Message is what is wrong and what is right.
func (e *ColumnError) Message() domain.Text {
	if e.Twice {
		return domain.Text{ZH: fmt.Sprintf("列 %s 写了两次", e.Name), EN: fmt.Sprintf("the column %s is named twice", e.Name)}
	}
	return domain.Text{ZH: fmt.Sprintf("没有列“%s”；可用：%s", e.Name, called(e.Known, "zh")),
		EN: fmt.Sprintf("there is no column %q; there are: %s", e.Name, called(e.Known, "en"))}
}

// called are columns by the names that one asks for them by; in Chinese behind their headings.
func called(columns []Column, lang string) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		if lang != "en" && c.Title.ZH != "" {
			names[i] = c.Title.ZH + "（" + c.Name + "）"
		}
	}
	return strings.Join(names, domain.Text{ZH: "、", EN: ", "}.In(lang))
}

// Options say how to write; the zero Options are Chinese, as wide as it takes, without colour.
type Options struct {
	Lang          string // "zh" or "en"
	HumanHeadings bool   // csv: headings of Lang instead of the columns' names (table and xlsx always have them, json and parquet never)
	NoBOM         bool   // csv: without the byte-order mark
	Width         int    // table: the terminal's width in display cells, which it is made to fit; 0 for no limit
	Elsewhere     string // table: how to see the columns that do not fit, said after their names
	Unit          Unit   // table: what amounts are shown in, and the title then says; other formats are always in 元
	Color         bool   // table: bold headings, red negatives
}

// Summary is what was written.
type Summary struct {
	Rows   int64
	Totals map[string]decimal.Decimal // by the names of the columns with Total; nil cells count nothing
}

// Format is a way to write a table.
type Format string

// The formats.
const (
	Terminal Format = "table"
	CSV      Format = "csv"
	JSON     Format = "json"
	NDJSON   Format = "ndjson"
	XLSX     Format = "xlsx"
	Parquet  Format = "parquet"
)

var formats = []Format{Terminal, CSV, JSON, NDJSON, XLSX, Parquet}

// Formats are the names of all formats.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	return names
}

// ParseFormat reads the name of a format: table, csv, json, ndjson, xlsx or parquet.
func ParseFormat(name string) (Format, error) {
	if f := Format(strings.ToLower(name)); slices.Contains(formats, f) {
		return f, nil
	}
	return "", fmt.Errorf("format %q is not known: use table, csv, json, ndjson, xlsx or parquet", name)
}

// ContentType is the format's media type for HTTP.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case JSON:
		return "application/json"
	case NDJSON:
		return "application/x-ndjson"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case Parquet:
		return "application/vnd.apache.parquet"
	}
	return "text/plain; charset=utf-8"
}

// Extension is how names of files in this format end, with the dot.
func (f Format) Extension() string {
	if f == Terminal {
		return ".txt"
	}
	return "." + string(f)
}

// Binary says whether the format is no text, and so nothing to print on a terminal.
func (f Format) Binary() bool { return f == XLSX || f == Parquet }

// sink writes the rows of one table in one format. After an error from any of its methods nothing more is called.
type sink interface {
	row(cells []cell) error   // cells are the caller's again when it returns
	finish(sum Summary) error // the table is whole
	abandon(cause error)      // it is not, and the output shall show it
}

// Write writes a table and returns what it wrote. On an error, its own, the rows' or the writer's, the output is
// incomplete and shows it.
func Write(w io.Writer, format Format, t Table, opts Options) (Summary, error) {
	sum, err := write(w, format, t, opts)
	if err != nil {
		return sum, fmt.Errorf("writing %s as %s: %w", t.Name, format, err)
	}
	return sum, nil
}

func write(w io.Writer, format Format, t Table, opts Options) (Summary, error) {
	sum := Summary{Totals: map[string]decimal.Decimal{}}
	if err := t.check(); err != nil {
		return sum, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	s, err := open(out, format, t, opts)
	if err != nil {
		return sum, err
	}
	if err := copyRows(s, t, &sum); err != nil {
		s.abandon(err)
		if lost := out.Flush(); lost != nil && !errors.Is(err, lost) {
			err = errors.Join(err, lost)
		}
		return sum, err
	}
	if err := s.finish(sum); err != nil {
		return sum, err
	}
	return sum, out.Flush()
}

func open(out *bufio.Writer, format Format, t Table, opts Options) (sink, error) {
	switch format {
	case Terminal:
		return newTerminal(out, t, opts), nil
	case CSV:
		return newCSV(out, t, opts), nil
	case JSON, NDJSON:
		return newJSON(out, t, format == NDJSON)
	case XLSX:
		return newWorkbook(out, t, opts, sheetRows)
	case Parquet:
		return newParquet(out, t), nil
	}
	_, err := ParseFormat(string(format))
	return nil, err
}

// copyRows reads every row, adds up what is to be added up, and hands it on.
func copyRows(s sink, t Table, sum *Summary) error {
	totals := make([]total, len(t.Columns))
	cells := make([]cell, len(t.Columns))
	defer func() {
		for i, c := range t.Columns {
			if c.Total {
				sum.Totals[c.Name] = totals[i].sum()
			}
		}
	}()
	for row, err := range t.Rows {
		if err != nil {
			return fmt.Errorf("after row %d: %w", sum.Rows, err)
		}
		if err := readRow(cells, t.Columns, row); err != nil {
			return fmt.Errorf("row %d: %w", sum.Rows+1, err)
		}
		if err := s.row(cells); err != nil {
			return fmt.Errorf("row %d: %w", sum.Rows+1, err)
		}
		sum.Rows++
		for i, c := range t.Columns {
			if c.Total && cells[i].set {
				totals[i].add(cells[i])
			}
		}
	}
	return nil
}

func (t Table) check() error {
	if len(t.Columns) == 0 || t.Rows == nil {
		return errors.New("a table needs columns and rows")
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		switch {
		case c.Name == "" || seen[c.Name]:
			return fmt.Errorf("column name %q is empty or there twice", c.Name)
		case c.Kind < Text || c.Kind > Bool:
			return fmt.Errorf("column %s: %s is not known", c.Name, c.Kind)
		case c.Total && c.Kind != Money && c.Kind != Integer:
			return fmt.Errorf("column %s: a %s has no total", c.Name, c.Kind)
		}
		seen[c.Name] = true
	}
	return nil
}

// Rows makes a sequence of rows that are all there.
func Rows(rows ...Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// inLanguage is a text in a language, or the name where there is none.
func inLanguage(lang string, text domain.Text, name string) string {
	if said := text.In(lang); said != "" {
		return said
	}
	return name
}
