package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// Whatever has a page is found by what people have of it in their hands, and nothing is found by what names nothing.
func TestASearchFindsWhatPeopleHaveInTheirHands(t *testing.T) {
	url := migrated(t)
	records := projtest.History(9, 900)
	project(t, url, records)
	q := ask(t, url, time.Now())
	look := func(text string) []projections.FoundRow {
		t.Helper()
		return every(t, q, projections.Search, projections.Where(projections.ByText.Is(text)))
	}
	finds := func(text string, what projections.Object, id string) {
		t.Helper()
		rows := look(text)
		per := map[projections.Object]int{}
		here := false
		for _, r := range rows {
			per[r.Object]++
			here = here || r.Object == what && r.Reference == id
		}
		if !here {
			t.Errorf("%q does not find %s %s: %+v", text, what, id, rows)
		}
		for object, n := range per {
			if n > 10 {
				t.Errorf("%q finds %d of %s", text, n, object)
			}
		}
	}
	enterprise := every(t, q, projections.Enterprises, projections.Ask{})[0]
	finds(enterprise.Name, projections.AnEnterprise, string(enterprise.Enterprise))
	finds(string(enterprise.Enterprise), projections.AnEnterprise, string(enterprise.Enterprise))
	application := every(t, q, projections.Applications, projections.Ask{})[0]
	finds(string(application.Application), projections.AnApplication, string(application.Application))
	finds(strings.ToLower(string(application.Application)), projections.AnApplication, string(application.Application))
	payouts := every(t, q, projections.Payouts, projections.Ask{})
	finds(string(payouts[0].Payout), projections.APayout, string(payouts[0].Payout))
	for _, p := range payouts {
		if p.Voucher != "" {
			finds(p.Voucher, projections.APayout, string(p.Payout))
			break
		}
	}
	// An amount that one payout alone has, as it is, and with the separators that pages show.
	times := map[string]int{}
	for _, p := range payouts {
		times[p.Amount.String()]++
	}
	for _, p := range payouts {
		if times[p.Amount.String()] == 1 {
			finds(p.Amount.String(), projections.APayout, string(p.Payout))
			whole, cents, _ := strings.Cut(p.Amount.String(), ".")
			for i := len(whole) - 3; i > 0; i -= 3 {
				whole = whole[:i] + "," + whole[i:]
			}
			finds(whole+"."+cents, projections.APayout, string(p.Payout))
			break
		}
	}
	clawback := every(t, q, projections.Clawbacks, projections.Ask{})[0]
	finds(string(clawback.Clawback), projections.AClawback, string(clawback.Clawback))
	recovery := every(t, q, projections.Recoveries, projections.Ask{})[0]
	finds(string(recovery.Recovery), projections.ARecovery, string(recovery.Recovery))
	exception := every(t, q, projections.Exceptions, projections.Ask{})[0]
	finds(string(exception.Exception), projections.AnException, string(exception.Exception))
	for _, person := range every(t, q, projections.Persons, projections.Ask{}) {
		whole := string(person.Actor)
		finds(whole, projections.APerson, whole)
		finds(strings.ToUpper(whole[:len(whole)-1]), projections.APerson, whole)
	}
	finds("#77", projections.AnEvent, "77")
	finds("77", projections.AnEvent, "77")

	for _, text := range []string{"没有这个", "zzzz-no-such", "999999999999.99", "#999999999999999999", "%", "_", `\`, "'; DROP TABLE events; --"} {
		if rows := look(text); len(rows) != 0 {
			t.Errorf("%q finds %+v", text, rows)
		}
	}
	if rows := every(t, q, projections.Search, projections.Ask{}); len(rows) != 0 {
		t.Errorf("nothing finds %d things", len(rows))
	}
	if rows := look(strings.Repeat("企", 300)); len(rows) != 0 {
		t.Errorf("a long text finds %+v", rows)
	}
}
