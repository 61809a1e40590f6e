package pages

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// Every digit stands under the name of its place, with the sign before the first, and as many boxes as it takes.
func TestAnAmountStandsInItsBoxes(t *testing.T) {
	for fen, want := range map[int64]string{
		250000000: "亿千百十万千百十元角分", 5: "亿千百十万千百十元角分", 10000000000: "十亿千百十万千百十元角分", 999999999999999: "十万千百十亿千百十万千百十元角分",
	} {
		m := domain.Fen(fen)
		amount := m.String()
		var heads, digits string
		thick := 0
		for i, b := range boxes(m) {
			heads += b.Head
			digits += b.Digit
			if b.Digit == "" && digits != "" {
				t.Errorf("%s: box %d is empty behind %q", amount, i, digits)
			}
			if b.Thick {
				thick++
			}
		}
		if heads != want {
			t.Errorf("%s stands under %s, want %s", amount, heads, want)
		}
		if digits != "¥"+strings.ReplaceAll(amount, ".", "") {
			t.Errorf("%s is written %s", amount, digits)
		}
		if commas := (len([]rune(heads)) - 3) / 3; thick != commas+1 {
			t.Errorf("%s has %d thick lines, want %d", amount, thick, commas+1)
		}
	}
}

// people are called by their ids in capitals.
type people struct{ web.Face }

func (people) Called(id domain.PersonID) string { return strings.ToUpper(string(id)) }

// A paper names who decided, deputies with whom they stood in for, and of each person the latest opinion on the submission that was decided.
func TestPapersNameWhoDecided(t *testing.T) {
	row := func(seq uint64, e domain.Event, actor, principal domain.PersonID) projections.HistoryRow {
		return projections.HistoryRow{Seq: seq, Event: e, Actor: actor, ActorFor: principal}
	}
	review := func(is domain.Opinion) domain.Event { return &domain.ApplicationReviewed{Opinion: is} }
	p := &Pages{server: people{}}
	var told []string
	for _, d := range p.deeds([]projections.HistoryRow{
		row(1, &domain.ApplicationSubmitted{}, "clerk", ""), row(2, &domain.ApplicationAccepted{}, "clerk", ""), row(3, review(domain.Support), "wu", ""),
		row(4, &domain.ApplicationReturned{}, "clerk", ""), row(5, &domain.ApplicationSubmitted{}, "clerk", ""), row(6, &domain.ApplicationAccepted{}, "he", ""),
		row(7, review(domain.Oppose), "ma", ""), row(8, review(domain.Support), "qian", ""), row(9, review(domain.Support), "li", "ＭＡ"),
		row(10, &domain.ApplicationApproved{}, "zhao", "sun"), row(11, &domain.PayoutMade{}, "chen", ""),
	}) {
		text := fmt.Sprint(d.Seq, " ", d.Duty, " ", d.Person.Name)
		if d.For != nil {
			text += " for " + d.For.Name
		}
		told = append(told, text)
	}
	want := []string{"6 accept HE", "8 review QIAN", "9 review LI for ＭＡ", "10 approve ZHAO for SUN"}
	if !slices.Equal(told, want) {
		t.Errorf("the paper names %q, want %q", told, want)
	}
}
