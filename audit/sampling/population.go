package sampling

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// Population is every payout on a log up to an event, in the order of the log: what a sample is drawn from.
func Population(ctx context.Context, log proof.Log, upto uint64) ([]Item, error) {
	var items []Item
	err := log.Read(ctx, 1, upto, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			switch v := e.Event.(type) {
			case *domain.PayoutMade:
				items = append(items, Item{ID: string(v.Payout), Seq: e.Seq, Enterprise: v.Charge.Enterprise, Clause: v.Charge.Applied(),
					SupportYear: v.SupportYear, Department: v.Department, Amount: v.Amount})
			case *domain.PayoutBooked:
				items = append(items, Item{ID: string(v.Payout), Seq: e.Seq, Enterprise: v.Charge.Enterprise, Clause: v.Charge.Applied(),
					SupportYear: v.SupportYear, Department: v.Department, Amount: v.Amount})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the payouts: %w", err)
	}
	return items, nil
}

// PopulationOf is the same of what the tables hold.
func PopulationOf(paid []projections.PaidRow) []Item {
	items := make([]Item, len(paid))
	for i, p := range paid {
		items[i] = Item{ID: string(p.Payout), Seq: p.Seq, Enterprise: p.Enterprise, Clause: p.Clause, SupportYear: p.SupportYear, Department: p.Department, Amount: p.Amount}
	}
	return items
}
