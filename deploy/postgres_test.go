package deploy

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver"
)

// database runs a server as the image does: its superuser is "postgres", and the script has run.
func database(t *testing.T, before func(super string)) (as func(user, password string) string) {
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
	before(as("postgres", "super"))
	for range 2 { // once more changes nothing
		runScript(t, base.Query().Get("host"))
	}
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
		"FUNDLEDGER_OWNER_PASSWORD=the owner's", "FUNDLEDGER_PASSWORD=it's a secret", "ANALYST_PASSWORD=another", "ROLES_SQL=../pgserver/roles.sql",
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

// earlier makes what the script of the last release made, and what the service then made in it.
func earlier(t *testing.T, super string) {
	t.Helper()
	execute(t, super, `CREATE ROLE fundledger LOGIN PASSWORD 'old'`)
	execute(t, super, `CREATE ROLE analyst LOGIN PASSWORD 'old' IN ROLE fundledger_readers`)
	execute(t, super, `CREATE DATABASE fundledger OWNER fundledger TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
	inside := strings.Replace(super, "/postgres?", "/fundledger?", 1)
	execute(t, inside, `ALTER SCHEMA public OWNER TO fundledger; GRANT USAGE ON SCHEMA public TO fundledger_readers;
ALTER DEFAULT PRIVILEGES FOR ROLE fundledger IN SCHEMA public GRANT SELECT ON TABLES TO fundledger_readers`)
	service := strings.Replace(inside, "postgres:super@", "fundledger:old@", 1)
	execute(t, service, `CREATE SCHEMA fundledger; CREATE TABLE fundledger.journal (n int); INSERT INTO fundledger.journal VALUES (1); CREATE SCHEMA analyst;
CREATE VIEW analyst.v_journal AS SELECT n FROM fundledger.journal; GRANT USAGE ON SCHEMA analyst TO fundledger_readers; GRANT SELECT ON analyst.v_journal TO fundledger_readers`)
}

// The script makes an owner, a service and an analyst, also of a database in which the service owned everything.
func TestTheScriptMakesAnOwnerAServiceAndAnAnalyst(t *testing.T) {
	as := database(t, func(super string) { earlier(t, super) })
	owner, service, analyst := as("fundledger_owner", "the owner's"), as("fundledger", "it's a secret"), as("analyst", "another")
	execute(t, owner, "GRANT USAGE ON SCHEMA fundledger TO fundledger_writers; GRANT SELECT, INSERT ON fundledger.journal TO fundledger_writers; ALTER TABLE fundledger.journal ADD COLUMN more int")
	execute(t, service, "INSERT INTO fundledger.journal VALUES (2); SELECT * FROM fundledger.journal")
	execute(t, service, "CREATE SCHEMA beside; DROP SCHEMA beside") // a verification's
	execute(t, analyst, "SELECT * FROM analyst.v_journal")
	for _, sql := range []string{
		"DELETE FROM fundledger.journal", "TRUNCATE fundledger.journal", "DROP TABLE fundledger.journal CASCADE", "DROP SCHEMA analyst CASCADE", "ALTER TABLE fundledger.journal ADD COLUMN x int",
		"CREATE ROLE intruder SUPERUSER", "SET ROLE fundledger_owner", "CREATE TABLE public.mine (n int)",
	} {
		if err := try(t, service, sql); err == nil {
			t.Errorf("the service may say %q", sql)
		}
	}
	for _, sql := range []string{
		"SELECT * FROM fundledger.journal", "INSERT INTO fundledger.journal VALUES (2)", "DROP TABLE fundledger.journal", "CREATE TABLE mine (n int)", "CREATE TABLE public.mine (n int)", "CREATE TEMP TABLE mine (n int)",
		"SET ROLE fundledger", "SET ROLE fundledger_owner", "SELECT pg_read_file('/etc/hostname')", "SELECT lo_create(0)", "SELECT pg_advisory_lock(1)", "DO $$ BEGIN END $$",
		"SET temp_file_limit = -1", "ALTER ROLE analyst RESET temp_file_limit", "ALTER ROLE analyst CONNECTION LIMIT -1",
	} {
		if err := try(t, analyst, "SET default_transaction_read_only = off; "+sql); err == nil {
			t.Errorf("the analyst may say %q", sql)
		}
	}
	for _, wrong := range []string{as("analyst", "guess"), as("fundledger", "old"), strings.Replace(analyst, "/fundledger?", "/postgres?", 1), strings.Replace(analyst, "/fundledger?", "/template1?", 1)} {
		if err := try(t, wrong, "SELECT 1"); err == nil {
			t.Errorf("let in: %s", wrong)
		}
	}
	var open []*pgx.Conn
	for range 11 {
		conn, err := pgx.Connect(deadline(t), analyst)
		if err != nil {
			break
		}
		defer conn.Close(context.Background())
		open = append(open, conn)
	}
	if len(open) != 10 {
		t.Errorf("the analyst has %d connections", len(open))
	}
}
