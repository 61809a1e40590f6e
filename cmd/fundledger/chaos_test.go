package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fundledger/fundledger/internal/rivals"
)

// kills is how often something is killed: a few in CI, thousands by "make chaos".
var kills = flag.Int("kills", 6, "how often each test of chaos kills, pauses or parts something")

// contest is clients that compete for the caps of projects, one project after another, while what they talk to is killed. They ask again
// with the same id until they are answered, as a client has to.
type contest struct {
	t        *testing.T
	clerk    asker
	approver asker
	began    time.Time
	stop     chan struct{}
	clients  sync.WaitGroup
	answered atomic.Int64 // questions
	unsure   atomic.Int64 // answers that were none, and were asked for again

	mu      sync.Mutex
	notices map[string]bool // that a webhook was told of, by their ids
	told    []uint64        // positions of the events that a webhook was told of, in the order in which it was
	rounds  []*rivalry
	booked  map[string]acknowledged
	refused int
	faults  []string
}

// rivalry is the contest for one project's cap: ten units of 40,000.00 of the 400,000.50 that clause B gives.
type rivalry struct {
	n       int
	ready   chan struct{} // closed when there is something to approve
	given   int
	history []rivals.Told
}

// acknowledged is a command that was booked.
type acknowledged struct {
	by   asker
	text string
	seq  uint64
}

// opsOfRound bounds what the checker has to order.
const opsOfRound = 60

// untilInterrupted is done when whoever runs the test has seen enough (kill -INT, or ^C): nothing more is killed then, and what was done so far is
// held against the log.
func untilInterrupted(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := signal.NotifyContext(t.Context(), os.Interrupt)
	t.Cleanup(cancel)
	return ctx
}

// startContest has clients compete over a service of the fund elsewhere-2025.
func startContest(t *testing.T, url string, flags []string, clients int) *contest {
	t.Helper()
	c := &contest{t: t, began: time.Now(), stop: make(chan struct{}), booked: map[string]acknowledged{}, notices: map[string]bool{}}
	for _, user := range []struct {
		id, grant string
		asker     *asker
	}{{"clerk.ann", "clerk@harbour-office", &c.clerk}, {"approver.bo", "approver@harbour-office", &c.approver}} {
		output(t, append([]string{"user", "add", user.id, "--grant", user.grant}, flags...)...)
		lines := strings.Fields(string(output(t, append([]string{"token", "create", user.id, "chaos"}, flags...)...)))
		*user.asker = asker{url: url, token: lines[len(lines)-1]}
	}
	bus := httptest.NewServer(http.HandlerFunc(c.hear))
	t.Cleanup(bus.Close)
	output(t, append([]string{"webhook", "add", "clerk.ann", "bus", bus.URL, "--from", "1"}, flags...)...)
	for i := range rivals.Applications {
		c.give(c.clerk, fmt.Sprintf("register-%d", i), fmt.Sprintf(`{"command":"register_enterprise","id":"register-%d","date":"2025-03-03","enterprise":"E-%d","name":"渔业公司 %d","industry":"fishing"}`, i, i, i))
	}
	for client := range clients {
		c.clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-c.stop:
					return
				default:
				}
				c.once(client, n)
			}
		})
	}
	c.clients.Go(c.read)
	return c
}

// hear is told of every event, and is away now and then.
func (c *contest) hear(w http.ResponseWriter, r *http.Request) {
	var event struct {
		Type     string
		Sequence uint64 `json:"sequence,string"`
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil { // its sender was killed
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(event.Type, "fundledger.notice.") {
		c.notices[r.Header.Get("webhook-id")] = true
		return
	}
	if len(c.told)%500 == 499 && c.told[len(c.told)-1] != event.Sequence {
		c.told = append(c.told, c.told[len(c.told)-1]) // so that it is told the next time
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c.told = append(c.told, event.Sequence)
}

// hasHeard holds what the webhook was told to the log: every event, none before the one before it. After a crash the last ones may come again.
func (c *contest) hasHeard(last uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	upto := uint64(0)
	for i, seq := range c.told {
		if seq > upto+1 {
			c.t.Fatalf("the webhook was told of %d behind %v", seq, c.told[max(0, i-5):i])
		}
		upto = max(upto, seq)
	}
	if upto != last {
		return fmt.Errorf("%d events of %d were told", upto, last)
	}
	return nil
}

// read asks the tables, the log and the pages as long as the contest lasts: what cannot be answered is said to be away, and is no fault.
func (c *contest) read() {
	for n := 0; ; n++ {
		select {
		case <-c.stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		path := []string{"/v1/totals", "/v1/accounts?clause=B", "/v1/journal?limit=5", "/v1/enterprises?format=csv", "/v1/applications/R0-A0", "/v1/events?limit=5", "/v1/refusals?limit=5",
			"/v1/accounts?format=ndjson", "/v1/me", "/"}[n%10]
		ctx, cancel := context.WithTimeout(c.t.Context(), 40*time.Second)
		status, answer, err := c.approver.do(ctx, http.MethodGet, path, "")
		cancel()
		if err == nil && status >= 500 && status != http.StatusServiceUnavailable && status != http.StatusBadGateway {
			c.mu.Lock()
			c.faults = append(c.faults, fmt.Sprintf("%s: %d %.300s", path, status, answer))
			c.mu.Unlock()
		}
		if err == nil && status == http.StatusOK {
			c.answered.Add(1)
		}
	}
}

// round gives the rivalry that a command belongs to; whoever opens one has its applications submitted.
func (c *contest) round() *rivalry {
	c.mu.Lock()
	if n := len(c.rounds); n > 0 && c.rounds[n-1].given < opsOfRound {
		r := c.rounds[n-1]
		r.given++
		c.mu.Unlock()
		<-r.ready
		return r
	}
	r := &rivalry{n: len(c.rounds), ready: make(chan struct{}), given: 1}
	c.rounds = append(c.rounds, r)
	c.mu.Unlock()
	for i := range rivals.Applications {
		id := fmt.Sprintf("submit-%d-%d", r.n, i)
		c.give(c.clerk, id, fmt.Sprintf(`{"command":"submit_application","id":%q,"date":"2025-03-04","application":"R%d-A%d","enterprise":"E-%d","clause":"B","project":"项目 %d","title":"码头",`+
			`"requested":[{"support_year":2025,"amount":"400000.00"}]}`, id, r.n, i, i, r.n))
	}
	close(r.ready)
	return r
}

// once gives one command of one client.
func (c *contest) once(client, n int) {
	r, op := c.round(), rivals.OneCap.AnyOp()
	id, application, amount := fmt.Sprintf("%s-%d-%d", op.Verb, client, n), fmt.Sprintf("R%d-A%d", r.n, op.Application), fmt.Sprintf("%d.00", 40_000*op.Units)
	text := fmt.Sprintf(`{"command":"%s_approval","id":%q,"date":"2025-03-10","application":%q,"support_year":2025,"amount":%q,"reason":"混乱"}`, op.Verb, id, application, amount)
	if op.Verb == "approve" {
		text = fmt.Sprintf(`{"command":"approve_application","id":%q,"date":"2025-03-10","application":%q,"instalments":[{"support_year":2025,"amount":%q}],"reason":"混乱"}`, id, application, amount)
	}
	call := time.Since(c.began)
	said := c.give(c.approver, id, text)
	c.mu.Lock()
	defer c.mu.Unlock()
	r.history = append(r.history, rivals.Told{Client: client, Op: op, Said: said, Call: call, Return: time.Since(c.began)})
}

// give gives a command until it is known what became of it.
func (c *contest) give(by asker, id, text string) string {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(c.t.Context(), 40*time.Second)
		status, answer, err := by.do(ctx, http.MethodPost, "/v1/commands", text)
		cancel()
		c.mu.Lock()
		var said struct {
			LastSeq uint64 `json:"last_seq"`
			Code    string `json:"code"`
		}
		switch known := err == nil && json.Unmarshal(answer, &said) == nil; {
		case known && status/100 == 2:
			c.booked[id] = acknowledged{by, text, said.LastSeq}
			c.mu.Unlock()
			return rivals.Booked
		case known && (status == http.StatusConflict || status == http.StatusUnprocessableEntity) && said.Code != "command_conflict":
			c.refused++
			c.mu.Unlock()
			return rivals.Refused
		case err == nil && status != http.StatusServiceUnavailable && status != http.StatusBadGateway:
			c.faults = append(c.faults, fmt.Sprintf("%s: %d %s", id, status, answer))
		}
		c.mu.Unlock()
		if c.unsure.Add(1); time.Now().After(deadline) {
			c.t.Errorf("%s is not answered: %d %s %v", id, status, answer, err)
			return "given up"
		}
	}
}

// proves: enough was given for the run to say something, some account was filled so far that a notice tells of it included.
func (c *contest) proves() bool {
	return len(c.booked) >= 50 && c.refused > 0 && c.answered.Load() > 0 && len(c.notices) > 0
}

// end stops the clients when their last command is answered, and holds what they were told against the log and against each other.
func (c *contest) end(parallel int) {
	c.t.Helper()
	until(c.t, "enough commands, however slow the machine is", func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.proves() {
			return fmt.Errorf("%d were booked, %d refused, %d notices told", len(c.booked), c.refused, len(c.notices))
		}
		return nil
	})
	close(c.stop)
	c.clients.Wait()
	for _, fault := range c.faults[:min(len(c.faults), 10)] {
		c.t.Errorf("a fault: %s", fault)
	}
	for _, r := range c.rounds {
		if len(r.history) < opsOfRound/2 { // the last one has hardly begun
			continue
		}
		if err := rivals.OneCap.Check(r.history, patience); err != nil {
			c.t.Errorf("project %d: %v", r.n, err)
		}
	}
	again := make(chan acknowledged)
	var wrong atomic.Int64
	var all sync.WaitGroup
	for range parallel {
		all.Go(func() {
			for a := range again {
				if seq := a.by.book(c.t, a.text); seq != a.seq && wrong.Add(1) < 10 {
					c.t.Errorf("%s was acknowledged at %d, and lies at %d", a.text, a.seq, seq)
				}
			}
		})
	}
	at := map[uint64]string{}
	last := uint64(0)
	for id, a := range c.booked {
		if other, taken := at[a.seq]; taken {
			c.t.Errorf("%s and %s are both at %d", id, other, a.seq)
		}
		at[a.seq], last = id, max(last, a.seq)
		again <- a
	}
	close(again)
	all.Wait()
	if want := uint64(len(c.booked)) + 1; last != want { // each is one event, behind the policy
		c.t.Errorf("%d commands were acknowledged, and the last lies at %d", len(c.booked), last)
	}
	for told, since := -1, time.Now(); ; time.Sleep(50 * time.Millisecond) { // as long as it takes, while it goes on
		err := c.hasHeard(last)
		if err == nil {
			break
		}
		c.mu.Lock()
		now := len(c.told)
		c.mu.Unlock()
		if now > told {
			told, since = now, time.Now()
		}
		if time.Since(since) > patience {
			c.t.Fatalf("the webhook is told of nothing more: %v", err)
		}
	}
	status, listed, err := c.approver.do(c.t.Context(), http.MethodGet, fmt.Sprintf("/v1/notices?format=ndjson&min_seq=%d", last), "")
	if err != nil || status != http.StatusOK {
		c.t.Errorf("the notices: %d %v", status, err)
	}
	until(c.t, "every notice to be told", func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if all := strings.Count(string(listed), "\n"); len(c.notices) != all || all == 0 {
			return fmt.Errorf("%d notices of %d were told", len(c.notices), all)
		}
		return nil
	})
	c.mu.Lock() // a notice may be told again still
	defer c.mu.Unlock()
	c.t.Logf("a webhook was told of all %d events, %d of them more than once, and of %d notices", last, len(c.told)-int(last), len(c.notices))
	c.t.Logf("%d commands acknowledged, %d refused, %d answers asked for again, %d projects, %d questions answered, %d faults", len(c.booked), c.refused, c.unsure.Load(), len(c.rounds), c.answered.Load(),
		len(c.faults))
	if !c.proves() {
		c.t.Error("hardly anything was given: nothing is proven")
	}
}

// One machine: the service, its PostgreSQL, or both are killed at any moment, again and again, while clients compete.
func TestChaosOnOneMachine(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", data, "--fund", "elsewhere-2025")
	listen := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
	flags := []string{"--data", data}
	var service *instance
	start := func() {
		service = startInstance(t, "--data", data, "--listen", listen, "--rate=-1", "--public-rate=-1")
	}
	url := func() string { return "http://" + listen }
	ready := func() {
		until(t, "readiness", func() error { return asker{url: url()}.answers(t, "/readyz", http.StatusOK, "ok") })
	}
	start()
	c := startContest(t, url(), flags, 6)
	var counts [3]int
	untold := time.Duration(0) // the longest that an outage of the database was neither told nor over
	t.Cleanup(func() {         // of a run that ends early too
		t.Logf("killed: the service %d times, PostgreSQL %d, both %d; an outage of PostgreSQL was told after %v at most", counts[0], counts[1], counts[2], untold)
	})
	enough := untilInterrupted(t)
	for n := range max(3, *kills/2) { // the other half are those of the three nodes
		if enough.Err() != nil {
			break
		}
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		what := rand.IntN(3)
		if n < 3 {
			what = n // each at least once
		}
		counts[what]++
		if what != 0 {
			if pid := pidIn(filepath.Join(data, "postgres")); pid > 0 {
				killed := time.Now()
				_ = syscall.Kill(pid, syscall.SIGKILL)
				if what == 1 {
					until(t, "the outage to be told", func() error {
						status, text, err := asker{url: url()}.do(t.Context(), http.MethodGet, "/readyz", "")
						if err == nil && status == http.StatusOK && pidIn(filepath.Join(data, "postgres")) == pid {
							err = fmt.Errorf("%d %s", status, text)
						}
						return err
					})
					untold = max(untold, time.Since(killed))
				}
			}
		}
		if what != 1 {
			kill(service.process)
			start()
		}
		ready()
	}
	c.end(8)
	if err := service.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := service.process.Wait(); err != nil {
		t.Errorf("the service ends with %v", err)
	}
	if said := output(t, append([]string{"verify"}, flags...)...); !strings.Contains(string(said), "checkpoints agree") {
		t.Errorf("verification says\n%s", said)
	}
}

// Three nodes, three instances behind a proxy, a PostgreSQL: nodes are killed, paused and parted from the others, instances killed,
// the database killed, while clients compete.
func TestChaosOnThreeNodes(t *testing.T) {
	t.Parallel()
	const fund = "elsewhere-2025"
	cluster := startCluster(t, fund)
	data := t.TempDir()
	db := newPostgreSQL(t)
	flags := append(onCluster(cluster, db.ServiceURL(), data, fund), "--database-owner-url", db.OwnerURL())
	output(t, append([]string{"policy", "publish", fund}, flags...)...)
	ports := freePorts(t, 3)
	instances := make([]*instance, 3)
	start := func(i int) {
		instances[i] = startInstance(t, append([]string{"--listen", fmt.Sprintf("127.0.0.1:%d", ports[i]), "--rate=-1", "--public-rate=-1"}, flags...)...)
	}
	for i := range instances {
		start(i)
	}
	proxy := balance(t, instances...)
	ready := func(i int) {
		until(t, fmt.Sprintf("readiness of instance %d", i), func() error {
			return asker{url: instances[i].url.String()}.answers(t, "/readyz", http.StatusOK, "ok")
		})
	}
	c := startContest(t, proxy.url, flags, 6)
	soon := func(most time.Duration) { time.Sleep(time.Duration(rand.Int64N(int64(most)))) }
	attacks := []struct {
		what string
		do   func()
	}{
		{"a node killed", func() {
			n := cluster.nodes[rand.IntN(3)]
			kill(n.process)
			soon(time.Second)
			cluster.start(n)
		}},
		{"a node parted", func() {
			i := rand.IntN(3)
			cluster.part(i, true)
			until(t, "the node to be alone", func() error { // no other way leads past the cables
				return asker{url: fmt.Sprintf("http://127.0.0.1:%d", cluster.nodes[i].http)}.answers(t, "/routez", http.StatusOK, `"num_routes": 0,`)
			})
			soon(4 * time.Second)
			cluster.part(i, false)
		}},
		{"an instance killed", func() {
			i := rand.IntN(3)
			kill(instances[i].process)
			soon(time.Second)
			start(i)
		}},
		{"a node paused", func() {
			p := cluster.nodes[rand.IntN(3)].process.Process
			_ = p.Signal(syscall.SIGSTOP)
			soon(4 * time.Second)
			_ = p.Signal(syscall.SIGCONT)
		}},
		{"the database killed", func() {
			db.kill()
			soon(time.Second)
			db.start()
		}},
		{"all nodes killed", func() {
			for _, n := range cluster.nodes {
				kill(n.process)
			}
			for _, i := range instances { // each says what is away, takes no command, and answers from the tables
				by := asker{i.url.String(), c.approver.token}
				until(t, "readiness to end", func() error {
					return by.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: store_unavailable")
				})
				until(t, "a command to be told why", func() error { // the rules would refuse it: it counts nowhere
					return by.refusedFor(t, http.MethodPost, "/v1/commands", registration(0), "store_unavailable")
				})
				if err := by.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 0"); err != nil {
					t.Errorf("a question that needs no log: %v", err)
				}
			}
			for _, n := range cluster.nodes {
				cluster.start(n)
			}
		}},
	}
	counts := make([]int, len(attacks))
	t.Cleanup(func() {
		for i, a := range attacks {
			t.Logf("%s: %d times", a.what, counts[i])
		}
	})
	enough := untilInterrupted(t)
	for n := range *kills {
		if enough.Err() != nil {
			break
		}
		soon(time.Second)
		i := n
		if n >= len(attacks) {
			i = rand.IntN(len(attacks))
		}
		counts[i]++
		attacks[i].do()
		for i := range instances {
			ready(i)
		}
	}
	c.end(8)
	for _, i := range instances {
		if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := i.process.Wait(); err != nil {
			t.Errorf("the service ends with %v", err)
		}
	}
	if said := output(t, append([]string{"verify"}, flags...)...); !strings.Contains(string(said), "checkpoints agree") {
		t.Errorf("verification says\n%s", said)
	}
}
