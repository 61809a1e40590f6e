package outward

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// Undelivered is what lies in a webhook's poison queue: the receiver refused it.
type Undelivered struct {
	ID     string         `json:"id"`
	Event  string         `json:"event"`          // its name, as webhooks ask for it
	Seq    uint64         `json:"seq"`            // of the event that it is, or that caused it
	At     time.Time      `json:"at"`             // when it was tried last
	Reason string         `json:"reason"`         // what the receiver answered
	Body   jsontext.Value `json:"body,omitempty"` // the CloudEvent, of a notice: an event's is made of the log again
	Trace  string         `json:"traceparent,omitzero"`
}

// ErrNotUndelivered says that nothing of that id lies in a webhook's poison queue.
var ErrNotUndelivered = errors.New("nothing of that id is undelivered")

func queueName(hook owned) string { return "undelivered." + hook.ID + "." }

// MaxUndelivered is how much a poison queue takes: while so much lies in it, the webhook waits.
const MaxUndelivered = 1000

// lying is what lies in a webhook's poison queue, in the order of its names, at most so much.
func (w *Webhooks) lying(ctx context.Context, hook owned, limit int) ([]Undelivered, error) {
	list := []Undelivered{}
	names, err := w.shelf.Names(ctx, queueName(hook))
	for _, name := range names {
		if len(list) >= limit {
			break
		}
		var u Undelivered
		err := w.read(ctx, queueName(hook)+name, &u)
		if err == nil {
			list = append(list, u)
		} else if !errors.Is(err, eventstore.ErrNotFound) { // those that were taken away lately are among the names
			return nil, err
		}
	}
	return list, err
}

// Undelivered lists what lies in a webhook's poison queue, in the order of the ids, at most so many.
func (w *Webhooks) Undelivered(ctx context.Context, user domain.PersonID, name string, limit int) ([]Undelivered, error) {
	hook, err := w.find(user, name)
	if err != nil {
		return nil, err
	}
	return w.lying(ctx, hook, min(limit, MaxUndelivered))
}

// Again sends what lies in the poison queue once more, of no ids all of it, and says how many were taken: those lie there no longer. failed are why
// the others were not, by their ids.
func (w *Webhooks) Again(ctx context.Context, user domain.PersonID, name string, ids ...string) (delivered int, failed map[string]string, err error) {
	hook, err := w.find(user, name)
	if err != nil {
		return 0, nil, err
	}
	if len(ids) == 0 {
		all, err := w.lying(ctx, hook, MaxUndelivered)
		if err != nil {
			return 0, nil, err
		}
		for _, u := range all {
			ids = append(ids, u.ID)
		}
	}
	failed = map[string]string{}
	ends := time.Now().Add(againFor)
	for _, id := range ids {
		if time.Now().After(ends) {
			return delivered, failed, nil // what is left lies there still
		}
		if hook, err = w.find(user, name); err != nil {
			return delivered, failed, err
		}
		why, err := w.again(ctx, hook, id)
		switch {
		case err != nil:
			return delivered, failed, err
		case why != nil:
			failed[id] = why.Error()
			if isAway(why) {
				return delivered, failed, nil
			}
		default:
			delivered++
		}
	}
	return delivered, failed, nil
}

// again sends one once more; why says that the receiver does not take it.
func (w *Webhooks) again(ctx context.Context, hook owned, id string) (why, err error) {
	at := queueName(hook) + eventstore.Token(id)
	text, was, err := w.shelf.Get(ctx, at)
	if errors.Is(err, eventstore.ErrNotFound) {
		return ErrNotUndelivered, nil
	}
	var u Undelivered
	if err == nil {
		err = json.Unmarshal(text, &u)
	}
	if err == nil {
		err = w.sound()
	}
	what := told{ID: u.ID, Name: u.Event, Seq: u.Seq, Trace: u.Trace, Body: u.Body}
	if err == nil && len(u.Body) == 0 {
		var r eventstore.Record
		if r, err = w.cfg.Log.Get(ctx, u.Seq); err == nil {
			what, err = ofEvent(r)
		}
	}
	if err != nil {
		return nil, err
	}
	why = w.send(ctx, hook, what)
	if why == nil {
		return nil, w.takeFrom(ctx, at)
	}
	if !isAway(why) && !isRefused(why) { // it is ours
		return nil, why
	}
	u.At, u.Reason = w.cfg.Now().UTC(), why.Error()
	if text, err = json.Marshal(u); err != nil {
		return nil, err
	}
	if err = w.shelf.Swap(ctx, at, text, was, 0); errors.Is(err, eventstore.ErrOutOfTurn) {
		err = nil // somebody else sent it meanwhile, or the webhook is gone
	}
	return why, err
}

// againFor is how long one asking sends again; what is left is asked for anew.
const againFor = time.Minute

// takeFrom takes something out of a queue. Its name goes at once too: names are what is counted.
func (w *Webhooks) takeFrom(ctx context.Context, at string) error {
	return w.shelf.Put(ctx, at, nil, time.Second)
}

var errFull = errors.New("no more is kept of what it refuses: have it take that first")

// queue is a webhook's poison queue, as Watermill publishes to it.
type queue struct {
	of   *Webhooks
	hook owned
	kept func() // is told of each that lies there now
}

// Publish keeps what a receiver refused.
func (q queue) Publish(_ string, messages ...*message.Message) error {
	for _, m := range messages {
		what := carriedBy(m)
		if lying, err := q.of.shelf.Names(m.Context(), queueName(q.hook)); err != nil || len(lying) >= MaxUndelivered {
			return errors.Join(err, errFull)
		}
		u := Undelivered{ID: what.ID, Event: what.Name, Seq: what.Seq, At: q.of.cfg.Now().UTC(), Trace: what.Trace, Body: what.Body,
			Reason: m.Metadata.Get(middleware.ReasonForPoisonedKey)}
		if !strings.HasPrefix(what.Name, NoticePrefix) {
			u.Body = nil
		}
		if err := q.of.put(m.Context(), queueName(q.hook)+eventstore.Token(what.ID), u); err != nil {
			return err
		}
		q.of.cfg.Logger.Error("a webhook refuses what it is told; it lies with the undelivered", "webhook", q.hook.String(), "event", what.Seq, "id", what.ID, "reason", u.Reason)
		q.of.cfg.Metrics.poisoned(q.hook.String())
		q.kept()
	}
	return nil
}

// Close does nothing: the shelf is not the queue's own.
func (q queue) Close() error { return nil }
