package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections/projtest"
)

func simulated(t testing.TB, s *scribe.Scribe, trial Trial) Simulation {
	t.Helper()
	r, err := Simulate(t.Context(), s.Records, RefusedList(s.Refused), trial)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readTrial is a trial of a policy as a person asks for it: "set 4.cap=…", "budget 2027=…", "map 4=", "rate …", "cut".
func readTrial(t testing.TB, p domain.Policy, asked ...string) Trial {
	t.Helper()
	lists := map[string][]string{}
	for _, one := range asked {
		what, value, _ := strings.Cut(one, " ")
		lists[what] = append(lists[what], value)
	}
	trial, err := ReadTrial(lists["set"], lists["budget"], lists["map"], lists["rate"])
	if err != nil {
		t.Fatal(err)
	}
	trial.Policy, trial.Cut = p, lists["cut"] != nil
	return trial
}

// unchanged tells of everything in which a simulation differs from its history.
func unchanged(t rapid.TB, r Simulation) {
	t.Helper()
	if r.ChangeCount != 0 || r.Winners+r.Losers+r.Capped+r.Unmapped != 0 || !r.Total.Same() {
		t.Errorf("%d of %d applications would get something else: %+v", r.ChangeCount, r.Applications, r.Changed[:min(3, len(r.Changed))])
	}
	for _, part := range r.Parts() {
		for _, line := range part.Rows {
			if !line.Same() || len(line.Events) != 0 {
				t.Errorf("%s %s: %+v", part.Name, line.ID, line)
			}
		}
	}
}

// Example 51: the same policy tried on its own history gives no difference, whether what is too much is refused or cut; nor does it with its clauses in
// another order, other words for everything, or under another file's id with the clauses mapped by their spelling.
func TestExample51TheSamePolicyGivesNoDifference(t *testing.T) {
	s := scribe.TwoYears()
	p := scribe.Changning(t)
	reworded := scribe.Changning(t)
	slices.Reverse(reworded.Clauses)
	slices.Reverse(reworded.Departments)
	slices.Reverse(reworded.Facts)
	reworded.Title = domain.Text{ZH: "另一名称", EN: "Another name"}
	for i := range reworded.Clauses {
		reworded.Clauses[i].Name = domain.Text{ZH: "条款", EN: "A clause"}
		slices.Reverse(reworded.Clauses[i].Departments)
	}
	for _, policy := range []domain.Policy{p, reworded} {
		for _, how := range [][]string{nil, {"cut"}, {"cut", "budget 2025=9000000000.00", "budget 2031=0.00"}} {
			r := simulated(t, s, readTrial(t, policy, how...))
			unchanged(t, r)
			if r.Applications < 900 || len(r.Map) != len(p.Clauses) || r.YearsLater != 0 {
				t.Errorf("%v: %d applications, %d clauses", how, r.Applications, len(r.Map))
			}
			for _, e := range r.Envelopes {
				if !e.RunsOutOn.IsZero() || e.Applications != 0 || e.Year == 2031 && !e.Granted.IsZero() {
					t.Errorf("%+v", e)
				}
			}
		}
	}
}

// The same policy over random histories, with all that amends it.
func TestTheSamePolicyGivesNoDifferenceOverAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := eventstore.Records(projtest.History(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(10, 600).Draw(rt, "events")))
		_, published, err := policiesOf(t.Context(), records)
		if err != nil || len(published) == 0 {
			rt.Fatalf("a history begins with its policy: %v, %d", err, len(published))
		}
		r, err := Simulate(t.Context(), records, nil, Trial{Policy: published[0], Cut: rapid.Bool().Draw(rt, "cut")})
		if err != nil {
			rt.Fatal(err)
		}
		if len(published) == 1 {
			unchanged(rt, r)
		}
	})
}

// Amendments of the policy that is tried hold where it says nothing else; what it says goes before them.
func TestAmendmentsOfTheSamePolicyHold(t *testing.T) {
	nine := scribe.Changning(t).Clauses[0]
	nine.ID = "9"
	cap9 := domain.GroupCap{Control: domain.GroupRefuse}
	for name, change := range map[string]func(*domain.AmendPolicy){
		"workflow":    func(c *domain.AmendPolicy) { c.Workflow = &domain.Workflow{Acceptance: true} },
		"term":        func(c *domain.AmendPolicy) { c.TermTo = scribe.Day("2027-06-30") },
		"departments": func(c *domain.AmendPolicy) { c.Clause, c.Departments = "4", []domain.DepartmentID{"science", "data"} },
		"industries":  func(c *domain.AmendPolicy) { c.Clause, c.Industries = "4", []domain.IndustryID{"ai"} },
		"group cap":   func(c *domain.AmendPolicy) { c.Clause, c.GroupCap = "1.1a", &cap9 },
		"debtors":     func(c *domain.AmendPolicy) { c.Debtors = domain.DebtorRefuse },
		"close":       func(c *domain.AmendPolicy) { c.Clause, c.Close = "7", true },
		"clause":      func(c *domain.AmendPolicy) { c.AddClause = &nine },
	} {
		amended := &domain.AmendPolicy{Head: by("amended", "2025-01-20", domain.Admin, "", "root"), EffectiveOn: scribe.Day("2025-01-20"), Document: "文 1"}
		change(amended)
		s := tell(t, firm(), amended, &domain.AmendClause{Head: by("cap", "2025-01-21", domain.Admin, "", "root"), Clause: "4", Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(9_000_000)), Given: true},
			EffectiveOn: scribe.Day("2025-01-25"), Document: "文 2"})
		s.and(caseOf("A-1", "P", 8_000_000)...)
		if r := s.Give(caseOf("A-2", "P", 2_000_000)[0]); r != nil {
			t.Fatal(r)
		}
		for _, how := range []string{"cut", "refuse"} {
			r := simulated(t, s.Scribe, readTrial(t, scribe.Changning(t), how))
			unchanged(t, r)
			if t.Failed() {
				t.Fatal(name)
			}
		}
		if r := simulated(t, s.Scribe, readTrial(t, scribe.Changning(t), "cut", "set 4.cap=7500000.00")); len(r.Changed) != 1 || r.Changed[0].Would.String() != "7500000.00" {
			t.Errorf("%s: %+v", name, r.Changed)
		}
	}
}

// Example 52, and what of it is cut and refused.
func TestExample52AnotherCap(t *testing.T) {
	p := scribe.Changning(t)
	cut := simulated(t, scribe.TwoYears(), readTrial(t, p, "cut", "set 4.cap=15000000.00"))
	got := map[domain.ApplicationID]string{}
	for _, o := range cut.Changed {
		got[o.Application] = o.Was.String() + " " + o.Would.String()
		if len(o.Events) != 2 || o.Clause != "4" || !o.Capped {
			t.Errorf("%+v", o)
		}
	}
	if got["S-11"] != "20000000.00 15000000.00" || cut.Winners != 0 || cut.Losers != cut.ChangeCount || cut.Capped != cut.ChangeCount {
		t.Errorf("%+v", got)
	}
	for _, c := range cut.Clauses {
		if c.ID != "4" && !c.Same() || c.ID == "4" && (c.Losers != cut.Losers || len(c.Events) != cut.Losers) {
			t.Errorf("%+v", c)
		}
	}
	for _, table := range cut.Tables() {
		if table.Name != "unknown" && table.Name != "envelopes" {
			scribe.CheckSheet(t, table)
		}
	}
	refused := simulated(t, scribe.TwoYears(), readTrial(t, p, "set 4.cap=15000000.00"))
	for _, o := range refused.Changed {
		if o.Application == "S-11" && (!o.Would.IsZero() || o.Refusal.Code != domain.CodeCapExceeded || o.Refusal.Figures["short_by"] != "5000000.00") {
			t.Errorf("%+v", o)
		}
	}
}

// Where a cap kept an approval below the request, a higher one gives what was asked; what a department gave less for its own reasons stays.
func TestAHigherCapGivesWhatWasAsked(t *testing.T) {
	apply := func(id domain.ApplicationID, project string, yuan, granted int64) []domain.Command {
		commands := caseOf(id, project, yuan)
		commands[3].(*domain.ApproveApplication).Instalments = in(2025, granted)
		return commands
	}
	s := tell(t, firm()).and(apply("A-1", "P", 30_000_000, 20_000_000)...).and(apply("A-2", "Q", 9_000_000, 7_000_000)...)
	r := simulated(t, s.Scribe, readTrial(t, scribe.Changning(t), "cut", "set 4.cap=25000000.00"))
	if r.ChangeCount != 1 || r.Changed[0].Application != "A-1" || r.Changed[0].Would.String() != "25000000.00" || r.Changed[0].CutBy != "" {
		t.Errorf("%+v", r.Changed)
	}
}

// What was refused for a cap is cut only where there is more left than there was: a department left what it could have had.
func TestARefusedApprovalIsCutToWhatIsMore(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(caseOf("A-2", "P", 9_000_000)[:3]...)
	if r := s.Give(caseOf("A-2", "P", 9_000_000)[3]); r == nil || r.Figures["headroom"] != "8000000.00" {
		t.Fatal(r)
	}
	for text, want := range map[string]string{"20000000.00": "0.00", "19000000.00": "0.00", "20500000.00": "8500000.00", "21000000.00": "9000000.00", "none": "9000000.00"} {
		r := simulated(t, s.Scribe, readTrial(t, scribe.Changning(t), "cut", "set 4.cap="+text))
		would := "0.00"
		for _, o := range r.Changed {
			if o.Application == "A-2" {
				would = o.Would.String()
			}
		}
		if would != want {
			t.Errorf("cap %s: %s, not %s", text, would, want)
		}
	}
}

// A clause that nothing goes on with is listed with what was under it, and none of it is dropped from the sums that were.
func TestAnUnmappedClauseIsListed(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(pay("1", "2025-03-02", "A-1", 5_000_000)).and(caseOf("A-2", "P", 3_000_000)...)
	p := scribe.Changning(t)
	p.Clauses = slices.DeleteFunc(slices.Clone(p.Clauses), func(c domain.Clause) bool { return c.ID == "4" })
	r := simulated(t, s.Scribe, readTrial(t, p))
	i := slices.IndexFunc(r.Map, func(c MappedClause) bool { return c.Clause == "4" })
	if c := r.Map[i]; c.Becomes != "" || c.Applications != 2 || c.Was.String() != "15000000.00" || c.Requested.String() != "15000000.00" || !c.Would.IsZero() {
		t.Errorf("%+v", c)
	}
	if r.Unmapped != 2 || r.Losers != 2 || r.Total.Was.Approved.String() != "15000000.00" || r.Total.Was.NetPaid.String() != "5000000.00" || !r.Total.Would.NetPaid.IsZero() {
		t.Errorf("%+v", r)
	}
	mapped := simulated(t, s.Scribe, readTrial(t, p, "map 4=7", "cut"))
	if mapped.Total.Would.Approved.String() != "1000000.00" || mapped.Total.Would.Paid.String() != "1000000.00" || mapped.Capped != 2 {
		t.Errorf("under clause 7: %+v, %+v", mapped.Total, mapped.Changed)
	}
}

// An envelope runs out on the day of the first approval that it does not suffice for; of nothing on the first of all; the years of the policy are later
// than those that stand for them.
func TestAnEnvelopeRunsOut(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(caseOf("A-2", "P", 3_000_000)...)
	next := scribe.Successor(t)
	for _, c := range []struct{ how, budget, runsOut, granted, short string }{
		{"cut", "2027=14000000.00", "2027-02-04", "14000000.00", "1000000.00"},
		{"refuse", "2027=14000000.00", "2027-02-04", "12000000.00", "3000000.00"},
		{"cut", "2027=15000000.00", "", "15000000.00", "0.00"},
		{"cut", "2027=0.00", "2027-02-04", "0.00", "15000000.00"},
		{"refuse", "2031=5.00", "", "0.00", "0.00"},
	} {
		r := simulated(t, s.Scribe, readTrial(t, next, c.how, "budget "+c.budget))
		e := r.Envelopes[0]
		runsOut := ""
		if !e.RunsOutOn.IsZero() {
			runsOut = e.RunsOutOn.String()
		}
		if runsOut != c.runsOut || e.Granted.String() != c.granted || e.Short.String() != c.short || r.YearsLater != 2 || e.StandsFor != e.Year-2 {
			t.Errorf("%s %s: %+v", c.how, c.budget, e)
		}
	}
}

// withFacts is the policy of the sample with one more condition of a clause.
func withConditions(t testing.TB, clause domain.ClauseID, list ...domain.Condition) domain.Policy {
	p := scribe.Changning(t)
	p.Clauses = slices.Clone(p.Clauses)
	for i := range p.Clauses {
		if p.Clauses[i].ID == clause {
			p.Clauses[i].Conditions = list
		}
	}
	return p
}

func record(id string, fact domain.FactID, office domain.DepartmentID, period, value string) domain.Command {
	return &domain.RecordFact{Head: by(id, "2025-01-10", domain.Clerk, office, "fin"), Enterprise: firmA, Fact: fact, Period: period, Value: value}
}

// A condition that the clause did not have is tried: who does not fulfil it gets nothing; of whom it is not known the decision stands and is counted.
func TestANewConditionIsTried(t *testing.T) {
	at := func(value string) domain.Policy {
		return withConditions(t, "4", domain.Condition{Fact: "revenue", Period: "year-1", Is: domain.AtLeast, Value: value})
	}
	without := tell(t, firm()).and(caseOf("A-1", "P", 1_000_000)...)
	if r := simulated(t, without.Scribe, readTrial(t, at("1.00"))); r.ChangeCount != 0 || len(r.Unknown) != 1 || r.Unknown[0].Code != "fact_not_known" || r.Unknown[0].Applications != 1 {
		t.Errorf("not known: %+v, %+v", r.Changed, r.Unknown)
	}
	s := tell(t, firm(), record("f", "revenue", "finance", "2024", "19999999.99")).and(caseOf("A-1", "P", 1_000_000)...)
	r := simulated(t, s.Scribe, readTrial(t, at("20000000.00")))
	if r.Losers != 1 || r.Changed[0].Refusal.Code != "condition_not_met" || !strings.Contains(r.Changed[0].Refusal.Message.EN, "0.01") {
		t.Errorf("%+v", r.Changed)
	}
	unchanged(t, simulated(t, s.Scribe, readTrial(t, at("19999999.99"))))
	// What the clause asked then the department judged.
	judged := scribe.New(t)
	judged.Give(scribe.Publish(at("20000000.00")))
	told{judged}.and(firm(), record("f", "revenue", "finance", "2024", "1.00")).and(caseOf("A-1", "P", 1_000_000)...)
	unchanged(t, simulated(t, judged, readTrial(t, at("20000000.00"))))
}

// A rate is a limit where its fact is known; where it is not, the decision stands and is counted.
func TestARateOfAFact(t *testing.T) {
	p := scribe.Changning(t)
	s := tell(t, firm(), record("f", "revenue", "finance", "2024", "50000000.00")).and(caseOf("A-1", "P", 1_000_000)...)
	for how, want := range map[string]string{"cut": "750000.00", "refuse": "0.00"} {
		r := simulated(t, s.Scribe, readTrial(t, p, how, "rate 4=revenue:year-1:1.5"))
		if len(r.Changed) != 1 || r.Changed[0].Would.String() != want || len(r.Unknown) != 0 {
			t.Errorf("%s: %+v, %+v", how, r.Changed, r.Unknown)
		}
	}
	r := simulated(t, s.Scribe, readTrial(t, p, "cut", "rate 4=rd-spending:year-1:1.5"))
	if r.ChangeCount != 0 || len(r.Unknown) != 1 || r.Unknown[0].What != "rate" || r.Unknown[0].Fact != "rd-spending" {
		t.Errorf("%+v, %+v", r.Changed, r.Unknown)
	}
	for _, text := range []string{"4=tax-paid:year-1:1.5", "4=employees:year-1:1.5", "4=none:year-1:1.5", "99=revenue:year-1:1.5", "4=revenue::1.5"} {
		if _, err := Simulate(t.Context(), s.Records, nil, readTrial(t, p, "rate "+text)); !errors.Is(err, ErrParameter) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Who may not read a fact learns nothing of it from a simulation: whatever its value is, and whether there is one, the answer is the same, under a policy
// that compares with it, declares it open, or makes it decide something else.
func TestASimulationTellsNobodyASecret(t *testing.T) {
	closed := func(f domain.Fact) bool { return !f.Sensitive }
	over := domain.Condition{Fact: "tax-paid", Period: "year-1", Is: domain.AtLeast, Value: "500.00"}
	redefined := func(change func(*domain.Fact)) domain.Policy {
		p := withConditions(t, "4", over)
		p.Facts = slices.Clone(p.Facts)
		for i := range p.Facts {
			if p.Facts[i].ID == "tax-paid" {
				change(&p.Facts[i])
			}
		}
		return p
	}
	for name, p := range map[string]domain.Policy{
		"compared":      withConditions(t, "4", over),
		"negated":       withConditions(t, "4", domain.Condition{Not: &over}),
		"joined":        withConditions(t, "4", domain.Condition{Any: []domain.Condition{over, {Fact: "revenue", Period: "year-1", Is: domain.AtLeast, Value: "1.00"}}}),
		"declared open": redefined(func(f *domain.Fact) { f.Sensitive = false }),
	} {
		var first string
		for _, value := range []string{"", "1.00", "499.99", "500.00", "900.00"} {
			s := tell(t, firm())
			if value != "" {
				s.and(record("f", "tax-paid", "finance", "2024", value))
			} else {
				s.and(&domain.RegisterEnterprise{Head: by("other", "2025-01-10", domain.Clerk, "", "cl"), Enterprise: "91310105MA1H12711G", Title: "另一家", Industry: "ai"})
			}
			s.and(caseOf("A-1", "P", 1_000_000)...)
			for _, how := range []string{"cut", "refuse"} {
				trial := readTrial(t, p, how)
				trial.MayRead = closed
				r := simulated(t, s.Scribe, trial)
				r.Decide = ""
				told := fmt.Sprintf("%+v %+v %+v %+v", r.Changed, r.Unknown, r.Total, r.Clauses)
				if first == "" {
					first = told
				}
				if told != first {
					t.Errorf("%s, value %q: %s\nnot %s", name, value, told, first)
				}
			}
		}
		if !strings.Contains(first, "fact_withheld") {
			t.Errorf("%s: %s", name, first)
		}
	}
	// As a fact that means the industry, or the size, it is what the ledger says that it is, not what the policy says.
	p := redefined(func(f *domain.Fact) {
		f.Sensitive, f.Unit, f.Per, f.Means, f.Codes = false, domain.UnitCode, domain.FromDay, domain.MeansStreet, []domain.FactCode{{ID: "a", Name: domain.Text{ZH: "甲", EN: "a"}}}
	})
	s := tell(t, firm(), record("f", "tax-paid", "finance", "2024", "500.00")).and(caseOf("A-1", "P", 1_000_000)...)
	trial := readTrial(t, p)
	trial.MayRead = closed
	r := simulated(t, s.Scribe, trial)
	if f, _ := r.Tried.Fact("tax-paid"); !f.Sensitive || f.Means != "" || f.Unit != domain.UnitMoney {
		t.Errorf("%+v", f)
	}
}

// What cannot be tried is refused with a reason, in both languages.
func TestWhatCannotBeTried(t *testing.T) {
	s := tell(t, firm())
	euro, bare := scribe.Changning(t), scribe.Changning(t)
	euro.Currency, bare.Clauses = "EUR", nil
	for name, trial := range map[string]Trial{
		"another currency": {Policy: euro},
		"no clauses":       {Policy: bare},
		"no policy":        {},
		"unknown clause":   readTrial(t, scribe.Changning(t), "map 99=4"),
		"unknown new one":  readTrial(t, scribe.Changning(t), "map 4=99"),
		"unknown set":      readTrial(t, scribe.Changning(t), "set 99.cap=1.00"),
		"the term":         readTrial(t, scribe.Changning(t), "set term.to=2030-12-31"),
		"not a cap":        readTrial(t, scribe.Changning(t), "set 4.cap=many"),
	} {
		_, err := Simulate(t.Context(), s.Records, nil, trial)
		if !errors.Is(err, ErrParameter) {
			t.Errorf("%s: %v", name, err)
		}
		if said, told := err.(interface{ Message() domain.Text }); !told || said.Message().ZH == "" || said.Message().EN == "" { // whole: no English words before it
			t.Errorf("%s: %v is told in one language", name, err)
		}
	}
	for _, lists := range [][4][]string{{{"x"}}, {nil, {"x"}}, {nil, {"2027=x"}}, {nil, {"2027=-1.00"}}, {nil, {"2027=1.00", "2027=1.00"}}, {nil, nil, {"x"}}, {nil, nil, {"4=5", "4=6"}}, {nil, nil, nil, {"4=revenue"}}} {
		if _, err := ReadTrial(lists[0], lists[1], lists[2], lists[3]); !errors.Is(err, ErrParameter) {
			t.Errorf("%v: %v", lists, err)
		}
	}
	if _, err := Simulate(t.Context(), eventstore.Records{}, nil, Trial{Policy: scribe.Changning(t)}); !errors.Is(err, ErrParameter) {
		t.Errorf("an empty ledger: %v", err)
	}
}

// Over a history of two policies a third is tried in the place of both, by what continues what; the steps to a decision are those of each time.
func TestASimulationOverTwoPolicies(t *testing.T) {
	s := scribe.Succession(t)
	for name, p := range map[string]domain.Policy{"first": scribe.Changning(t), "second": scribe.Successor(t)} {
		r := simulated(t, s, readTrial(t, p, "cut"))
		if r.Applications == 0 || r.Total.Would.Approved.IsZero() {
			t.Errorf("%s: %+v", name, r.Total)
		}
		for _, c := range r.Map {
			if c.Becomes == "" && c.Applications > 0 {
				t.Errorf("%s: %+v", name, c)
			}
		}
		var would domain.Money
		for _, c := range r.Map {
			would = would.Add(c.Would.Money)
		}
		if would != r.Total.Would.Approved.Money {
			t.Errorf("%s: the clauses come to %s, all to %s", name, would, r.Total.Would.Approved)
		}
	}
}
