//go:build unix && !linux

package pgserver

import (
	"errors"
	"syscall"
)

// There is no such signal here: a server whose process was killed goes on, and is found by Attach.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

func runsIn(pid int, _ string) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// Where processes cannot be told by their folder they are waited for.
func endOrphans(string) []int { return nil }
