package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/words"
)

// SimulationAsked is what another policy is tried with: its file's text, or one of the fund's own policies.
type SimulationAsked struct {
	Policy  string          `json:"policy"`            // the text of a policy file (YAML)
	Of      domain.PolicyID `json:"of,omitzero"`       // in its place: a policy of the fund, by its id, as it was published
	InForce bool            `json:"in_force,omitzero"` // that policy as it stands today, amendments and all
	Decide  string          `json:"decide"`            // "refuse" or "cut"; left out: refuse
	Set     []string        `json:"set"`               // "4.cap=15000000.00", …
	Budgets []string        `json:"budgets"`           // "2027=300000000.00", …
	Clauses []string        `json:"clauses"`           // "2.3.2=27-2.5", …
	Rates   []string        `json:"rates"`             // "27-1.1a=revenue:year-1:1.5", …
}

var byResult = &projections.Filter{Name: "table", Kind: projections.Word, Meaning: domain.Text{ZH: "以表格答复时的哪一张表（默认为结果不同的申请）", EN: "which table, where the answer is one (changed without it)"},
	Choices: []string{"changed", "clauses", "departments", "industries", "sizes", "support_years", "enterprises", "clause_map", "unknown", "envelopes"}}

func (s *Server) postSimulation(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byResult, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	if err := needsMedia(r, "application/json"); err != nil {
		return err
	}
	var asked SimulationAsked
	if err := readBody(r, &asked); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(whatIfPatience + s.cfg.Stall))
	result, err := s.Simulate(r.Context(), asked)
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, result.Seq, result, func() (words.Sheet, bool) {
		return named(result.Tables(), orElse(a.text("table"), "changed"))
	})
}

// Simulate tries another policy on what was applied for. Who asks learns nothing of facts that they may not read; an analyst who is nothing else
// is told of no few enterprises.
func (s *Server) Simulate(ctx context.Context, asked SimulationAsked) (replay.Simulation, error) {
	trial, err := s.trial(ctx, asked)
	if err != nil {
		return replay.Simulation{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, whatIfPatience)
	defer cancel()
	result, err := s.cfg.Proof.simulate(ctx, trial)
	if errors.Is(err, replay.ErrParameter) {
		return result, problem(http.StatusUnprocessableEntity, "policy_not_tried", "reason", err)
	}
	if err == nil && handsOn(ctx) {
		result.HandOn()
	}
	return result, err
}

// trial reads what is asked. A file that is no policy is refused with the line of its first fault, and how many there are.
func (s *Server) trial(ctx context.Context, asked SimulationAsked) (replay.Trial, error) {
	for name, list := range map[string][]string{"set": asked.Set, "budgets": asked.Budgets, "clauses": asked.Clauses, "rates": asked.Rates} {
		if len(list) > maxParameters {
			return replay.Trial{}, invalid(name, digits(uint64(len(list))), "0–"+digits(maxParameters))
		}
	}
	if asked.Decide != "" && asked.Decide != "cut" && asked.Decide != "refuse" {
		return replay.Trial{}, invalid("decide", asked.Decide, "refuse, cut")
	}
	trial, err := replay.ReadTrial(asked.Set, asked.Budgets, asked.Clauses, asked.Rates)
	if err != nil {
		return trial, problem(http.StatusUnprocessableEntity, "policy_not_tried", "reason", err)
	}
	trial.Cut = asked.Decide == "cut"
	if trial.Policy, trial.Published, err = s.policyAsked(ctx, asked); err != nil {
		return trial, err
	}
	policy, err := s.policyNow(ctx)
	if err != nil {
		return trial, err
	}
	if sees := sight(ctx, policy); sees != nil {
		trial.MayRead = func(f domain.Fact) bool { return sees(domain.Clause{}, f) == effect.SeesValue }
	}
	return trial, nil
}

// policyAsked is the policy that is to be tried, or the id of one that was published.
func (s *Server) policyAsked(ctx context.Context, asked SimulationAsked) (p domain.Policy, published domain.PolicyID, err error) {
	switch {
	case (asked.Policy == "") == (asked.Of == ""):
		return p, "", problem(http.StatusUnprocessableEntity, "policy_not_tried", "reason", domain.Text{ZH: "须给出政策文件的内容，或本资金一份政策的编号，二者择一", EN: "give a policy's text, or the id of one of the fund's policies, and not both"})
	case asked.Of != "" && !asked.InForce:
		return p, asked.Of, nil
	case asked.Of != "":
		if p, err = s.standing(ctx, asked.Of); err != nil {
			return p, "", err
		}
		return p, "", nil
	}
	p, faults, err := policies.Check(strings.NewReader(asked.Policy), "policy")
	if err == nil && len(faults) > 0 {
		f := faults[0]
		err = problem(http.StatusUnprocessableEntity, "policy_faulty", "line", f.Line, "column", f.Column, "path", f.Path, "reason", f.Message(), "faults", len(faults))
	}
	return p, "", err
}

// standing is a policy of the fund as it stands today: its clauses with the caps and the departments in force.
func (s *Server) standing(ctx context.Context, id domain.PolicyID) (p domain.Policy, err error) {
	found := false
	view := s.cfg.Ledger.View(ctx, func(state *domain.State, _ uint64) {
		for _, one := range state.Policies() {
			if one.PolicyID() != id {
				continue
			}
			found, p = true, *one
			p.Clauses = make([]domain.Clause, len(one.Clauses))
			for i, c := range one.Clauses {
				p.Clauses[i] = state.ClauseOn(c.ID, s.today())
				p.Clauses[i].Cap.Amount = domain.VersionOn(state.Versions(c.ID), s.today()).Cap
				if !c.HasAccounts() {
					p.Clauses[i].Cap = c.Cap
				}
			}
		}
	})
	if view == nil && !found {
		view = problem(http.StatusNotFound, "not_found")
	}
	return p, view
}

// simulate tries a policy; few do so at once, or decide the history again.
func (p *Proof) simulate(ctx context.Context, t replay.Trial) (replay.Simulation, error) {
	p.begin()
	ctx, done, err := p.whatIf.heavy(ctx, whatIfPatience)
	if err != nil {
		return replay.Simulation{}, err
	}
	defer done()
	return replay.Simulate(ctx, p.Log, p.Refusals, t)
}
