package postgres_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// planning is a history in which budgets of every scope are set, adjusted, and payments planned, taken back and used up.
func planning(seed uint64, n int) []eventstore.Record {
	a := projtest.NewAuthor(seed, n)
	random := rand.New(rand.NewPCG(seed, 9))
	treasurer := func() domain.Head { return a.Head("qian", domain.Treasurer, "finance") }
	var approved []domain.ApplicationID
	for len(a.Records()) < n {
		switch k := random.IntN(100); {
		case k < 10:
			c := &domain.SetAppropriation{Head: treasurer(), BudgetYear: 2025 + random.IntN(2), Amount: domain.Yuan(100_000_000_000 + random.Int64N(1_000)), Document: "预算",
				Kind: []domain.AppropriationKind{"", "", domain.InitialBudget, domain.AdjustedBudget}[random.IntN(4)]}
			if random.IntN(2) == 0 {
				c.Clause = domain.ClauseID([]string{"1", "2", "3", "5"}[random.IntN(4)])
			}
			if random.IntN(2) == 0 {
				c.Department = "commerce"
			}
			a.Do(c)
		case k < 35 && len(approved) > 0:
			id := approved[random.IntN(len(approved))]
			view, _ := a.State().Application(id)
			part := view.Instalments[random.IntN(len(view.Instalments))]
			month := domain.MonthOf(domain.DateIn(a.Now().AddDate(0, random.IntN(20), 0), domain.Shanghai))
			a.Do(&domain.PlanPayment{Head: treasurer(), Application: id, SupportYear: part.SupportYear, Month: month,
				Amount: domain.Fen(random.Int64N(part.Amount.Sub(part.Paid).Fen()/2 + 1))})
		default:
			before := len(a.Records())
			a.Act()
			for _, r := range a.Records()[before:] {
				if e, err := wire.Decode(r); err == nil {
					if e, is := e.Event.(*domain.ApplicationApproved); is {
						approved = append(approved, e.Application)
					}
				}
			}
		}
	}
	return a.Records()
}

// planned is a history at whose end a payment is planned.
func planned(seed uint64, n int) *projtest.Author {
	a := projtest.NewAuthor(seed, n)
	for len(a.Records()) < n {
		a.Act()
	}
	for _, r := range a.Records() {
		e, err := wire.Decode(r)
		if err != nil {
			panic(err)
		}
		approved, is := e.Event.(*domain.ApplicationApproved)
		if !is {
			continue
		}
		for _, i := range approved.Instalments {
			if a.Do(&domain.PlanPayment{Head: a.Head("qian", domain.Treasurer, "finance"), Application: approved.Application, SupportYear: i.SupportYear,
				Month: "2026-12", Amount: domain.Fen(1)}) == nil {
				return a
			}
		}
	}
	panic("nothing is left to plan")
}

// Every budget's row is what the rules count, now and at any moment before; what is planned and what is not make up what is committed, and the
// forecast has all of it that falls due.
func TestBudgetsAreWhatTheRulesCount(t *testing.T) {
	for seed := range uint64(2) {
		records := planning(41+seed, 900)
		url := migrated(t)
		project(t, url, records)
		q := ask(t, url, records[len(records)-1].Time)
		plans := 0
		for _, at := range []uint64{0, 300, 600, 899} {
			asked := projections.Ask{AsOf: projections.AsOf{Seq: at}}
			upto := uint64(len(records))
			if at > 0 {
				upto = at
			}
			s, today := domain.NewState(), domain.DateIn(records[upto-1].Time, domain.Shanghai)
			for _, r := range records[:upto] {
				e, err := wire.Decode(r)
				if err != nil {
					t.Fatal(err)
				}
				domain.Apply(s, e.Event, e.Deed())
			}
			rows := every(t, q, projections.Appropriations, asked)
			kinds := map[domain.BudgetScope]int{}
			committed := map[int64]domain.Money{}
			for _, r := range rows {
				b := s.Budget(r.Key(), today)
				if got := (domain.BudgetView{Initial: r.Initial, Adjusted: r.Adjusted, Carried: r.Carried, Paid: r.Paid, Committed: r.Committed, Late: r.Late}); got != b {
					t.Errorf("as of %d, %v has %+v in the tables and %+v by the rules", at, r.Key(), got, b)
				}
				if r.Appropriation.Stated && (r.Free.Amount != r.Appropriation.Amount.Sub(r.Paid).Sub(r.Committed).Sub(r.Late) || !r.Free.Stated) {
					t.Errorf("as of %d, %v has %v free", at, r.Key(), r.Free)
				}
				if kinds[r.ScopeKind]++; r.ScopeKind == domain.ScopeFund {
					committed[r.BudgetYear] = r.Committed
				}
			}
			if at != 300 && len(kinds) != 4 {
				t.Errorf("as of %d there are budgets of %v", at, kinds)
			}
			if at > 0 {
				continue
			}
			due := map[int64]domain.Money{}
			for _, i := range every(t, q, projections.Instalments, projections.Ask{}) {
				due[int64(i.SupportYear)] = due[int64(i.SupportYear)].Add(i.Unpaid)
			}
			for _, p := range every(t, q, projections.Plan, projections.Ask{}) {
				plans++
				due[int64(p.SupportYear)] = due[int64(p.SupportYear)].Sub(p.Planned)
				due[p.BudgetYear] = due[p.BudgetYear].Add(p.Planned)
			}
			all, ahead := domain.NoMoney, domain.NoMoney
			for year, amount := range due {
				all = all.Add(amount)
				if committed[year] != amount {
					t.Errorf("%s is committed in %d, plans and instalments make %s", committed[year], year, amount)
				}
			}
			months := every(t, q, projections.Forecast, projections.Ask{})
			for _, m := range months {
				ahead = ahead.Add(m.Due)
			}
			later := domain.NoMoney
			for _, p := range every(t, q, projections.Plan, projections.Ask{}) {
				if p.Month > months[11].Month {
					later = later.Add(p.Planned)
				}
			}
			if len(months) != 12 || ahead.Add(later).More(all) || !ahead.Positive() {
				t.Errorf("%d months, %s due in them and %s later, of %s", len(months), ahead, later, all)
			}
			// From the first month of the last year that anything is due in, all of it is ahead.
			whole := domain.NoMoney
			for _, m := range every(t, ask(t, url, time.Date(2026, 1, 31, 0, 0, 0, 0, domain.Shanghai)), projections.Forecast, projections.Ask{}) {
				whole = whole.Add(m.Due)
			}
			for _, p := range every(t, q, projections.Plan, projections.Ask{}) {
				if p.BudgetYear > 2026 {
					whole = whole.Add(p.Planned)
				}
			}
			if whole != all {
				t.Errorf("the forecast of a whole year comes to %s of %s", whole, all)
			}
		}
		if plans < 10 {
			t.Errorf("%d plans stand: too few to tell", plans)
		}
	}
}
