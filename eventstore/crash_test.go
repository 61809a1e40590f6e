package eventstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const childFolder = "EVENTSTORE_TEST_CHILD_FOLDER"

// runChild makes this process the one TestKilledServer kills, when it was started as such: a server and a writer that
// prints what was acknowledged, until the end.
func runChild() {
	dir := os.Getenv(childFolder)
	if dir == "" {
		return
	}
	fmt.Println("error", writeForEver(dir))
	os.Exit(1)
}

func writeForEver(dir string) error {
	s, err := StartServer(ServerConfig{Dir: dir})
	if err != nil {
		return err
	}
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	ctx := context.Background()
	l, err := Open(ctx, nc, crashConfig)
	if err != nil {
		return err
	}
	last, err := l.Last(ctx)
	for i := 0; err == nil; i++ {
		drafts := command(fmt.Sprintf("%d-%d", os.Getpid(), i), 1+i%7)
		if last, err = l.Append(ctx, last, drafts); err == nil {
			fmt.Println("acked", last, strings.Join(ids(drafts), " "))
		}
	}
	return err
}

var crashConfig = Config{Stream: "CRASH", Subjects: []string{"fund.test.>"}}

// TestKilledServer kills a process that runs the server, again and again, in the middle of its appends. What it printed as
// acknowledged lies on the log; a command lies there whole or not at all; positions go on without a gap.
func TestKilledServer(t *testing.T) {
	dir := t.TempDir()
	var acks []ack
	for range 6 {
		acks = append(acks, runUntilKilled(t, dir, 1+rand.IntN(60))...)
		s := must[*Server](t)(StartServer(ServerConfig{Dir: dir}))
		nc, err := s.Connect()
		check(t, err)
		records := all(t, must[*Log](t)(Open(deadline(t), nc, crashConfig)))
		nc.Close()
		s.Shutdown()
		checkAcked(t, records, acks)
		if whole := wholeCommands(records, len(records)); whole != len(records) {
			t.Errorf("the log ends inside a command, %d of %d events", whole, len(records))
		}
	}
}

// checkAcked is checkAcks without its last word: the killed process may have written what it could no longer say.
func checkAcked(t *testing.T, records []Record, acks []ack) {
	t.Helper()
	for _, a := range acks {
		for i, id := range a.ids {
			seq := a.last - uint64(len(a.ids)-1-i)
			if seq < 1 || seq > uint64(len(records)) || eventID(t, records[seq-1]) != id {
				t.Fatalf("event %s was acknowledged at %d and is not there; the log ends at %d", id, seq, len(records))
			}
		}
	}
}

// runUntilKilled starts the child, kills it a moment after some acknowledgements, and returns all it printed.
func runUntilKilled(t *testing.T, dir string, after int) []ack {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	killer := time.AfterFunc(patience, func() { _ = child.Process.Kill() })
	defer killer.Stop()
	var acks []ack
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var a ack
		words := strings.Fields(lines.Text())
		if len(words) < 3 || words[0] != "acked" {
			t.Errorf("the child says: %s", lines.Text())
			continue
		}
		if _, err := fmt.Sscan(words[1], &a.last); err != nil {
			t.Errorf("the child says: %s", lines.Text())
			continue
		}
		a.ids = words[2:]
		if acks = append(acks, a); len(acks) == after {
			time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Errorf("the child ended with %v, not by the kill", err)
	}
	return acks
}
