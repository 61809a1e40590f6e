package domain

import (
	"slices"
	"testing"
)

func TestARefusedCommandBelongsToItsCase(t *testing.T) {
	st := given(t, except("X", "1.2a", "P", 2025, "10.00")).approved(submit("A", aiFirm, "1.2a", "P", in(2025, "5.00")))
	paid := pay("P1", "A", 2025, "5.00")
	paid.Voucher = "V-1"
	st.and(paid, order("C", "P1", "3.00", CauseError), receive("R", "C", "3.00"),
		&RecordTreasuryPayment{Statement: "S", Line: 1, Voucher: "V-1", Amount: money("5.00"), Payee: "payee"})
	account := Account{"1.2a", Subject{SubjectProject, "P"}}
	for name, c := range map[string]struct {
		command Command
		want    Concern
	}{
		"a reversal is about the payout's application":      {&ReverseRecovery{Recovery: "R"}, Concern{Application: "A"}},
		"a waiver is about the clawback's application":      {&WaiveClawback{Clawback: "C"}, Concern{Application: "A"}},
		"a payment file's line is about its voucher's":      {&VoidTreasuryPayment{Statement: "S", Line: 1}, Concern{Application: "A"}},
		"a line recorded again is about its voucher's":      {&RecordTreasuryPayment{Statement: "S", Line: 1, Voucher: "V-1"}, Concern{Application: "A"}},
		"an exception is about its account":                 {except("Y", "1.2a", "P", 2025, "1.00"), Concern{Account: account}},
		"a revocation is about the exception's account":     {revoke("X", "99.00"), Concern{Account: account}},
		"a booked payout is about the account that it says": {&BookPayout{Enterprise: aiFirm, Clause: "1.2a", Project: "P"}, Concern{Enterprise: aiFirm, Account: account}},
		"an unknown recovery is about nothing":              {&ReverseRecovery{Recovery: "none"}, Concern{}},
		"an unknown line is about nothing":                  {&VoidTreasuryPayment{Statement: "S", Line: 2}, Concern{}},
		"a return of an unknown payout is about nothing":    {&ReturnPayout{Payout: "none"}, Concern{}},
		"an unknown application is still named":             {accept("none"), Concern{Application: "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want.Application == "A" {
				c.want.Enterprise, c.want.Account = aiFirm, account
			}
			got := About(c.command, st.state)
			if got.Application != c.want.Application || got.Enterprise != c.want.Enterprise || got.Account != c.want.Account {
				t.Errorf("%s is about %+v", c.command.Name(), got)
			}
		})
	}
}

// What happens concerns what was asked for: an accepted command is about its event's application, enterprise and account.
func TestWhatIsAskedAndWhatHappensConcernTheSame(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "9.00"))).and(pay("P1", "A", 2025, "5.00"))
	for _, c := range []Command{reduce("A", 2025, "1.00"), pay("P2", "A", 2025, "1.00"), sendBack("P1", "1.00"), order("C", "P1", "1.00", CauseError),
		bookOn("B", "A", 2025, "1.00"), receive("R", "C", "1.00"), &ReverseRecovery{Recovery: "R", Reason: "a mistake"}, waive("C", "1.00")} {
		before := About(st.head(c), st.state)
		d, r := st.decide(c)
		if r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
		after := Concerns(d.Events[0])
		if before.Application != after.Application || before.Enterprise != after.Enterprise || before.Account != after.Account || before.Via != after.Via ||
			len(before.Years) > 0 && !slices.Equal(before.Years, after.Years) {
			t.Errorf("%s is about %+v, and %+v happens", c.Name(), before, after)
		}
		st.apply(c, d)
	}
}
