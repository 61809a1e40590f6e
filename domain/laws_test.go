package domain

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
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
	})
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
	plans bool // payments are planned too, and budgets set
	two   bool // a second policy follows the first in the middle of 2025
	ids   int
	next  []func() Command // of an episode: what a rule needs to be met at all
}

func newWorld(t *testing.T, rt *rapid.T) *world { return newWorldUnder(t, rt, "") }

func newWorldUnder(t *testing.T, rt *rapid.T, control BudgetControl) *world {
	st := &story{t: t, state: NewState(), day: day("2025-01-10")}
	p := changning()
	p.BudgetControl = control
	p.Workflow.Acceptance, p.Workflow.Reviews = rapid.Bool().Draw(rt, "acceptance"), rapid.IntRange(0, 2).Draw(rt, "reviews")
	two := rapid.Bool().Draw(rt, "two policies")
	if two {
		p.Term.To = day("2025-06-30")
	}
	st.and(&PublishPolicy{Policy: p})
	if two {
		st.and(publish(nextOf(p, rt)))
	}
	for i, industry := range []IndustryID{"ai", "commerce-finance", "smart-internet"} {
		st.and(&RegisterEnterprise{Enterprise: code(i + 1), Title: "企业", Industry: industry})
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
	next.Workflow.Acceptance, next.Workflow.Reviews = rapid.Bool().Draw(rt, "acceptance"), rapid.IntRange(0, 2).Draw(rt, "reviews")
	return next
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
		if !Found(d.Events[0], CodeBudgetYearClosed) {
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
		if slices.ContainsFunc(w.chain(a), func(a Account) bool { return w.exempt[a] || w.exempt[Account{Clause: a.Clause}] }) {
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
		if stands := w.state.stands(a, key.year).use(); !dec(stands).Equal(dec(w.state.scope(a, key.year).use()).Add(w.carriedUse(n, a, key.year))) {
			w.rt.Fatalf("%v stands at %s in %d with what it carries, not so in the recount", a, stands, key.year)
		}
	}
}

func (w *world) sameUsage(what string, u usage, l tallied) {
	for name, pair := range map[string][2]decimal.Decimal{"committed": {dec(u.committed), l.committed}, "outside": {dec(u.outside), l.outside},
		"freed": {dec(u.freed), l.recovered}, "beyond": {dec(u.beyond), l.beyond}, "exceptions": {dec(u.exceptions), l.exceptions}, "use": {dec(u.use()), l.use()}} {
		if !pair[0].Equal(pair[1]) {
			w.rt.Fatalf("%s: %s is %s in the state, %s in the recount", what, name, pair[0], pair[1])
		}
	}
}

// What follows draws commands: most of them sensible, so that histories go deep, the rest anything.

func pick[T any](w *world, of ...T) T { return of[rapid.IntRange(0, len(of)-1).Draw(w.rt, "pick")] }

func (w *world) oneIn(n int) bool { return rapid.IntRange(1, n).Draw(w.rt, "one in") == n }

func (w *world) id(prefix string, n int) string {
	if w.plain && strings.Contains("MBRCX", prefix) && !w.oneIn(12) { // mostly a new one
		w.ids++
		return fmt.Sprintf("%s%d", prefix, 100+w.ids)
	}
	return fmt.Sprintf("%s%d", prefix, rapid.IntRange(1, n).Draw(w.rt, prefix))
}

func (w *world) amount() Money {
	if w.oneIn(25) {
		return pick(w, Fen(0), Fen(-1), Fen(maxFen), Fen(maxFen+1))
	}
	return pick(w, Fen(1), Fen(99), Yuan(400_000), Yuan(1_000_000), Yuan(2_500_000), Yuan(5_000_000), Yuan(20_000_000), Yuan(30_000_000),
		Yuan(60_000_000), Yuan(100_000_000))
}

func (w *world) year() SupportYear {
	if w.oneIn(20) {
		return pick(w, SupportYear(0), 2023, 2027, 65535)
	}
	return pick(w, SupportYear(2025), 2025, 2026)
}

func (w *world) date() Date {
	return pick(w, day("2025-01-10"), day("2025-03-01"), day("2025-07-01"), day("2026-02-01"))
}

func (w *world) clause() ClauseID {
	if w.oneIn(25) {
		return pick(w, ClauseID("9"), "", "1.3b")
	}
	c := pick(w, ClauseID("1.1a"), "1.1a", "1.2a", "1.2b", "1.1b", "1.3a", "2.4.3", "6", "6", "3")
	if w.two && (w.day.After(day("2025-06-30")) != w.oneIn(6)) {
		return "n" + c
	}
	return c
}

func (w *world) instalments() []Instalment {
	list := []Instalment{{w.year(), w.amount()}}
	for w.oneIn(3) {
		list = append(list, Instalment{w.year(), w.amount()})
	}
	return list
}

// command draws a command and who gives it, when.
func (w *world) command() Command {
	if w.oneIn(15) && (!w.plain || w.oneIn(3)) { // days pass, and seldom past the term
		w.day = latest(w.day, pick(w, w.date(), w.date(), w.date(), day("2026-05-01"), day("2027-03-01")))
	}
	c := w.planned()
	if c == nil {
		c = w.any()
	}
	h := reflect.ValueOf(c).Elem().FieldByName("Head").Addr().Interface().(*Head)
	w.head(c)
	switch {
	case w.oneIn(20):
		h.Actor = person(pick(w, Roles...), pick(w, DepartmentID("commerce"), "finance", "government", "reform", ""))
	case w.oneIn(4):
		h.Actor.ID = pick(w, PersonID("甲"), "乙", "Li", "ｌｉ")
	}
	if w.oneIn(5) { // a deputy: of somebody who may have done something themselves, and seldom of themselves
		h.Actor.For = pick(w, "甲", "乙", "LI", "丙", person(pick(w, Roles...), h.Actor.Department).ID)
	}
	if w.oneIn(8) {
		h.Date = w.date()
	}
	return c
}

func (w *world) any() Command {
	if w.plans && w.oneIn(8) {
		return &SetAppropriation{BudgetYear: pick(w, 2025, 2026), Clause: pick(w, ClauseID(""), "6", "1.1a"), Department: pick(w, DepartmentID(""), "commerce", "reform"),
			Amount: w.amount(), Document: "d"}
	}
	switch rapid.IntRange(0, 9).Draw(w.rt, "kind") {
	case 0, 1, 2, 3, 4:
		return w.onward()
	case 5, 6:
		return w.moneyBack()
	case 7:
		return w.booking()
	case 8:
		return w.government()
	}
	return w.anyStep()
}

// onward is what an application waits for.
func (w *world) onward() Command {
	id := ApplicationID(w.id("A", 8))
	a, ok := w.state.applications.find(id)
	switch {
	case ok && a.state == Approved && w.oneIn(3):
		return w.life(id, a)
	case !ok || a.state == Returned || a.state == Voided:
		c := submit(id, code(rapid.IntRange(1, 3).Draw(w.rt, "firm")), w.clause(), pick(w, "P1", "P2", ""), w.instalments()...)
		if c.Clause == "1.3a" {
			c.RefersTo = pick(w, ClauseID("1.1a"), "1.2b", "6")
		}
		if c.Clause == "n1.3a" {
			c.RefersTo = pick(w, ClauseID("n1.1a"), "n1.2b", "1.1a")
		}
		if a.state == Voided || w.oneIn(12) {
			c.Replaces = pick(w, id, id, ApplicationID(w.id("A", 8)), "")
		}
		return c
	case w.two && a.state != Approved && w.day.After(day("2025-06-30")) && a.charge.Clause[0] != 'n' && w.oneIn(2):
		return w.movedOn(id, a)
	case a.state == Submitted && w.state.reviewedBy(a).Acceptance:
		return accept(id)
	case a.state == Approved && w.plans && w.oneIn(3):
		part := pick(w, a.schedule...)
		return &PlanPayment{Application: id, SupportYear: part.year, Month: pick(w, Month("2025-01"), "2025-03", "2025-08", "2026-02", "2027-01", "2024-01"),
			Amount: pick(w, NoMoney, w.amount(), part.unplanned(), Fen(part.unpaid().fen/2), Fen(part.unpaid().fen/3))}
	case a.state == Approved:
		part := pick(w, a.schedule...)
		return &MakePayout{Payout: PayoutID(w.id("M", 20)), Application: id, SupportYear: part.year,
			Amount: pick(w, w.amount(), part.amount.Sub(part.paid), part.amount.Sub(part.paid).Add(Fen(1)), Fen(part.amount.fen/2))}
	case counted(a.reviews, w.state.reviewedBy(a)) < w.state.reviewedBy(a).Reviews:
		return &RecordReview{Application: id, Opinion: pick(w, Support, Support, Oppose, Abstain, "shrug")}
	}
	if w.oneIn(5) {
		return &ApproveApplication{Application: id, Instalments: w.instalments()}
	}
	return &ApproveApplication{Application: id, Instalments: slices.Clone(a.filed)}
}

// movedOn takes an application to the clause that continues its own.
func (w *world) movedOn(id ApplicationID, a application) Command {
	move := transfer(id, "n"+a.charge.Applied())
	if a.charge.Via != "" {
		move.RefersTo = "n" + a.charge.Clause
	}
	return by(move, person(Clerk, w.state.clauses.get(move.Clause).clause.Departments[0]))
}

// life is what may become of an application besides: it is amended, moved, voided, or more is approved on it.
func (w *world) life(id ApplicationID, a application) Command {
	rest, actor := a.requested.Sub(a.standing()), Actor{}
	if a.state == Approved {
		clause := w.state.clauses.get(a.charge.Applied()).clause
		actor = person(Approver, clause.Departments[0])
	}
	switch rapid.IntRange(0, 9).Draw(w.rt, "life") {
	case 0, 1:
		return by(&AmendApplication{Application: id, Requested: pick(w, w.instalments(), a.with([]Instalment{{2025, w.amount()}}), a.with(nil)), Reason: "r",
			Document: pick(w, "d", "d", "d", "")}, actor)
	case 2:
		return by(&AmendApplication{Application: id, Title: pick(w, "t", ""), Project: pick(w, "P1", "P2", "P3", ""), Reason: "r", Document: "d"}, actor)
	case 3, 4:
		return &RecordReview{Application: id, Opinion: pick(w, Support, Support, Oppose)}
	case 5, 6:
		return &SupplementApproval{Application: id, Instalments: pick(w, []Instalment{{w.year(), Greater(rest, Fen(1))}}, []Instalment{{2025, Fen(max(1, rest.fen/2))}}, w.instalments()), Reason: "r"}
	case 7, 8:
		return &MoveApplication{Application: id, Enterprise: code(rapid.IntRange(1, 4).Draw(w.rt, "firm")), Document: pick(w, "d", "d", "d", "")}
	}
	return &VoidApplication{Application: id, Reason: "r", Document: pick(w, "d", "d", "d", "")}
}

func (w *world) payout() PayoutID {
	if ids := sorted(w.state.payouts.rows); len(ids) > 0 && !w.oneIn(15) {
		return pick(w, ids...)
	}
	return "none"
}

func (w *world) moneyBack() Command {
	p := w.payout()
	left := w.state.payouts.get(p).reclaimable()
	amount := pick(w, w.amount(), left, Fen((left.fen+1)/2), Fen((left.fen+1)/2))
	cause := pick(w, CauseError, CauseError, CauseBreach, "whim")
	clawback, recovery := ClawbackID(w.id("C", 9)), RecoveryID(w.id("R", 9))
	received := pick(w, Date{}, Date{}, w.date())
	if ids := sorted(w.state.clawbacks.rows); len(ids) > 0 && w.oneIn(2) {
		clawback = pick(w, ids...)
	}
	switch rapid.IntRange(0, 7).Draw(w.rt, "back") {
	case 0:
		return &ReturnPayout{Payout: p, Amount: amount}
	case 7:
		returned := w.state.payouts.get(p).returned
		return pick[Command](w, &ReturnPayout{Payout: p, Amount: amount}, &ReverseReturn{Payout: p, Amount: pick(w, amount, returned, Fen((returned.fen+1)/2)), Reason: "r"},
			&ReverseBooking{Payout: p, Reason: "r", Document: "d"})
	case 1, 2:
		return &OrderClawback{Clawback: clawback, Payout: p, Amount: amount, Cause: cause}
	case 3:
		return &WaiveClawback{Clawback: clawback, Amount: pick(w, amount, w.state.clawbacks.get(clawback).outstanding()), Document: "d"}
	case 4, 5:
		return &ReceiveRecovery{Recovery: recovery, Clawback: clawback, Amount: pick(w, amount, w.state.clawbacks.get(clawback).outstanding()),
			Interest: pick(w, NoMoney, Fen(7)), ReceivedOn: received}
	}
	if ids := sorted(w.state.recoveries.rows); len(ids) > 0 && !w.oneIn(8) {
		recovery = pick(w, ids...)
	}
	return reverse(recovery)
}

func (w *world) booking() Command {
	p := PayoutID(w.id("B", 12))
	firm, clause, project := code(rapid.IntRange(1, 4).Draw(w.rt, "firm")), w.clause(), pick(w, "P1", "P3", "")
	switch rapid.IntRange(0, 4).Draw(w.rt, "booking") {
	case 0, 1:
		return &BookPayout{Payout: p, Application: ApplicationID(w.id("A", 8)), SupportYear: w.year(), Amount: w.amount(), PaidOn: w.date()}
	case 2:
		return &BookPayout{Payout: p, Enterprise: firm, Clause: clause, Project: project, SupportYear: w.year(), Amount: w.amount()}
	case 3:
		return &BookRecovery{Recovery: RecoveryID(w.id("R", 9)), Payout: w.payout(), Amount: w.amount(), Cause: CauseError, ReceivedOn: pick(w, Date{}, w.date())}
	}
	return &BookRecovery{Recovery: RecoveryID(w.id("R", 9)), Enterprise: firm, Clause: clause, Project: project, SupportYear: w.year(),
		Amount: w.amount(), Cause: pick(w, CauseError, CauseBreach)}
}

func (w *world) government() Command {
	x := ExceptionID(w.id("X", 5))
	firm := code(rapid.IntRange(1, 3).Draw(w.rt, "firm"))
	switch rapid.IntRange(0, 9).Draw(w.rt, "government") {
	case 0, 1:
		return &GrantException{Exception: x, Clause: w.clause(), Subject: pick(w, string(firm), "P1", "P2"), SupportYear: w.year(),
			Amount: w.amount(), Document: pick(w, "d", "d", "")}
	case 2:
		if ids := sorted(w.state.exceptions.rows); len(ids) > 0 && !w.oneIn(8) {
			x = pick(w, ids...)
		}
		return &RevokeException{Exception: x, Amount: pick(w, w.amount(), w.state.exceptions.get(x).left), Document: "d"}
	case 3:
		return &AmendClause{Clause: w.clause(), Cap: NewCap{Ceiling{w.amount(), !w.oneIn(6)}, true}, EffectiveOn: w.date(), Retroactive: w.oneIn(2), Document: "d"}
	case 4:
		return &AdmitBeneficiary{Enterprise: firm, Document: "d"}
	case 5:
		return &RestrictCredit{Enterprise: firm, Reason: "r"}
	case 6:
		return &RestoreCredit{Enterprise: firm, Reason: "r"}
	case 7:
		return &CorrectEnterprise{Enterprise: firm, Industry: pick(w, IndustryID("ai"), "smart-internet", "other-services"), Reason: "r"}
	case 8:
		return &RevokeAdmission{Enterprise: firm, Document: "d"}
	}
	if w.oneIn(2) {
		return w.closing()
	}
	return &SetAppropriation{BudgetYear: pick(w, 2025, 2026, -1, 70000), Clause: pick(w, ClauseID(""), "6", "1.1a"),
		Department: pick(w, DepartmentID(""), "commerce", "x"), Kind: pick(w, "", "", InitialBudget, AdjustedBudget, CarriedBudget), Amount: w.amount(), Document: "d"}
}

// closing is of a budget year: it is closed, reopened, or what is left of it carried over.
func (w *world) closing() Command {
	year := pick(w, 2025, 2025, 2025, 2026, 2024)
	switch rapid.IntRange(0, 5).Draw(w.rt, "closing") {
	case 0, 1:
		if w.day.Before(day("2025-12-31")) {
			w.day = pick(w, w.day, day("2025-12-31"), day("2026-02-01"))
		}
		return &CloseBudgetYear{Year: year, Document: pick(w, "d", "d", "d", ""), Differences: pick(w, 0, 0, 0, 0, 0, 0, 0, 1)}
	case 2:
		return &ReopenBudgetYear{Year: year, Document: "d", Reason: "r"}
	}
	c := &CarryOver{From: year, To: pick(w, year+1, year+1, year+2, year), Clause: pick(w, ClauseID("6"), "6", "1.1a", ""), Document: "d"}
	if w.oneIn(3) {
		c.Department = "commerce"
	}
	left := w.state.leftOf(c)
	c.Amount = pick(w, w.amount(), left, left.Add(Fen(1)), Fen((left.fen+1)/2), Fen((left.fen+1)/2))
	return c
}

func (s *State) leftOf(c *CarryOver) Money {
	key := BudgetKey{c.From, c.Clause, c.Department}
	return s.appropriations.get(key).total().Sub(s.spent.get(key)).OrNone()
}

func (w *world) anyStep() Command {
	id := ApplicationID(w.id("A", 8))
	switch rapid.IntRange(0, 10).Draw(w.rt, "step") {
	case 9, 10:
		return w.life(id, w.state.applications.get(id))
	case 0:
		return &ReturnApplication{Application: id}
	case 1:
		return &WithdrawApplication{Application: id}
	case 2:
		return &SuspendApplication{Application: id}
	case 3, 4:
		return &ResumeApplication{Application: id}
	case 5:
		return &ReduceApproval{Application: id, SupportYear: w.year(), Amount: pick(w, w.amount(), Fen(1))}
	case 6:
		return &ReleaseApproval{Application: id, SupportYear: w.year(), Amount: pick(w, w.amount(), Fen(1))}
	case 7:
		return &RejectApplication{Application: id}
	}
	if w.plain {
		move := transfer(id, w.clause())
		if move.Clause == "n1.3a" {
			move.RefersTo = pick(w, ClauseID("n1.1a"), "n1.2b", "")
		}
		return pick[Command](w, w.onward(), move)
	}
	return w.anything()
}

// anything is a command of any kind, its fields filled with whatever comes.
func (w *world) anything() Command {
	c := pick(w, Verbs...).New()
	w.scramble(reflect.ValueOf(c).Elem(), 3)
	return c
}

func (w *world) scramble(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[Head]():
		return // completed as for any command
	case v.Type() == reflect.TypeFor[Money]():
		v.Set(reflect.ValueOf(w.amount()))
	case v.Type() == reflect.TypeFor[Date]():
		v.Set(reflect.ValueOf(w.date()))
	case v.Kind() == reflect.String:
		v.SetString(pick(w, "", "A1", "X1", "6", "commerce", "\x00", "\xff", "啊", string(code(1)), "110105194912310021", " a ", "\u202e"))
	case v.CanInt():
		v.SetInt(int64(rapid.IntRange(-3, 3000).Draw(w.rt, "int")))
	case v.CanUint():
		v.SetUint(uint64(rapid.Uint16().Draw(w.rt, "uint")))
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(w.rt, "bool"))
	case v.Kind() == reflect.Slice && depth > 0:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 2).Draw(w.rt, "len"), 2))
		for i := range v.Len() {
			w.scramble(v.Index(i), depth-1)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				w.scramble(v.Field(i), depth-1)
			}
		}
	}
}
