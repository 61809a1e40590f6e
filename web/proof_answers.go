package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// respondProof answers a value as JSON, or a table of it.
func (s *Server) respondProof(w http.ResponseWriter, r *http.Request, a asked, seq uint64, v any, table func() (audit.Table, bool)) error {
	format, err := formatOf(r, a)
	if err != nil {
		return err
	}
	if format == tabular.JSON {
		w.Header().Set("ETag", etag(seq))
		w.Header().Set("Fundledger-Position", digits(seq))
		return writeJSON(w, http.StatusOK, v)
	}
	t, ok := table()
	if !ok {
		return projections.ErrNotFound
	}
	return s.export(w, r, tabled(t, langOf(r), s.cfg.Fund, seq), format, seq, &seq, a.text("headings") == "human")
}

// named is the table of a name.
func named(tables []audit.Table, name string) (audit.Table, bool) {
	i := slices.IndexFunc(tables, func(t audit.Table) bool { return t.Name == name })
	if i < 0 {
		return audit.Table{}, false
	}
	return tables[i], true
}

var tableKinds = map[string]tabular.Kind{"money": tabular.Money, "integer": tabular.Integer, "date": tabular.Date}

// tabled is a table of a report as it is written, in a language.
func tabled(t audit.Table, lang string, fund domain.FundID, seq uint64) tabular.Table {
	out := tabular.Table{Name: t.Name, TitleZH: t.Title.ZH, TitleEN: t.Title.EN,
		Meta: []tabular.Meta{{Name: "position", Value: digits(seq)}, {Name: "fund", Value: string(fund)}}}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, tabular.Column{Name: c.Name, ZH: c.Title.ZH, EN: c.Title.EN, Kind: tableKinds[c.Kind]})
	}
	out.Rows = func(yield func(tabular.Row, error) bool) {
		for _, cells := range t.Rows {
			row := make(tabular.Row, len(cells))
			for i, cell := range cells {
				var err error
				if row[i], err = cellOf(cell.In(lang), out.Columns[i].Kind); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	return out
}

func cellOf(text string, kind tabular.Kind) (any, error) {
	if text == "" && kind != tabular.Text {
		return nil, nil
	}
	switch kind {
	case tabular.Money:
		return decimal.NewFromString(text)
	case tabular.Integer:
		return strconv.ParseInt(text, 10, 64)
	}
	return text, nil
}

// explanationTable is an explanation as rows: each part below what it is a part of.
func explanationTable(e audit.Explanation) audit.Table {
	col := func(name, kind, zh, en string) audit.Column {
		return audit.Column{Name: name, Kind: kind, Title: domain.Text{ZH: zh, EN: en}}
	}
	t := audit.Table{Name: "explanation", Title: domain.Text{ZH: "数字的由来", EN: "What the number is made of"}, Columns: []audit.Column{
		col("path", "text", "层级", "path"), col("level", "text", "类别", "level"), col("title", "text", "说明", "title"), col("amount", "money", "金额", "amount"),
		col("holds", "text", "各项之和相符", "its parts sum to it"), col("seq", "integer", "事件", "event"), col("business_date", "date", "业务日期", "business date"),
		col("clause_version", "integer", "条款版本", "clause version"), col("ref", "text", "凭据", "reference"), col("people", "text", "经办人", "people")}}
	same := func(s string) domain.Text { return domain.Text{ZH: s, EN: s} }
	var add func(e audit.Explanation, path string)
	add = func(e audit.Explanation, path string) {
		row := []domain.Text{same(path), same(e.Level), e.Title, same(e.Amount.String()), {ZH: "否", EN: "no"}, {}, {}, {}, same(e.Ref), {}}
		if e.Holds {
			row[4] = domain.Text{ZH: "是", EN: "yes"}
		}
		if e.Seq > 0 {
			row[5], row[6], row[7] = same(digits(e.Seq)), same(e.Date.String()), same(strconv.Itoa(e.ClauseVersion))
		}
		people := make([]string, len(e.People))
		for i, p := range e.People {
			people[i] = string(p.Person) + " " + p.Did
		}
		row[9] = same(strings.Join(people, "; "))
		t.Rows = append(t.Rows, row)
		for _, part := range e.Parts {
			add(part, path+"/"+part.ID)
		}
	}
	add(e, e.ID)
	return t
}

// getBundle streams a bundle.
func (s *Server) getBundle(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byEnterprise, byClause, byYear})
	if err != nil {
		return err
	}
	scope := audit.Scope{Enterprise: domain.EnterpriseID(a.text("enterprise")), Clause: domain.ClauseID(a.text("clause")), Year: a.year("year")}
	name := "fundledger-" + s.cfg.Now().In(projections.Shanghai).Format(stamp) + ".zip"
	out := &poured{w: w, control: http.NewResponseController(w), stall: s.cfg.Stall, begin: func() {
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		w.Header().Set("Cache-Control", "private, no-store")
	}}
	if _, err := s.cfg.Proof.Bundle(r.Context(), out, scope); err != nil {
		if !out.begun {
			return err
		}
		s.cfg.Logger.Warn("a bundle broke off", "error", err)
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}

// poured writes an answer as it comes, and lets a client go that does not take it.
type poured struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	begin   func()
	begun   bool
}

func (o *poured) Write(p []byte) (int, error) {
	if !o.begun {
		o.begun = true
		o.begin()
	}
	for rest := p; len(rest) > 0; {
		part := rest[:min(len(rest), 64<<10)]
		_ = o.control.SetWriteDeadline(time.Now().Add(o.stall))
		if _, err := o.w.Write(part); err != nil {
			return 0, err
		}
		rest = rest[len(part):]
	}
	return len(p), nil
}

// getNote is the latest checkpoint's note, as public tools ask for it.
func (s *Server) getNote(w http.ResponseWriter, r *http.Request) error {
	latest, err := s.cfg.Proof.Latest(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(latest.Note) // a client that is gone needs no answer
	return nil
}

// entryTiles is where the events themselves lie: never without sign-in.
const entryTiles = "/tile/entries/"

// openTile reports whether a path is of a checkpoint or of hashes, which tell nothing of what happened.
func openTile(path string) bool {
	return path == "/checkpoint" || strings.HasPrefix(path, "/tile/") && !strings.HasPrefix(path, entryTiles)
}

// getTile is a tile of the tree, or a bundle of events, as C2SP tlog-tiles has them.
func (s *Server) getTile(w http.ResponseWriter, r *http.Request) error {
	if v, ok := ViewerOf(r); !openTile(r.URL.Path) && (!ok || !v.Has(everyone...)) {
		return problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(everyone))
	}
	if r.URL.RawQuery != "" || len(r.URL.Path) > 200 {
		return projections.ErrNotFound
	}
	p := s.cfg.Proof
	data, whole, err := audit.Tile(r.Context(), p.Tree.Hashes, p.Log, p.Tree.Size(), "tile/"+r.PathValue("path"))
	if errors.Is(err, audit.ErrTile) {
		return projections.ErrNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "private, no-cache")
	if whole {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // a client that is gone needs no answer
	return nil
}
