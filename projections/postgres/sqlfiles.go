package postgres

import (
	"embed"
	"fmt"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// statement is the text of an SQL file. It is called for package variables, so a missing file stops every test.
func statement(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("postgres: %v", err))
	}
	return string(text)
}
