package outward

import (
	"context"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/fundledger/fundledger/domain"
)

// TellStale tells a webhook its next record as a process does that was handed it, was held still, and goes on when it is another's.
func (w *Webhooks) TellStale(ctx context.Context, user domain.PersonID, name string) error {
	hook, err := w.find(user, name)
	if err != nil {
		return err
	}
	h, err := w.bookmark(hook).Next(ctx)
	if err != nil {
		return err
	}
	h.Until = time.Now().Add(-time.Minute)
	t := &teller{of: w, hook: hook, told: map[string]bool{}}
	tell := t.remember(func(m *message.Message) ([]*message.Message, error) { return nil, t.tell(m) })
	out := make(chan *message.Message)
	defer close(out)
	go func() {
		for m := range out {
			if _, err := tell(m); err != nil {
				m.Nack()
			} else {
				m.Ack()
			}
		}
	}()
	return t.hand(ctx, h, out)
}
