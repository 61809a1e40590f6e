package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// Administrators keep the users, by the same changes as the command line: never by a token, never their own account, and no longer than they are one.
func TestAdministratorsKeepUsersButNotThemselves(t *testing.T) {
	h := open(t)
	session := func(id domain.PersonID, role domain.Role) string {
		cookie := h.person(id)
		if role == domain.Clerk {
			return cookie
		}
		if err := h.users.SetGrants(id, []web.Grant{{Role: role}}); err != nil {
			t.Fatal(err)
		}
		c, a := h.browser(string(id), "correct horse battery")
		a.want(t, http.StatusSeeOther)
		return "fundledger_session=" + c.Value
	}
	admin, other, clerk := session("root", domain.Admin), session("zhang", domain.Admin), session("li.na", domain.Clerk)
	do := func(cookie, method, path, body string) answer {
		t.Helper()
		return h.ask(method, path, "", body, "Cookie", cookie, "Sec-Fetch-Site", "same-origin", "Content-Type", "application/json")
	}
	refused := func(a answer, status int, code string) {
		t.Helper()
		if p := a.want(t, status).problem(t); p.Code != code {
			t.Errorf("%s, not %s", p.Code, code)
		}
	}
	password := func(a answer) string {
		t.Helper()
		var made web.PasswordMade
		if err := json.Unmarshal(a.want(t, http.StatusOK).body, &made); err != nil {
			t.Fatal(err)
		}
		return made.Password
	}
	const wu = `{"id":"wu","name":"吴","grants":["treasurer@finance"]}`
	first := password(do(admin, "POST", "/v1/users", wu))
	if user, err := h.users.CheckPassword(t.Context(), "wu", first); err != nil || !user.First || user.Name != "吴" {
		t.Errorf("%+v, %v", user, err)
	}
	token := must(h.users.CreateToken("wu", accounts.Token{Name: "t", Expires: time.Now().Add(time.Hour)}))(t)
	second := password(do(admin, "POST", "/v1/users/wu/password", `{}`))
	if _, _, ok := h.users.CheckToken(t.Context(), token); ok || second == first {
		t.Error("a token outlives the password that was reset")
	}
	do(admin, "POST", "/v1/users/wu/grants", `{"grants":["auditor","clerk@investment"]}`).want(t, http.StatusOK)
	if user, _ := h.users.Find("wu"); len(user.Grants) != 2 {
		t.Errorf("%v", user.Grants)
	}

	for body, want := range map[string]string{`{"id":"WU","grants":["auditor"]}`: "user_exists", `{"id":"a b","grants":["auditor"]}`: "name_unfit", `{"id":"","grants":["auditor"]}`: "name_unfit",
		`{"id":"` + strings.Repeat("长", 100) + `","grants":["auditor"]}`: "name_unfit", `{"id":"b","grants":[]}`: "grant_needed", `{"id":"b","grants":["king"]}`: "grant_malformed",
		`{"id":"b","grants":["admin for root"]}`: "not_yours_to_give", `{"id":"b","oidc":" x","grants":["auditor"]}`: "name_unfit"} {
		if p := do(admin, "POST", "/v1/users", body).problem(t); p.Code != want || p.Status >= 500 {
			t.Errorf("%s: %d %s, not %s", body, p.Status, p.Code, want)
		}
	}
	if p := do(clerk, "POST", "/v1/me/tokens", `{"name":"a b","expires":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}`).problem(t); p.Code != "name_unfit" {
		t.Errorf("a token that is called amiss: %d %s", p.Status, p.Code)
	}
	for _, own := range []string{"root", "ROOT"} {
		for path, body := range map[string]string{"/grants": `{"grants":["admin","treasurer@finance"]}`, "/password": `{}`} {
			if status := do(admin, "POST", "/v1/users/"+own+path, body).status; status != http.StatusForbidden {
				t.Errorf("one's own account, %s%s: %d", own, path, status)
			}
		}
		refused(do(admin, "DELETE", "/v1/users/"+own, ""), http.StatusForbidden, "own_account")
	}
	refused(do(clerk, "POST", "/v1/users", `{"id":"x","grants":["admin"]}`), http.StatusForbidden, "route_not_allowed")
	byToken := must(h.users.CreateToken("zhang", accounts.Token{Name: "t", Expires: time.Now().Add(time.Hour)}))(t)
	refused(h.ask("POST", "/v1/users", byToken, `{"id":"x","grants":["admin"]}`), http.StatusForbidden, "session_needed")
	refused(h.ask("DELETE", "/v1/users/wu", byToken, ""), http.StatusForbidden, "session_needed")

	// An administrator who ceases to be one while a body comes changes nothing.
	finish := h.slowly("/v1/users", other, `{"id":"puppet","grants":["admin"]}`)
	do(admin, "POST", "/v1/users/zhang/grants", `{"grants":["clerk@investment"]}`).want(t, http.StatusOK)
	if status := finish().status; status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("who is no administrator any more adds a user: %d", status)
	}
	if _, there := h.users.Find("puppet"); there {
		t.Error("the puppet is there")
	}
	do(admin, "DELETE", "/v1/users/wu", "").want(t, http.StatusOK)
	do(admin, "DELETE", "/v1/users/wu", "").want(t, http.StatusUnprocessableEntity)
	list, _, err := h.users.Trail(t.Context(), "root", 0, 10)
	if err != nil || len(list) < 4 || list[0].Kind != accounts.Removed || list[0].By != "root" || list[0].Means != accounts.API {
		t.Errorf("the trail: %+v, %v", list, err)
	}
	if text := string(do(admin, "GET", "/v1/users", "").want(t, http.StatusOK).body); strings.Contains(text, "argon2") || strings.Contains(text, `"hash"`) || !strings.Contains(text, "li.na") {
		t.Errorf("%s", text)
	}
}
