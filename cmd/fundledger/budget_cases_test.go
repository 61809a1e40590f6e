package main

import (
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
)

// Examples 40 to 42: what the sample ledger of the first release has committed, paid and free, by budgets that it never spoke of.
func TestExamples40To42BudgetsOfTheSampleLedger(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "restore", filepath.Join("testdata", "edition-1", "demo.backup"), "--data", dir, "--trust", editionOneKey, "--format", "json")
	type budget struct {
		Year          int    `json:"budget_year"`
		Kind          string `json:"scope_kind"`
		Scope         string `json:"scope"`
		Appropriation string `json:"appropriation"`
		Paid          string `json:"paid"`
		Remaining     string `json:"remaining"`
		Committed     string `json:"committed_unpaid"`
		Late          string `json:"late_unpaid"`
		Free          string `json:"free"`
	}
	var budgets []budget
	unmarshal(t, output(t, "list", "appropriations", "--data", dir, "--format", "json"), &budgets)
	find := func(year int, kind, scope string) budget {
		t.Helper()
		for _, b := range budgets {
			if b.Year == year && b.Kind == kind && b.Scope == scope {
				return b
			}
		}
		t.Fatalf("no budget %d of %s %s among %d", year, kind, scope, len(budgets))
		return budget{}
	}
	committed := func(clause string) decimal.Decimal {
		t.Helper()
		b := find(2026, "clause", clause)
		return decimal.RequireFromString(b.Committed).Add(decimal.RequireFromString(b.Late))
	}
	appropriated := decimal.Zero
	for _, b := range budgets {
		if b.Year == 2026 && b.Kind == "clause" && b.Appropriation != "" {
			appropriated = appropriated.Add(decimal.RequireFromString(b.Appropriation))
		}
	}
	for what, pair := range map[string][2]string{
		"40, committed in 2025":      {find(2025, "fund", "").Committed, "215000000.00"},
		"40, committed in 2026":      {find(2026, "fund", "").Committed, "195649579.02"},
		"41, paid in 2026":           {find(2026, "fund", "").Paid, "1125831905.34"},
		"41, appropriated for 2026":  {appropriated.StringFixed(2), "3640000000.00"},
		"42, 1.1a has left":          {find(2026, "clause", "1.1a").Remaining, "549534940.38"},
		"42, 1.1a has committed":     {committed("1.1a").StringFixed(2), "184944985.41"},
		"42, 1.1a has free":          {find(2026, "clause", "1.1a").Free, "364589954.97"},
		"42, clause 4 has left":      {find(2026, "clause", "4").Remaining, "737260949.38"},
		"42, clause 4 has committed": {committed("4").StringFixed(2), "27345064.00"},
		"42, clause 4 has free":      {find(2026, "clause", "4").Free, "709915885.38"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("example %s: %s, not %s", what, pair[0], pair[1])
		}
	}
}
