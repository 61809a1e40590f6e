package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of subjects that count as one.

// one are a subject and all that count as one with it: it grows until nothing is added.
func (j *judge) one(s Subject) []Subject {
	all := []Subject{s}
	for grown := true; grown; {
		grown = false
		for _, p := range j.pairs {
			if slices.Contains(all, p[0]) != slices.Contains(all, p[1]) {
				all, grown = append(all, p[0], p[1]), true
			}
		}
	}
	list := []Subject{}
	for _, one := range all {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// apart is a cap as often as there are subjects that count as one: each had been granted up to it.
func (j *judge) apart(a Account, limit decimal.Decimal) decimal.Decimal {
	return limit.Mul(decimal.NewFromInt(int64(len(j.one(a.Subject)))))
}

// usedTogether is what an account and those that count as one with it use, without what they carry.
func (j *judge) usedTogether(a Account, y SupportYear, on Date) (sum decimal.Decimal) {
	for _, s := range j.one(a.Subject) {
		sum = sum.Add(j.usedAlone(Account{a.Clause, s}, y, on))
	}
	return sum
}

func (j *judge) firmsOf(id EnterpriseID) (list []EnterpriseID) {
	for _, s := range j.one(Subject{SubjectEnterprise, string(id)}) {
		list = append(list, EnterpriseID(s.ID))
	}
	return list
}

func (j *judge) bad(id EnterpriseID, days ...Date) bool {
	return slices.ContainsFunc(j.firmsOf(id), func(one EnterpriseID) bool {
		return j.firms[one].badNow() || slices.ContainsFunc(days, j.firms[one].badOn)
	})
}

func (j *judge) badThen(id EnterpriseID, day Date) bool {
	return slices.ContainsFunc(j.firmsOf(id), func(one EnterpriseID) bool { return j.firms[one].badOn(day) })
}

// merger is how an enterprise ended; nil: it did not.
func (j *judge) merger(id EnterpriseID) *EnterprisesMerged {
	for _, m := range j.mergers {
		if m.From == id {
			return m
		}
	}
	return nil
}

func (j *judge) gone(id EnterpriseID, day Date) bool {
	m := j.merger(id)
	return m != nil && m.On.String() <= day.String()
}

func (j *judge) head(id EnterpriseID) EnterpriseID {
	if m := j.merger(id); m != nil {
		return j.head(m.Into)
	}
	return id
}

func (j *judge) merging(c *MergeEnterprises, no func(bool, string)) {
	on := or(c.On, c.Date)
	no(c.From == c.Into, CodeMergeIntoItself)
	no(c.Document == "", CodeDocumentRequired)
	no(on.After(c.Date), CodeDateInFuture)
	for _, id := range []EnterpriseID{c.From, c.Into} {
		f := j.firms[id]
		no(f == nil, CodeEnterpriseUnknown)
		no(j.merger(id) != nil, CodeEnterpriseMerged)
		no(f != nil && on.Before(f.industries[0].day), CodeDateOrder)
	}
	for id, a := range j.apps {
		if a.charge.Enterprise != c.From {
			continue
		}
		if j.going(id) {
			no(c.Date.Before(a.last) || c.Date.Before(j.settled(id, a)), CodeDateOrder)
		}
	}
}

// voiding: there is such a merger, no later one builds on it, and what goes back was not decided or paid later.
func (j *judge) voiding(c *VoidMerger, no func(bool, string)) {
	m := j.merger(c.From)
	no(c.From == "", CodeFieldMissing)
	no(c.From != "" && j.firms[c.From] == nil, CodeEnterpriseUnknown)
	no(m == nil, CodeMergerUnknown)
	no(c.Document == "", CodeDocumentRequired)
	no(c.Reason == "", CodeFieldMissing)
	if m == nil {
		return
	}
	no(j.merger(m.Into) != nil, CodeEnterpriseMerged)
	no(c.Date.Before(j.mergedBy[c.From]), CodeDateOrder)
	for _, id := range j.took[c.From] {
		if a := j.apps[id]; a.charge.Enterprise == m.Into && j.going(id) {
			no(c.Date.Before(a.last) || c.Date.Before(j.settled(id, a)), CodeDateOrder)
		}
	}
}

// parting forgets a merger.
func (j *judge) parting(e *MergerVoided) {
	j.mergers = slices.DeleteFunc(j.mergers, func(m *EnterprisesMerged) bool { return m.From == e.From })
	pair := [2]Subject{{SubjectEnterprise, string(e.From)}, {SubjectEnterprise, string(e.Into)}}
	j.pairs = slices.DeleteFunc(j.pairs, func(p [2]Subject) bool { return p == pair })
	delete(j.took, e.From)
}

// going reports whether an application is undecided, or something of it is unpaid.
func (j *judge) going(id ApplicationID) bool {
	unpaid := decimal.Zero
	for key, part := range j.instalments {
		if key.clause == string(id) {
			unpaid = unpaid.Add(decimal.Max(decimal.Zero, part[0].Sub(part[1])))
		}
	}
	state := j.apps[id].state
	return slices.Contains([]ApplicationState{Submitted, Accepted, Returned}, state) || state == Approved && unpaid.IsPositive()
}

// hearOfProjects notes which projects an event names.
func (j *judge) hearOfProjects(e Event) {
	note := func(s Subject, names ...string) {
		if s.Kind == SubjectProject {
			names = append(names, s.ID)
		}
		for _, name := range names {
			if _, known := j.projects[name]; name != "" && !known {
				j.projects[name] = false
			}
		}
	}
	switch e := e.(type) {
	case *ApplicationSubmitted:
		note(e.Charge.Subject, e.Project)
	case *ApplicationAmended:
		note(e.Charge.Subject, e.Project)
	case *ApplicationTransferred:
		note(e.Charge.Subject)
	case *PayoutBooked:
		note(e.Charge.Subject)
	case *RecoveryBooked:
		note(e.Charge.Subject)
	case *ExceptionGranted:
		note(e.Subject)
	}
}

func (j *judge) registering(c *RegisterProject, no func(bool, string)) {
	no(c.Project == "" || c.Title == "", CodeFieldMissing)
	no(j.projects[c.Project], CodeProjectExists)
	no(j.firms[c.Enterprise] == nil, CodeEnterpriseUnknown)
	no(j.gone(c.Enterprise, c.Date), CodeEnterpriseMerged)
}

func (j *judge) sameProjects(c *SameProject, no func(bool, string)) {
	no(c.A == "" || c.B == "", CodeFieldMissing)
	for _, id := range []string{c.A, c.B} {
		_, known := j.projects[id]
		no(id != "" && !known, CodeProjectUnknown)
	}
	no(c.A == c.B, CodeProjectIsItself)
	no(c.A != c.B && slices.Contains(j.one(Subject{SubjectProject, c.A}), Subject{SubjectProject, c.B}), CodeProjectsJoined)
	no(c.Document == "", CodeDocumentRequired)
}
