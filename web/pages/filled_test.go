package pages

import (
	"bytes"
	"html/template"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// A filling says what made-up data holds: pointers that lead somewhere, lists and maps with something in them, flags
// that are set.
type filling struct{ pointers, lists, flags bool }

// hostile is every text of made-up data.
const hostile = `"><i>x</i>`

// leaves are values of types that reflection cannot fill.
var leaves = map[reflect.Type]any{
	reflect.TypeFor[domain.Money]():        domain.Fen(123456),
	reflect.TypeFor[domain.Balance]():      domain.Balance{Money: domain.Fen(-123456)},
	reflect.TypeFor[domain.Date]():         domain.DateIn(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC), domain.Shanghai),
	reflect.TypeFor[time.Time]():           time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC),
	reflect.TypeFor[decimal.NullDecimal](): decimal.NewNullDecimal(decimal.New(5, -1)),
	reflect.TypeFor[url.URL]():             url.URL{Path: "/x", RawQuery: "year=2025&step=2&done=5"},
	reflect.TypeFor[url.Values]():          url.Values{"year": {"2025"}},
	reflect.TypeFor[domain.Event]():        &domain.ApplicationApproved{Granted: domain.Granted{Basis: []domain.Basis{{SupportYear: 2025}, {}}}},
	reflect.TypeFor[jsontext.Value]():      jsontext.Value(`{"a":1}`),
	reflect.TypeFor[any]():                 hostile,
}

// always are pointers, and what else is asked for by name, that no page is written without.
var always = map[string]any{
	"whatIfBody.Policy":      &domain.Policy{},
	"policyBody.Policy":      &domain.Policy{},
	"refusedPayment.Refusal": &domain.Refusal{},
	"asking.Filter":          &projections.Filter{},
	"HistoryRow.Event":       &domain.PayoutMade{},
	"Entry.Event":            &domain.PayoutMade{},
	"Reconciled.Differs":     []string{"amount"},
	"dataBody.Lists":         []*projections.List{projections.Payouts.List},
	"enterpriseBody.Grid":    []*gridRow{{Cells: []*projections.TotalsRow{nil}}},
}

// fill fills a value, parts of parts down to a depth.
func (f filling) fill(v reflect.Value, depth int) {
	if leaf, ok := leaves[v.Type()]; ok {
		if v.Kind() != reflect.Interface || f.pointers {
			v.Set(reflect.ValueOf(leaf))
		}
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.flags)
	case reflect.String:
		v.SetString(hostile)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	case reflect.Pointer:
		if f.pointers && depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), depth-1)
		}
	case reflect.Slice:
		if f.lists && depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			f.fill(v.Index(0), depth-1)
			f.fill(v.Index(1), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), depth)
		}
	case reflect.Map:
		if f.lists && depth > 0 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth-1)
			f.fill(value, depth-1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() || v.Type().Field(i).Anonymous {
				f.fillField(v, i, depth)
			}
		}
	}
}

// fillField fills a field, and one that is embedded though its type is not exported.
func (f filling) fillField(of reflect.Value, i, depth int) {
	field := of.Field(i)
	if !field.CanSet() {
		field = reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
	}
	f.fill(field, depth)
	made, ok := always[of.Type().Name()+"."+of.Type().Field(i).Name]
	switch {
	case !ok:
	case field.Kind() == reflect.Slice: // of pointers, or of texts that are no others
		if f.lists && (!f.pointers || field.Type().Elem() == stringType) {
			field.Set(reflect.ValueOf(made))
		}
	case field.IsZero():
		field.Set(reflect.ValueOf(made))
	}
}

// data is what a page is filled with: what encloses it leads somewhere always, for no page is written without it.
func (f filling) data(t reflect.Type, v web.Viewer) any {
	made := reflect.New(t).Elem()
	pg := new(page)
	f.fill(reflect.ValueOf(pg).Elem(), 6)
	pg.Viewer, pg.URL = v, &url.URL{Path: "/x", RawQuery: "year=2025&step=2&done=5"}
	reflect.NewAt(made.Field(0).Type(), made.Field(0).Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(pg))
	body := made.Field(1)
	if body.Kind() == reflect.Pointer {
		body.Set(reflect.New(body.Type().Elem()))
		body = body.Elem()
	}
	f.fill(body, 6)
	return made.Interface()
}

// Every template renders, for every role and in both languages, whether there is much or nothing to show; and whatever
// text it shows is escaped.
func TestTemplatesRenderWhateverTheyAreFilledWith(t *testing.T) {
	p := New()
	full, none := filling{true, true, true}, filling{}
	for name, of := range sheets {
		for _, lang := range []string{"zh", "en"} {
			template := p.sets[look{lang, web.UnitYuan}][name]()
			for i := range 8 {
				some := filling{i&1 > 0, i&2 > 0, i&4 > 0}
				renders(t, template, of, some, web.Viewer{Name: hostile, Lang: lang, Unit: web.UnitYi})
			}
			for _, role := range domain.Roles {
				viewer := web.Viewer{Name: hostile, Lang: lang, Unit: web.UnitYuan, Grants: []web.Grant{{Role: role}}}
				renders(t, template, of, full, viewer)
				renders(t, template, of, none, viewer)
			}
		}
	}
}

func renders(t *testing.T, template *template.Template, of reflect.Type, f filling, v web.Viewer) {
	t.Helper()
	var b bytes.Buffer
	if err := template.ExecuteTemplate(&b, "layout", f.data(of, v)); err != nil {
		t.Errorf("in %s for %v with %+v: %v", v.Lang, v.Grants, f, err)
		return
	}
	page := b.String()
	for _, bad := range []string{"<i>", "ZgotmplZ", "%!", "&lt;nil&gt;", "no value"} {
		if at := strings.Index(page, bad); at >= 0 {
			part := page[max(at-80, 0):min(at+40, len(page))]
			t.Errorf("%v in %s for %v with %+v holds %q: %s", of, v.Lang, v.Grants, f, bad, part)
		}
	}
	if !strings.Contains(page, "</html>") {
		t.Errorf("%v in %s for %v with %+v is not whole", of, v.Lang, v.Grants, f)
	}
}

// Tables that cannot be read any more, by whatever was put into them, must not be shown with the tick of the day before.
func TestABadgeHasNoTickWhereTheLastVerificationFailed(t *testing.T) {
	p := New()
	for fault, ticked := range map[string]bool{"": true, "the tables cannot be read": false} {
		var b bytes.Buffer
		pg := &page{Viewer: web.Viewer{Lang: "en"}, Signed: true, URL: &url.URL{Path: "/"}, Badge: &audit.Badge{Known: true, Sound: true, Upto: 7, Fault: fault}}
		if err := problemSheet.execute(p, &b, pg, &web.Problem{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "✓ verified to 7") != ticked || strings.Contains(b.String(), "came to nothing") == ticked ||
			strings.Contains(b.String(), `class="badge verified"`) != ticked {
			t.Errorf("after %q the page says\n%s", fault, b.String())
		}
	}
}
