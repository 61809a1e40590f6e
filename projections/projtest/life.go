package projtest

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// LifeHistory is a valid history of at least n events in which applications live on: they are amended and moved, more is approved on them, and they
// are voided and come again under their ids or others.
func LifeHistory(seed uint64, n int) []eventstore.Record {
	a := NewAuthor(seed, n)
	for len(a.records) < n {
		if len(a.cases) > 0 && a.chance(20) {
			a.live(pick(a, a.cases))
		} else {
			a.Act()
		}
	}
	return a.records
}

// live does to an application what is refused where it may not be done.
func (a *Author) live(f *file) {
	view, _ := a.state.Application(f.id)
	clerk := func() domain.Head { return a.head("chen", domain.Clerk, "") }
	approver := func() domain.Head { return a.head("wang", domain.Approver, "commerce") }
	switch n := a.random.IntN(100); {
	case n < 30:
		head := clerk()
		if view.State == domain.Approved {
			head = approver()
		}
		more := append([]domain.Instalment(nil), view.Requested...)
		for i := range more {
			more[i].Amount = more[i].Amount.Add(a.amount(500_000))
		}
		c := &domain.AmendApplication{Head: head, Application: f.id, Requested: more, Reason: "更正", Document: "文〔2025〕1号"}
		if a.chance(30) {
			c.Title, c.Project = "改名", "P-"+string(f.id)
		}
		if a.do(c) == nil && view.State != domain.Approved {
			f.parts, f.stage = more, min(f.stage, 1)
		}
	case n < 60 && view.State == domain.Approved:
		a.do(&domain.RecordReview{Head: a.head("rao", domain.Reviewer, "commerce"), Application: f.id, Opinion: domain.Support, Comment: "同意"})
		a.do(&domain.SupplementApproval{Head: approver(), Application: f.id, Instalments: []domain.Instalment{{SupportYear: pick(a, f.parts).SupportYear, Amount: a.amount(200_000)}}, Reason: "扩容"})
	case n < 85:
		if a.do(&domain.MoveApplication{Head: approver(), Application: f.id, Enterprise: pick(a, a.enterprises), Document: "文〔2025〕2号"}) == nil {
			f.stage = max(min(f.stage, 1), f.stage/3*3) // reviewed anew, where it is not decided
		}
	default:
		for _, i := range view.Instalments {
			if rest := i.Amount.Sub(i.Paid); rest.Positive() && a.chance(50) {
				a.do(&domain.ReleaseApproval{Head: approver(), Application: f.id, SupportYear: i.SupportYear, Amount: rest, Reason: "结余"})
			}
		}
		if a.do(&domain.VoidApplication{Head: approver(), Application: f.id, Reason: "重复录入", Document: "文〔2025〕3号"}) != nil {
			return
		}
		f.stage = 11
		again := &domain.SubmitApplication{Head: clerk(), Application: f.id, Enterprise: pick(a, a.enterprises), Clause: pick(a, []domain.ClauseID{"1", "2", "3"}), Title: "再次申请", Replaces: f.id}
		if a.chance(40) {
			again.Application = domain.ApplicationID(a.id("A"))
		}
		a.fillIn(again)
		if a.do(again) == nil {
			f.id, f.parts, f.stage, f.payouts, f.claws = again.Application, again.Requested, 0, nil, nil
		}
	}
}
