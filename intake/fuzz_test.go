package intake_test

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// FuzzWorkbook replaces one part of a workbook by whatever text.
func FuzzWorkbook(f *testing.F) {
	parts := []string{"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"}
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	for i, text := range []string{
		`<worksheet ` + ns + `><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>指令</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>45000.5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>`,
		`<sst ` + ns + `><si><r><t>编</t></r><r><t>号</t></r></si><si><t xml:space="preserve"> _x000D_</t></si></sst>`,
		`<styleSheet ` + ns + `><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>`,
		`<workbook ` + ns + `><workbookPr date1904="1"/><sheets><sheet name="a" sheetId="1" state="hidden" r:id="rId1"/></sheets></workbook>`,
		`<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="/xl/worksheets/../worksheets/sheet1.xml"/></Relationships>`,
		`<Relationships><Relationship Id="rId1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
	} {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, part uint8, text string) {
		plain := book(t, func(*excelize.File) error { return nil })
		fuzzOpen(t, rezip(t, plain, parts[int(part)%len(parts)], func(string) string { return text }))
	})
}

// FuzzFile is a file of whatever bytes, under each name that decides how it is read.
func FuzzFile(f *testing.F) {
	f.Add(uint8(0), "PK\x03\x04")
	f.Add(uint8(1), "\xff\xfe\x07\x63\xe4\x4e\r\x00\n\x00") // UTF-16
	f.Add(uint8(1), "\xd6\xb8\xc1\xee,id\n")                // GB 18030
	f.Fuzz(func(t *testing.T, name uint8, text string) {
		fuzzFile(t, []string{"a.xlsx", "a.csv", "a.jsonl", "a.txt"}[name%4], text)
	})
}
