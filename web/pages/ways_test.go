package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

var waysOf = regexp.MustCompile(`<li><a href="(/[^"]*)">([^<]*)</a></li>`)

// The search leads to pages and to what can be done, by a part of what they are called: but nobody to where they may not go.
func TestTheSearchLeadsToPagesAndToWhatOneMayDo(t *testing.T) {
	s := open(t)
	look := func(text, lang string) map[string]string {
		t.Helper()
		q := url.Values{"lang": {lang}}
		if text != "" {
			q.Set("q", text)
		}
		status, page := s.get("/search?" + q.Encode())
		if status != http.StatusOK {
			t.Fatalf("%q: %d", text, status)
		}
		ways := map[string]string{}
		for _, m := range waysOf.FindAllStringSubmatch(page, -1) {
			ways[m[1]] = m[2]
		}
		return ways
	}
	all := look("", "zh")
	for _, at := range []string{"/", "/overview", "/payouts", "/refusals", "/me", "/appropriations/new", "/applications/new"} {
		if all[at] == "" {
			t.Errorf("the officer is not led to %s", at)
		}
		if status, _ := s.get(at); status != http.StatusOK && status != http.StatusSeeOther {
			t.Errorf("%s answers %d", at, status)
		}
	}
	for _, at := range []string{"/import", "/account-changes", "/clauses/amend", "/policy/amend"} { // they are no admin, no auditor and no authority
		if all[at] != "" {
			t.Errorf("the officer is led to %s", at)
		}
	}
	if ways := look("预算", "zh"); ways["/appropriations"] == "" || ways["/appropriations/new"] == "" || ways["/journal"] != "" {
		t.Errorf("预算 leads to %v", ways)
	}
	if ways := look("APPROPRIATION", "en"); ways["/appropriations"] == "" || ways["/appropriations/new"] == "" {
		t.Errorf("in English to %v", ways)
	}
	if status, header, _ := s.send(must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+"/search?q="+url.QueryEscape("被拒指"), nil))(t)); status != http.StatusSeeOther || header.Get("Location") != "/refusals" {
		t.Errorf("what only one page is called leads to %d %s", status, header.Get("Location"))
	}

	if err := s.users.Add(accounts.User{ID: "keeper", Name: "管理员", Grants: []web.Grant{{Role: domain.Admin}}}, password); err != nil {
		t.Fatal(err)
	}
	s.post("/login", url.Values{"name": {"keeper"}, "password": {password}, "next": {"/"}})
	if ways := look("", "zh"); ways["/import"] == "" || ways["/account-changes"] == "" || ways["/applications/new"] != "" || ways["/payouts/book"] != "" {
		t.Errorf("an admin is led to %v", ways)
	}
}
