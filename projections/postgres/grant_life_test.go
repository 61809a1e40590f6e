package postgres_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// Whatever the batches are, the tables are those of the log, cell by cell; and the history has all of it.
func TestTheLifeOfGrantsIsInEveryTable(t *testing.T) {
	records := projtest.LifeHistory(7, 700)
	happened := map[string]int{}
	for _, r := range records {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		happened[e.Event.Name()]++
	}
	for _, name := range []string{"application_amended", "application_moved", "application_voided", "approval_supplemented"} {
		if happened[name] < 3 {
			t.Errorf("there are %d of %s: %v", happened[name], name, slices.Sorted(maps.Keys(happened)))
		}
	}
	url := migrated(t)
	project(t, url, records, func(c *postgres.Config) { c.MaxBatch = 13 })
	list, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(records), Log: testLog})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Changed+d.Added+d.Missing+d.Shape > 0 {
			t.Errorf("%+v", d)
		}
	}
	// The list of applications has what the rules know.
	state := projtest.StateAt(records, uint64(len(records)))
	for _, row := range every(t, ask(t, url, records[len(records)-1].Time), projections.Applications, projections.Ask{}) {
		v, _ := state.Application(row.Application)
		asked, approved := domain.NoMoney, domain.NoMoney
		for _, i := range v.Requested {
			asked = asked.Add(i.Amount)
		}
		for _, i := range v.Instalments {
			approved = approved.Add(i.Amount)
		}
		if row.State != v.State || row.Enterprise != v.Charge.Enterprise || row.Requested != asked || row.Approved != approved || row.Replaces != v.Replaces {
			t.Errorf("%+v, and the rules know %+v", row, v)
		}
	}
}

// Examples 39a and 39b as a register would tell them.
func TestExamples39aAnd39bTotalsAreThoseOfARegister(t *testing.T) {
	a := projtest.NewAuthor(3, 60)
	give := func(c domain.Command) {
		t.Helper()
		if r := a.Do(c); r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
	}
	in := func(yuan int64) []domain.Instalment {
		return []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(yuan)}}
	}
	clerk, approver := func() domain.Head { return a.Head("chen", domain.Clerk, "") }, func() domain.Head { return a.Head("wang", domain.Approver, "commerce") }
	review := func(id domain.ApplicationID) *domain.RecordReview {
		return &domain.RecordReview{Head: a.Head("rao", domain.Reviewer, "commerce"), Application: id, Opinion: domain.Support}
	}
	submit := func(id, replaces domain.ApplicationID) *domain.SubmitApplication {
		return &domain.SubmitApplication{Head: clerk(), Application: id, Enterprise: "E-1", Clause: "1", Title: "申请", Requested: in(1000), Replaces: replaces}
	}
	give(submit("39a", ""))
	give(&domain.AcceptApplication{Head: a.Head("ai", domain.Clerk, ""), Application: "39a"})
	give(review("39a"))
	give(&domain.ApproveApplication{Head: approver(), Application: "39a", Instalments: in(800)})
	give(&domain.AmendApplication{Head: approver(), Application: "39a", Requested: in(1300), Reason: "扩容", Document: "文"})
	give(review("39a"))
	give(&domain.SupplementApproval{Head: approver(), Application: "39a", Instalments: in(400), Reason: "扩容"})
	give(submit("39b", ""))
	give(&domain.VoidApplication{Head: approver(), Application: "39b", Reason: "重复", Document: "文"})
	give(submit("39b", "39b"))

	url := migrated(t)
	project(t, url, a.Records(), func(c *postgres.Config) { c.MaxBatch = 1 })
	q := ask(t, url, a.Now())
	totals := every(t, q, projections.Totals, projections.Ask{})
	if len(totals) != 1 || totals[0].Applications != 2 || totals[0].Requested != domain.Yuan(2300) || totals[0].Approved != domain.Yuan(1200) {
		t.Errorf("%+v", totals)
	}
	rows := every(t, q, projections.Applications, projections.Ask{})
	if len(rows) != 2 || rows[1].State != domain.Submitted || rows[1].Replaces != "39b" || rows[1].Requested != domain.Yuan(1000) {
		t.Errorf("%+v", rows)
	}
}
