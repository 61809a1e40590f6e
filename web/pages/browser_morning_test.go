package pages_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// hire adds a person of one grant.
func (s *site) hire(t testing.TB, name, grant string) {
	t.Helper()
	if err := s.users.Add(accounts.User{ID: domain.PersonID(name), Name: name, Grants: []web.Grant{must(web.ParseGrant(grant))(t)}}, password); err != nil {
		t.Fatal(err)
	}
}

// A support from the application to the money that comes back, each step by the person whose it is, from signing in to what
// the totals say afterwards.
func TestEveryRolesMorningInABrowser(t *testing.T) {
	s := open(t)
	b := s.browse(t)
	for name, grant := range map[string]string{"wu": "clerk@science", "ping": "reviewer@reform", "zhun": "approver@reform", "cai": "treasurer@finance",
		"zhang": "authority@government", "shen": "auditor", "fen": "analyst", "root": "admin"} {
		s.hire(t, name, grant)
	}
	person := func(name string) *tab {
		w := b.tab(t)
		w.login(name)
		return w
	}
	const firm, application = "/enterprises/914403001922038216", "/applications/2025-W-0001"
	figure := func(w *tab, path, label string) string {
		w.visit(with(path, "lang", "en"))
		return ask[string](w, `(() => { for (const dt of document.querySelectorAll("dt")) if (dt.textContent.trim() === "`+label+`") return dt.nextElementSibling.innerText.trim(); return "" })()`)
	}

	// waits is how much somebody has to do by their desk, under a step; the navigation of any page has to say the same.
	waits := func(w *tab, step string) (n int) {
		w.visit("/?lang=zh")
		total := ask[int](w, `Number((document.querySelector("nav .count") || {textContent: "0"}).textContent)`)
		if sum := ask[int](w, `[...document.querySelectorAll("ul.strip .figure")].reduce((n, f) => n + Number(f.textContent), 0)`); sum != total {
			t.Errorf("the steps of %s's desk add up to %d, and the navigation says %d", ask[string](w, `document.title`), sum, total)
		}
		return ask[int](w, `Number((document.querySelector('ul.strip a[href="#`+step+`"] .figure') || {textContent: "0"}).textContent)`)
	}
	turns := func(when string, w *tab, step string, before, by int) {
		t.Helper()
		if now := waits(w, step); now != before+by {
			t.Errorf("%s: %s is %d, and was %d", when, step, now, before)
		}
	}
	clerk, reviewer, approver, treasurer := person("wu"), person("ping"), person("zhun"), person("cai")
	toAccept, toReview, toApprove, toPay := waits(clerk, "to_accept"), waits(reviewer, "to_review"), waits(approver, "to_approve"), waits(treasurer, "to_pay")
	toPayRest, toRecover := waits(treasurer, "to_pay_rest"), waits(treasurer, "to_recover")
	clerk.visit("/enterprises/new?lang=zh")
	clerk.give("register_enterprise", map[string]string{"enterprise": "914403001922038216", "name": "示例智能科技有限公司", "industry": "ai"})
	clerk.done()
	clerk.visit("/enterprises?q=" + url.QueryEscape("示例智能"))
	clerk.click(`main tbody tr a`)
	clerk.click(`a[href^="/applications/new"]`)
	clerk.give("submit_application", map[string]string{"application": "2025-W-0001", "clause": "6", "project": "示例项目 <b>", "title": "绿色数据中心 <script>alert(1)</script>", "requested.2025": "3000000.00"})
	clerk.done()
	if !strings.Contains(clerk.text(), "<script>alert(1)</script>") {
		t.Error("the title is not shown as it was typed")
	}
	turns("submitted", clerk, "to_accept", toAccept, 1)
	clerk.visit(application)
	clerk.give("accept_application", nil)
	clerk.done()
	if clerk.has(`input[value="approve_application"]`) {
		t.Error("a clerk is offered to approve")
	}
	clerk.shoot("morning clerk")
	turns("accepted", clerk, "to_accept", toAccept, 0)
	turns("accepted", reviewer, "to_review", toReview, 1)

	reviewer.visit(application)
	reviewer.give("record_review", map[string]string{"opinion": "support", "comment": "符合支持方向"})
	reviewer.done()
	turns("reviewed", reviewer, "to_review", toReview, 0)
	turns("reviewed", approver, "to_approve", toApprove, 1)
	reviewer.shoot("desk reviewer")

	approver.visit(application + "?lang=en")
	approver.expect("422")
	approver.give("approve_application", map[string]string{"instalments.2025": "3000000.01", "reason": "同意"})
	if !strings.Contains(approver.text(), "requested_exceeded") || ask[string](approver, `document.getElementById("approve_application-reason").value`) != "同意" {
		t.Errorf("too much was not refused with what was typed kept:\n%s", approver.text())
	}
	approver.shoot("morning approver refused")
	approver.give("approve_application", map[string]string{"instalments.2025": "3000000.00", "reason": "同意"})
	approver.done()
	turns("approved", approver, "to_approve", toApprove, 0)
	turns("approved", treasurer, "to_pay", toPay, 1)

	treasurer.visit(application)
	treasurer.send("make_payout", map[string]string{"payout": "2025-WP-1", "amount": "1800000.00", "voucher": "银字 2025-9001"})
	treasurer.size(390, 900)
	if wide := treasurer.overflow(); len(wide) > 0 {
		t.Errorf("the review is wider than the window: %v", wide)
	}
	for _, v := range treasurer.barriers() {
		t.Errorf("the review: axe: %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
	treasurer.shoot("morning review")
	treasurer.size(1280, 900)
	treasurer.click(`section.review button[name="step"]`)
	if ask[string](treasurer, `document.getElementById("make_payout-voucher").value`) != "银字 2025-9001" {
		t.Error("who goes back from a review finds the form empty")
	}
	treasurer.give("make_payout", nil)
	treasurer.done()
	turns("paid in part", treasurer, "to_pay", toPay, 0)
	turns("paid in part", treasurer, "to_pay_rest", toPayRest, 1)
	treasurer.visit("/payouts/2025-WP-1?lang=zh")
	if !strings.Contains(treasurer.text(), "壹佰捌拾万元整") {
		t.Errorf("the voucher does not say the amount in capitals:\n%s", treasurer.text())
	}
	treasurer.give("order_clawback", map[string]string{"clawback": "2025-WC-1", "amount": "500000.00", "cause": "error", "reason": "多付"})
	treasurer.done()
	turns("ordered back", treasurer, "to_recover", toRecover, 1)
	treasurer.shoot("desk treasurer")
	treasurer.visit("/clawbacks/2025-WC-1")
	treasurer.give("receive_recovery", map[string]string{"recovery": "2025-WR-1", "amount": "400000.00", "interest": "12.34"})
	treasurer.done()
	treasurer.visit("/appropriations/new")
	treasurer.give("set_appropriation", map[string]string{"budget_year": "2025", "clause": "6", "amount": "90000000.00", "document": "预〔2025〕9 号"})
	treasurer.done()
	treasurer.shoot("morning treasurer")

	authority := person("zhang")
	authority.visit("/exceptions/new")
	authority.give("grant_exception", map[string]string{"exception": "2025-WX-1", "clause": "1.1a", "subject": "914403001922038216", "support_year": "2025", "amount": "1000000.00", "document": "长府〔2025〕9 号"})
	authority.done()
	authority.visit("/clawbacks/2025-WC-1")
	authority.give("waive_clawback", map[string]string{"amount": "100000.00", "document": "长府〔2025〕10 号"})
	authority.done()

	admin := person("root")
	admin.visit("/clauses/amend")
	admin.give("amend_clause", map[string]string{"clause": "7", "cap": "900000.00", "effective_on": "2025-09-10", "retroactive": "false", "document": "修订 1 号"})
	admin.done()
	admin.visit("/import?lang=zh")
	for _, v := range admin.barriers() {
		t.Errorf("the import page: axe: %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
	admin.size(390, 900)
	if wide := admin.overflow(); len(wide) > 0 {
		t.Errorf("the import page is wider than the window: %v", wide)
	}

	analyst := person("fen")
	if net := figure(analyst, firm, "Net paid"); !strings.HasPrefix(net, "1,400,000.00") {
		t.Errorf("net paid is %q after 1,800,000 paid and 400,000 recovered", net)
	}
	analyst.click(`a[href^="/journal?"][href*="recovered_error"]`)
	if sum := ask[[]string](analyst, `[...document.querySelectorAll("main tbody td.n")].map((e) => e.textContent.trim()).filter((t) => /[0-9]\.[0-9][0-9]$/.test(t))`); !slices.Contains(sum, "1,800,000.00") {
		t.Errorf("the journal behind the number shows %v", sum)
	}
	for _, form := range []string{"/applications/new", "/payouts/book", application} {
		analyst.visit(form)
		if analyst.has(`input[name="command"]`) {
			t.Errorf("an analyst is offered a form on %s", form)
		}
	}
	auditor := person("shen")
	auditor.visit("/refusals?application=2025-W-0001&lang=en")
	if !strings.Contains(auditor.text(), "requested_exceeded") {
		t.Errorf("the refusal is not kept:\n%s", auditor.text())
	}
	auditor.visit("/audit?lang=zh")
	auditor.click(`a[href^="/audit/findings/"]`)
	auditor.give("dispose_finding", map[string]string{"disposition": "explained", "comment": "已核对回单"})
	auditor.done()
	auditor.click(`form[action="/audit"] button`)
	if !strings.Contains(auditor.text(), "已说明 · shen") {
		text := auditor.text()
		t.Errorf("the disposition is not in the next report (shen at %d, explained at %d): %.300s", strings.Index(text, "shen"), strings.Index(text, "已说明"), text)
	}
	analyst.visit("/enterprises/914403001922038216")
	export := ask[string](analyst, `fetch(document.querySelector('a[href*="format=csv"]').href).then((r) => r.ok ? r.text() : "status " + r.status)`)
	if !strings.Contains(export, "2600000.00") {
		t.Errorf("the exported table is %.500s", export)
	}
	totals := must(projections.Totals.Page(t.Context(), s.queries, projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is("914403001922038216"), projections.ByClause.Is("6")}, Limit: 9}))(t)
	if len(totals.Rows) != 1 || totals.Rows[0].Paid.String() != "1800000.00" || totals.Rows[0].RecoveredError.String() != "400000.00" || totals.Rows[0].Use.String() != "2600000.00" {
		t.Errorf("the totals say %+v", totals.Rows)
	}
}
