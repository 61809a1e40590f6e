package pages

import (
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

func (p *Pages) enterprises(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/enterprises")
	if err != nil {
		return err
	}
	found, err := projections.Enterprises.Page(r.Context(), p.server.Queries(), pg.Asked.ask())
	if err != nil {
		return err
	}
	if err := p.addUp(r, pg, projections.Enterprises.List); err != nil {
		return err
	}
	b := listBody[projections.EnterpriseRow]{table: tableOf(pg, projections.Enterprises, found.Rows)}
	if len(pg.Asked.columns()) > 0 {
		if b.Chosen, err = p.anyTable(pg, projections.Enterprises.List, anyOf(found.Rows)); err != nil {
			return err
		}
	}
	pg.Export, pg.Next = pg.Asked.export(projections.Enterprises.List), found.Next
	p.own(r, pg, projections.Enterprises.List)
	return enterprisesSheet.write(p, w, http.StatusOK, pg, b)
}

// gridRow is a clause of an enterprise's grid; Cells are one for each of the grid's years, nil where nothing happened.
type gridRow struct {
	Clause domain.ClauseID
	Name   domain.Text
	Cells  []*projections.TotalsRow
}

type enterpriseBody struct {
	projections.EnterpriseRow
	Years        []domain.SupportYear
	Grid         []*gridRow
	Applications table[projections.ApplicationRow]
	Payouts      table[projections.PayoutRow]
	Clawbacks    table[projections.ClawbackRow]
	History      []projections.HistoryRow
	Payees       []payee // the latest day first
	Facts        []knownFact
	Matches      []projections.MatchRow // what conditions answer now
	Mergers      table[projections.MergerRow]
	Links        table[projections.LinkRow]
	Members      []projections.GroupMemberRow // of the group that it is of; none: it is by itself
	Groups       table[projections.GroupRow]
}

func (p *Pages) enterprise(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/enterprises", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, ctx, a := p.server.Queries(), r.Context(), pg.Asked
	found, err := projections.Enterprises.Page(ctx, q, projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(domain.EnterpriseID(id))}, Limit: 1})
	if err != nil {
		return err
	}
	if len(found.Rows) == 0 {
		return projections.ErrNotFound
	}
	if err := p.between(r, pg, projections.Enterprises.List, id); err != nil {
		return err
	}
	b := &enterpriseBody{EnterpriseRow: found.Rows[0]}
	if err := p.fillGrid(r, a, b); err != nil {
		return err
	}
	own := projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(b.Enterprise)}, Limit: pageRows}
	then := own
	then.AsOf, then.On = a.asOf, a.on
	applications, err := projections.Applications.Page(ctx, q, own)
	if err != nil {
		return err
	}
	payouts, err := projections.Payouts.Page(ctx, q, then)
	if err != nil {
		return err
	}
	clawbacks, err := projections.Clawbacks.Page(ctx, q, then)
	if err != nil {
		return err
	}
	history, err := projections.EnterpriseHistory.Page(ctx, q, projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(b.Enterprise)}, AsOf: a.asOf, On: a.on, Limit: pageRows, Cursor: a.cursor})
	if err != nil {
		return err
	}
	facts, err := projections.Facts.Page(ctx, q, then)
	if err != nil {
		return err
	}
	policy, err := p.policy(ctx)
	if err != nil {
		return err
	}
	b.Facts = tellFacts(policy, facts.Rows)
	if !a.Past() {
		if b.Matches, err = p.conditioned(r, pg, b.Enterprise); err != nil {
			return err
		}
	}
	b.Applications.Rows, b.Payouts.Rows, b.Clawbacks.Rows, b.History = applications.Rows, payouts.Rows, clawbacks.Rows, history.Rows
	if b.Payees, err = p.payees(r, pg, b.Enterprise); err != nil {
		return err
	}
	if err := p.tellGroup(r, pg, b); err != nil {
		return err
	}
	pg.Title, pg.Next = domain.Text{ZH: b.Name, EN: b.Name}, history.Next
	pg.then = domain.Text{ZH: "金额、表格、支付、追回与经过为过去时点；名称、信用与申请为现在。",
		EN: "Amounts, the grid, payouts, clawbacks and the history are of a past moment; name, credit and applications are as they are now."}
	pg.Export = a.with(projections.ByEnterprise.Is(b.Enterprise)).export(projections.Totals.List)
	return enterpriseSheet.write(p, w, http.StatusOK, pg, b)
}

// conditioned is what an enterprise may have of the clauses that state conditions, where the rules leave it open.
func (p *Pages) conditioned(r *http.Request, pg *page, id domain.EnterpriseID) (list []projections.MatchRow, err error) {
	ask := projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(id)}, Limit: projections.MaxLimit}
	found, err := p.server.Keeper(pg.Viewer.Lang).Page(r.Context(), projections.Matches.List, ask)
	for _, row := range found.Rows {
		m := row.(projections.MatchRow)
		_, ruled := domain.RefusalTitle(m.Code)
		if m.ClauseConditions != "" && (!ruled || m.Code == domain.CodeFactNotKnown) && len(list) < pageRows {
			list = append(list, m)
		}
	}
	return list, err
}

// payees are an enterprise's bank accounts, the latest day first.
func (p *Pages) payees(r *http.Request, pg *page, id domain.EnterpriseID) ([]payee, error) {
	var known []domain.PayeeView
	var today domain.PayeeView
	err := p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		known = s.Payees(id)
		today, _ = s.PayeeOn(id, p.today())
	})
	slices.SortStableFunc(known, func(a, b domain.PayeeView) int {
		switch {
		case a.From.Before(b.From):
			return -1
		case b.From.Before(a.From):
			return 1
		}
		return 0
	})
	var list []payee
	for _, one := range slices.Backward(known) {
		row := p.payee(r, pg.Viewer, one)
		row.Counts = one == today && !slices.ContainsFunc(list, func(o payee) bool { return o.Counts })
		list = append(list, row)
	}
	return list, err
}

// fillGrid lays an enterprise's lines out by clause and year.
func (p *Pages) fillGrid(r *http.Request, a asked, b *enterpriseBody) error {
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	b.Years = years(policy)
	byClause := map[domain.ClauseID]*gridRow{}
	if a.Past() { // the sums are of the same moment as what they are made of
		b.Approved, b.NetPaid = domain.NoMoney, domain.NoMoney
	}
	ask := projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(b.Enterprise)}, AsOf: a.asOf, On: a.on, Limit: projections.MaxLimit}
	for row, err := range projections.Totals.Every(r.Context(), p.server.Queries(), ask) {
		if err != nil {
			return err
		}
		if a.Past() {
			b.Approved, b.NetPaid = b.Approved.Add(row.Approved), b.NetPaid.Add(row.NetPaid)
		}
		line := byClause[row.Clause]
		if line == nil {
			line = &gridRow{Clause: row.Clause, Name: clauseName(policy, row.Clause), Cells: make([]*projections.TotalsRow, len(b.Years))}
			byClause[row.Clause] = line
			b.Grid = append(b.Grid, line)
		}
		for i, year := range b.Years {
			if year == row.SupportYear {
				line.Cells[i] = &row
			}
		}
	}
	return nil
}

// nameOf is what an enterprise is called now.
func nameOf(s *domain.State, id domain.EnterpriseID) string {
	e, _ := s.Enterprise(id)
	return e.Name
}
