package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

var explained = regexp.MustCompile(`href="(/explain\?[^"]*|/journal\?[^"]*budget_[^"]*)"`)

// A notice leads to its event and to what the account is made of as of it; the overview of that week shows it, that of a week without
// any shows nothing.
func TestANoticeLeadsToItsEventAndItsAccount(t *testing.T) {
	s := open(t)
	found := must(projections.Notices.Page(t.Context(), s.queries, projections.Ask{Limit: 100}))(t)
	if len(found.Rows) < 3 {
		t.Fatalf("the sample has %d notices: it proves nothing", len(found.Rows))
	}
	for _, lang := range []string{"zh", "en"} {
		_, page := s.get("/notices?unit=yuan&lang=" + lang)
		headings, rows := shownTable(page)
		if len(rows) != len(found.Rows) {
			t.Fatalf("%s: %d rows of %d", lang, len(rows), len(found.Rows))
		}
		for i, n := range found.Rows {
			for cell := range rows[i] {
				rows[i][cell] = strings.ReplaceAll(rows[i][cell], ",", "")
			}
			if rows[i][0] != fmt.Sprint(n.Seq) || rows[i][2] != words.Cell("notice", string(n.Notice)).In(lang) || rows[i][6] != n.UsedBefore.String() ||
				rows[i][7] != n.UsedAfter.String() || rows[i][8] != n.Room.String() {
				t.Errorf("%s: the page shows %q under %q, the list has %+v", lang, rows[i], headings, n)
			}
		}
		links := explained.FindAllStringSubmatch(page, -1)
		if len(links) != len(found.Rows) {
			t.Fatalf("%s: %d of %d notices lead to what they are made of", lang, len(links), len(found.Rows))
		}
		for _, path := range []string{html.UnescapeString(links[0][1]), fmt.Sprint("/events/", found.Rows[0].Seq)} {
			if status, body := s.get(path); status != http.StatusOK || strings.HasPrefix(path, "/explain") && !strings.Contains(body, found.Rows[0].Subject) {
				t.Errorf("%s answers %d", path, status)
			}
		}
		heading := map[string]string{"zh": "近七日达到九成", "en": "Reached 90 % in the last seven days"}[lang]
		for at, want := range map[uint64]bool{found.Rows[0].Seq: true, found.Rows[len(found.Rows)-1].Seq - 1: false} {
			if _, body := s.get(fmt.Sprintf("/overview?as_of=seq:%d&lang=%s", at, lang)); strings.Contains(body, heading) != want {
				t.Errorf("%s: the overview as of %d shows the week's notices: %t", lang, at, !want)
			}
		}
	}
}
