package domain

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// Every event that has room for findings tells them: whoever asks for findings asks one function.
func TestEveryEventThatCarriesFindingsTellsThem(t *testing.T) {
	for _, v := range Verbs {
		e := v.Event()
		field := reflect.ValueOf(e).Elem().FieldByName("Findings")
		if !field.IsValid() {
			continue
		}
		field.Set(reflect.ValueOf([]Finding{{Code: "x"}}))
		if got := FindingsOf(e); len(got) != 1 || got[0].Code != "x" {
			t.Errorf("%s carries findings and tells %v", e.Name(), got)
		}
	}
}

// The laws of the ledger, over random histories of random commands, valid and invalid mixed.

func TestLawsHoldOverRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		for range rapid.IntRange(30, 120).Draw(rt, "commands") {
			w.step(w.command())
		}
		w.foldsToTheSame()
		w.totalsEqualTheRecount()
		w.heldIsWhatIsCharged()
	})
}

// heldIsWhatIsCharged is the law of what an enterprise is charged on: it is kept for each one as walking through all that there is would find it.
func (w *world) heldIsWhatIsCharged() {
	held := map[EnterpriseID]map[Account]bool{}
	add := func(c Charge) {
		if held[c.Enterprise] == nil {
			held[c.Enterprise] = map[Account]bool{}
		}
		held[c.Enterprise][c.Account()] = true
	}
	for _, a := range w.state.applications.rows {
		if a.state != Rejected && a.state != Withdrawn && a.state != Voided {
			add(a.charge)
		}
	}
	for _, p := range w.state.payouts.rows {
		add(p.charge)
	}
	for _, e := range w.state.EnterprisesBehind("") {
		if got, want := w.state.Held(e), slices.SortedFunc(maps.Keys(held[e]), compareAccounts); !slices.Equal(got, want) {
			w.rt.Fatalf("%s is charged on %v, and is told to be on %v", e, want, got)
		}
	}
}

func TestRollbackRestoresAndKeepKeeps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		for range 30 {
			w.step(w.command())
		}
		var kept string
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			w.state.Mark()
			for range rapid.IntRange(0, 15).Draw(rt, "kept") {
				w.step(w.command())
			}
			kept = render(w.state)
			history := len(w.history)
			w.state.Suppose(func() {
				for range rapid.IntRange(0, 5).Draw(rt, "supposed") {
					w.step(w.command())
				}
				then := render(w.state)
				w.state.Suppose(func() { w.step(w.command()) })
				if render(w.state) != then {
					rt.Fatal("what is supposed within what is supposed leaves something behind")
				}
			})
			w.history = w.history[:history]
			if render(w.state) != kept {
				rt.Fatal("what is supposed leaves something behind")
			}
			upTo := w.state.Mark()
			for range rapid.IntRange(0, 15).Draw(rt, "undone") {
				w.step(w.command())
			}
			w.state.Keep(upTo)
			w.state.Rollback()
			w.history = w.history[:history]
			if render(w.state) != kept {
				rt.Fatal("rolling back does not restore what was kept")
			}
		}
		w.foldsToTheSame()
	})
}

// world is a story that random commands are drawn for.
type world struct {
	*story
	rt *rapid.T
	// exempt are the accounts that a booking or a retroactive amendment may have put over their cap.
	exempt map[Account]bool
	// plain histories are of sensible commands and go deep: no command's fields are filled by whatever comes.
	plain bool
	two   bool // a second policy follows the first in the middle of 2025
	ids   int
	next  []func() Command // of an episode: what a rule needs to be met at all
}

func newWorld(t *testing.T, rt *rapid.T) *world {
	st := &story{t: t, state: NewState(), day: day("2025-01-10")}
	p := changning()
	p.Facts = []Fact{{ID: "turnover", Name: Text{"营业额", "Turnover"}, Unit: UnitMoney, Per: OfYear, Sources: []DepartmentID{"finance"}}}
	p.BudgetControl = anyControl(rt)
	owed(&p, rt)
	p.Workflow.Acceptance, p.Workflow.Reviews = rapid.Bool().Draw(rt, "acceptance"), rapid.IntRange(0, 2).Draw(rt, "reviews")
	p.Clauses[0].GroupCap = rapid.SampledFrom([]GroupCap{{}, {Control: GroupRefuse}, {Control: GroupRefuse, Amount: Stated(Yuan(60_000_000))}}).Draw(rt, "group cap") // of 1.1a
	two := rapid.Bool().Draw(rt, "two policies")
	if two {
		p.Term.To = day("2025-06-30")
	}
	st.and(&PublishPolicy{Policy: p})
	if two {
		st.and(publish(nextOf(p, rt)))
	}
	if two && rapid.Bool().Draw(rt, "a third policy") {
		st.and(publish(besides(p, rt)))
	}
	for i, industry := range []IndustryID{"ai", "commerce-finance", "smart-internet"} {
		st.and(&RegisterEnterprise{Enterprise: code(i + 1), Title: "企业", Industry: industry})
	}
	for i := range 2 { // of the third nothing is known
		st.and(record("finance", code(i+1), "turnover", "2024", rapid.SampledFrom([]string{"33333333.33", "2000000000.00", "-1.00"}).Draw(rt, "turnover")))
	}
	return &world{story: st, rt: rt, exempt: map[Account]bool{}, two: two}
}

// nextOf is the policy that follows: most of its clauses carry on the use of the first one's, under other caps and departments.
func nextOf(p Policy, rt *rapid.T) Policy {
	next := follows(p, "next", "n", Term{day("2025-07-01"), day("2026-12-31")}, Carried, "1.1a", "1.1b", "1.2a", "1.2b", "1.2c", "1.3a", "2.4.3", "3", "6")
	next = capped(capped(next, "n6", "6000000.00"), "n1.2a", "80000000.00")
	for i := range next.Clauses {
		switch c := &next.Clauses[i]; c.ID {
		case "n1.1b", "n1.2b", "n1.3a":
			c.Continues.Use = Fresh
		case "n6":
			c.Departments = []DepartmentID{"data", "reform"}
		}
	}
	next.BudgetControl = anyControl(rt)
	owed(&next, rt)
	next.Workflow.Acceptance, next.Workflow.Reviews = rapid.Bool().Draw(rt, "acceptance"), rapid.IntRange(0, 2).Draw(rt, "reviews")
	return next
}

// besides is a policy that follows none.
func besides(p Policy, rt *rapid.T) Policy {
	other := follows(p, "beside", "b", Term{day("2027-07-01"), day("2027-12-31")}, Fresh, "1.1a", "6")
	other.Succeeds, other.BudgetControl = "", anyControl(rt)
	for i := range other.Clauses {
		other.Clauses[i].Continues = Continuation{}
	}
	return other
}

// owed draws what a policy says of clawbacks and of who owes them.
func owed(p *Policy, rt *rapid.T) {
	p.ClawbackDueDays = rapid.SampledFrom([]int{0, 1, 30}).Draw(rt, "due days")
	if rapid.Bool().Draw(rt, "interest") {
		p.LateInterest = []InterestRate{{day("2025-01-01"), money("3.65"), SimpleInterest, Actual365}}
	}
	p.Debtors = rapid.SampledFrom([]DebtorControl{"", DebtorFinding, DebtorRefuse, DebtorOffset, DebtorOffset}).Draw(rt, "debtors")
}

func anyControl(rt *rapid.T) BudgetControl {
	return rapid.SampledFrom([]BudgetControl{"", BudgetUncontrolled, BudgetWarn, BudgetRefuse, BudgetRefuse}).Draw(rt, "control")
}

// step decides a command and checks every law of one decision.
func (w *world) step(c Command) {
	w.head(c)
	today := or(w.today, w.day)
	before := render(w.state)
	d, r := Decide(w.state, c, today)
	again, r2 := Decide(w.state, c, today)
	if !reflect.DeepEqual(d, again) || !reflect.DeepEqual(r, r2) {
		w.rt.Fatalf("%s is decided in two ways", c.Name())
	}
	w.roomsHold(c, today, d, r)
	if render(w.state) != before {
		w.rt.Fatalf("deciding %s changed the state", c.Name())
	}
	if r != nil {
		w.refusalIsWhole(r)
		return
	}
	spent, shut := plain(w.state.spent), w.closed()
	left := w.leftBefore(d)
	w.apply(c, d)
	w.closedYearsStand(d, spent, shut, left)
	for _, e := range d.Events {
		w.isReadBack(e)
		w.findingsAreKnown(e)
		w.exempts(e, today)
	}
	w.nothingIsOver(c)
}

// closed are the years that are closed.
func (w *world) closed() map[int]bool {
	closed := map[int]bool{}
	for year := 2020; year < 2030; year++ {
		_, closed[year] = w.state.closing(year)
	}
	return closed
}

func (w *world) leftBefore(d Decision) Money {
	if c, is := d.As.(*CarryOver); is {
		return w.state.leftOf(c)
	}
	return NoMoney
}

// closedYearsStand is the law of the close: what a closed year came to is moved by nothing that was decided for a day of it, and by nothing else
// without a finding; and no more is carried over from it than it had left.
func (w *world) closedYearsStand(d Decision, spent map[BudgetKey]Money, shut map[int]bool, left Money) {
	for key, now := range w.state.spent.rows {
		if !shut[key.Year] || *now == spent[key] {
			continue
		}
		if !slices.ContainsFunc(d.Events, func(e Event) bool { return Found(e, CodeBudgetYearClosed) }) {
			w.rt.Fatalf("%s moved %v, which is closed, from %s to %s, and nothing was found", d.As.Name(), key, spent[key], now)
		}
		if _, booked := d.As.(*BookPayout); !booked && d.As.Given().Date.Year() == key.Year {
			w.rt.Fatalf("%s of %s moved %v, which is closed", d.As.Name(), d.As.Given().Date, key)
		}
	}
	switch e := d.Events[0].(type) {
	case *PayoutMade:
		if shut[e.PaidOn.Year()] {
			w.rt.Fatalf("%s is paid on %s, in a closed year", e.Payout, e.PaidOn)
		}
	case *AppropriationSet:
		if shut[e.BudgetYear] {
			w.rt.Fatalf("a budget of %d, which is closed, is set", e.BudgetYear)
		}
	case *AppropriationCarried:
		if !shut[e.From] || shut[e.To] || e.Amount.More(left) || e.Left != left {
			w.rt.Fatalf("%s of %s left was carried over from %d into %d", e.Amount, left, e.From, e.To)
		}
	}
}

func (w *world) refusalIsWhole(r *Refusal) {
	if r.Rule == "" || r.Rule != RefusalCodes()[r.Code] {
		w.rt.Fatalf("%q has the rule %q", r.Code, r.Rule)
	}
	readable(w.rt, r)
}

// findingsAreKnown checks that what an event was found to break is told by whoever asks for findings, under a code that is listed.
func (w *world) findingsAreKnown(e Event) {
	carried := 0
	if field := reflect.ValueOf(e).Elem().FieldByName("Findings"); field.IsValid() {
		carried = field.Len()
	}
	if len(FindingsOf(e)) != carried {
		w.rt.Fatalf("%s carries %d findings and tells %d", e.Name(), carried, len(FindingsOf(e)))
	}
	for _, f := range FindingsOf(e) {
		if !slices.Contains(FindingCodes, f.Code) {
			w.rt.Fatalf("%s is found against %s, which is not among the codes of findings", e.Name(), f.Code)
		}
	}
}

// isReadBack checks that an event survives being written and read.
func (w *world) isReadBack(e Event) {
	text, err := json.Marshal(e)
	if err != nil {
		w.rt.Fatalf("writing %s: %v", e.Name(), err)
	}
	read := reflect.New(reflect.TypeOf(e).Elem()).Interface().(Event)
	if err := json.Unmarshal(text, read); err != nil {
		w.rt.Fatalf("reading %s back: %v in %s", e.Name(), err, text)
	}
	if again, _ := json.Marshal(read); string(again) != string(text) {
		w.rt.Fatalf("%s reads back otherwise: %s, %s", e.Name(), text, again)
	}
}

func (w *world) exempts(e Event, _ Date) {
	switch e := e.(type) {
	case *PayoutBooked:
		w.exempt[e.Charge.Account()] = true
	case *ReturnReversed:
		if len(e.Findings) > 0 {
			w.exempt[e.Charge.Account()] = true
		}
	case *RecoveryReversed:
		if Found(e, CodeAccountOverCap) {
			w.exempt[e.Charge.Account()] = true
		}
	case *ClauseAmended:
		if e.Retroactive {
			w.exempt[Account{Clause: e.Clause}] = true // the whole clause
		}
	}
}

// nothingIsOver is R2: what is approved stays within cap and exceptions, unless a booking, a reversed recovery or a retroactive
// amendment put it over; and R5: nothing is freed that did not go out, on no line, so use and net paid are never negative. The highest version that has taken effect counts, for a plain amendment leaves earlier approvals alone.
func (w *world) nothingIsOver(c Command) {
	n := recount(w.history)
	today := or(w.today, w.day)
	for key, l := range n.lines {
		subject := Subject{SubjectKind(key.kind), key.subject}
		a := Account{ClauseID(key.clause), subject}
		clause, versions := w.state.clauses.get(a.Clause).clause, w.state.clauses.get(a.Clause).versions
		if l.use().IsNegative() || l.netPaid().IsNegative() || l.beyond.IsNegative() {
			w.rt.Fatalf("after %s %v has a use of %s, %s net paid, %s beyond in %d", c.Name(), a, l.use(), l.netPaid(), l.beyond, key.year)
		}
		if slices.ContainsFunc(w.chainOfAll(a), func(a Account) bool { return w.exempt[a] || w.exempt[Account{Clause: a.Clause}] }) {
			continue
		}
		highest, stated := decimal.Zero, true
		for _, v := range versions {
			if v.Version == 1 || !v.EffectiveOn.After(today) {
				highest, stated = decimal.Max(highest, dec(v.Cap.Amount)), stated && v.Cap.Stated
			}
		}
		scope := *l
		if clause.Cap.Period == InTotal {
			scope = n.total(a.Clause, subject)
		}
		use := scope.use()
		if use.IsPositive() { // what is carried alone puts nothing over
			use = use.Add(w.carriedUse(n, a, key.year))
		}
		each := highest
		for _, other := range w.state.joined(subject) { // each of those that are one could be granted as much
			one := *n.line(a.Clause, other, key.year)
			if clause.Cap.Period == InTotal {
				one = n.total(a.Clause, other)
			}
			use, highest, scope.exceptions = use.Add(one.use()), highest.Add(each), scope.exceptions.Add(one.exceptions)
			if use.IsPositive() {
				use = use.Add(w.carriedUse(n, Account{a.Clause, other}, key.year))
			}
		}
		if stated && use.GreaterThan(highest.Add(scope.exceptions)) {
			w.rt.Fatalf("after %s %v is over its cap of %s in %d: %s", c.Name(), a, highest, key.year, use)
		}
	}
}

// chain is an account with those whose use it carries, as the policies say.
func (w *world) chain(a Account) []Account {
	clause, _ := w.state.policy.Clause(a.Clause)
	if clause.Continues.Use != Carried {
		return []Account{a}
	}
	return append([]Account{a}, w.chain(Account{clause.Continues.Clause, a.Subject})...)
}

// chainOfAll is the chain of an account and of all that are one with it.
func (w *world) chainOfAll(a Account) (list []Account) {
	for _, one := range append([]Account{a}, w.state.besides(a)...) {
		list = append(list, w.chain(one)...)
	}
	return list
}

// carriedUse is what the accounts that an account carries use in the scope of its cap.
func (w *world) carriedUse(n *tally, a Account, y SupportYear) (sum decimal.Decimal) {
	clause, _ := w.state.policy.Clause(a.Clause)
	for _, of := range w.chain(a)[1:] {
		scope := *n.line(of.Clause, of.Subject, y)
		if clause.Cap.Period == InTotal {
			scope = n.total(of.Clause, of.Subject)
		}
		sum = sum.Add(scope.use())
	}
	return sum
}

func (w *world) foldsToTheSame() {
	fresh := NewState()
	for _, h := range w.history {
		Apply(fresh, h.event, h.by)
	}
	if render(fresh) != render(w.state) {
		w.rt.Fatal("the state is not the fold of its events")
	}
}

// totalsEqualTheRecount compares every line and account of the state with the recount.
func (w *world) totalsEqualTheRecount() {
	n := recount(w.history)
	for _, wrong := range n.wrong {
		w.rt.Fatal(wrong)
	}
	for key, u := range plain(w.state.lines) {
		if key.year == 0 {
			w.rt.Fatalf("a line without a year: %v", key)
		}
		w.sameUsage(fmt.Sprint(key), u, *n.line(key.account.Clause, key.account.Subject, key.year))
	}
	for key := range n.lines {
		a := Account{ClauseID(key.clause), Subject{SubjectKind(key.kind), key.subject}}
		total := n.total(a.Clause, a.Subject)
		if w.state.clauses.get(a.Clause).clause.Cap.Period == PerYear {
			total.exceptions = decimal.Zero // granted by year, not for the total
		}
		w.sameUsage(fmt.Sprint(a), w.state.accounts.get(a).usage, total)
		if stands := w.state.stands(a, key.year).use(); !dec(stands).Equal(w.usedByAll(n, a, key.year)) {
			w.rt.Fatalf("%v stands at %s in %d with what it carries, not so in the recount", a, stands, key.year)
		}
	}
}

// usedByAll is what an account and those that are one with it use, with what they carry.
func (w *world) usedByAll(n *tally, a Account, y SupportYear) (sum decimal.Decimal) {
	for _, one := range append([]Account{a}, w.state.besides(a)...) {
		sum = sum.Add(dec(w.state.scope(one, y).use())).Add(w.carriedUse(n, one, y))
	}
	return sum
}

func (w *world) sameUsage(what string, u usage, l tallied) {
	for name, pair := range map[string][2]decimal.Decimal{"committed": {dec(u.committed), l.committed}, "outside": {dec(u.outside), l.outside},
		"freed": {dec(u.freed), l.recovered}, "beyond": {dec(u.beyond), l.beyond}, "exceptions": {dec(u.exceptions), l.exceptions}, "use": {dec(u.use()), l.use()}} {
		if !pair[0].Equal(pair[1]) {
			w.rt.Fatalf("%s: %s is %s in the state, %s in the recount", what, name, pair[0], pair[1])
		}
	}
}
