package outward_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/outward"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fund is a fund's log, and what is written to it.
type fund struct {
	t      *testing.T
	server *eventstore.Server
	scribe *scribe.Scribe
	last   uint64
}

func newFund(t *testing.T) *fund {
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir(), Listen: new(string)})
	check(t, err)
	t.Cleanup(server.Shutdown)
	f := &fund{t: t, server: server, scribe: scribe.New(t)}
	f.give(scribe.Publish(scribe.Changning(t)))
	return f
}

// instance is what one process of several has open.
type instance struct {
	log   *eventstore.Log
	users accounts.Hand
}

func (f *fund) open() instance {
	f.t.Helper()
	nc, err := f.server.Connect()
	check(f.t, err)
	f.t.Cleanup(nc.Close)
	log, err := eventstore.Open(f.t.Context(), nc, eventstore.Config{Stream: "FUND_test", Subjects: []string{"fund.>"}})
	check(f.t, err)
	users, err := accounts.Open(f.t.Context(), nc, accounts.Config{Fund: "test"})
	check(f.t, err)
	f.t.Cleanup(users.Close)
	return instance{log, users.Hand("tester", accounts.CommandLine)}
}

// give books a command.
func (f *fund) give(c domain.Command) {
	f.t.Helper()
	if r := f.scribe.Give(c); r != nil {
		f.t.Fatal(r)
	}
	nc, err := f.server.Connect()
	check(f.t, err)
	defer nc.Close()
	log, err := eventstore.Open(f.t.Context(), nc, eventstore.Config{Stream: "FUND_test", Subjects: []string{"fund.>"}})
	check(f.t, err)
	var drafts []eventstore.Draft
	for _, r := range f.scribe.Records[f.last:] {
		envelope, err := eventstore.ParseEnvelope(r)
		check(f.t, err)
		drafts = append(drafts, eventstore.Draft{Subject: r.Subject, Envelope: envelope, Data: r.Data})
	}
	f.last, err = log.Append(f.t.Context(), f.last, drafts)
	check(f.t, err)
}

// register books enterprises, each one event.
func (f *fund) register(from, to int) {
	f.t.Helper()
	for i := from; i < to; i++ {
		f.give(&domain.RegisterEnterprise{Head: domain.Head{ID: domain.CommandID(fmt.Sprint("r-", i)), Date: scribe.Day("2025-01-02"),
			Actor: domain.Actor{ID: "wang", Role: domain.Clerk, Department: "investment"}}, Enterprise: code(i), Title: "推送企业 " + strconv.Itoa(i), Industry: "ai"})
	}
}

// code is a made-up credit code: its last sign is found by trying.
func code(n int) (id domain.EnterpriseID) {
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if id = domain.EnterpriseID(fmt.Sprintf("91310105MA%07d%c", n, last)); domain.ValidCreditCode(id) {
			break
		}
	}
	return id
}

// receiver is told, and answers as it is set to.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(r *http.Request, seq uint64) int // 0: 204
	tries  []uint64
	ids    []string // taken, in order
	bodies map[string][]byte
	heads  map[string]http.Header
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{bodies: map[string][]byte{}, heads: map[string]http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		var event struct {
			Sequence string `json:"sequence"`
		}
		if err := json.Unmarshal(body, &event); err != nil {
			t.Errorf("it was told %q: %v", body, err)
		}
		seq, _ := strconv.ParseUint(event.Sequence, 10, 64)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tries = append(r.tries, seq)
		status := 0
		if r.answer != nil {
			status = r.answer(request, seq)
		}
		if status != 0 {
			w.WriteHeader(status)
			fmt.Fprintf(w, "no\x1b[31m, not %d", seq)
			return
		}
		id := request.Header.Get("webhook-id")
		r.ids, r.bodies[id], r.heads[id] = append(r.ids, id), body, request.Header.Clone()
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) set(answer func(r *http.Request, seq uint64) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// taken are the positions of the events that it took, in the order in which it did.
func (r *receiver) taken() (list []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range r.ids {
		var event struct {
			Sequence uint64 `json:"sequence,string"`
		}
		_ = json.Unmarshal(r.bodies[id], &event)
		list = append(list, event.Sequence)
	}
	return list
}

func (r *receiver) took(from, to uint64) func() bool {
	var want []uint64
	for seq := from; seq <= to; seq++ {
		want = append(want, seq)
	}
	return func() bool { return slices.Equal(r.taken(), want) }
}

const pause = 5 * time.Millisecond

func (i instance) webhooks(change func(*outward.Config)) *outward.Webhooks {
	cfg := outward.Config{Fund: "test", Log: i.log, Users: i.users.Users, Pause: pause, Timeout: 2 * time.Second}
	if change != nil {
		change(&cfg)
	}
	return outward.New(cfg)
}

// hook gives a new user a webhook.
func (i instance) hook(t *testing.T, url string, events ...string) (secret string) {
	t.Helper()
	check(t, i.users.Add(accounts.User{ID: "sync", Grants: []accounts.Grant{{Role: domain.Auditor}}}, ""))
	secret, err := i.users.AddWebhook("sync", accounts.Webhook{Name: "bus", URL: url, Events: events, From: 1}, outward.Names(), false)
	check(t, err)
	return secret
}

func start(t *testing.T, w *outward.Webhooks) *outward.Telling {
	telling := w.Start(t.Context(), nil)
	t.Cleanup(telling.Stop)
	return telling
}

func row(t *testing.T, w *outward.Webhooks) outward.Row {
	t.Helper()
	rows, err := w.Rows(t.Context())
	check(t, err)
	if len(rows) != 1 {
		t.Fatalf("there are the webhooks %+v", rows)
	}
	return rows[0]
}

// Standard Webhooks, as its text says it: the key is the base64 behind whsec_.
func signed(t *testing.T, secret string, h http.Header, body []byte) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	check(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("Webhook-Id") + "." + h.Get("Webhook-Timestamp") + "."))
	mac.Write(body)
	return slices.Contains(strings.Split(h.Get("Webhook-Signature"), " "), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
