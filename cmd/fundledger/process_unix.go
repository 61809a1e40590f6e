//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// lockFile keeps others from locking an open file or folder, until it is closed or the process ends. It does not wait.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// alive reports whether a process runs.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
