package accounts_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

// Whatever is done to the accounts' log behind the back of who follows it: they halt, change nothing, take nobody's word for what the other log says,
// and know whom they knew.
func TestAccountsHaltOnALogThatIsNotTheOneTheyTookIn(t *testing.T) {
	for name, fork := range map[string][]string{"rolled back": nil, "forked to the same length": {"mallory"}, "forked, and longer": {"mallory", "oscar", "peggy"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listen, dir := "127.0.0.1:0", filepath.Join(t.TempDir(), "log")
			start := func(dir string) *eventstore.Server {
				s := must(eventstore.StartServer(eventstore.ServerConfig{Dir: dir, Listen: &listen, Username: "u", Password: "p"}))(t)
				listen = s.ClientURL()[len("nats://"):]
				return s
			}
			connect := func(s *eventstore.Server) *nats.Conn {
				nc := must(nats.Connect(s.ClientURL(), nats.UserInfo("u", "p"), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond)))(t)
				t.Cleanup(nc.Close)
				return nc
			}
			s := start(dir)
			one := instance(t, connect(s), nil, "root")
			check(t, one.Add(accounts.User{ID: "li.na", Grants: clerk}, right))
			s.Shutdown()
			older := filepath.Join(t.TempDir(), "older")
			check(t, os.CopyFS(older, os.DirFS(dir)))
			s = start(dir)
			check(t, one.Remove("li.na"))
			check(t, one.Add(accounts.User{ID: "wu", Grants: clerk}, right))
			check(t, one.CatchUp(t.Context()))
			s.Shutdown()
			if len(fork) > 0 { // on a port of its own: nobody else hears of it
				other := must(eventstore.StartServer(eventstore.ServerConfig{Dir: older, Listen: new(string)}))(t)
				nc := must(other.Connect())(t)
				by := must(accounts.Open(t.Context(), nc, accounts.Config{Fund: "test"}))(t)
				for _, name := range fork[1:] {
					check(t, by.Hand("root", accounts.CommandLine).Add(accounts.User{ID: domain.PersonID(name), Grants: clerk}, ""))
				}
				check(t, by.Hand("root", accounts.CommandLine).Add(accounts.User{ID: domain.PersonID(fork[0]), Grants: clerk}, ""))
				check(t, by.Hand("root", accounts.CommandLine).SetGrants("li.na", clerk))
				by.Close()
				nc.Close()
				other.Shutdown()
			}
			s = start(older)
			t.Cleanup(s.Shutdown)
			select {
			case <-one.Halted():
			case <-time.After(time.Minute):
				t.Fatal("nobody has noticed")
			}
			if err := one.Err(); !errors.Is(err, accounts.ErrContradicted) || !errors.Is(err, ledger.ErrContradicted) {
				t.Errorf("they halted with %v", err)
			}
			if err := one.Add(accounts.User{ID: "new", Grants: clerk}, ""); err == nil {
				t.Error("a change lies on another log")
			}
			for _, name := range fork {
				if _, ok := one.Find(domain.PersonID(name)); ok {
					t.Errorf("%s is taken for a user", name)
				}
			}
			if _, err := one.CheckPassword(t.Context(), "wu", right); !errors.Is(err, accounts.ErrContradicted) {
				t.Errorf("a password: %v", err)
			}
			if _, ok := one.Find("li.na"); ok {
				t.Error("who was removed is there again")
			}
			if _, ok := one.Find("wu"); !ok {
				t.Error("who was there is not")
			}
		})
	}
}

// A server that is away says nothing about the accounts.
func TestAccountsWhoseServerIsAwayHaltNot(t *testing.T) {
	listen, dir := "127.0.0.1:0", filepath.Join(t.TempDir(), "log")
	start := func() *eventstore.Server {
		s := must(eventstore.StartServer(eventstore.ServerConfig{Dir: dir, Listen: &listen, Username: "u", Password: "p"}))(t)
		listen = s.ClientURL()[len("nats://"):]
		return s
	}
	s := start()
	nc := must(nats.Connect(s.ClientURL(), nats.UserInfo("u", "p"), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond)))(t)
	t.Cleanup(nc.Close)
	one := instance(t, nc, nil, "root")
	check(t, one.Add(accounts.User{ID: "li.na", Grants: clerk}, ""))
	s.Shutdown()
	time.Sleep(ledgerPatience)
	s = start()
	t.Cleanup(s.Shutdown)
	check(t, one.Remove("li.na"))
	if err := one.Err(); err != nil {
		t.Error(err)
	}
}

// ledgerPatience is longer than a fault has to stand.
const ledgerPatience = 4 * time.Second
