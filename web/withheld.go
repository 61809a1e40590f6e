package web

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// handsOn reports whether statistics are told to an analyst who is nothing else: they are handed on, so they tell of no few enterprises.
func handsOn(ctx context.Context) bool {
	k, known := ctx.Value(knownKey{}).(known)
	return known && k.viewer.Has(domain.Analyst) && !slices.ContainsFunc(k.viewer.Grants, func(g Grant) bool { return g.Role != domain.Analyst })
}

// told are the columns of statistics that are withheld: an order by them would tell of what is.
var told = []string{"amount", "applications", "enterprises"}

var (
	noOrder   = domain.Text{ZH: "对分析员不按数值排序，以免推出不示的数", EN: "statistics with groups withheld are not sorted by their figures"}
	tooMany   = domain.Text{ZH: "分组过多，请少分几列或加筛选", EN: "there are too many groups: group by fewer columns, or narrow them"}
	tooNarrow = domain.Text{ZH: "筛选与分组合计至多三列，以免由差额推出不示的数", EN: "for an analyst, columns that are narrowed and columns grouped by are three at most together"}
	pageBegin = "group:"
)

// withhold keeps back what says too much of few enterprises. A column that statistics are narrowed in counts as one that they are grouped by: what is
// withheld among others is withheld asked for alone.
func withhold(ctx context.Context, tables projections.Keeper, ask projections.Ask, rows []projections.StatisticsRow) error {
	by := projections.GroupedBy(ask.Where)
	groups, rest := projections.Narrowed(ask.Where)
	if len(groups) == 0 {
		projections.Withhold(rows, by)
		return nil
	}
	all := by
	for _, column := range projections.Groupings {
		if _, narrowed := groups[column]; narrowed && !slices.Contains(by, column) {
			all = append(all, column)
		}
	}
	if len(all) > projections.MostGroupings {
		return &projections.FilterError{Name: projections.ByGroups.Name, Reason: tooNarrow}
	}
	wide := ask
	rest = slices.DeleteFunc(rest, func(c projections.Condition) bool { return c.Name == projections.ByGroups.Name })
	wide.Cursor, wide.Limit, wide.Where = "", projections.MaxLimit, append(rest, projections.ByGroups.Is(all))
	p, err := projections.Statistics.Page(ctx, tables, wide)
	if err != nil {
		return err
	}
	if p.Next != "" {
		return &projections.FilterError{Name: projections.ByGroups.Name, Reason: tooMany}
	}
	projections.Withhold(p.Rows, all)
	key := func(row projections.StatisticsRow) string {
		parts := make([]string, len(all))
		for i, column := range all {
			if group, narrowed := groups[column]; narrowed {
				parts[i] = group
			} else {
				parts[i] = row.Group(column)
			}
		}
		return strings.Join(parts, "\x00")
	}
	why := map[string]string{}
	for _, row := range p.Rows {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(groups)), func(column string) bool { return row.Group(column) != groups[column] }) {
			why[key(row)] = row.Withheld
		}
	}
	for i := range rows {
		if reason, found := why[key(rows[i])]; !found || reason != "" {
			rows[i].Hide(cmp.Or(reason, projections.TooFew))
		}
	}
	return nil
}

// withheld is a page of statistics in which groups of few enterprises are not told. Which they are is judged of all groups at once.
func withheld(ctx context.Context, tables projections.Keeper, ask projections.Ask) (projections.Page[any], error) {
	if column := strings.TrimPrefix(ask.Sort, "-"); slices.Contains(told, column) {
		return projections.Page[any]{}, &projections.FilterError{Name: "sort", Value: ask.Sort, Reason: noOrder}
	}
	from := 0
	if ask.Cursor != "" {
		text, ours := strings.CutPrefix(ask.Cursor, pageBegin)
		n, err := strconv.ParseUint(text, 10, 31)
		if !ours || err != nil {
			return projections.Page[any]{}, projections.ErrCursor
		}
		from = int(n)
	}
	all := ask
	all.Cursor, all.Limit = "", projections.MaxLimit
	p, err := projections.Statistics.Page(ctx, tables, all)
	if err != nil {
		return projections.Page[any]{}, err
	}
	if p.Next != "" {
		return projections.Page[any]{}, &projections.FilterError{Name: projections.ByGroups.Name, Reason: tooMany}
	}
	if err := withhold(ctx, tables, ask, p.Rows); err != nil {
		return projections.Page[any]{}, err
	}
	part := projections.Page[any]{Seq: p.Seq}
	end := min(from+projections.Limit(ask.Limit), len(p.Rows))
	for _, row := range p.Rows[min(from, end):end] {
		part.Rows = append(part.Rows, row)
	}
	if end < len(p.Rows) {
		part.Next = pageBegin + strconv.Itoa(end)
	}
	return part, nil
}
