package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// A closed year is listed with what moved it since, as of every position.
func TestClosingsAreListedWithWhatMovedSince(t *testing.T) {
	s := scribe.New(t)
	n := 0
	head := func(day string, role domain.Role, office domain.DepartmentID) domain.Head {
		n++
		return domain.Head{ID: domain.CommandID(fmt.Sprint("c", n)), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID("p-" + string(role)), Role: role, Department: office}}
	}
	treasurer := func(day string) domain.Head { return head(day, domain.Treasurer, "finance") }
	const firm = "914403001922038216"
	book := func(id domain.PayoutID, day, paid string, amount int64) domain.Command {
		return &domain.BookPayout{Head: treasurer(day), Payout: id, Enterprise: firm, Clause: "4", Project: "P", SupportYear: 2025, Amount: domain.Yuan(amount), PaidOn: scribe.Day(paid)}
	}
	for _, c := range []domain.Command{scribe.Publish(scribe.Changning(t)),
		&domain.RegisterEnterprise{Head: head("2025-01-05", domain.Clerk, "commerce"), Enterprise: firm, Title: "企业", Industry: "ai"},
		&domain.SetAppropriation{Head: treasurer("2025-01-05"), BudgetYear: 2025, Clause: "4", Amount: domain.Yuan(1000), Document: "d"},
		book("B1", "2025-06-01", "2025-06-01", 300),
		&domain.CloseBudgetYear{Head: treasurer("2026-01-05"), Year: 2025, Document: "封一"},
		&domain.CarryOver{Head: treasurer("2026-01-06"), From: 2025, To: 2026, Clause: "4", Amount: domain.Yuan(100), Document: "d"},
		book("B2", "2026-01-07", "2025-12-31", 7),
		book("B3", "2026-01-07", "2026-01-07", 9),
		&domain.ReturnPayout{Head: treasurer("2026-01-08"), Payout: "B1", Amount: domain.Yuan(20)},
		&domain.BookRecovery{Head: treasurer("2026-01-09"), Recovery: "R1", Payout: "B1", Amount: domain.Yuan(5), Cause: domain.CauseBreach, ReceivedOn: scribe.Day("2025-12-30")},
		&domain.ReopenBudgetYear{Head: head("2026-01-10", domain.Authority, "government"), Year: 2025, Document: "重", Reason: "漏"},
		book("B4", "2026-01-11", "2025-12-31", 1),
		&domain.CloseBudgetYear{Head: treasurer("2026-01-12"), Year: 2025, Document: "封二"}} {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r)
		}
	}
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	told := func(a projections.Ask) (list []string) {
		for _, r := range every(t, q, projections.Closings, a) {
			list = append(list, fmt.Sprint(r.BudgetYear, " ", r.ClosedOn, " ", r.Document, " ", r.ReopenedOn, " ", r.MovedSince, " ", r.BookedAfterClose))
		}
		return list
	}
	if got, want := told(projections.Ask{}), []string{"2025 2026-01-05 封一 2026-01-10 7 -13.00", "2025 2026-01-12 封二  0 0.00"}; !slices.Equal(got, want) {
		t.Errorf("closings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := told(projections.Ask{AsOf: projections.AsOf{Seq: 7}}), []string{"2025 2026-01-05 封一  2 7.00"}; !slices.Equal(got, want) {
		t.Errorf("closings at 7: %q, want %q", got, want)
	}
	var moved []string
	for _, r := range every(t, q, projections.MovedSinceClose, projections.Where(projections.ByBudgetYear.Is(2025))) {
		moved = append(moved, fmt.Sprint(r.ClosedSeq, " ", r.Seq, " ", r.EventType, " ", r.Paid, " ", r.Returned, " ", r.Recovered, " ", r.AppropriationMoved, " ", r.AfterClose))
	}
	want := []string{"5 6 appropriation_carried 0.00 0.00 0.00 -100.00 false", "5 7 payout_booked 7.00 0.00 0.00 0.00 true", "5 9 payout_returned 0.00 20.00 0.00 0.00 true",
		"5 10 recovery_booked 0.00 0.00 5.00 0.00 true", "5 11 budget_year_reopened 0.00 0.00 0.00 0.00 false", "5 12 payout_booked 1.00 0.00 0.00 0.00 false",
		"5 13 budget_year_closed 0.00 0.00 0.00 0.00 false"}
	if !slices.Equal(moved, want) {
		t.Errorf("moved since:\n%s\nwant:\n%s", strings.Join(moved, "\n"), strings.Join(want, "\n"))
	}
	if rows := every(t, q, projections.MovedSinceClose, projections.Where(projections.ByBudgetYear.Is(2026))); len(rows) != 0 {
		t.Errorf("2026 was never closed, and %d events moved it", len(rows))
	}
}
