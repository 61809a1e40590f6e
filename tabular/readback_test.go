package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
)

// readable reads a whole output with a reader that is not ours.
func readable(format Format, data []byte) error {
	switch format {
	case CSV:
		_, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		return err
	case JSON:
		var rows []map[string]any
		return json.Unmarshal(data, &rows)
	case NDJSON:
		for d := json.NewDecoder(bytes.NewReader(data)); ; {
			var row map[string]any
			if err := d.Decode(&row); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	case XLSX:
		_, err := excelize.OpenReader(bytes.NewReader(data))
		return err
	case Parquet:
		_, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		return err
	}
	if strings.Contains(string(data), "未完: ") {
		return errors.New("says that it is incomplete")
	}
	return nil
}

func TestWholeOutputsAreReadByOthers(t *testing.T) {
	for _, format := range formats {
		if err := readable(format, written(t, format, sample(), Options{})); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// parts are the parts of a workbook, as text.
func parts(t testing.TB, data []byte) (names []string, texts map[string]string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	texts = map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, texts[f.Name] = append(names, f.Name), string(text)
	}
	return names, texts
}

var rawCells = excelize.Options{RawCellValue: true}

func opened(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWorkbookPartsAreAsTheGoldenFile(t *testing.T) {
	names, texts := parts(t, written(t, XLSX, sample(), Options{}))
	var all strings.Builder
	for _, name := range names {
		text := strings.NewReplacer("><row", ">\n<row", "><c ", ">\n  <c ", "></row", ">\n</row").Replace(texts[name])
		fmt.Fprintf(&all, "== %s\n%s\n", name, text)
	}
	golden(t, "workbook.xml.txt", []byte(all.String()))
}

func TestWorkbookIsReadBackByExcelize(t *testing.T) {
	f := opened(t, written(t, XLSX, sample(), Options{Lang: "en"}))
	if got := fmt.Sprint(f.GetSheetList()); got != "[Totals by enterprise and year Control]" {
		t.Error(got)
	}
	var got strings.Builder
	for _, sheet := range f.GetSheetList() {
		for _, raw := range []bool{true, false} {
			rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: raw})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "%s, raw %v\n", sheet, raw)
			for _, row := range rows {
				fmt.Fprintf(&got, "%q\n", row)
			}
		}
	}
	golden(t, "workbook.cells.txt", []byte(got.String()))
	panes, err := f.GetPanes("Totals by enterprise and year")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the heading is not frozen: %+v %v", panes, err)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B3": excelize.CellTypeInlineString, "E2": excelize.CellTypeUnset, "J2": excelize.CellTypeBool} {
		if got, err := f.GetCellType("Totals by enterprise and year", cell); err != nil || got != want {
			t.Errorf("%s is of type %v, want %v (%v)", cell, got, want, err)
		}
		if formula, _ := f.GetCellFormula("Totals by enterprise and year", cell); formula != "" {
			t.Errorf("%s is a formula: %s", cell, formula)
		}
	}
}

func TestStoredAmountsAreExactlyTheirText(t *testing.T) {
	for _, text := range []string{"0.00", "0.10", "1234.50", "-0.01", "999999999999999.99", "123456789012345678.91"} {
		table := Table{Name: "t", Columns: []Column{{Name: "a", Kind: Money}}, Rows: Rows(Row{dec(text)})}
		_, texts := parts(t, written(t, XLSX, table, Options{}))
		if want := `<c r="A2" s="3"><v>` + text + `</v></c>`; !strings.Contains(texts["xl/worksheets/sheet1.xml"], want) {
			t.Errorf("%s is not in %s", want, texts["xl/worksheets/sheet1.xml"])
		}
	}
}

func TestFullSheetsAreFollowedByOthers(t *testing.T) {
	for _, c := range []struct {
		rows int
		want string
	}{
		{0, "[表 核对]"}, {3, "[表 核对]"}, {4, "[表 表 (2) 核对]"}, {7, "[表 表 (2) 表 (3) 核对]"},
	} {
		var out bytes.Buffer
		table := Table{Name: "t", Title: domain.Text{ZH: "表"}, Columns: []Column{{Name: "n", Kind: Integer, Total: true}}}
		w, err := newWorkbook(&out, table, Options{}, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.rows {
			if err := w.row([]cell{{set: true, kind: Integer, integer: int64(i)}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.finish(Summary{Rows: int64(c.rows)}); err != nil {
			t.Fatal(err)
		}
		f := opened(t, out.Bytes())
		if got := fmt.Sprint(f.GetSheetList()); got != c.want {
			t.Errorf("%d rows: %s, want %s", c.rows, got, c.want)
		}
		read := 0
		for _, sheet := range f.GetSheetList()[:len(f.GetSheetList())-1] {
			rows, err := f.GetRows(sheet)
			if err != nil || rows[0][0] != "n" {
				t.Fatalf("%s opens with %v (%v)", sheet, rows, err)
			}
			for _, row := range rows[1:] {
				if row[0] != fmt.Sprint(read) {
					t.Errorf("row %d is %v", read, row)
				}
				read++
			}
		}
		if read != c.rows {
			t.Errorf("%d rows read, %d written", read, c.rows)
		}
	}
}

func TestTextTooLongForACellIsAnErrorThatSaysSo(t *testing.T) {
	table := func(text string) Table {
		return Table{Name: "t", Columns: []Column{{Name: "reason"}}, Rows: Rows(Row{text})}
	}
	for _, text := range []string{strings.Repeat("x", 40_000), strings.Repeat("长", 40_000), strings.Repeat("😀", cellUnits/2+1)} {
		_, err := Write(io.Discard, XLSX, table(text), Options{})
		if err == nil || !strings.Contains(err.Error(), "row 1: column reason: a text of ") || !strings.Contains(err.Error(), "holds 32767: use csv") {
			t.Errorf("%v", err)
		}
		for _, format := range []Format{CSV, JSON, NDJSON, Parquet, Terminal} {
			if !bytes.Contains(written(t, format, table(text), Options{}), []byte(text[:60])) {
				t.Errorf("%s lost the text", format)
			}
		}
	}
	most := strings.Repeat("长", cellUnits)
	f := opened(t, written(t, XLSX, table(most), Options{}))
	if got, err := f.GetCellValue("t", "A2"); err != nil || got != most {
		t.Errorf("the longest text was not kept (%v)", err)
	}
	long := table("x")
	long.Meta = []Meta{{"filter", strings.Repeat("x", 40_000)}}
	if _, err := Write(io.Discard, XLSX, long, Options{}); err == nil || !strings.Contains(err.Error(), "filter: a text of 40000") {
		t.Error(err)
	}
}

func TestSheetNamesAreOnesThatExcelTakes(t *testing.T) {
	for _, c := range []struct {
		title string
		taken []string
		want  string
	}{
		{"汇总", nil, "汇总"},
		{"汇总", []string{"汇总"}, "汇总 (2)"},
		{"Totals", []string{"TOTALS", "totals (2)"}, "Totals (3)"},
		{"a[b]:c*d?e/f\\g", nil, "a b  c d e f g"},
		{"'quoted'", nil, "quoted"},
		{"", nil, "Sheet"},
		{"History", nil, "HistorySheet"},
		{strings.Repeat("年", 40), nil, strings.Repeat("年", 31)},
		{strings.Repeat("年", 40), []string{strings.Repeat("年", 31)}, strings.Repeat("年", 27) + " (2)"},
		{strings.Repeat("😀", 16), nil, strings.Repeat("😀", 15)},
	} {
		if got := freeName(c.title, c.taken); got != c.want {
			t.Errorf("%q beside %q: %q, want %q", c.title, c.taken, got, c.want)
		}
	}
}

func TestColumnsAreLettered(t *testing.T) {
	for i := range sheetColumns {
		if want, err := excelize.ColumnNumberToName(i + 1); err != nil || columnRef(i) != want {
			t.Fatalf("column %d is %s, want %s (%v)", i, columnRef(i), want, err)
		}
	}
	wide := Table{Name: "wide", Columns: make([]Column, sheetColumns+1), Rows: Rows()}
	for i := range wide.Columns {
		wide.Columns[i].Name = columnRef(i)
	}
	if _, err := Write(io.Discard, XLSX, wide, Options{}); err == nil || !strings.Contains(err.Error(), "16385 columns: a sheet holds 16384") {
		t.Error(err)
	}
}

func TestParquetIsReadBack(t *testing.T) {
	data := written(t, Parquet, sample(), Options{})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	fmt.Fprintln(&got, f.Schema())
	for _, name := range []string{"position", "as_of", "filter", "control.rows", "control.total.approved", "control.total.applications"} {
		value, _ := f.Lookup(name)
		fmt.Fprintf(&got, "%s = %s\n", name, value)
	}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		batch := make([]parquet.Row, 10)
		for {
			n, err := rows.ReadRows(batch)
			for _, row := range batch[:n] {
				for i, v := range row {
					fmt.Fprintf(&got, "%s=%q ", f.Schema().Columns()[i][0], v.String())
				}
				fmt.Fprintln(&got)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "parquet.txt", []byte(got.String()))
}

func TestParquetTakesEighteenDigitsAndNoMore(t *testing.T) {
	for text, ok := range map[string]bool{"9999999999999999.99": true, "-9999999999999999.99": true, "10000000000000000": false, "1e20": false} {
		table := Table{Name: "t", Columns: []Column{{Name: "a", Kind: Money}}, Rows: Rows(Row{dec(text)})}
		_, err := Write(io.Discard, Parquet, table, Options{})
		if ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "more than 18 digits: use csv or json") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
