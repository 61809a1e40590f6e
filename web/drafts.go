package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// Draft is a form that a person half filled in and keeps, for themselves alone.
type Draft struct {
	ID      string            `json:"id"` // of the command that it would give
	At      string            `json:"at"` // the page's path
	Command string            `json:"command"`
	Values  map[string]string `json:"values"`
	Kept    time.Time         `json:"kept"`
}

const (
	maxDrafts     = 20
	maxDraftBytes = 8 << 10
)

// Drafts are a viewer's own, the latest first; none while the log's servers are away.
func (s *Server) Drafts(ctx context.Context, v Viewer) []Draft {
	return ownList[Draft](ctx, s, accounts.DraftsOn, v)
}

// KeepDraft keeps a form; one of the same id is replaced. Numbers of bank accounts, which the log has sealed only, are left out, and a text with a personal identity
// number is refused, for neither may lie where it is read (R15).
func (s *Server) KeepDraft(ctx context.Context, v Viewer, d Draft) error {
	size := 0
	for name, value := range d.Values {
		switch {
		case value == "" || name == "account":
			delete(d.Values, name)
		case domain.HoldsPersonalID(value) && !domain.ValidCreditCode(domain.EnterpriseID(value)) || domain.HoldsPersonalID(name):
			return domain.NewRefusal(domain.CodePersonalID, "field", name)
		case !utf8.ValidString(name + value):
			return domain.NewRefusal(domain.CodeFieldInvalid, "field", strings.ToValidUTF8(name, "\uFFFD"), "reason", domain.ReasonUnreadableInput)
		}
		size += len(name) + len(value)
	}
	if verb, known := domain.VerbNamed(d.Command); !known || verb.Local || d.ID == "" || len(d.ID) > 200 || Local(d.At) != d.At || len(d.At) > maxViewAt {
		return invalid("command", d.Command, domain.Text{ZH: "须为本站的表单", EN: "a form of this site"})
	}
	if size > maxDraftBytes {
		return problem(http.StatusRequestEntityTooLarge, "too_large", "limit", maxDraftBytes)
	}
	d.Kept = s.cfg.Now()
	return changeOwn(ctx, s, accounts.DraftsOn, v, func(list []Draft) ([]Draft, error) {
		list = slices.DeleteFunc(list, func(o Draft) bool { return o.ID == d.ID })
		if len(list) >= maxDrafts {
			return nil, problem(http.StatusBadRequest, "drafts_too_many", "limit", maxDrafts)
		}
		return slices.Insert(list, 0, d), nil
	})
}

// ForgetDraft throws a draft away; one that is not there is no fault.
func (s *Server) ForgetDraft(ctx context.Context, v Viewer, id string) error {
	return changeOwn(ctx, s, accounts.DraftsOn, v, func(list []Draft) ([]Draft, error) {
		return slices.DeleteFunc(list, func(o Draft) bool { return o.ID == id }), nil
	})
}
