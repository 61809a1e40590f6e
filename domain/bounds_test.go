package domain

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestEveryEventSaysWhatItAddsToTheFundsTotals(t *testing.T) {
	for _, make := range Events {
		var m moved
		e := make()
		dated(reflect.ValueOf(e).Elem()) // whatever it moves, it moves in a year
		if !m.take(e) {
			t.Errorf("%s is not taken into the fund's totals", e.Name())
		}
	}
}

// dated fills in the support years of an event.
func dated(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[SupportYear]():
			f.SetUint(2025)
		case f.Type() == reflect.TypeFor[[]Instalment]():
			f.Set(reflect.ValueOf([]Instalment{in(2025, "1.00")}))
		case f.Kind() == reflect.Struct && v.Type().Field(i).Anonymous:
			dated(f)
		}
	}
}

func TestACapAndAnAppropriationOfNoughtAreMeaningful(t *testing.T) {
	st := given(t, appropriate(2025, "6", "", "0.00"), amend("4", "0.00", "2025-03-01", false)).
		line("4", "P", 2025, "cap", "0.00", "headroom", "0.00").
		ready(submit("A", aiFirm, "4", "P", in(2025, "0.01"))).
		when(approve("A", in(2025, "0.01"))).refused(CodeCapExceeded, "R2", "cap", "0.00", "short_by", "0.01")
	st.approved(submit("B", aiFirm, "6", "Q", in(2025, "0.01"))).
		when(pay("M", "B", 2025, "0.01")).refused(CodeAppropriationExceed, "R3", "cap", "0.00", "short_by", "0.01")
	p := changning()
	p.Clauses[0].Cap.Amount = Stated(NoMoney)
	governed(t, p).line("1.1a", string(aiFirm), 2025, "cap", "0.00", "headroom", "0.00")
}

func TestBookingsAreBoundedTooAndAnOldLogReplays(t *testing.T) {
	st := given(t)
	for i := range 10 {
		st.and(book(PayoutID(fmt.Sprint(i)), aiFirm, "4", "P", 2025, "999999999999.99"))
	}
	st.when(book("11", aiFirm, "4", "Q", 2025, "0.10")).
		refused(CodeAmountTooLarge, "R1", "field", "outside", "short_by", "0.01", "limit", "9999999999999.99")
	again := NewState()
	for range 10_000 { // a log without the bound
		again.tally(&PayoutMade{Amount: Fen(maxFen)})
	}
	for range 100_000 {
		again.tally(&PayoutReturned{Amount: Fen(maxFen)})
	}
	if again.sums[sumMoved] <= 0 || again.sums[sumReturned] <= 0 {
		t.Errorf("a total wrapped: %d", again.sums)
	}
}

// What an account uses is approved and booked outside, what is beyond came in by two causes: no more of both together than of one.
func TestSumsOfTwoKindsAreBoundedTogether(t *testing.T) {
	back := func(id RecoveryID, cause Cause, amount string) *BookRecovery {
		return &BookRecovery{Recovery: id, Enterprise: aiFirm, Clause: "7", Project: "P", SupportYear: 2025, Amount: money(amount), Cause: cause}
	}
	st := given(t)
	for i := range 5 {
		id := fmt.Sprint(i)
		st.and(back(RecoveryID("E"+id), CauseError, "999999999999.99"), back(RecoveryID("B"+id), CauseBreach, "999999999999.99"))
		st.approved(submit(ApplicationID("A"+id), netFirm, "1.1b", "", in(2025, "999999999999.99"))).
			and(book(PayoutID("P"+id), netFirm, "1.1b", "", 2025, "999999999999.99"))
	}
	st.line("7", "P", 2025, "beyond", "9999999999999.90").line("1.1b", string(netFirm), 2025, "use", "9999999999999.90").
		when(back("R", CauseError, "0.10")).refused(CodeAmountTooLarge, "R1", "field", "received_beyond", "short_by", "0.01").
		when(book("P", netFirm, "1.1b", "", 2025, "0.10")).refused(CodeAmountTooLarge, "R1", "field", "use", "short_by", "0.01")
	st.and(reverse("B0"), back("R", CauseError, "0.10"), sendBack("P0", "0.01"), book("P", netFirm, "1.1b", "", 2025, "0.10"))
}

func TestTheCapsOfAllLinesCanBeAddedUp(t *testing.T) {
	st := given(t)
	st.and(amend("4", "999999999999.99", "2025-03-01", false))
	for i := range 90_010 {
		c := submit(ApplicationID(fmt.Sprintf("A%d", i)), aiFirm, "4", fmt.Sprintf("P%d", i), in(2025, "0.01"))
		d, r := st.decide(c)
		if r != nil {
			if i < 89_000 || r.Code != CodeAmountTooLarge || r.Figures["field"] != "annual_limit" {
				t.Fatalf("application %d: %v %v", i, r, r.Figures)
			}
			return
		}
		st.apply(c, d)
	}
	t.Error("caps were added up beyond what can be held")
}

func TestANameThatNoIndexHoldsIsRefused(t *testing.T) {
	given(t).when(&RegisterEnterprise{Enterprise: code(9), Title: strings.Repeat("n", 501), Industry: "ai"}).
		refused(CodeFieldInvalid, "R11", "field", "name", "limit", "500")
}

// Each decision on a clause looks through its versions: there are not as many as somebody likes.
func TestAClauseHasAtMostAThousandVersions(t *testing.T) {
	st := given(t)
	for i := range maxVersions - 1 {
		st.and(amend("6", []string{"1.00", "2.00"}[i%2], "2025-03-01", false))
	}
	st.when(amend("6", "3.00", "2025-03-01", false)).refused(CodeVersionsTooMany, "R7", "clause", "6", "limit", "1000")
	st.when(amend("4", "3.00", "2025-03-01", false)).then("clause_amended")
}
