package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// The figures that the judge works out: versions and caps, use, who waits, who is served.

func (j *judge) yearly(c ClauseID) bool { return j.clause(c).Cap.Period == PerYear }

// inForce is the version in force on a day.
func (j *judge) inForce(c ClauseID, on Date) ClauseVersion {
	best := j.versions[c][0]
	for _, v := range j.versions[c][1:] {
		if !on.Before(v.EffectiveOn) && !v.EffectiveOn.Before(best.EffectiveOn) {
			best = v
		}
	}
	return best
}

// overruled is what a version became under retroactive amendments that have taken effect by a day: the last of them behind it.
func (j *judge) overruled(c ClauseID, v ClauseVersion, by Date) (ClauseVersion, bool) {
	last, any := v, false
	for _, r := range j.versions[c] {
		behind := r.EffectiveOn.After(last.EffectiveOn) || r.EffectiveOn == last.EffectiveOn && r.Version > last.Version
		if r.Retroactive && !r.EffectiveOn.After(by) && behind {
			last, any = r, true
		}
	}
	return last, any
}

// governs is the version that a decision of a day is judged by when it is recorded today (R7): a retroactive amendment that lowers it
// cannot be got round by an earlier date.
func (j *judge) governs(c ClauseID, on, today Date) ClauseVersion {
	v := j.inForce(c, on)
	if r, any := j.overruled(c, v, today); any && r.Cap.Stated && (!v.Cap.Stated || r.Cap.Amount.Less(v.Cap.Amount)) {
		return r
	}
	return v
}

// usageAlone is what an account uses in the scope of its cap, and its exceptions, for a decision of a day; less what later days bring (R6).
func (j *judge) usageAlone(a Account, y SupportYear, on Date) (use, exceptions, committed, approvedBack decimal.Decimal) {
	for key, l := range j.lines {
		if key.clause != string(a.Clause) || key.kind != string(a.Subject.Kind) || key.subject != a.Subject.ID || j.yearly(a.Clause) && key.year != y {
			continue
		}
		use, committed = use.Add(l.use()), committed.Add(l.committed)
	}
	for _, x := range j.raised {
		if x.account == a && (!j.yearly(a.Clause) || x.year == y) && !x.on.After(on) {
			exceptions = exceptions.Add(x.left)
		}
	}
	for _, r := range j.back {
		if r.cause != CauseError || !j.sameLine(r, a, y) {
			continue
		}
		if j.got[r.id].on.After(on) {
			use = use.Add(r.counts)
		} else {
			approvedBack = approvedBack.Add(r.counts.Sub(r.outside))
		}
	}
	cut, returned := j.freedLater(a, y, on)
	return use.Add(cut).Add(returned), exceptions, committed.Add(cut), approvedBack
}

func (j *judge) sameLine(r *tallyRecovery, a Account, y SupportYear) bool {
	g := j.got[r.id]
	return g.charge.Account() == a && (!j.yearly(a.Clause) || g.year == y)
}

// overCap reports whether so much more would take an account over its cap (R2).
func (j *judge) overCap(a Account, y SupportYear, more decimal.Decimal, v ClauseVersion, on Date) bool {
	use, exceptions, _, _ := j.usage(a, y, on)
	return v.Cap.Stated && use.Add(more).GreaterThan(dec(v.Cap.Amount).Add(exceptions))
}

// standing are the versions that govern approvals on an account with something still committed.
func (j *judge) standing(a Account, y SupportYear, today Date) []ClauseVersion {
	sums := map[int]decimal.Decimal{}
	for _, app := range j.apps {
		for _, h := range app.holds {
			if h.charge.Account() == a && (!j.yearly(a.Clause) || h.year == y) {
				sums[h.version] = sums[h.version].Add(h.amount)
			}
		}
	}
	var list []ClauseVersion
	for version, sum := range sums {
		if sum.IsPositive() {
			v, _ := j.overruled(a.Clause, j.versions[a.Clause][version-1], today)
			list = append(list, v)
		}
	}
	return list
}

// held is R5a's held cap; nothing is held where no cap is stated, or nothing committed.
func (j *judge) held(a Account, y SupportYear, today Date) (least decimal.Decimal, any bool) {
	for _, v := range j.standing(a, y, today) {
		if v.Cap.Stated && (!any || dec(v.Cap.Amount).LessThan(least)) {
			least, any = dec(v.Cap.Amount), true
		}
	}
	return least, any
}

// waits reports whether payouts on an account wait (R3, R5a, R7): what approvals use is over the cap of the latest version that governs
// one; after a reversed recovery, over what is held.
func (j *judge) waits(a Account, y SupportYear, on, today Date) bool {
	_, exceptions, committed, back := j.usage(a, y, on)
	uses := committed.Sub(back)
	if !j.usedAlone(a, y, on).IsPositive() {
		return false // what is carried alone keeps nothing waiting
	}
	bounced := j.reversals[a][y] || !j.yearly(a.Clause) && len(j.reversals[a]) > 0
	if bounced {
		least, any := j.held(a, y, today)
		return any && uses.GreaterThan(j.apart(a, least).Add(exceptions))
	}
	list := j.standing(a, y, today)
	if len(list) == 0 {
		return false
	}
	last := slices.MaxFunc(list, func(a, b ClauseVersion) int {
		if a.EffectiveOn == b.EffectiveOn {
			return a.Version - b.Version
		}
		return a.EffectiveOn.order() - b.EffectiveOn.order()
	})
	return last.Cap.Stated && uses.GreaterThan(j.apart(a, dec(last.Cap.Amount)).Add(exceptions))
}

func (f *judgedFirm) on(d Date) IndustryID {
	is := f.industries[0].is
	for _, x := range f.industries {
		if !x.day.After(d) {
			is = x.is
		}
	}
	return is
}

// serves is R10's first half: the clause applied for serves the industry of the day, or the enterprise is admitted for it.
func (j *judge) serves(id EnterpriseID, c ClauseID, on Date) bool {
	f, list := j.firms[id], j.industriesOn(c, on)
	if len(list) == 0 || slices.Contains(list, f.on(on)) {
		return true
	}
	for _, a := range f.admitted {
		if !on.Before(a.from) && (a.until.IsZero() || !on.After(a.until)) && (a.revoked.IsZero() || on.Before(a.revoked)) &&
			(len(a.clauses) == 0 || slices.Contains(a.clauses, c)) {
			return true
		}
	}
	return false
}

// badOn reports whether credit is restricted on a day.
func (f *judgedFirm) badOn(on Date) bool {
	for _, r := range f.bad {
		if !on.Before(r[0]) && (r[1].IsZero() || on.Before(r[1])) {
			return true
		}
	}
	return false
}

// badNow reports whether credit is restricted as far as is known.
func (f *judgedFirm) badNow() bool { return len(f.bad) > 0 && f.bad[len(f.bad)-1][1].IsZero() }

// other reports whether a person filled another duty on an application (R9).
func (a *judgedApp) other(d Duty, by Actor) bool {
	return slices.ContainsFunc(a.did, func(o judgedDuty) bool { return o.duty != d && o.by.share(handsOf(by)) })
}

// reviews is how many opinions count: no abstention, no opposition where only support counts, and none that somebody who answers for it gave anew, by whatever hand (R9).
func reviews(opinions []judgedOpinion, w Workflow) (n int) {
	for i, o := range opinions {
		if (o.is == Support || o.is == Oppose && !w.ReviewsSupport) && !slices.ContainsFunc(opinions[i+1:], func(later judgedOpinion) bool { return later.by.share(o.by) }) {
			n++
		}
	}
	return n
}

// money is what of a payout can still be claimed or returned (R4).
func (j *judge) claimable(id PayoutID) decimal.Decimal {
	p := j.paid[id]
	left := p.amount.Sub(p.returned).Sub(p.back)
	for _, o := range j.orders {
		if o.payout == id {
			left = left.Sub(o.ordered.Sub(o.waived))
		}
	}
	return decimal.Max(decimal.Zero, left)
}

// spent is what counts against a budget: paid less returned.
func (j *judge) spent(year int, clause ClauseID, d DepartmentID) (sum decimal.Decimal) {
	for _, p := range j.paid {
		if p.on.Year() != year || p.reversed {
			continue
		}
		if (clause == "" || p.charge.Clause == clause || p.charge.Via == clause) && (d == "" || slices.Contains(p.departments, d)) {
			sum = sum.Add(p.amount.Sub(p.returned))
		}
	}
	return sum
}

// beyondBudget reports whether so much more would pass a budget that is set.
func (j *judge) beyondBudget(year int, c Charge, departments []DepartmentID, more decimal.Decimal) bool {
	return slices.ContainsFunc(budgetsOf(year, c, departments...), func(key BudgetKey) bool {
		limit, set := j.limit(key)
		return set && j.spent(year, key.Clause, key.Department).Add(more).GreaterThan(limit)
	})
}

// bookedOn is what stands paid or booked on an application.
func (j *judge) bookedOn(id ApplicationID) (sum decimal.Decimal) {
	for _, p := range j.paid {
		if p.app == id && !p.reversed {
			sum = sum.Add(p.amount.Sub(p.returned))
		}
	}
	return sum
}
