package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// witnessing runs a witness as a process until work returns, and then ends it as an operator would.
func witnessing(t *testing.T, dir, log string, work func(url, key string)) {
	t.Helper()
	c := program(t, "witness", "--key", filepath.Join(dir, "witness.key"), "--state", filepath.Join(dir, "state"), "--log", log, "--listen", "127.0.0.1:0")
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer watchdog.Stop()
	address := regexp.MustCompile(`witnessing at (http://\S+)`)
	url := ""
	for lines := bufio.NewScanner(said); url == "" && lines.Scan(); {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			url = found[1]
		}
	}
	key, err := bufio.NewReader(printed).ReadString('\n')
	if err != nil || url == "" {
		t.Fatalf("the witness does not say where it is (%q) or who (%q): %v", url, key, err)
	}
	work(url, strings.TrimSpace(key))
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the witness ends with %v", err)
	}
}

// A witness cosigns what continues, also after it was started again, and refuses another history of the same size.
func TestAWitnessElsewhereCosignsOneHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, copied := filepath.Join(dir, "ledger"), filepath.Join(dir, "copy")
	register := func(to, enterprise string) { register(t, to, enterprise) }
	output(t, "policy", "publish", "elsewhere-2025", "--data", data)
	output(t, "checkpoint", "--data", data)
	copyFolder(t, data, copied)
	if err := os.RemoveAll(filepath.Join(copied, "postgres")); err != nil { // it is made again from the log
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(copied, keyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	verifier := strings.TrimSpace(strings.Split(string(readFile(t, filepath.Join(data, keyFile))), "\n")[1])
	register(data, "E-1")
	witnessing(t, dir, verifier, func(url, key string) {
		if note := string(output(t, "checkpoint", "--data", data, "--witness", url, "--witness-key", key)); strings.Count(note, "— ") != 2 {
			t.Errorf("the checkpoint is not cosigned:\n%s", note)
		}
		for want, flags := range map[string][]string{"the last is cosigned by 1 outside witnesses (witness)": {"--key", key}, "no outside witness cosigned the last": nil} {
			if said := string(output(t, append([]string{"verify", "--data", data}, flags...)...)); !strings.Contains(said, want) {
				t.Errorf("verify %v does not say that %s:\n%s", flags, want, said)
			}
		}
	})
	register(data, "E-2")
	register(copied, "F-1")
	register(copied, "F-2")
	register(copied, "F-3")
	witnessing(t, dir, verifier, func(url, key string) {
		if note := string(output(t, "checkpoint", "--data", data, "--witness", url, "--witness-key", key)); strings.Count(note, "— ") != 2 {
			t.Errorf("after a new start the checkpoint is not cosigned:\n%s", note)
		}
		var failed *exec.ExitError
		c := program(t, "checkpoint", "--data", copied, "--witness", url, "--witness-key", key)
		said, err := c.CombinedOutput()
		if !errors.As(err, &failed) || !strings.Contains(string(said), "did not cosign") {
			t.Errorf("another history was cosigned: %v\n%s", err, said)
		}
	})
}

// The steps of docs/trust.md, in their order, on a ledger that has its checkpoint and to which nothing comes: the witness cosigns that one.
func TestAServiceHasItsLastCheckpointCosigned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", data)
	output(t, "checkpoint", "--data", data)
	verifier := strings.TrimSpace(strings.Split(string(readFile(t, filepath.Join(data, keyFile))), "\n")[1])
	witnessing(t, dir, verifier, func(url, key string) {
		serving(t, data, func(string) {
			for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
				said := string(output(t, "verify", "--data", data, "--key", key))
				if strings.Contains(said, "the last is cosigned by 1 outside witnesses (witness)") {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the witness is not asked:\n%s", said)
				}
			}
			// The command asks the witnesses of the service that runs, which nobody has named to it.
			register(t, data, "E-1")
			if note := string(output(t, "checkpoint", "--data", data)); strings.Count(note, "— ") != 2 {
				t.Errorf("the checkpoint is not cosigned:\n%s", note)
			}
		}, "--witness", url, "--trust", key)
	})
}

func register(t *testing.T, to, enterprise string) {
	t.Helper()
	output(t, "register", "--data", to, "--enterprise", enterprise, "--name", enterprise, "--industry", "fishing", "--date", "2025-03-01", "--id", enterprise)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
