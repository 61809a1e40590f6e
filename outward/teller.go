package outward

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/fundledger/fundledger/eventstore"
)

const (
	// triesEach is how often one thing is sent before the receiver counts as refusing it.
	triesEach = 5
	// inARow is how many things refused one after the other are the receiver's fault, and not theirs.
	inARow = 10
	// busyEvery is how often the log hears that a record is being told.
	busyEvery = eventstore.HandedFor / 8
)

// teller tells one webhook, for as long as no other instance does. It is a Watermill router with one handler, and the subscriber that it listens to.
type teller struct {
	of   *Webhooks
	hook owned

	// One message is on its way at a time, so these are nobody's else meanwhile.
	refusals int             // in a row
	told     map[string]bool // of the record that is handed out: it may be handed out again
	why      error           // the last message was not delivered
	wait     time.Duration   // that the receiver asked for
	troubled bool            // the shelf may hold why the webhook does not go on

	until atomic.Int64 // in nanoseconds: from then on the record that is handed out may be with another instance
}

// errElsewhere says that a record was in hand for so long, by a process that was held still, that it is another instance's by now.
var errElsewhere = errors.New("it was handed to another instance meanwhile")

func (t *teller) holds(until time.Time) { t.until.Store(until.UnixNano()) }

func (t *teller) lost() bool { return time.Now().UnixNano() > t.until.Load() }

// run tells until ctx ends.
func (t *teller) run(ctx context.Context) error {
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: t.of.cfg.Timeout + time.Second}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	poison, err := middleware.PoisonQueueWithFilter(queue{t.of, t.hook, func() { t.refusals++ }}, "undelivered", t.isItsOwnFault)
	if err != nil {
		return err
	}
	router.AddMiddleware(
		t.remember,
		poison,
		// It moves on twice for each try where it is asked whether to: so a pause is twice the one before.
		middleware.Retry{MaxRetries: triesEach - 1, InitialInterval: t.of.cfg.Pause, MaxInterval: MaxPause, Multiplier: 1.4, RandomizationFactor: 0.1,
			ShouldRetry: func(r middleware.RetryParams) bool { return isRefused(r.Err) && t.refusals < inARow }}.Middleware,
		middleware.Recoverer,
	)
	router.AddConsumerHandler("webhook", t.hook.String(), t, t.tell)
	return router.Run(ctx)
}

func isRefused(err error) bool {
	var no *refused
	return errors.As(err, &no)
}

// isItsOwnFault reports whether what was not delivered is to lie in the poison queue: the receiver refuses it, and takes others.
func (t *teller) isItsOwnFault(err error) bool { return isRefused(err) && t.refusals < inARow }

func isAway(err error) bool {
	var no *away
	return errors.As(err, &no)
}

// tell delivers one message. The webhook is looked up each time: it may be gone, or its owner.
func (t *teller) tell(m *message.Message) error {
	if t.lost() { // what comes behind it may be told already
		return errElsewhere
	}
	hook, err := t.of.find(t.hook.user, t.hook.Name)
	if err != nil {
		return err
	}
	if hook.ID != t.hook.ID {
		return fmt.Errorf("%s is another one now", t.hook)
	}
	err = t.of.send(m.Context(), hook, carriedBy(m))
	var no *away
	if errors.As(err, &no) {
		t.wait = no.after
	}
	if err == nil {
		t.refusals = 0
	}
	return err
}

// remember keeps why a message was not delivered for [teller.hand], which hears only that it was not.
func (t *teller) remember(next message.HandlerFunc) message.HandlerFunc {
	return func(m *message.Message) ([]*message.Message, error) {
		out, err := next(m)
		t.why = err
		return out, err
	}
}

// Subscribe hands out what the webhook is to be told, one after the other, until ctx ends.
func (t *teller) Subscribe(ctx context.Context, _ string) (<-chan *message.Message, error) {
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		at := t.of.bookmark(t.hook)
		for ctx.Err() == nil {
			h, err := at.Next(ctx)
			if err == nil {
				err = t.hand(ctx, h, out)
			}
			if err == nil || ctx.Err() != nil {
				continue
			}
			t.of.cfg.Logger.Warn("a webhook waits for the log", "webhook", t.hook.String(), "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(t.of.cfg.Pause):
			}
		}
	}()
	return out, nil
}

// Close does nothing: a subscription ends with its context.
func (t *teller) Close() error { return nil }

// hand tells what one record means to the webhook, and moves its place behind it, or leaves it for later.
func (t *teller) hand(ctx context.Context, h eventstore.Handed, out chan<- *message.Message) error {
	done := make(chan struct{})
	defer close(done)
	t.holds(h.Until)
	go func() {
		tick := time.NewTicker(busyEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				if t.lost() {
					return
				}
				if err := h.Busy(); err != nil {
					t.of.cfg.Logger.Debug("a record is being told still", "webhook", t.hook.String(), "error", err)
					continue
				}
				t.holds(now.Add(eventstore.HandedFor))
			}
		}
	}()
	t.wait = 0
	err := t.handAll(ctx, h.Record, out)
	switch {
	case err == nil:
		return errors.Join(t.content(ctx, h.Tries), h.Done(ctx))
	case ctx.Err() != nil:
		return h.Later(0)
	case t.lost(): // whoever has it says how it goes
		t.of.cfg.Logger.Warn("a webhook is told by another instance: this one was held still", "webhook", t.hook.String(), "event", h.Seq, "error", err)
		return nil
	}
	return errors.Join(h.Later(max(t.wait, after(t.of.cfg.Pause, h.Tries))), t.complain(ctx, err))
}

// after is how long the next try waits.
func after(pause time.Duration, tries int) time.Duration {
	for range tries - 1 {
		if pause *= 2; pause >= MaxPause {
			return MaxPause
		}
	}
	return pause
}

// content takes away why the webhook did not go on.
func (t *teller) content(ctx context.Context, tries int) error {
	clear(t.told)
	if !t.troubled && tries == 1 { // another instance may have had it before
		return nil
	}
	err := t.of.shelf.Take(ctx, troubleName(t.hook))
	t.troubled = err != nil
	return err
}

// complain keeps why the webhook does not go on, where people look.
func (t *teller) complain(ctx context.Context, why error) error {
	t.of.cfg.Logger.Warn("a webhook is not told, and what comes waits", "webhook", t.hook.String(), "error", why)
	name, now := troubleName(t.hook), trouble{why.Error(), t.of.cfg.Now().UTC()}
	var was trouble
	if err := t.of.read(ctx, name, &was); err == nil {
		now.Since = was.Since
	}
	t.troubled = true
	return t.of.put(ctx, name, now)
}

// errUntold is why something was not told of which nobody said why.
var errUntold = errors.New("a fault of ours: it was not told")

// handAll hands over everything that a record means to the webhook, each when the one before is delivered or lies in the poison queue.
func (t *teller) handAll(ctx context.Context, r eventstore.Record, out chan<- *message.Message) (err error) {
	defer func() { // nobody else recovers what runs here
		if why := recover(); why != nil {
			err = fmt.Errorf("%w: %v", errUntold, why)
		}
	}()
	if err := t.of.sound(); err != nil {
		return err
	}
	list, err := t.of.meaning(ctx, t.hook, r)
	if err != nil {
		return err
	}
	for _, what := range list {
		if t.told[what.ID] {
			continue
		}
		m := carrying(what)
		m.SetContext(ctx)
		t.why = errUntold
		select {
		case <-ctx.Done():
			return ctx.Err()
		case out <- m:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.Acked():
			t.told[what.ID] = true
		case <-m.Nacked():
			return t.why
		}
	}
	return nil
}

// What a message carries besides its body.
const (
	metaName  = "event"
	metaSeq   = "sequence"
	metaTrace = "traceparent"
)

func carrying(what told) *message.Message {
	m := message.NewMessage(what.ID, what.Body)
	m.Metadata = message.Metadata{metaName: what.Name, metaSeq: strconv.FormatUint(what.Seq, 10), metaTrace: what.Trace}
	return m
}

func carriedBy(m *message.Message) told {
	seq, _ := strconv.ParseUint(m.Metadata.Get(metaSeq), 10, 64) // as carrying wrote it
	return told{ID: m.UUID, Name: m.Metadata.Get(metaName), Seq: seq, Trace: m.Metadata.Get(metaTrace), Body: m.Payload}
}
