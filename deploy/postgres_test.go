package deploy

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver"
)

// database runs a server as the image does: its superuser is "postgres", and the script has run once.
func database(t *testing.T) (as func(user, password string) string) {
	t.Helper()
	server, err := pgserver.Start(deadline(t), pgserver.Config{Dir: t.TempDir(), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	base, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	as = func(user, password string) string {
		u := *base
		u.User = url.UserPassword(user, password)
		return u.String()
	}
	execute(t, server.URL(), "CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'super'")
	base.Path = "/postgres"
	// The embedded server's own names make way for the script's.
	execute(t, as("postgres", "super"), "ALTER DATABASE fundledger RENAME TO embedded")
	execute(t, as("postgres", "super"), "ALTER ROLE fundledger RENAME TO embedded")
	runScript(t, base.Query().Get("host"))
	base.Path = "/fundledger"
	return as
}

func runScript(t *testing.T, socketDir string) {
	t.Helper()
	bindir, err := pgserver.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join("postgres", "init.sh"))
	cmd.Env = []string{
		"PATH=" + bindir + ":" + os.Getenv("PATH"), "PGHOST=" + socketDir, "PGPORT=5432", "PGPASSWORD=super", "POSTGRES_USER=postgres",
		"FUNDLEDGER_PASSWORD=it's a secret", "ANALYST_PASSWORD=another",
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("init.sh: %v:\n%s", err, output)
	}
}

func try(t *testing.T, target, sql string) error {
	t.Helper()
	conn, err := pgx.Connect(deadline(t), target)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(deadline(t), sql)
	return err
}

func execute(t *testing.T, target, sql string) {
	t.Helper()
	if err := try(t, target, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestTheScriptMakesAServiceThatWritesAndAnAnalystWhoReads(t *testing.T) {
	as := database(t)
	service, analyst := as("fundledger", "it's a secret"), as("analyst", "another")
	execute(t, service, "CREATE TABLE journal (n int); CREATE VIEW totals AS SELECT sum(n) FROM journal; INSERT INTO journal VALUES (1)")
	execute(t, service, "CREATE SCHEMA rebuild")
	execute(t, analyst, "SELECT * FROM journal")
	execute(t, analyst, "SELECT * FROM totals")
	for _, sql := range []string{
		"SET default_transaction_read_only = off; INSERT INTO journal VALUES (2)", "SET default_transaction_read_only = off; DROP TABLE journal",
		"SET default_transaction_read_only = off; CREATE TABLE mine (n int)", "SET default_transaction_read_only = off; CREATE TEMP TABLE mine (n int)",
		"SET ROLE fundledger", "SELECT pg_read_file('/etc/hostname')",
	} {
		if err := try(t, analyst, sql); err == nil {
			t.Errorf("the analyst may say %q", sql)
		}
	}
	if err := try(t, service, "CREATE ROLE intruder SUPERUSER"); err == nil {
		t.Error("the service may make superusers")
	}
	if err := try(t, as("analyst", "guess"), "SELECT 1"); err == nil {
		t.Error("a wrong password is accepted")
	}
}
