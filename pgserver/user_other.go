//go:build !unix

package pgserver

import (
	"errors"
	"io"
	"os/exec"
	"syscall"
)

var errPlatform = errors.New("a PostgreSQL of its own is run on Linux and macOS only: give the URL of a database (DATABASE_URL)")

type user struct {
	name     string
	uid, gid int
}

func (f folder) runner() (*user, error)      { return nil, errPlatform }
func (f folder) handOver(*user) error        { return errPlatform }
func (f folder) seenBy(*user) string         { return f.dir }
func (f folder) acquire() (io.Closer, error) { return nil, errPlatform }
func (f folder) prepare(*exec.Cmd, *user, syscall.Signal) (func(), error) {
	return nil, errPlatform
}
func runsIn(int, string) bool { return false }

func endOrphans(string) []int { return nil }
