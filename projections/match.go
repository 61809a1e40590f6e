package projections

import (
	"reflect"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// MatchRow is what an enterprise may have under a clause in a support year, on an account of its own or on one that it has not got yet.
type MatchRow struct {
	Enterprise       domain.EnterpriseID `json:"enterprise"`
	EnterpriseName   string              `json:"enterprise_name"`
	Clause           domain.ClauseID     `json:"clause"`
	ClauseName       string              `json:"clause_name"`
	SupportYear      domain.SupportYear  `json:"support_year"`
	Answer           string              `json:"answer"`
	Code             string              `json:"code"`              // of the rule that says no, or of what the conditions leave; "": nothing does
	Message          string              `json:"message"`           // why, in a sentence; "": the department judges
	ClauseConditions string              `json:"clause_conditions"` // in words; "": it states none
	Fact             domain.FactID       `json:"fact"`              // that the answer rests on, the first of several
	Period           string              `json:"period"`            // of the fact
	Value            string              `json:"value"`             // of the fact; "": not known, or withheld
	ShortBy          string              `json:"short_by"`          // by how much it misses, in the fact's unit
	SuppliedBy       string              `json:"supplied_by"`
	SubjectKind      domain.SubjectKind  `json:"subject_kind"`
	Subject          string              `json:"subject"` // "": a project or an award that it has not got yet
	Cap              domain.Ceiling      `json:"cap"`
	Exceptions       domain.Money        `json:"exceptions"`
	Use              domain.Money        `json:"use"`
	Headroom         domain.Ceiling      `json:"headroom"`       // nought where the answer is no
	GroupHeadroom    domain.Ceiling      `json:"group_headroom"` // of the enterprise's group; null: it is of none, or the clause states none
	Owes             domain.Money        `json:"owes"`           // what was due before the day
	Free             domain.Ceiling      `json:"free"`           // of the clause's budget of the present year
	DaysLeft         int64               `json:"days_left"`
	Form             string              `json:"form"` // the address of the form, filled in; "": the answer is no
}

// Matches are what enterprises may have under the clauses of the policies in force, by enterprise, clause and account. They are made of the live state,
// or of the one that the log had led to at the moment that is asked for.
var Matches = list[MatchRow](List{Name: "matches", Kept: InPolicy, Past: true, Key: []string{"enterprise", "clause", "subject_kind", "subject"}, Says: matchColumns,
	Title: domain.Text{ZH: "可享支持", EN: "What enterprises may have"},
}, ByEnterprise, ByClause, ByYear, ByAnswer)

// matchColumns are those that a reader needs: what the message tells stands in no column of its own, and what was asked for is known.
func matchColumns(where []Condition) []string {
	known := []string{"code", "fact", "period", "value", "short_by", "supplied_by", "cap", "exceptions"}
	for _, c := range where {
		if c.Value != "" && (c.Name == ByEnterprise.Name || c.Name == ByClause.Name) {
			known = append(known, c.Name, c.Name+"_name")
		}
	}
	return columnsBut(reflect.TypeFor[MatchRow](), known)
}

func columnsBut(row reflect.Type, left []string) (names []string) {
	for _, c := range Columns(row) {
		if !slices.Contains(left, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}
