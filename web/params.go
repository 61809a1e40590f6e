package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// kind is what a parameter may be.
type kind string

const (
	identifier kind = "identifier"
	year       kind = "year"
	day        kind = "day"
	moment     kind = "moment"
	word       kind = "word" // free text of up to 100 characters
	position   kind = "position"
	count      kind = "count"
	anyYear    kind = "year or 0" // 0 is a year of its own: what belongs to none
	kinds      kind = "kinds"     // of postings, with commas between
)

// param is a parameter of a question.
type param struct {
	name string
	kind kind
	text domain.Text
	enum []string
}

// The parameters that every list has.
var listParams = []param{
	{name: "limit", kind: count, text: domain.Text{ZH: "一页的行数,最多 5000(默认 100)", EN: "rows of a page, at most 5000 (100 without it)"}},
	{name: "cursor", kind: word, text: domain.Text{ZH: "上一页给出的位置", EN: "where the page before ended: its next"}},
	{name: "format", kind: word, text: domain.Text{ZH: "json 为一页;csv、xlsx、parquet、ndjson 为全部", EN: "json is one page; csv, xlsx, parquet and ndjson are everything"}, enum: []string{"json", "csv", "xlsx", "parquet", "ndjson"}},
	{name: "headings", kind: word, text: domain.Text{ZH: "csv 的表头:names 为列名,human 为所用语言", EN: "of csv: column names, or headings people read"}, enum: []string{"names", "human"}},
	{name: "min_seq", kind: position, text: domain.Text{ZH: "等到该位置进入查询表", EN: "wait until this position is projected"}},
	{name: "lang", kind: word, text: domain.Text{ZH: "语言", EN: "the language"}, enum: []string{"zh", "en"}},
}

var pastParams = []param{
	{name: "as_of", kind: moment, text: domain.Text{ZH: "记录时间:时刻、日期或 seq:N", EN: "the recording clock: a time, a date, or seq:N"}},
	{name: "on", kind: day, text: domain.Text{ZH: "业务日期", EN: "the business date"}},
}

// asked is the parameters of a request, read strictly.
type asked struct {
	values url.Values
	params []param
}

const maxQuery = 8 << 10

// readQuery reads an address' parameters: each known, once, and of its kind.
func readQuery(raw string, params []param) (asked, error) {
	if len(raw) > maxQuery {
		return asked{}, problem(http.StatusRequestURITooLong, "too_large", "limit", maxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return asked{}, problem(http.StatusBadRequest, "parameter_invalid", "parameter", "?", "value", raw, "reason", "URL")
	}
	for name, list := range values {
		at := slices.IndexFunc(params, func(p param) bool { return p.name == name })
		if at < 0 {
			return asked{}, problem(http.StatusBadRequest, "parameter_unknown", "parameter", name, "allowed", names(params))
		}
		if len(list) > 1 {
			return asked{}, invalid(name, strings.Join(list, ", "), "one value / 只能有一个值")
		}
		if err := params[at].check(list[0]); err != nil {
			return asked{}, err
		}
	}
	return asked{values: values, params: params}, nil
}

func names(params []param) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.name
	}
	return strings.Join(list, ", ")
}

func invalid(name, value, reason string) *Problem {
	return problem(http.StatusBadRequest, "parameter_invalid", "parameter", name, "value", value, "reason", reason)
}

// check judges a value; "" is as if it were not there.
func (p param) check(value string) error {
	if value == "" {
		return nil
	}
	if len(p.enum) > 0 && !slices.Contains(p.enum, value) {
		return invalid(p.name, value, strings.Join(p.enum, ", "))
	}
	var err error
	switch p.kind {
	case year, anyYear:
		var n uint64
		if n, err = strconv.ParseUint(value, 10, 16); err == nil && (n < 1900 || n > 9999) && !(n == 0 && p.kind == anyYear) {
			err = errors.New("1900–9999")
		}
	case count:
		var n uint64
		if n, err = strconv.ParseUint(value, 10, 31); err == nil && n == 0 {
			err = errors.New("> 0")
		}
	case position:
		_, err = strconv.ParseUint(value, 10, 63)
	case day:
		_, err = domain.ParseDate(value)
	case moment:
		var at projections.AsOf
		if at, err = projections.ParseAsOf(value); err == nil && at.Seq == 0 && at.Time.Year() < 1970 {
			err = errors.New("1970–")
		}
	case kinds:
		for one := range strings.SplitSeq(value, ",") {
			if !slices.Contains(kindNames(), one) {
				err = errors.New(strings.Join(kindNames(), ", "))
			}
		}
	case identifier, word:
		if !utf8.ValidString(value) || len(value) > 1000 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			err = errors.New("up to 1000 bytes of plain text / 不超过 1000 字节的普通文字")
		}
	}
	if err != nil {
		return invalid(p.name, value, err.Error())
	}
	return nil
}

func (a asked) text(name string) string { return a.values.Get(name) }

// wants reports whether a value passes the filter of a name.
func (a asked) wants(name, value string) bool { return a.text(name) == "" || a.text(name) == value }

func (a asked) number(name string) uint64 {
	n, _ := strconv.ParseUint(a.values.Get(name), 10, 64) // checked when it was read
	return n
}

func (a asked) year(name string) domain.SupportYear { return domain.SupportYear(a.number(name)) }

func (a asked) limit() int { return projections.Limit(int(a.number("limit"))) }

func (a asked) asOf() projections.AsOf {
	at, _ := projections.ParseAsOf(a.values.Get("as_of")) // checked when it was read
	return at
}

func (a asked) day(name string) domain.Date {
	if a.values.Get(name) == "" {
		return domain.Date{}
	}
	d, _ := domain.ParseDate(a.values.Get(name)) // checked when it was read
	return d
}

// meta says what a table was asked for.
func (a asked) meta() []tabular.Meta {
	var list []tabular.Meta
	for _, p := range a.params {
		if value := a.values.Get(p.name); value != "" && !slices.ContainsFunc(listParams, func(l param) bool { return l.name == p.name }) {
			list = append(list, tabular.Meta{Name: p.name, Value: value})
		}
	}
	return list
}

// awaitSeq waits until the position that min_seq names is projected.
func (s *Server) awaitSeq(ctx context.Context, a asked) error {
	seq := a.number("min_seq")
	if seq == 0 || s.cfg.Projector.Position() >= seq {
		return nil
	}
	lag, err := s.Lag(ctx)
	if err != nil {
		return err
	}
	if seq > lag.Last {
		return problem(http.StatusUnprocessableEntity, "position_unknown", "reason", "min_seq "+strconv.FormatUint(seq, 10)+" > "+strconv.FormatUint(lag.Last, 10))
	}
	waiting, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	if err := s.cfg.Projector.WaitFor(waiting, seq); err != nil {
		return problem(http.StatusServiceUnavailable, "not_yet", "min_seq", seq, "position", s.cfg.Projector.Position()).because(err).after(1)
	}
	return nil
}

// formatOf is how an answer is to be written: ?format=, else what Accept prefers of what there is.
func formatOf(r *http.Request, a asked) (tabular.Format, error) {
	if name := a.text("format"); name != "" {
		return tabular.ParseFormat(name)
	}
	accept := r.Header.Get("Accept")
	if accept == "" {
		return tabular.JSON, nil
	}
	best, quality := tabular.Format(""), 0.0
	for part := range strings.SplitSeq(clip(accept, 500), ",") {
		media, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		for one := range strings.SplitSeq(rest, ";") {
			if text, ok := strings.CutPrefix(strings.TrimSpace(one), "q="); ok {
				if given, err := strconv.ParseFloat(text, 64); err == nil {
					q = given
				}
			}
		}
		if f, ok := acceptable[strings.ToLower(strings.TrimSpace(media))]; ok && q > quality {
			best, quality = f, q
		}
	}
	if best == "" {
		return "", problem(http.StatusNotAcceptable, "not_acceptable", "allowed", "application/json, text/csv, application/x-ndjson, xlsx, parquet (?format=)")
	}
	return best, nil
}

var acceptable = map[string]tabular.Format{
	"*/*": tabular.JSON, "application/*": tabular.JSON, "application/json": tabular.JSON, "text/html": tabular.JSON,
	"text/csv": tabular.CSV, "text/*": tabular.CSV, "application/x-ndjson": tabular.NDJSON, "application/ndjson": tabular.NDJSON,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": tabular.XLSX,
	"application/vnd.apache.parquet":                                    tabular.Parquet,
}

const stamp = "20060102-150405"

func fileName(name string, at time.Time, f tabular.Format) string {
	return name + "-" + at.In(projections.Shanghai).Format(stamp) + f.Extension()
}
