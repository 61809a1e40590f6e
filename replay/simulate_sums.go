package replay

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// What a simulation adds up: both histories by what they are of, and what could not be tried.

// mapped is each clause of the history, with what was applied for under it.
func (m *simulation) mapped() []MappedClause {
	list := make([]MappedClause, 0, len(m.made.Clauses))
	at, of := map[domain.ClauseID]int{}, parts{}
	for _, c := range m.made.Clauses {
		at[c.ID] = len(list)
		list = append(list, m.becomes[c.ID])
	}
	for _, id := range m.order {
		i, known := at[m.applications[id].clause]
		if !known {
			continue
		}
		c := &list[i]
		c.Applications++
		of.add(string(c.Clause), m.applications[id].enterprise)
		c.Enterprises = len(of[string(c.Clause)])
		c.Requested.Money = c.Requested.Add(m.was.requested[id])
		c.Was.Money, c.Would.Money = c.Was.Add(m.was.applications[id]), c.Would.Add(m.would.applications[id])
	}
	return list
}

func (m *simulation) unknowns() []UnknownCondition {
	list := make([]UnknownCondition, 0, len(m.unknown))
	for _, u := range m.unknown {
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b UnknownCondition) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.What, b.What), cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// notKnown counts what could not be tried for an application.
func (m *simulation) notKnown(clause domain.ClauseID, fact domain.FactID, what, code string, of *tried, seq uint64) {
	key := unknownKey{clause, fact, what, code}
	if m.unknown[key] == nil {
		m.unknown[key] = &UnknownCondition{Clause: clause, Fact: fact, What: what, Code: code}
	}
	u := m.unknown[key]
	if of != nil {
		if slices.Contains(of.unknown, key) { // it was counted with an earlier decision
			return
		}
		of.unknown = append(of.unknown, key)
		m.unknownOf.add(fmt.Sprint(key), of.enterprise)
		u.Enterprises = len(m.unknownOf[fmt.Sprint(key)])
	}
	u.Applications++
	if len(u.Events) < maxEvents {
		u.Events = append(u.Events, seq)
	}
}

// line is one of the lines that a simulation is added up in, by an id.
type simulatedLine map[string]*SimulatedSide

func (l simulatedLine) at(id string) *SimulatedSide {
	if l[id] == nil {
		l[id] = &SimulatedSide{SideBySide: SideBySide{ID: id}, Events: []uint64{}}
	}
	return l[id]
}

func (l simulatedLine) list() []SimulatedSide {
	list := make([]SimulatedSide, 0, len(l))
	for _, s := range l {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b SimulatedSide) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// simulatedLines are the sums by what they are of.
type simulatedLines struct {
	total                                                       SimulatedSide
	clauses, departments, industries, sizes, enterprises, years simulatedLine
	kinds                                                       map[string][2]string // an enterprise's industry and size
}

// lines are the sums of both histories. A clause that something goes on with is added to that.
func (m *simulation) lines() *simulatedLines {
	l := &simulatedLines{clauses: simulatedLine{}, departments: simulatedLine{}, industries: simulatedLine{}, sizes: simulatedLine{}, enterprises: simulatedLine{},
		years: simulatedLine{}, kinds: map[string][2]string{}}
	l.total = SimulatedSide{SideBySide: SideBySide{ID: "total", Was: m.was.total, Would: m.would.total}, Events: []uint64{}}
	add := func(to simulatedLine, sums map[string]Sums, would bool, key func(string) string) {
		for id, s := range sums {
			side := to.at(key(id))
			if would {
				side.Would = side.Would.plus(s)
			} else {
				side.Was = side.Was.plus(s)
			}
		}
	}
	same := func(id string) string { return id }
	for i, sums := range []*summing{m.was, m.would} {
		would := i == 1
		clause := same
		if !would {
			clause = func(id string) string { return cmp.Or(string(m.becomes[domain.ClauseID(id)].Becomes), id) }
		}
		add(l.clauses, sums.clauses, would, clause)
		add(l.departments, sums.departments, would, same)
		add(l.enterprises, sums.enterprises, would, same)
		add(l.industries, sums.enterprises, would, func(id string) string { return m.kindsOf(l, id)[0] })
		add(l.sizes, sums.enterprises, would, func(id string) string { return m.kindsOf(l, id)[1] })
		for year, s := range sums.support {
			add(l.years, map[string]Sums{year.String(): s}, would, same)
		}
	}
	for id, side := range l.enterprises {
		side.Name, side.Enterprises = m.names[domain.EnterpriseID(id)], 1
	}
	m.countParts(l)
	return l
}

// countParts counts the enterprises that have a part in each line.
func (m *simulation) countParts(l *simulatedLines) {
	of := map[string]parts{"clause": {}, "department": {}, "industry": {}, "size": {}, "year": {}}
	all := map[domain.EnterpriseID]bool{}
	for id, a := range m.applications {
		all[a.enterprise] = true
		kinds := m.kindsOf(l, string(a.enterprise))
		of["clause"].add(string(cmp.Or(m.becomes[a.charged].Becomes, a.charged)), a.enterprise)
		of["industry"].add(kinds[0], a.enterprise)
		of["size"].add(kinds[1], a.enterprise)
		for _, d := range []domain.DepartmentID{m.was.approvedBy[id], m.would.approvedBy[id]} {
			of["department"].add(string(d), a.enterprise)
		}
		for _, i := range a.filed {
			of["year"].add(i.SupportYear.String(), a.enterprise)
		}
	}
	l.total.Enterprises = len(all)
	for column, lines := range map[string]simulatedLine{"clause": l.clauses, "department": l.departments, "industry": l.industries, "size": l.sizes, "year": l.years} {
		for id, side := range lines {
			side.Enterprises = len(of[column][id])
		}
	}
}

// kindsOf are an enterprise's industry and size, as they are known last.
func (m *simulation) kindsOf(l *simulatedLines, id string) [2]string {
	if kinds, known := l.kinds[id]; known {
		return kinds
	}
	x, _ := m.state.Enterprise(domain.EnterpriseID(id))
	kinds := [2]string{string(x.Industry)}
	if f, is := m.state.Policy().FactMeaning(domain.MeansSize); is && m.mayRead(f) {
		if all := m.state.FactsOf(domain.FactSubject{Enterprise: domain.EnterpriseID(id)}, f.ID); len(all) > 0 {
			if known, counts := m.state.FactOf(domain.FactSubject{Enterprise: domain.EnterpriseID(id)}, f.ID, all[len(all)-1].Period); counts {
				kinds[1] = known.Value
			}
		}
	}
	l.kinds[id] = kinds
	return kinds
}

func (m *simulation) mayRead(f domain.Fact) bool { return m.trial.MayRead == nil || m.trial.MayRead(f) }

// count notes an application that would get something else in the lines that it is in.
func (l *simulatedLines) count(m *simulation, o *Outcome) {
	kinds := m.kindsOf(l, string(o.Enterprise))
	sides := []*SimulatedSide{&l.total, l.clauses.at(string(cmp.Or(o.Becomes, o.Clause))), l.industries.at(kinds[0]), l.sizes.at(kinds[1]), l.enterprises.at(string(o.Enterprise))}
	if o.Department != "" {
		sides = append(sides, l.departments.at(string(o.Department)))
	}
	for _, s := range sides {
		if o.More() {
			s.Winners++
		} else {
			s.Losers++
		}
		if o.Capped {
			s.Capped++
		}
		if len(s.Events) < maxEvents {
			s.Events = append(s.Events, o.Events[len(o.Events)-1])
		}
	}
}
