package audit

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// Limits are where an auditor begins to ask. The zero Limits are the defaults.
type Limits struct {
	SplitThreshold domain.Money // payments below it, together above it, may have been split; default 1,000,000.00
	SplitDays      int          // within so many days; default 10
	OverdueDays    int          // after which a clawback that is due on no day is overdue; default 90
	RoundUnit      domain.Money // a round amount is a multiple of it; default 100,000.00
	FewAmounts     int          // statistics on fewer amounts say nothing; default 300
}

func (l Limits) withDefaults() Limits {
	if l.SplitThreshold.IsZero() {
		l.SplitThreshold = domain.Yuan(1_000_000)
	}
	if l.SplitDays == 0 {
		l.SplitDays = 10
	}
	if l.OverdueDays == 0 {
		l.OverdueDays = 90
	}
	if l.RoundUnit.IsZero() {
		l.RoundUnit = domain.Yuan(100_000)
	}
	if l.FewAmounts == 0 {
		l.FewAmounts = 300
	}
	return l
}

// analysis gathers what findings are made of, event by event: memory for payouts, enterprises and applications, not for
// events.
type analysis struct {
	limits   Limits
	today    domain.Date
	disposed map[domain.FindingID]*Disposed

	payouts   []payment
	vouchers  map[string][]int // in payouts
	undone    map[domain.PayoutID]bool
	facts     facts
	support   support
	names     map[domain.EnterpriseID]lastName
	credit    map[domain.EnterpriseID][]restriction
	duties    map[string]map[domain.PersonID][]duty // by application, exception's account or clawback
	hearsay   hearsay
	charged   map[domain.Account][]uint64
	clawbacks map[domain.ClawbackID]uint64
	grants    map[domain.Account][]duty
	days      days
}

// payment is a payout as an auditor looks at it.
type payment struct {
	id          domain.PayoutID
	seq         uint64
	application domain.ApplicationID
	account     domain.Account
	enterprise  domain.EnterpriseID
	clause      domain.ClauseID
	year        domain.SupportYear
	department  domain.DepartmentID
	paidOn      domain.Date
	amount      domain.Money
	voucher     string
	booked      bool
	restricted  domain.Date // since when its event says that the credit was restricted
}

type lastName struct {
	name string
	seq  uint64
}

// restriction is a time in which an enterprise's credit was restricted; until is no date while it lasts.
type restriction struct {
	from, until domain.Date
	seq         uint64
}

type duty struct {
	person domain.PersonID
	what   string
	seq    uint64
}

func newAnalysis(l Limits, today domain.Date) *analysis {
	return &analysis{limits: l, today: today, disposed: map[domain.FindingID]*Disposed{}, vouchers: map[string][]int{},
		undone: map[domain.PayoutID]bool{}, facts: newFacts(), support: newSupport(), names: map[domain.EnterpriseID]lastName{},
		credit: map[domain.EnterpriseID][]restriction{}, duties: map[string]map[domain.PersonID][]duty{}, hearsay: newHearsay(),
		charged: map[domain.Account][]uint64{}, clawbacks: map[domain.ClawbackID]uint64{}, grants: map[domain.Account][]duty{}, days: days{}}
}

// take takes an event in.
func (a *analysis) take(e *wire.Entry) {
	by := e.Deed().Actor
	person := by.ID
	a.hearsay.take(e)
	a.facts.take(e)
	a.support.take(e)
	if id, name, named := domain.Named(e.Event); named {
		a.names[id] = lastName{name, e.Seq}
	}
	switch v := e.Event.(type) {
	case *domain.CreditRestricted:
		a.credit[v.Enterprise] = append(a.credit[v.Enterprise], restriction{from: e.Date, seq: e.Seq})
	case *domain.CreditRestored:
		if list := a.credit[v.Enterprise]; len(list) > 0 {
			list[len(list)-1].until = e.Date
		}
	case *domain.FindingDisposed:
		a.disposed[v.Finding] = &Disposed{Disposition: v.Disposition, Comment: v.Comment, By: person, On: e.Date, Seq: e.Seq}
	case *domain.ApplicationAccepted:
		a.did(string(v.Application), by, "accept", e.Seq)
	case *domain.ApplicationReviewed:
		a.did(string(v.Application), by, "review", e.Seq)
	case *domain.ApplicationRejected:
		a.did(string(v.Application), by, "approve", e.Seq)
	case *domain.ApplicationApproved:
		a.approved(e, v.Application, v.Charge.Account())
	case *domain.ApprovalSupplemented:
		a.approved(e, v.Application, v.Charge.Account())
	case *domain.ApplicationMoved:
		switch {
		case len(v.Unpaid) == 0:
		case v.Merged: // nobody decided it
			a.charge(v.Charge.Account(), e.Seq, e.Date)
		default:
			a.approved(e, v.Application, v.Charge.Account())
		}
	case *domain.ExceptionGranted:
		account := domain.Account{Clause: v.Clause, Subject: v.Subject}
		for _, p := range by.Persons() {
			a.grants[account] = append(a.grants[account], duty{p, "grant_exception", e.Seq})
		}
	default:
		a.money(e, by)
	}
}

func (a *analysis) approved(e *wire.Entry, id domain.ApplicationID, account domain.Account) {
	by := e.Deed().Actor
	a.did(string(id), by, "approve", e.Seq)
	a.charge(account, e.Seq, e.Date)
	for _, g := range a.grants[account] {
		if by.Among([]domain.PersonID{g.person}) != "" {
			a.did(string(id), domain.Actor{ID: g.person}, g.what, g.seq)
		}
	}
}

// charge notes which event charged an account, and on which day.
func (a *analysis) charge(account domain.Account, seq uint64, on domain.Date) {
	a.charged[account] = append(a.charged[account], seq)
	a.days.charged(account, on)
}

// money takes in what moves money, or takes it back.
func (a *analysis) money(e *wire.Entry, by domain.Actor) {
	switch v := e.Event.(type) {
	case *domain.PayoutMade:
		a.did(string(v.Application), by, "pay", e.Seq)
		a.paid(payment{id: v.Payout, seq: e.Seq, application: v.Application, account: v.Charge.Account(), enterprise: v.Charge.Enterprise, clause: v.Charge.Applied(), year: v.SupportYear,
			department: v.Department, paidOn: v.PaidOn, amount: v.Amount, voucher: v.Voucher})
	case *domain.PayoutBooked:
		a.booked(e, v)
	case *domain.BookingReversed:
		a.undone[v.Payout] = true
	case *domain.ClawbackOrdered:
		a.clawbacks[v.Clawback] = e.Seq
		a.did("clawback "+string(v.Clawback), by, "order_clawback", e.Seq)
	case *domain.ClawbackWaived:
		a.did("clawback "+string(v.Clawback), by, "waive_clawback", e.Seq)
	case *domain.ClawbackWrittenOff:
		a.did("clawback "+string(v.Clawback), by, "write_off", e.Seq)
	}
}

func (a *analysis) booked(e *wire.Entry, v *domain.PayoutBooked) {
	p := payment{id: v.Payout, seq: e.Seq, application: v.Application, account: v.Charge.Account(), enterprise: v.Charge.Enterprise,
		clause: v.Charge.Applied(), year: v.SupportYear, department: v.Department, paidOn: v.PaidOn, amount: v.Amount, voucher: v.Voucher, booked: true}
	if slices.ContainsFunc(v.Findings, func(f domain.Finding) bool { return f.Code == domain.CodeCreditRestricted }) {
		p.restricted = v.PaidOn
	}
	a.paid(p)
	if v.Application != "" {
		a.did(string(v.Application), e.Deed().Actor, "pay", e.Seq)
	}
	a.charge(v.Charge.Account(), e.Seq, v.PaidOn)
}

func (a *analysis) paid(p payment) {
	if p.voucher != "" {
		a.vouchers[p.voucher] = append(a.vouchers[p.voucher], len(a.payouts))
	}
	a.payouts = append(a.payouts, p)
}

func (a *analysis) did(on string, by domain.Actor, what string, seq uint64) {
	if a.duties[on] == nil {
		a.duties[on] = map[domain.PersonID][]duty{}
	}
	for _, who := range by.Persons() {
		who = domain.Key(who) // `li` and `LI` are one person
		a.duties[on][who] = append(a.duties[on][who], duty{who, what, seq})
	}
}

// finish draws up the findings, on the state after the last event.
func (a *analysis) finish(s *domain.State) []Finding {
	var all []Finding
	for _, part := range []func() []Finding{
		func() []Finding { return a.overCap(s) }, func() []Finding { return a.groupOverCap(s) }, a.facts.findings, a.paidRestricted, a.fourEyes, func() []Finding { return a.spellings(s) },
		a.sameOrganisation, a.doubleFunding, a.duplicateVouchers, a.equalPayments, func() []Finding { return a.overdue(s) }, a.bookedOutside, a.splits, a.teams,
		a.support.sharedProjects, a.similarNames, func() []Finding { return a.cumulation(s) }, a.roundAmounts, a.unusualDigits,
		func() []Finding { return a.hearsay.finish(slices.Sorted(maps.Keys(a.support.projects))) },
	} {
		list := part()
		all = append(all, list[:min(len(list), MaxFindings)]...)
	}
	return all
}

// overCap is every account line beyond what stands, exceptions included.
func (a *analysis) overCap(s *domain.State) []Finding {
	told := map[domain.AccountLine]bool{}
	over := gather(CodeOverCap)
	for _, line := range s.Lines() {
		view, ok := s.Account(line.Account, line.SupportYear, a.today)
		line.SupportYear = view.SupportYear
		if !ok || told[line] || !view.OverBy().Positive() {
			continue
		}
		told[line] = true
		year := view.SupportYear.String()
		over.about("clause "+string(view.Clause)+" "+year, "clause", string(view.Clause), "year", year).
			add(accountName(view.Clause, view.Subject)+" "+year, view.OverBy(), a.charged[line.Account], "subject_kind", string(view.Subject.Kind),
				"cap_subject", view.Subject.ID, "use", view.Use.String(), "cap", view.Standing.String(), "exceptions", view.Exceptions.String(),
				"over_by", view.OverBy().String())
	}
	return over.findings(1)
}

// accountName is an account as findings name what they are about.
func accountName(c domain.ClauseID, s domain.Subject) string {
	return fmt.Sprintf("account %s/%s:%s", c, s.Kind, s.ID)
}

// bookedOutside is money that was booked without an application, and not undone.
func (a *analysis) bookedOutside() []Finding {
	outside := gather(codeOutside)
	for _, p := range a.payouts {
		if p.booked && p.application == "" && !a.undone[p.id] {
			outside.about("year "+p.year.String(), "year", p.year.String()).add("payout "+string(p.id), p.amount, []uint64{p.seq},
				"enterprise", string(p.enterprise), "clause", string(p.clause), "amount", p.amount.String())
		}
	}
	return outside.findings(1)
}

func (a *analysis) duplicateVouchers() (list []Finding) {
	for _, voucher := range slices.Sorted(maps.Keys(a.vouchers)) {
		standing := slices.DeleteFunc(a.vouchers[voucher], func(i int) bool { return a.undone[a.payouts[i].id] })
		if len(standing) < 2 {
			continue
		}
		var ids []string
		var events []uint64
		var total domain.Money
		for _, i := range standing {
			ids, events, total = append(ids, string(a.payouts[i].id)), append(events, a.payouts[i].seq), total.Add(a.payouts[i].amount)
		}
		list = append(list, found(codeVoucher, "voucher "+voucher, events, "voucher", voucher, "count", fmt.Sprint(len(ids)), "payouts", few(ids),
			"amount", total.String()))
	}
	return list
}

// equalPayments are payouts of one amount on one day and one account line: a table that was imported twice leaves them, whatever ids it gave.
func (a *analysis) equalPayments() []Finding {
	type line struct {
		account domain.Account
		year    domain.SupportYear
		paidOn  domain.Date
		amount  domain.Money
	}
	lineOf := func(p payment) line { return line{p.account, p.year, p.paidOn, p.amount} }
	seed, counts := maphash.MakeSeed(), map[uint64]uint32{} // few payments are like another: only these are kept by their lines
	for _, p := range a.payouts {
		counts[maphash.Comparable(seed, lineOf(p))]++
	}
	var order []line
	equal := map[line][]payment{}
	for _, p := range a.payouts {
		l := lineOf(p)
		if a.undone[p.id] || counts[maphash.Comparable(seed, l)] < 2 {
			continue
		}
		if equal[l] = append(equal[l], p); len(equal[l]) == 2 {
			order = append(order, l)
		}
	}
	found := gather(codeEqual)
	for _, l := range order {
		var ids []string
		var events []uint64
		beyond := domain.NoMoney // the first of them
		for i, p := range equal[l] {
			ids, events = append(ids, string(p.id)), append(events, p.seq)
			if i > 0 {
				beyond = beyond.Add(p.amount)
			}
		}
		clause, year := string(equal[l][0].clause), l.year.String()
		found.about("clause "+clause+" "+year, "clause", clause, "year", year).add(accountName(l.account.Clause, l.account.Subject)+" "+l.paidOn.String()+" "+l.amount.String(),
			beyond, events, "paid_on", l.paidOn.String(), "payouts", few(ids))
	}
	return found.findings(1)
}

func (a *analysis) paidRestricted() []Finding {
	paid := gather(codeRestricted)
	for _, p := range a.payouts {
		from, events := a.restrictedSince(p)
		if from.IsZero() {
			continue
		}
		paid.about("enterprise "+string(p.enterprise), "enterprise", string(p.enterprise), "name", a.names[p.enterprise].name).
			add("payout "+string(p.id), p.amount, events, "from", from.String(), "paid_on", p.paidOn.String(), "amount", p.amount.String())
	}
	return paid.findings(1)
}

// restrictedSince is since when a payout's enterprise was restricted on the day of payment; no date where it was not.
func (a *analysis) restrictedSince(p payment) (domain.Date, []uint64) {
	for _, r := range a.credit[p.enterprise] {
		if p.paidOn.Before(r.from) || !r.until.IsZero() && !p.paidOn.Before(r.until) {
			continue
		}
		if p.paidOn == r.from && p.seq < r.seq {
			continue // paid in the morning, restricted in the afternoon
		}
		return r.from, []uint64{p.seq, r.seq}
	}
	return p.restricted, []uint64{p.seq}
}

// fourEyes is who did several of what is kept apart: accept, review, approve and pay on an application, granting an
// exception and approving on it, ordering a clawback and waiving it.
func (a *analysis) fourEyes() []Finding {
	both := gather(codeFourEyes)
	for _, on := range slices.Sorted(maps.Keys(a.duties)) {
		for _, person := range slices.Sorted(maps.Keys(a.duties[on])) {
			var duties []string
			var events []uint64
			for _, d := range a.duties[on][person] {
				if !slices.Contains(duties, d.what) {
					duties = append(duties, d.what)
				}
				events = append(events, d.seq)
			}
			if len(duties) > 1 {
				subject := on
				if !strings.HasPrefix(on, "clawback ") {
					subject = "application " + on
				}
				both.about("person "+string(person), "person", string(person)).add(subject, domain.NoMoney, events, "duties", strings.Join(duties, ", "))
			}
		}
	}
	return both.findings(1)
}

func (a *analysis) overdue(s *domain.State) []Finding {
	late, longest := gather(codeOverdue), map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(a.clawbacks)) {
		c, ok := s.Clawback(id)
		if !ok || !c.Outstanding.Positive() {
			continue
		}
		days, owed := daysBetween(c.OrderedOn, a.today), c.Outstanding
		if due := c.DueOn(); !due.IsZero() {
			days, owed = daysBetween(due, a.today), c.Overdue(a.today)
		} else if days <= a.limits.OverdueDays {
			continue
		}
		if !owed.Positive() {
			continue
		}
		year := fmt.Sprint(c.OrderedOn.Year())
		longest[year] = max(longest[year], days)
		late.about("year "+year, "year", year, "limit", fmt.Sprint(a.limits.OverdueDays), "longest", fmt.Sprint(longest[year])).
			add("clawback "+string(id), owed, []uint64{a.clawbacks[id]}, "payout", string(c.Payout), "cause", string(c.Cause),
				"ordered_on", c.OrderedOn.String(), "days", fmt.Sprint(days), "outstanding", owed.String())
	}
	return late.findings(1)
}

func daysBetween(a, b domain.Date) int {
	return int(b.Time(domain.Shanghai).Sub(a.Time(domain.Shanghai)).Hours() / 24)
}
