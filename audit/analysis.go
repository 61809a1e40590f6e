package audit

import (
	"fmt"
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
	OverdueDays    int          // after which a clawback is overdue; default 90
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
	payout    map[domain.PayoutID]int // in payouts
	vouchers  map[string][]int        // in payouts
	projects  map[string]*project
	names     map[domain.EnterpriseID]lastName
	credit    map[domain.EnterpriseID][]restriction
	duties    map[string]map[domain.PersonID][]duty // by application, exception's account or clawback
	projectOf map[domain.ApplicationID]string
	hearsay   hearsay
	charged   map[domain.Account][]uint64
	clawbacks map[domain.ClawbackID]uint64
	grants    map[domain.Account][]duty
}

// payment is a payout as an auditor looks at it.
type payment struct {
	id         domain.PayoutID
	seq        uint64
	enterprise domain.EnterpriseID
	clause     domain.ClauseID
	year       domain.SupportYear
	department domain.DepartmentID
	paidOn     domain.Date
	amount     domain.Money
	voucher    string
	codes      []string // of rules that a booked payout breaks
}

// project is what a project was funded with: by year and clause.
type project struct {
	funded      map[domain.SupportYear]map[domain.ClauseID]domain.Money
	events      map[domain.SupportYear][]uint64
	enterprises map[domain.EnterpriseID]uint64 // and the first event of each
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
	return &analysis{limits: l, today: today, disposed: map[domain.FindingID]*Disposed{}, payout: map[domain.PayoutID]int{}, vouchers: map[string][]int{},
		projects: map[string]*project{}, names: map[domain.EnterpriseID]lastName{}, credit: map[domain.EnterpriseID][]restriction{},
		duties: map[string]map[domain.PersonID][]duty{}, projectOf: map[domain.ApplicationID]string{}, hearsay: newHearsay(), charged: map[domain.Account][]uint64{},
		clawbacks: map[domain.ClawbackID]uint64{}, grants: map[domain.Account][]duty{}}
}

// take takes an event in.
func (a *analysis) take(e *wire.Entry) {
	person := e.Deed().Actor.ID
	a.hearsay.take(e)
	switch v := e.Event.(type) {
	case *domain.EnterpriseRegistered:
		a.names[v.Enterprise] = lastName{v.Title, e.Seq}
	case *domain.EnterpriseRenamed:
		a.names[v.Enterprise] = lastName{v.Title, e.Seq}
	case *domain.CreditRestricted:
		a.credit[v.Enterprise] = append(a.credit[v.Enterprise], restriction{from: e.Date, seq: e.Seq})
	case *domain.CreditRestored:
		if list := a.credit[v.Enterprise]; len(list) > 0 {
			list[len(list)-1].until = e.Date
		}
	case *domain.FindingDisposed:
		a.disposed[v.Finding] = &Disposed{Disposition: v.Disposition, Comment: v.Comment, By: person, On: e.Date, Seq: e.Seq}
	case *domain.ApplicationSubmitted:
		a.submitted(e, v)
	case *domain.ApplicationAccepted:
		a.did(string(v.Application), person, "accept", e.Seq)
	case *domain.ApplicationReviewed:
		a.did(string(v.Application), person, "review", e.Seq)
	case *domain.ApplicationRejected:
		a.did(string(v.Application), person, "approve", e.Seq)
	case *domain.ApplicationApproved:
		a.approved(e, v)
	case *domain.ExceptionGranted:
		account := domain.Account{Clause: v.Clause, Subject: v.Subject}
		a.grants[account] = append(a.grants[account], duty{person, "grant_exception", e.Seq})
	default:
		a.money(e, person)
	}
}

func (a *analysis) submitted(e *wire.Entry, v *domain.ApplicationSubmitted) {
	name := v.Project
	if name == "" && v.Charge.Subject.Kind == domain.SubjectProject {
		name = v.Charge.Subject.ID
	}
	a.projectOf[v.Application] = name
	if name == "" {
		return
	}
	p := a.project(name)
	if _, known := p.enterprises[v.Charge.Enterprise]; !known {
		p.enterprises[v.Charge.Enterprise] = e.Seq
	}
}

func (a *analysis) project(name string) *project {
	p := a.projects[name]
	if p == nil {
		p = &project{funded: map[domain.SupportYear]map[domain.ClauseID]domain.Money{}, events: map[domain.SupportYear][]uint64{},
			enterprises: map[domain.EnterpriseID]uint64{}}
		a.projects[name] = p
	}
	return p
}

func (p *project) fund(y domain.SupportYear, c domain.ClauseID, amount domain.Money, seq uint64) {
	if p.funded[y] == nil {
		p.funded[y] = map[domain.ClauseID]domain.Money{}
	}
	p.funded[y][c] = p.funded[y][c].Add(amount)
	p.events[y] = append(p.events[y], seq)
}

func (a *analysis) approved(e *wire.Entry, v *domain.ApplicationApproved) {
	person := e.Deed().Actor.ID
	a.did(string(v.Application), person, "approve", e.Seq)
	account := v.Charge.Account()
	a.charged[account] = append(a.charged[account], e.Seq)
	for _, g := range a.grants[account] {
		if domain.Key(g.person) == domain.Key(person) {
			a.did(string(v.Application), g.person, g.what, g.seq)
		}
	}
	if name := a.projectOf[v.Application]; name != "" {
		for _, i := range v.Instalments {
			a.project(name).fund(i.SupportYear, v.Charge.Applied(), i.Amount, e.Seq)
		}
	}
}

// money takes in what moves money, or takes it back.
func (a *analysis) money(e *wire.Entry, person domain.PersonID) {
	switch v := e.Event.(type) {
	case *domain.ApprovalReduced:
		a.cut(e, v.Cut)
	case *domain.ApprovalReleased:
		a.cut(e, v.Cut)
	case *domain.PayoutMade:
		a.did(string(v.Application), person, "pay", e.Seq)
		a.paid(payment{id: v.Payout, seq: e.Seq, enterprise: v.Charge.Enterprise, clause: v.Charge.Applied(), year: v.SupportYear,
			department: v.Department, paidOn: v.PaidOn, amount: v.Amount, voucher: v.Voucher})
	case *domain.PayoutBooked:
		a.booked(e, v)
	case *domain.ClawbackOrdered:
		a.clawbacks[v.Clawback] = e.Seq
		a.did("clawback "+string(v.Clawback), person, "order_clawback", e.Seq)
	case *domain.ClawbackWaived:
		a.did("clawback "+string(v.Clawback), person, "waive_clawback", e.Seq)
	}
}

func (a *analysis) cut(e *wire.Entry, c domain.Cut) {
	if name := a.projectOf[c.Application]; name != "" {
		a.project(name).fund(c.SupportYear, c.Charge.Applied(), c.Amount.Neg(), e.Seq)
	}
}

func (a *analysis) booked(e *wire.Entry, v *domain.PayoutBooked) {
	p := payment{id: v.Payout, seq: e.Seq, enterprise: v.Charge.Enterprise, clause: v.Charge.Applied(), year: v.SupportYear, department: v.Department,
		paidOn: v.PaidOn, amount: v.Amount, voucher: v.Voucher}
	for _, f := range v.Findings {
		p.codes = append(p.codes, f.Code)
	}
	a.paid(p)
	if v.Application != "" {
		a.did(string(v.Application), e.Deed().Actor.ID, "pay", e.Seq)
	}
	account := v.Charge.Account()
	a.charged[account] = append(a.charged[account], e.Seq)
	name := a.projectOf[v.Application]
	if v.Application == "" && v.Charge.Subject.Kind == domain.SubjectProject {
		name = v.Charge.Subject.ID
	}
	if name != "" {
		p := a.project(name)
		p.fund(v.SupportYear, v.Charge.Applied(), v.Outside, e.Seq)
		if _, known := p.enterprises[v.Charge.Enterprise]; !known {
			p.enterprises[v.Charge.Enterprise] = e.Seq
		}
	}
}

func (a *analysis) paid(p payment) {
	a.payout[p.id] = len(a.payouts)
	if p.voucher != "" {
		a.vouchers[p.voucher] = append(a.vouchers[p.voucher], len(a.payouts))
	}
	a.payouts = append(a.payouts, p)
}

func (a *analysis) did(on string, who domain.PersonID, what string, seq uint64) {
	who = domain.Key(who) // `li` and `LI` are one person
	if a.duties[on] == nil {
		a.duties[on] = map[domain.PersonID][]duty{}
	}
	a.duties[on][who] = append(a.duties[on][who], duty{who, what, seq})
}

// finish draws up the findings, on the state after the last event.
func (a *analysis) finish(s *domain.State) []Finding {
	var all []Finding
	for _, part := range []func() []Finding{
		func() []Finding { return a.overCap(s) }, a.bookedAgainstRules, a.doubleFunding, a.duplicateVouchers, a.paidRestricted, a.fourEyes, a.splits,
		func() []Finding { return a.overdue(s) }, a.unusualDigits, a.roundAmounts, a.sharedProjects, a.similarNames,
		func() []Finding { return a.hearsay.finish(slices.Sorted(maps.Keys(a.projects))) },
	} {
		list := part()
		all = append(all, list[:min(len(list), MaxFindings)]...)
	}
	return all
}

// overCap is every account line beyond what stands, exceptions included.
func (a *analysis) overCap(s *domain.State) (list []Finding) {
	told := map[domain.AccountLine]bool{}
	for _, line := range s.Lines() {
		view, ok := s.Account(line.Account, line.SupportYear, a.today)
		line.SupportYear = view.SupportYear
		if !ok || told[line] || !view.OverBy().Positive() {
			continue
		}
		told[line] = true
		name := fmt.Sprintf("%s/%s:%s", view.Clause, view.Subject.Kind, view.Subject.ID)
		list = append(list, found(CodeOverCap, "account "+name+" "+view.SupportYear.String(), a.charged[line.Account], "account", name, "clause", string(view.Clause),
			"subject_kind", string(view.Subject.Kind), "cap_subject", view.Subject.ID, "year", view.SupportYear.String(), "use", view.Use.String(),
			"cap", view.Standing.String(), "exceptions", view.Exceptions.String(), "over_by", view.OverBy().String()))
	}
	return list
}

func (a *analysis) bookedAgainstRules() (list []Finding) {
	for _, p := range a.payouts {
		if len(p.codes) > 0 {
			list = append(list, found(CodeBooked, "payout "+string(p.id), []uint64{p.seq}, "payout", string(p.id), "enterprise", string(p.enterprise),
				"clause", string(p.clause), "amount", p.amount.String(), "codes", strings.Join(p.codes, ", ")))
		}
	}
	return list
}

// doubleFunding is R13: one project, several clauses, one support year.
func (a *analysis) doubleFunding() (list []Finding) {
	for _, name := range slices.Sorted(maps.Keys(a.projects)) {
		p := a.projects[name]
		for _, year := range slices.Sorted(maps.Keys(p.funded)) {
			var clauses []string
			var total domain.Money
			for _, clause := range slices.Sorted(maps.Keys(p.funded[year])) {
				if amount := p.funded[year][clause]; amount.Positive() {
					clauses = append(clauses, string(clause))
					total = total.Add(amount)
				}
			}
			if len(clauses) > 1 {
				list = append(list, found(CodeDoubleFunding, "project "+name+" "+year.String(), p.events[year], "project", name, "year", year.String(),
					"clauses", strings.Join(clauses, ", "), "amount", total.String()))
			}
		}
	}
	return list
}

func (a *analysis) duplicateVouchers() (list []Finding) {
	for _, voucher := range slices.Sorted(maps.Keys(a.vouchers)) {
		if len(a.vouchers[voucher]) < 2 {
			continue
		}
		var ids []string
		var events []uint64
		var total domain.Money
		for _, i := range a.vouchers[voucher] {
			ids, events, total = append(ids, string(a.payouts[i].id)), append(events, a.payouts[i].seq), total.Add(a.payouts[i].amount)
		}
		list = append(list, found(CodeVoucher, "voucher "+voucher, events, "voucher", voucher, "count", fmt.Sprint(len(ids)), "payouts", few(ids),
			"amount", total.String()))
	}
	return list
}

// few is a list in words, cut where it is long.
func few(list []string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + ", …"
}

func (a *analysis) paidRestricted() (list []Finding) {
	for _, p := range a.payouts {
		for _, r := range a.credit[p.enterprise] {
			if p.paidOn.Before(r.from) || !r.until.IsZero() && !p.paidOn.Before(r.until) {
				continue
			}
			if p.paidOn == r.from && p.seq < r.seq {
				continue // paid in the morning, restricted in the afternoon
			}
			list = append(list, found(CodeRestricted, "payout "+string(p.id), []uint64{p.seq, r.seq}, "payout", string(p.id), "enterprise", string(p.enterprise),
				"from", r.from.String(), "paid_on", p.paidOn.String(), "amount", p.amount.String()))
			break
		}
	}
	return list
}

// fourEyes is who did several of what is kept apart: accept, review, approve and pay on an application, granting an
// exception and approving on it, ordering a clawback and waiving it.
func (a *analysis) fourEyes() (list []Finding) {
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
				f := found(CodeFourEyes, subject+" "+string(person), events, "person", string(person), "duties", strings.Join(duties, ", "), "on", subject)
				list = append(list, f)
			}
		}
	}
	return list
}

func (a *analysis) overdue(s *domain.State) (list []Finding) {
	for _, id := range slices.Sorted(maps.Keys(a.clawbacks)) {
		c, ok := s.Clawback(id)
		if !ok || !c.Outstanding.Positive() {
			continue
		}
		if days := daysBetween(c.OrderedOn, a.today); days > a.limits.OverdueDays {
			list = append(list, found(CodeOverdue, "clawback "+string(id), []uint64{a.clawbacks[id]}, "clawback", string(id), "payout", string(c.Payout),
				"cause", string(c.Cause), "ordered_on", c.OrderedOn.String(), "days", fmt.Sprint(days), "outstanding", c.Outstanding.String()))
		}
	}
	return list
}

func daysBetween(a, b domain.Date) int {
	return int(b.Time(domain.Shanghai).Sub(a.Time(domain.Shanghai)).Hours() / 24)
}
