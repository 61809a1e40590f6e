package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// mappedPlan makes the commands of rows by a mapping. It remembers which values have come before, by their digests.
type mappedPlan struct {
	mapping  *Mapping
	headings headings
	columns  map[string]int
	seen     map[[16]byte]uint32 // rows of equal content
	once     []map[[16]byte]struct{}
}

// planFor fits the mapping to a table's headings.
func (m *Mapping) planFor(h headings) (*mappedPlan, error) {
	p := &mappedPlan{mapping: m, headings: h, columns: map[string]int{}, seen: map[[16]byte]uint32{}}
	for _, name := range m.columns {
		at := h.index(m.Columns[name].Heading)
		if at < 0 {
			return nil, h.fault(-1, "没有名为“%s”的列（映射 columns.%s）；有：%s", "there is no column %q (the mapping's columns.%s); there are: %s",
				m.Columns[name].Heading, name, strings.Join(h.names, ", "))
		}
		p.columns[name] = at
	}
	for range m.makers {
		p.once = append(p.once, map[[16]byte]struct{}{})
	}
	return p, nil
}

func (p *mappedPlan) commands(r row, report *Report) []Line {
	if refusal := p.headings.extra(r); refusal != nil {
		return []Line{{Number: r.number, Refusal: refusal}}
	}
	for _, s := range p.mapping.skips {
		if strings.TrimSpace(r.at(p.columns[s.column]).text) == s.equals {
			report.Skipped++
			return nil
		}
	}
	values, refusal := p.values(r, report)
	if refusal != nil {
		return []Line{{Number: r.number, Refusal: refusal}}
	}
	var made []Line
	for i := range p.mapping.makers {
		if line, wanted := p.command(i, r, values); wanted {
			made = append(made, line)
		}
	}
	return made
}

// values finds a row's values by name. A value is read once, when it is first asked for, so that rounding counts once.
func (p *mappedPlan) values(r row, report *Report) (func(string) (string, *domain.Refusal), *domain.Refusal) {
	content := p.digest(r)
	if len(p.seen) >= maxDistinct {
		return nil, malformed("不同的行超过 %d，请分成几个文件", "there are more than %d different rows; split the file", maxDistinct)
	}
	p.seen[content]++
	occurrence := p.seen[content]
	type read struct {
		text    string
		refusal *domain.Refusal
	}
	known := map[string]read{
		"row": {text: itoa(r.number)}, "content": {text: hex.EncodeToString(content[:8])}, "occurrence": {text: fmt.Sprint(occurrence)},
	}
	return func(name string) (string, *domain.Refusal) {
		v, ok := known[name]
		if !ok {
			at := p.columns[name]
			v.text, v.refusal = p.mapping.Columns[name].value(r.at(at), &report.Rounded)
			if v.refusal != nil {
				within(v.refusal, cellName(at, r.number))
			}
			known[name] = v
		}
		return v.text, v.refusal
	}, nil
}

// digest is taken of the cells that the mapping names, as they stand in the file: each by its length and its bytes.
func (p *mappedPlan) digest(r row) [16]byte {
	var b []byte
	for _, name := range p.mapping.columns {
		text := r.at(p.columns[name]).text
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return short(b)
}

func short(b []byte) [16]byte {
	digest := sha256.Sum256(b)
	return [16]byte(digest[:16])
}

// command is one command of a row; false where the row gives it no more, for it is given once only.
func (p *mappedPlan) command(i int, r row, values func(string) (string, *domain.Refusal)) (Line, bool) {
	m, line := p.mapping.makers[i], Line{Number: r.number}
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
		if refusal != nil {
			if line.Refusal == nil {
				line.Refusal = refusal
			}
			continue
		}
		if e.field.name == "id" {
			line.ID = text
		}
		if text == "" {
			continue
		}
		from := ""
		if column := e.column(); column != "" {
			from = cellName(p.columns[column], r.number)
		}
		entries = append(entries, entry{e.field, text, from})
	}
	if line.Refusal != nil {
		return line, true
	}
	return commandOf(line, entries), true
}
