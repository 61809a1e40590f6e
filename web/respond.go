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

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// list is a question whose answer is a table.
type list struct {
	name    string // of the table, and of its schema
	title   domain.Text
	columns []tabular.Column
	params  []param
	past    bool // it has as_of and on
	// presentOnly says that asking for the past is answered by where the past is, not by an unknown parameter.
	presentOnly bool
	respond     func(s *Server, w http.ResponseWriter, r *http.Request, a asked) error
}

// span is where in a list a page lies, and when.
type span struct {
	asOf   projections.AsOf
	on     domain.Date
	limit  int
	cursor string
}

// listOf makes a list of a query. read turns a request's parameters and a span into the query's answer.
func listOf[T any](name string, title domain.Text, past bool, params []param,
	read func(ctx context.Context, s *Server, r *http.Request, a asked, at span) (projections.Page[T], error)) list {
	all := append([]param{}, params...)
	if past {
		all = append(all, pastParams...)
	}
	l := list{name: name, title: title, columns: words.Columns[T](), params: append(all, listParams...), past: past}
	l.respond = func(s *Server, w http.ResponseWriter, r *http.Request, a asked) error {
		format, err := formatOf(r, a)
		if err != nil {
			return err
		}
		ask := func(at span) (projections.Page[T], error) {
			ctx, cancel := context.WithTimeout(r.Context(), s.cfg.QuestionFor)
			defer cancel()
			return read(ctx, s, r, a, at)
		}
		at := span{limit: a.limit(), cursor: a.text("cursor")}
		if past {
			at.asOf, at.on = a.asOf(), a.day("on")
		}
		if format == tabular.JSON {
			return respondPage(w, r, l, a, at, ask)
		}
		return respondAll(s, w, r, l, a, at, format, ask)
	}
	return l
}

// respondPage answers one page as JSON.
func respondPage[T any](w http.ResponseWriter, r *http.Request, l list, a asked, at span, ask func(span) (projections.Page[T], error)) error {
	p, err := ask(at)
	if err != nil {
		return err
	}
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
	if _, err := tabular.Write(&rows, tabular.JSON, words.Table(l.name, l.title, given(p.Rows)), tabular.Options{}); err != nil {
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
func respondAll[T any](s *Server, w http.ResponseWriter, r *http.Request, l list, a asked, at span, format tabular.Format, ask func(span) (projections.Page[T], error)) error {
	at.limit = projections.MaxLimit
	first, err := ask(at)
	if err != nil {
		return err
	}
	if first.Next != "" && l.past && at.asOf.IsZero() && first.Seq > 0 {
		// More than a page: pages asked for one after another would be of different positions.
		at.asOf = projections.AsOf{Seq: first.Seq}
		if at.on.IsZero() {
			at.on = s.today()
		}
		if first, err = ask(at); err != nil {
			return err
		}
	}
	end := new(uint64)
	rows := func(yield func(T, error) bool) {
		for p, err := first, error(nil); ; p, err = ask(at) {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			*end = max(*end, p.Seq)
			for _, row := range p.Rows {
				if !yield(row, nil) {
					return
				}
			}
			if at.cursor = p.Next; at.cursor == "" {
				return
			}
		}
	}
	meta := append(a.meta(), tabular.Meta{Name: "position", Value: strconv.FormatUint(first.Seq, 10)}, tabular.Meta{Name: "fund", Value: string(s.cfg.Fund)})
	return s.export(w, r, words.Table(l.name, l.title, rows, meta...), format, first.Seq, end, a.text("headings") == "human")
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
