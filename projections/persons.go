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

// News is what others did from a position on to the applications that a person had a part in, the latest first.
var News = list[HistoryRow](List{Name: "news", Address: "/v1/persons/{id}/news", Source: "news_events", Past: true, Key: []string{"seq"}, Latest: true,
	Title: domain.Text{ZH: "经手事项的新变化", EN: "What happened to a person's cases"},
}, ByActor.asked(), From)

// PersonHistory is what a person did, the latest first.
var PersonHistory = list[HistoryRow](List{Name: "person_history", Address: "/v1/persons/{id}/history", Source: "events", Past: true, Key: []string{"seq"}, Latest: true,
	Title: domain.Text{ZH: "经办人办理的事项", EN: "What a person did"},
}, ByActor)
