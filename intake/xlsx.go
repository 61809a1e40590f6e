package intake

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// The bounds of a workbook. A file of a few kilobytes can unpack to terabytes.
const (
	maxParts        = 10_000
	maxSheetBytes   = 2 << 30
	maxStringsBytes = 256 << 20
	maxPartBytes    = 32 << 20
	maxRatio        = 300      // unpacked to packed, of a part that unpacks to more than ratioFloor
	ratioFloor      = 64 << 20 // a small part may compress as well as it likes
	maxTextBytes    = 1 << 20  // between two tags; a cell holds at most 32,767 characters
)

// workbook is an .xlsx file, its sheets and what their cells refer to.
type workbook struct {
	name    string
	zip     *zip.Reader
	sheets  []sheet
	strings []string
	shown   []cellKind // by cell style: a date, a percentage, another number than the cell's, or the number
	from    epoch
}

// sheet is a worksheet of a workbook.
type sheet struct {
	name, part string
	hidden     bool
}

func openWorkbook(f *os.File, size int64, path string, o Options) (*Source, error) {
	b, err := readWorkbook(f, size, path)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	asked := o.Sheet
	if asked == "" && o.Map != nil {
		asked = o.Map.Sheet
	}
	chosen, err := b.choose(asked, o.heading, report)
	if err != nil {
		return nil, err
	}
	r, t, err := b.table(chosen, o.heading, func(h headings, rest rows, report *Report) (*table, error) { return newTable(h, rest, o, report) }, report)
	if err != nil {
		return nil, err
	}
	return &Source{name: path, format: XLSX, report: report, reader: t, size: r.size, done: func() int64 { return r.count.n }, closers: []func() error{r.close}}, nil
}

// table opens a sheet's table, behind its heading, when the sheet as a whole is fit to be read.
func (b *workbook) table(s sheet, wanted func(func(int) int) wantedHeading, made func(headings, rows, *Report) (*table, error), report *Report) (*sheetRows, *table, error) {
	notes, err := b.survey(s)
	if err != nil {
		return nil, nil, err
	}
	open := func(report *Report) (*sheetRows, *table, error) {
		r, err := b.rows(s)
		if err != nil {
			return nil, nil, err
		}
		h, rest, err := heading(b.name, s.name, r, wanted(notes.span))
		var t *table
		if err == nil {
			t, err = made(h, rest, report)
		}
		if err != nil {
			r.close()
			return nil, nil, err
		}
		return r, t, nil
	}
	r, t, err := open(report)
	if err != nil {
		return nil, nil, err
	}
	err = notes.verdict(b, s, t)
	if merged := notes.below(t.headings); err == nil && (notes.totals || len(merged) > 0) {
		var again *sheetRows
		var first *table
		if again, first, err = open(&Report{}); err == nil {
			err = b.unmerged(s, first, merged)
			again.close()
		}
	}
	if err != nil {
		r.close()
		return nil, nil, err
	}
	return r, t, nil
}

func readWorkbook(f io.ReaderAt, size int64, name string) (*workbook, error) {
	b := &workbook{name: name}
	var err error
	if b.zip, err = zip.NewReader(f, size); err != nil {
		return nil, b.fault("压缩包已损坏；请重新保存", "the archive is broken; save the workbook again")
	}
	if err := b.bound(); err != nil {
		return nil, err
	}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	for _, read := range []func(string) error{b.readSheets, b.readStyles, b.readStrings} {
		if err := read(main); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *workbook) fault(zh, en string, args ...any) error {
	return &FileError{File: b.name, Reason: say(zh, en, args...)}
}

// bound refuses what would unpack to more than a workbook of commands can be. The sizes that the archive states are
// held to again while its parts are read.
func (b *workbook) bound() error {
	if len(b.zip.File) > maxParts {
		return b.fault("压缩包里有 %d 个文件，超过 %d", "the archive holds %d files, more than %d", len(b.zip.File), maxParts)
	}
	for _, part := range b.zip.File {
		if part.UncompressedSize64 > ratioFloor && part.UncompressedSize64/max(part.CompressedSize64, 1) > maxRatio || part.UncompressedSize64 > maxSheetBytes {
			return b.fault("压缩包中的 %s 解压后为 %d 字节，疑似压缩炸弹", "%s in the archive unpacks to %d bytes, as a zip bomb does", part.Name, part.UncompressedSize64)
		}
	}
	return nil
}

func (b *workbook) part(name string) *zip.File {
	i := slices.IndexFunc(b.zip.File, func(f *zip.File) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return nil
	}
	return b.zip.File[i]
}

// mainPart is the name of the workbook's main part, or a fault that says what the archive is instead.
func (b *workbook) mainPart() (string, error) {
	for _, other := range []struct{ part, name string }{{"word/document.xml", "Word"}, {"ppt/presentation.xml", "PowerPoint"}, {"xl/workbook.bin", "Excel (.xlsb)"}, {"content.xml", "OpenDocument (.ods)"}} {
		if b.part(other.part) != nil {
			return "", b.fault("这是 %s 文件；请另存为 .xlsx", "it is a file of %s; save it as .xlsx", other.name)
		}
	}
	related, err := b.related("_rels/.rels", "")
	if err != nil {
		return "", err
	}
	for _, r := range related {
		if strings.HasSuffix(r.kind, "/officeDocument") && b.part(r.part) != nil {
			return r.part, nil
		}
	}
	if b.part("xl/workbook.xml") != nil {
		return "xl/workbook.xml", nil
	}
	return "", b.fault("这是压缩包，不是 Excel 工作簿", "it is a zip archive, not an Excel workbook")
}

// relation is a part that another one refers to.
type relation struct{ id, kind, part string }

// related lists what a part of relations says; nothing where there is no such part.
func (b *workbook) related(name, folder string) ([]relation, error) {
	var list []relation
	err := b.each(name, maxPartBytes, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && !strings.EqualFold(attribute(e, "TargetMode"), "External") {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(folder, target)
			}
			list = append(list, relation{attribute(e, "Id"), attribute(e, "Type"), strings.TrimPrefix(path.Clean(target), "/")})
		}
		return nil
	})
	return list, err
}

// each calls do for every element of a part that begins; a part that is not there has none.
func (b *workbook) each(name string, limit int64, do func(*xml.Decoder, xml.StartElement) error) error {
	part := b.part(name)
	if part == nil {
		return nil
	}
	content, err := part.Open()
	if err != nil {
		return b.broken(name, err)
	}
	defer content.Close()
	d := xml.NewDecoder(&bounded{r: content, left: limit})
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return b.broken(name, err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := do(d, e); err != nil {
				return err
			}
		}
	}
}

func (b *workbook) broken(part string, err error) error {
	if errors.Is(err, errTooLarge) {
		return b.fault("工作簿中的 %s 过大", "%s in the workbook is too large", part)
	}
	return b.fault("工作簿中的 %s 已损坏（%v）；请重新保存", "%s in the workbook is broken (%v); save it again", part, err)
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(text string) bool { return text == "1" || text == "true" || text == "on" }

// bounded ends a part that unpacks to more than its bound, or that holds a text longer than any cell's: the decoder
// keeps everything between two tags in memory.
type bounded struct {
	r    io.Reader
	left int64
	run  int // bytes since the last tag began
}

var errTooLarge = errors.New("too large")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if at := bytes.LastIndexByte(p[:n], '<'); at >= 0 {
		b.run = n - at
	} else {
		b.run += n
	}
	if b.left < 0 || b.run > maxTextBytes {
		return 0, errTooLarge
	}
	return n, err
}

// readSheets lists the worksheets, and which of the two calendars the workbook counts days by.
func (b *workbook) readSheets(main string) error {
	parts, err := b.related(relationsOf(main), path.Dir(main))
	if err != nil {
		return err
	}
	err = b.each(main, maxPartBytes, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if truth(attribute(e, "date1904")) {
				b.from = since1904
			}
		case "sheet":
			id := ""
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			i := slices.IndexFunc(parts, func(r relation) bool { return r.id == id && strings.HasSuffix(r.kind, "/worksheet") })
			if i >= 0 && b.part(parts[i].part) != nil {
				b.sheets = append(b.sheets, sheet{attribute(e, "name"), parts[i].part, attribute(e, "state") == "hidden" || attribute(e, "state") == "veryHidden"})
			}
		}
		return nil
	})
	if err == nil && len(b.sheets) == 0 {
		return b.fault("工作簿里没有工作表", "the workbook has no worksheet")
	}
	return err
}

func relationsOf(part string) string {
	return path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
}

func (b *workbook) relatedPart(main, kind string) (string, error) {
	parts, err := b.related(relationsOf(main), path.Dir(main))
	if err != nil {
		return "", err
	}
	for _, r := range parts {
		if strings.HasSuffix(r.kind, kind) {
			return r.part, nil
		}
	}
	return "", nil
}

// readStyles learns which cell styles show dates.
func (b *workbook) readStyles(main string) error {
	name, err := b.relatedPart(main, "/styles")
	if err != nil {
		return err
	}
	formats := map[string]string{}
	within := false
	return b.each(name, maxPartBytes, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			formats[attribute(e, "numFmtId")] = attribute(e, "formatCode")
		case "cellXfs":
			within = true
		case "cellStyleXfs", "cellStyles", "dxfs":
			within = false
		case "xf":
			if within {
				id := attribute(e, "numFmtId")
				b.shown = append(b.shown, shownBy(id, formats[id]))
			}
		}
		return nil
	})
}

// readStrings reads the texts that cells refer to by number.
func (b *workbook) readStrings(main string) error {
	name, err := b.relatedPart(main, "/sharedStrings")
	if err != nil || name == "" {
		return err
	}
	return b.each(name, maxStringsBytes, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := textOf(d, e)
		if err != nil {
			return b.broken(name, err)
		}
		b.strings = append(b.strings, text)
		return nil
	})
}

// choose finds the sheet to read: the one asked for, or the only one that has the wanted columns, or else the only one with content. A hidden sheet is
// read where it is asked for only; one that would do as well as a visible one is a fault, and any other is noted.
func (b *workbook) choose(asked string, wanted func(func(int) int) wantedHeading, report *Report) (sheet, error) {
	var full, fit []sheet
	for _, s := range b.sheets {
		if s.name == asked {
			return s, nil
		}
		has, err := b.hasContent(s)
		if err != nil {
			return s, err
		}
		if !has {
			continue
		}
		full = append(full, s)
		does, err := b.fits(s, wanted)
		if err != nil {
			return s, err
		}
		if does {
			fit = append(fit, s)
		}
	}
	if asked != "" {
		return sheet{}, b.fault("没有名为“%s”的工作表；有：%s", "there is no sheet %q; there are: %s", asked, sheetNames(full))
	}
	of := fit
	if len(fit) == 0 { // what is missing is told of the first that can be seen
		if of = slices.DeleteFunc(slices.Clone(full), func(s sheet) bool { return s.hidden }); len(of) > 0 {
			of = of[:1]
		} else {
			of = full
		}
	}
	for _, s := range of {
		if s.hidden {
			return s, b.fault("工作表“%s”被隐藏；请取消隐藏或删除，或在映射中用 sheet 指明要读的工作表", "the sheet %q is hidden; show or delete it, or name the sheet to read in the mapping (sheet)", s.name)
		}
	}
	switch len(of) {
	case 0:
		return sheet{}, b.fault("工作簿没有内容", "the workbook is empty")
	case 1:
		report.unread(of[0], full)
		return of[0], nil
	}
	return sheet{}, b.fault("有多个工作表有内容（%s）；请只留一个，或在映射中用 sheet 指明", "several sheets have content (%s); leave one, or name it in the mapping (sheet)", sheetNames(of))
}

// fits says whether a sheet has the wanted columns.
func (b *workbook) fits(s sheet, wanted func(func(int) int) wantedHeading) (bool, error) {
	r, err := b.rows(s)
	if err != nil {
		return false, err
	}
	defer r.close()
	w := wanted(nil)
	h, _, err := heading(b.name, s.name, r, w)
	if err != nil {
		var broken *FileError
		if errors.As(err, &broken) {
			return false, nil // it is told of when the sheet is read
		}
		return false, err
	}
	return w.fits(h), nil
}

func sheetNames(sheets []sheet) string {
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.name
	}
	return strings.Join(names, ", ")
}

// unread notes the sheets beside the one that is read.
func (r *Report) unread(chosen sheet, full []sheet) {
	for _, s := range full {
		if s.part == chosen.part {
			continue
		}
		r.Sheet = chosen.name
		r.Unread = append(r.Unread, s.name)
		if s.hidden {
			r.Hidden = append(r.Hidden, s.name)
		}
	}
}
