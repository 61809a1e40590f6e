package reading_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/sample"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/web/reading"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const hostile = `<script>alert("x")</script>&'"`

// site is a service with the sample years, and a reader's token.
func site(t *testing.T) (*httptest.Server, string) {
	t.Helper()
	ctx := t.Context()
	nats, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(nats.Shutdown)
	nc, err := nats.Connect()
	must(t, err)
	t.Cleanup(nc.Close)
	policy, err := policies.Named("changning-2024")
	must(t, err)
	l, err := ledger.Open(ctx, nc, ledger.Config{Fund: policy.Fund})
	must(t, err)
	t.Cleanup(l.Close)
	orders := []ledger.Order{{Command: &domain.PublishPolicy{Head: domain.Head{ID: "p", Date: policy.IssuedOn, Actor: domain.Actor{ID: "a", Role: domain.Admin}}, Policy: policy}},
		{Command: &domain.RegisterEnterprise{Head: domain.Head{ID: "h", Date: policy.Term.From, Actor: domain.Actor{ID: "c", Role: domain.Clerk}}, Enterprise: "914403001922038216", Title: hostile}}}
	for step := range sample.Changning(policy, domain.DateOf(2025, 12, 31)) {
		orders = append(orders, ledger.Order{Command: step.Command})
	}
	last := uint64(0)
	for _, r := range l.DoAll(ctx, orders) {
		must(t, r.Err)
		last = max(last, r.Outcome.LastSeq)
	}
	url := pgtest.NewMigrated(t, "reading", func(ctx context.Context, url string) error { return postgres.Migrate(ctx, url) })
	projector, err := postgres.Start(ctx, postgres.Config{URL: url, Source: l.Log(), Log: postgres.Log{Stream: ledger.StreamName(policy.Fund), Fund: string(policy.Fund)}})
	must(t, err)
	t.Cleanup(projector.Stop)
	must(t, projector.WaitFor(ctx, last))
	queries, err := postgres.OpenQueries(ctx, url, nil)
	must(t, err)
	t.Cleanup(queries.Close)
	users, err := web.OpenUsers(filepath.Join(t.TempDir(), "users.json"), nil, nil)
	must(t, err)
	must(t, users.Add(web.User{ID: "reader", Grants: []web.Grant{{Role: domain.Analyst}}}, web.RandomPassword()))
	server, err := web.New(web.Config{Fund: policy.Fund, Ledger: l, Queries: queries, Projector: projector, Users: users, NATS: nc, Pages: reading.Pages{}})
	must(t, err)
	t.Cleanup(server.Close)
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	token, err := users.CreateToken("reader", "test", time.Now().Add(time.Hour))
	must(t, err)
	return listening, token
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s *httptest.Server, token, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	must(t, err)
	r.Header.Set("Accept", "text/html")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := s.Client().Do(r)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(body)
}

// inline finds what the content security policy forbids.
var inline = regexp.MustCompile(`(?i)<style|<script(?: [^>]*)?>[^<]|\son[a-z]+=|\sstyle=|javascript:`)

func TestEveryPageReadsInBothLanguages(t *testing.T) {
	s, token := site(t)
	for path, want := range map[string][2]string{
		"/": {"企业年度汇总", "Yearly totals"}, "/?clause=6&year=2025": {"企业年度汇总", "annual limit"}, "/?on=2025-06-30": {"年度上限", "headroom"}, "/?as_of=seq:500": {"已批准", "approved"},
		"/enterprises": {"信用受限", "credit restricted"}, "/enterprises?search=航空": {"航空", "航空"}, "/applications": {"申请编号", "application"}, "/applications?state=rejected": {"rejected", "rejected"},
		"/applications/S-03": {"提交申请", "applied for"}, "/payouts": {"凭证", "voucher"}, "/clawbacks?state=open": {"未收回", "outstanding"}, "/journal?kind=exception": {"20,000,000.00", "20,000,000.00"},
		"/enterprises/914403001922038216": {"登记企业", "registered"},
	} {
		for i, lang := range []string{"zh", "en"} {
			separator := "?"
			if strings.Contains(path, "?") {
				separator = "&"
			}
			status, body := get(t, s, token, path+separator+"lang="+lang)
			if status != http.StatusOK || !strings.Contains(body, want[i]) {
				t.Errorf("%s in %s: %d, without %q", path, lang, status, want[i])
			}
			if found := inline.FindString(body); found != "" {
				t.Errorf("%s in %s has inline %q", path, lang, found)
			}
			if strings.Contains(body, hostile) {
				t.Errorf("%s in %s shows hostile text unescaped", path, lang)
			}
		}
	}
}

func TestWhatCannotBeShownSaysSo(t *testing.T) {
	s, token := site(t)
	for path, want := range map[string]int{"/applications/none": http.StatusNotFound, "/enterprises/none": http.StatusNotFound, "/?as_of=yesterday": http.StatusBadRequest,
		"/?on=2025-13-01": http.StatusUnprocessableEntity, "/payouts?year=x": http.StatusUnprocessableEntity, "/nothing": http.StatusNotFound, "/?cursor=zz": http.StatusBadRequest} {
		if status, body := get(t, s, token, path); status != want || !strings.Contains(body, "alert bad") {
			t.Errorf("%s answers %d: %.200s", path, status, body)
		}
	}
	if _, body := get(t, s, "", "/"); !strings.Contains(body, `name="password"`) {
		t.Errorf("who is not signed in sees %.300s", body)
	}
}
