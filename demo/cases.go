package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// file is an application on its way.
type file struct {
	id       domain.ApplicationID
	firm     *firm
	clause   domain.Clause // applied for under
	refersTo domain.ClauseID
	charged  domain.Clause       // whose cap counts
	office   domain.DepartmentID // that handles it
	asked    []domain.Instalment
	project  string
	award    string
	round    string // what its commands are called by, after a transfer
}

// apply hands in an application, for a new project where none is named. Nobody applies when the policy has run out.
func (w *world) apply(f *firm, clause domain.Clause, project string) {
	policy := w.policyOf(clause)
	if w.day.After(policy.Term.To) {
		return
	}
	a := &file{id: domain.ApplicationID(w.id("A")), firm: f, clause: clause, charged: clause, project: project}
	a.office = clause.Departments[w.rng.IntN(len(clause.Departments))]
	if clause.AnyReviews { // any department of the policy but the government, which comes last
		a.office = policy.Departments[w.rng.IntN(len(policy.Departments)-1)].ID
	}
	if clause.ByReference() {
		a.refersTo = clause.RefersTo[w.rng.IntN(len(clause.RefersTo))]
		a.charged, _ = policy.Clause(a.refersTo)
	}
	switch a.charged.Cap.Subject {
	case domain.SubjectProject:
		if project == "" {
			w.newProject(a)
		}
	case domain.SubjectAward:
		a.award = w.id("T")
	}
	a.asked = w.request(a)
	w.submit(a, "-submit")
}

// newProject begins a project; it may be supported again under the same clause. A few apply under another clause as well.
func (w *world) newProject(a *file) {
	a.project = w.id("P")
	if a.clause.ByReference() {
		return
	}
	f, project := a.firm, a.project
	if a.clause.ID != loweredClause {
		f.ongoing = append(f.ongoing, ongoing{a.clause, project})
	}
	if w.followed(a.clause) {
		return
	}
	if research, ok := w.policy.Clause("4"); ok && a.clause.ID != "4" && w.chance(2) {
		w.in(10, 40, func() { w.apply(f, research, project) })
	}
}

func (w *world) submit(a *file, what string) {
	w.give(&domain.SubmitApplication{Head: w.head(string(a.id)+what, domain.Clerk, a.office), Application: a.id, Enterprise: a.firm.id,
		Clause: a.clause.ID, RefersTo: a.refersTo, Project: a.project, Award: a.award,
		Title: a.charged.Name.ZH + "：" + projects[w.rng.IntN(len(projects))], Requested: a.asked, Attachments: w.attachments(a.id)})
	switch {
	case what == "-submit" && w.chance(7):
		w.in(2, 6, func() {
			w.give(&domain.ReturnApplication{Head: w.head(string(a.id)+"-return", domain.Clerk, a.office), Application: a.id, Reason: "材料不全，请补充审计报告"})
			w.in(5, 20, func() { w.resubmit(a) })
		})
	case w.chance(3):
		w.withdraw(a)
	default:
		w.in(2, 7, func() { w.accept(a) })
	}
}

// resubmit completes a returned application. One that is late for the policy's end is withdrawn.
func (w *world) resubmit(a *file) {
	if w.day.After(w.policyOf(a.clause).Term.To) {
		w.withdraw(a)
		return
	}
	w.submit(a, "-resubmit")
}

func (w *world) withdraw(a *file) {
	w.in(3, 12, func() {
		w.give(&domain.WithdrawApplication{Head: w.head(string(a.id)+"-withdraw", domain.Clerk, a.office), Application: a.id, Reason: "企业自行撤回"})
	})
}

func (w *world) attachments(id domain.ApplicationID) []domain.Attachment {
	list := make([]domain.Attachment, w.rng.IntN(len(papers)))
	for i := range list {
		digest := sha256.Sum256([]byte(string(id) + papers[i]))
		list[i] = domain.Attachment{Name: papers[i], SHA256: hex.EncodeToString(digest[:])}
	}
	return list
}

// request is what is applied for: an amount for this year, and for some projects for the next ones too.
func (w *world) request(a *file) []domain.Instalment {
	years := 1
	if a.charged.Cap.Period == domain.InTotal && w.chance(45) || a.charged.Schedule == domain.OneOffOrTerm && w.chance(40) {
		years += 1 + w.rng.IntN(2)
	}
	limit := domain.Yuan(6_000_000)
	if a.charged.Cap.Amount.Stated {
		limit = a.charged.Cap.Amount.Amount
	}
	if a.charged.ID == loweredClause {
		limit = loweredTo
	}
	var asked []domain.Instalment
	for i := range years {
		y := domain.SupportYear(w.day.Year() + i)
		if !w.policyOf(a.clause).Term.Holds(y) {
			break
		}
		share := w.between(4, 30)
		if w.chance(18) {
			share = w.between(60, 100)
		}
		if limit.More(domain.Yuan(29_000_000)) {
			share = max(share/4, 1)
		}
		if a.charged.Cap.Period == domain.InTotal {
			share = max(share/int64(years), 1)
		}
		asked = append(asked, domain.Instalment{SupportYear: y, Amount: w.rough(limit, share)})
	}
	return asked
}

// rough is some percent of an amount: mostly in tens of thousands, as plans are; the rest computed to the yuan or the fen.
func (w *world) rough(of domain.Money, percent int64) domain.Money {
	exact := of.Fen()/100*percent - w.between(0, 9_999)
	unit := int64(1_000_000)
	switch n := w.rng.IntN(100); {
	case n < 15:
		unit = 1
	case n < 40:
		unit = 100
	}
	return domain.Fen(max(exact/unit*unit, 2_000_000))
}

func (w *world) accept(a *file) {
	w.give(&domain.AcceptApplication{Head: w.head(string(a.id)+"-accept", domain.Clerk, a.office), Application: a.id})
	w.in(4, 15, func() { w.review(a) })
}

func (w *world) review(a *file) {
	opinion, comment := domain.Support, "符合支持方向，材料齐全"
	if w.chance(9) {
		opinion, comment = domain.Oppose, "与支持方向关联不足"
	}
	people := staff(a.office, domain.Reviewer)
	first := w.rng.IntN(len(people))
	w.give(&domain.RecordReview{Head: w.headOf(string(a.id)+"-review"+a.round, domain.Reviewer, a.office, people[first]), Application: a.id, Opinion: opinion, Comment: comment})
	if w.chance(10) {
		w.give(&domain.RecordReview{Head: w.headOf(string(a.id)+"-review-2"+a.round, domain.Reviewer, a.office, people[(first+1)%len(people)]), Application: a.id,
			Opinion: domain.Abstain, Comment: "与申请单位有业务往来，回避"})
	}
	policy := w.policyOf(a.clause)
	if w.chance(2) && !w.day.After(policy.Term.To) {
		w.wrongApprover(a, people[first])
	}
	w.in(4, 20, func() {
		if opinion == domain.Oppose && (w.chance(75) || policy.Workflow.ReviewsSupport) || w.chance(3) {
			w.reject(a, "经评审不予支持")
			return
		}
		w.approve(a, "approve"+a.round)
	})
}

func (w *world) reject(a *file, reason string) {
	w.give(&domain.RejectApplication{Head: w.approver(a, "reject"), Application: a.id, Reason: reason})
}

// approver is the head of a decision. A talent award is decided by the talent office, whoever handled it.
func (w *world) approver(a *file, what string) domain.Head {
	return w.head(string(a.id)+"-"+what, domain.Approver, deciding(a))
}

func deciding(a *file) domain.DepartmentID {
	if a.clause.AnyReviews {
		return a.clause.Departments[0]
	}
	return a.office
}

// wrongApprover lets someone try who may not: of another department, or the very reviewer.
func (w *world) wrongApprover(a *file, reviewer domain.PersonID) {
	if w.chance(50) {
		departments := w.policyOf(a.clause).Departments
		i := slices.IndexFunc(departments, func(d domain.Department) bool { return !slices.Contains(a.clause.Departments, d.ID) })
		w.refused(domain.CodeDepartmentNotAllowed, &domain.ApproveApplication{Head: w.head(string(a.id)+"-approve-elsewhere"+a.round, domain.Approver, departments[i].ID),
			Application: a.id, Instalments: a.asked, Reason: "同意"})
		return
	}
	w.refused(domain.CodeFourEyes, &domain.ApproveApplication{Head: w.headOf(string(a.id)+"-approve-reviewer"+a.round, domain.Approver, deciding(a), reviewer),
		Application: a.id, Instalments: a.asked, Reason: "同意"})
}

// approve grants what is asked, or most of it. Where the cap does not hold it, a first try is refused and what the cap
// still holds is granted.
func (w *world) approve(a *file, what string) {
	offered := slices.Clone(a.asked)
	for i, part := range offered {
		if w.chance(55) {
			offered[i].Amount = domain.Lesser(part.Amount, w.rough(part.Amount, w.between(70, 99)))
		}
	}
	for _, try := range []string{what, what + "-within-cap"} {
		code := w.give(&domain.ApproveApplication{Head: w.approver(a, try), Application: a.id, Instalments: offered, Reason: "符合条件，同意支持"},
			domain.CodeCapExceeded, domain.CodeCreditRestricted, domain.CodePolicyExpired)
		switch code {
		case "":
			w.granted(a, offered)
			return
		case domain.CodeCreditRestricted:
			w.in(30, 60, func() { w.approve(a, what+"-later") })
			return
		case domain.CodePolicyExpired:
			w.expired(a)
			return
		}
		if offered = w.withinCap(a, offered); len(offered) == 0 {
			break
		}
	}
	w.reject(a, "额度已用完")
}

// withinCap cuts instalments to what their account still holds, the earliest first.
func (w *world) withinCap(a *file, asked []domain.Instalment) []domain.Instalment {
	view, _ := w.state.Application(a.id)
	var held []domain.Instalment
	var given domain.Money
	for _, part := range asked {
		line, _ := w.state.Account(view.Charge.Account(), part.SupportYear, w.day)
		left := line.Headroom().Amount
		if line.SupportYear == 0 {
			left = left.Sub(given)
		}
		if !left.Positive() {
			return held
		}
		part.Amount = domain.Lesser(part.Amount, left)
		given = given.Add(part.Amount)
		held = append(held, part)
	}
	return held
}

// granted puts what follows an approval on the agenda.
func (w *world) granted(a *file, parts []domain.Instalment) {
	if w.chance(3) {
		w.in(3, 10, func() {
			w.give(&domain.SuspendApplication{Head: w.approver(a, "suspend"), Application: a.id, Reason: "核查经营异常"})
			w.in(40, 120, func() {
				w.give(&domain.ResumeApplication{Head: w.approver(a, "resume"), Application: a.id, Reason: "核查完毕"})
			})
		})
	}
	for _, part := range parts {
		first := latest(plus(w.day, 8), date(int(part.SupportYear), 2, 1))
		half := domain.Fen(part.Amount.Fen() / 200 * 100)
		if w.chance(50) {
			w.payQuarterly(a, first, part.SupportYear, part.Amount)
			continue
		}
		w.payQuarterly(a, first, part.SupportYear, half)
		w.payQuarterly(a, plus(quarterly(first), 30), part.SupportYear, part.Amount.Sub(half))
	}
	if w.chance(6) {
		w.in(20, 150, func() { w.cut(a, parts[len(parts)-1].SupportYear) })
	}
}

// cut gives up, or corrects, what is unpaid of an instalment.
func (w *world) cut(a *file, year domain.SupportYear) {
	unpaid := w.unpaid(a, year)
	if !unpaid.Positive() {
		return
	}
	if w.chance(50) {
		w.give(&domain.ReleaseApproval{Head: w.approver(a, "release"), Application: a.id, SupportYear: year, Amount: unpaid, Reason: "项目未完成部分不再支付"})
		return
	}
	part := domain.Fen(max(unpaid.Fen()/100*w.between(10, 60), 1))
	w.give(&domain.ReduceApproval{Head: w.approver(a, "reduce"), Application: a.id, SupportYear: year, Amount: domain.Lesser(part, unpaid), Reason: "审计核减"})
}

// unpaid is what is left of an instalment.
func (w *world) unpaid(a *file, year domain.SupportYear) domain.Money {
	view, _ := w.state.Application(a.id)
	for _, part := range view.Instalments {
		if part.SupportYear == year {
			return part.Amount.Sub(part.Paid)
		}
	}
	return domain.NoMoney
}
