package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// pastLists is every list that answers the past, but for those that have not got the condition's filter. What is kept of one thing alone, as what
// is new for a person, is asked of one that the history has.
func pastLists(t testing.TB, q *postgres.Queries, condition projections.Condition, at projections.AsOf, of map[string]projections.Condition) map[string][]any {
	t.Helper()
	found := map[string][]any{}
	for _, l := range projections.Lists() {
		ask := projections.Ask{AsOf: at, Limit: 7}
		if condition.Name != "" {
			ask.Where = []projections.Condition{condition}
		}
		if one, ok := of[l.Name]; ok {
			ask.Where = append(ask.Where, one)
		}
		if _, err := l.Values(ask); err != nil || !l.Past || l.Kept != projections.InTables {
			continue
		}
		rows := []any{}
		for row, err := range l.Every(t.Context(), q, ask) {
			if err != nil {
				t.Fatalf("%s: %v", l.Name, err)
			}
			rows = append(rows, row)
		}
		found[l.Name] = rows
	}
	return found
}

func TestListsAsOfAPositionAreThoseThatTheTablesHeldThen(t *testing.T) {
	records := projtest.YearsHistory(31, 2400)
	whole := migrated(t)
	project(t, whole, records)
	now := ask(t, whole, records[len(records)-1].Time.Add(time.Hour))
	projects := every(t, now, projections.Journal, projections.Ask{Where: []projections.Condition{projections.BySubjectKind.Is(domain.SubjectProject)}})
	of := map[string]projections.Condition{projections.News.Name: projections.ByActor.Is("chen"), projections.ExceptionHistory.Name: projections.ByException.Is(every(t, now, projections.Exceptions, projections.Ask{Limit: 1})[0].Exception), projections.ProjectHistory.Name: projections.ByProject.Is(projects[slices.IndexFunc(projects, func(r projections.JournalRow) bool { return r.Application != "" })].Subject)}
	kept := migrated(t)
	for _, at := range []int{400, 1200, 1900, len(records)} {
		project(t, kept, records[:at])
		then := ask(t, kept, records[at-1].Time)
		for _, c := range []projections.Condition{{}, {Name: "state", Value: "open"}, {Name: "state", Value: "standing"}, {Name: "clause", Value: "2"}} {
			want := pastLists(t, then, c, projections.AsOf{}, of)
			if diff := cmp.Diff(want, pastLists(t, now, c, projections.AsOf{Seq: uint64(at)}, of), exact); diff != "" {
				t.Fatalf("as of %d %+v (-held then +answered now):\n%s", at, c, diff)
			}
			for name, rows := range want {
				if len(rows) == 0 && at == len(records) && c.Name == "" {
					t.Errorf("the history has no %s: nothing was compared", name)
				}
			}
		}
	}
}

// By a business date, each list's figures are what the journal's postings up to that day add up to.
func TestDetailsUpToADayAreSumsOfTheJournalUpToIt(t *testing.T) {
	records := projtest.History(33, 2400)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	for _, on := range []domain.Date{domain.DateOf(2025, 3, 31), domain.DateOf(2025, 12, 31), domain.DateOf(2026, 6, 30)} {
		posted := map[string]domain.Money{}
		for _, r := range every(t, q, projections.Journal, projections.Ask{On: on}) {
			if r.BusinessDate.After(on) {
				t.Fatalf("a posting of %s is listed up to %s", r.BusinessDate, on)
			}
			posted[r.Kind] = posted[r.Kind].Add(r.Amount)
		}
		var paid, returned, ordered, waived, recovered, interest, inForce domain.Money
		for _, r := range every(t, q, projections.Payouts, projections.Ask{On: on}) {
			paid, returned = paid.Add(r.Amount), returned.Add(r.Returned)
		}
		for _, r := range every(t, q, projections.Clawbacks, projections.Ask{On: on}) {
			ordered, waived = ordered.Add(r.Ordered), waived.Add(r.Waived)
			if r.Outstanding != r.Ordered.Sub(r.Waived).Sub(r.Recovered) {
				t.Errorf("outstanding is not what is left: %+v", r)
			}
		}
		for _, r := range every(t, q, projections.Recoveries, projections.Ask{Where: []projections.Condition{projections.ByReversal.Is("standing")}, On: on}) {
			recovered, interest = recovered.Add(r.Amount), interest.Add(r.Interest)
		}
		for _, r := range every(t, q, projections.Exceptions, projections.Ask{On: on}) {
			inForce = inForce.Add(r.InForce)
		}
		want := []domain.Money{posted["paid"], posted["returned"], posted["clawback_ordered"], posted["clawback_waived"],
			posted["recovered_error"].Add(posted["recovered_breach"]).Add(posted["received_beyond"]), posted["interest"], posted["exception"]}
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
	past := projections.Ask{AsOf: projections.AsOf{Seq: 1}}
	_, enterprises := projections.Enterprises.Page(t.Context(), q, past)
	_, applications := projections.Applications.Page(t.Context(), q, projections.Ask{On: domain.DateOf(2025, 2, 1)})
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
	sum := func(f projections.Ask) (total domain.Money) {
		for _, r := range every(t, q, projections.Journal, f) {
			if r.Kind == "returned" || r.Kind == "recovered_error" {
				r.Amount = r.Amount.Neg()
			}
			total = total.Add(r.Amount)
		}
		return total
	}
	for _, r := range every(t, q, projections.Totals, projections.Where(projections.ByYear.Is(2026))) {
		line := projections.Where(projections.ByEnterprise.Is(r.Enterprise), projections.ByClause.Is(r.Clause), projections.BySupportYear.Is(r.SupportYear), projections.ByKind.Is([]string{"approved", "outside", "recovered_error"}))
		if got := sum(line); got != r.Use {
			t.Errorf("use of %s in %s is %s, its postings make %s", r.Enterprise, r.Clause, r.Use, got)
		}
	}
	for _, r := range every(t, q, projections.Accounts, projections.Where(projections.ByYear.Is(2025))) {
		line := projections.Where(projections.ByClause.Is(r.Clause), projections.BySubjectKind.Is(r.SubjectKind), projections.BySubject.Is(r.Subject), projections.BySupportYear.Is(r.SupportYear), projections.ByKind.Is([]string{"paid"}))
		if got := sum(line); got != r.Paid {
			t.Errorf("paid on %s of %s is %s, its postings make %s", r.Clause, r.Subject, r.Paid, got)
		}
	}
	budgets := every(t, q, projections.Appropriations, projections.Ask{})
	for _, r := range budgets {
		line := projections.Where(projections.ByBudgetYear.Is(domain.SupportYear(r.BudgetYear)))
		if key := r.Key(); key.Clause != "" {
			line.Where = append(line.Where, projections.ByBudgetClause.Is(key.Clause))
		}
		if key := r.Key(); key.Department != "" {
			line.Where = append(line.Where, projections.ByBudgetDepartment.Is(key.Department))
		}
		if got := sum(line); got != r.Paid {
			t.Errorf("paid of the budget %d of %s %s is %s, its postings make %s", r.BudgetYear, r.ScopeKind, r.Scope, r.Paid, got)
		}
		if r.Appropriation.Stated && r.Remaining.Amount != r.Appropriation.Amount.Sub(r.Paid) {
			t.Errorf("what is left of %+v", r)
		}
	}
	for _, r := range every(t, q, projections.Exceptions, projections.Ask{}) {
		if got := sum(projections.Where(projections.ByReference.Is(string(r.Exception)), projections.BySupportYear.Is(r.SupportYear))); got != r.InForce {
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
	claw := every(t, q, projections.Clawbacks, projections.Ask{})[0]
	if got := every(t, q, projections.Clawbacks, projections.Where(projections.ByClawback.Is(claw.Clawback))); len(got) != 1 || got[0].Clawback != claw.Clawback {
		t.Errorf("clawback %s: %+v", claw.Clawback, got)
	}
	if got := every(t, q, projections.Payouts, projections.Where(projections.ByPayout.Is(claw.Payout))); len(got) != 1 || got[0].Payout != claw.Payout {
		t.Errorf("payout %s: %+v", claw.Payout, got)
	}
	recovery := every(t, q, projections.Recoveries, projections.Ask{})[0]
	if got := every(t, q, projections.Recoveries, projections.Where(projections.ByRecovery.Is(recovery.Recovery))); len(got) != 1 || got[0].Recovery != recovery.Recovery {
		t.Errorf("recovery %s: %+v", recovery.Recovery, got)
	}
	for _, r := range every(t, q, projections.Recoveries, projections.Where(projections.ByPayout.Is(recovery.Payout))) {
		if r.Payout != recovery.Payout {
			t.Errorf("recoveries of payout %s: %+v", recovery.Payout, r)
		}
	}
	if got := every(t, q, projections.Payouts, projections.Where(projections.ByPayout.Is("none"))); len(got) != 0 {
		t.Errorf("a payout that there is not: %+v", got)
	}
}
