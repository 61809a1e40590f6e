package outward

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// Policies' ends are told by the clock, for no event causes them. That one was told is kept on the shelf, for each webhook, so that instances and
// restarts tell it once. Who is about to tell it says so there first; of who was killed meanwhile that ends, and it is told again, with the same id.

// expiryKept is what the shelf holds of a notice that is being told, or was.
const expiryKept = "told"

func expiryName(hook owned) string { return "expiry." + hook.ID + "." }

// watch tells policies' ends, again and again until ctx ends.
func (t *Telling) watch(ctx context.Context) {
	for tick := time.NewTicker(t.of.cfg.Watch); ; {
		if err := t.of.tellExpiries(ctx); err != nil && ctx.Err() == nil {
			t.of.cfg.Logger.Warn("a policy's end is not told, and is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

// tellExpiries tells each webhook what there is to tell and was not told.
func (w *Webhooks) tellExpiries(ctx context.Context) error {
	if err := w.sound(); err != nil {
		return err
	}
	notices, err := w.cfg.Expiring(ctx)
	if err != nil {
		return err
	}
	for _, n := range notices {
		what, err := ofExpiry(w.cfg.Fund, n, w.cfg.Now())
		if err != nil {
			return err
		}
		for _, hook := range w.all() {
			if hook.Wants(what.Name) {
				err = errors.Join(err, w.tellOnce(ctx, hook, what))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOnce delivers what no instance has delivered, and none is delivering. What its receiver refuses lies with the undelivered.
func (w *Webhooks) tellOnce(ctx context.Context, hook owned, what told) error {
	name := expiryName(hook) + eventstore.Token(what.ID)
	_, was, err := w.shelf.Get(ctx, name)
	if !errors.Is(err, eventstore.ErrNotFound) {
		return err
	}
	err = w.shelf.Swap(ctx, name, []byte(expiryKept), was, 2*triesEach*(w.cfg.Timeout+w.cfg.Pause))
	if errors.Is(err, eventstore.ErrOutOfTurn) {
		return nil // another instance tells it
	}
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if err = w.send(ctx, hook, what); !isRefused(err) || try == triesEach {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(w.cfg.Pause):
		}
	}
	if isRefused(err) {
		m := carrying(what)
		m.SetContext(ctx)
		m.Metadata.Set(middleware.ReasonForPoisonedKey, err.Error())
		err = queue{w, hook, func() {}}.Publish("", m)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("telling %s: %w", hook, err), w.takeFrom(context.WithoutCancel(ctx), name))
	}
	return w.shelf.Put(ctx, name, []byte(expiryKept), 0)
}

// ofExpiry is what a webhook is told of a policy's end. An end that is moved is another one.
func ofExpiry(fund domain.FundID, n projections.ExpiryNotice, now time.Time) (told, error) {
	data, err := json.Marshal(n)
	if err != nil {
		return told{}, fmt.Errorf("writing that the policy %s ends: %w", n.Policy, err)
	}
	policy := sha256.Sum256([]byte(n.Policy)) // its id may have any signs
	name := NoticePrefix + string(n.Notice)
	id := fmt.Sprintf("notice-%s-%s-%s", n.Notice, hex.EncodeToString(policy[:4]), n.LastDay)
	body, err := structured(map[string]string{"specversion": "1.0", "id": id, "source": wire.Source(fund), "type": wire.EventType(name),
		"time": now.UTC().Format(time.RFC3339Nano), "datacontenttype": "application/json"}, data)
	return told{ID: id, Name: name, Body: body}, err
}
