package web_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

func (h *house) position() uint64 {
	h.t.Helper()
	return must(h.ledger.Log().Last(h.t.Context()))(h.t)
}

func TestWhatIsWrongIsToldAndChangesNothing(t *testing.T) {
	h := open(t)
	clerk, treasurer, analyst := h.token("li.na", "clerk@investment"), h.token("wang", "treasurer@finance"), h.token("an", "analyst")
	odd := h.token("odd", "treasurer@commerce")
	before := h.position()
	good := fmt.Sprintf(register, "r1", company)
	for _, c := range []struct {
		name, token, body string
		headers           []string
		status            int
		code              string
	}{
		{"an oversized body is too large", clerk, `{"command":"` + strings.Repeat("a", 5<<20) + `"}`, nil, 413, "too_large"},
		{"half a command is malformed", clerk, good[:40], nil, 400, "command_malformed"},
		{"a list is malformed", clerk, `[` + good + `]`, []string{"Content-Type", "application/json"}, 400, "command_malformed"},
		{"nothing is malformed", clerk, " ", []string{"Content-Type", "application/json"}, 400, "command_malformed"},
		{"a name twice is malformed", clerk, `{"command":"register_enterprise","command":"register_enterprise"}`, nil, 400, "command_malformed"},
		{"bytes that are not UTF-8 are malformed", clerk, strings.Replace(good, "某某", "\xff\xfe", 1), nil, 400, "command_malformed"},
		{"an unknown field is named", clerk, strings.Replace(good, `"industry"`, `"industri"`, 1), nil, 422, "field_unknown"},
		{"an unknown command is named", clerk, `{"command":"drop_table","id":"x"}`, nil, 422, "command_unknown"},
		{"a wrong type is named", clerk, strings.Replace(good, `"ai"`, `7`, 1), nil, 422, "field_invalid"},
		{"a date of another form is named", clerk, strings.Replace(good, "2025-03-03", "03/03/2025", 1), nil, 422, "field_invalid"},
		{"a form is no command", clerk, good, []string{"Content-Type", "text/plain"}, 415, "media_type"},
		{"a treasurer registers nobody", treasurer, good, nil, 403, "role_not_allowed"},
		{"an analyst gives no command", analyst, good, nil, 403, "route_not_allowed"},
		{"another department pays nothing", odd, `{"command":"restrict_credit","id":"c","date":"2025-03-03","enterprise":"` + company + `","reason":"x"}`, nil, 403, "department_not_allowed"},
		{"a grant that is not held is not given", clerk, good, []string{"X-Act-As", "admin"}, 403, "grant_not_held"},
		{"a grant that is none is malformed", clerk, good, []string{"X-Act-As", "king@commerce"}, 400, "grant_malformed"},
		{"nobody acts as another", clerk, strings.Replace(good, `"id":"r1"`, `"id":"r1","actor":{"id":"boss","role":"clerk"}`, 1), nil, 403, "actor_not_you"},
		{"two ids are one too many", clerk, good, []string{"Idempotency-Key", "other"}, 400, "id_conflict"},
		{"an enterprise that is not there is not found", treasurer, `{"command":"restrict_credit","id":"c","date":"2025-03-03","enterprise":"` + company + `","reason":"x"}`, nil, 404, "enterprise_unknown"},
		{"a command without an id is refused", clerk, strings.Replace(good, `"id":"r1",`, "", 1), nil, 422, "field_missing"},
		{"what has changed meanwhile is not decided", clerk, good, []string{"If-Match", `"77"`}, 412, "changed_meanwhile"},
		{"without a token nobody gets in", "", good, nil, 401, "sign_in_needed"},
		{"a forged token gets nobody in", "flt_aaaaaaaaaaaa_bbbb", good, nil, 401, "token_invalid"},
		{"a cut token gets nobody in", clerk[:len(clerk)-1], good, nil, 401, "token_invalid"},
		{"a browser of another site is refused", clerk, good, []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross_site"},
		{"an origin elsewhere is refused", clerk, good, []string{"Origin", "https://evil.example"}, 403, "cross_site"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for lang, title := range map[string]func(domain.Text) string{"zh": func(m domain.Text) string { return m.ZH }, "en": func(m domain.Text) string { return m.EN }} {
				p := h.ask("POST", "/v1/commands", c.token, c.body, append(c.headers, "Accept-Language", lang)...).want(t, c.status).problem(t)
				if p.Code != c.code || p.Detail != title(p.Message) {
					t.Errorf("%s: %+v", lang, p)
				}
			}
		})
	}
	if after := h.position(); after != before {
		t.Errorf("the ledger moved from %d to %d", before, after)
	}
	h.ask("POST", "/v1/commands", clerk, good, "If-Match", fmt.Sprintf(`"%d"`, before)).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", clerk, strings.Replace(fmt.Sprintf(register, "", "91330100799655058B"), `"id":"",`, "", 1), "Idempotency-Key", "k1").want(t, http.StatusOK)
}

func TestPathsThatTryToLeaveGoNowhere(t *testing.T) {
	h := open(t)
	token := h.token("an", "analyst")
	for _, path := range []string{"/v1/../users.json", "/..%2f..%2fetc/passwd", "/static/../../users.json", "/static/%2e%2e/users.json", "/v1/applications/..%2f..%2fx",
		"/v1/applications/%00", "/v1/applications/%0d%0aX-Evil:%201/history", "//evil.example/", "/v1/applications/" + strings.Repeat("x", 3000) + "/history"} {
		a := h.ask("GET", path, token, "")
		if a.status < 300 || a.status >= 500 || a.header.Get("X-Evil") != "" || strings.Contains(a.header.Get("Location"), "evil") {
			t.Errorf("%s: %d %v %.200s", path, a.status, a.header, a.body)
		}
	}
	h.ask("PUT", "/v1/commands", token, "{}").want(t, http.StatusMethodNotAllowed).problem(t)
	h.ask("GET", "/v1/nowhere", token, "").want(t, http.StatusNotFound).problem(t)
}

func TestQuestionsAreReadStrictly(t *testing.T) {
	h := open(t)
	token := h.token("an", "analyst")
	for query, code := range map[string]string{
		"/v1/totals?yaer=2025": "parameter_unknown", "/v1/totals?year=twenty": "parameter_invalid", "/v1/totals?year=2025&year=2026": "parameter_invalid",
		"/v1/totals?as_of=seq:0": "parameter_invalid", "/v1/totals?as_of=0001-01-01": "parameter_invalid", "/v1/totals?as_of=yesterday": "parameter_invalid", "/v1/totals?on=2025-13-01": "parameter_invalid",
		"/v1/totals?cursor=!!!": "parameter_invalid", "/v1/totals?limit=-1": "parameter_invalid", "/v1/totals?limit=99999999999999999999": "parameter_invalid",
		"/v1/totals?format=pdf": "parameter_invalid", "/v1/totals?clause=%ff%fe": "parameter_invalid", "/v1/totals?%zz": "parameter_invalid",
		"/v1/events?cursor=AAAA": "parameter_invalid", "/v1/totals?enterprise=%00": "parameter_invalid",
		"/v1/totals?cursor=" + url.QueryEscape("WzEsMiwzXQ"): "parameter_invalid",
	} {
		if p := h.ask("GET", query, token, "").want(t, http.StatusBadRequest).problem(t); p.Code != code {
			t.Errorf("%s: %+v", query, p)
		}
	}
	if p := h.ask("GET", "/v1/totals", token, "", "Accept", "image/png").want(t, http.StatusNotAcceptable).problem(t); p.Code != "not_acceptable" {
		t.Errorf("%+v", p)
	}
	if p := h.ask("GET", "/v1/totals?min_seq=9999", token, "").want(t, http.StatusUnprocessableEntity).problem(t); p.Code != "position_unknown" {
		t.Errorf("%+v", p)
	}
	if p := h.ask("GET", "/v1/totals?as_of=seq:9999", token, "").want(t, http.StatusUnprocessableEntity).problem(t); p.Code != "position_unknown" {
		t.Errorf("%+v", p)
	}
}

// script is text that would run in a page that did not escape it, and formulas that a spreadsheet would.
var script = []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `=HYPERLINK("http://evil.example","x")`, `@SUM(1+1)`, `{{constructor}}`}

func TestScriptInTextStaysText(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	for i, text := range script {
		quoted := must(json.Marshal(text))(t)
		body := strings.Replace(fmt.Sprintf(register, fmt.Sprintf("s%d", i), sampleCode(i)), `"某某科技有限公司"`, string(quoted), 1)
		h.ask("POST", "/v1/commands", clerk, body).want(t, http.StatusOK)
	}
	seq := h.position()
	page := h.ask("GET", fmt.Sprintf("/v1/enterprises?min_seq=%d", seq), clerk, "").want(t, http.StatusOK)
	if page.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers: %v", page.header)
	}
	for _, row := range decode(t, page.body)["rows"].([]any) {
		if name := row.(map[string]any)["name"].(string); !strings.Contains(strings.Join(script, "\n"), name) {
			t.Errorf("the name became %q", name)
		}
	}
	text := h.ask("GET", "/v1/enterprises?format=csv", clerk, "").want(t, http.StatusOK)
	rows := must(csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text.body), "\ufeff"))).ReadAll())(t)
	for _, row := range rows[1:] {
		if strings.ContainsAny(row[1][:1], "=@+-") {
			t.Errorf("a spreadsheet would run %q", row[1])
		}
	}
	login := h.ask("POST", "/login", "", url.Values{"name": {script[1]}, "password": {"x"}, "next": {`"><script>`}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if strings.Contains(string(login.body), "<img") || strings.Contains(string(login.body), "<script") {
		t.Errorf("the sign-in page shows what was typed: %s", login.body)
	}
}

// sampleCode is a valid credit code, another for each number.
func sampleCode(i int) string {
	const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	base := fmt.Sprintf("91310105MA%07d", i)
	sum, weight := 0, 1
	for _, r := range base {
		sum += strings.IndexRune(signs, r) * weight
		weight = weight * 3 % 31
	}
	return base + string(signs[(31-sum%31)%31])
}

func TestNoTextBecomesAHeader(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	for _, id := range []string{"a\\r\\nce-actor: root", "a\\u0000b", "a\\u202eb", "a\\nb"} {
		p := h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, id, company)).want(t, http.StatusUnprocessableEntity).problem(t)
		if p.Code != "field_invalid" {
			t.Errorf("%q: %+v", id, p)
		}
	}
	booked := decode(t, h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "fine", company)).want(t, http.StatusOK).body)
	event := h.ask("GET", fmt.Sprintf("/v1/events?event_type=enterprise_registered&min_seq=%.0f", booked["last_seq"]), clerk, "").want(t, http.StatusOK)
	if row := decode(t, event.body)["rows"].([]any)[0].(map[string]any); row["actor"] != "li.na" || row["role"] != "clerk" || row["department"] != "investment" {
		t.Errorf("%v", row)
	}
}

func TestAClientThatStopsReadingIsLetGo(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Stall = 3 * time.Second })
	h.play()
	token := h.token("an", "analyst")
	const questions = 40 // more answers than the system's buffers take
	var stalled []net.Conn
	for range 2 {
		conn := must(net.Dial("tcp", h.http.Listener.Addr().String()))(t)
		defer conn.Close()
		if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, strings.Repeat("GET /v1/events?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+"\r\n\r\n", questions))
		stalled = append(stalled, conn)
	}
	writing := func() int { return strings.Count(stacks(), "web.(*held).send(") }
	eventually(t, "the answers to begin", func() bool { return writing() == len(stalled) })
	h.ask("GET", "/v1/totals", token, "").want(t, http.StatusOK) // the others are served meanwhile
	eventually(t, "the answers to be given up", func() bool { return writing() == 0 })
	for _, conn := range stalled {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		text, _ := io.ReadAll(conn) // how it is cut does not matter
		if whole := strings.Count(string(text), "\r\n0\r\n"); len(text) == 0 || whole >= questions {
			t.Errorf("%d answers look whole", whole)
		}
	}
}

// stacks is what every goroutine is doing.
func stacks() string {
	buf := make([]byte, 4<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// patience is how long anything may take before it counts as stuck: no measure of the machine.
const patience = 2 * time.Minute

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s\n%s", what, stacks())
		}
	}
}

func TestABatchThatStopsSendingIsLetGoAndWhatCameIsDecided(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Stall = 2 * time.Second })
	token := h.token("li.na", "clerk@investment")
	conn := must(net.Dial("tcp", h.http.Listener.Addr().String()))(t)
	defer conn.Close()
	line := fmt.Sprintf(register, "r1", company) + "\n"
	fmt.Fprintf(conn, "POST /v1/commands/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n5\r\n{\"com\r\n", token, len(line), line)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%v after %s", err, text)
	}
	if !strings.Contains(string(text), `"first_seq":2`) || strings.HasSuffix(string(text), "0\r\n\r\n") {
		t.Errorf("the answer is %s", text)
	}
}

func TestABatchIsAnsweredLineByLineWhileItIsSent(t *testing.T) {
	h := open(t)
	token := h.token("li.na", "clerk@investment")
	in, out := io.Pipe()
	r := must(http.NewRequestWithContext(t.Context(), "POST", h.http.URL+"/v1/commands/batch", in))(t)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/x-ndjson")
	type line struct {
		Line, Status int
		ID, Code     string
		Message      *domain.Text
	}
	sent := []string{fmt.Sprintf(register, "r1", company), "this is no command", "", fmt.Sprintf(register, "r2", company), fmt.Sprintf(register, "r1", company)}
	want := []line{{Line: 1, Status: 200, ID: "r1"}, {Line: 2, Status: 400, Code: "command_malformed"}, {Line: 4, Status: 422, ID: "r2", Code: "enterprise_exists"}, {Line: 5, Status: 200, ID: "r1"}}
	go func() { fmt.Fprintln(out, sent[0]) }()
	response := must(h.client.Do(r))(t)
	defer response.Body.Close()
	answers := bufio.NewScanner(response.Body)
	for i, w := range want {
		if !answers.Scan() {
			t.Fatalf("no answer to line %d: %v", w.Line, answers.Err())
		}
		var got line
		if err := json.Unmarshal(answers.Bytes(), &got, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatal(err)
		}
		if (got.Message != nil) != (got.Status != 200) {
			t.Errorf("%s", answers.Text())
		}
		if got.Message = nil; got != w {
			t.Errorf("%+v, want %+v", got, w)
		}
		if i == 0 { // the first is answered before the rest is sent
			go func() {
				fmt.Fprint(out, strings.Join(sent[1:], "\n"))
				out.Close()
			}()
		}
	}
	if answers.Scan() {
		t.Errorf("one too many: %s", answers.Text())
	}
	_ = h.ask("POST", "/v1/commands/batch?actors=lines", token, sent[0], "Content-Type", "application/x-ndjson").want(t, http.StatusForbidden).problem(t)
	long := strings.Repeat("x", 5<<20)
	if a := h.ask("POST", "/v1/commands/batch", token, sent[0]+"\n"+long+"\n"+sent[0], "Content-Type", "application/x-ndjson").want(t, http.StatusOK); strings.Count(string(a.body), "\n") != 2 || !strings.Contains(string(a.body), "line_too_large") {
		t.Errorf("%.500s", a.body)
	}
}

func TestAnAdminImportsLinesOfOthers(t *testing.T) {
	h := open(t)
	var b strings.Builder
	n := 0
	for c := range demo.Load(h.policy, 300, 7) {
		body := must(json.Marshal(c))(t)
		fmt.Fprintf(&b, "{\"command\":%q,%s\n", c.Name(), body[1:])
		n++
	}
	a := h.ask("POST", "/v1/commands/batch?actors=lines", h.token("root", "admin"), b.String(), "Content-Type", "application/x-ndjson").want(t, http.StatusOK)
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if len(lines) != n || strings.Contains(string(a.body), `"code"`) {
		t.Fatalf("%d answers to %d lines: %.500s", len(lines), n, a.body)
	}
	token := h.token("an", "analyst")
	rows := decode(t, h.ask("GET", "/v1/events?from=2&limit=1", token, "").want(t, http.StatusOK).body)["rows"].([]any)
	if row := rows[0].(map[string]any); row["imported_by"] != "root" || row["actor"] == "root" {
		t.Errorf("%v", row)
	}
}

func TestSixtyFourClientsAtOnce(t *testing.T) {
	h := open(t)
	token := h.token("li.na", "clerk@investment")
	var clients sync.WaitGroup
	const each = 5
	for i := range 64 {
		clients.Go(func() {
			for k := range each {
				id := i*each + k
				a := h.ask("POST", "/v1/commands", token, fmt.Sprintf(register, fmt.Sprintf("r%d", id), sampleCode(id)))
				if a.status != http.StatusOK {
					t.Errorf("%d: %s", a.status, a.body)
				}
				if a := h.ask("GET", "/v1/totals", token, ""); a.status != http.StatusOK {
					t.Errorf("%d: %s", a.status, a.body)
				}
			}
		})
	}
	clients.Wait()
	if got := h.position(); got != 64*each+1 {
		t.Errorf("the ledger is at %d", got)
	}
}

func TestManyRequestsAreSlowedDown(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Rate, c.PublicRate = 5, 1 })
	token, other := h.token("an", "analyst"), h.token("bo", "analyst")
	status := 0
	for range 50 {
		if status = h.ask("GET", "/v1/checkpoint", token, "").status; status != http.StatusOK {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the last of 50 is answered %d", status)
	}
	h.ask("GET", "/v1/checkpoint", other, "").want(t, http.StatusOK)
	for range 5 {
		status = h.ask("GET", "/v1/checkpoint", "flt_x_y", "").status
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the last guess is answered %d", status)
	}
	h.ask("GET", "/livez", "", "").want(t, http.StatusOK)
}

func TestAClosedLedgerSaysToComeAgain(t *testing.T) {
	h := open(t)
	token := h.token("li.na", "clerk@investment")
	h.ledger.Close()
	a := h.ask("POST", "/v1/commands", token, fmt.Sprintf(register, "r1", company)).want(t, http.StatusServiceUnavailable)
	if p := a.problem(t); p.Code != "closed" || a.header.Get("Retry-After") == "" {
		t.Errorf("%+v %v", p, a.header)
	}
	h.ask("GET", "/readyz", "", "").want(t, http.StatusServiceUnavailable)
	h.ask("GET", "/livez", "", "").want(t, http.StatusOK)
}

func TestALiveConnectionHearsOfWhatIsProjected(t *testing.T) {
	h := open(t)
	token := h.token("li.na", "clerk@investment")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := must(http.NewRequestWithContext(ctx, "GET", h.http.URL+"/v1/stream", nil))(t)
	r.Header.Set("Authorization", "Bearer "+token)
	response := must(h.client.Do(r))(t)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	heard := func(text string) bool {
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return true
			}
		}
		return false
	}
	if !heard("event: position") {
		t.Fatal(lines.Err())
	}
	h.ask("POST", "/v1/commands", token, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	if !heard(`{"projected":2,"last":2}`) {
		t.Fatal(lines.Err())
	}
	h.web.Close()
	if heard("event:") {
		t.Error("it goes on after Close")
	}
}

func TestExportsAreWholeAndSaySo(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("an", "analyst")
	var paid domain.Money
	rows := 0
	for next := "/v1/totals?limit=7"; next != ""; {
		a := h.ask("GET", next, token, "").want(t, http.StatusOK)
		for _, row := range decode(t, a.body)["rows"].([]any) {
			paid = paid.Add(must(domain.ParseMoney(row.(map[string]any)["paid"].(string)))(t))
			rows++
		}
		next = strings.TrimSuffix(strings.TrimPrefix(a.header.Get("Link"), "<"), `>; rel="next"`)
	}
	for _, format := range []string{"csv", "xlsx", "parquet", "ndjson"} {
		a := h.ask("GET", "/v1/totals?format="+format, token, "").want(t, http.StatusOK)
		var totals map[string]string
		if err := json.Unmarshal([]byte(a.header.Get("Fundledger-Totals")), &totals); err != nil {
			t.Fatal(err)
		}
		if a.header.Get("Fundledger-Rows") != fmt.Sprint(rows) || totals["paid"] != paid.String() || a.header.Get("Fundledger-Position") != fmt.Sprint(h.position()) {
			t.Errorf("%s: %d rows, %s paid, but %v", format, rows, paid, a.header)
		}
	}
	long := h.ask("GET", "/v1/events?format=ndjson", token, "").want(t, http.StatusOK) // with trailers
	if got := strings.Count(string(long.body), "\n"); uint64(got) != h.position() || long.header.Get("Fundledger-Rows") != fmt.Sprint(got) {
		t.Errorf("%d lines of %d events, %v", got, h.position(), long.header)
	}
}

func TestAsOfAnswersStayTheSame(t *testing.T) {
	h := open(t)
	h.play()
	token, clerk := h.token("an", "analyst"), h.token("li.na", "clerk@investment")
	asked := fmt.Sprintf("/v1/totals?as_of=seq:%d", h.position())
	before := h.ask("GET", asked, token, "").want(t, http.StatusOK)
	seq := h.position() + 1
	h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company)).want(t, http.StatusOK)
	h.ask("GET", fmt.Sprintf("/v1/totals?min_seq=%d", seq), token, "").want(t, http.StatusOK)
	if after := h.ask("GET", asked, token, ""); string(after.body) != string(before.body) {
		t.Error("it has changed")
	}
	h.ask("GET", asked, token, "", "If-None-Match", before.header.Get("ETag")).want(t, http.StatusNotModified)
}

func TestWhatGoesIntoAnEventsHeadersIsBounded(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	before := h.position()
	withoutID := strings.Replace(fmt.Sprintf(register, "", company), `"id":"",`, "", 1)
	for name, key := range map[string]string{"long": strings.Repeat("k", 201), "wide": strings.Repeat("企", 100), "of invisible characters": "a\u202eb", "with a space at its end": `"a "`} {
		if p := h.ask("POST", "/v1/commands", clerk, withoutID, "Idempotency-Key", key).want(t, http.StatusUnprocessableEntity).problem(t); p.Code != "field_invalid" {
			t.Errorf("a key that is %s: %+v", name, p)
		}
	}
	for name, headers := range map[string][]string{"X-Act-As": {"X-Act-As", strings.Repeat("clerk@investment", 100)}, "If-Match": {"If-Match", strings.Repeat(`"9",`, 4000)}} {
		if p := h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company), headers...).problem(t); p.Status < 400 || p.Status >= 500 || len(p.Detail) > 1000 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	h.ask("POST", "/v1/commands", clerk, fmt.Sprintf(register, "r1", company), "X-Padding", strings.Repeat("x", 64<<10)).want(t, http.StatusRequestHeaderFieldsTooLarge)
	if after := h.position(); after != before {
		t.Errorf("the ledger moved from %d to %d", before, after)
	}
}
