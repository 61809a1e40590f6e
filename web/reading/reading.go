// Package reading is the pages for reading: totals against caps, enterprises, applications with their history, payouts, clawbacks
// and the journal, as tables in Chinese and English. They are rendered on the server and need no script. Deciding goes
// through the API and the command line.
package reading

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
)

//go:embed page.html
var pageHTML string

//go:embed app.css
var sheet []byte

//go:embed app.js
var script []byte

var page = template.Must(template.New("page").Parse(pageHTML))

// Pages are the pages. The zero Pages is ready.
type Pages struct{}

// pageRows is how many rows a page of a table shows.
const pageRows = 200

// view is what the template shows.
type view struct {
	Lang     string
	Theme    string
	Title    string
	Viewer   *web.Viewer
	Nav      []link
	Filters  []field
	Exports  []link
	Tables   []table
	Steps    []step
	Next     string // the next page of the list
	Position uint64
	Login    *web.LoginForm
	Said     string
	words    func(zh, en string) string
}

// T is a text in the page's language.
func (v view) T(zh, en string) string { return v.words(zh, en) }

type link struct {
	Text, URL string
	Here      bool
}

type field struct{ Name, Label, Value, Kind string }

type table struct {
	Title string
	Heads []head
	Rows  [][]cell
}

type head struct {
	Text   string
	Number bool
}

type cell struct {
	Text, URL, Status string
	Number, Negative  bool
}

type step struct {
	When, What, Who string
	Seq             uint64
}

// Register adds the pages.
func (p Pages) Register(mux *http.ServeMux, s *web.Server) {
	mux.HandleFunc("GET /static/app.css", asset("text/css; charset=utf-8", sheet))
	mux.HandleFunc("GET /static/app.js", asset("text/javascript; charset=utf-8", script))
	mux.HandleFunc("GET /{$}", p.totals(s))
	mux.HandleFunc("GET /enterprises", p.list(s, "enterprises"))
	mux.HandleFunc("GET /enterprises/{id}", p.enterprise(s))
	mux.HandleFunc("GET /applications", p.list(s, "applications"))
	mux.HandleFunc("GET /applications/{id}", p.application(s))
	mux.HandleFunc("GET /payouts", p.list(s, "payouts"))
	mux.HandleFunc("GET /clawbacks", p.list(s, "clawbacks"))
	mux.HandleFunc("GET /journal", p.list(s, "journal"))
}

func asset(kind string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(body) // the browser may be gone
	}
}

// nav is the pages by their names.
var nav = []struct{ path, zh, en string }{
	{"/", "年度汇总", "Totals"}, {"/enterprises", "企业", "Enterprises"}, {"/applications", "申请", "Applications"},
	{"/payouts", "支付", "Payouts"}, {"/clawbacks", "追回", "Clawbacks"}, {"/journal", "分录", "Journal"}, {"/docs", "接口", "API"},
}

// begin is a page with its frame filled in.
func begin(r *http.Request, zh, en string) view {
	v := view{Lang: "zh"}
	if viewer, ok := web.ViewerOf(r); ok {
		v.Viewer, v.Lang, v.Theme = &viewer, viewer.Lang, viewer.Theme
	}
	return v.framed(r, zh, en)
}

func (v view) framed(r *http.Request, zh, en string) view {
	lang := v.Lang
	v.words = func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) }
	v.Title = v.words(zh, en)
	for _, n := range nav {
		v.Nav = append(v.Nav, link{v.words(n.zh, n.en), n.path, n.path == r.URL.Path})
	}
	return v
}

func write(w http.ResponseWriter, r *http.Request, s *web.Server, status int, v view) {
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		s.Answer(w, r, fmt.Errorf("rendering %s: %w", r.URL.Path, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may be gone
}

// totals is the first page: every enterprise's line against its cap, as of any moment.
func (p Pages) totals(s *web.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, q := begin(r, "企业年度汇总", "Yearly totals against the caps"), r.URL.Query()
		ask, err := totalsQuery(q)
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		rows, err := s.Queries().Totals(r.Context(), ask)
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		v.Filters = []field{{"year", v.T("支持年度", "support year"), q.Get("year"), "number"}, {"clause", v.T("条款", "clause"), q.Get("clause"), "text"},
			{"as_of", v.T("截至记录时间", "as of (recorded)"), q.Get("as_of"), "text"}, {"on", v.T("截至业务日期", "on (business date)"), q.Get("on"), "date"}}
		show(&v, r, "totals", rows)
		write(w, r, s, http.StatusOK, v)
	}
}

func totalsQuery(q url.Values) (projections.TotalsQuery, error) {
	ask := projections.TotalsQuery{Clause: domain.ClauseID(q.Get("clause")), Enterprise: domain.EnterpriseID(q.Get("enterprise")), Limit: pageRows, Cursor: q.Get("cursor")}
	var err error
	if ask.Year, err = year(q); err != nil {
		return ask, err
	}
	if ask.AsOf, err = projections.ParseAsOf(q.Get("as_of")); err != nil {
		return ask, err
	}
	if on := q.Get("on"); on != "" {
		if ask.On, err = domain.ParseDate(on); err != nil {
			return ask, domain.NewRefusal(domain.CodeFieldInvalid, "field", "on", "value", on, "reason", "a date like 2025-03-01 / 日期应写成 2025-03-01")
		}
	}
	return ask, nil
}

func year(q url.Values) (domain.SupportYear, error) {
	text := q.Get("year")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, domain.NewRefusal(domain.CodeFieldInvalid, "field", "year", "value", text, "reason", "a year in four digits / 须为四位年份")
	}
	return domain.SupportYear(n), nil
}

// list is a page of one of the lists of details.
func (p Pages) list(s *web.Server, what string) http.HandlerFunc {
	titles := map[string][2]string{"enterprises": {"企业", "Enterprises"}, "applications": {"申请", "Applications"}, "payouts": {"支付", "Payouts"},
		"clawbacks": {"追回", "Clawbacks"}, "journal": {"分录", "Journal"}}
	return func(w http.ResponseWriter, r *http.Request) {
		v, q := begin(r, titles[what][0], titles[what][1]), r.URL.Query()
		ask := projections.ListQuery{Search: q.Get("search"), Enterprise: domain.EnterpriseID(q.Get("enterprise")), Application: domain.ApplicationID(q.Get("application")),
			Clause: domain.ClauseID(q.Get("clause")), State: q.Get("state"), Kind: q.Get("kind"), Limit: pageRows, Cursor: q.Get("cursor")}
		var err error
		if ask.Year, err = year(q); err == nil {
			err = p.fill(r.Context(), s, &v, r, what, ask)
		}
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		v.Filters = filters(v, what, q)
		write(w, r, s, http.StatusOK, v)
	}
}

func filters(v view, what string, q url.Values) []field {
	labels := map[string]string{"search": v.T("查找:名称中任意两字、拼音首字母或代码", "find: two characters, pinyin initials or the code"), "enterprise": v.T("企业", "enterprise"),
		"application": v.T("申请", "application"), "clause": v.T("条款", "clause"), "year": v.T("支持年度", "support year"), "state": v.T("状态", "state"), "kind": v.T("类别", "kind")}
	names := map[string][]string{"enterprises": {"search"}, "applications": {"state", "clause", "enterprise"}, "payouts": {"enterprise", "clause", "year"},
		"clawbacks": {"state", "enterprise", "clause"}, "journal": {"enterprise", "clause", "year", "kind", "application"}}
	var list []field
	for _, name := range names[what] {
		kind := "text"
		if name == "search" {
			kind = "search"
		}
		list = append(list, field{name, labels[name], q.Get(name), kind})
	}
	return list
}

func (p Pages) fill(ctx context.Context, s *web.Server, v *view, r *http.Request, what string, ask projections.ListQuery) error {
	q := s.Queries()
	switch what {
	case "enterprises":
		return ask1(ctx, v, r, what, ask, q.Enterprises)
	case "applications":
		return ask1(ctx, v, r, what, ask, q.Applications)
	case "payouts":
		return ask1(ctx, v, r, what, ask, q.Payouts)
	case "clawbacks":
		return ask1(ctx, v, r, what, ask, q.Clawbacks)
	}
	return ask1(ctx, v, r, what, ask, q.Journal)
}

// ask1 asks for one page of a list and shows it.
func ask1[T any](ctx context.Context, v *view, r *http.Request, what string, ask projections.ListQuery, list func(context.Context, projections.ListQuery) (projections.Page[T], error)) error {
	rows, err := list(ctx, ask)
	if err != nil {
		return err
	}
	show(v, r, what, rows)
	return nil
}

// show adds a table, its exports and its next page.
func show[T any](v *view, r *http.Request, what string, rows projections.Page[T]) {
	v.Position = rows.Seq
	v.Tables = append(v.Tables, tableOf(*v, "", rows.Rows))
	export := r.URL.Query()
	export.Del("cursor")
	export.Del("lang")
	for _, format := range []string{"xlsx", "csv", "json"} {
		export.Set("format", format)
		v.Exports = append(v.Exports, link{Text: strings.ToUpper(format), URL: "/v1/" + what + "?" + export.Encode()})
	}
	if rows.Next != "" {
		next := r.URL.Query()
		next.Set("cursor", rows.Next)
		v.Next = r.URL.Path + "?" + next.Encode()
	}
}

// tableOf makes a table of rows: headings of the glossary, amounts grouped, identifiers as links.
func tableOf[T any](v view, title string, rows []T) table {
	t := table{Title: title}
	source := answers.Table("", domain.Text{}, func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	})
	for _, c := range source.Columns {
		t.Heads = append(t.Heads, head{c.Heading(v.Lang), c.Kind == tabular.Money || c.Kind == tabular.Integer || c.Kind == tabular.Ratio})
	}
	for row := range source.Rows {
		cells := make([]cell, len(row))
		for i, value := range row {
			cells[i] = cellOf(v, source.Columns[i], value)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func cellOf(v view, c tabular.Column, value any) cell {
	out := cell{Number: c.Kind == tabular.Money || c.Kind == tabular.Integer || c.Kind == tabular.Ratio}
	switch x := value.(type) {
	case nil:
		out.Text = domain.Text{ZH: c.NilZH, EN: c.NilEN}.In(v.Lang)
	case decimal.Decimal:
		out.Text, out.Negative = tabular.Grouped(x.StringFixed(2)), x.IsNegative()
		if c.Kind == tabular.Ratio {
			out.Text = x.Shift(2).StringFixed(2) + "%"
		}
	case time.Time:
		out.Text = x.In(projections.Shanghai).Format(time.DateTime)
	case bool:
		out.Text = v.T("否", "no")
		if x {
			out.Text = v.T("是", "yes")
		}
	default:
		out.Text = fmt.Sprint(x)
	}
	switch {
	case out.Text == "":
	case c.Name == "enterprise":
		out.URL = "/enterprises/" + url.PathEscape(out.Text)
	case c.Name == "application":
		out.URL = "/applications/" + url.PathEscape(out.Text)
	case c.Name == "status":
		out.Status = out.Text
	}
	return out
}

// enterprise is one enterprise: its lines against the caps, its applications, payouts and clawbacks, and what happened.
func (p Pages) enterprise(s *web.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := domain.EnterpriseID(r.PathValue("id"))
		v, q, ctx := begin(r, "企业 "+string(id), "Enterprise "+string(id)), s.Queries(), r.Context()
		ask := projections.ListQuery{Enterprise: id, Limit: pageRows}
		facts, err := q.Enterprises(ctx, ask)
		if err == nil && len(facts.Rows) == 0 {
			err = projections.ErrNotFound
		}
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		v.Title, v.Position = facts.Rows[0].Name, facts.Seq
		v.Tables = append(v.Tables, tableOf(v, "", facts.Rows))
		totals, err := q.Totals(ctx, projections.TotalsQuery{Enterprise: id, Limit: pageRows})
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		v.Tables = append(v.Tables, tableOf(v, v.T("各条款各年度与上限", "Clauses and years against the caps"), totals.Rows))
		if err := p.parts(ctx, s, &v, ask); err != nil {
			s.Answer(w, r, err)
			return
		}
		if err := v.history(ctx, s, projections.HistoryQuery{Enterprise: id, Limit: pageRows}); err != nil {
			s.Answer(w, r, err)
			return
		}
		write(w, r, s, http.StatusOK, v)
	}
}

// parts adds the applications, payouts and clawbacks of an enterprise or an application.
func (p Pages) parts(ctx context.Context, s *web.Server, v *view, ask projections.ListQuery) error {
	applications, err := s.Queries().Applications(ctx, ask)
	if err != nil {
		return err
	}
	payouts, err := s.Queries().Payouts(ctx, ask)
	if err != nil {
		return err
	}
	clawbacks, err := s.Queries().Clawbacks(ctx, ask)
	if err != nil {
		return err
	}
	v.Tables = append(v.Tables, tableOf(*v, v.T("申请", "Applications"), applications.Rows), tableOf(*v, v.T("支付", "Payouts"), payouts.Rows))
	if len(clawbacks.Rows) > 0 {
		v.Tables = append(v.Tables, tableOf(*v, v.T("追回", "Clawbacks"), clawbacks.Rows))
	}
	return nil
}

// application is one application and its history.
func (p Pages) application(s *web.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := domain.ApplicationID(r.PathValue("id"))
		v, ctx := begin(r, "申请 "+string(id), "Application "+string(id)), r.Context()
		err := p.parts(ctx, s, &v, projections.ListQuery{Application: id, Limit: pageRows})
		if err == nil && len(v.Tables[0].Rows) == 0 {
			err = projections.ErrNotFound
		}
		if err == nil {
			err = v.history(ctx, s, projections.HistoryQuery{Application: id, Limit: pageRows})
		}
		if err != nil {
			s.Answer(w, r, err)
			return
		}
		write(w, r, s, http.StatusOK, v)
	}
}

// history adds what happened, step by step.
func (v *view) history(ctx context.Context, s *web.Server, ask projections.HistoryQuery) error {
	rows, err := s.Queries().History(ctx, ask)
	if err != nil {
		return err
	}
	v.Position = rows.Seq
	for _, row := range rows.Rows {
		who := string(row.Actor) + " · " + string(row.Role)
		if row.Department != "" {
			who += " · " + string(row.Department)
		}
		v.Steps = append(v.Steps, step{When: row.BusinessDate.String(), What: answers.Describe(row.Event).In(v.Lang), Who: who, Seq: row.Seq})
	}
	return nil
}

// Login writes the sign-in page.
func (p Pages) Login(w http.ResponseWriter, r *http.Request, f web.LoginForm) {
	v := view{Lang: f.Lang, Login: &f}.framed(r, "登录", "Sign in")
	v.Nav = nil
	if f.Problem != nil {
		v.Said = f.Problem.In(f.Lang)
	}
	p.plain(w, http.StatusOK, v)
}

// Problem writes an error page.
func (p Pages) Problem(w http.ResponseWriter, r *http.Request, problem *web.Problem) {
	v := begin(r, "无法显示", "This cannot be shown")
	v.Title, v.Said = problem.Title, problem.Detail
	p.plain(w, problem.Status, v)
}

func (p Pages) plain(w http.ResponseWriter, status int, v view) {
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		http.Error(w, v.Title, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may be gone
}
