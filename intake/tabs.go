package intake

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// tabReader reads cells with tabs between them, as a spreadsheet copies or saves them. Few cells there are in quotation marks: those with a line break,
// in which marks are doubled. In any other cell a mark is a character like others, wherever it stands. So a cell is taken as quoted only where its
// closing mark stands directly before a tab or a line's end, and before the first tab: no mark ever joins two cells.
type tabReader struct {
	r     *bufio.Reader
	ahead []byte // lines that were read to find where a cell ends
	end   error  // behind them
	next  int    // lines that rows were made of
	line  int    // in which the last row begins
}

// FieldPos is where the last row begins; its column is not known.
func (t *tabReader) FieldPos(int) (line, column int) { return t.line, 1 }

// Read gives the cells of the next row.
func (t *tabReader) Read() ([]string, error) {
	if !t.more() {
		return nil, t.end
	}
	t.line = t.next + 1
	var cells []string
	for at := 0; ; {
		text, end, quoted := t.quoted(at)
		if !quoted {
			end = at + bytes.IndexAny(t.ahead[at:], "\t\n")
			text = strings.TrimSuffix(string(t.ahead[at:end]), "\r")
		}
		cells = append(cells, text)
		if t.ahead[end] == '\n' {
			t.next += bytes.Count(t.ahead[:end+1], []byte{'\n'})
			t.ahead = t.ahead[end+1:]
			return cells, nil
		}
		at = end + 1
	}
}

// more makes sure that there is a whole line to read.
func (t *tabReader) more() bool { return len(t.ahead) > 0 || t.readLine() }

// readLine reads one line more. Every line ends in LF, the last one too.
func (t *tabReader) readLine() bool {
	for t.end == nil {
		part, err := t.r.ReadSlice('\n')
		t.ahead = append(t.ahead, part...)
		switch {
		case err == nil:
			return true
		case err == io.EOF && len(t.ahead) > 0 && t.ahead[len(t.ahead)-1] != '\n':
			t.ahead, t.end = append(t.ahead, '\n'), io.EOF
			return true
		case err != bufio.ErrBufferFull:
			t.end, t.ahead = err, t.ahead[:bytes.LastIndexByte(t.ahead, '\n')+1]
		}
	}
	return false
}

// quoted is the text of a cell in quotation marks that begins at a place, and where it ends; false where the cell there is none.
func (t *tabReader) quoted(from int) (text string, end int, ok bool) {
	if t.ahead[from] != '"' {
		return "", 0, false
	}
	for at := from + 1; at < len(t.ahead) || at-from < maxTextBytes && t.readLine(); at++ {
		switch t.ahead[at] {
		case '\t':
			return "", 0, false
		case '"':
			switch behind := bytes.TrimPrefix(t.ahead[at+1:], []byte{'\r'}); {
			case t.ahead[at+1] == '"':
				at++
			case t.ahead[at+1] == '\t' || behind[0] == '\n':
				inner := strings.ReplaceAll(string(t.ahead[from+1:at]), "\r\n", "\n")
				return strings.ReplaceAll(inner, `""`, `"`), len(t.ahead) - len(behind), true
			default:
				return "", 0, false
			}
		}
	}
	return "", 0, false
}
