package pages_test

import (
	"errors"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
)

var shownSQL = regexp.MustCompile(`(?s)<pre class="mono" tabindex="0">(SELECT .*?;)</pre>`)

var shownRole = regexp.MustCompile(`CREATE ROLE zhang LOGIN PASSWORD &#39;…&#39; IN ROLE [a-z_]+;|CREATE ROLE zhang LOGIN PASSWORD '…' IN ROLE [a-z_]+;`)

// An analyst is let in by what the page says, reads the views and nothing else, and changes nothing.
func TestAnAnalystConnectsAsTheDataPageSays(t *testing.T) {
	s := open(t)
	_, page := s.get("/data")
	create := html.UnescapeString(shownRole.FindString(page))
	if create == "" {
		t.Fatal("how to connect is not shown")
	}
	admin := must(pgx.Connect(t.Context(), s.database))(t)
	defer admin.Close(t.Context())
	must(admin.Exec(t.Context(), strings.Replace(create, "…", password, 1)))(t)
	defer func() { must(admin.Exec(t.Context(), "DROP ROLE zhang"))(t) }()
	config := must(pgx.ParseConfig(s.database))(t)
	config.User, config.Password = "zhang", password
	conn := must(pgx.ConnectConfig(t.Context(), config))(t)
	defer conn.Close(t.Context())
	var rows int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM analyst.v_journal").Scan(&rows); err != nil || rows == 0 {
		t.Errorf("%d rows: %v", rows, err)
	}
	for _, sql := range []string{"SELECT FROM fundledger.journal", "DELETE FROM analyst.v_journal", "CREATE TABLE analyst.mine (n int)", "CREATE TABLE fundledger.mine (n int)"} {
		var refused *pgconn.PgError
		if _, err := conn.Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != "42501" && refused.Code != "55000" { // no permission; a view of several tables
			t.Errorf("%s: %v", sql, err)
		}
	}
}

var shownExport = regexp.MustCompile(`href="(/v1/[a-z_]+\?format=[a-z]+)"`)

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
		if lists := slices.DeleteFunc(projections.Lists(), func(l *projections.List) bool { return l.Of() != nil }); len(links) != 4*len(lists) {
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
