package main

import "testing"

// concentrated holds the ledger of the first release, restored to a folder, against example 50: 282 enterprises with net payments, of which the ten with most
// have 16.00 %.
func concentrated(t *testing.T, dir string) {
	t.Helper()
	var rows []struct {
		Clause     string `json:"clause"`
		Year       int    `json:"support_year"`
		Recipients int    `json:"recipients"`
		Net        string `json:"net_paid"`
		Top        string `json:"top_ten"`
		Share      string `json:"top_ten_share"`
	}
	unmarshal(t, output(t, "list", "concentration", "--data", dir, "--format", "json"), &rows)
	if len(rows) == 0 || rows[0].Clause != "" || rows[0].Year != 0 {
		t.Fatalf("the first of %d rows is not the fund's: %+v", len(rows), rows)
	}
	if r := rows[0]; r.Recipients != 282 || r.Net != "1805600296.55" || r.Top != "288819726.38" || r.Share != "0.1600" {
		t.Errorf("example 50: %+v", r)
	}
}
