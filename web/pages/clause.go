package pages

import (
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// topAccounts is how many of a clause's accounts its page shows, those nearest to their cap first, and mostAccounts among how many
// they are looked for.
const (
	topAccounts  = 50
	mostAccounts = 20_000
)

type onlyClause struct {
	clauseBody
	Accounts []projections.AccountRow
	More     int
}

// clause is one clause: its cap and versions, its departments, and the accounts nearest to the cap.
func (p *Pages) clause(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/clauses", domain.Text{ZH: "条款 " + id, EN: "Clause " + id})
	if err != nil {
		return err
	}
	b, found := &onlyClause{}, false
	err = p.server.Ledger().View(r.Context(), func(s *domain.State, _ uint64) {
		if s.Policy() == nil {
			return
		}
		var c domain.Clause
		if c, found = s.Policy().Clause(domain.ClauseID(id)); found {
			b.clauseBody = showClause(s.Policy(), c, s.Versions(c.ID), p.today())
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	a := pg.Asked
	rows := answers.Pages(func(cursor string) (projections.Page[projections.AccountRow], error) {
		return p.server.Queries().Accounts(r.Context(), projections.AccountsQuery{Clause: b.ID, Year: a.Year, AsOf: a.asOf, On: a.on, Limit: projections.MaxLimit, Cursor: cursor})
	})
	for row, err := range rows {
		if err != nil {
			return err
		}
		if b.Accounts = append(b.Accounts, row); len(b.Accounts) == mostAccounts {
			break
		}
	}
	slices.SortStableFunc(b.Accounts, func(x, y projections.AccountRow) int {
		return leftOf(x).Decimal().Cmp(leftOf(y).Decimal())
	})
	b.More = max(len(b.Accounts)-topAccounts, 0)
	b.Accounts = b.Accounts[:len(b.Accounts)-b.More]
	a.Clause = id
	pg.Export, pg.Body = a.export("/v1/accounts", "clause", "year", "as_of", "on"), b
	return p.write(w, http.StatusOK, "clause", pg)
}

// leftOf is what is left of an account's cap and exceptions; where none is stated, less use comes later.
func leftOf(r projections.AccountRow) domain.Money {
	if !r.Cap.Stated {
		return r.Use.Neg()
	}
	return r.Cap.Amount.Add(r.Exceptions).Sub(r.Use)
}
