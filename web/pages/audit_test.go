package pages_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/audit"
)

// Every finding of the report is on the page of findings once, its kind in the table of kinds, and each case has an address of its own; the
// API's report and its tables hold the same ones.
func TestEveryFindingIsOnThePageOnceAndItsCasesAreReached(t *testing.T) {
	s := open(t)
	var answer struct{ Report audit.Report }
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+"/v1/verification", nil))(t)
	status, _, body := s.send(r)
	if status != http.StatusOK {
		t.Fatalf("status %d: %.300s", status, body)
	}
	if err := json.Unmarshal([]byte(body), &answer, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	report := answer.Report
	if len(report.Findings) < 15 || len(report.Findings) > 60 {
		t.Errorf("the sample has %d findings", len(report.Findings))
	}
	_, tables := s.get("/v1/verification?table=cases&format=csv")
	for _, lang := range []string{"zh", "en"} {
		_, page := s.get("/audit?lang=" + lang)
		for _, k := range report.Kinds {
			if !strings.Contains(page, html.EscapeString(k.Title.In(lang))) || !strings.Contains(page, html.EscapeString(k.Action.In(lang))) {
				t.Errorf("the kind %s is not told in %s", k.Code, lang)
			}
		}
		for _, f := range report.Findings {
			if n := strings.Count(page, `<span class="note mono">`+string(f.ID)+"<"); n != 1 {
				t.Errorf("%s is on the page %d times", f.ID, n)
			}
			path := "/audit/findings/" + string(f.ID) + "?lang=" + lang
			_, one := s.get(path)
			if !strings.Contains(one, `id="chosen"`) || !strings.Contains(one, html.EscapeString(f.Title.In(lang))) {
				t.Errorf("%s does not show the finding", path)
			}
			for i, c := range f.Cases {
				if !strings.Contains(one, "/audit/findings/"+string(c.ID)+"#chosen") || !strings.Contains(tables, string(c.ID)) {
					t.Errorf("the case %s of %s is not reached", c.Subject, f.ID)
				}
				if i > 0 {
					continue
				}
				status, alone := s.get("/audit/findings/" + string(c.ID) + "?lang=" + lang)
				if status != http.StatusOK || !strings.Contains(alone, html.EscapeString(c.About.In(lang))+"</b>") || strings.Contains(alone, `id="cases"`) {
					t.Errorf("the case %s has no page of its own: status %d", c.ID, status)
				}
			}
		}
	}
	if status, _ := s.get("/audit/findings/none"); status != http.StatusNotFound {
		t.Errorf("a finding that is none: status %d", status)
	}
}
