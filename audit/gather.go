package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// An auditor reads findings in one sitting. What is of one kind and belongs together is one finding that lists its cases, and each case
// can still be looked at, and disposed of, by itself.

// gathering are cases of one code on their way into findings, one a subject, in the order that subjects came.
type gathering struct {
	code  string
	of    map[string]*group
	order []*group
}

func gather(code string) *gathering { return &gathering{code: code, of: map[string]*group{}} }

// group is a finding on its way.
type group struct {
	gathering *gathering
	subject   string
	figures   []string // of the whole
	cases     []Case
	ids       map[domain.FindingID]bool
	events    []uint64
	total     domain.Money
}

// about is the group of a subject, with figures that are the whole's.
func (g *gathering) about(subject string, figures ...string) *group {
	x := g.of[subject]
	if x == nil {
		x = &group{gathering: g, subject: subject, ids: map[domain.FindingID]bool{}}
		g.of[subject], g.order = x, append(g.order, x)
	}
	if len(figures) > 0 {
		x.figures = figures
	}
	return x
}

// add adds a case: what it is about, what it weighs, its events and its figures. Two cases about one thing are told apart by their events.
func (x *group) add(about string, weight domain.Money, events []uint64, figures ...string) {
	code := x.gathering.code
	c := Case{ID: findingID(code, about), Subject: about, Figures: paired(figures), weight: weight}
	if x.ids[c.ID] {
		c.ID = findingID(code, fmt.Sprintf("%s at %d", about, events))
	}
	x.ids[c.ID] = true
	c.Events = sequences(events)
	c.Events = c.Events[:min(len(c.Events), maxCaseEvents)]
	x.cases, x.events, x.total = append(x.cases, c), append(x.events, events...), x.total.Add(weight)
}

// findings are the groups that have at least so many cases.
func (g *gathering) findings(least int) (list []Finding) {
	for _, x := range g.order {
		if len(x.cases) < least {
			continue
		}
		slices.SortStableFunc(x.cases, func(a, b Case) int { return b.weight.Cmp(a.weight) })
		f := found(g.code, x.subject, x.events, append(x.figures, "count", fmt.Sprint(len(x.cases)), "amount", x.total.String())...)
		f.weight, f.CaseCount = x.total, len(x.cases)
		f.Cases = x.cases[:min(len(x.cases), MaxCases)]
		f.explain(nil)
		list = append(list, f)
	}
	return list
}

// few is a list in words, cut where it is long.
func few(list []string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + ", …"
}
