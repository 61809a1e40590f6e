package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// An instance that decides nothing follows the log all the same.
func TestAnInstanceThatDecidesNothingFollowsTheLog(t *testing.T) {
	_, nc := server(t)
	first, second := opened(t, nc), openWith(t, nc, Config{Fund: fund})
	booked := mustBook(t, first.Do(t.Context(), submit("a", 10)))
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		known := false
		if err := second.View(t.Context(), func(s *domain.State, _ uint64) { _, known = s.Application("a") }); err != nil {
			t.Fatal(err)
		}
		if known {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it was not asked to decide, and knows nothing of what the other one booked")
		}
	}
	booked = mustBook(t, first.Do(t.Context(), submit("b", 10)))
	if err := second.Reach(t.Context(), booked.LastSeq); err != nil {
		t.Fatal(err)
	}
	if err := second.View(t.Context(), func(s *domain.State, position uint64) {
		if _, known := s.Application("b"); !known || position < booked.LastSeq {
			t.Errorf("at %d, and event %d was waited for", position, booked.LastSeq)
		}
	}); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := second.Reach(short, booked.LastSeq+1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it reached what is not there: %v", err)
	}
}

// swappable is a server whose folder can be another when it comes back.
func swappable(t *testing.T) (start func(dir string), stop func(), nc *nats.Conn) {
	t.Helper()
	listen := "127.0.0.1:0"
	var s *eventstore.Server
	start = func(dir string) {
		t.Helper()
		var err error
		if s, err = eventstore.StartServer(eventstore.ServerConfig{Dir: dir, Listen: &listen, Username: "u", Password: "p"}); err != nil {
			t.Fatal(err)
		}
		listen = s.ClientURL()[len("nats://"):]
	}
	start(filepath.Join(t.TempDir(), "log"))
	t.Cleanup(func() { s.Shutdown() })
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("u", "p"), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return start, func() { s.Shutdown() }, nc
}

// copied is a copy of a folder, as somebody takes one to put it back later.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// Whatever is done to the log behind the back of a ledger that runs, it halts: the one that decides, and the one that only follows.
func TestALedgerHaltsOnALogThatIsNotTheOneItTookIn(t *testing.T) {
	book := func(t *testing.T, dir string, applications ...string) {
		t.Helper()
		s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir, Listen: new(string)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Shutdown()
		nc, err := s.Connect()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		l := opened(t, nc)
		defer l.Close()
		for _, id := range applications {
			mustBook(t, l.Do(t.Context(), submit(id, 10)))
		}
	}
	update := func(t *testing.T, nc *nats.Conn, subject string, change func(config map[string]any)) {
		t.Helper()
		answer, err := nc.Request("$JS.API.STREAM.INFO."+StreamName(fund), nil, patience)
		if err != nil {
			t.Fatal(err)
		}
		var info struct{ Config map[string]any }
		if err := json.Unmarshal(answer.Data, &info); err != nil {
			t.Fatal(err)
		}
		change(info.Config)
		request, err := json.Marshal(info.Config)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"STREAM.DELETE.", "STREAM.CREATE."} {
			if subject != "" {
				to = subject
			}
			body := request
			if to == "STREAM.DELETE." {
				body = nil
			}
			answer, err := nc.Request("$JS.API."+to+StreamName(fund), body, patience)
			if err != nil {
				t.Fatal(err)
			}
			var failed struct{ Error *struct{ Description string } }
			if err := json.Unmarshal(answer.Data, &failed); err != nil || failed.Error != nil {
				t.Fatalf("%s %s", to, answer.Data)
			}
			if subject != "" {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		attack func(t *testing.T, start func(string), stop func(), nc *nats.Conn, older string)
		want   error
	}{
		"rolled back": {func(t *testing.T, start func(string), stop func(), _ *nats.Conn, older string) {
			stop()
			start(older)
		}, eventstore.ErrShort},
		"rolled back and grown again to the same length": {func(t *testing.T, start func(string), stop func(), _ *nats.Conn, older string) {
			stop()
			book(t, older, "other")
			start(older)
		}, errOther},
		"rolled back and grown longer": {func(t *testing.T, start func(string), stop func(), _ *nats.Conn, older string) {
			stop()
			book(t, older, "other", "another", "third")
			start(older)
		}, errOther},
		"deleted, and another made": {func(t *testing.T, _ func(string), _ func(), nc *nats.Conn, _ string) {
			update(t, nc, "", func(map[string]any) {})
		}, eventstore.ErrShort},
		"cut at its beginning": {func(t *testing.T, _ func(string), _ func(), nc *nats.Conn, _ string) {
			update(t, nc, "", func(config map[string]any) { config["first_seq"] = 100 })
		}, nil},
		"set otherwise": {func(t *testing.T, _ func(string), _ func(), nc *nats.Conn, _ string) {
			update(t, nc, "STREAM.UPDATE.", func(config map[string]any) { config["max_msgs"] = 1_000_000 })
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			start, stop, nc := swappable(t)
			stop()
			dir := filepath.Join(t.TempDir(), "log")
			start(dir)
			decides := opened(t, nc)
			follows := openWith(t, nc, Config{Fund: fund})
			mustBook(t, decides.Do(t.Context(), submit("a", 10)))
			stop()
			older := copied(t, dir)
			start(dir)
			booked := mustBook(t, decides.Do(t.Context(), submit("b", 10)))
			if err := follows.Reach(t.Context(), booked.LastSeq); err != nil {
				t.Fatal(err)
			}
			c.attack(t, start, stop, nc, older)
			for who, l := range map[string]*Ledger{"who decides": decides, "who follows": follows} {
				select {
				case <-l.Halted():
				case <-time.After(patience):
					t.Fatalf("%s has not noticed", who)
				}
				if err := l.Err(); !errors.Is(err, ErrContradicted) || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("%s has halted with %v", who, err)
				}
				for _, order := range []Order{submit("c", 10), submit("a", 10), approve("x", "unknown", 1)} {
					if r := l.Do(t.Context(), order); !errors.Is(r.Err, ErrContradicted) {
						t.Errorf("%s answers %+v", who, r)
					}
				}
			}
		})
	}
}

// From the first sign on, before the ledger halts, nothing is acknowledged on a log that is another.
func TestALostRaceIsHeldAgainstWhatWasTakenIn(t *testing.T) {
	start, stop, nc := swappable(t)
	stop()
	dir := filepath.Join(t.TempDir(), "log")
	start(dir)
	l := openWith(t, nc, Config{Fund: fund, period: time.Hour}) // nobody looks: the race tells
	opened(t, nc).Close()
	stop()
	older := copied(t, dir)
	start(dir)
	mustBook(t, l.Do(t.Context(), submit("a", 10)))
	stop()
	start(older)
	other := openWith(t, nc, Config{Fund: fund})
	mustBook(t, other.Do(t.Context(), submit("b", 10)))
	mustBook(t, other.Do(t.Context(), submit("c", 10)))
	if r := l.Do(t.Context(), submit("d", 10)); !errors.Is(r.Err, ErrContradicted) {
		t.Errorf("on another log it answers %+v", r)
	}
}

// A server that is away says nothing about the log.
func TestALedgerWhoseServerIsAwayHaltsNot(t *testing.T) {
	restart, stop, nc := restartable(t)
	l := openWith(t, nc, Config{Fund: fund, period: time.Millisecond, standing: time.Millisecond})
	opened(t, nc).Close()
	mustBook(t, l.Do(t.Context(), submit("a", 10)))
	for range 3 {
		stop()
		time.Sleep(20 * time.Millisecond)
		restart()
		for _, r := range l.DoAll(t.Context(), []Order{submit("a", 10), submit("b", 10)}) {
			if errors.Is(r.Err, ErrContradicted) {
				t.Fatal(r.Err)
			}
		}
	}
	if err := l.Err(); err != nil {
		t.Error(err)
	}
}

// A decider that has no time for a question is not a log whose servers are silent; and it hides none that are.
func TestABusyDeciderIsNoLogThatIsAway(t *testing.T) {
	t.Parallel()
	_, stop, nc := restartable(t)
	l := opened(t, nc)
	ctx, free := context.WithCancel(t.Context())
	defer free()
	held, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- l.View(ctx, func(*domain.State, uint64) { close(held); <-ctx.Done() })
	}()
	<-held
	for end := time.Now().Add(sentryAbsence + sentryRequest + time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err := l.Away(); err != nil {
			t.Fatalf("its servers answer, and it says %v", err)
		}
	}
	stop()
	for end := time.Now().Add(patience); l.Away() == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("its servers are away, and the busy decider hides it")
		}
	}
	free()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What another instance took in and projected binds this one too, though it had not read it yet when the log was rolled back, or forked there.
func TestALedgerHaltsOnALogThatIsNotTheOneThatOthersProjected(t *testing.T) {
	_, nc := server(t)
	opened(t, nc).Close()
	l := openWith(t, nc, Config{Fund: fund, period: time.Hour, standing: 10 * time.Millisecond}) // it looks when the test does
	booked := mustBook(t, l.Do(t.Context(), submit("a", 10)))
	r, err := l.Log().Get(t.Context(), booked.LastSeq)
	if err != nil {
		t.Fatal(err)
	}
	leaf := eventstore.LeafHash(r)
	l.Hold(booked.LastSeq, leaf)
	if err := l.look(); err != nil {
		t.Fatalf("of what lies there: %v", err)
	}
	mustBook(t, l.Do(t.Context(), submit("b", 10)))
	another := leaf
	another[0]++
	for name, held := range map[string]func(){
		"another event": func() { l.Hold(booked.LastSeq, another) },
		"one more":      func() { l.Hold(booked.LastSeq+100, leaf) },
	} {
		held()
		if err := l.look(); !errors.Is(err, ErrContradicted) {
			t.Errorf("%s: %v", name, err)
		}
		if result := l.Do(t.Context(), submit("c", 10)); !errors.Is(result.Err, ErrContradicted) {
			t.Errorf("%s: booked on another log: %+v", name, result)
		}
	}
}

// A log that was put back while the servers were away, and grown again to where a ledger stands by one that had not read it, has the position that
// the guard asks for. Nothing is booked on it, nor answered by what was taken in.
func TestNothingIsBookedOnALogThatWasForkedToTheSameLength(t *testing.T) {
	start, stop, nc := swappable(t)
	opened(t, nc).Close()
	stop()
	dir := filepath.Join(t.TempDir(), "log")
	start(dir)
	first := opened(t, nc)
	mustBook(t, first.Do(t.Context(), submit("a", 10)))
	first.Close()
	stop()
	older := copied(t, dir)
	start(dir)
	l := openWith(t, nc, Config{Fund: fund, period: time.Hour}) // it does not look by itself
	booked := mustBook(t, l.Do(t.Context(), submit("b", 10)))
	stop()
	start(older)
	by, err := nats.Connect(nc.Servers()[0], nats.UserInfo("u", "p"))
	if err != nil {
		t.Fatal(err)
	}
	defer by.Close()
	other := openWith(t, by, Config{Fund: fund, period: time.Hour})
	if forked := mustBook(t, other.Do(t.Context(), submit("c", 10))); forked.LastSeq != booked.LastSeq {
		t.Fatalf("the other one books at %d, not at %d", forked.LastSeq, booked.LastSeq)
	}
	for name, o := range map[string]Order{"another": submit("d", 10), "the one that is lost": submit("b", 10), "one to be refused": approve("x", "nowhere", 10)} {
		if r := l.Do(t.Context(), o); !errors.Is(r.Err, ErrContradicted) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
