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
	t     *testing.T
	nodes []*natsNode
}

type natsNode struct {
	name, dir           string
	client, http, route int
	env                 []string
	process             *exec.Cmd
}

// startCluster runs three nodes and does what deploy/nats/streams.sh does.
func startCluster(t *testing.T, fund string) *natsCluster {
	t.Helper()
	ports := freePorts(t, 9)
	var routes []string
	for i := range 3 {
		routes = append(routes, fmt.Sprintf("%q", fmt.Sprintf("nats://route:%s@127.0.0.1:%d", clusterPasswords["route"], ports[i])))
	}
	env := append(os.Environ(), "NATS_ROUTES=["+strings.Join(routes, ", ")+"]")
	for name, of := range map[string]string{"NATS_ROUTE_PASSWORD": "route", "NATS_SERVICE_PASSWORD": "fundledger", "NATS_OPERATOR_PASSWORD": "operator", "NATS_ANALYST_PASSWORD": "analyst"} {
		env = append(env, fmt.Sprintf("%s=%q", name, clusterPasswords[of]))
	}
	c := &natsCluster{t: t}
	for i := range 3 {
		n := &natsNode{name: fmt.Sprintf("nats-%d", i+1), dir: t.TempDir(), route: ports[i], client: ports[3+i], http: ports[6+i]}
		n.env = append(env[:len(env):len(env)], fmt.Sprintf("NATS_NAME=%q", n.name))
		c.nodes = append(c.nodes, n)
		c.start(n)
	}
	c.createStreams(fund)
	return c
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
		"--port", fmt.Sprint(n.client), "--http_port", fmt.Sprint(n.http), "--cluster", fmt.Sprintf("nats://127.0.0.1:%d", n.route))
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
	settings, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nats", "stream.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, subject := range map[string]string{"FUND_" + fund: "fund." + fund + ".>", "REFUSED_" + fund: "refused." + fund + ".>"} {
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
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
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

// database runs a PostgreSQL as an operator gives one to the service.
func database(t *testing.T) string {
	t.Helper()
	starting, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	server, err := pgserver.Start(starting, pgserver.Config{Dir: filepath.Join(t.TempDir(), "postgres")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Stop(stopping); err != nil {
			t.Error(err)
		}
	})
	return server.URL()
}

// instance is one serve process.
type instance struct {
	process *exec.Cmd
	url     *url.URL
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
	found := make(chan string, 1)
	go func() {
		address := regexp.MustCompile(`serving on (http://\S+)`)
		var text strings.Builder
		for lines := bufio.NewScanner(said); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if at := address.FindStringSubmatch(lines.Text()); at != nil {
				found <- at[1]
			}
		}
		select {
		case found <- "":
			fmt.Fprintln(os.Stderr, text.String())
		default:
		}
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
	request.Header.Set("Authorization", "Bearer "+c.token)
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
func adminOf(t *testing.T, data string, grants ...string) string {
	t.Helper()
	args := []string{"user", "add", "officer", "--data", data}
	for _, g := range grants {
		args = append(args, "--grant", g)
	}
	output(t, args...)
	lines := strings.Fields(string(output(t, "token", "create", "officer", "test", "--data", data)))
	return lines[len(lines)-1]
}

// The documented deployment: three nodes on deploy's configuration, a PostgreSQL, two instances behind a proxy. A node is killed, an instance is
// killed, both while commands come; every command that was acknowledged is there once, and verification is sound.
func TestTheServiceRunsOnTheDocumentedClusterAndOutlivesANodeAndAnInstance(t *testing.T) {
	const fund = "elsewhere-2025"
	c := startCluster(t, fund)
	data := t.TempDir()
	flags := onCluster(c, database(t), data, fund)
	output(t, append([]string{"policy", "publish", fund}, flags...)...)
	token := adminOf(t, data, "admin")
	first, second := startInstance(t, flags...), startInstance(t, flags...)
	proxy := balance(t, first, second)

	var booked sync.Map // the position of each acknowledged command
	var n atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			by := asker{proxy.url, token}
			for {
				select {
				case <-stop:
					return
				default:
				}
				i := int(n.Add(1))
				booked.Store(i, by.book(t, registration(i)))
			}
		})
	}
	reach := func(more int) {
		from := n.Load()
		until(t, fmt.Sprintf("%d commands more", more), func() error {
			if done := n.Load() - from; done < int64(more) {
				return fmt.Errorf("%d were given", done)
			}
			return nil
		})
	}
	reach(100)
	kill(c.nodes[0].process) // whoever leads what: another takes its place
	reach(100)
	kill(second.process)
	reach(100)
	c.start(c.nodes[0])
	reach(50)
	close(stop)
	clients.Wait()

	by := asker{first.url.String(), token}
	last := uint64(0)
	positions := map[uint64]int{}
	booked.Range(func(i, seq any) bool {
		if other, taken := positions[seq.(uint64)]; taken {
			t.Errorf("commands %d and %d are both at %d", other, i, seq)
		}
		positions[seq.(uint64)] = i.(int)
		last = max(last, seq.(uint64))
		return true
	})
	if want := uint64(len(positions)) + 1; last != want {
		t.Errorf("%d commands were acknowledged behind the policy, and the last lies at %d", len(positions), last)
	}
	for i := 1; i <= len(positions); i++ { // asked again, each is known by its id, where it was
		seq, ok := booked.Load(i)
		if again := by.book(t, registration(i)); !ok || again != seq {
			t.Fatalf("command %d was acknowledged at %v, and lies at %d", i, seq, again)
		}
	}
	if status, text, err := by.do(t.Context(), http.MethodGet, "/v1/refusals", ""); err != nil || status != http.StatusOK {
		t.Errorf("the refusals: %d %s %v", status, text, err)
	}
	if err := first.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.process.Wait(); err != nil {
		t.Errorf("the service ends with %v", err)
	}
	if said := output(t, append([]string{"verify"}, flags...)...); !bytes.Contains(said, []byte("checkpoints agree")) {
		t.Errorf("verification says\n%s", said)
	}
}

// served is one service on a NATS of its own, as a process that can be stopped, given another folder, and started.
type served struct {
	*instance
	asker
	nats  *natsNode
	conn  *nats.Conn
	start func(dir string)
	data  string
	flags []string
}

const servedFund = "elsewhere-2025"

func serveOnOneNode(t *testing.T, databaseURL string) *served {
	t.Helper()
	ports := freePorts(t, 1)
	n := &natsNode{name: "nats", client: ports[0]}
	start := func(dir string) {
		t.Helper()
		n.dir = dir
		n.process = named(t, "nats-server", "--jetstream", "--addr", "127.0.0.1", "--port", fmt.Sprint(n.client), "--store_dir", dir)
		launch(t, n.process)
	}
	start(filepath.Join(t.TempDir(), "nats"))
	address := fmt.Sprintf("nats://127.0.0.1:%d", n.client)
	conn, err := nats.Connect(address, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	data := t.TempDir()
	flags := []string{"--nats", address, "--database-url", databaseURL, "--data", data, "--fund", servedFund}
	until(t, "the policy", func() error {
		c := program(t, append([]string{"policy", "publish", servedFund}, flags...)...)
		text, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, text)
		}
		return nil
	})
	token := adminOf(t, data, "admin")
	i := startInstance(t, flags...)
	return &served{instance: i, asker: asker{i.url.String(), token}, nats: n, conn: conn, start: start, data: data, flags: flags}
}

// request asks the JetStream API, as the person who looks after streams.
func (s *served) request(t *testing.T, what string, body []byte) []byte {
	t.Helper()
	answer, err := s.conn.Request("$JS.API."+what, body, patience)
	if err != nil || bytes.Contains(answer.Data, []byte(`"error"`)) {
		t.Fatalf("%s: %v %s", what, err, answer.Data)
	}
	return answer.Data
}

// Whatever is done to the log behind the back of a service that runs: within seconds it decides nothing more, says 503 where readiness is asked,
// and 1 in its metric. It does not fall, and it ends with status 1.
func TestARunningServiceNoticesWhatHappensToItsLog(t *testing.T) {
	url := database(t)
	config := func(t *testing.T, s *served, change string, to any) []byte {
		t.Helper()
		var info struct{ Config map[string]any }
		if err := json.Unmarshal(s.request(t, "STREAM.INFO.FUND_"+servedFund, nil), &info); err != nil {
			t.Fatal(err)
		}
		if change != "" {
			info.Config[change] = to
		}
		text, err := json.Marshal(info.Config)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	anew := func(change string, to any) func(*testing.T, *served, string) {
		return func(t *testing.T, s *served, _ string) {
			settings := config(t, s, change, to)
			s.request(t, "STREAM.DELETE.FUND_"+servedFund, nil)
			s.request(t, "STREAM.CREATE.FUND_"+servedFund, settings)
		}
	}
	n := 0
	for name, attack := range map[string]func(t *testing.T, s *served, older string){
		"rolled back": func(t *testing.T, s *served, older string) {
			kill(s.nats.process)
			s.start(older)
		},
		"replaced by an empty one": anew("", nil),
		"cut at its beginning":     anew("first_seq", 1000),
		"set otherwise": func(t *testing.T, s *served, _ string) {
			s.request(t, "STREAM.UPDATE.FUND_"+servedFund, config(t, s, "max_age", int64(24*time.Hour)))
		},
	} {
		n++
		own := fmt.Sprintf("served%d", n)
		t.Run(name, func(t *testing.T) {
			s := serveOnOneNode(t, databaseOf(t, url, own))
			s.book(t, registration(1))
			kill(s.nats.process)
			older := filepath.Join(t.TempDir(), "older")
			if err := os.CopyFS(older, os.DirFS(s.nats.dir)); err != nil {
				t.Fatal(err)
			}
			s.start(s.nats.dir)
			s.book(t, registration(2))
			until(t, "readiness", func() error { return s.answers(t, "/readyz", http.StatusOK, "ok") })
			attack(t, s, older)
			until(t, "readiness to end", func() error { return s.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready") })
			until(t, "the metric", func() error { return s.answers(t, "/metrics", http.StatusOK, "\nfundledger_log_contradicted 1\n") })
			for _, c := range []string{registration(3), registration(2)} {
				until(t, "a refusal to decide", func() error {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					status, text, err := s.do(ctx, http.MethodPost, "/v1/commands", c)
					if status == http.StatusOK || status == http.StatusCreated {
						t.Errorf("acknowledged on another log: %s", text)
					}
					if err == nil && (status != http.StatusServiceUnavailable || !bytes.Contains(text, []byte("log_contradicted"))) {
						err = fmt.Errorf("%d %s", status, text)
					}
					return err
				})
			}
			if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = s.process.Wait()
			if code := s.process.ProcessState.ExitCode(); code != 1 {
				t.Errorf("it ends with status %d", code)
			}
		})
	}
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

// Where NATS and PostgreSQL are their own, rotate-key does not see who runs on them. A service that runs meanwhile signs nothing more with the
// old key, ends, and starts again with the new one; who has the first key alone follows.
func TestAServiceWhoseKeyIsChangedWhileItRunsEndsAndStartsWithTheNewOne(t *testing.T) {
	s := serveOnOneNode(t, databaseOf(t, database(t), "rotated"))
	key := filepath.Join(s.data, keyFile)
	s.book(t, registration(1))
	until(t, "a checkpoint", func() error {
		_, err := os.Stat(filepath.Join(s.data, checkpointDir, "00000000000000000001"))
		return err
	})
	first, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	output(t, append([]string{"rotate-key", "--reason", "yearly", "--actor", "root"}, s.flags...)...)
	_ = s.process.Wait()
	if code := s.process.ProcessState.ExitCode(); code != 1 {
		t.Errorf("with the old key it ends with status %d", code)
	}
	again := startInstance(t, s.flags...)
	asker{again.url.String(), s.token}.book(t, registration(2))
	if err := again.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := again.process.Wait(); err != nil {
		t.Errorf("with the new key it ends with %v", err)
	}
	bundle := filepath.Join(t.TempDir(), "bundle")
	output(t, append([]string{"bundle", "-o", bundle}, s.flags...)...)
	verifier := strings.Split(strings.TrimSpace(string(first)), "\n")[1]
	if said := output(t, "verify", "--bundle", bundle, "--key", verifier); !bytes.Contains(said, []byte("changed the checkpoint key")) {
		t.Errorf("who has the first key is told\n%s", said)
	}
}
