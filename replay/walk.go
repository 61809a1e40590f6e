package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// walker is told a history: what was accepted, and in its place what was refused and can be read.
type walker interface {
	accepted(wire.Entry) error
	refused(wire.Refused, domain.Command) error
}

// walk tells a history. refusals may be nil.
func walk(ctx context.Context, log proof.Log, refusals Refusals, to walker) error {
	var list []wire.Refused
	if refusals != nil {
		if err := refusals.Refusals(ctx, wire.Case{}, func(r wire.Refused) error { list = append(list, r); return nil }); err != nil {
			return fmt.Errorf("reading the refusals: %w", err)
		}
		slices.SortStableFunc(list, func(a, b wire.Refused) int { return cmp.Compare(a.Position, b.Position) })
	}
	before := func(seq uint64) error {
		for len(list) > 0 && list[0].Position < seq {
			r := list[0]
			list = list[1:]
			command, unreadable := wire.DecodeCommand(r.Command)
			if unreadable != nil || r.Refusal.Code == domain.CodeCommandConflict {
				continue // refused whatever the policy says
			}
			if err := to.refused(r, command); err != nil {
				return err
			}
		}
		return nil
	}
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if err := before(entry.Seq); err != nil {
				return err
			}
			if err := to.accepted(entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return before(^uint64(0))
}
