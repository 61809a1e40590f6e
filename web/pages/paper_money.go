package pages

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/words"
)

// summedBody is a sheet of payouts: all that the list has as it is narrowed, numbered, with their sum.
type summedBody struct {
	paper
	Rows             []projections.PayoutRow
	More             bool // than fit a sheet: nothing is listed
	Most             int
	Narrowed         []narrowing
	Amount, Returned domain.Money
	KeptBack         domain.Money // of the amount
}

// narrowing is a condition of a list, and its value.
type narrowing struct{ Name, Title, Value string }

// titleOf is what a parameter of the list of payouts is called.
func titleOf(name, lang string) string {
	switch f := projections.Payouts.Filter(name); {
	case f != nil:
		title := words.Heading(f.CheckedColumn(), lang)
		return title + map[projections.Bound]domain.Text{projections.Least: {ZH: "自", EN: " from"}, projections.Most: {ZH: "至", EN: " until"}}[f.Bound].In(lang)
	case name == "on":
		return domain.Text{ZH: "业务日期截至", EN: "As of business date"}.In(lang)
	}
	return domain.Text{ZH: "记录时点", EN: "As recorded at"}.In(lang)
}

// Net is what of the payouts did not come back from the bank.
func (b summedBody) Net() domain.Money { return b.Amount.Sub(b.Returned) }

// PaidOut is what of the payouts was paid.
func (b summedBody) PaidOut() domain.Money { return b.Amount.Sub(b.KeptBack) }

// add adds the rows up.
func (b *summedBody) add() {
	for _, row := range b.Rows {
		if row.ReversedOn.IsZero() {
			b.Amount, b.Returned, b.KeptBack = b.Amount.Add(row.Amount), b.Returned.Add(row.Returned), b.KeptBack.Add(row.KeptBack)
		}
	}
}

// summed is the list of payouts as a paper. Bookings that were mistakes stay on it, marked, and are not added up.
func (p *Pages) summed(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/payouts", domain.Text{ZH: "支付汇总清单", EN: "Summary of payouts"})
	if err != nil {
		return err
	}
	b := summedBody{Most: projections.MaxLimit}
	if b.paper, err = p.paper(r, func(*domain.State) {}); err != nil {
		return err
	}
	ask := inOrder(projections.Payouts.List, pg.Asked.ask())
	ask.Limit, ask.Cursor = b.Most, ""
	found, err := projections.Payouts.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), ask)
	if err != nil {
		return err
	}
	for _, option := range pg.Kept(append(ofPages, "cursor")...) {
		b.Narrowed = append(b.Narrowed, narrowing{option.Value, titleOf(option.Value, pg.Viewer.Lang), option.Label.ZH})
	}
	if b.More = found.Next != ""; !b.More {
		b.Rows = found.Rows
	}
	b.add()
	return summedSheet.write(p, w, http.StatusOK, pg, b)
}

// dunningBody is a letter to an enterprise that owes money back.
type dunningBody struct {
	projections.ClawbackRow
	paper
	Payment projections.PayoutRow
	Title   string                  // of the application; empty: there is none
	Parts   []projections.AgeingRow // what is outstanding, by the day it is due
	Late    *domain.Interest        // on what is outstanding; nil: the policy has no rates
}

// dunningLetter asks for what is outstanding of a clawback.
func (p *Pages) dunningLetter(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/clawbacks", domain.Text{ZH: "催缴通知书 " + id, EN: "Reminder " + id})
	if err != nil {
		return err
	}
	found, err := projections.Clawbacks.Page(r.Context(), p.server.Queries(), projections.Where(projections.ByClawback.Is(domain.ClawbackID(id))))
	if err == nil && len(found.Rows) == 0 {
		err = projections.ErrNotFound
	}
	if err != nil {
		return err
	}
	b := &dunningBody{ClawbackRow: found.Rows[0]}
	if !b.Outstanding.Positive() {
		return &web.Problem{Type: "urn:fundledger:problem:nothing_outstanding", Status: http.StatusNotFound, Code: "nothing_outstanding",
			Message: &domain.Text{ZH: "追回 " + id + " 没有欠款，无须催缴。", EN: "Nothing is outstanding of clawback " + id + ": there is nothing to remind of."}}
	}
	if b.paper, err = p.paper(r, func(s *domain.State) {
		v, _ := s.Clawback(b.Clawback)
		b.Late = v.Interest
	}); err != nil {
		return err
	}
	if b.Payment, err = p.payoutAsOf(r, b.Payout, 0); err != nil {
		return err
	}
	if b.Application != "" {
		rows, err := projections.Applications.Page(r.Context(), p.server.Queries(), projections.Where(projections.ByApplication.Is(b.Application)))
		if err != nil {
			return err
		}
		for _, row := range rows.Rows {
			b.Title = row.Title
		}
	}
	parts, err := projections.Ageing.Page(r.Context(), p.server.Queries(), projections.Where(projections.ByClawback.Is(b.Clawback)))
	if err != nil {
		return err
	}
	b.Parts = parts.Rows
	slices.SortFunc(b.Parts, func(a, b projections.AgeingRow) int { return cmp.Compare(a.Part, b.Part) })
	return dunningSheet.write(p, w, http.StatusOK, pg, b)
}
