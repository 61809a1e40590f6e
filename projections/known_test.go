package projections

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// names nothing that a ledger has: a text that is looked for, or a word of the program's.
var namesNothing = []string{"q", "event_type", "from"}

// Every filter that names something says where that is, so that a slip is told from an answer in every list.
func TestEveryFilterSaysWhereWhatItNamesIs(t *testing.T) {
	judged := 0
	for _, l := range Lists() {
		for _, f := range l.Filters {
			names := f.Kind == Identifier || f.Kind == Year || f.Kind == AnyYear || f.Kind == Position
			if !names || len(f.Choices) > 0 || slices.Contains(namesNothing, f.Name) || f.CheckedColumn() == "seq" {
				continue
			}
			judged++
			if f.kept == nil && f.named == nil {
				t.Errorf("%s by %s: nothing says whether there is what it names", l.Name, f.Name)
			}
			for _, at := range f.kept {
				if in := ListOf(at.list); in == nil || in.Filter(at.filter) == nil || in.Kept != InTables || in.Filter(at.filter).Kind == Several {
					t.Errorf("%s by %s: %v is no place to look for it", l.Name, f.Name, at)
				}
			}
		}
	}
	if judged < 60 {
		t.Errorf("%d filters were judged", judged)
	}
}

// shelf has one row in each of some lists, for one value.
type shelf map[place]string

func (s shelf) Page(_ context.Context, l *List, ask Ask) (Page[any], error) {
	p := Page[any]{Seq: 10}
	for _, c := range ask.Where {
		if s[place{l.Name, c.Name}] == c.Value {
			p.Rows = append(p.Rows, "a row")
		}
	}
	return p, nil
}

func TestASlipIsToldFromAnAnswer(t *testing.T) {
	policy := domain.Policy{Clauses: []domain.Clause{{ID: "4"}, {ID: "6"}}, Departments: []domain.Department{{ID: "finance"}}}
	policy.Term.From, _ = domain.ParseDate("2024-03-01")
	policy.Term.To, _ = domain.ParseDate("2026-12-31")
	k := shelf{{"enterprises", "enterprise"}: "E-1", {"recoveries", "recovery"}: "R-1", {"accounts", "year"}: "2021", {"exceptions", "subject"}: "X"}
	for _, c := range []struct {
		l     *List
		where Condition
		slip  string // what it is called; "": it is there
	}{
		{Totals.List, Condition{"clause", "6"}, ""},
		{Totals.List, Condition{"clause", "99"}, `the filter clause: the ledger has no "99"; it has: 4, 6`},
		{Totals.List, Condition{"year", "2025"}, ""},
		{Totals.List, Condition{"year", "2021"}, ""}, // before the term, and there are accounts
		{Totals.List, Condition{"year", "1900"}, `the filter year: the ledger has no "1900"; it has: 2024, 2025, 2026`},
		{Totals.List, Condition{"enterprise", "E-1"}, ""},
		{Totals.List, Condition{"enterprise", "E-2"}, `the filter enterprise: the ledger has no "E-2" (written as it was recorded)`},
		{Journal.List, Condition{"reference", "R-1"}, ""},
		{Journal.List, Condition{"reference", "R-2"}, `the filter reference: the ledger has no "R-2" (written as it was recorded)`},
		{Journal.List, Condition{"support_year", "0"}, ""},
		{Journal.List, Condition{"budget_department", "police"}, `the filter budget_department: the ledger has no "police"; it has: finance`},
		{Journal.List, Condition{"event", "10"}, ""},
		{Journal.List, Condition{"event", "11"}, `the filter event: the ledger has no "11"; it has: 1 – 10`},
		{Accounts.List, Condition{"subject", "X"}, ""},
		{Accounts.List, Condition{"subject", "E-1"}, ""},
		{Accounts.List, Condition{"subject", "Y"}, `the filter subject: the ledger has no "Y" (written as it was recorded)`},
		{Enterprises.List, Condition{"q", "nobody"}, ""},
		{Findings.List, Condition{"code", domain.CodeYearOutsideTerm}, ""},
	} {
		err := c.l.Unknown(t.Context(), k, func(context.Context) (*domain.Policy, error) { return &policy, nil }, []Condition{{"on", "no filter"}, c.where})
		var unknown *UnknownError
		if err == nil && c.slip == "" || errors.As(err, &unknown) && err.Error() == c.slip {
			continue
		}
		t.Errorf("%s by %v: %v, want %q", c.l.Name, c.where, err, c.slip)
	}
	err := Totals.Unknown(t.Context(), k, func(context.Context) (*domain.Policy, error) { return nil, nil }, []Condition{ByClause.Is("4")})
	if err == nil {
		t.Error("without a policy there is no clause")
	}
}
