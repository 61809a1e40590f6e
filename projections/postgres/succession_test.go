package postgres_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// followed is a history that goes on to be of a fund with three policies, each of which carries the one before, and amendments of them.
func followed(t testing.TB, a *projtest.Author) *projtest.Author {
	t.Helper()
	acts := func(n int) {
		for until := len(a.Records()) + n; len(a.Records()) < until; {
			a.Act()
		}
	}
	give := func(c domain.Command) {
		t.Helper()
		if r := a.Do(c); r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
	}
	approved := 0
	acts(250)
	for i, next := range []struct {
		id     domain.PolicyID
		prefix domain.ClausePrefix
	}{{"second", "n"}, {"third", "m"}} {
		if r := a.Follow(next.id, next.prefix); r != nil {
			t.Fatal(r)
		}
		acts(20)
		approved += a.Carry()
		acts(60)
		eight := projtest.Policy().Clauses[i]
		eight.ID = domain.ClauseID(next.prefix) + "8"
		give(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), Policy: next.id, EffectiveOn: a.Today(), Document: "修订", AddClause: &eight,
			TermTo: domain.DateOf(2029, 6, 30)})
		give(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "修订", Clause: "1",
			Departments: [][]domain.DepartmentID{{"science"}, {"commerce", "science"}}[i]})
		give(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), Policy: next.id, EffectiveOn: a.Today(), Document: "修订",
			Workflow: &domain.Workflow{Acceptance: true, Reviews: i}})
		approved += a.Carry()
	}
	acts(100)
	if approved < 10 {
		t.Fatalf("only %d approvals carry a use", approved)
	}
	return a
}

func TestTheTablesOfAFundOfSeveralPolicies(t *testing.T) {
	t.Parallel()
	a := followed(t, projtest.NewAuthor(11, 900))
	url := migrated(t)
	project(t, url, a.Records(), batches(7))
	differences, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(a.Records()), Log: testLog})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if d.Differs() {
			t.Errorf("in batches of seven, %s differs: %+v", d.Table, d.Cells)
		}
	}
	q := ask(t, url, a.Now())
	carried, over := 0, 0
	for _, row := range every(t, q, projections.Accounts, projections.Ask{}) {
		stands, known := a.State().Account(domain.Account{Clause: row.Clause, Subject: domain.Subject{Kind: row.SubjectKind, ID: row.Subject}}, row.SupportYear, a.Today())
		if !known {
			t.Errorf("%+v is no account", row)
			continue
		}
		if row.CarriedUse != stands.Carried || row.Headroom != stands.Headroom() || row.OverBy != stands.OverBy() || row.Exceptions != stands.Exceptions || row.Cap != stands.Cap {
			t.Errorf("the row is %+v, the rules say %+v with headroom %s, over by %s", row, stands, stands.Headroom(), stands.OverBy())
		}
		if row.CarriedUse.Positive() {
			carried++
		}
		if row.OverBy.Positive() {
			over++
		}
	}
	if carried < 10 {
		t.Errorf("%d rows carry a use, %d are over", carried, over)
	}
	var ids []domain.PolicyID
	for _, row := range projections.ClauseRows(a.State(), "", "en") {
		if !slices.Contains(ids, row.Policy) {
			ids = append(ids, row.Policy)
		}
	}
	if want := []domain.PolicyID{"projtest", "second", "third"}; !slices.Equal(ids, want) {
		t.Errorf("clauses of %v", ids)
	}
}

// The lists of policies and of what expires say what the rules say of each policy, on any day.
func TestPoliciesAndWhatExpiresAreAsTheRulesHaveThem(t *testing.T) {
	t.Parallel()
	a := followed(t, projtest.NewAuthor(12, 900))
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Now())
	for _, day := range []domain.Date{a.Today(), domain.DateOf(2026, 12, 31), domain.DateOf(2027, 1, 1), domain.DateOf(2029, 7, 1)} {
		type standing struct {
			undecided, instalments int
			unpaid                 domain.Money
		}
		stands, asked := map[domain.PolicyID]standing{}, projections.Ask{On: day}
		if day == a.Today() { // of the present the tables tell it
			asked = projections.Ask{}
		}
		for _, row := range every(t, q, projections.Expiring, asked) {
			s := stands[row.Policy]
			if row.Pending == projections.Undecided {
				s.undecided++
			} else {
				s.instalments, s.unpaid = s.instalments+1, s.unpaid.Add(row.Amount)
			}
			stands[row.Policy] = s
		}
		rows := every(t, q, projections.Policies, asked)
		if len(rows) != 3 || rows[0].PolicyAfter != "second" || rows[2].PolicyBefore != "second" || rows[0].PolicyBefore != "" || rows[2].PolicyAfter != "" {
			t.Fatalf("on %s: %+v", day, rows)
		}
		for i, e := range a.State().Expiries(day) {
			row, s := rows[i], stands[e.Policy.PolicyID()]
			state := projections.InForce
			if e.DaysLeft < 0 {
				state = projections.Ended
			}
			if row.Policy != e.Policy.PolicyID() || row.TermTo != e.Ends || row.DaysLeft != int64(e.DaysLeft) || row.TermState != state || row.ClauseCount != int64(len(e.Policy.Clauses)) {
				t.Errorf("on %s the row is %+v, the rules say %+v", day, row, e)
			}
			if s.undecided != e.Undecided || s.unpaid != e.Unpaid || s.undecided+s.instalments == 0 {
				t.Errorf("on %s under %s: %+v, the rules say %d and %s", day, row.Policy, s, e.Undecided, e.Unpaid)
			}
		}
		if row := rows[1]; row.Document != "修订" || row.TermTo != domain.DateOf(2029, 6, 30) {
			t.Errorf("on %s the second one's end rests on %q: %s", day, row.Document, row.TermTo)
		}
	}
}
