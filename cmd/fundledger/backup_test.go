package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backup is made beside a running service while it books, and of it a ledger that verifies, knows what was given, and goes on.
func TestABackupBesideAServiceThatBooksIsRestored(t *testing.T) {
	dir, file := filepath.Join(t.TempDir(), "ledger"), ""
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 300))
	output(t, "user", "add", "root", "--data", dir, "--grant", "admin")
	token := strings.TrimSpace(string(output(t, "token", "create", "root", "cli", "--data", dir)))
	more := commandFile(t, 3000)
	var made, restored backedUp
	serving(t, dir, func(url string) {
		fetched(t, url+"/checkpoint") // the first is signed
		booked := make(chan error, 1)
		go func() { booked <- program(t, "import", more, "--server", url, "--token", token).Run() }()
		for i := 0; made.Events.Last <= 301; i++ { // until one was made while it books, or after it
			file = filepath.Join(t.TempDir(), fmt.Sprint(i, ".backup"))
			unmarshal(t, output(t, "backup", "--data", dir, "--out", file, "--format", "json"), &made)
		}
		if err := <-booked; err != nil {
			t.Errorf("the import beside the backup ends with %v", err)
		}
	})
	if made.Events.Last > 3001 || made.Checkpoints < 2 || made.Checkpoint == "" || made.PrivateKeys {
		t.Fatalf("%+v", made)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() != made.Bytes {
		t.Errorf("%v: %v", info, err)
	}
	into := filepath.Join(t.TempDir(), "restored")
	unmarshal(t, output(t, "restore", file, "--data", into, "--trust", made.Keys[0], "--format", "json"), &restored)
	if restored.Events != made.Events || restored.Refusals != made.Refusals {
		t.Errorf("%+v was restored of %+v", restored, made)
	}
	// Without the signing key the checkpoints hold all the same, and the service starts.
	var v struct {
		Checks []struct{ Name, Result string }
		Events uint64
		Root   string
	}
	unmarshal(t, output(t, "verify", "--data", into, "--format", "json"), &v)
	for _, check := range v.Checks {
		if check.Name == "checkpoints" && check.Result != "passed" {
			t.Errorf("the checkpoints: %s", check.Result)
		}
	}
	if root, _ := json.Marshal(made.Events.Root); v.Events != made.Events.Last || `"`+v.Root+`"` != string(root) {
		t.Errorf("%d events under %s were verified, of %d under %s", v.Events, v.Root, made.Events.Last, root)
	}
	var sum imported
	unmarshal(t, output(t, "import", "--data", into, "--format", "json", more), &sum)
	if sum.Repeated != int(made.Events.Last-1) || sum.Accepted != 3001-int(made.Events.Last) || sum.LastSeq != 3001 {
		t.Errorf("the same file imported again: %+v", sum)
	}
	serving(t, into, func(url string) { fetched(t, url+"/checkpoint") })
}

func unmarshal(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// A restore that is refused or fails leaves everything as it was.
func TestARestoreThatFailsLeavesNothing(t *testing.T) {
	dir, file := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "whole.backup")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 30))
	output(t, "checkpoint", "--data", dir)
	output(t, "backup", "--data", dir, "--out", file, "--with-keys")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func([]byte) []byte) string {
		path := filepath.Join(t.TempDir(), "changed.backup")
		if err := os.WriteFile(path, change(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	otherKey := filepath.Join(t.TempDir(), "ledger", keyFile)
	output(t, "import", "--data", filepath.Dir(otherKey), "--policy", "elsewhere-2025", commandFile(t, 3))
	stranger := strings.Fields(string(output(t, "checkpoint", "--data", filepath.Dir(otherKey))))
	verifier, err := os.ReadFile(otherKey)
	if err != nil || len(stranger) == 0 {
		t.Fatal(err)
	}
	used := t.TempDir()
	if err := os.MkdirAll(filepath.Join(used, "postgres"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"cut":                {[]string{changed(func(b []byte) []byte { return b[:len(b)/2] })}, 2, "no whole backup"},
		"a flipped bit":      {[]string{changed(func(b []byte) []byte { b[len(b)/2] ^= 4; return b })}, 2, "no whole backup"},
		"something behind":   {[]string{changed(func(b []byte) []byte { return append(b, "more"...) })}, 2, "no whole backup"},
		"another file":       {[]string{otherKey}, 2, "no whole backup"},
		"another fund":       {[]string{file, "--fund", "changning-2024"}, 2, "of the fund"},
		"another signer":     {[]string{file, "--key", otherKey}, 2, "not the one that signs"},
		"another trust":      {[]string{file, "--trust", strings.Split(string(verifier), "\n")[1]}, 1, "no trusted key signed"},
		"projections there":  {[]string{file, "--data", used}, 2, "there is a ledger already"},
		"a ledger is there":  {[]string{file, "--data", dir}, 2, "there is a ledger already"},
		"a place that's not": {[]string{file, "--data", otherKey}, 1, "making the data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			into := filepath.Join(t.TempDir(), "into")
			c := program(t, append([]string{"restore", "--data", into}, test.args...)...)
			var told bytes.Buffer
			c.Stderr = &told
			_ = c.Run()
			if c.ProcessState.ExitCode() != test.status || !strings.Contains(told.String(), test.says) {
				t.Errorf("exit status %d:\n%s", c.ProcessState.ExitCode(), &told)
			}
			if left, err := os.ReadDir(into); err == nil {
				t.Errorf("%v is left behind", left)
			}
			if _, err := os.Stat(filepath.Join(dir, stageDir)); err == nil {
				t.Errorf("%s is left behind", stageDir)
			}
		})
	}
	// What a restore that was killed left there is not in the way, and what does not concern the ledger stays.
	into := t.TempDir()
	for _, name := range []string{"users.json", filepath.Join(stageDir, "log", "old")} {
		path := filepath.Join(into, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output(t, "restore", file, "--data", into)
	for name, there := range map[string]bool{"users.json": true, keyFile: true, knownFile: true, fundFile: true, "log": true, stageDir: false, "log/old": false} {
		if present(filepath.Join(into, name)) != there {
			t.Errorf("%s: there is %v", name, !there)
		}
	}
	output(t, "verify", "--data", into)
}
