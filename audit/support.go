package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// support is what was granted or booked, and stands: by enterprise and by project, each year and clause. It is summed from the postings
// that everything else is summed from, so that what was reduced, returned or undone is not found.
type support struct {
	firms     map[domain.EnterpriseID]map[domain.SupportYear]*granted
	projects  map[string]*project
	projectOf map[domain.ApplicationID]string
	awards    map[string]*award
	awardOf   map[domain.ApplicationID]string
}

// granted is what one year brought, by the clause that was applied for.
type granted struct {
	clauses map[domain.ClauseID]domain.Money
	events  []uint64
}

// project is what a project was funded with, and who applied with it.
type project struct {
	years       map[domain.SupportYear]*granted
	enterprises map[domain.EnterpriseID]uint64 // and the first event of each
}

// award is a talent, a team or a project under a clause that supports awards.
type award struct {
	titles  []string
	granted granted
}

func newSupport() support {
	return support{firms: map[domain.EnterpriseID]map[domain.SupportYear]*granted{}, projects: map[string]*project{},
		projectOf: map[domain.ApplicationID]string{}, awards: map[string]*award{}, awardOf: map[domain.ApplicationID]string{}}
}

func (s *support) take(e *wire.Entry) {
	switch v := e.Event.(type) {
	case *domain.ApplicationSubmitted:
		s.submitted(e.Seq, v.Application, v.Charge, v.Project, v.Title)
	case *domain.ApplicationAmended:
		s.amended(e.Seq, v)
	case *domain.PayoutBooked:
		if v.Application == "" && v.Charge.Subject.Kind == domain.SubjectProject {
			s.project(v.Charge.Subject.ID).applied(v.Charge.Enterprise, e.Seq)
		}
	}
	postings, err := projections.Fold(*e)
	if err != nil {
		return // whoever compares the tables says that it cannot be folded
	}
	for _, p := range postings {
		if p.Kind == projections.Approved || p.Kind == projections.Outside {
			s.grant(p)
		}
	}
}

func (s *support) submitted(seq uint64, id domain.ApplicationID, c domain.Charge, name, title string) {
	switch subject := c.Subject; {
	case subject.Kind == domain.SubjectAward:
		s.awardOf[id] = subject.ID
		a := s.award(subject.ID)
		a.titles = append(a.titles, title)
	case name == "" && subject.Kind == domain.SubjectProject:
		name = subject.ID
	}
	s.projectOf[id] = name
	if name != "" {
		s.project(name).applied(c.Enterprise, seq)
	}
}

// amended takes in another title or project. What was granted before lies where it was granted.
func (s *support) amended(seq uint64, v *domain.ApplicationAmended) {
	switch {
	case v.Project != "" || v.Charge.Subject.Kind == domain.SubjectAward && v.Title != "":
		s.submitted(seq, v.Application, v.Charge, v.Project, v.Title)
	}
}

func (s *support) project(name string) *project {
	p := s.projects[name]
	if p == nil {
		p = &project{years: map[domain.SupportYear]*granted{}, enterprises: map[domain.EnterpriseID]uint64{}}
		s.projects[name] = p
	}
	return p
}

func (p *project) applied(by domain.EnterpriseID, seq uint64) {
	if _, known := p.enterprises[by]; !known {
		p.enterprises[by] = seq
	}
}

func (s *support) award(name string) *award {
	if s.awards[name] == nil {
		s.awards[name] = &award{granted: granted{clauses: map[domain.ClauseID]domain.Money{}}}
	}
	return s.awards[name]
}

// grant takes in what an approval or a booking adds to a line, or takes off it.
func (s *support) grant(p projections.Posting) {
	clause := p.Line.Clause
	if p.Via != "" {
		clause = p.Via
	}
	firm := s.firms[p.Line.Enterprise]
	if firm == nil {
		firm = map[domain.SupportYear]*granted{}
		s.firms[p.Line.Enterprise] = firm
	}
	yearOf(firm, p.Line.Year).add(clause, p)
	name := s.projectOf[p.Application]
	switch kind := p.Line.Subject.Kind; {
	case kind == domain.SubjectAward:
		s.award(p.Line.Subject.ID).granted.add(clause, p)
	case name == "" && kind == domain.SubjectProject:
		name = p.Line.Subject.ID
	}
	if name != "" {
		yearOf(s.project(name).years, p.Line.Year).add(clause, p)
	}
}

func yearOf(years map[domain.SupportYear]*granted, y domain.SupportYear) *granted {
	if years[y] == nil {
		years[y] = &granted{clauses: map[domain.ClauseID]domain.Money{}}
	}
	return years[y]
}

func (g *granted) add(clause domain.ClauseID, p projections.Posting) {
	g.clauses[clause] = g.clauses[clause].Add(p.Amount)
	if len(g.events) == 0 || g.events[len(g.events)-1] != p.Seq {
		g.events = append(g.events, p.Seq)
	}
}

// standing is what stands: the clauses, and the amount of all.
func (g *granted) standing() (clauses []string, total domain.Money) {
	for _, clause := range slices.Sorted(maps.Keys(g.clauses)) {
		if amount := g.clauses[clause]; amount.Positive() {
			clauses, total = append(clauses, string(clause)), total.Add(amount)
		}
	}
	return clauses, total
}

// doubleFunding is R13: one project, several clauses, one support year. It is told by enterprise and year.
func (a *analysis) doubleFunding() []Finding {
	double := gather(codeDoubleFunding)
	for _, name := range slices.Sorted(maps.Keys(a.support.projects)) {
		p := a.support.projects[name]
		for _, year := range slices.Sorted(maps.Keys(p.years)) {
			clauses, total := p.years[year].standing()
			if len(clauses) < 2 {
				continue
			}
			firm := slices.MinFunc(slices.Collect(maps.Keys(p.enterprises)), func(x, y domain.EnterpriseID) int {
				return int(p.enterprises[x]) - int(p.enterprises[y]) // whoever brought it first
			})
			double.about(fmt.Sprintf("enterprise %s %s", firm, year), "enterprise", string(firm), "name", a.names[firm].name, "year", year.String()).
				add("project "+name+" "+year.String(), total, p.years[year].events, "project", name, "clauses", strings.Join(clauses, ", "), "amount", total.String())
		}
	}
	return double.findings(1)
}

func (s *support) sharedProjects() (list []Finding) {
	for _, name := range slices.Sorted(maps.Keys(s.projects)) {
		p := s.projects[name]
		if len(p.enterprises) < 2 {
			continue
		}
		var ids []string
		for _, id := range slices.Sorted(maps.Keys(p.enterprises)) {
			ids = append(ids, string(id))
		}
		list = append(list, found(codeSharedProject, "project "+name, slices.Collect(maps.Values(p.enterprises)), "project", name, "count", fmt.Sprint(len(ids)),
			"enterprises", few(ids)))
	}
	return list
}

// teamWords are what the name of a team has that a talent's has not.
var teamWords = []string{"创新团队", "创业团队", "团队", "小组", "team"}

// teams are R15's talents inside a team's award: both are supported, and the team's name or the title of its application names the talent.
func (a *analysis) teams() (list []Finding) {
	standing := map[string]domain.Money{}
	for name, award := range a.support.awards {
		if _, total := award.granted.standing(); total.Positive() {
			standing[name] = total
		}
	}
	names := slices.Sorted(maps.Keys(standing))
	for _, team := range names {
		if !isTeam(team) {
			continue
		}
		text := team + "\n" + strings.Join(a.support.awards[team].titles, "\n")
		total, events := standing[team], slices.Clone(a.support.awards[team].granted.events)
		var talents []string
		for _, talent := range names {
			if talent == team || isTeam(talent) || !namesOne(text, talent) {
				continue
			}
			talents, total = append(talents, talent), total.Add(standing[talent])
			events = append(events, a.support.awards[talent].granted.events...)
		}
		if len(talents) > 0 {
			list = append(list, found(codeTeam, "award "+team, events, "team", team, "talents", few(talents), "count", fmt.Sprint(len(talents)), "amount", total.String()))
		}
	}
	return list
}

func isTeam(name string) bool {
	key := domain.Key(name)
	return slices.ContainsFunc(teamWords, func(word string) bool { return strings.Contains(key, word) })
}

// namesOne reports whether a text names somebody: a name in Latin letters as a word, another whatever spaces are in it.
func namesOne(text, name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return holdsName(strings.ToLower(text), strings.ToLower(name)) || first >= utf8.RuneSelf && holdsName(domain.Key(text), domain.Key(name))
}
