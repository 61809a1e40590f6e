package demo

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// Step is a command of a made-up history, and what becomes of it.
type Step struct {
	Command domain.Command
	Expect  string // the code of its refusal; empty: it is accepted
}

const (
	enterprises = 300
	seed        = 20241115
)

// Changning makes two years of the Changning policy up to a day: applications under every clause that is applied for,
// instalments, payouts, refusals, bank returns, clawbacks of both causes, exceptions, amendments, restricted credit. The
// policy is published already when the first command comes. Commands come in the order of their business dates; an
// earlier day gives the beginning of what a later day gives. Ids say what a command is: "2025-A-0042-approve".
func Changning(policy domain.Policy, until domain.Date) iter.Seq[Step] {
	return played(policy, nil, until)
}

// played are the steps of one policy, or of two that follow one another.
func played(policy domain.Policy, next *domain.PublishPolicy, until domain.Date) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		w := newWorld(policy, until)
		w.next = next
		w.plan()
		w.planNext()
		for day := policy.Term.From; !day.After(until); day = plus(day, 1) {
			w.day = day
			for len(w.agenda[day]) > 0 {
				next := w.agenda[day][0]
				w.agenda[day] = w.agenda[day][1:]
				next()
			}
			delete(w.agenda, day)
			for _, step := range w.steps {
				if !yield(step) {
					return
				}
			}
			w.steps = w.steps[:0]
		}
	}
}

// world is the district as the demo plays it. It decides by the same rules as the ledger, for what happens next
// depends on it: a cap that is full, a payout that waits.
type world struct {
	policy domain.Policy
	next   *domain.PublishPolicy // the policy that follows; nil: none does
	state  *domain.State
	rng    *rand.Rand
	until  domain.Date
	day    domain.Date
	agenda map[domain.Date][]func()
	steps  []Step
	firms  []*firm
	serial map[string]int
}

type firm struct {
	id       domain.EnterpriseID
	industry domain.IndustryID
	ongoing  []ongoing
}

// ongoing is a project that may be supported again.
type ongoing struct {
	clause  domain.Clause
	project string
}

func newWorld(policy domain.Policy, until domain.Date) *world {
	w := &world{policy: policy, state: domain.NewState(), rng: rand.New(rand.NewPCG(seed, 1)), until: until, day: policy.Term.From,
		agenda: map[domain.Date][]func(){}, serial: map[string]int{}}
	publish := &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "admin", Role: domain.Admin}}, Policy: policy}
	if code := w.decide(publish); code != "" {
		panic("demo: the policy cannot be published: " + code)
	}
	return w
}

// on puts something on the agenda of a working day.
func (w *world) on(d domain.Date, do func()) {
	d = workday(d)
	w.agenda[d] = append(w.agenda[d], do)
}

// in puts something on the agenda some days from now: from least to most.
func (w *world) in(least, most int, do func()) {
	w.on(plus(w.day, least+w.rng.IntN(most-least+1)), do)
}

// chance is true in so many of a hundred cases.
func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

func (w *world) between(low, high int64) int64 { return low + w.rng.Int64N(high-low+1) }

// id numbers things of a kind within their year: "2025-A-0042".
func (w *world) id(kind string) string {
	key := fmt.Sprintf("%d-%s", w.day.Year(), kind)
	w.serial[key]++
	return fmt.Sprintf("%s-%04d", key, w.serial[key])
}

// document is the number of a paper that an office issues: "长府〔2025〕18号".
func (w *world) document(office string) string {
	key := fmt.Sprintf("%d-%s", w.day.Year(), office)
	w.serial[key]++
	return fmt.Sprintf("%s〔%d〕%d号", office, w.day.Year(), w.serial[key])
}

// voucher is the number of a treasury payment.
func (w *world) voucher() string {
	key := fmt.Sprintf("%d-voucher", w.day.Year())
	w.serial[key]++
	return fmt.Sprintf("沪长财支〔%d〕%04d号", w.day.Year(), w.serial[key])
}

// head is a command's head, of someone of a department.
func (w *world) head(id string, role domain.Role, department domain.DepartmentID) domain.Head {
	people := staff(department, role)
	return w.headOf(id, role, department, people[w.rng.IntN(len(people))])
}

func (w *world) headOf(id string, role domain.Role, department domain.DepartmentID, person domain.PersonID) domain.Head {
	return domain.Head{ID: domain.CommandID(id), Date: w.day, Actor: domain.Actor{ID: person, Role: role, Department: department}}
}

func (w *world) treasurer(id string) domain.Head {
	return w.head(id, domain.Treasurer, w.policy.Treasury)
}

func (w *world) government(id string) domain.Head {
	return w.head(id, domain.Authority, w.policy.Authority)
}

// give gives a command. It is expected to be accepted, or refused with one of the codes that whoever gives it is prepared for.
func (w *world) give(c domain.Command, prepared ...string) string {
	code := w.decide(c)
	expect := ""
	if slices.Contains(prepared, code) {
		expect = code
	}
	w.steps = append(w.steps, Step{Command: c, Expect: expect})
	return code
}

// refused gives a command that is to be refused.
func (w *world) refused(code string, c domain.Command) {
	w.decide(c)
	w.steps = append(w.steps, Step{Command: c, Expect: code})
}

func (w *world) decide(c domain.Command) string {
	decision, refusal := domain.Decide(w.state, c, w.until)
	if refusal != nil {
		return refusal.Code
	}
	for _, e := range decision.Events {
		domain.Apply(w.state, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
	return ""
}

// plan puts what is known beforehand on the agenda.
func (w *world) plan() {
	industries := []domain.IndustryID{"ai", "ai", "smart-internet", "smart-internet", "aviation-transport", "aviation-transport",
		"fashion-consumption", "fashion-consumption", "commerce-finance", "commerce-finance", "other-services", "advanced-manufacturing"}
	for n := range enterprises {
		f := &firm{id: creditCode(n, w.rng), industry: industries[n%len(industries)]}
		w.firms = append(w.firms, f)
		known := w.rng.IntN(480)
		switch {
		case n < plannedFirms:
			known = 3 // there from the start, for the planned cases
		case w.chance(40):
			known = w.rng.IntN(90)
		}
		w.on(plus(w.policy.Term.From, known), func() { w.register(n, f) })
	}
	w.budgets()
	w.incidents()
}

// register makes an enterprise known, and lets it apply a few times.
func (w *world) register(n int, f *firm) {
	w.give(&domain.RegisterEnterprise{Head: w.head("reg-"+string(f.id), domain.Clerk, "investment"), Enterprise: f.id,
		Title: companyName(n, f.industry, w.rng), Industry: f.industry})
	w.known(n, f)
	if n < plannedFirms {
		return
	}
	for range 1 + w.rng.IntN(6) {
		w.in(5, 420, func() { w.applies(f) })
	}
	if w.chance(4) {
		w.in(90, 360, func() { w.restrict(f) })
	}
}

// applies hands in an application of an enterprise: for a project that was supported before, or for a new one.
func (w *world) applies(f *firm) {
	if len(f.ongoing) > 0 && w.chance(40) {
		again := f.ongoing[w.rng.IntN(len(f.ongoing))]
		w.apply(f, w.continued(again.clause), again.project)
		return
	}
	w.apply(f, w.clauseFor(f), "")
}

// restrict stops an enterprise's support for some months.
func (w *world) restrict(f *firm) {
	id := w.id("K")
	w.give(&domain.RestrictCredit{Head: w.treasurer(id + "-restrict"), Enterprise: f.id, Reason: "列入严重失信主体名单"})
	w.in(60, 150, func() {
		w.give(&domain.RestoreCredit{Head: w.treasurer(id + "-restore"), Enterprise: f.id, Reason: "信用修复完成"})
	})
}

// clauseFor is a clause that serves an enterprise. The clauses of its own industry are likelier than those that serve all.
func (w *world) clauseFor(f *firm) domain.Clause {
	var own, serving []domain.Clause
	for _, c := range w.inForce().Clauses {
		switch {
		case c.NotAppliedFor:
		case len(c.Industries) == 0:
			serving = append(serving, c)
		case slices.Contains(c.Industries, f.industry):
			own = append(own, c)
		}
	}
	if len(own) > 0 && w.chance(65) {
		serving = own
	}
	return serving[w.rng.IntN(len(serving))]
}

// budgets sets the appropriations of each year, for clauses and for departments.
func (w *world) budgets() {
	for year := w.policy.Term.From.Year(); year <= w.policy.Term.To.Year()+1; year++ {
		w.on(latest(date(year, time.January, 8), plus(w.policy.Term.From, 4)), func() {
			for _, clause := range []domain.ClauseID{"1.1a", "1.2a", "1.2b", "4"} {
				w.appropriate(year, clause, "", 900_000_000)
			}
			w.appropriate(year, "2.4.3", "", 4_000_000) // scarce: some payouts wait for it to be raised
			w.appropriate(year, "", "reform", 300_000_000)
			w.appropriate(year, "", "market", 900_000_000)
			w.appropriate(year, "", "talent", 300_000_000)
		})
	}
}

func (w *world) appropriate(year int, clause domain.ClauseID, department domain.DepartmentID, yuan int64) {
	w.give(&domain.SetAppropriation{Head: w.treasurer(w.id("B")), BudgetYear: year, Clause: clause, Department: department,
		Amount: domain.Yuan(yuan), Document: w.document("长财预")})
}
