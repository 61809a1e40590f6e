package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fundledger/fundledger/proof"
)

// patience is how long a program may take before it counts as stuck: no measure of the machine.
const patience = 5 * time.Minute

// serving runs the service as a process until work returns, and then ends it as an operator would. It returns what it said.
func serving(t *testing.T, dir string, work func(url string), flags ...string) string {
	t.Helper()
	return whileServing(t, func(url, _ string) { work(url) }, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--open-tiles"}, flags...)...)
}

// whileServing runs a command that serves as [serving] does; work is told what it said before, too.
func whileServing(t *testing.T, work func(url, said string), command ...string) string {
	t.Helper()
	c := program(t, command...)
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer watchdog.Stop()
	var text strings.Builder
	lines := bufio.NewScanner(said)
	address := regexp.MustCompile(`serving on (https?://\S+)`)
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			work(found[1], text.String())
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("serve: %v\n%s", err, text.String())
	}
	return text.String()
}

// refusedToServe runs the service where it should refuse to, and returns why.
func refusedToServe(t *testing.T, dir string) string {
	t.Helper()
	c := program(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer watchdog.Stop()
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 1 {
		t.Fatalf("exit status %d\n%s", code, said.String())
	}
	return said.String()
}

// fetched is what a service answers, as soon as it does.
func fetched(t *testing.T, url string) []byte {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // the first checkpoint is signed beside the start
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err == nil && answer.StatusCode == http.StatusOK {
			return body
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %s: %v\n%s", url, answer.Status, err, body)
		}
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func TestAServiceSignsItsLogAndRefusesOneThatIsNotWhatItSigned(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 300))
	verifier := regexp.MustCompile(`fundledger/\S+\+[0-9a-f]{8}\+\S+`)
	var note []byte
	said := serving(t, dir, func(url string) {
		fetched(t, url+"/readyz")
		note = fetched(t, url+"/checkpoint")
	})
	trust, err := proof.ParseTrust(verifier.FindString(said))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	signed, err := trust.Open(proof.Origin("elsewhere-2025"), note)
	if err != nil || signed.Size != 301 {
		t.Fatalf("%v: %d events are signed", err, signed.Size)
	}
	earlier := filepath.Join(t.TempDir(), "earlier")
	copyFolder(t, filepath.Join(dir, "log"), earlier)
	output(t, "import", "--data", dir, commandFile(t, 500))
	serving(t, dir, func(string) {}) // signs at its end
	if _, err := os.Stat(filepath.Join(dir, checkpointDir, "00000000000000000501")); err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(t.TempDir(), "later")
	copyFolder(t, filepath.Join(dir, "log"), later)

	copyFolder(t, earlier, filepath.Join(dir, "log"))
	if why := refusedToServe(t, dir); !strings.Contains(why, "ALARM") || !strings.Contains(why, "rolled back") {
		t.Errorf("the projections are ahead:\n%s", why)
	}
	if err := os.RemoveAll(filepath.Join(dir, "postgres")); err != nil {
		t.Fatal(err)
	}
	if why := refusedToServe(t, dir); !strings.Contains(why, "ALARM") || !strings.Contains(why, "rolled back") || !strings.Contains(why, "501") {
		t.Errorf("the projections were rolled back too:\n%s", why)
	}
	// Another history of the same length is a fork. No command books on a log that lacks what was signed, so its forger hides what was.
	kept, hidden := filepath.Join(dir, checkpointDir), filepath.Join(t.TempDir(), "hidden")
	if err := os.Rename(kept, hidden); err != nil {
		t.Fatal(err)
	}
	output(t, "import", "--data", dir, commandFile(t, 600))
	if err := errors.Join(os.RemoveAll(kept), os.Rename(hidden, kept)); err != nil {
		t.Fatal(err)
	}
	if why := refusedToServe(t, dir); !strings.Contains(why, "ALARM") || !strings.Contains(why, "rewritten") {
		t.Errorf("the log was written on after it was cut:\n%s", why)
	}
	copyFolder(t, later, filepath.Join(dir, "log"))
	if err := os.RemoveAll(filepath.Join(dir, "postgres")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, checkpointDir, "00000000000000000501")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(whole, []byte("501"), []byte("499"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if why := refusedToServe(t, dir); !strings.Contains(why, "cannot be believed") {
		t.Errorf("the checkpoint was forged:\n%s", why)
	}
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	serving(t, dir, func(url string) { note = fetched(t, url+"/checkpoint") }) // the log is restored, and all is well
	if again, err := trust.Open(proof.Origin("elsewhere-2025"), note); err != nil || again.Size != 501 {
		t.Errorf("after the log was restored: %v, %d", err, again.Size)
	}
}

// A log that was rolled back is booked on by no command: neither where its tables, nor where only its checkpoints go further.
func TestNoCommandBooksOnALogThatWasRolledBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	early := filepath.Join(t.TempDir(), "early")
	first := commandFile(t, 5)
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", first)
	copyFolder(t, filepath.Join(dir, "log"), early)
	register := func(id string) []string {
		return []string{"register", "--data", dir, "--enterprise", id, "--name", id, "--industry", "fishing", "--date", "2025-03-01", "--id", id}
	}
	output(t, register("E-1")...)
	output(t, register("E-2")...)
	output(t, "checkpoint", "--data", dir)
	back := func() {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
			t.Fatal(err)
		}
		copyFolder(t, early, filepath.Join(dir, "log"))
	}
	for _, lost := range []string{checkpointDir, "postgres"} {
		back()
		kept := filepath.Join(t.TempDir(), lost)
		if err := os.Rename(filepath.Join(dir, lost), kept); err != nil {
			t.Fatal(err)
		}
		for range 3 { // three would reach the old end
			if told := refusedTo(t, 1, register("F")...); !strings.Contains(told, "was cut or rolled back") {
				t.Errorf("without %s a command says: %s", lost, told)
			}
		}
		if told := refusedTo(t, 1, "import", "--data", dir, commandFile(t, 9)); !strings.Contains(told, "was cut or rolled back") {
			t.Errorf("without %s an import says: %s", lost, told)
		}
		_ = os.RemoveAll(filepath.Join(dir, lost)) // there may be none
		if err := os.Rename(kept, filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
	}
}

// A log that was rolled back and written on past its old end, with the tables made anew, is booked on by no command.
func TestNoCommandBooksOnAnotherHistory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	early := filepath.Join(t.TempDir(), "early")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 5))
	copyFolder(t, filepath.Join(dir, "log"), early)
	register := func(id string) []string {
		return []string{"register", "--data", dir, "--enterprise", id, "--name", id, "--industry", "fishing", "--date", "2025-03-01", "--id", id}
	}
	output(t, register("E-1")...)
	output(t, "checkpoint", "--data", dir)
	for _, gone := range []string{"log", "postgres"} {
		if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
	}
	copyFolder(t, early, filepath.Join(dir, "log"))
	signed, aside := filepath.Join(dir, checkpointDir), filepath.Join(t.TempDir(), "aside")
	if err := os.Rename(signed, aside); err != nil { // so that the other history can be written
		t.Fatal(err)
	}
	output(t, register("F-1")...)
	output(t, register("F-2")...)
	if err := os.RemoveAll(signed); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, signed); err != nil {
		t.Fatal(err)
	}
	if told := refusedTo(t, 1, register("F-3")...); !strings.Contains(told, "it was rewritten, or it is another ledger") {
		t.Errorf("a command says: %s", told)
	}
}
