package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// HistoryQuery asks what happened to one application, or to one enterprise and its applications. One of the two is given.
type HistoryQuery struct {
	Application domain.ApplicationID
	Enterprise  domain.EnterpriseID
	AsOf        AsOf
	On          domain.Date
	Limit       int
	Cursor      string
}

// HistoryRow is an event as it lies on the log, and what it concerns.
type HistoryRow struct {
	Seq           uint64               `json:"seq"`
	RecordedAt    time.Time            `json:"recorded_at"` // UTC
	BusinessDate  domain.Date          `json:"business_date"`
	Event         domain.Event         `json:"-"`
	EventType     string               `json:"event_type"`
	Command       string               `json:"command"`
	CommandID     domain.CommandID     `json:"command_id"`
	Actor         domain.PersonID      `json:"actor"`
	Role          domain.Role          `json:"role"`
	Department    domain.DepartmentID  `json:"department"`
	ImportedBy    domain.PersonID      `json:"imported_by"`
	Clause        domain.ClauseID      `json:"clause"`
	ClauseVersion int                  `json:"clause_version"`
	Application   domain.ApplicationID `json:"application"`
	Enterprise    domain.EnterpriseID  `json:"enterprise"`
	Data          string               `json:"-"` // the event's exact JSON
}
