package pages_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

var marks = regexp.MustCompile(`<[^>]*>|\s+`)

// plainText is what a page says, without marks and with one blank between words.
func plainText(page string) string {
	return strings.TrimSpace(html.UnescapeString(marks.ReplaceAllString(page, " ")))
}

// saidOn is plainText with runs of blanks made one.
func saidOn(page string) string { return strings.Join(strings.Fields(plainText(page)), " ") }

// firmOf is an enterprise of an industry, whose credit is not restricted.
func (s *site) firmOf(t *testing.T, industry domain.IndustryID) (found domain.EnterpriseID) {
	t.Helper()
	for row, err := range projections.Enterprises.Every(t.Context(), s.queries, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Industry == industry && !row.CreditRestricted {
			return row.Enterprise
		}
	}
	t.Fatal("there is no enterprise of " + industry)
	return ""
}

// What stands beside the amount is what the rules hold it against at this moment, and nobody sees it who may not give the command.
func TestHeadroomStandsBesideTheAmount(t *testing.T) {
	s := open(t)
	clerk := s.as(t, "lin", "clerk@commerce")
	firm := s.firmOf(t, "ai")
	ask := func(who *site, path string) (int, string) {
		t.Helper()
		status, body := who.get(path)
		return status, saidOn(body)
	}
	at := "/headroom?command=submit_application&lang=zh&enterprise=" + string(firm) + "&clause=1.1a&requested.2026="
	var use, left domain.Money
	look := func() {
		t.Helper()
		if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
			line, _ := state.Account(domain.Account{Clause: "1.1a", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: string(firm)}}, 2026, domain.DateIn(now, domain.Shanghai))
			use, left = line.Use, line.Headroom().Amount
		}); err != nil {
			t.Fatal(err)
		}
	}
	look()
	over := left.Add(domain.Fen(1))
	for _, c := range []struct{ typed, want, not string }{
		{left.String(), "额度余额 " + grouped(left) + " 本次 " + grouped(left), "差额"},
		{over.String(), "本次 " + grouped(over) + " 差额 0.01", ""},
		{grouped(over), "差额 0.01", ""},
		{"", "已用额度 " + grouped(use), "本次"},
		{"12,34", "逗号只分隔三位一组，如 1,234,567.89", "本次"},
		{"999999999999.99", "差额 ", ""},
		{"１，２３４．５", "本次 1,234.50", "差额"},
	} {
		status, text := ask(clerk, at+url.QueryEscape(c.typed))
		if c.typed == "" {
			status, text = ask(clerk, strings.TrimSuffix(at, "&requested.2026="))
		}
		if status != http.StatusOK || !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%q: status %d, wanted %q without %q: %s", c.typed, status, c.want, c.not, text)
		}
	}
	if _, text := ask(clerk, strings.Replace(at, "lang=zh", "lang=en", 1)+"0.01"); !strings.Contains(text, "asked 0.01") || strings.ContainsAny(text, "，。额") {
		t.Errorf("in English: %s", text)
	}
	// What names nothing is told so, and tells nothing else.
	for path, want := range map[string]string{
		"/headroom?command=submit_application&clause=1.1a&requested.2026=1&lang=zh":                                                   "统一社会信用代码",
		"/headroom?command=submit_application&enterprise=" + string(firm) + "&clause=1.3b&requested.2026=1&lang=zh":                   "不接受申请",
		"/headroom?command=submit_application&enterprise=" + string(firm) + "&clause=2.1.1&requested.2026=1&lang=zh":                  "项目",
		"/headroom?command=submit_application&enterprise=" + string(firm) + "&clause=1.1a&requested.2031=1&lang=zh":                   "2031",
		"/headroom?command=submit_application&enterprise=" + string(firm) + "&clause=1.1a&requested.65536=1&lang=zh":                  "",
		"/headroom?command=submit_application&enterprise=<script>&clause=1.1a&requested.2026=1&lang=zh":                               "",
		"/headroom?command=submit_application&enterprise=" + string(firm) + "&clause=1.1a&requested.2026=1&requested.02026=1&lang=zh": "两次",
	} {
		if status, text := ask(clerk, path); status != http.StatusOK || !strings.Contains(text, want) || strings.Contains(text, "已用额度") {
			t.Errorf("%s: status %d: %s", path, status, text)
		}
	}
	// What the policy asks for under the clause stands beside the form, in the reader's language, and so it does where the clause lacks something else.
	for path, want := range map[string]string{at + "1": "一定比例核定", strings.Replace(at, "lang=zh", "lang=en", 1) + "1": "share of the scale of business",
		"/headroom?command=submit_application&clause=3&lang=zh": "引进或认定的人才", "/clauses/1.1a?lang=zh": "一定比例核定"} {
		if _, text := ask(clerk, path); !strings.Contains(text, want) {
			t.Errorf("%s: %q is not said to be needed: %s", path, want, text)
		}
	}
	if _, text := ask(clerk, "/headroom?command=submit_application&clause=99&lang=zh"); strings.Contains(text, "所需") {
		t.Errorf("of no clause: %s", text)
	}
	// A reader, somebody who is not signed in, and a clerk whose role was taken away see no figure.
	reader, out := s.as(t, "duzhe", "analyst"), *s
	client := *s.client
	client.Jar = must(cookiejar.New(nil))(t)
	out.client = &client
	if err := s.users.SetGrants("lin", []web.Grant{{Role: domain.Analyst}}); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]*site{"reader": reader, "nobody": &out, "revoked": clerk} {
		if status, text := ask(who, at+"1"); status == http.StatusOK || strings.Contains(text, grouped(left)) || strings.Contains(text, "已用额度") {
			t.Errorf("%s: status %d: %s", name, status, text)
		}
	}
	if status, _ := s.get("/headroom?command=withdraw_application"); status != http.StatusBadRequest {
		t.Errorf("a verb without amounts: status %d", status)
	}
	// Without a script the form itself shows it, books nothing and keeps what was typed; and a refusal leaves it there.
	form := url.Values{"command": {"submit_application"}, "id": {"no-script"}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "application": {"A-R"}, "enterprise": {string(firm)}, "clause": {"1.1a"},
		"title": {"智慧 工厂"}, "requested.2026": {over.String()}, "step": {"room"}}
	before := s.last(t)
	status, _, page := s.post("/applications/new?lang=zh", form)
	if status != http.StatusOK || s.last(t) != before || !strings.Contains(saidOn(page), "差额 0.01") || !strings.Contains(page, `value="`+over.String()+`"`) || !strings.Contains(page, `value="no-script"`) {
		t.Errorf("without a script: status %d, %s", status, saidOn(page))
	}
	form.Del("step")
	form.Set("date", "2199-01-01")
	if status, _, page := s.post("/applications/new?lang=zh", form); status != http.StatusUnprocessableEntity || !strings.Contains(saidOn(page), "差额 0.01") {
		t.Errorf("refused: status %d: %s", status, saidOn(page))
	}
	// What is applied for more than there is may be applied for; what was shown is what its approval is held against.
	form.Set("date", domain.DateIn(now, domain.Shanghai).String())
	if status, _, page := s.post("/applications/new?lang=zh", form); status != http.StatusSeeOther {
		t.Errorf("status %d: %s", status, saidOn(page))
	}
}
