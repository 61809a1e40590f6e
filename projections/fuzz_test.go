package projections_test

import (
	"testing"

	"github.com/fundledger/fundledger/projections"
)

func FuzzParseAsOf(f *testing.F) {
	for _, text := range []string{"seq:12", "2025-03-01", "2025-03-01T10:00:00+08:00", "seq:-1", "seq:99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := projections.ParseAsOf(text); err == nil && text != "" && a.IsZero() {
			t.Errorf("%q means now", text)
		}
	})
}
