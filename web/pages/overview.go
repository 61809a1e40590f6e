package pages

import (
	"context"
	"fmt"
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// monthBar is what was paid in a calendar month, as a bar.
type monthBar struct {
	projections.MonthRow
	Y, Height, X int64 // in the chart's 0 to 120
	LabelX       int64
}

// overviewBody is how the fund stands.
type overviewBody struct {
	projections.Overview
	Years       []domain.SupportYear
	BudgetYears []int
	Fund        domain.Text
	Months      []monthBar
}

func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/", domain.Text{ZH: "总览", EN: "Overview"})
	if err != nil {
		return err
	}
	pg.Export = pg.Asked.export(projections.Totals.List)
	key := fmt.Sprint(pg.Asked.Year, "|", pg.Asked.budgetYear, "|", pg.Asked.AsOf, "|", pg.Asked.On, "|", p.today())
	seq := pg.Lag.Projected
	if pg.Asked.AsOf != "" {
		seq = 0 // what is answered of a past moment stays as it is
	}
	b, err := p.sums.get(r.Context(), key, seq, func(ctx context.Context) (*overviewBody, error) { return p.sumUp(ctx, pg.Asked) })
	if err != nil {
		return err
	}
	return overviewSheet.write(p, w, http.StatusOK, pg, b)
}

func (p *Pages) today() domain.Date { return domain.DateIn(p.server.Now(), domain.Shanghai) }

// policy is the policy in force; nil before one is published. What it holds is not changed by anyone.
func (p *Pages) policy(ctx context.Context) (policy *domain.Policy, err error) {
	err = p.server.View(ctx, func(s *domain.State, _ uint64) { policy = s.Policy() })
	return policy, err
}

func (p *Pages) sumUp(ctx context.Context, a asked) (*overviewBody, error) {
	policy, err := p.policy(ctx)
	if err != nil {
		return nil, err
	}
	b := &overviewBody{Years: years(policy)}
	if policy != nil {
		b.Fund = policy.Title
	}
	b.Overview, err = p.server.Queries().Overview(ctx, projections.OverviewQuery{BudgetYear: a.budgetYear, SupportYear: a.Year, AsOf: a.asOf, On: a.on})
	if err != nil {
		return nil, err
	}
	for _, y := range b.Years {
		b.BudgetYears = append(b.BudgetYears, int(y))
	}
	if last := len(b.BudgetYears); last > 0 { // what was approved in time is paid later too
		b.BudgetYears = append(b.BudgetYears, b.BudgetYears[last-1]+1)
	}
	b.chart()
	return b, nil
}

// chart makes a bar of each month of the budget year.
func (b *overviewBody) chart() {
	most := domain.Fen(1)
	for _, m := range b.Overview.Months {
		most = domain.Greater(most, m.Paid)
	}
	for i, m := range b.Overview.Months {
		height := int64(0)
		if bar := meter(m.Paid, domain.NoMoney, domain.Stated(most)); bar != nil {
			height = bar.Use * 120 / 1000
		}
		b.Months = append(b.Months, monthBar{MonthRow: m, X: int64(i)*56 + 8, Y: 126 - height, Height: height, LabelX: int64(i)*56 + 28})
	}
}
