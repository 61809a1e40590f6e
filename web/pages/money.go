package pages

import (
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

var payoutCommands = []string{"return_payout", "order_clawback", "reverse_return", "reverse_booking"}

type payoutBody struct {
	offers
	projections.PayoutRow
	Now       domain.PayoutView
	Actor     string
	ActorFor  string
	Clawbacks table[projections.ClawbackRow]
}

func (p *Pages) payout(w http.ResponseWriter, r *http.Request) error {
	return p.showPayout(w, r, nil)
}

func (p *Pages) doPayout(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	answer, err := p.give(w, r, map[string]string{"payout": id}, payoutCommands...)
	if err != nil || answer == nil {
		return err
	}
	return p.showPayout(w, r, answer)
}

func (p *Pages) showPayout(w http.ResponseWriter, r *http.Request, answer *said) error {
	pg, err := p.begin(r, "/payouts", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b, found := &payoutBody{}, false
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.Now, found = s.Payout(domain.PayoutID(id)); found {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), payoutDrafts(s.Policy(), domain.PayoutID(id), b.Now))
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	if err := p.tellPayout(r, domain.PayoutID(id), b); err != nil {
		return err
	}
	if err := p.between(r, pg, projections.Payouts.List, id); err != nil {
		return err
	}
	pg.Title = domain.Text{ZH: "支付 " + id, EN: "Payout " + id}
	return payoutSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}

// tellPayout adds a payout's row and its clawbacks.
func (p *Pages) tellPayout(r *http.Request, id domain.PayoutID, b *payoutBody) error {
	ask := projections.Where(projections.ByPayout.Is(id))
	payouts, err := projections.Payouts.Page(r.Context(), p.server.Queries(), ask)
	if err != nil {
		return err
	}
	if len(payouts.Rows) == 0 {
		return projections.ErrNotFound // decided, and not projected yet
	}
	b.PayoutRow = payouts.Rows[0]
	record, err := p.server.Record(r.Context(), b.Seq)
	if err != nil {
		return err
	}
	entry, err := wire.Decode(record)
	if err != nil {
		return err
	}
	b.Actor, b.ActorFor = entry.Envelope.Actor, entry.Envelope.ActorFor
	clawbacks, err := projections.Clawbacks.Page(r.Context(), p.server.Queries(), ask)
	b.Clawbacks.Rows = clawbacks.Rows
	return err
}

// payoutDrafts are the commands on a payout; none of an amount where nothing is left that it could move.
func payoutDrafts(p *domain.Policy, id domain.PayoutID, v domain.PayoutView) []draft {
	rest, paid, back := v.Reclaimable, v.Returnable, v.SentBack
	clawback := newID("CB")
	return slices.DeleteFunc([]draft{
		asks(p, "return_payout", "amount", "reason").filled("amount", paid.String()).tried(func(h domain.Head) domain.Command {
			return &domain.ReturnPayout{Head: h, Payout: id, Amount: paid}
		}),
		asks(p, "order_clawback", "clawback", "amount", "cause", "due_on", "reason").filled("clawback", clawback).filled("amount", v.Reclaimable.String()).
			tried(func(h domain.Head) domain.Command {
				return &domain.OrderClawback{Head: h, Clawback: domain.ClawbackID(clawback), Payout: id, Amount: rest, Cause: domain.CauseError}
			}),
		asks(p, "reverse_return", "amount", "reason").filled("amount", back.String()).tried(func(h domain.Head) domain.Command {
			return &domain.ReverseReturn{Head: h, Payout: id, Amount: back, Reason: "-"}
		}),
		asks(p, "reverse_booking", "reason", "document").tried(func(h domain.Head) domain.Command {
			return &domain.ReverseBooking{Head: h, Payout: id, Reason: "-", Document: "-"}
		}),
	}, func(d draft) bool {
		switch d.command {
		case "return_payout":
			return !paid.Positive()
		case "order_clawback":
			return !rest.Positive()
		case "reverse_return":
			return !back.Positive()
		}
		return false
	})
}

var clawbackCommands = []string{"waive_clawback", "receive_recovery", "schedule_recovery", "offset_recovery", "write_off"}

type clawbackBody struct {
	offers
	ID  domain.ClawbackID
	Now domain.ClawbackView
	Out domain.ApplicationID // of the enterprise, that has something unpaid; empty: none has
}

func (p *Pages) clawback(w http.ResponseWriter, r *http.Request) error {
	return p.showClawback(w, r, nil)
}

func (p *Pages) doClawback(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	answer, err := p.give(w, r, map[string]string{"clawback": id}, clawbackCommands...)
	if err != nil || answer == nil {
		return err
	}
	return p.showClawback(w, r, answer)
}

func (p *Pages) showClawback(w http.ResponseWriter, r *http.Request, answer *said) error {
	pg, err := p.begin(r, "/clawbacks", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b, found := &clawbackBody{ID: domain.ClawbackID(id)}, false
	if b.Out, err = p.unpaidOf(r, b.ID); err != nil {
		return err
	}
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.Now, found = s.Clawback(b.ID); found {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), clawbackDrafts(s, b))
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	if err := p.between(r, pg, projections.Clawbacks.List, id); err != nil {
		return err
	}
	pg.Title = domain.Text{ZH: "追回 " + id, EN: "Clawback " + id}
	return clawbackSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}

// clawbackDrafts are the commands on a clawback; none where nothing is outstanding.
func clawbackDrafts(s *domain.State, b *clawbackBody) []draft {
	p, rest := s.Policy(), b.Now.Outstanding
	if !rest.Positive() {
		return nil
	}
	recovery, interest := newID("RC"), ""
	if b.Now.Interest != nil && b.Now.Interest.Amount.Positive() {
		interest = b.Now.Interest.Amount.String()
	}
	drafts := []draft{
		asks(p, "receive_recovery", "recovery", "amount", "interest").filled("recovery", recovery).filled("amount", b.Now.Outstanding.String()).
			filled("interest", interest).tried(func(h domain.Head) domain.Command {
			return &domain.ReceiveRecovery{Head: h, Recovery: domain.RecoveryID(recovery), Clawback: b.ID, Amount: rest}
		}),
		asks(p, "waive_clawback", "amount", "document").filled("amount", b.Now.Outstanding.String()).tried(func(h domain.Head) domain.Command {
			return &domain.WaiveClawback{Head: h, Clawback: b.ID, Amount: rest, Document: "-"}
		}),
		asks(p, "schedule_recovery", "instalments", "reason").tried(func(h domain.Head) domain.Command {
			return &domain.ScheduleRecovery{Head: h, Clawback: b.ID, Instalments: []domain.Repayment{{DueOn: h.Date, Amount: rest}}}
		}),
		asks(p, "write_off", "amount", "reason", "document").filled("amount", b.Now.Outstanding.String()).tried(func(h domain.Head) domain.Command {
			return &domain.WriteOff{Head: h, Clawback: b.ID, Amount: rest, Reason: "-", Document: "-"}
		}),
	}
	application, _ := s.Application(b.Out)
	for _, part := range application.Instalments {
		unpaid := domain.Lesser(part.Amount.Sub(part.Paid), rest)
		if !unpaid.Positive() {
			continue
		}
		offset := newID("RC")
		return append(drafts, asks(p, "offset_recovery", "recovery", "application", "support_year", "amount", "interest", "reason").filled("recovery", offset).
			filled("application", string(b.Out)).filled("support_year", part.SupportYear.String()).filled("amount", unpaid.String()).tried(func(h domain.Head) domain.Command {
			return &domain.OffsetRecovery{Head: h, Recovery: domain.RecoveryID(offset), Clawback: b.ID, Application: b.Out, SupportYear: part.SupportYear, Amount: unpaid}
		}))
	}
	return drafts
}

// unpaidOf is an application of the enterprise that owes a clawback on which something is approved and unpaid: of several the first.
func (p *Pages) unpaidOf(r *http.Request, id domain.ClawbackID) (domain.ApplicationID, error) {
	found, err := projections.Clawbacks.Page(r.Context(), p.server.Queries(), projections.Where(projections.ByClawback.Is(id)))
	if err != nil || len(found.Rows) == 0 {
		return "", err
	}
	of, err := projections.Applications.Page(r.Context(), p.server.Queries(), projections.Where(projections.ByEnterprise.Is(found.Rows[0].Enterprise)))
	for _, a := range of.Rows {
		if a.Approved.More(a.Paid.Sub(a.Returned)) {
			return a.Application, err
		}
	}
	return "", err
}
