package projtest

import "github.com/fundledger/fundledger/domain"

// Successor is a policy that follows [Policy] while its term still runs: each of its clauses with accounts again, with another prefix for each
// policy, carrying what was used before; where the caps are lower is half of the clauses.
func Successor(before *domain.Policy, id domain.PolicyID, prefix domain.ClausePrefix, from, to domain.Date) domain.Policy {
	p := *before
	p.ID, p.Succeeds, p.Title, p.Term = id, string(before.PolicyID()), domain.Text{ZH: "后续政策" + string(id), EN: "Successor " + string(id)}, domain.Term{From: from, To: to}
	p.Clauses = nil
	for i, c := range before.Clauses {
		if !c.HasAccounts() {
			continue
		}
		if i%2 == 0 && c.Cap.Amount.Stated {
			c.Cap.Amount = domain.Stated(domain.Fen(c.Cap.Amount.Amount.Fen() / 2))
		}
		c.Continues = domain.Continuation{Clause: c.ID, Use: domain.Carried}
		p.Clauses = append(p.Clauses, c)
	}
	p.ClausePrefix = prefix
	return p.Prefixed()
}

// Follow publishes a successor of the latest policy, in force from today on, and closes one of its clauses to come.
func (a *Author) Follow(id domain.PolicyID, prefix domain.ClausePrefix) *domain.Refusal {
	policies := a.state.Policies()
	next := Successor(policies[len(policies)-1], id, prefix, a.Today(), domain.DateOf(2028, 12, 31))
	return a.do(&domain.PublishPolicy{Head: a.head("root", domain.Admin, ""), Policy: next, Hash: "sha256:1"})
}

// Carry applies for support, and approves it, under each clause that carries another one, for the subjects known there; what is refused is
// left out.
func (a *Author) Carry() (approved int) {
	for _, c := range a.state.Policy().Clauses {
		if c.Continues.Use != domain.Carried {
			continue
		}
		for _, line := range a.state.LinesUnder(c.Continues.Clause) {
			if a.chance(70) || line.SupportYear == 0 {
				continue
			}
			id := domain.ApplicationID(a.id("N"))
			ask := &domain.SubmitApplication{Head: a.head("clerk", domain.Clerk, "science"), Application: id, Enterprise: pick(a, a.enterprises), Clause: c.ID,
				Title: "续报", Requested: []domain.Instalment{{SupportYear: line.SupportYear, Amount: a.amount(2_000_000)}}}
			switch line.Subject.Kind {
			case domain.SubjectEnterprise:
				ask.Enterprise = domain.EnterpriseID(line.Subject.ID)
			case domain.SubjectProject:
				ask.Project = line.Subject.ID
			case domain.SubjectAward:
				ask.Award = line.Subject.ID
			}
			steps := []domain.Command{ask, &domain.AcceptApplication{Head: a.head("taker", domain.Clerk, "science"), Application: id},
				&domain.RecordReview{Head: a.head("reader", domain.Reviewer, "science"), Application: id, Opinion: domain.Support, Comment: "同意"},
				&domain.ApproveApplication{Head: a.head("decider", domain.Approver, "science"), Application: id, Instalments: ask.Requested, Reason: "符合"}}
			for i, step := range steps {
				if a.do(step) != nil {
					break
				}
				if i == len(steps)-1 {
					approved++
				}
			}
		}
	}
	return approved
}
