package scribe

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/eventstore"
)

// Stream is a log in memory that grows, and may be cut.
type Stream struct {
	mu      sync.Mutex
	Records eventstore.Records
	grew    chan struct{}
	Handed  atomic.Int64 // events handed over by Read
}

// StreamOf is a stream that holds records already.
func StreamOf(records eventstore.Records) *Stream {
	return &Stream{Records: records, grew: make(chan struct{})}
}

func (s *Stream) now() (eventstore.Records, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Records, s.grew
}

// Add lets the log grow.
func (s *Stream) Add(records ...eventstore.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Records = append(slices.Clip(s.Records), records...)
	close(s.grew)
	s.grew = make(chan struct{})
}

// Last is the sequence of the last event.
func (s *Stream) Last(context.Context) (uint64, error) {
	records, _ := s.now()
	return uint64(len(records)), nil
}

// Read hands over events as [eventstore.Records.Read] does.
func (s *Stream) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	records, _ := s.now()
	return records.Read(ctx, from, to, func(batch []eventstore.Record) error {
		s.Handed.Add(int64(len(batch)))
		return fn(batch)
	})
}

// Follow hands over events from one on, and those that come, until its context ends.
func (s *Stream) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	for {
		records, grew := s.now()
		if uint64(len(records)) >= from {
			if err := fn(records[from-1:]); err != nil {
				return err
			}
			from = uint64(len(records)) + 1
			continue
		}
		select {
		case <-grew:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Patience is how long anything may take before it counts as stuck: no measure of the machine.
const Patience = 2 * time.Minute

// Until waits for something that is about to happen.
func Until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}
