package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// One request of an admin, in the names of persons whom nobody knows, applied, reviewed, approved and paid. On a ledger in use
// it does none of it; a known person's name is taken, and the finding tells.
func TestAnAdminDoesNotInventThePersonsOfALedgerInUse(t *testing.T) {
	h := open(t)
	clerk, other, root := h.token("li.na", "clerk@science"), h.token("wang.lei", "clerk@science"), h.token("root", "admin")
	send := func(token, path string, lines ...string) string {
		t.Helper()
		return string(h.ask("POST", path, token, strings.Join(lines, "\n")+"\n", "Content-Type", "application/x-ndjson").want(t, http.StatusOK).body)
	}
	firm := sampleCode(1)
	submit := func(id, actor string) string {
		return fmt.Sprintf(`{"command":"submit_application","id":"s-%s","date":"2025-03-03",%s"application":"%[1]s","enterprise":"%[3]s","clause":"4",`+
			`"project":"项目%[1]s","title":"t","requested":[{"support_year":2025,"amount":"2900000.00"}]}`, id, actor, firm)
	}
	as := func(person, role, department string) string {
		return fmt.Sprintf(`"actor":{"id":%q,"role":%q,"department":%q},`, person, role, department)
	}
	own := send(clerk, "/v1/commands/batch", fmt.Sprintf(register, "own", firm), submit("A-own", "")) +
		send(other, "/v1/commands/batch", `{"command":"accept_application","id":"a-own","date":"2025-03-03","application":"A-own"}`)
	if strings.Contains(own, `"code"`) {
		t.Fatalf("the ledger is not in use: %s", own)
	}
	before := h.position()
	answer := send(root, "/v1/commands/batch?actors=lines",
		submit("A-9", as("ghost1", "clerk", "science")),
		`{"command":"accept_application","id":"a9","date":"2025-03-03",`+as("ghost2", "clerk", "science")+`"application":"A-own"}`,
		`{"command":"record_review","id":"r9","date":"2025-03-03",`+as("ghost3", "reviewer", "science")+`"application":"A-own","opinion":"support"}`,
		`{"command":"approve_application","id":"p9","date":"2025-03-03",`+as("ghost4", "approver", "science")+
			`"application":"A-own","instalments":[{"support_year":2025,"amount":"2900000.00"}]}`)
	if got := strings.Count(answer, `"code":"actor_unknown"`); got != 4 || h.position() != before {
		t.Fatalf("%d of 4 lines were refused, the ledger moved from %d to %d: %s", got, before, h.position(), answer)
	}
	h.token("zhao.na", "reviewer@science")
	if answer := send(root, "/v1/commands/batch?actors=lines",
		`{"command":"record_review","id":"r10","date":"2025-03-03",`+as("ＺＨＡＯ.na", "reviewer", "science")+`"application":"A-own","opinion":"support"}`); strings.Contains(answer, `"code"`) {
		t.Errorf("a known person's review is not imported: %s", answer)
	}
}

// What an earlier release booked under another id is not booked again by an import over HTTP, which says that id with the line. Who only gives commands
// of their own cannot say it.
func TestALineOfAnImportSaysUnderWhichIdItWasBooked(t *testing.T) {
	h := open(t)
	clerk, root := h.token("li.na", "clerk@science"), h.token("root", "admin")
	send := func(token, actors, line string) string {
		t.Helper()
		return string(h.ask("POST", "/v1/commands/batch"+actors, token, line+"\n", "Content-Type", "application/x-ndjson").want(t, http.StatusOK).body)
	}
	line := func(former, id string, n int) string {
		return former + fmt.Sprintf(`"command":"register_enterprise","id":%q,"date":"2025-03-03","actor":{"id":"li.na","role":"clerk","department":"science"},`+
			`"enterprise":%q,"name":"企业 %[3]d","industry":"ai"}`, id, sampleCode(n), n)
	}
	if first := send(root, "?actors=lines", line("{", "former", 1)); strings.Contains(first, `"code"`) {
		t.Fatal(first)
	}
	before := h.position()
	if again := send(root, "?actors=lines", line(`{"formerly":"former",`, "present", 2)); !strings.Contains(again, `"repeated":true`) || h.position() != before {
		t.Errorf("it was booked again, up to %d from %d: %s", h.position(), before, again)
	}
	if now := send(root, "?actors=lines", line(`{"formerly":"never",`, "present", 2)); strings.Contains(now, `"code"`) || h.position() == before {
		t.Errorf("what nobody booked is taken for booked: %s", now)
	}
	for _, broken := range []string{line(`{"formerly":7,`, "b", 3), line(`{"formerly":"x"`, "b", 3), line(`{"formerly":"x","formerly":"y",`, "b", 3)} {
		if answer := send(root, "?actors=lines", broken); !strings.Contains(answer, `"code"`) {
			t.Errorf("%s: %s", broken, answer)
		}
	}
	if own := send(clerk, "", line(`{"formerly":"former",`, "own", 4)); !strings.Contains(own, "field_unknown") {
		t.Errorf("a clerk says under which id it was: %s", own)
	}
}
