package words

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

func TestACaseIsToldInTheReadersWords(t *testing.T) {
	for _, c := range []struct{ field, value, zh, en string }{
		{"state", "approved", "办理状态 已批准", "State approved"}, {"approved.2025", "1234567.00", "批准金额 2025 1,234,567.00", "Approved 2025 1,234,567.00"},
		{"duty.pay", "error", "经办：支付 error", "Done by: pay error"}, {"enterprise_name", "open", "企业名称 open", "Enterprise name open"}, {"new_field.x", "y", "new_field.x y", "new_field.x y"},
		{"suspended", "true", "暂停办理 是", "Suspended yes"}, {"paid.2025", "", "支付金额 2025 ", "Paid 2025 "},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			if got := CaseField(c.field, lang) + " " + CaseValue(c.field, c.value, lang, nil); got != want {
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

// A column that is also a field of commands has the field's title, written once; the few that say something else say why here.
func TestAColumnIsCalledWhatTheFieldIsCalled(t *testing.T) {
	others := map[string]string{
		"comment":    "of a disposition here, of a review there",
		"enterprise": "the code of whatever kind a policy takes here, the kind that is asked for there",
		"name":       "of a clause too",
		"requested":  "the sum of what is given year by year",
	}
	fields := 0
	for name, column := range columns {
		title, known := domain.FieldTitle(name)
		if !known {
			if column.Title.ZH == "" || column.Title.EN == "" {
				t.Errorf("the column %s has no title", name)
			}
			continue
		}
		fields++
		if same := column.Title.ZH == title.ZH && strings.EqualFold(column.Title.EN, title.EN); same == (others[name] != "") {
			t.Errorf("the column %s is called %s, the field %s", name, column.Title, title)
		}
	}
	if fields < 30 {
		t.Errorf("only %d columns are fields", fields)
	}
	source, err := os.ReadFile("dictionary.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`\("([a-z_]+)", "([^"]+)", "[^"]+",`).FindAllStringSubmatch(string(source), -1) {
		if _, known := domain.FieldTitle(found[1]); known && others[found[1]] == "" {
			t.Errorf("%s: the field has that title already, leave it out", found[0])
		}
	}
}
