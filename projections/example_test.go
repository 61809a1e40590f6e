package projections_test

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// Three events of a project: approved, paid in part, some of it recovered because too much was paid.
func Example() {
	charge := domain.Charge{Enterprise: "914403001922038216", Clause: "4", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P-1"}}
	events := []domain.Event{
		&domain.ApplicationApproved{Granted: domain.Granted{Application: "A-1", Charge: charge, Instalments: []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(3_000_000)}}}},
		&domain.PayoutMade{Payout: "Z-1", Application: "A-1", Charge: charge, SupportYear: 2025, Amount: domain.Yuan(1_800_000), PaidOn: domain.DateOf(2026, 1, 15)},
		&domain.RecoveryReceived{Recovery: "R-1", Clawback: "B-1", Charge: charge, SupportYear: 2025, Amount: domain.Yuan(500_000), Cause: domain.CauseError,
			ReceivedOn: domain.DateOf(2027, 2, 1)},
	}
	var sum projections.Figures
	for i, e := range events {
		postings, err := projections.Fold(wire.Entry{Seq: uint64(i + 1), Date: domain.DateOf(2027, 2, 1), Event: e})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, p := range postings {
			fmt.Println(p.Seq, p.Line.Year, p.Kind, p.Amount, p.Date)
			sum.Add(p)
		}
	}
	fmt.Println("use", sum.Use(), "net paid", sum.NetPaid())
	// Output:
	// 1 2025 approved 3000000.00 2027-02-01
	// 2 2025 paid 1800000.00 2026-01-15
	// 3 2025 recovered_error 500000.00 2027-02-01
	// use 2500000.00 net paid 1300000.00
}
