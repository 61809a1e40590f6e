package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/projections"
)

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
