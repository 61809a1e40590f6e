package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

// Each version of the policy has a page that says what it changed, from what, by whom; those around it, the clause and the event lead to each other.
// What is no version is not found.
func TestAVersionOfThePolicySaysWhatItChanged(t *testing.T) {
	s := open(t)
	clause, _ := publication(t).Policy.Clause("6")
	amend := &domain.AmendClause{Head: domain.Head{ID: "amend-1", Date: domain.DateIn(now, domain.Shanghai), Actor: domain.Actor{ID: "root", Role: domain.Admin}},
		Clause: "6", Cap: domain.NewCap{Ceiling: domain.Stated(domain.Fen(1_234_567_89)), Given: true}, EffectiveOn: domain.DateOf(2026, 1, 1), Document: "沪长府规〔2025〕9号"}
	r := s.ledger.Do(t.Context(), ledger.Order{Command: amend})
	if r.Err != nil || r.Refusal != nil {
		t.Fatal(r.Err, r.Refusal)
	}
	_, list := s.get(fmt.Sprint("/policy?min_seq=", r.Outcome.LastSeq))
	n := strings.Count(list, `<a href="/policy/`)
	if n < 2 || !strings.Contains(list, "沪长府规〔2025〕9号") {
		t.Fatalf("%d versions are listed: %.2000s", n, list)
	}
	versions := 0
	for i := 1; ; i++ {
		status, page := s.get(fmt.Sprint("/policy/", i))
		if status == http.StatusNotFound {
			break
		}
		versions++
		if status != http.StatusOK || strings.Contains(page, `rel="prev"`) != (i > 1) {
			t.Errorf("version %d answers %d", i, status)
		}
		if i == 1 && (strings.Contains(page, `class="changed"`) || !strings.Contains(page, "发布人")) {
			t.Error("the first version changed something, or nobody published it")
		}
	}
	status, last := s.get(fmt.Sprint("/policy/", versions))
	changed := regexp.MustCompile(`(?s)<tr class="changed">.*?</tr>`).FindAllString(last, -1)
	if status != http.StatusOK || len(changed) != 1 || !strings.Contains(changed[0], "1,234,567.89") || !strings.Contains(changed[0], "4,000,000.00") || !strings.Contains(changed[0], `href="/clauses/6"`) || !strings.Contains(changed[0], clause.Name.ZH) {
		t.Errorf("the last of %d versions changed %q", versions, changed)
	}
	if !strings.Contains(last, fmt.Sprint(`href="/events/`, r.Outcome.LastSeq)) || !strings.Contains(last, `href="/persons/root"`) {
		t.Error("it leads neither to its event nor to who amended it")
	}
	if _, event := s.get(fmt.Sprint("/events/", r.Outcome.LastSeq)); !strings.Contains(event, `href="/policy"`) {
		t.Error("its event does not lead back")
	}
	if _, found := s.get("/search?q=" + url.QueryEscape("沪长府规〔2025〕9")); !strings.Contains(found, fmt.Sprint(`href="/policy/`, versions, `"`)) {
		t.Errorf("the search does not find it by its document: %.2000s", found)
	}
	_, then := s.get("/policy?as_of=seq:2")
	if strings.Contains(then, "沪长府规〔2025〕9号") {
		t.Error("as of the beginning it was amended already")
	}
	// One that takes effect before another that was recorded earlier changes what was in force on its own day, as its event says.
	earlier := *amend
	earlier.ID, earlier.EffectiveOn, earlier.Cap.Ceiling, earlier.Document = "amend-2", domain.DateOf(2025, 10, 1), domain.Stated(domain.Yuan(3_000_000)), "沪长府规〔2025〕10号"
	if r = s.ledger.Do(t.Context(), ledger.Order{Command: &earlier}); r.Err != nil || r.Refusal != nil {
		t.Fatal(r.Err, r.Refusal)
	}
	versions++
	_, last = s.get(fmt.Sprint("/policy/", versions, "?min_seq=", r.Outcome.LastSeq))
	if changed = regexp.MustCompile(`(?s)<tr class="changed">.*?</tr>`).FindAllString(last, -1); len(changed) != 1 || !strings.Contains(changed[0], "3,000,000.00") || !strings.Contains(changed[0], "4,000,000.00") || strings.Contains(changed[0], "1,234,567.89") {
		t.Errorf("what took effect before the last amendment changed %q", changed)
	}
	for _, no := range []string{"0", "-1", "01", "1e0", "999", fmt.Sprint(versions + 1)} {
		if status, _ := s.get("/policy/" + no); status != http.StatusNotFound {
			t.Errorf("/policy/%s answers %d", no, status)
		}
	}
}

// A project has a page with its applications, accounts and history, which its applications lead to; it is found by words inside its applications'
// titles, two Chinese characters too, and by nothing that is not in them. A person is found by a part of the name.
func TestAProjectHasAPageAndIsFoundByItsWords(t *testing.T) {
	s := open(t)
	var of projections.ApplicationRow
	project := ""
	for row, err := range projections.Applications.Every(t.Context(), s.queries, projections.Where(projections.ByState.Is("approved"))) {
		if err != nil {
			t.Fatal(err)
		}
		_, page := s.get("/applications/" + url.PathEscape(string(row.Application)))
		if m := regexp.MustCompile(`href="/projects/([^"]+)"`).FindStringSubmatch(page); m != nil && len([]rune(row.Title)) > 8 {
			of, project = row, must(url.PathUnescape(html.UnescapeString(m[1])))(t)
			break
		}
	}
	if project == "" {
		t.Fatal("no application leads to its project")
	}
	status, page := s.get("/projects/" + url.PathEscape(project))
	if status != http.StatusOK || !strings.Contains(page, string(of.Application)) || !strings.Contains(page, `<ol class="steps">`) {
		t.Errorf("the project %s answers %d: %.2000s", project, status, page)
	}
	if status, _ := s.get("/projects/" + url.PathEscape(project) + "x"); status != http.StatusNotFound {
		t.Errorf("no project answers %d", status)
	}
	if _, list := s.get("/applications?project=" + url.QueryEscape(project)); !strings.Contains(list, string(of.Application)) {
		t.Error("its applications are not listed")
	}
	signs := []rune(of.Title)
	in := func(text string) []projections.FoundRow {
		return must(projections.Search.Page(t.Context(), s.queries, projections.Where(projections.ByText.Is(text))))(t).Rows
	}
	for _, part := range []string{string(signs[3:5]), string(signs[2:8]), string(signs[5:8]) + " " + string(signs[0:2])} {
		applications := 0
		for _, row := range in(part) {
			if row.Object == projections.AnApplication {
				applications++
				for _, word := range strings.Fields(part) {
					if !strings.Contains(strings.ToLower(row.Title+" "+row.Reference), strings.ToLower(word)) && !strings.Contains(row.Title, word) {
						t.Errorf("%q finds %q", part, row.Title)
					}
				}
			}
		}
		if applications == 0 {
			t.Errorf("%q finds no application, not even %q", part, of.Title)
		}
	}
	for _, none := range []string{"龘龘", string([]rune{signs[3], '龘'}), "%%", "__"} {
		if rows := in(none); len(rows) > 0 {
			t.Errorf("%q finds %+v", none, rows)
		}
	}
	s.hire(t, "p-1", "analyst")
	if _, found := s.get("/search?q=" + url.QueryEscape("ficer")); !strings.Contains(found, `href="/persons/officer"`) || strings.Contains(found, "<b>officer") {
		t.Errorf("a part of a name does not find who has it: %.1500s", found)
	}
}
