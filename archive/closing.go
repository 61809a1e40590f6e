package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// ErrClosing says that a closing statement is none, does not add up, or is not what the log comes to.
var ErrClosing = errors.New("the closing statement does not hold")

// ClosingStatement is what a budget year came to at the event that closed it. Its text is
//
//	fundledger/changning-2024/closing
//	6302
//	<root of the log's tree of that size, base64>
//	enterprise <root of the sum tree by enterprise, base64>
//	clause <…>
//	year <…>
//	closed 2025 2026-01-05 "长财〔2026〕1号"
//	treasury 1482 0 0.00
//	clause "1.1a" 350465059.62 0.00 0.00
//	total 1125831905.34 0.00 0.00
//	budget "1.1a" 900000000.00 350465059.62 549534940.38
//	end
//
// each line ended by a newline: the lines of the treasury's files, on how many vouchers they differed and by how much; of each clause what was
// paid, returned of that and recovered, and the sum of these lines; of each budget what was appropriated, paid net of what was returned, and left. Signed with
// the log's key it is a note; its first line is no checkpoint's and no statement of sums', so that none passes for another.
type ClosingStatement struct {
	Origin           string                 `json:"origin"`
	Position         uint64                 `json:"position"` // of the event that closed the year
	Log              tlog.Hash              `json:"root"`     // of the log's tree up to it
	Roots            map[SumOrder]tlog.Hash `json:"sum_roots"`
	Year             int                    `json:"budget_year"`
	ClosedOn         domain.Date            `json:"closed_on"`
	Document         string                 `json:"document"`
	Lines            int                    `json:"treasury_lines"`
	Differences      int                    `json:"differences"`
	DifferenceAmount domain.Money           `json:"difference_amount"`
	Clauses          []ClosedClause         `json:"clauses"`
	Total            ClosedSums             `json:"total"`
	Budgets          []ClosedBudget         `json:"budgets"`
}

// ClosedSums are what left and re-entered the treasury of a budget year: paid by the day of payment, with what was returned of it, and recovered by
// the day it was received.
type ClosedSums struct {
	Paid      domain.Balance `json:"paid"`
	Returned  domain.Balance `json:"returned"`
	Recovered domain.Balance `json:"recovered"`
}

// ClosedClause are those of the clause that is charged.
type ClosedClause struct {
	Clause domain.ClauseID `json:"clause"`
	ClosedSums
}

// ClosedBudget is an appropriation of the year: what it came to, with what was carried into the year and less what was carried out of it, and what was
// paid of it, less what was returned.
type ClosedBudget struct {
	Scope         string         `json:"scope"`
	Appropriation domain.Balance `json:"appropriation"`
	Paid          domain.Balance `json:"paid"`
	Left          domain.Balance `json:"left"`
}

// MovedSince is an event behind the close that touches the closed year, and by how much it moves it.
type MovedSince struct {
	Seq      uint64          `json:"seq"`
	Type     string          `json:"event_type"`
	Date     domain.Date     `json:"business_date"`
	Clause   domain.ClauseID `json:"clause,omitzero"`
	Scope    string          `json:"scope,omitzero"` // of a budget that is set or carried
	Budget   domain.Balance  `json:"appropriation"`  // by which the appropriation moves
	After    bool            `json:"booked_after_close"`
	Describe domain.Text     `json:"description"`
	ClosedSums
}

func balance(m domain.Money) domain.Balance { return domain.Balance{Money: m} }

func (s ClosedSums) plus(o ClosedSums) ClosedSums {
	return ClosedSums{balance(s.Paid.Add(o.Paid.Money)), balance(s.Returned.Add(o.Returned.Money)), balance(s.Recovered.Add(o.Recovered.Money))}
}

// yearOf is what a posting moves of a budget year.
func yearOf(p projections.Posting, year int) (s ClosedSums) {
	switch p.Kind {
	case projections.Paid:
		if p.BudgetYear == year {
			s.Paid = balance(p.Amount)
		}
	case projections.Returned:
		if p.BudgetYear == year {
			s.Returned = balance(p.Amount)
		}
	case projections.RecoveredError, projections.RecoveredBreach, projections.ReceivedBeyond:
		if p.Date.Year() == year {
			s.Recovered = balance(p.Amount)
		}
	default:
	}
	return s
}

// yearBook folds a log up to what a closing states.
type yearBook struct {
	year    int
	state   *domain.State
	tree    eventstore.Frontier
	tables  *tables
	clauses map[domain.ClauseID]ClosedSums
}

func newYearBook(year int) *yearBook {
	return &yearBook{year: year, state: domain.NewState(), tables: newTables(), clauses: map[domain.ClauseID]ClosedSums{}}
}

// take takes the next record in, and says what it moves of the year.
func (b *yearBook) take(r eventstore.Record) (e wire.Entry, moved MovedSince, err error) {
	if want := uint64(b.tree.Size()) + 1; r.Seq != want {
		return e, moved, fmt.Errorf("%w: event %d comes where %d was due", ErrClosing, r.Seq, want)
	}
	if e, err = wire.Decode(r); err != nil {
		return e, moved, err
	}
	defer wire.Guard(e.Seq, &err)
	postings, err := projections.Fold(e)
	if err != nil {
		return e, moved, err
	}
	b.tree.Append(eventstore.LeafHash(r))
	domain.Apply(b.state, e.Event, e.Deed())
	moved = MovedSince{Seq: e.Seq, Type: e.Event.Name(), Date: e.Date, After: domain.BookedAfterClose(e.Event), Describe: domain.Describe(e.Event)}
	for _, p := range postings {
		b.tables.add(p)
		if of := yearOf(p, b.year); of != (ClosedSums{}) {
			moved.Clause, moved.ClosedSums = p.Line.Clause, moved.plus(of)
			b.clauses[p.Line.Clause] = b.clauses[p.Line.Clause].plus(of)
		}
	}
	switch of := e.Event.(type) {
	case *domain.AppropriationSet:
		if of.BudgetYear == b.year {
			moved.Scope, moved.Budget = of.Key().String(), balance(of.Amount.Sub(of.Previous.Amount))
		}
	case *domain.AppropriationCarried:
		key := domain.BudgetKey{Year: b.year, Clause: of.Clause, Department: of.Department}
		switch b.year {
		case of.From:
			moved.Scope, moved.Budget = key.String(), balance(of.Amount.Neg())
		case of.To:
			moved.Scope, moved.Budget = key.String(), balance(of.Amount)
		}
	}
	return e, moved, nil
}

// touches reports whether an event has anything to do with the year: it moves it, or opens or closes it.
func (b *yearBook) touches(e wire.Entry, m MovedSince) bool {
	switch of := e.Event.(type) {
	case *domain.BudgetYearClosed:
		return of.Year == b.year
	case *domain.BudgetYearReopened:
		return of.Year == b.year
	}
	return m.ClosedSums != ClosedSums{} || m.Scope != ""
}

// statement states the year as the book has it behind the event that closed it.
func (b *yearBook) statement(fund domain.FundID, closed *domain.BudgetYearClosed, on domain.Date) (ClosingStatement, error) {
	s := ClosingStatement{Origin: proof.Origin(fund), Position: uint64(b.tree.Size()), Log: b.tree.Root(), Year: b.year, ClosedOn: on, Document: closed.Document,
		Lines: closed.Lines, Differences: closed.Differences, DifferenceAmount: closed.DifferenceAmount}
	sums, err := stateSums(proof.Checkpoint{Origin: s.Origin, Size: s.Position, Root: s.Log}, b.tables.sumLines())
	if err != nil {
		return s, err
	}
	s.Roots = sums.Roots
	s.Clauses, s.Total, s.Budgets = b.figures()
	return s, nil
}

func (b *yearBook) figures() (clauses []ClosedClause, total ClosedSums, budgets []ClosedBudget) {
	for _, id := range slices.Sorted(maps.Keys(b.clauses)) {
		clauses = append(clauses, ClosedClause{id, b.clauses[id]})
		total = total.plus(b.clauses[id])
	}
	for _, of := range b.state.Budgets() {
		if of.Year == b.year {
			budgets = append(budgets, ClosedBudget{of.Scope, balance(of.Set), balance(of.Paid), balance(of.Set.Sub(of.Paid))})
		}
	}
	return clauses, total, budgets
}

// CloseStatement states what a budget year came to when it was closed last. Where it is not closed that is [ErrClosing].
func CloseStatement(ctx context.Context, log proof.Log, fund domain.FundID, year int) (ClosingStatement, error) {
	var stated ClosingStatement
	b := newYearBook(year)
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			e, _, err := b.take(r)
			if err != nil {
				return err
			}
			switch of := e.Event.(type) {
			case *domain.BudgetYearClosed:
				if of.Year == year {
					stated, err = b.statement(fund, of, e.Date)
				}
			case *domain.BudgetYearReopened:
				if of.Year == year {
					stated = ClosingStatement{}
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && stated.Position == 0 {
		err = fmt.Errorf("%w: the budget year %d is not closed", ErrClosing, year)
	}
	return stated, err
}

// Moved is what became of a closed year.
type Moved struct {
	Statement ClosingStatement `json:"statement"`
	Position  uint64           `json:"position"` // up to which the log was read
	Log       tlog.Hash        `json:"root"`     // of its tree
	Events    []MovedSince     `json:"events"`   // behind the close, those that touch the year
	Clauses   []ClosedClause   `json:"clauses"`  // as they are now
	Total     ClosedSums       `json:"total"`
	Budgets   []ClosedBudget   `json:"budgets"`
}

// MovedSinceClose holds a statement against a ledger that goes on from it: the log up to the statement's position must come to it, to the letter; what
// follows is listed event by event, and what they move adds up to the difference between the figures then and now. Else it is [ErrClosing], or
// [proof.ErrForked] where the log is another one, [proof.ErrRolledBack] where it ends before.
func MovedSinceClose(ctx context.Context, log proof.Log, fund domain.FundID, s ClosingStatement) (Moved, error) {
	m := Moved{Statement: s}
	b := newYearBook(s.Year)
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			e, moved, err := b.take(r)
			if err != nil {
				return err
			}
			switch {
			case e.Seq == s.Position:
				err = b.holds(fund, s, e)
			case e.Seq > s.Position && b.touches(e, moved):
				m.Events = append(m.Events, moved)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	m.Position, m.Log = uint64(b.tree.Size()), b.tree.Root()
	if m.Position < s.Position {
		return m, fmt.Errorf("the year was closed at event %d, and the log has %d: %w", s.Position, m.Position, proof.ErrRolledBack)
	}
	m.Clauses, m.Total, m.Budgets = b.figures()
	return m, m.Ties()
}

func (b *yearBook) holds(fund domain.FundID, s ClosingStatement, e wire.Entry) error {
	closed, is := e.Event.(*domain.BudgetYearClosed)
	switch {
	case b.tree.Root() != s.Log:
		return fmt.Errorf("the first %d events of the log are others than those that the statement is of: %w", s.Position, proof.ErrForked)
	case !is || closed.Year != s.Year:
		return fmt.Errorf("%w: event %d does not close the budget year %d", ErrClosing, s.Position, s.Year)
	}
	made, err := b.statement(fund, closed, e.Date)
	if err == nil && !bytes.Equal(made.text(), s.text()) {
		err = fmt.Errorf("%w: it states other figures than the log comes to: %s", ErrClosing, firstDifference(s.text(), made.text()))
	}
	return err
}

// firstDifference is the first line in which two texts differ.
func firstDifference(stated, made []byte) string {
	a, b := strings.Split(string(stated), "\n"), strings.Split(string(made), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q, and the log says %q", domain.Clip(a[i], 160), domain.Clip(b[i], 160))
		}
	}
	return "it has another number of lines"
}

// Ties checks that what was stated and what moved since come to what there is now, clause by clause and budget by budget.
func (m Moved) Ties() error {
	clauses, budgets := map[domain.ClauseID]ClosedSums{}, map[string]domain.Money{}
	for _, c := range m.Statement.Clauses {
		clauses[c.Clause] = c.ClosedSums
	}
	for _, b := range m.Statement.Budgets {
		budgets[b.Scope] = b.Appropriation.Money
	}
	for _, e := range m.Events {
		if e.ClosedSums != (ClosedSums{}) {
			clauses[e.Clause] = clauses[e.Clause].plus(e.ClosedSums)
		}
		if e.Scope != "" {
			budgets[e.Scope] = budgets[e.Scope].Add(e.Budget.Money)
		}
	}
	var total ClosedSums
	for _, c := range m.Clauses {
		if clauses[c.Clause] != c.ClosedSums {
			return fmt.Errorf("%w: what moved clause %s since does not come to what it is now", ErrClosing, c.Clause)
		}
		delete(clauses, c.Clause)
		total = total.plus(c.ClosedSums)
	}
	for _, b := range m.Budgets {
		if budgets[b.Scope] != b.Appropriation.Money {
			return fmt.Errorf("%w: what moved the budget of %s since does not come to what it is now", ErrClosing, b.Scope)
		}
		delete(budgets, b.Scope)
	}
	if len(clauses)+len(budgets) > 0 || total != m.Total {
		return fmt.Errorf("%w: clauses or budgets that were stated are not there now", ErrClosing)
	}
	return nil
}

const closingSuffix = "/closing"

// MaxClosing bounds a closing statement's bytes: a thousand clauses and their budgets are a fifth of it.
const MaxClosing = 1 << 20

// text is the statement as it is signed.
func (s ClosingStatement) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s\n%d\n%s\n", s.Origin, closingSuffix, s.Position, s.Log.String())
	for _, o := range sumOrders {
		fmt.Fprintf(&b, "%s %s\n", o, s.Roots[o].String())
	}
	fmt.Fprintf(&b, "closed %d %s %q\n", s.Year, s.ClosedOn, s.Document)
	fmt.Fprintf(&b, "treasury %d %d %s\n", s.Lines, s.Differences, s.DifferenceAmount)
	for _, c := range s.Clauses {
		fmt.Fprintf(&b, "clause %q %s %s %s\n", c.Clause, c.Paid.Money, c.Returned.Money, c.Recovered.Money)
	}
	fmt.Fprintf(&b, "total %s %s %s\n", s.Total.Paid.Money, s.Total.Returned.Money, s.Total.Recovered.Money)
	for _, of := range s.Budgets {
		fmt.Fprintf(&b, "budget %q %s %s %s\n", of.Scope, of.Appropriation.Money, of.Paid.Money, of.Left.Money)
	}
	b.WriteString("end\n")
	return b.Bytes()
}

// Sign writes the statement as a note signed with the log's key, and others.
func (s ClosingStatement) Sign(log note.Signer, others ...note.Signer) ([]byte, error) {
	if log.Name() != s.Origin {
		return nil, fmt.Errorf("signing the closing of %q with the key of %q: %w", s.Origin, log.Name(), proof.ErrCheckpoint)
	}
	signed, err := note.Sign(&note.Note{Text: string(s.text())}, append([]note.Signer{log}, others...)...)
	if err != nil {
		return nil, fmt.Errorf("signing the closing of %d: %w", s.Year, err)
	}
	return signed, nil
}

// OpenClosing reads a closing statement that a trusted key of its log signed, and checks that it adds up.
func OpenClosing(t proof.Trust, text []byte) (ClosingStatement, error) {
	if len(text) > MaxClosing {
		return ClosingStatement{}, fmt.Errorf("%w: it has %d bytes", ErrClosing, len(text))
	}
	first, _, _ := strings.Cut(string(text), "\n")
	origin, is := strings.CutSuffix(first, closingSuffix)
	if !is {
		return ClosingStatement{}, fmt.Errorf("%w: it does not begin as one", ErrClosing)
	}
	body, err := t.OpenStatement(origin, text)
	if err != nil {
		return ClosingStatement{}, fmt.Errorf("the closing statement: %w", err)
	}
	s, err := parseClosing(body)
	if err != nil {
		return s, err
	}
	return s, s.addsUp()
}

func (s ClosingStatement) addsUp() error {
	var total ClosedSums
	for _, c := range s.Clauses {
		total = total.plus(c.ClosedSums)
	}
	if total != s.Total {
		return fmt.Errorf("%w: its clauses do not add up to its total", ErrClosing)
	}
	for _, b := range s.Budgets {
		if b.Appropriation.Sub(b.Paid.Money) != b.Left.Money {
			return fmt.Errorf("%w: what it says is left of %s is not appropriated less paid", ErrClosing, b.Scope)
		}
	}
	return nil
}

// parseClosing reads a statement's text in its one spelling.
func parseClosing(text string) (ClosingStatement, error) {
	s := ClosingStatement{Roots: map[SumOrder]tlog.Hash{}}
	bad := fmt.Errorf("%w: it is not spelled as one", ErrClosing)
	lines := strings.Split(text, "\n")
	head := 3 + len(sumOrders) + 2
	if len(lines) < head+3 {
		return s, bad
	}
	s.Origin = strings.TrimSuffix(lines[0], closingSuffix)
	s.Position, _ = strconv.ParseUint(lines[1], 10, 63)
	s.Log = decodedHash(lines[2])
	for i, o := range sumOrders {
		_, value, _ := strings.Cut(lines[3+i], " ")
		s.Roots[o] = decodedHash(value)
	}
	var on, amount string
	if _, err := fmt.Sscanf(lines[head-2], "closed %d %s %q", &s.Year, &on, &s.Document); err != nil {
		return s, bad
	}
	s.ClosedOn, _ = domain.ParseDate(on)
	if _, err := fmt.Sscanf(lines[head-1], "treasury %d %d %s", &s.Lines, &s.Differences, &amount); err != nil {
		return s, bad
	}
	if err := s.DifferenceAmount.UnmarshalText([]byte(amount)); err != nil && amount != domain.NoMoney.String() {
		return s, bad
	}
	for _, line := range lines[head:] {
		kind, rest, _ := strings.Cut(line, " ")
		name := ""
		if kind == "clause" || kind == "budget" {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return s, bad
			}
			name, _ = strconv.Unquote(quoted)
			rest = strings.TrimPrefix(rest[len(quoted):], " ")
		}
		var three [3]domain.Balance
		if kind == "clause" || kind == "budget" || kind == "total" {
			parts := strings.Split(rest, " ")
			if len(parts) != len(three) {
				return s, bad
			}
			for i, part := range parts {
				if err := three[i].UnmarshalText([]byte(part)); err != nil {
					return s, bad
				}
			}
		}
		switch kind {
		case "clause":
			s.Clauses = append(s.Clauses, ClosedClause{domain.ClauseID(name), ClosedSums{three[0], three[1], three[2]}})
		case "total":
			s.Total = ClosedSums{three[0], three[1], three[2]}
		case "budget":
			s.Budgets = append(s.Budgets, ClosedBudget{name, three[0], three[1], three[2]})
		}
	}
	if string(s.text()) != text {
		return s, bad
	}
	return s, nil
}
