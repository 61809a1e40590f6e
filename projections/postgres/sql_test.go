package postgres

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver/pgtest"
)

// Every SQL file is prepared by a real server as it is used: a COPY by its columns, a question as of now and of the past.
func TestEverySQLFileIsPreparedByAServer(t *testing.T) {
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url) })
	config, err := connConfig(url, Schema)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	questions := map[string][]query{"totals": {totalsSQL.present, totalsSQL.past}, "accounts": {accountsSQL.present, accountsSQL.past, nearestSQL.present, nearestSQL.past}}
	for name, v := range map[string]variants{"overview_sums": overviewSumsSQL, "overview_clauses": overviewClausesSQL, "overview_attention": overviewAttentionSQL,
		"overview_clawbacks": overviewClawbacksSQL, "overview_exceptions": overviewExceptionsSQL} {
		questions[name] = []query{v.present, v.past}
	}
	partOf := map[string]string{"caps": "totals", "lines_at": "totals", "totals_filter": "totals", "accounts_filter": "accounts", "overview_accounts": "overview_clauses"}
	columns := regexp.MustCompile(`(?s)^COPY (\w+) \((.*?)\)`)
	files, err := sqlFiles.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file.Name()), ".sql")
		text := statement(name)
		var statements []string
		switch {
		case name == "views": // run by Migrate
			continue
		case partOf[name] != "":
			for _, q := range questions[partOf[name]] {
				if !strings.Contains(q.sql, "clause") {
					t.Errorf("%s is no part of %s", name, partOf[name])
				}
			}
			continue
		case questions[name] != nil:
			for _, q := range questions[name] {
				statements = append(statements, q.sql)
			}
		case columns.MatchString(text):
			m := columns.FindStringSubmatch(text)
			statements = []string{fmt.Sprintf("SELECT %s FROM %s", m[2], m[1])}
		default:
			statements = []string{compose(text, nil).sql}
		}
		for i, sql := range statements {
			if _, err := conn.Prepare(t.Context(), fmt.Sprintf("%s_%d", name, i), sql); err != nil {
				t.Errorf("%s: %v\n%s", name, err, sql)
			}
		}
	}
}
