package intake_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/intake"
)

// What is pasted from a spreadsheet has quotation marks wherever the cells have them. None joins two cells or two rows.
func TestAQuotationMarkJoinsNoTabbedCells(t *testing.T) {
	m := paymentsMap(t, "", "", "", "  note: {column: 备注}\n", "")
	row := func(cells ...string) string { return strings.Join(cells, "\t") + "\n" }
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a note behind the amount": {
			row("企业", "条款", "支持年度", "金额", "支付日期", "备注") + row("E1", "C", "2025", "100", "2025-03-01", `"专精特新"企业奖励`) +
				row("E2", "C", "2025", "200", "2025-03-02", `"专精特新"企业奖励`) + row("E3", "C", "2025", "300", "2025-03-03", `"专精特新"企业奖励`),
			[]string{"E1 C 2025 100.00 2025-03-01", "E2 C 2025 200.00 2025-03-02", "E3 C 2025 300.00 2025-03-03"}},
		"a note before the amount": {
			row("企业", "条款", "支持年度", "备注", "金额", "支付日期") + row("E1", "C", "2025", `"专精特新"企业奖励`, "100", "2025-03-01") +
				row("E2", "C", "2025", `支持"小巨人"`, "200", "2025-03-02"),
			[]string{"E1 C 2025 100.00 2025-03-01", "E2 C 2025 200.00 2025-03-02"}},
		"a mark that is never closed": {
			row("企业", "条款", "支持年度", "备注", "金额", "支付日期") + row("E1", "C", "2025", `"`, "100", "2025-03-01") + row("E2", "C", "2025", `小巨人"`, "200", "2025-03-02"),
			[]string{"E1 C 2025 100.00 2025-03-01", "E2 C 2025 200.00 2025-03-02"}},
		"marks as spreadsheets write them": {
			"企业\t条款\t支持年度\t\"备\n注\"\t金额\t支付日期\r\n" + "\"甲\"\"一\"\"\"\tC\t2025\t\"第一行\r\n\"\"第二行\"\"\"\t100\t\"2025-03-01\"\r\n" + "\"E2\"\tC\t2025\t\"\"\t200\t2025-03-02",
			[]string{`甲"一" C 2025 100.00 2025-03-01`, "E2 C 2025 200.00 2025-03-02"}},
	} {
		_, paid, _ := told(t, file(t, "a.tsv", c.text), m)
		if diff := cmp.Diff(c.want, paid); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	lines, _ := read(t, file(t, "a.tsv", "指令\t编号\n企业更名\t\"1\n\n企业更名\t\"2\""), intake.Options{})
	var at []int
	for _, l := range lines {
		at = append(at, l.Number)
	}
	if !slices.Equal(at, []int{2, 4}) || lines[1].ID != "2" {
		t.Errorf("read %+v", lines)
	}
	long := "指令\t编号\n企业更名\t1\nx\t\"" + strings.Repeat("x", 5<<20)
	if fault := readError(t, file(t, "a.tsv", long), intake.Options{}); fault.Line != 3 {
		t.Errorf("a row without end: %v", fault)
	}
}
