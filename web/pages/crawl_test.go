package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/web"
)

// followed is how many addresses of one form the crawl follows: the first that it meets are as good as any.
const followed = 2

var hrefOf = regexp.MustCompile(`href="(/[^"]*)"`)

// lookedAt are the parameters that change how a page is shown, and not what of.
var lookedAt = []string{"sort", "since", "until", "columns", "lang", "unit", "theme"}

// kindOf is an address without what is particular to it: the ids in its path, and the values of its parameters.
func kindOf(at *url.URL) string {
	parts := strings.Split(strings.Trim(at.Path, "/"), "/")
	for i := range parts {
		if i > 0 && strings.ContainsAny(parts[i], "0123456789-") {
			parts[i] = "*"
		}
	}
	names := []string{}
	for name := range at.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) > 1 { // of any order, range of days and look, each list is met alone
		names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(lookedAt, name) })
	}
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}

// No link of any page leads nowhere, whoever follows it: what somebody may not do they are not led to. And no page in Chinese says anything in
// another language.
func TestNoLinkLeadsNowhere(t *testing.T) {
	s := open(t)
	policy := must(policies.Named(fund))(t)
	grants := map[domain.Role]web.Grant{}
	for _, role := range domain.Roles {
		g := web.Grant{Role: role}
		switch role {
		case domain.Treasurer:
			g.Department = policy.Treasury
		case domain.Authority:
			g.Department = policy.Authority
		case domain.Clerk, domain.Reviewer, domain.Approver:
			g.Department = "science"
		}
		grants[role] = g
	}
	for _, role := range domain.Roles {
		name := "crawler-" + string(role)
		if err := s.users.Add(accounts.User{ID: domain.PersonID(name), Name: "巡查员", Grants: []web.Grant{grants[role]}}, password); err != nil {
			t.Fatal(err)
		}
		if status, _, body := s.post("/login", url.Values{"name": {name}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
			t.Fatalf("signing in: status %d: %s", status, body)
		}
		first := role == domain.Roles[0] // the others meet the same pages: of them it is asked whether each may go where it is led
		kinds, seen := map[string]int{}, map[string]bool{}
		from := map[string]string{"/overview": "", "/": ""}
		ahead := []string{"/", "/overview"}
		pages := 0
		for len(ahead) > 0 {
			address := ahead[0]
			ahead = ahead[1:]
			r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+address, nil))(t)
			r.Header.Set("Accept", "text/html")
			status, header, body := s.send(r)
			pages++
			switch {
			case status == http.StatusSeeOther:
				body = `href="` + html.EscapeString(header.Get("Location")) + `"`
			case status != http.StatusOK:
				t.Errorf("%s: %s leads to %s, which answers %d: %.200s", role, from[address], address, status, body)
				continue
			case !strings.HasPrefix(header.Get("Content-Type"), "text/html"):
				continue
			}
			if status == http.StatusOK && strings.Contains(body, `<nav aria-label=`) && !strings.Contains(body, `href="/help?page=`) {
				t.Errorf("%s: nothing says what %s is for", role, address)
			}
			if words := english(body); len(words) > 0 && strings.Contains(body, `<html lang="zh-CN">`) && !machines.MatchString(address) {
				t.Errorf("%s: the Chinese page %s says %q", role, address, words)
			}
			for _, m := range hrefOf.FindAllStringSubmatch(body, -1) {
				to := must(url.Parse(html.UnescapeString(m[1])))(t)
				to.Fragment = ""
				kind, most := kindOf(to), followed
				if !first {
					kind, _, _ = strings.Cut(kind, "?")
					most = 1
				}
				if to.Path == "/logout" || seen[to.String()] || kinds[kind] >= most {
					continue
				}
				seen[to.String()] = true
				kinds[kind]++
				from[to.String()] = address
				ahead = append(ahead, to.String())
			}
		}
		if pages < 30 {
			t.Errorf("%s met %d pages", role, pages)
		}
		t.Logf("%s: %d addresses of %d kinds", role, pages, len(kinds))
	}
}
