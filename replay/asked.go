package replay

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// errKnown ends a reading that has what it wanted.
var errKnown = errors.New("known")

// Policy is the policy of a log, that of all its policies together; nil where it publishes none.
func Policy(ctx context.Context, log proof.Log) (*domain.Policy, error) {
	made, err := policyEvents(ctx, log)
	return domain.PolicyMade(made), err
}

// policyEvents are the events that make a log's policies.
func policyEvents(ctx context.Context, log proof.Log) (made []domain.Event, err error) {
	err = log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if !strings.Contains(r.Subject, ".policy.") { // most are not read
				continue
			}
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			made = append(made, e.Event)
		}
		return nil
	})
	return made, err
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
