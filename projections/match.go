package projections

import "github.com/fundledger/fundledger/domain"

// MatchRow is what an enterprise may have under a clause in a support year, on an account of its own or on one that it has not got yet.
type MatchRow struct {
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Clause         domain.ClauseID     `json:"clause"`
	ClauseName     string              `json:"clause_name"`
	SupportYear    domain.SupportYear  `json:"support_year"`
	Answer         string              `json:"answer"`
	Code           string              `json:"code"`    // of the rule that says no; "": none does
	Message        string              `json:"message"` // its sentence
	SubjectKind    domain.SubjectKind  `json:"subject_kind"`
	Subject        string              `json:"subject"` // "": a project or an award that it has not got yet
	Cap            domain.Ceiling      `json:"cap"`
	Exceptions     domain.Money        `json:"exceptions"`
	Use            domain.Money        `json:"use"`
	Headroom       domain.Ceiling      `json:"headroom"` // nought where the answer is no
	Free           domain.Ceiling      `json:"free"`     // of the clause's budget of the present year
	DaysLeft       int64               `json:"days_left"`
}

// Matches are what enterprises may have under the clauses of the policies in force, by enterprise, clause and account. They are made of the live state.
var Matches = list[MatchRow](List{Name: "matches", Kept: InPolicy, Key: []string{"enterprise", "clause", "subject_kind", "subject"},
	Title: domain.Text{ZH: "可享支持", EN: "What enterprises may have"},
}, ByEnterprise, ByClause, ByYear)
