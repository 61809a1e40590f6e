package projections

import "github.com/fundledger/fundledger/domain"

// FindingRow is a rule that a booked fact breaks: what was recorded nevertheless, because it had happened.
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
}

// ByBrokenRule is the code of what a finding says.
var ByBrokenRule = by[string]("code", Identifier, "违反的规则的代码", "the code of the rule that is broken")

// Findings are the rules that booked facts break, in the order of the log.
var Findings = list[FindingRow](List{Name: "findings", Source: "findings", Past: true, Key: []string{"seq", "place"},
	Title: domain.Text{ZH: "补记违反的规则", EN: "Rules that booked facts break"}, Meaning: domain.Text{ZH: "补记的事实所违反的规则", EN: "The rules that booked facts break"},
}, ByBrokenRule, ByEnterprise, ByClause, ByApplication, ByYear)
