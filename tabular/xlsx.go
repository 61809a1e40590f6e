package tabular

import (
	"github.com/fundledger/fundledger/domain"

	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/flate"
)

// The limits of a sheet.
const (
	sheetRows    = 1_048_575 // below the heading
	sheetColumns = 16_384
	cellUnits    = 32_767 // UTF-16 code units in a cell
	sheetName    = 31     // UTF-16 code units in a sheet's name
	sampledRows  = 200    // rows held back to set the widths of columns
)

// workbook writes Office Open XML as the rows come.
//
// It is not excelize's stream writer because that one passes amounts through a float64 (1234.50 is stored as 1234.5, and
// 18 digits as 17), cuts long text without a word, and keeps every sheet in a temporary file. Excelize reads the result in the tests.
type workbook struct {
	zip    *zip.Writer
	table  Table
	opts   Options
	limit  int64 // data rows on a sheet
	sheets []string
	sheet  *bufio.Writer // the open sheet, or nil
	rows   int64         // data rows on it
	held   [][]cell      // rows held back until the widths are known
	widths []int         // nil until then
	refs   []string      // A, B, …
	buf    []byte
}

func newWorkbook(out io.Writer, t Table, opts Options, limit int64) (*workbook, error) {
	if len(t.Columns) > sheetColumns {
		return nil, fmt.Errorf("%d columns: a sheet holds %d, use csv, json or parquet", len(t.Columns), sheetColumns)
	}
	w := &workbook{zip: zip.NewWriter(out), table: t, opts: opts, limit: limit}
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	for _, m := range t.Meta {
		if err := fits(m.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	for i := range t.Columns {
		w.refs = append(w.refs, columnRef(i))
	}
	// The first entry is the one by which the kind of file is told. It names sheets by default, so that it can be
	// written before their number is known.
	return w, w.part("[Content_Types].xml", contentTypes)
}

func (w *workbook) row(cells []cell) error {
	for i, c := range cells {
		if c.kind == Text {
			if err := fits(c.text); err != nil {
				return fmt.Errorf("column %s: %w", w.table.Columns[i].Name, err)
			}
		}
	}
	if w.widths != nil {
		return w.put(cells)
	}
	w.held = append(w.held, append([]cell(nil), cells...))
	if len(w.held) < sampledRows {
		return nil
	}
	return w.release()
}

// release settles the widths and writes the rows held back.
func (w *workbook) release() error {
	w.widths = w.measure()
	for _, cells := range w.held {
		if err := w.put(cells); err != nil {
			return err
		}
	}
	w.held = nil
	return nil
}

// measure finds the widths of columns in characters, within bounds that fit a page.
func (w *workbook) measure() []int {
	widths := make([]int, len(w.table.Columns))
	for i, col := range w.table.Columns {
		width := displayWidth(col.Heading(w.opts.Lang)) + 2
		for _, cells := range w.held {
			text := cells[i].plain()
			switch {
			case cells[i].set && col.Kind == Money:
				text = Grouped(text)
			case col.Kind == Time:
				text = time.DateTime
			}
			width = max(width, displayWidth(text)+1)
		}
		widths[i] = min(max(width, 8), 60)
	}
	return widths
}

// put writes one row, on a new sheet where the last is full.
func (w *workbook) put(cells []cell) error {
	if w.sheet != nil && w.rows == w.limit {
		if err := w.closeSheet(); err != nil {
			return err
		}
	}
	if w.sheet == nil {
		if err := w.openSheet(); err != nil {
			return err
		}
	}
	w.rows++
	number := strconv.FormatInt(w.rows+1, 10)
	buf := append(w.buf[:0], `<row r="`...)
	buf = append(append(buf, number...), `">`...)
	for i, c := range cells {
		if c.set {
			buf = appendCell(buf, w.refs[i], number, c)
		}
	}
	w.buf = append(buf, `</row>`...)
	_, err := w.sheet.Write(w.buf)
	return err
}

func (w *workbook) openSheet() error {
	if err := w.newSheet(w.table.Caption(w.opts.Lang)); err != nil {
		return err
	}
	w.rows = 0
	w.sheet.WriteString(frozenHeading)
	w.columns(w.widths)
	w.sheet.WriteString(`<sheetData>`)
	heads := make([]string, len(w.table.Columns))
	for i, c := range w.table.Columns {
		heads[i] = c.Heading(w.opts.Lang)
	}
	return w.bold(1, heads...)
}

// bold writes a row of headings.
func (w *workbook) bold(number int, texts ...string) error {
	fmt.Fprintf(w.sheet, `<row r="%d">`, number)
	for i, text := range texts {
		if _, err := w.sheet.Write(appendText(nil, columnRef(i), strconv.Itoa(number), styleBold, text)); err != nil {
			return err
		}
	}
	_, err := w.sheet.WriteString(`</row>`)
	return err
}

func (w *workbook) columns(widths []int) {
	w.sheet.WriteString(`<cols>`)
	for i, width := range widths {
		fmt.Fprintf(w.sheet, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, width)
	}
	w.sheet.WriteString(`</cols>`)
}

func (w *workbook) closeSheet() error {
	fmt.Fprintf(w.sheet, `</sheetData><autoFilter ref="A1:%s%d"/>`, w.refs[len(w.refs)-1], w.rows+1)
	w.printed(w.table.Caption(w.opts.Lang))
	err := w.sheet.Flush()
	w.sheet = nil
	return err
}

// newSheet starts a sheet under a name that Excel takes and no other sheet has.
func (w *workbook) newSheet(title string) error {
	w.sheets = append(w.sheets, freeName(title, w.sheets))
	entry, err := w.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(w.sheets)))
	if err != nil {
		return err
	}
	w.sheet = bufio.NewWriterSize(entry, 32<<10)
	_, err = w.sheet.WriteString(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`)
	return err
}

// finish writes what is left, the sheet of totals, and the directory of the parts.
func (w *workbook) finish(sum Summary) error {
	if w.widths == nil {
		if err := w.release(); err != nil {
			return err
		}
	}
	if w.sheet == nil {
		if err := w.openSheet(); err != nil {
			return err
		}
	}
	if err := w.closeSheet(); err != nil {
		return err
	}
	if err := w.control(sum); err != nil {
		return err
	}
	if err := w.skeleton(); err != nil {
		return err
	}
	return w.zip.Close()
}

// abandon leaves the archive without its directory: nothing opens it.
func (w *workbook) abandon(error) {}

// control writes the last sheet: what whoever receives the workbook checks it by.
func (w *workbook) control(sum Summary) error {
	if err := w.newSheet(domain.Text{ZH: "核对", EN: "Control"}.In(w.opts.Lang)); err != nil {
		return err
	}
	w.columns([]int{32, 32})
	w.sheet.WriteString(`<sheetData>`)
	if err := w.bold(1, domain.Text{ZH: "项目", EN: "Item"}.In(w.opts.Lang), domain.Text{ZH: "值", EN: "Value"}.In(w.opts.Lang)); err != nil {
		return err
	}
	number := 1
	put := func(name string, write func([]byte, string, string, int, string) []byte, style int, value string) {
		number++
		row := strconv.Itoa(number)
		buf := appendText([]byte(`<row r="`+row+`">`), "A", row, styleText, name)
		w.sheet.Write(append(write(buf, "B", row, style, value), `</row>`...))
	}
	put(domain.Text{ZH: "行数", EN: "Rows"}.In(w.opts.Lang), appendNumber, styleInteger, strconv.FormatInt(sum.Rows, 10))
	for _, c := range w.table.Columns {
		total, ok := c.total(sum)
		if !ok {
			continue
		}
		style := styleInteger
		if c.Kind == Money {
			style = styleMoney
		}
		put(domain.Text{ZH: "合计：", EN: "Total: "}.In(w.opts.Lang)+c.Heading(w.opts.Lang), appendNumber, style, total)
	}
	for _, m := range w.table.Meta {
		put(m.Name, appendText, styleText, m.Value)
	}
	w.sheet.WriteString(`</sheetData>`)
	w.printed(w.table.Caption(w.opts.Lang))
	return w.sheet.Flush()
}

// freeName makes a sheet's name out of a title.
func freeName(title string, taken []string) string {
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || unseen(r) {
			return ' '
		}
		return r
	}, title), "' ")
	if clean == "" || strings.EqualFold(clean, "history") {
		clean += "Sheet"
	}
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = " (" + strconv.Itoa(n) + ")"
		}
		name := fitted(clean, sheetName-len(suffix)) + suffix
		if !containsFold(taken, name) {
			return name
		}
	}
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// fits refuses text that a cell cannot hold.
func fits(text string) error {
	if len(text) <= cellUnits {
		return nil
	}
	if n := units(text); n > cellUnits {
		return fmt.Errorf("a text of %d characters, and a cell of a workbook holds %d: use csv, json or parquet", n, cellUnits)
	}
	return nil
}

// units counts UTF-16 code units, as Excel does.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// fitted keeps the first n UTF-16 code units of a text, and whole characters: what a sheet has room for.
func fitted(text string, n int) string {
	for i, r := range text {
		if n -= utf16.RuneLen(r); n < 0 {
			return strings.TrimRight(text[:i], "' ")
		}
	}
	return text
}

// columnRef is the letters of a column, counted from 0: A, …, Z, AA.
func columnRef(i int) string {
	ref := ""
	for i++; i > 0; i = (i - 1) / 26 {
		ref = string(rune('A'+(i-1)%26)) + ref
	}
	return ref
}
