package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Who comes while the service starts is told so and how far it is, in their language and as they asked; behind the start everybody is let through.
func TestAServiceThatStartsSaysHowFarItIs(t *testing.T) {
	d := NewDoorway(Config{Secure: true})
	ask := func(method, path string, headers ...string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		d.ServeHTTP(w, r)
		return w
	}
	if w := ask("GET", "/readyz"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "0 %") {
		t.Errorf("before anything is read: %d %s", w.Code, w.Body)
	}
	d.Progress(421_000, 1_000_000)
	for _, c := range []struct {
		method, path string
		headers      []string
		status       int
		kind         string
		has          []string
		not          string
	}{
		{"GET", "/livez", nil, 200, "text/plain", []string{"ok"}, "%"},
		{"GET", "/readyz", []string{"Accept-Language", "en"}, 503, "text/plain", []string{"not ready: starting", "42 %"}, ""},
		{"GET", "/overview", []string{"Accept", "text/html"}, 503, "text/html", []string{`lang="zh-CN"`, "42 %", "refresh", "正在启动"}, "Starting"},
		{"GET", "/?lang=en", []string{"Accept", "text/html"}, 503, "text/html", []string{`lang="en"`, "42 %", "Starting"}, "启动"},
		{"POST", "/login", []string{"Accept", "text/html"}, 503, "text/html", []string{"42 %"}, "refresh"},
		{"POST", "/v1/commands", []string{"Accept-Language", "en"}, 503, "application/problem+json", []string{`"code":"starting"`, "42 %"}, ""},
		{"GET", "/static/app.css", nil, 503, "application/problem+json", []string{"starting"}, ""},
	} {
		w := ask(c.method, c.path, c.headers...)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || c.not != "" && strings.Contains(w.Body.String(), c.not) {
			t.Errorf("%s %s: %d %s %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		for _, part := range c.has {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s %s does not say %q: %s", c.method, c.path, part, w.Body)
			}
		}
		if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Content-Security-Policy") == "" || h.Get("Strict-Transport-Security") == "" ||
			c.status == 503 && c.path != "/readyz" && h.Get("Retry-After") == "" {
			t.Errorf("%s %s: %v", c.method, c.path, h)
		}
	}
	if d.Progress(7, 7); strings.Contains(ask("GET", "/readyz").Body.String(), "100 %") {
		t.Error("it is not there yet and says 100 %")
	}
	d.Open(&Server{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })})
	for _, path := range []string{"/livez", "/readyz", "/", "/v1/me"} {
		if w := ask("GET", path); w.Code != http.StatusTeapot {
			t.Errorf("%s is not let through: %d", path, w.Code)
		}
	}
}
