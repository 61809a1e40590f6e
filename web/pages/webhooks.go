package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/web"
)

// webhooksBody is who is told of what happens, and what they were not told.
type webhooksBody struct {
	List      []hookBody
	Delivered int
	Failed    map[string]string // what was sent again and is not taken still: why, by id
	Sent      bool              // it was sent again just now
}

// hookBody is one webhook.
type hookBody struct {
	outward.Row
	Lying []outward.Undelivered
}

// MaySend reports whether the viewer may have something sent again.
func (p *page) MaySend() bool { return p.Viewer.Has(domain.Admin) }

func (p *Pages) webhooks(w http.ResponseWriter, r *http.Request) error {
	return p.showWebhooks(w, r, webhooksBody{})
}

func (p *Pages) showWebhooks(w http.ResponseWriter, r *http.Request, body webhooksBody) error {
	pg, err := p.enter(r, "/webhooks")
	if err != nil {
		return err
	}
	if !pg.MayAudit() {
		return web.NotFor(web.KeepsAccounts...)
	}
	rows, err := p.server.Webhooks(r.Context())
	if err != nil {
		return err
	}
	for _, row := range rows {
		one := hookBody{Row: row}
		if row.Undelivered > 0 {
			if one.Lying, err = p.server.Undelivered(r.Context(), row.User, row.Webhook); err != nil {
				return err
			}
		}
		body.List = append(body.List, one)
	}
	return webhooksSheet.write(p, w, http.StatusOK, pg, body)
}

// tellAgain sends what a webhook refused once more, one or all of it, and says what became of it.
func (p *Pages) tellAgain(w http.ResponseWriter, r *http.Request) error {
	v, _ := web.ViewerOf(r)
	if err := r.ParseForm(); err != nil {
		return err
	}
	outcome, err := p.server.TellAgain(r.Context(), v, domain.PersonID(r.PostForm.Get("user")), r.PostForm.Get("webhook"), r.PostForm["id"])
	if err != nil {
		return err
	}
	return p.showWebhooks(w, r, webhooksBody{Sent: true, Delivered: outcome.Delivered, Failed: outcome.Failed})
}
