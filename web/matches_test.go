package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// What enterprises may have is told page by page, each row once, in every format, of one enterprise, of one clause, and of all.
func TestMatchesAreToldOfAnEnterpriseAndOfAClause(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("li.na", "clerk@investment")
	all := h.told(token, "matches", "csv", "")
	if len(all) < 1000 {
		t.Fatalf("%d matches", len(all))
	}
	enterprise := all[len(all)/2]["enterprise"]
	for name, where := range map[string][]projections.Condition{
		"of an enterprise": {{Name: "enterprise", Value: enterprise}}, "under a clause": {{Name: "clause", Value: "2.1.1"}},
		"of both": {{Name: "enterprise", Value: enterprise}, {Name: "clause", Value: "2.1.1"}},
	} {
		asked, want := "", 0
		for _, c := range where {
			asked += "&" + c.Name + "=" + c.Value
		}
		for _, row := range all {
			fits := true
			for _, c := range where {
				fits = fits && row[c.Name] == c.Value
			}
			if fits {
				want++
			}
		}
		seen := map[string]bool{}
		for row, err := range projections.Matches.Every(t.Context(), h.remote(token), projections.Ask{Where: where, Limit: 7}) {
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprint(row.Enterprise, row.Clause, row.SubjectKind, row.Subject)
			if seen[key] {
				t.Errorf("%s: %s is told twice", name, key)
			}
			seen[key] = true
			if row.Answer == "no" && (row.Code == "" || row.Message == "" || row.Headroom.Amount.Positive()) {
				t.Errorf("%s: %+v", name, row)
			}
		}
		if rows := h.told(token, "matches", "json", asked); len(seen) != want || len(rows) != want || want == 0 {
			t.Errorf("%s: %d in pages of seven, %d in one, %d among all", name, len(seen), len(rows), want)
		}
	}
	h.ask("GET", "/v1/matches?cursor=x", token, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/matches?year=1", token, "").want(t, http.StatusBadRequest)
}
