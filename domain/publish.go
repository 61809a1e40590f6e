package domain

import "slices"

// PublishPolicy puts a policy in force. It comes first; one that follows says which one it succeeds (R7).
type PublishPolicy struct {
	Head
	Policy Policy `json:"policy"`
	Hash   string `json:"hash,omitzero"` // of the policy's canonical form: "sha256:" and hex digits
}

// PolicyPublished says that a policy is in force, word for word.
type PolicyPublished struct {
	Policy Policy `json:"policy"`
	Hash   string `json:"hash"`
}

// Name is "publish_policy".
func (PublishPolicy) Name() string { return "publish_policy" }

// Name is "policy_published".
func (PolicyPublished) Name() string { return "policy_published" }

// Entity is the policy.
func (e PolicyPublished) Entity() (string, string) { return "policy", string(e.Policy.PolicyID()) }

func (*PublishPolicy) about(*State) Concern { return Concern{} }

func (c *PublishPolicy) decide(s *State, _ Date) ([]Event, *Refusal) {
	if _, r := s.checkSuccession(&c.Policy); r != nil {
		return nil, r
	}
	if r := invalidPolicy(c.Policy.Validate()); r != nil {
		return nil, r
	}
	if r := checkTexts("hash", c.Hash); r != nil {
		return nil, r
	}
	return []Event{&PolicyPublished{Policy: c.Policy, Hash: c.Hash}}, nil
}

func (*PolicyPublished) concerns() Concern { return Concern{} }

func (e *PolicyPublished) command(h Head) Command {
	return &PublishPolicy{Head: h, Policy: e.Policy, Hash: e.Hash}
}

func (e *PolicyPublished) describe() Text {
	return both("发布政策 %s", "policy %s published", e.Policy.PolicyID())
}

func (e *PolicyPublished) apply(s *State, _ Deed) {
	p, place := &e.Policy, len(s.policies.rows)
	before, found := s.policyCalled(p.Succeeds)
	if !found {
		before = place
	}
	s.policies.put(place, policyState{policy: p, succeeds: before, ends: []asOf[Date]{{is: p.Term.To}}, workflows: []asOf[Workflow]{{is: p.Workflow}},
		promises: []asOf[Promised]{{is: p.Promised}}, debtors: []asOf[DebtorControl]{{is: p.Debtors}}})
	for _, c := range p.Clauses {
		s.addClause(c, place, p.Term.From)
	}
	s.merge()
}

// AmendClause changes a clause's cap from a day on; retroactive, it also governs what is already approved (R7).
type AmendClause struct {
	Head
	Clause      ClauseID `json:"clause"`
	Cap         NewCap   `json:"cap,omitzero"` // null: none is stated any more
	EffectiveOn Date     `json:"effective_on,omitzero"`
	Retroactive bool     `json:"retroactive"`
	Document    string   `json:"document"`
}

// NewCap is a cap that must be given, though it may be given as null.
type NewCap struct {
	Ceiling
	Given bool
}

// IsZero reports whether no cap is given; it lets one that was left out be left out of JSON again, and null stay null.
func (n NewCap) IsZero() bool { return !n.Given }

// UnmarshalJSON reads an amount, or null for none stated.
func (n *NewCap) UnmarshalJSON(b []byte) error {
	n.Given = true
	return n.Ceiling.UnmarshalJSON(b)
}

// ClauseAmended says what a clause's cap is from a day on, and what it was.
type ClauseAmended struct {
	Clause      ClauseID `json:"clause"`
	Version     int      `json:"version"`
	Cap         Ceiling  `json:"cap"`
	Previous    Ceiling  `json:"previous"`
	EffectiveOn Date     `json:"effective_on"`
	Retroactive bool     `json:"retroactive"`
	Document    string   `json:"document"`
}

// Name is "amend_clause".
func (AmendClause) Name() string { return "amend_clause" }

// Name is "clause_amended".
func (ClauseAmended) Name() string { return "clause_amended" }

// Entity is the clause.
func (e ClauseAmended) Entity() (string, string) { return "clause", string(e.Clause) }

func (e ClauseAmended) governedBy() int { return e.Version }

func (c *AmendClause) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *AmendClause) decide(s *State, _ Date) ([]Event, *Refusal) {
	clause, r := s.checkAccountClause(c.Clause)
	switch {
	case r != nil:
		return nil, r
	case !c.Cap.Given:
		return nil, refuse(CodeFieldMissing, "field", "cap")
	case c.EffectiveOn.IsZero():
		return nil, refuse(CodeFieldMissing, "field", "effective_on")
	}
	if c.Cap.Stated {
		if r := checkCeiling("cap", c.Cap.Amount); r != nil {
			return nil, r
		}
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	term := s.termOn(c.Clause, c.Date)
	if c.EffectiveOn.Before(term.From) {
		return nil, refuse(CodeDateBeforePolicy, "field", "effective_on", "date", c.EffectiveOn, "earliest", term.From)
	}
	if c.Date.After(term.To) {
		return nil, refuse(CodePolicyEnded, "policy", s.PolicyOf(c.Clause).PolicyID(), "latest", term.To, "date", c.Date)
	}
	if len(clause.versions) >= maxVersions {
		return nil, refuse(CodeVersionsTooMany, "clause", c.Clause, "limit", maxVersions)
	}
	before := VersionOn(clause.versions, c.EffectiveOn)
	if before.Cap == c.Cap.Ceiling && before.Retroactive == c.Retroactive {
		return nil, refuse(CodeAmendmentEmpty, "clause", c.Clause, "cap", before.Cap)
	}
	return []Event{&ClauseAmended{Clause: c.Clause, Version: len(clause.versions) + 1, Cap: c.Cap.Ceiling, Previous: before.Cap,
		EffectiveOn: c.EffectiveOn, Retroactive: c.Retroactive, Document: c.Document}}, nil
}

func (e *ClauseAmended) concerns() Concern { return Concern{Account: Account{Clause: e.Clause}} }

func (e *ClauseAmended) command(h Head) Command {
	return &AmendClause{Head: h, Clause: e.Clause, Cap: NewCap{Ceiling: e.Cap, Given: true}, EffectiveOn: e.EffectiveOn,
		Retroactive: e.Retroactive, Document: e.Document}
}

func (e *ClauseAmended) describe() Text {
	t := both("条款 %s 上限由 %s 改为 %s，自 %s 起", "cap of clause %s amended from %s to %s from %s on", e.Clause, e.Previous, e.Cap, e.EffectiveOn)
	if e.Retroactive {
		t.ZH, t.EN = t.ZH+"（追溯）", t.EN+" (retroactive)"
	}
	return t
}

func (e *ClauseAmended) apply(s *State, _ Deed) {
	s.clauses.update(e.Clause, func(c *clauseState) {
		c.versions = append(slices.Clip(c.versions), ClauseVersion{Version: e.Version, Cap: e.Cap, EffectiveOn: e.EffectiveOn,
			Retroactive: e.Retroactive, Document: e.Document})
	})
}
