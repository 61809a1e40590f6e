package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// listBody is a list with what it can be filtered by.
type listBody[T any] struct {
	Rows    []T
	Years   []domain.SupportYear
	Clauses []domain.Clause
	Choices []string // of the state or the kind
}

// listed answers a page of a list: asks its question, and exports it from the API with the filters that it takes.
func listed[T any](p *Pages, w http.ResponseWriter, r *http.Request, name string, title domain.Text, choices []string,
	ask func(context.Context, projections.ListQuery) (projections.Page[T], error), filters ...string) error {
	pg, err := p.begin(r, "/"+name, title)
	if err != nil {
		return err
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	if chosen := pg.Asked.State; chosen != "" && slices.Contains(filters, "state") && !slices.Contains(choices, chosen) {
		return invalid("state", chosen)
	}
	query := pg.Asked.list()
	if slices.Contains(filters, "as_of") {
		query = pg.Asked.past()
	}
	found, err := ask(r.Context(), query)
	if err != nil {
		return err
	}
	body := listBody[T]{Rows: found.Rows, Years: years(policy), Choices: choices}
	if policy != nil {
		body.Clauses = policy.Clauses
	}
	pg.Export, pg.Next, pg.Body = pg.Asked.export("/v1/"+name, filters...), found.Next, body
	return p.write(w, http.StatusOK, name, pg)
}

// queues are the states of applications, in the order of the work.
var queues = []string{"submitted", "accepted", "returned", "approved", "rejected", "withdrawn"}

func (p *Pages) applications(w http.ResponseWriter, r *http.Request) error {
	return listed(p, w, r, "applications", domain.Text{ZH: "申请", EN: "Applications"}, queues, p.server.Queries().Applications, "enterprise", "application", "clause", "state")
}

func (p *Pages) payouts(w http.ResponseWriter, r *http.Request) error {
	return listed(p, w, r, "payouts", domain.Text{ZH: "支付", EN: "Payouts"}, nil, p.server.Queries().Payouts, "enterprise", "application", "clause", "year", "payout", "as_of", "on")
}

func (p *Pages) clawbacks(w http.ResponseWriter, r *http.Request) error {
	return listed(p, w, r, "clawbacks", domain.Text{ZH: "追回", EN: "Clawbacks"}, []string{"open"}, p.server.Queries().Clawbacks, "enterprise", "application", "clause", "year", "state", "payout", "as_of", "on")
}

func (p *Pages) journal(w http.ResponseWriter, r *http.Request) error {
	var kinds []string
	for _, k := range projections.Kinds() {
		kinds = append(kinds, k.String())
	}
	return listed(p, w, r, "journal", domain.Text{ZH: "分录", EN: "Journal"}, kinds, p.server.Queries().Journal,
		append([]string{"enterprise", "application", "clause", "year", "kind", "as_of", "on"}, narrower[:7]...)...)
}

// clauseBody is a clause with the cap in force, and its versions.
type clauseBody struct {
	domain.Clause
	InForce  domain.Ceiling
	Heads    []domain.Text // the responsible departments
	Versions []domain.ClauseVersion
}

type policyBody struct {
	Policy *domain.Policy
	Rows   []clauseBody
}

func (p *Pages) clauses(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/clauses", domain.Text{ZH: "条款", EN: "Clauses"})
	if err != nil {
		return err
	}
	on := p.today()
	if !pg.Asked.on.IsZero() {
		on = pg.Asked.on
	}
	body := policyBody{}
	err = p.server.Ledger().View(r.Context(), func(s *domain.State, _ uint64) {
		if body.Policy = s.Policy(); body.Policy == nil {
			return
		}
		for _, c := range body.Policy.Clauses {
			body.Rows = append(body.Rows, showClause(body.Policy, c, s.Versions(c.ID), on))
		}
	})
	if err != nil {
		return err
	}
	if body.Policy == nil {
		return projections.ErrNotFound
	}
	pg.Export, pg.Body = pg.Asked.export("/v1/clauses", "clause"), body
	return p.write(w, http.StatusOK, "clauses", pg)
}

func showClause(p *domain.Policy, c domain.Clause, versions []domain.ClauseVersion, on domain.Date) clauseBody {
	row := clauseBody{Clause: c, InForce: c.Cap.Amount, Versions: versions}
	if len(versions) > 0 {
		row.InForce = domain.VersionOn(versions, on).Cap
	}
	for _, d := range p.Departments {
		if slices.Contains(c.Departments, d.ID) {
			row.Heads = append(row.Heads, d.Name)
		}
	}
	return row
}

// header is a header of an event.
type header struct{ Name, Value string }

type eventBody struct {
	wire.Entry
	Headers []header
	Data    string
}

func (p *Pages) event(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{})
	if err != nil {
		return err
	}
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 63)
	if err != nil || seq == 0 || seq > pg.Lag.Last {
		return projections.ErrNotFound
	}
	record, err := p.server.Ledger().Log().Get(r.Context(), seq)
	if errors.Is(err, eventstore.ErrNotFound) {
		return projections.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("reading event %d: %w", seq, err)
	}
	entry, err := wire.Decode(record)
	if err != nil {
		return err
	}
	body := eventBody{Entry: entry, Data: string(record.Data)}
	for name, values := range record.Header {
		for _, value := range values {
			body.Headers = append(body.Headers, header{name, value})
		}
	}
	slices.SortFunc(body.Headers, func(a, b header) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	pg.Title, pg.Body = domain.Text{ZH: fmt.Sprintf("事件 %d", seq), EN: fmt.Sprintf("Event %d", seq)}, body
	return p.write(w, http.StatusOK, "event", pg)
}
