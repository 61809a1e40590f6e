package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/eventstore"
)

// A backup is made beside a running service while it books, and of it a ledger that verifies, knows what was given, and goes on.
func TestABackupBesideAServiceThatBooksIsRestored(t *testing.T) {
	t.Parallel()
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
	// Without the signing key the checkpoints hold all the same; the service starts with it.
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
	if told := refusedToServe(t, into); !strings.Contains(told, "put its file back") {
		t.Errorf("without the signing key: %s", told)
	}
	key, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(into, keyFile), key, 0o600); err != nil {
		t.Fatal(err)
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
	t.Parallel()
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
			if told := refusedTo(t, test.status, append([]string{"restore", "--data", into}, test.args...)...); !strings.Contains(told, test.says) {
				t.Error(told)
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

// From a folder to three servers, and from these to a file again, it is the same ledger. Servers that could not be given a whole one have none.
func TestABackupIsRestoredToServers(t *testing.T) {
	t.Parallel()
	dir, file, again := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "one.backup"), filepath.Join(t.TempDir(), "again.backup")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 100))
	output(t, "checkpoint", "--data", dir)
	var made, restored, remade backedUp
	unmarshal(t, output(t, "backup", "--data", dir, "--out", file, "--with-key", "--format", "json"), &made)

	servers, err := eventstore.StartCluster(t.TempDir(), 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Shutdown)
	there := []string{"--nats", strings.Join(servers.ClientURLs(), ","), "--nats-user", servers.Username(), "--nats-password", servers.Password(), "--format", "json"}
	told := refusedTo(t, 1, append([]string{"restore", file, "--data", filepath.Join(file, "below-a-file")}, there...)...)
	if !strings.Contains(told, "making the data folder") {
		t.Errorf("no place for the checkpoints: %s", told)
	}
	into := filepath.Join(t.TempDir(), "keys")
	unmarshal(t, output(t, append([]string{"restore", file, "--data", into}, there...)...), &restored) // so the first left no stream
	unmarshal(t, output(t, append([]string{"backup", "--out", again, "--data", into}, there...)...), &remade)
	if restored.Events != made.Events || remade.Events != made.Events || remade.Checkpoint != made.Checkpoint || remade.Checkpoints != made.Checkpoints {
		t.Errorf("%+v became %+v", made.BackupManifest, remade.BackupManifest)
	}
	told = refusedTo(t, 2, append([]string{"restore", file, "--data", filepath.Join(t.TempDir(), "other")}, there...)...)
	if !strings.Contains(told, "there is a ledger already of the fund") {
		t.Errorf("over a ledger: %s", told)
	}
	unmarshal(t, output(t, append([]string{"backup", "--out", again + "2", "--data", into}, there...)...), &remade) // so that left it as it was
}

// refusedTo runs the program where it should end with a status, and returns what it says.
func refusedTo(t *testing.T, status int, args ...string) string {
	t.Helper()
	c := program(t, args...)
	var told bytes.Buffer
	c.Stderr = &told
	_ = c.Run()
	if c.ProcessState.ExitCode() != status {
		t.Errorf("%v ends with %d:\n%s", args, c.ProcessState.ExitCode(), &told)
	}
	return told.String()
}
