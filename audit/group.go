package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// What enterprises have together that control connects. A group is that of a day: of the days on which something was decided or booked for one of
// its members, and of today.

// days are the days on which an account was charged, each once, as far as they came one after the other.
type days map[domain.Account][]domain.Date

func (d days) charged(a domain.Account, on domain.Date) {
	if list := d[a]; a.Subject.Kind == domain.SubjectEnterprise && (len(list) == 0 || list[len(list)-1] != on) {
		d[a] = append(list, on)
	}
}

// groupOverCap is every group that uses more of a clause in a year than it may: as it was on the day on which it is over by most.
func (a *analysis) groupOverCap(s *domain.State) []Finding {
	linked := s.LinkedEnterprises()
	if len(linked) == 0 {
		return nil
	}
	most, order := map[string]domain.GroupView{}, []string{}
	for _, line := range s.Lines() {
		of := domain.EnterpriseID(line.Subject.ID)
		if !slices.ContainsFunc(s.OneWith(of), func(one domain.EnterpriseID) bool { _, is := slices.BinarySearch(linked, one); return is }) || line.Subject.Kind != domain.SubjectEnterprise {
			continue
		}
		for _, day := range append(slices.Clip(a.days[line.Account]), a.today) {
			v, grouped := s.GroupUse(of, line.Clause, line.SupportYear, day)
			if !grouped || !v.OverBy().Positive() {
				continue
			}
			key := fmt.Sprint(v.Clause, " ", v.SupportYear, " ", v.Members[0])
			if known, is := most[key]; !is {
				most[key], order = v, append(order, key)
			} else if v.OverBy().More(known.OverBy()) {
				most[key] = v
			}
		}
	}
	over := gather(codeGroupOverCap)
	for _, key := range order {
		v := most[key]
		var events []uint64
		for _, m := range v.Members {
			for _, one := range s.OneWith(m) {
				events = append(events, a.charged[domain.Account{Clause: v.Clause, Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: string(one)}}]...)
			}
		}
		year := v.SupportYear.String()
		over.about("clause "+string(v.Clause)+" "+year, "clause", string(v.Clause), "year", year).
			add("group "+string(v.Members[0]), v.OverBy(), events, "enterprises", a.called(v.Members), "members", fmt.Sprint(len(v.Members)),
				"use", v.Use.String(), "cap", v.Cap.String(), "exceptions", v.Exceptions.String(), "over_by", v.OverBy().String())
	}
	return over.findings(1)
}

// called are what enterprises are called, cut where there are many.
func (a *analysis) called(ids []domain.EnterpriseID) string {
	var names []string
	for _, id := range ids {
		names = append(names, a.names[id].name)
	}
	return few(names)
}

// cumulation is R15: one enterprise, or one group as it is at the end of the year, or today; several clauses, one support year.
func (a *analysis) cumulation(s *domain.State) []Finding {
	several, told := gather(codeCumulation), map[string]bool{}
	for _, firm := range slices.Sorted(maps.Keys(a.support.firms)) {
		for _, year := range slices.Sorted(maps.Keys(a.support.firms[firm])) {
			about, name, g := "enterprise "+string(firm), a.names[firm].name, a.support.firms[firm][year]
			if group, members := a.supported(s, firm, year); len(members) > 1 {
				about, name, g = "group "+string(members[0]), a.called(members), a.together(members, year)
				if len(group) == 1 { // one enterprise that took others over
					about, name = "enterprise "+string(group[0]), a.names[group[0]].name
				}
			}
			clauses, total := g.standing()
			if about += " " + year.String(); len(clauses) > 1 && !told[about] {
				told[about] = true
				several.about("year "+year.String(), "year", year.String()).add(about, total, g.events,
					"name", name, "clauses", strings.Join(clauses, ", "), "amount", total.String())
			}
		}
	}
	return several.findings(1)
}

// supported are an enterprise's group, and of its members, with those that they took over, the ones that were granted something in a year.
func (a *analysis) supported(s *domain.State, firm domain.EnterpriseID, year domain.SupportYear) (group, members []domain.EnterpriseID) {
	day := domain.DateOf(int(year), time.December, 31)
	if day.After(a.today) {
		day = a.today
	}
	group = s.Group(firm, day)
	for _, m := range group {
		members = append(members, s.OneWith(m)...)
	}
	slices.Sort(members)
	return group, slices.DeleteFunc(members, func(m domain.EnterpriseID) bool {
		g := a.support.firms[m][year]
		return g == nil || len(g.clauses) == 0
	})
}

// together is what several enterprises were granted in a year.
func (a *analysis) together(members []domain.EnterpriseID, year domain.SupportYear) *granted {
	all := &granted{clauses: map[domain.ClauseID]domain.Money{}}
	for _, m := range members {
		g := a.support.firms[m][year]
		for clause, amount := range g.clauses {
			all.clauses[clause] = all.clauses[clause].Add(amount)
		}
		all.events = append(all.events, g.events...)
	}
	return all
}
