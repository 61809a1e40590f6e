package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Log is where the records of a fund lie, in their order: the live log, a bundle, or a list in memory.
type Log interface {
	// Read hands over the events from one position to another, both included, in order and in batches; a to of 0 means up
	// to the end. What fn gets stays as it is.
	Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error
}

// Records is a log in memory: the record of sequence n is the n-1st.
type Records []eventstore.Record

// Read hands over records in batches, as [Log] promises.
func (l Records) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	if to == 0 {
		to = uint64(len(l))
	}
	if from < 1 || to > uint64(len(l)) {
		return fmt.Errorf("reading events %d to %d of %d: %w", from, to, len(l), eventstore.ErrNotFound)
	}
	const batch = 2000
	for from <= to {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(to, from+batch-1)
		if err := fn(l[from-1 : end : end]); err != nil {
			return err
		}
		from = end + 1
	}
	return nil
}

// shanghai is the place whose calendar says what a decision's day is.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Knows reports whether a log ever registered an enterprise, and its policy has a clause; one that is not asked for is known.
func Knows(ctx context.Context, log Log, enterprise domain.EnterpriseID, clause domain.ClauseID) (bool, error) {
	registered, has := enterprise == "", clause == ""
	if registered && has {
		return true, nil
	}
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			switch v := e.Event.(type) {
			case *domain.EnterpriseRegistered:
				registered = registered || v.Enterprise == enterprise
			case *domain.PolicyPublished:
				_, found := v.Policy.Clause(clause)
				has = has || found
			}
			if registered && has {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return registered && has, err
}

// LastAt is the last event that was recorded at a moment or before; 0: none was.
func LastAt(ctx context.Context, log Log, at time.Time) (last uint64, err error) {
	err = log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if r.Time.After(at) {
				return errEnough
			}
			last = r.Seq
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return last, err
}
