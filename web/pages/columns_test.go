package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

var headOf = regexp.MustCompile(`(?s)<th[^>]*>(.*?)</th>`)

// headings are what stands over the columns of a page's list.
func headings(page string) (list []string) {
	_, page, _ = strings.Cut(page, "<thead>")
	page, _, _ = strings.Cut(page, "</thead>")
	for _, m := range headOf.FindAllStringSubmatch(page, -1) {
		list = append(list, strings.TrimSpace(html.UnescapeString(anyTag.ReplaceAllString(m[1], ""))))
	}
	return list
}

// A list has the columns that its address asks for, in their order, sorted as it is: on its page, in the address that is kept and in its export. One
// that it does not have is named, with those that it has.
func TestAListHasTheColumnsThatAreAskedFor(t *testing.T) {
	s := open(t)
	for path, columns := range map[string][]string{"/payouts": {"amount", "enterprise_name", "paid_on"}, "/applications": {"title", "department", "approved"},
		"/enterprises": {"net_paid", "name"}, "/clawbacks": {"outstanding", "clawback"}, "/journal": {"actor", "amount"}, "/notices": {"room", "seq"}, "/lists/queue": {"title", "step"},
		"/exceptions": {"document", "exception"}, "/appropriations": {"remaining", "scope"}} {
		var want []string
		for _, c := range columns {
			want = append(want, words.Heading(c, "zh"))
		}
		at := path + "?columns=" + strings.Join(columns, ",")
		status, page := s.get(at)
		if got := headings(page); status != http.StatusOK || !slices.Equal(got, want) {
			t.Errorf("%s answers %d with %q, not %q", at, status, got, want)
		}
		if !strings.Contains(page, `name="columns" value="`+columns[0]+`" checked>`) {
			t.Errorf("%s does not say that %s is chosen", at, columns[0])
		}
		ticked := path + "?columns=" + strings.Join(columns, "&columns=")
		if status, header, _ := s.send(must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+ticked, nil))(t)); status != http.StatusSeeOther ||
			header.Get("Location") != path+"?columns="+url.QueryEscape(strings.Join(columns, ",")) {
			t.Errorf("what was ticked answers %d and leads to %s", status, header.Get("Location"))
		}
		if status, page := s.get(path + "?columns=amount,no_such"); status != http.StatusBadRequest || !strings.Contains(page, "没有列“") || !strings.Contains(page, "；可用：") {
			t.Errorf("%s: a column that there is not answers %d: %s", path, status, page[strings.Index(page, "<main"):])
		}
		if status, _ := s.get(path + "?columns=" + columns[0] + "," + columns[0]); status != http.StatusBadRequest {
			t.Errorf("%s: a column named twice answers %d", path, status)
		}
	}

	const at = "/payouts?columns=amount,voucher&sort=-amount"
	_, page := s.get(at)
	export := html.UnescapeString(regexp.MustCompile(`href="(/v1/payouts[^"]*format=csv[^"]*)"`).FindStringSubmatch(page)[1])
	status, file := s.get(export)
	lines := strings.Split(strings.TrimSpace(file), "\n")
	if status != http.StatusOK || strings.TrimLeft(strings.TrimSpace(lines[0]), "\ufeff") != "amount,voucher" {
		t.Fatalf("the export %s answers %d: %.100s", export, status, file)
	}
	largest := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Sort: "-amount", Limit: 3}))(t)
	for i, row := range largest.Rows {
		if want := row.Amount.String() + "," + row.Voucher; strings.TrimSpace(lines[i+1]) != want {
			t.Errorf("row %d of the export is %q, not %q", i, lines[i+1], want)
		}
	}
	if status, _ := s.get("/payouts?columns=amount&my_columns=amount"); status != http.StatusBadRequest {
		t.Errorf("a parameter that ends like another leads on with %d", status)
	}
	if status, body := s.get("/v1/payouts?columns=no_such"); status != http.StatusBadRequest {
		t.Errorf("the API answers a column that there is not with %d: %.200s", status, body)
	}
}

// A filter takes a part of a name: the one thing that it can be is what the list is narrowed to, several are offered, and of nothing it is said.
func TestAFilterTakesAPartOfAName(t *testing.T) {
	s := open(t)
	e := must(projections.Enterprises.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	for _, path := range []string{"/payouts", "/applications?sort=-requested", "/lists/totals", "/lists/accounts"} {
		u := must(url.Parse(path))(t)
		q := u.Query()
		filter := "enterprise"
		if path == "/lists/accounts" {
			filter = "subject"
		}
		q.Set(filter, e.Name)
		u.RawQuery = q.Encode()
		r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+u.String(), nil))(t)
		r.Header.Set("Accept", "text/html")
		q.Set(filter, string(e.Enterprise))
		u.RawQuery = q.Encode()
		if status, header, body := s.send(r); status != http.StatusSeeOther || header.Get("Location") != u.String() {
			t.Errorf("%s of %s answers %d and leads to %q: %.300s", path, e.Name, status, header.Get("Location"), body)
		}
		u.RawQuery = filter + "=" + url.QueryEscape("上海")
		if status, page := s.get(u.String()); status != http.StatusOK || strings.Count(page, `<li><a href="`+u.Path+`?`+filter+`=`) < 2 {
			t.Errorf("%s answers %d and does not offer what has that name", u, status)
		}
		u.RawQuery = filter + "=" + url.QueryEscape("<b>没有</b>")
		if status, page := s.get(u.String()); status != http.StatusOK || !strings.Contains(page, "台账中没有“&lt;b&gt;没有&lt;/b&gt;”") {
			t.Errorf("%s answers %d and does not say that there is none", u, status)
		}
	}
	clause := "/lists/totals?clause=" + url.QueryEscape("no such clause")
	if status, page := s.get(clause); status != http.StatusOK || !strings.Contains(page, "台账中没有") {
		t.Errorf("%s: %d", clause, status)
	}
}
