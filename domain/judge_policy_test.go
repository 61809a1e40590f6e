package domain

import (
	"cmp"
	"slices"
)

// What the judge says of policies that are amended: nothing of an amendment is retroactive, and what is in force on a decision's business date
// governs it.

// says is what holds on a day, of what amendments may change: of those in force the one with the latest day, of one day the last recorded.
func says[T any](j *judge, was T, on Date, of func(*PolicyAmended) (T, bool)) T {
	var from Date
	for _, e := range j.amended {
		if is, does := of(e); does && !e.EffectiveOn.After(on) && !e.EffectiveOn.Before(from) {
			was, from = is, e.EffectiveOn
		}
	}
	return was
}

func (j *judge) endOn(p Policy, on Date) Date {
	return says(j, p.Term.To, on, func(e *PolicyAmended) (Date, bool) { return e.TermTo, e.Policy == p.PolicyID() && !e.TermTo.IsZero() })
}

// termOn is the term of a clause's policy, for a clause that was added from the day on which it was.
func (j *judge) termOn(c ClauseID, on Date) Term {
	p := j.under(c)
	from := p.Term.From
	for _, e := range j.amended {
		if e.AddClause != nil && e.AddClause.ID == c {
			from = latest(from, e.EffectiveOn)
		}
	}
	return Term{from, j.endOn(p, on)}
}

func (j *judge) workflowOn(c ClauseID, on Date) Workflow { return j.workflowOf(j.under(c), on) }

// promisedBy is what a policy promises, or a clause by itself.
func (j *judge) promisedBy(p Policy, clause ClauseID, on Date) Promised {
	was := p.Promised
	if clause != "" {
		c, _ := p.Clause(clause)
		was = c.Promised
	}
	return says(j, was, on, func(e *PolicyAmended) (Promised, bool) {
		if e.Promised == nil || e.Clause != clause || e.Policy != p.PolicyID() {
			return Promised{}, false
		}
		return *e.Promised, true
	})
}

func (j *judge) workflowOf(p Policy, on Date) Workflow {
	return says(j, p.Workflow, on, func(e *PolicyAmended) (w Workflow, does bool) {
		if does = e.Policy == p.PolicyID() && e.Workflow != nil; does {
			w = *e.Workflow
		}
		return w, does
	})
}

func (j *judge) groupCapOn(c ClauseID, on Date) GroupCap {
	return says(j, j.clause(c).GroupCap, on, func(e *PolicyAmended) (g GroupCap, does bool) {
		if does = e.Clause == c && e.GroupCap != nil; does {
			g = *e.GroupCap
		}
		return g, does
	})
}

// debtorsOf is what a policy says of debtors on a day.
func (j *judge) debtorsOf(p Policy, on Date) DebtorControl {
	is := says(j, p.Debtors, on, func(e *PolicyAmended) (DebtorControl, bool) {
		return e.Debtors, e.Policy == p.PolicyID() && e.Debtors != ""
	})
	return cmp.Or(is, DebtorFinding)
}

func (j *judge) debtorsOn(c ClauseID, on Date) DebtorControl { return j.debtorsOf(j.under(c), on) }

func (j *judge) departmentsOn(c ClauseID, on Date) []DepartmentID {
	return says(j, j.clause(c).Departments, on, func(e *PolicyAmended) ([]DepartmentID, bool) {
		return e.Departments, e.Clause == c && e.Departments != nil
	})
}

func (j *judge) industriesOn(c ClauseID, on Date) []IndustryID {
	return says(j, j.clause(c).Industries, on, func(e *PolicyAmended) ([]IndustryID, bool) {
		return e.Industries, e.Clause == c && e.Industries != nil
	})
}

// closedFrom is the day from which a clause takes no more applications; none: it does.
func (j *judge) closedFrom(c ClauseID) (from Date) {
	for _, e := range j.amended {
		if e.Clause == c && e.Close {
			from = e.EffectiveOn
		}
	}
	return from
}

// closed reports whether the clause applied for, or the one charged, takes no more applications on a day.
func (j *judge) closed(charge Charge, on Date) bool {
	return slices.ContainsFunc([]ClauseID{charge.Applied(), charge.Clause}, func(c ClauseID) bool {
		from := j.closedFrom(c)
		return !from.IsZero() && !on.Before(from)
	})
}

func (j *judge) learnAmended(e *PolicyAmended) {
	j.amended = append(j.amended, e)
	if c := e.AddClause; c != nil {
		i := slices.IndexFunc(j.policies, func(p Policy) bool { return p.PolicyID() == e.Policy })
		j.policies[i].Clauses = append(slices.Clone(j.policies[i].Clauses), *c)
		j.versions[c.ID] = []ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: e.EffectiveOn}}
	}
}

// meant is the place of the policy that a command amends: the one it names, that of the clause it names, or the only one.
func (j *judge) meant(c *AmendPolicy, no func(bool, string)) (int, bool) {
	named := slices.IndexFunc(j.policies, func(p Policy) bool { return Key(string(p.PolicyID())) == Key(string(c.Policy)) })
	no(c.Policy != "" && named < 0, CodePolicyUnknown)
	if c.Policy != "" && named < 0 {
		return 0, false
	}
	if c.Clause == "" {
		no(c.Departments != nil || c.Industries != nil || c.GroupCap != nil || c.Close, CodeFieldMissing)
		no(c.Policy == "" && len(j.policies) > 1, CodeFieldMissing)
		return max(named, 0), c.Policy != "" || len(j.policies) == 1
	}
	of := slices.IndexFunc(j.policies, func(p Policy) bool { _, has := p.Clause(c.Clause); return has })
	no(of < 0 || c.Policy != "" && of != named, CodeClauseUnknown)
	return of, of >= 0
}

func (j *judge) amendPolicy(c *AmendPolicy, today Date, no func(bool, string)) {
	no(c.Document == "", CodeDocumentRequired)
	no(c.EffectiveOn.IsZero(), CodeFieldMissing)
	no(c.EffectiveOn.Before(c.Date) || j.used && c.EffectiveOn.Before(today), CodeAmendmentRetroactive)
	place, known := j.meant(c, no)
	if !known {
		return
	}
	p := j.policies[place]
	end := j.endOn(p, c.EffectiveOn)
	no(c.Date.After(end) || c.EffectiveOn.After(end.Next()), CodePolicyEnded)
	changes := j.newEnd(c, place, end, no)
	changes = j.newRows(c, no) || changes
	if c.Close {
		no(!j.closedFrom(c.Clause).IsZero(), CodeClauseClosed)
		changes = true
	}
	if c.Workflow != nil {
		no(c.Workflow.Reviews < 0 || c.Workflow.Reviews > 9, CodePolicyInvalid)
		changes = changes || *c.Workflow != j.workflowOf(p, c.EffectiveOn)
	}
	if c.Promised != nil {
		for _, days := range []int{c.Promised.Acceptance, c.Promised.Review, c.Promised.Approval, c.Promised.Payment} {
			no(days < 0 || days > 1000, CodePolicyInvalid)
		}
		changes = changes || *c.Promised != j.promisedBy(p, c.Clause, c.EffectiveOn)
	}
	if c.Debtors != "" {
		no(c.Debtors != DebtorFinding && c.Debtors != DebtorRefuse && c.Debtors != DebtorOffset, CodePolicyInvalid)
		changes = changes || c.Debtors != j.debtorsOf(p, c.EffectiveOn)
	}
	if g := c.GroupCap; g != nil && c.Clause != "" {
		no(*g != GroupCap{} && j.clause(c.Clause).Cap.Subject != SubjectEnterprise, CodePolicyInvalid)
		no(g.Control != "" && g.Control != GroupFinding && g.Control != GroupRefuse, CodePolicyInvalid)
		changes = changes || *g != j.groupCapOn(c.Clause, c.EffectiveOn)
	}
	if c.AddClause != nil {
		j.newClause(*c.AddClause, place, no)
		changes = true
	}
	no(!changes, CodePolicyAmendmentEmpty)
}

// newEnd: a term may end later, unless another policy that is not of its line has begun by then; or earlier, but not before what is approved.
func (j *judge) newEnd(c *AmendPolicy, place int, was Date, no func(bool, string)) bool {
	if c.TermTo.IsZero() || c.TermTo == was {
		return false
	}
	p := j.policies[place]
	no(c.TermTo.Before(p.Term.From) || c.TermTo.Before(c.EffectiveOn), CodeAmendmentRetroactive)
	if c.TermTo.Before(was) {
		no(j.inUseAfter(p, c.TermTo), CodeTermInUse)
		return true
	}
	for _, other := range j.policies {
		apart := !j.inLine(p, other) && !j.inLine(other, p)
		ends := j.endOn(other, Date{9999, 12, 31})
		no(apart && !c.TermTo.Before(other.Term.From) && !ends.Before(p.Term.From), CodeTermsOverlap)
	}
	return true
}

// inLine reports whether a policy is another one, or follows it through any number.
func (j *judge) inLine(p, earlier Policy) bool {
	if p.PolicyID() == earlier.PolicyID() {
		return true
	}
	i := slices.IndexFunc(j.policies, func(o Policy) bool { return p.Succeeds != "" && string(o.PolicyID()) == p.Succeeds })
	return i >= 0 && j.inLine(j.policies[i], earlier)
}

// inUseAfter reports whether something under a policy was decided after a day, or is for a year after it.
func (j *judge) inUseAfter(p Policy, day Date) bool {
	late := func(on Date, y SupportYear) bool { return on.After(day) || int(y) > day.Year() }
	for _, a := range j.apps {
		_, of := p.Clause(a.charge.Applied())
		if of && a.state == Approved && a.decided.After(day) || of && slices.Contains([]ApplicationState{Submitted, Accepted, Returned}, a.state) && a.filedOn.After(day) {
			return true
		}
	}
	for key, part := range j.instalments {
		if a := j.apps[ApplicationID(key.clause)]; a != nil && a.state == Approved && part[0].IsPositive() {
			if _, of := p.Clause(a.charge.Applied()); of && late(Date{}, key.year) {
				return true
			}
		}
	}
	for _, x := range j.raised {
		if _, of := p.Clause(x.account.Clause); of && x.left.IsPositive() && late(x.on, x.year) {
			return true
		}
	}
	return false
}

// newRows: who is responsible for a clause, and whom it serves, is among those that the policies name, each once; somebody is responsible.
func (j *judge) newRows(c *AmendPolicy, no func(bool, string)) (changes bool) {
	twice := map[string]bool{}
	for _, d := range c.Departments {
		no(!j.hasDepartment(d) || twice[string(d)], CodeFieldInvalid)
		twice[string(d)] = true
	}
	for _, n := range c.Industries {
		no(!slices.ContainsFunc(j.policies, func(p Policy) bool {
			return slices.ContainsFunc(p.Industries, func(i Industry) bool { return i.ID == n })
		}), CodeIndustryUnknown)
		no(twice["industry "+string(n)], CodeFieldInvalid)
		twice["industry "+string(n)] = true
	}
	no(c.Departments != nil && len(c.Departments) == 0, CodeFieldMissing)
	changes = c.Departments != nil && !slices.Equal(slices.Sorted(slices.Values(c.Departments)), slices.Sorted(slices.Values(j.departmentsOn(c.Clause, c.EffectiveOn))))
	return changes || c.Industries != nil && !slices.Equal(slices.Sorted(slices.Values(c.Industries)), slices.Sorted(slices.Values(j.industriesOn(c.Clause, c.EffectiveOn))))
}

// newClause: its id is new in the fund, and it goes on with a clause of a policy that its own follows, on the same kind of subject and period
// where it carries the use on.
func (j *judge) newClause(c Clause, place int, no func(bool, string)) {
	_, known := j.known(c.ID)
	no(known, CodeClauseExists)
	no(c.ID == "" || len(c.Departments) == 0 || c.Name.ZH == "" || !slices.ContainsFunc([]SubjectKind{SubjectEnterprise, SubjectProject, SubjectAward}, func(k SubjectKind) bool { return k == c.Cap.Subject }), CodePolicyInvalid)
	if c.Continues.Clause == "" {
		return
	}
	old, known := j.known(c.Continues.Clause)
	p, of := j.policies[place], j.under(c.Continues.Clause)
	no(!known || p.PolicyID() == of.PolicyID() || !j.inLine(p, of), CodeContinuedUnknown)
	no(known && c.Continues.Use == Carried && (old.Cap.Subject != c.Cap.Subject || old.Cap.Period != c.Cap.Period), CodeCarriedDiffers)
}
