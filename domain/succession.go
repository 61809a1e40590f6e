package domain

import (
	"slices"
	"strings"
)

// Policies follow one another in one fund. Each keeps its own term and workflow, and the clauses that it brought: a decision is judged by the
// policy of its clause, as that stood on its business date. Everybody who only names things asks [State.Policy], which has those of all.

// policyState is a policy of the fund: as it was published, and what was amended of it from which day on.
type policyState struct {
	policy    *Policy // with every amendment, whatever its day
	succeeds  int     // the place of the policy that it follows; its own where it follows none
	ends      []asOf[Date]
	workflows []asOf[Workflow]
	promises  []asOf[Promised]
	debtors   []asOf[DebtorControl]
}

// asOf is what something is from a day on. The first of a list holds for all days before, too.
type asOf[T any] struct {
	from Date
	is   T
}

// inForce is what holds on a day: of those that have begun the latest, of equal days the last recorded.
func inForce[T any](list []asOf[T], day Date) T {
	current := list[0]
	for _, one := range list[1:] {
		if !one.from.After(day) && !one.from.Before(current.from) {
			current = one
		}
	}
	return current.is
}

// lastOf is what holds once everything recorded has taken effect.
func lastOf[T any](list []asOf[T]) T {
	last := list[0]
	for _, one := range list[1:] {
		if !one.from.Before(last.from) {
			last = one
		}
	}
	return last.is
}

// amended is a list with one more; it is never changed in place.
func amended[T any](list []asOf[T], from Date, is T) []asOf[T] {
	return append(slices.Clip(list), asOf[T]{from, is})
}

// PolicyID is what a policy is called in its fund.
func (p *Policy) PolicyID() PolicyID {
	if p.ID == "" {
		return PolicyID(p.Fund)
	}
	return p.ID
}

// Prefixed is the policy with its prefix before the ids of its clauses, where it has one: so it enters the ledger.
func (p Policy) Prefixed() Policy {
	prefix := ClauseID(p.ClausePrefix)
	if prefix == "" {
		return p
	}
	p.ClausePrefix = ""
	p.Clauses = slices.Clone(p.Clauses)
	for i := range p.Clauses {
		c := &p.Clauses[i]
		c.ID = prefix + c.ID
		c.RefersTo = slices.Clone(c.RefersTo)
		for j := range c.RefersTo {
			c.RefersTo[j] = prefix + c.RefersTo[j]
		}
	}
	p.Indicators = slices.Clone(p.Indicators)
	for i := range p.Indicators {
		p.Indicators[i].Clause = prefix + p.Indicators[i].Clause
	}
	return p
}

// policyOf is the policy that a clause belongs to; false where there is no such clause.
func (s *State) policyOf(c ClauseID) (policyState, bool) {
	clause, known := s.clauses.find(c)
	if !known {
		return policyState{}, false
	}
	return s.policies.get(clause.policy), true
}

// termOn is the term of a clause's policy, as it stood on a day, from the day on which the clause was added; that of the whole fund where there is no such clause.
func (s *State) termOn(c ClauseID, day Date) Term {
	of, known := s.policyOf(c)
	if !known {
		return s.policy.Term
	}
	return Term{latest(of.policy.Term.From, s.clauses.get(c).from), inForce(of.ends, day)}
}

// workflowOn is the workflow of a clause's policy, as it stood on a day.
func (s *State) workflowOn(c ClauseID, day Date) Workflow {
	of, known := s.policyOf(c)
	if !known {
		return s.policy.Workflow
	}
	return inForce(of.workflows, day)
}

// clauseOn is a clause as it stood on a day.
func (s *State) clauseOn(id ClauseID, day Date) Clause {
	c := s.clauses.get(id)
	if len(c.departments) > 0 {
		c.clause.Departments = inForce(c.departments, day)
	}
	if len(c.industries) > 0 {
		c.clause.Industries = inForce(c.industries, day)
	}
	if len(c.conditions) > 0 {
		c.clause.Conditions = inForce(c.conditions, day)
	}
	return c.clause
}

// begins is the first day of the earliest policy.
func (s *State) begins() Date {
	first := s.policies.get(0).policy.Term.From
	for i := range len(s.policies.rows) {
		if from := s.policies.get(i).policy.Term.From; from.Before(first) {
			first = from
		}
	}
	return first
}

// merge makes the fund's merged policy: the clauses of all policies in their order, their departments and industries, the latest wording of
// which wins, one term around all; the rest as the latest policy has it.
func (s *State) merge() {
	n := len(s.policies.rows)
	last := s.policies.get(n - 1).policy
	if n == 1 {
		s.setPolicy(last)
		return
	}
	m := *last
	m.Clauses, m.Departments, m.Industries, m.Facts, m.Indicators = nil, nil, nil, nil, nil
	for i := range n {
		p := s.policies.get(i).policy
		m.Clauses = append(m.Clauses, p.Clauses...)
		m.Departments = latestWording(m.Departments, p.Departments, func(d Department) DepartmentID { return d.ID })
		m.Industries = latestWording(m.Industries, p.Industries, func(i Industry) IndustryID { return i.ID })
		m.Facts = latestWording(m.Facts, p.Facts, func(f Fact) FactID { return f.ID })
		m.Indicators = append(m.Indicators, p.Indicators...)
		if m.District == "" {
			m.District = p.District
		}
		if p.Term.From.Before(m.Term.From) {
			m.Term.From = p.Term.From
		}
		m.Term.To = latest(m.Term.To, p.Term.To)
	}
	s.setPolicy(&m)
}

func latestWording[T any, K comparable](all, more []T, id func(T) K) []T {
	for _, one := range more {
		if i := slices.IndexFunc(all, func(known T) bool { return id(known) == id(one) }); i >= 0 {
			all[i] = one
		} else {
			all = append(all, one)
		}
	}
	return all
}

// called reports whether a policy is meant by a text: its id or its title.
func (p *Policy) called(text string) bool {
	return same(string(p.PolicyID()), text) || strings.EqualFold(p.Title.ZH, text) || strings.EqualFold(p.Title.EN, text)
}

func (p *Policy) succeedsItself() bool { return same(string(p.PolicyID()), p.Succeeds) }

// policyCalled finds a policy by its id or its title; of several with one title, the latest.
func (s *State) policyCalled(text string) (int, bool) {
	for i := len(s.policies.rows) - 1; i >= 0; i-- {
		if s.policies.get(i).policy.called(text) {
			return i, true
		}
	}
	return 0, false
}

// follows reports whether a policy follows another, through any number of others, or is that one.
func (s *State) follows(place, earlier int) bool {
	for place != earlier {
		next := s.policies.get(place).succeeds
		if next == place {
			return false
		}
		place = next
	}
	return true
}

// checkSuccession judges whether a policy may follow those that the fund has. It gives the place of the one that it succeeds.
func (s *State) checkSuccession(p *Policy) (int, *Refusal) {
	n := len(s.policies.rows)
	for i := range n {
		if id := s.policies.get(i).policy.PolicyID(); same(id, p.PolicyID()) {
			return 0, refuse(CodePolicyPublished, "fund", id)
		}
	}
	before, found := s.policyCalled(p.Succeeds)
	switch {
	case p.Succeeds == "":
		before = n
	case !found && p.called(p.Succeeds):
		return 0, refuse(CodeSuccessionCircle, "policy", p.PolicyID())
	case !found:
		return 0, refuse(CodePolicyUnknown, "policy", p.Succeeds)
	}
	if n == 0 {
		return before, nil
	}
	if r := s.checkSameFund(p); r != nil {
		return 0, r
	}
	for i := range n {
		other := s.policies.get(i).policy
		if p.Succeeds != "" && s.follows(before, i) {
			if !p.Term.From.After(other.Term.From) {
				return 0, refuse(CodeDateOrder, "field", "term.from", "date", p.Term.From, "earliest", other.Term.From)
			}
			continue
		}
		if !p.Term.From.After(other.Term.To) && !other.Term.From.After(p.Term.To) {
			return 0, refuse(CodeTermsOverlap, "policy", other.PolicyID(), "from", other.Term.From, "until", other.Term.To)
		}
	}
	if r := s.checkSameFacts(p.Facts); r != nil {
		return 0, r
	}
	for _, c := range p.Clauses {
		if r := s.checkNewClause(c, before); r != nil {
			return 0, r
		}
	}
	return before, nil
}

// checkSameFund refuses a policy that is of another fund than those published.
func (s *State) checkSameFund(p *Policy) *Refusal {
	for _, f := range []struct{ field, is, value string }{
		{"fund", string(s.policy.Fund), string(p.Fund)},
		{"currency", s.policy.Currency, p.Currency},
		{"beneficiary_id", string(s.policy.Beneficiary), string(p.Beneficiary)},
		{"treasury", string(s.policy.Treasury), string(p.Treasury)},
		{"authority", string(s.policy.Authority), string(p.Authority)},
	} {
		if f.is != f.value {
			return refuse(CodePolicyOfAnotherFund, "field", f.field, "value", f.value, "allowed", f.is)
		}
	}
	return nil
}

// checkSameFacts refuses a fact that has the id of one that the fund keeps and is another: its values would say something else than when they were
// recorded.
func (s *State) checkSameFacts(facts []Fact) *Refusal {
	for _, f := range facts {
		for _, known := range s.policy.Facts {
			if known.ID != f.ID && (known.Means == "" || known.Means != f.Means) {
				continue
			}
			// What is confirmed by a second department or kept from most readers stays so: the values that lie on the log were given so.
			switch {
			case known.Sensitive && !f.Sensitive:
				return refuse(CodeFactOtherwise, "fact", f.ID, "field", "facts.sensitive", "value", "false", "limit", "true")
			case len(known.ConfirmedBy) > 0 && len(f.ConfirmedBy) == 0:
				return refuse(CodeFactOtherwise, "fact", f.ID, "field", "facts.confirmed_by", "value", "-", "limit", join(known.ConfirmedBy))
			}
			for _, part := range []struct{ field, is, value string }{
				{"id", string(known.ID), string(f.ID)}, {"unit", string(known.Unit), string(f.Unit)}, {"per", string(known.Per), string(f.Per)},
				{"means", string(known.Means), string(f.Means)},
			} {
				if part.is != part.value {
					return refuse(CodeFactOtherwise, "fact", f.ID, "field", "facts."+part.field, "value", part.value, "limit", part.is)
				}
			}
		}
	}
	return nil
}

// checkNewClause judges a clause that the fund is to have besides those that it has: its id is new, and what it continues is a clause of a
// policy that its own follows. before is the place of the policy that its own succeeds.
func (s *State) checkNewClause(c Clause, before int) *Refusal {
	for _, known := range s.policy.Clauses {
		if same(known.ID, c.ID) {
			return refuse(CodeClauseExists, "clause", known.ID)
		}
	}
	if c.Continues.Use == "" {
		return nil
	}
	old, known := s.clauses.find(c.Continues.Clause)
	if !known || before >= len(s.policies.rows) || !s.follows(before, old.policy) {
		return refuse(CodeContinuedUnknown, "clause", c.ID, "value", c.Continues.Clause)
	}
	if c.Continues.Use == Carried {
		for _, f := range []struct{ field, was, is string }{
			{"subject_kind", string(old.clause.Cap.Subject), string(c.Cap.Subject)},
			{"period", string(old.clause.Cap.Period), string(c.Cap.Period)},
		} {
			if f.was != f.is {
				return refuse(CodeCarriedDiffers, "clause", c.ID, "value", c.Continues.Clause, "field", f.field, "from", f.was, "asked", f.is)
			}
		}
	}
	return nil
}

// addClause takes a clause in, of the policy at a place, from a day on.
func (s *State) addClause(c Clause, place int, from Date) {
	first := ClauseVersion{Version: 1, Cap: c.Cap.Amount, EffectiveOn: from}
	s.clauses.put(c.ID, clauseState{clause: c, versions: []ClauseVersion{first}, policy: place, from: from, promises: []asOf[Promised]{{is: c.Promised}},
		groupCaps: []asOf[GroupCap]{{is: c.GroupCap}}})
	s.reaches.put(c.ID, reach{highest: c.Cap.Amount.Amount})
	if c.Continues.Use == Carried {
		s.clauses.update(c.Continues.Clause, func(old *clauseState) { old.carriedBy = append(slices.Clip(old.carriedBy), c.ID) })
	}
}

// continuedBy are the clauses that go on with one and can be applied for on a day, through policies that have ended too.
func (s *State) continuedBy(c ClauseID, day Date) (list []ClauseID) {
	for _, next := range s.policy.Clauses {
		if next.Continues.Clause != c {
			continue
		}
		if day.After(s.termOn(next.ID, day).To) || s.closed(next.ID, day) {
			list = append(list, s.continuedBy(next.ID, day)...)
		} else {
			list = append(list, next.ID)
		}
	}
	return list
}

// closed reports whether no more applications are taken under a clause on a day.
func (s *State) closed(c ClauseID, day Date) bool {
	from := s.clauses.get(c).closedOn
	return !from.IsZero() && !day.Before(from)
}

// checkOpen refuses an application under a clause that is closed.
func (s *State) checkOpen(day Date, clauses ...ClauseID) *Refusal {
	for _, c := range clauses {
		if s.closed(c, day) {
			return refuse(CodeClauseClosed, "clause", c, "from", s.clauses.get(c).closedOn, "continued_by", join(s.continuedBy(c, day)))
		}
	}
	return nil
}

// Use that is carried (R5): what a subject used under the clause that another one continues, carried, counts against the cap of that one too, as
// it stands at any time: what is cut, returned, recovered or booked on the earlier account later moves it as well. And an approval on the
// earlier account, dated within its policy's term but decided later, is held against every account that carries it and has a use of its own, so that
// no cap is passed through either account.

// carried is the account that an account carries, if it does.
func (s *State) carried(a Account) (Account, bool) {
	c := s.clauses.get(a.Clause).clause.Continues
	return Account{c.Clause, a.Subject}, c.Use == Carried
}

// carriers are the accounts that carry one, through any number of policies.
func (s *State) carriers(a Account) (list []Account) {
	for _, c := range s.clauses.get(a.Clause).carriedBy {
		by := Account{c, a.Subject}
		list = append(append(list, by), s.carriers(by)...)
	}
	return list
}

// with adds what is used elsewhere to how an account stands; exceptions and what is held stay its own.
func (u usage) with(more usage) usage {
	u.committed, u.outside = u.committed.Add(more.committed), u.outside.Add(more.outside)
	u.freed, u.freedOut = u.freed.Add(more.freed), u.freedOut.Add(more.freedOut)
	return u
}

// stands is how an account stands now, with those that it is one with and what they carry.
func (s *State) stands(a Account, year SupportYear) usage {
	u := s.scope(a, year)
	for _, other := range s.besides(a) {
		more := s.scope(other, year)
		u = u.with(more)
		u.exceptions = u.exceptions.Add(more.exceptions)
	}
	if of, does := s.carried(a); does {
		u = u.with(s.stands(of, year))
	}
	return u
}

// seen is how an account stands for a decision of a day, with those that it is one with and what they carry: see [State.seenAlone].
func (s *State) seen(a Account, year SupportYear, day Date) usage {
	u := s.seenTogether(a, year, day)
	if of, does := s.carried(a); does {
		u = u.with(s.seen(of, year, day))
	}
	return u
}

// carriedOn is what an account carries, for a decision of a day.
func (s *State) carriedOn(a Account, year SupportYear, day Date) Money {
	of, does := s.carried(a)
	if !does {
		return NoMoney
	}
	return s.seen(of, year, day).use()
}

// reviewedBy is the workflow that an application's reviews count by.
func (s *State) reviewedBy(a application) Workflow {
	of, known := s.policyOf(a.charge.Applied())
	if !known {
		return s.policy.Workflow
	}
	return lastOf(of.workflows)
}

// carriedRooms are what amounts on an account are held against besides: the caps of the accounts that carry it and have a use of their own.
func (s *State) carriedRooms(a Account, list []Instalment, day, today Date) (rooms []Room) {
	for _, by := range s.carriers(a) {
		version := GoverningVersion(s.clauses.get(by.Clause).versions, day, today)
		for _, part := range list {
			if s.seenTogether(by, part.SupportYear, day).use().Positive() {
				rooms = append(rooms, s.capRoom(by, part.SupportYear, part.Amount, version, day))
			}
		}
	}
	return rooms
}

// Policies are the fund's policies in the order in which they were published, each as it is amended. They must not be changed.
func (s *State) Policies() []*Policy {
	list := make([]*Policy, len(s.policies.rows))
	for i := range list {
		list[i] = s.policies.get(i).policy
	}
	return list
}

// PolicyOf is the policy that a clause belongs to; nil where there is no such clause.
func (s *State) PolicyOf(c ClauseID) *Policy {
	of, _ := s.policyOf(c)
	return of.policy
}

// WorkflowOn is the workflow of a clause's policy, as it stood on a day.
func (s *State) WorkflowOn(c ClauseID, day Date) Workflow { return s.workflowOn(c, day) }

// ClauseOn is a clause as it stood on a day: who is responsible for it and whom it serves may be amended.
func (s *State) ClauseOn(c ClauseID, day Date) Clause { return s.clauseOn(c, day) }

// ClosedOn is the day from which no more applications are taken under a clause; none where it is open.
func (s *State) ClosedOn(c ClauseID) Date { return s.clauses.get(c).closedOn }

// Succeeded is the policy that a policy of the fund follows; nil where it follows none.
func (s *State) Succeeded(id PolicyID) *Policy {
	for i := range len(s.policies.rows) {
		if p := s.policies.get(i); p.policy.PolicyID() == id && p.succeeds != i {
			return s.policies.get(p.succeeds).policy
		}
	}
	return nil
}

// PolicyMade is the merged policy that events of publication and amendment make, in their order; nil where there is none. Other events are
// left out.
func PolicyMade(events []Event) *Policy {
	s := NewState()
	for _, e := range events {
		switch e.(type) {
		case *PolicyPublished, *PolicyAmended:
			e.apply(s, Deed{})
		}
	}
	return s.policy
}
