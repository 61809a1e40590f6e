package pages

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// policyVersion is what made the policy what it is: its publication, which is version 1, or an amendment of a clause.
type policyVersion struct {
	projections.HistoryRow
	N       int
	Amended *domain.ClauseAmended // nil: the publication
}

// versionsBody are the versions of the policy, the latest first.
type versionsBody struct {
	Policy   domain.Policy
	Versions []policyVersion
}

// clauseThen is a clause as a version of the policy has it.
type clauseThen struct {
	domain.Clause
	Version     int // of the clause
	Then        domain.Ceiling
	EffectiveOn domain.Date
	Changed     bool           // by this version
	Before      domain.Ceiling // the cap that was in force on the day from which this version changes it
}

// versionBody is the policy as a version has it.
type versionBody struct {
	policyVersion
	Policy     domain.Policy
	Clauses    []clauseThen
	Prev, Next int // versions; 0: there is none
}

// policyVersions are all versions, the first one first, and the policy as it was published.
func (p *Pages) policyVersions(r *http.Request, pg *page) (*domain.Policy, []policyVersion, error) {
	found, err := projections.PolicyHistory.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), projections.Ask{AsOf: pg.Asked.asOf, On: pg.Asked.on, Limit: projections.MaxLimit})
	if err != nil {
		return nil, nil, err
	}
	var policy *domain.Policy
	list := make([]policyVersion, len(found.Rows))
	for i, row := range found.Rows {
		list[i] = policyVersion{HistoryRow: row, N: i + 1}
		switch e := row.Event.(type) {
		case *domain.PolicyPublished:
			policy = &e.Policy
		case *domain.ClauseAmended:
			list[i].Amended = e
		}
	}
	if policy == nil {
		return nil, nil, projections.ErrNotFound
	}
	return policy, list, nil
}

// versions are what made the policy what it is.
func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/policy", projections.PolicyHistory.Title)
	if err != nil {
		return err
	}
	policy, list, err := p.policyVersions(r, pg)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	b := versionsBody{*policy, list}
	pg.then, pg.Export = wholly, pg.Asked.export(projections.PolicyHistory.List)
	return versionsSheet.write(p, w, http.StatusOK, pg, b)
}

// version is the policy as one version has it, and what that one changed.
func (p *Pages) version(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/policy", domain.Text{})
	if err != nil {
		return err
	}
	policy, list, err := p.policyVersions(r, pg)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(list) || strconv.Itoa(n) != r.PathValue("n") {
		return projections.ErrNotFound
	}
	b := versionBody{policyVersion: list[n-1], Policy: *policy, Prev: n - 1}
	if n < len(list) {
		b.Next = n + 1
	}
	for _, c := range policy.Clauses {
		b.Clauses = append(b.Clauses, clauseThen{Clause: c, Version: 1, Then: c.Cap.Amount, EffectiveOn: policy.Term.From})
	}
	for _, v := range list[:n] {
		if v.Amended == nil {
			continue
		}
		if i := slices.IndexFunc(b.Clauses, func(c clauseThen) bool { return c.ID == v.Amended.Clause }); i >= 0 {
			c := &b.Clauses[i]
			c.Changed, c.Before = v.N == n, v.Amended.Previous // amendments may come in another order than they take effect in
			c.Version, c.Then, c.EffectiveOn = v.Amended.Version, v.Amended.Cap, v.Amended.EffectiveOn
		}
	}
	pg.then = wholly
	pg.Title = domain.Text{ZH: "政策第 " + strconv.Itoa(n) + " 版", EN: "Policy, version " + strconv.Itoa(n)}
	return versionSheet.write(p, w, http.StatusOK, pg, b)
}
