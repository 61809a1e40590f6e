package projections

import "github.com/fundledger/fundledger/domain"

// ProjectRow is a project that is registered, or one with another.
type ProjectRow struct {
	Project        string              `json:"project"`
	ProjectName    string              `json:"project_name"` // "": it is not registered
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	ProjectPlace   string              `json:"project_place"`
	JoinedWith     string              `json:"joined_with"`     // the projects that are one with it
	ChargedClauses string              `json:"charged_clauses"` // under whose caps it is charged
	Use            domain.Money        `json:"use"`             // of all of them, by itself
	Seq            uint64              `json:"seq"`             // of its registration; 0: none
}

// ByRegistered is the project of an id, among those that are registered or joined.
var ByRegistered = by[string]("project", Identifier, "项目", "the project").kept("projects", "project")

// Projects are those that are registered or one with another, in the order of their ids. The others are known by their applications.
var Projects = list[ProjectRow](List{Name: "projects", Source: "projects", Past: true, Key: []string{"project"},
	Title:   domain.Text{ZH: "项目登记", EN: "Registered projects"},
	Meaning: domain.Text{ZH: "已登记或认定为同一项目的项目及其使用额", EN: "Projects that are registered or one with another, and what they use"},
}, ByEnterprise, ByRegistered)
