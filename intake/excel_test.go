package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/tabular"
)

// payments maps a list of payments as a finance office keeps it.
const payments = `%scolumns:
  ent: {column: 企业}
  clause: {column: 条款}
  year: {column: 支持年度, read: year}
  amount: {column: 金额%s, read: amount%s}
  paid: {column: 支付日期, read: date}
%sfields: {date: "2025-12-31", actor.id: takeover, actor.role: treasurer}
commands:
  - fields: {command: book_payout, id: "pay-{content}-{occurrence}", payout: "{content}-{occurrence}", enterprise: "{ent}", clause: "{clause}",
      support_year: "{year}", amount: "{amount}", paid_on: "{paid}"%s}
`

func paymentsMap(t *testing.T, top, heading, amount, column, field string) *intake.Mapping {
	t.Helper()
	return mapping(t, fmt.Sprintf(payments, top, heading, amount, column, field))
}

const paymentsHead = "企业,条款,支持年度,金额,支付日期\n"

// told is what became of a file's rows: the payments with their ids, and the refusals by their cells.
func told(t *testing.T, path string, m *intake.Mapping) (ids, paid []string, report intake.Report) {
	t.Helper()
	lines, report := read(t, path, intake.Options{Map: m})
	for _, l := range lines {
		ids = append(ids, l.ID)
		if p, ok := l.Command.(*domain.BookPayout); ok {
			paid = append(paid, fmt.Sprint(p.Enterprise, " ", p.Clause, " ", p.SupportYear, " ", p.Amount, " ", p.PaidOn))
		} else {
			paid = append(paid, fmt.Sprint(l.Refusal.Code, " ", l.Refusal.Figures["reason"], " ", l.Refusal.Figures["cell"]))
		}
	}
	return ids, paid, report
}

// sheetOf writes rows as a spreadsheet program does: numbers as numbers, days as days.
func sheetOf(t *testing.T, more func(f *excelize.File) error, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, value := range row {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil && value != nil {
				err = f.SetCellValue("Sheet1", name, value)
			}
			if _, day := value.(time.Time); err == nil && day {
				err = f.SetCellStyle("Sheet1", name, name, style)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if more != nil {
		if err := more(f); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func onDay(month time.Month, d int) time.Time { return time.Date(2025, month, d, 0, 0, 0, 0, time.UTC) }

func paymentRows() [][]any {
	return [][]any{{"企业", "条款", "支持年度", "金额", "支付日期"}, {"LAKE-001", "C", 2025, 1800000, onDay(3, 1)}, {"LAKE-001", "C", 2025, 250000.5, onDay(4, 1)}}
}

var bothPaid = []string{"LAKE-001 C 2025 1800000.00 2025-03-01", "LAKE-001 C 2025 250000.50 2025-04-01"}

// A table that a spreadsheet program saves again, that another program writes, or of which one more column is read, says the same as before, and its
// payments have the ids that they had: nothing is booked twice.
func TestAPaymentHasOneIdHoweverItsRowIsWritten(t *testing.T) {
	plain := paymentsMap(t, "", "", "", "", "")
	want, paid, _ := told(t, file(t, "a.csv", paymentsHead+"LAKE-001,C,2025,1800000.00,2025-03-01\nLAKE-001,C,2025,250000.50,2025-04-01\n"), plain)
	if !slices.Equal(paid, bothPaid) || want[0] == want[1] {
		t.Fatalf("read %q as %q", paid, want)
	}
	renamed := mapping(t, strings.NewReplacer("ent:", "zz:", "{ent}", "{zz}").Replace(fmt.Sprintf(payments, "", "", "", "", "")))
	more := paymentsMap(t, "", "", "", "  note: {column: 备注}\n", `, voucher: "{note}"`)
	for name, c := range map[string]struct {
		path string
		m    *intake.Mapping
	}{
		"saved by a spreadsheet program":  {sheetOf(t, nil, paymentRows()...), plain},
		"with spaces, groups and slashes": {file(t, "a.csv", paymentsHead+" LAKE-001\u00a0,C ,2025,\" 1,800,000.00\",2025/3/1\nLAKE-001,C,２０２５,250000.5,2025年4月1日\n"), plain},
		"with another spelling of a name": {file(t, "a.csv", paymentsHead+"ｌake-001,c,2025,1800000,2025.3.1\nLAKE-001,C,2025,250000.50,20250401\n"), plain},
		"with one more column read":       {file(t, "a.csv", "备注,企业,条款,支持年度,金额,支付日期\nx,LAKE-001,C,2025,1800000.00,2025-03-01\ny,LAKE-001,C,2025,250000.50,2025-04-01\n"), more},
		"by another name in the mapping":  {file(t, "a.csv", paymentsHead+"LAKE-001,C,2025,1800000.00,2025-03-01\nLAKE-001,C,2025,250000.50,2025-04-01\n"), renamed},
	} {
		if got, paid, _ := told(t, c.path, c.m); !slices.Equal(got, want) {
			t.Errorf("%s: %q for %q, want %q", name, got, paid, want)
		}
	}
	twice, _, _ := told(t, file(t, "a.csv", paymentsHead+strings.Repeat("LAKE-001,C,2025,1800000.00,2025-03-01\n", 2)), plain)
	if twice[0] != want[0] || twice[1] == twice[0] {
		t.Errorf("two equal rows have the ids %q", twice)
	}
	other, _, _ := told(t, file(t, "a.csv", paymentsHead+"LAKE-001,C,2025,1800000.01,2025-03-01\nLAKE-001,C,2025,1800000.00,2025-03-02\n"), plain)
	if other[0] == want[0] || other[1] == want[0] || other[0] == other[1] {
		t.Errorf("other payments have the ids %q", other)
	}
	own := paymentsMap(t, "content: [note]\n", "", "", "  note: {column: 备注}\n", "")
	ids, _, _ := told(t, file(t, "a.csv", "备注,企业,条款,支持年度,金额,支付日期\nx,LAKE-001,C,2025,1.00,2025-03-01\nx,LAKE-001,C,2025,2.00,2025-03-01\n"), own)
	if ids[0][:20] != ids[1][:20] || !strings.HasSuffix(ids[1], "-2") {
		t.Errorf("the content that the mapping names gives %q", ids)
	}
}

// A table with a column of amounts for each year says in which one an amount stands: its rows keep their ids when they are sorted otherwise, and no two
// rows that say different things share one.
func TestAmountsInTheColumnsOfDifferentYearsAreDifferentContents(t *testing.T) {
	const text = `columns:
  ent: {column: 企业}
  first: {column: 2024年, read: amount}
  second: {column: 2025年, read: amount}
fields: {date: "2025-12-31", actor.id: takeover, actor.role: treasurer, command: book_payout, enterprise: "{ent}", clause: C}
commands:
  - {when: {first: positive}, fields: {id: "pay-2024-{content}-{occurrence}", payout: "2024-{content}-{occurrence}", support_year: "2024", amount: "{first}", paid_on: "2024-12-31"}}
  - {when: {second: positive}, fields: {id: "pay-2025-{content}-{occurrence}", payout: "2025-{content}-{occurrence}", support_year: "2025", amount: "{second}", paid_on: "2025-12-31"}}
`
	m := mapping(t, text)
	gives := func(rows ...string) map[string]string {
		found := map[string]string{}
		ids, paid, _ := told(t, file(t, "a.csv", "企业,2024年,2025年\n"+strings.Join(rows, "\n")), m)
		for i, id := range ids {
			found[paid[i]] = id
		}
		return found
	}
	for _, rows := range [][2]string{{"E1,100,", "E1,,100"}, {"E1,100,200", "E1,200,100"}} {
		if diff := cmp.Diff(gives(rows[0], rows[1]), gives(rows[1], rows[0])); diff != "" {
			t.Errorf("%q in the other order: %s", rows, diff)
		}
	}
	registers := mapping(t, text+"  - {once_per: \"{ent}\", fields: {command: register_enterprise, id: \"reg-{ent}\", name: \"{ent}\"}}\n")
	before, _ := read(t, file(t, "a.csv", "企业,2024年,2025年\nE1,100,200\n"), intake.Options{Map: m})
	after, _ := read(t, file(t, "a.csv", "企业,2024年,2025年\nE1,100,200\n"), intake.Options{Map: registers})
	if before[0].ID != after[0].ID || before[1].ID != after[1].ID {
		t.Errorf("a command that fills nothing otherwise makes %q of %q", after[0].ID, before[0].ID)
	}
}

// The first release made the content of cells as they stand. What it booked is found under the id that it gave, for which the numbers here are taken from it.
func TestARowKnowsTheIdOfTheFirstRelease(t *testing.T) {
	row := "LAKE-001,C,2025,1800000.00,2025-03-01\n"
	lines, _ := read(t, file(t, "a.csv", paymentsHead+row+row), intake.Options{Map: paymentsMap(t, "", "", "", "", "")})
	for i, l := range lines {
		if want := fmt.Sprint("pay-6ce1ab7603d3d91e-", i+1); string(l.Formerly) != want || l.ID == want {
			t.Errorf("row %d was %s, and is %s", l.Number, l.Formerly, l.ID)
		}
	}
	own := mapping(t, strings.Replace(fmt.Sprintf(payments, "", "", "", "", ""), "pay-{content}-{occurrence}", "pay-{row}", 1))
	if lines, _ := read(t, file(t, "a.csv", paymentsHead+row), intake.Options{Map: own}); lines[0].Formerly != "" {
		t.Errorf("an id that is not made of the content was %s", lines[0].Formerly)
	}
}

func TestTheTextsOfTablesAreReadInTheirEncoding(t *testing.T) {
	text := paymentsHead + "LAKE-001,C,2025,1800000.00,2025-03-01\nLAKE-001,C,2025,250000.50,2025-04-01\n"
	m := paymentsMap(t, "", "", "", "", "")
	for name, c := range map[string]struct{ name, content, notes string }{
		"UTF-8 with a mark":          {"a.csv", "\ufeff" + text, ""},
		"UTF-8":                      {"a.csv", text, ""},
		"GB 18030":                   {"a.csv", gbk(t, text), "GB18030"},
		"what Excel calls Unicode":   {"a.txt", utf16le(strings.ReplaceAll(text, ",", "\t")), "UTF-16"},
		"lines that end in CR":       {"a.csv", strings.ReplaceAll(text, "\n", "\r"), ""},
		"GB 18030 that ends in CR":   {"a.csv", gbk(t, strings.ReplaceAll(text, "\n", "\r")), "GB18030"},
		"tabs":                       {"a.tsv", strings.ReplaceAll(text, ",", "\t"), ""},
		"tabs, named as a workbook":  {"a.xls", strings.ReplaceAll(text, ",", "\t"), ""},
		"semicolons":                 {"a.csv", strings.ReplaceAll(text, ",", ";"), ""},
		"a heading over two lines":   {"a.csv", strings.Replace(text, "支持年度", "\"支持\n 年度\"", 1), ""},
		"a heading of another width": {"a.csv", strings.Replace(text, "金额", " 金\u00a0额\u200b", 1), ""},
	} {
		_, paid, report := told(t, file(t, c.name, c.content), m)
		if !slices.Equal(paid, bothPaid) || report.Encoding != c.notes {
			t.Errorf("%s: %q, encoding %q", name, paid, report.Encoding)
		}
	}
	broken := strings.Replace(text, "LAKE-001,C,2025,25", "\xba\xfe\xd6\xd0,C,2025,25", 1) // one row of another encoding is refused, not the file
	if _, paid, _ := told(t, file(t, "a.csv", broken), m); paid[0] != bothPaid[0] || !strings.HasPrefix(paid[1], "command_malformed") {
		t.Errorf("a row of another encoding: %q", paid)
	}
	if fault := readError(t, file(t, "a.et", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)), intake.Options{}); !strings.Contains(fault.Message().ZH, "另存为 .xlsx") || !strings.Contains(fault.Message().ZH, ".et") {
		t.Error(fault)
	}
}

// A bank tells the hour of a payment, and the ledger its day. Where the file has a zone, the day is Shanghai's.
func TestADayOfAPaymentFileMayHaveHours(t *testing.T) {
	wanted := []intake.Wanted{{Headings: []string{"支付日期"}, Kind: intake.Day}}
	for text, want := range map[string]string{"2025-03-01 14:30:05": "2025-03-01", "2025/3/1 9:05": "2025-03-01", "2025年3月1日 14时30分": "2025-03-01", "20250301 143005": "20250301 143005",
		"2025-03-01T23:59:59.999": "2025-03-01", "2025-03-01T16:30:00Z": "2025-03-02", "2025-03-01T16:30:00+08:00": "2025-03-01", "２０２５-03-01 １４：３０": "2025-03-01", "14:30": "14:30"} {
		if got, err := readTable(file(t, "a.csv", "支付日期\n"+text+"\n"), wanted); err != nil || got != "2:"+want+";" {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	timed := sheetOf(t, nil, []any{"支付日期"}, []any{onDay(3, 1).Add(14*time.Hour + 30*time.Minute)}, []any{onDay(3, 2)})
	if got, err := readTable(timed, wanted); err != nil || got != "2:2025-03-01;3:2025-03-02;" {
		t.Errorf("a workbook: %s, %v", got, err)
	}
	if _, paid, _ := told(t, file(t, "a.csv", paymentsHead+"E1,C,2025,1.00,2025-03-01 14:30\n"), paymentsMap(t, "", "", "", "", "")); !strings.HasPrefix(paid[0], "field_invalid") {
		t.Errorf("an import dates by the hour: %q", paid)
	}
}

func TestTheSignBetweenCellsIsTheOneThatRowsShare(t *testing.T) {
	m := paymentsMap(t, "", "", "", "", "")
	want := []string{"E1 C 2025 1000.00 2025-03-01", "E2 C 2025 1000000.00 2025-03-02"}
	tabbed := "企业\t条款\t支持年度\t金额\t支付日期\nE1\tC\t2025\t1,000\t2025-03-01\nE2\tC\t2025\t1,000,000\t2025-03-02\n"
	for name, text := range map[string]string{
		"tabs and amounts in groups":             tabbed,
		"tabs under a title with commas":         "拨付表,单位：元\n编制,审核\n" + tabbed,
		"semicolons and amounts in groups":       "拨付表,单位：元\n" + strings.ReplaceAll(tabbed, "\t", ";"),
		"commas, and semicolons in marked cells": paymentsHead + "E1,C,2025,\"1,000\",2025-03-01\nE2,C,2025,\"1,000,000\",2025-03-02\n\"合计;\",,,\"1,001,000\",\n",
	} {
		if _, paid, _ := told(t, file(t, "a.csv", text), m); !slices.Equal(paid, want) {
			t.Errorf("%s: %q", name, paid)
		}
	}
}

// What a formula came to is read as the file has it, and named; a hidden sheet with the same columns is not passed over in silence.
func TestFormulasAndHiddenSheetsAreNamed(t *testing.T) {
	m := paymentsMap(t, "", "", "", "", "")
	path := rezip(t, sheetOf(t, nil, paymentRows()...), "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.Replace(s, "<v>1800000</v>", "<f>900000*2</f><v>1800000</v>", 1)
	})
	_, paid, report := told(t, path, m)
	if !slices.Equal(paid, bothPaid) || report.Results != 1 || !slices.Equal(report.Computed, []string{"D2"}) {
		t.Errorf("read %q, %+v", paid, report)
	}
	sheet := func(name string, head []any) func(f *excelize.File) error {
		return func(f *excelize.File) error {
			_, err := f.NewSheet(name)
			return errors.Join(err, f.SetSheetRow(name, "A1", &head), f.SetSheetVisible(name, false))
		}
	}
	_, paid, report = told(t, sheetOf(t, sheet("选项", []any{"条款", "A", "B"}), paymentRows()...), m)
	if !slices.Equal(paid, bothPaid) || !slices.Equal(report.Hidden, []string{"选项"}) || !strings.Contains(report.Notes()[1].ZH, "选项") {
		t.Errorf("read %q, %+v", paid, report)
	}
	if fault := readError(t, sheetOf(t, sheet("旧账", paymentRows()[0]), paymentRows()...), intake.Options{Map: m}); !strings.Contains(fault.Error(), "旧账") {
		t.Error(fault)
	}
	only := sheetOf(t, func(f *excelize.File) error {
		cover, err := f.NewSheet("封面")
		f.SetActiveSheet(cover)
		return errors.Join(err, f.SetCellValue("封面", "A1", "封面"), f.SetSheetVisible("Sheet1", false))
	}, paymentRows()...)
	if fault := readError(t, only, intake.Options{Map: m}); !strings.Contains(fault.Error(), `"Sheet1" is hidden`) {
		t.Error(fault)
	}
	hidden := sheetOf(t, func(f *excelize.File) error {
		return errors.Join(f.SetCellValue("Sheet1", "F1", "备注"), f.SetCellValue("Sheet1", "F2", "x"), f.SetColVisible("Sheet1", "F", false))
	}, paymentRows()...)
	if _, paid, report = told(t, hidden, m); !slices.Equal(paid, bothPaid) || !slices.Equal(report.Concealed, []string{"F"}) {
		t.Errorf("a hidden column that is not read: %q, %+v", paid, report)
	}
}

// A mapping routes by the sign of an amount: what is below zero is a recovery, what is zero gives nothing, and is told.
func TestAMappingRoutesBySign(t *testing.T) {
	const text = `columns:
  line: {column: line}
  year: {column: year, read: year}
  who: {column: recipient}
  amount: {column: cents, read: amount, unit: fen}
fields: {date: "2025-12-31", actor.id: takeover, enterprise: "{who}", clause: C, amount: "{amount}"}
commands:
  - %sfields: {command: book_payout, id: "pay-{line}", actor.role: treasurer, payout: "L{line}", support_year: "{year}", paid_on: "{year}-12-31"}
  - when: {amount: negative}
    fields: {command: book_recovery, id: "back-{line}", actor.role: treasurer, recovery: "L{line}", support_year: "{year|previous}", cause: error, received_on: "{year}-12-31"}
`
	table := "line,year,recipient,cents\n1,2008,R-1,153241\n2,2009,R-1,-102818\n3,2009,R-2,0\n4,2009,R-2,\"(1,00)\"\n5,2009,R-2,(100)\n"
	gives := func(when string) (got []string, report intake.Report) {
		lines, report := read(t, file(t, "a.csv", table), intake.Options{Map: mapping(t, fmt.Sprintf(text, when))})
		for _, l := range lines {
			switch c := l.Command.(type) {
			case *domain.BookPayout:
				got = append(got, fmt.Sprint("pay ", c.Amount, " ", c.SupportYear))
			case *domain.BookRecovery:
				got = append(got, fmt.Sprint("back ", c.Amount, " ", c.SupportYear, " ", c.ReceivedOn))
			default:
				got = append(got, l.Refusal.Code)
			}
		}
		return got, report
	}
	got, report := gives("when: {amount: positive}\n    ")
	if want := []string{"pay 1532.41 2008", "back 1028.18 2008 2009-12-31", "amount_malformed", "amount_malformed", "back 1.00 2008 2009-12-31"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if report.Left != 1 || report.LeftOut[0].Why != intake.LeftNoCommand || report.LeftOut[0].Row != 4 {
		t.Errorf("the row of zero: %+v", report)
	}
	got, _ = gives("") // a payment that no sign is asked of takes no negative amount
	if !slices.Contains(got, "amount_negative") || slices.Contains(got, "pay 1028.18 2009") {
		t.Errorf("got %q", got)
	}
}

func TestAPaymentWithoutItsDayIsRefused(t *testing.T) {
	head := "指令,编号,日期,经办人,角色,支付,企业,条款,支持年度,金额,支付日期\n"
	lines, _ := read(t, file(t, "a.csv", head+"补记支付,n-1,2025-12-31,li,财政,N-1,E,C,2025,100.00,\n补记支付,n-2,2025-12-31,li,财政,N-2,E,C,2025,100.00,2025-03-01\n"), intake.Options{})
	if r := lines[0].Refusal; r == nil || r.Figures["cell"] != "K2" || r.Figures["reason"] != "empty_date" || lines[1].Refusal != nil {
		t.Errorf("read %+v", lines)
	}
	row := paymentsHead + "LAKE-001,C,2025,100.00, \n"
	if _, paid, _ := told(t, file(t, "a.csv", row), paymentsMap(t, "", "", "", "", "")); paid[0] != "field_invalid empty_date E2" {
		t.Errorf("mapped: %q", paid)
	}
	given := mapping(t, strings.Replace(fmt.Sprintf(payments, "", "", "", "", ""), "read: date", `read: date, default: "2025-06-30"`, 1))
	if _, paid, _ := told(t, file(t, "a.csv", row), given); paid[0] != "LAKE-001 C 2025 100.00 2025-06-30" {
		t.Errorf("with a default: %q", paid)
	}
}

func TestFreeTextsOfFilesAreCleanedAndCounted(t *testing.T) {
	line := func(name string) string { return strings.Replace(submit, "甲", name, 1) }
	lines, report := read(t, file(t, "a.jsonl", line(`甲\u00ad乙`)+"\n"+line("1\u20133 June \u0096 \u0093x\u0094\u200b")+"\n"+line("甲")), intake.Options{})
	names := ""
	for _, l := range lines {
		names += l.Command.(*domain.RenameEnterprise).Title + "|"
	}
	if names != "甲乙|1–3 June – “x”|甲|" || report.Cleaned != 2 {
		t.Errorf("read %q, %d cleaned", names, report.Cleaned)
	}
	lines, report = read(t, file(t, "a.csv", "指令,编号,日期,经办人,角色,企业,名称\n企业更名,c-1,2025-03-01,li,经办,E,甲\u00ad乙\n企业更名,c-2,2025-03-01,li,经办,E\u00ad1,乙\n"), intake.Options{})
	if lines[0].Command.(*domain.RenameEnterprise).Title != "甲乙" || report.Cleaned != 1 || lines[1].Command.(*domain.RenameEnterprise).Enterprise != "E\u00ad1" {
		t.Errorf("read %+v, %d cleaned: an identifier is the ledger's to refuse", lines, report.Cleaned)
	}
}

// What the ledger exports comes back, as it was written and as spreadsheet programs write it when they save it again.
func TestAnExportComesBackIn(t *testing.T) {
	columns := []tabular.Column{{Name: "payout", Title: domain.Text{ZH: "支付编号", EN: "payout"}}, {Name: "enterprise", Title: domain.Text{ZH: "企业", EN: "e"}},
		{Name: "clause", Title: domain.Text{ZH: "条款", EN: "c"}}, {Name: "year", Title: domain.Text{ZH: "支持年度", EN: "y"}, Kind: tabular.Integer},
		{Name: "amount", Title: domain.Text{ZH: "金额", EN: "a"}, Kind: tabular.Money, Total: true}, {Name: "paid_on", Title: domain.Text{ZH: "支付日期", EN: "d"}, Kind: tabular.Date}}
	dec := decimal.RequireFromString
	m := paymentsMap(t, "", "", "", "", "")
	want := []string{"=SUM(A1) C 2025 1800000.00 2025-03-01", "LAKE-001 C 2025 250000.50 2025-04-01"}
	for _, format := range []tabular.Format{tabular.CSV, tabular.XLSX} {
		path := filepath.Join(t.TempDir(), "export"+format.Extension())
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		table := tabular.Table{Name: "payouts", Title: domain.Text{ZH: "支付", EN: "Payouts"}, Columns: columns, Meta: []tabular.Meta{{Name: "末尾位置", Value: "7"}},
			Rows: tabular.Rows(tabular.Row{"P-1", "=SUM(A1)", "C", 2025, dec("1800000"), "2025-03-01"}, tabular.Row{"P-2", "LAKE-001", "C", 2025, dec("250000.5"), "2025-04-01"})}
		_, err = tabular.Write(f, format, table, tabular.Options{Lang: "zh", HumanHeadings: true})
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		paths := []string{path}
		if format == tabular.XLSX {
			for range 2 { // opened and saved again, as the formats of other programs have it
				paths = append(paths, savedAgain(t, path, len(paths)))
			}
		}
		for _, path := range paths {
			if _, paid, _ := told(t, path, m); !slices.Equal(paid, want) {
				t.Errorf("%s: %q", path, paid)
			}
		}
	}
}

// savedAgain writes an export as another program does: with a table of texts, formats of its own and attributes that we have not.
func savedAgain(t *testing.T, path string, way int) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	code := []string{"", `yyyy"年"m"月"d"日";@`, `[$-804]yyyy\/mm\/dd`}[way]
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	if err != nil {
		t.Fatal(err)
	}
	name := f.GetSheetName(0)
	for row := 2; row <= 3; row++ {
		at := fmt.Sprint("F", row)
		if err := f.SetCellStyle(name, at, at, style); err != nil {
			t.Fatal(err)
		}
		for _, column := range "ABC" { // texts go to the workbook's table
			at := fmt.Sprint(string(column), row)
			text, err := f.GetCellValue(name, at)
			if err := errors.Join(err, f.SetCellStr(name, at, text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	again := filepath.Join(t.TempDir(), "again.xlsx")
	if err := f.SaveAs(again); err != nil {
		t.Fatal(err)
	}
	return rezip(t, again, "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.NewReplacer(`<row r="2"`, `<row r="2" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"`,
			`<col min="1"`, `<col collapsed="false" hidden="false" outlineLevel="0" min="1"`).Replace(s)
	})
}
