package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/pgserver"
)

// clusterPasswords are digits only: passwords that a careless configuration would read as numbers.
var clusterPasswords = map[string]string{"fundledger": "1111", "operator": "2222", "analyst": "3333", "route": "4444"}

// natsCluster is three nats-server processes on the configuration of deploy/, and the streams of a fund on them.
type natsCluster struct {
	t      *testing.T
	nodes  []*natsNode
	cables []*cable
}

type natsNode struct {
	name, dir           string
	client, http, route int
	env                 []string
	process             *exec.Cmd
}

// startCluster runs three nodes and does what deploy/nats/streams.sh does. Each goes to the others over cables, which may be cut.
func startCluster(t *testing.T, fund string) *natsCluster {
	t.Helper()
	ports := freePorts(t, 9)
	c := &natsCluster{t: t}
	for i := range 3 {
		n := &natsNode{name: fmt.Sprintf("nats-%d", i+1), dir: t.TempDir(), route: ports[i], client: ports[3+i], http: ports[6+i]}
		var routes []string
		for j := range 3 {
			if j != i {
				to := newCable(t, fmt.Sprintf("127.0.0.1:%d", ports[j]))
				c.cables = append(c.cables, to)
				to.ends = [2]int{i, j}
				routes = append(routes, fmt.Sprintf("%q", fmt.Sprintf("nats://route:%s@%s", clusterPasswords["route"], to.address)))
			}
		}
		n.env = append(os.Environ(), "NATS_ROUTES=["+strings.Join(routes, ", ")+"]", fmt.Sprintf("NATS_NAME=%q", n.name))
		for name, of := range map[string]string{"NATS_ROUTE_PASSWORD": "route", "NATS_SERVICE_PASSWORD": "fundledger", "NATS_OPERATOR_PASSWORD": "operator", "NATS_ANALYST_PASSWORD": "analyst"} {
			n.env = append(n.env, fmt.Sprintf("%s=%q", name, clusterPasswords[of]))
		}
		c.nodes = append(c.nodes, n)
		c.start(n)
	}
	c.createStreams(fund)
	return c
}

// part cuts every cable of a node, or joins them again.
func (c *natsCluster) part(node int, cut bool) {
	for _, k := range c.cables {
		if k.ends[0] == node || k.ends[1] == node {
			k.set(cut)
		}
	}
}

// cable carries connections to an address until it is cut.
type cable struct {
	address string
	ends    [2]int

	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &cable{address: listener.Addr().String(), open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		k.set(true)
	})
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go k.carry(from, to)
		}
	}()
	return k
}

func (k *cable) carry(from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	k.mu.Lock()
	k.open[from], k.open[to] = true, true
	cut := k.cut
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.open, from)
		delete(k.open, to)
		k.mu.Unlock()
	}()
	if cut {
		return
	}
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
}

func (k *cable) set(cut bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cut = cut; cut {
		for c := range k.open {
			_ = c.Close()
		}
	}
}

// start runs one node: the configuration is deploy's, only addresses and the folder are the test's.
func (c *natsCluster) start(n *natsNode) {
	c.t.Helper()
	for _, file := range []string{"server.conf", "accounts.conf"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nats", file))
		if err != nil {
			c.t.Fatal(err)
		}
		text = bytes.Replace(text, []byte(`store_dir: "/data"`), fmt.Appendf(nil, "store_dir: %q", filepath.Join(n.dir, "data")), 1)
		if err := os.WriteFile(filepath.Join(n.dir, file), text, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	n.process = named(c.t, "nats-server", "--config", filepath.Join(n.dir, "server.conf"), "--addr", "127.0.0.1",
		"--port", fmt.Sprint(n.client), "--http_port", fmt.Sprint(n.http), "--cluster", fmt.Sprintf("nats://127.0.0.1:%d", n.route),
		"--cluster_advertise", "127.0.0.1:9") // nobody finds a way past the cables
	n.process.Env = n.env
	launch(c.t, n.process)
}

// urls are the addresses of every node, as --nats takes them.
func (c *natsCluster) urls() string {
	var list []string
	for _, n := range c.nodes {
		list = append(list, fmt.Sprintf("nats://127.0.0.1:%d", n.client))
	}
	return strings.Join(list, ",")
}

// operator connects as the person who looks after streams.
func (c *natsCluster) operator() *nats.Conn {
	c.t.Helper()
	nc, err := nats.Connect(c.urls(), nats.UserInfo("operator", clusterPasswords["operator"]), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	return nc
}

// createStreams asks again until the cluster has its leader.
func (c *natsCluster) createStreams(fund string) {
	c.t.Helper()
	operator := c.operator()
	for name, file := range map[string]string{"FUND": "stream.json", "REFUSED": "stream.json", "ACCOUNTS": "stream.json", "KEPT": "shelf.json", "OBJ_FILES": "stream.json"} {
		settings, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nats", file))
		if err != nil {
			c.t.Fatal(err)
		}
		subject := strings.ToLower(name) + "." + fund + ".>"
		if name == "OBJ_FILES" {
			subject = `$O.FILES_` + fund + `.C.>", "$O.FILES_` + fund + `.M.>`
		}
		name += "_" + fund
		request := strings.NewReplacer("@NAME@", name, "@SUBJECT@", subject).Replace(string(settings))
		until(c.t, "the stream "+name, func() error {
			answer, err := operator.Request("$JS.API.STREAM.CREATE."+name, []byte(request), 5*time.Second)
			if err == nil && strings.Contains(string(answer.Data), `"error"`) {
				err = fmt.Errorf("%s", answer.Data)
			}
			return err
		})
	}
}

// named is the test's own binary, run as another program of its [TestMain].
func named(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := program(t, args...)
	link := filepath.Join(filepath.Dir(c.Path), name)
	if name != filepath.Base(c.Path) {
		if err := os.Rename(c.Path, link); err != nil {
			t.Fatal(err)
		}
	}
	c.Path, c.Args[0] = link, link
	return c
}

// launch starts a process that ends with the test at the latest, and keeps what it says for when the test fails.
func launch(t *testing.T, c *exec.Cmd) {
	t.Helper()
	var said bytes.Buffer
	if c.Stderr == nil {
		c.Stderr = &said
	}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // ^C is for the test alone
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kill(c)
		if t.Failed() && said.Len() > 0 {
			t.Logf("%s said:\n%s", filepath.Base(c.Path), said.Bytes()[max(0, said.Len()-4000):])
		}
	})
}

// kill ends a process at once; one that has ended stays so.
func kill(c *exec.Cmd) {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// until asks again until there is no error.
func until(t *testing.T, what string, ok func() error) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s: %v", what, err)
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

// postgreSQL is a server that a test starts, stops, kills and starts again on its folder.
type postgreSQL struct {
	*pgserver.Server
	t   *testing.T
	dir string
}

func newPostgreSQL(t *testing.T) *postgreSQL {
	t.Helper()
	p := &postgreSQL{t: t, dir: filepath.Join(t.TempDir(), "postgres")}
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *postgreSQL) start() {
	p.t.Helper()
	starting, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var err error
	if p.Server, err = pgserver.Start(starting, pgserver.Config{Dir: p.dir, Fast: true}); err != nil {
		p.t.Fatal(err)
	}
}

// stop ends it; one that was ended stays so.
func (p *postgreSQL) stop() {
	p.t.Helper()
	stopping, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Stop(stopping); err != nil {
		p.t.Error(err)
	}
}

func (p *postgreSQL) kill() {
	p.t.Helper()
	if err := syscall.Kill(pidIn(p.dir), syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	stopping, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = p.Stop(stopping) // it is gone: this lets go of the folder
}

// pidIn reads the number of the process that a PostgreSQL's folder names; 0 where there is none.
func pidIn(folder string) int {
	text, err := os.ReadFile(filepath.Join(folder, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}

// database is one as an operator gives it to the service.
func database(t *testing.T) string {
	t.Helper()
	return newPostgreSQL(t).URL()
}

// instance is one serve process.
type instance struct {
	process *exec.Cmd
	url     *url.URL
	errors  lines // of its log
}

// lines are the last lines of something.
type lines struct {
	mu   sync.Mutex
	last []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last[max(0, len(l.last)-49):], line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

// startInstance runs the service and waits until it says where it answers.
func startInstance(t *testing.T, args ...string) *instance {
	t.Helper()
	i := &instance{process: program(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)}
	said, err := i.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	launch(t, i.process)
	t.Cleanup(func() {
		if said := i.errors.String(); t.Failed() && said != "" {
			t.Logf("the service at %s had errors:\n%s", i.url, said)
		}
	})
	found := make(chan string, 1)
	go func() {
		address := regexp.MustCompile(`serving on (http://\S+)`)
		var text strings.Builder
		for lines := bufio.NewScanner(said); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "code=fault") { // a fault of ours: whoever tests wants to know why
				fmt.Fprintln(os.Stderr, lines.Text())
			}
			if at := address.FindStringSubmatch(lines.Text()); at != nil {
				found <- at[1]
				for lines.Scan() { // a pipe that is full stops who writes
					if strings.Contains(lines.Text(), "level=ERROR") {
						i.errors.add(lines.Text())
					}
				}
				return
			}
		}
		fmt.Fprintln(os.Stderr, text.String())
		found <- ""
	}()
	select {
	case at := <-found:
		if i.url, err = url.Parse(at); err != nil || at == "" {
			t.Fatalf("the service ended, or says no address: %q, %v", at, err)
		}
	case <-time.After(patience):
		t.Fatal("the service does not come up")
	}
	return i
}

// balancer sends each request to the next of the services, and to another where one does not answer.
type balancer struct {
	*http.Server
	url string
}

func balance(t *testing.T, instances ...*instance) *balancer {
	t.Helper()
	var next atomic.Int64
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetXForwarded() },
		Transport: &retrying{next: &next, instances: instances},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{Server: &http.Server{Handler: proxy}, url: "http://" + listener.Addr().String()}
	go func() { _ = b.Serve(listener) }()
	t.Cleanup(func() { _ = b.Close() })
	return b
}

type retrying struct {
	next      *atomic.Int64
	instances []*instance
}

func (r *retrying) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
	}
	var failed error
	first := int(r.next.Add(1))
	for i := range r.instances {
		to := r.instances[(first+i)%len(r.instances)]
		again := request.Clone(request.Context())
		again.URL.Scheme, again.URL.Host, again.Host = to.url.Scheme, to.url.Host, to.url.Host
		again.Body = io.NopCloser(bytes.NewReader(body))
		response, err := http.DefaultTransport.RoundTrip(again)
		if err == nil {
			return response, nil
		}
		failed = err
	}
	return nil, failed
}

// asker gives commands with a token.
type asker struct{ url, token string }

func (c asker) do(ctx context.Context, method, path, body string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// registration is a command that registers the n-th company; ids of this fund are opaque.
func registration(n int) string {
	return fmt.Sprintf(`{"command":"register_enterprise","id":"register-%d","date":"2025-03-03","enterprise":"%d","name":"渔业公司 %d","industry":"fishing"}`, n, n, n)
}

// book gives a command until it is acknowledged, as a client does that asks again with the same id, and returns the position.
func (c asker) book(t *testing.T, command string) uint64 {
	t.Helper()
	var outcome struct {
		LastSeq uint64 `json:"last_seq"`
	}
	until(t, "an acknowledgement", func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		status, text, err := c.do(ctx, http.MethodPost, "/v1/commands", command)
		if err != nil {
			return err
		}
		if status/100 == 4 {
			t.Fatalf("%s: %d %s", command, status, text)
		}
		if status/100 != 2 {
			return fmt.Errorf("%d %s", status, text)
		}
		return json.Unmarshal(text, &outcome)
	})
	return outcome.LastSeq
}

// onCluster are the flags of every command that works on the cluster. The folder, which holds users, the signing key and checkpoints, is one
// that the instances share.
func onCluster(c *natsCluster, database, data, fund string) []string {
	return []string{"--nats", c.urls(), "--nats-user", "fundledger", "--nats-password", clusterPasswords["fundledger"], "--database-url", database,
		"--data", data, "--fund", fund}
}

// adminOf adds a user and returns a token of theirs.
func adminOf(t *testing.T, flags []string, grants ...string) string {
	t.Helper()
	args := append([]string{"user", "add", "officer"}, flags...)
	for _, g := range grants {
		args = append(args, "--grant", g)
	}
	output(t, args...)
	lines := strings.Fields(string(output(t, append([]string{"token", "create", "officer", "test"}, flags...)...)))
	return lines[len(lines)-1]
}

// answers is an error where an address does not answer with a status and a text.
func (c asker) answers(t *testing.T, path string, status int, text string) error {
	t.Helper()
	got, body, err := c.do(t.Context(), http.MethodGet, path, "")
	if err == nil && (got != status || !bytes.Contains(body, []byte(text))) {
		err = fmt.Errorf("%s answers %d %.300s", path, got, body)
	}
	return err
}

// databaseOf makes a database on a server, and returns its address.
func databaseOf(t *testing.T, server, name string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}
