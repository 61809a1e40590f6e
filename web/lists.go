package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// list is a question as the API answers it.
type list struct {
	*projections.List
	columns []tabular.Column
	params  []param
}

func listOf(l *projections.List) list {
	made := list{List: l, columns: words.ColumnsOf(l.Row)}
	for _, f := range l.Filters {
		if f != l.Of() {
			made.params = append(made.params, f)
		}
	}
	if l.Past {
		made.params = append(made.params, pastParams...)
	}
	made.params = append(made.params, listParams...)
	return made
}

// refusePast turns a question for the past away from a list that is kept as it is now, and says where the past is.
func (l list) refusePast(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil || l.Past || l.Kept != projections.InTables {
		return nil // what is malformed is refused where it is read
	}
	for _, p := range pastParams {
		if values.Get(p.Name) != "" {
			return problem(http.StatusBadRequest, "present_only", "parameter", p.Name, "list", l.Name)
		}
	}
	return nil
}

// Keeper answers every list, with its words in a language: from the tables, from the logs, and of the policy in force.
func (s *Server) Keeper(lang string) projections.Keeper {
	return timed{s.lists(lang, s.cfg.Queries), s.small, s.cfg.QuestionFor}
}

// lists are the service's, what lies in tables asked by some of its connections.
func (s *Server) lists(lang string, tables Queries) Lists {
	var signed proof.Store
	var root func(ctx context.Context, size uint64) (tlog.Hash, error)
	if s.cfg.Proof != nil {
		signed = s.cfg.Proof.Store
		root = func(ctx context.Context, size uint64) (tlog.Hash, error) {
			if err := s.cfg.Proof.Tree.WaitFor(ctx, size); err != nil {
				return tlog.Hash{}, err
			}
			return proof.RootAt(ctx, s.cfg.Proof.Tree.Hashes, size)
		}
	}
	return Lists{Root: root, Lang: lang, Fund: s.cfg.Fund, Signed: signed, Tables: discreet{tables, s.policyNow}, Log: s.cfg.Ledger.Log(), Refused: s.cfg.Ledger.Refused(), View: s.cfg.Ledger.View,
		Pasts: s.pasts, Policy: s.policyNow, Now: s.cfg.Now,
		Users: func(context.Context) ([]accounts.User, error) { return s.cfg.Users.List(), nil }}
}

// Sum adds up a list that lies in tables.
func (s *Server) Sum(ctx context.Context, l *projections.List, ask projections.Ask) (sum projections.Sum, err error) {
	if l == projections.Statistics.List && handsOn(ctx) {
		return projections.Sum{More: true}, nil
	}
	return sum, timed{turns: s.small, most: s.cfg.QuestionFor}.within(ctx, func(ctx context.Context) error {
		sum, err = s.cfg.Queries.Sum(ctx, l, ask)
		return err
	})
}

// Beside are the rows before and behind one in a list that lies in tables.
func (s *Server) Beside(ctx context.Context, l *projections.List, ask projections.Ask, row any) (before, behind any, err error) {
	return before, behind, timed{turns: s.small, most: s.cfg.QuestionFor}.within(ctx, func(ctx context.Context) error {
		before, behind, err = s.cfg.Queries.Beside(ctx, l, ask, row)
		return err
	})
}

// Lists answers every list, with its words in a language: from the tables, from the logs, of the policy in force, and of who has a name. A service
// answers by it, and so does the command line beside a ledger: a list has the same rows wherever it is asked.
type Lists struct {
	Lang    string
	Fund    domain.FundID
	Tables  projections.Keeper // what lies in tables
	Log     *eventstore.Log
	Refused *eventstore.Log // nil: no refusal was ever kept
	// View shows the state that the log has led to, Policy the policy in force, which is nil where there is none.
	View   func(ctx context.Context, see func(state *domain.State, position uint64)) error
	Policy func(ctx context.Context) (*domain.Policy, error)
	Users  func(ctx context.Context) ([]accounts.User, error)
	Now    func() time.Time
	Pasts  *Pasts
	Signed proof.Store // the checkpoints that are kept; nil: none are
	// Root is the root of the log at a position; nil: the log is read for it.
	Root func(ctx context.Context, size uint64) (tlog.Hash, error)
}

// Page implements [projections.Keeper].
func (k Lists) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	values, err := l.Values(ask)
	if err != nil {
		return projections.Page[any]{}, err
	}
	switch l {
	case projections.Events.List:
		return k.events(ctx, ask, values)
	case projections.Refusals.List:
		return k.refusals(ctx, ask, values)
	case projections.Clauses.List:
		return k.clauses(ctx, ask, values)
	case projections.Matches.List:
		return k.matches(ctx, ask, values)
	case projections.Evaluations.List:
		return k.evaluations(ctx, ask, values)
	case projections.Evaluated.List:
		return k.evaluatedEnterprises(ctx, ask, values)
	case projections.Concentration.List:
		return k.concentration(ctx, ask, values)
	case projections.Fairness.List:
		return k.fairness(ctx, ask, values)
	}
	if l == projections.Statistics.List && handsOn(ctx) {
		return withheld(ctx, k.Tables, ask)
	}
	p, err := words.Told(k.Tables, k.Lang).Page(ctx, l, ask)
	if err == nil && l == projections.Search.List && ask.Cursor == "" {
		var named []any
		if named, err = k.persons(ctx, p.Rows, values[projections.ByText.Name]); err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, named...)
		named, err = k.checkpoint(ctx, values[projections.ByText.Name])
		p.Rows = append(p.Rows, named...)
	}
	return p, err
}

// checkpoint is that of just so many events as a text says.
func (k Lists) checkpoint(ctx context.Context, asked any) ([]any, error) {
	text, _ := asked.(string)
	size, err := strconv.ParseUint(text, 10, 63)
	if k.Signed == nil || err != nil || size == 0 {
		return nil, nil
	}
	if _, err = k.Signed.Kept(ctx, size); errors.Is(err, proof.ErrNoCheckpoint) {
		return nil, nil
	}
	return []any{projections.FoundRow{Object: projections.ACheckpoint, Reference: strconv.FormatUint(size, 10)}}, err
}

// foundPersons is how many persons a part of a name finds.
const foundPersons = 10

// persons are the users whose name has a text, but for those that were found by their id: names are the accounts', not the tables'.
func (k Lists) persons(ctx context.Context, found []any, asked any) (rows []any, err error) {
	text, _ := asked.(string)
	if text = strings.ToLower(strings.TrimSpace(text)); text == "" {
		return nil, nil
	}
	users, err := k.Users(ctx)
	if err != nil {
		return nil, err
	}
	for _, user := range users {
		row := projections.FoundRow{Object: projections.APerson, Reference: string(user.ID), Title: user.Name}
		known := slices.ContainsFunc(found, func(f any) bool {
			was, _ := f.(projections.FoundRow)
			return was.Object == row.Object && was.Reference == row.Reference
		})
		if strings.Contains(strings.ToLower(user.Name), text) && !known && len(rows) < foundPersons {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// fits reports whether a value is what a list is narrowed to, if it is.
func fits(values map[string]any, name, value string) bool {
	return values[name] == nil || values[name] == value
}

// first is where a log is read from.
func first(values map[string]any) uint64 {
	from, _ := values[projections.From.Name].(int64)
	return uint64(from)
}

func (k Lists) events(ctx context.Context, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	return logPage(ctx, k.Log, first(values), logScan, ask, func(from, to uint64, take func(uint64, any, bool) error) error {
		return k.Log.Read(ctx, from, to, func(records []eventstore.Record) error {
			for _, r := range records {
				row, err := projections.LoggedOf(r)
				if err != nil {
					return err
				}
				if records, err := k.withholds(ctx, r); err != nil || records {
					row.Data = withheldData
				}
				if err := take(r.Seq, row, fits(values, "event_type", row.EventType) && fits(values, "actor", row.Actor)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// withholds reports whether who asks may not read what an event says.
func (k Lists) withholds(ctx context.Context, r eventstore.Record) (bool, error) {
	if _, asks := asker(ctx); !asks || !strings.Contains(r.Header.Get("ce-type"), ".fact_") {
		return false, nil
	}
	e, err := wire.Decode(r)
	return err == nil && !mayRead(ctx, k.Policy, e.Event), err
}

func (k Lists) refusals(ctx context.Context, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	if k.Refused == nil {
		return projections.Page[any]{}, nil
	}
	asked, _ := values["application"].(string)
	of := domain.ApplicationID(asked)
	policy, charged, err := k.policyAnd(ctx, of)
	if err != nil {
		return projections.Page[any]{}, err
	}
	enterprise, _ := values["enterprise"].(string)
	whose := caseOf(of, charged, domain.EnterpriseID(enterprise))
	scan := uint64(logScan)
	if of != "" || enterprise != "" {
		scan = wholeLog // only what concerns the case is read
	}
	return logPage(ctx, k.Refused, first(values), scan, ask, func(from, to uint64, take func(uint64, any, bool) error) error {
		return ledger.Refusals(ctx, k.Refused, k.Fund, whose, from, to, func(r ledger.KeptRefusal) error {
			row, err := RefusedRow(r, policy, k.Lang)
			if err != nil {
				return err
			}
			row = discreetRefusal(ctx, policy, row, k.Lang)
			return take(r.Seq, row, fits(values, "code", row.Code) && fits(values, "actor", string(row.Actor)) && fits(values, "enterprise", string(row.Enterprise)) && (of == "" || r.Of(of, charged)))
		})
	})
}

// RefusedRow is the row of a refusal in the list of refusals, in "zh" or "en". Without a policy its message is as it was told.
func RefusedRow(k ledger.KeptRefusal, policy *domain.Policy, lang string) (projections.RefusedRow, error) {
	var asked struct {
		Date domain.Date `json:"date"`
	}
	if err := json.Unmarshal(k.Command, &asked); err != nil {
		return projections.RefusedRow{}, fmt.Errorf("reading the command of refusal %d: %w", k.Seq, err)
	}
	message := k.Message
	if policy != nil {
		message = k.Refusal.Retold(message, policy)
	}
	figures, err := json.Marshal(k.Refusal.Figures, json.Deterministic(true))
	return projections.RefusedRow{Seq: k.Seq, RecordedAt: k.At, Date: asked.Date, Position: k.Position, Command: k.Name, CommandID: k.ID,
		Enterprise: k.Enterprise, Application: k.Application, Actor: k.Actor.ID, Role: k.Actor.Role, Department: k.Actor.Department,
		ImportedBy: k.ImportedBy, Code: k.Refusal.Code, Rule: k.Refusal.Rule, Message: message.In(lang), Figures: string(figures),
		Data: string(k.Command), ActorFor: k.Actor.For}, err
}

// logScan is how many events one page looks at: one that filters much ends early, with a cursor behind what it saw.
const logScan = 20_000

// wholeLog is a page that looks as far as the log goes, for it reads only what it is about.
const wholeLog = math.MaxInt64

var errPageFull = errors.New("the page is full")

// logPage reads a page of a log, from a position or from behind a cursor. read hands over the rows of a stretch, those that are wanted and the others.
func logPage(ctx context.Context, log *eventstore.Log, first, scan uint64, ask projections.Ask,
	read func(first, last uint64, take func(seq uint64, row any, wanted bool) error) error) (projections.Page[any], error) {
	var p projections.Page[any]
	last, err := log.Last(ctx)
	if err != nil {
		return p, err
	}
	p.Seq = last
	first = max(first, 1)
	if ask.Cursor != "" {
		if first, p.Seq, err = readLogCursor(ask.Cursor); err != nil {
			return p, err
		}
		last = min(p.Seq, last)
	}
	if first > last {
		return p, nil
	}
	seen := first - 1
	upto := last
	if last-first >= scan {
		upto = first + scan - 1
	}
	err = read(first, upto, func(seq uint64, row any, wanted bool) error {
		if wanted && len(p.Rows) == projections.Limit(ask.Limit) {
			return errPageFull
		}
		if wanted {
			p.Rows = append(p.Rows, row)
		}
		seen = seq
		return nil
	})
	var broken *wire.Unreadable
	switch {
	case errors.As(err, &broken): // the list ends before it, as the tables do; /readyz names it
		last = broken.Seq - 1
		p.Seq = min(p.Seq, last)
	case err != nil && !errors.Is(err, errPageFull):
		return p, err
	case err == nil:
		seen = upto // also where what is not asked for was not read
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

func (k Lists) clauses(ctx context.Context, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	var p projections.Page[any]
	if ask.Cursor != "" {
		return p, projections.ErrCursor // the whole policy is one page
	}
	only, _ := values[projections.ByClause.Name].(string)
	err := k.View(ctx, func(state *domain.State, position uint64) {
		p.Seq = position
		for _, row := range projections.ClauseRows(state, domain.ClauseID(only), k.Lang) {
			p.Rows = append(p.Rows, row)
		}
	})
	return p, err
}
