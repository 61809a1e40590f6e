package intake

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// sheetRows streams a worksheet's rows. It reads the XML itself, for it must know of every cell what it is (a number, a
// date, a formula, an error) and the exact text of numbers, and must not take a broken sheet for one that ends early.
type sheetRows struct {
	book   *workbook
	sheet  sheet
	d      *xml.Decoder
	count  *counted
	size   int64
	close  func() error
	number int // of the row read last
	inData bool
	notes  *survey // what is noticed on the way; nil when nobody asks
}

// survey is what a reader of rows would not see of a sheet.
type survey struct {
	hiddenColumns [][2]int
	hiddenRows    []int
	used          map[int]bool // columns with content
	merged        []area
	totals        bool // there is a row of totals
}

// area is a rectangle of merged cells, and how it is called.
type area struct {
	name                     string
	top, bottom, left, right int // rows from 1, columns from 0
}

const (
	maxSheetColumns = 16_384
	maxMerged       = 100_000
)

func (b *workbook) rows(s sheet) (*sheetRows, error) {
	part := b.part(s.part)
	content, err := part.Open()
	if err != nil {
		return nil, b.broken(s.part, err)
	}
	c := &counted{Reader: &bounded{r: content, left: maxSheetBytes}}
	return &sheetRows{book: b, sheet: s, d: xml.NewDecoder(c), count: c, size: int64(part.UncompressedSize64), close: content.Close}, nil
}

func (b *workbook) hasContent(s sheet) (bool, error) {
	r, err := b.rows(s)
	if err != nil {
		return false, err
	}
	defer r.close()
	for {
		got, err := r.next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if !got.empty() {
			return true, nil
		}
	}
}

// survey goes through a whole sheet once, and notes what a reader of rows would not see: hidden rows and columns with content in them, and merged
// cells.
func (b *workbook) survey(s sheet) (*survey, error) {
	r, err := b.rows(s)
	if err != nil {
		return nil, err
	}
	defer r.close()
	r.notes = &survey{used: map[int]bool{}}
	for {
		if _, err := r.next(); err == io.EOF {
			return r.notes, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// span is the last row of the merged cells that a row has a part in.
func (v *survey) span(row int) int {
	last := row
	for _, m := range v.merged {
		if m.top <= row && row <= m.bottom {
			last = max(last, m.bottom)
		}
	}
	return last
}

// verdict refuses a sheet with content that is read and not seen, and lists what is not seen and not read.
func (v *survey) verdict(b *workbook, s sheet, t *table) error {
	var columns []string
	for at := range maxSheetColumns {
		hidden := slices.ContainsFunc(v.hiddenColumns, func(span [2]int) bool { return at+1 >= span[0] && at+1 <= span[1] })
		switch {
		case !hidden || !v.used[at]:
		case slices.Contains(t.used, at):
			columns = append(columns, columnName(at))
		default:
			t.report.Concealed = append(t.report.Concealed, columnName(at))
		}
	}
	var rows []string
	for _, n := range v.hiddenRows {
		if n > t.headings.row {
			rows = append(rows, itoa(n))
		}
	}
	switch {
	case len(rows) > 0:
		return b.fault("工作表“%s”有隐藏或被筛掉的行：%s；请全部显示或删除", "the sheet %q has hidden or filtered rows: %s; show or delete them", s.name, few(rows))
	case len(columns) > 0:
		return b.fault("工作表“%s”有隐藏的列：%s；请全部显示或删除", "the sheet %q has hidden columns: %s; show or delete them", s.name, few(columns))
	}
	return nil
}

// below are the merged cells that reach below the heading.
func (v *survey) below(h headings) (list []area) {
	for _, m := range v.merged {
		if m.bottom > h.row {
			list = append(list, m)
		}
	}
	return list
}

// unmerged goes through a table's rows, and refuses merged cells in those that are read, for nobody can say which of the rows such a cell belongs
// to. Titles, rows of totals and notes may have them.
func (b *workbook) unmerged(s sheet, t *table, merged []area) error {
	slices.SortFunc(merged, func(a, b area) int { return a.top - b.top })
	var inside []string
	var here []area // that reach into the row
	for {
		r, err := t.rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if r.empty() {
			continue
		}
		_, out, err := t.judged(&r)
		if err != nil {
			return err
		}
		for len(merged) > 0 && merged[0].top <= r.number {
			here, merged = append(here, merged[0]), merged[1:]
		}
		here = slices.DeleteFunc(here, func(m area) bool { return m.bottom < r.number })
		for _, m := range here {
			if !out && !slices.Contains(inside, m.name) && len(inside) < 100 {
				inside = append(inside, m.name)
			}
		}
	}
	if len(inside) > 0 {
		return b.fault("工作表“%s”的数据行中有合并单元格：%s；请取消合并并逐行填写", "the sheet %q has merged cells among its rows: %s; unmerge them and fill in each row", s.name, few(inside))
	}
	return nil
}

// few lists the first of many.
func few(list []string) string {
	if len(list) > 10 {
		return strings.Join(list[:10], ", ") + ", … (" + itoa(len(list)) + ")"
	}
	return strings.Join(list, ", ")
}

func (r *sheetRows) next() (row, error) {
	for {
		t, err := r.d.Token()
		if err == io.EOF {
			return row{}, io.EOF
		}
		if err != nil {
			return row{}, r.book.broken(r.sheet.part, err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if r.inData && e.Name.Local == "row" {
				return r.row(e)
			}
			r.note(e)
			r.inData = r.inData || e.Name.Local == "sheetData"
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				r.inData = false
				if r.notes == nil {
					return row{}, io.EOF
				}
			}
		}
	}
}

func (r *sheetRows) note(e xml.StartElement) {
	if r.notes == nil {
		return
	}
	switch e.Name.Local {
	case "mergeCell":
		if m, ok := areaOf(attribute(e, "ref")); ok && len(r.notes.merged) < maxMerged {
			r.notes.merged = append(r.notes.merged, m)
		}
	case "col":
		low, _ := strconv.Atoi(attribute(e, "min"))
		high, _ := strconv.Atoi(attribute(e, "max"))
		if truth(attribute(e, "hidden")) && len(r.notes.hiddenColumns) < maxSheetColumns {
			r.notes.hiddenColumns = append(r.notes.hiddenColumns, [2]int{low, high})
		}
	}
}

// row reads up to the row's end.
func (r *sheetRows) row(start xml.StartElement) (row, error) {
	number := r.number + 1
	if text := attribute(start, "r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < number {
			return row{}, r.book.broken(r.sheet.part, fmt.Errorf("row %q behind row %d", text, r.number))
		}
		number = n
	}
	r.number = number
	got := row{number: number}
	bytes := 0
	for {
		t, err := r.d.Token()
		if err != nil {
			return got, r.book.broken(r.sheet.part, err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			at, c, err := r.cell(e, len(got.cells))
			if err != nil {
				return got, r.book.broken(r.sheet.part, err)
			}
			if bytes += len(c.text); bytes > MaxLineBytes {
				return got, &FileError{File: r.book.name, Cell: r.sheet.name + "!" + cellName(at, number), Reason: say("这一行超过 %d 字节", "the row has more than %d bytes", MaxLineBytes)}
			}
			if c.text == "" && c.kind == cellText {
				continue
			}
			for len(got.cells) < at {
				got.cells = append(got.cells, cell{})
			}
			got.cells = append(got.cells, c)
		case xml.EndElement:
			if e.Name.Local == "row" {
				r.noteRow(got, truth(attribute(start, "hidden")))
				return got, nil
			}
		}
	}
}

func (r *sheetRows) noteRow(got row, hidden bool) {
	if r.notes == nil || got.empty() {
		return
	}
	if hidden {
		r.notes.hiddenRows = append(r.notes.hiddenRows, got.number)
	}
	for i, c := range got.cells {
		if c.empty() {
			continue
		}
		r.notes.used[i] = true
		r.notes.totals = r.notes.totals || c.kind == cellText && totalWord(c.text)
	}
}

// cell reads up to the cell's end: its column, and what it holds.
func (r *sheetRows) cell(start xml.StartElement, least int) (int, cell, error) {
	at := least
	if name := attribute(start, "r"); name != "" {
		var ok bool
		if at, ok = columnOf(name); !ok || at < least {
			return 0, cell{}, fmt.Errorf("a cell named %q behind column %s", name, columnName(least-1))
		}
	}
	if at >= maxSheetColumns {
		return 0, cell{}, fmt.Errorf("a cell beyond column %s", columnName(maxSheetColumns-1))
	}
	formula, result, value, inline := false, false, "", ""
	for {
		t, err := r.d.Token()
		if err != nil {
			return at, cell{}, err
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "f":
				formula = true
			case "v":
				value, err = textOf(r.d, e)
				result = true
			case "is":
				inline, err = textOf(r.d, e)
			}
			if err != nil {
				return at, cell{}, err
			}
		case xml.EndElement:
			if e.Name.Local != "c" {
				continue
			}
			if formula && (!result || value == "" && attribute(start, "t") != "str") {
				return at, cell{kind: cellFormula}, nil
			}
			c, err := r.book.cell(attribute(start, "t"), attribute(start, "s"), value, inline)
			c.computed = formula
			return at, c, err
		}
	}
}

// cell is what a cell of a type and a style holds.
func (b *workbook) cell(kind, style, value, inline string) (cell, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(b.strings) {
			return cell{}, fmt.Errorf("a cell refers to text %q, and there are %d", value, len(b.strings))
		}
		return cell{text: b.strings[i]}, nil
	case "inlineStr":
		return cell{text: inline}, nil
	case "str":
		return cell{text: value}, nil
	case "b":
		return cell{text: map[bool]string{true: "true", false: "false"}[truth(value)], kind: cellBool}, nil
	case "e":
		return cell{text: value, kind: cellError}, nil
	case "d":
		if day, ok := dayText(strings.TrimSuffix(value, "Z")); ok {
			value = day
		}
		return cell{text: value, kind: cellDate}, nil
	case "", "n":
	default:
		return cell{}, fmt.Errorf("a cell of the type %q", kind)
	}
	if value == "" {
		return cell{}, nil
	}
	c := cell{text: shortest(value), kind: cellNumber, from: b.from}
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(b.shown) {
		c.kind = b.shown[i]
	}
	if c.kind == cellDate {
		c.text = b.from.date(value)
	}
	return c, nil
}

// textOf is the text inside an element, without the reading aids that East Asian texts carry (rPh).
func textOf(d *xml.Decoder, start xml.StartElement) (string, error) {
	var text strings.Builder
	plain := start.Name.Local == "v"
	depth, within := 1, false
	for depth > 0 {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			}
			depth++
			within = e.Name.Local == "t"
		case xml.EndElement:
			depth--
			within = false
		case xml.CharData:
			if plain || within {
				text.Write(e)
			}
		}
		if text.Len() > maxTextBytes {
			return "", errTooLarge
		}
	}
	return unescape(text.String()), nil
}

// unescape reads _x000D_ as the character it stands for.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if rest := text[i:]; len(rest) >= 7 && rest[:2] == "_x" && rest[6] == '_' {
			if n, err := strconv.ParseUint(rest[2:6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 6
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// areaOf reads a rectangle's name: A1:E1.
func areaOf(name string) (area, bool) {
	from, to, _ := strings.Cut(name, ":")
	if to == "" {
		to = from
	}
	m := area{name: name}
	var ok, too bool
	m.left, ok = columnOf(from)
	m.right, too = columnOf(to)
	m.top, _ = strconv.Atoi(strings.TrimLeft(from, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	m.bottom, _ = strconv.Atoi(strings.TrimLeft(to, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return m, ok && too && m.top > 0 && m.bottom >= m.top
}

// columnOf is the column of a cell's name: 2 of "C5".
func columnOf(name string) (int, bool) {
	n, i := 0, 0
	for i < len(name) && name[i] >= 'A' && name[i] <= 'Z' && i < 4 {
		n = n*26 + int(name[i]-'A') + 1
		i++
	}
	return n - 1, i > 0 && i < len(name) && n <= maxSheetColumns
}
