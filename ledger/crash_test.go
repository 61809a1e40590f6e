package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

const (
	childFolder = "LEDGER_TEST_CHILD_FOLDER"
	childRound  = "LEDGER_TEST_CHILD_ROUND"
	crashers    = 8 // clients of the process that is killed
)

// runChild makes this process the one that is killed, when it was started as such: a server, a ledger and its clients,
// which print what was acknowledged, until the end.
func runChild() {
	dir := os.Getenv(childFolder)
	if dir == "" {
		return
	}
	fmt.Println("error", workForEver(dir, os.Getenv(childRound)))
	os.Exit(1)
}

func workForEver(dir, round string) error {
	s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir})
	if err != nil {
		return err
	}
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	ctx := context.Background()
	l, err := Open(ctx, nc, Config{Fund: fund})
	if err != nil {
		return err
	}
	l.DoAll(ctx, []Order{publish(), register("register", "e")})
	failed := make(chan error, crashers)
	var say sync.Mutex
	for client := range crashers {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%s-%d-%d", round, client, i)
				for _, r := range l.DoAll(ctx, crashOrders(name)) {
					if r.Err != nil {
						failed <- r.Err
						return
					}
					if r.Refusal == nil {
						say.Lock()
						fmt.Println("acked", name, r.Outcome.CommandID, r.Outcome.LastSeq)
						say.Unlock()
					}
				}
			}
		}()
	}
	return <-failed
}

// crashOrders are the commands of a name, always the same.
func crashOrders(name string) []Order {
	return []Order{submit(name, 10), approve("approve-"+name, name, 10)}
}

// acked is what the killed process printed of a command.
type acked struct {
	name string
	id   domain.CommandID
	seq  uint64
}

// A process that runs a server and a ledger is killed again and again in the middle of its work. Every command it
// acknowledged lies on the log where it said, none lies there twice, and asked again each is a repetition.
func TestAKilledLedgerKeepsWhatItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	var all []acked
	for round := range 5 {
		all = append(all, runUntilKilled(t, dir, fmt.Sprint(round), 1+rand.IntN(400))...)
		checkAfterCrash(t, dir, all)
	}
}

func checkAfterCrash(t *testing.T, dir string, all []acked) {
	t.Helper()
	s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	l, err := Open(t.Context(), nc, Config{Fund: fund})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before := last(t, l)
	at, _ := readAll(t, l.Log())
	var again []Order
	for _, a := range all {
		if at[a.id] != a.seq {
			t.Fatalf("%s was acknowledged at %d and lies at %d", a.id, a.seq, at[a.id])
		}
		again = append(again, crashOrders(a.name)...)
	}
	for i, r := range l.DoAll(t.Context(), again) {
		id := again[i].Command.Given().ID
		if o := mustBook(t, r); at[id] != 0 && (!o.Repeated || o.LastSeq != at[id]) {
			t.Fatalf("%s lies at %d, and asked again it is %+v", id, at[id], o)
		}
	}
	if len(again) > 0 && last(t, l) > before+uint64(len(again)/2) {
		t.Errorf("asking again moved the log from %d to %d", before, last(t, l))
	}
	_, state := readAll(t, l.Log())
	sameState(t, l, state)
}

// readAll folds the log by itself and says where each command lies.
func readAll(t testing.TB, log *eventstore.Log) (map[domain.CommandID]uint64, *domain.State) {
	t.Helper()
	at, state := map[domain.CommandID]uint64{}, domain.NewState()
	err := log.Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err != nil {
				return err
			}
			id := domain.CommandID(entry.Envelope.CommandID)
			if at[id] != 0 && (entry.Envelope.Index == 0 || at[id] != r.Seq-1) {
				return fmt.Errorf("command %s lies on the log at %d and at %d", id, at[id], r.Seq)
			}
			at[id] = r.Seq
			domain.Apply(state, entry.Event, entry.Deed())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return at, state
}

// runUntilKilled starts the child, kills it a moment after some acknowledgements, and returns all it printed.
func runUntilKilled(t *testing.T, dir, round string, after int) []acked {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir, childRound+"="+round)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(patience, func() { _ = child.Process.Kill() })
	defer killer.Stop()
	var all []acked
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a acked
		if _, err := fmt.Sscanf(lines.Text(), "acked %s %s %d", &a.name, &a.id, &a.seq); err != nil {
			t.Errorf("the child says: %s", lines.Text())
			continue
		}
		if all = append(all, a); len(all) == after {
			time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Errorf("the child ended with %v, not by the kill", err)
	}
	return all
}
