package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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
	ask := projections.Ask{Limit: a.limit(), Cursor: a.text("cursor")}
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
	k := timed{s.Keeper(langOf(r)), s.cfg.QuestionFor}
	first, err := k.Page(r.Context(), l.List, ask)
	if err == nil && l.Of() != nil && len(first.Rows) == 0 && ask.Cursor == "" {
		err = projections.ErrNotFound // nothing ever happened to it
	}
	if err != nil {
		return err
	}
	if format == tabular.JSON {
		return respondPage(w, r, l, a, first)
	}
	return s.respondAll(w, r, l, a, ask, format, k)
}

// timed is a keeper that gives every page up after a time.
type timed struct {
	projections.Keeper
	most time.Duration
}

// Page implements [projections.Keeper].
func (k timed) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	ctx, cancel := context.WithTimeout(ctx, k.most)
	defer cancel()
	return k.Keeper.Page(ctx, l, ask)
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
	if _, err := tabular.Write(&rows, tabular.JSON, words.ListTable(l.List, given(p.Rows)), tabular.Options{}); err != nil {
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
	if first.Next != "" && l.Past && ask.AsOf.IsZero() && first.Seq > 0 {
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
	return s.export(w, r, words.ListTable(l.List, rows, meta...), format, first.Seq, end, a.text("headings") == "human")
}

// export writes a table as a file, with what proves it whole: rows, control totals, and the position it was begun and ended at. The
// two are the same but for long lists of details while commands are decided.
func (s *Server) export(w http.ResponseWriter, r *http.Request, t tabular.Table, format tabular.Format, seq uint64, end *uint64, human bool) error {
	h := w.Header()
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", `attachment; filename="`+fileName(t.Name, s.cfg.Now(), format)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Fundledger-Position", strconv.FormatUint(seq, 10))
	out := &held{w: w, control: http.NewResponseController(w), stall: s.cfg.Stall}
	sum, err := tabular.Write(out, format, t, tabular.Options{Lang: langOf(r), HumanHeadings: human})
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
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	buf     bytes.Buffer
	begun   bool
}

const heldBytes = 256 << 10

func (o *held) Write(p []byte) (int, error) {
	if !o.begun && o.buf.Len()+len(p) <= heldBytes {
		return o.buf.Write(p)
	}
	if !o.begun {
		o.begun = true
		o.w.Header().Set("Trailer", "Fundledger-Rows, Fundledger-Totals, Fundledger-Position-End")
		o.w.WriteHeader(http.StatusOK)
		if err := o.send(o.buf.Bytes()); err != nil {
			return 0, err
		}
	}
	return len(p), o.send(p)
}

func (o *held) send(p []byte) error {
	for len(p) > 0 {
		part := p[:min(len(p), 64<<10)]
		_ = o.control.SetWriteDeadline(time.Now().Add(o.stall))
		if _, err := o.w.Write(part); err != nil {
			return fmt.Errorf("the client does not take the answer: %w", err)
		}
		p = p[len(part):]
	}
	return nil
}

func (o *held) finish() error {
	if o.begun {
		return nil
	}
	o.begun = true
	o.w.Header().Set("Content-Length", strconv.Itoa(o.buf.Len()))
	o.w.WriteHeader(http.StatusOK)
	_ = o.send(o.buf.Bytes()) // a client that is gone needs no answer
	return nil
}

// clientGone reports whether an error only says that nobody listens any more.
func clientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil || strings.Contains(err.Error(), "broken pipe")
}
