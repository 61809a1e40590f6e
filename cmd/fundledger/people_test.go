package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
)

// person is a browser of somebody's own.
type person struct {
	t      *testing.T
	base   string
	client *http.Client
}

func browserAt(t *testing.T, base string) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t, base, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// at is the same browser at another address: cookies know no ports.
func (p *person) at(base string) *person { return &person{p.t, base, p.client} }

func (p *person) do(method, path, kind, body string) (int, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if strings.HasSuffix(kind, "ndjson") {
		request.Header.Set("Prefer", "respond-async")
	}
	answer, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (p *person) want(status int, method, path, body string) string {
	p.t.Helper()
	kind := "application/json"
	if strings.Contains(path, "/batch") {
		kind = "application/x-ndjson"
	}
	got, text := p.do(method, path, kind, body)
	if got != status {
		p.t.Fatalf("%s %s answers %d, not %d: %s", method, path, got, status, text)
	}
	return text
}

func (p *person) signIn(name, password string) int {
	p.t.Helper()
	status, _ := p.do("POST", "/login", "application/x-www-form-urlencoded", url.Values{"name": {name}, "password": {password}, "next": {"/v1/me"}}.Encode())
	return status
}

const firstPassword = "correct horse battery"

// Two instances, each with a folder of its own, behind a proxy that sends every request to the other one. The users come from a file of the first
// releases, which one of them finds. A person who signs in, works, changes the password, makes and revokes a token and has a batch decided meanwhile
// notices nothing of there being two; what the command line changes acts on both.
func TestAPersonBehindABalancerNoticesNothing(t *testing.T) {
	t.Parallel()
	s := serveOnOneNode(t, databaseOf(t, database(t), "people"))
	data := t.TempDir()
	hash, err := accounts.HashPassword(firstPassword)
	if err == nil {
		err = os.WriteFile(filepath.Join(data, "users.json"), fmt.Appendf(nil, `{"version":1,"users":[{"id":"li.na","grants":[{"role":"clerk"},{"role":"admin"}],"password":%q,"changed":"2026-01-01T00:00:00Z"}]}`, hash), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	flags := append(s.flags[:len(s.flags):len(s.flags)], "--data", data, "--checkpoint-key", filepath.Join(s.data, keyFile))
	output(t, append(append([]string{"user", "import", filepath.Join(data, "users.json")}, s.flags...), "--data", data)...) // there is a user already: unasked it would be left
	second := startInstance(t, flags...)
	proxy := balance(t, s.instance, second)
	both := []string{s.instance.url.String(), second.url.String()}

	li := browserAt(t, proxy.url)
	if status := li.signIn("li.na", firstPassword); status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", status)
	}
	for range 6 {
		li.want(http.StatusOK, "GET", "/v1/me", "")
	}
	for i := range 6 { // each is booked at one, and asked for at the other
		var outcome struct {
			Seq uint64 `json:"last_seq"`
		}
		if err := json.Unmarshal([]byte(li.want(http.StatusOK, "POST", "/v1/commands", registration(i))), &outcome); err != nil {
			t.Fatal(err)
		}
		li.want(http.StatusOK, "GET", fmt.Sprintf("/v1/enterprises?enterprise=%d&min_seq=%d", i, outcome.Seq), "")
	}

	home := browserAt(t, proxy.url)
	home.signIn("li.na", firstPassword)
	li.want(http.StatusForbidden, "POST", "/v1/me/password", `{"present":"not this one","next":"another horse battery"}`)
	li.want(http.StatusOK, "POST", "/v1/me/password", `{"present":"correct horse battery","next":"another horse battery"}`)
	until(t, "the end of what was signed in with the old password", func() error { // an instance hears from the shelf what another one wrote
		for _, at := range both {
			if status, _ := home.at(at).do("GET", "/v1/me", "", ""); status != http.StatusUnauthorized {
				return fmt.Errorf("%s: %d", at, status)
			}
		}
		return nil
	})
	for range 2 { // every request meets the other instance
		home.want(http.StatusUnauthorized, "GET", "/v1/me", "")
		li.want(http.StatusOK, "GET", "/v1/me", "")
		li.want(http.StatusOK, "GET", "/v1/me", "")
	}
	if status := browserAt(t, second.url.String()).signIn("li.na", firstPassword); status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", status)
	}

	var made struct{ Token string }
	expires := time.Now().Add(time.Hour).Format(time.RFC3339)
	if err := json.Unmarshal([]byte(li.want(http.StatusOK, "POST", "/v1/me/tokens", `{"name":"ci","read_only":true,"expires":"`+expires+`"}`)), &made); err != nil {
		t.Fatal(err)
	}
	for _, at := range both {
		if status, text, err := (asker{at, made.Token}).do(t.Context(), "GET", "/v1/me", ""); status != http.StatusOK || err != nil {
			t.Errorf("the token: %d %s %v", status, text, err)
		}
		if status, text, err := (asker{at, made.Token}).do(t.Context(), "POST", "/v1/commands", registration(99)); status != http.StatusForbidden || err != nil {
			t.Errorf("a token that only reads books: %d %s %v", status, text, err)
		}
	}

	var job struct {
		ID, State string
		Lines     int
	}
	text := li.want(http.StatusAccepted, "POST", "/v1/commands/batch", registration(20)+"\n"+registration(21)+"\n")
	until(t, "the batch", func() error {
		if err := json.Unmarshal([]byte(text), &job); err != nil {
			return err
		}
		text = li.want(http.StatusOK, "GET", "/v1/jobs/"+job.ID, "")
		if job.State != "done" {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
	outcomes := li.at(both[0]).want(http.StatusOK, "GET", "/v1/jobs/"+job.ID+"/outcomes", "")
	if other := li.at(both[1]).want(http.StatusOK, "GET", "/v1/jobs/"+job.ID+"/outcomes", ""); strings.Count(outcomes, "\n") != 2 || other != outcomes {
		t.Errorf("one tells\n%s, the other\n%s", outcomes, other)
	}
	for _, at := range both {
		if status, _, _ := (asker{at, s.token}).do(t.Context(), "GET", "/v1/jobs/"+job.ID, ""); status != http.StatusNotFound {
			t.Errorf("somebody else's batch: %d", status)
		}
	}

	until(t, "a checkpoint of the first that the second lists", func() error {
		status, text, err := (asker{both[1], s.token}).do(t.Context(), "GET", "/v1/checkpoints", "")
		if err != nil || status != http.StatusOK || !strings.Contains(string(text), `"size":1`) {
			return fmt.Errorf("%d %s %w", status, text, err)
		}
		return nil
	})

	output(t, append([]string{"token", "revoke", "li.na", "ci"}, s.flags...)...)
	gone := func(what string, ask func(at string) int) {
		t.Helper()
		for _, at := range both {
			until(t, what, func() error {
				if status := ask(at); status != http.StatusUnauthorized {
					return fmt.Errorf("%d", status)
				}
				return nil
			})
		}
	}
	gone("the end of a token", func(at string) int {
		status, _, _ := asker{at, made.Token}.do(t.Context(), "GET", "/v1/me", "")
		return status
	})
	kill(s.process)
	li.want(http.StatusOK, "GET", "/v1/me", "") // the other one knows the session
	s.instance = startInstance(t, s.flags...)
	both[0] = s.instance.url.String()
	li.at(both[0]).want(http.StatusOK, "GET", "/v1/me", "") // and so does one that has just come
	li.at(both[1]).do("POST", "/logout", "", "")
	gone("the end of a session", func(at string) int {
		status, _ := li.at(at).do("GET", "/v1/me", "", "")
		return status
	})
	li.at(both[0]).signIn("li.na", "another horse battery")
	output(t, append([]string{"user", "remove", "li.na"}, s.flags...)...)
	gone("the end of a user", func(at string) int {
		status, _ := li.at(at).do("GET", "/v1/me", "", "")
		return status
	})
	told := string(output(t, append([]string{"user", "log", "li.na", "--format", "csv"}, s.flags...)...))
	for _, want := range []string{"taken over from a file", "li.na,API,password set", "li.na,API,token created", "command line,token revoked", "command line,user removed"} {
		if !strings.Contains(told, want) {
			t.Errorf("the trail does not say %q:\n%s", want, told)
		}
	}
}

// A password that an admin set opens nothing but the choice of another one, which its owner makes at the command line too. Users are carried to
// another ledger by a file.
func TestAFirstPasswordIsChangedAtFirstUse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	password := strings.TrimSpace(string(output(t, "user", "add", "ana", "--data", dir, "--grant", "clerk")))
	serving(t, dir, func(at string) {
		ana := browserAt(t, at)
		ana.signIn("ana", password)
		if text := ana.want(http.StatusForbidden, "POST", "/v1/commands", registration(1)); !strings.Contains(text, "password_change_needed") {
			t.Error(text)
		}
		change := func(lines string) *exec.Cmd {
			c := program(t, "password", "ana", "--data", dir)
			c.Stdin = strings.NewReader(lines)
			return c
		}
		for _, lines := range []string{"", password + "\n", password + "\n" + password + "\n", password + "\nshort\n", "wrong password\nanother horse battery\n"} {
			if c := change(lines); c.Run() == nil {
				t.Errorf("%q is taken", lines)
			}
		}
		if text, err := change(password + "\n" + "another horse battery\n").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		ana.want(http.StatusUnauthorized, "GET", "/v1/me", "")
		ana.signIn("ana", "another horse battery")
		ana.want(http.StatusOK, "POST", "/v1/commands", registration(1))
	})
	there := filepath.Join(t.TempDir(), "there")
	output(t, "policy", "publish", "elsewhere-2025", "--data", there)
	file := filepath.Join(t.TempDir(), "users.json")
	output(t, "user", "export", "--out", file, "--data", dir)
	output(t, "user", "import", file, "--data", there)
	serving(t, there, func(at string) {
		if status := browserAt(t, at).signIn("ana", "another horse battery"); status != http.StatusSeeOther {
			t.Errorf("on the other ledger: %d", status)
		}
	})
}
