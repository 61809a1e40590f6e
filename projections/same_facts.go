package projections

import (
	"reflect"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// SameFactsRow is two applications of different enterprises under one clause: what was known of the enterprises when each was first decided agrees, and what
// was decided does not. It says nothing of who is right.
type SameFactsRow struct {
	Clause              domain.ClauseID         `json:"clause"`
	Application         domain.ApplicationID    `json:"application"`
	Enterprise          domain.EnterpriseID     `json:"enterprise"`
	EnterpriseName      string                  `json:"enterprise_name"`
	DecidedOn           domain.Date             `json:"decided_on"`
	Decision            domain.ApplicationState `json:"decision"`
	Requested           domain.Money            `json:"requested"` // when it was decided
	Approved            domain.Money            `json:"approved"`  // by that decision
	OtherApplication    domain.ApplicationID    `json:"other_application"`
	OtherEnterprise     domain.EnterpriseID     `json:"other_enterprise"`
	OtherEnterpriseName string                  `json:"other_enterprise_name"`
	OtherDecidedOn      domain.Date             `json:"other_decided_on"`
	OtherDecision       domain.ApplicationState `json:"other_decision"`
	OtherRequested      domain.Money            `json:"other_requested"`
	OtherApproved       domain.Money            `json:"other_approved"`
	FactsAlike          int64                   `json:"facts_alike"`    // how many facts were known of both, and agree
	FurthestApart       decimal.NullDecimal     `json:"furthest_apart"` // of the numbers among them, the greatest difference as a part of the greater one
}

// Replays are the two applications, to be replayed beside each other.
func (r SameFactsRow) Replays() (a, b domain.ApplicationID) { return r.Application, r.OtherApplication }

// DefaultCaliper is by how many per cent numbers may differ that are alike.
const DefaultCaliper = 10

// ByCaliper says what is alike.
var ByCaliper = by[uint64]("caliper", Count, "数值相差不超过百分之几视为相同，批准比例相差超过百分之几视为不同；不写为 10",
	"numbers that differ by at most so many per cent are alike, and shares approved that differ by more are not; 10 without it").asked()

// SameFacts are pairs of applications with the same facts and different outcomes, by clause and application.
//
// Compared are the facts that are not sensitive, but for place and sub-district: of each the latest that counted when the application was first decided. Codes
// and flags have to be the same and known of the same facts, numbers known of both have to be alike, and three facts at least have to agree, one number among
// them. Outcomes differ where one was approved and the other rejected, or where the parts of what was asked that were approved lie further apart than the caliper.
var SameFacts = list[SameFactsRow](List{Name: "same_facts", Source: "same_facts", Past: true, Key: []string{"clause", "application", "other_application"}, Says: sameFactsColumns,
	Title:   domain.Text{ZH: "同样事实、不同结果", EN: "Same facts, different outcomes"},
	Meaning: domain.Text{ZH: "同一条款下事实相近而决定不同的两件申请", EN: "Two applications under one clause whose facts agree and whose decisions differ"},
}, ByClause.asked(), ByApplication.asked(), ByEnterprise.asked(), ByCaliper)

// sameFactsColumns are those that a reader needs: enterprises are told by their names.
func sameFactsColumns([]Condition) []string {
	return columnsBut(reflect.TypeFor[SameFactsRow](), []string{"enterprise", "other_enterprise", "other_decided_on"})
}
