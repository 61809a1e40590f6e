package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// person makes a clerk with a password, and signs them in.
func (h *house) person(id domain.PersonID) (cookie string) {
	h.t.Helper()
	if err := h.users.Add(accounts.User{ID: id, Grants: []web.Grant{{Role: domain.Clerk, Department: "investment"}}}, "correct horse battery"); err != nil {
		h.t.Fatal(err)
	}
	c, a := h.browser(string(id), "correct horse battery")
	a.want(h.t, http.StatusSeeOther)
	return "fundledger_session=" + c.Value
}

// slowly sends a request that is admitted and waits for its body's last byte. What it returns sends that byte, and says the answer.
func (h *house) slowly(path, cookie, body string) (finish func() answer) {
	h.t.Helper()
	h.client.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	content, send := io.Pipe()
	reads := make(chan struct{})
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(reads) }} // the handler has begun to read
	r := must(http.NewRequestWithContext(httptrace.WithClientTrace(h.t.Context(), trace), "POST", h.http.URL+path, content))(h.t)
	for name, value := range map[string]string{"Cookie": cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Expect": "100-continue"} {
		r.Header.Set(name, value)
	}
	answers := make(chan answer, 1)
	go func() { answers <- h.send(r) }()
	select {
	case <-reads:
	case a := <-answers:
		h.t.Fatalf("%s was answered before its body: %d %s", path, a.status, a.body)
	}
	_, _ = io.WriteString(send, body[:len(body)-1])
	return func() answer {
		_, _ = io.WriteString(send, body[len(body)-1:])
		_ = send.Close()
		return <-answers
	}
}

// A stolen session ends with its owner's password, though its requests were admitted before.
func TestAStolenSessionEndsWithItsOwnersChange(t *testing.T) {
	h := open(t)
	stolen := h.person("li.na")
	h.token("wu", "analyst")
	for path, body := range map[string]string{
		"/v1/me/tokens": `{"name":"mine","expires":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`,
		"/v1/me/deputies": `{"person":"wu","grant":"clerk@investment","from":"` + time.Now().Format(time.RFC3339) + `","until":"` +
			time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`,
	} {
		finish := h.slowly(path, stolen, body)
		if err := h.users.SetPassword("li.na", "correct horse battery", false); err != nil {
			t.Fatal(err)
		}
		if p := finish().want(t, http.StatusUnauthorized).problem(t); p.Code != "signed_out" {
			t.Errorf("%s: %s", path, p.Code)
		}
		c, _ := h.browser("li.na", "correct horse battery")
		stolen = "fundledger_session=" + c.Value
	}
	if user, _ := h.users.Find("li.na"); len(user.Tokens)+len(user.Deputies) != 0 {
		t.Errorf("a session that was over left %v, %v", user.Tokens, user.Deputies)
	}

	// Whoever stole it asks to be the one session that goes on, again and again, while the owner's change is made.
	for range 3 {
		c, _ := h.browser("li.na", "correct horse battery")
		loot := h.loop(t, "fundledger_session="+c.Value, func() {
			if err := h.users.SetGrants("li.na", []web.Grant{{Role: domain.Analyst}}); err != nil {
				t.Fatal(err)
			}
		})
		for i, cookie := range loot {
			if status := h.ask("GET", "/v1/me", "", "", "Cookie", cookie).status; status != http.StatusUnauthorized {
				t.Errorf("the session %d of %d that was given to who stole the first answers %d", i, len(loot), status)
			}
		}
	}
}

// loop lets a stolen session sign all others out, by several at once, until the owner's change is made; it returns all sessions that it was given.
func (h *house) loop(t *testing.T, stolen string, change func()) []string {
	t.Helper()
	var (
		attack sync.WaitGroup
		mu     sync.Mutex
		loot   = []string{stolen}
	)
	newest := func() (string, int) {
		mu.Lock()
		defer mu.Unlock()
		return loot[len(loot)-1], len(loot)
	}
	going, stop := context.WithCancel(t.Context())
	defer stop()
	for range 4 {
		attack.Go(func() {
			for going.Err() == nil {
				last, _ := newest()
				a := h.ask("POST", "/v1/me/sign-out", "", "", "Cookie", last, "Sec-Fetch-Site", "same-origin")
				if given, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";"); a.status == http.StatusOK {
					mu.Lock()
					loot = append(loot, given)
					mu.Unlock()
				}
			}
		})
	}
	eventually(t, "the attack to run", func() bool { _, n := newest(); return n > 3 })
	change()
	stop()
	attack.Wait()
	return loot
}

// Who signs out is signed out, whatever of theirs is still under way.
func TestARequestUnderWayBringsNoSessionBack(t *testing.T) {
	h := open(t)
	cookie := h.person("li.na")
	finish := h.slowly("/v1/commands", cookie, `{"command":"none"}`)
	again := h.slowly("/v1/me/tokens", cookie, `{"name":"mine","expires":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}`)
	h.ask("POST", "/logout", "", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
	finish()
	again().want(t, http.StatusUnauthorized)
	h.ask("GET", "/v1/me", "", "", "Cookie", cookie).want(t, http.StatusUnauthorized)
}

// An open batch ends with its session: when its sender signs out, and at the session's own end.
func TestABatchEndsWithItsSession(t *testing.T) {
	h := open(t, func(c *web.Config) { c.SessionFor = 6 * time.Second })
	for id, end := range map[domain.PersonID]func(cookie string){
		"signs.out": func(cookie string) {
			h.ask("POST", "/logout", "", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
		},
		"runs.out": func(cookie string) {
			eventually(t, "the session to end", func() bool { return h.ask("GET", "/v1/me", "", "", "Cookie", cookie).status == http.StatusUnauthorized })
		},
	} {
		cookie := h.person(id)
		talk := h.converseAs("Cookie", cookie, "/v1/commands/batch")
		if status, code := talk.say(fmt.Sprintf(register, string(id)+"-1", "none")); status == http.StatusUnauthorized || status == 0 {
			t.Fatalf("%s: before: %d %s", id, status, code)
		}
		end(cookie)
		if status, code := talk.say(fmt.Sprintf(register, string(id)+"-2", "none")); status != http.StatusUnauthorized || code != "signed_out" {
			t.Errorf("%s: afterwards: %d %s", id, status, code)
		}
		_ = talk.send.Close()
		if status, _ := talk.hear(); status != 0 {
			t.Errorf("%s: it goes on", id)
		}
		h.ask("GET", "/v1/me", "", "", "Cookie", cookie).want(t, http.StatusUnauthorized)
	}
}
