package tabular

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

var update = flag.Bool("update", false, "write the golden files anew")

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// sample has every kind, nil in every kind, and texts that mean to do harm.
func sample() Table {
	at := time.Date(2025, 3, 1, 16, 30, 0, 123456000, time.UTC)
	return Table{
		Name:  "totals",
		Title: domain.Text{ZH: "企业年度汇总", EN: "Totals by enterprise and year"},
		Columns: []Column{
			{Name: "enterprise", Title: domain.Text{ZH: "统一社会信用代码", EN: "Enterprise"}},
			{Name: "enterprise_name", Title: domain.Text{ZH: "名称", EN: "Name"}},
			{Name: "support_year", Title: domain.Text{ZH: "年度", EN: "Year"}, Kind: Integer},
			{Name: "applications", Title: domain.Text{ZH: "申请数", EN: "Applications"}, Kind: Integer, Total: true},
			{Name: "approved", Title: domain.Text{ZH: "批准", EN: "Approved"}, Kind: Money, Total: true},
			{Name: "annual_limit", Title: domain.Text{ZH: "上限", EN: "Limit"}, Kind: Money, Nil: domain.Text{ZH: "未规定", EN: "none stated"}},
			{Name: "utilisation", Title: domain.Text{ZH: "使用率", EN: "Use"}, Kind: Ratio},
			{Name: "decided_on", Title: domain.Text{ZH: "决定日", EN: "Decided"}, Kind: Date},
			{Name: "recorded_at", Title: domain.Text{ZH: "记录时间", EN: "Recorded"}, Kind: Time},
			{Name: "open", Title: domain.Text{ZH: "开放", EN: "Open"}, Kind: Bool},
		},
		Rows: Rows(
			Row{"914403001922038216", "上海长宁示例科技有限公司", 2025, 3, dec("1234567.5"), dec("100000000"), dec("0.0123456789"), "2025-02-28", at, true},
			Row{"123456789012345678", "=HYPERLINK(\"http://x\",\"点我\")", 2026, int64(1), dec("-0.01"), nil, nil, at, nil, false},
			Row{"00012345", "quote \" comma , line\r\nbreak <b>&amp;</b> _x0041_ \x00\x1b[31m\u202e", uint64(2027), nil, nil, dec("0"), dec("1"), nil, at, nil},
			Row{nil, "", nil, 0, dec("999999999999999.99"), dec("0.1"), dec("-0.5"), "", nil, true},
		),
		Meta: []Meta{{"position", "1042"}, {"as_of", "2025-03-02T00:00:00Z"}, {"filter", "clause=1.1a"}},
	}
}

func written(t testing.TB, format Format, table Table, opts Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := Write(&out, format, table, opts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (run with -update to accept): -want +got\n%s", name, diff)
	}
}

func TestTextFormatsAreAsTheGoldenFiles(t *testing.T) {
	for _, c := range []struct {
		file   string
		format Format
		opts   Options
	}{
		{"table.zh.txt", Terminal, Options{}},
		{"table.en.txt", Terminal, Options{Lang: "en"}},
		{"table.narrow.txt", Terminal, Options{Width: 120}},
		{"table.wan.zh.txt", Terminal, Options{Unit: WanYuan}},
		{"table.yi.en.txt", Terminal, Options{Lang: "en", Unit: YiYuan}},
		{"table.colour.txt", Terminal, Options{Lang: "en", Color: true}},
		{"machine.csv", CSV, Options{}},
		{"people.zh.csv", CSV, Options{HumanHeadings: true}},
		{"people.en.csv", CSV, Options{HumanHeadings: true, Lang: "en", NoBOM: true}},
		{"table.json", JSON, Options{}},
		{"table.ndjson", NDJSON, Options{}},
	} {
		golden(t, c.file, written(t, c.format, sample(), c.opts))
	}
}

func TestAnEmptyTableIsStillWhole(t *testing.T) {
	empty := sample()
	empty.Rows = Rows()
	golden(t, "empty.txt", written(t, Terminal, empty, Options{}))
	for format, want := range map[Format]string{
		CSV:    "\uFEFFenterprise,enterprise_name,support_year,applications,approved,annual_limit,utilisation,decided_on,recorded_at,open\r\n",
		JSON:   "[]\n",
		NDJSON: "",
	} {
		if got := string(written(t, format, empty, Options{})); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

func TestSummaryCountsRowsAndAddsWhatIsToBeAdded(t *testing.T) {
	for _, format := range formats {
		sum, err := Write(io.Discard, format, sample(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		approved, applications := sum.Totals["approved"], sum.Totals["applications"]
		if sum.Rows != 4 || len(sum.Totals) != 2 || approved.String() != "1000000001234567.48" || applications.String() != "4" {
			t.Errorf("%s: %+v", format, sum)
		}
	}
}

func TestTheSameTableIsTheSameBytes(t *testing.T) {
	for _, format := range formats {
		first, second := written(t, format, sample(), Options{}), written(t, format, sample(), Options{})
		if !bytes.Equal(first, second) {
			t.Errorf("%s differs from one time to the next", format)
		}
	}
}

var errLost = errors.New("connection lost")

func breaking(rows int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for range rows {
			if !yield(Row{"a", dec("1")}, nil) {
				return
			}
		}
		yield(nil, errLost)
	}
}

func TestOutputThatBrokeOffDoesNotPassForWhole(t *testing.T) {
	columns := []Column{{Name: "id"}, {Name: "paid", Kind: Money}}
	for _, rows := range []int{0, 2, measuredRows + 1} {
		for _, format := range formats {
			var out bytes.Buffer
			sum, err := Write(&out, format, Table{Name: "t", Columns: columns, Rows: breaking(rows)}, Options{})
			if !errors.Is(err, errLost) || !strings.HasPrefix(err.Error(), "writing t as "+string(format)+": after row ") {
				t.Errorf("%s after %d rows: %v", format, rows, err)
			}
			if sum.Rows != int64(rows) {
				t.Errorf("%s: %d rows, want %d", format, sum.Rows, rows)
			}
			if err := readable(format, out.Bytes()); err == nil {
				t.Errorf("%s after %d rows reads as whole:\n%.300s", format, rows, out.Bytes())
			}
		}
	}
}

// failingWriter takes so many bytes and no more.
type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errLost
	}
	return len(p), nil
}

func TestAFullDiskIsReportedOnce(t *testing.T) {
	for _, format := range formats {
		for _, room := range []int{0, 3} {
			_, err := Write(&failingWriter{room}, format, sample(), Options{})
			if !errors.Is(err, errLost) || strings.Count(err.Error(), errLost.Error()) != 1 {
				t.Errorf("%s with room for %d: %v", format, room, err)
			}
		}
	}
}

func TestWhatDoesNotBelongInACellIsRefused(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		value any
		want  string
	}{
		{Money, dec("1.001"), "1.001 has more than two decimals"},
		{Money, 1.5, "a float64 does not belong here"},
		{Money, "1.00", "a string does not belong here"},
		{Money, decimal.New(1, 1000000), "exponent 1000000"},
		{Ratio, 1, "a int does not belong here"},
		{Integer, uint64(1) << 63, "9223372036854775808 is too large"},
		{Integer, dec("1"), "a decimal.Decimal does not belong here"},
		{Date, "2025-02-29", "is not a date"},
		{Time, "2025-03-01", "a string does not belong here"},
		{Bool, 1, "a int does not belong here"},
		{Text, 1, "a int does not belong here"},
		{Text, "a\xff", "is not UTF-8"},
		{Text, []string{"a"}, "does not belong here"},
	} {
		table := Table{Name: "t", Columns: []Column{{Name: "c", Kind: c.kind}}, Rows: Rows(Row{nil}, Row{c.value})}
		_, err := Write(io.Discard, JSON, table, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "writing t as json: row 2: column c: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %q", c.kind, c.value, err, c.want)
		}
	}
}

type code string

type amount struct{ d decimal.Decimal }

func (a amount) Decimal() decimal.Decimal { return a.d }

func TestCellsMayBeOfTypesThatSayWhatTheyAre(t *testing.T) {
	two, at := dec("2"), time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	table := Table{Name: "t", Columns: []Column{{Name: "a", Kind: Money}, {Name: "b"}, {Name: "c"}, {Name: "d", Kind: Date}, {Name: "e", Kind: Time}}, Rows: Rows(
		Row{amount{dec("1.5")}, code("x"), time.Monday, at.In(domain.Shanghai).Add(-12 * time.Hour), &at},
		Row{&two, nil, nil, "", ""},
		Row{decimal.NullDecimal{}, nil, nil, nil, (*time.Time)(nil)},
		Row{(*decimal.Decimal)(nil), nil, nil, nil, nil},
		Row{decimal.NewNullDecimal(dec("3.10")), nil, nil, nil, nil},
		Row{dec("4.100"), nil, nil, nil, nil},
	)}
	want := "a,b,c,d,e\r\n1.50,x,Monday,2025-01-01,2025-01-02T03:04:05Z\r\n2.00,,,,\r\n,,,,\r\n,,,,\r\n3.10,,,,\r\n4.10,,,,\r\n"
	if got := string(written(t, CSV, table, Options{NoBOM: true})); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTablesThatCannotBeWrittenAreRefused(t *testing.T) {
	one := Rows(Row{"x"})
	for want, table := range map[string]Table{
		"needs columns":            {Rows: one},
		"needs columns and rows":   {Columns: []Column{{Name: "a"}}},
		"empty or there twice":     {Columns: []Column{{Name: "a"}, {Name: "a"}}, Rows: one},
		"is empty":                 {Columns: []Column{{}}, Rows: one},
		"kind 9 is not known":      {Columns: []Column{{Name: "a", Kind: 9}}, Rows: one},
		"a text has no total":      {Columns: []Column{{Name: "a", Total: true}}, Rows: one},
		"it has 1 cells, the tabl": {Columns: []Column{{Name: "a"}, {Name: "b"}}, Rows: one},
	} {
		if _, err := Write(io.Discard, CSV, table, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestFormatsAreParsedAndDescribed(t *testing.T) {
	for _, f := range formats {
		if got, err := ParseFormat(strings.ToUpper(string(f))); err != nil || got != f {
			t.Errorf("%s: %v %v", f, got, err)
		}
		if f.ContentType() == "" || !strings.HasPrefix(f.Extension(), ".") {
			t.Errorf("%s: %q %q", f, f.ContentType(), f.Extension())
		}
	}
	if _, err := ParseFormat("pdf"); err == nil || !strings.Contains(err.Error(), "use table, csv") {
		t.Error(err)
	}
	if _, err := Write(io.Discard, "pdf", sample(), Options{}); err == nil {
		t.Error("a format that is not known was written")
	}
}
