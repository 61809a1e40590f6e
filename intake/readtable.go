package intake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// CellKind is what the cells of a column hold.
type CellKind int

// The kinds. They are judged as strictly as those of commands: a number is no date, and an identifier that was stored as a
// number has lost digits.
const (
	AnyText    CellKind = iota // as it stands
	Identifier                 // without blanks around it
	Amount                     // a decimal; how many places it may have is the caller's to say
	Day                        // 2025-03-01
)

// Wanted is a column that a table has to have, by one of its headings; capitals do not matter.
type Wanted struct {
	Headings []string
	Kind     CellKind
}

// ReadTable reads the rows of a .csv (UTF-8) or .xlsx file that is no file of commands: of each the wanted columns, in the order
// of wanted, with its number in the file. Other columns and empty rows are passed over. Of a workbook the one visible sheet is
// read that has the wanted columns. What cannot be read is a [*FileError]; an error of each ends the reading and is returned
// with its row, where it is none already.
func ReadTable(path string, wanted []Wanted, each func(number int, cells []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return openError(path, err)
	}
	defer f.Close()
	format, size, err := tableFormat(f, path)
	if err != nil {
		return err
	}
	if format == XLSX {
		return readSheet(f, size, path, wanted, each)
	}
	rest, err := newCSVRows(f, path)
	if err != nil {
		return err
	}
	h, err := heading(path, "", rest, Options{})
	if err != nil {
		return err
	}
	return readRows(h, rest, wanted, each)
}

// tableFormat is what a file is, which must be a table.
func tableFormat(f *os.File, path string) (Format, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return "", 0, fmt.Errorf("opening %s: %w", path, err)
	}
	if fault := irregular(info); fault != nil {
		return "", 0, &FileError{File: path, Reason: *fault}
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", 0, wrapRead(path, err)
	}
	format, fault := formatOf(path, "", head[:n])
	if fault != nil && isOLE(head[:n]) {
		fault = oleKind(f)
	}
	if fault == nil && format == JSONL {
		t := say("这不是表格；请给出 .csv 或 .xlsx", "it is no table; give a .csv or .xlsx file")
		fault = &t
	}
	if fault != nil {
		return "", 0, &FileError{File: path, Reason: *fault}
	}
	_, err = f.Seek(0, io.SeekStart)
	return format, info.Size(), err
}

func readSheet(f *os.File, size int64, path string, wanted []Wanted, each func(int, []string) error) error {
	b, err := readWorkbook(f, size, path)
	if err != nil {
		return err
	}
	var fitting []sheet
	var missing error
	for _, s := range b.sheets {
		if s.hidden {
			continue
		}
		h, err := b.headingOf(s)
		if err == nil {
			_, err = places(h, wanted)
		}
		if err == nil {
			fitting = append(fitting, s)
		} else if missing == nil {
			missing = err
		}
	}
	switch {
	case len(fitting) > 1:
		return b.fault("有多个工作表符合（%s、%s）；请只留一个", "several sheets would do (%s, %s); leave one", fitting[0].name, fitting[1].name)
	case len(fitting) == 0 && missing != nil:
		return missing
	case len(fitting) == 0:
		return b.fault("工作簿没有可见的内容", "the workbook has no visible sheet with content")
	}
	if err := b.survey(fitting[0]); err != nil {
		return err
	}
	r, err := b.rows(fitting[0])
	if err != nil {
		return err
	}
	defer r.close()
	h, err := heading(path, fitting[0].name, r, Options{})
	if err != nil {
		return err
	}
	return readRows(h, r, wanted, each)
}

func (b *workbook) headingOf(s sheet) (headings, error) {
	r, err := b.rows(s)
	if err != nil {
		return headings{}, err
	}
	defer r.close()
	return heading(b.name, s.name, r, Options{})
}

// places are the columns that the wanted ones stand in.
func places(h headings, wanted []Wanted) ([]int, error) {
	at := make([]int, len(wanted))
	for i, w := range wanted {
		at[i] = -1
		for column, name := range h.names {
			if !slices.ContainsFunc(w.Headings, func(known string) bool { return strings.EqualFold(known, name) }) {
				continue
			}
			if at[i] >= 0 {
				return nil, h.fault(column, "有两列都可作“%s”；请只留一列", "two columns are headed as %q: leave one", w.Headings[0])
			}
			at[i] = column
		}
		if at[i] < 0 {
			return nil, h.fault(-1, "没有名为 %s 的列", "no column is headed %s", strings.Join(w.Headings, " / "))
		}
	}
	return at, nil
}

var cellKinds = map[CellKind]kind{AnyText: prose, Identifier: ident, Amount: money, Day: day}

func readRows(h headings, rest rows, wanted []Wanted, each func(int, []string) error) error {
	at, err := places(h, wanted)
	if err != nil {
		return err
	}
	cells := make([]string, len(wanted))
	for {
		r, err := rest.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if r.empty() {
			continue
		}
		if r.fault != nil {
			return &FileError{File: h.file, Line: r.number, Reason: r.fault.Message()}
		}
		for i, w := range wanted {
			text, refusal := r.at(at[i]).value(w.Headings[0], cellKinds[w.Kind])
			if refusal != nil {
				return &FileError{File: h.file, Line: r.number, Cell: cellName(at[i], r.number), Reason: refusal.Message()}
			}
			cells[i] = text
		}
		if err := each(r.number, slices.Clone(cells)); err != nil {
			return &RowError{File: h.file, Row: r.number, Err: err}
		}
	}
}

// RowError is what a caller had against a row.
type RowError struct {
	File string
	Row  int // in the file
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Row, e.Err) }

func (e *RowError) Unwrap() error { return e.Err }
