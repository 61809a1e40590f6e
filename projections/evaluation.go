package projections

import "github.com/fundledger/fundledger/domain"

// EvaluationRow is what an indicator of a clause came to in a year: the supported held against the fund's own controls. A figure that there is none of
// is empty; Code says why, where a rule withholds it.
type EvaluationRow struct {
	Clause            domain.ClauseID       `json:"clause"`
	ClauseName        string                `json:"clause_name"`
	SupportYear       domain.SupportYear    `json:"support_year"`
	Indicator         domain.IndicatorID    `json:"indicator"`
	IndicatorName     string                `json:"indicator_name"`
	IndicatorGroup    domain.IndicatorGroup `json:"indicator_group"`
	Weight            int64                 `json:"weight"`
	Better            domain.Direction      `json:"better"`
	Fact              domain.FactID         `json:"fact"`
	Unit              domain.FactUnit       `json:"unit"`
	Recipients        int64                 `json:"recipients"`
	NetPaid           domain.Money          `json:"net_paid"`
	Target            string                `json:"target"`
	Attained          string                `json:"attained"`
	Score             string                `json:"score"`
	ClauseScore       string                `json:"clause_score"`
	CoveredWeight     int64                 `json:"covered_weight"`
	Grade             domain.Grade          `json:"grade"`
	Supported         int64                 `json:"supported"`
	Controls          int64                 `json:"controls"`
	LeftOut           int64                 `json:"left_out"`
	LevelBefore       string                `json:"level_before"`
	LevelAfter        string                `json:"level_after"`
	ControlBefore     string                `json:"control_before"`
	ControlAfter      string                `json:"control_after"`
	MeanChange        string                `json:"mean_change"`
	ControlChange     string                `json:"control_change"`
	Difference        string                `json:"effect_difference"`
	Growth            string                `json:"growth"`
	ControlGrowth     string                `json:"control_growth"`
	GrowthDifference  string                `json:"growth_difference"`
	EarlierDifference string                `json:"earlier_difference"`
	BeyondControl     string                `json:"beyond_control"`
	EffectPerYuan     string                `json:"effect_per_yuan"`
	UnitCost          string                `json:"unit_cost"`
	PValue            string                `json:"p_value"`
	Assignments       int64                 `json:"assignments"`
	Drawn             bool                  `json:"drawn"`
	Seed              string                `json:"seed"`
	Code              string                `json:"code"`
	Message           string                `json:"message"`
}

// EvaluatedRow is an enterprise as an indicator of a clause looks at it in a year.
type EvaluatedRow struct {
	Clause         domain.ClauseID     `json:"clause"`
	SupportYear    domain.SupportYear  `json:"support_year"`
	Indicator      domain.IndicatorID  `json:"indicator"`
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Industry       domain.IndustryID   `json:"industry"`
	EvaluatedAs    string              `json:"evaluated_as"`
	LeftOutFor     string              `json:"left_out_for"`
	TurnedAway     string              `json:"turned_away"`
	NetPaid        domain.Money        `json:"net_paid"`
	LevelEarlier   string              `json:"level_earlier"`
	LevelBefore    string              `json:"level_before"`
	LevelAfter     string              `json:"level_after"`
	Change         string              `json:"level_change"`
	Growth         string              `json:"growth"`
	Fact           domain.FactID       `json:"fact"`
	Code           string              `json:"code"`
}

// ConcentrationRow is how support is spread among enterprises: under a clause, or all, for a support year, or all.
type ConcentrationRow struct {
	Clause      domain.ClauseID    `json:"clause"`       // "": all
	SupportYear domain.SupportYear `json:"support_year"` // 0: all
	Recipients  int64              `json:"recipients"`
	NetPaid     domain.Money       `json:"net_paid"`
	TopTen      domain.Money       `json:"top_ten"`
	TopTenShare string             `json:"top_ten_share"` // of one
	HHI         string             `json:"hhi"`
	Code        string             `json:"code"`
}

// GivenEvaluationRow is an evaluation that somebody gave.
type GivenEvaluationRow struct {
	Evaluation     domain.EvaluationID   `json:"evaluation"`
	Clause         domain.ClauseID       `json:"clause"`
	SupportYear    domain.SupportYear    `json:"support_year"`
	EvaluationKind domain.EvaluationKind `json:"evaluation_kind"`
	TotalScore     string                `json:"total_score"`
	Grade          domain.Grade          `json:"grade"`
	Scores         string                `json:"scores"`
	Conclusion     string                `json:"conclusion"`
	At             uint64                `json:"at"`
	EvaluatedOn    domain.Date           `json:"evaluated_on"`
	Document       string                `json:"document"`
	Department     domain.DepartmentID   `json:"department"`
	Actor          domain.PersonID       `json:"actor"`
	Seq            uint64                `json:"seq"`
}

// RectificationRow is what is to be put right after an evaluation, and how far it is.
type RectificationRow struct {
	Rectification      domain.RectificationID    `json:"rectification"`
	Evaluation         domain.EvaluationID       `json:"evaluation"`
	Clause             domain.ClauseID           `json:"clause"`
	SupportYear        domain.SupportYear        `json:"support_year"`
	RectificationState domain.RectificationState `json:"rectification_state"`
	Matter             string                    `json:"matter"` // as said last
	OpenedOn           domain.Date               `json:"opened_on"`
	DueOn              domain.Date               `json:"due_on"`
	DoneOn             domain.Date               `json:"done_on"`
	Document           string                    `json:"document"`
	Department         domain.DepartmentID       `json:"department"`
	Actor              domain.PersonID           `json:"actor"`
	Seq                uint64                    `json:"seq"` // of the latest step
}

// The filters of evaluations.
var (
	ByIndicator          = by[domain.IndicatorID]("indicator", Identifier, "绩效指标", "the indicator").named(indicators)
	ByEvaluatedAs        = by[string]("evaluated_as", Word, "在比较中的身份", "as what it is compared").of("supported", "control", "left_out")
	ByEvaluationKind     = by[domain.EvaluationKind]("evaluation_kind", Word, "评价类别", "the kind of evaluation").of("self", "department", "finance")
	ByEvaluation         = by[domain.EvaluationID]("evaluation", Identifier, "评价编号", "the evaluation").kept("given_evaluations", "evaluation")
	ByRectificationState = by[domain.RectificationState]("rectification_state", Word, "整改进展", "how far it is").of("open", "done")
	ByEvaluatedYear      = by[domain.SupportYear]("year", Year, "评价年度", "the year evaluated").on("support_year").named(years)
	ByEvaluatedClause    = by[domain.ClauseID]("clause", Identifier, "条款", "the clause").named(clauses)
)

// Evaluations are what the money of each clause with indicators did, by clause, year and indicator. They are made of the live state, or of the one that
// the log had led to at the moment that is asked for: what an evaluation rested on is asked for as of its position.
var Evaluations = list[EvaluationRow](List{Name: "evaluations", Kept: InPolicy, Past: true, Key: []string{"clause", "support_year", "indicator"}, Unlike: true,
	Title: domain.Text{ZH: "绩效评价", EN: "What the money did"},
}, ByEvaluatedClause, ByEvaluatedYear, ByIndicator)

// Evaluated are the enterprises that an evaluation looks at.
var Evaluated = list[EvaluatedRow](List{Name: "evaluated_enterprises", Kept: InPolicy, Past: true, Key: []string{"clause", "support_year", "indicator", "enterprise"}, Unlike: true,
	Title: domain.Text{ZH: "参评企业前后对比", EN: "Enterprises before and after"},
}, ByEvaluatedClause, ByEvaluatedYear, ByIndicator, ByEnterprise, ByEvaluatedAs)

// Concentration is how support is spread, of the fund, each year and each clause.
var Concentration = list[ConcentrationRow](List{Name: "concentration", Kept: InPolicy, Past: true, Key: []string{"clause", "support_year"}, Unlike: true,
	Title: domain.Text{ZH: "资金集中度", EN: "Concentration"},
}, ByEvaluatedClause, ByEvaluatedYear)

// GivenEvaluations are the evaluations that were given, in the order of the log.
var GivenEvaluations = list[GivenEvaluationRow](List{Name: "given_evaluations", Source: "given_evaluations", Past: true, Key: []string{"seq"}, Day: "evaluated_on",
	Title:   domain.Text{ZH: "评价记录", EN: "Evaluations given"},
	Meaning: domain.Text{ZH: "单位自评、部门评价与财政评价的记录", EN: "Evaluations of one's own, of departments and of the treasury"},
}, ByEvaluation, ByEvaluatedClause, ByEvaluatedYear, ByEvaluationKind)

// Rectifications are what is to be put right, each as it stands.
var Rectifications = list[RectificationRow](List{Name: "rectifications", Source: "rectifications", Past: true, Key: []string{"rectification"}, Day: "opened_on",
	Title:   domain.Text{ZH: "整改", EN: "Rectifications"},
	Meaning: domain.Text{ZH: "评价后的整改事项及其进展", EN: "What is to be put right after evaluations, and how far it is"},
}, ByEvaluation, ByEvaluatedClause, ByEvaluatedYear, ByRectificationState)

func indicators(p *domain.Policy) (ids []string) {
	for _, one := range p.Indicators {
		ids = append(ids, string(one.ID))
	}
	return ids
}
