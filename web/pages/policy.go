package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
)

// policyVersion is what made the policy what it is: a publication, the first of which is version 1, or an amendment.
type policyVersion struct {
	projections.HistoryRow
	N           int
	Amended     *domain.ClauseAmended // of a cap; else nil
	EffectiveOn domain.Date
	Document    string
	Published   bool
	then        *domain.Policy // of all policies together, as of it
}

// versionsBody are the fund's policies on the line of their terms, and the versions of the policy, the latest first.
type versionsBody struct {
	Line     []onLine // of the present only
	Drawn    timeLine // the same, drawn
	Policy   domain.Policy
	Versions []policyVersion
}

// onLine is a policy among those that follow one another, and what it changed of the one before.
type onLine struct {
	domain.Expiry
	ID           domain.PolicyID
	Begun, Ended bool
	Changes      []policies.Change
}

// lineOf are the fund's policies as they stand on a day.
func lineOf(s *domain.State, day domain.Date) []onLine {
	var list []onLine
	for _, e := range s.Expiries(day) {
		one := onLine{Expiry: e, ID: e.Policy.PolicyID(), Begun: !day.Before(e.Policy.Term.From), Ended: e.DaysLeft < 0}
		if e.Succeeds != nil {
			one.Changes = policies.DiffSuccessor(*e.Succeeds, *e.Policy)
		}
		list = append(list, one)
	}
	return list
}

// timeLine is the fund's policies drawn on one line of days: places are shares of its length, such as "12.34%".
type timeLine struct {
	High, Foot int // of the drawing, and of the line below the bars
	Bars       []termBar
	Years      []onDay // first days of years, of all where they are few
	Versions   []onDay // what made the policy what it is
	Today      string
}

type termBar struct {
	onLine
	X, Long  string
	Y, TextY int
}

type onDay struct {
	X   string
	Day domain.Date
	policyVersion
}

// termsOf draws policies, and the versions of the policy, between the first day of a term and the last one.
func termsOf(line []onLine, versions []policyVersion, today domain.Date) timeLine {
	from, to := today, today
	for _, one := range line {
		if one.Policy.Term.From.Before(from) {
			from = one.Policy.Term.From
		}
		if one.Ends.After(to) {
			to = one.Ends
		}
	}
	days := func(from, to domain.Date) float64 { return to.Time(time.UTC).Sub(from.Time(time.UTC)).Hours() / 24 }
	share := func(a, b domain.Date) string { return fmt.Sprintf("%.2f%%", 100*days(a, b)/max(days(from, to), 1)) }
	d := timeLine{Foot: 30*len(line) + 8, High: 30*len(line) + 30, Today: share(from, today)}
	for i, one := range line {
		d.Bars = append(d.Bars, termBar{onLine: one, X: share(from, one.Policy.Term.From), Long: share(one.Policy.Term.From, one.Ends), Y: 30*i + 4, TextY: 30*i + 19})
	}
	step := 1 + (to.Year()-from.Year())/16 // a term may end in 2999
	for year := from.Year() + 1; year <= to.Year(); year += step {
		first := domain.DateOf(year, time.January, 1)
		d.Years = append(d.Years, onDay{X: share(from, first), Day: first})
	}
	for _, v := range versions {
		if !v.EffectiveOn.Before(from) && !v.EffectiveOn.After(to) {
			d.Versions = append(d.Versions, onDay{X: share(from, v.EffectiveOn), Day: v.EffectiveOn, policyVersion: v})
		}
	}
	return d
}

// clauseThen is a clause as a version of the policy has it.
type clauseThen struct {
	domain.Clause
	Version     int // of the clause
	Then        domain.Ceiling
	EffectiveOn domain.Date
	Changed     bool           // by this version
	Before      domain.Ceiling // the cap that was in force on the day from which this version changes it
}

// versionBody is the policy as a version has it.
type versionBody struct {
	policyVersion
	Policy     domain.Policy
	Clauses    []clauseThen
	Prev, Next int // versions; 0: there is none
}

// policyVersions are all versions, the first one first, and the policy as they have made it.
func (p *Pages) policyVersions(r *http.Request, pg *page) (*domain.Policy, []policyVersion, error) {
	found, err := projections.PolicyHistory.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), projections.Ask{AsOf: pg.Asked.asOf, On: pg.Asked.on, Limit: projections.MaxLimit})
	if err != nil {
		return nil, nil, err
	}
	var policy *domain.Policy
	var made []domain.Event
	list := make([]policyVersion, len(found.Rows))
	for i, row := range found.Rows {
		v := policyVersion{HistoryRow: row, N: i + 1}
		switch e := row.Event.(type) {
		case *domain.PolicyPublished:
			v.Published, v.EffectiveOn = true, e.Policy.Term.From
		case *domain.PolicyAmended:
			v.EffectiveOn, v.Document = e.EffectiveOn, e.Document
		case *domain.ClauseAmended:
			v.Amended, v.EffectiveOn, v.Document = e, e.EffectiveOn, e.Document
		}
		if v.Amended == nil {
			made = append(made, row.Event)
			policy = domain.PolicyMade(made)
		}
		v.then = policy
		list[i] = v
	}
	if policy == nil {
		return nil, nil, projections.ErrNotFound
	}
	return policy, list, nil
}

// versions are what made the policy what it is.
func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/policy", projections.PolicyHistory.Title)
	if err != nil {
		return err
	}
	policy, list, err := p.policyVersions(r, pg)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	b := versionsBody{Policy: *policy, Versions: list}
	if pg.Asked.asOf == (projections.AsOf{}) && pg.Asked.on.IsZero() {
		if err := p.server.View(r.Context(), func(s *domain.State, _ uint64) { b.Line = lineOf(s, p.today()) }); err != nil {
			return err
		}
		b.Drawn = termsOf(b.Line, list, p.today())
	}
	pg.then, pg.Export = wholly, pg.Asked.export(projections.PolicyHistory.List)
	return versionsSheet.write(p, w, http.StatusOK, pg, b)
}

// version is the policy as one version has it, and what that one changed.
func (p *Pages) version(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/policy", domain.Text{})
	if err != nil {
		return err
	}
	_, list, err := p.policyVersions(r, pg)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(list) || strconv.Itoa(n) != r.PathValue("n") {
		return projections.ErrNotFound
	}
	policy := list[n-1].then
	b := versionBody{policyVersion: list[n-1], Policy: *policy, Prev: n - 1}
	if n < len(list) {
		b.Next = n + 1
	}
	from := map[domain.ClauseID]domain.Date{}
	for _, v := range list[:n] {
		switch e := v.Event.(type) {
		case *domain.PolicyPublished:
			for _, c := range e.Policy.Clauses {
				from[c.ID] = e.Policy.Term.From
			}
		case *domain.PolicyAmended:
			if e.AddClause != nil {
				from[e.AddClause.ID] = e.EffectiveOn
			}
		}
	}
	for _, c := range policy.Clauses {
		b.Clauses = append(b.Clauses, clauseThen{Clause: c, Version: 1, Then: c.Cap.Amount, EffectiveOn: from[c.ID]})
	}
	for _, v := range list[:n] {
		if v.Amended == nil {
			continue
		}
		if i := slices.IndexFunc(b.Clauses, func(c clauseThen) bool { return c.ID == v.Amended.Clause }); i >= 0 {
			c := &b.Clauses[i]
			c.Changed, c.Before = v.N == n, v.Amended.Previous // amendments may come in another order than they take effect in
			c.Version, c.Then, c.EffectiveOn = v.Amended.Version, v.Amended.Cap, v.Amended.EffectiveOn
		}
	}
	pg.then = wholly
	pg.Title = domain.Text{ZH: "政策第 " + strconv.Itoa(n) + " 版", EN: "Policy, version " + strconv.Itoa(n)}
	return versionSheet.write(p, w, http.StatusOK, pg, b)
}
