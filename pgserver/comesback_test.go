//go:build unix

package pgserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver"
)

func TestComesBackWithEveryCommitAfterKillNine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	execute(t, server.URL(), "CREATE TABLE kept (n int)")
	execute(t, server.URL(), "INSERT INTO kept SELECT generate_series(1, 1000)")
	idle, err := pgx.Connect(t.Context(), server.URL()) // a backend that holds the shared memory on
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close(context.Background())
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	stop(t, server)
	if n := query[int](t, start(t, dir).URL(), "SELECT count(*)::int FROM kept"); n != 1000 {
		t.Errorf("%d rows, want 1000", n)
	}
}

// A backend in the midst of a long query does not notice that its server was killed; the next start ends it.
func TestAQueryOfAKilledServerIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	busy, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close(context.Background())
	asked := make(chan error, 1)
	go func() {
		_, err := busy.Exec(t.Context(), "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
		asked <- err
	}()
	for query[int](t, server.URL(), "SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%LOOP PERFORM%' AND pid <> pg_backend_pid()") == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	stop(t, server)
	query[int](t, start(t, dir).URL(), "SELECT 1")
	if err := <-asked; err == nil {
		t.Error("it was answered")
	}
}

func TestAPidFileWhoseNumberIsNowAnothersIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, server)
	_, rest, _ := strings.Cut(string(content), "\n")
	stale := fmt.Sprintf("%d\n%s", os.Getpid(), rest)
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pgserver.Attach(dir); !errors.Is(err, pgserver.ErrNotRunning) {
		t.Errorf("attached to a server that is gone: %v", err)
	}
	query[int](t, start(t, dir).URL(), "SELECT 1")
}

// A start removes what a killed server left, whoever has its number now; but not from under a server that runs.
func TestTheSocketsLockFileIsNoObstacleEither(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	lock := filepath.Join(dir, ".s.PGSQL.5432.lock")
	content, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, server)
	_, rest, _ := strings.Cut(string(content), "\n")
	// A process of the server's own user, which PostgreSQL believes to be its predecessor.
	other := exec.Command("sleep", "600")
	info, err := os.Stat(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != os.Geteuid() {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(other.Process.Kill(), other.Wait()) }()
	for range 2 {
		for _, path := range []string{lock, strings.TrimSuffix(lock, ".lock")} {
			if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n%s", other.Process.Pid, rest), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again := start(t, dir)
		query[int](t, again.URL(), "SELECT 1")
		stop(t, again)
	}
}

func TestAServerWhoseLockFileWasTakenAwayIsFoundByItsSockets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	if err := os.Remove(filepath.Join(dir, "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	if _, err := pgserver.Attach(dir); err == nil || !strings.Contains(err.Error(), "is starting it") {
		t.Errorf("the server that runs was not found: %v", err)
	}
	query[int](t, server.URL(), "SELECT 1")
}

// A server that is kept comes back from whatever ends it, with what was committed, and ends when it is told to.
func TestAKeptServerComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Fast: true, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server) })
	execute(t, server.URL(), "CREATE TABLE kept AS SELECT 42 AS n")
	for _, with := range []syscall.Signal{syscall.SIGKILL, syscall.SIGQUIT, syscall.SIGKILL} {
		former := postmaster(t, dir)
		if err := syscall.Kill(former, with); err != nil {
			t.Fatal(err)
		}
		var n int
		for deadline := time.Now().Add(2 * time.Minute); n != 42; time.Sleep(20 * time.Millisecond) {
			if conn, err := pgx.Connect(t.Context(), server.URL()); err == nil {
				if err := conn.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil {
					n = 0
				}
				_ = conn.Close(t.Context())
			}
			if time.Now().After(deadline) {
				t.Fatalf("it does not come back after %s", with)
			}
			if n == 42 && postmaster(t, dir) == former {
				n = 0 // it has not heard the signal yet
			}
		}
	}
	select {
	case <-server.Done():
		t.Error("a server that is kept says that it has ended")
	default:
	}
}

// A server that is told to end cuts off who is still connected, and says so of each: that is what was asked for. A session that is ended while the
// server runs is another matter.
func TestAnEndThatIsAskedForIsNoError(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: t.TempDir(), Fast: true, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	var sessions []*pgx.Conn
	for range 3 {
		conn, err := pgx.Connect(t.Context(), server.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.Background()) }()
		sessions = append(sessions, conn)
	}
	execute(t, server.URL(), fmt.Sprintf("SELECT pg_terminate_backend(%d, 60000)", sessions[0].PgConn().PID()))
	stop(t, server)
	if n := strings.Count(said.String(), "terminating connection due to administrator command"); n != 1 || strings.Count(said.String(), "level=") != n {
		t.Errorf("told are %d sessions that were cut off, not that which was ended before:\n%s", n, &said)
	}
}
