package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// respond answers a list as it was asked for: a page as JSON, or everything as a file.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, l list, a asked) error {
	format, err := formatOf(r, a)
	if err != nil {
		return err
	}
	ask := projections.Ask{Limit: a.limit(), Cursor: a.text("cursor"), Sort: a.text("sort")}
	if l.Past {
		ask.AsOf, ask.On = a.asOf(), a.day("on")
	}
	for _, f := range l.Filters {
		value := a.text(f.Name)
		if f == l.Of() {
			if value = r.PathValue("id"); value == "" || f.Check(value) != nil {
				return projections.ErrNotFound // what can be no identifier does not reach the database
			}
		}
		ask.Where = append(ask.Where, projections.Condition{Name: f.Name, Value: value})
	}
	k := s.Keeper(langOf(r))
	if format != tabular.JSON {
		ctx, done, err := s.heavy.heavy(r.Context(), s.cfg.HeavyFor)
		if err != nil {
			return err
		}
		defer done()
		r = r.WithContext(ctx)
		k = timed{s.lists(langOf(r), s.cfg.Heavy), nil, s.cfg.QuestionFor} // the turn is held already
	}
	first, err := k.Page(r.Context(), l.List, ask)
	if err == nil && l.Of() != nil && len(l.Filters) == 1 && len(first.Rows) == 0 && ask.Cursor == "" {
		err = projections.ErrNotFound // nothing ever happened to it; where there are more filters it may be they that leave nothing
	}
	if err != nil {
		return err
	}
	if format == tabular.JSON {
		return respondPage(w, r, l, a, first)
	}
	return s.respondAll(w, r, l, a, ask, format, k)
}

// timed is a keeper that gives every page up after a time, and each person some at once.
type timed struct {
	projections.Keeper
	turns *shares // nil: a turn is held already
	most  time.Duration
}

// Page implements [projections.Keeper].
func (k timed) Page(ctx context.Context, l *projections.List, ask projections.Ask) (p projections.Page[any], err error) {
	return p, k.within(ctx, func(ctx context.Context) error {
		p, err = k.Keeper.Page(ctx, l, ask)
		return err
	})
}

// within asks something in a turn, for as long as a question may take.
func (k timed) within(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, k.most)
	defer cancel()
	if k.turns != nil {
		turn, err := k.turns.enter(ctx)
		if err != nil {
			return err
		}
		defer turn.leave()
	}
	return ask(ctx)
}

// respondPage answers one page as JSON.
func respondPage(w http.ResponseWriter, r *http.Request, l list, a asked, p projections.Page[any]) error {
	h := w.Header()
	h.Set("Fundledger-Position", strconv.FormatUint(p.Seq, 10))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", etag(p.Seq))
	if p.Next != "" {
		q := cloned(a.values)
		q.Set("cursor", p.Next)
		h.Set("Link", "<"+r.URL.EscapedPath()+"?"+q.Encode()+`>; rel="next"`)
	}
	if r.Header.Get("If-None-Match") == etag(p.Seq) && a.text("as_of") != "" {
		w.WriteHeader(http.StatusNotModified) // without as_of a day may have passed, and with it another cap be in force
		return nil
	}
	var rows bytes.Buffer
	table, err := a.only(words.ListTable(l.List, given(p.Rows)))
	if err != nil {
		return err
	}
	if _, err := tabular.Write(&rows, tabular.JSON, table, tabular.Options{}); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, pageBody{Seq: p.Seq, Next: p.Next, Rows: jsontext.Value(rows.Bytes())})
}

// pageBody is a page of a list.
type pageBody struct {
	Seq  uint64         `json:"seq"`
	Next string         `json:"next,omitzero"`
	Rows jsontext.Value `json:"rows"`
}

func cloned(values url.Values) url.Values {
	c := url.Values{}
	for name, list := range values {
		c[name] = list
	}
	return c
}

func given[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// respondAll writes everything that is filtered, from one position. The first page is asked for before anything is
// written, so that what cannot be asked is a problem and no file.
func (s *Server) respondAll(w http.ResponseWriter, r *http.Request, l list, a asked, ask projections.Ask, format tabular.Format, k projections.Keeper) error {
	ask.Limit = projections.MaxLimit
	first, err := k.Page(r.Context(), l.List, ask)
	if err != nil {
		return err
	}
	if first.Next != "" && l.Past && l.Kept == projections.InTables && ask.AsOf.IsZero() && first.Seq > 0 {
		// More than a page: pages asked for one after another would be of different positions.
		ask.AsOf = projections.AsOf{Seq: first.Seq}
		if ask.On.IsZero() {
			ask.On = s.today()
		}
		if first, err = k.Page(r.Context(), l.List, ask); err != nil {
			return err
		}
	}
	end, began := new(uint64), false
	rows := projections.Pages(func(cursor string) (projections.Page[any], error) {
		p, err := first, error(nil)
		if began {
			ask.Cursor = cursor
			p, err = k.Page(r.Context(), l.List, ask)
		}
		began, *end = true, max(*end, p.Seq)
		return p, err
	})
	meta := append(a.meta(), tabular.Meta{Name: "position", Value: strconv.FormatUint(first.Seq, 10)}, tabular.Meta{Name: "fund", Value: string(s.cfg.Fund)})
	table, err := a.only(words.ListTable(l.List, rows, meta...))
	if err != nil {
		return err
	}
	return s.export(w, r, table, format, first.Seq, end, a.text("headings") == "human")
}

// only is a table with the columns that are asked for.
func (a asked) only(t tabular.Table) (tabular.Table, error) {
	if names := a.text("columns"); names != "" {
		return t.Only(strings.Split(names, ",")...)
	}
	return t, nil
}

// export writes a table as a file, with what proves it whole: rows, control totals, and the position it was begun and ended at. The
// two are the same but for long lists of details while commands are decided.
func (s *Server) export(w http.ResponseWriter, r *http.Request, t tabular.Table, format tabular.Format, seq uint64, end *uint64, human bool) error {
	h := w.Header()
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", `attachment; filename="`+fileName(t.Name, s.cfg.Now(), format)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Fundledger-Position", strconv.FormatUint(seq, 10))
	out := &held{to: s.taker(w, r), most: s.cfg.ExportBytes, ctx: r.Context()}
	t.Rows = bounded(t.Rows, s.cfg.ExportRows)
	var policy *domain.Policy
	// While the live state is away departments stand by their codes: the tables answer nevertheless.
	_ = s.View(r.Context(), func(state *domain.State, _ uint64) { policy = state.Policy() })
	sum, err := words.Written(out, format, t, tabular.Options{Lang: langOf(r), HumanHeadings: human}, policy)
	if err != nil && !out.begun {
		h.Del("Content-Disposition")
		h.Del("Fundledger-Position")
		return err
	}
	if err != nil {
		s.cfg.Logger.Warn("an export broke off", "table", t.Name, "rows", sum.Rows, "error", err)
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	h.Set("Fundledger-Rows", strconv.FormatInt(sum.Rows, 10))
	if totals := totalsOf(t.Columns, sum); totals != "" {
		h.Set("Fundledger-Totals", totals)
	}
	h.Set("Fundledger-Position-End", strconv.FormatUint(*end, 10))
	return out.finish()
}

// totalsOf writes control totals as a JSON object of strings.
func totalsOf(columns []tabular.Column, sum tabular.Summary) string {
	text := make(map[string]string, len(sum.Totals))
	for _, c := range columns {
		total, ok := sum.Totals[c.Name]
		switch {
		case ok && c.Kind == tabular.Money:
			text[c.Name] = total.StringFixed(2)
		case ok:
			text[c.Name] = total.String()
		}
	}
	body, err := json.Marshal(text, json.Deterministic(true))
	if err != nil || len(text) == 0 {
		return ""
	}
	return string(body)
}

// held keeps the beginning of an answer back, so that a short one has its counts in its headers. A long one has them as
// trailers. Its client is let go when it stops reading.
type held struct {
	to    *taker
	buf   bytes.Buffer
	begun bool

	ctx  context.Context // that the turn is in which it is written; nil: none
	most int64           // bytes; 0: any number
	sent int64
}

// bounded breaks rows off beyond a number: the file must not look whole.
func bounded(rows iter.Seq2[tabular.Row, error], most int64) iter.Seq2[tabular.Row, error] {
	return func(yield func(tabular.Row, error) bool) {
		n := int64(0)
		for row, err := range rows {
			if n++; err == nil && n > most {
				row, err = nil, problem(http.StatusUnprocessableEntity, "export_too_large", "most", strconv.FormatInt(most, 10)+" rows")
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

const heldBytes = 256 << 10

func (o *held) Write(p []byte) (int, error) {
	if !o.begun && o.buf.Len()+len(p) <= heldBytes {
		return o.buf.Write(p)
	}
	if !o.begun {
		o.begun = true
		o.to.w.Header().Set("Trailer", "Fundledger-Rows, Fundledger-Totals, Fundledger-Position-End")
		o.to.w.WriteHeader(http.StatusOK)
		if err := o.send(o.buf.Bytes()); err != nil {
			return 0, err
		}
	}
	return len(p), o.send(p)
}

func (o *held) send(p []byte) error {
	for len(p) > 0 {
		part := p[:min(len(p), takenAtOnce)]
		if o.sent += int64(len(part)); o.most > 0 && o.sent > o.most {
			return problem(http.StatusUnprocessableEntity, "export_too_large", "most", strconv.FormatInt(o.most, 10)+" bytes")
		}
		err := waitingFor(o.ctx, func() error {
			_, err := o.to.Write(part)
			return err
		})
		if err != nil {
			return err
		}
		p = p[len(part):]
	}
	return nil
}

func (o *held) finish() error {
	if o.begun {
		return nil
	}
	if err := o.to.may(); err != nil {
		return err
	}
	o.begun = true
	o.to.w.Header().Set("Content-Length", strconv.Itoa(o.buf.Len()))
	o.to.w.WriteHeader(http.StatusOK)
	giveTurn(o.ctx) // all is read
	o.ctx = nil
	_ = o.send(o.buf.Bytes()) // a client that is gone needs no answer
	return nil
}

// taker is who takes a long answer. Who does not take it is let go; who is no longer who asked for it is cut off.
type taker struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	viewer  Viewer // who asked; the zero Viewer: nobody looks
	looked  time.Time
}

const (
	takenAtOnce = 64 << 10
	lookAgain   = time.Second // an answer looks up again who takes it
)

func (s *Server) taker(w http.ResponseWriter, r *http.Request) *taker {
	v, _ := ViewerOf(r)
	return &taker{w: w, control: http.NewResponseController(w), stall: s.cfg.Stall, viewer: v, looked: time.Now()}
}

// may is why who asked gets no more: their session or token is over, they were removed, or lost what they were granted. They are looked up once a
// second at most.
func (t *taker) may() error {
	if t.viewer.again == nil || time.Since(t.looked) < lookAgain {
		return nil
	}
	t.looked = time.Now()
	now, ok := t.viewer.Again()
	if lost := func(g Grant) bool { return !slices.Contains(now.Grants, g) }; !ok || slices.ContainsFunc(t.viewer.Grants, lost) {
		return problem(http.StatusUnauthorized, "signed_out")
	}
	return nil
}

func (t *taker) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if err := t.may(); err != nil {
			return 0, err
		}
		part := rest[:min(len(rest), takenAtOnce)]
		_ = t.control.SetWriteDeadline(time.Now().Add(t.stall))
		if _, err := t.w.Write(part); err != nil {
			return 0, fmt.Errorf("the client does not take the answer: %w", err)
		}
		rest = rest[len(part):]
	}
	return len(p), nil
}

// clientGone reports whether an error only says that nobody listens any more.
func clientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
