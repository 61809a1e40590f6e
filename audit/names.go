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
	law      *domain.State // the policies alone, which say after how many days a decision is late
	lateDays int           // the fewest that decisions were too late by
	late     map[domain.DepartmentID]*delays
	inUse    bool // somebody has decided for themselves: the ledger is not being taken over any more
	imported map[string]*imports
	alike    []alike
	opinions map[domain.ApplicationID]map[domain.PersonID]domain.Opinion
	opposed  []opposed
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

// opposed is an approval that a reviewer opposed and none supported.
type opposed struct {
	application domain.ApplicationID
	department  domain.DepartmentID
	amount      domain.Money
	seq         uint64
}

func newHearsay() hearsay {
	return hearsay{law: domain.NewState(), late: map[domain.DepartmentID]*delays{}, imported: map[string]*imports{},
		opinions: map[domain.ApplicationID]map[domain.PersonID]domain.Opinion{}}
}

func (h *hearsay) take(e *wire.Entry) {
	switch v := e.Event.(type) {
	case *domain.PolicyPublished, *domain.PolicyAmended:
		domain.Apply(h.law, e.Event, e.Deed())
	case *domain.ApplicationSubmitted:
		h.opinions[v.Application] = nil
		h.apart(e, nameOf(v.Charge.Subject, v.Project), v.DistinctFrom, v.Reason)
	case *domain.SupportOffered:
		h.apart(e, nameOf(v.Charge.Subject, v.Project), v.DistinctFrom, v.Reason)
	case *domain.ExceptionGranted:
		h.apart(e, v.Subject.ID, v.DistinctFrom, v.Reason)
	case *domain.ApplicationReviewed:
		if h.opinions[v.Application] == nil {
			h.opinions[v.Application] = map[domain.PersonID]domain.Opinion{}
		}
		h.opinions[v.Application][domain.Key(e.Deed().Actor.ID)] = v.Opinion
	case *domain.ApplicationAmended:
		if len(v.Previously) > 0 { // the opinions were of what was asked before
			h.opinions[v.Application] = nil
		}
		h.apart(e, v.Project, v.DistinctFrom, v.Reason)
	case *domain.ApplicationMoved:
		if !v.Merged {
			h.opinions[v.Application] = nil
		}
	case *domain.ApplicationApproved:
		h.approved(e, &v.Granted)
	case *domain.ApprovalSupplemented:
		h.approved(e, &v.Granted)
	}
	h.looksLike(e)
	switch _, booked := e.Event.(*domain.PayoutBooked); {
	case domain.Decides(e.Event):
		h.decided(e)
		h.hear(e)
	case booked: // a fact, which nobody decides; but who books it in another's name is asked about
		h.hear(e)
	}
}

// apart notes that a name was said to be distinct from others that it looks like.
func (h *hearsay) apart(e *wire.Entry, name string, from []string, reason string) {
	if len(from) > 0 {
		h.alike = append(h.alike, alike{name, strings.Join(from, ", "), reason, e.Seq})
	}
}

// nameOf is the project or award that something is for: the subject, or what is named beside it.
func nameOf(subject domain.Subject, project string) string {
	if subject.Kind != domain.SubjectEnterprise {
		return subject.ID
	}
	return project
}

// looksLike notes a booked fact that was found to look like another.
func (h *hearsay) looksLike(e *wire.Entry) {
	for _, f := range domain.FindingsOf(e.Event) {
		if f.Code == domain.CodeLooksLike {
			h.alike = append(h.alike, alike{name: f.Figures["name"], others: f.Figures["like"], seq: e.Seq})
		}
	}
}

// approved notes an approval that some reviewer opposed and none supported.
func (h *hearsay) approved(e *wire.Entry, v *domain.Granted) {
	against, support := false, false
	for _, o := range h.opinions[v.Application] {
		support, against = support || o == domain.Support, against || o == domain.Oppose
	}
	delete(h.opinions, v.Application) // what may be added is reviewed anew
	if support || !against {
		return
	}
	var amount domain.Money
	for _, i := range v.Instalments {
		amount = amount.Add(i.Amount)
	}
	h.opposed = append(h.opposed, opposed{v.Application, e.Deed().Actor.Department, amount, e.Seq})
}

// allowed is after how many days a decision is late: as the policy of its clause has it, on its day.
func (h *hearsay) allowed(e *wire.Entry) int {
	if h.law.Policy() == nil {
		return domain.Workflow{}.LateDays()
	}
	return h.law.WorkflowOn(domain.Concerns(e.Event).Applied(), e.Date).LateDays()
}

func (h *hearsay) decided(e *wire.Entry) {
	by, allowed := e.Deed().Actor, h.allowed(e)
	if days := daysBetween(e.Date, domain.DateIn(e.Recorded, domain.Shanghai)); days > allowed {
		if h.lateDays == 0 || allowed < h.lateDays {
			h.lateDays = allowed
		}
		if h.late[by.Department] == nil {
			h.late[by.Department] = &delays{}
		}
		d := h.late[by.Department]
		d.events, d.longest = append(d.events, e.Seq), max(d.longest, days)
	}
	h.inUse = h.inUse || e.Envelope.ImportedBy == ""
}

// hear notes a decision or a payout that one login gives in another's name on a ledger in use.
func (h *hearsay) hear(e *wire.Entry) {
	by, giver := e.Deed().Actor, e.Envelope.ImportedBy
	if giver == "" || !h.inUse || domain.Key(giver) == domain.Key(string(by.ID)) {
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
		list = append(list, found(codeImported, "imports by "+giver, i.events, "importer", giver, "count", fmt.Sprint(len(i.events)),
			"persons", few(names)))
	}
	late, decisions, longest := gather(codeRecordedLate), 0, 0
	for _, d := range slices.Sorted(maps.Keys(h.late)) {
		x := h.late[d]
		decisions, longest = decisions+len(x.events), max(longest, x.longest)
		late.about("decisions", "decisions", fmt.Sprint(decisions), "days", fmt.Sprint(h.lateDays), "longest", fmt.Sprint(longest)).
			add("department "+string(d), domain.NoMoney, x.events, "department", string(d), "count", fmt.Sprint(len(x.events)), "longest", fmt.Sprint(x.longest))
	}
	list = append(list, late.findings(1)...)
	told := map[string]bool{}
	for _, a := range h.alike {
		if told[a.name] { // booked again, it looks the same
			continue
		}
		told[a.name] = true
		why := a.reason
		if why != "" {
			why = " (" + why + ")"
		}
		list = append(list, found(codeLooksLike, "name "+a.name, []uint64{a.seq}, "name", a.name, "others", a.others, "why", why))
	}
	against := gather(codeOpposed)
	for _, o := range h.opposed {
		against.about("department "+string(o.department), "department", string(o.department)).
			add("application "+string(o.application), o.amount, []uint64{o.seq}, "amount", o.amount.String())
	}
	return append(append(list, against.findings(1)...), phases(projects)...)
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
			list = append(list, found(codePhases, "projects "+names[0], nil, "projects", few(names), "count", fmt.Sprint(len(names))))
		}
	}
	return list
}
