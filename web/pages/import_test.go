package pages_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// upload sends a file to be looked at.
func (s *site) upload(t *testing.T, name, content, mapping string) (int, string) {
	t.Helper()
	more := map[string]string{}
	if mapping != "" {
		more["map"] = mapping
	}
	return s.uploadTo(t, "/import", "file", name, content, more)
}

// uploadTo sends a file in a form's field, and others beside it.
func (s *site) uploadTo(t *testing.T, path, field, name, content string, more ...map[string]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(must(form.CreateFormFile(field, name))(t).Write([]byte(content)))(t)
	for _, files := range more {
		for field, content := range files {
			must(must(form.CreateFormFile(field, field+".yaml"))(t).Write([]byte(content)))(t)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+path, &body))(t)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept", "text/html")
	status, _, text := s.send(r)
	return status, text
}

func (s *site) signIn(t *testing.T, name string) {
	t.Helper()
	if status, _, body := s.post("/login", url.Values{"name": {name}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
		t.Fatalf("signing in as %s: status %d: %s", name, status, body)
	}
}

var tokenOf = regexp.MustCompile(`name="token" value="([A-Z0-9]+)"`)

func register(id, enterprise, name string) string {
	return fmt.Sprintf(`{"command":"register_enterprise","id":%q,"date":"2025-09-01","actor":{"id":"chen","role":"clerk","department":"commerce"},"enterprise":%q,"name":%q,"industry":"ai"}`, id, enterprise, name) + "\n"
}

func TestAFileIsTriedBeforeItIsBooked(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.hire(t, "other", "admin")
	if status, _ := s.get("/import"); status != http.StatusForbidden {
		t.Errorf("who is no admin may import: status %d", status)
	}
	s.signIn(t, "root")
	end := func() uint64 { return must(s.ledger.Log().Last(t.Context()))(t) }
	before := end()
	file := register("i-1", "914403001922038216", "导入甲 <script>alert(1)</script>") + register("i-2", "91350100M000100Y4Z", "错码") + "no command\n" + register("i-3", "91330100799655058B", "导入乙")
	status, page := s.upload(t, "指令 九月.jsonl", file, "")
	if status != http.StatusOK || end() != before {
		t.Fatalf("status %d, and %d events were booked by a preview: %.2000s", status, end()-before, page)
	}
	for _, want := range []string{"指令 九月.jsonl", "credit_code_invalid", "command_malformed", "<dd>4</dd>", "<dd>2 (事件 2)</dd>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview lacks %q:\n%.3000s", want, page)
		}
	}
	token := tokenOf.FindStringSubmatch(page)
	if token == nil {
		t.Fatal("there is nothing to confirm")
	}
	s.signIn(t, "other")
	if status, _, _ := s.post("/import", url.Values{"token": {token[1]}}); status != http.StatusGone || end() != before {
		t.Errorf("somebody else booked it: status %d", status)
	}
	s.signIn(t, "root")
	status, _, page = s.post("/import", url.Values{"token": {token[1]}})
	if status != http.StatusOK || end() != before+2 {
		t.Fatalf("status %d, %d events booked: %.2000s", status, end()-before, page)
	}
	if status, _, _ := s.post("/import", url.Values{"token": {token[1]}}); status != http.StatusGone || end() != before+2 {
		t.Errorf("a second confirmation: status %d, %d events", status, end()-before)
	}
	if status, page = s.upload(t, "again.jsonl", file, ""); status != http.StatusOK || tokenOf.MatchString(page) {
		t.Errorf("status %d: the same file would book something: %.1000s", status, page)
	}
	if status, page := s.get("/enterprises/914403001922038216"); status != http.StatusOK || strings.Contains(page, "<script>alert") || !strings.Contains(page, "导入甲") {
		t.Errorf("status %d: the imported name is not there, or not escaped", status)
	}
	record := must(s.ledger.Log().Get(t.Context(), before+1))(t)
	if got := record.Header["ce-importedby"]; len(got) == 0 && !strings.Contains(fmt.Sprint(record.Header), "root") {
		t.Errorf("the event does not say who imported it: %v", record.Header)
	}
}

func TestWhatIsNoFileOfCommandsIsSaidSo(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	before := must(s.ledger.Log().Last(t.Context()))(t)
	for name, c := range map[string]struct {
		file, content, mapping string
		status                 int
		says                   string
	}{
		"a broken workbook":      {"账.xlsx", "PK\x03\x04 no archive", "", 200, "账.xlsx"},
		"an unknown column":      {"a.csv", "command,nonsense\nregister_enterprise,x\n", "", 200, "nonsense"},
		"another kind":           {"a.exe", "MZ", "", 415, ".jsonl"},
		"a path":                 {"../../etc/passwd", "x", "", 415, ".jsonl"},
		"nothing":                {"a.jsonl", "", "", 400, ""},
		"a mapping that is none": {"a.csv", "a,b\n1,2\n", "columns: [", 200, "mapping.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			status, page := s.upload(t, c.file, c.content, c.mapping)
			if status != c.status || !strings.Contains(page, c.says) || tokenOf.MatchString(page) {
				t.Errorf("status %d: %.1500s", status, page)
			}
		})
	}
	if status, _, _ := s.post("/import", url.Values{"token": {"nonsense"}}); status != http.StatusGone {
		t.Errorf("status %d for a token that is none", status)
	}
	if after := must(s.ledger.Log().Last(t.Context()))(t); after != before {
		t.Errorf("%d events were booked", after-before)
	}
}
