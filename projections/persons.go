package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// PersonRow is somebody who acted, with the latest of what they did.
type PersonRow struct {
	Actor      domain.PersonID     `json:"actor"`
	Role       domain.Role         `json:"role"`
	Department domain.DepartmentID `json:"department"`
	Seq        uint64              `json:"seq"`
	RecordedAt time.Time           `json:"recorded_at" sql:"recorded_ns"` // UTC
}

// ByActor narrows to one person.
var ByActor = by[domain.PersonID]("actor", Identifier, "经办人", "who acted").kept("persons", "actor")

// Persons are those who acted, by their id.
var Persons = list[PersonRow](List{Name: "persons", Source: "persons", Key: []string{"actor"}, Title: domain.Text{ZH: "经办人员", EN: "Persons"}}, ByActor)

// PersonHistory is what a person did, the latest first.
var PersonHistory = list[HistoryRow](List{Name: "person_history", Address: "/v1/persons/{id}/history", Source: "events", Past: true, Key: []string{"seq"}, Latest: true,
	Title: domain.Text{ZH: "经办人办理的事项", EN: "What a person did"},
}, ByActor)
