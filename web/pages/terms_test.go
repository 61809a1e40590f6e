package pages

import (
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// A policy may last as long as dates go: its line stays as short, and every place lies on it.
func TestATermOfAThousandYearsIsDrawn(t *testing.T) {
	p := domain.Policy{ID: "a", Term: domain.Term{From: domain.DateOf(2024, 11, 15), To: domain.DateOf(2999, 12, 31)}}
	early := policyVersion{EffectiveOn: domain.DateOf(1999, 1, 1)}
	for _, day := range []domain.Date{p.Term.From, p.Term.To, domain.DateOf(2026, 12, 1), domain.DateOf(2020, 1, 1)} {
		d := termsOf([]onLine{{Expiry: domain.Expiry{Policy: &p, Ends: p.Term.To}, ID: "a"}}, []policyVersion{early, {EffectiveOn: p.Term.From}}, day)
		if len(d.Years) < 8 || len(d.Years) > 17 || len(d.Versions) != 1 || len(d.Bars) != 1 {
			t.Errorf("on %s: %d years, %d versions, %d bars", day, len(d.Years), len(d.Versions), len(d.Bars))
		}
		for _, at := range append(d.Years, onDay{X: d.Today}, onDay{X: d.Bars[0].X}, onDay{X: d.Bars[0].Long}) {
			if share, err := strconv.ParseFloat(strings.TrimSuffix(at.X, "%"), 64); err != nil || share < 0 || share > 100 {
				t.Errorf("on %s, %q is no place", day, at.X)
			}
		}
	}
	if d := termsOf(nil, nil, p.Term.From); d.Today != "0.00%" || len(d.Years) != 0 {
		t.Errorf("of no policy: %+v", d)
	}
}
