package replay

import (
	"context"
	"errors"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// errKnown ends a reading that has what it wanted.
var errKnown = errors.New("known")

// Knows reports whether a log ever registered an enterprise, and its policy has a clause; one that is not asked for is known.
func Knows(ctx context.Context, log proof.Log, enterprise domain.EnterpriseID, clause domain.ClauseID) (bool, error) {
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
				return errKnown
			}
		}
		return nil
	})
	if errors.Is(err, errKnown) {
		err = nil
	}
	return registered && has, err
}

// LastAt is the last event that was recorded at a moment or before; 0: none was.
func LastAt(ctx context.Context, log proof.Log, at time.Time) (last uint64, err error) {
	err = log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if r.Time.After(at) {
				return errKnown
			}
			last = r.Seq
		}
		return nil
	})
	if errors.Is(err, errKnown) {
		err = nil
	}
	return last, err
}
