package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/charmap"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/tabular"
)

var worksheet = []intake.Wanted{{Headings: []string{"payout", "支付编号"}, Kind: intake.Identifier}, {Headings: []string{"audited_amount", "审定金额"}, Kind: intake.Amount}}

func readTable(path string, wanted []intake.Wanted) (string, error) {
	got := ""
	_, err := intake.ReadTable(path, wanted, nil, func(n int, cells []string) error {
		got += fmt.Sprintf("%d:%s;", n, strings.Join(cells, ","))
		return nil
	})
	return got, err
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATableIsReadByItsHeadings(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"as it was written":              {"payout,audited_amount\nP-1,5.00\nP-2,6.00\n", "2:P-1,5.00;3:P-2,6.00;"},
		"in Chinese, with a mark":        {"\ufeff支付编号,金额,审定金额\nP-1,5.00,4.00\n", "2:P-1,4.00;"},
		"in another order, with blanks":  {"Audited_Amount, PAYOUT \n 5.00 , P-1 \n\n,\n6.00,P-2\n", "2:P-1,5.00;5:P-2,6.00;"},
		"in GB 18030":                    {gbk(t, "支付编号,审定金额\nP-1,5.00\n"), "2:P-1,5.00;"},
		"under a title, with a total":    {"付款表\n单位：元\n支付\u3000编号,审定金额\nP-1,\"1,005.00\"\n合 计,1005.00\n制表人：李\n", "4:P-1,1005.00;"},
		"with cells that are left empty": {"payout,audited_amount\nP-1\n", "2:P-1,;"},
	} {
		if got, err := readTable(written(t, "a.csv", c.file), worksheet); got != c.want || err != nil {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

// What the ledger writes as a workbook comes back: its second sheet, which has the control totals, is passed over.
func TestAWorkbookIsReadByTheSheetThatFits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := tabular.Table{Name: "sample", Title: domain.Text{ZH: "抽样", EN: "Sample"}, Columns: []tabular.Column{{Name: "payout", Title: domain.Text{ZH: "支付编号", EN: "payout"}},
		{Name: "day", Title: domain.Text{ZH: "日期", EN: "day"}, Kind: tabular.Date}, {Name: "audited_amount", Title: domain.Text{ZH: "审定金额", EN: "audited amount"}, Kind: tabular.Money}},
		Rows: tabular.Rows(tabular.Row{"0012", "2025-03-01", decimal.RequireFromString("1234567.89")}, tabular.Row{"P-2", nil, nil})}
	if _, err := tabular.Write(f, tabular.XLSX, table, tabular.Options{Lang: "zh"}); err != nil {
		t.Fatal(err)
	}
	wanted := append([]intake.Wanted{{Headings: []string{"日期"}, Kind: intake.Day}}, worksheet...)
	if got, err := readTable(path, wanted); got != "2:2025-03-01,0012,1234567.89;3:,P-2,;" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := readTable(path, []intake.Wanted{{Headings: []string{"voucher"}}}); err == nil || !strings.Contains(err.Error(), "no column is headed voucher") {
		t.Errorf("%v", err)
	}
}

// What somebody saved who opened a file in UTF-8 as another is refused with what happened to it; a heading that is only unknown is not.
func TestHeadingsInAnotherEncodingAreSaidToBe(t *testing.T) {
	seenAs := func(text string, table func(byte) rune) string {
		var seen strings.Builder
		for i := range len(text) {
			seen.WriteRune(table(text[i]))
		}
		return seen.String()
	}
	latin, windows := func(b byte) rune { return rune(b) }, func(b byte) rune {
		if r := charmap.Windows1252.DecodeByte(b); r != utf8.RuneError {
			return r
		}
		return rune(b)
	}
	rows := "支付编号,审定金额\nP-1,5.00\n"
	wanted := []string{"UTF-8", "支付编号", "字符集"}
	for name, c := range map[string]struct {
		text string
		says bool
	}{
		"as Latin-1":              {seenAs(rows, latin), true},
		"as Windows-1252":         {seenAs(rows, windows), true},
		"with a mark besides":     {"\ufeff" + seenAs(rows, windows), true},
		"with no-break spaces":    {strings.ReplaceAll(seenAs(rows, latin), "\u00a0", " "), true},
		"in Chinese that is none": {"支付,金额\nP-1,5.00\n", false},
		"in French":               {"payé à,réglé\nP-1,5.00\n", false},
		"in English":              {"payment,amount\nP-1,5.00\n", false},
		"with signs":              {"№ ™,€ Š ž\nP-1,5.00\n", false},
	} {
		path := written(t, "a.csv", c.text)
		_, err := readTable(path, worksheet)
		refused := map[string]error{"a worksheet": err}
		_, refused["commands"] = intake.Open(path, intake.Options{})
		_, refused["a mapping"] = intake.Open(path, intake.Options{Map: paymentsMap(t, "", "", "", "", "")})
		for as, err := range refused {
			var fault *intake.FileError
			if !errors.As(err, &fault) {
				t.Errorf("%s, %s: %v", name, as, err)
				continue
			}
			for i, want := range wanted {
				if strings.Contains(fault.Message().ZH, want) != c.says && !(i == 1 && !c.says) {
					t.Errorf("%s, %s: %s", name, as, fault.Message().ZH)
				}
			}
			if en := fault.Message().EN; strings.Contains(en, "opened in another encoding") != c.says {
				t.Errorf("%s, %s: %s", name, as, en)
			}
		}
	}
}

func TestWhatIsNoSuchTableIsSaidSo(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no such column":          {"a.csv", "payout,amount\nP-1,5.00\n", "审定金额"},
		"a column twice":          {"a.csv", "payout,支付编号,audited_amount\nP-1,P-2,5.00\n", "请只留一列"},
		"Latin-1":                 {"a.csv", "payout,audited_amount\ncaf\xe9 P-1,5.00\n", "编码"},
		"a total that is another": {"a.csv", "payout,audited_amount\nP-1,5.00\n合计,6.00\n", "相差 1.00"},
		"a broken quotation mark": {"a.csv", "payout,audited_amount\n\"P-1,5.00\n", "引号"},
		"commands":                {"a.jsonl", `{"command":"x"}` + "\n", "不是表格"},
		"nothing":                 {"a.csv", "", "空"},
		"a broken workbook":       {"a.xlsx", "PK\x03\x04....", "损坏"},
		"headings alone":          {"a.csv", "payout|audited_amount\nP-1|5.00\n", "分隔"},
	} {
		_, err := readTable(written(t, c.file, c.text), worksheet)
		var fault *intake.FileError
		if !errors.As(err, &fault) || !strings.Contains(fault.Message().ZH, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused := errors.New("not this one")
	_, err := intake.ReadTable(written(t, "a.csv", "payout,audited_amount\nP-1,5.00\nP-2,6.00\n"), worksheet, nil, func(n int, _ []string) error {
		if n == 3 {
			return refused
		}
		return nil
	})
	var row *intake.RowError
	if !errors.As(err, &row) || row.Row != 3 || !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	if _, err := readTable(filepath.Join(t.TempDir(), "none.csv"), worksheet); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}
