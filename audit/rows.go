package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Rows are the projections as they are kept: one snapshot, so that all answers are of one position.
type Rows interface {
	// Position is the last event that was projected.
	Position(ctx context.Context) (uint64, error)
	// Refold begins to fold the log again, to compare every column of every table with it.
	Refold(ctx context.Context) (projections.Refold, error)
	// Accounts hands over every account line as it is answered on a day, in any order.
	Accounts(ctx context.Context, on domain.Date, fn func(projections.AccountRow) error) error
}

// rowCheck holds the tables against the log, and what is answered from them against the rules.
type rowCheck struct {
	rows     Rows
	refold   projections.Refold
	position uint64
	seen     uint64
	wrong    int64 // rows, columns and accounts that differ
	tables   []projections.Difference
	findings []Finding
}

func newRowCheck(ctx context.Context, rows Rows) (*rowCheck, error) {
	position, err := rows.Position(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how far the log is projected: %w", err)
	}
	refold, err := rows.Refold(ctx)
	return &rowCheck{rows: rows, refold: refold, position: position}, err
}

func (c *rowCheck) note(f Finding) {
	if len(c.findings) < MaxFindings {
		c.findings = append(c.findings, f)
	}
}

// take folds an event. One that cannot be read is missed, which the next that follows it shows.
func (c *rowCheck) take(ctx context.Context, e *Event) error {
	c.seen = max(c.seen, e.Record.Seq)
	if !e.Read {
		return nil
	}
	return c.refold.Take(ctx, e.Entry, e.Record)
}

// finish compares everything.
func (c *rowCheck) finish(ctx context.Context, j Judgement) error {
	if c.position > c.seen {
		c.wrong++
		c.note(found(codeRowAhead, "projections", nil, "position", number(c.position), "end", number(c.seen)))
	}
	if err := c.compareTables(ctx); err != nil {
		return err
	}
	if c.position != c.seen {
		return nil
	}
	err := c.compareAccounts(ctx, j)
	if err != nil && c.wrong > 0 && ctx.Err() == nil {
		return nil // tables that hold something else need have no answer, and what they hold was found
	}
	return err
}

// compareTables holds every column of every table against what the log says.
func (c *rowCheck) compareTables(ctx context.Context) error {
	tables, err := c.refold.Differences(ctx)
	var broken *projections.RefoldError
	if errors.As(err, &broken) {
		c.wrong++
		c.note(found(CodeRowUnfolded, "projections", []uint64{broken.Seq}, "seq", number(broken.Seq), "reason", broken.Err.Error()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("comparing the projections with the log: %w", err)
	}
	c.tables = tables
	for _, d := range tables {
		c.compared(d)
	}
	return nil
}

// compared notes how a table differs: how much, and the first of its cells.
func (c *rowCheck) compared(d projections.Difference) {
	if !d.Differs() {
		return
	}
	c.wrong += d.Wrong()
	c.note(found(CodeRowTable, "table "+d.Table, nil, "table", d.Table, "changed", fmt.Sprint(d.Changed), "added", fmt.Sprint(d.Added),
		"missing", fmt.Sprint(d.Missing), "shape", fmt.Sprint(d.Shape)))
	for _, cell := range d.Cells {
		c.note(cellFinding(d.Table, cell))
	}
}

func cellFinding(table string, cell projections.Cell) Finding {
	code := codeRowCell
	switch {
	case cell.Key == "" && cell.Column != "":
		code = codeRowShape
	case cell.Column == "" && cell.Kept == nil:
		code = codeRowMissing
	case cell.Column == "":
		code = codeRowAdded
	}
	subject := strings.Join(slices.DeleteFunc([]string{table, cell.Key, cell.Column}, func(part string) bool { return part == "" }), " ")
	return found(code, subject, nil, "table", table, "key", cell.Key, "column", cell.Column, "kept", domain.Clip(projections.CellText(cell.Kept), 160),
		"expected", domain.Clip(projections.CellText(cell.Said), 160))
}

// differing are the tables that differ.
func (c *rowCheck) differing() []projections.Difference {
	return slices.DeleteFunc(slices.Clone(c.tables), func(d projections.Difference) bool { return !d.Differs() })
}

// compareAccounts holds the account lines that are answered against the state that the rules left.
func (c *rowCheck) compareAccounts(ctx context.Context, j Judgement) error {
	today := domain.DateIn(j.Last, domain.Shanghai)
	err := c.rows.Accounts(ctx, today, func(r projections.AccountRow) error {
		a := domain.Account{Clause: r.Clause, Subject: domain.Subject{Kind: r.SubjectKind, ID: r.Subject}}
		view, ok := j.State.Account(a, r.SupportYear, today)
		if !ok || view.Cap != r.Cap || view.Headroom() != r.Headroom {
			text := fmt.Sprintf("account %s/%s:%s/%s", r.Clause, r.SubjectKind, r.Subject, r.SupportYear)
			c.wrong++
			c.note(found(codeRowAccount, text, nil, "account", text, "kept", r.Headroom.String(), "expected", view.Headroom().String()))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the projected accounts: %w", err)
	}
	return nil
}
