package web_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/web"
)

// paged answers the journal in short pages, all but the first when its gate is opened.
type paged struct {
	*postgres.Queries
	came, open chan struct{}
}

func (p paged) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	if l == projections.Journal.List {
		if ask.Cursor != "" {
			p.came <- struct{}{}
			select {
			case <-p.open:
			case <-ctx.Done():
			}
		}
		ask.Limit = min(ask.Limit, 2500)
	}
	return p.Queries.Page(ctx, l, ask)
}

// Whoever is removed, loses what they were granted, or has their token revoked while they take a long file, gets no more of it, and sees that it is
// cut. Whoever stays gets it whole.
func TestALongDownloadEndsWithItsPerson(t *testing.T) {
	t.Parallel()
	gate := paged{came: make(chan struct{}, 100)}
	h := open(t, func(cfg *web.Config) {
		gate.Queries = cfg.Queries.(*postgres.Queries)
		cfg.Heavy, cfg.HeavyReads, cfg.HeavyReadsEach = &gate, 10, 10
	})
	h.load(4000)
	for name, c := range map[string]struct {
		end func(id domain.PersonID) error
		cut bool
	}{
		"removed":              {h.users.Remove, true},
		"granted another role": {func(id domain.PersonID) error { return h.users.SetGrants(id, []web.Grant{{Role: domain.Auditor}}) }, true},
		"without a token":      {func(id domain.PersonID) error { return h.users.RevokeToken(id, "test") }, true},
		"granted more": {func(id domain.PersonID) error {
			return h.users.SetGrants(id, []web.Grant{{Role: domain.Analyst}, {Role: domain.Auditor}})
		}, false},
	} {
		gate.open = make(chan struct{})
		id := domain.PersonID("an" + strconv.Itoa(len(name)) + name[:1])
		r := must(http.NewRequestWithContext(t.Context(), "GET", h.http.URL+"/v1/journal?format=ndjson", nil))(t)
		r.Header.Set("Authorization", "Bearer "+h.token(string(id), "analyst"))
		asking, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		response := must(h.client.Do(r.WithContext(asking)))(t)
		<-gate.came
		if err := c.end(id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond) // they are looked up once a second
		close(gate.open)
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || len(text) == 0 || (err != nil) != c.cut {
			t.Errorf("%s: status %d, %d bytes, %v", name, response.StatusCode, len(text), err)
		}
		for len(gate.came) > 0 {
			<-gate.came
		}
	}
}

// Somebody invents sessions, as many as they can, from the address of everybody: the shelf is asked for few of them, and a true session passes
// that this instance has not seen yet.
func TestInventedSessionsHardlyReachTheShelf(t *testing.T) {
	t.Parallel()
	var first web.Config
	h := open(t, func(cfg *web.Config) {
		cfg.PublicRate = 1
		first = *cfg
	})
	session := h.person("li.na")
	server := must(web.New(first))(t)
	t.Cleanup(server.Close)
	other := httptest.NewServer(server.Handler())
	t.Cleanup(other.Close)
	var asked atomic.Int64
	watch := must(first.NATS.Subscribe("$JS.API.STREAM.*.>", func(m *nats.Msg) {
		if strings.Contains(m.Subject, ".KEPT_") {
			asked.Add(1)
		}
	}))(t)
	t.Cleanup(func() { _ = watch.Unsubscribe() })
	ask := func(cookie string) int {
		r := must(http.NewRequestWithContext(t.Context(), "GET", other.URL+"/v1/me", nil))(t)
		r.Header.Set("Cookie", cookie)
		answer := must(http.DefaultClient.Do(r))(t)
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	const invented = 300
	var asking sync.WaitGroup
	for range invented {
		asking.Go(func() {
			if status := ask("fundledger_session=" + rand.Text()); status != http.StatusUnauthorized && status != http.StatusTooManyRequests {
				t.Errorf("an invented session is answered %d", status)
			}
		})
	}
	if status := ask(session); status != http.StatusOK {
		t.Errorf("a true session is answered %d", status)
	}
	asking.Wait()
	if n := asked.Load(); n == 0 || n > invented/4 {
		t.Errorf("the shelf was asked %d times", n)
	}
}
