package demo

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// plannedFirms are the first enterprises, registered from the start: the planned cases are theirs, and they have no others.
const plannedFirms = 14

// loweredClause is the clause whose cap is lowered for what is approved already. One project is over then; the others
// keep within the lower cap from the start.
const loweredClause domain.ClauseID = "6"

var loweredTo = domain.Yuan(4_000_000)

// planned is an application of a planned case: "S-01" and so on.
type planned struct {
	id       domain.ApplicationID
	firm     int
	clause   domain.ClauseID
	refersTo domain.ClauseID
	project  string
	asked    []domain.Instalment
}

func one(year domain.SupportYear, yuan int64) []domain.Instalment {
	return []domain.Instalment{{SupportYear: year, Amount: domain.Yuan(yuan)}}
}

// begun hands in a planned application on a day, and has it accepted and reviewed within ten days.
func (w *world) begun(day domain.Date, p planned) *file {
	a := w.planned(p)
	w.on(day, func() { w.give(w.submission(a)) })
	w.on(plus(day, 4), func() {
		w.give(&domain.AcceptApplication{Head: w.head(string(p.id)+"-accept", domain.Clerk, a.office), Application: p.id})
	})
	w.on(plus(day, 10), func() {
		w.give(&domain.RecordReview{Head: w.head(string(p.id)+"-review", domain.Reviewer, a.office), Application: p.id, Opinion: domain.Support, Comment: "重点支持"})
	})
	return a
}

// decided takes a planned application to its approval, 20 days after it is handed in.
func (w *world) decided(day domain.Date, p planned) *file {
	a := w.begun(day, p)
	w.on(plus(day, 20), func() { w.give(w.approval(a, "approve", a.asked)) })
	return a
}

// tooMuch takes a planned application to an approval that its cap does not hold, 20 days after it is handed in.
func (w *world) tooMuch(day domain.Date, p planned) *file {
	a := w.begun(day, p)
	w.on(plus(day, 20), func() { w.refused(domain.CodeCapExceeded, w.approval(a, "approve", a.asked)) })
	return a
}

// turnedAway hands in a planned application that is not to be taken. It may be handed in later, as the same one.
func (w *world) turnedAway(day domain.Date, code string, p planned) {
	w.on(day, func() {
		c := w.submission(w.planned(p))
		c.ID += "-refused"
		w.refused(code, c)
	})
}

func (w *world) planned(p planned) *file {
	clause, _ := w.clause(p.clause)
	a := &file{id: p.id, firm: w.firms[p.firm], clause: clause, refersTo: p.refersTo, charged: clause, office: clause.Departments[0], asked: p.asked, project: p.project}
	if p.refersTo != "" {
		a.charged, _ = w.clause(p.refersTo)
	}
	return a
}

func (w *world) submission(a *file) *domain.SubmitApplication {
	title := a.charged.Name.ZH
	if a.project != "" {
		title += ":" + a.project
	}
	return &domain.SubmitApplication{Head: w.head(string(a.id)+"-submit", domain.Clerk, a.office), Application: a.id, Enterprise: a.firm.id,
		Clause: a.clause.ID, RefersTo: a.refersTo, Project: a.project, Title: title, Requested: a.asked, Attachments: w.attachments(a.id)}
}

func (w *world) approval(a *file, what string, parts []domain.Instalment) *domain.ApproveApplication {
	return &domain.ApproveApplication{Head: w.approver(a, what), Application: a.id, Instalments: parts, Reason: "区政府专题会议研究同意"}
}

// payment is a payout of a planned application, with the next voucher.
func (w *world) payment(a *file, id domain.PayoutID, year domain.SupportYear, yuan int64) *domain.MakePayout {
	return &domain.MakePayout{Head: w.treasurer(string(id) + "-pay"), Payout: id, Application: a.id, SupportYear: year,
		Amount: domain.Yuan(yuan), PaidOn: w.day, Voucher: w.voucher()}
}

func (w *world) payOn(day domain.Date, a *file, id domain.PayoutID, year domain.SupportYear, yuan int64) {
	w.on(day, func() { w.give(w.payment(a, id, year, yuan)) })
}

// unpayable tries a payout that is to be refused.
func (w *world) unpayable(day domain.Date, code string, a *file, id domain.PayoutID, year domain.SupportYear, yuan int64) {
	w.on(day, func() { w.refused(code, w.payment(a, id, year, yuan)) })
}

// incidents puts the planned cases on the agenda: what an auditor would look for is in there once at least.
func (w *world) incidents() {
	w.strongerSupport()
	w.loweredCap()
	w.restrictedCredit()
	w.bookedFact()
	w.fromOutside()
	w.reference()
	w.forTheAuditor()
	w.returnsAndClawbacks()
}

// strongerSupport: a project at its cap, an exception for it, and a part of the exception taken back.
func (w *world) strongerSupport() {
	w.decided(date(2025, time.January, 13), planned{id: "S-01", firm: 0, clause: "1.2a", project: "临空智算中心", asked: one(2025, 100_000_000)})
	more := w.tooMuch(date(2025, time.March, 3), planned{id: "S-02", firm: 0, clause: "1.2a", project: "临空智算中心", asked: one(2025, 15_000_000)})
	w.on(date(2025, time.April, 14), func() {
		w.give(&domain.GrantException{Head: w.government("X-01-grant"), Exception: "X-01", Clause: "1.2a", Subject: "临空智算中心",
			SupportYear: 2025, Amount: domain.Yuan(20_000_000), Document: w.document("长府")})
		w.refused(domain.CodeExceptionNotAllowed, &domain.GrantException{Head: w.government("X-02-grant"), Exception: "X-02", Clause: "7", Subject: "质量标杆项目",
			Amount: domain.Yuan(200_000), Document: w.document("长府")})
	})
	w.on(date(2025, time.April, 21), func() { w.give(w.approval(more, "approve-again", more.asked)) })
	w.on(date(2025, time.June, 16), func() {
		w.give(&domain.RevokeException{Head: w.government("X-01-revoke"), Exception: "X-01", Amount: domain.Yuan(3_000_000), Document: w.document("长府")})
	})
	w.payOn(date(2025, time.July, 7), more, "S-02-1", 2025, 15_000_000)
}

// loweredCap: a retroactive amendment puts a project over its cap; another amendment raises a cap for later decisions.
func (w *world) loweredCap() {
	a := w.decided(date(2025, time.February, 10), planned{id: "S-03", firm: 1, clause: loweredClause, project: "楼宇低碳改造", asked: one(2025, 4_500_000)})
	w.payOn(date(2025, time.May, 12), a, "S-03-1", 2025, 2_000_000)
	w.on(date(2025, time.September, 1), func() {
		w.give(&domain.AmendClause{Head: w.headOf("M-01", domain.Admin, "reform", "admin"), Clause: loweredClause,
			Cap: domain.NewCap{Ceiling: domain.Stated(loweredTo), Given: true}, EffectiveOn: w.day, Retroactive: true, Document: w.document("长发改")})
		w.give(&domain.AmendClause{Head: w.headOf("M-02", domain.Admin, "commerce", "admin"), Clause: "2.3.2",
			Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(6_000_000)), Given: true}, EffectiveOn: date(2026, time.January, 1), Document: w.document("长商务")})
	})
	w.unpayable(date(2025, time.September, 15), domain.CodeAccountOverCap, a, "S-03-2", 2025, 2_000_000)
	w.on(date(2025, time.October, 13), func() {
		w.give(&domain.ReduceApproval{Head: w.approver(a, "reduce"), Application: a.id, SupportYear: 2025, Amount: domain.Yuan(500_000), Reason: "按修订后的上限核减"})
	})
	w.payOn(date(2025, time.October, 20), a, "S-03-3", 2025, 2_000_000)
}

// restrictedCredit: approved, then restricted, then restored.
func (w *world) restrictedCredit() {
	a := w.decided(date(2025, time.March, 10), planned{id: "S-04", firm: 2, clause: "2.1.1", project: "直播基地", asked: one(2025, 2_400_000)})
	w.on(date(2025, time.May, 6), func() {
		w.give(&domain.RestrictCredit{Head: w.treasurer("K-01-restrict"), Enterprise: a.firm.id, Reason: "列入经营异常名录"})
	})
	w.unpayable(date(2025, time.May, 19), domain.CodeCreditRestricted, a, "S-04-1", 2025, 2_400_000)
	w.on(date(2025, time.July, 14), func() {
		w.give(&domain.RestoreCredit{Head: w.treasurer("K-01-restore"), Enterprise: a.firm.id, Reason: "已移出经营异常名录"})
	})
	w.payOn(date(2025, time.July, 21), a, "S-04-2", 2025, 2_400_000)
}

// bookedFact: money that was moved outside the ledger is recorded on a project that is full, and partly comes back.
func (w *world) bookedFact() {
	a := w.decided(date(2025, time.February, 17), planned{id: "S-05", firm: 8, clause: "2.4.3", project: "人力资源产业园", asked: one(2025, 3_000_000)})
	w.payOn(date(2025, time.April, 7), a, "S-05-1", 2025, 3_000_000)
	w.on(date(2025, time.August, 11), func() {
		w.give(&domain.BookPayout{Head: w.treasurer("S-05-book"), Payout: "S-05-2", Enterprise: a.firm.id, Clause: "2.4.3",
			Project: "人力资源产业园", SupportYear: 2025, Amount: domain.Yuan(3_000_000), PaidOn: date(2025, time.August, 8), Voucher: "手工凭证0811"})
	})
	w.on(date(2025, time.October, 27), func() {
		w.give(&domain.BookRecovery{Head: w.treasurer("S-05-recover"), Recovery: "S-05-R", Payout: "S-05-2", Amount: domain.Yuan(1_000_000),
			Cause: domain.CauseError, ReceivedOn: date(2025, time.October, 24)})
	})
}

// fromOutside: an enterprise outside the policy's industries is admitted; another one is renamed.
func (w *world) fromOutside() {
	outsider := &firm{id: creditCode(enterprises, w.rng)}
	w.firms = append(w.firms, outsider)
	w.on(date(2025, time.March, 17), func() {
		w.give(&domain.RegisterEnterprise{Head: w.head("reg-"+string(outsider.id), domain.Clerk, "investment"), Enterprise: outsider.id, Title: "上海远桥农业科技有限公司"})
	})
	w.turnedAway(date(2025, time.March, 18), domain.CodeIndustryNotServed, planned{id: "S-06", firm: len(w.firms) - 1, clause: "2.2.1", project: "航空食材基地", asked: one(2025, 1_500_000)})
	w.on(date(2025, time.May, 26), func() {
		w.give(&domain.AdmitBeneficiary{Head: w.government("L-01-admit"), Enterprise: outsider.id, Document: w.document("长府")})
	})
	a := w.decided(date(2025, time.June, 3), planned{id: "S-06", firm: len(w.firms) - 1, clause: "2.2.1", project: "航空食材基地", asked: one(2025, 1_500_000)})
	w.payOn(date(2025, time.August, 4), a, "S-06-1", 2025, 1_500_000)
	w.on(date(2025, time.September, 1), func() {
		w.give(&domain.CorrectEnterprise{Head: w.head("N-02", domain.Clerk, "investment"), Enterprise: outsider.id, Industry: "other-services",
			Reason: "登记时未填产业", Document: "登记更正表"})
	})
	w.on(date(2025, time.November, 3), func() {
		w.give(&domain.RenameEnterprise{Head: w.head("N-01", domain.Clerk, "investment"), Enterprise: w.firms[4].id, Title: "上海云翼航空科技集团有限公司"})
	})
}

// reference: two ways to one cap, and accounts that are near their cap, or full.
func (w *world) reference() {
	w.decided(date(2025, time.January, 20), planned{id: "S-08", firm: 6, clause: "1.1a", asked: one(2025, 60_000_000)})
	w.on(date(2025, time.March, 21), func() {
		w.give(&domain.AdmitBeneficiary{Head: w.government("L-02-admit"), Enterprise: w.firms[6].id, Document: "长府〔2025〕21号", Clauses: []domain.ClauseID{"1.3a"}})
	})
	w.on(date(2026, time.January, 5), func() {
		w.give(&domain.RevokeAdmission{Head: w.government("L-02-revoke"), Enterprise: w.firms[6].id, Document: "长府〔2026〕1号"})
	})
	by := w.tooMuch(date(2025, time.March, 24), planned{id: "S-09", firm: 6, clause: "1.3a", refersTo: "1.1a", asked: one(2025, 50_000_000)})
	w.on(date(2025, time.April, 28), func() { w.give(w.approval(by, "approve-less", one(2025, 40_000_000))) })
	near := w.decided(date(2026, time.January, 12), planned{id: "S-10", firm: 5, clause: "1.1a", asked: one(2026, 95_000_000)})
	w.payOn(date(2026, time.April, 13), near, "S-10-1", 2026, 45_000_000)
	w.decided(date(2026, time.February, 2), planned{id: "S-11", firm: 9, clause: "4", project: "金融科技实验室", asked: []domain.Instalment{
		{SupportYear: 2025, Amount: domain.Yuan(12_000_000)}, {SupportYear: 2026, Amount: domain.Yuan(8_000_000)}}})
	w.tooMuch(date(2026, time.March, 2), planned{id: "S-12", firm: 9, clause: "4", project: "金融科技实验室", asked: one(2026, 500_000)})
	rest := w.decided(date(2025, time.May, 5), planned{id: "S-18", firm: 10, clause: "7", project: "质量提升", asked: one(2025, 900_000)})
	w.payOn(date(2025, time.July, 7), rest, "S-18-1", 2025, 500_000)
	w.on(date(2025, time.December, 1), func() {
		w.give(&domain.ReleaseApproval{Head: w.approver(rest, "release"), Application: rest.id, SupportYear: 2025, Amount: domain.Yuan(400_000), Reason: "其余部分不再实施"})
	})
	scarce := w.decided(date(2025, time.May, 6), planned{id: "S-19", firm: 9, clause: "2.4.1", project: "涉外法律服务", asked: one(2025, 2_500_000)})
	w.on(date(2025, time.May, 7), func() { w.appropriate(2025, "2.4.1", "", 2_000_000) })
	w.unpayable(date(2025, time.June, 10), domain.CodeAppropriationExceed, scarce, "S-19-1", 2025, 2_500_000)
	w.on(date(2025, time.June, 16), func() { w.appropriate(2025, "2.4.1", "", 30_000_000) })
	w.payOn(date(2025, time.June, 17), scarce, "S-19-2", 2025, 2_500_000)
	w.turnedAway(date(2026, time.March, 9), domain.CodeYearOutsideTerm, planned{id: "S-13", firm: 3, clause: "5", project: "总部升级", asked: one(2027, 1_000_000)})
}

// forTheAuditor: one project under two clauses, a voucher used twice, and a payment split under a threshold.
func (w *world) forTheAuditor() {
	w.decided(date(2025, time.April, 7), planned{id: "S-14", firm: 12, clause: "2.1.2", project: "工业视觉平台", asked: one(2025, 3_000_000)})
	twice := w.decided(date(2025, time.April, 8), planned{id: "S-15", firm: 12, clause: "4", project: "工业视觉平台", asked: one(2025, 2_000_000)})
	var voucher string
	w.on(date(2025, time.June, 9), func() {
		first := w.payment(twice, "S-15-1", 2025, 1_000_000)
		voucher = first.Voucher
		w.give(first)
	})
	w.on(date(2025, time.June, 23), func() {
		second := w.payment(twice, "S-15-2", 2025, 1_000_000)
		second.Voucher = voucher
		w.give(second)
	})
	split := w.decided(date(2025, time.May, 12), planned{id: "S-16", firm: 13, clause: "5", project: "中小企业技术中心", asked: one(2025, 1_470_000)})
	for i, id := range []domain.PayoutID{"S-16-1", "S-16-2", "S-16-3"} {
		w.payOn(plus(date(2025, time.July, 21), i), split, id, 2025, 490_000)
	}
	w.on(date(2026, time.January, 19), func() {
		w.give(&domain.DisposeFinding{Head: w.headOf("D-01", domain.Auditor, "", "audit.luo"), Finding: domain.FindingID("duplicate_voucher:" + voucher),
			Disposition: domain.FindingExplained, Comment: "同一凭证分两次支付，已核对银行回单"})
	})
}

// returnsAndClawbacks: a bank return and its repayment; clawbacks of both causes; a recovery reversed; a waiver.
func (w *world) returnsAndClawbacks() {
	a := w.decided(date(2025, time.January, 14), planned{id: "S-17", firm: 7, clause: "2.3.1", project: "首店引进", asked: one(2025, 3_000_000)})
	w.payOn(date(2025, time.March, 10), a, "S-17-1", 2025, 1_800_000)
	w.payOn(date(2025, time.March, 24), a, "S-17-2", 2025, 1_200_000)
	w.on(date(2025, time.March, 27), func() {
		w.give(&domain.ReturnPayout{Head: w.treasurer("S-17-2-returned"), Payout: "S-17-2", Amount: domain.Yuan(1_200_000), Reason: "户名不符，银行退回"})
	})
	w.payOn(date(2025, time.April, 3), a, "S-17-3", 2025, 1_200_000)
	w.on(date(2025, time.September, 8), func() {
		w.give(&domain.OrderClawback{Head: w.treasurer("C-01-order"), Clawback: "C-01", Payout: "S-17-1", Amount: domain.Yuan(500_000), Cause: domain.CauseError, Reason: "业务规模核算有误"})
		w.give(&domain.OrderClawback{Head: w.treasurer("C-02-order"), Clawback: "C-02", Payout: "S-17-3", Amount: domain.Yuan(600_000), Cause: domain.CauseBreach, Reason: "未履行经营承诺"})
	})
	w.on(date(2025, time.October, 9), func() {
		w.give(&domain.ReceiveRecovery{Head: w.treasurer("C-01-R1"), Recovery: "C-01-R1", Clawback: "C-01", Amount: domain.Yuan(500_000), ReceivedOn: w.day})
	})
	w.on(date(2025, time.October, 13), func() {
		w.give(&domain.ReverseRecovery{Head: w.treasurer("C-01-R1-reversed"), Recovery: "C-01-R1", Reason: "误记他户款项"})
		w.give(&domain.ReceiveRecovery{Head: w.treasurer("C-01-R2"), Recovery: "C-01-R2", Clawback: "C-01", Amount: domain.Yuan(500_000),
			Interest: domain.Yuan(3_250), ReceivedOn: w.day})
	})
	w.on(date(2025, time.November, 10), func() {
		w.give(&domain.ReceiveRecovery{Head: w.treasurer("C-02-R1"), Recovery: "C-02-R1", Clawback: "C-02", Amount: domain.Yuan(400_000), ReceivedOn: w.day})
		w.give(&domain.WaiveClawback{Head: w.government("C-02-waive"), Clawback: "C-02", Amount: domain.Yuan(200_000), Document: w.document("长府")})
	})
}
