package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rewritten is a backup with its parts changed, each written as a backup writes it.
func rewritten(t *testing.T, file string, change func(name string, content []byte) (string, []byte), more map[string][]byte) string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name string, content []byte) {
		if name == "" {
			return
		}
		part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		add(change(f.Name, content))
	}
	for name, content := range more {
		add(name, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "changed.backup")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever is done to a backup's file, nothing is restored from it and nothing is left behind. A backup is made beside a running
// service, while it books.
func TestAChangedBackupIsNotRestored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	file := filepath.Join(t.TempDir(), "whole.backup")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 300))
	output(t, "user", "add", "root", "--data", dir, "--grant", "admin")
	token := strings.TrimSpace(string(output(t, "token", "create", "root", "cli", "--data", dir)))
	serving(t, dir, func(url string) {
		booked := make(chan error, 1)
		more := commandFile(t, 3000)
		go func() { booked <- program(t, "import", more, "--server", url, "--token", token).Run() }()
		output(t, "backup", "--data", dir, "--out", file, "--with-key")
		if err := <-booked; err != nil {
			t.Errorf("the import beside the backup ends with %v", err)
		}
	})
	restored := filepath.Join(t.TempDir(), "restored")
	said := string(output(t, "restore", file, "--data", restored))
	if !strings.Contains(said, "restored elsewhere-2025") {
		t.Fatal(said)
	}
	output(t, "verify", "--data", restored)
	keep := func(name string, content []byte) (string, []byte) { return name, content }
	flip := func(part string, at int) func(string, []byte) (string, []byte) {
		return func(name string, content []byte) (string, []byte) {
			if strings.HasPrefix(name, part) {
				content = slices.Clone(content)
				content[(at+len(content))%len(content)] ^= 1
			}
			return name, content
		}
	}
	manifest := func(change func(map[string]any)) func(string, []byte) (string, []byte) {
		return func(name string, content []byte) (string, []byte) {
			if name != backupManifest {
				return name, content
			}
			var m map[string]any
			if err := json.Unmarshal(content, &m); err != nil {
				t.Fatal(err)
			}
			change(m)
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return name, text
		}
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.backup")
	if err := os.WriteFile(cut, whole[:len(whole)*2/3], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"cut":                    cut,
		"the log's first byte":   rewritten(t, file, flip(backupLog, 0), nil),
		"the log's last byte":    rewritten(t, file, flip(backupLog, -1), nil),
		"a checkpoint":           rewritten(t, file, flip(backupNotes, 5), nil),
		"the key":                rewritten(t, file, flip(backupKey, 5), nil),
		"a part that is missing": rewritten(t, file, func(n string, c []byte) (string, []byte) { return strings.TrimPrefix(n, backupLog), c }, nil),
		"a part too many":        rewritten(t, file, keep, map[string][]byte{"../../evil": []byte("x")}),
		"a part that leads away": rewritten(t, file, func(n string, c []byte) (string, []byte) {
			return strings.Replace(n, backupKey, "../../checkpoint.key", 1), c
		}, nil),
		"another format":           rewritten(t, file, manifest(func(m map[string]any) { m["format"] = "fundledger-backup-9" }), nil),
		"another fund":             rewritten(t, file, manifest(func(m map[string]any) { m["fund"] = "../x" }), nil),
		"another root":             rewritten(t, file, manifest(func(m map[string]any) { m["root"] = "AAAA" }), nil),
		"another end":              rewritten(t, file, manifest(func(m map[string]any) { m["position"] = 9999999 }), nil),
		"another key to verify by": rewritten(t, file, manifest(func(m map[string]any) { m["verifier"] = "nonsense" }), nil),
		"no manifest":              rewritten(t, file, func(n string, c []byte) (string, []byte) { return strings.TrimPrefix(n, backupManifest), c }, nil),
	} {
		t.Run(name, func(t *testing.T) {
			into := filepath.Join(t.TempDir(), "into")
			c := program(t, "restore", path, "--data", into)
			var told bytes.Buffer
			c.Stderr = &told
			if c.Run() == nil || told.Len() == 0 {
				t.Errorf("it was restored: %s", &told)
			}
			if left, err := os.ReadDir(into); err == nil {
				t.Errorf("%s is left behind (%s)", fmt.Sprint(left), &told)
			}
		})
	}
}
