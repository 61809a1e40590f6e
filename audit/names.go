package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// What an auditor asks about who said what in whose name, and when: findings of many events are one for whoever is asked.

// hearsay gathers what was decided late, or in the name of others, and what looks like another.
type hearsay struct {
	lateDays int
	late     map[domain.DepartmentID]*delays
	inUse    bool // somebody has decided for themselves: the ledger is not being taken over any more
	imported map[string]*imports
	alike    []alike
	opinions map[domain.ApplicationID]map[domain.PersonID]domain.Opinion
	opposed  []alike
}

type delays struct {
	events  []uint64
	longest int
}

type imports struct {
	events  []uint64
	persons map[domain.PersonID]bool
}

type alike struct {
	name, others, reason string
	seq                  uint64
}

func newHearsay() hearsay {
	return hearsay{lateDays: domain.Workflow{}.LateDays(), late: map[domain.DepartmentID]*delays{}, imported: map[string]*imports{},
		opinions: map[domain.ApplicationID]map[domain.PersonID]domain.Opinion{}}
}

func (h *hearsay) take(e *wire.Entry) {
	switch v := e.Event.(type) {
	case *domain.PolicyPublished:
		h.lateDays = v.Policy.Workflow.LateDays()
	case *domain.ApplicationSubmitted:
		h.opinions[v.Application] = nil
		if len(v.DistinctFrom) > 0 {
			name := v.Project
			if v.Charge.Subject.Kind != domain.SubjectEnterprise {
				name = v.Charge.Subject.ID
			}
			h.alike = append(h.alike, alike{name, strings.Join(v.DistinctFrom, ", "), v.Reason, e.Seq})
		}
	case *domain.ExceptionGranted:
		if len(v.DistinctFrom) > 0 {
			h.alike = append(h.alike, alike{v.Subject.ID, strings.Join(v.DistinctFrom, ", "), v.Reason, e.Seq})
		}
	case *domain.ApplicationReviewed:
		if h.opinions[v.Application] == nil {
			h.opinions[v.Application] = map[domain.PersonID]domain.Opinion{}
		}
		h.opinions[v.Application][domain.Key(e.Deed().Actor.ID)] = v.Opinion
	case *domain.ApplicationApproved:
		h.approved(e.Seq, v.Application)
	}
	if domain.Decides(e.Event) {
		h.decided(e)
	}
}

// approved notes an approval that some reviewer opposed and none supported.
func (h *hearsay) approved(seq uint64, id domain.ApplicationID) {
	opposed := false
	for _, o := range h.opinions[id] {
		if o == domain.Support {
			return
		}
		opposed = opposed || o == domain.Oppose
	}
	if opposed {
		h.opposed = append(h.opposed, alike{name: string(id), seq: seq})
	}
	delete(h.opinions, id)
}

func (h *hearsay) decided(e *wire.Entry) {
	by := e.Deed().Actor
	if days := daysBetween(e.Date, domain.DateIn(e.Recorded, domain.Shanghai)); days > h.lateDays {
		if h.late[by.Department] == nil {
			h.late[by.Department] = &delays{}
		}
		d := h.late[by.Department]
		d.events, d.longest = append(d.events, e.Seq), max(d.longest, days)
	}
	giver := e.Envelope.ImportedBy
	if giver == "" {
		h.inUse = true
		return
	}
	if !h.inUse || domain.Key(giver) == domain.Key(string(by.ID)) {
		return
	}
	if h.imported[giver] == nil {
		h.imported[giver] = &imports{persons: map[domain.PersonID]bool{}}
	}
	i := h.imported[giver]
	i.events, i.persons[domain.Key(by.ID)] = append(i.events, e.Seq), true
}

// finish draws up the findings; projects are the names that applications and bookings brought.
func (h *hearsay) finish(projects []string) (list []Finding) {
	for _, giver := range slices.Sorted(maps.Keys(h.imported)) {
		i := h.imported[giver]
		var names []string
		for _, p := range slices.Sorted(maps.Keys(i.persons)) {
			names = append(names, string(p))
		}
		list = append(list, found(CodeImported, "imports by "+giver, i.events, "importer", giver, "count", fmt.Sprint(len(i.events)),
			"persons", few(names)))
	}
	for _, d := range slices.Sorted(maps.Keys(h.late)) {
		x := h.late[d]
		list = append(list, found(CodeRecordedLate, "department "+string(d), x.events, "department", string(d), "count", fmt.Sprint(len(x.events)),
			"days", fmt.Sprint(h.lateDays), "longest", fmt.Sprint(x.longest)))
	}
	for _, a := range h.alike {
		list = append(list, found(CodeLooksLike, "name "+a.name, []uint64{a.seq}, "name", a.name, "others", a.others, "why", a.reason))
	}
	for _, o := range h.opposed {
		list = append(list, found(CodeOpposed, "application "+o.name, []uint64{o.seq}, "application", o.name))
	}
	return append(list, phases(projects)...)
}

// phases are projects whose names differ in the phase alone.
func phases(projects []string) (list []Finding) {
	families := map[string][]string{}
	for _, name := range projects {
		if base, phase := domain.PhaseOf(name); phase != "" && base != "" {
			families[base] = append(families[base], name)
		}
	}
	for _, base := range slices.Sorted(maps.Keys(families)) {
		if names := families[base]; len(names) > 1 {
			slices.Sort(names)
			list = append(list, found(CodePhases, "projects "+names[0], nil, "projects", few(names), "count", fmt.Sprint(len(names))))
		}
	}
	return list
}
