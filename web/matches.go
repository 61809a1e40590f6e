package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// The bounds of a page of matches: how many enterprises are looked at while nothing else is decided, and how many for one page. One that filters much ends
// early, with a cursor behind what it saw.
const (
	matchView = 100
	matchScan = 20_000
)

// matches is a page of what enterprises may have: the page behind the row that a cursor names.
func (k Lists) matches(ctx context.Context, ask projections.Ask, values map[string]any) (p projections.Page[any], err error) {
	m := matching{lists: k, limit: projections.Limit(ask.Limit)}
	m.only, _ = narrowedTo[domain.EnterpriseID](values, projections.ByEnterprise.Name)
	m.answer, _ = narrowedTo[effect.Answer](values, projections.ByAnswer.Name)
	m.asked.Clause, _ = narrowedTo[domain.ClauseID](values, projections.ByClause.Name)
	year, _ := values[projections.ByYear.Name].(int64)
	m.asked.Year, m.asked.Day = domain.SupportYear(year), domain.DateIn(k.Now(), domain.Shanghai)
	if !ask.AsOf.Time.IsZero() {
		m.asked.Day = domain.DateIn(ask.AsOf.Time, domain.Shanghai)
	}
	if m.page.Seq, m.last, m.given, err = readMatchCursor(ask.Cursor); err != nil {
		return p, err
	}
	policy, err := k.Policy(ctx)
	if err != nil {
		return p, err
	}
	m.asked.Sees = sight(ctx, policy)
	see := k.View
	if !ask.AsOf.IsZero() {
		see = func(ctx context.Context, see func(*domain.State, uint64)) error {
			return k.Pasts.see(ctx, k.Log, ask.AsOf, k.Now(), func(s *domain.State, at past) {
				if ask.AsOf.Time.IsZero() {
					m.asked.Day = domain.DateIn(at.recorded, domain.Shanghai)
				}
				if !ask.On.IsZero() {
					m.asked.Day = ask.On
				}
				see(s, at.seq)
			})
		}
	}
	if !ask.On.IsZero() {
		m.asked.Day = ask.On
	}
	for scanned := 0; !m.over && scanned < matchScan; scanned += matchView {
		moved := false
		if err := see(ctx, func(state *domain.State, position uint64) {
			m.page.Seq = cmp.Or(m.page.Seq, position)
			if moved = m.page.Seq != position && ask.AsOf.IsZero(); !moved {
				m.look(state)
			}
		}); err != nil {
			return p, err
		}
		if moved { // all pages are of one position: the ledger has gone on since the first
			ask.AsOf = projections.AsOf{Seq: m.page.Seq}
			see = func(ctx context.Context, see func(*domain.State, uint64)) error {
				return k.Pasts.see(ctx, k.Log, ask.AsOf, k.Now(), func(s *domain.State, at past) { see(s, at.seq) })
			}
		}
	}
	if !m.over {
		m.page.Next = matchCursor(m.page.Seq, m.last, m.given)
	}
	return m.page, nil
}

// narrowedTo is the text that a list is narrowed to by a filter.
func narrowedTo[T ~string](values map[string]any, name string) (T, bool) {
	text, is := values[name].(string)
	return T(text), is
}

// matching is a page that is gathered.
type matching struct {
	lists  Lists
	asked  effect.Asked
	only   domain.EnterpriseID
	answer effect.Answer
	limit  int
	last   domain.EnterpriseID // that was looked at
	given  int                 // how many of its matches were
	over   bool
	page   projections.Page[any]
}

// look goes through some enterprises, from where the last look ended.
func (m *matching) look(state *domain.State) {
	list := matched(state, m.only, m.last)
	for i, id := range list {
		if i == matchView {
			return
		}
		skip := 0
		if id == m.last {
			skip = m.given
		}
		m.last, m.given = id, skip
		x, _ := state.Enterprise(id)
		list := effect.Of(state, id, m.asked)
		for _, match := range list[min(skip, len(list)):] {
			if m.answer == "" || match.Answer == m.answer {
				if len(m.page.Rows) == m.limit {
					m.page.Next, m.over = matchCursor(m.page.Seq, m.last, m.given), true
					return
				}
				m.page.Rows = append(m.page.Rows, matchRow(state, match, x.Name, m.lists.Lang))
			}
			m.given++
		}
	}
	m.over = true
}

// sight is what who asks may learn of facts: all, where nobody is asked for. Whether a fact is sensitive the present policy says, of the past too.
func sight(ctx context.Context, policy *domain.Policy) func(domain.Clause, domain.Fact) effect.Sight {
	v, asks := asker(ctx)
	if !asks {
		return nil
	}
	return func(c domain.Clause, f domain.Fact) effect.Sight {
		if policy != nil {
			if now, known := policy.Fact(f.ID); known {
				f = now
			}
		}
		if v.MayReadFact(policy, f) {
			return effect.SeesValue
		}
		for _, g := range v.Grants {
			for _, d := range c.Departments {
				if g.Department == d && (g.Role == domain.Clerk || g.Role == domain.Reviewer || g.Role == domain.Approver) {
					return effect.SeesAnswer
				}
			}
		}
		return effect.SeesNothing
	}
}

// matched are the enterprises that a page goes through: the one that is asked for, or the one that the page before ended in and all behind it.
func matched(state *domain.State, only, last domain.EnterpriseID) []domain.EnterpriseID {
	switch {
	case only != "" && (!state.Knows(only) || only < last):
		return nil
	case only != "":
		return []domain.EnterpriseID{only}
	case last != "" && state.Knows(last):
		return append([]domain.EnterpriseID{last}, state.EnterprisesBehind(last)...)
	}
	return state.EnterprisesBehind(last)
}

func matchRow(state *domain.State, m effect.Match, name, lang string) projections.MatchRow {
	p := state.Policy()
	row := projections.MatchRow{Enterprise: m.Enterprise, EnterpriseName: name, Clause: m.Clause, ClauseName: state.ClauseOn(m.Clause, domain.Date{}).Name.In(lang),
		SupportYear: m.Year, Answer: string(m.Answer), Code: m.Code(), Message: m.Message(p).In(lang), ClauseConditions: p.TellConditions(m.Conditions, m.Year).In(lang),
		SubjectKind: m.Subject.Kind, Subject: m.Subject.ID, Cap: m.Room.Cap, Exceptions: m.Room.Exceptions, Use: m.Room.Use, Headroom: m.Left(),
		GroupHeadroom: m.Group, Owes: m.Owes, Free: m.Free, DaysLeft: int64(m.DaysLeft)}
	if len(m.By) > 0 {
		by := m.By[0]
		row.Fact, row.Period, row.Value, row.ShortBy, row.SuppliedBy = by.Fact.ID, by.Period, by.Value, by.ShortBy, by.SuppliedBy(p).In(lang)
	}
	if m.Answer != effect.No {
		row.Form = matchForm(m)
	}
	return row
}

// matchForm is the address of the application's form with what a match is of.
func matchForm(m effect.Match) string {
	q := url.Values{"enterprise": {string(m.Enterprise)}, "clause": {string(m.Clause)}, "year": {m.Year.String()}}
	if m.Subject.ID != "" && (m.Subject.Kind == domain.SubjectProject || m.Subject.Kind == domain.SubjectAward) {
		q.Set(string(m.Subject.Kind), m.Subject.ID)
	}
	return "/applications/new?" + q.Encode()
}

// matchCursor says behind what a page goes on, and of which position the first one was.
func matchCursor(seq uint64, id domain.EnterpriseID, given int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%s", seq, given, id))
}

func readMatchCursor(text string) (seq uint64, id domain.EnterpriseID, given int, err error) {
	if text == "" {
		return 0, "", 0, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.SplitN(string(plain), ".", 3)
	if err != nil || len(parts) != 3 || parts[2] == "" {
		return 0, "", 0, projections.ErrCursor
	}
	seq, bad := strconv.ParseUint(parts[0], 10, 63)
	n, worse := strconv.ParseUint(parts[1], 10, 31)
	if bad != nil || worse != nil || seq == 0 {
		return 0, "", 0, projections.ErrCursor
	}
	return seq, domain.EnterpriseID(parts[2]), int(n), nil
}

// Pasts keeps the fund as it was at the moment that was asked for last, for the pages behind it: what it takes to get there is to read the log from its
// beginning. It is let go of when nobody asks for a while.
type Pasts struct {
	turn  chan struct{} // who has it has the rest
	state *domain.State
	at    past
	let   *time.Timer
}

// NewPasts keeps nothing yet.
func NewPasts() *Pasts { return &Pasts{turn: make(chan struct{}, 1)} }

// past is how far a state has come.
type past struct {
	seq      uint64
	recorded time.Time // when its last event was
}

// pastKept is how long a past state is kept that nobody asks for.
const pastKept = time.Minute

var errThere = errors.New("the moment is reached")

// see shows the state that a log had led to at a moment; one that has not come is [projections.ErrNotYet].
func (p *Pasts) see(ctx context.Context, log *eventstore.Log, upto projections.AsOf, now time.Time, show func(*domain.State, past)) error {
	last, err := log.Last(ctx)
	if err != nil {
		return err
	}
	if err := upto.Reached(last, now); err != nil {
		return err
	}
	if upto.Seq != 0 {
		last = upto.Seq
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.let != nil {
		p.let.Stop()
	}
	p.let = time.AfterFunc(pastKept, p.letGo)
	if p.state == nil || p.at.seq > last || !upto.Time.IsZero() && p.at.recorded.After(upto.Time) {
		p.state, p.at = domain.NewState(), past{}
	}
	if p.at.seq < last {
		err = log.Read(ctx, p.at.seq+1, last, func(records []eventstore.Record) error {
			for _, r := range records {
				if !upto.Time.IsZero() && r.Time.After(upto.Time) {
					return errThere
				}
				e, err := wire.Decode(r)
				if err != nil {
					return err
				}
				domain.Apply(p.state, e.Event, e.Deed())
				p.at = past{e.Seq, r.Time}
			}
			return ctx.Err()
		})
	}
	if err != nil && !errors.Is(err, errThere) {
		return err // what was read so far is kept: whoever asks again goes on from there
	}
	show(p.state, p.at)
	return nil
}

func (p *Pasts) letGo() {
	p.turn <- struct{}{}
	p.state = nil
	<-p.turn
}
