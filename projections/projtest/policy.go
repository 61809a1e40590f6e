// Package projtest makes ledgers for tests: valid histories of any length, decided by the domain itself, the same for the same seed.
package projtest

import "github.com/fundledger/fundledger/domain"

// Fund is the fund of [Policy].
const Fund = domain.FundID("projtest")

// Policy is a small policy with a clause of every shape: caps by year and in total, of enterprises, projects and awards, none
// stated, with and without stronger support, and one by reference.
func Policy() domain.Policy {
	text := func(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }
	clause := func(id domain.ClauseID, subject domain.SubjectKind, period domain.Period, limit domain.Ceiling, stronger bool) domain.Clause {
		return domain.Clause{ID: id, Name: text("条款"+string(id), "Clause "+string(id)), Source: "§" + string(id), Departments: []domain.DepartmentID{"science", "commerce"},
			Cap: domain.Cap{Amount: limit, Subject: subject, Period: period}, StrongerSupport: stronger}
	}
	return domain.Policy{
		Fund: Fund, Title: text("测试政策", "A policy for tests"), IssuedOn: domain.DateOf(2024, 12, 1),
		Term: domain.Term{From: domain.DateOf(2025, 1, 1), To: domain.DateOf(2026, 12, 31)}, Currency: "CNY", Beneficiary: domain.Opaque,
		Workflow: domain.Workflow{Acceptance: true, Reviews: 1}, Treasury: "finance", Authority: "government",
		Departments: []domain.Department{
			{ID: "science", Name: text("科委", "Science")}, {ID: "commerce", Name: text("商务委", "Commerce")},
			{ID: "finance", Name: text("财政局", "Finance")}, {ID: "government", Name: text("区政府", "Government")},
		},
		Industries: []domain.Industry{{ID: "ai", Name: text("人工智能", "AI")}},
		Clauses: []domain.Clause{
			clause("1", domain.SubjectEnterprise, domain.PerYear, domain.Stated(domain.Yuan(10_000_000)), true),
			clause("2", domain.SubjectProject, domain.PerYear, domain.Stated(domain.Yuan(6_000_000)), true),
			clause("3", domain.SubjectProject, domain.InTotal, domain.Stated(domain.Yuan(5_000_000)), false),
			clause("4", domain.SubjectAward, domain.InTotal, domain.Stated(domain.Yuan(3_000_000)), true),
			clause("5", domain.SubjectEnterprise, domain.PerYear, domain.Unstated, false),
			clause("6", domain.SubjectEnterprise, domain.InTotal, domain.Stated(domain.Yuan(8_000_000)), true),
			{ID: "7", Name: text("参照", "By reference"), Source: "§7", Departments: []domain.DepartmentID{"commerce"}, RefersTo: []domain.ClauseID{"1", "2"}},
		},
	}
}
