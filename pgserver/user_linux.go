package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func setDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// runsIn says whether the process is alive and is a postmaster of this cluster: its working folder is the cluster's. The number
// alone proves nothing, for it may have been given to another process since.
func runsIn(pid int, data string) bool {
	process := "/proc/" + strconv.Itoa(pid)
	cwd, err := os.Readlink(process + "/cwd")
	if errors.Is(err, fs.ErrPermission) { // another user's: believe its name
		name, err := os.ReadFile(process + "/comm")
		return err == nil && strings.HasPrefix(string(name), "postgres")
	}
	return err == nil && cwd == data
}
