package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
)

// Rows are the projections as they are kept: one snapshot, so that all answers are of one position.
type Rows interface {
	// Position is the last event that was projected.
	Position(ctx context.Context) (uint64, error)
	// Events are the rows of the events from one position to another, both included, in order.
	Events(ctx context.Context, from, to uint64) ([]EventRow, error)
	// Journal are the postings of the events from one position to another, both included, by sequence and place.
	Journal(ctx context.Context, from, to uint64) ([]projections.Posting, error)
	// Lines hands over every line with its sums, in any order.
	Lines(ctx context.Context, fn func(projections.Line, projections.Figures) error) error
	// Accounts hands over every account line as it is answered on a day, in any order.
	Accounts(ctx context.Context, on domain.Date, fn func(projections.AccountRow) error) error
}

// EventRow is an event as the projections keep it.
type EventRow = projections.KeptEvent

const window = 2000 // events that are compared at once

// rowCheck folds the log and compares what is kept.
type rowCheck struct {
	rows     Rows
	position uint64
	from     uint64 // of the window
	events   []EventRow
	postings []projections.Posting
	lines    map[projections.Line]*projections.Figures
	seen     uint64
	wrong    int
	counts   map[string]int // of findings, by code
	findings []Finding
}

func newRowCheck(rows Rows, position uint64) *rowCheck {
	return &rowCheck{rows: rows, position: position, from: 1, counts: map[string]int{}, lines: map[projections.Line]*projections.Figures{}}
}

func (c *rowCheck) note(f Finding) {
	c.wrong++
	if c.counts[f.Code]++; c.counts[f.Code] <= MaxFindings {
		c.findings = append(c.findings, f)
	}
}

func (c *rowCheck) take(ctx context.Context, e *Event) error {
	seq := e.Record.Seq
	if c.seen = max(c.seen, seq); seq > c.position {
		return nil
	}
	c.events = append(c.events, EventRow{Seq: seq, Recorded: e.Record.Time, Subject: e.Record.Subject, Data: e.Record.Data})
	if e.Read {
		postings, err := projections.Fold(e.Entry)
		if err != nil {
			return fmt.Errorf("folding the log again: %w", err)
		}
		c.postings = append(c.postings, postings...)
		for _, p := range postings {
			f := c.lines[p.Line]
			if f == nil {
				f = &projections.Figures{}
				c.lines[p.Line] = f
			}
			f.Add(p)
		}
	}
	if len(c.events) == window {
		return c.compare(ctx)
	}
	return nil
}

// compare holds a window against the rows kept.
func (c *rowCheck) compare(ctx context.Context) error {
	if len(c.events) == 0 {
		return nil
	}
	to := c.events[len(c.events)-1].Seq
	events, err := c.rows.Events(ctx, c.from, to)
	if err != nil {
		return fmt.Errorf("reading the projected events %d to %d: %w", c.from, to, err)
	}
	postings, err := c.rows.Journal(ctx, c.from, to)
	if err != nil {
		return fmt.Errorf("reading the journal of events %d to %d: %w", c.from, to, err)
	}
	c.compareEvents(events)
	c.comparePostings(postings)
	c.events, c.postings, c.from = c.events[:0], c.postings[:0], to+1
	return nil
}

func (c *rowCheck) compareEvents(kept []EventRow) {
	differs := func(seq uint64) {
		c.note(found(CodeRowEvent, event(seq)+" projected", []uint64{seq}, "seq", number(seq)))
	}
	merge(c.events, kept, func(a, b EventRow) int { return cmp.Compare(a.Seq, b.Seq) }, func(want, got *EventRow) {
		switch {
		case want == nil:
			differs(got.Seq)
		case got == nil || !want.Recorded.Equal(got.Recorded) || want.Subject != got.Subject || !bytes.Equal(want.Data, got.Data):
			differs(want.Seq)
		}
	})
}

func (c *rowCheck) comparePostings(kept []projections.Posting) {
	merge(c.postings, kept, func(a, b projections.Posting) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.N, b.N)) }, func(want, got *projections.Posting) {
		if want != nil && got != nil && *want == *got {
			return
		}
		one := want
		if one == nil {
			one = got
		}
		c.note(found(CodeRowJournal, fmt.Sprintf("posting %d of event %d", one.N, one.Seq), []uint64{one.Seq}, "seq", number(one.Seq), "n", fmt.Sprint(one.N),
			"kept", postingText(got), "expected", postingText(want)))
	})
}

func postingText(p *projections.Posting) string {
	if p == nil {
		return "–"
	}
	return fmt.Sprintf("%s %s %s/%s/%s/%s %s", p.Kind, p.Amount, p.Line.Enterprise, p.Line.Clause, p.Line.Subject.ID, p.Line.Year, p.Date)
}

// merge walks two ordered lists side by side; what one lacks is nil.
func merge[T any](want, got []T, order func(a, b T) int, pair func(want, got *T)) {
	for len(want) > 0 || len(got) > 0 {
		var a, b *T
		if len(want) > 0 && (len(got) == 0 || order(want[0], got[0]) <= 0) {
			a = &want[0]
		}
		if len(got) > 0 && (len(want) == 0 || order(want[0], got[0]) >= 0) {
			b = &got[0]
		}
		pair(a, b)
		if a != nil {
			want = want[1:]
		}
		if b != nil {
			got = got[1:]
		}
	}
}

// finish compares what is left: the last window, the lines and the accounts.
func (c *rowCheck) finish(ctx context.Context, j Judgement) ([]Finding, error) {
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	if c.position > c.seen {
		c.note(found(CodeRowAhead, "projections", nil, "position", number(c.position), "end", number(c.seen)))
		extra, err := c.rows.Journal(ctx, c.seen+1, c.position)
		if err != nil {
			return nil, fmt.Errorf("reading the journal beyond the log: %w", err)
		}
		c.comparePostings(extra)
	}
	if err := c.compareLines(ctx); err != nil {
		return nil, err
	}
	if c.position == c.seen {
		if err := c.compareAccounts(ctx, j); err != nil {
			return nil, err
		}
	}
	return c.findings, nil
}

func (c *rowCheck) compareLines(ctx context.Context) error {
	err := c.rows.Lines(ctx, func(l projections.Line, kept projections.Figures) error {
		want := c.lines[l]
		if want == nil || *want != kept {
			c.note(found(CodeRowLine, l.String(), nil, "line", l.String(), "kept", figuresText(&kept), "expected", figuresText(want)))
		}
		delete(c.lines, l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the projected lines: %w", err)
	}
	for l, want := range c.lines {
		c.note(found(CodeRowLine, l.String(), nil, "line", l.String(), "kept", "–", "expected", figuresText(want)))
	}
	return nil
}

// figuresText names the figures that are not nought.
func figuresText(f *projections.Figures) string {
	if f == nil {
		return "–"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "applications %d", f.Applications)
	for _, k := range projections.Kinds() {
		if !f.Of(k).IsZero() {
			fmt.Fprintf(&b, ", %s %s", k, f.Of(k))
		}
	}
	return b.String()
}

// compareAccounts holds the account lines that are answered against the state that the rules left.
func (c *rowCheck) compareAccounts(ctx context.Context, j Judgement) error {
	today := domain.DateIn(j.Last, domain.Shanghai)
	err := c.rows.Accounts(ctx, today, func(r projections.AccountRow) error {
		a := domain.Account{Clause: r.Clause, Subject: domain.Subject{Kind: r.SubjectKind, ID: r.Subject}}
		view, ok := j.State.Account(a, r.SupportYear, today)
		if !ok || view.Cap != r.Cap || view.Headroom() != r.Headroom {
			text := fmt.Sprintf("account %s/%s:%s/%s", r.Clause, r.SubjectKind, r.Subject, r.SupportYear)
			c.note(found(CodeRowAccount, text, nil, "account", text, "kept", r.Headroom.String(), "expected", view.Headroom().String()))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the projected accounts: %w", err)
	}
	return nil
}

// hashCheck holds the kept tree against the log's leaves: every leaf, every whole node.
type hashCheck struct {
	hashes   proof.Hashes
	frontier eventstore.Frontier
	nodes    []eventstore.Node // completed by the row
	next     int64
	row      []tlog.Hash
	ended    bool // the kept tree is shorter
	findings []Finding
}

func (c *hashCheck) take(ctx context.Context, leaf tlog.Hash) error {
	c.row = append(c.row, leaf)
	c.nodes = append(c.nodes, c.frontier.Append(leaf)...)
	if len(c.row) < 256 {
		return nil
	}
	return c.compare(ctx)
}

func (c *hashCheck) compare(ctx context.Context) error {
	if c.ended || len(c.row) == 0 {
		return nil
	}
	kept, err := c.hashes.Leaves(ctx, c.next, c.next+int64(len(c.row)))
	if errors.Is(err, eventstore.ErrNotFound) {
		if err := c.compareSingly(ctx); err != nil || c.ended {
			return err
		}
		c.next += int64(len(c.row))
		c.row = c.row[:0]
		return c.compareNodes(ctx)
	}
	if err != nil {
		return fmt.Errorf("reading the kept tree from leaf %d: %w", c.next, err)
	}
	for i, leaf := range c.row {
		seq := uint64(c.next) + uint64(i) + 1
		if i >= len(kept) || kept[i] != leaf {
			c.differs(seq)
		}
	}
	c.next += int64(len(c.row))
	c.row = c.row[:0]
	return c.compareNodes(ctx)
}

// compareSingly compares a row of which some leaf is missing, leaf by leaf: one that was taken out hides nothing behind it. Where
// none follows, the kept tree ends.
func (c *hashCheck) compareSingly(ctx context.Context) error {
	var missing []uint64
	for i, leaf := range c.row {
		seq := uint64(c.next) + uint64(i) + 1
		kept, err := c.hashes.Leaves(ctx, int64(seq)-1, int64(seq))
		switch {
		case errors.Is(err, eventstore.ErrNotFound):
			missing = append(missing, seq)
		case err != nil:
			return fmt.Errorf("reading the kept leaf of event %d: %w", seq, err)
		case len(kept) != 1 || kept[0] != leaf:
			c.differs(seq)
		}
	}
	whole := uint64(c.next) + uint64(len(c.row))
	_, err := c.hashes.Leaves(ctx, int64(whole), int64(whole)+1)
	if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
		return fmt.Errorf("reading the kept leaf of event %d: %w", whole+1, err)
	}
	end, goesOn := whole, err == nil
	for !goesOn && len(missing) > 0 && missing[len(missing)-1] == end {
		missing, end = missing[:len(missing)-1], end-1
	}
	for _, seq := range missing {
		c.differs(seq)
	}
	if end < whole {
		c.ended = true
		c.findings = append(c.findings, found(CodeTreeShort, "kept tree", nil, "size", number(end)))
	}
	return nil
}

func (c *hashCheck) differs(seq uint64) {
	if len(c.findings) < MaxFindings {
		c.findings = append(c.findings, found(CodeTreeLeaf, event(seq)+" leaf", []uint64{seq}, "seq", number(seq)))
	}
}

func (c *hashCheck) compareNodes(ctx context.Context) error {
	for _, n := range c.nodes {
		kept, err := c.hashes.Node(ctx, n.Level, n.Index)
		if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
			return fmt.Errorf("reading node %d of level %d: %w", n.Index, n.Level, err)
		}
		if (err != nil || kept != n.Hash) && len(c.findings) < MaxFindings {
			size := uint64(n.Index+1) << n.Level
			c.findings = append(c.findings, found(CodeTreeNode, fmt.Sprintf("node %d of level %d", n.Index, n.Level), nil, "size", number(size)))
		}
	}
	c.nodes = c.nodes[:0]
	return nil
}

func (c *hashCheck) finish(ctx context.Context, root tlog.Hash) ([]Finding, error) {
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	if c.ended {
		return c.findings, nil
	}
	kept, err := proof.RootAt(ctx, c.hashes, uint64(c.next))
	if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
		return nil, err
	}
	if err != nil || kept != root {
		c.findings = append(c.findings, found(CodeTreeNode, "kept tree", nil, "size", number(uint64(c.next))))
	}
	return c.findings, nil
}
