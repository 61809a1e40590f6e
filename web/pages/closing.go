package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// closingBody is a budget year on its way to its closing, or how it was closed.
type closingBody struct {
	Year     int
	Checks   []closingCheck
	Waits    int                           // checks that are not done, before the closing itself
	Stops    bool                          // one of them has to be
	Fund     *projections.AppropriationRow // the whole year's money; nil: none was paid or budgeted
	Budgets  []closedBudget                // of the clauses
	Closings []projections.ClosingRow      // of the year, the latest first
	Closed   *projections.ClosingRow       // that stands
	Report   *audit.Report                 // of the last verification; nil: none was made here
}

// closedBudget is a clause's budget of the year, with what was booked of it behind the closing that stands.
type closedBudget struct {
	projections.AppropriationRow
	AfterClose domain.Money
}

// closingCheck is one of the things that are looked at, and where it is settled.
type closingCheck struct {
	domain.ClosingCheck
	Link string
}

// closing is the page of a budget year's closing: what is looked at before, what the year comes to, and how it was closed.
func (p *Pages) closing(w http.ResponseWriter, r *http.Request) error {
	text := r.PathValue("year")
	pg, err := p.begin(r, "/closings", domain.Text{ZH: text + " 预算年度封账", EN: "Closing of budget year " + text})
	if err != nil {
		return err
	}
	year, err := web.BudgetYear(r)
	if err != nil {
		return err
	}
	b := closingBody{Year: year}
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		for _, c := range s.ClosingChecks(year, p.today()) {
			b.Checks = append(b.Checks, closingCheck{c, pg.settles(c.Step, year)})
			if !c.Done && c.Step != domain.StepClose {
				b.Waits++
			}
			b.Stops = b.Stops || c.Stops
		}
	})
	if err != nil {
		return err
	}
	of := projections.Ask{Where: []projections.Condition{projections.ByBudgetYear.Is(domain.SupportYear(b.Year))}, Limit: projections.MaxLimit}
	budgets, err := projections.Appropriations.Page(r.Context(), p.server.Queries(), of)
	if err != nil {
		return err
	}
	closings, err := projections.Closings.Page(r.Context(), p.server.Queries(), of)
	if err != nil {
		return err
	}
	b.Closings = closings.Rows
	slices.Reverse(b.Closings)
	if len(b.Closings) > 0 && b.Closings[0].ReopenedOn.IsZero() {
		b.Closed = &b.Closings[0]
	}
	late := map[domain.ClauseID]domain.Money{}
	if b.Closed != nil && b.Closed.MovedSince > 0 {
		for row, err := range projections.MovedSinceClose.Every(r.Context(), p.server.Queries(), of) {
			if err != nil {
				return err
			}
			if row.ClosedSeq == b.Closed.Seq && row.AfterClose {
				late[row.Clause] = late[row.Clause].Add(row.Paid).Sub(row.Returned)
			}
		}
	}
	for _, row := range budgets.Rows {
		if row.ScopeKind == domain.ScopeFund {
			b.Fund = &row
		} else if row.ScopeKind == domain.ScopeClause {
			b.Budgets = append(b.Budgets, closedBudget{row, late[row.Clause]})
		}
	}
	if proof := p.server.Proof(); proof != nil {
		if report, err := proof.Report(); err == nil {
			b.Report = &report
		}
	}
	pg.Export = &url.URL{Path: "/v1/closings/" + text + "/checks"}
	return closingSheet.write(p, w, http.StatusOK, pg, b)
}

// settles is where what a check finds open is seen to.
func (p *page) settles(step domain.ClosingStep, year int) string {
	switch step {
	case domain.StepTreasury:
		return "/audit/reconciliation"
	case domain.StepReturns:
		return p.Link("/lists/queue", "step", "to_pay_again")
	case domain.StepUnpaid:
		return p.Link("/plan", "budget_year", year)
	case domain.StepRecoveries:
		return p.Link("/clawbacks", "state", "open")
	case domain.StepBudgets:
		return p.Link("/execution", "budget_year", year)
	case domain.StepEarlier:
		return p.Link("/closings/" + strconv.Itoa(year-1))
	}
	return ""
}
