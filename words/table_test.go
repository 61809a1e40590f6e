package words

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Columns panics on a name without a heading: every row type of the projections has to be named here.
func TestEveryColumnHasHeadingsInBothLanguages(t *testing.T) {
	tables := map[string]int{
		"totals": len(Columns[projections.TotalsRow]()), "accounts": len(Columns[projections.AccountRow]()), "history": len(Columns[projections.HistoryRow]()),
		"enterprises": len(Columns[projections.EnterpriseRow]()), "applications": len(Columns[projections.ApplicationRow]()), "payouts": len(Columns[projections.PayoutRow]()),
		"clawbacks": len(Columns[projections.ClawbackRow]()), "journal": len(Columns[projections.JournalRow]()),
	}
	for name, n := range tables {
		if n == 0 {
			t.Errorf("%s has no columns", name)
		}
	}
	for name, c := range glossary {
		if c.zh == "" || c.en == "" {
			t.Errorf("column %s lacks a heading", name)
		}
	}
}

func TestTotalsColumnsAreTheDesignsInItsOrder(t *testing.T) {
	want := "enterprise, enterprise_name, clause, support_year, applications, requested, approved, paid, returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach, net_paid, annual_limit, exceptions, use, headroom, utilisation, status"
	var got []string
	for _, c := range Columns[projections.TotalsRow]() {
		got = append(got, c.Name)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("totals columns are %s", strings.Join(got, ", "))
	}
	want = "clause, subject_kind, subject, support_year, cap, exceptions, committed, paid, net_paid, use, headroom, status"
	got = nil
	for _, c := range Columns[projections.AccountRow]() {
		got = append(got, c.Name)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("accounts columns are %s", strings.Join(got, ", "))
	}
}

func TestEveryEventIsDescribedInBothLanguages(t *testing.T) {
	for _, maker := range domain.Events {
		e := maker()
		text := Describe(e)
		if text.ZH == e.Name() || text.EN == e.Name() || text.ZH == "" || text.EN == "" || strings.Contains(text.ZH+text.EN, "%!") {
			t.Errorf("%s is described as %q, %q", e.Name(), text.ZH, text.EN)
		}
	}
}
