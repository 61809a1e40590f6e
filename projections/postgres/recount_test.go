package postgres_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// recount counts a history again, the simple way: every posting of every event, with loops over maps and the domain's rules.
type recount struct {
	lines    map[projections.Line]*projections.Figures
	names    map[domain.EnterpriseID]string
	policy   domain.Policy
	versions map[domain.ClauseID][]domain.ClauseVersion
	day      domain.Date
	asked    map[projections.Line]map[domain.ApplicationID]domain.Money
	ended    map[domain.ApplicationID]bool // withdrawn or rejected
	under    map[domain.ApplicationID]int  // the version that governs an approval
	granted  map[projections.Line]map[domain.ApplicationID]domain.Money
	bounced  map[domain.Account]map[domain.SupportYear]bool // a reversed recovery has put it over what it must hold
}

// recountUpTo counts events up to a position, with postings up to a business date where one is given, and caps of a day.
func recountUpTo(t testing.TB, records []eventstore.Record, seq uint64, on, day domain.Date) *recount {
	t.Helper()
	r := &recount{lines: map[projections.Line]*projections.Figures{}, names: map[domain.EnterpriseID]string{},
		versions: map[domain.ClauseID][]domain.ClauseVersion{}, day: day,
		asked: map[projections.Line]map[domain.ApplicationID]domain.Money{}, ended: map[domain.ApplicationID]bool{},
		under: map[domain.ApplicationID]int{}, granted: map[projections.Line]map[domain.ApplicationID]domain.Money{}, bounced: map[domain.Account]map[domain.SupportYear]bool{}}
	for _, record := range records[:seq] {
		e, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		postings, err := projections.Fold(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range postings {
			if !on.IsZero() && p.Date.After(on) {
				continue
			}
			if r.lines[p.Line] == nil {
				r.lines[p.Line] = &projections.Figures{}
			}
			r.lines[p.Line].Add(p)
			for kind, of := range map[projections.Kind]map[projections.Line]map[domain.ApplicationID]domain.Money{projections.Requested: r.asked, projections.Approved: r.granted} {
				if p.Kind == kind {
					if of[p.Line] == nil {
						of[p.Line] = map[domain.ApplicationID]domain.Money{}
					}
					of[p.Line][p.Application] = of[p.Line][p.Application].Add(p.Amount)
				}
			}
		}
		r.remember(e.Event)
		r.name(e.Event, on.IsZero() || !e.Date.After(on))
		if on.IsZero() || !e.Date.After(on) {
			r.end(e.Event)
		}
	}
	return r
}

func (r *recount) remember(event domain.Event) {
	switch e := event.(type) {
	case *domain.PolicyPublished:
		r.policy = e.Policy
		for _, c := range e.Policy.Clauses {
			r.versions[c.ID] = []domain.ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: e.Policy.Term.From}}
		}
	case *domain.ClauseAmended:
		r.versions[e.Clause] = append(r.versions[e.Clause], domain.ClauseVersion{Version: e.Version, Cap: e.Cap, EffectiveOn: e.EffectiveOn, Retroactive: e.Retroactive})
	}
}

// name keeps a name that an enterprise had by the day, the last that was recorded; one of later only where there is no other.
func (r *recount) name(event domain.Event, had bool) {
	keep := func(id domain.EnterpriseID, name string) {
		if _, named := r.names[id]; had || !named {
			r.names[id] = name
		}
	}
	switch e := event.(type) {
	case *domain.EnterpriseRegistered:
		keep(e.Enterprise, e.Title)
	case *domain.EnterpriseRenamed:
		keep(e.Enterprise, e.Title)
	}
}

// end notes that an application is withdrawn or rejected.
func (r *recount) end(event domain.Event) {
	switch e := event.(type) {
	case *domain.ApplicationWithdrawn:
		r.ended[e.Application] = true
	case *domain.ApplicationRejected:
		r.ended[e.Application] = true
	case *domain.ApplicationSubmitted:
		r.ended[e.Application] = false
	case *domain.ApplicationApproved:
		r.under[e.Application] = e.ClauseVersion
	case *domain.RecoveryReversed:
		if a := e.Charge.Account(); domain.Found(e, domain.CodeAccountOverCap) {
			if r.bounced[a] == nil {
				r.bounced[a] = map[domain.SupportYear]bool{}
			}
			r.bounced[a][e.SupportYear], r.bounced[a][0] = true, true
		}
	}
}

// standing is the cap that an account stands under in a year, or in all years where year is 0: after a bounced recovery, no more than the
// lowest that one of its approvals is governed by.
func (r *recount) standing(a domain.Account, year domain.SupportYear) domain.Ceiling {
	versions := r.versions[a.Clause]
	standing := domain.StandingCap(versions, r.day)
	if !r.bounced[a][year] {
		return standing
	}
	sums := map[int]domain.Money{}
	for line, of := range r.granted {
		if line.Account() == a && (year == 0 || line.Year == year) {
			for id, amount := range of {
				sums[r.under[id]] = sums[r.under[id]].Add(amount)
			}
		}
	}
	for version, sum := range sums {
		if !sum.Positive() {
			continue
		}
		governs := versions[version-1]
		for _, v := range versions {
			later := v.EffectiveOn.After(governs.EffectiveOn) || v.EffectiveOn == governs.EffectiveOn && v.Version > governs.Version
			if v.Retroactive && later && !v.EffectiveOn.After(r.day) {
				governs = v
			}
		}
		if governs.Cap.Stated && (!standing.Stated || governs.Cap.Amount.Less(standing.Amount)) {
			standing = governs.Cap
		}
	}
	return standing
}

// named reports whether a standing application asks for something on a line.
func (r *recount) named(line projections.Line) bool {
	for id, amount := range r.asked[line] {
		if !amount.IsZero() && !r.ended[id] {
			return true
		}
	}
	return false
}

// account is what an account uses and what its exceptions are: in a year, or in all years where year is 0.
func (r *recount) account(a domain.Account, year domain.SupportYear) (use, exceptions domain.Money) {
	for line, f := range r.lines {
		if line.Account() == a && (year == 0 || line.Year == year) {
			use, exceptions = use.Add(f.Use()), exceptions.Add(f.Of(projections.Exception))
		}
	}
	return use, exceptions
}

func (r *recount) totals() []projections.TotalsRow {
	type key struct {
		enterprise domain.EnterpriseID
		clause     domain.ClauseID
		year       domain.SupportYear
	}
	parts := map[key]map[projections.Line]*projections.Figures{}
	for line, f := range r.lines {
		if line.Enterprise == "" || line.Year == 0 {
			continue
		}
		k := key{line.Enterprise, line.Clause, line.Year}
		if parts[k] == nil {
			parts[k] = map[projections.Line]*projections.Figures{}
		}
		parts[k][line] = f
	}
	rows := make([]projections.TotalsRow, 0, len(parts))
	for k, lines := range parts {
		row := projections.TotalsRow{Enterprise: k.enterprise, EnterpriseName: r.names[k.enterprise], Clause: k.clause, SupportYear: k.year}
		for _, f := range lines {
			addUp(&row, f)
		}
		r.limit(&row, lines)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b projections.TotalsRow) int {
		return cmp.Or(cmp.Compare(a.Enterprise, b.Enterprise), cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.SupportYear, b.SupportYear))
	})
	return rows
}

func addUp(row *projections.TotalsRow, f *projections.Figures) {
	row.Applications += f.Applications
	for to, kind := range map[*domain.Money]projections.Kind{&row.Requested: projections.Requested, &row.Approved: projections.Approved,
		&row.Paid: projections.Paid, &row.Returned: projections.Returned, &row.ClawbackOrdered: projections.ClawbackOrdered,
		&row.ClawbackWaived: projections.ClawbackWaived, &row.RecoveredError: projections.RecoveredError, &row.RecoveredBreach: projections.RecoveredBreach} {
		*to = to.Add(f.Of(kind))
	}
	row.NetPaid, row.Use = row.NetPaid.Add(f.NetPaid()), row.Use.Add(f.Use())
	row.ReceivedBeyond = row.ReceivedBeyond.Add(f.Of(projections.ReceivedBeyond))
}

// limit finds a row's limit, account by account.
func (r *recount) limit(row *projections.TotalsRow, lines map[projections.Line]*projections.Figures) {
	clause, _ := r.policy.Clause(row.Clause)
	row.Status = projections.OK
	inForce := domain.VersionOn(r.versions[row.Clause], r.day).Cap
	var limit, headroom domain.Money
	for line, f := range lines {
		used := !f.Of(projections.Approved).IsZero() || !f.Of(projections.Outside).IsZero() || !f.Of(projections.RecoveredError).IsZero()
		if line.Subject.Kind != domain.SubjectEnterprise && !used && !r.named(line) {
			continue
		}
		year := row.SupportYear
		if clause.Cap.Period == domain.InTotal {
			year = 0
		}
		use, exceptions := r.account(line.Account(), year)
		row.Exceptions = row.Exceptions.Add(exceptions)
		if clause.Cap.Period == domain.InTotal {
			inYear, _ := r.account(line.Account(), row.SupportYear)
			limit = limit.Add(inForce.Amount.Sub(use.Sub(inYear)).OrNone())
		} else {
			limit = limit.Add(inForce.Amount)
		}
		standing := r.standing(line.Account(), year)
		headroom = headroom.Add(inForce.Amount.Add(exceptions).Sub(use).OrNone())
		if standing.Stated {
			row.OverBy = row.OverBy.Add(use.Sub(standing.Amount).Sub(exceptions).OrNone())
		}
	}
	if !inForce.Stated {
		return
	}
	row.AnnualLimit = domain.Stated(limit)
	row.Headroom = domain.Stated(headroom)
	if base := limit.Add(row.Exceptions); !base.IsZero() {
		row.Utilisation = decimal.NullDecimal{Decimal: row.Use.Decimal().DivRound(base.Decimal(), 4), Valid: true}
	}
	row.Status = statusOf(row.OverBy.Positive(), headroom.IsZero(), row.Use, limit, row.Exceptions)
}

func statusOf(over, full bool, use, limit, exceptions domain.Money) projections.Status {
	base := limit.Add(exceptions)
	switch {
	case over:
		return projections.Over
	case use.More(limit) && !use.More(base):
		return projections.OverByException
	case use.Positive() && full:
		return projections.Full
	case use.Positive() && use.Fen()*10 >= base.Fen()*9:
		return projections.Near
	}
	return projections.OK
}

func (r *recount) accounts() []projections.AccountRow {
	type key struct {
		account domain.Account
		year    domain.SupportYear
	}
	sums := map[key]*projections.Figures{}
	for line, f := range r.lines {
		if line.Year == 0 {
			continue
		}
		k := key{line.Account(), line.Year}
		if sums[k] == nil {
			sums[k] = &projections.Figures{}
		}
		for kind := range f.Amounts {
			sums[k].Amounts[kind] = sums[k].Amounts[kind].Add(f.Amounts[kind])
		}
	}
	rows := make([]projections.AccountRow, 0, len(sums))
	for k, f := range sums {
		row := projections.AccountRow{Clause: k.account.Clause, SubjectKind: k.account.Subject.Kind, Subject: k.account.Subject.ID, SupportYear: k.year,
			Cap: domain.VersionOn(r.versions[k.account.Clause], r.day).Cap, Committed: f.Of(projections.Approved), Paid: f.Of(projections.Paid),
			NetPaid: f.NetPaid(), Use: f.Use(), Status: projections.OK, ReceivedBeyond: f.Of(projections.ReceivedBeyond)}
		r.judge(&row, k.account)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b projections.AccountRow) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.SubjectKind, b.SubjectKind), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.SupportYear, b.SupportYear))
	})
	return rows
}

func (r *recount) judge(row *projections.AccountRow, a domain.Account) {
	clause, _ := r.policy.Clause(a.Clause)
	year := row.SupportYear
	if clause.Cap.Period == domain.InTotal {
		year = 0
	}
	use, exceptions := r.account(a, year)
	row.Exceptions = exceptions
	if standing := r.standing(a, year); standing.Stated { // what a bounced recovery put it over counts where no cap is stated any more
		row.OverBy = use.Sub(standing.Amount).Sub(exceptions).OrNone()
	}
	if !row.Cap.Stated {
		return
	}
	row.Headroom = domain.Stated(row.Cap.Amount.Add(exceptions).Sub(use).OrNone())
	row.Status = statusOf(row.OverBy.Positive(), row.Headroom.Amount.IsZero(), use, row.Cap.Amount, exceptions)
}
