package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// story is a history told step by step, with the notices that each step gives.
type story struct {
	*projtest.Author
	t     *testing.T
	steps []step
}

type step struct {
	what  string
	first uint64 // event
	tells []string
}

// then says what was done since the step before, and what it must have told.
func (s *story) then(what string, tells ...string) {
	first := uint64(1)
	if n := len(s.steps); n > 0 {
		first = s.steps[n-1].first
	}
	s.steps = append(s.steps, step{what, uint64(len(s.Records())) + 1, tells})
	if uint64(len(s.Records())) < first {
		s.t.Fatalf("%s: nothing happened", what)
	}
}

func (s *story) give(c domain.Command) {
	s.t.Helper()
	if r := s.Do(c); r != nil {
		s.t.Fatalf("%s: %v", c.Name(), r)
	}
}

func (s *story) amend(clause domain.ClauseID, yuan int64, effective domain.Date, retroactive bool) {
	s.t.Helper()
	s.give(&domain.AmendClause{Head: s.Head("root", domain.Admin, ""), Clause: clause, EffectiveOn: effective, Retroactive: retroactive,
		Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(yuan)), Given: true}, Document: "修订"})
}

func (s *story) release(id domain.ApplicationID, year domain.SupportYear, yuan int64) {
	s.t.Helper()
	s.give(&domain.ReleaseApproval{Head: s.Head("wang", domain.Approver, "commerce"), Application: id, SupportYear: year, Amount: domain.Yuan(yuan), Reason: "结余"})
}

func (s *story) pay(id domain.ApplicationID, payout domain.PayoutID, yuan int64) {
	s.t.Helper()
	s.give(&domain.MakePayout{Head: s.Head("qian", domain.Treasurer, "finance"), Payout: payout, Application: id, SupportYear: 2025, Amount: domain.Yuan(yuan), Voucher: "V-" + string(payout)})
}

func in(year domain.SupportYear, yuan int64) domain.Instalment {
	return domain.Instalment{SupportYear: year, Amount: domain.Yuan(yuan)}
}

// later is a day so many days after the author's.
func later(a *projtest.Author, days int) domain.Date {
	return domain.DateIn(a.Now().AddDate(0, 0, days), domain.Shanghai)
}

// tells is a notice as a sentence.
func tells(n projections.NoticeRow) string {
	about := fmt.Sprintf("clause %s %s %s", n.Clause, n.Subject, n.SupportYear)
	if n.BudgetYear != 0 {
		about = fmt.Sprintf("%s %s %d", n.ScopeKind, n.Scope, n.BudgetYear)
	}
	return fmt.Sprintf("%s: %s from %s to %s of %s", n.Notice, strings.TrimSpace(about), n.UsedBefore, n.UsedAfter, n.Room)
}

func TestNoticesAreToldOnceOnCrossing(t *testing.T) {
	s := &story{Author: projtest.NewAuthor(1, 400), t: t}
	s.then("three enterprises are there")

	first := s.Granted("E-1", "1", "", in(2025, 8_000_000))
	s.then("8 of 10 million are approved")
	second := s.Granted("E-1", "1", "", in(2025, 1_000_000))
	s.then("9 of 10 million are 90 %", "cap_near: clause 1 E-1 2025 from 8000000.00 to 9000000.00 of 10000000.00")
	third := s.Granted("E-1", "1", "", in(2025, 500_000))
	s.then("more of the same level tells nothing")
	s.release(first, 2025, 1_000_000)
	s.then("falling tells nothing")
	s.Granted("E-1", "1", "", in(2025, 700_000))
	s.then("it fell below and rises again", "cap_near: clause 1 E-1 2025 from 8500000.00 to 9200000.00 of 10000000.00")
	s.Granted("E-1", "1", "", in(2025, 800_000))
	s.then("and is full", "cap_full: clause 1 E-1 2025 from 9200000.00 to 10000000.00 of 10000000.00")
	s.release(second, 2025, 100_000)
	s.release(third, 2025, 100_000)
	s.then("from full to near it falls")

	s.Granted("E-2", "1", "", in(2025, 10_000_000))
	s.then("one event that jumps to full tells of full alone", "cap_full: clause 1 E-2 2025 from 0.00 to 10000000.00 of 10000000.00")
	s.give(&domain.GrantException{Head: s.Head("gu", domain.Authority, "government"), Exception: "X", Clause: "1", Subject: "E-2", SupportYear: 2025,
		Amount: domain.Yuan(5_000_000), Document: "批复"})
	s.then("an exception makes room")
	s.give(&domain.RevokeException{Head: s.Head("gu", domain.Authority, "government"), Exception: "X", Amount: domain.Yuan(4_000_000), Document: "撤销"})
	s.then("and its revocation takes it", "cap_near: clause 1 E-2 2025 from 10000000.00 to 10000000.00 of 11000000.00")

	s.Granted("E-1", "6", "", in(2025, 4_000_000))
	s.then("half of a cap in total")
	s.Granted("E-1", "6", "", in(2026, 3_500_000))
	s.then("both years count", "cap_near: clause 6 E-1 total from 4000000.00 to 7500000.00 of 8000000.00")
	s.Granted("E-2", "6", "", in(2025, 4_000_000), in(2026, 4_000_000))
	s.then("one event of two years crosses once", "cap_full: clause 6 E-2 total from 0.00 to 8000000.00 of 8000000.00")

	s.Granted("E-1", "3", "P", in(2025, 3_000_000))
	s.Granted("E-2", "3", "Q", in(2025, 1_000_000))
	s.amend("3", 3_300_000, s.Today(), false)
	s.then("a cap that is lowered judges all accounts of its clause", "cap_near: clause 3 P total from 3000000.00 to 3000000.00 of 3300000.00")
	s.amend("3", 2_000_000, s.Today(), true)
	s.then("a retroactive one puts an account over, and the other is at half", "cap_over: clause 3 P total from 3000000.00 to 3000000.00 of 2000000.00")
	s.amend("3", 1_100_000, domain.DateOf(2025, 1, 1), false)
	s.then("one that does not govern leaves it so")
	s.amend("3", 1_050_000, later(s.Author, 60), false)
	s.then("one that takes effect later tells nothing")
	for s.Today().Before(domain.DateOf(2025, 6, 1)) {
		s.give(&domain.RenameEnterprise{Head: s.Head("chen", domain.Clerk, ""), Enterprise: "E-3", Title: fmt.Sprint("更名", len(s.Records()))})
	}
	s.give(&domain.BookPayout{Head: s.Head("qian", domain.Treasurer, "finance"), Payout: "B", Enterprise: "E-2", Clause: "3", Project: "Q", SupportYear: 2025, Amount: domain.Fen(1)})
	s.then("until an event touches the account", "cap_near: clause 3 Q total from 1000000.00 to 1000000.01 of 1050000.00")

	s.give(&domain.SetAppropriation{Head: s.Head("qian", domain.Treasurer, "finance"), BudgetYear: 2025, Clause: "2", Amount: domain.Yuan(1_000_000), Document: "预算"})
	s.give(&domain.SetAppropriation{Head: s.Head("qian", domain.Treasurer, "finance"), BudgetYear: 2025, Department: "commerce", Amount: domain.Yuan(1_900_000), Document: "预算"})
	paid := s.Granted("E-3", "2", "R", in(2025, 2_000_000))
	s.then("nothing is paid of a budget")
	s.pay(paid, "P1", 900_000)
	s.then("90 % is", "budget_near: clause 2 2025 from 0.00 to 900000.00 of 1000000.00")
	s.pay(paid, "P2", 100_000)
	s.then("all is", "budget_full: clause 2 2025 from 900000.00 to 1000000.00 of 1000000.00")
	s.give(&domain.SetAppropriation{Head: s.Head("qian", domain.Treasurer, "finance"), BudgetYear: 2025, Clause: "2", Amount: domain.Yuan(3_000_000), Document: "预算"})
	s.then("a larger appropriation makes room")
	s.give(&domain.SetAppropriation{Head: s.Head("qian", domain.Treasurer, "finance"), BudgetYear: 2025, Clause: "2", Amount: domain.Yuan(1_100_000), Document: "预算"})
	s.then("and a smaller one takes it", "budget_near: clause 2 2025 from 1000000.00 to 1000000.00 of 1100000.00")
	s.give(&domain.BookPayout{Head: s.Head("qian", domain.Treasurer, "finance"), Payout: "P3", Application: paid, SupportYear: 2025, Amount: domain.Yuan(950_000)})
	s.then("what is booked goes over two budgets in one event", "budget_over: clause 2 2025 from 1000000.00 to 1950000.00 of 1100000.00",
		"budget_over: department commerce 2025 from 1000000.01 to 1950000.01 of 1900000.00")

	for name, size := range map[string]int{"one by one": 1, "by sevens": 7, "all in one": 8000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := migrated(t)
			p := start(t, url, &projtest.Log{Records: s.Records(), Chunk: size}, batches(size))
			await(t, p, uint64(len(s.Records())))
			p.Stop()
			told := every(t, ask(t, url, s.Now()), projections.Notices, projections.Ask{})
			slices.Reverse(told)
			for i, one := range s.steps {
				got := []string{}
				for len(told) > 0 && told[0].Seq < one.first {
					got, told = append(got, tells(told[0])), told[1:]
				}
				if len(one.tells) == 0 && len(got) > 0 || len(one.tells) > 0 && !sameTexts(got, one.tells) {
					t.Errorf("step %d, %s: told %q, want %q", i, one.what, got, one.tells)
				}
			}
		})
	}
}

// sameTexts compares what is told by one event, the latest place first, with what was expected.
func sameTexts(got, want []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}

// ragged hands a history over in runs of random lengths.
type ragged struct {
	*projtest.Log
	random *rand.Rand
}

func (r ragged) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	return r.Log.Follow(ctx, from, func(records []eventstore.Record) error {
		for len(records) > 0 {
			n := 1 + r.random.IntN(min(len(records), 90))
			for n < len(records) && records[n].Header.Get("ce-commandindex") != "0" {
				n++
			}
			if err := fn(records[:n]); err != nil {
				return err
			}
			records = records[n:]
		}
		return nil
	})
}

// crowded is a history in which caps and appropriations are amended again and again, also for days to come, so that much is crossed.
func crowded(seed uint64, n int) []eventstore.Record {
	a := projtest.NewAuthor(seed, n)
	if seed%2 == 1 {
		a = projtest.Late(seed, n/3)
	}
	random := rand.New(rand.NewPCG(seed, 9))
	for len(a.Records()) < n {
		switch k := random.IntN(100); {
		case k < 5:
			a.Do(&domain.AmendClause{Head: a.Head("root", domain.Admin, ""), Clause: domain.ClauseID(fmt.Sprint(1 + random.IntN(6))),
				EffectiveOn: later(a, random.IntN(120)-40), Retroactive: random.IntN(2) == 0, Document: "修订",
				Cap: domain.NewCap{Ceiling: domain.Ceiling{Stated: random.IntN(10) > 0, Amount: domain.Yuan(1_000_000 + random.Int64N(6)*1_000_000)}, Given: true}})
		case k < 12:
			c := &domain.SetAppropriation{Head: a.Head("qian", domain.Treasurer, "finance"), BudgetYear: 2025 + random.IntN(2), Document: "预算",
				Amount: domain.Yuan(1 + random.Int64N(1+int64(len(a.Records()))*60_000))}
			if c.Clause = domain.ClauseID(fmt.Sprint(1 + random.IntN(7))); random.IntN(2) == 0 {
				c.Clause, c.Department = "", "commerce"
			}
			if r := a.Do(c); r != nil && r.Code == domain.CodeAppropriationBelow { // what is paid, exactly
				paid, err := domain.ParseMoney(r.Figures["use"])
				if err != nil {
					panic(err)
				}
				c.Head, c.Amount = a.Head("qian", domain.Treasurer, "finance"), paid
				a.Do(c)
			}
		default:
			a.Act()
		}
	}
	return a.Records()
}

func TestNoticesAreARecountEventByEvent(t *testing.T) {
	seen := map[projections.NoticeKind]int{}
	for seed := range uint64(2) { // one of each kind of history
		records := crowded(seed, 800)
		url, random := migrated(t), rand.New(rand.NewPCG(seed, 4))
		p := start(t, url, ragged{projtest.NewLog(records), random}, batches(1+random.IntN(150)))
		await(t, p, uint64(len(records)))
		p.Stop()
		want := noticesOf(t, records)
		q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
		if diff := gocmp.Diff(want, every(t, q, projections.Notices, projections.Ask{}), exact); diff != "" {
			t.Fatalf("seed %d (-recount +told):\n%s", seed, diff)
		}
		for _, n := range want {
			seen[n.Notice]++
		}
		narrowed(t, q, want)
	}
	t.Log(seen)
	for _, kind := range projections.Caused {
		if seen[projections.NoticeKind(kind)] < 4 {
			t.Errorf("%d of %s: it proves nothing there", seen[projections.NoticeKind(kind)], kind)
		}
	}
}

// narrowed asks by every filter, and as of a moment.
func narrowed(t *testing.T, q *postgres.Queries, all []projections.NoticeRow) {
	t.Helper()
	one := all[len(all)/2]
	day := domain.DateIn(one.RecordedAt, domain.Shanghai)
	for name, c := range map[string]struct {
		ask projections.Ask
		fit func(n projections.NoticeRow) bool
	}{
		"kind":       {projections.Where(projections.ByNotice.Is([]string{"cap_full", "budget_over"})), func(n projections.NoticeRow) bool { return n.Notice == "cap_full" || n.Notice == "budget_over" }},
		"clause":     {projections.Where(projections.ByNoticeClause.Is("1")), func(n projections.NoticeRow) bool { return n.Clause == "1" }},
		"enterprise": {projections.Where(projections.ByEnterprise.Is("E-1")), func(n projections.NoticeRow) bool { return n.Enterprise == "E-1" }},
		"year":       {projections.Where(projections.ByNoticeYear.Is(2025)), func(n projections.NoticeRow) bool { return n.SupportYear == 2025 || n.BudgetYear == 2025 }},
		"seq":        {projections.Where(projections.BySeq.Is(one.Seq)), func(n projections.NoticeRow) bool { return n.Seq == one.Seq }},
		"since":      {projections.Where(projections.Since.Is(day.String())), func(n projections.NoticeRow) bool { return !domain.DateIn(n.RecordedAt, domain.Shanghai).Before(day) }},
		"until":      {projections.Where(projections.Until.Is(day.String())), func(n projections.NoticeRow) bool { return !domain.DateIn(n.RecordedAt, domain.Shanghai).After(day) }},
		"ever":       {projections.Where(projections.Since.Is("2031-01-01")), func(projections.NoticeRow) bool { return false }},
	} {
		want := []projections.NoticeRow{}
		for _, n := range all {
			if c.fit(n) {
				want = append(want, n)
			}
		}
		if diff := gocmp.Diff(want, every(t, q, projections.Notices, c.ask), exact); diff != "" {
			t.Errorf("by %s (-recount +told):\n%s", name, diff)
		}
	}
	past := every(t, q, projections.Notices, projections.Ask{AsOf: projections.AsOf{Seq: one.Seq - 1}})
	if len(past) > 0 && past[0].Seq >= one.Seq {
		t.Errorf("as of %d it tells of %d", one.Seq-1, past[0].Seq)
	}
}

// scope is what has a room: an account or an appropriation.
type scope struct {
	kind, id string
	clause   domain.ClauseID
	year     int
}

func (s scope) isBudget() bool {
	return slices.ContainsFunc(domain.ScopeCodes, func(c domain.Code) bool { return c.Name == s.kind })
}

// ledger is the plain recount: what each scope has used, its exceptions or appropriation, and how full it was when it was last looked at.
type ledger struct {
	policy   domain.Policy
	versions map[domain.ClauseID][]domain.ClauseVersion
	names    map[domain.EnterpriseID]string
	used     map[scope]domain.Money
	room     map[scope]domain.Money
	set      map[scope]bool
	level    map[scope]int
}

// noticesOf goes through a history event by event.
func noticesOf(t *testing.T, records []eventstore.Record) []projections.NoticeRow {
	t.Helper()
	l := &ledger{versions: map[domain.ClauseID][]domain.ClauseVersion{}, names: map[domain.EnterpriseID]string{}, used: map[scope]domain.Money{},
		room: map[scope]domain.Money{}, set: map[scope]bool{}, level: map[scope]int{}}
	rows := []projections.NoticeRow{}
	for _, record := range records {
		e, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		postings, err := projections.Fold(e)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, l.take(e, postings, domain.DateIn(record.Time, domain.Shanghai))...)
	}
	slices.Reverse(rows)
	for i := range rows {
		rows[i].EnterpriseName = l.names[rows[i].Enterprise]
	}
	return rows
}

// take is the notices of an event.
func (l *ledger) take(e wire.Entry, postings []projections.Posting, day domain.Date) (rows []projections.NoticeRow) {
	before := map[scope]domain.Money{}
	touch := func(s scope) {
		if _, seen := before[s]; !seen {
			before[s] = l.used[s]
		}
	}
	switch x := e.Event.(type) {
	case *domain.PolicyPublished:
		l.policy = x.Policy
		for _, c := range x.Policy.Clauses {
			l.versions[c.ID] = []domain.ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: x.Policy.Term.From}}
		}
	case *domain.EnterpriseRegistered:
		l.names[x.Enterprise] = x.Title
	case *domain.EnterpriseRenamed:
		l.names[x.Enterprise] = x.Title
	case *domain.ClauseAmended:
		l.versions[x.Clause] = append(l.versions[x.Clause], domain.ClauseVersion{Version: x.Version, Cap: x.Cap, EffectiveOn: x.EffectiveOn, Retroactive: x.Retroactive})
		for s := range l.used {
			if s.clause == x.Clause && !s.isBudget() && !x.EffectiveOn.After(day) {
				touch(s)
			}
		}
	}
	for _, p := range postings {
		c, _ := l.policy.Clause(p.Line.Clause)
		s := scope{string(p.Line.Subject.Kind), p.Line.Subject.ID, p.Line.Clause, int(p.Line.Year)}
		if c.Cap.Period == domain.InTotal {
			s.year = 0
		}
		switch p.Kind {
		case projections.Approved, projections.Outside:
			touch(s)
			l.used[s] = l.used[s].Add(p.Amount)
		case projections.RecoveredError:
			touch(s)
			l.used[s] = l.used[s].Sub(p.Amount)
		case projections.Exception:
			touch(s)
			l.room[s] = l.room[s].Add(p.Amount)
			l.used[s] = l.used[s].Add(domain.NoMoney)
		}
	}
	l.budgets(e.Event, touch)
	for s, was := range before {
		if n, told := l.judge(s, day); told {
			n.Seq, n.RecordedAt, n.UsedBefore = e.Seq, e.Recorded.UTC(), domain.Stated(was)
			rows = append(rows, n)
		}
	}
	slices.SortFunc(rows, func(a, b projections.NoticeRow) int {
		return cmp.Or(cmp.Compare(a.ScopeKind+string(a.SubjectKind), b.ScopeKind+string(b.SubjectKind)), cmp.Compare(a.Scope+a.Subject, b.Scope+b.Subject),
			cmp.Compare(a.Clause, b.Clause), cmp.Compare(int64(a.SupportYear)+a.BudgetYear, int64(b.SupportYear)+b.BudgetYear))
	})
	for i := range rows {
		rows[i].Place = int64(i + 1)
	}
	return rows
}

// budgets counts what is paid of appropriations.
func (l *ledger) budgets(event domain.Event, touch func(scope)) {
	spend := func(paidOn domain.Date, c domain.Charge, department domain.DepartmentID, more []domain.DepartmentID, amount domain.Money) {
		list := []scope{{"clause", string(c.Clause), c.Clause, paidOn.Year()}}
		if c.Via != "" {
			list = append(list, scope{"clause", string(c.Via), c.Via, paidOn.Year()})
		}
		list = append(list, scope{"fund", "", "", paidOn.Year()})
		for _, d := range append(slices.Clone(more), department) {
			if d == "" {
				continue
			}
			list = append(list, scope{"department", string(d), "", paidOn.Year()}, scope{"clause_department", string(d), c.Clause, paidOn.Year()})
			if c.Via != "" {
				list = append(list, scope{"clause_department", string(d), c.Via, paidOn.Year()})
			}
		}
		for _, s := range list {
			touch(s)
			l.used[s] = l.used[s].Add(amount)
		}
	}
	switch x := event.(type) {
	case *domain.AppropriationSet:
		s := scope{"fund", "", x.Clause, x.BudgetYear}
		switch {
		case x.Clause != "" && x.Department != "":
			s.kind, s.id = "clause_department", string(x.Department)
		case x.Clause != "":
			s.kind, s.id = "clause", string(x.Clause)
		case x.Department != "":
			s.kind, s.id = "department", string(x.Department)
		}
		touch(s)
		l.set[s], l.room[s] = true, x.Amount
	case *domain.PayoutMade:
		spend(x.PaidOn, x.Charge, x.Department, nil, x.Amount)
	case *domain.PayoutBooked:
		spend(x.PaidOn, x.Charge, x.Department, x.Departments, x.Amount)
	case *domain.PayoutReturned:
		spend(x.PaidOn, x.Charge, x.Department, x.Departments, x.Amount.Neg())
	case *domain.ReturnReversed:
		spend(x.PaidOn, x.Charge, x.Department, x.Departments, x.Amount)
	case *domain.BookingReversed:
		spend(x.PaidOn, x.Charge, x.Department, x.Departments, x.Returned.Sub(x.Amount))
	}
}

// judge looks at how full a scope is now, and tells if it is fuller than when it was looked at last.
func (l *ledger) judge(s scope, day domain.Date) (n projections.NoticeRow, told bool) {
	room, held := domain.Ceiling{Stated: l.set[s], Amount: l.room[s]}, domain.Ceiling{Stated: l.set[s], Amount: l.room[s]}
	if !s.isBudget() {
		room, held = domain.VersionOn(l.versions[s.clause], day).Cap, domain.StandingCap(l.versions[s.clause], day)
		room.Amount, held.Amount = room.Amount.Add(l.room[s]), held.Amount.Add(l.room[s])
	}
	used, level := l.used[s], 0
	switch {
	case !room.Stated:
	case held.Stated && used.More(held.Amount):
		level = 3
	case used.Positive() && !used.Less(room.Amount):
		level = 2
	case used.Positive() && used.Fen()*10 >= room.Amount.Fen()*9:
		level = 1
	}
	was := l.level[s]
	l.level[s] = level
	n = projections.NoticeRow{Clause: s.clause, Room: domain.Stated(room.Amount), UsedAfter: domain.Stated(used)}
	if s.isBudget() {
		n.Notice = []projections.NoticeKind{"", projections.BudgetNear, projections.BudgetFull, projections.BudgetOver}[level]
		n.BudgetYear, n.ScopeKind, n.Scope = int64(s.year), s.kind, s.id
	} else {
		n.Notice = []projections.NoticeKind{"", projections.CapNear, projections.CapFull, projections.CapOver}[level]
		n.SubjectKind, n.Subject, n.SupportYear = domain.SubjectKind(s.kind), s.id, domain.SupportYear(s.year)
		if s.kind == "enterprise" {
			n.Enterprise = domain.EnterpriseID(s.id)
		}
	}
	return n, level > was
}
