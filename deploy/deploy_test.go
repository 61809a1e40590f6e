// Package deploy tests the configuration that lies in this folder as it is used: three NATS servers run from it, and a PostgreSQL
// runs its script.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/eventstore"
)

// Digits only: a password that a careless configuration would read as a number.
var passwords = map[string]string{"fundledger": "1111", "operator": "2222", "analyst": "3333", "route": "4444"}

const (
	fund     = "changning-2024"
	stream   = "FUND_" + fund
	patience = 2 * time.Minute // before anything counts as stuck: no measure of the machine
)

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until ok or the deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx := deadline(t)
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// setEnvironment sets what docker-compose.yml sets, with the ports of this test.
func setEnvironment(t *testing.T, routePassword string, ports []int) {
	t.Helper()
	var routes []string
	for _, port := range ports {
		routes = append(routes, fmt.Sprintf("%q", fmt.Sprintf("nats://route:%s@127.0.0.1:%d", routePassword, port)))
	}
	t.Setenv("NATS_ROUTES", "["+strings.Join(routes, ", ")+"]")
	t.Setenv("NATS_ROUTE_PASSWORD", `"`+routePassword+`"`)
	t.Setenv("NATS_SERVICE_PASSWORD", `"`+passwords["fundledger"]+`"`)
	t.Setenv("NATS_OPERATOR_PASSWORD", `"`+passwords["operator"]+`"`)
	t.Setenv("NATS_ANALYST_PASSWORD", `"`+passwords["analyst"]+`"`)
}

// node runs a server from the configuration; only addresses, the folder and where it logs are the test's.
func node(t *testing.T, name string, routePort int, log server.Logger) *server.Server {
	t.Helper()
	t.Setenv("NATS_NAME", `"`+name+`"`)
	opts, err := server.ProcessConfigFile(filepath.Join("nats", "server.conf"))
	if err != nil {
		t.Fatal(err)
	}
	opts.Host, opts.Port = "127.0.0.1", server.RANDOM_PORT
	opts.HTTPHost, opts.HTTPPort = "127.0.0.1", server.RANDOM_PORT
	opts.Cluster.Host, opts.Cluster.Port = "127.0.0.1", routePort
	opts.StoreDir = t.TempDir()
	opts.NoSigs = true
	running, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	running.SetLogger(log, false, false)
	running.Start()
	t.Cleanup(func() { running.Shutdown(); running.WaitForShutdown() })
	return running
}

// errorLog keeps what a server reports as an error.
type errorLog struct {
	mu     sync.Mutex
	errors []string
}

func (l *errorLog) Errorf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errors = append(l.errors, fmt.Sprintf(format, v...))
}
func (l *errorLog) Noticef(string, ...any) {}
func (l *errorLog) Warnf(string, ...any)   {}
func (l *errorLog) Fatalf(string, ...any)  {}
func (l *errorLog) Debugf(string, ...any)  {}
func (l *errorLog) Tracef(string, ...any)  {}

func (l *errorLog) has(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.errors, func(line string) bool { return strings.Contains(line, words) })
}

// cluster runs the three nodes and waits until they have a leader.
func cluster(t *testing.T) []*server.Server {
	t.Helper()
	ports := freePorts(t, 3)
	setEnvironment(t, passwords["route"], ports)
	var nodes []*server.Server
	for i, port := range ports {
		nodes = append(nodes, node(t, fmt.Sprintf("nats-%d", i+1), port, &errorLog{}))
	}
	eventually(t, "a leader of three", func() bool {
		for _, n := range nodes {
			if n.JetStreamIsLeader() && len(n.JetStreamClusterPeers()) == len(nodes) {
				return true
			}
		}
		return false
	})
	return nodes
}

func connect(t *testing.T, nodes []*server.Server, user string) *nats.Conn {
	t.Helper()
	var urls []string
	for _, n := range nodes {
		urls = append(urls, n.ClientURL())
	}
	nc, err := nats.Connect(strings.Join(urls, ","), nats.UserInfo(user, passwords[user]),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // the tests ask LastError
	if err != nil {
		t.Fatalf("connecting as %s: %v", user, err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// refused says whether the server let the last thing pass: its error, if any, arrives before its answer to the flush.
func refused(t *testing.T, nc *nats.Conn, subject string) bool {
	t.Helper()
	if err := nc.FlushWithContext(deadline(t)); err != nil {
		t.Fatal(err)
	}
	err := nc.LastError()
	return errors.Is(err, nats.ErrPermissionViolation) && strings.Contains(err.Error(), fmt.Sprintf("%q", subject))
}

func publishIsRefused(t *testing.T, nc *nats.Conn, subject string) bool {
	t.Helper()
	if err := nc.Publish(subject, nil); err != nil {
		t.Fatal(err)
	}
	return refused(t, nc, subject)
}

func subscribeIsRefused(t *testing.T, nc *nats.Conn, subject string) bool {
	t.Helper()
	sub, err := nc.SubscribeSync(subject)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }() // a refused one is gone already
	return refused(t, nc, subject)
}

// createStreams does what streams.sh does.
func createStreams(t *testing.T, nodes []*server.Server) {
	t.Helper()
	operator := connect(t, nodes, "operator")
	for name, file := range map[string]string{stream: "stream", "REFUSED_" + fund: "stream", "ACCOUNTS_" + fund: "stream", "KEPT_" + fund: "shelf", "OBJ_FILES_" + fund: "stream"} {
		subject := strings.ToLower(strings.TrimSuffix(name, fund)[:len(name)-len(fund)-1]) + "." + fund + ".>"
		if name == "OBJ_FILES_"+fund {
			subject = `$O.FILES_` + fund + `.C.>", "$O.FILES_` + fund + `.M.>`
		}
		request := strings.NewReplacer("@NAME@", name, "@SUBJECT@", subject).Replace(readText(t, "nats/"+file+".json"))
		answer, err := operator.RequestWithContext(deadline(t), "$JS.API.STREAM.CREATE."+name, []byte(request))
		if err != nil || strings.Contains(string(answer.Data), `"error"`) {
			t.Fatalf("creating stream %s: %s, %v", name, answer.Data, err)
		}
	}
}

// openLog opens the log as the service, on a cluster whose streams the operator has created: every setting is as the service wants it.
func openLog(t *testing.T, nodes []*server.Server) *eventstore.Log {
	t.Helper()
	createStreams(t, nodes)
	nc := connect(t, nodes, "fundledger")
	var logs []*eventstore.Log
	for _, c := range []eventstore.Config{
		{Stream: stream, Subjects: []string{"fund." + fund + ".>"}, Replicas: 3},
		{Stream: "REFUSED_" + fund, Subjects: []string{"refused." + fund + ".>"}, Replicas: 3},
		{Stream: "ACCOUNTS_" + fund, Subjects: []string{"accounts." + fund + ".>"}, Replicas: 3},
	} {
		log, err := eventstore.Open(deadline(t), nc, c)
		if err != nil {
			t.Fatalf("opening %s as the service: %v", c.Stream, err)
		}
		logs = append(logs, log)
	}
	shelf, err := eventstore.OpenShelf(deadline(t), nc, eventstore.Config{Stream: "KEPT_" + fund, Subjects: []string{"kept." + fund + ".>"}, Replicas: 3})
	if err == nil {
		err = errors.Join(shelf.Put(deadline(t), "session.x", []byte("x"), time.Hour), shelf.Take(deadline(t), "session.x"))
	}
	if err != nil {
		t.Fatalf("the shelf, as the service: %v", err)
	}
	files, err := eventstore.OpenFiles(deadline(t), nc, "FILES_"+fund, eventstore.Config{Replicas: 3})
	if err == nil {
		var hash string
		if hash, err = files.Keep(deadline(t), []byte("x")); err == nil {
			_, err = files.Get(deadline(t), hash)
		}
	}
	if err != nil {
		t.Fatalf("the store of attachments, as the service: %v", err)
	}
	return logs[0]
}

func event(i int) eventstore.Draft {
	id := fmt.Sprint("command-", i)
	return eventstore.Draft{
		Subject: "fund." + fund + ".enterprise.e" + fmt.Sprint(i) + ".registered",
		Envelope: eventstore.Envelope{
			ID: eventstore.EventID(id, 0), Source: "/funds/" + fund, Type: "registered", Version: 1,
			Time: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), Subject: "enterprise/e" + fmt.Sprint(i),
			Command: "register_enterprise", CommandID: id, CommandHash: strings.Repeat("0", 64), Count: 1,
		},
		Data: []byte(`{}`),
	}
}
