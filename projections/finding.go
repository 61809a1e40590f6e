package projections

import "github.com/fundledger/fundledger/domain"

// FindingRow is a rule that a recorded fact breaks, or that a decision goes by the side of: what was recorded nevertheless.
type FindingRow struct {
	Seq          uint64               `json:"seq"`
	Place        int64                `json:"place"` // among its event's findings, from 1
	BusinessDate domain.Date          `json:"business_date"`
	EventType    string               `json:"event_type"`
	Enterprise   domain.EnterpriseID  `json:"enterprise"`
	Application  domain.ApplicationID `json:"application"`
	Clause       domain.ClauseID      `json:"clause"`
	SupportYear  domain.SupportYear   `json:"support_year"`
	Code         string               `json:"code"`
	Rule         string               `json:"rule"`
	Figures      string               `json:"figures"` // JSON
	Actor        domain.PersonID      `json:"actor"`
	ActorFor     domain.PersonID      `json:"actor_for"`
}

// ByBrokenRule is the code of what a finding says.
var ByBrokenRule = by[string]("code", Identifier, "违反的规则的代码", "the code of the rule that is broken").among(domain.FindingCodes)

// Findings are the findings of events, in the order of the log.
var Findings = list[FindingRow](List{Name: "findings", Source: "findings", Past: true, Key: []string{"seq", "place"},
	Title:   domain.Text{ZH: "入账时的发现", EN: "Findings of events"},
	Meaning: domain.Text{ZH: "入账的事实所违反的规则，以及决定时发现的不符之处", EN: "The rules that recorded facts break, and what decisions were found to go by the side of"},
}, ByBrokenRule, ByEnterprise, ByClause, ByApplication, ByYear)
