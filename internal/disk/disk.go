// Package disk tells how much room there is on the disks that files lie on.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Full says that a disk has no room, or less than is to stay free.
type Full struct {
	Path   string // a folder on it
	Free   uint64 // bytes that are free
	Needed uint64 // bytes that are to stay free; 0: none, a file could not be written all the same
	Cause  error  // what could not be written; may be nil
}

// Error says which disk, and both figures.
func (f *Full) Error() string {
	text := fmt.Sprintf("disk full: %s has %d MiB free", f.Path, f.Free>>20)
	if f.Needed > 0 {
		text += fmt.Sprintf(", and %d MiB are to stay free", f.Needed>>20)
	}
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	return text
}

// Unwrap is what could not be written.
func (f *Full) Unwrap() error { return f.Cause }

// Room is that so many bytes stay free on the disk of each folder.
type Room struct {
	Folders []string
	Least   uint64
}

// Err is *[Full] of the first folder on whose disk less is free; nil: there is room. A disk that cannot be asked says nothing.
func (r Room) Err() error {
	for _, folder := range r.Folders {
		if free, _, err := Of(folder); err == nil && free < r.Least {
			return &Full{Path: folder, Free: free, Needed: r.Least}
		}
	}
	return nil
}

// Of is how many bytes are free, for anybody, on the disk of a folder, and how many it has. Of a folder that is not made yet it is
// the disk that it would be on. A disk that has no inodes left has nothing free.
func Of(folder string) (free, size uint64, err error) {
	var s syscall.Statfs_t
	for err = syscall.Statfs(folder, &s); errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder); err = syscall.Statfs(folder, &s) {
		folder = filepath.Dir(folder)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking how much room the disk of %s has: %w", folder, err)
	}
	block := uint64(s.Bsize)
	if s.Files > 0 && s.Ffree == 0 {
		return 0, s.Blocks * block, nil
	}
	return s.Bavail * block, s.Blocks * block, nil
}

// probeBytes is more than a file system keeps back inside of what it calls used.
const probeBytes = 256 << 10

// Probe writes a file in a folder, syncs it and takes it away: it tells whether the folder can be written to, whatever the reason is.
func Probe(folder string) error {
	f, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return Because(folder, err)
	}
	defer os.Remove(f.Name()) // one that stays is in nobody's way
	_, err = f.Write(make([]byte, probeBytes))
	return Because(folder, errors.Join(err, f.Sync(), f.Close()))
}

// Writable makes a file in a folder and takes it away: a disk that has turned read-only takes none. It waits for no disk, as [Probe] does.
func Writable(folder string) error {
	f, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return Because(folder, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Because makes *[Full] of an error that says that a disk, or somebody's share of it, is used up.
func Because(folder string, err error) error {
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return err
	}
	free, _, _ := Of(folder)
	return &Full{Path: folder, Free: free, Cause: err}
}
