package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

// program is the real program, as a process of its own that can be killed.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "fundledger") // under this name the test's binary is the program
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(link, args...)
	c.Env = append(os.Environ(), "FUNDLEDGER_LANG=en", "FUNDLEDGER_ACTOR=officer")
	return c
}

// commandFile is a file of valid commands.
func commandFile(t *testing.T, n int) string {
	t.Helper()
	policy, err := policies.Named("elsewhere-2025")
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	for c := range demo.Load(policy, n, 3) {
		text, err := wire.EncodeCommand(c)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(text, '\n'))
	}
	path := filepath.Join(t.TempDir(), "load.jsonl")
	if err := os.WriteFile(path, lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func output(t *testing.T, args ...string) []byte {
	t.Helper()
	c := program(t, args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("fundledger %v: %v\n%s", args, err, stderr.String())
	}
	return out
}

// untilGrown waits until the log in a folder has grown by so many bytes, or its writer has ended.
func untilGrown(t *testing.T, dir string, bytes int64, ended <-chan struct{}) {
	t.Helper()
	size := func() (sum int64) {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".blk" {
				if info, err := d.Info(); err == nil { // a file that is gone meanwhile counts as nothing
					sum += info.Size()
				}
			}
			return nil
		})
		return sum
	}
	from := size()
	for end := time.Now().Add(patience); size() < from+bytes; time.Sleep(5 * time.Millisecond) {
		select {
		case <-ended:
			return
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the log in %s does not grow by %d bytes", dir, bytes)
		}
	}
}

// An import that is killed again and again, and then finished, comes to the same as one that never was: every command once.
func TestAnImportThatIsKilledIsFinishedByImportingAgain(t *testing.T) {
	t.Parallel()
	const n = 15_000
	file := commandFile(t, n)
	dirs := t.TempDir()
	killed, whole := filepath.Join(dirs, "killed"), filepath.Join(dirs, "whole")
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for life := range 5 {
		c := program(t, "import", "--data", killed, "--policy", "elsewhere-2025", file)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = c.Wait() // it was killed, unless it was quicker
		}()
		// The first dies somewhere at its start. The others get ahead by bytes of the log and not by time, which a slow machine
		// would use up before the first command; the moment of death within the next ones is chance.
		if life > 0 {
			untilGrown(t, killed, 1+random.Int64N(2<<20), ended)
		}
		time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		<-ended
	}
	var sum imported
	if err := json.Unmarshal(output(t, "import", "--data", killed, "--policy", "elsewhere-2025", "--format", "json", file), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Lines != n || sum.Accepted+sum.Repeated != n || sum.Refused != 0 || sum.LastSeq != n+1 {
		t.Errorf("the last import: %+v", sum)
	}
	if t.Logf("booked before the last kill: %d of %d", sum.Repeated, n); sum.Repeated == 0 {
		t.Error("nothing was booked before the kills: nothing is proven")
	}
	output(t, "import", "--data", whole, "--policy", "elsewhere-2025", file)
	for _, question := range [][]string{{"totals"}, {"accounts"}, {"list", "journal"}} {
		var answers [2][]byte
		for i, dir := range []string{killed, whole} {
			answers[i] = output(t, append(question, "--data", dir, "--format", "json")...)
		}
		if question[0] == "list" { // the moments of recording differ
			answers[0], answers[1] = withoutMoments(t, answers[0]), withoutMoments(t, answers[1])
		}
		if !bytes.Equal(answers[0], answers[1]) {
			t.Errorf("%v differ after the kills", question)
		}
	}
	output(t, "rebuild", "--data", killed, "--dry-run") // fails where the projections are not what the log says
}

func withoutMoments(t *testing.T, rows []byte) []byte {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(rows, &list); err != nil {
		t.Fatal(err)
	}
	for _, row := range list {
		delete(row, "recorded_at")
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
