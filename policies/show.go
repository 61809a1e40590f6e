package policies

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// View is a policy as programs read it from `policy show --format json`.
type View struct {
	Fund        domain.FundID         `json:"fund"`
	Version     int                   `json:"version"` // 1 as published, one more with every amendment that has taken effect
	Title       domain.Text           `json:"title"`
	IssuedOn    domain.Date           `json:"issued_on"`
	Term        domain.Term           `json:"term"`
	Currency    string                `json:"currency"`
	Beneficiary domain.IdentifierKind `json:"beneficiary_id"`
	Workflow    domain.Workflow       `json:"workflow"`
	Treasury    domain.DepartmentID   `json:"treasury"`
	Authority   domain.DepartmentID   `json:"authority"`
	Departments []NamedID             `json:"departments"`
	Industries  []NamedID             `json:"industries"`
	Clauses     []ClauseView          `json:"clauses"`
	Facts       []domain.Fact         `json:"facts"`
	Indicators  []domain.Indicator    `json:"indicators,omitempty"`
	District    string                `json:"district,omitzero"`
}

// NamedID is something of the policy with its names.
type NamedID struct {
	ID string `json:"id"`
	domain.Text
}

// ClauseView is a clause with the cap in force.
type ClauseView struct {
	ID              domain.ClauseID   `json:"id"`
	Name            domain.Text       `json:"name"`
	Source          string            `json:"source"`
	Version         int               `json:"version"`
	Departments     []NamedID         `json:"departments"`
	AnyReviews      bool              `json:"any_department_reviews"`
	Industries      []string          `json:"industries"` // none: all
	Cap             CapView           `json:"cap"`
	StrongerSupport bool              `json:"stronger_support"`
	RefersTo        []domain.ClauseID `json:"refers_to"`
	NotAppliedFor   bool              `json:"not_applied_for"`
	Schedule        *domain.Schedule  `json:"schedule"`
	Requires        []domain.Text     `json:"requires"`
	// Conditions are as the file has them, and Told what they say together; none: the department judges.
	Conditions []domain.Condition `json:"conditions"`
	Told       domain.Text        `json:"conditions_told"`
}

// CapView is a cap; each part is null where the clause has none.
type CapView struct {
	Amount  domain.Ceiling      `json:"amount"`
	Subject *domain.SubjectKind `json:"subject"`
	Period  *domain.Period      `json:"period"`
}

// Show is a policy as it stands on a day. versions are its clauses' versions in a ledger; none, as of a file: the
// policy as written.
func Show(p domain.Policy, versions map[domain.ClauseID][]domain.ClauseVersion, on domain.Date) View {
	v := View{Fund: p.Fund, Version: 1, Title: p.Title, IssuedOn: p.IssuedOn, Term: p.Term, Currency: p.Currency, Beneficiary: p.Beneficiary,
		Workflow: p.Workflow, Treasury: p.Treasury, Authority: p.Authority,
		Facts: append([]domain.Fact{}, p.Facts...), District: p.District, Indicators: slices.Clone(p.Indicators)}
	for _, d := range p.Departments {
		v.Departments = append(v.Departments, NamedID{string(d.ID), d.Name})
	}
	v.Industries = []NamedID{}
	for _, n := range p.Industries {
		v.Industries = append(v.Industries, NamedID{string(n.ID), n.Name})
	}
	for _, c := range p.Clauses {
		row := showClause(c, v.Departments)
		row.Conditions, row.Told = append([]domain.Condition{}, c.Conditions...), p.TellConditions(c.Conditions, 0)
		if known := versions[c.ID]; len(known) > 0 {
			current := domain.VersionOn(known, on)
			row.Version, row.Cap.Amount = current.Version, current.Cap
			for _, amended := range known[1:] {
				if !amended.EffectiveOn.After(on) {
					v.Version++
				}
			}
		}
		v.Clauses = append(v.Clauses, row)
	}
	return v
}

func showClause(c domain.Clause, departments []NamedID) ClauseView {
	row := ClauseView{ID: c.ID, Name: c.Name, Source: c.Source, Version: 1, AnyReviews: c.AnyReviews, Industries: []string{},
		Cap: CapView{Amount: c.Cap.Amount, Subject: stated(c.Cap.Subject), Period: stated(c.Cap.Period)}, StrongerSupport: c.StrongerSupport,
		RefersTo: append([]domain.ClauseID{}, c.RefersTo...), NotAppliedFor: c.NotAppliedFor, Schedule: stated(c.Schedule),
		Requires: append([]domain.Text{}, c.Requires...)}
	for _, id := range c.Departments {
		i := slices.IndexFunc(departments, func(d NamedID) bool { return d.ID == string(id) })
		if i >= 0 {
			row.Departments = append(row.Departments, departments[i])
		}
	}
	for _, n := range c.Industries {
		row.Industries = append(row.Industries, string(n))
	}
	return row
}

func stated[T ~string](value T) *T {
	if value == "" {
		return nil
	}
	return &value
}
