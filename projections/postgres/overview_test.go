package postgres_test

import (
	order "cmp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

func overview(t testing.TB, q *postgres.Queries, ask projections.OverviewQuery) projections.Overview {
	t.Helper()
	o, err := q.Overview(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// counted is an overview put together from the lists, row by row.
func counted(t testing.TB, q *postgres.Queries, ask projections.OverviewQuery) projections.Overview {
	t.Helper()
	o := projections.Overview{BudgetYear: ask.BudgetYear, SupportYear: ask.SupportYear}
	for _, r := range every(t, q, projections.Totals, projections.Ask{AsOf: ask.AsOf, On: ask.On}) {
		s := &o.Sum
		switch {
		case ask.SupportYear != 0 && r.SupportYear == ask.SupportYear-1:
			s = &o.Before
		case ask.SupportYear != 0 && r.SupportYear != ask.SupportYear:
			continue
		}
		s.Applications += r.Applications
		s.Requested, s.Approved, s.Paid, s.Returned = s.Requested.Add(r.Requested), s.Approved.Add(r.Approved), s.Paid.Add(r.Paid), s.Returned.Add(r.Returned)
		s.ClawbackOrdered, s.ClawbackWaived = s.ClawbackOrdered.Add(r.ClawbackOrdered), s.ClawbackWaived.Add(r.ClawbackWaived)
		s.RecoveredError, s.RecoveredBreach = s.RecoveredError.Add(r.RecoveredError), s.RecoveredBreach.Add(r.RecoveredBreach)
	}
	for _, r := range every(t, q, projections.Payouts, projections.Ask{AsOf: ask.AsOf, On: ask.On}) {
		months := &o.Months
		switch r.PaidOn.Year() {
		case ask.BudgetYear:
		case ask.BudgetYear - 1:
			months = &o.MonthsBefore
		default:
			continue
		}
		m := &months[r.PaidOn.Time(time.UTC).Month()-1]
		m.Payouts, m.Paid, m.Returned = m.Payouts+1, m.Paid.Add(r.Amount), m.Returned.Add(r.Returned)
		if months == &o.MonthsBefore {
			continue
		}
		o.Paid, o.Returned = o.Paid.Add(r.Amount), o.Returned.Add(r.Returned)
	}
	for i := range o.Months {
		o.Months[i].Month, o.MonthsBefore[i].Month = i+1, i+1
	}
	for _, r := range every(t, q, projections.Clawbacks, projections.Ask{Where: []projections.Condition{projections.ByOutstanding.Is("open")}, AsOf: ask.AsOf, On: ask.On}) {
		if r.OverdueAmount.Positive() || r.DueOn.IsZero() && r.AgeDays > int64(ask.OverdueDays) {
			o.Overdue.Count, o.Overdue.Sum = o.Overdue.Count+1, o.Overdue.Sum.Add(r.Outstanding)
		}
	}
	for _, r := range every(t, q, projections.Exceptions, projections.Ask{Where: []projections.Condition{projections.ByInForce.Is("open")}, AsOf: ask.AsOf, On: ask.On}) {
		o.Exceptions.Count, o.Exceptions.Sum = o.Exceptions.Count+1, o.Exceptions.Sum.Add(r.InForce)
	}
	o.Budgets = every(t, q, projections.Appropriations, projections.Ask{Where: []projections.Condition{projections.ByBudgetYear.Is(domain.SupportYear(ask.BudgetYear))}, AsOf: ask.AsOf, On: ask.On})
	return o
}

// unit is what one cap is counted for.
type unit struct {
	account domain.Account
	year    domain.SupportYear
}

// statuses are the accounts' statuses, each account of a cap in total once.
func statuses(t testing.TB, q *postgres.Queries, ask projections.OverviewQuery) map[domain.ClauseID]map[projections.Status]int64 {
	t.Helper()
	inTotal := map[domain.ClauseID]bool{}
	for _, c := range projtest.Policy().Clauses {
		inTotal[c.ID] = c.Cap.Period == domain.InTotal
	}
	seen, all := map[unit]bool{}, map[domain.ClauseID]map[projections.Status]int64{}
	for _, r := range every(t, q, projections.Accounts, projections.Ask{Where: []projections.Condition{projections.ByYear.Is(ask.SupportYear)}, AsOf: ask.AsOf, On: ask.On}) {
		u := unit{domain.Account{Clause: r.Clause, Subject: domain.Subject{Kind: r.SubjectKind, ID: r.Subject}}, r.SupportYear}
		if inTotal[r.Clause] {
			u.year = 0
		}
		if seen[u] {
			continue
		}
		seen[u] = true
		if all[r.Clause] == nil {
			all[r.Clause] = map[projections.Status]int64{}
		}
		all[r.Clause][r.Status]++
	}
	return all
}

func TestAnOverviewIsWhatTheListsAddUpTo(t *testing.T) {
	records := projtest.History(41, 2600)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	late := projections.AsOf{Seq: uint64(len(records)) * 2 / 3}
	for _, ask := range []projections.OverviewQuery{{BudgetYear: 2025}, {BudgetYear: 2026, SupportYear: 2026, OverdueDays: 10}, {BudgetYear: 2025, SupportYear: 2025, AsOf: late, OverdueDays: 30},
		{BudgetYear: 2026, On: domain.DateOf(2026, 3, 31), OverdueDays: 200}} {
		if ask.OverdueDays == 0 {
			ask.OverdueDays = projections.OverdueDays
		}
		got, want := overview(t, q, ask), counted(t, q, ask)
		checkOverview(t, got, statuses(t, q, ask))
		got.Seq, got.Day, got.Clauses, got.ByClause, got.ByDepartment = 0, domain.Date{}, nil, domain.Ceiling{}, domain.Ceiling{}
		got.Near, got.Over, got.OverByAmendment, got.OverByException = want.Near, want.Over, want.OverByAmendment, want.OverByException
		got.Overdue.Rows, got.Exceptions.Rows, got.Sum.Outside, got.Sum.Interest = nil, nil, domain.NoMoney, domain.NoMoney
		got.Before.Outside, got.Before.Interest = domain.NoMoney, domain.NoMoney
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Errorf("%+v (-lists +overview):\n%s", ask, diff)
		}
		if got.Paid.IsZero() || got.Exceptions.Count == 0 || len(got.Budgets) == 0 {
			t.Errorf("%+v: the history has nothing to compare: %+v", ask, got)
		}
	}
}

// checkOverview compares an overview's clauses with the accounts, and what needs attention with its clauses.
func checkOverview(t *testing.T, o projections.Overview, want map[domain.ClauseID]map[projections.Status]int64) {
	t.Helper()
	var near, over, byException int64
	for _, c := range o.Clauses {
		s := want[c.Clause]
		if c.Near != s[projections.Near] || c.Full != s[projections.Full] || c.Over != s[projections.Over] || c.OverByException != s[projections.OverByException] ||
			c.Accounts != s[projections.Near]+s[projections.Full]+s[projections.Over]+s[projections.OverByException]+s[projections.OK] {
			t.Errorf("clause %s: %+v, its accounts are %v", c.Clause, c, s)
		}
		near, over, byException = near+c.Near+c.Full, over+c.Over, byException+c.OverByException
	}
	if o.Near.Count != near || o.Over.Count != over || o.OverByException.Count != byException || o.OverByAmendment.Count > over {
		t.Errorf("near %d, over %d, by exception %d, by amendment %d; the clauses say %d, %d, %d", o.Near.Count, o.Over.Count, o.OverByException.Count,
			o.OverByAmendment.Count, near, over, byException)
	}
	for name, a := range map[string]projections.Attention[projections.AccountUse]{"near": o.Near, "over": o.Over, "by exception": o.OverByException, "by amendment": o.OverByAmendment} {
		if int64(len(a.Rows)) != min(a.Count, projections.AttentionRows) {
			t.Errorf("%s: %d rows of %d", name, len(a.Rows), a.Count)
		}
		for i, r := range a.Rows {
			if i > 0 && a.Rows[i-1].OverBy.Less(r.OverBy) {
				t.Errorf("%s: the worst is not first: %+v", name, a.Rows)
			}
		}
	}
	for i, r := range o.Overdue.Rows {
		if i > 0 && r.OrderedOn.Before(o.Overdue.Rows[i-1].OrderedOn) {
			t.Error("the oldest clawback is not first")
		}
	}
}

// Seed 41 has accounts that a retroactive amendment put over, and booked payouts that no version of the clause allows.
func TestWhatAnAmendmentPutOverIsToldFromWhatWasBooked(t *testing.T) {
	records := projtest.History(41, 2600)
	url := migrated(t)
	project(t, url, records)
	o := overview(t, ask(t, url, records[len(records)-1].Time.Add(time.Hour)), projections.OverviewQuery{})
	counts := recountUpTo(t, records, uint64(len(records)), domain.Date{}, o.Day)
	for _, r := range o.Over.Rows {
		byAmendment := false
		for _, v := range counts.versions[r.Clause] {
			byAmendment = byAmendment || !v.EffectiveOn.After(o.Day) && (!v.Cap.Stated || !r.Use.More(v.Cap.Amount.Add(r.Exceptions)))
		}
		listed := false
		for _, a := range o.OverByAmendment.Rows {
			listed = listed || a.Clause == r.Clause && a.SubjectKind == r.SubjectKind && a.Subject == r.Subject && a.SupportYear == r.SupportYear
		}
		if listed != byAmendment {
			t.Errorf("%+v: over by amendment: %v, listed: %v", r, byAmendment, listed)
		}
	}
	if o.OverByAmendment.Count == 0 {
		t.Error("the history has no account that an amendment put over")
	}
}

func TestAnOverviewAsOfAPositionIsThatOfThatPosition(t *testing.T) {
	records := projtest.History(42, 2000)
	url, kept := migrated(t), migrated(t)
	project(t, url, records)
	now := ask(t, url, records[len(records)-1].Time.Add(48*time.Hour))
	for _, at := range []int{1, 700, 1500} {
		project(t, kept, records[:at])
		then := ask(t, kept, records[at-1].Time)
		want := overview(t, then, projections.OverviewQuery{OverdueDays: 20})
		got := overview(t, now, projections.OverviewQuery{OverdueDays: 20, AsOf: projections.AsOf{Seq: uint64(at)}})
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Errorf("as of %d (-then +now):\n%s", at, diff)
		}
	}
}

func TestTheAccountsNearestToTheirCapsAreThoseWithTheLeastLeft(t *testing.T) {
	records := projtest.History(41, 2600)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	inTotal := map[domain.ClauseID]bool{}
	for _, c := range projtest.Policy().Clauses {
		inTotal[c.ID] = c.Cap.Period == domain.InTotal
	}
	for _, at := range []projections.AsOf{{}, {Seq: uint64(len(records)) / 2}} {
		use := map[unit]domain.Money{}
		judged := func(r projections.AccountRow) unit {
			u := unit{domain.Account{Clause: r.Clause, Subject: domain.Subject{Kind: r.SubjectKind, ID: r.Subject}}, r.SupportYear}
			if inTotal[r.Clause] {
				u.year = 0
			}
			return u
		}
		for _, r := range every(t, q, projections.Accounts, projections.Ask{AsOf: at}) {
			use[judged(r)] = use[judged(r)].Add(r.Use)
		}
		for _, ask := range []projections.Ask{{Limit: 7}, {Limit: 500, Where: []projections.Condition{projections.ByYear.Is(2025)}},
			{Limit: 5, Where: []projections.Condition{projections.ByClause.Is("3")}},
			{Limit: 500, Where: []projections.Condition{projections.ByClause.Is("1"), projections.ByYear.Is(2026)}}} {
			want := every(t, q, projections.Accounts, projections.Ask{Where: ask.Where, AsOf: at})
			left := func(r projections.AccountRow) (stated int, least, most domain.Money) {
				if !r.Cap.Stated {
					return 1, domain.NoMoney, use[judged(r)].Neg()
				}
				return 0, r.Cap.Amount.Add(r.Exceptions).Sub(use[judged(r)]), use[judged(r)].Neg()
			}
			slices.SortStableFunc(want, func(x, y projections.AccountRow) int {
				a, b, c := left(x)
				d, e, f := left(y)
				return order.Or(order.Compare(a, d), b.Decimal().Cmp(e.Decimal()), c.Decimal().Cmp(f.Decimal()))
			})
			ask.AsOf = at
			got, err := q.Nearest(t.Context(), ask)
			if err != nil {
				t.Fatal(err)
			}
			if got.All != len(want) || got.All == 0 {
				t.Errorf("%+v: of %d, want %d", ask, got.All, len(want))
			}
			if diff := cmp.Diff(want[:min(ask.Limit, len(want))], got.Rows, exact); diff != "" {
				t.Errorf("%+v (-lists +nearest):\n%s", ask, diff)
			}
		}
	}
}
