package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
)

type explainBody struct {
	replay.Explanation
	Figure  string
	Figures []string
	Narrow  url.Values // what narrows the figure
	Paged   bool       // this is one page of several
}

// explain takes a number apart, down to the events and the people who decided.
func (p *Pages) explain(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.proof(); err != nil {
		return err
	}
	pg, err := p.begin(r, "/explain", domain.Text{ZH: "数字的由来", EN: "What a number is made of"})
	if err != nil {
		return err
	}
	b := explainBody{Figure: r.URL.Query().Get("figure"), Figures: []string{"use", "net_paid"}, Narrow: url.Values{}}
	for _, k := range projections.Kinds() {
		b.Figures = append(b.Figures, k.String())
	}
	if b.Figure == "" {
		b.Figure = "use"
	}
	if !slices.Contains(b.Figures, b.Figure) {
		return invalid("figure", b.Figure)
	}
	a := pg.Asked
	total := replay.Total{Figure: b.Figure, Enterprise: domain.EnterpriseID(a.Enterprise), Clause: domain.ClauseID(a.Clause), Year: a.Year,
		SubjectKind: domain.SubjectKind(a.values.Get("subject_kind")), Subject: a.values.Get("subject"), Cursor: a.cursor, Limit: pageRows}
	if total.Upto, err = p.server.Upto(r.Context(), a.asOf); err != nil {
		return err
	}
	if b.Explanation, err = p.server.Explain(r.Context(), total); err != nil {
		return err
	}
	q := url.Values{"figure": {b.Figure}}
	for name, value := range map[string]string{"enterprise": a.Enterprise, "clause": a.Clause, "year": yearText(a.Year), "subject_kind": a.values.Get("subject_kind"),
		"subject": a.values.Get("subject"), "as_of": a.AsOf} {
		if value != "" {
			q.Set(name, value)
			b.Narrow.Set(name, value)
		}
	}
	pg.Next, b.Paged = b.Next, b.Next != "" || a.cursor != ""
	pg.Export = &url.URL{Path: "/v1/explain", RawQuery: q.Encode()}
	pg.then = wholly
	return explainSheet.write(p, w, http.StatusOK, pg, b)
}

// receipt is the receipt of the decision in an event.
func (p *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 63)
	if err != nil || seq == 0 {
		return projections.ErrNotFound
	}
	pg, err := p.begin(r, "", domain.Text{ZH: "决定回单 " + r.PathValue("seq"), EN: "Receipt of decision " + r.PathValue("seq")})
	if err != nil {
		return err
	}
	receipt, err := proof.Receipt(r.Context(), seq)
	if err != nil {
		return err
	}
	return receiptSheet.write(p, w, http.StatusOK, pg, receipt)
}
