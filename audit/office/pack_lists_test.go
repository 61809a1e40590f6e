package office

import (
	"slices"
	"strconv"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// The tables of events and clauses are the lists of these names: a column that is declared there stands in the pack, in the same
// place, and what the list has of a row is what the pack has. A clause says besides what it continues.
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
		if name == "policy_clauses" {
			declared = append(declared, "continues", "continued_use")
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

// A closing stands in the pack with who closed the year, the root that its statement bears, and what it was opened again on.
func TestAPackTellsClosingsAndWhatAClauseContinues(t *testing.T) {
	s := scribe.Succession(t)
	head := func(id, day string, role domain.Role, office domain.DepartmentID) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID(role), Role: role, Department: office}}
	}
	from := len(s.Records)
	for _, c := range []domain.Command{
		&domain.CloseBudgetYear{Head: head("close", "2027-12-31", domain.Treasurer, "finance"), Year: 2025, Document: "封 1 号"},
		&domain.ReopenBudgetYear{Head: head("reopen", "2027-12-31", domain.Authority, "government"), Year: 2025, Document: "启 1 号", Reason: "漏记"},
		&domain.CloseBudgetYear{Head: head("again", "2027-12-31", domain.Treasurer, "finance"), Year: 2025, Document: "封 2 号"},
	} {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r, r.Figures)
		}
	}
	_, files := packOf(t, s.Records)
	_, rows := table(t, files["closings.csv"])
	if len(rows) != 2 || rows[0]["reopened_document"] != "启 1 号" || rows[1]["reopened_document"] != "" || rows[1]["actor"] != "treasurer" || rows[1]["document"] != "封 2 号" {
		t.Fatalf("the closings are packed as %v", rows)
	}
	for i, at := range []int{from + 1, from + 3} {
		if root := prooftest.TreeOf(t, s.Records[:at]).Root().String(); rows[i]["root"] != root || rows[i]["seq"] != strconv.Itoa(at) {
			t.Errorf("the closing at %s is packed with the root %s, not %s", rows[i]["seq"], rows[i]["root"], root)
		}
	}
	_, clauses := table(t, files["policy_clauses.csv"])
	for _, c := range clauses {
		if c["clause"] == "27-4" && (c["continues"] != "4" || c["continued_use"] != "carried") || c["clause"] == "4" && c["continues"] != "" {
			t.Errorf("%s continues %s, %s", c["clause"], c["continues"], c["continued_use"])
		}
	}
}
