package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// exceptionBody is an exception, the account that it raises, and what happened to it.
type exceptionBody struct {
	offers
	projections.ExceptionRow
	Name    string                  // of the enterprise, where it is for one
	Account *projections.AccountRow // nil: nothing was ever charged to it
	History []projections.HistoryRow
}

func (p *Pages) exception(w http.ResponseWriter, r *http.Request) error {
	return p.showException(w, r, nil)
}

func (p *Pages) doException(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	answer, err := p.give(w, r, map[string]string{"exception": id}, "revoke_exception")
	if err != nil || answer == nil {
		return err
	}
	return p.showException(w, r, answer)
}

func (p *Pages) showException(w http.ResponseWriter, r *http.Request, answer *said) error {
	pg, err := p.begin(r, "/exceptions", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b := &exceptionBody{}
	if err := p.tellException(r, pg, id, b); err != nil {
		return err
	}
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.SubjectKind == domain.SubjectEnterprise {
			b.Name = nameOf(s, domain.EnterpriseID(b.Subject))
		}
		if b.InForce.Positive() && !pg.Asked.Past() {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), []draft{
				asks(s.Policy(), "revoke_exception", "amount", "document").filled("amount", b.InForce.String()).tried(func(h domain.Head) domain.Command {
					return &domain.RevokeException{Head: h, Exception: b.Exception, Amount: b.InForce, Document: "-"}
				})})
		}
	})
	if err != nil {
		return err
	}
	if err := p.between(r, pg, projections.Exceptions.List, id); err != nil {
		return err
	}
	pg.then = wholly
	pg.Title = domain.Text{ZH: "例外 " + id, EN: "Exception " + id}
	return exceptionSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}

// tellException adds an exception's row, its history and its account, all as of the moment that the page asks for.
func (p *Pages) tellException(r *http.Request, pg *page, id string, b *exceptionBody) error {
	ask := projections.Where(projections.ByException.Is(domain.ExceptionID(id)))
	ask.AsOf, ask.On = pg.Asked.asOf, pg.Asked.on
	k := p.server.Keeper(pg.Viewer.Lang)
	rows, err := projections.Exceptions.Page(r.Context(), k, ask)
	if err != nil {
		return err
	}
	if len(rows.Rows) == 0 {
		return projections.ErrNotFound
	}
	b.ExceptionRow = rows.Rows[0]
	ask.Limit, ask.Cursor = pageRows, pg.Asked.cursor
	history, err := projections.ExceptionHistory.Page(r.Context(), k, ask)
	if err != nil {
		return err
	}
	b.History, pg.Next = history.Rows, history.Next
	charged := projections.Where(projections.ByClause.Is(b.Clause), projections.BySubject.Is(b.Subject), projections.ByYear.Is(b.SupportYear))
	charged.AsOf, charged.On, charged.Limit = ask.AsOf, ask.On, pageRows
	accounts, err := projections.Accounts.Page(r.Context(), k, charged)
	if err != nil {
		return err
	}
	for _, row := range accounts.Rows {
		if row.SubjectKind == b.SubjectKind {
			b.Account = &row
			break
		}
	}
	return nil
}
