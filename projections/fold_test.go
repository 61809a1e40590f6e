package projections_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

func TestEveryEventIsFolded(t *testing.T) {
	for _, maker := range domain.Events {
		name := maker().Name()
		data, err := os.ReadFile("../wire/testdata/events/v1/" + name + ".json") // every field filled: whatever it moves, it moves there
		if err != nil {
			t.Fatal(err)
		}
		event, err := wire.DecodeEvent(wire.EventType(name), 1, data)
		if err != nil {
			t.Fatal(err)
		}
		e := wire.Entry{Seq: 1, Event: event}
		if _, err := projections.Fold(e); err != nil {
			t.Errorf("%s: %v", e.Event.Name(), err)
		}
		if err := projections.NewBatch().Add(e, nil); err != nil {
			t.Errorf("%s in a batch: %v", e.Event.Name(), err)
		}
	}
}

// stranger is an event that moves an amount, and that nobody folds.
type stranger struct{ domain.Event }

func (stranger) Name() string { return "stranger" }

func TestAnEventNobodyThoughtOfIsAnError(t *testing.T) {
	if _, err := projections.Fold(wire.Entry{Seq: 7, Event: stranger{&domain.PayoutMade{SupportYear: 2025}}}); err == nil {
		t.Error("it was folded into nothing")
	}
}

var (
	day     = domain.DateOf(2027, 3, 1)
	charge  = domain.Charge{Enterprise: "E", Clause: "4", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}
	another = domain.Charge{Enterprise: "E", Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "E"}}
	paidOn  = domain.DateOf(2026, 1, 15)
)

func yuan(n int64) domain.Money { return domain.Yuan(n) }

func TestWhatEventsPost(t *testing.T) {
	for outcome, c := range map[string]struct {
		event domain.Event
		want  []string
	}{
		"an application asks, year by year": {
			&domain.ApplicationSubmitted{Charge: charge, Requested: []domain.Instalment{{SupportYear: 2025, Amount: yuan(12)}, {SupportYear: 2026, Amount: yuan(8)}}},
			[]string{"4 P 2025 requested 12.00 ×1 on 2027-03-01", "4 P 2026 requested 8.00 ×1 on 2027-03-01"}},
		"a submission anew takes back the one before, where that was": {
			&domain.ApplicationSubmitted{Charge: charge, Requested: []domain.Instalment{{SupportYear: 2026, Amount: yuan(8)}},
				Previously: []domain.Instalment{{SupportYear: 2025, Amount: yuan(5)}}, PreviousCharge: &another},
			[]string{"1 E 2025 requested -5.00 ×-1 on 2027-03-01", "4 P 2026 requested 8.00 ×1 on 2027-03-01"}},
		"an approval commits": {
			&domain.ApplicationApproved{Granted: domain.Granted{Charge: charge, Instalments: []domain.Instalment{{SupportYear: 2025, Amount: yuan(3)}}}},
			[]string{"4 P 2025 approved 3.00 ×0 on 2027-03-01"}},
		"a supplement commits more, and takes over what was booked": {
			&domain.ApprovalSupplemented{Granted: domain.Granted{Charge: charge, Instalments: []domain.Instalment{{SupportYear: 2025, Amount: yuan(3)}},
				Filled: []domain.Filled{{Payout: "B", SupportYear: 2025, Amount: yuan(2)}}}},
			[]string{"4 P 2025 approved 3.00 ×0 on 2027-03-01", "4 P 2025 outside -2.00 ×0 on 2027-03-01"}},
		"an amendment takes back what was asked for, and a title none": {
			&domain.ApplicationAmended{Charge: charge, Requested: []domain.Instalment{{SupportYear: 2026, Amount: yuan(8)}}, Previously: []domain.Instalment{{SupportYear: 2025, Amount: yuan(5)}}},
			[]string{"4 P 2025 requested -5.00 ×-1 on 2027-03-01", "4 P 2026 requested 8.00 ×1 on 2027-03-01"}},
		"another project takes the request with it": {
			&domain.ApplicationAmended{Charge: charge, PreviousCharge: &another, Previously: []domain.Instalment{{SupportYear: 2025, Amount: yuan(5)}}},
			[]string{"1 E 2025 requested -5.00 ×-1 on 2027-03-01", "4 P 2025 requested 5.00 ×1 on 2027-03-01"}},
		"a title moves nothing": {&domain.ApplicationAmended{Charge: charge, Title: "t"}, nil},
		"a move takes the request and what is unpaid": {
			&domain.ApplicationMoved{Charge: charge, PreviousCharge: another, Requested: []domain.Instalment{{SupportYear: 2025, Amount: yuan(5)}},
				Unpaid: []domain.Instalment{{SupportYear: 2025, Amount: yuan(3)}}},
			[]string{"1 E 2025 requested -5.00 ×-1 on 2027-03-01", "4 P 2025 requested 5.00 ×1 on 2027-03-01",
				"1 E 2025 approved -3.00 ×0 on 2027-03-01", "4 P 2025 approved 3.00 ×0 on 2027-03-01"}},
		"what is voided asks for nothing": {
			&domain.ApplicationVoided{Charge: charge, Requested: []domain.Instalment{{SupportYear: 2025, Amount: yuan(5)}}},
			[]string{"4 P 2025 requested -5.00 ×-1 on 2027-03-01"}},
		"what comes back of what stayed is approved no more": {
			&domain.PayoutReturned{Charge: charge, SupportYear: 2025, Amount: yuan(3), Released: yuan(3), PaidOn: paidOn},
			[]string{"4 P 2025 returned 3.00 ×0 on 2027-03-01", "4 P 2025 approved -3.00 ×0 on 2027-03-01"}},
		"a reduction commits less": {
			&domain.ApprovalReduced{Cut: domain.Cut{Charge: charge, SupportYear: 2025, Amount: yuan(1)}},
			[]string{"4 P 2025 approved -1.00 ×0 on 2027-03-01"}},
		"a payout is dated on the day the money moved": {
			&domain.PayoutMade{Charge: charge, SupportYear: 2025, Amount: yuan(2), PaidOn: paidOn},
			[]string{"4 P 2025 paid 2.00 ×0 on 2026-01-15"}},
		"a booked payout uses the cap by what no approval covers": {
			&domain.PayoutBooked{Charge: charge, SupportYear: 2025, Amount: yuan(3), Outside: yuan(1), PaidOn: paidOn},
			[]string{"4 P 2025 paid 3.00 ×0 on 2026-01-15", "4 P 2025 outside 1.00 ×0 on 2026-01-15"}},
		"a return gives back what was outside first": {
			&domain.PayoutReturned{Charge: charge, SupportYear: 2025, Amount: yuan(3), Outside: yuan(1), PaidOn: paidOn},
			[]string{"4 P 2025 returned 3.00 ×0 on 2027-03-01", "4 P 2025 outside -1.00 ×0 on 2027-03-01"}},
		"a recovery in error counts in the payout's support year (example 4)": {
			&domain.RecoveryReceived{Charge: charge, SupportYear: 2025, Amount: yuan(500_000), Cause: domain.CauseError, ReceivedOn: day},
			[]string{"4 P 2025 recovered_error 500000.00 ×0 on 2027-03-01"}},
		"a recovery for breach is another kind, and interest a third": {
			&domain.RecoveryReceived{Charge: charge, SupportYear: 2025, Amount: yuan(5), Interest: yuan(1), Cause: domain.CauseBreach, ReceivedOn: paidOn},
			[]string{"4 P 2025 recovered_breach 5.00 ×0 on 2026-01-15", "4 P 2025 interest 1.00 ×0 on 2026-01-15"}},
		"a reversal takes both back": {
			&domain.RecoveryReversed{Charge: charge, SupportYear: 2025, Amount: yuan(5), Interest: yuan(1), Cause: domain.CauseBreach},
			[]string{"4 P 2025 recovered_breach -5.00 ×0 on 2027-03-01", "4 P 2025 interest -1.00 ×0 on 2027-03-01"}},
		"an exception for the total lies on no year, and on no enterprise where it is a project's": {
			&domain.ExceptionGranted{Clause: "4", Subject: charge.Subject, Amount: yuan(9)},
			[]string{"4 P total exception 9.00 ×0 on 2027-03-01"}},
		"opinions move no amount": {&domain.ApplicationReviewed{Charge: charge}, nil},
	} {
		postings, err := projections.Fold(wire.Entry{Seq: 9, Date: day, Event: c.event})
		if err != nil {
			t.Errorf("%s: %v", outcome, err)
		}
		var got []string
		for i, p := range postings {
			if p.Seq != 9 || p.N != i {
				t.Errorf("%s: posting %d is numbered %d/%d", outcome, i, p.Seq, p.N)
			}
			got = append(got, fmt.Sprintf("%s %s %s %s %s ×%d on %s", p.Line.Clause, p.Line.Subject.ID, p.Line.Year, p.Kind, p.Amount, p.Count, p.Date))
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s:\n got %q\nwant %q", outcome, got, c.want)
		}
	}
}

func TestFiguresAreThoseOfTheRules(t *testing.T) {
	var f projections.Figures
	for kind, amount := range map[projections.Kind]int64{projections.Approved: 100, projections.Outside: 30, projections.Paid: 90, projections.Returned: 10,
		projections.RecoveredError: 20, projections.RecoveredBreach: 5, projections.Interest: 7} {
		f.Add(projections.Posting{Kind: kind, Amount: yuan(amount)})
	}
	if f.Use() != yuan(110) || f.NetPaid() != yuan(55) {
		t.Errorf("use %s, net paid %s; want 110.00 and 55.00: interest counts into neither, a breach gives no headroom back", f.Use(), f.NetPaid())
	}
}

// The sums of a batch are those of its parts, wherever it is cut, and those of the domain's own state.
func TestBatchesAddUp(t *testing.T) {
	author := projtest.NewAuthor(17, 1500)
	for len(author.Records()) < 1500 {
		author.Act()
	}
	whole, sums := projections.NewBatch(), map[projections.Line]*projections.Figures{}
	part, cut := projections.NewBatch(), 1
	flush := func() {
		for _, change := range part.Lines.Order {
			if sums[change.Line] == nil {
				sums[change.Line] = &projections.Figures{}
			}
			f := sums[change.Line]
			f.Applications += change.Figures.Applications
			for k := range f.Amounts {
				f.Amounts[k] = f.Amounts[k].Add(change.Figures.Amounts[k])
			}
		}
		part, cut = projections.NewBatch(), cut*2
	}
	for _, r := range author.Records() {
		for _, b := range []*projections.Batch{whole, part} {
			if err := b.Take(r); err != nil {
				t.Fatal(err)
			}
		}
		if part.Len() >= cut {
			flush()
		}
	}
	flush()
	if len(sums) != len(whole.Lines.Order) {
		t.Errorf("%d lines in parts, %d in the whole", len(sums), len(whole.Lines.Order))
	}
	use := map[domain.Account]domain.Money{}
	for _, change := range whole.Lines.Order {
		if *sums[change.Line] != change.Figures {
			t.Errorf("%+v: parts %+v, whole %+v", change.Line, *sums[change.Line], change.Figures)
		}
		use[change.Line.Account()] = use[change.Line.Account()].Add(change.Figures.Use())
	}
	type scope struct {
		account domain.Account
		year    domain.SupportYear // 0 where the cap counts in total
	}
	known := map[scope]domain.Money{}
	for _, line := range author.State().Lines() {
		view, _ := author.State().Account(line.Account, line.SupportYear, author.Today())
		known[scope{line.Account, view.SupportYear}] = view.Use
	}
	for s, amount := range known {
		use[s.account] = use[s.account].Sub(amount)
	}
	for account, left := range use {
		if !left.IsZero() {
			t.Errorf("%v: the fold and the domain differ by %s", account, left)
		}
	}
}

func TestAsOfIsReadStrictly(t *testing.T) {
	for text, want := range map[string]projections.AsOf{
		"":                          {},
		"seq:12":                    {Seq: 12},
		"2025-03-01":                {Time: time.Date(2025, 3, 1, 15, 59, 59, 999_999_999, time.UTC)},
		"2025-03-01T12:00:00+08:00": {Time: time.Date(2025, 3, 1, 4, 0, 0, 0, time.UTC)},
	} {
		got, err := projections.ParseAsOf(text)
		if err != nil || got.Seq != want.Seq || !got.Time.Equal(want.Time) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"seq:", "seq:0", "seq:-1", "seq:1e3", "yesterday", "2025-13-01", "2025-03-01 12:00", "12"} {
		if got, err := projections.ParseAsOf(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}
