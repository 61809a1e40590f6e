package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// recoveryBody is a recovery, and what can be done about it.
type recoveryBody struct {
	offers
	projections.RecoveryRow
}

func (p *Pages) recovery(w http.ResponseWriter, r *http.Request) error {
	return p.showRecovery(w, r, nil)
}

func (p *Pages) doRecovery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	answer, err := p.give(w, r, map[string]string{"recovery": id}, "reverse_recovery")
	if err != nil || answer == nil {
		return err
	}
	return p.showRecovery(w, r, answer)
}

func (p *Pages) showRecovery(w http.ResponseWriter, r *http.Request, answer *said) error {
	pg, err := p.begin(r, "/recoveries", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ask := projections.Where(projections.ByRecovery.Is(domain.RecoveryID(id)))
	ask.AsOf, ask.On = pg.Asked.asOf, pg.Asked.on
	rows, err := projections.Recoveries.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), ask)
	if err != nil {
		return err
	}
	if len(rows.Rows) == 0 {
		return projections.ErrNotFound
	}
	b := &recoveryBody{RecoveryRow: rows.Rows[0]}
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if !b.Reversed && !pg.Asked.Past() {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), []draft{
				asks(s.Policy(), "reverse_recovery", "reason").tried(func(h domain.Head) domain.Command {
					return &domain.ReverseRecovery{Head: h, Recovery: b.Recovery, Reason: "-"}
				})})
		}
	})
	if err != nil {
		return err
	}
	if err := p.between(r, pg, projections.Recoveries.List, id); err != nil {
		return err
	}
	pg.then = wholly
	pg.Title = domain.Text{ZH: "收回 " + id, EN: "Recovery " + id}
	return recoverySheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}
