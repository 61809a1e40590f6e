package pages_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/web"
)

// A service by a sample's clock says so on every page, papers and errors too; one by the right clock does not.
func TestASampleClockIsSaidOnEveryPage(t *testing.T) {
	at := []string{"/", "/overview", "/clauses", "/policy", "/no-such-page", "/applications/A1/sheet"}
	s := open(t, func(c *web.Config) { c.SampleClock = true })
	for _, path := range at {
		for lang, want := range map[string]string{"zh": "样例时钟超前：本台账的今日为 ", "en": "This is a sample by a clock that is ahead: today is "} {
			if _, page := s.get(path + "?lang=" + lang); !strings.Contains(page, want) {
				t.Errorf("%s in %s does not say it", path, lang)
			}
		}
	}
	right := open(t)
	for _, path := range at {
		if _, page := right.get(path + "?lang=zh"); strings.Contains(page, "样例时钟") {
			t.Errorf("%s says that the clock is a sample's", path)
		}
	}
}
