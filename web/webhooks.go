package web

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/outward"
)

// webhookRoutes are who is told of what happens, and what they were not told. Webhooks are added where the ledger runs: which addresses the service
// calls is for who runs it to say.
var webhookRoutes = []route{
	{method: "GET", path: "/v1/webhooks", roles: KeepsAccounts, described: true, serve: (*Server).getWebhooks, answer: reflect.TypeFor[WebhookList](),
		summary: domain.Text{ZH: "推送及其进度", EN: "Webhooks and where they stand"}},
	{method: "GET", path: "/v1/webhooks/{user}/{webhook}/undelivered", roles: KeepsAccounts, described: true, serve: (*Server).getUndelivered,
		answer: reflect.TypeFor[UndeliveredList](), summary: domain.Text{ZH: "未送达的推送", EN: "What a webhook's receiver refused"}},
	{method: "POST", path: "/v1/webhooks/{user}/{webhook}/again", roles: []domain.Role{domain.Admin}, described: true, serve: (*Server).postAgain,
		body: reflect.TypeFor[AgainAsked](), answer: reflect.TypeFor[AgainOutcome](),
		summary: domain.Text{ZH: "重新推送；未指明编号则为全部", EN: "Send that once more: what is named, or all"}},
}

// WebhookList is all webhooks, by user and name.
type WebhookList struct {
	Webhooks []outward.Row `json:"webhooks"`
}

// UndeliveredList is a webhook's poison queue.
type UndeliveredList struct {
	Undelivered []outward.Undelivered `json:"undelivered"`
}

// AgainAsked says what is to be sent once more.
type AgainAsked struct {
	IDs []string `json:"ids,omitempty"`
}

// AgainOutcome is what became of it.
type AgainOutcome struct {
	Delivered int               `json:"delivered"`
	Failed    map[string]string `json:"failed"` // why not, by id
}

// webhooks are what the service tells; a problem where it tells nothing.
func (s *Server) webhooks() (*outward.Webhooks, error) {
	if s.cfg.Webhooks == nil {
		return nil, problem(http.StatusNotFound, "not_found")
	}
	return s.cfg.Webhooks, nil
}

// Webhooks are all webhooks and where they stand.
func (s *Server) Webhooks(ctx context.Context) ([]outward.Row, error) {
	hooks, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	return hooks.Rows(ctx)
}

// Undelivered is what lies in a webhook's poison queue.
func (s *Server) Undelivered(ctx context.Context, user domain.PersonID, name string) ([]outward.Undelivered, error) {
	hooks, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	list, err := hooks.Undelivered(ctx, user, name, outward.MaxUndelivered)
	return list, notThere(err)
}

// notThere is a problem for who names somebody in an address who is no user: such a webhook there is not.
func notThere(err error) error {
	if errors.Is(err, accounts.ErrNoUser) {
		return problem(http.StatusNotFound, "not_found")
	}
	return err
}

// TellAgain sends what lies there once more.
func (s *Server) TellAgain(ctx context.Context, v Viewer, user domain.PersonID, name string, ids []string) (AgainOutcome, error) {
	if !v.Has(domain.Admin) {
		return AgainOutcome{}, NotFor(domain.Admin)
	}
	hooks, err := s.webhooks()
	if err != nil {
		return AgainOutcome{}, err
	}
	delivered, failed, err := hooks.Again(ctx, user, name, ids...)
	return AgainOutcome{delivered, failed}, notThere(err)
}

func (s *Server) getWebhooks(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.Webhooks(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, WebhookList{rows})
}

func (s *Server) getUndelivered(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Undelivered(r.Context(), domain.PersonID(r.PathValue("user")), r.PathValue("webhook"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, UndeliveredList{list})
}

func (s *Server) postAgain(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[AgainAsked](r)
	if err != nil {
		return err
	}
	outcome, err := s.TellAgain(r.Context(), v, domain.PersonID(r.PathValue("user")), r.PathValue("webhook"), asked.IDs)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, outcome)
}
