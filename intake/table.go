package intake

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// rows are the lines of a table, behind its heading.
type rows interface {
	// next is the next row, io.EOF behind the last one, or a *FileError.
	next() (row, error)
}

// plan makes the commands of a row.
type plan interface {
	commands(r row, report *Report) []Line
	// used are the columns that are read.
	used() []int
	// naming are those of them that name something.
	naming() []int
	// amounts are a row's amounts in yuan, by their columns, nil where there are none; false where there is one that cannot be read. Of a row of
	// totals they are rounded to the hundredth, for they are mostly computed.
	amounts(r row, total bool) (map[int]decimal.Decimal, bool)
	// skipped says whether the row is left out as the mapping says.
	skipped(r row) bool
}

// table reads the commands of rows.
type table struct {
	headings headings
	rows     rows
	plan     plan
	report   *Report
	used     []int // columns that are read
	sums     *sums
	filled   map[int]bool // columns of those that the rows so far say something in
	waiting  []Line
}

func (t *table) next() (Line, error) {
	for len(t.waiting) == 0 {
		r, err := t.rows.next()
		if err != nil {
			return Line{}, err
		}
		if r.empty() {
			continue
		}
		t.report.Lines++
		left, out, err := t.judged(&r)
		if err != nil {
			return Line{}, err
		}
		if r.fault != nil {
			return Line{Number: r.number, Refusal: r.fault}, nil
		}
		switch {
		case out && left.Why == "":
			t.report.Skipped++
		case out:
			t.report.leave(left)
		default:
			t.waiting = t.plan.commands(r, t.report)
		}
	}
	line := t.waiting[0]
	t.waiting = t.waiting[1:]
	return line, nil
}

// judged says whether a row with content is left out, and adds it up where it is not. A row of totals that the rows do not come to is an error; one
// that may be of totals or a payment gets a fault.
func (t *table) judged(r *row) (left LeftOut, out bool, err error) {
	if r.fault != nil {
		t.sums.unread = true
		return left, false, nil
	}
	if t.plan.skipped(*r) {
		return left, true, nil
	}
	left = LeftOut{Row: r.number}
	at := 0
	for at < len(r.cells) && r.cells[at].empty() {
		at++
	}
	left.Text = trim(r.at(at).text)
	word := t.totalOf(*r, at)
	amounts, read := t.plan.amounts(*r, word != "")
	switch {
	case word != "":
		left.Why, left.Text = LeftTotal, word
		left.Totals, err = t.total(*r, word, amounts)
	case t.headings.repeated(*r, t.used):
		left.Why = LeftHeading
	case amounts == nil && read && footnote(left.Text):
		left.Why = LeftFootnote
	default:
		if r.fault = t.doubtful(*r, at, amounts); r.fault != nil {
			t.sums.unread = true
			return left, false, nil
		}
		t.sums.add(amounts, read)
		for _, at := range t.used {
			t.filled[at] = t.filled[at] || r.at(at).says()
		}
	}
	return left, left.Why != "", err
}

// totalOf is the word that makes a row one of totals: its first text, or any text in a column that is read. Empty where there is none.
func (t *table) totalOf(r row, first int) string {
	for _, at := range append([]int{first}, t.used...) {
		if c := r.at(at); c.kind == cellText && totalWord(c.text) {
			return trim(c.text)
		}
	}
	return ""
}

// doubtful refuses a row whose first text, or a name in which, has the word of totals beside something else: it would be booked as a payment. One that has
// the shape of a payment is one, whatever its payee is called.
func (t *table) doubtful(r row, first int, amounts map[int]decimal.Decimal) *domain.Refusal {
	for _, at := range append([]int{first}, t.plan.naming()...) {
		if c := r.at(at); c.kind == cellText && namesTotal(c.text) && (!t.whole(r, at, amounts) || t.sums.comesTo(amounts)) {
			return within(domain.NewRefusal(domain.CodeFieldInvalid, "field", t.headings.called(at), "value", trim(c.text), "reason", domain.ReasonTotalWord), cellName(at, r.number))
		}
	}
	return nil
}

// whole says whether a row says something in every column that the rows above do, and in one besides a name's and its amounts: a row of totals leaves
// empty what cannot be added up, a voucher or a day, or strikes it out.
func (t *table) whole(r row, name int, amounts map[int]decimal.Decimal) bool {
	more := false
	for _, at := range t.used {
		if _, amount := amounts[at]; amount || at == name {
			continue
		}
		says := r.at(at).says()
		if !says && t.filled[at] {
			return false
		}
		more = more || says
	}
	return more
}

// total holds a row of totals against the rows above it.
func (t *table) total(r row, word string, amounts map[int]decimal.Decimal) ([]Sum, error) {
	var said []Sum
	for _, at := range slices.Sorted(maps.Keys(amounts)) {
		s := Sum{Column: columnName(at), Amount: amounts[at], Checked: !t.sums.unread}
		if come, agrees := t.sums.come(at, s.Amount); s.Checked && !agrees {
			fault := t.headings.fault(-1, "“%s”是 %s，而以上各行之和为 %s，相差 %s；请核对。未记任何账", "%s is %s, and the rows above come to %s: a difference of %s; check it. "+
				"Nothing was booked", word, s.Amount.StringFixed(2), come.StringFixed(2), s.Amount.Sub(come).StringFixed(2))
			fault.Line, fault.Cell = r.number, cellName(at, r.number)
			return nil, fault
		}
		said = append(said, s)
	}
	t.sums.close()
	return said, nil
}

// plainPlan is the plan of a table whose columns are named as the fields of commands.
type plainPlan struct {
	headings headings
	fields   []*field // by column; nil for a column without a heading
}

func newPlainPlan(h headings) (*plainPlan, error) {
	if err := h.unlike(); err != nil {
		return nil, err
	}
	p := &plainPlan{headings: h}
	columns := map[string]int{}
	for i, name := range h.names {
		if name == "" {
			p.fields = append(p.fields, nil)
			continue
		}
		f, ok := byName(name)
		if !ok {
			return nil, h.absent(i, "没有名为“%s”的字段；请更正列名，或用 --map 给出映射", "there is no field named %q; correct the heading, or give a mapping by --map", name)
		}
		if at, again := columns[f.name]; again {
			return nil, h.fault(i, "列“%s”与 %s 列是同一字段 %s", "the heading %q is the same field as column %s: %s", name, columnName(at), f.name)
		}
		columns[f.name] = i
		p.fields = append(p.fields, &f)
	}
	if _, ok := columns["command"]; !ok {
		return nil, h.fault(-1, "缺少“指令”（command）列；其他表格请用 --map 给出映射", "the column command (指令) is missing; for other tables give a mapping by --map")
	}
	return p, nil
}

func (p *plainPlan) used() []int {
	var used []int
	for at := range p.fields {
		used = append(used, at)
	}
	return used
}

func (p *plainPlan) naming() []int {
	return slices.DeleteFunc(p.used(), func(at int) bool { return p.fields[at] == nil || p.fields[at].kind != ident })
}

func (p *plainPlan) skipped(row) bool { return false }

func (p *plainPlan) amounts(r row, total bool) (map[int]decimal.Decimal, bool) {
	for at, f := range p.fields {
		if f != nil && f.name == "amount" && !r.at(at).empty() {
			text, refusal := r.at(at).value(f.name, f.kind)
			d, err := decimal.NewFromString(text)
			if refusal != nil || err != nil {
				return nil, false
			}
			if total {
				d = d.Round(2)
			}
			return map[int]decimal.Decimal{at: d}, true
		}
	}
	return nil, true
}

func (p *plainPlan) commands(r row, report *Report) []Line {
	line := Line{Number: r.number}
	if line.Refusal = p.headings.extra(r); line.Refusal != nil {
		return []Line{line}
	}
	var entries []entry
	for i := range r.cells {
		c := r.at(i)
		if i >= len(p.fields) || p.fields[i] == nil {
			if !c.empty() {
				line.Refusal = within(malformed(domain.ReasonNoHeading), cellName(i, r.number))
				return []Line{line}
			}
			continue
		}
		if c.empty() {
			continue
		}
		text, refusal := c.value(p.fields[i].name, p.fields[i].kind)
		if refusal != nil {
			line.Refusal = within(refusal, cellName(i, r.number))
			continue
		}
		if c.computed {
			report.computed(cellName(i, r.number))
		}
		if p.fields[i].name == "id" {
			line.ID = text
		}
		entries = append(entries, entry{*p.fields[i], text, cellName(i, r.number)})
	}
	if line.Refusal == nil {
		line.Refusal = p.dayless(r, entries)
	}
	if line.Refusal == nil {
		line = commandOf(line, entries, report)
	}
	return []Line{line}
}

// moneyDays are the fields that say on which day money moved. Commands may leave them out, for the day is their own then; a table that has the
// column and leaves it empty says nothing of the day, and it would be booked in a year that nobody named.
var moneyDays = []string{"paid_on", "received_on"}

// dayless refuses a row of a payment or a recovery whose day is left empty.
func (p *plainPlan) dayless(r row, entries []entry) *domain.Refusal {
	command := ""
	for _, e := range entries {
		if e.field.name == "command" {
			command = english("command", e.text)
		}
	}
	verb, known := domain.VerbNamed(command)
	for at, f := range p.fields {
		if !known || f == nil || !slices.Contains(moneyDays, f.name) || !r.at(at).empty() {
			continue
		}
		if slices.ContainsFunc(verb.Fields, func(of domain.Field) bool { return of.Name == f.name }) {
			return within(domain.NewRefusal(domain.CodeFieldInvalid, "field", f.name, "value", "", "reason", domain.ReasonEmptyDate), cellName(at, r.number))
		}
	}
	return nil
}

// commandOf makes a line's command of its entries.
func commandOf(line Line, entries []entry, report *Report) Line {
	for i, e := range entries {
		entries[i].text = english(e.field.name, e.text)
		if e.field.kind == prose {
			if text := cleaned(e.text); text != e.text {
				entries[i].text = text
				report.Cleaned++
			}
		}
	}
	line.Text, line.Refusal = compose(entries)
	if line.Refusal != nil {
		return line
	}
	if len(line.Text) > MaxLineBytes {
		line.Text, line.Refusal = nil, malformed("这一行超过 %d 字节", "the row has more than %d bytes", MaxLineBytes)
		return line
	}
	command, refusal := wire.DecodeCommand(line.Text)
	if refusal != nil {
		for _, e := range entries {
			if at := refusal.Figures["field"]; at == e.field.name || strings.HasPrefix(at, e.field.name+".") {
				within(refusal, e.cell)
			}
		}
		line.Refusal = refusal
		return line
	}
	line.Command, line.ID = command, string(command.Given().ID)
	return line
}

// newTable makes the reader of rows, by a mapping or by the names of the columns.
func newTable(h headings, rest rows, o Options, report *Report) (*table, error) {
	var p plan
	var err error
	if o.Map == nil {
		p, err = newPlainPlan(h)
	} else {
		p, err = o.Map.planFor(h)
	}
	if err != nil {
		return nil, err
	}
	return tableOf(h, rest, p, report)
}

func tableOf(h headings, rest rows, p plan, report *Report) (*table, error) {
	if err := h.passed(report); err != nil {
		return nil, err
	}
	return &table{headings: h, rows: rest, plan: p, report: report, used: p.used(), sums: newSums(), filled: map[int]bool{}}, nil
}

// check goes through the rows without making commands of them, so that what is wrong with the file as a whole is found before anything is booked.
func (t *table) check() error {
	for {
		r, err := t.rows.next()
		if err == io.EOF {
			return nil
		}
		if err == nil && !r.empty() {
			_, _, err = t.judged(&r)
		}
		if err != nil {
			return err
		}
	}
}

// heading is what the heading of a table has to have.
func (o Options) heading(span func(int) int) wantedHeading {
	w := wantedHeading{fits: o.fits, span: span}
	if o.Map != nil {
		w.row = o.Map.HeaderRow
	}
	return w
}

func (o Options) fits(h headings) bool {
	if o.Map == nil {
		return slices.ContainsFunc(h.names, func(name string) bool { f, known := byName(name); return known && f.name == "command" })
	}
	_, err := o.Map.planFor(h)
	return err == nil
}

func wrapRead(name string, err error) error { return fmt.Errorf("reading %s: %w", name, err) }
