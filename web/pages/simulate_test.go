package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

var simulateExports = regexp.MustCompile(`name="export" value="([^"]+)"`)

// Another policy is tried by its page: one of the fund's by an address that can be sent on, or a file or text; the two stand side by side, and each table is
// taken home whole.
func TestAnotherPolicyIsTriedOnItsPage(t *testing.T) {
	s := open(t)
	text, err := os.ReadFile("../../policies/changning-2027.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"zh": {"政策试行", "两份政策的条款与上限", "超出即削减", "按产业对照", "视为不变的"},
		"en": {"Try a policy", "Clauses and caps of the two policies", "what is too much is cut", "By industry", "What is held fixed"},
	} {
		status, page := s.get("/simulate?lang=" + lang + "&of=changning-2024&decide=cut&set=6.cap%3D1000000.00&budgets=2025%3D0.00")
		if status != http.StatusOK {
			t.Fatalf("%s: %d: %.300s", lang, status, plainly(page))
		}
		for _, one := range want {
			if !strings.Contains(html.UnescapeString(page), one) {
				t.Errorf("%s: nothing says %q", lang, one)
			}
		}
	}
	status, _, page := s.sendFiles("/simulate?lang=zh", url.Values{"decide": {"cut"}, "budgets": {"2027=1000000.00; 2028=0.00"}, "policy": {"what is typed is less than a file"}},
		sentFile{"file", "next.yaml", string(text)})
	page = html.UnescapeString(page)
	if status != http.StatusOK || !strings.Contains(page, "无对应条款") || !strings.Contains(page, "用尽") || !strings.Contains(page, "clause_prefix: 27-") {
		t.Fatalf("%d: %.800s", status, plainly(page))
	}
	exports := simulateExports.FindAllStringSubmatch(page, -1)
	if len(exports) < 16 {
		t.Errorf("%d exports", len(exports))
	}
	for _, one := range exports {
		if status, _, sheet := s.post("/simulate/export?lang=zh", url.Values{"policy": {string(text)}, "decide": {"cut"}, "budgets": {"2027=1000000.00"}, "export": {one[1]}}); status != http.StatusOK || len(sheet) < 50 {
			t.Errorf("%s: %d", one[1], status)
		}
	}
	for query, want := range map[string]int{"of=nothing": http.StatusUnprocessableEntity, "of=changning-2024&set=99.cap%3D1.00": http.StatusUnprocessableEntity,
		"of=changning-2024&budgets=x": http.StatusUnprocessableEntity, "of=changning-2024&decide=x": http.StatusBadRequest} {
		status, page := s.get("/simulate?lang=zh&" + query)
		if status != want || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d: %.300s", query, status, plainly(page))
		}
	}
	if status, _, page := s.post("/simulate?lang=zh", url.Values{"policy": {"fund: x\ntitle: {zh: 甲, en: a}\nterms: 1\n"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, ":3:") || !strings.Contains(page, "terms: 1") {
		t.Errorf("a faulty text: %d: %.500s", status, plainly(page))
	}
}
