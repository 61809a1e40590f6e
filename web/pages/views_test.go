package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// A list is kept as it is narrowed and sorted, under a name, for whoever kept it; what is no list of this site is not.
func TestAListIsSavedAsAView(t *testing.T) {
	s := open(t)
	save := func(name, at string) (int, string, string) {
		status, header, body := s.post("/me/views", url.Values{"name": {name}, "at": {at}})
		return status, header.Get("Location"), body
	}
	const at = "/payouts?clause=4&sort=-amount"
	if status, to, body := save("大额 <b>支付</b>", at+"&cursor=abc&done=7"); status != http.StatusSeeOther {
		t.Fatalf("saving: %d %s %.300s", status, to, body)
	}
	shown := `<a href="/payouts?clause=4&amp;sort=-amount">大额 &lt;b&gt;支付&lt;/b&gt;</a>`
	for path, want := range map[string]bool{"/payouts": true, "/me": true, "/clawbacks": false, at: false} {
		if _, page := s.get(path); strings.Contains(page, shown) != want {
			t.Errorf("%s leads to the view: %t", path, !want)
		}
	}
	if _, page := s.get(at); !strings.Contains(page, "<b>大额 &lt;b&gt;支付&lt;/b&gt;</b>") {
		t.Error("the view does not say that it is the one that is shown")
	}
	save("大额 <b>支付</b>", "/payouts?clause=5") // the same name: the newer one stands
	if _, page := s.get("/payouts"); strings.Contains(page, shown) || !strings.Contains(page, `href="/payouts?clause=5"`) {
		t.Error("a view of the same name stands beside the newer one")
	}

	for name, bad := range map[string][2]string{"elsewhere": {"x", "https://example.org/"}, "no name": {" ", at}, "a long name": {strings.Repeat("名", 61), at},
		"two slashes": {"x", "//example.org/payouts"}, "a line": {"a\nb", at}, "a script": {"x", "javascript:alert(1)"}} {
		if status, to, _ := save(bad[0], bad[1]); status != http.StatusBadRequest {
			t.Errorf("%s: %d, led to %q", name, status, to)
		}
	}

	var all sync.WaitGroup
	for i := range 20 { // at once, as from two windows: none is lost
		all.Go(func() {
			if status, _, body := save(fmt.Sprint("并行 ", i), "/journal"); status != http.StatusSeeOther {
				t.Errorf("%d: %d %.200s", i, status, body)
			}
		})
	}
	all.Wait()
	_, page := s.get("/journal")
	if n := strings.Count(page, "并行 "); n != 20 {
		t.Errorf("%d of 20 views that were saved at once are there", n)
	}
	for i := range 29 {
		save(fmt.Sprint("更多 ", i), "/notices")
	}
	if status, _, body := save("第五十一个", "/notices"); status != http.StatusBadRequest || !strings.Contains(body, "50") {
		t.Errorf("one more than there may be: %d", status)
	}
	if status, _, _ := s.post("/me/views/forget", url.Values{"name": {"大额 <b>支付</b>"}, "at": {"/payouts?clause=5"}}); status != http.StatusSeeOther {
		t.Errorf("taking it away: %d", status)
	}
	if _, page := s.get("/me"); strings.Contains(page, "大额") {
		t.Error("it was taken away, and is there")
	}

	if err := s.users.Add(accounts.User{ID: "other", Name: "乙", Grants: []web.Grant{{Role: domain.Analyst}}}, password); err != nil {
		t.Fatal(err)
	}
	s.post("/login", url.Values{"name": {"other"}, "password": {password}, "next": {"/"}})
	if _, page := s.get("/journal"); strings.Contains(page, "并行 ") {
		t.Error("somebody else sees the views")
	}
}

// What a person keeps for themselves goes with them: another one who comes to have the name finds none of it.
func TestWhatAPersonKeepsGoesWithThem(t *testing.T) {
	s := open(t)
	first := s.as(t, "gone", "clerk@commerce")
	for path, form := range map[string]url.Values{
		"/applications/new": {"command": {"submit_application"}, "id": {"d-gone"}, "title": {"半份材料"}, "step": {"keep"}},
		"/me/views":         {"name": {"我的支付"}, "at": {"/payouts?sort=-amount"}},
	} {
		if status, _, body := first.post(path, form); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d: %s", path, status, saidOn(body))
		}
	}
	read := func(who *site) (kept int) {
		t.Helper()
		for path, what := range map[string]string{"/me": "draft=d-gone", "/payouts": "我的支付"} {
			if _, page := who.get(path); strings.Contains(page, what) {
				kept++
			}
		}
		return kept
	}
	if n := read(first); n != 2 {
		t.Fatalf("%d of two are kept", n)
	}
	if err := s.users.Remove("gone"); err != nil {
		t.Fatal(err)
	}
	if n := read(s.as(t, "gone", "clerk@commerce")); n != 0 {
		t.Errorf("who has the name later reads %d things of who had it before", n)
	}
}
