package projtest

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// YearsHistory is a valid history of at least n events in which budgets are kept and debtors offset: payments are planned, years are closed and opened again, what
// is left of them is carried over, and money is booked in years that are closed; and in which facts are kept.
func YearsHistory(seed uint64, n int) []eventstore.Record {
	a := under(owing(), seed, n)
	a.do(&domain.AmendPolicy{Head: a.head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "事实 1 号", AddFacts: keptFacts})
	a.do(&domain.AmendPolicy{Head: a.head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "指标 1 号", Clause: "5", Indicators: keptIndicators})
	for len(a.records) < n {
		if len(a.records)%40 == 7 {
			a.keepFacts()
		}
		if a.chance(15) {
			a.keepBudgets()
		} else {
			a.Act()
		}
	}
	a.registerProjects()
	return a.records
}

// registerProjects registers some projects, and finds two to be one.
func (a *Author) registerProjects() {
	clerk := func() domain.Head { return a.head("li", domain.Clerk, "commerce") }
	for _, e := range a.enterprises {
		a.do(&domain.RegisterProject{Head: clerk(), Project: fmt.Sprintf("P-%s-0", e), Title: "智能工厂", Enterprise: e, Place: "虹桥"})
		a.do(&domain.SameProject{Head: clerk(), A: fmt.Sprintf("P-%s-0", e), B: fmt.Sprintf("P-%s-1", e), Document: "长科〔2026〕6号"})
	}
}

func (a *Author) keepBudgets() {
	treasurer := a.head("qian", domain.Treasurer, "finance")
	last := a.Today().Year() - 1
	clause := pick(a, []domain.ClauseID{"", "1", "2", "3"})
	switch a.random.IntN(10) {
	case 0, 1, 2, 3:
		if len(a.cases) > 0 {
			f := pick(a, a.cases)
			a.do(&domain.PlanPayment{Head: treasurer, Application: f.id, SupportYear: pick(a, f.parts).SupportYear,
				Month: domain.MonthOf(domain.DateIn(a.Now().AddDate(0, a.random.IntN(7), 0), domain.Shanghai)), Amount: a.amount(200_000)})
		}
	case 4:
		a.do(&domain.SetAppropriation{Head: treasurer, BudgetYear: last + a.random.IntN(3), Clause: clause,
			Department: pick(a, []domain.DepartmentID{"", "commerce"}), Amount: domain.Yuan(900_000_000).Add(a.amount(9_000_000)), Document: "长财〔2025〕3号"})
	case 5:
		_, differences, by := a.state.Differences(last)
		a.do(&domain.CloseBudgetYear{Head: treasurer, Year: last, Document: "长财〔2026〕1号", Differences: differences, DifferenceAmount: by})
	case 6:
		a.do(&domain.CarryOver{Head: treasurer, From: last, To: last + 1, Clause: clause, Amount: a.amount(1_000), Document: "长财〔2026〕2号"})
	case 7:
		if a.chance(20) {
			a.do(&domain.ReopenBudgetYear{Head: a.head("gov", domain.Authority, "government"), Year: last, Document: "长府〔2026〕2号", Reason: "漏记"})
		}
	case 8:
		a.link()
	default:
		a.do(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(a.id("Z")), Enterprise: pick(a, a.enterprises), Clause: "3", Project: a.id("late"),
			SupportYear: 2025, Amount: a.amount(10_000), PaidOn: domain.DateOf(last, 12, 1+a.random.IntN(31))})
	}
}

// keptFacts are what such a history keeps of enterprises and projects.
var keptFacts = []domain.Fact{
	{ID: "revenue", Name: domain.Text{ZH: "营业收入", EN: "Revenue"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}, Sensitive: true},
	{ID: "industry", Name: domain.Text{ZH: "认定产业", EN: "Recognised industry"}, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansIndustry,
		Sources: []domain.DepartmentID{"commerce"}, ConfirmedBy: []domain.DepartmentID{"science"}},
	{ID: "patents", Name: domain.Text{ZH: "专利", EN: "Patents"}, Unit: domain.UnitCount, Per: domain.OfYear, Sources: []domain.DepartmentID{"science"}},
	{ID: "shops", Name: domain.Text{ZH: "门店", EN: "Shops"}, Unit: domain.UnitCount, Per: domain.OfYear, Sources: []domain.DepartmentID{"science"}},
	{ID: "area", Name: domain.Text{ZH: "面积", EN: "Area"}, Unit: domain.UnitCount, Per: domain.OfYear, Sources: []domain.DepartmentID{"science"}},
	{ID: "jobs", Name: domain.Text{ZH: "就业人数", EN: "Jobs"}, Unit: domain.UnitCount, Per: domain.OfMonth, Sources: []domain.DepartmentID{"science"}},
}

// keptIndicators are what such a history measures clause 5 by.
var keptIndicators = []domain.Indicator{
	{ID: "patents", Clause: "5", Name: domain.Text{ZH: "专利增长", EN: "Patents"}, Fact: "patents", Better: domain.BetterMore, Baseline: domain.PreviousYear, Weight: 60, Group: domain.GroupOutput},
	{ID: "content", Clause: "5", Name: domain.Text{ZH: "满意度", EN: "Satisfaction"}, Better: domain.BetterMore, Baseline: domain.PreviousYear, Weight: 40, Group: domain.GroupSatisfaction},
}

// evaluate sets a target, records evaluations, and what is put right after one.
func (a *Author) evaluate(n int) {
	scores := []domain.Score{{Indicator: "patents", Score: fmt.Sprint(n % 100)}, {Indicator: "content", Score: "85.5"}}
	id := func(kind string) domain.EvaluationID { return domain.EvaluationID(a.id("V-" + kind)) }
	a.do(&domain.SetTarget{Head: a.head("clerk-commerce", domain.Clerk, "commerce"), Clause: "5", Indicator: "patents", Year: 2025, Value: fmt.Sprint(n)})
	self := id("self")
	a.do(&domain.RecordEvaluation{Head: a.head("clerk-commerce", domain.Clerk, "commerce"), Evaluation: self, Clause: "5", Year: 2025, Kind: domain.SelfEvaluation, Conclusion: "较好", Scores: scores})
	a.do(&domain.RecordEvaluation{Head: a.head("cai", domain.Treasurer, "finance"), Evaluation: id("finance"), Clause: "5", Year: 2025, Kind: domain.FinanceEvaluation, At: 1,
		Conclusion: "一般", Scores: scores, Document: "评价 1 号"})
	put := &domain.RecordRectification{Rectification: domain.RectificationID(a.id("Z-put")), Evaluation: self, State: domain.RectificationOpen, Matter: "补充目标",
		DueOn: domain.DateIn(a.Now().AddDate(0, 0, 30), domain.Shanghai)}
	put.Head = a.head("clerk-commerce", domain.Clerk, "commerce")
	a.do(put)
	if n%2 == 0 {
		a.do(&domain.RecordRectification{Head: a.head("clerk-commerce", domain.Clerk, "commerce"), Rectification: put.Rectification, State: domain.RectificationDone, Matter: "已补充"})
	}
}

// keepFacts records, confirms and corrects facts.
func (a *Author) keepFacts() {
	n := len(a.records)
	e, day := a.enterprises[n%len(a.enterprises)], a.Today().String()
	clerk := func(d domain.DepartmentID) domain.Head { return a.head("clerk-"+string(d), domain.Clerk, d) }
	year := day[:4]
	if a.do(&domain.RecordFact{Head: clerk("finance"), Enterprise: e, Fact: "revenue", Period: year, Value: fmt.Sprintf("%d.5", n)}) != nil {
		a.do(&domain.CorrectFact{Head: clerk("finance"), Enterprise: e, Fact: "revenue", Period: year, Value: fmt.Sprintf("%d", n), Reason: "更正"})
	}
	for _, fact := range []domain.FactID{"patents", "shops", "area"} { // alike for all: decisions on them can be held against each other
		a.do(&domain.RecordFact{Head: clerk("science"), Enterprise: e, Fact: fact, Period: "2024", Value: "10"})
	}
	a.do(&domain.RecordFact{Head: clerk("commerce"), Enterprise: e, Fact: "industry", Period: day, Value: "ai", Document: "认定 1 号"})
	if n%80 == 7 {
		a.do(&domain.RecordFact{Head: clerk("science"), Enterprise: e, Fact: "industry", Period: day, Value: "ai"})
	}
	o := domain.OfferID(a.id("O"))
	a.do(&domain.OfferSupport{Head: a.head("wang", domain.Approver, "commerce"), Offer: o, Enterprise: e, Clause: "5", Title: "免申即享", ExpiresOn: domain.DateIn(a.Now().AddDate(0, 0, 9), domain.Shanghai),
		Instalments: []domain.Instalment{{SupportYear: domain.SupportYear(2025 + n%2), Amount: domain.Yuan(int64(1 + n%7))}}})
	switch n % 3 {
	case 0:
		a.do(&domain.ConfirmOffer{Head: a.head("chen", domain.Clerk, ""), Offer: o})
	case 1:
		a.do(&domain.DeclineOffer{Head: a.head("chen", domain.Clerk, ""), Offer: o, Reason: "不需要"})
	}
	if n%3 == 0 {
		a.evaluate(n)
	}
	a.do(&domain.RecordFact{Head: clerk("science"), Project: fmt.Sprintf("P-%s-0", e), Fact: "jobs", Period: day[:7], Value: fmt.Sprint(n % 50)})
}

// link links two enterprises, or ends a link.
func (a *Author) link() {
	clerk := a.head("li", domain.Clerk, "commerce")
	if a.chance(20) {
		from := pick(a, a.enterprises)
		a.do(&domain.MergeEnterprises{Head: clerk, From: from, Into: pick(a, a.enterprises), Document: "市监〔2026〕3号"})
		if a.next["merger"]++; a.next["merger"]%4 == 0 {
			a.do(&domain.VoidMerger{Head: a.head("li", domain.Clerk, "commerce"), From: from, Document: "市监〔2026〕4号", Reason: "误登"})
		}
		return
	}
	if a.chance(30) {
		a.do(&domain.EndLink{Head: clerk, Link: domain.LinkID(fmt.Sprint("L", 1+a.random.IntN(9))), To: a.Today(), Document: "企登〔2026〕2号"})
		return
	}
	a.do(&domain.LinkEnterprises{Head: clerk, Link: domain.LinkID(fmt.Sprint("L", 1+a.random.IntN(9))), A: pick(a, a.enterprises), B: pick(a, a.enterprises),
		Kind: pick(a, []domain.LinkKind{domain.Controls, domain.Branch, domain.SameController}), From: a.Today(), Document: "企登〔2026〕1号"})
}
