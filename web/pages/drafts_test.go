package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// A half-filled form is kept for whoever filled it in, opens as it was left, and is gone once it was given or thrown away.
func TestAFormIsKeptAsADraft(t *testing.T) {
	s := open(t)
	firm := string(s.firmOf(t, "ai"))
	lin, wu := s.as(t, "lin", "clerk@commerce"), s.as(t, "wu", "clerk@science")
	form := func(id string) url.Values {
		return url.Values{"command": {"submit_application"}, "id": {id}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "application": {"A-" + id}, "enterprise": {firm},
			"clause": {"1.1a"}, "title": {"半份 <b>材料</b>"}, "requested.2026": {"12,34"}, "step": {"keep"}}
	}
	keep := func(who *site, path string, f url.Values) (int, string, string) {
		status, header, body := who.post(path, f)
		return status, header.Get("Location"), body
	}
	before := s.last(t)
	status, to, body := keep(lin, "/applications/new?lang=zh", form("d-1"))
	if status != http.StatusSeeOther || s.last(t) != before {
		t.Fatalf("keeping: status %d: %s", status, saidOn(body))
	}
	at := strings.Split(to, "#")[0]
	_, page := lin.get(at)
	if !strings.Contains(page, `value="12,34"`) || !strings.Contains(page, `name="id" value="d-1"`) || !strings.Contains(page, "半份 &lt;b&gt;材料") || !strings.Contains(saidOn(page), "草稿，存于") {
		t.Errorf("it does not open as it was left: %s", saidOn(page))
	}
	// What stands beside the amount is what the draft's values are held against, as the page's script would ask for it, and not what an empty form is.
	weighed := form("d-room")
	weighed.Set("requested.2026", "999,999,999.00")
	_, to, _ = keep(lin, "/applications/new", weighed)
	_, page = lin.get(strings.Split(to, "#")[0] + "&lang=zh")
	_, beside := lin.get("/headroom?command=submit_application&lang=zh&clause=1.1a&requested.2026=999999999.00&enterprise=" + firm)
	if said := saidOn(beside); !strings.Contains(said, "差额") || !strings.Contains(saidOn(page), said) {
		t.Errorf("a draft is shown beside other figures than %s: %s", said, saidOn(page))
	}
	lin.post("/me/drafts/forget", url.Values{"id": {"d-room"}})
	listed := `href="` + html.EscapeString(at) + `"`
	for path, who := range map[string]*site{"/": lin, "/me": lin} {
		if _, page := who.get(path); !strings.Contains(page, listed) {
			t.Errorf("%s does not list it", path)
		}
	}
	// It is nobody else's: not on their desk, not at its address, not to throw away; nor is it shown on another page.
	for _, path := range []string{"/", "/me", at, "/enterprises/new?draft=d-1"} {
		if _, page := wu.get(path); strings.Contains(page, "半份") || strings.Contains(page, "12,34") {
			t.Errorf("%s shows it to another", path)
		}
	}
	if status, _, _ := wu.post("/me/drafts/forget", url.Values{"id": {"d-1"}}); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
	if _, page := lin.get("/me"); !strings.Contains(page, listed) {
		t.Error("another threw it away")
	}
	// A form that has changed opens with a word about it; one that is not there any more is told too.
	other := form("d-2")
	other.Set("clause", "1.1b") // closed for that enterprise, or no longer in the policy
	other.Set("no_such_field", "x")
	_, to, _ = keep(lin, "/applications/new", other)
	if _, page := lin.get(strings.Split(to, "#")[0] + "&lang=zh"); !strings.Contains(saidOn(page), "表单已变，以下各项没有填入") || !strings.Contains(page, "no_such_field") {
		t.Errorf("nothing is said: %s", saidOn(page))
	}
	// Given, it is gone; given twice, it is booked once.
	given := form("d-1")
	given.Del("step")
	given.Set("draft", "d-1")
	given.Set("requested.2026", "1,234.00")
	for range 2 {
		if status, _, body := lin.post("/applications/new", given); status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", status, saidOn(body))
		}
	}
	if now := s.last(t); now != before+1 {
		t.Errorf("the log goes from %d to %d", before, now)
	}
	if _, page := lin.get("/me"); strings.Contains(page, listed) {
		t.Error("it is listed after it was given")
	}
	step := url.Values{"command": {"accept_application"}, "id": {"d-step"}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "reason": {"材料齐"}, "step": {"keep"}}
	if status, _, body := keep(lin, "/applications/A-d-1", step); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, saidOn(body))
	}
	withdraw := url.Values{"command": {"withdraw_application"}, "id": {"away"}, "date": step["date"], "reason": {"-"}}
	if status, _, body := lin.post("/applications/A-d-1", withdraw); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, saidOn(body))
	}
	if _, page := lin.get("/applications/A-d-1?draft=d-step&lang=zh"); !strings.Contains(saidOn(page), "现在没有这张表单") {
		t.Errorf("a step that is over: %s", saidOn(page))
	}
	// What may not lie where it is read is not kept, and there is an end to number and size.
	for name, bad := range map[string]url.Values{"a personal identity number": {"title": {"张三 11010519491231002X"}}, "too large": {"title": {strings.Repeat("长", 3000)}},
		"no UTF-8": {"title": {"\xff"}}, "no id": {"id": {""}}, "no command": {"command": {"x"}}} {
		f := form("d-bad")
		for field, value := range bad {
			f[field] = value
		}
		if status, _, body := keep(lin, "/applications/new?lang=zh", f); status == http.StatusSeeOther {
			t.Errorf("%s is kept: %s", name, body)
		}
	}
	account := url.Values{"command": {"record_payee_account"}, "id": {"d-account"}, "holder": {"某公司"}, "account": {"6222 0210 0111 2222"}, "bank": {"某银行"}, "step": {"keep"}}
	if status, to, body := keep(s, "/enterprises/"+firm+"/edit", account); status != http.StatusSeeOther {
		t.Errorf("an account: status %d: %s", status, saidOn(body))
	} else if _, page := s.get(strings.Split(to, "#")[0]); strings.Contains(page, "0111") || !strings.Contains(page, "某银行") {
		t.Error("the number of a bank account is kept, or the rest is not")
	}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() { keep(wu, "/applications/new", form(fmt.Sprint("many-", i))) })
	}
	all.Wait()
	_, page = wu.get("/me")
	if n := len(regexp.MustCompile(`draft=many-`).FindAllString(page, -1)); n != 20 {
		t.Errorf("%d drafts are kept", n)
	}
	if status, _, _ := wu.post("/me/drafts/forget", url.Values{"id": {"many-0"}}); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
}
