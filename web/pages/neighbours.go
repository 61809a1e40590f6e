package pages

import (
	"net/http"
	"net/url"
	"reflect"

	"github.com/fundledger/fundledger/projections"
)

// neighbours are the pages before and behind one in the list that it was reached from, and the list; "": there is none.
type neighbours struct{ Prev, Next, List string }

// within is the parameter of a thing's page that says how the list is narrowed and sorted that it was reached from.
const within = "in"

// Row is where a row of the list has its page, which leads on to those beside it.
func (s sorting) Row(base string, id any, pairs ...any) string {
	if s.page == nil {
		return base + escape(show(id))
	}
	q := s.page.own()
	for name := range q {
		if s.list.Filter(name) == nil && name != "sort" && name != "as_of" && name != "on" {
			q.Del(name)
		}
	}
	if sort := inOrder(s.list, s.page.Asked.ask()).Sort; sort != "" {
		q.Set("sort", sort)
	} else {
		q.Set("sort", s.list.Key[0])
	}
	return base + escape(show(id)) + link("", append(pairs, within, q.Encode())...)
}

// between adds to the page of a thing what stands beside it in the list that it was reached from.
func (p *Pages) between(r *http.Request, pg *page, l *projections.List, id string) error {
	text := pg.Asked.values.Get(within)
	if text == "" {
		return nil
	}
	in, err := url.ParseQuery(text)
	if err != nil {
		return invalid(within, text)
	}
	at := url.URL{Path: "/" + l.Name, RawQuery: in.Encode()}
	a, err := readAsked(&http.Request{URL: &at})
	if err != nil {
		return err
	}
	name, ask := l.Key[len(l.Key)-1], a.ask()
	one := projections.Where(projections.Condition{Name: name, Value: id})
	one.AsOf, one.On = ask.AsOf, ask.On
	found, err := p.server.Keeper(pg.Viewer.Lang).Page(r.Context(), l, one)
	if err != nil || len(found.Rows) == 0 {
		return err
	}
	before, behind, err := p.server.Beside(r.Context(), l, ask, found.Rows[0])
	if err != nil {
		return err
	}
	to := func(row any) string {
		for _, c := range projections.Columns(l.Row) {
			if row != nil && c.Name == name {
				return "/" + l.Name + "/" + escape(reflect.ValueOf(row).FieldByIndex(c.Index).String()) + address("", pg.own())
			}
		}
		return ""
	}
	pg.Beside = &neighbours{to(before), to(behind), at.String()}
	return nil
}
