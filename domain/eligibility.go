package domain

import "slices"

// Who may be supported (R10): facts of an enterprise with the days on which they hold. A decision asks them on its business
// date, so that it is decided alike whenever it is recorded.

type enterprise struct {
	name         string
	industries   []industryFrom // in the order of their days, as registered and corrected
	recognised   []industryFrom // in the order of their days, as the fact has them that decides it; from the first day on they hold
	restrictions []restriction  // in the order of their days; only the last can be open
	admissions   []admission
	payees       []payee // in the order they were recorded
	clawbacks    []ClawbackID
	mergedInto   EnterpriseID    // that took it over
	mergedOn     Date            // the first day on which it is one with that
	mergedBy     Date            // the day on which that was decided
	took         []ApplicationID // that went on with it
}

// industryFrom is an enterprise's industry from a day on; the first one holds for all days before, too.
type industryFrom struct {
	from     Date
	industry IndustryID
}

// restriction is a time in which an enterprise's credit is restricted, from its first day to the day before it is restored.
type restriction struct{ from, until Date } // until: none while it lasts

// admission is a time in which an enterprise may be supported whatever its industry.
type admission struct {
	from, until Date       // until, both days included; none: to the term's end
	clauses     []ClauseID // none: all
	policies    int        // how many policies there were: all clauses are those of these
	revoked     Date       // from this day on it is not admitted; none: it stands
}

// industryOn is the industry on a day.
func (e enterprise) industryOn(d Date) IndustryID {
	var industry IndustryID
	for i, x := range e.industries {
		if i == 0 || !x.from.After(d) {
			industry = x.industry
		}
	}
	for _, x := range e.recognised {
		if !x.from.After(d) {
			industry = x.industry
		}
	}
	return industry
}

// industry is the industry that is known last.
func (e enterprise) industry() IndustryID {
	if n := len(e.recognised); n > 0 {
		return e.recognised[n-1].industry
	}
	if len(e.industries) == 0 {
		return ""
	}
	return e.industries[len(e.industries)-1].industry
}

// restricted reports whether the credit is restricted as far as the ledger knows now.
func (e enterprise) restricted() bool {
	return len(e.restrictions) > 0 && e.restrictions[len(e.restrictions)-1].until.IsZero()
}

// restrictedOn finds the restriction that a day lies in.
func (e enterprise) restrictedOn(d Date) (restriction, bool) {
	for _, r := range e.restrictions {
		if !d.Before(r.from) && (r.until.IsZero() || d.Before(r.until)) {
			return r, true
		}
	}
	return restriction{}, false
}

// covers reports whether an admission holds on a day, for a clause of the policy at a place.
func (a admission) covers(c ClauseID, place int, d Date) bool {
	return !d.Before(a.from) && (a.until.IsZero() || !d.After(a.until)) && (a.revoked.IsZero() || d.Before(a.revoked)) &&
		a.names(c, place)
}

// names reports whether a clause of the policy at a place is among those that an admission is for.
func (a admission) names(c ClauseID, place int) bool {
	return len(a.clauses) == 0 && place < a.policies || slices.Contains(a.clauses, c)
}

// within reports whether an admission says nothing that another one, which stands, does not.
func (s *State) within(a, other admission) bool {
	shorter := other.until.IsZero() || !a.until.IsZero() && !a.until.After(other.until)
	fewer := len(other.clauses) == 0 && a.policies <= other.policies
	if len(a.clauses) > 0 {
		fewer = !slices.ContainsFunc(a.clauses, func(c ClauseID) bool { return !other.names(c, s.clauses.get(c).policy) })
	}
	return other.stands() && shorter && fewer && !a.from.Before(other.from)
}

// stands reports whether an admission is not revoked.
func (a admission) stands() bool { return a.revoked.IsZero() }

// admitted reports whether an enterprise is admitted on a day, for a clause of the policy at a place.
func (e enterprise) admitted(c ClauseID, place int, d Date) bool {
	return slices.ContainsFunc(e.admissions, func(a admission) bool { return a.covers(c, place, d) })
}

// checkCredit refuses a decision while the credit is restricted, and one that is dated inside a restriction, whenever it is
// recorded.
func checkCredit(id EnterpriseID, e enterprise, days ...Date) *Refusal {
	if e.restricted() {
		return restrictedBy(id, e.restrictions[len(e.restrictions)-1])
	}
	for _, d := range days {
		if r := checkCreditOn(id, e, d); r != nil {
			return r
		}
	}
	return nil
}

// checkCreditOn refuses what is dated inside a restriction.
func checkCreditOn(id EnterpriseID, e enterprise, d Date) *Refusal {
	if r, in := e.restrictedOn(d); in {
		return restrictedBy(id, r)
	}
	return nil
}

func restrictedBy(id EnterpriseID, r restriction) *Refusal {
	if r.until.IsZero() {
		return refuse(CodeCreditRestricted, "enterprise", id, "from", r.from)
	}
	return refuse(CodeCreditRestricted, "enterprise", id, "from", r.from, "until", r.until)
}

// checkIndustry refuses an enterprise whose industry, on a day, the clause applied for does not serve. An admitted
// beneficiary is not judged by its industry.
func (s *State) checkIndustry(id ClauseID, e enterprise, d Date) *Refusal {
	c, industry := s.clauseOn(id, d), e.industryOn(d)
	if len(c.Industries) == 0 || slices.Contains(c.Industries, industry) || e.admitted(id, s.clauses.get(id).policy, d) {
		return nil
	}
	return refuse(CodeIndustryNotServed, "clause", c.ID, "industry", industry, "allowed", join(c.Industries))
}
