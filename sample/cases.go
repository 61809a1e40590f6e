package sample

import (
	"fmt"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// file is an application on its way.
type file struct {
	id      domain.ApplicationID
	firm    firm
	clause  domain.Clause // applied for under
	charged domain.Clause // whose cap counts
	office  domain.DepartmentID
	accept  domain.PersonID
	asked   []domain.Instalment
	project string
	award   string
}

// apply submits an application, and puts what follows on the agenda.
func (w *world) apply(f firm, clause domain.Clause, project string) {
	a := &file{id: domain.ApplicationID(w.id("A")), firm: f, clause: clause, charged: clause, project: project}
	a.office = clause.Departments[w.rng.IntN(len(clause.Departments))]
	var refersTo domain.ClauseID
	if clause.ByReference() {
		refersTo = clause.RefersTo[w.rng.IntN(len(clause.RefersTo))]
		a.charged, _ = w.policy.Clause(refersTo)
	}
	switch {
	case a.charged.Cap.Subject == domain.SubjectProject && project == "":
		a.project = w.id("P")
	case a.charged.Cap.Subject == domain.SubjectAward:
		a.project, a.award = "", w.id("T")
	case a.charged.Cap.Subject == domain.SubjectEnterprise:
		a.project = ""
	}
	a.asked = w.request(a)
	if len(a.asked) == 0 {
		return
	}
	w.submit(a, refersTo)
}

func (w *world) submit(a *file, refersTo domain.ClauseID) {
	again := ""
	if _, exists := w.state.Application(a.id); exists {
		again = "-again"
	}
	code := w.give(&domain.SubmitApplication{Head: w.head(string(a.id)+"-submit"+again, domain.Clerk, a.office), Application: a.id, Enterprise: a.firm.id,
		Clause: a.clause.ID, RefersTo: refersTo, Project: a.project, Award: a.award,
		Title: a.charged.Name.ZH + ":" + projects[w.rng.IntN(len(projects))], Requested: a.asked})
	switch {
	case code != "":
	case again == "" && w.chance(6):
		w.in(2, 6, func() {
			w.give(&domain.ReturnApplication{Head: w.head(string(a.id)+"-return", domain.Clerk, a.office), Application: a.id, Reason: "材料不全,请补充审计报告"})
			w.in(5, 20, func() { w.submit(a, refersTo) })
		})
	case w.chance(3):
		w.in(3, 12, func() {
			w.give(&domain.WithdrawApplication{Head: w.head(string(a.id)+"-withdraw", domain.Clerk, a.office), Application: a.id, Reason: "企业自行撤回"})
		})
	default:
		w.in(2, 7, func() { w.accept(a) })
	}
}

// request is what is applied for: an amount for this year, and for some projects for the next ones too.
func (w *world) request(a *file) []domain.Instalment {
	year := w.day.Year()
	years := 1
	if a.charged.Cap.Period == domain.InTotal && w.chance(45) || a.charged.Schedule == domain.OneOffOrTerm && w.chance(40) {
		years += 1 + w.rng.IntN(2)
	}
	limit := int64(6_000_000)
	if a.charged.Cap.Amount.Stated {
		limit = a.charged.Cap.Amount.Amount.Fen() / 100
	}
	var asked []domain.Instalment
	for i := range years {
		y := domain.SupportYear(year + i)
		if !w.policy.Term.Holds(y) {
			break
		}
		share := w.between(4, 30)
		if w.chance(12) {
			share = w.between(60, 100)
		}
		if limit >= 30_000_000 {
			share = max(share/4, 1)
		}
		amount := limit * share / 100
		if a.charged.Cap.Period == domain.InTotal {
			amount /= int64(years)
		}
		asked = append(asked, domain.Instalment{SupportYear: y, Amount: domain.Yuan(max(amount/10_000, 2) * 10_000)})
	}
	return asked
}

func (w *world) accept(a *file) {
	people := staff(a.office, domain.Clerk)
	a.accept = people[1]
	w.give(&domain.AcceptApplication{Head: w.headOf(string(a.id)+"-accept", domain.Clerk, a.office, a.accept), Application: a.id})
	w.in(4, 15, func() { w.review(a) })
}

func (w *world) review(a *file) {
	opinion, comment := domain.Support, "符合支持方向,材料齐全"
	if w.chance(9) {
		opinion, comment = domain.Oppose, "与支持方向关联不足"
	}
	w.give(&domain.RecordReview{Head: w.head(string(a.id)+"-review", domain.Reviewer, a.office), Application: a.id, Opinion: opinion, Comment: comment})
	if w.chance(2) {
		w.wrongApprover(a)
	}
	w.in(4, 20, func() {
		if opinion == domain.Oppose && w.chance(75) || w.chance(3) {
			w.give(&domain.RejectApplication{Head: w.approver(a, "reject"), Application: a.id, Reason: "经评审不予支持"})
			return
		}
		w.approve(a)
	})
}

// approver is the head of a decision. A talent award is decided by the talent office, whoever handled it.
func (w *world) approver(a *file, what string) domain.Head {
	office := a.office
	if a.clause.AnyReviews {
		office = a.clause.Departments[0]
	}
	return w.head(string(a.id)+"-"+what, domain.Approver, office)
}

// wrongApprover lets someone try who may not: of another department, or the very reviewer.
func (w *world) wrongApprover(a *file) {
	if w.chance(50) {
		w.give(&domain.ApproveApplication{Head: w.head(string(a.id)+"-approve-elsewhere", domain.Approver, "finance"), Application: a.id, Instalments: a.asked, Reason: "同意"})
		return
	}
	view, _ := w.state.Application(a.id)
	for _, person := range view.Duties[domain.DutyReview] {
		w.give(&domain.ApproveApplication{Head: w.headOf(string(a.id)+"-approve-reviewer", domain.Approver, a.office, person), Application: a.id, Instalments: a.asked, Reason: "同意"})
	}
}

// approve grants what is asked, or most of it; where the cap does not hold it, a first try is refused and the rest is granted.
func (w *world) approve(a *file) {
	granted := make([]domain.Instalment, len(a.asked))
	for i, part := range a.asked {
		granted[i] = part
		if w.chance(55) {
			granted[i].Amount = domain.Yuan(max(part.Amount.Fen()/100*w.between(70, 99)/100/10_000, 1) * 10_000)
		}
	}
	for try, cut := range []int64{100, 50, 10} {
		offered := make([]domain.Instalment, len(granted))
		for i, part := range granted {
			offered[i] = domain.Instalment{SupportYear: part.SupportYear, Amount: domain.Yuan(max(part.Amount.Fen()/100*cut/100/10_000, 1) * 10_000)}
		}
		head := w.approver(a, fmt.Sprintf("approve%s", []string{"", "-2", "-3"}[try]))
		switch w.give(&domain.ApproveApplication{Head: head, Application: a.id, Instalments: offered, Reason: "符合条件,同意支持"}) {
		case "":
			w.schedulePayouts(a, offered)
			return
		case domain.CodeCapExceeded, domain.CodeFourEyes:
		case domain.CodeCreditRestricted:
			w.in(30, 60, func() { w.approve(a) })
			return
		default:
			return
		}
	}
	w.give(&domain.RejectApplication{Head: w.approver(a, "reject"), Application: a.id, Reason: "额度已用完"})
}

func (w *world) schedulePayouts(a *file, granted []domain.Instalment) {
	if w.chance(3) {
		w.in(3, 10, func() {
			w.give(&domain.SuspendApplication{Head: w.approver(a, "suspend"), Application: a.id, Reason: "核查经营异常"})
			w.in(20, 50, func() {
				w.give(&domain.ResumeApplication{Head: w.approver(a, "resume"), Application: a.id, Reason: "核查完毕"})
			})
		})
	}
	for _, part := range granted {
		first := latest(plus(w.day, 8), domain.DateOf(int(part.SupportYear), time.March, 1))
		parts := int64(1 + w.rng.IntN(2))
		for n := range parts {
			amount := domain.Yuan(part.Amount.Fen() / 100 / parts)
			if n == parts-1 {
				amount = part.Amount.Sub(domain.Yuan(part.Amount.Fen() / 100 / parts * (parts - 1)))
			}
			day := plus(first, int(n)*90+w.rng.IntN(70))
			w.on(day, func() { w.pay(a, part.SupportYear, amount, 0) })
		}
	}
	if w.chance(4) {
		w.in(200, 300, func() { w.cut(a, granted[0].SupportYear) })
	}
}

func latest(a, b domain.Date) domain.Date {
	if a.After(b) {
		return a
	}
	return b
}

// pay pays a part of an instalment. Where the ledger refuses it for now, it is tried again later.
func (w *world) pay(a *file, year domain.SupportYear, amount domain.Money, tries int) {
	id := w.id("PO")
	voucher := fmt.Sprintf("长财支〔%d〕%04d号", w.day.Year(), w.serial[fmt.Sprintf("%d-PO", w.day.Year())])
	if w.chance(1) {
		w.give(&domain.MakePayout{Head: w.head(id+"-wrong", domain.Treasurer, "finance"), Payout: domain.PayoutID(id + "-wrong"), Application: a.id,
			SupportYear: year, Amount: amount.Add(amount), Voucher: voucher})
	}
	code := w.give(&domain.MakePayout{Head: w.head(id+"-pay", domain.Treasurer, "finance"), Payout: domain.PayoutID(id), Application: a.id, SupportYear: year,
		Amount: amount, PaidOn: w.day, Voucher: voucher})
	switch code {
	case "":
		w.afterPayout(a, domain.PayoutID(id), year, amount)
	case domain.CodeAppropriationExceed:
		if tries == 0 {
			w.in(10, 20, func() { w.appropriate(w.day.Year(), a.charged.ID, "", 40_000_000) })
		}
		w.again(a, year, amount, tries)
	case domain.CodeCreditRestricted, domain.CodeApplicationSuspended, domain.CodeAccountOverCap:
		w.again(a, year, amount, tries)
	}
}

func (w *world) again(a *file, year domain.SupportYear, amount domain.Money, tries int) {
	if tries < 3 {
		w.in(25, 45, func() { w.pay(a, year, amount, tries+1) })
	}
}

// afterPayout lets a few payouts come back: from the bank, or by a clawback.
func (w *world) afterPayout(a *file, id domain.PayoutID, year domain.SupportYear, amount domain.Money) {
	switch {
	case w.chance(3):
		w.in(2, 6, func() {
			w.give(&domain.ReturnPayout{Head: w.head(string(id)+"-returned", domain.Treasurer, "finance"), Payout: id, Amount: amount, Reason: "收款账号有误,银行退回"})
			w.in(5, 12, func() { w.pay(a, year, amount, 0) })
		})
	case w.chance(5):
		w.in(60, 200, func() { w.clawBack(id, domain.CauseError, amount, 20, "重复计算,多付") })
	case w.chance(2):
		w.in(90, 260, func() { w.clawBack(id, domain.CauseBreach, amount, 100, "未履行承诺,迁出本区") })
	}
}

func (w *world) clawBack(payout domain.PayoutID, cause domain.Cause, paid domain.Money, percent int64, reason string) {
	id := domain.ClawbackID(w.id("C"))
	amount := domain.Yuan(max(paid.Fen()/100*percent/100, 1))
	if w.give(&domain.OrderClawback{Head: w.head(string(id)+"-order", domain.Treasurer, "finance"), Clawback: id, Payout: payout, Amount: amount,
		Cause: cause, Reason: reason}) != "" {
		return
	}
	if w.chance(20) {
		return // still open: it ages
	}
	w.in(20, 80, func() {
		got := amount
		var interest domain.Money
		if w.chance(40) {
			got = domain.Yuan(max(amount.Fen()/100/2, 1))
			interest = domain.Yuan(max(got.Fen()/100*3/1000, 1))
		}
		recovery := domain.RecoveryID(w.id("R"))
		w.give(&domain.ReceiveRecovery{Head: w.head(string(recovery)+"-received", domain.Treasurer, "finance"), Recovery: recovery, Clawback: id, Amount: got,
			Interest: interest, ReceivedOn: w.day})
		if rest := amount.Sub(got); rest.Positive() && w.chance(50) {
			w.in(30, 60, func() {
				w.give(&domain.WaiveClawback{Head: w.head(string(id)+"-waive", domain.Authority, "government"), Clawback: id, Amount: rest,
					Document: fmt.Sprintf("长府办〔%d〕%d号", w.day.Year(), w.between(10, 99))})
			})
		}
		if w.chance(5) {
			w.in(3, 9, func() {
				w.give(&domain.ReverseRecovery{Head: w.head(string(recovery)+"-reversed", domain.Treasurer, "finance"), Recovery: recovery, Reason: "入账有误,冲销"})
			})
		}
	})
}

// cut gives up, or corrects, what is unpaid of an instalment.
func (w *world) cut(a *file, year domain.SupportYear) {
	view, _ := w.state.Application(a.id)
	for _, part := range view.Instalments {
		unpaid := part.Amount.Sub(part.Paid)
		if part.SupportYear != year || !unpaid.Positive() {
			continue
		}
		if w.chance(50) {
			w.give(&domain.ReleaseApproval{Head: w.approver(a, "release"), Application: a.id, SupportYear: year, Amount: unpaid, Reason: "项目未完成部分不再支付"})
			return
		}
		w.give(&domain.ReduceApproval{Head: w.approver(a, "reduce"), Application: a.id, SupportYear: year, Amount: unpaid, Reason: "审计核减"})
	}
}
