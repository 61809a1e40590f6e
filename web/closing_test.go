package web_test

import (
	"net/http"
	"testing"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/proof"
)

// The statement that a service signs is believed by its key alone, and says what was closed; an open year, and what is none, has none.
func TestAClosedYearsStatementIsSignedAndVerifiedFromTheTextAlone(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	token, treasurer := h.token("an", "analyst"), h.token("tr", "treasurer@finance")
	for _, path := range []string{"/v1/closings/2024/statement", "/v1/closings/1800/statement", "/v1/closings/x/statement", "/v1/closings/20244/checks"} {
		h.ask("GET", path, token, "").want(t, http.StatusNotFound)
	}
	h.ask("POST", "/v1/commands", treasurer, `{"command":"close_budget_year","id":"close","date":"2025-09-10","year":2024,"document":"决算"}`).want(t, http.StatusOK)
	trust := must(proof.ParseTrust(h.web.Proof().Verifiers...))(t)
	said := h.ask("GET", "/v1/closings/2024/statement", token, "").want(t, http.StatusOK)
	stated, err := archive.OpenClosing(trust, said.body)
	if err != nil || stated.Year != 2024 || stated.Document != "决算" {
		t.Errorf("%+v, %v", stated, err)
	}
	said.body[len(said.body)/2] ^= 1
	if _, err := archive.OpenClosing(trust, said.body); err == nil {
		t.Error("one bit more, and it is believed")
	}
	h.ask("POST", "/v1/commands", h.token("qu", "authority@government"),
		`{"command":"reopen_budget_year","id":"reopen","date":"2025-09-10","year":2024,"document":"重开","reason":"漏记"}`).want(t, http.StatusOK)
	h.ask("GET", "/v1/closings/2024/statement", token, "").want(t, http.StatusNotFound)
}
