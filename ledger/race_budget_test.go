package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/rivals"
)

// What a fund has for a year is held as exactly as a cap is, whichever instance decides: budgets that refuse, closed years, and the use that a
// successor carries. Amounts are in units of 100,000.

func units(n int) domain.Money { return domain.Yuan(int64(n) * 100_000) }

// rivalling is some instances on one log that has what they compete for, on a day.
func rivalling(t *testing.T, n int, today domain.Date, policy domain.Policy, orders ...Order) []*Ledger {
	t.Helper()
	s, nc := server(t)
	cfg := Config{Fund: fund, Now: func() time.Time { return today.Time(domain.Shanghai).Add(10 * time.Hour) }}
	instances := []*Ledger{openWith(t, nc, cfg)}
	orders = append([]Order{{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: policy}}, register("register", "e")}, orders...)
	for _, r := range instances[0].DoAll(t.Context(), orders) {
		mustBook(t, r)
	}
	for range n - 1 {
		instances = append(instances, openWith(t, connect(t, s), cfg))
	}
	return instances
}

// ofTwoAndThree runs a contest of two instances, and one of three.
func ofTwoAndThree(t *testing.T, contest rivals.Contest, today domain.Date, policy domain.Policy, order func(op rivals.Op, id string) Order, orders ...Order) {
	for _, n := range []int{2, 3} {
		t.Run(fmt.Sprint(n, " instances"), func(t *testing.T) {
			compete(t, contest, rivalling(t, n, today, policy, orders...), 6, 25, order)
		})
	}
}

// uncapped is the test's policy with a clause whose cap is none.
func uncapped() domain.Policy {
	p := testPolicy()
	p.Clauses[0].Cap.Amount = domain.Unstated
	return p
}

func budget(year int) Order { return setBudget("budget", year, rivals.Cap) }

func setBudget(id string, year, n int) Order {
	return Order{Command: &domain.SetAppropriation{Head: head(id, domain.Treasurer), BudgetYear: year, Clause: "1", Amount: units(n), Document: "d"}}
}

func applications() (orders []Order) {
	for i := range rivals.Applications {
		orders = append(orders, submit(fmt.Sprint("a", i), 1_000_000))
	}
	return orders
}

func TestABudgetThatRefusesIsExactUnderRaces(t *testing.T) {
	p := uncapped()
	p.BudgetControl = domain.BudgetRefuse
	order := func(op rivals.Op, id string) Order {
		if op.Verb == "set budget" {
			return setBudget(id, 2025, op.Sets())
		}
		return raceOrder(op, id)
	}
	ofTwoAndThree(t, rivals.Budget, domain.DateOf(2025, 3, 2), p, order, append(applications(), budget(2025))...)
}

func TestAClosedYearIsExactUnderRaces(t *testing.T) {
	on := func(h domain.Head, day domain.Date) domain.Head { h.Date = day; return h }
	closing := domain.DateOf(2026, 1, 5)
	order := func(op rivals.Op, id string) Order {
		treasurer := head(id, domain.Treasurer)
		switch op.Verb {
		case "close":
			return Order{Command: &domain.CloseBudgetYear{Head: on(treasurer, closing), Year: 2025, Document: "d"}}
		case "reopen":
			authority := on(head(id, domain.Authority), closing)
			authority.Actor.Department = "government"
			return Order{Command: &domain.ReopenBudgetYear{Head: authority, Year: 2025, Document: "d", Reason: "r"}}
		case "carry":
			return Order{Command: &domain.CarryOver{Head: on(treasurer, closing), From: 2025, To: 2026, Clause: "1", Amount: units(op.Units), Document: "d"}}
		}
		return Order{Command: &domain.MakePayout{Head: treasurer, Payout: domain.PayoutID(id), Application: "a", SupportYear: 2025, Amount: units(op.Units)}}
	}
	ofTwoAndThree(t, rivals.Closing, closing, uncapped(), order, submit("a", 100_000_000), approve("approve", "a", 100_000_000), budget(2025))
}

func TestACarriedCapIsExactUnderRaces(t *testing.T) {
	const earlier, later = "1", "n1"
	first, day := testPolicy(), domain.DateOf(2025, 8, 1)
	first.Term.To = domain.DateOf(2025, 6, 30)
	first.Clauses[0].Cap = domain.Cap{Amount: domain.Stated(units(rivals.EarlierCap)), Subject: domain.SubjectEnterprise, Period: domain.InTotal}
	next := testPolicy()
	next.ID, next.Succeeds, next.Term.From = "next", fund, domain.DateOf(2025, 7, 1)
	next.Clauses[0].ID, next.Clauses[0].Continues = later, domain.Continuation{Clause: earlier, Use: domain.Carried}
	next.Clauses[0].Cap = domain.Cap{Amount: domain.Stated(units(rivals.Cap)), Subject: domain.SubjectEnterprise, Period: domain.InTotal}
	orders := []Order{{Command: &domain.PublishPolicy{Head: head("publish next", domain.Admin), Policy: next}}}
	for i, o := range applications() {
		if c := o.Command.(*domain.SubmitApplication); i%2 == 1 {
			c.Clause, c.Date = later, day
		}
		orders = append(orders, o)
	}
	order := func(op rivals.Op, id string) Order {
		if op.Verb == "reduce earlier" {
			return raceOrder(rivals.Op{Verb: "reduce", Application: op.Application - op.Application%2, Units: op.Units}, id)
		}
		o := raceOrder(op, id)
		if !op.Earlier() {
			o.Command.(*domain.ApproveApplication).Date = day
		}
		return o
	}
	ofTwoAndThree(t, rivals.Succession, day, first, order, orders...)
}

// Two linked enterprises share what their group may use: applications of even numbers are one's, the others the other one's, and each has a cap of its own
// that it never reaches alone.
func TestAGroupsCapIsExactUnderRaces(t *testing.T) {
	p := testPolicy()
	p.Clauses[0].GroupCap = domain.GroupCap{Amount: domain.Stated(units(rivals.Cap)), Control: domain.GroupRefuse}
	p.Clauses[0].Cap.Amount = domain.Stated(units(10 * rivals.Cap))
	orders := []Order{register("register other", "f"), {Command: &domain.LinkEnterprises{Head: head("link", domain.Clerk), Link: "l", A: "e", B: "f", Kind: domain.Controls, Share: "50.01",
		From: domain.DateOf(2025, 3, 1), Document: "d"}}}
	for i, o := range applications() {
		if c := o.Command.(*domain.SubmitApplication); i%2 == 1 {
			c.Enterprise = "f"
		}
		orders = append(orders, o)
	}
	ofTwoAndThree(t, rivals.OneCap, domain.DateOf(2025, 3, 2), p, raceOrder, orders...)
}

// Two enterprises become one while they are approved for: each has a cap of its own until then, and both have one from then on.
func TestTheCapOfAMergerIsExactUnderRaces(t *testing.T) {
	day := domain.DateOf(2025, 3, 2)
	orders := []Order{register("register other", "f")}
	for i, o := range applications() {
		if c := o.Command.(*domain.SubmitApplication); i%2 == 1 {
			c.Enterprise = "f"
		}
		orders = append(orders, o)
	}
	order := func(op rivals.Op, id string) Order {
		if op.Verb != "merge" {
			return raceOrder(op, id)
		}
		return Order{Command: &domain.MergeEnterprises{Head: head(id, domain.Clerk), From: "f", Into: "e", Document: "d"}}
	}
	ofTwoAndThree(t, rivals.Merger, day, testPolicy(), order, orders...)
}

// Two projects are found to be one while they are approved for: each has a cap of its own until then, and both have one from then on.
func TestTheCapOfOneProjectIsExactUnderRaces(t *testing.T) {
	p := testPolicy()
	p.Clauses[0].Cap.Subject = domain.SubjectProject
	orders := applications()
	for i, o := range orders {
		o.Command.(*domain.SubmitApplication).Project = []string{"p", "q"}[i%2]
	}
	order := func(op rivals.Op, id string) Order {
		if op.Verb != "merge" {
			return raceOrder(op, id)
		}
		return Order{Command: &domain.SameProject{Head: head(id, domain.Clerk), A: "q", B: "p", Document: "d"}}
	}
	ofTwoAndThree(t, rivals.Merger, domain.DateOf(2025, 3, 2), p, order, orders...)
}
