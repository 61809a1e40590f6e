package sampling

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
)

// tenOfThousand is a sample of 10 units from 100 payouts of 1,000.00 and one of 20,000.00: the interval is 12,000.00.
func tenOfThousand(t *testing.T) (Sample, map[string]domain.Money) {
	t.Helper()
	items := []Item{{ID: "large", Amount: domain.Yuan(20_000)}}
	for i := range 100 {
		items = append(items, Item{ID: fmt.Sprintf("P-%03d", i), Amount: domain.Yuan(1000)})
	}
	s := Draw(items, 10, tlog.Hash{7})
	if s.Interval != domain.Yuan(12_000) || s.Items[0].ID != "large" {
		t.Fatalf("%+v", s)
	}
	audited := map[string]domain.Money{}
	for _, item := range s.Items {
		audited[item.ID] = item.Amount
	}
	return s, audited
}

func TestAnEvaluationProjectsWhatWasFound(t *testing.T) {
	s, audited := tenOfThousand(t)
	check := func(name string, tolerable domain.Money, known, projected, upper string, acceptable bool) {
		t.Helper()
		e, err := evaluate(s, audited, tolerable)
		if err != nil {
			t.Fatal(err)
		}
		if e.Known.String() != known || e.Projected.String() != projected || e.UpperLimit.String() != upper || e.Acceptable != acceptable {
			t.Errorf("%s: %+v", name, e)
		}
	}
	check("nothing wrong: the basic precision alone, 3.00 × 12,000", domain.Yuan(36_000), "0.00", "0.00", "36000.00", true)
	check("less is tolerated", domain.Yuan(35_999), "0.00", "0.00", "36000.00", false)
	check("nothing is said of what is tolerated", domain.NoMoney, "0.00", "0.00", "36000.00", false)
	small := s.Items[1].ID
	audited[small] = domain.Yuan(750) // a quarter of 1,000 is wrong: 25 % of the interval
	check("a tainting of 25 %: 36,000 + 0.25 × 12,000 × 1.75", domain.NoMoney, "250.00", "3000.00", "41250.00", false)
	audited["large"] = domain.Yuan(19_000) // stands for itself
	check("a large payout stands for itself", domain.NoMoney, "1250.00", "4000.00", "42250.00", false)
	audited[s.Items[2].ID] = domain.Yuan(500) // 50 %, and it comes before the 25 %
	check("the larger tainting takes the larger factor", domain.NoMoney, "1750.00", "10000.00", "52150.00", false)
	audited[s.Items[3].ID] = domain.Yuan(2000) // paid too little
	check("what was paid too little bounds nothing", domain.NoMoney, "750.00", "-2000.00", "52150.00", false)
}

func TestAWorksheetMustFitItsSample(t *testing.T) {
	s, audited := tenOfThousand(t)
	delete(audited, "large")
	if _, err := evaluate(s, audited, domain.NoMoney); !errors.Is(err, ErrWorksheet) {
		t.Errorf("a missing payout: %v", err)
	}
	audited["large"], audited["stranger"] = domain.Yuan(20_000), domain.Yuan(1)
	if _, err := evaluate(s, audited, domain.NoMoney); !errors.Is(err, ErrWorksheet) {
		t.Errorf("a payout that was not drawn: %v", err)
	}
}
