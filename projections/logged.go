package projections

import (
	"encoding/base64"
	"slices"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// LoggedRow is an event as it lies on the log.
type LoggedRow struct {
	Seq           uint64      `json:"seq"`
	RecordedAt    time.Time   `json:"recorded_at"`
	BusinessDate  domain.Date `json:"business_date"`
	EventType     string      `json:"event_type"`
	LogSubject    string      `json:"log_subject"`
	Command       string      `json:"command"`
	CommandID     string      `json:"command_id"`
	Actor         string      `json:"actor"`
	Role          string      `json:"role"`
	Department    string      `json:"department"`
	ImportedBy    string      `json:"imported_by"`
	ClauseVersion int         `json:"clause_version"`
	LeafHash      string      `json:"leaf_hash"` // base64
	Data          string      `json:"data"`      // the exact JSON
	ActorFor      string      `json:"actor_for"`
}

// LoggedOf is the row of an event that lies on a log.
func LoggedOf(r eventstore.Record) (LoggedRow, error) {
	e, err := wire.Decode(r)
	if err != nil {
		return LoggedRow{}, err
	}
	v, leaf := e.Envelope, eventstore.LeafHash(r)
	return LoggedRow{Seq: e.Seq, RecordedAt: e.Recorded, BusinessDate: e.Date, EventType: e.Event.Name(), LogSubject: e.Subject, Command: v.Command,
		CommandID: v.CommandID, Actor: v.Actor, Role: v.Role, Department: v.Department, ImportedBy: v.ImportedBy, ClauseVersion: v.ClauseVersion,
		LeafHash: base64.StdEncoding.EncodeToString(leaf[:]), Data: string(r.Data), ActorFor: v.ActorFor}, nil
}

// RefusedRow is a refusal as it was kept.
type RefusedRow struct {
	Seq         uint64               `json:"seq"` // on the refusals' own stream
	RecordedAt  time.Time            `json:"recorded_at"`
	Date        domain.Date          `json:"business_date"`
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
	ActorFor    domain.PersonID      `json:"actor_for"`
}

// ClauseRow is a version of a clause.
type ClauseRow struct {
	Clause          domain.ClauseID       `json:"clause"`
	Version         int                   `json:"version"`
	ClauseName      string                `json:"clause_name"`
	Source          string                `json:"source"`
	Departments     []domain.DepartmentID `json:"departments"`
	Cap             domain.Ceiling        `json:"cap"`
	SubjectKind     domain.SubjectKind    `json:"subject_kind"`
	Period          domain.Period         `json:"period"`
	StrongerSupport bool                  `json:"stronger_support"`
	EffectiveOn     domain.Date           `json:"effective_on"`
	Retroactive     bool                  `json:"retroactive"`
	Document        string                `json:"document"`
	Industries      []domain.IndustryID   `json:"industries"`
	Policy          domain.PolicyID       `json:"policy"` // that brought it
}

// ClauseRows are the versions of the clauses of a state's policy, in the policy's order, with their names in "zh" or "en"; of one
// clause only, where only names it. A clause that has no account of its own has no versions: its row is as the policy has it.
func ClauseRows(state *domain.State, only domain.ClauseID, lang string) []ClauseRow {
	var rows []ClauseRow
	policy := state.Policy()
	if policy == nil {
		return rows
	}
	for _, c := range policy.Clauses {
		if only != "" && c.ID != only {
			continue
		}
		of := state.PolicyOf(c.ID)
		row := ClauseRow{Clause: c.ID, ClauseName: c.Name.In(lang), Source: c.Source, Version: 1, EffectiveOn: of.Term.From, Cap: c.Cap.Amount,
			SubjectKind: c.Cap.Subject, Period: c.Cap.Period, StrongerSupport: c.StrongerSupport, Departments: slices.Clone(c.Departments),
			Industries: slices.Clone(c.Industries), Policy: of.PolicyID()}
		versions := state.Versions(c.ID)
		if len(versions) == 0 {
			rows = append(rows, row)
		}
		for _, v := range versions {
			row.Version, row.Cap, row.EffectiveOn, row.Retroactive, row.Document = v.Version, v.Cap, v.EffectiveOn, v.Retroactive, v.Document
			rows = append(rows, row)
		}
	}
	return rows
}
