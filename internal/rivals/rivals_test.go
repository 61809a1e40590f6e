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
	if err := rivals.OneCap.Check(told(rivals.Booked, rivals.Refused), time.Minute); err != nil {
		t.Error(err)
	}
	for what, history := range map[string][]rivals.Told{"over the cap": told(rivals.Booked, rivals.Booked, rivals.Refused),
		"refused with room": told(rivals.Refused, rivals.Booked), "nobody raced": told(rivals.Refused)} {
		if rivals.OneCap.Check(history, time.Minute) == nil {
			t.Errorf("%s passes", what)
		}
	}
}

func TestTheModelsKnowWhatIsAllowed(t *testing.T) {
	type step struct {
		verb               string
		application, units int
		said               string
	}
	for what, c := range map[string]struct {
		contest rivals.Contest
		steps   []step
		fine    bool
	}{
		"the earlier use counts":              {rivals.Succession, []step{{"approve", 0, 6, rivals.Booked}, {"approve", 1, 5, rivals.Refused}, {"approve", 1, 4, rivals.Booked}, {"approve", 2, 1, rivals.Refused}}, true},
		"the earlier use does not count":      {rivals.Succession, []step{{"approve", 0, 6, rivals.Booked}, {"approve", 1, 5, rivals.Booked}, {"approve", 2, 6, rivals.Refused}}, false},
		"the earlier cap is passed":           {rivals.Succession, []step{{"approve", 0, 6, rivals.Booked}, {"approve", 2, 3, rivals.Booked}, {"approve", 1, 6, rivals.Refused}}, false},
		"what is reduced is free for both":    {rivals.Succession, []step{{"approve", 0, 6, rivals.Booked}, {"reduce earlier", 1, 6, rivals.Booked}, {"approve", 1, 6, rivals.Booked}, {"approve", 2, 6, rivals.Refused}}, true},
		"each has a cap until they are one":   {rivals.Merger, []step{{"approve", 0, 6, rivals.Booked}, {"approve", 1, 6, rivals.Booked}, {"merge", 0, 1, rivals.Booked}, {"approve", 2, 1, rivals.Refused}}, true},
		"over the cap of both":                {rivals.Merger, []step{{"approve", 0, 6, rivals.Booked}, {"merge", 0, 1, rivals.Booked}, {"approve", 1, 6, rivals.Booked}, {"merge", 0, 1, rivals.Refused}}, false},
		"merged twice":                        {rivals.Merger, []step{{"merge", 0, 1, rivals.Booked}, {"merge", 0, 1, rivals.Booked}, {"approve", 1, 11, rivals.Refused}}, false},
		"approved of a lowered budget":        {rivals.Budget, []step{{"approve", 0, 4, rivals.Booked}, {"set budget", 0, 2, rivals.Booked}, {"approve", 1, 1, rivals.Booked}, {"set budget", 0, 1, rivals.Refused}}, false},
		"lowered below what is approved":      {rivals.Budget, []step{{"approve", 0, 5, rivals.Booked}, {"set budget", 0, 2, rivals.Booked}, {"approve", 1, 1, rivals.Refused}}, false},
		"lowered, raised, and approved":       {rivals.Budget, []step{{"approve", 0, 4, rivals.Booked}, {"set budget", 0, 2, rivals.Booked}, {"approve", 1, 1, rivals.Refused}, {"set budget", 0, 6, rivals.Booked}, {"approve", 1, 6, rivals.Booked}, {"approve", 2, 3, rivals.Refused}}, true},
		"paid in a closed year":               {rivals.Closing, []step{{"close", 0, 1, rivals.Booked}, {"pay", 0, 1, rivals.Booked}, {"close", 0, 1, rivals.Refused}}, false},
		"carried over more than is left":      {rivals.Closing, []step{{"pay", 0, 6, rivals.Booked}, {"close", 0, 1, rivals.Booked}, {"carry", 0, 5, rivals.Booked}, {"pay", 0, 1, rivals.Refused}}, false},
		"paid what was carried over":          {rivals.Closing, []step{{"close", 0, 1, rivals.Booked}, {"carry", 0, 6, rivals.Booked}, {"reopen", 0, 1, rivals.Booked}, {"pay", 0, 5, rivals.Booked}, {"reopen", 0, 1, rivals.Refused}}, false},
		"closed, carried, reopened, and paid": {rivals.Closing, []step{{"carry", 0, 1, rivals.Refused}, {"close", 0, 1, rivals.Booked}, {"carry", 0, 6, rivals.Booked}, {"reopen", 0, 1, rivals.Booked}, {"pay", 0, 4, rivals.Booked}}, true},
	} {
		var history []rivals.Told
		for i, s := range c.steps {
			at := time.Duration(2 * i)
			history = append(history, rivals.Told{Op: rivals.Op{Verb: s.verb, Application: s.application, Units: s.units}, Said: s.said, Call: at, Return: at + 1})
		}
		if err := c.contest.Check(history, time.Minute); (err == nil) != c.fine {
			t.Errorf("%s: %v", what, err)
		}
	}
}
