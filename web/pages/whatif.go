package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

type whatIfBody struct {
	Rows        []whatIfRow
	On          domain.Date // the day that the caps in force are of
	inForce     map[domain.ClauseID]whatIfRow
	Policy      *domain.Policy
	Acceptance  string // as it is tried: "true", "false", or "" as it is
	Reviews     string
	TermTo      string
	More        string       // further parameters, with semicolons between
	Refused     *domain.Text // why it cannot be tried so
	Result      *replay.WhatIf
	MoreChanged int // decisions beyond those that are shown
	MoreFirms   int // enterprises that differ, beyond those that are shown
	Exports     []exported
}

// exported is a table of the result to download.
type exported struct {
	Title   domain.Text
	Address string // without its format
}

// whatIfRow is a clause whose cap can be set otherwise.
type whatIfRow struct {
	domain.Clause
	InForce      domain.Ceiling // the cap on the day
	Amended      bool           // it is another one than was published
	Exceptions   domain.Balance // what stronger support adds to it on accounts
	Granted      int            // how many there are
	Asked        string         // the cap that is tried; empty: as it is
	AskedPeriod  string
	AskedSubject string
	Most         string // of the slider: three times the cap, in whole yuan
	Now          string // where the slider stands
}

// sides are sums as they were and as they would be, those that differ; the others are counted.
type sides struct {
	Rows []side
	Same int
}

// side is one of them, by how much it would differ, and its bars in thousandths of the longest.
type side struct {
	replay.SideBySide
	Approved, Paid, Net domain.Balance
	Was, Would          int64
}

// sidesOf sets them out.
func sidesOf(list []replay.SideBySide) sides {
	var b sides
	length := func(s replay.Sums) int64 { return s.Approved.Fen() }
	if !slices.ContainsFunc(list, func(s replay.SideBySide) bool { return !s.Was.Approved.IsZero() || !s.Would.Approved.IsZero() }) {
		length = func(s replay.Sums) int64 { return s.NetPaid.Fen() } // a budget year approves nothing
	}
	most := int64(1)
	for _, s := range list {
		if s.Same() {
			b.Same++
			continue
		}
		most = max(most, length(s.Was), length(s.Would))
		by := func(would, was domain.Balance) domain.Balance { return domain.Balance{Money: would.Sub(was.Money)} }
		b.Rows = append(b.Rows, side{SideBySide: s, Approved: by(s.Would.Approved, s.Was.Approved), Paid: by(s.Would.Paid, s.Was.Paid), Net: by(s.Would.NetPaid, s.Was.NetPaid)})
	}
	for i, s := range b.Rows {
		b.Rows[i].Was, b.Rows[i].Would = thousandths(length(s.SideBySide.Was), most), thousandths(length(s.SideBySide.Would), most)
	}
	return b
}

// thousandths is how long a bar is beside the longest.
func thousandths(n, most int64) int64 {
	return int64(float64(max(n, 0)) / float64(most) * 1000)
}

// tried reads what an address tries.
func (b *whatIfBody) tried(q url.Values) (set []string) {
	add := func(path, value string) {
		if value != "" {
			set = append(set, path+"="+value)
		}
	}
	for _, c := range b.Policy.Clauses {
		if !b.inForce[c.ID].InForce.Stated {
			continue
		}
		id := string(c.ID)
		row := b.inForce[c.ID]
		row.Asked, row.AskedPeriod, row.AskedSubject = domain.PlainAmount(q.Get("cap."+id)), q.Get("period."+id), q.Get("subject."+id)
		row.Most, row.Now = strconv.FormatInt(row.InForce.Amount.Fen()/100*3, 10), strconv.FormatInt(row.InForce.Amount.Fen()/100, 10)
		if whole, _, _ := strings.Cut(row.Asked, "."); row.Asked != "" && !wire.Uncapped(whole) {
			row.Now = whole
		}
		add(id+".cap", row.Asked)
		add(id+".period", row.AskedPeriod)
		add(id+".subject", row.AskedSubject)
		b.Rows = append(b.Rows, row)
	}
	b.Acceptance, b.Reviews, b.TermTo, b.More = q.Get("acceptance"), q.Get("reviews"), q.Get("term_to"), q.Get("more")
	add("workflow.acceptance", b.Acceptance)
	add("workflow.reviews", b.Reviews)
	add(string(b.Policy.PolicyID())+".term.to", b.TermTo) // of the latest, where there are several
	for _, text := range strings.FieldsFunc(b.More, func(r rune) bool { return r == ';' || r == '\uff1b' }) {
		set = append(set, strings.TrimSpace(text))
	}
	return set
}

// whatIf decides the history again under what the address says.
func (p *Pages) whatIf(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.proof(); err != nil {
		return err
	}
	pg, err := p.enter(r, "/what-if")
	if err != nil {
		return err
	}
	status := http.StatusOK
	b, result, err := p.decideAgain(r)
	if err != nil {
		if b.Refused, status, err = typedWrong(err); err != nil {
			return err
		}
		result = nil
	}
	if result != nil {
		for _, t := range result.Tables() {
			q := r.URL.Query()
			q.Set("table", t.Name)
			b.Exports = append(b.Exports, exported{t.Title, address("/what-if/export", q)})
		}
		result.Enterprises = slices.DeleteFunc(result.Enterprises, replay.SideBySide.Same)
		b.MoreChanged, b.MoreFirms = max(result.ChangeCount-shownFindings, 0), max(len(result.Enterprises)-shownFindings, 0)
		result.Changed = result.Changed[:min(len(result.Changed), shownFindings)]
		result.Enterprises = result.Enterprises[:min(len(result.Enterprises), shownFindings)]
		b.Result = result
	}
	return whatIfSheet.write(p, w, status, pg, b)
}

// decideAgain is what an address tries, and what comes of it; nil where it tries nothing.
func (p *Pages) decideAgain(r *http.Request) (whatIfBody, *replay.WhatIf, error) {
	var b whatIfBody
	proof, err := p.proof()
	if err != nil {
		return b, nil, err
	}
	if b.Policy, err = p.policy(r.Context()); err != nil {
		return b, nil, err
	}
	if b.Policy == nil {
		return b, nil, projections.ErrNotFound
	}
	if err := p.inForce(r.Context(), &b); err != nil {
		return b, nil, err
	}
	set := b.tried(r.URL.Query())
	if len(set) == 0 {
		return b, nil, nil
	}
	result, err := proof.DecideAgain(r.Context(), set, p.today())
	return b, &result, err
}

// inForce is what a what-if starts from: each clause's cap of today, and the exceptions that stand.
func (p *Pages) inForce(ctx context.Context, b *whatIfBody) error {
	b.On, b.inForce = p.today(), map[domain.ClauseID]whatIfRow{}
	err := p.server.View(ctx, func(s *domain.State, _ uint64) {
		for _, c := range b.Policy.Clauses {
			row := whatIfRow{Clause: c, InForce: c.Cap.Amount}
			if versions := s.Versions(c.ID); len(versions) > 0 {
				row.InForce = domain.VersionOn(versions, b.On).Cap
			}
			row.Amended = row.InForce != c.Cap.Amount
			b.inForce[c.ID] = row
		}
	})
	if err != nil {
		return err
	}
	for row, err := range projections.Exceptions.Every(ctx, p.server.Queries(), projections.Ask{Where: []projections.Condition{projections.ByInForce.Is("open")}, Limit: projections.MaxLimit}) {
		if err != nil {
			return err
		}
		of := b.inForce[row.Clause]
		of.Granted, of.Exceptions.Money = of.Granted+1, of.Exceptions.Add(row.InForce)
		b.inForce[row.Clause] = of
	}
	return nil
}

// whatIfExport is a table of what comes of it, whole.
func (p *Pages) whatIfExport(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	format := tabular.Format(q.Get("format"))
	if format != tabular.CSV && format != tabular.XLSX {
		return invalid("format", string(format))
	}
	pg, err := p.begin(r, "/what-if", domain.Text{})
	if err != nil {
		return err
	}
	_, result, err := p.decideAgain(r)
	if err != nil {
		return err
	}
	if result == nil {
		return projections.ErrNotFound
	}
	tables := result.Tables()
	i := slices.IndexFunc(tables, func(t words.Sheet) bool { return t.Name == q.Get("table") })
	if i < 0 {
		return invalid("table", q.Get("table"))
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", `attachment; filename="what-if-`+tables[i].Name+"."+strings.TrimPrefix(format.Extension(), ".")+`"`)
	meta := []tabular.Meta{{Name: "position", Value: strconv.FormatUint(result.Seq, 10)}}
	for _, parameter := range result.Parameters {
		what, value, _ := parameter.Said(result.Policy)
		meta = append(meta, tabular.Meta{Name: what.In(pg.Lang()), Value: value.In(pg.Lang())})
	}
	_, err = words.Written(w, format, tables[i].As(pg.Lang(), meta...), tabular.Options{Lang: pg.Lang(), HumanHeadings: true}, p.names.Load())
	return err
}
