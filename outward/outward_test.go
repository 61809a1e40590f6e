package outward_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/projections"
)

// Two instances tell one webhook every event once, in order, as it lies on the log; another webhook only what it asked for.
func TestAWebhookIsToldEverythingInOrder(t *testing.T) {
	f, r, few := newFund(t), newReceiver(t), newReceiver(t)
	one, two := f.open(), f.open()
	f.register(0, 10)
	secret := one.hook(t, r.URL)
	_, err := one.users.AddWebhook("sync", accounts.Webhook{Name: "few", URL: few.URL, Events: []string{"policy_*"}, From: 1}, outward.Names(), false)
	check(t, err)
	start(t, one.webhooks(nil))
	start(t, two.webhooks(nil))
	f.register(10, 40)
	scribe.Until(t, "everything to be told", r.took(1, f.last))
	scribe.Until(t, "nothing to lack", func() bool {
		rows, err := two.webhooks(nil).Rows(t.Context())
		return err == nil && len(rows) == 2 && rows[0].Behind == 0 && rows[0].Position == f.last && rows[1].Behind == 0
	})
	if got := few.taken(); !slices.Equal(got, []uint64{1}) {
		t.Errorf("who asked for policies was told %v", got)
	}
	check(t, one.log.Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
		for _, record := range records {
			envelope, err := eventstore.ParseEnvelope(record)
			check(t, err)
			body, head := r.bodies[fmt.Sprint("event-", record.Seq)], r.heads[fmt.Sprint("event-", record.Seq)]
			var event map[string]json.RawMessage
			check(t, json.Unmarshal(body, &event))
			leaf := eventstore.LeafHash(record)
			for name, want := range map[string]string{"specversion": "1.0", "id": envelope.ID, "type": envelope.Type, "source": envelope.Source, "actor": envelope.Actor,
				"commandid": envelope.CommandID, "businessdate": envelope.BusinessDate, "leafhash": base64.StdEncoding.EncodeToString(leaf[:]),
				"time": envelope.Time.Format(time.RFC3339Nano), "sequence": strconv.FormatUint(record.Seq, 10)} {
				var got string
				if err := json.Unmarshal(event[name], &got); err != nil || got != want {
					t.Errorf("event %d: %s is %s, not %s", record.Seq, name, event[name], want)
				}
			}
			if !bytes.Equal(event["data"], record.Data) {
				t.Errorf("event %d: the data are %s", record.Seq, event["data"])
			}
			if head.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" || !signed(t, secret, head, body) {
				t.Errorf("event %d: told with %v", record.Seq, head)
			}
			if signed(t, secret, head, append(bytes.Clone(body), ' ')) || signed(t, "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)), head, body) {
				t.Errorf("event %d: any signature is one", record.Seq)
			}
		}
		return nil
	}))
}

// While nobody takes what is told, it waits: nothing is lost, nothing overtakes, and people see why.
func TestAReceiverThatIsAwayIsWaitedFor(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	f.register(0, 5)
	r.set(func(*http.Request, uint64) int { return http.StatusServiceUnavailable })
	one.hook(t, r.URL)
	w := one.webhooks(nil)
	start(t, w)
	scribe.Until(t, "the trouble to be seen", func() bool { return strings.Contains(row(t, w).Trouble, "503 Service Unavailable: no [31m, not 1") })
	was := row(t, w)
	if was.Behind != f.last || was.Undelivered != 0 || was.Since.IsZero() {
		t.Errorf("it stands at %+v", was)
	}
	scribe.Until(t, "some tries", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.tries) > 4 })
	if now := row(t, w); !now.Since.Equal(was.Since) {
		t.Errorf("the trouble began at %s, and later at %s", was.Since, now.Since)
	}
	r.set(nil)
	scribe.Until(t, "everything to be told", r.took(1, f.last))
	scribe.Until(t, "the trouble to be over", func() bool { return row(t, w).Trouble == "" })
	for seq := range r.tries[:len(r.tries)-int(f.last)] {
		if r.tries[seq] != 1 {
			t.Errorf("event %d was tried before the first was taken", r.tries[seq])
		}
	}
}

// What a receiver refuses goes to the poison queue, and the rest goes on; sent again, it lies there no longer.
func TestWhatIsRefusedCanBeSentAgain(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	f.register(0, 8)
	refuses := func(_ *http.Request, seq uint64) int {
		if seq == 3 || seq == 6 {
			return http.StatusUnprocessableEntity
		}
		return 0
	}
	r.set(refuses)
	secret := one.hook(t, r.URL)
	w := one.webhooks(nil)
	start(t, w)
	scribe.Until(t, "the others to be told", func() bool { return slices.Equal(r.taken(), []uint64{1, 2, 4, 5, 7, 8, 9}) })
	scribe.Until(t, "nothing to lack", func() bool { return row(t, w).Behind == 0 })
	if row(t, w).Undelivered != 2 {
		t.Errorf("it stands at %+v", row(t, w))
	}
	lying, err := w.Undelivered(t.Context(), "sync", "bus", 10)
	check(t, err)
	if len(lying) != 2 || !strings.Contains(lying[0].Reason, "422 Unprocessable Entity: no [31m, not") {
		t.Fatalf("in the queue lie %+v", lying)
	}
	if lying[0].Body != nil || lying[1].Body != nil {
		t.Error("a copy of the log lies in the queue")
	}
	for text, ok := range map[string]bool{"1": true, "now": true, "10": true, "11": false, "0": false, "-1": false, "１": false, "": false, "99999999999999999999": false} {
		if from, err := w.From(t.Context(), text); (err == nil) != ok || err != nil && !errors.Is(err, accounts.ErrWebhook) {
			t.Errorf("from %q: %d, %v", text, from, err)
		}
	}
	tried := 0
	for _, seq := range r.tries {
		if seq == 3 {
			tried++
		}
	}
	if tried != 5 {
		t.Errorf("what is refused was sent %d times", tried)
	}
	delivered, failed, err := w.Again(t.Context(), "sync", "bus")
	if err != nil || delivered != 0 || len(failed) != 2 {
		t.Errorf("again: %d, %v, %v", delivered, failed, err)
	}
	r.set(nil)
	second := f.open().webhooks(nil) // a command beside the service
	if delivered, failed, err = second.Again(t.Context(), "sync", "bus", lying[0].ID, "none"); err != nil || delivered != 1 || failed["none"] == "" {
		t.Errorf("again: %d, %v, %v", delivered, failed, err)
	}
	if delivered, failed, err = second.Again(t.Context(), "sync", "bus"); err != nil || delivered != 1 || len(failed) != 0 {
		t.Errorf("again: %d, %v, %v", delivered, failed, err)
	}
	scribe.Until(t, "nothing to be counted any more", func() bool { return row(t, w).Undelivered == 0 })
	if len(r.taken()) != int(f.last) {
		t.Errorf("it took %v", r.taken())
	}
	if !signed(t, secret, r.heads["event-3"], r.bodies["event-3"]) || !strings.Contains(string(r.bodies["event-3"]), `"sequence":"3"`) {
		t.Errorf("sent again was %s", r.bodies["event-3"])
	}
	if _, _, err := w.Again(t.Context(), "sync", "no"); !errors.Is(err, accounts.ErrNoWebhook) {
		t.Errorf("of a webhook that is none: %v", err)
	}
}

// A receiver that refuses everything is at fault itself: ten lie in the queue, the rest waits.
func TestAReceiverThatRefusesEverythingIsWaitedFor(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	f.register(0, 20)
	r.set(func(*http.Request, uint64) int { return http.StatusUnauthorized })
	one.hook(t, r.URL)
	w := one.webhooks(func(c *outward.Config) { c.Pause = time.Millisecond })
	start(t, w)
	scribe.Until(t, "the trouble to be seen", func() bool { return strings.Contains(row(t, w).Trouble, "401") })
	if now := row(t, w); now.Undelivered != 10 || now.Behind != f.last-10 {
		t.Errorf("it stands at %+v", now)
	}
	r.set(nil)
	scribe.Until(t, "the rest to be told", r.took(11, f.last))
}

// Whoever is no user any more has nobody told: nothing more goes out, and nothing of the webhook stays.
func TestAWebhookEndsWithItsUser(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one, two := f.open(), f.open()
	f.register(0, 3)
	r.set(func(_ *http.Request, seq uint64) int {
		if seq == 2 {
			return http.StatusBadRequest
		}
		return 0
	})
	one.hook(t, r.URL)
	w := one.webhooks(nil)
	start(t, w)
	start(t, two.webhooks(nil))
	scribe.Until(t, "the others to be told", func() bool { return slices.Equal(r.taken(), []uint64{1, 3, 4}) })
	check(t, two.users.Remove("sync"))
	f.register(3, 6)
	scribe.Until(t, "nothing to be left", func() bool {
		names, err := one.log.Bookmarks(t.Context(), "webhook-")
		check(t, err)
		left := 0
		for _, prefix := range []string{"webhook.", "undelivered.", "trouble."} {
			kept, err := one.users.Shelf().Names(t.Context(), prefix)
			check(t, err)
			for _, name := range kept {
				if _, _, err := one.users.Shelf().Get(t.Context(), prefix+name); !errors.Is(err, eventstore.ErrNotFound) {
					left++
				}
			}
		}
		return len(names) == 0 && left == 0
	})
	if got := r.taken(); len(got) != 3 {
		t.Errorf("it was told %v", got)
	}
	if err := w.Ping(t.Context(), "sync", "bus"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("a webhook of nobody: %v", err)
	}
	three := f.open() // what was left while nobody told is found at the next start
	_, err := three.log.Bookmark("webhook-orphan", 1).Next(t.Context())
	check(t, err)
	start(t, three.webhooks(nil))
	scribe.Until(t, "no bookmark", func() bool {
		names, err := one.log.Bookmarks(t.Context(), "webhook-")
		return err == nil && len(names) == 0
	})
}

// While a secret changes, both sign.
func TestBothSecretsSignWhileTheyChange(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	first := one.hook(t, r.URL)
	w := one.webhooks(nil)
	second, err := one.users.RekeyWebhook("sync", "bus")
	check(t, err)
	check(t, w.Ping(t.Context(), "sync", "bus"))
	third, err := one.users.RekeyWebhook("sync", "bus")
	check(t, err)
	check(t, w.Ping(t.Context(), "sync", "bus"))
	for i, want := range [][]bool{{true, true, false}, {false, true, true}} {
		id := r.ids[i]
		for j, secret := range []string{first, second, third} {
			if signed(t, secret, r.heads[id], r.bodies[id]) != want[j] {
				t.Errorf("delivery %d is signed by secret %d: %v", i+1, j+1, !want[j])
			}
		}
	}
	list, _, err := one.users.Trail(t.Context(), "sync", 0, 10)
	check(t, err)
	if len(list) != 4 || list[0].Kind != accounts.HookRekeyed || list[2].Kind != accounts.HookAdded || list[2].Detail.EN != "bus → "+r.URL {
		t.Errorf("the trail says %+v", list)
	}
	for _, e := range list {
		if text := fmt.Sprint(e); strings.Contains(text, "whsec_") {
			t.Errorf("the trail tells a secret: %s", text)
		}
	}
}

// An answer that leads elsewhere is not followed, one without an end is not read, one that does not come is not waited for.
func TestOddReceivers(t *testing.T) {
	f, elsewhere := newFund(t), newReceiver(t)
	one := f.open()
	let := make(chan struct{})
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusPermanentRedirect)
		case "/endless":
			w.WriteHeader(http.StatusBadRequest)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "/never":
			<-let
		}
	}))
	defer odd.Close()
	defer close(let)
	check(t, one.users.Add(accounts.User{ID: "sync", Grants: []accounts.Grant{{Role: domain.Auditor}}}, ""))
	w := one.webhooks(func(c *outward.Config) { c.Timeout = 300 * time.Millisecond })
	for name, want := range map[string]string{"moved": "308 Permanent Redirect", "endless": "400 Bad Request", "never": "Client.Timeout exceeded"} {
		_, err := one.users.AddWebhook("sync", accounts.Webhook{Name: name, URL: odd.URL + "/" + name, From: 1}, outward.Names(), false)
		check(t, err)
		if err := w.Ping(t.Context(), "sync", name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(elsewhere.ids) > 0 {
		t.Error("a redirection was followed")
	}
}

func TestWhatCannotBeAWebhook(t *testing.T) {
	f := newFund(t)
	one := f.open()
	check(t, one.users.Add(accounts.User{ID: "sync", Grants: []accounts.Grant{{Role: domain.Auditor}}}, ""))
	for _, url := range []string{"", "x", "ftp://bus.example/in", "https://", "https://:8080/", "http://bus.example/in", "http://127.0.0.1.example/", "https://u:p@bus.example/",
		"https://bus.example/#x", "file:///etc/passwd", "https://bus.example/" + strings.Repeat("a", 2000), "https://bus.example/\x00"} {
		if _, err := one.users.AddWebhook("sync", accounts.Webhook{Name: "bus", URL: url}, outward.Names(), false); !errors.Is(err, accounts.ErrWebhook) {
			t.Errorf("%q: %v", url, err)
		}
	}
	for _, events := range [][]string{{"payout_mad"}, {"payout_made", ""}, {"["}, {"fundledger.payout_made"}} {
		if _, err := one.users.AddWebhook("sync", accounts.Webhook{Name: "bus", URL: "https://bus.example/", Events: events}, outward.Names(), false); !errors.Is(err, accounts.ErrWebhook) {
			t.Errorf("%q: %v", events, err)
		}
	}
	ok := accounts.Webhook{Name: "bus", URL: "http://bus.example/in", Events: []string{"payout_*", "clawback_ordered"}}
	if _, err := one.users.AddWebhook("sync", ok, outward.Names(), true); err != nil {
		t.Error(err)
	}
	if _, err := one.users.AddWebhook("sync", ok, outward.Names(), true); !errors.Is(err, accounts.ErrWebhookExists) {
		t.Errorf("a second one of the name: %v", err)
	}
	if _, err := one.users.AddWebhook("nobody", ok, outward.Names(), true); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("of nobody: %v", err)
	}
	text, err := one.users.Write(t.Context())
	check(t, err)
	if strings.Contains(string(text), "bus.example") || strings.Contains(string(text), "whsec_") {
		t.Error("users that go to another ledger take their webhooks along")
	}
}

// What an event caused is told behind it, whoever asked for it.
func TestNoticesAreToldBehindTheirEvent(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	one.hook(t, r.URL)
	down := true
	w := one.webhooks(func(c *outward.Config) {
		c.Notices = func(_ context.Context, seq uint64) ([]projections.NoticeRow, error) {
			if seq != 2 {
				return nil, nil
			}
			if down {
				down = false
				return nil, errors.New("the tables are away")
			}
			return []projections.NoticeRow{{Notice: projections.CapNear, Seq: seq, Place: 1, Clause: "8-1"}, {Notice: projections.BudgetFull, Seq: seq, Place: 2}}, nil
		}
	})
	f.register(0, 2)
	start(t, w)
	scribe.Until(t, "everything to be told", func() bool { return slices.Equal(r.taken(), []uint64{1, 2, 2, 2, 3}) })
	var notice struct {
		Type string         `json:"type"`
		Data map[string]any `json:"data"`
	}
	check(t, json.Unmarshal(r.bodies["notice-2-1"], &notice))
	if notice.Type != "fundledger.notice.cap_near" || notice.Data["clause"] != "8-1" || r.bodies["notice-2-2"] == nil {
		t.Errorf("it was told %+v", notice)
	}
}

// While the log is in doubt nothing is told; a command's id may be anything, and is in no header.
func TestWhatHoldsTheTelling(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	f.give(&domain.RegisterEnterprise{Head: domain.Head{ID: "拨付.2025-001", Date: scribe.Day("2025-01-02"), Actor: domain.Actor{ID: "wang", Role: domain.Clerk, Department: "investment"}},
		Enterprise: code(1), Title: "企业", Industry: "ai"})
	secret := one.hook(t, r.URL)
	var doubt atomic.Bool
	doubt.Store(true)
	w := one.webhooks(func(c *outward.Config) {
		c.Sound = func() error {
			if doubt.Load() {
				return errors.New("the log is in doubt")
			}
			return nil
		}
	})
	start(t, w)
	scribe.Until(t, "the doubt to be seen", func() bool { return row(t, w).Trouble == "the log is in doubt" })
	if len(r.taken()) > 0 {
		t.Error("it was told of a log in doubt")
	}
	doubt.Store(false)
	scribe.Until(t, "everything to be told", r.took(1, f.last))
	if id := r.heads["event-2"].Get("webhook-id"); id != "event-2" || !signed(t, secret, r.heads["event-2"], r.bodies["event-2"]) || !strings.Contains(string(r.bodies["event-2"]), `"id":"拨付.2025-001#0"`) {
		t.Errorf("it was told %s", r.bodies["event-2"])
	}
}

// Of a log that is not the one that was taken in, nothing is told.
func TestAHaltEndsTheTelling(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	one.hook(t, r.URL)
	halted := make(chan struct{})
	telling := one.webhooks(nil).Start(t.Context(), halted)
	defer telling.Stop()
	scribe.Until(t, "the first event to be told", r.took(1, 1))
	close(halted)
	telling.Stop()
	f.register(0, 3)
	time.Sleep(50 * pause)
	if got := r.taken(); len(got) != 1 {
		t.Errorf("it was told %v", got)
	}
}

// Instances that come and go in the middle of it lose nothing.
func TestInstancesThatComeAndGoLoseNothing(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one, two := f.open(), f.open()
	f.register(0, 60)
	one.hook(t, r.URL)
	stop := make(chan struct{})
	var coming sync.WaitGroup
	for _, i := range []instance{one, two} {
		coming.Go(func() {
			for life := 30 * time.Millisecond; ; life += life / 4 { // longer and longer: a machine that is slow gets on too
				telling := i.webhooks(nil).Start(t.Context(), nil)
				select {
				case <-stop:
					telling.Stop()
					return
				case <-time.After(life):
					telling.Stop()
				}
			}
		})
	}
	scribe.Until(t, "the last event to be told", func() bool { return slices.Contains(r.taken(), f.last) })
	close(stop)
	coming.Wait()
	got := slices.Compact(r.taken()) // a delivery may be made twice
	for seq := uint64(1); seq <= f.last; seq++ {
		if got[seq-1] != seq {
			t.Fatalf("it was told %v", got)
		}
	}
}

// An instance that was handed a record and then held still, for so long that another one has it, neither tells it, out of its order by then, nor says
// that the webhook does not go on.
func TestAnInstanceThatWasHeldStillLeavesARecordToTheOthers(t *testing.T) {
	f, r := newFund(t), newReceiver(t)
	one := f.open()
	one.hook(t, r.URL)
	w := one.webhooks(nil)
	r.set(func(*http.Request, uint64) int { return http.StatusServiceUnavailable })
	check(t, w.TellStale(t.Context(), "sync", "bus"))
	if len(r.tries) > 0 {
		t.Errorf("it was told %v", r.tries)
	}
	if row := row(t, w); row.Trouble != "" {
		t.Errorf("it is said not to go on: %s", row.Trouble)
	}
}
