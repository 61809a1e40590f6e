package web_test

import (
	"fmt"
	"net/http"
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
