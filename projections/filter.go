package projections

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
)

// FilterKind is what a filter's value may be.
type FilterKind string

// The kinds of filters.
const (
	Identifier FilterKind = "identifier"
	Word       FilterKind = "word" // free text
	Year       FilterKind = "year"
	AnyYear    FilterKind = "year or 0" // 0 is a year of its own: what belongs to none
	Day        FilterKind = "day"
	Moment     FilterKind = "moment" // of the recording clock, see [ParseAsOf]
	Position   FilterKind = "position"
	Count      FilterKind = "count"
	Several    FilterKind = "several" // of the filter's choices, with commas between
)

// Filter is something that a list can be narrowed by.
type Filter struct {
	Name    string
	Kind    FilterKind
	Meaning domain.Text
	Choices []string // the values there are; none: any of the kind
	Column  string   // that has to be equal; "": the column of the filter's name
	Bound   Bound    // or that has to be as the bound says
	Asked   bool     // the list's statement asks by the value itself: it is more than a column that has to be equal
	Most    int      // how many values there may be of several; 0: any number
	Short   string   // what a command line may call it too, where the list has no other filter of that name

	kept  []place                       // where what it names is found; see [List.Unknown]
	named func(*domain.Policy) []string // what the policy has that it can name
}

// Bound is how a column stands to a filter's value.
type Bound uint8

// The bounds.
const (
	Equal Bound = iota
	Least       // not below it
	Most        // not above it
)

// CheckedColumn is the column that is held against the filter's value.
func (f *Filter) CheckedColumn() string {
	if f.Column != "" {
		return f.Column
	}
	return f.Name
}

// maxFilterText bounds a filter's text.
const maxFilterText = 1000

// Check judges a value; "" is as if there were no filter.
func (f *Filter) Check(value string) error {
	if value == "" {
		return nil
	}
	if _, why := f.read(value); why != fine {
		return &FilterError{Name: f.Name, Value: value, Reason: why}
	}
	return nil
}

// Why a filter cannot have a value; fine where it can.
var (
	fine      = domain.Text{}
	noText    = domain.Text{ZH: "须为不超过 1000 字节的普通文字", EN: "up to 1000 bytes of plain text"}
	noYear    = domain.Text{ZH: "须为四位年份", EN: "a year in four digits"}
	noCount   = domain.Text{ZH: "须为正整数", EN: "a whole number from 1 on"}
	noPlace   = domain.Text{ZH: "须为不小于零的整数", EN: "a whole number from 0 on"}
	noMoment  = domain.Text{ZH: "过去的时点请写成 seq:1234、2025-03-01（该日终了）或 2025-03-01T12:00:00+08:00，不早于 1970 年", EN: `write a past moment as seq:1234, 2025-03-01 (the end of that day) or 2025-03-01T12:00:00+08:00, of 1970 or later`}
	onlyValue = domain.Text{ZH: "只能有一个值", EN: "one value"}
)

func atMost(n int) domain.Text {
	return domain.Text{ZH: fmt.Sprintf("至多 %d 个", n), EN: fmt.Sprintf("at most %d of them", n)}
}

func oneOf(choices []string) domain.Text {
	return domain.Text{ZH: "须为：" + strings.Join(choices, "、"), EN: "one of " + strings.Join(choices, ", ")}
}

// read is a value as a statement takes it: a string, an int64 or a []string; or why it cannot be one.
func (f *Filter) read(value string) (any, domain.Text) {
	if f.Kind != Several && len(f.Choices) > 0 && !slices.Contains(f.Choices, value) {
		return nil, oneOf(f.Choices)
	}
	switch f.Kind {
	case Year, AnyYear:
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || (n < 1900 || n > 9999) && !(n == 0 && f.Kind == AnyYear) {
			return nil, noYear
		}
		return int64(n), fine
	case Count:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil || n == 0 {
			return nil, noCount
		}
		return int64(n), fine
	case Position:
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return nil, noPlace
		}
		return int64(n), fine
	case Day:
		var wrong *domain.DateError
		if _, err := domain.ParseDate(value); errors.As(err, &wrong) {
			return nil, wrong.Message()
		}
		return value, fine
	case Moment:
		if _, err := ParseAsOf(value); err != nil {
			return nil, noMoment
		}
		return value, fine
	case Several:
		list := strings.Split(value, ",")
		if f.Most > 0 && len(list) > f.Most {
			return nil, atMost(f.Most)
		}
		for _, one := range list {
			if !slices.Contains(f.Choices, one) {
				return nil, oneOf(f.Choices)
			}
		}
		return list, fine
	}
	if !utf8.ValidString(value) || len(value) > maxFilterText || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, noText
	}
	return value, fine
}

// FilterError says that a list cannot be narrowed as was asked, and what is right.
type FilterError struct {
	List    string      // "": the value is wrong, whatever the list
	Name    string      // of the filter
	Value   string      // that it cannot have
	Reason  domain.Text // why, or what it can be
	Allowed []string    // the filters that the list has; none where the value is what is wrong
}

// Unknown reports whether the list has no such filter.
func (e *FilterError) Unknown() bool { return e.Reason == fine }

// Error implements error, in English.
func (e *FilterError) Error() string { return e.Message().EN }

// Message is what is wrong and what is right.
func (e *FilterError) Message() domain.Text {
	if !e.Unknown() {
		return domain.Text{ZH: fmt.Sprintf("筛选 %s 不能是“%s”：%s", e.Name, e.Value, e.Reason.ZH),
			EN: fmt.Sprintf("the filter %s cannot be %q: %s", e.Name, e.Value, e.Reason.EN)}
	}
	if len(e.Allowed) == 0 {
		return domain.Text{ZH: fmt.Sprintf("清单 %s 不接受筛选 %s，也没有别的筛选", e.List, e.Name), EN: fmt.Sprintf("the list %s has no filter %s, and no other", e.List, e.Name)}
	}
	names := strings.Join(e.Allowed, ", ")
	return domain.Text{ZH: fmt.Sprintf("清单 %s 不接受筛选 %s；可用：%s", e.List, e.Name, names), EN: fmt.Sprintf("the list %s has no filter %s; it has: %s", e.List, e.Name, names)}
}

// By is a filter whose values are of the type V.
type By[V any] struct{ *Filter }

// Is narrows a list to what has the value; an empty one narrows nothing.
func (b By[V]) Is(value V) Condition {
	c := Condition{Name: b.Name}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		c.Value = v.String()
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = v.Index(i).String()
		}
		c.Value = strings.Join(parts, ",")
	case reflect.Uint16, reflect.Uint64:
		if v.Uint() != 0 || b.Kind == AnyYear {
			c.Value = strconv.FormatUint(v.Uint(), 10)
		}
	default:
		panic(fmt.Sprintf("projections: the filter %s cannot have a %T", b.Name, value))
	}
	return c
}

// filter lets a By stand in a list's filters.
func (b By[V]) filter() *Filter { return b.Filter }

// asked is the filter for a list whose statement asks by the value itself.
func (b By[V]) asked() By[V] {
	f := *b.Filter
	f.Asked = true
	return By[V]{&f}
}

func by[V any](name string, kind FilterKind, zh, en string) By[V] {
	return By[V]{&Filter{Name: name, Kind: kind, Meaning: domain.Text{ZH: zh, EN: en}}}
}

// of is a filter that has only some values.
func (b By[V]) of(choices ...string) By[V] {
	b.Choices = choices
	return b
}

// on is a filter of another column than its name.
func (b By[V]) on(column string) By[V] {
	b.Column = column
	return b
}

// short is a filter that a command line may call otherwise.
func (b By[V]) short(name string) By[V] {
	b.Short = name
	return b
}
