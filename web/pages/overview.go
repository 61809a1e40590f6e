package pages

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// clauseSum is a clause's use against the caps of the accounts that were used.
type clauseSum struct {
	Clause        domain.ClauseID
	Name          domain.Text
	Accounts      int
	Cap           domain.Ceiling
	Exceptions    domain.Money
	Use           domain.Money
	Paid, NetPaid domain.Money
	Over, Full    int // accounts
}

// month is what was paid in a calendar month.
type month struct {
	Name         string
	Paid         domain.Money
	X, Y, Height int64 // of its bar, in the chart's 0 to 120
	LabelX       int64
}

// overviewBody is the fund in a year, or as a whole.
type overviewBody struct {
	Years     []domain.SupportYear
	Fund      domain.Text
	Sum       projections.TotalsRow // only its amounts
	Recovered domain.Money
	Clauses   []*clauseSum
	Attention []projections.TotalsRow
	More      int // rows that need attention, beyond those shown
	Open      []projections.ClawbackRow
	Months    []month
	Width     int64
}

// sums keeps the overview of a position, which is asked for again and again and costs a run through every line.
type sums struct {
	mu   sync.Mutex
	seq  uint64
	kept map[string]*overviewBody
}

const (
	sumsKept       = 32
	attentionShown = 40
)

func (s *sums) get(seq uint64, key string) *overviewBody {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seq != seq {
		return nil
	}
	return s.kept[key]
}

func (s *sums) put(seq uint64, key string, body *overviewBody) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seq != seq || len(s.kept) >= sumsKept {
		s.seq, s.kept = seq, map[string]*overviewBody{}
	}
	s.kept[key] = body
}

func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/", domain.Text{ZH: "总览", EN: "Overview"})
	if err != nil {
		return err
	}
	pg.Export = pg.Asked.export("/v1/totals", "year", "as_of", "on")
	key := fmt.Sprint(pg.Asked.Year, "|", pg.Asked.AsOf, "|", pg.Asked.On, "|", p.today())
	body := p.sums.get(pg.Lag.Projected, key)
	if body == nil {
		if body, err = p.sumUp(r.Context(), pg.Asked); err != nil {
			return err
		}
		p.sums.put(pg.Lag.Projected, key, body)
	}
	pg.Body = body
	return p.write(w, http.StatusOK, "overview", pg)
}

func (p *Pages) today() domain.Date { return domain.DateIn(p.server.Now(), projections.Shanghai) }

// policy is the policy in force; nil before one is published. What it holds is not changed by anyone.
func (p *Pages) policy(ctx context.Context) (policy *domain.Policy, err error) {
	err = p.server.Ledger().View(ctx, func(s *domain.State, _ uint64) { policy = s.Policy() })
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
	if err := p.sumTotals(ctx, a, b); err != nil {
		return nil, err
	}
	if err := p.sumClauses(ctx, a, policy, b); err != nil {
		return nil, err
	}
	if a.Past() {
		return b, nil // what follows is known as it is now only
	}
	open, err := p.server.Queries().Clawbacks(ctx, projections.ListQuery{Year: a.Year, State: "open", Limit: 15})
	if err != nil {
		return nil, err
	}
	b.Open = open.Rows
	return b, p.sumMonths(ctx, a, b)
}

var worst = []projections.Status{projections.Over, projections.OverByException, projections.Full, projections.Near, projections.OK}

func (p *Pages) sumTotals(ctx context.Context, a asked, b *overviewBody) error {
	rows := answers.Pages(func(cursor string) (projections.Page[projections.TotalsRow], error) {
		return p.server.Queries().Totals(ctx, projections.TotalsQuery{Year: a.Year, AsOf: a.asOf, On: a.on, Limit: projections.MaxLimit, Cursor: cursor})
	})
	for row, err := range rows {
		if err != nil {
			return err
		}
		s := &b.Sum
		s.Applications += row.Applications
		s.Requested, s.Approved, s.Paid = s.Requested.Add(row.Requested), s.Approved.Add(row.Approved), s.Paid.Add(row.Paid)
		s.Returned, s.NetPaid, s.Use = s.Returned.Add(row.Returned), s.NetPaid.Add(row.NetPaid), s.Use.Add(row.Use)
		s.ClawbackOrdered, s.ClawbackWaived = s.ClawbackOrdered.Add(row.ClawbackOrdered), s.ClawbackWaived.Add(row.ClawbackWaived)
		b.Recovered = b.Recovered.Add(row.RecoveredError).Add(row.RecoveredBreach)
		if row.Status != projections.OK {
			b.Attention = append(b.Attention, row)
		}
	}
	slices.SortStableFunc(b.Attention, func(x, y projections.TotalsRow) int {
		return slices.Index(worst, x.Status) - slices.Index(worst, y.Status)
	})
	if len(b.Attention) > attentionShown {
		b.More, b.Attention = len(b.Attention)-attentionShown, b.Attention[:attentionShown]
	}
	return nil
}

// sumClauses adds up accounts by clause. A cap in total counts once for an account, whatever the number of its years.
func (p *Pages) sumClauses(ctx context.Context, a asked, policy *domain.Policy, b *overviewBody) error {
	byID, counted := map[domain.ClauseID]*clauseSum{}, map[domain.Account]bool{}
	rows := answers.Pages(func(cursor string) (projections.Page[projections.AccountRow], error) {
		return p.server.Queries().Accounts(ctx, projections.AccountsQuery{Year: a.Year, AsOf: a.asOf, On: a.on, Limit: projections.MaxLimit, Cursor: cursor})
	})
	for row, err := range rows {
		if err != nil {
			return err
		}
		sum := byID[row.Clause]
		if sum == nil {
			sum = &clauseSum{Clause: row.Clause, Name: clauseName(policy, row.Clause)}
			byID[row.Clause] = sum
			b.Clauses = append(b.Clauses, sum)
		}
		account := domain.Account{Clause: row.Clause, Subject: domain.Subject{Kind: row.SubjectKind, ID: row.Subject}}
		if !counted[account] {
			sum.Accounts++
		}
		if row.Cap.Stated && !(inTotal(policy, row.Clause) && counted[account]) {
			sum.Cap = domain.Stated(sum.Cap.Amount.Add(row.Cap.Amount))
		}
		counted[account] = true
		sum.Exceptions, sum.Use = sum.Exceptions.Add(row.Exceptions), sum.Use.Add(row.Use)
		sum.Paid, sum.NetPaid = sum.Paid.Add(row.Paid), sum.NetPaid.Add(row.NetPaid)
		switch row.Status {
		case projections.Over, projections.OverByException:
			sum.Over++
		case projections.Full:
			sum.Full++
		}
	}
	return nil
}

func inTotal(p *domain.Policy, id domain.ClauseID) bool {
	if p == nil {
		return false
	}
	c, _ := p.Clause(id)
	return c.Cap.Period == domain.InTotal
}

// sumMonths makes the chart of what was paid, by the calendar month of payment.
func (p *Pages) sumMonths(ctx context.Context, a asked, b *overviewBody) error {
	byMonth := map[string]domain.Money{}
	rows := answers.Pages(func(cursor string) (projections.Page[projections.PayoutRow], error) {
		return p.server.Queries().Payouts(ctx, projections.ListQuery{Year: a.Year, Limit: projections.MaxLimit, Cursor: cursor})
	})
	for row, err := range rows {
		if err != nil {
			return err
		}
		name := row.PaidOn.String()
		name = name[:strings.LastIndexByte(name, '-')]
		byMonth[name] = byMonth[name].Add(row.Amount)
	}
	most := domain.Fen(1)
	for _, paid := range byMonth {
		most = domain.Greater(most, paid)
	}
	for i, name := range slices.Sorted(maps.Keys(byMonth)) {
		height := meter(byMonth[name], domain.NoMoney, domain.Stated(most)).Use * 120 / 1000
		b.Months = append(b.Months, month{Name: name, Paid: byMonth[name], X: int64(i) * 56, Y: 126 - height, Height: height, LabelX: int64(i)*56 + 20})
	}
	b.Width = int64(len(b.Months)) * 56
	return nil
}
