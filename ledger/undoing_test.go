package ledger

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// undoing are commands on one case that can happen once, and the refusal of whoever comes later.
var undoing = map[string]struct {
	command func(h domain.Head, n int) domain.Command
	role    domain.Role
	refused string
}{
	"reverse_return": {func(h domain.Head, n int) domain.Command {
		return &domain.ReverseReturn{Head: h, Payout: domain.PayoutID(fmt.Sprint("m", n)), Amount: domain.Yuan(40_000), Reason: "误记"}
	}, domain.Treasurer, domain.CodeReturnExceeded},
	"reverse_booking": {func(h domain.Head, n int) domain.Command {
		return &domain.ReverseBooking{Head: h, Payout: domain.PayoutID(fmt.Sprint("b", n)), Reason: "误记", Document: "更正表"}
	}, domain.Treasurer, domain.CodePayoutReversed},
	"receive_recovery": {func(h domain.Head, n int) domain.Command {
		return &domain.ReceiveRecovery{Head: h, Recovery: domain.RecoveryID("x-" + h.ID), Clawback: domain.ClawbackID(fmt.Sprint("c", n)), Amount: domain.Yuan(20_000)}
	}, domain.Treasurer, domain.CodeRecoveryExceeded},
	"reverse_recovery": {func(h domain.Head, n int) domain.Command {
		return &domain.ReverseRecovery{Head: h, Recovery: domain.RecoveryID(fmt.Sprint("r", n)), Reason: "退票"}
	}, domain.Treasurer, domain.CodeRecoveryReversed},
	"make_payout": {func(h domain.Head, n int) domain.Command {
		return &domain.MakePayout{Head: h, Payout: domain.PayoutID("p-" + h.ID), Application: domain.ApplicationID(fmt.Sprint("second", n)), SupportYear: 2025, Amount: domain.Yuan(50_000)}
	}, domain.Treasurer, domain.CodeInstalmentExceeded},
	"return_payout": {func(h domain.Head, n int) domain.Command {
		return &domain.ReturnPayout{Head: h, Payout: domain.PayoutID(fmt.Sprint("k", n)), Amount: domain.Yuan(10_000), Reason: "退汇"}
	}, domain.Treasurer, domain.CodeReturnExceeded},
}

// undoable prepares a case of which each of these can be undone.
func undoable(t *testing.T, l *Ledger, n int) {
	t.Helper()
	by := func(verb string, role domain.Role) domain.Head { return head(fmt.Sprint(verb, n), role) }
	first, second := domain.ApplicationID(fmt.Sprint("first", n)), fmt.Sprint("second", n)
	pay := func(id string, yuan int64) Order {
		payout := domain.PayoutID(fmt.Sprint(id, n))
		return Order{Command: &domain.MakePayout{Head: by("pay-"+id, domain.Treasurer), Payout: payout, Application: first, SupportYear: 2025, Amount: domain.Yuan(yuan)}}
	}
	m, b, c := domain.PayoutID(fmt.Sprint("m", n)), domain.PayoutID(fmt.Sprint("b", n)), domain.ClawbackID(fmt.Sprint("c", n))
	for _, r := range l.DoAll(t.Context(), []Order{submit(string(first), 100_000), approve("approve-"+string(first), string(first), 100_000), submit(second, 50_000),
		approve("approve-"+second, second, 50_000), pay("m", 40_000), pay("k", 10_000), pay("q", 30_000),
		{Command: &domain.ReturnPayout{Head: by("return-m", domain.Treasurer), Payout: m, Amount: domain.Yuan(40_000), Reason: "退汇"}},
		{Command: &domain.BookPayout{Head: by("book", domain.Treasurer), Payout: b, Enterprise: "e", Clause: "1", SupportYear: 2025, Amount: domain.Yuan(20_000)}},
		{Command: &domain.OrderClawback{Head: by("order", domain.Treasurer), Clawback: c, Payout: domain.PayoutID(fmt.Sprint("q", n)), Amount: domain.Yuan(30_000), Cause: domain.CauseError, Reason: "多付"}},
		{Command: &domain.ReceiveRecovery{Head: by("receive", domain.Treasurer), Recovery: domain.RecoveryID(fmt.Sprint("r", n)), Clawback: c, Amount: domain.Yuan(10_000)}}}) {
		mustBook(t, r)
	}
}

// Clients of two instances undo the same case at once, and each asks again, of the other instance, before it knows: every undoing is
// booked once, everybody is told the same about the same id, whenever it is asked, and the sums are those of one undoing each.
func TestUndoingIsBookedOnceWhoeverAsksAndHoweverOften(t *testing.T) {
	s, nc := server(t)
	instances := []*Ledger{opened(t, nc), open(t, connect(t, s))}
	const cases, clients = 5, 4
	type told struct {
		order  Order
		result Result
	}
	var mu sync.Mutex
	booked, of := map[string]told{}, map[domain.CommandID]uint64{}
	for n := range cases {
		undoable(t, instances[0], n)
	}
	for n := range cases {
		var all sync.WaitGroup
		for verb, u := range undoing {
			for client := range clients {
				id := fmt.Sprintf("%s-%d-%d", verb, n, client)
				order := Order{Command: u.command(head(id, u.role), n)}
				for _, on := range instances {
					all.Go(func() {
						r := on.Do(t.Context(), order)
						mu.Lock()
						defer mu.Unlock()
						switch about := fmt.Sprint(verb, n); {
						case r.Err != nil || r.Refusal != nil && r.Refusal.Code != u.refused:
							t.Errorf("%s: %v %v", id, r.Refusal, r.Err)
						case r.Refusal != nil && of[order.Command.Given().ID] != 0:
							t.Errorf("%s was booked, and then refused: %v", id, r.Refusal)
						case r.Refusal != nil:
						case booked[about].order.Command != nil && booked[about].order.Command.Given().ID != order.Command.Given().ID:
							t.Errorf("%s was booked by %s and by %s", about, booked[about].order.Command.Given().ID, id)
						case of[order.Command.Given().ID] != 0 && of[order.Command.Given().ID] != r.Outcome.FirstSeq:
							t.Errorf("%s lies at %d and at %d", id, of[order.Command.Given().ID], r.Outcome.FirstSeq)
						default:
							booked[about], of[order.Command.Given().ID] = told{order, r}, r.Outcome.FirstSeq
						}
					})
				}
			}
		}
		all.Wait()
	}
	if len(booked) != cases*len(undoing) {
		t.Fatalf("%d things were undone, not %d", len(booked), cases*len(undoing))
	}
	third := open(t, connect(t, s)) // as after a restart
	for about, b := range booked {
		for _, l := range append(instances, third) {
			if again := mustBook(t, l.Do(t.Context(), b.order)); !again.Repeated || again.FirstSeq != b.result.Outcome.FirstSeq {
				t.Errorf("%s, asked again: %+v, at first %+v", about, again, b.result.Outcome)
			}
		}
	}
	_, state := readAll(t, third.Log())
	for _, l := range append(instances, third) {
		sameState(t, l, state)
	}
	line, _ := state.Account(state.Accounts()[0], 2025, domain.DateOf(2025, 3, 1))
	if line.Use != domain.Yuan(cases*(100_000+50_000-20_000)) || !line.Outside.IsZero() || line.Use.More(line.Cap.Amount) {
		t.Errorf("the account holds %+v", line)
	}
	for n := range cases {
		m, _ := state.Payout(domain.PayoutID(fmt.Sprint("m", n)))
		k, _ := state.Payout(domain.PayoutID(fmt.Sprint("k", n)))
		c, _ := state.Clawback(domain.ClawbackID(fmt.Sprint("c", n)))
		first, _ := state.Application(domain.ApplicationID(fmt.Sprint("first", n)))
		second, _ := state.Application(domain.ApplicationID(fmt.Sprint("second", n)))
		if !m.Returned.IsZero() || k.Returned != domain.Yuan(10_000) || c.Recovered != domain.Yuan(20_000) || c.Outstanding != domain.Yuan(10_000) ||
			first.Instalments[0].Paid != domain.Yuan(70_000) || second.Instalments[0].Paid != domain.Yuan(50_000) {
			t.Errorf("case %d: %+v %+v %+v %+v %+v", n, m, k, c, first, second)
		}
	}
}
