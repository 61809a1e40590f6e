package intake

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

// Mapping says how the rows of any table become commands; see the package comment and README.md for its form.
type Mapping struct {
	Sheet     string            `json:"sheet"`
	HeaderRow int               `json:"header_row"`
	Columns   map[string]Column `json:"columns"`
	Content   []string          `json:"content"` // columns; left out: those that say whose money it is, how much, and when
	Skip      []Skip            `json:"skip"`
	Fields    map[string]string `json:"fields"` // of every command
	Commands  []Template        `json:"commands"`

	file    string
	columns []string     // their names, in the order of the alphabet
	makers  []maker      // one for each command
	skips   []compiledBy // one for each skip
	content []filled     // what {content} is taken of
}

// Column is one of the table's columns, and how its cells are read.
type Column struct {
	Heading   string            `json:"column"`
	Read      string            `json:"read"` // text (left out), amount, date, year
	Round     string            `json:"round"`
	Unit      string            `json:"unit"`
	Thousands bool              `json:"thousands"` // and trim: what they asked for is always done; mappings that have them stay valid
	Group     string            `json:"group"`     // between groups of three digits; left out: a comma or a space
	Decimal   string            `json:"decimal"`   // before the decimals; left out: a point
	Layout    string            `json:"layout"`
	Trim      bool              `json:"trim"`
	Values    map[string]string `json:"values"`
	Default   string            `json:"default"`
}

// Skip names rows that are not facts, such as a line of totals.
type Skip struct {
	Column string `json:"column"`
	Equals string `json:"equals"`
}

// Template is one of the commands that a row gives.
type Template struct {
	OncePer string            `json:"once_per"` // a template: only the first row for which it is new gives the command
	When    map[string]string `json:"when"`     // the signs that amounts have to have: positive, negative or zero
	Fields  map[string]string `json:"fields"`
}

type compiledBy struct{ column, equals string }

// maker is a command's template, ready for use.
type maker struct {
	oncePer template
	when    map[string]string
	entries []templateEntry
}

// id is the template of the command's id; every maker has one.
func (m maker) id() template {
	i := slices.IndexFunc(m.entries, func(e templateEntry) bool { return e.field.name == "id" })
	return m.entries[i].template
}

type templateEntry struct {
	field field
	template
}

// filled is what fills a field of some command: the first way of filling it that the mapping has, or another one.
type filled struct {
	templateEntry
	way int // from 0
}

// LoadMapping reads a mapping. name stands for the file in errors, which are of type [*policies.Error].
func LoadMapping(r io.Reader, name string) (*Mapping, error) {
	m := &Mapping{file: name}
	tree, err := policies.Decode(r, name, m, nil)
	if err != nil {
		return nil, err
	}
	for _, check := range []func(*policies.Tree) error{m.checkColumns, m.checkSkips, m.compileCommands, m.compileContent} {
		if err := check(tree); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Columns say by which headings, and how, the columns of a table are read that is no table of commands: a mapping without commands, whose columns are
// called as what is wanted.
type Columns struct {
	Sheet     string            `json:"sheet"`
	HeaderRow int               `json:"header_row"`
	Columns   map[string]Column `json:"columns"`
	Skip      []Skip            `json:"skip"`
}

// LoadColumns reads how the wanted columns of a table are read; a column is called by the first of its headings. Errors are of type [*policies.Error].
func LoadColumns(r io.Reader, name string, wanted []Wanted) (*Columns, error) {
	c := &Columns{}
	tree, err := policies.Decode(r, name, c, nil)
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		column, ok := c.Columns[w.Headings[0]]
		if !ok {
			return nil, tree.Fault("/columns", say("缺少列“%s”", "the column %q is missing", w.Headings[0]))
		}
		if reads := map[CellKind]string{Amount: "amount", Day: "date"}[w.Kind]; reads != "" {
			column.Read = reads
			c.Columns[w.Headings[0]] = column
		}
	}
	m := &Mapping{Columns: c.Columns, Skip: c.Skip}
	for _, check := range []func(*policies.Tree) error{m.checkColumns, m.checkSkips} {
		if err := check(tree); err != nil {
			return nil, err
		}
	}
	for name := range c.Columns {
		if !slices.ContainsFunc(wanted, func(w Wanted) bool { return w.Headings[0] == name }) {
			return nil, tree.Fault("/columns/"+name, say("没有叫“%s”的列", "no column is called %q", name))
		}
	}
	return c, nil
}

// MappingFile reads a mapping from a file.
func MappingFile(path string) (*Mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the mapping: %w", err)
	}
	defer f.Close()
	return LoadMapping(f, path)
}

// given are the names that templates know besides the mapping's columns.
var given = []string{"row", "content", "occurrence"}

func (m *Mapping) checkColumns(tree *policies.Tree) error {
	if len(m.Columns) == 0 {
		return tree.Fault("/columns", say("缺少 columns：至少要用到一列", "columns is missing: at least one column is needed"))
	}
	for name, c := range m.Columns {
		at := "/columns/" + name
		switch {
		case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || name == "" || slices.Contains(given, name):
			return tree.Fault(at, say("列的代号只用小写字母、数字与下划线，且不能是 %s", "a column is called by small letters, digits and underscores, and not %s", strings.Join(given, ", ")))
		case c.Heading == "":
			return tree.Fault(at, say("缺少 column：表头里的列名", "column is missing: the heading in the table"))
		}
		if fault := c.check(); fault != nil {
			return tree.Fault(at+"/"+fault.key, fault.Text)
		}
		m.Columns[name] = c
		m.columns = append(m.columns, name)
	}
	slices.Sort(m.columns)
	return nil
}

// columnFault is what is wrong with a key of a column.
type columnFault struct {
	key string
	domain.Text
}

func (c *Column) check() *columnFault {
	wrong := func(key, zh, en string) *columnFault { return &columnFault{key, domain.Text{ZH: zh, EN: en}} }
	if c.Read == "" {
		c.Read = "text"
	}
	switch {
	case !slices.Contains([]string{"text", "amount", "date", "year"}, c.Read):
		return wrong("read", "须为 text、amount、date 或 year", "it is text, amount, date or year")
	case c.Round != "" && (c.Read != "amount" || c.Round != "half_up"):
		return wrong("round", "只有金额可舍入，且只能写 half_up", "only amounts are rounded, and only half_up")
	case c.Unit != "" && (c.Read != "amount" || units[c.Unit] == nil):
		return wrong("unit", "只有金额有单位：yuan、wan（万元）、fen", "only amounts have a unit: yuan, wan (10,000 yuan) or fen")
	case c.Thousands && c.Read != "amount":
		return wrong("thousands", "只有金额有千分位", "only amounts have thousands separators")
	case (c.Group != "" || c.Decimal != "") && c.Read != "amount":
		return wrong("group", "只有金额有千分位与小数点", "only amounts have group and decimal signs")
	case c.Group != "" && !slices.Contains([]string{",", ".", " ", "'"}, c.Group):
		return wrong("group", "千分位须为逗号、句点、空格或撇号", "a group sign is a comma, a point, a space or an apostrophe")
	case c.Decimal != "" && !slices.Contains([]string{",", "."}, c.Decimal):
		return wrong("decimal", "小数点须为句点或逗号", "a decimal sign is a point or a comma")
	case c.Group != "" && (c.Group == c.Decimal || c.Decimal == "" && c.Group == "."):
		return wrong("group", "千分位与小数点不能相同", "the group sign and the decimal sign differ")
	case c.Layout != "" && c.Read != "date":
		return wrong("layout", "只有日期有格式", "only dates have a layout")
	case c.Layout != "" && layouts[c.Layout] == "":
		return wrong("layout", "没有这种日期格式；可用："+layoutNames(), "there is no such layout; there are: "+layoutNames())
	}
	return nil
}

func (m *Mapping) checkSkips(tree *policies.Tree) error {
	for i, s := range m.Skip {
		if _, ok := m.Columns[s.Column]; !ok {
			return tree.Fault(fmt.Sprintf("/skip/%d/column", i), say("columns 中没有“%s”", "columns has no %q", s.Column))
		}
		m.skips = append(m.skips, compiledBy{s.Column, s.Equals})
	}
	return nil
}

func (m *Mapping) compileCommands(tree *policies.Tree) error {
	if len(m.Commands) == 0 {
		return tree.Fault("/commands", say("缺少 commands：每行产生的指令", "commands is missing: what a row gives"))
	}
	for i, c := range m.Commands {
		at := fmt.Sprintf("/commands/%d", i)
		once, err := m.compile(tree, at+"/once_per", c.OncePer)
		if err != nil {
			return err
		}
		if err := m.checkWhen(tree, at+"/when", c.When); err != nil {
			return err
		}
		made := maker{oncePer: once, when: c.When}
		for _, f := range fields {
			text, own := c.Fields[f.name]
			from := at + "/fields/" + f.name
			if !own {
				if text, own = m.Fields[f.name]; !own {
					continue
				}
				from = "/fields/" + f.name
			}
			t, err := m.compile(tree, from, text)
			if err != nil {
				return err
			}
			made.entries = append(made.entries, templateEntry{f, t})
		}
		if err := knownFields(tree, at+"/fields", c.Fields); err != nil {
			return err
		}
		for _, needed := range []string{"command", "id"} {
			if !slices.ContainsFunc(made.entries, func(e templateEntry) bool { return e.field.name == needed }) {
				return tree.Fault(at, say("缺少字段 %s", "the field %s is missing", needed))
			}
		}
		m.makers = append(m.makers, made)
	}
	return knownFields(tree, "/fields", m.Fields)
}

func (m *Mapping) checkWhen(tree *policies.Tree, at string, when map[string]string) error {
	for name, sign := range when {
		switch {
		case m.Columns[name].Read != "amount":
			return tree.Fault(at+"/"+name, say("columns 中没有名为“%s”的金额列", "columns has no amount %q", name))
		case !slices.Contains([]string{"positive", "negative", "zero"}, sign):
			return tree.Fault(at+"/"+name, say("须为 positive、negative 或 zero", "it is positive, negative or zero"))
		}
	}
	return nil
}

// telling are the fields that say whose money it is, under what, for when, how much and on which day. What else a table tells of a payment
// (a voucher, a title, a note) makes no other payment of it.
var telling = []string{"application", "enterprise", "clause", "refers_to", "project", "award", "payout", "clawback", "recovery", "exception", "subject",
	"support_year", "budget_year", "department", "requested", "instalments", "amount", "interest", "cap", "paid_on", "received_on", "effective_on"}

// compileContent finds what {content} is taken of: the columns that the mapping names, or else what fills the telling fields, and where no column
// does, every column. It depends neither on what the columns are called here nor on columns that say something else. What fills one field of several
// commands in different ways is told apart: a table may have a column of amounts for each year.
func (m *Mapping) compileContent(tree *policies.Tree) error {
	add := func(e templateEntry) {
		way := 0
		for _, known := range m.content {
			if known.field.name != e.field.name {
				continue
			}
			if reflect.DeepEqual(known.template, e.template) {
				return
			}
			way++
		}
		m.content = append(m.content, filled{e, way})
	}
	of := func(name string) templateEntry {
		return templateEntry{field{name: "." + name, kind: kinds[m.Columns[name].Read]}, template{{name: name}}}
	}
	for i, name := range m.Content {
		if _, known := m.Columns[name]; !known {
			return tree.Fault(fmt.Sprintf("/content/%d", i), say("columns 中没有“%s”", "columns has no %q", name))
		}
		add(of(name))
	}
	if m.Content != nil {
		return nil
	}
	for _, made := range m.makers {
		for _, e := range made.entries {
			if slices.Contains(telling, e.field.name) && e.column() != "" && !e.given() {
				add(e)
			}
		}
	}
	if m.content == nil {
		for _, name := range m.columns {
			add(of(name))
		}
	}
	return nil
}

func knownFields(tree *policies.Tree, at string, given map[string]string) error {
	for name := range given {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return tree.Fault(at+"/"+name, say("指令没有这个字段", "commands have no such field"))
		}
	}
	return nil
}
