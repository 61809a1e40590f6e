package domain

import "testing"

// What a policy's end leaves, as it is seen on each day: an amendment moves it from the day on which it is recorded, whatever the day it takes effect on.
func TestHowLongAFundIsGoverned(t *testing.T) {
	amend := func(effective, to string) *AmendPolicy {
		return &AmendPolicy{EffectiveOn: day(effective), TermTo: day(to), Document: "文"}
	}
	next := func(from, to string) Policy {
		p := successor(Fresh, "4")
		p.Term = Term{day(from), day(to)}
		return p
	}
	for name, c := range map[string]struct {
		more []Command
		on   string
		last string
	}{
		"the last day":   {nil, "2026-12-31", "2026-12-31"},
		"a month before": {nil, "2026-12-01", "2026-12-31"},
		"the day behind": {nil, "2027-01-01", "2026-12-31"},
		"it is longer":   {[]Command{amend("2026-12-01", "2027-06-30")}, "2026-12-31", "2027-06-30"},
		"it is longer from the day behind its end": {[]Command{amend("2027-01-01", "2027-06-30")}, "2026-12-02", "2027-06-30"},
		"it is to be shorter":                      {[]Command{amend("2026-11-01", "2026-11-30")}, "2026-10-02", "2026-11-30"},
		"another one follows at once":              {[]Command{publish(next("2027-01-01", "2027-01-31"))}, "2026-12-31", "2027-01-31"},
		"another one follows after a day":          {[]Command{publish(next("2027-01-02", "2027-01-31"))}, "2026-12-31", "2026-12-31"},
		"between two":                              {[]Command{publish(next("2027-01-03", "2027-01-31"))}, "2027-01-02", "2026-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			st := given(t).on("2026-10-01").and(c.more...)
			if last := st.state.GovernedUntil(day(c.on)); last != day(c.last) {
				t.Errorf("on %s it is governed until %s, not %s", c.on, last, c.last)
			}
		})
	}
	if last := NewState().GovernedUntil(day("2026-12-31")); !last.IsZero() {
		t.Errorf("a fund without a policy is governed until %s", last)
	}
}
