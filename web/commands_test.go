package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/ledger"
)

// register is a command that registers a company of the design's example 15.
const register = `{"command":"register_enterprise","id":"%s","date":"2025-03-03","enterprise":"%s","name":"某某科技有限公司","industry":"ai"}`

const company = "914403001922038216"

func TestACommandIsDecidedInTheNameOfItsViewer(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	a := h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	var first, again ledger.Outcome
	if err := json.Unmarshal(a.body, &first); err != nil || first.CommandID != "r1" || first.LastSeq != 2 || a.header.Get("ETag") != `"2"` {
		t.Fatalf("%s %v %v", a.body, err, a.header)
	}
	a = h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	if err := json.Unmarshal(a.body, &again); err != nil || !again.Repeated || again.LastSeq != first.LastSeq {
		t.Fatalf("the second answer is %s, %v", a.body, err)
	}
	p := h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", "91330100799655058B")).want(t, http.StatusConflict).problem(t)
	if p.Code != "command_conflict" || p.Rule != "R11" {
		t.Errorf("%+v", p)
	}
	h.ask("GET", "/v1/totals?min_seq=2", clerk, "").want(t, http.StatusOK)
	h.ask("GET", "/readyz", "", "").want(t, http.StatusOK)
}

// Who holds an admin's token does not hold the keys: no way over HTTP changes the key that signs checkpoints.
func TestNoKeyIsChangedOverHTTP(t *testing.T) {
	h := open(t)
	root := h.token("root", "admin")
	change := `{"command":"rotate_checkpoint_key","id":"k","date":"2025-03-03","actor":{"id":"root","role":"admin"},"old":"fundledger/changning-2024+01234567+` +
		strings.Repeat("A", 44) + `","new":"fundledger/changning-2024+01234568+` + strings.Repeat("B", 44) + `","position":1,` +
		`"old_signature":"b2xk","new_signature":"bmV3","reason":"接管"}`
	before := h.position()
	if p := h.ask("POST", "/v1/commands", root, change).want(t, http.StatusUnprocessableEntity).problem(t); p.Code != "command_line_only" {
		t.Errorf("%+v", p)
	}
	for _, path := range []string{"/v1/commands/batch", "/v1/commands/batch?actors=lines"} {
		a := h.ask("POST", path, root, change+"\n", "Content-Type", ndjson).want(t, http.StatusOK)
		if !strings.Contains(string(a.body), "command_line_only") {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if h.position() != before {
		t.Error("something was booked")
	}
	if document := h.ask("GET", "/openapi.json", root, "").want(t, http.StatusOK); strings.Contains(string(document.body), "rotate_checkpoint_key") {
		t.Error("the document offers it")
	}
}
