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
	if name != "" || content != "" {
		must(must(form.CreateFormFile(field, name))(t).Write([]byte(content)))(t)
	}
	for _, files := range more {
		for field, content := range files {
			if field == "retry" || field == "pasted" { // a box that is ticked, a text that is pasted
				if err := form.WriteField(field, content); err != nil {
					t.Fatal(err)
				}
				continue
			}
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
	file := register("i-1", "914403001922038216", "导入甲 <script>alert(1)</script>") + register("i-2", "91350100M000100Y4Z", "错码") + "no command\n" + register("i-3", "91330100799655058B", "导入乙") +
		strings.Replace(register("i-4", "91310105MA1FY0D27C", "导入丙"), `"chen"`, `"nemo"`, 1)
	status, page := s.upload(t, "指令 九月.jsonl", file, "")
	if status != http.StatusOK || end() != before {
		t.Fatalf("status %d, and %d events were booked by a preview: %.2000s", status, end()-before, page)
	}
	for _, want := range []string{"指令 九月.jsonl", "credit_code_invalid", "command_malformed", "actor_unknown", "<dd>5</dd>", "<dd>2（事件 2）</dd>"} {
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
	for seq := before + 1; seq <= before+2; seq++ {
		header := must(s.ledger.Log().Get(t.Context(), seq))(t).Header
		if got := header["ce-importedby"]; len(got) != 1 || got[0] != "root" || header["ce-actor"][0] != "chen" {
			t.Errorf("event %d does not say who imported it, or who gave it: %v", seq, header)
		}
	}
}

var rejectsOf = regexp.MustCompile(`href="(/import/rejects/[A-Z0-9]+)"`)

// What is refused is downloaded whole, as the command line writes it and as a table, by whoever imports and by nobody else.
func TestWhatIsRefusedIsDownloaded(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.hire(t, "other", "admin")
	s.signIn(t, "root")
	var file strings.Builder
	file.WriteString("command,id,date,actor.id,actor.role,actor.department,enterprise,name,industry\n")
	for i := range 250 { // no valid credit code
		fmt.Fprintf(&file, "register_enterprise,x-%d,2025-09-01,chen,clerk,commerce,9135010%d,=cmd|' /C calc'!A0,ai\n", i, i)
	}
	file.WriteString("register_enterprise,ok-1,2025-09-01,chen,clerk,commerce,914403001922038216,甲,ai\nregister_enterprise,x-d,2025-13-01,chen,clerk,commerce,91330100799655058B,乙,ai\n")
	status, page := s.upload(t, "登记 表.csv", file.String(), "")
	found := rejectsOf.FindStringSubmatch(page)
	if status != http.StatusOK || found == nil || !strings.Contains(strings.Join(strings.Fields(page), " "), "前 200 行，共 251 行") || strings.Count(page, "<tr>") != 201 {
		t.Fatalf("status %d: %.3000s", status, page)
	}
	download := func(path string) (int, string) {
		status, header, body := s.send(must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+path, nil))(t))
		if status == http.StatusOK && !strings.Contains(header.Get("Content-Disposition"), "rejects") {
			t.Errorf("%s: %v", path, header)
		}
		return status, body
	}
	for _, booked := range []bool{false, true} {
		_, lines := download(found[1])
		if strings.Count(lines, "\n") != 251 || !strings.Contains(lines, `"line":253`) || !strings.Contains(lines, `"code":"credit_code_invalid"`) {
			t.Errorf("booked %v: %d rejects: %.400s", booked, strings.Count(lines, "\n"), lines)
		}
		if _, sheet := download(found[1] + "?format=csv"); strings.Count(sheet, "\n") != 252 || !strings.Contains(sheet, "C253") || !strings.Contains(sheet, "校验码不符") || !strings.Contains(sheet, "unified social credit code") {
			t.Errorf("booked %v: %d rows: %.400s", booked, strings.Count(sheet, "\n"), sheet)
		}
		if status, book := download(found[1] + "?format=xlsx"); status != http.StatusOK || !strings.HasPrefix(book, "PK") {
			t.Errorf("booked %v: status %d", booked, status)
		}
		if booked {
			break
		}
		status, _, page = s.post("/import", url.Values{"token": {tokenOf.FindStringSubmatch(page)[1]}})
		if found = rejectsOf.FindStringSubmatch(page); status != http.StatusOK || found == nil {
			t.Fatalf("status %d: %.2000s", status, page)
		}
	}
	for path, want := range map[string]int{found[1] + "?format=exe": http.StatusBadRequest, "/import/rejects/NONE": http.StatusNotFound} {
		if status, _ := download(path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
	s.signIn(t, "other")
	if status, _ := download(found[1]); status != http.StatusNotFound {
		t.Errorf("somebody else read it: status %d", status)
	}
}

// A table with headings of its own is booked by a mapping.
func TestAMappedTableIsTriedAndBooked(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	status, page := s.upload(t, "名单.csv", "统一社会信用代码,单位名称,日期,备注\n914403001922038216,深圳甲,2025/9/1,x\n", nameList)
	token := tokenOf.FindStringSubmatch(page)
	if status != http.StatusOK || token == nil {
		t.Fatalf("status %d: %.3000s", status, page)
	}
	if status, _, page := s.post("/import", url.Values{"token": {token[1]}}); status != http.StatusOK || !strings.Contains(page, "已记账") {
		t.Errorf("status %d: %.2000s", status, page)
	}
	if status, page := s.get("/enterprises/914403001922038216"); status != http.StatusOK || !strings.Contains(page, "深圳甲") {
		t.Errorf("status %d: %.500s", status, page)
	}
	_, page = s.upload(t, "名单.csv", "统一社会信用代码\nx\n", "columns: {A b: {column: x}}\ncommands: []\n")
	if !strings.Contains(page, "小写字母") {
		t.Errorf("what is wrong with the mapping is not said in Chinese: %.2000s", page)
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

// What an import was refused, another import of the file does not ask again, though the reason is gone; ticked, it does.
func TestAFileIsNotAskedAgain(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	restrict := func(id, verb string) string {
		return fmt.Sprintf(`{"command":%q,"id":%q,"date":"2025-09-02","actor":{"id":"qian","role":"treasurer","department":"finance"},"enterprise":"91330100799655058B","reason":"核查"}`, verb, id) + "\n"
	}
	book := func(file string, more ...map[string]string) string {
		t.Helper()
		_, page := s.uploadTo(t, "/import", "file", "九月.jsonl", file, more...)
		token := tokenOf.FindStringSubmatch(page)
		if token == nil {
			return page
		}
		status, _, page := s.post("/import", url.Values{"token": {token[1]}})
		if status != http.StatusOK {
			t.Fatalf("status %d: %.1000s", status, page)
		}
		return page
	}
	file := restrict("before-it-is-there", "restrict_credit") + register("now-it-is", "91330100799655058B", "甲")
	book(file)
	again := book(file)
	if !strings.Contains(again, "此前导入已被拒") || tokenOf.MatchString(again) {
		t.Errorf("the same file would book something:\n%.3000s", again)
	}
	before := must(s.ledger.Log().Last(t.Context()))(t)
	if page := book(file, map[string]string{"retry": "true"}); must(s.ledger.Log().Last(t.Context()))(t) != before+1 {
		t.Errorf("what was ticked to be asked again is not booked:\n%.3000s", page)
	}
}

// Cells that are copied from a spreadsheet are a table too, with its total; what was left out is told before it is booked.
func TestATableIsPasted(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	cells := "统一社会信用代码\t单位名称\t日期\r\n914403001922038216\t\"深圳\n甲\"\t2025/9/1\r\n91330100799655058B\t5\" 管业\t2025年9月1日\r\n合 计\t\t\r\n"
	_, page := s.uploadTo(t, "/import", "file", "", "", map[string]string{"pasted": cells, "map": nameList})
	token := tokenOf.FindStringSubmatch(page)
	if token == nil || !strings.Contains(page, "第 5 行是“合 计”，未导入。") || !strings.Contains(page, "读取说明") {
		t.Fatalf("nothing to confirm, or not told what is left out: %.3000s", page)
	}
	if status, _, page := s.post("/import", url.Values{"token": {token[1]}}); status != http.StatusOK || !strings.Contains(page, "已记账") {
		t.Errorf("status %d: %.2000s", status, page)
	}
	if _, page := s.get("/enterprises/91330100799655058B"); !strings.Contains(page, "5&#34; 管业") {
		t.Errorf("%.500s", page)
	}
	if status, page := s.uploadTo(t, "/import", "file", "", "", map[string]string{"pasted": " \n"}); status != http.StatusBadRequest {
		t.Errorf("nothing was chosen and nothing pasted: status %d: %.500s", status, page)
	}
	for name, want := range map[string]string{"旧账.xls": "旧版 Excel", "旧账.et": "WPS 表格（.et）"} {
		if _, page := s.upload(t, name, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600), ""); !strings.Contains(page, want) || !strings.Contains(page, "另存为 .xlsx") {
			t.Errorf("%s: %.1500s", name, page)
		}
	}
}

// The templates that the page offers are downloaded, and come back as they are.
func TestTemplatesAreDownloaded(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	_, page := s.get("/import")
	if !strings.Contains(page, `<option value="book_payout">`) || strings.Contains(page, `<option value="publish_policy">`) || strings.Contains(page, `<option value="rotate_checkpoint_key">`) {
		t.Fatalf("the page offers: %.5000s", page)
	}
	for _, format := range []string{"xlsx", "csv"} {
		status, header, body := s.send(must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+"/import/template?command=rename_enterprise&format="+format, nil))(t))
		if status != http.StatusOK || !strings.Contains(header.Get("Content-Disposition"), "rename_enterprise."+format) {
			t.Fatalf("%s: status %d, %v", format, status, header)
		}
		if _, page := s.upload(t, "rename."+format, body, ""); !strings.Contains(page, "<dd>1</dd>") || !strings.Contains(page, "actor_unknown") {
			t.Errorf("%s: the template's row is not read: %s", format, page)
		}
	}
	for _, query := range []string{"command=publish_policy&format=csv", "command=x&format=csv", "command=book_payout&format=exe", ""} {
		if status, _ := s.get("/import/template?" + query); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", query, status)
		}
	}
}
