package projections

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// place is a list that has a row of what a filter names, by a filter of its own.
type place struct{ list, filter string }

// kept says that what the filter names has a row in a list, or in one of several.
func (b By[V]) kept(list, filter string) By[V] {
	b.Filter.kept = append(b.Filter.kept, place{list, filter})
	return b
}

// named says that the policy has what the filter names.
func (b By[V]) named(by func(*domain.Policy) []string) By[V] {
	b.Filter.named = by
	return b
}

// among says that what the filter names is one of these.
func (b By[V]) among(names []string) By[V] {
	return b.named(func(*domain.Policy) []string { return slices.Sorted(slices.Values(names)) })
}

// What a policy has, as filters name it.

func clauses(p *domain.Policy) (ids []string) {
	for _, c := range p.Clauses {
		ids = append(ids, string(c.ID))
	}
	return ids
}

func facts(p *domain.Policy) (ids []string) {
	for _, f := range p.Facts {
		ids = append(ids, string(f.ID))
	}
	return ids
}

func departments(p *domain.Policy) (ids []string) {
	for _, d := range p.Departments {
		ids = append(ids, string(d.ID))
	}
	return ids
}

func years(p *domain.Policy) (list []string) {
	for y := p.Term.From.Year(); y <= p.Term.To.Year(); y++ {
		list = append(list, strconv.Itoa(y))
	}
	return list
}

// Unknown tells a slip from an answer, where a list has no rows: it is the first condition that names what the ledger does not have, as an
// [UnknownError]. What is there, and has no rows, is none. policy is the one in force, nil where there is none.
func (l *List) Unknown(ctx context.Context, k Keeper, policy func(context.Context) (*domain.Policy, error), where []Condition) error {
	for _, c := range where {
		f := l.Filter(c.Name)
		if f == nil || c.Value == "" {
			continue
		}
		known, there, err := f.known(ctx, k, policy, c.Value)
		if err != nil {
			return fmt.Errorf("asking whether there is %s: %w", c.Value, err)
		}
		if !known {
			return &UnknownError{Filter: f, Value: c.Value, There: there}
		}
	}
	return nil
}

// known says whether there is what a value names, and what there is, where that is no long list.
func (f *Filter) known(ctx context.Context, k Keeper, policy func(context.Context) (*domain.Policy, error), value string) (known bool, there []string, err error) {
	if f.CheckedColumn() == "seq" {
		p, err := k.Page(ctx, Journal.List, Ask{Limit: 1})
		n, wrong := strconv.ParseUint(value, 10, 64)
		return wrong == nil && n <= p.Seq, []string{"1 – " + strconv.FormatUint(p.Seq, 10)}, err
	}
	if f.named == nil && f.kept == nil || f.Kind == AnyYear && value == "0" {
		return true, nil, nil
	}
	if f.named != nil {
		p, err := policy(ctx)
		if err != nil {
			return false, nil, err
		}
		if p != nil {
			there = f.named(p)
		}
		if slices.Contains(there, value) {
			return true, there, nil
		}
	}
	for _, at := range f.kept {
		p, err := k.Page(ctx, ListOf(at.list), Ask{Where: []Condition{{Name: at.filter, Value: value}}, Limit: 1})
		if err != nil || len(p.Rows) > 0 {
			return err == nil, there, err
		}
	}
	return false, there, nil
}

// UnknownError says that a filter names what the ledger does not have.
type UnknownError struct {
	Filter *Filter
	Value  string
	There  []string // what there is instead; none: too much to be listed
}

// Error implements error, in English.
func (e *UnknownError) Error() string { return e.Message().EN }

// Message is what is not there, and what is.
func (e *UnknownError) Message() domain.Text {
	m := domain.Text{ZH: fmt.Sprintf("筛选 %s：台账中没有“%s”", e.Filter.Name, e.Value), EN: fmt.Sprintf("the filter %s: the ledger has no %q", e.Filter.Name, e.Value)}
	if len(e.There) == 0 {
		return domain.Text{ZH: m.ZH + "（须与登记的写法一致）", EN: m.EN + " (written as it was recorded)"}
	}
	return domain.Text{ZH: m.ZH + "；有：" + strings.Join(e.There, "、"), EN: m.EN + "; it has: " + strings.Join(e.There, ", ")}
}
