package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/fundledger/fundledger/words"
)

// On a phone an approver comes from the desk to a case, approves it and sees that it is done; admins, auditors and the treasury read their pages. Nothing
// is wider than the screen, no list scrolls sideways, and all that is pressed is as high as a finger.
func TestAPersonApprovesOnAPhone(t *testing.T) {
	s := open(t)
	for name, grant := range map[string]string{"zhun": "approver@science", "shen": "auditor", "root": "admin", "cai": "treasurer@finance"} {
		s.hire(t, name, grant)
	}
	b := s.browse(t)
	fits := func(w *tab) {
		t.Helper()
		at := ask[string](w, `location.pathname`)
		for _, fault := range append(w.overflow(), w.cramped()...) {
			t.Errorf("%s: %s", at, fault)
		}
	}
	w := b.tab(t)
	w.size(390, 844)
	w.login("zhun")
	fits(w)
	w.click(`ol.queue a.button[href$="#approve_application"]`)
	fits(w)
	w.shoot("phone case")
	if !ask[bool](w, `document.querySelector("table.cards td[data-label]").getBoundingClientRect().width < 390`) {
		t.Error("the rows of a table are no cards")
	}
	w.click(`form:has(input[value="approve_application"]) button:not([name])`)
	if w.has("section.review") {
		fits(w)
		w.shoot("phone review")
		w.click("section.review button:not([name])")
	}
	w.done()
	fits(w)

	w.do(chromedp.Click(chromedp.CSS("details.own > summary")))
	if !w.has("details.own[open]") {
		t.Error("the menu does not open")
	}
	fits(w)
	w.shoot("phone menu")
	w.click(`details.own a[href^="/help"]`)
	if text := w.text(); !strings.Contains(text, "One application") || !strings.Contains(text, "headroom") {
		t.Errorf("the page about a case says %.300s", text)
	}

	for name, paths := range map[string][]string{"root": {"/import", "/account-changes", "/webhooks"}, "shen": {"/audit", "/refusals"},
		"cai": {"/", "/todo/to_pay", "/audit/reconciliation"}} {
		w := b.tab(t)
		w.size(390, 844)
		w.login(name)
		for _, path := range paths {
			w.visit(path)
			fits(w)
		}
	}
}

// The glossary is the dictionary, in the viewer's language, and finds by what a name means; help of what is no page is not found.
func TestTheGlossaryFindsByMeaning(t *testing.T) {
	s := open(t)
	all := words.Dictionary()
	for lang, parts := range map[string][2]string{"zh": {"账龄", "已收清的为零"}, "en": {"age in days", "while anything is outstanding"}} {
		_, page := s.get("/glossary?lang=" + lang)
		if n := strings.Count(page, "<dt id="); n != len(all) {
			t.Errorf("%s: %d of %d columns", lang, n, len(all))
		}
		_, found := s.get("/glossary?lang=" + lang + "&q=" + url.QueryEscape(strings.ToUpper(parts[0])))
		if n := strings.Count(found, "<dt id="); n == 0 || n > 5 || !strings.Contains(found, parts[1]) {
			t.Errorf("%s: %q finds %d", lang, parts[0], n)
		}
	}
	for _, path := range []string{"/help?page=/nothing", "/help?page=" + url.QueryEscape("<b>")} {
		if status, _ := s.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, page := s.get("/help?lang=en"); status != http.StatusOK || strings.Count(page, "<dt>") < 15 || strings.Contains(page, "<dd></dd>") ||
		!strings.Contains(page, `<a href="/payouts">`) || strings.Contains(page, `<a href="/import">`) {
		t.Errorf("without a page: %d %.600s", status, page)
	}
}
