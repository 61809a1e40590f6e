package web_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/web"
)

func TestMain(m *testing.M) {
	pgtest.Main(m, goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"))
}

const fund = "changning-2024"

// now is when these tests play: within the policy's term.
var now = time.Date(2025, 9, 10, 10, 0, 0, 0, domain.Shanghai)

// house is a whole service: a log, a ledger, projections, and the web in front.
type house struct {
	t         testing.TB
	ledger    *ledger.Ledger
	projector *postgres.Projector
	queries   *postgres.Queries
	users     accounts.Hand
	web       *web.Server
	http      *httptest.Server
	client    *http.Client
	policy    domain.Policy
}

func migrated(t testing.TB) string {
	return pgtest.NewMigrated(t, "web", func(ctx context.Context, url string) error { return postgres.Migrate(ctx, url, nil) })
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// open makes a house; change may change its configuration.
func open(t testing.TB, change ...func(*web.Config)) *house {
	t.Helper()
	h := empty(t, fund, change...)
	h.policy = must(policies.Named(fund))(t)
	h.publish()
	return h
}

// empty is a house of a fund with nothing in it.
func empty(t testing.TB, fund domain.FundID, change ...func(*web.Config)) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t}
	nats := must(eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir(), Listen: new(string)}))(t)
	t.Cleanup(nats.Shutdown)
	nc := must(nats.Connect())(t)
	t.Cleanup(nc.Close)
	clock := func() time.Time { return now }
	h.ledger = must(ledger.Open(ctx, nc, ledger.Config{Fund: fund, Now: clock}))(t)
	t.Cleanup(h.ledger.Close)
	url := migrated(t)
	h.projector = must(postgres.Start(ctx, postgres.Config{URL: url, Source: h.ledger.Log(), Log: postgres.Log{Stream: ledger.StreamName(fund), Fund: string(fund)}}))(t)
	t.Cleanup(h.projector.Stop)
	h.queries = must(postgres.OpenQueries(ctx, url, clock))(t)
	t.Cleanup(h.queries.Close)
	users := must(accounts.Open(ctx, nc, accounts.Config{Fund: fund}))(t)
	t.Cleanup(users.Close)
	h.users = users.Hand("test", accounts.CommandLine)
	files := must(ledger.OpenFiles(ctx, nc, fund, 1, false, nil))(t)
	cfg := web.Config{Fund: fund, Files: files, Ledger: h.ledger, Queries: h.queries, Projector: h.projector, Users: users, NATS: nc, Now: time.Now,
		Webhooks: outward.New(outward.Config{Fund: fund, Log: h.ledger.Log(), Users: users}), Rate: -1, PublicRate: -1}
	for _, c := range change {
		c(&cfg)
	}
	h.web = must(web.New(cfg))(t)
	h.http = httptest.NewUnstartedServer(nil)
	h.http.Config = h.web.HTTP()
	h.http.Start()
	h.client = h.http.Client()
	h.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(h.http.Close)
	t.Cleanup(h.web.Close)
	return h
}

// publish puts the policy into the ledger, as its administrator.
func (h *house) publish() {
	h.t.Helper()
	c := &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: h.policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: h.policy}
	if r := h.ledger.Do(h.t.Context(), ledger.Order{Command: c}); r.Refusal != nil || r.Err != nil {
		h.t.Fatal(r.Refusal, r.Err)
	}
}

// play fills the ledger with two sample years up to the day these tests play on.
func (h *house) play() {
	h.t.Helper()
	var orders []ledger.Order
	for step := range demo.Changning(h.policy, domain.DateIn(now, domain.Shanghai)) {
		orders = append(orders, ledger.Order{Command: step.Command})
	}
	var last uint64
	for len(orders) > 0 {
		n := min(len(orders), 500)
		for _, r := range h.ledger.DoAll(h.t.Context(), orders[:n]) {
			if r.Err != nil {
				h.t.Fatal(r.Err)
			}
			last = max(last, r.Outcome.LastSeq)
		}
		orders = orders[n:]
	}
	if err := h.projector.WaitFor(h.t.Context(), last); err != nil {
		h.t.Fatal(err)
	}
}

// token makes a user with these grants, and a token of theirs.
func (h *house) token(id string, grants ...string) string {
	h.t.Helper()
	user := accounts.User{ID: domain.PersonID(id)}
	for _, text := range grants {
		user.Grants = append(user.Grants, must(web.ParseGrant(text))(h.t))
	}
	if err := h.users.Add(user, ""); err != nil {
		h.t.Fatal(err)
	}
	return must(h.users.CreateToken(user.ID, accounts.Token{Name: "test", Expires: time.Now().Add(time.Hour)}))(h.t)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem(t testing.TB) (p struct {
	Type, Title, Detail, Code, Rule string
	Status                          int
	Figures                         map[string]string
	Message                         domain.Text
}) {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("status %d is a %s, no problem: %.300s", a.status, kind, a.body)
	}
	if err := json.Unmarshal(a.body, &p, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if p.Status != a.status || p.Code == "" || p.Title == "" || p.Detail == "" || p.Message.ZH == "" || p.Message.EN == "" || strings.Contains(p.Detail, "{") {
		t.Errorf("the problem is not whole: %s", a.body)
	}
	return p
}

// ask sends a request; headers come in pairs.
func (h *house) ask(method, path, token, body string, headers ...string) answer {
	h.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := must(http.NewRequestWithContext(h.t.Context(), method, h.http.URL+path, content))(h.t)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(r)
}

func (h *house) send(r *http.Request) answer {
	h.t.Helper()
	response, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatalf("reading the answer of %s: %v", r.URL, err)
	}
	for name, values := range response.Trailer {
		response.Header[name] = values
	}
	return answer{response.StatusCode, response.Header, body}
}

// want fails unless the answer has a status.
func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, bytes.TrimSpace(a.body))
	}
	return a
}
