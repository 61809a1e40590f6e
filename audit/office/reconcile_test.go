package office

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/tabular"
)

func paidOut(id, voucher, on, amount, enterprise string, names ...string) PaidOut {
	return PaidOut{Payout: domain.PayoutID(id), Seq: uint64(len(id)) + uint64(id[len(id)-1]), Voucher: voucher, PaidOn: scribe.Day(on), Amount: yuan(amount), Enterprise: domain.EnterpriseID(enterprise), Names: names}
}

func yuan(text string) domain.Money {
	m, err := domain.ParseMoney(text)
	if err != nil {
		panic(err)
	}
	return m
}

func paymentLine(line int, voucher, on, amount, payee string) PaymentLine {
	return PaymentLine{Statement: "S1", Line: line, Voucher: voucher, PaidOn: scribe.Day(on), Amount: yuan(amount), Payee: payee}
}

// said is a reconciliation in short: a line an item, as "outcome payout line differs difference".
func said(r Reconciliation) string {
	var b strings.Builder
	for _, i := range r.Items {
		p, l := "-", "-"
		if i.Payout != nil {
			p = string(i.Payout.Payout)
		}
		if i.Line != nil {
			l = fmt.Sprint(i.Line.Line)
		}
		fmt.Fprintf(&b, "%s %s %s [%s] %s\n", i.Outcome, p, l, strings.Join(i.Differs, " "), i.Difference)
	}
	return b.String()
}

func TestPaymentsAreReconciledBothWays(t *testing.T) {
	a := paidOut("P1", "V1", "2025-03-01", "100.00", "A", "旧名", "甲公司(上海)")
	for name, c := range map[string]struct {
		payouts []PaidOut
		lines   []PaymentLine
		want    string
	}{
		"alike":                     {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "甲公司(上海)")}, "matched P1 1 [] 0.00\n"},
		"a former name":             {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "旧名")}, "matched P1 1 [] 0.00\n"},
		"full width and spaces":     {[]PaidOut{a}, []PaymentLine{paymentLine(1, " V1", "2025-03-01", "100.00", "甲公司(上海) ")}, "matched P1 1 [] 0.00\n"},
		"the identifier":            {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "a")}, "matched P1 1 [] 0.00\n"},
		"another payee":             {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "乙公司")}, "differs P1 1 [payee] 0.00\n"},
		"another day":               {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-02", "100.00", "A")}, "differs P1 1 [paid_on] 0.00\n"},
		"another amount":            {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.01", "A")}, "differs P1 1 [amount] 0.01\n"},
		"another voucher":           {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V9", "2025-03-01", "100.00", "A")}, "differs P1 1 [voucher] 0.00\n"},
		"everything but the number": {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-05", "7.00", "X")}, "differs P1 1 [paid_on amount payee] -93.00\n"},
		"money nobody booked":       {nil, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "A")}, "payment_without_payout - 1 [] 100.00\n"},
		"no money left": {[]PaidOut{a, paidOut("P2", "V2", "2025-03-01", "5.00", "B")}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "A")},
			"payout_without_payment P2 - [] -5.00\nmatched P1 1 [] 0.00\n"},
		"outside the period": {[]PaidOut{a, paidOut("P2", "V2", "2025-03-02", "5.00", "B"), paidOut("P0", "V0", "2025-02-28", "5.00", "B")},
			[]PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "A")}, "matched P1 1 [] 0.00\n"},
		"paid twice": {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "A"), paymentLine(2, "V1", "2025-03-02", "100.00", "A")},
			"matched P1 1 [] 0.00\npayment_twice - 2 [] 100.00\n"},
		"booked twice": {[]PaidOut{a, paidOut("P2", "V1", "2025-03-01", "100.00", "A")}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "100.00", "A")},
			"payout_twice P2 - [] -100.00\nmatched P1 1 [] 0.00\n"},
		"two lines of a voucher nobody booked": {nil, []PaymentLine{paymentLine(1, "V7", "2025-03-01", "1.00", "A"), paymentLine(2, "V7", "2025-03-01", "1.00", "A")},
			"payment_without_payout - 1 [] 1.00\npayment_twice - 2 [] 1.00\n"},
		"one transfer for two payouts": {[]PaidOut{a, paidOut("P2", "V1", "2025-03-01", "20.00", "A")}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "120.00", "旧名")},
			"matched_in_sum P1 - [] -100.00\nmatched_in_sum P2 - [] -20.00\nmatched_in_sum - 1 [] 120.00\n"},
		"a payout in two parts": {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "60.00", "A"), paymentLine(2, "V1", "2025-03-02", "40.00", "A")},
			"matched_in_sum P1 - [] -100.00\nmatched_in_sum - 1 [] 60.00\nmatched_in_sum - 2 [] 40.00\n"},
		"in parts to somebody else": {[]PaidOut{a}, []PaymentLine{paymentLine(1, "V1", "2025-03-01", "60.00", "A"), paymentLine(2, "V1", "2025-03-01", "40.00", "X")},
			"differs P1 1 [amount] -40.00\npayment_twice - 2 [] 40.00\n"},
		"no voucher at all": {[]PaidOut{paidOut("P1", "", "2025-03-01", "1.00", "A")}, []PaymentLine{paymentLine(1, "", "2025-03-01", "2.00", "A")},
			"payout_without_payment P1 - [] -1.00\npayment_without_payout - 1 [] 2.00\n"},
		"a number joined differently": {[]PaidOut{paidOut("P1", "V1", "2025-03-01", "11.00", "A")}, []PaymentLine{paymentLine(1, "V", "2025-03-01", "111.00", "A")},
			"payout_without_payment P1 - [] -11.00\npayment_without_payout - 1 [] 111.00\n"},
		"nothing": {nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Reconcile(c.payouts, c.lines, domain.Date{}, domain.Date{})
			if err != nil || said(r) != c.want {
				t.Errorf("%v, got\n%swant\n%s", err, said(r), c.want)
			}
			if r.Agrees() != !strings.Contains(c.want, "differs") && !strings.Contains(c.want, "without") && !strings.Contains(c.want, "twice") {
				t.Errorf("agrees: %v", r.Agrees())
			}
		})
	}
}

func TestAPeriodCanBeAsked(t *testing.T) {
	r, err := Reconcile([]PaidOut{paidOut("P1", "V1", "2025-03-01", "1.00", "A"), paidOut("P2", "V2", "2025-04-01", "1.00", "A")}, nil, scribe.Day("2025-03-01"), scribe.Day("2025-03-31"))
	if err != nil || said(r) != "payout_without_payment P1 - [] -1.00\n" {
		t.Errorf("%v %s", err, said(r))
	}
}

func TestAReconciliationAddsUpAndDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var payouts []PaidOut
		var lines []PaymentLine
		on := func() string { return fmt.Sprintf("2025-03-%02d", rapid.IntRange(1, 3).Draw(t, "day")) }
		voucher := func() string { return rapid.SampledFrom([]string{"", "V1", "V2", "V3", "V4"}).Draw(t, "voucher") }
		amount := func() string {
			return rapid.SampledFrom([]string{"1.00", "2.00", "3.00", "999999999999.99"}).Draw(t, "amount")
		}
		who := func() string { return rapid.SampledFrom([]string{"A", "B", "甲"}).Draw(t, "who") }
		for i := range rapid.IntRange(0, 12).Draw(t, "payouts") {
			payouts = append(payouts, PaidOut{Payout: domain.PayoutID(fmt.Sprint("P", i)), Seq: uint64(i + 1), Voucher: voucher(), PaidOn: scribe.Day(on()), Amount: yuan(amount()),
				Enterprise: domain.EnterpriseID(who()), Names: []string{who()}})
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "lines") {
			lines = append(lines, paymentLine(i+1, voucher(), on(), amount(), who()))
		}
		r, err := Reconcile(payouts, lines, scribe.Day("2025-01-01"), scribe.Day("2025-12-31"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Payouts != len(payouts) || r.Lines != len(lines) || r.Difference.Money != r.Stated.Sub(r.Paid.Money) {
			t.Fatalf("%d payouts, %d lines, %s − %s is not %s", r.Payouts, r.Lines, r.Stated, r.Paid, r.Difference)
		}
		seen, matched := map[string]bool{}, domain.NoMoney
		for _, i := range r.Items {
			for _, id := range []string{fmt.Sprint("p", i.Payout != nil && seen["p"+string(i.Payout.Payout)]), fmt.Sprint("l", i.Line != nil && seen[fmt.Sprint("l", i.Line.Line)])} {
				if strings.HasSuffix(id, "true") {
					t.Fatal("something stands in it twice")
				}
			}
			if i.Payout != nil {
				seen["p"+string(i.Payout.Payout)] = true
			}
			if i.Line != nil {
				seen[fmt.Sprint("l", i.Line.Line)] = true
			}
			if i.Outcome == Matched || i.Outcome == MatchedInSum {
				matched = matched.Add(i.Difference.Money)
			}
			if i.Outcome == Matched && (len(i.Differs) > 0 || !i.Difference.IsZero()) {
				t.Fatalf("%+v passes as matched", i)
			}
		}
		if !matched.IsZero() {
			t.Fatalf("what matched differs by %s", matched)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(payouts), reflect.Swapper(payouts))
		rng.Shuffle(len(lines), reflect.Swapper(lines))
		again, err := Reconcile(payouts, lines, scribe.Day("2025-01-01"), scribe.Day("2025-12-31"))
		if err != nil || said(again) != said(r) {
			t.Fatalf("in another order:\n%s\nfirst:\n%s", said(again), said(r))
		}
	})
}

func TestSumsBeyondAllBoundsAreAnErrorAndNeverWrap(t *testing.T) {
	huge := PaymentLine{Statement: "S", Line: 1, Voucher: "V", PaidOn: scribe.Day("2025-03-01"), Amount: domain.Fen(math.MaxInt64), Payee: "A"}
	more := huge
	more.Line = 2
	if _, err := Reconcile(nil, []PaymentLine{huge, more}, domain.Date{}, domain.Date{}); !errors.Is(err, ErrReconcile) {
		t.Errorf("%v", err)
	}
	if _, err := Reconcile(nil, make([]PaymentLine, MaxReconciled+1), domain.Date{}, domain.Date{}); !errors.Is(err, ErrReconcile) {
		t.Errorf("%v", err)
	}
	r, err := Reconcile(nil, []PaymentLine{huge}, domain.Date{}, domain.Date{})
	if err != nil || r.Stated.Fen() != math.MaxInt64 {
		t.Errorf("%v %v", r.Stated, err)
	}
}

// One voucher for everything must not take the square of the time.
func TestManyLinesOfOneVoucherAreReconciled(t *testing.T) {
	var payouts []PaidOut
	var lines []PaymentLine
	for i := range 50_000 {
		payouts = append(payouts, PaidOut{Payout: domain.PayoutID(fmt.Sprint("P", i)), Seq: uint64(i + 1), Voucher: "V", PaidOn: scribe.Day("2025-03-01"), Amount: domain.Yuan(1), Enterprise: "A"})
		lines = append(lines, paymentLine(i+1, "V", "2025-03-01", "1.00", "A"))
	}
	r, err := Reconcile(payouts, lines, domain.Date{}, domain.Date{})
	if err != nil || r.Counts[Matched] != 50_000 || !r.Agrees() {
		t.Errorf("%v %v", r.Counts, err)
	}
}

func TestAReconciliationIsATableInBothLanguages(t *testing.T) {
	r, err := Reconcile([]PaidOut{paidOut("P1", "V1", "2025-03-01", "100.00", "A", "甲")}, []PaymentLine{paymentLine(1, "V1", "2025-03-02", "100.00", "乙")}, domain.Date{}, domain.Date{})
	if err != nil {
		t.Fatal(err)
	}
	tab := r.Table()
	if len(tab.Rows) != 1 || len(tab.Rows[0]) != len(tab.Columns) || tab.Rows[0][1].ZH != "支付日期、收款人" || tab.Rows[0][1].EN != "paid on, payee" ||
		!slices.ContainsFunc(tab.Columns, func(c tabular.Column) bool { return c.Kind == tabular.Money }) {
		t.Errorf("%+v", tab.Rows)
	}
	for _, o := range outcomes {
		if outcomeText[o].ZH == "" || outcomeText[o].EN == "" {
			t.Errorf("%s has no name", o)
		}
	}
}
