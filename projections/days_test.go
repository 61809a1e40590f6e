package projections_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// A question may ask for any business date, and commands are recorded in another order than their dates: as of no day is anything less
// than nothing, column by column. (A sum over columns may be: money that is said to have come in before it was paid is a fact, with a
// finding.) What takes something back is posted on no earlier day than what it takes back.
func TestAsOfAnyDayNothingIsNegative(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(12) {
		var all []projections.Posting
		for _, record := range projtest.LateHistory(seed, 900) {
			e, err := wire.Decode(record)
			if err != nil {
				t.Fatal(err)
			}
			postings, err := projections.Fold(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, postings...)
			kinds[e.Event.Name()]++
		}
		slices.SortStableFunc(all, func(a, b projections.Posting) int { return cmp.Compare(a.Date.String(), b.Date.String()) })
		lines := map[projections.Line]*projections.Figures{}
		for i, p := range all {
			if lines[p.Line] == nil {
				lines[p.Line] = &projections.Figures{}
			}
			lines[p.Line].Add(p)
			if i+1 < len(all) && all[i+1].Date == p.Date {
				continue
			}
			for line, f := range lines {
				for _, k := range projections.Kinds() {
					if f.Of(k).Less(domain.NoMoney) {
						t.Fatalf("seed %d: as of %s, %s of %s is %s", seed, p.Date, k, line, f.Of(k))
					}
				}
			}
		}
	}
	for _, name := range []string{"return_reversed", "booking_reversed", "recovery_reversed", "payout_returned", "recovery_booked"} {
		if kinds[name] < 10 {
			t.Errorf("the histories have %d of %s", kinds[name], name)
		}
	}
}

// told are the postings of commands that a fund takes, each dated on its day, up to a day.
func told(t *testing.T, upTo domain.Date, commands ...domain.Command) *projections.Figures {
	t.Helper()
	s, f := domain.NewState(), &projections.Figures{}
	for i, c := range commands {
		h := domain.HeadOf(c)
		h.ID = domain.CommandID(fmt.Sprint(i))
		d, r := domain.Decide(s, c, domain.DateOf(2026, 1, 1))
		if r != nil {
			t.Fatalf("%s was refused: %v %v", c.Name(), r, r.Figures)
		}
		for _, e := range d.Events {
			domain.Apply(s, e, domain.Deed{Actor: h.Actor, Date: h.Date})
			postings, err := projections.Fold(wire.Entry{Seq: uint64(i + 1), Date: h.Date, Event: e})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range postings {
				if !p.Date.After(upTo) {
					f.Add(p)
				}
			}
		}
	}
	return f
}

func asGiven(day domain.Date, person domain.PersonID, role domain.Role, department domain.DepartmentID) domain.Head {
	return domain.Head{Date: day, Actor: domain.Actor{ID: person, Role: role, Department: department}}
}

func paidIn(month time.Month, day int) domain.Head {
	return asGiven(domain.DateOf(2025, month, day), "qian", domain.Treasurer, "finance")
}

func begun() []domain.Command {
	p := projtest.Policy()
	p.Workflow = domain.Workflow{}
	return []domain.Command{&domain.PublishPolicy{Head: asGiven(domain.DateOf(2025, 1, 1), "root", domain.Admin, ""), Policy: p},
		&domain.RegisterEnterprise{Head: asGiven(domain.DateOf(2025, 1, 1), "chen", domain.Clerk, ""), Enterprise: "E", Title: "企业", Industry: "ai"}}
}

// An approval takes over a booking that was returned, and whose return was undone in June, on no day on which the return still stood: as of April
// the line would have had 100.00 less than nothing outside any approval, and that much headroom more.
func TestAnApprovalTakesOverNothingThatIsReturnedAsOfItsDay(t *testing.T) {
	history := append(begun(),
		&domain.SubmitApplication{Head: asGiven(domain.DateOf(2025, 1, 2), "chen", domain.Clerk, ""), Application: "A", Enterprise: "E", Clause: "3", Project: "P", Title: "申请",
			Requested: []domain.Instalment{{SupportYear: 2025, Amount: yuan(100)}}},
		&domain.BookPayout{Head: paidIn(2, 1), Payout: "B", Application: "A", SupportYear: 2025, Amount: yuan(100)},
		&domain.ReturnPayout{Head: paidIn(3, 1), Payout: "B", Amount: yuan(100)},
		&domain.ReverseReturn{Head: paidIn(6, 1), Payout: "B", Amount: yuan(100), Reason: "误记"},
		&domain.ApproveApplication{Head: asGiven(domain.DateOf(2025, 4, 1), "wang", domain.Approver, "commerce"), Application: "A",
			Instalments: []domain.Instalment{{SupportYear: 2025, Amount: yuan(100)}}})
	for _, on := range []domain.Date{domain.DateOf(2025, 4, 1), domain.DateOf(2025, 5, 31), domain.DateOf(2025, 6, 1)} {
		if f := told(t, on, history...); f.Of(projections.Outside) != domain.NoMoney || f.Use() != yuan(100) {
			t.Errorf("as of %s %s is outside any approval and %s used", on, f.Of(projections.Outside), f.Use())
		}
	}
}

// A cheque bounced in June, and a second one took its place; the second one was a mistake too, which is dated in March: then the first still
// counted, and a third takes the place of neither before June. As of March both would have counted, and freed 200.00 of 100.00.
func TestARecoveryTakesNoPlaceBeforeItIsFree(t *testing.T) {
	back := func(id domain.RecoveryID) domain.Command {
		return &domain.BookRecovery{Head: paidIn(2, 2), Recovery: id, Enterprise: "E", Clause: "3", Project: "P", SupportYear: 2025, Amount: yuan(100), Cause: domain.CauseError}
	}
	history := append(begun(), &domain.BookPayout{Head: paidIn(2, 1), Payout: "B", Enterprise: "E", Clause: "3", Project: "P", SupportYear: 2025, Amount: yuan(100)},
		back("R1"), back("R2"), back("R3"), &domain.ReverseRecovery{Head: paidIn(6, 1), Recovery: "R1", Reason: "退票"},
		&domain.ReverseRecovery{Head: paidIn(3, 1), Recovery: "R2", Reason: "误记"})
	for _, on := range []domain.Date{domain.DateOf(2025, 3, 1), domain.DateOf(2025, 5, 31), domain.DateOf(2025, 6, 1)} {
		if f := told(t, on, history...); f.Use() != domain.NoMoney || f.NetPaid() != domain.NoMoney {
			t.Errorf("as of %s %s is used and %s paid net", on, f.Use(), f.NetPaid())
		}
	}
}
