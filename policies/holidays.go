package policies

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
)

//go:embed holidays/CN.yaml
var holidaysCN []byte

// Holidays are the days that are not worked and those that are, against the rule that Mondays to Fridays are worked, year by year: a file beside the
// policies. Promised times are counted by it for whoever looks at what waits; no rule reads it, and what was decided does not depend on it.
type Holidays struct {
	Years []HolidayYear `json:"years"`
}

// HolidayYear are the days of one year, as they were published.
type HolidayYear struct {
	Year      int           `json:"year"`
	Published domain.Date   `json:"published,omitzero"`
	Off       []domain.Date `json:"off"`              // public holidays, on whatever day of the week
	Worked    []domain.Date `json:"worked,omitempty"` // Saturdays and Sundays that are worked
}

// Chinese are the holidays that are shipped: those of mainland China, as far as they were published. In other years Saturdays and Sundays alone are off.
func Chinese() Holidays {
	h, err := LoadHolidays(bytes.NewReader(holidaysCN), "holidays/CN.yaml")
	if err != nil {
		panic("policies: the embedded holidays cannot be read: " + err.Error())
	}
	return h
}

// HolidaysIn reads a file of holidays; the shipped ones where path is "".
func HolidaysIn(path string) (Holidays, error) {
	if path == "" {
		return Chinese(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return Holidays{}, fmt.Errorf("opening the holidays: %w", err)
	}
	defer f.Close()
	return LoadHolidays(f, path)
}

// LoadHolidays reads holidays, as strictly as a policy is read. name stands for the file in errors.
func LoadHolidays(r io.Reader, name string) (Holidays, error) {
	var h Holidays
	tree, err := Decode(r, name, &h, func(string) bool { return false })
	if err != nil {
		return h, err
	}
	last := 0
	for i, y := range h.Years {
		at := fmt.Sprintf("/years/%d", i)
		if y.Year <= last {
			return h, tree.Fault(at+"/year", say("%d 年须排在 %d 年之后，且只写一次", "%d stands behind %d, once", y.Year, last))
		}
		last = y.Year
		for j, d := range y.Off {
			if reason, wrong := misplaced(y, y.Off[:j], d); wrong {
				return h, tree.Fault(fmt.Sprintf("%s/off/%d", at, j), reason)
			}
		}
		for j, d := range y.Worked {
			reason, wrong := misplaced(y, y.Worked[:j], d)
			switch weekday := d.Time(time.UTC).Weekday(); {
			case wrong:
			case slices.Contains(y.Off, d):
				reason, wrong = say("%s 不能既放假又上班", "%s is both off and worked", d), true
			case weekday != time.Saturday && weekday != time.Sunday:
				reason, wrong = say("%s 不是周六或周日，本来就上班", "%s is no Saturday or Sunday: it is worked anyway", d), true
			}
			if wrong {
				return h, tree.Fault(fmt.Sprintf("%s/worked/%d", at, j), reason)
			}
		}
	}
	return h, nil
}

// misplaced says what is wrong with the place of a day among those of its year.
func misplaced(y HolidayYear, before []domain.Date, d domain.Date) (domain.Text, bool) {
	switch {
	case d.Year() != y.Year:
		return say("%s 不在 %d 年", "%s is not of %d", d, y.Year), true
	case len(before) > 0 && !d.After(before[len(before)-1]):
		return say("%s 须排在 %s 之后，且只写一次", "%s stands behind %s, once", d, before[len(before)-1]), true
	}
	return domain.Text{}, false
}

// Off are the days off of all years.
func (h Holidays) Off() []domain.Date {
	return h.days(func(y HolidayYear) []domain.Date { return y.Off })
}

// Worked are the Saturdays and Sundays of all years that are worked.
func (h Holidays) Worked() []domain.Date {
	return h.days(func(y HolidayYear) []domain.Date { return y.Worked })
}

func (h Holidays) days(of func(HolidayYear) []domain.Date) (list []domain.Date) {
	for _, y := range h.Years {
		list = append(list, of(y)...)
	}
	return list
}
