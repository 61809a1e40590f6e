package audit

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
)

// play is a history under Changning's policy, told in days of 2025.
type play struct {
	*scribe.Scribe
	n int
}

const (
	aiFirm  = domain.EnterpriseID("914403001922038216")
	another = domain.EnterpriseID("91330100799655058B")
)

func newPlay(t testing.TB) *play {
	p := &play{}
	return p.under(t, scribe.Changning(t))
}

// under begins the history anew, under a policy.
func (p *play) under(t testing.TB, policy domain.Policy) *play {
	p.Scribe = scribe.New(t)
	p.Give(scribe.Publish(policy))
	return p.do(&domain.RegisterEnterprise{Head: p.by("2025-01-02", domain.Clerk, "", "clerk"), Enterprise: aiFirm, Title: "上海云杉智能科技有限公司", Industry: "ai"},
		&domain.RegisterEnterprise{Head: p.by("2025-01-02", domain.Clerk, "", "clerk"), Enterprise: another, Title: "杭州白桦文化有限公司", Industry: "other-services"})
}

// warned begins the history anew, under a policy that lets be found what budgets have not free.
func (p *play) warned() *play {
	policy := scribe.Changning(p.T)
	policy.BudgetControl = domain.BudgetWarn
	return p.under(p.T, policy)
}

func (p *play) by(on string, role domain.Role, office domain.DepartmentID, person domain.PersonID) domain.Head {
	p.n++
	return domain.Head{ID: domain.CommandID(fmt.Sprintf("c-%d", p.n)), Date: scribe.Day(on), Actor: domain.Actor{ID: person, Role: role, Department: office}}
}

func (p *play) treasurer(on string) domain.Head { return p.by(on, domain.Treasurer, "finance", "tre") }

func (p *play) do(commands ...domain.Command) *play {
	p.T.Helper()
	for _, c := range commands {
		if r := p.Give(c); r != nil {
			p.T.Fatalf("%s: %v", c.Name(), r)
		}
	}
	return p
}

func yuan(y domain.SupportYear, amount int64) domain.Instalment {
	return domain.Instalment{SupportYear: y, Amount: domain.Yuan(amount)}
}

// submitted hands in an application of the AI firm and takes it to its review.
func (p *play) submitted(id domain.ApplicationID, clause domain.ClauseID, project string, opinion domain.Opinion, asked ...domain.Instalment) *play {
	office := domain.DepartmentID("science")
	switch clause {
	case "7":
		office = "market"
	case "3":
		office = "talent"
	}
	c := &domain.SubmitApplication{Head: p.by("2025-02-01", domain.Clerk, office, "clerk"), Application: id, Enterprise: aiFirm, Clause: clause, Title: "研发", Requested: asked}
	if c.Project = project; clause == "3" {
		c.Project, c.Award = "", project
	}
	return p.do(c, &domain.AcceptApplication{Head: p.by("2025-02-02", domain.Clerk, office, "clerk"), Application: id},
		&domain.RecordReview{Head: p.by("2025-02-03", domain.Reviewer, office, "rev"), Application: id, Opinion: opinion, Comment: "见"})
}

// approved takes an application to its approval.
func (p *play) approved(id domain.ApplicationID, clause domain.ClauseID, project string, parts ...domain.Instalment) *play {
	return p.submitted(id, clause, project, domain.Support, parts...).approve(id, clause, parts...)
}

func (p *play) approve(id domain.ApplicationID, clause domain.ClauseID, parts ...domain.Instalment) *play {
	office := map[domain.ClauseID]domain.DepartmentID{"4": "science", "7": "market", "3": "talent", "2.1.2": "science"}[clause]
	return p.do(&domain.ApproveApplication{Head: p.by("2025-02-04", domain.Approver, office, "app"), Application: id, Instalments: parts, Reason: "会"})
}

func (p *play) booking(id domain.PayoutID, on string, a domain.ApplicationID, part domain.Instalment) *domain.BookPayout {
	return &domain.BookPayout{Head: p.treasurer(on), Payout: id, Application: a, SupportYear: part.SupportYear, Amount: part.Amount, Voucher: "V-" + string(id)}
}

func (p *play) outside(id domain.PayoutID, on string, firm domain.EnterpriseID, clause domain.ClauseID, project string, part domain.Instalment) *domain.BookPayout {
	c := &domain.BookPayout{Head: p.treasurer(on), Payout: id, Enterprise: firm, Clause: clause, SupportYear: part.SupportYear, Amount: part.Amount, Voucher: "V-" + string(id)}
	if c.Project = project; clause == "3" {
		c.Project, c.Award = "", project
	}
	return c
}

func (p *play) register(id domain.EnterpriseID, name string) *play {
	return p.do(&domain.RegisterEnterprise{Head: p.by("2025-03-01", domain.Clerk, "", "clerk"), Enterprise: id, Title: name, Industry: "ai"})
}

// group has two linked enterprises with 60,000,000.00 each of a clause that caps 100,000,000.00 an enterprise: the first by a booking of before the
// link, the second by one of a day.
func (p *play) group(from, then string) *play {
	second := creditCode(p.T, "91310105MA1FW1234")
	return p.register(second, "乙").do(p.outside("B1", "2025-02-01", aiFirm, "1.1a", "", yuan(2025, 60_000_000)),
		&domain.LinkEnterprises{Head: p.by("2025-03-01", domain.Clerk, "commerce", "clerk"), Link: "L", A: aiFirm, B: second, Kind: domain.Controls, Share: "51",
			From: scribe.Day(from), Document: "企登〔2025〕1号"},
		p.outside("B2", then, second, "1.1a", "", yuan(2025, 60_000_000)))
}

func creditCode(t testing.TB, body string) domain.EnterpriseID {
	t.Helper()
	check, ok := domain.CreditCodeCheck(body)
	if !ok {
		t.Fatal(body)
	}
	return domain.EnterpriseID(body + string(check))
}

// kindCases are histories that hold one finding of a kind each, by its code. The last event of the history is of it, unless said.
var kindCases = map[string]func(*play){
	CodeOverCap:            func(p *play) { p.do(p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 1_000_001))) },
	domain.CodeCapExceeded: func(p *play) { p.do(p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 1_000_001))) },
	codeGroupOverCap:       func(p *play) { p.group("2025-03-01", "2025-03-01") },
	domain.CodeGroupCapExceeded: func(p *play) { // the link is known when the second is booked
		p.group("2025-02-28", "2025-03-01")
	},
	domain.CodeAccountOverCap: func(p *play) { // a bounced cheque, after its headroom was granted anew
		p.approved("A", "7", "P", yuan(2025, 1_000_000)).do(p.booking("B", "2025-03-01", "A", yuan(2025, 1_000_000)),
			&domain.BookRecovery{Head: p.treasurer("2025-03-02"), Recovery: "R", Payout: "B", Amount: domain.Yuan(400_000), Cause: domain.CauseError}).
			do(p.outside("B2", "2025-03-03", aiFirm, "7", "P", yuan(2025, 400_000)), &domain.ReverseRecovery{Head: p.treasurer("2025-03-04"), Recovery: "R", Reason: "退票"})
	},
	domain.CodeRecoveryExceeded: func(p *play) {
		p.do(&domain.BookRecovery{Head: p.treasurer("2025-03-02"), Recovery: "R", Enterprise: aiFirm, Clause: "1.1a", SupportYear: 2025, Amount: domain.Yuan(5), Cause: domain.CauseError})
	},
	domain.CodeApplicationState: func(p *play) {
		p.submitted("A", "7", "P", domain.Support, yuan(2025, 10)).do(p.booking("B", "2025-03-01", "A", yuan(2025, 10)))
	},
	domain.CodeInstalmentExceeded: func(p *play) {
		p.approved("A", "7", "P", yuan(2025, 10)).do(p.booking("B", "2025-03-01", "A", yuan(2025, 11)))
	},
	domain.CodeInstalmentUnknown: func(p *play) {
		p.approved("A", "7", "P", yuan(2025, 10)).do(p.booking("B", "2025-03-01", "A", yuan(2026, 10)))
	},
	domain.CodeAppropriationExceed: func(p *play) {
		p.do(&domain.SetAppropriation{Head: p.treasurer("2025-01-05"), BudgetYear: 2025, Clause: "7", Amount: domain.Yuan(1), Document: "预算"},
			p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)))
	},
	domain.CodeBudgetExceeded: func(p *play) {
		p.warned().do(&domain.SetAppropriation{Head: p.treasurer("2025-01-05"), BudgetYear: 2025, Clause: "7", Department: "market", Amount: domain.Yuan(1), Document: "预算"}).
			approved("A", "7", "P", yuan(2025, 10))
	},
	domain.CodeAppropriationCommitted: func(p *play) {
		p.warned().approved("A", "7", "P", yuan(2025, 10)).
			do(&domain.SetAppropriation{Head: p.treasurer("2025-02-05"), BudgetYear: 2025, Department: "market", Amount: domain.Yuan(5), Document: "预算"})
	},
	domain.CodeBudgetYearClosed: func(p *play) {
		p.do(&domain.CloseBudgetYear{Head: p.treasurer("2026-01-05"), Year: 2025, Document: "封账"}, p.outside("B", "2025-12-31", aiFirm, "7", "P", yuan(2025, 10)))
	},
	domain.CodeInterestDiffers: func(p *play) {
		policy := scribe.Changning(p.T)
		policy.LateInterest = []domain.InterestRate{{From: scribe.Day("2025-01-01"), Rate: domain.Yuan(3), Method: domain.SimpleInterest, Basis: domain.Actual365}}
		p.under(p.T, policy).do(p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 1000)),
			&domain.OrderClawback{Head: p.treasurer("2025-03-11"), Clawback: "C", Payout: "B", Amount: domain.Yuan(1000), Cause: domain.CauseError},
			&domain.ReceiveRecovery{Head: p.treasurer("2025-03-12"), Recovery: "R", Clawback: "C", Amount: domain.Yuan(1000), Interest: domain.Fen(1)})
	},
	domain.CodeEnterpriseMerged: func(p *play) {
		second := creditCode(p.T, "91310105MA1FW1234")
		p.register(second, "乙").do(&domain.MergeEnterprises{Head: p.by("2025-03-02", domain.Clerk, "commerce", "clerk"), From: aiFirm, Into: second, Document: "市监〔2025〕8号"},
			p.outside("B", "2025-03-02", aiFirm, "7", "P", yuan(2025, 10)))
	},
	domain.CodeOwesMoney: func(p *play) {
		p.approved("A", "7", "P", yuan(2025, 10)).do(p.booking("B", "2025-03-01", "A", yuan(2025, 5)),
			&domain.OrderClawback{Head: p.treasurer("2025-03-02"), Clawback: "C", Payout: "B", Amount: domain.Yuan(5), Cause: domain.CauseError, DueOn: scribe.Day("2025-03-03")},
			p.booking("B2", "2025-03-04", "A", yuan(2025, 5)))
	},
	domain.CodeIndustryNotServed: func(p *play) { p.do(p.outside("B", "2025-03-01", another, "2.1.2", "P", yuan(2025, 10))) },
	domain.CodeOutsideDistrict: func(p *play) {
		policy := scribe.Changning(p.T)
		policy.District = "310105"
		p.under(p.T, policy).approved("A", "7", "P", yuan(2025, 10))
	},
	domain.CodeRateExceeded: func(p *play) {
		policy := scribe.Changning(p.T)
		policy.Facts = []domain.Fact{{ID: "turnover", Name: domain.Text{ZH: "营业额", EN: "Turnover"}, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}}}
		p.under(p.T, policy).submitted("A", "7", "P", domain.Support, yuan(2025, 10)).do(
			&domain.RecordFact{Head: p.by("2025-02-03", domain.Clerk, "finance", "clerk"), Enterprise: aiFirm, Fact: "turnover", Period: "2024", Value: "999.00"},
			&domain.ApproveApplication{Head: p.by("2025-02-04", domain.Approver, "market", "app"), Application: "A", Instalments: []domain.Instalment{yuan(2025, 10)}, Reason: "会",
				Fact: "turnover", Period: "2024", Rate: "1"})
	},
	domain.CodeApplicationSuspended: func(p *play) {
		p.approved("A", "7", "P", yuan(2025, 10)).do(&domain.SuspendApplication{Head: p.by("2025-02-05", domain.Approver, "market", "app"), Application: "A", Reason: "查"},
			p.booking("B", "2025-03-01", "A", yuan(2025, 10)))
	},
	domain.CodeDateOrder: func(p *play) {
		c := p.approved("A", "7", "P", yuan(2025, 10)).booking("B", "2025-03-01", "A", yuan(2025, 10))
		c.PaidOn = scribe.Day("2025-02-03")
		p.do(c)
	},
	domain.CodeYearOutsideTerm: func(p *play) { p.do(p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2020, 10))) },
	domain.CodeDateBeforePolicy: func(p *play) {
		c := p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10))
		c.PaidOn = scribe.Day("2024-11-14")
		p.do(c)
	},
	codeRestricted: func(p *play) {
		p.do(&domain.RestrictCredit{Head: p.treasurer("2025-02-01"), Enterprise: aiFirm, Reason: "失信"}, p.outside("B", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)))
	},
	codeFourEyes: func(p *play) {
		c := p.approved("A", "7", "P", yuan(2025, 10)).booking("B", "2025-03-01", "A", yuan(2025, 10))
		c.Actor.ID = "ＡＰＰ" // who approved, in other letters
		p.do(c)
	},
	codeImported: func(p *play) {
		p.submitted("A", "7", "P", domain.Support, yuan(2025, 10)).approve("A", "7", yuan(2025, 10))
		p.Records[len(p.Records)-1].Header["ce-importedby"] = []string{"admin"}
	},
	codeSpellings: func(p *play) { // as a log of the first edition may hold it
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "QQ", yuan(2025, 10)), p.outside("B2", "2025-03-01", aiFirm, "7", "P7", yuan(2025, 10)))
		for i := range p.Records {
			p.Records[i].Data = bytes.ReplaceAll(p.Records[i].Data, []byte(`"QQ"`), []byte(`"p 7"`))
		}
	},
	codeOrganisation: func(p *play) {
		p.register(creditCode(p.T, "91310105MA1FL1234"), "上海青竹有限公司").register(creditCode(p.T, "91310115MA1FL1234"), "上海红枫有限公司")
	},
	codeDoubleFunding: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)), p.outside("B2", "2025-03-01", aiFirm, "4", "P", yuan(2025, 10)))
	},
	codeVoucher: func(p *play) {
		c := p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10))).outside("B2", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10))
		c.Voucher = "V-B1"
		p.do(c)
	},
	codeEqual: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)), p.outside("B0", "2025-03-02", aiFirm, "7", "P", yuan(2025, 10)),
			p.outside("B00", "2025-03-01", aiFirm, "7", "P", yuan(2025, 11)), p.outside("B2", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)))
	},
	codeOverdue: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)),
			&domain.OrderClawback{Head: p.treasurer("2025-03-05"), Clawback: "C", Payout: "B1", Amount: domain.Yuan(3), Cause: domain.CauseBreach, Reason: "违约"})
	},
	codeOpposed: func(p *play) {
		p.submitted("A", "7", "P", domain.Oppose, yuan(2025, 10)).approve("A", "7", yuan(2025, 10))
	},
	codeLooksLike: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P-1", yuan(2025, 10)), p.outside("B2", "2025-03-01", aiFirm, "7", "P.1", yuan(2025, 10)))
	},
	codeOutside: func(p *play) { p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10))) },
	codeSplit: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "4", "P", yuan(2025, 600_000)), p.outside("B2", "2025-03-04", aiFirm, "4", "P", yuan(2025, 600_000)))
	},
	codeTeam: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "3", "李明创新团队", yuan(2025, 10)), p.outside("B2", "2025-03-04", aiFirm, "3", "李明", yuan(2025, 10)))
	},
	codeSharedProject: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "4", "P", yuan(2025, 10)), p.outside("B2", "2025-03-01", another, "4", "P", yuan(2025, 10)))
	},
	codeSimilarNames: func(p *play) {
		p.register(creditCode(p.T, "91310105MA1FL1234"), "上海云杉智能科技股份有限公司")
	},
	codePhases: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "4", "工厂一期", yuan(2025, 10)), p.outside("B2", "2025-03-01", aiFirm, "4", "工厂二期", yuan(2025, 10)))
	},
	codeCumulation: func(p *play) {
		p.do(p.outside("B1", "2025-03-01", aiFirm, "4", "P", yuan(2025, 10)), p.outside("B2", "2025-03-01", aiFirm, "7", "Q", yuan(2025, 10)))
	},
	domain.CodeYearNotAppliedFor: func(p *play) {
		p.submitted("A", "7", "P", domain.Support, yuan(2025, 10)).approve("A", "7", yuan(2026, 10))
	},
	domain.CodeYearRequestExceeded: func(p *play) {
		p.submitted("A", "7", "P", domain.Support, yuan(2025, 5), yuan(2026, 5)).approve("A", "7", yuan(2025, 8))
	},
	codeRecordedLate: func(p *play) {
		p.submitted("A", "7", "P", domain.Support, yuan(2025, 10)).do(p.outside("B", "2025-06-01", aiFirm, "4", "Q", yuan(2025, 10))).approve("A", "7", yuan(2025, 10))
	},
	codeRound: func(p *play) {
		p.approved("A", "4", "P", yuan(2025, 3_000_000)).approved("B", "7", "Q", yuan(2025, 900_000))
		for i := range 90 {
			c, part := domain.ApplicationID("B"), domain.Instalment{SupportYear: 2025, Amount: domain.Fen(123_456)}
			if i%3 == 2 {
				c, part = "A", yuan(2025, 100_000)
			}
			p.do(p.booking(domain.PayoutID(fmt.Sprint("B", i)), "2025-03-01", c, part))
		}
	},
	codeBenford: func(p *play) {
		for i := range 320 {
			unit := []int64{1, 100, 10_000, 1_000_000}[i%4]
			p.do(p.outside(domain.PayoutID(fmt.Sprint("B", i)), "2025-03-01", aiFirm, "1.2c", "", domain.Instalment{SupportYear: 2025, Amount: domain.Fen((700 + int64(i)/4) * unit)}))
		}
	},
}

// Every kind that an auditor asks for is found in a history that holds it: once, with the event, in what the report lists and counts and in
// the tables that are exported. A new kind without a case fails, and so does a rule that facts may break and that is told nowhere.
func TestEveryKindOfFindingIsFoundOnce(t *testing.T) {
	for _, code := range domain.FindingCodes {
		told := code
		if code == domain.CodeCreditRestricted {
			told = codeRestricted
		}
		if !slices.ContainsFunc(asked, func(k kind) bool { return k.code == told }) {
			t.Errorf("facts may break %s, and no kind of finding tells it", code)
		}
	}
	for _, k := range asked {
		t.Run(k.code, func(t *testing.T) {
			history := kindCases[k.code]
			if history == nil {
				t.Fatal("no history holds it")
			}
			p := newPlay(t)
			before := len(p.Records)
			history(p)
			r, err := Verify(t.Context(), Evidence{Log: p.Records}, Options{Now: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			of := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Code != k.code })
			if len(of) != 1 {
				t.Fatalf("found %d times: %v", len(of), first(r.Findings, 20))
			}
			f := of[0]
			if last := uint64(len(p.Records)); k.code != codeBenford && k.code != codePhases && !slices.Contains(f.Events, last) || f.EventCount > len(p.Records)-before+1 {
				t.Errorf("its events are %v of %d", f.Events, last)
			}
			if f.Action == nothing || f.Severity != k.severity || bytes.ContainsRune([]byte(f.Explanation.EN), '–') {
				t.Errorf("it is told as %+v", f)
			}
			for _, c := range f.Cases {
				if c.Detail.ZH == "" || c.Detail.EN == "" || len(c.Events) == 0 || bytes.ContainsRune([]byte(c.Detail.EN), '–') {
					t.Errorf("its case is told as %+v", c)
				}
			}
			i := slices.IndexFunc(r.Kinds, func(n KindCount) bool { return n.Code == k.code })
			if i < 0 || r.Kinds[i].Findings != 1 || r.Kinds[i].Cases != f.CaseCount || r.Kinds[i].Open != 1 {
				t.Errorf("it is counted as %+v", r.Kinds)
			}
			for _, sheet := range r.Tables() {
				rows := 0
				for _, row := range sheet.Rows {
					if slices.Contains(row, domain.Text{ZH: string(f.ID), EN: string(f.ID)}) {
						rows++
					}
				}
				if want := map[string]int{"findings": 1, "cases": len(f.Cases)}[sheet.Name]; rows != want {
					t.Errorf("the table %s has %d rows of it, not %d", sheet.Name, rows, want)
				}
			}
		})
	}
}

// What was undone is found no more: a booking that was reversed funded nothing.
func TestWhatWasUndoneIsNotFound(t *testing.T) {
	for _, code := range []string{codeDoubleFunding, codeCumulation, codeVoucher, codeEqual, codeSplit, codeOutside, codeTeam} {
		p := newPlay(t)
		kindCases[code](p)
		for _, id := range []domain.PayoutID{"B1", "B2"} {
			if _, booked := p.State.Payout(id); booked {
				p.do(&domain.ReverseBooking{Head: p.treasurer("2025-04-01"), Payout: id, Reason: "误记", Document: "更正表"})
			}
		}
		for _, f := range judgedFindings(t, p.Records) {
			if f.Code == code {
				t.Errorf("%s: %s", code, f.Explanation.EN)
			}
		}
	}
}

// A case is disposed of by itself; what comes to a finding after it was disposed of is told.
func TestACaseIsDisposedOfAloneAndWhatComesLaterIsTold(t *testing.T) {
	p := newPlay(t).do()
	kindCases[codeOverdue](p)
	overdue := func() Finding {
		list := judgedFindings(t, p.Records)
		return list[slices.IndexFunc(list, func(f Finding) bool { return f.Code == codeOverdue })]
	}
	f := overdue()
	auditor := func(on string) domain.Head { return p.by(on, domain.Auditor, "", "auditor") }
	p.do(&domain.DisposeFinding{Head: auditor("2025-07-01"), Finding: f.Cases[0].ID, Disposition: domain.FindingExplained, Comment: "分期"},
		&domain.DisposeFinding{Head: auditor("2025-07-01"), Finding: f.ID, Disposition: domain.FindingAccepted, Comment: "已催收"})
	if f = overdue(); f.Since != 0 || f.Disposition == nil || f.Cases[0].Disposition == nil || f.Cases[0].Disposition.Comment != "分期" {
		t.Fatalf("%+v", f)
	}
	p.do(p.outside("B9", "2025-07-02", aiFirm, "7", "P", yuan(2025, 10)),
		&domain.OrderClawback{Head: p.treasurer("2025-07-05"), Clawback: "C9", Payout: "B9", Amount: domain.Yuan(3), Cause: domain.CauseBreach, Reason: "违约"})
	if f = overdue(); f.CaseCount != 2 || f.Since != 1 || counted([]Finding{f})[0].Open != 1 {
		t.Errorf("%+v", f)
	}
}

// Of spellings of one name, and names of one group, every planted pair is found, and none of two that are two things.
func TestNamesThatAreSimilarAreFoundAndSeriesAreNot(t *testing.T) {
	same := [][]string{
		{"上海长宁云杉数字科技有限公司", "上海云杉数字科技股份有限公司", "云杉数字科技（上海）有限公司", "云杉数字科技(上海)有限公司"},
		{"上海白桦信息技术有限公司", "上海白烨信息技术有限公司", "上海白桦信息技朮有限公司"}, // written otherwise: found behind the trade name
		{"上海瀚海智能科技有限公司", "上海翰海智能科技有限公司"},                 // read alike
		{"上海申浦數字科技有限公司", "上海申浦数字科技有限公司"},                 // the traditional characters
		{"上海红枫航空服务有限公司", "上海红枫资产管理有限公司", "红枫科技集团有限公司"},   // three of one group
		{"上海青竹供应链管理有限公司", "上海青竹供应链管里有限公司"},
		{"Acme Robotics (Shanghai) Co., Ltd.", "ACME ROBOTICS Shanghai Limited", "Acme  Robotics Inc."},
		{"上海胡杨建设有限公司", "上海胡杨建设有限公司长宁分公司"},
	}
	same[1] = []string{same[1][0], same[1][2]} // 烨 neither looks like 桦 to any table nor is it read alike
	apart := []string{"上海长宁一建有限公司", "上海长宁二建有限公司", "上海第12企业有限公司", "上海第13企业有限公司", "上海宜建有限公司", "中国航空服务有限公司",
		"中国人力资源有限公司", "上海银杏连锁第一分公司", "上海银杏连锁第二分公司", "上海云栖语音识别技术有限公司", "上海云翼智能科技有限公司", "上海星翼智能科技有限公司",
		"上海水仙东路支行", "上海水仙西路支行", "上海有限公司", "长宁有限公司", "上海甲木科技有限公司", "上海乙木科技有限公司", "Lake A Trading Ltd.", "Lake B Trading Ltd."}
	a := newAnalysis(Limits{}.withDefaults(), scribe.Day("2026-01-01"))
	cluster := map[string]int{}
	for i, names := range same {
		for _, name := range names {
			cluster[name] = i + 1
		}
	}
	for i, name := range slices.Concat(slices.Concat(same...), apart) {
		a.names[domain.EnterpriseID(fmt.Sprintf("E%03d", i))] = lastName{name: name, seq: uint64(i + 1)}
	}
	found := map[int]int{}
	for _, f := range a.similarNames() {
		of := cluster[f.Cases[0].Figures["name"]]
		for _, c := range f.Cases {
			if n := cluster[c.Figures["name"]]; n == 0 || n != of {
				t.Errorf("%s was found to be like %s", c.Figures["name"], f.Figures["names"])
			}
			found[of]++
		}
	}
	for i, names := range same {
		if found[i+1] != len(names) {
			t.Errorf("of %v %d were found", names, found[i+1])
		}
	}
}

// Talents whose names a team's name or title holds are found; ids that begin alike are not.
func TestATalentInATeamIsFoundByNameOnly(t *testing.T) {
	for name, c := range map[string]struct {
		awards []string
		title  string
		want   bool
	}{
		"a team of that name":         {[]string{"李明创新团队", "李明"}, "", true},
		"a team whose title names it": {[]string{"芯片团队", "王芳"}, "芯片团队（成员：李明、王芳）", true},
		"a Latin name":                {[]string{"Team Smith", "Smith"}, "", true},
		"ids that begin alike":        {[]string{"T-12 team", "T-1"}, "", false},
		"one character":               {[]string{"李明团队", "李"}, "", false},
		"two teams":                   {[]string{"李明团队", "李明创新团队"}, "", false},
		"somebody else":               {[]string{"李明团队", "王芳"}, "", false},
	} {
		p := newPlay(t)
		for i, award := range c.awards {
			title := "支持"
			if i == 0 && c.title != "" {
				title = c.title
			}
			id := domain.ApplicationID(fmt.Sprint("A", i))
			p.do(&domain.SubmitApplication{Head: p.by("2025-02-01", domain.Clerk, "talent", "clerk"), Application: id, Enterprise: aiFirm, Clause: "3", Title: title,
				Award: award, Requested: []domain.Instalment{yuan(2025, 10)}}, &domain.AcceptApplication{Head: p.by("2025-02-02", domain.Clerk, "talent", "clerk"), Application: id},
				&domain.RecordReview{Head: p.by("2025-02-03", domain.Reviewer, "talent", "rev"), Application: id, Opinion: domain.Support, Comment: "见"}).
				approve(id, "3", yuan(2025, 10))
		}
		got := slices.ContainsFunc(judgedFindings(t, p.Records), func(f Finding) bool { return f.Code == codeTeam })
		if got != c.want {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

// The sample's findings are few, and the true ones are among them.
func TestTheSamplesFindingsAreReadInOneSitting(t *testing.T) {
	list := judgedFindings(t, eventstore.Records(scribe.TwoYears().Records))
	codes := map[string]int{}
	for _, f := range list {
		codes[f.Code]++
	}
	for _, planted := range []string{CodeOverCap, domain.CodeCapExceeded, codeDoubleFunding, codeVoucher, codeOverdue, codeOpposed, codeSplit, codeCumulation} {
		if codes[planted] == 0 {
			t.Errorf("the sample's %s was not found", planted)
		}
	}
	if len(list) > 40 {
		t.Errorf("there are %d findings: %v", len(list), codes)
	}
	if !slices.IsSortedFunc(list, func(a, b Finding) int { return severityOrder(a.Severity) - severityOrder(b.Severity) }) {
		t.Error("the gravest do not come first")
	}
}

// A clawback that is due on a day is overdue once that is over, with what was due by it; not for the days since its order.
func TestAClawbackIsOverdueFromTheDayItWasDue(t *testing.T) {
	for due, found := range map[string]bool{"2025-03-20": true, "2099-01-01": false, "": true} {
		p := newPlay(t)
		c := &domain.OrderClawback{Head: p.treasurer("2025-03-05"), Clawback: "C", Payout: "B1", Amount: domain.Yuan(3), Cause: domain.CauseBreach, Reason: "违约"}
		if due != "" {
			c.DueOn = scribe.Day(due)
		}
		p.do(p.outside("B1", "2025-03-01", aiFirm, "7", "P", yuan(2025, 10)), c)
		has := slices.ContainsFunc(judgedFindings(t, p.Records), func(f Finding) bool { return f.Code == codeOverdue })
		if has != found {
			t.Errorf("due on %q: found %t", due, has)
		}
	}
}
