package policies

import (
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// The published arrangements, by what is known of them from elsewhere: how many days are worked in each year, and days that people get wrong.
func TestTheShippedHolidaysAreThePublishedOnes(t *testing.T) {
	h := Chinese()
	off, worked := map[domain.Date]bool{}, map[domain.Date]bool{}
	for _, d := range h.Off() {
		off[d] = true
	}
	for _, d := range h.Worked() {
		worked[d] = true
	}
	works := func(d domain.Date) bool {
		weekday := d.Time(time.UTC).Weekday()
		return worked[d] || !off[d] && weekday != time.Saturday && weekday != time.Sunday
	}
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248, 2027: 261} { // of 2027 nothing is published: weekends alone
		n := 0
		for d := domain.DateOf(year, 1, 1); d.Year() == year; d = d.Next() {
			if works(d) {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, not %d", year, n, want)
		}
	}
	for day, want := range map[string]bool{"2026-02-14": true, "2026-02-16": false, "2026-02-23": false, "2026-02-24": true, "2026-10-08": true, "2026-10-10": true, "2025-01-27": true,
		"2025-10-08": false, "2024-02-09": true, "2024-10-12": true, "2027-01-01": true} {
		if d, _ := domain.ParseDate(day); works(d) != want {
			t.Errorf("%s: %t", day, !want)
		}
	}
}

func TestHolidaysThatCannotBeAreRefused(t *testing.T) {
	for says, file := range map[string]string{
		"2026-02-30":               "years: [{year: 2026, off: [2026-02-30]}]",
		"stands behind 2026-01-02": "years: [{year: 2026, off: [2026-01-02, 2026-01-01]}]",
		"2026-01-01, once":         "years: [{year: 2026, off: [2026-01-01, 2026-01-01]}]",
		"is not of 2026":           "years: [{year: 2026, off: [2025-12-31]}]",
		"2026 stands behind 2026":  "years: [{year: 2026, off: []}, {year: 2026, off: []}]",
		"no Saturday or Sunday":    "years: [{year: 2026, off: [], worked: [2026-01-05]}]",
		"both off and worked":      "years: [{year: 2026, off: [2026-01-04], worked: [2026-01-04]}]",
		"holiday":                  "years: [{year: 2026, off: [], holiday: [2026-01-04]}]",
		"h.yaml":                   "years: [{year: 2026, off: [2026-01-01]",
	} {
		if _, err := LoadHolidays(strings.NewReader(file), "h.yaml"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %q is not said in %v", file, says, err)
		}
	}
	if _, err := HolidaysIn(t.TempDir() + "/none.yaml"); err == nil {
		t.Error("a file that is not there is read")
	}
	if h, err := HolidaysIn(""); err != nil || len(h.Years) != 3 {
		t.Errorf("the shipped ones: %d years, %v", len(h.Years), err)
	}
}
