package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// A sensitive value is told to those who may read it, and to nobody else on any way: its list, its files, the log, histories, refusals, search, and files of the whole log.
func TestASensitiveFactIsToldToThoseWhoNeedItAlone(t *testing.T) {
	h := open(t, proving(t))
	admin, finance := h.token("the.admin", "admin"), h.token("the.clerk", "clerk@finance")
	check, _ := domain.CreditCodeCheck("91310105MA1FW0001")
	enterprise, today := "91310105MA1FW0001"+string(check), domain.DateIn(now, domain.Shanghai).String()
	give := func(token, body string, status int) {
		t.Helper()
		if a := h.ask("POST", "/v1/commands", token, body); a.status != status {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	give(admin, fmt.Sprintf(`{"command":"amend_policy","id":"f-1","date":%q,"effective_on":%q,"document":"D","add_facts":[{"id":"secret","name":{"zh":"税收","en":"Tax"},"unit":"cny","per":"year","sources":["finance"],"sensitive":true},
		{"id":"open","name":{"zh":"人数","en":"Staff"},"unit":"count","per":"year","sources":["finance"]}]}`, today, today), 200)
	give(finance, fmt.Sprintf(`{"command":"register_enterprise","id":"f-0","date":%q,"enterprise":%q,"name":"长宁测试有限公司","industry":"ai"}`, today, enterprise), 200)
	record := func(id, fact, value string, status int) {
		give(finance, fmt.Sprintf(`{"command":"record_fact","id":%q,"date":%q,"enterprise":%q,"fact":%q,"period":"2024","value":%q}`, id, today, enterprise, fact, value), status)
	}
	record("f-2", "secret", "19999999.99", 200)
	record("f-3", "secret", "18888888.88", 422)
	record("f-4", "secret", "17777777.777", 422)
	record("f-5", "open", "31", 200)
	give(finance, fmt.Sprintf(`{"command":"correct_fact","id":"f-6","date":%q,"enterprise":%q,"fact":"secret","period":"2024","value":"16666666.66","reason":"更正"}`, today, enterprise), 200)
	if err := h.projector.WaitFor(t.Context(), h.position()); err != nil {
		t.Fatal(err)
	}
	h.prove()
	secrets := []string{"19999999.99", "18888888.88", "17777777.777", "16666666.66"}
	routes := []string{"/v1/facts", "/v1/facts?format=csv", "/v1/facts?format=xlsx", "/v1/facts?fact=secret", "/v1/facts?as_of=seq:999999", "/v1/events?event_type=fact_recorded", "/v1/events?event_type=fact_corrected", "/v1/events?event_type=fact_recorded&format=csv",
		"/v1/refusals", "/v1/refusals?enterprise=" + enterprise, "/v1/refusals?format=csv", "/v1/enterprises/" + enterprise + "/history", "/v1/search?text=secret", "/v1/bundle", "/v1/pack", "/tile/entries/000.p/1", "/v1/news", "/v1/findings"}
	for grant, reads := range map[string]bool{"auditor": true, "admin": true, "treasurer@finance": true, "clerk@finance": true, "authority@government": true,
		"analyst": false, "clerk@commerce": false, "approver@science": false} {
		token := h.token("reader."+strings.ReplaceAll(grant, "@", "."), grant)
		seen := false
		for _, route := range routes {
			a := h.ask("GET", route, token, "")
			if a.status >= 500 {
				t.Errorf("%s asks %s: %d %s", grant, route, a.status, a.body)
			}
			for _, secret := range secrets {
				if has := strings.Contains(string(a.body), secret); has && !reads {
					t.Errorf("%s reads %s on %s", grant, secret, route)
				} else if has {
					seen = true
				}
			}
			if whole := route == "/v1/bundle" || route == "/v1/pack" || strings.HasPrefix(route, "/tile/"); whole && !reads && a.status != 403 {
				t.Errorf("%s is given %s: %d", grant, route, a.status)
			}
		}
		if seen != reads {
			t.Errorf("%s reads the value: %v", grant, seen)
		}
		if a := h.ask("GET", "/v1/facts?fact=open", token, ""); !strings.Contains(string(a.body), `"31"`) {
			t.Errorf("%s does not read what is not sensitive: %s", grant, a.body)
		}
		if a := h.ask("GET", "/v1/facts?sort=value", token, ""); a.status != 400 {
			t.Errorf("facts are sorted by what is withheld: %d", a.status)
		}
	}
}

// Who may read a fact is said in one place.
func TestWhoMayReadAFact(t *testing.T) {
	p := &domain.Policy{Treasury: "finance", Authority: "government", Facts: []domain.Fact{{ID: "s", Sensitive: true, Sources: []domain.DepartmentID{"tax"}, ConfirmedBy: []domain.DepartmentID{"reform"}}, {ID: "o"}}}
	for grant, may := range map[web.Grant]bool{{Role: domain.Auditor}: true, {Role: domain.Admin}: true, {Role: domain.Analyst}: false, {Role: domain.Analyst, Department: "tax"}: false,
		{Role: domain.Clerk, Department: "tax"}: true, {Role: domain.Reviewer, Department: "reform"}: true, {Role: domain.Clerk, Department: "commerce"}: false,
		{Role: domain.Treasurer, Department: "finance"}: true, {Role: domain.Authority, Department: "government"}: true, {Role: domain.Clerk}: false} {
		v := web.Viewer{Grants: []web.Grant{grant}}
		if v.MayReadFact(p, p.Facts[0]) != may || !v.MayReadFact(p, p.Facts[1]) {
			t.Errorf("%v: %v", grant, v.MayReadFact(p, p.Facts[0]))
		}
	}
}
