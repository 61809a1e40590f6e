package tabular

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	partSpace = "http://schemas.openxmlformats.org/package/2006/relationships"
	partType  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// frozenHeading keeps the first row in sight.
const frozenHeading = `<sheetViews><sheetView workbookViewId="0">` +
	`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`

const contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="` + partType + `worksheet+xml"/>` +
	`<Override PartName="/xl/workbook.xml" ContentType="` + partType + `sheet.main+xml"/>` +
	`<Override PartName="/xl/styles.xml" ContentType="` + partType + `styles+xml"/></Types>`

// The styles of cells: indexes into the cellXfs below.
const (
	styleBold = iota + 1
	styleText
	styleMoney
	styleInteger
	styleRatio
	styleDate
	styleTime
)

const styles = xmlHead + `<styleSheet xmlns="` + mainSpace + `">` +
	`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // @
	`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // #,##0.00
	`<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // 0
	`<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // 0.00%
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
	`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

// part writes one whole part of the package.
func (w *workbook) part(name, content string) error {
	entry, err := w.zip.Create(name)
	if err != nil {
		return err
	}
	_, err = entry.Write([]byte(content))
	return err
}

// skeleton writes the parts that say what the others are.
func (w *workbook) skeleton() error {
	var sheets, rels strings.Builder
	for i, name := range w.sheets {
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, appendEscaped(nil, name), i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relSpace, i+1)
	}
	fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/>`, len(w.sheets)+1, relSpace)
	parts := []struct{ name, content string }{
		{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets>` + sheets.String() + `</sheets>` + w.titles() + `</workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + partSpace + `">` + rels.String() + `</Relationships>`},
		{"_rels/.rels", `<Relationships xmlns="` + partSpace + `"><Relationship Id="rId1" Type="` + relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	}
	for _, p := range parts {
		if err := w.part(p.name, xmlHead+p.content); err != nil {
			return err
		}
	}
	return w.part("xl/styles.xml", styles)
}

func appendCell(buf []byte, column, row string, c cell) []byte {
	switch c.kind {
	case Money:
		return append(c.appendPlain(openNumber(buf, column, row, styleMoney)), `</v></c>`...)
	case Ratio:
		return append(c.appendPlain(openNumber(buf, column, row, styleRatio)), `</v></c>`...)
	case Integer:
		return append(c.appendPlain(openNumber(buf, column, row, styleInteger)), `</v></c>`...)
	case Date:
		if day, ok := serialDay(c.time); ok {
			return appendNumber(buf, column, row, styleDate, strconv.FormatInt(day, 10))
		}
	case Time:
		if text, ok := serialTime(c.time); ok {
			return appendNumber(buf, column, row, styleTime, text)
		}
	case Bool:
		truth := map[bool]string{true: "1", false: "0"}[c.truth]
		return append(buf, `<c r="`+column+row+`" t="b"><v>`+truth+`</v></c>`...)
	}
	return appendText(buf, column, row, styleText, c.plain())
}

func openNumber(buf []byte, column, row string, style int) []byte {
	buf = append(append(append(buf, `<c r="`...), column...), row...)
	buf = strconv.AppendInt(append(buf, `" s="`...), int64(style), 10)
	return append(buf, `"><v>`...)
}

func appendNumber(buf []byte, column, row string, style int, value string) []byte {
	return append(append(openNumber(buf, column, row, style), value...), `</v></c>`...)
}

func appendText(buf []byte, column, row string, style int, text string) []byte {
	buf = append(append(append(buf, `<c r="`...), column...), row...)
	buf = strconv.AppendInt(append(buf, `" s="`...), int64(style), 10)
	buf = append(buf, `" t="inlineStr"><is><t xml:space="preserve">`...)
	return append(appendEscaped(buf, text), `</t></is></c>`...)
}

// appendEscaped writes text for XML, and as _xHHHH_ what XML cannot hold, would change (CR), or would be read as such.
func appendEscaped(buf []byte, text string) []byte {
	for i, r := range text {
		switch {
		case r == '&':
			buf = append(buf, "&amp;"...)
		case r == '<':
			buf = append(buf, "&lt;"...)
		case r == '>':
			buf = append(buf, "&gt;"...)
		case r == '"':
			buf = append(buf, "&#34;"...)
		case r == '_' && escapeLike(text[i:]):
			buf = append(buf, "_x005F_"...)
		case r < 0x20 && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			buf = fmt.Appendf(buf, "_x%04X_", r)
		default:
			buf = utf8.AppendRune(buf, r)
		}
	}
	return buf
}

// escapeLike says whether a text opens with what Excel reads as an escaped character.
func escapeLike(text string) bool {
	return len(text) >= 7 && text[1] == 'x' && text[6] == '_' && strings.Trim(text[2:6], "0123456789abcdefABCDEF") == ""
}

// epoch is day 0 of Excel's calendar, which is right from its day 61, 1 March 1900, on.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// serialDay is a date as Excel counts days; false where it cannot.
func serialDay(day time.Time) (int64, bool) {
	n := (day.Unix() - epoch.Unix()) / 86400
	return n, n >= 61 && day.Year() <= 9999
}

// serialTime is a moment as Excel counts days, on the clock of Shanghai, to the millisecond.
func serialTime(t time.Time) (string, bool) {
	const msPerDay = 86_400_000
	local := t.In(domain.Shanghai)
	ms := t.UnixMilli() + 8*60*60*1000 - epoch.UnixMilli()
	if ms < 61*msPerDay || local.Year() > 9999 {
		return "", false
	}
	return strconv.FormatFloat(float64(ms)/msPerDay, 'f', 11, 64), true
}
