package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func setDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// runsIn says whether the process is alive and is a postmaster of this cluster: its working folder is the cluster's. The number
// alone proves nothing, for it may have been given to another process since.
func runsIn(pid int, data string) bool {
	process := "/proc/" + strconv.Itoa(pid)
	_, err := os.Readlink(process + "/cwd")
	if errors.Is(err, fs.ErrPermission) { // another user's: believe its name
		name, err := os.ReadFile(process + "/comm")
		return err == nil && strings.HasPrefix(string(name), "postgres")
	}
	return err == nil && isIn(pid, data)
}

// isIn reports whether a process works in a folder: by the folder itself, for its path may be another's in another namespace, or lead over a link.
func isIn(pid int, data string) bool {
	at, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		return false
	}
	folder, err := os.Stat(data)
	return err == nil && os.SameFile(at, folder)
}

// endOrphans ends the processes of a cluster whose postmaster is gone, and returns them. Nothing of theirs is lost that would not be: the next
// start recovers from the log of writes, whatever they were at.
func endOrphans(data string) (ended []int) {
	found, _ := filepath.Glob("/proc/[0-9]*/comm") // of a pattern that is right
	for _, path := range found {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if name, readErr := os.ReadFile(path); err != nil || readErr != nil || !strings.HasPrefix(string(name), "postgres") {
			continue
		}
		if isIn(pid, data) && syscall.Kill(pid, syscall.SIGKILL) == nil {
			ended = append(ended, pid)
		}
	}
	return ended
}
