package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// before knows what imports were refused, so that a file given again is not asked again (R11). It reads the stream of refusals
// when an import first asks, and from there on what has come since. Some 50 bytes are kept of each command.
type before struct {
	log  *eventstore.Log // of the refusals; nil where none are kept
	fund domain.FundID

	mu    sync.Mutex
	read  uint64 // up to this position of the stream
	first map[asked]uint64
}

// asked is a command as a file gives it: its id and what it says.
type asked struct {
	id   commandKey
	hash [16]byte
}

// RefusedSoFar is the position up to which refusals are kept now. An import asks once, when it begins, and gives the answer with
// each of its orders as [Order.RefusedUpTo].
func (l *Ledger) RefusedSoFar(ctx context.Context) (uint64, error) {
	if l.before.log == nil {
		return 0, nil
	}
	last, err := l.before.log.Last(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking how many refusals are kept: %w", err)
	}
	return last, nil
}

// recall gives those of a file's commands that an import was refused before their refusal. They are not settled: one that was booked
// since then is answered by its outcome.
func (b *before) recall(ctx context.Context, list []*pending) error {
	var upTo uint64
	for _, p := range list {
		upTo = max(upTo, p.order.RefusedUpTo)
	}
	if b.log == nil || upTo == 0 {
		return nil
	}
	wanted, err := b.find(ctx, list, upTo)
	if err != nil || len(wanted) == 0 {
		return err
	}
	positions := make([]uint64, 0, len(wanted))
	for seq := range wanted {
		positions = append(positions, seq)
	}
	slices.Sort(positions)
	for _, run := range runs(positions) {
		err := Refusals(ctx, b.log, b.fund, wire.Case{Imported: true}, run.first, run.last, func(k KeptRefusal) error {
			for _, p := range wanted[k.Seq] {
				p.before = &k.Refusal
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading what imports were refused before: %w", err)
		}
	}
	return nil
}

// find is which of the commands were refused before, by the position of their refusal.
func (b *before) find(ctx context.Context, list []*pending, upTo uint64) (map[uint64][]*pending, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.readUpTo(ctx, upTo); err != nil {
		return nil, err
	}
	wanted := map[uint64][]*pending{}
	for _, p := range list {
		if seq := b.first[asked{p.key, half(p.hash)}]; seq > 0 && seq <= p.order.RefusedUpTo {
			wanted[seq] = append(wanted[seq], p)
		}
	}
	return wanted, nil
}

// readUpTo takes in the refusals up to a position.
func (b *before) readUpTo(ctx context.Context, upTo uint64) error {
	if b.read >= upTo {
		return nil
	}
	if b.first == nil {
		b.first = map[asked]uint64{}
	}
	err := Refusals(ctx, b.log, b.fund, wire.Case{Imported: true}, b.read+1, upTo, func(k KeptRefusal) error {
		b.take(k)
		b.read = k.Seq
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what imports were refused before: %w", err)
	}
	b.read = upTo
	return nil
}

// take notes a refusal of an import. One whose command is not kept, for it held a personal identity number, is refused anew each
// time anyway.
func (b *before) take(k KeptRefusal) {
	if k.ImportedBy == "" || k.ID == "" {
		return
	}
	hash := ""
	if k.Digest != nil {
		hash = k.Digest.SHA256
	} else {
		command, refusal := wire.DecodeCommand(k.Command)
		if refusal != nil {
			return // of a version that asked in other words: asked again, it is decided again
		}
		var err error
		if hash, err = wire.HashCommand(command); err != nil {
			return
		}
	}
	key := asked{keyOf(k.ID), half(hash)}
	if b.first[key] == 0 {
		b.first[key] = k.Seq
	}
}

// stretch is a part of the stream that is read at once.
type stretch struct{ first, last uint64 }

// closeBy is how far two positions may lie apart and still be read at once.
const closeBy = 64

// runs makes few stretches of sorted positions: what one import was refused mostly lies together.
func runs(positions []uint64) []stretch {
	var all []stretch
	for _, seq := range positions {
		if n := len(all); n > 0 && seq-all[n-1].last <= closeBy {
			all[n-1].last = seq
			continue
		}
		all = append(all, stretch{seq, seq})
	}
	return all
}
