package office

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// The tables of events and clauses are the lists of these names: a column that is declared there stands in the pack, in the same
// place, and what the list has of a row is what the pack has.
func TestAPacksEventsAndClausesAreTheDeclaredLists(t *testing.T) {
	_, files := packOf(t, scribe.TwoYears().Records[:900])
	for name, l := range map[string]*projections.List{"events": projections.Events.List, "policy_clauses": projections.Clauses.List} {
		var declared []string
		for _, c := range projections.Columns(l.Row) {
			if as := packNames[name][c.Name]; as != "" {
				c.Name = as
			}
			declared = append(declared, c.Name)
		}
		columns, rows := table(t, files[name+".csv"])
		if !slices.Equal(columns, declared) || len(rows) == 0 {
			t.Errorf("%s.csv has the columns %q, declared are %q", name, columns, declared)
		}
	}
	_, clauses := table(t, files["policy_clauses.csv"])
	for _, c := range clauses {
		if c["clause"] == "1.2b" && (c["departments"] != "commerce;science;investment;justice;market;human-resources;data" || c["cap"] != "30000000.00") {
			t.Errorf("1.2b is packed as %v", c)
		}
		if c["clause"] == "1.1b" && c["cap"] != "" {
			t.Errorf("1.1b has no cap that is stated, and is packed with %q", c["cap"])
		}
	}
}
