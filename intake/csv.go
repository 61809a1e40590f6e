package intake

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// csvRows reads RFC 4180: commas, quotation marks, UTF-8 with or without a byte-order mark.
type csvRows struct {
	name   string
	r      *csv.Reader
	budget *budget
	line   int // of the last row that was read
}

// budget ends a row that is longer than a row may be, before it fills the memory.
type budget struct {
	r    io.Reader
	left int
}

var errRowTooLong = errors.New("the row is too long")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

func openCSV(f *os.File, size int64, path string, o Options) (*Source, error) {
	if err := surveyCSV(f, path, o); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, wrapRead(path, err)
	}
	c := &counted{Reader: f}
	report := &Report{}
	t, err := csvTable(c, path, o, report)
	if err != nil {
		return nil, err
	}
	return &Source{name: path, format: CSV, reader: t, report: report, size: size, done: func() int64 { return c.n }}, nil
}

func csvTable(r io.Reader, path string, o Options, report *Report) (*table, error) {
	rest, err := newCSVRows(r, path)
	if err != nil {
		return nil, err
	}
	h, err := heading(path, "", rest, o)
	if err != nil {
		return nil, err
	}
	if len(h.names) == 1 {
		for _, sign := range []string{";", "\t", "|"} {
			if strings.Contains(h.names[0], sign) {
				return nil, h.fault(-1, "各列以 %q 分隔；请另存为逗号分隔的 CSV", "its columns are separated by %q; save it with commas", sign)
			}
		}
	}
	return newTable(h, rest, o, report)
}

// surveyCSV goes through a whole file once, so that a broken file is found before any of its rows is given out.
func surveyCSV(f io.Reader, path string, o Options) error {
	t, err := csvTable(f, path, o, &Report{})
	if err != nil {
		return err
	}
	for {
		if _, err := t.rows.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func newCSVRows(r io.Reader, name string) (*csvRows, error) {
	b := &budget{r: r, left: MaxLineBytes}
	buffered := bufio.NewReaderSize(b, 64<<10)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, wrapRead(name, err)
		}
	}
	rows := &csvRows{name: name, r: csv.NewReader(buffered), budget: b}
	rows.r.FieldsPerRecord = -1
	rows.r.ReuseRecord = true
	return rows, nil
}

func (c *csvRows) next() (row, error) {
	c.budget.left = MaxLineBytes
	record, err := c.r.Read()
	if err == io.EOF {
		return row{}, io.EOF
	}
	if err != nil {
		return row{}, c.broken(err)
	}
	line, _ := c.r.FieldPos(0)
	c.line = line
	r := row{number: line, cells: make([]cell, len(record))}
	for i, text := range record {
		if !utf8.ValidString(text) {
			r.fault = within(malformed("这一格不是 UTF-8 编码（像是 %s）；请把整个文件另存为 UTF-8", "the cell is not UTF-8 (it looks like %s); save the whole file as UTF-8",
				guessEncoding([]byte(text))), cellName(i, line))
			return r, nil
		}
		r.cells[i] = cell{text: text}
	}
	return r, nil
}

func (c *csvRows) broken(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, errRowTooLong):
		return &FileError{File: c.name, Line: c.line + 1, Reason: say("这一行或其后超过 %d 字节；可能少了一个引号", "the row here or behind has more than %d bytes; a quotation mark may be missing", MaxLineBytes)}
	case errors.As(err, &parse):
		return &FileError{File: c.name, Line: parse.StartLine, Reason: say("引号不配对或位置不对（第 %d 行第 %d 列）", "a quotation mark is unmatched or misplaced (line %d, column %d)", parse.Line, parse.Column)}
	}
	return wrapRead(c.name, err)
}
