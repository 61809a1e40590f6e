package domain

import (
	"encoding/json"
	"slices"
	"strings"
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

func amendPolicy(from string, change func(*AmendPolicy)) *AmendPolicy {
	c := &AmendPolicy{EffectiveOn: day(from), Document: "长府 9 号"}
	change(c)
	return c
}

func TestExample37ATermIsExtended(t *testing.T) {
	longer := func(from string) *AmendPolicy {
		return amendPolicy(from, func(c *AmendPolicy) { c.TermTo = day("2027-06-30") })
	}
	ready := func() *story {
		return given(t).on("2026-12-20").ready(submit("A1", aiFirm, "6", "P", in(2026, "1000.00")))
	}
	ready().on("2027-01-05").when(approve("A1", in(2026, "1000.00"))).refused(CodePolicyExpired, "R8", "latest", "2026-12-31")
	ready().and(longer("2026-12-31")).on("2027-01-05").when(approve("A1", in(2027, "1000.00"))).then("application_approved")
	ready().and(longer("2027-01-01")).on("2027-01-05").when(approve("A1", in(2026, "1000.00"))).then("application_approved")
	// One that begins after a gap would be of a policy that has ended; so is one that is dated, or recorded, after the end.
	ready().when(longer("2027-01-02")).refused(CodePolicyEnded, "R7", "latest", "2026-12-31")
	ready().on("2027-01-05").when(longer("2027-01-05")).refused(CodePolicyEnded, "R7", "policy", "changning-2024")
	late := ready()
	late.today = day("2027-01-05")
	late.when(longer("2026-12-31")).refused(CodeAmendmentRetroactive, "R7", "earliest", "2027-01-05")
	given(t).on("2027-01-05").when(amend("6", "1.00", "2026-01-01", true)).refused(CodePolicyEnded, "R7")
}

func TestExample38OtherDepartmentsFromADayOn(t *testing.T) {
	st := given(t).on("2026-11-20").ready(submit("A1", aiFirm, "6", "P", in(2026, "1000.00"))).
		ready(submit("A2", aiFirm, "6", "Q", in(2026, "1000.00"))).
		and(amendPolicy("2026-12-01", func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{"data"} }))
	approver := func(id ApplicationID, d DepartmentID) *ApproveApplication {
		return by(approve(id, in(2026, "1000.00")), Actor{ID: PersonID("someone-" + d), Role: Approver, Department: d})
	}
	st.on("2026-11-30").when(approver("A1", "data")).refused(CodeDepartmentNotAllowed, "R9", "allowed", "reform").
		when(approver("A1", "reform")).then("application_approved")
	st.on("2026-12-01").when(approver("A2", "reform")).refused(CodeDepartmentNotAllowed, "R9", "allowed", "data").
		when(approver("A2", "data")).then("application_approved")
	// A decision of the 30th that is recorded later is the old department's.
	late := given(t).on("2026-11-20").ready(submit("A1", aiFirm, "6", "P", in(2026, "1000.00"))).
		and(amendPolicy("2026-12-01", func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{"data"} })).on("2026-11-30")
	late.today = day("2026-12-05")
	late.when(approver("A1", "data")).refused(CodeDepartmentNotAllowed, "R9").when(approver("A1", "reform")).then("application_approved")
}

func TestATermIsNotShortenedBelowWhatIsDone(t *testing.T) {
	shorter := func(to string) *AmendPolicy {
		return amendPolicy("2026-03-01", func(c *AmendPolicy) { c.TermTo = day(to) })
	}
	st := given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "1000.00"), in(2026, "1000.00"))).on("2026-03-01").
		and(submit("A2", aiFirm, "6", "Q", in(2026, "1.00")))
	st.when(shorter("2026-02-28")).refused(CodeAmendmentRetroactive, "R7", "earliest", "2026-03-01").
		when(shorter("2025-12-31")).refused(CodeAmendmentRetroactive, "R7")
	given(t).on("2026-02-01").approved(submit("A1", aiFirm, "6", "P", in(2026, "1.00"))).on("2026-06-01").
		when(amendPolicy("2026-06-01", func(c *AmendPolicy) { c.TermTo = day("2026-05-31") })).refused(CodeAmendmentRetroactive, "R7")
	future := governed(t, func() Policy { p := changning(); p.Term.To = day("2027-12-31"); return p }()).on("2026-02-01").
		approved(submit("A1", aiFirm, "6", "P", in(2027, "1000.00")))
	future.when(shorter("2026-12-31")).refused(CodeTermInUse, "R8", "date", "2026-12-31", "year", "2027").
		and(reduce("A1", 2027, "1000.00")).when(shorter("2026-12-31")).then("policy_amended").
		on("2027-01-05").when(submit("A2", aiFirm, "6", "Q", in(2026, "1.00"))).refused(CodePolicyExpired, "R8", "latest", "2026-12-31")
}

func TestAClosedClauseTakesNoApplicationsAndPaysItsInstalments(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "6", "P", in(2025, "1000.00"), in(2026, "500.00"))).
		ready(submit("A2", aiFirm, "6", "Q", in(2025, "1000.00"))).ready(submit("A3", aiFirm, "7", "R", in(2025, "1.00"))).
		and(amendPolicy("2025-06-01", func(c *AmendPolicy) { c.Clause, c.Close = "6", true })).on("2025-06-01")
	st.when(submit("A4", aiFirm, "6", "S", in(2025, "1.00"))).refused(CodeClauseClosed, "R7", "clause", "6", "from", "2025-06-01").
		when(by(&TransferApplication{Application: "A3", Clause: "6", Document: "1"}, person(Clerk, "market"))).refused(CodeClauseClosed, "R7").
		when(amendPolicy("2025-07-01", func(c *AmendPolicy) { c.Clause, c.Close = "6", true })).refused(CodeClauseClosed, "R7").
		when(approve("A2", in(2025, "1000.00"))).then("application_approved").
		when(pay("P1", "A1", 2025, "1000.00")).then("payout_made")
	st.on("2025-05-31").when(submit("A4", aiFirm, "6", "S", in(2025, "1.00"))).then("application_submitted")
}

func TestAnAmendmentOfAPolicyIsRefused(t *testing.T) {
	for why, one := range map[string]struct {
		change  func(*AmendPolicy)
		code    string
		figures []string
	}{
		"nothing":                     {func(*AmendPolicy) {}, CodePolicyAmendmentEmpty, nil},
		"what it says already":        {func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{"reform"} }, CodePolicyAmendmentEmpty, nil},
		"the same end":                {func(c *AmendPolicy) { c.TermTo = day("2026-12-31") }, CodePolicyAmendmentEmpty, nil},
		"no day":                      {func(c *AmendPolicy) { c.EffectiveOn = Date{} }, CodeFieldMissing, []string{"field", "effective_on"}},
		"a day that has passed":       {func(c *AmendPolicy) { c.EffectiveOn = day("2025-02-28") }, CodeAmendmentRetroactive, []string{"earliest", "2025-03-01"}},
		"no document":                 {func(c *AmendPolicy) { c.Document = "" }, CodeDocumentRequired, nil},
		"another policy":              {func(c *AmendPolicy) { c.Policy = "x" }, CodePolicyUnknown, nil},
		"another clause":              {func(c *AmendPolicy) { c.Clause, c.Close = "x", true }, CodeClauseUnknown, nil},
		"a department of none":        {func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{"x"} }, CodeFieldInvalid, []string{"field", "departments", "value", "x"}},
		"a department twice":          {func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{"data", "data"} }, CodeFieldInvalid, nil},
		"departments of no clause":    {func(c *AmendPolicy) { c.Departments = []DepartmentID{"data"} }, CodeFieldMissing, []string{"field", "clause"}},
		"nobody responsible":          {func(c *AmendPolicy) { c.Clause, c.Departments = "6", []DepartmentID{} }, CodeFieldMissing, []string{"field", "departments"}},
		"an industry of none":         {func(c *AmendPolicy) { c.Clause, c.Industries = "6", []IndustryID{"x"} }, CodeIndustryUnknown, nil},
		"a workflow that is none":     {func(c *AmendPolicy) { c.Workflow = &Workflow{Reviews: 99} }, CodePolicyInvalid, []string{"path", "workflow.reviews"}},
		"a clause that the fund has":  {func(c *AmendPolicy) { c.AddClause = &changning().Clauses[0] }, CodeClauseExists, nil},
		"a clause without department": {func(c *AmendPolicy) { c.AddClause = &Clause{ID: "8", Name: Text{"新", "new"}} }, CodePolicyInvalid, []string{"path", "clauses[13].departments"}},
	} {
		t.Run(why, func(t *testing.T) {
			given(t).when(amendPolicy("2025-03-01", one.change)).refused(one.code, refusalTexts[one.code].rule, one.figures...)
		})
	}
}

func TestAWorkflowAndAClauseAreAmendedFromADayOn(t *testing.T) {
	eight := changning().Clauses[12]
	eight.ID = "8"
	st := given(t).and(amendPolicy("2025-06-01", func(c *AmendPolicy) { c.Workflow, c.AddClause = &Workflow{Acceptance: true, Reviews: 0}, &eight })).
		and(submit("A1", aiFirm, "6", "P", in(2025, "1.00")), accept("A1")).
		when(approve("A1", in(2025, "1.00"))).refused(CodeReviewsRequired, "R9").
		when(submit("A2", aiFirm, "8", "Q", in(2025, "1.00"))).refused(CodePolicyNotInForce, "R8", "earliest", "2025-06-01")
	st.on("2025-06-01").when(approve("A1", in(2025, "1.00"))).then("application_approved").
		when(submit("A2", aiFirm, "8", "Q", in(2025, "1.00"))).then("application_submitted")
	if n := len(st.state.Policy().Clauses); n != 14 {
		t.Errorf("%d clauses", n)
	}
}

// A successor that is published ahead is amended before its term begins, from any day on that is not past.
func TestASuccessorIsAmendedBeforeItBegins(t *testing.T) {
	given(t).on("2026-12-01").and(publish(successor(Fresh, "6"))).
		and(amendPolicy("2026-12-01", func(c *AmendPolicy) {
			c.Policy, c.TermTo, c.Workflow = "changning-2027", day("2027-01-31"), &Workflow{Acceptance: true}
		})).
		on("2027-01-31").and(submit("A1", aiFirm, "n6", "P", in(2027, "1.00")), accept("A1")).
		when(approve("A1", in(2027, "1.00"))).then("application_approved").
		on("2027-02-01").when(submit("A2", aiFirm, "n6", "Q", in(2027, "1.00"))).refused(CodePolicyExpired, "R8", "latest", "2027-01-31")
}

// A clause may be amended to serve every industry, and the event says so.
func TestAClauseIsAmendedToServeEveryIndustry(t *testing.T) {
	c := amendPolicy("2025-03-01", func(c *AmendPolicy) { c.Clause, c.Industries = "1.1b", []IndustryID{} })
	o := given(t).when(submit("A1", aiFirm, "1.1b", "", in(2025, "1.00"))).refused(CodeIndustryNotServed, "R10").when(c)
	if text, _ := json.Marshal(o.decision.Events[0]); !strings.Contains(string(text), `"industries":[]`) {
		t.Errorf("the event is written as %s", text)
	}
	o.when(submit("A1", aiFirm, "1.1b", "", in(2025, "1.00"))).then("application_submitted")
}
