package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// searchBody is what a text names.
type searchBody struct {
	Ways   []way // pages, and what can be done
	Groups []foundGroup
}

// foundGroup are the things of one kind.
type foundGroup struct {
	Object projections.Object
	Rows   []found
}

// found is one of them.
type found struct{ projections.FoundRow }

// places are where things of a kind have their page, in the order in which they are shown.
var places = []struct {
	object projections.Object
	at     string
}{
	{projections.AnEnterprise, "/enterprises/"}, {projections.AProject, "/projects/"}, {projections.AnApplication, "/applications/"}, {projections.APayout, "/payouts/"}, {projections.AClawback, "/clawbacks/"},
	{projections.ARecovery, "/recoveries?recovery="}, {projections.AnException, "/exceptions/"}, {projections.AVersion, "/policy/"}, {projections.APerson, "/persons/"}, {projections.AnEvent, "/events/"},
	{projections.ACheckpoint, "/checkpoints/"},
}

// Page is where it is shown.
func (f found) Page() string {
	for _, p := range places {
		if p.object == f.Object {
			if path, parameter, asked := strings.Cut(p.at, "?"); asked {
				return link(path, strings.TrimSuffix(parameter, "="), f.Reference)
			}
			return p.at + escape(f.Reference)
		}
	}
	return ""
}

// search answers the bar's search. What is named whole, and is the only thing of that name, is opened at once.
func (p *Pages) search(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{ZH: "搜索", EN: "Search"})
	if err != nil {
		return err
	}
	text := strings.TrimSpace(pg.Asked.Q)
	ask := pg.Asked.ask()
	ask.Where = nil
	if text != "" {
		ask.Where = []projections.Condition{projections.ByText.Is(text)}
	}
	page, err := projections.Search.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), ask)
	if err != nil {
		return err
	}
	b, whole := searchBody{Ways: led(pg.Viewer, text)}, []found(nil)
	for _, place := range places {
		group := foundGroup{Object: place.object}
		for _, row := range page.Rows {
			if row.Object != place.object {
				continue
			}
			group.Rows = append(group.Rows, found{row})
			if strings.EqualFold(row.Reference, strings.TrimPrefix(text, "#")) || row.Object == projections.AnEnterprise && row.Title == text {
				whole = append(whole, found{row})
			}
		}
		if len(group.Rows) > 0 {
			b.Groups = append(b.Groups, group)
		}
	}
	if _, number := strconv.ParseUint(text, 10, 63); len(whole) == 1 && (number != nil || len(page.Rows) == 1) {
		http.Redirect(w, r, whole[0].Page(), http.StatusSeeOther)
		return nil
	}
	if text != "" && len(page.Rows) == 0 && len(b.Ways) == 1 { // nothing else is called so
		http.Redirect(w, r, b.Ways[0].At, http.StatusSeeOther)
		return nil
	}
	pg.Export = pg.Asked.export(projections.Search.List)
	return searchSheet.write(p, w, http.StatusOK, pg, b)
}
