package demo

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

func date(year int, month time.Month, day int) domain.Date { return domain.DateOf(year, month, day) }

func plus(d domain.Date, days int) domain.Date {
	return domain.DateIn(d.Time(time.UTC).AddDate(0, 0, days), time.UTC)
}

func latest(a, b domain.Date) domain.Date {
	if a.After(b) {
		return a
	}
	return b
}

// springFestivals are the long holidays that have no fixed date.
var springFestivals = [][2]domain.Date{
	{date(2025, time.January, 28), date(2025, time.February, 4)},
	{date(2026, time.February, 15), date(2026, time.February, 23)},
	{date(2027, time.February, 5), date(2027, time.February, 11)},
}

func dayOff(d domain.Date) bool {
	t := d.Time(time.UTC)
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return true
	}
	switch {
	case t.Month() == time.January && t.Day() == 1, t.Month() == time.May && t.Day() <= 5, t.Month() == time.October && t.Day() <= 7:
		return true
	}
	for _, f := range springFestivals {
		if !d.Before(f[0]) && !d.After(f[1]) {
			return true
		}
	}
	return false
}

// workday moves a day off to the next working day.
func workday(d domain.Date) domain.Date {
	for dayOff(d) {
		d = plus(d, 1)
	}
	return d
}

// quarterly is the first day, not before d, of a quarter's batch of payouts: in March, June, September, and early in December,
// before the books close.
func quarterly(d domain.Date) domain.Date {
	for year := d.Year(); ; year++ {
		for _, batch := range []domain.Date{date(year, time.March, 17), date(year, time.June, 16), date(year, time.September, 15), date(year, time.December, 7)} {
			if !batch.Before(d) {
				return batch
			}
		}
	}
}
