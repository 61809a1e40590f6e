package projections_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// The kinds that pages and lists take the use of a cap apart into are those that it is made of.
func TestTheKindsOfUseAreWhatUseIsMadeOf(t *testing.T) {
	for _, k := range projections.Kinds() {
		var f projections.Figures
		f.Amounts[k] = domain.Yuan(1)
		if counts := f.Use() != (domain.Money{}); counts != slices.Contains(projections.UseKinds(), k) {
			t.Errorf("%s counts: %v", k, counts)
		}
	}
}
