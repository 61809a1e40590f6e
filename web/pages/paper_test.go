package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// printed is how many sheets a page takes on paper.
func (w *tab) printed(path string) int {
	w.t.Helper()
	w.visit(path)
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(pdf), "/Type /Page\n")
}

// all are the rows of a list.
func all[T any](s *site, q projections.Question[T], where ...projections.Condition) (rows []T) {
	s.t.Helper()
	for row, err := range q.Every(s.t.Context(), s.queries, projections.Ask{Where: where, Limit: projections.MaxLimit}) {
		if err != nil {
			s.t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// first is the first row that fits.
func first[T any](t *testing.T, rows []T, fits func(T) bool) T {
	t.Helper()
	for _, row := range rows {
		if fits(row) {
			return row
		}
	}
	t.Fatalf("none of %d rows fits", len(rows))
	panic("unreachable")
}

var leafOnPaper = regexp.MustCompile(`叶 <span class="code">([^<]+)</span>`)

// What is printed goes on as many sheets as it should, with names of 60 signs; and it says what became of the money since. The code on a voucher
// leads to where its leaf is held against the log's.
func TestPapers(t *testing.T) {
	s := openTold(t, func(c domain.Command) {
		if register, ok := c.(*domain.RegisterEnterprise); ok {
			register.Title += strings.Repeat("久", 60-len([]rune(register.Title)))
		}
	})
	amount := func(m domain.Money) string { return tabular.Grouped(m.String()) }
	has := func(path string, status int, texts ...string) string {
		t.Helper()
		got, body := s.get(path)
		if got != status {
			t.Fatalf("%s answers %d: %.500s", path, got, body)
		}
		body = html.UnescapeString(body)
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
		return body
	}
	payouts, applications := all(s, projections.Payouts), all(s, projections.Applications)
	plain := first(t, payouts, func(p projections.PayoutRow) bool {
		return !p.Returned.Positive() && !p.ClawbackOrdered.Positive() && !p.Booked
	})
	back := first(t, payouts, func(p projections.PayoutRow) bool { return p.Returned.Positive() })
	booked := first(t, payouts, func(p projections.PayoutRow) bool { return p.Booked })
	ordered := first(t, payouts, func(p projections.PayoutRow) bool { return p.ClawbackOrdered.More(p.ClawbackWaived) })
	voucher := func(p projections.PayoutRow) string {
		return "/payouts/" + url.PathEscape(string(p.Payout)) + "/voucher"
	}
	body := has(voucher(plain), http.StatusOK, plain.EnterpriseName, plain.Voucher, must(tabular.Capital(plain.Amount.Decimal()))(t), string(plain.Application))
	for _, since := range []string{"银行已退回", "已下达追回", "已收回", "补记"} {
		if strings.Contains(body, since) {
			t.Errorf("the voucher of a payout that stands says %s", since)
		}
	}
	has(voucher(back), http.StatusOK, "银行已退回 "+amount(back.Returned)+" 元")
	has(voucher(booked), http.StatusOK, "补记")
	has(voucher(ordered), http.StatusOK, "已下达追回 "+amount(ordered.ClawbackOrdered.Sub(ordered.ClawbackWaived))+" 元")
	leaf := leafOnPaper.FindStringSubmatch(body)
	if leaf == nil {
		t.Fatal("the voucher names no leaf")
	}
	event := fmt.Sprintf("/events/%d?leaf=", plain.Seq)
	has(event+url.QueryEscape(leaf[1]), http.StatusOK, "与纸面一致", "已签署的检查点")
	has(fmt.Sprintf("/events/%d?leaf=", back.Seq)+url.QueryEscape(leaf[1]), http.StatusOK, "与台账不符")

	part := first(t, applications, func(a projections.ApplicationRow) bool {
		return a.State == domain.Approved && a.Approved.Less(a.Requested)
	})
	refused := first(t, applications, func(a projections.ApplicationRow) bool { return a.State == domain.Rejected })
	waiting := first(t, applications, func(a projections.ApplicationRow) bool { return a.State == domain.Submitted })
	of := func(a projections.ApplicationRow, paper string) string {
		return "/applications/" + url.PathEscape(string(a.Application)) + paper
	}
	has(of(part, "/letter"), http.StatusOK, part.EnterpriseName+"：", "申请金额合计 "+amount(part.Requested)+" 元", "救济途径")
	has(of(refused, "/letter"), http.StatusOK, "不予支持", "救济途径")
	has(of(waiting, "/letter"), http.StatusNotFound, "尚未决定")
	has(of(waiting, "/sheet"), http.StatusOK, "审批意见（签字、日期）")
	clawbacks := all(s, projections.Clawbacks)
	owed, settled := clawbacks[0], clawbacks[len(clawbacks)-1]
	dunning := func(c projections.ClawbackRow) string {
		return "/clawbacks/" + url.PathEscape(string(c.Clawback)) + "/letter"
	}
	has(dunning(owed), http.StatusOK, "请将尚欠的 "+amount(owed.Outstanding)+" 元", owed.EnterpriseName+"：")
	if status, _, body := s.confirm("/clawbacks/"+url.PathEscape(string(settled.Clawback)), url.Values{"command": {"receive_recovery"}, "id": {"paper-receives"},
		"date": {"2025-09-10"}, "as": {"treasurer@finance"}, "amount": {settled.Outstanding.String()}, "recovery": {"RC-PAPER"}}); status != http.StatusSeeOther {
		t.Fatalf("receiving answers %d: %.500s", status, body)
	}
	has(dunning(settled), http.StatusNotFound, "没有欠款")

	sum, n := domain.NoMoney, 0
	for _, p := range payouts {
		if p.SupportYear == 2025 && p.ReversedOn.IsZero() {
			sum, n = sum.Add(p.Amount), n+1
		}
	}
	if n < 60 {
		t.Fatalf("only %d payouts are of 2025", n)
	}
	has("/payouts/summary?year=2025", http.StatusOK, amount(sum), must(tabular.Capital(sum.Decimal()))(t), fmt.Sprintf("合计 %d 笔", n), "支持年度：2025")
	if status, _ := s.get("/payouts/summary?nothing=1"); status != http.StatusBadRequest {
		t.Errorf("a filter that there is not answers %d", status)
	}

	w := s.browse(t).tab(t)
	w.login("officer")
	for _, path := range []string{voucher(back) + "?lang=en", voucher(booked) + "?lang=zh", of(part, "/letter"), of(part, "/sheet"), dunning(owed)} {
		if n := w.printed(path); n != 1 {
			t.Errorf("%s takes %d sheets", path, n)
		}
	}
	if n := w.printed("/payouts/summary?year=2025"); n < 3 {
		t.Errorf("the summary takes %d sheets", n)
	}
	w.media("print", "light")
	if broken := ask[int](w, `[...document.querySelectorAll("article.paper tr")].filter((r) => getComputedStyle(r).breakInside !== "avoid").length`); broken > 0 {
		t.Errorf("%d rows may be cut in two", broken)
	}
	if head := ask[string](w, `getComputedStyle(document.querySelector("article.paper thead")).display`); head != "table-header-group" {
		t.Errorf("the heads are a %s: they are not on every sheet", head)
	}
}
