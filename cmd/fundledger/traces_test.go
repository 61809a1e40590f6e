package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// collected is a span as a collector gets it.
type collected struct {
	TraceID, SpanID, ParentSpanID, Name, StartTimeUnixNano, EndTimeUnixNano string
	Kind                                                                    int
	Attributes                                                              []struct {
		Key   string
		Value map[string]any
	}
}

// collector is an OpenTelemetry collector that keeps what it gets.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []collected
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			ResourceSpans []struct {
				Resource   struct{ Attributes []struct{ Key string } }
				ScopeSpans []struct{ Spans []collected }
			}
		}
		if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&got) != nil {
			http.Error(w, "not OTLP", http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range got.ResourceSpans {
			if len(resource.Resource.Attributes) == 0 {
				t.Error("nobody says whose spans they are")
			}
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(c.Close)
	return c
}

// named waits for a span.
func (c *collector) named(t *testing.T, name string) collected {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		c.mu.Lock()
		for _, s := range c.spans {
			if s.Name == name {
				c.mu.Unlock()
				return s
			}
		}
		c.mu.Unlock()
	}
	t.Fatalf("no span %q came", name)
	return collected{}
}

// A request, what it booked and its being in the tables are one trace, which goes on the one that the client has begun. The event says its
// trace under proof, and a request that comes without one makes none, for the ratio is 0.
func TestOneTraceLeadsFromRequestToEventToProjection(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	output(t, "user", "add", "ana", "--data", dir, "--grant", "clerk")
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	serving(t, dir, func(url string) {
		give := func(body, parent string) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/commands", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Content-Type", "application/json")
			if parent != "" {
				request.Header.Set("traceparent", parent)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := io.ReadAll(response.Body); response.Body.Close() != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%d: %s", response.StatusCode, text)
			}
		}
		give(`{"command":"register_enterprise","id":"one","date":"2025-03-03","enterprise":"N-1","name":"网上","industry":"fishing"}`, "")
		give(`{"command":"register_enterprise","id":"two","date":"2025-03-03","enterprise":"N-2","name":"再来","industry":"fishing"}`, "00-"+trace+"-"+span+"-01")
		give(`{"command":"register_enterprise","id":"three","date":"2025-03-03","enterprise":"N-3","name":"第三","industry":"fishing"}`, "00-nonsense")
		parent := span
		for _, name := range []string{"POST /v1/commands", "book register_enterprise", "project"} {
			s := c.named(t, name)
			if s.TraceID != trace || s.ParentSpanID != parent || len(s.StartTimeUnixNano) != 19 || s.EndTimeUnixNano < s.StartTimeUnixNano {
				t.Errorf("%+v: want it under %s", s, parent)
			}
			if name == "book register_enterprise" {
				said := map[string]any{}
				for _, a := range s.Attributes {
					for _, value := range a.Value {
						said[a.Key] = value
					}
				}
				if said["fundledger.command_id"] != "two" || said["fundledger.first_seq"] != "3" {
					t.Errorf("the span says %v", said)
				}
			}
			parent = s.SpanID
		}
	}, "--otlp-endpoint", c.URL, "--trace-ratio=0")
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.spans) != 3 {
		t.Errorf("%d spans were made: %+v", len(c.spans), c.spans)
	}
	output(t, "verify", "--data", dir)
}
