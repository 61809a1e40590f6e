package office

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

// PaymentsOn reads what a log says of money paid: its payouts, made or booked, and the lines of the treasury's payment files that were recorded and
// not voided, both in the order of their events.
func PaymentsOn(ctx context.Context, log proof.Log) ([]PaidOut, []PaymentLine, error) {
	p := paymentReader{names: map[domain.EnterpriseID][]string{}, lines: map[statementLine]PaymentLine{}}
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			p.take(e)
			if len(p.payouts) > maxReconciled || len(p.lines) > maxReconciled {
				return fmt.Errorf("%w: more than %d payouts or payment lines", ErrReconcile, maxReconciled)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what was paid: %w", err)
	}
	for i := range p.payouts {
		p.payouts[i].Names = p.names[p.payouts[i].Enterprise]
	}
	return p.payouts, p.sorted(), nil
}

type statementLine struct {
	statement domain.StatementID
	line      int
}

type paymentReader struct {
	names   map[domain.EnterpriseID][]string
	payouts []PaidOut
	lines   map[statementLine]PaymentLine
}

// sorted are the lines that count, in the order of their events.
func (p *paymentReader) sorted() []PaymentLine {
	lines := make([]PaymentLine, 0, len(p.lines))
	for _, l := range p.lines {
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b PaymentLine) int { return cmp.Compare(a.Seq, b.Seq) })
	return lines
}

func (p *paymentReader) take(entry wire.Entry) {
	if id, name, named := domain.Named(entry.Event); named {
		p.names[id] = append(p.names[id], name)
	}
	switch e := entry.Event.(type) {
	case *domain.PayoutMade:
		p.payouts = append(p.payouts, PaidOut{Payout: e.Payout, Seq: entry.Seq, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Enterprise: e.Charge.Enterprise})
	case *domain.PayoutBooked:
		p.payouts = append(p.payouts, PaidOut{Payout: e.Payout, Seq: entry.Seq, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Enterprise: e.Charge.Enterprise})
	case *domain.TreasuryPaymentRecorded:
		p.lines[statementLine{e.Statement, e.Line}] = PaymentLine{Statement: e.Statement, Line: e.Line, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Payee: e.Payee, Seq: entry.Seq}
	case *domain.TreasuryPaymentVoided:
		delete(p.lines, statementLine{e.Statement, e.Line})
	}
}

// Within are the lines paid in a period, both days included. A day that is none does not bound it.
func Within(lines []PaymentLine, from, to domain.Date) []PaymentLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l PaymentLine) bool {
		return l.PaidOn.Before(from) || !to.IsZero() && l.PaidOn.After(to)
	})
}
