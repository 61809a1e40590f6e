package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A webhook from its beginning to its end as docs/webhooks.md has it, beside the service that tells it.
func TestAWebhookFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := serveOnOneNode(t, databaseOf(t, database(t), "webhooks"))
	var mu sync.Mutex
	var told []string
	refuses := true
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if id := r.Header.Get("webhook-id"); refuses && id == "event-3" {
			http.Error(w, "不收", http.StatusConflict)
		} else {
			told = append(told, id)
		}
	}))
	defer receiver.Close()
	run := func(args ...string) string {
		t.Helper()
		return string(output(t, append(args, s.flags...)...))
	}
	run("user", "add", "bus", "--grant", "auditor")
	if secret := run("webhook", "add", "bus", "finance", receiver.URL, "--events", "enterprise_*"); !strings.Contains(secret, "whsec_") {
		t.Errorf("the secret is %q", secret)
	}
	run("webhook", "ping", "bus", "finance")
	for n := range 3 {
		s.book(t, registration(n))
	}
	until(t, "what is refused to lie with the undelivered", func() error {
		if list := run("webhook", "list", "--format", "csv"); !strings.Contains(list, "bus,finance,"+receiver.URL+",enterprise_*,4,0,1,") {
			return fmt.Errorf("the list is %s", list)
		}
		return nil
	})
	if lying := run("webhook", "undelivered", "bus", "finance"); !strings.Contains(lying, "409 Conflict: 不收") {
		t.Errorf("undelivered are %s", lying)
	}
	until(t, "the metrics", func() error {
		return s.measures(t, `fundledger_webhook_undelivered{webhook="bus/finance"}`, func(v float64) bool { return v == 1 })
	})
	if again := program(t, append([]string{"webhook", "again", "bus", "finance"}, s.flags...)...); again.Run() == nil {
		t.Error("what is refused still was delivered")
	}
	mu.Lock()
	refuses = false
	mu.Unlock()
	run("webhook", "again", "bus", "finance")
	run("webhook", "secret", "bus", "finance")
	if lying := run("webhook", "undelivered", "bus", "finance"); strings.Contains(lying, "409") {
		t.Errorf("undelivered still are %s", lying)
	}
	run("webhook", "remove", "bus", "finance")
	s.book(t, registration(3))
	if list := run("webhook", "list"); strings.Contains(list, receiver.URL) {
		t.Errorf("the list still is %s", list)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(told[1:], " "); !strings.HasPrefix(told[0], "ping-") || got != "event-2 event-4 event-3" {
		t.Errorf("it was told %v", told)
	}
	if trail := run("user", "log", "bus", "--format", "csv"); strings.Count(trail, "finance → "+receiver.URL) != 3 {
		t.Errorf("the trail is %s", trail)
	}
}
