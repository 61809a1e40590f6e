package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// mappedPlan makes the commands of rows by a mapping. It remembers which values have come before, by their digests.
type mappedPlan struct {
	mapping  *Mapping
	headings headings
	columns  map[string]int
	seen     map[[16]byte]uint32 // rows of equal content
	formerly map[[16]byte]uint32 // rows of equal cells; nil where no id is made of the content
	once     []map[[16]byte]struct{}
}

// planFor fits the mapping to a table's headings.
func (m *Mapping) planFor(h headings) (*mappedPlan, error) {
	p := &mappedPlan{mapping: m, headings: h, columns: map[string]int{}, seen: map[[16]byte]uint32{}}
	for _, name := range m.columns {
		at, err := h.column(m.Columns[name].Heading)
		switch {
		case err != nil:
			return nil, err
		case at < 0:
			return nil, h.absent(-1, "没有名为“%s”的列（映射 columns.%s）；有：%s", "there is no column %q (the mapping's columns.%s); there are: %s",
				m.Columns[name].Heading, name, h.list())
		}
		p.columns[name] = at
	}
	for _, made := range m.makers {
		p.once = append(p.once, map[[16]byte]struct{}{})
		if made.id().names("content") {
			p.formerly = map[[16]byte]uint32{}
		}
	}
	return p, nil
}

func (p *mappedPlan) used() []int {
	var used []int
	for _, name := range p.mapping.columns {
		used = append(used, p.columns[name])
	}
	return used
}

func (p *mappedPlan) naming() []int {
	var found []int
	for _, m := range p.mapping.makers {
		for _, e := range m.entries {
			if at, known := p.columns[e.column()]; known && e.field.kind == ident && !slices.Contains(found, at) {
				found = append(found, at)
			}
		}
	}
	return found
}

func (p *mappedPlan) amounts(r row, total bool) (map[int]decimal.Decimal, bool) {
	return amountsIn(r, p.mapping.columns, p.mapping.Columns, p.columns, total)
}

// amountsIn are the amounts of a row in columns that are read as amounts.
func amountsIn(r row, names []string, columns map[string]Column, places map[string]int, total bool) (map[int]decimal.Decimal, bool) {
	var found map[int]decimal.Decimal
	readable := true
	for _, name := range names {
		c, at := columns[name], places[name]
		if c.Read != "amount" || r.at(at).empty() {
			continue
		}
		amount, ok := c.exact(r.at(at))
		if !ok {
			readable = false
			continue
		}
		if total {
			amount = amount.Round(2)
		}
		if found == nil {
			found = map[int]decimal.Decimal{}
		}
		found[at] = amount
	}
	return found, readable
}

func (p *mappedPlan) skipped(r row) bool {
	for _, s := range p.mapping.skips {
		if squeezed(r.at(p.columns[s.column]).text) == squeezed(s.equals) {
			return true
		}
	}
	return false
}

func (p *mappedPlan) commands(r row, report *Report) []Line {
	if refusal := p.headings.extra(r); refusal != nil {
		return []Line{{Number: r.number, Refusal: refusal}}
	}
	if len(p.seen) >= maxDistinct {
		return []Line{{Number: r.number, Refusal: malformed("不同的行超过 %d，请分成几个文件", "there are more than %d different rows; split the file", maxDistinct)}}
	}
	v := p.values(r, report)
	var made []Line
	for i := range p.mapping.makers {
		if line, wanted := p.command(i, r, v); wanted {
			made = append(made, line)
		}
	}
	if made == nil && !slices.ContainsFunc(p.mapping.makers, func(m maker) bool { return v.signs(m.when) }) {
		report.leave(LeftOut{Row: r.number, Why: LeftNoCommand})
	}
	return made
}

// rowValues finds a row's values by name. A value is read once, when it is first asked for, so that rounding counts once.
type rowValues struct {
	plan   *mappedPlan
	row    row
	report *Report
	known  map[string]read
	former map[string]string // content and occurrence as the first release had them
}

// read is what a column says in a row.
type read struct {
	text     string
	negative bool
	refusal  *domain.Refusal
}

func (p *mappedPlan) values(r row, report *Report) *rowValues {
	v := &rowValues{plan: p, row: r, report: report, known: map[string]read{"row": {text: itoa(r.number)}}}
	content := v.digest()
	p.seen[content]++
	v.known["content"], v.known["occurrence"] = read{text: hex.EncodeToString(content[:8])}, read{text: fmt.Sprint(p.seen[content])}
	if p.formerly != nil {
		cells := v.cells()
		p.formerly[cells]++
		v.former = map[string]string{"content": hex.EncodeToString(cells[:8]), "occurrence": fmt.Sprint(p.formerly[cells])}
	}
	return v
}

// formerly is the id that the first release gave a command.
func (v *rowValues) formerly(id template, values func(string) (string, *domain.Refusal)) domain.CommandID {
	if !id.names("content") {
		return ""
	}
	text, refusal := id.fill(func(name string) (string, *domain.Refusal) {
		if text, ok := v.former[name]; ok {
			return text, nil
		}
		return values(name)
	})
	if refusal != nil {
		return ""
	}
	return domain.CommandID(text)
}

// cells is what the first release took the content of: the cells that the mapping names, as they stand in the file.
func (v *rowValues) cells() [16]byte {
	var b []byte
	for _, name := range v.plan.mapping.columns {
		text := v.row.at(v.plan.columns[name]).text
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return short(b)
}

func (v *rowValues) read(name string) read {
	known, ok := v.known[name]
	if !ok {
		column, at := v.plan.mapping.Columns[name], v.plan.columns[name]
		if from := v.row.at(at); column.Read == "amount" {
			known.text, known.negative, known.refusal = column.signed(from, &v.report.Rounded)
		} else {
			known.text, known.refusal = column.value(from)
		}
		if v.row.at(at).computed {
			v.report.computed(cellName(at, v.row.number))
		}
		if known.refusal != nil {
			within(known.refusal, cellName(at, v.row.number))
		}
		v.known[name] = known
	}
	return known
}

// of gives the values for a command whose amounts have to have the signs of when. A negative amount that the command does not ask for is refused.
func (v *rowValues) of(when map[string]string) func(string) (string, *domain.Refusal) {
	return func(name string) (string, *domain.Refusal) {
		known := v.read(name)
		if known.refusal == nil && known.negative && when[name] == "" {
			at := v.plan.columns[name]
			known.refusal = within((&domain.AmountError{Text: v.row.at(at).text, Reason: domain.AmountNegative}).Refusal(v.plan.mapping.Columns[name].Heading), cellName(at, v.row.number))
		}
		return known.text, known.refusal
	}
}

// signs says whether the row's amounts have the signs of when. An amount that cannot be read has any: the command is refused by its cell's name.
func (v *rowValues) signs(when map[string]string) bool {
	for name, sign := range when {
		known := v.read(name)
		if known.refusal != nil {
			continue
		}
		is := "positive"
		switch {
		case known.negative:
			is = "negative"
		case known.text == "" || strings.Trim(known.text, "0.") == "":
			is = "zero"
		}
		if is != sign {
			return false
		}
	}
	return true
}

// digest is taken of what the row tells, as it is read and not as it is written: identifiers by their keys, amounts with two decimals, days with
// their year first. The same row saved by another program, with other columns or under other names, has the same digest. What cannot be read
// counts as it stands, and is refused anyhow. Every entry is told with what it fills and how, in one order, so that an amount in the column of one
// year is another content than the same amount in that of the next.
func (v *rowValues) digest() [16]byte {
	var told []string
	for _, e := range v.plan.mapping.content {
		text, refusal := e.fill(func(name string) (string, *domain.Refusal) {
			known := v.read(name)
			if known.refusal != nil {
				return squeezed(v.row.at(v.plan.columns[name]).text), nil
			}
			if known.negative {
				return "-" + known.text, nil
			}
			return known.text, nil
		})
		if refusal == nil && text != "" {
			fills := e.field.name
			if e.way > 0 {
				fills += "#" + itoa(e.way)
			}
			told = append(told, fills+"="+domain.Key(text))
		}
	}
	slices.Sort(told)
	var b []byte
	for _, text := range told {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return short(b)
}

func short(b []byte) [16]byte {
	digest := sha256.Sum256(b)
	return [16]byte(digest[:16])
}

// command is one command of a row; false where the row gives it no more, for it is given once only, or not at all, for its amounts have other signs.
func (p *mappedPlan) command(i int, r row, v *rowValues) (Line, bool) {
	m, line := p.mapping.makers[i], Line{Number: r.number}
	if !v.signs(m.when) {
		return line, false
	}
	values := v.of(m.when)
	if len(m.oncePer) > 0 {
		key, refusal := m.oncePer.fill(values)
		if refusal != nil {
			line.Refusal = refusal
			return line, true
		}
		if _, before := p.once[i][short([]byte(key))]; before {
			return line, false
		}
		if len(p.once[i]) >= maxDistinct {
			line.Refusal = malformed("不同的值超过 %d，请分成几个文件", "there are more than %d different values; split the file", maxDistinct)
			return line, true
		}
		p.once[i][short([]byte(key))] = struct{}{}
	}
	var entries []entry
	for _, e := range m.entries {
		text, refusal := e.fill(values)
		from := ""
		if column := e.column(); column != "" {
			from = cellName(p.columns[column], r.number)
		}
		if refusal == nil && text == "" && from != "" && slices.Contains(moneyDays, e.field.name) {
			refusal = within(domain.NewRefusal(domain.CodeFieldInvalid, "field", e.field.name, "value", "", "reason", domain.ReasonEmptyDate), from)
		}
		if refusal != nil {
			if line.Refusal == nil {
				line.Refusal = refusal
			}
			continue
		}
		if e.field.name == "id" {
			line.ID = text
		}
		if text != "" {
			entries = append(entries, entry{e.field, text, from})
		}
	}
	if line.Refusal != nil {
		return line, true
	}
	if line = commandOf(line, entries, v.report); line.Command != nil {
		line.Formerly = v.formerly(m.id(), values)
	}
	return line, true
}
