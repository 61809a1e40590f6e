package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

var (
	byYear        = param{name: "year", kind: year, text: domain.Text{ZH: "支持年度", EN: "the support year"}}
	byClause      = param{name: "clause", kind: identifier, text: domain.Text{ZH: "条款", EN: "the clause"}}
	byEnterprise  = param{name: "enterprise", kind: identifier, text: domain.Text{ZH: "企业", EN: "the enterprise"}}
	byApplication = param{name: "application", kind: identifier, text: domain.Text{ZH: "申请编号", EN: "the application"}}
	bySubject     = param{name: "subject", kind: identifier, text: domain.Text{ZH: "计额对象:企业、项目或奖项", EN: "the cap subject: an enterprise, a project or an award"}}
	bySearch      = param{name: "q", kind: word, text: domain.Text{ZH: "名称中的字、拼音首字母或代码开头", EN: "characters of the name, its pinyin initials, or the code's beginning"}}
	from          = param{name: "from", kind: position, text: domain.Text{ZH: "从该位置起", EN: "from this position on"}}
	byType        = param{name: "event_type", kind: identifier, text: domain.Text{ZH: "事件类型", EN: "the type of event"}}
	byCode        = param{name: "code", kind: identifier, text: domain.Text{ZH: "拒绝代码", EN: "the refusal's code"}}
)

var totalsList = listOf("totals", domain.Text{ZH: "企业年度汇总", EN: "Yearly totals by enterprise and clause"}, true, []param{byYear, byClause, byEnterprise},
	func(ctx context.Context, s *Server, _ *http.Request, a asked, at span) (projections.Page[projections.TotalsRow], error) {
		return s.cfg.Queries.Totals(ctx, projections.TotalsQuery{Year: a.year("year"), Clause: domain.ClauseID(a.text("clause")),
			Enterprise: domain.EnterpriseID(a.text("enterprise")), AsOf: at.asOf, On: at.on, Limit: at.limit, Cursor: at.cursor})
	})

var accountsList = listOf("accounts", domain.Text{ZH: "账户明细", EN: "Account lines"}, true, []param{byYear, byClause, bySubject, byEnterprise},
	func(ctx context.Context, s *Server, _ *http.Request, a asked, at span) (projections.Page[projections.AccountRow], error) {
		return s.cfg.Queries.Accounts(ctx, projections.AccountsQuery{Year: a.year("year"), Clause: domain.ClauseID(a.text("clause")), Subject: a.text("subject"),
			Enterprise: domain.EnterpriseID(a.text("enterprise")), AsOf: at.asOf, On: at.on, Limit: at.limit, Cursor: at.cursor})
	})

var applicationHistory = listOf("application_history", domain.Text{ZH: "申请的经过", EN: "What happened to an application"}, true, nil,
	func(ctx context.Context, s *Server, r *http.Request, _ asked, at span) (projections.Page[words.HistoryRow], error) {
		return s.history(ctx, langOf(r), projections.HistoryQuery{Application: domain.ApplicationID(r.PathValue("id")), AsOf: at.asOf, On: at.on, Limit: at.limit, Cursor: at.cursor})
	})

var enterpriseHistory = listOf("enterprise_history", domain.Text{ZH: "企业的经过", EN: "What happened to an enterprise"}, true, nil,
	func(ctx context.Context, s *Server, r *http.Request, _ asked, at span) (projections.Page[words.HistoryRow], error) {
		return s.history(ctx, langOf(r), projections.HistoryQuery{Enterprise: domain.EnterpriseID(r.PathValue("id")), AsOf: at.asOf, On: at.on, Limit: at.limit, Cursor: at.cursor})
	})

// history is a page of a history; one that nothing ever happened to is not found.
func (s *Server) history(ctx context.Context, lang string, ask projections.HistoryQuery) (projections.Page[words.HistoryRow], error) {
	if err := plainID(string(ask.Application) + string(ask.Enterprise)); err != nil {
		return projections.Page[words.HistoryRow]{}, err
	}
	p, err := s.cfg.Queries.History(ctx, ask)
	if err == nil && len(p.Rows) == 0 && ask.Cursor == "" {
		err = projections.ErrNotFound
	}
	return words.History(p, lang), err
}

// plainID turns away what can be no identifier: such things do not reach the database.
func plainID(id string) error {
	if (param{name: "id", kind: identifier}).check(id) != nil {
		return projections.ErrNotFound
	}
	return nil
}

// EventRow is an event as it lies on the log.
type EventRow struct {
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

var eventsList = listOf("events", domain.Text{ZH: "事件", EN: "Events"}, false, []param{from, byType},
	func(ctx context.Context, s *Server, _ *http.Request, a asked, at span) (projections.Page[EventRow], error) {
		log := s.cfg.Ledger.Log()
		return logPage(ctx, log, a.number("from"), at, func(first, last uint64, take func(uint64, EventRow, bool) error) error {
			return log.Read(ctx, first, last, func(records []eventstore.Record) error {
				for _, r := range records {
					row, err := eventRow(r)
					if err != nil {
						return err
					}
					if err := take(r.Seq, row, a.text("event_type") == "" || a.text("event_type") == row.EventType); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})

func eventRow(r eventstore.Record) (EventRow, error) {
	e, err := wire.Decode(r)
	if err != nil {
		return EventRow{}, err
	}
	v := e.Envelope
	return EventRow{Seq: e.Seq, RecordedAt: e.Recorded, BusinessDate: e.Date, EventType: e.Event.Name(), Command: v.Command, CommandID: v.CommandID, Actor: v.Actor,
		Role: v.Role, Department: v.Department, ImportedBy: v.ImportedBy, ClauseVersion: v.ClauseVersion, Data: string(r.Data)}, nil
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

var refusalsList = listOf("refusals", domain.Text{ZH: "被拒的指令", EN: "Refused commands"}, false, []param{from, byEnterprise, byApplication, byCode},
	func(ctx context.Context, s *Server, r *http.Request, a asked, at span) (projections.Page[RefusedRow], error) {
		if s.refused == nil {
			return projections.Page[RefusedRow]{}, projections.ErrNotFound
		}
		lang := langOf(r)
		return logPage(ctx, s.refused, a.number("from"), at, func(first, last uint64, take func(uint64, RefusedRow, bool) error) error {
			return ledger.Refusals(ctx, s.refused, first, func(k ledger.KeptRefusal) error {
				if k.Seq > last {
					return errPageFull
				}
				row, err := refusedRow(k, lang)
				if err != nil {
					return err
				}
				return take(k.Seq, row, a.wants("code", row.Code) && a.wants("enterprise", string(row.Enterprise)) && a.wants("application", string(row.Application)))
			})
		})
	})

func refusedRow(k ledger.KeptRefusal, lang string) (RefusedRow, error) {
	figures, err := json.Marshal(k.Refusal.Figures, json.Deterministic(true))
	return RefusedRow{Seq: k.Seq, RecordedAt: k.At, Position: k.Position, Command: k.Name, CommandID: k.ID, Enterprise: k.Enterprise, Application: k.Application,
		Actor: k.Actor.ID, Role: k.Actor.Role, Department: k.Actor.Department, ImportedBy: k.ImportedBy, Code: k.Refusal.Code, Rule: k.Refusal.Rule,
		Message: k.Message.In(lang), Figures: string(figures), Data: string(k.Command)}, err
}

// logScan is how many events one page looks at: one that filters much ends early, with a cursor behind what it saw.
const logScan = 20_000

var errPageFull = errors.New("the page is full")

// logPage reads a page of a log, from a position or from behind a cursor. read hands over the rows of a stretch, those that are wanted and the others.
func logPage[T any](ctx context.Context, log *eventstore.Log, first uint64, at span,
	read func(first, last uint64, take func(seq uint64, row T, wanted bool) error) error) (projections.Page[T], error) {
	var p projections.Page[T]
	last, err := log.Last(ctx)
	if err != nil {
		return p, err
	}
	p.Seq = last
	first = max(first, 1)
	if at.cursor != "" {
		if first, p.Seq, err = readLogCursor(at.cursor); err != nil {
			return p, err
		}
		last = min(p.Seq, last)
	}
	if first > last {
		return p, nil
	}
	seen := first - 1
	err = read(first, min(last, first+logScan-1), func(seq uint64, row T, wanted bool) error {
		if wanted && len(p.Rows) == at.limit {
			return errPageFull
		}
		if wanted {
			p.Rows = append(p.Rows, row)
		}
		seen = seq
		return nil
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return p, err
	}
	if seen < last {
		p.Next = logCursor(seen+1, p.Seq)
	}
	return p, nil
}

// logCursor is where the next page begins and where the list ends: what comes meanwhile belongs to another list.
func logCursor(next, end uint64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatUint(next, 10) + "." + strconv.FormatUint(end, 10)))
}

func readLogCursor(text string) (next, end uint64, err error) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	a, b, ok := strings.Cut(string(plain), ".")
	next, bad := strconv.ParseUint(a, 10, 63)
	end, worse := strconv.ParseUint(b, 10, 63)
	if err != nil || !ok || bad != nil || worse != nil || next == 0 {
		return 0, 0, projections.ErrCursor
	}
	return next, end, nil
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

var clausesList = listOf("clauses", domain.Text{ZH: "条款及其版本", EN: "Clauses and their versions"}, false, []param{byClause},
	func(ctx context.Context, s *Server, r *http.Request, a asked, at span) (projections.Page[ClauseRow], error) {
		var p projections.Page[ClauseRow]
		if at.cursor != "" {
			return p, projections.ErrCursor // the whole policy is one page
		}
		err := s.cfg.Ledger.View(ctx, func(state *domain.State, position uint64) {
			p.Seq = position
			p.Rows = clauseRows(state, domain.ClauseID(a.text("clause")), langOf(r))
		})
		return p, err
	})

func clauseRows(state *domain.State, only domain.ClauseID, lang string) []ClauseRow {
	var rows []ClauseRow
	if state.Policy() == nil {
		return rows
	}
	for _, c := range state.Policy().Clauses {
		if only != "" && c.ID != only {
			continue
		}
		row := ClauseRow{Clause: c.ID, ClauseName: c.Name.In(lang), Version: 1, EffectiveOn: state.Policy().Term.From, Cap: c.Cap.Amount, SubjectKind: c.Cap.Subject,
			Period: c.Cap.Period, StrongerSupport: c.StrongerSupport, Departments: slices.Clone(c.Departments), Industries: slices.Clone(c.Industries)}
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

// openRefused opens the stream of refusals, to read it.
func (s *Server) openRefused(ctx context.Context) error {
	if s.cfg.NATS == nil {
		return nil
	}
	log, err := ledger.OpenRefusals(ctx, s.cfg.NATS, ledger.Config{Fund: s.cfg.Fund, Logger: s.cfg.Logger}, true)
	if err != nil {
		return fmt.Errorf("opening the refusals: %w", err)
	}
	s.refused = log
	return nil
}
