package outward

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// Telling is the telling of webhooks, until it is stopped.
type Telling struct {
	of     *Webhooks
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// Start tells every webhook there is and every one that comes, each for as long as it is one, beside other instances. halted ends it too: nothing is
// told of a log that is not the one that was taken in. nil: nothing halts. Stop it with [Telling.Stop].
func (w *Webhooks) Start(ctx context.Context, halted <-chan struct{}) *Telling {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	t := &Telling{of: w, cancel: cancel}
	t.ended.Go(func() { t.run(running) })
	if w.cfg.Expiring != nil {
		t.ended.Go(func() { t.watch(running) })
	}
	t.ended.Go(func() {
		select {
		case <-running.Done():
		case <-halted:
			cancel()
		}
	})
	return t
}

// Stop ends the telling and waits for its end. What is on its way to a receiver is broken off, and sent again by whoever tells next.
func (t *Telling) Stop() {
	t.cancel()
	t.ended.Wait()
}

// run keeps one teller for each webhook.
func (t *Telling) run(ctx context.Context) {
	tellers := map[string]func(){} // by the webhook's id: what ends it
	defer func() {
		for _, end := range tellers {
			end()
		}
	}()
	t.removeOrphans(ctx)
	for ctx.Err() == nil {
		changed := t.of.cfg.Users.Changed()
		there := map[string]bool{}
		for _, hook := range t.of.all() {
			there[hook.ID] = true
			if tellers[hook.ID] == nil {
				tellers[hook.ID] = t.begin(ctx, hook)
			}
		}
		for id, end := range tellers {
			if there[id] {
				continue
			}
			end()
			delete(tellers, id)
			t.remove(ctx, id)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

// begin tells one webhook, again where that failed, until it is ended.
func (t *Telling) begin(ctx context.Context, hook owned) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			teller := &teller{of: t.of, hook: hook, told: map[string]bool{}, troubled: true}
			if err := teller.run(ctx); err != nil && ctx.Err() == nil {
				t.of.cfg.Logger.Error("telling a webhook has ended, and begins again", "webhook", hook.String(), "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(t.of.cfg.Pause):
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// removeOrphans takes away what is left of webhooks that were removed while nobody told any.
func (t *Telling) removeOrphans(ctx context.Context) {
	left := map[string]bool{} // the ids of webhooks that something is there of
	names, err := t.of.cfg.Log.Bookmarks(ctx, bookmarkPrefix)
	for _, name := range names {
		left[idOf(name)] = true
	}
	for _, prefix := range []string{"undelivered.", "trouble.", "expiry."} {
		kept, listing := t.of.shelf.Names(ctx, prefix)
		err = errors.Join(err, listing)
		for _, name := range kept {
			id, _, _ := strings.Cut(name, ".")
			left[id] = true
		}
	}
	if err == nil {
		err = t.of.cfg.Users.CatchUp(ctx) // what was listed before is a webhook by now, or was one
	}
	if err != nil {
		if ctx.Err() == nil {
			t.of.cfg.Logger.Warn("what is left of removed webhooks is not looked for this time", "error", err)
		}
		return
	}
	there := map[string]bool{}
	for _, hook := range t.of.all() {
		there[hook.ID] = true
	}
	for id := range left {
		if !there[id] {
			t.remove(ctx, id)
		}
	}
}

// remove takes away a removed webhook's place on the log, and what it was not told.
func (t *Telling) remove(ctx context.Context, id string) {
	var hook owned
	hook.ID = id
	var err error
	for _, under := range []string{queueName(hook), expiryName(hook)} {
		names, listing := t.of.shelf.Names(ctx, under)
		err = errors.Join(err, listing)
		for _, name := range names {
			err = errors.Join(err, t.of.takeFrom(ctx, under+name))
		}
	}
	err = errors.Join(err, t.of.shelf.Take(ctx, troubleName(hook)), t.of.bookmark(hook).Remove(ctx))
	if err != nil && ctx.Err() == nil {
		t.of.cfg.Logger.Warn("what is left of a removed webhook could not be taken away; the next start does", "error", err)
	}
}
