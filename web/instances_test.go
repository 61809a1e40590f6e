package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/web"
)

// Two instances on one log and one database, as behind a balancer: what one has booked, the other shows to whoever names its position, also
// where it is the live state that answers, and the other one decides nothing.
func TestAnotherInstanceShowsWhatWasBookedOnEveryRoute(t *testing.T) {
	var first web.Config
	h := open(t, func(c *web.Config) { first = *c })
	other := first
	other.Ledger = must(ledger.Open(t.Context(), first.NATS, ledger.Config{Fund: fund, Now: func() time.Time { return now }}))(t)
	t.Cleanup(other.Ledger.Close)
	server := must(web.New(other))(t)
	t.Cleanup(server.Close)
	second := httptest.NewServer(server.Handler())
	t.Cleanup(second.Close)
	clerk := h.token("li.na", "clerk@investment")
	h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)

	ask := func(path string) int {
		t.Helper()
		request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, second.URL+path, nil))(t)
		request.Header.Set("Authorization", "Bearer "+clerk)
		answer := must(http.DefaultClient.Do(request))(t)
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	for i := range 20 {
		body := fmt.Sprintf(`{"command":"submit_application","id":"s%d","date":"2025-03-03","application":"A%d","enterprise":"%s","clause":"1.1a","title":"研发","requested":[{"support_year":2025,"amount":"10.00"}]}`, i, i, company)
		h.ask("POST", "/v1/commands", clerk, body).want(t, http.StatusOK)
		if status := ask(fmt.Sprintf("/v1/applications/A%d?min_seq=%d", i, 3+i)); status != http.StatusOK {
			t.Fatalf("application %d: %d", i, status)
		}
		if status := ask(fmt.Sprintf("/v1/enterprises?enterprise=%s&min_seq=%d", company, 3+i)); status != http.StatusOK {
			t.Fatalf("a list: %d", status)
		}
	}
	for path, want := range map[string]int{
		"/v1/me?min_seq=22": http.StatusOK, "/v1/me?min_seq=9999": http.StatusUnprocessableEntity, "/v1/me?min_seq=soon": http.StatusBadRequest,
		"/v1/me?min_seq=1&min_seq=2": http.StatusBadRequest, "/v1/totals?min_seq=soon": http.StatusBadRequest, "/docs?min_seq=22": http.StatusOK,
		"/openapi.json?min_seq=9999": http.StatusUnprocessableEntity, "/v1/applications/A1?min_seq=0": http.StatusOK,
	} {
		if status := ask(path); status != want {
			t.Errorf("%s answers %d, not %d", path, status, want)
		}
	}
}
