package pages

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// level is how far an instalment is paid, or a cap is used.
type level struct {
	column     string // of the dictionary: "paid" of an instalment, "use" of a cap
	year       domain.SupportYear
	used, full domain.Money
}

// levelsOf are the levels of a state that a command is about.
func levelsOf(s *domain.State, about domain.Concern, day domain.Date) (list []level) {
	if a, ok := s.Application(about.Application); ok {
		for _, i := range a.Instalments {
			list = append(list, level{"paid", i.SupportYear, i.Paid, i.Amount})
		}
	}
	if !about.Charged() {
		return list
	}
	for _, year := range about.Years {
		line, ok := s.Account(about.Account, year, day)
		if ok && line.Headroom().Stated && !slices.ContainsFunc(list, func(l level) bool { return l.column == "use" && l.year == line.SupportYear }) {
			list = append(list, level{"use", line.SupportYear, line.Use, line.Use.Add(line.Headroom().Amount).Sub(line.OverBy())})
		}
	}
	return list
}

// drawn is a level that moves, as a meter in thousandths: what was used before, what is added or freed, and the rest.
type drawn struct {
	Label              string
	Before, By, Rest   domain.Money // Before is what stays, where some is freed
	Freed, Over        bool
	From, Moves, Limit int64
}

// drawnOf are the meters of the levels that move, or stand where something was asked of them.
func drawnOf(before, after []level, lang string) (list []drawn) {
	for _, is := range after {
		at := slices.IndexFunc(before, func(l level) bool { return l.column == is.column && l.year == is.year })
		was := level{full: is.full}
		if at >= 0 {
			was = before[at]
		}
		if was.used == is.used || is.full.IsZero() {
			continue
		}
		low, high := was.used, is.used
		d := drawn{Label: words.Heading(is.column, lang), Before: was.used, By: is.used.Sub(was.used), Freed: is.used.Less(was.used)}
		if d.Freed {
			d.Before = is.used
			low, high, d.By = is.used, was.used, was.used.Sub(is.used)
		}
		if is.year > 0 {
			d.Label += " " + is.year.String()
		}
		if d.Over = is.used.More(is.full); !d.Over {
			d.Rest = is.full.Sub(is.used)
		}
		whole := max(is.full.Fen(), high.Fen(), 1)
		d.From, d.Limit = thousandths(low.Fen(), whole), thousandths(is.full.Fen(), whole)
		d.Moves = max(thousandths(high.Fen(), whole)-d.From, 4)
		list = append(list, d)
	}
	return list
}
