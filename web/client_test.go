package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/web/client"
)

func (h *house) remote(token string) *client.Client {
	h.t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 128}
	h.t.Cleanup(transport.CloseIdleConnections)
	return must(client.New(h.http.URL, token, "en", transport))(h.t)
}

func registration(id string, i int) *domain.RegisterEnterprise {
	return &domain.RegisterEnterprise{Head: domain.Head{ID: domain.CommandID(id), Date: domain.DateOf(2025, 3, 3)}, Enterprise: domain.EnterpriseID(sampleCode(i)), Title: "某某科技有限公司", Industry: "ai"}
}

func TestTheClientGetsOutcomesRefusalsAndProblemsApart(t *testing.T) {
	h := open(t)
	c := h.remote(h.token("li.na", "clerk@investment"))
	first := must(c.Do(t.Context(), registration("r1", 1)))(t)
	if first.LastSeq != 2 {
		t.Errorf("%+v", first)
	}
	_, err := c.Do(t.Context(), registration("r2", 1))
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) || refusal.Code != "enterprise_exists" || refusal.Figures["enterprise"] == "" {
		t.Errorf("%v", err)
	}
	_, err = h.remote("flt_x_y").Do(t.Context(), registration("r3", 3))
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != "token_invalid" || p.Status != http.StatusUnauthorized {
		t.Errorf("%v", err)
	}
}

func TestTheClientSendsABatchAndReadsTotals(t *testing.T) {
	h := open(t)
	h.play()
	given := func(yield func(domain.Command) bool) {
		for i := range 2000 {
			if !yield(registration(fmt.Sprint("b", i), i/2)) {
				return
			}
		}
	}
	c := h.remote(h.token("li.na", "clerk@investment"))
	accepted, refused := 0, 0
	for l, err := range c.Batch(t.Context(), given, client.Batched{}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case l.Status == http.StatusOK:
			accepted++
		case l.Code == "enterprise_exists":
			refused++
		}
	}
	if accepted != 1000 || refused != 1000 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
	want := must(projections.Totals.Page(t.Context(), h.queries, projections.Ask{Limit: 5000}))(t)
	n := 0
	for row, err := range projections.Totals.Every(t.Context(), c, projections.Ask{Limit: 11}) {
		if err != nil {
			t.Fatal(err)
		}
		if got, w := fmt.Sprint(row), fmt.Sprint(want.Rows[n]); got != w {
			t.Fatalf("row %d is %s, want %s", n, got, w)
		}
		n++
	}
	if n != len(want.Rows) {
		t.Errorf("%d rows of %d", n, len(want.Rows))
	}
}

func TestCommandsComeOverNATSToo(t *testing.T) {
	var nc *nats.Conn
	h := open(t, func(c *web.Config) { c.NATSCommands, nc = true, c.NATS })
	ask := func(token, body string) *nats.Msg {
		m := nats.NewMsg(web.CommandSubject(fund))
		m.Header.Set("Authorization", "Bearer "+token)
		m.Data = []byte(body)
		return must(nc.RequestMsg(m, patience))(t)
	}
	token := h.token("li.na", "clerk@investment")
	var o ledger.Outcome
	if m := ask(token, fmt.Sprintf(register, "r1", company)); json.Unmarshal(m.Data, &o) != nil || o.LastSeq != 2 {
		t.Errorf("%v %s", m.Header, m.Data)
	}
	for name, c := range map[string][4]string{
		"a forged token":     {"flt_x_y", fmt.Sprintf(register, "r2", company), "401", "token_invalid"},
		"a refusal":          {token, fmt.Sprintf(register, "r2", company), "422", "enterprise_exists"},
		"what is no command": {token, "x", "400", "command_malformed"},
		"an analyst's":       {h.token("an", "analyst"), fmt.Sprintf(register, "r2", company), "403", "route_not_allowed"},
	} {
		if m := ask(c[0], c[1]); m.Header.Get("Nats-Service-Error-Code") != c[2] || m.Header.Get("Nats-Service-Error") != c[3] {
			t.Errorf("%s: %v %s", name, m.Header, m.Data)
		}
	}
}

// TestCommandsASecond measures, in one run, what the web costs: 64 clients in process and over HTTP.
func TestCommandsASecond(t *testing.T) {
	h := open(t)
	token := h.token("root", "admin", "clerk@investment")
	c := h.remote(token)
	const each, clients = 40, 64
	viewer := web.Viewer{ID: "root", Grants: []web.Grant{{Role: domain.Clerk, Department: "investment"}}}
	measure := func(name string, base int, do func(*domain.RegisterEnterprise) error) float64 {
		var all sync.WaitGroup
		began := time.Now()
		for i := range clients {
			all.Go(func() {
				for k := range each {
					n := base + i*each + k
					if err := do(registration(fmt.Sprint(name, n), n)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return clients * each / time.Since(began).Seconds()
	}
	inProcess := measure("p", 0, func(r *domain.RegisterEnterprise) error {
		result := h.web.Do(t.Context(), viewer, viewer.Grants[0], r)
		return result.Err
	})
	overHTTP := measure("h", 100_000, func(r *domain.RegisterEnterprise) error {
		_, err := c.Do(t.Context(), r)
		return err
	})
	t.Logf("commands/s with %d clients: %.0f in process, %.0f over HTTP (%.2f)", clients, inProcess, overHTTP, overHTTP/inProcess)
	if got := h.position(); got != 2*clients*each+1 {
		t.Errorf("the ledger is at %d", got)
	}
}
