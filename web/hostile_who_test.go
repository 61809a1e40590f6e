package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// A token is worth nothing from the moment it ends, is revoked, or its owner is gone.
func TestATokenThatIsOverGetsNobodyIn(t *testing.T) {
	h := open(t)
	before := h.position()
	good := fmt.Sprintf(register, "r1", company)
	revoked, short := h.token("li.na", "clerk@investment"), h.token("wu", "clerk@investment")
	h.ask("GET", "/v1/me", revoked, "").want(t, http.StatusOK)
	if err := h.users.RevokeToken("li.na", "test"); err != nil {
		t.Fatal(err)
	}
	if err := h.users.RevokeToken("wu", "test"); err != nil {
		t.Fatal(err)
	}
	short = must(h.users.CreateToken("wu", accounts.Token{Name: "short", Expires: time.Now().Add(time.Second)}))(t)
	eventually(t, "the token to end", func() bool { return h.ask("GET", "/v1/me", short, "").status == http.StatusUnauthorized })
	for name, token := range map[string]string{"revoked": revoked, "over": short, "of nobody": "flt_aaaaaaaaaaaa_" + strings.Repeat("b", 43), "of another's secret": revoked[:len(revoked)-8] + short[len(short)-8:]} {
		for _, path := range []string{"/v1/commands", "/v1/commands/batch"} {
			kind := "application/json"
			if path != "/v1/commands" {
				kind = "application/x-ndjson"
			}
			if p := h.ask("POST", path, token, good, "Content-Type", kind).want(t, http.StatusUnauthorized).problem(t); p.Code != "token_invalid" {
				t.Errorf("a token that is %s: %+v", name, p)
			}
		}
	}
	if after := h.position(); after != before {
		t.Errorf("the ledger moved from %d to %d", before, after)
	}
}

// breaks are what would begin another header if it came into one.
var breaks = []string{"\r\nce-role: admin", "\nce-role: admin", "\rce-role: admin", "\x00", "\u2028ce-role: admin", "\u0085ce-role: admin"}

// No field of a line that an admin imports, which may name anybody, becomes another header of an event, or more of one.
func TestNoFieldOfALineBecomesAHeader(t *testing.T) {
	h := open(t)
	root := h.token("root", "admin")
	send := func(fields map[string]any) (status int, text string) {
		a := h.ask("POST", "/v1/commands/batch?actors=lines", root, string(must(json.Marshal(fields, json.Deterministic(true)))(t))+"\n", "Content-Type", "application/x-ndjson").want(t, http.StatusOK)
		line := decode(t, a.body)
		return int(line["status"].(float64)), string(a.body)
	}
	line := func(field, more string) map[string]any {
		actor := map[string]any{"id": "chen", "role": "clerk", "department": "investment"}
		fields := map[string]any{"command": "register_enterprise", "id": "line", "date": "2025-03-03", "actor": actor, "enterprise": company, "name": "某某科技有限公司", "industry": "ai"}
		of := fields
		if inner, ok := strings.CutPrefix(field, "actor."); ok {
			field, of = inner, actor
		}
		if of[field] == nil {
			of[field] = ""
		}
		of[field] = of[field].(string) + more
		return fields
	}
	before := h.position()
	for _, field := range []string{"command", "id", "date", "actor.id", "actor.role", "actor.department", "enterprise", "industry", "ce-importedby", "imported_by", "correlation_id", "causation_id"} {
		for _, more := range breaks {
			if status, text := send(line(field, more)); status < 400 || status >= 500 || !strings.Contains(text, `"zh"`) || strings.ContainsAny(strings.TrimSpace(text), "\r\n\x00") {
				t.Errorf("%s with %q: %s", field, more, text)
			}
		}
	}
	if after := h.position(); after != before {
		t.Fatalf("the ledger moved from %d to %d", before, after)
	}
	// The line itself is booked, or the refusals above would mean nothing. A name is text, of several lines if need be, and in no header.
	if status, text := send(line("name", breaks[1])); status != http.StatusOK {
		t.Fatalf("the line itself is not booked: %s", text)
	}
	header := must(h.ledger.Log().Get(t.Context(), before+1))(t).Header
	for name, want := range map[string]string{"ce-actor": "chen", "ce-role": "clerk", "ce-department": "investment", "ce-importedby": "root", "ce-commandid": "line", "ce-businessdate": "2025-03-03"} {
		if got := header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range breaks {
		if err := h.users.Add(accounts.User{ID: domain.PersonID("root" + name), Grants: []web.Grant{{Role: domain.Admin}}}, ""); err == nil {
			t.Errorf("there is a user %q", "root"+name)
		}
	}
}

// Who imported is said of what is imported and of nothing else, and no line says it of itself.
func TestOnlyAnImportSaysWhoImported(t *testing.T) {
	h := open(t)
	clerk, root := h.token("li.na", "clerk@investment"), h.token("root", "admin")
	importedBy := func(token, path, line string) []string {
		t.Helper()
		seq := h.position()
		a := h.ask("POST", path, token, line+"\n", "Content-Type", "application/x-ndjson").want(t, http.StatusOK)
		if h.position() != seq+1 {
			t.Fatalf("not booked: %s", a.body)
		}
		return must(h.ledger.Log().Get(t.Context(), seq+1))(t).Header["ce-importedby"]
	}
	if by := importedBy(clerk, "/v1/commands/batch", fmt.Sprintf(register, "own", sampleCode(1))); len(by) != 0 {
		t.Errorf("a clerk's own batch was imported by %q", by)
	}
	others := strings.Replace(fmt.Sprintf(register, "others", sampleCode(2)), `"date"`, `"actor":{"id":"chen","role":"clerk","department":"investment"},"date"`, 1)
	if by := importedBy(root, "/v1/commands/batch?actors=lines", others); len(by) != 1 || by[0] != "root" {
		t.Errorf("an admin's import was imported by %q", by)
	}
}
