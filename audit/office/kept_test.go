package office

import (
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// The treasury pays what is not kept back, and knows nothing of a payout that is all kept back.
func TestWhatIsKeptBackIsOnNoLineOfTheTreasury(t *testing.T) {
	p := newPayments()
	p.take(1, &domain.PayoutMade{Payout: "A", Amount: domain.Yuan(10), KeptBack: domain.Yuan(10), Voucher: "V1"})
	p.take(2, &domain.PayoutMade{Payout: "B", Amount: domain.Yuan(10), KeptBack: domain.Yuan(3), Voucher: "V2"})
	if payouts, _ := p.all(); len(payouts) != 1 || payouts[0].Payout != "B" || payouts[0].Amount != domain.Yuan(7) {
		t.Error(payouts)
	}
}
