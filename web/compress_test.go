package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answered is what a handler answers through the compressor, with the plain body.
func answered(t *testing.T, method, accept string, h http.HandlerFunc) (*httptest.ResponseRecorder, string) {
	t.Helper()
	r, w := httptest.NewRequest(method, "/", nil), httptest.NewRecorder()
	r.Header.Set("Accept-Encoding", accept)
	compressed(h).ServeHTTP(w, r)
	body := io.Reader(w.Body)
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return w, string(text)
}

// What is sent compressed is what would be sent plainly, whoever asks and however it is written.
func TestAnAnswerIsTheSameCompressedAndPlain(t *testing.T) {
	long := strings.Repeat("<p>企业扶持资金 1,000,000.00</p>", 2000)
	write := func(kind string, status int, parts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			if status != 0 {
				w.WriteHeader(status)
			}
			for _, part := range parts {
				_, _ = io.WriteString(w, part)
				if len(parts) > 3 {
					_ = http.NewResponseController(w).Flush()
				}
			}
		}
	}
	for name, c := range map[string]struct {
		method, accept string
		handler        http.HandlerFunc
		status         int
		body           string
		compressed     bool
	}{
		"a page":         {"GET", "gzip, deflate, br", write("text/html; charset=utf-8", 0, long), 200, long, true},
		"a problem":      {"GET", "gzip", write("application/problem+json", 422, long), 422, long, true},
		"in parts":       {"GET", "GZIP;q=0.5", write("application/json", 200, "a", long, "b"), 200, "a" + long + "b", true},
		"flushed":        {"GET", "gzip", write("text/csv; charset=utf-8", 200, "1\n", "2\n", "3\n", "4\n"), 200, "1\n2\n3\n4\n", true},
		"what is short":  {"GET", "gzip", write("text/html", 404, "none"), 404, "none", false},
		"nothing":        {"GET", "gzip", write("text/html", 304), 304, "", false},
		"a redirect":     {"GET", "gzip", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusSeeOther) }, 303, "<a href=\"/x\">See Other</a>.\n\n", false},
		"who takes none": {"GET", "br", write("text/html", 200, long), 200, long, false},
		"who refuses it": {"GET", "gzip;q=0", write("text/html", 200, long), 200, long, false},
		"who cannot say": {"GET", "gzip;q=x", write("text/html", 200, long), 200, long, false},
		"a command":      {"POST", "gzip", write("application/json", 200, long), 200, long, false},
		"what is packed": {"GET", "gzip", write("application/zip", 200, long), 200, long, false},
		"events":         {"GET", "gzip", write("text/event-stream", 200, "data: 1\n\n", "data: 2\n\n", "data: 3\n\n", "data: 4\n\n"), 200, "data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n", false},
		"nothing at all": {"GET", "gzip", func(http.ResponseWriter, *http.Request) {}, 200, "", false},
		"with a length of it": {"GET", "gzip", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9")
			write("text/css", 0, long)(w, r)
		}, 200, long, true},
	} {
		w, body := answered(t, c.method, c.accept, c.handler)
		if got := w.Header().Get("Content-Encoding") == "gzip"; w.Code != c.status || body != c.body || got != c.compressed {
			t.Errorf("%s: %d, compressed %t, %d bytes: %.100q", name, w.Code, got, len(body), body)
		}
		if c.compressed && w.Header().Get("Content-Length") != "" {
			t.Errorf("%s says a length of %s", name, w.Header().Get("Content-Length"))
		}
		if c.body == long && c.compressed && w.Body.Len() > len(long)/10 {
			t.Errorf("%s is sent in %d bytes of %d", name, w.Body.Len(), len(long))
		}
	}
}

// A handler that ends in the middle leaves an answer that does not look whole, and one that panicked before anything was sent can be answered otherwise.
func TestACompressedAnswerThatBreaksOffIsNotWhole(t *testing.T) {
	for _, length := range []int{10, 100_000} {
		w := httptest.NewRecorder()
		func() {
			defer func() { _ = recover() }()
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, strings.Repeat("x", length))
				panic(http.ErrAbortHandler)
			})).ServeHTTP(w, r)
		}()
		if length < tooShort {
			if w.Body.Len() != 0 {
				t.Errorf("%d bytes were sent", w.Body.Len())
			}
			continue
		}
		z, err := gzip.NewReader(w.Body)
		if err == nil {
			_, err = io.ReadAll(z)
		}
		if err == nil {
			t.Error("it looks whole")
		}
	}
}
