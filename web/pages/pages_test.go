package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// inline is whatever the content security policy forbids: scripts and styles in the page, and handlers in attributes.
var inline = regexp.MustCompile(`(?i)<script>|<script [^>]*>[^<]|<style|\sstyle=|\son[a-z]+\s*=\s*["']|javascript:`)

// groupedYear is a year that is written as an amount.
var groupedYear = regexp.MustCompile(`[^0-9,.]2,0[0-9]{2}([^0-9,.]|$)`)

func TestPages(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	enterprises := must(projections.Enterprises.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t)
	payouts := must(projections.Payouts.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t)
	clawbacks := must(projections.Clawbacks.Page(ctx, s.queries, projections.Ask{Where: []projections.Condition{projections.ByOutstanding.Is("open")}, Limit: 1}))(t)
	submitted := must(projections.Applications.Page(ctx, s.queries, projections.Ask{Where: []projections.Condition{projections.ByState.Is("submitted")}, Limit: 1}))(t)
	exceptions := must(projections.Exceptions.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t)
	signed := must(s.proof.Checkpoints(ctx, 0, 1))(t)
	if len(enterprises.Rows) == 0 || len(payouts.Rows) == 0 || len(clawbacks.Rows) == 0 || len(submitted.Rows) == 0 {
		t.Fatal("the sample lacks something that pages are tried on")
	}
	application, payout := "/applications/"+url.PathEscape(string(submitted.Rows[0].Application)), "/payouts/"+url.PathEscape(string(payouts.Rows[0].Payout))
	paths := []string{"/", "/overview", "/overview?year=2025", "/search", "/search?q=2025-a-00", "/search?q=" + url.QueryEscape("没有"), "/lists/queue", "/lists/queue?step=to_pay&department=commerce", "/overview?on=2025-03-01", "/overview?as_of=seq:900", "/enterprises", "/enterprises?q=sh", "/enterprises/" + string(enterprises.Rows[0].Enterprise),
		"/applications", "/applications?state=submitted", application, "/applications/" + url.PathEscape(string(payouts.Rows[0].Application)), "/clauses", "/payouts?year=2025",
		payout, "/clawbacks", "/clawbacks?state=open", "/clawbacks/" + url.PathEscape(string(clawbacks.Rows[0].Clawback)), "/applications/new", "/enterprises/new", "/enterprises/" + string(enterprises.Rows[0].Enterprise) + "/edit", "/clauses/amend", "/policy/amend", "/clauses/6", "/clauses/1.3a", "/exceptions", "/exceptions?on=2025-06-01",
		"/exceptions/new", "/appropriations", "/appropriations/new", "/payouts/book", "/payouts?as_of=seq:900", "/recoveries", "/recoveries?state=standing", "/notices", "/notices?kind=cap_full&since=2025-02-01&until=2026-12-31&year=2025", "/refusals", "/refusals?code=cap_exceeded",
		"/data", "/audit", "/audit?severity=warning", "/audit/statement", "/checkpoints?event=5", "/checkpoints/" + strconv.FormatUint(signed[0].Size, 10), "/exceptions/" + url.PathEscape(string(exceptions.Rows[0].Exception)), "/exceptions/" + url.PathEscape(string(exceptions.Rows[0].Exception)) + "?on=2026-12-31", "/checkpoints?from=7", "/explain?figure=use&clause=6", "/explain?figure=net_paid&enterprise=" + string(enterprises.Rows[0].Enterprise),
		application + "/replay", application + "/replay?step=1&against=1", "/enterprises/" + string(enterprises.Rows[0].Enterprise) + "/replay", "/what-if", "/what-if?cap.6=1000000.00&period.4=year&more=workflow.reviews=2",
		"/receipts/" + strconv.FormatUint(payouts.Rows[0].Seq, 10), "/journal", "/journal?kind=paid&year=2025", "/journal?budget_year=2025&budget_clause=6", "/journal?support_year=2025&kind=approved,outside", "/events/1", "/events/500"}
	for _, l := range projections.Lists() {
		if l.Of() == nil {
			paths = append(paths, "/lists/"+l.Name)
		}
	}
	paths = append(paths, "/lists/payouts?as_of=seq:900&on=2025-06-01")
	for _, lang := range []string{"zh", "en"} {
		for _, path := range paths {
			t.Run(lang+path, func(t *testing.T) {
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				status, body := s.get(path + mark + "unit=wan&lang=" + lang)
				if status != http.StatusOK {
					t.Fatalf("status %d: %.800s", status, body)
				}
				if found := inline.FindString(body); found != "" {
					t.Errorf("something inline: %q", found)
				}
				if want := map[string]string{"zh": `<html lang="zh-CN"`, "en": `<html lang="en"`}[lang]; !strings.Contains(body, want) || !strings.Contains(body, "</html>") {
					t.Errorf("the page is not whole in %s", lang)
				}
				if strings.Contains(body, "<b>officer</b>") {
					t.Error("a person's name was not escaped")
				}
				if year := groupedYear.FindString(body); year != "" {
					t.Errorf("a year is written %q", year)
				}
				for _, bad := range []string{"ZgotmplZ", "%!", "&lt;nil&gt;"} {
					if strings.Contains(body, bad) {
						t.Errorf("the page holds %q", bad)
					}
				}
			})
		}
	}
	t.Run("what is not there", func(t *testing.T) { s.notThere(t) })
	t.Run("exports", func(t *testing.T) { s.exports(t, paths) })
	t.Run("what may not be done", func(t *testing.T) {
		if _, body := s.get(application + "?lang=zh"); !strings.Contains(body, "角色 受理员、财政经办、") {
			t.Error("a role that may not do something is not told in words")
		}
	})
	t.Run("a form twice", func(t *testing.T) { s.acceptTwice(t, application) })
	t.Run("a refused form", func(t *testing.T) { s.refused(t, payout, payouts.Rows[0].Amount) })
}

func (s *site) notThere(t *testing.T) {
	for path, want := range map[string]int{"/enterprises/x": 404, "/applications/x": 404, "/payouts/x": 404, "/clawbacks/x": 404, "/events/0": 404, "/events/99999999": 404,
		"/events/x": 404, "/enterprises/%00": 404, "/overview?year=x": 400, "/overview?on=x": 400, "/overview?as_of=x": 400, "/journal?q=%00": 400, "/journal?clause=1&clause=2": 400,
		"/applications?state=x": 400, "/payouts?state=open": 400, "/applications?as_of=seq:5": 400, "/lists/totals?payout=P": 400, "/lists/x": 404,
		"/lists/enterprise_history": 404, "/journal?cursor=x": 400, "/overview?as_of=seq:99999999": 422, "/static/none.css": 404, "/static/app.css": 200, "/static/app.js": 200} {
		status, body := s.get(path)
		if status != want {
			t.Errorf("%s: status %d, want %d: %.300s", path, status, want, body)
		}
	}
	if _, body := s.get("/enterprises/x?lang=zh"); strings.Contains(body, "台账位置 0<") || !strings.Contains(body, "本页截至台账位置") {
		t.Errorf("an error page does not say how far the ledger is: %s", body)
	}
	if _, body := s.get("/"); strings.Contains(body, `href="/import"`) {
		t.Error("who may not import is led to the import")
	}
	if _, body := s.get("/payouts?state=open"); !strings.Contains(body, "enterprise, application, clause, year") {
		t.Errorf("a filter that payouts have not got is not told with those that they have: %.600s", body)
	}
	if _, body := s.get("/enterprises?q=" + url.QueryEscape(`"><script>alert(1)</script>`)); strings.Contains(body, "<script>alert") {
		t.Error("what was searched for was not escaped")
	}
	if _, body := s.get("/overview?year=" + url.QueryEscape(`<script>alert(1)</script>`)); strings.Contains(body, "<script>alert") {
		t.Error("a wrong year was not escaped")
	}
}

var exported = regexp.MustCompile(`href="(/v1/[^"]*format=csv[^"]*)"`)

// forMachines are the columns whose cells are ids, or what programs and auditors of the log read, or that say that they are in English.
var forMachines = []string{"actor", "actor_for", "by", "code", "command_id", "data", "form", "imported_by", "item", "log_subject", "leaf_hash", "path", "subject", "source", "document", "title_en"}

// exports follows every export link: the API takes each filter that the pages put into it. A workbook is read as a page is: in Chinese it says nothing
// in English.
func (s *site) exports(t *testing.T, paths []string) {
	seen, read := 0, map[string]bool{}
	for _, path := range paths {
		_, body := s.get(path)
		for _, found := range exported.FindAllStringSubmatch(body, -1) {
			seen++
			if status, answer := s.get(strings.ReplaceAll(found[1], "&amp;", "&")); status != http.StatusOK {
				t.Errorf("%s exports %s: status %d: %.300s", path, found[1], status, answer)
			}
			if list, _, _ := strings.Cut(found[1], "?"); !read[list] {
				read[list] = true
				s.speaks(t, strings.Replace(strings.ReplaceAll(found[1], "&amp;", "&"), "format=csv", "format=xlsx", 1))
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d exports were found", seen)
	}
}

// speaks says what of a workbook in Chinese is neither Chinese nor a name.
func (s *site) speaks(t *testing.T, address string) {
	t.Helper()
	_, _, body := s.send(must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+address, nil))(t))
	book, err := excelize.OpenReader(strings.NewReader(body))
	if err != nil {
		t.Errorf("%s: %v: %.200s", address, err, body)
		return
	}
	defer book.Close()
	ids := map[string]bool{}
	for _, name := range forMachines {
		ids[words.Column(name).Heading("zh")] = true
	}
	foreign := map[string][]string{}
	for _, sheet := range book.GetSheetList() {
		rows := must(book.GetRows(sheet))(t)
		for _, row := range rows {
			for i, text := range row {
				if name := rows[0][min(i, len(rows[0])-1)]; !ids[name] {
					foreign[name] = append(foreign[name], english(html.EscapeString(text))...)
				}
			}
		}
	}
	for name, list := range foreign {
		if slices.Sort(list); len(list) > 0 {
			t.Errorf("%s says in the column %s: %.300s", address, name, strings.Join(slices.Compact(list), " "))
		}
	}
}

func (s *site) acceptTwice(t *testing.T, path string) {
	_, body := s.get(path + "?lang=zh")
	if !strings.Contains(body, `value="accept_application"`) {
		t.Fatalf("there is no form to accept with: %s", body)
	}
	form := url.Values{"command": {"accept_application"}, "id": {"web-test"}, "date": {"2025-09-10"}, "as": {"clerk@commerce"}}
	var went []string
	for range 2 {
		status, header, body := s.post(path, form)
		if status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", status, body)
		}
		went = append(went, header.Get("Location"))
	}
	if went[0] != went[1] || !strings.HasPrefix(went[0], path+"?done=") {
		t.Errorf("sent to %v: the second is not the first's repetition", went)
	}
	if _, body := s.get(went[0]); strings.Contains(body, `value="accept_application"`) || !strings.Contains(body, `class="alert good"`) {
		t.Error("the page does not show what was done")
	}
}

func (s *site) refused(t *testing.T, path string, paid domain.Money) {
	form := url.Values{"command": {"order_clawback"}, "id": {"web-refused"}, "date": {"2025-09-10"}, "as": {"treasurer@finance"}, "clawback": {"CB-<b>"},
		"amount": {paid.Add(domain.Fen(1)).String()}, "cause": {"error"}, "reason": {"<script>alert(1)</script>"}}
	status, _, body := s.post(path, form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "clawback_exceeded") || !strings.Contains(body, `class="alert bad"`) || !strings.Contains(body, form.Get("amount")) {
		t.Errorf("status %d, without the refusal or its figures: %s", status, body)
	}
	if strings.Contains(body, "<script>alert") || !strings.Contains(body, "&lt;script&gt;alert") {
		t.Error("what was filled in is not shown again, or was not escaped")
	}
	form.Set("amount", "ten")
	if status, _, body := s.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "amount_malformed") {
		t.Errorf("status %d for an amount that is none: %.500s", status, body)
	}
	form.Set("command", "publish_policy")
	if status, _, _ := s.post(path, form); status < 400 || status >= 500 {
		t.Errorf("status %d for a command that does not belong on the page", status)
	}
}
