package projections

import "github.com/fundledger/fundledger/domain"

// Object is a kind of thing that has a page.
type Object string

// The kinds of things that a search finds.
const (
	AnEnterprise  Object = "enterprise"
	AnApplication Object = "application"
	APayout       Object = "payout"
	AClawback     Object = "clawback"
	ARecovery     Object = "recovery"
	AnException   Object = "exception"
	AnEvent       Object = "event"
	APerson       Object = "person"
	AProject      Object = "project"
	AVersion      Object = "policy_version"
	ACheckpoint   Object = "checkpoint"
)

// FoundRow is something that a text names.
type FoundRow struct {
	Object         Object              `json:"object"`
	Reference      string              `json:"reference"` // its id; of an event its position, of a checkpoint its size
	Title          string              `json:"title"`     // of an application; of a policy's version its document; of a payout its voucher, of a clawback its reason, of an exception its document
	Enterprise     domain.EnterpriseID `json:"enterprise"`
	EnterpriseName string              `json:"enterprise_name"`
	Amount         domain.Ceiling      `json:"amount"` // asked for, paid, ordered, received or granted; none of an enterprise and an event
}

// ByText is what is looked for.
var ByText = by[string]("q", Word, "编号、企业名称或拼音首字母、信用代码、凭证号的开头，项目名称中的字，金额，经办人，事件序号，或检查点的事件数", "an id, an enterprise's name, initials or code, the beginning of a voucher, words of a project's name, an amount, a person, an event's position, or how many events a checkpoint has").asked().short("search")

// Search is what a text names, the first ten of each kind; without a text nothing.
var Search = list[FoundRow](List{Name: "search", Source: "search", Key: []string{"object", "reference"}, Unlike: true, Title: domain.Text{ZH: "搜索", EN: "Search"}}, ByText)
