package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// conversation is a batch that is sent line by line, each when the one before is answered.
type conversation struct {
	t      testing.TB
	send   *io.PipeWriter
	begins chan *http.Response // once the first answer is there
	lines  *bufio.Scanner
}

func (h *house) converse(token, path string) *conversation {
	h.t.Helper()
	return h.converseAs("Authorization", "Bearer "+token, path)
}

// converseAs is [house.converse] of who is known by a header.
func (h *house) converseAs(header, value, path string) *conversation {
	h.t.Helper()
	body, send := io.Pipe()
	r := must(http.NewRequestWithContext(h.t.Context(), "POST", h.http.URL+path, body))(h.t)
	r.Header.Set(header, value)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-ndjson")
	begins := make(chan *http.Response, 1)
	go func() {
		response, err := h.client.Do(r)
		if err != nil {
			h.t.Error(err)
		}
		begins <- response
	}()
	return &conversation{t: h.t, send: send, begins: begins}
}

// say sends a line and returns the answer's status and code; 0 where the conversation is over.
func (c *conversation) say(line string) (status int, code string) {
	c.t.Helper()
	if _, err := io.WriteString(c.send, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
	return c.hear()
}

func (c *conversation) hear() (status int, code string) {
	c.t.Helper()
	if c.lines == nil {
		response := <-c.begins
		if response == nil {
			c.t.Fatal("there is no answer")
		}
		c.t.Cleanup(func() { _ = response.Body.Close() })
		c.lines = bufio.NewScanner(response.Body)
	}
	if !c.lines.Scan() {
		return 0, ""
	}
	var answer struct {
		Status int
		Code   string
	}
	if err := json.Unmarshal(c.lines.Bytes(), &answer, json.MatchCaseInsensitiveNames(true)); err != nil {
		c.t.Fatal(err)
	}
	return answer.Status, answer.Code
}

// Whoever is removed, revoked or given other rights in the middle of a batch has what they have by then.
func TestABatchLooksAgainWhoSendsIt(t *testing.T) {
	h := open(t)
	grant := func(roles ...domain.Role) (grants []web.Grant) {
		for _, role := range roles {
			grants = append(grants, web.Grant{Role: role, Department: "investment"})
		}
		return grants
	}
	for i, c := range []struct {
		name, path string
		role       string
		change     func(id domain.PersonID) error
		status     int
		code       string
		over       bool
	}{
		{"removed", "/v1/commands/batch", "clerk@investment", h.users.Remove, 401, "signed_out", true},
		{"revoked", "/v1/commands/batch", "clerk@investment", func(id domain.PersonID) error { return h.users.RevokeToken(id, "test") }, 401, "signed_out", true},
		{"other rights", "/v1/commands/batch", "clerk@investment", func(id domain.PersonID) error { return h.users.SetGrants(id, grant("analyst")) }, 403, "role_not_allowed", false},
		{"removed importer", "/v1/commands/batch?actors=lines", "admin", h.users.Remove, 401, "signed_out", true},
		{"no admin any more", "/v1/commands/batch?actors=lines", "admin", func(id domain.PersonID) error { return h.users.SetGrants(id, grant("clerk")) }, 403, "import_not_allowed", true},
		{"dry run", "/v1/commands/batch?actors=lines&dry_run=true", "admin", h.users.Remove, 401, "signed_out", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := fmt.Sprint("person-", i)
			token := h.token(id, c.role)
			talk := h.converse(token, c.path)
			line := func(n int) string {
				text := fmt.Sprintf(register, fmt.Sprint(id, "-", n), sampleCode(10*i+n))
				if c.role == "admin" {
					text = strings.Replace(text, `"date"`, `"actor":{"id":"`+id+`","role":"clerk","department":"investment"},"date"`, 1)
				}
				return text
			}
			if status, code := talk.say(line(1)); status != http.StatusOK {
				t.Fatalf("before: %d %s", status, code)
			}
			if err := c.change(domain.PersonID(id)); err != nil {
				t.Fatal(err)
			}
			before := h.position()
			if status, code := talk.say(line(2)); status != c.status || code != c.code {
				t.Errorf("afterwards: %d %s", status, code)
			}
			_ = talk.send.Close()
			if status, _ := talk.hear(); status != 0 {
				t.Error("it goes on")
			}
			if after := h.position(); after != before {
				t.Errorf("the ledger moved from %d to %d", before, after)
			}
		})
	}
}

// A job of hours stops with its giver's token, and says so.
func TestAJobStopsWithItsGiversToken(t *testing.T) {
	h := open(t)
	first := h.token("li.na", "clerk@investment")
	second := must(h.users.CreateToken("li.na", accounts.Token{Name: "second", Expires: time.Now().Add(time.Hour)}))(t)
	var body bytes.Buffer
	for i := range 60_000 {
		fmt.Fprintf(&body, register+"\n", fmt.Sprint("job-", i), "none") // refused, quickly
	}
	a := h.ask("POST", "/v1/commands/batch", first, body.String(), "Content-Type", "application/x-ndjson", "Prefer", "respond-async").want(t, http.StatusAccepted)
	if err := h.users.RevokeToken("li.na", "test"); err != nil {
		t.Fatal(err)
	}
	var job web.Job
	eventually(t, "the job to end", func() bool {
		if err := json.Unmarshal(h.ask("GET", a.header.Get("Location"), second, "").want(t, http.StatusOK).body, &job); err != nil {
			t.Fatal(err)
		}
		return !job.EndedAt.IsZero()
	})
	if job.State != "stopped" || job.Stopped != "signed_out" || job.Lines >= 60_000 {
		t.Errorf("%+v", job)
	}
	lines := bytes.Split(bytes.TrimSpace(h.ask("GET", job.Outcomes, second, "").want(t, http.StatusOK).body), []byte("\n"))
	if len(lines) != job.Lines || !bytes.Contains(lines[len(lines)-1], []byte(`"signed_out"`)) {
		t.Errorf("%d lines of %d, the last %s", len(lines), job.Lines, lines[len(lines)-1])
	}
}

// A live connection ends with its viewer's rights.
func TestALiveConnectionEndsWithItsViewer(t *testing.T) {
	h := open(t)
	token := h.token("an", "analyst")
	clerk := h.token("li.na", "clerk@investment")
	r := must(http.NewRequestWithContext(t.Context(), "GET", h.http.URL+"/v1/stream", nil))(t)
	r.Header.Set("Authorization", "Bearer "+token)
	response := must(h.client.Do(r))(t)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	if !lines.Scan() {
		t.Fatal("nothing is told")
	}
	if err := h.users.Remove("an"); err != nil {
		t.Fatal(err)
	}
	h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	for lines.Scan() { // ends, or the test does at its deadline
		if strings.Contains(lines.Text(), `"projected":2`) {
			t.Error("who was removed is told what is new")
		}
	}
}

// Who is removed after the head of a request was read, and before its body, books nothing: a body may be a minute late.
func TestACommandWhoseBodyIsLateIsJudgedByWhatItsGiverIsThen(t *testing.T) {
	h := open(t)
	for what, end := range map[string]func() error{
		"removed":       func() error { return h.users.Remove("removed") },
		"demoted":       func() error { return h.users.SetGrants("demoted", []web.Grant{{Role: domain.Analyst}}) },
		"token revoked": func() error { return h.users.RevokeToken("token", "test") },
	} {
		id := strings.Fields(what)[0]
		token := h.token(id, "clerk")
		body, send := io.Pipe()
		r := must(http.NewRequestWithContext(t.Context(), "POST", h.http.URL+"/v1/commands", body))(t)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		text := fmt.Sprintf(register, "late-"+id, "91330100799655058B")
		answered := make(chan answer, 1)
		go func() { answered <- h.send(r) }()
		if _, err := io.WriteString(send, text[:len(text)-1]); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the head is read", func() bool { return strings.Contains(stacks(), "postCommand") })
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(send, text[len(text)-1:]); err != nil {
			t.Fatal(err)
		}
		_ = send.Close()
		if a := <-answered; a.status/100 == 2 {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	if h.position() != 1 {
		t.Errorf("something was booked: the log ends at %d", h.position())
	}
}

// A token beside a sign-in is no reason to fall.
func TestSigningInWithATokenAtHand(t *testing.T) {
	h := open(t)
	token := h.token("ana", "clerk")
	for _, way := range [][2]string{{"POST", "/login"}, {"GET", "/login"}, {"GET", "/login/oidc"}, {"POST", "/logout"}} {
		if a := h.ask(way[0], way[1], token, ""); a.status >= 500 {
			t.Errorf("%v: %d %.200s", way, a.status, a.body)
		}
	}
}
