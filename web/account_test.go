package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// What a token is bound to holds wherever roles are looked at; and a token makes no other ones.
func TestATokenIsBoundToItsScope(t *testing.T) {
	h := open(t)
	h.token("root", "admin")
	h.token("li.na", "clerk@investment", "treasurer@finance")
	reader := must(h.users.CreateToken("li.na", accounts.Token{Name: "reader", Expires: time.Now().Add(time.Hour), ReadOnly: true}))(t)
	bound := must(h.users.CreateToken("li.na", accounts.Token{Name: "bound", Expires: time.Now().Add(time.Hour), Department: "investment"}))(t)
	whole := must(h.users.CreateToken("li.na", accounts.Token{Name: "whole", Expires: time.Now().Add(time.Hour)}))(t)
	if _, err := h.users.CreateToken("li.na", accounts.Token{Name: "x", Expires: time.Now().Add(time.Hour), Department: "science"}); err == nil {
		t.Error("a token is bound to a department that its user has nothing in")
	}
	command := fmt.Sprintf(register, "r1", company)
	h.ask("GET", "/v1/enterprises", reader, "").want(t, http.StatusOK)
	for _, path := range []string{"/v1/commands", "/v1/me/password", "/v1/me/sign-out"} {
		if p := h.ask("POST", path, reader, command).want(t, http.StatusForbidden).problem(t); p.Code != "token_read_only" {
			t.Errorf("%s: %s", path, p.Code)
		}
	}
	h.ask("POST", "/v1/commands/batch", reader, command+"\n", "Content-Type", "application/x-ndjson").want(t, http.StatusForbidden)
	h.ask("DELETE", "/v1/me/tokens/whole", reader, "").want(t, http.StatusForbidden)
	h.ask("POST", "/v1/commands", bound, command).want(t, http.StatusOK)
	restrict := `{"command":"restrict_credit","id":"c","date":"2025-03-03","enterprise":"` + company + `","reason":"x"}`
	h.ask("POST", "/v1/commands", bound, restrict).want(t, http.StatusForbidden)
	h.ask("POST", "/v1/commands", bound, restrict, "X-Act-As", "treasurer@finance").want(t, http.StatusForbidden)
	h.ask("POST", "/v1/commands", whole, restrict).want(t, http.StatusOK)
	for _, body := range [][2]string{{"/v1/me/tokens", `{"name":"more","expires":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`},
		{"/v1/me/deputies", `{"person":"root","grant":"clerk@investment","from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}`}} {
		if p := h.ask("POST", body[0], whole, body[1]).want(t, http.StatusForbidden).problem(t); p.Code != "session_needed" {
			t.Errorf("%s: %s", body[0], p.Code)
		}
	}
	if text := string(h.ask("DELETE", "/v1/me/tokens/reader", whole, "").want(t, http.StatusOK).body); strings.Contains(text, "reader") || strings.Contains(text, "hash") {
		t.Errorf("%s", text)
	}
	h.ask("GET", "/v1/me", reader, "").want(t, http.StatusUnauthorized)
	h.ask("GET", "/v1/account-changes", whole, "").want(t, http.StatusForbidden)
}

// A deputy books under their own name, and the event says in whose place. Nobody says so who is no deputy, nor after the end.
func TestADeputyIsNamedInTheEvent(t *testing.T) {
	h := open(t, proving(t))
	h.token("li.na", "clerk@investment")
	deputy, other := h.token("wu", "analyst"), h.token("chen", "clerk@investment")
	command := func(id string) string {
		return fmt.Sprintf(`{"command":"submit_application","id":%q,"date":"2025-03-03","application":%[1]q,"enterprise":%q,"clause":"1.1a","title":"研发","requested":[{"support_year":2025,"amount":"10.00"}]}`, id, company)
	}
	h.ask("POST", "/v1/commands", other, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", deputy, command("A1")).want(t, http.StatusForbidden)
	grant := accounts.Grant{Role: domain.Clerk, Department: "investment"}
	if err := h.users.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: grant, From: time.Now(), Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	h.ask("POST", "/v1/commands", deputy, command("A1")).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", deputy, command("A2"), "X-Act-As", "clerk@investment for li.na").want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", other, command("A3"), "X-Act-As", "clerk@investment for li.na").want(t, http.StatusForbidden)
	h.ask("POST", "/v1/commands", other, strings.Replace(command("A3"), `"date"`, `"actor":{"id":"chen","role":"clerk","department":"investment","for":"li.na"},"date"`, 1)).want(t, http.StatusForbidden)
	r := must(h.ledger.Log().Get(t.Context(), h.position()))(t)
	if r.Header["ce-actor"][0] != "wu" || r.Header["ce-actorfor"][0] != "li.na" || r.Header["ce-role"][0] != "clerk" {
		t.Errorf("%v", r.Header)
	}
	// A second application of that name is refused, and says as much.
	h.ask("POST", "/v1/commands", deputy, strings.Replace(command("A2"), `"id":"A2"`, `"id":"A2-again"`, 1), "X-Act-As", "clerk@investment for li.na").want(t, http.StatusUnprocessableEntity)
	h.prove()
	auditor, at := h.token("au", "auditor"), fmt.Sprintf("min_seq=%d", h.position())
	for _, path := range []string{"/v1/events?event_type=application_submitted", "/v1/journal?application=A2", "/v1/applications/A2/history?", "/v1/enterprises/" + company + "/history?",
		"/v1/refusals?application=A2", "/v1/applications/A2/replay?"} {
		for _, of := range []string{"csv", "json"} {
			a := h.ask("GET", path+"&"+at+"&format="+of, auditor, "").want(t, http.StatusOK)
			if text := string(a.body); !strings.Contains(text, "actor_for") || !strings.Contains(text, "li.na") {
				t.Errorf("%s as %s does not say in whose place:\n%s", path, of, text)
			}
		}
	}
	pack := h.ask("GET", "/v1/pack", auditor, "").want(t, http.StatusOK).body
	files := must(zip.NewReader(bytes.NewReader(pack), int64(len(pack))))(t)
	for _, table := range []string{"events.csv", "journal.csv"} {
		if text := must(fs.ReadFile(files, table))(t); !strings.Contains(string(text), "li.na") {
			t.Errorf("the pack's %s does not say in whose place", table)
		}
	}
	if err := h.users.Dismiss("li.na", "wu", grant); err != nil {
		t.Fatal(err)
	}
	h.ask("POST", "/v1/commands", deputy, command("A4")).want(t, http.StatusForbidden)
}
