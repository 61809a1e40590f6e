package domain

import (
	"fmt"
	"time"
)

// Date is a calendar date in the policy's place (Asia/Shanghai): a business date, without a time of day (R14).
// The zero Date is no date.
type Date struct {
	year  int16
	month uint8
	day   uint8
}

// DateOf makes a date; it panics when there is no such day, so it is for dates known when the program is written.
func DateOf(year int, month time.Month, day int) Date {
	d, err := ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day))
	if err != nil {
		panic(err)
	}
	return d
}

// Shanghai is the place whose calendar the first policy follows: eight hours before UTC, without summer time since 1992. A fixed
// offset needs no zone files.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// DateIn is the date that t falls on in a place.
func DateIn(t time.Time, place *time.Location) Date {
	y, m, d := t.In(place).Date()
	return Date{int16(y), uint8(m), uint8(d)}
}

// ParseDate reads "2025-03-01" and nothing else. Years from 1900 to 2999 are taken.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || len(text) != 10 || t.Year() < 1900 || t.Year() > 2999 {
		return Date{}, &DateError{Text: text}
	}
	return Date{int16(t.Year()), uint8(t.Month()), uint8(t.Day())}, nil
}

// DateError says that a text is not a date.
type DateError struct{ Text string }

func (e *DateError) Error() string {
	return fmt.Sprintf("%q is not a date: write it like \"2025-03-01\"", Clip(e.Text, 40))
}

// String writes "2025-03-01", or "" for no date.
func (d Date) String() string { return string(d.append(nil)) }

func (d Date) append(b []byte) []byte {
	if d.IsZero() {
		return b
	}
	two := func(n int) { b = append(b, byte('0'+n/10), byte('0'+n%10)) }
	two(int(d.year) / 100)
	two(int(d.year) % 100)
	b = append(b, '-')
	two(int(d.month))
	b = append(b, '-')
	two(int(d.day))
	return b
}

// AppendText writes the date as [Date.String] does.
func (d Date) AppendText(b []byte) ([]byte, error) { return d.append(b), nil }

// MarshalText writes the date as [Date.String] does.
func (d Date) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Year is the calendar year, which is China's fiscal year.
func (d Date) Year() int { return int(d.year) }

// Before reports whether d comes before e.
func (d Date) Before(e Date) bool { return d.order() < e.order() }

// After reports whether d comes after e.
func (d Date) After(e Date) bool { return d.order() > e.order() }

func (d Date) order() int { return int(d.year)<<16 | int(d.month)<<8 | int(d.day) }

// Time is midnight of the date in a place.
func (d Date) Time(place *time.Location) time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, place)
}

// Next is the day after.
func (d Date) Next() Date { return d.after(1) }

// after is the day so many days after.
func (d Date) after(days int) Date { return DateIn(d.Time(time.UTC).AddDate(0, 0, days), time.UTC) }

// DaysBetween is how many days a day lies behind another; below zero: it lies before.
func DaysBetween(from, to Date) int {
	return int(to.Time(time.UTC).Sub(from.Time(time.UTC)) / (24 * time.Hour))
}

func latest(dates ...Date) Date {
	var last Date
	for _, d := range dates {
		if d.After(last) {
			last = d
		}
	}
	return last
}
