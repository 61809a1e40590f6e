package policies_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

// TestTheSuccessorIsAnInventedSampleInTheSameFund: nobody is to take it for a policy that exists.
func TestTheSuccessorIsAnInventedSampleInTheSameFund(t *testing.T) {
	old, next := named(t, "changning-2024"), named(t, "changning-2027")
	if !strings.Contains(next.Title.ZH, "示例") || !strings.Contains(next.Title.ZH, "虚构") || !strings.Contains(next.Title.EN, "invented sample") {
		t.Errorf("the title does not say that it is invented: %+v", next.Title)
	}
	if next.Fund != old.Fund || next.PolicyID() != "changning-2027" || next.Succeeds != string(old.PolicyID()) || next.ClausePrefix != "" {
		t.Errorf("it is %s of %s after %s, prefix %q", next.PolicyID(), next.Fund, next.Succeeds, next.ClausePrefix)
	}
	if next.Term.From != old.Term.To.Next() || next.Term.To.String() != "2029-12-31" || !next.IssuedOn.Before(next.Term.From) {
		t.Errorf("issued on %s for %s to %s", next.IssuedOn, next.Term.From, next.Term.To)
	}
}

// TestTheSuccessorContinuesAllClausesButOne, and has one that is new: each in a way that the sample shows.
func TestTheSuccessorContinuesAllClausesButOne(t *testing.T) {
	old, next := named(t, "changning-2024"), named(t, "changning-2027")
	var added []domain.ClauseID
	used, continued := map[domain.ContinuedUse]int{}, map[domain.ClauseID]bool{}
	for _, c := range next.Clauses {
		if _, same := old.Clause(c.ID); same || !strings.HasPrefix(string(c.ID), "27-") {
			t.Errorf("clause %s has no id of its own", c.ID)
		}
		if c.Continues.Use == "" {
			added = append(added, c.ID)
			continue
		}
		used[c.Continues.Use]++
		continued[c.Continues.Clause] = true
	}
	var closed []domain.ClauseID
	for _, c := range old.Clauses {
		if !continued[c.ID] {
			closed = append(closed, c.ID)
		}
	}
	if !slices.Equal(added, []domain.ClauseID{"27-2.5"}) || !slices.Equal(closed, []domain.ClauseID{"2.3.2"}) || used[domain.Carried] < 5 || used[domain.Fresh] < 5 {
		t.Errorf("new %v, not continued %v, continued %v", added, closed, used)
	}
	if by, _ := next.Clause("27-1.3a"); words(by.RefersTo) != "27-1.1a 27-1.1b 27-1.2a 27-1.2b 27-1.2c" {
		t.Errorf("27-1.3a refers to %v", by.RefersTo)
	}
	was, _ := old.Clause("6")
	is, _ := next.Clause("27-6")
	if words(was.Departments) != "reform" || words(is.Departments) != "reform ecology" {
		t.Errorf("responsible are %v, and were %v", is.Departments, was.Departments)
	}
}

func TestDiffOfTheSuccessorShowsTheChanges(t *testing.T) {
	var all strings.Builder
	for _, c := range policies.Diff(named(t, "changning-2024"), named(t, "changning-2027")) {
		all.WriteString(c.Text.EN + "\n")
		if c.Text.ZH == "" {
			t.Errorf("%s has no Chinese", c.Path)
		}
	}
	for _, want := range []string{"last day of the term: 2026-12-31 becomes 2029-12-31", "only reviews that support count: false becomes true",
		"department civil-affairs", "department ecology", "Silver economy", "Fashion and creative brands"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q does not stand in\n%s", want, &all)
		}
	}
}

// TestTheSuccessorIsPublishedBehindTheFirst, and alone it is refused: there is nothing that it could succeed.
func TestTheSuccessorIsPublishedBehindTheFirst(t *testing.T) {
	s, next := domain.NewState(), named(t, "changning-2027")
	publish := func(p domain.Policy) *domain.Refusal {
		c := &domain.PublishPolicy{Head: domain.Head{ID: domain.CommandID("publish-" + p.PolicyID()), Date: p.IssuedOn, Actor: domain.Actor{ID: "admin", Role: domain.Admin}},
			Policy: p}
		d, refusal := domain.Decide(s, c, p.IssuedOn)
		for _, e := range d.Events {
			domain.Apply(s, e, domain.Deed{Actor: c.Actor, Date: c.Date})
		}
		return refusal
	}
	if r := publish(next); r == nil || r.Code != domain.CodePolicyUnknown {
		t.Errorf("published first, it is answered with %+v", r)
	}
	if r := publish(named(t, "changning-2024")); r != nil {
		t.Fatal(r)
	}
	if r := publish(next); r != nil {
		t.Fatal(r)
	}
	if r := publish(next); r == nil || r.Code != domain.CodePolicyPublished {
		t.Errorf("published again, it is answered with %+v", r)
	}
	if of := s.Succeeded("changning-2027"); of == nil || of.PolicyID() != "changning-2024" {
		t.Errorf("it follows %v", of)
	}
	if c := s.PolicyOf("27-4"); c.PolicyID() != "changning-2027" {
		t.Errorf("27-4 is of %s", c.PolicyID())
	}
}

// A clause that is added is read as a policy's file has it, by its keys or as a list of it, and its faults are those that the file would have, each with
// the line of its own text.
func TestAClauseIsCheckedAsInItsFile(t *testing.T) {
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	const keys = "id: \"8\"\nname: {zh: 新, en: new}\nsource: 四\ndepartments: [reform]\ncap: {amount: null, subject: project, period: year}\n"
	for name, text := range map[string]string{"its keys": keys, "a list of it": "  - " + strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n    ") + "\n"} {
		clause, faults, err := policies.CheckClause(strings.NewReader(text), "c", policy)
		if err != nil || len(faults) > 0 || clause.ID != "8" || clause.Cap.Amount.Stated || !slices.Equal(clause.Departments, []domain.DepartmentID{"reform"}) {
			t.Errorf("%s: %+v, %v, %v", name, clause, faults, err)
		}
		for part, at := range map[string]int{"[reform]": 4, "\"8\"": 1, "amount: null, ": 5} {
			wrong := strings.Replace(text, part, map[string]string{"[reform]": "[moon]", "\"8\"": "\"6\"", "amount: null, ": ""}[part], 1)
			if _, faults, err := policies.CheckClause(strings.NewReader(wrong), "c", policy); err != nil || len(faults) == 0 || faults[0].Line != at {
				t.Errorf("%s, %s: %v, %v", name, part, faults, err)
			}
		}
	}
	for _, empty := range []string{"", "# none\n", "[]", "text", "- a\n- b", "8", "{}"} {
		if _, faults, err := policies.CheckClause(strings.NewReader(empty), "c", policy); err != nil || len(faults) == 0 {
			t.Errorf("%q is a clause: %v", empty, err)
		}
	}
}
