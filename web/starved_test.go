package web_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/web"
)

// stuck answers the questions of one list when its gate is opened, as a database does that has very much to read.
type stuck struct {
	*postgres.Queries
	list *projections.List
	came chan struct{}
	open chan struct{}
}

func (s stuck) wait(ctx context.Context) error {
	s.came <- struct{}{}
	select {
	case <-s.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s stuck) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	if l == s.list {
		if err := s.wait(ctx); err != nil {
			return projections.Page[any]{}, err
		}
	}
	return s.Queries.Page(ctx, l, ask)
}

// One person opens twenty exports and twelve explanations at once, and all that run are stuck: they alone wait, or are told to come back. What
// others ask is answered, their exports too, commands are decided, people sign in, and the probes answer.
func TestOnePersonsHeavyReadsStarveNobody(t *testing.T) {
	var gate stuck
	h := open(t, proving(t), func(cfg *web.Config) {
		gate = stuck{cfg.Queries.(*postgres.Queries), projections.Journal.List, make(chan struct{}, 1000), make(chan struct{})}
		cfg.Heavy = gate
		concerned := cfg.Proof.Concerned
		cfg.Proof.Concerned = func(ctx context.Context, ask projections.Concern) ([]uint64, error) {
			if err := gate.wait(ctx); err != nil {
				return nil, err
			}
			return concerned(ctx, ask)
		}
	})
	h.load(300)
	greedy, other := h.token("greedy", "analyst"), h.token("other", "clerk@commerce")
	const exports, explanations = 20, 12
	statuses := make(chan answer, exports+explanations)
	var asking sync.WaitGroup
	for i := range exports + explanations {
		path := "/v1/journal?format=csv"
		if i >= exports {
			path = "/v1/explain?figure=use&year=2025"
		}
		asking.Go(func() { statuses <- h.ask("GET", path, greedy, "") })
	}
	refused := 0
	for range exports + explanations - 8 {
		a := <-statuses
		if a.want(t, http.StatusTooManyRequests).problem(t).Code != "heavy_busy" {
			t.Errorf("%s", a.body)
		}
		if after, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || after <= 0 {
			t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
		}
		refused++
	}
	<-gate.came
	<-gate.came
	for _, path := range []string{"/v1/enterprises?limit=5", "/v1/totals?limit=5", "/v1/me", "/v1/enterprises?format=csv", "/v1/enterprises?format=xlsx"} {
		h.ask("GET", path, other, "").want(t, http.StatusOK)
	}
	for _, path := range []string{"/livez", "/readyz", "/healthz", "/login"} {
		h.ask("GET", path, "", "").want(t, http.StatusOK)
	}
	h.ask("GET", "/v1/totals?limit=5", greedy, "").want(t, http.StatusOK)
	must(h.remote(other).Do(t.Context(), registration("meanwhile", 7777)))(t)
	close(gate.open)
	asking.Wait()
	close(statuses)
	for a := range statuses {
		a.want(t, http.StatusOK)
	}
	if refused != exports+explanations-8 {
		t.Errorf("%d were told to come back", refused)
	}
	h.ask("GET", "/v1/journal?format=csv", greedy, "").want(t, http.StatusOK)
}

// An export that is larger than allowed is no file: short, it says so; long, it is cut.
func TestAnExportIsBounded(t *testing.T) {
	for name, bound := range map[string]func(*web.Config){"rows": func(c *web.Config) { c.ExportRows = 10 }, "bytes": func(c *web.Config) { c.ExportBytes = 300 << 10 }} {
		h := open(t, bound)
		h.load(3000)
		token := h.token("an", "analyst")
		r := must(http.NewRequestWithContext(t.Context(), "GET", h.http.URL+"/v1/events?format=ndjson", nil))(t)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := h.client.Do(r)
		if err != nil {
			t.Fatal(name, err)
		}
		buffer := make([]byte, 1<<20)
		total := 0
		for err == nil {
			var n int
			n, err = response.Body.Read(buffer)
			total += n
		}
		if closing := response.Body.Close(); closing != nil {
			t.Log(closing)
		}
		if response.StatusCode == http.StatusOK && err.Error() == "EOF" || response.StatusCode != http.StatusOK && response.StatusCode != http.StatusUnprocessableEntity || total > 400<<10 {
			t.Errorf("%s: status %d, %d bytes, %v", name, response.StatusCode, total, err)
		}
	}
}

// What takes longer than it may is ended, and its turn given to others.
func TestAHeavyReadEnds(t *testing.T) {
	var gate stuck
	h := open(t, func(cfg *web.Config) {
		gate = stuck{cfg.Queries.(*postgres.Queries), projections.Journal.List, make(chan struct{}, 1000), make(chan struct{})}
		cfg.Heavy, cfg.HeavyFor, cfg.HeavyReads = gate, 3*time.Second, 1
	})
	token := h.token("an", "analyst")
	if p := h.ask("GET", "/v1/journal?format=csv", token, "").want(t, http.StatusServiceUnavailable).problem(t); p.Code != "timeout" {
		t.Errorf("%+v", p)
	}
	h.ask("GET", "/v1/enterprises?format=csv", token, "").want(t, http.StatusOK)
}
