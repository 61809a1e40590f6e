package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// personBody is somebody who acted, or is a user, with what they did: the latest first.
type personBody struct {
	ID      domain.PersonID
	Name    string                // by now; the id where they have none
	Last    projections.PersonRow // of nobody where they did nothing
	History []projections.HistoryRow
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b := personBody{ID: domain.PersonID(id)}
	b.Name = p.server.Called(b.ID)
	own := []projections.Condition{projections.ByActor.Is(b.ID)}
	k := p.server.Keeper(pg.Viewer.Lang)
	last, err := projections.Persons.Page(r.Context(), k, projections.Ask{Where: own})
	if err != nil {
		return err
	}
	if len(last.Rows) > 0 {
		b.Last = last.Rows[0]
	} else if b.Name == id {
		return projections.ErrNotFound
	}
	a := pg.Asked
	history, err := projections.PersonHistory.Page(r.Context(), k, projections.Ask{Where: own, AsOf: a.asOf, On: a.on, Limit: pageRows, Cursor: a.cursor})
	if err != nil {
		return err
	}
	b.History, pg.Next = history.Rows, history.Next
	pg.then = domain.Text{ZH: "办理的事项截至过去时点；其余为现在。", EN: "What they did is told up to a past moment; the rest is as it is now."}
	pg.Title = domain.Text{ZH: "经办人 " + b.Name, EN: "Person " + b.Name}
	return personSheet.write(p, w, http.StatusOK, pg, b)
}

// called is what a person is called by now, for templates, which are read before there is a server.
func (p *Pages) called(person string) string {
	if p.server == nil {
		return person
	}
	return p.server.Called(domain.PersonID(person))
}
