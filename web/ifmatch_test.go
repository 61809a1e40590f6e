package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
)

// Two officers read an application and decide at once, each on what they read: one decision is taken, the other is told to look again. What happens
// elsewhere in the ledger disturbs neither.
func TestOfTwoWhoReadTheSameApplicationOneDecides(t *testing.T) {
	h := open(t)
	h.play()
	analyst := h.token("an", "analyst")
	row := rowsOf(t, h, analyst, "/v1/applications?state=approved&limit=5000")[0]
	path := "/v1/applications/" + url.PathEscape(row["application"].(string))
	read := h.ask("GET", path, analyst, "").want(t, http.StatusOK)
	tag := read.header.Get("ETag")
	clerk := h.token("li.na", "clerk@investment")
	h.ask("POST", "/v1/commands", clerk, `{"command":"register_enterprise","id":"elsewhere","date":"2025-03-03","enterprise":"`+sampleCode(77_001)+`","name":"别处公司","industry":"ai"}`).want(t, http.StatusOK)
	if again := h.ask("GET", path, analyst, "").header.Get("ETag"); again != tag {
		t.Fatalf("the tag of an application went from %s to %s by what happened elsewhere", tag, again)
	}
	department := decode(t, read.body)["department"].(string)
	var wg sync.WaitGroup
	statuses := make([]int, 6)
	for i := range statuses {
		token := h.token(fmt.Sprint("officer", i), "approver@"+department)
		wg.Go(func() {
			verb := []string{"suspend_application", "release_approval"}[i%2]
			body := fmt.Sprintf(`{"command":%q,"id":"if-%d","date":"2025-09-10","application":%q,"reason":"核对"}`, verb, i, row["application"])
			if verb == "release_approval" {
				body = fmt.Sprintf(`{"command":%q,"id":"if-%d","date":"2025-09-10","application":%q,"support_year":1999,"amount":"1.00","reason":"核对"}`, verb, i, row["application"])
			}
			statuses[i] = h.ask("POST", "/v1/commands", token, body, "If-Match", tag).status
		})
	}
	wg.Wait()
	booked, stale := 0, 0
	for _, status := range statuses {
		switch status {
		case http.StatusOK:
			booked++
		case http.StatusPreconditionFailed:
			stale++
		}
	}
	if booked != 1 || stale < 2 {
		t.Errorf("%d were booked, %d told to look again: %v", booked, stale, statuses)
	}
	if after := h.ask("GET", path, analyst, "").header.Get("ETag"); after == tag {
		t.Error("a decision leaves the tag as it was")
	}
}
