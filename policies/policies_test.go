package policies_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

const (
	seven = "commerce science investment justice market human-resources data"
	five  = "ai smart-internet aviation-transport fashion-consumption commerce-finance"
)

// changning is the table of the design, row by row: id, departments, cap, subject, period, industries.
var changning = [][6]string{
	{"1.1a", seven, "100000000.00", "enterprise", "year", "ai aviation-transport fashion-consumption commerce-finance"},
	{"1.1b", seven, "", "enterprise", "year", "smart-internet"},
	{"1.2a", seven, "100000000.00", "project", "year", five},
	{"1.2b", seven, "30000000.00", "project", "year", five},
	{"1.2c", seven, "", "enterprise", "year", five},
	{"1.3a", "investment", "", "", "", "other-services advanced-manufacturing"},
	{"1.3b", "investment", "", "", "", ""},
	{"2.1.1", "commerce investment", "10000000.00", "project", "total", "ai smart-internet"},
	{"2.1.2", "science data investment", "10000000.00", "project", "total", "ai smart-internet"},
	{"2.2.1", "commerce investment", "10000000.00", "project", "total", "aviation-transport"},
	{"2.2.2", "commerce investment", "10000000.00", "project", "total", "aviation-transport"},
	{"2.3.1", "commerce investment", "10000000.00", "project", "total", "fashion-consumption"},
	{"2.3.2", "commerce investment", "5000000.00", "project", "total", "fashion-consumption"},
	{"2.3.3", "science investment", "5000000.00", "project", "total", "fashion-consumption"},
	{"2.4.1", "justice investment", "5000000.00", "project", "total", "commerce-finance"},
	{"2.4.2", "investment", "5000000.00", "project", "total", "commerce-finance"},
	{"2.4.3", "market human-resources investment", "3000000.00", "project", "total", "commerce-finance"},
	{"3", "talent", "5000000.00", "award", "total", ""},
	{"4", "science", "20000000.00", "project", "total", ""},
	{"5", "commerce reform finance", "5000000.00", "project", "total", ""},
	{"6", "reform", "5000000.00", "project", "total", ""},
	{"7", "market", "1000000.00", "project", "total", ""},
}

func named(t *testing.T, name string) domain.Policy {
	t.Helper()
	p, err := policies.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = string(item)
	}
	return strings.Join(out, " ")
}

func TestChangningHasTheRowsOfTheDesign(t *testing.T) {
	p := named(t, "changning-2024")
	rows := make([][6]string, 0, len(p.Clauses))
	stated := 0
	for _, c := range p.Clauses {
		rows = append(rows, [6]string{string(c.ID), words(c.Departments), c.Cap.Amount.String(), string(c.Cap.Subject), string(c.Cap.Period), words(c.Industries)})
		if c.Cap.Amount.Stated {
			stated++
		}
		if c.Source == "" {
			t.Errorf("clause %s does not say where it stands", c.ID)
		}
	}
	if diff := cmp.Diff(changning, rows); diff != "" {
		t.Errorf("the clauses differ from the design:\n%s", diff)
	}
	if stated != 18 || len(rows) != 22 {
		t.Errorf("%d clauses, %d with a stated cap; the source has 22 and 18", len(rows), stated)
	}
}

func TestChangningsRulesBesidesItsCaps(t *testing.T) {
	p := named(t, "changning-2024")
	var stronger, anyReviews, notAppliedFor, schedule, refers []string
	for _, c := range p.Clauses {
		for _, mark := range []struct {
			set  bool
			into *[]string
		}{{c.StrongerSupport, &stronger}, {c.AnyReviews, &anyReviews}, {c.NotAppliedFor, &notAppliedFor}, {c.Schedule == domain.OneOffOrTerm, &schedule}, {c.ByReference(), &refers}} {
			if mark.set {
				*mark.into = append(*mark.into, string(c.ID))
			}
		}
	}
	got := [][]string{stronger, anyReviews, notAppliedFor, schedule, refers}
	want := [][]string{{"1.1a", "1.1b", "1.2a", "1.2b", "1.2c"}, {"3"}, {"1.3b"}, {"1.2b"}, {"1.3a"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if by, _ := p.Clause("1.3a"); words(by.RefersTo) != "1.1a 1.1b 1.2a 1.2b 1.2c" {
		t.Errorf("1.3a refers to %v", by.RefersTo)
	}
	head := []any{p.Fund, p.Term.From.String(), p.Term.To.String(), p.IssuedOn.String(), p.Currency, p.Beneficiary, p.Workflow, p.Treasury, p.Authority}
	if diff := cmp.Diff([]any{domain.FundID("changning-2024"), "2024-11-15", "2026-12-31", "2024-11-15", "CNY", domain.CreditCode,
		domain.Workflow{Acceptance: true, Reviews: 1}, domain.DepartmentID("finance"), domain.DepartmentID("government")}, head); diff != "" {
		t.Error(diff)
	}
}

func TestChangningHasTheTenDepartmentsOfTheSourceAndTheGovernment(t *testing.T) {
	p := named(t, "changning-2024")
	var got []string
	for _, d := range p.Departments {
		got = append(got, string(d.ID)+" "+d.Name.ZH)
	}
	want := []string{"commerce 区商务委", "science 区科委", "investment 区投促办", "justice 区司法局", "market 区市场监管局", "human-resources 区人社局",
		"data 区数据局", "talent 区人才工作局", "reform 区发改委", "finance 区财政局", "government 区政府"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestShippedPoliciesLoad(t *testing.T) {
	if names := policies.Names(); !slices.Equal(names, []string{"changning-2024", "changning-2027", "elsewhere-2025"}) {
		t.Fatalf("shipped: %v", names)
	}
	p := named(t, "elsewhere-2025")
	if c, _ := p.Clause("C"); p.Beneficiary != domain.Opaque || p.Workflow != (domain.Workflow{}) || c.Cap.Amount.Stated {
		t.Errorf("elsewhere is too much like Changning: %+v", p)
	}
	if _, err := policies.Named("nowhere"); err == nil || !strings.Contains(err.Error(), "changning-2024") {
		t.Errorf("an unknown name is answered with %v", err)
	}
}
