package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// Step is a command of a sample history, and what becomes of it.
type Step struct {
	Command domain.Command
	Expect  string // the code of its refusal; empty: it is accepted
}

const (
	enterprises = 300
	seed        = 20241115
)

// Changning makes two years of the Changning policy up to a day: applications under every clause that is applied for,
// instalments, payouts, refusals, bank returns, clawbacks of both causes, exceptions, amendments, a restricted credit. The
// policy is published already when the first command comes. Commands come in the order of their business dates, and the
// same day gives the same commands.
func Changning(policy domain.Policy, until domain.Date) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		w := newWorld(policy, until)
		w.plan()
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

// world is the district as the sample plays it: it decides by the same rules, so it knows what the ledger will say.
type world struct {
	policy domain.Policy
	state  *domain.State
	rng    *rand.Rand
	until  domain.Date
	day    domain.Date
	agenda map[domain.Date][]func()
	steps  []Step
	firms  []firm
	serial map[string]int
}

type firm struct {
	id       domain.EnterpriseID
	industry domain.IndustryID
}

func newWorld(policy domain.Policy, until domain.Date) *world {
	w := &world{policy: policy, state: domain.NewState(), rng: rand.New(rand.NewPCG(seed, 1)), until: until, day: policy.Term.From,
		agenda: map[domain.Date][]func(){}, serial: map[string]int{}}
	publish := &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "admin", Role: domain.Admin}}, Policy: policy}
	if code := w.decide(publish); code != "" {
		panic("sample: the policy cannot be published: " + code)
	}
	return w
}

func plus(d domain.Date, days int) domain.Date {
	return domain.DateIn(d.Time(time.UTC).AddDate(0, 0, days), time.UTC)
}

// workday moves a weekend's day to the Monday after it.
func workday(d domain.Date) domain.Date {
	switch d.Time(time.UTC).Weekday() {
	case time.Saturday:
		return plus(d, 2)
	case time.Sunday:
		return plus(d, 1)
	}
	return d
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

func (w *world) pick(people []domain.PersonID) domain.PersonID {
	return people[w.rng.IntN(len(people))]
}

// head is a command's head, of someone of a department.
func (w *world) head(id string, role domain.Role, department domain.DepartmentID) domain.Head {
	return w.headOf(id, role, department, w.pick(staff(department, role)))
}

func (w *world) headOf(id string, role domain.Role, department domain.DepartmentID, person domain.PersonID) domain.Head {
	return domain.Head{ID: domain.CommandID(id), Date: w.day, Actor: domain.Actor{ID: person, Role: role, Department: department}}
}

// give gives a command, and returns the code of its refusal.
func (w *world) give(c domain.Command) string {
	code := w.decide(c)
	w.steps = append(w.steps, Step{Command: c, Expect: code})
	return code
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

// plan puts the two years on the agenda.
func (w *world) plan() {
	industries := []domain.IndustryID{"ai", "ai", "smart-internet", "smart-internet", "aviation-transport", "aviation-transport",
		"fashion-consumption", "fashion-consumption", "commerce-finance", "commerce-finance", "other-services", "advanced-manufacturing"}
	term := int(w.until.Time(time.UTC).Sub(w.policy.Term.From.Time(time.UTC)).Hours() / 24)
	for n := range enterprises {
		f := firm{creditCode(n, w.rng), industries[n%len(industries)]}
		w.firms = append(w.firms, f)
		known := plus(w.policy.Term.From, w.rng.IntN(max(term*2/3, 1)))
		if n < 20 {
			known = plus(w.policy.Term.From, 3) // some are there from the start, for the planned cases
		}
		w.on(known, func() { w.register(n, f) })
	}
	w.budgets()
	w.incidents()
}

// register makes an enterprise known, and lets it apply a few times.
func (w *world) register(n int, f firm) {
	w.give(&domain.RegisterEnterprise{Head: w.head("reg-"+string(f.id), domain.Clerk, "investment"), Enterprise: f.id,
		Title: companyName(n, f.industry, w.rng), Industry: f.industry})
	for range 1 + w.rng.IntN(4) {
		w.in(5, 420, func() { w.apply(f, w.clauseFor(f), "") })
	}
}

// clauseFor is a clause that serves an enterprise.
func (w *world) clauseFor(f firm) domain.Clause {
	var serving []domain.Clause
	for _, c := range w.policy.Clauses {
		if c.NotAppliedFor {
			continue
		}
		if len(c.Industries) == 0 || slices.Contains(c.Industries, f.industry) {
			serving = append(serving, c)
		}
	}
	return serving[w.rng.IntN(len(serving))]
}

// budgets sets the appropriations of each year.
func (w *world) budgets() {
	for year := w.policy.Term.From.Year(); year <= w.until.Year(); year++ {
		day := domain.DateOf(year, time.January, 8)
		if day.Before(w.policy.Term.From) {
			day = plus(w.policy.Term.From, 4)
		}
		w.on(day, func() {
			for _, clause := range []domain.ClauseID{"1.1a", "1.2a", "1.2b", "4"} {
				w.appropriate(year, clause, "", 900_000_000)
			}
			w.appropriate(year, "2.4.3", "", 4_000_000) // scarce: some payouts wait for it to be raised
			w.appropriate(year, "", "reform", 60_000_000)
		})
	}
}

func (w *world) appropriate(year int, clause domain.ClauseID, department domain.DepartmentID, yuan int64) {
	w.give(&domain.SetAppropriation{Head: w.head(w.id("B"), domain.Treasurer, "finance"), BudgetYear: year, Clause: clause, Department: department,
		Amount: domain.Yuan(yuan), Document: fmt.Sprintf("长财预〔%d〕%d号", w.day.Year(), w.serial[fmt.Sprintf("%d-B", w.day.Year())])})
}
