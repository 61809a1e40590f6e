package whole

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsThereWholeOrNotAtAll(t *testing.T) {
	full := errors.New("the disk is full")
	fails := func(out io.Writer) error {
		_, _ = out.Write([]byte("half"))
		return full
	}
	for name, c := range map[string]struct {
		before, after string
		do            func(path string) error
		want          error
	}{
		"created":                {"", "new", func(p string) error { return Create(p, 0o600, Text([]byte("new"))) }, nil},
		"created over another":   {"old", "old", func(p string) error { return Create(p, 0o600, Text([]byte("new"))) }, fs.ErrExist},
		"created and failed":     {"", "", func(p string) error { return Create(p, 0o600, fails) }, full},
		"replaced":               {"old", "new", func(p string) error { return Replace(p, 0o600, Text([]byte("new"))) }, nil},
		"replaced and failed":    {"old", "old", func(p string) error { return Replace(p, 0o600, fails) }, full},
		"replaced where none is": {"", "new", func(p string) error { return Replace(p, 0o600, Text([]byte("new"))) }, nil},
		"given away": {"old", "new", func(p string) error {
			return Replace(p, 0o600, Owned(os.Getuid(), os.Getgid(), Text([]byte("new"))))
		}, nil},
		"given away and failed": {"old", "old", func(p string) error { return Replace(p, 0o600, Owned(os.Getuid(), os.Getgid(), fails)) }, full},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			if c.before != "" {
				if err := os.WriteFile(path, []byte(c.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.do(path); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			text, err := os.ReadFile(path)
			if string(text) != c.after || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it holds %q (%v), want %q", text, err, c.after)
			}
			if info, err := os.Stat(path); c.after == "new" && (err != nil || info.Mode() != 0o600) {
				t.Errorf("its mode: %v, %v", info, err)
			}
			left, err := os.ReadDir(dir)
			if want := min(len(c.after), 1); err != nil || len(left) != want {
				t.Errorf("the folder holds %v, %v: want %d files", left, err, want)
			}
		})
	}
}
