package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// An analyst is told of no group in which fewer than five enterprises have a part, nor of what it could be reckoned from, in no format and by no way in;
// whoever has another role is told of all.
func TestStatisticsOfFewEnterprisesAreWithheldFromAnalysts(t *testing.T) {
	h := open(t)
	h.play()
	analyst, auditor, both := h.token("an", "analyst"), h.token("ou", "auditor"), h.token("bo", "analyst", "auditor")
	for _, by := range []string{"clause", "clause,quarter", "department,industry,month"} {
		asked := "&measure=paid&by=" + by
		few := map[string]bool{}
		all := h.told(auditor, "statistics", "json", asked)
		keyOf := func(row map[string]string) string {
			var key []string
			for column := range strings.SplitSeq(by, ",") {
				key = append(key, row[column])
			}
			return strings.Join(key, "|")
		}
		for _, row := range all {
			var n int
			fmt.Sscan(row["enterprises"], &n)
			if n < 5 {
				few[keyOf(row)] = true
			}
			if row["amount"] == "" || row["withheld"] != "" {
				t.Fatalf("an auditor is not told of %v", row)
			}
		}
		if len(few) == 0 || len(few) == len(all) && by == "clause" {
			t.Fatalf("by %s: %d of %d groups are of few: nothing is tried", by, len(few), len(all))
		}
		if got := h.told(both, "statistics", "json", asked); fmt.Sprint(got) != fmt.Sprint(all) {
			t.Errorf("by %s: an analyst who is an auditor too is told otherwise", by)
		}
		want := h.told(analyst, "statistics", "json", asked)
		if len(want) != len(all) {
			t.Errorf("by %s: an analyst is told of %d groups, there are %d", by, len(want), len(all))
		}
		for _, row := range want {
			hidden := row["amount"] == "" && row["enterprises"] == "" && row["applications"] == ""
			if few[keyOf(row)] && row["withheld"] != projections.TooFew || hidden != (row["withheld"] != "") {
				t.Errorf("by %s: an analyst is told %v", by, row)
			}
		}
		for _, as := range []string{"csv", "parquet", "xlsx"} {
			for i, row := range h.told(analyst, "statistics", as, asked) {
				if row["amount"] == "" != (want[i]["amount"] == "") {
					t.Errorf("by %s as %s: an analyst is told %v", by, as, row)
				}
			}
		}
		var remote []string
		where := []projections.Condition{projections.ByMeasure.Is("paid"), {Name: "by", Value: by}}
		for row, err := range projections.Statistics.Every(t.Context(), h.remote(analyst), projections.Ask{Where: where, Limit: 3}) { // as the command line asks
			if err != nil {
				t.Fatal(err)
			}
			remote = append(remote, row.Withheld)
		}
		for i, row := range want {
			if i >= len(remote) || remote[i] != row["withheld"] {
				t.Fatalf("by %s in pages of three: %v", by, remote)
			}
		}
	}
	// What is withheld among others is withheld asked for alone, and what is told among others is told alone.
	for column, filter := range map[string]string{"quarter": "quarter", "support_year": "year"} {
		kept := 0
		for _, row := range h.told(analyst, "statistics", "json", "&measure=paid&by=clause&by="+column) {
			if row["withheld"] != "" {
				kept++
			}
			one, other := "&clause="+row["clause"], "&"+filter+"="+row[column]
			for _, alone := range []string{"&by=clause&by=" + column + one + other, "&by=" + column + one + other, "&by=clause" + other, one + other} {
				got := h.told(analyst, "statistics", "json", "&measure=paid"+alone)
				got = slices.DeleteFunc(got, func(r map[string]string) bool { return r["clause"] != "" && r["clause"] != row["clause"] })
				if len(got) != 1 || got[0]["amount"] != row["amount"] || got[0]["withheld"] != row["withheld"] {
					t.Errorf("%s: an analyst is told %v, and among others %v", alone, got, row)
				}
			}
		}
		if kept == 0 {
			t.Errorf("nothing is withheld by clause and %s", column)
		}
	}
	h.ask("GET", "/v1/statistics?by=clause&by=quarter&department=commerce&industry=ai", analyst, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/statistics?by=clause&by=quarter&department=commerce&industry=ai", auditor, "").want(t, http.StatusOK)
	h.ask("GET", "/v1/statistics?by=clause&sort=-amount", analyst, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/statistics?by=clause&sort=-amount", auditor, "").want(t, http.StatusOK)
	h.ask("GET", "/v1/statistics?by=clause&cursor=group:x", analyst, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/statistics?by=clause&by=month&by=quarter", auditor, "").want(t, http.StatusOK)
	h.ask("GET", "/v1/statistics?by=clause&by=month&by=quarter&by=policy", auditor, "").want(t, http.StatusBadRequest)
	if rows := h.told(analyst, "statistics", "json", "&measure=paid&enterprise="+h.told(auditor, "payouts", "json", "")[0]["enterprise"]); len(rows) != 1 || rows[0]["withheld"] != projections.TooFew {
		t.Errorf("of one enterprise an analyst is told %v", rows)
	}
}
