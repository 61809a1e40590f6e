package pages

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// A list that adds up by groups is drawn, too: a bar for each group, on one scale, that opens what the group is made of.

// mostBars is how many groups are drawn; of more, the greatest.
const mostBars = 30

// groupChart are the groups of a page as its chart has them.
type groupChart struct {
	Title domain.Text // of the column that is drawn
	Money bool
	Bars  []groupBar
	Whole bool // all groups of the page that have a figure are there
}

type groupBar struct {
	Label, Text, Link string
	Width             string // in per cent
	Below             bool   // its figure is below nought
	of                decimal.Decimal
}

// draw makes the chart of the first figure of statistics; nil for another list, and where there are not two figures to compare.
func (t *anyTable) draw(l *projections.List, columns []tabular.Column, figures []tabular.Row) *groupChart {
	group := func(c tabular.Column) bool { return slices.Contains(l.Key, c.Name) }
	at := slices.IndexFunc(columns, func(c tabular.Column) bool { return numeric(c) && !group(c) })
	if l != projections.Statistics.List || at < 0 {
		return nil
	}
	d := &groupChart{Title: columns[at].Title, Money: columns[at].Kind == tabular.Money, Whole: true}
	most := decimal.Zero
	for i, row := range t.Rows {
		bar := groupBar{Text: row[at].Text, Link: row[at].Link}
		switch x := figures[i][at].(type) {
		case decimal.Decimal:
			bar.of = x
		case int64:
			bar.of = decimal.NewFromInt(x)
		default:
			continue // it is withheld
		}
		var label []string
		for j, c := range columns {
			if group(c) {
				label = append(label, row[j].Text)
			}
		}
		bar.Label, bar.Below = strings.Join(label, " · "), bar.of.IsNegative()
		most = decimal.Max(most, bar.of.Abs())
		d.Bars = append(d.Bars, bar)
	}
	if len(d.Bars) < 2 || !most.IsPositive() {
		return nil
	}
	if len(d.Bars) > mostBars {
		slices.SortStableFunc(d.Bars, func(a, b groupBar) int { return b.of.Abs().Cmp(a.of.Abs()) })
		d.Bars, d.Whole = d.Bars[:mostBars], false
	}
	for i, bar := range d.Bars {
		d.Bars[i].Width = bar.of.Abs().Shift(2).DivRound(most, 1).String() + "%"
	}
	return d
}
