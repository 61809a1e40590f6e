package main

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web/pages"
)

// Every page is measured, and every list by each of its filters; what is not says here why.
func TestEveryPageAndListIsMeasured(t *testing.T) {
	left := map[string]string{
		"/audit/findings/{id}": "a finding's id is known to who verified", "/import/rejects/{token}": "a file that somebody handed in", "/lists/{list}": "its lists are asked by name",
		"/checkpoints/{size}": "a checkpoint that was signed",
		"/todo/{step}/{run}":  "a payment that somebody made", "/todo/{step}/{run}/sheet": "the same", "/todo/{step}/{run}/file": "the same",
	}
	a := &asking{rows: map[string]map[string]string{}, end: 1000}
	for _, l := range projections.Lists() {
		row := map[string]string{}
		for _, c := range projections.Columns(l.Row) {
			row[c.Name] = "2025/x"
		}
		a.rows[l.Name] = row
	}
	a.rows[projections.Applications.Name]["project"] = "2025/x"
	for _, pattern := range pages.Addresses() {
		path := a.place(strings.TrimSuffix(pattern, "{$}"))
		if (path == "") != (left[pattern] != "") {
			t.Errorf("%s is measured as %q, and left out as %q", pattern, path, left[pattern])
		}
		if strings.ContainsAny(path, "{}") || strings.Contains(path, "2025/x") {
			t.Errorf("%s is asked for as %s", pattern, path)
		}
	}
	for _, l := range projections.Lists() {
		asked := map[string]bool{}
		for _, one := range a.ofList(l) {
			_, query, _ := strings.Cut(one.path, "?")
			name, _, _ := strings.Cut(query, "=")
			if asked[name] = true; strings.ContainsAny(one.path, "{} ") {
				t.Errorf("%s is asked for as %s", one.name, one.path)
			}
		}
		for _, f := range l.Filters {
			if f != l.Of() && !asked[f.Name] {
				t.Errorf("%s is not asked by %s", l.Name, f.Name)
			}
		}
	}
}
