package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/web"
)

// sum is the SHA-256 of a text in hex.
func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// names submits an application that names files, and waits until the tables have it.
func (h *house) names(token, application string, files ...[2]string) {
	h.t.Helper()
	var list []string
	for _, f := range files {
		list = append(list, fmt.Sprintf(`{"name":%q,"sha256":%q}`, f[0], f[1]))
	}
	h.ask("POST", "/v1/commands", token, fmt.Sprintf(`{"command":"submit_application","id":"submit-%[1]s","date":"2025-09-10","application":%[1]q,"enterprise":"914403001922038216",
		"clause":"4","project":"P-%[1]s","title":"题","requested":[{"support_year":2025,"amount":"1.00"}],"attachments":[%[2]s]}`, application, strings.Join(list, ","))).want(h.t, http.StatusOK)
	if err := h.projector.WaitFor(h.t.Context(), must(h.ledger.Log().Last(h.t.Context()))(h.t)); err != nil {
		h.t.Fatal(err)
	}
}

// withFirm is a house with an enterprise.
func withFirm(t *testing.T, change ...func(*web.Config)) (h *house, clerk string) {
	h = open(t, change...)
	clerk = h.token("clerk", "clerk@commerce")
	h.ask("POST", "/v1/commands", clerk, `{"command":"register_enterprise","id":"firm","date":"2025-09-10","enterprise":"914403001922038216","name":"甲","industry":"ai"}`).want(t, http.StatusOK)
	return h, clerk
}

// What an application names is downloaded by whoever reads applications; what none names by nobody, whoever put it.
func TestAFileIsReadWhereAnApplicationNamesIt(t *testing.T) {
	h, clerk := withFirm(t)
	analyst := h.token("analyst", "analyst")
	for _, token := range []string{analyst, h.token("auditor", "auditor"), h.token("treasurer", "treasurer@finance")} {
		if p := h.ask("POST", "/v1/files", token, "x").want(t, http.StatusForbidden).problem(t); p.Code != "route_not_allowed" {
			t.Errorf("%+v", p)
		}
	}
	const page = "<script>alert(1)</script>"
	a := h.ask("POST", "/v1/files", clerk, page).want(t, http.StatusOK)
	if want := fmt.Sprintf(`{"sha256":%q,"bytes":%d}`, sum(page), len(page)); strings.TrimSpace(string(a.body)) != want {
		t.Errorf("%s, want %s", a.body, want)
	}
	h.ask("POST", "/v1/files", clerk, page).want(t, http.StatusOK)
	for _, token := range []string{clerk, analyst} {
		h.ask("GET", "/v1/files/"+sum(page), token, "").want(t, http.StatusNotFound)
	}
	name := "../../申请\r\nSet-Cookie: a=b\"; 表%41\u202e.html"
	if p := h.ask("POST", "/v1/commands", clerk, `{"command":"submit_application","id":"hostile","date":"2025-09-10","application":"A-0","enterprise":"914403001922038216","clause":"4","project":"P","title":"题",`+
		`"requested":[{"support_year":2025,"amount":"1.00"}],"attachments":[{"name":"a\r\nb","sha256":"`+sum(page)+`"}]}`).problem(t); p.Code != "field_invalid" {
		t.Errorf("a name of two lines: %+v", p)
	}
	name = strings.NewReplacer("\r\n", "", "\u202e", "").Replace(name)
	h.names(clerk, "A-1", [2]string{name, sum(page)}, [2]string{"b.pdf", sum("another")})
	h.names(clerk, "A-2", [2]string{"plain.pdf", sum(page)})
	got := h.ask("GET", "/v1/files/"+sum(page), analyst, "").want(t, http.StatusOK)
	kind, named, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
	if string(got.body) != page || err != nil || kind != "attachment" || named["filename"] != "申请Set-Cookie_ a=b_; 表%41.html" {
		t.Errorf("%q: %v, %v", got.header.Get("Content-Disposition"), named, err)
	}
	for header, want := range map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Cache-Control": "private, no-store", "Set-Cookie": ""} {
		if got.header.Get(header) != want {
			t.Errorf("%s: %q, want %q", header, got.header.Get(header), want)
		}
	}
	if got := h.ask("GET", "/v1/files/"+sum(page)+"?application=A-2", analyst, "").want(t, http.StatusOK).header.Get("Content-Disposition"); !strings.Contains(got, `"plain.pdf"`) {
		t.Errorf("of the other application it is %s", got)
	}
	for path, code := range map[string]string{sum(page) + "?application=A-9": "not_found", sum("another"): "file_missing", "x": "not_found", strings.Repeat("0", 64): "not_found",
		url.PathEscape("../../v1/me"): "not_found", "%00": "parameter_invalid"} {
		if p := h.ask("GET", "/v1/files/"+path, analyst, "").problem(t); p.Code != code {
			t.Errorf("%s: %s, want %s", path, p.Code, code)
		}
	}
}

func TestAFileIsKeptWholeOrNotAtAll(t *testing.T) {
	h, clerk := withFirm(t, func(c *web.Config) { c.FileBytes = 1 << 20; c.Stall = time.Second })
	for name, c := range map[string]struct{ query, body, code string }{
		"too large":       {"", strings.Repeat("x", 1<<20+1), "file_too_large"},
		"another":         {"?sha256=" + sum("a"), "b", "file_other"},
		"a false promise": {"?sha256=x", "b", "file_other"},
		"a slip":          {"?hash=x", "b", "parameter_unknown"},
	} {
		if p := h.ask("POST", "/v1/files"+c.query, clerk, c.body).problem(t); p.Code != c.code {
			t.Errorf("%s: %s, want %s", name, p.Code, c.code)
		}
	}
	r := must(http.NewRequestWithContext(t.Context(), "POST", h.http.URL+"/v1/files", http.NoBody))(t)
	r.Header.Set("Authorization", "Bearer "+clerk)
	if p := h.send(r).want(t, http.StatusUnprocessableEntity).problem(t); p.Code != "file_empty" {
		t.Errorf("an empty one: %s", p.Code)
	}
	// The sender goes away midway.
	conn := must((&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.http.URL, "http://")))(t)
	must(fmt.Fprintf(conn, "POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\nhalf", clerk))(t)
	time.Sleep(100 * time.Millisecond)
	_ = conn.Close()
	h.names(clerk, "A-1", [2]string{"half", sum("half")}, [2]string{"whole", sum("whole")})
	if p := h.ask("GET", "/v1/files/"+sum("half"), clerk, "").problem(t); p.Code != "file_missing" {
		t.Errorf("of half a content: %s", p.Code)
	}
	h.ask("POST", "/v1/files?sha256="+sum("whole"), clerk, "whole").want(t, http.StatusOK)
	h.ask("GET", "/v1/files/"+sum("whole"), clerk, "").want(t, http.StatusOK)
}
