package office

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// MaxReconciled bounds the payouts, and the payment lines, of one reconciliation.
const MaxReconciled = 1_000_000

// ErrReconcile says that payouts and payment lines cannot be reconciled: there are too many, or their sums cannot be held.
var ErrReconcile = errors.New("cannot reconcile")

// PaidOut is a payout as the log has it.
type PaidOut struct {
	Payout     domain.PayoutID     `json:"payout"`
	Seq        uint64              `json:"seq"`
	Voucher    string              `json:"voucher"`
	PaidOn     domain.Date         `json:"paid_on"`
	Amount     domain.Money        `json:"amount"`
	Enterprise domain.EnterpriseID `json:"enterprise"`
	Names      []string            `json:"names"` // of the enterprise, the latest last
}

// PaymentLine is a line of a payment file of the treasury.
type PaymentLine struct {
	Statement domain.StatementID `json:"statement"`
	Line      int                `json:"line"`
	Voucher   string             `json:"voucher"`
	PaidOn    domain.Date        `json:"paid_on"`
	Amount    domain.Money       `json:"amount"`
	Payee     string             `json:"payee"`
	Seq       uint64             `json:"seq,omitzero"` // of the event that recorded it
}

// Outcome is what became of a payout or a payment line.
type Outcome string

// The outcomes.
const (
	Matched              Outcome = "matched"                // a payout and a line of one voucher, date, amount and payee
	MatchedInSum         Outcome = "matched_in_sum"         // all payouts and all lines of one voucher and payee, which come to the same
	MatchedDiffering     Outcome = "differs"                // a payout and a line that belong together, and say different things
	PaymentWithoutPayout Outcome = "payment_without_payout" // money left the treasury and the ledger knows of none
	PaymentTwice         Outcome = "payment_twice"          // a line whose voucher is another line's too
	PayoutWithoutPayment Outcome = "payout_without_payment" // the ledger paid in the period and no money left
	PayoutTwice          Outcome = "payout_twice"           // a payout whose voucher is another payout's too
)

var outcomes = []Outcome{Matched, MatchedInSum, MatchedDiffering, PaymentWithoutPayout, PaymentTwice, PayoutWithoutPayment, PayoutTwice}

// Reconciled is a payout, a payment line, or both that belong together.
type Reconciled struct {
	Outcome    Outcome        `json:"outcome"`
	Payout     *PaidOut       `json:"payout,omitempty"`
	Line       *PaymentLine   `json:"line,omitempty"`
	Differs    []string       `json:"differs"`    // of "voucher", "paid_on", "amount", "payee"
	Difference domain.Balance `json:"difference"` // the line less the payout
}

// Reconciliation holds the payouts of a period against the payment lines of the treasury, both ways. Each payout of the period and each line stands in
// it once, so that its differences add up to the lines' total less the payouts'.
type Reconciliation struct {
	From       domain.Date     `json:"from,omitzero"` // the period, both days included; none where nothing was paid
	To         domain.Date     `json:"to,omitzero"`
	Payouts    int             `json:"payouts"` // that stand in it
	Lines      int             `json:"lines"`
	Paid       domain.Balance  `json:"paid"`       // of the payouts
	Stated     domain.Balance  `json:"stated"`     // by the lines
	Difference domain.Balance  `json:"difference"` // stated less paid
	Counts     map[Outcome]int `json:"counts"`
	Items      []Reconciled    `json:"items"` // by date, then by line and payout
}

// Agrees reports whether everything matched.
func (r Reconciliation) Agrees() bool {
	return r.Counts[Matched]+r.Counts[MatchedInSum] == len(r.Items)
}

// Open are the items that do not match: what is to be looked at.
func (r Reconciliation) Open() []Reconciled {
	return slices.DeleteFunc(slices.Clone(r.Items), func(i Reconciled) bool { return i.Outcome == Matched || i.Outcome == MatchedInSum })
}

// Reconcile matches payouts with payment lines. Of a period that is none, it is from the first to the last day of the lines; payouts outside of it take
// part where a line belongs to them, and are left out else. The same input in any order gives the same result.
//
// A line belongs to the payout that it agrees with most: first voucher, amount, date and payee; then, of one voucher, all of a payee where the
// sums agree (whatever their dates); then voucher with amount and date, voucher with amount and payee, voucher with amount, voucher with payee, voucher; then, whatever
// the voucher, amount with date and payee. Of several that agree alike the earliest comes first. A payee agrees with a payout where it is the enterprise's
// identifier or a name it ever had, whatever the width of the characters, case and spaces.
func Reconcile(payouts []PaidOut, lines []PaymentLine, from, to domain.Date) (Reconciliation, error) {
	if len(payouts) > MaxReconciled || len(lines) > MaxReconciled {
		return Reconciliation{}, fmt.Errorf("%w: %d payouts and %d lines, at most %d each: choose a shorter period", ErrReconcile, len(payouts), len(lines), MaxReconciled)
	}
	m := newMatcher(payouts, lines)
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher, l.Amount, l.PaidOn, payeeKey(l.Payee)) },
		func(p *PaidOut, name string) string { return m.key(p.Voucher, p.Amount, p.PaidOn, name) })
	m.matchSums()
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher, l.Amount, l.PaidOn) },
		func(p *PaidOut, _ string) string { return m.key(p.Voucher, p.Amount, p.PaidOn) })
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher, l.Amount, payeeKey(l.Payee)) },
		func(p *PaidOut, name string) string { return m.key(p.Voucher, p.Amount, name) })
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher, l.Amount) },
		func(p *PaidOut, _ string) string { return m.key(p.Voucher, p.Amount) })
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher, payeeKey(l.Payee)) },
		func(p *PaidOut, name string) string { return m.key(p.Voucher, name) })
	m.match(func(l *PaymentLine) string { return m.key(l.Voucher) },
		func(p *PaidOut, _ string) string { return m.key(p.Voucher) })
	m.match(func(l *PaymentLine) string { return "=" + m.key("", l.Amount, l.PaidOn, payeeKey(l.Payee)) },
		func(p *PaidOut, name string) string { return "=" + m.key("", p.Amount, p.PaidOn, name) })
	return m.result(from, to)
}

// matcher holds what is not matched yet.
type matcher struct {
	payouts   []*PaidOut
	lines     []*PaymentLine
	names     map[*PaidOut][]string
	donePay   map[*PaidOut]bool
	doneLine  map[*PaymentLine]bool
	byVoucher map[string]int // payouts and lines that were matched under it
	items     []Reconciled
}

func newMatcher(payouts []PaidOut, lines []PaymentLine) *matcher {
	m := &matcher{names: map[*PaidOut][]string{}, donePay: map[*PaidOut]bool{}, doneLine: map[*PaymentLine]bool{}, byVoucher: map[string]int{}}
	for i := range payouts {
		p := payouts[i]
		m.payouts = append(m.payouts, &p)
		keys := []string{payeeKey(string(p.Enterprise))}
		for _, name := range p.Names {
			keys = append(keys, payeeKey(name))
		}
		slices.Sort(keys)
		m.names[&p] = slices.Compact(keys)
	}
	for i := range lines {
		l := lines[i]
		m.lines = append(m.lines, &l)
	}
	slices.SortFunc(m.payouts, comparePayouts)
	slices.SortFunc(m.lines, comparePayments)
	return m
}

func compareDates(a, b domain.Date) int {
	switch {
	case a.Before(b):
		return -1
	case a.After(b):
		return 1
	}
	return 0
}

func comparePayouts(a, b *PaidOut) int {
	return cmp.Or(compareDates(a.PaidOn, b.PaidOn), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Payout, b.Payout))
}

func comparePayments(a, b *PaymentLine) int {
	return cmp.Or(compareDates(a.PaidOn, b.PaidOn), cmp.Compare(a.Statement, b.Statement), cmp.Compare(a.Line, b.Line))
}

// key joins what is compared, so that no two lists of parts give the same; without a voucher there is none to compare.
func (m *matcher) key(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		s := strings.TrimSpace(fmt.Sprint(p))
		fmt.Fprintf(&b, "%d:%s", len(s), s)
	}
	return b.String()
}

// payeeKey is a name without what banks and clerks write differently: full-width signs, case, spaces.
func payeeKey(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == ' ' || r == '\u3000' || r == '\u00a0' || r == '\t':
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(name)))
}

// match pairs each line with the earliest payout under its key. A key that begins with the length nought has no voucher.
func (m *matcher) match(ofLine func(*PaymentLine) string, ofPayout func(p *PaidOut, name string) string) {
	waiting := map[string][]*PaidOut{}
	for _, p := range m.payouts {
		if m.donePay[p] {
			continue
		}
		last := ""
		for _, name := range m.names[p] {
			if key := ofPayout(p, name); key != last {
				waiting[key] = append(waiting[key], p)
				last = key
			}
		}
	}
	for _, l := range m.lines {
		key := ofLine(l)
		if m.doneLine[l] || strings.HasPrefix(key, "0:") {
			continue
		}
		queue := waiting[key]
		for len(queue) > 0 && m.donePay[queue[0]] {
			queue = queue[1:]
		}
		if len(queue) > 0 {
			m.pair(queue[0], l)
			queue = queue[1:]
		}
		waiting[key] = queue
	}
}

func (m *matcher) pair(p *PaidOut, l *PaymentLine) {
	item := Reconciled{Outcome: Matched, Payout: p, Line: l, Differs: []string{}, Difference: domain.Balance{Money: l.Amount.Sub(p.Amount)}}
	for _, d := range []struct {
		name string
		same bool
	}{{"voucher", strings.TrimSpace(p.Voucher) == strings.TrimSpace(l.Voucher)}, {"paid_on", p.PaidOn == l.PaidOn}, {"amount", p.Amount == l.Amount},
		{"payee", slices.Contains(m.names[p], payeeKey(l.Payee))}} {
		if !d.same {
			item.Differs = append(item.Differs, d.name)
		}
	}
	if len(item.Differs) > 0 {
		item.Outcome = MatchedDiffering
	}
	m.done(p, l)
	m.items = append(m.items, item)
}

func (m *matcher) done(p *PaidOut, l *PaymentLine) {
	if p != nil {
		m.donePay[p] = true
		m.byVoucher["p"+strings.TrimSpace(p.Voucher)]++
	}
	if l != nil {
		m.doneLine[l] = true
		m.byVoucher["l"+strings.TrimSpace(l.Voucher)]++
	}
}

// party is all that is not matched yet of one voucher and enterprise.
type party struct {
	payouts []*PaidOut
	lines   []*PaymentLine
}

// matchSums matches what is split: several payouts paid at once, or one in parts, where the sums of a voucher and payee agree.
func (m *matcher) matchSums() {
	parties := map[string]*party{}
	owner := map[string]*party{} // voucher and name: nil where two enterprises share them
	for _, p := range m.payouts {
		voucher := strings.TrimSpace(p.Voucher)
		if m.donePay[p] || voucher == "" {
			continue
		}
		key := m.key(voucher, p.Enterprise)
		if parties[key] == nil {
			parties[key] = &party{}
		}
		parties[key].payouts = append(parties[key].payouts, p)
		for _, name := range m.names[p] {
			under := m.key(voucher, name)
			if of, known := owner[under]; known && of != parties[key] {
				owner[under] = nil
				continue
			}
			owner[under] = parties[key]
		}
	}
	var order []*party
	for _, l := range m.lines {
		if of := owner[m.key(l.Voucher, payeeKey(l.Payee))]; of != nil && !m.doneLine[l] {
			if len(of.lines) == 0 {
				order = append(order, of)
			}
			of.lines = append(of.lines, l)
		}
	}
	for _, of := range order {
		m.settle(of)
	}
}

// settle takes a party as matched where its sums agree. Where the amounts agree one by one too, only dates differ: they are paired later.
func (m *matcher) settle(of *party) {
	var sum fenSum
	for _, p := range of.payouts {
		sum.add(p.Amount.Neg())
	}
	for _, l := range of.lines {
		sum.add(l.Amount)
	}
	if sum != (fenSum{}) || slices.Equal(amounts(of.payouts, func(p *PaidOut) domain.Money { return p.Amount }), amounts(of.lines, func(l *PaymentLine) domain.Money { return l.Amount })) {
		return
	}
	for _, p := range of.payouts {
		m.done(p, nil)
		m.items = append(m.items, Reconciled{Outcome: MatchedInSum, Payout: p, Differs: []string{}, Difference: domain.Balance{Money: p.Amount.Neg()}})
	}
	for _, l := range of.lines {
		m.done(nil, l)
		m.items = append(m.items, Reconciled{Outcome: MatchedInSum, Line: l, Differs: []string{}, Difference: domain.Balance{Money: l.Amount}})
	}
}

func amounts[T any](list []T, of func(T) domain.Money) []domain.Money {
	out := make([]domain.Money, len(list))
	for i, v := range list {
		out[i] = of(v)
	}
	slices.SortFunc(out, domain.Money.Cmp)
	return out
}

// fenSum adds up in hundredths without ever wrapping: high counts whole 2^62.
type fenSum struct{ high, low int64 }

func (s *fenSum) add(m domain.Money) {
	const whole = 1 << 62
	s.low += m.Fen() % whole
	s.high += m.Fen() / whole
	for s.low < 0 {
		s.low, s.high = s.low+whole, s.high-1
	}
	for s.low >= whole {
		s.low, s.high = s.low-whole, s.high+1
	}
}

// money is the sum, where it can be held.
func (s fenSum) money() (domain.Balance, error) {
	if s.high >= -2 && s.high <= 1 {
		return domain.Balance{Money: domain.Fen(s.high<<62 + s.low)}, nil
	}
	return domain.Balance{}, fmt.Errorf("%w: the sums are beyond what can be held exactly: choose a shorter period", ErrReconcile)
}

// result says what is left of each side, and adds up.
func (m *matcher) result(from, to domain.Date) (Reconciliation, error) {
	if len(m.lines) > 0 && from.IsZero() {
		from = m.lines[0].PaidOn
	}
	if len(m.lines) > 0 && to.IsZero() {
		to = m.lines[len(m.lines)-1].PaidOn
	}
	r := Reconciliation{From: from, To: to, Counts: map[Outcome]int{}}
	for _, o := range outcomes {
		r.Counts[o] = 0
	}
	for _, l := range m.lines {
		if !m.doneLine[l] {
			m.items = append(m.items, Reconciled{Outcome: m.leftover(l.Voucher, "l", PaymentWithoutPayout, PaymentTwice), Line: l, Differs: []string{}, Difference: domain.Balance{Money: l.Amount}})
		}
	}
	for _, p := range m.payouts {
		if !m.donePay[p] && !p.PaidOn.Before(from) && !p.PaidOn.After(to) {
			m.items = append(m.items, Reconciled{Outcome: m.leftover(p.Voucher, "p", PayoutWithoutPayment, PayoutTwice), Payout: p, Differs: []string{}, Difference: domain.Balance{Money: p.Amount.Neg()}})
		}
	}
	slices.SortFunc(m.items, compareReconciled)
	r.Items = m.items
	return r, r.addUp()
}

// leftover is the outcome of what belongs to nothing; the first of a voucher is alone, each further one is there twice.
func (m *matcher) leftover(voucher, side string, alone, twice Outcome) Outcome {
	voucher = strings.TrimSpace(voucher)
	if voucher == "" {
		return alone
	}
	if m.byVoucher[side+voucher]++; m.byVoucher[side+voucher] > 1 {
		return twice
	}
	return alone
}

func compareReconciled(a, b Reconciled) int {
	on := func(r Reconciled) domain.Date {
		if r.Line != nil {
			return r.Line.PaidOn
		}
		return r.Payout.PaidOn
	}
	line := func(r Reconciled) *PaymentLine { return cmp.Or(r.Line, &PaymentLine{}) }
	payout := func(r Reconciled) *PaidOut { return cmp.Or(r.Payout, &PaidOut{}) }
	return cmp.Or(compareDates(on(a), on(b)), cmp.Compare(line(a).Statement, line(b).Statement), cmp.Compare(line(a).Line, line(b).Line), cmp.Compare(payout(a).Seq, payout(b).Seq),
		cmp.Compare(payout(a).Payout, payout(b).Payout))
}

func (r *Reconciliation) addUp() (err error) {
	var paid, stated, difference fenSum
	for _, i := range r.Items {
		r.Counts[i.Outcome]++
		difference.add(i.Difference.Money)
		if i.Payout != nil {
			r.Payouts++
			paid.add(i.Payout.Amount)
		}
		if i.Line != nil {
			r.Lines++
			stated.add(i.Line.Amount)
		}
	}
	for _, sum := range []struct {
		into *domain.Balance
		of   fenSum
	}{{&r.Paid, paid}, {&r.Stated, stated}, {&r.Difference, difference}} {
		if *sum.into, err = sum.of.money(); err != nil {
			return err
		}
	}
	return nil
}

var outcomeText = map[Outcome]domain.Text{
	Matched:              {ZH: "一致", EN: "matched"},
	MatchedInSum:         {ZH: "合计一致", EN: "matched in sum"},
	MatchedDiffering:     {ZH: "有差异", EN: "differs"},
	PaymentWithoutPayout: {ZH: "国库已付，账上无支付", EN: "payment without payout"},
	PaymentTwice:         {ZH: "国库重复付款", EN: "payment made twice"},
	PayoutWithoutPayment: {ZH: "账上已付，国库无付款", EN: "payout without payment"},
	PayoutTwice:          {ZH: "账上重复支付", EN: "payout recorded twice"},
}

// Title is what an outcome is called.
func (o Outcome) Title() domain.Text { return outcomeText[o] }

// Differing is what a payout and a payment differ in, in words.
func Differing(what string) domain.Text { return words.Column(what).Title }

// Table is the reconciliation as rows, the matched ones too.
func (r Reconciliation) Table() words.Sheet {
	t := words.Sheet{Name: "reconciliation", Title: domain.Text{ZH: "国库付款对账", EN: "Reconciliation with the treasury's payments"},
		Columns: words.Named("outcome", "differs", "difference", "payout", "seq", "payout_voucher", "payout_paid_on", "payout_amount", "enterprise", "enterprise_name", "statement", "line", "voucher", "paid_on", "amount", "payee")}
	for _, i := range r.Items {
		var zh, en []string
		for _, d := range i.Differs {
			zh, en = append(zh, Differing(d).ZH), append(en, Differing(d).EN)
		}
		cells := words.Row(outcomeText[i.Outcome], domain.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}, i.Difference)
		if p := i.Payout; p != nil {
			name := ""
			if len(p.Names) > 0 {
				name = p.Names[len(p.Names)-1]
			}
			cells = append(cells, words.Row(p.Payout, p.Seq, p.Voucher, p.PaidOn, p.Amount, p.Enterprise, name)...)
		} else {
			cells = append(cells, words.Row("", "", "", "", "", "", "")...)
		}
		if l := i.Line; l != nil {
			cells = append(cells, words.Row(l.Statement, l.Line, l.Voucher, l.PaidOn, l.Amount, l.Payee)...)
		} else {
			cells = append(cells, words.Row("", "", "", "", "", "")...)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
