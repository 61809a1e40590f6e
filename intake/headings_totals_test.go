package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/intake"
)

func TestTitlesAboveAHeadingAreNoObstacle(t *testing.T) {
	rows := append([][]any{{"2025年专项资金拨付明细表"}, {"单位：元"}}, paymentRows()...)
	merged := func(areas ...string) func(f *excelize.File) error {
		return func(f *excelize.File) (err error) {
			for _, a := range areas {
				from, to, _ := strings.Cut(a, ":")
				err = errors.Join(err, f.MergeCell("Sheet1", from, to))
			}
			return err
		}
	}
	for name, m := range map[string]*intake.Mapping{"by its row": paymentsMap(t, "header_row: 3\n", "", "", "", ""), "by its names": paymentsMap(t, "", "", "", "", "")} {
		if _, paid, _ := told(t, sheetOf(t, merged("A1:E1"), rows...), m); !slices.Equal(paid, bothPaid) {
			t.Errorf("%s: %q", name, paid)
		}
	}
	two := [][]any{{"企业", "条款", "支持年度", "金额", nil, "支付日期"}, {nil, nil, nil, "申请", "拨付"}, {"LAKE-001", "C", 2025, 9, 1800000, onDay(3, 1)}, {"LAKE-001", "C", 2025, 9, 250000.5, onDay(4, 1)}}
	for _, heading := range []string{"/拨付", "拨付"} {
		path := sheetOf(t, merged("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"), two...)
		if _, paid, _ := told(t, path, paymentsMap(t, "", heading, "", "", "")); !slices.Equal(paid, bothPaid) {
			t.Errorf("two rows, %s: %q", heading, paid)
		}
	}
	tall := [][]any{{"企业", "条款", "支持年度", "金额", "支付日期", "其中"}, {nil, nil, nil, nil, nil, "市级"}, {"LAKE-001", "C", 2025, 1800000, onDay(3, 1), 1}, {"LAKE-001", "C", 2025, 250000.5, onDay(4, 1), 2}}
	if _, paid, _ := told(t, sheetOf(t, merged("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2"), tall...), paymentsMap(t, "", "", "", "", "")); !slices.Equal(paid, bothPaid) {
		t.Errorf("a heading of two rows of which one would do: %q", paid)
	}
	fault := readError(t, sheetOf(t, merged("A2:A3"), paymentRows()...), intake.Options{Map: paymentsMap(t, "", "", "", "", "")})
	if !strings.Contains(fault.Error(), "A2:A3") {
		t.Error(fault)
	}
	twoAmounts := [][]any{{"企业", "条款", "支持年度", "金额", "金额", "支付日期"}, {"LAKE-001", "C", 2025, 9, 1800000, onDay(3, 1)}}
	if fault := readError(t, sheetOf(t, nil, twoAmounts...), intake.Options{Map: paymentsMap(t, "", "", "", "", "")}); !strings.Contains(fault.Error(), "D and E") {
		t.Error(fault)
	}
}

// A heading that does not fit is not passed over with the rows below it, for one that fits on a later page.
func TestRowsAboveAHeadingAreNotDroppedInSilence(t *testing.T) {
	first, second := "企业,条款,支持年度,金额（元）,支付日期\nE1,C,2025,100,2025-03-01\nE2,C,2025,\"2,000.00\",2025-03-01\n", paymentsHead+"E3,C,2025,300,2025-03-01\n"
	m := paymentsMap(t, "", "", "", "", "")
	if fault := readError(t, file(t, "a.csv", first+second), intake.Options{Map: m}); fault.Line != 2 || !strings.Contains(fault.Error(), "heading (row 4)") {
		t.Error(fault)
	}
	pages := append([][]any{{"企业", "条款", "支持年度", "金额（元）", "支付日期"}, {"E1", "C", "x", 100, onDay(3, 1)}}, paymentRows()...)
	if fault := readError(t, sheetOf(t, nil, pages...), intake.Options{Map: m}); fault.Cell != "Sheet1!D2" {
		t.Error(fault)
	}
	titles := "拨付表,,,,\n单位：元,,3 户,,2025年\n"
	_, paid, report := told(t, file(t, "a.csv", titles+second), m)
	if len(paid) != 1 || report.Left != 2 || report.LeftOut[1].Row != 2 || report.LeftOut[1].Why != intake.LeftTitle || !strings.Contains(report.Notes()[1].ZH, "单位：元") {
		t.Errorf("titles: %q, %+v", paid, report)
	}
	_, paid, report = told(t, file(t, "a.csv", first+second), paymentsMap(t, "header_row: 4\n", "", "", "", ""))
	if len(paid) != 1 || report.Left != 3 {
		t.Errorf("a heading of which the mapping says where it stands: %q, %+v", paid, report)
	}
}

func TestRowsOfTotalsAreLeftOutAndHeldAgainstTheRows(t *testing.T) {
	m := paymentsMap(t, "", "", "", "", "")
	body := "LAKE-001,C,2025,1800000.00,2025-03-01\nLAKE-001,C,2025,250000.50,2025-04-01\n"
	_, paid, report := told(t, file(t, "a.csv", paymentsHead+body+"合\u3000计,,,2050000.50,\n总计：,,,\"2,050,000.50\",\n制表人：李明  审核：王华,,,,\n"), m)
	if !slices.Equal(paid, bothPaid) || report.Left != 3 || len(report.LeftOut[0].Totals) != 1 || !report.LeftOut[0].Totals[0].Checked || report.LeftOut[2].Why != intake.LeftFootnote {
		t.Errorf("read %q, %+v", paid, report)
	}
	notes := ""
	for _, n := range report.Notes() {
		notes += n.ZH + n.EN
	}
	for _, want := range []string{"第 4 行是“合\u3000计”，未导入；D 列 2050000.50，与各行之和一致。", "Row 6"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q: %s", want, notes)
		}
	}
	for _, word := range []string{"本页小计", "合计数", "累 计", "Grand Total", "Sub-total:", "总计（元）："} {
		if _, paid, _ := told(t, file(t, "a.csv", paymentsHead+body+word+",,,2050000.50,\n"), m); !slices.Equal(paid, bothPaid) {
			t.Errorf("%s: %q", word, paid)
		}
	}
	sections := body + "小计,,,2050000.50,\n" + body + "小计（元）,,,2050000.50,\n总计,,,4100001.00,\n"
	if _, paid, report := told(t, file(t, "a.csv", paymentsHead+sections), m); len(paid) != 4 || report.Left != 3 {
		t.Errorf("sections: %q, %+v", paid, report)
	}
	for name, total := range map[string]string{"too much": "2050000.51", "of the second section alone": "250000.50"} {
		fault := readError(t, file(t, "a.csv", paymentsHead+body+"合计,,,"+total+",\n"), intake.Options{Map: m})
		if fault.Cell != "D4" || !strings.Contains(fault.Error(), "2050000.50") {
			t.Errorf("%s: %v", name, fault)
		}
	}
	if _, paid, report := told(t, file(t, "a.csv", paymentsHead+body+"LAKE-001,C,2025,?,2025-03-01\n合计,,,2050000.51,\n"), m); len(paid) != 3 || report.LeftOut[0].Totals[0].Checked {
		t.Errorf("a total over rows that cannot be read: %q, %+v", paid, report)
	}
	rows := append(paymentRows(), []any{"合计", nil, nil, nil})
	path := sheetOf(t, func(f *excelize.File) error {
		return errors.Join(f.MergeCell("Sheet1", "A4", "C4"), f.SetCellDefault("Sheet1", "D4", "2050000.5000000002"))
	}, rows...)
	path = rezip(t, path, "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.Replace(s, "<v>2050000.5000000002</v>", "<f>SUM(D2:D3)</f><v>2050000.5000000002</v>", 1)
	})
	if _, paid, report := told(t, path, m); !slices.Equal(paid, bothPaid) || report.Left != 1 || !report.LeftOut[0].Totals[0].Amount.Equal(decimal.RequireFromString("2050000.50")) {
		t.Errorf("a merged, computed total: %q, %+v", paid, report)
	}
	again := paymentsHead + body + paymentsHead + strings.ReplaceAll(body, "2025-0", "2025-1")
	if _, paid, report := told(t, file(t, "a.csv", again), m); len(paid) != 4 || report.Left != 1 {
		t.Errorf("a heading that is repeated: %q, %+v", paid, report)
	}
}

// A cell that is shown in ten thousands is read in a column that is said to be in them, and in no other; one that is shown otherwise in any section of its
// format, in none.
func TestAnAmountIsWhatItsCellShows(t *testing.T) {
	const asItIs, inWan, refused = "LAKE-001 C 2025 180.00 2025-03-01", "LAKE-001 C 2025 1800000.00 2025-03-01", "field_invalid scaled_cell D2"
	for format, want := range map[string][2]string{
		`0.00"万元"`:                   {refused, inWan},
		`0.00\万`:                     {refused, inWan},
		`0.00万`:                      {refused, inWan},
		`General"万"`:                 {refused, inWan},
		`#,##0.00"万";-#,##0.00"万"`:   {refused, inWan},
		`0.00"亿"`:                    {refused, refused},
		`0.00"千元"`:                   {refused, refused},
		`0"百万"`:                      {refused, refused},
		`0.00,"万"`:                   {refused, refused},
		`[>=10000]0.00"万";0.00`:      {refused, refused},
		`0.00;-0.00,`:                {refused, refused},
		`#,##0.00"元";[Red]-#,##0.00`: {asItIs, inWan},
		`_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ `: {asItIs, inWan},
	} {
		rows := append(paymentRows()[:1], []any{"LAKE-001", "C", 2025, 180, onDay(3, 1)})
		path := sheetOf(t, func(f *excelize.File) error { return styled(f, "D2", 180, format) }, rows...)
		for i, unit := range []string{"", ", unit: wan"} {
			if _, paid, _ := told(t, path, paymentsMap(t, "", "", unit, "", "")); paid[0] != want[i] {
				t.Errorf("%s%s: %q, want %q", format, unit, paid[0], want[i])
			}
		}
	}
}

// A row of totals is not booked, wherever its word stands: in a column behind a number, or beside a name, where it is refused by its cell.
func TestARowOfTotalsIsNeverBooked(t *testing.T) {
	m := paymentsMap(t, "", "", "", "", "")
	head, body := "序号,"+paymentsHead, "1,E1,C,2025,100,2025-03-01\n2,E2,C,2025,200,2025-03-02\n"
	_, paid, report := told(t, file(t, "a.csv", head+body+"3,合 计,C,2025,300,2025-03-31\n"), m)
	if len(paid) != 2 || report.Left != 1 || report.LeftOut[0].Why != intake.LeftTotal || len(report.LeftOut[0].Totals) != 1 {
		t.Errorf("behind a number: %q, %+v", paid, report)
	}
	if fault := readError(t, file(t, "a.csv", head+body+"3,合计,C,2025,301,2025-03-31\n"), intake.Options{Map: m}); fault.Cell != "E4" {
		t.Error(fault)
	}
	rows := append(paymentRows(), []any{"LAKE-001", "合计", 2025, 5, onDay(3, 31)})
	if fault := readError(t, sheetOf(t, nil, rows...), intake.Options{Map: m}); fault.Cell != "D4" {
		t.Error(fault)
	}
	for _, name := range []string{"小计 E1", "E1 汇总", "合计划", "Total: E1", "E1 total", "本年累计E1", "E1 小计"} {
		for row, cell := range map[string]string{name + ",E1,C,2025,300,2025-03-31\n": "A4", "3," + name + ",C,2025,300,2025-03-31\n": "B4"} {
			if _, paid, _ := told(t, file(t, "a.csv", head+body+row), m); len(paid) != 3 || paid[2] != "field_invalid total_word "+cell {
				t.Errorf("%s: %q", row, paid)
			}
		}
	}
	for _, name := range []string{"Totally", "Summit Ltd.", "E1 合计划署"} {
		if _, paid, _ := told(t, file(t, "a.csv", head+"1,"+name+",C,2025,300,2025-03-31\n"), m); len(paid) != 1 || !strings.HasPrefix(paid[0], name) {
			t.Errorf("a name: %q", paid)
		}
	}
	if _, err := readTable(file(t, "a.csv", "payout,audited_amount\nP-1,5.00\n小计 P,5.00\n"), worksheet); err == nil || !strings.Contains(err.Error(), "A3") {
		t.Errorf("a worksheet: %v", err)
	}
	commands := "序号,指令,编号,日期,经办人,角色,支付,企业,条款,支持年度,金额,支付日期,理由\n,补记支付,n-1,2025-12-31,li,财政,N-1,小计 E,C,2025,100.00,2025-03-01,累计第 2 笔\n"
	commands = strings.ReplaceAll(strings.ReplaceAll(commands, "序号,", ""), "\n,", "\n")
	if lines, _ := read(t, file(t, "a.csv", commands+"补记支付,,,,,N-2,小计 F,C,2025,100.00,,\n"), intake.Options{}); lines[1].Refusal == nil || lines[1].Refusal.Figures["cell"] != "G3" {
		t.Errorf("a table of commands: %+v", lines[1])
	}
	if lines, _ := read(t, file(t, "a.csv", strings.Replace(commands, "小计 E", "E", 1)), intake.Options{}); lines[0].Refusal != nil && lines[0].Refusal.Figures["reason"] == "total_word" {
		t.Errorf("a free text: %+v", lines[0].Refusal)
	}
}

// A payee may be called as a row of totals begins or ends: a row that has all that a payment has, and that the rows above do not come to, is a payment.
func TestAPayeeWhoseNameHasTheWordOfTotalsIsPaid(t *testing.T) {
	m := paymentsMap(t, "", "", "", "", "")
	names := []string{"合计划科技有限公司", "小计算机有限公司", "Total Energies", "Sum Holdings", "上海汇总", "E1 小计"}
	body := "E1,C,2025,100,2025-03-01\n"
	for _, name := range names {
		body += name + ",C,2025,7,2025-03-02\n"
	}
	_, paid, report := told(t, file(t, "a.csv", paymentsHead+body+"合计,,,142,\n"), m)
	if len(paid) != 7 || report.Left != 1 || !report.LeftOut[0].Totals[0].Checked {
		t.Fatalf("%q, %+v", paid, report)
	}
	for i, name := range names {
		if !strings.HasPrefix(paid[i+1], name+" C 2025 7.00") {
			t.Errorf("%s: %s", name, paid[i+1])
		}
	}
	for row, why := range map[string]string{
		"合计划科技有限公司,C,2025,142,2025-03-31": "all above come to it", "合计划科技有限公司,C,2025,7,": "its day is empty", "合计划科技有限公司,,,7,": "only a name and an amount",
		"合计划科技有限公司,—,/,7,2025-03-02": "what cannot be added up is struck out"} {
		if _, paid, _ := told(t, file(t, "a.csv", paymentsHead+body+row+"\n"), m); paid[7] != "field_invalid total_word A9" {
			t.Errorf("%s: %s", why, paid[7])
		}
	}
	wanted := intake.PaymentColumns([4][]string{{"凭证号"}, {"支付日期"}, {"金额"}, {"收款人"}})
	if got, err := readTable(file(t, "a.csv", "收款人,凭证号,支付日期,金额\nE1,V-1,2025-03-01,1.00\nTotal Energies,V-2,2025-03-02,2.00\n"), wanted); err != nil || got != "2:V-1,2025-03-01,1.00,E1;3:V-2,2025-03-02,2.00,Total Energies;" {
		t.Errorf("a payment file: %s, %v", got, err)
	}
	for _, struck := range []string{"-", "——", "／"} { // of one payment alone
		if got, err := readTable(file(t, "a.csv", "收款人,凭证号,支付日期,金额\nE1,V-1,2025-03-01,1.00\nE1 小计,"+struck+",2025-03-31,1.00\n"), wanted); err == nil {
			t.Errorf("a total whose voucher is %s is a payment: %s", struck, got)
		}
	}
}
