package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fundledger/fundledger/ledger"
)

// recordsOf are where the records of a block begin, as the server writes them: each begins with its length.
func recordsOf(t *testing.T, block []byte) (starts []int) {
	t.Helper()
	for at := 0; at < len(block); {
		starts = append(starts, at)
		length := int(binary.LittleEndian.Uint32(block[at:]) &^ (1 << 31))
		if length < 30 || at+length > len(block) {
			t.Fatalf("the record at %d of %d bytes has %d", at, len(block), length)
		}
		at += length
	}
	return starts
}

// everyFile is what lies in a folder, but for what a start writes in any case: who holds it.
func everyFile(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A log of events that is damaged is not opened, by no command: what is damaged, from where, and how to restore is said, and nothing is
// touched. What the server makes again by itself, and an end that was being written when the power failed, are no damage.
func TestADamagedLogIsNotOpened(t *testing.T) {
	t.Parallel()
	dir, backup := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "ledger.backup")
	output(t, "import", "--data", dir, "--policy", servedFund, commandFile(t, 300)) // events 1 to 301
	output(t, "checkpoint", "--data", dir)
	output(t, "backup", "--data", dir, "--with-key", "--out", backup)
	whole := filepath.Join(t.TempDir(), "whole")
	copyFolder(t, filepath.Join(dir, "log"), whole)
	msgs := filepath.Join("jetstream", "$G", "streams", ledger.StreamName(servedFund), "msgs")
	block, index := filepath.Join(dir, "log", msgs, "1.blk"), filepath.Join(dir, "log", msgs, "index.db")
	text, err := os.ReadFile(filepath.Join(whole, msgs, "1.blk"))
	if err != nil {
		t.Fatal(err)
	}
	starts := recordsOf(t, text)
	if len(starts) != 301 {
		t.Fatalf("%d records", len(starts))
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(block, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(paths ...string) {
		t.Helper()
		for _, path := range paths {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	flip := func(at int) []byte {
		damaged := bytes.Clone(text)
		damaged[at] ^= 0x10
		return damaged
	}
	for name, c := range map[string]struct {
		damage func()
		says   string
	}{
		"a bit of event 100":          {func() { write(flip(starts[99] + 60)) }, "event 100 cannot be read; the events before it are whole, and so are 201 records"},
		"cut between two events":      {func() { write(text[:starts[200]]) }, "it ends at event 200, and is known to have gone to event 301"},
		"the block and the index are": {func() { remove(block, index) }, "it ends at event 0, and is known to have gone to event 301"},
	} {
		copyFolder(t, whole, filepath.Join(dir, "log"))
		c.damage()
		before := everyFile(t, filepath.Join(dir, "log"))
		for _, command := range [][]string{{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, {"verify", "--data", dir}} {
			told := refusedTo(t, 1, command...)
			if !strings.Contains(told, "log_damaged") || !strings.Contains(told, c.says) || !strings.Contains(told, "fundledger restore FILE.backup --data "+dir) || !strings.Contains(told, "ALARM") {
				t.Errorf("%s: %s says\n%s", name, command[0], told)
			}
		}
		after := everyFile(t, filepath.Join(dir, "log"))
		for path, text := range before {
			if after[path] != text {
				t.Errorf("%s: %s was touched", name, path)
			}
		}
		if len(after) != len(before) {
			t.Errorf("%s: there were %d files, and are %d", name, len(before), len(after))
		}
	}
	for name, damage := range map[string]func(){
		"the index is deleted":       func() { remove(index) },
		"an event was being written": func() { write(append(bytes.Clone(text), text[starts[300]:len(text)-9]...)) },
		"the settings' file holds something": func() {
			_ = os.WriteFile(filepath.Join(dir, "log", filepath.Dir(msgs), "meta.inf"), []byte("{}"), 0o600)
		},
	} {
		copyFolder(t, whole, filepath.Join(dir, "log"))
		damage()
		if said := output(t, "verify", "--data", dir); !bytes.Contains(said, []byte("301 events")) {
			t.Errorf("%s: verification says\n%s", name, said)
		}
	}
	// The way that is told leads on.
	copyFolder(t, whole, filepath.Join(dir, "log"))
	write(flip(starts[99] + 60))
	if err := os.Rename(dir, dir+"-damaged"); err != nil {
		t.Fatal(err)
	}
	output(t, "restore", backup, "--data", dir)
	output(t, "verify", "--data", dir)
}

// Whatever a kill leaves at the end of the log, the service starts on it, with all that it acknowledged.
func TestAKilledServiceStartsOnWhatItLeft(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	i, c := alone(t, dir)
	n := 0
	for range 2 {
		for range 20 {
			n++
			c.book(t, registration(n))
		}
		kill(i.process)
		i = startInstance(t, "--data", dir, "--log-level", "error")
		c.url = i.url.String()
	}
	for k := 1; k <= n; k++ {
		if seq := c.book(t, registration(k)); seq != uint64(k+1) {
			t.Errorf("command %d lies at %d", k, seq)
		}
	}
}

// The tables are thrown away: the service makes them again of the log.
func TestTheTablesCanBeThrownAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "import", "--data", dir, "--policy", servedFund, commandFile(t, 300))
	totals := output(t, "totals", "--data", dir, "--format", "json")
	if err := os.RemoveAll(filepath.Join(dir, "postgres")); err != nil {
		t.Fatal(err)
	}
	serving(t, dir, func(url string) {
		until(t, "readiness", func() error { return asker{url, ""}.answers(t, "/readyz", http.StatusOK, "lag: 0 events") })
		if again := output(t, "totals", "--data", dir, "--format", "json"); !bytes.Equal(totals, again) {
			t.Error("the totals are others")
		}
	})
	output(t, "verify", "--data", dir)
}

// Damaged refusals keep nobody from starting: an alarm says so, what a server cuts of them is copied aside first, and verification tells.
func TestDamagedRefusalsAreNoReasonNotToStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	i, c := alone(t, dir)
	c.book(t, registration(1))
	for n := range 9 { // what is registered already is refused
		body := strings.Replace(registration(1), "register-1", "again-"+strconv.Itoa(n), 1)
		if status, text, err := c.do(t.Context(), http.MethodPost, "/v1/commands", body); err != nil || status/100 != 4 {
			t.Fatalf("%d %s %v", status, text, err)
		}
	}
	if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := i.process.Wait(); err != nil {
		t.Fatal(err)
	}
	block := filepath.Join(dir, "log", "jetstream", "$G", "streams", ledger.RefusedStream(servedFund), "msgs", "1.blk")
	text, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	starts := recordsOf(t, text)
	damaged := bytes.Clone(text)
	damaged[starts[4]+60] ^= 0x10
	broken := map[string][]byte{"1.blk": damaged, "3.blk": bytes.Repeat([]byte("no record "), 100)}
	for name, text := range broken {
		if err := os.WriteFile(filepath.Join(filepath.Dir(block), name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The server reads the blocks where its index is gone, and cuts: the damage could be seen no more.
	if err := os.Remove(filepath.Join(filepath.Dir(block), "index.db")); err != nil {
		t.Fatal(err)
	}
	said := serving(t, dir, func(url string) {
		until(t, "readiness", func() error { return asker{url, ""}.answers(t, "/readyz", http.StatusOK, "ok") })
	})
	if !strings.Contains(said, "ALARM") || !strings.Contains(said, "REFUSED_") || !strings.Contains(said, "whole up to sequence 4") {
		t.Errorf("the service says\n%s", said)
	}
	copies, err := filepath.Glob(filepath.Join(dir, keptDir, "*", "*"))
	if err != nil || len(copies) != len(broken) {
		t.Fatalf("%v %v", copies, err)
	}
	for _, file := range copies {
		if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, broken[filepath.Base(file)]) {
			t.Errorf("the copy %s is not what there was: %v", file, err)
		}
	}
	if told, err := program(t, "verify", "--data", dir).CombinedOutput(); err != nil || !strings.Contains(string(told), copies[0]) || !strings.Contains(string(told), copies[1]) {
		t.Errorf("verification: %v\n%s", err, told)
	}
}
