package replay

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// HandOn keeps back what statistics keep back from who hands them on: lines that few enterprises have a part in, with as many others that what is left of
// a total does not tell them, and what is told of single enterprises, applications and events.
func (s *Simulation) HandOn() {
	s.Withheld = map[string]int{}
	for _, part := range []struct {
		name, column string
		lines        *[]SimulatedSide
	}{{"clauses", "clause", &s.Clauses}, {"departments", "department", &s.Departments}, {"industries", "industry", &s.Industries}, {"sizes", "enterprise_size", &s.Sizes},
		{"support_years", "support_year", &s.Years}} {
		counts := make([]int, len(*part.lines))
		for i, line := range *part.lines {
			counts[i] = line.Enterprises
		}
		hidden := few(part.column, counts)
		*part.lines = kept(*part.lines, hidden)
		for i := range *part.lines {
			(*part.lines)[i].Events = []uint64{}
		}
		s.Withheld[part.name] = len(slices.DeleteFunc(hidden, func(is bool) bool { return !is }))
	}
	counts := make([]int, len(s.Map))
	for i, c := range s.Map {
		counts[i] = c.Enterprises
	}
	s.Map = kept(s.Map, few("clause", counts))
	s.Withheld["enterprises"], s.Withheld["changed"] = len(s.Enterprises), s.ChangeCount
	s.Enterprises, s.Changed, s.Total.Events = []SimulatedSide{}, []Outcome{}, []uint64{}
	s.Unknown = slices.DeleteFunc(s.Unknown, func(u UnknownCondition) bool { return u.Enterprises < projections.FewestEnterprises })
	for i := range s.Unknown {
		s.Unknown[i].Events = []uint64{}
	}
	for i := range s.Envelopes {
		s.Envelopes[i].Seq = 0
	}
}

// few are the lines that statistics by a column would withhold, by how many enterprises have a part in each.
func few(column string, counts []int) []bool {
	rows := make([]projections.StatisticsRow, len(counts))
	for i, n := range counts {
		count := int64(n)
		rows[i].Enterprises = &count
	}
	projections.Withhold(rows, []string{column})
	hidden := make([]bool, len(rows))
	for i, row := range rows {
		hidden[i] = row.Withheld != ""
	}
	return hidden
}

func kept[T any](lines []T, hidden []bool) []T {
	list := make([]T, 0, len(lines))
	for i, line := range lines {
		if !hidden[i] {
			list = append(list, line)
		}
	}
	return list
}

// parts counts the enterprises that have a part in what is counted by a key.
type parts map[string]map[domain.EnterpriseID]bool

func (p parts) add(key string, e domain.EnterpriseID) {
	if p[key] == nil {
		p[key] = map[domain.EnterpriseID]bool{}
	}
	p[key][e] = true
}
