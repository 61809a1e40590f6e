package domain

import (
	"fmt"
	"slices"
)

// AmendPolicy changes what a policy says of other things than caps, from a day on: the end of its term, its workflow, promised times, what debtors get, who is
// responsible for a clause, whom it serves and what groups may use of it; it adds a clause, or closes one. Nothing of it is retroactive (R7): what was decided stands, and a decision is
// judged by what was in force on its business date.
type AmendPolicy struct {
	Head
	Policy      PolicyID       `json:"policy,omitzero"` // left out: that of the clause, or the only one
	EffectiveOn Date           `json:"effective_on,omitzero"`
	Document    string         `json:"document"`
	TermTo      Date           `json:"term_to,omitzero"` // the last day of the term
	Clause      ClauseID       `json:"clause,omitzero"`
	Departments []DepartmentID `json:"departments,omitempty"` // responsible for the clause
	Industries  []IndustryID   `json:"industries,omitzero"`   // that the clause serves; an empty list: all
	Conditions  []Condition    `json:"conditions,omitzero"`   // of the clause, in the place of those it has; an empty list: none
	Close       bool           `json:"close,omitzero"`        // the clause takes no more applications
	Workflow    *Workflow      `json:"workflow,omitempty"`
	Promised    *Promised      `json:"promised,omitzero"`  // of the clause where one is named, else of the policy; empty: none of its own
	GroupCap    *GroupCap      `json:"group_cap,omitzero"` // of the clause; empty: its own cap is that of groups, and what is beyond it is found
	Debtors     DebtorControl  `json:"debtors,omitzero"`   // of the policy
	AddClause   *Clause        `json:"add_clause,omitempty"`
	AddFacts    []Fact         `json:"add_facts,omitempty"` // that may be known besides
	Indicators  []Indicator    `json:"indicators,omitzero"` // of the clause, in the place of those it has; an empty list: none
	District    string         `json:"district,omitzero"`   // whose division the fund is of
}

// PolicyAmended says what a policy says from a day on, and said before.
type PolicyAmended struct {
	Policy      PolicyID       `json:"policy"`
	EffectiveOn Date           `json:"effective_on"`
	Document    string         `json:"document"`
	TermTo      Date           `json:"term_to,omitzero"`
	Clause      ClauseID       `json:"clause,omitzero"`
	Departments []DepartmentID `json:"departments,omitempty"`
	Industries  []IndustryID   `json:"industries,omitzero"` // empty: all
	Conditions  []Condition    `json:"conditions,omitzero"` // empty: none
	Close       bool           `json:"close,omitzero"`
	Workflow    *Workflow      `json:"workflow,omitempty"`
	AddClause   *Clause        `json:"add_clause,omitempty"`
	AddFacts    []Fact         `json:"add_facts,omitempty"`
	District    string         `json:"district,omitzero"`
	Promised    *Promised      `json:"promised,omitzero"`
	GroupCap    *GroupCap      `json:"group_cap,omitzero"` // empty: none of its own
	Debtors     DebtorControl  `json:"debtors,omitzero"`
	Indicators  []Indicator    `json:"indicators,omitzero"` // empty: none

	PreviousTermTo      Date           `json:"previous_term_to,omitzero"`
	PreviousDepartments []DepartmentID `json:"previous_departments,omitempty"`
	PreviousIndustries  []IndustryID   `json:"previous_industries,omitempty"`
	PreviousConditions  []Condition    `json:"previous_conditions,omitempty"`
	PreviousWorkflow    *Workflow      `json:"previous_workflow,omitempty"`
	PreviousPromised    *Promised      `json:"previous_promised,omitzero"`
	PreviousGroupCap    *GroupCap      `json:"previous_group_cap,omitzero"`
	PreviousDebtors     DebtorControl  `json:"previous_debtors,omitzero"`
	PreviousIndicators  []Indicator    `json:"previous_indicators,omitempty"`
}

// Name is "amend_policy".
func (AmendPolicy) Name() string { return "amend_policy" }

// Name is "policy_amended".
func (PolicyAmended) Name() string { return "policy_amended" }

// Entity is the policy.
func (e PolicyAmended) Entity() (string, string) { return "policy", string(e.Policy) }

func (*AmendPolicy) isEarly() {}

func (c *AmendPolicy) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *AmendPolicy) forms() []Command {
	return without(*c, c.Policy != "", func(o *AmendPolicy) { o.Policy = "" })
}

func (c *AmendPolicy) decide(s *State, today Date) ([]Event, *Refusal) {
	place, r := s.amended(c)
	if r != nil {
		return nil, r
	}
	of := s.policies.get(place)
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := s.checkAhead(c, of, today); r != nil {
		return nil, r
	}
	if len(of.ends)+len(of.workflows) >= maxVersions {
		return nil, refuse(CodeVersionsTooMany, "clause", of.policy.PolicyID(), "limit", maxVersions)
	}
	e := &PolicyAmended{Policy: of.policy.PolicyID(), EffectiveOn: c.EffectiveOn, Document: c.Document, Clause: c.Clause, Close: c.Close,
		Workflow: c.Workflow, AddClause: c.AddClause, AddFacts: c.AddFacts, District: c.District}
	changes := false
	for _, part := range []func(*State, int, *PolicyAmended) (bool, *Refusal){c.term, c.responsible, c.served, c.closing, c.workflow, c.added, c.facts,
		c.conditioned, c.promised, c.grouped, c.debtors, c.indicated} {
		changed, r := part(s, place, e)
		if r != nil {
			return nil, r
		}
		changes = changes || changed
	}
	if !changes {
		return nil, refuse(CodePolicyAmendmentEmpty, "policy", of.policy.PolicyID())
	}
	return []Event{e}, nil
}

// Amended is the policy that a command amends, or why it amends none.
func (s *State) Amended(c *AmendPolicy) (*Policy, *Refusal) {
	place, r := s.amended(c)
	if r != nil {
		return nil, r
	}
	return s.policies.get(place).policy, nil
}

// amended finds the place of the policy that a command amends.
func (s *State) amended(c *AmendPolicy) (int, *Refusal) {
	place, found := 0, len(s.policies.rows) == 1
	if c.Policy != "" {
		if r := checkIDs("policy", c.Policy); r != nil {
			return 0, r
		}
		if place, found = s.policyCalled(string(c.Policy)); !found {
			return 0, refuse(CodePolicyUnknown, "policy", c.Policy)
		}
	}
	if c.Clause != "" {
		clause, r := s.checkClause(c.Clause)
		switch {
		case r != nil:
			return 0, r
		case c.Policy != "" && clause.policy != place:
			return 0, refuse(CodeClauseUnknown, "clause", c.Clause)
		}
		return clause.policy, nil
	}
	switch {
	case !found:
		return 0, refuse(CodeFieldMissing, "field", "policy")
	case c.Departments != nil || c.Industries != nil || c.Conditions != nil || c.GroupCap != nil || c.Indicators != nil || c.Close:
		return 0, refuse(CodeFieldMissing, "field", "clause")
	}
	return place, nil
}

// checkAhead refuses an amendment of what lies behind: one that takes effect before its date or, once somebody has decided for themselves, before
// the day on which it is recorded, for decisions were judged by what was in force then; and one of a policy that has ended.
func (s *State) checkAhead(c *AmendPolicy, of policyState, today Date) *Refusal {
	if c.EffectiveOn.IsZero() {
		return refuse(CodeFieldMissing, "field", "effective_on")
	}
	earliest := c.Date
	if s.inUse {
		earliest = today
	}
	if c.EffectiveOn.Before(earliest) {
		return refuse(CodeAmendmentRetroactive, "date", c.EffectiveOn, "earliest", earliest)
	}
	if end := inForce(of.ends, c.EffectiveOn); c.Date.After(end) || c.EffectiveOn.After(end.Next()) {
		return refuse(CodePolicyEnded, "policy", of.policy.PolicyID(), "latest", end, "date", latest(c.Date, c.EffectiveOn))
	}
	return nil
}

// term judges another end of the term: longer, or shorter but not before what was done under the policy.
func (c *AmendPolicy) term(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	of := s.policies.get(place)
	was := inForce(of.ends, c.EffectiveOn)
	if c.TermTo.IsZero() || c.TermTo == was {
		return false, nil
	}
	e.TermTo, e.PreviousTermTo = c.TermTo, was
	if c.TermTo.Before(latest(of.policy.Term.From, c.EffectiveOn)) {
		return false, refuse(CodeAmendmentRetroactive, "date", c.TermTo, "earliest", latest(of.policy.Term.From, c.EffectiveOn))
	}
	if c.TermTo.Before(was) {
		return true, s.checkUnused(place, c.TermTo)
	}
	for i := range len(s.policies.rows) {
		other := s.policies.get(i).policy
		if !s.follows(i, place) && !s.follows(place, i) && !c.TermTo.Before(other.Term.From) && !other.Term.To.Before(of.policy.Term.From) {
			return false, refuse(CodeTermsOverlap, "policy", other.PolicyID(), "from", other.Term.From, "until", other.Term.To)
		}
	}
	return true, nil
}

// checkUnused refuses an end of a policy's term before what was applied for and approved under it, and before the years that it was for.
func (s *State) checkUnused(place int, end Date) *Refusal {
	var last Date
	var year SupportYear
	for _, a := range s.applications.rows {
		if s.clauses.get(a.charge.Applied()).policy != place {
			continue
		}
		switch a.state {
		case Approved:
			last = latest(last, a.submitted, a.approvedOn)
			for _, part := range a.schedule {
				if part.amount.Positive() {
					year = max(year, part.year)
				}
			}
		case Submitted, Accepted, Returned:
			last = latest(last, a.submitted)
		}
	}
	for _, id := range s.exceptions.rows {
		if s.clauses.get(id.account.Clause).policy == place && id.left.Positive() {
			last, year = latest(last, id.grantedOn), max(year, id.year)
		}
	}
	switch {
	case last.After(end):
		return refuse(CodeTermInUse, "date", end, "earliest", last)
	case int(year) > end.Year():
		return refuse(CodeTermInUse, "date", end, "earliest", DateOf(int(year), 1, 1), "year", year)
	}
	return nil
}

// responsible judges other departments for a clause.
func (c *AmendPolicy) responsible(s *State, _ int, e *PolicyAmended) (bool, *Refusal) {
	if c.Departments == nil {
		return false, nil
	}
	if len(c.Departments) == 0 { // nobody could decide under the clause any more
		return false, refuse(CodeFieldMissing, "field", "departments")
	}
	for i, d := range c.Departments {
		if !s.policy.HasDepartment(d) {
			return false, refuse(CodeFieldInvalid, "field", "departments", "value", d, "reason", ReasonOneOf, "allowed", s.departmentList())
		}
		if slices.Contains(c.Departments[:i], d) {
			return false, refuse(CodeFieldInvalid, "field", "departments", "value", d, "reason", ReasonTwice)
		}
	}
	was := s.clauseOn(c.Clause, c.EffectiveOn).Departments
	e.Departments, e.PreviousDepartments = c.Departments, was
	return !sameSet(was, c.Departments), nil
}

// served judges other industries for a clause.
func (c *AmendPolicy) served(s *State, _ int, e *PolicyAmended) (bool, *Refusal) {
	if c.Industries == nil {
		return false, nil
	}
	for i, n := range c.Industries {
		if !s.policy.HasIndustry(n) {
			return false, refuse(CodeIndustryUnknown, "industry", n)
		}
		if slices.Contains(c.Industries[:i], n) {
			return false, refuse(CodeFieldInvalid, "field", "industries", "value", n, "reason", ReasonTwice)
		}
	}
	was := s.clauseOn(c.Clause, c.EffectiveOn).Industries
	e.Industries, e.PreviousIndustries = c.Industries, was
	return !sameSet(was, c.Industries), nil
}

func (c *AmendPolicy) closing(s *State, _ int, _ *PolicyAmended) (bool, *Refusal) {
	if !c.Close {
		return false, nil
	}
	if from := s.clauses.get(c.Clause).closedOn; !from.IsZero() {
		return false, refuse(CodeClauseClosed, "clause", c.Clause, "from", from)
	}
	return true, nil
}

func (c *AmendPolicy) workflow(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	if c.Workflow == nil {
		return false, nil
	}
	was := inForce(s.policies.get(place).workflows, c.EffectiveOn)
	e.PreviousWorkflow = &was
	would := *s.policies.get(place).policy
	would.Workflow = *c.Workflow
	return *c.Workflow != was, invalidPolicy(would.Validate())
}

// added judges a clause more.
func (c *AmendPolicy) added(s *State, place int, _ *PolicyAmended) (bool, *Refusal) {
	if c.AddClause == nil {
		return false, nil
	}
	of := s.policies.get(place)
	before := of.succeeds
	if before == place {
		before = len(s.policies.rows)
	}
	if r := s.checkNewClause(*c.AddClause, before); r != nil {
		return false, r
	}
	would := *of.policy
	would.Facts = append(slices.Clip(would.Facts), c.AddFacts...) // its conditions may ask them
	would.Clauses = append(slices.Clone(would.Clauses), *c.AddClause)
	return true, invalidPolicy(would.Validate())
}

// facts judges facts more, and the district: what the fund keeps already stays what it is.
func (c *AmendPolicy) facts(s *State, place int, _ *PolicyAmended) (bool, *Refusal) {
	if len(c.AddFacts) == 0 && c.District == "" {
		return false, nil
	}
	if r := s.checkSameFacts(c.AddFacts); r != nil {
		return false, r
	}
	would := *s.policies.get(place).policy
	would.Facts = append(slices.Clone(would.Facts), c.AddFacts...)
	if c.District != "" && s.policy.District != "" && s.policy.District != c.District {
		return false, refuse(CodePolicyOfAnotherFund, "field", "district", "value", c.District, "allowed", s.policy.District)
	}
	if c.District != "" {
		would.District = c.District
	}
	return len(c.AddFacts) > 0 || would.District != s.policy.District, invalidPolicy(would.Validate())
}

// conditioned judges other conditions of a clause, which may ask the facts that the same amendment adds.
func (c *AmendPolicy) conditioned(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	if c.Conditions == nil {
		return false, nil
	}
	was := s.clauseOn(c.Clause, c.EffectiveOn)
	e.Conditions, e.PreviousConditions = c.Conditions, was.Conditions
	is := was
	is.Conditions = c.Conditions
	would := *s.policies.get(place).policy
	would.Facts = append(slices.Clip(would.Facts), c.AddFacts...)
	return is.Formula() != was.Formula(), invalidPolicy(would.checkConditions("clauses."+string(c.Clause), is))
}

// indicated judges other indicators of a clause, which may ask the facts that the same amendment adds. They are what the clause is evaluated by from when
// they are recorded, whichever year is looked at.
func (c *AmendPolicy) indicated(s *State, place int, e *PolicyAmended) (bool, *Refusal) {
	if c.Indicators == nil {
		return false, nil
	}
	would := *s.policies.get(place).policy
	was := would.IndicatorsOf(c.Clause)
	e.Indicators, e.PreviousIndicators = c.Indicators, was
	for i, one := range c.Indicators {
		if one.Clause != c.Clause {
			return false, invalidPolicy(wrong(fmt.Sprintf("indicators[%d].clause", i), "须为所修订的条款 %q，不能是 %q", "is the clause that is amended, %q, not %q", c.Clause, Clip(string(one.Clause), 40)))
		}
	}
	would.Facts = append(slices.Clip(would.Facts), c.AddFacts...)
	would.Indicators = c.Indicators
	return !slices.Equal(was, c.Indicators), invalidPolicy(would.checkIndicators())
}

// invalidPolicy is the refusal of what a policy may not be; nil where there is nothing wrong.
func invalidPolicy(err error) *Refusal {
	if err == nil {
		return nil
	}
	fault := err.(*PolicyError)
	return refuse(CodePolicyInvalid, "path", fault.Path, "reason", fault.Reason.EN, "reason_zh", fault.Reason.ZH)
}

func sameSet[T ~string](a, b []T) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(one T) bool { return !slices.Contains(b, one) })
}

func (e *PolicyAmended) concerns() Concern { return Concern{Account: Account{Clause: e.Clause}} }

func (e *PolicyAmended) command(h Head) Command {
	return &AmendPolicy{Head: h, Policy: e.Policy, EffectiveOn: e.EffectiveOn, Document: e.Document, TermTo: e.TermTo, Clause: e.Clause,
		Departments: e.Departments, Industries: e.Industries, Conditions: e.Conditions, Close: e.Close, Workflow: e.Workflow, AddClause: e.AddClause,
		AddFacts: e.AddFacts, District: e.District, Promised: e.Promised, GroupCap: e.GroupCap, Debtors: e.Debtors, Indicators: e.Indicators}
}

func (e *PolicyAmended) describe() Text {
	t := both("修订政策 %s，自 %s 起，文号 %s", "policy %s amended from %s on, document %s", e.Policy, e.EffectiveOn, e.Document)
	more := func(zh, en string, args ...any) {
		part := both(zh, en, args...)
		t.ZH, t.EN = t.ZH+"；"+part.ZH, t.EN+"; "+part.EN
	}
	if !e.TermTo.IsZero() {
		more("有效期由 %s 改为 %s", "the term ends on %[2]s, not %[1]s", e.PreviousTermTo, e.TermTo)
	}
	if e.Departments != nil {
		more("条款 %s 责任部门改为 %s", "responsible for clause %s: %s", e.Clause, join(e.Departments))
	}
	if e.Industries != nil && len(e.Industries) == 0 {
		more("条款 %s 适用所有产业", "clause %s serves every industry", e.Clause)
	}
	if len(e.Industries) > 0 {
		more("条款 %s 适用产业改为 %s", "clause %s serves: %s", e.Clause, join(e.Industries))
	}
	if e.Conditions != nil && len(e.Conditions) == 0 {
		more("条款 %s 不再设条件", "clause %s has no conditions any more", e.Clause)
	}
	if len(e.Conditions) > 0 {
		more("条款 %s 的条件改为 %s", "the conditions of clause %s: %s", e.Clause, Clause{Conditions: e.Conditions}.Formula())
	}
	if e.Indicators != nil && len(e.Indicators) == 0 {
		more("条款 %s 不再设绩效指标", "clause %s has no indicators any more", e.Clause)
	}
	if len(e.Indicators) > 0 {
		more("条款 %s 的绩效指标改为 %s", "the indicators of clause %s: %s", e.Clause, indicatorList(e.Indicators))
	}
	if e.Close {
		more("条款 %s 停止受理", "clause %s takes no more applications", e.Clause)
	}
	if e.Workflow != nil {
		more("评审人数 %d", "reviews needed: %d", e.Workflow.Reviews)
	}
	switch {
	case e.Promised == nil:
	case e.Clause != "":
		more("条款 %s 的承诺时限改为：%s", "promised under clause %s: %s", e.Clause, e.Promised.text())
	default:
		more("承诺时限改为：%s", "promised times: %s", e.Promised.text())
	}
	if e.GroupCap != nil {
		var was GroupCap
		if e.PreviousGroupCap != nil {
			was = *e.PreviousGroupCap
		}
		more("条款 %s 的集团上限由%s改为%s", "the cap of groups under clause %s is %[3]s, not %[2]s", e.Clause, was, *e.GroupCap)
	}
	if e.Debtors != "" {
		more("对逾期未退追回款的企业由%s改为%s", "enterprises that owe money back: %[2]s, not %[1]s", Coded(DebtorCodes, e.PreviousDebtors), Coded(DebtorCodes, e.Debtors))
	}
	if e.AddClause != nil {
		more("增设条款 %s", "clause %s added", e.AddClause.ID)
	}
	for _, f := range e.AddFacts {
		more("增列事实 %s", "fact %s added", f.ID)
	}
	if e.District != "" {
		more("所属区划 %s", "district %s", e.District)
	}
	return t
}

func (e *PolicyAmended) apply(s *State, _ Deed) {
	place, found := s.policyCalled(string(e.Policy))
	if !found {
		return // no decision made it: whoever judges the log says so
	}
	of := s.policies.get(place)
	p := *of.policy
	if !e.TermTo.IsZero() {
		of.ends = amended(of.ends, e.EffectiveOn, e.TermTo)
		p.Term.To = lastOf(of.ends)
	}
	if e.Workflow != nil {
		of.workflows = amended(of.workflows, e.EffectiveOn, *e.Workflow)
		p.Workflow = lastOf(of.workflows)
	}
	if e.Promised != nil && e.Clause == "" {
		of.promises = amended(of.promises, e.EffectiveOn, *e.Promised)
		p.Promised = lastOf(of.promises)
	}
	if e.Debtors != "" {
		of.debtors = amended(of.debtors, e.EffectiveOn, e.Debtors)
		p.Debtors = lastOf(of.debtors)
	}
	p.Facts = append(slices.Clip(p.Facts), e.AddFacts...)
	if e.Indicators != nil {
		p.Indicators = withIndicators(p.Indicators, e.Clause, e.Indicators)
	}
	if e.District != "" {
		p.District = e.District
	}
	p.Clauses = slices.Clone(p.Clauses)
	if e.AddClause != nil {
		p.Clauses = append(p.Clauses, *e.AddClause)
		s.addClause(*e.AddClause, place, e.EffectiveOn)
	}
	if e.Clause != "" {
		s.clauses.update(e.Clause, func(c *clauseState) { c.amend(e) })
		if i := slices.IndexFunc(p.Clauses, func(c Clause) bool { return c.ID == e.Clause }); i >= 0 {
			p.Clauses[i] = s.clauses.get(e.Clause).clause
		}
	}
	of.policy = &p
	s.policies.put(place, of)
	s.merge()
}

// amend takes in what an amendment says of a clause.
func (c *clauseState) amend(e *PolicyAmended) {
	if e.Departments != nil {
		if c.departments == nil {
			c.departments = []asOf[[]DepartmentID]{{is: c.clause.Departments}}
		}
		c.departments = amended(c.departments, e.EffectiveOn, e.Departments)
		c.clause.Departments = lastOf(c.departments)
	}
	if e.Industries != nil {
		if c.industries == nil {
			c.industries = []asOf[[]IndustryID]{{is: c.clause.Industries}}
		}
		c.industries = amended(c.industries, e.EffectiveOn, e.Industries)
		c.clause.Industries = lastOf(c.industries)
	}
	if e.Conditions != nil {
		if c.conditions == nil {
			c.conditions = []asOf[[]Condition]{{is: c.clause.Conditions}}
		}
		c.conditions = amended(c.conditions, e.EffectiveOn, e.Conditions)
		c.clause.Conditions = lastOf(c.conditions)
	}
	if e.Promised != nil {
		c.promises = amended(c.promises, e.EffectiveOn, *e.Promised)
		c.clause.Promised = lastOf(c.promises)
	}
	if e.GroupCap != nil {
		c.groupCaps = amended(c.groupCaps, e.EffectiveOn, *e.GroupCap)
		c.clause.GroupCap = lastOf(c.groupCaps)
	}
	if e.Close {
		c.closedOn = e.EffectiveOn
	}
}
