package domain

import (
	"slices"
	"testing"
)

// The worked examples of the design's second part, by number.

// successor is a policy that follows the fixture's: some of its clauses, under ids of its own, each continuing the old one.
func successor(use ContinuedUse, clauses ...ClauseID) Policy {
	return follows(changning(), "changning-2027", "n", Term{day("2027-01-01"), day("2028-12-31")}, use, clauses...)
}

func follows(before Policy, id PolicyID, prefix string, term Term, use ContinuedUse, clauses ...ClauseID) Policy {
	p := before
	p.ID, p.Succeeds, p.Title, p.Term = id, string(before.PolicyID()), Text{"长宁二七", string(id)}, term
	p.Clauses = nil
	for _, c := range before.Clauses {
		if slices.Contains(clauses, c.ID) {
			c.Continues = Continuation{c.ID, use}
			p.Clauses = append(p.Clauses, c)
		}
	}
	p.ClausePrefix = ClausePrefix(prefix)
	return p.Prefixed()
}

// capped is a policy with another cap for one of its clauses.
func capped(p Policy, c ClauseID, amount string) Policy {
	p.Clauses = slices.Clone(p.Clauses)
	for i := range p.Clauses {
		if p.Clauses[i].ID == c {
			p.Clauses[i].Cap.Amount = Stated(money(amount))
		}
	}
	return p
}

// between is the fixture's fund with 12,000,000 for 2025 and 3,000,000 for 2026 on P under clause 4, and a second policy, on 2027-01-05.
func between(t *testing.T, use ContinuedUse) *story {
	return given(t).approved(submit("A1", aiFirm, "4", "P", in(2025, "12000000.00"), in(2026, "3000000.00"))).
		on("2026-12-01").and(publish(capped(successor(use, "4"), "n4", "15000000.00"))).on("2027-01-05")
}

func publish(p Policy) *PublishPolicy { return &PublishPolicy{Policy: p, Hash: "sha256:01"} }

func TestExample35UseIsCarriedOrFresh(t *testing.T) {
	between(t, Carried).
		line("n4", "P", 2027, "headroom", "0.00", "use", "15000000.00", "over", "0.00").
		ready(submit("B1", aiFirm, "n4", "P", in(2027, "1.00"))).
		when(approve("B1", in(2027, "0.01"))).
		refused(CodeCapExceeded, "R2", "clause", "n4", "subject", "P", "cap", "15000000.00", "use", "15000000.00", "carried", "15000000.00",
			"headroom", "0.00", "asked", "0.01", "short_by", "0.01")
	between(t, Fresh).
		line("n4", "P", 2027, "headroom", "15000000.00", "use", "0.00").
		ready(submit("B1", aiFirm, "n4", "P", in(2027, "15000000.00"))).
		when(approve("B1", in(2027, "15000000.00"))).then("application_approved")
}

func TestExample36WhatAnEarlierPolicyApprovedIsPaidUnderIt(t *testing.T) {
	st := between(t, Fresh)
	st.on("2027-02-10").and(pay("Q1", "A1", 2026, "3000000.00"))
	e := st.history[len(st.history)-1].event.(*PayoutMade)
	if e.SupportYear != 2026 || e.PaidOn.Year() != 2027 || e.Charge.Clause != "4" || e.ClauseVersion != 1 {
		t.Errorf("the payout is %+v", e)
	}
	st.line("n4", "P", 2027, "use", "0.00", "headroom", "15000000.00").line("4", "P", 2026, "use", "15000000.00")
	if paid := recount(st.history).netPaid("n4", "P", 2027); !paid.IsZero() {
		t.Errorf("the new policy's totals moved by %s", paid)
	}
}

func TestWhatIsUndecidedAtTheEndOfAPolicyIsTransferred(t *testing.T) {
	st := given(t).on("2026-12-30").ready(submit("A1", aiFirm, "4", "P", in(2026, "3000000.00"))).
		and(publish(successor(Carried, "4"))).on("2027-01-05")
	st.when(approve("A1", in(2026, "3000000.00"))).refused(CodePolicyExpired, "R8", "latest", "2026-12-31", "continued_by", "n4").
		when(submit("A2", aiFirm, "4", "P", in(2026, "1.00"))).refused(CodePolicyExpired, "R8", "continued_by", "n4")
	move := &TransferApplication{Application: "A1", Clause: "n4", Document: "长府 1 号"}
	st.and(by(move, person(Clerk, "science"))).
		when(review("A1")).then("application_reviewed").
		when(approve("A1", in(2026, "3000000.00"))).refused(CodeYearOutsideTerm, "R8", "earliest", "2027").
		when(approve("A1", in(2027, "3000000.00"))).then("application_approved").
		line("n4", "P", 2027, "use", "3000000.00")
}

func TestADepartmentOfTheNewClauseTransfersToIt(t *testing.T) {
	next := successor(Fresh, "4")
	next.Clauses[0].Departments = []DepartmentID{"data"}
	st := given(t).on("2026-12-30").ready(submit("A1", aiFirm, "4", "P", in(2026, "3000000.00"))).and(publish(next))
	move := func(d DepartmentID) *TransferApplication {
		return by(&TransferApplication{Application: "A1", Clause: "n4", Document: "长府 1 号"}, person(Clerk, d))
	}
	st.when(move("data")).refused(CodePolicyNotInForce, "R8", "earliest", "2027-01-01")
	st.on("2027-01-02").when(move("reform")).refused(CodeDepartmentNotAllowed, "R9", "allowed", "data").
		when(move("data")).then("application_transferred")
}

func TestAByReferenceClauseIsTransferredToWithWhatItRefersTo(t *testing.T) {
	st := given(t).on("2026-12-30").ready(referring(submit("A1", otherFirm, "1.3a", "", in(2026, "3000000.00")), "1.1a")).
		and(publish(successor(Fresh, "1.1a", "1.3a", "1.1b", "1.2a", "1.2b", "1.2c"))).on("2027-01-02")
	move := &TransferApplication{Application: "A1", Clause: "n1.3a", RefersTo: "n1.1a", Document: "长府 1 号"}
	st.and(by(move, person(Clerk, "investment")))
	a, _ := st.state.Application("A1")
	if a.Charge.Clause != "n1.1a" || a.Charge.Via != "n1.3a" {
		t.Errorf("it is charged to %+v", a.Charge)
	}
}

func TestASecondPolicyIsRefused(t *testing.T) {
	good := successor(Carried, "4")
	change := func(f func(p *Policy)) Policy {
		p := good
		p.Clauses = slices.Clone(p.Clauses)
		f(&p)
		return p
	}
	for why, one := range map[string]struct {
		p       Policy
		code    string
		figures []string
	}{
		"the same again":                   {changning(), CodePolicyPublished, []string{"fund", "changning-2024"}},
		"another spelling of its id":       {change(func(p *Policy) { p.ID = "ＣHANGNING-2024" }), CodePolicyPublished, nil},
		"overlapping terms":                {change(func(p *Policy) { p.Succeeds, p.Term.From = "", day("2026-12-31") }), CodeTermsOverlap, []string{"policy", "changning-2024", "until", "2026-12-31"}},
		"no policy that it succeeds":       {change(func(p *Policy) { p.Succeeds = "changning-2020" }), CodePolicyUnknown, []string{"policy", "changning-2020"}},
		"itself":                           {change(func(p *Policy) { p.Succeeds = "Changning-2027" }), CodeSuccessionCircle, []string{"policy", "changning-2027"}},
		"a term before the one before":     {change(func(p *Policy) { p.Term.From = day("2024-11-15") }), CodeDateOrder, []string{"field", "term.from"}},
		"another fund":                     {change(func(p *Policy) { p.Fund = "elsewhere" }), CodePolicyOfAnotherFund, []string{"field", "fund", "allowed", "changning-2024"}},
		"another currency":                 {change(func(p *Policy) { p.Currency = "EUR" }), CodePolicyOfAnotherFund, []string{"field", "currency"}},
		"another treasury":                 {change(func(p *Policy) { p.Treasury = "data" }), CodePolicyOfAnotherFund, []string{"field", "treasury"}},
		"a clause that the fund has":       {change(func(p *Policy) { p.Clauses[0].ID = "７" }), CodeClauseExists, []string{"clause", "7"}},
		"an unknown clause continued":      {change(func(p *Policy) { p.Clauses[0].Continues.Clause = "99" }), CodeContinuedUnknown, []string{"value", "99"}},
		"its own clause continued":         {change(func(p *Policy) { p.Clauses[0].Continues.Clause = "n4" }), CodeContinuedUnknown, nil},
		"continued and nothing succeeded":  {change(func(p *Policy) { p.Succeeds = "" }), CodeContinuedUnknown, nil},
		"another kind of subject":          {change(func(p *Policy) { p.Clauses[0].Cap.Subject = SubjectEnterprise }), CodeCarriedDiffers, []string{"field", "subject_kind", "from", "project", "asked", "enterprise"}},
		"another period":                   {change(func(p *Policy) { p.Clauses[0].Cap.Period = PerYear }), CodeCarriedDiffers, []string{"field", "period"}},
		"carried from what has no account": {change(func(p *Policy) { p.Clauses[0].Continues.Clause = "1.3b" }), CodeCarriedDiffers, nil},
		"neither fresh nor carried":        {change(func(p *Policy) { p.Clauses[0].Continues.Use = "moved" }), CodePolicyInvalid, []string{"path", "clauses[0].continues.use"}},
		"a prefix that stands apart":       {change(func(p *Policy) { p.ClausePrefix = "m" }), CodePolicyInvalid, []string{"path", "clause_prefix"}},
	} {
		t.Run(why, func(t *testing.T) {
			given(t).on("2026-12-01").when(publish(one.p)).refused(one.code, refusalTexts[one.code].rule, one.figures...)
		})
	}
	fund(t).when(publish(good)).refused(CodePolicyUnknown, "R7", "policy", "changning-2024")
	given(t).on("2026-12-01").when(publish(good)).then("policy_published").when(publish(good)).refused(CodePolicyPublished, "R7", "fund", "changning-2027")
	given(t).on("2026-12-01").when(publish(change(func(p *Policy) { p.Succeeds = "changning" }))).then("policy_published") // by its title
}

func TestBeforeATermBeginsWhatPreparesItIsTaken(t *testing.T) {
	fund(t).on("2024-11-01").and(publish(changning()), &RegisterEnterprise{Enterprise: aiFirm, Title: "企业", Industry: "ai"},
		&AdmitBeneficiary{Enterprise: aiFirm, Document: "长府 1 号"}, &RestrictCredit{Enterprise: aiFirm, Reason: "失信"},
		appropriate(2025, "4", "", "1.00")).
		when(submit("A1", aiFirm, "4", "P", in(2025, "1.00"))).refused(CodeDateBeforePolicy, "R14", "earliest", "2024-11-15")
	st := given(t).on("2026-12-01").and(publish(successor(Fresh, "4", "1.2a")), appropriate(2027, "n4", "", "1.00"))
	st.when(submit("A1", aiFirm, "n4", "P", in(2027, "1.00"))).refused(CodePolicyNotInForce, "R8", "earliest", "2027-01-01").
		when(except("X1", "n1.2a", "P", 2027, "1.00")).refused(CodePolicyNotInForce, "R8")
	st.on("2027-01-01").when(submit("A1", aiFirm, "n4", "P", in(2027, "1.00"))).then("application_submitted")
}

func TestAnAdmissionIsForThePoliciesThatThereWere(t *testing.T) {
	st := given(t).and(&AdmitBeneficiary{Enterprise: otherFirm, Document: "长府 1 号"}).
		on("2026-12-01").and(publish(successor(Fresh, "1.1a"))).on("2027-01-05").
		when(submit("A1", otherFirm, "n1.1a", "", in(2027, "1.00"))).refused(CodeIndustryNotServed, "R10", "clause", "n1.1a")
	st.and(&AdmitBeneficiary{Enterprise: otherFirm, Document: "长府 2 号", Clauses: []ClauseID{"n1.1a"}}).
		when(submit("A1", otherFirm, "n1.1a", "", in(2027, "1.00"))).then("application_submitted")
}
