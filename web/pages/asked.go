package pages

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// asked is what a page's address asks for.
type asked struct {
	Year                                                                    domain.SupportYear
	Clause, Enterprise, Application, Actor, State, Kind, Q, Pending, Bucket string
	AsOf, On, Since, Until                                                  string // as they were written
	values                                                                  url.Values
	asOf                                                                    projections.AsOf
	on                                                                      domain.Date
	cursor                                                                  string
	budgetYear                                                              int
	done                                                                    uint64
}

// pageRows is how many rows a page of a list shows.
const pageRows = 100

// ofPages are the parameters that pages have beside the filters of their lists.
var ofPages = []string{"cursor", "done", "sort", "columns", "lang", "unit", "theme"}

// severals are the parameters that have several values, with commas between.
var severals = func() (names []string) {
	for _, l := range projections.Lists() {
		for _, f := range l.Filters {
			if f.Kind == projections.Several && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}()

func readAsked(r *http.Request) (asked, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return asked{}, invalid("?", r.URL.RawQuery)
	}
	for name, list := range values {
		if len(list) > 1 && slices.Contains(severals, name) { // a form says each by itself
			list = []string{strings.Join(list, ",")}
			values[name] = list
		}
		if len(list) > 1 || !plain(list[0]) {
			return asked{}, invalid(name, strings.Join(list, ", "))
		}
	}
	for _, f := range []*projections.Filter{projections.ByYear.Filter, projections.BySupportYear.Filter, projections.ByBudgetYear.Filter} {
		if err := f.Check(values.Get(f.Name)); err != nil {
			return asked{}, err
		}
	}
	a := asked{values: values, Clause: values.Get("clause"), Enterprise: values.Get("enterprise"), Application: values.Get("application"), Actor: values.Get("actor"), State: values.Get("state"),
		Kind: values.Get("kind"), Q: values.Get("q"), Pending: values.Get("pending"), Bucket: values.Get("bucket"), AsOf: values.Get("as_of"), On: values.Get("on"), Since: values.Get("since"), Until: values.Get("until"), cursor: values.Get("cursor")}
	year, _ := strconv.ParseUint(values.Get("year"), 10, 16) // checked above
	a.Year = domain.SupportYear(year)
	a.budgetYear, _ = strconv.Atoi(values.Get("budget_year")) // checked above
	if a.asOf, err = projections.ParseAsOf(a.AsOf); err != nil {
		return a, err
	}
	if a.On != "" {
		if a.on, err = domain.ParseDate(a.On); err != nil {
			return a, &projections.FilterError{Name: "on", Value: a.On, Reason: domain.Text{ZH: "业务日期请写成 2025-03-01", EN: "write a business date as 2025-03-01"}}
		}
	}
	a.done, _ = strconv.ParseUint(values.Get("done"), 10, 63) // what is no number says nothing was done
	return a, nil
}

// Of is what was asked for by a name; "": nothing.
func (a asked) Of(name string) string { return a.values.Get(name) }

// Past reports whether figures of a past moment or business date are asked for.
func (a asked) Past() bool { return a.AsOf != "" || a.On != "" }

// ask is what the page's list is asked for: it says so of a parameter that is none of its filters.
func (a asked) ask() projections.Ask {
	ask := projections.Ask{AsOf: a.asOf, On: a.on, Sort: a.values.Get("sort"), Limit: pageRows, Cursor: a.cursor}
	for _, name := range slices.Sorted(maps.Keys(a.values)) {
		if name != "as_of" && name != "on" && !slices.Contains(ofPages, name) {
			ask.Where = append(ask.Where, projections.Condition{Name: name, Value: a.values[name][0]})
		}
	}
	return ask
}

// columns are those of its list that the page is asked for; none: those that it has.
func (a asked) columns() []string {
	if names := a.values.Get("columns"); names != "" {
		return strings.Split(names, ",")
	}
	return nil
}

// export is the API's address of a list with the filters that it takes, in the order and with the columns that are asked for.
func (a asked) export(l *projections.List) *url.URL {
	q := url.Values{}
	for name, values := range a.values {
		if l.Filter(name) != nil || l.Past && (name == "as_of" || name == "on") || l.Kept == projections.InTables && (name == "sort" || name == "columns") {
			q.Set(name, values[0])
		}
	}
	for name := range q {
		if q.Get(name) == "" {
			q.Del(name)
		}
	}
	return &url.URL{Path: l.Address, RawQuery: q.Encode()}
}

// with is an address that asks for one thing more.
func (a asked) with(c projections.Condition) asked {
	a.values = maps.Clone(a.values)
	a.values.Set(c.Name, c.Value)
	return a
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
		Message: &domain.Text{ZH: "参数 " + name + " 的值“" + value + "”有误；请改正地址或筛选条件。", EN: "The parameter " + name + " cannot be “" + value + "”: correct the address or the filter."}}
}
