package pages_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/fundledger/fundledger/projections"
)

// The player goes by keys, the slider of a what-if writes its number, and a deep link shows the same step to everyone.
func TestThePlayerAndTheSlidersInABrowser(t *testing.T) {
	s := open(t)
	w := s.browse(t).tab(t)
	w.login("officer")
	p := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t)
	player := "/applications/" + url.PathEscape(string(p.Rows[0].Application)) + "/replay"
	w.visit(player + "?step=1&lang=en")
	step := func() string { return ask[string](w, `document.querySelector("#player strong").textContent.trim()`) }
	last := strings.TrimPrefix(step(), "step 1 / ")
	press := func(key, want string) {
		t.Helper()
		steps := chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(key))
		if _, err := chromedp.Run(w.ctx, steps); err != nil {
			t.Fatal(err)
		}
		if got := step(); got != want {
			t.Errorf("the key leads to %q, want %q", got, want)
		}
	}
	press(kb.ArrowRight, fmt.Sprintf("step 2 / %s", last))
	press(kb.End, fmt.Sprintf("step %s / %s", last, last))
	press(kb.ArrowLeft, fmt.Sprintf("step %d / %s", atoi(last)-1, last))
	press(kb.Home, fmt.Sprintf("step 1 / %s", last))
	w.visit("/what-if?lang=en")
	w.do(chromedp.Evaluate[chromedp.Void](`(() => { const r = document.querySelector('input.cap[data-for="cap.6"]'); r.value = 1000000; r.dispatchEvent(new Event("input")) })();0`))
	if got := ask[string](w, `document.getElementById("cap.6").value`); got != "1000000.00" {
		t.Errorf("the slider writes %q", got)
	}
	w.click("#whatif button")
	if text := w.text(); !strings.Contains(text, "1,000,000.00") || !strings.Contains(text, "Would have been others") {
		t.Errorf("the what-if shows\n%.1500s", text)
	}
}

func atoi(text string) (n int) {
	_, _ = fmt.Sscan(text, &n)
	return n
}
