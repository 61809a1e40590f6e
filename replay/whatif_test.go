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
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

func again(t *testing.T, s *scribe.Scribe, set ...string) WhatIf {
	t.Helper()
	var list []Parameter
	for _, text := range set {
		p, err := ParseParameter(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	w, err := DecideAgain(t.Context(), s.Records, RefusedList(s.Refused), list, domain.DateOf(2026, 12, 31))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Under the parameters that were, nothing changes: a law, held by two years of the sample with all their refusals.
func TestWhatIfNothingWereOtherwise(t *testing.T) {
	for _, set := range [][]string{nil, {"4.cap=20000000.00", "1.2b.period=year", "workflow.reviews=1", "term.to=2026-12-31", "4.departments=science"}} {
		w := again(t, scribe.TwoYears(), set...)
		if w.ChangeCount != 0 || len(w.Changed) != 0 || !w.Total.Same() || w.Decisions != len(scribe.TwoYears().Records)+len(scribe.TwoYears().Refused) {
			t.Errorf("%v: %d decisions, %d changed: %+v", set, w.Decisions, w.ChangeCount, w.Changed[:min(3, len(w.Changed))])
		}
		for _, list := range [][]SideBySide{w.Enterprises, w.Clauses, w.Departments, w.Years} {
			for _, s := range list {
				if !s.Same() {
					t.Errorf("%s: %+v", s.ID, s)
				}
			}
		}
		for _, p := range w.Parameters {
			if p.Was != p.Value {
				t.Errorf("%s was %s", p.Path, p.Was)
			}
		}
	}
}

func TestWhatIfTheCapHadBeenLower(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(pay("1", "2025-03-02", "A-1", 5_000_000)).and(caseOf("A-2", "P", 3_000_000)...)
	w := again(t, s.Scribe, "4.cap=10000000.00")
	if w.ChangeCount != 2 || w.Causes != 1 {
		t.Fatalf("%d changed, %d causes: %+v", w.ChangeCount, w.Causes, w.Changed)
	}
	first, then := w.Changed[0], w.Changed[1]
	if first.Application != "A-1" || first.Would.Refusal.Code != domain.CodeCapExceeded || first.Would.Refusal.Figures["short_by"] != "2000000.00" || first.Follows {
		t.Errorf("first %+v", first)
	}
	if then.Command != "make_payout" || !then.Follows {
		t.Errorf("then %+v", then)
	}
	firm := w.Enterprises[0]
	if firm.Was.Approved.Money != domain.Yuan(15_000_000) || firm.Would.Approved.Money != domain.Yuan(3_000_000) || firm.Was.Paid.Money != domain.Yuan(5_000_000) || !firm.Would.Paid.IsZero() {
		t.Errorf("%+v", firm)
	}
	if w.Parameters[0].Was != "20000000.00" || w.Clauses[0].ID != "4" || w.Departments[0].ID != "science" || w.Years[0].ID != "2025" || len(w.Fixed) == 0 {
		t.Errorf("%+v", w)
	}
}

func TestWhatIfTheCapHadBeenHigher(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(caseOf("A-2", "P", 9_000_000)[:3]...)
	if r := s.Give(caseOf("A-2", "P", 9_000_000)[3]); r == nil || r.Code != domain.CodeCapExceeded {
		t.Fatal(r)
	}
	w := again(t, s.Scribe, "4.cap=none")
	if w.ChangeCount != 1 || !w.Changed[0].Would.Accepted || w.Changed[0].Was.Refusal.Code != domain.CodeCapExceeded || w.Total.Would.Approved.Money != domain.Yuan(21_000_000) {
		t.Errorf("%+v", w)
	}
}

func TestWhatIfTheWayHadBeenStricter(t *testing.T) {
	w := again(t, scribe.TwoYears(), "workflow.reviews=2")
	if w.Causes == 0 || !w.Total.Would.Approved.Less(w.Total.Was.Approved.Money) || w.Changed[0].Would.Refusal.Code != domain.CodeReviewsRequired {
		t.Errorf("%d causes, %+v", w.Causes, w.Total)
	}
}

func TestParametersThatAreNoneSaySo(t *testing.T) {
	for _, text := range []string{"", "x", "4.cap", ".=1", "cap=1"} {
		if _, err := ParseParameter(text); !errors.Is(err, ErrParameter) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"99.cap=1.00", "4.cap=1.001", "4.colour=red", "4.period=week", "workflow.reviews=x", "workflow.speed=1", "term.to=soon",
		"4.amendments=some", "4.effective_on=x", "4.retroactive=x", "4.departments=nobody"} {
		p, err := ParseParameter(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecideAgain(t.Context(), scribe.TwoYears().Records[:10], nil, []Parameter{p}, domain.Date{}); !errors.Is(err, ErrParameter) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a decision moved is what its command names: what of a booking is outside any approval is a part of it, no second amount.
func TestWhatADecisionMovedIsCountedOnce(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...)
	treasurer := func(id, date string) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: scribe.Day(date), Actor: domain.Actor{ID: "chen", Role: domain.Treasurer, Department: "finance"}}
	}
	var want []domain.Money
	give := func(moved int64, c domain.Command) {
		t.Helper()
		if r := s.Give(c); r != nil {
			t.Fatal(r)
		}
		want = append(want, domain.Yuan(moved))
	}
	begun := len(s.Records)
	give(5, &domain.BookPayout{Head: treasurer("b1", "2025-04-01"), Payout: "B-1", Enterprise: firmA, Clause: "7", Project: "外", SupportYear: 2025, Amount: domain.Yuan(5)})
	give(6, &domain.BookPayout{Head: treasurer("b2", "2025-04-02"), Payout: "B-2", Application: "A-1", SupportYear: 2025, Amount: domain.Yuan(6)})
	give(2, &domain.ReturnPayout{Head: treasurer("r1", "2025-04-03"), Payout: "B-1", Amount: domain.Yuan(2), Reason: "户名不符"})
	give(-1, &domain.ReverseReturn{Head: treasurer("r2", "2025-04-04"), Payout: "B-1", Amount: domain.Yuan(1), Reason: "误记"})
	give(9, &domain.BookRecovery{Head: treasurer("r3", "2025-04-05"), Recovery: "R-1", Payout: "B-2", Amount: domain.Yuan(9), Cause: domain.CauseError})
	give(-9, &domain.ReverseRecovery{Head: treasurer("r4", "2025-04-06"), Recovery: "R-1", Reason: "误记"})
	give(-4, &domain.ReverseBooking{Head: treasurer("b3", "2025-04-07"), Payout: "B-1", Reason: "误记", Document: "更正表"})
	for i, r := range s.Records[begun:] {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := newSums().add(entry, entry.Deed().Actor)
		if err != nil || got != want[i] {
			t.Errorf("%s moved %s, not %s: %v", entry.Event.Name(), got, want[i], err)
		}
	}
}

// Under no change at all both histories come to what the projections keep, line for line: over random histories.
func TestWhatIfNothingWereOtherwiseIsTheHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := projtest.History(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(10, 600).Draw(rt, "events"))
		w, err := DecideAgain(t.Context(), eventstore.Records(records), nil, nil, domain.Date{})
		if err != nil {
			rt.Fatal(err)
		}
		if w.ChangeCount != 0 || w.Decisions != len(records) {
			rt.Fatalf("%d of %d decisions changed: %+v", w.ChangeCount, w.Decisions, w.Changed[0])
		}
		firms, clauses, years, all := map[string]*projections.Figures{}, map[string]*projections.Figures{}, map[string]*projections.Figures{}, projections.Figures{}
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err != nil {
				rt.Fatal(err)
			}
			postings, err := projections.Fold(entry)
			if err != nil {
				rt.Fatal(err)
			}
			for _, p := range postings {
				all.Add(p)
				addTo(firms, string(p.Line.Enterprise), p)
				addTo(clauses, string(p.Line.Clause), p)
				if p.BudgetYear != 0 {
					addTo(years, fmt.Sprint(p.BudgetYear), p)
				}
			}
		}
		same := func(what string, s SideBySide, f *projections.Figures) {
			want := Sums{Approved: domain.Balance{Money: f.Of(projections.Approved)}, Paid: domain.Balance{Money: f.Of(projections.Paid)},
				NetPaid: domain.Balance{Money: f.NetPaid()}}
			if s.Was != want || s.Would != want {
				rt.Fatalf("%s %s: was %+v, would be %+v, and the projections keep %+v", what, s.ID, s.Was, s.Would, want)
			}
		}
		same("fund", w.Total, &all)
		for _, part := range []struct {
			what string
			rows []SideBySide
			kept map[string]*projections.Figures
		}{{"enterprise", w.Enterprises, firms}, {"clause", w.Clauses, clauses}, {"budget year", w.Years, years}} {
			for _, s := range part.rows {
				same(part.what, s, part.kept[s.ID])
				delete(part.kept, s.ID)
			}
			for id, f := range part.kept {
				same(part.what+" without a row", SideBySide{ID: id}, f)
			}
		}
	})
}

func addTo(m map[string]*projections.Figures, key string, p projections.Posting) {
	if m[key] == nil {
		m[key] = &projections.Figures{}
	}
	m[key].Add(p)
}

// A cap that is tried is the cap all the way, whatever amended it, and stands beside the one in force; it is told in words.
func TestACapThatIsTriedGoesBeforeItsAmendments(t *testing.T) {
	s := tell(t, firm(), &domain.AmendClause{Head: by("am", "2025-01-20", domain.Admin, "", "root"), Clause: "4", Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(9_000_000)), Given: true},
		EffectiveOn: scribe.Day("2025-01-25"), Document: "文 1"}).and(caseOf("A-1", "P", 8_000_000)...)
	for day, was := range map[string]string{"2025-01-24": "20000000.00", "2025-01-25": "9000000.00"} {
		p, err := ParseParameter("4.cap=7000000.00")
		if err != nil {
			t.Fatal(err)
		}
		w, err := DecideAgain(t.Context(), s.Records, nil, []Parameter{p}, scribe.Day(day))
		if err != nil || w.Parameters[0].Was != was || w.Changed[0].Would.Refusal == nil || w.Changed[0].Would.Refusal.Figures["cap"] != "7000000.00" {
			t.Errorf("on %s: %+v, %+v, %v", day, w.Parameters, w.Changed, err)
		}
	}
	policy := again(t, s.Scribe, "workflow.reviews=1").Policy
	for text, want := range map[string]string{
		"4.cap=15000000.00": "15,000,000.00", "4.cap=none": "未规定", "4.period=year": "每年", "4.subject=project": "项目", "4.stronger_support=false": "否",
		"4.departments=science,data": "区科委、区数据局", "4.industries=none": "不限", "4.amendments=none": "无", "workflow.acceptance=false": "否", "workflow.reviews=2": "2",
	} {
		p, err := ParseParameter(text)
		if err != nil {
			t.Fatal(err)
		}
		what, value, _ := p.Said(policy)
		if value.ZH != want || strings.Contains(what.ZH, ".") && !strings.Contains(what.ZH, "（") {
			t.Errorf("%s is told as %q, %q", text, what.ZH, value.ZH)
		}
	}
}

// Over two policies a parameter is set in the one that has the clause, a workflow in all or in the one that is named, and what was used under a
// clause of the first counts under the one that carries it on.
func TestWhatIfOverTwoPolicies(t *testing.T) {
	s := scribe.Succession(t)
	for text, want := range map[string]struct {
		was     string
		refused []domain.CommandID
	}{
		"27-4.cap=25000000.00":              {"25000000.00", nil},
		"4.cap=999999.99":                   {"20000000.00", []domain.CommandID{"A-old-4"}},
		"27-4.cap=1999999.99":               {"25000000.00", []domain.CommandID{"A-new-4"}}, // 1,000,000.00 was used under clause 4
		"workflow.reviews=2":                {"1", []domain.CommandID{"A-old-4", "A-new-4"}},
		"changning-2024.workflow.reviews=2": {"1", []domain.CommandID{"A-old-4"}},
		"changning-2027.workflow.reviews=2": {"1", []domain.CommandID{"A-new-4"}},
		"changning-2027.term.to=2027-06-30": {"2029-12-31", nil},
	} {
		w := again(t, s, text)
		var refused []domain.CommandID
		for _, d := range w.Changed {
			if !d.Follows {
				refused = append(refused, d.CommandID)
			}
		}
		if !slices.Equal(refused, want.refused) || w.Parameters[0].Was != want.was {
			t.Errorf("%s, which is %s: %v are decided otherwise", text, w.Parameters[0].Was, refused)
		}
	}
	for _, text := range []string{"99.cap=1.00", "changning-2030.term.to=2030-12-31", "term.to=2026-06-30"} {
		p, err := ParseParameter(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecideAgain(t.Context(), s.Records, nil, []Parameter{p}, domain.Date{}); !errors.Is(err, ErrParameter) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is set is set from the beginning: an amendment of the policy that says otherwise is as if it had not been made.
func TestWhatIfGoesBeforeAmendmentsOfThePolicy(t *testing.T) {
	amendment := func(change func(*domain.AmendPolicy)) domain.Command {
		c := &domain.AmendPolicy{Head: by("amended", "2025-01-20", domain.Admin, "", "root"), EffectiveOn: scribe.Day("2025-01-20"), Document: "文 1"}
		change(c)
		return c
	}
	nine := scribe.Changning(t).Clauses[0]
	nine.ID = "9"
	for text, change := range map[string]func(*domain.AmendPolicy){
		"workflow.reviews=1":    func(c *domain.AmendPolicy) { c.Workflow = &domain.Workflow{Acceptance: true, Reviews: 2} },
		"term.to=2026-12-31":    func(c *domain.AmendPolicy) { c.TermTo = scribe.Day("2027-06-30") },
		"4.departments=science": func(c *domain.AmendPolicy) { c.Clause, c.Departments = "4", []domain.DepartmentID{"data"} },
		"4.industries=none":     func(c *domain.AmendPolicy) { c.Clause, c.Industries = "4", []domain.IndustryID{"ai"} },
		"4.amendments=none":     func(c *domain.AmendPolicy) { c.Clause, c.Close = "4", true },
		"9.cap=1.00":            func(c *domain.AmendPolicy) { c.AddClause = &nine },
	} {
		s := tell(t, amendment(change))
		w := again(t, s.Scribe, text)
		if w.Decisions != len(s.Records) || w.ChangeCount != 0 || text == "9.cap=1.00" && w.Parameters[0].Was != "100000000.00" {
			t.Errorf("%s: %d decisions, %+v, %+v", text, w.Decisions, w.Changed, w.Parameters)
		}
	}
}

// What a decision moves behind its first event counts too: a payout is the same, and keeps back nothing where nothing is owed.
func TestWhatIfComparesAllThatADecisionMoves(t *testing.T) {
	s := tell(t, firm(), &domain.AmendPolicy{Head: by("offset", "2025-01-20", domain.Admin, "", "root"), EffectiveOn: scribe.Day("2025-01-20"), Document: "文 1", Debtors: domain.DebtorOffset}).
		and(caseOf("A-1", "P", 12_000_000)...).and(pay("1", "2025-03-02", "A-1", 5_000_000)).and(caseOf("A-2", "Q", 3_000_000)...).
		and(&domain.OrderClawback{Head: by("order", "2025-03-03", domain.Treasurer, "finance", "tre"), Clawback: "C", Payout: "P-1", Amount: domain.Yuan(1_000_000), Cause: domain.CauseError,
			Reason: "多付", DueOn: scribe.Day("2025-03-10")}, pay("2", "2025-04-01", "A-2", 2_000_000))
	w := again(t, s.Scribe, "4.cap=10000000.00")
	last := w.Changed[len(w.Changed)-1]
	if last.CommandID != "2" || last.Was.Amount != last.Would.Amount || len(last.Was.Behind) != 1 || last.Was.Behind[0] != (Behind{"recovery_received", domain.Yuan(1_000_000)}) || len(last.Would.Behind) > 0 {
		t.Errorf("%d changed, the last %+v", w.ChangeCount, last)
	}
	if w := again(t, s.Scribe, "4.cap=20000000.00"); w.ChangeCount != 0 {
		t.Errorf("%+v", w.Changed)
	}
}
