package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// guarded is a database whose roles are as pgserver/roles.sql makes them, with an analyst; it outlives the services on it.
type guarded struct {
	super, owner, service, analyst string
	flags                          []string // for the program
}

func guardedDatabase(t *testing.T) guarded {
	t.Helper()
	server := newPostgreSQL(t)
	g := guarded{super: server.URL(), owner: server.OwnerURL(), service: server.ServiceURL()}
	session(t, g.super).must("CREATE ROLE ana LOGIN PASSWORD 'ana' IN ROLE fundledger_readers")
	as, err := url.Parse(g.super)
	if err != nil {
		t.Fatal(err)
	}
	as.User = url.UserPassword("ana", "ana")
	g.analyst = as.String()
	g.flags = []string{"--data", filepath.Join(t.TempDir(), "ledger"), "--database-url", g.service, "--database-owner-url", g.owner}
	return g
}

// sessionIn is a connection that a test speaks SQL on.
type sessionIn struct {
	t    *testing.T
	conn *pgx.Conn
}

func session(t *testing.T, to string) sessionIn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return sessionIn{t, conn}
}

func (s sessionIn) must(sql string) {
	s.t.Helper()
	if _, err := s.conn.Exec(s.t.Context(), sql); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// refuses tells whether a statement fails; whatever it did is undone.
func (s sessionIn) refuses(sql string) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_, err := s.conn.Exec(ctx, sql)
	_, _ = s.conn.Exec(ctx, "ROLLBACK; RESET ALL; RESET ROLE")
	return err != nil
}

func (s sessionIn) texts(sql string) []string {
	s.t.Helper()
	rows, err := s.conn.Query(s.t.Context(), sql)
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return list
}

// alive tells whether a session was not ended.
func (s sessionIn) alive() bool {
	_, err := s.conn.Exec(s.t.Context(), "SELECT 1")
	return err == nil
}

// holdViews opens a transaction that holds every view, and every table behind them, and stays open.
func (s sessionIn) holdViews() {
	s.t.Helper()
	s.must("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET application_name = 'a window left open'; BEGIN")
	for _, view := range s.texts("SELECT relname::text FROM pg_class WHERE relnamespace = 'analyst'::regnamespace AND relkind = 'v'") {
		s.must("SELECT count(*) FROM analyst." + view)
	}
}

// An analyst who leaves a transaction open is in nobody's way: not of a start, not of one that has to change what the analyst holds, not
// of a rebuild; and no transaction lasts longer than the service lets it.
func TestAStartDoesNotDependOnAnAnalyst(t *testing.T) {
	t.Parallel()
	g := guardedDatabase(t)
	output(t, append([]string{"policy", "publish", "elsewhere-2025"}, g.flags...)...)
	serve := func(work func(url string), more ...string) string {
		return serving(t, g.flags[1], work, append(g.flags[2:len(g.flags):len(g.flags)], more...)...)
	}
	serve(func(string) {})

	first := session(t, g.analyst)
	first.holdViews()
	if said := serve(func(string) {}); strings.Contains(said, "held by another session") {
		t.Errorf("an analyst's transaction is in the way of a start that changes nothing:\n%s", said)
	}
	if !first.alive() {
		t.Error("the analyst was sent away for nothing")
	}
	output(t, append([]string{"migrate"}, g.flags...)...)
	if !first.alive() {
		t.Error("the analyst was sent away for nothing")
	}
	first.must("ROLLBACK")

	// The views as an earlier release made them: a new one changes what the analyst holds.
	session(t, g.owner).must("ALTER VIEW analyst.v_events RENAME COLUMN log_subject TO subject")
	second := session(t, g.analyst)
	second.holdViews()
	said := serve(func(string) {})
	for _, want := range []string{"held by another session", "role=ana", "a window left open", "in the way and was ended"} {
		if !strings.Contains(said, want) {
			t.Errorf("the service does not say %q:\n%s", want, said)
		}
	}
	if second.alive() {
		t.Error("the analyst's transaction is still open")
	}
	session(t, g.analyst).must("SELECT log_subject FROM analyst.v_events")

	third := session(t, g.analyst)
	third.holdViews()
	output(t, append([]string{"rebuild"}, g.flags...)...)
	if third.alive() {
		t.Error("the analyst's transaction outlived the tables that it read")
	}

	limited := session(t, g.analyst)
	said = serve(func(string) {
		limited.holdViews()
		until(t, "the end of a session that lasts too long", func() error {
			if limited.alive() {
				return fmt.Errorf("it goes on")
			}
			return nil
		})
	}, "--analyst-for", "1s")
	if !strings.Contains(said, "lasted too long and was ended") || !strings.Contains(said, "role=ana") {
		t.Errorf("the service does not say whom it ended:\n%s", said)
	}
}

// What an analyst may not do, however it is tried.
func TestWhatAnAnalystMayNotDo(t *testing.T) {
	t.Parallel()
	g := guardedDatabase(t)
	output(t, append([]string{"policy", "publish", "elsewhere-2025"}, g.flags...)...)
	ana := session(t, g.analyst)
	for _, sql := range []string{
		"SELECT pg_advisory_lock(1)", "SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_lock(5887940537704921958)", "SELECT pg_advisory_lock_shared(1, 1)",
		"SELECT lo_create(0)", "SELECT lo_creat(-1)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_import('/etc/hostname')", "SELECT lo_export(1, '/tmp/x')",
		"SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))", "SELECT pg_notify('x', 'y')",
		"CREATE TEMP TABLE mine (n int)", "CREATE TABLE mine (n int)", "CREATE TABLE public.mine (n int)", "CREATE TABLE analyst.mine (n int)", "CREATE SCHEMA mine",
		"CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION analyst.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"DO $$ BEGIN END $$", "CREATE EXTENSION dblink", "CREATE VIEW analyst.mine AS SELECT 1", "CREATE AGGREGATE analyst.a (int) (SFUNC = int4pl, STYPE = int)",
		"SELECT * FROM fundledger.events", "SELECT * FROM fundledger_guard.made", "SELECT fundledger_guard.end_overdue_readers('0')",
		"LOCK TABLE fundledger_guard.work IN ACCESS SHARE MODE", "LOCK TABLE fundledger.checkpoint IN ACCESS SHARE MODE",
		"LOCK TABLE analyst.v_totals IN ROW SHARE MODE", "LOCK TABLE analyst.v_totals IN SHARE MODE", "LOCK TABLE analyst.v_totals IN ACCESS EXCLUSIVE MODE",
		"SELECT * FROM analyst.v_payouts FOR UPDATE", "SELECT * FROM analyst.v_payouts FOR KEY SHARE", "DELETE FROM analyst.v_payouts",
		"COMMENT ON VIEW analyst.v_totals IS 'mine'", "DROP VIEW analyst.v_totals", "ALTER VIEW analyst.v_totals RENAME TO v", "REFRESH MATERIALIZED VIEW analyst.v_totals",
		"SET ROLE fundledger_owner", "SET ROLE fundledger_writers", "SET ROLE fundledger_service", "SET SESSION AUTHORIZATION fundledger",
		"GRANT fundledger_writers TO ana", "ALTER ROLE ana SUPERUSER", "ALTER ROLE ana CONNECTION LIMIT -1", "ALTER ROLE fundledger_readers LOGIN",
		"SET temp_file_limit = -1", "SET session_replication_role = replica", "ALTER SYSTEM SET work_mem = '1GB'", "ALTER DATABASE fundledger SET work_mem = '1GB'",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'ana'", "SELECT pg_read_file('/etc/hostname')", "SELECT pg_ls_dir('/')",
		"COPY (SELECT 1) TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'cat'", "BEGIN; SELECT count(*) FROM analyst.v_totals; PREPARE TRANSACTION 'held'", "CHECKPOINT", "VACUUM analyst.v_totals",
		"CREATE DATABASE mine", "CREATE ROLE mine", "SELECT pg_create_logical_replication_slot('x', 'pgoutput')", "CREATE PUBLICATION p", "SELECT pg_switch_wal()",
	} {
		if sql = strings.TrimSpace(sql); !ana.refuses("SET default_transaction_read_only = off; " + sql) {
			t.Errorf("an analyst may say %s", sql)
		}
	}
	ana.must("SELECT count(*) FROM analyst.v_totals")
	for _, other := range []string{"postgres", "template1"} {
		to, err := url.Parse(g.analyst)
		if err != nil {
			t.Fatal(err)
		}
		to.Path = "/" + other
		if conn, err := pgx.Connect(t.Context(), to.String()); err == nil {
			t.Errorf("an analyst is let into the database %s", other)
			_ = conn.Close(context.Background())
		}
	}
}

// The service's role, in hands that mean harm: what was recorded stays.
func TestTheServicesRoleCannotTakeAnythingAway(t *testing.T) {
	t.Parallel()
	g := guardedDatabase(t)
	output(t, append([]string{"policy", "publish", "elsewhere-2025"}, g.flags...)...)
	service := session(t, g.service)
	tables := service.texts("SELECT relname::text FROM pg_class WHERE relnamespace = 'fundledger'::regnamespace AND relkind = 'r' ORDER BY relname")
	if len(tables) < 20 {
		t.Fatalf("only %v", tables)
	}
	for _, table := range tables {
		for _, sql := range []string{"DELETE FROM %s", "TRUNCATE %s CASCADE", "DROP TABLE %s CASCADE", "ALTER TABLE %s RENAME TO gone", "ALTER TABLE %s DISABLE TRIGGER ALL",
			"ALTER TABLE %s SET SCHEMA public", "ALTER TABLE %s OWNER TO fundledger_service", "CREATE TRIGGER t BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION fundledger.refuse_change()",
			"CREATE RULE r AS ON INSERT TO %s DO INSTEAD NOTHING", "CREATE INDEX ON %s ((1))", "ALTER TABLE %s ENABLE ROW LEVEL SECURITY", "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE",
			"GRANT DELETE ON %[1]s TO fundledger_service; DELETE FROM %[1]s", "COPY %s TO '/tmp/x'", "SET session_replication_role = replica; DELETE FROM %s"} {
			if strings.HasPrefix(sql, "LOCK") && !appendOnly(table) {
				// Whoever may update a table may lock it: that ends with the session.
				continue
			}
			if sql = fmt.Sprintf(sql, "fundledger."+table); !service.refuses(sql) {
				t.Errorf("the service may say %s", sql)
			}
		}
		if appendOnly(table) {
			column := service.texts("SELECT attname::text FROM pg_attribute WHERE attrelid = 'fundledger." + table + "'::regclass AND attnum = 1")[0]
			if !service.refuses(fmt.Sprintf("UPDATE fundledger.%s SET %s = %s", table, column, column)) {
				t.Errorf("the service may change a row of %s", table)
			}
		}
	}
	for _, sql := range []string{
		"DROP SCHEMA fundledger CASCADE", "ALTER SCHEMA fundledger RENAME TO gone", "DROP SCHEMA analyst CASCADE", "DROP SCHEMA fundledger_guard CASCADE", "DROP OWNED BY fundledger_owner",
		"REASSIGN OWNED BY fundledger_owner TO fundledger_service", "SET ROLE fundledger_owner", "SET SESSION AUTHORIZATION fundledger_owner", "GRANT fundledger_owner TO fundledger_service",
		"ALTER ROLE fundledger_owner PASSWORD 'x'", "ALTER ROLE fundledger_service SUPERUSER", "CREATE ROLE mine SUPERUSER", "ALTER DATABASE fundledger OWNER TO fundledger_service", "DROP DATABASE fundledger",
		"CREATE OR REPLACE FUNCTION fundledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "DROP FUNCTION fundledger.refuse_change CASCADE",
		"CREATE FUNCTION fundledger.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE TABLE fundledger.mine (n int)", "CREATE TABLE analyst.mine (n int)", "CREATE VIEW analyst.v_mine AS SELECT 1",
		"CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION fundledger.refuse_change()", "UPDATE fundledger_guard.made SET digest = ''", "LOCK TABLE fundledger_guard.work IN EXCLUSIVE MODE",
		"DROP VIEW analyst.v_totals", "COPY (SELECT 1) TO PROGRAM 'cat'", "SELECT pg_read_file('/etc/hostname')", "SELECT lo_import('/etc/hostname')", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fundledger'",
		"ALTER TYPE fundledger.posting_kind ADD VALUE 'mine'", "DROP TYPE fundledger.posting_kind CASCADE", "ALTER SYSTEM SET fsync = off", "INSERT INTO fundledger.goose_db_version (version_id, is_applied) VALUES (99, true)",
		"INSERT INTO fundledger.events SELECT * FROM fundledger.events ON CONFLICT (seq) DO UPDATE SET actor = 'mine'",
		"MERGE INTO fundledger.events e USING (SELECT 1 AS seq) s ON e.seq = s.seq WHEN MATCHED THEN DELETE",
		"WITH gone AS (DELETE FROM fundledger.journal RETURNING 1) SELECT count(*) FROM gone",
	} {
		if !service.refuses(sql) {
			t.Errorf("the service may say %s", sql)
		}
	}
	g.handedNothing(t)
	// With all that, it does its work: it projects, folds the log again and compares, and forges a copy of its own.
	for _, args := range [][]string{{"verify"}, {"rebuild", "--dry-run"}, {"totals"}, {"checkpoint"}, {"tamper-drill"}} {
		output(t, append(args, g.flags[:4]...)...)
	}
	// Where only the owner can go on, it says so.
	session(t, g.owner).must("ALTER VIEW analyst.v_events RENAME COLUMN log_subject TO subject")
	for _, args := range [][]string{{"totals"}, {"rebuild"}, {"migrate"}} {
		c := program(t, append(args, g.flags[:4]...)...)
		if said, err := c.CombinedOutput(); err == nil || !strings.Contains(string(said), `run "fundledger migrate" as that role`) {
			t.Errorf("%v as the service: %v\n%s", args, err, said)
		}
	}
	output(t, append([]string{"migrate"}, g.flags...)...)
	output(t, append([]string{"totals"}, g.flags[:4]...)...)
}

// handedNothing plays what the service's role would have made the owner's at the next run of pgserver/roles.sql: a function under the name of
// a rebuild's schema, made by the role itself, as the group of those who write, or as another group that it is in.
func (g guarded) handedNothing(t *testing.T) {
	t.Helper()
	roles, err := os.ReadFile(filepath.Join("..", "..", "pgserver", "roles.sql"))
	if err != nil {
		t.Fatal(err)
	}
	super, service := session(t, g.super), session(t, g.service)
	super.must("CREATE ROLE colleagues; GRANT colleagues TO fundledger_service; GRANT CREATE ON DATABASE fundledger TO colleagues")
	super.must("SET search_path = pg_catalog")
	for _, maker := range []string{"fundledger_service", "fundledger_writers", "colleagues"} {
		service.must("SET ROLE " + maker)
		for _, schema := range []string{"fundledger_new", "fundledger_old"} {
			service.must(fmt.Sprintf(`CREATE SCHEMA %[1]s; GRANT USAGE ON SCHEMA %[1]s TO PUBLIC;
CREATE FUNCTION %[1]s.whose() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text'`, schema))
		}
		service.must("RESET ROLE")
		if maker == "fundledger_writers" {
			rebuild := program(t, append([]string{"rebuild"}, g.flags...)...)
			if said, err := rebuild.CombinedOutput(); err == nil || !strings.Contains(string(said), "another role made the schema fundledger_new") {
				t.Errorf("a rebuild takes the schema of %s: %v\n%s", maker, err, said)
			}
		}
		super.must(string(roles))
		if had := service.texts("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'whose'"); len(had) != 0 {
			t.Errorf("what %s made is there, of %v", maker, had)
		}
		for _, schema := range []string{"fundledger_new", "fundledger_old"} {
			if !service.refuses("SELECT " + schema + ".whose()") {
				t.Errorf("the function in %s of %s is as %v", schema, maker, service.texts("SELECT "+schema+".whose()"))
			}
		}
	}
	output(t, append([]string{"rebuild"}, g.flags...)...)
	super.must("REVOKE CREATE ON DATABASE fundledger FROM colleagues; DROP ROLE colleagues")
}

// appendOnly are the tables in which a row stays as it was inserted.
func appendOnly(table string) bool {
	switch table {
	case "events", "journal", "tree_nodes", "policies", "clauses", "clause_versions", "clause_caps", "enterprise_names":
		return true
	}
	return false
}
