package projtest

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// LateHistory is a valid history of at least n events that is harder than [History]: a third of its commands are dated up to 120 days
// before they are recorded, money is booked before its approval and comes back without an order, and mistakes are undone.
func LateHistory(seed uint64, n int) []eventstore.Record {
	a := NewAuthor(seed, n)
	a.late = 33
	for len(a.records) < n {
		if a.chance(25) {
			a.undo()
		} else {
			a.Act()
		}
	}
	return a.records
}

// undo books what no approval covers yet, lets it come back, and takes back what was recorded by mistake.
func (a *Author) undo() {
	e := pick(a, a.enterprises)
	treasurer := a.head("qian", domain.Treasurer, "finance")
	amount := domain.Fen(1 + a.random.Int64N(60_000_000))
	payout := domain.PayoutID(fmt.Sprintf("Z-%d", 1+a.random.IntN(a.next["Z"]+1)))
	project := fmt.Sprintf("P-%s-%d", e, a.random.IntN(2))
	switch a.random.IntN(9) {
	case 0, 1:
		a.do(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(a.id("Z")), Enterprise: e, Clause: "3", Project: project, SupportYear: 2025, Amount: amount})
	case 2, 3:
		a.do(&domain.BookRecovery{Head: treasurer, Recovery: domain.RecoveryID(a.id("R")), Enterprise: e, Clause: "3", Project: project, SupportYear: 2025,
			Amount: domain.Fen(1 + amount.Fen()/2), Cause: pick(a, []domain.Cause{domain.CauseError, domain.CauseBreach})})
	case 4:
		if len(a.cases) > 0 {
			f := pick(a, a.cases)
			a.do(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(a.id("Z")), Application: f.id, SupportYear: f.parts[0].SupportYear,
				Amount: domain.Fen(1 + f.parts[0].Amount.Fen()/2)})
		}
	case 5:
		if p, known := a.state.Payout(payout); known {
			a.do(&domain.ReturnPayout{Head: treasurer, Payout: payout, Amount: pick(a, []domain.Money{p.Amount, domain.Fen(1 + p.Amount.Fen()/2)}), Reason: "账号有误"})
		}
	case 6:
		if p, known := a.state.Payout(payout); known {
			a.do(&domain.ReverseReturn{Head: treasurer, Payout: payout, Amount: pick(a, []domain.Money{p.Returned, domain.Fen(1 + p.Returned.Fen()/2)}), Reason: "误记"})
		}
	case 7:
		a.do(&domain.ReverseBooking{Head: treasurer, Payout: payout, Reason: "误记", Document: "长财〔2025〕9号"})
	default:
		a.do(&domain.ReverseRecovery{Head: treasurer, Recovery: domain.RecoveryID(fmt.Sprintf("R-%d", 1+a.random.IntN(a.next["R"]+1))), Reason: "退票"})
	}
}
