package domain

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A case is a sentence: given what happened, when a command is given, then it happens or is refused with figures.

// changning is the fixture's policy: the rows of the Changning table that the rules tell apart.
func changning() Policy {
	seven := []DepartmentID{"commerce", "science", "investment", "justice", "market", "human-resources", "data"}
	five := []IndustryID{"ai", "smart-internet", "aviation-transport", "fashion-consumption", "commerce-finance"}
	p := Policy{Fund: "changning-2024", Title: Text{"长宁", "Changning"}, IssuedOn: day("2024-11-15"),
		Term: Term{day("2024-11-15"), day("2026-12-31")}, Currency: "CNY", Beneficiary: CreditCode,
		Workflow: Workflow{Acceptance: true, Reviews: 1}, Treasury: "finance", Authority: "government"}
	for _, d := range append(slices.Clone(seven), "talent", "reform", "finance", "government") {
		p.Departments = append(p.Departments, Department{d, Text{"部门", string(d)}})
	}
	for _, i := range append(slices.Clone(five), "other-services", "advanced-manufacturing") {
		p.Industries = append(p.Industries, Industry{i, Text{"行业", string(i)}})
	}
	row := func(id ClauseID, departments []DepartmentID, industries []IndustryID, amount int64, subject SubjectKind, period Period) *Clause {
		c := Clause{ID: id, Name: Text{"条款", "Clause " + string(id)}, Departments: departments, Industries: industries,
			Cap: Cap{Subject: subject, Period: period}}
		if amount > 0 {
			c.Cap.Amount = Stated(Yuan(amount))
		}
		p.Clauses = append(p.Clauses, c)
		return &p.Clauses[len(p.Clauses)-1]
	}
	by := func(ids ...DepartmentID) []DepartmentID { return ids }
	row("1.1a", seven, []IndustryID{"ai", "aviation-transport", "fashion-consumption", "commerce-finance"}, 100_000_000, SubjectEnterprise, PerYear).StrongerSupport = true
	row("1.1b", seven, []IndustryID{"smart-internet"}, 0, SubjectEnterprise, PerYear).StrongerSupport = true
	row("1.2a", seven, five, 100_000_000, SubjectProject, PerYear).StrongerSupport = true
	c := row("1.2b", seven, five, 30_000_000, SubjectProject, PerYear)
	c.StrongerSupport, c.Schedule = true, OneOffOrTerm
	row("1.2c", seven, five, 0, SubjectEnterprise, PerYear).StrongerSupport = true
	c = row("1.3a", by("investment"), []IndustryID{"other-services", "advanced-manufacturing"}, 0, "", "")
	c.RefersTo = []ClauseID{"1.1a", "1.1b", "1.2a", "1.2b", "1.2c"}
	row("1.3b", by("investment"), nil, 0, "", "").NotAppliedFor = true
	row("2.4.3", by("market", "human-resources", "investment"), []IndustryID{"commerce-finance"}, 3_000_000, SubjectProject, InTotal)
	row("3", by("talent"), nil, 5_000_000, SubjectAward, InTotal).AnyReviews = true
	row("4", by("science"), nil, 20_000_000, SubjectProject, InTotal)
	row("5", by("commerce", "reform", "finance"), nil, 5_000_000, SubjectProject, InTotal)
	row("6", by("reform"), nil, 5_000_000, SubjectProject, InTotal)
	row("7", by("market"), nil, 1_000_000, SubjectProject, InTotal)
	return p
}

// code is the n-th of the fixture's credit codes.
func code(n int) EnterpriseID {
	first := fmt.Sprintf("91310105MA1FW%04d", n)
	check, _ := CreditCodeCheck(first)
	return EnterpriseID(first + string(check))
}

// The fixture's enterprises, one an industry.
var (
	aiFirm      = code(1)
	financeFirm = code(2)
	netFirm     = code(3)
	otherFirm   = code(4)
)

func day(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func money(text string) Money {
	m, err := ParseMoney(text)
	if err != nil {
		panic(err)
	}
	return m
}

func in(y SupportYear, amount string) Instalment { return Instalment{y, money(amount)} }

// person is someone of a role, named after it, in its department.
func person(role Role, d DepartmentID) Actor {
	return Actor{ID: PersonID(role) + "-" + PersonID(d), Role: role, Department: d}
}

// happened is an event and who did what led to it.
type happened struct {
	event Event
	by    Deed
}

// story is a fund to which things happen.
type story struct {
	t       testing.TB
	state   *State
	day     Date // on which commands are given
	today   Date // on which they are decided; none: day
	n       int
	history []happened
}

// fund is an empty story.
func fund(t testing.TB) *story { return &story{t: t, state: NewState(), day: day("2025-03-01")} }

// given is a fund with the fixture's policy and enterprises, on 2025-03-01.
func given(t testing.TB, more ...Command) *story {
	t.Helper()
	return governed(t, changning(), more...)
}

func governed(t testing.TB, p Policy, more ...Command) *story {
	t.Helper()
	st := fund(t).and(&PublishPolicy{Policy: p, Hash: "sha256:00"})
	for firm, industry := range map[EnterpriseID]IndustryID{aiFirm: "ai", financeFirm: "commerce-finance", netFirm: "smart-internet", otherFirm: "other-services"} {
		st.and(&RegisterEnterprise{Enterprise: firm, Title: "企业 " + string(firm[13:17]), Industry: industry})
	}
	return st.and(more...)
}

// on moves the story to a day.
func (st *story) on(text string) *story {
	st.day = day(text)
	return st
}

// head completes a command: an id, the day, and someone who may give it.
func (st *story) head(c Command) Command {
	h := HeadOf(c)
	if h.ID == "" {
		st.n++
		h.ID = CommandID(fmt.Sprintf("c%d", st.n))
	}
	if h.Date.IsZero() {
		h.Date = st.day
	}
	if h.Actor.Role == "" {
		h.Actor = st.mayGive(c)
	}
	return c
}

func (st *story) mayGive(c Command) Actor {
	v := verbsByName[c.Name()]
	switch v.Office {
	case TreasuryOffice:
		return person(Treasurer, "finance")
	case AuthorityOffice:
		return person(Authority, "government")
	}
	role, d := v.Roles[0], DepartmentID("commerce")
	if clause, ok := st.state.clauses.find(About(c, st.state).Applied()); ok && v.Office == ResponsibleOffice {
		d = clause.clause.Departments[0]
	}
	return person(role, d)
}

func (st *story) decide(c Command) (Decision, *Refusal) {
	st.head(c)
	return Decide(st.state, c, or(st.today, st.day))
}

func (st *story) apply(c Command, d Decision) {
	by := Deed{Actor: c.Given().Actor, Date: c.Given().Date}
	for _, e := range d.Events {
		Apply(st.state, e, by)
		st.history = append(st.history, happened{e, by})
	}
}

// and lets commands happen; each must be accepted.
func (st *story) and(commands ...Command) *story {
	st.t.Helper()
	for _, c := range commands {
		d, r := st.decide(c)
		if r != nil {
			st.t.Fatalf("given: %s was refused: %v %v", c.Name(), r, r.Figures)
		}
		st.apply(c, d)
	}
	return st
}

// outcome is what a command led to.
type outcome struct {
	*story
	command  Command
	decision Decision
	refusal  *Refusal
}

// when gives a command; where it is accepted, it happens.
func (st *story) when(c Command) outcome {
	st.t.Helper()
	before := render(st.state)
	d, r := st.decide(c)
	if after := render(st.state); after != before {
		st.t.Fatalf("%s: deciding changed the state", c.Name())
	}
	if r == nil {
		st.apply(c, d)
	}
	return outcome{st, c, d, r}
}

// refused asserts a code, its rule and figures, given as pairs of names and values.
func (o outcome) refused(code, rule string, figures ...string) *story {
	o.t.Helper()
	if o.refusal == nil {
		o.t.Fatalf("%s happened; expected %s", o.command.Name(), code)
	}
	if o.refusal.Code != code || o.refusal.Rule != rule {
		o.t.Fatalf("%s was refused by %v %v; expected %s, %s", o.command.Name(), o.refusal, o.refusal.Figures, code, rule)
	}
	wantFigures(o.t, o.refusal.Figures, figures...)
	readable(o.t, o.refusal)
	return o.story
}

// then asserts the names of the events that happened.
func (o outcome) then(names ...string) *story {
	o.t.Helper()
	if o.refusal != nil {
		o.t.Fatalf("%s was refused: %v %v", o.command.Name(), o.refusal, o.refusal.Figures)
	}
	var got []string
	for _, e := range o.decision.Events {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, names) {
		o.t.Fatalf("%s led to %v; expected %v", o.command.Name(), got, names)
	}
	return o.story
}

// found asserts the codes of a booked fact's findings.
func (o outcome) found(codes ...string) *story {
	o.t.Helper()
	if o.refusal != nil {
		o.t.Fatalf("%s was refused: %v", o.command.Name(), o.refusal)
	}
	var got []string
	findings := reflect.ValueOf(o.decision.Events[0]).Elem().FieldByName("Findings").Interface().([]Finding)
	for _, f := range findings {
		got = append(got, f.Code)
		readable(o.t, &Refusal{Code: f.Code, Rule: f.Rule, Figures: f.Figures})
	}
	if !slices.Equal(got, codes) {
		o.t.Fatalf("%s has the findings %v; expected %v", o.command.Name(), got, codes)
	}
	return o.story
}

func wantFigures(t failer, got Figures, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got[pairs[i]] != pairs[i+1] {
			t.Fatalf("the figure %s is %q; expected %q (all: %v)", pairs[i], got[pairs[i]], pairs[i+1], got)
		}
	}
}

// readable asserts that a refusal speaks both languages, with every mark filled.
func readable(t failer, r *Refusal) {
	t.Helper()
	m := r.Message()
	for lang, text := range map[string]string{"zh": m.ZH, "en": m.EN} {
		for _, value := range r.Figures {
			text = strings.ReplaceAll(text, value, "")
		}
		if len(text) < 10 || strings.ContainsAny(text, "{}[]") {
			t.Fatalf("the %s message of %s is not filled: %q", lang, r.Code, text)
		}
	}
	if !strings.ContainsFunc(m.ZH, func(c rune) bool { return c >= '一' && c <= '鿿' }) {
		t.Fatalf("the Chinese message of %s is not Chinese: %q", r.Code, m.ZH)
	}
}

// line asserts figures of an account line: use, headroom, over, exceptions, committed, recovered, outside.
func (st *story) line(clause ClauseID, subject string, y SupportYear, pairs ...string) *story {
	st.t.Helper()
	c, _ := st.state.policy.Clause(clause)
	v, ok := st.state.Account(Account{clause, Subject{c.Cap.Subject, subject}}, y, or(st.today, st.day))
	if !ok {
		st.t.Fatalf("there is no clause %s with accounts", clause)
	}
	got := Figures{"use": v.Use.String(), "headroom": v.Headroom().String(), "over": v.OverBy().String(), "exceptions": v.Exceptions.String(),
		"committed": v.Committed.String(), "recovered": v.Freed.String(), "beyond": v.Beyond.String(), "outside": v.Outside.String(), "cap": v.Cap.String()}
	wantFigures(st.t, got, pairs...)
	return st
}

// submit is an application for a clause. of is the project or award, unused where the clause caps enterprises.
func submit(id ApplicationID, firm EnterpriseID, clause ClauseID, of string, parts ...Instalment) *SubmitApplication {
	c := &SubmitApplication{Application: id, Enterprise: firm, Clause: clause, Title: "申请 " + string(id), Requested: parts}
	switch {
	case clause == "3":
		c.Award = of
	case of != "":
		c.Project = of
	}
	return c
}

// referring makes an application refer to another clause.
func referring(c *SubmitApplication, to ClauseID) *SubmitApplication {
	c.RefersTo = to
	return c
}

func accept(id ApplicationID) *AcceptApplication { return &AcceptApplication{Application: id} }

func review(id ApplicationID) *RecordReview {
	return &RecordReview{Application: id, Opinion: Support, Comment: "同意"}
}

func approve(id ApplicationID, parts ...Instalment) *ApproveApplication {
	return &ApproveApplication{Application: id, Instalments: parts, Reason: "符合条件"}
}

func reduce(id ApplicationID, y SupportYear, amount string) *ReduceApproval {
	return &ReduceApproval{Application: id, SupportYear: y, Amount: money(amount), Reason: "核减"}
}

func release(id ApplicationID, y SupportYear, amount string) *ReleaseApproval {
	return &ReleaseApproval{Application: id, SupportYear: y, Amount: money(amount), Reason: "不再支付"}
}

func pay(id PayoutID, a ApplicationID, y SupportYear, amount string) *MakePayout {
	return &MakePayout{Payout: id, Application: a, SupportYear: y, Amount: money(amount), Voucher: "凭证-" + string(id)}
}

func book(id PayoutID, firm EnterpriseID, clause ClauseID, project string, y SupportYear, amount string) *BookPayout {
	c := &BookPayout{Payout: id, Enterprise: firm, Clause: clause, SupportYear: y, Amount: money(amount)}
	if clause == "3" {
		c.Award = project
	} else {
		c.Project = project
	}
	return c
}

func bookOn(id PayoutID, a ApplicationID, y SupportYear, amount string) *BookPayout {
	return &BookPayout{Payout: id, Application: a, SupportYear: y, Amount: money(amount)}
}

func sendBack(id PayoutID, amount string) *ReturnPayout {
	return &ReturnPayout{Payout: id, Amount: money(amount), Reason: "账号有误"}
}

func order(id ClawbackID, p PayoutID, amount string, cause Cause) *OrderClawback {
	return &OrderClawback{Clawback: id, Payout: p, Amount: money(amount), Cause: cause, Reason: "追回"}
}

func waive(id ClawbackID, amount string) *WaiveClawback {
	return &WaiveClawback{Clawback: id, Amount: money(amount), Document: "长府〔2025〕3 号"}
}

func receive(id RecoveryID, c ClawbackID, amount string) *ReceiveRecovery {
	return &ReceiveRecovery{Recovery: id, Clawback: c, Amount: money(amount)}
}

func reverse(id RecoveryID) *ReverseRecovery { return &ReverseRecovery{Recovery: id, Reason: "误记"} }

func except(id ExceptionID, clause ClauseID, subject string, y SupportYear, amount string) *GrantException {
	return &GrantException{Exception: id, Clause: clause, Subject: subject, SupportYear: y, Amount: money(amount), Document: "长府〔2025〕1 号"}
}

func revoke(id ExceptionID, amount string) *RevokeException {
	return &RevokeException{Exception: id, Amount: money(amount), Document: "长府〔2025〕2 号"}
}

func amend(clause ClauseID, amount, from string, retroactive bool) *AmendClause {
	return &AmendClause{Clause: clause, Cap: NewCap{Stated(money(amount)), true}, EffectiveOn: day(from), Retroactive: retroactive, Document: "修订 1 号"}
}

func appropriate(year int, clause ClauseID, d DepartmentID, amount string) *SetAppropriation {
	return &SetAppropriation{BudgetYear: year, Clause: clause, Department: d, Amount: money(amount), Document: "预算 1 号"}
}

// by gives a command to another person than the fixture would.
func by[C Command](c C, a Actor) C {
	HeadOf(c).Actor = a
	return c
}

// ready takes an application to where it can be approved.
func (st *story) ready(c *SubmitApplication) *story {
	st.t.Helper()
	return st.and(c, accept(c.Application)).and(review(c.Application))
}

// approved takes an application all the way, as applied for.
func (st *story) approved(c *SubmitApplication) *story {
	st.t.Helper()
	return st.ready(c).and(approve(c.Application, c.Requested...))
}

// render writes a whole state down, the same for the same state.
func render(s *State) string {
	var b strings.Builder
	if s.policy != nil {
		fmt.Fprintf(&b, "%+v\n", *s.policy)
	}
	for _, part := range []any{policiesOf(s), plain(s.clauses), plain(s.enterprises), plain(s.applications), plain(s.accounts), plain(s.loosened), plain(s.reopened), plain(s.lines), plain(s.flows), plain(s.payouts),
		plain(s.clawbacks), plain(s.recoveries), plain(s.gaveWay), plain(s.exceptions), plain(s.appropriations), plain(s.spent), plain(s.planned), plain(s.budgetYears),
		plain(s.statements), plain(s.checkpointKeys), plain(s.keyChanges), plain(s.reaches), s.sums, plain(s.names), plain(s.facts), plain(s.offers), plain(s.offered), plain(s.links), plain(s.linked), plain(s.together), plain(s.projects), plain(s.charged),
		plain(s.targets), plain(s.evaluations), plain(s.evaluated), plain(s.rectifications), s.happened} {
		fmt.Fprintf(&b, "%+v\n", part) // fmt writes maps in the order of their keys
	}
	return b.String()
}

// policiesOf are the fund's policies by what they say, not by where they lie.
func policiesOf(s *State) (list []string) {
	for i := range len(s.policies.rows) {
		p := s.policies.get(i)
		list = append(list, fmt.Sprintf("%+v %d %+v %+v", *p.policy, p.succeeds, p.ends, p.workflows))
	}
	return list
}

func plain[K comparable, V any](t table[K, V]) map[K]V {
	rows := make(map[K]V, len(t.rows))
	for key, row := range t.rows {
		rows[key] = *row
	}
	return rows
}

func TestRenderShowsEveryPartOfTheState(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "5.00")))
	parts := 0
	for _, f := range reflect.VisibleFields(reflect.TypeFor[State]()) {
		if !slices.Contains([]string{"recording", "undo", "inUse", "roster"}, f.Name) {
			parts++
		}
	}
	if got := strings.Count(render(st.state), "\n"); got != parts {
		t.Errorf("render writes %d parts of %d: a part was added to State", got, parts)
	}
	var again []string
	for range 3 {
		again = append(again, render(st.state))
	}
	if again[0] != again[1] || again[1] != again[2] {
		t.Error("the same state is rendered differently")
	}
}

// sorted lists the keys of a map in order.
func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// failer is a test, or a random case of one.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}
