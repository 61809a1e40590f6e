package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// lines reads one command a line.
type lines struct {
	name   string
	r      *bufio.Reader
	number int
	report *Report
}

func openLines(r io.Reader, size int64, name string) *Source {
	c := &counted{Reader: r}
	s := &Source{name: name, format: JSONL, report: &Report{}, size: size, done: func() int64 { return c.n }}
	s.reader = &lines{name: name, r: bufio.NewReaderSize(c, 64<<10), report: s.report}
	return s
}

func (l *lines) next() (Line, error) {
	for {
		text, tooLong, err := readLine(l.r)
		if err != nil && !errors.Is(err, io.EOF) {
			return Line{}, fmt.Errorf("reading %s behind line %d: %w", l.name, l.number, err)
		}
		if err != nil && len(text) == 0 && !tooLong {
			return Line{}, io.EOF
		}
		l.number++
		if l.number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(text)) == 0 && !tooLong {
			continue
		}
		l.report.Lines++
		return lineOf(l.number, text, tooLong, l.report), nil
	}
}

// lineOf reads a line as a command.
func lineOf(number int, text []byte, tooLong bool, report *Report) Line {
	line := Line{Number: number}
	switch {
	case tooLong:
		line.Refusal = malformed(domain.ReasonLineTooLong, "limit", MaxLineBytes)
	case !utf8.Valid(text):
		line.Refusal = malformed(domain.ReasonEncoding, "detail", guessEncoding(text))
	default:
		if again := askedAgain(text); again != nil {
			text, line.Again = again, true
		}
		text, count := cleanLine(text)
		report.Cleaned += count
		line.Text = text
		line.Command, line.Refusal = wire.DecodeCommand(text)
		if line.Refusal != nil {
			line.Command, line.ID = nil, wire.CommandID(text)
		} else {
			line.ID = string(line.Command.Given().ID)
		}
	}
	return line
}

func malformed(reason domain.Reason, figures ...any) *domain.Refusal {
	return domain.NewRefusal(domain.CodeCommandMalformed, append([]any{"reason", reason}, figures...)...)
}

// readLine reads up to the next line break, which it leaves out. Of a line beyond the bound nothing is kept; it is read
// past, and so never held in memory.
func readLine(r *bufio.Reader) (text []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			text = append(text, part...)
		}
		if len(text) > MaxLineBytes+2 {
			text, tooLong = nil, true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		if len(text) > MaxLineBytes {
			text, tooLong = nil, true
		}
		return text, tooLong, err
	}
}
