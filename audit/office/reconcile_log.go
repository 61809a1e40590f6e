package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// PaymentsOn reads what a log says of money paid: its payouts, made or booked, and the lines of the treasury's payment files that were recorded and
// not voided, both in the order of their events.
func PaymentsOn(ctx context.Context, log proof.Log) ([]PaidOut, []PaymentLine, error) {
	p := newPayments()
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			p.take(e.Seq, e.Event)
			if len(p.payouts) > MaxReconciled || len(p.lines) > MaxReconciled {
				return tooManyPayments()
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what was paid: %w", err)
	}
	payouts, lines := p.all()
	return payouts, lines, nil
}

// PaymentsIn is what the tables hold of money paid, as [PaymentsOn] reads it on the log.
func PaymentsIn(kept projections.Payments) ([]PaidOut, []PaymentLine, error) {
	p := newPayments()
	for _, n := range kept.Names {
		p.names[n.Enterprise] = append(p.names[n.Enterprise], n.Name)
	}
	p.payouts = make([]PaidOut, len(kept.Paid))
	for i, r := range kept.Paid {
		p.payouts[i] = PaidOut{Payout: r.Payout, Seq: r.Seq, Voucher: r.Voucher, PaidOn: r.PaidOn, Amount: r.PaidOut, Enterprise: r.Enterprise}
	}
	p.payouts = slices.DeleteFunc(p.payouts, func(o PaidOut) bool { return o.Amount.IsZero() })
	for _, r := range kept.Stated {
		e, err := wire.DecodeEvent(wire.EventType(r.Type), r.Version, []byte(r.Data))
		if err != nil {
			return nil, nil, fmt.Errorf("reading event %d: %w", r.Seq, err)
		}
		p.take(r.Seq, e)
	}
	if len(p.lines) > MaxReconciled {
		return nil, nil, tooManyPayments()
	}
	payouts, lines := p.all()
	return payouts, lines, nil
}

func tooManyPayments() error {
	return fmt.Errorf("%w: more than %d payouts or payment lines", ErrReconcile, MaxReconciled)
}

type statementLine struct {
	statement domain.StatementID
	line      int
}

// payments gathers what events say of money paid.
type payments struct {
	names   map[domain.EnterpriseID][]string
	payouts []PaidOut
	lines   map[statementLine]PaymentLine
}

// newPayments has gathered nothing yet.
func newPayments() *payments {
	return &payments{names: map[domain.EnterpriseID][]string{}, lines: map[statementLine]PaymentLine{}}
}

// all is what was gathered, in the order of the events: payouts, and the lines that count.
func (p *payments) all() ([]PaidOut, []PaymentLine) {
	for i := range p.payouts {
		p.payouts[i].Names = p.names[p.payouts[i].Enterprise]
	}
	lines := make([]PaymentLine, 0, len(p.lines))
	for _, l := range p.lines {
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b PaymentLine) int { return cmp.Compare(a.Seq, b.Seq) })
	return p.payouts, lines
}

// take gathers what an event says.
func (p *payments) take(seq uint64, event domain.Event) {
	if id, name, named := domain.Named(event); named {
		p.names[id] = append(p.names[id], name)
	}
	switch e := event.(type) {
	case *domain.PayoutMade:
		if paid := e.Amount.Sub(e.KeptBack); paid.Positive() { // of what was all kept back the treasury knows nothing
			p.payouts = append(p.payouts, PaidOut{Payout: e.Payout, Seq: seq, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: paid, Enterprise: e.Charge.Enterprise})
		}
	case *domain.PayoutBooked:
		p.payouts = append(p.payouts, PaidOut{Payout: e.Payout, Seq: seq, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Enterprise: e.Charge.Enterprise})
	case *domain.TreasuryPaymentRecorded:
		p.lines[statementLine{e.Statement, e.Line}] = PaymentLine{Statement: e.Statement, Line: e.Line, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Payee: e.Payee, Seq: seq}
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
