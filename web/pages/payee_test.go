package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// payee records a bank account of the enterprise that the first pages of the walk are about.
func (s *site) payee(t *testing.T) {
	t.Helper()
	e := must(projections.Enterprises.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	status, _, body := s.confirm("/enterprises/"+url.PathEscape(string(e.Enterprise))+"/edit", url.Values{"command": {"record_payee_account"}, "id": {"walk"}, "date": {"2025-01-02"}, "as": {"clerk@commerce"},
		"holder": {"某某资金托管股份有限公司"}, "account": {"GB82 WEST 1234 5698 7654 32"}, "bank": {"示例农村商业银行股份有限公司长宁支行"}, "reason": {"托管"}})
	if status != http.StatusSeeOther {
		t.Fatalf("recording answers %d: %.500s", status, body)
	}
}

// The number of a bank account is read by who pays, audits and administers, on the pages that need it. Nothing else that leaves the service holds it:
// no page of somebody else, no list, event, refusal, history, proof or export, and no table.
func TestAnAccountsNumberIsReadByWhoNeedsIt(t *testing.T) {
	s := open(t)
	const number, tail, grouped = "6222021234567890", "7890", "6222 0212 3456 7890"
	approved := first(t, all(s, projections.Instalments), func(i projections.InstalmentRow) bool { return i.Unpaid.More(domain.Fen(100)) })
	application := first(t, all(s, projections.Applications, projections.ByApplication.Is(approved.Application)), func(projections.ApplicationRow) bool { return true })
	enterprise := "/enterprises/" + url.PathEscape(string(application.Enterprise))
	for name, role := range map[domain.PersonID]web.Grant{"clerk": {Role: domain.Clerk, Department: "commerce"}, "auditor": {Role: domain.Auditor},
		"payer": {Role: domain.Treasurer, Department: "finance"}, "reader": {Role: domain.Analyst}} {
		if err := s.users.Add(accounts.User{ID: name, Grants: []web.Grant{role}}, password); err != nil {
			t.Fatal(err)
		}
	}
	become := func(name string) {
		t.Helper()
		if status, _, body := s.post("/login", url.Values{"name": {name}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
			t.Fatalf("signing in: status %d: %s", status, body)
		}
	}
	record := func(id, holder, account, as string) (int, http.Header, string) {
		return s.confirm(enterprise+"/edit", url.Values{"command": {"record_payee_account"}, "id": {id}, "date": {"2025-09-01"}, "as": {as}, "holder": {holder}, "account": {account}, "bank": {"示例银行"}})
	}
	become("clerk")
	if status, _, _ := record("payee-1", "别的公司", "6222 0212-3456 7890", "clerk@commerce"); status != http.StatusUnprocessableEntity {
		t.Errorf("another holder without a reason answers %d", status)
	}
	if status, _, _ := record("payee-2", application.EnterpriseName, "6222 021", "clerk@commerce"); status != http.StatusUnprocessableEntity {
		t.Errorf("a short number answers %d", status)
	}
	if status, _, _ := record("payee-3", application.EnterpriseName, "6222021234567890;", "clerk@commerce"); status != http.StatusUnprocessableEntity {
		t.Errorf("a number with a sign answers %d", status)
	}
	status, header, body := record("payee-4", application.EnterpriseName, "6222 0212-3456 7890", "clerk@commerce")
	if status != http.StatusSeeOther {
		t.Fatalf("recording answers %d: %.500s", status, body)
	}
	seq := must(url.Parse(header.Get("Location")))(t).Query().Get("done")
	if status, again, _ := record("payee-4", application.EnterpriseName, "6222021234567890", "clerk@commerce"); status != http.StatusSeeOther || again.Get("Location") != header.Get("Location") {
		t.Errorf("the same number written otherwise under the same id answers %d, %s", status, again.Get("Location"))
	}

	become("payer")
	form := url.Values{"command": {"make_payout"}, "id": {"pay"}, "date": {"2025-09-10"}, "payout": {"PO-PAYEE"}, "support_year": {approved.SupportYear.String()}, "amount": {"1.00"}}
	at := "/applications/" + url.PathEscape(string(application.Application))
	if status, _, body := s.post(at, form); status != http.StatusOK || !strings.Contains(body, "尾号 "+tail+"，示例银行") {
		t.Errorf("the review answers %d, and does not say where the money goes", status)
	}
	if status, _, body := s.confirm(at, form); status != http.StatusSeeOther {
		t.Fatalf("paying answers %d: %.2000s", status, body)
	}
	shown := []string{enterprise, "/applications/" + url.PathEscape(string(application.Application)), "/payouts/PO-PAYEE/voucher"}
	other := []string{enterprise + "/edit", enterprise + "/replay", "/events/" + seq, "/refusals", "/v1/events?limit=5000&from=" + seq, "/v1/refusals?limit=1000", "/v1/receipts/" + seq, "/search?q=" + number,
		"/v1" + enterprise + "/history?limit=5000", "/v1/bundle?enterprise=" + string(application.Enterprise), "/v1/events?limit=5000&format=csv"}
	for _, who := range []string{"payer", "auditor", "clerk", "reader"} {
		become(who)
		for _, path := range append(shown, other...) {
			_, body := s.get(path)
			body = html.UnescapeString(body)
			whole := (who == "payer" || who == "auditor") && strings.Contains(strings.Join(shown, " "), path)
			if got := strings.Contains(body, grouped); got != whole {
				t.Errorf("%s reads the number at %s: %v", who, path, got)
			}
			if strings.Contains(strings.ReplaceAll(body, "q="+number, ""), number) && path != "/search?q="+number {
				t.Errorf("the number stands at %s for %s", path, who)
			}
			if strings.Contains(strings.Join(shown, " "), path) && !strings.Contains(body, tail) {
				t.Errorf("%s does not tell %s how the account ends", path, who)
			}
		}
	}
	conn := must(pgx.Connect(t.Context(), s.database))(t)
	defer conn.Close(t.Context())
	var found int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE data::text LIKE '%' || $1 || '%'`, number).Scan(&found); err != nil || found != 0 {
		t.Errorf("%d rows of events hold the number: %v", found, err)
	}
	err := s.ledger.Log().Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if strings.Contains(fmt.Sprint(r.Subject, r.Header, string(r.Data)), number) {
				t.Errorf("event %d holds the number: %s", r.Seq, r.Data)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
