//go:build unix

// Package pgtest gives tests real PostgreSQL databases.
//
// A test binary has one server, started by the first test that asks and without fsync. Every NewDatabase is a database of its own,
// dropped when its test ends, so tests may run in parallel. A machine without PostgreSQL (15 or later) fails the
// test; nothing is skipped.
//
// A package whose tests use it says
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// which also looks for leaked goroutines. However the binary ends, killed included, the server and its folder go with it.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/pgserver"
)

const (
	startTimeout     = 2 * time.Minute
	statementTimeout = time.Minute
	maxConnections   = 200 // many parallel tests, each with a pool
)

// shared is the server of this process.
var shared struct {
	sync.Mutex
	server    *pgserver.Server
	dir       string
	reaper    *exec.Cmd
	lifeline  io.Closer
	templates map[string]string // by key, names of databases that are only copied
	count     int
}

// Main runs the tests of a package, stops the server and fails when goroutines are left. It does not return.
func Main(m *testing.M, options ...goleak.Option) {
	code := m.Run()
	if err := Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(options...); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest: goroutines left after the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Server is the superuser's URL of this process's server, started on first use.
func Server(t testing.TB) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	return server(t)
}

func server(t testing.TB) string {
	t.Helper()
	if shared.server != nil {
		return shared.server.URL()
	}
	dir, err := os.MkdirTemp("", "fundledger-pgtest-")
	if err != nil {
		t.Fatalf("making a folder for the test database: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	started, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Fast: true, MaxConnections: maxConnections})
	if err != nil {
		t.Fatalf("this test needs PostgreSQL: %v", errors.Join(err, os.RemoveAll(dir)))
	}
	shared.server, shared.dir, shared.templates = started, dir, map[string]string{}
	if err := reap(dir); err != nil {
		t.Fatalf("watching over the test database: %v", err)
	}
	return started.URL()
}

// reap leaves a shell that waits for the end of this process, then for that of the server, and removes the folder.
func reap(dir string) error {
	cmd := exec.Command("sh", "-c", `cat >/dev/null; n=0
while [ -e "$1/data/postmaster.pid" ] && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done
rm -rf -- "$1"`, "sh", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C must not reach it
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	shared.reaper, shared.lifeline = cmd, lifeline
	return cmd.Start()
}

// Stop ends this process's server and removes its folder. Main calls it.
func Stop() error {
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	err := errors.Join(shared.server.Stop(ctx), shared.lifeline.Close(), shared.reaper.Wait(), os.RemoveAll(shared.dir))
	shared.server = nil
	return err
}

// NewDatabase is the superuser's URL of a new, empty database (UTF8, C.UTF-8), dropped when the test ends.
func NewDatabase(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// NewMigrated is the URL of a new database that is a copy of one which fill has prepared. fill runs once for each key
// in a process, so its cost is paid once; it must have closed its connections when it returns.
func NewMigrated(t testing.TB, key string, fill func(ctx context.Context, url string) error) string {
	t.Helper()
	return create(t, template(t, key, fill))
}

func template(t testing.TB, key string, fill func(ctx context.Context, url string) error) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	base := server(t)
	if name, made := shared.templates[key]; made {
		return name
	}
	name := nextName("template")
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	execute(t, base, "CREATE DATABASE "+name+" TEMPLATE template1")
	if err := fill(ctx, with(base, name)); err != nil {
		t.Fatalf("preparing the test database template %q: %v", key, err)
	}
	shared.templates[key] = name
	return name
}

func create(t testing.TB, from string) string {
	t.Helper()
	shared.Lock()
	base := server(t)
	name := nextName("test")
	shared.Unlock()
	// Without fsync the checkpoints that a copy of files needs are cheap: two thirds of the time of a copy through the WAL.
	execute(t, base, "CREATE DATABASE "+name+" TEMPLATE "+from+" STRATEGY file_copy")
	t.Cleanup(func() { execute(t, base, "DROP DATABASE "+name+" WITH (FORCE)") })
	return with(base, name)
}

// nextName needs the lock.
func nextName(prefix string) string {
	shared.count++
	return fmt.Sprintf("%s_%d", prefix, shared.count)
}

func with(base, database string) string {
	parsed, err := url.Parse(base)
	if err != nil {
		panic(err) // our own URL
	}
	parsed.Path = "/" + database
	return parsed.String()
}

// execute runs one statement. A database that is being copied must have no session, and a session that was just closed lingers for
// a moment: that is waited for.
func execute(t testing.TB, target, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, target)
	if err != nil {
		t.Fatalf("connecting to the test server: %v", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		_, err = conn.Exec(ctx, statement)
		var refused *pgconn.PgError
		if err == nil {
			return
		}
		if !errors.As(err, &refused) || refused.Code != "55006" || !strings.HasPrefix(statement, "CREATE") {
			t.Fatalf("%s: %v", statement, err)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v", statement, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
