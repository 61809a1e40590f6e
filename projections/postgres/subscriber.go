package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
)

// subscriber makes messages of the log: each is a batch, and goes out when the one before is acknowledged.
type subscriber struct {
	of      *Projector
	carried *prepared // by the message that is on its way: there is one at a time
}

// Subscribe follows the log until ctx ends. The topic says nothing more: a projector has one log.
func (s *subscriber) Subscribe(ctx context.Context, _ string) (<-chan *message.Message, error) {
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		for ctx.Err() == nil {
			err := s.follow(ctx, out)
			if err != nil && !errors.Is(err, errMoved) && ctx.Err() == nil {
				s.of.halt(fmt.Errorf("projecting %s: %w", s.of.cfg.Log.Stream, err))
				return
			}
		}
	}()
	return out, nil
}

// Close does nothing: a subscription ends with its context.
func (s *subscriber) Close() error { return nil }

// follow delivers the log from the tables' position on, until something fails or the tables turn out to be elsewhere.
func (s *subscriber) follow(ctx context.Context, out chan<- *message.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tree, err := s.of.writer.checkpoint.tree()
	if err != nil {
		return err
	}
	records := make(chan hashed, 2)
	ended := make(chan error, 1)
	from := s.of.writer.checkpoint.Seq + 1
	go func() {
		defer close(records)
		ended <- s.of.cfg.Source.Follow(ctx, from, func(list []eventstore.Record) error {
			select {
			case records <- hash(list):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err = s.deliver(ctx, tree, records, out)
	cancel()
	for range records { // so that following ends
	}
	return errors.Join(err, ignoreCancelled(<-ended))
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// deliver folds what arrives into a batch, and sends it off as soon as the batch before is acknowledged.
func (s *subscriber) deliver(ctx context.Context, tree grower, records <-chan hashed, out chan<- *message.Message) error {
	var sent *message.Message // not acknowledged yet
	var broken error          // an event could not be read: what comes before it is still written
	next := projections.NewBatch()
	var parents []string // the traces that its events were decided in
	for {
		if sent == nil && next.Len() > 0 && len(records) == 0 || next.Len() >= s.of.cfg.MaxBatch {
			ready, err := prepare(next, tree.grown())
			if err != nil {
				return err
			}
			ready.parents = parents
			if err := await(ctx, sent); err != nil {
				return err
			}
			m, err := s.send(ctx, ready, out)
			if err != nil {
				return err
			}
			sent, next, parents = m, projections.NewBatch(), nil
		}
		if broken != nil && (next.Len() == 0 || next.Spoiled()) {
			return errors.Join(broken, await(ctx, sent))
		}
		if broken != nil {
			if err := await(ctx, sent); err != nil {
				return err
			}
			sent, records = nil, nil
			continue
		}
		acked, nacked := signals(sent)
		var fell <-chan struct{}
		if sent == nil { // else who writes finds out
			fell = s.of.fell
		}
		select {
		case <-fell:
			return s.of.reread(ctx)
		case <-ctx.Done():
			return ctx.Err()
		case <-acked:
			sent = nil
		case <-nacked:
			return errMoved
		case list, open := <-records:
			if !open {
				return await(ctx, sent)
			}
			for i, r := range list.records {
				if broken = next.Take(r); broken != nil {
					break
				}
				tree.append(list.leaves[i])
				parents = s.of.traceOf(parents, r)
			}
		}
	}
}

func signals(m *message.Message) (acked, nacked <-chan struct{}) {
	if m == nil {
		return nil, nil
	}
	return m.Acked(), m.Nacked()
}

// await waits for a message's acknowledgement. errMoved: it was refused, and the projector knows why.
func await(ctx context.Context, m *message.Message) error {
	if m == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-m.Acked():
		return nil
	case <-m.Nacked():
		return errMoved
	}
}

func (s *subscriber) send(ctx context.Context, b *prepared, out chan<- *message.Message) (*message.Message, error) {
	name := s.of.cfg.Log.Stream + " " + strconv.FormatUint(b.First, 10) + "-" + strconv.FormatUint(b.Last, 10)
	m := message.NewMessage(name, []byte(strconv.FormatUint(b.Last, 10)))
	middleware.SetCorrelationID(name, m)
	m.SetContext(ctx)
	s.carried = b
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case out <- m:
		return m, nil
	}
}
