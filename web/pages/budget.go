package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// executionBody is how the budgets of a year are executed: the fund's, then each department's with the clauses that it approves under, then the clauses'.
type executionBody struct {
	BudgetYear  int
	BudgetYears []int
	Groups      []executionGroup
}

// executionGroup is a budget, and those that are a part of it.
type executionGroup struct {
	Head  projections.AppropriationRow
	Parts []projections.AppropriationRow
}

func (p *Pages) execution(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/execution")
	if err != nil {
		return err
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	b := executionBody{BudgetYear: pg.Asked.budgetYear}
	if b.BudgetYear == 0 {
		b.BudgetYear = p.today().Year()
	}
	for _, y := range years(policy) {
		b.BudgetYears = append(b.BudgetYears, int(y))
	}
	if last := len(b.BudgetYears); last > 0 { // what was approved in time is paid later too
		b.BudgetYears = append(b.BudgetYears, b.BudgetYears[last-1]+1)
	}
	ask := projections.Ask{Where: []projections.Condition{projections.ByBudgetYear.Is(domain.SupportYear(b.BudgetYear))}, AsOf: pg.Asked.asOf, On: pg.Asked.on,
		Limit: projections.MaxLimit}
	found, err := projections.Appropriations.Page(r.Context(), p.server.Queries(), ask)
	if err != nil {
		return err
	}
	b.Groups = grouped(found.Rows)
	pg.Export, pg.then = pg.Asked.with(ask.Where[0]).export(projections.Appropriations.List), wholly
	return executionSheet.write(p, w, http.StatusOK, pg, b)
}

// grouped puts what departments have under clauses below the departments, and the fund first.
func grouped(rows []projections.AppropriationRow) (groups []executionGroup) {
	order := []domain.BudgetScope{domain.ScopeFund, domain.ScopeDepartment, domain.ScopeClause}
	for _, r := range rows {
		if r.ScopeKind != domain.ScopeClauseDepartment {
			groups = append(groups, executionGroup{Head: r})
		}
	}
	slices.SortStableFunc(groups, func(a, b executionGroup) int {
		return cmp.Compare(slices.Index(order, a.Head.ScopeKind), slices.Index(order, b.Head.ScopeKind))
	})
	for _, r := range rows {
		of := slices.IndexFunc(groups, func(g executionGroup) bool {
			return g.Head.ScopeKind == domain.ScopeDepartment && g.Head.Scope == r.Scope
		})
		switch {
		case r.ScopeKind != domain.ScopeClauseDepartment:
		case of < 0:
			groups = append(groups, executionGroup{Head: r})
		default:
			groups[of].Parts = append(groups[of].Parts, r)
		}
	}
	return groups
}

// executedRow is a budget on a page.
type executedRow struct {
	Page *page
	Row  projections.AppropriationRow
	Part bool // of the budget above it
}

// Executed is a budget on this page.
func (p *page) Executed(row projections.AppropriationRow, part bool) executedRow {
	return executedRow{p, row, part}
}

// BudgetJournal is where the postings are that were paid of a budget.
func (p *page) BudgetJournal(row projections.AppropriationRow) string {
	of := []any{"budget_year", row.BudgetYear}
	if row.Clause != "" {
		of = append(of, "budget_clause", row.Clause)
	}
	if department := row.Key().Department; department != "" {
		of = append(of, "budget_department", department)
	}
	return p.Link("/journal", of...)
}

// forecastBody is the cash of twelve months.
type forecastBody struct {
	Months []forecastBar
	Scale  []mark
	Due    domain.Money // in all of them
}

// forecastBar is a month as the chart has it: what is planned stands on what is late, and what is planned for no month on both.
type forecastBar struct {
	projections.ForecastRow
	X, PaidX, LabelX          string
	Of                        int // the month of the year
	Late, Bar, Loose, PaidBar barPart
}

// barPart is a part of a bar, in the chart's 0 to 120.
type barPart struct{ Y, High int64 }

func (p *Pages) forecast(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/forecast")
	if err != nil {
		return err
	}
	found, err := projections.Forecast.Page(r.Context(), p.server.Queries(), projections.Ask{AsOf: pg.Asked.asOf, On: pg.Asked.on, Limit: pageRows})
	if err != nil {
		return err
	}
	b := forecastBody{}
	b.chart(found.Rows)
	pg.Export, pg.then = pg.Asked.export(projections.Forecast.List), wholly
	return forecastSheet.write(p, w, http.StatusOK, pg, b)
}

// chart makes the bars of the months on one scale.
func (b *forecastBody) chart(rows []projections.ForecastRow) {
	const foot, high = 126, 116
	most := domain.Fen(1)
	for _, m := range rows {
		most = domain.Greater(most, domain.Greater(m.Due, m.Paid))
	}
	height := func(m domain.Money) int64 {
		if bar := meter(m, domain.NoMoney, domain.Stated(most)); bar != nil {
			return bar.Use * high / 1000
		}
		return 0
	}
	for i, m := range rows {
		bar := forecastBar{ForecastRow: m}
		if at, err := time.Parse("2006-01", m.Month); err == nil {
			bar.Of = int(at.Month())
		}
		left := int64(i)*75 + 95 // behind the scale's amounts
		bar.X, bar.PaidX, bar.LabelX = tenths(left), tenths(left+29), tenths(left+28)
		top := int64(foot)
		for _, part := range []struct {
			of     *barPart
			amount domain.Money
		}{{&bar.Late, m.Overdue}, {&bar.Bar, m.Planned}, {&bar.Loose, m.Unplanned}} {
			part.of.High = height(part.amount)
			top -= part.of.High
			part.of.Y = top
		}
		bar.PaidBar = barPart{foot - height(m.Paid), height(m.Paid)}
		b.Months = append(b.Months, bar)
		b.Due = b.Due.Add(m.Due)
	}
	b.Scale = []mark{{foot - high, most}, {foot - high/2, domain.Fen(most.Fen() / 2)}}
}

// planBody is the plan: the months ahead, and what is planned.
type planBody struct {
	listBody[projections.PlanRow]
	Months []projections.ForecastRow
	Month  string // that it is narrowed to
}

func (p *Pages) plan(w http.ResponseWriter, r *http.Request) error {
	pg, body, to, err := listBodyOf(p, r, projections.Plan)
	if err != nil || to != "" {
		return goOn(w, r, to, err)
	}
	ahead, err := projections.Forecast.Page(r.Context(), p.server.Queries(), projections.Ask{AsOf: pg.Asked.asOf, On: pg.Asked.on, Limit: pageRows})
	if err != nil {
		return err
	}
	return planSheet.write(p, w, http.StatusOK, pg, planBody{body, ahead.Rows, pg.Asked.values.Get("month")})
}

// planPayment says when a part of an approved instalment is to be paid.
func (p *Pages) planPayment(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/plan", title: domain.Text{ZH: "计划支付", EN: "Plan a payment"},
		next: func(c domain.Command) string {
			return link("/plan", "application", string(c.(*domain.PlanPayment).Application))
		},
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "plan_payment", "application", "support_year", "month", "amount").
				filled("application", r.URL.Query().Get("application")).filled("support_year", cmp.Or(r.URL.Query().Get("support_year"), p.thisYear())).
				filled("month", cmp.Or(r.URL.Query().Get("month"), string(domain.MonthOf(p.today()))))}
		}})
}

// monthTitle is what a month such as 2027-03 is called.
func monthTitle(m, lang string) string {
	at, err := time.Parse("2006-01", m)
	if err != nil {
		return m
	}
	return fmt.Sprintf("%d %s", at.Year(), month(int(at.Month()), lang))
}
