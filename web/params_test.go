package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzQueries holds that no address makes a fault of ours: it is read, or told what is wrong with it.
func FuzzQueries(f *testing.F) {
	for _, seed := range []string{"", "year=2025&clause=4", "as_of=seq:12&on=2025-01-01", "cursor=WzEsMiwzXQ", "%zz", "a=1;b=2", "limit=0", "year=%00", "lang=en&lang=zh",
		"as_of=2025-03-01T12:00:00%2B08:00", "as_of=9999-12-31", "min_seq=18446744073709551615", "format=xlsx&headings=human"} {
		f.Add(seed, "text/csv;q=0.5, application/json", "en;q=0.3,zh")
	}
	f.Fuzz(func(t *testing.T, raw, accept, lang string) {
		for _, rt := range routes {
			if rt.list == nil {
				continue
			}
			a, err := readQuery(raw, rt.list.params)
			var p *Problem
			if err != nil {
				if !errors.As(err, &p) || p.Status < 400 || p.Status >= 500 {
					t.Fatalf("%q: %v", raw, err)
				}
				continue
			}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept", accept)
			r.Header.Set("Accept-Language", lang)
			r.URL.RawQuery = raw
			if _, err := formatOf(r, a); err != nil && !errors.As(err, &p) {
				t.Fatalf("%q, %q: %v", raw, accept, err)
			}
			if got := langOf(r); got != "zh" && got != "en" {
				t.Fatalf("language %q", got)
			}
			if n := a.limit(); n < 1 || n > 5000 {
				t.Fatalf("%q asks for %d rows", raw, n)
			}
			_, _, _, _ = a.asOf(), a.day("on"), a.year("year"), a.meta()
			_, _, _ = readLogCursor(a.text("cursor"))
		}
	})
}

// FuzzLocal holds that signing in never leads to another site.
func FuzzLocal(f *testing.F) {
	for _, seed := range []string{"/", "//x", "/\\x", "http://x", "/a?b=c", "/\tx", "javascript:x", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, next string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://here.example/login", nil)
		http.Redirect(w, r, Local(next), http.StatusSeeOther)
		to, err := r.URL.Parse(w.Header().Get("Location"))
		if err != nil || to.Host != "here.example" || to.Scheme != "http" {
			t.Fatalf("%q leads to %v, %v", next, to, err)
		}
	})
}
