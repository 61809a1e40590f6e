// Package whole writes files so that a reader, and a machine that loses its power, finds all of a file or nothing of it: beside
// its place under another name, synced, put in its place in one step, and the folder synced.
package whole

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Create writes a file that is not there yet. fs.ErrExist: there is one of its name, which stays as it is.
func Create(path string, mode os.FileMode, write func(io.Writer) error) error {
	return place(path, mode, write, os.Link) // which, unlike renaming, replaces nothing
}

// Replace writes a file anew.
func Replace(path string, mode os.FileMode, write func(io.Writer) error) error {
	return place(path, mode, write, os.Rename)
}

// Text is a file's content that is there already.
func Text(text []byte) func(io.Writer) error {
	return func(out io.Writer) error {
		_, err := out.Write(text)
		return err
	}
}

// Owned has a file belong to another user, from before it is in its place.
func Owned(uid, gid int, write func(io.Writer) error) func(io.Writer) error {
	return func(out io.Writer) error {
		if err := write(out); err != nil {
			return err
		}
		return out.(*os.File).Chown(uid, gid)
	}
}

// Sync brings a folder's names, or a file's content, to the disk.
func Sync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func place(path string, mode os.FileMode, write func(io.Writer) error, put func(from, to string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // after a rename there is none of that name
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := put(f.Name(), path); err != nil {
		return fmt.Errorf("placing %s: %w", path, err)
	}
	return Sync(dir)
}
