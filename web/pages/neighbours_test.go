package pages_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"testing"
)

var (
	besideOf = regexp.MustCompile(`<a href="([^"]*)" rel="(prev|next)">`)
	listedAt = regexp.MustCompile(`href="(/[a-z]+/([^"?/]+)\?[^"]*in=[^"]*)"`)
)

// From a thing's page one goes on through the list that it was reached from, as that is narrowed and sorted, and back again.
func TestOneGoesOnThroughTheListThatOneCameFrom(t *testing.T) {
	s := open(t)
	for _, list := range []string{"/payouts?clause=6", "/payouts?clause=6&sort=-amount", "/payouts", "/clawbacks?state=open", "/applications?state=approved&sort=enterprise_name", "/exceptions", "/enterprises",
		"/enterprises?sort=-paid", "/payouts?as_of=seq:900", "/payouts?since=2025-01-01&until=2025-12-31"} {
		_, page := s.get(list)
		var rows, addresses []string
		for _, m := range listedAt.FindAllStringSubmatch(page, 12) {
			if !slices.Contains(rows, m[2]) {
				rows, addresses = append(rows, m[2]), append(addresses, html.UnescapeString(m[1]))
			}
		}
		if len(rows) == 0 {
			t.Errorf("%s leads to %q", list, rows)
			continue
		}
		for i, at := range addresses {
			status, page := s.get(at)
			found := map[string]string{}
			for _, m := range besideOf.FindAllStringSubmatch(page, -1) {
				found[m[2]] = html.UnescapeString(m[1])
			}
			if status != http.StatusOK || i > 0 && found["prev"] != addresses[i-1] || i+1 < len(rows) && found["next"] != addresses[i+1] || i == 0 && found["prev"] != "" {
				t.Fatalf("%s: %s answers %d, leads back to %s and on to %s; the list has %q", list, at, status, found["prev"], found["next"], addresses)
			}
		}
	}
	for in, want := range map[string]int{"sort=nothing": http.StatusBadRequest, "nothing=1": http.StatusBadRequest, "%25zz": http.StatusBadRequest, "as_of=gestern": http.StatusBadRequest} {
		_, page := s.get("/payouts?clause=6")
		at := "/payouts/" + listedAt.FindStringSubmatch(page)[2] + "?in=" + in
		if status, _ := s.get(at); status != want {
			t.Errorf("%s answers %d", at, status)
		}
	}
}
