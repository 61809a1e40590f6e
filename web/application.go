package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// applicationNow is an application as decisions see it at this moment.
type applicationNow struct {
	Seq         uint64                  `json:"seq"` // the position that it is read at
	Application domain.ApplicationID    `json:"application"`
	Enterprise  domain.EnterpriseID     `json:"enterprise"`
	Clause      domain.ClauseID         `json:"clause"`
	ViaClause   domain.ClauseID         `json:"via_clause,omitzero"`
	Subject     domain.Subject          `json:"subject"`
	State       domain.ApplicationState `json:"state"`
	Suspended   bool                    `json:"suspended"`
	SubmittedOn domain.Date             `json:"submitted_on"`
	ApprovedOn  *domain.Date            `json:"approved_on,omitempty"`
	Department  domain.DepartmentID     `json:"department,omitzero"` // that approved
	Reviews     int                     `json:"reviews"`
	MoreReviews int                     `json:"more_reviews,omitzero"` // of what may be added to its approval
	Replaces    domain.ApplicationID    `json:"replaces,omitzero"`
	ReplacedBy  domain.ApplicationID    `json:"replaced_by,omitzero"`
	Requested   []domain.Instalment     `json:"requested"`
	Instalments []instalmentNow         `json:"instalments"`
	Headroom    []headroomNow           `json:"headroom"` // of its account, for each year asked for
	Duties      []dutyNow               `json:"duties"`   // who filled which
}

type instalmentNow struct {
	SupportYear domain.SupportYear `json:"support_year"`
	Amount      domain.Money       `json:"amount"`
	Paid        domain.Money       `json:"paid"`
}

type headroomNow struct {
	SupportYear domain.SupportYear `json:"support_year"`
	Cap         domain.Ceiling     `json:"cap"`
	Exceptions  domain.Money       `json:"exceptions"`
	Use         domain.Money       `json:"use"`
	Headroom    domain.Ceiling     `json:"headroom"`
	OverBy      domain.Money       `json:"over_by"`
}

type dutyNow struct {
	Duty   domain.Duty     `json:"duty"`
	Person domain.PersonID `json:"person"`
}

// getApplication shows an application as it stands in the ledger, ahead of any projection.
func (s *Server) getApplication(w http.ResponseWriter, r *http.Request) error {
	id := domain.ApplicationID(r.PathValue("id"))
	var now applicationNow
	found := false
	err := s.cfg.Ledger.View(r.Context(), func(state *domain.State, position uint64) {
		var view domain.ApplicationView
		if view, found = state.Application(id); found {
			now = applicationOf(state, id, view, s.today())
			now.Seq = position
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	w.Header().Set("ETag", applicationTag(now))
	w.Header().Set("Fundledger-Position", strconv.FormatUint(now.Seq, 10))
	return writeJSON(w, http.StatusOK, now)
}

// applicationTag is the ETag of an application as decisions see it: it stays while nothing of it changes, whatever else is recorded, and neither does the
// headroom of its account.
func applicationTag(now applicationNow) string {
	now.Seq = 0
	text, err := json.Marshal(now, json.Deterministic(true))
	if err != nil {
		panic("web: an application cannot be written: " + err.Error())
	}
	digest := sha256.Sum256(text)
	return `"a-` + hex.EncodeToString(digest[:12]) + `"`
}

func applicationOf(state *domain.State, id domain.ApplicationID, v domain.ApplicationView, today domain.Date) applicationNow {
	now := applicationNow{Application: id, Enterprise: v.Charge.Enterprise, Clause: v.Charge.Clause, ViaClause: v.Charge.Via, Subject: v.Charge.Subject,
		State: v.State, Suspended: v.Suspended, SubmittedOn: v.SubmittedOn, Department: v.Department, Reviews: v.Reviews, MoreReviews: v.MoreReviews, Replaces: v.Replaces, ReplacedBy: v.ReplacedBy, Requested: v.Requested,
		Instalments: []instalmentNow{}, Headroom: []headroomNow{}, Duties: []dutyNow{}}
	if !v.ApprovedOn.IsZero() {
		now.ApprovedOn = &v.ApprovedOn
	}
	for _, part := range v.Instalments {
		now.Instalments = append(now.Instalments, instalmentNow(part))
	}
	for _, part := range v.Requested {
		if line, ok := state.Account(v.Charge.Account(), part.SupportYear, today); ok {
			now.Headroom = append(now.Headroom, headroomNow{SupportYear: part.SupportYear, Cap: line.Cap, Exceptions: line.Exceptions, Use: line.Use,
				Headroom: line.Headroom(), OverBy: line.OverBy()})
		}
	}
	for duty, persons := range v.Duties {
		for _, person := range persons {
			now.Duties = append(now.Duties, dutyNow{duty, person})
		}
	}
	slices.SortFunc(now.Duties, func(a, b dutyNow) int {
		return cmp.Or(cmp.Compare(a.Duty, b.Duty), cmp.Compare(a.Person, b.Person))
	})
	return now
}
