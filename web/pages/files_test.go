package pages_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// sent is a file of a form: its name as a browser sends it, and what is in it.
type sentFile struct{ field, name, content string }

// sendFiles sends a form with files.
func (s *site) sendFiles(path string, form url.Values, files ...sentFile) (int, http.Header, string) {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			if err := w.WriteField(name, value); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part := must(w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + f.field + `"; filename="` + f.name + `"`}, "Content-Type": {"application/pdf"}}))(s.t)
		must(part.Write([]byte(f.content)))(s.t)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := must(http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.http.URL+path, &body))(s.t)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept", "text/html")
	return s.send(r)
}

func sumOf(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// Files are chosen in the form, kept where the rules take the submission and not before, and downloaded from the application's page; what nobody kept is
// supplied there, and nothing else in its place.
func TestFilesAreSentWithAnApplication(t *testing.T) {
	whole := open(t, func(c *web.Config) { c.FileBytes = 1 << 20 })
	s, firm := whole.as(t, "clerk.files", "clerk@commerce"), string(whole.firmOf(t, "ai"))
	form := func(id, clause string) url.Values {
		return url.Values{"command": {"submit_application"}, "id": {id}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "application": {"F-" + id}, "enterprise": {firm},
			"clause": {clause}, "title": {"题"}, "requested.2026": {"1.00"}, "as": {"clerk@commerce"}}
	}
	_, page := s.get("/applications/new?lang=zh")
	if !strings.Contains(page, `enctype="multipart/form-data"`) || !strings.Contains(page, `type="file" name="attachments.files" multiple`) {
		t.Error("the form takes no files")
	}
	names := func(id string) []string {
		_, page := s.get("/applications/F-" + id + "?lang=zh")
		var list []string
		for _, m := range regexp.MustCompile(`<a href="(/v1/files/[^"]+)" download>([^<]+)</a>`).FindAllStringSubmatch(page, -1) {
			status, body := s.get(strings.ReplaceAll(m[1], "&amp;", "&"))
			if status != http.StatusOK {
				t.Errorf("%s: %d", m[1], status)
			}
			list = append(list, m[2]+" "+body)
		}
		return list
	}
	status, header, body := s.sendFiles("/applications/new", form("1", "1.1a"), sentFile{"attachments.files", "申请表.pdf", "一"}, sentFile{"attachments.files", "申请表.pdf", "二"},
		sentFile{"attachments.files", "申请表.pdf", "一"}, sentFile{"attachments.files", `C:\\..\\..\\x%0D%0Ay.pdf`, "三"}, sentFile{"attachments.files", "", ""})
	if status != http.StatusSeeOther {
		t.Fatalf("%d %v: %s", status, header, saidOn(body))
	}
	if got := strings.Join(names("1"), "; "); got != "申请表.pdf 一; 申请表 (2).pdf 二; x%0D%0Ay.pdf 三" {
		t.Errorf("kept are %s", got)
	}
	if status, _ := s.get("/applications/F-1/sheet?lang=zh"); status != http.StatusOK {
		t.Errorf("the sheet: %d", status)
	}
	if _, page := s.get("/applications/F-1/sheet?lang=zh"); !strings.Contains(page, "申请表.pdf（3 B）") {
		t.Error("the sheet does not tell of the files")
	}
	// What is refused leaves nothing behind.
	for name, c := range map[string]struct {
		clause string
		file   sentFile
		says   string
	}{
		"an unknown clause": {"99", sentFile{"attachments.files", "x.pdf", "refused"}, "99"},
		"an empty file":     {"1.1a", sentFile{"attachments.files", "x.pdf", ""}, "文件是空的"},
		"too large a file":  {"1.1a", sentFile{"attachments.files", "x.pdf", strings.Repeat("x", 1<<20+1)}, "文件过大，最多 1 兆字节"},
	} {
		status, _, body := s.sendFiles("/applications/new?lang=zh", form("2", c.clause), c.file)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d: %s", name, status, saidOn(body))
		}
	}
	// The same form again books nothing twice; another that names what was refused has no content.
	if status, _, _ := s.sendFiles("/applications/new", form("1", "1.1a"), sentFile{"attachments.files", "申请表.pdf", "一"}, sentFile{"attachments.files", "申请表.pdf", "二"},
		sentFile{"attachments.files", `C:\\..\\..\\x%0D%0Ay.pdf`, "三"}); status != http.StatusSeeOther {
		t.Errorf("the same form again: %d", status)
	}
	late := form("3", "1.1a")
	late.Set("attachments", "迟.pdf="+sumOf("refused"))
	if status, _, body := s.sendFiles("/applications/new", late); status != http.StatusSeeOther {
		t.Fatalf("%d: %s", status, saidOn(body))
	}
	if got := names("3"); len(got) != 0 {
		t.Errorf("of a refused form was kept %q", got)
	}
	supply := url.Values{"sha256": {sumOf("refused")}}
	for content, want := range map[string]int{"another": http.StatusUnprocessableEntity, "": http.StatusUnprocessableEntity} {
		if status, _, _ := s.sendFiles("/applications/F-3/files", supply, sentFile{"file", "a.pdf", content}); status != want {
			t.Errorf("%q in its place: %d", content, status)
		}
	}
	if status, _, _ := s.sendFiles("/applications/F-1/files", supply, sentFile{"file", "a.pdf", "refused"}); status != http.StatusNotFound {
		t.Errorf("to an application that does not name it: %d", status)
	}
	reader := whole.as(t, "reader", "analyst")
	if status, _, _ := reader.sendFiles("/applications/F-3/files", supply, sentFile{"file", "a.pdf", "refused"}); status != http.StatusForbidden {
		t.Errorf("by somebody who submits nothing: %d", status)
	}
	if status, _, body := s.sendFiles("/applications/F-3/files", supply, sentFile{"file", "a.pdf", "refused"}); status != http.StatusSeeOther {
		t.Errorf("what lacks: %d: %s", status, saidOn(body))
	}
	if got := strings.Join(names("3"), "; "); got != "迟.pdf refused" {
		t.Errorf("supplied was %s", got)
	}
}
