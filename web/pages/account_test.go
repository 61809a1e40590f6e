package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
)

// A person whose password somebody else set comes to no page before they have chosen another one; then to the page that they wanted. They make a
// token and see it once, appoint a deputy, and end both. An auditor sees all of it.
func TestAPersonKeepsTheirOwnAccount(t *testing.T) {
	s := open(t)
	for name, role := range map[domain.PersonID]accounts.Grant{"newcomer": {Role: domain.Clerk, Department: "commerce"}, "auditing": {Role: domain.Auditor}} {
		if err := s.users.Add(accounts.User{ID: name, Grants: []accounts.Grant{role}, First: name == "newcomer"}, password); err != nil {
			t.Fatal(err)
		}
	}
	s.signIn(t, "newcomer")
	if status, body := s.get("/payouts"); status != http.StatusSeeOther || !strings.Contains(body, "/me/password?next=%2Fpayouts") {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := s.get("/me/password?next=%2Fpayouts"); !strings.Contains(body, `action="/me/password"`) || strings.Contains(body, `action="/me/tokens"`) {
		t.Fatalf("%d %.2000s", status, body)
	}
	if status, _, body := s.post("/me/password", url.Values{"present": {"not this one"}, "password": {"another horse"}}); status != http.StatusForbidden || !strings.Contains(body, `role="alert"`) {
		t.Errorf("%d", status)
	}
	if status, header, _ := s.post("/me/password", url.Values{"present": {password}, "password": {"another horse"}, "next": {"/payouts"}}); status != http.StatusSeeOther || header.Get("Location") != "/payouts" {
		t.Errorf("the choice: %d, %v", status, header)
	}
	if status, _ := s.get("/payouts"); status != http.StatusOK {
		t.Errorf("the page behind the choice: %d", status)
	}
	day := now.AddDate(0, 1, 0).Format(time.DateOnly)
	_, _, body := s.post("/me/tokens", url.Values{"name": {"notebook"}, "until": {day}, "read_only": {"1"}})
	token := regexp.MustCompile(`flt_[a-z0-9_]+`).FindString(body)
	if user, of, ok := s.users.CheckToken(t.Context(), token); !ok || user.ID != "newcomer" || !of.ReadOnly {
		t.Fatalf("%q %+v", token, of)
	}
	if _, body = s.get("/me"); strings.Contains(body, token) || !strings.Contains(body, "notebook") {
		t.Error("the token is shown again, or not listed")
	}
	s.post("/me/tokens/revoke", url.Values{"name": {"notebook"}})
	deputy := url.Values{"person": {"officer"}, "grant": {"clerk@commerce"}, "from": {now.Format(time.DateOnly)}, "until": {day}}
	s.post("/me/deputies", deputy)
	if _, body = s.get("/me"); !strings.Contains(body, "<strong>officer</strong>") {
		t.Error("the deputy is not listed")
	}
	s.post("/me/deputies/dismiss", deputy)
	if status, _ := s.get("/account-changes"); status != http.StatusForbidden {
		t.Errorf("a clerk sees who granted what: %d", status)
	}
	s.signIn(t, "auditing")
	_, body = s.get("/account-changes?person=newcomer&lang=en")
	for _, want := range []string{"password set", "token created", "token revoked", "deputy appointed", "deputy dismissed", "user added"} {
		if !strings.Contains(body, want) {
			t.Errorf("the trail does not say %s", want)
		}
	}
}

// Admins and auditors see who is told of what happens, and what was refused; an admin has it sent again.
func TestWhatAWebhookRefusedIsSentAgainFromItsPage(t *testing.T) {
	s := open(t)
	refuses := true
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if refuses {
			http.Error(w, "<b>不收</b>", http.StatusForbidden)
		}
	}))
	defer receiver.Close()
	for name, role := range map[domain.PersonID]domain.Role{"keeper": domain.Admin, "auditing": domain.Auditor, "bus": domain.Analyst} {
		if err := s.users.Add(accounts.User{ID: name, Grants: []accounts.Grant{{Role: role}}}, password); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.users.AddWebhook("bus", accounts.Webhook{Name: "finance", URL: receiver.URL, Events: []string{"policy_published"}, From: 1}, outward.Names(), false); err != nil {
		t.Fatal(err)
	}
	hooks := outward.New(outward.Config{Fund: fund, Log: s.ledger.Log(), Users: s.users.Users, Pause: time.Millisecond})
	telling := hooks.Start(t.Context(), nil)
	defer telling.Stop()
	if r := s.ledger.Do(t.Context(), ledger.Order{Command: publication(t)}); r.Err != nil || r.Refusal != nil {
		t.Fatal(r.Err, r.Refusal)
	}
	var lying []outward.Undelivered
	for deadline := time.Now().Add(time.Minute); len(lying) == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var err error
		if lying, err = hooks.Undelivered(t.Context(), "bus", "finance", 10); err != nil {
			t.Fatal(err)
		}
	}
	s.signIn(t, "bus")
	if status, _ := s.get("/webhooks"); status != http.StatusForbidden {
		t.Errorf("an analyst sees who is told: %d", status)
	}
	s.signIn(t, "auditing")
	_, body := s.get("/webhooks")
	if !strings.Contains(body, "403 Forbidden: &lt;b&gt;不收&lt;/b&gt;") || !strings.Contains(body, lying[0].ID) || strings.Contains(body, `action="/webhooks/again"`) {
		t.Errorf("an auditor sees %s", body)
	}
	if status, _, _ := s.post("/webhooks/again", url.Values{"user": {"bus"}, "webhook": {"finance"}}); status != http.StatusForbidden {
		t.Errorf("an auditor has it sent again: %d", status)
	}
	s.signIn(t, "keeper")
	again := url.Values{"user": {"bus"}, "webhook": {"finance"}, "id": {lying[0].ID}}
	if _, _, body = s.post("/webhooks/again", again); !strings.Contains(body, "仍未送达 1") {
		t.Errorf("sent while it is refused: %s", body)
	}
	refuses = false
	if _, _, body = s.post("/webhooks/again", again); !strings.Contains(body, "送达 1") || strings.Contains(body, "403 Forbidden") {
		t.Errorf("sent again: %s", body)
	}
	if status, _, _ := s.post("/webhooks/again", url.Values{"user": {"nobody"}, "webhook": {"finance"}}); status != http.StatusNotFound {
		t.Errorf("of nobody's webhook: %d", status)
	}
}
