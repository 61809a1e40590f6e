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

// The list of notices tells of policies' ends what webhooks are told, on every day about them, of the present and of any past, each by the event that the end
// rests on; asked by anything that an end has not, it tells of none.
func TestNoticesOfPoliciesEndsAreThoseThatAreTold(t *testing.T) {
	t.Parallel()
	a := followed(t, projtest.NewAuthor(12, 900))
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Now())
	ends := projections.Where(projections.ByNotice.Is([]string{string(projections.PolicyExpiring), string(projections.PolicyEnded)}))
	told := map[projections.NoticeKind]int{}
	held := func(day domain.Date, rows []projections.NoticeRow) {
		t.Helper()
		want := projections.ExpiryNotices(a.State(), day)
		if len(rows) != len(want) {
			t.Errorf("on %s it tells of %+v, webhooks of %+v", day, rows, want)
			return
		}
		for _, n := range want {
			told[n.Notice]++
			if !slices.ContainsFunc(rows, func(r projections.NoticeRow) bool {
				return r.Notice == n.Notice && r.Policy == n.Policy && r.LastDay == n.LastDay && r.Seq > 0 && r.Place == 0 && !r.RecordedAt.IsZero()
			}) {
				t.Errorf("on %s it tells of %+v, webhooks of %+v", day, rows, n)
			}
		}
	}
	held(a.Today(), every(t, q, projections.Notices, ends))
	for _, e := range a.State().Expiries(a.Today()) {
		for days := -32; days <= 32; days++ {
			day := domain.DateIn(e.Lasts.Time(domain.Shanghai).AddDate(0, 0, days), domain.Shanghai)
			if day.Before(a.Today()) {
				continue // the rules' state is of the present
			}
			past := ends
			past.On = day
			held(day, every(t, q, projections.Notices, past))
			then := ask(t, url, day.Time(domain.Shanghai))
			held(day, every(t, then, projections.Notices, ends))
			if days == 0 {
				narrowedEnds(t, then)
			}
			then.Close() // some hundred days, each with connections of its own
		}
	}
	if told[projections.PolicyExpiring] < 10 || told[projections.PolicyEnded] < 10 {
		t.Errorf("%v are told: it proves nothing", told)
	}
}

// narrowedEnds asks for the ends of a day by every filter, sorted and page by page.
func narrowedEnds(t *testing.T, q *postgres.Queries) {
	t.Helper()
	all := every(t, q, projections.Notices, projections.Ask{})
	at := slices.IndexFunc(all, func(r projections.NoticeRow) bool { return r.Policy != "" })
	if at < 0 {
		return
	}
	end := all[at]
	recorded := domain.DateIn(end.RecordedAt, domain.Shanghai).String()
	for name, one := range map[string]struct {
		ask   projections.Ask
		tells bool
	}{
		"its position":   {projections.Where(projections.BySeq.Is(end.Seq)), true},
		"its day":        {projections.Where(projections.Since.Is(recorded), projections.Until.Is(recorded)), true},
		"a later day":    {projections.Where(projections.Since.Is("2099-01-01")), false},
		"an earlier":     {projections.Where(projections.Until.Is("1999-01-01")), false},
		"a clause":       {projections.Where(projections.ByNoticeClause.Is("1")), false},
		"an enterprise":  {projections.Where(projections.ByEnterprise.Is("E-1")), false},
		"a year":         {projections.Where(projections.ByNoticeYear.Is(2026)), false},
		"what is caused": {projections.Where(projections.ByNotice.Is(projections.Caused)), false},
		"its kind":       {projections.Where(projections.ByNotice.Is([]string{string(end.Notice)})), true},
		"sorted":         {projections.Ask{Sort: "-last_day"}, true},
		"page by page":   {projections.Ask{Limit: 1}, true},
	} {
		rows := every(t, q, projections.Notices, one.ask)
		if tells := slices.Contains(rows, end); tells != one.tells {
			t.Errorf("by %s the end is told of: %t", name, tells)
		}
		if one.ask.Where == nil && len(rows) != len(all) {
			t.Errorf("%s there are %d of %d", name, len(rows), len(all))
		}
	}
}
