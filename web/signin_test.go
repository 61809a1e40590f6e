package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// desk signs in from an address, as a browser behind a proxy does.
func (h *house) desk(name, password, address, device string) answer {
	h.t.Helper()
	return h.ask("POST", "/login", "", url.Values{"name": {name}, "password": {password}, "next": {"/v1/me"}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin", "X-Forwarded-For", address, "Cookie", device)
}

// device is the mark that a sign-in leaves on its device.
func device(t *testing.T, a answer) string {
	t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == "fundledger_device" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("the sign-in left no mark: %v", a.header)
	return ""
}

// Whoever guesses waits; who shares an address with them, or is guessed, signs in.
func TestAGuesserLocksNobodyOut(t *testing.T) {
	var passed atomic.Int64
	start := time.Now()
	h := open(t, func(c *web.Config) {
		c.TrustProxy = true
		c.Now = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	})
	const right, office, elsewhere = "correct horse battery", "192.0.2.1", "192.0.2.2"
	for _, name := range []string{"li.na", "wu"} {
		if err := h.users.Add(accounts.User{ID: domain.PersonID(name), Grants: []web.Grant{{Role: domain.Clerk}}}, right); err != nil {
			t.Fatal(err)
		}
	}
	known := device(t, h.desk("li.na", right, office, "").want(t, http.StatusSeeOther))
	other := device(t, h.desk("wu", right, elsewhere, "").want(t, http.StatusSeeOther))

	// Many invented names from the office: those who are known there pass, and a newcomer waits for seconds.
	for i := 0; ; i++ {
		a := h.desk(fmt.Sprint("invented-", i), "x", office, "")
		if a.status == http.StatusTooManyRequests {
			if i < 20 {
				t.Errorf("%d wrong names close the address", i)
			}
			break
		}
		if a.want(t, http.StatusUnauthorized); i > 1000 {
			t.Fatal("nobody slows a guesser of names down")
		}
	}
	h.desk("li.na", right, office, known).want(t, http.StatusSeeOther)
	for _, mark := range []string{"", other, known[:len(known)-1], "fundledger_device=0.x", "fundledger_device="} {
		a := h.desk("li.na", right, office, mark).want(t, http.StatusTooManyRequests)
		if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 10 {
			t.Errorf("with the mark %q it says to wait %q", mark, a.header.Get("Retry-After"))
		}
	}
	passed.Add(int64(10 * time.Second))
	h.desk("wu", right, office, "").want(t, http.StatusSeeOther)
	h.desk("li.na", right, office, "").want(t, http.StatusSeeOther) // a success reopened the address

	// One name from one place: that place waits longer and longer, the person elsewhere does not.
	longest := 0
	for range 12 {
		for h.desk("wu", "wrong", office, "").status == http.StatusUnauthorized {
			continue
		}
		wait, err := strconv.Atoi(h.desk("wu", "wrong", office, "").header.Get("Retry-After"))
		if err != nil || wait < longest {
			t.Fatalf("after %d s it waits %d s, %v", longest, wait, err)
		}
		longest = wait
		passed.Add(int64(time.Duration(wait) * time.Second))
	}
	if longest < 500 || longest > 900 {
		t.Errorf("a guesser of one name waits %d s at most", longest)
	}
	h.desk("wu", "wrong", office, "").want(t, http.StatusUnauthorized)
	h.desk("wu", right, elsewhere, "").want(t, http.StatusSeeOther)
	h.desk("wu", right, office, other).want(t, http.StatusSeeOther)

	// A known device guesses no better, and is known no more with another password.
	for range 5 {
		h.desk("li.na", "wrong", elsewhere, known).want(t, http.StatusUnauthorized)
	}
	h.desk("li.na", right, elsewhere, known).want(t, http.StatusTooManyRequests)
	if err := h.users.SetPassword("li.na", "another horse battery", false); err != nil {
		t.Fatal(err)
	}
	h.desk("li.na", "another horse battery", elsewhere, known).want(t, http.StatusSeeOther)

	// Mistyping now and then over a day adds up to nothing.
	for range 20 {
		for range 4 {
			h.desk("wu", "wrong", "192.0.2.9", "").want(t, http.StatusUnauthorized)
		}
		h.desk("wu", right, "192.0.2.9", "").want(t, http.StatusSeeOther)
	}
}

// Guesses that are sent all at once are counted like those that wait for each other's answer, though a password takes long to check.
func TestGuessesSentAtOnceAreCounted(t *testing.T) {
	start := time.Now()
	h := open(t, func(c *web.Config) {
		c.TrustProxy, c.PublicRate = true, -1
		c.Now = func() time.Time { return start }
	})
	const right = "correct horse battery"
	if err := h.users.Add(accounts.User{ID: "li.na", Grants: []web.Grant{{Role: domain.Clerk}}}, right); err != nil {
		t.Fatal(err)
	}
	tried := func(address func(i int) string) (count int64) {
		var all sync.WaitGroup
		var judged atomic.Int64
		for i := range 100 {
			all.Go(func() {
				if a := h.desk("li.na", fmt.Sprint("guess number ", i), address(i), ""); a.status == http.StatusUnauthorized {
					judged.Add(1)
				}
			})
		}
		all.Wait()
		return judged.Load()
	}
	if n := tried(func(int) string { return "192.0.2.1" }); n != 5 {
		t.Errorf("%d guesses from one place were judged, 5 are free", n)
	}
	if n := tried(func(i int) string { return fmt.Sprint("198.51.100.", i) }); n != 45 {
		t.Errorf("%d guesses from everywhere were judged, 45 are free still", n)
	}
	if err := h.users.Add(accounts.User{ID: "wu", Grants: []web.Grant{{Role: domain.Clerk}}}, right); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		h.desk("wu", right, "192.0.2.9", "").want(t, http.StatusSeeOther) // what succeeds is no failure
	}
}

// Instances count together: who goes from one to the next guesses no more often than at one, a success at one opens both, and a known device passes at
// each.
func TestInstancesCountGuessesTogether(t *testing.T) {
	var first web.Config
	h := open(t, func(c *web.Config) {
		c.TrustProxy, c.PublicRate = true, -1
		first = *c
	})
	const right, place = "correct horse battery", "192.0.2.1"
	var passed atomic.Int64
	start := time.Now()
	desks := make([]*house, 2)
	for i := range desks {
		other := first
		other.Now = func() time.Time { return start.Add(time.Duration(passed.Load())) }
		server := must(web.New(other))(t)
		t.Cleanup(server.Close)
		listening := httptest.NewServer(server.Handler())
		t.Cleanup(listening.Close)
		desk := *h
		desk.http = listening
		desks[i] = &desk
	}
	for _, name := range []string{"li.na", "wu"} {
		if err := h.users.Add(accounts.User{ID: domain.PersonID(name), Grants: []web.Grant{{Role: domain.Clerk}}}, right); err != nil {
			t.Fatal(err)
		}
	}
	known := device(t, desks[0].desk("li.na", right, place, "").want(t, http.StatusSeeOther))
	tried := func(name string) (count int64) {
		var all sync.WaitGroup
		var judged atomic.Int64
		for i := range 40 {
			all.Go(func() {
				if a := desks[i%2].desk(name, fmt.Sprint("guess number ", i), place, ""); a.status == http.StatusUnauthorized {
					judged.Add(1)
				}
			})
		}
		all.Wait()
		return judged.Load()
	}
	for _, name := range []string{"li.na", "invented"} { // who is a user is not told by how long one waits
		if n := tried(name); n != 5 {
			t.Errorf("%d guesses at %s by way of two instances were judged, 5 are free", n, name)
		}
	}
	for _, d := range desks {
		d.desk("li.na", right, place, "").want(t, http.StatusTooManyRequests)
		d.desk("li.na", right, place, known).want(t, http.StatusSeeOther)
		d.desk("wu", right, place, "").want(t, http.StatusSeeOther)
	}
	passed.Add(int64(time.Minute))
	desks[0].desk("li.na", right, place, "").want(t, http.StatusSeeOther)
	for i := range 4 { // it was forgotten everywhere
		desks[i%2].desk("li.na", "wrong", place, "").want(t, http.StatusUnauthorized)
	}
	desks[1].desk("li.na", right, place, "").want(t, http.StatusSeeOther)
}

// An account of the organisation is one user's: nobody meets another by being called alike.
func TestNoTwoUsersMeetInOneAccount(t *testing.T) {
	p := startProvider(t)
	var h *house
	callback := newCallback(t, func() string { return h.http.URL })
	h = open(t, func(c *web.Config) {
		c.OIDC = &web.OIDCConfig{Issuer: p.http.URL, ClientID: "fundledger", ClientSecret: "secret", RedirectURL: callback + "/login/oidc/callback", Claim: "email"}
	})
	clerk := []web.Grant{{Role: domain.Clerk, Department: "investment"}}
	for _, user := range []accounts.User{{ID: "li.na", OIDC: "li.na@example.org", Grants: clerk}, {ID: "wu@example.org", Grants: []web.Grant{{Role: domain.Admin}}}} {
		if err := h.users.Add(user, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, attempt := range []struct {
		name, email string
		verified    any
		want        int
	}{
		{"her own", "li.na@example.org", true, http.StatusSeeOther},
		{"as some write it", "li.na@example.org", "true", http.StatusSeeOther},
		{"not verified", "li.na@example.org", false, http.StatusUnauthorized},
		{"nothing said", "li.na@example.org", nil, http.StatusUnauthorized},
		{"a user who has no account there", "wu@example.org", true, http.StatusUnauthorized},
		{"another spelling", "Li.Na@example.org", true, http.StatusUnauthorized},
	} {
		p.tamper = func(c map[string]any) {
			c["email"] = attempt.email
			if attempt.verified != nil {
				c["email_verified"] = attempt.verified
			}
		}
		if a, _ := h.walk(nil); a.status != attempt.want {
			t.Errorf("%s: status %d, want %d", attempt.name, a.status, attempt.want)
		}
	}

	if err := h.users.Add(accounts.User{ID: "chen", OIDC: "li.na@example.org", Grants: clerk}, ""); !errors.Is(err, accounts.ErrOIDCTaken) {
		t.Errorf("two users have one account: %v", err)
	}
	if err := h.users.SetOIDC("wu@example.org", "li.na@example.org"); !errors.Is(err, accounts.ErrOIDCTaken) {
		t.Errorf("two users have one account: %v", err)
	}
	if err := h.users.SetOIDC("li.na", "\n"); err == nil {
		t.Error("a line break is an account")
	}
}
