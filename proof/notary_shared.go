package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/eventstore"
)

// Shelf keeps checkpoints where every instance of a service finds them. Open gives the shelf; [eventstore.ErrNoStream] from it says that there is
// none, and then nothing is kept.
type Shelf struct {
	Open func(context.Context) (*eventstore.Shelf, error)
}

var _ Store = Shelf{}

const checkpointsOn = "checkpoint."

func nameOf(size uint64) string { return checkpointsOn + strconv.FormatUint(size, 10) }

// Keep is as [Store] promises.
func (s Shelf) Keep(ctx context.Context, size uint64, note []byte) error {
	shelf, err := s.Open(ctx)
	if errors.Is(err, eventstore.ErrNoStream) {
		return nil
	}
	for err == nil {
		first, was, missing := shelf.Get(ctx, nameOf(size))
		if missing != nil && !errors.Is(missing, eventstore.ErrNotFound) {
			return wrapKeeping(size, missing)
		}
		merged := note
		if missing == nil {
			if merged, err = mergeNotes(first, note); err != nil || bytes.Equal(merged, first) {
				break
			}
		}
		if err = shelf.Swap(ctx, nameOf(size), merged, was, 0); err == nil {
			return nil
		}
		if errors.Is(err, eventstore.ErrOutOfTurn) {
			err = nil // another instance kept one meanwhile: look at that
		}
	}
	return wrapKeeping(size, err)
}

// Kept is as [Store] promises.
func (s Shelf) Kept(ctx context.Context, size uint64) ([]byte, error) {
	shelf, err := s.Open(ctx)
	var text []byte
	if err == nil {
		text, _, err = shelf.Get(ctx, nameOf(size))
	}
	if errors.Is(err, eventstore.ErrNoStream) || errors.Is(err, eventstore.ErrNotFound) {
		return nil, fmt.Errorf("a checkpoint of %d events: %w", size, ErrNoCheckpoint)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint of %d events: %w", size, err)
	}
	return text, nil
}

// Sizes is as [Store] promises.
func (s Shelf) Sizes(ctx context.Context) ([]uint64, error) {
	shelf, err := s.Open(ctx)
	if errors.Is(err, eventstore.ErrNoStream) {
		return nil, nil
	}
	var names []string
	if err == nil {
		names, err = shelf.Names(ctx, checkpointsOn)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the checkpoints: %w", err)
	}
	var sizes []uint64
	for _, name := range names {
		if size, err := strconv.ParseUint(name, 10, 64); err == nil {
			sizes = append(sizes, size)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

// Everywhere keeps each checkpoint in several stores, and knows what any of them has: one that lies beside the log may be rolled back with it, and
// one of an instance's own is not known to the others.
type Everywhere []Store

var _ Store = Everywhere(nil)

// Keep is as [Store] promises.
func (e Everywhere) Keep(ctx context.Context, size uint64, note []byte) error {
	var errs []error
	for _, s := range e {
		errs = append(errs, s.Keep(ctx, size, note))
	}
	return errors.Join(errs...)
}

// Kept is as [Store] promises: with the signature lines that any of the stores has.
func (e Everywhere) Kept(ctx context.Context, size uint64) (note []byte, err error) {
	for _, s := range e {
		text, err := s.Kept(ctx, size)
		if errors.Is(err, ErrNoCheckpoint) {
			continue
		}
		if err == nil && note != nil {
			text, err = mergeNotes(note, text)
		}
		if err != nil {
			return nil, err
		}
		note = text
	}
	if note == nil {
		return nil, fmt.Errorf("a checkpoint of %d events: %w", size, ErrNoCheckpoint)
	}
	return note, nil
}

// Sizes is as [Store] promises.
func (e Everywhere) Sizes(ctx context.Context) ([]uint64, error) {
	var all []uint64
	for _, s := range e {
		sizes, err := s.Sizes(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, sizes...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Spread puts what only one of the stores has into all of them.
func (e Everywhere) Spread(ctx context.Context) error {
	has := map[uint64]int{}
	for _, s := range e {
		sizes, err := s.Sizes(ctx)
		if err != nil {
			return err
		}
		for _, size := range sizes {
			has[size]++
		}
	}
	for size, n := range has {
		if n == len(e) {
			continue
		}
		note, err := e.Kept(ctx, size)
		if err == nil {
			err = e.Keep(ctx, size, note)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
