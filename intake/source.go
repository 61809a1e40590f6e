package intake

import (
	"io"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// The bounds of what is read.
const (
	MaxLineBytes = 4 << 20 // one line, or one row
	maxColumns   = 1_000
	maxDistinct  = 5_000_000 // values that once_per and occurrence remember
)

// Line is one command of a file, or why a line is none. Either Command or Refusal is set.
type Line struct {
	Number  int    // line of a text file, row of a sheet; counts from 1. A mapped row may give several
	Text    []byte // the command as JSON; nil where none could be made. It is the caller's to keep
	Command domain.Command
	Refusal *domain.Refusal
	ID      string // the command's id, where it can be made out
	Again   bool   // it stands in a rejects file: what was refused before is asked again

	// Formerly is the id that the first release gave the command, whose content was a digest of cells as they stand; empty where its id is not
	// made of the content.
	Formerly domain.CommandID
}

// Report counts what was read so far.
type Report struct {
	Lines    int      `json:"lines"`   // lines and rows with content
	Skipped  int      `json:"skipped"` // of these, rows that the mapping says to skip
	Commands int      `json:"commands"`
	Refused  int      `json:"refused"` // could not be read as a command
	Rounded  Rounding `json:"rounded"`
	Cleaned  int      `json:"cleaned"` // texts from which invisible characters were taken

	LeftOut  []LeftOut `json:"left_out"` // the first rows that are recognised as no facts, or that give no command
	Left     int       `json:"left"`     // how many there are of them
	Computed []string  `json:"computed"` // the first cells that were read as the results of formulas
	Results  int       `json:"results"`  // how many there are of them

	Encoding  string   `json:"encoding"`  // of a text that is not UTF-8
	Sheet     string   `json:"sheet"`     // that was read, of a workbook with several
	Unread    []string `json:"unread"`    // other sheets with content
	Hidden    []string `json:"hidden"`    // of these, the hidden ones
	Concealed []string `json:"concealed"` // hidden columns that are not read
}

// Rounding says what rounding, where a mapping declares it, has done to amounts.
type Rounding struct {
	Count   int             `json:"count"`   // of amounts changed
	Sum     decimal.Decimal `json:"sum"`     // of what was added (+) or taken away (−)
	Largest decimal.Decimal `json:"largest"` // change of a single amount, without sign
}

func (r *Rounding) add(change decimal.Decimal) {
	r.Count++
	r.Sum = r.Sum.Add(change)
	if change.Abs().GreaterThan(r.Largest) {
		r.Largest = change.Abs()
	}
}

// Source gives a file's commands in the file's order, one at a time.
type Source struct {
	name    string
	format  Format
	reader  interface{ next() (Line, error) }
	closers []func() error
	report  *Report
	done    func() int64
	size    int64
}

// Next is the next command, [io.EOF] behind the last one, a [*FileError] where the file cannot be read on.
func (s *Source) Next() (Line, error) {
	line, err := s.reader.next()
	if err != nil {
		return Line{}, err
	}
	if line.Refusal != nil {
		s.report.Refused++
	} else {
		s.report.Commands++
	}
	return line, nil
}

// Name is the file's name as it was opened.
func (s *Source) Name() string { return s.name }

// Format is how the file is written.
func (s *Source) Format() Format { return s.format }

// Report counts what was read so far.
func (s *Source) Report() Report { return *s.report }

// Progress is how many bytes of how many are read; of a workbook, of its sheet unpacked.
func (s *Source) Progress() (done, of int64) { return min(s.done(), s.size), s.size }

// Close releases the file.
func (s *Source) Close() error {
	var first error
	for _, shut := range s.closers {
		if err := shut(); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}

// counted counts the bytes that pass.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
