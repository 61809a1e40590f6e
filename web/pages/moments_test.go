package pages_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// routed are the addresses that pages and the API are registered under.
var routed = regexp.MustCompile(`"GET (/[^"]*)"|method: "GET", path: "(/[^"]+)"`)

// addresses are all addresses that answer a GET, read from where they are registered, with ids of the sample in them.
func (s *site) addresses(t *testing.T) (found []string) {
	t.Helper()
	ctx := t.Context()
	payout := must(projections.Payouts.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	clawback := must(projections.Clawbacks.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	ids := map[string]string{"/enterprises/": string(payout.Enterprise), "/applications/": string(payout.Application), "/payouts/": string(payout.Payout),
		"/clawbacks/": string(clawback.Clawback), "/clauses/": string(payout.Clause), "/persons/": "demo", "/todo/": "to_pay", "/lists/": "payouts"}
	var files []string
	for _, folder := range []string{".", ".."} {
		files = append(files, must(filepath.Glob(filepath.Join(folder, "*.go")))(t)...)
	}
	for _, l := range projections.Lists() {
		found = append(found, l.Address)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range routed.FindAllStringSubmatch(string(must(os.ReadFile(file))(t)), -1) {
			found = append(found, match[1]+match[2])
		}
	}
	for i, address := range found {
		address = strings.TrimSuffix(address, "{$}")
		for before, id := range ids {
			address = regexp.MustCompile(`^((?:/v1)?`+before+`)\{[a-z]+\}`).ReplaceAllString(address, "${1}"+url.PathEscape(id))
		}
		found[i] = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(address, "7")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// unasked are the addresses that ask nothing of the ledger: sign-in, liveness, what a browser loads, forms and their parts, and how the API is described.
var unasked = regexp.MustCompile(`^/(static/|login|docs|healthz|livez|readyz|metrics|openapi.json|import/template$|headroom$|pick$|v1/(stream|jobs|me$|tiles?|tile/|entries|bundle$))`)

// A past moment that is none is named with what is right, wherever a moment can be asked for; where none can, that is said. Nothing answers as if it
// had not been asked.
func TestAWrongMomentIsNamedWithWhatIsRight(t *testing.T) {
	s := open(t)
	tried := 0
	name := func(parameter string) string { name, _, _ := strings.Cut(parameter, "="); return name }
	for _, address := range s.addresses(t) {
		if unasked.MatchString(address) {
			continue
		}
		tried++
		mark := "?"
		if needs := map[string]string{"/what-if/export": "format=csv&table=changed&cap.6=1.00"}[address]; needs != "" {
			mark = "?" + needs + "&"
		}
		for wrong, right := range map[string]string{"as_of=gestern": "seq:1234", "as_of=seq:0": "seq:1234", "as_of=1969-12-31": "seq:1234", "on=2025-02-30": "2025-"} {
			for _, lang := range []string{"zh", "en"} {
				r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+address+mark+wrong+"&lang="+lang, nil))(t)
				if strings.HasPrefix(address, "/v1/") {
					r = must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+address+mark+wrong, nil))(t)
					r.Header.Set("Accept", "application/json")
					r.Header.Set("Accept-Language", lang)
				}
				status, header, body := s.send(r)
				if to := header.Get("Location"); status == http.StatusSeeOther && strings.Contains(to, name(wrong)+"=") {
					status, body = s.get(to)
				}
				told := strings.Contains(body, right) && strings.Contains(body, name(wrong))
				none := strings.Contains(body, "parameter_unknown") || strings.Contains(body, "present_only") || status == http.StatusNotFound || status == http.StatusForbidden
				if status < 400 || status >= 500 || !told && !none {
					t.Errorf("%s?%s in %s: status %d: %.300s", address, wrong, lang, status, plainly(body))
				}
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d addresses were tried", tried)
	}
}

// plainly is a page without its marks.
func plainly(page string) string {
	if _, main, ok := strings.Cut(page, "<main"); ok {
		page = main
	}
	return strings.Join(strings.Fields(anyTag.ReplaceAllString(page, " ")), " ")
}
