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
	Asked   bool     // the list's statement asks by the value itself: it is more than a column that has to be equal
	Short   string   // what a command line may call it too, where the list has no other filter of that name
}

// CheckedColumn is the column that has to equal the filter's value.
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
	_, why := f.read(value)
	if why == nil {
		return nil
	}
	return &FilterError{Name: f.Name, Value: value, Reason: why.Error()}
}

var errNoText = errors.New("up to 1000 bytes of plain text / 不超过 1000 字节的普通文字")

// read is a value as a statement takes it: a string, an int64 or a []string.
func (f *Filter) read(value string) (any, error) {
	if f.Kind != Several && len(f.Choices) > 0 && !slices.Contains(f.Choices, value) {
		return nil, errors.New(strings.Join(f.Choices, ", "))
	}
	switch f.Kind {
	case Year, AnyYear:
		n, err := strconv.ParseUint(value, 10, 16)
		if err == nil && (n < 1900 || n > 9999) && !(n == 0 && f.Kind == AnyYear) {
			err = errors.New("1900–9999")
		}
		return int64(n), err
	case Count:
		n, err := strconv.ParseUint(value, 10, 31)
		if err == nil && n == 0 {
			err = errors.New("> 0")
		}
		return int64(n), err
	case Position:
		n, err := strconv.ParseUint(value, 10, 63)
		return int64(n), err
	case Day:
		_, err := domain.ParseDate(value)
		return value, err
	case Moment:
		at, err := ParseAsOf(value)
		if err == nil && at.Seq == 0 && at.Time.Year() < 1970 {
			err = errors.New("1970–")
		}
		return value, err
	case Several:
		list := strings.Split(value, ",")
		for _, one := range list {
			if !slices.Contains(f.Choices, one) {
				return nil, errors.New(strings.Join(f.Choices, ", "))
			}
		}
		return list, nil
	}
	if !utf8.ValidString(value) || len(value) > maxFilterText || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errNoText
	}
	return value, nil
}

// FilterError says that a list cannot be narrowed as was asked, and what is right.
type FilterError struct {
	List    string   // "": the value is wrong, whatever the list
	Name    string   // of the filter
	Value   string   // that it cannot have
	Reason  string   // why, or what it can be
	Allowed []string // the filters that the list has; none where the value is what is wrong
}

// Unknown reports whether the list has no such filter.
func (e *FilterError) Unknown() bool { return e.Reason == "" }

// Error implements error, in English.
func (e *FilterError) Error() string { return e.Message().EN }

// Message is what is wrong and what is right.
func (e *FilterError) Message() domain.Text {
	if !e.Unknown() {
		return domain.Text{ZH: fmt.Sprintf("筛选 %s 不能是“%s”:%s", e.Name, e.Value, e.Reason), EN: fmt.Sprintf("the filter %s cannot be %q: %s", e.Name, e.Value, e.Reason)}
	}
	if len(e.Allowed) == 0 {
		return domain.Text{ZH: fmt.Sprintf("清单 %s 不接受筛选 %s,也没有别的筛选", e.List, e.Name), EN: fmt.Sprintf("the list %s has no filter %s, and no other", e.List, e.Name)}
	}
	names := strings.Join(e.Allowed, ", ")
	return domain.Text{ZH: fmt.Sprintf("清单 %s 不接受筛选 %s;可用:%s", e.List, e.Name, names), EN: fmt.Sprintf("the list %s has no filter %s; it has: %s", e.List, e.Name, names)}
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
