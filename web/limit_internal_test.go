package web

import (
	"log/slog"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/eventstore"
)

// While the shelf is away an instance counts for itself: who guesses waits, and nobody else does. It counts on from there when the shelf is back.
func TestAnInstanceWithoutAShelfCountsGuessesForItself(t *testing.T) {
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir(), Listen: new(string)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	start := time.Now()
	instance := func() (*logins, func()) {
		nc, err := server.Connect()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		shelf, err := accounts.OpenShelf(t.Context(), nc, accounts.Config{Fund: "test"}, false)
		if err != nil {
			t.Fatal(err)
		}
		return newLogins(func() time.Time { return start }, shelf, slog.New(slog.DiscardHandler)), nc.Close
	}
	one, away := instance()
	other, _ := instance()
	guesser, person := gatesOf("li.na", "192.0.2.1", false), gatesOf("li.na", "192.0.2.2", false)
	try := func(l *logins, gates []gate, free int) {
		t.Helper()
		for i := range free {
			if wait := l.begin(t.Context(), gates); wait > 0 {
				t.Fatalf("try %d waits %v", i, wait)
			}
		}
	}
	waits := func(l *logins) {
		t.Helper()
		if wait := l.begin(t.Context(), guesser); wait <= 0 {
			t.Error("a guesser is let on")
		}
	}
	try(one, guesser, 2)
	try(other, guesser, 1)
	away()
	try(one, guesser, 3) // it knew of its own two
	waits(one)
	try(one, person, 1)
	one.succeeded(t.Context(), person)
	if one.shelf = other.shelf; one.tried[guesser[0].key].Count != 5 {
		t.Errorf("%+v", one.tried)
	}
	waits(one) // the shelf says three
	try(other, guesser, 2)
	waits(other)
	other.succeeded(t.Context(), guesser)
	try(other, guesser, 4)
}
