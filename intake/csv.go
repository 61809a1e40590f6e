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

// csvRows reads RFC 4180: quotation marks, UTF-8 with or without a byte-order mark, and commas or another sign between cells. Cells with tabs between
// them are read as spreadsheets copy them.
type csvRows struct {
	name   string
	r      recordReader
	budget *budget
	line   int // of the last row that was read
}

// recordReader gives the cells of a row, and the line that it begins in.
type recordReader interface {
	Read() ([]string, error)
	FieldPos(field int) (line, column int)
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

func openCSV(f *os.File, format textFormat, path string, o Options) (*Source, error) {
	report := &Report{}
	open := func(r io.Reader, report *Report) (*table, error) {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, wrapRead(path, err)
		}
		made := func(h headings, rest rows, report *Report) (*table, error) { return newTable(h, rest, o, report) }
		return csvTable(r, format, path, o.heading, made, report)
	}
	t, err := open(f, &Report{})
	if err == nil {
		err = t.check()
	}
	if err != nil {
		return nil, err
	}
	c := &counted{Reader: f}
	if t, err = open(c, report); err != nil {
		return nil, err
	}
	return &Source{name: path, format: CSV, reader: t, report: report, size: format.size, done: func() int64 { return c.n }}, nil
}

func csvTable(r io.Reader, format textFormat, path string, wanted func(func(int) int) wantedHeading, made func(headings, rows, *Report) (*table, error),
	report *Report) (*table, error) {
	if format.encoding != "UTF-8" {
		report.Encoding = format.encoding
	}
	all, err := newCSVRows(format.decoded(r), format.comma, path)
	if err != nil {
		return nil, err
	}
	h, rest, err := heading(path, "", all, wanted(nil))
	if err != nil {
		return nil, err
	}
	if len(h.names) == 1 && strings.Contains(h.names[0], "|") {
		return nil, h.fault(-1, "各列以 %q 分隔；请另存为逗号分隔的 CSV", "its columns are separated by %q; save it with commas", "|")
	}
	return made(h, rest, report)
}

func newCSVRows(r io.Reader, comma rune, name string) (*csvRows, error) {
	b := &budget{r: r, left: MaxLineBytes}
	buffered := bufio.NewReaderSize(b, 64<<10)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, wrapRead(name, err)
		}
	}
	if comma == '\t' {
		return &csvRows{name: name, r: &tabReader{r: buffered}, budget: b}, nil
	}
	separated := csv.NewReader(buffered)
	separated.Comma = comma
	separated.FieldsPerRecord = -1
	separated.ReuseRecord = true
	return &csvRows{name: name, r: separated, budget: b}, nil
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
		r.cells[i] = cell{text: bare(text)}
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

// bare is a cell's text without the apostrophe that an export puts before what a spreadsheet would run as a formula.
func bare(text string) string {
	rest, ok := strings.CutPrefix(text, "'")
	if body := strings.TrimLeft(rest, "'"); ok && body != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", []rune(body)[0]) {
		return rest
	}
	return text
}
