package sampling

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
)

// paid are payouts of the amounts, in yuan.
func paid(amounts ...int64) []Item {
	items := make([]Item, len(amounts))
	for i, yuan := range amounts {
		items[i] = Item{ID: fmt.Sprintf("P-%03d", i+1), Seq: uint64(10 + i), Clause: domain.ClauseID(fmt.Sprint(i%3 + 1)), SupportYear: domain.SupportYear(2025 + i%2), Amount: domain.Yuan(yuan)}
	}
	return items
}

func TestStrataAreCutWhereThePlanSays(t *testing.T) {
	items := paid(5, 10, 20, 30, 100, 100, 200, 1000, 5000, 0)
	for name, c := range map[string]struct {
		plan Plan
		want string // name: population
	}{
		"at bounds, which begin a stratum":                      {Plan{By: StrataByAmount, Bounds: []domain.Money{domain.Yuan(20), domain.Yuan(200)}}, "1:2 2:4 3:3"},
		"at bounds, of which one has nothing":                   {Plan{By: StrataByAmount, Bounds: []domain.Money{domain.Yuan(1), domain.Yuan(7000)}}, "1:9"},
		"in parts of equal sums":                                {Plan{By: StrataByAmount, Strata: 2}, "1:8 2:1"},
		"without those that are certain":                        {Plan{By: StrataByAmount, Strata: 2, Certainty: domain.Yuan(1000)}, "1:4 2:3 certainty:2"},
		"by clause":                                             {Plan{By: StrataByClause}, "1:3 2:3 3:3"},
		"by year":                                               {Plan{By: StrataByYear}, "2025:5 2026:4"},
		"by department, where none is known":                    {Plan{By: StrataByDepartment}, "none:9"},
		"nothing but what is certain":                           {Plan{By: StrataByClause, Certainty: domain.Yuan(1)}, "certainty:9"},
		"certain amounts that no payout reaches are no stratum": {Plan{By: StrataByYear, Certainty: domain.Yuan(9999)}, "2025:5 2026:4"},
	} {
		c.plan.N, c.plan.Allocation = 9, proportional
		s, err := drawStratified(items, c.plan, tlog.RecordHash([]byte("seed")))
		got := ""
		for i, part := range s.Strata {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("%s:%d", part.Name, part.Population)
			if !part.whole() {
				t.Errorf("%s: of %+v not all were drawn, where all can be", name, part)
			}
		}
		if err != nil || got != c.want || s.Population != 9 || s.Total != domain.Yuan(6465) {
			t.Errorf("%s: %s (%v), want %s", name, got, err, c.want)
		}
	}
}

func TestAPlanThatCannotBeIsRefused(t *testing.T) {
	for name, p := range map[string]Plan{
		"no such strata":         {By: "colour", N: 5, Allocation: byValue},
		"no such allocation":     {By: StrataByClause, N: 5, Allocation: "fair"},
		"none drawn":             {By: StrataByClause, N: 0, Allocation: byValue},
		"too many drawn":         {By: StrataByClause, N: MaxSample + 1, Allocation: byValue},
		"too few for the strata": {By: StrataByClause, N: 5, Allocation: byValue},
		"bounds by clause":       {By: StrataByClause, N: 9, Allocation: byValue, Bounds: []domain.Money{domain.Yuan(1)}},
		"bounds that fall":       {By: StrataByAmount, N: 9, Allocation: byValue, Bounds: []domain.Money{domain.Yuan(5), domain.Yuan(5)}},
		"a bound of nought":      {By: StrataByAmount, N: 9, Allocation: byValue, Bounds: []domain.Money{domain.NoMoney}},
		"no strata":              {By: StrataByAmount, N: 9, Allocation: byValue},
		"too many strata":        {By: StrataByAmount, N: 900, Allocation: byValue, Strata: maxStrata + 1},
	} {
		if s, err := drawStratified(paid(1, 2, 3, 4, 5, 6), p, tlog.Hash{}); !errors.Is(err, errPlan) {
			t.Errorf("%s: %v, %+v", name, err, s.Strata)
		}
	}
}

// A hundred payouts of 1 and ten of 1,000: by number most fall to the small ones, by value to the large ones. Amounts that
// do not differ leave Neyman's allocation nothing to weigh.
func TestAnAllocationFollowsItsWeights(t *testing.T) {
	amounts := slices.Concat(slices.Repeat([]int64{1}, 100), slices.Repeat([]int64{1000}, 10))
	mixed := slices.Concat(slices.Repeat([]int64{1, 3}, 50), slices.Repeat([]int64{1000, 1200}, 50))
	for name, c := range map[string]struct {
		amounts []int64
		n       int
		by      Allocation
		want    []int
	}{
		"by number":                         {amounts, 22, proportional, []int{18, 4}}, // 2 + 16.36, 2 + 1.64: the remainders are given to the second
		"by value":                          {amounts, 10, byValue, []int{2, 8}},
		"by value, where a stratum is full": {amounts, 30, byValue, []int{20, 10}},
		"where nothing differs":             {amounts, 10, neyman, []int{5, 5}},
		"by what differs":                   {mixed, 24, neyman, []int{2, 22}}, // 1 against 100
		"more than there are":               {amounts, 5000, byValue, []int{100, 10}},
	} {
		s, err := drawStratified(paid(c.amounts...), Plan{By: StrataByAmount, Bounds: []domain.Money{domain.Yuan(500)}, N: c.n, Allocation: c.by}, tlog.Hash{})
		if err != nil || len(s.Strata) != 2 || len(s.Strata[0].Drawn) != c.want[0] || len(s.Strata[1].Drawn) != c.want[1] {
			t.Errorf("%s: %d and %d (%v), want %v", name, len(s.Strata[0].Drawn), len(s.Strata[1].Drawn), err, c.want)
		}
	}
}

// What was drawn once is drawn for ever. Another program computed this file from the documented algorithm.
func TestTheSameSeedDrawsTheSameStratifiedSample(t *testing.T) {
	amounts := make([]int64, 60)
	for i := range amounts {
		amounts[i] = int64(i*i + 1)
	}
	s, err := drawStratified(paid(amounts...), Plan{By: StrataByAmount, Strata: 3, N: 12, Certainty: domain.Yuan(3000), Allocation: neyman}, tlog.RecordHash([]byte("seed")))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, part := range s.Strata {
		for _, item := range part.Drawn {
			got[part.Name] = append(got[part.Name], item.ID)
		}
	}
	text, err := os.ReadFile("testdata/stratified.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestEveryStratumIsDrawnFromAndNothingTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := paid(rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 0, 200).Draw(t, "amounts")...)
		p := Plan{By: rapid.SampledFrom([]StratifiedBy{StrataByAmount, StrataByClause, StrataByYear}).Draw(t, "by"), N: rapid.IntRange(1, 300).Draw(t, "n"),
			Strata: rapid.IntRange(1, 8).Draw(t, "strata"), Certainty: domain.Yuan(rapid.Int64Range(0, 1_000_000).Draw(t, "certainty")),
			Allocation: rapid.SampledFrom([]Allocation{proportional, byValue, neyman}).Draw(t, "allocation")}
		s, err := drawStratified(items, p, tlog.RecordHash([]byte(rapid.String().Draw(t, "seed"))))
		if errors.Is(err, errPlan) {
			return
		}
		drawn, population, total, seen := 0, 0, domain.NoMoney, map[string]bool{}
		for _, part := range s.Strata {
			population, total = population+part.Population, total.Add(part.Total)
			if part.Population == 0 || len(part.Drawn) < min(atLeast, part.Population) {
				t.Fatalf("%d drawn of %+v", len(part.Drawn), part)
			}
			if part.Name != certainty {
				drawn += len(part.Drawn)
			} else if !part.whole() {
				t.Fatalf("not all that is certain was drawn: %+v", part)
			}
			for _, item := range part.Drawn {
				if seen[item.ID] {
					t.Fatalf("%s was drawn twice", item.ID)
				}
				if seen[item.ID] = true; part.From.Stated && item.Amount.Less(part.From.Amount) || part.Below.Stated && !item.Amount.Less(part.Below.Amount) {
					t.Fatalf("%+v is not within %+v", item, part)
				}
			}
		}
		open := population
		if n := len(s.Strata); n > 0 && s.Strata[n-1].Name == certainty {
			open -= s.Strata[n-1].Population
		}
		if population != s.Population || total != s.Total || drawn != min(p.N, open) {
			t.Fatalf("%d of %d drawn, asked for %d; %s of %s", drawn, population, p.N, total, s.Total)
		}
	})
}

// The figures are computed by hand. Stratum 1: 4 drawn of 10, differences 10, 0, 0, 2: mean 3, projected 30, s² = (104 − 36) ÷ 3 = 22.6667,
// variance 10 × 6 × 22.6667 ÷ 4 = 340. Stratum 2: 2 of 5, differences −100 and 0: mean −50, projected −250, s² = 5000, variance
// 5 × 3 × 5000 ÷ 2 = 37500. Certain: 1 of 1, difference 7. Precision 1.645 × √37840 = 319.9939….
func TestAStratifiedSampleIsProjectedByItsDifferences(t *testing.T) {
	s := Stratified{Strata: []Stratum{{Name: "1", Population: 10, Drawn: paid(100, 100, 100, 100)}, {Name: "2", Population: 5, Drawn: paid(0, 0, 0, 0, 1000, 1000)[4:]},
		{Name: certainty, Population: 1, Drawn: paid(0, 0, 0, 0, 0, 0, 9000)[6:]}}}
	audited := map[string]domain.Money{"P-001": domain.Yuan(90), "P-002": domain.Yuan(100), "P-003": domain.Yuan(100), "P-004": domain.Yuan(98), "P-005": domain.Yuan(1100),
		"P-006": domain.Yuan(1000), "P-007": domain.Yuan(8993)}
	e, err := evaluateStratified(s, audited, domain.Yuan(1000))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(e.Items, e.Misstated, e.Known, e.Projected, e.Precision, e.UpperLimit, e.Enough, e.Acceptable); got != "7 4 -81.00 -213.00 320.00 107.00 false false" {
		t.Error(got)
	}
	if got := fmt.Sprintf("%s %d %s %s", e.Strata[1].Name, e.Strata[1].Misstated, e.Strata[1].Known, e.Strata[1].Projected); got != "2 1 -100.00 -250.00" {
		t.Error(got)
	}
	delete(audited, "P-001")
	if _, err := evaluateStratified(s, audited, domain.NoMoney); !errors.Is(err, ErrWorksheet) {
		t.Errorf("a payout without an audited amount: %v", err)
	}
	audited["P-001"], audited["P-999"] = domain.Yuan(100), domain.Yuan(1)
	if _, err := evaluateStratified(s, audited, domain.NoMoney); !errors.Is(err, ErrWorksheet) {
		t.Errorf("a payout that was not drawn: %v", err)
	}
}

// Where everything was drawn nothing is left to doubt: what was found is what there is.
func TestWhatIsAuditedWholeHasNoPrecision(t *testing.T) {
	items := paid(100, 200, 300)
	s, err := drawStratified(items, Plan{By: StrataByYear, N: 3, Allocation: byValue}, tlog.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := evaluateStratified(s, map[string]domain.Money{"P-001": domain.Yuan(100), "P-002": domain.Yuan(150), "P-003": domain.Yuan(300)}, domain.Yuan(50))
	if err != nil || !e.Precision.IsZero() || e.Projected.String() != "50.00" || !e.Enough || !e.Acceptable {
		t.Errorf("%+v, %v", e, err)
	}
}
