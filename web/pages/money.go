package pages

import (
	"crypto/rand"
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

type payoutBody struct {
	projections.PayoutRow
	Now       domain.PayoutView
	Actor     string
	Clawbacks []projections.ClawbackRow
	Forms     []form
	Absent    []absent
}

func (p *Pages) payout(w http.ResponseWriter, r *http.Request) error {
	return p.showPayout(w, r, http.StatusOK, nil)
}

func (p *Pages) doPayout(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	refusal, err := p.give(w, r, map[string]string{"payout": id}, "return_payout", "order_clawback")
	if err != nil || refusal == nil {
		return err
	}
	return p.showPayout(w, r, http.StatusUnprocessableEntity, refusal)
}

func (p *Pages) showPayout(w http.ResponseWriter, r *http.Request, status int, refusal *domain.Refusal) error {
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
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), payoutDrafts(domain.PayoutID(id), b.Now))
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
	if refusal != nil {
		refill(b.Forms, r.PostForm)
	}
	pg.Title, pg.Refusal = domain.Text{ZH: "支付 " + id, EN: "Payout " + id}, refusal
	return payoutSheet.write(p, w, status, pg, b)
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
	b.Actor = entry.Envelope.Actor
	clawbacks, err := projections.Clawbacks.Page(r.Context(), p.server.Queries(), ask)
	b.Clawbacks = clawbacks.Rows
	return err
}

func payoutDrafts(id domain.PayoutID, v domain.PayoutView) []draft {
	rest := domain.Greater(v.Reclaimable, domain.Fen(1))
	amount := field{Name: "amount", Label: amountLabel, Kind: "amount", Value: v.Reclaimable.String(), Required: true}
	reason := field{Name: "reason", Label: reasonLabel, Kind: "long"}
	clawback := "CB-" + rand.Text()[:10]
	return []draft{
		{"return_payout", []field{amount, reason}, func(h domain.Head) domain.Command { return &domain.ReturnPayout{Head: h, Payout: id, Amount: rest} }},
		{"order_clawback", []field{{Name: "clawback", Label: domain.Text{ZH: "追回编号", EN: "Clawback"}, Kind: "text", Value: clawback, Required: true}, amount,
			{Name: "cause", Label: domain.Text{ZH: "原因", EN: "Cause"}, Kind: "choice", Choices: []string{"error", "breach"}, Required: true}, reason},
			func(h domain.Head) domain.Command {
				return &domain.OrderClawback{Head: h, Clawback: domain.ClawbackID(clawback), Payout: id, Amount: rest, Cause: domain.CauseError}
			}},
	}
}

type clawbackBody struct {
	ID     domain.ClawbackID
	Now    domain.ClawbackView
	Forms  []form
	Absent []absent
}

func (p *Pages) clawback(w http.ResponseWriter, r *http.Request) error {
	return p.showClawback(w, r, http.StatusOK, nil)
}

func (p *Pages) doClawback(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	refusal, err := p.give(w, r, map[string]string{"clawback": id}, "waive_clawback", "receive_recovery")
	if err != nil || refusal == nil {
		return err
	}
	return p.showClawback(w, r, http.StatusUnprocessableEntity, refusal)
}

func (p *Pages) showClawback(w http.ResponseWriter, r *http.Request, status int, refusal *domain.Refusal) error {
	pg, err := p.begin(r, "/clawbacks", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b, found := &clawbackBody{ID: domain.ClawbackID(id)}, false
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.Now, found = s.Clawback(b.ID); found {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), clawbackDrafts(b))
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	if refusal != nil {
		refill(b.Forms, r.PostForm)
	}
	pg.Title, pg.Refusal = domain.Text{ZH: "追回 " + id, EN: "Clawback " + id}, refusal
	return clawbackSheet.write(p, w, status, pg, b)
}

func clawbackDrafts(b *clawbackBody) []draft {
	rest := domain.Greater(b.Now.Outstanding, domain.Fen(1))
	amount := field{Name: "amount", Label: amountLabel, Kind: "amount", Value: b.Now.Outstanding.String(), Required: true}
	recovery := "RC-" + rand.Text()[:10]
	return []draft{
		{"receive_recovery", []field{{Name: "recovery", Label: domain.Text{ZH: "收回编号", EN: "Recovery"}, Kind: "text", Value: recovery, Required: true}, amount,
			{Name: "interest", Label: domain.Text{ZH: "利息（元，不计入合计）", EN: "Interest (CNY, counts into no total)"}, Kind: "amount"}},
			func(h domain.Head) domain.Command {
				return &domain.ReceiveRecovery{Head: h, Recovery: domain.RecoveryID(recovery), Clawback: b.ID, Amount: rest}
			}},
		{"waive_clawback", []field{amount, {Name: "document", Label: domain.Text{ZH: "批准文号", EN: "Authority's document"}, Kind: "text", Required: true}},
			func(h domain.Head) domain.Command {
				return &domain.WaiveClawback{Head: h, Clawback: b.ID, Amount: rest, Document: "-"}
			}},
	}
}
