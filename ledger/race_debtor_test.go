package ledger

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// Payouts to a debtor race on two instances, each given twice: what is owed is kept back once, to the fen, and the rest is paid.
func TestADebtIsOffsetOnceUnderRaces(t *testing.T) {
	p := testPolicy()
	p.Debtors, p.ClawbackDueDays = domain.DebtorOffset, 1
	on := domain.DateOf(2025, 3, 10)
	orders := []Order{submit("a", 600_000), approve("approve-a", "a", 600_000), submit("b", 400_000), approve("approve-b", "b", 400_000),
		{Command: &domain.MakePayout{Head: head("pay-a", domain.Treasurer), Payout: "a", Application: "a", SupportYear: 2025, Amount: domain.Yuan(600_000)}},
		{Command: &domain.OrderClawback{Head: head("order", domain.Treasurer), Clawback: "c", Payout: "a", Amount: domain.Yuan(85_000), Cause: domain.CauseError}}}
	instances := rivalling(t, 2, on, p, orders...)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			h := head(fmt.Sprint("pay-", i), domain.Treasurer)
			h.Date = on
			pay := Order{Command: &domain.MakePayout{Head: h, Payout: domain.PayoutID(fmt.Sprint("b", i)), Application: "b", SupportYear: 2025, Amount: domain.Yuan(20_000)}}
			ask(t, instances[i%2], pay)
			ask(t, instances[(i+1)%2], pay)
		})
	}
	all.Wait()
	for _, l := range instances {
		l.DoAll(t.Context(), []Order{register("register", "e")}) // a repetition: it has the instance read up to the end
		err := l.View(t.Context(), func(s *domain.State, _ uint64) {
			var kept domain.Money
			for i := range 20 {
				v, there := s.Payout(domain.PayoutID(fmt.Sprint("b", i)))
				if !there {
					t.Errorf("the payout %d is not there", i)
				}
				kept = kept.Add(v.KeptBack)
			}
			if c, _ := s.Clawback("c"); kept != domain.Yuan(85_000) || c.Recovered != kept || !c.Outstanding.IsZero() {
				t.Errorf("%s kept back, %s recovered, %s outstanding", kept, c.Recovered, c.Outstanding)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}
