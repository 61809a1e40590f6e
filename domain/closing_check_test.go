package domain

import (
	"fmt"
	"testing"
)

// checked says how a year's checks stand: step, done, open, amount.
func checked(st *story, year int, today string) map[ClosingStep]string {
	list := map[ClosingStep]string{}
	for _, c := range st.state.ClosingChecks(year, day(today)) {
		list[c.Step] = fmt.Sprint(c.Done, " ", c.Open, " ", c.Amount)
	}
	return list
}

// Each thing that is open is counted with what it comes to, and is done once it is settled.
func TestAYearIsLookedAtBeforeItIsClosed(t *testing.T) {
	st := given(t, budgeted(2025, "4", "8000000.00")).
		approved(submit("A", aiFirm, "4", "P", in(2025, "8000000.00"))).
		on("2025-06-01").and(pay("P1", "A", 2025, "5000000.00")).
		on("2025-07-01").and(sendBack("P1", "1000000.00"), order("C", "P1", "400.00", CauseError))
	for _, c := range []struct {
		today string
		step  ClosingStep
		want  string
	}{
		{"2025-12-30", StepYearOver, "false 1 0.00"}, {"2025-12-31", StepYearOver, "true 0 0.00"},
		{"2026-01-05", StepTreasury, "false 1 0.00"}, {"2026-01-05", StepReturns, "false 1 1000000.00"}, {"2026-01-05", StepUnpaid, "false 1 4000000.00"},
		{"2026-01-05", StepRecoveries, "false 1 400.00"}, {"2026-01-05", StepBudgets, "true 0 0.00"}, {"2026-01-05", StepClose, "false 1 0.00"},
	} {
		if got := checked(st, 2025, c.today)[c.step]; got != c.want {
			t.Errorf("%s on %s: %s, not %s", c.step, c.today, got, c.want)
		}
	}
	st.and(pay("P2", "A", 2025, "4000000.00"), receive("R", "C", "400.00"),
		&BookPayout{Payout: "B", Application: "A", SupportYear: 2025, Amount: money("1000000.00")})
	st.on("2026-01-05").and(closeYear(2025))
	for step, want := range map[ClosingStep]string{StepReturns: "true 0 0.00", StepUnpaid: "true 0 0.00", StepRecoveries: "true 0 0.00",
		StepBudgets: "false 1 1000000.00", StepClose: "true 0 0.00"} {
		if got := checked(st, 2025, "2026-01-05")[step]; got != want {
			t.Errorf("settled, %s: %s, not %s", step, got, want)
		}
	}
	if got := checked(st, 2026, "2026-01-05"); got[StepEarlier] != "true 0 0.00" || got[StepReturns] != "true 0 0.00" {
		t.Errorf("the year after: %v", got)
	}
	if got := checked(st.on("2026-01-06").and(reopenYear(2025)), 2026, "2026-01-06")[StepEarlier]; got != "false 1 0.00" {
		t.Errorf("an open year before: %s", got)
	}
}
