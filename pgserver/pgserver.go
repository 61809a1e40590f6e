// Package pgserver runs a PostgreSQL server of one's own in a folder, from the binaries of the machine.
//
// It serves the one-command start, where nobody has set a database up, and the tests. A production ledger
// is given a database by its URL instead and never comes here.
//
// A folder holds one cluster and everything about it:
//
//	data/               the cluster (PGDATA), made by initdb under data.new and renamed when whole
//	superuser.password  the generated password of role "fundledger", mode 0600
//	owner.password      of role "fundledger_owner", which owns the database: migrations and rebuilds
//	service.password    of role "fundledger_service", which the service runs as: it deletes, truncates and drops nothing
//	lock                held (flock) by the process that runs the server
//	.s.PGSQL.5432       the socket; there is no TCP port
//
// What Start promises:
//
//   - One server a folder. A second Start fails with ErrInUse, in this process or another; Attach gives
//     the URL of the server that runs.
//   - It returns when a SELECT 1 has been answered: after crash recovery, not before it.
//   - The server does not outlive its process (on Linux, by a parent-death signal), however that process
//     ends, and is restarted on what it left behind: a stale postmaster.pid, or one whose number another
//     process has since been given, is no obstacle; neither is the lock file of its socket.
//   - With Config.Keep a server that ends by itself, killed or fallen, is started again until Stop.
//   - PostgreSQL refuses to run as root. Root therefore runs it as the owner of the cluster, and a new
//     cluster belongs to the user postgres, or nobody where there is none. That user need not be able to reach
//     the folder: below a closed parent, such as a home of mode 0700, the server is handed the open folder
//     (Linux). No permission of a folder above is ever changed.
//   - A socket's path may have 107 bytes. Where the folder's is longer, the socket lies in a folder under
//     /tmp named by a hash of the path.
//
// Commits are synchronous, although every row can be rebuilt from the log: with synchronous_commit off a
// crash would set projections back behind the position that others have already been shown.
package pgserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	superuser = "fundledger"
	owner     = "fundledger_owner"
	service   = "fundledger_service"
	database  = "fundledger"
	port      = "5432" // names the socket file only

	defaultMaxConnections = 60
	pollEvery             = 20 * time.Millisecond
	// lingering is how long an old server, or what it left in shared memory, may take to go.
	lingering = 30 * time.Second
	// orphaned is how long processes whose server was killed may work on before they are ended.
	orphaned = 3 * time.Second
	// quitting is what a server that did not stop in time is given before it is killed.
	quitting = 5 * time.Second
)

// Errors that callers branch on.
var (
	// ErrInUse says that another live process runs the server of the folder: use Attach, or end that process.
	ErrInUse = errors.New("the PostgreSQL of this folder is already running")
	// ErrNotRunning says that no server runs on the folder: use Start.
	ErrNotRunning = errors.New("no PostgreSQL is running on this folder")
	// ErrNoBinaries says that the machine has no PostgreSQL server: install one, or name it in PG_BINDIR.
	ErrNoBinaries = errors.New("no PostgreSQL server binaries found")
)

// Config says where the server lives and how. Only Dir is mandatory.
type Config struct {
	Dir string // the folder, made when absent; made absolute

	// Fast trades safety for speed: no fsync, so a crash of the machine may cost the cluster (a killed server loses nothing).
	// For tests, whose data nobody misses.
	Fast bool
	// MaxConnections bounds concurrent sessions; 60 when zero.
	MaxConnections int
	// Keep starts the server again whenever it ends by itself, until Stop: for as long as it takes.
	Keep bool
	// Logger gets what the server writes; nothing is written when nil.
	Logger *slog.Logger

	// Install lets root on Debian or Ubuntu run "apt-get install postgresql" where there are no binaries.
	// It changes the machine (the package brings a default cluster and its service), so it is off unless asked for.
	Install bool
	// Download lets binaries be fetched from a Maven repository where there are none and Install does not apply.
	Download bool
	// Repository is that Maven repository's URL; the public one when empty. An intranet names its mirror here.
	Repository string
}

// Server is a running PostgreSQL.
type Server struct {
	folder folder
	urls   map[string]string // by role, on the ledger's database
	logger *slog.Logger
	lock   io.Closer
	run    func(context.Context) error // launches the postmaster, and returns when it answers

	mu   sync.Mutex
	proc *process // the present one
	tail *tailLog // what it says

	leave   context.CancelFunc // ends keeping
	kept    chan struct{}      // closed when it has ended; nil: the server is not kept
	stop    sync.Once
	stopErr error
}

// Pauses between attempts to start a server again.
const (
	firstAgain = 100 * time.Millisecond
	lastAgain  = 5 * time.Second
)

// Start runs the server of the folder and returns when it answers. ctx bounds the start only; without a deadline
// a crash recovery is waited for as long as it takes.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxConnections <= 0 {
		cfg.MaxConnections = defaultMaxConnections
	}
	f, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := f.acquire()
	if err != nil {
		return nil, err
	}
	s := &Server{folder: f, logger: cfg.Logger, lock: lock}
	if err := s.start(ctx, cfg); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if cfg.Keep {
		keeping, leave := context.WithCancel(context.WithoutCancel(ctx))
		s.leave, s.kept = leave, make(chan struct{})
		go s.keep(keeping)
	}
	return s, nil
}

// keep starts the server again whenever it has ended, until ctx does. The folder's lock is held all the while: no other process
// can come between.
func (s *Server) keep(ctx context.Context) {
	defer close(s.kept)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.process().done:
		}
		if ctx.Err() != nil {
			return
		}
		s.logger.Error("PostgreSQL has ended by itself; it is started again", "folder", s.folder.dir, "why", s.process().failure())
		for wait := firstAgain; ; wait = min(2*wait, lastAgain) {
			err := s.again(ctx)
			if err == nil {
				break
			}
			if pause(ctx, wait) != nil {
				return
			}
			s.logger.Error("PostgreSQL cannot be started again yet", "folder", s.folder.dir, "error", err)
		}
		s.logger.Warn("PostgreSQL runs again", "folder", s.folder.dir)
	}
}

func (s *Server) again(ctx context.Context) error {
	if err := s.folder.awaitFormer(ctx); err != nil {
		return err
	}
	return s.run(ctx)
}

func (s *Server) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

func (s *Server) start(ctx context.Context, cfg Config) error {
	f := s.folder
	if err := f.awaitFormer(ctx); err != nil {
		return err
	}
	who, err := f.runner()
	if err != nil {
		return err
	}
	bindir, err := binaries(ctx, cfg, f.version())
	if err != nil {
		return err
	}
	if err := f.handOver(who); err != nil {
		return err
	}
	if f.version() == "" {
		if err := f.initialise(ctx, bindir, who, cfg); err != nil {
			return err
		}
	}
	if err := f.writeSettings(cfg, who); err != nil {
		return err
	}
	secrets, err := f.secrets(who)
	if err != nil {
		return err
	}
	s.urls = map[string]string{}
	for role, password := range secrets {
		s.urls[role] = f.url(role, password, database)
	}
	maintenance := f.url(superuser, secrets[superuser], "postgres")
	s.run = func(ctx context.Context) error {
		return s.launchUntilReady(ctx, bindir, who, cfg.Fast, maintenance)
	}
	if err := s.run(ctx); err != nil {
		return err
	}
	err = ensureDatabase(ctx, maintenance)
	if err == nil {
		err = ensureRoles(ctx, s.urls[superuser], secrets)
	}
	if err != nil {
		s.proc.end(quitting)
	}
	return err
}

// launchUntilReady starts the postmaster. After a kill -9 the old server's last children may still hold its shared
// memory; PostgreSQL then refuses to start, and is asked again until they are gone. One in the midst of a query does not notice that its
// server is gone: what it does is lost in any case, and it is ended.
func (s *Server) launchUntilReady(ctx context.Context, bindir string, who *user, fast bool, maintenance string) error {
	began := time.Now()
	for {
		tail := &tailLog{logger: s.logger}
		proc, err := s.folder.launchPostmaster(bindir, who, fast, tail)
		if err != nil {
			return err
		}
		err = awaitAnswer(ctx, proc, maintenance)
		if err == nil {
			tail.ready()
			s.mu.Lock()
			s.proc, s.tail = proc, tail
			s.mu.Unlock()
			return nil
		}
		proc.end(quitting)
		lines := tail.String()
		if !strings.Contains(lines, "pre-existing shared memory block") || time.Since(began) > lingering {
			return fmt.Errorf("starting PostgreSQL in %s: %w; its last words:\n%s", s.folder.dir, err, lines)
		}
		if time.Since(began) > orphaned {
			for _, pid := range endOrphans(s.folder.data()) {
				s.logger.Warn("a process of the PostgreSQL that was killed worked on, and was ended", "pid", pid, "folder", s.folder.dir)
			}
		}
		if err := pause(ctx, 5*pollEvery); err != nil {
			return fmt.Errorf("waiting for the former PostgreSQL in %s to end: %w", s.folder.dir, err)
		}
	}
}

// URL is a connection URL of the superuser "fundledger" on the database "fundledger", for pgx and libpq.
func (s *Server) URL() string { return s.urls[superuser] }

// OwnerURL is one of the role that owns the database.
func (s *Server) OwnerURL() string { return s.urls[owner] }

// ServiceURL is one of the role that a service works as.
func (s *Server) ServiceURL() string { return s.urls[service] }

// Done is closed when the server has ended, by Stop or by itself; one that is kept ends by Stop only. After an end by itself call
// Stop, which frees the folder, and Start again.
func (s *Server) Done() <-chan struct{} {
	if s.kept != nil {
		return s.kept
	}
	return s.proc.done
}

// Stop ends the server: sessions are cut off, what was committed is on disk. When ctx ends first the server
// is ended at once and recovers at its next start; that is reported as an error. Stopping twice is harmless.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(func() { s.stopErr = errors.Join(s.shutDown(ctx), s.lock.Close()) })
	return s.stopErr
}

func (s *Server) shutDown(ctx context.Context) error {
	if s.kept != nil {
		s.leave()
		<-s.kept
	}
	s.tail.ends()
	s.proc.signal(syscall.SIGINT) // PostgreSQL's "fast" shutdown; SIGTERM would wait for every client
	select {
	case <-s.proc.done:
		return s.folder.dropSocketDir()
	case <-ctx.Done():
		s.proc.end(quitting)
		return fmt.Errorf("stopping PostgreSQL in %s: ended it without its last checkpoint: %w", s.folder.dir, ctx.Err())
	}
}

// Attach gives the URL of the server that another process runs on the folder, or ErrNotRunning.
func Attach(dir string) (string, error) {
	f, err := locateFolder(dir)
	if err != nil {
		return "", err
	}
	pid, alive := f.postmaster()
	if !alive {
		return "", fmt.Errorf("%s: %w", f.dir, ErrNotRunning)
	}
	if !f.acceptsConnections() {
		return "", fmt.Errorf("%s: %w yet: process %d is starting it; try again in a moment", f.dir, ErrNotRunning, pid)
	}
	password, err := f.password(superuser)
	if err != nil {
		return "", err
	}
	return f.url(superuser, password, database), nil
}

func awaitAnswer(ctx context.Context, proc *process, target string) error {
	for {
		err := answer(ctx, target)
		if err == nil {
			return nil
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "28P01" {
			return fmt.Errorf("the password in superuser.password is not the cluster's: %w", err)
		}
		select {
		case <-proc.done:
			return fmt.Errorf("it ended: %w", proc.failure())
		case <-ctx.Done():
			return fmt.Errorf("it did not answer in time (%w): %w", ctx.Err(), err)
		case <-time.After(pollEvery):
		}
	}
}

func answer(ctx context.Context, target string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, target)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "SELECT 1")
	return err
}

func ensureDatabase(ctx context.Context, maintenance string) error {
	conn, err := pgx.Connect(ctx, maintenance)
	if err != nil {
		return fmt.Errorf("connecting to create the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&there); err != nil {
		return fmt.Errorf("looking for the database %s: %w", database, err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return fmt.Errorf("creating the database %s: %w", database, err)
	}
	return nil
}

func (f folder) url(role, password, name string) string {
	query := url.Values{"host": {f.socketDir}, "port": {port}, "sslmode": {"disable"}}
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(role, password),
		Path:   "/" + name,
		// libpq takes a plus sign literally: a space must be %20.
		RawQuery: strings.ReplaceAll(query.Encode(), "+", "%20"),
	}
	return u.String()
}

func (f folder) launchPostmaster(bindir string, who *user, fast bool, log io.Writer) (*process, error) {
	death := syscall.SIGINT
	if fast {
		death = syscall.SIGQUIT // nobody will read this cluster again
	}
	cmd := exec.Command(filepath.Join(bindir, "postgres"))
	release, err := f.prepare(cmd, who, death)
	if err != nil {
		return nil, err
	}
	defer release()
	home := f.seenBy(who)
	socketDir := f.socketDir
	if socketDir == f.dir {
		socketDir = home
	}
	cmd.Args = append(cmd.Args, "-D", home+"/data", "-p", port,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+socketDir, "-c", "unix_socket_permissions=0700")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = time.Second // orphaned children of a killed postmaster keep its stderr open
	proc, err := launch(cmd)
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", cmd.Path, err)
	}
	return proc, nil
}

// tailLog passes the server's lines on and keeps the last ones for an error message.
type tailLog struct {
	logger *slog.Logger

	mu      sync.Mutex
	partial []byte
	last    []string
	isReady bool
	ending  bool // it was asked to end, and cuts off who is connected
}

const tailLines = 12

func (l *tailLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, found := bytes.Cut(l.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.partial = rest
		l.line(string(line))
	}
}

func (l *tailLog) line(line string) {
	l.last = append(l.last, line)
	if len(l.last) > tailLines {
		l.last = l.last[1:]
	}
	l.logger.Log(context.Background(), l.level(line), "postgres: "+line)
}

// level keeps quiet about what the caller is told anyway: statements that failed, and connections tried too early or cut off at the end that
// was asked for.
func (l *tailLog) level(line string) slog.Level {
	switch {
	case !l.isReady, l.ending && strings.HasPrefix(line, "FATAL:"):
		return slog.LevelDebug
	case strings.HasPrefix(line, "PANIC:"), strings.HasPrefix(line, "FATAL:"):
		return slog.LevelError
	case strings.HasPrefix(line, "WARNING:"):
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}

func (l *tailLog) ready() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isReady = true
}

func (l *tailLog) ends() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ending = true
}

func (l *tailLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// acceptsConnections reads the status in postmaster.pid: pid, data folder, start, port, socket folder, address, memory, status.
func (f folder) acceptsConnections() bool {
	content, err := os.ReadFile(filepath.Join(f.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	const statusLine = 7
	lines := strings.Split(string(content), "\n")
	return len(lines) > statusLine && strings.TrimSpace(lines[statusLine]) == "ready"
}

// postmaster is the live postmaster of this folder: by its lock file, or by that of its socket where the other was taken away.
func (f folder) postmaster() (pid int, alive bool) {
	for _, path := range []string{filepath.Join(f.data(), "postmaster.pid"), f.socketLock()} {
		if pid := pidIn(path); pid != 0 && runsIn(pid, f.data()) {
			return pid, true
		}
	}
	return 0, false
}

// pidIn is the process that a lock file of PostgreSQL names, in its first line; 0: none.
func pidIn(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return 0
	}
	return pid
}
