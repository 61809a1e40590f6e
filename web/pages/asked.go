package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// asked is a page's filters, as its address says.
type asked struct {
	Year                                            domain.SupportYear
	Clause, Enterprise, Application, State, Kind, Q string
	AsOf, On                                        string // as they were written
	asOf                                            projections.AsOf
	on                                              domain.Date
	cursor                                          string
	done                                            uint64
}

// pageRows is how many rows a page of a list shows.
const pageRows = 100

func readAsked(r *http.Request) (asked, error) {
	var a asked
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return a, invalid("?", r.URL.RawQuery)
	}
	for name, list := range values {
		if len(list) > 1 || !plain(list[0]) {
			return a, invalid(name, strings.Join(list, ", "))
		}
	}
	a.Clause, a.Enterprise, a.Application, a.State = values.Get("clause"), values.Get("enterprise"), values.Get("application"), values.Get("state")
	a.Kind, a.Q, a.AsOf, a.On, a.cursor = values.Get("kind"), values.Get("q"), values.Get("as_of"), values.Get("on"), values.Get("cursor")
	if text := values.Get("year"); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n < 1900 || n > 9999 {
			return a, invalid("year", text)
		}
		a.Year = domain.SupportYear(n)
	}
	if a.asOf, err = projections.ParseAsOf(a.AsOf); err != nil {
		return a, err
	}
	if a.On != "" {
		if a.on, err = domain.ParseDate(a.On); err != nil {
			return a, invalid("on", a.On)
		}
	}
	a.done, _ = strconv.ParseUint(values.Get("done"), 10, 63) // what is no number says nothing was done
	return a, nil
}

// Past reports whether figures of a past moment or business date are asked for.
func (a asked) Past() bool { return a.AsOf != "" || a.On != "" }

func (a asked) list() projections.ListQuery {
	return projections.ListQuery{Search: a.Q, Enterprise: domain.EnterpriseID(a.Enterprise), Application: domain.ApplicationID(a.Application),
		Clause: domain.ClauseID(a.Clause), Year: a.Year, State: a.State, Kind: a.Kind, Limit: pageRows, Cursor: a.cursor}
}

// export is the API's address of a list with the filters that it takes.
func (a asked) export(path string, names ...string) *url.URL {
	all := map[string]string{"clause": a.Clause, "enterprise": a.Enterprise, "application": a.Application, "state": a.State, "kind": a.Kind, "q": a.Q,
		"as_of": a.AsOf, "on": a.On, "year": yearText(a.Year)}
	q := url.Values{}
	for _, name := range names {
		if all[name] != "" {
			q.Set(name, all[name])
		}
	}
	return &url.URL{Path: path, RawQuery: q.Encode()}
}

func yearText(y domain.SupportYear) string {
	if y == 0 {
		return ""
	}
	return y.String()
}

// plain reports whether a text from outside may go to the database: valid, bounded, without control characters.
func plain(text string) bool {
	return len(text) <= 1000 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// pathID is the id in the address; what can be none is not found.
func pathID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if id == "" || len(id) > 200 || !plain(id) {
		return "", projections.ErrNotFound
	}
	return id, nil
}

func invalid(name, value string) *web.Problem {
	value = strings.ToValidUTF8(value, "\uFFFD")
	return &web.Problem{Type: "urn:fundledger:problem:parameter_invalid", Status: http.StatusBadRequest, Code: "parameter_invalid",
		Figures: domain.Figures{"parameter": name, "value": value},
		Message: &domain.Text{ZH: "参数 " + name + " 的值“" + value + "”有误;请改正地址或筛选条件。", EN: "The parameter " + name + " cannot be “" + value + "”: correct the address or the filter."}}
}
