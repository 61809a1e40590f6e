package tabular

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var hostile = rapid.OneOf(
	rapid.String(),
	rapid.StringMatching(`'{0,3}[=+\-@\t\r\n＝＋－＠]?[a-z"',\r\n ]{0,6}`),
	rapid.SampledFrom([]string{"", `"`, ",", "\r\n", "\n", "'", "''", "=1+1", "'=1", "_x0041_", "_x005F_x0041_", "中文", "\uFEFF", "]]>", "\x00", "\uFFFE"}),
)

// drawn makes a table of texts, amounts and integers, some nil, and the cells as machines should read them.
func drawn(t *rapid.T) (Table, [][]*string) {
	table := Table{Name: "t"}
	for i := range rapid.IntRange(1, 4).Draw(t, "columns") {
		kind := rapid.SampledFrom([]Kind{Text, Money, Integer}).Draw(t, "kind")
		table.Columns = append(table.Columns, Column{Name: fmt.Sprintf("c%d", i), Kind: kind})
	}
	var rows []Row
	var want [][]*string
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		row, texts := Row{}, []*string{}
		for _, c := range table.Columns {
			value, text := drawnCell(t, c.Kind)
			row, texts = append(row, value), append(texts, text)
		}
		rows, want = append(rows, row), append(want, texts)
	}
	table.Rows = Rows(rows...)
	return table, want
}

func drawnCell(t *rapid.T, kind Kind) (any, *string) {
	if rapid.IntRange(0, 4).Draw(t, "nil") == 0 {
		return nil, nil
	}
	switch kind {
	case Money:
		d := decimal.New(rapid.Int64().Draw(t, "fen"), -2)
		text := d.StringFixed(2)
		return d, &text
	case Integer:
		n := rapid.Int64().Draw(t, "integer")
		text := fmt.Sprint(n)
		return n, &text
	}
	text := strings.ToValidUTF8(hostile.Draw(t, "text"), "")
	return text, &text
}

// records reads RFC 4180 to the letter; encoding/csv, for one, drops carriage returns inside of cells.
func records(text string) ([][]string, error) {
	var all [][]string
	for text != "" {
		var record []string
		for more := true; more; {
			var field string
			var err error
			if field, text, more, err = field4180(text); err != nil {
				return nil, err
			}
			record = append(record, field)
		}
		all = append(all, record)
	}
	return all, nil
}

func field4180(text string) (field, rest string, more bool, err error) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ",\r")
		if end < 0 || strings.ContainsAny(text[:end], "\"\n") {
			return "", "", false, fmt.Errorf("a bare field that does not end: %q", text)
		}
		field, text = text[:end], text[end:]
	} else {
		for text = text[1:]; ; text = text[1:] {
			end := strings.IndexByte(text, '"')
			if end < 0 {
				return "", "", false, fmt.Errorf("a quote that does not end: %q", text)
			}
			field, text = field+text[:end], text[end+1:]
			if !strings.HasPrefix(text, `"`) {
				break
			}
			field += `"`
		}
	}
	if rest, ok := strings.CutPrefix(text, ","); ok {
		return field, rest, true, nil
	}
	rest, ok := strings.CutPrefix(text, "\r\n")
	if !ok {
		return "", "", false, fmt.Errorf("neither comma nor line end: %q", text)
	}
	return field, rest, false, nil
}

// opens says whether a spreadsheet would run a text.
func opens(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", []rune(text)[0])
}

// original takes back what neutral did.
func original(text string) string {
	bare := strings.TrimLeft(text, "'")
	if bare != text && opens(bare) {
		return text[1:]
	}
	return text
}

func TestCSVKeepsEveryCellAndRunsNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, want := drawn(t)
		var out strings.Builder
		if _, err := Write(&out, CSV, table, Options{}); err != nil {
			t.Fatal(err)
		}
		got, err := records(strings.TrimPrefix(out.String(), "\uFEFF"))
		if err != nil || len(got) != len(want)+1 {
			t.Fatalf("%d records, want %d (%v)", len(got), len(want)+1, err)
		}
		if others, err := csv.NewReader(strings.NewReader(out.String())).ReadAll(); err != nil || len(others) != len(got) {
			t.Fatalf("encoding/csv reads %d records, want %d (%v)", len(others), len(got), err)
		}
		for i, row := range want {
			for j, text := range row {
				sameCell(t, table.Columns[j].Kind, got[i+1][j], text)
			}
		}
	})
}

func sameCell(t *rapid.T, kind Kind, got string, want *string) {
	if kind == Text {
		if opens(got) {
			t.Fatalf("a spreadsheet would run %q", got)
		}
		got = original(got)
	}
	if want == nil && got != "" || want != nil && got != *want {
		t.Fatalf("read %q, want %v", got, want)
	}
}

func TestJSONKeepsEveryCellAndItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, want := drawn(t)
		var out strings.Builder
		if _, err := Write(&out, JSON, table, Options{}); err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(out.String()))
		d.UseNumber()
		expect := func(token json.Token) {
			if got, err := d.Token(); err != nil || got != token {
				t.Fatalf("%#v (%v), want %#v in %s", got, err, token, out.String())
			}
		}
		expect(json.Delim('['))
		for _, row := range want {
			expect(json.Delim('{'))
			for j, text := range row {
				expect(table.Columns[j].Name)
				switch {
				case text == nil:
					expect(nil)
				case table.Columns[j].Kind == Integer:
					expect(json.Number(*text))
				default:
					expect(*text)
				}
			}
			expect(json.Delim('}'))
		}
		expect(json.Delim(']'))
	})
}

func TestAWorkbookKeepsEveryCell(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		table, want := drawn(rt)
		var out strings.Builder
		if _, err := Write(&out, XLSX, table, Options{}); err != nil {
			rt.Fatal(err)
		}
		f := opened(t, []byte(out.String()))
		for i, row := range want {
			for j, text := range row {
				ref := columnRef(j) + fmt.Sprint(i+2)
				got, err := f.GetCellValue("t", ref, rawCells)
				if err != nil {
					rt.Fatal(err)
				}
				if text == nil && got != "" || text != nil && got != *text {
					rt.Fatalf("%s is %q, want %q", ref, got, *text)
				}
			}
		}
	})
}

func TestDecimalsAreWrittenAsTheirOwnPackageWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000)).Draw(t, "n")
		d := decimal.New(n, rapid.Int32Range(-6, 20).Draw(t, "exponent"))
		for _, places := range []int32{0, 2, 4} {
			if got, want := string(appendFixed(nil, d, places)), d.StringFixed(places); got != want {
				t.Fatalf("%v to %d places: %s, want %s", d, places, got, want)
			}
		}
	})
}

func TestTotalsAreExactHoweverLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum total
		want := decimal.Zero
		for _, n := range rapid.SliceOf(rapid.Int64()).Draw(t, "fen") {
			d := decimal.New(n, rapid.SampledFrom([]int32{-2, 0, 3}).Draw(t, "exponent"))
			sum.add(cell{set: true, kind: Money, dec: d})
			sum.add(cell{set: true, kind: Integer, integer: n})
			want = want.Add(d).Add(decimal.NewFromInt(n))
		}
		if !sum.sum().Equal(want) {
			t.Fatalf("%s, want %s", sum.sum(), want)
		}
	})
}
