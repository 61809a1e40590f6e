package pages_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// Who acted has a page that tells all that they did, the latest first, and is led to from where they are named, by the name that they have as a user.
func TestAPersonHasAPageWithAllThatTheyDid(t *testing.T) {
	s := open(t)
	did := map[domain.PersonID][]uint64{}
	for row, err := range projections.Journal.Every(t.Context(), s.queries, projections.Ask{}) {
		if err != nil {
			t.Fatal(err)
		}
		if of := did[row.Actor]; len(of) == 0 || of[len(of)-1] != row.Seq {
			did[row.Actor] = append(of, row.Seq)
		}
	}
	persons := 0
	for row, err := range projections.Persons.Every(t.Context(), s.queries, projections.Ask{}) {
		if err != nil {
			t.Fatal(err)
		}
		persons++
		status, page := s.get("/persons/" + string(row.Actor))
		if status != http.StatusOK || !strings.Contains(page, fmt.Sprintf(`href="/events/%d"`, row.Seq)) {
			t.Errorf("%s: %d, or not the latest of it", row.Actor, status)
		}
		shown := map[string]bool{}
		for path := "/persons/" + string(row.Actor); path != ""; {
			_, page := s.get(path)
			before := ^uint64(0)
			for _, m := range regexp.MustCompile(`(?s)<li>.*?</li>`).FindAllString(page, -1) {
				found := regexp.MustCompile(`href="/events/(\d+)"`).FindStringSubmatch(m)
				if found == nil {
					continue
				}
				var seq uint64
				if _, err := fmt.Sscan(found[1], &seq); err != nil || seq >= before {
					t.Errorf("%s: %d stands behind %d", row.Actor, seq, before)
				}
				shown[found[1]], before = true, seq
			}
			next := nextPage.FindStringSubmatch(page)
			if path = ""; next != nil {
				path = strings.ReplaceAll(next[1], "&amp;", "&")
			}
		}
		for _, seq := range did[row.Actor] {
			if !shown[fmt.Sprint(seq)] {
				t.Errorf("%s: event %d is not on their page", row.Actor, seq)
			}
		}
	}
	if persons < 5 {
		t.Errorf("%d persons prove nothing", persons)
	}
	if err := s.users.Add(accounts.User{ID: "wang.min", Name: "王敏<i>", Grants: []web.Grant{{Role: domain.Analyst}}}, password); err != nil {
		t.Fatal(err)
	}
	if _, page := s.get("/persons/wang.min"); !strings.Contains(page, "王敏&lt;i&gt;") {
		t.Error("a user's page does not say their name")
	}
	somebody := string(must(projections.Persons.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0].Actor)
	if _, page := s.get("/search?q=" + somebody[:len(somebody)-1]); !strings.Contains(page, `href="/persons/`+somebody+`"`) {
		t.Errorf("the search for the beginning of %s does not find them", somebody)
	}
	for _, nobody := range []string{"nobody", "%2e%2e", "a%00b", strings.Repeat("x", 300)} {
		if status, _ := s.get("/persons/" + nobody); status != http.StatusNotFound {
			t.Errorf("/persons/%.20s answers %d", nobody, status)
		}
	}
}
