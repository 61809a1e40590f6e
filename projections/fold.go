package projections

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// Fold is the postings of one event, numbered from 0. An event that concerns a support year, and that nobody thought of, is
// an error, never nothing.
func Fold(e wire.Entry) ([]Posting, error) {
	p := poster{seq: e.Seq, date: e.Date}
	if !p.fold(e.Event) {
		return nil, fmt.Errorf("event %d: %s has no fold: use a newer fundledger", e.Seq, e.Event.Name())
	}
	return p.out, nil
}

// poster collects the postings of one event. Its fields but the last are what the next posting says.
type poster struct {
	seq         uint64
	date        domain.Date
	charge      domain.Charge
	application domain.ApplicationID
	ref         string
	year        domain.SupportYear
	budgetYear  int
	out         []Posting
}

func (p *poster) post(k Kind, amount domain.Money) {
	if amount.IsZero() {
		return
	}
	p.add(k, 0, amount)
}

func (p *poster) add(k Kind, count int, amount domain.Money) {
	line := Line{Enterprise: p.charge.Enterprise, Clause: p.charge.Clause, Subject: p.charge.Subject, Year: p.year}
	p.out = append(p.out, Posting{Seq: p.seq, N: len(p.out), Line: line, Via: p.charge.Via, Kind: k, Count: count, Amount: amount,
		Application: p.application, Ref: p.ref, Date: p.date, BudgetYear: p.budgetYear})
}

// on says what the next postings are charged to.
func (p *poster) on(c domain.Charge, a domain.ApplicationID, ref string, y domain.SupportYear) {
	p.charge, p.application, p.ref, p.year = c, a, ref, y
}

// fold reports whether it knows the event.
func (p *poster) fold(event domain.Event) bool {
	switch e := event.(type) {
	case *domain.ApplicationApproved:
		p.granted(&e.Granted)
	case *domain.ApprovalSupplemented:
		p.granted(&e.Granted)
	case *domain.ApplicationMoved:
		p.refiled(e)
		for _, i := range e.Unpaid {
			p.on(e.PreviousCharge, e.Application, "", i.SupportYear)
			p.post(Approved, i.Amount.Neg())
			p.on(e.Charge, e.Application, "", i.SupportYear)
			p.post(Approved, i.Amount)
		}
	case *domain.ApplicationSubmitted, *domain.ApplicationTransferred, *domain.ApplicationAmended, *domain.ApplicationVoided:
		p.refiled(event)
	case *domain.ApprovalReduced:
		p.cut(e.Cut)
	case *domain.ApprovalReleased:
		p.cut(e.Cut)
	case *domain.PaymentPlanned, *domain.RecoveryScheduled: // say when, not how much
	case *domain.RecoveryOffset: // the payout and the recovery behind it say how much
	case *domain.ExceptionGranted:
		p.exception(e.Exception, e.Clause, e.Subject, e.SupportYear, e.Amount)
	case *domain.ExceptionRevoked:
		p.exception(e.Exception, e.Clause, e.Subject, e.SupportYear, e.Amount.Neg())
	default:
		return p.money(event)
	}
	return true
}

// money folds what moves money, or orders it to.
func (p *poster) money(event domain.Event) bool {
	switch e := event.(type) {
	case *domain.PayoutMade:
		p.on(e.Charge, e.Application, string(e.Payout), e.SupportYear)
		p.date, p.budgetYear = e.PaidOn, e.PaidOn.Year()
		p.post(Paid, e.Amount)
	case *domain.PayoutBooked:
		p.on(e.Charge, e.Application, string(e.Payout), e.SupportYear)
		p.date, p.budgetYear = e.PaidOn, e.PaidOn.Year()
		p.post(Paid, e.Amount)
		p.post(Outside, e.Outside)
	case *domain.PayoutReturned:
		p.on(e.Charge, e.Application, string(e.Payout), e.SupportYear)
		p.budgetYear = e.PaidOn.Year()
		p.post(Returned, e.Amount)
		p.post(Outside, e.Outside.Neg())
		p.post(Approved, e.Released.Neg())
		p.shift(e.Shifted)
	case *domain.ReturnReversed:
		p.on(e.Charge, e.Application, string(e.Payout), e.SupportYear)
		p.budgetYear = e.PaidOn.Year()
		p.post(Returned, e.Amount.Neg())
		p.post(Outside, e.Outside)
		p.post(Approved, e.Restored)
		p.shift(e.Shifted)
	case *domain.BookingReversed:
		p.on(e.Charge, e.Application, string(e.Payout), e.SupportYear)
		p.budgetYear = e.PaidOn.Year()
		p.post(Paid, e.Amount.Neg())
		p.post(Returned, e.Returned.Neg())
		p.post(Outside, e.Outside.Neg())
		p.post(Approved, e.Released.Neg())
		p.shift(e.Shifted)
	case *domain.ClawbackOrdered:
		p.on(e.Charge, e.Application, string(e.Clawback), e.SupportYear)
		p.post(ClawbackOrdered, e.Amount)
	case *domain.ClawbackWaived:
		p.on(e.Charge, e.Application, string(e.Clawback), e.SupportYear)
		p.post(ClawbackWaived, e.Amount)
	case *domain.ClawbackWrittenOff:
		p.on(e.Charge, e.Application, string(e.Clawback), e.SupportYear)
		p.post(WrittenOff, e.Amount)
	case *domain.RecoveryReceived:
		p.on(e.Charge, e.Application, string(e.Recovery), e.SupportYear)
		p.date = e.ReceivedOn
		p.recovered(e.Cause, e.Amount, e.Beyond)
		p.post(Interest, e.Interest)
	case *domain.RecoveryBooked:
		p.on(e.Charge, e.Application, string(e.Recovery), e.SupportYear)
		p.date = e.ReceivedOn
		p.recovered(e.Cause, e.Amount, e.Beyond)
	case *domain.RecoveryReversed:
		p.on(e.Charge, e.Application, string(e.Recovery), e.SupportYear)
		p.notBefore(e.NotBefore, func() { p.recovered(e.Cause, e.Amount.Neg(), e.Beyond.Neg()) })
		p.post(Interest, e.Interest.Neg())
		p.shift(e.Shifted)
	default:
		return len(domain.Concerns(event).Years) == 0 // it moves no amount in any year
	}
	return true
}

// recovered posts what came back: what counts, and what came in beyond what went out.
func (p *poster) recovered(c domain.Cause, amount, beyond domain.Money) {
	p.post(recoveredBy(c), amount.Sub(beyond))
	p.post(ReceivedBeyond, beyond)
}

// shift posts that recoveries count for more or for less than before.
func (p *poster) shift(list []domain.Shift) {
	for _, one := range list {
		p.ref, p.budgetYear = string(one.Recovery), 0
		p.notBefore(one.NotBefore, func() { p.recovered(one.Cause, domain.NoMoney, one.Beyond.Money) })
	}
}

// notBefore posts on the event's day, or on a later one where what the posting takes back happened then: as of a day between the two
// there was nothing to take back.
func (p *poster) notBefore(day domain.Date, post func()) {
	was := p.date
	if day.After(p.date) {
		p.date = day
	}
	post()
	p.date = was
}

// refiled takes back what was asked for before, where that was, and counts what is asked for now.
func (p *poster) refiled(event domain.Event) {
	r, _ := domain.Refiled(event)
	for _, i := range r.Before {
		p.on(r.From, r.Application, "", i.SupportYear)
		p.add(Requested, -1, i.Amount.Neg())
	}
	for _, i := range r.Now {
		p.on(r.To, r.Application, "", i.SupportYear)
		p.add(Requested, 1, i.Amount)
	}
}

// granted counts what is approved, which takes over what was booked before.
func (p *poster) granted(g *domain.Granted) {
	for _, i := range g.Instalments {
		p.on(g.Charge, g.Application, "", i.SupportYear)
		p.post(Approved, i.Amount)
	}
	for _, f := range g.Filled {
		p.on(g.Charge, g.Application, string(f.Payout), f.SupportYear)
		p.notBefore(f.PaidOn, func() { p.post(Outside, f.Amount.Neg()) })
	}
}

func (p *poster) cut(c domain.Cut) {
	p.on(c.Charge, c.Application, "", c.SupportYear)
	p.post(Approved, c.Amount.Neg())
}

func (p *poster) exception(id domain.ExceptionID, clause domain.ClauseID, subject domain.Subject, y domain.SupportYear, amount domain.Money) {
	p.on(domain.Charge{Enterprise: enterpriseOf(subject), Clause: clause, Subject: subject}, "", string(id), y)
	p.post(Exception, amount)
}

// enterpriseOf is the enterprise that a subject is; none where it is a project or an award.
func enterpriseOf(s domain.Subject) domain.EnterpriseID {
	if s.Kind == domain.SubjectEnterprise {
		return domain.EnterpriseID(s.ID)
	}
	return ""
}

func recoveredBy(c domain.Cause) Kind {
	if c == domain.CauseError {
		return RecoveredError
	}
	return RecoveredBreach
}
