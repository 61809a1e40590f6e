package pages_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/web/pages"
)

func TestMain(m *testing.M) {
	pgtest.Main(m, goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"))
}

const fund = "changning-2024"

var now = time.Date(2025, 9, 10, 10, 0, 0, 0, domain.Shanghai)

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// site is a whole service over two sample years, with a person signed in who accepts, pays and reads.
type site struct {
	t        testing.TB
	ledger   *ledger.Ledger
	queries  *postgres.Queries
	users    accounts.Hand
	database string
	proof    *web.Proof
	http     *httptest.Server
	client   *http.Client
}

func open(t testing.TB, change ...func(*web.Config)) *site {
	t.Helper()
	return openTold(t, nil, change...)
}

// openTold is open on a ledger whose commands were changed before they were given; nil: they were not.
func openTold(t testing.TB, tell func(domain.Command), change ...func(*web.Config)) *site {
	t.Helper()
	ctx := t.Context()
	s := &site{t: t}
	folder, db := filled(t, tell)
	s.database = db
	on := must(stand(ctx, folder, db))(t)
	t.Cleanup(on.close)
	nc := must(on.server.Connect())(t)
	t.Cleanup(nc.Close)
	s.ledger, s.users = on.ledger, on.users.Hand("test", accounts.CommandLine)
	s.queries = must(postgres.OpenQueries(ctx, db, clock))(t)
	t.Cleanup(s.queries.Close)
	key, _, err := proof.OpenKey(filepath.Join(t.TempDir(), "checkpoint.key"), proof.Origin(fund))
	if err != nil {
		t.Fatal(err)
	}
	log, store := s.ledger.Log(), proof.Folder(filepath.Join(t.TempDir(), "checkpoints"))
	notary := must(proof.OpenNotary(ctx, proof.NotaryConfig{Fund: fund, Key: key, Log: log, Store: store}))(t)
	t.Cleanup(notary.Close)
	must(notary.Issue(ctx))(t)
	refusals := must(ledger.OpenRefusals(ctx, nc, ledger.Config{Fund: fund}, true))(t)
	s.proof = &web.Proof{Fund: fund, Log: log, Refusals: replay.RefusalLog{Fund: fund, Stream: refusals}, Tree: notary.Tree(), Store: store, Trust: notary.Trust(), Verifiers: []string{notary.Verifier()},
		Notary: notary, Concerned: s.queries.Concerned}
	s.proof.Watch = audit.StartWatch(audit.WatchConfig{Fund: fund, Log: log, Last: log.Last, Store: store, Trust: notary.Trust(), Tree: notary.Tree(), Pause: time.Hour})
	t.Cleanup(s.proof.Watch.Close)
	must(s.proof.Watch.Verify(ctx))(t)
	contents := must(ledger.OpenFiles(ctx, nc, fund, 1, false, nil))(t)
	cfg := web.Config{Fund: fund, Files: contents, Ledger: s.ledger, Queries: s.queries, Projector: on.projector, Users: on.users, NATS: nc, Proof: s.proof, Pages: pages.New(), Rate: -1, PublicRate: -1,
		Webhooks: outward.New(outward.Config{Fund: fund, Log: s.ledger.Log(), Users: on.users}),
		Now:      clock}
	for _, c := range change {
		c(&cfg)
	}
	server := must(web.New(cfg))(t)
	s.http = httptest.NewUnstartedServer(nil)
	s.http.Config = server.HTTP()
	s.http.Start()
	t.Cleanup(s.http.Close)
	t.Cleanup(server.Close)
	s.client = s.http.Client()
	s.client.Jar = must(cookiejar.New(nil))(t)
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, _, body := s.post("/login", url.Values{"name": {"officer"}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d: %s", status, body)
	}
	return s
}

const password = "a long enough password"

// publication is the command that publishes the policy.
func publication(t testing.TB) *domain.PublishPolicy {
	policy := must(policies.Named(fund))(t)
	return &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy}
}

func (s *site) get(path string) (int, string) {
	s.t.Helper()
	r := must(http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.http.URL+path, nil))(s.t)
	r.Header.Set("Accept", "text/html")
	status, _, body := s.send(r)
	return status, body
}

func (s *site) post(path string, form url.Values) (int, http.Header, string) {
	s.t.Helper()
	response, err := s.client.PostForm(s.http.URL+path, form)
	return s.read(response, err)
}

var reviewedOf = regexp.MustCompile(`name="reviewed" value="([0-9a-f]{32})"`)

// confirm sends a form of what cannot be taken back, and confirms what is shown.
func (s *site) confirm(path string, form url.Values) (int, http.Header, string) {
	s.t.Helper()
	status, header, body := s.post(path, form)
	shown := reviewedOf.FindStringSubmatch(body)
	if status != http.StatusOK || shown == nil {
		return status, header, body
	}
	form = maps.Clone(form)
	form.Set("reviewed", shown[1])
	return s.post(path, form)
}

func (s *site) send(r *http.Request) (int, http.Header, string) {
	s.t.Helper()
	response, err := s.client.Do(r)
	return s.read(response, err)
}

func (s *site) read(response *http.Response, err error) (int, http.Header, string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body := must(io.ReadAll(response.Body))(s.t)
	return response.StatusCode, response.Header, string(body)
}
