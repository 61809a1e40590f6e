package outward_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/projections"
)

// ends is a fund whose policies end as it is set to, as several instances see it.
type ends struct {
	list  atomic.Pointer[[]projections.ExpiryNotice]
	asked atomic.Int64
}

func (e *ends) set(list ...projections.ExpiryNotice) { e.list.Store(&list) }

func (e *ends) watched(c *outward.Config) {
	c.Watch = pause
	c.Expiring = func(context.Context) ([]projections.ExpiryNotice, error) {
		e.asked.Add(1)
		return *e.list.Load(), nil
	}
}

// again waits until every instance has looked again.
func (e *ends) again(t *testing.T) {
	t.Helper()
	before := e.asked.Load()
	scribe.Until(t, "the clock to be looked at", func() bool { return e.asked.Load() > before+6 })
}

func (r *receiver) has() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// A policy's end is told once, by one of two instances and across a restart; that it has ended is another thing, and so is an end that was moved.
func TestAPolicysEndIsToldOnce(t *testing.T) {
	f, r, e := newFund(t), newReceiver(t), new(ends)
	expiring := projections.ExpiryNotice{Notice: projections.PolicyExpiring, Ending: projections.Ending{Policy: "长宁.2024", LastDay: domain.DateOf(2026, 12, 31), DaysLeft: 30}, Undecided: 2}
	e.set(expiring)
	one, other := f.open(), f.open()
	secret := one.hook(t, r.URL, "notice.policy_*")
	check(t, other.users.CatchUp(t.Context()))
	first, second := one.webhooks(e.watched).Start(t.Context(), nil), other.webhooks(e.watched).Start(t.Context(), nil)
	scribe.Until(t, "the end to be told", func() bool { return len(r.has()) > 0 })
	expiring.DaysLeft = 29
	e.set(expiring)
	e.again(t)
	first.Stop()
	second.Stop()
	start(t, f.open().webhooks(e.watched))
	e.again(t)
	id := r.has()[0]
	if got := r.has(); len(got) != 1 || strings.ContainsAny(id, ".长") || !signed(t, secret, r.heads[id], r.bodies[id]) {
		t.Fatalf("it was told %v", got)
	}
	var told struct {
		Type string                   `json:"type"`
		Data projections.ExpiryNotice `json:"data"`
	}
	check(t, json.Unmarshal(r.bodies[id], &told))
	if told.Type != "fundledger.notice.policy_expiring" || told.Data.Undecided != 2 || told.Data.DaysLeft != 30 {
		t.Errorf("it was told %s", r.bodies[id])
	}
	moved, ended := expiring, expiring
	moved.LastDay, ended.Notice = domain.DateOf(2027, 1, 31), projections.PolicyEnded
	e.set(moved, ended)
	scribe.Until(t, "the other ends to be told", func() bool { return len(r.has()) >= 3 })
	e.again(t)
	if got := r.has(); len(got) != 3 {
		t.Errorf("it was told %v", got)
	}
}

// Who is away is told when they are back; what is refused lies with the undelivered, and is not told again by the clock.
func TestAPolicysEndWaitsForWhoIsAway(t *testing.T) {
	f, r, e := newFund(t), newReceiver(t), new(ends)
	e.set(projections.ExpiryNotice{Notice: projections.PolicyEnded, Ending: projections.Ending{Policy: "changning-2024", LastDay: domain.DateOf(2026, 12, 31), DaysLeft: -1}})
	one := f.open()
	one.hook(t, r.URL, "notice.*")
	r.set(func(*http.Request, uint64) int { return http.StatusServiceUnavailable })
	w := one.webhooks(e.watched)
	start(t, w)
	e.again(t)
	if len(r.has()) > 0 || row(t, w).Undelivered > 0 {
		t.Error("it took what it did not take")
	}
	r.set(func(*http.Request, uint64) int { return http.StatusBadRequest })
	scribe.Until(t, "it to lie with the undelivered", func() bool { return row(t, w).Undelivered == 1 })
	r.set(nil)
	e.again(t)
	if len(r.has()) > 0 {
		t.Error("what lies with the undelivered was told by the clock")
	}
	time.Sleep(2 * pause)
	if delivered, failed, err := w.Again(t.Context(), "sync", "bus"); delivered != 1 || len(failed) > 0 || err != nil || len(r.has()) != 1 {
		t.Errorf("%d were sent again, %v, %v", delivered, failed, err)
	}
}
