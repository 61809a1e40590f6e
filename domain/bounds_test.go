package domain

import (
	"testing"
)

func TestEveryEventSaysWhatItAddsToTheFundsTotals(t *testing.T) {
	for _, make := range Events {
		var m moved
		if e := make(); !m.take(e) {
			t.Errorf("%s is not taken into the fund's totals", e.Name())
		}
	}
}
