package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// Sensitive facts are for those who need them ([domain.Policy.MayReadFact]): wherever a value would be told, it is held against who asks. Sentences
// about facts never tell one. Where nobody asks, as beside a ledger on the command line, nothing is withheld: who holds the log has it all.

// withheldData is what stands in the place of an event or a command whose value is withheld.
const withheldData = `{"withheld":true}`

// MayReadFact reports whether who asks may read the values of a fact.
func (v Viewer) MayReadFact(p *domain.Policy, f domain.Fact) bool {
	if p == nil {
		p = &domain.Policy{} // nobody is known to be a source
	}
	return slices.ContainsFunc(v.Grants, func(g Grant) bool { return p.MayReadFact(f, g.Role, g.Department) })
}

// asker is who asks in a context; false where nobody does.
func asker(ctx context.Context) (Viewer, bool) {
	k, is := ctx.Value(knownKey{}).(known)
	return k.viewer, is
}

// mayRead reports whether who asks may read what an event or a command says.
func mayRead(ctx context.Context, policy func(context.Context) (*domain.Policy, error), of any) bool {
	v, asks := asker(ctx)
	if f, records := (*domain.Policy)(nil).FactOf(of); !asks || !records || f.ID == "" {
		return true
	}
	p, err := policy(ctx)
	if err != nil {
		p = nil
	}
	f, _ := p.FactOf(of)
	return v.MayReadFact(p, f)
}

// MayRead reports whether who asks may read what an event says: else its data are withheld.
func (s *Server) MayRead(ctx context.Context, e domain.Event) bool {
	return mayRead(ctx, s.policyNow, e)
}

// WithheldData is what is told in the place of data that who asks may not read.
func WithheldData() string { return withheldData }

func (s *Server) policyNow(ctx context.Context) (policy *domain.Policy, err error) {
	err = s.cfg.Ledger.View(ctx, func(state *domain.State, _ uint64) { policy = state.Policy() })
	return policy, err
}

// discreet answers questions from the tables, without the values that who asks may not read.
type discreet struct {
	Queries
	policy func(context.Context) (*domain.Policy, error)
}

// Page implements [projections.Keeper].
func (q discreet) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	p, err := q.Queries.Page(ctx, l, ask)
	v, asks := asker(ctx)
	if err != nil || l != projections.Facts.List || !asks {
		return p, err
	}
	policy, failed := q.policy(ctx)
	if failed != nil {
		policy = nil
	}
	for i, row := range p.Rows {
		f := row.(projections.FactRow)
		of, _ := policy.FactOf(&domain.FactRecorded{Fact: f.Fact, Sensitive: f.Sensitive})
		if !v.MayReadFact(policy, of) {
			f.Value, f.PreviousValue, f.Sensitive = "", "", true
			p.Rows[i] = f
		}
	}
	return p, nil
}

// discreetRefusal is the row of a refusal, without what was asked where who asks may not read it.
func discreetRefusal(ctx context.Context, policy *domain.Policy, row projections.RefusedRow, lang string) projections.RefusedRow {
	verb, known := domain.VerbNamed(row.Command)
	if !known {
		return row
	}
	c := verb.New()
	if _, records := policy.FactOf(c); !records {
		return row
	}
	if asked, r := wire.DecodeCommand([]byte(row.Data)); r == nil {
		c = asked
	}
	v, asks := asker(ctx)
	f, _ := policy.FactOf(c)
	if !asks || v.ID == row.Actor || v.MayReadFact(policy, f) {
		return row
	}
	title, _ := domain.RefusalTitle(row.Code)
	row.Data, row.Figures, row.Message = withheldData, "{}", title.In(lang)
	return row
}

// ReadsAll is why who asks is not given the log as a whole: a file of it holds values of facts that they may not read.
func (s *Server) ReadsAll(ctx context.Context) error {
	v, asks := asker(ctx)
	policy, err := s.policyNow(ctx)
	if err != nil || policy == nil || !asks {
		return err
	}
	for _, f := range policy.Facts {
		if !v.MayReadFact(policy, f) {
			return problem(http.StatusForbidden, "facts_withheld", "fact", f.ID)
		}
	}
	return nil
}
