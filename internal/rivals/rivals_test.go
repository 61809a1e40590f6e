package rivals_test

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/internal/rivals"
)

func TestACapThatIsExceededIsNoHistory(t *testing.T) {
	told := func(said ...string) (history []rivals.Told) {
		for i, s := range said { // one after another: six units each
			at := time.Duration(2 * i)
			history = append(history, rivals.Told{Op: rivals.Op{Verb: "approve", Application: i, Units: 6}, Said: s, Call: at, Return: at + 1})
		}
		return history
	}
	if err := rivals.Check(told(rivals.Booked, rivals.Refused), time.Minute); err != nil {
		t.Error(err)
	}
	for what, history := range map[string][]rivals.Told{"over the cap": told(rivals.Booked, rivals.Booked, rivals.Refused),
		"refused with room": told(rivals.Refused, rivals.Booked), "nobody raced": told(rivals.Refused)} {
		if rivals.Check(history, time.Minute) == nil {
			t.Errorf("%s passes", what)
		}
	}
}
