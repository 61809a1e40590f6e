package intake

import (
	"io"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// headings are the names of a table's columns, with their places.
type headings struct {
	file, sheet string
	row         int        // the last one of the heading
	names       []string   // as they are shown
	known       [][]string // what each column may be asked for by, squeezed
	above       []row      // with content, that were passed over
	said        bool       // the mapping says in which row it stands
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

// absent is [headings.fault] for a column that is not there. Where the headings look like what somebody saved who opened the file in another encoding
// than its own, it says so: the names that it has tell nobody anything.
func (h headings) absent(column int, zh, en string, args ...any) *FileError {
	e := h.fault(column, zh, en, args...)
	for _, name := range h.names {
		if before := misread(name); before != "" {
			hint := say("。表头像是把 UTF-8 文件按别的编码打开后又保存的（“%s”原为“%s”）：请导入保存之前的文件，或重新打开它、把字符集选为 UTF-8 再保存",
				". The headings look like a file in UTF-8 that was opened in another encoding and saved (%q was %q): import the file as it was before, or open that again "+
					"with UTF-8 as its character set, and save it", name, before)
			e.Reason.ZH, e.Reason.EN = e.Reason.ZH+hint.ZH, e.Reason.EN+hint.EN
			break
		}
	}
	return e
}

func (h headings) list() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(h.names), func(name string) bool { return name == "" }), ", ")
}

// spaced is a heading on one line, as it is shown.
func spaced(text string) string { return strings.Join(strings.FieldsFunc(text, unseen), " ") }

// headingsOf reads a heading of one row.
func headingsOf(file, sheet string, first row) (headings, error) {
	h := headings{file: file, sheet: sheet, row: first.number}
	for i, c := range first.cells {
		if c.kind == cellFormula || c.kind == cellError || c.computed {
			return h, h.fault(i, "表头不能是公式或错误值", "a heading is neither a formula nor an error")
		}
		h.put(spaced(c.text), squeezed(c.text))
	}
	return h, h.bound()
}

// headingsOfTwo reads a heading of two rows: a column is called by the lower name, or by both. An upper name reaches to the right over what has a
// lower one only, as a merged cell does.
func headingsOfTwo(file, sheet string, upper, lower row) (headings, error) {
	h, err := headingsOf(file, sheet, lower)
	if err != nil {
		return h, err
	}
	if _, err := headingsOf(file, sheet, upper); err != nil {
		return h, err
	}
	h = headings{file: file, sheet: sheet, row: lower.number}
	above := ""
	for i := range max(len(upper.cells), len(lower.cells)) {
		over, under := spaced(upper.at(i).text), spaced(lower.at(i).text)
		switch {
		case over != "":
			above = over
		case under == "":
			above = ""
		}
		switch {
		case under == "":
			h.put(over, squeezed(over))
		case above == "":
			h.put(under, squeezed(under))
		default:
			h.put(above+"/"+under, squeezed(above+under), squeezed(above+"/"+under), squeezed(above+"-"+under), squeezed(under))
		}
	}
	return h, h.bound()
}

func (h *headings) put(name string, known ...string) {
	h.names = append(h.names, name)
	h.known = append(h.known, known)
}

// bound cuts what has no name at the end, and refuses what no table has.
func (h *headings) bound() error {
	n := len(h.names)
	for n > 0 && h.names[n-1] == "" {
		n--
	}
	h.names, h.known = h.names[:n], h.known[:n]
	if n > maxColumns {
		return h.fault(-1, "列数超过 %d", "it has more than %d columns", maxColumns)
	}
	return nil
}

// column is where a column of a name stands, whatever spaces, line breaks and widths the name is written with; below zero where there is none. Two
// that it could be are a fault. Of a heading of two rows both names together tell apart what one does not.
func (h headings) column(name string) (int, error) {
	wanted := squeezed(name)
	for _, whole := range []bool{true, false} {
		found := -1
		for i, known := range h.known {
			if known[0] == "" || whole && len(known) > 1 && !slices.Contains(known[:3], wanted) || !slices.Contains(known, wanted) {
				continue
			}
			if found >= 0 {
				return -1, h.fault(i, "有两列叫“%s”：%s 与 %s；请改名，或写出上下两行的列名", "two columns are headed %q: %s and %s; rename one, or give both rows of its heading",
					name, columnName(found), columnName(i))
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
	}
	return -1, nil
}

// unlike refuses two columns of one name.
func (h headings) unlike() error {
	seen := map[string]int{}
	for i, name := range h.names {
		if at, again := seen[squeezed(name)]; again && name != "" {
			return h.fault(i, "列名“%s”与 %s 列重复", "the heading %q stands in column %s already", name, columnName(at))
		}
		seen[squeezed(name)] = i
	}
	return nil
}

// How far down a heading is looked for, behind the titles of a table.
const maxTitles = 20

// wantedHeading is the heading that is looked for.
type wantedHeading struct {
	row  int                 // the row it stands in; 0: the first that fits
	fits func(headings) bool // whether it has the columns that are read
	span func(row int) int   // the last row of merged cells that begin in a row or above; nil where cells are never merged
}

// heading finds a table's heading: the first row, or two rows, that have the wanted columns, or else the first row that is not empty, for what is
// missing to be told of it. It gives the rows behind the heading.
func heading(file, sheet string, rest rows, wanted wantedHeading) (headings, rows, error) {
	above, ahead, err := firstRows(file, rest, wanted.row)
	if err != nil {
		return headings{}, nil, err
	}
	var first error
	for i, r := range ahead { // one row that fits is preferred to two, of which the upper one may be a title
		h, err := headingsOf(file, sheet, r)
		if first == nil {
			first = err
		}
		if err == nil && wanted.fits(h) {
			h.above, h.said = append(above, ahead[:i]...), wanted.row > 0
			return behind(h, ahead[i+1:], rest, wanted.span)
		}
		if wanted.row > 0 {
			break
		}
	}
	for i, r := range ahead[:len(ahead)-1] {
		if ahead[i+1].number != r.number+1 || i > 0 && wanted.row > 0 {
			continue
		}
		if h, err := headingsOfTwo(file, sheet, r, ahead[i+1]); err == nil && wanted.fits(h) {
			h.above, h.said = append(above, ahead[:i]...), wanted.row > 0
			return behind(h, ahead[i+2:], rest, wanted.span)
		}
	}
	if first != nil {
		return headings{}, nil, first
	}
	h, err := headingsOf(file, sheet, ahead[0])
	if err != nil {
		return headings{}, nil, err
	}
	return behind(h, ahead[1:], rest, wanted.span)
}

// passed reports the rows above the heading, and refuses one that looks like a row of the table: its heading may be one that does not fit, and the
// heading that was found one of a later page. Where the mapping says in which row the heading stands, it says what the rows above it are.
func (h headings) passed(report *Report) error {
	for _, r := range h.above {
		filled, first, figure := 0, "", -1
		for i, c := range r.cells {
			if c.empty() {
				continue
			}
			if filled++; filled == 1 {
				first = trim(c.text)
			}
			if figure < 0 && c.figure() {
				figure = i
			}
		}
		if filled >= 3 && figure >= 0 && !h.said {
			at := h
			at.row = r.number
			return at.fault(figure, "这一行像是数据，却在表头（第 %d 行）上方，不会导入；请核对映射中的列名，或用 header_row 写明表头在第几行。未记任何账",
				"the row looks like one of the table, and stands above its heading (row %d), so that it would not be read; check the mapping's headings, or say by header_row "+
					"where the heading stands. Nothing was booked", h.row)
		}
		report.leave(LeftOut{Row: r.number, Text: first, Why: LeftTitle})
	}
	return nil
}

// firstRows are the rows in which a heading is looked for, from the row that it is said to stand in, and the first of those above it.
func firstRows(file string, rest rows, from int) (above, ahead []row, err error) {
	for len(ahead) < maxTitles {
		r, err := rest.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if r.fault != nil && len(ahead) == 0 {
			return nil, nil, &FileError{File: file, Line: r.number, Reason: r.fault.Message()}
		}
		switch {
		case r.empty():
		case r.number >= from:
			ahead = append(ahead, r)
		case len(above) < maxTitles:
			above = append(above, r)
		}
	}
	if len(ahead) == 0 {
		return nil, nil, &FileError{File: file, Reason: say("表格没有内容", "the table is empty")}
	}
	return above, ahead, nil
}

// behind gives a heading with the rows behind it: those that were read ahead, then the rest. Rows that the heading's cells are merged with are its own.
func behind(h headings, ahead []row, rest rows, span func(int) int) (headings, rows, error) {
	if span != nil {
		if end := span(h.row); end > h.row {
			ahead = slices.DeleteFunc(ahead, func(r row) bool { return r.number <= end })
			h.row = end
		}
	}
	return h, &following{ahead, rest}, nil
}

// extra finds a cell of a row that stands beyond the headings.
func (h headings) extra(r row) *domain.Refusal {
	for i := len(h.names); i < len(r.cells); i++ {
		if !r.cells[i].empty() {
			return within(malformed(domain.ReasonRowTooWide, "use", len(r.cells), "limit", len(h.names)), cellName(i, r.number))
		}
	}
	return nil
}

// called is the heading of a column, or its letters where it has none.
func (h headings) called(at int) string {
	if at < len(h.names) && h.names[at] != "" {
		return h.names[at]
	}
	return columnName(at)
}

// repeated says whether a row is the heading once more, as a printed table has it on every page.
func (h headings) repeated(r row, used []int) bool {
	for _, at := range used {
		if at >= len(h.known) || !slices.Contains(h.known[at], squeezed(r.at(at).text)) {
			return false
		}
	}
	return len(used) > 0
}

// following are rows of which some were read ahead.
type following struct {
	ahead []row
	rest  rows
}

func (f *following) next() (row, error) {
	if len(f.ahead) > 0 {
		r := f.ahead[0]
		f.ahead = f.ahead[1:]
		return r, nil
	}
	return f.rest.next()
}
