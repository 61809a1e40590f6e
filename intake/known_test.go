package intake_test

import (
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
)

// A department's table of facts is read as people keep it: years, months and days in the ways that they are written, amounts in groups of three, yes
// and no in words; what could be two things is refused by its cell.
func TestFactsAreReadAsDepartmentsWriteThem(t *testing.T) {
	const heading = "指令,指令编号,日期,经办人,角色,部门,企业,事实编号,所属期间,事实的值"
	for _, c := range []struct{ period, value, wantPeriod, wantValue string }{
		{"2025", "20000000.00", "2025", "20000000.00"}, {"２０２５年度", `"20,000,000.00"`, "2025", "20000000.00"}, {"2025年", "¥1 200 000元", "2025", "1200000"},
		{"2025-03", "0", "2025-03", "0"}, {"2025年3月", `"-1,000.50"`, "2025-03", "-1000.50"}, {"2025/3", "是", "2025-03", "yes"}, {"2025.03", "否", "2025-03", "no"},
		{"2025年3月1日", "TRUE", "2025-03-01", "yes"}, {"2025/3/1", "smart-internet", "2025-03-01", "smart-internet"}, {"20250301", "310105", "2025-03-01", "310105"},
		{"去年", "二千万", "去年", "二千万"}, {"2025-13", `"1,00"`, "2025-13", `1,00`}, // the ledger refuses them
	} {
		lines, _ := read(t, file(t, "facts.csv", heading+"\nrecord_fact,f1,2026-01-05,lin,clerk,tax,91310105MA7W80873U,revenue,"+c.period+","+c.value+"\n"), intake.Options{})
		got, ok := lines[0].Command.(*domain.RecordFact)
		if !ok {
			t.Errorf("%s: %v", c.period, lines[0].Refusal)
			continue
		}
		if string(got.Period) != c.wantPeriod || string(got.Value) != c.wantValue {
			t.Errorf("%s, %s is read as %s, %s", c.period, c.value, got.Period, got.Value)
		}
	}
	for _, c := range []struct {
		value  any
		format string
		want   string
		reason domain.Reason
	}{
		{value: 2025, want: "2025"}, {value: 45717, want: "2025-03-01"}, {value: onDay(3, 1), format: "yyyy-mm-dd", want: "2025-03-01"}, {value: "2025年03月", want: "2025-03"},
		{value: 2025.03, reason: domain.ReasonNumberForDate}, {value: 0.25, format: "0%", reason: domain.ReasonPercentCell},
	} {
		path := sheetOf(t, func(f *excelize.File) error {
			if c.format == "" {
				return nil
			}
			return styled(f, "I2", c.value, c.format)
		}, []any{"指令", "指令编号", "日期", "经办人", "角色", "部门", "企业", "事实编号", "所属期间", "事实的值"},
			[]any{"record_fact", "f1", "2026-01-05", "lin", "clerk", "tax", "91310105MA7W80873U", "revenue", c.value, 20000000.5})
		lines, _ := read(t, path, intake.Options{})
		if got, ok := lines[0].Command.(*domain.RecordFact); ok {
			if string(got.Period) != c.want || got.Value != "20000000.5" {
				t.Errorf("%v is read as %s, %s", c.value, got.Period, got.Value)
			}
		} else if c.reason == "" || lines[0].Refusal.Figures["reason"] != string(c.reason) {
			t.Errorf("%v: %v %v", c.value, lines[0].Refusal, lines[0].Refusal.Figures)
		}
	}
}
