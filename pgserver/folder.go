package pgserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fundledger/fundledger/internal/whole"
)

// folder is the place of one cluster.
type folder struct {
	dir       string // absolute, links resolved
	socketDir string // dir itself, or the short one
}

// maxSocketPath is sun_path less its final zero byte.
const maxSocketPath = 107

func openFolder(dir string) (folder, error) {
	if dir == "" {
		return folder{}, errors.New("the PostgreSQL folder is not named: give Config.Dir")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return folder{}, fmt.Errorf("making the PostgreSQL folder: %w", err)
	}
	return locateFolder(dir)
}

func locateFolder(dir string) (folder, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, fmt.Errorf("locating the PostgreSQL folder: %w", err)
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if errors.Is(err, fs.ErrNotExist) {
		return folder{}, fmt.Errorf("%s: %w", absolute, ErrNotRunning)
	}
	if err != nil {
		return folder{}, fmt.Errorf("locating the PostgreSQL folder: %w", err)
	}
	return folder{dir: resolved, socketDir: socketDir(resolved)}, nil
}

// socketDir is where clients look: every process computes the same. A comma would be read as a list of hosts,
// a quote as quoting.
func socketDir(dir string) string {
	if len(dir)+len("/.s.PGSQL.")+len(port) <= maxSocketPath && !strings.ContainsAny(dir, `,"`) && strings.TrimSpace(dir) == dir {
		return dir
	}
	sum := sha256.Sum256([]byte(dir))
	return "/tmp/fundledger-" + hex.EncodeToString(sum[:8])
}

func (f folder) data() string { return filepath.Join(f.dir, "data") }

// passwordFile is where the password of a role is kept.
func (f folder) passwordFile(role string) string {
	name := map[string]string{superuser: "superuser", owner: "owner", service: "service"}[role]
	return filepath.Join(f.dir, name+".password")
}

// version is the major version that made the cluster, empty where there is none.
func (f folder) version() string {
	content, err := os.ReadFile(filepath.Join(f.data(), "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}

func (f folder) password(role string) (string, error) {
	content, err := os.ReadFile(f.passwordFile(role))
	if err != nil {
		return "", fmt.Errorf("reading the password of the PostgreSQL role %s (run as the user who made the folder): %w", role, err)
	}
	return strings.TrimSpace(string(content)), nil
}

// secrets are the passwords of all roles. Those that a folder of an earlier release has not got are made.
func (f folder) secrets(who *user) (map[string]string, error) {
	all := map[string]string{}
	for _, role := range []string{superuser, owner, service} {
		password, err := f.password(role)
		if errors.Is(err, fs.ErrNotExist) && role != superuser {
			password = rand.Text()
			err = f.writeOwned(f.passwordFile(role), []byte(password+"\n"), who)
		}
		if err != nil {
			return nil, err
		}
		all[role] = password
	}
	return all, nil
}

// awaitFormer waits for a server whose process has died under it and which is still shutting down.
func (f folder) awaitFormer(ctx context.Context) error {
	deadline := time.Now().Add(lingering)
	for {
		pid, alive := f.postmaster()
		if !alive {
			return f.dropStaleLocks()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: %w: process %d; stop it with \"kill -INT %d\", or connect to it", f.dir, ErrInUse, pid, pid)
		}
		if err := pause(ctx, pollEvery); err != nil {
			return fmt.Errorf("waiting for the former PostgreSQL (process %d) in %s to end: %w", pid, f.dir, err)
		}
	}
}

// dropStaleLocks removes what a kill -9 left: the lock file of the cluster, and the socket with its own. PostgreSQL would do so by
// itself, unless a number in them now belongs to another process of the same user: it then refuses to start. Nobody runs the cluster
// here (see [folder.postmaster]), and PostgreSQL's own check of the shared memory still stands.
func (f folder) dropStaleLocks() error {
	for _, path := range []string{filepath.Join(f.data(), "postmaster.pid"), f.socketLock(), strings.TrimSuffix(f.socketLock(), ".lock")} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the stale lock of a PostgreSQL that was killed: %w", err)
		}
	}
	return nil
}

// socketLock is the lock file that PostgreSQL keeps beside its socket.
func (f folder) socketLock() string { return filepath.Join(f.socketDir, ".s.PGSQL."+port+".lock") }

// dropSocketDir removes the short folder under /tmp; the server has removed its socket.
func (f folder) dropSocketDir() error {
	if f.socketDir == f.dir {
		return nil
	}
	err := os.Remove(f.socketDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the socket's folder: %w", err)
	}
	return nil
}

// removeAll removes a folder. What a killed initdb had started may write into it for a moment longer, and makes it not empty again:
// so it is tried until that has gone.
func removeAll(ctx context.Context, dir string) error {
	deadline := time.Now().Add(lingering)
	for {
		err := os.RemoveAll(dir)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if paused := pause(ctx, pollEvery); paused != nil {
			return errors.Join(err, paused)
		}
	}
}

// initialise makes the cluster beside its place and renames it there: a start that was cut short leaves no half cluster.
func (f folder) initialise(ctx context.Context, bindir string, who *user, cfg Config) error {
	fresh := f.data() + ".new"
	if err := removeAll(ctx, fresh); err != nil {
		return fmt.Errorf("clearing a cluster that was never finished: %w", err)
	}
	if err := f.writeOwned(f.passwordFile(superuser), []byte(rand.Text()+"\n"), who); err != nil {
		return fmt.Errorf("keeping the PostgreSQL superuser's password: %w", err)
	}
	output, err := f.initdb(ctx, bindir, who, cfg.Fast, "C.UTF-8")
	if err != nil && bytes.Contains(output, []byte("invalid locale")) {
		output, err = f.initdb(ctx, bindir, who, cfg.Fast, "C") // same order of bytes, ASCII case rules
	}
	if err != nil {
		return fmt.Errorf("making a PostgreSQL cluster in %s: %w:\n%s", f.dir, err, bytes.TrimSpace(output))
	}
	if err := appendLine(filepath.Join(fresh, "postgresql.conf"), "include_if_exists = 'fundledger.conf'"); err != nil {
		return fmt.Errorf("configuring the new cluster: %w", err)
	}
	if err := os.Rename(fresh, f.data()); err != nil {
		return fmt.Errorf("putting the new cluster in its place: %w", err)
	}
	if err := whole.Sync(f.dir); err != nil {
		return fmt.Errorf("syncing the PostgreSQL folder: %w", err)
	}
	return nil
}

func (f folder) initdb(ctx context.Context, bindir string, who *user, fast bool, locale string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(bindir, "initdb"))
	release, err := f.prepare(cmd, who, syscall.SIGKILL)
	if err != nil {
		return nil, err
	}
	defer release()
	home := f.seenBy(who)
	cmd.Args = append(cmd.Args, "--pgdata", home+"/data.new", "--username", superuser, "--pwfile", home+"/superuser.password",
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale, "--data-checksums")
	if fast {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err = run(ctx, cmd)
	return output.Bytes(), err
}

// writeSettings keeps our settings in a file of their own that is written at every start. postgresql.auto.conf is read
// after it, so what an administrator sets by ALTER SYSTEM stands.
func (f folder) writeSettings(cfg Config, who *user) error {
	err := f.writeOwned(filepath.Join(f.data(), "fundledger.conf"), []byte(settings(cfg)), who)
	if err != nil {
		return fmt.Errorf("writing the PostgreSQL settings: %w", err)
	}
	return nil
}

func settings(cfg Config) string {
	text := fmt.Sprintf(`# Written at every start of fundledger: change settings by ALTER SYSTEM.
max_connections = %d
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = ''
logging_collector = off
password_encryption = 'scram-sha-256'
# A guest on the machine: modest memory.
shared_buffers = '128MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
# Short queries: compiling them costs more than running them.
jit = off
random_page_cost = 1.1
# Bulk loads: seldom a forced checkpoint, and COPY into a table made in the same transaction skips the WAL.
# Nothing replicates from here; the ledger's log is the backup.
wal_level = minimal
max_wal_senders = 0
min_wal_size = '256MB'
max_wal_size = '2GB'
checkpoint_timeout = '15min'
# Whoever prepares a transaction holds its locks without a session that could be ended.
max_prepared_transactions = 0
# What a client asked for ends with it, also in the midst of a long query: after a crash it is in the next server's way.
client_connection_check_interval = '1s'
# A position that was shown must survive a crash.
synchronous_commit = on
`, cfg.MaxConnections)
	if cfg.Fast {
		// Commits stay synchronous: without fsync that costs nothing, and a killed server still comes back with all of them.
		text += "# Tests only.\nfsync = off\nfull_page_writes = off\nshared_buffers = '64MB'\n"
	}
	return text
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString("\n" + line + "\n")
	return errors.Join(err, file.Close())
}

// writeOwned writes a file of mode 0600 that belongs to the server's user, whole or not at all.
func (f folder) writeOwned(path string, content []byte, who *user) error {
	write := whole.Text(content)
	if who != nil {
		write = whole.Owned(who.uid, who.gid, write)
	}
	return whole.Replace(path, 0o600, write)
}
