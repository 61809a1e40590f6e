package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// param is a parameter of a question.
type param = *projections.Filter

// The parameters that every list has.
var listParams = []param{
	{Name: "limit", Kind: projections.Count, Meaning: domain.Text{ZH: "一页的行数，最多 5000（默认 100）", EN: "rows of a page, at most 5000 (100 without it)"}},
	{Name: "cursor", Kind: projections.Word, Meaning: domain.Text{ZH: "上一页给出的位置", EN: "where the page before ended: its next"}},
	{Name: "sort", Kind: projections.Word, Meaning: domain.Text{ZH: "排序的列；前加 - 为从大到小", EN: "the column to sort by; with - before it, from the largest down"}},
	{Name: "columns", Kind: projections.Word, Meaning: domain.Text{ZH: "只要这些列，并按此顺序；以逗号隔开", EN: "only these columns, in this order, with commas between"}},
	{Name: "format", Kind: projections.Word, Meaning: domain.Text{ZH: "json 为一页；csv、xlsx、parquet、ndjson 为全部", EN: "json is one page; csv, xlsx, parquet and ndjson are everything"}, Choices: []string{"json", "csv", "xlsx", "parquet", "ndjson"}},
	{Name: "headings", Kind: projections.Word, Meaning: domain.Text{ZH: "csv 的表头：列名（names），或所用语言的名称（human）", EN: "of csv: column names, or headings people read"}, Choices: []string{"names", "human"}},
	{Name: "min_seq", Kind: projections.Position, Meaning: domain.Text{ZH: "等到该位置进入查询表", EN: "wait until this position is projected"}},
	{Name: "lang", Kind: projections.Word, Meaning: domain.Text{ZH: "语言", EN: "the language"}, Choices: []string{"zh", "en"}},
}

var pastParams = []param{
	{Name: "as_of", Kind: projections.Moment, Meaning: domain.Text{ZH: "记录时间：时刻、日期，或序号（seq:N）", EN: "the recording clock: a time, a date, or seq:N"}},
	{Name: "on", Kind: projections.Day, Meaning: domain.Text{ZH: "业务日期", EN: "the business date"}},
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
		at := slices.IndexFunc(params, func(p param) bool { return p.Name == name })
		if at < 0 {
			return asked{}, problem(http.StatusBadRequest, "parameter_unknown", "parameter", name, "allowed", names(params))
		}
		if params[at].Kind == projections.Several { // it may be written once for each value, too
			list = []string{strings.Join(list, ",")}
			values[name] = list
		}
		if len(list) > 1 {
			return asked{}, invalid(name, strings.Join(list, ", "), domain.Text{ZH: "只能有一个值", EN: "one value"})
		}
		if err := params[at].Check(list[0]); err != nil {
			return asked{}, ErrorProblem(err)
		}
	}
	return asked{values: values, params: params}, nil
}

func names(params []param) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.Name
	}
	return strings.Join(list, ", ")
}

func invalid(name, value string, reason any) *Problem {
	return problem(http.StatusBadRequest, "parameter_invalid", "parameter", name, "value", value, "reason", reason)
}

func (a asked) text(name string) string { return a.values.Get(name) }

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
		if value := a.values.Get(p.Name); value != "" && !slices.ContainsFunc(listParams, func(l param) bool { return l.Name == p.Name }) {
			list = append(list, tabular.Meta{Name: p.Name, Value: value})
		}
	}
	return list
}

// awaitSeq waits until the position that min_seq names is in the tables and in the live state: whoever was answered by one instance sees with
// any other what was booked. Every route and page takes it; behind here nobody sees it any more.
func (s *Server) awaitSeq(r *http.Request) error {
	if !strings.Contains(r.URL.RawQuery, "min_seq") {
		return nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !values.Has("min_seq") {
		return nil // whoever reads the query says what is wrong with it
	}
	given := strings.Join(values["min_seq"], ", ")
	seq, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		return invalid("min_seq", given, domain.Text{ZH: "须为一个位置", EN: "one position"})
	}
	values.Del("min_seq")
	r.URL.RawQuery = values.Encode()
	if s.cfg.Projector.Position() < seq {
		lag, err := s.Lag(r.Context())
		if err != nil {
			return err
		}
		if seq > lag.Last {
			return problem(http.StatusUnprocessableEntity, "position_unknown", "reason", "min_seq "+strconv.FormatUint(seq, 10)+" > "+strconv.FormatUint(lag.Last, 10))
		}
	}
	waiting, cancel := context.WithTimeout(r.Context(), s.cfg.Patience)
	defer cancel()
	if err := s.cfg.Projector.WaitFor(waiting, seq); err != nil {
		return problem(http.StatusServiceUnavailable, "not_yet", "min_seq", seq, "position", s.cfg.Projector.Position()).because(err).after(1)
	}
	if err := s.cfg.Ledger.Reach(waiting, seq); err != nil {
		return problem(http.StatusServiceUnavailable, "not_yet", "min_seq", seq, "position", s.cfg.Projector.Position()).because(err).after(1)
	}
	*r = *r.WithContext(projections.AtLeast(r.Context(), seq))
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
	for part := range strings.SplitSeq(domain.Clip(accept, 500), ",") {
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
	return name + "-" + at.In(domain.Shanghai).Format(stamp) + f.Extension()
}
