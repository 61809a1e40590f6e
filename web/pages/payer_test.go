package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// A voucher names the account that was paid from, of the days that it is set for, its number whole for who needs it.
func TestAVoucherNamesTheAccountThatWasPaidFrom(t *testing.T) {
	s := open(t, func(c *web.Config) {
		c.Payer = web.Payer{Holder: "长宁区财政局零余额账户", Account: "31050111222233334444", Bank: "某银行长宁支行", Since: domain.DateOf(2025, 7, 1)}
	})
	if err := s.users.Add(accounts.User{ID: "reader", Name: "查阅", Grants: []web.Grant{{Role: domain.Analyst}}}, password); err != nil {
		t.Fatal(err)
	}
	days := map[bool]string{}
	for row, err := range projections.Payouts.Every(t.Context(), s.queries, projections.Ask{}) {
		if err != nil {
			t.Fatal(err)
		}
		days[!row.PaidOn.Before(domain.DateOf(2025, 7, 1))] = "/payouts/" + url.PathEscape(string(row.Payout)) + "/voucher"
	}
	said := func(at string) string {
		_, page := s.get(at)
		return fmt.Sprint(strings.Contains(page, "长宁区财政局零余额账户"), strings.Contains(page, "某银行长宁支行"), strings.Contains(page, "3105 0111 2222 3333 4444"), strings.Contains(page, "尾号 4444"))
	}
	if got := said(days[true]); got != "true true true false" {
		t.Error("to a treasurer:", got)
	}
	if got := said(days[false]); got != "false false false false" {
		t.Error("of an earlier day:", got)
	}
	if status, _, _ := s.post("/login", url.Values{"name": {"reader"}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
		t.Fatal("the reader is not signed in")
	}
	if got := said(days[true]); got != "true true false true" {
		t.Error("to a reader:", got)
	}
}
