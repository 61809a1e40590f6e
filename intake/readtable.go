package intake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// CellKind is what the cells of a column hold.
type CellKind int

// The kinds. They are judged as strictly as those of commands: a number is no date, and an identifier that was stored as a
// number has lost digits.
const (
	AnyText    CellKind = iota // as it stands
	Identifier                 // without blanks around it
	Amount                     // a decimal; how many places it may have is the caller's to say
	Day                        // 2025-03-01; a time of day behind it is dropped
)

// Wanted is a column that a table has to have, by one of its headings; capitals do not matter.
type Wanted struct {
	Headings []string
	Kind     CellKind
}

// PaymentColumns are the columns of a payment file by their headings: the voucher, the day, the amount and the payee.
func PaymentColumns(headings [4][]string) []Wanted {
	return []Wanted{{headings[0], Identifier}, {headings[1], Day}, {headings[2], Amount}, {headings[3], AnyText}}
}

// ReadTable reads the rows of a .csv or .xlsx file that is no file of commands: of each the wanted columns, in the order of wanted, with its number in
// the file. Other columns, empty rows, rows of totals and notes are passed over. Of a workbook the one visible sheet is read that has the wanted
// columns. Where columns is not nil it says by which headings, and how, the wanted columns are read. What cannot be read is a [*FileError]; an error of
// each ends the reading and is returned with its row, where it is none already.
func ReadTable(path string, wanted []Wanted, columns *Columns, each func(number int, cells []string) error) (Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return Report{}, openError(path, err)
	}
	defer f.Close()
	format, err := tableFormat(f, path)
	if err != nil {
		return Report{}, err
	}
	q := question{wanted: wanted, columns: columns}
	report := &Report{}
	var t *table
	if format.Format == XLSX {
		t, err = q.sheet(f, format.size, path, report)
	} else {
		t, err = q.csv(f, format, path, report)
	}
	if err != nil {
		return *report, err
	}
	return *report, q.read(t, each)
}

// tableFormat is what a file is, which must be a table.
func tableFormat(f *os.File, path string) (textFormat, error) {
	info, err := f.Stat()
	if err != nil {
		return textFormat{}, fmt.Errorf("opening %s: %w", path, err)
	}
	if fault := irregular(info); fault != nil {
		return textFormat{}, &FileError{File: path, Reason: *fault}
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return textFormat{}, wrapRead(path, err)
	}
	format, fault := formatOf(path, "", head[:n])
	if fault != nil && isOLE(head[:n]) {
		fault = oleKind(f, path)
	}
	if fault == nil && format == JSONL {
		t := say("这不是表格；请给出 .csv 或 .xlsx", "it is no table; give a .csv or .xlsx file")
		fault = &t
	}
	text := textFormat{Format: format, size: info.Size()}
	if fault == nil && format == CSV {
		if text, fault, err = textFormatOf(f, info.Size(), head[:n]); err != nil {
			return text, wrapRead(path, err)
		}
	}
	if fault != nil {
		return text, &FileError{File: path, Reason: *fault}
	}
	_, err = f.Seek(0, io.SeekStart)
	return text, err
}

// question is what is wanted of a table.
type question struct {
	wanted  []Wanted
	columns *Columns
}

func (q question) heading(span func(int) int) wantedHeading {
	w := wantedHeading{span: span, fits: func(h headings) bool { _, err := q.places(h); return err == nil }}
	if q.columns != nil {
		w.row = q.columns.HeaderRow
	}
	return w
}

func (q question) table(h headings, rest rows, report *Report) (*table, error) {
	at, err := q.places(h)
	if err != nil {
		return nil, err
	}
	return tableOf(h, rest, &wantedPlan{q, at}, report)
}

func (q question) sheet(f *os.File, size int64, path string, report *Report) (*table, error) {
	b, err := readWorkbook(f, size, path)
	if err != nil {
		return nil, err
	}
	asked := ""
	if q.columns != nil {
		asked = q.columns.Sheet
	}
	chosen, err := b.choose(asked, q.heading, report)
	if err != nil {
		return nil, err
	}
	_, t, err := b.table(chosen, q.heading, q.table, report) // what it reads from ends with the file
	return t, err
}

func (q question) csv(f *os.File, format textFormat, path string, report *Report) (*table, error) {
	open := func(report *Report) (*table, error) {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, wrapRead(path, err)
		}
		return csvTable(f, format, path, q.heading, q.table, report)
	}
	t, err := open(&Report{})
	if err == nil {
		err = t.check()
	}
	if err != nil {
		return nil, err
	}
	return open(report)
}

// places are the columns that the wanted ones stand in.
func (q question) places(h headings) ([]int, error) {
	at := make([]int, len(q.wanted))
	for i, w := range q.wanted {
		names := w.Headings
		if q.columns != nil {
			names = []string{q.columns.Columns[w.Headings[0]].Heading}
		}
		at[i] = -1
		for _, name := range names {
			column, err := h.column(name)
			switch {
			case err != nil:
				return nil, err
			case column < 0 || column == at[i]:
				continue
			case at[i] >= 0:
				return nil, h.fault(column, "有两列都可作“%s”；请只留一列", "two columns are headed as %q: leave one", w.Headings[0])
			}
			at[i] = column
		}
		if at[i] < 0 {
			return nil, h.absent(-1, "没有名为 %s 的列", "no column is headed %s", strings.Join(names, " / "))
		}
	}
	return at, nil
}

var cellKinds = map[CellKind]kind{AnyText: prose, Identifier: ident, Amount: money, Day: day}

// wantedPlan is the plan of a table of which columns are wanted and no commands are made.
type wantedPlan struct {
	question
	at []int
}

func (p *wantedPlan) used() []int { return p.at }

func (p *wantedPlan) naming() []int {
	var found []int
	for i, w := range p.wanted {
		if w.Kind == Identifier {
			found = append(found, p.at[i])
		}
	}
	return found
}

func (p *wantedPlan) commands(row, *Report) []Line { return nil }

func (p *wantedPlan) skipped(r row) bool {
	return p.columns != nil && slices.ContainsFunc(p.columns.Skip, func(s Skip) bool {
		i := slices.IndexFunc(p.wanted, func(w Wanted) bool { return w.Headings[0] == s.Column })
		return squeezed(r.at(p.at[i]).text) == squeezed(s.Equals)
	})
}

func (p *wantedPlan) amounts(r row, total bool) (map[int]decimal.Decimal, bool) {
	var names []string
	columns, places := map[string]Column{}, map[string]int{}
	for i, w := range p.wanted {
		if w.Kind == Amount && p.at[i] >= 0 {
			names = append(names, w.Headings[0])
			columns[w.Headings[0]], places[w.Headings[0]] = p.column(w), p.at[i]
		}
	}
	return amountsIn(r, names, columns, places, total)
}

// column is how a wanted column is read.
func (q question) column(w Wanted) Column {
	if q.columns != nil {
		return q.columns.Columns[w.Headings[0]]
	}
	return Column{Heading: w.Headings[0], Read: map[CellKind]string{Amount: "amount", Day: "date"}[w.Kind]}
}

// read gives the rows of a table.
func (q question) read(t *table, each func(int, []string) error) error {
	at, cells := t.used, make([]string, len(q.wanted))
	for {
		r, err := t.rows.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if r.empty() {
			continue
		}
		left, out, err := t.judged(&r)
		if err != nil {
			return err
		}
		if r.fault != nil {
			return &FileError{File: t.headings.file, Line: r.number, Cell: r.fault.Figures["cell"], Reason: r.fault.Message()}
		}
		t.report.Lines++
		switch {
		case out && left.Why == "":
			t.report.Skipped++
			continue
		case out:
			t.report.leave(left)
			continue
		}
		for i, w := range q.wanted {
			text, refusal := q.cell(w, r.at(at[i]), t.report)
			if refusal != nil {
				return &FileError{File: t.headings.file, Line: r.number, Cell: cellName(at[i], r.number), Reason: refusal.Message()}
			}
			cells[i] = text
		}
		if err := each(r.number, slices.Clone(cells)); err != nil {
			return &RowError{File: t.headings.file, Row: r.number, Err: err}
		}
	}
}

// cell is what a cell says for a wanted column. Without a mapping an amount keeps its decimals and its sign, for the caller judges them.
func (q question) cell(w Wanted, from cell, report *Report) (string, *domain.Refusal) {
	c := q.column(w)
	if w.Kind == Day {
		from = from.wholeDay()
	}
	if q.columns == nil {
		return from.value(w.Headings[0], cellKinds[w.Kind])
	}
	if w.Kind != Amount {
		return c.value(from)
	}
	text, negative, refusal := c.signed(from, &report.Rounded)
	if negative && refusal == nil {
		text = "-" + text
	}
	return text, refusal
}

// RowError is what a caller had against a row.
type RowError struct {
	File string
	Row  int // in the file
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Row, e.Err) }

func (e *RowError) Unwrap() error { return e.Err }
