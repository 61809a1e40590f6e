package pages_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/projections/postgres"
)

var shownSQL = regexp.MustCompile(`(?s)<pre class="mono" tabindex="0">(SELECT .*?;)</pre>`)

var shownExport = regexp.MustCompile(`href="(/v1/[a-z]+\?format=[a-z]+)"`)

func TestTheDataPageExplainsEveryColumnAndItsQuestionsRun(t *testing.T) {
	s := open(t)
	conn := must(pgx.Connect(t.Context(), s.database))(t)
	defer conn.Close(t.Context())
	must(conn.Exec(t.Context(), "SET ROLE "+postgres.Readers))(t) // what analysts may, and no more
	if _, err := conn.Exec(t.Context(), "SELECT FROM fundledger.journal"); err == nil {
		t.Error("an analyst reads the tables behind the views")
	}
	for _, lang := range []string{"zh", "en"} {
		_, page := s.get("/data?lang=" + lang)
		if n := strings.Count(page, "analyst.v_"); n < 13 || strings.Contains(page, "<td></td>") {
			t.Errorf("%s: %d views are named, or something is not explained", lang, n)
		}
		links := shownExport.FindAllStringSubmatch(page, -1)
		if len(links) != 48 {
			t.Errorf("%s: %d exports are offered", lang, len(links))
		}
		for _, link := range links {
			if status, _ := s.get(html.UnescapeString(link[1])); status != http.StatusOK {
				t.Errorf("%s: status %d", link[1], status)
			}
		}
		found := shownSQL.FindAllStringSubmatch(page, -1)
		if len(found) < 6 {
			t.Fatalf("%s: %d questions are shown", lang, len(found))
		}
		for _, sql := range found {
			rows, err := conn.Query(t.Context(), html.UnescapeString(sql[1]))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for rows.Next() {
				n++
			}
			if err := rows.Err(); err != nil || n == 0 {
				t.Errorf("%d rows and %v from %s", n, err, sql[1])
			}
		}
	}
}
