package office

import (
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
)

func TestWhatWasPaidIsReadFromTheLog(t *testing.T) {
	s := scribe.New(t)
	s.Give(scribe.Publish(scribe.Changning(t)))
	by := domain.Actor{ID: "treasurer", Role: domain.Treasurer, Department: "finance"}
	clerk := domain.Actor{ID: "clerk", Role: domain.Clerk, Department: "commerce"}
	head := func(id string, who domain.Actor) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: scribe.Day("2025-03-01"), Actor: who}
	}
	const firm = "914403001922038216"
	for _, c := range []domain.Command{
		&domain.RegisterEnterprise{Head: head("reg", clerk), Enterprise: firm, Title: "旧名", Industry: "ai"},
		&domain.BookPayout{Head: head("book", by), Payout: "P1", Enterprise: firm, Clause: "1.1a", SupportYear: 2025, Amount: domain.Yuan(5), PaidOn: scribe.Day("2025-03-01"), Voucher: "V1"},
		&domain.RenameEnterprise{Head: head("name", clerk), Enterprise: firm, Title: "新名"},
		&domain.RecordTreasuryPayment{Head: head("t1", by), Statement: "S", Line: 1, Voucher: "V1", PaidOn: scribe.Day("2025-03-01"), Amount: domain.Yuan(4), Payee: "旧名"},
		&domain.RecordTreasuryPayment{Head: head("t2", by), Statement: "S", Line: 2, Voucher: "V2", PaidOn: scribe.Day("2025-02-20"), Amount: domain.Yuan(4), Payee: "新名"},
		&domain.VoidTreasuryPayment{Head: head("void", by), Statement: "S", Line: 1, Reason: "录错"},
		&domain.RecordTreasuryPayment{Head: head("t3", by), Statement: "S", Line: 1, Voucher: "V1", PaidOn: scribe.Day("2025-03-01"), Amount: domain.Yuan(5), Payee: "新名"},
	} {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r.Message().EN)
		}
	}
	payouts, lines, err := PaymentsOn(t.Context(), s.Records)
	if err != nil || len(payouts) != 1 || len(payouts[0].Names) != 2 || len(lines) != 2 || lines[0].Line != 2 || lines[1].Amount != domain.Yuan(5) || lines[1].Seq != 8 {
		t.Fatalf("%v %+v %+v", err, payouts, lines)
	}
	if got := Within(lines, scribe.Day("2025-02-21"), domain.Date{}); len(got) != 1 || got[0].Line != 1 {
		t.Errorf("%+v", got)
	}
	r, err := Reconcile(payouts, lines, domain.Date{}, domain.Date{})
	if err != nil || r.Counts[Matched] != 1 || r.Counts[PaymentWithoutPayout] != 1 {
		t.Errorf("%v %s", err, said(r))
	}
}
