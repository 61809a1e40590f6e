package replay

import (
	"reflect"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// How a policy is put in the place of those of a history: which clause goes on with which, and what of it is held fixed.

// How a clause of the history was mapped.
const (
	mapAsked     = "asked"
	mapSame      = "same"
	mapContinues = "continues"
	mapSpelling  = "spelling"
)

// prepare makes the policy that is tried of the one that is asked for.
func (m *simulation) prepare() error {
	if id := m.trial.Published; id != "" {
		i := slices.IndexFunc(m.published, func(p domain.Policy) bool { return p.PolicyID() == id })
		if i < 0 {
			return words.Wrong(ErrParameter, "本资金没有政策 %s", "the fund has no policy %s", domain.Clip(string(id), 40))
		}
		m.trial.Policy = m.published[i]
	}
	p := m.trial.Policy
	first := m.published[0]
	if p.Currency != first.Currency {
		return words.Wrong(ErrParameter, "政策的币种为 %s，台账为 %s，不能对照", "the policy is in %s and the ledger in %s: they cannot be held against each other", p.Currency, first.Currency)
	}
	if err := m.mapClauses(&p); err != nil {
		return err
	}
	if err := m.setAll(&p); err != nil {
		return err
	}
	m.asked = p
	m.later = fullYear(p.Term.From) - fullYear(first.Term.From)
	m.readBudgets()
	m.hold(&p)
	if faults := p.Faults(); len(faults) > 0 {
		at := domain.Text{ZH: faults[0].Path + "：" + faults[0].Reason.ZH, EN: faults[0].Path + ": " + faults[0].Reason.EN}
		return words.Wrong(ErrParameter, "该政策不能用于这一台账：%s", "the policy cannot be tried on this ledger: %s", at)
	}
	m.policy = p
	return m.checkRates()
}

// comparedWith is the policy of the history that the one that is tried is held against.
func (m *simulation) comparedWith() *domain.Policy {
	last := len(m.published) - 1
	for i, p := range m.published {
		if p.PolicyID() == m.asked.PolicyID() || string(p.PolicyID()) == m.asked.Succeeds || p.Title.ZH == m.asked.Succeeds || p.Title.EN == m.asked.Succeeds {
			last = i
		}
	}
	return &m.published[last]
}

// setAll sets the parameters in the policy.
func (m *simulation) setAll(p *domain.Policy) error {
	m.trial.Set = slices.Clone(m.trial.Set)
	for i := range m.trial.Set {
		one := &m.trial.Set[i]
		one.met = 0
		if one.clause == termHead || one.clause == workflowHead || one.field == "amendments" || one.field == "effective_on" || one.field == "retroactive" {
			return one.wrong(domain.Text{ZH: "期限、流程和修订以历史为准，不能另设", EN: "the term, the workflow and amendments are those of the history"})
		}
		if err := one.set(p); err != nil {
			return err
		}
		if err := one.checkMet(); err != nil {
			return err
		}
	}
	return nil
}

// fullYear is the first year that a term has the whole of.
func fullYear(from domain.Date) int {
	if from == domain.DateOf(from.Year(), 1, 1) {
		return from.Year()
	}
	return from.Year() + 1
}

func (m *simulation) readBudgets() {
	for year, amount := range m.trial.Budgets {
		m.envelopes = append(m.envelopes, Envelope{Year: year, StandsFor: year - m.later, Amount: domain.Balance{Money: amount}})
	}
	slices.SortFunc(m.envelopes, func(a, b Envelope) int { return a.Year - b.Year })
}

// hold puts into the policy what a simulation holds fixed: the term, the steps to a decision, who pays and who grants exceptions; whom and what
// the history knows; and the facts as they were recorded, whatever the policy says that they are.
func (m *simulation) hold(p *domain.Policy) {
	first := m.published[0]
	p.Fund, p.Succeeds, p.ClausePrefix = first.Fund, "", ""
	p.Term = first.Term
	for _, other := range m.published[1:] {
		if other.Term.To.After(p.Term.To) {
			p.Term.To = other.Term.To
		}
	}
	p.Workflow, p.Treasury, p.Authority, p.Beneficiary, p.Promised = first.Workflow, first.Treasury, first.Authority, first.Beneficiary, domain.Promised{}
	p.Clauses = slices.Clone(p.Clauses)
	for i := range p.Clauses {
		p.Clauses[i].Continues, p.Clauses[i].Promised = domain.Continuation{}, domain.Promised{}
	}
	for _, d := range m.made.Departments {
		if !p.HasDepartment(d.ID) {
			p.Departments = append(slices.Clip(p.Departments), d)
		}
	}
	for _, n := range m.made.Industries {
		if !p.HasIndustry(n.ID) {
			p.Industries = append(slices.Clip(p.Industries), n)
		}
	}
	facts := slices.Clone(m.made.Facts)
	for _, f := range p.Facts {
		if _, known := m.made.Fact(f.ID); known {
			continue
		}
		if _, taken := m.made.FactMeaning(f.Means); taken && f.Means != "" {
			f.Means = ""
		}
		facts = append(facts, f)
	}
	p.Facts = facts
}

// mapClauses says which clause of the policy goes on with each of the history: the one that is asked for; the one of its id; the one that says that it
// continues it; the one that it continues itself; or the one whose id is spelled otherwise.
func (m *simulation) mapClauses(p *domain.Policy) error {
	m.becomes = map[domain.ClauseID]MappedClause{}
	for from, to := range m.trial.Clauses {
		if _, known := m.made.Clause(from); !known {
			return words.Wrong(ErrParameter, "台账的政策没有条款 %s", "no policy of the ledger has a clause %s", domain.Clip(string(from), 40))
		}
		if _, known := p.Clause(to); to != "" && !known {
			return words.Wrong(ErrParameter, "政策没有条款 %s", "the policy has no clause %s", domain.Clip(string(to), 40))
		}
	}
	for _, c := range m.made.Clauses {
		is := MappedClause{Clause: c.ID}
		is.Becomes, is.By = m.becomesOf(p, c)
		m.becomes[c.ID] = is
	}
	return nil
}

func (m *simulation) becomesOf(p *domain.Policy, c domain.Clause) (domain.ClauseID, string) {
	if to, says := m.trial.Clauses[c.ID]; says {
		return to, mapAsked
	}
	if _, same := p.Clause(c.ID); same {
		return c.ID, mapSame
	}
	if _, its := m.publishedClause(c.ID); !its && m.goesOn(p, c.ID) { // an amendment adds it
		return c.ID, mapSame
	}
	for _, next := range p.Clauses {
		if next.Continues.Clause == c.ID {
			return next.ID, mapContinues
		}
	}
	if _, same := p.Clause(c.Continues.Clause); same && c.Continues.Use != "" {
		return c.Continues.Clause, mapContinues
	}
	for _, next := range p.Clauses {
		if domain.Key(next.ID) == domain.Key(c.ID) {
			return next.ID, mapSpelling
		}
	}
	return "", ""
}

// otherwise is a command as it is asked under the policy; nil where nothing goes on with what it is about, or it is the policy's to say.
func (m *simulation) otherwise(command domain.Command) (domain.Command, error) {
	switch c := command.(type) {
	case *domain.PublishPolicy:
		return m.publish(c), nil
	case *domain.AmendClause:
		was, _ := m.publishedClause(c.Clause)
		if now, known := m.policy.Clause(c.Clause); !m.goesOn(&m.policy, c.Clause) || known && now.Cap != was.Cap {
			return nil, nil
		}
		return c, nil
	case *domain.AmendPolicy:
		return m.amend(*c), nil
	}
	return m.renamed(command), nil
}

// goesOn reports whether a clause of the history, and what amended it, is of the policy that is tried itself.
func (m *simulation) goesOn(tried *domain.Policy, c domain.ClauseID) bool {
	for _, p := range m.published {
		if _, its := p.Clause(c); its {
			return p.PolicyID() == tried.PolicyID()
		}
	}
	return len(m.published) == 1 && m.published[0].PolicyID() == tried.PolicyID() // of the policy as a whole, or added by an amendment
}

func (m *simulation) publishedClause(id domain.ClauseID) (domain.Clause, bool) {
	for _, p := range m.published {
		if c, its := p.Clause(id); its {
			return c, true
		}
	}
	return domain.Clause{}, false
}

// publish puts the policy in the place of the first; of a later one only the steps to a decision hold, from its first day on.
func (m *simulation) publish(c *domain.PublishPolicy) domain.Command {
	if m.state.Policy() == nil {
		return &domain.PublishPolicy{Head: c.Head, Policy: m.policy}
	}
	workflow := c.Policy.Workflow
	return &domain.AmendPolicy{Head: c.Head, EffectiveOn: c.Policy.Term.From, Document: c.Policy.Title.ZH, Workflow: &workflow}
}

// amend is what of an amendment holds: the steps to a decision always; of the policy that is tried, also what it does not say otherwise.
func (m *simulation) amend(c domain.AmendPolicy) domain.Command {
	of := c.Policy
	c.Policy, c.AddFacts, c.District, c.Promised = "", nil, "", nil
	if len(m.published) > 1 { // the term is that of all
		c.TermTo = domain.Date{}
	}
	same := m.goesOn(&m.policy, c.Clause) && (of == "" || of == m.policy.PolicyID())
	if !same {
		c.Clause, c.AddClause = "", nil
	}
	if c.AddClause != nil {
		if _, says := m.policy.Clause(c.AddClause.ID); says {
			c.AddClause = nil
		}
	}
	was, published := m.publishedClause(c.Clause)
	now, _ := m.policy.Clause(c.Clause)
	says := func(differs bool) bool { return c.Clause == "" || published && differs } // of the clause something else, or nothing of it goes on
	if says(!sameSet(was.Departments, now.Departments)) {
		c.Departments = nil
	}
	if says(!sameSet(was.Industries, now.Industries)) {
		c.Industries = nil
	}
	if says(!reflect.DeepEqual(was.Conditions, now.Conditions)) {
		c.Conditions = nil
	}
	if says(was.GroupCap != now.GroupCap) {
		c.GroupCap = nil
	}
	c.Close = c.Close && c.Clause != ""
	if !same || m.published[0].Debtors != m.policy.Debtors {
		c.Debtors = ""
	}
	return &c
}

func sameSet[T ~string](a, b []T) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// renamed is a command with the policy's clauses in the place of the history's; nil where it names one that nothing goes on with.
func (m *simulation) renamed(command domain.Command) domain.Command {
	at := reflect.ValueOf(command).Elem()
	is := reflect.New(at.Type())
	is.Elem().Set(at)
	for i := range is.Elem().NumField() {
		switch f := is.Elem().Field(i).Addr().Interface().(type) {
		case *domain.ClauseID:
			if *f == "" {
				continue
			}
			if *f = m.becomes[*f].Becomes; *f == "" {
				return nil
			}
		case *[]domain.ClauseID:
			if len(*f) == 0 {
				continue
			}
			var list []domain.ClauseID
			for _, c := range *f {
				if to := m.becomes[c].Becomes; to != "" && !slices.Contains(list, to) {
					list = append(list, to)
				}
			}
			if *f = list; len(list) == 0 {
				return nil
			}
		}
	}
	c := is.Interface().(domain.Command)
	if s, is := c.(*domain.SubmitApplication); is {
		m.fit(s)
	}
	return c
}

// fit asks an application for what the policy's clause counts by: a name that stood for an award is a project's, or the other way round.
func (m *simulation) fit(c *domain.SubmitApplication) {
	clause, _ := m.policy.Clause(c.Clause)
	if !clause.ByReference() {
		c.RefersTo = ""
	}
	charged := clause
	if c.RefersTo != "" {
		charged, _ = m.policy.Clause(c.RefersTo)
	}
	switch kind := charged.Cap.Subject; {
	case kind == domain.SubjectProject && c.Project == "":
		c.Project, c.Award = c.Award, ""
	case kind == domain.SubjectAward && c.Award == "":
		c.Award = c.Project
	case kind == domain.SubjectEnterprise:
		c.Award = ""
	}
}
