package words

import (
	"slices"
	"testing"
)

func TestACaseIsToldInTheReadersWords(t *testing.T) {
	for _, c := range []struct{ field, value, zh, en string }{
		{"state", "approved", "办理状态 已批准", "State approved"}, {"approved.2025", "1234567.00", "批准金额 2025 1,234,567.00", "Approved 2025 1,234,567.00"},
		{"duty.pay", "error", "经办：支付 error", "Done by: pay error"}, {"enterprise_name", "open", "企业名称 open", "Enterprise name open"}, {"new_field.x", "y", "new_field.x y", "new_field.x y"},
		{"suspended", "true", "暂停办理 是", "Suspended yes"}, {"paid.2025", "", "支付金额 2025 ", "Paid 2025 "},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			if got := CaseField(c.field, lang) + " " + CaseValue(c.field, c.value, lang); got != want {
				t.Errorf("%s=%s in %s is %q, want %q", c.field, c.value, lang, got, want)
			}
		}
	}
	names := []string{"duty.accept", "paid.2025", "state", "unknown", "approved.2026", "approved.2025", "enterprise_name"}
	slices.SortFunc(names, CompareCaseFields)
	if want := []string{"unknown", "enterprise_name", "state", "approved.2025", "approved.2026", "paid.2025", "duty.accept"}; !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
}
