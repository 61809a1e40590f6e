package demo

import (
	"fmt"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// measured are the facts that the made-up indicators of a clause ask, each with its weight; what is left of 100 is what people say.
var measured = []struct {
	clause domain.ClauseID
	by     []measuredBy
}{
	{"1.1a", []measuredBy{{"revenue", 50, domain.GroupBenefit}, {"employees", 30, domain.GroupOutput}}},
	{"1.1b", []measuredBy{{"revenue", 50, domain.GroupBenefit}, {"employees", 30, domain.GroupOutput}}},
	{"1.2a", []measuredBy{{"revenue", 40, domain.GroupBenefit}, {"rd-spending", 40, domain.GroupInput}}},
	{"1.2b", []measuredBy{{"revenue", 60, domain.GroupBenefit}, {"employees", 20, domain.GroupOutput}}},
	{"2.1.1", []measuredBy{{"rd-spending", 60, domain.GroupInput}, {"employees", 20, domain.GroupOutput}}},
	{"2.3.1", []measuredBy{{"revenue", 80, domain.GroupBenefit}}},
	{"4", []measuredBy{{"rd-spending", 50, domain.GroupInput}, {"revenue", 30, domain.GroupBenefit}}},
	{"5", []measuredBy{{"revenue", 50, domain.GroupBenefit}, {"employees", 30, domain.GroupOutput}}},
	{"6", []measuredBy{{"revenue", 80, domain.GroupBenefit}}},
	{"7", []measuredBy{{"employees", 80, domain.GroupOutput}}},
}

type measuredBy struct {
	fact   domain.FactID
	weight int
	group  domain.IndicatorGroup
}

// indicatorsOf are the indicators of a clause: one for each fact, and what those who were supported say.
func (w *world) indicatorsOf(clause domain.ClauseID, by []measuredBy) (list []domain.Indicator) {
	left := 100
	for _, one := range by {
		f, _ := w.policy.Fact(one.fact)
		list = append(list, domain.Indicator{ID: domain.IndicatorID(one.fact), Clause: clause, Name: f.Name, Fact: one.fact, Better: domain.BetterMore, Baseline: domain.PreviousYear,
			Weight: one.weight, Group: one.group})
		left -= one.weight
	}
	return append(list, domain.Indicator{ID: "satisfaction", Clause: clause, Name: domain.Text{ZH: "企业满意度", EN: "Satisfaction of enterprises"}, Better: domain.BetterMore,
		Baseline: domain.PreviousYear, Weight: left, Group: domain.GroupSatisfaction})
}

// evaluated: clauses have indicators from the first day on; the year 2025 of some is evaluated in the summer behind it, and something is put right.
func (w *world) evaluated() {
	w.on(w.policy.Term.From, func() {
		for _, c := range measured {
			w.give(&domain.AmendPolicy{Head: w.headOf("I-"+string(c.clause), domain.Admin, "reform", "admin"), Clause: c.clause, EffectiveOn: w.day,
				Indicators: w.indicatorsOf(c.clause, c.by), Document: "长财绩〔2024〕6号"})
		}
	})
	for i, c := range measured[4:9] {
		clause, _ := w.policy.Clause(c.clause)
		office := clause.Departments[0]
		self := domain.EvaluationID(fmt.Sprintf("V-2025-%s-1", c.clause))
		w.on(date(2026, time.June, 15+i), func() {
			w.give(&domain.RecordEvaluation{Head: w.headOf(string(self), domain.Clerk, office, staff(office, domain.Clerk)[0]), Evaluation: self, Clause: c.clause, Year: 2025,
				Kind: domain.SelfEvaluation, Conclusion: "目标基本完成，资金使用合规", Scores: w.scored(c.clause, c.by, 92-i), Document: "自评表"})
		})
		w.on(date(2026, time.July, 20+i), func() {
			finance := domain.EvaluationID(fmt.Sprintf("V-2025-%s-2", c.clause))
			w.give(&domain.RecordEvaluation{Head: w.headOf(string(finance), domain.Treasurer, w.policy.Treasury, "chen.xia"), Evaluation: finance, Clause: c.clause, Year: 2025,
				Kind: domain.FinanceEvaluation, Conclusion: "效益指标完成较好，部分企业未报送数据", Scores: w.scored(c.clause, c.by, 84-3*i), Document: "长财绩〔2026〕2号"})
			w.give(&domain.RecordRectification{Head: w.headOf(string(finance)+"-put", domain.Treasurer, w.policy.Treasury, "chen.xia"), Rectification: domain.RectificationID("Z-2025-" + string(c.clause)),
				Evaluation: finance, State: domain.RectificationOpen, Matter: "补齐企业数据，细化产出目标", DueOn: date(2026, time.September, 30)})
		})
		if i%2 == 0 {
			w.on(date(2026, time.September, 15+i), func() {
				w.give(&domain.RecordRectification{Head: w.headOf("Z-2025-"+string(c.clause)+"-done", domain.Clerk, office, staff(office, domain.Clerk)[0]),
					Rectification: domain.RectificationID("Z-2025-" + string(c.clause)), State: domain.RectificationDone, Matter: "数据已补齐，目标已细化"})
			})
		}
	}
}

// scored gives each indicator of a clause a score around one.
func (w *world) scored(clause domain.ClauseID, by []measuredBy, around int) (list []domain.Score) {
	for i, one := range w.indicatorsOf(clause, by) {
		list = append(list, domain.Score{Indicator: one.ID, Score: fmt.Sprintf("%d.%d", around-i, 5*(i%2))})
	}
	return list
}
