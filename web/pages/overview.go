package pages

import (
	"context"
	"fmt"
	"net/http"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// monthBar is what was paid in a calendar month, and in the year before, as two bars.
type monthBar struct {
	projections.MonthRow
	Before             projections.MonthRow
	X, BeforeX, LabelX string // in per cent of the chart's width
	Y, High            int64  // in the chart's 0 to 120
	BeforeY            int64
	Was                int64 // how high the year before is
}

// useBar is what is used of a clause's caps in the support year, as a bar beside those of the other clauses.
type useBar struct {
	projections.ClauseUse
	Paid, Held string // how long, in per cent of the longest
	Share      string // of the caps that is used; "": none is stated
	Unpaid     domain.Money
}

// tenths is a share of a thousand as per cent, for a drawing.
func tenths(n int64) string { return fmt.Sprintf("%d.%d%%", n/10, n%10) }

// mark is a line of the chart's scale.
type mark struct {
	Y      int64
	Amount domain.Money
}

// overviewBody is how the fund stands.
type overviewBody struct {
	projections.Overview
	Years       []domain.SupportYear
	BudgetYears []int
	Fund        domain.Text
	Months      []monthBar
	Scale       []mark
	PaidBefore  domain.Money // net of returns, in the year before the budget year, up to the same month
	YearBefore  int
	Since       domain.Date                  // the first of seven days
	Week        table[projections.NoticeRow] // of these days, the latest first
}

// Net is what was paid in the budget year, less what the bank returned.
func (b *overviewBody) Net() domain.Money { return b.Paid.Sub(b.Returned) }

// Budgeted are the clauses and departments that have an appropriation.
func (b *overviewBody) Budgeted() (list []projections.AppropriationRow) {
	for _, r := range b.Budgets {
		if r.Appropriation.Stated {
			list = append(list, r)
		}
	}
	return list
}

// Unbudgeted is how many have none.
func (b *overviewBody) Unbudgeted() int { return len(b.Budgets) - len(b.Budgeted()) }

// Used are the clauses that have accounts in the year.
func (b *overviewBody) Used() []projections.ClauseUse { return b.clauses(true) }

// UseBars are the used clauses as the chart has them.
func (b *overviewBody) UseBars() (list []useBar) {
	most := domain.Fen(1)
	for _, c := range b.Used() {
		most = domain.Greater(most, domain.Greater(c.YearUse, c.Paid))
	}
	for _, c := range b.Used() {
		bar := useBar{ClauseUse: c, Unpaid: domain.Greater(c.YearUse, c.Paid).Sub(c.Paid)}
		whole := meter(domain.Greater(c.YearUse, c.Paid), c.Paid, domain.Stated(most))
		bar.Paid, bar.Held = tenths(whole.Paid), tenths(max(whole.Use-whole.Paid, 0))
		if c.Cap.Stated && c.Cap.Amount.Add(c.Exceptions).Positive() {
			bar.Share = percent(decimal.NewNullDecimal(c.Use.Decimal().DivRound(c.Cap.Amount.Add(c.Exceptions).Decimal(), 4)))
		}
		list = append(list, bar)
	}
	return list
}

// Unused are the clauses that have none: of them there is nothing more to say.
func (b *overviewBody) Unused() []projections.ClauseUse { return b.clauses(false) }

func (b *overviewBody) clauses(used bool) (list []projections.ClauseUse) {
	for _, c := range b.Clauses {
		if c.Accounts > 0 == used {
			list = append(list, c)
		}
	}
	return list
}

func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/overview")
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
	pg.then = wholly
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
	if !a.on.IsZero() { // a notice belongs to the clock of recording
		return b, nil
	}
	b.Since = domain.DateIn(b.Day.Time(domain.Shanghai).AddDate(0, 0, -6), domain.Shanghai)
	week := projections.Ask{Where: []projections.Condition{projections.Since.Is(b.Since.String()), projections.ByNotice.Is(projections.Caused)}, AsOf: a.asOf, Limit: projections.AttentionRows}
	found, err := projections.Notices.Page(ctx, p.server.Queries(), week)
	if err != nil {
		return nil, err
	}
	b.Week.Rows = found.Rows
	return b, nil
}

// useRows are account lines that a page shows.
type useRows struct {
	Page *page
	Rows []projections.AccountUse
}

// Accounts are account lines on this page.
func (p *page) Accounts(rows []projections.AccountUse) useRows { return useRows{p, rows} }

// chart makes the bars of each month of the budget year, and of the year before, on one scale.
func (b *overviewBody) chart() {
	const foot, high = 126, 116
	most := domain.Fen(1)
	for i := range b.Overview.Months {
		most = domain.Greater(most, domain.Greater(b.Overview.Months[i].Paid, b.MonthsBefore[i].Paid))
	}
	height := func(paid domain.Money) int64 {
		if bar := meter(paid, domain.NoMoney, domain.Stated(most)); bar != nil {
			return bar.Use * high / 1000
		}
		return 0
	}
	upto := 12
	if b.Day.Year() == b.BudgetYear {
		upto = int(b.Day.Time(domain.Shanghai).Month())
	}
	for i, m := range b.Overview.Months {
		bar := monthBar{MonthRow: m, Before: b.MonthsBefore[i], High: height(m.Paid), Was: height(b.MonthsBefore[i].Paid)}
		left := int64(i)*75 + 95 // behind the scale's amounts
		bar.X, bar.BeforeX, bar.LabelX = tenths(left), tenths(left+29), tenths(left+28)
		bar.Y, bar.BeforeY = foot-bar.High, foot-bar.Was
		b.Months = append(b.Months, bar)
		if i < upto {
			b.PaidBefore = b.PaidBefore.Add(bar.Before.Paid.Sub(bar.Before.Returned))
		}
	}
	b.YearBefore = b.BudgetYear - 1
	b.Scale = []mark{{foot - high, most}, {foot - high/2, domain.Fen(most.Fen() / 2)}}
}
