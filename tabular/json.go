package tabular

import (
	"bufio"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

type jsonWriter struct {
	out   *bufio.Writer
	names [][]byte // quoted, with what comes before and after: `{"a":`, `,"b":`
	lines bool     // NDJSON
	rows  int64
	buf   []byte
}

func newJSON(out *bufio.Writer, t Table, lines bool) (*jsonWriter, error) {
	w := &jsonWriter{out: out, lines: lines}
	for i, c := range t.Columns {
		name := []byte{','}
		if i == 0 {
			name = []byte{'{'}
		}
		name, err := jsontext.AppendQuote(name, c.Name)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		w.names = append(w.names, append(name, ':'))
	}
	if !lines {
		out.WriteByte('[')
	}
	return w, nil
}

func (w *jsonWriter) row(cells []cell) error {
	w.separate()
	buf := w.buf[:0]
	var err error
	for i, c := range cells {
		buf = append(buf, w.names[i]...)
		switch {
		case !c.set:
			buf = append(buf, "null"...)
		case c.kind == Integer || c.kind == Bool:
			buf = c.appendPlain(buf)
		case c.kind == Text:
			if buf, err = jsontext.AppendQuote(buf, c.text); err != nil {
				return err
			}
		default:
			buf = append(c.appendPlain(append(buf, '"')), '"')
		}
	}
	w.rows++
	w.buf = append(buf, '}')
	_, err = w.out.Write(w.buf)
	return err
}

// separate puts each object on a line of its own.
func (w *jsonWriter) separate() {
	if !w.lines && w.rows > 0 {
		w.out.WriteByte(',')
	}
	if !w.lines || w.rows > 0 {
		w.out.WriteByte('\n')
	}
}

func (w *jsonWriter) finish(Summary) error {
	end := "\n"
	switch {
	case w.lines && w.rows == 0:
		end = ""
	case !w.lines && w.rows == 0:
		end = "]\n"
	case !w.lines:
		end = "\n]\n"
	}
	_, err := w.out.WriteString(end)
	return err
}

// abandon leaves the array open; lines end in one that is no JSON.
func (w *jsonWriter) abandon(error) {
	if w.lines {
		w.separate()
		w.out.WriteByte('{')
	}
}
