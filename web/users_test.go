package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

func TestDemoUsersCanWalkAnApplicationThrough(t *testing.T) {
	h := open(t)
	list := web.DemoUsers(h.policy)
	roles := map[domain.Role]int{}
	for _, d := range list {
		roles[d.User.Grants[0].Role]++
	}
	for _, role := range domain.Roles {
		if roles[role] == 0 {
			t.Errorf("nobody is %s", role)
		}
	}
	for _, c := range h.policy.Clauses {
		for _, role := range []domain.Role{domain.Reviewer, domain.Approver} {
			if !slices.ContainsFunc(list, func(d web.DemoUser) bool {
				return d.User.Grants[0].Role == role && slices.Contains(c.Departments, d.User.Grants[0].Department)
			}) {
				t.Errorf("clause %s has no %s", c.ID, role)
			}
		}
	}
	if added := must(web.AddDemoUsers(h.users, list))(t); len(added) != len(list) {
		t.Errorf("%d of %d were added", len(added), len(list))
	}
	if again := must(web.AddDemoUsers(h.users, web.DemoUsers(h.policy)))(t); len(again) != 0 {
		t.Errorf("%d were added again", len(again))
	}
	if _, err := h.users.CheckPassword(t.Context(), list[0].User.ID, list[0].Password); err != nil {
		t.Error("the printed password does not fit")
	}
}

// browser signs in as a person does.
func (h *house) browser(name, password string) (*http.Cookie, answer) {
	h.t.Helper()
	a := h.ask("POST", "/login", "", url.Values{"name": {name}, "password": {password}, "next": {"/v1/me"}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == "fundledger_session" {
			return c, a
		}
	}
	return nil, a
}

func TestASessionBeginsAndEnds(t *testing.T) {
	h := open(t)
	if err := h.users.Add(accounts.User{ID: "li.na", Grants: []web.Grant{{Role: domain.Clerk, Department: "investment"}}}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	if a := h.ask("GET", "/somewhere?x=1", "", "", "Accept", "text/html").want(t, http.StatusSeeOther); a.header.Get("Location") != "/login?next=%2Fsomewhere%3Fx%3D1" {
		t.Errorf("%v", a.header)
	}
	planted, a := h.browser("li.na", "wrong")
	if a.want(t, http.StatusUnauthorized); planted != nil && planted.Value != "" {
		t.Errorf("a failed sign-in gave a session: %v", planted)
	}
	cookie, a := h.browser("li.na", "correct horse battery")
	if a.want(t, http.StatusSeeOther); cookie == nil || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the cookie is %v", cookie)
	}
	with := "fundledger_session=" + cookie.Value
	h.ask("GET", "/v1/me", "", "", "Cookie", with).want(t, http.StatusOK)
	h.ask("GET", "/v1/me", "", "", "Cookie", with[:len(with)-2]+"xx").want(t, http.StatusUnauthorized)
	h.ask("POST", "/v1/commands", "", fmt.Sprintf(register, "r1", company), "Cookie", with, "Sec-Fetch-Site", "cross-site").want(t, http.StatusForbidden)
	h.ask("POST", "/v1/commands", "", fmt.Sprintf(register, "r1", company), "Cookie", with, "Sec-Fetch-Site", "same-origin").want(t, http.StatusOK)
	h.ask("POST", "/logout", "", "", "Cookie", with, "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
	h.ask("GET", "/v1/me", "", "", "Cookie", with).want(t, http.StatusUnauthorized)
	cookie, _ = h.browser("li.na", "correct horse battery")
	if err := h.users.SetPassword("li.na", "another horse battery", false); err != nil {
		t.Fatal(err)
	}
	h.ask("GET", "/v1/me", "", "", "Cookie", "fundledger_session="+cookie.Value).want(t, http.StatusUnauthorized)
	for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "javascript:alert(1)", "/x\r\nX-Evil: 1"} {
		a := h.ask("POST", "/login", "", url.Values{"name": {"li.na"}, "password": {"another horse battery"}, "next": {next}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if a.want(t, http.StatusSeeOther).header.Get("Location") != "/" {
			t.Errorf("%q goes on to %q", next, a.header.Get("Location"))
		}
	}
}

func TestGuessingAPasswordIsSlowedDown(t *testing.T) {
	var mu sync.Mutex
	clock := time.Now()
	h := open(t, func(c *web.Config) {
		c.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return clock
		}
	})
	if err := h.users.Add(accounts.User{ID: "li.na", Grants: []web.Grant{{Role: domain.Clerk}}}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, a := h.browser("li.na", "wrong")
		a.want(t, http.StatusUnauthorized)
	}
	_, a := h.browser("li.na", "correct horse battery")
	if a.want(t, http.StatusTooManyRequests); a.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	mu.Lock()
	clock = clock.Add(time.Minute)
	mu.Unlock()
	_, a = h.browser("li.na", "correct horse battery")
	a.want(t, http.StatusSeeOther)
}

func TestTheRightGrantIsChosen(t *testing.T) {
	h := open(t)
	token := h.token("both", "treasurer@commerce", "treasurer@finance", "clerk@commerce")
	h.ask("POST", "/v1/commands", token, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", token, `{"command":"restrict_credit","id":"c","date":"2025-03-03","enterprise":"`+company+`","reason":"x"}`).want(t, http.StatusOK)
	p := h.ask("POST", "/v1/commands", token, `{"command":"restore_credit","id":"d","date":"2025-03-03","enterprise":"`+company+`","reason":"x"}`, "X-Act-As", "treasurer@commerce").want(t, http.StatusForbidden).problem(t)
	if p.Code != "department_not_allowed" {
		t.Errorf("%+v", p)
	}
}

func TestMetricsCountByRouteAndAreNotForEverybody(t *testing.T) {
	h := open(t)
	admin, clerk := h.token("root", "admin"), h.token("li.na", "clerk@investment")
	h.ask("GET", "/v1/applications/none", clerk, "").want(t, http.StatusNotFound)
	h.ask("GET", "/"+strings.Repeat("x", 50), clerk, "").want(t, http.StatusNotFound)
	h.ask("GET", "/metrics", clerk, "").want(t, http.StatusForbidden).problem(t)
	h.ask("GET", "/metrics", "", "").want(t, http.StatusUnauthorized).problem(t)
	text := string(h.ask("GET", "/metrics", admin, "").want(t, http.StatusOK).body)
	for _, want := range []string{`route="/v1/applications/{id}",status="404"`, `route="none",status="404"`, "fundledger_http_streams 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(text, "xxxx") {
		t.Error("a path that somebody made up is a label")
	}
}

func TestTheDocsAreThereInBothLanguagesAndLoadNothingFromElsewhere(t *testing.T) {
	h := open(t)
	token := h.token("an", "analyst")
	for lang, want := range map[string]string{"zh": "接口说明", "en": "The API of fundledger"} {
		a := h.ask("GET", "/docs?lang="+lang, token, "").want(t, http.StatusOK)
		if !strings.Contains(string(a.body), want) || strings.Contains(string(a.body), "http://") || strings.Contains(string(a.body), "https://") || strings.Contains(string(a.body), "<script") || strings.Contains(string(a.body), "style=") {
			t.Errorf("%s: %.300s", lang, a.body)
		}
	}
	h.ask("GET", "/docs.css", "", "").want(t, http.StatusOK)
}

func TestAnExpiredSessionIsWorthNothing(t *testing.T) {
	h := open(t, func(c *web.Config) { c.SessionFor = time.Second })
	if err := h.users.Add(accounts.User{ID: "li.na", Grants: []web.Grant{{Role: domain.Clerk, Department: "investment"}}}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	cookie, a := h.browser("li.na", "correct horse battery")
	a.want(t, http.StatusSeeOther)
	eventually(t, "the session to end", func() bool {
		return h.ask("GET", "/v1/me", "", "", "Cookie", "fundledger_session="+cookie.Value).status == http.StatusUnauthorized
	})
	h.ask("POST", "/v1/commands", "", fmt.Sprintf(register, "r1", company), "Cookie", "fundledger_session="+cookie.Value).want(t, http.StatusUnauthorized).problem(t)
}
