package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

var whatIfExports = regexp.MustCompile(`href="(/what-if/export\?[^"]+)"`)

// Caps, periods, subjects, workflow and the term are tried by the controls of the page; what comes of it is taken home whole.
func TestAWhatIfIsTriedByItsControls(t *testing.T) {
	s := open(t)
	for query, want := range map[string][2]string{
		"cap.6=1,000,000.00": {"条款 6（绿色低碳）的上限 1,000,000.00", "clause 6 (Green and low-carbon): cap 1,000,000.00"}, "period.1.1a=total": {"的上限期间 累计", ": period of the cap total"},
		"subject.4=enterprise": {"的计额对象 企业", ": cap subject enterprise"}, "reviews=3": {"评审次数 3", "reviews needed 3"}, "acceptance=false": {"须受理 否", "acceptance needed no"},
		"term_to=2025-06-30": {"政策至 2025-06-30", "policy in force until 2025-06-30"}, "more=6.amendments%3Dnone": {"的修订 无", ": amendments none"},
	} {
		for i, lang := range []string{"zh", "en"} {
			status, page := s.get("/what-if?lang=" + lang + "&" + query)
			if status != http.StatusOK || !strings.Contains(html.UnescapeString(page), want[i]) {
				t.Errorf("%s: status %d, without %q: %.3000s", query, status, want[i], plainly(page))
			}
		}
	}
	_, page := s.get("/what-if?lang=zh&cap.6=1000000.00")
	found := whatIfExports.FindAllStringSubmatch(page, -1)
	if len(found) != 10 {
		t.Fatalf("%d exports: %.2000s", len(found), page)
	}
	for _, link := range found {
		if status, body := s.get(html.UnescapeString(link[1])); status != http.StatusOK || len(body) < 50 {
			t.Errorf("%s: status %d, %d bytes", link[1], status, len(body))
		}
	}
	for path, want := range map[string]int{"/what-if/export?table=changed&format=csv": http.StatusNotFound, "/what-if/export?table=x&format=csv&reviews=3": http.StatusBadRequest,
		"/what-if/export?table=changed&format=exe&reviews=3": http.StatusBadRequest, "/what-if?reviews=many": http.StatusBadRequest, "/what-if?term_to=x": http.StatusBadRequest,
		"/what-if?period.6=decade": http.StatusBadRequest, "/what-if?cap.6=1e9": http.StatusBadRequest} {
		if status, body := s.get(path); status != want {
			t.Errorf("%s: status %d, want %d: %.300s", path, status, want, body)
		}
	}
	for _, path := range []string{"/what-if?cap.6=1e9&cap.4=7654321.00", "/audit/sample?n=3&strata_by=clause&certainty=7654321.00"} {
		if status, body := s.get(path); status != http.StatusBadRequest || !strings.Contains(body, `value="7654321.00"`) || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: status %d, and what was typed is lost, or nothing says why", path, status)
		}
	}
}

// A case is set beside another one, an enterprise too, and the forms of the player keep what is shown.
func TestAReplayIsSetBesideAnotherCase(t *testing.T) {
	s := open(t)
	p := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	player := "/applications/" + url.PathEscape(string(p.Application)) + "/replay"
	status, page := s.get(player + "?lang=zh&step=2&field=state&other=" + string(p.Enterprise) + "&against=1")
	if status != http.StatusOK || !strings.Contains(page, fmt.Sprintf("%s · 1", p.Enterprise)) {
		t.Errorf("status %d: %.500s", status, page)
	}
	for _, want := range []string{`<input type="hidden" name="field" value="state">`, `<input type="hidden" name="other" value="` + string(p.Enterprise) + `">`, ">办理状态</option>", ">申请金额 "} {
		if !strings.Contains(page, want) {
			t.Errorf("the player lacks %s", want)
		}
	}
	if strings.Contains(page, ">approved.20") || strings.Contains(page, ">submitted_on<") {
		t.Error("a field is called as programs call it")
	}
	if status, _ := s.get(player + "?other=none-such"); status != http.StatusNotFound {
		t.Errorf("status %d beside a case that is none", status)
	}
}

// What nobody knows has no number, and one of a past moment is explained as it was.
func TestANumberOfNothingIsNotNought(t *testing.T) {
	s := open(t)
	for path, want := range map[string]int{"/explain?clause=9.9": http.StatusNotFound, "/explain?enterprise=914403001922038216": http.StatusNotFound, "/explain?figure=paid&clause=6&as_of=seq:400": http.StatusOK,
		"/explain?figure=paid&clause=6&as_of=2025-06-01": http.StatusOK, "/explain?figure=paid&clause=6&as_of=seq:99999999": http.StatusUnprocessableEntity} {
		if status, body := s.get(path); status != want {
			t.Errorf("%s: status %d, want %d: %.300s", path, status, want, body)
		}
	}
}

// What is typed wrong is told in the reader's language, whatever code it has.
func TestAWrongAmountIsToldInTheLanguageOfThePage(t *testing.T) {
	s := open(t)
	for lang, want := range map[string][2]string{"zh": {"小数", "decimals"}, "en": {"decimals", "小数"}} {
		status, body := s.get("/what-if?cap.6=1.001&lang=" + lang)
		at := strings.Index(body, `role="alert"`)
		if status != http.StatusBadRequest || at < 0 {
			t.Fatalf("%s: status %d: %.300s", lang, status, body)
		}
		told, _, _ := strings.Cut(body[at:], "</p>")
		if !strings.Contains(told, want[0]) || strings.Contains(told, want[1]) || strings.Contains(told, "amount_too_precise") {
			t.Errorf("in %s it is told as %s", lang, told)
		}
	}
}
