package archive

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// ControlTotals are what the tables of a bundle add up to: whoever loads them adds up again and compares.
type ControlTotals struct {
	JournalRows int                     `json:"journal_rows"`
	TotalRows   int                     `json:"total_rows"`
	Sums        map[string]domain.Money `json:"sums"` // of each kind of posting
}

// tables makes a bundle's tables of its events.
type tables struct {
	lines    map[projections.Line]*projections.Figures
	control  ControlTotals
	policies *published // that govern them
}

func newTables() *tables {
	return &tables{lines: map[projections.Line]*projections.Figures{}, control: ControlTotals{Sums: map[string]domain.Money{}}, policies: newPublished()}
}

// journal writes every posting of the events that each hands over.
func (t *tables) journal(w io.Writer, each func(take func(eventstore.Record) error) error) error {
	out := csv.NewWriter(w)
	head := []string{"seq", "n", "business_date", "kind", "count", "amount", "enterprise", "clause", "via", "subject_kind", "subject", "support_year",
		"budget_year", "application", "ref"}
	if err := out.Write(head); err != nil {
		return err
	}
	err := each(func(r eventstore.Record) error {
		entry, err := wire.Decode(r)
		if err != nil {
			return err
		}
		if err := t.policies.take(entry); err != nil {
			return err
		}
		postings, err := projections.Fold(entry)
		if err != nil {
			return err
		}
		for _, p := range postings {
			t.add(p)
			if err := out.Write(journalRow(p)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func (t *tables) add(p projections.Posting) {
	f := t.lines[p.Line]
	if f == nil {
		f = &projections.Figures{}
		t.lines[p.Line] = f
	}
	f.Add(p)
	t.control.JournalRows++
	t.control.Sums[p.Kind.String()] = t.control.Sums[p.Kind.String()].Add(p.Amount)
}

func journalRow(p projections.Posting) []string {
	budget := ""
	if p.BudgetYear != 0 {
		budget = strconv.Itoa(p.BudgetYear)
	}
	return []string{strconv.FormatUint(p.Seq, 10), strconv.Itoa(p.N), p.Date.String(), p.Kind.String(), strconv.Itoa(p.Count), p.Amount.String(), cell(string(p.Line.Enterprise)),
		cell(string(p.Line.Clause)), cell(string(p.Via)), string(p.Line.Subject.Kind), cell(p.Line.Subject.ID), p.Line.Year.String(), budget,
		cell(string(p.Application)), cell(p.Ref)}
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) {
		return "'" + s
	}
	return s
}

// totals writes the sums by line.
func (t *tables) totals(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"enterprise", "clause", "subject_kind", "subject", "support_year", "applications"}
	kinds := t.kinds()
	for _, k := range kinds {
		head = append(head, k.String())
	}
	if err := out.Write(append(head, "use", "net_paid")); err != nil {
		return err
	}
	for _, l := range slices.SortedFunc(maps.Keys(t.lines), projections.Line.Compare) {
		f := t.lines[l]
		row := []string{cell(string(l.Enterprise)), cell(string(l.Clause)), string(l.Subject.Kind), cell(l.Subject.ID), l.Year.String(), fmt.Sprint(f.Applications)}
		for _, k := range kinds {
			row = append(row, f.Of(k).String())
		}
		if err := out.Write(append(row, f.Use().String(), f.NetPaid().String())); err != nil {
			return err
		}
		t.control.TotalRows++
	}
	out.Flush()
	return out.Error()
}

// kinds are the kinds of postings that the totals have a column of. One that came with the second edition of the rules has none
// where there is nothing in it, so that the tables of an earlier bundle are made again as they were.
func (t *tables) kinds() []projections.Kind {
	return slices.DeleteFunc(projections.Kinds(), func(k projections.Kind) bool {
		_, posted := t.control.Sums[k.String()]
		return (k == projections.ReceivedBeyond || k == projections.WrittenOff) && !posted
	})
}
