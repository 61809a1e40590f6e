package main

import (
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A NATS that refuses the service's user for a while, as one that starts with its old configuration does, and one whose machine is gone without a word,
// are come back to by themselves.
func TestTheConnectionToNATSOutlivesRefusalsAndSilence(t *testing.T) {
	t.Parallel()
	start := func(port int, password string) *server.Server {
		ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, Username: "ledger", Password: password, NoSigs: true, NoLog: true})
		if err != nil {
			t.Fatal(err)
		}
		ns.Start()
		if !ns.ReadyForConnections(10 * time.Second) {
			t.Fatal("the server does not come up")
		}
		t.Cleanup(ns.Shutdown)
		return ns
	}
	ns := start(server.RANDOM_PORT, "right")
	address := ns.Addr().(*net.TCPAddr)
	in := &infrastructure{}
	s := &Settings{NATS: ns.ClientURL(), NATSUser: "ledger", NATSPassword: "right", logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if err := s.connect(in); err != nil {
		t.Fatal(err)
	}
	defer in.close()
	ns.Shutdown()
	ns.WaitForShutdown()
	other := start(address.Port, "wrong")
	time.Sleep(2500 * time.Millisecond)
	if in.nc.IsClosed() {
		t.Fatal("it gave up")
	}
	other.Shutdown()
	other.WaitForShutdown()
	start(address.Port, "right")
	for end := time.Now().Add(10 * time.Second); !in.nc.IsConnected(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come back: %v", in.nc.LastError())
		}
	}
	if silence := in.nc.Opts.PingInterval * time.Duration(in.nc.Opts.MaxPingsOut+1); silence > 15*time.Second {
		t.Errorf("a server that is gone without a word is noticed after %s", silence)
	}
}
