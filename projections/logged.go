package projections

import (
	"time"

	"github.com/fundledger/fundledger/domain"
)

// LoggedRow is an event as it lies on the log.
type LoggedRow struct {
	Seq           uint64      `json:"seq"`
	RecordedAt    time.Time   `json:"recorded_at"`
	BusinessDate  domain.Date `json:"business_date"`
	EventType     string      `json:"event_type"`
	Command       string      `json:"command"`
	CommandID     string      `json:"command_id"`
	Actor         string      `json:"actor"`
	Role          string      `json:"role"`
	Department    string      `json:"department"`
	ImportedBy    string      `json:"imported_by"`
	ClauseVersion int         `json:"clause_version"`
	Data          string      `json:"data"` // the exact JSON
}

// RefusedRow is a refusal as it was kept.
type RefusedRow struct {
	Seq         uint64               `json:"seq"` // on the refusals' own stream
	RecordedAt  time.Time            `json:"recorded_at"`
	Position    uint64               `json:"position"` // of the log that it was decided on
	Command     string               `json:"command"`
	CommandID   domain.CommandID     `json:"command_id"`
	Enterprise  domain.EnterpriseID  `json:"enterprise"`  // whose application, payout or clawback the command was about
	Application domain.ApplicationID `json:"application"` // that the command was about
	Actor       domain.PersonID      `json:"actor"`
	Role        domain.Role          `json:"role"`
	Department  domain.DepartmentID  `json:"department"`
	ImportedBy  domain.PersonID      `json:"imported_by"`
	Code        string               `json:"code"`
	Rule        string               `json:"rule"`
	Message     string               `json:"message"`
	Figures     string               `json:"figures"` // JSON
	Data        string               `json:"data"`    // the command's exact JSON
}

// ClauseRow is a version of a clause.
type ClauseRow struct {
	Clause          domain.ClauseID       `json:"clause"`
	ClauseName      string                `json:"clause_name"`
	Version         int                   `json:"version"`
	EffectiveOn     domain.Date           `json:"effective_on"`
	Retroactive     bool                  `json:"retroactive"`
	Document        string                `json:"document"`
	Cap             domain.Ceiling        `json:"cap"`
	SubjectKind     domain.SubjectKind    `json:"subject_kind"`
	Period          domain.Period         `json:"period"`
	StrongerSupport bool                  `json:"stronger_support"`
	Departments     []domain.DepartmentID `json:"departments"`
	Industries      []domain.IndustryID   `json:"industries"`
}
