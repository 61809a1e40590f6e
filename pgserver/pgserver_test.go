//go:build unix

package pgserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/pgserver"
)

// The tests run this binary again, as another user or as a process that is killed.
const roleVariable = "PGSERVER_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == "holder" {
		hold()
		return
	}
	goleak.VerifyTestMain(m)
}

// hold runs a server on the folder named by the last argument until it is killed.
func hold() {
	server, err := pgserver.Start(context.Background(), pgserver.Config{Dir: os.Args[len(os.Args)-1], Fast: true})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	<-server.Done()
}

func start(t *testing.T, dir string) *pgserver.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Fast: true})
	if err != nil {
		t.Fatalf("starting: %v", err)
	}
	t.Cleanup(func() { stop(t, server) })
	return server
}

func stop(t *testing.T, server *pgserver.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func query[T any](t *testing.T, target, sql string) (value T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func execute(t *testing.T, target, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestWhatWasCommittedIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pg")
	server := start(t, dir)
	execute(t, server.URL(), "CREATE TABLE kept AS SELECT 42 AS n")
	stop(t, server)
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a stopped server left its pid file: %v", err)
	}
	again := start(t, dir)
	if n := query[int](t, again.URL(), "SELECT n FROM kept"); n != 42 {
		t.Errorf("n = %d, want 42", n)
	}
	if again.URL() != server.URL() {
		t.Error("the URL changed with a restart")
	}
}

func TestTheClusterIsSetUpForTheLedger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := start(t, dir).URL()
	for sql, want := range map[string]string{
		"SHOW server_encoding":            "UTF8",
		"SHOW timezone":                   "UTC",
		"SHOW listen_addresses":           "",
		"SHOW jit":                        "off",
		"SHOW password_encryption":        "scram-sha-256",
		"SHOW unix_socket_permissions":    "0700",
		"SHOW data_checksums":             "on",
		"SELECT current_database()::text": "fundledger",
		"SELECT datcollate FROM pg_database WHERE datname = current_database()":                           "C.UTF-8",
		"SELECT string_agg(n, ' ' ORDER BY n COLLATE \"zh-Hans-x-icu\") FROM unnest('{长宁,安徽}'::text[]) n": "安徽 长宁",
	} {
		if got := query[string](t, target, sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "superuser.password"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file has mode %v, want 0600", info.Mode().Perm())
	}
}

func TestDurableUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := query[string](t, server.URL(), "SHOW "+name); got != "on" {
			t.Errorf("%s = %s, want on", name, got)
		}
	}
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	target, err := url.Parse(start(t, t.TempDir()).URL())
	if err != nil {
		t.Fatal(err)
	}
	target.User = url.UserPassword("fundledger", "guess")
	conn, err := pgx.Connect(t.Context(), target.String())
	if err == nil {
		conn.Close(t.Context())
		t.Fatal("a wrong password was accepted")
	}
}

func TestAnAdministratorsSettingOutlivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	execute(t, server.URL(), "ALTER SYSTEM SET work_mem = '24MB'")
	stop(t, server)
	if got := query[string](t, start(t, dir).URL(), "SHOW work_mem"); got != "24MB" {
		t.Errorf("work_mem = %s, want 24MB", got)
	}
}

func TestASecondStartOnTheFolderIsRefusedAndCanAttach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := pgserver.Attach(dir); !errors.Is(err, pgserver.ErrNotRunning) {
		t.Errorf("before the start: %v, want ErrNotRunning", err)
	}
	server := start(t, dir)
	if _, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Fast: true}); !errors.Is(err, pgserver.ErrInUse) {
		t.Errorf("a second start: %v, want ErrInUse", err)
	}
	attached, err := pgserver.Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	if attached != server.URL() {
		t.Errorf("attached to %s, want the server's own URL", attached)
	}
	query[int](t, attached, "SELECT 1")
	stop(t, server)
	if _, err := pgserver.Attach(dir); !errors.Is(err, pgserver.ErrNotRunning) {
		t.Errorf("after the stop: %v, want ErrNotRunning", err)
	}
}

func TestAttachToAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := pgserver.Attach(filepath.Join(t.TempDir(), "none")); !errors.Is(err, pgserver.ErrNotRunning) {
		t.Errorf("%v, want ErrNotRunning", err)
	}
}

func TestAnyPathWillDo(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"spaces and Chinese":                 "长宁区 财政局/资金 台账",
		"quotes and comma":                   `o'brien, "bureau"`,
		"a percent and plus":                 "100%+1",
		"longer than a socket's path may be": strings.Repeat("a-long-folder-name/", 8) + "pg",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), filepath.FromSlash(dir))
			server := start(t, dir)
			query[int](t, server.URL(), "SELECT 1")
			libpq(t, server.URL())
			attached, err := pgserver.Attach(dir)
			if err != nil || attached != server.URL() {
				t.Errorf("Attach gave %q, %v", attached, err)
			}
		})
	}
}

// libpq proves the URL with the other reader of such URLs.
func libpq(t *testing.T, target string) {
	t.Helper()
	bindir, err := pgserver.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), filepath.Join(bindir, "psql"), "-Atc", "SELECT 1", target).CombinedOutput()
	if err != nil || strings.TrimSpace(string(output)) != "1" {
		t.Errorf("psql: %v: %s", err, output)
	}
}

func TestAnUnfinishedInitialisationIsBegunAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	query[int](t, start(t, dir).URL(), "SELECT 1")
}

func TestAClusterOfAnotherVersionIsNotTouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Fast: true})
	if !errors.Is(err, pgserver.ErrNoBinaries) || !strings.Contains(err.Error(), "postgresql-9") {
		t.Errorf("%v, want an error that names postgresql-9", err)
	}
}

func TestACancelledStartLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Fast: true}); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want context.Canceled", err)
	}
	query[int](t, start(t, dir).URL(), "SELECT 1")
}

func TestTheServerDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	holder := exec.Command(os.Args[0], dir)
	holder.Env = append(os.Environ(), roleVariable+"=holder")
	output, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer holder.Process.Kill()
	word := make([]byte, len("ready"))
	if _, err := output.Read(word); err != nil || string(word) != "ready" {
		t.Fatalf("the holder said %q: %v", word, err)
	}
	pid := postmaster(t, dir)
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // its status is that it was killed
	// The next start waits for the server to be gone too.
	query[int](t, start(t, dir).URL(), "SELECT 1")
	if now := postmaster(t, dir); now == pid {
		t.Errorf("process %d outlived its parent", pid)
	}
}

// What depends on the user, again as an unprivileged one when this is root.
func TestAsAnUnprivilegedUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // the other tests are that already
	}
	const nobody = 65534
	home, err := os.MkdirTemp("/tmp", "pgserver-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(home, "pgserver.test")
	content, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, content, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.count=1",
		"-test.run=KillNine|SecondStart|DiesWith|Attach|PidFile")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "PG_BINDIR=" + os.Getenv("PG_BINDIR")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	if !strings.Contains(string(output), "--- PASS: TestComesBackWithEveryCommitAfterKillNine") {
		t.Errorf("the tests did not run:\n%s", output)
	}
}

func TestRootReachesAFolderBelowAClosedHome(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "data", "pg")
	query[int](t, start(t, dir).URL(), "SELECT 1")
	info, err := os.Stat(home)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the home's mode became %v", info.Mode().Perm())
	}
}

func TestAnOpenFolderIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "pgserver-open-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server := start(t, filepath.Join(dir, "pg"))
	t.Cleanup(func() { stop(t, server) })
	if got := query[string](t, server.URL(), "SHOW data_directory"); got != filepath.Join(dir, "pg", "data") {
		t.Errorf("the server calls its folder %s", got)
	}
}

// The folder of a release in which the superuser owned and wrote everything: its tables become the owner's, its passwords are made.
func TestWhatAnEarlierReleaseMadeBecomesTheOwners(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pg")
	server := start(t, dir)
	execute(t, server.URL(), `ALTER DATABASE fundledger OWNER TO fundledger; CREATE SCHEMA fundledger; CREATE SCHEMA analyst;
CREATE TYPE fundledger.kind AS ENUM ('a'); CREATE TABLE fundledger.kept (id bigint GENERATED ALWAYS AS IDENTITY, kind fundledger.kind);
CREATE FUNCTION fundledger.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE VIEW analyst.seen AS SELECT * FROM fundledger.kept;
DROP OWNED BY fundledger_service; DROP ROLE fundledger_service`)
	stop(t, server)
	for _, name := range []string{"owner.password", "service.password"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, dir)
	execute(t, again.OwnerURL(), `ALTER TYPE fundledger.kind ADD VALUE 'b'; ALTER TABLE fundledger.kept ADD COLUMN more int;
CREATE OR REPLACE FUNCTION fundledger.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
DROP VIEW analyst.seen; DROP TABLE fundledger.kept; DROP SCHEMA analyst; CREATE SCHEMA analyst`)
	if who := query[string](t, again.ServiceURL(), "SELECT current_user::text"); who != "fundledger_service" {
		t.Errorf("the service is %s", who)
	}
	for _, name := range []string{"owner.password", "service.password"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
