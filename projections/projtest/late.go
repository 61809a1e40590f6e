package projtest

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// LateHistory is a valid history of at least n events that is harder than [History]: a third of its commands are dated up to 120 days
// before they are recorded, money is booked before its approval and comes back without an order, and mistakes are undone.
func LateHistory(seed uint64, n int) []eventstore.Record { return Late(seed, n).records }

// Late is the author of a [LateHistory], when it is written.
func Late(seed uint64, n int) *Author {
	a := NewAuthor(seed, n)
	a.late = 33
	for len(a.records) < n {
		switch {
		case a.chance(25):
			a.undo()
		case a.chance(1):
			a.bounce()
		default:
			a.Act()
		}
	}
	return a
}

// bounce grants anew, under a lower cap, what was recovered, and lets one of the two cheques bounce: the account is over what it must hold.
// Sometimes a part of what was granted anew is released again.
func (a *Author) bounce() {
	late := a.late
	defer func() { a.late = late }()
	a.late = 0
	e, project := pick(a, a.enterprises), a.id("bounced")
	account := domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: project}}
	line, _ := a.state.Account(account, 2025, a.Today())
	quarter := domain.Fen(line.Cap.Amount.Fen() / 4)
	first := a.Granted(e, "3", project, domain.Instalment{SupportYear: 2025, Amount: quarter.Add(quarter).Add(quarter).Add(quarter)})
	treasurer := func() domain.Head { return a.head("qian", domain.Treasurer, "finance") }
	payout, order := domain.PayoutID(a.id("Z")), domain.ClawbackID(a.id("B"))
	a.do(&domain.MakePayout{Head: treasurer(), Payout: payout, Application: first, SupportYear: 2025, Amount: quarter.Add(quarter), Voucher: "V-" + string(payout)})
	a.do(&domain.OrderClawback{Head: treasurer(), Clawback: order, Payout: payout, Amount: quarter.Add(quarter), Cause: domain.CauseError, Reason: "多付"})
	cheque := domain.RecoveryID("")
	for range 2 {
		cheque = domain.RecoveryID(a.id("R"))
		a.do(&domain.ReceiveRecovery{Head: treasurer(), Recovery: cheque, Clawback: order, Amount: quarter})
	}
	a.do(&domain.AmendClause{Head: a.head("root", domain.Admin, ""), Clause: "3", EffectiveOn: a.Today(),
		Cap: domain.NewCap{Ceiling: domain.Stated(line.Cap.Amount.Sub(quarter)), Given: true}, Document: "修订"})
	second := a.Granted(e, "3", project, domain.Instalment{SupportYear: 2026, Amount: quarter})
	a.do(&domain.ReverseRecovery{Head: treasurer(), Recovery: cheque, Reason: "退票"})
	if a.chance(50) {
		a.do(&domain.ReleaseApproval{Head: a.head("wang", domain.Approver, "commerce"), Application: second, SupportYear: 2026, Amount: domain.Fen(1 + quarter.Fen()/2), Reason: "结余"})
	}
	a.do(&domain.AmendClause{Head: a.head("root", domain.Admin, ""), Clause: "3", EffectiveOn: a.Today(),
		Cap: domain.NewCap{Ceiling: line.Cap, Given: true}, Retroactive: a.chance(30), Document: "修订"})
}

// Granted takes an application for a project all the way to its approval, where nothing stands against it.
func (a *Author) Granted(e domain.EnterpriseID, clause domain.ClauseID, project string, parts ...domain.Instalment) domain.ApplicationID {
	id := domain.ApplicationID(a.id("A"))
	a.do(&domain.SubmitApplication{Head: a.head("chen", domain.Clerk, ""), Application: id, Enterprise: e, Clause: clause, Project: project, Title: "申请", Requested: parts})
	a.do(&domain.AcceptApplication{Head: a.head("ai", domain.Clerk, ""), Application: id})
	a.do(&domain.RecordReview{Head: a.head("rao", domain.Reviewer, "commerce"), Application: id, Opinion: domain.Support, Comment: "同意"})
	a.do(&domain.ApproveApplication{Head: a.head("wang", domain.Approver, "commerce"), Application: id, Instalments: parts, Reason: "符合条件"})
	return id
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

// StateAt is the fund after one of a history's events.
func StateAt(records []eventstore.Record, seq uint64) *domain.State {
	s := domain.NewState()
	for _, record := range records[:seq] {
		e, err := wire.Decode(record)
		if err != nil {
			panic(err)
		}
		domain.Apply(s, e.Event, e.Deed())
	}
	return s
}
