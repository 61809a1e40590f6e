package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/projections"
)

// grouped adds the parameters of statistics: the measure, the kinds of posting that it is made of, and the columns to group by.
func grouped(values map[string]any) {
	name, _ := values[projections.ByMeasure.Name].(string)
	m, known := projections.MeasureOf(name)
	if !known {
		m, _ = projections.MeasureOf(projections.DefaultMeasure)
	}
	values[projections.ByMeasure.Name], values["measured_kinds"] = m.Name, "{"+strings.Join(m.Kinds(), ",")+"}"
	columns, _ := values[projections.ByGroups.Name].([]string)
	for _, column := range columns {
		values["by_"+column] = true
	}
}

// measuresSQL are the measures of statistics as a relation: which kinds of posting each is made of, and what one of each adds.
func measuresSQL() string {
	var rows []string
	for _, m := range projections.Measures {
		for _, k := range projections.Kinds() {
			if w := m.Weight(k); w != 0 {
				rows = append(rows, fmt.Sprintf("('%s', '%s'::posting_kind, %d)", m.Name, k, w))
			}
		}
	}
	return "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") m (measure, kind, weight)"
}

// countedSQL are the measures that are counted, not added up.
func countedSQL() string {
	var names []string
	for _, m := range projections.Measures {
		if m.Counts != "" {
			names = append(names, "'"+m.Name+"'")
		}
	}
	return strings.Join(names, ", ")
}

// groupingsOf are the columns that statistics may be grouped by, of a relation.
func groupingsOf(of string) string {
	names := slices.Clone(projections.Groupings)
	for i, name := range names {
		names[i] = of + name
	}
	return strings.Join(names, ", ")
}

// groupingSetsOf are the same, each for itself.
func groupingSetsOf(of string) string {
	return "(" + strings.ReplaceAll(groupingsOf(of), ", ", "), (") + ")"
}
