package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// topAccounts is how many of a clause's accounts its page shows, those nearest to their cap first.
const topAccounts = 50

// topMatches is how many of those whom a clause's conditions say yes to its page shows.
const topMatches = 20

type onlyClause struct {
	clauseBody
	Promise  domain.Text            // the working days that its stages are promised to take
	Matches  []projections.MatchRow // who may still have it, by its conditions; none as of a past moment
	Accounts []projections.AccountRow
	More     int
}

// clause is one clause: its cap and versions, its departments, who may still have it, and the accounts nearest to the cap.
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
			if promised := s.PromisedOn(c.ID, p.today()); promised != (domain.Promised{}) {
				b.Promise = promisedText(promised)
			}
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
	if len(b.Conditions) > 0 && !a.Past() {
		who := projections.Ask{Where: []projections.Condition{projections.ByClause.Is(b.ID), projections.ByAnswer.Is("yes")}, Limit: topMatches}
		found, err := p.server.Keeper(pg.Viewer.Lang).Page(r.Context(), projections.Matches.List, who)
		if err != nil {
			return err
		}
		for _, row := range found.Rows {
			if m := row.(projections.MatchRow); !m.Headroom.Stated || m.Headroom.Amount.Positive() { // an account that is used up has nothing to apply for
				b.Matches = append(b.Matches, m)
			}
		}
	}
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
