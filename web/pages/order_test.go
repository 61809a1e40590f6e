package pages_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	nextPage = regexp.MustCompile(`href="([^"]*)" rel="next"`)
	ranges   = regexp.MustCompile(`href="([^"]*since=(\d{4}-\d\d-\d\d)[^"]*until=(\d{4}-\d\d-\d\d)[^"]*)"`)
)

// A list shows the latest day first; each head leads to the list in the order of its column and back again, and the next page goes on in it.
func TestAListOfAPageIsSortedByItsHeads(t *testing.T) {
	s := open(t)
	all := func(path string) (days, amounts []string) {
		t.Helper()
		seen := map[string]bool{}
		for path != "" {
			status, page := s.get(path)
			if status != http.StatusOK {
				t.Fatalf("%s answers %d", path, status)
			}
			_, rows := shownTable(page)
			for _, row := range rows {
				if seen[row[0]] {
					t.Errorf("%s has %s twice", path, row[0])
				}
				seen[row[0]] = true
				days = append(days, row[4])
				amounts = append(amounts, strings.Repeat(" ", 20-len(row[6]))+row[6])
			}
			next := nextPage.FindStringSubmatch(page)
			if path = ""; next != nil {
				path = html.UnescapeString(next[1])
			}
		}
		return days, amounts
	}
	lead := func(path, column string) string {
		t.Helper()
		_, page := s.get(path)
		found := regexp.MustCompile(`class="sort" href="([^"]*[?&;]sort=-?` + column + `[^"]*)"`).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("%s: no head leads to the order of %s", path, column)
		}
		return html.UnescapeString(found[1])
	}
	rising := func(list []string) bool { return slices.IsSorted(list) }
	falling := func(list []string) bool {
		return slices.IsSortedFunc(list, func(a, b string) int { return strings.Compare(b, a) })
	}

	days, _ := all("/payouts")
	if len(days) < 20 || !falling(days) || rising(days) {
		t.Errorf("%d payouts, and the latest day is not first: %v", len(days), days)
	}
	most := lead("/payouts", "amount")
	if _, amounts := all(most); len(amounts) != len(days) || !falling(amounts) {
		t.Errorf("%s has %d of %d rows, or not the largest first", most, len(amounts), len(days))
	}
	least := lead(most, "amount")
	if _, amounts := all(least); least == most || len(amounts) != len(days) || !rising(amounts) {
		t.Errorf("%s has %d of %d rows, or not the smallest first", least, len(amounts), len(days))
	}
	if _, page := s.get(least); !strings.Contains(page, `aria-sort="ascending"`) {
		t.Error("the head does not say how the list is sorted")
	}

	_, page := s.get(least)
	found := ranges.FindAllStringSubmatch(page, -1)
	if len(found) != 6 {
		t.Fatalf("%d ranges of days are offered: %v", len(found), found)
	}
	for _, r := range found {
		within, _ := all(html.UnescapeString(r[1]))
		want := 0
		for _, day := range days {
			if day >= r[2] && day <= r[3] {
				want++
			}
		}
		if len(within) != want {
			t.Errorf("%s to %s has %d rows and should have %d", r[2], r[3], len(within), want)
		}
	}

	for _, path := range []string{"/payouts?sort=nothing", "/payouts?sort=amount;drop", "/lists/journal?sort=-", "/payouts?since=2025-02-30", "/lists/events?sort=seq"} {
		if status, _ := s.get(path); status != http.StatusBadRequest {
			t.Errorf("%s answers %d", path, status)
		}
	}
	for _, path := range []string{"/lists/totals?sort=-headroom", "/lists/queue?sort=-amount", "/enterprises?sort=name", "/lists/payouts?sort=voucher&since=2025-01-01", "/applications?state=approved&until=2025-12-31",
		"/clawbacks?sort=-outstanding", "/journal?sort=-amount", "/exceptions?since=2025-01-01", "/recoveries?since=2025-01-01&until=2025-12-31&as_of=seq:100"} {
		if status, _ := s.get(path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
	}
}
