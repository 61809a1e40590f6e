package tabular

import (
	"bufio"
	"strings"
	"unicode/utf8"
)

// openers are what some spreadsheet takes for the start of a formula: the signs, their full-width forms, which East Asian editions
// read alike, and what importers strip before looking for a sign.
const openers = "=+-@＝＋－＠\t\r\n\x00"

// csvWriter is not encoding/csv's: that one rewrites line ends inside of cells, and leaves an empty line, which readers skip,
// for a row whose only cell is empty.
type csvWriter struct {
	out *bufio.Writer
	buf []byte
}

func newCSV(out *bufio.Writer, t Table, opts Options) *csvWriter {
	w := &csvWriter{out: out}
	if !opts.NoBOM {
		out.WriteString("\uFEFF")
	}
	heads := make([]cell, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = cell{set: true, text: c.Name}
		if opts.HumanHeadings {
			heads[i].text = c.Heading(opts.Lang)
		}
	}
	// A failed write is kept by out, and reported with the first row or the last flush.
	_ = w.row(heads)
	return w
}

func (w *csvWriter) row(cells []cell) error {
	buf := w.buf[:0]
	for i, c := range cells {
		if i > 0 {
			buf = append(buf, ',')
		}
		switch {
		case c.kind == Text && c.text != "":
			buf = appendField(buf, neutral(c.text))
		case len(cells) == 1 && (!c.set || c.kind == Text):
			buf = append(buf, `""`...)
		default:
			buf = c.appendPlain(buf)
		}
	}
	w.buf = append(buf, "\r\n"...)
	_, err := w.out.Write(w.buf)
	return err
}

func appendField(buf []byte, text string) []byte {
	if !strings.ContainsAny(text, ",\"\r\n") {
		return append(buf, text...)
	}
	buf = append(buf, '"')
	buf = append(buf, strings.ReplaceAll(text, `"`, `""`)...)
	return append(buf, '"')
}

func (w *csvWriter) finish(Summary) error { return nil }

// abandon opens a quote and never closes it, on which readers fail.
func (w *csvWriter) abandon(cause error) {
	w.out.WriteString(`"INCOMPLETE: ` + strings.ReplaceAll(cause.Error(), `"`, `""`))
}

// neutral keeps a spreadsheet from running a text as a formula. Text that looks like neutralised text gets an apostrophe
// too, so that no two texts are written alike.
func neutral(text string) string {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	if size > 0 && strings.ContainsRune(openers, first) {
		return "'" + text
	}
	return text
}
