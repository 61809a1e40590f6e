//go:build unix

package pgserver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// user is whom root runs the server as. A nil user is the process's own.
type user struct {
	name     string
	uid, gid int
	reaches  bool // whether it can walk to the folder
}

// runner decides who runs the server. An existing cluster is run by its owner, so that a start as root does not
// take the folder away from the user whose it is.
func (f folder) runner() (*user, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	who, err := f.owner()
	if err != nil {
		return nil, err
	}
	if who == nil {
		if who, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	who.reaches = who.canWalkTo(f.dir)
	if _, err := os.Stat(openFolderPath); !who.reaches && err != nil {
		return nil, fmt.Errorf("user %s, as whom root runs PostgreSQL, cannot reach %s, for a folder above it is closed to others: "+
			"choose a data folder under /var/lib or /srv, or do not start as root", who.name, f.dir)
	}
	return who, nil
}

func (f folder) owner() (*user, error) {
	info, err := os.Stat(f.data())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking at the cluster: %w", err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if owner.Uid == 0 {
		return nil, nil
	}
	return &user{name: strconv.Itoa(int(owner.Uid)), uid: int(owner.Uid), gid: int(owner.Gid)}, nil
}

func unprivileged() (*user, error) {
	for _, name := range []string{"postgres", "nobody"} {
		account, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(account.Uid)
		gid, gidErr := strconv.Atoi(account.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return &user{name: name, uid: uid, gid: gid}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and the machine has neither a user postgres nor a user nobody: " +
		"add one (useradd --system postgres), or do not start as root")
}

// canWalkTo reads the permission bits of every folder above. An access list that allows more is not seen; the folder is then
// handed over open, which works too.
func (u *user) canWalkTo(dir string) bool {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return false
		}
		owner := info.Sys().(*syscall.Stat_t)
		needed := os.FileMode(0o001)
		switch {
		case int(owner.Uid) == u.uid:
			needed = 0o100
		case int(owner.Gid) == u.gid:
			needed = 0o010
		}
		if info.Mode()&needed == 0 {
			return false
		}
		if parent == filepath.Dir(parent) {
			return true
		}
	}
}

// handOver gives the folder, and the short socket folder where one is used, to the server's user.
func (f folder) handOver(who *user) error {
	if who != nil {
		if err := os.Chown(f.dir, who.uid, who.gid); err != nil {
			return fmt.Errorf("giving the PostgreSQL folder to user %s: %w", who.name, err)
		}
	}
	if f.socketDir == f.dir {
		return nil
	}
	if err := os.Mkdir(f.socketDir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making a folder for the socket: %w", err)
	}
	// Anybody may have made it before us under /tmp: it must be ours, and no link.
	info, err := os.Lstat(f.socketDir)
	if err != nil {
		return fmt.Errorf("looking at the folder for the socket: %w", err)
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || owner != os.Geteuid() && (who == nil || owner != who.uid) {
		return fmt.Errorf("%s is not a folder of ours (mode 0700): remove it, or choose a shorter path than %s", f.socketDir, f.dir)
	}
	if who == nil {
		return nil
	}
	if err := os.Lchown(f.socketDir, who.uid, who.gid); err != nil {
		return fmt.Errorf("giving the socket's folder to user %s: %w", who.name, err)
	}
	return nil
}

// openFolderPath is how a child names the folder that it was handed open, as its first extra file.
const openFolderPath = "/proc/self/fd/3"

// seenBy is the folder's path as the server may use it.
func (f folder) seenBy(who *user) string {
	if who == nil || who.reaches {
		return f.dir
	}
	return openFolderPath
}

// prepare lets the command run as the server's user, in a group of its own (a Ctrl-C is for us: we stop the server in our order),
// with no more of our environment than it needs. release is called once the command has started.
func (f folder) prepare(cmd *exec.Cmd, who *user, death syscall.Signal) (release func(), err error) {
	cmd.Dir = "/" // ours may be closed to the server's user
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	setDeathSignal(cmd.SysProcAttr, death)
	if who == nil {
		return func() {}, nil
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid)}
	if who.reaches {
		return func() {}, nil
	}
	open, err := os.Open(f.dir)
	if err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL folder: %w", err)
	}
	cmd.ExtraFiles = []*os.File{open}
	return func() { open.Close() }, nil
}

// freedWithin is how long a lock may be held still by somebody who has given it up: a process that their program was just starting holds what its
// parent had open until it runs something else.
const freedWithin = time.Second

// acquire takes the folder's lock, which the kernel frees when its holder ends.
func (f folder) acquire() (io.Closer, error) {
	file, err := os.OpenFile(filepath.Join(f.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the PostgreSQL folder (was it made by another user?): %w", err)
	}
	take := func() error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
	err = take()
	for end := time.Now().Add(freedWithin); errors.Is(err, syscall.EWOULDBLOCK) && time.Now().Before(end); err = take() {
		time.Sleep(10 * time.Millisecond)
	}
	if err == nil {
		return file, nil
	}
	file.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("locking the PostgreSQL folder: %w", err)
	}
	return nil, fmt.Errorf("%s: %w: stop the fundledger that runs on it, or use another folder", f.dir, ErrInUse)
}
