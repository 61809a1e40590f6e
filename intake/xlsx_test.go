package intake_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/intake"
)

var bookHead = []any{"指令 command", "编号 id", "日期 date", "经办人 actor.id", "角色 actor.role", "支付 payout", "企业 enterprise", "条款 clause", "支持年度 support_year", "金额 amount"}

// book writes a workbook with a heading and one row, and whatever else is done to it.
func book(t *testing.T, more func(f *excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	row := []any{"补记支付", "p-1", "2025-03-01", "li", "财政", "P-1", "E", "4", 2025, "1800000.00"}
	for _, step := range []func() error{
		func() error { return f.SetSheetRow("Sheet1", "A1", &bookHead) },
		func() error { return f.SetSheetRow("Sheet1", "A2", &row) },
		func() error { return more(f) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func dateStyle(f *excelize.File, cell string, value any) error {
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return err
	}
	if err := f.SetCellValue("Sheet1", cell, value); err != nil {
		return err
	}
	return f.SetCellStyle("Sheet1", cell, cell, style)
}

// styled sets a number with a format; without one, the first of the built-in percentages.
func styled(f *excelize.File, cell string, value any, format string) error {
	style := &excelize.Style{NumFmt: 9}
	if format != "" {
		style = &excelize.Style{CustomNumFmt: &format}
	}
	id, err := f.NewStyle(style)
	if err != nil {
		return err
	}
	return errors.Join(f.SetCellValue("Sheet1", cell, value), f.SetCellStyle("Sheet1", cell, cell, id))
}

func TestWhatCellsHoldIsReadExactlyOrRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		more func(f *excelize.File) error
		want string // of the second row: a part of the command, or "code cell"
	}{
		"texts":              {func(f *excelize.File) error { return nil }, `"support_year":2025,"amount":"1800000.00"`},
		"number":             {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "J2", "1800000.5") }, `"amount":"1800000.5"`},
		"whole number":       {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "J2", 7) }, `"amount":"7"`},
		"float noise":        {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "J2", "799999.9999999999") }, "amount_too_precise J2"},
		"exponent":           {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "J2", "1.8E6") }, `"amount":"1800000"`},
		"digits of a double": {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "J2", "79932.46000000001") }, `"amount":"79932.46"`},
		"formula not computed": {func(f *excelize.File) error {
			return errors.Join(f.SetCellValue("Sheet1", "J2", nil), f.SetCellFormula("Sheet1", "J2", "1+1"))
		}, "field_invalid J2"},
		"percentage":          {func(f *excelize.File) error { return styled(f, "J2", 0.5, "0.00%") }, "field_invalid J2"},
		"built-in percentage": {func(f *excelize.File) error { return styled(f, "J2", 0.5, "") }, "field_invalid J2"},
		"in thousands":        {func(f *excelize.File) error { return styled(f, "J2", 1800000, "#,##0.00,") }, "field_invalid J2"},
		"in ten thousands":    {func(f *excelize.File) error { return styled(f, "J2", 1800000, `0!.0000`) }, "field_invalid J2"},
		"a currency": {func(f *excelize.File) error {
			return styled(f, "J2", 1800000, `_ "¥"* #,##0.00_ ;_ "¥"* \-#,##0.00_ `)
		}, `"amount":"1800000"`},
		"WPS's general":        {func(f *excelize.File) error { return styled(f, "J2", 1800000, `G/通用格式`) }, `"amount":"1800000"`},
		"a date of WPS":        {func(f *excelize.File) error { return styled(f, "C2", 45717, `[$-804]yyyy"年"m"月"d"日";@`) }, `"date":"2025-03-01"`},
		"truth value":          {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "J2", true) }, "field_invalid J2"},
		"date":                 {func(f *excelize.File) error { return dateStyle(f, "C2", time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)) }, `"date":"2025-03-02"`},
		"time of day":          {func(f *excelize.File) error { return dateStyle(f, "C2", 45717.5) }, "field_invalid C2"},
		"no such day":          {func(f *excelize.File) error { return dateStyle(f, "C2", 60) }, "field_invalid C2"},
		"plain number as date": {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "C2", 45717) }, `"date":"2025-03-01"`},
		"digits as date":       {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "C2", 20250301) }, `"date":"2025-03-01"`},
		"a count as date":      {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "C2", 365) }, "field_invalid C2"},
		"date as amount":       {func(f *excelize.File) error { return dateStyle(f, "J2", 45717) }, "field_invalid J2"},
		"date as id":           {func(f *excelize.File) error { return dateStyle(f, "B2", 45717) }, "field_invalid B2"},
		"long number as id":    {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "G2", "9.1440300192203802E+17") }, "field_invalid G2"},
		"17 digits as id":      {func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "G2", "91440300192203802") }, "field_invalid G2"},
		"number as id":         {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "G2", 914403) }, `"enterprise":"914403"`},
		"1904": {func(f *excelize.File) error {
			yes := true
			if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
				return err
			}
			return dateStyle(f, "C2", 44255)
		}, `"date":"2025-03-01"`},
		"1904, without a date's format": {func(f *excelize.File) error {
			yes := true
			return errors.Join(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}), f.SetCellValue("Sheet1", "C2", 44255))
		}, `"date":"2025-03-01"`},
		"rich text": {func(f *excelize.File) error {
			return f.SetCellRichText("Sheet1", "B2", []excelize.RichTextRun{{Text: "p-"}, {Text: "2", Font: &excelize.Font{Bold: true}}})
		}, `"id":"p-2"`},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _ := read(t, book(t, c.more), intake.Options{})
			if len(lines) != 1 || lines[0].Number != 2 {
				t.Fatalf("read %+v", lines)
			}
			got := string(lines[0].Text)
			if r := lines[0].Refusal; r != nil {
				got = r.Code + " " + r.Figures["cell"]
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("want %s, got %s", c.want, got)
			}
		})
	}
}

func TestWhatAReaderWouldNotSeeIsRefused(t *testing.T) {
	filled := func(f *excelize.File, sheet string) error {
		if _, err := f.NewSheet(sheet); err != nil {
			return err
		}
		return f.SetCellValue(sheet, "A1", "指令")
	}
	for name, c := range map[string]struct {
		more func(f *excelize.File) error
		says string
	}{
		"merged cells":       {func(f *excelize.File) error { return f.MergeCell("Sheet1", "C2", "C3") }, "C2:C3"},
		"hidden row":         {func(f *excelize.File) error { return f.SetRowVisible("Sheet1", 2, false) }, "rows: 2"},
		"hidden column":      {func(f *excelize.File) error { return f.SetColVisible("Sheet1", "C", false) }, "columns: C"},
		"formula in heading": {func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "A1", `"id"`) }, "Sheet1!A1"},
		"second sheet":       {func(f *excelize.File) error { return filled(f, "明细") }, "Sheet1, 明细"},
		"unknown column":     {func(f *excelize.File) error { return f.SetCellValue("Sheet1", "K1", "备注") }, "Sheet1!K1"},
		"hidden sheet": {func(f *excelize.File) error {
			if err := filled(f, "旧账"); err != nil {
				return err
			}
			return f.SetSheetVisible("旧账", false)
		}, "旧账"},
	} {
		t.Run(name, func(t *testing.T) {
			if fault := readError(t, book(t, c.more), intake.Options{}); !strings.Contains(fault.Error(), c.says) {
				t.Errorf("want %q in %v", c.says, fault)
			}
		})
	}
}

func TestWhatHidesNothingIsRead(t *testing.T) {
	path := book(t, func(f *excelize.File) error {
		if _, err := f.NewSheet("Sheet2"); err != nil {
			return err
		}
		if err := f.SetColVisible("Sheet1", "M:XFD", false); err != nil {
			return err
		}
		return f.SetRowVisible("Sheet1", 9, false)
	})
	if lines, _ := read(t, path, intake.Options{}); len(lines) != 1 || lines[0].Refusal != nil {
		t.Errorf("read %+v", lines)
	}
	if lines, _ := read(t, path, intake.Options{Sheet: "Sheet1"}); len(lines) != 1 {
		t.Errorf("by its name the sheet gives %d lines", len(lines))
	}
	if fault := readError(t, path, intake.Options{Sheet: "Sheet9"}); !strings.Contains(fault.Error(), "Sheet9") {
		t.Error(fault)
	}
}

// rezip copies a workbook with one part replaced.
func rezip(t *testing.T, path, part string, replace func(string) string) string {
	t.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			content = []byte(replace(string(content)))
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.xlsx")
	if err := os.WriteFile(again, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestBrokenWorkbooksAreRefusedBeforeAnyRow(t *testing.T) {
	const sheet = "xl/worksheets/sheet1.xml"
	plain := book(t, func(*excelize.File) error { return nil })
	for name, c := range map[string]struct {
		part    string
		replace func(string) string
		says    string
	}{
		"cut short": {sheet, func(s string) string { return s[:strings.Index(s, "</row>")+20] }, "broken"},
		"zip bomb":  {sheet, func(string) string { return strings.Repeat(" ", 80<<20) }, "zip bomb"},
		"endless text": {sheet, func(s string) string {
			return strings.Replace(s, "</sheetData>", strings.Repeat(" ", 2<<20)+"</sheetData>", 1)
		}, "too large"},
		"unknown text":      {sheet, func(s string) string { return strings.Replace(s, `t="s"><v>0<`, `t="s"><v>99<`, 1) }, "99"},
		"cells out of turn": {sheet, func(s string) string { return strings.Replace(s, `r="C2"`, `r="A2"`, 1) }, "A2"},
		"rows out of turn":  {sheet, func(s string) string { return strings.Replace(s, `<row r="2"`, `<row r="1"`, 1) }, "row"},
		"odd cell type":     {sheet, func(s string) string { return strings.Replace(s, `t="s"`, `t="z"`, 1) }, "type"},
		"no sheets":         {"xl/workbook.xml", func(string) string { return "<workbook/>" }, "no worksheet"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := intake.Open(rezip(t, plain, c.part, c.replace), intake.Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want %q in %v", c.says, err)
			}
		})
	}
}

// A workbook in the strict form of the standard has days as texts.
func TestADayOfAStrictWorkbookIsADay(t *testing.T) {
	path := book(t, func(f *excelize.File) error { return f.SetCellValue("Sheet1", "C2", 5) })
	for text, want := range map[string]string{"2025-03-02T00:00:00.000Z": "", "2025-03-02": "", "2025-03-02T08:00:00": "C2"} {
		again := rezip(t, path, "xl/worksheets/sheet1.xml", func(s string) string {
			return strings.Replace(s, `<c r="C2"><v>5</v>`, `<c r="C2" t="d"><v>`+text+`</v>`, 1)
		})
		lines, _ := read(t, again, intake.Options{})
		if r := lines[0].Refusal; r != nil && r.Figures["cell"] != want || r == nil && want != "" || r == nil && !strings.Contains(string(lines[0].Text), `"date":"2025-03-02"`) {
			t.Errorf("%s: %s %v", text, lines[0].Text, r)
		}
	}
}

func TestErrorsInCellsAreRefused(t *testing.T) {
	path := book(t, func(f *excelize.File) error { return f.SetCellValue("Sheet1", "J2", 5) })
	path = rezip(t, path, "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.Replace(s, `<c r="J2"><v>5</v>`, `<c r="J2" t="e"><v>#REF!</v>`, 1)
	})
	lines, _ := read(t, path, intake.Options{})
	if len(lines) != 1 || lines[0].Refusal == nil || lines[0].Refusal.Figures["cell"] != "J2" || lines[0].ID != "p-1" {
		t.Errorf("read %+v", lines[0])
	}
}

func TestOtherOfficeFilesAreNamed(t *testing.T) {
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	if _, err := out.Create("word/document.xml"); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if fault := readError(t, file(t, "a.xlsx", b.String()), intake.Options{}); !strings.Contains(fault.Error(), "Word") {
		t.Error(fault)
	}
}

func TestATemplateFilledInGivesCommands(t *testing.T) {
	for _, format := range []intake.Format{intake.CSV, intake.XLSX} {
		var b bytes.Buffer
		if err := intake.WriteTemplate(&b, "rename_enterprise", format); err != nil {
			t.Fatal(err)
		}
		lines, _ := read(t, file(t, "t."+string(format), b.String()), intake.Options{})
		if len(lines) != 1 || string(lines[0].Text) != `{"command":"rename_enterprise"}` {
			t.Errorf("%s: read %+v", format, lines)
		}
	}
	for _, command := range []string{"publish_policy", "burn_money"} {
		if err := intake.WriteTemplate(io.Discard, command, intake.CSV); err == nil {
			t.Errorf("there is a template for %s", command)
		}
	}
	if err := intake.WriteTemplate(io.Discard, "make_payout", intake.JSONL); err == nil {
		t.Error("there is a template as JSON lines")
	}
}

func TestLongSheetsAreStreamed(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SetRow("A1", bookHead); err != nil {
		t.Fatal(err)
	}
	const rows = 5_000
	for i := range rows {
		row := []any{"book_payout", fmt.Sprint("p-", i), "2025-03-01", "li", "treasurer", fmt.Sprint("P-", i), "E", "4", 2025, "1.00"}
		if err := w.SetRow(fmt.Sprint("A", i+2), row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "long.xlsx")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	lines, report := read(t, path, intake.Options{})
	if len(lines) != rows || report.Commands != rows || lines[rows-1].Number != rows+1 || lines[rows-1].ID != fmt.Sprint("p-", rows-1) {
		t.Errorf("%d lines, %+v", len(lines), report)
	}
}
