package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// projectBody is all that is known of a project: who applied for it, the accounts it is charged on, and what happened.
type projectBody struct {
	ID           string
	Registered   []projections.ProjectRow // as which it is registered, or which it is one with; none: it is neither
	Applications table[projections.ApplicationRow]
	Accounts     []projections.AccountRow // of clauses that limit what a project gets
	History      []projections.HistoryRow
}

func (p *Pages) project(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b, k, a := &projectBody{ID: id}, p.server.Keeper(pg.Viewer.Lang), pg.Asked
	own := projections.Where(projections.ByProject.Is(id))
	own.Limit = pageRows
	applications, err := projections.Applications.Page(r.Context(), k, own)
	if err != nil {
		return err
	}
	registered := projections.Where(projections.ByRegistered.Is(id))
	registered.AsOf, registered.On, registered.Limit = a.asOf, a.on, 1
	rows, err := projections.Projects.Page(r.Context(), k, registered)
	if err != nil {
		return err
	}
	if b.Registered = rows.Rows; len(applications.Rows)+len(b.Registered) == 0 {
		return projections.ErrNotFound
	}
	own.AsOf, own.On, own.Cursor = a.asOf, a.on, a.cursor
	history, err := projections.ProjectHistory.Page(r.Context(), k, own)
	if err != nil {
		return err
	}
	charged := projections.Where(projections.BySubject.Is(id))
	charged.AsOf, charged.On, charged.Limit = a.asOf, a.on, pageRows
	accounts, err := projections.Accounts.Page(r.Context(), k, charged)
	if err != nil {
		return err
	}
	for _, row := range accounts.Rows {
		if row.SubjectKind == domain.SubjectProject {
			b.Accounts = append(b.Accounts, row)
		}
	}
	b.Applications.Rows, b.History, pg.Next = applications.Rows, history.Rows, history.Next
	pg.then = domain.Text{ZH: "账户与经过为过去时点；申请为现在。", EN: "Accounts and history are of a past moment; applications are as they are now."}
	pg.Title = domain.Text{ZH: "项目 " + id, EN: "Project " + id}
	return projectSheet.write(p, w, http.StatusOK, pg, b)
}

// newProject is the form that registers a project, or says that two are one.
func (p *Pages) newProject(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/projects", title: domain.Text{ZH: "登记项目，或认定为同一项目", EN: "Register a project, or join two"},
		next: func(domain.Command) string { return "/projects" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "register_project", "project", "name", "enterprise", "place", "distinct_from", "reason").filled("project", r.URL.Query().Get("project")),
				asks(s.Policy(), "same_project", "a", "b", "document").filled("a", r.URL.Query().Get("project"))}
		}})
}
