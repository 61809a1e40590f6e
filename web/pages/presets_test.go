package pages

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// The ranges of days that are offered end the day before the next one begins, across the end of a year and in February.
func TestRangesOfDaysAtTheEndsOfYears(t *testing.T) {
	for today, want := range map[domain.Date][]string{
		domain.DateOf(2026, 1, 31): {"2026-01-01 2026-01-31", "2025-12-01 2025-12-31", "2026-01-01 2026-03-31", "2025-10-01 2025-12-31", "2026-01-01 2026-12-31", "2025-01-01 2025-12-31"},
		domain.DateOf(2028, 3, 31): {"2028-03-01 2028-03-31", "2028-02-01 2028-02-29", "2028-01-01 2028-03-31", "2027-10-01 2027-12-31", "2028-01-01 2028-12-31", "2027-01-01 2027-12-31"},
		domain.DateOf(2026, 12, 1): {"2026-12-01 2026-12-31", "2026-11-01 2026-11-30", "2026-10-01 2026-12-31", "2026-07-01 2026-09-30", "2026-01-01 2026-12-31", "2025-01-01 2025-12-31"},
	} {
		var got []string
		for _, r := range presets(today) {
			got = append(got, r.Since.String()+" "+r.Until.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("on %s %v are offered", today, got)
		}
	}
}
