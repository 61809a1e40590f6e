package eventstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// shortRead is up to how many events Read asks for by number. A push consumer, which longer reads use, is quicker by the event,
// but the server has pushed some thousands too many before it hears that they are enough.
const shortRead = 2000

// fewRead is up to how many events are asked for one by one. A consumer costs three requests; and where a node of three has just gone,
// it may be placed on that one, and not come up for half a minute: an instance that lost a race would wait so long.
const fewRead = 8

// Read hands the events from position from to position to, both included, to fn, in order and in batches of at most
// Config.FollowBatch. A to of 0 means the last whole command there is now: of a batch that is just landing, the first events may
// be there before the last. Read ends with fn's first error, with ErrNotFound when the log ends
// before to, with ErrGap when an event is missing. fn may keep what it gets.
func (l *Log) Read(ctx context.Context, from, to uint64, fn func([]Record) error) error {
	last, err := l.Last(ctx)
	if err != nil {
		return err
	}
	if to == 0 {
		if to, err = l.wholeEnd(ctx, last); err != nil || to == 0 {
			return err
		}
	}
	if from == 0 {
		return fmt.Errorf("reading log %s: %w: positions count from 1", l.cfg.Stream, ErrNotFound)
	}
	if to > last {
		return fmt.Errorf("reading log %s to position %d: %w: it ends at %d", l.cfg.Stream, to, ErrNotFound, last)
	}
	if from > to {
		return nil
	}
	if to-from < shortRead {
		if from, err = l.readShort(ctx, from, to, fn); err != nil || from > to {
			return err
		}
	}
	return l.readLong(ctx, from, to, fn)
}

// wholeEnd is where the last whole command ends, for a log that ends at last.
func (l *Log) wholeEnd(ctx context.Context, last uint64) (uint64, error) {
	if last == 0 {
		return 0, nil
	}
	r, err := l.Get(ctx, last)
	if err != nil {
		return 0, err
	}
	if index, count := place(r); index < count-1 {
		last -= min(last, uint64(index)+1)
	}
	return last, nil
}

// readShort gets what one request yields and returns the position it did not get to: none of it is lost, readLong goes on
// there.
func (l *Log) readShort(ctx context.Context, from, to uint64, fn func([]Record) error) (next uint64, err error) {
	if to-from < fewRead {
		return l.readFew(ctx, from, to, fn)
	}
	records, err := l.fetch(ctx, from, int(to-from)+1)
	if err != nil {
		return from, fmt.Errorf("reading log %s at position %d: %w", l.cfg.Stream, from, err)
	}
	for batch := range slices.Chunk(records, l.cfg.FollowBatch) {
		if err := fn(batch); err != nil {
			return from, err
		}
		from = batch[len(batch)-1].Seq + 1
	}
	return from, nil
}

// readFew gets each event from the leader.
func (l *Log) readFew(ctx context.Context, from, to uint64, fn func([]Record) error) (next uint64, err error) {
	records := make([]Record, 0, to-from+1)
	for seq := from; seq <= to; seq++ {
		r, err := l.Get(ctx, seq)
		if errors.Is(err, ErrNotFound) {
			return from, fmt.Errorf("%w: %w", ErrGap, err)
		}
		if err != nil {
			return from, err
		}
		records = append(records, r)
	}
	for batch := range slices.Chunk(records, l.cfg.FollowBatch) {
		if err := fn(batch); err != nil {
			return from, err
		}
	}
	return to + 1, nil
}

func (l *Log) readLong(ctx context.Context, from, to uint64, fn func([]Record) error) error {
	f := l.openFeed(from)
	defer f.stop()
	for f.next <= to {
		records, err := f.take(ctx, l.cfg.FollowBatch)
		if err != nil {
			return fmt.Errorf("reading log %s at position %d: %w", l.cfg.Stream, f.next, err)
		}
		if beyond := records[len(records)-1].Seq - min(to, records[len(records)-1].Seq); beyond > 0 {
			records = records[:uint64(len(records))-beyond]
		}
		if err := fn(records); err != nil {
			return err
		}
	}
	return nil
}

// Follow hands every event from position from on to fn, in order, those there are and those to come, until ctx ends or
// fn returns an error, and returns that error. It waits where there is nothing yet, also beyond the log's end.
//
// It hands over at most Config.FollowBatch events at once, and more only for a longer command, for it cuts only between commands:
// an unfinished one is held back until its last event is there. It outlasts lost connections and changed leaders.
// fn may keep what it gets.
func (l *Log) Follow(ctx context.Context, from uint64, fn func([]Record) error) error {
	if from == 0 {
		return fmt.Errorf("following log %s: %w: positions count from 1", l.cfg.Stream, ErrNotFound)
	}
	f := l.openFeed(from)
	defer f.stop()
	var held []Record
	for {
		records, err := f.take(ctx, l.cfg.FollowBatch)
		if err != nil {
			return fmt.Errorf("following log %s at position %d: %w", l.cfg.Stream, f.next, err)
		}
		if len(held) > 0 {
			records = append(held, records...)
		}
		if held, err = l.handOver(records, fn); err != nil {
			return err
		}
	}
}

// handOver gives fn whole commands and returns the rest.
func (l *Log) handOver(records []Record, fn func([]Record) error) (rest []Record, err error) {
	for {
		n := wholeCommands(records, l.cfg.FollowBatch)
		if n == 0 {
			return records, nil
		}
		if err := fn(records[:n:n]); err != nil {
			return nil, err
		}
		records = records[n:]
	}
}

// wholeCommands is how many of the first records make up whole commands: the most within limit, or the first command
// alone where it is longer than that.
func wholeCommands(records []Record, limit int) int {
	whole := 0
	for i, r := range records {
		if i >= limit && whole > 0 {
			break
		}
		if index, count := place(r); index == count-1 {
			whole = i + 1
		}
	}
	return whole
}
