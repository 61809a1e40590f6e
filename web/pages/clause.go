package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// topAccounts is how many of a clause's accounts its page shows, those nearest to their cap first.
const topAccounts = 50

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
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
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
	near, err := p.server.Queries().Nearest(r.Context(), projections.Ask{Where: []projections.Condition{projections.ByClause.Is(b.ID), projections.ByYear.Is(a.Year)}, AsOf: a.asOf, On: a.on, Limit: topAccounts})
	if err != nil {
		return err
	}
	pg.then = domain.Text{ZH: "账户为过去时点；条款与版本为现在。", EN: "The accounts are of a past moment; the clause and its versions are as they are now."}
	b.Accounts, b.More = near.Rows, near.All-len(near.Rows)
	pg.Export = a.with(projections.ByClause.Is(b.ID)).export(projections.Accounts.List)
	return clauseSheet.write(p, w, http.StatusOK, pg, b)
}

// Carried is where an account's carried use is taken apart: that of the same subject under the clause that its own continues, in the year that
// this one's cap counts.
func (p *page) Carried(from domain.Clause, row projections.AccountRow) string {
	of := []any{"figure", "use", "clause", from.ID, "subject_kind", row.SubjectKind, "subject", row.Subject}
	if from.Cap.Period == domain.PerYear {
		of = append(of, "year", row.SupportYear)
	}
	return p.Link("/explain", of...)
}
