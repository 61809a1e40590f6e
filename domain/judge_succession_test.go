package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of policies that follow one another: a decision is governed by the policy of its clause, and what was used under a clause
// that another one carries on counts against the cap of that one too, for no more than what is used there.

// under is the policy that has a clause; that of the first one where none has.
func (j *judge) under(c ClauseID) Policy {
	for _, p := range j.policies {
		if _, has := p.Clause(c); has {
			return p
		}
	}
	return j.policies[0]
}

func (j *judge) known(id ClauseID) (Clause, bool) {
	p := j.under(id)
	return p.Clause(id)
}

func (j *judge) clause(id ClauseID) Clause {
	c, _ := j.known(id)
	return c
}

// within is R8 of what is dated under a clause.
func (j *judge) within(c ClauseID, on Date, no func(bool, string)) {
	term := j.termOn(c, on)
	no(on.Before(term.From), CodePolicyNotInForce)
	no(on.After(term.To), CodePolicyExpired)
}

func (j *judge) outsideTerm(c ClauseID, y SupportYear, on Date) bool {
	term := j.termOn(c, on)
	return int(y) < term.From.Year() || int(y) > term.To.Year()
}

func (j *judge) carries(a Account) (Account, bool) {
	c := j.clause(a.Clause).Continues
	return Account{c.Clause, a.Subject}, c.Use == Carried
}

// carriers are the accounts that carry one on.
func (j *judge) carriers(a Account) (list []Account) {
	for _, p := range j.policies {
		for _, c := range p.Clauses {
			if c.Continues.Clause == a.Clause && c.Continues.Use == Carried {
				by := Account{c.ID, a.Subject}
				list = append(append(list, by), j.carriers(by)...)
			}
		}
	}
	return list
}

// usage is what an account uses with those that are one with it and what they carry, and their exceptions, for a decision of a day.
func (j *judge) usage(a Account, y SupportYear, on Date) (use, exceptions, committed, approvedBack decimal.Decimal) {
	for _, s := range j.one(a.Subject) {
		u, x, c, b := j.usageAlone(Account{a.Clause, s}, y, on)
		use, exceptions, committed, approvedBack = use.Add(u), exceptions.Add(x), committed.Add(c), approvedBack.Add(b)
	}
	if of, does := j.carries(a); does {
		more, _, moreCommitted, moreBack := j.usage(of, y, on)
		use, committed, approvedBack = use.Add(more), committed.Add(moreCommitted), approvedBack.Add(moreBack)
	}
	return use, exceptions, committed, approvedBack
}

// usedAlone is what an account uses without what it carries: no more than that may put it over.
func (j *judge) usedAlone(a Account, y SupportYear, on Date) decimal.Decimal {
	use, _, _, _ := j.usageAlone(a, y, on)
	return use
}

// passesACarrier reports whether so much more would take an account that carries one, and is used itself, over its cap.
func (j *judge) passesACarrier(a Account, y SupportYear, more decimal.Decimal, on, today Date) bool {
	return slices.ContainsFunc(j.carriers(a), func(by Account) bool {
		return j.usedTogether(by, y, on).IsPositive() && j.overCap(by, y, more, j.governs(by.Clause, on, today), on)
	})
}

// transfer: to a clause of another policy, which is in force, its departments may move an application too.
func (j *judge) transfer(c *TransferApplication, a *judgedApp, no func(bool, string)) {
	from, to := j.under(a.charge.Applied()), j.under(c.Clause)
	_, known := j.known(c.Clause)
	may := j.responsible(a, c.Head)
	if known && from.PolicyID() != to.PolicyID() {
		j.within(c.Clause, c.Date, no)
		may = may || slices.Contains(j.departmentsOn(c.Clause, c.Date), c.Actor.Department)
	}
	no(!may, CodeDepartmentNotAllowed)
	no(c.Document == "", CodeDocumentRequired)
	no(j.bookedOn(c.Application).IsPositive(), CodeMoneyBooked)
	project, award := "", ""
	switch a.charge.Subject.Kind {
	case SubjectProject:
		project = a.charge.Subject.ID
	case SubjectAward:
		award = a.charge.Subject.ID
	}
	charge, ok := j.chargeFor(a.charge.Enterprise, c.Clause, c.RefersTo, project, award, c.Date, no)
	no(ok && charge == a.charge, CodeReferenceInvalid)
	no(ok && j.closed(charge, c.Date), CodeClauseClosed)
}
