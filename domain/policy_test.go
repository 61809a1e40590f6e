package domain

import (
	"errors"
	"strings"
	"testing"
)

func TestThePolicyOfTheFixtureIsValid(t *testing.T) {
	p := changning()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfAPolicyAreNamedByTheirPlace(t *testing.T) {
	for path, spoil := range map[string]func(*Policy){
		"fund":                      func(p *Policy) { p.Fund = " x" },
		"title":                     func(p *Policy) { p.Title.EN = "" },
		"issued_on":                 func(p *Policy) { p.IssuedOn = Date{} },
		"term":                      func(p *Policy) { p.Term.To = day("2024-11-14") },
		"currency":                  func(p *Policy) { p.Currency = "cny" },
		"beneficiary_id":            func(p *Policy) { p.Beneficiary = "" },
		"workflow.reviews":          func(p *Policy) { p.Workflow.Reviews = -1 },
		"treasury":                  func(p *Policy) { p.Treasury = "" },
		"authority":                 func(p *Policy) { p.Authority = "moon" },
		"departments[1].id":         func(p *Policy) { p.Departments[1].ID = p.Departments[0].ID },
		"departments[2].name":       func(p *Policy) { p.Departments[2].Name.ZH = "" },
		"industries[0].id":          func(p *Policy) { p.Industries[0].ID = "" },
		"industries[3].name":        func(p *Policy) { p.Industries[3].Name.EN = "a\x00" },
		"clauses":                   func(p *Policy) { p.Clauses = nil },
		"clauses[1].id":             func(p *Policy) { p.Clauses[1].ID = p.Clauses[0].ID },
		"clauses[0].source":         func(p *Policy) { p.Clauses[0].Source = strings.Repeat("x", 4001) },
		"clauses[0].departments":    func(p *Policy) { p.Clauses[0].Departments = nil },
		"clauses[5].departments[0]": func(p *Policy) { p.Clauses[5].Departments = []DepartmentID{"moon"} },
		"clauses[7].departments[1]": func(p *Policy) { p.Clauses[7].Departments = []DepartmentID{"market", "market"} }, // a booking would burden its budget twice
		"clauses[0].industries[1]":  func(p *Policy) { p.Clauses[0].Industries = []IndustryID{"ai", "magic"} },
		"clauses[5].refers_to[0]":   func(p *Policy) { p.Clauses[5].RefersTo = []ClauseID{"1.3b"} },
		"clauses[0].schedule":       func(p *Policy) { p.Clauses[0].Schedule = "monthly" },
		"clauses[5].cap":            func(p *Policy) { p.Clauses[5].Cap.Amount = Stated(Yuan(1)) },
		"clauses[0].cap.subject":    func(p *Policy) { p.Clauses[0].Cap.Subject = "" },
		"clauses[0].cap.period":     func(p *Policy) { p.Clauses[0].Cap.Period = "month" },
		"clauses[0].cap.amount":     func(p *Policy) { p.Clauses[0].Cap.Amount = Stated(Fen(-1)) },
		"industries": func(p *Policy) {
			for range 1001 {
				p.Industries = append(p.Industries, p.Industries[0])
			}
		},
		"clauses[6].cap":             func(p *Policy) { p.Clauses[6].StrongerSupport = true },
		"clauses[2].industries[0]":   func(p *Policy) { p.Clauses[2].Industries = []IndustryID{""} },
		"clauses[12].departments[1]": func(p *Policy) { p.Clauses[12].Departments = append([]DepartmentID{"market"}, "") },
	} {
		p := changning()
		spoil(&p)
		var fault *PolicyError
		if err := p.Validate(); !errors.As(err, &fault) || fault.Path != path || fault.Reason.ZH == "" || fault.Reason.EN == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}
