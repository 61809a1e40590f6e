package intake

import (
	"fmt"
	"io"
	"strings"

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
}

// table reads the commands of rows.
type table struct {
	rows    rows
	plan    plan
	report  *Report
	waiting []Line
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
		if r.fault != nil {
			return Line{Number: r.number, Refusal: r.fault}, nil
		}
		t.waiting = t.plan.commands(r, t.report)
	}
	line := t.waiting[0]
	t.waiting = t.waiting[1:]
	return line, nil
}

// headings are the names of a table's columns, with their places.
type headings struct {
	file, sheet string
	row         int
	names       []string
}

func (h headings) fault(column int, zh, en string, args ...any) *FileError {
	e := &FileError{File: h.file, Line: h.row, Reason: say(zh, en, args...)}
	if column >= 0 {
		e.Cell = cellName(column, h.row)
		if h.sheet != "" {
			e.Line, e.Cell = 0, h.sheet+"!"+e.Cell
		}
	}
	return e
}

// headingsOf reads a table's first row.
func headingsOf(file, sheet string, first row) (headings, error) {
	h := headings{file: file, sheet: sheet, row: first.number}
	seen := map[string]int{}
	for i, c := range first.cells {
		name := strings.TrimSpace(c.text)
		if c.kind == cellFormula || c.kind == cellError {
			return h, h.fault(i, "表头不能是公式或错误值", "a heading is neither a formula nor an error")
		}
		if at, again := seen[name]; again && name != "" {
			return h, h.fault(i, "列名“%s”与 %s 列重复", "the heading %q stands in column %s already", name, columnName(at))
		}
		seen[name] = i
		h.names = append(h.names, name)
	}
	for len(h.names) > 0 && h.names[len(h.names)-1] == "" {
		h.names = h.names[:len(h.names)-1]
	}
	if len(h.names) > maxColumns {
		return h, h.fault(-1, "列数超过 %d", "it has more than %d columns", maxColumns)
	}
	return h, nil
}

func (h headings) index(name string) int {
	for i, n := range h.names {
		if n == name {
			return i
		}
	}
	return -1
}

// extra finds a cell of a row that stands beyond the headings.
func (h headings) extra(r row) *domain.Refusal {
	for i := len(h.names); i < len(r.cells); i++ {
		if c := r.cells[i]; c.kind != cellText || strings.TrimSpace(c.text) != "" {
			return within(malformed(domain.ReasonRowTooWide, "use", len(r.cells), "limit", len(h.names)), cellName(i, r.number))
		}
	}
	return nil
}

// plainPlan is the plan of a table whose columns are named as the fields of commands.
type plainPlan struct {
	headings headings
	fields   []*field // by column; nil for a column without a heading
}

func newPlainPlan(h headings) (*plainPlan, error) {
	p := &plainPlan{headings: h}
	columns := map[string]int{}
	for i, name := range h.names {
		if name == "" {
			p.fields = append(p.fields, nil)
			continue
		}
		f, ok := byName(name)
		if !ok {
			return nil, h.fault(i, "没有名为“%s”的字段；请更正列名，或用 --map 给出映射", "there is no field named %q; correct the heading, or give a mapping by --map", name)
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

func (p *plainPlan) commands(r row, _ *Report) []Line {
	line := Line{Number: r.number}
	if line.Refusal = p.headings.extra(r); line.Refusal != nil {
		return []Line{line}
	}
	var entries []entry
	for i := range r.cells {
		c := r.at(i)
		if i >= len(p.fields) || p.fields[i] == nil {
			if strings.TrimSpace(c.text) != "" {
				line.Refusal = within(malformed(domain.ReasonNoHeading), cellName(i, r.number))
				return []Line{line}
			}
			continue
		}
		text, refusal := c.value(p.fields[i].name, p.fields[i].kind)
		if refusal != nil {
			line.Refusal = within(refusal, cellName(i, r.number))
			continue
		}
		if text == "" {
			continue
		}
		if p.fields[i].name == "id" {
			line.ID = text
		}
		entries = append(entries, entry{*p.fields[i], text, cellName(i, r.number)})
	}
	if line.Refusal == nil {
		line = commandOf(line, entries)
	}
	return []Line{line}
}

// commandOf makes a line's command of its entries.
func commandOf(line Line, entries []entry) Line {
	for i, e := range entries {
		entries[i].text = english(e.field.name, e.text)
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
	t := &table{rows: rest, report: report}
	if o.Map == nil {
		p, err := newPlainPlan(h)
		if err != nil {
			return nil, err
		}
		t.plan = p
		return t, nil
	}
	p, err := o.Map.planFor(h)
	if err != nil {
		return nil, err
	}
	t.plan = p
	return t, nil
}

// heading reads rows up to the heading: the first row that is not empty, or the row that a mapping names.
func heading(file, sheet string, rest rows, o Options) (headings, error) {
	for {
		first, err := rest.next()
		if err == io.EOF {
			return headings{}, &FileError{File: file, Reason: say("表格没有内容", "the table is empty")}
		}
		if err != nil {
			return headings{}, err
		}
		if first.fault != nil {
			return headings{}, &FileError{File: file, Line: first.number, Reason: first.fault.Message()}
		}
		if o.Map != nil && o.Map.HeaderRow > 0 && first.number < o.Map.HeaderRow || first.empty() {
			continue
		}
		return headingsOf(file, sheet, first)
	}
}

func wrapRead(name string, err error) error { return fmt.Errorf("reading %s: %w", name, err) }
