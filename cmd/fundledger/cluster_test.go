package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// The documented deployment: three nodes on deploy's configuration, a PostgreSQL, two instances behind a proxy. A node is killed, an instance is
// killed, both while commands come; every command that was acknowledged is there once, and verification is sound.
func TestTheServiceRunsOnTheDocumentedClusterAndOutlivesANodeAndAnInstance(t *testing.T) {
	t.Parallel()
	const fund = "elsewhere-2025"
	c := startCluster(t, fund)
	data := t.TempDir()
	flags := onCluster(c, database(t), data, fund)
	output(t, append([]string{"policy", "publish", fund}, flags...)...)
	token := adminOf(t, flags, "admin")
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
	retires(t, c, flags, asker{first.url.String(), token}, asker{second.url.String(), token})
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
	said := output(t, append([]string{"verify"}, flags...)...)
	for _, want := range []string{"checkpoints agree", " retired, linked one to the next up to "} {
		if !bytes.Contains(said, []byte(want)) {
			t.Errorf("verification says not %q:\n%s", want, said)
		}
	}
}

// retires takes refusals out of a cluster that works, by way of each node, while all instances refuse: whoever is refused is told so, and each file holds
// what the stream says was taken out. The service's own user may not: nothing is written then.
func retires(t *testing.T, c *natsCluster, flags []string, instances ...asker) {
	t.Helper()
	var refused atomic.Int64
	once := func(by asker) { // the enterprise is there; who is told to ask again does so
		again := strings.Replace(registration(1), `"register-1"`, fmt.Sprintf(`"again-%d"`, refused.Add(1)), 1)
		until(t, "a refusal", func() error {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			status, text, err := by.do(ctx, http.MethodPost, "/v1/commands", again)
			if err != nil || status == http.StatusServiceUnavailable {
				return fmt.Errorf("%d %s %v", status, text, err)
			}
			if status != http.StatusUnprocessableEntity || !bytes.Contains(text, []byte("enterprise_exists")) {
				t.Errorf("a refusal: %d %s", status, text)
			}
			return nil
		})
	}
	for _, by := range instances {
		once(by)
	}
	retire := []string{"refusals", "retire", "--before", "2999-01-01", "--out"}
	file := func(of string) string { return filepath.Join(t.TempDir(), of+".jsonl") }
	forbidden := file("service")
	said, err := program(t, append(append(slices.Clone(retire), forbidden), flags...)...).CombinedOutput()
	if _, there := os.Lstat(forbidden); err == nil || !bytes.Contains(said, []byte("may this user update streams?")) || there == nil {
		t.Errorf("the service's user retires: %v, %s", err, said)
	}
	stop := make(chan struct{})
	var refusing sync.WaitGroup
	defer refusing.Wait()
	ending := sync.OnceFunc(func() { close(stop) })
	defer ending()
	for _, by := range instances {
		refusing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if once(by); t.Failed() {
						return
					}
				}
			}
		})
	}
	for i, n := range c.nodes {
		from := refused.Load()
		until(t, "more refusals", func() error {
			if refused.Load() < from+10 {
				return fmt.Errorf("%d", refused.Load()-from)
			}
			return nil
		})
		own := file(n.name)
		said := output(t, append(append(append(slices.Clone(retire), own), flags...), "--nats", fmt.Sprintf("nats://127.0.0.1:%d", n.client), "--nats-user", "operator",
			"--nats-password", clusterPasswords["operator"])...)
		if i == 0 && !bytes.Contains(said, []byte("the refusals 1 to ")) || !bytes.Contains(said, []byte("were taken out")) {
			t.Errorf("by way of %s: %s", n.name, said)
		}
		output(t, append([]string{"verify", "--retired", own}, flags...)...)
	}
	ending()
	refusing.Wait()
	for _, by := range instances {
		until(t, "the refusals", func() error { return by.answers(t, "/v1/refusals", http.StatusOK, "refusals_retired") })
		once(by)
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
	token := adminOf(t, flags, "admin")
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

// elsewhere are the flags of an instance on another machine: a data folder of its own, and the key that all instances sign with.
func (s *served) elsewhere(t *testing.T) []string {
	t.Helper()
	return append(slices.Clone(s.flags), "--data", t.TempDir(), "--checkpoint-key", filepath.Join(s.data, keyFile))
}

// again is one more instance.
func (s *served) again(t *testing.T) *served {
	t.Helper()
	another := *s
	another.instance = startInstance(t, s.elsewhere(t)...)
	another.asker.url = another.instance.url.String()
	return &another
}

// neverStarts has an instance begin that has seen nothing: what the tables and the shelf know must keep it from serving.
func (s *served) neverStarts(t *testing.T) {
	t.Helper()
	late := program(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, s.elsewhere(t)...)...)
	defer time.AfterFunc(patience, func() { _ = late.Process.Kill() }).Stop()
	if said, err := late.CombinedOutput(); err == nil || late.ProcessState.ExitCode() != 1 || bytes.Contains(said, []byte("serving on")) {
		t.Errorf("an instance that comes later: %v\n%s", err, said)
	}
}

// Whatever is done to the log behind the back of services that run: within seconds each decides nothing more, says 503 where readiness is asked,
// and 1 in its metric. None falls, each ends with status 1, and none that comes later starts.
func TestRunningServicesNoticeWhatHappensToTheirLog(t *testing.T) {
	t.Parallel()
	url := database(t)
	config := func(t *testing.T, s *served, stream, change string, to any) []byte {
		t.Helper()
		var info struct{ Config map[string]any }
		if err := json.Unmarshal(s.request(t, "STREAM.INFO."+stream+servedFund, nil), &info); err != nil {
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
	anew := func(stream, change string, to any) func(*testing.T, *served, string) {
		return func(t *testing.T, s *served, _ string) {
			settings := config(t, s, stream, change, to)
			s.request(t, "STREAM.DELETE."+stream+servedFund, nil)
			s.request(t, "STREAM.CREATE."+stream+servedFund, settings)
		}
	}
	const ofAccounts = "the accounts', replaced by an empty one"
	n := 0
	for name, attack := range map[string]func(t *testing.T, s *served, older string){
		"rolled back": func(t *testing.T, s *served, older string) {
			kill(s.nats.process)
			s.start(older)
		},
		"replaced by an empty one": anew("FUND_", "", nil),
		"cut at its beginning":     anew("FUND_", "first_seq", 1000),
		ofAccounts:                 anew("ACCOUNTS_", "", nil),
		"set otherwise": func(t *testing.T, s *served, _ string) {
			s.request(t, "STREAM.UPDATE.FUND_"+servedFund, config(t, s, "FUND_", "max_age", int64(24*time.Hour)))
		},
	} {
		n++
		own := fmt.Sprintf("served%d", n)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveOnOneNode(t, databaseOf(t, url, own))
			second := s.again(t)
			s.book(t, registration(1))
			kill(s.nats.process)
			older := filepath.Join(t.TempDir(), "older")
			if err := os.CopyFS(older, os.DirFS(s.nats.dir)); err != nil {
				t.Fatal(err)
			}
			s.start(s.nats.dir)
			signal := func(what syscall.Signal) {
				if err := second.process.Process.Signal(what); err != nil {
					t.Fatal(err)
				}
			}
			if name == "rolled back" { // the second one has not read what is lost then: what it goes by is what the first one projected
				signal(syscall.SIGSTOP)
			}
			inTables := fmt.Sprintf("/v1/enterprises?min_seq=%d", s.book(t, registration(2))) // what /readyz says of the lag is a second old
			until(t, "the tables", func() error { return s.answers(t, inTables, http.StatusOK, "") })
			if name != "rolled back" {
				until(t, "readiness", func() error { return second.answers(t, "/readyz", http.StatusOK, "lag: 0 events") })
			}
			attack(t, s, older)
			signal(syscall.SIGCONT)
			for _, i := range []asker{s.asker, second.asker} {
				until(t, "readiness to end", func() error {
					return i.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: log_contradicted: ")
				})
				until(t, "the metric", func() error { return i.answers(t, "/metrics", http.StatusOK, "\nfundledger_log_contradicted 1\n") })
				for _, c := range []string{registration(3), registration(2)} {
					until(t, "a refusal to decide", func() error {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						status, text, err := i.do(ctx, http.MethodPost, "/v1/commands", c)
						if status == http.StatusOK || status == http.StatusCreated {
							t.Errorf("acknowledged on another log: %s", text)
						}
						if err == nil && (status != http.StatusServiceUnavailable || !bytes.Contains(text, []byte("log_contradicted"))) {
							err = fmt.Errorf("%d %s", status, text)
						}
						return err
					})
				}
			}
			if name != ofAccounts { // of whom the accounts had before nothing else knows
				s.neverStarts(t)
			}
			for _, i := range []*served{s, second} {
				if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
				_ = i.process.Wait()
				if code := i.process.ProcessState.ExitCode(); code != 1 {
					t.Errorf("it ends with status %d", code)
				}
			}
		})
	}
}

// Where NATS and PostgreSQL are their own, rotate-key does not see who runs on them. A service that runs meanwhile signs nothing more with the
// old key, ends, and starts again with the new one; who has the first key alone follows.
func TestAServiceWhoseKeyIsChangedWhileItRunsEndsAndStartsWithTheNewOne(t *testing.T) {
	t.Parallel()
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
