package projections

import (
	"fmt"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// HistoryRow is a step of a history: an event as it lies on the log, and what it concerns.
type HistoryRow struct {
	Seq           uint64               `json:"seq"`
	RecordedAt    time.Time            `json:"recorded_at" sql:"recorded_ns"` // UTC
	BusinessDate  domain.Date          `json:"business_date"`
	Event         domain.Event         `json:"-" sql:"-"`
	EventType     string               `json:"event_type"`
	Message       string               `json:"message" sql:"-"` // what happened, in the reader's language; package words has the words
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
	ActorFor      domain.PersonID      `json:"actor_for"`
	Version       int                  `json:"-" sql:"version"`
	Data          string               `json:"-" sql:"data"` // the event's exact JSON
}

// Complete makes the event of what the statement has of it.
func (r *HistoryRow) Complete() error {
	event, err := wire.DecodeEvent(wire.EventType(r.EventType), r.Version, []byte(r.Data))
	if err != nil {
		return fmt.Errorf("reading event %d: %w", r.Seq, err)
	}
	r.Event = event
	return nil
}
