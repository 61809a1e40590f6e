package pages_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// running is text that would run in a page that showed it as anything but text.
const running = `"><img src=x onerror=ran=1><script>ran=1</script>'`

// told are the kinds of string that people choose freely. Others are of the policy, or checked by a sign of their own.
var told = map[reflect.Type]bool{reflect.TypeFor[string](): true, reflect.TypeFor[domain.ApplicationID](): true, reflect.TypeFor[domain.PayoutID](): true, reflect.TypeFor[domain.ClawbackID](): true,
	reflect.TypeFor[domain.RecoveryID](): true, reflect.TypeFor[domain.ExceptionID](): true, reflect.TypeFor[domain.CommandID](): true, reflect.TypeFor[domain.PersonID](): true}

// mark adds text to every free field of a value, and returns how many there were.
func mark(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n = mark(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += mark(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "SHA256" {
				n += mark(v.Field(i))
			}
		}
	case reflect.String:
		if told[v.Type()] && v.CanSet() && v.Len() > 0 && !domain.ValidCreditCode(domain.EnterpriseID(v.String())) {
			v.SetString(v.String() + running)
			n = 1
		}
	}
	return n
}

// Text that would run lies in every field of every command of two years; on every page it is text.
func TestStoredScriptRunsOnNoPage(t *testing.T) {
	fields := 0
	s := openTold(t, func(c domain.Command) { fields += mark(reflect.ValueOf(c)) })
	last := must(s.ledger.Log().Last(t.Context()))(t)
	if last < 1000 || fields < 3000 {
		t.Fatalf("%d events, %d fields: there is too little to look at", last, fields)
	}
	w := s.browse(t).tab(t)
	w.login("officer")
	seen := 0
	for _, path := range s.paths(t) {
		if status, _ := s.get(path); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		w.visit(path)
		if ask[bool](w, `"ran" in window || document.querySelector("img[src=x], [onerror]") !== null`) {
			t.Errorf("%s: what was stored runs, or could", path)
		}
		seen += ask[int](w, `document.body.innerText.split("<img src=x").length - 1`)
	}
	w.clean() // no content security policy had to stop anything
	if seen < 100 {
		t.Errorf("it is shown as text %d times only", seen)
	}
}

// A file that stops coming is given up, nothing of it is booked, and others are served meanwhile.
func TestAnUploadThatStopsIsLetGo(t *testing.T) {
	s := open(t, func(c *web.Config) { c.Stall = 2 * time.Second })
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	before := must(s.ledger.Log().Last(t.Context()))(t)
	conn := must(net.Dial("tcp", s.http.Listener.Addr().String()))(t)
	defer conn.Close()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(must(form.CreateFormFile("file", "a.jsonl"))(t).Write([]byte(register("stop-1", "914403001922038216", "停"))))(t)
	var cookies []string
	for _, c := range s.client.Jar.Cookies(must(url.Parse(s.http.URL))(t)) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	fmt.Fprintf(conn, "POST /import HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: 1000000\r\n\r\n%s", s.http.Listener.Addr(), strings.Join(cookies, "; "), form.FormDataContentType(), body.String())
	if status, _ := s.get("/import"); status != http.StatusOK {
		t.Errorf("others wait for it: status %d", status)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	answer, err := io.ReadAll(conn) // ends when the server lets go
	if err != nil {
		t.Fatalf("the server holds on: %v", err)
	}
	if tokenOf.Match(answer) || strings.HasPrefix(string(answer), "HTTP/1.1 2") {
		t.Errorf("it was taken: %.500s", answer)
	}
	if after := must(s.ledger.Log().Last(t.Context()))(t); after != before {
		t.Errorf("%d events were booked", after-before)
	}
}

// A file that is too large is refused with a word on what is taken, and nothing of it stays on the machine.
func TestAFileThatIsTooLargeLeavesNothing(t *testing.T) {
	s := open(t) // before the folder is set: the test server's is every test's
	t.Setenv("TMPDIR", t.TempDir())
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	for name, size := range map[string]int{"more than a file may have": 61 << 20, "more than a request may have": 66 << 20} {
		status, page := s.upload(t, "a.jsonl", strings.Repeat(" ", size), "")
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(page, "60 MB") {
			t.Errorf("%s: status %d: %.1000s", name, status, page)
		}
	}
	left := must(filepath.Glob(filepath.Join(os.TempDir(), "*")))(t)
	for _, path := range left {
		if name := filepath.Base(path); strings.HasPrefix(name, "fundledger-import-") || strings.HasPrefix(name, "multipart-") {
			t.Errorf("%s stays behind", name)
		}
	}
}

// Another site's page can neither send a file nor confirm one.
func TestAnotherSiteImportsNothing(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	_, page := s.upload(t, "a.jsonl", register("site-1", "914403001922038216", "站"), "")
	token := tokenOf.FindStringSubmatch(page)
	if token == nil {
		t.Fatalf("nothing to confirm: %.1000s", page)
	}
	before := must(s.ledger.Log().Last(t.Context()))(t)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		for _, path := range []string{"/import", "/appropriations", "/audit/reconciliation"} {
			r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+path, strings.NewReader(url.Values{"token": {token[1]}}.Encode())))(t)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(name, value)
			if status, _, body := s.send(r); status != http.StatusForbidden || !strings.Contains(body, "cross_site") {
				t.Errorf("%s to %s: status %d: %.300s", name, path, status, body)
			}
		}
	}
	if after := must(s.ledger.Log().Last(t.Context()))(t); after != before {
		t.Errorf("%d events were booked", after-before)
	}
}
