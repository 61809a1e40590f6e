package projections

import "github.com/fundledger/fundledger/domain"

// FairnessRow is something that a review for fair competition (公平竞争审查) looks at: no verdict. Its legal basis is recorded by dispose_finding, whose
// finding is the row's item.
type FairnessRow struct {
	Item           domain.FindingID `json:"item"`
	Matter         Matter           `json:"review_matter"`
	Clause         domain.ClauseID  `json:"clause"` // "": all
	ClauseName     string           `json:"clause_name"`
	Subject        string           `json:"subject"` // that is named: an enterprise, or whose cap is raised; "": nobody is
	EnterpriseName string           `json:"enterprise_name"`
	Amount         domain.Ceiling   `json:"amount"` // of an exception what is in force, of support net paid; null: nothing is counted
	Recipients     int64            `json:"recipients"`
	TopTen         domain.Ceiling   `json:"top_ten"`       // net paid to the ten that have most
	TopTenShare    string           `json:"top_ten_share"` // of one
	HHI            string           `json:"hhi"`           // "": it is not reckoned
	Message        string           `json:"message"`       // what there is to look at
	Document       string           `json:"document"`      // that it rests on
	LegalBasis     string           `json:"legal_basis"`
	BasisSeq       uint64           `json:"basis_seq"` // of the event that records it; 0: none
	Seq            uint64           `json:"seq"`       // of the event that it comes from; 0: the policy
}

// Matter is what a review for fair competition looks at.
type Matter string

// The matters.
const (
	LocalCondition Matter = "local_condition" // who is elsewhere gets nothing
	SingleOperator Matter = "single_operator" // one enterprise is named, or alone is supported
	GrantedExcept  Matter = "by_exception"    // a cap is raised for one, by document
	Concentrated   Matter = "concentration"   // how support is spread
)

// ByMatter is what is looked at.
var ByMatter = by[string]("review_matter", Word, "审查事项", "what is looked at").of(string(LocalCondition), string(SingleOperator), string(GrantedExcept), string(Concentrated))

// Fairness is what a review for fair competition looks at, by matter and clause. It is made of the policy, the log and the totals as they are now.
var Fairness = list[FairnessRow](List{Name: "fair_competition", Kept: InPolicy, Key: []string{"item"},
	Title: domain.Text{ZH: "公平竞争审查", EN: "Review for fair competition"},
}, ByMatter, ByClause)
