package pages_test

import (
	"net/http"
	"strings"
	"testing"
)

// The page of a year's closing counts what the year's lists count, leads to where it is settled, and to the form with the year filled in once the
// year is over.
func TestAYearsClosingIsLookedAtOnOnePage(t *testing.T) {
	s := open(t)
	for path, want := range map[string][]string{
		"/closings/2024": {"2024 预算年度封账", "还有待办", `href="/closings/new?year=2024"`, `href="/plan?budget_year=2024"`, `href="/audit/reconciliation"`},
		"/closings/2025": {"年度尚未终了", "应付未付", `href="/execution?budget_year=2025"`},
		"/closings/2999": {"年度尚未终了", "以前年度未封", "与本年度一并封账"},
	} {
		status, page := s.get(path + "?unit=yuan")
		for _, text := range want {
			if status != http.StatusOK || !strings.Contains(page, text) {
				t.Errorf("%s answers %d, and does not say %q", path, status, text)
			}
		}
	}
	if _, form := s.get("/closings/new?year=2023"); !strings.Contains(form, `value="2023"`) || !strings.Contains(form, `value="2024"`) {
		t.Error("the form has not the year that led to it")
	}
	for _, path := range []string{"/closings/1800", "/closings/next", "/closings/99999"} {
		if status, _ := s.get(path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// What ends first stands first.
func TestWhatExpiresIsInTheOrderInWhichItEnds(t *testing.T) {
	s := open(t)
	status, page := s.get("/expiring")
	if status != http.StatusOK || strings.Contains(page, `aria-sort="descending"`) || !strings.Contains(page, "2026-12-31") {
		t.Errorf("%d, and the latest day first", status)
	}
}
