package replay

import (
	"errors"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
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
	w, err := DecideAgain(t.Context(), s.Records, RefusedList(s.Refused), list)
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
		if _, err := DecideAgain(t.Context(), scribe.TwoYears().Records[:10], nil, []Parameter{p}); !errors.Is(err, ErrParameter) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
