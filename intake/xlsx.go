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
	dates   []bool // by cell style: it shows a date
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
	chosen, err := b.choose(o)
	if err != nil {
		return nil, err
	}
	if err := b.survey(chosen); err != nil {
		return nil, err
	}
	r, err := b.rows(chosen)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	s := &Source{name: path, format: XLSX, report: report, size: r.size, done: func() int64 { return r.count.n }, closers: []func() error{r.close}}
	h, err := heading(path, chosen.name, r, o)
	if err == nil {
		s.reader, err = newTable(h, r, o, report)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return s, nil
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
				b.dates = append(b.dates, builtInDates[id] || showsDate(formats[id]))
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

// choose finds the sheet to read: the one asked for, or the only one with content.
func (b *workbook) choose(o Options) (sheet, error) {
	asked := o.Sheet
	if asked == "" && o.Map != nil {
		asked = o.Map.Sheet
	}
	var full []sheet
	for _, s := range b.sheets {
		if s.name == asked {
			return s, nil
		}
		has, err := b.hasContent(s)
		if err != nil {
			return s, err
		}
		if has {
			full = append(full, s)
		}
	}
	names := make([]string, len(full))
	for i, s := range full {
		names[i] = s.name
	}
	list := strings.Join(names, ", ")
	if asked != "" {
		return sheet{}, b.fault("没有名为“%s”的工作表；有：%s", "there is no sheet %q; there are: %s", asked, list)
	}
	for _, s := range full {
		if s.hidden {
			return s, b.fault("工作表“%s”被隐藏；请取消隐藏或删除，或在映射中用 sheet 指明要读的工作表", "the sheet %q is hidden; show or delete it, or name the sheet to read in the mapping (sheet)", s.name)
		}
	}
	switch len(full) {
	case 0:
		return sheet{}, b.fault("工作簿没有内容", "the workbook is empty")
	case 1:
		return full[0], nil
	}
	return sheet{}, b.fault("有多个工作表有内容（%s）；请只留一个，或在映射中用 sheet 指明", "several sheets have content (%s); leave one, or name it in the mapping (sheet)", list)
}
