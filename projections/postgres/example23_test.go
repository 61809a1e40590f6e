package postgres_test

import (
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// Example 23: a totals row's headroom is the sum of its accounts' own, which what is over elsewhere does not eat; a total cap's headroom is the
// same in every year's row; and who has only applied has the limit and the headroom of what they applied for.
func TestExample23TotalsAreTheSumsOfTheirAccounts(t *testing.T) {
	a := projtest.NewAuthor(1, 60)
	give := func(c domain.Command) {
		t.Helper()
		if r := a.Do(c); r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
	}
	amend := func(clause domain.ClauseID, yuan int64) {
		t.Helper()
		give(&domain.AmendClause{Head: a.Head("root", domain.Admin, ""), Clause: clause, EffectiveOn: a.Today(),
			Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(yuan)), Given: true}, Document: "修订"})
	}
	in := func(year domain.SupportYear, yuan int64) domain.Instalment {
		return domain.Instalment{SupportYear: year, Amount: domain.Yuan(yuan)}
	}
	amend("2", 100_000_000) // of a project, each year
	give(&domain.BookPayout{Head: a.Head("qian", domain.Treasurer, "finance"), Payout: "HA1", Enterprise: "E-1", Clause: "2", Project: "HA", SupportYear: 2025, Amount: domain.Yuan(130_000_000)})
	a.Granted("E-1", "2", "HB", in(2025, 50_000_000))
	amend("6", 5_000_000) // of an enterprise, in total
	give(&domain.GrantException{Head: a.Head("zhou", domain.Authority, "government"), Exception: "X", Clause: "6", Subject: "E-2", Amount: domain.Yuan(3_000_000), Document: "批复"})
	a.Granted("E-2", "6", "", in(2025, 2_000_000), in(2026, 6_000_000))
	give(&domain.SubmitApplication{Head: a.Head("chen", domain.Clerk, ""), Application: "only", Enterprise: "E-3", Clause: "2", Project: "HC", Title: "申请",
		Requested: []domain.Instalment{in(2025, 1_000_000)}})

	url := migrated(t)
	project(t, url, a.Records())
	type row struct {
		enterprise                 domain.EnterpriseID
		year                       domain.SupportYear
		limit, use, headroom, over domain.Money
		status                     projections.Status
	}
	yuan := domain.Yuan
	want := []row{
		{"E-1", 2025, yuan(200_000_000), yuan(180_000_000), yuan(50_000_000), yuan(30_000_000), projections.Over},
		{"E-2", 2025, yuan(0), yuan(2_000_000), yuan(0), yuan(0), projections.OverByException}, // the other year uses 6,000,000 of 5,000,000,
		{"E-2", 2026, yuan(3_000_000), yuan(6_000_000), yuan(0), yuan(0), projections.OverByException},
		{"E-3", 2025, yuan(100_000_000), yuan(0), yuan(100_000_000), yuan(0), projections.OK},
	}
	q := ask(t, url, a.Now())
	for _, asked := range []projections.Ask{{}, {AsOf: projections.AsOf{Seq: uint64(len(a.Records()))}}, {On: a.Today()}} {
		got := every(t, q, projections.Totals, asked)
		if len(got) != len(want) {
			t.Fatalf("%d rows, want %d: %+v", len(got), len(want), got)
		}
		for i, w := range want {
			r := got[i]
			if r.Enterprise != w.enterprise || r.SupportYear != w.year || r.AnnualLimit.Amount != w.limit || r.Use != w.use || !r.Headroom.Stated || r.Headroom.Amount != w.headroom || r.OverBy != w.over || r.Status != w.status {
				t.Errorf("%+v, want %+v", r, w)
			}
		}
	}
}
