package domain_test

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

func ExampleParseMoney() {
	m, err := domain.ParseMoney("1800000.5")
	fmt.Println(m, err)
	_, err = domain.ParseMoney("0.001")
	fmt.Println(err)
	// Output:
	// 1800000.50 <nil>
	// "0.001" is not an amount (amount_too_precise): write it like "1800000.00", at most two decimals
}

func ExampleValidCreditCode() {
	fmt.Println(domain.ValidCreditCode("914403001922038216"), domain.ValidCreditCode("91350100M000100Y4Z"))
	// Output: true false
}

func ExampleDecide() {
	policy := domain.Policy{
		Fund: "demo", Title: domain.Text{ZH: "示例", EN: "Demo"}, IssuedOn: domain.DateOf(2025, 1, 1), Currency: "CNY", Beneficiary: domain.Opaque,
		Term:     domain.Term{From: domain.DateOf(2025, 1, 1), To: domain.DateOf(2026, 12, 31)},
		Treasury: "finance", Authority: "finance",
		Departments: []domain.Department{{ID: "finance", Name: domain.Text{ZH: "财政局", EN: "Finance"}}},
		Clauses: []domain.Clause{{ID: "1", Name: domain.Text{ZH: "条款", EN: "Clause"}, Departments: []domain.DepartmentID{"finance"},
			Cap: domain.Cap{Amount: domain.Stated(domain.Yuan(100)), Subject: domain.SubjectEnterprise, Period: domain.PerYear}}},
	}
	state, today := domain.NewState(), domain.DateOf(2025, 3, 1)
	head := func(id domain.CommandID, role domain.Role) domain.Head {
		return domain.Head{ID: id, Date: today, Actor: domain.Actor{ID: domain.PersonID(role), Role: role, Department: "finance"}}
	}
	asked := []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(120)}}
	for _, c := range []domain.Command{
		&domain.PublishPolicy{Head: head("1", domain.Admin), Policy: policy},
		&domain.RegisterEnterprise{Head: head("2", domain.Clerk), Enterprise: "E1", Title: "Firm"},
		&domain.SubmitApplication{Head: head("3", domain.Clerk), Application: "A1", Enterprise: "E1", Clause: "1", Requested: asked},
		&domain.ApproveApplication{Head: head("4", domain.Approver), Application: "A1", Instalments: asked},
	} {
		decision, refusal := domain.Decide(state, c, today)
		if refusal != nil {
			fmt.Println(refusal.Code, refusal.Rule, refusal.Figures["short_by"])
			continue
		}
		for _, e := range decision.Events {
			domain.Apply(state, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
			fmt.Println(e.Name())
		}
	}
	// Output:
	// policy_published
	// enterprise_registered
	// application_submitted
	// cap_exceeded R2 20.00
}
