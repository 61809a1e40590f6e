package domain

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// hostileAmounts are texts that are no amounts, and why.
var hostileAmounts = map[string]string{
	"": AmountMalformed, " 1": AmountMalformed, "1 ": AmountMalformed, "1e3": AmountMalformed, "1E3": AmountMalformed, "1,000": AmountMalformed,
	"+1": AmountMalformed, "NaN": AmountMalformed, "Inf": AmountMalformed, "-Inf": AmountMalformed, "0x10": AmountMalformed, "１００": AmountMalformed,
	"1.": AmountMalformed, ".5": AmountMalformed, ".": AmountMalformed, "-": AmountMalformed, "1.2.3": AmountMalformed, "01": AmountMalformed,
	"00": AmountMalformed, "1_000": AmountMalformed, "1'000": AmountMalformed, "¥1": AmountMalformed, "1元": AmountMalformed, "壹佰": AmountMalformed,
	"1\x00": AmountMalformed, "1\n": AmountMalformed, "--1": AmountMalformed, "1-": AmountMalformed, "٣": AmountMalformed, "1.-5": AmountMalformed,
	"0.001": AmountTooPrecise, "1.000": AmountTooPrecise, "799999.9999999999": AmountTooPrecise,
	"-1": AmountNegative, "-0.01": AmountNegative,
	"10000000000000": AmountTooLarge, "1000000000000": AmountTooLarge, strings.Repeat("9", 400): AmountTooLarge,
}

func TestTextsThatAreNoAmountsAreRefusedNeverRounded(t *testing.T) {
	for text, reason := range hostileAmounts {
		m, err := ParseMoney(text)
		var fault *AmountError
		if !errors.As(err, &fault) || fault.Reason != reason || m != NoMoney {
			t.Errorf("%q: %v, %v; expected %s", text, m, err, reason)
			continue
		}
		readable(t, NewRefusal(fault.Reason, "field", "amount", "value", text))
		if len(err.Error()) > 250 {
			t.Errorf("%q makes a message of %d bytes", text[:20], len(err.Error()))
		}
	}
}

func TestAmountsAreReadExactly(t *testing.T) {
	for text, fen := range map[string]int64{"0": 0, "0.00": 0, "0.1": 10, "0.01": 1, "1800000": 180_000_000, "1800000.5": 180_000_050, "999999999999.99": maxFen} {
		m, err := ParseMoney(text)
		if err != nil || m.Fen() != fen {
			t.Errorf("%q is %d fen, %v; expected %d", text, m.Fen(), err, fen)
		}
	}
}

func TestAmountsOfCommandsAreAboveZeroAndBounded(t *testing.T) {
	for amount, code := range map[Money]string{NoMoney: CodeAmountZero, Fen(-1): CodeAmountNegative, Fen(maxFen + 1): CodeAmountTooLarge} {
		st := given(t).approved(submit("A", aiFirm, "6", "P", in(2025, "9.00"))).
			ready(submit("B", aiFirm, "6", "P", in(2025, "9.00"))).
			and(pay("P1", "A", 2025, "5.00"), order("C", "P1", "3.00", CauseError), except("X", "1.2a", "P", 2025, "1.00"))
		part := []Instalment{{2025, amount}}
		for _, c := range []Command{submit("N", aiFirm, "6", "P", part...), approve("B", part...),
			&ReduceApproval{Application: "A", SupportYear: 2025, Amount: amount}, &ReleaseApproval{Application: "A", SupportYear: 2025, Amount: amount},
			&GrantException{Exception: "Y", Clause: "1.2a", Subject: "P", SupportYear: 2025, Amount: amount, Document: "d"},
			&RevokeException{Exception: "X", Amount: amount, Document: "d"},
			&MakePayout{Payout: "P2", Application: "A", SupportYear: 2025, Amount: amount},
			&BookPayout{Payout: "P2", Application: "A", SupportYear: 2025, Amount: amount},
			&BookRecovery{Recovery: "R", Payout: "P1", Amount: amount, Cause: CauseError},
			&ReturnPayout{Payout: "P1", Amount: amount}, &OrderClawback{Clawback: "C2", Payout: "P1", Amount: amount, Cause: CauseError},
			&WaiveClawback{Clawback: "C", Amount: amount, Document: "d"}, &ReceiveRecovery{Recovery: "R", Clawback: "C", Amount: amount},
		} {
			st.when(c).refused(code, "R1")
		}
		if !amount.IsZero() { // interest may be none; an appropriation and a cap of nought are meaningful
			st.when(&SetAppropriation{BudgetYear: 2025, Clause: "6", Amount: amount, Document: "d"}).refused(code, "R1")
			st.when(&AmendClause{Clause: "6", Cap: NewCap{Stated(amount), true}, EffectiveOn: day("2025-03-01"), Document: "d"}).refused(code, "R1")
			st.when(&ReceiveRecovery{Recovery: "R", Clawback: "C", Amount: Fen(1), Interest: amount}).refused(code, "R1", "field", "interest")
		}
	}
}

func TestSumsBeyondWhatIsHeldStopTheProgram(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a sum wrapped around")
		}
	}()
	Fen(1 << 62).Add(Fen(1 << 62))
}

func TestDecimalsWithMoreThanTwoPlacesAreNotTakenOver(t *testing.T) {
	for text, ok := range map[string]bool{"1.50": true, "-1.5": true, "1.500": true, "1.005": false, "1e12": false, "999999999999.99": true} {
		if _, err := MoneyOf(decimal.RequireFromString(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBalancesReadBackWhatAnySumWrites(t *testing.T) {
	for _, fen := range []int64{0, 1, -1, 100, -50_00, maxFen, maxFen * 1000, -maxFen * 1000} {
		var b Balance
		if err := b.UnmarshalText([]byte(Fen(fen).String())); err != nil || b.Fen() != fen {
			t.Errorf("%s reads as %s, %v", Fen(fen), b, err)
		}
	}
	for _, text := range []string{"", "-", "1", "1.5", "1e3.00", "--1.00", "+1.00", "1.00 ", "1._0", "9999999999999999999999.00"} {
		if new(Balance).UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestCeilingsAreTextOrNull(t *testing.T) {
	for text, ok := range map[string]bool{`null`: true, `"1.00"`: true, `1.00`: false, `1`: false, `""`: false, `"`: false, `"-1.00"`: false, `true`: false} {
		var c Ceiling
		if err := c.UnmarshalJSON([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		} else if ok {
			if again, _ := c.MarshalJSON(); string(again) != text {
				t.Errorf("%s reads back as %s", text, again)
			}
		}
	}
}

func TestDatesAreReadInOneWay(t *testing.T) {
	for text, ok := range map[string]bool{"2025-03-01": true, "2024-02-29": true, "1900-01-01": true, "2999-12-31": true, "": false, "2025-02-29": false,
		"2025-3-1": false, "2025/03/01": false, "20250301": false, "2025-13-01": false, "2025-00-10": false, "2025-04-31": false, "1899-12-31": false,
		"3000-01-01": false, " 2025-03-01": false, "2025-03-01 ": false, "2025-03-01T00:00:00Z": false, "２０２５-03-01": false, "-025-03-01": false,
		"2025-03-01\n": false, "2025年3月1日": false} {
		d, err := ParseDate(text)
		if (err == nil) != ok || ok && d.String() != text {
			t.Errorf("%q reads as %q, %v", text, d, err)
		}
	}
}

func TestADateIsThatOfItsPlace(t *testing.T) {
	place := Shanghai
	evening := time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC)
	if d := DateIn(evening, place); d != DateOf(2026, 1, 1) {
		t.Errorf("16:00 UTC on 2025-12-31 is %s in Shanghai", d)
	}
	if at := DateOf(2026, 1, 1).Time(place); !at.Equal(evening) {
		t.Errorf("2026-01-01 begins at %s", at.UTC())
	}
}

var ids = map[string]bool{
	"A": true, "申请-1": true, "a b": true, strings.Repeat("x", 200): true, strings.Repeat("长", 66): true, "*.>": true, "../../etc/passwd": true, "é": true,
	"": false, " A": false, "A ": false, "　A": false, "A\u00a0": false, strings.Repeat("x", 201): false, strings.Repeat("长", 67): false, "A\x00": false, "A\nB": false,
	"A\tB": false, "A\rB": false, "\x7f": false, "A\u0085": false, "\xff": false, "a\u202eb": false, "a\u2066b": false, "a\u200bb": false, "a\u200db": false,
	"a\ufeffb": false, "a\u00adb": false, "a\u2028b": false, "a\u2029b": false, "a\ufe0fb": false, "a\u3164b": false, "a\u034fb": false, "a\ue000": false, "a\ufffd": false,
}

func TestIdentifiersAreWhatAReaderSees(t *testing.T) {
	for id, ok := range ids {
		if validID(id) != ok {
			t.Errorf("%q: valid is %v", id, !ok)
		}
		c := submit(ApplicationID(id), aiFirm, "6", "P", in(2025, "1.00"))
		if _, r := given(t).decide(c); (r == nil) != ok || r != nil && r.Rule != "R11" {
			t.Errorf("an application named %q: %v", id, r)
		}
	}
}

func TestCreditCodesAreVerified(t *testing.T) {
	for code, ok := range map[EnterpriseID]bool{"914403001922038216": true, "91330100799655058B": true, "91350100M000100Y4Z": false, "914403001922038217": false,
		"91330100799655058b": false, "91330100799655058": false, "91330100799655058B ": false, "": false, "9133010079965505IB": false, "９14403001922038216": false,
		"194403001922038216": false} {
		if ValidCreditCode(code) != ok {
			t.Errorf("%q: valid is %v", code, !ok)
		}
	}
	for i := range 17 { // any single sign changed is found
		for _, sign := range creditCodeSigns {
			bad := []byte("91330100799655058B")
			if bad[i] == byte(sign) {
				continue
			}
			bad[i] = byte(sign)
			if ValidCreditCode(EnterpriseID(bad)) {
				t.Fatalf("%s passes", bad)
			}
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for text := range hostileAmounts {
		f.Add(text)
	}
	f.Add("1800000.00")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMoney(text)
		if err != nil {
			return
		}
		want, err := decimal.NewFromString(text)
		if err != nil || !m.Decimal().Equal(want) || want.IsNegative() {
			t.Fatalf("%q is %s, the decimal %s (%v)", text, m, want, err)
		}
		if again, err := ParseMoney(m.String()); err != nil || again != m || want.StringFixed(2) != m.String() {
			t.Fatalf("%q writes as %s, which reads as %s (%v)", text, m, again, err)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2025-03-01", "2024-02-29", "2025-02-29", "0000-00-00", "2025-3-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDate(text)
		if err != nil {
			return
		}
		at, err := time.Parse(time.DateOnly, text)
		if err != nil || d.String() != text || !d.Time(time.UTC).Equal(at) || d.Before(d) || d.After(d) {
			t.Fatalf("%q reads as %s", text, d)
		}
	})
}

func FuzzCreditCode(f *testing.F) {
	for _, text := range []string{"914403001922038216", "91330100799655058B", "91350100M000100Y4Z", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !ValidCreditCode(EnterpriseID(text)) {
			return
		}
		if check, ok := CreditCodeCheck(text[:17]); !ok || check != text[17] || !validID(text) || strings.ContainsAny(text, "IOSVZ") {
			t.Fatalf("%q passes", text)
		}
	})
}

func FuzzValidID(f *testing.F) {
	for id := range ids {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if !validID(id) {
			return
		}
		if id == "" || len(id) > 200 || strings.TrimSpace(id) != id || strings.ToValidUTF8(id, "") != id || strings.ContainsAny(id, "\x00\r\n\t\u200b\u202e") {
			t.Fatalf("%q passes", id)
		}
	})
}

func TestPersonalIdentityNumbersAreFoundAnywhere(t *testing.T) {
	for text, found := range map[string]bool{
		"11010519491231002X": true, "11010519491231002x": true, "440524188001010014": false /* a birth in 1880 is none of ours */, "110105194912310021": false,
		"身份证11010519491231002X号": true, "id:11010519491231002X.": true, "１１０１０５１９４９１２３１００２Ｘ": true, "a 11010519491231002X": true,
		"111010519491231002X": false, "11010519491231002X1": false, "11010519491331002X": false, "1101051949123100X": false, "": false,
		"110105 19491231 002X": true, "110105-19491231-002X": true, "1101 0519 4912 3100 2X": true, "110105\u300019491231\u2003002 X": true,
		"110105—19491231−002x": true, "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X": true, "证 110105 - 19491231 - 002X 号": true, "110105\u200b19491231002X": true,
		"٠ 11010519491231002X": true, "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X": true, "𝟏𝟏𝟎𝟏𝟎𝟓𝟏𝟗𝟒𝟗𝟏𝟐𝟑𝟏𝟎𝟎𝟐X": true, "12X11010519491231002X": true, "7 110105 19491231 002X 7": true,
		"110105/19491231/002X": false, "110105 19491231 0021": false, "110105 19491231 002X1": false, "2025-03-01 2025-03-01 2025-03-01": false,
		"914403001922038216": false, "x11010519491231002X 11010519491231002X": true, "2025-03-01": false,
	} {
		if personalID(text) != found {
			t.Errorf("%q: found is %v", text, !found)
		}
	}
}

func TestAnAmountIsTakenAsAPersonTypesIt(t *testing.T) {
	for typed, want := range map[string]string{"1,000,000": "1000000.00", " 1，000.5 ": "1000.50", "１０００": "1000.00", "10": "10.00", "1,00": "", "1000,000": "", ",100": "", "1,000,00": "", "1.000,00": "",
		"1,,000": "", "-1,000": "", "1 000": "1000.00", "1\u00a0234\u202f567.89": "1234567.89", "¥1,234.50": "1234.50", "１，２３４，５６７．８９": "1234567.89", "1,234 567": "", "12,34": "", "1,234,56.7": "",
		"1,234.567": "", "1,234.": "", "0,123": "", "00,123": "", "１２，３４": "", "1'000": "", "1e3": "", "1g234": "", "999,999,999,999.99": "999999999999.99", "1,000,000,000,000": ""} {
		m, err := ParseMoney(PlainAmount(typed))
		if err == nil && m.String() != want || err != nil && want != "" {
			t.Errorf("%q is %v, %v; want %q", typed, m, err, want)
		}
	}
}
