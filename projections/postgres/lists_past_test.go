package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// pager is one list of a [postgres.Queries].
type pager[T any] = func(context.Context, projections.ListQuery) (projections.Page[T], error)

func every[T any](t testing.TB, list pager[T], ask projections.ListQuery) []T {
	t.Helper()
	return everyRow(t, func(l projections.ListQuery) (projections.Page[T], error) { return list(t.Context(), l) }, ask)
}

// details is every list that answers the past.
func details(t testing.TB, q *postgres.Queries, ask projections.ListQuery) map[string]any {
	t.Helper()
	return map[string]any{"payouts": every(t, q.Payouts, ask), "clawbacks": every(t, q.Clawbacks, ask), "recoveries": every(t, q.Recoveries, ask),
		"exceptions": every(t, q.Exceptions, ask), "appropriations": every(t, q.Appropriations, ask), "journal": every(t, q.Journal, ask)}
}

func TestDetailsAsOfAPositionAreThoseThatTheTablesHeldThen(t *testing.T) {
	records := projtest.History(31, 2400)
	whole := migrated(t)
	project(t, whole, records)
	now := ask(t, whole, records[len(records)-1].Time.Add(time.Hour))
	kept := migrated(t)
	for _, at := range []int{400, 1200, 1900, len(records)} {
		project(t, kept, records[:at])
		then := ask(t, kept, records[at-1].Time)
		for _, filter := range []projections.ListQuery{{}, {State: "open"}, {Clause: "2"}} {
			want := details(t, then, filter)
			filter.AsOf = projections.AsOf{Seq: uint64(at)}
			if diff := cmp.Diff(want, details(t, now, filter), exact); diff != "" {
				t.Fatalf("as of %d %+v (-held then +answered now):\n%s", at, filter, diff)
			}
		}
		if at == len(records) {
			for name, rows := range details(t, then, projections.ListQuery{}) {
				if n := lengthOf(rows); n == 0 {
					t.Errorf("the history has no %s: nothing was compared", name)
				}
			}
		}
	}
}

func lengthOf(rows any) int {
	switch r := rows.(type) {
	case []projections.PayoutRow:
		return len(r)
	case []projections.ClawbackRow:
		return len(r)
	case []projections.RecoveryRow:
		return len(r)
	case []projections.ExceptionRow:
		return len(r)
	case []projections.JournalRow:
		return len(r)
	case []projections.AppropriationRow:
		return len(r)
	}
	return 0
}

// By a business date, each list's figures are what the journal's postings up to that day add up to.
func TestDetailsUpToADayAreSumsOfTheJournalUpToIt(t *testing.T) {
	records := projtest.History(33, 2400)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	for _, on := range []domain.Date{domain.DateOf(2025, 3, 31), domain.DateOf(2025, 12, 31), domain.DateOf(2026, 6, 30)} {
		posted := map[string]domain.Money{}
		for _, r := range every(t, q.Journal, projections.ListQuery{On: on}) {
			if r.BusinessDate.After(on) {
				t.Fatalf("a posting of %s is listed up to %s", r.BusinessDate, on)
			}
			posted[r.Kind] = posted[r.Kind].Add(r.Amount)
		}
		var paid, returned, ordered, waived, recovered, interest, inForce domain.Money
		for _, r := range every(t, q.Payouts, projections.ListQuery{On: on}) {
			paid, returned = paid.Add(r.Amount), returned.Add(r.Returned)
		}
		for _, r := range every(t, q.Clawbacks, projections.ListQuery{On: on}) {
			ordered, waived = ordered.Add(r.Ordered), waived.Add(r.Waived)
			if r.Outstanding != r.Ordered.Sub(r.Waived).Sub(r.Recovered) {
				t.Errorf("outstanding is not what is left: %+v", r)
			}
		}
		for _, r := range every(t, q.Recoveries, projections.ListQuery{On: on, State: "standing"}) {
			recovered, interest = recovered.Add(r.Amount), interest.Add(r.Interest)
		}
		for _, r := range every(t, q.Exceptions, projections.ListQuery{On: on}) {
			inForce = inForce.Add(r.InForce)
		}
		want := []domain.Money{posted["paid"], posted["returned"], posted["clawback_ordered"], posted["clawback_waived"],
			posted["recovered_error"].Add(posted["recovered_breach"]), posted["interest"], posted["exception"]}
		if diff := cmp.Diff(want, []domain.Money{paid, returned, ordered, waived, recovered, interest, inForce}, exact); diff != "" {
			t.Errorf("up to %s (-journal +lists):\n%s", on, diff)
		}
	}
}

func TestAListThatIsKeptAsItIsNowSaysSo(t *testing.T) {
	url := migrated(t)
	records := projtest.History(34, 300)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time)
	past := projections.ListQuery{AsOf: projections.AsOf{Seq: 1}}
	_, enterprises := q.Enterprises(t.Context(), past)
	_, applications := q.Applications(t.Context(), projections.ListQuery{On: domain.DateOf(2025, 2, 1)})
	for name, err := range map[string]error{"enterprises": enterprises, "applications": applications} {
		if !errors.Is(err, projections.ErrPresentOnly) {
			t.Errorf("%s of the past: %v", name, err)
		}
	}
}

// Every number has a link to the journal that shows the rows it is the sum of, and no other.
func TestTheJournalFilteredAsANumberIsAddsUpToIt(t *testing.T) {
	records := projtest.History(35, 2400)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	sum := func(f projections.ListQuery) (total domain.Money) {
		for _, r := range every(t, q.Journal, f) {
			if r.Kind == "returned" || r.Kind == "recovered_error" {
				r.Amount = r.Amount.Neg()
			}
			total = total.Add(r.Amount)
		}
		return total
	}
	for _, r := range everyTotal(t, q, projections.TotalsQuery{Year: 2026}) {
		line := projections.ListQuery{Enterprise: r.Enterprise, Clause: r.Clause, SupportYear: &r.SupportYear, Kinds: []string{"approved", "outside", "recovered_error"}}
		if got := sum(line); got != r.Use {
			t.Errorf("use of %s in %s is %s, its postings make %s", r.Enterprise, r.Clause, r.Use, got)
		}
	}
	for _, r := range everyAccount(t, q, projections.AccountsQuery{Year: 2025}) {
		line := projections.ListQuery{Clause: r.Clause, SubjectKind: r.SubjectKind, Subject: r.Subject, SupportYear: &r.SupportYear, Kind: "paid"}
		if got := sum(line); got != r.Paid {
			t.Errorf("paid on %s of %s is %s, its postings make %s", r.Clause, r.Subject, r.Paid, got)
		}
	}
	budgets := every(t, q.Appropriations, projections.ListQuery{})
	for _, r := range budgets {
		line := projections.ListQuery{BudgetYear: int(r.BudgetYear), BudgetClause: domain.ClauseID(r.Scope)}
		if r.ScopeKind == "department" {
			line.BudgetClause, line.BudgetDepartment = "", domain.DepartmentID(r.Scope)
		}
		if got := sum(line); got != r.Paid {
			t.Errorf("paid of the budget %d of %s %s is %s, its postings make %s", r.BudgetYear, r.ScopeKind, r.Scope, r.Paid, got)
		}
		if r.Appropriation.Stated && r.Remaining.Amount != r.Appropriation.Amount.Sub(r.Paid) {
			t.Errorf("what is left of %+v", r)
		}
	}
	for _, r := range every(t, q.Exceptions, projections.ListQuery{}) {
		if got := sum(projections.ListQuery{Reference: string(r.Exception), SupportYear: &r.SupportYear}); got != r.InForce {
			t.Errorf("exception %s is in force with %s, its postings make %s", r.Exception, r.InForce, got)
		}
	}
	if len(budgets) == 0 {
		t.Error("the history has no budget")
	}
}

func TestOneIsFoundByItsNumber(t *testing.T) {
	records := projtest.History(36, 1500)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	claw := every(t, q.Clawbacks, projections.ListQuery{})[0]
	if got := every(t, q.Clawbacks, projections.ListQuery{Clawback: claw.Clawback}); len(got) != 1 || got[0].Clawback != claw.Clawback {
		t.Errorf("clawback %s: %+v", claw.Clawback, got)
	}
	if got := every(t, q.Payouts, projections.ListQuery{Payout: claw.Payout}); len(got) != 1 || got[0].Payout != claw.Payout {
		t.Errorf("payout %s: %+v", claw.Payout, got)
	}
	recovery := every(t, q.Recoveries, projections.ListQuery{})[0]
	if got := every(t, q.Recoveries, projections.ListQuery{Recovery: recovery.Recovery}); len(got) != 1 || got[0].Recovery != recovery.Recovery {
		t.Errorf("recovery %s: %+v", recovery.Recovery, got)
	}
	for _, r := range every(t, q.Recoveries, projections.ListQuery{Payout: recovery.Payout}) {
		if r.Payout != recovery.Payout {
			t.Errorf("recoveries of payout %s: %+v", recovery.Payout, r)
		}
	}
	if got := every(t, q.Payouts, projections.ListQuery{Payout: "none"}); len(got) != 0 {
		t.Errorf("a payout that there is not: %+v", got)
	}
}
