package tabular

import (
	"bufio"
	"strings"
)

// csvWriter is not encoding/csv's: that one rewrites line ends inside of cells, and leaves an empty line, which readers skip,
// for a row whose only cell is empty.
type csvWriter struct {
	out *bufio.Writer
}

func newCSV(out *bufio.Writer, t Table, opts Options) *csvWriter {
	w := &csvWriter{out}
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
	for i, c := range cells {
		if i > 0 {
			w.out.WriteByte(',')
		}
		text := c.plain()
		if c.kind == Text {
			text = neutral(text)
		}
		if text == "" && len(cells) == 1 || strings.ContainsAny(text, ",\"\r\n") {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		w.out.WriteString(text)
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

func (w *csvWriter) finish(Summary) error { return nil }

// abandon opens a quote and never closes it, on which readers fail.
func (w *csvWriter) abandon(cause error) {
	w.out.WriteString(`"INCOMPLETE: ` + strings.ReplaceAll(cause.Error(), `"`, `""`))
}

// neutral keeps a spreadsheet from running a text as a formula. Text that looks like neutralised text gets an apostrophe
// too, so that no two texts are written alike.
func neutral(text string) string {
	bare := strings.TrimLeft(text, "'")
	if bare != "" && strings.IndexByte("=+-@\t\r", bare[0]) >= 0 {
		return "'" + text
	}
	return text
}
